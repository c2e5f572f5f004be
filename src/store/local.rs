//! What a person made of what is stored: marks, notes, mute rules, saved views, the constituency. It is kept where the
//! incidents are and sent nowhere; a store that keeps it is a [`Desk`].
//!
//! May use the acts, the views' texts and the contract in `store`. Calls block on disk: not from the window's own thread.

mod plain;

use super::acts::{Change, Desk, Mark, Note, Slot};
use super::index::Bitmap;
use super::views::{Fault, Mute, View, Views};
use super::{Error, Seq};

pub(super) use plain::Plain;

/// What is kept by a name, as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shelf {
    Views,
    Mutes,
    Constituency,
    /// Rules that alert ([`super::alert`]).
    Alerts,
    /// How long what is kept ([`super::retention`]).
    Retention,
    /// Up to where `gridwatch tail` told of the rows.
    Told,
    /// What is being written: drafts, whom they name, what they begin with, how they are numbered, what waits to be sent,
    /// for whom topics are, and who got what was published last (the composer reads them).
    Drafts,
    Cards,
    Organisation,
    Templates,
    Numbers,
    Outbox,
    Labels,
    /// What brokers and controller were like when they were last seen (the engine reads them).
    Grid,
    /// What an owner decided for the time to come, and before: rules, grants with an end, decisions by account, when a
    /// domain was first met, what is on hold, what is left to a person, until when the clock was believed.
    Rules,
    Grants,
    Decisions,
    Domains,
    Holds,
    Spared,
    Clock,
    /// Since when requests wait (the engine reads them).
    Asked,
    Reached,
}

impl Shelf {
    pub const ALL: [Self; 23] = [
        Self::Views,
        Self::Mutes,
        Self::Constituency,
        Self::Alerts,
        Self::Retention,
        Self::Told,
        Self::Drafts,
        Self::Cards,
        Self::Organisation,
        Self::Templates,
        Self::Numbers,
        Self::Outbox,
        Self::Labels,
        Self::Grid,
        Self::Rules,
        Self::Grants,
        Self::Decisions,
        Self::Domains,
        Self::Holds,
        Self::Spared,
        Self::Clock,
        Self::Asked,
        Self::Reached,
    ];

    /// How files name it; never changed.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Views => "view",
            Self::Mutes => "mute",
            Self::Constituency => "constituency",
            Self::Alerts => "alert",
            Self::Retention => "retention",
            Self::Told => "told",
            Self::Drafts => "draft",
            Self::Cards => "card",
            Self::Organisation => "organisation",
            Self::Templates => "template",
            Self::Numbers => "number",
            Self::Outbox => "outbox",
            Self::Labels => "label",
            Self::Grid => "grid",
            Self::Rules => "rule",
            Self::Grants => "grant",
            Self::Decisions => "decision",
            Self::Domains => "domain",
            Self::Holds => "hold",
            Self::Spared => "spared",
            Self::Clock => "clock",
            Self::Asked => "asked",
            Self::Reached => "reached",
        }
    }
}

/// The marks of rows and what is kept beside them. Rows that are not there are passed over.
pub trait Local: Send + Sync {
    /// Whether it is in memory: reading all of it is no wait.
    fn is_near(&self) -> bool {
        false
    }

    /// As [`Desk::marked`].
    ///
    /// # Errors
    /// When the store could not be read.
    fn marked(&self, rows: &Bitmap, mark: &Mark) -> Result<Bitmap, Error>;

    /// As [`Desk::slots`].
    ///
    /// # Errors
    /// When the store could not be read.
    fn slots(&self, rows: &Bitmap, kind: &Slot) -> Result<Vec<(Slot, Bitmap)>, Error>;

    /// Every tag with its rows, in the order of their letters.
    ///
    /// # Errors
    /// When the store could not be read.
    fn tags(&self) -> Result<Vec<(String, Bitmap)>, Error>;

    /// The notes on these rows, in the order of their numbers.
    ///
    /// # Errors
    /// When the store could not be read.
    fn notes(&self, rows: &Bitmap) -> Result<Vec<Note>, Error>;

    /// A number that no note has.
    ///
    /// # Errors
    /// When the store could not be read.
    fn free_note(&self) -> Result<u64, Error>;

    /// As [`Desk::holds`].
    ///
    /// # Errors
    /// When the store could not be read.
    fn holds(&self, change: &Change) -> Result<bool, Error>;

    /// As [`Desk::write`].
    ///
    /// # Errors
    /// When nothing was changed.
    fn change(&self, changes: &[Change]) -> Result<(), Error>;

    /// Texts with their names, in the order of those.
    ///
    /// # Errors
    /// When the store could not be read.
    fn kept(&self, shelf: Shelf) -> Result<Vec<(String, String)>, Error>;

