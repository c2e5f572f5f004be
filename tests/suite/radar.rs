//! The conformance radar over what the practice grid, ejabberd and Prosody answered: recorded in `tests/fixtures/radar`, and
//! asked again of the servers themselves where they are here. `GRIDWATCH_RECORD=1` writes the records anew.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use gridwatch::engine::radar::{self, Duty, Facts, Row, State, Words};
use gridwatch::engine::{Command, Connection, Receipt, SessionFacts};
use gridwatch::i18n::Catalog;
use gridwatch::model::session::{Authentication, Channel, Management, Route};
use gridwatch::model::survey::{Answers, Fresh, Survey};
use gridwatch::model::{Access, Membership, PayloadType, Tls, Topic, TopicId};
use gridwatch::practice::Role;

use crate::practice_engine;
use crate::support::console::Console;
use crate::support::ejabberd::Ejabberd;
use crate::support::peer::Peer;
use crate::support::prosody::Prosody;
use crate::support::server::{Account, Port, Server};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/radar/{name}.txt"))
}

/// What one answered, a fact a line; addresses, counts and times are the test's own and left out.
fn told(name: &str, answers: &Answers, out: &mut String) {
    let mut add = |fact: &str, value: &str| out.push_str(&format!("{name} {fact} {value}\n"));
    add("heard", &answers.heard.to_string());
    answers.name.iter().for_each(|own| add("name", own));
    answers.software.iter().for_each(|own| add("software", own));
    answers.pages.iter().for_each(|pages| add("pages", &pages.to_string()));
    answers.features.iter().for_each(|feature| add("feature", feature));
    if let Some(fresh) = &answers.fresh {
        fresh.offered.iter().for_each(|model| add("offers", model));
        fresh.access.iter().for_each(|model| add("access", model));
        fresh.notification.iter().for_each(|kind| add("notification", kind));
        fresh.stores.iter().for_each(|stores| add("stores", &stores.to_string()));
        fresh.most.iter().for_each(|most| add("most", most));
        fresh.fields.iter().for_each(|field| add("field", field));
    }
}

fn written(survey: &Survey) -> String {
    let mut out = String::new();
    told("controller", &survey.controller, &mut out);
    survey.brokers.iter().for_each(|broker| told("broker", broker, &mut out));
    out
}

/// What [`written`] wrote.
fn recorded(name: &str) -> Survey {
    let text = fs::read_to_string(path(name)).unwrap();
    let mut controller = Answers::of("grid.example".parse().unwrap());
    let mut broker = Answers::of("broker.grid.example".parse().unwrap());
    for line in text.lines() {
        let mut words = line.splitn(3, ' ');
        let (of, fact, value) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap().to_owned());
        let answers = if of == "controller" { &mut controller } else { &mut broker };
        match fact {
            "heard" => answers.heard = value == "true",
            "name" => answers.name = Some(value),
            "software" => answers.software = Some(value),
            "pages" => answers.pages = Some(value == "true"),
            "feature" => drop(answers.features.insert(value)),
            fact => {
                let fresh = answers.fresh.get_or_insert_with(Fresh::default);
                match fact {
                    "offers" => fresh.offered.push(value),
                    "access" => fresh.access = Some(value),
                    "notification" => fresh.notification = Some(value),
                    "stores" => fresh.stores = Some(value == "true"),
                    "most" => fresh.most = Some(value),
                    "field" => fresh.fields.push(value),
                    other => panic!("{other}"),
                }
            }
        }
    }
    let at = "2026-11-22T12:00:00Z".parse().unwrap();
    Survey { at, controller, brokers: vec![broker], close: true }
}

/// Holds what a server answers now against its record, or records it.
fn held(name: &str, survey: &Survey) {
    let now = written(survey);
    if std::env::var_os("GRIDWATCH_RECORD").is_some() {
        fs::write(path(name), &now).unwrap();
    }
    assert_eq!(now, fs::read_to_string(path(name)).unwrap_or_default(), "{name} answers otherwise than recorded");
}

fn survey(console: &mut Console) -> Arc<Survey> {
    match console.ask(|request| Command::Survey { request, close: true }) {
        Ok(Receipt::Surveyed(survey)) => survey,
        other => panic!("{other:?}"),
    }
}

