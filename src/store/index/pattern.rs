//! Texts compared whole: in any case or exactly, with `*` for any part.

/// A compiled text or glob.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// What stands between the stars; without stars it is one.
    parts: Vec<String>,
    /// Upper and lower case are the same.
    folded: bool,
}

impl Pattern {
    /// The text in any case; in a glob `*` stands for any part.
    #[must_use]
    pub fn new(text: &str, glob: bool) -> Self {
        let text = text.to_lowercase();
        let parts = if glob { text.split('*').map(str::to_owned).collect() } else { vec![text] };
        Self { parts, folded: true }
    }

    /// This text and no other.
    #[must_use]
    pub fn exactly(text: &str) -> Self {
        Self { parts: vec![text.to_owned()], folded: false }
    }

    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        if self.folded { self.fits(&text.to_lowercase()) } else { self.fits(text) }
    }

    /// As [`Pattern::matches`] for a text that is in lower case already.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        let Some((first, rest)) = self.parts.split_first() else { return text.is_empty() };
        let Some((last, middle)) = rest.split_last() else { return text == first };
        let Some(mut text) = text.strip_prefix(first.as_str()) else { return false };
        for part in middle {
            // The first place is the best one: it leaves the most for those to come.
            let Some(after) = text.find(part.as_str()).and_then(|at| text.get(at + part.len()..)) else { return false };
            text = after;
        }
        text.ends_with(last.as_str())
    }

    /// What every text that fits begins with.
    #[must_use]
    pub fn start(&self) -> &str {
        self.parts.first().map_or("", String::as_str)
    }

    /// The only text that fits, if there is but one.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// Whether letters of another case fit too.
    #[must_use]
    pub fn is_folded(&self) -> bool {
        self.folded
    }

    /// As SQLite's `GLOB` writes it, for texts in lower case if [`Pattern::is_folded`].
    #[must_use]
    pub fn sql_glob(&self) -> String {
        let escape = |part: &String| {
            let mut text = String::with_capacity(part.len());
            for char in part.chars() {
                if matches!(char, '[' | ']' | '?' | '*') { text.extend(['[', char, ']']) } else { text.push(char) }
            }
            text
        };
        self.parts.iter().map(escape).collect::<Vec<_>>().join("*")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn globs_and_cases() {
        for (pattern, text, fits) in [
            ("lab*", "LAB-1", true),
            ("*lab", "my-lab", true),
            ("*lab", "lab1", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*", "", true),
            ("a**b", "a.b", true),
            ("*b*b*", "abab", true),
            ("\u{dc}*", "\u{fc}ber", true),
        ] {
            assert_eq!(Pattern::new(pattern, true).matches(text), fits, "{pattern} {text}");
        }
        assert!(!Pattern::new("lab*", false).matches("lab1") && Pattern::new("lab*", false).matches("LAB*"));
        assert!(!Pattern::exactly("Lab").matches("lab") && Pattern::exactly("Lab").matches("Lab"));
        assert_eq!(Pattern::new("A[b]*?", true).sql_glob(), "a[[]b[]]*[?]");
        assert_eq!((Pattern::new("ab*c", true).start(), Pattern::new("Ab", true).literal()), ("ab", Some("ab")));
    }

    proptest! {
        #[test]
        fn agrees_with_a_regular_expression(pattern in "[ab*]{0,8}", text in "[ab]{0,10}") {
            let regex = regex::Regex::new(&format!("^{}$", pattern.replace('*', ".*"))).unwrap();
            prop_assert_eq!(Pattern::new(&pattern, true).matches(&text), regex.is_match(&text), "{} {}", pattern, text);
        }
    }
}
