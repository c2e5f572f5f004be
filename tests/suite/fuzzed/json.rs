//! JSON of anybody's taken for incidents: refused, or a document that can be checked and exported, of which what is
//! written is read again without loss and says the same.

use gridwatch::iodef::check::check;
use gridwatch::iodef::doc::Version;
use gridwatch::iodef::json;
use gridwatch::iodef::schema::Profile;

use super::examined::{examine, survives_json};

/// # Panics
/// When something does not hold.
pub fn judge(bytes: &[u8]) {
    let read = match json::read(bytes) {
        Ok(read) => read,
        Err(why) => {
            assert!(!matches!(why, json::Unreadable::Refused(_)), "we made XML that is none: {why}");
            let _ = why.say();
            return;
        }
    };
    assert_eq!(read.document.version(), Ok(Version::V2));
    assert!(read.remarks.len() <= read.counts.all());
    assert!(read.remarks.iter().all(|remark| remark.path.starts_with('/')), "{:?}", read.remarks);
    examine(&read.document);
    // Reading takes what is meant, once: what we write of a sound document stays as it is.
    if read.counts.lost() == 0 && check(&read.document, Profile::Reading).is_valid() {
        survives_json(&read.document);
    }
}
