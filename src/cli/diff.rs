//! `gridwatch diff`: what a revision of an incident document says otherwise than an earlier one, by meaning.
//!
//! Needs no grid and no settings. Exit codes as `diff` has them: a script asks whether anything changed.

use std::ffi::{OsStr, OsString};

use lexopt::prelude::*;
use serde::Serialize;

use super::document::{self, Opened};
use super::json::line as json_line;
use super::out::{self, Out};
use super::{Exit, Stop};
use crate::i18n::Catalog;
use crate::iodef::diff::{Change, Diff, Field, Head, Matter, Place, Value as Observable, What, diff};
use crate::iodef::doc::Version;
use crate::iodef::json::Places;
use crate::iodef::{Document, v1};
use crate::model::{Restriction, Say, Severity, Tlp};
use crate::text;

/// Longest value on one line, in characters.
const SHORT: usize = 160;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    old: OsString,
    new: OsString,
    json: bool,
}

/// How it went. The numbers are documented in `--help` and README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Same = 0,
    Differs = 1,
    /// A file that cannot be read or is no incident document; a command line that was not understood.
    Unusable = 2,
}

/// Runs `gridwatch diff` with the arguments after the verb.
pub fn run(args: impl IntoIterator<Item = OsString>, out: &mut Out, catalog: &Catalog) -> u8 {
    let ended = parse(args).map_err(Stop::usage).and_then(|asked| compare(&asked, out, catalog));
    match ended {
        Ok(outcome) => outcome as u8,
        // Something was told, so something differs; a reader that closed the pipe had enough.
        Err(stop) if stop.exit == Exit::Done => Outcome::Differs as u8,
        Err(stop) => {
            let _ = super::finish(&stop, catalog);
            Outcome::Unusable as u8
        }
    }
}

fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Asked, Say> {
    let usage = |error: lexopt::Error| Say::new("cli-usage").with("cause", error.to_string());
    let mut parser = lexopt::Parser::from_args(args);
    let (mut files, mut json) = (Vec::new(), false);
    while let Some(argument) = parser.next().map_err(usage)? {
        match argument {
            Long("json") => json = true,
            Value(file) if files.len() < 2 => files.push(file),
            other => return Err(usage(other.unexpected())),
        }
    }
    match <[OsString; 2]>::try_from(files) {
        // Standard input can be read once.
        Ok([old, new]) if old != "-" || new != "-" => Ok(Asked { old, new, json }),
        _ => Err(Say::new("cli-usage-diff")),
    }
}

fn compare(asked: &Asked, out: &mut Out, catalog: &Catalog) -> Result<Outcome, Stop> {
    let (old, new) = (open(&asked.old, catalog)?, open(&asked.new, catalog)?);
    let mut found = diff(&old.document, &new.document);
    for change in &mut found.changes {
        settle(change.old.as_mut(), &old);
        settle(change.new.as_mut(), &new);
    }
    let unseen = [old.unseen, new.unseen];
    if asked.json {
        out.line(&json_line(&Told::of(&found, unseen)))?;
    } else {
        say(asked, &found, unseen != [0, 0], out, catalog)?;
    }
    Ok(if found.is_empty() { Outcome::Same } else { Outcome::Differs })
}

/// A document to compare.
struct Read {
    document: Document,
    /// Where things stand in the JSON it was made from.
    places: Option<Places>,
    /// How many of its places did not come over into IODEF 2 as they were.
    unseen: usize,
}

/// Puts a place of a document made from JSON where it stands in that.
fn settle(place: Option<&mut Place>, of: &Read) {
    if let (Some(place), Some(places)) = (place, &of.places)
        && let Some(element) = of.document.element(place.id)
    {
        place.position = places.element(element);
    }
}

/// A document of IODEF 2; one of IODEF 1 in the words of 2.
fn open(file: &OsStr, catalog: &Catalog) -> Result<Read, Stop> {
    let name = text::line(&file.to_string_lossy());
    let unusable = |say: Say| {
        let why = catalog.say(&say);
        Stop::new(Exit::Usage, Say::new("cli-diff-unusable").with("file", name.clone()).with("why", why))
    };
    let Opened { document, places, counts, .. } = document::open(file).map_err(|why| unusable(why.say()))?;
    let lost = counts.lost();
    if lost > 0 {
        out::note(&catalog.count("cli-diff-lost", lost as u64, &[("file", &name)]));
    }
    if document.version().is_ok_and(|version| version == Version::V1) {
        let upgraded = v1::upgrade(&document).map_err(|refused| unusable(refused.say()))?;
        let unseen = upgraded.notes.len();
        if unseen > 0 {
            out::note(&catalog.count("cli-diff-mapped", unseen as u64, &[("file", &name)]));
        }
        return Ok(Read { document: upgraded.document, places: None, unseen });
    }
    Ok(Read { document, places, unseen: lost })
}

