//! The practice broker as a state machine: what each request is answered with, and who is told what (XEP-0060).

use chrono::{DateTime, Duration, Utc};
use gridwatch::model::Jid;
use gridwatch::practice::stage::Stage;
use gridwatch::xmpp::xml::{El, Rules, Stanza, document};

const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
const RSM: &str = "http://jabber.org/protocol/rsm";

fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// A stage and its audience.
struct Play(Stage);

/// What went to one address.
struct Said {
    to: String,
    lasting: bool,
    stanza: Stanza,
    text: String,
}

impl Said {
    /// The first element of that name, anywhere.
    fn find(&self, name: &str) -> El<'_> {
        self.all(name).into_iter().next().unwrap_or_else(|| panic!("no {name} in {}", self.text))
    }

    fn all(&self, name: &str) -> Vec<El<'_>> {
        let mut todo = vec![self.stanza.root()];
        let mut found = Vec::new();
        while let Some(el) = todo.pop() {
            if el.name() == name {
                found.push(el);
            }
            let mut children: Vec<_> = el.children().collect();
            children.reverse();
            todo.extend(children);
        }
        found
    }

    /// The conditions of an error IQ; none for a result.
    fn refused(&self) -> Vec<&str> {
        let root = self.stanza.root();
        if root.attr("type").as_deref() != Some("error") {
            return Vec::new();
        }
        self.find("error").children().map(El::name).collect()
    }
}

impl Play {
    fn new() -> Self {
        Self(Stage::new(1, now()).unwrap())
    }

    fn at(&mut self, from: &str, stanza: &str, now: DateTime<Utc>) -> Vec<Said> {
        let from: Jid = format!("{from}@practice.invalid/desk").parse().unwrap();
        let stanza = document(stanza.as_bytes(), &Rules::STREAM).unwrap();
        let told = self.0.broker.handle(&from, stanza.root(), now);
        told.into_iter()
            .map(|out| Said {
                to: out.to.to_string(),
                lasting: out.lasting,
                stanza: document(&out.stanza, &Rules::STREAM).unwrap(),
                text: String::from_utf8(out.stanza.to_vec()).unwrap(),
            })
            .collect()
    }

    /// The answer to an IQ, then what others are told.
    fn iq(&mut self, from: &str, kind: &str, child: &str) -> (Said, Vec<Said>) {
        let mut said = self.at(from, &format!("<iq type='{kind}' id='q1'>{child}</iq>"), now());
        let answer = said.remove(0);
        let root = answer.stanza.root();
        assert_eq!(root.attr("id").as_deref(), Some("q1"));
        assert_eq!(root.attr("from").as_deref(), Some("broker.practice.invalid"));
        assert_eq!(answer.to, format!("{from}@practice.invalid/desk"));
        (answer, said)
    }

    fn pubsub(&mut self, from: &str, kind: &str, inside: &str) -> (Said, Vec<Said>) {
        self.iq(from, kind, &format!("<pubsub xmlns='{PUBSUB}'>{inside}</pubsub>"))
    }

    fn owner(&mut self, from: &str, kind: &str, inside: &str) -> (Said, Vec<Said>) {
        self.iq(from, kind, &format!("<pubsub xmlns='{PUBSUB}#owner'>{inside}</pubsub>"))
    }

    fn subscribe(&mut self, who: &str, node: &str) -> (Said, Vec<Said>) {
        self.pubsub(who, "set", &format!("<subscribe node='{node}' jid='{who}@practice.invalid'/>"))
    }

    fn publish(&mut self, who: &str, node: &str, id: &str, payload: &str) -> (Said, Vec<Said>) {
        self.pubsub(who, "set", &format!("<publish node='{node}'><item id='{id}'>{payload}</item></publish>"))
    }

    fn answer_request(&mut self, from: &str, node: &str, subscriber: &str, allow: bool) -> Vec<Said> {
        let field = |var: &str, value: &str| format!("<field var='{var}'><value>{value}</value></field>");
        let form = field("FORM_TYPE", &format!("{PUBSUB}#subscribe_authorization"))
            + &field("pubsub#node", node)
            + &field("pubsub#subscriber_jid", subscriber)
            + &field("pubsub#allow", if allow { "true" } else { "0" });
        self.at(from, &format!("<message id='m1'><x xmlns='jabber:x:data' type='submit'>{form}</x></message>"), now())
    }
}

