//! What is looked for: the texts and values of what was removed, in a form in which disguise makes no difference.
//!
//! A text is the words in it: case, dots in brackets, `hxxp`, percent signs, wide letters and invisible ones are nothing. A
//! short text is looked for whole, of a long one every [`RUN`] words that follow each other. A value (address, domain,
//! link…) is looked for by what it means, however it is written.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use unicode_normalization::UnicodeNormalization;

use crate::compose::form::class_of;
use crate::compose::paste::key_of;
use crate::iodef::schema::{Class, Content, Declared, Space, Type};
use crate::iodef::{Element, NodeId};
use crate::model::typed::refang;
use crate::model::{ObservableKind, Typed};
use crate::store::index::key::Tag;
use crate::text;
use crate::text::extract::{self, Extract};

/// Words of a long text that are looked for together.
pub const RUN: usize = 5;
/// Fewest letters and digits of a text that says something by itself.
const LEAST: usize = 4;
/// Fewest digits of a number that does.
const DIGITS: usize = 5;
/// Shortest prefixes of networks that say where an address is.
const NEAR: (u8, u8) = (16, 32);

/// The words of a text, undisguised.
pub fn words(text: &str) -> Vec<String> {
    let plain: String = decoded(text).nfkc().filter(|c| !is_invisible(*c)).collect();
    let plain = refang(&plain);
    let mut found: Vec<String> = Vec::new();
    for word in plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = word.to_lowercase();
        match word.as_str() {
            // Words that stand for a sign within a value, brackets or not.
            "dot" | "at" => {}
            "hxxp" | "meow" => found.push("http".to_owned()),
            "hxxps" => found.push("https".to_owned()),
            "fxp" => found.push("ftp".to_owned()),
            _ => found.push(word),
        }
    }
    found
}

/// `%2E` is a dot.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let code = after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(u8::is_ascii_graphic);
        match code {
            Some(code) => {
                out.push(char::from(code));
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// The values in a text, by what they mean.
pub fn values(text: &str) -> Vec<Typed> {
    let edge =
        |c: char| matches!(c, '"' | '\'' | '<' | '>' | '(' | ')' | '{' | '}' | ',' | ';' | '.' | '!' | '?' | '`' | '|');
    let plain: String = text.nfkc().filter(|c| !is_invisible(*c)).collect();
    let mut found = Vec::new();
    for piece in plain.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '"' | '<' | '>')) {
        let piece = piece.trim_matches(edge);
        // A word without a sign of its own is no value.
        if !piece.contains(['.', ':', '@', '/', '(', '['])
            && !piece.get(..2).is_some_and(|s| s.eq_ignore_ascii_case("as"))
        {
            continue;
        }
        let read = Typed::read(piece).or_else(|| Typed::read(&decoded(piece)));
        let read = read.or_else(|| Typed::read(piece.trim_end_matches([':', ']', '/']).trim_start_matches('[')));
        found.extend(read);
    }
    found
}

/// The values in a text that are nothing else in it: those that [`Typed`] has no form for, such as digests, among them.
pub fn certain(text: &str) -> impl Iterator<Item = Extract> {
    extract::extract(text).into_iter().filter(|found| found.doubt.is_none())
}

/// The value in the form it is compared in; of a link, what it leads to, too.
pub fn meanings(value: &Typed) -> Vec<Typed> {
    let mut found = vec![value.clone()];
    if let Typed::Url(url) = value
        && let Some(host) = url::Url::parse(url).ok().and_then(|url| url.host_str().and_then(Typed::read))
    {
        found.push(host);
    }
    found
}

pub fn network(value: &Typed) -> Option<IpNet> {
    match value {
        Typed::Ipv4(ip) => Some(IpAddr::V4(*ip).into()),
        Typed::Ipv6(ip) => Some(IpAddr::V6(*ip).into()),
        Typed::Ipv4Net(ip, length) => IpNet::new((*ip).into(), *length).ok(),
        Typed::Ipv6Net(ip, length) => IpNet::new((*ip).into(), *length).ok(),
        _ => None,
    }
}

/// What is looked for, and where each stood in the full document.
#[derive(Default)]
pub struct Needles {
    /// Words that follow each other, joined by blanks.
    runs: HashMap<String, NodeId>,
    values: HashMap<Typed, NodeId>,
    /// Of values that documents hold, by their canonical form.
    canonical: HashMap<String, NodeId>,
    /// Of all values, as the archive keys them: a digest is its bytes, a card's address six of them.
    keys: HashMap<Vec<u8>, NodeId>,
    networks: Vec<(IpNet, NodeId)>,
    /// Lengths of runs there are.
    lengths: HashSet<usize>,
    /// Texts that say too little to be looked for.
    pub short: usize,
    /// All that are looked for.
    pub count: usize,
}

