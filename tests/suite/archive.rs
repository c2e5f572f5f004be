//! The archive in its folder: keys and ways in, each state it may be in, damage, new keys, backups. That nothing readable
//! lies about is looked for in the files themselves.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gridwatch::iodef::{indexed, summarise};
use gridwatch::model::{
    BareJid, Coverage, ItemId, Kind, Summary, TopicId,
    coverage::{Cause, Standing as Told},
};
use gridwatch::store::acts::{Change, Mark};
use gridwatch::store::archive::{Key, Word};
use gridwatch::store::index::{Bitmap, Lookup, Question, Stop, key};
use gridwatch::store::vault::{By, Code, Cost, Draft, Found, Locked, Trouble, Undone, Vault, Way, verify};
use gridwatch::store::{Archive, Incoming, ItemKey, Memory, Payload, Progress, Record, Route, Seq, Standing, Store};
use zeroize::Zeroizing;

use crate::support::sealed::{self, PAGE};

/// Enough to be Argon2, little enough for a test.
const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };
const PASSPHRASE: &str = "correct horse battery staple";
/// Stands in every payload, and in no file.
const PLAIN: &str = "plainly-readable-canary";

pub fn incoming(number: u32) -> Incoming {
    let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: format!("topic-{}", number % 3) };
    let text = format!(
        "<IODEF-Document version='2.00' xml:lang='en' xmlns='urn:ietf:params:xml:ns:iodef-2.0'><Incident \
         purpose='reporting'><IncidentID name='csirt.example'>{number}</IncidentID>\
         <GenerationTime>2026-11-21T10:00:00Z</GenerationTime><Description>{PLAIN} word{number} Überfall</Description>\
         <Contact type='organization' role='creator'><ContactName>CSIRT</ContactName></Contact><EventData><Flow>\
         <System category='source'><Node><Address category='ipv4-addr'>192.0.2.{}</Address></Node></System></Flow>\
         </EventData></Incident></IODEF-Document>",
        number % 256,
    );
    let payload = Payload { bytes: text.into_bytes().into(), scope: Arc::new([]) };
    let summary = summarise(&payload.bytes, &payload.scope);
    Incoming {
        key: ItemKey { topic, item: ItemId(format!("item-{number}")) },
        payload: Some(payload),
        summary,
        observables: Vec::new(),
        route: Route::Live,
        publisher: Some("publisher@grid.example".to_owned()),
        received: now(),
        delayed: None,
        history: false,
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_276_800, 0).unwrap()
}

fn batch(numbers: std::ops::Range<u32>) -> Vec<Incoming> {
    numbers.map(incoming).collect()
}

fn word(text: &str) -> Word {
    Word { text: text.to_owned(), begins: false }
}

/// A folder for one archive, and what opens it.
struct Home {
    folder: tempfile::TempDir,
    kept: Zeroizing<String>,
    code: Code,
}

impl Home {
    /// With every way in, and closed.
    fn new(rows: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut draft = draft(&vault(folder.path()));
        let (_, kept) = draft.keychain().unwrap();
        draft.passphrase(PASSPHRASE, CHEAP).unwrap();
        let code = draft.recovery().unwrap();
        let archive = draft.make().unwrap();
        let _ = archive.commit(batch(0..rows)).unwrap();
        archive.close().unwrap();
        Self { folder, kept, code }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    fn file(&self) -> PathBuf {
        self.path().join("archive-1.db")
    }

    fn locked(&self) -> Locked {
        match vault(self.folder.path()).look() {
            Ok(Found::Locked(locked)) => locked,
            other => panic!("{other:?}"),
        }
    }

    fn open(&self) -> Result<Archive, Trouble> {
        self.locked().open(By::Passphrase(PASSPHRASE), Some(indexed)).map_err(|(_, trouble)| trouble)
    }

    fn look(&self) -> Result<Found, Trouble> {
        vault(self.folder.path()).look()
    }
}

fn vault(folder: &Path) -> Vault {
    Vault::new(folder.join("archive"))
}

fn draft(vault: &Vault) -> Draft {
    match vault.look() {
        Ok(Found::Nothing(draft)) => draft,
        other => panic!("{other:?}"),
    }
}

/// Everything that is in a folder, by name.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

fn holds(bytes: &[u8], wanted: &str) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes())
}

