//! The radar as a page to be sent to an administrator: Markdown, or JSON for who reads it by a program.
//!
//! Pure. Words come from the caller, who has a catalog; texts of the grid stand as text.

use chrono::SecondsFormat;
use serde::Serialize;

use super::{Duty, Facts, Row, State};
use crate::model::Say;
use crate::model::survey::{Answers, Survey};
use crate::text;

/// The words of a message, and what its reader can do.
#[derive(Clone, Copy)]
pub struct Words<'w> {
    pub say: &'w dyn Fn(&Say) -> String,
    pub next: &'w dyn Fn(&Say) -> Option<String>,
}

/// Longest text of theirs on the page, in characters.
const LONGEST: usize = 120;

fn duty(duty: Duty) -> &'static str {
    match duty {
        Duty::Must => "MUST",
        Duty::Should => "SHOULD",
        Duty::Ours => "",
    }
}

/// Who was asked: name, address, software.
fn who(answers: &Answers) -> String {
    let line = |text: &str| text::line_within(text, LONGEST);
    let software = answers.software.as_deref().or(answers.name.as_deref());
    software.map_or_else(|| answers.who.to_string(), |own| format!("{} ({})", answers.who, line(own)))
}

/// The page.
#[must_use]
pub fn markdown(rows: &[Row], facts: &Facts<'_>, words: Words<'_>) -> String {
    let plain = |key| (words.say)(&Say::new(key));
    let cell = |text: &str| text::markdown(text).replace('|', "\\|");
    let mut out = format!("# {}\n\n", plain("radar-report"));
    if let Some(survey) = facts.survey {
        let at = survey.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let brokers: Vec<String> = survey.brokers.iter().map(who).collect();
        let say = Say::new("radar-report-about").with("at", at).with("controller", who(&survey.controller));
        out.push_str(&cell(&(words.say)(&say.with("broker", brokers.join(", ")))));
        out.push_str("\n\n");
    }
    let count = |state: State| rows.iter().filter(|row| row.state == state).count();
    let counts = Say::new("radar-report-counts").number("works", count(State::Works));
    let counts = counts.number("degraded", count(State::Degraded)).number("missing", count(State::Missing));
    out.push_str(&(words.say)(&counts.number("unknown", count(State::Unknown))));
    for (heading, ours) in [("radar-report-rfc", false), ("radar-report-ours", true)] {
        out.push_str(&format!("\n\n## {}\n\n", plain(heading)));
        let names = ["radar-column-about", "radar-column-state", "radar-column-why", "radar-column-next"];
        let names: Vec<String> = names.into_iter().map(plain).collect();
        out.push_str(&format!("| {} |\n|---|---|---|---|\n", names.join(" | ")));
        for row in rows.iter().filter(|row| (row.duty == Duty::Ours) == ours) {
            let whose = row.broker.as_ref().filter(|_| facts.are_many()).map(|who| format!(" \u{b7} {who}"));
            let about = format!("{} ({} {})", plain(row.about), row.section, duty(row.duty)).replace(" )", ")");
            let about = about + &whose.unwrap_or_default();
            let next = if row.state == State::Works { None } else { (words.next)(&row.why) };
            let cells = [about, plain(state(row.state)), (words.say)(&row.why), next.unwrap_or_default()];
            let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
            out.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
    }
    out
}

/// The catalog key of a state.
#[must_use]
pub fn state(state: State) -> &'static str {
    match state {
        State::Works => "radar-state-works",
        State::Degraded => "radar-state-degraded",
        State::Missing => "radar-state-missing",
        State::Unknown => "radar-state-unknown",
    }
}

#[derive(Serialize)]
struct Page<'a> {
    at: Option<String>,
    controller: Option<One<'a>>,
    brokers: Vec<One<'a>>,
    rows: Vec<Line>,
}

#[derive(Serialize)]
struct One<'a> {
    address: String,
    name: Option<&'a str>,
    software: Option<&'a str>,
}

#[derive(Serialize)]
struct Line {
    /// Stable, for programs: `tls`, `get-pending`.
    id: &'static str,
    about: String,
    section: &'static str,
    duty: &'static str,
    /// Whose it is; none where it is the session's.
    broker: Option<String>,
    state: &'static str,
    why: String,
    next: Option<String>,
}

/// The same as one JSON object.
#[must_use]
pub fn json(rows: &[Row], facts: &Facts<'_>, words: Words<'_>) -> String {
    let survey: Option<&Survey> = facts.survey;
    let page = Page {
        at: survey.map(|survey| survey.at.to_rfc3339_opts(SecondsFormat::Secs, true)),
        controller: survey.map(|survey| named(&survey.controller)),
        brokers: survey.iter().flat_map(|survey| &survey.brokers).map(named).collect(),
        rows: rows.iter().map(|row| line(row, words)).collect(),
    };
    // Plain structs of text always serialise.
    serde_json::to_string_pretty(&page).unwrap_or_default()
}

fn named(answers: &Answers) -> One<'_> {
    One { address: answers.who.to_string(), name: answers.name.as_deref(), software: answers.software.as_deref() }
}

fn line(row: &Row, words: Words<'_>) -> Line {
    Line {
        id: row.about.strip_prefix("radar-").unwrap_or(row.about),
        about: (words.say)(&Say::new(row.about)),
        section: row.section,
        duty: duty(row.duty),
        broker: row.broker.as_ref().map(ToString::to_string),
        state: row.state.word(),
        why: (words.say)(&row.why),
        next: (words.next)(&row.why).filter(|_| row.state != State::Works),
    }
}