const PAYLOAD: &str =
    "<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\"  version='2.00'><!-- -->\n</IODEF-Document>";

fn payload() -> String {
    PAYLOAD.replace("<!-- -->", "<![CDATA[x]]>")
}

#[test]
fn the_workflow_of_figure_2() {
    let mut play = Play::new();
    let (answer, told) = play.subscribe("analyst", "phishing-watch");
    assert_eq!(answer.find("subscription").attr("subscription").as_deref(), Some("pending"));
    assert_eq!((told.len(), told[0].to.as_str(), told[0].lasting), (1, "owner@practice.invalid", true));
    assert!(told[0].text.contains("subscribe_authorization") && told[0].text.contains("analyst@practice.invalid"));
    // Asking again says that it waits; nothing reaches the one who waits, nor may stored items be read.
    let (again, _) = play.subscribe("analyst", "phishing-watch");
    assert_eq!(again.refused(), ["not-authorized", "pending-subscription"]);
    let (_, told) = play.publish("publisher", "phishing-watch", "early", &payload());
    assert!(told.is_empty());
    let (items, _) = play.pubsub("analyst", "get", "<items node='phishing-watch'/>");
    assert_eq!(items.refused(), ["not-authorized", "not-subscribed"]);
    // Only an owner decides, and only once.
    let stranger = play.answer_request("publisher", "phishing-watch", "analyst@practice.invalid", true);
    assert_eq!(stranger[0].refused(), ["forbidden"]);
    let told = play.answer_request("owner", "phishing-watch", "analyst@practice.invalid", true);
    assert_eq!(told[0].to, "analyst@practice.invalid");
    assert_eq!(told[0].find("subscription").attr("subscription").as_deref(), Some("subscribed"));
    let twice = play.answer_request("owner", "phishing-watch", "analyst@practice.invalid", true);
    assert_eq!(twice[0].refused(), ["unexpected-request"]);
    // Now events come, with every byte of the payload, and the publisher's name from the broker.
    let (answer, told) = play.publish("publisher", "phishing-watch", "now", &payload());
    assert_eq!(answer.find("item").attr("id").as_deref(), Some("now"));
    assert_eq!((told.len(), told[0].to.as_str()), (1, "analyst@practice.invalid"));
    let item = told[0].find("item");
    assert_eq!(item.attr("publisher").as_deref(), Some("publisher@practice.invalid"));
    assert_eq!(item.children().next().unwrap().raw(), payload().as_bytes());
    assert!(told[0].lasting, "kept for those offline");
    let (_, told) = play.pubsub("publisher", "set", "<retract node='phishing-watch'><item id='now'/></retract>");
    assert_eq!(told[0].find("retract").attr("id").as_deref(), Some("now"));
}

#[test]
fn denied_is_told_and_withdrawing_works() {
    let mut play = Play::new();
    let _ = play.subscribe("outsider", "phishing-watch");
    let told = play.answer_request("owner", "phishing-watch", "outsider@practice.invalid", false);
    assert_eq!(told[0].to, "outsider@practice.invalid");
    assert_eq!(told[0].find("subscription").attr("subscription").as_deref(), Some("none"));
    let unsubscribe = "<unsubscribe node='phishing-watch' jid='outsider@practice.invalid'/>";
    let (answer, _) = play.pubsub("outsider", "set", unsubscribe);
    assert_eq!(answer.refused(), ["unexpected-request", "not-subscribed"]);
    let _ = play.subscribe("outsider", "phishing-watch");
    let (answer, _) = play.pubsub("outsider", "set", unsubscribe);
    assert_eq!(answer.refused(), [""; 0]);
    let gone = play.answer_request("owner", "phishing-watch", "outsider@practice.invalid", true);
    assert_eq!(gone[0].refused(), ["unexpected-request"], "a withdrawn request cannot be approved");
}

