//! What happens while the console is away, and to the server itself: nothing the broker still has is missed, nothing we
//! hold is taken from us (`engine.md` §7).

use gridwatch::engine::Connection;
use gridwatch::model::session::Management;
use gridwatch::store::{Row, Standing};

use super::*;
use crate::support::ejabberd::{Keeper, Keeps};
use crate::support::proxy::Proxy;
use crate::support::server::console_at;

/// A console that is subscribed to the topic, open to all.
pub(super) fn subscribed(server: &Ejabberd, account: &Account) -> Console {
    let mut console = online(server, account, Tls::StartTls);
    console.until("the topic", |console| console.topic(&topic()).map(drop));
    assert_eq!(console.subscribe(&topic()).unwrap(), Receipt::Subscribed);
    let _ = console.until_membership(&topic(), Membership::Subscribed);
    console
}

/// The person subscribes anew.
fn again(console: &mut Console) {
    assert_eq!(console.subscribe(&topic()).unwrap(), Receipt::Subscribed);
    let _ = console.until_membership(&topic(), Membership::Subscribed);
}

pub(super) fn leave(console: &mut Console) {
    console.send(Command::Disconnect);
    console.until("being offline", |console| matches!(console.connection, Connection::Offline).then_some(()));
}

fn ids(rows: &[std::sync::Arc<Row>]) -> Vec<&str> {
    rows.iter().map(|row| row.key.item.0.as_str()).collect()
}

/// The world of these tests: an open topic, its owner, and an account.
pub(super) fn world(settings: Value) -> (Ejabberd, Peer, Account) {
    let server = Ejabberd::start();
    let analyst = Ejabberd::account("analyst");
    register(&server, &analyst);
    let mut owner = Peer::login(&server, &Ejabberd::account("owner"), Port::StartTls);
    let mut all = json!({"access": "open"});
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    owner.create_as(NODE, all);
    (server, owner, analyst)
}

/// RFC 8600 §6, XEP-0160: the controller keeps what is published while we are away, though the broker has let go of it.
#[test]
fn what_was_purged_before_we_came_back_was_kept_by_the_controller() {
    let (server, mut owner, analyst) = world(json!({}));
    let mut console = subscribed(&server, &analyst);
    leave(&mut console);
    owner.publish(NODE, "1", "While we were away");
    owner.publish(NODE, "2", "And again");
    owner.tell("purge", json!({"service": BROKER, "node": NODE}));
    assert_eq!(owner.ids(NODE), Vec::<String>::new());
    console.connect(server.console(&analyst, Tls::StartTls));
    let rows = console.until_rows(2);
    assert_eq!(ids(&rows), ["1", "2"]);
    assert!(rows.iter().all(|row| row.route == Route::Delayed && row.at <= row.received), "{rows:?}");
}

/// Headlines are not kept (XEP-0160 §3): the broker's own store is what there is, read page by page.
#[test]
fn many_headlines_missed_are_read_in_pages_once_each() {
    let (server, mut owner, analyst) = world(json!({"notification": "headline"}));
    let mut console = subscribed(&server, &analyst);
    owner.publish(NODE, "n000", "Seen");
    let _ = console.until_rows(1);
    leave(&mut console);
    for number in 1..=130 {
        owner.publish(NODE, &format!("n{number:03}"), "Missed");
    }
    console.connect(server.console(&analyst, Tls::StartTls));
    let _ = console.until_rows(131);
    // Whatever else comes comes with the next event of the topic at the latest.
    owner.publish(NODE, "n131", "The end");
    let rows = console
        .until("the end", |console| console.rows().iter().any(|row| row.key.item.0 == "n131").then(|| console.rows()));
    let mut have = ids(&rows);
    have.sort_unstable();
    let wanted: Vec<String> = (0..=131).map(|number| format!("n{number:03}")).collect();
    assert_eq!(have, wanted);
}

