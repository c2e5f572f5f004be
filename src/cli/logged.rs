//! `gridwatch log`: the log of acts shown, verified, and written to a file with its chain.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::local::{Asked, Desk};
use super::out::Out;
use super::{Exit, Stop, json, out};
use crate::i18n::Catalog;
use crate::model::Say;
use crate::port;
use crate::port::activity::{Format, HeadLine, Line, Unreadable, each, unreadable, write};
use crate::store::activity::{Entry, Filter, Hash, Head, Number, Verdict, witnesses};
use crate::store::{Activity, Progress};
use crate::text;
use crate::told::told;

/// What is wanted of it.
pub enum Log {
    Show { filter: Filter, json: bool, most: usize },
    Verify { noted: Option<Head>, json: bool },
    Export { filter: Filter, to: Option<PathBuf>, format: Format, force: bool },
}

/// # Errors
/// What is wrong with the words.
pub fn ready(asked: &Asked) -> Result<Log, Stop> {
    let wrong = || Stop::usage(Say::new("cli-usage-log"));
    let words: Vec<&str> = asked.words.iter().map(|word| word.to_str()).collect::<Option<_>>().ok_or_else(wrong)?;
    let read = |text: &str| Filter::read(text).map_err(Stop::usage);
    let json = asked.json;
    match words.as_slice() {
        ["verify"] => {
            let noted = asked.head.as_deref().map(str::parse::<Head>).transpose();
            let noted = noted.map_err(|why| Stop::usage(Say::new("cli-usage").with("cause", why.to_string())))?;
            Ok(Log::Verify { noted, json })
        }
        _ if asked.head.is_some() => Err(wrong()),
        [] | ["show"] => Ok(Log::Show { filter: Filter::default(), json, most: most(asked) }),
        ["show", filter] => Ok(Log::Show { filter: read(filter)?, json, most: most(asked) }),
        ["export", to] | ["export", _, to] if !json => {
            let filter = if let ["export", filter, _] = words.as_slice() { read(filter)? } else { Filter::default() };
            let format = if *to == "-" { Some(Format::JsonLines) } else { Format::of_name(to) };
            let format = format.ok_or_else(|| Stop::usage(Say::new("cli-log-format")))?;
            let to = (*to != "-").then(|| PathBuf::from(OsString::from(*to)));
            Ok(Log::Export { filter, to, format, force: asked.force })
        }
        _ => Err(wrong()),
    }
}

fn most(asked: &Asked) -> usize {
    asked.count.unwrap_or(usize::MAX)
}

/// # Errors
/// When the archive could not be read, the output not be written, or a signal came.
pub fn run(log: &Log, desk: &Desk, out: &mut Out, catalog: &Catalog) -> Result<Exit, Stop> {
    let none = || Stop::new(Exit::Archive, Say::new("activity-none-kept"));
    let kept = desk.store.activity().ok_or_else(none)?;
    match log {
        Log::Show { filter, json, most } => show(kept, filter, *json, *most, out, catalog),
        Log::Verify { noted, json } => verify(kept, *noted, &desk.logs, *json, out, catalog),
        Log::Export { filter, to, format, force } => {
            let text = write(kept, filter, *format, &Progress::default());
            let (text, verdict) = text.map_err(|trouble| Stop::new(Exit::Archive, trouble.say()))?;
            match to {
                None => out.raw(text.as_bytes())?,
                Some(path) => {
                    port::write(path, text.as_bytes(), *force).map_err(|fault| Stop::new(Exit::Output, fault.say()))?;
                }
            }
            // It is written all the same: what is left of a log is evidence.
            done(verdict)
        }
    }
}

/// The newest last, as in a terminal's own history.
fn show(
    log: &dyn Activity,
    filter: &Filter,
    as_json: bool,
    most: usize,
    out: &mut Out,
    catalog: &Catalog,
) -> Result<Exit, Stop> {
    let mut chosen: std::collections::VecDeque<(Entry, Hash, Option<Unreadable>)> = std::collections::VecDeque::new();
    let take = &mut |entry: &Entry, bytes: &[u8], previous: Hash| {
        if most > 0 && chosen.len() == most {
            let _ = chosen.pop_front();
        }
        if most > 0 {
            let odd = entry.act.is_none().then(|| unreadable(entry, bytes, previous));
            chosen.push_back((entry.clone(), previous, odd));
        }
    };
    let ended = each(log, filter, &Progress::default(), take);
    let ended = ended.map_err(|trouble| Stop::new(Exit::Archive, trouble.say()))?;
    for (entry, previous, odd) in chosen {
        let line = match Line::of(&entry, previous) {
            Some(line) if as_json => json::line(&line),
            Some(line) => words(&line, catalog),
            None if as_json => json::line(&odd),
            None => format!("#{}  {}", entry.number, catalog.text("activity-unreadable")),
        };
        out.line(&line)?;
    }
    done(ended.verdict)
}

fn done(verdict: Verdict) -> Result<Exit, Stop> {
    verdict.map(|_| Exit::Done).map_err(|broken| Stop::new(Exit::Broken, broken.say()))
}

/// Number, time, by whom, what and what came of it in the words of filters; about whom and where, from what to what, why.
fn words(line: &Line, catalog: &Catalog) -> String {
    let own = |text: &str| text::line(text);
    let mut said = format!("#{:<6} {}  {:<6} {} {}", line.number, line.at, line.by, line.what, line.result);
    let mut add = |mark: &str, text: &str| {
        if !text.is_empty() {
            said.push_str(mark);
            said.push_str(&own(text));
        }
    };
    add("  ", &line.subject);
    add(" @ ", &line.node);
    add("  ", &told(&line.before, catalog));
    add(" -> ", &told(&line.after, catalog));
    add("  reason: ", &line.reason);
    add("  ", &told(&line.words, catalog));
    add("  stanzas: ", &line.stanzas.join(" "));
    said
}

/// Held against itself, its head, and whatever head of it stands elsewhere: the one that was given, and those in the log file.
fn verify(
    log: &dyn Activity,
    noted: Option<Head>,
    logs: &Path,
    as_json: bool,
    out: &mut Out,
    catalog: &Catalog,
) -> Result<Exit, Stop> {
    let mut heads = witnesses(&log.name(), &crate::log::read(logs));
    heads.extend(noted);
    let verdict = log.audit(&heads, &Progress::default());
    match verdict.map_err(|error| Stop::new(Exit::Archive, error.say()))? {
        Ok(head) => {
            let verified = Verified { head: head.into(), whole: true, held: heads.len() };
            out.line(&if as_json { json::line(&verified) } else { head.to_string() })?;
            let count = catalog.number(head.count);
            out::note(&catalog.format("activity-verified", &[("count", &count)]));
            out::note(&catalog.count("activity-held", heads.len() as u64, &[]));
            if noted.is_none() {
                out::note(&catalog.text("activity-note-head"));
            }
            Ok(Exit::Done)
        }
        Err(broken) => {
            if as_json {
                out.line(&json::line(&Bad { broken: broken.number, why: broken.why.word() }))?;
            }
            Err(Stop::new(Exit::Broken, broken.say()))
        }
    }
}

/// What verifying a whole log says to a script.
#[derive(Serialize)]
struct Verified {
    head: HeadLine,
    whole: bool,
    /// Heads that stood elsewhere, and fit.
    held: usize,
}

#[derive(Serialize)]
struct Bad {
    broken: Number,
    why: &'static str,
}
