//! The document as it was published, in a field one can select in.

use iced::widget::text_editor::Content;

use crate::text;

/// Bytes shown before one asks for all.
const SHOWN: usize = 32 * 1024;

/// The raw document: the text that is shown and what it leaves out.
pub struct Raw {
    pub content: Content,
    whole: String,
    /// Bytes of the document.
    pub size: usize,
    /// Only the first [`SHOWN`] bytes are in `content`.
    pub cut: bool,
    /// Characters that would mislead and are shown as their names.
    pub named: usize,
}

impl std::fmt::Debug for Raw {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Raw({} bytes)", self.size)
    }
}

impl Raw {
    /// Shows the beginning of the document; `indented` puts each element on a line of its own, for reading.
    pub fn new(bytes: &[u8], indented: bool) -> Self {
        let whole = String::from_utf8_lossy(bytes).into_owned();
        let cut = whole.len() > SHOWN;
        let mut raw = Self { content: Content::new(), whole, size: bytes.len(), cut, named: 0 };
        raw.lay_out(indented);
        raw
    }

    pub fn show_all(&mut self, indented: bool) {
        self.cut = false;
        self.lay_out(indented);
    }

    pub fn lay_out(&mut self, indented: bool) {
        let most = if self.cut { SHOWN } else { self.whole.len() };
        let end = (0..=most).rev().find(|end| self.whole.is_char_boundary(*end)).unwrap_or(0);
        let head = self.whole.get(..end).unwrap_or_default();
        let (shown, named) = if indented { safe(&indent(head)) } else { safe(head) };
        self.content = Content::with_text(&shown);
        self.named = named;
    }
}

/// The document with each element that holds elements on lines of its own. Text and attributes stay as they are; only
/// white space between tags is replaced. One pass over the bytes, however deep the document.
fn indent(xml: &str) -> String {
    /// Deepest indentation, in steps.
    const DEEPEST: usize = 24;
    let mut out = String::with_capacity(xml.len() * 3 / 2);
    let mut depth = 0_usize;
    // Whether the last tag opened an element that has had neither text nor child yet, or text came just before.
    let mut inline = true;
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        let (tag, after) = tag.split_at(tag_end(tag));
        let closes = tag.starts_with("</");
        let alone = tag.ends_with("/>") || tag.starts_with("<?") || tag.starts_with("<!");
        if closes {
            depth = depth.saturating_sub(1);
        }
        if text.trim().is_empty() {
            let stays = out.is_empty() || (inline && closes);
            if !stays {
                out.push('\n');
                out.extend(std::iter::repeat_n("  ", depth.min(DEEPEST)));
            }
            inline = false;
        } else {
            out.push_str(text);
            inline = true;
        }
        out.push_str(tag);
        if !closes && !alone {
            depth += 1;
            inline = true;
        } else if closes || alone {
            inline = false;
        }
        rest = after;
    }
    out.push_str(rest.trim_end());
    out
}

/// Where the tag at the beginning of `xml` ends: behind `>`, which attribute values, comments and CDATA may hold.
fn tag_end(xml: &str) -> usize {
    for (open, close) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")] {
        if xml.starts_with(open) {
            return xml.find(close).map_or(xml.len(), |end| end + close.len());
        }
    }
    let mut quote = None;
    for (index, byte) in xml.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b'>') => return index + 1,
            _ => {}
        }
    }
    xml.len()
}

/// The text with every character that could mislead written as its name, and how many there were. Line ends and tabs,
/// which order a document, stay.
fn safe(raw: &str) -> (String, usize) {
    let mut named = 0;
    let mut shown = String::with_capacity(raw.len());
    for char in raw.chars() {
        match char {
            '\n' | '\t' => shown.push(char),
            '\r' => {}
            char if char.is_control() || text::is_deceptive(char) => {
                named += 1;
                shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(char)));
            }
            char => shown.push(char),
        }
    }
    (shown, named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(raw: &Raw) -> String {
        raw.content.text().trim_end().to_owned()
    }

    #[test]
    fn what_would_mislead_is_named_and_the_rest_is_as_published() {
        let raw = Raw::new("<a>\r\n\t<b>gnp\u{202E}exe.Ünïcode\u{0}</b></a>".as_bytes(), false);
        assert_eq!(shown(&raw), "<a>\n\t<b>gnp⟨U+202E⟩exe.Ünïcode⟨U+0000⟩</b></a>");
        assert_eq!((raw.named, raw.cut), (2, false));
    }

    #[test]
    fn a_long_document_is_cut_at_a_character_until_all_is_asked_for() {
        let long = format!("<a>{}</a>", "ü".repeat(SHOWN));
        let mut raw = Raw::new(long.as_bytes(), false);
        assert!(raw.cut && raw.content.text().len() <= SHOWN + 1);
        raw.show_all(false);
        assert!(!raw.cut);
        assert_eq!(shown(&raw), long);
    }

    #[test]
    fn indenting_changes_only_white_space_between_tags() {
        let xml = "<a x='1>2'><b>one  two</b><c/> <d><!-- > --><e>t</e></d></a>";
        let want = "<a x='1>2'>\n  <b>one  two</b>\n  <c/>\n  <d>\n    <!-- > -->\n    <e>t</e>\n  </d>\n</a>";
        assert_eq!(indent(xml), want);
        assert_eq!(indent(&indent(xml)), want);
        // Mixed content keeps its text, and broken documents come out whole.
        assert_eq!(indent("<p>see <b>this</b> now</p>"), "<p>see <b>this</b> now</p>");
        for broken in ["", "no xml", "<a", "<a x='", "</a></a>", "<!--", "<a><b></a>"] {
            let lost = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(lost(&indent(broken)), lost(broken));
        }
        let deep = "<a>".repeat(100_000);
        assert!(indent(&deep).len() < deep.len() * 20);
    }
}
