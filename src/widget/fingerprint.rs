//! A fingerprint as two people read it to each other: four rows of four groups of four digits. And what was typed of one,
//! held against it: nobody accepts a key by a single press.

use iced::Center;
use iced::widget::{Column, Row, column, container, text};

use super::{Element, caption};
use crate::model::Fingerprint;
use crate::theme::{self, size, space};

/// Digits that must be typed at least: the first row.
const ENOUGH: usize = 16;

/// The groups, row by row.
#[must_use]
pub fn groups(of: &Fingerprint) -> Vec<Vec<String>> {
    let digits: Vec<char> = of.token().chars().collect();
    let row = |row: &[char]| row.chunks(4).map(|group| group.iter().collect()).collect();
    digits.chunks(ENOUGH).map(row).collect()
}

/// Large, with a name above; for comparing by telephone.
pub fn fingerprint<'a, M: 'a>(label: String, of: &Fingerprint, loud: bool) -> Element<'a, M> {
    let rows = groups(of).into_iter().map(|row| {
        let groups = row.into_iter().map(|group| {
            let size = if loud { size::HEAD } else { size::TITLE };
            text(group).font(theme::MONO).size(size).into()
        });
        Row::with_children(groups).spacing(space::LG).align_y(Center).into()
    });
    let digits = container(Column::with_children(rows).spacing(space::XS))
        .padding([space::MD, space::LG])
        .style(theme::surface::well);
    column![caption(label), digits].spacing(space::XS).into()
}

/// What was typed, held against fingerprints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Nothing yet.
    Empty,
    /// Right so far, and not enough.
    Short,
    /// At least the first row, and all of it right.
    Right,
    Wrong,
}

/// Compares what was typed or pasted with each of these: separators and a leading `sha256:` do not count.
#[must_use]
pub fn compare(typed: &str, with: &[Fingerprint]) -> Compared {
    if let Ok(whole) = typed.parse::<Fingerprint>() {
        return if with.contains(&whole) { Compared::Right } else { Compared::Wrong };
    }
    let typed: String = typed.chars().filter(|c| !c.is_whitespace() && !":-".contains(*c)).collect();
    let typed = typed.to_ascii_uppercase();
    if typed.is_empty() {
        return Compared::Empty;
    }
    let begins = with.iter().any(|fingerprint| fingerprint.token().starts_with(&typed));
    match begins {
        true if typed.len() >= ENOUGH => Compared::Right,
        true => Compared::Short,
        false => Compared::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_must_be_typed_and_every_digit_counts() {
        let right = Fingerprint(std::array::from_fn(|at| u8::try_from(at).unwrap() ^ 0xA5));
        let other = Fingerprint([7; 32]);
        let with = [right, other];
        let shown = groups(&right);
        assert_eq!((shown.len(), shown[0].len(), shown[0][0].as_str()), (4, 4, "A5A4"));
        let row = shown[0].join(" ");
        assert_eq!(compare("", &with), Compared::Empty);
        assert_eq!(compare(" : ", &with), Compared::Empty);
        assert_eq!(compare(&row[..row.len() - 1], &with), Compared::Short);
        assert_eq!(compare(&row, &with), Compared::Right);
        assert_eq!(compare(&row.to_lowercase(), &with), Compared::Right);
        assert_eq!(compare(&right.to_string(), &with), Compared::Right);
        assert_eq!(compare(&format!("sha256:{}", other.token()), &with), Compared::Right);
        assert_eq!(compare(&Fingerprint([8; 32]).to_string(), &with), Compared::Wrong);
        assert_eq!(compare(&row.replace("A5", "A6"), &with), Compared::Wrong);
        assert_eq!(compare("accept", &with), Compared::Wrong);
    }
}
