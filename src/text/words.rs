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
            plain(char, &mut word);
        } else if !is_diacritic(char) && !word.is_empty() {
            all.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        all.push(word);
    }
    all
}

/// A text as it is ordered by: as [`words`], with what stands between them, and from its first sign on. Of texts that begin with
/// as much of the same, nobody looks for an order.
#[must_use]
pub fn ordered(text: &str) -> String {
    const MOST: usize = 256;
    let text = text.trim_start();
    let mut folded = String::with_capacity(text.len().min(MOST));
    for char in text.chars().take(MOST) {
        if char.is_ascii() {
            folded.push(char.to_ascii_lowercase());
        } else if is_letter(char) {
            plain(char, &mut folded);
        } else if !is_diacritic(char) {
            folded.push(char);
        }
    }
    folded
}

/// A letter that is not of ASCII.
fn plain(char: char, to: &mut String) {
    match (char, char.nfd().next()) {
        // One letter, whatever its place in the word and its hand.
        ('ς', _) => to.push('σ'),
        ('ſ', _) => to.push('s'),
        ('µ', _) => to.push('μ'),
        // Diacritics of Latin letters alone: elsewhere they make another letter.
        ('Ǡ' | 'ǡ', _) => to.push('ǡ'),
        (_, Some(base)) if base.is_ascii_alphabetic() => to.push(base.to_ascii_lowercase()),
        _ => to.extend(char.to_lowercase()),
    }
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

    #[test]
    fn a_text_is_ordered_by_its_letters() {
        assert_eq!(ordered("  \u{c9}tude: \u{dc}ber-X e\u{301}\u{39f}\u{3a3} \u{202e}"), "etude: uber-x eοσ \u{202e}");
        assert_eq!(ordered(&"\u{e4}".repeat(300)), "a".repeat(256));
    }
}
