//! Remote text: one line of it, a capped piece of it, and a form that is safe to show (`security.md` §7 rows 26–28).
//!
//! A leaf: uses nothing of this crate.

/// Stands where a text was cut.
pub const ELLIPSIS: char = '…';

/// Collapses white space to single blanks and caps the length.
#[must_use]
pub fn one_line(text: &str, most: usize) -> String {
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

/// At most `most` characters; where something was cut off the last one is [`ELLIPSIS`].
#[must_use]
pub fn cap(text: &str, most: usize) -> String {
    if text.len() <= most || text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push(ELLIPSIS);
    cut
}
