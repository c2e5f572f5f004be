//! `gridwatch hunt`: a list of indicators against everything in the archive; a line for each that was found.

use std::ffi::OsString;
use std::io::Read;

use serde::Serialize;

use super::local::{Asked, Desk};
use super::out::{self, Out};
use super::signal::Signals;
use super::{Exit, Stop, json};
use crate::i18n::Catalog;
use crate::model::{Say, TopicId};
use crate::store::hunt::{COLUMNS, List, run as look};
use crate::text;

/// Largest list, in bytes.
const LARGEST: u64 = 16 << 20;

/// The list.
pub struct Hunt {
    list: List,
    json: bool,
}

#[derive(Serialize)]
struct HitLine<'a> {
    indicator: &'a str,
    kind: &'a str,
    line: usize,
    incidents: u32,
    topics: Vec<String>,
    first_seen: &'a str,
    last_seen: &'a str,
    strictest: &'a str,
}

pub fn ready(asked: &Asked, signals: &Signals) -> Result<Hunt, Stop> {
    let file = asked.words.first().ok_or_else(|| Stop::usage(Say::new("cli-usage-local")))?;
    let list = List::read(&read(file, signals)?);
    Ok(Hunt { list, json: asked.json })
}

fn read(file: &OsString, signals: &Signals) -> Result<String, Stop> {
    let _waiting = signals.waiting(None)?;
    let unread =
        |error: std::io::Error| Stop::usage(Say::new("hunt-unreadable").with("cause", text::line(&error.to_string())));
    let mut bytes = Vec::new();
    let size = if file == "-" {
        std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).map_err(unread)?.take(LARGEST + 1).read_to_end(&mut bytes)
    };
    if size.map_err(unread)? as u64 > LARGEST {
        return Err(Stop::usage(Say::new("hunt-too-large")));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Looks for all of it.
pub fn run(hunt: &Hunt, desk: &Desk, out: &mut Out, catalog: &Catalog) -> Result<Exit, Stop> {
    let finder = desk.index()?;
    let table = look(&hunt.list, &finder.snapshot(), &finder, desk.signals.halt(), &mut |_, _| {});
    let table = table.map_err(|failure| desk.failed(&failure))?;
    if !hunt.json && !table.hits.is_empty() {
        out.line(&COLUMNS.join("\t"))?;
    }
    let named = |topic: &TopicId| finder.topic_name(topic);
    for (hit, record) in table.hits.iter().zip(table.records(&hunt.list, named)) {
        let [indicator, kind, line, _, _, first_seen, last_seen, strictest] = &record;
        if hunt.json {
            out.line(&json::line(&HitLine {
                indicator,
                kind,
                line: line.parse().unwrap_or_default(),
                incidents: hit.count,
                topics: hit.topics.iter().map(|topic| named(topic)).collect(),
                first_seen,
                last_seen,
                strictest,
            }))?;
        } else {
            out.line(&record.iter().map(|cell| text::line(cell)).collect::<Vec<_>>().join("\t"))?;
        }
    }
    let told = Say::new("cli-hunted").number("hits", table.hits.len());
    out::note(&catalog.say(&told.number("asked", table.asked)));
    if hunt.list.beyond > 0 {
        out::note(&catalog.count("hunt-beyond", hunt.list.beyond as u64, &[]));
    }
    for (line, content) in &hunt.list.unread {
        let say = Say::new("cli-hunt-unread").with("line", line.to_string()).with("text", text::line(content));
        out::note(&catalog.say(&say));
    }
    Ok(if hunt.list.beyond > 0 { Exit::Partly } else { Exit::Done })
}
