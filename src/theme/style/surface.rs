//! Grounds: what things stand on. For `container`, `rule`, `scrollable` and `tooltip`.

use std::hash::{DefaultHasher, Hash, Hasher};

use iced::border::{self, Border};
use iced::widget::container::Style;
use iced::widget::{rule, scrollable};
use iced::{Background, Color, Shadow, Theme, Vector};

use crate::model::Severity;
use crate::theme::{faded, of, palette, radius};

fn ground(color: Color, text: Color) -> Style {
    Style { text_color: Some(text), background: Some(color.into()), ..Style::default() }
}

/// A ground that nobody sees and that differs where the marks of what stands on it differ. The software renderer repaints
/// only where two frames differ, and takes two living texts of one size for the same, whatever they say (`Internal`'s
/// `PartialEq` in `iced_graphics::text::paragraph`, 0.14): a row that moved would keep its neighbour's words on the screen.
/// Whoever moves widgets by key lays this under them.
#[must_use]
pub fn unseen(marks: impl Hash) -> Background {
    let mut hasher = DefaultHasher::new();
    marks.hash(&mut hasher);
    let [red, green, blue, ..] = hasher.finish().to_le_bytes();
    Color::from_rgba8(red, green, blue, 0.0).into()
}

/// [`unseen`] for a container.
pub fn moved(marks: impl Hash) -> impl Fn(&Theme) -> Style {
    let ground = unseen(marks);
    move |_| Style { background: Some(ground), ..Style::default() }
}

/// The window itself. It has this colour before anything is painted ([`crate::theme::theme`]); once more would be a window of
/// pixels for each place that changes.
#[must_use]
pub fn base(theme: &Theme) -> Style {
    Style { text_color: Some(of(theme).text), ..Style::default() }
}

/// Rail, bars, headers of lists.
#[must_use]
pub fn panel(theme: &Theme) -> Style {
    ground(of(theme).panel, of(theme).text)
}

/// Where content stands: lists, raw text.
#[must_use]
pub fn sunken(theme: &Theme) -> Style {
    ground(of(theme).sunken, of(theme).text)
}

/// What is read digit by digit, within a card.
#[must_use]
pub fn well(theme: &Theme) -> Style {
    let p = of(theme);
    Style { border: border::rounded(radius::CONTROL).color(p.line).width(1), ..ground(p.sunken, p.text) }
}

/// A group of things on a page.
#[must_use]
pub fn card(theme: &Theme) -> Style {
    let p = of(theme);
    Style { border: border::rounded(radius::CARD).color(p.line).width(1), ..ground(p.card, p.text) }
}

/// The selected one among cards.
#[must_use]
pub fn chosen(theme: &Theme) -> Style {
    let p = of(theme);
    Style { border: border::rounded(radius::CARD).color(p.accent).width(2), ..ground(p.panel, p.text) }
}

/// A dialog or a menu, above everything.
#[must_use]
pub fn floating(theme: &Theme) -> Style {
    let p = of(theme);
    Style {
        shadow: Shadow { color: faded(Color::BLACK, 0.35), offset: Vector::new(0.0, 4.0), blur_radius: 18.0 },
        border: border::rounded(radius::CARD).color(p.edge).width(1),
        ..ground(p.card, p.text)
    }
}

/// Dims what is behind a dialog.
#[must_use]
pub fn veil(theme: &Theme) -> Style {
    ground(of(theme).veil, of(theme).text)
}

/// A small word on a raised ground: a kind, a count, a key.
#[must_use]
pub fn chip(theme: &Theme) -> Style {
    let p = of(theme);
    Style { border: border::rounded(radius::CHIP), ..ground(p.raised, p.text) }
}

/// A TLP label, black in every theme.
#[must_use]
pub fn tlp(_theme: &Theme) -> Style {
    Style {
        border: border::rounded(radius::CHIP).color(palette::TLP_EDGE).width(1),
        ..ground(palette::TLP_GROUND, Color::WHITE)
    }
}

/// The full-width TLP banner, black in every theme.
#[must_use]
pub fn tlp_banner(_theme: &Theme) -> Style {
    ground(palette::TLP_GROUND, Color::WHITE)
}

/// A severity badge: high is filled, so that it is seen first.
pub fn severity(severity: Severity) -> impl Fn(&Theme) -> Style {
    move |theme| {
        let p = of(theme);
        let round = border::rounded(radius::CHIP);
        match severity {
            Severity::High => Style { border: round, ..ground(p.high, p.on_high) },
            other => Style { border: round, text_color: Some(p.severity(other)), ..Style::default() },
        }
    }
}

