//! Walks one element, from its start tag to its end tag, over bytes that may still be arriving.
//!
//! The bytes given must already be sound XML characters ([`super::chars::sound`]). Each byte is looked at a bounded
//! number of times however it arrives: the walk stops between tokens and remembers how far into an unfinished one it
//! has looked. No recursion: open elements are a list.

use std::sync::Arc;

use memchr::{memchr3, memmem};

use super::chars::{scan_reference, skip_space};
use super::limits::Rules;
use super::prolog;
use super::refusal::{Banned, Excess, Malformed, Refusal};
use super::scope::{self, Bound};
use super::tag::{self, Quotes, Tag};
use super::tree::{Attr, Decl, Head, Kind, Node, Parts, STREAM_NS, Scopes, Span, Stanza, index};

const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
const PUBSUB_EVENT: &str = "http://jabber.org/protocol/pubsub#event";

/// How far [`Scanner::run`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    More,
    /// The unit ends at this offset.
    Done(usize),
}

/// What to do with the elements walked over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// Only check.
    Check,
    /// Collect nodes.
    Build,
    /// Collect the root's start tag and stop after it.
    Head,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    name: Span,
    /// The node, or `u32::MAX` where none is built.
    node: u32,
    /// How many prefixes and namespaces there were outside.
    bound: usize,
    uris: usize,
    /// The default namespace inside.
    default: u32,
    /// Bytes of all declarations in force inside.
    scope: usize,
    /// A pubsub item: its children are payloads.
    item: bool,
}

#[derive(Debug)]
pub(super) struct Scanner {
    rules: Rules,
    aim: Aim,
    head: Arc<Head>,
    /// Start of the token at hand, and how far into it has been looked.
    at: usize,
    seen: usize,
    /// The token at hand starts with `<`.
    markup: bool,
    /// Inside a tag that was unfinished when last looked at.
    quotes: Option<Quotes>,
    open: Vec<Open>,
    bound: Vec<Bound>,
    /// How many elements are open outside the payload we are in.
    hidden: Option<usize>,
    elements: usize,
    parts: Parts,
    fresh: Vec<Attr>,
}

impl Scanner {
    pub fn new(rules: Rules, aim: Aim, head: Arc<Head>) -> Self {
        Self {
            rules,
            aim,
            head,
            at: 0,
            seen: 0,
            markup: true,
            quotes: None,
            open: Vec::new(),
            bound: Vec::new(),
            hidden: None,
            elements: 0,
            parts: Parts::default(),
            fresh: Vec::new(),
        }
    }

    /// Makes ready for the next unit of the same stream.
    pub fn clear(&mut self) {
        (self.at, self.seen, self.markup, self.quotes) = (0, 0, true, None);
        (self.hidden, self.elements) = (None, 0);
        self.open.clear();
        self.bound.clear();
        self.parts.clear();
    }

    /// The bytes at hand are all there will be: the next run looks at an unfinished tag as far as it goes, so that
    /// what is wrong in it is found before what made it the last.
    pub fn settle(&mut self) {
        self.quotes = None;
    }

    /// As [`Scanner::run`]; `capped` when more bytes wait than a unit may have.
    pub fn run_capped(&mut self, unit: &[u8], capped: bool) -> Result<Progress, Refusal> {
        let progress = self.run(unit)?;
        if progress == Progress::More && capped {
            self.settle();
            return self.run(unit);
        }
        Ok(progress)
    }

    pub fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// The unit just finished, `unit` being its bytes.
    pub fn stanza(&self, unit: &[u8]) -> Result<Stanza, Refusal> {
        let text = std::str::from_utf8(unit).map_err(|_| Refusal::Encoding)?;
        Ok(Stanza::new(text.into(), &self.parts, Arc::clone(&self.head)))
    }

    /// Goes on with `unit`, which starts with the root's `<` and holds all bytes of earlier calls and perhaps more.
    pub fn run(&mut self, unit: &[u8]) -> Result<Progress, Refusal> {
        loop {
            let end = if self.markup { self.markup(unit)? } else { self.text(unit)? };
            let Some(end) = end else { return Ok(Progress::More) };
            (self.at, self.seen) = (end, end);
            self.markup = !self.markup;
            if !self.markup && (self.open.is_empty() || self.aim == Aim::Head) {
                return Ok(Progress::Done(end));
            }
        }
    }

    /// Character data up to the next `<`; gives that one's offset.
    fn text(&mut self, unit: &[u8]) -> Result<Option<usize>, Refusal> {
        let mut i = self.seen;
        loop {
            let Some(hit) = memchr3(b'<', b'&', b'>', unit.get(i..).unwrap_or_default()) else {
                self.seen = unit.len();
                return Ok(None);
            };
            i += hit;
            match unit.get(i) {
                Some(b'&') => match scan_reference(unit, i)? {
                    Some(end) => i = end,
                    None => {
                        self.seen = i;
                        return Ok(None);
                    }
                },
                Some(b'>') => {
                    if unit.get(self.at..i).unwrap_or_default().ends_with(b"]]") {
                        return Err(Malformed::CdataEnd.into());
                    }
                    i += 1;
                }
                _ => break,
            }
        }
        if i > self.at {
            self.leaf(Kind::Text, self.at, i);
        }
        Ok(Some(i))
    }

