//! What the words of received documents name, found in the archive: a piece after the other, over restarts, never in the way
//! of what is received, and gone with what retention takes away.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::compose::audience::{Audience, Known};
use gridwatch::compose::draft::Reason;
use gridwatch::compose::guard::{self, Sources};
use gridwatch::compose::meant::{By, Meant};
use gridwatch::compose::outbox::{self, Around};
use gridwatch::compose::preflight::{Finding, Weight};
use gridwatch::compose::send::{About, Parcel, digest};
use gridwatch::compose::taken::Before;
use gridwatch::iodef::{Document, indexed};
use gridwatch::model::{Access, Affiliation, ItemId, PayloadType, Tlp, Topic, TopicId};
use gridwatch::store::archive::Key;
use gridwatch::store::index::key::Span;
use gridwatch::store::index::{Failure, Stop};
use gridwatch::store::{Archive, Finder, Incoming, ItemKey, Payload, Progress, Route, Seq, Store};

use crate::support::sealed::{self, PAGE};

const ROWS: u32 = 600;

fn key() -> Key {
    Key::new([7; 32])
}

fn topic() -> TopicId {
    TopicId { broker: "broker.grid.example".parse().unwrap(), node: "n".to_owned() }
}

/// Every third is for everybody. Each names an address in a log line, and the same one as its source.
fn incoming(number: u32) -> Incoming {
    let restriction = if number.is_multiple_of(3) { "public" } else { "amber" };
    let text = format!(
        "<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" version=\"2.00\" xml:lang=\"en\"><Incident purpose=\"reporting\" \
         restriction=\"{restriction}\"><IncidentID name=\"cert.example\">{number}</IncidentID><EventData><Flow>\
         <System category=\"source\"><Node><Address category=\"ipv4-addr\">198.51.100.1</Address></Node></System></Flow><Record>\
         <RecordData><RecordItem dtype=\"string\">198.51.100.1 to 23.4.{}.{}</RecordItem></RecordData></Record></EventData></Incident>\
         </IODEF-Document>",
        number / 256,
        number % 256
    );
    let (summary, observables) = indexed(text.as_bytes(), &[]);
    Incoming {
        key: ItemKey { topic: topic(), item: ItemId(number.to_string()) },
        payload: Some(Payload { bytes: Arc::from(text.into_bytes()), scope: Arc::from([]) }),
        summary,
        observables,
        route: Route::Live,
        publisher: None,
        received: DateTime::UNIX_EPOCH,
        delayed: None,
        history: false,
    }
}

fn open(path: &Path) -> Archive {
    Archive::open(path, &key(), Some(indexed)).unwrap()
}

fn filled(path: &Path) {
    let archive = Archive::make(path, &key()).unwrap();
    let _ = archive.commit((0..ROWS).map(incoming).collect()).unwrap();
    archive.close().unwrap();
}

fn heard(archive: &Archive, start: &[u8]) -> Vec<Seq> {
    let spans = [Span::beginning(start.to_vec())];
    archive.heard(&[&spans], &Stop::default()).unwrap().remove(0)
}

fn strict(until: u32) -> Vec<Seq> {
    (0..until).filter(|row| !row.is_multiple_of(3)).collect()
}

#[test]
fn it_goes_on_where_it_was_and_forgets_with_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.db");
    filled(&path);
    let mut reached = 0;
    while reached < ROWS {
        // Another session each time; what was not told to be done is done again.
        let archive = open(&path);
        assert_eq!(archive.listened().unwrap(), reached);
        assert!(archive.listen(guard::heard).unwrap());
        reached = archive.listened().unwrap();
        assert_eq!(heard(&archive, &[1, 23, 4]), strict(reached), "what is for everybody is not listened to");
    }
    let archive = open(&path);
    assert!(!archive.listen(guard::heard).unwrap());
    assert!(heard(&archive, &[1, 198]).is_empty(), "what an element says is found by it already");
    let gone: Vec<Seq> = (0..ROWS).filter(|row| row % 2 == 1).collect();
    assert_eq!(archive.purge(&gone, Utc::now()).unwrap(), gone);
    let left: Vec<Seq> = strict(ROWS).into_iter().filter(|row| row % 2 == 0).collect();
    assert_eq!(heard(&archive, &[1, 23, 4]), left);
    let mut pieces = 0;
    while !archive.tidy().unwrap() {
        pieces += 1;
        assert!(pieces < 100);
    }
    assert_eq!(heard(&archive, &[1, 23, 4]), left);
    archive.verify().unwrap();
    // What is saved of it is listened to anew.
    let saved = Archive::make(&folder.path().join("saved.db"), &key()).unwrap();
    let _ = saved.salvage(&path, &key(), Utc::now(), Some(indexed), &Progress::default()).unwrap();
    assert_eq!(saved.listened().unwrap(), 0);
    while saved.listen(guard::heard).unwrap() {}
    assert_eq!(heard(&saved, &[1, 23, 4]), left);
}

