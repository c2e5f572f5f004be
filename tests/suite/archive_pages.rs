//! One page of an archive that is not what was written takes away what stands on it and nothing else: neither what is read
//! after it, nor what is made of rows that are sound. Every page is tried.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use gridwatch::iodef::indexed;
use gridwatch::model::{Restriction, TopicId};
use gridwatch::store::archive::{Key, doubt};
use gridwatch::store::index::key::Span;
use gridwatch::store::index::{Lookup, Question, Stop};
use gridwatch::store::query::Regex;
use gridwatch::store::{Archive, Error, Incoming, Payload, Row, Store};

use crate::archive_kill::unread;
use crate::support::sealed::{KEY, PAGE};

const ROWS: u32 = 400;
/// More rows than that have no page of their own together: an item takes some hundred bytes.
const FEW: usize = 110;

/// Some are so long that they, and some of those what is told of them, stand in pages of their own.
fn item(number: u32) -> Incoming {
    let mut item = unread(number);
    item.summary.strictest = Restriction::Red;
    if number.is_multiple_of(7) {
        let payload = item.payload.as_mut().unwrap();
        let tail =
            if number.is_multiple_of(2) { "d".repeat(9_000) } else { format!("<!--{}-->", "long ".repeat(3_000)) };
        let text =
            String::from_utf8(payload.bytes.to_vec()).unwrap().replace(" Überfall", &format!(" Überfall {tail}"));
        payload.bytes = text.into_bytes().into();
        item.summary = indexed(&payload.bytes, &payload.scope).0;
        (item.summary.facets, item.summary.strictest) = (None, Restriction::Red);
        // A page of noughts in the middle of its summary would be read for a part of it.
        item.summary.title = "t".repeat(if number.is_multiple_of(35) { 12_000 } else { 10 });
    }
    item
}

fn open(path: &Path) -> Option<Archive> {
    Archive::open(path, &Key::new(KEY), Some(indexed)).ok()
}

/// A key that each row has, and one of its own.
fn listens(payload: &Payload) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(&payload.bytes);
    let word = text.split_whitespace().find(|word| word.starts_with("word")).unwrap();
    vec![b"\x60every".to_vec(), [b"\x60", word.as_bytes()].concat()]
}

/// What everything is called, as it is told at last.
fn names(archive: &Archive) -> Result<HashMap<u32, [String; 3]>, Error> {
    let all: Vec<u32> = (0..ROWS).collect();
    let mut told = HashMap::new();
    archive.names(&all, &mut |row, name| {
        let _ = told.insert(row, [name.csirt, name.id, name.title].map(str::to_owned));
    })?;
    Ok(told)
}

fn rows(archive: &Archive) -> Result<Vec<Arc<Row>>, Error> {
    // Past what is kept of rows that were looked at.
    let all: Vec<u32> = (0..ROWS).collect();
    archive.look(&all)
}

fn is_harmed(row: &Row) -> bool {
    row.key.topic == TopicId { broker: "damaged.invalid".parse().unwrap(), node: String::new() }
}

fn same(one: &Row, other: &Row) -> bool {
    let all =
        |row: &Row| (row.seq, row.key.clone(), row.route, row.publisher.clone(), row.standing, row.version, row.size);
    all(one) == all(other) && (one.received, one.at, &one.summary) == (other.received, other.at, &other.summary)
}

/// How many of the rows are lost; the others are what they are in a sound archive.
fn lost(found: &[Arc<Row>], sound: &[Arc<Row>], what: &str) -> usize {
    assert_eq!(found.len(), sound.len(), "{what}");
    let wrong: Vec<_> = found.iter().zip(sound).filter(|(row, sound)| !same(row, sound)).map(|(row, _)| row).collect();
    assert!(wrong.iter().all(|row| is_harmed(row)), "{what}: a row that is another, and no word");
    wrong.len()
}

fn said(archive: &Archive, pattern: &str) -> Option<usize> {
    let regex = Regex { pattern: pattern.to_owned(), insensitive: false };
    let found = archive.answer(&Question::Regex(regex), None, &Stop::default()).ok()?;
    Some(found.count() as usize)
}

