//! The practice grid over the real client stack: TLS, SCRAM-PLUS, stanzas; the workflow of RFC 8600 figure 2.

use std::time::Duration;

use chrono::{DateTime, Utc};
use gridwatch::model::Tls;
use gridwatch::practice::{Clock, Grid, Options, Pace, Role};
use gridwatch::secrets::Secret;
use gridwatch::xmpp::dial::Tcp;
use gridwatch::xmpp::login::{self, Params, Patience, Session, login};
use gridwatch::xmpp::sasl;
use gridwatch::xmpp::stream;
use gridwatch::xmpp::tls::{Policy, Trust};
use gridwatch::xmpp::trace::Trace;
use gridwatch::xmpp::xml::{El, Frame, Limits, Stanza};
use serde_json::json;
use tokio::time::timeout;

use crate::support::peer::Peer;

const BROKER: &str = "broker.practice.invalid";
const PUBSUB: &str = "http://jabber.org/protocol/pubsub";

fn manual() -> Options {
    Options { seed: 1, pace: Pace::Manual, ..Options::default() }
}

fn params(grid: &Grid, role: Role, tls: Tls) -> Params {
    let account = grid.account(role);
    let resource = "desk".to_owned();
    let trust = Trust::Ca(grid.ca());
    Params {
        jid: account.jid,
        resource,
        credentials: account.password.into(),
        tls,
        trust,
        policy: Policy::default(),
        bind2: false,
        patience: Patience::default(),
        trace: Trace::default(),
        manage: false,
        resume: None,
    }
}

/// A logged-in client.
struct Client(Session);

impl Client {
    async fn new(grid: &Grid, role: Role) -> Self {
        Self::with(grid, role, Tls::StartTls).await
    }

    async fn with(grid: &Grid, role: Role, tls: Tls) -> Self {
        let params = params(grid, role, tls);
        let mut client = Self(login(&*grid.dial(), &params, Limits::PEER, |_| {}).await.unwrap());
        client.send("<presence/>").await;
        let _ = client.until(|stanza| stanza.name() == "presence").await;
        client
    }

    async fn send(&mut self, stanza: &str) {
        self.0.sender.send(stanza.as_bytes()).await.unwrap();
    }

    /// The next stanza that is wanted; others are passed over.
    async fn until(&mut self, wanted: impl Fn(El<'_>) -> bool) -> Stanza {
        let reading = async {
            loop {
                match self.0.reader.read().await.unwrap() {
                    Frame::Stanza(stanza) if wanted(stanza.root()) => return stanza,
                    Frame::Stanza(_) => {}
                    other => panic!("{other:?}"),
                }
            }
        };
        timeout(Duration::from_secs(20), reading).await.expect("a stanza in time")
    }

    async fn message(&mut self) -> Stanza {
        self.until(|stanza| stanza.name() == "message").await
    }

    async fn iq(&mut self, kind: &str, child: &str) -> Stanza {
        self.send(&format!("<iq type='{kind}' id='q' to='{BROKER}'>{child}</iq>")).await;
        self.until(|stanza| stanza.name() == "iq" && stanza.attr("id").as_deref() == Some("q")).await
    }

    async fn pubsub(&mut self, kind: &str, inside: &str) -> Stanza {
        self.iq(kind, &format!("<pubsub xmlns='{PUBSUB}'>{inside}</pubsub>")).await
    }

    async fn subscribe(&mut self, node: &str) -> Stanza {
        let jid = self.0.facts.jid.bare().clone();
        self.pubsub("set", &format!("<subscribe node='{node}' jid='{jid}'/>")).await
    }

    /// Answers the subscription request in `message`.
    async fn decide(&mut self, message: &Stanza, allow: bool) {
        let form = find(message, "x");
        let field = |var: &str| {
            let own = form.children().find(|field| field.attr("var").as_deref() == Some(var)).unwrap();
            own.children().next().unwrap().text().into_owned()
        };
        let mut fields = String::new();
        for var in ["FORM_TYPE", "pubsub#node", "pubsub#subscriber_jid", "pubsub#subid"] {
            fields += &format!("<field var='{var}'><value>{}</value></field>", field(var));
        }
        fields += &format!("<field var='pubsub#allow'><value>{allow}</value></field>");
        self.send(&format!("<message to='{BROKER}'><x xmlns='jabber:x:data' type='submit'>{fields}</x></message>"))
            .await;
    }
}

/// The first element of that name anywhere in a stanza.
fn find<'a>(stanza: &'a Stanza, name: &str) -> El<'a> {
    let mut todo = vec![stanza.root()];
    while let Some(el) = todo.pop() {
        if el.name() == name {
            return el;
        }
        todo.extend(el.children());
    }
    panic!("no {name} in {:?}", String::from_utf8_lossy(stanza.root().raw()));
}