fn session(mechanism: &str, binding: Option<&str>) -> SessionFacts {
    SessionFacts {
        jid: "me@grid.example/x".parse().unwrap(),
        broker: None,
        route: Route::default(),
        channel: Channel { version: "TLS 1.3".to_owned(), ..Channel::default() },
        authentication: Authentication {
            mechanism: mechanism.to_owned(),
            binding: binding.map(str::to_owned),
            ..Authentication::default()
        },
        management: Management::Resumable { max: Some(300), resumed: false },
    }
}

fn states(rows: &[Row], wanted: State) -> Vec<&'static str> {
    rows.iter().filter(|row| row.state == wanted).map(|row| row.about.trim_start_matches("radar-")).collect()
}

#[test]
fn the_practice_grid_does_what_rfc_8600_asks_but_for_revocation() {
    let grid = practice_engine::grid();
    let mut console = practice_engine::online(&grid, Role::Owner);
    let survey = survey(&mut console);
    held("practice", &survey);
    let Connection::Online(facts) = console.connection.clone() else { panic!("{:?}", console.connection) };
    let rows = radar::rows(&Facts { session: Some(&facts), survey: Some(&survey), topics: &console.topics });
    // It has an open topic and no revocation lists, and keeps no broken session.
    assert_eq!(states(&rows, State::Missing), ["resume"], "{rows:?}");
    assert_eq!(states(&rows, State::Unknown), Vec::<&str>::new(), "{rows:?}");
    let degraded = states(&rows, State::Degraded);
    assert!(degraded.contains(&"revocation") && degraded.contains(&"access"), "{degraded:?}");
    for fine in ["tls", "certificate", "mechanism", "binding", "requests", "create", "guarded", "pages", "revoke"] {
        assert!(!degraded.contains(&fine), "{fine}: {degraded:?}");
    }
    // Nothing was changed by looking.
    assert!(console.store.activity_is_about_the_session_only());
}

/// A look at the log that names what it is for.
trait Quiet {
    fn activity_is_about_the_session_only(&self) -> bool;
}

impl Quiet for gridwatch::store::Memory {
    fn activity_is_about_the_session_only(&self) -> bool {
        use gridwatch::store::Activity;
        use gridwatch::store::activity::Kind;
        let entries = self.entries(1, 100).unwrap();
        entries.iter().all(|entry| entry.act.as_ref().is_some_and(|act| act.kind == Kind::Connect))
    }
}

/// Debian's ejabberd 23.01 (`engine.md` §4).
#[test]
fn what_ejabberd_cannot_do_is_said() {
    let survey = recorded("ejabberd");
    let session = session("SCRAM-SHA-256", None);
    let rows = radar::rows(&Facts { session: Some(&session), survey: Some(&survey), topics: &[] });
    let degraded = states(&rows, State::Degraded);
    for one in ["binding", "access", "offline", "archive"] {
        assert!(degraded.contains(&one), "{one}: {degraded:?}");
    }
    let access = rows.iter().find(|row| row.about == "radar-access").unwrap();
    assert_eq!(access.why.key, "radar-access-default", "a topic made by publishing would be open");
    let works = states(&rows, State::Works);
    for one in ["requests", "create", "configure", "revoke", "guarded", "history", "publish", "subscribe", "end"] {
        assert!(works.contains(&one), "{one}: {works:?}");
    }
    assert_eq!(states(&rows, State::Missing), Vec::<&str>::new());
    assert_eq!(states(&rows, State::Unknown), ["type"], "no topics were told of");
}

/// Debian's Prosody 0.12.3: topics are open or by invitation, and nobody can ask.
#[test]
fn what_prosody_cannot_do_is_said() {
    let survey = recorded("prosody");
    let session = session("SCRAM-SHA-256", None);
    let rows = radar::rows(&Facts { session: Some(&session), survey: Some(&survey), topics: &[] });
    let of = |about: &str| rows.iter().find(|row| row.about == about).map(|row| (row.state, row.why.key));
    assert_eq!(of("radar-requests"), Some((State::Missing, "radar-requests-none")));
    assert_eq!(of("radar-access"), Some((State::Degraded, "radar-access-no-requests")));
    assert_eq!(of("radar-archive").map(|(state, _)| state), Some(State::Degraded));
}