/// What an archive must hold after `batch(0..rows)`.
fn whole(archive: &Archive, rows: u32) {
    assert_eq!(archive.len(), rows);
    for number in 0..rows {
        let incoming = incoming(number);
        let seq = archive.find(&incoming.key).unwrap().unwrap();
        let row = archive.row(seq).unwrap();
        assert_eq!((&*row.summary, row.standing, row.version), (&incoming.summary, Standing::Current, 1));
        assert_eq!(archive.payload(seq).unwrap(), incoming.payload);
        assert_eq!(archive.words(&[word(&format!("word{number}"))], None, 9).unwrap(), [seq]);
    }
}

#[test]
fn every_way_in_opens_and_no_other_does() {
    let home = Home::new(3);
    let locked = home.locked();
    assert_eq!(locked.ways(), [Way::Keychain, Way::Passphrase, Way::Recovery]);
    assert_eq!(locked.entry().unwrap().len(), 16);
    let code = home.code.text();
    let mut locked = locked;
    for (by, expected) in [
        (By::Passphrase("Correct horse battery staple"), Trouble::Wrong { way: Way::Passphrase }),
        (By::Keychain(""), Trouble::Wrong { way: Way::Keychain }),
        (By::Keychain(PASSPHRASE), Trouble::Wrong { way: Way::Keychain }),
        (By::Recovery(&code[1..]), Trouble::Mistyped),
        (By::Recovery(&Code::random().unwrap().text()), Trouble::Wrong { way: Way::Recovery }),
    ] {
        let (back, trouble) = locked.open(by, None).unwrap_err();
        assert_eq!(trouble, expected);
        locked = *back;
    }
    whole(&locked.open(By::Keychain(&home.kept), None).unwrap(), 3);
    for by in [By::Passphrase(PASSPHRASE), By::Recovery(&code.to_lowercase())] {
        whole(&home.locked().open(by, None).unwrap(), 3);
    }
}

#[test]
fn nothing_readable_lies_in_any_file_and_they_are_their_owners_alone() {
    let home = Home::new(0);
    let archive = home.open().unwrap();
    let _ = archive.commit(batch(0..200)).unwrap();
    let backup = home.path().join("all.backup");
    let _ = archive.back_up(&backup, "another passphrase", CHEAP, &Progress::default()).unwrap();
    let files = files(&home.path());
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert!(["archive-1.db", "archive-1.db-wal", "all.backup"].iter().all(|name| names.contains(name)), "{names:?}");
    let (code, raw) = (home.code.text(), home.kept.clone());
    for (name, bytes) in &files {
        for wanted in
            [PLAIN, "csirt.example", "topic-1", "item-7", "publisher@grid", PASSPHRASE, "another", &code, &raw]
        {
            assert!(!holds(bytes, wanted), "{name} holds {wanted}");
        }
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&home.path()), 0o700);
        for (name, _) in &files {
            assert_eq!(mode(&home.path().join(name)), 0o600, "{name}");
        }
    }
    let debug = format!("{archive:?} {:?}", home.code);
    assert!(!debug.contains(&*code) && !debug.contains(PLAIN), "{debug}");
}

#[test]
fn a_second_program_is_told_and_the_lock_ends_with_the_first() {
    let home = Home::new(1);
    let archive = home.open().unwrap();
    assert_eq!(home.look().unwrap_err(), Trouble::InUse);
    drop(archive);
    let locked = home.locked();
    assert_eq!(home.look().unwrap_err(), Trouble::InUse, "also while it waits for its key");
    drop(locked);
    whole(&home.open().unwrap(), 1);
}

#[test]
fn keys_that_are_gone_damaged_newer_or_too_costly_are_told_apart_and_nothing_is_made() {
    let home = Home::new(1);
    let (own, copy) = (home.path().join("keys.json"), home.path().join("keys.copy.json"));
    let sheet = fs::read_to_string(&own).unwrap();
    let unchanged = || assert!(home.file().exists());
    // One of the two is enough.
    fs::remove_file(&own).unwrap();
    whole(&home.open().unwrap(), 1);
    assert_eq!(fs::read_to_string(&own).unwrap(), sheet, "and mends the other");
    for broken in ["", "{", "[]", "{\"version\": 0}", &"9".repeat(100_000)] {
        fs::write(&own, broken).unwrap();
        whole(&home.open().unwrap(), 1);
    }
    fs::write(&own, "{").unwrap();
    fs::write(&copy, "{").unwrap();
    assert_eq!(home.look().unwrap_err(), Trouble::KeysDamaged);
    for path in [&own, &copy] {
        fs::remove_file(path).unwrap();
    }
    assert_eq!(home.look().unwrap_err(), Trouble::KeysLost, "no new key beside an archive");
    unchanged();
    for (changed, expected) in [
        (sheet.replace("\"version\": 1", "\"version\": 2"), Trouble::Newer),
        (sheet.replace("\"passphrase\"", "\"magic\""), Trouble::KeysDamaged),
    ] {
        fs::write(&own, changed).unwrap();
        assert_eq!(home.look().unwrap_err(), expected);
        unchanged();
    }
    for (from, to, expected) in [
        ("\"memory_kib\": 64", "\"memory_kib\": 67108864", Trouble::Costly),
        ("\"passes\": 1", "\"passes\": 4294967295", Trouble::Costly),
        ("\"check\": \"", "\"check\": \"AAAA", Trouble::KeysDamaged),
        ("\"memory_kib\": 64", "\"memory_kib\": 65", Trouble::Wrong { way: Way::Passphrase }),
    ] {
        fs::write(&own, sheet.replace(from, to)).unwrap();
        assert_eq!(home.open().unwrap_err(), expected, "{to}");
        unchanged();
    }
    fs::write(&own, sheet).unwrap();
    whole(&home.open().unwrap(), 1);
}

