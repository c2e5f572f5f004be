//! From the composer to a real ejabberd and on to slixmpp: the true window over a true archive on the true engine. A report goes
//! out, is told anew and taken back; what is on its way survives the broker and the console; what is refused is said in words.

use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use gridwatch::app::{Env, Message, bridge, command};
use gridwatch::compose::draft::{Act, Spot};
use gridwatch::engine::Login;
use gridwatch::iodef::diff::diff;
use gridwatch::iodef::{Document, summarise};
use gridwatch::model::{Access, Tls, TopicId};
use gridwatch::screen::composer::{self, After, Course};
use gridwatch::screen::{Place, Tab, connect};
use gridwatch::secrets::{Keeper, Memory, Secret};
use gridwatch::settings::Settings;
use iced_test::futures::futures::StreamExt;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::composer::{compose, give_reasons, publish};
use crate::stage;
use crate::support::ejabberd::{Ejabberd, Keeper as Keeps, Keeps as Rests};
use crate::support::peer::{BROKER, Peer};
use crate::support::proxy::{Fault, Proxy};
use crate::support::server::{Account, Port, Server as _, console_at};
use crate::support::wait;
use crate::support::window::Window;

const NODE: &str = "example-incidents";
const PATIENCE: Duration = Duration::from_secs(60);
const TEXT: &str = "<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" version=\"2.00\" xml:lang=\"en\">\
    <!-- ours --><Incident purpose=\"reporting\" restriction=\"amber\"><IncidentID name=\"localhost\">OUT-1</IncidentID>\
    <GenerationTime>2026-11-21T16:00:00Z</GenerationTime>\
    <Description>Phishing \u{fc}ber-portal &lt;login&gt; &amp; \u{1d11e} \u{7684}</Description>\
    <Assessment><SystemImpact type=\"takeover-account\" severity=\"high\"/></Assessment>\
    <Contact role=\"creator\" type=\"organization\"><ContactName>Example CSIRT</ContactName>\
    <Email><EmailTo>duty@localhost</EmailTo></Email></Contact>\
    <EventData><Flow><System category=\"source\"><Node><Address category=\"ipv4-addr\">192.0.2.7</Address></Node></System>\
    </Flow></EventData><AdditionalData dtype=\"xml\" name=\"more\"><x:y xmlns:x=\"urn:x\"><![CDATA[a < b]]></x:y>\
    </AdditionalData></Incident></IODEF-Document>";

fn topic() -> TopicId {
    TopicId { broker: BROKER.parse().unwrap(), node: NODE.to_owned() }
}

/// A console as it is: what a message sets going is done beside it, and comes back as messages.
struct Desk {
    window: Window,
    runtime: Runtime,
    said: mpsc::Sender<Message>,
    heard: mpsc::Receiver<Message>,
}

impl Desk {
    /// Opens it over the archive of this folder, which is made where there is none.
    fn open(folder: &Path, keychain: &Arc<Memory>, account: &Account, login: Login) -> Self {
        let secrets = Keeper::new(Arc::clone(keychain) as Arc<dyn gridwatch::secrets::SecretStore>);
        let archives = Some(folder.to_owned());
        let world =
            |env| Env { archives, settings: None, secrets, login: Arc::new(move |_, _, _| Ok(login.clone())), ..env };
        let mut window = Window::fresh_in(Settings::default(), world);
        window.say(Message::Go(Place::Connect));
        window.say(Message::Connect(connect::Message::Edit(connect::Field::Jid, account.jid.clone())));
        let password = Secret::new(account.password.clone());
        window.say(Message::Connect(connect::Message::Secret(connect::Field::Password, password)));
        window.run(Message::Connect(connect::Message::Connect));
        if window.app.place() == Place::Archive {
            let _ = super::archive::choose_keychain(&mut window);
        }
        let (said, heard) = mpsc::channel();
        let runtime = Runtime::new().unwrap();
        let mut told = Box::pin(bridge::stream(window.app.engine_key().unwrap()));
        let tell = said.clone();
        let _engine = runtime.spawn(async move {
            while let Some((session, update)) = told.next().await {
                if tell.send(Message::Engine(session, update)).is_err() {
                    return;
                }
            }
        });
        Self { window, runtime, said, heard }
    }

