//! What comes again: an item that is here already is the same, a newer version, one of the past, or what a row had lost.
//!
//! May use rusqlite, the rules and the contract in `store`.

use std::borrow::Cow;

use rusqlite::{Connection, OptionalExtension, Statement, params};

use super::super::fault::Fault;
use super::super::identity::BEARS;
use super::super::key::LOST;
use super::super::made::{Carried, Made, Read};
use super::super::{heard, pressed, read, summary};
use super::{Adding, Newest, Stored, newest, size, stand, trace_of};
use crate::store::retention::Trace;
use crate::store::rules::{is_late, is_of_now, stands};
use crate::store::{Committed, Seq, Standing};

/// What an item is found by, and its payload.
#[derive(Clone, Copy)]
pub(super) struct Own<'a> {
    pub topic: i64,
    /// [`super::super::identity::word`].
    pub word: &'a str,
    pub made: &'a Made,
}

impl Adding<'_> {
    /// The version that it is of an item that may be here, and whether it came late; nothing where it is no new row.
    pub(super) fn follows(
        &mut self,
        own: Own<'_>,
        stored: Stored<'_>,
        done: &mut Committed,
    ) -> Result<Option<(u32, bool)>, Fault> {
        let Made { key, arrival, .. } = own.made;
        let item = &key.item.0;
        let newest = newest(&mut self.newest, own.topic, own.word, item)?;
        if self.is_known(own, newest.as_ref(), stored)? {
            done.duplicates += 1;
            if let Some(newest) = newest.filter(|newest| newest.held.revives(*arrival)) {
                stand(self.transaction, newest.seq, Standing::Current)?;
                done.changed.push(newest.seq);
            }
            return Ok(None);
        }
        if newest.is_some() && self.mends(own, done)? {
            return Ok(None);
        }
        let late = newest.as_ref().is_some_and(|newest| is_late(*arrival, newest.held.told()));
        let version = match newest {
            Some(_) => self.last.query_row(params![own.word, own.topic, item], |row| row.get::<_, u32>(0))? + 1,
            None => 1,
        };
        if let Some(newest) = newest.filter(|_| !late) {
            if stands(newest.held.standing) {
                let _ = self.overwrite.execute([newest.seq])?;
                done.changed.push(newest.seq);
            } else {
                let _ = self.follow.execute([newest.seq])?;
            }
        }
        Ok(Some((version, late)))
    }

    fn is_known(&mut self, own: Own<'_>, newest: Option<&Newest>, stored: Stored<'_>) -> Result<bool, Fault> {
        let Made { key, arrival, payload, .. } = own.made;
        let Some(payload) = payload else { return Ok(newest.is_some()) };
        let payload = &*bytes(payload)?;
        if is_of_now(*arrival) {
            let Some(newest) = newest else { return Ok(false) };
            let same = newest.digest == own.made.digest && is_payload(&mut self.own, newest.seq, payload, stored)?;
            return Ok(newest.held.may_repeat(*arrival) && (same || is_gone(self.transaction, newest.seq, payload)?));
        }
        let mut same = self.same.query(params![own.word, own.made.digest, own.topic, key.item.0])?;
        while let Some(row) = same.next()? {
            if is_payload(&mut self.own, row.get(0)?, payload, stored)? {
                return Ok(true);
            }
        }
        if newest.is_none() {
            return Ok(false);
        }
        let mut gone = self.transaction.prepare(&format!(
            "SELECT trace FROM items JOIN gone USING (seq) WHERE {BEARS} AND topic = ? AND item = ?"
        ))?;
        let gone = gone.query_map(params![own.word, own.topic, key.item.0], |row| row.get::<_, Vec<u8>>(0))?;
        Ok(gone.collect::<Result<Vec<_>, _>>()?.iter().any(|trace| Trace::of(payload).bytes() == trace.as_slice()))
    }

    /// Whether it is what a row had whose payload was lost; the row has it again then.
    fn mends(&mut self, own: Own<'_>, done: &mut Committed) -> Result<bool, Fault> {
        let Made { key, arrival, columns, digest, payload, read: made, .. } = own.made;
        let Some(payload) = payload else { return Ok(false) };
        let torn = self.same.query_map(params![own.word, LOST, own.topic, key.item.0], |row| row.get(0))?;
        let torn: Vec<Seq> = torn.collect::<Result<_, _>>()?;
        for seq in torn {
            if trace_of(self.transaction, seq)?.is_some() {
                continue;
            }
            let mut read = self.transaction.prepare("SELECT bytes FROM summaries WHERE seq = ?")?;
            let kept: Option<Vec<u8>> = read.query_row([seq], |row| row.get(0)).optional()?;
            // Of one whose summary was lost too nothing speaks against it.
            if kept
                .is_some_and(|kept| !summary::is_of(&kept, &made.summary) && kept != summary::write(&summary::lost()))
            {
                continue;
            }
            self.carry(seq, payload)?;
            heard::unhear(self.transaction, seq)?;
            let _ = self.transaction.execute(
                "UPDATE items SET digest = ?, severity = ?, tlp = ?, strictest = ?, size = ?, \
                 since = iif(standing = 3 AND ?, NULL, since), standing = iif(standing = 3 AND ?, 0, standing) \
                 WHERE seq = ?",
                params![
                    digest,
                    columns.severity,
                    columns.tlp,
                    columns.strictest,
                    size(Some(payload)),
                    is_of_now(*arrival),
                    is_of_now(*arrival),
                    seq,
                ],
            )?;
            let Read { summary: bytes, found, facets, .. } = made;
            let _ = self.transaction.execute("UPDATE summaries SET bytes = ? WHERE seq = ?", params![bytes, seq])?;
            let numbers = self.names.facets.numbers(self.transaction, facets)?;
            self.index.again(self.transaction, seq, found.clone(), &numbers)?;
            done.duplicates += 1;
            done.changed.push(seq);
            return Ok(true);
        }
        Ok(false)
    }
}

/// A payload as it came.
fn bytes(payload: &Carried) -> Result<Cow<'_, [u8]>, Fault> {
    let (form, kept) = payload.pressed.kept();
    pressed::read(form, kept).ok_or_else(|| Fault::Damaged("a payload that was just pressed".to_owned()))
}

/// Whether a row with the digest of this payload has it: equal digests are no proof. Of a row whose payload is damaged the
/// digest is what is left, and nothing speaks against it.
fn is_payload(own: &mut Statement<'_>, seq: Seq, payload: &[u8], stored: Stored<'_>) -> Result<bool, Fault> {
    match stored(seq) {
        Ok(Some(kept)) => return Ok(*kept.bytes == *payload),
        Err(Fault::Damaged(_)) => return Ok(true),
        Err(fault) => return Err(fault),
        // Of this very commit: nobody else sees it.
        Ok(None) => {}
    }
    let mut own = own.query([seq])?;
    let Some(row) = own.next()? else { return Ok(false) };
    Ok(read::unpressed(row, 0, 1).is_ok_and(|bytes| *bytes == *payload))
}

/// Whether it is what the row had before retention took it away.
fn is_gone(connection: &Connection, seq: Seq, payload: &[u8]) -> Result<bool, Fault> {
    Ok(trace_of(connection, seq)?.is_some_and(|trace| Trace::of(payload).bytes() == trace.as_slice()))
}