#[test]
fn a_wrong_key_is_told_from_a_broken_file() {
    let home = Home::new(1);
    let mut bytes = fs::read(home.file()).unwrap();
    bytes[17] ^= 1;
    fs::write(home.file(), &bytes).unwrap();
    assert_eq!(home.locked().open(By::Passphrase("x"), None).unwrap_err().1, Trouble::Wrong { way: Way::Passphrase });
    assert!(matches!(home.open().unwrap_err(), Trouble::Damaged { .. }));
    fs::remove_file(home.file()).unwrap();
    assert_eq!(home.open().unwrap_err(), Trouble::Gone);
}

#[test]
fn an_archive_without_a_way_in_is_not_made_and_a_second_try_may_be() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    assert!(vault.is_new() || !vault.folder().exists());
    assert_eq!(draft(&vault).make().unwrap_err(), Undone::from(Trouble::NoWay));
    assert_eq!(draft(&vault).passphrase("", CHEAP), Err(Trouble::NoWay));
    let mut second = draft(&vault);
    second.passphrase(PASSPHRASE, CHEAP).unwrap();
    drop(second.make().unwrap());
    assert!(!vault.is_new());
}

#[test]
fn new_keys_open_everything_and_old_ones_nothing() {
    let home = Home::new(50);
    let mut code = None;
    let archive = home.locked().rotate(By::Keychain(&home.kept), |draft| {
        draft.passphrase("fresh", CHEAP)?;
        code = Some(draft.recovery()?);
        Ok(())
    });
    whole(&archive.unwrap(), 50);
    assert_eq!(home.open().unwrap_err(), Trouble::Wrong { way: Way::Passphrase });
    assert_eq!(home.locked().ways(), [Way::Passphrase, Way::Recovery]);
    let old = home.locked().open(By::Recovery(&home.code.text()), None).unwrap_err().1;
    assert_eq!(old, Trouble::Wrong { way: Way::Recovery });
    for by in [By::Passphrase("fresh"), By::Recovery(&code.unwrap().text())] {
        whole(&home.locked().open(by, None).unwrap(), 50);
    }
    let names: Vec<String> = files(&home.path()).into_iter().map(|(name, _)| name).collect();
    assert!(!names.iter().any(|name| name.starts_with("archive-1")), "{names:?}");
    // Without any way in there are no new keys.
    let none = home.locked().rotate(By::Passphrase("fresh"), |_| Ok(()));
    let undone = none.unwrap_err();
    assert_eq!((undone.trouble, undone.is_named), (Trouble::NoWay, false));
    whole(&home.locked().open(By::Passphrase("fresh"), None).unwrap(), 50);
}

