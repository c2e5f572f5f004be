//! Typed values: read from what was written behind a field, and written back so that they read the same.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use super::error::Problem;
use super::field::{HAS, Has, IS, Is, Type, near};
use super::when::When;
use super::{Cmp, Field};
use crate::model::{Severity, Tlp, Typed, typed};
use crate::store::index::key;
use crate::text::xpath::Expression;

/// A text to compare with. In a glob `*` stands for any part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text {
    pub text: String,
    pub glob: bool,
}

/// The names a domain value means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// In A-labels and lower case.
    pub name: String,
    /// `*.name`: only what is below it.
    pub below: bool,
}

/// One value behind a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    Text(Text),
    Severity(Severity),
    Tlp(Tlp),
    /// One number or a range with open ends (sizes too, in bytes).
    Numbers(Option<u64>, Option<u64>),
    Address(IpAddr),
    Addresses(IpAddr, IpAddr),
    Network(IpNet),
    Asns(u32, u32),
    Ports(u16, u16),
    Domain(Name),
    /// Hexadecimal digits in lower case; `true` is a whole digest, else a beginning.
    Hash(String, bool),
    Cve(u16, Option<u32>),
    When(When),
    Times(Option<When>, Option<When>),
    Is(Is),
    Has(Has),
    Row(u32),
    /// `@name`: a list kept elsewhere.
    Macro(String),
}

impl Text {
    /// Whether it is any text at all: stars alone.
    pub(super) fn is_any(&self) -> bool {
        self.glob && self.text.chars().all(|c| c == '*')
    }

    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), glob: false }
    }
}

/// Confidence in words, as numbers (RFC 7970 §3.12.5 leaves it open; these are what exports write, `iodef.md` §6).
const CONFIDENCE: [(&str, u64); 3] = [("low", 15), ("medium", 50), ("high", 85)];
/// Handling labels as they are written; the first of each is the one printed.
const LABELS: [(&str, Tlp); 13] = [
    ("clear", Tlp::Clear),
    ("white", Tlp::Clear),
    ("public", Tlp::Clear),
    ("green", Tlp::Green),
    ("partner", Tlp::Green),
    ("amber", Tlp::Amber),
    ("amber+strict", Tlp::AmberStrict),
    ("need-to-know", Tlp::AmberStrict),
    ("red", Tlp::Red),
    ("private", Tlp::Red),
    ("agreed", Tlp::ByAgreement),
    ("by-agreement", Tlp::ByAgreement),
    ("default", Tlp::ByAgreement),
];
const SEVERITIES: [(&str, Severity); 4] =
    [("unknown", Severity::Unknown), ("low", Severity::Low), ("medium", Severity::Medium), ("high", Severity::High)];

/// The words a field's values are chosen from, if they are.
pub fn words(kind: Type) -> Vec<&'static str> {
    match kind {
        Type::Choice(words) => words.to_vec(),
        Type::Severity => SEVERITIES.iter().map(|(word, _)| *word).collect(),
        Type::Tlp => vec!["clear", "green", "amber", "amber+strict", "red", "agreed"],
        Type::Confidence => CONFIDENCE.iter().map(|(word, _)| *word).collect(),
        Type::Is => IS.iter().map(|(_, word, _)| *word).collect(),
        Type::Has => HAS.iter().map(|(_, word, _)| *word).collect(),
        _ => Vec::new(),
    }
}

impl Value {
    /// Reads what was written behind `field` and `cmp`. A quoted text is never a pattern, a range or a list's name.
    pub(super) fn read(field: Field, cmp: Cmp, text: &str, quoted: bool) -> Result<Self, Problem> {
        if let Some(name) = text.strip_prefix('@').filter(|_| !quoted) {
            let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
            let fits = cmp.is_equality() && !matches!(field.about().kind, Type::Expression | Type::Row);
            if plain && fits {
                return Ok(Self::Macro(name.to_owned()));
            }
            // Everybody there.
            let domain = typed::domain(&typed::refang(name)).filter(|_| field == Field::Email && fits);
            let all = domain.map(|domain| Self::Text(Text { text: format!("*@{domain}"), glob: true }));
            return all.ok_or_else(|| Problem::value(field, text, None));
        }
        // `=` is exactly what is written.
        Self::of(field, cmp, text, quoted || cmp == Cmp::Eq).ok_or_else(|| {
            let words = words(field.about().kind).into_iter().map(|word| (word, word));
            Problem::value(field, text, near(text, words))
        })
    }

