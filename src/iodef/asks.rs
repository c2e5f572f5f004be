//! What a document asks of its readers, and by when.

use super::doc::Document;
use super::view::{Incident, incidents};
use crate::model::Ask;

/// Every `Expectation` of a document that asks for something; none of one that cannot be read.
#[must_use]
pub fn asks(bytes: &[u8], scope: &[(String, String)]) -> Vec<Ask> {
    let Ok(document) = Document::read(bytes, scope) else { return Vec::new() };
    let asked = incidents(&document)
        .flat_map(Incident::expectations)
        .map(|expectation| Ask { action: expectation.action().as_str().to_owned(), until: expectation.times().ended });
    asked.filter(|ask| ask.action != "nothing").collect()
}