#[test]
fn refusals_have_their_conditions() {
    let mut play = Play::new();
    let publish = |inside: &str| format!("<publish node='vendor-advisories'>{inside}</publish>");
    let rows: [(&str, &str, String, &[&str]); 17] = [
        (
            "outsider",
            "set",
            "<subscribe node='MILEHost' jid='outsider@practice.invalid'/>".into(),
            &["not-allowed", "closed-node"],
        ),
        ("outsider", "get", "<items node='MILEHost'/>".into(), &["not-allowed", "closed-node"]),
        (
            "analyst",
            "set",
            "<subscribe node='MILEHost' jid='owner@practice.invalid'/>".into(),
            &["bad-request", "invalid-jid"],
        ),
        ("analyst", "set", "<subscribe jid='analyst@practice.invalid'/>".into(), &["bad-request", "nodeid-required"]),
        ("analyst", "set", "<subscribe node='nowhere' jid='analyst@practice.invalid'/>".into(), &["item-not-found"]),
        ("outsider", "set", publish(&format!("<item>{PAYLOAD}</item>").replace("<!-- -->", "")), &["forbidden"]),
        (
            "publisher",
            "set",
            "<publish node='nowhere'><item><a xmlns='urn:a'/></item></publish>".into(),
            &["item-not-found"],
        ),
        ("publisher", "set", publish(""), &["bad-request", "item-required"]),
        ("publisher", "set", publish("<item><a xmlns='urn:a'/></item><item/>"), &["bad-request", "item-required"]),
        ("publisher", "set", publish("<item/>"), &["bad-request", "invalid-payload"]),
        (
            "publisher",
            "set",
            publish("<item><a xmlns='urn:a'/><b xmlns='urn:a'/></item>"),
            &["bad-request", "invalid-payload"],
        ),
        (
            "publisher",
            "set",
            publish(&format!("<item><a xmlns='urn:a'>{}</a></item>", "x".repeat(250_001))),
            &["not-acceptable", "payload-too-big"],
        ),
        ("outsider", "set", "<retract node='MILEHost'><item id='x'/></retract>".into(), &["item-not-found"]),
        ("outsider", "set", "<create node='MILEHost'/>".into(), &["conflict"]),
        ("outsider", "set", "<create/>".into(), &["not-acceptable", "nodeid-required"]),
        ("analyst", "get", "<options node='MILEHost'/>".into(), &["bad-request", "invalid-jid"]),
        (
            "outsider",
            "get",
            "<options node='MILEHost' jid='outsider@practice.invalid'/>".into(),
            &["unexpected-request", "not-subscribed"],
        ),
    ];
    for (who, kind, inside, conditions) in rows {
        let (answer, told) = play.pubsub(who, kind, &inside);
        assert_eq!(answer.refused(), conditions, "{inside:.200}");
        assert!(told.is_empty());
    }
    let (answer, _) = play.owner("analyst", "get", "<subscriptions node='MILEHost'/>");
    assert_eq!(answer.refused(), ["forbidden"]);
    let (answer, _) = play.iq("analyst", "get", "<query xmlns='urn:example:unknown'/>");
    assert_eq!(answer.refused(), ["service-unavailable"]);
    assert!(play.at("analyst", "<iq type='result' id='q9'/>", now()).is_empty(), "results are never answered");
}

#[test]
fn a_subscription_has_options() {
    let mut play = Play::new();
    let (me, node) = ("analyst@practice.invalid", "MILEHost");
    let form = |deliver: &str| {
        format!(
            "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>{PUBSUB}#subscribe_options</value>\
             </field><field var='pubsub#deliver'><value>{deliver}</value></field></x>"
        )
    };
    let set = |deliver: &str| format!("<options node='{node}' jid='{me}'>{}</options>", form(deliver));
    assert!(play.subscribe("analyst", node).0.refused().is_empty());
    let told = |play: &mut Play, id: &str| {
        let (_, told) = play.publish("publisher", node, id, "<a xmlns='urn:a'/>");
        told.iter().filter(|said| said.to == me).count()
    };
    assert_eq!(told(&mut play, "1"), 1);
    assert!(play.pubsub("analyst", "set", &set("false")).0.refused().is_empty());
    assert_eq!(told(&mut play, "2"), 0, "not delivered any more");
    let (answer, _) = play.pubsub("analyst", "get", &format!("<options node='{node}' jid='{me}'/>"));
    assert_eq!(answer.all("value").len(), 2);
    assert_eq!(play.pubsub("analyst", "set", &set("maybe")).0.refused(), ["bad-request", "invalid-options"]);
    let other = format!("<options node='{node}' jid='{me}' subid='other'/>");
    assert_eq!(play.pubsub("analyst", "get", &other).0.refused(), ["not-acceptable", "invalid-subid"]);
    let both = format!("<subscribe node='{node}' jid='{me}'/><options>{}</options>", form("1"));
    assert!(play.pubsub("analyst", "set", &both).0.refused().is_empty());
    assert_eq!(told(&mut play, "3"), 1, "configured while subscribing");
    assert!(play.pubsub("analyst", "get", "<default/>").0.refused().is_empty());
}

