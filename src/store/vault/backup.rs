//! The whole of an archive in one encrypted file with a passphrase of its own; and back.
//!
//! A line `GRIDWATCH BACKUP 1`; a line of JSON with what the passphrase costs ([`Cost`]), its salt and the start of all nonces;
//! then chunks of up to 64 KiB, each with its length before it (four bytes, little endian), sealed by XChaCha20-Poly1305 with
//! nonce start ‖ number ‖ whether it is the last, bound to both lines. A chunk that is changed, left out, repeated or put
//! elsewhere does not open, nor does a file that was cut. Within, records ([`crate::store::archive`]'s `dump`), each after its
//! length.

use std::fs;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};

use super::slot::{Cost, prepared, random};
use super::{Draft, Trouble, Undone, Way, sheet};
use crate::store::Progress;
use crate::store::archive::{Archive, Fault, Summarise, check};

const FIRST: &str = "GRIDWATCH BACKUP 1\n";
const CHUNK: usize = 64 << 10;
const TAG: usize = 16;
const START: usize = 19;
/// Longest line of the head, and longest record: the largest payload (`schema`) and what goes with it.
const HEAD: u64 = 4_096;
const RECORD: usize = 112 << 20;

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    salt: String,
    start: String,
    cost: Cost,
}

/// Seals and opens the chunks of one file.
struct Chunks {
    cipher: XChaCha20Poly1305,
    start: [u8; START],
    bound: Vec<u8>,
    number: u32,
}

impl Chunks {
    fn new(head: &Head, bound: Vec<u8>, passphrase: &str) -> Result<Self, Trouble> {
        let salt = BASE64.decode(&head.salt).map_err(|_| Trouble::NoBackup)?;
        let start = BASE64.decode(&head.start).ok().and_then(|start| start.try_into().ok()).ok_or(Trouble::NoBackup)?;
        if salt.len() != 16 {
            return Err(Trouble::NoBackup);
        }
        let key = head.cost.stretch(&prepared(passphrase), &salt)?;
        Ok(Self { cipher: XChaCha20Poly1305::new((&*key).into()), start, bound, number: 0 })
    }

    fn nonce(&mut self, last: bool) -> Result<XNonce, Fault> {
        let mut nonce = [0; 24];
        let all = self.start.into_iter().chain(self.number.to_be_bytes()).chain([u8::from(last)]);
        nonce.iter_mut().zip(all).for_each(|(place, byte)| *place = byte);
        self.number = self.number.checked_add(1).ok_or(Fault::NoRoom)?;
        Ok(XNonce::from(nonce))
    }

    fn seal(&mut self, plain: &[u8], last: bool) -> Result<Vec<u8>, Fault> {
        let nonce = self.nonce(last)?;
        let sealed = self.cipher.encrypt(&nonce, Payload { msg: plain, aad: &self.bound });
        sealed.map_err(|_| Fault::Disk("a chunk was not sealed".to_owned()))
    }

    fn open(&mut self, sealed: &[u8], last: bool) -> Result<Vec<u8>, Fault> {
        let nonce = self.nonce(last)?;
        let opened = self.cipher.decrypt(&nonce, Payload { msg: sealed, aad: &self.bound });
        opened.map_err(|_| Fault::Damaged("a chunk is not what was written".to_owned()))
    }
}

/// Writes records into chunks.
struct Sealer<W> {
    out: W,
    chunks: Chunks,
    plain: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    fn record(&mut self, record: &[u8]) -> Result<(), Fault> {
        let long = u32::try_from(record.len()).map_err(|_| Fault::NoRoom)?;
        self.plain.extend_from_slice(&long.to_le_bytes());
        self.plain.extend_from_slice(record);
        // The last chunk is never empty, and not known yet.
        let plain = std::mem::take(&mut self.plain);
        let mut rest = plain.as_slice();
        while rest.len() > CHUNK {
            let (chunk, more) = rest.split_at(CHUNK);
            self.chunk(chunk, false)?;
            rest = more;
        }
        self.plain = rest.to_vec();
        Ok(())
    }

    fn chunk(&mut self, plain: &[u8], last: bool) -> Result<(), Fault> {
        let sealed = self.chunks.seal(plain, last)?;
        let long = u32::try_from(sealed.len()).map_err(|_| Fault::NoRoom)?;
        self.out.write_all(&long.to_le_bytes())?;
        Ok(self.out.write_all(&sealed)?)
    }
}

/// Reads records out of chunks.
struct Opener<R> {
    from: R,
    chunks: Chunks,
    plain: Vec<u8>,
    read: usize,
    last: bool,
}

impl<R: BufRead> Opener<R> {
    fn record(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        if self.last && self.read == self.plain.len() {
            return Ok(None);
        }
        let mut long = [0; 4];
        self.take(&mut long)?;
        let long = usize::try_from(u32::from_le_bytes(long)).unwrap_or(usize::MAX);
        if long > RECORD {
            return Err(Fault::Damaged("a record is too long".to_owned()));
        }
        let mut record = vec![0; long];
        self.take(&mut record)?;
        Ok(Some(record))
    }

    fn take(&mut self, out: &mut [u8]) -> Result<(), Fault> {
        let mut filled = 0;
        while filled < out.len() {
            let here = self.plain.get(self.read..).unwrap_or_default();
            if here.is_empty() {
                self.next()?;
                continue;
            }
            let room = out.get_mut(filled..).unwrap_or_default();
            let many = here.len().min(room.len());
            room.iter_mut().zip(here).for_each(|(place, byte)| *place = *byte);
            filled += many;
            self.read += many;
        }
        Ok(())
    }

