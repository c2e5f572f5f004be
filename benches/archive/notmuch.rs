//! The rival: `notmuch` with the same texts as mails, one each.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use gridwatch::store::Incoming;

use super::mix;
use super::random::Random;
use super::rate::{p99, sample};

/// Searches of each kind: each is a process.
const RUNS: usize = 100;

pub struct Figures {
    pub a_second: f64,
    pub search: Duration,
    /// A process of it that does nothing.
    pub start: Duration,
    pub tag: Duration,
}

pub struct Mails {
    home: std::path::PathBuf,
    count: usize,
}

impl Mails {
    /// Nothing where there is no notmuch.
    pub fn make(home: &Path) -> Option<Self> {
        let _ = Command::new("notmuch").arg("--version").output().ok()?;
        let mails = home.join("mails");
        std::fs::create_dir_all(&mails).unwrap();
        let text = format!(
            "[database]\npath={}\n[user]\nname=Bench\nprimary_email=bench@grid.example\n[new]\ntags=unread\n",
            mails.display()
        );
        std::fs::write(home.join("config"), text).unwrap();
        Some(Self { home: home.to_owned(), count: 0 })
    }

    pub fn add(&mut self, batch: &[Incoming]) {
        let folder = self.home.join("mails").join(format!("{:04}", self.count / 2_048)).join("cur");
        std::fs::create_dir_all(&folder).unwrap();
        for one in batch {
            let summary = &one.summary;
            let mut mail = format!(
                "From: {}\nTo: {}\nDate: {}\nMessage-ID: <{}@grid.example>\nSubject: {} {}\n\n{}\n",
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
            let payload = &one.payload.as_ref().unwrap().bytes;
            let room = payload.len().saturating_sub(mail.len());
            let tail = String::from_utf8_lossy(&payload[payload.len() - room..]).into_owned();
            // What is left of its size stands in a part of the mail that is no words of it: 76 signs a line.
            for line in tail.as_bytes().chunks(76) {
                mail.push_str(std::str::from_utf8(line).unwrap());
                mail.push('\n');
            }
            std::fs::write(folder.join(format!("{}:2,", self.count)), mail).unwrap();
            self.count += 1;
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("notmuch");
        let done = command.args(arguments).env("NOTMUCH_CONFIG", self.home.join("config")).output().unwrap();
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
        Figures { a_second, search: p99(&search), start: start[RUNS / 2], tag }
    }
}
