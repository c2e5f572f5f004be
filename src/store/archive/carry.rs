//! Carries what stands in the log into the file, beside the commits: a commit is on the disk when the log is, and who commits
//! need not copy page after page meanwhile. The writer does it only where this lags behind (`schema`).
//!
//! May use rusqlite. On a thread and a connection of its own, begun when there is something to do; what goes wrong here goes
//! wrong with the writer too, who tells.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;

use super::fault::Fault;
use super::key::Key;
use super::schema::{self, Use};

/// Pages in the log that are worth it: fewer would carry pages that change often again and again.
const MANY: i64 = 2_000;

/// See the module. Dropping it waits until what is being carried is in the file.
#[derive(Debug)]
pub struct Carrier {
    path: PathBuf,
    key: Key,
    thread: Mutex<Option<Thread>>,
}

#[derive(Debug)]
struct Thread {
    tell: SyncSender<()>,
    carries: JoinHandle<()>,
}

impl Carrier {
    pub fn new(path: PathBuf, key: Key) -> Self {
        Self { path, key, thread: Mutex::default() }
    }

    /// Something was committed.
    pub fn committed(&self) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let (path, key) = (self.path.clone(), self.key.clone());
            let (tell, told) = sync_channel(1);
            let carries = Builder::new().name("carrier".to_owned()).spawn(move || run(path, key, &told));
            *thread = carries.ok().map(|carries| Thread { tell, carries });
        }
        if let Some(thread) = &*thread {
            // It knows already, or has ended: then the writer does it.
            let _ = thread.tell.try_send(());
        }
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Thread { tell, carries }) = thread {
            drop(tell);
            // Had it died, there is nothing to wait for.
            let _ = carries.join();
        }
    }
}

fn run(path: PathBuf, key: Key, told: &Receiver<()>) {
    let mut connection = None;
    while told.recv().is_ok() {
        let carried = match &connection {
            Some(connection) => carry(connection),
            None => schema::connect(&path, &key, Use::Carry).and_then(|made| carry(connection.insert(made))),
        };
        if let Err(fault) = carried {
            tracing::warn!(%fault, "the log was not carried into the file");
            return;
        }
    }
}

fn carry(connection: &Connection) -> Result<(), Fault> {
    let look = |how: &str| -> Result<i64, Fault> {
        let left = |row: &rusqlite::Row<'_>| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?);
        Ok(connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], left)?)
    };
    if look("NOOP")? >= MANY {
        let _ = look("PASSIVE")?;
    }
    Ok(())
}
