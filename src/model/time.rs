//! Times as they were sent: an instant for ordering beside the sender's own text.

use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};

/// An `xs:dateTime` of a document or a delay stamp (XEP-0082), with the text it came as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The instant. A text without a zone is read as UTC and `zoned` is false.
    pub at: DateTime<Utc>,
    /// Whether the sender named a zone.
    pub zoned: bool,
    /// The sender's text, trimmed.
    pub text: String,
}

impl Stamp {
    /// Reads an `xs:dateTime`; surrounding white space collapses (`DATA-MODEL.md` §3). `None` when it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // Longest legal form with nanoseconds and zone is well under this; a longer text is an attack.
        if text.len() > 64 {
            return None;
        }
        if let Ok(at) = text.parse::<DateTime<FixedOffset>>() {
            return Some(Self { at: at.with_timezone(&Utc), zoned: true, text: text.to_owned() });
        }
        let naive = text.parse::<NaiveDateTime>().ok()?;
        Some(Self { at: naive.and_utc(), zoned: false, text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zone_is_kept_and_missing_zone_is_said() {
        let stamp = Stamp::parse(" 2015-07-18T09:00:00-05:00\n").unwrap();
        assert_eq!(stamp.at.to_rfc3339(), "2015-07-18T14:00:00+00:00");
        assert!(stamp.zoned);
        assert_eq!(stamp.text, "2015-07-18T09:00:00-05:00");
        assert!(!Stamp::parse("2015-07-18T09:00:00").unwrap().zoned);
        assert_eq!(Stamp::parse("yesterday"), None);
        assert_eq!(Stamp::parse(&"9".repeat(10_000)), None);
    }
}
