//! What must hold for any bytes whatever: rxml, an independent strict parser, agrees with what we accept, and nothing
//! depends on the pieces bytes come in. Shared by the tests and by the fuzzer (`fuzz/xml.rs`).

use gridwatch::xmpp::xml::{Gate, Limits, Part, Rules, Stanza, check, document};
use rxml::Parse as _;

pub const HEADER: &[u8] = b"<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' version='1.0'>";

/// What came of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Frames given out before the refusal, and its condition.
    Refused(usize, &'static str),
    /// Frames given out; the rest waits.
    Waits(usize),
}

pub fn feed(gate: &mut Gate, bytes: &[u8], size: usize) -> Verdict {
    let mut frames = 0;
    for piece in bytes.chunks(size) {
        gate.push(piece);
        loop {
            match gate.next() {
                Ok(Some(_)) => frames += 1,
                Ok(None) => break,
                Err(refusal) => return Verdict::Refused(frames, refusal.condition()),
            }
        }
    }
    Verdict::Waits(frames)
}

#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    Start(String, String, Vec<(String, String, String)>),
    Text(String),
    End,
}

fn add_text(told: &mut Vec<Told>, text: &str) {
    match told.last_mut() {
        _ if text.is_empty() => {}
        Some(Told::Text(last)) => last.push_str(text),
        _ => told.push(Told::Text(text.to_owned())),
    }
}

pub fn ours(stanza: &Stanza) -> Vec<Told> {
    fn walk(el: gridwatch::xmpp::xml::El<'_>, told: &mut Vec<Told>) {
        let mut attrs: Vec<_> =
            el.attrs().map(|(ns, name, value)| (ns.to_owned(), name.to_owned(), value.into_owned())).collect();
        attrs.sort();
        told.push(Told::Start(el.ns().to_owned(), el.name().to_owned(), attrs));
        for part in el.parts() {
            match part {
                Part::Element(child) => walk(child, told),
                Part::Text(text) => add_text(told, &text),
            }
        }
        told.push(Told::End);
    }
    let mut told = Vec::new();
    walk(stanza.root(), &mut told);
    told
}

/// What rxml 0.14 makes of a document, `None` when it refuses. Three things it does otherwise than XML says, so they are
/// put in their equal form first: it takes no white space before the root and no lone carriage return in a value, and
/// leaves the carriage return of a line end that follows `]` in CDATA (XML §2.11 makes both one `\n`).
pub fn theirs(bytes: &[u8]) -> Option<Vec<Told>> {
    let mut equal = Vec::with_capacity(bytes.len());
    for (i, &byte) in bytes.iter().enumerate() {
        match byte {
            b'\r' if bytes.get(i + 1) == Some(&b'\n') => {}
            b'\r' => equal.push(b'\n'),
            byte => equal.push(byte),
        }
    }
    let mut parser = rxml::Parser::new();
    let mut rest = equal.trim_ascii_start();
    let mut told = Vec::new();
    while let Some(event) = parser.parse(&mut rest, true).ok()? {
        match event {
            rxml::Event::XmlDeclaration(..) => {}
            rxml::Event::StartElement(_, (ns, name), attrs) => {
                let mut attrs: Vec<_> =
                    attrs.iter().map(|((ns, name), value)| (ns.to_string(), name.to_string(), value.clone())).collect();
                attrs.sort();
                told.push(Told::Start(ns.to_string(), name.to_string(), attrs));
            }
            rxml::Event::EndElement(_) => told.push(Told::End),
            rxml::Event::Text(_, text) => add_text(&mut told, &text),
        }
    }
    Some(told)
}

/// Holds our reading of `bytes` against rxml's, and the gate's verdict on them against itself.
///
/// # Panics
/// When they differ.
pub fn judge(bytes: &[u8]) {
    let shown = || String::from_utf8_lossy(bytes);
    let checked = check(bytes, &Rules::PAYLOAD);
    match document(bytes, &Rules::PAYLOAD) {
        Ok(stanza) => {
            assert_eq!(Some(ours(&stanza)), theirs(bytes), "{}", shown());
            assert_eq!(checked.map(|range| &bytes[range]), Ok(stanza.root().raw()), "{}", shown());
        }
        Err(refusal) => assert_eq!(checked, Err(refusal), "{}", shown()),
    }
    // A fault in a tag is told at the latest when the tag ends, so whatever is open is made to end.
    let all = [HEADER, bytes, b"<<"].concat();
    let whole = feed(&mut Gate::new(Limits::PEER), &all, usize::MAX);
    for size in [1, 2, 7] {
        assert_eq!(feed(&mut Gate::new(Limits::PEER), &all, size), whole, "by {size}: {}", shown());
    }
}
