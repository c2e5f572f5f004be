//! The verbs when somebody ends them: real processes, real signals, a real terminal.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use gridwatch::store::Store;
use gridwatch::store::vault::{Cost, Found, Vault};

use super::stored::{ACCOUNT, Home, PASSPHRASE, ids};
use super::{code, err, objects, out};
use crate::port::{incoming, text};
use crate::support::child::Guard;
use crate::support::wait;

const DOCUMENTS: u32 = 6_000;

fn kill(signal: &str, child: &Child) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// An archive of so many incidents.
fn filled(home: &Home, documents: u32) {
    let vault = Vault::new(home.path().join("data/archives").join(ACCOUNT));
    let Found::Nothing(mut draft) = vault.look().unwrap() else { panic!("there is one") };
    draft.passphrase(PASSPHRASE, Cost { memory_kib: 1 << 10, passes: 1, lanes: 1 }).unwrap();
    let archive = draft.make().unwrap();
    let all: Vec<_> = (0..documents).map(|n| incoming(&format!("i{n}"), &text(n, "amber"), &[])).collect();
    assert_eq!(archive.commit(all).unwrap().added.len(), documents as usize);
}

fn unfinished(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".gridwatch-")).collect()
}

/// Waits until what the child works in is to be seen there.
fn begun<T>(guard: &mut Guard, probe: impl Fn() -> Option<T>) -> T {
    wait::until("work to begin", || {
        assert!(guard.child.try_wait().unwrap().is_none(), "it ended before it was seen");
        probe()
    })
}

#[test]
fn an_export_that_is_ended_leaves_nothing() {
    let home = Home::new();
    filled(&home, DOCUMENTS);
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut guard =
            Guard::new(home.begin("export '' all --to iodef --profile work --archive-passphrase-file 3", ""));
        begun(&mut guard, || {
            let folder = home.path().join(unfinished(home.path()).pop()?);
            // Documents are in it by now.
            (fs::read_dir(folder).ok()?.count() > 5).then_some(())
        });
        kill(signal, &guard.child);
        let mut told = String::new();
        let _ = guard.child.stderr.take().unwrap().read_to_string(&mut told);
        assert_eq!(guard.exit(wait::PATIENCE).code(), Some(130), "{signal}: {told}");
        assert!(told.contains("Stopped"), "{told}");
        assert_eq!((unfinished(home.path()), home.is_there("all")), (Vec::new(), false), "{signal}");
    }
    // One file has no name while it grows, so that not even SIGKILL leaves one.
    for line in ["export '' all.csv", "export '' - --to stix"] {
        let line = format!("{line} --profile work --archive-passphrase-file 3");
        let mut guard = Guard::new(home.begin(&line, ""));
        let fds = format!("/proc/{}/fd", guard.child.id());
        begun(&mut guard, || {
            assert_eq!(unfinished(home.path()), Vec::<String>::new());
            let mut fds = fs::read_dir(&fds).ok()?.flatten();
            fds.any(|fd| {
                let nameless = fs::read_link(fd.path()).is_ok_and(|to| to.to_string_lossy().ends_with("(deleted)"));
                nameless && fs::metadata(fd.path()).is_ok_and(|meta| meta.len() > 10_000)
            })
            .then_some(())
        });
        kill("-KILL", &guard.child);
        let _ = guard.exit(wait::PATIENCE);
        assert_eq!((unfinished(home.path()), home.is_there("all.csv")), (Vec::new(), false));
    }
}

