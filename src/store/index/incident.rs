//! Which documents tell of one incident: those of one topic that name the same CSIRT and the same `IncidentID` (RFC 7970
//! §3.4), each perhaps an item of its own, in the order in which they say they were made.
//!
//! Of one topic, because its owner decided who publishes there: on another topic anybody may name a CSIRT that is not theirs,
//! and a copy for another audience is no revision. Who sent it is not asked: colleagues carry on each other's incidents, and
//! a broker need not say it.
//!
//! An incident is 46 bits of a hash, so that a million rows are 13 MB: of a million incidents two are taken for one with a
//! chance of one in a hundred and forty. Pure; may use `model`.

use sha2::{Digest, Sha256};

use super::columns::second;
use crate::model::Kind;
use crate::store::{Row, Seq};

/// A document's incident, and when it says it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    incident: u64,
    made: u32,
}

/// Bits of an incident: those of the piece it is in, and those kept with each of its documents.
const BITS: u32 = 46;
const KEPT: u32 = 32;
const PIECES: usize = 1 << (BITS - KEPT);
/// Documents of one incident that are compared; nobody publishes as many, and a flood of them is not to cost more.
const MOST: usize = 4_096;

impl Told {
    /// Nothing where the document names no CSIRT or no number: a number that nobody gave names nothing.
    #[must_use]
    pub fn of(row: &Row) -> Option<Self> {
        let summary = &row.summary;
        if summary.csirt.is_empty() || summary.id.is_empty() || summary.kind == Kind::Gone {
            return None;
        }
        let topic = &row.key.topic;
        let mut hash = Sha256::new();
        for part in [topic.broker.to_string().as_str(), &topic.node, &summary.csirt, &summary.id] {
            hash.update(part);
            hash.update("\u{1f}");
        }
        let bytes = hash.finalize();
        let number = bytes.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let made = summary.generated.as_ref().map_or(row.at, |stamp| stamp.at);
        Some(Self { incident: number >> (u64::BITS - BITS), made: second(made) })
    }

    /// As it is kept: nothing is two zeros, as no document was made at zero.
    #[must_use]
    pub fn parts(own: Option<Self>) -> (u64, u32) {
        own.map_or((0, 0), |own| (own.incident, own.made))
    }

    #[must_use]
    pub fn from_parts((incident, made): (u64, u32)) -> Option<Self> {
        (made > 0 && incident >> BITS == 0).then_some(Self { incident, made })
    }

    fn place(self) -> (usize, u32) {
        (
            usize::try_from(self.incident >> KEPT).unwrap_or_default(),
            u32::try_from(self.incident & u64::from(u32::MAX)).unwrap_or_default(),
        )
    }
}

/// A document: its incident's lower bits, when it was made, its row. In that order, the later stored of two of one time is
/// the later one.
type Document = [u32; 3];

/// All documents that name an incident. See the module.
#[derive(Debug, Default)]
pub struct Incidents {
    pieces: Vec<Vec<Document>>,
}

/// What it means that one more document is here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// Rows of the same incident made before it, and after it.
    pub before: Vec<Seq>,
    pub after: Vec<Seq>,
}

/// A document's place among those of its incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1 on.
    pub nth: u32,
    pub of: u32,
    /// The row of the one before it.
    pub before: Option<Seq>,
}

fn rows(documents: &[Document]) -> Vec<Seq> {
    documents.iter().map(|[.., row]| *row).collect()
}

impl Incidents {
    /// So many documents will come: room for them is made at once, where nothing is here yet.
    pub fn expect(&mut self, many: Seq) {
        if self.pieces.is_empty() {
            self.pieces.resize_with(PIECES, || Vec::with_capacity(many as usize / PIECES));
        }
    }

    /// Takes in what a row tells. Nothing where it is here already, or where there are too many of its incident.
    pub fn add(&mut self, told: Told, row: Seq) -> Option<Joined> {
        let (piece, incident) = told.place();
        self.expect(0);
        let piece = self.pieces.get_mut(piece)?;
        let document = [incident, told.made, row];
        let at = piece.binary_search(&document).err()?;
        let is_own = |at: Option<usize>| at.and_then(|at| piece.get(at)).is_some_and(|[own, ..]| *own == incident);
        // Most documents are the only ones of their incident: their neighbours tell.
        let joined = if is_own(at.checked_sub(1)) || is_own(Some(at)) {
            let (from, to) = bounds(piece, incident);
            if to - from >= MOST {
                return None;
            }
            Joined { before: rows(piece.get(from..at)?), after: rows(piece.get(at..to)?) }
        } else {
            Joined::default()
        };
        // Pieces grow evenly: doubled, half of all would be empty.
        if piece.len() == piece.capacity() {
            piece.reserve_exact(piece.len() / 16 + 1);
        }
        piece.insert(at, document);
        Some(joined)
    }

