//! What it did, or may do: impacts and how sure the sender is (RFC 7970 §3.12).

use std::borrow::Cow;

use super::{Confidence, Text, Token, attr, texts, views};
use crate::iodef::doc::Element;
use crate::model::Severity;

views! {
    Assessment: "Assessment";
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImpactKind {
    System,
    Business,
    Time,
    Money,
    /// What the attacker was after.
    Intended,
}

/// One impact of any of the five classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Impact<'d> {
    pub kind: ImpactKind,
    element: Element<'d>,
}

impl<'d> Assessment<'d> {
    /// `actual` or `potential`.
    #[must_use]
    pub fn occurrence(self) -> Option<Token<'d>> {
        Token::of(self.0, "occurrence")
    }

    #[must_use]
    pub fn categories(self) -> Vec<Text<'d>> {
        texts(self.0, "IncidentCategory")
    }

    pub fn impacts(self) -> impl Iterator<Item = Impact<'d>> {
        self.0.children().filter_map(Impact::of)
    }

    #[must_use]
    pub fn causes(self) -> Vec<Text<'d>> {
        texts(self.0, "Cause")
    }

    #[must_use]
    pub fn mitigating(self) -> Vec<Text<'d>> {
        texts(self.0, "MitigatingFactor")
    }

    #[must_use]
    pub fn confidence(self) -> Option<Confidence<'d>> {
        self.0.child("Confidence").map(Confidence::of)
    }
}

impl<'d> Impact<'d> {
    #[must_use]
    pub fn of(element: Element<'d>) -> Option<Self> {
        let kind = match element.local() {
            _ if !element.is_iodef() => return None,
            "SystemImpact" => ImpactKind::System,
            "BusinessImpact" => ImpactKind::Business,
            "TimeImpact" => ImpactKind::Time,
            "MonetaryImpact" => ImpactKind::Money,
            "IntendedImpact" => ImpactKind::Intended,
            _ => return None,
        };
        Some(Self { kind, element })
    }

    #[must_use]
    pub fn element(self) -> Element<'d> {
        self.element
    }

    #[must_use]
    pub fn severity(self) -> Severity {
        attr(self.element, "severity").and_then(|token| Severity::from_token(&token)).unwrap_or_default()
    }

    /// The severity as the sender says it: BusinessImpact knows none, unknown and private ones too.
    #[must_use]
    pub fn severity_token(self) -> Option<Token<'d>> {
        Token::of(self.element, "severity")
    }

    /// Whether the attack on the system succeeded.
    #[must_use]
    pub fn completion(self) -> Option<Token<'d>> {
        Token::of(self.element, "completion")
    }

    /// What was hit; of a TimeImpact what was counted.
    #[must_use]
    pub fn what(self) -> Option<Token<'d>> {
        Token::of(self.element, if self.kind == ImpactKind::Time { "metric" } else { "type" })
    }

    /// Hours or money, with the unit the sender names; hours where a TimeImpact names none (RFC 7970 §3.12.3).
    #[must_use]
    pub fn amount(self) -> Option<(f64, Option<Cow<'d, str>>)> {
        let number = self.element.text().trim().parse().ok().filter(|number: &f64| number.is_finite())?;
        let unit = match self.kind {
            ImpactKind::Time => {
                let said = Token::of(self.element, "duration").map(|unit| Cow::Owned(unit.as_str().to_owned()));
                Some(said.unwrap_or(Cow::Borrowed("hour")))
            }
            ImpactKind::Money => attr(self.element, "currency"),
            _ => return None,
        };
        Some((number, unit))
    }

    #[must_use]
    pub fn descriptions(self) -> Vec<Text<'d>> {
        texts(self.element, "Description")
    }
}
