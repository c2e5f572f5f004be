//! The text verbs: `gridwatch topics`, `gridwatch tail` and an owner's over a grid, `search`, `export`, `import`, `hunt` and
//! `handover` over what is stored; thin over the same engine, model and store as the window. They serve scripts, terminals and screen readers.
//!
//! May use everything but `app`, `screen`, `widget`, `theme`. Results go to standard output, one line each; what is
//! said about the way there goes to standard error. How a run ended is its exit code, [`Exit`].

mod archive;
mod args;
mod check;
mod convert;
mod diff;
mod document;
mod give;
mod handover;
mod hunt;
mod json;
mod local;
mod logged;
mod out;
mod owner;
mod password;
mod publish;
mod retract;
mod search;
mod session;
mod signal;
mod tail;
mod take;
mod terminal;
mod topics;

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use crate::i18n::Catalog;
use crate::log;
use crate::model::Say;
use crate::settings::Paths;
use crate::store::{Memory, Store};

use args::{Ask, Verb};
use out::Out;
use signal::Signals;
use tail::Tail;

/// How long the end waits for the last commit and the archive's closing.
const CLOSING: Duration = Duration::from_secs(2);

/// How a verb ended. The numbers are documented in `--help` and README: scripts rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; a reader that closed the pipe early had enough and counts as done.
    Done = 0,
    /// The command line was not understood, or the profile or password it names is not to be had.
    Usage = 1,
    /// No session: unreachable, a certificate that is not believed, a wrong password.
    NoSession = 2,
    /// There was a session and the grid refused what was asked.
    Refused = 3,
    /// The time of `--for` passed before `--count` incidents had come.
    Short = 4,
    /// The output could not be written.
    Output = 5,
    /// `tail` cannot keep more incidents in memory, so it would miss those that come.
    Full = 6,
    /// The controller's certificate is not the one known or pinned: a person must compare it.
    Certificate = 7,
    /// The archive is not to be had: in use, locked, damaged, or not there.
    Archive = 8,
    /// Done, but not with everything: a file was refused, a row was left out. Each is told.
    Partly = 9,
    /// Nothing left: something stands in the way, and is told.
    Blocked = 10,
    /// It was sent, and whether the broker took it is not known.
    Unsure = 11,
    /// The log of acts is not what was written; the first bad entry is told.
    Broken = 12,
    /// Ended by Ctrl-C or another signal; what was begun was cleaned up.
    Halted = 130,
}

impl From<Exit> for u8 {
    fn from(exit: Exit) -> Self {
        // The discriminants above.
        exit as Self
    }
}

/// Why a verb ended early, with its words.
#[derive(Debug)]
struct Stop {
    exit: Exit,
    say: Say,
}

impl Stop {
    fn new(exit: Exit, say: Say) -> Self {
        Self { exit, say }
    }

    fn usage(say: Say) -> Self {
        Self::new(Exit::Usage, say)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::new(Exit::Output, Say::new("cli-output").with("cause", error.to_string()))
    }
}

/// The verbs that need no grid.
const CHECK: &str = "check";
const CONVERT: &str = "convert";
const DIFF: &str = "diff";

/// Whether these arguments (without the program's name) are for a text verb, help or version: then they are
/// [`run`]'s, and no window opens.
#[must_use]
pub fn takes(args: &[OsString]) -> bool {
    let first = args.first().and_then(|arg| arg.to_str());
    let helps = args.iter().any(|arg| ["--help", "-h", "--version", "-V"].iter().any(|flag| arg == flag));
    let named = |first| [CHECK, CONVERT, DIFF].contains(&first) || Verb::NAMES.contains(&first) || local::takes(first);
    first.is_some_and(named) || helps
}

/// Runs what [`takes`] took and gives the exit code.
pub fn run(args: Vec<OsString>) -> u8 {
    let catalog = Catalog::default();
    let mut out = Out::stdout();
    let helps = args.iter().any(|arg| arg == "--help" || arg == "-h");
    if args.first().is_some_and(|first| first == CHECK) && !helps {
        return check::run(args.into_iter().skip(1), &mut out, &catalog);
    }
    if args.first().is_some_and(|first| first == CONVERT) && !helps {
        return convert::run(args.into_iter().skip(1), &mut out, &catalog);
    }
    if args.first().is_some_and(|first| first == DIFF) && !helps {
        return diff::run(args.into_iter().skip(1), &mut out, &catalog);
    }
    if args.first().and_then(|first| first.to_str()).is_some_and(local::takes) && !helps {
        return local::run(args, &mut out, &catalog).unwrap_or_else(|stop| finish(&stop, &catalog)).into();
    }
    let ended = match args::parse(args) {
        Ok(args::Parsed::Help) => out.line(&catalog.text("cli-help")).map(|()| Exit::Done),
        Ok(args::Parsed::Version) => out.line(concat!("gridwatch ", env!("CARGO_PKG_VERSION"))).map(|()| Exit::Done),
        Ok(args::Parsed::Ask(ask)) => perform(&ask, &mut out, &catalog, &Signals::watch()),
        Err(stop) => Err(stop),
    };
    ended.unwrap_or_else(|stop| finish(&stop, &catalog)).into()
}

