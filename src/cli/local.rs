//! The verbs over what is stored: their command line, the account's archive, and its index.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use lexopt::prelude::*;

use super::archive::{self, Account, Own};
use super::out::Out;
use super::password::Source;
use super::signal::Signals;
use super::{Exit, Stop, give, handover, hunt, logged, search, session, take};
use crate::i18n::Catalog;
use crate::iodef::export::Format;
use crate::log;
use crate::model::{BareJid, Say};
use crate::settings::Paths;
use crate::store::finder::Wanted;
use crate::store::index::Failure;
use crate::store::query::Query;
use crate::store::{Finder, Seq, Store};

const NAMES: [&str; 6] = ["search", "export", "import", "hunt", "handover", "log"];

/// Whether the word is one of these verbs.
pub fn takes(word: &str) -> bool {
    NAMES.contains(&word)
}

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Asked {
    verb: String,
    /// What stands beside the options, in its order.
    pub words: Vec<OsString>,
    account: Account,
    pub json: bool,
    pub format: Option<Format>,
    pub force: bool,
    pub count: Option<usize>,
    /// The filter stands in what is exported.
    pub with_filter: bool,
    pub since: Option<String>,
    pub until: Option<String>,
    pub view: Option<String>,
    /// Of the log of acts, as it was noted down.
    pub head: Option<String>,
}

/// An archive at hand.
pub struct Desk {
    pub store: Arc<dyn Store>,
    jid: BareJid,
    pub signals: Signals,
    /// Where the log files are.
    pub logs: PathBuf,
    /// Ends the log with itself.
    _log: Option<log::Guard>,
}

fn parse(args: Vec<OsString>) -> Result<Asked, Say> {
    let usage = |error: lexopt::Error| Say::new("cli-usage").with("cause", error.to_string());
    let mut asked = read(args).map_err(usage)?;
    let Account { profile, jid, keys, .. } = &asked.account;
    if profile.is_some() == jid.is_some() {
        return Err(Say::new("cli-usage-account"));
    }
    if keys.are_two() {
        return Err(Say::new("cli-usage-archive"));
    }
    // A list on standard input leaves nothing of it for a secret.
    let secret = keys.sources().any(|source| source == Source::Stdin);
    if secret && asked.verb == "hunt" && asked.words.iter().any(|word| word == "-") {
        return Err(Say::new("cli-usage-local"));
    }
    let fits = match (asked.verb.as_str(), asked.words.len()) {
        ("search", 0) => {
            asked.words.push(OsString::new());
            true
        }
        ("search" | "hunt", 1) | ("export", 2) => true,
        ("import", words) => words > 0,
        ("handover", words) => words <= 1,
        ("log", words) => words <= 3,
        _ => false,
    };
    let verb = asked.verb.as_str();
    let page = asked.since.is_some() || asked.until.is_some() || asked.view.is_some();
    let own = [
        (asked.count.is_some(), ["search", "log"].contains(&verb)),
        (asked.head.is_some(), verb == "log"),
        (asked.format.is_some() || asked.with_filter, verb == "export"),
        (asked.force, ["export", "handover", "log"].contains(&verb)),
        (asked.json, verb != "export" && verb != "handover"),
        (page, verb == "handover"),
    ];
    let own = own.iter().all(|(given, fits)| *fits || !given);
    if fits && own { Ok(asked) } else { Err(Say::new("cli-usage-local")) }
}

