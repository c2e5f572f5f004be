//! Every act of the console stands in the log, when it begins and with what came of it, with what was before and after and
//! the ids of the stanzas that carried it; what a broker does unasked is noticed and stands there too.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use gridwatch::engine::trace::{Trace, Way};
use gridwatch::engine::{Command, Login, Options, Policy, Receipt, Terms, Trust};
use gridwatch::model::owned::{self, Answer, Words};
use gridwatch::model::{Affiliation, BareJid, ItemId, Known, Membership, Tls, TopicId};
use gridwatch::practice::{Grid, Role};
use gridwatch::store::activity::{Act, By, How, Kind};
use gridwatch::store::{Activity, Progress};

use crate::practice_engine::{grid, online, topic as on_practice, until_asked};
use crate::support::broker::{self, BROKER, event};
use crate::support::console::Console;
use crate::support::ejabberd::{Ejabberd, Keeps};
use crate::support::peer::Peer;
use crate::support::server::{Port, Server as _};
use crate::support::sm::Management;

/// All that stands in the log.
fn acts(console: &Console) -> Vec<Act> {
    let entries = console.store.entries(1, 10_000).unwrap();
    entries.into_iter().map(|entry| entry.act.expect("an entry is readable")).collect()
}

/// Waits until an act stands in the log with what came of it.
fn until(console: &mut Console, kind: Kind, how: How) -> Act {
    let found = |console: &Console| acts(console).into_iter().rev().find(|act| act.kind == kind && act.how == how);
    console.until(&format!("{} {}", kind.word(), how.word()), found)
}

fn words(note: &str) -> Option<Words> {
    Some(Words { note: note.to_owned(), body: note.to_owned(), until: None })
}

/// The owner with the stream recorded.
fn recorded(grid: &Grid) -> (Console, Trace) {
    let (account, trace) = (grid.account(Role::Owner), Trace::default());
    trace.switch(true);
    let mut console = Console::start(Options { trace: trace.clone(), ..Options::default() });
    console.connect(Login {
        jid: account.jid.clone(),
        resource: "desk".to_owned(),
        credentials: account.password.into(),
        dial: grid.dial(),
        tls: Tls::StartTls,
        trust: Trust::Ca(grid.ca()),
        policy: Policy::default(),
        broker: None,
    });
    let _ = console.until_online();
    console.until("the walk", |console| console.whole.then_some(()));
    (console, trace)
}

/// That the last outcome of this kind stands there as it should: after its beginning, with stanzas that were sent.
fn proven(console: &mut Console, trace: &Trace, kind: Kind, subject: &str, change: (&str, &str)) -> Act {
    let done = until(console, kind, How::Done);
    assert_eq!(done.subject, subject, "{done:?}");
    assert_eq!((done.before.as_str(), done.after.as_str()), change, "{done:?}");
    assert!(!done.stanzas.is_empty(), "{done:?}");
    let (_, lines) = trace.lines();
    for id in &done.stanzas {
        let carries =
            |line: &&Arc<gridwatch::engine::trace::Line>| line.way == Way::Sent && line.xml.contains(id.as_str());
        assert!(lines.iter().any(|line| carries(&line)), "{id} of {done:?} was not sent");
    }
    let all = acts(console);
    let begun = all.iter().position(|act| act.id == done.id && act.how == How::Begun);
    let end = all.iter().position(|act| act.id == done.id && act.how == How::Done);
    assert!(begun.is_some() && begun < end, "{kind:?}");
    done
}