/// A report for people: what matters, then every change with its place.
fn say(asked: &Asked, found: &Diff, unseen: bool, out: &mut Out, catalog: &Catalog) -> Result<(), Stop> {
    let [old, new] = [&asked.old, &asked.new].map(|file| text::line(&file.to_string_lossy()));
    if found.is_empty() {
        let key = if unseen { "cli-diff-same-as-far" } else { "cli-diff-same" };
        return out.line(&catalog.format(key, &[("old", &old), ("new", &new)]));
    }
    let counts = [found.counts.added, found.counts.removed, found.counts.changed, found.counts.moved];
    let [added, removed, changed, moved] = counts.map(|count| catalog.number(count as u64));
    out.line(&catalog.format(
        "cli-diff-differs",
        &[
            ("old", &old),
            ("new", &new),
            ("added", &added),
            ("removed", &removed),
            ("changed", &changed),
            ("moved", &moved),
        ],
    ))?;
    if found.strangers {
        out.line(&format!("! {}", catalog.text("cli-diff-strangers")))?;
    }
    let (before, after) = found.strictest;
    if before != after {
        let labels = [("before", &*catalog.tlp(before)), ("after", &*catalog.tlp(after))];
        out.line(&format!("! {}", catalog.format("cli-diff-strictest", &labels)))?;
    }
    // Handling first, wherever in the documents; the changes are in this order.
    let changes = &*found.changes;
    let (handling, rest) = changes.split_at(changes.partition_point(|change| change.matter <= Matter::Restriction));
    let (grave, others) = rest.split_at(rest.partition_point(|change| change.matter.is_grave()));
    heads(found, handled, out, catalog)?;
    tell_all(handling, out, catalog)?;
    heads(found, essence, out, catalog)?;
    tell_all(grave, out, catalog)?;
    observables(found, out, catalog)?;
    tell_all(others, out, catalog)?;
    match found.untold {
        0 => Ok(()),
        more => out.line(&catalog.count("cli-diff-untold", more as u64, &[])),
    }
}

fn heads(found: &Diff, of: fn(&Head, &Catalog) -> Vec<String>, out: &mut Out, catalog: &Catalog) -> Result<(), Stop> {
    for head in &found.heads {
        for line in of(head, catalog) {
            out.line(&format!("! {}: {line}", text::line(&head.id)))?;
        }
    }
    Ok(())
}

fn tell_all(changes: &[Change], out: &mut Out, catalog: &Catalog) -> Result<(), Stop> {
    changes.iter().try_for_each(|change| tell(change, out, catalog))
}

fn observables(found: &Diff, out: &mut Out, catalog: &Catalog) -> Result<(), Stop> {
    let both = [
        ("+", &found.observables.added, found.observables.added_total),
        ("-", &found.observables.removed, found.observables.removed_total),
    ];
    for (sign, values, total) in both {
        for value in values {
            out.line(&format!("{sign} {} {}", value.kind.token(), observable(value)))?;
        }
        if total > values.len() {
            out.line(&format!("{sign} {}", catalog.count("cli-diff-untold", (total - values.len()) as u64, &[])))?;
        }
    }
    Ok(())
}

/// How an incident may be passed on, where that changed.
fn handled(head: &Head, catalog: &Catalog) -> Vec<String> {
    let (before, after) = (head.restriction.0.tlp(), head.restriction.1.tlp());
    let key = match after.cmp(&before) {
        std::cmp::Ordering::Less => "cli-diff-loosened",
        std::cmp::Ordering::Equal => return Vec::new(),
        std::cmp::Ordering::Greater => "cli-diff-tightened",
    };
    vec![catalog.format(key, &[("before", &catalog.tlp(before)), ("after", &catalog.tlp(after))])]
}

fn essence(head: &Head, catalog: &Catalog) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |key, before: String, after: String| {
        if before != after {
            lines.push(catalog.format(key, &[("before", &before), ("after", &after)]));
        }
    };
    line("cli-diff-severity", catalog.severity(head.severity.0), catalog.severity(head.severity.1));
    let unsaid = || catalog.text("cli-unsaid");
    let word = |word: &Option<String>| word.as_deref().map_or_else(unsaid, text::line);
    line("cli-diff-purpose", word(&head.purpose.0), word(&head.purpose.1));
    line("cli-diff-status", word(&head.status.0), word(&head.status.1));
    lines
}

fn observable(value: &Observable) -> String {
    text::observable(&crate::model::Observable { kind: value.kind, value: value.original.clone() })
}