    fn leaf(&mut self, kind: Kind, from: usize, to: usize) {
        if self.aim == Aim::Build && self.hidden.is_none() {
            let next = index(self.parts.nodes.len() + 1);
            let parent = self.open.last().map_or(u32::MAX, |open| open.node);
            let (local, raw) = (Span::default(), Span::new(from, to));
            self.parts.nodes.push(Node {
                kind,
                local,
                ns: Scopes::NONE,
                raw,
                attrs: (0, 0),
                decls: (0, 0),
                parent,
                next,
            });
        }
    }

    /// A token that starts with `<`; gives the offset after it.
    fn markup(&mut self, unit: &[u8]) -> Result<Option<usize>, Refusal> {
        match unit.get(self.at + 1) {
            None => Ok(None),
            Some(b'/') => self.end_tag(unit),
            Some(b'!') => self.declared(unit),
            Some(b'?') if self.rules.instructions => prolog::instruction(unit, self.at),
            Some(b'?') => Err(Banned::Instruction.into()),
            Some(_) => self.start_tag(unit),
        }
    }

    /// `<![CDATA[`, a comment, or what has no place inside an element.
    fn declared(&mut self, unit: &[u8]) -> Result<Option<usize>, Refusal> {
        const OPEN: &[u8] = b"<![CDATA[";
        let rest = unit.get(self.at..).unwrap_or_default();
        match rest.get(2) {
            None => return Ok(None),
            Some(b'[') => {}
            Some(b'-') if self.rules.comments => return prolog::comment(unit, self.at),
            Some(b'-') => return Err(Banned::Comment.into()),
            Some(_) => return Err(prolog::doctype(rest)),
        }
        if !rest.starts_with(OPEN) {
            return if OPEN.starts_with(rest) { Ok(None) } else { Err(Malformed::Tag.into()) };
        }
        if self.open.is_empty() {
            return Err(Malformed::Outside.into());
        }
        let inside = self.at + OPEN.len();
        let from = self.seen.max(inside);
        let Some(hit) = memmem::find(unit.get(from..).unwrap_or_default(), b"]]>") else {
            // The end mark may be cut in two.
            self.seen = unit.len().saturating_sub(2).max(from);
            return Ok(None);
        };
        if from + hit > inside {
            self.leaf(Kind::Data, inside, from + hit);
        }
        Ok(Some(from + hit + 3))
    }

