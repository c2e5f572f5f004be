//! Connections for readers, beside the writer: each look has one of its own and sees whole transactions only. And what follows
//! where a page is not what was written: SQLCipher gives noughts for that page, and for each that the same connection reads
//! after it. So who met one is not lent again, and what it saw does not count.
//!
//! May use rusqlite and the archive's own pieces.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::doubt::Doubt;
use super::fault::Fault;
use super::key::Key;
use super::schema::{self, Use};
use crate::store::Seq;

/// Connections that are kept open; more are made when more read at once, and closed again.
const KEPT: usize = 4;
const KEPT_THROUGH: usize = 2;

/// Connections for readers.
#[derive(Debug)]
pub struct Pool {
    path: PathBuf,
    key: Key,
    doubt: Doubt,
    idle: Mutex<Vec<Connection>>,
    through: Mutex<Vec<Connection>>,
}

/// Rows that can be looked at in parts.
pub trait Rows: Sized + Clone {
    /// The two halves of more than one.
    fn halves(&self) -> Option<(Self, Self)>;
    /// The first; nothing where there is none.
    fn first(&self) -> Option<Seq>;
}

impl Rows for &[Seq] {
    fn halves(&self) -> Option<(Self, Self)> {
        (self.len() > 1).then(|| self.split_at(self.len() / 2))
    }

    fn first(&self) -> Option<Seq> {
        <[Seq]>::first(self).copied()
    }
}

impl Rows for Range<Seq> {
    fn halves(&self) -> Option<(Self, Self)> {
        let middle = self.start + self.end.saturating_sub(self.start) / 2;
        (middle > self.start).then_some((self.start..middle, middle..self.end))
    }

    fn first(&self) -> Option<Seq> {
        (!self.is_empty()).then_some(self.start)
    }
}

/// What was seen of many rows.
#[derive(Debug)]
pub struct Seen<T> {
    /// In the order that was asked.
    pub found: Vec<T>,
    /// Those that cannot be read, and why.
    pub harmed: Vec<(Seq, String)>,
}

impl Pool {
    pub fn new(path: PathBuf, key: Key, doubt: Doubt) -> Self {
        Self { path, key, doubt, idle: Mutex::default(), through: Mutex::default() }
    }

    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Lends a connection for one look.
    pub fn with<T>(&self, look: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        self.lend(Use::Read, look)?
    }

    /// Lends one for a look through many rows, which meets no page twice: its cache is small, and what others look up stays in
    /// theirs.
    pub fn through<T>(&self, look: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        self.lend(Use::Through, look)?
    }

    /// Looks at all of these rows, so that one which is damaged hides no other: where a part of them cannot be read its halves
    /// are looked at, by other connections, until what cannot be read is alone. So of some rows `look` may be asked again.
    pub fn each<R: Rows, T>(
        &self,
        purpose: Use,
        rows: R,
        mut look: impl FnMut(&Connection, R) -> Result<Vec<T>, Fault>,
    ) -> Result<Seen<T>, Fault> {
        let mut seen = Seen { found: Vec::new(), harmed: Vec::new() };
        let mut left = vec![rows];
        while let Some(part) = left.pop() {
            let Some(first) = part.first() else { continue };
            match self.lend(purpose, |connection| look(connection, part.clone()))? {
                Ok(found) if seen.found.is_empty() => seen.found = found,
                Ok(found) => seen.found.extend(found),
                Err(Fault::Damaged(cause)) => match part.halves() {
                    Some((half, other)) => left.extend([other, half]),
                    None => seen.harmed.push((first, cause)),
                },
                Err(fault) => return Err(fault),
            }
        }
        Ok(seen)
    }

    /// How the look went, where there is a connection for it. One by which a look failed is not lent again.
    fn lend<T>(
        &self,
        purpose: Use,
        look: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<Result<T, Fault>, Fault> {
        let (idle, kept) = if purpose == Use::Through { (&self.through, KEPT_THROUGH) } else { (&self.idle, KEPT) };
        let free = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match free {
            Some(connection) => connection,
            None => self.doubt.hear(schema::connect(&self.path, &self.key, purpose))?,
        };
        let seen = look(&connection).and_then(|seen| schema::unharmed(&connection, seen));
        let seen = self.doubt.hear(seen);
        if seen.is_ok() {
            let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < kept {
                idle.push(connection);
            }
        }
        Ok(seen)
    }
}
