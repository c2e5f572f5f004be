//! Orders by what no column holds, of more rows than are read for one answer: as a sort of everything in memory gives them.

use super::*;
use crate::store::Name;
use crate::text;

/// More than are read one by one, and than one chunk of columns.
const ROWS: u32 = 26_000;

/// Of one topic, with a title and a number that many share; they come in no order of their times.
fn titled(number: u32) -> Incoming {
    let chance = number.wrapping_mul(2_654_435_761).rotate_left(9);
    let mut one = incoming("a", &format!("i{number}"), Severity::Low, Route::Live);
    one.key.item = ItemId(number.to_string());
    one.summary.severity = if chance.is_multiple_of(50) { Severity::High } else { Severity::Low };
    one.summary.title = match chance % 6 {
        0 => "Éclair seen at a bank".to_owned(),
        1 => format!("  eCLAIR seen at {}", chance % 3_000),
        2 => String::new(),
        3 => format!("Phishing of the staff of a place, wave {:07}", chance % 90_000),
        4 => format!("phishing of the staff of a plàce, WAVE {:07}", chance % 90_000),
        _ => format!("{chance:x}"),
    };
    one.summary.csirt = format!("CSIRT{}.example", chance % 4);
    one.summary.id = format!("{}", chance % 9_000);
    one.received = now() - chrono::TimeDelta::seconds(i64::from(chance % 5_000));
    one
}

fn wanted(filter: &str, by: By, descending: bool) -> Wanted {
    Wanted { query: filter.parse().unwrap(), sort: Sort { by, descending }, ..Wanted::default() }
}

fn key(finder: &Finder, row: &Row, by: By) -> String {
    match by {
        By::Title => text::ordered(&row.summary.title),
        By::Id => format!("{}\n{}", text::ordered(&row.summary.csirt), text::ordered(&row.summary.id)),
        _ => finder.local(row.seq).tags.join("\n").to_lowercase(),
    }
}

/// These rows sorted with all of their words in memory: what is alike stands newest first, and of the same second what came last.
fn naive(finder: &Finder, store: &dyn Store, rows: &[Seq], by: By, descending: bool) -> Vec<Seq> {
    let mut all: Vec<(String, i64, Seq)> =
        store.rows(rows).iter().map(|row| (key(finder, row, by), row.at.timestamp(), row.seq)).collect();
    all.sort_by(|(one, one_at, one_row), (other, other_at, other_row)| {
        let words = if descending { other.cmp(one) } else { one.cmp(other) };
        words.then((other_at, other_row).cmp(&(one_at, one_row)))
    });
    all.into_iter().map(|(_, _, row)| row).collect()
}

fn filled(store: &Arc<dyn Store>) -> Finder {
    for first in (0..ROWS).step_by(5_000) {
        let _ = store.commit((first..ROWS.min(first + 5_000)).map(titled).collect()).unwrap();
    }
    let finder = Finder::new(None, 0).asking(Arc::clone(store));
    let _ = finder.take(store.as_ref(), &[], now(), &Stop::default()).unwrap();
    finder
}

fn tagged(rows: impl Iterator<Item = Seq>, tag: &str) -> Change {
    Change::Mark { rows: rows.collect(), mark: Mark::Tag(tag.to_owned()), on: true }
}

#[test]
fn as_many_rows_as_there_are_stand_in_the_order_of_their_words() {
    let (_folder, stores) = both();
    let stop = Stop::default();
    for store in stores {
        let finder = filled(&store);
        for (step, tag) in [(3, "Beta"), (5, "alpha"), (7, "gamma")] {
            let _ = finder.ask(Job::Act(vec![tagged((0..ROWS).step_by(step), tag)], "did"));
            let _ = finder.work();
        }
        for by in [By::Title, By::Id, By::Tags] {
            for (filter, descending) in [("", false), ("", true), ("severity:low", false), ("severity:high", false)] {
                let found = finder.find(&wanted(filter, by, descending), now(), &stop).unwrap();
                let plain = Wanted { query: filter.parse().unwrap(), ..Wanted::default() };
                let rows = finder.find(&plain, now(), &stop).unwrap().rows;
                assert!(rows.len() > 20_000 || filter == "severity:high");
                assert_eq!(
                    found.rows.to_vec(),
                    naive(&finder, store.as_ref(), &rows, by, descending),
                    "{by:?} {filter}"
                );
            }
        }
    }
}

