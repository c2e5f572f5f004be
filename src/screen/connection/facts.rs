//! What is known of a connection, as lines that each carry a plain verdict: the panel draws them, the report writes them
//! down. Reads only.

use chrono::{DateTime, Utc};

use crate::app::cx::Cx;
use crate::engine::SessionFacts;
use crate::model::session::{Authentication, Certificate, Channel, Management, Revoked, Roots, Route, Vouched};
use crate::model::trust::EXTERNAL;
use crate::model::{Known, Revocation, Tls};
use crate::settings::Profile;
use crate::text;

/// Fewer days of validity than these are said aloud: renewing takes an operator some.
const SOON: i64 = 14;
/// Fewest rounds of key stretching that RFC 7677 §4 lets pass.
const ROUNDS: u32 = 4096;

/// How good something is. Ordered, the worst last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Neither good nor bad.
    #[default]
    Plain,
    Good,
    Weaker,
    Bad,
}

impl Verdict {
    /// The catalog key of its word.
    #[must_use]
    pub fn key(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Good => Some("session-good"),
            Self::Weaker => Some("session-weaker"),
            Self::Bad => Some("session-bad"),
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The catalog key of its name.
    pub label: &'static str,
    pub value: String,
    /// What a report says instead, where the value names a person or a place of theirs.
    pub told: Option<String>,
    pub verdict: Verdict,
    /// Why it is so, or what could be better.
    pub why: Option<String>,
    /// An address, a hash, a name of a standard.
    pub exact: bool,
}

impl Fact {
    fn new(label: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        Self { label, value, told: None, verdict: Verdict::Plain, why: None, exact: false }
    }

    fn exact(self) -> Self {
        Self { exact: true, ..self }
    }

    fn told(self, told: String) -> Self {
        Self { told: Some(told), ..self }
    }

    fn why(self, why: String) -> Self {
        Self { why: Some(why), ..self }
    }

    fn is(self, verdict: Verdict) -> Self {
        Self { verdict, ..self }
    }

    fn good(self) -> Self {
        self.is(Verdict::Good)
    }

    fn weaker(self, why: String) -> Self {
        self.is(Verdict::Weaker).why(why)
    }

    fn bad(self, why: String) -> Self {
        self.is(Verdict::Bad).why(why)
    }
}

/// Lines under one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The catalog key of its heading.
    pub title: &'static str,
    pub facts: Vec<Fact>,
}

/// The worst of all verdicts.
#[must_use]
pub fn worst(sections: &[Section]) -> Verdict {
    lines(sections).map(|fact| fact.verdict).max().unwrap_or_default()
}

/// Those lines that could be better, the worst first.
#[must_use]
pub fn weak(sections: &[Section]) -> Vec<&Fact> {
    let mut weak: Vec<&Fact> = lines(sections).filter(|fact| fact.verdict >= Verdict::Weaker).collect();
    weak.sort_by_key(|fact| std::cmp::Reverse(fact.verdict));
    weak
}

fn lines(sections: &[Section]) -> impl Iterator<Item = &Fact> {
    sections.iter().flat_map(|section| &section.facts)
}

/// All about a session.
#[must_use]
pub fn of_session(facts: &SessionFacts, known: Option<&Known>, cx: &Cx<'_>) -> Vec<Section> {
    vec![
        Section { title: "session-encryption", facts: encryption(&facts.channel, &facts.route, cx) },
        Section { title: "session-login", facts: login(&facts.authentication, &facts.channel, known, cx) },
        Section { title: "session-certificate", facts: certificate(&facts.channel, cx) },
        Section { title: "session-way", facts: way(facts, cx) },
        Section { title: "session-management", facts: vec![management(&facts.management, cx)] },
    ]
}

fn encryption(channel: &Channel, route: &Route, cx: &Cx<'_>) -> Vec<Fact> {
    let version = Fact::new("session-version", &channel.version);
    let version = match channel.version.as_str() {
        "TLS 1.3" => version.good(),
        "TLS 1.2" => version.weaker(cx.text("session-version-12")),
        _ => version.bad(cx.text("session-version-other")),
    };
    let start = match route.tls {
        Tls::StartTls => cx.text("session-start-starttls"),
        Tls::Direct => cx.text("session-start-direct"),
    };
    let alpn = channel.alpn.as_ref().map(|alpn| Fact::new("session-alpn", text::line(alpn)).exact());
    [version, Fact::new("session-cipher", &channel.cipher).exact().good(), Fact::new("session-start", start)]
        .into_iter()
        .chain(alpn)
        .collect()
}

