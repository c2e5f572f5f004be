//! What is wrong with a filter's text: where, and what to do about it.

use super::Field;
use super::field::Type;
use crate::model::Say;
use crate::text;

/// A filter that cannot be read. The last good one stays in force.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem:?} at column {column}")]
pub struct Error {
    /// Where, in characters from 1.
    pub column: usize,
    pub problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    UnknownField {
        name: String,
        nearest: Option<&'static str>,
    },
    MissingValue {
        field: Field,
    },
    BadValue {
        field: Field,
        value: String,
        nearest: Option<&'static str>,
    },
    /// `<` or `>` behind a field whose values have no order.
    NotOrdered {
        field: Field,
    },
    OpenQuote,
    OpenRegex,
    BadRegex {
        cause: String,
    },
    OpenGroup,
    StrayClose,
    EmptyGroup,
    DanglingOr,
    DanglingMinus,
    /// A word without a letter or a digit.
    Wordless {
        text: String,
    },
    TooDeep,
    TooLong,
    TooManyValues,
    /// No list of this name is kept.
    UnknownList {
        name: String,
    },
    /// Written by a newer program.
    Version,
}

impl Problem {
    pub(super) fn at(self, column: usize) -> Error {
        Error { column, problem: self }
    }

    pub(super) fn value(field: Field, value: &str, nearest: Option<&'static str>) -> Self {
        Self::BadValue { field, value: value.to_owned(), nearest }
    }
}

impl Error {
    #[must_use]
    pub fn say(&self) -> Say {
        let say = match &self.problem {
            Problem::UnknownField { name, nearest: Some(nearest) } => {
                Say::new("query-error-field-near").with("field", text::line(name)).with("nearest", *nearest)
            }
            Problem::UnknownField { name, nearest: None } => {
                Say::new("query-error-field").with("field", text::line(name))
            }
            Problem::MissingValue { field } => {
                Say::new("query-error-missing").with("field", field.name()).with("example", field.about().example)
            }
            Problem::BadValue { field, value, nearest } => {
                let key = if nearest.is_some() { "query-error-value-near" } else { value_key(*field) };
                Say::new(key)
                    .with("field", field.name())
                    .with("value", text::line(value))
                    .with("nearest", nearest.unwrap_or_default())
                    .with("example", field.about().example)
            }
            Problem::NotOrdered { field } => Say::new("query-error-order").with("field", field.name()),
            Problem::OpenQuote => Say::new("query-error-quote"),
            Problem::OpenRegex => Say::new("query-error-regex-open"),
            Problem::BadRegex { cause } => Say::new("query-error-regex").with("cause", text::line(cause)),
            Problem::OpenGroup => Say::new("query-error-group-open"),
            Problem::StrayClose => Say::new("query-error-close"),
            Problem::EmptyGroup => Say::new("query-error-group-empty"),
            Problem::DanglingOr => Say::new("query-error-or"),
            Problem::DanglingMinus => Say::new("query-error-minus"),
            Problem::Wordless { text } => Say::new("query-error-wordless").with("text", text::line(text)),
            Problem::TooDeep => Say::new("query-error-deep"),
            Problem::TooLong => Say::new("query-error-long"),
            Problem::TooManyValues => Say::new("query-error-values"),
            Problem::UnknownList { name } => Say::new("query-error-list").with("list", text::line(name)),
            Problem::Version => Say::new("query-error-version"),
        };
        say.with("column", self.column.to_string())
    }
}

/// The words for a value that is not what its field wants.
fn value_key(field: Field) -> &'static str {
    match field.about().kind {
        Type::Text | Type::Choice(_) | Type::Url | Type::Email => "query-error-value-text",
        Type::Expression => "query-error-value-xpath",
        Type::Severity | Type::Tlp | Type::Is | Type::Has => "query-error-value-word",
        Type::Number | Type::Row => "query-error-value-number",
        Type::Confidence => "query-error-value-confidence",
        Type::Size => "query-error-value-size",
        Type::Time => "query-error-value-time",
        Type::Address => "query-error-value-address",
        Type::Network => "query-error-value-network",
        Type::Asn => "query-error-value-asn",
        Type::Port => "query-error-value-port",
        Type::Domain => "query-error-value-domain",
        Type::Hash => "query-error-value-hash",
        Type::Cve => "query-error-value-cve",
        Type::Mac => "query-error-value-mac",
    }
}