#[test]
fn a_change_that_stops_between_any_two_steps_leaves_one_archive_that_opens() {
    let home = Home::new(5);
    let before: Vec<_> = files(&home.path());
    let archive = home.locked().rotate(By::Keychain(&home.kept), |draft| draft.passphrase(PASSPHRASE, CHEAP));
    archive.unwrap().close().unwrap();
    let after: Vec<_> = files(&home.path());
    let file = |all: &[(String, Vec<u8>)], name: &str| all.iter().find(|(own, _)| own == name).unwrap().1.clone();
    let (old_file, new_file) = (file(&before, "archive-1.db"), file(&after, "archive-2.db"));
    let (old_keys, new_keys) = (file(&before, "keys.json"), file(&after, "keys.json"));
    // The copy half made; whole; keys written; renamed; the keys' copy written; the old file removed.
    let half = new_file[..new_file.len() / 2].to_vec();
    let steps: [&[(&str, &Vec<u8>)]; 5] = [
        &[
            ("archive-1.db", &old_file),
            ("archive-2.new", &half),
            ("keys.json", &old_keys),
            ("keys.copy.json", &old_keys),
        ],
        &[
            ("archive-1.db", &old_file),
            ("archive-2.new", &new_file),
            ("keys.json", &old_keys),
            ("keys.copy.json", &old_keys),
        ],
        &[
            ("archive-1.db", &old_file),
            ("archive-2.new", &new_file),
            ("keys.json", &new_keys),
            ("keys.copy.json", &old_keys),
        ],
        &[
            ("archive-1.db", &old_file),
            ("archive-2.new", &new_file),
            ("keys.json", &new_keys),
            ("keys.copy.json", &new_keys),
        ],
        &[
            ("archive-1.db", &old_file),
            ("archive-2.db", &new_file),
            ("keys.json", &new_keys),
            ("keys.copy.json", &new_keys),
        ],
    ];
    for (number, step) in steps.iter().enumerate() {
        fs::remove_dir_all(home.path()).unwrap();
        fs::create_dir(home.path()).unwrap();
        for (name, bytes) in *step {
            fs::write(home.path().join(name), bytes).unwrap();
        }
        let archive = home.open().unwrap_or_else(|trouble| panic!("after step {number}: {trouble}"));
        whole(&archive, 5);
        let names: Vec<String> = files(&home.path()).into_iter().map(|(name, _)| name).collect();
        let archives = names.iter().filter(|name| name.starts_with("archive-") && !name.contains("-wal"));
        assert_eq!(archives.filter(|name| !name.contains("-shm")).count(), 1, "after step {number}: {names:?}");
    }
}

/// The pages of the tables' own description and those where a table begins, as every new archive has them: without one of
/// these there is no way to any other page of it.
fn description() -> BTreeSet<usize> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.db");
    Archive::make(&path, &Key::new([7; 32])).unwrap().close().unwrap();
    let on = sealed::open(&path);
    let mut pages = on
        .prepare(
            "SELECT pageno FROM dbstat WHERE name = 'sqlite_schema'
             UNION SELECT rootpage FROM sqlite_schema WHERE rootpage > 0",
        )
        .unwrap();
    let pages: BTreeSet<usize> =
        pages.query_map([], |row| row.get::<_, u32>(0)).unwrap().map(|page| page.unwrap() as usize).collect();
    println!("the tables' own description and beginnings: {pages:?}");
    assert!(pages.contains(&1) && pages.len() > 1, "{pages:?}");
    pages
}

#[test]
fn a_damaged_archive_is_set_aside_as_it_is_and_gives_what_it_has() {
    let home = Home::new(2_000);
    let account: BareJid = "a@b.example".parse().unwrap();
    let record = Record {
        coverage: Coverage {
            topic: incoming(0).key.topic,
            standing: Told::Away { since: now() },
            stretches: Arc::new([]),
            gaps: Arc::new([]),
        },
        anchor: 2_000,
        level: true,
        most_seen: 9,
        confirmed: (now(), 2_000),
        before: None,
    };
    {
        let archive = home.open().unwrap();
        archive.keep_coverage(&account, vec![record.clone()]).unwrap();
        archive.close().unwrap();
    }
    let good = fs::read(home.file()).unwrap();
    let (pages, description) = (good.len() / PAGE, description());
    let mut random = 7_usize;
    for round in 0..12 {
        let mut bytes = good.clone();
        // A few pages, and none without which nothing is known of any other.
        let mut harmed = Vec::new();
        while harmed.len() <= round {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let page = 1 + random % pages;
            if !description.contains(&page) {
                bytes[(page - 1) * PAGE + 100 + random % 7_000] ^= 0x20;
                harmed.push(page);
            }
        }
        fs::write(home.path().join("archive-1.db"), &bytes).unwrap();
        // As the keys were before the round.
        if round == 0 {
            let _ = fs::copy(home.path().join("keys.json"), home.folder.path().join("keys.json")).unwrap();
        }
        let _ = fs::copy(home.folder.path().join("keys.json"), home.path().join("keys.json")).unwrap();
        let recovered = home.locked().recover(By::Passphrase(PASSPHRASE), now(), Some(indexed)).unwrap();
        assert!(fs::read(&recovered.aside).unwrap() == bytes, "the damaged file is kept as it was");
        assert!(recovered.aside.file_name().unwrap().to_str().unwrap().starts_with("archive-2026-11-21"));
        let (archive, kept) = (recovered.archive, recovered.kept);
        assert_eq!(u64::from(archive.len()), kept.rows);
        assert!(kept.rows + kept.lost >= 2_000 && kept.rows > 1_000, "{kept:?} without {harmed:?}");
        archive.verify().unwrap();
        for seq in 0..archive.len() {
            let row = archive.row(seq).unwrap();
            let number: u32 = row.key.item.0.strip_prefix("item-").unwrap().parse().unwrap();
            if let Some(payload) = archive.payload(seq).unwrap() {
                assert_eq!(Some(payload), incoming(number).payload, "never another's");
            }
        }
        // What was lost is not claimed any more.
        if let [told] = archive.coverage(&account).unwrap().as_slice() {
            let whole = kept.lost + kept.partial == 0;
            assert_eq!((told.level, told.coverage.gaps.is_empty()), (whole, whole), "{kept:?}");
            assert!(u64::from(told.anchor) <= kept.rows && u64::from(told.confirmed.1) <= kept.rows);
            assert!(whole || told.coverage.gaps.iter().all(|gap| gap.cause == Cause::Damaged));
        }
        // It takes in what is fetched again, each once.
        let again = archive.commit(batch(0..2_000)).unwrap();
        assert_eq!(u64::from(again.duplicates) + again.added.len() as u64, 2_000);
        assert_eq!(archive.len(), 2_000, "{kept:?}");
        archive.close().unwrap();
        whole_again(&home.open().unwrap());
        fs::remove_file(home.path().join("archive-2.db")).unwrap();
    }
}

