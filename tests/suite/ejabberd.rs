//! The whole workflow of RFC 8600 figure 2 against a real ejabberd, with slixmpp on the other side, both directions.

use serde_json::{Value, json};

use crate::support::ejabberd::{Ejabberd, Port};
use crate::support::peer::Peer;

const IODEF: &str = "urn:ietf:params:xml:ns:iodef-2.0";
const NODE: &str = "example-incidents";

/// A small report of our own writing.
fn report(id: &str, text: &str) -> String {
    format!(
        "<IODEF-Document xmlns='{IODEF}' version='2.00' xml:lang='en'><Incident purpose='reporting' \
         restriction='green'><IncidentID name='csirt.example'>{id}</IncidentID>\
         <GenerationTime>2026-11-21T16:00:00Z</GenerationTime><Description>{text}</Description>\
         <Contact role='creator' type='organization'><ContactName>Example CSIRT</ContactName></Contact>\
         </Incident></IODEF-Document>"
    )
}

fn item(node: &'static str, id: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["event"] == "item" && event["node"] == node && event["item"] == id
}

/// The harness itself: without our engine, the other client speaks to its like over both ports.
#[test]
fn the_server_and_the_other_client_do_what_the_tests_rely_on() {
    let server = Ejabberd::start();
    let broker = Ejabberd::BROKER;
    let mut owner = Peer::login(&server, &Ejabberd::account("owner"), Port::StartTls);
    let mut reader = Peer::login(&server, &Ejabberd::account("reader"), Port::Direct);
    owner.tell("create", json!({"service": broker, "node": NODE, "access": "authorize", "type": IODEF, "title": "T"}));
    assert_eq!(reader.call("nodes", json!({"service": broker}))["nodes"], json!([NODE]));
    assert_eq!(reader.attempt("items", json!({"service": broker, "node": NODE})), Err("forbidden".to_owned()));
    let answer = reader.call("subscribe", json!({"service": broker, "node": NODE}));
    assert_eq!(answer["state"], "pending");
    let request = owner.event("a request", |event| event["event"] == "request");
    assert_eq!((&request["node"], &request["jid"]), (&json!(NODE), &json!("reader@localhost")));
    owner.tell("fetch_pending", json!({"service": broker, "node": NODE}));
    let again = owner.event("the request again", |event| event["event"] == "request");
    assert_eq!(again, request);
    owner.tell("decide", json!({"node": NODE, "jid": "reader@localhost", "allow": true}));
    let told = reader.event("the decision", |event| event["event"] == "subscription" && event["state"] != "pending");
    assert_eq!(told["state"], "subscribed");
    owner.tell("publish", json!({"service": broker, "node": NODE, "item": "1", "payload": report("1", "one")}));
    let got = reader.event("the report", item(NODE, "1"));
    assert!(got["payload"].as_str().unwrap().contains("csirt.example"), "{got}");
    let stored = reader.call("items", json!({"service": broker, "node": NODE}));
    assert_eq!(stored["items"].as_object().unwrap().len(), 1);
    assert_eq!(reader.left(), Vec::<Value>::new());
}
