//! Every page of a file held against its own code, without SQLite: SQLCipher tells only the first page that is not what was
//! written, and not how far it has come. The layout is SQLCipher 4's, with the algorithm that `schema` sets: a page ends with
//! its nonce and an HMAC-SHA-256 of all before that and its number, by a key made of the file's (PBKDF2-HMAC-SHA-512, twice).
//!
//! May use the archive's own errors.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use super::fault::Fault;
use super::key::Key;
use super::schema::{OLDER, PAGE};
use crate::store::progress::Progress;

const SALT: usize = 16;
const CODE: usize = 32;
/// Nonce and code, in whole blocks of the cipher.
const RESERVED: usize = 48;
/// SQLite locks bytes from here on and writes no page over them.
const LOCKED: u64 = 1 << 30;
/// Nothing but a page's own code says how large the pages are: as many of the largest are read for one that holds.
const HEAD: u64 = 4;
/// The writer may just carry a page from its log into the file: one is wrong when it stays so.
const LOOKS: u32 = 3;
const BETWEEN: Duration = Duration::from_millis(20);
/// Pages between two words of progress.
const STEP: u64 = 1_024;

/// Checks each page; gives how many there are.
///
/// # Errors
/// [`Fault::Damaged`] with the number of the first that is not what was written; [`Fault::Stopped`].
pub fn check(path: &Path, key: &Key, progress: &Progress) -> Result<u64, Fault> {
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    let _ = (&file).take(HEAD * PAGE).read_to_end(&mut head)?;
    let codes = codes(key, head.first_chunk().copied().unwrap_or_default())?;
    let size = size(&codes, &head);
    let length = file.metadata()?.len();
    let all = length / size;
    if all == 0 || !length.is_multiple_of(size) {
        return Err(Fault::Damaged("it ends in the middle of a page".to_owned()));
    }
    let mut page = vec![0; usize::try_from(size).unwrap_or_default()];
    let locked = LOCKED / size + 1;
    let _ = file.seek(SeekFrom::Start(0))?;
    for number in 1..=all {
        file.read_exact(&mut page)?;
        if number != locked && !holds(&codes, &page, number) && !holds_yet(&codes, &mut file, &mut page, number)? {
            return Err(Fault::Damaged(format!("page {number} of {all} is not what was written")));
        }
        if number % STEP == 0 && !progress.at(number, all) {
            return Err(Fault::Stopped);
        }
    }
    if progress.at(all, all) { Ok(all) } else { Err(Fault::Stopped) }
}

/// The key of the codes of a file with this salt: PBKDF2's one block of two rounds (RFC 8018 §5.2).
fn codes(key: &Key, salt: [u8; SALT]) -> Result<Hmac<Sha256>, Fault> {
    let failed = |_| Fault::Disk("no key of the pages".to_owned());
    let round = Hmac::<Sha512>::new_from_slice(key.bytes()).map_err(failed)?;
    let salt = salt.map(|byte| byte ^ 0x3a);
    let first = round.clone().chain_update(salt).chain_update(1_u32.to_be_bytes()).finalize().into_bytes();
    let second = round.chain_update(first).finalize().into_bytes();
    let derived: Zeroizing<Vec<u8>> = Zeroizing::new(first.iter().zip(second).map(|(a, b)| a ^ b).take(32).collect());
    Hmac::new_from_slice(&derived).map_err(failed)
}

/// How large the pages of a file that begins so are, in bytes; as now, where none of the first holds.
fn size(codes: &Hmac<Sha256>, head: &[u8]) -> u64 {
    let holds_one = |size: &u64| {
        let pages = head.chunks_exact(usize::try_from(*size).unwrap_or(usize::MAX));
        pages.zip(1..).any(|(page, number)| holds(codes, page, number))
    };
    [PAGE, OLDER].into_iter().find(holds_one).unwrap_or(PAGE)
}

fn holds(codes: &Hmac<Sha256>, page: &[u8], number: u64) -> bool {
    // The salt in front of the first page is no part of it.
    let from = if number == 1 { SALT } else { 0 };
    let nonce_ends = page.len().saturating_sub(RESERVED) + SALT;
    let (Some(said), Some(code)) = (page.get(from..nonce_ends), page.get(nonce_ends..nonce_ends + CODE)) else {
        return false;
    };
    let Ok(number) = u32::try_from(number) else { return false };
    codes.clone().chain_update(said).chain_update(number.to_le_bytes()).verify_slice(code).is_ok()
}

fn holds_yet(codes: &Hmac<Sha256>, file: &mut File, page: &mut [u8], number: u64) -> Result<bool, Fault> {
    for _ in 0..LOOKS {
        std::thread::sleep(BETWEEN);
        let _ = file.seek(SeekFrom::Start((number - 1) * page.len() as u64))?;
        file.read_exact(page)?;
        if holds(codes, page, number) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::archive::Archive;

    #[test]
    fn a_file_that_sqlcipher_wrote_holds_and_no_bit_of_a_page_may_change() {
        let folder = tempfile::tempdir().unwrap();
        let (path, key) = (folder.path().join("archive.db"), Key::new([7; 32]));
        Archive::make(&path, &key).unwrap().close().unwrap();
        no_bit_may_change(&path, &key, 8_192);
    }

    #[test]
    fn neither_may_one_of_a_file_whose_pages_are_smaller() {
        let folder = tempfile::tempdir().unwrap();
        let (path, key) = (folder.path().join("archive.db"), Key::new([7; 32]));
        let frozen = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/archive/v7.db");
        let _ = std::fs::copy(frozen, &path).unwrap();
        no_bit_may_change(&path, &key, 4_096);
    }

    fn no_bit_may_change(path: &Path, key: &Key, size: usize) {
        let good = std::fs::read(path).unwrap();
        let all = (good.len() / size) as u64;
        assert_eq!(check(path, key, &Progress::default()), Ok(all));
        assert!(check(path, &Key::new([8; 32]), &Progress::default()).is_err());
        let mut bytes = good.clone();
        for place in (0..good.len()).step_by(1_361).chain([size - 1, size - 16, size - RESERVED, good.len() - 17]) {
            // Beyond the code a page is filled up with what nobody reads.
            let filled = place % size >= size - RESERVED + SALT + CODE;
            bytes[place] ^= 0x10;
            std::fs::write(path, &bytes).unwrap();
            let checked = check(path, key, &Progress::default());
            assert_eq!(checked.is_err(), !filled, "at {place}");
            if let Err(Fault::Damaged(words)) = checked {
                // Another salt is another key.
                let page = if place < SALT { 1 } else { place / size + 1 };
                assert!(words.starts_with(&format!("page {page} of")), "at {place}: {words}");
            }
            bytes[place] ^= 0x10;
        }
        std::fs::write(path, &good[..good.len() - 1]).unwrap();
        assert!(check(path, key, &Progress::default()).is_err());
    }
}
