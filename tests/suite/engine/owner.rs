//! An owner against a broker that does half of it, says what is not so, or falls silent between two steps.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use gridwatch::engine::{Command, Options, Receipt};
use gridwatch::model::BareJid;
use gridwatch::model::owned::{Answer, Came, Created};
use gridwatch::store::local::Shelf;
use gridwatch::store::{Store, shelf};

use super::{asks, online, refusal, settle};
use crate::support::broker::{BROKER, Grid, topic};
use crate::support::console::Console;
use crate::support::controller::{Fault, PASSWORD};

fn wishes() -> Vec<Answer> {
    vec![Answer::new("pubsub#access_model", "authorize"), Answer::new("pubsub#title", "New")]
}

fn created(result: Result<Receipt, gridwatch::engine::Error>) -> Created {
    match result {
        Ok(Receipt::Created(created)) => Created::clone(&created),
        other => panic!("{other:?}"),
    }
}

/// XEP-0060 §8.1.3: a broker that cannot set up what it makes.
const APART: &str = "<create |<configure";

#[test]
fn a_broker_that_makes_and_sets_up_apart_is_asked_twice() {
    let (mut console, grid) = online();
    grid.change(|world| world.instead = Some((APART.to_owned(), refusal("feature-not-implemented"))));
    let request = |request| Command::Create { request, topic: topic("new"), settings: wishes() };
    let Created::Whole(saved) = created(console.ask(request)) else { panic!("half made") };
    assert!(saved.whole() && saved.settings.value("pubsub#access_model") == Some("authorize"), "{saved:?}");
    // Read, set, and read again.
    assert_eq!((grid.heard("<create "), grid.heard("type=\'submit\'")), (2, 2));
    console.until("the new topic", |console| console.topic(&topic("new")).map(drop));
}

#[test]
fn settings_that_are_refused_leave_a_topic_of_which_that_is_said() {
    let (mut console, grid) = online();
    grid.change(|world| {
        world.instead = Some(("submit|node_config".to_owned(), refusal("feature-not-implemented")));
        world.stubborn = Some(String::new());
    });
    let request = |request| Command::Create { request, topic: topic("new"), settings: wishes() };
    let bare = created(console.ask(request));
    assert!(matches!(bare, Created::Bare { .. }), "{bare:?}");
    // It is there, and can be taken back.
    console.until("the bare topic", |console| console.topic(&topic("new")).map(drop));
    let done = "<iq type='result' id='{id}' from='{to}'/>".to_owned();
    grid.change(|world| {
        world.instead = Some(("<delete".to_owned(), done));
        world.nodes.retain(|node| node != "new");
        let _ = world.affiliations.remove("new");
    });
    let gone = console.ask(|request| Command::Delete { request, topic: topic("new"), redirect: None });
    assert_eq!(gone.unwrap(), Receipt::Deleted);
    console.until("the list without it", |console| console.topic(&topic("new")).is_none().then_some(()));
}

/// The broker restarts between the two steps: the next session tells what stands.
#[test]
fn a_restart_between_two_steps_is_found_out() {
    for (cut, heard) in [("<configure node", true), ("<create node=\'new\'/></pubsub>", true), (APART, false)] {
        let mut console = Console::start(Options::default());
        let grid = Grid::start(&console, &[Fault::None, Fault::None], PASSWORD, true);
        grid.change(|world| world.nodes = vec!["feed".to_owned()]);
        console.connect(grid.login.clone());
        console.until("the walk", |console| (console.walk == (1, 1)).then_some(()));
        grid.change(|world| {
            world.instead = Some((APART.to_owned(), refusal("feature-not-implemented")));
            // Before anything was made, or after.
            if heard {
                world.cut = Some(cut.to_owned());
            } else {
                world.instead = Some((APART.to_owned(), crate::support::broker::CUT.to_owned()));
            }
        });
        let result = console.ask(|request| Command::Create { request, topic: topic("new"), settings: wishes() });
        if !heard {
            assert_eq!(result.unwrap_err().say().key, "error-not-made", "{cut}");
            continue;
        }
        let Created::Bare { why } = created(result) else { panic!("{cut}: set up by nobody") };
        assert_eq!(why.key, "error-made-bare");
        // Set up now, by whoever is told so.
        let settings = wishes();
        let set = console.ask(|request| Command::Configure {
            request,
            topic: topic("new"),
            changes: settings,
            reason: String::new(),
        });
        let Ok(Receipt::Configured(saved)) = set else { panic!("{set:?}") };
        assert!(saved.whole(), "{saved:?}");
    }
}