fn conditions(stanza: &Stanza) -> Vec<String> {
    assert_eq!(stanza.root().attr("type").as_deref(), Some("error"));
    find(stanza, "error").children().map(|child| child.name().to_owned()).collect()
}

fn state(stanza: &Stanza) -> String {
    find(stanza, "subscription").attr("subscription").unwrap().into_owned()
}

/// Publishes and gives the payload exactly as it was sent.
async fn publish(client: &mut Client, node: &str, id: &str) -> String {
    let payload = format!(
        "<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\"  version='2.00' ><Incident\n purpose='watch'><![CDATA[<{id}>]]>&#x41;</Incident></IODEF-Document >"
    );
    let inside = format!("<publish node='{node}'><item id='{id}'>{payload}</item></publish>");
    let answer = client.pubsub("set", &inside).await;
    assert_eq!(answer.root().attr("type").as_deref(), Some("result"));
    payload
}

#[tokio::test]
async fn figure_2_with_the_analyst_as_consumer() {
    let grid = Grid::start(manual()).unwrap();
    let mut analyst = Client::new(&grid, Role::Analyst).await;
    let mut owner = Client::new(&grid, Role::Owner).await;
    let mut publisher = Client::with(&grid, Role::Publisher, Tls::Direct).await;
    assert_eq!(analyst.0.facts.authentication.mechanism, "SCRAM-SHA-512-PLUS");
    assert_eq!(analyst.0.facts.channel.version, "TLS 1.3");

    let topics = analyst.iq("get", "<query xmlns='http://jabber.org/protocol/disco#items'/>").await;
    assert!(find(&topics, "query").children().any(|item| item.attr("node").as_deref() == Some("phishing-watch")));
    assert_eq!(state(&analyst.subscribe("phishing-watch").await), "pending");
    let request = owner.message().await;
    owner.decide(&request, true).await;
    assert_eq!(state(&analyst.message().await), "subscribed");
    let payload = publish(&mut publisher, "phishing-watch", "one").await;
    let event = analyst.message().await;
    assert_eq!(event.root().attr("from").as_deref(), Some(BROKER));
    assert_eq!(find(&event, "item").attr("publisher").as_deref(), Some("publisher@practice.invalid"));
    assert_eq!(find(&event, "item").children().next().unwrap().raw(), payload.as_bytes());
    let stored = analyst.pubsub("get", "<items node='phishing-watch'><item id='one'/></items>").await;
    assert_eq!(find(&stored, "item").children().next().unwrap().raw(), payload.as_bytes());
    let _ = publisher.pubsub("set", "<retract node='phishing-watch' notify='1'><item id='one'/></retract>").await;
    assert_eq!(find(&analyst.message().await, "retract").attr("id").as_deref(), Some("one"));
}

#[tokio::test]
async fn figure_2_with_the_analyst_as_owner_and_publisher() {
    let grid = Grid::start(manual()).unwrap();
    let mut outsider = Client::new(&grid, Role::Outsider).await;
    assert_eq!(conditions(&outsider.subscribe("MILEHost").await), ["not-allowed", "closed-node"]);
    assert_eq!(state(&outsider.subscribe("my-desk").await), "pending");
    // The analyst was away: the requests were kept, each with the time it was kept at.
    let mut analyst = Client::new(&grid, Role::Analyst).await;
    let request = analyst.until(|stanza| stanza.raw().windows(8).any(|window| window == b"outsider")).await;
    assert!(find(&request, "delay").attr("stamp").is_some());
    analyst.decide(&request, false).await;
    assert_eq!(state(&outsider.message().await), "none");
    assert_eq!(state(&outsider.subscribe("my-desk").await), "pending");
    let request = analyst.until(|stanza| stanza.raw().windows(8).any(|window| window == b"outsider")).await;
    analyst.decide(&request, true).await;
    assert_eq!(state(&outsider.message().await), "subscribed");
    let payload = publish(&mut analyst, "my-desk", "mine").await;
    let event = outsider.message().await;
    assert_eq!(find(&event, "item").children().next().unwrap().raw(), payload.as_bytes());
    assert_eq!(find(&event, "item").attr("publisher").as_deref(), Some("analyst@practice.invalid"));
}

