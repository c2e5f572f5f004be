//! What an export carried and what had no home in it: every element of the document is one or the other.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::find::Found;
use super::marking;
use super::steps::Reason;
use crate::iodef::canon::XSI;
use crate::iodef::xml::XML;
use crate::iodef::{Document, Element, NodeId};
use crate::model::{Restriction, Say};

/// The sheet at the end of every export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Elements by class.
    pub carried: BTreeMap<String, usize>,
    /// Elements without a home, each with all inside it counted once, by class.
    pub homeless: BTreeMap<String, usize>,
    /// Attributes without a home of elements that have one, as `System@spoofed`.
    pub attributes: BTreeMap<String, usize>,
    /// What else a person must know, such as an indicator that could not be said.
    pub remarks: Vec<Say>,
    /// The strictest restriction inside, and that of the document's incidents.
    pub strictest: Restriction,
}

impl Carried {
    /// The sheet, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<Say> {
        let list = |classes: &BTreeMap<String, usize>| {
            classes.iter().map(|(class, count)| format!("{class} {count}")).collect::<Vec<_>>().join(", ")
        };
        let mut lines = Vec::new();
        if !self.carried.is_empty() {
            lines.push(Say::new("export-carried").with("classes", list(&self.carried)));
        }
        if self.homeless.is_empty() {
            lines.push(Say::new("export-homeless-none"));
        } else {
            lines.push(Say::new("export-homeless").with("classes", list(&self.homeless)));
        }
        if !self.attributes.is_empty() {
            lines.push(Say::new("export-attributes").with("attributes", list(&self.attributes)));
        }
        lines.extend(self.remarks.iter().cloned());
        lines.push(restriction("export-strictest", &self.strictest));
        lines
    }
}

/// A line that names a restriction by its label and by the sender's word.
#[must_use]
pub fn restriction(key: &'static str, restriction: &Restriction) -> Say {
    let word = marking::word(restriction);
    let word = if word.is_empty() { "-".to_owned() } else { crate::text::line(word) };
    Say::new(key).with("label", marking::title(restriction.tlp())).with("word", word)
}

/// Keeps count while an export is made.
#[derive(Debug)]
pub struct Ledger<'d> {
    document: &'d Document,
    carried: HashSet<NodeId>,
    /// What carried elements stand in, themselves included.
    passed: HashSet<NodeId>,
    remarks: Vec<Say>,
    refused: BTreeSet<(Reason, NodeId)>,
    /// Bulk lists whose bad lines were told.
    lines: HashSet<NodeId>,
    /// Refusals beyond those a person reads.
    unsaid: usize,
    /// Which attributes are said, where not all are.
    says: Option<Says>,
}

/// The attributes a format has a place for, by the classes they are of.
pub type Says = &'static [(&'static str, &'static [&'static str])];

/// Attributes that are in the values of every format, or of use in the document alone.
const EVERYWHERE: Says = &[
    ("Address", &["category"]),
    ("BulkObservable", &["type"]),
    ("DigestMethod", &["Algorithm"]),
    ("EmailHeaderField", &["name", "dtype"]),
    ("FuzzyHashValue", &["name", "dtype"]),
    ("HashData", &["scope"]),
    ("IODEF-Document", &["version"]),
    ("IncidentID", &["name"]),
    ("IndicatorExpression", &["operator"]),
    ("IndicatorID", &["name"]),
    ("IndicatorReference", &["uid-ref"]),
    ("ObservableReference", &["uid-ref"]),
    ("ReferenceName", &["specIndex"]),
    ("Service", &["ip-protocol"]),
    ("AttackPattern", &["ContentID", "SpecID"]),
    ("Vulnerability", &["ContentID", "SpecID"]),
    ("Weakness", &["ContentID", "SpecID"]),
];

/// Whether the attribute of an element is said; a private value goes with the word that calls it.
fn says(more: Says, class: &str, name: &str) -> bool {
    let name = name.strip_prefix("ext-").unwrap_or(name);
    let listed = || EVERYWHERE.iter().chain(more).any(|(of, names)| *of == class && names.contains(&name));
    matches!(name, "restriction" | "observable-id") || listed()
}

/// Most refusals told one by one.
const REMARKS: usize = 100;

impl<'d> Ledger<'d> {
    #[must_use]
    pub fn new(document: &'d Document) -> Self {
        Self {
            document,
            carried: HashSet::new(),
            passed: HashSet::new(),
            remarks: Vec::new(),
            refused: BTreeSet::new(),
            lines: HashSet::new(),
            unsaid: 0,
            says: None,
        }
    }

    /// Of a format that has a place for these attributes and those of [`EVERYWHERE`] alone.
    #[must_use]
    pub fn saying(document: &'d Document, says: Says) -> Self {
        Self { says: Some(says), ..Self::new(document) }
    }

    /// This element has a home, what is inside it not yet.
    pub fn carry(&mut self, element: Element<'d>) {
        let _ = self.carried.insert(element.id());
        for above in element.ancestors() {
            if !self.passed.insert(above.id()) {
                break;
            }
        }
    }

    #[must_use]
    pub fn carries(&self, element: Element<'d>) -> bool {
        self.carried.contains(&element.id())
    }

    /// This element with all inside it.
    pub fn carry_whole(&mut self, element: Element<'d>) {
        self.carry(element);
        for inside in element.descendants() {
            self.carry(inside);
        }
    }