/// After a recovery and another look at the topics everything is here.
fn whole_again(archive: &Archive) {
    for number in 0..2_000 {
        let incoming = incoming(number);
        let seq = archive.find(&incoming.key).unwrap().unwrap();
        assert_eq!(archive.payload(seq).unwrap(), incoming.payload);
    }
}

#[test]
fn bits_flipped_and_files_cut_anywhere_are_told_in_words_and_never_written_over() {
    let home = Home::new(300);
    let good = fs::read(home.file()).unwrap();
    let mut random = 99_usize;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let (mut told, mut read) = (0, 0);
    for round in 0..150 {
        let mut bytes = good.clone();
        if round % 3 == 0 {
            // Those that SQLite would take for no archive at all first.
            let lengths = [0, 1, 511, 4_095, 4_096, PAGE - 1];
            bytes.truncate(lengths.get(round / 3).copied().unwrap_or_else(|| next(good.len())));
        } else {
            let place = next(good.len());
            bytes[place] ^= 1 << next(8);
        }
        fs::write(home.file(), &bytes).unwrap();
        let archive = match home.open() {
            Err(Trouble::Damaged { .. }) => {
                told += 1;
                assert!(fs::read(home.file()).unwrap() == bytes, "round {round}");
                continue;
            }
            Err(other) => panic!("round {round}: {other}"),
            Ok(archive) => archive,
        };
        // It opened: what is read is right, or an error.
        for number in 0..300 {
            let incoming = incoming(number);
            let Ok(Some(seq)) = archive.find(&incoming.key) else { continue };
            if let Ok(Some(payload)) = archive.payload(seq) {
                assert_eq!(Some(payload), incoming.payload, "round {round}");
                read += 1;
            }
        }
        assert!(archive.verify().is_err() || bytes.len() == good.len(), "round {round}");
        drop(archive);
        for name in ["archive-1.db-wal", "archive-1.db-shm", "archive-1.db-doubt"] {
            let _ = fs::remove_file(home.path().join(name));
        }
    }
    assert!(told > 20 && read > 1_000, "told {told}, read {read}");
}