fn login(of: &Authentication, channel: &Channel, known: Option<&Known>, cx: &Cx<'_>) -> Vec<Fact> {
    let mechanism = Fact::new("session-mechanism", &of.mechanism).exact();
    let bare = of.mechanism.strip_suffix("-PLUS").unwrap_or(&of.mechanism);
    let mechanism = match bare {
        "SCRAM-SHA-256" | "SCRAM-SHA-512" | EXTERNAL => mechanism.good(),
        "SCRAM-SHA-1" => mechanism.weaker(cx.text("session-mechanism-sha1")),
        _ => mechanism.bad(cx.text("session-mechanism-other")),
    };
    let binding = match &of.binding {
        Some(binding) => Fact::new("session-binding", binding).exact().good().why(cx.text("session-binding-why")),
        // The certificate is proved by the handshake itself.
        None if bare == EXTERNAL => Fact::new("session-binding", cx.text("session-binding-external")).good(),
        None => Fact::new("session-binding", cx.text("session-none")).weaker(cx.text("session-binding-none")),
    };
    // Certificate and password are two ladders; this login stands on one.
    let of_this = |(mechanism, _): &(&str, _)| (*mechanism == EXTERNAL) == (bare == EXTERNAL);
    let floor = match known.and_then(|known| known.strongest().find(of_this)) {
        Some((mechanism, since)) => Fact::new("session-floor", held(mechanism, since, cx)).good(),
        None => Fact::new("session-floor", cx.text("session-floor-none")),
    };
    let checked = if of.downgrade_checked {
        Fact::new("session-downgrade", cx.text("session-downgrade-checked")).good()
    } else {
        Fact::new("session-downgrade", cx.text("session-downgrade-unchecked"))
    };
    let rounds = of.iterations.map(|rounds| {
        let fact = Fact::new("session-iterations", cx.catalog.number(rounds.into()));
        if rounds < ROUNDS { fact.bad(cx.text("session-iterations-few")) } else { fact.good() }
    });
    let sasl2 = if of.sasl2 { "session-sasl2" } else { "session-sasl1" };
    let identity = channel
        .identity
        .as_ref()
        .map(|subject| Fact::new("session-identity", text::line(subject)).told(cx.text("session-withheld")));
    [mechanism, binding, floor, checked]
        .into_iter()
        .chain(rounds)
        .chain([Fact::new("session-profile", cx.text(sasl2))])
        .chain(identity)
        .collect()
}

fn certificate(channel: &Channel, cx: &Cx<'_>) -> Vec<Fact> {
    let Some((leaf, issuers)) = channel.chain.split_first() else {
        return vec![Fact::new("session-chain", cx.text("session-chain-unknown"))];
    };
    let mut facts = vec![vouched(&channel.vouched, cx), pinned(channel, cx), revoked(channel, cx)];
    if channel.changed {
        facts.push(
            Fact::new("session-changed", cx.text("session-changed-passed")).weaker(cx.text("session-changed-why")),
        );
    }
    facts.extend(of_certificate(leaf, channel.matched.as_deref(), cx));
    facts.push(Fact::new("session-staple", cx.text("session-staple-unchecked")));
    facts.extend(issuers.iter().map(|issuer| {
        let words = cx.format("session-issuer-why", &[("until", &day(issuer.not_after)), ("key", &issuer.key_kind)]);
        Fact::new("session-issuer", &issuer.subject).why(words)
    }));
    facts
}

/// The certificate that was shown and not believed.
#[must_use]
pub fn of_refused(of: &Certificate, cx: &Cx<'_>) -> Section {
    Section { title: "session-refused", facts: of_certificate(of, None, cx) }
}

/// The facts of one certificate, whether it was believed or not.
fn of_certificate(of: &Certificate, matched: Option<&str>, cx: &Cx<'_>) -> Vec<Fact> {
    let names = if of.names.is_empty() { cx.text("session-none") } else { of.names.join("\n") };
    let names = Fact::new("session-names", names);
    let names = match matched {
        Some(matched) => names.good().why(cx.format("session-matched", &[("name", matched)])),
        None => names,
    };
    let signed = cx.format("session-key-why", &[("signature", &of.signature)]);
    vec![
        Fact::new("session-subject", &of.subject),
        names,
        Fact::new("session-issued-by", &of.issuer),
        validity(of, cx),
        Fact::new("session-key-kind", &of.key_kind).good().why(signed),
        Fact::new("session-fingerprint", of.fingerprint.to_string()).exact(),
        Fact::new("session-key", of.key.to_string()).exact(),
    ]
}

