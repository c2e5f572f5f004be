//! The document as it will be, while the form still has gaps: what is missing is shown as an ellipsis.

use crate::app::cx::Cx;
use crate::iodef::Report;
use crate::iodef::report::{Field, Problem};
use crate::model::Restriction;

/// The document's text, or why there is none yet.
pub fn text(report: &Report, problems: &[Problem], cx: &Cx<'_>) -> String {
    let mut shown = report.clone();
    for problem in problems {
        if let Problem::Missing(field) = problem {
            let gap = match field {
                Field::Id => &mut shown.id,
                Field::ContactName => &mut shown.contact.name,
                Field::Description => &mut shown.description,
                // What a receiver would read there (RFC 7970 §3.2).
                Field::Restriction => {
                    shown.restriction = Restriction::Private;
                    continue;
                }
                _ => continue,
            };
            "…".clone_into(gap);
        }
    }
    shown.preview().unwrap_or_else(|_| cx.text("compose-preview-none"))
}
