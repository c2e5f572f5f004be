//! The document as it was published, in a field one can select in.

use iced::widget::text_editor::Content;

use crate::text;

/// Bytes shown before one asks for all.
const SHOWN: usize = 32 * 1024;

/// The raw document: the text that is shown and what it leaves out.
pub(super) struct Raw {
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
    pub(super) fn new(bytes: &[u8]) -> Self {
        let whole = String::from_utf8_lossy(bytes).into_owned();
        let end = (0..=SHOWN.min(whole.len())).rev().find(|end| whole.is_char_boundary(*end)).unwrap_or(0);
        let head = whole.get(..end).unwrap_or_default();
        let (shown, named) = safe(head);
        Self { content: Content::with_text(&shown), cut: end < whole.len(), size: bytes.len(), named, whole }
    }

    pub(super) fn show_all(&mut self) {
        let (shown, named) = safe(&self.whole);
        self.content = Content::with_text(&shown);
        self.named = named;
        self.cut = false;
    }
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

    #[test]
    fn what_would_mislead_is_named_and_the_rest_is_as_published() {
        let raw = Raw::new("<a>\r\n\t<b>gnp\u{202E}exe.Ünïcode\u{0}</b></a>".as_bytes());
        assert_eq!(raw.content.text().trim_end(), "<a>\n\t<b>gnp⟨U+202E⟩exe.Ünïcode⟨U+0000⟩</b></a>");
        assert_eq!((raw.named, raw.cut), (2, false));
    }

    #[test]
    fn a_long_document_is_cut_at_a_character_until_all_is_asked_for() {
        let long = format!("<a>{}</a>", "ü".repeat(SHOWN));
        let mut raw = Raw::new(long.as_bytes());
        assert!(raw.cut && raw.content.text().len() <= SHOWN + 1);
        raw.show_all();
        assert!(!raw.cut);
        assert_eq!(raw.content.text().trim_end(), long);
    }
}
