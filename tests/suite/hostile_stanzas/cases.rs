//! The table: what is said, by whom, and what may come of it.

use crate::support::broker::{BROKER, event, item};

use super::payload;

/// How an attack is made.
pub enum Attack {
    /// Said to an idle console.
    Says(String),
    /// Said before the honest answer to each request that contains `to` (all of its parts between `|`): `{id}` is the
    /// request's own, which no stranger can know, so that the sender alone decides.
    Lies { to: String, lie: String },
}

/// What may come of it, at most.
pub enum Expect {
    /// Nothing, and the notice that says so where one is due.
    Dropped(Option<&'static str>),
    /// One error, of a few hundred bytes.
    Refused,
    /// The stream ends.
    Ends,
    /// It is the broker's own word after all: this row and nothing else.
    Inert(&'static str),
}

/// One attack.
pub struct Case {
    /// `engine.md` §6's number, and the known case of its kind.
    pub row: &'static str,
    pub name: &'static str,
    pub attack: Attack,
    pub expect: Expect,
}

const ME: &str = "analyst@grid.example";
const MALLORY: &str = "mallory@grid.example/x";
const EVENT: &str = "http://jabber.org/protocol/pubsub#event";

const FORGED: Expect = Expect::Dropped(Some("notice-forged"));
const STRAY: Expect = Expect::Dropped(Some("notice-stray-answer"));
const ASTRAY: Expect = Expect::Dropped(Some("notice-misdirected"));
const ADDRESS: Expect = Expect::Dropped(Some("notice-bad-address"));
const FOREIGN: Expect = Expect::Dropped(Some("notice-not-subscribed"));
const UNREADABLE: Expect = Expect::Dropped(Some("notice-item-unreadable"));
const SILENT: Expect = Expect::Dropped(None);

fn says(row: &'static str, name: &'static str, xml: impl Into<String>, expect: Expect) -> Case {
    Case { row, name, attack: Attack::Says(xml.into()), expect }
}

/// A forged answer to a request to the broker, from `from`.
fn lies(name: &'static str, to: &str, from: &str, inside: &str) -> Case {
    let from = if from.is_empty() { String::new() } else { format!(" from='{from}'") };
    let lie = format!("<iq type='result' id='{{id}}'{from} to='{ME}/desk'>{inside}</iq>");
    let row = "1, CVE-2024-46957, CVE-2014-0364";
    Case { row, name, attack: Attack::Lies { to: to.to_owned(), lie }, expect: STRAY }
}

fn evil() -> String {
    item("evil", &payload("evil"))
}

fn message(from: &str, inside: &str) -> String {
    format!("<message from='{from}' to='{ME}'>{inside}</message>")
}

fn told(from: &str, what: &str) -> String {
    message(from, &format!("<event xmlns='{EVENT}'>{what}</event>"))
}

fn field(var: &str, value: &str) -> String {
    format!("<field var='{var}'><value>{value}</value></field>")
}

const FORM: &str = "http://jabber.org/protocol/pubsub#subscribe_authorization";

fn form(kind: &str, fields: &[(&str, &str)]) -> String {
    let fields: String = fields.iter().map(|(var, value)| field(var, value)).collect();
    format!("<x xmlns='jabber:x:data' type='{kind}'>{fields}</x>")
}

/// A form that asks for `node`.
fn asks(node: &str) -> String {
    let who = ("pubsub#subscriber_jid", "mallory@grid.example");
    form("form", &[("FORM_TYPE", FORM), ("pubsub#node", node), who, ("pubsub#allow", "true")])
}

fn iq(kind: &str, from: &str, inside: &str) -> String {
    format!("<iq type='{kind}' id='evil' from='{from}' to='{ME}/desk'>{inside}</iq>")
}

pub fn all() -> Vec<Case> {
    [
        answers(),
        events(),
        forms(),
        states(),
        own(),
        wrapped(),
        bounces(),
        names(),
        places(),
        items(),
        times(),
        asked(),
        streams(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn answers() -> Vec<Case> {
    let pubsub = |inside: &str| format!("<pubsub xmlns='http://jabber.org/protocol/pubsub'>{inside}</pubsub>");
    let subscribed = pubsub(&format!(
        "<subscriptions><subscription node='other' jid='{ME}' subscription='subscribed'/></subscriptions>"
    ));
    let owner = pubsub("<affiliations><affiliation node='other' affiliation='owner'/></affiliations>");
    let stolen = pubsub(&format!("<items node='feed'>{}</items>", evil()));
    let nodes = format!(
        "<query xmlns='http://jabber.org/protocol/disco#items'><item jid='{BROKER}' node='mallory-node'/></query>"
    );
    let row = "1, CVE-2024-46957";
    vec![
        lies("subscriptions by a stranger", "<subscriptions", MALLORY, &subscribed),
        lies("subscriptions by the server", "<subscriptions", "grid.example", &subscribed),
        lies("subscriptions by a resource of the broker", "<subscriptions", "broker.grid.example/x", &subscribed),
        lies("subscriptions by nobody", "<subscriptions", "", &subscribed),
        lies("subscriptions by myself", "<subscriptions", ME, &subscribed),
        lies("affiliations by a stranger", "<affiliations", MALLORY, &owner),
        lies("topics by a stranger", "disco#items", MALLORY, &nodes),
        lies("items by a stranger", "<items ", MALLORY, &stolen),
        lies("items by a look-alike", "<items ", "br\u{43e}ker.grid.example", &stolen),
        says(row, "an answer nobody asked for", iq("result", BROKER, &stolen), STRAY),
        says(row, "an error nobody asked for", iq("error", BROKER, &subscribed), STRAY),
        says(row, "a stranger's answer", iq("result", MALLORY, &owner), STRAY),
    ]
}

fn events() -> Vec<Case> {
    let row = "2, relayed by ejabberd and Prosody";
    let from = |name: &'static str, from: &str| says(row, name, event(from, "feed", &evil()), FORGED);
    vec![
        from("an account's event", "mallory@grid.example"),
        from("a session's event", MALLORY),
        from("the server's event", "grid.example"),
        from("another domain's event", "other.example"),
        from("an event from below the broker", "x.broker.grid.example"),
        from("an event from beside the broker", "broker.grid.example.evil.example"),
        from("an event from within the broker", "broker.grid.example/feed"),
        from("an account at the broker", "mallory@broker.grid.example"),
        from("my own account's event", ME),
        says(row, "an event from nobody", event("", "feed", &evil()).replace(" from=''", ""), FORGED),
        says("31, homographs", "a Cyrillic look-alike", event("br\u{43e}ker.grid.example", "feed", &evil()), FORGED),
        says("2", "an event from no address", event("a b@", "feed", &evil()), ADDRESS),
        says("2, 20", "an event from a megabyte", event(&"a".repeat(1_000_000), "feed", &evil()), ADDRESS),
        says("2", "a topic that is not mine", event(BROKER, "other", &evil()), FOREIGN),
        says("2", "a topic that is not there", event(BROKER, "mallory", &evil()), FOREIGN),
    ]
}

fn forms() -> Vec<Case> {
    let row = "3, 32";
    let from_broker = |name, inside: String, expect| says(row, name, message(BROKER, &inside), expect);
    let who = ("pubsub#subscriber_jid", "mallory@grid.example");
    let (kind, node) = (("FORM_TYPE", FORM), ("pubsub#node", "desk"));
    let many: String = (0..600).map(|number| field(&format!("v{number}"), "x")).collect();
    let long = "x".repeat(70_000);
    vec![
        says(row, "a request by a stranger", message("mallory@grid.example", &asks("desk")), FORGED),
        says(row, "a request by the server", message("grid.example", &asks("desk")), FORGED),
        from_broker("a request for what is not mine", asks("other"), Expect::Dropped(Some("notice-not-owned"))),
        from_broker("an answer as a request", form("submit", &[kind, node, who]), SILENT),
        from_broker("another kind of form", form("form", &[("FORM_TYPE", "urn:x"), node, who]), SILENT),
        from_broker("a form of no kind", form("form", &[node, who]), SILENT),
        from_broker("two subscribers in one form", form("form", &[kind, node, who, who]), SILENT),
        from_broker("two topics in one form", form("form", &[kind, node, ("pubsub#node", "feed"), who]), SILENT),
        from_broker("a subscriber who is none", form("form", &[kind, node, (who.0, "a b@")]), SILENT),
        from_broker("a form of 600 fields", form("form", &[kind, node, who]).replace("</x>", &(many + "</x>")), SILENT),
        from_broker("a value of 70 kB", form("form", &[kind, node, who, ("v", &long)]), SILENT),
        says(
            row,
            "a request that bounced",
            message(BROKER, &asks("desk")).replace("<message ", "<message type='error' "),
            STRAY,
        ),
    ]
}

fn states() -> Vec<Case> {
    let subscription = |state: &str| format!("<subscription node='other' jid='{ME}' subscription='{state}'/>");
    vec![
        says("4", "an approval by a stranger", told("mallory@grid.example", &subscription("subscribed")), FORGED),
        says("4", "an approval the broker's list does not show", told(BROKER, &subscription("subscribed")), SILENT),
        says(
            "4",
            "an end the broker's list does not show",
            told(BROKER, &subscription("none").replace("other", "feed")),
            SILENT,
        ),
        says(
            "4",
            "a command's result",
            iq("result", MALLORY, "<command xmlns='http://jabber.org/protocol/commands'/>"),
            STRAY,
        ),
        says("26", "a purge by a stranger", told("mallory@grid.example", "<purge node='feed'/>"), FORGED),
        says("26", "a deletion by a stranger", told("mallory@grid.example", "<delete node='feed'/>"), FORGED),
        says("26", "a retraction by a stranger", event("mallory@grid.example", "feed", "<retract id='kept'/>"), FORGED),
        says("26", "a retraction on another topic", event(BROKER, "other", "<retract id='kept'/>"), FOREIGN),
        says("26", "a purge of another topic", told(BROKER, "<purge node='other'/>"), FOREIGN),
        says("27", "a deletion of another topic", told(BROKER, "<delete node='other'/>"), FOREIGN),
        says(
            "28",
            "a configuration by a stranger",
            told("mallory@grid.example", "<configuration node='feed'/>"),
            FORGED,
        ),
    ]
}

fn own() -> Vec<Case> {
    let row = "5, CVE-2015-8688, CVE-2019-16236";
    let push = "<query xmlns='jabber:iq:roster'><item jid='mallory@grid.example' subscription='both'/></query>";
    vec![
        says(row, "a roster push by a stranger", iq("set", MALLORY, push), FORGED),
        says(row, "a roster push by the broker", iq("set", BROKER, push), FORGED),
        says(row, "a roster push by the domain", iq("set", "grid.example", push), FORGED),
        says(row, "a roster push by my other session", iq("set", "analyst@grid.example/x", push), FORGED),
        says(row, "a roster nobody asked for", iq("result", ME, push), STRAY),
        says("5", "a wish to see my presence", "<presence type='subscribe' from='mallory@grid.example'/>", SILENT),
        says("5", "a probe for my presence", format!("<presence type='probe' from='{MALLORY}'/>"), SILENT),
        says("5", "the broker going away", format!("<presence type='unavailable' from='{BROKER}'/>"), SILENT),
    ]
}

fn wrapped() -> Vec<Case> {
    let row = "6, CVE-2017-5589, CVE-2019-16235, CVE-2020-26547";
    let inner = format!(
        "<forwarded xmlns='urn:xmpp:forward:0'>{}</forwarded>",
        event(BROKER, "feed", &evil()).replace("<message ", "<message xmlns='jabber:client' ")
    );
    let carbon = |name: &str| format!("<{name} xmlns='urn:xmpp:carbons:2'>{inner}</{name}>");
    let archive = format!("<result xmlns='urn:xmpp:mam:2' queryid='evil' id='1'>{inner}</result>");
    vec![
        says(row, "a copy by a stranger", message(MALLORY, &carbon("received")), FORGED),
        says(row, "a copy of what I never sent", message(MALLORY, &carbon("sent")), FORGED),
        says(row, "a copy by the broker", message(BROKER, &carbon("received")), FORGED),
        says(row, "a copy nobody asked for", message(ME, &carbon("received")), SILENT),
        says(row, "an archive by a stranger", message(MALLORY, &archive), FORGED),
        says(row, "an archive nobody asked for", message(ME, &archive), SILENT),
        says(row, "a forwarded event", message(MALLORY, &inner), FORGED),
        says(row, "an event in a body's place", message(BROKER, &format!("<body>x</body>{inner}")), FORGED),
    ]
}

fn bounces() -> Vec<Case> {
    let bounce = |xml: String| xml.replace("<message ", "<message type='error' ");
    vec![
        says("7", "an event that bounced", bounce(event(BROKER, "feed", &evil())), STRAY),
        says("7", "a deletion that bounced", bounce(told(BROKER, "<delete node='feed'/>")), STRAY),
        says("7", "a stranger's complaint", bounce(message(MALLORY, "<error type='cancel'/>")), STRAY),
    ]
}

fn names() -> Vec<Case> {
    let row = "22";
    let swap = |from: &str, to: &str| event(BROKER, "feed", &evil()).replace(from, to);
    vec![
        says(row, "an event of another namespace", swap("pubsub#event", "pubsub#events"), SILENT),
        says(row, "an event of no namespace", swap(&format!("xmlns='{EVENT}'"), "xmlns=''"), SILENT),
        says(row, "an event of the requests' namespace", swap("pubsub#event", "pubsub"), SILENT),
        says(row, "a message of another stream", swap("<message ", "<message xmlns='jabber:server' "), SILENT),
        says(row, "a message of no stream", swap("<message ", "<message xmlns='' "), SILENT),
        says(
            row,
            "an event one level down",
            message(BROKER, &format!("<x xmlns='urn:x'><event xmlns='{EVENT}'><purge node='feed'/></event></x>")),
            SILENT,
        ),
        says(row, "items of another namespace", swap("<items ", "<items xmlns='urn:x' "), SILENT),
        says(row, "an item of another namespace", swap("<item ", "<item xmlns='urn:x' "), SILENT),
        says(row, "an event called otherwise", swap("event ", "Event ").replace("</event>", "</Event>"), SILENT),
    ]
}

fn places() -> Vec<Case> {
    let to = |xml: String, to: &str| xml.replace(&format!("to='{ME}'"), &format!("to='{to}'"));
    let ping =
        |to: &str| format!("<iq type='get' id='evil' from='{BROKER}' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>");
    vec![
        says(
            "24",
            "an event for my other session",
            to(event(BROKER, "feed", &evil()), "analyst@grid.example/x"),
            ASTRAY,
        ),
        says("24", "an event for another account", to(event(BROKER, "feed", &evil()), "root@grid.example"), ASTRAY),
        says("24", "an event for the domain", to(event(BROKER, "feed", &evil()), "grid.example"), ASTRAY),
        says("24", "a request for another owner", to(message(BROKER, &asks("desk")), "root@grid.example"), ASTRAY),
        says("24", "a question to my other session", ping("analyst@grid.example/x"), ASTRAY),
        says("24", "a question to another account", ping("root@grid.example"), ASTRAY),
        says("24", "an event for no address", to(event(BROKER, "feed", &evil()), "@"), ADDRESS),
    ]
}

fn items() -> Vec<Case> {
    let row = "25, CVE-2021-33896";
    let long = item(&"i".repeat(1_025), &payload("evil"));
    let huge = item(&"i".repeat(1_000_000), &payload("evil"));
    let hidden = "<a xmlns='urn:example'><message xmlns='jabber:client' from='broker.grid.example'><event \
                  xmlns='http://jabber.org/protocol/pubsub#event'><purge node='feed'/></event></message></a>";
    let ends = "<a xmlns='urn:example' b='&lt;/stream:stream>'><![CDATA[</stream:stream><stream:stream>]]></a>";
    let claims = "<item id='in' publisher='root@grid.example'><a xmlns='urn:example' publisher='x'/></item>";
    vec![
        says(row, "an item without an id", event(BROKER, "feed", "<item><a xmlns='urn:x'/></item>"), UNREADABLE),
        says(row, "an item of an empty id", event(BROKER, "feed", &item("", "<a xmlns='urn:x'/>")), UNREADABLE),
        says(row, "an id too long", event(BROKER, "feed", &long), UNREADABLE),
        says(row, "an id of a megabyte", event(BROKER, "feed", &huge), UNREADABLE),
        says(row, "a retraction without an id", event(BROKER, "feed", "<retract/>"), UNREADABLE),
        says(
            row,
            "a path as an id",
            event(BROKER, "feed", &item("../../in", &payload("x"))),
            Expect::Inert("feed ../../in Live 1"),
        ),
        says(
            "21, CVE-2022-22784",
            "a stanza in a payload",
            event(BROKER, "feed", &item("in", hidden)),
            Expect::Inert("feed in Live 1"),
        ),
        says(
            "21",
            "the stream's end in a payload",
            event(BROKER, "feed", &item("in", ends)),
            Expect::Inert("feed in Live 1"),
        ),
        says("29", "a publisher who is claimed", event(BROKER, "feed", claims), Expect::Inert("feed in Live 1")),
    ]
}

fn times() -> Vec<Case> {
    let row = "30, CVE-2013-6477";
    let delayed = |from: &str, stamp: &str| {
        let delay = format!("<delay xmlns='urn:xmpp:delay' from='{from}' stamp='{stamp}'/></message>");
        event(BROKER, "feed", &item("in", &payload("in"))).replace("</message>", &delay)
    };
    // Live: the stamp is not believed.
    let live = Expect::Inert;
    vec![
        says(row, "a stranger's stamp", delayed(MALLORY, "2026-01-01T00:00:00Z"), live("feed in Live 1")),
        says(row, "a stamp from before the grid", delayed(BROKER, "0001-01-01T00:00:00Z"), live("feed in Live 1")),
        says(row, "a stamp from a far year", delayed(BROKER, "262143-12-31T23:59:59Z"), live("feed in Live 1")),
        says(row, "a stamp that is none", delayed(BROKER, "99999999999999999999"), live("feed in Live 1")),
        says(row, "a stamp of a leap too many", delayed(BROKER, "2026-13-45T99:99:99Z"), live("feed in Live 1")),
    ]
}

fn asked() -> Vec<Case> {
    let row = "35";
    let get = |name, inside: &str| says(row, name, iq("get", MALLORY, inside), Expect::Refused);
    let set = |name, inside: &str| says(row, name, iq("set", MALLORY, inside), Expect::Refused);
    let command = "<command xmlns='http://jabber.org/protocol/commands' action='execute' \
                   node='http://jabber.org/protocol/pubsub#get-pending'/>";
    let request = |inside: &str| format!("<pubsub xmlns='http://jabber.org/protocol/pubsub'>{inside}</pubsub>");
    vec![
        get("which version I am", "<query xmlns='jabber:iq:version'/>"),
        get("what time it is here", "<time xmlns='urn:xmpp:time'/>"),
        get("when I was last here", "<query xmlns='jabber:iq:last'/>"),
        get("what I know of topics", "<query xmlns='http://jabber.org/protocol/disco#items'/>"),
        get("what I have stored", &request("<items node='feed'/>")),
        get("a ping of another namespace", "<ping xmlns='urn:x'/>"),
        get("nothing in particular", ""),
        set("an order", command),
        set("a file to fetch", "<query xmlns='jabber:iq:oob'><url>http://mallory.example/</url></query>"),
        set("something published to me", &request(&format!("<publish node='feed'>{}</publish>", evil()))),
        set(
            "a login to confirm",
            "<confirm xmlns='http://jabber.org/protocol/http-auth' id='1' method='GET' url='x'/>",
        ),
        set("an end to my subscription", &request(&format!("<unsubscribe node='feed' jid='{ME}'/>"))),
        says(row, "a request of no kind", format!("<iq id='evil' from='{MALLORY}'/>"), ADDRESS),
        says(row, "a request of a new kind", iq("push", MALLORY, ""), ADDRESS),
        says(
            row,
            "a request without an id",
            format!("<iq type='get' from='{MALLORY}'><ping xmlns='urn:xmpp:ping'/></iq>"),
            ADDRESS,
        ),
        says(
            row,
            "a receipt asked for",
            message(MALLORY, "<body>x</body><request xmlns='urn:xmpp:receipts'/>"),
            SILENT,
        ),
        says(
            row,
            "a talk",
            message(MALLORY, "<body>Hello</body><active xmlns='http://jabber.org/protocol/chatstates'/>"),
            SILENT,
        ),
    ]
}

fn streams() -> Vec<Case> {
    let bomb = |open: &str, close: &str, times: usize| {
        event(BROKER, "feed", &item("evil", &format!("{}{}", open.repeat(times), close.repeat(times))))
    };
    let xml = "19, 20, 23";
    let header = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>";
    vec![
        says("23", "a second header", header, Expect::Ends),
        says(xml, "a comment", event(BROKER, "feed", &item("evil", "<a xmlns='urn:x'><!-- --></a>")), Expect::Ends),
        says(xml, "an entity", event(BROKER, "feed", &item("evil", "<a xmlns='urn:x'>&lol;</a>")), Expect::Ends),
        says(xml, "an instruction", "<?xml-stylesheet href='x'?>", Expect::Ends),
        says(
            xml,
            "a control character",
            event(BROKER, "feed", &item("evil", "<a xmlns='urn:x'>\u{1}</a>")),
            Expect::Ends,
        ),
        says("20, RUSTSEC-2026-0194", "37 000 levels", bomb("<a>", "</a>", 37_000), Expect::Ends),
        says("20", "text between stanzas", "text", Expect::Ends),
        says("21", "a stanza that closes another", "<message></iq>", Expect::Ends),
        says("22", "a prefix never declared", "<x:message/>", Expect::Ends),
        says("9", "a late word of STARTTLS", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", SILENT),
        says(
            "16",
            "a late word of SASL",
            "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cj0x</challenge>",
            SILENT,
        ),
        says(
            "8, CVE-2016-10027",
            "late features",
            "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>\
             </stream:features>",
            SILENT,
        ),
    ]
}
