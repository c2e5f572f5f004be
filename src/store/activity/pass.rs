//! One pass over the log that gives what stands there and holds it against the chain at once, so that nothing is given on that
//! was not looked at, and nothing proven that was not given. Stores read; what to make of it is here.
//!
//! Pure.

use super::{Broken, Check, Entry, Head, Number, Verdict, Why};

/// Takes an entry, its exact bytes, and the first that was not what was written, as far as it is known; gives whether to go on.
pub type Take<'a> = &'a mut dyn FnMut(Entry, &[u8], Option<Broken>) -> bool;

/// See the module.
pub struct Pass<'a> {
    check: Check,
    broken: Option<Broken>,
    take: Take<'a>,
}

impl<'a> Pass<'a> {
    pub fn new(check: Check, take: Take<'a>) -> Self {
        Self { check, broken: None, take }
    }

    /// What stands next, by the number it stands under, and the end that the head tells of; gives whether to go on.
    pub fn see(&mut self, number: i64, bytes: &[u8], hash: &[u8], end: Option<Number>) -> bool {
        let place = u64::try_from(number).unwrap_or_default();
        // No act of this program put it there: it is told, and not given on as one.
        if let Some(end) = end.filter(|end| place > *end) {
            let _ = self.broken.get_or_insert(Broken { number: end + 1, why: Why::Added });
            return false;
        }
        let entry = match self.broken {
            Some(_) => Entry::read(place, bytes, hash),
            None => match self.check.take(number, bytes, hash) {
                Ok(Some(act)) => Entry { number: place, hash: self.check.head().hash, act: Some(act) },
                // It was given when it was proven.
                Ok(None) => return true,
                Err(broken) => {
                    self.broken = Some(broken);
                    Entry::read(place, bytes, hash)
                }
            },
        };
        (self.take)(entry, bytes, self.broken)
    }

    /// What stands next cannot be read.
    pub fn unreadable(mut self) -> Verdict {
        let broken = Broken { number: self.check.next(), why: Why::Unreadable };
        Err(*self.broken.get_or_insert(broken))
    }

    /// There is no more, or no more is wanted; with the head that stands beside.
    pub fn end(self, kept: Option<Head>) -> Verdict {
        match self.broken {
            Some(broken) => Err(broken),
            None => self.check.end(kept),
        }
    }
}