    fn of(field: Field, cmp: Cmp, text: &str, quoted: bool) -> Option<Self> {
        let range = text.split_once("..").filter(|_| !quoted && cmp == Cmp::Has);
        match field.about().kind {
            Type::Text | Type::Choice(_) | Type::Url => plain(text, quoted),
            Type::Mac => match Typed::read(text)? {
                Typed::Mac(mac) => Some(Self::Text(Text::plain(mac))),
                _ => None,
            },
            Type::Expression => Expression::read(text).map(|_| Self::Text(Text::plain(text))),
            Type::Email => plain(&typed::refang(text), quoted),
            Type::Severity => word(&SEVERITIES, text).map(Self::Severity),
            Type::Tlp => {
                let text = text
                    .get(..4)
                    .filter(|start| start.eq_ignore_ascii_case("tlp:"))
                    .map_or(text, |_| text.get(4..).unwrap_or_default());
                word(&LABELS, text).map(Self::Tlp)
            }
            Type::Number => numbers(text, range, |text| text.parse().ok()),
            Type::Confidence => {
                let read = |text: &str| word(&CONFIDENCE, text).or_else(|| text.parse().ok()).filter(|n| *n <= 100);
                numbers(text, range, read)
            }
            Type::Size => numbers(text, range, size),
            Type::Time => times(text, range),
            Type::Address => match range {
                Some((first, last)) => addresses(first, last),
                None => address(text),
            },
            Type::Network => network(text).map(Self::Network),
            Type::Asn => match range {
                Some((first, last)) => Some((key::asn_of(first)?, key::asn_of(last)?)),
                None => key::asn_of(text).map(|number| (number, number)),
            }
            .filter(|(first, last)| first <= last)
            .map(|(first, last)| Self::Asns(first, last)),
            Type::Port => {
                let (first, last) = range.unwrap_or((text, text));
                let (first, last) = (first.parse().ok()?, last.parse().ok()?);
                (first <= last).then_some(Self::Ports(first, last))
            }
            Type::Domain => domain(text, quoted),
            Type::Hash => hash(text, quoted),
            Type::Cve => cve(text),
            Type::Is => Is::named(text).map(Self::Is),
            Type::Has => Has::named(text).map(Self::Has),
            Type::Row => text.parse().ok().map(Self::Row),
        }
    }

    /// Whether the clock changes what it stands for.
    #[must_use]
    pub fn moves(&self) -> bool {
        match self {
            Self::When(when) => when.moves(),
            Self::Times(from, to) => [from, to].into_iter().flatten().any(|when| when.moves()),
            _ => false,
        }
    }
}

fn word<T: Copy>(words: &[(&str, T)], text: &str) -> Option<T> {
    words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
}

fn plain(text: &str, quoted: bool) -> Option<Value> {
    (!text.is_empty()).then(|| Value::Text(Text { text: text.to_owned(), glob: !quoted && text.contains('*') }))
}

fn numbers(text: &str, range: Option<(&str, &str)>, read: impl Fn(&str) -> Option<u64>) -> Option<Value> {
    let Some((first, last)) = range else { return read(text).map(|n| Value::Numbers(Some(n), Some(n))) };
    let end = |text: &str| if text.is_empty() { Some(None) } else { read(text).map(Some) };
    let (first, last) = (end(first)?, end(last)?);
    let sound = match (first, last) {
        (None, None) => false,
        (Some(first), Some(last)) => first <= last,
        _ => true,
    };
    sound.then_some(Value::Numbers(first, last))
}

/// `1500`, `10k`, `2M`, `1G`: thousands, as the feed shows sizes.
fn size(text: &str) -> Option<u64> {
    let text = text.strip_suffix(['b', 'B']).unwrap_or(text);
    let unit = match text.chars().last()? {
        'k' | 'K' => 1_000,
        'm' | 'M' => 1_000_000,
        'g' | 'G' => 1_000_000_000,
        _ => return text.parse().ok(),
    };
    text.get(..text.len() - 1)?.parse::<u64>().ok()?.checked_mul(unit)
}

fn times(text: &str, range: Option<(&str, &str)>) -> Option<Value> {
    let Some((first, last)) = range else { return When::read(text).map(Value::When) };
    let end = |text: &str| if text.is_empty() { Some(None) } else { When::read(text).map(Some) };
    let (first, last) = (end(first)?, end(last)?);
    (first.is_some() || last.is_some()).then_some(Value::Times(first, last))
}

fn address(text: &str) -> Option<Value> {
    match Typed::read(text)? {
        Typed::Ipv4(ip) => Some(Value::Address(ip.into())),
        Typed::Ipv6(ip) => Some(Value::Address(IpAddr::from(ip).to_canonical())),
        Typed::Ipv4Net(..) | Typed::Ipv6Net(..) => network(text).map(Value::Network),
        _ => None,
    }
}

fn addresses(first: &str, last: &str) -> Option<Value> {
    let (Value::Address(first), Value::Address(last)) = (address(first)?, address(last)?) else { return None };
    (first.is_ipv4() == last.is_ipv4() && first <= last).then_some(Value::Addresses(first, last))
}

/// A network, or an address as the smallest one.
fn network(text: &str) -> Option<IpNet> {
    key::network_of(&typed::refang(text))
}

