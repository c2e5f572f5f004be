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
            match (char, char.nfd().next()) {
                // One letter, whatever its place in the word and its hand.
                ('ς', _) => word.push('σ'),
                ('ſ', _) => word.push('s'),
                ('µ', _) => word.push('μ'),
                // Diacritics of Latin letters alone: elsewhere they make another letter.
                ('Ǡ' | 'ǡ', _) => word.push('ǡ'),
                (_, Some(base)) if base.is_ascii_alphabetic() => word.push(base.to_ascii_lowercase()),
                _ => word.extend(char.to_lowercase()),
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
    const MARKS: u64 = 0x0003_61f8_0802_9fdf;
    let place = u32::from(char).wrapping_sub(0x300);
    place < 50 && MARKS >> place & 1 == 1
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
