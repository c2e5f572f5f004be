//! The words of the model's own small sets.

use super::Catalog;
use crate::model::{Severity, Tlp};

impl Catalog {
    /// `High`.
    #[must_use]
    pub fn severity(&self, severity: Severity) -> String {
        self.text(match severity {
            Severity::High => "app-severity-high",
            Severity::Medium => "app-severity-medium",
            Severity::Low => "app-severity-low",
            Severity::Unknown => "app-severity-unknown",
        })
    }

    /// `H`: the letter beside the glyph in a list.
    #[must_use]
    pub fn severity_letter(&self, severity: Severity) -> String {
        self.text(match severity {
            Severity::High => "app-severity-high-letter",
            Severity::Medium => "app-severity-medium-letter",
            Severity::Low => "app-severity-low-letter",
            Severity::Unknown => "app-severity-unknown-letter",
        })
    }

    /// `TLP:AMBER`. FIRST's labels are never translated, so they stand here and not in a catalog file; `ByAgreement` is no
    /// label of FIRST's.
    #[must_use]
    pub fn tlp(&self, label: Tlp) -> String {
        match label {
            Tlp::ByAgreement => self.text("app-by-agreement"),
            label => format!("TLP:{}", self.tlp_short(label)),
        }
    }

    /// `AMBER`: for a column that is headed TLP.
    #[must_use]
    pub fn tlp_short(&self, label: Tlp) -> String {
        match label {
            Tlp::ByAgreement => self.text("app-by-agreement-short"),
            label => label.token().to_ascii_uppercase(),
        }
    }
}
