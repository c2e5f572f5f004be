//! The facts of one incident that every export needs, each read in one place.

use chrono::{DateTime, SecondsFormat, Utc};

use super::thing::plain;
use crate::iodef::view::sureness;
use crate::iodef::{Element, catalogue};
use crate::model::{Severity, Stamp};

/// One top-level `Incident`.
#[derive(Clone, Copy, Debug)]
pub struct Case<'d> {
    pub incident: Element<'d>,
}

impl<'d> Case<'d> {
    /// The incidents of a document, in order.
    pub fn all(document: &'d crate::iodef::Document) -> impl Iterator<Item = Self> {
        document.root().children_named("Incident").map(|incident| Self { incident })
    }

    /// Who numbers it.
    #[must_use]
    pub fn csirt(self) -> String {
        name_of(self.incident.child("IncidentID"))
    }

    #[must_use]
    pub fn id(self) -> String {
        self.incident.child("IncidentID").and_then(plain).unwrap_or_default()
    }

    /// What makes it this incident for everybody (RFC 7970 §3.4).
    #[must_use]
    pub fn key(self) -> String {
        let id = self.incident.child("IncidentID");
        let instance = id.and_then(|id| id.attr("instance")).map(|instance| instance.trim().to_owned());
        format!("{}\u{1f}{}\u{1f}{}", self.csirt(), self.id(), instance.unwrap_or_default())
    }

    /// The first description, or the number.
    #[must_use]
    pub fn title(self) -> String {
        let title = self.incident.child("Description").and_then(plain).unwrap_or_else(|| self.id());
        let title = crate::text::line_within(&title, crate::model::Summary::TITLE);
        if title.is_empty() { "IODEF".to_owned() } else { title }
    }

    /// When this version was made; the earliest instant there is when the document does not say, never now.
    #[must_use]
    pub fn generated(self) -> DateTime<Utc> {
        ["GenerationTime", "ReportTime"]
            .iter()
            .find_map(|name| time(self.incident, name))
            .unwrap_or(DateTime::<Utc>::UNIX_EPOCH)
    }

    #[must_use]
    pub fn severity(self) -> Severity {
        const IMPACTS: [&str; 5] = ["SystemImpact", "BusinessImpact", "TimeImpact", "MonetaryImpact", "IntendedImpact"];
        let assessments = self.incident.children_named("Assessment");
        let impacts = assessments.flat_map(Element::children).filter(|child| IMPACTS.contains(&child.local()));
        impacts.filter_map(|impact| Severity::from_token(&impact.attr("severity")?)).max().unwrap_or_default()
    }
}

/// `@name` of an `IncidentID` or `IndicatorID`.
#[must_use]
pub fn name_of(id: Option<Element<'_>>) -> String {
    id.and_then(|id| id.attr("name")).map(|name| name.trim().to_owned()).unwrap_or_default()
}

/// An attribute's token, or the private value behind `ext-value` (RFC 7970 §5.1.1).
#[must_use]
pub fn token(element: Element<'_>, name: &str) -> Option<String> {
    let value = element.attr(name)?.trim().to_owned();
    let private = (value == "ext-value").then(|| element.attr(&format!("ext-{name}"))).flatten();
    Some(private.map_or(value, |private| private.trim().to_owned()))
}

/// The instant of the first child called `local`.
#[must_use]
pub fn time(element: Element<'_>, local: &str) -> Option<DateTime<Utc>> {
    Stamp::parse(&element.child(local)?.text()).map(|stamp| stamp.at)
}

/// A time as STIX writes it: UTC, milliseconds.
#[must_use]
pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A confidence between 0 and 100 ([`sureness`]).
#[must_use]
pub fn confidence(element: Element<'_>) -> Option<u8> {
    let confidence = element.child("Confidence")?;
    sureness(confidence.attr("rating")?.trim(), || confidence.trimmed())
}

/// Every description of an element, in order, as paragraphs.
#[must_use]
pub fn descriptions(element: Element<'_>) -> String {
    element.children_named("Description").filter_map(plain).collect::<Vec<_>>().join("\n\n")
}

/// Names of a known catalogue in a text.
#[must_use]
pub fn identifiers(text: &str) -> Vec<String> {
    catalogue::named(text).into_iter().map(|(_, name)| name).collect()
}

/// Whether these names of catalogues are what a text says, and all of it.
#[must_use]
pub fn says_only(text: &str, names: &[String]) -> bool {
    let words = text.split(|char: char| char.is_whitespace() || matches!(char, ',' | ';'));
    let mut words = words.filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(|word| names.iter().any(|name| word.eq_ignore_ascii_case(name)))
}