    /// Takes texts away and puts others there, as one change. What is put takes the place of what has its name.
    ///
    /// # Errors
    /// When nothing was changed.
    fn keep(&self, shelf: Shelf, remove: &[String], put: &[(String, String)]) -> Result<(), Error>;
}

impl<T: Local + ?Sized> Desk for &T {
    fn marked(&self, rows: &Bitmap, mark: &Mark) -> Result<Bitmap, Error> {
        Local::marked(*self, rows, mark)
    }

    fn slots(&self, rows: &Bitmap, kind: &Slot) -> Result<Vec<(Slot, Bitmap)>, Error> {
        Local::slots(*self, rows, kind)
    }

    fn holds(&self, change: &Change) -> Result<bool, Error> {
        Local::holds(*self, change)
    }

    fn write(&mut self, changes: &[Change]) -> Result<(), Error> {
        self.change(changes)
    }
}

/// Those of these rows of which a person made something: a star, a tag, a note, a word on what came of it, a snooze. That
/// something was read is not enough.
///
/// # Errors
/// When the store could not be read.
pub fn by_hand(of: &dyn Local, rows: &Bitmap) -> Result<Bitmap, Error> {
    let mut found = of.marked(rows, &Mark::Starred)?;
    of.tags()?.iter().for_each(|(_, tagged)| found.join(tagged));
    of.notes(rows)?.iter().for_each(|note| found.insert(note.row));
    for kind in [Slot::Disposition(None), Slot::Snoozed(None)] {
        of.slots(rows, &kind)?.iter().filter(|(slot, _)| *slot != kind).for_each(|(_, own)| found.join(own));
    }
    found.meet(rows);
    Ok(found)
}

/// The saved views in their order, and why others cannot be read: those stay where they are.
///
/// # Errors
/// When the store could not be read.
pub fn views(of: &dyn Local) -> Result<(Views, Vec<Fault>), Error> {
    let (mut views, mut faults) = (Views::default(), Vec::new());
    for (_, text) in of.kept(Shelf::Views)? {
        if let Err(fault) = View::read(&text).and_then(|view| views.add(view)) {
            faults.push(fault);
        }
    }
    Ok((views, faults))
}

/// Keeps these views instead of those that [`views`] gave.
///
/// # Errors
/// When nothing was changed.
pub fn keep_views(of: &dyn Local, views: &Views) -> Result<(), Error> {
    // What a later program wrote keeps its place.
    let kept = of.kept(Shelf::Views)?;
    let (known, others): (Vec<_>, Vec<_>) = kept.into_iter().partition(|(_, text)| View::read(text).is_ok());
    let known: Vec<String> = known.into_iter().map(|(place, _)| place).collect();
    // And its place among the others: those keep theirs, new ones come behind all.
    let last = known.iter().chain(others.iter().map(|(place, _)| place)).filter_map(|place| place.parse::<u32>().ok());
    let next = last.max().map_or(0, |last| last.saturating_add(1));
    let mut free = known.iter().cloned().chain((next..).map(|place| format!("{place:06}")));
    let put: Vec<_> = views.all().iter().filter_map(|view| Some((free.next()?, view.text()))).collect();
    of.keep(Shelf::Views, &known, &put)
}

/// The mute rules that can be read, those that are over too.
///
/// # Errors
/// When the store could not be read.
pub fn mutes(of: &dyn Local) -> Result<Vec<Mute>, Error> {
    let texts = of.kept(Shelf::Mutes)?;
    Ok(texts.iter().filter_map(|(text, _)| Mute::read(text).ok()).collect())
}

/// Whether what is kept so is the number of a row.
pub(super) fn is_place(shelf: &str, name: &str) -> bool {
    name.is_empty() && [Shelf::Alerts, Shelf::Told].iter().any(|own| own.word() == shelf)
}

/// The first row that `gridwatch tail` did not tell of; none where it never ran.
///
/// # Errors
/// When the store could not be read.
pub fn told(of: &dyn Local) -> Result<Option<Seq>, Error> {
    Ok(of.kept(Shelf::Told)?.first().and_then(|(_, text)| text.parse().ok()))
}

/// Keeps what [`told`] gives.
///
/// # Errors
/// When what was there before is there still.
pub fn keep_told(of: &dyn Local, next: Seq) -> Result<(), Error> {
    of.keep(Shelf::Told, &[], &[(String::new(), next.to_string())])
}

/// The constituency as its person wrote it; empty where there is none.
///
/// # Errors
/// When the store could not be read.
pub fn constituency(of: &dyn Local) -> Result<String, Error> {
    Ok(of.kept(Shelf::Constituency)?.into_iter().next().map(|(_, text)| text).unwrap_or_default())
}

/// Keeps the constituency.
///
/// # Errors
/// When what was there before is there still.
pub fn keep_constituency(of: &dyn Local, text: &str) -> Result<(), Error> {
    of.keep(Shelf::Constituency, &[], &[(String::new(), text.to_owned())])
}
