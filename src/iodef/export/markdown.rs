//! A page for a person: what happened, what is asked, when, who, what was seen, in tables. CommonMark with tables.
//!
//! All text of the document is remote: no link is alive in it, no HTML, no heading, no picture, no table cell that ends
//! early; invisible and turning characters are shown.

use std::collections::BTreeMap;

use super::case::{Case, descriptions, identifiers, name_of, token};
use super::ledger::{Ledger, Says, is_known, restriction};
use super::marking::{effective, strictest, title};
use super::reader::Reader;
use super::rows::{Beside, NO_ROW, shown, values};
use super::thing::plain;
use super::{Export, Words};
use crate::iodef::{Document, Element, NodeId, view};
use crate::model::{Say, Stamp};
use crate::text;
use crate::text::{MARKDOWN, markdown as escape};

/// Attributes a page has words for.
const SAYS: Says = &[
    ("BusinessImpact", &["severity", "type"]),
    ("Confidence", &["rating"]),
    ("Contact", &["role", "type"]),
    ("Expectation", &["action", "severity"]),
    ("HistoryItem", &["action"]),
    ("Incident", &["purpose", "status"]),
    ("IntendedImpact", &["severity", "type"]),
    ("MonetaryImpact", &["severity", "currency"]),
    ("System", &["category"]),
    ("SystemImpact", &["severity", "type", "completion"]),
    ("TimeImpact", &["severity", "metric", "duration"]),
];
/// Most observables on a page; the table format has them all.
const ROWS: usize = 500;
/// Most characters of a value, a method or a relation in its row.
const CELL: usize = 1_000;

/// Makes the page.
#[must_use]
pub fn markdown(document: &Document, words: Words<'_>) -> Export {
    let mut page = Page {
        out: String::new(),
        words,
        reader: Reader::of(document),
        beside: Beside::of(document),
        ledger: Ledger::saying(document, SAYS),
    };
    for case in Case::all(document) {
        page.incident(case);
    }
    let sheet = page.ledger.sheet();
    page.heading("export-md-sheet");
    for line in sheet.lines() {
        let line = words(&line);
        page.out.push_str(&format!("- {}\n", escape(&line)));
    }
    Export { bytes: page.out.into_bytes(), sheet }
}

struct Page<'d, 'w> {
    out: String,
    words: Words<'w>,
    reader: Reader<'d>,
    beside: Beside<'d>,
    ledger: Ledger<'d>,
}

