//! A topic's record of completeness as the archive keeps it.
//!
//! May use `model` and the contract in `store`. Evidence, not a cache: an unreadable one is an error, never forgotten.

use super::code::{Reader, Writer};
use super::moment;
use crate::model::coverage::{Cause, Gap, Proof, Span, Standing, Stretch};
use crate::model::{Coverage, TopicId};
use crate::store::{Record, Seq};

const VERSION: u8 = 2;
/// Without [`Record::before`].
const BEFORE: u8 = 1;

pub fn write(record: &Record) -> Vec<u8> {
    let Record { coverage, anchor, level, most_seen, confirmed, before } = record;
    let mut w = Writer::default();
    w.byte(VERSION);
    w.text(&coverage.topic.broker.to_string());
    w.text(&coverage.topic.node);
    standing(&mut w, coverage.standing);
    w.list(coverage.stretches.iter(), |w, stretch| {
        span(w, stretch.span);
        w.byte(match stretch.proof {
            Proof::Live => 0,
            Proof::Resumed => 1,
            Proof::Swept => 2,
            Proof::Archived => 3,
        });
    });
    w.list(coverage.gaps.iter(), |w, gap| {
        span(w, gap.span);
        w.byte(cause(gap.cause));
    });
    w.number(u64::from(*anchor));
    w.byte(u8::from(*level));
    w.number(*most_seen as u64);
    w.signed(moment::write(confirmed.0));
    w.number(u64::from(confirmed.1));
    w.maybe(*before, |w, before| w.number(u64::from(before)));
    w.0
}

pub fn read(bytes: &[u8]) -> Option<Record> {
    let mut r = Reader(bytes);
    let version = r.byte()?;
    if ![VERSION, BEFORE].contains(&version) {
        return None;
    }
    let topic = TopicId { broker: r.text()?.parse().ok()?, node: r.text()? };
    let standing = read_standing(&mut r)?;
    let stretches = r.list(|r| {
        let span = read_span(r)?;
        let proof = *[Proof::Live, Proof::Resumed, Proof::Swept, Proof::Archived].get(usize::from(r.byte()?))?;
        Some(Stretch { span, proof })
    })?;
    let gaps = r.list(|r| Some(Gap { span: read_span(r)?, cause: read_cause(r)? }))?;
    let coverage = Coverage { topic, standing, stretches: stretches.into(), gaps: gaps.into() };
    let anchor = u32::try_from(r.number()?).ok()?;
    let level = r.byte()? != 0;
    let most_seen = usize::try_from(r.number()?).ok()?;
    let confirmed = (moment::read(r.signed()?), u32::try_from(r.number()?).ok()?);
    let before = if version == BEFORE {
        // Of a look that was not brought to its end nobody kept which rows were here before it.
        matches!(coverage.standing, Standing::Proving { .. }).then_some(0)
    } else {
        r.maybe(|r| u32::try_from(r.number()?).ok())?
    };
    Some(Record { coverage, anchor, level, most_seen, confirmed, before })
}

/// What may still be claimed after rows of these times were lost: nothing of those times, and not that all the broker stores
/// was read. `anew` gives the number that a row's successors have now.
pub fn after_loss(record: Record, lost: &[Span], anew: &dyn Fn(Seq) -> Seq) -> Record {
    let Record { coverage, anchor, level, most_seen, confirmed, before } = record;
    let Coverage { topic, standing, stretches, gaps } = coverage;
    let since = match standing {
        Standing::Live { since }
        | Standing::Proving { since }
        | Standing::Away { since }
        | Standing::Left { at: since }
        | Standing::Lost { since, .. } => since,
    };
    // What was before it was known is nobody's claim.
    let begun = stretches.first().map_or(since, |first| first.span.from.min(since));
    let lost: Vec<Span> = lost
        .iter()
        .filter(|span| span.until >= begun)
        .map(|span| Span::new(span.from.max(begun), span.until))
        .collect();
    let mut gaps: Vec<Gap> = gaps.to_vec();
    gaps.extend(lost.iter().map(|span| Gap { span: *span, cause: Cause::Damaged }));
    gaps.sort_by_key(|gap| gap.span.from);
    let mut stretches: Vec<Stretch> = stretches.to_vec();
    for hole in &lost {
        stretches = stretches.into_iter().flat_map(|stretch| around(stretch, *hole)).flatten().collect();
    }
    let coverage = Coverage { topic, standing, stretches: stretches.into(), gaps: gaps.into() };
    let confirmed = (confirmed.0, anew(confirmed.1));
    let level = level && lost.is_empty();
    Record { coverage, anchor: anew(anchor), level, most_seen, confirmed, before: before.map(anew) }
}

