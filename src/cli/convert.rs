//! `gridwatch convert`: one document in another format, with a sheet of what was carried and what was not.
//!
//! Needs no grid and no settings. The document goes to a file of its owner alone, or to standard output; the sheet and
//! what was wrong with the source go to standard error.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use lexopt::prelude::*;

use super::document::{self, Opened};
use super::out::{self, Out};
use super::{Exit, Stop};
use crate::i18n::Catalog;
use crate::iodef::check::check;
use crate::iodef::doc::Version;
use crate::iodef::export::{self, Format};
use crate::iodef::schema::Profile;
use crate::iodef::v1;
use crate::model::Say;
use crate::port;
use crate::text;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    from: OsString,
    to: OsString,
    format: Format,
    force: bool,
}

/// How it went. The numbers are documented in `--help` and README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Done = 0,
    /// Written, though the source is not valid or not all of it was understood.
    Doubtful = 1,
    /// Nothing was written.
    Nothing = 2,
}

const NAMES: [(&str, Format); 6] = [
    ("iodef", Format::Iodef),
    ("json", Format::Json),
    ("csv", Format::Csv),
    ("md", Format::Markdown),
    ("stix", Format::Stix),
    ("misp", Format::Misp),
];

pub(super) fn of_word(word: &str) -> Result<Format, &'static str> {
    let known = NAMES.iter().find(|(name, _)| *name == word);
    known.map(|(_, format)| *format).ok_or("iodef, json, csv, md, stix or misp")
}

/// By the ending; `.stix.json` and `.misp.json` say more than `.json`.
pub(super) fn of_file(file: &OsStr) -> Option<Format> {
    const ENDINGS: [(&str, Format); 7] = [
        (".stix.json", Format::Stix),
        (".misp.json", Format::Misp),
        (".json", Format::Json),
        (".csv", Format::Csv),
        (".md", Format::Markdown),
        (".iodef", Format::Iodef),
        (".xml", Format::Iodef),
    ];
    let name = file.to_string_lossy().to_ascii_lowercase();
    ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, format)| *format)
}

/// Runs `gridwatch convert` with the arguments after the verb.
pub fn run(args: impl IntoIterator<Item = OsString>, out: &mut Out, catalog: &Catalog) -> u8 {
    let ended = parse(args).map_err(Stop::usage).and_then(|asked| convert(&asked, out, catalog));
    match ended {
        Ok(outcome) => outcome as u8,
        // A reader that closed the pipe had enough.
        Err(stop) if stop.exit == Exit::Done => Outcome::Done as u8,
        Err(stop) => {
            let _ = super::finish(&stop, catalog);
            Outcome::Nothing as u8
        }
    }
}

fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Asked, Say> {
    let usage = |error: lexopt::Error| Say::new("cli-usage").with("cause", error.to_string());
    let mut parser = lexopt::Parser::from_args(args);
    let (mut files, mut format, mut force) = (Vec::new(), None, false);
    while let Some(argument) = parser.next().map_err(usage)? {
        match argument {
            Long("to") => {
                format = Some(parser.value().and_then(|word| word.parse_with(of_word)).map_err(usage)?);
            }
            Long("force") => force = true,
            Value(file) if files.len() < 2 => files.push(file),
            other => return Err(usage(other.unexpected())),
        }
    }
    let Ok([from, to]) = <[OsString; 2]>::try_from(files) else { return Err(Say::new("cli-usage-convert")) };
    let format = format.or_else(|| of_file(&to)).ok_or_else(|| Say::new("cli-usage-to"))?;
    Ok(Asked { from, to, format, force })
}

fn convert(asked: &Asked, out: &mut Out, catalog: &Catalog) -> Result<Outcome, Stop> {
    let stop = |say| Stop::new(Exit::Usage, say);
    let path = Path::new(&asked.to);
    let into_file = asked.to != "-";
    if into_file && path.exists() && !asked.force {
        return Err(stop(Say::new("cli-convert-exists").with("file", text::line(&asked.to.to_string_lossy()))));
    }
    let Opened { mut document, remarks, .. } = document::open(&asked.from).map_err(|why| stop(why.say()))?;
    let words = |say: &Say| catalog.say(say);
    let mut notes = Vec::new();
    if document.version().is_ok_and(|version| version == Version::V1) {
        let upgraded = v1::upgrade(&document).map_err(|refused| stop(refused.say()))?;
        notes.extend(upgraded.notes.iter().map(|note| words(&note.say())));
        document = upgraded.document;
    }
    let export = export::make(asked.format, &document, &words);
    if into_file {
        port::write(path, &export.bytes, asked.force).map_err(|fault| stop(fault.say()))?;
    } else {
        out.raw(&export.bytes)?;
    }
    notes.extend(remarks.iter().map(|remark| words(&remark.say)));
    notes.iter().for_each(|note| out::note(note));
    let valid = check(&document, Profile::Reading).is_valid();
    if !valid {
        out::note(&words(&Say::new("cli-convert-invalid")));
    }
    for line in export.sheet.lines() {
        out::note(&words(&line));
    }
    Ok(if valid && remarks.is_empty() { Outcome::Done } else { Outcome::Doubtful })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Result<(Format, bool), &'static str> {
        let parsed = parse(line.split_whitespace().map(OsString::from));
        parsed.map(|asked| (asked.format, asked.force)).map_err(|say| say.key)
    }

    #[test]
    fn the_format_is_said_or_seen() {
        for (line, expected) in [
            ("a.xml b.json", Ok((Format::Json, false))),
            ("a.xml b.STIX.json --force", Ok((Format::Stix, true))),
            ("- b.misp.json", Ok((Format::Misp, false))),
            ("a.json -", Err("cli-usage-to")),
            ("a.json - --to iodef", Ok((Format::Iodef, false))),
            ("a.xml b.json --to misp", Ok((Format::Misp, false))),
            ("a.xml b.md", Ok((Format::Markdown, false))),
            ("a.xml b.txt", Err("cli-usage-to")),
            ("a.xml", Err("cli-usage-convert")),
            ("a.xml b.csv c.csv", Err("cli-usage")),
            ("a.xml b.csv --to pdf", Err("cli-usage")),
        ] {
            assert_eq!(asked(line), expected, "{line}");
        }
    }
}
