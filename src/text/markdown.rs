//! Text inside Markdown.

/// Most characters of one line.
pub const MARKDOWN: usize = 8_000;

/// Remote text as one line that is text to every reader of Markdown, and to a browser.
#[must_use]
pub fn markdown(remote: &str) -> String {
    let line = super::line_within(remote, MARKDOWN);
    let mut out = String::with_capacity(line.len() + 16);
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let mut before = ' ';
    for (at, char) in line.char_indices() {
        // A time and a label stay as they are written: nothing is made of a colon in them.
        let next = line.get(at + 1..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
        let between = |is: fn(&char) -> bool| is(&before) && is(&next);
        match char {
            ':' if between(char::is_ascii_digit) || between(char::is_ascii_uppercase) => out.push(':'),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '|' | '~' | '@' | '!' | '$' | ':' => {
                out.extend(['\\', char]);
            }
            // A list or an underline at the beginning of a line, a bare host name anywhere.
            '-' | '+' | '=' if at == 0 => out.extend(['\\', char]),
            '.' if (digits > 0 && at == digits) || before.eq_ignore_ascii_case(&'w') => out.push_str("\\."),
            other => out.push(other),
        }
        before = char;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::markdown;

    #[test]
    fn remote_text_is_text() {
        for (remote, safe) in [
            ("<script>alert(1)</script>", "&lt;script&gt;alert\\(1\\)&lt;/script&gt;"),
            ("[a](javascript:x)", "\\[a\\]\\(javascript\\:x\\)"),
            ("https://bad.example www.bad.example", "https\\://bad.example www\\.bad.example"),
            ("a | b\n# c", "a \\| b \\# c"),
            ("- x", "\\- x"),
            ("1. x", "1\\. x"),
            ("![](http://x)", "\\!\\[\\]\\(http\\://x\\)"),
            ("a@b.example", "a\\@b.example"),
            ("TLP:RED 16:00Z HTTP://X :A: 1:a", "TLP:RED 16:00Z HTTP\\://X \\:A\\: 1\\:a"),
        ] {
            assert_eq!(markdown(remote), safe);
        }
    }
}
