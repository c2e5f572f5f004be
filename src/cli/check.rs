//! `gridwatch check`: what is wrong with files, for people and for scripts.
//!
//! Needs no grid and no settings. A report per file in the order given; the exit code is that of the worst.

use std::ffi::OsString;

use lexopt::prelude::*;
use serde::Serialize;

use super::document::{self, Opened, Unusable};
use super::json::line as json_line;
use super::out::Out;
use super::{Exit, Stop};
use crate::i18n::Catalog;
use crate::iodef::check::{Finding, Grade, Report, check};
use crate::iodef::json;
use crate::iodef::schema::Profile;
use crate::model::Say;
use crate::text;

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `-` is standard input.
    pub files: Vec<OsString>,
    pub json: bool,
    pub published: bool,
}

/// How bad it got. The numbers are documented in `--help` and README.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Valid = 0,
    Invalid = 1,
    /// A file that cannot be read or is no incident document; a command line that was not understood.
    Unusable = 2,
}

/// Runs `gridwatch check` with the arguments after the verb.
pub fn run(args: impl IntoIterator<Item = OsString>, out: &mut Out, catalog: &Catalog) -> u8 {
    let ended = match parse(args) {
        Ok(asked) => all(&asked, out, catalog),
        Err(say) => Err(Stop::usage(say)),
    };
    match ended {
        Ok(verdict) => verdict as u8,
        Err(stop) => {
            let _ = super::finish(&stop, catalog);
            Verdict::Unusable as u8
        }
    }
}

fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Asked, Say> {
    let usage = |error: lexopt::Error| Say::new("cli-usage").with("cause", error.to_string());
    let mut asked = Asked::default();
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(argument) = parser.next().map_err(usage)? {
        match argument {
            Long("json") => asked.json = true,
            Long("against") => {
                asked.published = parser.value().and_then(|v| v.parse_with(profile_of)).map_err(usage)?;
            }
            Value(file) => asked.files.push(file),
            other => return Err(usage(other.unexpected())),
        }
    }
    if asked.files.is_empty() { Err(Say::new("cli-usage-files")) } else { Ok(asked) }
}

fn profile_of(word: &str) -> Result<bool, &'static str> {
    match word {
        "published" => Ok(true),
        "reading" => Ok(false),
        _ => Err("published or reading"),
    }
}

fn all(asked: &Asked, out: &mut Out, catalog: &Catalog) -> Result<Verdict, Stop> {
    let profile = if asked.published { Profile::Published } else { Profile::Reading };
    let mut worst = Verdict::Valid;
    // Whoever closed the pipe wants no more words; the exit code is for the script around it, and needs every file.
    let mut listening = true;
    for file in &asked.files {
        let looked = look(file, profile);
        worst = worst.max(looked.as_ref().map_or(Verdict::Unusable, Looked::verdict));
        if listening {
            match tell(&file.to_string_lossy(), &looked, asked.json, out, catalog) {
                Err(stop) if stop.exit == Exit::Done => listening = false,
                told => told?,
            }
        }
    }
    Ok(worst)
}

/// What was found in one file.
struct Looked {
    report: Report,
    /// What of a JSON document is not in the document that was checked.
    remarks: Vec<json::Remark>,
    counts: json::Counts,
    profile: Profile,
}

impl Looked {
    /// What JSON has beyond RFC 8727 is as invalid as what XML has beyond RFC 7970.
    fn verdict(&self) -> Verdict {
        let is_valid = self.report.is_valid() && self.counts.invalid(self.profile) == 0;
        if is_valid { Verdict::Valid } else { Verdict::Invalid }
    }

    /// How many findings there are of each grade, those of the JSON among them.
    fn counts(&self) -> [usize; 3] {
        let [invalid, contradictions, notes] =
            [self.report.invalid, self.report.contradictions, self.report.notes].map(|count| count as usize);
        let wrong = self.counts.invalid(self.profile);
        [invalid + wrong, contradictions, notes + self.counts.all().saturating_sub(wrong)]
    }

    fn untold(&self) -> usize {
        self.report.untold() + self.counts.all().saturating_sub(self.remarks.len())
    }
}

fn look(file: &OsString, profile: Profile) -> Result<Looked, Unusable> {
    let Opened { document, places, remarks, counts } = document::open(file)?;
    let mut report = check(&document, profile);
    if let Some(places) = places {
        places.settle(&document, &mut report);
    }
    Ok(Looked { report, remarks, counts, profile })
}

fn tell(
    name: &str,
    looked: &Result<Looked, Unusable>,
    json: bool,
    out: &mut Out,
    catalog: &Catalog,
) -> Result<(), Stop> {
    match looked {
        Ok(looked) if json => out.line(&json_line(&File::checked(name, looked, catalog))),
        Ok(looked) => say(name, looked, out, catalog),
        Err(why) if json => out.line(&json_line(&File::unusable(name, &why.say(), catalog))),
        Err(why) => {
            let say = why.say();
            out.line(
                &catalog.format("cli-check-unusable", &[("file", &text::line(name)), ("why", &catalog.say(&say))]),
            )?;
            match catalog.next(&say) {
                Some(next) => out.line(&format!("  {next}")),
                None => Ok(()),
            }
        }
    }
}