fn validity(of: &Certificate, cx: &Cx<'_>) -> Fact {
    let span = cx.format("session-validity-span", &[("from", &day(of.not_before)), ("until", &day(of.not_after))]);
    let days = (of.not_after - cx.now).num_days();
    let left = cx.catalog.count("session-validity-left", u64::try_from(days).unwrap_or(0), &[]);
    let fact = |how: &str| Fact::new("session-validity", format!("{span}, {how}"));
    if cx.now > of.not_after {
        fact(&cx.text("session-validity-over")).bad(cx.text("session-validity-renew"))
    } else if cx.now < of.not_before {
        fact(&cx.text("session-validity-early")).bad(cx.text("session-validity-clock"))
    } else if days < SOON {
        fact(&left).weaker(cx.text("session-validity-renew"))
    } else {
        fact(&left).good()
    }
}

fn vouched(by: &Vouched, cx: &Cx<'_>) -> Fact {
    let label = "session-vouched";
    match by {
        Vouched::Chain { roots } => {
            let words = match roots {
                Roots::Platform => cx.text("session-roots-platform"),
                Roots::File(file) => cx.format("session-roots-file", &[("file", &text::line(file))]),
                Roots::Both(file) => cx.format("session-roots-both", &[("file", &text::line(file))]),
                Roots::Own => cx.text("session-roots-own"),
            };
            let told = match roots {
                Roots::File(file) => Some(cx.format("session-roots-file", &[("file", &last_part(file))])),
                Roots::Both(file) => Some(cx.format("session-roots-both", &[("file", &last_part(file))])),
                Roots::Platform | Roots::Own => None,
            };
            Fact { told, ..Fact::new(label, words).good() }
        }
        Vouched::Pin => Fact::new(label, cx.text("session-vouched-pin")).weaker(cx.text("session-vouched-pin-why")),
        Vouched::Exception(exception) => {
            let days = (exception.until - cx.now).num_days().max(0);
            let words = cx.catalog.count(
                "session-vouched-exception",
                u64::try_from(days).unwrap_or(0),
                &[("until", &day(exception.until)), ("faults", &exception.faults.join(", "))],
            );
            Fact::new(label, words).bad(cx.text("session-vouched-exception-why"))
        }
    }
}

fn pinned(channel: &Channel, cx: &Cx<'_>) -> Fact {
    if channel.pinned {
        Fact::new("session-pin", cx.text("session-pinned")).good()
    } else {
        Fact::new("session-pin", cx.text("session-not-pinned")).why(cx.text("session-not-pinned-why"))
    }
}

fn revoked(channel: &Channel, cx: &Cx<'_>) -> Fact {
    let label = "session-revocation";
    match (&channel.revoked, channel.revocation) {
        (Revoked::Clear { issued, until }, _) => {
            let words = cx.format("session-revocation-clear", &[("age", &cx.catalog.age(cx.now - *issued))]);
            let why = cx.format("session-revocation-until", &[("until", &cx.catalog.time(*until))]);
            Fact::new(label, words).good().why(why)
        }
        (Revoked::Unchecked(_), Revocation::Off) => {
            Fact::new(label, cx.text("session-revocation-off")).weaker(cx.text("session-revocation-off-why"))
        }
        (Revoked::Unchecked(say), _) => {
            let next = cx.catalog.next(say).unwrap_or_else(|| cx.text("session-revocation-unchecked-why"));
            Fact::new(label, cx.catalog.say(say)).weaker(next)
        }
    }
}

fn way(facts: &SessionFacts, cx: &Cx<'_>) -> Vec<Fact> {
    let route = &facts.route;
    let none = || cx.text("session-none");
    let address = route.address.map_or_else(
        || cx.text(if route.proxy.is_some() { "session-address-proxy" } else { "session-unknown" }),
        |address| address.to_string(),
    );
    let domain = facts.jid.bare().server().to_string();
    let broker =
        facts.broker.as_ref().map_or_else(|| cx.text("session-broker-none"), |jid| text::line(&jid.to_string()));
    vec![
        Fact::new("session-account", text::line(&facts.jid.to_string()))
            .exact()
            .told(cx.format("session-account-told", &[("domain", &text::line(&domain))])),
        Fact::new("session-broker", broker).exact(),
        Fact::new("session-server", text::line(&host_port(route))).exact(),
        Fact::new("session-address", address).exact(),
        Fact::new("session-srv", route.srv.as_deref().map_or_else(none, text::line)).exact(),
        Fact::new("session-proxy", route.proxy.as_deref().map_or_else(none, text::line)).exact(),
    ]
}

fn host_port(route: &Route) -> String {
    match (route.port, route.host.contains(':')) {
        (0, _) => route.host.clone(),
        (port, false) => format!("{}:{port}", route.host),
        (port, true) => format!("[{}]:{port}", route.host),
    }
}

