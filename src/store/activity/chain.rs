//! The chain: an entry's hash is SHA-256 of the hash before it and its own bytes; before the first stands the hash of a
//! sentence. Checking goes from the first entry on and names the first that is not what was written.
//!
//! Pure. May use the entries' form.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::{Act, Number, form};
use crate::model::Say;
use crate::text;

/// What stands before the first entry is the hash of this.
const BEFORE_ALL: &[u8] = b"gridwatch activity 1";

/// A SHA-256 hash of the chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// No entry's.
    pub const NONE: Self = Self([0; 32]);

    /// What the first entry follows.
    #[must_use]
    pub fn before_all() -> Self {
        Self(Sha256::digest(BEFORE_ALL).into())
    }

    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn then(self, bytes: &[u8]) -> Self {
        Self(Sha256::new().chain_update(self.0).chain_update(bytes).finalize().into())
    }
}

/// 64 digits.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::hex(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How many entries there are, and the hash of the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub count: Number,
    pub hash: Hash,
}

impl Default for Head {
    /// Of an empty log.
    fn default() -> Self {
        Self { count: 0, hash: Hash::before_all() }
    }
}

/// `4812:9f86…`, to be noted down.
impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.count, self.hash)
    }
}

/// The text is no head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("COUNT:HASH, as `gridwatch log verify` prints it")]
pub struct NoHead;

impl FromStr for Head {
    type Err = NoHead;

    fn from_str(text: &str) -> Result<Self, NoHead> {
        let (count, hash) = text.trim().split_once(':').ok_or(NoHead)?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let pair = |at: usize| hash.get(2 * at..2 * at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let bytes = (0..32).map(pair).collect::<Option<Vec<u8>>>().filter(|_| is_hash).ok_or(NoHead)?;
        let hash = Hash::of_bytes(&bytes).ok_or(NoHead)?;
        Ok(Self { count: count.parse().map_err(|_| NoHead)?, hash })
    }
}

/// The next entry: its bytes, and the head with it.
#[must_use]
pub fn link(head: Head, act: &Act) -> (Vec<u8>, Head) {
    let count = head.count + 1;
    let bytes = form::write(count, &act.bounded());
    let hash = head.hash.then(&bytes);
    (bytes, Head { count, hash })
}

/// The first entry that is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    pub number: Number,
    pub why: Why,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is not there, and others after it are.
    Missing,
    /// It, its place or the one before it was changed.
    Changed,
    /// The log ends before it; its head says that so many were here.
    Cut { said: Number },
    /// It stands behind what the head says is the end.
    Added,
    /// The chain up to it holds in itself and leads to another head: it was written anew, from an entry nobody can tell on.
    Rewritten,
    /// The head is not there.
    Headless,
    /// It is not the entry that stood there when a head was noted down.
    Noted,
}

impl Broken {
    #[must_use]
    pub fn say(&self) -> Say {
        let key = match self.why {
            Why::Missing => "activity-broken-missing",
            Why::Changed => "activity-broken-changed",
            Why::Cut { said } => {
                let say = Say::new("activity-broken-cut").number("number", number(self.number));
                return say.number("said", number(said));
            }
            Why::Added => "activity-broken-added",
            Why::Rewritten => "activity-broken-rewritten",
            Why::Headless => "activity-broken-headless",
            Why::Noted => "activity-broken-noted",
        };
        Say::new(key).number("number", number(self.number))
    }
}

fn number(number: Number) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A check under way: entries go in by their place, the verdict comes out at the end.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    head: Head,
    noted: Option<Head>,
}

impl Check {
    /// `noted`: a head that was noted down elsewhere.
    #[must_use]
    pub fn new(noted: Option<Head>) -> Self {
        Self { head: Head::default(), noted }
    }

    /// Takes what stands next, by the number it stands under.
    ///
    /// # Errors
    /// When it is not what was written.
    pub fn take(&mut self, number: i64, bytes: &[u8], hash: &[u8]) -> Result<(), Broken> {
        let wanted = self.head.count + 1;
        let found = u64::try_from(number).unwrap_or_default();
        if found != wanted {
            let why = if found > wanted { Why::Missing } else { Why::Added };
            return Err(Broken { number: wanted.min(found), why });
        }
        let own = self.head.hash.then(bytes);
        let is_entry = form::read(bytes).is_some_and(|(number, _)| number == wanted);
        if !is_entry || own.bytes() != hash {
            return Err(Broken { number: wanted, why: Why::Changed });
        }
        self.head = Head { count: wanted, hash: own };
        if self.noted.is_some_and(|noted| noted.count == wanted && noted.hash != own) {
            return Err(Broken { number: wanted, why: Why::Noted });
        }
        Ok(())
    }

