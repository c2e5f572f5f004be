//! A real ejabberd that goes down while a topic is made: between the two steps, before the first, or before its one answer
//! comes. The next session tells what stands; what stands bare is taken back, or set up. ejabberd makes and sets up in one
//! step: for two of them the first is refused it, in its own words, by being asked for something that it does not have.

use gridwatch::engine::{Command, Options, Receipt, RequestId};
use gridwatch::model::owned::{Answer, Created, Saved};
use gridwatch::model::{Affiliation, PayloadType};
use serde_json::json;

use super::topic;
use crate::support::between::{Act, Between};
use crate::support::console::Console;
use crate::support::ejabberd::{Ejabberd, Keeper, Keeps};
use crate::support::peer::{BROKER, Peer};
use crate::support::server::Port;

/// Stands all the time.
const THERE: &str = "base";

/// XEP-0060 §8.1.3 in one: refused as `feature-not-implemented`, as a broker without it would.
fn apart(iq: &str) -> Option<Act> {
    let (start, rest) = iq.split_once("<create ")?;
    let (_, end) = rest.split_once("</configure>")?;
    let options = format!("<options node='{THERE}' jid='desk@{}'/>", Ejabberd::DOMAIN);
    Some(Act::Instead(format!("{start}{options}{end}")))
}

/// The same, and the making itself does not arrive.
fn before_the_first(iq: &str) -> Option<Act> {
    apart(iq).or_else(|| iq.contains("<create ").then_some(Act::Stop))
}

/// The same, and what follows the making of `node` does not arrive. The console reads the forms of its other topics too, when
/// it likes: one of those may come before the making, and goes by.
fn between_the_two(node: &str) -> impl Fn(&str) -> Option<Act> + use<> {
    let second = format!("<configure node='{node}'");
    move |iq| apart(iq).or_else(|| iq.contains(&second).then_some(Act::Stop))
}

/// All arrives, and no answer.
fn before_the_answer(iq: &str) -> Option<Act> {
    iq.contains("<create ").then_some(Act::Deafen)
}

struct World {
    server: Ejabberd,
    between: Between,
    console: Console,
}

impl World {
    /// What the other client finds at the broker.
    fn nodes(&self) -> Vec<String> {
        let mut peer = Peer::login(&self.server, &Ejabberd::account("desk"), Port::StartTls);
        let nodes = peer.call("nodes", json!({"service": BROKER}))["nodes"].clone();
        nodes.as_array().unwrap().iter().map(|node| node.as_str().unwrap().to_owned()).collect()
    }

    fn access(&self, node: &str) -> String {
        let mut peer = Peer::login(&self.server, &Ejabberd::account("desk"), Port::StartTls);
        let settings = peer.call("settings", json!({"service": BROKER, "node": node}));
        settings["form"]["pubsub#access_model"][0].as_str().unwrap().to_owned()
    }

    fn begin(&mut self, node: &str) -> RequestId {
        let topic = topic(node);
        self.console.begin(|request| Command::Create { request, topic, settings: wishes() })
    }

    /// The server goes down in the middle of whatever it does, and comes back.
    fn restart(&mut self) {
        self.server.kill();
        self.between.rule(|_| None);
        self.server.again(Keeps::All);
        self.console.send(Command::RetryNow);
    }

    fn created(&mut self, request: RequestId) -> Created {
        match self.console.answer(request) {
            Ok(Receipt::Created(created)) => Created::clone(&created),
            other => panic!("{other:?}"),
        }
    }
}

fn wishes() -> Vec<Answer> {
    let wishes = [("title", "New"), ("type", PayloadType::IODEF2), ("access_model", "authorize"), ("max_items", "50")];
    wishes.map(|(var, value)| Answer::new(&format!("pubsub#{var}"), value)).to_vec()
}

fn set_up(saved: &Saved) {
    assert!(saved.whole(), "{saved:?}");
    assert_eq!(saved.settings.value("pubsub#access_model"), Some("authorize"));
}

#[test]
fn a_real_restart_between_two_steps_is_found_out_and_what_stands_bare_can_be_taken_back() {
    let mut server = Ejabberd::start_with("", Keeper::Sqlite);
    let desk = Ejabberd::account("desk");
    Peer::login(&server, &desk, Port::StartTls).create(THERE, "whitelist");
    // The account is written down: a server killed too early would come back without it.
    server.stop();
    server.again(Keeps::All);
    let between = Between::start(&server, Ejabberd::DOMAIN);
    let mut console = Console::start(Options::default());
    console.connect(between.console(&server, &desk));
    console.until("the list of topics", |console| console.whole.then_some(()));
    let mut world = World { server, between, console };

    // Both steps, and nothing happens: what two steps lead to is what one does.
    world.between.rule(apart);
    let request = world.begin("both");
    let Created::Whole(saved) = world.created(request) else { panic!("half made") };
    set_up(&saved);
    assert_eq!(world.access("both"), "authorize");

    world.between.rule(before_the_first);
    let request = world.begin("never");
    let _ = world.between.until_stopped();
    world.restart();
    assert_eq!(world.console.answer(request).unwrap_err().say().key, "error-not-made");
    assert_eq!(world.nodes(), [THERE, "both"]);

    for (node, goes) in [("taken-back", true), ("set-up", false)] {
        world.between.rule(between_the_two(node));
        let request = world.begin(node);
        let _ = world.between.until_stopped();
        world.restart();
        let Created::Bare { why } = world.created(request) else { panic!("set up by nobody") };
        assert_eq!(why.key, "error-made-bare");
        // That is why it is said: anybody may read it.
        assert_eq!(world.access(node), "open");
        world.console.until("it among my topics", |console| {
            console.topic(&topic(node)).filter(|topic| topic.affiliation == Affiliation::Owner).map(drop)
        });
        if goes {
            let gone = world.console.ask(|request| Command::Delete { request, topic: topic(node), redirect: None });
            assert_eq!(gone.unwrap(), Receipt::Deleted);
            assert_eq!(world.nodes(), [THERE, "both"]);
            continue;
        }
        let (topic, changes, reason) = (topic(node), wishes(), String::new());
        let done = world.console.ask(|request| Command::Configure { request, topic, changes, reason });
        let Ok(Receipt::Configured(saved)) = done else { panic!("{done:?}") };
        set_up(&saved);
        assert_eq!(world.access(node), "authorize");
    }

    // In one step, and the answer is lost: it stands as it was wished.
    world.between.rule(before_the_answer);
    let request = world.begin("unanswered");
    let _ = world.between.until_stopped();
    crate::support::wait::until("the topic at the broker", || {
        world.nodes().contains(&"unanswered".to_owned()).then_some(())
    });
    world.restart();
    let Created::Whole(saved) = world.created(request) else { panic!("half made") };
    set_up(&saved);
    assert_eq!(world.access("unanswered"), "authorize");
}
