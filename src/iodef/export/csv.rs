//! A table of all observables, for spreadsheets and block lists (RFC 4180). Lines that begin with `#` say the
//! restriction; no cell is a formula to any spreadsheet.

use std::collections::{BTreeMap, HashMap};

use super::case::{Case, confidence, stamp, time, token};
use super::ledger::{Ledger, restriction};
use super::marking::{effective, title, word};
use super::reader::Reader;
use super::rows::{Beside, NO_ROW, shown, values};
use super::{Export, Words};
use crate::iodef::{Document, Element, NodeId};
use crate::text;

/// The columns: what a script keys on.
pub const COLUMNS: [&str; 11] = [
    "incident",
    "kind",
    "value",
    "defanged",
    "role",
    "restriction",
    "tlp",
    "confidence",
    "valid_from",
    "valid_until",
    "path",
];

/// Longest value, in characters.
const VALUE: usize = 4_000;

/// Makes the table.
#[must_use]
pub fn csv(document: &Document, words: Words<'_>) -> Export {
    let mut ledger = Ledger::saying(document, &[("System", &["category"])]);
    let mut reader = Reader::of(document);
    let beside = Beside::of(document);
    let mut rows = Vec::new();
    for case in Case::all(document) {
        collect(case, &mut reader, &beside, &mut ledger, &mut rows);
    }
    let sheet = ledger.sheet();
    let mut writer =
        ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).flexible(true).from_writer(Vec::new());
    let mark = words(&restriction("export-csv-restriction", &sheet.strictest));
    // Writing into memory does not fail.
    let _ = writer.write_record([comment(&mark)]);
    let _ = writer.write_record(COLUMNS);
    for row in rows {
        let _ = writer.write_record(row.iter().map(|cell| text::harmless(cell)));
    }
    Export { bytes: writer.into_inner().unwrap_or_default(), sheet }
}

fn collect<'d>(
    case: Case<'d>,
    reader: &mut Reader<'d>,
    beside: &Beside<'d>,
    ledger: &mut Ledger<'d>,
    rows: &mut Vec<[String; 11]>,
) {
    let incident = format!("{}/{}", case.csirt(), case.id());
    let found = reader.find(case.incident);
    // A bulk list is one element with ten thousand values.
    let mut about: HashMap<NodeId, [String; 7]> = HashMap::new();
    let mut indicators: HashMap<NodeId, [String; 3]> = HashMap::new();
    let mut row = |element: Element<'d>, kind: &str, value: &str| {
        let about = about.entry(element.id()).or_insert_with(|| facts(element, &mut indicators)).clone();
        let [role, restriction, tlp, confidence, from, until, path] = about;
        let value = text::line_within(value, VALUE);
        let shown = shown(kind, &value);
        rows.push([
            text::line(&incident),
            kind.to_owned(),
            value,
            shown,
            role,
            restriction,
            tlp,
            confidence,
            from,
            until,
            path,
        ]);
    };
    // An element is said when none of its values was cut.
    let mut said: BTreeMap<NodeId, (Element<'d>, bool)> = BTreeMap::new();
    for (element, thing) in &found.things {
        for (kind, value) in values(thing) {
            row(*element, kind, &value);
            said.entry(element.id()).or_insert((*element, true)).1 &= text::fits(&value, VALUE);
        }
    }
    for (element, _) in said.into_values().filter(|(_, whole)| *whole) {
        ledger.carry_thing(&found, element, &NO_ROW);
    }
    for (element, kind, value) in beside.within(case.incident) {
        row(element, kind, &value);
        if text::fits(&value, VALUE) {
            ledger.carry(element);
        }
    }
    ledger.lose(&found);
    case.incident.children_named("IncidentID").for_each(|id| ledger.carry(id));
}

/// What a row says of the element its value stands in.
fn facts(element: Element<'_>, indicators: &mut HashMap<NodeId, [String; 3]>) -> [String; 7] {
    let indicator = element.ancestors().find(|above| above.is("Indicator"));
    let system = element.ancestors().find(|above| above.is("System")).and_then(|system| token(system, "category"));
    let is_named = element.local() == "Vulnerability" || element.local() == "ID";
    let role = match (indicator, system) {
        _ if is_named => "reference".to_owned(),
        (Some(_), _) => "indicator".to_owned(),
        (None, Some(role)) => text::line(&role),
        (None, None) => "seen".to_owned(),
    };
    let restriction = effective(element);
    // An indicator is looked through once, whatever it holds.
    let said = indicator.map(|indicator| indicators.entry(indicator.id()).or_insert_with(|| terms(indicator)).clone());
    let [sure, from, until] = said.unwrap_or_default();
    [
        role,
        text::line(word(&restriction)),
        title(restriction.tlp()),
        sure,
        from,
        until,
        text::line_within(&element.path(), 1_000),
    ]
}

/// How sure an indicator is, and from when to when it holds.
fn terms(indicator: Element<'_>) -> [String; 3] {
    let when = |name| time(indicator, name).map(stamp).unwrap_or_default();
    let sure = confidence(indicator).map(|sure| sure.to_string()).unwrap_or_default();
    [sure, when("StartTime"), when("EndTime")]
}

/// A line about the table, whose words may be remote. A table of commas is opened where other signs part the cells: it has
/// none of them, and so needs no quotes either and begins with `#` for every reader.
#[must_use]
pub fn comment(words: &str) -> String {
    let words: String = words.chars().map(|char| if ",;|\t\"'".contains(char) { ' ' } else { char }).collect();
    format!("# {}", words.trim())
}

#[cfg(test)]
mod tests {
    use super::comment;

    #[test]
    fn a_line_about_the_table_parts_into_no_cells() {
        let line = comment("TLP:RED (as sent: x;=cmd|' /C calc'!A0\t@a\",+b)");
        assert!(line.starts_with("# TLP:RED (as sent: x =cmd"), "{line}");
        assert!(!line.contains([',', ';', '|', '\'', '"', '\t']), "{line}");
    }
}
