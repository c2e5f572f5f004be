//! `gridwatch import`: documents of files and folders into the archive. A refused file is told with its reason and ends in a
//! code of its own; the others are taken all the same.

use std::path::PathBuf;

use chrono::Utc;
use serde::Serialize;

use super::local::{Asked, Desk};
use super::out::{self, Out};
use super::{Exit, Stop, json};
use crate::i18n::Catalog;
use crate::model::Say;
use crate::port::import::{self, Refused};
use crate::text;

#[derive(Serialize)]
struct RefusedLine<'a> {
    file: String,
    /// A key of the catalog, and its words.
    refused: &'a str,
    why: String,
}

#[derive(Serialize)]
struct ReportLine {
    read: usize,
    added: usize,
    known: usize,
    refused: usize,
    hidden: usize,
    others: usize,
}

/// Takes them. After a signal what was taken by then stays, and is told on standard error: nothing more is written.
pub fn run(asked: &Asked, desk: &Desk, out: &mut Out, catalog: &Catalog) -> Result<Exit, Stop> {
    let paths: Vec<PathBuf> = asked.words.iter().map(PathBuf::from).collect();
    let report = import::run(desk.store.as_ref(), &paths, &Utc::now, desk.signals.halt(), &mut |_| {});
    let named = |refused: &Refused| {
        let name = text::line_within(&refused.file.display().to_string(), 1_000);
        catalog.say(&Say::new("port-named").with("name", name).with("why", catalog.say(&refused.why)))
    };
    if report.stopped {
        report.lines().iter().for_each(|say| out::note(&catalog.say(say)));
        return Err(Stop::new(Exit::Halted, Say::new("port-take-stopped")));
    }
    for refused in &report.refused {
        if asked.json {
            let file = refused.file.display().to_string();
            let line = RefusedLine { file, refused: refused.why.key, why: catalog.say(&refused.why) };
            out.line(&json::line(&line))?;
        } else {
            out::note(&named(refused));
        }
    }
    report.remarks.iter().for_each(|remark| out::note(&named(remark)));
    if asked.json {
        out.line(&json::line(&ReportLine {
            read: report.read,
            added: report.added,
            known: report.known,
            refused: report.refusals(),
            hidden: report.hidden,
            others: report.others,
        }))?;
    } else {
        for say in report.lines() {
            out.line(&catalog.say(&say))?;
        }
    }
    match &report.trouble {
        Some(say) => Err(Stop::new(Exit::Archive, say.clone())),
        None if report.refusals() > 0 => Ok(Exit::Partly),
        None => Ok(Exit::Done),
    }
}