/// What of a stretch is not in the hole.
fn around(stretch: Stretch, hole: Span) -> [Option<Stretch>; 2] {
    let Stretch { span, proof } = stretch;
    if hole.until < span.from || span.until < hole.from {
        return [Some(stretch), None];
    }
    let part = |from, until| (from < until).then(|| Stretch { span: Span::new(from, until), proof });
    [part(span.from, hole.from), part(hole.until, span.until)]
}

fn span(w: &mut Writer, span: Span) {
    w.signed(moment::write(span.from));
    w.signed(moment::write(span.until));
}

fn read_span(r: &mut Reader<'_>) -> Option<Span> {
    Some(Span { from: moment::read(r.signed()?), until: moment::read(r.signed()?) })
}

fn standing(w: &mut Writer, standing: Standing) {
    let (kind, at, why) = match standing {
        Standing::Live { since } => (0, since, None),
        Standing::Proving { since } => (1, since, None),
        Standing::Away { since } => (2, since, None),
        Standing::Left { at } => (3, at, None),
        Standing::Lost { since, cause } => (4, since, Some(cause)),
    };
    w.byte(kind);
    w.signed(moment::write(at));
    if let Some(why) = why {
        w.byte(cause(why));
    }
}

fn read_standing(r: &mut Reader<'_>) -> Option<Standing> {
    let (kind, since) = (r.byte()?, moment::read(r.signed()?));
    Some(match kind {
        0 => Standing::Live { since },
        1 => Standing::Proving { since },
        2 => Standing::Away { since },
        3 => Standing::Left { at: since },
        4 => Standing::Lost { since, cause: read_cause(r)? },
        _ => return None,
    })
}

const CAUSES: [Cause; 9] = [
    Cause::Dropped,
    Cause::Removed,
    Cause::Unstored,
    Cause::Unsubscribed,
    Cause::Remade,
    Cause::Unreadable,
    Cause::Refused,
    Cause::Cut,
    Cause::Damaged,
];

fn cause(cause: Cause) -> u8 {
    let place = CAUSES.iter().position(|known| *known == cause);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
}

fn read_cause(r: &mut Reader<'_>) -> Option<Cause> {
    CAUSES.get(usize::from(r.byte()?)).copied()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 7).unwrap()
    }

    #[test]
    fn a_record_comes_back_as_it_was() {
        let standings = [
            Standing::Live { since: at(1) },
            Standing::Proving { since: at(2) },
            Standing::Away { since: at(3) },
            Standing::Left { at: at(4) },
        ];
        let lost = CAUSES.map(|cause| Standing::Lost { since: at(5), cause });
        for standing in standings.into_iter().chain(lost) {
            let span = Span::new(at(0), at(9));
            let proofs = [Proof::Live, Proof::Resumed, Proof::Swept, Proof::Archived];
            let record = Record {
                coverage: Coverage {
                    topic: TopicId { broker: "broker.grid.example".parse().unwrap(), node: "n".to_owned() },
                    standing,
                    stretches: proofs.map(|proof| Stretch { span, proof }).into(),
                    gaps: CAUSES.map(|cause| Gap { span, cause }).into(),
                },
                anchor: u32::MAX,
                level: true,
                most_seen: 300,
                confirmed: (at(8), 12),
                before: Some(70_000),
            };
            let bytes = write(&record);
            assert_eq!(read(&bytes).as_ref(), Some(&record));
            assert!((0..bytes.len()).all(|cut| read(&bytes[..cut]).is_none()));
            // As it was kept before.
            let old = [&[BEFORE], &bytes[1..bytes.len() - 4]].concat();
            let before = matches!(standing, Standing::Proving { .. }).then_some(0);
            assert_eq!(read(&old), Some(Record { before, ..record }));
        }
    }
}
