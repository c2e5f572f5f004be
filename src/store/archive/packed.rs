//! The columns of the index, kept: a stretch of rows is read as one value where reading each summary takes many times as
//! long. A stretch is made while nobody writes, and goes, by triggers, with any change to one of its rows:
//! what is kept is never older than what it was made from. A change takes a stretch out of use in its place, and a purge
//! overwrites it: a name that is to go is not left on a page that was let go before.
//!
//! May use rusqlite, the archive's own pieces and the columns' stretch.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::code::{Reader, Writer};
use super::fault::Fault;
use super::purge;
use super::read::{self, With};
use crate::model::TopicId;
use crate::store::Seq;
use crate::store::index::incident::Told;
use crate::store::index::packed::{LAYOUT, Packed, STRETCH, Stretch};

/// The triggers of the tables count in these.
const _: () = assert!(STRETCH == 1_024);

/// The stretch that begins with this row; nothing where none is kept.
pub fn at(connection: &Connection, first: Seq) -> Result<Option<Stretch>, Fault> {
    let mut find = connection.prepare("SELECT bytes FROM packed WHERE first = ? AND layout = ?")?;
    let bytes: Option<Vec<u8>> = find.query_row(params![first, LAYOUT], |row| row.get(0)).optional()?;
    Ok(bytes.and_then(|bytes| read(&bytes)))
}

/// The first row of the first stretch from this row on that is whole and not kept; nothing when there is none.
pub fn next(connection: &Connection, from: Seq) -> Result<Option<Seq>, Fault> {
    let rows: Option<Seq> = connection.query_row("SELECT max(seq) FROM items", [], |row| row.get(0))?;
    let end = rows.map_or(0, |last| last.saturating_add(1));
    let mut first = from.next_multiple_of(STRETCH);
    let mut kept = connection.prepare("SELECT layout FROM packed WHERE first = ?")?;
    while first.saturating_add(STRETCH) <= end {
        if kept.query_row([first], |row| row.get(0)).optional()? != Some(LAYOUT) {
            return Ok(Some(first));
        }
        first += STRETCH;
    }
    Ok(None)
}

/// The columns of the stretch that begins with this row; nothing where not all of its rows are there.
pub fn of(connection: &Connection, with: With<'_>, first: Seq) -> Result<Option<Vec<u8>>, Fault> {
    let seqs: Vec<Seq> = (first..first.saturating_add(STRETCH)).collect();
    let rows: Vec<_> = read::rows(connection, with, &seqs)?.into_iter().map(Arc::new).collect();
    Ok((rows.len() == seqs.len()).then(|| write(&Stretch::of(&rows))))
}

/// Keeps the columns of the stretch that begins with this row. What they replace is overwritten: it may name what is purged
/// later.
pub fn keep(connection: &mut Connection, first: Seq, bytes: &[u8]) -> Result<(), Fault> {
    purge::overwriting(connection, |connection| {
        let sql = "INSERT OR REPLACE INTO packed (first, layout, bytes) VALUES (?, ?, ?)";
        let _ = connection.execute(sql, params![first, LAYOUT, bytes])?;
        Ok(())
    })
}

fn write(stretch: &Stretch) -> Vec<u8> {
    let mut bytes = Writer::default();
    bytes.list(stretch.topics.iter(), |bytes, topic| {
        bytes.text(&topic.broker.to_string());
        bytes.text(&topic.node);
    });
    bytes.list(stretch.names.iter(), |bytes, name| bytes.text(name));
    bytes.list(stretch.sources.iter(), |bytes, (topic, publisher, csirt)| {
        [topic, publisher, csirt].into_iter().for_each(|place| bytes.number((*place).into()));
    });
    let mut before = 0;
    bytes.list(stretch.rows.iter().zip(&stretch.told), |bytes, (row, told)| {
        bytes.signed(i64::from(row.at) - i64::from(before));
        before = row.at;
        let (incident, made) = Told::parts(*told);
        // Often none, and else mostly near the row's own.
        let near = |one: u32| (one > 0).then(|| i64::from(one) - i64::from(row.at));
        [row.detected, row.started, made].into_iter().for_each(|one| bytes.maybe(near(one), Writer::signed));
        if made > 0 {
            bytes.number(incident);
        }
        [row.source, row.size].into_iter().for_each(|value| bytes.number(value.into()));
        bytes.word(row.marks);
    });
    bytes.0
}

