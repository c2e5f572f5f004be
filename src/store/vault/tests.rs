//! Errors between the steps of a change: whatever fails, what was kept opens again, and nothing else is left to open.

use std::sync::Arc;

use super::*;
use crate::model::{ItemId, Kind, Summary, TopicId};
use crate::store::vault::slot::CHEAP;
use crate::store::{Incoming, ItemKey, Payload, Route, Store};

const STEPS: [Step; 5] = [Step::Filled, Step::Keyed, Step::Kept, Step::Named, Step::Settled];

fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp(1_795_276_800, 0).unwrap()
}

fn incoming() -> Incoming {
    let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILEHost".to_owned() };
    Incoming {
        key: ItemKey { topic, item: ItemId("kept".to_owned()) },
        payload: Some(Payload { bytes: Arc::from(*b"<kept/>"), scope: Arc::from([]) }),
        summary: Summary::of_kind(Kind::Iodef2),
        observables: Vec::new(),
        route: Route::Live,
        publisher: None,
        received: now(),
        delayed: None,
        history: false,
    }
}

fn look(folder: &Path) -> Locked {
    match Vault::new(folder.to_path_buf()).look() {
        Ok(Found::Locked(locked)) => locked,
        other => panic!("{other:?}"),
    }
}

fn draft(folder: &Path) -> Draft {
    match Vault::new(folder.to_path_buf()).look() {
        Ok(Found::Nothing(draft)) => draft,
        other => panic!("{other:?}"),
    }
}

/// Closed, opened by `old`, with one row.
fn made(folder: &Path) {
    let mut draft = draft(folder);
    draft.passphrase("old", CHEAP).unwrap();
    let archive = draft.make().unwrap();
    let _ = archive.commit(vec![incoming()]).unwrap();
    archive.close().unwrap();
}

/// Whether it opens, with all that was in it.
fn opens(folder: &Path, passphrase: &str) -> bool {
    match look(folder).open(By::Passphrase(passphrase), None) {
        Ok(archive) => {
            assert_eq!(archive.payload(0).unwrap(), incoming().payload);
            archive.close().unwrap();
            true
        }
        Err((_, Trouble::Wrong { .. })) => false,
        Err((_, trouble)) => panic!("{trouble}"),
    }
}

fn files(folder: &Path) -> usize {
    archives(folder).unwrap().len()
}

#[test]
fn new_keys_that_fail_anywhere_leave_one_archive_that_opens() {
    for step in STEPS {
        let folder = tempfile::tempdir().unwrap();
        made(folder.path());
        step::fail_at(Some(step));
        let done = look(folder.path()).rotate(By::Passphrase("old"), |draft| draft.passphrase("new", CHEAP));
        step::fail_at(None);
        let undone = done.unwrap_err();
        assert!(matches!(undone.trouble, Trouble::Disk { .. }), "{step:?}");
        // Who made the new ways in is told that they are the archive's.
        assert_eq!(undone.is_named, step != Step::Filled, "{step:?}");
        let (old, new) = (opens(folder.path(), "old"), opens(folder.path(), "new"));
        assert_eq!((old, new), (step == Step::Filled, step != Step::Filled), "{step:?}");
        assert_eq!(files(folder.path()), 1, "{step:?}");
    }
}

#[test]
fn a_new_code_that_is_in_force_is_given_whatever_the_disk_says() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path());
    let archive = look(folder.path()).open(By::Passphrase("old"), None).unwrap();
    let before = fs::read(sheet::own(folder.path())).unwrap();
    let mut code = None;
    step::fail_at(Some(Step::Keyed));
    let lasts = archive.change_ways(By::Passphrase("old"), &[Way::Recovery], |draft| {
        code = Some(draft.recovery()?);
        Ok(())
    });
    step::fail_at(None);
    assert!(matches!(lasts, Ok(Lasts::Perhaps(Trouble::Disk { .. }))), "{lasts:?}");
    let code = code.unwrap().text();
    assert_eq!(archive.prove(By::Recovery(&code)), Ok(()));
    assert_eq!(archive.prove(By::Passphrase("new")), Err(Trouble::Wrong { way: Way::Passphrase }));
    archive.close().unwrap();
    assert!(look(folder.path()).open(By::Recovery(&code), None).is_ok());
    // What was before the code is brought back by a power cut: it opens as it did.
    for path in [sheet::own(folder.path()), sheet::copy(folder.path())] {
        fs::write(path, &before).unwrap();
    }
    assert!(opens(folder.path(), "old"));
}

#[test]
fn keys_that_a_power_cut_brings_back_open_the_file_they_name() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path());
    let before = fs::read(sheet::own(folder.path())).unwrap();
    step::fail_at(Some(Step::Keyed));
    let done = look(folder.path()).rotate(By::Passphrase("old"), |draft| draft.passphrase("new", CHEAP));
    step::fail_at(None);
    assert!(done.is_err());
    fs::write(sheet::own(folder.path()), before).unwrap();
    assert!(opens(folder.path(), "old") && !opens(folder.path(), "new"));
    assert_eq!(files(folder.path()), 1);
}

