//! Every command is answered, and every session that no longer works ends.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use gridwatch::engine::{self, Command, Connection, Error, Event, Login, Options, RequestId, Terms};
use gridwatch::model::ItemId;
use gridwatch::store::Memory;
use gridwatch::xmpp::dial::Tcp;

use super::report;
use crate::support::broker::{BROKER, Grid, event, item, topic};
use crate::support::console::Console;
use crate::support::controller::{Fault, PASSWORD};

#[test]
fn a_controller_that_talks_but_does_not_listen_is_left() {
    let mut console = Console::start(Options { stuck: Duration::from_millis(300), ..Options::default() });
    let grid = Grid::honest(&console);
    console.connect(grid.login.clone());
    let _ = console.until_online();
    grid.change(|world| world.deaf = true);
    // More to answer than fits on the way.
    let id = "i".repeat(200_000);
    for _ in 0..20 {
        grid.say(format!(
            "<iq type='get' id='{id}' from='x@grid.example/y' to='analyst@grid.example/desk'>\
             <ping xmlns='urn:xmpp:ping'/></iq>"
        ));
    }
    let cause = console.until("the loss", |console| {
        grid.try_say(event(BROKER, "feed", &item("1", &report("1"))));
        match &console.connection {
            Connection::Waiting { cause, .. } => Some(cause.clone()),
            _ => None,
        }
    });
    assert!(matches!(cause, Error::Timeout { .. }), "{cause}");
}

#[test]
fn who_was_stopped_can_try_again() {
    let mut console = Console::start(Options::default());
    let grid = Grid::start(&console, &[Fault::None, Fault::None], PASSWORD, true);
    console.connect(grid.login.clone());
    let _ = console.until_online();
    grid.say("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
    console.until("the stop", |console| matches!(console.connection, Connection::Stopped { .. }).then_some(()));
    console.send(Command::RetryNow);
    console.until("being back", |console| matches!(console.connection, Connection::Online(_)).then_some(()));
}

/// Who asks while it is being tried already has no long wait before him when that fails.
#[test]
fn to_ask_for_a_try_during_one_shortens_the_wait_after_it() {
    // Draws two of the first wait's eight seconds, and all of the second's sixteen.
    let mut console = Console::start(Options { random: Box::new(|| 15_000), ..Options::default() });
    let grid = Grid::honest(&console);
    let door = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let dial = Arc::new(Tcp { host: "127.0.0.1".to_owned(), port: door.local_addr().unwrap().port() });
    let waiting = |console: &mut Console| {
        console.until("the wait", |console| match console.connection {
            Connection::Waiting { retry_in, .. } => Some(retry_in),
            _ => None,
        })
    };
    console.connect(Login { dial, ..grid.login.clone() });
    drop(door.accept().unwrap());
    let first = waiting(&mut console);
    let (second, _) = door.accept().unwrap();
    console.send(Command::RetryNow);
    // Answered after it, and in the middle of the attempt.
    let offline = console.subscribe(&topic("feed"));
    assert!(matches!(offline, Err(Error::Offline)), "{offline:?}");
    assert!(matches!(console.connection, Connection::Connecting { attempt: 2, .. }), "{:?}", console.connection);
    drop(second);
    assert_eq!(waiting(&mut console), first);
}

#[tokio::test]
async fn what_waits_behind_the_end_is_answered() {
    let (handle, mut events) = engine::spawn(Arc::new(Memory::default()), Options::default());
    // The engine has not run yet: all of these wait when it does.
    handle.send(Command::Quit).unwrap();
    handle.send(Command::Subscribe { request: RequestId(1), topic: topic("feed"), words: None }).unwrap();
    let (item, payload) = (ItemId("x".to_owned()), Arc::from(report("x").as_bytes()));
    handle
        .send(Command::Publish { request: RequestId(2), topic: topic("feed"), item, payload, terms: Terms::default() })
        .unwrap();
    let mut answered = Vec::new();
    while let Some(batch) = events.next().await {
        for event in batch {
            if let Event::Done { request, result: Err(Error::Offline) } = event {
                answered.push(request);
            }
        }
    }
    assert_eq!(answered, [RequestId(1), RequestId(2)]);
}