    /// Its place where it is one of several.
    #[must_use]
    pub fn place(&self, told: Told, row: Seq) -> Option<Place> {
        let (piece, incident) = told.place();
        let piece = self.pieces.get(piece)?;
        let (from, to) = bounds(piece, incident);
        let all = piece.get(from..to).filter(|all| all.len() > 1)?;
        let at = all.binary_search(&[incident, told.made, row]).ok()?;
        let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
        let before = at.checked_sub(1).and_then(|before| all.get(before)).map(|[.., row]| *row);
        Some(Place { nth: count(at + 1), of: count(all.len()), before })
    }

    /// Takes out what these rows told, of one in so many pieces as [`Incidents::parts`]; gives the rows that are the newest of
    /// their incident by that.
    pub fn remove(&mut self, part: usize, is_gone: impl Fn(Seq) -> bool) -> Vec<Seq> {
        let mut newest = Vec::new();
        for piece in self.pieces.iter_mut().skip(part * PART).take(PART) {
            let mut gone: Vec<u32> =
                piece.iter().filter(|[.., row]| is_gone(*row)).map(|[incident, ..]| *incident).collect();
            if gone.is_empty() {
                continue;
            }
            piece.retain(|[.., row]| !is_gone(*row));
            gone.dedup();
            for incident in gone {
                let (from, to) = bounds(piece, incident);
                newest.extend(piece.get(from..to).and_then(<[_]>::last).map(|[.., row]| *row));
            }
        }
        newest
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let documents: usize = self.pieces.iter().map(Vec::capacity).sum();
        documents * size_of::<Document>() + self.pieces.capacity() * size_of::<Vec<Document>>()
    }

    /// Into how many parts [`Incidents::remove`] is divided, so that nobody waits for all of it.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.pieces.len().div_ceil(PART)
    }
}

/// Pieces gone through at once.
const PART: usize = PIECES / 32;

/// Where the documents of an incident begin and end.
fn bounds(piece: &[Document], incident: u32) -> (usize, usize) {
    let from = piece.partition_point(|[own, ..]| *own < incident);
    let rest = piece.get(from..).unwrap_or_default();
    (from, from + rest.partition_point(|[own, ..]| *own == incident))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(incident: u64, made: u32) -> Told {
        Told { incident, made }
    }

    #[test]
    fn documents_of_an_incident_stand_in_the_order_they_were_made() {
        let mut all = Incidents::default();
        let other = told(7 << KEPT | 9, 1);
        let one = |made| told(7 << KEPT | 8, made);
        assert_eq!(all.add(one(50), 0), Some(Joined::default()));
        assert_eq!(all.place(one(50), 0), None, "there is no other");
        assert_eq!(all.add(other, 1), Some(Joined::default()));
        assert_eq!(
            all.add(one(50), 2),
            Some(Joined { before: vec![0], after: vec![] }),
            "the later stored is the later one"
        );
        assert_eq!(all.add(one(40), 3), Some(Joined { before: vec![], after: vec![0, 2] }));
        assert_eq!(all.add(one(40), 3), None, "it is here");
        assert_eq!(all.place(one(50), 0), Some(Place { nth: 2, of: 3, before: Some(3) }));
        assert_eq!(all.place(one(40), 3), Some(Place { nth: 1, of: 3, before: None }));
        assert_eq!(all.place(other, 1), None);
        // The last is taken away: the one before it is the newest.
        let newest: Vec<Seq> = (0..all.parts()).flat_map(|part| all.remove(part, |row| row == 2)).collect();
        assert_eq!(newest, [0]);
        assert_eq!(all.place(one(50), 0), Some(Place { nth: 2, of: 2, before: Some(3) }));
    }

    #[test]
    fn a_document_takes_no_more_than_14_bytes() {
        let many = 300_000;
        let mix = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - BITS);
        for expected in [0, many] {
            let mut all = Incidents::default();
            all.expect(expected);
            for row in 0..many {
                assert_eq!(all.add(told(mix(row.into()), 1 + row % 100), row), Some(Joined::default()));
            }
            let each = all.bytes() as f64 / f64::from(many);
            assert!(each <= 14.0, "{each:.2} bytes a document, {expected} expected");
        }
    }

    #[test]
    fn a_flood_under_one_number_costs_no_more_than_some() {
        let mut all = Incidents::default();
        let taken = (0..2 * MOST as u32).filter(|row| all.add(told(1, 90_000 - row), *row).is_some()).count();
        assert_eq!(taken, MOST);
        assert_eq!(all.place(told(1, 90_000), 0).map(|place| (place.nth, place.of)), Some((4_096, 4_096)));
    }

    #[test]
    fn what_is_kept_comes_back_or_is_nothing() {
        for own in [None, Some(told(0, 1)), Some(told((1 << BITS) - 1, u32::MAX))] {
            assert_eq!(Told::from_parts(Told::parts(own)), own);
        }
        assert_eq!(Told::from_parts((1 << BITS, 1)), None);
    }
}