#[test]
fn another_publishers_item_is_not_overwritten() {
    let mut play = Play::new();
    let (node, one) = ("vendor-advisories", "<a xmlns='urn:a'/>");
    let open = "<configure node='vendor-advisories'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#node_config</value></field><field var='pubsub#publish_model'><value>open</value></field></x></configure>";
    assert!(play.owner("owner", "set", open).0.refused().is_empty());
    assert!(play.publish("publisher", node, "mine", one).0.refused().is_empty());
    assert_eq!(play.publish("outsider", node, "mine", one).0.refused(), ["forbidden"]);
    assert!(play.publish("owner", node, "mine", one).0.refused().is_empty(), "an owner may");
}

#[test]
fn preconditions_guard_a_publish() {
    let mut play = Play::new();
    let publish = |var: &str, value: &str| {
        format!(
            "<publish node='MILEHost'><item><a xmlns='urn:a'/></item></publish><publish-options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>{PUBSUB}#publish-options</value></field><field var='pubsub#{var}'><value>{value}</value></field></x></publish-options>"
        )
    };
    for (var, value, meets) in [
        ("access_model", "whitelist", true),
        ("access_model", "open", false),
        ("type", "urn:ietf:params:xml:ns:iodef-2.0", true),
        ("persist_items", "true", true),
        ("no_such_thing", "1", false),
    ] {
        let (answer, told) = play.pubsub("publisher", "set", &publish(var, value));
        let conditions: &[&str] = if meets { &[] } else { &["conflict", "precondition-not-met"] };
        assert_eq!(answer.refused(), conditions, "{var} {value}");
        assert_eq!(told.len(), usize::from(meets));
    }
}

/// Walks a whole topic by RSM, `set` giving each request from the answer before.
fn walk(play: &mut Play, first: &str, next: impl Fn(&Said) -> Option<String>) -> (Vec<Vec<String>>, Vec<String>) {
    let (mut pages, mut sizes, mut set) = (Vec::new(), Vec::new(), first.to_owned());
    loop {
        let inside = format!("<items node='MILEHost'/><set xmlns='{RSM}'>{set}</set>");
        let (answer, _) = play.pubsub("analyst", "get", &inside);
        let ids: Vec<String> = answer.all("item").iter().map(|item| item.attr("id").unwrap().into_owned()).collect();
        if ids.is_empty() {
            return (pages, sizes);
        }
        assert_eq!(answer.find("first").text(), *ids.first().unwrap());
        assert_eq!(answer.find("last").text(), *ids.last().unwrap());
        sizes.push(answer.find("count").text().into_owned());
        pages.push(ids);
        match next(&answer) {
            Some(next) => set = next,
            None => return (pages, sizes),
        }
    }
}

