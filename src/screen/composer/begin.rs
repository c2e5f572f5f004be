//! What a new report begins as: nothing but the least, or one of the usual kinds.

use crate::app::cx::Cx;
use crate::compose::Draft;
use crate::compose::draft::Beside;
use crate::compose::form::Fill;
use crate::compose::guard::Us;
use crate::compose::preflight::PRACTICE;
use crate::compose::stock::Stock;
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

/// Whose numbers the reports bear: the organisation's, else those of my account's domain.
pub fn csirt(stock: &Stock, cx: &Cx<'_>) -> String {
    stock.csirt().filter(|_| !cx.practice).map_or_else(|| account(cx), str::to_owned)
}

/// Who publishes.
pub fn us(stock: &Stock, cx: &Cx<'_>) -> Option<Us> {
    Some(Us { jid: cx.me()?.clone(), csirt: csirt(stock, cx) })
}

/// The domain of my account; on the practice grid what is published nowhere else.
pub fn account(cx: &Cx<'_>) -> String {
    if cx.practice { PRACTICE.to_owned() } else { cx.me().map(crate::model::BareJid::domain_ascii).unwrap_or_default() }
}

/// What a report begins as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By its place among those there always are.
    Usual(usize),
    /// A template of one's own, by its name on the shelf.
    Own(String),
}

/// A draft of it, with what the organisation always writes; `None` only where something that was kept can stand in no
/// document.
pub fn draft(kind: &Kind, stock: &Stock, fill: &Fill, number: &str) -> Option<Draft> {
    let contact = stock.contact();
    let begun = match kind {
        Kind::Own(name) => {
            let own = stock.templates.iter().find(|(own, _)| own == name).map(|(_, own)| own)?;
            let beside = Beside { template: own.kind.clone(), ..Beside::default() };
            // Its contact and its restriction were chosen when it was made.
            return template::begin(&own.document, beside, fill, number, None).ok();
        }
        Kind::Usual(place) => match place.checked_sub(1).and_then(|place| TEMPLATES.get(place)) {
            Some(kind) => kind.begin(fill, number, contact),
            None => template::blank(fill, number, contact),
        },
    };
    begun.ok().map(|draft| stock.organised(draft))
}

/// An id nobody has to think up: the second it was begun, and letters that keep colleagues of one second apart and one
/// report from the next. The form lets it be changed; without random numbers it asks for one.
pub fn drawn(cx: &Cx<'_>) -> String {
    /// Crockford's: no letter is taken for another, nor for a digit.
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0_u8; 4];
    if getrandom::fill(&mut bytes).is_err() {
        return String::new();
    }
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map(char::from);
    format!("{}-{}", cx.now.format("%Y%m%d-%H%M%S"), bytes.iter().filter_map(letter).collect::<String>())
}
