//! The strict byte gate: cuts a stream of bytes into a header and stanzas, and refuses what is no restricted XML
//! (RFC 6120 §11). Hand-written, because the quick parsers let too much through (`engine.md` §3).
//!
//! Bytes are pushed as they come, in any pieces, and looked at a bounded number of times. What is refused, and why,
//! does not depend on the pieces; only when may: a fault in a tag is told at the latest when the tag ends. A stanza is
//! given out only when its last byte has passed.

use std::borrow::Cow;
use std::sync::Arc;

use super::chars::{skip_space, sound};
use super::limits::{Limits, Rules};
use super::prolog;
use super::refusal::{Banned, Excess, Malformed, Refusal};
use super::scan::{Aim, Progress, Scanner};
use super::tree::{Head, STREAM_NS, Stanza, XML_NS};

/// What comes out of the gate.
#[derive(Debug)]
pub enum Frame {
    Header(Header),
    /// Any first-level element: a stanza, or what is exchanged around TLS, SASL and stream management.
    Stanza(Stanza),
    /// The stream's end tag.
    End,
}

/// A stream header (RFC 6120 §4.7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    pub id: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub version: Option<String>,
    pub lang: Option<String>,
    /// Declarations on the root: (prefix, namespace), `""` for the content namespace.
    pub namespaces: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing yet.
    Start,
    /// After the XML declaration, which took this many bytes.
    Root(usize),
    /// Between stanzas.
    Between,
    Stanza,
    Ended,
}

/// The gate of one stream. After a refusal it stays refused.
pub struct Gate {
    limits: Limits,
    phase: Phase,
    scanner: Scanner,
    /// The root's qualified name.
    root: String,
    bytes: Vec<u8>,
    /// Bytes before this were given out.
    used: usize,
    /// Bytes before this are sound characters.
    sound: usize,
    /// What waits behind the sound bytes.
    poison: Option<Refusal>,
    refused: Option<Refusal>,
}

impl std::fmt::Debug for Gate {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gate({:?}, {} bytes waiting, {:?})", self.phase, self.buffered(), self.refused)
    }
}

