//! What is asked of any document that was read, whoever made it: it can be judged and exported, what is told of it stands
//! in it, and no text of it breaks the form it is put into. That it ends in time is the fuzzer's `-timeout`.

use gridwatch::iodef::check::{Report, check};
use gridwatch::iodef::doc::Version;
use gridwatch::iodef::export::{Format, make};
use gridwatch::iodef::schema::Profile;
use gridwatch::iodef::{Document, json};

/// # Panics
/// When something does not hold.
pub fn examine(document: &Document) {
    let reports = [Profile::Published, Profile::Reading].map(|profile| check(document, profile));
    for report in &reports {
        stands(document, report);
    }
    if document.version() != Ok(Version::V2) {
        return;
    }
    for format in Format::ALL {
        let export = make(format, document, &|say| say.key.to_string());
        match format {
            Format::Json | Format::Stix | Format::Misp => {
                let read: Result<serde_json::Value, _> = serde_json::from_slice(&export.bytes);
                assert!(read.is_ok(), "{format:?}: {read:?}");
            }
            Format::Csv | Format::Markdown => assert!(std::str::from_utf8(&export.bytes).is_ok()),
            Format::Iodef => assert_eq!(export.bytes, document.write()),
        }
        let _ = export.sheet.lines();
    }
}

/// What is found is in the document, and each is counted.
fn stands(document: &Document, report: &Report) {
    for found in &report.findings {
        assert!(document.element(found.element).is_some());
        assert!(!found.path.is_empty() && !found.place.is_empty());
        for fix in &found.fixes {
            let mut mended = document.clone();
            for edit in &fix.edits {
                // An edit may be refused, and leaves the document as it was.
                let _ = mended.edit(edit);
            }
            assert!(Document::read(mended.write(), mended.scope()).is_ok(), "{:?}", fix.label);
        }
    }
    let _ = report.untold();
}

/// What is written of it in JSON is read again, and says the same in JSON.
///
/// # Panics
/// When it does not.
pub fn survives_json(document: &Document) {
    let once = json::write(document);
    let again = json::read(&once.bytes).unwrap_or_else(|why| panic!("{why}: {}", document.text()));
    let twice = json::write(&again.document);
    assert!(
        once.bytes == twice.bytes,
        "{}\n{}\n{}",
        document.text(),
        String::from_utf8_lossy(&once.bytes),
        String::from_utf8_lossy(&twice.bytes)
    );
}