/// One change: a line with its sign and place, and below it what was and what is.
fn tell(change: &Change, out: &mut Out, catalog: &Catalog) -> Result<(), Stop> {
    let sign = match change.what {
        What::Added => '+',
        What::Removed => '-',
        What::Changed { .. } | What::Lines { .. } => '~',
        What::Moved => '>',
    };
    let live = change.matter == Matter::Observable;
    let safe = |value: &str| {
        if live { text::line_within(&text::defang(value), SHORT) } else { text::line_within(value, SHORT) }
    };
    let place = change.new.as_ref().or(change.old.as_ref());
    let (words, at) = place.map(|place| (place.words.clone(), place.position.to_string())).unwrap_or_default();
    let gist = Some(safe(&change.gist)).filter(|gist| !gist.is_empty() && !matches!(change.what, What::Changed { .. }));
    let gist = gist.map(|gist| format!("  “{gist}”")).unwrap_or_default();
    let label = change.label.map(|label| format!(": {}", catalog.tlp(label))).unwrap_or_default();
    let matter = matter_key(change.matter).map(|key| format!("  [{}{label}]", catalog.text(key))).unwrap_or_default();
    out.line(&format!("{sign} {at} {words}{gist}{matter}"))?;
    match &change.what {
        What::Changed { field, before, after, .. } => {
            let both = text::apart(before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default(), safe);
            let shown = |value: &Option<String>, shown: String| match value {
                Some(_) => shown,
                None => catalog.text("cli-unsaid"),
            };
            let (before, after) = (shown(before, both.0), shown(after, both.1));
            let name = match field {
                Field::Attribute(name) => text::line_within(name, SHORT),
                Field::Text => catalog.text("cli-diff-text"),
            };
            out.line(&format!("    {name}: {before} → {after}"))
        }
        What::Lines { added, removed, more, .. } => {
            for (sign, lines) in [('+', added), ('-', removed)] {
                for line in lines {
                    out.line(&format!("    {sign} {}", safe(line)))?;
                }
            }
            match more {
                0 => Ok(()),
                more => out.line(&format!("    {}", catalog.count("cli-diff-untold", *more as u64, &[]))),
            }
        }
        What::Moved => {
            let from = change.old.as_ref().map(|place| place.words.clone()).unwrap_or_default();
            out.line(&format!("    {}", catalog.format("cli-diff-from", &[("place", &from)])))
        }
        What::Added | What::Removed => Ok(()),
    }
}

/// Why it matters, where that is more than that something changed.
fn matter_key(matter: Matter) -> Option<&'static str> {
    Some(match matter {
        Matter::Loosened => "cli-diff-matter-loosened",
        Matter::Tightened => "cli-diff-matter-tightened",
        Matter::Restriction => "cli-diff-matter-restriction",
        Matter::Severity => "cli-diff-matter-severity",
        Matter::Purpose => "cli-diff-matter-purpose",
        Matter::Status => "cli-diff-matter-status",
        Matter::Asks => "cli-diff-matter-asks",
        Matter::Observable => "cli-diff-matter-observable",
        Matter::Other => return None,
        Matter::Wording => "cli-diff-matter-wording",
        Matter::Routine => "cli-diff-matter-routine",
    })
}

#[derive(Serialize)]
struct Told<'a> {
    same: bool,
    /// Of each, places that did not come over into IODEF 2 as they were: what differs there may not be told.
    unseen: [usize; 2],
    /// No incident of the one is in the other.
    strangers: bool,
    added: usize,
    removed: usize,
    changed: usize,
    moved: usize,
    strictest: [&'static str; 2],
    incidents: Vec<HeadLine<'a>>,
    observables: Values<'a>,
    changes: Vec<ChangeLine<'a>>,
    /// How many more changes there are.
    untold: usize,
}

/// Pairs are before and after.
#[derive(Serialize)]
struct HeadLine<'a> {
    id: &'a str,
    restriction: [Option<&'a str>; 2],
    handling: [&'static str; 2],
    severity: [Option<&'static str>; 2],
    purpose: [Option<&'a str>; 2],
    status: [Option<&'a str>; 2],
}

#[derive(Serialize)]
struct Values<'a> {
    added: Vec<ValueLine<'a>>,
    removed: Vec<ValueLine<'a>>,
    added_total: usize,
    removed_total: usize,
    same: usize,
}

#[derive(Serialize)]
struct ValueLine<'a> {
    kind: &'static str,
    value: &'a str,
    canonical: &'a str,
    handling: &'static str,
}

#[derive(Serialize)]
struct ChangeLine<'a> {
    what: &'static str,
    matter: &'static str,
    class: &'a str,
    gist: &'a str,
    /// Of what came or went: the label inside that is another than the one around it.
    label: Option<&'static str>,
    /// The attribute; `null` where the text changed or the whole element came or went.
    attribute: Option<&'a str>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    /// Values are told in part: from `offset` characters on of `lengths`, or the beginnings of lines.
    cut: bool,
    offset: usize,
    lengths: Option<[usize; 2]>,
    lines_added: &'a [String],
    lines_removed: &'a [String],
    lines_untold: usize,
    old: Option<PlaceLine<'a>>,
    new: Option<PlaceLine<'a>>,
}

#[derive(Serialize)]
struct PlaceLine<'a> {
    path: &'a str,
    place: &'a str,
    line: u32,
    column: u32,
    handling: &'static str,
}

