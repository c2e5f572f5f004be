//! A broker of the tests' own behind the tests' controller: it answers what a world says, lies where a test says so,
//! and says whatever it is told to say.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use gridwatch::engine::{Login, Trust};
use gridwatch::model::{Tls, TopicId};
use gridwatch::secrets::Secret;
use gridwatch::xmpp::xml::{El, Frame};
use tokio::sync::mpsc;

use super::console::Console;
use super::controller::{Controller, DOMAIN, Fault, Heard, Links, PASSWORD, Session, USER};
use super::pki::Authority;

pub const BROKER: &str = "broker.grid.example";

/// What the broker knows; a test may change it at any time.
#[derive(Default)]
pub struct World {
    pub nodes: Vec<String>,
    /// node -> `subscribed` or `pending`
    pub subscriptions: BTreeMap<String, String>,
    /// node -> affiliation
    pub affiliations: BTreeMap<String, String>,
    /// node -> (id, payload)
    pub items: BTreeMap<String, Vec<(String, String)>>,
    /// Said before each answer to a request that contains this text; `{id}` is the request's.
    pub before: Option<(String, String)>,
    /// Said instead of the answer to a request that contains this text.
    pub instead: Option<(String, String)>,
    /// Answers nothing any more.
    pub silent: bool,
    /// All stanzas heard.
    pub heard: Vec<String>,
}

/// The controller with its broker, and a login for it.
pub struct Grid {
    pub world: Arc<Mutex<World>>,
    pub login: Login,
    say: Vec<mpsc::UnboundedSender<String>>,
}

impl Grid {
    /// Serves as many sessions as there are faults, one after the other.
    pub fn start(console: &Console, faults: &[Fault], password: &str, trusted: bool) -> Self {
        let authority = Authority::new("Test authority");
        let identity = Arc::new(authority.issue(&[DOMAIN], |_| {}));
        let trust = if trusted { authority.der() } else { Authority::new("Another").der() };
        let world = Arc::new(Mutex::new(World::default()));
        let (dial, far) = Links::new(faults.len());
        let mut say = Vec::new();
        for (link, fault) in far.into_iter().zip(faults.iter().copied()) {
            let (tell, lines) = mpsc::unbounded_channel();
            say.push(tell);
            let (world, identity) = (Arc::clone(&world), Arc::clone(&identity));
            let _serving = console.runtime.spawn(async move {
                let controller = Controller { identity: identity.as_ref(), fault, heard: Heard::default() };
                if let Some(session) = controller.serve(link).await {
                    serve(session, &world, lines).await;
                }
            });
        }
        let login = Login {
            jid: format!("{USER}@{DOMAIN}").parse().unwrap(),
            resource: "desk".to_owned(),
            password: Secret::new(password.to_owned()),
            dial,
            tls: Tls::StartTls,
            trust: Trust::Ca(trust),
            broker: Some(BROKER.parse().unwrap()),
        };
        Self { world, login, say }
    }

    /// A grid with one honest session.
    pub fn honest(console: &Console) -> Self {
        Self::start(console, &[Fault::None], PASSWORD, true)
    }

    /// Says something in a session, counted from 0.
    pub fn say_in(&self, session: usize, xml: impl Into<String>) {
        self.say[session].send(xml.into()).unwrap();
    }

    pub fn say(&self, xml: impl Into<String>) {
        self.say_in(0, xml);
    }

    pub fn change(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.world.lock().unwrap());
    }

    pub fn heard(&self, text: &str) -> usize {
        self.world.lock().unwrap().heard.iter().filter(|stanza| stanza.contains(text)).count()
    }
}

pub fn topic(node: &str) -> TopicId {
    TopicId { broker: BROKER.parse().unwrap(), node: node.to_owned() }
}

/// An event message from `from` about `node`.
pub fn event(from: &str, node: &str, inside: &str) -> String {
    format!(
        "<message from='{from}' to='{USER}@{DOMAIN}'><event xmlns='http://jabber.org/protocol/pubsub#event'>\
         <items node='{node}'>{inside}</items></event></message>"
    )
}

pub fn item(id: &str, payload: &str) -> String {
    format!("<item id='{id}' publisher='p@{DOMAIN}'>{payload}</item>")
}

/// Where a session ends on the word of the test.
pub const CUT: &str = "cut";

