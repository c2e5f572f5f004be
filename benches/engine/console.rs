//! Our own receivers: the engine as the window uses it, and the stages below it alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gridwatch::engine::{self, Command, Connection, Event, Login};
use gridwatch::model::{BareJid, Tls};
use gridwatch::secrets::Secret;
use gridwatch::store::archive::Key;
use gridwatch::store::{Archive, Memory, Store};
use gridwatch::xmpp::dial::Tcp;
use gridwatch::xmpp::login::{Params, Patience, Session, login};
use gridwatch::xmpp::tls::{Policy, Trust};
use gridwatch::xmpp::xml::{Frame, Limits};
use tokio::runtime::Runtime;

use crate::held::Held;
use crate::measure::{Figure, Watch};
use crate::source::Source;

/// No receiver takes longer than this for its part.
const PATIENCE: Duration = Duration::from_secs(300);

fn dial(source: &Source) -> Tcp {
    Tcp { host: "127.0.0.1".to_owned(), port: source.port }
}

fn jid(source: &Source) -> BareJid {
    source.jid.parse().unwrap()
}

/// The whole engine: events counted when their summaries stand in the store.
pub fn engine(source: &mut Source, count: u64) -> Figure {
    receive(Arc::new(Memory::default()), source, count)
}

/// As [`engine`], into the encrypted archive: events counted when they are on the disk and can be searched.
pub fn archive(source: &mut Source, count: u64) -> Figure {
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(crate::measure::target()).unwrap();
    receive(Arc::new(Archive::make(&folder.path().join("archive.db"), &Key::new([7; 32])).unwrap()), source, count)
}

/// As [`archive`], into one that holds much before.
pub fn held(source: &mut Source, count: u64, held: &Held) -> Figure {
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(crate::measure::target()).unwrap();
    receive(Arc::new(held.copy(&folder.path().join("archive.db"))), source, count)
}

fn receive(store: Arc<dyn Store>, source: &mut Source, count: u64) -> Figure {
    let runtime = Runtime::new().unwrap();
    let before = store.len();
    let login = Login {
        jid: jid(source),
        resource: "bench".to_owned(),
        credentials: Secret::new(source.password.clone()).into(),
        dial: Arc::new(dial(source)),
        tls: Tls::StartTls,
        trust: Trust::CaFile(source.ca.clone()),
        policy: Policy::default(),
        broker: None,
    };
    let figure = runtime.block_on(async {
        let (handle, mut events) = engine::spawn(store.clone(), engine::Options::default());
        handle.send(Command::Connect(Box::new(login))).unwrap();
        // Online, the topics walked, and what they held is stored: then only the flood is left to do.
        let (mut online, mut walked) = (false, false);
        while !(online && walked) {
            for event in events.next().await.expect("the engine ended") {
                match event {
                    Event::Connection(Connection::Online(_)) => online = true,
                    Event::Connection(Connection::Waiting { cause, .. } | Connection::Stopped { cause }) => {
                        panic!("{cause}")
                    }
                    Event::Topics { walked: done, total, .. } => walked = total > 0 && done == total,
                    _ => {}
                }
            }
        }
        let _reader = tokio::spawn(async move { while events.next().await.is_some() {} });
        let held = settled(store.as_ref(), before).await;
        let watch = Watch::start("self");
        source.flood(count);
        let wanted = u64::from(held) + count;
        let end = Instant::now() + PATIENCE;
        while u64::from(store.len()) < wanted {
            assert!(Instant::now() < end, "only {} of {wanted} rows came", store.len());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let figure = watch.stop(count);
        let last = store.row(store.len() - 1).unwrap();
        assert!(last.summary.id.starts_with("PX-FLOOD-"), "a typed summary, not {:?}", last.summary.kind);
        handle.send(Command::Quit).unwrap();
        figure
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    figure
}

/// The rows once some came after those before, and no more are added for a second.
async fn settled(store: &dyn Store, before: u32) -> u32 {
    let mut held = store.len();
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        match store.len() {
            same if same == held && held > before => return held,
            more => held = more,
        }
    }
}

/// Our TLS, gate and tree alone: stanzas counted, nothing looked at. Also shows that the source gives more than the
/// engine takes.
pub fn frames(source: &mut Source, count: u64) -> Figure {
    Runtime::new().unwrap().block_on(async {
        let mut session = ready(source).await;
        let watch = Watch::start("self");
        source.flood(count);
        for _ in 0..count {
            let frame = session.reader.read().await.unwrap();
            assert!(matches!(frame, Frame::Stanza(_)));
        }
        watch.stop(count)
    })
}

/// Logged in and present, with all answers read.
async fn ready(source: &Source) -> Session {
    let params = Params {
        jid: jid(source),
        resource: "bench".to_owned(),
        credentials: Secret::new(source.password.clone()).into(),
        tls: Tls::StartTls,
        trust: Trust::CaFile(source.ca.clone()),
        policy: Policy::default(),
        bind2: false,
        patience: Patience::default(),
        trace: Default::default(),
        manage: false,
        resume: None,
    };
    let mut session = login(&dial(source), &params, Limits::PEER, |_| ()).await.unwrap();
    session.sender.send(b"<presence/>").await.unwrap();
    // What comes at once after the presence is not the flood.
    while tokio::time::timeout(Duration::from_secs(1), session.reader.read()).await.is_ok() {}
    session
}
