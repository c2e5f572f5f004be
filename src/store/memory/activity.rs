//! The log of acts beside a store in memory: as long as the program runs, and chained all the same.
//!
//! May use the log's form and the contract in `store`.

use super::Memory;
use crate::store::Error;
use crate::store::activity::{Act, Activity, Check, Entry, Head, Number, Pass, Take, Verdict, link};
use crate::store::progress::Progress;

/// Entries between two questions whether to go on.
const STEP: u64 = 1_024;

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

    fn pass(&self, check: Check, take: Take<'_>, progress: &Progress) -> Result<Verdict, Error> {
        let (from, mut pass) = (usize::try_from(check.from().max(1)).unwrap_or(usize::MAX), Pass::new(check, take));
        let chain = self.activity.lock().map_err(|_| Error::Poisoned)?;
        let all = chain.head.count;
        for (bytes, head) in chain.entries.iter().skip(from - 1) {
            let number = i64::try_from(head.count).unwrap_or(i64::MAX);
            if !pass.see(number, bytes, head.hash.bytes(), Some(all)) {
                break;
            }
            if head.count % STEP == 0 && !progress.at(head.count, all) {
                return Err(Error::Disk { cause: "stopped".to_owned() });
            }
        }
        Ok(pass.end(Some(chain.head)))
    }
}