impl<'d> Page<'d, '_> {
    fn say(&self, key: &'static str) -> String {
        (self.words)(&Say::new(key))
    }

    /// An element whose words are on the page, where no one cuts them.
    fn carry_said(&mut self, element: Element<'d>, words: &str) {
        if text::fits(words, MARKDOWN) {
            self.ledger.carry(element);
        }
    }

    /// An element of which a row has the texts: what is foreign inside has attributes and an order besides.
    fn carry_row(&mut self, element: Element<'d>, row: &str) {
        if text::fits(row, CELL) {
            self.ledger.carry(element);
            element.descendants().filter(|inside| is_known(*inside)).for_each(|inside| self.ledger.carry(inside));
        }
    }

    fn heading(&mut self, key: &'static str) {
        let words = self.say(key);
        self.out.push_str(&format!("\n## {words}\n\n"));
    }

    /// A table under a heading, if it has a row; `columns` are keys, `cells` are remote texts.
    fn table<const N: usize>(&mut self, heading: &'static str, columns: [&'static str; N], rows: &[[String; N]]) {
        if rows.is_empty() {
            return;
        }
        self.heading(heading);
        let names = columns.map(|column| self.say(column)).join(" | ");
        self.out.push_str(&format!("| {names} |\n|{}\n", " --- |".repeat(N)));
        for row in rows {
            let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
            self.out.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
    }

    fn incident(&mut self, case: Case<'d>) {
        let incident = case.incident;
        if !self.out.is_empty() {
            self.out.push_str("\n---\n\n");
        }
        self.out.push_str(&format!("# {}\n\n", escape(&case.title())));
        let own = effective(incident);
        let banner = (self.words)(&restriction("export-md-restriction", &own));
        self.out.push_str(&format!("**{}**\n", escape(&banner)));
        let (inside, stricter) = view::strictest(incident);
        if stricter > 0 {
            // Whoever passes the page on by its banner must not pass on what is stricter inside (`product.md` B4).
            let inside = restriction("export-md-stricter", &inside.restriction).with("count", stricter.to_string());
            let inside = (self.words)(&inside);
            self.out.push_str(&format!("\n**{}**\n", escape(&inside)));
        }
        self.facts(case);
        let said: Vec<Element<'d>> = incident.children_named("Description").collect();
        if !said.is_empty() {
            self.heading("export-md-description");
            for element in &said {
                let words = plain(*element).unwrap_or_default();
                self.out.push_str(&format!("> {}\n>\n", escape(&words)));
                self.carry_said(*element, &words);
            }
        }
        self.asks(incident);
        self.impacts(incident);
        self.observables(incident);
        self.methods(incident);
        self.related(incident);
        self.contacts(incident);
        self.history(incident);
    }

    fn facts(&mut self, case: Case<'d>) {
        const TIMES: [(&str, &str); 6] = [
            ("DetectTime", "export-md-detected"),
            ("StartTime", "export-md-started"),
            ("EndTime", "export-md-ended"),
            ("RecoveryTime", "export-md-recovered"),
            ("ReportTime", "export-md-reported"),
            ("GenerationTime", "export-md-generated"),
        ];
        let incident = case.incident;
        let mut rows = vec![[self.say("export-md-id"), format!("{} / {}", case.csirt(), case.id())]];
        incident.children_named("IncidentID").for_each(|id| self.ledger.carry(id));
        for (attribute, key) in [("purpose", "export-md-purpose"), ("status", "export-md-status")] {
            rows.extend(token(incident, attribute).map(|value| [self.say(key), value]));
        }
        rows.extend(case.severity().token().map(|severity| [self.say("export-md-severity"), severity.to_owned()]));
        for (name, key) in TIMES {
            for element in incident.children_named(name) {
                rows.push([self.say(key), when(element)]);
                self.ledger.carry(element);
            }
        }
        self.out.push_str("\n| | |\n| --- | --- |\n");
        for [name, value] in rows {
            self.out.push_str(&format!("| {} | {} |\n", escape(&name), escape(&value)));
        }
    }

    fn asks(&mut self, incident: Element<'d>) {
        let mut rows = Vec::new();
        for ask in incident.descendants().filter(|element| element.is("Expectation")) {
            let words = [descriptions(ask), all(ask, "DefinedCOA")].join(" ");
            for name in ["Description", "DefinedCOA"] {
                ask.children_named(name).for_each(|child| self.carry_said(child, &words));
            }
            rows.push([
                token(ask, "action").unwrap_or_else(|| "other".to_owned()),
                token(ask, "severity").unwrap_or_default(),
                ask.child("StartTime").map(when).unwrap_or_default(),
                ask.child("EndTime").map(when).unwrap_or_default(),
                words,
                title(effective(ask).tlp()),
            ]);
            self.ledger.carry(ask);
            for name in ["StartTime", "EndTime"] {
                ask.children_named(name).for_each(|child| self.ledger.carry(child));
            }
        }
        let columns = [
            "export-md-action",
            "export-md-severity",
            "export-md-from",
            "export-md-until",
            "export-md-words",
            "export-md-tlp",
        ];
        self.table("export-md-asks", columns, &rows);
    }

    fn impacts(&mut self, incident: Element<'d>) {
        const IMPACTS: [&str; 5] = ["SystemImpact", "BusinessImpact", "IntendedImpact", "TimeImpact", "MonetaryImpact"];
        let mut rows = Vec::new();
        for impact in incident.descendants().filter(|element| element.is_iodef() && IMPACTS.contains(&element.local()))
        {
            let amount = [Some(impact.trimmed().into_owned()), token(impact, "duration"), token(impact, "currency")];
            rows.push([
                impact.local().to_owned(),
                token(impact, "type").or_else(|| token(impact, "metric")).unwrap_or_default(),
                token(impact, "severity").unwrap_or_default(),
                token(impact, "completion").unwrap_or_default(),
                [amount.into_iter().flatten().collect::<Vec<_>>().join(" "), descriptions(impact)].join(" "),
                title(effective(impact).tlp()),
            ]);
            self.ledger.carry_whole(impact);
        }
        let columns = [
            "export-md-kind",
            "export-md-type",
            "export-md-severity",
            "export-md-completion",
            "export-md-words",
            "export-md-tlp",
        ];
        self.table("export-md-impact", columns, &rows);
    }

    fn observables(&mut self, incident: Element<'d>) {
        let mut rows = Vec::new();
        let mut beyond = 0_usize;
        let found = self.reader.find(incident);
        let mut row = |element: Element<'d>, kind: &str, value: &str| {
            let system = element.ancestors().find(|above| above.is("System"));
            let role = match element.ancestors().any(|above| above.is("Indicator")) {
                true => "indicator".to_owned(),
                false => system.and_then(|system| token(system, "category")).unwrap_or_default(),
            };
            let defanged = shown(kind, &text::line_within(value, CELL));
            rows.push([kind.to_owned(), defanged, role, title(effective(element).tlp())]);
        };
        let mut left = ROWS;
        // An element is said when none of its values was cut.
        let mut said: BTreeMap<NodeId, (Element<'d>, bool)> = BTreeMap::new();
        for (element, thing) in &found.things {
            let values = values(thing);
            if !values.is_empty() && left > 0 {
                said.entry(element.id()).or_insert((*element, true)).1 &=
                    values.iter().all(|(_, value)| text::fits(value, CELL));
            }
            for (kind, value) in values {
                match left.checked_sub(1) {
                    Some(rest) => {
                        left = rest;
                        row(*element, kind, &value);
                    }
                    None => beyond += 1,
                }
            }
        }
        for (element, _) in said.into_values().filter(|(_, whole)| *whole) {
            self.ledger.carry_thing(&found, element, &NO_ROW);
        }
        // Vulnerabilities stand with the methods.
        for (element, kind, value) in self.beside.within(incident).filter(|(.., kind, _)| *kind != "cve") {
            match left.checked_sub(1) {
                Some(rest) => {
                    left = rest;
                    row(element, kind, &value);
                    if text::fits(&value, CELL) {
                        self.ledger.carry(element);
                    }
                }
                None => beyond += 1,
            }
        }
        self.ledger.lose(&found);
        let columns = ["export-md-kind", "export-md-value", "export-md-role", "export-md-tlp"];
        self.table("export-md-observables", columns, &rows);
        if beyond > 0 {
            let more = (self.words)(&Say::new("export-md-beyond").with("count", beyond.to_string()));
            self.out.push_str(&format!("\n{}\n", escape(&more)));
        }
    }

    fn methods(&mut self, incident: Element<'d>) {
        let mut rows = Vec::new();
        for element in incident.descendants() {
            let is_structured = ["AttackPattern", "Vulnerability", "Weakness"].contains(&element.local());
            if !(element.is("Reference") || element.is("AttackPhase") || is_structured) || self.ledger.carries(element)
            {
                continue;
            }
            let mut parts: Vec<String> = element.descendants().filter_map(plain).collect();
            parts.extend(token(element, "ContentID"));
            let whole = parts.join(" ");
            let words = text::defang(&text::line_within(&whole, CELL));
            rows.push([identifiers(&whole).join(", "), words, title(strictest(element).tlp())]);
            self.carry_row(element, &whole);
        }
        self.table("export-md-methods", ["export-md-known", "export-md-words", "export-md-tlp"], &rows);
    }

    fn related(&mut self, incident: Element<'d>) {
        let mut rows = Vec::new();
        let groups = incident.children().filter(|child| child.is("RelatedActivity") || child.is("AlternativeID"));
        for group in groups {
            for element in group.children().filter(|child| child.is_iodef() && !child.is("AdditionalData")) {
                let rating = token(element, "rating").unwrap_or_default();
                let own = [name_of(Some(element)), rating, plain(element).unwrap_or_default()].join(" ");
                let inside: Vec<String> = element.descendants().filter_map(plain).collect();
                let whole = format!("{own} {}", inside.join(" "));
                let words = text::line_within(&whole, CELL);
                rows.push([element.local().to_owned(), words, title(strictest(element).tlp())]);
                self.carry_row(element, &whole);
            }
        }
        self.table("export-md-related", ["export-md-kind", "export-md-words", "export-md-tlp"], &rows);
    }

    fn contacts(&mut self, incident: Element<'d>) {
        let mut rows = Vec::new();
        for contact in incident.descendants().filter(|element| element.is("Contact")) {
            let below = |group: &str, leaf: &str| {
                let leaves = contact.children_named(group).map(|element| all(element, leaf));
                leaves.collect::<Vec<_>>().join(", ")
            };
            let names: Vec<String> = contact.children_named("ContactName").filter_map(plain).collect();
            rows.push([
                token(contact, "role").unwrap_or_default(),
                token(contact, "type").unwrap_or_default(),
                names.join(", "),
                below("Email", "EmailTo"),
                below("Telephone", "TelephoneNumber"),
                title(effective(contact).tlp()),
            ]);
            self.ledger.carry(contact);
            let ways = ["Email", "Telephone"].into_iter().flat_map(|way| contact.children_named(way));
            let told = ways.flat_map(Element::children).filter(|told| told.is("EmailTo") || told.is("TelephoneNumber"));
            told.chain(contact.children_named("ContactName")).for_each(|told| self.ledger.carry(told));
        }
        let columns = [
            "export-md-role",
            "export-md-type",
            "export-md-name",
            "export-md-email",
            "export-md-telephone",
            "export-md-tlp",
        ];
        self.table("export-md-contacts", columns, &rows);
    }

    fn history(&mut self, incident: Element<'d>) {
        let mut rows = Vec::new();
        for item in incident.descendants().filter(|element| element.is("HistoryItem")) {
            let words = [descriptions(item), all(item, "DefinedCOA")].join(" ");
            for name in ["Description", "DefinedCOA"] {
                item.children_named(name).for_each(|child| self.carry_said(child, &words));
            }
            rows.push([
                item.child("DateTime").map(when).unwrap_or_default(),
                token(item, "action").unwrap_or_default(),
                words,
                title(effective(item).tlp()),
            ]);
            self.ledger.carry(item);
            item.children_named("DateTime").for_each(|child| self.ledger.carry(child));
        }
        let columns = ["export-md-time", "export-md-action", "export-md-words", "export-md-tlp"];
        self.table("export-md-history", columns, &rows);
    }
}

/// The texts of the children called `local`.
fn all(element: Element<'_>, local: &str) -> String {
    element.children_named(local).filter_map(plain).collect::<Vec<_>>().join(", ")
}

/// A time in UTC beside the sender's own word for it, where they differ.
fn when(element: Element<'_>) -> String {
    match Stamp::parse(&element.text()) {
        Some(stamp) if stamp.zoned => {
            let utc = stamp.at.format("%Y-%m-%d %H:%M:%SZ").to_string();
            if stamp.text.ends_with('Z') { utc } else { format!("{utc} ({})", stamp.text) }
        }
        // Without a zone nobody knows when that is.
        Some(stamp) => format!("{} (?)", stamp.text),
        None => plain(element).unwrap_or_default(),
    }
}
