//! Drafts on their shelf: each with when it was changed last, and whether it was discarded; what was discarded can be brought
//! back for a week.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::{Kept, Unread};
use crate::compose::Draft;
use crate::compose::draft::Damaged;
use crate::model::Say;
use crate::store::local::Shelf;
use crate::store::{Error, Local};

/// How long a discarded draft can be brought back.
pub const DISCARDED: TimeDelta = TimeDelta::days(7);
const MARK: &str = "gridwatch-desk 1 ";

/// A draft as it is kept.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub draft: Draft,
    pub changed: DateTime<Utc>,
    pub discarded: Option<DateTime<Utc>>,
}

impl From<Damaged> for Unread {
    fn from(why: Damaged) -> Self {
        match why {
            Damaged::Newer(version) => Self::Newer(version),
            why => Self::Damaged(why.to_string()),
        }
    }
}

impl Kept for Sheet {
    const SHELF: Shelf = Shelf::Drafts;

    fn text(&self) -> String {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let discarded = self.discarded.map_or_else(|| "-".to_owned(), time);
        format!("{MARK}{} {discarded}\n{}", time(self.changed), self.draft.to_text())
    }

    fn read(text: &str) -> Result<Self, Unread> {
        let damaged = || Unread::Damaged("no draft".to_owned());
        let (line, rest) = text.split_once('\n').ok_or_else(damaged)?;
        if let Some(version) = line.strip_prefix("gridwatch-desk ").and_then(|rest| rest.split(' ').next()) {
            match version.parse() {
                Ok(newer) if newer > 1_u32 => return Err(Unread::Newer(newer)),
                _ => {}
            }
        }
        let (changed, discarded) = line.strip_prefix(MARK).and_then(|rest| rest.split_once(' ')).ok_or_else(damaged)?;
        let time = |text: &str| text.parse::<DateTime<Utc>>().map_err(|_| damaged());
        let discarded = if discarded == "-" { None } else { Some(time(discarded)?) };
        let draft = Draft::from_text(rest)?;
        Ok(Self { draft, changed: time(changed)?, discarded })
    }
}

/// The drafts of a store.
#[derive(Clone, Debug)]
pub struct Drafts {
    /// Under work, by name.
    pub open: Vec<(String, Sheet)>,
    /// Discarded, and to be brought back.
    pub discarded: Vec<(String, Sheet)>,
    /// What is told of those that are not shown.
    pub told: Vec<Say>,
}

impl Drafts {
    /// Reads all drafts, and takes away those that were discarded long ago.
    ///
    /// # Errors
    /// When the store could not be read.
    pub fn read(on: &dyn Local, now: DateTime<Utc>) -> Result<Self, Error> {
        let read = super::all::<Sheet>(on)?;
        let mut drafts = Self { open: Vec::new(), discarded: Vec::new(), told: read.says() };
        let mut gone = Vec::new();
        for (name, sheet) in read.entries {
            match sheet.discarded {
                None => drafts.open.push((name, sheet)),
                Some(at) if now - at < DISCARDED => drafts.discarded.push((name, sheet)),
                Some(_) => gone.push(name),
            }
        }
        if !gone.is_empty() {
            on.keep(Shelf::Drafts, &gone, &[])?;
        }
        Ok(drafts)
    }

    /// Keeps drafts as they are, as one change of the store. Each was read from there or has a name that no other had.
    ///
    /// # Errors
    /// When nothing was kept.
    pub fn keep(on: &dyn Local, sheets: &[(String, Sheet)]) -> Result<(), Error> {
        let texts: Vec<(String, String)> = sheets.iter().map(|(name, sheet)| (name.clone(), sheet.text())).collect();
        on.keep(Shelf::Drafts, &[], &texts)
    }

    /// Discards a draft; the same call with `at` none brings it back.
    ///
    /// # Errors
    /// When it is as it was.
    pub fn discard(on: &dyn Local, name: &str, sheet: &Sheet, at: Option<DateTime<Utc>>) -> Result<Sheet, Error> {
        let sheet = Sheet { discarded: at, ..sheet.clone() };
        Self::keep(on, &[(name.to_owned(), sheet.clone())])?;
        Ok(sheet)
    }
}