    /// Nothing comes after; `kept` is the head that is kept beside the entries.
    ///
    /// # Errors
    /// When the end is not where it was.
    pub fn end(self, kept: Option<Head>) -> Result<Head, Broken> {
        let Head { count, hash } = self.head;
        let cut = |said| Broken { number: count + 1, why: Why::Cut { said } };
        match (kept, self.noted) {
            (Some(kept), _) if kept.count > count => Err(cut(kept.count)),
            (_, Some(noted)) if noted.count > count => Err(cut(noted.count)),
            (Some(kept), _) if kept.count < count => Err(Broken { number: kept.count + 1, why: Why::Added }),
            (Some(kept), _) if kept.hash != hash => Err(Broken { number: count, why: Why::Rewritten }),
            (None, _) if count > 0 => Err(Broken { number: count, why: Why::Headless }),
            _ => Ok(self.head),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::super::form::tests::any;
    use super::super::{By, How, Kind};
    use super::*;

    type Rows = Vec<(i64, Vec<u8>, Vec<u8>)>;

    fn log(acts: &[Act]) -> (Rows, Head) {
        let (mut head, mut rows) = (Head::default(), Vec::new());
        for act in acts {
            let (bytes, next) = link(head, act);
            rows.push((i64::try_from(next.count).unwrap(), bytes, next.hash.bytes().to_vec()));
            head = next;
        }
        (rows, head)
    }

    fn check(rows: &Rows, kept: Option<Head>, noted: Option<Head>) -> Result<Head, Broken> {
        let mut check = Check::new(noted);
        for (number, bytes, hash) in rows {
            check.take(*number, bytes, hash)?;
        }
        check.end(kept)
    }

    fn plain(count: usize) -> (Rows, Head) {
        let act = |second: usize| {
            let at = DateTime::from_timestamp(i64::try_from(second).unwrap(), 0).unwrap();
            Act::new(at, "me@grid.example", By::Person, Kind::Publish, How::Done)
        };
        log(&(0..count).map(act).collect::<Vec<_>>())
    }

    #[test]
    fn a_whole_log_is_whole_and_its_head_can_be_noted_down() {
        let (rows, head) = plain(5);
        assert_eq!(check(&rows, Some(head), None), Ok(head));
        assert_eq!(check(&Rows::new(), None, None), Ok(Head::default()));
        let (_, noted) = plain(3);
        assert_eq!(check(&rows, Some(head), Some(noted)), Ok(head), "what was noted earlier holds");
        assert_eq!(head.to_string().parse(), Ok(head));
        for text in
            ["", "5", "5:", "5:xyz", ":00", &format!("x:{}", head.hash), &format!("5:+{}", &head.hash.to_string()[1..])]
        {
            assert_eq!(text.parse::<Head>(), Err(NoHead), "{text}");
        }
    }

    #[test]
    fn the_first_bad_entry_is_named() {
        let (rows, head) = plain(9);
        let bad = |rows: &Rows, kept| check(rows, kept, None).unwrap_err();
        let broken = |number, why| Broken { number, why };
        let mut gone = rows.clone();
        let _ = gone.remove(3);
        assert_eq!(bad(&gone, Some(head)), broken(4, Why::Missing));
        // The gap closed.
        gone.iter_mut().skip(3).for_each(|row| row.0 -= 1);
        assert_eq!(bad(&gone, Some(head)), broken(4, Why::Changed));
        let mut swapped = rows.clone();
        let (one, other) = (swapped[2].clone(), swapped[6].clone());
        (swapped[2].1, swapped[2].2) = (other.1, other.2);
        (swapped[6].1, swapped[6].2) = (one.1, one.2);
        assert_eq!(bad(&swapped, Some(head)), broken(3, Why::Changed));
        assert_eq!(bad(&rows[..7].to_vec(), Some(head)), broken(8, Why::Cut { said: 9 }));
        let (_, shorter) = plain(7);
        assert_eq!(bad(&rows, Some(shorter)), broken(8, Why::Added));
        assert_eq!(bad(&rows, None), broken(9, Why::Headless));
        let mut before = rows.clone();
        before.insert(0, (0, rows[0].1.clone(), rows[0].2.clone()));
        assert_eq!(bad(&before, Some(head)), broken(0, Why::Added));
        before[0].0 = -4;
        assert_eq!(bad(&before, Some(head)), broken(0, Why::Added));
    }

    #[test]
    fn one_that_was_written_anew_leads_to_another_head_and_a_noted_one_says_where() {
        let (_, head) = plain(9);
        let act = Act::new(DateTime::UNIX_EPOCH, "other@grid.example", By::Person, Kind::Publish, How::Done);
        let (anew, other) = log(&vec![act; 9]);
        assert_eq!(check(&anew, Some(head), None), Err(Broken { number: 9, why: Why::Rewritten }));
        // With the head beside it written anew too only what was noted elsewhere tells.
        assert_eq!(check(&anew, Some(other), None), Ok(other));
        let (_, noted) = plain(4);
        assert_eq!(check(&anew, Some(other), Some(noted)), Err(Broken { number: 4, why: Why::Noted }));
        assert_eq!(check(&Rows::new(), None, Some(noted)), Err(Broken { number: 1, why: Why::Cut { said: 4 } }));
    }

    proptest! {
        #[test]
        fn no_byte_of_any_entry_can_be_another(acts in proptest::collection::vec(any(), 1..6), at: (usize, usize, bool), flip in 1_u8..) {
            let (mut rows, head) = log(&acts);
            prop_assert_eq!(check(&rows, Some(head), None), Ok(head));
            let row = at.0 % rows.len();
            let part = if at.2 { &mut rows[row].1 } else { &mut rows[row].2 };
            let place = at.1 % part.len();
            part[place] ^= flip;
            prop_assert_eq!(check(&rows, Some(head), None).unwrap_err().number, row as u64 + 1);
        }
    }
}