#[test]
fn what_a_broker_ignores_without_a_word_is_told() {
    let (mut console, grid) = online();
    let fixed = |var: &str, value: &str| (var.to_owned(), value.to_owned());
    grid.change(|world| {
        let _ = world.settings.insert("desk".to_owned(), vec![fixed("pubsub#title", "Desk")]);
        let _ = world.settings.get_mut("desk").map(|own| own.push(fixed("pubsub#type", "urn:example")));
        // It says yes, and does nothing.
        world.stubborn = Some(String::new());
        let yes = "<iq type='result' id='{id}' from='{to}'/>".to_owned();
        world.instead = Some(("<configure node|submit".to_owned(), yes));
    });
    let changes = vec![
        Answer::new("pubsub#title", "Desk"),
        Answer::new("pubsub#type", "urn:other"),
        Answer::new("pubsub#access_model", "whitelist"),
    ];
    let set =
        console.ask(|request| Command::Configure { request, topic: topic("desk"), changes, reason: String::new() });
    let Ok(Receipt::Configured(saved)) = set else { panic!("{set:?}") };
    let came: Vec<Came> = saved.fates.iter().map(|fate| fate.came).collect();
    assert_eq!(came, [Came::Kept, Came::Ignored, Came::Unknown]);
}

#[test]
fn a_thousand_requests_at_once_are_each_there_within_five_seconds() {
    let (mut console, grid) = online();
    let started = Instant::now();
    for number in 0..1_000 {
        // Every one twice, as pushed and as fetched.
        for _ in 0..2 {
            grid.say(asks(BROKER, "desk", &format!("soc{number}@org{number}.example")));
        }
    }
    console.within(Duration::from_secs(5), |console| (console.pending.len() == 1_000).then_some(())).unwrap();
    println!("1,000 requests, each twice: {:?}", started.elapsed());
    let who: BTreeSet<_> = console.pending.iter().map(|pending| pending.subscriber.clone()).collect();
    assert_eq!(who.len(), 1_000);
    settle(&mut console, &grid, "after");
    assert_eq!(console.pending.len(), 1_000);
}

/// Without `get-pending` the list of subscribers is looked through, where it has those that wait (XEP-0060 §8.8.1).
#[test]
fn a_broker_without_the_command_lists_its_requests() {
    let (mut console, grid) = online();
    grid.change(|world| {
        world.instead = Some(("get-pending".to_owned(), refusal("service-unavailable")));
        let readers = [("soc@blue.example", "pending"), ("old@blue.example", "subscribed")];
        let readers = readers.map(|(who, state)| (who.to_owned(), state.to_owned())).to_vec();
        let _ = world.readers.insert("desk".to_owned(), readers);
    });
    let polled = console.ask(|request| Command::Poll { request });
    let Ok(Receipt::Polled(pending)) = polled else { panic!("{polled:?}") };
    assert_eq!(pending.iter().map(|one| one.subscriber.to_string()).collect::<Vec<_>>(), ["soc@blue.example"]);
    // Withdrawn: the next look does not find it.
    grid.change(|world| world.readers.clear());
    let polled = console.ask(|request| Command::Poll { request });
    let Ok(Receipt::Polled(pending)) = polled else { panic!("{polled:?}") };
    assert!(pending.is_empty());
}

/// What an earlier session saw was there before this one: three days are not five minutes because of a restart.
#[test]
fn the_age_of_a_request_outlives_the_program() {
    let key = |who: &str| (topic("desk"), who.parse::<BareJid>().unwrap());
    let kept = |console: &Console| shelf::times(console.store.local().unwrap(), Shelf::Asked).unwrap();
    // On the shelves of the session before: one that waits still, and one that was withdrawn since.
    let before = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let mut console = Console::start(Options::default());
    let text = shelf::marked(&shelf::stamp(before));
    let names = ["soc@blue.example", "gone@blue.example"].map(key);
    let put = names.iter().map(|(topic, who)| (shelf::place(topic, who), text.clone())).collect::<Vec<_>>();
    console.store.local().unwrap().keep(Shelf::Asked, &[], &put).unwrap();
    let grid = Grid::honest(&console);
    let readers = ["soc@blue.example", "new@blue.example"].map(|who| (who.to_owned(), "pending".to_owned()));
    grid.change(|world| {
        world.nodes = vec!["desk".to_owned()];
        let _ = world.affiliations.insert("desk".to_owned(), "owner".to_owned());
        world.instead = Some(("get-pending".to_owned(), refusal("service-unavailable")));
        let _ = world.readers.insert("desk".to_owned(), readers.to_vec());
    });
    console.connect(grid.login.clone());
    console.until("both requests", |console| (console.pending.len() == 2).then_some(()));
    let seen: Vec<_> = console.pending.iter().map(|one| (one.subscriber.to_string(), one.seen)).collect();
    assert_eq!(seen[0], ("soc@blue.example".to_owned(), before), "who has waited longest is first");
    assert!(seen[1].1 > before);
    let second = |at: DateTime<Utc>| DateTime::from_timestamp(at.timestamp(), 0).unwrap();
    let wanted = BTreeMap::from([(key("soc@blue.example"), before), (key("new@blue.example"), second(seen[1].1))]);
    console.until("what is kept", |console| (kept(console) == wanted).then_some(()));
    // Decided: nothing of it is kept.
    grid.change(|world| world.readers.clear());
    let _ = console.ask(|request| Command::Poll { request });
    console.until("nothing kept", |console| kept(console).is_empty().then_some(()));
}

