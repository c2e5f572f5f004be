//! What is wrong with a document, in four grades and one form of message: where, what is wrong, what to do, who says so
//! (`iodef.md` §5.3).
//!
//! Two passes over the tree, neither recursive: [`structure`] holds it to the class table as an XML Schema processor
//! would, [`rules`] asks what the RFC's text wants beyond any schema. Refusal, the first grade, is the reader's:
//! what was refused has no tree.

mod fix;
pub(in crate::iodef) mod place;
mod rule;
mod rules;
mod structure;

use super::doc::{Document, Element, NodeId};
use super::schema::Profile;
use super::xml::Position;
use crate::model::Say;

pub use fix::Fix;
pub use rule::{Force, Grade, NO_ID, RULES, Rule};
pub use structure::value_rule;

/// Most findings that are told one by one; a document of a million faults has as many.
pub const FINDINGS: usize = 1000;
/// Most findings of one rule that are told.
pub const ALIKE: usize = 100;

/// One thing that is wrong, or doubtful.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: &'static Rule,
    /// The rule's.
    pub grade: Grade,
    pub element: NodeId,
    /// `Incident[1]/EventData[2]/Flow[1]/System[3]`, with `@name` for an attribute.
    pub path: String,
    /// As an operator would say it: `Incident 492382, System 2`.
    pub place: String,
    pub position: Position,
    /// What is wrong; the message's `.next` says what to do.
    pub say: Say,
    /// What would put it right, most likely first.
    pub fixes: Vec<Fix>,
}

/// All that was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In document order.
    pub findings: Vec<Finding>,
    /// How many there are of each grade, told or not.
    pub invalid: u32,
    pub contradictions: u32,
    pub notes: u32,
}

impl Report {
    /// Whether the profile's schema takes the document. What its text forbids beyond that is not a matter of validity.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.invalid == 0
    }

    /// How many findings are counted and not told.
    #[must_use]
    pub fn untold(&self) -> usize {
        let all = [self.invalid, self.contradictions, self.notes].into_iter().map(|n| n as usize).sum::<usize>();
        all.saturating_sub(self.findings.len())
    }
}

/// Holds a document to a profile and to the RFC's text.
#[must_use]
pub fn check(document: &Document, against: Profile) -> Report {
    let mut notes = Notes::new(document, against);
    structure::walk(document, &mut notes);
    rules::walk(document, &mut notes);
    notes.finish()
}

/// Where an element stands, as an operator would say it: `Incident 492382, System 2`.
#[must_use]
pub fn place(element: Element<'_>) -> String {
    place::Steps::default().words(element)
}

/// The findings as they are made.
struct Notes<'d> {
    document: &'d Document,
    profile: Profile,
    report: Report,
    /// How often each rule was told.
    told: Vec<(&'static str, usize)>,
    /// What elements on the way to findings are called.
    steps: place::Steps,
}

impl<'d> Notes<'d> {
    fn new(document: &'d Document, profile: Profile) -> Self {
        Self { document, profile, report: Report::default(), told: Vec::new(), steps: place::Steps::default() }
    }

    /// Whether the document is held to what we read, not to what was published.
    fn reads(&self) -> bool {
        self.profile == Profile::Reading
    }

    /// Whether a finding of this rule would be told, or only counted: what costs to find out is asked for the former.
    fn wants(&self, rule: &Rule) -> bool {
        let told = self.told.iter().find(|(id, _)| *id == rule.id);
        self.report.findings.len() < FINDINGS && told.is_none_or(|(_, told)| *told < ALIKE)
    }

    fn add(&mut self, made: Made<'d>) {
        let grade = made.rule.grade;
        let count = match grade {
            Grade::Invalid => &mut self.report.invalid,
            Grade::Contradiction => &mut self.report.contradictions,
            Grade::Note => &mut self.report.notes,
        };
        *count = count.saturating_add(1);
        if !made.told {
            return;
        }
        match self.told.iter_mut().find(|(id, _)| *id == made.rule.id) {
            Some((_, told)) => *told += 1,
            None => self.told.push((made.rule.id, 1)),
        }
        let element = made.element;
        let attr = made.attribute.as_ref().and_then(|name| element.attrs().find(|attr| attr.qualified() == name));
        let mut path = element.path();
        if let Some(name) = &made.attribute {
            path.push('@');
            path.push_str(name);
        }
        self.report.findings.push(Finding {
            rule: made.rule,
            grade,
            element: element.id(),
            path,
            place: self.steps.words(element),
            position: attr.map_or_else(|| element.position(), |attr| attr.position()),
            say: made.say,
            fixes: made.fixes,
        });
    }

    fn finish(mut self) -> Report {
        debug_assert!(self.document.element(self.document.root().id()).is_some());
        self.report.findings.sort_by_key(|finding| (finding.position, finding.grade));
        self.report
    }
}

/// A finding in the making. One that is only counted gets neither words nor remedies: a document may have a million.
struct Made<'d> {
    rule: &'static Rule,
    told: bool,
    element: Element<'d>,
    attribute: Option<String>,
    say: Say,
    fixes: Vec<Fix>,
}

impl<'d> Notes<'d> {
    /// What breaks a rule; its words may speak of `$class`, the name of the element.
    fn at(&self, rule: &'static Rule, element: Element<'d>) -> Made<'d> {
        let made =
            Made { rule, told: self.wants(rule), element, attribute: None, say: Say::new(rule.key), fixes: Vec::new() };
        if made.told { made.with_within("class", element.local(), 60) } else { made }
    }
}

impl Made<'_> {
    /// An argument of the words; made safe to show.
    fn with(self, name: &'static str, value: &str) -> Self {
        self.with_within(name, value, 80)
    }

    fn with_within(mut self, name: &'static str, value: &str, most: usize) -> Self {
        if self.told {
            self.say = self.say.with(name, crate::text::line_within(value, most));
        }
        self
    }

    /// Of an attribute, by its name as written.
    fn of(mut self, attribute: &str) -> Self {
        if self.told {
            self.attribute = Some(attribute.to_owned());
        }
        self.with("attribute", attribute)
    }

    fn fix(mut self, fix: impl FnOnce() -> Fix) -> Self {
        if self.told {
            self.fixes.push(fix());
        }
        self
    }
}
