//! Revocation lists (RFC 5280 §5) from files, and from the cache of those fetched. Reading blocks; a list is hostile
//! until its signature is checked, so sizes are bounded and a reader that panics costs only its list.

use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use tokio_rustls::rustls::pki_types::CertificateRevocationListDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use webpki::BorrowedCertRevocationList;
use x509_parser::der_parser::asn1_rs::{Any, FromDer as _};
use x509_parser::prelude::ASN1Time;

use super::facts;
use crate::model::Say;
use crate::plain::{self, Unread};

/// Largest list read, in bytes.
pub(super) const LARGEST: u64 = 16 << 20;
/// All lists of a login together, in bytes.
const LARGEST_SUM: usize = 48 << 20;
/// Most lists of a login.
const MOST: usize = 32;
/// Most lists the cache keeps.
const MOST_KEPT: usize = 64;

/// A list that can be read; whether its authority signed it is another's to check.
pub(super) struct List {
    der: Vec<u8>,
    pub issued: DateTime<Utc>,
    /// When it ends.
    pub until: DateTime<Utc>,
}

impl List {
    /// # Errors
    /// Why it is none, for a person.
    pub(super) fn new(der: Vec<u8>) -> Result<Self, String> {
        if der.len() as u64 > LARGEST {
            return Err("larger than 16 MiB".to_owned());
        }
        // Panics in this reader are known (RUSTSEC-2026-0104).
        let readable = catch_unwind(AssertUnwindSafe(|| readable(&der)));
        readable.map_err(|_| "broken".to_owned())?.map_err(|error| facts::harmless(&error.to_string()))?;
        let (issued, until) = dates(&der).ok_or_else(|| "without its dates".to_owned())?;
        Ok(Self { der, issued, until })
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    /// As webpki reads it; the whole list was read once already.
    pub(super) fn borrowed(&self) -> Option<BorrowedCertRevocationList<'_>> {
        BorrowedCertRevocationList::from_der(&self.der).ok()
    }
}

/// Reads all of it: webpki reads entries only when it looks one up.
fn readable(der: &[u8]) -> Result<(), webpki::Error> {
    let list = BorrowedCertRevocationList::from_der(der)?;
    list.into_iter().try_for_each(|entry| entry.map(|_| ()))
}

/// thisUpdate and nextUpdate (RFC 5280 §5.1.2.4-5), without reading what comes behind them.
fn dates(der: &[u8]) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let (_, list) = Any::from_der(der).ok()?;
    let (_, signed) = Any::from_der(list.data).ok()?;
    let mut rest = signed.data;
    // version, signature, issuer
    for _ in 0..3 {
        rest = Any::from_der(rest).ok()?.0;
    }
    let (rest, issued) = ASN1Time::from_der(rest).ok()?;
    let (_, until) = ASN1Time::from_der(rest).ok()?;
    Some((facts::time(issued.timestamp()), facts::time(until.timestamp())))
}

/// Why a list could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    /// As a sentence for a person.
    pub say: Say,
    /// As a part of one.
    pub cause: String,
}

/// Lists of one login, with what could not be read.
#[derive(Default)]
pub(super) struct Lists {
    pub all: Vec<List>,
    /// What is wrong with the first that could not be had.
    pub trouble: Option<Trouble>,
    bytes: usize,
}

impl Lists {
    /// Reads these files, PEM or DER.
    pub(super) fn from_files(files: &[PathBuf]) -> Self {
        let mut lists = Self::default();
        for file in files {
            let name = || file.display().to_string();
            match plain::read(file, LARGEST) {
                Ok(bytes) => lists.take(bytes, &name()),
                Err(Unread::TooLarge) => lists.note(&name(), "larger than 16 MiB"),
                Err(cause) => lists.note(&name(), &cause.to_string()),
            }
        }
        lists
    }

