//! What stanzas must not do to a console, whoever sends them: the rows of `engine.md` §6 that are about stanzas, and
//! more, against a real engine on the scripted broker. None is accepted: no row, no change of what I am or own, no answer
//! beyond the one error RFC 6120 asks for. Each has a session of its own and names its row and its known case.

mod bombs;
mod cases;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gridwatch::engine::{Command, Connection, Options, RequestId};
use gridwatch::model::{Affiliation, Membership};
use gridwatch::store::{Standing, Store};

use crate::support::broker::{BROKER, Grid, event, item};
use crate::support::console::Console;
use cases::{Attack, Case, Expect};

/// Sessions at one time.
const WORKERS: usize = 4;

/// Online, subscribed to `feed` and owner of `desk`; `feed` has the stored incident `kept`.
pub fn online(change: impl FnOnce(&mut crate::support::broker::World)) -> (Console, Grid) {
    let mut console = Console::start(Options::default());
    let grid = Grid::honest(&console);
    grid.change(|world| {
        world.nodes = vec!["feed".to_owned(), "desk".to_owned(), "other".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        let _ = world.affiliations.insert("desk".to_owned(), "owner".to_owned());
        let _ = world.items.insert("feed".to_owned(), vec![("kept".to_owned(), payload("kept"))]);
        change(world);
    });
    console.connect(grid.login.clone());
    let _ = console.until_online();
    (console, grid)
}

pub fn payload(text: &str) -> String {
    format!("<a xmlns='urn:example'>{text}</a>")
}

/// All that an attack could have changed.
fn state(console: &Console) -> Vec<String> {
    let rows = console.rows();
    let mut state: Vec<String> = rows
        .iter()
        .map(|row| {
            // What this broker says it does not store, so a look at it in between finds it absent.
            let stands = matches!(row.standing, Standing::Current | Standing::Absent(_));
            let standing = if stands { "" } else { " marked" };
            format!("{} {}{standing} {:?} {}", row.key.topic.node, row.key.item.0, row.route, row.version)
        })
        .collect();
    state.sort();
    let topics = console.topics.iter();
    let something = topics.filter(|t| t.membership != Membership::None || t.affiliation != Affiliation::None);
    state.extend(something.map(|topic| format!("{} {:?} {:?}", topic.id, topic.membership, topic.affiliation)));
    state.extend(console.pending.iter().map(|pending| format!("{} asks for {}", pending.subscriber, pending.topic)));
    state
}

/// What is so without any attack.
const HONEST: [&str; 4] = [
    "feed after Live 1",
    "feed kept Fetched 1",
    "desk @ broker.grid.example None Owner",
    "feed @ broker.grid.example Subscribed None",
];

/// All that the engine says by itself: it answers nobody, tells nobody anything, and shows itself once.
fn said(grid: &Grid) -> Vec<String> {
    let heard = grid.world.lock().unwrap().heard.clone();
    let answer = |line: &String| line.contains("type='result'") || line.contains("type='error'");
    let tells =
        |line: &String| line.starts_with("<message") || (line.starts_with("<presence") && line.contains(" to="));
    heard.into_iter().filter(|line| answer(line) || tells(line) || line.contains("mallory")).collect()
}

fn attempt(case: &Case) -> Result<(), String> {
    let (mut console, grid) = match &case.attack {
        Attack::Says(_) => online(|_| {}),
        Attack::Lies { to, lie } => online(|world| world.before = Some((to.clone(), lie.clone()))),
    };
    let walked = |console: &Console| console.complete && console.store.len() >= 1;
    console.until("all there is", |console| walked(console).then_some(()));
    if let Attack::Says(stanzas) = &case.attack {
        grid.say(stanzas.as_str());
    }
    if let Expect::Ends = case.expect {
        console.until(case.name, |console| (!matches!(console.connection, Connection::Online(_))).then_some(()));
        let wanted: Vec<String> = HONEST[1..].iter().map(|line| (*line).to_owned()).collect();
        return check(case, "state", state(&console), wanted)
            .and_then(|()| check(case, "said", said(&grid), Vec::new()));
    }
    grid.say(event(BROKER, "feed", &item("after", &payload("after"))));
    console.until(case.name, |console| console.rows().iter().any(|row| row.key.item.0 == "after").then_some(()));
    if let Expect::Dropped(Some(key)) = case.expect {
        console.until(&format!("{}: {key}", case.name), |console| {
            console.notices.iter().any(|say| say.key == key).then_some(())
        });
    }
    // Whatever is still being asked has its answer before this one.
    let _ =
        console.ask(|request: RequestId| Command::Unsubscribe { request, topic: crate::support::broker::topic("x") });
    let mut wanted: Vec<String> = HONEST.map(str::to_owned).to_vec();
    if let Expect::Inert(row) = case.expect {
        wanted.insert(0, row.to_owned());
        wanted[..3].sort();
    }
    check(case, "state", state(&console), wanted)?;
    let mut said = said(&grid);
    if let Expect::Refused = case.expect {
        let refusal = said.pop().ok_or_else(|| format!("{}: no refusal", case.name))?;
        if !refusal.contains("service-unavailable") || refusal.len() > 400 {
            return Err(format!("{}: {refusal}", case.name));
        }
    }
    check(case, "said", said, Vec::new())
}

fn check(case: &Case, what: &str, is: Vec<String>, wanted: Vec<String>) -> Result<(), String> {
    if is == wanted {
        return Ok(());
    }
    Err(format!("{} ({}): {what} is\n  {}\nnot\n  {}", case.name, case.row, is.join("\n  "), wanted.join("\n  ")))
}

#[test]
fn none_is_accepted() {
    let cases = cases::all();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    assert!(cases.iter().all(|case| !case.row.is_empty()));
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            let _worker = scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // A panic names what it waited for; the other cases go on.
                    let result = std::panic::catch_unwind(|| attempt(case));
                    let failure = match result {
                        Ok(Ok(())) => continue,
                        Ok(Err(words)) => words,
                        Err(_) => format!("{} ({}): it panicked, see above", case.name, case.row),
                    };
                    failed.lock().unwrap().push(failure);
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} of {} cases:\n{}", failed.len(), cases.len(), failed.join("\n\n"));
}