    fn say(&mut self, message: Message) {
        let task = self.window.app.update(message);
        let Some(mut stream) = iced_test::runtime::task::into_stream(task) else { return };
        let said = self.said.clone();
        let _beside = self.runtime.spawn(async move {
            while let Some(action) = stream.next().await {
                if let iced_test::runtime::Action::Output(message) = action
                    && said.send(message).is_err()
                {
                    return;
                }
            }
        });
    }

    fn compose(&mut self, message: composer::Message) {
        self.say(Message::Compose(message));
    }

    /// Clicks on this very text, the last of its kind.
    fn click(&mut self, text: &str) {
        let found = self.window.stage.texts(self.window.app.view());
        let (_, bounds) = found.iter().rev().find(|(shown, _)| shown == text).unwrap_or_else(|| panic!("no {text:?}"));
        let moved = self.window.stage.point(bounds.center_x(), bounds.center_y());
        let [press, release] = stage::click();
        for message in self.window.stage.act(self.window.app.view(), &[moved, press, release]) {
            self.say(message);
        }
    }

    /// Takes in what is said until this holds.
    fn until(&mut self, what: &str, holds: impl Fn(&mut Window) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(&mut self.window) {
            assert!(Instant::now() < end, "{what}: still not; {:?}", self.window.texts());
            if let Ok(message) = self.heard.recv_timeout(Duration::from_millis(20)) {
                self.say(message);
            }
        }
    }

    fn until_shown(&mut self, words: &str) {
        self.until(words, |window| window.shows(words));
    }

    /// Online, with all that is known of the topic.
    fn until_ready(&mut self) {
        self.until("the topic", |window| {
            let known = window.app.topics().iter().find(|one| one.id == topic());
            let may = known.is_some_and(|topic| topic.affiliation.may_publish() && topic.access == Access::Whitelist);
            may && window.shows("Connected")
        });
    }

    /// Lets time pass for its clock, in one step.
    fn pass(&mut self, seconds: i64) {
        self.window.later(seconds);
        self.say(Message::Pulse);
    }

    /// A report of our own, whole and reasoned, ready to go.
    fn draft(&mut self) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), TEXT).unwrap();
        self.window.go(Tab::Compose);
        compose(&mut self.window, composer::Message::Path(file.path().display().to_string()));
        compose(&mut self.window, composer::Message::OpenPath);
        self.ready();
    }

    fn ready(&mut self) {
        if !self.window.app.desk().unwrap().topics().contains(&topic()) {
            compose(&mut self.window, composer::Message::Topic(topic()));
        }
        give_reasons(&mut self.window);
    }

    /// Has it published, its hold over.
    fn publish(&mut self) {
        publish(&mut self.window);
        assert!(self.window.shows("in 10 s."), "{:?}", self.window.texts());
        self.pass(10);
    }

    /// The receipt that shows.
    fn receipt(&mut self) -> String {
        self.until_shown("Receipt: item ");
        let texts = self.window.texts();
        let receipt = texts.iter().rev().find_map(|text| text.strip_prefix("Receipt: item "));
        receipt.unwrap().to_owned()
    }
}

struct World {
    server: Ejabberd,
    owner: Peer,
    account: Account,
    folder: tempfile::TempDir,
    keychain: Arc<Memory>,
}

impl World {
    /// A topic for those who are listed, where the account publishes and a reader is subscribed.
    fn new(settings: Value) -> (Self, Peer) {
        Self::on(Ejabberd::start(), settings)
    }