/// A strip that tells of a failure, with what can be done.
#[must_use]
pub fn alarm(theme: &Theme) -> Style {
    strip(theme, of(theme).danger)
}

/// A strip with something to know before going on.
#[must_use]
pub fn caution(theme: &Theme) -> Style {
    strip(theme, of(theme).warn)
}

/// A strip with something that went well, or just is.
#[must_use]
pub fn remark(theme: &Theme) -> Style {
    strip(theme, of(theme).accent)
}

/// The practice grid's mark.
#[must_use]
pub fn practice(theme: &Theme) -> Style {
    ground(of(theme).practice_ground, of(theme).practice)
}

fn strip(theme: &Theme, edge: Color) -> Style {
    let p = of(theme);
    Style { border: Border { color: edge, width: 1.0, radius: radius::CONTROL.into() }, ..ground(p.card, p.text) }
}

/// The cell one stands on.
#[must_use]
pub fn cursor(theme: &Theme) -> Style {
    Style { border: border::rounded(radius::CHIP).color(of(theme).accent).width(1), ..Style::default() }
}

/// A piece of time of which everything is here.
#[must_use]
pub fn have(theme: &Theme) -> Style {
    ground(of(theme).good, of(theme).text)
}

/// A piece of time of which everything is here, though some of it came afterwards.
#[must_use]
pub fn filled(theme: &Theme) -> Style {
    ground(of(theme).accent, of(theme).text)
}

/// A piece of time of which it is not known yet.
#[must_use]
pub fn doubtful(theme: &Theme) -> Style {
    ground(of(theme).soft, of(theme).text)
}

/// A piece of time of which something may be missing.
#[must_use]
pub fn missing(theme: &Theme) -> Style {
    ground(of(theme).warn, of(theme).text)
}

/// A piece of time of which nobody claims anything.
#[must_use]
pub fn unknown(theme: &Theme) -> Style {
    ground(of(theme).edge, of(theme).text)
}

/// A hairline.
#[must_use]
pub fn line(theme: &Theme) -> rule::Style {
    rule::Style { color: of(theme).line, radius: 0.0.into(), fill_mode: rule::FillMode::Full, snap: true }
}

/// A rule beside what may be missing.
#[must_use]
pub fn loss(theme: &Theme) -> rule::Style {
    rule::Style { color: of(theme).warn, ..line(theme) }
}

/// Scrollbars that show where one is without shouting.
#[must_use]
pub fn scroll(theme: &Theme, status: scrollable::Status) -> scrollable::Style {
    let p = of(theme);
    let strong = match status {
        scrollable::Status::Active { .. } => false,
        scrollable::Status::Hovered { is_vertical_scrollbar_hovered, is_horizontal_scrollbar_hovered, .. } => {
            is_vertical_scrollbar_hovered || is_horizontal_scrollbar_hovered
        }
        scrollable::Status::Dragged { .. } => true,
    };
    let rail = scrollable::Rail {
        background: None,
        border: Border::default(),
        scroller: scrollable::Scroller { background: thumb(theme, strong), border: border::rounded(radius::CHIP) },
    };
    scrollable::Style {
        container: Style::default(),
        vertical_rail: rail,
        horizontal_rail: rail,
        gap: None,
        auto_scroll: scrollable::AutoScroll {
            background: p.panel.into(),
            border: border::rounded(radius::PILL).color(p.edge).width(1),
            shadow: Shadow::default(),
            icon: p.text,
        },
    }
}

/// A scrollbar's thumb.
#[must_use]
pub fn thumb(theme: &Theme, strong: bool) -> Background {
    let p = of(theme);
    if strong { p.soft.into() } else { faded(p.edge, 0.7).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_stands_on_another_unseen_ground() {
        let rows = [(7_u32, 0_usize), (8, 1)];
        assert_eq!(unseen((rows, 0_u64)), unseen((rows, 0_u64)));
        assert_ne!(unseen((rows, 0_u64)), unseen(([(9_u32, 0_usize), (7, 1)], 0_u64)), "a row came above");
        assert_ne!(unseen((rows, 0_u64)), unseen((rows, 1_u64)), "scrolled");
        let Background::Color(color) = unseen(rows) else { panic!("a colour") };
        assert!(color.a == 0.0);
    }
}