fn domain(text: &str, quoted: bool) -> Option<Value> {
    let text = typed::refang(text);
    let below = text.strip_prefix("*.").or_else(|| text.strip_prefix('.')).filter(|_| !quoted);
    let name = below.unwrap_or(&text);
    if name.contains('*') && !quoted {
        let shape = |c: char| c.is_ascii_alphanumeric() || "*.-_".contains(c);
        return text.chars().all(shape).then(|| Value::Text(Text { text: text.to_lowercase(), glob: true }));
    }
    // A top-level name alone is no domain for a report, and a fine suffix for a question.
    let is_label = |text: &str| {
        text.len() >= 2
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
    };
    let name = typed::domain(name).or_else(|| is_label(name).then(|| name.to_ascii_lowercase()))?;
    Some(Value::Domain(Name { name, below: below.is_some() }))
}

/// A digest, or at least four digits of one and `*`.
fn hash(text: &str, quoted: bool) -> Option<Value> {
    let start = text.strip_suffix('*').filter(|_| !quoted);
    let digits = start.unwrap_or(text).to_ascii_lowercase();
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let long_enough = if start.is_some() { (4..=128).contains(&digits.len()) } else { key::is_digest(&digits) };
    (is_hex && long_enough).then_some(Value::Hash(digits, start.is_none()))
}

fn cve(text: &str) -> Option<Value> {
    if let Some((year, number)) = key::cve_of(text) {
        return Some(Value::Cve(year, Some(number)));
    }
    let year = text.strip_suffix('*').map(|start| start.strip_suffix('-').unwrap_or(start))?;
    let (start, year) = year.split_once('-')?;
    (start.eq_ignore_ascii_case("cve") && year.len() == 4)
        .then(|| year.parse().ok().map(|year| Value::Cve(year, None)))?
}

/// Whether `text` can stand bare behind a field.
pub(super) fn is_bare(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('@') && !text.chars().any(|c| c.is_whitespace() || ",()\"".contains(c))
}

/// `"text"`, with what would end it early escaped.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let literal_star = !self.glob && self.text.contains('*');
        if is_bare(&self.text) && !literal_star { f.write_str(&self.text) } else { f.write_str(&quote(&self.text)) }
    }
}

impl Value {
    /// As it is written behind `field`.
    #[must_use]
    pub fn text(&self, field: Field) -> String {
        let bytes = field.about().kind == Type::Size;
        let number = |n: &u64| if bytes { in_thousands(*n) } else { n.to_string() };
        let end = |end: &Option<u64>| end.as_ref().map(number).unwrap_or_default();
        let moment = |when: &Option<When>| when.map(|when| when.to_string()).unwrap_or_default();
        let pair = |one: String, two: String| if one == two { one } else { format!("{one}..{two}") };
        match self {
            // An expression is quoted for the eye even where it need not be.
            Self::Text(text) if field == Field::Xpath => quote(&text.text),
            Self::Text(text) => text.to_string(),
            Self::Severity(severity) => severity.token().unwrap_or("unknown").to_owned(),
            Self::Tlp(label) => LABELS.iter().find(|(_, own)| own == label).map_or("", |(word, _)| word).to_owned(),
            Self::Numbers(Some(from), Some(to)) => pair(number(from), number(to)),
            Self::Numbers(from, to) => format!("{}..{}", end(from), end(to)),
            Self::Address(ip) => ip.to_string(),
            Self::Addresses(first, last) => format!("{first}..{last}"),
            Self::Network(net) => net.to_string(),
            Self::Asns(first, last) => pair(first.to_string(), last.to_string()),
            Self::Ports(first, last) => pair(first.to_string(), last.to_string()),
            Self::Domain(Name { name, below }) => {
                if *below {
                    format!("*.{name}")
                } else {
                    name.clone()
                }
            }
            Self::Hash(digits, whole) => {
                if *whole {
                    digits.clone()
                } else {
                    format!("{digits}*")
                }
            }
            Self::Cve(year, Some(number)) => format!("CVE-{year:04}-{number:04}"),
            Self::Cve(year, None) => format!("CVE-{year:04}-*"),
            Self::When(when) => when.to_string(),
            Self::Times(from, to) => format!("{}..{}", moment(from), moment(to)),
            Self::Is(is) => is.word().to_owned(),
            Self::Has(has) => has.word().to_owned(),
            Self::Row(row) => row.to_string(),
            Self::Macro(name) => format!("@{name}"),
        }
    }
}

fn in_thousands(n: u64) -> String {
    let units = [(1_000_000_000, 'G'), (1_000_000, 'M'), (1_000, 'k')];
    let fitting = units.iter().find(|(unit, _)| n > 0 && n.is_multiple_of(*unit));
    fitting.map_or_else(|| n.to_string(), |(unit, letter)| format!("{}{letter}", n / unit))
}