    fn end_tag(&mut self, unit: &[u8]) -> Result<Option<usize>, Refusal> {
        let Some(&open) = self.open.last() else { return Err(Malformed::EndTag.into()) };
        let name = open.name.of(unit);
        let rest = unit.get(self.at + 2..).unwrap_or_default();
        if !rest.starts_with(name) {
            return if name.starts_with(rest) { Ok(None) } else { Err(Malformed::EndTag.into()) };
        }
        let i = skip_space(unit, self.seen.max(self.at + 2 + name.len()));
        match unit.get(i) {
            None => {
                self.seen = i;
                Ok(None)
            }
            Some(b'>') => {
                self.close(i + 1);
                Ok(Some(i + 1))
            }
            Some(_) => Err(Malformed::EndTag.into()),
        }
    }

    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        self.bound.truncate(open.bound);
        if self.hidden == Some(self.open.len()) {
            self.hidden = None;
        }
        if open.node == u32::MAX {
            self.parts.uris.truncate(open.uris);
        } else {
            let next = index(self.parts.nodes.len());
            if let Some(node) = self.parts.nodes.get_mut(open.node as usize) {
                node.raw.to = index(end);
                node.next = next;
            }
        }
    }

    fn start_tag(&mut self, unit: &[u8]) -> Result<Option<usize>, Refusal> {
        if let Some(quotes) = &mut self.quotes {
            let ends = quotes.end(unit.get(self.seen..).unwrap_or_default());
            self.seen = unit.len();
            if !ends {
                return Ok(None);
            }
        }
        let first = self.parts.attrs.len();
        self.fresh.clear();
        let tag = tag::parse(unit, self.at, &self.rules.limits, &mut self.parts.attrs, &mut self.fresh)?;
        let Some(tag) = tag else {
            self.parts.attrs.truncate(first);
            let mut quotes = Quotes::default();
            if self.quotes.is_some() || quotes.end(unit.get(self.at + 1..).unwrap_or_default()) {
                // The quotes said it ends: then it was no tag.
                return Err(Malformed::Tag.into());
            }
            (self.quotes, self.seen) = (Some(quotes), unit.len());
            return Ok(None);
        };
        self.quotes = None;
        self.element(unit, tag, first)?;
        Ok(Some(tag.end))
    }

    /// Resolves and opens the element of `tag`, whose attributes start at `first`.
    fn element(&mut self, unit: &[u8], tag: Tag, first: usize) -> Result<(), Refusal> {
        let above = self.open.last().copied();
        let payload = self.hidden.is_some() || (self.rules.opaque && above.is_some_and(|open| open.item));
        self.count(payload)?;
        let (bound, uris) = (self.bound.len(), self.parts.uris.len());
        let first_decl = self.parts.decls.len();
        let outside = match above {
            Some(open) => open.default,
            None => Scopes { head: &self.head, uris: &[] }.of_head(b"").unwrap_or(Scopes::NONE),
        };
        let default = self.declare(unit)?.unwrap_or(outside);
        let scope = above.map_or_else(|| self.head.bytes(), |open| open.scope)
            + self.fresh.iter().map(Attr::bytes).sum::<usize>();
        if self.bound.len() > self.rules.limits.prefixes || (!payload && scope > self.rules.limits.scope) {
            return Err(Excess::Declarations.into());
        }
        let scopes = Scopes { head: &self.head, uris: &self.parts.uris };
        let attrs = self.parts.attrs.get_mut(first..).unwrap_or_default();
        scope::attributes(unit, scopes, &self.bound, attrs)?;
        let ns = scope::element(unit, scopes, &self.bound, &tag, default)?;

        let uri = || scopes.uri(ns).map_or_else(|span| span.of(unit), str::as_bytes);
        let local = tag.local.of(unit);
        let item = self.rules.opaque
            && !payload
            && local == b"item"
            && matches!(uri(), uri if uri == PUBSUB.as_bytes() || uri == PUBSUB_EVENT.as_bytes());
        if above.is_none() && self.aim != Aim::Head && local == b"stream" && uri() == STREAM_NS.as_bytes() {
            // A second header on the same stream (`engine.md` §6 row 23).
            return Err(Refusal::Format);
        }
        let decls = (first_decl, self.parts.decls.len());
        let node = self.node(tag, ns, payload, (first, decls), above.map_or(u32::MAX, |open| open.node));
        if payload && self.hidden.is_none() {
            self.hidden = Some(self.open.len());
        }
        self.open.push(Open { name: tag.name, node, bound, uris, default, scope, item });
        if tag.empty && self.aim != Aim::Head {
            self.close(tag.end);
        }
        Ok(())
    }

    fn count(&mut self, payload: bool) -> Result<(), Refusal> {
        let limits = &self.rules.limits;
        self.elements += 1;
        if self.elements > limits.elements {
            return Err(Excess::Elements.into());
        }
        let deepest = if payload { limits.payload_depth.max(limits.depth) } else { limits.depth };
        if self.open.len() >= deepest {
            return Err(Excess::Depth.into());
        }
        Ok(())
    }

    /// Binds the tag's declarations; gives the new default namespace when there is one.
    fn declare(&mut self, unit: &[u8]) -> Result<Option<u32>, Refusal> {
        let mut default = None;
        let keep = self.aim != Aim::Check && self.hidden.is_none();
        for at in 0..self.fresh.len() {
            let Some(attr) = self.fresh.get(at) else { break };
            let again = |other: &Attr| other.local.of(unit) == attr.local.of(unit);
            if self.fresh.get(..at).unwrap_or_default().iter().any(again) {
                return Err(Malformed::Duplicate.into());
            }
            let scopes = Scopes { head: &self.head, uris: &self.parts.uris };
            let (uri, own) = scope::declaration(unit, scopes, attr)?;
            let prefix = attr.local;
            self.parts.uris.extend(own);
            if prefix.is_empty() {
                default = Some(uri);
            } else {
                self.bound.push(Bound { prefix, uri });
            }
            if keep {
                self.parts.decls.push(Decl { prefix, uri });
            }
        }
        Ok(default)
    }

    /// Makes the node, unless none is wanted; then its attributes are dropped too.
    fn node(&mut self, tag: Tag, ns: u32, payload: bool, own: (usize, (usize, usize)), parent: u32) -> u32 {
        let (first, decls) = own;
        if self.aim == Aim::Check || self.hidden.is_some() {
            self.parts.attrs.truncate(first);
            return u32::MAX;
        }
        let at = index(self.parts.nodes.len());
        self.parts.nodes.push(Node {
            kind: if payload { Kind::Opaque } else { Kind::Element },
            local: tag.local,
            ns,
            raw: Span::new(self.at, tag.end),
            attrs: (index(first), index(self.parts.attrs.len())),
            decls: (index(decls.0), index(decls.1)),
            parent,
            next: at + 1,
        });
        at
    }
}