fn management(of: &Management, cx: &Cx<'_>) -> Fact {
    let label = "session-resumption";
    match of {
        Management::Resumable { max, resumed } => {
            let kept = max.map_or_else(
                || cx.text("session-resumable"),
                |max| cx.catalog.count("session-resumable-for", max.into(), &[]),
            );
            let fact = Fact::new(label, kept).good();
            if *resumed { fact.why(cx.text("session-resumed")) } else { fact }
        }
        Management::Acks => Fact::new(label, cx.text("session-acks")).weaker(cx.text("session-acks-why")),
        Management::None => Fact::new(label, cx.text("session-unmanaged")).weaker(cx.text("session-unmanaged-why")),
    }
}

/// The rules in force for the next connection, of this profile.
#[must_use]
pub fn rules(profile: Option<&Profile>, known: Option<&Known>, cx: &Cx<'_>) -> Section {
    let mut facts = vec![
        Fact::new("session-rule-tls", cx.text("session-rule-tls-is")).good(),
        Fact::new("session-rule-names", cx.text("session-rule-names-is")).good(),
        Fact::new("session-rule-passwords", cx.text("session-rule-passwords-is")).good(),
    ];
    if let Some(profile) = profile {
        facts.extend([believed(profile, cx), revocation(profile, cx)]);
        facts.push(Fact::new("session-rule-unseen", cx.text("session-rule-unseen-is")).good());
    }
    let pins = |alone| known.map_or(0, |known| known.pins.iter().filter(|pin| pin.alone == alone).count() as u64);
    let rule = |key, count| Fact::new("session-rule-pins", cx.catalog.count(key, count, &[]));
    let alone = Some(pins(true))
        .filter(|count| *count > 0)
        .map(|count| rule("session-rule-pin-only", count).weaker(cx.text("session-vouched-pin-why")));
    let beside = Some(pins(false)).filter(|count| *count > 0).map(|count| rule("session-rule-pinned", count).good());
    facts.extend(alone.into_iter().chain(beside));
    Section { title: "session-rules", facts }
}

fn believed(profile: &Profile, cx: &Cx<'_>) -> Fact {
    let label = "session-rule-roots";
    let Some(file) = &profile.ca_file else { return Fact::new(label, cx.text("session-roots-platform")).good() };
    let key = if profile.platform_roots { "session-roots-both" } else { "session-roots-file" };
    let file = file.display().to_string();
    Fact::new(label, cx.format(key, &[("file", &text::line(&file))]))
        .told(cx.format(key, &[("file", &last_part(&file))]))
        .good()
}

fn revocation(profile: &Profile, cx: &Cx<'_>) -> Fact {
    let fact = |key: &str| Fact::new("session-rule-revocation", cx.text(key));
    let fact = match profile.revocation {
        Revocation::Require => fact("session-rule-revocation-require").good(),
        Revocation::Prefer => fact("session-rule-revocation-prefer").good(),
        Revocation::Off => fact("session-rule-revocation-off").weaker(cx.text("session-revocation-off-why")),
    };
    let sources = match (profile.crls.len() as u64, profile.fetch_crls) {
        (0, false) => return fact,
        (0, true) => cx.text("session-rule-lists-fetched"),
        (files, false) => cx.catalog.count("session-rule-lists-files", files, &[]),
        (files, true) => {
            format!(
                "{} {}",
                cx.catalog.count("session-rule-lists-files", files, &[]),
                cx.text("session-rule-lists-fetched")
            )
        }
    };
    Fact { why: Some(sources), ..fact }
}

/// Pins and exceptions, for a report; the panel shows them where they are changed.
#[must_use]
pub fn keys(known: &Known, cx: &Cx<'_>) -> Section {
    let seen = known.seen.as_ref().map(|seen| {
        let times = cx.format("session-seen-why", &[("first", &day(seen.first)), ("last", &day(seen.last))]);
        Fact::new("session-seen", seen.key.to_string()).exact().why(times)
    });
    let pins = known.pins.iter().map(|pin| Fact::new("session-pin", pin.key.to_string()).exact());
    let exceptions = known.exceptions.iter().map(|exception| {
        let until = day(exception.until);
        let words = cx.format("session-exception-told", &[("until", &until), ("faults", &exception.faults.join(", "))]);
        Fact::new("session-exception", exception.key.to_string()).exact().why(words)
    });
    Section { title: "session-keys", facts: seen.into_iter().chain(pins).chain(exceptions).collect() }
}

/// A strongest login seen, and since when it is demanded.
#[must_use]
pub fn held(mechanism: &str, since: DateTime<Utc>, cx: &Cx<'_>) -> String {
    cx.format("session-floor-held", &[("mechanism", &text::line(mechanism)), ("since", &day(since))])
}

/// `2026-11-21`.
#[must_use]
pub fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

/// A file's name without the directories, which name people.
fn last_part(path: &str) -> String {
    text::line(path.rsplit(['/', '\\']).next().unwrap_or_default())
}
