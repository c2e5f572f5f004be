//! The guard's findings and the hints in the form of preflight.

use std::sync::Arc;

use super::{Finding, REASON};
use crate::compose::hints::Hint;
use crate::compose::preflight::{self, Place, Weight};

/// Each blocks until a reason is given for its value, and is told from then on.
#[must_use]
pub fn told(findings: Vec<Finding>, reasons: &dyn Fn(&str, &str) -> bool) -> Vec<preflight::Finding> {
    let made = |finding: Finding| {
        let place = Place::Element(finding.said.node);
        let made =
            preflight::Finding::new(REASON, Weight::Blocks, place, finding.say()).unless(finding.about(), reasons);
        preflight::Finding { leak: Some(Arc::new(finding)), ..made }
    };
    findings.into_iter().map(made).collect()
}

/// A question each; none stands in the way.
#[must_use]
pub fn hinted(hints: &[Hint]) -> Vec<preflight::Finding> {
    let made = |hint: &Hint| preflight::Finding::new("personal", Weight::Warns, Place::Element(hint.node), hint.say());
    hints.iter().map(made).collect()
}
