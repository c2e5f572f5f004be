//! Where in the JSON each part of the document made from it was said: findings lead to what a person wrote, not to XML
//! that nobody has seen.

use crate::iodef::check::Report;
use crate::iodef::doc::{Document, Element};
use crate::iodef::xml::Position;

/// Places in the document, each with where it comes from, in the order of the document.
#[derive(Clone, Debug, Default)]
pub struct Places(Vec<(usize, Position)>);

impl Places {
    /// What is written at `at` and after it comes from `position`.
    pub(super) fn note(&mut self, at: usize, position: Position) {
        self.0.push((at, position));
    }

    /// Where the byte at `at` of the document comes from.
    fn of(&self, at: usize) -> Position {
        let after = self.0.partition_point(|(start, _)| *start <= at);
        let last = after.checked_sub(1).and_then(|place| self.0.get(place));
        last.map_or(Position { line: 1, column: 1 }, |(_, position)| *position)
    }

    /// Where an element comes from: the name of the member that holds it, or itself in an array.
    #[must_use]
    pub fn element(&self, element: Element<'_>) -> Position {
        self.of(element.span().0)
    }

    /// Puts what was found in the document where it stands in the JSON.
    pub fn settle(&self, document: &Document, report: &mut Report) {
        for finding in &mut report.findings {
            let Some(element) = document.element(finding.element) else { continue };
            let named = finding.path.rsplit_once('@').map(|(_, name)| name);
            let attribute = named.and_then(|name| element.attrs().find(|attr| attr.qualified() == name));
            finding.position = attribute.map_or_else(|| self.element(element), |attr| self.of(attr.start()));
        }
        report.findings.sort_by_key(|finding| (finding.position, finding.grade));
    }
}