#[tokio::test]
async fn messages_are_kept_for_those_away() {
    let grid = Grid::start(manual()).unwrap();
    let mut publisher = Client::new(&grid, Role::Publisher).await;
    let payload = publish(&mut publisher, "MILEHost", "while-away").await;
    let mut analyst = Client::new(&grid, Role::Analyst).await;
    let event = analyst.until(|stanza| stanza.raw().windows(10).any(|window| window == b"while-away")).await;
    assert_eq!(find(&event, "item").children().next().unwrap().raw(), payload.as_bytes());
    assert_eq!(find(&event, "delay").attr("from").as_deref(), Some("practice.invalid"));
}

/// Why a console that consumes reports does not bind by Bind2: the server throws away what it kept (XEP-0386 §3.2).
#[tokio::test]
async fn bind2_saves_a_round_trip_and_loses_what_was_kept() {
    let grid = Grid::start(manual()).unwrap();
    let mut publisher = Client::new(&grid, Role::Publisher).await;
    let _ = publish(&mut publisher, "MILEHost", "thrown-away").await;
    let params = Params { bind2: true, ..params(&grid, Role::Analyst, Tls::StartTls) };
    let enter = async || Client(login(&*grid.dial(), &params, Limits::PEER, |_| {}).await.unwrap());
    let mut analyst = enter().await;
    let (jid, authentication) = (analyst.0.facts.jid.clone(), analyst.0.facts.authentication.clone());
    assert!(authentication.sasl2 && authentication.downgrade_checked, "{authentication:?}");
    assert_eq!(authentication.binding.as_deref(), Some("tls-exporter"));
    assert!(jid.to_string().starts_with("analyst@practice.invalid/gridwatch/"), "{jid}");
    analyst.send("<presence/>").await;
    analyst.send("<iq type='get' id='over'><ping xmlns='urn:xmpp:ping'/></iq>").await;
    let kept = |raw: &[u8]| raw.windows(11).any(|window| window == b"thrown-away");
    let first = analyst.until(|stanza| stanza.name() == "iq" || kept(stanza.raw())).await;
    assert_eq!(first.root().name(), "iq", "the kept message is gone");
    // The same console gets the same resource again, and what was left of its session ends.
    assert_eq!(enter().await.0.facts.jid, jid);
}

#[tokio::test]
async fn the_sender_is_who_the_server_knows() {
    let grid = Grid::start(manual()).unwrap();
    let mut outsider = Client::new(&grid, Role::Outsider).await;
    let mut analyst = Client::new(&grid, Role::Analyst).await;
    let forged = "<message to='analyst@practice.invalid' from='broker.practice.invalid' id='f' xml:lang='de'>\
                  <event xmlns='http://jabber.org/protocol/pubsub#event'/><body>a&lt;b</body></message>";
    outsider.send(forged).await;
    let relayed = analyst.until(|stanza| stanza.attr("id").as_deref() == Some("f")).await;
    assert_eq!(relayed.root().attr("from").as_deref(), Some("outsider@practice.invalid/desk"));
    assert!(relayed.root().child("http://jabber.org/protocol/pubsub#event", "event").is_some());
    assert_eq!(relayed.root().child("jabber:client", "body").unwrap().text(), "a<b");
    outsider.send("<iq type='get' id='p' to='nobody@elsewhere.example'><ping xmlns='urn:xmpp:ping'/></iq>").await;
    let refused = outsider.until(|stanza| stanza.attr("id").as_deref() == Some("p")).await;
    assert_eq!(conditions(&refused), ["remote-server-not-found"]);
}

