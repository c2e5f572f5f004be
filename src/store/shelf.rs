//! Things with a form of their own on the shelves of a store, as texts.
//!
//! May use `store`'s shelves. Each text says which version of its form it is. One that cannot be read is told of and set aside
//! under a name of its own, where nothing is written over it; one of a later program stays where it is and as it is, and is told
//! of. Calls block on disk: not from the window's own thread.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::local::Shelf;
use super::{Error, Local};
use crate::model::{BareJid, Say, TopicId};
use crate::text;

/// Begins the name of what was set aside.
const ASIDE: char = '!';
/// The version of forms written here, and the line that says so.
const VERSION: u32 = 1;
const MARK: &str = "gridwatch ";

/// Why a text is not what its shelf holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// A later program wrote it.
    #[error("of version {0}")]
    Newer(u32),
    #[error("damaged: {0}")]
    Damaged(String),
}

/// What stands on a shelf, as text.
pub trait Kept: Sized {
    const SHELF: Shelf;

    fn text(&self) -> String;

    /// Reads what [`Kept::text`] wrote.
    ///
    /// # Errors
    /// When it is not that.
    fn read(text: &str) -> Result<Self, Unread>;
}

/// A text that could not be read and stands aside, whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Aside {
    pub shelf: Shelf,
    /// Where it stands now.
    pub name: String,
    pub text: String,
    pub why: String,
}

impl Aside {
    #[must_use]
    pub fn say(&self) -> Say {
        let what = Say::new("error-shelf-damaged").with("what", word(self.shelf));
        what.with("name", text::line(self.name.trim_start_matches(ASIDE))).with("cause", text::line(&self.why))
    }
}

/// That a later program wrote things on a shelf; `None` where it wrote none.
#[must_use]
pub fn say_later(shelf: Shelf, names: &[String]) -> Option<Say> {
    let say = || Say::new("error-shelf-later").with("what", word(shelf)).with("count", names.len().to_string());
    (!names.is_empty()).then(say)
}

impl std::fmt::Debug for Aside {
    /// Its text may be under any restriction.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Aside({:?} {:?}, {} bytes: {})", self.shelf, self.name, self.text.len(), self.why)
    }
}

/// The word of messages for what a shelf holds.
fn word(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::Drafts => "draft",
        Shelf::Cards => "card",
        Shelf::Organisation => "organisation",
        Shelf::Templates => "template",
        Shelf::Numbers => "numbers",
        Shelf::Outbox => "outbox",
        Shelf::Reached => "reached",
        Shelf::Labels => "label",
        Shelf::Rules => "rule",
        Shelf::Grants => "grant",
        Shelf::Decisions => "decision",
        Shelf::Holds => "hold",
        _ => "other",
    }
}

/// A shelf as it was read.
#[derive(Clone, Debug)]
pub struct Read<T> {
    /// By name, in the order of those.
    pub entries: Vec<(String, T)>,
    /// What could not be read, now and before.
    pub aside: Vec<Aside>,
    /// Names of what a later program wrote; it stays as it is.
    pub later: Vec<String>,
}

impl<T: Kept> Read<T> {
    /// What the person is told of it.
    #[must_use]
    pub fn says(&self) -> Vec<Say> {
        self.aside.iter().map(Aside::say).chain(say_later(T::SHELF, &self.later)).collect()
    }
}

/// Reads a shelf, and sets aside what cannot be read.
///
/// # Errors
/// When the store could not be read. That what is damaged could not be set aside is no error: it is told of all the same.
pub fn all<T: Kept>(on: &dyn Local) -> Result<Read<T>, Error> {
    let mut read = Read { entries: Vec::new(), aside: Vec::new(), later: Vec::new() };
    for (name, text) in on.kept(T::SHELF)? {
        let why = match T::read(&text) {
            _ if name.starts_with(ASIDE) => T::read(&text).err().map_or_else(String::new, |why| why.to_string()),
            Ok(entry) => {
                read.entries.push((name, entry));
                continue;
            }
            Err(Unread::Newer(_)) => {
                read.later.push(name);
                continue;
            }
            Err(why) => why.to_string(),
        };
        let name = if name.starts_with(ASIDE) { name } else { set_aside(on, T::SHELF, &name, &text) };
        read.aside.push(Aside { shelf: T::SHELF, name, text, why });
    }
    Ok(read)
}

/// Gives a text another name, under which nothing is written; where it stands then.
fn set_aside(on: &dyn Local, shelf: Shelf, name: &str, text: &str) -> String {
    let taken = on.kept(shelf).unwrap_or_default();
    let free = |aside: &String| !taken.iter().any(|(name, _)| name == aside);
    let mut names = (0_u32..).map(|at| if at == 0 { format!("{ASIDE}{name}") } else { format!("{ASIDE}{name}~{at}") });
    let aside = names.find(free).unwrap_or_default();
    match on.keep(shelf, &[name.to_owned()], &[(aside.clone(), text.to_owned())]) {
        Ok(()) => aside,
        Err(error) => {
            tracing::warn!(%error, "what is damaged could not be set aside");
            name.to_owned()
        }
    }
}

/// Puts an entry on its shelf in the place of what has its name.
///
/// # Errors
/// When what was there is there still, as what a later program wrote always is.
pub fn put<T: Kept>(on: &dyn Local, name: &str, entry: &T) -> Result<(), Error> {
    let there = on.kept(T::SHELF)?;
    let is_later = |text: &str| matches!(T::read(text), Err(Unread::Newer(_)));
    if there.iter().any(|(own, text)| own == name && is_later(text)) {
        return Err(Error::Newer);
    }
    on.keep(T::SHELF, &[], &[(name.to_owned(), entry.text())])
}

