//! A document of version 1 of anybody's: refused, or made one of version 2 whose every note stands in the old one, that is
//! written and read as the same, and can be judged, shown and exported.

use gridwatch::iodef::doc::Version;
use gridwatch::iodef::{Document, Fault, index, v1};

use super::examined::examine;
use super::iodef;

/// # Panics
/// When something does not hold.
pub fn judge(bytes: &[u8]) {
    let Ok(old) = Document::read(bytes, &[]) else { return };
    let upgraded = v1::upgrade(&old);
    if old.version() != Ok(Version::V1) {
        assert!(upgraded.is_err());
        return;
    }
    let new = match upgraded {
        Ok(new) => new,
        // Mapping may put one more element around a text, and its words beside it.
        Err(refused) => return assert!(matches!(refused.fault, Fault::Limit(_)), "{refused}"),
    };
    assert_eq!(new.document.version(), Ok(Version::V2));
    for note in &new.notes {
        assert!(old.element(note.node).is_some());
        let _ = note.say();
    }
    let again = Document::read(new.document.write(), &[]).unwrap();
    assert!(again.canonical() == new.document.canonical(), "{}", new.document.text());
    let _ = index(&new.document.write(), &[], "en");
    iodef::look(&new.document);
    examine(&new.document);
}
