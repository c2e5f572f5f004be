//! The engine against a broker that is scripted, and against everybody else who can reach it: spoofed events and
//! answers, cut and silent links, requests that are none (`engine.md` §6 rows 1-4, 7, 24-27, 30, 33, 35, 37).

mod brokers;
mod commands;
mod flood;
mod gaps;
mod killed;
mod limits;
mod managed;
mod owner;
mod peculiar;
mod stored;
mod written;

use std::time::{Duration, Instant};

use gridwatch::engine::{Command, Connection, Error, Options, Receipt, RequestId};
use gridwatch::model::{Membership, PayloadType};
use gridwatch::store::activity::{Act, Kind};
use gridwatch::store::{Activity as _, Route, Standing, Store};

use crate::support::broker::{BROKER, CUT, Grid, event, item, topic};
use crate::support::console::Console;
use crate::support::controller::{Fault, PASSWORD};

fn report(id: &str) -> String {
    format!(
        "<IODEF-Document xmlns='urn:ietf:params:xml:ns:iodef-2.0' version='2.00' xml:lang='en'><Incident \
         purpose='reporting'><IncidentID name='csirt.example'>{id}</IncidentID>\
         <GenerationTime>2026-11-21T16:00:00Z</GenerationTime></Incident></IODEF-Document>"
    )
}

