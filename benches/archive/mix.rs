//! What fills the archive: incidents as a year on a grid brings them, the same for the same number.
//!
//! Forty topics of very different busyness, two hundred CSIRTs, one report in twelve a revision of an earlier one; words
//! and observables of which few are frequent and most rare (Zipf); documents of 1 to 8 kB, 3 kB in the mean.

use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::iodef::summarise;
use gridwatch::model::{ItemId, TopicId};
use gridwatch::store::{Incoming, ItemKey, Payload, Route};

use super::random::Random;

/// Different words, addresses and hosts.
const WORDS: usize = 20_000;
const ADDRESSES: usize = 1 << 20;
pub const HOSTS: usize = 200_000;
pub const TOPICS: usize = 40;
const CSIRTS: usize = 200;
const YEAR: i64 = 365 * 86_400_000;

pub struct Mix {
    rows: usize,
    scope: Arc<[(String, String)]>,
}

impl Mix {
    pub fn new(rows: usize) -> Self {
        Self { rows, scope: Arc::new([]) }
    }

    /// The last moment of the year.
    pub fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn at(&self, row: usize) -> DateTime<Utc> {
        let left = YEAR * self.rows.saturating_sub(row) as i64 / self.rows as i64;
        self.now() - TimeDelta::milliseconds(left)
    }

    pub fn incoming(&self, row: usize) -> Incoming {
        let mut random = Random(row as u64);
        let item = ItemId(format!("{:016x}{:016x}", random.next(), random.next()));
        let topic = format!("topic-{}", random.below(TOPICS).min(random.below(TOPICS)));
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: topic };
        let publisher = Some(format!("feed{}@grid.example", random.below(CSIRTS)));
        let document = document(row, &mut random).into_bytes();
        let summary = summarise(&document, &[]);
        let payload = Some(Payload { bytes: document.into(), scope: Arc::clone(&self.scope) });
        Incoming {
            key: ItemKey { topic, item },
            payload,
            summary,
            observables: Vec::new(),
            route: Route::Live,
            publisher,
            received: self.at(row),
            delayed: None,
            history: false,
        }
    }
}

/// The word of this rank; the most frequent ones are those of reports.
pub fn word(rank: usize) -> String {
    if let Some(word) = KNOWN.get(rank) {
        return (*word).to_owned();
    }
    let (mut left, mut word) = (rank, String::new());
    while left > 0 {
        word.push(char::from(b"bcdfghklmnprstvz"[left % 16]));
        word.push(char::from(b"aeiou"[left / 16 % 5]));
        left /= 80;
    }
    word + "n"
}

pub fn word_by_chance(random: &mut Random) -> String {
    word(random.rank(WORDS))
}

/// Frequent ones lie anywhere among the others.
pub fn address(random: &mut Random) -> String {
    let number = random.rank(ADDRESSES).wrapping_mul(0x9_e377 | 1) % ADDRESSES;
    format!("198.{}.{}.{}", 16 + (number >> 16), number >> 8 & 255, number & 255)
}

pub fn host(random: &mut Random) -> String {
    format!("host{}.example.net", random.rank(HOSTS))
}

fn document(row: usize, random: &mut Random) -> String {
    let id = if row > 0 && random.below(12) == 0 { row - random.below(row.min(2_000)) } else { row };
    let csirt = Random(id as u64 ^ 0x5eed).below(CSIRTS);
    let restriction = ["public", "green", "green", "green", "amber", "amber", "red", "private"][random.below(8)];
    let severity = ["low", "low", "medium", "medium", "high"][random.below(5)];
    let mut text = format!(
        "<IODEF-Document version='2.00' xml:lang='en' xmlns='urn:ietf:params:xml:ns:iodef-2.0'>\
         <Incident purpose='reporting' restriction='{restriction}'>\
         <IncidentID name='csirt{csirt}.example'>case{id}</IncidentID>\
         <GenerationTime>2026-11-21T10:00:00Z</GenerationTime><Description>"
    );
    for place in 0..20 + random.below(60) {
        text.push_str(if place == 0 { "" } else { " " });
        text.push_str(&word_by_chance(random));
    }
    let _ = write!(
        text,
        "</Description><Assessment><SystemImpact severity='{severity}' type='takeover-system'/></Assessment>\
         <Contact type='organization' role='creator'><ContactName>CSIRT {csirt}</ContactName>\
         <Email><EmailTo>contact@csirt{csirt}.example</EmailTo></Email></Contact><EventData>"
    );
    for _ in 0..1 + random.below(12) {
        let _ = write!(
            text,
            "<Flow><System category='source'><Node><Address category='ipv4-addr'>{}</Address><DomainData \
             system-status='spoofed' domain-status='fraudulent'><Name>{}</Name></DomainData></Node></System></Flow>",
            address(random),
            host(random)
        );
    }
    text.push_str("</EventData><AdditionalData dtype='string'>");
    for _ in 0..random.below(64) {
        let _ = write!(text, "{:016x}", random.next());
    }
    text + "</AdditionalData></Incident></IODEF-Document>"
}

const KNOWN: [&str; 48] = [
    "beacon",
    "command",
    "control",
    "server",
    "phishing",
    "credential",
    "campaign",
    "malware",
    "loader",
    "botnet",
    "scanning",
    "exploit",
    "vulnerable",
    "gateway",
    "mailbox",
    "spoofed",
    "ransom",
    "lateral",
    "movement",
    "exfiltration",
    "observed",
    "against",
    "several",
    "hospitals",
    "universities",
    "operators",
    "energy",
    "transport",
    "sector",
    "since",
    "monday",
    "traffic",
    "towards",
    "suspicious",
    "domain",
    "registered",
    "recently",
    "certificate",
    "issued",
    "please",
    "block",
    "report",
    "sightings",
    "contact",
    "constituency",
    "update",
    "analysis",
    "attached",
];