async fn serve(mut session: Session, world: &Mutex<World>, mut lines: mpsc::UnboundedReceiver<String>) {
    loop {
        tokio::select! {
            frame = session.read() => {
                let Ok(Frame::Stanza(stanza)) = frame else { return };
                let Some(answer) = hear(stanza.root(), world) else { continue };
                if session.send(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
            Some(line) = lines.recv() => {
                if line == CUT || session.send(line.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn hear(stanza: El<'_>, world: &Mutex<World>) -> Option<String> {
    let mut world = world.lock().unwrap();
    let raw = String::from_utf8(stanza.raw().to_vec()).unwrap();
    world.heard.push(raw.clone());
    let asks = matches!(stanza.attr("type").as_deref(), Some("get" | "set"));
    if world.silent || stanza.name() != "iq" || !asks {
        return None;
    }
    let id = stanza.attr("id")?.into_owned();
    let to = stanza.attr("to")?.into_owned();
    let matching = |line: &Option<(String, String)>| {
        line.as_ref().filter(|(text, _)| raw.contains(text)).map(|(_, say)| say.replace("{id}", &id))
    };
    let (before, instead) = (matching(&world.before), matching(&world.instead));
    let answer = instead.unwrap_or_else(|| match inside(stanza, &world) {
        Some(inside) => format!("<iq type='result' id='{id}' from='{to}'>{inside}</iq>"),
        None => format!(
            "<iq type='error' id='{id}' from='{to}'><error type='cancel'>\
             <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        ),
    });
    Some(before.unwrap_or_default() + &answer)
}

fn inside(iq: El<'_>, world: &World) -> Option<String> {
    let payload = iq.children().next()?;
    let node = payload.attr("node").map(|node| node.into_owned());
    match (payload.ns(), payload.name()) {
        ("http://jabber.org/protocol/disco#items", _) => {
            let nodes = world.nodes.iter().map(|node| format!("<item jid='{BROKER}' node='{node}' name='{node}'/>"));
            Some(format!("<query xmlns='http://jabber.org/protocol/disco#items'>{}</query>", nodes.collect::<String>()))
        }
        ("http://jabber.org/protocol/disco#info", _) => info(&node?, world),
        ("http://jabber.org/protocol/commands", _) => {
            Some(format!("<command xmlns='http://jabber.org/protocol/commands' node='{}' status='executing'/>", node?))
        }
        ("http://jabber.org/protocol/pubsub", _) => pubsub(payload.children().next()?, world),
        ("urn:xmpp:ping", _) => Some(String::new()),
        _ => None,
    }
}

fn info(node: &str, world: &World) -> Option<String> {
    if !world.nodes.iter().any(|known| known == node) {
        return None;
    }
    let field = |var: &str, value: &str| format!("<field var='{var}'><value>{value}</value></field>");
    Some(format!(
        "<query xmlns='http://jabber.org/protocol/disco#info' node='{node}'><identity category='pubsub' type='leaf'/>\
         <x xmlns='jabber:x:data' type='result'>{}{}{}</x></query>",
        field("FORM_TYPE", "http://jabber.org/protocol/pubsub#meta-data"),
        field("pubsub#type", "urn:ietf:params:xml:ns:iodef-2.0"),
        field("pubsub#access_model", "authorize"),
    ))
}

fn pubsub(request: El<'_>, world: &World) -> Option<String> {
    let node = request.attr("node").map(|node| node.into_owned());
    let me = format!("{USER}@{DOMAIN}");
    let inside = match request.name() {
        "subscriptions" => {
            let one = |(node, state): (&String, &String)| {
                format!("<subscription node='{node}' jid='{me}' subid='s-{node}' subscription='{state}'/>")
            };
            format!("<subscriptions>{}</subscriptions>", world.subscriptions.iter().map(one).collect::<String>())
        }
        "affiliations" => {
            let one = |(node, state): (&String, &String)| format!("<affiliation node='{node}' affiliation='{state}'/>");
            format!("<affiliations>{}</affiliations>", world.affiliations.iter().map(one).collect::<String>())
        }
        "items" => {
            let items = world.items.get(&node.clone()?).into_iter().flatten();
            let items = items.map(|(id, payload)| item(id, payload)).collect::<String>();
            format!("<items node='{}'>{items}</items>", node?)
        }
        "subscribe" => {
            let state = world.subscriptions.get(&node.clone()?)?;
            format!("<subscription node='{}' jid='{me}' subid='s1' subscription='{state}'/>", node?)
        }
        "unsubscribe" => return Some(String::new()),
        "publish" => {
            let item = request.children().next()?.attr("id")?.into_owned();
            format!("<publish node='{}'><item id='{item}'/></publish>", node?)
        }
        _ => return None,
    };
    Some(format!("<pubsub xmlns='http://jabber.org/protocol/pubsub'>{inside}</pubsub>"))
}
