//! What a new report begins as: nothing but the least, or one of the usual kinds.

use crate::app::cx::Cx;
use crate::compose::Draft;
use crate::compose::preflight::PRACTICE;
use crate::compose::template::{self, TEMPLATES};

/// How many ways there are; the first is the one Enter takes.
pub fn count() -> usize {
    TEMPLATES.len() + 1
}

/// The keys of the name and of the use of one of them.
pub fn words(place: usize) -> (&'static str, &'static str) {
    let kind = place.checked_sub(1).and_then(|place| TEMPLATES.get(place));
    kind.map_or(("compose-begin-blank", "compose-begin-blank-why"), |kind| (kind.title, kind.about))
}

/// Whose numbers the reports bear.
pub fn csirt(cx: &Cx<'_>) -> String {
    if cx.practice { PRACTICE.to_owned() } else { cx.me().map(crate::model::BareJid::domain_ascii).unwrap_or_default() }
}

/// A draft of it; `None` only where what the account is called can stand in no document.
pub fn draft(place: usize, cx: &Cx<'_>) -> Option<Draft> {
    let (fill, number) = (super::fill(cx), number(cx));
    match place.checked_sub(1).and_then(|place| TEMPLATES.get(place)) {
        Some(kind) => kind.begin(&fill, &number, None).ok(),
        None => template::blank(&fill, &number, None).ok(),
    }
}

/// An id nobody has to think up: the second it was begun, and letters that keep colleagues of one second apart and one
/// report from the next. The form lets it be changed; without random numbers it asks for one.
fn number(cx: &Cx<'_>) -> String {
    /// Crockford's: no letter is taken for another, nor for a digit.
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0_u8; 4];
    if getrandom::fill(&mut bytes).is_err() {
        return String::new();
    }
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map(char::from);
    format!("{}-{}", cx.now.format("%Y%m%d-%H%M%S"), bytes.iter().filter_map(letter).collect::<String>())
}
