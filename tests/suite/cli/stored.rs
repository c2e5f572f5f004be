//! The verbs over an archive: kept before it is shown, found again, written out, taken in; and every way to be told why not.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Output, Stdio};

use gridwatch::practice;
use gridwatch::store::vault::Vault;
use serde_json::{Value, json};

use super::{code, err, gridwatch, objects, out};
use crate::support::files;

pub const ACCOUNT: &str = "analyst@practice.invalid";
pub const PASSPHRASE: &str = "correct horse battery staple";

/// A home with an account on a practice grid that others can reach.
pub struct Home {
    _grid: practice::Grid,
    home: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Self {
        let grid = practice::Grid::start(practice::Options { port: Some(0), ..practice::Options::default() }).unwrap();
        let home = tempfile::tempdir().unwrap();
        let ca = home.path().join("ca.pem");
        std::fs::write(&ca, grid.ca_pem()).unwrap();
        let port = grid.port().unwrap();
        let profile = |name: &str, jid: &str| {
            format!("[profile.{name}]\njid = \"{jid}\"\nhost = \"127.0.0.1\"\nport = {port}\nca-file = {ca:?}\n")
        };
        let settings = profile("work", ACCOUNT) + &profile("sender", "publisher@practice.invalid");
        std::fs::write(home.path().join("settings.toml"), settings).unwrap();
        Self { _grid: grid, home }
    }

    pub fn path(&self) -> &Path {
        self.home.path()
    }

    pub fn begin(&self, line: &str, input: &str) -> Child {
        self.after(":", line, input)
    }

    /// After a command of the shell that starts it.
    pub fn after(&self, before: &str, line: &str, input: &str) -> Child {
        // The shell makes the second descriptor; both secrets come as a script would give them.
        let mut command = gridwatch(&self.home, "");
        let script = format!("{before}; exec 3< <(printf '%s\\n' \"$SECRET\"); exec \"$0\" {line}");
        let program = command.get_program().to_owned();
        let envs: Vec<_> = command.get_envs().map(|(name, value)| (name.to_owned(), value.map(Into::into))).collect();
        // Whatever who runs the tests has ignored (nohup).
        command = std::process::Command::new("env");
        let _ = command.args(["--default-signal=HUP,INT,TERM", "bash"]);
        for (name, value) in envs {
            let _: &mut std::process::Command = match value {
                Some(value) => {
                    let value: std::ffi::OsString = value;
                    command.env(name, value)
                }
                None => command.env_remove(name),
            };
        }
        let _ = command.arg("-c").arg(script).arg(program).env("SECRET", PASSPHRASE).current_dir(self.home.path());
        let _ = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child
    }

    pub fn run(&self, line: &str, input: &str) -> Output {
        self.begin(line, input).wait_with_output().unwrap()
    }

    /// With the archive's passphrase.
    pub fn open(&self, line: &str) -> Output {
        self.run(&format!("{line} --profile work --archive-passphrase-file 3"), "")
    }

    pub fn tail(&self, more: &str) -> Output {
        self.run(
            &format!("tail --profile work --password-file - --archive-passphrase-file 3 {more}"),
            "practice-analyst\n",
        )
    }

    pub fn is_there(&self, file: &str) -> bool {
        self.home.path().join(file).exists()
    }
}

pub fn ids(lines: &[Value]) -> Vec<(String, String, String)> {
    let text = |line: &Value, name: &str| line[name].to_string();
    lines.iter().map(|line| (line["topic"]["node"].to_string(), text(line, "item"), text(line, "version"))).collect()
}

#[test]
fn what_tail_showed_is_in_the_archive_and_is_not_shown_again() {
    let home = Home::new();
    // Nothing is made, and nothing received, without a word on where it goes.
    for verb in ["tail --count 1", "topics"] {
        let output = home.run(&format!("{verb} --profile work --password-file -"), "practice-analyst\n");
        assert_eq!((code(&output), out(&output).as_str()), (8, ""), "{}", err(&output));
        assert!(err(&output).contains("--memory"), "{}", err(&output));
    }
    let output = home.open("search");
    assert_eq!(code(&output), 8, "{}", err(&output));
    assert!(!home.is_there("data/archives"), "looking makes nothing");

    let first = home.tail("--json --count 5");
    assert_eq!(code(&first), 0, "{}", err(&first));
    assert!(err(&first).contains("An archive was made"), "{}", err(&first));
    let shown = objects(&first);
    assert_eq!(shown.len(), 5);
    let second = home.tail("--json --count 5");
    // Five may be enough before every topic is known to be complete: what then cannot be proven is told, and nothing else.
    assert_eq!(code(&second), 0, "{}", err(&second));
    assert!(err(&second).lines().all(|line| line.contains(" may be missing from ")), "{}", err(&second));
    let again = ids(&objects(&second));
    assert!(ids(&shown).iter().all(|id| !again.contains(id)), "shown twice");

    let found = home.open("search '' --json");
    assert_eq!((code(&found), err(&found)), (0, String::new()));
    let stored = objects(&found);
    let all = ids(&stored);
    assert!(ids(&shown).iter().chain(&again).all(|id| all.contains(id)), "shown and not stored");
    // The newest comes first; a filter and a count narrow it.
    let times: Vec<_> = stored.iter().map(|line| line["at"].as_str().unwrap().to_owned()).collect();
    assert!(times.is_sorted_by(|one, other| one >= other), "{times:?}");
    let high = objects(&home.open("search severity:high --json --count 2"));
    assert!(!high.is_empty() && high.len() <= 2 && high.iter().all(|line| line["severity"] == "high"), "{high:?}");
    let plain = home.open("search severity:high --count 1");
    assert!(out(&plain).contains("TLP:") && out(&plain).lines().count() == 1, "{}", out(&plain));

    // Hunted: what an incident names is found, defanged or not.
    let named = stored.iter().flat_map(|line| line["observables"].as_array().unwrap());
    let address = named.clone().find(|named| named["kind"] == "ipv4").unwrap()["value"].as_str().unwrap().to_owned();
    let list = format!("{}\n2001:db8:ffff::9\nno indicator at all\n", address.replace('.', "[.]"));
    let output = home.run("hunt - --json --profile work --archive-passphrase-file 3", &list);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let hits = objects(&output);
    assert_eq!((hits.len(), &hits[0]["indicator"], &hits[0]["line"]), (1, &json!(address), &json!(1)));
    assert!(err(&output).contains("Found: 1 of 2") && err(&output).contains("Line 3"), "{}", err(&output));
    // A list beyond what is looked for says so, and does not end as done.
    let list = "192.0.2.1\n".repeat(100_000) + "198.51.100.77\n";
    let output = home.run("hunt - --json --profile work --archive-passphrase-file 3", &list);
    assert_eq!(code(&output), 9, "{}", err(&output));
    assert_eq!(files::with(home.home.path(), PASSPHRASE), Vec::<std::path::PathBuf>::new());
    assert_eq!(files::with(&home.home.path().join("data"), &address), Vec::<std::path::PathBuf>::new());
}