/// Says that the command line was not understood; for the window's own arguments too.
pub fn refuse(cause: &str) -> u8 {
    finish(&Stop::usage(Say::new("cli-usage").with("cause", cause)), &Catalog::default()).into()
}

fn finish(stop: &Stop, catalog: &Catalog) -> Exit {
    // A reader that closed the pipe had enough.
    if stop.exit != Exit::Done {
        out::note(&catalog.say(&stop.say));
        if let Some(next) = catalog.next(&stop.say) {
            out::note(&next);
        }
    }
    stop.exit
}

/// What a session is for.
enum Work<'a> {
    Topics,
    Tail(Tail),
    Publish(publish::Report<'a>),
    Owner(&'a owner::Owner),
    Retract(&'a args::Retract),
}

fn perform(ask: &Ask, out: &mut Out, catalog: &Catalog, signals: &Signals) -> Result<Exit, Stop> {
    out.hear(signals);
    let paths = Paths::find(ask.home.as_deref(), std::env::var_os("GRIDWATCH_HOME"));
    let _log = paths.as_ref().ok().and_then(|paths| log::open(&paths.logs()).ok());
    let login = session::prepare(ask, signals)?;
    let report = match &ask.verb {
        Verb::Publish(publish) => Some(publish::Report::read(publish, login.jid().is_none(), ask.json, out, catalog)?),
        Verb::Topics | Verb::Tail(_) | Verb::Owner(_) | Verb::Retract(_) => None,
    };
    if report.as_ref().is_some_and(publish::Report::is_blocked) {
        return Ok(Exit::Blocked);
    }
    let store = store(ask, &login, paths, catalog, signals)?;
    let mut report = report;
    if let Some(report) = &mut report
        && let Some(me) = login.jid()
    {
        let kept = (!ask.memory).then_some(&store);
        report.guard(me, kept, signals, out, catalog)?;
        if report.is_blocked() {
            return Ok(Exit::Blocked);
        }
    }
    let mut work = match (&ask.verb, report) {
        (_, Some(report)) => Work::Publish(report),
        (Verb::Tail(until), None) => Work::Tail(Tail::new(store.as_ref(), *until, ask.json)?),
        (Verb::Owner(owner), None) => Work::Owner(owner),
        (Verb::Retract(back), None) => Work::Retract(back),
        (Verb::Topics | Verb::Publish(_), None) => Work::Topics,
    };
    // What is here already may be all that is wanted.
    if let Work::Tail(tail) = &mut work
        && tail.tell(store.as_ref(), out, catalog)?
    {
        return Ok(Exit::Done);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Stop::new(Exit::NoSession, Say::new("cli-no-runtime").with("cause", error.to_string())))?;
    let ended = runtime.block_on(async {
        let mut session = login.open(catalog, store).await?;
        let verb = async {
            match &mut work {
                Work::Topics => topics::run(&mut session, ask.json, out).await,
                Work::Tail(tail) => tail.run(&mut session, out).await,
                Work::Publish(report) => report.run(&mut session, out).await,
                Work::Owner(owner) => owner.run(&mut session, ask.json, out).await,
                Work::Retract(back) => retract::run(back, ask.json, &mut session, out).await,
            }
        };
        // A signal is heard between two steps: what was printed is noted, and the controller told goodbye.
        let ended = tokio::select! {
            ended = verb => ended,
            stop = signals.come() => Err(stop),
        };
        session.close().await;
        ended
    });
    // The last commit ends and the archive is closed. Whatever still hangs, such as a name that does not resolve, must not
    // keep the process.
    runtime.shutdown_timeout(CLOSING);
    ended
}

/// Where what is received goes. What a controller kept for us it hands out once: a session without a place for it would lose
/// it, so that memory alone is a choice to be made, and never ours.
fn store(
    ask: &Ask,
    login: &session::Prepared,
    paths: Result<Paths, crate::settings::Error>,
    catalog: &Catalog,
    signals: &Signals,
) -> Result<Arc<dyn Store>, Stop> {
    let Some(jid) = login.jid().filter(|_| !ask.memory) else { return Ok(Arc::new(Memory::default())) };
    let paths = paths.map_err(|error| Stop::new(Exit::Archive, error.say()))?;
    Ok(Arc::new(archive::open(&paths, jid, ask.keys, true, catalog, signals)?))
}
