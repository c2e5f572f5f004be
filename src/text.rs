//! Remote text in a form that is safe to show (`security.md` §7 rows 26–28), and its pieces.
//!
//! A leaf: may use `model`. What cannot be seen, what turns the direction of reading and what draws over its
//! neighbours is shown as a mark that names it (`⟨U+202E⟩`); nothing is dropped in silence. Stored bytes stay as they are.

mod address;
mod alike;
mod apart;
mod cell;
mod defang;
pub mod extract;
mod markdown;
mod words;
pub mod xml;
pub mod xpath;

pub use address::{ascii, look, lookalike, mixes_scripts};
pub use alike::{Looks, Strange};
pub use apart::apart;
pub use cell::harmless;
pub use defang::defang;
pub use markdown::{MARKDOWN, markdown};
pub use words::{ordered, words};

use std::fmt::Write;

use unicode_normalization::char::is_combining_mark;

use crate::model::{Observable, ObservableKind};

/// Stands where a text was cut.
pub const ELLIPSIS: char = '…';
/// Longest line [`line`] gives, in characters of the text.
pub const LINE: usize = 300;
/// Longest text [`block`] gives, in characters of the text.
pub const BLOCK: usize = 4000;
/// Most lines [`block`] gives.
pub const LINES: usize = 200;
/// Combining marks shown on one letter.
const COMBINING: usize = 4;

/// One safe line, at most [`LINE`] characters.
#[must_use]
pub fn line(text: &str) -> String {
    line_within(text, LINE)
}

/// One safe line: white space of any kind and length is one blank.
#[must_use]
pub fn line_within(text: &str, most: usize) -> String {
    let mut shown = Shown::new(text.len().min(most.saturating_mul(4)));
    let mut taken = 0;
    let mut blank = false;
    for char in text.chars() {
        if char.is_whitespace() {
            blank = taken > 0;
            continue;
        }
        let needed = 1 + usize::from(blank);
        if taken + needed > most {
            shown.push(ELLIPSIS);
            break;
        }
        if std::mem::take(&mut blank) {
            shown.push(' ');
        }
        taken += needed;
        shown.push_safe(char);
    }
    shown.finish()
}

/// An observable as a safe line, defanged where something could follow it.
#[must_use]
pub fn observable(observable: &Observable) -> String {
    match observable.kind {
        ObservableKind::Ipv4
        | ObservableKind::Ipv6
        | ObservableKind::Network
        | ObservableKind::Domain
        | ObservableKind::Url
        | ObservableKind::Email => line(&defang(&observable.value)),
        _ => line(&observable.value),
    }
}

/// Safe text that keeps its line breaks: at most [`BLOCK`] characters in [`LINES`] lines.
#[must_use]
pub fn block(text: &str) -> String {
    block_within(text, BLOCK, LINES)
}

/// Safe text of at most `most` characters in `lines` lines. Other white space is a blank each.
#[must_use]
pub fn block_within(text: &str, most: usize, lines: usize) -> String {
    let mut shown = Shown::new(text.len().min(most.saturating_mul(4)));
    let mut breaks = 0;
    let mut chars = text.trim_end().chars().peekable();
    let mut taken = 0;
    while let Some(char) = chars.next() {
        let is_break = matches!(char, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        if taken == most || (is_break && breaks + 1 >= lines) {
            shown.push(ELLIPSIS);
            break;
        }
        taken += 1;
        if is_break {
            let _ = chars.next_if(|next| char == '\r' && *next == '\n');
            breaks += 1;
            shown.push('\n');
        } else if char.is_whitespace() {
            shown.push(' ');
        } else {
            shown.push_safe(char);
        }
    }
    shown.finish()
}

/// Whether showing `char` as it is could mislead: it is invisible, turns direction, is private or no character.
#[must_use]
pub fn is_deceptive(char: char) -> bool {
    if char < '\u{7f}' {
        return char < ' ';
    }
    match char {
        // C0 and C1 controls, soft hyphen, combining grapheme joiner, Arabic letter mark.
        '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' => true,
        // Letters that draw nothing.
        '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => true,
        // Zero width, bidi marks, embeddings, overrides and isolates, invisible operators, variation selectors.
        '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' => true,
        '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' => true,
        // Private use: the bundled icon font has its pictures there. Noncharacters; tags and all of plane 14 up.
        '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'.. => true,
        other => u32::from(other) & 0xfffe == 0xfffe,
    }
}

/// A safe text in the making.
struct Shown {
    text: String,
    /// Combining marks on the letter just written; those beyond the limit are counted.
    marks: usize,
}

impl Shown {
    fn new(room: usize) -> Self {
        Self { text: String::with_capacity(room), marks: 0 }
    }

    fn push(&mut self, char: char) {
        self.flush();
        self.text.push(char);
    }

    fn push_safe(&mut self, char: char) {
        if is_deceptive(char) {
            self.flush();
            // Writing to a String cannot fail.
            let _ = write!(self.text, "⟨U+{:04X}⟩", u32::from(char));
        } else if char >= '\u{300}' && is_combining_mark(char) {
            self.marks += 1;
            if self.marks <= COMBINING {
                self.text.push(char);
            }
        } else {
            self.push(char);
        }
    }

    fn flush(&mut self) {
        let beyond = std::mem::take(&mut self.marks).saturating_sub(COMBINING);
        if beyond > 0 {
            let _ = write!(self.text, "⟨+{beyond}⟩");
        }
    }

    fn finish(mut self) -> String {
        self.flush();
        self.text
    }
}

/// Collapses white space to single blanks and caps the length; for storing, not for showing.
#[must_use]
pub fn one_line(text: &str, most: usize) -> String {
    if is_plain_line(text.as_bytes()) {
        return cap(text, most);
    }
    let mut line = String::with_capacity(text.len().min(most));
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        // A character has at most four bytes: what is here already fills the line.
        if line.len() > most.saturating_mul(4) {
            break;
        }
    }
    cap(&line, most)
}

/// Whether a text is one line as it stands, as most are: visible ASCII with single blanks between. Without a branch for each
/// byte, so that it is done with vector instructions.
fn is_plain_line(bytes: &[u8]) -> bool {
    let [_, after @ ..] = bytes else { return true };
    let edges = [bytes.first(), bytes.last()].into_iter().flatten().all(|byte| *byte != b' ');
    let visible = bytes.iter().fold(true, |all, byte| all & matches!(byte, b' '..=b'~'));
    let apart = bytes.iter().zip(after).fold(true, |all, (one, next)| all & ((*one != b' ') | (*next != b' ')));
    edges && visible && apart
}

/// Bytes as digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(bytes.len() * 2);
    push_hex(&mut hex, bytes);
    hex
}

/// Appends bytes as lower-case digits.
pub fn push_hex(to: &mut String, bytes: &[u8]) {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
    to.reserve(bytes.len() * 2);
    for byte in bytes {
        to.push(digit(byte >> 4));
        to.push(digit(byte & 15));
    }
}

/// Whether a text has at most so many characters.
#[must_use]
pub fn fits(text: &str, most: usize) -> bool {
    text.len() <= most || text.chars().nth(most).is_none()
}

/// At most `most` characters; where something was cut off the last one is [`ELLIPSIS`]. For storing, not for showing.
#[must_use]
pub fn cap(text: &str, most: usize) -> String {
    if fits(text, most) {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push(ELLIPSIS);
    cut
}
