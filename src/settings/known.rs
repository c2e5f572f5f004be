//! What is remembered and decided of each account's controller: certificates met, pins, exceptions, the strongest login.
//! One versioned TOML file beside the person's data, and a log of every decision.
//!
//! It fails closed: where the file is not understood nothing is assumed, for a lost pin is a weaker connection.

mod format;

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use toml::Table;

use super::{Error, Paths, write};
use crate::model::{BareJid, Exception, Fingerprint, Known, Learned};

/// Longest file that is read, in bytes.
const LONGEST: u64 = 4 << 20;
/// As many pins of one account are a mistake.
const PINS: usize = 16;

/// What a person decided about an account's controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The certificate is the one compared: it is remembered.
    Accept {
        certificate: Fingerprint,
        key: Fingerprint,
    },
    /// The server must show this key, or another pinned one, from now on; `alone` without an authority's word.
    Pin {
        key: Fingerprint,
        alone: bool,
    },
    Unpin(Fingerprint),
    Except(Exception),
    /// Ends what is excepted for this key.
    Revoke(Fingerprint),
    /// The strongest login seen counts no more.
    ForgetFloor,
}

impl Decision {
    /// Lets it hold.
    pub fn apply(&self, known: &mut Known, now: DateTime<Utc>) {
        match self {
            Self::Accept { certificate, key } => {
                known.learn(&Learned::Certificate { certificate: *certificate, key: *key }, now);
            }
            Self::Pin { key, alone } => {
                if !known.pins.contains(key) && known.pins.len() < PINS {
                    known.pins.push(*key);
                }
                known.pin_only |= alone;
            }
            Self::Unpin(key) => {
                known.pins.retain(|pin| pin != key);
                known.pin_only &= !known.pins.is_empty();
            }
            Self::Except(exception) => {
                known.exceptions.retain(|other| other.key != exception.key);
                known.exceptions.push(exception.clone());
            }
            Self::Revoke(key) => known.exceptions.retain(|exception| exception.key != *key),
            Self::ForgetFloor => known.floor = None,
        }
    }

    /// For the log: no word of the person's.
    fn line(&self) -> String {
        match self {
            Self::Accept { certificate, .. } => format!("accept certificate {certificate}"),
            Self::Pin { key, alone: false } => format!("pin key {key}"),
            Self::Pin { key, alone: true } => format!("pin key {key} without an authority"),
            Self::Unpin(key) => format!("unpin key {key}"),
            Self::Except(exception) => format!("except {exception}"),
            Self::Revoke(key) => format!("end exceptions of key {key}"),
            Self::ForgetFloor => "forget the strongest login".to_owned(),
        }
    }
}

/// The file. Calls block on disk: not from the window's own thread. Several processes may use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    path: PathBuf,
    log: PathBuf,
}

