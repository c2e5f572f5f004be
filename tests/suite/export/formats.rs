//! Every format of every document, before its judge.

use std::fs;

use gridwatch::iodef::export;

use super::documents::{samples, words};
use super::judge::{acquit, judge};

#[test]
fn every_stix_bundle_passes_the_validator_and_the_package() {
    let dir = tempfile::tempdir().unwrap();
    for sample in samples() {
        let export = export::stix(&sample.document, &words);
        fs::write(dir.path().join(format!("{}.stix.json", sample.name)), export.bytes).unwrap();
    }
    if let Some(judged) = judge(dir.path(), None, None) {
        acquit(&judged);
    }
}
