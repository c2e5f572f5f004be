//! Two texts that differ, shown so that a person sees where.

use super::{ELLIPSIS, is_deceptive};

/// Characters around what changed in a long text.
const AROUND: usize = 32;
/// Texts up to this length are shown whole.
const WHOLE: usize = 120;

/// Both texts in a safe form, from shortly before the first character that differs; spelled out where the safe form hides
/// the difference: it collapses blanks, and what is defanged twice looks as what was sent defanged.
#[must_use]
pub fn apart(was: &str, is: &str, safe: impl Fn(&str) -> String) -> (String, String) {
    let (one, other) = excerpt(was, is);
    let shown = (safe(&one), safe(&other));
    if shown.0 != shown.1 || was == is {
        return shown;
    }
    let from = common(one.chars(), other.chars());
    let spell = |harder: bool| (safe(&spelled(&one, from, harder)), safe(&spelled(&other, from, harder)));
    Some(spell(false)).filter(|(one, other)| one != other).unwrap_or_else(|| spell(true))
}

/// Of two long texts the part that differs, with a little of what stands around it.
fn excerpt(was: &str, is: &str) -> (String, String) {
    if was.chars().count().max(is.chars().count()) <= WHOLE {
        return (was.to_owned(), is.to_owned());
    }
    let before = common(was.chars(), is.chars());
    let rest = |text: &str| text.chars().count() - before;
    let after = common(was.chars().rev(), is.chars().rev()).min(rest(was)).min(rest(is));
    let cut = |text: &str| {
        let length = text.chars().count();
        let from = before.saturating_sub(AROUND);
        let to = (length - after + AROUND).min(length);
        let mut part = String::new();
        part.extend((from > 0).then_some(ELLIPSIS));
        part.extend(text.chars().skip(from).take(to - from));
        part.extend((to < length).then_some(ELLIPSIS));
        part
    };
    (cut(was), cut(is))
}

fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).count()
}

/// From the first character that differs on, every sign that a safe form takes for another one by its number; blanks as
/// open boxes. `harder`: the first one too, whatever it is.
fn spelled(text: &str, from: usize, harder: bool) -> String {
    let mut spelled = String::with_capacity(text.len() + 16);
    for (index, char) in text.chars().enumerate().skip(from.saturating_sub(AROUND)) {
        let is_blank = char.is_whitespace();
        match char {
            _ if index < from => spelled.push(if is_blank { ' ' } else { char }),
            ' ' => spelled.push('␣'),
            '␣' | '⟨' | '⟩' | '[' | ']' => spelled.push_str(&number(char)),
            _ if (harder && index == from) || is_blank || is_deceptive(char) => spelled.push_str(&number(char)),
            _ => spelled.push(char),
        }
    }
    spelled
}

fn number(char: char) -> String {
    format!("⟨U+{:04X}⟩", u32::from(char))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{block, defang, line, line_within};

    #[test]
    fn a_long_text_shows_where_it_differs() {
        let long = |word: &str| format!("{} {word} {}", "before ".repeat(30), "after ".repeat(30));
        let (was, is) = excerpt(&long("calm"), &long("storm"));
        assert!(was.contains(" calm ") && is.contains(" storm ") && was.chars().count() < 90, "{was}");
        assert!(was.starts_with('…') && was.ends_with('…'));
        assert_eq!(excerpt("ab", "abb"), ("ab".to_owned(), "abb".to_owned()));
        // One is the other and more.
        let (was, is) = excerpt(&"a".repeat(200), &"a".repeat(300));
        assert!(is.chars().count() > was.chars().count());
        let (was, is) = excerpt(&"é".repeat(200), "");
        assert_eq!((was.chars().count(), is.as_str()), (200, ""));
    }

    #[test]
    fn what_differs_never_looks_the_same() {
        let live = |text: &str| line_within(&defang(text), 160);
        let plain = |text: &str| line_within(text, 160);
        let long = "a".repeat(5_000);
        for (was, is) in [
            ("a  b", "a b"),
            ("a\u{a0}b", "a b"),
            ("a", "a "),
            ("\u{a0}", ""),
            ("a\nb", "a b"),
            ("evil.example", "evil[.]example"),
            ("http://evil.example/", "hxxp://evil.example/"),
            ("a\u{202e}b", "a⟨U+202E⟩b"),
            ("a␣b", "a  b"),
            (
                "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
                "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}⟨+1⟩",
            ),
            (&*format!("{long}x"), &*format!("{long}y")),
            (&*format!("x  {long}"), &*format!("x {long}")),
            (&*long, &*format!("{long}a")),
        ] {
            for (form, safe) in
                [("live", &live as &dyn Fn(&str) -> String), ("plain", &plain), ("line", &line), ("block", &block)]
            {
                let (one, other) = apart(was, is, safe);
                assert_ne!(one, other, "{form}: {was:.40} {is:.40}");
                assert!(form != "live" || !one.contains("l.e"), "{one}");
            }
        }
        assert_eq!(apart("a  b", "a b", plain), ("a ␣b".to_owned(), "a b".to_owned()));
    }
}
