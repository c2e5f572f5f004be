//! Incidents in other people's formats: STIX 2.1, MISP, a table of observables, a page to read.
//!
//! Every export tells what it carried, what had no home in it, and the strictest restriction inside ([`Carried`]); none
//! says more than the document does. Words come from the caller, because this layer has none.

mod case;
mod csv;
mod digest;
mod find;
mod formula;
mod ledger;
mod markdown;
mod marking;
mod misp;
mod outline;
mod reader;
mod rows;
mod steps;
mod stix;
mod thing;

pub use csv::{COLUMNS, csv, harmless};
pub(in crate::iodef) use ledger::Ledger;
pub use ledger::{Carried, restriction};
pub use markdown::markdown;
pub use marking::title;
pub use misp::misp;
pub use stix::{marking_id, stix};

use crate::iodef::{Document, json};
use crate::model::Say;

/// Finds the words of a message.
pub type Words<'w> = &'w dyn Fn(&Say) -> String;

/// A document in another format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    pub bytes: Vec<u8>,
    pub sheet: Carried,
}

/// What a document can be exported as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Iodef,
    Json,
    Csv,
    Markdown,
    Stix,
    Misp,
}

impl Format {
    pub const ALL: [Self; 6] = [Self::Iodef, Self::Json, Self::Csv, Self::Markdown, Self::Stix, Self::Misp];
}

/// A document in `format`. May take as long as the document is large.
#[must_use]
pub fn make(format: Format, document: &Document, words: Words<'_>) -> Export {
    match format {
        Format::Iodef => iodef(document),
        Format::Json => json::write(document),
        Format::Csv => csv(document, words),
        Format::Markdown => markdown(document, words),
        Format::Stix => stix(document, words),
        Format::Misp => misp(document, words),
    }
}

/// The document itself: what was read, or what was read from JSON, as XML.
#[must_use]
pub fn iodef(document: &Document) -> Export {
    let mut ledger = Ledger::new(document);
    ledger.carry_whole(document.root());
    Export { bytes: document.write(), sheet: ledger.sheet() }
}

impl Export {
    pub(in crate::iodef) fn json(value: &serde_json::Value, sheet: Carried) -> Self {
        let mut text = format!("{value:#}");
        text.push('\n');
        Self { bytes: text.into_bytes(), sheet }
    }
}