#[tokio::test]
async fn logins_that_must_fail() {
    let grid = Grid::start(manual()).unwrap();
    let wrong =
        Params { credentials: Secret::new("wrong".to_owned()).into(), ..params(&grid, Role::Analyst, Tls::StartTls) };
    let error = login(&*grid.dial(), &wrong, Limits::PEER, |_| {}).await.unwrap_err();
    assert_eq!(error, login::Error::Sasl(sasl::Error::Refused { condition: "not-authorized".to_owned() }));
    let nobody = Params { jid: "nobody@practice.invalid".parse().unwrap(), ..wrong };
    let error = login(&*grid.dial(), &nobody, Limits::PEER, |_| {}).await.unwrap_err();
    assert_eq!(error, login::Error::Sasl(sasl::Error::Refused { condition: "not-authorized".to_owned() }));
    // Another grid's authority is not believed, though both call themselves the same.
    let other = Grid::start(manual()).unwrap();
    let stranger = Params { trust: Trust::Ca(other.ca()), ..params(&grid, Role::Analyst, Tls::StartTls) };
    let error = login(&*grid.dial(), &stranger, Limits::PEER, |_| {}).await.unwrap_err();
    assert!(matches!(error, login::Error::Tls(_)), "{error}");
    let elsewhere = Params { jid: "analyst@elsewhere.example".parse().unwrap(), ..stranger };
    assert!(login(&*grid.dial(), &elsewhere, Limits::PEER, |_| {}).await.is_err());
    assert_ne!(grid.account(Role::Analyst).password.expose(), other.account(Role::Analyst).password.expose());
}

#[tokio::test]
async fn the_same_resource_again_takes_over() {
    let grid = Grid::start(manual()).unwrap();
    let mut old = Client::new(&grid, Role::Analyst).await;
    let _new = Client::new(&grid, Role::Analyst).await;
    let conflict = loop {
        if let Err(error) = old.0.reader.read().await {
            break error;
        }
    };
    assert_eq!(conflict, stream::Error::Peer { condition: "conflict".to_owned() });
}

#[tokio::test]
async fn the_world_happens_by_itself_and_the_owner_answers() {
    let grid = Grid::start(Options { pace: Pace::Fast, ..manual() }).unwrap();
    let mut analyst = Client::new(&grid, Role::Analyst).await;
    let event = analyst.until(|stanza| stanza.raw().windows(6).any(|window| window == b"<items")).await;
    assert_eq!(find(&event, "items").attr("node").as_deref(), Some("MILEHost"));
    assert_eq!(state(&analyst.subscribe("phishing-watch").await), "pending");
    let decided = analyst.until(|stanza| stanza.raw().windows(13).any(|window| window == b"<subscription")).await;
    assert_eq!(state(&decided), "subscribed");
    // With the owner there, the owner decides.
    let mut outsider = Client::new(&grid, Role::Outsider).await;
    let mut owner = Client::new(&grid, Role::Owner).await;
    let _ = outsider.subscribe("phishing-watch").await;
    let request = owner.until(|stanza| stanza.raw().windows(8).any(|window| window == b"outsider")).await;
    owner.decide(&request, true).await;
    assert_eq!(state(&outsider.message().await), "subscribed", "the stand-in would have said no");
}

/// Everything that `steps` live steps bring to the analyst, as bytes.
async fn watch(seed: u64, now: DateTime<Utc>, steps: usize) -> (Vec<Vec<u8>>, Vec<(String, Vec<u8>)>) {
    let grid = Grid::start(Options { seed, pace: Pace::Manual, clock: Clock::Fixed(now), port: None }).unwrap();
    let mut analyst = Client::new(&grid, Role::Analyst).await;
    for _ in 0..steps {
        grid.publish_next().unwrap();
    }
    analyst.send("<iq type='get' id='end'><ping xmlns='urn:xmpp:ping'/></iq>").await;
    let mut seen = Vec::new();
    loop {
        let stanza = analyst.until(|_| true).await;
        if stanza.root().attr("id").as_deref() == Some("end") {
            break;
        }
        seen.push(stanza.root().raw().to_vec());
    }
    let stored = grid.stored("MILEHost").into_iter().map(|(id, payload)| (id, payload.to_vec())).collect();
    (seen, stored)
}

#[tokio::test]
async fn one_seed_and_one_clock_make_one_grid() {
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    let one = watch(9, now, 60).await;
    assert!(one.0.len() >= 35 && one.1.len() > 190, "{} {}", one.0.len(), one.1.len());
    assert_eq!(one, watch(9, now, 60).await);
    assert_ne!(one, watch(10, now, 60).await);
}