/// The pages of the index of what was heard, from nought.
fn own(path: &Path) -> Vec<usize> {
    let on = sealed::open(path);
    let mut pages = on.prepare("SELECT pageno - 1 FROM dbstat WHERE name = 'heard_data'").unwrap();
    pages.query_map([], |row| row.get::<_, u32>(0)).unwrap().map(|page| page.unwrap() as usize).collect()
}

#[test]
fn damage_in_it_keeps_nothing_from_being_stored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.db");
    filled(&path);
    let archive = open(&path);
    while archive.listen(guard::heard).unwrap() {}
    archive.close().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let own = own(&path);
    assert!(!own.is_empty());
    own.into_iter().for_each(|page| bytes[page * PAGE + 1_000] ^= 1);
    fs::write(&path, &bytes).unwrap();
    let archive = open(&path);
    let _ = archive.commit((ROWS..ROWS + 50).map(incoming).collect()).unwrap();
    assert!(archive.listen(guard::heard).is_err() && archive.is_damaged());
    let _ = archive.commit((ROWS + 50..ROWS + 100).map(incoming).collect()).unwrap();
    assert_eq!(archive.len(), ROWS + 100);
}

/// One row that cannot be read is passed over; those around it are not.
#[test]
fn a_row_that_cannot_be_read_holds_up_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.db");
    filled(&path);
    let bytes = fs::read(&path).unwrap();
    let pages = bytes.len() / PAGE;
    let mut met = 0;
    for page in (8..pages).step_by(pages / 12) {
        let mut flipped = bytes.clone();
        flipped[page * PAGE + 1_000] ^= 1;
        let other = folder.path().join(format!("{page}.db"));
        fs::write(&other, &flipped).unwrap();
        let Ok(archive) = Archive::open(&other, &key(), Some(indexed)) else { continue };
        let mut tries = 0;
        while archive.listen(guard::heard).unwrap_or(true) && tries < 60 {
            tries += 1;
        }
        let found = archive.heard(&[&[Span::beginning(vec![1, 23, 4])]], &Stop::default());
        let found = found.map_or(0, |mut rows| rows.remove(0).len());
        // Payloads stand some to a page: the others are heard.
        if archive.is_damaged() && archive.listened().is_ok_and(|reached| reached == ROWS) {
            met += 1;
            assert!(found + 40 >= strict(ROWS).len(), "page {page}: {found}");
        }
    }
    assert!(met > 2, "{met}");
}

/// Says less widely received what three rows say in a log line.
const DRAFT: &str = "<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" version=\"2.00\" xml:lang=\"en\"><Incident \
    purpose=\"reporting\" restriction=\"green\"><IncidentID name=\"ours.example\">1</IncidentID><GenerationTime>\
    2026-11-22T09:00:00Z</GenerationTime><Description>23.4.0.1, 23.4.1.43 and 23.4.2.87</Description><Contact role=\"creator\" \
    type=\"organization\"><ContactName>C</ContactName></Contact></Incident></IODEF-Document>";

/// What of it leaks.
fn leaks(archive: &Arc<dyn Store>) -> Result<usize, Failure> {
    looking(archive, |sources| guard::examine(&Document::read(DRAFT, &[]).unwrap(), sources).map(|found| found.len()))
}