/// Nothing where it is not a stretch as this version keeps it.
fn read(bytes: &[u8]) -> Option<Stretch> {
    let mut bytes = Reader(bytes);
    let topics = bytes.list(|bytes| Some(TopicId { broker: bytes.text()?.parse().ok()?, node: bytes.text()? }))?;
    let names = bytes.list(Reader::text)?;
    let sources = bytes.list(|bytes| {
        let (topic, publisher, csirt) = (small(bytes)?, small(bytes)?, small(bytes)?);
        let is_sound =
            topics.len() > topic as usize && names.len() >= publisher as usize && names.len() > csirt as usize;
        is_sound.then_some((topic, publisher, csirt))
    })?;
    let mut before = 0;
    let rows = bytes.list(|bytes| {
        let at = beside(bytes, before)?;
        before = at;
        let mut instant = || Some(bytes.maybe(|bytes| beside(bytes, at).filter(|one| *one > 0))?.unwrap_or_default());
        let (detected, started, made) = (instant()?, instant()?, instant()?);
        let told = if made > 0 { Some(Told::from_parts((bytes.number()?, made))?) } else { None };
        let (source, size) = (small(bytes)?, small(bytes)?);
        (sources.len() > source as usize).then_some(())?;
        Some((Packed { source, at, detected, started, size, marks: bytes.word()? }, told))
    })?;
    let is_whole = rows.len() == STRETCH as usize && bytes.0.is_empty();
    let (rows, told) = rows.into_iter().unzip();
    is_whole.then_some(Stretch { topics, names, sources, rows, told })
}

fn small(bytes: &mut Reader<'_>) -> Option<u32> {
    u32::try_from(bytes.number()?).ok()
}

