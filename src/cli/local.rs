//! The verbs over what is stored: their command line, the account's archive, and its index.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use lexopt::prelude::*;

use super::archive::{self, Keys};
use super::args::password_of;
use super::out::Out;
use super::password::Source;
use super::{Exit, Stop, give, hunt, search, session, take};
use crate::i18n::Catalog;
use crate::iodef::export::Format;
use crate::log;
use crate::model::{BareJid, Say};
use crate::settings::Paths;
use crate::store::finder::Wanted;
use crate::store::index::{Failure, Stop as Halt};
use crate::store::query::Query;
use crate::store::{Finder, Seq, Store};

const NAMES: [&str; 4] = ["search", "export", "import", "hunt"];

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
    profile: Option<String>,
    jid: Option<BareJid>,
    home: Option<PathBuf>,
    keys: Keys,
    pub json: bool,
    pub format: Option<Format>,
    pub force: bool,
    pub count: Option<usize>,
}

/// An archive at hand.
pub struct Desk {
    pub store: Arc<dyn Store>,
    jid: BareJid,
    /// Ends the log with itself.
    _log: Option<log::Guard>,
}

fn parse(args: Vec<OsString>) -> Result<Asked, Say> {
    let usage = |error: lexopt::Error| Say::new("cli-usage").with("cause", error.to_string());
    let mut asked = read(args).map_err(usage)?;
    if asked.profile.is_some() == asked.jid.is_some() {
        return Err(Say::new("cli-usage-account"));
    }
    if asked.keys.passphrase.is_some() && asked.keys.code.is_some() {
        return Err(Say::new("cli-usage-archive"));
    }
    // A list on standard input leaves nothing of it for a secret.
    let secret = [asked.keys.passphrase, asked.keys.code].contains(&Some(Source::Stdin));
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
        _ => false,
    };
    let own = (asked.count.is_none() || asked.verb == "search")
        && ((asked.format.is_none() && !asked.force) || asked.verb == "export");
    if fits && own { Ok(asked) } else { Err(Say::new("cli-usage-local")) }
}

fn read(args: Vec<OsString>) -> Result<Asked, lexopt::Error> {
    let mut asked = Asked::default();
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(argument) = parser.next()? {
        match argument {
            Value(verb) if asked.verb.is_empty() => asked.verb = verb.string()?,
            Value(word) => asked.words.push(word),
            Long("profile") => asked.profile = Some(parser.value()?.string()?),
            Long("jid") => asked.jid = Some(parser.value()?.parse()?),
            Long("home") => asked.home = Some(parser.value()?.into()),
            Long("archive-passphrase-file") => asked.keys.passphrase = Some(parser.value()?.parse_with(password_of)?),
            Long("archive-code-file") => asked.keys.code = Some(parser.value()?.parse_with(password_of)?),
            Long("json") => asked.json = true,
            Long("to") => asked.format = Some(parser.value()?.parse_with(super::convert::of_word)?),
            Long("force") => asked.force = true,
            Long("count") => asked.count = Some(parser.value()?.parse()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(asked)
}

/// Runs `args`, whose first is one of the verbs.
///
/// # Errors
/// Why it ended early.
pub fn run(args: Vec<OsString>, out: &mut Out, catalog: &Catalog) -> Result<Exit, Stop> {
    let asked = parse(args).map_err(Stop::usage)?;
    // What is wrong with the words is said before anything is opened, and before anything is asked.
    match asked.verb.as_str() {
        "search" => search::run(&search::ready(&asked)?, &open(&asked, catalog)?, out, catalog),
        "export" => give::run(&give::ready(&asked)?, &open(&asked, catalog)?, out, catalog),
        "hunt" => hunt::run(&hunt::ready(&asked)?, &open(&asked, catalog)?, out, catalog),
        _ => take::run(&asked, &open(&asked, catalog)?, out, catalog),
    }
}

fn open(asked: &Asked, catalog: &Catalog) -> Result<Desk, Stop> {
    let paths = Paths::find(asked.home.as_deref(), std::env::var_os("GRIDWATCH_HOME"));
    let paths = paths.map_err(|error| Stop::usage(error.say()))?;
    // Where it cannot be written the verb goes on without.
    let log = log::open(&paths.logs()).ok();
    let jid = match (&asked.profile, &asked.jid) {
        (Some(name), _) => session::profile(&paths, name)?.jid,
        (None, Some(jid)) => jid.clone(),
        (None, None) => return Err(Stop::usage(Say::new("cli-usage-account"))),
    };
    let archive = archive::open(&paths, &jid, asked.keys, false, catalog)?;
    Ok(Desk { store: Arc::new(archive), jid, _log: log })
}

/// The filter that a word says.
pub fn query(word: &OsString) -> Result<Query, Stop> {
    let text = word.to_str().ok_or_else(|| Stop::usage(Say::new("cli-usage-text")))?;
    text.parse().map_err(|error: crate::store::query::Error| Stop::usage(error.say()))
}

impl Desk {
    /// The index of all that is stored. Blocks.
    pub fn index(&self) -> Result<Finder, Stop> {
        let finder = Finder::new(Some(self.jid.clone()), self.store.len()).asking(Arc::clone(&self.store));
        // A filter asks for tags and marks too: without them it would be answered as if there were none.
        finder.load().map_err(|error| Stop::new(Exit::Archive, error.say()))?;
        let taken = finder.take(self.store.as_ref(), &[], Utc::now(), &Halt::default());
        let _ = taken.map_err(|failure| failed(&failure))?;
        finder.look_on(&Halt::default()).map_err(|failure| failed(&failure))?;
        Ok(finder)
    }

    /// The rows that a filter finds, newest first; those a person hid too, for nobody sees here that something is hidden.
    pub fn find(&self, query: Query) -> Result<Arc<[Seq]>, Stop> {
        let wanted = Wanted { query, hidden: true, ..Wanted::default() };
        let found = self.index()?.find(&wanted, Utc::now(), &Halt::default());
        found.map(|found| found.rows).map_err(|failure| failed(&failure))
    }
}

/// The archive could not be read.
pub fn failed(failure: &Failure) -> Stop {
    Stop::new(Exit::Archive, failure.say())
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
            ("search a", Err("cli-usage-account")),
            ("search a --profile x --jid a@b.example", Err("cli-usage-account")),
            ("search a b --profile x", Err("cli-usage-local")),
            ("import --profile x", Err("cli-usage-local")),
            ("export a --profile x", Err("cli-usage-local")),
            ("hunt a --profile x --count 1", Err("cli-usage-local")),
            ("search a --profile x --force", Err("cli-usage-local")),
            ("search a --profile x --archive-passphrase-file secret", Err("cli-usage")),
            ("search a --profile x --archive-passphrase-file 3 --archive-code-file 4", Err("cli-usage-archive")),
            ("export a b --profile x --to pdf", Err("cli-usage")),
        ] {
            assert_eq!(asked(line), expected, "{line}");
        }
    }
}