#[tokio::test]
async fn a_flood_arrives_whole_and_a_cut_ends_it() {
    let grid = Grid::start(manual()).unwrap();
    let mut analyst = Client::new(&grid, Role::Analyst).await;
    let flood = async { grid.flood("MILEHost", 2000, 3000).await };
    let read = async {
        for number in 0..2000 {
            let event = analyst.until(|stanza| stanza.raw().windows(6).any(|window| window == b"flood-")).await;
            let item = find(&event, "item");
            assert_eq!(item.attr("id").unwrap(), format!("flood-{number:010}"));
            let payload = item.children().next().unwrap().raw();
            assert_eq!(payload.len(), 3000);
            let mark = format!("PX-FLOOD-{number:010}<");
            assert!(payload.windows(mark.len()).any(|window| window == mark.as_bytes()));
        }
    };
    let (sent, ()) = tokio::join!(flood, read);
    assert_eq!(sent, 2000);
    // Nobody reads now: the flood stops at what the link and the grid hold, and the cut lets go of it.
    let flood = grid.flood("MILEHost", 1_000_000, 3000);
    tokio::pin!(flood);
    assert!(timeout(Duration::from_millis(300), &mut flood).await.is_err());
    grid.cut();
    assert!(timeout(Duration::from_secs(20), flood).await.unwrap() < 1_000_000);
    let broken = loop {
        if let Err(error) = analyst.0.reader.read().await {
            break error;
        }
    };
    assert!(matches!(broken, stream::Error::Closed | stream::Error::Link(_)), "{broken}");
    assert_eq!(grid.flood("MILEHost", 5, 100).await, 0, "nobody is there");
}

#[tokio::test]
async fn a_client_that_never_reads_is_sent_away_and_harms_nobody() {
    let grid = Grid::start(manual()).unwrap();
    let mut slow = Client::new(&grid, Role::Analyst).await;
    let mut publisher = Client::new(&grid, Role::Publisher).await;
    let payload = format!("<a xmlns='urn:a'>{}</a>", "x".repeat(200_000));
    // More than the grid keeps for one client (16 MiB) and the link holds.
    for number in 0..120 {
        let item = format!("<publish node='MILEHost'><item id='big-{number}'>{payload}</item></publish>");
        let answer = publisher.pubsub("set", &item).await;
        assert_eq!(answer.root().attr("type").as_deref(), Some("result"));
    }
    let ended = async { while slow.0.reader.read().await.is_ok() {} };
    timeout(Duration::from_secs(20), ended).await.expect("the session ends");
    let mut again = Client::new(&grid, Role::Analyst).await;
    let answer = again.iq("get", "<ping xmlns='urn:xmpp:ping'/>").await;
    assert_eq!(answer.root().attr("type").as_deref(), Some("result"));
}

