//! The independent client on the other side: `peer.py` on slixmpp in a process of its own, driven by JSON lines.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{self, Receiver};
use std::time::Instant;

use gridwatch::model::PayloadType;
use serde_json::{Value, json};

use super::child::Guard;
use super::ejabberd::Ejabberd;
use super::server::{Account, Port, Server};
use super::wait::{self, PATIENCE};

/// The broker of every real server.
pub const BROKER: &str = "pubsub.localhost";

/// One account's session by slixmpp.
pub struct Peer {
    _process: Guard,
    input: ChildStdin,
    lines: Receiver<Value>,
    events: Vec<Value>,
    next: u64,
}

impl Peer {
    /// Logs in, registering the account first where it does not exist.
    pub fn login(server: &impl Server, account: &Account, port: Port) -> Self {
        Self::join(json!({
            "jid": account.jid, "password": account.password, "host": "127.0.0.1", "port": server.port(port),
            "ca": server.ca_file(), "direct": port == Port::Direct, "register": true,
        }))
    }

    /// Logs in with these arguments of `connect`.
    pub fn join(arguments: Value) -> Self {
        let mut peer = Self::spawn();
        let jid = arguments["jid"].clone();
        let answer = peer.call("connect", arguments);
        let own = answer["jid"].as_str().zip(jid.as_str()).is_some_and(|(full, jid)| full.starts_with(jid));
        assert!(own, "{answer}");
        peer
    }

    /// Everybody of a domain.
    pub fn crowd(server: &Ejabberd) -> Self {
        let mut peer = Self::spawn();
        let (domain, secret, port) = (Ejabberd::CROWD, Ejabberd::SECRET, server.crowd());
        peer.tell("attend", json!({"domain": domain, "secret": secret, "host": "127.0.0.1", "port": port}));
        peer
    }

    fn spawn() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/support/peer.py");
        let mut command = Command::new(python());
        let _ = command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Guard::group(&mut command);
        let output = BufReader::new(process.child.stdout.take().unwrap());
        let input = process.child.stdin.take().unwrap();
        let (sender, lines) = mpsc::channel();
        let _ = std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("the peer said {line}"));
                if sender.send(value).is_err() {
                    return;
                }
            }
        });
        Self { _process: process, input, lines, events: Vec::new(), next: 0 }
    }

    /// Makes a topic of reports whose events are stored for those who are away.
    pub fn create(&mut self, node: &str, access: &str) {
        self.create_as(node, json!({"access": access}));
    }

    /// Makes a topic of reports with these settings beside.
    pub fn create_as(&mut self, node: &str, settings: Value) {
        self.try_create(node, settings).unwrap();
    }

    pub fn try_create(&mut self, node: &str, settings: Value) -> Result<(), String> {
        let mut arguments =
            json!({"service": BROKER, "node": node, "type": PayloadType::IODEF2, "title": "Of the test"});
        merge(&mut arguments, settings);
        self.attempt("create", arguments).map(drop)
    }

    /// Publishes a small report.
    pub fn publish(&mut self, node: &str, item: &str, text: &str) {
        self.try_publish(node, item, text).unwrap();
    }

    pub fn try_publish(&mut self, node: &str, item: &str, text: &str) -> Result<(), String> {
        let payload = report(item, text);
        let done = self.attempt("publish", json!({"service": BROKER, "node": node, "item": item, "payload": payload}));
        done.map(drop)
    }

    /// Waits until the server knows this full address no more: it answers for it that nobody is there.
    pub fn until_gone(&mut self, full: &str) {
        wait::until("the session to be given up", || {
            (self.attempt("ping", json!({"jid": full})) == Err("service-unavailable".to_owned())).then_some(())
        });
    }

    /// The ids of what is stored under a topic.
    pub fn ids(&mut self, node: &str) -> Vec<String> {
        let answer = self.call("ids", json!({"service": BROKER, "node": node}));
        answer["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    /// Runs a command whose answer is of no interest; panics when it fails.
    pub fn tell(&mut self, verb: &str, arguments: Value) {
        let _ = self.call(verb, arguments);
    }

    /// Runs a command; panics when it fails.
    pub fn call(&mut self, verb: &str, arguments: Value) -> Value {
        self.attempt(verb, arguments).unwrap_or_else(|error| panic!("the peer's {verb} failed: {error}"))
    }

    /// Runs a command; the error is the stanza's condition.
    pub fn attempt(&mut self, verb: &str, mut arguments: Value) -> Result<Value, String> {
        self.next += 1;
        arguments["id"] = json!(self.next);
        arguments["do"] = json!(verb);
        writeln!(self.input, "{arguments}").unwrap();
        self.input.flush().unwrap();
        let answer = loop {
            let line = self.line(verb);
            if line["id"] == self.next {
                break line;
            }
            if line["event"] == "gone" {
                return Err("gone".to_owned());
            }
            self.events.push(line);
        };
        match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer),
        }
    }

    /// The first event that `wanted` takes, past ones included; it is then used up.
    pub fn event(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Some(at) = self.events.iter().position(&wanted) {
                return self.events.remove(at);
            }
            let line = self.line(what);
            self.events.push(line);
        }
    }

    /// The events that came and were not asked for.
    pub fn left(&mut self) -> Vec<Value> {
        self.events.extend(self.lines.try_iter());
        std::mem::take(&mut self.events)
    }

    fn line(&self, what: &str) -> Value {
        let start = Instant::now();
        let line = self.lines.recv_timeout(PATIENCE);
        line.unwrap_or_else(|_| panic!("waited {:?} for the peer: {what}; it said {:?}", start.elapsed(), self.events))
    }
}

fn merge(arguments: &mut Value, more: Value) {
    if let (Value::Object(arguments), Value::Object(more)) = (arguments, more) {
        arguments.extend(more);
    }
}

/// A small report of our own writing.
pub fn report(id: &str, text: &str) -> String {
    format!(
        "<IODEF-Document xmlns='{}' version='2.00' xml:lang='en'><Incident purpose='reporting' restriction='green'>\
         <IncidentID name='csirt.example'>{id}</IncidentID><GenerationTime>2026-11-21T16:00:00Z</GenerationTime>\
         <Description>{text}</Description><Contact role='creator' type='organization'><ContactName>Example CSIRT\
         </ContactName></Contact></Incident></IODEF-Document>",
        PayloadType::IODEF2
    )
}

/// A Python that has slixmpp: the one in `PATH`, else Debian's own.
fn python() -> &'static str {
    fn has(python: &&str) -> bool {
        let tried = Command::new(python).args(["-c", "import slixmpp"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    }
    // Loading it to look takes as long as logging in: once for all tests.
    static FOUND: LazyLock<Option<&str>> = LazyLock::new(|| ["python3", "/usr/bin/python3"].into_iter().find(has));
    FOUND.unwrap_or_else(|| panic!("this test needs slixmpp: apt-get install python3-slixmpp (tests/setup does it)"))
}