impl Gate {
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            phase: Phase::Start,
            scanner: head_scanner(limits),
            root: String::new(),
            bytes: Vec::new(),
            used: 0,
            sound: 0,
            poison: None,
            refused: None,
        }
    }

    /// Other limits from the next stanza on: after authentication.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
        self.scanner.set_rules(rules(limits));
    }

    /// A new stream on the same connection (RFC 6120 §4.3.3). Bytes not given out yet belong to the new stream.
    pub fn reset(&mut self) {
        self.phase = Phase::Start;
        self.scanner = head_scanner(self.limits);
        // White space kept the old stream alive.
        self.used += skip_space(self.fresh(), 0);
    }

    /// Bytes pushed and not given out, for the check against injection (`engine.md` §6 row 9).
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.bytes.len() - self.used
    }

    fn fresh(&self) -> &[u8] {
        self.bytes.get(self.used..self.sound).unwrap_or_default()
    }

    /// Adds bytes. Never fails: [`Gate::next`] tells.
    pub fn push(&mut self, bytes: &[u8]) {
        /// Room kept once all is given out.
        const KEPT: usize = 64 * 1024;
        if self.poison.is_some() || self.refused.is_some() {
            return;
        }
        if self.buffered() + bytes.len() > self.limits.bytes + self.limits.waiting {
            self.poison = Some(Excess::Waiting.into());
            return;
        }
        if self.used == self.bytes.len() {
            self.bytes.clear();
            self.bytes.shrink_to(KEPT);
            (self.used, self.sound) = (0, 0);
        } else if self.used > self.bytes.len() / 2 {
            // Moves fewer bytes than were given out since the last time.
            drop(self.bytes.drain(..self.used));
            self.sound -= self.used;
            self.used = 0;
        }
        self.bytes.extend_from_slice(bytes);
        let (good, poison) = sound(self.bytes.get(self.sound..).unwrap_or_default());
        self.sound += good;
        self.poison = poison;
    }

    /// The next frame; `None` when more bytes are needed.
    ///
    /// # Errors
    /// What was wrong. The stream is over: every later call says the same.
    #[expect(clippy::should_implement_trait, reason = "not an iterator: `None` is not the end")]
    pub fn next(&mut self) -> Result<Option<Frame>, Refusal> {
        if let Some(refused) = self.refused {
            return Err(refused);
        }
        let mut next = self.step();
        if let (Ok(None), Some(poison)) = (&next, self.poison) {
            self.scanner.settle();
            next = self.step().and_then(|frame| frame.map(Some).ok_or(poison));
        }
        self.refused = next.as_ref().err().copied();
        next
    }

    fn step(&mut self) -> Result<Option<Frame>, Refusal> {
        loop {
            match self.phase {
                Phase::Start => match prolog::has_declaration(self.fresh()) {
                    None => return Ok(None),
                    Some(false) => self.phase = Phase::Root(0),
                    Some(true) => match prolog::declaration(self.header_bytes())? {
                        Some(end) => self.phase = Phase::Root(end),
                        None => return self.wait(self.limits.header, Excess::Header),
                    },
                },
                Phase::Root(skip) => return self.root(skip),
                Phase::Between => match self.between()? {
                    Some(frame) => return Ok(Some(frame)),
                    None if self.phase == Phase::Between => return Ok(None),
                    None => {}
                },
                Phase::Stanza => return self.stanza(),
                Phase::Ended => {
                    self.used += skip_space(self.fresh(), 0);
                    return if self.fresh().is_empty() { Ok(None) } else { Err(Malformed::Outside.into()) };
                }
            }
        }
    }

    /// More bytes are needed, unless there are too many already.
    fn wait(&self, most: usize, excess: Excess) -> Result<Option<Frame>, Refusal> {
        if self.fresh().len() > most { Err(excess.into()) } else { Ok(None) }
    }

    fn header_bytes(&self) -> &[u8] {
        let fresh = self.fresh();
        fresh.get(..self.limits.header).unwrap_or(fresh)
    }

    fn root(&mut self, skip: usize) -> Result<Option<Frame>, Refusal> {
        let start = skip_space(self.header_bytes(), skip);
        let end = self.used + self.header_bytes().len();
        let unit = self.bytes.get(self.used + start..end).unwrap_or_default();
        match unit.first() {
            None => return self.wait(self.limits.header, Excess::Header),
            Some(b'<') => {}
            Some(_) => return Err(Malformed::Outside.into()),
        }
        let Progress::Done(end) = self.scanner.run_capped(unit, end < self.sound)? else {
            return self.wait(self.limits.header, Excess::Header);
        };
        let unit = unit.get(..end).unwrap_or_default();
        if unit.ends_with(b"/>") {
            return Err(Refusal::Format);
        }
        let (header, root) = header(&self.scanner.stanza(unit)?)?;
        let head = Arc::new(Head(header.namespaces.clone()));
        self.scanner = Scanner::new(rules(self.limits), Aim::Build, head);
        self.root = root;
        self.phase = Phase::Between;
        self.used += start + end;
        Ok(Some(Frame::Header(header)))
    }

    /// Skips white space (RFC 6120 §4.6.1 keepalives) and sees what starts.
    fn between(&mut self) -> Result<Option<Frame>, Refusal> {
        self.used += skip_space(self.fresh(), 0);
        match self.fresh() {
            [] | [b'<'] => Ok(None),
            [b'<', b'/', ..] => self.end(),
            [b'<', b'!', b'-', ..] => Err(Banned::Comment.into()),
            [b'<', b'!'] => Ok(None),
            rest @ [b'<', b'!', ..] if rest.get(2) == Some(&b'[') => Err(Refusal::Format),
            rest @ [b'<', b'!', ..] => Err(prolog::doctype(rest)),
            [b'<', ..] => {
                self.phase = Phase::Stanza;
                Ok(None)
            }
            _ => Err(Refusal::Format),
        }
    }

    /// `</`: the root's own end tag or nothing.
    fn end(&mut self) -> Result<Option<Frame>, Refusal> {
        let rest = self.fresh().get(2..).unwrap_or_default();
        let name = self.root.as_bytes();
        if !rest.starts_with(name) {
            return if name.starts_with(rest) { Ok(None) } else { Err(Malformed::EndTag.into()) };
        }
        let end = skip_space(rest, name.len());
        match rest.get(end) {
            None => self.wait(self.limits.header, Excess::Header),
            Some(b'>') => {
                self.used += 2 + end + 1;
                self.phase = Phase::Ended;
                Ok(Some(Frame::End))
            }
            Some(_) => Err(Malformed::EndTag.into()),
        }
    }

    fn stanza(&mut self) -> Result<Option<Frame>, Refusal> {
        let fresh = self.bytes.get(self.used..self.sound).unwrap_or_default();
        let unit = fresh.get(..self.limits.bytes).unwrap_or(fresh);
        let Progress::Done(end) = self.scanner.run_capped(unit, unit.len() < fresh.len())? else {
            return self.wait(self.limits.bytes, Excess::Bytes);
        };
        let stanza = self.scanner.stanza(unit.get(..end).unwrap_or_default())?;
        self.scanner.clear();
        self.used += end;
        self.phase = Phase::Between;
        Ok(Some(Frame::Stanza(stanza)))
    }
}

