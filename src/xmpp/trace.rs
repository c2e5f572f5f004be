//! What went over a stream, for a person who looks into a fault: the last stanzas, secrets masked as they come in, so that
//! none ever lies here. Off, it costs one look at a flag.
//!
//! May use `xml`. Holds incident text when it is on, in memory only: it is for the screen, never for the log file.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::stream::client_header;
use super::xml::{El, Frame, Gate, Limits, Part, Stanza};

/// Stanzas kept; the oldest make room.
pub const LINES: usize = 500;
/// Bytes kept of one stanza.
pub const LONGEST: usize = 16 * 1024;
/// Stands for a secret.
pub const MASK: &str = "***";

/// Elements whose content is a secret or proves one, whatever is in them: SASL's (RFC 6120 §6, XEP-0388), and those of
/// XEP-0484's tokens.
const SECRET_NS: [&str; 3] = ["urn:ietf:params:xml:ns:xmpp-sasl", "urn:xmpp:sasl:2", "urn:xmpp:fast:0"];
/// Elements of those namespaces that say what was offered or went wrong, and nothing secret.
const SAID: [&str; 13] = [
    "mechanisms",
    "mechanism",
    "failure",
    "authentication",
    "inline",
    "fast",
    "text",
    "not-authorized",
    "aborted",
    "account-disabled",
    "credentials-expired",
    "invalid-mechanism",
    "temporary-auth-failure",
];
/// `(namespace, element)` with a secret as text (XEP-0077, XEP-0078).
const SECRET: [(&str, &str); 5] = [
    ("jabber:iq:register", "password"),
    ("jabber:iq:register", "key"),
    ("jabber:iq:auth", "password"),
    ("jabber:iq:auth", "digest"),
    ("jabber:iq:private", "query"),
];
const FORM_NS: &str = "jabber:x:data";
const MANAGEMENT_NS: &str = "urn:xmpp:sm:3";

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Sent,
    Heard,
}

/// One stanza, masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: DateTime<Utc>,
    pub way: Way,
    /// What it is in a few words, remote text among them: `iq result pubsub items NODE`.
    pub outline: String,
    /// At most about [`LONGEST`] bytes, cut with an ellipsis. Remote text otherwise as it came: not yet safe to show.
    pub xml: String,
    /// Its true length.
    pub bytes: usize,
}

/// The record; clones share it.
#[derive(Clone, Default)]
pub struct Trace(Arc<Inner>);

#[derive(Default)]
struct Inner {
    on: AtomicBool,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    lines: VecDeque<Arc<Line>>,
    /// How many there have been in all.
    count: u64,
}

impl std::fmt::Debug for Trace {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trace").field("on", &self.is_on()).finish_non_exhaustive()
    }
}

