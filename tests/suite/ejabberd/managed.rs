//! Stream management with a real server: what only it still has comes over the next link, and what came of a publication
//! is known though the answer was lost.

use std::time::Duration;

use gridwatch::engine::{Connection, RequestId, Terms};
use gridwatch::model::ItemId;
use gridwatch::model::session::Management;

use super::*;
use crate::support::ejabberd::Keeps;
use crate::support::proxy::{Fault, Proxy};
use crate::support::server::console_at;

struct World {
    server: Ejabberd,
    owner: Peer,
    proxy: Proxy,
    console: Console,
}

/// A console behind a wire that fails, subscribed to a topic that is open to all.
fn world(settings: Value) -> World {
    let server = Ejabberd::start();
    let analyst = Ejabberd::account("analyst");
    register(&server, &analyst);
    let mut owner = Peer::login(&server, &Ejabberd::account("owner"), Port::StartTls);
    let mut all = json!({"access": "open", "publish": "open"});
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    owner.create_as(NODE, all);
    let proxy = Proxy::start(server.port(Port::Direct));
    let mut console = Console::start(Options::default());
    console.connect(console_at(proxy.port(), server.ca_file(), &analyst, Tls::Direct));
    console.until("the topic", |console| console.topic(&topic()).map(drop));
    assert_eq!(console.subscribe(&topic()).unwrap(), Receipt::Subscribed);
    let _ = console.until_membership(&topic(), Membership::Subscribed);
    // What a session asks at its beginning would else meet the faults that are meant for what comes after.
    let _ = console.until_level(&topic());
    console.until("all of it", |console| (console.complete && console.polled > 0).then_some(()));
    World { server, owner, proxy, console }
}

fn until_broken(console: &mut Console) {
    console.until("noticing", |console| matches!(console.connection, Connection::Waiting { .. }).then_some(()));
}

fn ids(console: &Console) -> Vec<String> {
    let mut ids: Vec<_> = console.rows().iter().map(|row| row.key.item.0.clone()).collect();
    ids.sort();
    ids
}

/// Headlines are kept nowhere else, and the broker has let go of them.
#[test]
fn what_only_the_session_still_holds_comes_over_the_next_link() {
    let World { server: _server, mut owner, proxy, mut console } = world(json!({"notification": "headline"}));
    let before = console.until_online();
    assert!(matches!(before.management, Management::Resumable { resumed: false, .. }), "{:?}", before.management);
    owner.publish(NODE, "1", "Before");
    let _ = console.until_rows(1);
    for round in 0..3 {
        proxy.strike(Fault::Refuse(Duration::from_secs(1)));
        until_broken(&mut console);
        owner.publish(NODE, &format!("2-{round}"), "Meanwhile");
        owner.publish(NODE, &format!("3-{round}"), "Meanwhile");
        owner.tell("purge", json!({"service": BROKER, "node": NODE}));
        assert_eq!(owner.ids(NODE), Vec::<String>::new());
        let _ = console.until_rows(1 + 2 * (round + 1));
        let after = console.until_online();
        assert!(matches!(after.management, Management::Resumable { resumed: true, .. }), "{:?}", after.management);
        assert_eq!(after.jid, before.jid);
    }
    assert_eq!(ids(&console), ["1", "2-0", "2-1", "2-2", "3-0", "3-1", "3-2"]);
}

#[test]
fn a_publication_whose_answer_was_lost_is_known_and_there_once() {
    let World { server: _server, mut owner, proxy, mut console } = world(json!({}));
    let publish = |console: &mut Console, id: &str| -> RequestId {
        let (_, document) = composed();
        let (item, payload) = (ItemId(id.to_owned()), document.into_bytes().into());
        console.begin(|request| Command::Publish { request, topic: topic(), item, payload, terms: Terms::default() })
    };
    // At any moment of the dialogue: before the topic is described, before the item is taken, before that is told.
    let mut ids_published = Vec::new();
    for bytes in (0..12).map(|step| step * 250) {
        let id = format!("after-{bytes:04}");
        let published = (0..5).find_map(|_| {
            let _ = console.until_online();
            proxy.strike(Fault::ResetAfter(bytes));
            let request = publish(&mut console, &id);
            let answer = console.answer(request);
            if matches!(answer, Err(Error::Offline)) {
                // What else came over the wire was as much before the engine had it: it is not taken, and never was.
                assert!(!owner.ids(NODE).contains(&id));
                console.send(Command::RetryNow);
                return None;
            }
            Some(answer)
        });
        assert_eq!(published.unwrap().unwrap(), Receipt::Published(ItemId(id.clone())));
        proxy.strike(Fault::Reset);
        until_broken(&mut console);
        console.send(Command::RetryNow);
        let _ = console.until_rows(ids_published.len() + 1);
        ids_published.push(id);
    }
    let mut there = owner.ids(NODE);
    there.sort();
    assert_eq!(there, ids_published);
    assert_eq!(ids(&console), ids_published, "each once");
}

/// The server restarts and has forgotten the session, but not what was published.
#[test]
fn a_server_that_forgot_the_session_is_asked_what_it_has() {
    let World { mut server, owner, proxy, mut console } = world(json!({}));
    drop(owner);
    let _ = console.until_online();
    proxy.strike(Fault::ResetAfter(1_000));
    let (_, document) = composed();
    let (item, payload) = (ItemId("mine".to_owned()), document.into_bytes().into());
    let request =
        console.begin(|request| Command::Publish { request, topic: topic(), item, payload, terms: Terms::default() });
    server.stop();
    server.again(Keeps::All);
    assert_eq!(console.answer(request).unwrap(), Receipt::Published(ItemId("mine".to_owned())));
    let facts = console.until_online();
    assert!(matches!(facts.management, Management::Resumable { resumed: false, .. }), "{:?}", facts.management);
    let mut witness = Peer::login(&server, &Ejabberd::account("witness"), Port::StartTls);
    assert_eq!(witness.ids(NODE), ["mine"]);
}