impl Ledger {
    #[must_use]
    pub fn new(paths: &Paths) -> Self {
        Self { path: paths.data().join("known.toml"), log: paths.data().join("decisions.log") }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every decision, a line each.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// What is known of this account's controller.
    ///
    /// # Errors
    /// When the file cannot be read or understood; then nobody should connect.
    pub fn get(&self, account: &BareJid) -> Result<Known, Error> {
        self.understood(&self.table()?, account)
    }

    /// Remembers what a connection taught.
    ///
    /// # Errors
    /// As [`Ledger::get`], or when it could not be written; the file is then what it was.
    pub fn learn(&self, account: &BareJid, learned: &Learned, now: DateTime<Utc>) -> Result<Known, Error> {
        self.change(account, |known| known.learn(learned, now))
    }

    /// Writes decisions down, each first in the log.
    ///
    /// # Errors
    /// As [`Ledger::learn`].
    pub fn decide(&self, account: &BareJid, decisions: &[Decision], now: DateTime<Utc>) -> Result<Known, Error> {
        // Refused before it is logged, where it could not be kept.
        let mut trial = self.get(account)?;
        decisions.iter().for_each(|decision| decision.apply(&mut trial, now));
        let pins = |decision: &Decision| matches!(decision, Decision::Pin { .. });
        if trial.pins.len() >= PINS && decisions.iter().any(pins) {
            let cause = format!("an account has at most {} pinned keys", PINS - 1);
            return Err(Error::Write { path: self.path.clone(), cause });
        }
        self.note(account, decisions, now)?;
        let known = self.change(account, |known| decisions.iter().for_each(|decision| decision.apply(known, now)))?;
        for decision in decisions {
            tracing::info!(target: "trust", %account, "{}", decision.line());
        }
        Ok(known)
    }

    fn change(&self, account: &BareJid, change: impl FnOnce(&mut Known)) -> Result<Known, Error> {
        let _lock = self.lock()?;
        let mut table = self.table()?;
        let mut known = self.understood(&table, account)?;
        change(&mut known);
        format::write(&mut table, account, &known);
        write::atomically(&self.path, table.to_string().as_bytes()).map_err(|error| unwritten(&self.path, &error))?;
        Ok(known)
    }

    fn understood(&self, table: &Table, account: &BareJid) -> Result<Known, Error> {
        format::read(table, account).map_err(|cause| Error::Known { path: self.path.clone(), cause })
    }

    fn table(&self) -> Result<Table, Error> {
        let broken = |cause: String| Error::Known { path: self.path.clone(), cause };
        let mut text = String::new();
        let file = match fs::File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Table::new()),
            Err(error) => return Err(Error::Read { path: self.path.clone(), cause: error.to_string() }),
        };
        let read = file.take(LONGEST + 1).read_to_string(&mut text).map_err(|error| broken(error.to_string()))?;
        if u64::try_from(read).is_ok_and(|read| read > LONGEST) {
            return Err(broken("longer than 4 MiB".to_owned()));
        }
        let table = text.parse::<Table>().map_err(|error| broken(error.message().replace('\n', " ")))?;
        // A file cut to nothing is not the same as none: pins may have stood in it.
        if table.is_empty() { Err(broken("it is empty".to_owned())) } else { Ok(table) }
    }

    /// Held while the file is read and written again: another process may do the same.
    fn lock(&self) -> Result<fs::File, Error> {
        let path = self.path.with_extension("lock");
        let locked = private_dir(&path)
            .and_then(|()| fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path))
            .and_then(|file| file.lock().map(|()| file));
        locked.map_err(|error| unwritten(&path, &error))
    }

    fn note(&self, account: &BareJid, decisions: &[Decision], now: DateTime<Utc>) -> Result<(), Error> {
        let lines: String = decisions
            .iter()
            .map(|decision| format!("{} {account} {}\n", now.format("%Y-%m-%dT%H:%M:%SZ"), decision.line()))
            .collect();
        let noted = private_dir(&self.log).and_then(|()| write::private().append(true).open(&self.log));
        let noted = noted.and_then(|mut file| file.write_all(lines.as_bytes()).and_then(|()| file.sync_all()));
        noted.map_err(|error| unwritten(&self.log, &error))
    }
}

fn private_dir(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), write::private_dir)
}