#[test]
fn stored_items_come_by_page_both_ways() {
    let mut play = Play::new();
    let stored: Vec<String> = play.0.broker.stored("MILEHost").into_iter().map(|(id, _)| id).collect();
    assert!(stored.len() > 150);
    let after = |said: &Said| Some(format!("<max>25</max><after>{}</after>", said.find("last").text()));
    let (pages, sizes) = walk(&mut play, "<max>25</max>", after);
    assert_eq!(pages.concat(), stored);
    assert!(pages.iter().all(|page| page.len() <= 25));
    assert!(sizes.iter().all(|size| *size == stored.len().to_string()));
    let before = |said: &Said| Some(format!("<max>25</max><before>{}</before>", said.find("first").text()));
    let (mut pages, _) = walk(&mut play, "<max>25</max><before/>", before);
    pages.reverse();
    assert_eq!(pages.concat(), stored);
    // Without RSM an answer still fits a stanza, and says that there is more.
    let (answer, _) = play.pubsub("analyst", "get", "<items node='MILEHost'/>");
    assert!(answer.all("item").len() < stored.len() && answer.text.len() < 262_144);
    assert_eq!(answer.find("count").text(), stored.len().to_string());
    let (answer, _) = play.pubsub("analyst", "get", "<items node='MILEHost' max_items='3'/>");
    let newest: Vec<String> = answer.all("item").iter().map(|item| item.attr("id").unwrap().into_owned()).collect();
    assert_eq!(newest, stored[stored.len() - 3..]);
    let one = format!("<items node='MILEHost'><item id='{}'/><item id='no'/></items>", stored[7]);
    assert_eq!(play.pubsub("analyst", "get", &one).0.all("item").len(), 1);
    let gone = format!("<items node='MILEHost'/><set xmlns='{RSM}'><after>no</after></set>");
    assert_eq!(play.pubsub("analyst", "get", &gone).0.refused(), ["item-not-found"]);
}

#[test]
fn topics_are_discovered_with_their_metadata() {
    let mut play = Play::new();
    let items = "<query xmlns='http://jabber.org/protocol/disco#items'>";
    let (answer, _) = play.iq("outsider", "get", &format!("{items}</query>"));
    let nodes: Vec<_> = answer.all("item").iter().map(|item| item.attr("node").unwrap().into_owned()).collect();
    assert_eq!(nodes, ["MILEHost", "phishing-watch", "my-desk", "quiet-ot", "vendor-advisories", "NEA1"]);
    let (page, _) = play.iq(
        "outsider",
        "get",
        &format!("{items}<set xmlns='{RSM}'><max>2</max><after>my-desk</after></set></query>"),
    );
    assert_eq!(page.all("item").len(), 2);
    assert_eq!((page.find("count").text().as_ref(), page.find("first").text().as_ref()), ("6", "quiet-ot"));
    assert_eq!(page.find("first").attr("index").as_deref(), Some("3"));
    let info = |node: &str| format!("<query xmlns='http://jabber.org/protocol/disco#info' node='{node}'/>");
    for (node, kind) in [("MILEHost", "urn:ietf:params:xml:ns:iodef-2.0"), ("NEA1", "urn:example:endpoint-posture:1")] {
        let (answer, _) = play.iq("outsider", "get", &info(node));
        let fields = answer.all("field");
        let field = |var: &str| fields.iter().find(|field| field.attr("var").as_deref() == Some(var)).unwrap();
        assert_eq!(field("pubsub#type").children().next().unwrap().text(), kind);
        assert_eq!(field("pubsub#owner").children().next().unwrap().text(), "owner@practice.invalid");
        assert_eq!(field("FORM_TYPE").children().next().unwrap().text(), format!("{PUBSUB}#meta-data"));
    }
    assert_eq!(play.iq("analyst", "get", &info("nowhere")).0.refused(), ["item-not-found"]);
}

