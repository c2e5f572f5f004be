//! Typing when the program is killed: a child types into drafts of an archive, as fast and as long as it is let, and tells each
//! key before it tells anybody else; it is killed with `SIGKILL` at a random moment. Whatever was typed two seconds before is
//! there, in every draft, and each draft is whole.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use chrono::Utc;
use gridwatch::compose::Draft;
use gridwatch::compose::draft::{Act, Beside, Spot};
use gridwatch::compose::shelf::{self, Drafts, Saver, Sheet};
use gridwatch::iodef::Document;
use gridwatch::store::Archive;
use gridwatch::store::archive::Key;
use gridwatch::store::local::Shelf;

use crate::support::child;

const CHILD: &str = "drafts_kill::child_that_types";
const KILLS: u32 = 8;
/// Drafts under work at once.
const DRAFTS: usize = 5;
/// What may be lost of typing (issue 6).
const LOSS: Duration = Duration::from_secs(2);
const KEY: Duration = Duration::from_millis(25);

fn open(folder: &Path) -> Archive {
    let (path, key) = (folder.join("archive.db"), Key::new([7; 32]));
    if path.exists() { Archive::open(&path, &key, None).unwrap() } else { Archive::make(&path, &key).unwrap() }
}

fn blank() -> Draft {
    let text = "<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" version=\"2.00\"><Incident purpose=\"reporting\">\
        <Description>0</Description></Incident></IODEF-Document>";
    Draft::new(Document::read(text, &[]).unwrap(), Beside::default())
}

/// The number of keys that a draft holds.
fn typed(draft: &Draft) -> u64 {
    let said = draft.document().root().descendants().find(|element| element.is("Description")).unwrap();
    said.text().parse().unwrap()
}

#[test]
fn child_that_types() {
    let Some(folder) = child::argument() else { return };
    let archive = open(Path::new(&folder));
    let mut drafts: Vec<(String, Sheet)> = Drafts::read(&archive, Utc::now()).unwrap().open;
    while drafts.len() < DRAFTS {
        let sheet = Sheet { draft: blank(), changed: Utc::now(), discarded: None };
        let name = shelf::free(&archive, Shelf::Drafts).unwrap();
        shelf::put(&archive, &name, &sheet).unwrap();
        drafts.push((name, sheet));
    }
    let mut out = std::io::stdout();
    let mut tell = |line: String| {
        writeln!(out, "{line}").unwrap();
        out.flush().unwrap();
    };
    tell(String::new());
    let mut saver = Saver::default();
    drafts.iter().for_each(|(name, sheet)| saver.opened(name.clone(), sheet.draft.revision()));
    // As the window does it: one writer beside the one who types.
    let (ask, asked) = mpsc::channel::<Vec<(String, Sheet)>>();
    let (answer, answered) = mpsc::channel();
    std::thread::scope(|scope| {
        let archive = &archive;
        let _writer = scope.spawn(move || {
            for sheets in asked {
                answer.send(Drafts::keep(archive, &sheets).is_ok()).unwrap();
            }
        });
        let mut writing: Option<Vec<(String, u64)>> = None;
        for at in 0_usize.. {
            let (name, sheet) = &mut drafts[at / 3 % DRAFTS];
            let keys = typed(&sheet.draft) + 1;
            let node =
                sheet.draft.document().root().descendants().find(|element| element.is("Description")).unwrap().id();
            let act = Act::Set { spot: Spot::text(node), value: keys.to_string() };
            let _ = sheet.draft.act(&act, Instant::now()).unwrap();
            saver.typed(name.clone(), sheet.draft.revision(), Instant::now());
            tell(format!("{name} {keys}"));
            let until = Instant::now() + KEY;
            while let Some(left) = until.checked_duration_since(Instant::now()) {
                if let Ok(is_done) = answered.recv_timeout(left.min(Duration::from_millis(5))) {
                    saver.written(&writing.take().unwrap(), is_done, Instant::now());
                }
                if writing.is_none() && saver.due().is_some_and(|due| due <= Instant::now()) {
                    let taken = saver.take(Instant::now());
                    let goes = |name: &String| taken.iter().any(|(own, _)| own == name);
                    ask.send(drafts.iter().filter(|(name, _)| goes(name)).cloned().collect()).unwrap();
                    writing = Some(taken);
                }
            }
        }
    });
}

#[test]
fn at_most_two_seconds_of_typing_are_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = 0x1234_5678_9abc_def0_u64;
    let mut kept: HashMap<String, u64> = HashMap::new();
    let mut most = Duration::ZERO;
    for kill in 0..KILLS {
        let mut command = child::command(CHILD, folder.path().to_str().unwrap());
        let _ = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut guard = child::Guard::new(command.spawn().unwrap());
        let lines = BufReader::new(guard.child.stdout.take().unwrap());
        let (sender, receiver) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                if sender.send((Instant::now(), line)).is_err() {
                    break;
                }
            }
        });
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // From the first key on: up to four seconds of typing.
        let mut keys: Vec<(Instant, String, u64)> = Vec::new();
        let read =
            |line: &str| line.split_once(' ').and_then(|(name, keys)| Some((name.to_owned(), keys.parse().ok()?)));
        let mut until = None;
        loop {
            let left =
                until.map_or(Duration::from_secs(60), |until: Instant| until.saturating_duration_since(Instant::now()));
            let Ok((at, line)) = receiver.recv_timeout(left) else { break };
            let Some((name, count)) = read(&line) else { continue };
            keys.push((at, name, count));
            let _ = until.get_or_insert(at + Duration::from_millis(1_000 + (random >> 33) % 3_000));
        }
        guard.child.kill().unwrap();
        let killed = Instant::now();
        let _ = guard.child.wait().unwrap();
        keys.extend(receiver.iter().filter_map(|(at, line)| read(&line).map(|(name, count)| (at, name, count))));
        reader.join().unwrap();
        assert!(!keys.is_empty(), "kill {kill}: nothing was typed");
        let archive = open(folder.path());
        let drafts = Drafts::read(&archive, Utc::now()).unwrap();
        assert_eq!((drafts.open.len(), drafts.told.len()), (DRAFTS, 0), "kill {kill}: no draft is lost or damaged");
        for (name, sheet) in &drafts.open {
            let own = typed(&sheet.draft);
            assert!(own >= kept.get(name).copied().unwrap_or_default(), "kill {kill}: what was there is there");
            let lost = keys.iter().find(|(_, own_name, count)| own_name == name && *count > own);
            if let Some((at, ..)) = lost {
                let lost = killed.saturating_duration_since(*at);
                most = most.max(lost);
                assert!(lost <= LOSS, "kill {kill}: {lost:?} of typing are lost in {name}");
            }
            let _ = kept.insert(name.clone(), own);
        }
        archive.close().unwrap();
    }
    println!("drafts: at most {most:?} of typing lost in {KILLS} kills");
}
