//! The facts of one incident that every export needs, each read in one place.

use chrono::{DateTime, SecondsFormat, Utc};

use super::thing::plain;
use crate::iodef::Element;
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

/// A confidence between 0 and 100 (RFC 7970 §3.12.5): low, medium and high as 15, 50 and 85. A number from 0 to 1 may be
/// a share or nearly nothing; it is not guessed at.
#[must_use]
pub fn confidence(element: Element<'_>) -> Option<u8> {
    let confidence = element.child("Confidence")?;
    match confidence.attr("rating")?.trim() {
        "low" => Some(15),
        "medium" => Some(50),
        "high" => Some(85),
        "numeric" => {
            let number: f64 = confidence.trimmed().parse().ok()?;
            // In range, so the cast drops nothing but the fraction.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 100")]
            (number == 0.0 || (number > 1.0 && number <= 100.0)).then(|| number.round() as u8)
        }
        _ => None,
    }
}

/// Every description of an element, in order, as paragraphs.
#[must_use]
pub fn descriptions(element: Element<'_>) -> String {
    element.children_named("Description").filter_map(plain).collect::<Vec<_>>().join("\n\n")
}

/// Identifiers of a known catalogue in a text: `CVE-2021-44228`, `CWE-502`, `CAPEC-98`, `T1566.001`.
#[must_use]
pub fn identifiers(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let mut all: Vec<String> = Vec::new();
    for word in text.split(|c: char| !is_part(c)) {
        let word = word.trim_matches(['.', '-', '_']).to_ascii_uppercase();
        if is_identifier(&word) && !all.contains(&word) {
            all.push(word);
        }
    }
    all
}

fn is_identifier(word: &str) -> bool {
    let digits = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if let Some(rest) = word.strip_prefix("CVE-") {
        return rest.split_once('-').is_some_and(|(year, number)| digits(year, 4, 4) && digits(number, 4, 7));
    }
    if let Some(rest) = word.strip_prefix("CWE-").or_else(|| word.strip_prefix("CAPEC-")) {
        return digits(rest, 1, 5);
    }
    let technique = word.strip_prefix('T').unwrap_or_default();
    match technique.split_once('.') {
        Some((technique, sub)) => digits(technique, 4, 4) && digits(sub, 3, 3),
        None => digits(technique, 4, 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_recognised_and_nothing_else_is() {
        let text = "See cve-2021-44228, (CWE-502) and T1566.001. CAPEC-98; https://x/T1071/001/ T10712 CVE-21-1 XT1000";
        assert_eq!(identifiers(text), ["CVE-2021-44228", "CWE-502", "T1566.001", "CAPEC-98", "T1071"]);
        assert!(identifiers("THE T1 TCP-6 CVE- CWE-").is_empty());
    }
}