fn unwritten(path: &Path, error: &io::Error) -> Error {
    Error::Write { path: path.to_path_buf(), cause: error.to_string() }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn print(byte: u8) -> Fingerprint {
        Fingerprint([byte; 32])
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_276_800, 0).unwrap()
    }

    fn ledger(folder: &tempfile::TempDir) -> Ledger {
        Ledger::new(&Paths::below(folder.path()))
    }

    fn jid(text: &str) -> BareJid {
        text.parse().unwrap()
    }

    #[test]
    fn what_was_learned_and_decided_is_there_again_and_logged() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, me) = (ledger(&folder), jid("a@b.example"));
        assert_eq!(ledger.get(&me), Ok(Known::default()));
        let met = Learned::Certificate { certificate: print(1), key: print(2) };
        let _ = ledger.learn(&me, &met, now()).unwrap();
        let exception = Exception {
            key: print(3),
            faults: vec!["expired".to_owned(), "wrong-host".to_owned()],
            made: now(),
            until: now() + TimeDelta::days(7),
            why: "renewal \"on\" Monday".to_owned(),
        };
        let decisions = [
            Decision::Pin { key: print(2), alone: false },
            Decision::Pin { key: print(4), alone: false },
            Decision::Except(exception.clone()),
        ];
        let known = ledger.decide(&me, &decisions, now()).unwrap();
        assert_eq!(known.pins, [print(2), print(4)]);
        assert_eq!(known.exceptions, [exception]);
        assert_eq!(ledger.get(&me), Ok(known.clone()));
        assert_eq!(ledger.get(&jid("other@b.example")), Ok(Known::default()), "another account's is its own");
        let later = ledger.decide(&me, &[Decision::Unpin(print(2)), Decision::Revoke(print(3))], now()).unwrap();
        assert_eq!((later.pins, later.exceptions.len()), (vec![print(4)], 0));
        let log = fs::read_to_string(ledger.log()).unwrap();
        assert_eq!(log.lines().count(), 5);
        assert!(log.starts_with("2026-11-21T16:00:00Z a@b.example pin key 02:02:"), "{log}");
        assert!(!log.contains("renewal"), "a person's words stay out");
    }

    #[test]
    fn a_lone_pin_ends_with_its_last_key() {
        let mut known = Known::default();
        for decision in [Decision::Pin { key: print(1), alone: true }, Decision::Pin { key: print(2), alone: false }] {
            decision.apply(&mut known, now());
        }
        assert!(known.pin_only);
        Decision::Unpin(print(1)).apply(&mut known, now());
        assert!(known.pin_only);
        Decision::Unpin(print(2)).apply(&mut known, now());
        assert!(!known.pin_only);
    }

    #[test]
    fn a_file_that_is_not_understood_is_neither_believed_nor_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, me) = (ledger(&folder), jid("a@b.example"));
        let _ = ledger.decide(&me, &[Decision::Pin { key: print(1), alone: false }], now()).unwrap();
        let good = fs::read_to_string(ledger.path()).unwrap();
        for broken in [
            "",
            "# nothing but this",
            "pins = [",
            "version = 99",
            &good.replace("0101", "zz"),
            &good.replace("pins", "pins = 1\nother"),
            &"#".repeat(5 << 20),
        ] {
            fs::write(ledger.path(), broken).unwrap();
            assert!(matches!(ledger.get(&me), Err(Error::Known { .. })), "{}", broken.get(..80).unwrap_or(broken));
            assert!(ledger.decide(&me, &[Decision::ForgetFloor], now()).is_err());
            assert_eq!(fs::read_to_string(ledger.path()).unwrap(), broken);
        }
        assert_eq!(fs::read_to_string(ledger.log()).unwrap().lines().count(), 1, "and nothing is logged as done");
    }

    #[test]
    fn a_pin_too_many_is_refused_not_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, me) = (ledger(&folder), jid("a@b.example"));
        let pin = |byte| [Decision::Pin { key: print(byte), alone: true }];
        for byte in 1..16 {
            let _ = ledger.decide(&me, &pin(byte), now()).unwrap();
        }
        assert!(matches!(ledger.decide(&me, &pin(16), now()), Err(Error::Write { .. })));
        assert_eq!(ledger.get(&me).unwrap().pins.len(), 15);
        assert_eq!(fs::read_to_string(ledger.log()).unwrap().lines().count(), 15);
    }

    #[test]
    fn two_who_write_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = ledger(&folder);
        std::thread::scope(|scope| {
            for byte in 1..=8 {
                let ledger = ledger.clone();
                let _ = scope.spawn(move || {
                    ledger
                        .decide(&jid("a@b.example"), &[Decision::Pin { key: print(byte), alone: false }], now())
                        .unwrap()
                });
            }
        });
        assert_eq!(ledger.get(&jid("a@b.example")).unwrap().pins.len(), 8);
    }
}