impl Needles {
    pub fn text(&mut self, text: &str, node: NodeId) {
        for value in values(text).iter().flat_map(meanings) {
            self.value(&value, node);
        }
        let words = words(text);
        if words.is_empty() {
            return;
        }
        let letters: usize = words.iter().map(|word| word.chars().count()).sum();
        let is_number = words.len() == 1 && words.iter().all(|word| word.chars().all(|c| c.is_ascii_digit()));
        if letters < LEAST || (is_number && letters < DIGITS) {
            self.short += 1;
            return;
        }
        self.count += 1;
        self.words(&words, node);
    }

    fn words(&mut self, words: &[String], node: NodeId) {
        if words.is_empty() {
            return;
        }
        for run in words.windows(words.len().min(RUN)) {
            let _ = self.lengths.insert(run.len());
            let _ = self.runs.entry(run.join(" ")).or_insert(node);
        }
    }

    pub fn value(&mut self, value: &Typed, node: NodeId) {
        if let Some(network) = network(value) {
            self.networks.push((network, node));
        }
        if let Typed::Asn(number) = value {
            let _ = self.lengths.insert(1);
            let _ = self.runs.entry(format!("as{number}")).or_insert(node);
        }
        let _ = self.values.entry(value.clone()).or_insert(node);
    }

    pub fn canonical(&mut self, value: &str, node: NodeId) {
        let _ = self.canonical.entry(value.to_owned()).or_insert(node);
    }

    /// A value of a kind, however it is written; a digest in hexadecimal and in Base64, which no reader of texts knows.
    pub fn key(&mut self, kind: ObservableKind, value: &str, node: NodeId) {
        let Some(key) = key_of(kind, value) else { return };
        if let Some((_, digest)) = key.split_first().filter(|(tag, _)| **tag == Tag::Hash as u8) {
            for form in [text::hex(digest), STANDARD.encode(digest)] {
                self.words(&words(&form), node);
            }
        }
        let _ = self.keys.entry(key).or_insert(node);
    }

    /// Where what has this key was removed from.
    pub fn has_key(&self, kind: ObservableKind, value: &str) -> Option<NodeId> {
        self.keys.get(&key_of(kind, value)?).copied()
    }

    pub fn has_canonical(&self, value: &str) -> Option<NodeId> {
        self.canonical.get(value).copied()
    }

    /// Where what a text says was removed from, and whether it is a long text's part.
    pub fn in_words(&self, words: &[String], found: &mut Vec<(NodeId, String)>) {
        let mut key = String::new();
        for start in 0..words.len() {
            key.clear();
            for (length, word) in words.iter().skip(start).take(RUN).enumerate() {
                if length > 0 {
                    key.push(' ');
                }
                key.push_str(word);
                if !self.lengths.contains(&(length + 1)) {
                    continue;
                }
                if let Some(node) = self.runs.get(key.as_str()) {
                    found.push((*node, key.clone()));
                }
            }
        }
    }

    /// The removed value that this one is.
    pub fn has_value(&self, value: &Typed) -> Option<NodeId> {
        meanings(value).iter().find_map(|value| self.values.get(value).copied())
    }

    /// A removed address in this network, or a removed network around this address.
    pub fn near(&self, value: &Typed) -> Option<NodeId> {
        let here = network(value)?;
        let tells = |net: &IpNet| net.prefix_len() >= if matches!(net, IpNet::V4(_)) { NEAR.0 } else { NEAR.1 };
        let near = |other: &IpNet| (other.contains(&here) && tells(other)) || (here.contains(other) && tells(&here));
        self.networks.iter().find(|(other, _)| near(other)).map(|(_, node)| *node)
    }
}

/// Attributes that say how a thing is written, not what it is.
const PLAIN: &[&str] = &["Algorithm", "version", "formatid", "format-id", "translation-id", "xml:lang", "lang"];

/// The texts of an element that say something of what it is about: its own, and those of its attributes.
pub fn texts(element: Element<'_>) -> Vec<String> {
    let class = class_of(element);
    let mut found = Vec::new();
    let says = class.is_none_or(says_something);
    if says {
        found.push(element.text().into_owned());
    }
    for attr in element.attrs() {
        let declared = class.and_then(|class| class.attribute(attr.qualified(), super::super::form::PROFILE));
        let says = match declared {
            Some(Declared::Plain(declared)) => is_free(declared.of),
            // A private value is the author's own word, and none of the removed thing.
            Some(Declared::Twin(_)) => !attr.local().starts_with("ext-restriction"),
            None => true,
        };
        if says && !PLAIN.contains(&attr.qualified()) {
            found.push(attr.value().into_owned());
        }
    }
    found
}

fn says_something(class: &'static Class) -> bool {
    match class.content(super::super::form::PROFILE) {
        Content::Text(of) => is_free(*of) || matches!(of, Type::Integer | Type::Base64),
        Content::Mixed(_) | Content::Anything => class.space != Space::Signature || class.name == "X509SubjectName",
        _ => false,
    }
}

fn is_free(of: Type) -> bool {
    matches!(of, Type::String | Type::AnyUri | Type::Id | Type::IdRef | Type::NcName)
}
