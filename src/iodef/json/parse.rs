//! JSON as a flat tree in document order, read without recursion: limits on bytes, depth and values, no member twice.
//!
//! Strings and numbers are `serde_json`'s to judge; what stands between them is ours.

use std::collections::HashSet;
use std::ops::Range;

use crate::iodef::xml::Position;
use crate::model::Say;

/// Most bytes, as many as XML may have.
const BYTES: usize = 32 << 20;
/// Deepest nesting: an element of XML is two levels here.
const DEPTH: usize = 512;
/// Most values.
const VALUES: usize = 4_000_000;

/// Why a text is no JSON that is read here, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub fault: Fault,
    pub position: Position,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not in UTF-8.
    Encoding,
    TooLarge,
    TooDeep,
    TooMany,
    /// Something else was to come here.
    Unexpected,
    /// A string or a number that is none.
    Value,
    /// A member twice in one object.
    Twice,
    /// The text ends early.
    End,
    /// It goes on after its end.
    Beyond,
}

impl Broken {
    /// What is wrong, for a person.
    #[must_use]
    pub fn say(&self) -> Say {
        let key = match self.fault {
            Fault::Encoding => "export-json-broken-encoding",
            Fault::TooLarge => "export-json-broken-large",
            Fault::TooDeep => "export-json-broken-deep",
            Fault::TooMany => "export-json-broken-many",
            Fault::Unexpected => "export-json-broken-unexpected",
            Fault::Value => "export-json-broken-value",
            Fault::Twice => "export-json-broken-twice",
            Fault::End => "export-json-broken-end",
            Fault::Beyond => "export-json-broken-beyond",
        };
        let (line, column) = (self.position.line.to_string(), self.position.column.to_string());
        Say::new(key).with("line", line).with("column", column)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Object,
    Array,
    String(String),
    /// As written.
    Number(String),
    Bool(bool),
    Null,
}

#[derive(Debug)]
pub struct Node {
    /// Its name, if it is a member of an object.
    pub name: Option<String>,
    pub kind: Kind,
    /// Where it begins; a member, where its name does.
    pub position: Position,
    /// The node after its last descendant.
    next: usize,
}

impl Node {
    /// The place after its last descendant.
    pub fn next(&self) -> usize {
        self.next
    }
}

#[derive(Debug)]
pub struct Json {
    nodes: Vec<Node>,
}

impl Json {
    pub fn node(&self, at: usize) -> Option<&Node> {
        self.nodes.get(at)
    }

    /// The places of what is in the array or object at `at`, in order.
    pub fn inside(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.nodes.get(at).map_or(0, |node| node.next);
        let mut here = at + 1;
        std::iter::from_fn(move || {
            let found = (here < end).then_some(here)?;
            here = self.nodes.get(found)?.next.max(found + 1);
            Some(found)
        })
    }

