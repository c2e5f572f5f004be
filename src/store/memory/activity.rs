//! The log of acts beside a store in memory: as long as the program runs, and chained all the same.
//!
//! May use the log's form and the contract in `store`.

use super::Memory;
use crate::store::Error;
use crate::store::activity::{Act, Activity, Check, Entry, Head, Number, Verdict, link};
use crate::store::progress::Progress;

/// Bytes and hash of each entry, and the head.
#[derive(Debug, Default)]
pub(super) struct Chain {
    entries: Vec<(Vec<u8>, Head)>,
    head: Head,
}

impl Activity for Memory {
    fn append(&self, acts: &[Act]) -> Result<Head, Error> {
        let mut chain = self.activity.lock().map_err(|_| Error::Poisoned)?;
        for act in acts {
            let (bytes, head) = link(chain.head, act);
            chain.entries.push((bytes, head));
            chain.head = head;
        }
        Ok(chain.head)
    }

    fn head(&self) -> Result<Head, Error> {
        Ok(self.activity.lock().map_err(|_| Error::Poisoned)?.head)
    }

    fn entries(&self, from: Number, most: usize) -> Result<Vec<Entry>, Error> {
        let chain = self.activity.lock().map_err(|_| Error::Poisoned)?;
        let before = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX);
        let entries = chain.entries.iter().skip(before).take(most);
        Ok(entries.map(|(bytes, head)| Entry::read(head.count, bytes, head.hash.bytes())).collect())
    }

    fn audit(&self, noted: Option<Head>, _progress: &Progress) -> Result<Verdict, Error> {
        let chain = self.activity.lock().map_err(|_| Error::Poisoned)?;
        let mut check = Check::new(noted);
        for (bytes, head) in &chain.entries {
            let number = i64::try_from(head.count).unwrap_or(i64::MAX);
            if let Err(broken) = check.take(number, bytes, head.hash.bytes()) {
                return Ok(Err(broken));
            }
        }
        Ok(check.end(Some(chain.head)))
    }
}