#[test]
fn what_is_found_is_exported_and_taken_in_elsewhere() {
    let home = Home::new();
    assert_eq!(code(&home.tail("--count 12 --json")), 0);
    let rows = objects(&home.open("search '' --json")).len();
    // So many were carried of so many; the code says whether that is all.
    let carried = |output: &Output| {
        let told = err(output);
        let told: Vec<&str> = told.split("Carried: ").nth(1).unwrap().split_whitespace().collect();
        let (carried, asked): (usize, usize) = (told[0].parse().unwrap(), told[2].parse().unwrap());
        assert_eq!((asked, code(output)), (rows, if carried < asked { 9 } else { 0 }), "{}", err(output));
        carried
    };
    let output = home.open("export '' all.csv");
    assert!(carried(&output) > 0 && home.is_there("all.csv"), "{}", err(&output));
    // What is there stays, unless it is said.
    assert_eq!(code(&home.open("export '' all.csv")), 1);
    let _ = carried(&home.open("export '' all.csv --force"));
    // Whose filter it was is not the receiver's to know, unless it is said.
    let head = |more: &str| out(&home.open(&format!("export '-tag:zebra-crossing' - --to md {more}")));
    assert!(!head("").contains("zebra") && head("--with-filter").contains("zebra"));
    assert_eq!(code(&home.open("export '' -")), 1, "no format");
    assert_eq!(code(&home.open("export '' - --to iodef")), 1, "a folder");
    let poured = home.open("export '' - --to stix");
    let bundle: Value = serde_json::from_slice(&poured.stdout).unwrap();
    assert_eq!(bundle["type"], "bundle");
    let output = home.open("export '' all --to iodef");
    let carried = carried(&output);
    let documents = std::fs::read_dir(home.path().join("all")).unwrap().count() - 2;
    assert_eq!(documents, carried, "and a list and a sheet");

    let before = objects(&home.open("search topic:imported --json")).len();
    assert_eq!(before, 0);
    let taken = home.open("import all --json");
    assert_eq!(code(&taken), 0, "{} {}", out(&taken), err(&taken));
    let report = objects(&taken).pop().unwrap();
    // Different topics may carry the same document: it is taken once.
    let added = report["added"].as_u64().unwrap();
    assert_eq!(added + report["known"].as_u64().unwrap(), carried as u64, "{report}");
    let again = objects(&home.open("import all all/list.csv --json")).pop().unwrap();
    assert_eq!((&again["added"], &again["known"], &again["refused"]), (&json!(0), &json!(carried), &json!(1)));
    let imported = objects(&home.open("search topic:imported --json"));
    assert_eq!(imported.len() as u64, added);
    assert!(imported.iter().all(|line| line["topic"]["broker"] == "imported.invalid" && line["publisher"].is_null()));
    assert_eq!(code(&home.open("import nowhere.xml")), 9);
}

#[test]
fn what_cannot_be_opened_is_told_with_a_way_on() {
    let home = Home::new();
    assert_eq!(code(&home.tail("--count 1")), 0);
    // What is wrong with the words is said before anything is asked.
    let output = home.run("search severity:critical --profile work", "");
    assert_eq!(code(&output), 1, "{}", err(&output));
    let output = home.run("search --profile work --archive-passphrase-file -", "wrong\n");
    assert_eq!((code(&output), out(&output).as_str()), (8, ""), "{}", err(&output));
    let output = home.run("search --profile work --archive-code-file -", "wrong\n");
    assert_eq!(code(&output), 8, "{}", err(&output));
    let other = home.run("search --jid other@practice.invalid --archive-passphrase-file 3", "");
    assert_eq!(code(&other), 8);
    assert!(err(&other).contains("no archive of other@practice.invalid"), "{}", err(&other));
    // One program at a time.
    let held = Vault::new(home.home.path().join("data/archives").join(ACCOUNT)).look().unwrap();
    let output = home.open("search");
    assert_eq!(code(&output), 8);
    assert!(err(&output).contains("in use") && err(&output).contains("close it"), "{}", err(&output));
    drop(held);
    // A reader that has enough is no failure.
    let mut child = home.begin("search '' --json --profile work --archive-passphrase-file 3", "");
    let mut line = String::new();
    let _ = BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