#[test]
fn a_recovery_that_fails_anywhere_loses_neither_the_damaged_file_nor_the_new_one() {
    for step in STEPS {
        let folder = tempfile::tempdir().unwrap();
        made(folder.path());
        let damaged = fs::read(sheet::file(folder.path(), 1)).unwrap();
        step::fail_at(Some(step));
        let done = look(folder.path()).recover(By::Passphrase("old"), now(), None);
        step::fail_at(None);
        assert!(matches!(done, Err(Trouble::Disk { .. })), "{step:?}");
        let aside = folder.path().join("archive-2026-11-21.damaged");
        assert_eq!(aside.exists(), step != Step::Filled, "{step:?}");
        assert!(opens(folder.path(), "old"));
        let evidence = if step == Step::Filled { sheet::file(folder.path(), 1) } else { aside };
        assert_eq!(fs::read(evidence).unwrap().len(), damaged.len(), "{step:?}");
    }
}

#[test]
fn a_first_archive_that_fails_anywhere_is_made_or_can_be_tried_again() {
    for step in STEPS {
        let folder = tempfile::tempdir().unwrap();
        let mut first = draft(folder.path());
        first.passphrase("old", CHEAP).unwrap();
        let code = first.recovery().unwrap();
        step::fail_at(Some(step));
        let done = first.make();
        step::fail_at(None);
        // Who made a code is told whether it is in force.
        assert_eq!(done.unwrap_err().is_named, step != Step::Filled, "{step:?}");
        match step {
            Step::Filled => made(folder.path()),
            _ => drop(look(folder.path()).open(By::Recovery(&code.text()), None).unwrap()),
        }
        // So where it is made of a backup.
        let (home, backup) = (tempfile::tempdir().unwrap(), folder.path().join("all.backup"));
        let archive = look(folder.path()).open(By::Passphrase("old"), None).unwrap();
        let _ = archive.back_up(&backup, "travels", CHEAP, &Progress::default()).unwrap();
        let mut next = draft(home.path());
        let code = next.recovery().unwrap();
        step::fail_at(Some(step));
        let done = next.restore(&backup, "travels", None);
        step::fail_at(None);
        assert_eq!(done.unwrap_err().is_named, step != Step::Filled, "{step:?}");
        if step != Step::Filled {
            drop(look(home.path()).open(By::Recovery(&code.text()), None).unwrap());
        }
    }
}

#[test]
fn a_sheet_that_lost_a_slot_is_told_and_mended_from_its_copy() {
    let folder = tempfile::tempdir().unwrap();
    let mut two = draft(folder.path());
    two.passphrase("old", CHEAP).unwrap();
    two.passphrase("other", CHEAP).unwrap();
    let archive = two.make().unwrap();
    let _ = archive.commit(vec![incoming()]).unwrap();
    archive.close().unwrap();
    let (own, copy) = (sheet::own(folder.path()), sheet::copy(folder.path()));
    let whole = fs::read(&own).unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(&whole).unwrap();
    let _ = json["slots"].as_array_mut().unwrap().remove(1);
    let short = serde_json::to_vec_pretty(&json).unwrap();
    // The copy has it.
    fs::write(&own, &short).unwrap();
    assert!(opens(folder.path(), "other"));
    assert_eq!(fs::read(&own).unwrap(), whole, "mended");
    fs::write(&own, &short).unwrap();
    assert!(opens(folder.path(), "old"));
    assert_eq!(fs::read(&own).unwrap(), whole, "mended");
    // No sheet has it.
    for path in [&own, &copy] {
        fs::write(path, &short).unwrap();
    }
    let changed = look(folder.path()).open(By::Passphrase("old"), None).unwrap_err().1;
    assert_eq!(changed, Trouble::KeysChanged);
    // A lost or broken one of the two is written again.
    for path in [&own, &copy] {
        fs::write(&own, &whole).unwrap();
        fs::write(&copy, &whole).unwrap();
        fs::remove_file(path).unwrap();
        assert!(opens(folder.path(), "old"));
        assert_eq!(fs::read(path).unwrap(), whole);
    }
}

#[test]
fn what_nobody_opens_is_put_by_as_it_is_and_a_new_one_begins() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path());
    let file = fs::read(sheet::file(folder.path(), 1)).unwrap();
    fs::write(folder.path().join("archive-1.db-wal"), b"log").unwrap();
    let (mut fresh, aside) = look(folder.path()).set_aside(now()).unwrap();
    assert!(aside.ends_with("archive-2026-11-21.locked"));
    assert!(fs::read(aside.join("archive-1.db")).unwrap() == file);
    assert_eq!(fs::read(aside.join("archive-1.db-wal")).unwrap(), b"log");
    assert!(!folder.path().join("archive-1.db-wal").exists());
    fresh.passphrase("new", CHEAP).unwrap();
    drop(fresh.make().unwrap());
    // Who finds the key opens what was put by.
    fs::remove_file(aside.join("archive-1.db-wal")).unwrap();
    assert!(opens(&aside, "old"));
    // Without keys too; never over the first.
    for path in [sheet::own(folder.path()), sheet::copy(folder.path())] {
        fs::remove_file(path).unwrap();
    }
    let vault = Vault::new(folder.path().to_path_buf());
    assert_eq!(vault.look().unwrap_err(), Trouble::KeysLost);
    let (fresh, second) = vault.set_aside(now()).unwrap();
    assert!(second.ends_with("archive-2026-11-21-2.locked") && second.join("archive-1.db").exists());
    assert!(opens(&aside, "old"));
    drop(fresh);
    assert!(vault.is_new());
}

