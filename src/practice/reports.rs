//! What a practice report says: a story, filled in by chance, with observables, times, contacts and asks.
//!
//! Addresses are those kept for documentation: RFC 5737, RFC 3849, RFC 5398 (AS numbers), RFC 9542 (MAC); names end in
//! `.example` or `.invalid`; the telephone prefix +999 is unassigned; no CVE is numbered in the year 2099.

use chrono::{DateTime, Duration, Utc};

use super::random::Random;
use super::stories::{Pair, Shape, Story};

/// An organisation that reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Org {
    pub name: &'static str,
    pub domain: &'static str,
    /// The zone it writes its times in, in minutes east of UTC.
    pub offset: i32,
    pub german: bool,
}

pub const ORGS: [Org; 7] = [
    Org { name: "CSIRT Alpha", domain: "csirt-a.example", offset: 0, german: false },
    Org { name: "CSIRT-B", domain: "csirt-b.example", offset: 60, german: false },
    Org { name: "Blue Harbour SOC", domain: "soc.blue-harbour.example", offset: -300, german: false },
    Org { name: "Grid Energy CSIRT", domain: "csirt.grid-energy.example", offset: 0, german: false },
    Org { name: "CERT Nordwerk", domain: "cert.nordwerk.example", offset: 60, german: true },
    Org { name: "Hochschul-CERT Talheim", domain: "cert.talheim.example", offset: 60, german: true },
    Org { name: "Lakeside ISAC", domain: "isac.lakeside.example", offset: -480, german: false },
];

/// A campaign whose incidents share observables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Campaign {
    pub id: &'static str,
    pub name: &'static str,
    pub addresses: [&'static str; 2],
    pub domain: &'static str,
    /// Where its file hash comes from.
    pub seed: u64,
}

pub const CAMPAIGNS: [Campaign; 3] = [
    Campaign {
        id: "brackish-heron",
        name: "Brackish Heron",
        addresses: ["203.0.113.77", "2001:db8:66::19"],
        domain: "login-check.brackish.example",
        seed: 11,
    },
    Campaign {
        id: "paper-lantern",
        name: "Paper Lantern",
        addresses: ["198.51.100.23", "198.51.100.24"],
        domain: "cdn.paper-lantern.example",
        seed: 12,
    },
    Campaign {
        id: "tin-whistle",
        name: "Tin Whistle",
        addresses: ["192.0.2.146", "2001:db8:4:7::b0b"],
        domain: "update.tin-whistle.example",
        seed: 13,
    },
];

/// `restriction` with its private value.
pub type Mark = (Option<&'static str>, Option<&'static str>);

/// A machine or network of the incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct System {
    pub category: &'static str,
    pub role: &'static str,
    pub domain: Option<String>,
    /// `Address@category` and value.
    pub addresses: Vec<(&'static str, String)>,
    /// Name, IP protocol number, port.
    pub service: Option<(&'static str, u8, u32)>,
    /// Sender, recipient, subject.
    pub mail: Option<[String; 3]>,
    /// `Counter@type`, `Counter@unit` and value.
    pub counter: Option<(&'static str, &'static str, u32)>,
}

/// What the sender asks of the receivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub action: &'static str,
    pub severity: Option<&'static str>,
    pub until: Option<DateTime<Utc>>,
}

/// A file of the incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub name: String,
    pub size: u32,
    pub media: &'static str,
    pub sha256: [u8; 32],
}