/// Takes texts away and puts others there, as one change, but for those whose place has what a later program wrote: that stays.
///
/// # Errors
/// When nothing was changed.
pub fn keep(
    on: &dyn Local,
    shelf: Shelf,
    mut remove: Vec<String>,
    mut put: Vec<(String, String)>,
) -> Result<(), Error> {
    let later = later(on, shelf)?;
    if !later.is_empty() {
        remove.retain(|name| !later.contains(name));
        put.retain(|(name, _)| !later.contains(name));
        tracing::warn!(shelf = word(shelf), "what a later program wrote stays as it is");
    }
    on.keep(shelf, &remove, &put)
}

/// The names of what a later program wrote, by the line of its version.
///
/// # Errors
/// When the store could not be read.
pub fn later(on: &dyn Local, shelf: Shelf) -> Result<Vec<String>, Error> {
    let texts = on.kept(shelf)?.into_iter();
    Ok(texts.filter(|(_, text)| matches!(body(text), Err(Unread::Newer(_)))).map(|(name, _)| name).collect())
}

/// Takes an entry away.
///
/// # Errors
/// When it is there still.
pub fn remove<T: Kept>(on: &dyn Local, name: &str) -> Result<(), Error> {
    on.keep(T::SHELF, &[name.to_owned()], &[])
}

/// A name that nothing on the shelf has, nor had since it was read: the next number.
///
/// # Errors
/// When the store could not be read.
pub fn free(on: &dyn Local, shelf: Shelf) -> Result<String, Error> {
    let number = |(name, _): &(String, String)| {
        let digits = name.trim_start_matches(ASIDE).split('~').next()?;
        digits.parse::<u64>().ok()
    };
    let last = on.kept(shelf)?.iter().filter_map(number).max();
    Ok(format!("{:08}", last.map_or(1, |last| last.saturating_add(1))))
}

/// A shelf with one thing on it; `None` where it was never put there, or cannot be read.
///
/// # Errors
/// When the store could not be read.
pub fn only<T: Kept>(on: &dyn Local) -> Result<(Option<T>, Read<T>), Error> {
    let mut read = all::<T>(on)?;
    let at = read.entries.iter().position(|(name, _)| name.is_empty());
    Ok((at.map(|at| read.entries.swap_remove(at).1), read))
}

/// Puts the one thing there.
///
/// # Errors
/// When what was there is there still, as what a later program wrote always is.
pub fn keep_only<T: Kept>(on: &dyn Local, entry: &T) -> Result<(), Error> {
    put(on, "", entry)
}

/// A value as TOML under the line of its version.
pub fn toml<T: Serialize>(entry: &T) -> String {
    marked(&toml::to_string(entry).unwrap_or_default())
}

/// A text under the line of its version.
#[must_use]
pub fn marked(body: &str) -> String {
    format!("{MARK}{VERSION}\n{body}")
}

/// Reads what [`toml()`] wrote.
///
/// # Errors
/// When it is not that.
pub fn from_toml<T: DeserializeOwned>(text: &str) -> Result<T, Unread> {
    let body = body(text)?;
    toml::from_str(body).map_err(|error| Unread::Damaged(text::one_line(error.message(), text::LINE)))
}

/// What follows the line of the version.
///
/// # Errors
/// When there is none, or of a later program.
pub fn body(text: &str) -> Result<&str, Unread> {
    let damaged = || Unread::Damaged("no version".to_owned());
    let (mark, body) = text.split_once('\n').ok_or_else(damaged)?;
    let version: u32 = mark.strip_prefix(MARK).and_then(|version| version.parse().ok()).ok_or_else(damaged)?;
    match version {
        VERSION => Ok(body),
        newer if newer > VERSION => Err(Unread::Newer(newer)),
        _ => Err(damaged()),
    }
}

/// The name on a shelf of what is about an account on a topic. The account and the broker hold no line break, and the node is
/// the last.
#[must_use]
pub fn place(topic: &TopicId, account: &BareJid) -> String {
    format!("{account}\n{}\n{}", topic.broker, topic.node)
}

/// Reads [`place()`].
#[must_use]
pub fn placed(name: &str) -> Option<(TopicId, BareJid)> {
    let mut parts = name.splitn(3, '\n');
    let (account, broker, node) = (parts.next()?, parts.next()?, parts.next()?);
    let topic = TopicId { broker: broker.parse().ok()?, node: node.to_owned() };
    Some((topic, account.parse().ok()?))
}

/// A time as shelves hold it.
#[must_use]
pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Reads [`stamp()`].
///
/// # Errors
/// When it is none.
pub fn time(text: &str) -> Result<DateTime<Utc>, Unread> {
    let at = DateTime::parse_from_rfc3339(text.trim());
    at.map(|at| at.with_timezone(&Utc)).map_err(|_| Unread::Damaged("no time".to_owned()))
}

/// What is marked with no more than a time: since when, or until when.
///
/// # Errors
/// When the store could not be read. What cannot be read is left out.
pub fn times(on: &dyn Local, shelf: Shelf) -> Result<BTreeMap<(TopicId, BareJid), DateTime<Utc>>, Error> {
    let read =
        |(name, text): (String, String)| Some((placed(&name)?, body(&text).ok().and_then(|text| time(text).ok())?));
    Ok(on.kept(shelf)?.into_iter().filter_map(read).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_whatever_the_topic_is_called() {
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "a\nb c".to_owned() };
        let account: BareJid = "soc@blue.example".parse().unwrap();
        assert_eq!(placed(&place(&topic, &account)), Some((topic, account)));
        assert_eq!(placed("soc@blue.example\nbroker.example"), None);
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(time(&stamp(now)), Ok(now));
    }
}
