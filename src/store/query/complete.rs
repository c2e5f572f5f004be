//! What may stand where the caret is: fields, and the words a field's values are chosen from.

use super::Field;
use super::field::{FIELDS, HAS, IS, Type};
use super::value::words;

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The characters it stands in for, from and to before, counted from 0.
    pub from: usize,
    pub to: usize,
    pub text: String,
    /// Catalog key of what it means.
    pub help: &'static str,
}

/// Proposals for the word before the caret, a number of characters from the start.
#[must_use]
pub fn complete(text: &str, caret: usize) -> Vec<Completion> {
    let before: Vec<char> = text.chars().take(caret).collect();
    if is_inside_quotes(&before) {
        return Vec::new();
    }
    let start = before.iter().rposition(|c| c.is_whitespace() || *c == '(').map_or(0, |at| at + 1);
    let start = start + usize::from(before.get(start) == Some(&'-'));
    let word: String = before.get(start..).unwrap_or_default().iter().collect();
    let make = |from: usize, text: String, help| Completion { from, to: before.len(), text, help };
    let Some(sign) = word.find([':', '=', '<', '>']) else {
        let begins = |name: &str| !word.is_empty() && name.starts_with(&word.to_ascii_lowercase());
        let fitting = FIELDS.iter().filter(|about| begins(about.name) || about.aliases.iter().any(|name| begins(name)));
        return fitting.map(|about| make(start, format!("{}:", about.name), about.help)).collect();
    };
    let Some(field) = Field::named(word.get(..sign).unwrap_or_default().trim_end_matches('!')) else {
        return Vec::new();
    };
    let value = word.rsplit([':', '=', '<', '>', ',']).next().unwrap_or_default();
    let from = before.len() - value.chars().count();
    let begins = |word: &str| word.starts_with(&value.to_ascii_lowercase()) && word != value;
    let fitting = words(field.about().kind).into_iter().filter(|word| begins(word));
    fitting.map(|word| make(from, word.to_owned(), meaning(field, word))).collect()
}

fn meaning(field: Field, word: &str) -> &'static str {
    let own = match field.about().kind {
        Type::Is => IS.iter().find(|(_, own, _)| *own == word).map(|(.., help)| *help),
        Type::Has => HAS.iter().find(|(_, own, _)| *own == word).map(|(.., help)| *help),
        _ => None,
    };
    own.unwrap_or(field.about().help)
}

fn is_inside_quotes(before: &[char]) -> bool {
    let mut inside = false;
    let mut chars = before.iter();
    while let Some(char) = chars.next() {
        match char {
            '"' => inside = !inside,
            '\\' if inside => {
                let _ = chars.next();
            }
            _ => {}
        }
    }
    inside
}
