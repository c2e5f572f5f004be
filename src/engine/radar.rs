//! The conformance radar: what controller and broker can and cannot do, for RFC 8600's own musts and shoulds and for each
//! function of this console, why, and what their administrator can do about it.
//!
//! Pure: facts of the session, what was surveyed and what the topics say go in, rows come out. May use `model`. The words of
//! a row's reason have in `.next` what the administrator can do. What is a broker's is judged for each broker there is.

mod report;

use super::event::SessionFacts;
use crate::model::session::{Management, Revoked, Vouched};
use crate::model::survey::{Answers, Survey};
use crate::model::{Access, Affiliation, BareJid, Membership, PayloadType, Say, Topic};

pub use report::{Words, json, markdown, state};

/// How binding it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    Must,
    Should,
    /// A function of this console.
    Ours,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Works,
    Degraded,
    Missing,
    Unknown,
}

impl State {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::Degraded => "degraded",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The catalog key of what it is about.
    pub about: &'static str,
    /// Where it is asked for: `RFC 8600 §8.3.1`.
    pub section: &'static str,
    pub duty: Duty,
    /// The broker it is about; `None` where it is about the session, or there is no broker.
    pub broker: Option<BareJid>,
    pub state: State,
    pub why: Say,
}

/// What the rows are made of.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub session: Option<&'a SessionFacts>,
    pub survey: Option<&'a Survey>,
    pub topics: &'a [Topic],
}

impl Facts<'_> {
    /// Whether there are several brokers, so that a row has to say whose it is.
    #[must_use]
    pub fn are_many(&self) -> bool {
        self.survey.is_some_and(|survey| survey.brokers.len() > 1)
    }
}

/// What a broker's row is made of: there is no broker before anybody asked, and where none was found.
#[derive(Clone, Copy)]
struct Of<'a> {
    facts: &'a Facts<'a>,
    broker: Option<&'a Answers>,
}

impl<'a> Of<'a> {
    /// The topics it has.
    fn topics(self) -> impl Iterator<Item = &'a Topic> {
        let here = move |topic: &&Topic| self.broker.is_none_or(|broker| topic.id.broker == broker.who);
        self.facts.topics.iter().filter(here)
    }
}

type Verdict = (State, Say);

