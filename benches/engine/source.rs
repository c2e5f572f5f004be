//! Where the events come from: the practice grid in a process of its own, told what to do over its standard input.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use gridwatch::model::Tls;
use gridwatch::practice::{Grid, Options, Pace, Role};
use gridwatch::xmpp::login::{Params, Patience, login};
use gridwatch::xmpp::tls::{Policy, Trust};
use gridwatch::xmpp::trace::Trace;
use gridwatch::xmpp::xml::{Frame, Limits};

/// The flooded topic; the analyst reads it.
pub const NODE: &str = "MILEHost";

/// The serving process.
pub fn serve() {
    let options = Options { seed: 1, port: Some(0), pace: Pace::Manual, ..Options::default() };
    let grid = Grid::start(options).unwrap();
    let account = grid.account(Role::Analyst);
    let ca = std::env::temp_dir().join(format!("gridwatch-bench-{}.pem", std::process::id()));
    std::fs::write(&ca, grid.ca_pem()).unwrap();
    let (jid, password) = (&account.jid, account.password.expose());
    println!("{} {jid} {password} {}", grid.port().unwrap(), ca.display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let (what, count) = line.split_once(' ').unwrap();
        let count = count.parse().unwrap();
        let done = match what {
            "topics" => runtime.block_on(topics(&grid, count)),
            size => runtime.block_on(grid.flood(NODE, count, size.parse().unwrap())),
        };
        println!("{done}");
    }
    std::fs::remove_file(&ca).unwrap();
}

/// As the owner of a topic makes them, each with a title; a window of requests is under way at a time.
async fn topics(grid: &Grid, count: u64) -> u64 {
    let account = grid.account(Role::Owner);
    let params = Params {
        jid: account.jid,
        resource: "bench".to_owned(),
        credentials: account.password.into(),
        tls: Tls::StartTls,
        trust: Trust::Ca(grid.ca()),
        policy: Policy::default(),
        bind2: false,
        patience: Patience::default(),
        trace: Trace::default(),
        manage: false,
        resume: None,
    };
    let mut session = login(grid.dial().as_ref(), &params, Limits::PEER, |_| ()).await.unwrap();
    for at in 0..count {
        let create = format!(
            "<iq type='set' id='{at}' to='broker.practice.invalid'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
             <create node='{}'/><configure><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>\
             http://jabber.org/protocol/pubsub#node_config</value></field><field var='pubsub#title'>\
             <value>{}</value></field></x></configure></pubsub></iq>",
            topic(at),
            title(at)
        );
        session.sender.send(create.as_bytes()).await.unwrap();
        if at % 64 == 63 || at + 1 == count {
            while !answers(&session.reader.read().await.unwrap(), at) {}
        }
    }
    count
}

fn answers(frame: &Frame, request: u64) -> bool {
    let Frame::Stanza(stanza) = frame else { panic!("{frame:?}") };
    let answer = stanza.root();
    assert_ne!(answer.attr("type").as_deref(), Some("error"), "{}", String::from_utf8_lossy(answer.raw()));
    answer.attr("id").is_some_and(|id| id == request.to_string())
}

pub fn topic(at: u64) -> String {
    format!("incidents-{at:06}")
}

pub fn title(at: u64) -> String {
    format!("Incident reports of constituency {at}")
}

/// The serving process as the others see it.
pub struct Source {
    child: Child,
    say: Option<ChildStdin>,
    hear: BufReader<ChildStdout>,
    pub port: u16,
    pub jid: String,
    pub password: String,
    pub ca: PathBuf,
}

impl Source {
    pub fn start() -> Self {
        let this = std::env::current_exe().unwrap();
        let mut child = Command::new(this).arg("--serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut hear = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let _ = hear.read_line(&mut line).unwrap();
        let mut words = line.split_whitespace();
        let mut next = || words.next().expect("the source did not start").to_owned();
        let (port, jid, password, ca) = (next().parse().unwrap(), next(), next(), next().into());
        Self { say: child.stdin.take(), hear, child, port, jid, password, ca }
    }

    /// Begins to send; the receiver must be there.
    pub fn flood(&mut self, count: u64) {
        writeln!(self.say.as_mut().unwrap(), "{} {count}", crate::SIZE).unwrap();
    }

    /// Makes so many topics, and waits until they are there.
    pub fn crowd(&mut self, count: u64) {
        writeln!(self.say.as_mut().unwrap(), "topics {count}").unwrap();
        let mut line = String::new();
        let _ = self.hear.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), count.to_string());
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        drop(self.say.take());
        let _ = self.child.wait();
    }
}
