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

pub use csv::{csv, harmless};
pub use ledger::Carried;
pub(in crate::iodef) use ledger::Ledger;
pub use markdown::markdown;
pub use misp::misp;
pub use stix::stix;

use crate::model::Say;

/// Finds the words of a message.
pub type Words<'w> = &'w dyn Fn(&Say) -> String;

/// A document in another format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    pub bytes: Vec<u8>,
    pub sheet: Carried,
}

/// The document itself: what was read, or what was read from JSON, as XML.
#[must_use]
pub fn iodef(document: &crate::iodef::Document) -> Export {
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