#[test]
fn requests_are_found_by_get_pending() {
    let mut play = Play::new();
    let command = |inside: &str| {
        format!(
            "<command xmlns='http://jabber.org/protocol/commands' node='{PUBSUB}#get-pending' action='execute'>{inside}</command>"
        )
    };
    let (answer, told) = play.iq("analyst", "set", &command(""));
    assert!(told.is_empty());
    let command_el = answer.find("command");
    assert_eq!(command_el.attr("status").as_deref(), Some("executing"));
    assert_eq!(answer.find("option").children().next().unwrap().text(), "my-desk");
    let submit = format!(
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>{PUBSUB}#subscribe_authorization</value></field><field var='pubsub#node'><value>my-desk</value></field></x>"
    );
    let (answer, told) = play.iq("analyst", "set", &command(&submit));
    assert_eq!(answer.find("command").attr("status").as_deref(), Some("completed"));
    assert_eq!(told.len(), 2, "the known and the unknown");
    assert!(told.iter().all(|said| said.to == "analyst@practice.invalid/desk"));
    let (answer, told) = play.iq("outsider", "set", &command(&submit));
    assert_eq!((answer.refused(), told.len()), (vec!["forbidden"], 0));
    let _ = play.answer_request("analyst", "my-desk", "soc@csirt-b.example", true);
    let (_, told) = play.iq("analyst", "set", &command(&submit));
    assert_eq!(told.len(), 1);
    let (list, _) = play.owner("analyst", "get", "<subscriptions node='my-desk'/>");
    let states: Vec<_> =
        list.all("subscription").iter().map(|own| own.attr("subscription").unwrap().into_owned()).collect();
    assert_eq!(states, ["subscribed", "subscribed", "pending"]);
}

#[test]
fn revoked_readers_receive_nothing_more() {
    let mut play = Play::new();
    let change = |jid: &str, to: &str| {
        format!("<affiliations node='MILEHost'><affiliation jid='{jid}' affiliation='{to}'/></affiliations>")
    };
    let (answer, told) = play.owner("owner", "set", &change("analyst@practice.invalid", "none"));
    assert!(answer.refused().is_empty());
    assert_eq!(told[0].find("subscription").attr("subscription").as_deref(), Some("none"));
    let (_, told) = play.publish("publisher", "MILEHost", "secret", "<a xmlns='urn:a'/>");
    assert!(told.is_empty());
    let (answer, _) = play.owner("owner", "set", &change("owner@practice.invalid", "none"));
    assert_eq!(answer.refused(), ["not-acceptable"], "a topic keeps an owner");
}

#[test]
fn the_owner_answers_by_itself_after_a_while() {
    let mut play = Play::new();
    let patience = Duration::seconds(20);
    let _ = play.subscribe("analyst", "phishing-watch");
    let _ = play.subscribe("outsider", "phishing-watch");
    assert!(play.0.decide(now() + Duration::seconds(19), patience).is_empty());
    assert_eq!(play.0.due(patience), Some(now() + patience));
    let told = play.0.decide(now() + patience, patience);
    let said: Vec<String> = told.iter().map(|out| String::from_utf8(out.stanza.to_vec()).unwrap()).collect();
    assert_eq!(said.len(), 4, "the broker's word and the owner's, to each");
    assert!(said[0].contains("subscription='subscribed'") && said[2].contains("subscription='none'"));
    assert!(said[1].contains("act='approved'") && said[1].contains(" until='") && said[3].contains("act='denied'"));
    assert_eq!(play.0.due(patience), None, "requests for my-desk are not this owner's");
}

#[test]
fn configuration_is_applied_whole_or_not_at_all() {
    let mut play = Play::new();
    let submit = |fields: &[(&str, &str)]| {
        let fields: String =
            fields.iter().map(|(var, value)| format!("<field var='{var}'><value>{value}</value></field>")).collect();
        format!(
            "<configure node='my-desk'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>{PUBSUB}#node_config</value></field>{fields}</x></configure>"
        )
    };
    let bad = submit(&[("pubsub#title", "New"), ("pubsub#access_model", "roster")]);
    assert_eq!(play.owner("analyst", "set", &bad).0.refused(), ["not-acceptable"]);
    let read = "<configure node='my-desk'/>";
    assert!(!play.owner("analyst", "get", read).0.text.contains("New"));
    let good = submit(&[("pubsub#title", "New"), ("pubsub#max_items", "2"), ("pubsub#notify_config", "1"), ("x", "y")]);
    let (answer, told) = play.owner("analyst", "set", &good);
    assert!(answer.refused().is_empty() && told[0].text.contains("<configuration"));
    assert!(play.owner("analyst", "get", read).0.text.contains("New"));
    for id in ["1", "2", "3"] {
        let _ = play.publish("analyst", "my-desk", id, "<a xmlns='urn:a'/>");
    }
    assert_eq!(play.0.broker.stored("my-desk").len(), 2);
}