    fn on(server: Ejabberd, settings: Value) -> (Self, Peer) {
        let (account, reader) = (Ejabberd::account("analyst"), Ejabberd::account("reader"));
        drop(Peer::login(&server, &account, Port::StartTls));
        let mut owner = Peer::login(&server, &Ejabberd::account("owner"), Port::StartTls);
        let mut all = json!({"access": "whitelist"});
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        // Its database is busy at times, and says that it failed.
        wait::until("the topic", || match owner.try_create(NODE, all.clone()) {
            Err(why) if why == "internal-server-error" => None,
            made => {
                made.unwrap();
                Some(())
            }
        });
        let mut peer = Peer::login(&server, &reader, Port::StartTls);
        for (who, what) in [(&account, "publisher"), (&reader, "member")] {
            owner.tell("affiliate", json!({"service": BROKER, "node": NODE, "jid": who.jid, "affiliation": what}));
        }
        assert_eq!(peer.call("subscribe", json!({"service": BROKER, "node": NODE}))["state"], "subscribed");
        let (folder, keychain) = (tempfile::tempdir().unwrap(), Arc::new(Memory::default()));
        (Self { server, owner, account, folder, keychain }, peer)
    }

    fn desk(&self) -> Desk {
        let login = self.server.console(&self.account, Tls::StartTls);
        Desk::open(self.folder.path(), &self.keychain, &self.account, login)
    }

    fn ids(&mut self) -> Vec<String> {
        let mut witness = Peer::login(&self.server, &Ejabberd::account("owner"), Port::StartTls);
        witness.ids(NODE)
    }
}

fn item(id: &str) -> impl Fn(&Value) -> bool {
    move |event| event["event"] == "item" && event["item"] == id
}

fn document(event: &Value) -> Document {
    Document::read(event["payload"].as_str().unwrap(), &[]).unwrap()
}

#[test]
fn a_report_goes_out_intact_is_told_anew_and_taken_back() {
    let (mut world, mut reader) = World::new(json!({}));
    let mut desk = world.desk();
    desk.until_ready();
    desk.draft();
    desk.publish();
    let first = desk.receipt();
    let got = reader.event("the report", item(&first));
    let sent = desk.window.app.desk().unwrap().document().clone();
    let differs = diff(&sent, &document(&got));
    assert!(differs.is_empty(), "as another client reads it: {differs:?}");
    assert!(got["payload"].as_str().unwrap().contains("a &lt; b"), "{got}");
    assert_eq!(world.ids(), std::slice::from_ref(&first));

    // Told anew, from its receipt in the outbox.
    compose(&mut desk.window, composer::Message::Close);
    desk.click("Update, take back…");
    desk.until_shown("The same incident, told anew");
    desk.compose(composer::Message::After(After::Words("One host more".to_owned())));
    desk.compose(composer::Message::After(After::Go));
    let node = desk.window.app.desk().unwrap().document().root().descendants().find(|one| one.is("Description"));
    let spot = Spot::text(node.unwrap().id());
    let value = "Phishing, and two hosts of it".to_owned();
    compose(&mut desk.window, composer::Message::Act(Act::Set { spot, value }));
    desk.ready();
    assert!(!desk.window.shows("You never published here"), "it is known from the last time");
    desk.window.later(5);
    desk.publish();
    desk.until("its receipt", |window| {
        window.texts().iter().filter(|text| text.starts_with("Receipt: item ")).count() == 1
    });
    let second = desk.receipt();
    assert_ne!(first, second);
    let told = reader.event("the update", item(&second));
    let (old, new) = (summarise(got["payload"].as_str().unwrap().as_bytes(), &[]), told["payload"].as_str().unwrap());
    let new = (summarise(new.as_bytes(), &[]), new);
    assert_eq!((&new.0.csirt, &new.0.id), (&old.csirt, &old.id));
    assert!(new.0.generated.unwrap().at > old.generated.unwrap().at);
    assert!(new.1.contains("status-new-info") && new.1.contains("One host more"), "{}", new.1);

    // And taken back.
    compose(&mut desk.window, composer::Message::Close);
    desk.click("Update, take back…");
    desk.until_shown("The same incident, told anew");
    desk.compose(composer::Message::After(After::Choose(Course::Retract)));
    assert!(desk.window.shows("subscribers may keep copies"), "{:?}", desk.window.texts());
    desk.compose(composer::Message::After(After::Go));
    assert!(desk.window.shows("Taken back from Of the test in 10 s."), "{:?}", desk.window.texts());
    desk.click("Undo");
    assert!(!desk.window.shows("Taken back from"), "an undo is all there is to it");
    desk.click("Update, take back…");
    desk.until_shown("The same incident, told anew");
    desk.compose(composer::Message::After(After::Choose(Course::Retract)));
    desk.compose(composer::Message::After(After::Go));
    desk.pass(10);
    desk.until_shown("Subscribers may keep copies.");
    let gone = |event: &Value| event["event"] == "retract";
    let gone = reader.event("that it is taken back", gone)["item"].as_str().unwrap().to_owned();
    let left = world.ids();
    assert!(left.len() == 1 && !left.contains(&gone) && [&first, &second].contains(&&gone), "{left:?} {gone}");
    assert_eq!(world.owner.left().iter().filter(|event| event["event"] == "gone").count(), 0);
}