#[test]
fn what_a_killed_run_left_is_swept_away_and_nothing_else() {
    let home = Home::new();
    filled(&home, 3);
    let old = SystemTime::now() - Duration::from_secs(3_600);
    let file = |name: &str, at: SystemTime| {
        let file = File::create(home.path().join(name)).unwrap();
        file.set_modified(at).unwrap();
        file
    };
    let folder = |name: &str| {
        fs::create_dir(home.path().join(name)).unwrap();
        let lock = file(&format!("{name}/.lock"), old);
        drop(file(&format!("{name}/000001.xml"), old));
        File::open(home.path().join(name)).unwrap().set_modified(old).unwrap();
        lock
    };
    drop(file(".gridwatch-dead.tmp", old));
    drop(folder(".gridwatch-deadfolder.tmp"));
    drop(file(".gridwatch-young.tmp", SystemTime::now()));
    drop(file(".gridwatch-notes.txt", old));
    let (work, works) = (file(".gridwatch-work.tmp", old), folder(".gridwatch-works.tmp"));
    work.lock().unwrap();
    works.lock().unwrap();
    std::os::unix::fs::symlink("settings.toml", home.path().join(".gridwatch-link.tmp")).unwrap();
    let output = home.open("export '' all.md");
    assert_eq!(code(&output), 0, "{}", err(&output));
    let mut left = unfinished(home.path());
    left.sort();
    let stays = ["link.tmp", "notes.txt", "work.tmp", "works.tmp", "young.tmp"];
    assert_eq!(left, stays.map(|name| format!(".gridwatch-{name}")));
    // Another killed one: really killed.
    let mut guard = Guard::new(home.begin("export '' all --to json --profile work --archive-passphrase-file 3", ""));
    let status = guard.exit(wait::PATIENCE);
    assert!(status.success() && !home.path().join("all/.lock").exists(), "{status}");
}

#[test]
fn an_import_that_is_ended_keeps_what_it_took() {
    let home = Home::new();
    filled(&home, 1);
    let from = home.path().join("reports");
    fs::create_dir(&from).unwrap();
    for n in 0..DOCUMENTS {
        fs::write(from.join(format!("{n:05}.xml")), text(n + 1, "green")).unwrap();
    }
    let line = "import reports --json --profile work --archive-passphrase-file 3";
    let mut guard = Guard::new(home.begin(line, ""));
    let log = home.path().join("data/archives").join(ACCOUNT);
    begun(&mut guard, || {
        let wal = fs::read_dir(&log).ok()?.flatten().filter(|entry| entry.path().to_string_lossy().ends_with("-wal"));
        let wal: Vec<_> = wal.filter_map(|entry| entry.metadata().ok()).collect();
        wal.iter().any(|meta| meta.len() > 500_000).then_some(())
    });
    kill("-INT", &guard.child);
    let output = {
        let mut told = String::new();
        let _ = guard.child.stderr.take().unwrap().read_to_string(&mut told);
        assert_eq!(guard.exit(wait::PATIENCE).code(), Some(130), "{told}");
        told
    };
    let added: usize = output
        .split("New in the archive: ")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .replace(',', "")
        .parse()
        .unwrap();
    let stands = objects(&home.open("search topic:imported --json")).len();
    assert!(added == stands && stands > 0 && stands < DOCUMENTS as usize, "{added} {stands}");
    // The rest is taken in by the same words, and nothing twice.
    let report = objects(&home.open("import reports --json")).pop().unwrap();
    assert_eq!(
        (report["added"].as_u64(), report["known"].as_u64()),
        (Some(u64::from(DOCUMENTS) - added as u64), Some(added as u64))
    );
}

/// Lines as they come.
fn lines(child: &mut Child) -> BufReader<std::process::ChildStdout> {
    BufReader::new(child.stdout.take().unwrap())
}

const TAIL: &str = "tail --json --profile work --password-file - --archive-passphrase-file 3";

/// Everything that is stored, in the order of storing.
fn stored(home: &Home) -> Vec<(String, String, String)> {
    let mut all = objects(&home.open("search '' --json"));
    all.sort_by_key(|line| line["received"].as_str().unwrap().to_owned());
    ids(&all)
}