fn console(server: &impl Server, account: &Account) -> Console {
    drop(Peer::login(server, account, Port::StartTls));
    let mut console = Console::start(gridwatch::engine::Options::default());
    console.connect(server.console(account, Tls::StartTls));
    let _ = console.until_online();
    console.until("the list of topics, read whole", |console| console.whole.then_some(()));
    console
}

#[test]
fn ejabberd_answers_as_recorded() {
    let server = Ejabberd::start();
    let mut owner = Peer::login(&server, &Ejabberd::account("owner"), Port::StartTls);
    owner.create("one", "authorize");
    owner.create("two", "whitelist");
    let mut console = console(&server, &Ejabberd::account("analyst"));
    held("ejabberd", &survey(&mut console));
}

#[test]
fn prosody_answers_as_recorded() {
    let server = Prosody::start();
    let mut owner = Peer::login(&server, &Prosody::owner(), Port::StartTls);
    owner.create("one", "whitelist");
    owner.create("two", "whitelist");
    let mut console = console(&server, &Prosody::account("analyst"));
    held("prosody", &survey(&mut console));
}

#[test]
fn topics_that_break_rfc_8600_degrade_it_by_their_numbers() {
    let id = |node: &str| TopicId { broker: "broker.grid.example".parse().unwrap(), node: node.to_owned() };
    let typed = Topic { payload: PayloadType::Iodef2, access: Access::Whitelist, ..Topic::bare(id("a")) };
    let headline = Topic { membership: Membership::Subscribed, headline: Some(true), ..typed.clone() };
    let open = Topic { access: Access::Open, ..Topic::bare(id("b")) };
    let survey = recorded("practice");
    let row = |topics: &[Topic], about: &str| {
        let rows = radar::rows(&Facts { session: None, survey: Some(&survey), topics });
        rows.into_iter().find(|row| row.about == about).unwrap()
    };
    assert_eq!(row(std::slice::from_ref(&typed), "radar-type").state, State::Works);
    let mixed = row(&[typed.clone(), open.clone()], "radar-type");
    assert_eq!((mixed.state, &mixed.why.args[0].1[..]), (State::Degraded, "1"));
    assert_eq!(row(std::slice::from_ref(&open), "radar-type").state, State::Missing);
    assert_eq!(row(&[open], "radar-access").why.key, "radar-access-open");
    assert_eq!(row(&[headline], "radar-offline").why.key, "radar-offline-topics");
    assert_eq!(row(&[typed], "radar-offline").state, State::Works);
    // Without a session, and before anybody asked, nothing is claimed.
    let nothing = radar::rows(&Facts { session: None, survey: None, topics: &[] });
    assert!(nothing.iter().all(|row| row.state == State::Unknown), "{nothing:?}");
}

#[test]
fn every_broker_is_judged_by_what_it_says_and_by_its_own_topics() {
    let mut survey = recorded("ejabberd");
    let worse = Answers { who: "other.grid.example".parse().unwrap(), ..recorded("prosody").brokers.remove(0) };
    let silent = Answers::of("silent.grid.example".parse().unwrap());
    survey.brokers.extend([worse, silent]);
    let of = |broker: &str, node: &str| TopicId { broker: broker.parse().unwrap(), node: node.to_owned() };
    let typed = Topic { payload: PayloadType::Iodef2, ..Topic::bare(of("broker.grid.example", "a")) };
    let topics = [typed, Topic::bare(of("other.grid.example", "b"))];
    let facts = Facts { session: None, survey: Some(&survey), topics: &topics };
    let rows = radar::rows(&facts);
    let states = |about: &str| {
        let of = rows.iter().filter(|row| row.about == about);
        of.map(|row| (row.broker.as_ref().map_or("", |who| who.domain()), row.state)).collect::<Vec<_>>()
    };
    let all = ["broker.grid.example", "other.grid.example", "silent.grid.example"];
    let of = |states: [State; 3]| all.into_iter().zip(states).collect::<Vec<_>>();
    assert_eq!(states("radar-requests"), of([State::Works, State::Missing, State::Unknown]));
    assert_eq!(states("radar-discovery"), of([State::Works, State::Works, State::Degraded]));
    assert_eq!(states("radar-type"), of([State::Works, State::Missing, State::Unknown]));
    assert_eq!(states("radar-tls"), [("", State::Unknown)], "the session's own");
    // Whose row it is is said where there are several.
    let catalog = Catalog::default();
    let words = Words { say: &|say| catalog.say(say), next: &|say| catalog.next(say) };
    let page = radar::markdown(&rows, &facts, words);
    assert!(page.lines().any(|line| line.contains("\u{b7} other.grid.example | missing")), "{page}");
    let read: serde_json::Value = serde_json::from_str(&radar::json(&rows, &facts, words)).unwrap();
    let named = |row: &&serde_json::Value| row["id"] == "requests" && row["broker"] == "other.grid.example";
    assert_eq!(read["rows"].as_array().unwrap().iter().filter(named).count(), 1);
}

