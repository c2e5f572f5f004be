//! What a received document says: the keys of its values with the strictest label each stands under, and those that the store
//! is to find it by.

use std::collections::BTreeMap;

use super::said::{said, worded};
use crate::iodef::Document;
use crate::model::{Restriction, Tlp};
use crate::store::Payload;
use crate::store::query::{Amber, strictness};

/// The labels of a document's values by their keys.
pub type Labels = BTreeMap<Vec<u8>, Tlp>;

/// See the module. What is no XML is read as words, for nobody but who got it.
pub fn labels(payload: &Payload) -> Labels {
    let all = match Document::read(&*payload.bytes, &payload.scope) {
        Ok(document) => said(&document),
        Err(_) => worded(&String::from_utf8_lossy(&payload.bytes), Restriction::Absent.tlp()),
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
    labels
}

/// What [`crate::store::Store::listen`] hears in it.
#[must_use]
pub fn heard(payload: &Payload) -> Vec<Vec<u8>> {
    labels(payload).into_keys().collect()
}