    /// The member of an object.
    pub fn member(&self, at: usize, name: &str) -> Option<usize> {
        self.inside(at).find(|inside| self.nodes.get(*inside).is_some_and(|node| node.name.as_deref() == Some(name)))
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// The line that `counted` is on, from 1.
    line: u32,
    /// The character of its line, from 1, that stands at the byte beside it: a document on one line is counted once.
    counted: (usize, u32),
    nodes: Vec<Node>,
    /// Open arrays and objects, with the names their members have had.
    open: Vec<(usize, HashSet<String>)>,
}

/// What may come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    Value,
    /// A value or the end of an array just opened.
    First,
    /// A member or the end of an object just opened.
    FirstMember,
    Member,
    /// A comma or an end.
    Rest,
}

/// Reads a text.
///
/// # Errors
/// Why it is not read, and where.
pub fn parse(bytes: &[u8]) -> Result<Json, Broken> {
    if bytes.len() > BYTES {
        return Err(Broken { fault: Fault::TooLarge, position: Position::of(bytes, 0) });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Broken { fault: Fault::Encoding, position: Position::of(bytes, error.valid_up_to()) })?;
    let mut parser = Parser { text, at: 0, line: 1, counted: (0, 1), nodes: Vec::new(), open: Vec::new() };
    parser.run().map_err(|fault| Broken { fault, position: Position::of(bytes, parser.at) })?;
    Ok(Json { nodes: parser.nodes })
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), Fault> {
        let mut want = Want::Value;
        loop {
            self.skip();
            if self.nodes.len() > VALUES {
                return Err(Fault::TooMany);
            }
            let Some(byte) = self.peek() else { return Err(Fault::End) };
            want = match (want, byte) {
                (Want::First, b']') | (Want::FirstMember, b'}') => self.close(byte)?,
                (Want::Value | Want::First, _) => {
                    let position = self.position();
                    self.value(None, position)?
                }
                (Want::FirstMember | Want::Member, b'"') => self.named()?,
                (Want::Rest, b',') => {
                    self.at += 1;
                    let object = self.open.last().and_then(|(at, _)| self.nodes.get(*at));
                    if object.is_some_and(|node| node.kind == Kind::Object) { Want::Member } else { Want::Value }
                }
                (Want::Rest, b']' | b'}') => self.close(byte)?,
                _ => return Err(Fault::Unexpected),
            };
            if want == Want::Rest && self.open.is_empty() {
                self.skip();
                return if self.at == self.text.len() { Ok(()) } else { Err(Fault::Beyond) };
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            if self.peek() == Some(b'\n') {
                self.line = self.line.saturating_add(1);
                self.counted = (self.at + 1, 1);
            }
            self.at += 1;
        }
    }

    /// Where we are. Only between values is there a line break: a string has none.
    fn position(&mut self) -> Position {
        let (from, column) = self.counted;
        let passed = self.text.as_bytes().get(from..self.at).unwrap_or_default();
        let chars = passed.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        let column = column.saturating_add(u32::try_from(chars).unwrap_or(u32::MAX));
        self.counted = (self.at, column);
        Position { line: self.line, column }
    }

    fn close(&mut self, byte: u8) -> Result<Want, Fault> {
        let (at, _) = self.open.last().ok_or(Fault::Unexpected)?;
        let at = *at;
        let end = self.nodes.len();
        let node = self.nodes.get_mut(at).ok_or(Fault::Unexpected)?;
        if (node.kind == Kind::Object) != (byte == b'}') {
            return Err(Fault::Unexpected);
        }
        node.next = end;
        let _ = self.open.pop();
        self.at += 1;
        Ok(Want::Rest)
    }

    fn named(&mut self) -> Result<Want, Fault> {
        let start = self.at;
        let position = self.position();
        let name = self.string()?;
        let (_, names) = self.open.last_mut().ok_or(Fault::Unexpected)?;
        if !names.insert(name.clone()) {
            self.at = start;
            return Err(Fault::Twice);
        }
        self.skip();
        if self.peek() != Some(b':') {
            return Err(Fault::Unexpected);
        }
        self.at += 1;
        self.skip();
        self.value(Some(name), position)
    }

    fn value(&mut self, name: Option<String>, position: Position) -> Result<Want, Fault> {
        let (kind, want) = match self.peek().ok_or(Fault::End)? {
            b'{' => (Kind::Object, Want::FirstMember),
            b'[' => (Kind::Array, Want::First),
            b'"' => (Kind::String(self.string()?), Want::Rest),
            b't' => (self.word("true", Kind::Bool(true))?, Want::Rest),
            b'f' => (self.word("false", Kind::Bool(false))?, Want::Rest),
            b'n' => (self.word("null", Kind::Null)?, Want::Rest),
            b'-' | b'0'..=b'9' => (self.number()?, Want::Rest),
            _ => return Err(Fault::Unexpected),
        };
        let here = self.nodes.len();
        if want != Want::Rest {
            if self.open.len() >= DEPTH {
                return Err(Fault::TooDeep);
            }
            self.open.push((here, HashSet::new()));
            self.at += 1;
        }
        self.nodes.push(Node { name, kind, position, next: here + 1 });
        Ok(want)
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Kind, Fault> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(Fault::Value);
        }
        self.at += word.len();
        Ok(kind)
    }

    fn number(&mut self) -> Result<Kind, Fault> {
        let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        let length = self.text.as_bytes().iter().skip(self.at).take_while(|byte| is_part(byte)).count();
        let text = self.slice(self.at..self.at + length);
        let _: serde_json::Number = serde_json::from_str(text).map_err(|_| Fault::Value)?;
        let kind = Kind::Number(text.to_owned());
        self.at += length;
        Ok(kind)
    }

    fn string(&mut self) -> Result<String, Fault> {
        let bytes = self.text.as_bytes();
        let mut end = self.at + 1;
        loop {
            match bytes.get(end) {
                None => return Err(Fault::End),
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
            }
        }
        let string = serde_json::from_str(self.slice(self.at..end + 1)).map_err(|_| Fault::Value)?;
        self.at = end + 1;
        Ok(string)
    }

    fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_and_what_is_none_is_refused() {
        let json = parse(br#" {"a": [1, "x\u00e9", {"b": null}], "c": {}, "d": -1.5e3 } "#).unwrap();
        let a = json.member(0, "a").unwrap();
        assert_eq!(json.inside(a).count(), 3);
        assert_eq!(json.node(a + 2).unwrap().kind, Kind::String("x\u{e9}".to_owned()));
        assert_eq!(json.node(json.member(0, "d").unwrap()).unwrap().kind, Kind::Number("-1.5e3".to_owned()));
        assert_eq!(json.inside(json.member(0, "c").unwrap()).count(), 0);
        let deep = [b"[".repeat(600), b"]".repeat(600)].concat();
        for (text, fault, column) in [
            (&b"{\"a\":1,\"a\":2}"[..], Fault::Twice, 8),
            (b"{\"a\":1", Fault::End, 7),
            (b"", Fault::End, 1),
            (b"[1 2]", Fault::Unexpected, 4),
            (b"[1,]", Fault::Unexpected, 4),
            (b"{\"a\" 1}", Fault::Unexpected, 6),
            (b"[1}", Fault::Unexpected, 3),
            (b"[01]", Fault::Value, 2),
            (b"[\"a\nb\"]", Fault::Value, 2),
            (b"[\"\\ud800\"]", Fault::Value, 2),
            (b"[tru]", Fault::Value, 2),
            (b"{} x", Fault::Beyond, 4),
            (b"\xff", Fault::Encoding, 1),
            (deep.as_slice(), Fault::TooDeep, 513),
        ] {
            let broken = parse(text).unwrap_err();
            assert_eq!((broken.fault, broken.position.column), (fault, column), "{:?}", String::from_utf8_lossy(text));
        }
    }
}
