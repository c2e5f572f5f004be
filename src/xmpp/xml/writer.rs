//! Writes stanzas. What XML cannot carry is refused, never stripped.

use super::chars::{is_ncname, is_text};
use super::{Rules, check};
use crate::text::xml::{escape_text, escape_value};

/// A text with a character XML 1.0 does not have, or a name that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("text with a character that XML cannot carry")]
pub struct NotXml;

/// Builds one element after the other. Misuse and bad text are remembered and told by [`Writer::finish`].
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
    /// Where the names of the open elements lie in `out`.
    open: Vec<(usize, usize)>,
    /// The last start tag still lacks its `>`.
    tag: bool,
    bad: bool,
}

impl Writer {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens an element; `name` may have a prefix.
    pub fn open(&mut self, name: &str) -> &mut Self {
        self.end_tag();
        self.bad |= !name.split(':').all(is_ncname);
        self.out.push(b'<');
        let from = self.out.len();
        self.out.extend_from_slice(name.as_bytes());
        self.open.push((from, self.out.len()));
        self.tag = true;
        self
    }

    /// Opens an element and makes `ns` its default namespace.
    pub fn open_ns(&mut self, name: &str, ns: &str) -> &mut Self {
        self.open(name).attr("xmlns", ns)
    }

    /// An attribute of the element just opened.
    pub fn attr(&mut self, name: &str, value: &str) -> &mut Self {
        self.bad |= !self.tag || !is_text(value) || !name.split(':').all(is_ncname);
        self.out.push(b' ');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"='");
        self.out.extend_from_slice(escape_value(value, '\'').as_bytes());
        self.out.push(b'\'');
        self
    }

    /// The attribute, if there is a value.
    pub fn attr_opt(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }

    pub fn text(&mut self, text: &str) -> &mut Self {
        self.end_tag();
        self.bad |= !is_text(text);
        self.out.extend_from_slice(escape_text(text).as_bytes());
        self
    }

    /// One element as it is, if it could travel in a stanza ([`Rules::PAYLOAD`]): it must bring its own namespace
    /// declarations, and no declaration, comment or instruction (RFC 6120 §11.1).
    pub fn payload(&mut self, bytes: &[u8]) -> &mut Self {
        self.bad |= check(bytes, &Rules::PAYLOAD).is_err();
        self.raw(bytes)
    }

    /// Bytes as they are: whole elements that the gate or [`check`] passed.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.end_tag();
        self.out.extend_from_slice(bytes);
        self
    }

    /// Closes the innermost open element.
    pub fn close(&mut self) -> &mut Self {
        let Some((from, to)) = self.open.pop() else {
            self.bad = true;
            return self;
        };
        if self.tag {
            self.tag = false;
            self.out.extend_from_slice(b"/>");
        } else {
            self.out.extend_from_slice(b"</");
            self.out.extend_from_within(from..to);
            self.out.push(b'>');
        }
        self
    }

    /// An element with nothing inside but text.
    pub fn leaf(&mut self, name: &str, text: &str) -> &mut Self {
        self.open(name).text(text).close()
    }

    fn end_tag(&mut self) {
        if self.tag {
            self.out.push(b'>');
            self.tag = false;
        }
    }

    /// The bytes, all elements closed.
    ///
    /// # Errors
    /// When some text or name was not XML.
    pub fn finish(mut self) -> Result<Vec<u8>, NotXml> {
        while !self.open.is_empty() {
            let _ = self.close();
        }
        if self.bad { Err(NotXml) } else { Ok(self.out) }
    }

    /// The bytes, open elements left open: a stream header.
    ///
    /// # Errors
    /// As [`Writer::finish`].
    pub fn finish_open(mut self) -> Result<Vec<u8>, NotXml> {
        self.end_tag();
        if self.bad { Err(NotXml) } else { Ok(self.out) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::xml::{Rules, document};

    #[test]
    fn what_is_written_reads_back() {
        let text = "a<b>&'\"\r\n\t]]>é";
        let mut w = Writer::new();
        let _ = w.open_ns("a", "urn:x").attr("v", text).attr_opt("no", None).leaf("b", text).open("c").close().close();
        let bytes = w.finish().unwrap();
        let doc = document(&bytes, &Rules::PAYLOAD).unwrap();
        let root = doc.root();
        assert!(root.is("urn:x", "a"));
        assert_eq!(root.attr("v").unwrap(), text);
        assert_eq!(root.attr("no"), None);
        assert_eq!(root.child("urn:x", "b").unwrap().text(), text);
        assert_eq!(root.child("urn:x", "c").unwrap().raw(), b"<c/>");
    }

    #[test]
    fn refuses_what_is_not_xml() {
        let write = |f: for<'w> fn(&'w mut Writer) -> &'w mut Writer| {
            let mut w = Writer::new();
            let _ = f(&mut w);
            w.finish()
        };
        assert_eq!(write(|w| w.leaf("a", "\u{1b}[2J")), Err(NotXml));
        assert_eq!(write(|w| w.open("a").attr("b", "\u{ffff}")), Err(NotXml));
        assert_eq!(write(|w| w.open("a b")), Err(NotXml));
        assert_eq!(write(|w| w.open("a").text("x").attr("b", "c")), Err(NotXml));
        assert_eq!(write(|w| w.open("a").attr("b c", "d")), Err(NotXml));
        assert_eq!(write(|w| w.open("a").close().close()), Err(NotXml));
        assert_eq!(write(|w| w.open("a").payload(b"</a>")), Err(NotXml));
        assert_eq!(write(|w| w.open("a").payload(b"<p:b/>")), Err(NotXml));
        assert_eq!(write(|w| w.open("a").payload(b"<b><!-- c --></b>")), Err(NotXml));
        assert_eq!(write(|w| w.open("a").payload(b"<b>c</b>")).unwrap(), b"<a><b>c</b></a>");
        assert_eq!(write(|w| w.open("a").open("b").text("x")).unwrap(), b"<a><b>x</b></a>");
    }

    #[test]
    fn header_stays_open() {
        let mut w = Writer::new();
        let _ = w.open("stream:stream").attr("to", "grid.example");
        assert_eq!(w.finish_open().unwrap(), b"<stream:stream to='grid.example'>");
    }
}