/// A judge of one row.
#[derive(Clone, Copy)]
enum Judge {
    /// Of the session, of the controller, or of all there is.
    All(fn(&Facts<'_>) -> Verdict),
    /// Of one broker.
    Broker(fn(Of<'_>) -> Verdict),
}

use Judge::{All, Broker};

const TLS: &str = "RFC 8600 §8.3.1";

/// RFC 8600's rows, in its order, then the functions of this console in the order of its screens.
const ROWS: &[(&str, &str, Duty, Judge)] = &[
    ("radar-discovery", "RFC 8600 §4", Duty::Should, Broker(discovery)),
    ("radar-pages", "RFC 8600 §4, §8.3.5", Duty::Should, Broker(pages)),
    ("radar-type", "RFC 8600 §5", Duty::Must, Broker(payload_type)),
    ("radar-offline", "RFC 8600 §6", Duty::Must, All(offline)),
    ("radar-tls", TLS, Duty::Must, All(tls)),
    ("radar-certificate", TLS, Duty::Must, All(certificate)),
    ("radar-mechanism", TLS, Duty::Must, All(mechanism)),
    ("radar-binding", TLS, Duty::Should, All(binding)),
    ("radar-revocation", TLS, Duty::Should, All(revocation)),
    ("radar-revoke", "RFC 8600 §8.3.2", Duty::Should, Broker(revoke)),
    ("radar-access", "RFC 8600 §8.3.4", Duty::Should, Broker(access)),
    ("radar-subscribe", "XEP-0060 §6.1", Duty::Ours, Broker(subscribe)),
    ("radar-requests", "XEP-0060 §8.7", Duty::Ours, Broker(requests)),
    ("radar-history", "XEP-0060 §6.5", Duty::Ours, Broker(history)),
    ("radar-resume", "XEP-0198 §5", Duty::Ours, All(resume)),
    ("radar-archive", "XEP-0313 §5", Duty::Ours, Broker(archive)),
    ("radar-publish", "XEP-0060 §7.1", Duty::Ours, Broker(publish)),
    ("radar-guarded", "XEP-0060 §7.1.5", Duty::Ours, Broker(guarded)),
    ("radar-retract", "XEP-0060 §7.2", Duty::Ours, Broker(retract)),
    ("radar-members", "XEP-0060 §8.8, §8.9", Duty::Ours, Broker(members)),
    ("radar-create", "XEP-0060 §8.1", Duty::Ours, Broker(create)),
    ("radar-configure", "XEP-0060 §8.2", Duty::Ours, Broker(configure)),
    ("radar-end", "XEP-0060 §8.4, §8.5", Duty::Ours, Broker(end)),
];

/// All rows.
#[must_use]
pub fn rows(facts: &Facts<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for &(about, section, duty, judge) in ROWS {
        let mut push = |broker: Option<&BareJid>, (state, why)| {
            rows.push(Row { about, section, duty, broker: broker.cloned(), state, why });
        };
        match (judge, facts.survey.map(|survey| survey.brokers.as_slice())) {
            (All(judge), _) => push(None, judge(facts)),
            (Broker(judge), None | Some([])) => push(None, judge(Of { facts, broker: None })),
            (Broker(judge), Some(brokers)) => {
                brokers.iter().for_each(|one| push(Some(&one.who), judge(Of { facts, broker: Some(one) })));
            }
        }
    }
    rows
}

fn works(key: &'static str) -> Verdict {
    (State::Works, Say::new(key))
}

fn degraded(key: &'static str) -> Verdict {
    (State::Degraded, Say::new(key))
}

fn missing(key: &'static str) -> Verdict {
    (State::Missing, Say::new(key))
}

/// Nobody has asked yet.
fn unasked() -> Verdict {
    (State::Unknown, Say::new("radar-unasked"))
}

/// The session's own facts.
fn of_session(facts: &Facts<'_>, judge: impl FnOnce(&SessionFacts) -> Verdict) -> Verdict {
    facts.session.map_or((State::Unknown, Say::new("radar-no-session")), judge)
}

/// What a broker answered.
fn of_broker(of: Of<'_>, judge: impl FnOnce(&Answers) -> Verdict) -> Verdict {
    match of.broker {
        _ if of.facts.survey.is_none() => unasked(),
        None => missing("radar-no-broker"),
        Some(broker) if !broker.heard => (State::Unknown, Say::new("radar-unheard")),
        Some(broker) => judge(broker),
    }
}

/// Whether a broker says it can do something; what it does not say it may do all the same.
fn by_feature(of: Of<'_>, features: &[&str], yes: &'static str, no: &'static str) -> Verdict {
    of_broker(of, |broker| {
        let lacks: Vec<&str> = features.iter().copied().filter(|feature| !broker.can(feature)).collect();
        if lacks.is_empty() { works(yes) } else { (State::Degraded, Say::new(no).with("lacks", lacks.join(", "))) }
    })
}

fn discovery(of: Of<'_>) -> Verdict {
    match of.broker {
        _ if of.facts.survey.is_none() => unasked(),
        None => missing("radar-no-broker"),
        Some(broker) if broker.heard => works("radar-discovery-works"),
        Some(_) => degraded("radar-unheard"),
    }
}

fn pages(of: Of<'_>) -> Verdict {
    of_broker(of, |broker| {
        let says = broker.has("http://jabber.org/protocol/rsm");
        match (broker.pages, says) {
            (Some(true), _) => works("radar-pages-works"),
            (Some(false), _) => {
                let count = broker.topics.unwrap_or_default() as usize;
                (State::Degraded, Say::new("radar-pages-whole").number("count", count))
            }
            (None, true) => works("radar-pages-said"),
            (None, false) => degraded("radar-pages-unsaid"),
        }
    })
}

fn payload_type(of: Of<'_>) -> Verdict {
    let told = of.topics().filter(|topic| !topic.collection && topic.trouble.is_none());
    let (all, unsaid) =
        told.fold((0, 0), |(all, unsaid), topic| (all + 1, unsaid + usize::from(topic.payload == PayloadType::Unsaid)));
    match (all, unsaid) {
        (0, _) => (State::Unknown, Say::new("radar-no-topics")),
        (_, 0) => works("radar-type-works"),
        (all, unsaid) => {
            let state = if all == unsaid { State::Missing } else { State::Degraded };
            (state, Say::new("radar-type-unsaid").number("unsaid", unsaid).number("count", all))
        }
    }
}

/// A message of type headline is never kept for who is away (RFC 6121 §8.5.2.2.1).
fn offline(facts: &Facts<'_>) -> Verdict {
    let Some(survey) = facts.survey else { return unasked() };
    let mine = |topic: &&Topic| topic.membership == Membership::Subscribed || topic.affiliation == Affiliation::Owner;
    let headlines = facts.topics.iter().filter(mine).filter(|topic| topic.headline == Some(true)).count();
    let fresh = survey.brokers.iter().filter_map(|broker| broker.fresh.as_ref());
    let is_headline = fresh.filter_map(|fresh| fresh.notification.as_deref()).any(|kind| kind == "headline");
    match (survey.controller.heard, survey.controller.has("msgoffline")) {
        (false, _) => (State::Unknown, Say::new("radar-unheard")),
        (true, false) => degraded("radar-offline-unsaid"),
        (true, true) if headlines > 0 => (State::Degraded, Say::new("radar-offline-topics").number("count", headlines)),
        (true, true) if is_headline => degraded("radar-offline-default"),
        (true, true) => works("radar-offline-works"),
    }
}

fn tls(facts: &Facts<'_>) -> Verdict {
    of_session(facts, |session| {
        let version = session.channel.version.as_str();
        let say = |key| Say::new(key).with("version", version);
        match version {
            "TLS 1.3" => (State::Works, say("radar-tls-works")),
            "TLS 1.2" => (State::Degraded, say("radar-tls-old")),
            _ => (State::Missing, say("radar-tls-none")),
        }
    })
}

fn certificate(facts: &Facts<'_>) -> Verdict {
    of_session(facts, |session| match &session.channel.vouched {
        Vouched::Chain { .. } => works("radar-certificate-chain"),
        Vouched::Pin => works("radar-certificate-pin"),
        Vouched::Exception(_) => degraded("radar-certificate-exception"),
    })
}

fn mechanism(facts: &Facts<'_>) -> Verdict {
    of_session(facts, |session| {
        let name = session.authentication.mechanism.as_str();
        let say = |key| Say::new(key).with("mechanism", name);
        if name == "EXTERNAL" {
            (State::Works, say("radar-mechanism-external"))
        } else if name.starts_with("SCRAM-SHA-256") || name.starts_with("SCRAM-SHA-512") {
            (State::Works, say("radar-mechanism-works"))
        } else if name.starts_with("SCRAM-SHA-1") {
            (State::Degraded, say("radar-mechanism-old"))
        } else {
            (State::Missing, say("radar-mechanism-none"))
        }
    })
}

fn binding(facts: &Facts<'_>) -> Verdict {
    of_session(facts, |session| {
        let login = &session.authentication;
        match &login.binding {
            _ if login.mechanism == "EXTERNAL" => works("radar-binding-external"),
            Some(binding) => (State::Works, Say::new("radar-binding-works").with("binding", binding)),
            None => degraded("radar-binding-none"),
        }
    })
}

fn revocation(facts: &Facts<'_>) -> Verdict {
    of_session(facts, |session| match &session.channel.revoked {
        Revoked::Clear { .. } => works("radar-revocation-works"),
        Revoked::Unchecked(_) => degraded("radar-revocation-unchecked"),
    })
}

/// On brokers as they are an affiliation alone stops no delivery: both lists are needed.
fn revoke(of: Of<'_>) -> Verdict {
    let features = ["manage-subscriptions", "modify-affiliations"];
    by_feature(of, &features, "radar-revoke-works", "radar-revoke-unsaid")
}

fn access(of: Of<'_>) -> Verdict {
    let open = |topic: &&Topic| matches!(topic.access, Access::Open | Access::Presence | Access::Roster);
    let open = of.topics().filter(open).count();
    of_broker(of, |broker| {
        const MODELS: [&str; 5] = ["open", "presence", "roster", "authorize", "whitelist"];
        let said = MODELS.into_iter().filter(|model| broker.can(&format!("access-{model}")));
        let said: Vec<&str> = said.collect();
        // A form may list models that are then refused, and the features leave the whitelist out (both Prosody): what is said
        // by a feature counts first, and who has members has a list of them.
        let offered: Vec<&str> = match &broker.fresh {
            Some(fresh) if said.is_empty() => fresh.offered.iter().map(String::as_str).collect(),
            _ => said,
        };
        let has = |model: &str| offered.contains(&model) || (model == "whitelist" && broker.can("member-affiliation"));
        let others = offered.iter().copied().filter(|model| !matches!(*model, "authorize" | "whitelist"));
        let others = others.collect::<Vec<_>>().join(", ");
        if offered.is_empty() {
            (State::Unknown, Say::new("radar-access-unsaid"))
        } else if !has("authorize") && !has("whitelist") {
            (State::Missing, Say::new("radar-access-none").with("models", others))
        } else if open > 0 {
            (State::Degraded, Say::new("radar-access-open").number("count", open))
        } else if !has("authorize") {
            (State::Degraded, Say::new("radar-access-no-requests").with("models", others))
        } else if broker.fresh.as_ref().is_some_and(|fresh| fresh.access.as_deref() == Some("open")) {
            (State::Degraded, Say::new("radar-access-default").with("models", others))
        } else if others.is_empty() {
            works("radar-access-works")
        } else {
            (State::Degraded, Say::new("radar-access-others").with("models", others))
        }
    })
}

fn subscribe(of: Of<'_>) -> Verdict {
    by_feature(of, &["subscribe"], "radar-subscribe-works", "radar-subscribe-unsaid")
}

fn requests(of: Of<'_>) -> Verdict {
    of_broker(of, |broker| match (broker.can("access-authorize"), broker.can("get-pending")) {
        (_, true) => works("radar-requests-works"),
        (true, false) => degraded("radar-requests-pushed"),
        (false, false) => missing("radar-requests-none"),
    })
}

fn history(of: Of<'_>) -> Verdict {
    by_feature(of, &["retrieve-items", "persistent-items"], "radar-history-works", "radar-history-unsaid")
}

fn resume(facts: &Facts<'_>) -> Verdict {
    of_session(facts, |session| match session.management {
        Management::Resumable { max, .. } => {
            let seconds = max.map_or_else(|| "?".to_owned(), |max| max.to_string());
            (State::Works, Say::new("radar-resume-works").with("seconds", seconds))
        }
        Management::Acks => degraded("radar-resume-acks"),
        Management::None => missing("radar-resume-none"),
    })
}

fn archive(of: Of<'_>) -> Verdict {
    of_broker(of, |broker| {
        if broker.has("urn:xmpp:mam:2") { works("radar-archive-works") } else { degraded("radar-archive-none") }
    })
}

fn publish(of: Of<'_>) -> Verdict {
    by_feature(of, &["publish"], "radar-publish-works", "radar-publish-unsaid")
}

fn guarded(of: Of<'_>) -> Verdict {
    by_feature(of, &["publish-options"], "radar-guarded-works", "radar-guarded-unsaid")
}

fn retract(of: Of<'_>) -> Verdict {
    by_feature(of, &["delete-items"], "radar-retract-works", "radar-retract-unsaid")
}

fn members(of: Of<'_>) -> Verdict {
    let features = ["manage-subscriptions", "modify-affiliations"];
    by_feature(of, &features, "radar-members-works", "radar-members-unsaid")
}

fn create(of: Of<'_>) -> Verdict {
    of_broker(of, |broker| match (broker.can("create-nodes"), broker.can("create-and-configure")) {
        (true, true) => works("radar-create-works"),
        (true, false) => degraded("radar-create-steps"),
        (false, _) => degraded("radar-create-unsaid"),
    })
}

fn configure(of: Of<'_>) -> Verdict {
    by_feature(of, &["config-node"], "radar-configure-works", "radar-configure-unsaid")
}

fn end(of: Of<'_>) -> Verdict {
    by_feature(of, &["delete-nodes", "purge-nodes"], "radar-end-works", "radar-end-unsaid")
}