#[test]
fn each_act_of_an_owner_stands_in_the_log_with_before_and_after_and_its_stanzas() {
    let grid = grid();
    let (mut owner, trace) = recorded(&grid);
    let feed = on_practice("log-feed");
    let made = owner.ask(|request| {
        let settings = vec![Answer::new("pubsub#access_model", "authorize"), Answer::new("pubsub#title", "Log feed")];
        Command::Create { request, topic: feed.clone(), settings }
    });
    assert!(matches!(made, Ok(Receipt::Created(_))), "{made:?}");
    let _ = proven(&mut owner, &trace, Kind::Create, "", ("", "pubsub#access_model=authorize; pubsub#title=Log feed"));
    owner.until("the new topic", |owner| owner.topic(&feed).map(drop));
    let changes = vec![Answer::new("pubsub#title", "Renamed")];
    let done = owner.ask(|request| Command::Configure { request, topic: feed.clone(), changes, reason: String::new() });
    assert!(done.is_ok(), "{done:?}");
    let renamed = ("pubsub#title=Log feed", "pubsub#title=Renamed");
    let _ = proven(&mut owner, &trace, Kind::Configure, "", renamed);

    // Somebody asks, is approved, loses it again; another is denied.
    let asks = |role: Role, owner: &mut Console| {
        let mut other = online(&grid, role);
        other.until("the topic", |other| other.topic(&feed).map(drop));
        let asked = other.ask(|request| Command::Subscribe { request, topic: feed.clone(), words: words("we run IR") });
        assert!(matches!(asked, Ok(Receipt::Asked)), "{asked:?}");
        until_asked(owner, &feed, &other);
        other
    };
    let mut analyst = asks(Role::Analyst, &mut owner);
    let subscribed = until(&mut analyst, Kind::Subscribe, How::Done);
    assert_eq!((subscribed.before.as_str(), subscribed.after.as_str()), ("none", "pending"));
    assert_eq!(subscribed.reason, "we run IR");
    let who = |role: Role| -> BareJid { grid.account(role).jid };
    let decide = |owner: &mut Console, role: Role, allow: bool, note: &str| {
        let (topic, subscriber, words) = (feed.clone(), who(role), words(note));
        let done = owner.ask(|request| Command::Decide { request, topic, subscriber, allow, words });
        assert!(done.is_ok(), "{done:?}");
    };
    decide(&mut owner, Role::Analyst, true, "MoU 14");
    let name = who(Role::Analyst).to_string();
    let approved = proven(&mut owner, &trace, Kind::Approve, &name, ("pending", "subscribed"));
    assert_eq!((approved.reason.as_str(), approved.by), ("MoU 14", By::Person));
    let _outsider = asks(Role::Outsider, &mut owner);
    decide(&mut owner, Role::Outsider, false, "wrong constituency");
    let other = who(Role::Outsider).to_string();
    let denied = proven(&mut owner, &trace, Kind::Deny, &other, ("pending", "none"));
    assert_eq!(denied.reason, "wrong constituency");
    let (topic, accounts, note) = (feed.clone(), vec![who(Role::Analyst)], words("left"));
    let revoked =
        owner.ask(|request| Command::Revoke { request, topic, accounts, to: Affiliation::Outcast, words: note });
    assert!(matches!(revoked, Ok(Receipt::Revoked(_))), "{revoked:?}");
    let gone = proven(&mut owner, &trace, Kind::Revoke, &name, ("none, subscribed", "outcast"));
    assert_eq!(gone.reason, "left");

    // A report, taken back; the topic emptied and deleted, which nobody takes for the broker's doing.
    let payload: Arc<[u8]> = b"<x xmlns='urn:example:x'>secret</x>"[..].into();
    let (topic, item) = (feed.clone(), ItemId("one".to_owned()));
    let published = owner.ask(|request| Command::Publish { request, topic, item, payload, terms: Terms::default() });
    assert!(published.is_ok(), "{published:?}");
    let sent = proven(&mut owner, &trace, Kind::Publish, "one", ("", "published"));
    assert!(sent.words.contains("; sha256=") && !format!("{sent:?}").contains("secret"));
    let taken = owner.ask(|request| Command::Retract { request, topic: feed.clone(), item: ItemId("one".to_owned()) });
    assert!(taken.is_ok(), "{taken:?}");
    let _ = proven(&mut owner, &trace, Kind::Retract, "one", ("published", "retracted"));
    let (topic, to) = (feed.clone(), who(Role::Outsider));
    let told = owner.ask(|request| Command::Tell {
        request,
        topic,
        to,
        act: owned::Act::Question,
        words: words("who are you?").unwrap(),
    });
    assert!(told.is_ok(), "{told:?}");
    let _ = proven(&mut owner, &trace, Kind::Tell, &other, ("", "question"));
    assert!(owner.ask(|request| Command::Purge { request, topic: feed.clone() }).is_ok());
    let _ = proven(&mut owner, &trace, Kind::Purge, "", ("", ""));
    assert!(owner.ask(|request| Command::Delete { request, topic: feed.clone(), redirect: None }).is_ok());
    let _ = proven(&mut owner, &trace, Kind::Delete, "", ("", ""));
    assert!(acts(&owner).iter().all(|act| act.kind != Kind::Vanished), "that was me");

    // What is refused stands there too, with why.
    let refused = owner.ask(|request| Command::Purge { request, topic: on_practice("no-such-topic") });
    assert!(refused.is_err());
    let refused = until(&mut owner, Kind::Purge, How::Refused);
    assert!(refused.words.starts_with("refused: item-not-found"), "{refused:?}");
    // And what only asks does not.
    let count = owner.store.head().unwrap().count;
    let _ = owner.ask(|request| Command::Members { request, topic: on_practice("my-desk") });
    assert_eq!(owner.store.head().unwrap().count, count);
    assert!(owner.store.audit(&[], &Progress::default()).unwrap().is_ok());
}