impl<'a> Told<'a> {
    fn of(found: &'a Diff, unseen: [usize; 2]) -> Self {
        let value = |value: &'a Observable| ValueLine {
            kind: value.kind.token(),
            value: &value.original,
            canonical: &value.canonical,
            handling: value.tlp.token(),
        };
        let all = &found.observables;
        Self {
            same: found.is_empty(),
            unseen,
            strangers: found.strangers,
            added: found.counts.added,
            removed: found.counts.removed,
            changed: found.counts.changed,
            moved: found.counts.moved,
            strictest: both(&found.strictest, |tlp| Tlp::token(*tlp)),
            incidents: found.heads.iter().map(HeadLine::of).collect(),
            observables: Values {
                added: all.added.iter().map(value).collect(),
                removed: all.removed.iter().map(value).collect(),
                added_total: all.added_total,
                removed_total: all.removed_total,
                same: all.same,
            },
            changes: found.changes.iter().map(ChangeLine::of).collect(),
            untold: found.untold,
        }
    }
}

fn both<'a, T, R>(pair: &'a (T, T), of: impl Fn(&'a T) -> R) -> [R; 2] {
    [of(&pair.0), of(&pair.1)]
}

impl<'a> HeadLine<'a> {
    fn of(head: &'a Head) -> Self {
        let restriction = |one: &'a Restriction| match one {
            Restriction::Other(private) => Some(private.as_str()),
            one => one.token(),
        };
        Self {
            id: &head.id,
            restriction: both(&head.restriction, restriction),
            handling: both(&head.restriction, |one| one.tlp().token()),
            severity: both(&head.severity, |one| Severity::token(*one)),
            purpose: both(&head.purpose, Option::as_deref),
            status: both(&head.status, Option::as_deref),
        }
    }
}

impl<'a> ChangeLine<'a> {
    fn of(change: &'a Change) -> Self {
        let place = |place: &'a Place| PlaceLine {
            path: &place.path,
            place: &place.words,
            line: place.position.line,
            column: place.position.column,
            handling: place.restriction.tlp().token(),
        };
        let mut line = Self {
            what: "changed",
            matter: change.matter.token(),
            class: &change.class,
            gist: &change.gist,
            label: change.label.map(Tlp::token),
            attribute: None,
            before: None,
            after: None,
            cut: false,
            offset: 0,
            lengths: None,
            lines_added: &[],
            lines_removed: &[],
            lines_untold: 0,
            old: change.old.as_ref().map(place),
            new: change.new.as_ref().map(place),
        };
        match &change.what {
            What::Added => line.what = "added",
            What::Removed => line.what = "removed",
            What::Moved => line.what = "moved",
            What::Changed { field, before, after, cut } => {
                if let Some(cut) = cut {
                    (line.cut, line.offset, line.lengths) = (true, cut.offset, Some(cut.lengths.into()));
                }
                (line.before, line.after) = (before.as_deref(), after.as_deref());
                if let Field::Attribute(name) = field {
                    line.attribute = Some(name);
                }
            }
            What::Lines { added, removed, more, cut } => {
                line.cut = *cut;
                (line.lines_added, line.lines_removed, line.lines_untold) = (added, removed, *more);
            }
        }
        line
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
        let two = |json| Asked { old: "a".into(), new: "b".into(), json };
        assert_eq!(asked(&["a", "b"]), Ok(two(false)));
        assert_eq!(asked(&["a", "--json", "b"]), Ok(two(true)));
        assert_eq!(asked(&["a"]).unwrap_err().key, "cli-usage-diff");
        assert_eq!(asked(&["-", "-"]).unwrap_err().key, "cli-usage-diff");
        assert_eq!(asked(&["a", "b", "c"]).unwrap_err().key, "cli-usage");
        assert_eq!(asked(&["--color", "a", "b"]).unwrap_err().key, "cli-usage");
    }
}