#[test]
fn a_backup_is_made_while_more_comes_and_restores_to_the_same() {
    let home = Home::new(700);
    let archive = home.open().unwrap();
    let account: BareJid = "a@b.example".parse().unwrap();
    let _ = archive.retract(&[incoming(1).key], now()).unwrap();
    let target = home.folder.path().join("all.backup");
    let count = std::thread::scope(|scope| {
        let making = scope.spawn(|| archive.back_up(&target, "travels", CHEAP, &Progress::default()).unwrap());
        for first in (700..1_400).step_by(50) {
            let _ = archive.commit(batch(first..first + 50)).unwrap();
        }
        making.join().unwrap()
    });
    assert!((700..=1_400).contains(&count), "{count}");
    assert_eq!(archive.back_up(&target, "travels", CHEAP, &Progress::default()).unwrap_err(), Trouble::Exists);
    assert_eq!(verify(&target, "travels").unwrap(), count);
    assert_eq!(verify(&target, "Travels").unwrap_err(), Trouble::Wrong { way: Way::Passphrase });
    assert_eq!(verify(&home.file(), "travels").unwrap_err(), Trouble::NoBackup);
    let other = tempfile::tempdir().unwrap();
    let mut fresh = draft(&vault(other.path()));
    fresh.passphrase("elsewhere", CHEAP).unwrap();
    let restored = fresh.restore(&target, "travels", None).unwrap();
    assert_eq!(u64::from(restored.len()), count);
    for seq in 0..restored.len() {
        let (ours, theirs) = (archive.row(seq).unwrap(), restored.row(seq).unwrap());
        assert_eq!((&ours.key, &ours.summary, ours.standing), (&theirs.key, &theirs.summary, theirs.standing));
        assert_eq!(archive.payload(seq).unwrap(), restored.payload(seq).unwrap());
    }
    assert_eq!(restored.coverage(&account).unwrap(), archive.coverage(&account).unwrap());
    assert_eq!(restored.words(&[word("word7")], None, 9).unwrap(), [7]);
    assert_eq!(restored.commit(batch(0..700)).unwrap().duplicates, 699, "all but the one that was retracted");
    drop(restored);
    // Where there is an archive nothing is restored.
    assert!(matches!(vault(other.path()).look(), Ok(Found::Locked(_))));
}

/// Another document under the name of an item.
fn newer(number: u32) -> Incoming {
    Incoming { key: incoming(number).key, ..incoming(number + 10_000) }
}

#[test]
fn what_is_overwritten_and_marked_while_a_backup_is_made_stands_once_each() {
    let home = Home::new(3_000);
    let archive = home.open().unwrap();
    let star = |row: Seq| Change::Mark { rows: std::iter::once(row).collect(), mark: Mark::Starred, on: true };
    let target = home.folder.path().join("all.backup");
    std::thread::scope(|scope| {
        let making = scope.spawn(|| archive.back_up(&target, "travels", CHEAP, &Progress::default()).unwrap());
        let mut number = 0;
        // Everywhere in what is being written out: before its place and behind it.
        while !making.is_finished() && number < 200 {
            let (old, other) = (number, 2_999 - number);
            let done = archive.commit(vec![newer(old), newer(other)]).unwrap();
            archive.local().unwrap().change(&[star(old), star(done.added[0])]).unwrap();
            number += 1;
        }
        assert!(number > 3, "{number}");
        let _ = making.join().unwrap();
    });
    let other = tempfile::tempdir().unwrap();
    let mut fresh = draft(&vault(other.path()));
    fresh.passphrase("elsewhere", CHEAP).unwrap();
    let restored = fresh.restore(&target, "travels", None).unwrap();
    let rows = restored.len();
    assert!((3_000..=archive.len()).contains(&rows));
    let (mut standing, mut promoted) = (0, 0);
    for seq in 0..rows {
        let (ours, theirs) = (archive.row(seq).unwrap(), restored.row(seq).unwrap());
        assert_eq!((&ours.key, ours.version), (&theirs.key, theirs.version));
        assert_eq!(archive.payload(seq).unwrap(), restored.payload(seq).unwrap());
        standing += u32::from(!matches!(theirs.standing, Standing::Overwritten));
    }
    // Of each item exactly one version stands for it, however its newest fell out of what was written out.
    assert_eq!(standing, 3_000);
    for number in 0..3_000 {
        let seq = restored.find(&incoming(number).key).unwrap().unwrap();
        let row = restored.row(seq).unwrap();
        let is_last = archive.find(&row.key).unwrap() == Some(seq);
        // One that was written out before it was overwritten is as it was then; one that was written out after it stands
        // for what is missing, and its broker is not known to have it.
        let fits = if is_last { row.standing == Standing::Current } else { row.standing != Standing::Overwritten };
        assert!(fits, "item {number}: {:?}", row.standing);
        promoted += u32::from(matches!(row.standing, Standing::Absent(_)));
    }
    assert!(promoted > 0, "nothing was overwritten between two looks");
    let starred = |store: &Archive| store.local().unwrap().marked(&Bitmap::all(rows), &Mark::Starred).unwrap();
    let (mut theirs, ours) = (starred(&restored), starred(&archive));
    theirs.subtract(&ours);
    assert!(theirs.is_empty(), "a mark that nobody made");
    // What is fetched again brings each item to what it is, and nothing twice.
    let _ = restored
        .commit((0..3_000).map(|number| Incoming { route: Route::Fetched, ..now_of(&archive, number) }).collect())
        .unwrap();
    for number in 0..3_000 {
        let seq = restored.find(&incoming(number).key).unwrap().unwrap();
        assert_eq!(restored.payload(seq).unwrap(), now_of(&archive, number).payload);
        assert_eq!(restored.row(seq).unwrap().standing, Standing::Current);
    }
}

