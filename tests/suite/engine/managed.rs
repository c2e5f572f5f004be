//! Stream management: what is not stored is not acknowledged, a session is taken up where it can be, and what was
//! published is known as published, refused or unknown (`engine.md` §6 row 34, §7).

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use gridwatch::engine::{Command, Connection, Error, Options, Receipt, RequestId, Terms};
use gridwatch::model::session::Management as Facts;
use gridwatch::model::{Access, ItemId};
use gridwatch::store::archive::Key;
use gridwatch::store::memory::Budget;
use gridwatch::store::{Archive, Committed, Error as Trouble, Incoming, Memory, Row, Seq, Store};

use super::{refusal, report};
use crate::archive_disk::holder;
use crate::support::broker::{BROKER, CUT, Grid, event, item, topic};
use crate::support::console::Console;
use crate::support::handed::hands_on;
use crate::support::sm::{Management, SM};

/// A grid with stream management whose console is subscribed to `feed` and may publish to `desk`.
fn managed(console: &Console, links: usize) -> (Grid, Arc<Management>) {
    let sm = Arc::new(Management::default());
    let grid = Grid::managed(console, links, &sm);
    grid.change(|world| {
        world.nodes = vec!["feed".to_owned(), "desk".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
    });
    (grid, sm)
}

fn online(links: usize) -> (Console, Grid, Arc<Management>) {
    let mut console = Console::start(Options::default());
    let (grid, sm) = managed(&console, links);
    console.connect(grid.login.clone());
    settled(&mut console);
    (console, grid, sm)
}

/// Online, and all that a session asks at its beginning has been answered.
fn settled(console: &mut Console) {
    let _ = console.until_online();
    console.until("the walk", |console| (console.walk == (2, 2) && console.complete).then_some(()));
}

fn say(grid: &Grid, session: usize, id: &str) {
    grid.say_in(session, event(BROKER, "feed", &item(id, &report(id))));
}

fn until_broken(console: &mut Console) {
    console.until("the loss", |console| matches!(console.connection, Connection::Waiting { .. }).then_some(()));
}

/// The ids of all rows; none may be there twice.
fn ids(console: &Console) -> Vec<String> {
    let mut ids: Vec<_> = console.rows().iter().map(|row| row.key.item.0.clone()).collect();
    ids.sort();
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
    ids
}

fn publish(console: &mut Console, id: &str) -> RequestId {
    let (item, payload) = (ItemId(id.to_owned()), Arc::from(report(id).as_bytes()));
    console.begin(|request| Command::Publish { request, topic: topic("desk"), item, payload, terms: Terms::default() })
}

fn until_told(console: &mut Console, sm: &Management, what: &str, probe: impl Fn(&crate::support::sm::State) -> bool) {
    console.until(what, |_| probe(&sm.state()).then_some(()));
}

#[test]
fn a_session_goes_on_over_the_next_link_as_if_nothing_had_been() {
    let (mut console, grid, sm) = online(2);
    let granted = console.until_online();
    assert_eq!(granted.management, Facts::Resumable { max: Some(300), resumed: false });
    say(&grid, 0, "before");
    let _ = console.until_rows(1);
    // Published, and the answer is lost with the link.
    grid.change(|world| world.instead = Some(("<publish ".to_owned(), CUT.to_owned())));
    let open = publish(&mut console, "mine");
    until_broken(&mut console);
    assert!(!console.is_answered(open));
    assert!(matches!(console.subscribe(&topic("desk")), Err(Error::Offline)), "what is new is not taken meanwhile");
    let asked = grid.world.lock().unwrap().heard.len();
    let sent = grid.world.lock().unwrap().heard.iter().find(|line| line.contains("<publish ")).cloned().unwrap();
    let id = sent.split("id='").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    sm.sends(&event(BROKER, "feed", &item("meanwhile", &report("meanwhile"))));
    let inside =
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='desk'><item id='mine'/></publish></pubsub>";
    sm.sends(&format!("<iq type='result' id='{id}' from='{BROKER}'>{inside}</iq>"));
    console.send(Command::RetryNow);
    assert_eq!(console.answer(open).unwrap(), Receipt::Published(ItemId("mine".to_owned())));
    let facts = console.until_online();
    assert_eq!(facts.management, Facts::Resumable { max: Some(300), resumed: true });
    assert_eq!(facts.jid, granted.jid);
    say(&grid, 1, "after");
    let _ = console.until_rows(3);
    assert_eq!(ids(&console), ["after", "before", "meanwhile"]);
    until_told(&mut console, &sm, "acknowledgements", |state| state.unacked.len() <= 64);
    assert_eq!(grid.world.lock().unwrap().heard.len(), asked, "nothing is asked anew");
    assert_eq!((grid.heard("<presence"), grid.heard("<publish ")), (1, 1));
    let state = sm.state();
    assert_eq!((state.binds, &*state.resumes), (1, &["session-1".to_owned()][..]));
}

#[test]
fn what_was_not_taken_is_sent_again_and_waits_are_not_cut_short() {
    let (mut console, grid, sm) = online(3);
    // The controller takes the question and dies before it reaches the broker.
    grid.change(|world| world.instead = Some(("<subscribe ".to_owned(), CUT.to_owned())));
    let open = console.begin(|request| Command::Subscribe { request, topic: topic("desk"), words: None });
    until_broken(&mut console);
    grid.change(|world| {
        world.instead = None;
        let _ = world.subscriptions.insert("desk".to_owned(), "subscribed".to_owned());
    });
    {
        let mut state = sm.state();
        state.taken = state.taken.wrapping_sub(1);
    }
    console.send(Command::RetryNow);
    assert_eq!(console.answer(open).unwrap(), Receipt::Subscribed);
    assert_eq!(grid.heard("<subscribe "), 2);
    assert_eq!(sm.state().binds, 1);
}

#[test]
fn a_session_that_is_forgotten_is_begun_anew_and_what_was_published_is_asked_for() {
    for (stored, times) in [(true, 1), (false, 2)] {
        let (mut console, grid, sm) = online(2);
        grid.change(|world| world.instead = Some(("<publish ".to_owned(), CUT.to_owned())));
        let open = publish(&mut console, "mine");
        until_broken(&mut console);
        sm.state().forgetful = true;
        grid.change(|world| {
            let mine = format!(
                "<iq type='result' id='{{id}}' from='{{to}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
                 <items node='desk'><item id='mine' publisher='analyst@grid.example/desk'>{}</item></items></pubsub></iq>",
                report("mine").replace('\'', "\"")
            );
            world.instead = stored.then(|| ("<items |<item id='mine'".to_owned(), mine));
        });
        console.send(Command::RetryNow);
        assert_eq!(console.answer(open).unwrap(), Receipt::Published(ItemId("mine".to_owned())));
        let facts = console.until_online();
        assert_eq!(facts.jid.to_string(), "analyst@grid.example/desk", "the same resource");
        assert_eq!(facts.management, Facts::Resumable { max: Some(300), resumed: false });
        assert_eq!(grid.heard("<publish "), times, "published again only where it is not there");
        assert_eq!((sm.state().binds, grid.heard("<presence")), (2, 2));
    }
}

#[test]
fn what_cannot_be_known_is_said_so() {
    // Somebody else's under this id; a broker that does not show it; nobody there to ask.
    let theirs = format!(
        "<iq type='result' id='{{id}}' from='{{to}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='desk'>\
         <item id='mine' publisher='other@grid.example/x'>{}</item></items></pubsub></iq>",
        report("mine")
    );
    for answer in [theirs, refusal("forbidden")] {
        let (mut console, grid, sm) = online(2);
        grid.change(|world| world.instead = Some(("<publish ".to_owned(), CUT.to_owned())));
        let open = publish(&mut console, "mine");
        until_broken(&mut console);
        sm.state().forgetful = true;
        grid.change(|world| world.instead = Some(("<items |<item id='mine'".to_owned(), answer)));
        console.send(Command::RetryNow);
        let error = console.answer(open).unwrap_err();
        assert!(matches!(error, Error::Unconfirmed { .. }) && error.say().key == "error-publish-unknown", "{error:?}");
        assert_eq!(grid.heard("<publish "), 1);
    }
    let (mut console, grid, _) = online(1);
    grid.change(|world| world.instead = Some(("<publish ".to_owned(), CUT.to_owned())));
    let open = publish(&mut console, "mine");
    until_broken(&mut console);
    console.send(Command::Disconnect);
    assert!(matches!(console.answer(open), Err(Error::Unconfirmed { .. })));
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Open,
    Shut,
    /// Whoever goes through it dies.
    Broken,
}

/// A store behind a door.
struct Slow {
    memory: Arc<Memory>,
    door: Mutex<Door>,
    opened: Condvar,
}

impl Slow {
    fn new(memory: &Arc<Memory>) -> Arc<Self> {
        Arc::new(Self { memory: Arc::clone(memory), door: Mutex::new(Door::Open), opened: Condvar::new() })
    }

    fn set(&self, door: Door) {
        *self.door.lock().unwrap() = door;
        self.opened.notify_all();
    }
}

impl Store for Slow {
    fn commit(&self, batch: Vec<Incoming>) -> Result<Committed, Trouble> {
        let door = *self.opened.wait_while(self.door.lock().unwrap(), |door| *door == Door::Shut).unwrap();
        assert!(door == Door::Open, "the thread that stores dies, as the test wants it");
        self.memory.commit(batch)
    }

    fn row(&self, seq: Seq) -> Option<Arc<Row>> {
        self.memory.row(seq)
    }

    hands_on!(memory);
}

#[test]
fn what_is_not_stored_is_not_acknowledged_and_comes_again() {
    let memory = Arc::new(Memory::default());
    let slow = Slow::new(&memory);
    let mut console = Console::over(slow.clone(), memory, Options::default());
    let (grid, sm) = managed(&console, 2);
    console.connect(grid.login.clone());
    settled(&mut console);
    slow.set(Door::Shut);
    for number in 0..5 {
        say(&grid, 0, &number.to_string());
    }
    let request = format!("<r xmlns='{SM}'/>");
    // Asked again and again, it never says more than is stored.
    for _ in 0..3 {
        let told = sm.state().told.len();
        grid.say(request.clone());
        until_told(&mut console, &sm, "an answer", |state| state.told.len() > told);
        assert!(sm.state().unacked.len() >= 5, "{:?}", sm.state().unacked);
    }
    grid.say(CUT);
    until_broken(&mut console);
    console.send(Command::RetryNow);
    console.until("the resumption", |_| (sm.state().resumes.len() == 1).then_some(()));
    assert!(sm.state().unacked.len() >= 5);
    slow.set(Door::Open);
    let _ = console.until_rows(5);
    grid.say_in(1, request);
    until_told(&mut console, &sm, "all of it", |state| state.unacked.is_empty());
    assert_eq!(ids(&console), ["0", "1", "2", "3", "4"]);
    assert_eq!(console.notices.len(), 0, "{:?}", console.notices);
}

#[test]
fn a_full_store_stops_the_session_and_leaves_the_rest_with_the_controller() {
    let memory = Arc::new(Memory::new(Budget { rows: 3, ..Budget::default() }));
    let mut console = Console::over(memory.clone(), memory, Options::default());
    let (grid, sm) = managed(&console, 1);
    console.connect(grid.login.clone());
    settled(&mut console);
    let three = ["1", "2", "3", "4", "5"].map(|id| item(id, &report(id))).concat();
    grid.say(event(BROKER, "feed", &three));
    let cause = console.until("the stop", |console| match &console.connection {
        Connection::Stopped { cause } => Some(cause.clone()),
        _ => None,
    });
    assert_eq!(cause.say().key, "error-store-full");
    assert_eq!(ids(&console), ["1", "2", "3"], "what fits is stored");
    assert!(sm.state().unacked.iter().any(|line| line.contains("id='5'")), "{:?}", sm.state().unacked);
}

#[test]
fn that_the_thread_that_stores_is_dead_is_told_though_nothing_more_comes() {
    let memory = Arc::new(Memory::default());
    let slow = Slow::new(&memory);
    let mut console = Console::over(slow.clone(), memory, Options::default());
    let (grid, sm) = managed(&console, 1);
    console.connect(grid.login.clone());
    settled(&mut console);
    slow.set(Door::Broken);
    say(&grid, 0, "1");
    let cause = console.until("the stop", |console| match &console.connection {
        Connection::Stopped { cause } => Some(cause.clone()),
        _ => None,
    });
    assert_eq!(cause.say().key, "error-store-poisoned");
    assert!(sm.state().unacked.iter().any(|line| line.contains("id='1'")), "{:?}", sm.state().unacked);
    // No session begins that could store nothing.
    for again in [Command::RetryNow, Command::Connect(Box::new(grid.login.clone()))] {
        let before = console.steps.len();
        console.send(again);
        console.until("the refusal", |console| (console.steps.len() > before).then_some(()));
        assert!(console.steps.iter().skip(before).all(|(_, step)| step.contains("Stopped")), "{:?}", console.steps);
    }
}

#[test]
fn lies_end_the_stream_once_and_nothing_of_it_is_used_again() {
    for lie in
        ["<a xmlns='urn:xmpp:sm:3' h='4000'/>", "<a xmlns='urn:xmpp:sm:3' h='0'/>", "<a xmlns='urn:xmpp:sm:3' h='x'/>"]
    {
        let (mut console, grid, sm) = online(3);
        // Something has been acknowledged, so that nought is a step back.
        grid.say(format!("<r xmlns='{SM}'/>"));
        until_told(&mut console, &sm, "a word", |state| !state.told.is_empty());
        for session in 0..2 {
            grid.say_in(session, lie);
            until_broken(&mut console);
            let (_, words) = console.steps.iter().rfind(|(_, step)| step.contains("Waiting")).unwrap();
            assert!(words.contains("error-sm-"), "{words}");
            console.send(Command::RetryNow);
            settled(&mut console);
        }
        let state = sm.state();
        assert_eq!((state.binds, state.resumes.len()), (3, 0), "{lie}");
        drop(state);
        // Told twice, it is done without.
        assert_eq!(console.until_online().management, Facts::None);
        let _ = console.until_notice("notice-sm-off");
        say(&grid, 2, "after");
        let _ = console.until_rows(1);
    }
}

#[test]
fn a_false_resumption_is_left_for_a_fresh_session() {
    for lie in [
        "<resumed xmlns='urn:xmpp:sm:3' previd='another' h='{h}'/>",
        "<resumed xmlns='urn:xmpp:sm:3' previd='{id}' h='4000'/>",
        "<resumed xmlns='urn:xmpp:sm:3' previd='{id}'/>",
        "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
        "<message from='broker.grid.example'/>",
    ] {
        let (mut console, grid, sm) = online(3);
        sm.state().instead_of_resumed = Some(lie.to_owned());
        grid.say(CUT);
        until_broken(&mut console);
        console.send(Command::RetryNow);
        console.until("the lie", |_| (sm.state().resumes.len() == 1).then_some(()));
        until_broken(&mut console);
        console.send(Command::RetryNow);
        console.until("a fresh session", |_| (sm.state().binds == 2).then_some(()));
        let _ = console.until_online();
        assert_eq!(sm.state().resumes.len(), 1, "{lie}");
        say(&grid, 2, "after");
        let _ = console.until_rows(1);
    }
}

#[test]
fn a_message_before_the_grant_counts_for_nothing_in_it() {
    let mut console = Console::start(Options::default());
    let (grid, sm) = managed(&console, 2);
    sm.state().early = event(BROKER, "feed", &item("early", &report("early"))) + &format!("<r xmlns='{SM}'/>");
    console.connect(grid.login.clone());
    settled(&mut console);
    say(&grid, 0, "1");
    let _ = console.until_rows(1);
    // The controller of this test ends the session when the console claims too much.
    grid.say(format!("<r xmlns='{SM}'/>"));
    until_told(&mut console, &sm, "all of it", |state| state.unacked.is_empty());
}

#[test]
fn a_flood_of_requests_is_answered_now_and_then() {
    let (mut console, grid, sm) = online(1);
    grid.say(format!("<r xmlns='{SM}'/>").repeat(20_000));
    say(&grid, 0, "after");
    let _ = console.until_rows(1);
    let told = sm.state().told.len();
    assert!((1..2_000).contains(&told), "{told} answers");
}

#[test]
fn a_controller_without_resumption_acknowledges_and_starts_afresh() {
    let mut console = Console::start(Options::default());
    let (grid, sm) = managed(&console, 2);
    sm.state().attributes = String::new();
    console.connect(grid.login.clone());
    settled(&mut console);
    assert_eq!(console.until_online().management, Facts::Acks);
    grid.say(CUT);
    until_broken(&mut console);
    console.send(Command::RetryNow);
    let _ = console.until_online();
    assert_eq!(sm.sessions(), (2, 0));

    let mut console = Console::start(Options::default());
    let (grid, sm) = managed(&console, 1);
    sm.state().instead_of_enabled = Some(format!("<failed xmlns='{SM}'/>"));
    console.connect(grid.login.clone());
    settled(&mut console);
    assert_eq!(console.until_online().management, Facts::None);
}

#[test]
fn a_session_past_its_time_is_not_tried() {
    let mut console = Console::start(Options::default());
    let (grid, sm) = managed(&console, 2);
    sm.state().attributes = "resume='true' max='0'".to_owned();
    console.connect(grid.login.clone());
    settled(&mut console);
    grid.say(CUT);
    until_broken(&mut console);
    console.send(Command::RetryNow);
    let _ = console.until_online();
    assert_eq!(sm.sessions(), (2, 0));
}

#[test]
fn a_silent_controller_is_asked_what_it_took_and_then_left() {
    let options =
        Options { silence: Duration::from_millis(300), answer: Duration::from_millis(300), ..Options::default() };
    let mut console = Console::start(options);
    let (grid, sm) = managed(&console, 2);
    console.connect(grid.login.clone());
    settled(&mut console);
    assert_eq!(grid.heard("urn:xmpp:ping"), 0);
    sm.state().silent = true;
    until_broken(&mut console);
    sm.state().silent = false;
    console.send(Command::RetryNow);
    let _ = console.until_online();
    assert_eq!(sm.sessions(), (1, 1));
}

/// What an earlier run of this console sent is asked for before it is sent again; and what a person decided for other
/// readers is not sent.
#[test]
fn a_publication_keeps_to_its_terms() {
    let (mut console, grid, _sm) = online(1);
    grid.change(|world| {
        let mine = format!(
            "<iq type='result' id='{{id}}' from='{{to}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
             <items node='desk'><item id='mine' publisher='analyst@grid.example/desk'>{}</item></items></pubsub></iq>",
            report("mine").replace('\'', "\"")
        );
        world.instead = Some(("<items node='desk'".to_owned(), mine));
    });
    let mut publish = |terms: Terms| {
        let (item, payload) = (ItemId("mine".to_owned()), Arc::from(report("mine").as_bytes()));
        console.ask(|request| Command::Publish { request, topic: topic("desk"), item, payload, terms })
    };
    let sent = publish(Terms { sent: true, ..Terms::default() });
    assert_eq!((sent.unwrap(), grid.heard("<publish ")), (Receipt::Published(ItemId("mine".to_owned())), 0));
    let elsewhere = publish(Terms { access: Some(Access::Presence), ..Terms::default() });
    assert!(
        matches!(&elsewhere, Err(Error::Refused { condition, .. }) if condition == "access changed"),
        "{elsewhere:?}"
    );
    assert_eq!(grid.heard("<publish "), 0);
    let same = publish(Terms { access: Some(Access::Authorize), ..Terms::default() });
    assert_eq!((same.unwrap(), grid.heard("<publish ")), (Receipt::Published(ItemId("mine".to_owned())), 1));
}

/// A backup, say: it is over after a while, and nobody should have to be there for that.
#[test]
fn what_comes_while_another_program_holds_the_archive_is_here_when_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.db");
    let archive = Arc::new(Archive::make(&path, &Key::new([7; 32])).unwrap());
    let mut console = Console::over(archive.clone(), Arc::new(Memory::default()), Options::default());
    let (grid, sm) = managed(&console, 12);
    console.connect(grid.login.clone());
    settled(&mut console);
    let holder = holder(&path);
    grid.change(|world| {
        let _ = world.items.insert("feed".to_owned(), vec![("waits".to_owned(), report("waits"))]);
    });
    say(&grid, 0, "waits");
    let cause = console.until("the wait", |console| match &console.connection {
        Connection::Waiting { cause, .. } => Some(cause.clone()),
        Connection::Stopped { cause } => panic!("it waits for a person: {cause}"),
        _ => None,
    });
    assert!(matches!(cause, Error::Store(Trouble::Busy)), "{cause}");
    assert!(!sm.state().acknowledged.iter().any(|stanza| stanza.contains("waits")), "it is not stored");
    drop(holder);
    console.until("the item", |_| (archive.len() == 1).then_some(()));
    let _ = console.until_online();
}