    fn next(&mut self) -> Result<(), Fault> {
        let short = |_| Fault::Damaged("it ends in its middle".to_owned());
        if self.last {
            return Err(Fault::Damaged("it ends in its middle".to_owned()));
        }
        let mut long = [0; 4];
        self.from.read_exact(&mut long).map_err(short)?;
        let long = usize::try_from(u32::from_le_bytes(long)).unwrap_or(usize::MAX);
        if !(TAG..=CHUNK + TAG).contains(&long) {
            return Err(Fault::Damaged("no chunk".to_owned()));
        }
        let mut sealed = vec![0; long];
        self.from.read_exact(&mut sealed).map_err(short)?;
        self.last = self.from.fill_buf()?.is_empty();
        self.plain = self.chunks.open(&sealed, self.last)?;
        self.read = 0;
        Ok(())
    }
}

impl Archive {
    /// Writes all of it to a file of its own, reads that again to its end, and gives how many records are in it. The archive
    /// goes on taking in meanwhile.
    ///
    /// # Errors
    /// When there is no good backup; a file that was there is never replaced.
    pub fn back_up(&self, to: &Path, passphrase: &str, cost: Cost, progress: &Progress) -> Result<u64, Trouble> {
        if passphrase.is_empty() {
            return Err(Trouble::NoWay);
        }
        if to.exists() {
            return Err(Trouble::Exists);
        }
        let (salt, start) = (BASE64.encode(*random::<16>()?), BASE64.encode(*random::<START>()?));
        let head = Head { salt, start, cost };
        let line = serde_json::to_string(&head).map_err(|error| Trouble::Disk { cause: error.to_string() })?;
        let bound = format!("{FIRST}{line}\n").into_bytes();
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // tempfile creates with 0600.
        let file = tempfile::Builder::new().prefix(".backup-").suffix(".tmp").tempfile_in(folder)?;
        let mut out = BufWriter::new(file.as_file());
        out.write_all(&bound)?;
        let mut sealer = Sealer { out, chunks: Chunks::new(&head, bound, passphrase)?, plain: Vec::new() };
        let count = self.dump(progress, &mut |record| sealer.record(record))?;
        let last = std::mem::take(&mut sealer.plain);
        sealer.chunk(&last, true)?;
        sealer.out.flush()?;
        drop(sealer);
        file.as_file().sync_all()?;
        let mut opener = opener(file.path(), passphrase)?;
        let mut read = 0;
        let read = check(&mut || {
            read += 1;
            if progress.at(count + read, 2 * count) { opener.record() } else { Err(Fault::Stopped) }
        })?;
        if read != count {
            return Err(Trouble::Damaged { cause: "the backup is short".to_owned() });
        }
        let kept = file.persist_noclobber(to).map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => Trouble::Exists,
            _ => error.error.into(),
        })?;
        drop(kept);
        sheet::sync(folder)?;
        Ok(count)
    }
}

/// Reads a backup to its end; gives how many records are in it.
///
/// # Errors
/// [`Trouble::NoBackup`] when it is something else, [`Trouble::Wrong`] for another passphrase, [`Trouble::Damaged`].
pub fn verify(path: &Path, passphrase: &str) -> Result<u64, Trouble> {
    let mut opener = opener(path, passphrase)?;
    Ok(check(&mut || opener.record())?)
}

impl Draft {
    /// Makes the archive of what a backup holds.
    ///
    /// # Errors
    /// When none was made, or, where [`Undone::is_named`] says so, when it was made and is not open.
    pub fn restore(self, from: &Path, passphrase: &str, summarise: Option<Summarise>) -> Result<Archive, Undone> {
        let mut opener = opener(from, passphrase)?;
        let (progress, all) = (self.progress.clone(), fs::metadata(from).map_err(Trouble::from)?.len());
        let mut read = 0;
        self.fill(|archive| {
            let mut next = || {
                let record = opener.record()?;
                read += record.as_ref().map_or(0, |record| record.len() as u64);
                if progress.at(read, all) { Ok(record) } else { Err(Fault::Stopped) }
            };
            let _ = archive.load(&mut next, summarise)?;
            Ok(())
        })
    }
}

fn opener(path: &Path, passphrase: &str) -> Result<Opener<BufReader<fs::File>>, Trouble> {
    let file = fs::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(Trouble::NoBackup);
    }
    let mut from = BufReader::with_capacity(2 * CHUNK, file);
    let mut bound = Vec::new();
    for _ in 0..2 {
        let _ = from.by_ref().take(HEAD).read_until(b'\n', &mut bound)?;
    }
    let line = bound.strip_prefix(FIRST.as_bytes()).ok_or(Trouble::NoBackup)?;
    let head: Head = serde_json::from_slice(line).map_err(|_| Trouble::NoBackup)?;
    let chunks = Chunks::new(&head, bound, passphrase)?;
    let mut opener = Opener { from, chunks, plain: Vec::new(), read: 0, last: false };
    // By a wrong passphrase not even the first chunk opens.
    opener.next().map_err(|fault| match fault {
        Fault::Damaged(_) => Trouble::Wrong { way: Way::Passphrase },
        fault => fault.into(),
    })?;
    Ok(opener)
}