/// An item as its broker has it now.
fn now_of(archive: &Archive, number: u32) -> Incoming {
    let seq = archive.find(&incoming(number).key).unwrap().unwrap();
    Incoming { payload: archive.payload(seq).unwrap(), ..incoming(number) }
}

#[test]
fn rows_that_retention_emptied_are_backed_up_restored_and_recovered_as_such() {
    let home = Home::new(900);
    let archive = home.open().unwrap();
    let emptied: Vec<Seq> = (0..900).filter(|row| row % 3 == 1 || (300..360).contains(row)).collect();
    assert_eq!(archive.purge(&emptied, now()).unwrap(), emptied);
    let check = |archive: &Archive| {
        assert_eq!(archive.len(), 900, "numbers stay dense: only what is in a row goes");
        for seq in 0..900 {
            let gone = emptied.contains(&seq);
            assert_eq!(archive.row(seq).unwrap().summary.kind == Kind::Gone, gone, "row {seq}");
            assert_eq!(archive.payload(seq).unwrap().is_none(), gone, "row {seq}");
        }
        assert_eq!(archive.words(&[word("word301")], None, 9).unwrap(), [] as [Seq; 0]);
        // The broker has all of them still: none is taken in again.
        let again = batch(0..900).into_iter().map(|item| Incoming { route: Route::Fetched, ..item }).collect();
        assert_eq!(archive.commit(again).unwrap().duplicates, 900);
        assert!(archive.payload(301).unwrap().is_none());
    };
    check(&archive);
    let target = home.folder.path().join("all.backup");
    let _ = archive.back_up(&target, "travels", CHEAP, &Progress::default()).unwrap();
    archive.close().unwrap();
    let other = tempfile::tempdir().unwrap();
    let mut fresh = draft(&vault(other.path()));
    fresh.passphrase("elsewhere", CHEAP).unwrap();
    check(&fresh.restore(&target, "travels", Some(indexed)).unwrap());
    let recovered = home.locked().recover(By::Passphrase(PASSPHRASE), now(), Some(indexed)).unwrap();
    assert_eq!((recovered.kept.rows, recovered.kept.partial, recovered.kept.lost), (900, 0, 0));
    check(&recovered.archive);
}

#[test]
fn a_backup_that_was_changed_anywhere_is_refused_and_leaves_nothing() {
    let home = Home::new(300);
    let target = home.folder.path().join("all.backup");
    let _ = home.open().unwrap().back_up(&target, "travels", CHEAP, &Progress::default()).unwrap();
    let good = fs::read(&target).unwrap();
    let changed = home.folder.path().join("changed.backup");
    let step = good.len() / 60;
    for place in (0..good.len()).step_by(step) {
        let mut flipped = good.clone();
        flipped[place] ^= 4;
        let cut = good[..place].to_vec();
        let mut longer = good.clone();
        longer.insert(place, 0);
        for bytes in [flipped, cut, longer] {
            fs::write(&changed, bytes).unwrap();
            assert!(verify(&changed, "travels").is_err(), "at {place}");
        }
    }
    let other = tempfile::tempdir().unwrap();
    fs::write(&changed, &good[..good.len() - 40]).unwrap();
    let mut fresh = draft(&vault(other.path()));
    fresh.passphrase("elsewhere", CHEAP).unwrap();
    assert!(matches!(fresh.restore(&changed, "travels", None).unwrap_err().trouble, Trouble::Damaged { .. }));
    assert!(vault(other.path()).is_new());
}

