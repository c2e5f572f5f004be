//! The chain: an entry's hash is SHA-256 of the hash before it and its own bytes; before the first stands the hash of a
//! sentence. Checking goes from the first entry on, or on from a head that was proven, and names the first that is not what
//! was written.
//!
//! It has no key, on purpose. A key for it would be made of the archive's, or stand in the archive: who can write there has it
//! too, and could write all of it anew under the key as well as without. Who has not the archive's key cannot change a byte of
//! it (every page has its code), but can put an older file, or older pages, in the place of newer ones: a key sees nothing
//! wrong with those either. Against both only a head helps that stands elsewhere: in the log file, in exports, in somebody's
//! notebook. Without a key whoever has an export can hold all of it against such a head, by any SHA-256; and a new key for the
//! archive, or a backup under another, leaves the chain as it is.
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
    /// The file is damaged where it stands.
    Unreadable,
}

impl Why {
    /// How files name it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::Cut { .. } => "cut",
            Self::Added => "added",
            Self::Rewritten => "rewritten",
            Self::Headless => "headless",
            Self::Noted => "noted",
            Self::Unreadable => "unreadable",
        }
    }
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
            Why::Unreadable => "activity-broken-unreadable",
        };
        Say::new(key).number("number", number(self.number))
    }
}

fn number(number: Number) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A check under way: entries go in by their place, the verdict comes out at the end.
#[derive(Clone, Debug)]
pub struct Check {
    head: Head,
    /// The entry that was proven last comes once more, to show that it still stands there.
    again: bool,
    /// Heads that were noted down elsewhere and are still ahead; the nearest is the last.
    noted: Vec<Head>,
}

impl Check {
    /// From the first entry on. `noted`: heads that were noted down elsewhere.
    #[must_use]
    pub fn new(noted: &[Head]) -> Self {
        Self::on(Head::default(), noted)
    }

    /// From a head on that was proven before; noted heads before that are not looked at.
    #[must_use]
    pub fn on(proven: Head, noted: &[Head]) -> Self {
        let mut noted: Vec<Head> = noted.iter().copied().filter(|noted| noted.count > proven.count).collect();
        noted.sort_unstable_by_key(|noted| std::cmp::Reverse(noted.count));
        Self { head: proven, again: proven.count > 0, noted }
    }

    /// How far it is proven.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// The number from which on entries must be given.
    #[must_use]
    pub fn from(&self) -> i64 {
        if self.again { i64::try_from(self.head.count).unwrap_or(i64::MAX) } else { i64::MIN }
    }

    /// The number that comes next in a whole log.
    #[must_use]
    pub fn next(&self) -> Number {
        if self.again { self.head.count } else { self.head.count + 1 }
    }

    /// Takes what stands next, by the number it stands under; gives what it says, where that was not proven before.
    ///
    /// # Errors
    /// When it is not what was written.
    pub fn take(&mut self, number: i64, bytes: &[u8], hash: &[u8]) -> Result<Option<Act>, Broken> {
        let wanted = self.next();
        let found = u64::try_from(number).unwrap_or_default();
        if found != wanted {
            let why = if found > wanted { Why::Missing } else { Why::Added };
            return Err(Broken { number: wanted.min(found), why });
        }
        let changed = Broken { number: wanted, why: Why::Changed };
        if std::mem::take(&mut self.again) {
            return if self.head.hash.bytes() == hash { Ok(None) } else { Err(changed) };
        }
        let own = self.head.hash.then(bytes);
        let act = form::read(bytes).filter(|(number, _)| *number == wanted && own.bytes() == hash).map(|(_, act)| act);
        let act = act.ok_or(changed)?;
        self.head = Head { count: wanted, hash: own };
        while let Some(noted) = self.noted.pop_if(|noted| noted.count == wanted) {
            if noted.hash != own {
                return Err(Broken { number: wanted, why: Why::Noted });
            }
        }
        Ok(Some(act))
    }

    /// Nothing comes any more: `kept` is the head that stands beside the entries.
    ///
    /// # Errors
    /// When the end is not where it was.
    pub fn end(self, kept: Option<Head>) -> Result<Head, Broken> {
        let Head { count, hash } = self.head;
        let cut = |said| Broken { number: self.next(), why: Why::Cut { said } };
        if self.again {
            return Err(cut(count));
        }
        match (kept, self.noted.first()) {
            (Some(kept), _) if kept.count > count => Err(cut(kept.count)),
            (_, Some(noted)) => Err(cut(noted.count)),
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
        go(Check::new(noted.as_slice()), rows, kept)
    }

    fn go(mut check: Check, rows: &[(i64, Vec<u8>, Vec<u8>)], kept: Option<Head>) -> Result<Head, Broken> {
        for (number, bytes, hash) in rows {
            let _ = check.take(*number, bytes, hash)?;
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

    #[test]
    fn it_goes_on_from_a_proven_head_and_finds_what_was_done_behind_it() {
        let (rows, head) = plain(9);
        let (_, proven) = plain(6);
        let on = |rows: &[(i64, Vec<u8>, Vec<u8>)]| go(Check::on(proven, &[]), rows, Some(head));
        assert_eq!((Check::on(proven, &[]).from(), Check::new(&[]).from()), (6, i64::MIN));
        assert_eq!(on(&rows[5..]), Ok(head));
        let broken = |number, why| Err(Broken { number, why });
        assert_eq!(on(&rows[6..]), broken(6, Why::Missing));
        assert_eq!(on(&[]), broken(6, Why::Cut { said: 6 }));
        let mut other = rows.clone();
        other[5].2[0] ^= 1;
        assert_eq!(on(&other[5..]), broken(6, Why::Changed));
        let mut other = rows.clone();
        other[7].1[40] ^= 1;
        assert_eq!(on(&other[5..]), broken(8, Why::Changed));
        assert_eq!(on(&rows[5..8]), broken(9, Why::Cut { said: 9 }));
    }

    #[test]
    fn every_head_that_was_noted_must_fit() {
        let (rows, head) = plain(9);
        let noted = |count| plain(count).1;
        let hold = |heads: &[Head]| go(Check::new(heads), &rows, Some(head));
        assert_eq!(hold(&[noted(7), noted(2), noted(7), noted(9)]), Ok(head));
        let other = Head { hash: noted(3).hash, ..noted(5) };
        assert_eq!(hold(&[noted(7), other, noted(5)]), Err(Broken { number: 5, why: Why::Noted }));
        assert_eq!(hold(&[noted(12), noted(3)]), Err(Broken { number: 10, why: Why::Cut { said: 12 } }));
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