#[test]
fn what_comes_or_changes_while_the_order_stands_finds_its_place() {
    let (_folder, stores) = both();
    let stop = Stop::default();
    for store in stores {
        let finder = filled(&store);
        let all = wanted("", By::Title, false);
        let mut found = finder.find(&all, now(), &stop).unwrap();
        let built = finder.orders.known(By::Title).map(|(ranks, _)| Arc::downgrade(&ranks)).unwrap();
        for first in [ROWS, ROWS + 300] {
            let done = store.commit((first..first + 300).map(titled).collect()).unwrap();
            let gone = store.purge(&[first - 7, first - 600, 12], now()).unwrap();
            assert!(gone.len() >= 2);
            let changed: Vec<Seq> = done.changed.into_iter().chain(gone).collect();
            let _ = finder.take(store.as_ref(), &changed, now(), &stop).unwrap();
            found = finder.find(&all, now(), &stop).unwrap();
            let rows: Vec<Seq> = found.rows.to_vec();
            assert_eq!(rows, naive(&finder, store.as_ref(), &rows, By::Title, false));
            assert!(rows.contains(&(first + 299)) && !rows.contains(&(first - 7)));
        }
        let (ranks, _) = finder.orders.known(By::Title).unwrap();
        assert!(ranks.len() == ROWS + 600 && !built.ptr_eq(&Arc::downgrade(&ranks)));
        drop(ranks);
        // Another filter under this order shows its first page before the whole.
        let few = wanted("severity:high", By::Title, true);
        let look = finder.look(few.clone(), now()).unwrap();
        let page = finder.page(&look, None, &Watched::default(), &stop).unwrap().unwrap();
        let whole = finder.whole(&look, &stop).unwrap();
        assert_eq!(page.rows[..], whole.rows[..FIRST]);
        assert_eq!(whole.rows.to_vec(), naive(&finder, store.as_ref(), &whole.rows, By::Title, true));
        // A row that changed may be called something else: it is looked at before the order is known again.
        let changed = store.retract(&[store.row(5).unwrap().key.clone()], now()).unwrap();
        let _ = finder.take(store.as_ref(), &changed, now(), &stop).unwrap();
        let look = finder.look(few, now()).unwrap();
        assert!(finder.page(&look, None, &Watched::default(), &stop).unwrap().is_none());
        let whole = [whole, finder.whole(&look, &stop).unwrap()];
        assert!(finder.page(&look, None, &Watched::default(), &stop).unwrap().is_some());
        // It is known as long as a list stands in it.
        drop((found, page));
        assert!(finder.orders.known(By::Title).is_some());
        drop(whole);
        assert!(finder.orders.known(By::Title).is_none());
        assert!(finder.page(&look, None, &Watched::default(), &stop).unwrap().is_none());
    }
}

#[test]
fn an_order_that_nobody_waits_for_is_not_made() {
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    let finder = filled(&store);
    let stop = Stop::default();
    stop.stop();
    for by in [By::Title, By::Id] {
        assert!(matches!(finder.find(&wanted("", by, false), now(), &stop), Err(Failure::Stopped)));
        assert!(finder.orders.known(by).is_none());
    }
}

#[test]
fn what_was_taken_away_and_is_not_told_yet_misplaces_nobody() {
    let (_folder, stores) = both();
    let stop = Stop::default();
    for store in stores {
        let finder = filled(&store);
        let all = wanted("", By::Title, false);
        let before = finder.find(&all, now(), &stop).unwrap();
        let gone = store.purge(&(0..ROWS).step_by(60).collect::<Vec<Seq>>(), now()).unwrap();
        let done = store.commit((ROWS..ROWS + 350).map(titled).collect()).unwrap();
        let _ = finder.take(store.as_ref(), &done.changed, now(), &stop).unwrap();
        let meanwhile = finder.find(&all, now(), &stop).unwrap();
        let _ = finder.take(store.as_ref(), &gone, now(), &stop).unwrap();
        let found = finder.find(&all, now(), &stop).unwrap();
        let rows: Vec<Seq> = found.rows.to_vec();
        assert!(rows.len() < meanwhile.rows.to_vec().len() && rows.contains(&(ROWS + 349)));
        assert!(rows == naive(&finder, store.as_ref(), &rows, By::Title, false), "out of order");
        drop(before);
    }
}

/// What cannot be read quickly is read whole: what was taken away hides nothing of what others are called.
#[test]
fn rows_are_called_as_their_summaries_say() {
    let (_folder, stores) = both();
    for store in stores {
        let _ = store.commit((0..40).map(titled).collect()).unwrap();
        let _ = store.purge(&[4, 9], now()).unwrap();
        for rows in [(2..30).collect::<Vec<Seq>>(), vec![31, 4, 2, 39, 99]] {
            let mut told = std::collections::BTreeMap::new();
            let mut tell = |row, name: Name<'_>| {
                drop(told.insert(row, (name.csirt.to_owned(), name.id.to_owned(), name.title.to_owned())));
            };
            store.names(&rows, &mut tell).unwrap();
            let said = store.rows(&rows);
            let said = said.iter().filter(|row| row.summary.kind != Kind::Gone);
            let said: std::collections::BTreeMap<_, _> = said
                .map(|row| (row.seq, (row.summary.csirt.clone(), row.summary.id.clone(), row.summary.title.clone())))
                .collect();
            // Of what was taken away nothing is told, or that it is called nothing.
            let nothing = (String::new(), String::new(), String::new());
            told.retain(|row, name| ![4, 9].contains(row) || *name != nothing);
            assert_eq!(told, said);
        }
    }
}