fn beside(bytes: &mut Reader<'_>, near: u32) -> Option<u32> {
    u32::try_from(i64::from(near).checked_add(bytes.signed()?)?).ok()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;
    use crate::model::{ItemId, Kind, Restriction, Severity, Stamp, Summary};
    use crate::store::acts::{Change, Mark};
    use crate::store::archive::Key;
    use crate::store::finder::Wanted;
    use crate::store::index::{Flags, Stop};
    use crate::store::{Archive, Finder, Incoming, ItemKey, Payload, Route, Store};

    const ROWS: Seq = 2 * STRETCH + 300;

    fn at(seconds: u32) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(18_000) + TimeDelta::seconds(seconds.into())
    }

    fn incoming(number: u32, text: &str, received: u32) -> Incoming {
        let broker = "broker.grid.example".parse().unwrap();
        let topic = TopicId { broker, node: format!("topic-{}", number % 5) };
        let mut summary = Summary::of_kind(if number.is_multiple_of(9) { Kind::Iodef1 } else { Kind::Iodef2 });
        summary.csirt = format!("csirt{}.example", number % 7);
        // Some incidents have several documents, of which not all are on one topic, nor come in the order they were made.
        summary.id = if number.is_multiple_of(8) { String::new() } else { format!("2026-{}", number % 700) };
        summary.generated = Stamp::parse(&at(number * 7_919 % 10_007).to_rfc3339());
        summary.severity = [Severity::Unknown, Severity::Low, Severity::High][number as usize % 3];
        summary.restriction = if number.is_multiple_of(4) { Restriction::Amber } else { Restriction::Green };
        summary.strictest = summary.restriction.clone();
        summary.status = number.is_multiple_of(3).then(|| "resolved".to_owned());
        summary.observables_total = number % 40;
        summary.detected = Stamp::parse(&at(number).to_rfc3339()).filter(|_| number.is_multiple_of(2));
        summary.facets = Some(crate::model::Facets::default());
        Incoming {
            key: ItemKey { topic, item: ItemId(number.to_string()) },
            payload: Some(Payload {
                bytes: text.repeat(1 + number as usize % 3).into_bytes().into(),
                scope: Arc::from([]),
            }),
            summary,
            observables: Vec::new(),
            route: Route::Live,
            publisher: (!number.is_multiple_of(6)).then(|| format!("feed{}@grid.example/x", number % 4)),
            received: at(received),
            delayed: None,
            history: false,
        }
    }

    /// What a new session's index says of all rows.
    fn said(archive: &Arc<Archive>) -> Vec<String> {
        let me = Some("feed1@grid.example".parse().unwrap());
        let finder = Finder::new(me, archive.len()).asking(archive.clone());
        let (now, stop) = (at(1_000_000), Stop::default());
        let _ = finder.take(archive.as_ref(), &[], now, &stop).unwrap();
        let on = finder.snapshot();
        let flags = [
            Flags::UNREAD,
            Flags::STARRED,
            Flags::UPDATED,
            Flags::RETRACTED,
            Flags::ABSENT,
            Flags::MINE,
            Flags::DUP,
            Flags::SUPERSEDED,
            Flags::GONE,
            Flags::STALE,
        ];
        let line = |row| format!("{:?} {:?}", on.line(row), flags.map(|flag| on.has(row, flag)));
        let found = |text: &str| {
            let wanted = Wanted { query: text.parse().unwrap(), ..Wanted::default() };
            format!("{text} {:?}", finder.find(&wanted, now, &stop).unwrap().rows)
        };
        let asked = ["size>12", "obs>20", "detected:2019-04-14", "status:resolved", "is:updated", "is:dup", "is:mine"];
        let revision = |row| finder.revision(&archive.row(row).unwrap());
        let revisions = (0..on.len()).map(|row| format!("{:?}", revision(row)));
        let several = (0..on.len()).filter(|row| revision(*row).is_some_and(|own| own.nth > 1)).count();
        assert!(several > 100, "{several}");
        (0..on.len()).map(line).chain(asked.map(found)).chain(revisions).collect()
    }

    fn pack(archive: &Archive) -> usize {
        std::iter::successors(archive.pack(0).unwrap(), |from| archive.pack(*from).unwrap()).count()
    }

    #[test]
    fn an_index_of_kept_columns_is_the_one_of_the_rows() {
        let folder = tempfile::tempdir().unwrap();
        let archive = |name| Arc::new(Archive::make(&folder.path().join(name), &Key::new([7; 32])).unwrap());
        let (packed, plain) = (archive("packed.db"), archive("plain.db"));
        // Rows of the first stretches change in each way that there is, after their columns were kept.
        let steps: [fn(&Archive); 5] = [
            |archive| drop(archive.commit((0..ROWS).map(|number| incoming(number, "<a/>", number)).collect()).unwrap()),
            |archive| {
                let read = Change::Mark { rows: (0..1_300).collect(), mark: Mark::Read, on: true };
                archive.local().unwrap().change(&[read]).unwrap();
            },
            |archive| {
                let again = [3, 1_500].map(|number| incoming(number, "<b/>", 90_000));
                assert_eq!(archive.commit(again.to_vec()).unwrap().added.len(), 2);
            },
            |archive| {
                let keys = [5, 8].map(|number| incoming(number, "", 0).key);
                assert_eq!(archive.retract(&keys, at(95_000)).unwrap().len(), 2);
            },
            |archive| assert_eq!(archive.purge(&[11, 12], at(96_000)).unwrap().len(), 2),
        ];
        for (step, work) in steps.iter().enumerate() {
            [&packed, &plain].into_iter().for_each(|archive| work(archive));
            assert_eq!(said(&packed), said(&plain), "step {step}");
            // What a person did is not in the columns.
            assert!(pack(&packed) > 0 || step == 1, "step {step} kept columns that are not those of its rows");
            assert!(packed.packed(0).unwrap().is_some() && packed.packed(STRETCH).unwrap().is_some());
            assert_eq!(said(&packed), said(&plain), "step {step}, kept");
            assert_eq!(pack(&packed), 0);
        }
        assert!(plain.packed(0).unwrap().is_none());
    }

    #[test]
    fn the_columns_of_a_row_take_no_more_than_40_bytes_whoever_publishes() {
        let row = |number: u32| {
            let mut one = incoming(number, "<a/>", number);
            one.summary.csirt = format!("csirt{}.example", number % 23);
            one.publisher = Some(format!("feed{}@grid.example", number % 89));
            one
        };
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::make(&folder.path().join("a.db"), &Key::new([7; 32])).unwrap();
        let _ = archive.commit((0..STRETCH).map(row).collect()).unwrap();
        let rows = archive.rows(&(0..STRETCH).collect::<Vec<_>>());
        let stretch = Stretch::of(&rows);
        assert!(stretch.sources.len() > 1_000, "nearly each row has its own source");
        let each = write(&stretch).len() as f64 / f64::from(STRETCH);
        assert!(each <= 40.0, "{each:.2} bytes a row");
    }

    #[test]
    fn columns_that_are_not_whole_are_none() {
        let rows = (0..STRETCH).map(|number| Packed {
            source: number % 2,
            at: number,
            detected: 0,
            started: 1,
            size: 9,
            marks: !0,
        });
        let topic = |node: &str| TopicId { broker: "b.example".parse().unwrap(), node: node.to_owned() };
        let told = (0..STRETCH).map(|number| Told::from_parts((number.into(), number))).collect();
        let stretch = Stretch {
            topics: vec![topic("a"), topic("b")],
            names: vec!["c".to_owned(), "p".to_owned()],
            sources: vec![(0, 0, 0), (1, 2, 0)],
            rows: rows.collect(),
            told,
        };
        let bytes = write(&stretch);
        assert_eq!(read(&bytes), Some(stretch));
        // Rows are alike: within them not every byte is a place of its own.
        let is_end = |cut: &usize| *cut < 500 || *cut + 500 > bytes.len();
        for cut in (0..bytes.len()).filter(|cut| is_end(cut) || cut.is_multiple_of(23)) {
            assert_eq!(read(&bytes[..cut]), None);
        }
        let more = [bytes, vec![0]].concat();
        assert_eq!(read(&more), None);
        // Each place there is none of.
        let stretch = read(&more[..more.len() - 1]).unwrap();
        for source in [(2, 2, 0), (1, 3, 0), (1, 2, 2)] {
            assert_eq!(
                read(&write(&Stretch { sources: vec![(0, 0, 0), source], ..stretch.clone() })),
                None,
                "{source:?}"
            );
        }
        assert_eq!(read(&write(&Stretch { sources: vec![(0, 0, 0)], ..stretch })), None);
    }
}