/// What an indicator points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    Address(&'static str, String),
    Domain(String),
    Hash(String, [u8; 32]),
    /// `BulkObservable@type` and its lines.
    Bulk(&'static str, Vec<String>),
    /// Either of two: an expression.
    Either(Box<Sign>, Box<Sign>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indicator {
    /// An NCName: it is an `xs:ID` too.
    pub id: String,
    pub version: u32,
    pub sign: Sign,
    pub confidence: &'static str,
}

/// An incident report before it is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    pub id: String,
    pub lang: &'static str,
    pub purpose: &'static str,
    pub status: Option<&'static str>,
    pub restriction: Mark,
    /// What the contacts inside are restricted to, where that differs.
    pub contact_restriction: Option<&'static str>,
    pub alternative: Option<(&'static str, String)>,
    pub campaign: Option<Campaign>,
    pub started: Option<DateTime<Utc>>,
    pub detected: Option<DateTime<Utc>>,
    pub ended: Option<DateTime<Utc>>,
    pub generated: DateTime<Utc>,
    /// Language and text; the first is the title. Two with the same number are translations of each other.
    pub texts: Vec<(&'static str, u32, String)>,
    pub source: &'static str,
    pub category: &'static str,
    pub impact: &'static str,
    pub severity: Option<&'static str>,
    pub completion: Option<&'static str>,
    pub business: Option<&'static str>,
    pub hours: Option<u32>,
    pub cost: Option<u32>,
    pub confidence: Option<&'static str>,
    pub technique: &'static str,
    pub cve: Option<String>,
    pub creator: Org,
    pub other: Option<Org>,
    pub systems: Vec<System>,
    pub asks: Vec<Ask>,
    pub samples: Vec<Sample>,
    /// Registry key and value.
    pub registry: Option<(&'static str, &'static str)>,
    pub indicators: Vec<Indicator>,
    /// When, what action, and a word about it.
    pub history: Vec<(DateTime<Utc>, &'static str, &'static str)>,
}

const MARKS: [(Mark, u32); 11] = [
    ((Some("green"), None), 28),
    ((Some("amber"), None), 22),
    ((Some("white"), None), 9),
    ((Some("public"), None), 5),
    ((Some("partner"), None), 8),
    ((Some("need-to-know"), None), 6),
    ((Some("private"), None), 4),
    ((Some("red"), None), 4),
    ((None, None), 6),
    ((Some("default"), None), 3),
    ((Some("ext-value"), Some("amber+strict")), 5),
];
const SEVERITIES: [Option<&str>; 4] = [None, Some("low"), Some("medium"), Some("high")];
const STATUSES: [(Option<&str>, u32); 5] =
    [(None, 20), (Some("new"), 35), (Some("in-progress"), 25), (Some("forwarded"), 8), (Some("resolved"), 12)];
const WHO: [Pair; 7] = [
    ("a regional hospital", "ein Regionalkrankenhaus"),
    ("a harbour operator", "ein Hafenbetreiber"),
    ("a municipal utility", "ein Stadtwerk"),
    ("a university", "eine Universität"),
    ("a parts manufacturer", "ein Teilefertiger"),
    ("a payment provider", "ein Zahlungsdienst"),
    ("a city administration", "eine Stadtverwaltung"),
];
const BRANDS: [&str; 5] = ["Nordbank", "Postwagen", "Helio Mail", "Talheimer Kasse", "Quickparcel"];
const PRODUCTS: [&str; 5] = ["EdgeBox VPN", "Ledgerline ERP", "Quay NAS", "Parley Mail", "Gatehouse SSO"];
const HOSTS: [&str; 8] =
    ["secure-login", "cdn-7", "mail-check", "update", "portal", "files", "static-assets", "account-review"];
const ZONES: [&str; 5] = ["bad.example", "parked.example", "freehost.example", "quick-pages.example", "lost.invalid"];
const PORTS: [(&str, u8, u32); 8] = [
    ("ssh", 6, 22),
    ("telnet", 6, 23),
    ("https", 6, 443),
    ("microsoft-ds", 6, 445),
    ("ms-wbt-server", 6, 3389),
    ("sip", 17, 5060),
    ("http-alt", 6, 8080),
    ("mbap", 6, 502),
];
const FILES: [(&str, &str); 6] = [
    ("invoice_{n}.iso", "application/x-iso9660-image"),
    ("Rechnung-{n}.zip", "application/zip"),
    ("scan_{n}.html", "text/html"),
    ("update-{n}.dll", "application/vnd.microsoft.portable-executable"),
    ("report {n}.docm", "application/vnd.ms-word.document.macroEnabled.12"),
    ("tmpl{n}.jsp", "text/plain"),
];
const SUBJECTS: [&str; 5] = [
    "Your account will be limited",
    "Re: Invoice {n}",
    "Ihre Sendung {n} wartet",
    "New bank details from next month",
    "Kennwort läuft heute ab",
];
const REGISTRY: (&str, &str) = (
    "HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run",
    "\"sync\"=\"C:\\Users\\Public\\sync.exe\"",
);

/// An address of the documentation blocks.
fn ipv4(random: &mut Random) -> String {
    let block = random.pick(&["192.0.2", "198.51.100", "203.0.113"]);
    format!("{block}.{}", random.between(1, 254))
}

fn ipv6(random: &mut Random) -> String {
    format!("2001:db8:{:x}::{:x}", random.between(1, 0xffff), random.between(1, 0xffff))
}

fn host(random: &mut Random) -> String {
    format!("{}.{}", random.pick(&HOSTS), random.pick(&ZONES))
}

/// The values the marks of a story stand for in one report.
struct Cast {
    who: Pair,
    brand: &'static str,
    host: String,
    ip: String,
    n: u32,
    service: (&'static str, u8, u32),
    cve: String,
    product: &'static str,
}

impl Cast {
    fn new(random: &mut Random, campaign: Option<Campaign>) -> Self {
        let (address, name) = (ipv4(random), host(random));
        Self {
            who: random.pick(&WHO),
            brand: random.pick(&BRANDS),
            host: campaign.map_or(name, |campaign| campaign.domain.to_owned()),
            ip: campaign.map_or(address, |campaign| campaign.addresses[0].to_owned()),
            n: random.between(12, 480),
            service: random.pick(&PORTS),
            cve: format!("CVE-2099-{}", random.between(10_001, 19_999)),
            product: random.pick(&PRODUCTS),
        }
    }

    fn fill(&self, text: &str, german: bool) -> String {
        text.replace("{who}", if german { self.who.1 } else { self.who.0 })
            .replace("{brand}", self.brand)
            .replace("{host}", &self.host)
            .replace("{ip}", &self.ip)
            .replace("{n}", &self.n.to_string())
            .replace("{port}", &self.service.2.to_string())
            .replace("{cve}", &self.cve)
            .replace("{product}", self.product)
    }
}

impl Report {
    /// Invents a report of `story`, made at `generated`.
    #[must_use]
    pub fn invent(
        random: &mut Random,
        id: String,
        story: &Story,
        campaign: Option<Campaign>,
        generated: DateTime<Utc>,
    ) -> Self {
        let cast = Cast::new(random, campaign);
        let creator = random.pick(&ORGS);
        let [unknown, low, medium, high] = story.severity;
        let weights = [unknown, low, medium, high];
        let severity = random.weighted(&SEVERITIES.into_iter().zip(weights).collect::<Vec<_>>());
        let detected = generated - Duration::minutes(i64::from(random.between(4, 600)));
        let started = detected - Duration::minutes(i64::from(random.between(1, 2880)));
        let ended = random.chance(30).then(|| detected + (generated - detected) / 2);
        let restriction = random.weighted(&MARKS);
        let guarded = matches!(restriction.0, Some("amber" | "need-to-know")) && random.chance(30);
        let mut report = Self {
            id,
            purpose: story.purpose,
            status: random.weighted(&STATUSES),
            restriction,
            contact_restriction: guarded.then_some("red"),
            campaign,
            started: random.chance(70).then_some(started),
            detected: random.chance(85).then_some(detected),
            ended,
            generated,
            source: story.source,
            category: story.category,
            impact: story.impact,
            severity,
            completion: random.pick(&[None, Some("failed"), Some("succeeded")]),
            business: (!story.business.is_empty() && random.chance(60)).then_some(story.business),
            hours: random.chance(25).then(|| random.between(1, 72)),
            cost: random.chance(8).then(|| random.between(500, 90_000)),
            confidence: random.pick(&[None, Some("low"), Some("medium"), Some("high")]),
            technique: story.technique,
            cve: matches!(story.shape, Shape::Exploit | Shape::Advisory).then(|| cast.cve.clone()),
            creator,
            ..Self::default()
        };
        report.tell(random, story, &cast);
        report.place(random, story.shape, &cast);
        report.ask(random, story);
        report.point(random, &cast);
        report.surround(random);
        report
    }

    /// The words, in the creator's language and sometimes in both.
    fn tell(&mut self, random: &mut Random, story: &Story, cast: &Cast) {
        let german = self.creator.german;
        self.lang = if german { "de" } else { "en" };
        let both = random.chance(12);
        for (number, pair) in (1..).zip([random.pick(story.titles), random.pick(story.bodies)]) {
            let own = (self.lang, number, cast.fill(if german { pair.1 } else { pair.0 }, german));
            self.texts.push(own);
            if both {
                let (lang, text) = if german { ("en", pair.0) } else { ("de", pair.1) };
                self.texts.push((lang, number, cast.fill(text, !german)));
            }
        }
    }

    /// Machines, services, files: what the shape of the story calls for.
    fn place(&mut self, random: &mut Random, shape: Shape, cast: &Cast) {
        let mut source = System { category: "source", ..System::default() };
        source.addresses.push(("ipv4-addr", cast.ip.clone()));
        let mut target = System { category: "target", ..System::default() };
        match shape {
            Shape::Phish => {
                source.role = "phishing-site";
                source.domain = Some(cast.host.clone());
                source.addresses.push(("site-uri", format!("https://{}/signin?id={}", cast.host, cast.n)));
                self.systems.push(mailer(random, cast));
            }
            Shape::Scan => {
                source.counter = Some(("average", "event", cast.n));
                target.addresses.push(("ipv4-net", "198.51.100.0/24".to_owned()));
                target.service = Some(cast.service);
            }
            Shape::Intrusion => {
                source.role = "c2-server";
                source.service = Some(cast.service);
                source.domain = Some(cast.host.clone());
                target.role = "client-enterprise";
                target.addresses.push(("mac", format!("00:00:5e:00:53:{:02x}", random.below(256))));
                self.registry = Some(REGISTRY);
                self.sample(random, cast);
            }
            Shape::Flood => {
                source.role = "reflector";
                source.addresses.extend((0..random.between(2, 9)).map(|_| ("ipv4-addr", ipv4(random))));
                source.addresses.push(("asn", random.between(64_496, 64_511).to_string()));
                source.counter = Some(("average", "mbit", cast.n * 40));
                target.role = "www";
                target.addresses.push(("ipv4-net", "203.0.113.0/24".to_owned()));
                target.service = Some(("https", 6, 443));
            }
            Shape::Beacon => {
                source.category = "target";
                source.role = "c2-server";
                source.domain = Some(cast.host.clone());
                source.addresses.push(("ipv6-addr", ipv6(random)));
                source.service = Some(("https", 6, 443));
                target.category = "source";
                target.addresses.push(("ipv6-addr", ipv6(random)));
            }
            Shape::Exploit => {
                source.role = "hop-point";
                target.role = "remote-access";
                target.domain = Some(format!("vpn.{}", self.creator.domain));
                target.service = Some(("https", 6, 443));
                target.addresses.push(("ipv4-addr", ipv4(random)));
                self.sample(random, cast);
            }
            Shape::Mail => {
                source.role = "malware-distribution";
                source.domain = Some(cast.host.clone());
                self.systems.push(mailer(random, cast));
                self.sample(random, cast);
            }
            Shape::Leak => {
                source.role = "drop-server";
                source.addresses.push(("site-uri", format!("https://{}/pub/{}", cast.host, random.uuid())));
                target.role = "database";
                target.domain = Some(format!("db.{}", self.creator.domain));
            }
            Shape::Plant => {
                target.role = "scada";
                target.addresses.push(("ipv4-addr", ipv4(random)));
                target.service = Some(("mbap", 6, 502));
            }
            Shape::Advisory | Shape::Watch => return,
        }
        self.systems.push(source);
        if target.domain.is_some() || !target.addresses.is_empty() {
            self.systems.push(target);
        }
    }

    fn sample(&mut self, random: &mut Random, cast: &Cast) {
        let (name, media) = random.pick(&FILES);
        let own = random.bytes();
        self.samples.push(Sample {
            name: name.replace("{n}", &cast.n.to_string()),
            size: random.between(4_096, 4_000_000),
            media,
            sha256: self.campaign.map_or(own, |campaign| Random::new(campaign.seed).bytes()),
        });
    }

    fn ask(&mut self, random: &mut Random, story: &Story) {
        for _ in 0..random.pick(&[0_u32, 1, 1, 2]) {
            let action = random.pick(story.asks);
            if self.asks.iter().all(|ask| ask.action != action) {
                let until = self.generated + Duration::hours(i64::from(random.between(2, 96)));
                let until = random.chance(60).then_some(until);
                self.asks.push(Ask { action, severity: self.severity, until });
            }
        }
    }

    /// Indicators: what a campaign's incidents share, and watch lists.
    fn point(&mut self, random: &mut Random, cast: &Cast) {
        if let Some(campaign) = self.campaign {
            let [first, second] = campaign.addresses.map(|address| {
                let category = if address.contains(':') { "ipv6-addr" } else { "ipv4-addr" };
                Sign::Address(category, address.to_owned())
            });
            let sha256 = Random::new(campaign.seed).bytes();
            let signs = [
                Sign::Either(Box::new(first), Box::new(second)),
                Sign::Domain(campaign.domain.to_owned()),
                Sign::Hash(format!("{}.bin", campaign.id), sha256),
            ];
            for (number, sign) in (1..).zip(signs) {
                let id = format!("{}-{number}", campaign.id);
                self.indicators.push(Indicator { id, version: 1, sign, confidence: "high" });
            }
        }
        if self.category == "watchlist" {
            let lines = (0..cast.n.min(200)).map(|_| ipv4(random)).collect();
            let sign = Sign::Bulk("ipv4-addr", lines);
            self.indicators.push(Indicator { id: format!("list-{}", cast.n), version: 1, sign, confidence: "low" });
        }
    }

    /// Other people's numbers and contacts, and what was done so far.
    fn surround(&mut self, random: &mut Random) {
        let other = random.pick(&ORGS);
        if other != self.creator {
            self.other = random.chance(25).then_some(other);
            self.alternative = random.chance(15).then(|| (other.domain, format!("{}", random.between(10_000, 99_999))));
        }
        if matches!(self.status, Some("in-progress" | "resolved")) {
            self.history.push((self.generated - Duration::minutes(3), "status-triage", "Triage done, owner told."));
        }
    }
}

/// The sending side of a mail.
fn mailer(random: &mut Random, cast: &Cast) -> System {
    let subject = random.pick(&SUBJECTS).replace("{n}", &cast.n.to_string());
    let from = format!("service@{}", cast.host);
    System {
        category: "source",
        role: "mail",
        addresses: vec![("ipv4-addr", ipv4(random)), ("e-mail", from.clone())],
        service: Some(("smtp", 6, 25)),
        mail: Some([from, "staff@csirt-a.example".to_owned(), subject]),
        ..System::default()
    }
}
