//! A broker of the tests' own behind the tests' controller: it answers what a world says, lies where a test says so,
//! and says whatever it is told to say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use gridwatch::engine::{Login, Policy, Trust};
use gridwatch::model::{Tls, TopicId};
use gridwatch::secrets::Secret;
use gridwatch::xmpp::form::Form;
use gridwatch::xmpp::xml::{El, Frame};
use tokio::sync::mpsc;

use super::console::Console;
use super::controller::{Controller, DOMAIN, Fault, Heard, Links, PASSWORD, Session, USER};
use super::pki::Authority;
use super::sm::{Management, SM};

pub const BROKER: &str = "broker.grid.example";
const MAM: &str = "urn:xmpp:mam:2";

/// What the broker knows; a test may change it at any time.
#[derive(Default)]
pub struct World {
    pub nodes: Vec<String>,
    /// Nodes of other brokers, which the domain's discovery lists too; their nodes are elsewhere `broker/node`.
    pub elsewhere: BTreeMap<String, Vec<String>>,
    /// Pages (XEP-0059) of at most this many entries; none: all at once.
    pub page: Option<usize>,
    /// node -> `subscribed` or `pending`
    pub subscriptions: BTreeMap<String, String>,
    /// node -> access model, where it is not `authorize`
    pub access: BTreeMap<String, String>,
    /// node -> who owns it, where that is told
    pub owners: BTreeMap<String, String>,
    /// Nodes that hold others, listed with them only.
    pub collections: BTreeMap<String, Vec<String>>,
    /// node -> what accounts are there and who is subscribed, as its owner sees it: (JID, word)
    pub members: BTreeMap<String, Vec<(String, String)>>,
    pub readers: BTreeMap<String, Vec<(String, String)>>,
    /// Whom the broker changes nothing of.
    pub stubborn: Option<String>,
    /// node -> its settings, as its owner sees and changes them: (variable, value)
    pub settings: BTreeMap<String, Vec<(String, String)>>,
    /// The session ends instead of the answer to a request that contains this text; it is done all the same.
    pub cut: Option<String>,
    /// A form of options that subscriptions wait for: the fields' markup.
    pub options: Option<String>,
    /// node -> affiliation
    pub affiliations: BTreeMap<String, String>,
    /// node -> (id, payload)
    pub items: BTreeMap<String, Vec<(String, String)>>,
    /// node -> (id, payload) of an archive (XEP-0313), oldest first
    pub archive: BTreeMap<String, Vec<(String, String)>>,
    /// Said before each answer to a request that contains this text; `{id}` is the request's, `{to}` whom it asks.
    pub before: Option<(String, String)>,
    /// Said instead of the answer to a request that contains this text (all of its parts between `|`).
    pub instead: Option<(String, String)>,
    /// The same, and the first time only.
    pub once: Option<(String, String)>,
    /// Answers nothing any more.
    pub silent: bool,
    /// Reads nothing any more.
    pub deaf: bool,
    /// All stanzas heard.
    pub heard: Vec<String>,
}

/// The controller with its broker, and a login for it.
pub struct Grid {
    pub world: Arc<Mutex<World>>,
    pub login: Login,
    pub say: Vec<mpsc::UnboundedSender<String>>,
}

impl Grid {
    /// Serves as many sessions as there are faults, one after the other.
    pub fn start(console: &Console, faults: &[Fault], password: &str, trusted: bool) -> Self {
        Self::serving(console, faults, password, trusted, None)
    }

    /// Serves so many sessions on so many links, with stream management.
    pub fn managed(console: &Console, links: usize, sm: &Arc<Management>) -> Self {
        Self::serving(console, &vec![Fault::None; links], PASSWORD, true, Some(sm))
    }