/// Offline it waits, through the end of the program and of the broker; it goes once, and its draft and its outbox say so.
#[test]
fn what_waits_survives_the_console_and_the_broker() {
    let (mut world, reader) = World::new(json!({}));
    drop(reader);
    let mut desk = world.desk();
    desk.until_ready();
    desk.draft();
    world.server.stop();
    desk.until("being offline", |window| !window.shows("Connected"));
    publish(&mut desk.window);
    desk.pass(10);
    desk.until_shown("Waits to be published");
    assert!(desk.window.shows("outbox 1"), "{:?}", desk.window.texts());
    desk.until("all to be written", |window| window.texts().iter().any(|text| text == "saved"));
    // Nobody says goodbye.
    drop(desk);
    world.server.again(Rests::All);
    let mut desk = world.desk();
    desk.window.say(Message::Compose(composer::Message::ShowOutbox));
    desk.until_shown("Published to Of the test at");
    let item = desk.receipt();
    assert_eq!(world.ids(), std::slice::from_ref(&item));
    assert!(desk.window.shows("outbox 0"));
    // Another start tells the same and sends nothing.
    drop(desk);
    let mut desk = world.desk();
    desk.until_ready();
    desk.window.say(Message::Compose(composer::Message::ShowOutbox));
    assert_eq!(desk.receipt(), item);
    assert_eq!(world.ids(), [item]);
    // Nor is the topic one that was never published to.
    desk.draft();
    let asked = &desk.window.app.desk().unwrap().beside().reasons;
    // What went there by a reason went so once, and is asked again; who got it is known.
    assert!(asked.iter().all(|reason| reason.of == "topic.stricter"), "who got the last one is known: {asked:?}");
}

/// What was held when the program ended is held anew, whole, and can be undone.
#[test]
fn what_was_held_is_held_again_after_a_start() {
    let (mut world, _reader) = World::new(json!({}));
    let mut desk = world.desk();
    desk.until_ready();
    desk.draft();
    publish(&mut desk.window);
    assert!(desk.window.shows("in 10 s."));
    desk.until("all to be written", |window| window.texts().iter().any(|text| text == "saved"));
    drop(desk);
    let mut desk = world.desk();
    desk.until_ready();
    desk.window.say(Message::Compose(composer::Message::ShowOutbox));
    assert!(desk.window.shows("Published to Of the test in 10 s."), "{:?}", desk.window.texts());
    desk.pass(9);
    assert!(desk.window.shows("in 1 s."));
    desk.click("Undo");
    desk.pass(60);
    assert!(desk.window.shows("outbox 0") && desk.window.shows("Phishing"), "the draft is there");
    assert_eq!(world.ids(), Vec::<String>::new());
}

