//! The archive on disks that fail it: full, read-only. Nothing is lost that was stored, reading goes on, and writing does
//! when there is room again.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use gridwatch::store::archive::{Fault, Key, doubt};
use gridwatch::store::vault::{By, Cost, Draft, Found, Trouble, Vault};
use gridwatch::store::{Archive, Error, Store};

use crate::archive::incoming;
use crate::support::child;
use crate::support::sealed::{self, PAGE};

const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

fn vault(folder: &Path) -> Vault {
    Vault::new(folder.join("archive"))
}

fn draft(folder: &Path) -> Result<Draft, Trouble> {
    match vault(folder).look()? {
        Found::Nothing(mut draft) => draft.passphrase("p", CHEAP).map(|()| draft),
        other => panic!("{other:?}"),
    }
}

fn open(folder: &Path) -> Result<Archive, Trouble> {
    match vault(folder).look()? {
        Found::Locked(locked) => locked.open(By::Passphrase("p"), None).map_err(|(_, trouble)| trouble),
        other => panic!("{other:?}"),
    }
}

/// Only the owner of the machine may mount; elsewhere the limit of a file's size stands in.
#[cfg(target_os = "linux")]
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| {
        use std::os::unix::fs::MetadataExt;
        own.uid() == 0
    })
}

/// A disk of so many megabytes, gone at the end.
#[cfg(target_os = "linux")]
pub struct Disk(tempfile::TempDir);

