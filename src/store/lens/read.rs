//! A constituency as text: one thing a line, `#` begins a comment.

use super::Entry;
use crate::model::{Say, Typed, typed};
use crate::store::index::key;
use crate::text;

/// Most lines read; a constituency is not a block list.
pub const LINES: usize = 200_000;
/// Words of a brand, and letters it needs: two-letter words would be found everywhere.
const WORDS: usize = 6;
const LETTERS: usize = 3;

/// The widest networks that one holder has: what IANA gave away whole, and what registries gave of IPv6.
const WIDEST_V4: u8 = 8;
const WIDEST_V6: u8 = 19;
/// Names under which everybody's names begin: endings, what stands before a country's, and hosts of others' pages. Not all
/// of <https://publicsuffix.org>: those that are typed by mistake.
const ENDINGS: [&str; 22] = [
    "app", "arpa", "biz", "cloud", "com", "dev", "edu", "gov", "info", "int", "local", "mil", "mobi", "name", "net",
    "online", "org", "page", "shop", "site", "store", "xyz",
];
const BEFORE_COUNTRY: [&str; 17] =
    ["ac", "co", "com", "edu", "go", "gob", "gov", "govt", "ltd", "mil", "ne", "net", "nhs", "or", "org", "plc", "sch"];
const OTHERS_PAGES: [&str; 12] = [
    "amazonaws.com",
    "azurewebsites.net",
    "blogspot.com",
    "cloudfront.net",
    "github.io",
    "gitlab.io",
    "herokuapp.com",
    "netlify.app",
    "pages.dev",
    "vercel.app",
    "web.app",
    "workers.dev",
];

/// Whether everybody's names stand below this one.
#[must_use]
pub fn is_suffix(name: &str) -> bool {
    let Some((first, rest)) = name.split_once('.') else { return true };
    OTHERS_PAGES.contains(&name) || (rest.len() == 2 && BEFORE_COUNTRY.contains(&first))
}

/// A line that was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From 1.
    pub line: usize,
    pub text: String,
    problem: Problem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    Unknown,
    /// The whole internet.
    Everything,
    /// More than anybody has.
    Wide,
    /// An ending of everybody's names.
    Suffix,
    ShortBrand,
    TooMany,
}

impl Fault {
    #[must_use]
    pub fn say(&self) -> Say {
        let key = match self.problem {
            Problem::Unknown => "query-lens-unknown",
            Problem::Everything => "query-lens-everything",
            Problem::Wide => "query-lens-wide",
            Problem::Suffix => "query-lens-suffix",
            Problem::ShortBrand => "query-lens-brand",
            Problem::TooMany => "query-lens-many",
        };
        Say::new(key).with("line", self.line.to_string()).with("text", text::line(&self.text))
    }
}

/// An entry and the line it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub line: usize,
    pub entry: Entry,
}

impl Entry {
    /// Reads a list, defanged or not: networks and addresses, `AS64500`, domains (those below are meant too), and brands,
    /// which are plain words or follow `brand:`. What is not understood is told, and the rest is read all the same.
    #[must_use]
    pub fn read_all(text: &str) -> (Vec<Line>, Vec<Fault>) {
        let (mut entries, mut faults) = (Vec::new(), Vec::new());
        for (at, raw) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = at + 1;
            let content = raw.split('#').next().unwrap_or_default().trim();
            if content.is_empty() {
                continue;
            }
            let fault = |problem| Fault { line, text: text::cap(content, text::LINE), problem };
            if line > LINES {
                faults.push(fault(Problem::TooMany));
                break;
            }
            match Self::read(content) {
                Ok(entry) => entries.push(Line { line, entry }),
                Err(problem) => faults.push(fault(problem)),
            }
        }
        (entries, faults)
    }

    fn read(text: &str) -> Result<Self, Problem> {
        if let Some(brand) =
            text.get(..6).filter(|start| start.eq_ignore_ascii_case("brand:")).and_then(|_| text.get(6..))
        {
            return brand_of(brand);
        }
        let plain = typed::refang(text);
        let plain = plain.strip_prefix("*.").unwrap_or(&plain);
        if let Some(net) = key::network_of(plain) {
            let net = key::canonical(net);
            let widest = if net.addr().is_ipv4() { WIDEST_V4 } else { WIDEST_V6 };
            return match net.prefix_len() {
                0 => Err(Problem::Everything),
                length if length < widest => Err(Problem::Wide),
                _ => Ok(Self::Network(net)),
            };
        }
        match Typed::read(plain) {
            Some(Typed::Asn(number)) => return Ok(Self::Asn(number)),
            Some(Typed::Domain(name)) if is_suffix(&name) => return Err(Problem::Suffix),
            Some(Typed::Domain(name)) => return Ok(Self::Domain(name)),
            // A link or a mailbox would be read as less than was meant.
            Some(_) => return Err(Problem::Unknown),
            None => {}
        }
        let is_name =
            plain.chars().all(|c| c.is_alphanumeric() || " -&'".contains(c)) && plain.chars().any(char::is_alphabetic);
        if is_name { brand_of(text) } else { Err(Problem::Unknown) }
    }
}

fn brand_of(text: &str) -> Result<Entry, Problem> {
    let words = words(text);
    let letters: usize = words.iter().map(|word| word.chars().count()).sum();
    match words.as_slice() {
        [word] if ENDINGS.contains(&word.as_str()) => Err(Problem::Suffix),
        _ if letters < LETTERS || words.len() > WORDS => Err(Problem::ShortBrand),
        _ => Ok(Entry::Brand(words)),
    }
}

/// Runs of letters and digits, in lower case. A name in A-labels is read as its own letters.
fn words(text: &str) -> Vec<String> {
    let unicode = text.contains("xn--").then(|| idna::domain_to_unicode(text).0);
    let text = unicode.as_deref().unwrap_or(text);
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

impl std::fmt::Display for Entry {
    /// As [`Entry::read_all`] reads it again.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Network(net) => net.fmt(f),
            Self::Asn(number) => write!(f, "AS{number}"),
            Self::Domain(name) => f.write_str(name),
            Self::Brand(words) => write!(f, "brand: {}", words.join(" ")),
        }
    }
}
