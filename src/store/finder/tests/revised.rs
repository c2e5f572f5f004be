//! Documents of one incident, each an item of its own.

use super::*;

/// A document of one incident that says it was made so many hours ago.
fn revision(node: &str, item: &str, severity: Severity, hours: i64) -> Incoming {
    let mut one = incoming(node, item, severity, Route::Live);
    one.key.item = ItemId(item.to_owned());
    (one.summary.csirt, one.summary.id) = ("csirt.example".to_owned(), "2026-7".to_owned());
    let at = now() - chrono::TimeDelta::hours(hours);
    one.summary.generated = Some(crate::model::Stamp { at, zoned: true, text: String::new() });
    one
}

/// Each revision an item of its own, which is how a CSIRT may publish them.
#[test]
fn a_newer_document_under_the_same_incident_id_is_a_revision_of_what_was_read() {
    let (_folder, stores) = both();
    for store in stores {
        let finder = Finder::new(None, 0).asking(Arc::clone(&store));
        let take = |batch: Vec<Incoming>| {
            let done = store.commit(batch).unwrap();
            let _ = finder.take(store.as_ref(), &done.changed, now(), &Stop::default()).unwrap();
        };
        let of =
            |finder: &Finder, row: Seq| finder.revision(&store.row(row).unwrap()).map(|own| (own.nth, own.of, own.was));
        let (low, high) = (Severity::Low, Severity::High);
        take(vec![revision("a", "first", low, 9), incoming("a", "other", low, Route::Live)]);
        assert_eq!((of(&finder, 0), of(&finder, 1)), (None, None));
        let _ = did(&finder, read(&[0]));
        // Another topic's document and another CSIRT's are no revisions of it, whatever number they bear.
        let mut theirs = revision("a", "theirs", high, 1);
        theirs.summary.csirt = "other.example".to_owned();
        take(vec![revision("b", "elsewhere", high, 1), theirs]);
        assert!(found(&finder, "is:updated").is_empty() && of(&finder, 2).is_none() && of(&finder, 3).is_none());
        take(vec![revision("a", "second", high, 2)]);
        assert_eq!((found(&finder, "is:updated"), found(&finder, "is:dup")), (vec![4], vec![0]));
        assert!(finder.local(4).updated && finder.local(4).unread);
        assert_eq!((of(&finder, 0), of(&finder, 4)), (Some((1, 2, None)), Some((2, 2, Some(low)))));
        // One that was made before it comes late: it is newer than what was read, and not the newest.
        take(vec![revision("a", "between", low, 5)]);
        assert_eq!((found(&finder, "is:updated"), found(&finder, "is:dup")), (vec![5, 4], vec![5, 0]));
        assert_eq!((of(&finder, 5), of(&finder, 4)), (Some((2, 3, None)), Some((3, 3, Some(low)))));
        // An older document that is no news, as a topic's first history is none: what is newer is news by it, once known.
        let mut history = revision("c", "old", low, 9);
        (history.history, history.route) = (true, Route::Fetched);
        take(vec![revision("c", "new", high, 8), history]);
        assert_eq!(found(&finder, "is:updated"), [6, 5, 4]);
        // What its person did is kept, and another session says the same.
        let _ = did(&finder, read(&[6]));
        let _ = finder.work();
        let next = Finder::new(None, store.len()).asking(Arc::clone(&store));
        let _ = next.take(store.as_ref(), &[], now(), &Stop::default()).unwrap();
        for finder in [&finder, &next] {
            assert_eq!((found(finder, "is:updated"), found(finder, "is:dup")), (vec![5, 4], vec![5, 0, 7]));
            assert_eq!((of(finder, 0), of(finder, 4)), (Some((1, 3, None)), Some((3, 3, Some(low)))));
        }
        // What retention took away is nobody's revision; what was before it is the newest again.
        let gone = store.purge(&[4], now()).unwrap();
        for finder in [&finder, &next] {
            let _ = finder.take(store.as_ref(), &gone, now(), &Stop::default()).unwrap();
            assert_eq!((found(finder, "is:dup"), of(finder, 4)), (vec![0, 7], None));
            assert_eq!((of(finder, 0), of(finder, 5)), (Some((1, 2, None)), Some((2, 2, None))));
        }
    }
}