fn read(args: Vec<OsString>) -> Result<Asked, lexopt::Error> {
    let mut asked = Asked::default();
    let mut parser = lexopt::Parser::from_args(args);
    loop {
        // A filter may begin with a dash, and none of these verbs has an option of one dash and more than a letter.
        if let Some(mut raw) = parser.try_raw_args()
            && let Some(word) = raw.next_if(is_negation)
        {
            asked.words.push(word);
            continue;
        }
        let Some(argument) = parser.next()? else { break };
        if let Some(own) = Own::of(&argument) {
            asked.account.take(own, &mut parser)?;
            continue;
        }
        match argument {
            Value(verb) if asked.verb.is_empty() => asked.verb = verb.string()?,
            Value(word) => asked.words.push(word),
            Long("json") => asked.json = true,
            Long("to") => asked.format = Some(parser.value()?.parse_with(super::convert::of_word)?),
            Long("force") => asked.force = true,
            Long("count") => asked.count = Some(parser.value()?.parse()?),
            Long("with-filter") => asked.with_filter = true,
            Long("since") => asked.since = Some(parser.value()?.string()?),
            Long("until") => asked.until = Some(parser.value()?.string()?),
            Long("head") => asked.head = Some(parser.value()?.string()?),
            Long("view") => asked.view = Some(parser.value()?.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(asked)
}

fn is_negation(word: &std::ffi::OsStr) -> bool {
    let mut bytes = word.as_encoded_bytes().iter();
    bytes.next() == Some(&b'-') && bytes.next().is_some_and(|byte| *byte != b'-') && bytes.next().is_some()
}

/// Runs `args`, whose first is one of the verbs.
///
/// # Errors
/// Why it ended early.
pub fn run(args: Vec<OsString>, out: &mut Out, catalog: &Catalog) -> Result<Exit, Stop> {
    let asked = parse(args).map_err(Stop::usage)?;
    let signals = Signals::watch();
    out.hear(&signals);
    let open = || open(&asked.account, catalog, &signals);
    // What is wrong with the words is said before anything is opened, and before anything is asked.
    match asked.verb.as_str() {
        "search" => search::run(&search::ready(&asked)?, &open()?, out, catalog),
        "export" => give::run(&give::ready(&asked)?, &open()?, out, catalog),
        "hunt" => hunt::run(&hunt::ready(&asked, &signals)?, &open()?, out, catalog),
        "log" => logged::run(&logged::ready(&asked)?, &open()?, out, catalog),
        "handover" => handover::run(&handover::ready(&asked)?, &open()?, out, catalog),
        _ => take::run(&asked, &open()?, out, catalog),
    }
}

fn open(account: &Account, catalog: &Catalog, signals: &Signals) -> Result<Desk, Stop> {
    let paths = Paths::find(account.home.as_deref(), std::env::var_os("GRIDWATCH_HOME"));
    let paths = paths.map_err(|error| Stop::usage(error.say()))?;
    // Where it cannot be written the verb goes on without.
    let log = log::open(&paths.logs()).ok();
    let jid = match (&account.profile, &account.jid) {
        (Some(name), _) => session::profile(&paths, name)?.jid,
        (None, Some(jid)) => jid.clone(),
        (None, None) => return Err(Stop::usage(Say::new("cli-usage-account"))),
    };
    let archive = archive::open(&paths, &jid, account.keys, false, catalog, signals)?;
    Ok(Desk { store: Arc::new(archive), jid, signals: signals.clone(), logs: paths.logs(), _log: log })
}

/// The index of all that a store holds, for this account. Blocks.
pub fn index(jid: &BareJid, store: &Arc<dyn Store>, signals: &Signals) -> Result<Finder, Stop> {
    let finder = Finder::new(Some(jid.clone()), store.len()).asking(Arc::clone(store));
    // A filter asks for tags and marks too: without them it would be answered as if there were none.
    finder.load().map_err(|error| Stop::new(Exit::Archive, error.say()))?;
    let taken = finder.take(store.as_ref(), &[], Utc::now(), signals.halt());
    let _ = taken.map_err(|failure| failed(&failure, signals))?;
    finder.look_on(signals.halt()).map_err(|failure| failed(&failure, signals))?;
    Ok(finder)
}

/// The store could not be read, or a signal came.
pub fn failed(failure: &Failure, signals: &Signals) -> Stop {
    signals.check().err().unwrap_or_else(|| Stop::new(Exit::Archive, failure.say()))
}

/// The filter that a word says.
pub fn query(word: &OsString) -> Result<Query, Stop> {
    let text = word.to_str().ok_or_else(|| Stop::usage(Say::new("cli-usage-text")))?;
    text.parse().map_err(|error: crate::store::query::Error| Stop::usage(error.say()))
}

impl Desk {
    /// The index of all that is stored. Blocks.
    pub fn index(&self) -> Result<Finder, Stop> {
        index(&self.jid, &self.store, &self.signals)
    }

    /// The rows that a filter finds, newest first; those a person hid too, for nobody sees here that something is hidden.
    pub fn find(&self, query: Query) -> Result<Arc<[Seq]>, Stop> {
        let wanted = Wanted { query, hidden: true, ..Wanted::default() };
        let found = self.index()?.find(&wanted, Utc::now(), self.signals.halt());
        found.map(|found| found.rows).map_err(|failure| self.failed(&failure))
    }

    /// The archive could not be read, or a signal came.
    pub fn failed(&self, failure: &Failure) -> Stop {
        failed(failure, &self.signals)
    }

    pub fn jid(&self) -> &BareJid {
        &self.jid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unclear_is_refused() {
        let asked = |line: &str| {
            let parsed = parse(line.split_whitespace().map(OsString::from).collect());
            parsed.map(|asked| asked.words.len()).map_err(|say| say.key)
        };
        for (line, expected) in [
            ("search severity:high --profile x", Ok(1)),
            ("search --profile x --count 3 --json", Ok(1)),
            ("export is:ours out.csv --jid a@b.example", Ok(2)),
            ("export is:ours out --to iodef --force --jid a@b.example", Ok(2)),
            ("import a b c --profile x --archive-passphrase-file 3", Ok(3)),
            ("hunt - --profile x", Ok(1)),
            ("export -tag:own out.csv --profile x", Ok(2)),
            ("search a", Err("cli-usage-account")),
            ("search a --profile x --jid a@b.example", Err("cli-usage-account")),
            ("search a b --profile x", Err("cli-usage-local")),
            ("import --profile x", Err("cli-usage-local")),
            ("export a --profile x", Err("cli-usage-local")),
            ("hunt a --profile x --count 1", Err("cli-usage-local")),
            ("search a --profile x --force", Err("cli-usage-local")),
            ("search a --profile x --since 24h", Err("cli-usage-local")),
            ("export a b --profile x --json", Err("cli-usage-local")),
            ("export a b --profile x --with-filter", Ok(2)),
            ("handover --profile x --since 24h --view Mine", Ok(0)),
            ("handover a.md --profile x --force", Ok(1)),
            ("handover a.md b.md --profile x", Err("cli-usage-local")),
            ("search a --profile x --archive-passphrase-file secret", Err("cli-usage")),
            ("search a --profile x --archive-passphrase-file 3 --archive-code-file 4", Err("cli-usage-archive")),
            ("export a b --profile x --to pdf", Err("cli-usage")),
        ] {
            assert_eq!(asked(line), expected, "{line}");
        }
    }
}