#[test]
fn tail_tells_each_once_whatever_ends_it() {
    let home = Home::new();
    let mut told = Vec::new();
    // By a count: what came with it is told by the next run, without a session where that is enough.
    for _ in 0..3 {
        let output = home.tail("--json --count 4");
        assert_eq!(code(&output), 0, "{}", err(&output));
        told.extend(ids(&objects(&output)));
    }
    // By Ctrl-C in the midst of it, with words and a code.
    let mut guard = Guard::new(home.begin(TAIL, "practice-analyst\n"));
    let mut out = lines(&mut guard.child);
    let mut more = String::new();
    for _ in 0..5 {
        let _ = out.read_line(&mut more).unwrap();
    }
    kill("-INT", &guard.child);
    let _ = out.read_to_string(&mut more).unwrap();
    assert_eq!(guard.exit(wait::PATIENCE).code(), Some(130));
    told.extend(ids(&more.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>()));
    // The rest: as many as are stored by now and were not told.
    let rest = stored(&home).len() - told.len();
    if rest > 0 {
        let output = home.tail(&format!("--json --count {rest}"));
        assert_eq!(code(&output), 0, "{}", err(&output));
        told.extend(ids(&objects(&output)));
    }
    let mut once = told.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), told.len(), "told twice");
    let all = stored(&home);
    assert!(told.iter().all(|id| all.contains(id)), "told and not stored");

    // Killed: the last lines may come again, and none is passed over.
    let mut guard = Guard::new(home.begin(TAIL, "practice-analyst\n"));
    let mut out = lines(&mut guard.child);
    let mut more = String::new();
    let _ = out.read_line(&mut more).unwrap();
    kill("-KILL", &guard.child);
    let _ = out.read_to_string(&mut more).unwrap();
    let _ = guard.exit(wait::PATIENCE);
    // The last line may be half of one.
    told.extend(ids(&more.lines().filter_map(|line| serde_json::from_str(line).ok()).collect::<Vec<_>>()));
    let rest = stored(&home).len().saturating_sub(told.len()).max(1);
    let output = home.tail(&format!("--json --count {rest} --for 60"));
    assert_eq!(code(&output), 0, "{}", err(&output));
    told.extend(ids(&objects(&output)));
    let missed: Vec<_> = all.iter().filter(|id| !told.contains(id)).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn what_who_starts_it_wants_ignored_is_ignored() {
    let home = Home::new();
    let mut guard = Guard::new(home.after("trap '' HUP", TAIL, "practice-analyst\n"));
    let mut out = lines(&mut guard.child);
    let mut line = String::new();
    let _ = out.read_line(&mut line).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", guard.child.id())).unwrap();
    let mask = |name: &str| {
        let mask = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        u64::from_str_radix(mask.trim(), 16).unwrap()
    };
    // SIGHUP is 1, SIGINT 2, SIGTERM 15.
    assert_eq!((mask("SigIgn:") & 1, mask("SigCgt:") & 1), (1, 0));
    assert_eq!(mask("SigCgt:") >> 1 & 1, 1);
    assert_eq!(mask("SigCgt:") >> 14 & 1, 1);
    kill("-TERM", &guard.child);
    assert_eq!(guard.exit(wait::PATIENCE).code(), Some(130));
}