#[test]
fn words_observables_and_revisions_are_found() {
    let home = Home::new(40);
    let archive = home.open().unwrap();
    assert_eq!(
        archive.words(&[word("uberfall"), word("WORD7")], None, 9).unwrap(),
        [7],
        "in any case, with no accents"
    );
    let begins = Word { text: "word3".to_owned(), begins: true };
    let found = archive.words(std::slice::from_ref(&begins), None, 99).unwrap();
    assert_eq!(found, [39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 3]);
    assert_eq!(archive.words(std::slice::from_ref(&begins), Some(36), 2).unwrap(), [35, 34], "the next page");
    for hostile in ["\"", "*", "NEAR(a b)", "text:x", "a OR b", "'; DROP TABLE items", "\0"] {
        assert!(archive.words(&[word(hostile)], None, 9).unwrap().is_empty(), "{hostile}");
    }
    let net = key::overlapping("192.0.2.8/30".parse().unwrap());
    assert_eq!(archive.observed(&net, &|| false).unwrap(), [8, 9, 10, 11]);
    assert!(archive.observed(&net, &|| true).is_err());
    let newer = Incoming { key: ItemKey { item: ItemId("new".to_owned()), ..incoming(1).key }, ..incoming(5) };
    let newer = Incoming { summary: Summary { title: "More".to_owned(), ..newer.summary.clone() }, ..newer };
    let _ = archive.commit(vec![newer]).unwrap();
    let revisions: Vec<Seq> = archive.revisions("csirt.example", "5").unwrap();
    assert_eq!(revisions, [5, 40]);
    assert!(archive.revisions("other.example", "5").unwrap().is_empty());
}

/// Names 300 addresses, more than a summary keeps.
fn bulk() -> Incoming {
    let flows: String = (0..300)
        .map(|host| {
            let (high, low) = (host / 256, host % 256);
            format!(
                "<Flow><System category='source'><Node><Address category='ipv4-addr'>10.9.{high}.{low}</Address></Node>\
                 </System></Flow>"
            )
        })
        .collect();
    let text = format!(
        "<IODEF-Document version='2.00' xmlns='urn:ietf:params:xml:ns:iodef-2.0'><Incident purpose='reporting'>\
         <IncidentID name='csirt.example'>bulk</IncidentID><GenerationTime>2026-11-21T10:00:00Z</GenerationTime>\
         <Contact type='organization' role='creator'><ContactName>CSIRT</ContactName></Contact><EventData>{flows}\
         </EventData></Incident></IODEF-Document>"
    );
    let payload = Payload { bytes: text.into_bytes().into(), scope: Arc::new([]) };
    let (summary, observables) = indexed(&payload.bytes, &payload.scope);
    assert_eq!((summary.observables.len(), observables.len()), (Summary::OBSERVABLES, 300));
    let key = ItemKey { item: ItemId("bulk".to_owned()), ..incoming(0).key };
    Incoming { key, payload: Some(payload), summary, observables, ..incoming(0) }
}

#[test]
fn everything_a_long_document_names_is_found_and_stays_so() {
    let home = Home::new(300);
    let archive = home.open().unwrap();
    let memory = Memory::default();
    let last = key::addresses("10.9.1.43".parse().unwrap(), "10.9.1.43".parse().unwrap());
    let found = |archive: &Archive| {
        let seq = archive.find(&bulk().key).unwrap().unwrap();
        assert_eq!(archive.observed(&last, &|| false).unwrap(), [seq, seq + 1], "the 300th");
        let all = archive.observables(seq).unwrap();
        assert_eq!(all, bulk().observables);
        let alike = archive.answer(&Question::Like(seq), None, &Stop::default()).unwrap();
        assert!(alike.iter().eq([seq, seq + 1]), "{:?}", alike.iter().collect::<Vec<_>>());
    };
    let mut alike = incoming(999);
    alike.summary.observables = vec![bulk().observables[299].clone()];
    alike.payload = None;
    for store in [&archive as &dyn Store, &memory] {
        let _ = store.commit(vec![bulk(), alike.clone()]).unwrap();
        assert_eq!(store.observables(store.find(&bulk().key).unwrap().unwrap()).unwrap(), bulk().observables);
        assert_eq!(store.observables(store.len() - 1).unwrap(), alike.summary.observables);
    }
    found(&archive);
    let backup = home.folder.path().join("all.backup");
    let _ = archive.back_up(&backup, "q", CHEAP, &Progress::default()).unwrap();
    archive.close().unwrap();
    let other = tempfile::tempdir().unwrap();
    let mut fresh = draft(&vault(other.path()));
    fresh.passphrase(PASSPHRASE, CHEAP).unwrap();
    fresh.restore(&backup, "q", Some(indexed)).unwrap().close().unwrap();
    let Ok(Found::Locked(locked)) = vault(other.path()).look() else { panic!("nothing restored") };
    found(&locked.open(By::Passphrase(PASSPHRASE), Some(indexed)).unwrap());
    let recovered = home.locked().recover(By::Passphrase(PASSPHRASE), now(), Some(indexed)).unwrap();
    recovered.archive.close().unwrap();
    found(&home.open().unwrap());
}