    fn serving(
        console: &Console,
        faults: &[Fault],
        password: &str,
        trusted: bool,
        sm: Option<&Arc<Management>>,
    ) -> Self {
        let authority = Authority::new("Test authority");
        let identity = Arc::new(authority.issue(&[DOMAIN], |_| {}));
        let trust = if trusted { authority.der() } else { Authority::new("Another").der() };
        let world = Arc::new(Mutex::new(World::default()));
        let (dial, far) = Links::new(faults.len());
        let mut say = Vec::new();
        for (link, fault) in far.into_iter().zip(faults.iter().copied()) {
            let (tell, lines) = mpsc::unbounded_channel();
            say.push(tell);
            let (world, identity, sm) = (Arc::clone(&world), Arc::clone(&identity), sm.cloned());
            let _serving = console.runtime.spawn(async move {
                let controller =
                    Controller { identity: identity.as_ref(), fault, heard: Heard::default(), sm: sm.clone() };
                if let Some(session) = controller.serve(link).await {
                    serve(session, &world, lines, sm.as_deref()).await;
                }
            });
        }
        let login = Login {
            jid: format!("{USER}@{DOMAIN}").parse().unwrap(),
            resource: "desk".to_owned(),
            credentials: Secret::new(password.to_owned()).into(),
            dial,
            tls: Tls::StartTls,
            trust: Trust::Ca(trust),
            policy: Policy::default(),
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

    /// As [`Grid::say`], also when the session may be over.
    pub fn try_say(&self, xml: impl Into<String>) {
        let _ = self.say[0].send(xml.into());
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

pub async fn serve(
    mut session: Session,
    world: &Mutex<World>,
    mut lines: mpsc::UnboundedReceiver<String>,
    sm: Option<&Management>,
) {
    loop {
        let deaf = world.lock().unwrap().deaf;
        tokio::select! {
            frame = session.read(), if !deaf => {
                let Ok(Frame::Stanza(stanza)) = frame else { return };
                let answer = match sm.filter(|_| stanza.root().ns() == SM) {
                    Some(sm) => Some(sm.hear(stanza.root())),
                    None => {
                        let _ = sm.inspect(|sm| sm.took());
                        hear(stanza.root(), world).inspect(|answer| sends(sm, answer))
                    }
                };
                let Some(answer) = answer else { continue };
                if answer == CUT {
                    return;
                }
                if session.send(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
            Some(line) = lines.recv() => {
                if line != CUT {
                    sends(sm, &line);
                }
                if line == CUT || session.send(line.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Only what is a stanza counts. A line of several counts as one: none of the tests of stream management says such.
fn sends(sm: Option<&Management>, line: &str) {
    if let Some(sm) = sm.filter(|_| ["<iq", "<message", "<presence"].iter().any(|stanza| line.starts_with(stanza))) {
        sm.sends(line);
    }
}

fn hear(stanza: El<'_>, world: &Mutex<World>) -> Option<String> {
    let mut world = world.lock().unwrap();
    let raw = String::from_utf8(stanza.raw().to_vec()).unwrap();
    world.heard.push(raw.clone());
    let asks = matches!(stanza.attr("type").as_deref(), Some("get" | "set"));
    if stanza.name() == "message" && !world.silent {
        world.decided(stanza);
    }
    if world.silent || stanza.name() != "iq" || !asks {
        return None;
    }
    let id = stanza.attr("id")?.into_owned();
    let to = stanza.attr("to")?.into_owned();
    let matching = |line: &Option<(String, String)>| {
        line.as_ref()
            .filter(|(text, _)| text.split('|').all(|part| raw.contains(part)))
            .map(|(_, say)| say.replace("{id}", &id).replace("{to}", &to))
    };
    let change = stanza.children().find(|child| child.is(OWNER, "pubsub")).and_then(|own| own.children().next());
    if let Some(change) = change.filter(|change| change.children().next().is_some()) {
        world.changed(change);
    }
    let made = stanza.children().find(|child| child.is("http://jabber.org/protocol/pubsub", "pubsub"));
    let made = made.filter(|made| made.children().count() == 1).and_then(|made| made.children().next());
    if let Some(node) = made.filter(|made| made.name() == "create").and_then(|made| made.attr("node")) {
        world.make(&node);
    }
    if world.cut.as_ref().is_some_and(|text| raw.contains(text)) {
        world.cut = None;
        return Some(CUT.to_owned());
    }
    let once = matching(&world.once).inspect(|_| world.once = None);
    let (before, instead) = (matching(&world.before), once.or_else(|| matching(&world.instead)));
    let before = before.unwrap_or_default() + &archived(stanza, &to, &world);
    let answer = instead.unwrap_or_else(|| match inside(stanza, &to, &world) {
        Some(inside) => format!("<iq type='result' id='{id}' from='{to}'>{inside}</iq>"),
        None => format!(
            "<iq type='error' id='{id}' from='{to}'><error type='cancel'>\
             <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        ),
    });
    Some(before + &answer)
}

/// What an archive sends before it answers.
fn archived(iq: El<'_>, to: &str, world: &World) -> String {
    let Some(query) = iq.child(MAM, "query") else { return String::new() };
    let (Some(node), Some(id)) = (query.attr("node"), query.attr("queryid")) else { return String::new() };
    let Some(all) = world.archive.get(&*node) else { return String::new() };
    let (ids, _) = listed(all, |(id, _)| id, world, query);
    let one = |(item_id, payload): &(String, String)| {
        let inside = event(to, &node, &item(item_id, payload)).replace("<message ", "<message xmlns='jabber:client' ");
        format!(
            "<message from='{to}' to='{USER}@{DOMAIN}'><result xmlns='{MAM}' queryid='{id}' id='a-{item_id}'>\
             <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-11-20T12:00:00Z'/>{inside}\
             </forwarded></result></message>"
        )
    };
    all.iter().filter(|(id, _)| ids.contains(id)).map(one).collect()
}

fn inside(iq: El<'_>, to: &str, world: &World) -> Option<String> {
    let payload = iq.children().next()?;
    let node = payload.attr("node").map(|node| node.into_owned());
    match (payload.ns(), payload.name()) {
        ("http://jabber.org/protocol/disco#items", _) => {
            let (entries, set) = match &node {
                Some(node) if world.collections.contains_key(node) => {
                    (world.collections.get(node)?.clone(), String::new())
                }
                Some(node) => listed(world.items.get(node)?, |(id, _)| id, world, payload),
                None if to == DOMAIN => (world.services(), String::new()),
                None => listed(world.nodes_of(to)?, |node| node, world, payload),
            };
            let one = |entry: &String| match &node {
                Some(node) if world.collections.contains_key(node) => format!("<item jid='{to}' node='{entry}'/>"),
                Some(_) => format!("<item jid='{to}' name='{entry}'/>"),
                None if to == DOMAIN => format!("<item jid='{entry}'/>"),
                None => format!("<item jid='{to}' node='{entry}' name='{entry}'/>"),
            };
            let entries = entries.iter().map(one).collect::<String>();
            Some(format!("<query xmlns='http://jabber.org/protocol/disco#items'>{entries}{set}</query>"))
        }
        ("http://jabber.org/protocol/disco#info", _) => match node {
            Some(node) => info(&node, world, to),
            None => world.services().contains(&to.to_owned()).then(|| {
                "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='pubsub' type='service'/>\
                 </query>"
                    .to_owned()
            }),
        },
        ("http://jabber.org/protocol/commands", _) => {
            Some(format!("<command xmlns='http://jabber.org/protocol/commands' node='{}' status='executing'/>", node?))
        }
        ("http://jabber.org/protocol/pubsub", _) => pubsub(payload, to, world),
        (OWNER, _) => world.owned(payload.children().next()?),
        (MAM, _) => {
            let all = world.archive.get(&node?)?;
            let (ids, set) = listed(all, |(id, _)| id, world, payload);
            let complete = ids.first() == all.first().map(|(id, _)| id);
            Some(format!("<fin xmlns='{MAM}' complete='{complete}'>{set}</fin>"))
        }
        ("urn:xmpp:ping", _) => Some(String::new()),
        _ => None,
    }
}

const OWNER: &str = "http://jabber.org/protocol/pubsub#owner";

impl World {
    /// A topic is made, as anybody may read it, without what was wished.
    fn make(&mut self, node: &str) {
        self.nodes.push(node.to_owned());
        let _ = self.affiliations.insert(node.to_owned(), "owner".to_owned());
        let open = ("pubsub#access_model".to_owned(), "open".to_owned());
        let _ = self.settings.insert(node.to_owned(), vec![open, ("pubsub#title".to_owned(), String::new())]);
    }

    /// What an owner changes.
    /// An owner decides a request (XEP-0060 §8.6).
    fn decided(&mut self, message: El<'_>) {
        let Some(form) = message.child("jabber:x:data", "x").and_then(|form| Form::read(form).ok()) else { return };
        let decides = form.value("FORM_TYPE") == Some("http://jabber.org/protocol/pubsub#subscribe_authorization");
        let (Some(node), Some(who)) = (form.value("pubsub#node"), form.value("pubsub#subscriber_jid")) else { return };
        if decides && form.truth("pubsub#allow") == Some(true) {
            let readers = self.readers.entry(node.to_owned()).or_default();
            readers.retain(|(jid, _)| jid != who);
            readers.push((who.to_owned(), "subscribed".to_owned()));
        }
    }

    fn changed(&mut self, change: El<'_>) {
        let (node, name) = (change.attr("node").unwrap_or_default().into_owned(), change.name().to_owned());
        if name == "configure" && self.stubborn.is_some() {
            return;
        }
        if name == "configure" {
            let form = change.children().next().and_then(|form| Form::read(form).ok());
            for (var, value) in self.settings.entry(node).or_default().iter_mut() {
                let new = form.as_ref().and_then(|form| form.value(var));
                *value = new.map_or_else(|| value.clone(), str::to_owned);
            }
            return;
        }
        let word = if name == "affiliations" { "affiliation" } else { "subscription" };
        let lists = if name == "affiliations" { &mut self.members } else { &mut self.readers };
        let list = lists.entry(node).or_default();
        for entry in change.children() {
            let attr = |name| entry.attr(name).unwrap_or_default().into_owned();
            let (jid, word) = (attr("jid"), attr(word));
            if self.stubborn.as_ref() == Some(&jid) {
                continue;
            }
            list.retain(|(known, _)| *known != jid);
            if word != "none" {
                list.push((jid, word));
            }
        }
    }

    /// What an owner reads, or that it is done.
    fn owned(&self, request: El<'_>) -> Option<String> {
        if request.children().next().is_some() {
            return self.stubborn.is_none().then(String::new);
        }
        let (node, name) = (request.attr("node")?, request.name());
        if name == "configure" {
            let field = |(var, value): &(String, String)| format!("<field var='{var}'><value>{value}</value></field>");
            let kind = ("FORM_TYPE".to_owned(), "http://jabber.org/protocol/pubsub#node_config".to_owned());
            let own = self.settings.get(&*node)?;
            let fields: String = std::iter::once(&kind).chain(own).map(field).collect();
            return Some(format!(
                "<pubsub xmlns='{OWNER}'><configure node='{node}'><x xmlns='jabber:x:data' type='form'>{fields}</x>\
                 </configure></pubsub>"
            ));
        }
        let (lists, word) = match name {
            "affiliations" => (&self.members, "affiliation"),
            "subscriptions" => (&self.readers, "subscription"),
            _ => return None,
        };
        let empty = Vec::new();
        let one = |(jid, is): &(String, String)| format!("<{word} jid='{jid}' {word}='{is}'/>");
        let list = lists.get(&*node).unwrap_or(&empty).iter().map(one).collect::<String>();
        // Prosody's way: no node on the list.
        Some(format!("<pubsub xmlns='{OWNER}'><{name}>{list}</{name}></pubsub>"))
    }

    fn services(&self) -> Vec<String> {
        std::iter::once(BROKER.to_owned()).chain(self.elsewhere.keys().cloned()).collect()
    }

    fn nodes_of(&self, broker: &str) -> Option<&Vec<String>> {
        if broker == BROKER { Some(&self.nodes) } else { self.elsewhere.get(broker) }
    }
}

/// The entries asked for by a result set request within `asked`, by name, and the set that goes with them.
fn listed<T>(all: &[T], name: impl Fn(&T) -> &String, world: &World, asked: El<'_>) -> (Vec<String>, String) {
    let names: Vec<String> = all.iter().map(|one| name(one).clone()).collect();
    let set = asked.children().find(|child| child.is("http://jabber.org/protocol/rsm", "set"));
    let Some((most, set)) = world.page.zip(set) else { return (names, String::new()) };
    let child = |name| set.child("http://jabber.org/protocol/rsm", name).map(|el| el.text().into_owned());
    let place = |id: String| names.iter().position(|name| *name == id);
    let most = most.min(child("max").unwrap().parse().unwrap());
    let range = match (child("before"), child("after").and_then(place)) {
        (Some(before), _) => {
            let end = place(before).unwrap_or(names.len());
            end.saturating_sub(most)..end
        }
        (None, after) => {
            let start = after.map_or(0, |after| after + 1);
            start..(start + most).min(names.len())
        }
    };
    let (index, page) = (range.start, names[range].to_vec());
    let (Some(first), Some(last)) = (page.first(), page.last()) else {
        return (page, format!("<set xmlns='http://jabber.org/protocol/rsm'><count>{}</count></set>", names.len()));
    };
    let set = format!(
        "<set xmlns='http://jabber.org/protocol/rsm'><first index='{index}'>{first}</first><last>{last}</last>\
         <count>{}</count></set>",
        names.len()
    );
    (page, set)
}

fn info(node: &str, world: &World, to: &str) -> Option<String> {
    let inside = world.collections.values().flatten();
    if !world.nodes_of(to)?.iter().chain(inside).any(|known| known == node) {
        return None;
    }
    let access = world.access.get(node);
    let archive = if world.archive.contains_key(node) { "<feature var='urn:xmpp:mam:2'/>" } else { "" };
    let kind = if world.collections.contains_key(node) { "collection" } else { "leaf" };
    let field = |var: &str, value: &str| format!("<field var='{var}'><value>{value}</value></field>");
    Some(format!(
        "<query xmlns='http://jabber.org/protocol/disco#info' node='{node}'><identity category='pubsub' type='{kind}'/>\
         {archive}<x xmlns='jabber:x:data' type='result'>{}{}{}{}</x></query>",
        field("FORM_TYPE", "http://jabber.org/protocol/pubsub#meta-data"),
        field("pubsub#type", "urn:ietf:params:xml:ns:iodef-2.0"),
        field("pubsub#access_model", access.map_or("authorize", |access| access)),
        world.owners.get(node).map(|owner| field("pubsub#owner", owner)).unwrap_or_default(),
    ))
}

fn pubsub(payload: El<'_>, to: &str, world: &World) -> Option<String> {
    let request = payload.children().next()?;
    let mut after = String::new();
    let node = request.attr("node").map(|node| node.into_owned());
    let me = format!("{USER}@{DOMAIN}");
    let inside = match request.name() {
        "subscriptions" => {
            let one = |(node, state): (&String, &String)| {
                let node = local(node, to)?;
                Some(format!("<subscription node='{node}' jid='{me}' subid='s-{node}' subscription='{state}'/>"))
            };
            let list = world.subscriptions.iter().filter_map(one).collect::<String>();
            format!("<subscriptions>{list}</subscriptions>")
        }
        "affiliations" => {
            let one = |(node, state): (&String, &String)| {
                Some(format!("<affiliation node='{}' affiliation='{state}'/>", local(node, to)?))
            };
            format!("<affiliations>{}</affiliations>", world.affiliations.iter().filter_map(one).collect::<String>())
        }
        "items" => {
            let empty = Vec::new();
            let all = world.items.get(&node.clone()?).unwrap_or(&empty);
            let before = payload.child("http://jabber.org/protocol/rsm", "set");
            let before =
                before.and_then(|set| Some(set.child("http://jabber.org/protocol/rsm", "before")?.text().into_owned()));
            // As XEP-0059 §2.4 has it where that item was dropped meanwhile.
            if before.is_some_and(|before| !before.is_empty() && !all.iter().any(|(id, _)| *id == before)) {
                return None;
            }
            let (ids, set) = listed(all, |(id, _)| id, world, payload);
            let mut ids: BTreeSet<_> = ids.into_iter().collect();
            after = set;
            let wanted: Vec<_> = request.children().filter_map(|item| Some(item.attr("id")?.into_owned())).collect();
            ids.retain(|id| wanted.is_empty() || wanted.contains(id));
            let items = all.iter().filter(|(id, _)| ids.contains(id));
            let items = items.map(|(id, payload)| item(id, payload)).collect::<String>();
            format!("<items node='{}'>{items}</items>", node?)
        }
        "subscribe" => {
            let state = world.subscriptions.get(&node.clone()?)?;
            format!("<subscription node='{}' jid='{me}' subid='s1' subscription='{state}'/>", node?)
        }
        "options" if request.children().next().is_some() => return Some(String::new()),
        "options" => format!("<options><x xmlns='jabber:x:data' type='form'>{}</x></options>", world.options.as_ref()?),
        "unsubscribe" | "retract" | "create" => return Some(String::new()),
        "publish" => {
            let item = request.children().next()?.attr("id")?.into_owned();
            format!("<publish node='{}'><item id='{item}'/></publish>", node?)
        }
        _ => return None,
    };
    Some(format!("<pubsub xmlns='http://jabber.org/protocol/pubsub'>{inside}{after}</pubsub>"))
}

/// The node's own name, if it is on that broker.
fn local<'a>(node: &'a str, broker: &str) -> Option<&'a str> {
    match node.rsplit_once('/') {
        Some((at, node)) => (at == broker).then_some(node),
        None => (broker == BROKER).then_some(node),
    }
}