fn listen(archive: &Archive) -> Option<usize> {
    while archive.listen(listens).ok()? {}
    assert_eq!(archive.listened().unwrap(), ROWS);
    let every = [Span::one(b"\x60every".to_vec())];
    Some(archive.heard(&[&every[..]], &Stop::default()).ok()?.concat().len())
}

/// Reads everything again that an earlier version read.
fn renew(archive: &Archive) -> Option<()> {
    while !archive.renew().ok()?.is_empty() {}
    Some(())
}

/// What each way of reading lost, by each page that cost it something.
#[derive(Debug, Default)]
struct Toll {
    pages: HashMap<&'static str, Vec<usize>>,
}

impl Toll {
    fn take(&mut self, what: &'static str, lost: usize) {
        if lost > 0 {
            self.pages.entry(what).or_default().push(lost);
        }
    }
}

#[test]
fn a_page_that_is_damaged_hides_what_stands_on_it_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("archive.db");
    let archive = Archive::make(&path, &Key::new(KEY)).unwrap();
    for first in (0..ROWS).step_by(50) {
        let _ = archive.commit((first..first + 50).map(item).collect()).unwrap();
    }
    archive.close().unwrap();
    let bytes = fs::read(&path).unwrap();
    let sound = open(&path).unwrap();
    let (called, before) = (names(&sound).unwrap(), rows(&sound).unwrap());
    assert_eq!(said(&sound, "word"), Some(ROWS as usize));
    assert_eq!(listen(&sound), Some(ROWS as usize));
    renew(&sound).unwrap();
    let after = rows(&sound).unwrap();
    assert!(after.iter().all(|row| row.summary.facets.as_ref().unwrap().actors.len() == 1));
    drop(sound);
    let (mut toll, mut again) = (Toll::default(), 0);
    for page in 1..bytes.len() / PAGE {
        let mut harmed = bytes.clone();
        harmed[page * PAGE + 700] ^= 1;
        for end in ["db-wal", "db-shm"] {
            let _ = fs::remove_file(path.with_extension(end));
        }
        let _ = fs::remove_file(doubt(&path));
        fs::write(&path, harmed).unwrap();
        // Another page may be read while it opens.
        let Some(archive) = open(&path) else { continue };
        if let Ok(told) = names(&archive) {
            let wrong: Vec<_> = called.iter().filter(|(row, name)| told.get(*row) != Some(*name)).collect();
            let is_bare = |row: &u32| told.get(row).is_some_and(|name| name.iter().all(String::is_empty));
            assert!(wrong.iter().all(|(row, _)| is_bare(row)), "page {page}: {wrong:?}");
            toll.take("names", wrong.len());
        }
        if let Ok(found) = rows(&archive) {
            toll.take("rows", lost(&found, &before, &format!("page {page}")));
        }
        if let Some(found) = said(&archive, "word") {
            toll.take("said", ROWS as usize - found);
        }
        if let Some(found) = listen(&archive) {
            toll.take("heard", ROWS as usize - found);
        }
        let is_told = archive.is_damaged();
        drop(archive);
        let Some(archive) = open(&path) else { continue };
        let done = renew(&archive);
        if let Ok(found) = rows(&archive) {
            let left: Vec<_> = found.iter().zip(&after).filter(|(row, after)| !same(row, after)).collect();
            // What was read again was read in full: nothing is taken for said that a page of noughts did not say.
            let is_before = |row: &Row| before.get(row.seq as usize).is_some_and(|before| same(row, before));
            assert!(left.iter().all(|(row, _)| is_harmed(row) || is_before(row)), "page {page}");
            let is_told = is_told || archive.is_damaged();
            assert!(is_told || left.is_empty() && done.is_some(), "page {page}: no word");
            again += usize::from(left.len() < ROWS as usize && is_told);
        }
    }
    println!("{:?}", toll.pages);
    for what in ["names", "rows", "said", "heard"] {
        let lost = toll.pages.get(what).unwrap();
        let much = lost.iter().filter(|lost| **lost > FEW).count();
        // A page through which all others are found takes all of them, of each table that is read.
        assert!(much <= 3 && lost.len() > 3 * much.max(1), "{what}: {lost:?}");
    }
    assert!(again > 30, "{again}");
}