#[tokio::test]
async fn a_port_lets_other_clients_in() {
    let grid = Grid::start(Options { port: Some(0), ..manual() }).unwrap();
    let port = grid.port().unwrap();
    let dial = Tcp { host: "127.0.0.1".to_owned(), port };
    for tls in [Tls::StartTls, Tls::Direct] {
        let password = Secret::new("practice-analyst".to_owned());
        let params = Params { credentials: password.into(), ..params(&grid, Role::Analyst, tls) };
        let session = login(&dial, &params, Limits::PEER, |_| {}).await.unwrap();
        assert_eq!(session.facts.jid.to_string(), "analyst@practice.invalid/desk");
        assert_eq!(session.facts.authentication.mechanism, "SCRAM-SHA-512", "others can bind to no channel we could");
    }
    assert!(grid.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    let taken = Grid::start(Options { port: Some(port), ..manual() }).unwrap_err();
    assert_eq!(taken.say().key, "error-practice-listen");
    drop(grid);
    let again = Grid::start(Options { port: Some(port), ..manual() }).unwrap();
    assert_eq!(again.port(), Some(port), "an ended grid has given its port back");
}

/// The same workflow with an independent client (slixmpp) at the owner's and the publisher's side.
#[tokio::test(flavor = "multi_thread")]
async fn another_client_joins_and_finds_a_server_like_others() {
    let grid = Grid::start(Options { port: Some(0), ..manual() }).unwrap();
    let mut analyst = Client::new(&grid, Role::Analyst).await;
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("practice-ca.pem");
    std::fs::write(&ca, grid.ca_pem()).unwrap();
    let join = |name: &str, direct: bool| {
        Peer::join(json!({
            "jid": format!("{name}@practice.invalid"), "password": format!("practice-{name}"), "host": "127.0.0.1",
            "port": grid.port(), "ca": ca, "direct": direct,
        }))
    };
    let (mut owner, mut publisher) = tokio::task::block_in_place(|| (join("owner", false), join("publisher", true)));
    assert_eq!(state(&analyst.subscribe("phishing-watch").await), "pending");
    tokio::task::block_in_place(|| {
        let nodes = owner.call("nodes", json!({"service": BROKER}));
        assert_eq!(nodes["nodes"].as_array().unwrap().len(), 6);
        let request = owner.event("a request", |event| event["event"] == "request");
        assert_eq!(request["jid"], "analyst@practice.invalid");
        owner.tell("fetch_pending", json!({"service": BROKER, "node": "phishing-watch"}));
        assert_eq!(owner.event("the request again", |event| event["event"] == "request"), request);
        owner.tell("decide", json!({"node": "phishing-watch", "jid": "analyst@practice.invalid", "allow": true}));
    });
    assert_eq!(state(&analyst.message().await), "subscribed");
    tokio::task::block_in_place(|| {
        let payload = "<a xmlns='urn:example:a'>from slixmpp</a>";
        let arguments = json!({"service": BROKER, "node": "phishing-watch", "item": "s1", "payload": payload});
        assert_eq!(publisher.call("publish", arguments)["item"], "s1");
    });
    let event = analyst.message().await;
    assert_eq!(find(&event, "item").attr("publisher").as_deref(), Some("publisher@practice.invalid"));
    assert!(find(&event, "item").raw().windows(12).any(|window| window == b"from slixmpp"));
    // And the other way: what we publish, it receives.
    tokio::task::block_in_place(|| {
        let answer = publisher.call("subscribe", json!({"service": BROKER, "node": "my-desk"}));
        assert_eq!(answer["state"], "subscribed", "publishers need not ask");
    });
    let _ = publish(&mut analyst, "my-desk", "ours").await;
    tokio::task::block_in_place(|| {
        let got = publisher.event("our report", |event| event["event"] == "item");
        assert_eq!((&got["item"], &got["publisher"]), (&json!("ours"), &json!("analyst@practice.invalid")));
        assert!(got["payload"].as_str().unwrap().contains("iodef-2.0"), "{got}");
    });
}

/// TCP and UDP sockets among this process's own.
#[cfg(target_os = "linux")]
fn inet_sockets() -> usize {
    let fds = std::fs::read_dir("/proc/self/fd").unwrap();
    let own: Vec<_> = fds.filter_map(|fd| std::fs::read_link(fd.ok()?.path()).ok()).collect();
    let tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6", "/proc/self/net/udp", "/proc/self/net/udp6"];
    let all: String = tables.iter().filter_map(|table| std::fs::read_to_string(table).ok()).collect();
    let inodes = all.lines().filter_map(|line| line.split_whitespace().nth(9));
    inodes.filter(|inode| own.iter().any(|link| link.as_os_str() == format!("socket:[{inode}]").as_str())).count()
}

/// In a process of its own, since other tests of this one open sockets.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_socket_is_open_unless_asked_for() {
    const ALONE: &str = "GRIDWATCH_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let exe = std::env::current_exe().unwrap();
        let mut command = std::process::Command::new(exe);
        let _ = command.args(["--exact", "practice::no_socket_is_open_unless_asked_for"]).env(ALONE, "1");
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && told.contains("1 passed"), "{told}");
        return;
    }
    let grid = Grid::start(Options { pace: Pace::Fast, ..manual() }).unwrap();
    let mut analyst = Client::new(&grid, Role::Analyst).await;
    let _ = analyst.until(|stanza| stanza.raw().windows(6).any(|window| window == b"<items")).await;
    assert_eq!(inet_sockets(), 0);
    let open = Grid::start(Options { port: Some(0), ..manual() }).unwrap();
    assert_eq!(inet_sockets(), 1, "the check sees a listener: {:?}", open.port());
}