/// The header in a root's start tag, and the root's qualified name.
fn header(stanza: &Stanza) -> Result<(Header, String), Refusal> {
    let root = stanza.root();
    if !root.is(STREAM_NS, "stream") {
        return Err(Refusal::Format);
    }
    let own = |name| root.attr(name).map(Cow::into_owned);
    let lang = root.attrs().find(|(ns, name, _)| *ns == XML_NS && *name == "lang");
    let header = Header {
        id: own("id"),
        from: own("from"),
        to: own("to"),
        version: own("version"),
        lang: lang.map(|(_, _, value)| value.into_owned()),
        namespaces: root.declared(),
    };
    Ok((header, root.qualified().to_owned()))
}

fn rules(limits: Limits) -> Rules {
    Rules { limits, ..Rules::STREAM }
}

fn head_scanner(limits: Limits) -> Scanner {
    Scanner::new(rules(limits), Aim::Head, Arc::new(Head::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
        xmlns:stream='http://etherx.jabber.org/streams' id='s1' from='grid.example' version='1.0' xml:lang='en'>";

    fn opened(limits: Limits) -> Gate {
        let mut gate = Gate::new(limits);
        gate.push(HEADER.as_bytes());
        assert!(matches!(gate.next(), Ok(Some(Frame::Header(_)))));
        gate
    }

    fn stanza(gate: &mut Gate) -> Stanza {
        match gate.next() {
            Ok(Some(Frame::Stanza(stanza))) => stanza,
            other => panic!("no stanza but {other:?}"),
        }
    }

    #[test]
    fn header_stanzas_and_end() {
        let mut gate = Gate::new(Limits::STRANGER);
        gate.push(HEADER.as_bytes());
        let Ok(Some(Frame::Header(header))) = gate.next() else { panic!("no header") };
        assert_eq!((header.id.as_deref(), header.from.as_deref()), (Some("s1"), Some("grid.example")));
        assert_eq!((header.version.as_deref(), header.lang.as_deref()), (Some("1.0"), Some("en")));
        assert_eq!(header.namespaces.len(), 2);
        assert!(matches!(gate.next(), Ok(None)));
        gate.push(b" \n<stream:features><a xmlns='urn:a'/></stream:features><message><body>x &amp; y</body></message>");
        let features = stanza(&mut gate);
        assert!(features.root().is(STREAM_NS, "features"));
        assert!(features.root().child("urn:a", "a").is_some());
        let message = stanza(&mut gate);
        assert_eq!(message.root().child("jabber:client", "body").unwrap().text(), "x & y");
        assert_eq!(gate.buffered(), 0);
        gate.push(b"</stream:stream >\n");
        assert!(matches!(gate.next(), Ok(Some(Frame::End))));
        assert!(matches!(gate.next(), Ok(None)));
        gate.push(b"<a/>");
        assert_eq!(gate.next().unwrap_err(), Malformed::Outside.into());
    }

    #[test]
    fn payload_is_opaque_and_exact() {
        let mut gate = opened(Limits::PEER);
        let payload = "<x:doc xmlns:x='urn:x' a='1'><x:b \n/>te&#x78;t<![CDATA[</item>]]></x:doc>";
        let text = format!(
            "<message xmlns:y='urn:y'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'>\
             <item id='1'>{payload}</item><item id='2'/></items></event></message>"
        );
        gate.push(text.as_bytes());
        let message = stanza(&mut gate);
        let ns = "http://jabber.org/protocol/pubsub#event";
        let items = message.root().child(ns, "event").unwrap().child(ns, "items").unwrap();
        let ids: Vec<_> = items.children().map(|item| item.attr("id").unwrap().into_owned()).collect();
        assert_eq!(ids, ["1", "2"]);
        let doc = items.children().next().unwrap().children().next().unwrap();
        assert_eq!((doc.ns(), doc.name(), doc.attr("a").as_deref()), ("urn:x", "doc", Some("1")));
        assert_eq!(doc.raw(), payload.as_bytes());
        assert_eq!(doc.children().count(), 0);
        assert_eq!(doc.text(), "");
        let mut scope = doc.scope();
        scope.sort();
        assert_eq!(scope, [("", ns), ("stream", STREAM_NS), ("y", "urn:y")].map(|(p, u)| (p.to_owned(), u.to_owned())));
    }

    #[test]
    fn debug_output_shows_no_incident() {
        let mut gate = opened(Limits::PEER);
        gate.push(b"<a>198.51.100.7</a><b>203.0.113");
        assert_eq!(format!("{gate:?}"), "Gate(Between, 31 bytes waiting, None)");
        assert_eq!(format!("{:?}", gate.next()), "Ok(Some(Stanza(Stanza(19 bytes))))");
    }

    #[test]
    fn pieces_do_not_matter() {
        let text = "<iq type='result' id=\"a>b\"><q xmlns='urn:&amp;q'>a]] ><![CDATA[]]]>&#10;</q >  </iq >";
        let mut gate = opened(Limits::STRANGER);
        for (i, byte) in text.bytes().enumerate() {
            assert!(matches!(gate.next(), Ok(None)), "after {i} bytes");
            gate.push(&[byte]);
        }
        let iq = stanza(&mut gate);
        assert_eq!(iq.root().attr("id").unwrap(), "a>b");
        assert_eq!(iq.root().child("urn:&q", "q").unwrap().text(), "a]] >]\n");
        assert_eq!(iq.root().raw(), text.as_bytes());
    }

    #[test]
    fn limits_can_be_raised_and_streams_restarted() {
        let long = format!("<a>{}</a>", "x".repeat(20_000));
        let mut gate = opened(Limits::STRANGER);
        gate.push(long.as_bytes());
        assert_eq!(gate.next().unwrap_err(), Excess::Bytes.into());
        assert_eq!(gate.next().unwrap_err(), Excess::Bytes.into());
        let mut gate = opened(Limits::STRANGER);
        gate.push(b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/> ");
        let _ = stanza(&mut gate);
        gate.set_limits(Limits::PEER);
        gate.reset();
        assert_eq!(gate.buffered(), 0);
        gate.push(HEADER.as_bytes());
        gate.push(long.as_bytes());
        assert!(matches!(gate.next(), Ok(Some(Frame::Header(_)))));
        assert_eq!(stanza(&mut gate).root().text().len(), 20_000);
    }
}
