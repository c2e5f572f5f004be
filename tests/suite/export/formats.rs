//! Every format of every document, before its judge.

use std::fs;

use gridwatch::iodef::{Document, export};

use super::documents::{samples, words};
use super::judge::{acquit, judge};

/// Writes every document's export by `make` and has it judged.
fn judged(ending: &str, make: impl Fn(&Document) -> export::Export) {
    let dir = tempfile::tempdir().unwrap();
    for sample in samples() {
        fs::write(dir.path().join(format!("{}.{ending}", sample.name)), make(&sample.document).bytes).unwrap();
    }
    if let Some(judged) = judge(dir.path(), None, None) {
        acquit(&judged);
    }
}

#[test]
fn every_stix_bundle_passes_the_validator_and_the_package() {
    judged("stix.json", |document| export::stix(document, &words));
}

#[test]
fn every_misp_event_is_read_by_pymisp_and_fits_its_lists() {
    judged("misp.json", |document| export::misp(document, &words));
}

#[test]
fn every_table_is_read_by_others_and_holds_no_formula() {
    judged("csv", |document| export::csv(document, &words));
    for sample in samples() {
        let bytes = export::csv(&sample.document, &words).bytes;
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(bytes.as_slice());
        let width = reader.headers().unwrap().len();
        assert!(reader.records().all(|record| record.unwrap().len() == width), "{}", sample.name);
    }
}
