//! The log beside the file (SQLite's WAL) held against its own sums, without SQLite: one that is broken in its middle is to
//! SQLite one that ends there, and what was committed after it would be gone without a word. The layout is that of SQLite's
//! file format, §4; a sum goes on from the one of the frame before it, so each frame is held against what its neighbour says.
//!
//! May use the archive's own errors. Nobody writes to the log meanwhile.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::fault::Fault;
use super::schema::{OLDER, PAGE};

const HEADER: usize = 32;
const FRAME: usize = 24;
/// SQLite's largest page, in bytes.
const LARGEST: u64 = 65_536;
/// The first words of a log whose sums are of little-endian words; one more for the others.
const MAGIC: u32 = 0x377f_0682;

/// What became of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// All of it is what was written, or there is none.
    Whole,
    /// Its end is not: a write that a crash cut off, which nobody was told of as done; or damage to the last that was done.
    Torn,
    /// Something before its end is not what was written: later commits were on the disk, and SQLite passes them over.
    Broken,
}

type Sum = [u32; 2];

/// Reads the log of a file.
///
/// # Errors
/// When it could not be read.
pub fn read(path: &Path) -> Result<Log, Fault> {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    let file = match File::open(Path::new(&name)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Log::Whole),
        Err(error) => return Err(error.into()),
    };
    let mut from = BufReader::with_capacity(1 << 18, file);
    let mut header = [0; HEADER];
    if !fill(&mut from, &mut header)? {
        return Ok(Log::Whole);
    }
    let (said, of) = header.split_at(HEADER - 8);
    let big = word(said, 0) == MAGIC + 1;
    let begun = sum([0, 0], said, big);
    if word(said, 0) & !1 == MAGIC && pair(of, 0) == begun {
        let frames = Frames { big, salt: Some(pair(said, 16)), before: begun, state: State::Sound };
        return frames.all(&mut from, u64::from(word(said, 8)).min(LARGEST));
    }
    // Without the header nobody says how large the pages are.
    let mut told = Log::Whole;
    for page in [PAGE, OLDER] {
        let _ = from.seek(SeekFrom::Start(HEADER as u64))?;
        let state = State::Bad { commit: false, torn: false };
        match (Frames { big, salt: None, before: begun, state }).all(&mut from, page)? {
            Log::Broken => return Ok(Log::Broken),
            Log::Torn => told = Log::Torn,
            Log::Whole => {}
        }
    }
    Ok(told)
}

/// Whether nothing of a log is passed over that was on the disk.
///
/// # Errors
/// [`Fault::Damaged`] where something is.
pub fn sound(path: &Path) -> Result<(), Fault> {
    match read(path)? {
        Log::Whole | Log::Torn => Ok(()),
        Log::Broken => Err(Fault::Damaged(BROKEN.to_owned())),
    }
}

/// What is said of one.
pub const BROKEN: &str = "its log is not what was written, and what was stored last is in it";

/// How far the frames hold.
enum State {
    /// All so far.
    Sound,
    /// One did not. `commit`: one after it that holds ends a commit; `torn`: one that does not hold is of this log.
    Bad { commit: bool, torn: bool },
}

struct Frames {
    big: bool,
    /// Of this log: frames of an older one, which lie behind its end, have others. Unknown where the header is lost.
    salt: Option<Sum>,
    /// The sum that the frame before says it has.
    before: Sum,
    state: State,
}

impl Frames {
    /// Takes all frames that are left, of pages of this size.
    fn all(mut self, from: &mut impl Read, page: u64) -> Result<Log, Fault> {
        let mut frame = vec![0; FRAME + usize::try_from(page).unwrap_or_default()];
        while fill(from, &mut frame)? {
            if self.take(&frame) {
                return Ok(Log::Broken);
            }
        }
        Ok(match self.state {
            State::Bad { torn: true, .. } => Log::Torn,
            _ => Log::Whole,
        })
    }

    /// Takes the next frame; whether it proves that something before it is lost. A commit is on the disk before the next one
    /// is written: a frame behind a commit behind one that does not hold is such a proof.
    fn take(&mut self, frame: &[u8]) -> bool {
        let (head, page) = frame.split_at(FRAME);
        let own = *self.salt.get_or_insert_with(|| pair(head, 8)) == pair(head, 8);
        let sums = sum(sum(self.before, head.get(..8).unwrap_or_default(), self.big), page, self.big);
        let holds = own && sums == pair(head, 16);
        self.before = pair(head, 16);
        match &mut self.state {
            State::Sound if holds => {}
            State::Sound => self.state = State::Bad { commit: false, torn: own },
            State::Bad { commit: true, .. } if holds => return true,
            State::Bad { commit, torn } if holds => (*commit, *torn) = (word(head, 4) != 0, true),
            State::Bad { torn, .. } => *torn |= own,
        }
        false
    }
}

/// Fills the whole of it, or says that there is not so much.
fn fill(from: &mut impl Read, to: &mut [u8]) -> Result<bool, Fault> {
    match from.read_exact(to) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |word| u32::from_be_bytes(*word))
}

