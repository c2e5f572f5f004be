//! The reference of the language as the help shows it: forms first, then every field; nothing is said here that the table or
//! the parser does not hold.

use super::field::{FIELDS, HAS, IS};
use super::value::words;

/// A line of the reference: what can be typed, and the catalog key of what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub example: String,
    pub help: &'static str,
    /// Words a field's values are chosen from, or other names of the field.
    pub words: Vec<&'static str>,
    pub aliases: &'static [&'static str],
}

/// How conditions are written and joined.
const FORMS: &[(&str, &str)] = &[
    ("malware", "query-form-word"),
    ("\"open proxy\"", "query-form-phrase"),
    ("malw*", "query-form-begins"),
    ("192.0.2.7", "query-form-observable"),
    ("/cmd(32|64)\\.exe/i", "query-form-regex"),
    ("severity:high topic:MILEHost", "query-form-and"),
    ("topic:MILEHost OR topic:my-desk", "query-form-or"),
    ("severity:high,medium", "query-form-comma"),
    ("-topic:lab*", "query-form-not"),
    ("(malware OR phishing) -is:snoozed", "query-form-group"),
    ("severity>=medium", "query-form-order"),
    ("topic=MILEHost", "query-form-exactly"),
    ("status!=resolved", "query-form-other"),
    ("obs:5..10", "query-form-range"),
    ("hash:@known", "query-form-list"),
    ("since:24h until:now-2h", "query-form-relative"),
    ("on:2026-11-20", "query-form-day"),
];

/// The forms, in the order they are learnt.
#[must_use]
pub fn forms() -> Vec<Entry> {
    let entry = |(example, help): &(&str, &'static str)| Entry {
        example: (*example).to_owned(),
        help,
        words: Vec::new(),
        aliases: &[],
    };
    FORMS.iter().map(entry).collect()
}

/// The fields.
#[must_use]
pub fn fields() -> Vec<Entry> {
    let entry = |about: &super::field::About| Entry {
        example: about.example.to_owned(),
        help: about.help,
        words: words(about.kind),
        aliases: about.aliases,
    };
    FIELDS.iter().map(entry).collect()
}

/// What `is:` and `has:` know.
#[must_use]
pub fn states() -> Vec<Entry> {
    let entry = |example: String, help| Entry { example, help, words: Vec::new(), aliases: &[] };
    let is = IS.iter().map(|(_, word, help)| entry(format!("is:{word}"), *help));
    is.chain(HAS.iter().map(|(_, word, help)| entry(format!("has:{word}"), *help))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Query;
    use super::*;
    use crate::i18n::Catalog;

    #[test]
    fn every_example_is_read_and_every_line_has_words() {
        let catalog = Catalog::default();
        for entry in forms().into_iter().chain(fields()).chain(states()) {
            let query: Query = entry.example.parse().unwrap_or_else(|error| panic!("{}: {error}", entry.example));
            assert_eq!(query.to_string(), entry.example);
            assert!(catalog.has(entry.help), "{}", entry.help);
        }
    }
}