/// ejabberd retracts what overflows `max_items`. The broker has let go of it; we have not.
#[test]
fn what_the_broker_evicts_stays_with_us_marked() {
    let (server, mut owner, analyst) = world(json!({"most": 3}));
    let mut console = subscribed(&server, &analyst);
    for number in 1..=5 {
        owner.publish(NODE, &number.to_string(), "One of five");
    }
    let standing = |console: &Console| {
        let rows = console.rows();
        let gone = |row: &&std::sync::Arc<Row>| matches!(row.standing, Standing::Retracted(_));
        (rows.len(), rows.iter().filter(gone).map(|row| row.key.item.0.clone()).collect::<Vec<_>>())
    };
    let wanted = (5, vec!["1".to_owned(), "2".to_owned()]);
    console.until("the marks", |console| (standing(console) == wanted).then_some(()));
    assert_eq!(owner.ids(NODE).len(), 3);
    let rows = console.rows();
    assert!(console.store.payload(rows[0].seq).unwrap().is_some(), "the evidence itself is kept");
}

/// Somebody ended our subscription: it is restored where that is ours to do, that is told, and nothing is missed.
#[test]
fn a_subscription_ended_while_we_were_away_is_told_and_had_again_by_asking() {
    let (server, mut owner, analyst) = world(json!({}));
    let mut console = subscribed(&server, &analyst);
    owner.publish(NODE, "1", "Ours");
    let _ = console.until_rows(1);
    leave(&mut console);
    owner.tell("end_subscription", json!({"service": BROKER, "node": NODE, "jid": analyst.jid}));
    owner.publish(NODE, "2", "While we were none of theirs");
    console.connect(server.console(&analyst, Tls::StartTls));
    // A console subscribes to nothing by itself: whoever ended it may have meant it.
    let _ = console.until_notice("notice-subscription-ended");
    let _ = console.until_membership(&topic(), Membership::None);
    again(&mut console);
    owner.publish(NODE, "3", "Ours again");
    let mut rows = console.until_rows(3);
    rows.sort_by_key(|row| row.key.item.0.clone());
    assert_eq!(ids(&rows), ["1", "2", "3"]);
    assert_eq!(console.until_level(&topic()).len(), 0, "what is stored reaches back to before");
}

/// Deleted and made again under the same name by another: what we hold stays beside what is there now under the same id,
/// and that something may be missing is told.
#[test]
fn a_topic_deleted_and_made_again_leaves_a_gap() {
    let (server, mut owner, analyst) = world(json!({}));
    let mut console = subscribed(&server, &analyst);
    owner.publish(NODE, "1", "Of the old topic");
    let _ = console.until_rows(1);
    leave(&mut console);
    owner.tell("delete", json!({"service": BROKER, "node": NODE}));
    let mut stranger = Peer::login(&server, &Ejabberd::account("stranger"), Port::StartTls);
    stranger.create(NODE, "open");
    stranger.publish(NODE, "1", "Of the new topic");
    console.connect(server.console(&analyst, Tls::StartTls));
    let _ = console.until_notice("notice-subscription-ended");
    assert_eq!(ids(&console.rows()), ["1"], "nothing of a stranger's topic is taken by itself");
    again(&mut console);
    let _ = console.until_notice("notice-gap");
    let rows = console.until_rows(2);
    assert_eq!(ids(&rows), ["1", "1"]);
    assert!(console.store.payload(0).unwrap().is_some(), "the evidence itself is kept");
    assert_eq!(console.until_level(&topic()).len(), 1);
}

/// ejabberd says nothing of a delete by default: the topic is still on our list, and publishing would make it anew.
#[test]
fn publishing_to_a_topic_deleted_behind_our_back_does_not_make_it() {
    let (server, mut owner, _) = world(json!({}));
    let mut console = online(&server, &Ejabberd::account("owner"), Tls::StartTls);
    let _ = console.until_described(&topic());
    owner.tell("delete", json!({"service": BROKER, "node": NODE}));
    let (id, document) = composed();
    let refused = console.publish(&topic(), &id, &document);
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(owner.call("nodes", json!({"service": BROKER}))["nodes"], json!([]));
}

/// The server dies and comes again with what it had: the console returns by itself and misses nothing.
#[test]
fn the_server_comes_again_with_its_store() {
    let (mut server, mut owner, analyst) = world(json!({}));
    let mut console = subscribed(&server, &analyst);
    owner.publish(NODE, "1", "Before");
    let _ = console.until_rows(1);
    server.stop();
    console.until("noticing", |console| matches!(console.connection, Connection::Waiting { .. }).then_some(()));
    server.again(Keeps::All);
    let mut owner = Peer::login(&server, &Ejabberd::account("owner"), Port::StartTls);
    owner.publish(NODE, "2", "After");
    let rows = console.until_rows(2);
    assert_eq!(ids(&rows), ["1", "2"]);
}