/// Online, subscribed to `feed`, owner of `desk`.
fn online() -> (Console, Grid) {
    let mut console = Console::start(Options::default());
    let grid = Grid::honest(&console);
    grid.change(|world| {
        world.nodes = vec!["feed".to_owned(), "desk".to_owned(), "other".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        let _ = world.affiliations.insert("desk".to_owned(), "owner".to_owned());
    });
    console.connect(grid.login.clone());
    let _ = console.until_online();
    console.until("the walk", |console| (console.walk == (3, 3)).then_some(()));
    (console, grid)
}

/// What stands in the log of acts of this kind.
fn acts(console: &Console, kind: Kind) -> Vec<Act> {
    let acts = console.store.entries(1, 10_000).unwrap().into_iter().filter_map(|entry| entry.act);
    acts.filter(|act| act.kind == kind).collect()
}

/// The broker's answer that it will not.
pub fn refusal(condition: &str) -> String {
    format!(
        "<iq type='error' id='{{id}}' from='{{to}}'><error type='auth'>\
         <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    )
}

/// Somebody asks the owner of a topic (XEP-0060 §8.6).
pub fn asks(from: &str, node: &str, who: &str) -> String {
    let field = |var: &str, value: &str| format!("<field var='{var}'><value>{value}</value></field>");
    format!(
        "<message from='{from}'><x xmlns='jabber:x:data' type='form'>{}{}{}{}</x></message>",
        field("FORM_TYPE", "http://jabber.org/protocol/pubsub#subscribe_authorization"),
        field("pubsub#node", node),
        field("pubsub#subscriber_jid", who),
        field("pubsub#allow", "false"),
    )
}

/// What was said before this is behind us: an honest item comes through.
fn settle(console: &mut Console, grid: &Grid, id: &str) {
    grid.say(event(BROKER, "feed", &item(id, &report(id))));
    console.until("an honest item", |console| {
        (0..console.store.len()).filter_map(|seq| console.store.row(seq)).any(|row| row.key.item.0 == id).then_some(())
    });
}

#[test]
fn topics_are_described_and_what_is_stored_is_fetched() {
    let mut console = Console::start(Options::default());
    let grid = Grid::honest(&console);
    grid.change(|world| {
        world.nodes = vec!["feed".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        let _ =
            world.items.insert("feed".to_owned(), vec![("1".to_owned(), report("1")), ("2".to_owned(), report("2"))]);
    });
    console.connect(grid.login.clone());
    let rows = console.until_rows(2);
    assert!(rows.iter().all(|row| row.route == Route::Fetched && row.summary.csirt == "csirt.example"));
    assert_eq!(rows[0].publisher.as_deref(), Some("p@grid.example"));
    let payload = console.store.payload(0).unwrap().unwrap();
    assert_eq!(&*payload.bytes, report("1").as_bytes(), "not one byte changed");
    console.until("the walk", |console| (console.walk == (1, 1)).then_some(()));
    let topic = console.until_membership(&topic("feed"), Membership::Subscribed);
    assert_eq!(topic.payload, PayloadType::Iodef2);
    assert_eq!(grid.heard("<presence"), 1);
    // Rights first, then visible, then fetched: nothing falls between.
    let heard = grid.world.lock().unwrap().heard.join("\n");
    let at = |text: &str| heard.find(text).unwrap_or_else(|| panic!("{text} was never said"));
    assert!(at("<subscriptions") < at("<presence") && at("<presence") < at("<items"));
}

#[test]
fn forged_events_are_counted_and_never_stored() {
    let (mut console, grid) = online();
    let evil = item("evil", &report("evil"));
    for from in
        ["mallory@grid.example/x", "mallory@grid.example", "grid.example", "broker.grid.example/x", "other.example"]
    {
        grid.say(event(from, "feed", &evil));
    }
    grid.say(event("", "feed", &evil).replace(" from=''", ""));
    grid.say(event(BROKER, "feed", &evil).replace("<message ", "<message type='error' "));
    grid.say(event(BROKER, "feed", &evil).replace("to='analyst@grid.example'", "to='analyst@grid.example/elsewhere'"));
    grid.say(event(BROKER, "feed", &evil).replace("to='analyst@grid.example'", "to='root@grid.example'"));
    grid.say(event(BROKER, "feed", &evil).replace("pubsub#event", "pubsub#events"));
    grid.say(event(BROKER, "other", &evil));
    grid.say(event("not a jid@", "feed", &evil));
    settle(&mut console, &grid, "honest");
    assert_eq!(console.store.len(), 1);
    let _ = console.until_notice("notice-forged");
    let _ = console.until_notice("notice-not-subscribed");
    let _ = console.until_notice("notice-bad-address");
}

#[test]
fn an_answer_counts_only_from_whom_was_asked() {
    let mut console = Console::start(Options::default());
    let grid = Grid::honest(&console);
    let lie = "<iq type='result' id='{id}' from='mallory@grid.example/x' to='analyst@grid.example/desk'>\
               <pubsub xmlns='http://jabber.org/protocol/pubsub'><subscriptions>\
               <subscription node='secret' jid='analyst@grid.example' subscription='subscribed'/>\
               </subscriptions></pubsub></iq>";
    grid.change(|world| {
        world.before = Some((
            "<subscriptions".to_owned(),
            lie.to_owned() + &lie.replace("mallory@grid.example/x", "grid.example"),
        ));
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
    });
    console.connect(grid.login.clone());
    let _ = console.until_online();
    let _ = console.until_membership(&topic("feed"), Membership::Subscribed);
    assert!(console.topic(&topic("secret")).is_none());
    let _ = console.until_notice("notice-stray-answer");
}

#[test]
fn a_cut_session_comes_back_and_doubles_nothing() {
    let mut console = Console::start(Options::default());
    let grid = Grid::start(&console, &[Fault::None, Fault::None], PASSWORD, true);
    grid.change(|world| {
        world.nodes = vec!["feed".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        let _ = world.items.insert("feed".to_owned(), vec![("1".to_owned(), report("1"))]);
    });
    console.connect(grid.login.clone());
    let _ = console.until_rows(1);
    grid.say(CUT);
    console.until("the loss", |console| matches!(console.connection, Connection::Waiting { .. }).then_some(()));
    let offline = console.subscribe(&topic("feed"));
    assert!(matches!(offline, Err(Error::Offline)), "{offline:?}");
    grid.change(|world| world.items.get_mut("feed").unwrap().push(("2".to_owned(), report("2"))));
    console.send(Command::RetryNow);
    let _ = console.until_online();
    let rows = console.until_rows(2);
    grid.say_in(1, event(BROKER, "feed", &item("3", &report("3"))));
    let rows_after = console.until_rows(3);
    assert_eq!((rows.len(), rows_after.len()), (2, 3));
    assert_eq!(rows_after[2].route, Route::Live);
}

#[test]
fn a_command_open_when_the_link_breaks_is_answered_once() {
    let (mut console, grid) = online();
    grid.change(|world| world.instead = Some(("<subscribe ".to_owned(), "</stream:stream>".to_owned())));
    let result = console.subscribe(&topic("other"));
    assert!(matches!(result, Err(Error::Session { retry: true, .. })), "{result:?}");
    console.until("the wait", |console| matches!(console.connection, Connection::Waiting { .. }).then_some(()));
}

#[test]
fn a_silent_controller_is_asked_and_then_left() {
    let options =
        Options { silence: Duration::from_millis(300), answer: Duration::from_millis(300), ..Options::default() };
    let mut console = Console::start(options);
    let grid = Grid::honest(&console);
    console.connect(grid.login.clone());
    let _ = console.until_online();
    // As long as it answers, it is kept.
    console.until("three pings", |_| (grid.heard("urn:xmpp:ping") >= 3).then_some(()));
    assert!(matches!(console.connection, Connection::Online(_)));
    grid.change(|world| world.silent = true);
    let cause = console.until("the loss", |console| match &console.connection {
        Connection::Waiting { cause, .. } => Some(cause.clone()),
        _ => None,
    });
    assert!(matches!(cause, Error::Timeout { .. }), "{cause}");
}

#[test]
fn what_a_person_must_mend_is_not_tried_again() {
    let mut console = Console::start(Options::default());
    let grid = Grid::start(&console, &[Fault::None, Fault::None], "wrong", true);
    console.connect(grid.login.clone());
    let stopped = |console: &Console| match &console.connection {
        Connection::Stopped { cause } => Some(cause.clone()),
        _ => None,
    };
    assert_eq!(console.until("the stop", stopped).say().key, "error-sasl-not-authorized");

    let grid = Grid::start(&console, &[Fault::None], PASSWORD, false);
    console.connect(grid.login.clone());
    let cause =
        console.until("the certificate", |console| stopped(console).filter(|cause| !cause.details().is_empty()));
    assert_eq!(cause.details().iter().map(|say| say.key).collect::<Vec<_>>(), ["error-cert-unknown-authority"]);
    assert!(!console.steps.iter().any(|(_, step)| step.contains("Waiting")), "{:?}", console.steps);
}

#[test]
fn a_denial_is_believed_only_from_the_broker_and_its_own_list() {
    let (mut console, grid) = online();
    grid.change(|world| drop(world.subscriptions.insert("other".to_owned(), "pending".to_owned())));
    assert!(matches!(console.subscribe(&topic("other")), Ok(Receipt::Asked)));
    let _ = console.until_membership(&topic("other"), Membership::Pending);
    let told = |from: &str, state: &str| {
        format!(
            "<message from='{from}'><event xmlns='http://jabber.org/protocol/pubsub#event'>\
             <subscription node='other' jid='analyst@grid.example' subscription='{state}'/></event></message>"
        )
    };
    grid.say(told("mallory@grid.example", "subscribed"));
    // The broker says so, but its list, which tells of another topic meanwhile, does not.
    grid.change(|world| drop(world.subscriptions.insert("desk".to_owned(), "subscribed".to_owned())));
    grid.say(told(BROKER, "subscribed"));
    let _ = console.until_membership(&topic("desk"), Membership::Subscribed);
    assert_eq!(console.topic(&topic("other")).unwrap().membership, Membership::Pending);
    grid.change(|world| drop(world.subscriptions.remove("other")));
    grid.say(told(BROKER, "none"));
    let _ = console.until_membership(&topic("other"), Membership::Denied);
    let _ = console.until_notice("notice-denied");
}

#[test]
fn a_refusal_to_subscribe_is_a_denial_with_its_reason() {
    let (mut console, grid) = online();
    grid.change(|world| world.instead = Some(("<subscribe ".to_owned(), refusal("forbidden"))));
    assert_eq!(console.subscribe(&topic("other")).unwrap_err().say().key, "error-stanza-forbidden");
    let _ = console.until_membership(&topic("other"), Membership::Denied);
    grid.change(|world| world.instead = Some(("<subscribe ".to_owned(), refusal("internal-server-error"))));
    assert_eq!(console.subscribe(&topic("desk")).unwrap_err().say().key, "error-stanza-server");
    assert_eq!(console.topic(&topic("desk")).unwrap().membership, Membership::None);
}

#[test]
fn requests_are_taken_from_the_broker_for_topics_of_mine_once() {
    let (mut console, grid) = online();
    grid.say(asks("mallory@grid.example", "desk", "mallory@grid.example"));
    grid.say(asks(BROKER, "other", "mallory@grid.example"));
    grid.say(asks(BROKER, "desk", "soc@grid.example"));
    grid.say(asks(BROKER, "desk", "soc@grid.example"));
    let pending = console.until("the request", |console| console.pending.first().cloned());
    settle(&mut console, &grid, "a");
    assert_eq!(console.pending.len(), 1);
    assert_eq!(pending.subscriber.to_string(), "soc@grid.example");
    let _ = console.until_notice("notice-not-owned");
    // Nothing is decided that nobody asked for.
    let stranger = "mallory@grid.example".parse().unwrap();
    assert_eq!(console.decide(&topic("desk"), &stranger, true).unwrap_err().say().key, "error-nothing-waits");
    assert_eq!(grid.heard("subscribe_authorization"), 0);
}

#[test]
fn what_the_broker_takes_back_is_marked_and_kept() {
    let (mut console, grid) = online();
    settle(&mut console, &grid, "1");
    settle(&mut console, &grid, "2");
    let gone = |console: &Console, seq: u32| {
        console.store.row(seq).filter(|row| matches!(row.standing, Standing::Retracted(_))).map(drop)
    };
    grid.say(event("mallory@grid.example", "feed", "<retract id='2'/>"));
    grid.say(event(BROKER, "feed", "<retract id='1'/>"));
    console.until("the retraction", |console| gone(console, 0));
    assert!(gone(&console, 1).is_none());
    let all = |what: &str| {
        format!(
            "<message from='{BROKER}'><event xmlns='http://jabber.org/protocol/pubsub#event'>{what}</event></message>"
        )
    };
    grid.say(all("<purge node='feed'/>"));
    console.until("the purge", |console| gone(console, 1));
    grid.change(|world| drop(world.subscriptions.remove("feed")));
    grid.say(all("<delete node='feed'/>"));
    let _ = console.until_notice("notice-topic-deleted");
    let _ = console.until_membership(&topic("feed"), Membership::None);
    assert_eq!(console.store.len(), 2);
}

#[test]
fn strangers_requests_are_answered_seldom_and_answers_never() {
    let (mut console, grid) = online();
    let ask = |id: &str, kind: &str, payload: &str| {
        format!("<iq type='{kind}' id='{id}' from='x@grid.example/y' to='analyst@grid.example/desk'>{payload}</iq>")
    };
    grid.say(ask("p", "get", "<ping xmlns='urn:xmpp:ping'/>"));
    grid.say(ask("i", "get", "<query xmlns='http://jabber.org/protocol/disco#info'/>"));
    grid.say(ask("u", "set", "<query xmlns='jabber:iq:roster'/>"));
    grid.say(ask("r", "result", ""));
    grid.say(ask("e", "error", ""));
    grid.say(
        "<iq type='set' id='o' from='analyst@grid.example' to='analyst@grid.example/desk'>\
         <query xmlns='jabber:iq:roster'><item jid='x@grid.example'/></query></iq>",
    );
    grid.say(ask("v", "set", "<vCard xmlns='vcard-temp'/>"));
    console.until("answers", |_| (grid.heard("x@grid.example/y") >= 3).then_some(()));
    settle(&mut console, &grid, "a");
    let answers: Vec<String> =
        grid.world.lock().unwrap().heard.iter().filter(|line| line.contains("x@grid.example/y")).cloned().collect();
    assert_eq!(answers.len(), 3, "{answers:?}");
    assert!(answers[0].contains("type='result'") && answers[0].contains("id='p'"));
    assert!(answers[1].contains("Gridwatch"));
    assert!(answers[2].contains("type='error'") && answers[2].contains("service-unavailable"));
    assert!(answers[2].contains("id='v'"), "a roster push of a stranger is not answered: {answers:?}");
    assert_eq!(grid.heard("type='result' id='o'"), 1, "one of my own server's is");
    let _ = console.until_notice("notice-forged");
    let began = Instant::now();
    grid.say(ask("f", "get", "<ping xmlns='urn:xmpp:ping'/>").repeat(5_000));
    settle(&mut console, &grid, "b");
    // 50 in every second that has begun.
    let allowed = 50 * (usize::try_from(began.elapsed().as_secs()).unwrap() + 2);
    let heard = grid.heard("id='f'");
    assert!((1..=allowed).contains(&heard), "{heard} answers of at most {allowed}");
}

#[test]
fn publishing_has_a_precondition_and_a_known_place() {
    let (mut console, grid) = online();
    let Ok(Receipt::Published(id)) = console.publish(&topic("desk"), "x-1", &report("1")) else {
        panic!("not published")
    };
    assert_eq!(id.0, "x-1");
    let sent = grid.world.lock().unwrap().heard.iter().find(|line| line.contains("<publish ")).cloned().unwrap();
    assert!(sent.contains("pubsub#publish-options") && sent.contains("pubsub#access_model"));
    assert!(sent.contains("<value>authorize</value>") && sent.contains(&report("1")));

    assert_eq!(console.publish(&topic("gone"), "x", &report("1")).unwrap_err().say().key, "error-unknown-topic");
    grid.change(|world| world.nodes.retain(|node| node != "other"));
    assert_eq!(console.publish(&topic("other"), "x", &report("1")).unwrap_err().say().key, "error-stanza-not-found");
    for bad in ["<a/><b/>", "<!DOCTYPE a><a/>", "<a><!-- c --></a>", "<?xml version='1.0'?><a/>", "<a>", "", "</item>"]
    {
        let error = console.publish(&topic("desk"), "x", bad).unwrap_err();
        assert!(error.say().key.starts_with("error-xml-"), "{bad}: {error}");
    }
    assert_eq!(grid.heard("<publish "), 1);
}

#[test]
fn lists_that_never_end_do_end() {
    let mut console = Console::start(Options::default());
    let grid = Grid::honest(&console);
    let page = "<set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a</first><last>z</last><count>99999</count></set>";
    grid.change(|world| {
        world.nodes = vec!["feed".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        world.instead = Some((
            "disco#items".to_owned(),
            format!(
                "<iq type='result' id='{{id}}' from='{BROKER}'><query xmlns='http://jabber.org/protocol/disco#items'>\
                 <item jid='{BROKER}' node='feed'/>{page}</query></iq>"
            ),
        ));
    });
    console.connect(grid.login.clone());
    console.until("the walk", |console| (console.walk == (1, 1)).then_some(()));
    settle(&mut console, &grid, "a");
    assert!(grid.heard("disco#items") <= 2, "{}", grid.heard("disco#items"));

    let (mut console, grid) = online();
    grid.change(|world| {
        let _ = world.subscriptions.insert("other".to_owned(), "subscribed".to_owned());
        world.instead = Some((
            "<items ".to_owned(),
            format!(
                "<iq type='result' id='{{id}}' from='{BROKER}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
                 <items node='other'>{}</items>{page}</pubsub></iq>",
                item("1", &report("1"))
            ),
        ));
    });
    assert!(matches!(console.subscribe(&topic("other")), Ok(Receipt::Subscribed)));
    let _ = console.until_rows(1);
    settle(&mut console, &grid, "a");
    assert!(grid.heard("node='other'/><set") <= 3, "{}", grid.heard("node='other'/><set"));
}

#[test]
fn delays_are_believed_from_the_broker_and_never_from_the_future() {
    let (mut console, grid) = online();
    let delayed = |id: &str, stamp: &str| {
        let delay = format!("<delay xmlns='urn:xmpp:delay' from='{BROKER}' stamp='{stamp}'/></message>");
        event(BROKER, "feed", &item(id, &report(id))).replace("</message>", &delay)
    };
    grid.say(delayed("past", "2026-01-02T03:04:05Z"));
    grid.say(delayed("future", "2999-01-02T03:04:05Z"));
    grid.say(delayed("nonsense", "yesterday"));
    let rows = console.until_rows(3);
    assert_eq!(rows[0].route, Route::Delayed);
    assert_eq!(rows[0].at.to_rfc3339(), "2026-01-02T03:04:05+00:00");
    assert!(rows[1..].iter().all(|row| row.route == Route::Live && row.at == row.received));
}

#[test]
fn disconnecting_says_goodbye_and_quitting_ends() {
    let (mut console, grid) = online();
    console.send(Command::Disconnect);
    console.until("being offline", |console| matches!(console.connection, Connection::Offline).then_some(()));
    assert_eq!(grid.heard("unavailable"), 1);
    console.send(Command::Subscribe { request: RequestId(900), topic: topic("feed"), words: None });
    console.send(Command::Quit);
    console.until_end();
}

#[test]
fn a_request_that_went_while_we_were_away_is_told() {
    let mut console = Console::start(Options::default());
    let grid = Grid::start(&console, &[Fault::None, Fault::None], PASSWORD, true);
    grid.change(|world| {
        world.nodes = vec!["other".to_owned()];
        let _ = world.subscriptions.insert("other".to_owned(), "pending".to_owned());
    });
    console.connect(grid.login.clone());
    let _ = console.until_membership(&topic("other"), Membership::Pending);
    let _ = console.until_online();
    grid.say(CUT);
    console.until("the loss", |console| matches!(console.connection, Connection::Waiting { .. }).then_some(()));
    grid.change(|world| drop(world.subscriptions.remove("other")));
    console.send(Command::RetryNow);
    let _ = console.until_notice("notice-request-gone");
    let _ = console.until_membership(&topic("other"), Membership::None);
}
