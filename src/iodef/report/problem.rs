//! What stands in the way of a report, by field.

use crate::model::Say;

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    Csirt,
    Id,
    Lang,
    ContactName,
    ContactEmail,
    Restriction,
    Description,
    Addresses,
}

/// A problem; its words name what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    Missing(Field),
    TooLong {
        field: Field,
        /// In characters.
        most: usize,
    },
    /// A character that XML 1.0 cannot hold.
    NotXml {
        field: Field,
        code: u32,
    },
    NotADomain,
    NotALanguage,
    NotAnEmail,
    /// A line of the address field; its text as pasted, capped.
    NotAnAddress {
        line: usize,
        text: String,
    },
    TooManyAddresses,
    /// The document could not be put together.
    Unwritable,
}

impl Problem {
    /// The field to mark; `None` when it is the whole report.
    #[must_use]
    pub fn field(&self) -> Option<Field> {
        Some(match self {
            Self::Missing(field) | Self::TooLong { field, .. } | Self::NotXml { field, .. } => *field,
            Self::NotADomain => Field::Csirt,
            Self::NotALanguage => Field::Lang,
            Self::NotAnEmail => Field::ContactEmail,
            Self::NotAnAddress { .. } | Self::TooManyAddresses => Field::Addresses,
            Self::Unwritable => return None,
        })
    }

    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Missing(Field::Csirt) => Say::new("error-report-no-csirt"),
            Self::Missing(Field::Id) => Say::new("error-report-no-id"),
            Self::Missing(Field::ContactName | Field::ContactEmail) => Say::new("error-report-no-contact"),
            Self::Missing(Field::Restriction) => Say::new("error-report-no-restriction"),
            Self::Missing(Field::Description) => Say::new("error-report-no-description"),
            Self::Missing(Field::Lang) | Self::NotALanguage => Say::new("error-report-lang"),
            Self::Missing(Field::Addresses) | Self::Unwritable => Say::new("error-report-unwritable"),
            Self::TooLong { most, .. } => Say::new("error-report-too-long").with("most", most.to_string()),
            Self::NotXml { code, .. } => Say::new("error-report-not-xml").with("code", format!("U+{code:04X}")),
            Self::NotADomain => Say::new("error-report-csirt"),
            Self::NotAnEmail => Say::new("error-report-email"),
            Self::NotAnAddress { line, text } => {
                Say::new("error-report-address").with("line", line.to_string()).with("text", crate::text::line(text))
            }
            Self::TooManyAddresses => {
                Say::new("error-report-too-many-addresses").with("most", super::ADDRESSES.to_string())
            }
        }
    }
}