#[test]
fn older_tls_and_logins_are_graded_as_section_8_3_1_has_them() {
    let survey = recorded("practice");
    let state = |facts: SessionFacts, about: &str| {
        let rows = radar::rows(&Facts { session: Some(&facts), survey: Some(&survey), topics: &[] });
        rows.into_iter().find(|row| row.about == about).unwrap().state
    };
    let tls = |version: &str| {
        let mut facts = session("SCRAM-SHA-256", None);
        facts.channel.version = version.to_owned();
        state(facts, "radar-tls")
    };
    assert_eq!([tls("TLS 1.3"), tls("TLS 1.2"), tls("TLS 1.1")], [State::Works, State::Degraded, State::Missing]);
    let login = |name: &str| state(session(name, None), "radar-mechanism");
    assert_eq!([login("EXTERNAL"), login("SCRAM-SHA-512-PLUS"), login("SCRAM-SHA-256")], [State::Works; 3]);
    assert_eq!([login("SCRAM-SHA-1-PLUS"), login("PLAIN")], [State::Degraded, State::Missing]);
    let bound = |binding| state(session("SCRAM-SHA-256-PLUS", binding), "radar-binding");
    assert_eq!([bound(Some("tls-exporter")), bound(None)], [State::Works, State::Degraded]);
}

#[test]
fn the_page_cites_sections_and_is_plain_markdown_whatever_the_grid_calls_itself() {
    let mut survey = recorded("ejabberd");
    survey.controller.software = Some("<script>|x|\n# y".to_owned());
    let facts = Facts { session: None, survey: Some(&survey), topics: &[] };
    let catalog = Catalog::default();
    let words = Words { say: &|say| catalog.say(say), next: &|say| catalog.next(say) };
    let rows = radar::rows(&facts);
    let page = radar::markdown(&rows, &facts, words);
    for section in ["\u{a7}4", "\u{a7}5", "\u{a7}6", "\u{a7}8.3.1", "\u{a7}8.3.2", "\u{a7}8.3.4"] {
        assert!(page.contains(section), "{section}");
    }
    assert!(!page.contains("<script>") && !page.contains("\n# y"), "{page}");
    let tables = page.lines().filter(|line| line.starts_with('|'));
    let plain = |line: &str| line.replace("\\|", "").matches('|').count();
    assert!(tables.clone().count() > rows.len() && tables.clone().all(|line| plain(line) == 5), "{page}");
    assert!(page.contains("Support result sets") || page.contains("Offer SCRAM"), "{page}");
    let read: serde_json::Value = serde_json::from_str(&radar::json(&rows, &facts, words)).unwrap();
    assert_eq!(read["rows"].as_array().unwrap().len(), rows.len());
    let row = |id: &str| read["rows"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap().clone();
    assert_eq!(
        (row("tls")["section"].as_str(), row("tls")["duty"].as_str()),
        (Some("RFC 8600 \u{a7}8.3.1"), Some("MUST"))
    );
    assert!(rows.iter().filter(|row| row.duty != Duty::Ours).all(|row| row.section.starts_with("RFC 8600")));
}