/// Killed between the sending and the answer, the broker comes back with or without it; it is there once.
#[test]
fn a_broker_killed_before_its_answer_has_it_once() {
    let (mut world, _reader) = World::on(Ejabberd::start_with("", Keeps::Sqlite), json!({}));
    let mut between = 0;
    for bytes in [0, 1_200, 2_400] {
        let before = world.ids().len();
        let proxy = Proxy::start(world.server.port(Port::StartTls));
        let login = console_at(proxy.port(), world.server.ca_file(), &world.account, Tls::StartTls);
        let mut desk = Desk::open(world.folder.path(), &world.keychain, &world.account, login);
        desk.until_ready();
        desk.draft();
        publish(&mut desk.window);
        proxy.strike(Fault::ResetAfter(bytes));
        desk.pass(10);
        desk.until("its way", |window| !window.shows("Connected") || window.shows("Receipt: item "));
        between += u32::from(!desk.window.shows("Receipt: item "));
        world.server.kill();
        world.server.again(Rests::All);
        desk.say(Message::Command(command::Id::Retry));
        let end = Instant::now() + PATIENCE;
        while !desk.window.shows("Receipt: item ") {
            assert!(Instant::now() < end, "{:?}", desk.window.texts());
            // Its own clock passes too: what is not answered is asked for again after a while.
            desk.pass(1);
            if let Ok(message) = desk.heard.recv_timeout(Duration::from_millis(100)) {
                desk.say(message);
            }
        }
        let item = desk.receipt();
        compose(&mut desk.window, composer::Message::Close);
        let ids = world.ids();
        assert_eq!((ids.len(), ids.iter().filter(|id| **id == item).count()), (before + 1, 1), "{bytes}");
    }
    assert!(between > 0, "not once was it killed in between");
}

/// What a broker refuses is said in words, the draft is kept, and what is on its shelf says so over a start.
#[test]
fn what_is_refused_is_said_and_kept() {
    let (world, _reader) = World::new(json!({"biggest": 400}));
    let mut desk = world.desk();
    desk.until_ready();
    desk.draft();
    desk.publish();
    desk.until_shown("Not published to Of the test");
    assert!(desk.window.shows("larger than the broker takes"), "{:?}", desk.window.texts());
    let text = desk.window.app.desk().unwrap().document().text().to_owned();
    desk.until("all to be written", |window| window.texts().iter().any(|text| text == "saved"));
    drop(desk);
    let mut desk = world.desk();
    desk.until_ready();
    desk.window.say(Message::Compose(composer::Message::ShowOutbox));
    assert!(desk.window.shows("larger than the broker takes"), "{:?}", desk.window.texts());
    desk.click("Open the draft");
    assert_eq!(desk.window.app.desk().unwrap().document().text(), text);
}

/// What changes at the topic while a report is held: the right to publish, who may read it, that it is there.
#[test]
fn what_changed_while_it_was_held_stops_it() {
    let (mut world, _reader) = World::new(json!({}));
    let mut desk = world.desk();
    desk.until_ready();
    desk.draft();
    let affiliate = |jid: &str, what: &str| json!({"service": BROKER, "node": NODE, "jid": jid, "affiliation": what});
    publish(&mut desk.window);
    assert!(desk.window.shows("in 10 s."), "{:?}", desk.window.texts());
    world.owner.tell("affiliate", affiliate(&world.account.jid, "member"));
    desk.pass(10);
    desk.until("the refusal", |window| {
        window.shows("does not let this account do that") || window.shows("You may not publish to")
    });
    assert_eq!(world.ids(), Vec::<String>::new());
    assert!(desk.window.app.desk().is_some());
    // And given again; but others may read it by then, or it is gone.
    for is_there in [true, false] {
        world.owner.tell("affiliate", affiliate(&world.account.jid, "publisher"));
        desk.say(Message::Command(command::Id::Go(Tab::Topics)));
        desk.say(Message::Topics(gridwatch::screen::topics::Message::Refresh));
        desk.until_ready();
        desk.window.go(Tab::Compose);
        desk.ready();
        publish(&mut desk.window);
        assert!(desk.window.shows("in 10 s."), "{:?}", desk.window.texts());
        world.owner.tell("delete", json!({"service": BROKER, "node": NODE}));
        if is_there {
            world.owner.create_as(NODE, json!({"access": "authorize"}));
            world.owner.tell("affiliate", affiliate(&world.account.jid, "publisher"));
        }
        desk.pass(10);
        desk.until_shown("Not published to");
        let told = desk.window.texts().into_iter().find(|text| text.starts_with("Not published to")).unwrap();
        let words = if is_there { "Who may read" } else { "does not have what you asked for" };
        assert!(told.contains(words) || told.contains("is not on the broker's list"), "{told}");
        assert!(desk.window.app.desk().unwrap().document().text().contains("OUT-1"), "the draft is kept");
        if is_there {
            world.owner.tell("delete", json!({"service": BROKER, "node": NODE}));
            world.owner.create_as(NODE, json!({"access": "whitelist"}));
        }
    }
    let nodes = world.owner.call("nodes", json!({"service": BROKER}))["nodes"].clone();
    assert_eq!(nodes, json!([]), "nothing is published to what is not there, which would make it");
}

