//! What a received document says: the keys of its values with the strictest label each stands under, and those that the store
//! is to find it by.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::said::{said, worded};
use crate::iodef::Document;
use crate::model::{Restriction, Tlp};
use crate::store::Payload;
use crate::store::query::{Amber, strictness};

/// The labels of a document's values by their keys.
pub type Labels = BTreeMap<Vec<u8>, Tlp>;

/// A document that was received.
#[derive(Debug)]
pub struct Read {
    pub labels: Labels,
    /// The number of its first incident, empty where it has none.
    pub id: Arc<str>,
}

/// See the module. What is no XML is read as words, for nobody but who got it.
pub fn read(payload: &Payload) -> Read {
    let (all, id) = match Document::read(&*payload.bytes, &payload.scope) {
        Ok(document) => {
            let id = document.root().descendants().find(|element| element.is("IncidentID"));
            (said(&document), id.map(|id| Arc::from(&*id.trimmed())))
        }
        Err(_) => (worded(&String::from_utf8_lossy(&payload.bytes), Restriction::Absent.tlp()), None),
    };
    let mut labels = Labels::new();
    for one in all {
        for key in one.keys() {
            let label = labels.entry(key).or_insert(one.here);
            if strictness(one.here, Amber::Strict) > strictness(*label, Amber::Strict) {
                *label = one.here;
            }
        }
    }
    Read { labels, id: id.unwrap_or_default() }
}

/// What [`crate::store::Store::listen`] hears in it.
#[must_use]
pub fn heard(payload: &Payload) -> Vec<Vec<u8>> {
    read(payload).labels.into_keys().collect()
}