fn pair(bytes: &[u8], at: usize) -> Sum {
    [word(bytes, at), word(bytes, at + 4)]
}

fn sum(before: Sum, bytes: &[u8], big: bool) -> Sum {
    let [mut one, mut other] = before;
    for words in bytes.as_chunks::<8>().0 {
        let [a, b, c, d, e, f, g, h] = *words;
        let of = |word| if big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) };
        one = one.wrapping_add(of([a, b, c, d])).wrapping_add(other);
        other = other.wrapping_add(of([e, f, g, h])).wrapping_add(one);
    }
    [one, other]
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::archive::{Archive, Key, schema};

    const ROWS: i64 = 40;

    /// What a program that is killed leaves, with one commit a note, in a file with pages of this size.
    fn killed(folder: &Path, page: u64) -> Vec<u8> {
        let (path, key) = (folder.join("a.db"), Key::new([7; 32]));
        let archive = if page == OLDER {
            let frozen = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/archive/v7.db");
            let _ = fs::copy(frozen, &path).unwrap();
            Archive::open(&path, &key, None).unwrap()
        } else {
            Archive::make(&path, &key).unwrap()
        };
        for number in 0..ROWS {
            let writer = archive.writer().unwrap();
            let text = format!("INSERT INTO kept (kind, name, body) VALUES ('x', '{number}', x'00')");
            writer.connection.execute_batch(&text).unwrap();
        }
        let (db, log) = (fs::read(&path).unwrap(), fs::read(folder.join("a.db-wal")).unwrap());
        drop(archive);
        fs::write(&path, db).unwrap();
        log
    }

    fn told(folder: &Path, log: &[u8]) -> Log {
        fs::write(folder.join("a.db-wal"), log).unwrap();
        read(&folder.join("a.db")).unwrap()
    }

    #[test]
    fn what_sqlite_would_pass_over_is_told() {
        for page in [PAGE, OLDER] {
            told_of(page);
        }
    }

    fn told_of(page: u64) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        assert_eq!(read(&path.join("a.db")).unwrap(), Log::Whole, "there is none");
        let (good, framed) = (killed(path, page), FRAME + page as usize);
        let frames = (good.len() - HEADER) / framed;
        assert_eq!((good.len() - HEADER) % framed, 0, "another size of pages");
        assert!(frames as i64 > ROWS && told(path, &good) == Log::Whole && told(path, b"") == Log::Whole);
        let kept = || -> i64 {
            let connection = schema::connect(&path.join("a.db"), &Key::new([7; 32]), schema::Use::Read).unwrap();
            connection.query_row("SELECT count(*) FROM kept WHERE kind = 'x'", [], |row| row.get(0)).unwrap()
        };
        assert_eq!((told(path, &good), kept()), (Log::Whole, ROWS), "of pages of {page} bytes");
        // Who writes finds it all too, and carries it into the file.
        let aside = fs::read(path.join("a.db")).unwrap();
        Archive::open(&path.join("a.db"), &Key::new([7; 32]), None).unwrap().close().unwrap();
        assert_eq!((read(&path.join("a.db")).unwrap(), kept()), (Log::Whole, ROWS), "of pages of {page} bytes");
        fs::write(path.join("a.db"), aside).unwrap();
        // Cut off, as by a crash in a write.
        assert_eq!(told(path, &good[..good.len() - 100]), Log::Whole);
        for frame in 0..frames {
            for within in [5, 9, 17, FRAME + 1_000] {
                let mut bytes = good.clone();
                bytes[HEADER + frame * framed + within] ^= 8;
                let found = told(path, &bytes);
                // The last commits have nobody behind them who speaks for them; and the last frame, with another salt, may be
                // one of a log before.
                let expected: &[Log] = match frames - frame {
                    1 if within == 9 => &[Log::Whole],
                    1..=2 => &[Log::Torn],
                    3..=8 => &[Log::Torn, Log::Broken],
                    _ => &[Log::Broken],
                };
                assert!(expected.contains(&found), "frame {frame} of {frames}, byte {within}: {found:?}");
            }
        }
        // It is as said: SQLite has fewer, and says nothing.
        let mut bytes = good.clone();
        bytes[HEADER + (frames - 20) * framed + 100] ^= 8;
        assert_eq!(told(path, &bytes), Log::Broken);
        let count = kept();
        assert!(count > 0 && count < ROWS, "{count}");
        // The header too: without it there is no log.
        let mut bytes = good.clone();
        bytes[17] ^= 1;
        assert_eq!(told(path, &bytes), Log::Broken);
    }

    #[test]
    fn what_an_older_log_left_behind_its_end_is_no_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let good = killed(path, PAGE);
        // A log that began anew over the old one: its frames first, then those of before.
        let other = tempfile::tempdir().unwrap();
        let short = killed(other.path(), PAGE);
        let end = HEADER + 12 * (FRAME + PAGE as usize);
        let mut both = short[..end].to_vec();
        both.extend_from_slice(&good[end..]);
        assert_eq!(told(path, &both), Log::Whole);
    }
}