#[cfg(target_os = "linux")]
impl Disk {
    fn new(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m,mode=0700");
        let mounted =
            std::process::Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        let mounted = mounted.is_ok_and(|output| output.status.success());
        mounted.then_some(Self(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    fn remount(&self, options: &str) {
        let done = std::process::Command::new("mount").args(["-o", options]).arg(self.0.path()).status();
        assert!(done.unwrap().success());
    }
}

#[cfg(target_os = "linux")]
impl Drop for Disk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Where it cannot be mounted nothing is tested, and said so; not in CI, which is root.
#[cfg(target_os = "linux")]
pub fn disk(megabytes: u32) -> Option<Disk> {
    let disk = is_root().then(|| Disk::new(megabytes)).flatten();
    if disk.is_none() {
        println!("skipped: no file system can be mounted here");
        assert!(std::env::var_os("CI").is_none(), "CI can mount");
    }
    disk
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_stops_storing_and_loses_nothing() {
    let Some(disk) = disk(6) else { return };
    let archive = draft(disk.0.path()).unwrap().make().unwrap();
    let mut stored = 0;
    let full = loop {
        match archive.commit((stored..stored + 100).map(incoming).collect()) {
            Ok(done) => stored += done.added.len() as u32,
            Err(error) => break error,
        }
        assert!(stored < 100_000, "never full");
    };
    assert!(matches!(full, Error::NoRoom), "{full:?}");
    assert!(stored > 500, "{stored}");
    for _ in 0..5 {
        assert!(archive.commit((stored..stored + 100).map(incoming).collect()).is_err());
    }
    // Reading goes on.
    assert_eq!(archive.len(), stored);
    for number in (0..stored).step_by(97) {
        assert_eq!(archive.payload(number).unwrap(), incoming(number).payload);
    }
    drop(archive);
    // It opens on the full disk too, or says why not; with room everything goes on.
    match open(disk.0.path()) {
        Ok(archive) => assert_eq!(archive.len(), stored),
        Err(trouble) => assert_eq!(trouble, Trouble::NoRoom),
    }
    disk.remount("remount,size=64m");
    let archive = open(disk.0.path()).unwrap();
    assert_eq!(archive.len(), stored);
    assert_eq!(archive.commit((0..stored + 100).map(incoming).collect()).unwrap().added.len(), 100);
    archive.verify().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn with_a_disk_of_any_size_there_is_an_archive_or_words_and_never_half_of_one() {
    let mut enough = 0;
    for pages in 0..32_u32 {
        let Some(disk) = disk(2) else { return };
        // All but so many pages are taken.
        let free = pages as usize * 5 * PAGE;
        // Its own needs come on top: the last of it may not fit.
        let _ = fs::write(disk.0.path().join("filler"), vec![0_u8; (2 << 20) - free]);
        let made = draft(disk.0.path()).and_then(|draft| Ok(draft.make()?));
        let trouble = match made {
            Ok(archive) => {
                assert!(archive.is_empty());
                enough += 1;
                continue;
            }
            Err(trouble) => trouble,
        };
        assert_eq!(trouble, Trouble::NoRoom, "{pages} pages");
        fs::remove_file(disk.0.path().join("filler")).unwrap();
        // What is left does not stand in the way.
        match vault(disk.0.path()).look().unwrap() {
            Found::Nothing(mut draft) => {
                draft.passphrase("p", CHEAP).unwrap();
                drop(draft.make().unwrap());
            }
            Found::Locked(locked) => drop(locked.open(By::Passphrase("p"), None).unwrap()),
        }
    }
    assert!(enough > 0, "none of them was large enough");
}

/// An archive of an earlier version, opened with so little room that it cannot be brought up to date, or only just.
#[cfg(target_os = "linux")]
#[test]
fn what_an_earlier_version_left_is_brought_up_to_date_or_stays_what_it_was() {
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/archive");
    let key = Key::new([7; 32]);
    let texts = |archive: &Archive| -> Vec<_> {
        (0..archive.len()).map(|seq| archive.payload(seq).unwrap().map(|payload| payload.bytes)).collect()
    };
    let (mut refused, mut opened) = (0, 0);
    for version in 1..=4 {
        let name = format!("v{version}.db");
        let whole = {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(&name);
            let _ = fs::copy(frozen.join(&name), &path).unwrap();
            texts(&Archive::open(&path, &key, None).unwrap())
        };
        assert!(whole.len() > 10);
        // Each time more of the steps find room.
        for pages in (0..120_u64).step_by(6) {
            let Some(disk) = disk(1) else { return };
            let path = disk.0.path().join(&name);
            let before = fs::read(frozen.join(&name)).unwrap();
            fs::write(&path, &before).unwrap();
            let filler = disk.0.path().join("filler");
            let free = before.len() as u64 + pages * 4_096;
            let _ = fs::write(&filler, vec![0_u8; (1 << 20) - usize::try_from(free).unwrap()]);
            match Archive::open(&path, &key, None) {
                Ok(archive) => {
                    opened += 1;
                    assert_eq!(texts(&archive), whole);
                }
                Err(fault) => {
                    refused += 1;
                    assert_eq!(fault, Fault::NoRoom, "version {version}, {pages} pages");
                    assert_eq!(Trouble::from(fault).say().key, "archive-no-room");
                }
            }
            assert!(!doubt(&path).exists(), "a full disk is no damage");
            fs::remove_file(&filler).unwrap();
            let archive = Archive::open(&path, &key, None).unwrap();
            assert_eq!(texts(&archive), whole, "version {version}, {pages} pages");
            archive.verify().unwrap();
        }
    }
    assert!(refused > 10 && opened > 10, "{refused} refused, {opened} opened");
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_disk_is_told_and_nothing_is_made_elsewhere() {
    let Some(disk) = disk(16) else { return };
    {
        let archive = draft(disk.0.path()).unwrap().make().unwrap();
        let _ = archive.commit((0..10).map(incoming).collect()).unwrap();
        archive.close().unwrap();
    }
    disk.remount("remount,ro");
    assert_eq!(open(disk.0.path()).unwrap_err(), Trouble::ReadOnly);
    disk.remount("remount,rw");
    let archive = open(disk.0.path()).unwrap();
    assert_eq!(archive.len(), 10);
    fs::remove_dir_all(disk.0.path().join("archive")).unwrap();
    drop(archive);
    disk.remount("remount,ro");
    assert_eq!(draft(disk.0.path()).unwrap_err(), Trouble::ReadOnly);
}

const CHILD: &str = "archive_disk::child_with_small_files";

/// As a quota does it: a file may not grow beyond so much. The signal that comes with it is not for the archive to catch.
#[cfg(unix)]
#[test]
fn a_limit_of_a_files_size_is_a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut line = child::line(CHILD).into_iter();
    let program = line.next().unwrap();
    let script = "trap '' XFSZ; ulimit -f 1024; exec \"$@\"";
    let mut command = std::process::Command::new("bash");
    let _ = command.args(["-c", script, "bash"]).arg(program).args(line).env(child::ARGUMENT, folder.path());
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    let stored = text.lines().find_map(|line| line.split_once("stored ")).unwrap().1;
    let stored: u32 = stored.parse().unwrap();
    let archive = open(folder.path()).unwrap();
    assert_eq!(archive.len(), stored);
    archive.verify().unwrap();
    assert_eq!(archive.commit((0..stored + 1).map(incoming).collect()).unwrap().added, [stored]);
}

#[test]
fn child_with_small_files() {
    let Some(folder) = child::argument() else { return };
    let archive = draft(Path::new(&folder)).unwrap().make().unwrap();
    let mut stored = 0;
    let error = loop {
        match archive.commit((stored..stored + 50).map(incoming).collect()) {
            Ok(done) => stored += done.added.len() as u32,
            Err(error) => break error,
        }
        assert!(stored < 100_000, "never full");
    };
    // SQLite's word for it is that the disk could not be written.
    assert!(matches!(error, Error::NoRoom | Error::Disk { .. }), "{error:?}");
    assert_eq!(archive.payload(0).unwrap(), incoming(0).payload);
    println!("stored {stored}");
}

/// Another program that has the archive's key, and holds SQLite's own lock until it ends.
#[test]
fn child_that_holds_the_file() {
    let Some(path) = child::argument() else { return };
    let holds = sealed::open(Path::new(&path));
    holds.execute_batch("BEGIN IMMEDIATE").unwrap();
    println!("\nholds");
    std::thread::sleep(Duration::from_secs(300));
}

/// Runs it; what it holds is free when this is dropped.
pub fn holder(path: &Path) -> child::Guard {
    let mut command = child::command("archive_disk::child_that_holds_the_file", path.to_str().unwrap());
    let _ = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut guard = child::Guard::new(command.spawn().unwrap());
    let lines = BufReader::new(guard.child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "holds"), "it ended");
    guard
}

#[test]
fn a_file_that_another_program_holds_is_told_as_that_and_stores_again_when_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.db");
    let archive = Archive::make(&path, &Key::new([7; 32])).unwrap();
    let _ = archive.commit((0..10).map(incoming).collect()).unwrap();
    let holder = holder(&path);
    assert!(matches!(archive.commit((10..20).map(incoming).collect()), Err(Error::Busy)));
    // Reading goes on.
    assert_eq!((archive.len(), archive.payload(9).unwrap()), (10, incoming(9).payload));
    drop(holder);
    assert_eq!(archive.commit((10..20).map(incoming).collect()).unwrap().added.len(), 10);
    archive.verify().unwrap();
}
