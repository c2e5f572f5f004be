//! `gridwatch handover`: the page that one shift leaves the next, as Markdown. Who reads it sees the strictest label on it first.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::local::{Asked, Desk};
use super::out::{self, Out};
use super::{Exit, Stop};
use crate::engine::ledger::Ledger;
use crate::i18n::Catalog;
use crate::iodef;
use crate::model::Say;
use crate::port;
use crate::store::handover::{Facts, brief};
use crate::store::local;
use crate::store::query::{Query, When};
use crate::text;

/// A shift, where nothing else is said.
const SHIFT: TimeDelta = TimeDelta::hours(12);

/// What is to stand on the page.
pub struct Handover {
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    view: Option<String>,
    /// Standard output where none is named.
    to: Option<PathBuf>,
    force: bool,
}

/// The moment that a word of the command line means; a day is its beginning.
fn moment(word: Option<&str>, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Stop> {
    let Some(word) = word else { return Ok(None) };
    let when =
        When::read(word).ok_or_else(|| Stop::usage(Say::new("cli-usage-when").with("word", text::line(word))))?;
    let (from, _) = when.seconds(now);
    Ok(Some(DateTime::from_timestamp(from, 0).unwrap_or(now)))
}

pub fn ready(asked: &Asked) -> Result<Handover, Stop> {
    let now = Utc::now();
    let until = moment(asked.until.as_deref(), now)?.unwrap_or(now).min(now);
    let since = moment(asked.since.as_deref(), now)?.unwrap_or(until - SHIFT);
    if since >= until {
        return Err(Stop::usage(Say::new("cli-usage-span")));
    }
    let to: Option<&OsString> = asked.words.first().filter(|to| *to != "-");
    let to = to.map(PathBuf::from);
    if let Some(to) = to.as_deref().filter(|to| to.exists() && (!asked.force || to.is_dir())) {
        return Err(exists(to));
    }
    Ok(Handover { since, until, view: asked.view.clone(), to, force: asked.force })
}

fn exists(to: &Path) -> Stop {
    Stop::usage(port::export::Fault::Exists { path: to.to_path_buf() }.say())
}

/// The filter of a saved view.
fn of_view(desk: &Desk, name: &str) -> Result<Query, Stop> {
    let unread = |say| Stop::new(Exit::Archive, say);
    let Some(local) = desk.store.local() else { return Ok(Query::default()) };
    let (views, _) = local::views(local).map_err(|error| unread(error.say()))?;
    let view = views.all().iter().find(|view| view.name() == name);
    view.map(|view| view.query.clone())
        .ok_or_else(|| Stop::usage(Say::new("cli-no-view").with("name", text::line(name))))
}

/// Writes it.
pub fn run(handover: &Handover, desk: &Desk, out: &mut Out, catalog: &Catalog) -> Result<Exit, Stop> {
    let only = handover.view.as_deref().map(|name| of_view(desk, name)).transpose()?;
    let records = desk.store.coverage(desk.jid()).map_err(|error| Stop::new(Exit::Archive, error.say()))?;
    // As a session would take it up: since the last one ended nothing arrives.
    let coverage = Ledger::restored(records).coverage();
    let finder = desk.index()?;
    let facts = Facts {
        since: handover.since,
        now: handover.until,
        practice: false,
        store: Arc::as_ref(&desk.store),
        finder: &finder,
        coverage: &coverage,
        asks: iodef::asks,
        only: only.as_ref(),
    };
    let page = brief(&facts, &|say| catalog.say(say), desk.signals.halt());
    let mut page = page.map_err(|failure| desk.failed(&failure))?;
    if let Some(name) = &handover.view {
        let about = catalog.say(&Say::new("cli-handover-view").with("name", name));
        page = about_view(&page, &text::markdown(&text::line(&about)));
    }
    desk.signals.check()?;
    let Some(to) = &handover.to else {
        out.raw(page.as_bytes())?;
        return Ok(Exit::Done);
    };
    let written = port::write(to, page.as_bytes(), handover.force);
    written.map_err(|fault| Stop::new(Exit::Output, fault.say()))?;
    out::note(&catalog.say(&Say::new("cli-handover-written").with("path", text::line(&to.display().to_string()))));
    Ok(Exit::Done)
}

/// A page of a part says so before its first table.
fn about_view(page: &str, about: &str) -> String {
    match page.split_once("\n## ") {
        Some((head, rest)) => format!("{head}\n{about}\n\n## {rest}"),
        None => format!("{page}\n{about}\n"),
    }
}