/// A folder as a program leaves it that is killed now.
fn killed(from: &Path) -> tempfile::TempDir {
    let image = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let _ = fs::copy(&path, image.path().join(path.file_name().unwrap())).unwrap();
    }
    image
}

#[test]
fn a_log_that_is_broken_is_told_and_what_came_after_it_is_not_claimed() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path());
    let archive = look(folder.path()).open(By::Passphrase("old"), None).unwrap();
    let account = "a@grid.example".parse().unwrap();
    let coverage = crate::model::Coverage {
        topic: incoming().key.topic,
        standing: crate::model::coverage::Standing::Away { since: now() },
        stretches: Vec::new().into(),
        gaps: Vec::new().into(),
    };
    let (confirmed, before) = ((now(), 1), None);
    let record = crate::store::Record { coverage, anchor: 1, level: true, most_seen: 9, confirmed, before };
    archive.keep_coverage(&account, vec![record]).unwrap();
    for number in 0..20 {
        let key = ItemKey { item: ItemId(format!("more-{number}")), ..incoming().key };
        let _ = archive.commit(vec![Incoming { key, ..incoming() }]).unwrap();
    }
    let good = killed(folder.path());
    let log = fs::read(good.path().join("archive-1.db-wal")).unwrap();
    drop(archive);
    let opened = |at: Option<usize>, doubted: bool| {
        let image = killed(good.path());
        let mut bytes = log.clone();
        at.into_iter().for_each(|at| bytes[at] ^= 1);
        fs::write(image.path().join("archive-1.db-wal"), &bytes).unwrap();
        if doubted {
            fs::write(image.path().join("archive-1.db-doubt"), "").unwrap();
        }
        let opened = look(image.path()).open(By::Passphrase("old"), None).map_err(|(_, trouble)| trouble);
        if opened.is_err() {
            assert!(fs::read(image.path().join("archive-1.db-wal")).unwrap() == bytes, "nothing is written over it");
        }
        (opened.map(|archive| archive.len()), image)
    };
    assert_eq!(opened(None, false).0, Ok(21));
    assert_eq!(opened(None, true).0, Ok(21));
    // The last commit alone: a crash may have cut it off. Who looks because of a doubt is told.
    let last = log.len() - 2_000;
    assert!(matches!(opened(Some(last), false).0, Ok(20)));
    assert!(matches!(opened(Some(last), true).0, Err(Trouble::Damaged { .. })));
    let (broken, image) = opened(Some(log.len() / 3), false);
    assert!(matches!(broken, Err(Trouble::Damaged { .. })), "{broken:?}");
    let recovered = look(image.path()).recover(By::Passphrase("old"), now(), None).unwrap();
    assert!(recovered.kept.cut && recovered.kept.rows < 21, "{:?}", recovered.kept);
    let told = recovered.archive.coverage(&account).unwrap();
    assert!(told.iter().all(|told| !told.level && !told.coverage.gaps.is_empty()), "{told:?}");
}

#[test]
fn an_empty_file_is_damaged_and_nothing_is_removed_for_it() {
    for (length, log) in [(0, false), (0, true), (1, false), (511, true), (4_095, false)] {
        let folder = tempfile::tempdir().unwrap();
        made(folder.path());
        let file = sheet::file(folder.path(), 1);
        fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(length).unwrap();
        let wal = folder.path().join("archive-1.db-wal");
        if log {
            fs::write(&wal, b"the last commits").unwrap();
        }
        let trouble = look(folder.path()).open(By::Passphrase("old"), None).unwrap_err().1;
        assert!(matches!(trouble, Trouble::Damaged { .. }), "{length}: {trouble}");
        assert_eq!((fs::metadata(&file).unwrap().len(), wal.exists()), (length, log));
    }
    // The keys name the next generation, whose file is empty: the one before it is all there is.
    let folder = tempfile::tempdir().unwrap();
    made(folder.path());
    step::fail_at(Some(Step::Kept));
    assert!(look(folder.path()).recover(By::Passphrase("old"), now(), None).is_err());
    step::fail_at(None);
    fs::write(sheet::unfinished(folder.path(), 2), b"").unwrap();
    let trouble = look(folder.path()).open(By::Passphrase("old"), None).unwrap_err().1;
    assert!(matches!(trouble, Trouble::Damaged { .. }), "{trouble}");
    assert!(sheet::file(folder.path(), 1).exists());
}