#[test]
fn what_is_held_and_taken_back_stands_there() {
    let grid = grid();
    let mut owner = online(&grid, Role::Owner);
    let held = |undone| Command::Held {
        kind: Kind::Approve,
        by: By::Person,
        topic: on_practice("my-desk"),
        subject: "soc@blue.example".to_owned(),
        reason: "MoU".to_owned(),
        undone,
    };
    owner.send(held(false));
    owner.send(held(true));
    assert_eq!(until(&mut owner, Kind::Approve, How::Undone).reason, "MoU");
    let hows: Vec<How> = acts(&owner).into_iter().filter(|act| act.kind == Kind::Approve).map(|act| act.how).collect();
    assert_eq!(hows, [How::Held, How::Undone]);
    let connected = until(&mut owner, Kind::Connect, How::Done);
    assert!(connected.words.contains("TLS 1.3") && connected.words.contains("SCRAM-SHA-512-PLUS"), "{connected:?}");
}

/// Online on the tests' own grid, subscribed to `feed`.
fn subscribed(console: &mut Console, grid: &broker::Grid) {
    grid.change(|world| {
        world.nodes = vec!["feed".to_owned(), "other".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
    });
    console.connect(grid.login.clone());
    let _ = console.until_online();
    console.until("the walk", |console| (console.walk == (2, 2) && console.complete).then_some(()));
}

fn tell(grid: &broker::Grid, session: usize, inside: &str) {
    grid.say_in(session, event(BROKER, "x", "").replace("<items node='x'></items>", inside));
}

fn feed() -> TopicId {
    broker::topic("feed")
}

#[test]
fn a_topic_set_up_otherwise_by_another_and_one_that_vanishes_are_noticed() {
    let mut console = Console::start(Options::default());
    let grid = broker::Grid::honest(&console);
    subscribed(&mut console, &grid);
    grid.change(|world| drop(world.access.insert("feed".to_owned(), "open".to_owned())));
    tell(&grid, 0, "<configuration node='feed'/>");
    let changed = until(&mut console, Kind::Changed, How::Seen);
    assert_eq!((changed.topic, changed.by), (Some(feed()), By::Grid));
    assert_eq!((changed.before.as_str(), changed.after.as_str()), ("access_model=authorize", "access_model=open"));
    let _ = console.until_notice("notice-topic-changed");
    tell(&grid, 0, "<delete node='feed'/>");
    let gone = until(&mut console, Kind::Vanished, How::Seen);
    assert_eq!(gone.topic, Some(feed()));
}

/// A broker that flips a topic as fast as it is asked fills neither the log nor the window, nor has it asked as often.
#[test]
fn a_topic_that_flips_is_told_of_once() {
    let mut console = Console::start(Options::default());
    let grid = broker::Grid::honest(&console);
    subscribed(&mut console, &grid);
    let asked = grid.heard("disco#info' node='feed'");
    for number in 0..40 {
        let access = if number % 2 == 0 { "open" } else { "presence" };
        grid.change(|world| drop(world.access.insert("feed".to_owned(), access.to_owned())));
        tell(&grid, 0, "<configuration node='feed'/>");
        // Each has its time to be asked about and told.
        grid.say_in(0, event(BROKER, "feed", &broker::item(&number.to_string(), "<a xmlns='urn:example'/>")));
        let _ = console.until_rows(number + 1);
    }
    let _ = until(&mut console, Kind::Changed, How::Seen);
    let count = acts(&console).iter().filter(|act| act.kind == Kind::Changed).count();
    let told = console.notices.iter().filter(|say| say.key == "notice-topic-changed").count();
    let asked = grid.heard("disco#info' node='feed'") - asked;
    assert!(count == 1 && told <= 1 && asked <= 3, "{count} entries, {told} notices, {asked} questions");
}

/// What comes by the hundred at once stands in the log, beside what came before.
#[test]
fn a_jump_of_traffic_is_noticed_from_the_events_themselves() {
    let minute = Duration::from_millis(20);
    let mut console = Console::start(Options { minute, ..Options::default() });
    let grid = broker::Grid::honest(&console);
    let begun = Instant::now();
    subscribed(&mut console, &grid);
    let send = |ids: Range<usize>| {
        let items = ids.map(|n| broker::item(&n.to_string(), "<a xmlns='urn:example'/>")).collect::<String>();
        grid.say_in(0, event(BROKER, "feed", &items));
    };
    send(0..1);
    let _ = console.until_rows(1);
    assert!(!acts(&console).iter().any(|act| act.kind == Kind::Traffic));
    // An average is known after ten of its minutes.
    std::thread::sleep((minute * 12).saturating_sub(begun.elapsed()));
    send(1..400);
    let jump = until(&mut console, Kind::Traffic, How::Seen);
    assert_eq!((jump.topic, jump.by, jump.after.as_str()), (Some(feed()), By::Grid, "399/min"));
    assert!(jump.before.starts_with("average=") && jump.before.ends_with("/min"), "{}", jump.before);
    let _ = console.until_notice("notice-traffic");
}

/// What another changes while, or just after, I change something is told: who set it decides, not when.
#[test]
fn what_another_changes_within_a_minute_of_mine_is_told() {
    let mut console = Console::start(Options::default());
    let grid = broker::Grid::honest(&console);
    grid.change(|world| {
        let _ = world.affiliations.insert("feed".to_owned(), "owner".to_owned());
        let owner = ("analyst@grid.example".to_owned(), "owner".to_owned());
        let _ = world.members.insert("feed".to_owned(), vec![owner]);
    });
    subscribed(&mut console, &grid);
    let changes = vec![("a@x.example".parse().unwrap(), Affiliation::Member)];
    let done = console.ask(|request| Command::Affiliate { request, topic: feed(), changes });
    assert!(matches!(done, Ok(Receipt::Changed { .. })), "{done:?}");
    grid.change(|world| drop(world.access.insert("feed".to_owned(), "open".to_owned())));
    tell(&grid, 0, "<configuration node='feed'/>");
    let changed = until(&mut console, Kind::Changed, How::Seen);
    assert_eq!((changed.by, changed.after.as_str()), (By::Grid, "access_model=open"));
    let _ = console.until_notice("notice-topic-changed");
}

#[test]
fn what_changed_while_nobody_looked_is_noticed_in_the_next_session() {
    let mut console = Console::start(Options::default());
    let grid = broker::Grid::honest(&console);
    subscribed(&mut console, &grid);
    console.send(Command::Disconnect);
    // Another grid of the same address: another certificate, a topic set up otherwise, and one of mine gone.
    let again = broker::Grid::honest(&console);
    let mut other = Console::over(console.store.clone(), console.store.clone(), Options::default());
    again.change(|world| {
        world.nodes = vec!["feed".to_owned(), "other".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        let _ = world.access.insert("feed".to_owned(), "open".to_owned());
    });
    other.connect(again.login.clone());
    let changed = until(&mut other, Kind::Changed, How::Seen);
    assert_eq!(changed.after, "access_model=open");
    let certificate = until(&mut other, Kind::Certificate, How::Seen);
    assert!(certificate.before.contains("sha256=") && certificate.before.contains("key="), "{certificate:?}");
    assert_ne!(certificate.before, certificate.after);
    let _ = other.until_notice("notice-certificate-changed");
    other.send(Command::Disconnect);

    let third = broker::Grid::honest(&console);
    third.change(|world| world.nodes = vec!["feed".to_owned(), "other".to_owned()]);
    let mut last = Console::over(console.store.clone(), console.store.clone(), Options::default());
    last.connect(third.login.clone());
    let ended = until(&mut last, Kind::Ended, How::Seen);
    assert_eq!(ended.topic, Some(feed()));
    last.until("the topic without me", |last| {
        last.topic(&feed()).filter(|topic| topic.membership == Membership::None).map(drop)
    });
}

#[test]
fn a_certificate_that_is_refused_stands_there_with_the_one_that_was_known() {
    let mut console = Console::start(Options::default());
    let grid = broker::Grid::honest(&console);
    subscribed(&mut console, &grid);
    let mut known = Known::default();
    console.learned.iter().for_each(|learned| known.learn(learned, Utc::now()));
    assert!(known.seen.is_some());
    console.send(Command::Disconnect);
    // Somebody else answers under its name.
    let other = broker::Grid::honest(&console);
    let mut login = other.login.clone();
    login.policy.known = Arc::new(known);
    console.connect(login);
    let refused = until(&mut console, Kind::Certificate, How::Refused);
    assert!(refused.before.starts_with("sha256=") && refused.after.starts_with("sha256="), "{refused:?}");
    assert_ne!(refused.before, refused.after);
}

#[test]
fn a_restart_of_the_controller_is_noticed_once() {
    let mut console = Console::start(Options::default());
    let sm = Arc::new(Management::default());
    let grid = broker::Grid::managed(&console, 3, &sm);
    subscribed(&mut console, &grid);
    grid.say_in(0, "<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
    let restart = until(&mut console, Kind::Restart, How::Seen);
    assert!(restart.words.contains("system-shutdown"), "{restart:?}");
    let _ = console.until_notice("notice-restart");
    // The next session has a sign of its own: the controller knows the old one no more.
    console.until("the next session", |console| {
        let sessions = acts(console).iter().filter(|act| act.kind == Kind::Connect).count();
        (sessions >= 2 && console.complete).then_some(())
    });
    let all = acts(&console);
    assert_eq!(all.iter().filter(|act| act.kind == Kind::Restart).count(), 1);
}

#[test]
fn a_restart_of_a_real_controller_is_noticed() {
    let mut server = Ejabberd::start();
    let analyst = Ejabberd::account("analyst");
    drop(Peer::login(&server, &analyst, Port::StartTls));
    let mut console = Console::start(Options::default());
    console.connect(server.console(&analyst, Tls::StartTls));
    let _ = console.until_online();
    console.until("the list of topics, read whole", |console| console.whole.then_some(()));
    server.stop();
    server.again(Keeps::All);
    let restart = until(&mut console, Kind::Restart, How::Seen);
    assert!(restart.words.contains("localhost"), "{restart:?}");
}
