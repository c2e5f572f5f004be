//! The rival: `notmuch` with the same texts as mails, one each, in memory where the machine has a file system there: it is
//! spared the disk, and ours is not. Beyond [`MOST`] its index alone takes an hour, so only `--all` gives it all of them; its lines say of how many they are.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use gridwatch::store::Incoming;
use tempfile::TempDir;

use super::mix;
use super::random::Random;
use super::rate::{p99, sample};

/// Searches of each kind: each is a process.
const RUNS: usize = 100;
/// Mails it is given at most, unless it is to have all.
const MOST: usize = 200_000;
/// Between the parts of a mail.
const PART: &str = "part-of-a-bench";
/// Where files are kept in memory.
const MEMORY: &str = "/dev/shm";

pub struct Figures {
    /// Of so many mails.
    pub mails: usize,
    pub a_second: f64,
    pub search: Duration,
    /// A process of it that does nothing.
    pub start: Duration,
    pub tag: Duration,
}

pub struct Mails {
    home: TempDir,
    count: usize,
    most: usize,
}

impl Mails {
    /// Nothing where there is no notmuch. `beside` is where mails go that have no place in memory.
    pub fn make(beside: &Path, all: bool) -> Option<Self> {
        let _ = Command::new("notmuch").arg("--version").output().ok()?;
        let at = if Path::new(MEMORY).is_dir() { Path::new(MEMORY) } else { beside };
        let home = tempfile::Builder::new().prefix("bench-mails-").tempdir_in(at).unwrap();
        let mails = home.path().join("mails");
        std::fs::create_dir(&mails).unwrap();
        let text = format!(
            "[database]\npath={}\n[user]\nname=Bench\nprimary_email=bench@grid.example\n[new]\ntags=unread\n",
            mails.display()
        );
        std::fs::write(home.path().join("config"), text).unwrap();
        Some(Self { home, count: 0, most: if all { usize::MAX } else { MOST } })
    }

    pub fn add(&mut self, batch: &[Incoming]) {
        let batch = &batch[..batch.len().min(self.most - self.count)];
        for one in batch {
            let folder = self.home.path().join("mails").join(format!("{:04}", self.count / 2_048)).join("cur");
            if self.count.is_multiple_of(2_048) {
                std::fs::create_dir_all(&folder).unwrap();
            }
            let summary = &one.summary;
            let mut mail = format!(
                "From: {}\nTo: {}\nDate: {}\nMessage-ID: <{}@grid.example>\nSubject: {} {}\nMIME-Version: 1.0\n\
                 Content-Type: multipart/mixed; boundary=\"{PART}\"\n\n--{PART}\nContent-Type: text/plain\n\n{}\n",
                one.publisher.as_deref().unwrap(),
                one.key.topic.node,
                one.received.to_rfc2822(),
                one.key.item.0,
                summary.csirt,
                summary.id,
                summary.descriptions[0].1,
            );
            for observable in &summary.observables {
                let _ = writeln!(mail, "{}", observable.value);
            }
            // The document itself is kept, as ours is, and no words are taken from it.
            let _ = write!(mail, "--{PART}\nContent-Type: application/octet-stream\n\n");
            let document = &one.payload.as_ref().unwrap().bytes;
            let mail = [mail.as_bytes(), document, format!("\n--{PART}--\n").as_bytes()].concat();
            std::fs::write(folder.join(format!("{}:2,", self.count)), mail).unwrap();
            self.count += 1;
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("notmuch");
        let done = command.args(arguments).env("NOTMUCH_CONFIG", self.home.path().join("config")).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        done
    }

    pub fn measure(&self) -> Figures {
        let begun = Instant::now();
        let _ = self.run(&["new", "--quiet"]);
        let a_second = self.count as f64 / begun.elapsed().as_secs_f64();
        let counted = String::from_utf8(self.run(&["count"]).stdout).unwrap();
        assert_eq!(counted.trim(), self.count.to_string());
        let start = sample(RUNS, || self.run(&["config", "get", "user.name"]));
        let mut random = Random(7);
        let search = sample(RUNS, || {
            let word = mix::word_by_chance(&mut random);
            self.run(&["search", "--output=messages", "--limit=60", &word])
        });
        let begun = Instant::now();
        let found = self.run(&["search", "--output=messages", "--limit=1000", "*"]).stdout;
        let asked: Vec<String> = String::from_utf8(found).unwrap().lines().map(str::to_owned).collect();
        assert_eq!(asked.len(), self.count.min(1_000));
        let _ = self.run(&["tag", "+bench", "--", &asked.join(" ")]);
        let tag = begun.elapsed();
        Figures { mails: self.count, a_second, search: p99(&search), start: start[RUNS / 2], tag }
    }
}
