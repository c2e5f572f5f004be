//! A line as it was meant: defanging undone, letters of full width narrowed, what cannot be seen left out; with the way
//! back to what was written.

use std::borrow::Cow;

use crate::model::typed::defanged;
use crate::text::is_deceptive;

/// See the module.
pub struct Plain<'t> {
    pub text: Cow<'t, str>,
    /// For each byte of `text` where it was written, and the end; empty where nothing was changed.
    from: Vec<u32>,
}

impl<'t> Plain<'t> {
    pub fn of(line: &'t str) -> Self {
        let is_plain = |byte: u8| byte.is_ascii() && !matches!(byte, b'[' | b'(' | b'{' | b'\\' | b']' | 0..=8);
        if line.bytes().all(is_plain) {
            return Self { text: Cow::Borrowed(line), from: Vec::new() };
        }
        let mut plain = Self { text: Cow::Owned(String::with_capacity(line.len())), from: Vec::new() };
        plain.from.reserve(line.len() + 1);
        let (mut rest, mut at) = (line, 0_u32);
        // In a path a backslash before a full stop is a backslash.
        let is_path = line.split('\\').skip(1).any(|part| !part.starts_with('.'));
        while let Some(char) = rest.chars().next() {
            let found = if is_path && char == '\\' { None } else { mark(rest) };
            let length = match found {
                Some((length, meant)) => {
                    plain.push(meant, at);
                    length
                }
                None => {
                    plain.take(char, at);
                    char.len_utf8()
                }
            };
            rest = rest.get(length..).unwrap_or_default();
            at = at.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
        }
        plain.from.push(at);
        plain
    }

    fn push(&mut self, text: &str, at: u32) {
        self.text.to_mut().push_str(text);
        self.from.extend(std::iter::repeat_n(at, text.len()));
    }

    fn take(&mut self, char: char, at: u32) {
        let meant = match char {
            '\t' | '\n' | '\r' => char,
            ' ' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => ' ',
            // Letters, digits and signs of full width (Unicode Standard §18.5).
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(char) - 0xfee0).unwrap_or(char),
            '\u{2024}' => '.',
            '\u{2010}'..='\u{2013}' => '-',
            '\u{2018}' | '\u{2019}' | '\u{201a}' => '\'',
            '\u{ab}' | '\u{bb}' | '\u{201c}'..='\u{201e}' => '"',
            char if is_deceptive(char) => return,
            char => char,
        };
        let mut buffer = [0; 4];
        self.push(meant.encode_utf8(&mut buffer), at);
    }

    /// Whether these bytes were written in another way: by somebody who defanged them, or by one who hides them.
    pub fn is_changed(&self, from: usize, to: usize) -> bool {
        let (start, end) = self.written(from, to);
        end - start != to - from
    }

    /// What was written for the bytes from `from` to before `to`.
    pub fn written(&self, from: usize, to: usize) -> (usize, usize) {
        if self.from.is_empty() {
            return (from, to);
        }
        let place = |at: usize| self.from.get(at).map_or(0, |at| *at as usize);
        (place(from), place(to))
    }
}

/// A mark of defanging, alone or with blanks around its word: `bad [dot] example`.
fn mark(text: &str) -> Option<(usize, &'static str)> {
    if !text.starts_with(' ') {
        let (length, meant) = defanged(text)?;
        // What stands behind the word belongs to it where the word is one: `bad [dot] example`.
        let spaced = text.get(length..)?.starts_with(' ') && worded(text);
        return Some((length + usize::from(spaced), meant));
    }
    let inner = text.get(1..)?;
    let (length, meant) = defanged(inner).filter(|_| worded(inner))?;
    let spaced = inner.get(length..)?.starts_with(' ');
    Some((1 + length + usize::from(spaced), meant))
}

fn worded(text: &str) -> bool {
    text.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_it_was_meant_and_the_way_back_is_known() {
        for (line, expected) in [
            ("as it is, http://x", "as it is, http://x"),
            ("hxxp[:]//bad[.]example/a", "hxxp://bad.example/a"),
            ("bad [dot] example and (at) x", "bad.example and@x"),
            ("1\u{ff0e}2\u{3002}3", "1.2.3"),
            ("\u{ff42}\u{ff41}\u{ff44}.example", "bad.example"),
            ("b\u{200b}a\u{ad}d.example", "bad.example"),
            ("a[0] (b) [c]", "a[0] (b) [c]"),
            ("bad\\.example", "bad.example"),
            ("C:\\Users\\.x\\y.exe", "C:\\Users\\.x\\y.exe"),
        ] {
            let plain = Plain::of(line);
            assert_eq!(plain.text, expected, "{line:?}");
            let (from, to) = plain.written(0, plain.text.len());
            assert_eq!(line.get(from..to), Some(line));
            for (at, _) in plain.text.char_indices() {
                let (from, to) = plain.written(at, plain.text.len());
                assert!(line.get(from..to).is_some(), "{line:?} {at}");
            }
        }
    }
}