/// A terminal of its own with a shell that runs `line` and then tells how the terminal is.
fn terminal(home: &Home, line: &str) -> Child {
    // A shell that waits for a program hears Ctrl-C too; what it does on it is not the program's.
    let inner = format!("trap : INT TERM; (echo pid=$BASHPID; exec \"$GRIDWATCH\" {line}); echo code=$?; stty -a");
    // A prompt that nothing ends is a failure, and no wait for ever.
    let mut command = Command::new("timeout");
    let _ = command.args(["--foreground", "180", "script"]);
    let _ = command.args(["-q", "-e", "-c", &format!("bash -c '{inner}'"), "/dev/null"]);
    let _ = command.env("GRIDWATCH", env!("CARGO_BIN_EXE_gridwatch")).env("GRIDWATCH_HOME", home.path());
    let _ = command.env("XDG_RUNTIME_DIR", home.path()).env_remove("DBUS_SESSION_BUS_ADDRESS").env_remove("DISPLAY");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Reads until `end` has been read.
fn until(out: &mut impl Read, read: &mut String, end: &str) {
    let mut piece = [0; 256];
    while !read.contains(end) {
        let more = out.read(&mut piece).unwrap();
        assert!(more > 0, "{read:?} has no {end:?}");
        read.push_str(&String::from_utf8_lossy(&piece[..more]));
    }
}

#[test]
fn a_prompt_that_is_ended_gives_the_terminal_back() {
    let home = Home::new();
    filled(&home, 1);
    for signal in [None, Some("-TERM"), Some("-HUP")] {
        let mut guard = Guard::new(terminal(&home, "search --profile work"));
        let mut out = guard.child.stdout.take().unwrap();
        let mut read = String::new();
        until(&mut out, &mut read, "Passphrase or recovery code");
        match signal {
            // Typed at the terminal.
            None => guard.child.stdin.as_mut().unwrap().write_all(b"hid\x03").unwrap(),
            Some(signal) => {
                let pid = read.split("pid=").nth(1).unwrap().split_whitespace().next().unwrap();
                assert!(Command::new("kill").args([signal, pid]).status().unwrap().success());
            }
        }
        until(&mut out, &mut read, "cstopb");
        let _ = out.read_to_string(&mut read);
        assert!(read.contains("Stopped by a signal") && read.contains("code=130"), "{signal:?} {read}");
        assert!(read.contains(" echo ") && !read.contains("-echo "), "{signal:?} {read}");
        assert!(!read.contains("hid"), "{read}");
        let _ = guard.exit(wait::PATIENCE);
    }
    // An empty line is told as such, and asked again; what is typed then opens it, and was never shown.
    let mut guard = Guard::new(terminal(&home, "search --profile work"));
    let mut out = guard.child.stdout.take().unwrap();
    let mut read = String::new();
    until(&mut out, &mut read, "Passphrase or recovery code");
    guard.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    until(&mut out, &mut read, "Nothing was typed");
    let asked = read.len();
    let mut again = String::new();
    until(&mut out, &mut again, "Passphrase or recovery code");
    guard.child.stdin.as_mut().unwrap().write_all(format!("{PASSPHRASE}\n").as_bytes()).unwrap();
    until(&mut out, &mut again, "code=");
    let _ = out.read_to_string(&mut again);
    assert!(asked > 0 && again.contains("code=0") && again.contains("csirt.example 0"), "{again}");
    assert!(!again.contains("correct horse"), "{again}");
    let _ = guard.exit(wait::PATIENCE);
}

#[test]
fn a_reader_that_does_not_read_cannot_hold_it() {
    let home = Home::new();
    filled(&home, DOCUMENTS);
    // Far more than a pipe takes: nobody reads.
    let mut guard = Guard::new(home.begin("search '' --json --profile work --archive-passphrase-file 3", ""));
    let stat = format!("/proc/{}/wchan", guard.child.id());
    let syscall = format!("/proc/{}/syscall", guard.child.id());
    begun(&mut guard, || {
        // 1 is write on this machine's kernel; where it is not told, the wait channel is.
        let waits = fs::read_to_string(&syscall).is_ok_and(|call| call.starts_with("1 0x1 "));
        (waits || fs::read_to_string(&stat).is_ok_and(|chan| chan.contains("pipe_write"))).then_some(())
    });
    kill("-TERM", &guard.child);
    assert_eq!(guard.exit(wait::PATIENCE).code(), Some(130));
}

#[test]
fn the_page_for_the_next_shift() {
    let home = Home::new();
    filled(&home, 5);
    let page = home.open("handover --since 2026-01-01 --until now");
    assert_eq!((code(&page), err(&page)), (0, String::new()));
    let page = out(&page);
    assert!(page.starts_with("# Shift handover\n\n**TLP:AMBER**\n"), "{page}");
    assert!(page.contains("## What came") && page.contains("## What may be missing"), "{page}");
    let written = home.open("handover shift.md --since 2026-01-01");
    assert_eq!(code(&written), 0, "{}", err(&written));
    let file = fs::read_to_string(home.path().join("shift.md")).unwrap();
    assert!(file.contains("5 incidents") && err(&written).contains("shift.md"), "{file}");
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(fs::metadata(home.path().join("shift.md")).unwrap().permissions().mode() & 0o777, 0o600);
    // What is there stays, unless it is said.
    assert_eq!(code(&home.open("handover shift.md --since 2026-01-01")), 1);
    assert_eq!(code(&home.open("handover shift.md --since 2026-01-01 --force")), 0);
    for (line, words) in [
        ("handover --since yesterday", "is no time"),
        ("handover --since 2h --until 3h", "begin when it ends"),
        ("handover --view Nobody's", "no view"),
    ] {
        let output = home.open(&line.replace('\'', "\"'\""));
        assert_eq!((code(&output), out(&output).as_str()), (1, ""), "{line}: {}", err(&output));
        assert!(err(&output).contains(words), "{line}: {}", err(&output));
    }
    // Before anything came there is nothing.
    let page = out(&home.open("handover --since 2020-01-01 --until 2020-01-02"));
    assert!(page.contains("0 incidents") && page.contains("**TLP:CLEAR**"), "{page}");
}
