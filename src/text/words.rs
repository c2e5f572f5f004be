//! Words as they are looked for: the same for all that finds any.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The words of a text: runs of letters and digits, in lower case and without diacritics. As the archive's full-text index
/// divides them (SQLite's FTS5, `unicode61 remove_diacritics 2`), so that all stores find the same.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let (mut all, mut word) = (Vec::new(), String::new());
    for char in text.chars() {
        if char.is_ascii_alphanumeric() {
            word.push(char.to_ascii_lowercase());
        } else if !char.is_ascii() && is_letter(char) {
            match char.nfd().next().unwrap_or(char) {
                // One letter, whatever its place in the word.
                'ς' => word.push('σ'),
                base => word.extend(base.to_lowercase()),
            }
        } else if !is_diacritic(char) && !word.is_empty() {
            all.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        all.push(word);
    }
    all
}

fn is_letter(char: char) -> bool {
    (char.is_alphanumeric() && !is_combining_mark(char)) || matches!(char, '\u{e000}'..='\u{f8ff}')
}

/// Marks that are dropped from the letter before them.
fn is_diacritic(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{331}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_plain() {
        assert_eq!(
            words("Caf\u{e9} cafe\u{301}, \u{dc}BER-x_1 \u{39f}\u{3a3} 中文"),
            ["cafe", "cafe", "uber", "x", "1", "οσ", "中文"]
        );
        assert_eq!(words(" ?! "), [""; 0]);
    }
}
