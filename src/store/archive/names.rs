//! What rows are called, read beside all else that looks at rows: their summaries' first part, in the order in which they
//! stand on the disk where the rows are neighbours, and past the cache, which is for what is in sight.
//!
//! May use rusqlite and the archive's own pieces.

use rusqlite::Connection;

use super::fault::Fault;
use super::read::{self, With};
use super::summary;
use crate::store::index::Bitmap;
use crate::store::{Name, Seq};

/// As [`crate::store::Store::names`]; gives nothing else.
pub fn names(
    connection: &Connection,
    with: With<'_>,
    rows: &[Seq],
    take: &mut dyn FnMut(Seq, Name<'_>),
) -> Result<Vec<()>, Fault> {
    let mut left: Bitmap = rows.iter().copied().collect();
    quick(connection, rows, &mut |seq, name| {
        take(seq, name);
        left.remove(seq);
    })?;
    if !left.is_empty() {
        // Of what was taken away nothing is called anything.
        left.subtract(&gone(connection, &left)?);
        for row in read::rows(connection, with, &left.iter().collect::<Vec<_>>())? {
            take(row.seq, Name::of(&row.summary));
        }
    }
    Ok(Vec::new())
}

/// Those whose summary says it.
fn quick(connection: &Connection, rows: &[Seq], take: &mut dyn FnMut(Seq, Name<'_>)) -> Result<(), Fault> {
    let mut tell = |row: &rusqlite::Row<'_>| -> Result<(), Fault> {
        if let Some(name) = row.get_ref(1)?.as_blob().ok().and_then(summary::name) {
            take(row.get(0)?, name);
        }
        Ok(())
    };
    if let Some((first, last)) = span(rows) {
        let mut all = connection.prepare("SELECT seq, bytes FROM summaries WHERE seq >= ? AND seq <= ?")?;
        let mut all = all.query([first, last])?;
        while let Some(row) = all.next()? {
            tell(row)?;
        }
        return Ok(());
    }
    let mut one = connection.prepare("SELECT seq, bytes FROM summaries WHERE seq = ?")?;
    for seq in rows {
        if let Some(row) = one.query([seq])?.next()? {
            tell(row)?;
        }
    }
    Ok(())
}

/// The ends, where these are all between them, in their order.
fn span(rows: &[Seq]) -> Option<(Seq, Seq)> {
    let (first, last) = (*rows.first()?, *rows.last()?);
    let follow = rows.windows(2).all(|two| matches!(two, [one, next] if one.checked_add(1) == Some(*next)));
    follow.then_some((first, last))
}

fn gone(connection: &Connection, rows: &Bitmap) -> Result<Bitmap, Fault> {
    let mut all = rows.iter();
    let (first, last) = (all.next(), all.next_back());
    let mut gone = connection.prepare("SELECT seq FROM gone WHERE seq >= ? AND seq <= ?")?;
    let gone = gone.query_map([first, last.or(first)], |row| row.get(0))?;
    Ok(gone.collect::<Result<_, _>>()?)
}
