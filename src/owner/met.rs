//! When a domain was first met here, as who asks, as a member or as a publisher: one never met before is looked at twice.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{stamp, time};
use crate::store::local::Shelf;
use crate::store::shelf::{body, marked};
use crate::store::{Error, Local};

/// Domains remembered. Who asks from made-up domains must not fill a disk; beyond it none is learned.
pub const MOST: usize = 20_000;

/// Every domain with when it was first met.
///
/// # Errors
/// When the store could not be read.
pub fn all(on: &dyn Local) -> Result<BTreeMap<String, DateTime<Utc>>, Error> {
    let read = |(domain, text): (String, String)| Some((domain, body(&text).ok().and_then(|text| time(text).ok())?));
    Ok(on.kept(Shelf::Domains)?.into_iter().filter_map(read).collect())
}

/// Remembers those that are not known yet.
///
/// # Errors
/// When none of them was kept.
pub fn meet<'d>(on: &dyn Local, domains: impl IntoIterator<Item = &'d str>, now: DateTime<Utc>) -> Result<(), Error> {
    let known: BTreeSet<String> = on.kept(Shelf::Domains)?.into_iter().map(|(domain, _)| domain).collect();
    let new: BTreeSet<&str> = domains.into_iter().filter(|domain| !known.contains(*domain)).collect();
    let room = MOST.saturating_sub(known.len());
    let put: Vec<(String, String)> =
        new.into_iter().take(room).map(|domain| (domain.to_owned(), marked(&stamp(now)))).collect();
    if put.is_empty() { Ok(()) } else { on.keep(Shelf::Domains, &[], &put) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Memory, Store};

    #[test]
    fn the_first_time_stays() {
        let store = Memory::default();
        let on = store.local().unwrap();
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        meet(on, ["blue.example"], at(1)).unwrap();
        meet(on, ["blue.example", "red.example"], at(2)).unwrap();
        let all = all(on).unwrap();
        assert_eq!((all["blue.example"], all["red.example"]), (at(1), at(2)));
    }
}