impl Trace {
    /// Begins or ends recording. What was recorded is forgotten at the end.
    pub fn switch(&self, on: bool) {
        self.0.on.store(on, Ordering::Relaxed);
        if !on {
            *self.lock() = Kept::default();
        }
    }

    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.on.load(Ordering::Relaxed)
    }

    /// How many stanzas were recorded in all, and the last of them, oldest first.
    #[must_use]
    pub fn lines(&self) -> (u64, Vec<Arc<Line>>) {
        let kept = self.lock();
        (kept.count, kept.lines.iter().cloned().collect())
    }

    /// How many were recorded in all: has anything come since?
    #[must_use]
    pub fn count(&self) -> u64 {
        self.lock().count
    }

    /// Records whole stanzas as they are sent, or a stream's header or end.
    pub(super) fn sent(&self, bytes: &[u8]) {
        if !self.is_on() {
            return;
        }
        if bytes.starts_with(b"<?xml") || bytes.starts_with(b"</stream:") {
            let xml = String::from_utf8_lossy(bytes).into_owned();
            self.add(Way::Sent, xml.clone(), xml, bytes.len());
            return;
        }
        // Read as a peer would read them.
        let mut gate = Gate::new(Limits::PEER);
        gate.push(&client_header("").unwrap_or_default());
        gate.push(bytes);
        loop {
            match gate.next() {
                Ok(Some(Frame::Stanza(stanza))) => self.stanza(Way::Sent, &stanza),
                Ok(Some(_)) => {}
                Ok(None) => return,
                // Of what cannot be read it is not known what is secret in it.
                Err(_) => return self.add(Way::Sent, MASK.to_owned(), MASK.to_owned(), bytes.len()),
            }
        }
    }

    /// Records what came in.
    pub(super) fn heard(&self, frame: &Frame) {
        if !self.is_on() {
            return;
        }
        match frame {
            Frame::Stanza(stanza) => self.stanza(Way::Heard, stanza),
            Frame::Header(header) => {
                let from = header.from.as_deref().unwrap_or_default();
                let xml = format!("<stream:stream from='{from}' …>");
                self.add(Way::Heard, xml.clone(), xml, 0);
            }
            Frame::End => {
                let xml = "</stream:stream>".to_owned();
                self.add(Way::Heard, xml.clone(), xml, 0);
            }
        }
    }

    fn stanza(&self, way: Way, stanza: &Stanza) {
        let root = stanza.root();
        self.add(way, outline(root), masked(root), root.raw().len());
    }

    fn add(&self, way: Way, outline: String, xml: String, bytes: usize) {
        let line = Arc::new(Line { at: Utc::now(), way, outline: cut(outline), xml: cut(xml), bytes });
        let mut kept = self.lock();
        kept.count += 1;
        kept.lines.push_back(line);
        if kept.lines.len() > LINES {
            let _ = kept.lines.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cut(mut xml: String) -> String {
    if xml.len() > LONGEST {
        let mut end = LONGEST;
        while !xml.is_char_boundary(end) {
            end -= 1;
        }
        xml.truncate(end);
        xml.push('…');
    }
    xml
}

/// The names down the first children, with the type and the node: enough to find a stanza again.
fn outline(root: El<'_>) -> String {
    /// Elements named.
    const NAMED: usize = 3;
    let mut words = String::new();
    let mut next = Some(root);
    for _ in 0..NAMED {
        let Some(el) = next else { break };
        let _ = write!(words, "{}{}", if words.is_empty() { "" } else { " " }, el.name());
        for value in ["type", "node"].into_iter().filter_map(|name| el.attr(name)) {
            let _ = write!(words, " {value}");
        }
        next = if is_secret(el) { None } else { el.children().next() };
    }
    words
}

/// What is left to write, innermost last.
enum Todo<'a> {
    Element(El<'a>),
    Text(String),
    End(String),
}

/// The element as XML, with secrets masked. Without recursion, and no further than what is kept.
fn masked(root: El<'_>) -> String {
    let mut xml = String::new();
    let mut todo = vec![Todo::Element(root)];
    while let Some(next) = todo.pop() {
        if xml.len() > LONGEST {
            break;
        }
        match next {
            Todo::Text(text) => escape(&mut xml, &text),
            Todo::End(name) => {
                // Writing to a String cannot fail.
                let _ = write!(xml, "</{name}>");
            }
            Todo::Element(el) => open(el, &mut xml, &mut todo),
        }
    }
    xml
}

fn open<'a>(el: El<'a>, xml: &mut String, todo: &mut Vec<Todo<'a>>) {
    let name = el.name();
    let _ = write!(xml, "<{name}");
    if !el.ns().is_empty() && el.declares() {
        attribute(xml, "xmlns", el.ns());
    }
    for (_, name, value) in el.attrs() {
        attribute(xml, name, if is_secret_attr(el, name) { MASK } else { &value });
    }
    let parts: Vec<Part<'a>> = if is_secret(el) { Vec::new() } else { el.parts().collect() };
    if parts.is_empty() {
        let empty = el.parts().next().is_none();
        let _ = if empty { write!(xml, "/>") } else { write!(xml, ">{MASK}</{name}>") };
        return;
    }
    xml.push('>');
    todo.push(Todo::End(name.to_owned()));
    todo.extend(parts.into_iter().rev().map(|part| match part {
        Part::Element(child) => Todo::Element(child),
        Part::Text(text) => Todo::Text(text.into_owned()),
    }));
}

/// Whether all an element holds is kept from view.
fn is_secret(el: El<'_>) -> bool {
    let (ns, name) = (el.ns(), el.name());
    (SECRET_NS.contains(&ns) && !SAID.contains(&name))
        || SECRET.contains(&(ns, name))
        // XEP-0004 §3.3.
        || (ns == FORM_NS && name == "field" && el.attr("type").as_deref() == Some("text-private"))
}

/// XEP-0198 §5: who knows the id may take the session over.
fn is_secret_attr(el: El<'_>, name: &str) -> bool {
    (el.ns() == MANAGEMENT_NS && matches!(name, "id" | "previd")) || (SECRET_NS.contains(&el.ns()) && name == "token")
}

fn attribute(xml: &mut String, name: &str, value: &str) {
    let _ = write!(xml, " {name}='");
    escape(xml, value);
    xml.push('\'');
}

fn escape(xml: &mut String, text: &str) {
    for char in text.chars() {
        match char {
            '<' => xml.push_str("&lt;"),
            '&' => xml.push_str("&amp;"),
            '\'' => xml.push_str("&apos;"),
            other => xml.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &str) -> Vec<String> {
        let trace = Trace::default();
        trace.switch(true);
        trace.sent(bytes.as_bytes());
        trace.lines().1.iter().map(|line| line.xml.clone()).collect()
    }

    #[test]
    fn no_secret_gets_in_and_the_rest_is_readable() {
        const CANARY: &str = "c2VjcmV0LWNhbmFyeQ";
        let secret = [
            format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{CANARY}</auth>"),
            format!("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{CANARY}</response>"),
            format!("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{CANARY}</success>"),
            format!(
                "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='X'><initial-response>{CANARY}</initial-response>\
                 </authenticate>"
            ),
            format!(
                "<iq><query xmlns='jabber:iq:register'><username>u</username><password>{CANARY}</password></query></iq>"
            ),
            format!("<iq><x xmlns='jabber:x:data'><field type='text-private'><value>{CANARY}</value></field></x></iq>"),
            format!("<resume xmlns='urn:xmpp:sm:3' h='7' previd='{CANARY}'/>"),
            format!("<enabled xmlns='urn:xmpp:sm:3' id='{CANARY}' max='300'/>"),
            format!("<p:auth xmlns:p='urn:ietf:params:xml:ns:xmpp-sasl'>{CANARY}</p:auth>"),
            format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><![CDATA[{CANARY}]]></auth>"),
        ];
        for xml in secret {
            let lines = shown(&xml);
            assert!(lines.len() == 1 && lines[0].contains(MASK) && !lines[0].contains(CANARY), "{lines:?} of {xml}");
        }
        let said =
            "<iq type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info' node='a&amp;&apos;b'/></iq>";
        assert_eq!(shown(said), [said]);
        let trace = Trace::default();
        trace.switch(true);
        trace.sent(said.as_bytes());
        assert_eq!(trace.lines().1[0].outline, "iq get query a&'b");
        let failure = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/><text>no</text></failure>";
        assert_eq!(shown(failure), [failure]);
    }

    #[test]
    fn each_stanza_of_a_write_is_a_line_and_old_ones_make_room() {
        assert_eq!(shown("<presence/><iq id='1'/>"), ["<presence/>", "<iq id='1'/>"]);
        let trace = Trace::default();
        trace.sent(b"<presence/>");
        assert_eq!(trace.count(), 0, "off");
        trace.switch(true);
        for _ in 0..LINES + 7 {
            trace.sent(b"<presence/>");
        }
        let (count, lines) = trace.lines();
        assert_eq!((count, lines.len()), (LINES as u64 + 7, LINES));
        trace.switch(false);
        assert!(trace.lines().1.is_empty(), "forgotten");
    }

    #[test]
    fn a_long_or_deep_stanza_is_cut() {
        let long = format!("<message><body>{}</body></message>", "\u{e9}".repeat(LONGEST));
        let lines = shown(&long);
        assert!(lines[0].len() <= LONGEST + '…'.len_utf8() && lines[0].ends_with('…'));
        let deep = |levels| format!("<message>{}{}</message>", "<a>".repeat(levels), "</a>".repeat(levels));
        assert_eq!(shown(&deep(50)), [deep(50).replace("<a></a>", "<a/>")]);
        assert_eq!(shown(&deep(5_000)), [MASK], "refused by every peer, shown by none");
    }
}
