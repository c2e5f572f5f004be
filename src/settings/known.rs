//! What is remembered and decided of each account's controller: certificates met, pins, exceptions, the strongest login.
//! One versioned TOML file beside the person's data, and a log of every decision.
//!
//! It fails closed: where the file is not understood nothing is assumed, for a lost pin is a weaker connection.

mod format;

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use toml::Table;

use super::{Error, Paths, write};
use crate::model::{BareJid, Exception, Fingerprint, Known, Learned, Pin};

/// Longest file that is read, in bytes.
const LONGEST: u64 = 4 << 20;
/// As many pins of one account are a mistake.
const PINS: usize = 16;
/// How long another process may hold the file, and how often it is looked whether it still does.
const PATIENCE: Duration = Duration::from_secs(10);
const GLANCE: Duration = Duration::from_millis(20);

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
    /// The strongest logins seen count no more.
    ForgetFloor,
}

impl Decision {
    /// Lets it hold.
    pub fn apply(&self, known: &mut Known, now: DateTime<Utc>) {
        match self {
            Self::Accept { certificate, key } => {
                known.meet(*certificate, *key, now);
            }
            Self::Pin { key, alone } => {
                if let Some(pin) = known.pins.iter_mut().find(|pin| pin.key == *key) {
                    pin.alone |= alone;
                } else if known.pins.len() < PINS {
                    known.pins.push(Pin { key: *key, alone: *alone });
                }
            }
            Self::Unpin(key) => known.pins.retain(|pin| pin.key != *key),
            Self::Except(exception) => {
                known.exceptions.retain(|other| other.key != exception.key);
                known.exceptions.push(exception.clone());
            }
            Self::Revoke(key) => known.exceptions.retain(|exception| exception.key != *key),
            Self::ForgetFloor => (known.external, known.floor) = (None, None),
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
            Self::ForgetFloor => "forget the strongest logins".to_owned(),
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
        let _lock = self.lock()?;
        let (table, mut known) = self.open(account)?;
        known.learn(learned, now);
        self.write(table, account, &known)?;
        Ok(known)
    }

    /// Writes decisions down, each first in the log; what then could not be kept is said there too.
    ///
    /// # Errors
    /// As [`Ledger::learn`].
    pub fn decide(&self, account: &BareJid, decisions: &[Decision], now: DateTime<Utc>) -> Result<Known, Error> {
        let _lock = self.lock()?;
        let (table, mut known) = self.open(account)?;
        decisions.iter().for_each(|decision| decision.apply(&mut known, now));
        let pins = |decision: &Decision| matches!(decision, Decision::Pin { .. });
        if known.pins.len() >= PINS && decisions.iter().any(pins) {
            let cause = format!("an account has at most {} pinned keys", PINS - 1);
            return Err(Error::Write { path: self.path.clone(), cause });
        }
        self.note(account, decisions, "", now)?;
        if let Err(error) = self.write(table, account, &known) {
            // Where the disk takes nothing more the log may take nothing either: the first error is the one to tell.
            let _ = self.note(account, decisions, "not written: ", now);
            return Err(error);
        }
        for decision in decisions {
            tracing::info!(target: "trust", %account, "{}", decision.line());
        }
        Ok(known)
    }

    /// The file, and what it says of this account.
    fn open(&self, account: &BareJid) -> Result<(Table, Known), Error> {
        let table = self.table()?;
        let known = self.understood(&table, account)?;
        Ok((table, known))
    }

    fn write(&self, mut table: Table, account: &BareJid, known: &Known) -> Result<(), Error> {
        format::write(&mut table, account, known);
        write::atomically(&self.path, table.to_string().as_bytes()).map_err(|error| unwritten(&self.path, &error))
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

    /// Held while the file is read and written again: another process may do the same. One that stands still with it
    /// must not hold up a session for ever.
    fn lock(&self) -> Result<fs::File, Error> {
        let path = self.path.with_extension("lock");
        let opened = private_dir(&path)
            .and_then(|()| fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path));
        let file = opened.map_err(|error| unwritten(&path, &error))?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => std::thread::sleep(GLANCE),
                Err(error) => return Err(unwritten(&path, &error.into())),
            }
        }
    }

    fn note(&self, account: &BareJid, decisions: &[Decision], before: &str, now: DateTime<Utc>) -> Result<(), Error> {
        let lines: String = decisions
            .iter()
            .map(|decision| format!("{} {account} {before}{}\n", now.format("%Y-%m-%dT%H:%M:%SZ"), decision.line()))
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

    fn keys(known: &Known) -> Vec<Fingerprint> {
        known.pins.iter().map(|pin| pin.key).collect()
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
        assert_eq!(keys(&known), [print(2), print(4)]);
        assert_eq!(known.exceptions, [exception]);
        assert_eq!(ledger.get(&me), Ok(known.clone()));
        assert_eq!(ledger.get(&jid("other@b.example")), Ok(Known::default()), "another account's is its own");
        let later = ledger.decide(&me, &[Decision::Unpin(print(2)), Decision::Revoke(print(3))], now()).unwrap();
        assert_eq!((keys(&later), later.exceptions.len()), (vec![print(4)], 0));
        let log = fs::read_to_string(ledger.log()).unwrap();
        assert_eq!(log.lines().count(), 5);
        assert!(log.starts_with("2026-11-21T16:00:00Z a@b.example pin key 02:02:"), "{log}");
        assert!(!log.contains("renewal"), "a person's words stay out");
    }

    #[test]
    fn a_pin_stands_alone_by_itself_only() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, me) = (ledger(&folder), jid("a@b.example"));
        let decisions = [Decision::Pin { key: print(1), alone: false }, Decision::Pin { key: print(2), alone: true }];
        let _ = ledger.decide(&me, &decisions, now()).unwrap();
        let alone = || ledger.get(&me).unwrap().pins.iter().map(|pin| pin.alone).collect::<Vec<_>>();
        assert_eq!(alone(), [false, true]);
        let _ = ledger.decide(&me, &[Decision::Unpin(print(2))], now()).unwrap();
        assert_eq!(alone(), [false]);
    }

    #[test]
    fn a_file_of_the_first_version_is_read_and_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, me) = (ledger(&folder), jid("a@b.example"));
        fs::create_dir_all(ledger.path().parent().unwrap()).unwrap();
        let (one, two) = (print(1).token(), print(2).token());
        let old = format!(
            "version = 1\n[account.\"a@b.example\"]\npins = [\"{one}\", \"{two}\"]\npin-only = true\n\
             floor = {{ mechanism = \"EXTERNAL\", since = \"2026-01-01T00:00:00Z\" }}\n"
        );
        fs::write(ledger.path(), old).unwrap();
        let read = ledger.get(&me).unwrap();
        assert_eq!(read.pins, [Pin { key: print(1), alone: true }, Pin { key: print(2), alone: true }]);
        assert!(read.external.is_some() && read.floor.is_none());
        let later = ledger.decide(&me, &[Decision::Revoke(print(9))], now()).unwrap();
        assert_eq!((&later, ledger.get(&me)), (&read, Ok(read.clone())));
        assert!(fs::read_to_string(ledger.path()).unwrap().contains("version = 2"));
    }

    #[test]
    fn who_remembers_less_lowers_nothing_and_neither_ladder_touches_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, me) = (ledger(&folder), jid("a@b.example"));
        let learn = |mechanism: &str, binding: Option<&str>, offer_proved| {
            let (mechanism, binding) = (mechanism.to_owned(), binding.map(str::to_owned));
            let known = ledger.learn(&me, &Learned::Floor { mechanism, binding, offer_proved }, now()).unwrap();
            let floor = known.floor.unwrap();
            (known.external.is_some(), floor.mechanism, floor.binding, floor.offer_proved)
        };
        let best = |external| (external, "SCRAM-SHA-512-PLUS".to_owned(), Some("tls-exporter".to_owned()), true);
        assert_eq!(learn("SCRAM-SHA-512-PLUS", Some("tls-exporter"), true), best(false));
        let known = ledger.learn(&me, &Learned::External, now()).unwrap();
        assert!(known.external.is_some() && known.floor.is_some());
        assert_eq!(learn("SCRAM-SHA-1", None, false), best(true));
        assert_eq!(learn("SCRAM-SHA-256-PLUS", Some("tls-server-end-point"), false), best(true));
        let known = ledger.decide(&me, &[Decision::ForgetFloor], now()).unwrap();
        assert_eq!((known.external, known.floor), (None, None));
        assert_eq!(learn("SCRAM-SHA3-512", None, false).1, "SCRAM-SHA3-512");
        assert_eq!(learn("SCRAM-SHA-512", None, true), (false, "SCRAM-SHA3-512".to_owned(), None, true));
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