    /// An element that says a thing, with the parts the thing was made of; those called `except` have no place here.
    pub fn carry_thing(&mut self, found: &Found<'d>, element: Element<'d>, except: &[&str]) {
        let mut left: Option<Element<'d>> = None;
        for part in found.made_of(element) {
            if left.is_some_and(|left| left.contains(part.id())) {
                continue;
            }
            if except.contains(&part.local()) {
                left = Some(part);
            } else {
                self.carry(part);
            }
        }
    }

    /// An indicator with the elements that join what it looks for.
    pub fn carry_expression(&mut self, indicator: Element<'d>) {
        const JOINS: [&str; 3] = ["IndicatorExpression", "ObservableReference", "IndicatorReference"];
        self.carry(indicator);
        let mut open: Vec<Element<'d>> = indicator.children().collect();
        while let Some(element) = open.pop() {
            if element.is_iodef() && JOINS.contains(&element.local()) {
                self.carry(element);
                open.extend(element.children());
            }
        }
    }

    /// What in a part of the document could not be read, to be told.
    pub fn lose(&mut self, found: &Found<'d>) {
        found.mute.iter().for_each(|mute| self.refuse(*mute, Reason::Mute));
        found.long.iter().for_each(|long| self.refuse(*long, Reason::Long));
        for (element, count) in &found.lines {
            let line = Say::new("export-lines").with("path", crate::text::line(&element.path()));
            if self.lines.insert(element.id()) && self.lines.len() <= REMARKS {
                self.remarks.push(line.with("count", count.to_string()));
            }
        }
    }

    pub fn remark(&mut self, say: Say) {
        if !self.remarks.contains(&say) {
            self.remarks.push(say);
        }
    }

    /// An element of the document that could not be said, and why.
    pub fn refuse(&mut self, element: Element<'d>, reason: Reason) {
        if !self.refused.insert((reason, element.id())) {
            return;
        }
        if self.refused.len() > REMARKS {
            self.unsaid += 1;
        } else {
            self.remarks.push(Say::new(reason.key()).with("path", crate::text::line(&element.path())));
        }
    }

    /// The topmost elements inside `whole` without a home, in document order.
    #[must_use]
    pub fn homeless(&self, whole: Element<'d>) -> Vec<Element<'d>> {
        let mut homeless: Vec<Element<'d>> = Vec::new();
        for element in whole.descendants() {
            let inside = homeless.last().is_some_and(|last| last.contains(element.id()));
            if !inside && !self.passed.contains(&element.id()) {
                homeless.push(element);
            }
        }
        homeless
    }

    /// The books as they stand.
    #[must_use]
    pub fn sheet(&self) -> Carried {
        let root = self.document.root();
        let inside = root.children_named("Incident").map(marking::strictest);
        let strictest = inside.max_by_key(Restriction::tlp).unwrap_or(Restriction::Absent);
        let mut sheet = Carried { strictest, ..Carried::default() };
        for element in root.descendants().filter(|element| self.carries(*element)) {
            *sheet.carried.entry(class(element)).or_default() += 1;
        }
        for element in self.homeless(root) {
            *sheet.homeless.entry(class(element)).or_default() += 1;
        }
        let all = std::iter::once(root).chain(root.descendants());
        let told = all.filter(|element| self.passed.contains(&element.id()) && is_known(*element));
        for (element, more) in told.filter_map(|element| Some((element, self.says?))) {
            let class = element.local();
            for attr in element.attrs().filter(|attr| attr.ns() != XSI && !says(more, class, attr.local())) {
                let name = if attr.ns().is_empty() || attr.ns() == XML { attr.local() } else { "(other namespace)" };
                let name = format!("{}@{}", self::class(element), crate::text::line_within(name, 80));
                *sheet.attributes.entry(name).or_default() += 1;
            }
        }
        sheet.remarks.clone_from(&self.remarks);
        if self.unsaid > 0 {
            sheet.remarks.push(Say::new("export-more").with("count", self.unsaid.to_string()));
        }
        sheet
    }
}

/// Whether it is of a class that is known by its name.
pub fn is_known(element: Element<'_>) -> bool {
    const KNOWN: [&str; 3] = [
        "urn:ietf:params:xml:ns:iodef-sci-1.0",
        "urn:ietf:params:xml:ns:iodef-enum-1.0",
        "http://www.w3.org/2000/09/xmldsig#",
    ];
    element.is_iodef() || KNOWN.contains(&element.ns())
}

/// The class's name; of foreign elements, whose names are anybody's, that they are foreign is enough.
fn class(element: Element<'_>) -> String {
    if is_known(element) { crate::text::line_within(element.local(), 80) } else { "(other namespace)".to_owned() }
}

impl Reason {
    fn key(self) -> &'static str {
        match self {
            Self::Elsewhere => "export-reason-elsewhere",
            Self::Dangling => "export-reason-dangling",
            Self::Circle => "export-reason-circle",
            Self::Mute => "export-reason-mute",
            Self::Negation => "export-reason-negation",
            Self::Xor => "export-reason-xor",
            Self::Operator => "export-reason-operator",
            Self::Long => "export-reason-long",
            Self::Hostless => "export-reason-hostless",
            Self::Times => "export-reason-time",
            Self::Crowd => "export-reason-crowd",
        }
    }
}