/// A report for people: one line a file, then what was found, each with what to do.
fn say(name: &str, looked: &Looked, out: &mut Out, catalog: &Catalog) -> Result<(), Stop> {
    let key = if looked.verdict() == Verdict::Valid { "cli-check-valid" } else { "cli-check-invalid" };
    let told = |key, count: usize| catalog.count(key, count as u64, &[]);
    let [invalid, contradictions, notes] = looked.counts();
    let args = [
        ("file", text::line(name)),
        ("invalid", told("cli-check-faults", invalid)),
        ("contradictions", told("cli-check-contradictions", contradictions)),
        ("notes", told("cli-check-notes", notes)),
    ];
    out.line(&catalog.format(key, &args.each_ref().map(|(name, value)| (*name, value.as_str()))))?;
    let mark = |grade| {
        catalog.text(match grade {
            Grade::Invalid => "cli-check-grade-invalid",
            Grade::Contradiction => "cli-check-grade-contradiction",
            Grade::Note => "cli-check-grade-note",
        })
    };
    for remark in &looked.remarks {
        out.line(&format!(
            "  {} {}  {}",
            remark.position,
            mark(remark.breach.grade(looked.profile)),
            catalog.say(&remark.say)
        ))?;
    }
    for found in &looked.report.findings {
        let said = catalog.say(&found.say);
        out.line(&format!("  {} {}  {}: {said}", found.position, mark(found.grade), found.place))?;
        let next = catalog.next(&found.say).unwrap_or_default();
        out.line(&format!("      {next} [{}, {}]", found.rule.id, found.rule.source))?;
    }
    match looked.untold() {
        0 => Ok(()),
        more => out.line(&format!("  {}", catalog.count("cli-check-untold", more as u64, &[]))),
    }
}

#[derive(Serialize)]
struct File<'a> {
    file: &'a str,
    /// `valid`, `invalid` or `unusable`.
    verdict: &'static str,
    invalid: usize,
    contradictions: usize,
    notes: usize,
    /// Why it is unusable.
    why: Option<String>,
    /// What of JSON has no place in the document.
    remarks: Vec<Left<'a>>,
    findings: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Left<'a> {
    grade: &'static str,
    line: u32,
    column: u32,
    path: &'a str,
    message: String,
}

#[derive(Serialize)]
struct Line<'a> {
    rule: &'static str,
    grade: &'static str,
    line: u32,
    column: u32,
    path: &'a str,
    place: &'a str,
    message: String,
    advice: Option<String>,
    source: &'static str,
    fixes: Vec<String>,
}

impl<'a> File<'a> {
    fn checked(file: &'a str, looked: &'a Looked, catalog: &Catalog) -> Self {
        let [invalid, contradictions, notes] = looked.counts();
        let left = |remark: &'a json::Remark| Left {
            grade: remark.breach.grade(looked.profile).token(),
            line: remark.position.line,
            column: remark.position.column,
            path: &remark.path,
            message: catalog.say(&remark.say),
        };
        Self {
            file,
            verdict: if looked.verdict() == Verdict::Valid { "valid" } else { "invalid" },
            invalid,
            contradictions,
            notes,
            why: None,
            remarks: looked.remarks.iter().map(left).collect(),
            findings: looked.report.findings.iter().map(|found| Line::of(found, catalog)).collect(),
        }
    }

    fn unusable(file: &'a str, why: &Say, catalog: &Catalog) -> Self {
        Self {
            file,
            verdict: "unusable",
            invalid: 0,
            contradictions: 0,
            notes: 0,
            why: Some(catalog.say(why)),
            remarks: Vec::new(),
            findings: Vec::new(),
        }
    }
}

impl<'a> Line<'a> {
    fn of(found: &'a Finding, catalog: &Catalog) -> Self {
        Self {
            rule: found.rule.id,
            grade: found.grade.token(),
            line: found.position.line,
            column: found.position.column,
            path: &found.path,
            place: &found.place,
            message: catalog.say(&found.say),
            advice: catalog.next(&found.say),
            source: found.rule.source,
            fixes: found.fixes.iter().map(|fix| catalog.say(&fix.label)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(args: &[&str]) -> Result<Asked, Say> {
        parse(args.iter().map(OsString::from))
    }

    #[test]
    fn the_command_line() {
        let files = vec![OsString::from("a.xml"), OsString::from("-")];
        assert_eq!(asked(&["a.xml", "-"]), Ok(Asked { files: files.clone(), ..Asked::default() }));
        let both = asked(&["--json", "--against", "published", "a.xml", "-"]);
        assert_eq!(both, Ok(Asked { files, json: true, published: true }));
        assert_eq!(asked(&[]).unwrap_err().key, "cli-usage-files");
        assert_eq!(asked(&["--against", "x", "a"]).unwrap_err().key, "cli-usage");
        assert_eq!(asked(&["--practice", "a"]).unwrap_err().key, "cli-usage");
    }
}