    /// Takes the list or lists in `bytes`, which came from `place`.
    pub(super) fn take(&mut self, bytes: Vec<u8>, place: &str) {
        let ders: Vec<Vec<u8>> = if bytes.first() == Some(&0x30) {
            vec![bytes]
        } else {
            let pem: Result<Vec<_>, _> = CertificateRevocationListDer::pem_slice_iter(&bytes).collect();
            match pem {
                Ok(lists) if !lists.is_empty() => lists.into_iter().map(|list| list.as_ref().to_vec()).collect(),
                Ok(_) => return self.note(place, "no revocation list in it"),
                Err(error) => return self.note(place, &error.to_string()),
            }
        };
        for der in ders {
            if self.all.len() >= MOST || self.bytes + der.len() > LARGEST_SUM {
                return self.note(place, "too many revocation lists");
            }
            self.bytes += der.len();
            match List::new(der) {
                Ok(list) => self.all.push(list),
                Err(cause) => self.note(place, &cause),
            }
        }
    }

    /// Takes a list that was read before.
    pub(super) fn extend(&mut self, list: Option<List>) {
        let Some(list) = list else { return };
        if self.all.len() < MOST && self.bytes + list.der.len() <= LARGEST_SUM {
            self.bytes += list.der.len();
            self.all.push(list);
        }
    }

    fn note(&mut self, place: &str, cause: &str) {
        let cause = format!("{}: {}", facts::harmless(place), facts::harmless(cause));
        self.fail(Say::new("session-revocation-broken").with("cause", &cause), cause);
    }

    /// A list could not be had.
    pub(super) fn fail(&mut self, say: Say, cause: String) {
        let _ = self.trouble.get_or_insert(Trouble { say, cause });
    }
}

/// Where fetched lists are kept, each under the hash of its address, so that no address can name a file.
#[derive(Clone, Debug)]
pub(super) struct Cache(PathBuf);

impl Cache {
    pub(super) fn new(dir: &Path) -> Self {
        Self(dir.to_path_buf())
    }

    fn file(&self, url: &str) -> PathBuf {
        self.0.join(format!("{}.crl", facts::fingerprint(url.as_bytes()).token()))
    }

    pub(super) fn load(&self, url: &str) -> Option<List> {
        List::new(plain::read(&self.file(url), LARGEST).ok()?).ok()
    }

    /// Keeps it, whole or not at all, its owner's alone; the oldest make room.
    ///
    /// # Errors
    /// Those of the disk.
    pub(super) fn keep(&self, url: &str, der: &[u8]) -> io::Result<()> {
        std::fs::create_dir_all(&self.0)?;
        // tempfile creates with 0600. A cache need not survive a power cut, so nothing is synced.
        let mut file = tempfile::Builder::new().prefix(".crl-").tempfile_in(&self.0)?;
        file.write_all(der)?;
        let _ = file.persist(self.file(url)).map_err(|error| error.error)?;
        self.make_room()
    }

    fn make_room(&self) -> io::Result<()> {
        let mut kept: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in std::fs::read_dir(&self.0)? {
            let entry = entry?;
            if entry.path().extension().is_some_and(|extension| extension == "crl") {
                kept.push((entry.metadata()?.modified()?, entry.path()));
            }
        }
        kept.sort();
        let more = kept.len().saturating_sub(MOST_KEPT);
        kept.iter().take(more).try_for_each(|(_, path)| std::fs::remove_file(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn junk_is_named_and_costs_only_itself() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let files = [write("a", b"junk"), write("b", &[0x30, 0x03, 1, 2, 3]), dir.path().join("none")];
        for file in files {
            let lists = Lists::from_files(std::slice::from_ref(&file));
            assert!(lists.all.is_empty());
            assert!(lists.trouble.unwrap().cause.starts_with(dir.path().to_str().unwrap()), "{}", file.display());
        }
        let large = std::fs::File::create(dir.path().join("large")).unwrap();
        large.set_len(LARGEST + 1).unwrap();
        assert!(Lists::from_files(&[dir.path().join("large")]).trouble.unwrap().cause.contains("16 MiB"));
        assert!(Lists::from_files(&[dir.path().to_owned()]).trouble.unwrap().cause.contains("not a file"));
    }

    #[test]
    fn the_cache_keeps_so_many_under_names_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(&dir.path().join("lists"));
        for n in 0..MOST_KEPT + 3 {
            cache.keep(&format!("http://x.example/../../{n}"), b"der").unwrap();
        }
        let kept = std::fs::read_dir(dir.path().join("lists")).unwrap().count();
        assert_eq!(kept, MOST_KEPT);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing beside it");
    }
}
