//! What a process holds and does, as `/proc` tells.

use std::collections::BTreeMap;
use std::fs;

#[derive(Clone, Copy)]
pub struct Process(pub u32);

/// What each thread did so far: its name, seconds on a processor, how often it was woken.
pub struct Threads(BTreeMap<u32, (String, f64, u64)>);

/// What was done between two looks.
pub struct Spent {
    /// Seconds on a processor, of all threads.
    pub busy: f64,
    woken: BTreeMap<String, (f64, u64)>,
}

impl Process {
    /// A line of `status`.
    pub fn kilobytes(self, name: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap();
        number(&status, name)
    }

    pub fn threads(self) -> Threads {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0)).unwrap();
        let each = tasks.filter_map(|task| {
            let path = task.ok()?.path();
            let id = path.file_name()?.to_str()?.parse().ok()?;
            let read = |file: &str| fs::read_to_string(path.join(file)).ok();
            let ran: f64 = read("schedstat")?.split(' ').next()?.parse().ok()?;
            let woken = number(&read("status")?, "voluntary_ctxt_switches") as u64;
            Some((id, (read("comm")?.trim().to_owned(), ran / 1e9, woken)))
        });
        Threads(each.collect())
    }
}

/// The number of the line that begins so.
fn number(status: &str, name: &str) -> f64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

impl Threads {
    pub fn since(&self, before: &Self) -> Spent {
        let mut spent = Spent { busy: 0.0, woken: BTreeMap::new() };
        for (id, (name, ran, woken)) in &self.0 {
            let (_, ran_before, woken_before) = before.0.get(id).cloned().unwrap_or_default();
            let entry = spent.woken.entry(name.clone()).or_default();
            entry.0 += ran - ran_before;
            entry.1 += woken - woken_before;
            spent.busy += ran - ran_before;
        }
        spent
    }
}

impl Spent {
    /// Threads that were woken, the busiest first.
    pub fn words(&self, seconds: f64) -> String {
        let mut all: Vec<_> = self.woken.iter().filter(|(_, (_, woken))| *woken > 0).collect();
        all.sort_by(|one, other| other.1.0.total_cmp(&one.1.0));
        let words = all.into_iter().map(|(name, (ran, woken))| {
            format!("{name} {:.2} ({:.3} %)", *woken as f64 / seconds, ran / seconds * 100.0)
        });
        words.collect::<Vec<_>>().join(", ")
    }
}
