//! Parts of texts that are too long to be told whole: where two of them begin to differ.

use sha2::{Digest, Sha256};

use super::{Cut, LONGEST};
use crate::text;

/// Characters told before the first that differs.
const BEFORE: usize = 200;

/// Both texts whole, or from shortly before the first character that differs.
pub fn of_both(was: Option<&str>, is: Option<&str>) -> (Option<String>, Option<String>, Option<Cut>) {
    let length = |text: Option<&str>| text.map_or(0, |text| text.chars().count());
    let lengths = (length(was), length(is));
    if lengths.0.max(lengths.1) <= LONGEST {
        return (was.map(str::to_owned), is.map(str::to_owned), None);
    }
    let (one, other) = (was.unwrap_or_default().chars(), is.unwrap_or_default().chars());
    let offset = one.zip(other).take_while(|(one, other)| one == other).count().saturating_sub(BEFORE);
    let part = |text: &str| text.chars().skip(offset).take(LONGEST).collect::<String>();
    (was.map(part), is.map(part), Some(Cut { offset, lengths }))
}

/// A line whole, or its beginning with what tells it from another that begins so.
pub fn of_line(line: &str) -> (String, bool) {
    let Some((end, _)) = line.char_indices().nth(LONGEST) else { return (line.to_owned(), false) };
    let digest = text::hex(&Sha256::digest(line));
    (format!("{}… [{} · SHA-256 {digest}]", line.get(..end).unwrap_or_default(), line.chars().count()), true)
}