/// Each of its own words: what the console cannot know beforehand, since it became so while the report was on its way.
#[test]
fn each_refusal_of_a_broker_is_said_in_words_and_the_draft_is_kept() {
    let (mut world, _reader) = World::new(json!({}));
    let proxy = Proxy::start(world.server.port(Port::StartTls));
    let login = console_at(proxy.port(), world.server.ca_file(), &world.account, Tls::StartTls);
    let mut desk = Desk::open(world.folder.path(), &world.keychain, &world.account, login);
    desk.until_ready();
    desk.draft();
    let kept = |desk: &mut Desk| {
        let document = desk.window.app.desk().unwrap().document().text().to_owned();
        assert!(document.contains("OUT-1") && document.contains("a < b"), "{document}");
    };
    let refused = |desk: &mut Desk, words: &str| {
        desk.until("a refusal", |window| {
            let told = window.texts().into_iter().find(|text| text.starts_with("Not published to"));
            told.is_some_and(|told| told.contains(words))
        });
        kept(desk);
    };
    let affiliate = |jid: &str, what: &str| json!({"service": BROKER, "node": NODE, "jid": jid, "affiliation": what});
    let access = |model: &str| json!({"service": BROKER, "node": NODE, "settings": {"pubsub#access_model": model}});

    // Who may read it changes between the question for it and the report: what was to hold does not.
    publish(&mut desk.window);
    proxy.strike(Fault::Upto(1_000));
    desk.pass(10);
    desk.until("the report on its way", |_| proxy.waits());
    world.owner.tell("configure", access("authorize"));
    proxy.mend();
    refused(&mut desk, "not set up as you expected");
    world.owner.tell("configure", access("whitelist"));
    assert_eq!(world.ids(), Vec::<String>::new());

    // The right to publish is taken away meanwhile.
    publish(&mut desk.window);
    proxy.strike(Fault::Upto(1_000));
    desk.pass(10);
    desk.until("the report on its way", |_| proxy.waits());
    world.owner.tell("affiliate", affiliate(&world.account.jid, "member"));
    proxy.mend();
    refused(&mut desk, "does not let this account do that");
    assert_eq!(world.ids(), Vec::<String>::new());

    // The topic is deleted while it is held, and nobody told the console.
    world.owner.tell("affiliate", affiliate(&world.account.jid, "publisher"));
    publish(&mut desk.window);
    assert!(desk.window.shows("in 10 s."), "{:?}", desk.window.texts());
    world.owner.tell("delete", json!({"service": BROKER, "node": NODE}));
    desk.pass(10);
    refused(&mut desk, "does not have what you asked for");
    assert_eq!(world.owner.call("nodes", json!({"service": BROKER}))["nodes"], json!([]));

    // It is all there at the next start.
    desk.until("all to be written", |window| window.texts().iter().any(|text| text == "saved"));
    drop(desk);
    let mut desk = world.desk();
    desk.window.say(Message::Compose(composer::Message::ShowOutbox));
    desk.until_shown("does not have what you asked for");
    desk.click("Open the draft");
    kept(&mut desk);
}