/// It comes again with nothing: not even the account is left. We stop, keep what we hold, and say what became of the
/// subscription once the account is there again.
#[test]
fn the_server_comes_again_without_its_store() {
    let (mut server, mut owner, analyst) = world(json!({}));
    let mut console = subscribed(&server, &analyst);
    owner.publish(NODE, "1", "Before");
    let _ = console.until_rows(1);
    server.kill();
    server.again(Keeps::Nothing);
    let cause = console.until("being refused", |console| match &console.connection {
        Connection::Stopped { cause } => Some(cause.say()),
        _ => None,
    });
    assert!(cause.key.starts_with("error-sasl"), "{cause:?}");
    register(&server, &analyst);
    console.send(Command::RetryNow);
    console.until("being online", |console| matches!(console.connection, Connection::Online(_)).then_some(()));
    let _ = console.until_notice("notice-subscription-ended");
    assert_eq!(ids(&console.rows()), ["1"]);
}

/// XEP-0198: the wire breaks in the middle, the session does not. What was published meanwhile comes by the session itself,
/// though the broker has let go of it and the controller stores no headlines.
#[test]
fn a_broken_session_is_taken_up_again() {
    let (server, mut owner, analyst) = world(json!({"notification": "headline"}));
    let proxy = Proxy::start(server.port(Port::StartTls));
    let mut console = Console::start(Options::default());
    console.connect(console_at(proxy.port(), server.ca_file(), &analyst, Tls::StartTls));
    let _ = console.until_online();
    console.until("the topic", |console| console.topic(&topic()).map(drop));
    assert_eq!(console.subscribe(&topic()).unwrap(), Receipt::Subscribed);
    owner.publish(NODE, "1", "Before");
    let _ = console.until_rows(1);
    proxy.close(true);
    owner.publish(NODE, "2", "While the wire was cut");
    owner.tell("purge", json!({"service": BROKER, "node": NODE}));
    console.until("noticing", |console| matches!(console.connection, Connection::Waiting { .. }).then_some(()));
    proxy.close(false);
    console.send(Command::RetryNow);
    let rows = console.until_rows(2);
    assert_eq!(ids(&rows), ["1", "2"]);
    assert!(until_resumed(&mut console));
}

/// The session was kept for too short: a new one, told as such; what the broker stores is read.
#[test]
fn a_session_the_server_gave_up_is_begun_anew() {
    let server = Ejabberd::start_with("resume_timeout: 1, resend_on_timeout: if_offline", Keeper::Mnesia);
    let analyst = Ejabberd::account("analyst");
    register(&server, &analyst);
    let mut owner = Peer::login(&server, &Ejabberd::account("owner"), Port::StartTls);
    owner.create_as(NODE, json!({"access": "open", "notification": "headline"}));
    let proxy = Proxy::start(server.port(Port::StartTls));
    let mut console = Console::start(Options::default());
    console.connect(console_at(proxy.port(), server.ca_file(), &analyst, Tls::StartTls));
    let _ = console.until_online();
    console.until("the topic", |console| console.topic(&topic()).map(drop));
    assert_eq!(console.subscribe(&topic()).unwrap(), Receipt::Subscribed);
    owner.publish(NODE, "1", "Before");
    let _ = console.until_rows(1);
    proxy.close(true);
    owner.publish(NODE, "2", "While the wire was cut");
    // Gone from the server's sight when another finds nobody there.
    owner.until_gone(&format!("{}/desk", analyst.jid));
    proxy.close(false);
    console.send(Command::RetryNow);
    let rows = console.until_rows(2);
    assert_eq!(ids(&rows), ["1", "2"]);
    assert!(!until_resumed(&mut console));
}

/// Waits until it is online, and whether that is the session from before.
fn until_resumed(console: &mut Console) -> bool {
    console.until("being online", |console| match &console.connection {
        Connection::Online(facts) => Some(matches!(facts.management, Management::Resumable { resumed: true, .. })),
        _ => None,
    })
}