#[test]
fn requests_are_asked_for_again_by_the_clock() {
    let mut console = Console::start(Options { poll: Duration::from_millis(300), ..Options::default() });
    let grid = Grid::honest(&console);
    grid.change(|world| {
        world.nodes = vec!["desk".to_owned()];
        let _ = world.affiliations.insert("desk".to_owned(), "owner".to_owned());
    });
    console.connect(grid.login.clone());
    let _ = console.until_online();
    console.until("a third poll", |console| (console.polled >= 3).then_some(()));
    assert!(grid.heard("get-pending") >= 3);
}

/// Words about access, as anybody may send them.
fn says(from: &str, act: &str, node: &str, note: &str) -> String {
    format!(
        "<message from='{from}'><body>{note}</body><access xmlns='urn:x-gridwatch:access:1' act='{act}' broker='{BROKER}' \
         node='{node}'><note>{note}</note></access></message>"
    )
}

/// Where a broker does not tell who owns a topic, as Prosody, nobody's words are an owner's, and they are few.
#[test]
fn where_no_owner_is_named_nobody_speaks_as_one() {
    let (mut console, grid) = online();
    for number in 0..50 {
        grid.say(says("mallory@other.example", "revoked", "feed", &format!("send your key to me {number}")));
        // I never asked there, nor do I read it.
        grid.say(says("mallory@other.example", "approved", "other", "come in"));
    }
    settle(&mut console, &grid, "after");
    let _ = console.until_notice("notice-said-unsure");
    let _ = console.until_notice("notice-said-strange");
    assert!(!console.notices.iter().any(|say| say.key == "notice-said-revoked"), "{:?}", console.notices);
    assert_eq!(console.said.len(), 1, "{:?}", console.said);
    assert!(!console.said[0].owner && console.topic(&topic("other")).unwrap().said.is_none());
}

/// What was kept for this account while it was away comes before its topic has said who owns it.
#[test]
fn words_that_come_before_their_topic_is_known_are_an_owners_all_the_same() {
    let mut console = Console::start(Options::default());
    let grid = Grid::honest(&console);
    grid.change(|world| {
        world.nodes = vec!["feed".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        let _ = world.owners.insert("feed".to_owned(), "owner@csirt.example".to_owned());
        world.before = Some(("node='feed'".to_owned(), says("owner@csirt.example", "approved", "feed", "welcome")));
    });
    console.connect(grid.login.clone());
    let _ = console.until_notice("notice-said-approved");
    let said: Vec<_> = console.said.iter().map(|said| (said.note.as_str(), said.owner)).collect();
    assert_eq!(said, [("welcome", true)], "{:?}", console.notices);
}

/// ejabberd leaves those that wait out of its list (`engine.md` §4): what it pushed is not taken for withdrawn.
#[test]
fn a_list_that_names_no_request_takes_none_away() {
    let (mut console, grid) = online();
    grid.change(|world| {
        world.instead = Some(("get-pending".to_owned(), refusal("service-unavailable")));
        let readers = vec![("old@blue.example".to_owned(), "subscribed".to_owned())];
        let _ = world.readers.insert("desk".to_owned(), readers);
    });
    grid.say(asks(BROKER, "desk", "soc@blue.example"));
    console.until("the request", |console| (console.pending.len() == 1).then_some(()));
    let polled = console.ask(|request| Command::Poll { request });
    assert!(matches!(&polled, Ok(Receipt::Polled(pending)) if pending.len() == 1), "{polled:?}");
    console.until("why it cannot be told", |console| console.trouble.as_ref().map(drop));
}

/// The link breaks before the broker can say that there is one of that name already.
#[test]
fn an_older_topic_is_not_told_as_made() {
    let mut console = Console::start(Options::default());
    let grid = Grid::start(&console, &[Fault::None, Fault::None], PASSWORD, true);
    grid.change(|world| {
        let old = ("pubsub#access_model".to_owned(), "open".to_owned());
        let _ = world.settings.insert("new".to_owned(), vec![old]);
        world.cut = Some("<create ".to_owned());
        world.nodes = vec!["feed".to_owned()];
    });
    console.connect(grid.login.clone());
    console.until("the walk", |console| (console.walk == (1, 1)).then_some(()));
    let result = console.ask(|request| Command::Create { request, topic: topic("new"), settings: wishes() });
    let Created::Bare { why } = created(result) else { panic!("told as made") };
    assert_eq!(why.key, "error-made-unsure");
    assert_eq!(grid.heard("<configure node=\'new\'><x"), 0, "nothing of it is changed");
}