fn looking<T>(store: &Arc<dyn Store>, look: impl FnOnce(Sources<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
    let finder = Finder::new(None, 0).asking(Arc::clone(store));
    let _ = finder.take(&**store, &[], Utc::now(), &Stop::default())?;
    let (on, stop) = (finder.snapshot(), Stop::default());
    look(Sources { on: &on, lookup: &finder, store: &**store, us: None, incidents: &[], stop: &stop })
}

/// What a last look at it finds, where these reasons were given.
fn last_look(store: &Arc<dyn Store>, reasons: Vec<Reason>) -> Result<Option<Finding>, Failure> {
    let of = digest(DRAFT.as_bytes());
    let (draft, title, label, wholes) = ("d".to_owned(), String::new(), Tlp::Green, Vec::new());
    let about = About { draft, of, title, label, is_new: true, reasons, wholes };
    let (payload, hold) = (Arc::from(DRAFT.as_bytes()), (Utc::now(), TimeDelta::zero()));
    let parcel = Parcel::publish(about, topic(), Access::Whitelist, payload, hold).unwrap();
    let (access, payload, affiliation) = (Access::Whitelist, PayloadType::Iodef2, Affiliation::Publisher);
    let here = Topic { access, payload, affiliation, ..Topic::bare(topic()) };
    let meant = Meant { label: Tlp::Green, by: By::Access };
    let known = Known::Estimated { subscribers: None };
    let audience = Audience { readers: Vec::new(), known, anybody: false, first: false, meant };
    let around = Around { topic: Some(here), audience, practice: false, before: Before::default() };
    looking(store, |sources| outbox::last_look(&parcel, &around, Some(sources)))
}

/// What cannot be read of an archive is never taken for unsaid: the guard finds all, or says that it cannot look.
#[test]
fn what_is_damaged_is_not_taken_for_unsaid() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.db");
    filled(&path);
    let before = fs::read(&path).unwrap();
    let archive = open(&path);
    while archive.listen(guard::heard).unwrap() {}
    archive.close().unwrap();
    let after = fs::read(&path).unwrap();
    let whole: Arc<dyn Store> = Arc::new(open(&path));
    assert_eq!(leaks(&whole).unwrap(), 3);
    assert_eq!(last_look(&whole, Vec::new()).unwrap().unwrap().id, "leak");
    drop(whole);
    // Pages of the index of words; and of all else before that was made, so that rows are passed over by it.
    let rows = 8..before.len() / PAGE;
    let (mut blind, mut passed) = (0, 0);
    for (bytes, pages) in [(&after, own(&path)), (&before, rows.step_by(before.len() / PAGE / 24).collect())] {
        for page in pages {
            let mut flipped = bytes.clone();
            flipped[page * PAGE + 1_000] ^= 1;
            let other = folder.path().join("other.db");
            let _ = fs::remove_file(folder.path().join("other.db-doubt"));
            fs::write(&other, &flipped).unwrap();
            let Ok(archive) = Archive::open(&other, &key(), Some(indexed)) else { continue };
            for _ in 0..60 {
                let _ = archive.listen(guard::heard);
            }
            let store: Arc<dyn Store> = Arc::new(archive);
            match leaks(&store) {
                Ok(found) => assert_eq!(found, 3, "page {page}"),
                Err(_) => blind += 1,
            }
            if !store.is_damaged() {
                continue;
            }
            // That is said, and by a reason for just that it goes.
            let reason = |about: &str| Reason {
                of: "guard.unlooked".to_owned(),
                about: about.to_owned(),
                words: "x".to_owned(),
            };
            let Ok(found) = last_look(&store, Vec::new()) else { continue };
            let found = found.unwrap_or_else(|| panic!("page {page}: nothing was found"));
            assert_eq!((found.id, found.weight), ("guard.unlooked", Weight::Blocks), "page {page}");
            assert!(last_look(&store, vec![reason("archive")]).unwrap().is_none(), "page {page}");
            passed += 1;
        }
    }
    assert!(blind > 4 && passed > 2, "{blind} {passed}");
}
