//! Buttons, by what they do.

use iced::border;
use iced::widget::button::{Status, Style};
use iced::{Background, Color, Theme};

use crate::theme::{faded, of, radius};

/// The one that goes on: at most one on a page.
#[must_use]
pub fn primary(theme: &Theme, status: Status) -> Style {
    let p = of(theme);
    filled(p.accent_fill, p.on_fill, status)
}

/// The one that takes something away.
#[must_use]
pub fn danger(theme: &Theme, status: Status) -> Style {
    let p = of(theme);
    filled(p.danger_fill, p.on_fill, status)
}

/// Any other.
#[must_use]
pub fn plain(theme: &Theme, status: Status) -> Style {
    let p = of(theme);
    let ground = match status {
        Status::Active | Status::Disabled => p.raised,
        Status::Hovered => mix(p.raised, p.edge, 0.25),
        Status::Pressed => mix(p.raised, p.edge, 0.45),
    };
    let text = if status == Status::Disabled { faded(p.soft, 0.7) } else { p.text };
    Style { border: border::rounded(radius::CONTROL), ..base(Some(ground), text) }
}

/// One without a ground until the pointer is over it: in rows, in bars.
#[must_use]
pub fn quiet(theme: &Theme, status: Status) -> Style {
    let p = of(theme);
    let ground = match status {
        Status::Active | Status::Disabled => None,
        Status::Hovered => Some(p.raised),
        Status::Pressed => Some(mix(p.raised, p.edge, 0.35)),
    };
    let text = if status == Status::Disabled { faded(p.soft, 0.7) } else { p.soft };
    Style { border: border::rounded(radius::CONTROL), ..base(ground, text) }
}

/// A place of the rail or a tab; `here` is the one shown.
pub fn tab(here: bool) -> impl Fn(&Theme, Status) -> Style {
    move |theme, status| {
        let p = of(theme);
        let ground = match status {
            _ if here => Some(p.selected),
            Status::Hovered | Status::Pressed => Some(p.hover),
            Status::Active | Status::Disabled => None,
        };
        let text = if here { p.text } else { p.soft };
        Style { border: border::rounded(radius::CONTROL), ..base(ground, text) }
    }
}

/// One of several answers; `here` is the one given.
pub fn choice(here: bool) -> impl Fn(&Theme, Status) -> Style {
    move |theme, status| {
        let p = of(theme);
        let edge = border::rounded(radius::CONTROL).width(1);
        if here {
            let text = if status == Status::Disabled { p.soft } else { p.text };
            return Style { border: edge.color(p.accent), ..base(Some(p.selected), text) };
        }
        let style = plain(theme, status);
        Style { border: edge.color(p.line), ..style }
    }
}

/// A row of a list that can be chosen.
pub fn row(selected: bool) -> impl Fn(&Theme, Status) -> Style {
    move |theme, status| {
        let p = of(theme);
        let ground = match status {
            _ if selected => Some(p.selected),
            Status::Hovered | Status::Pressed => Some(p.hover),
            Status::Active | Status::Disabled => None,
        };
        base(ground, p.text)
    }
}

/// A whole card that can be chosen: a door of the welcome page.
#[must_use]
pub fn card(theme: &Theme, status: Status) -> Style {
    let p = of(theme);
    let (ground, edge) = match status {
        Status::Active | Status::Disabled => (p.card, p.line),
        Status::Hovered => (p.hover, p.edge),
        Status::Pressed => (p.raised, p.edge),
    };
    Style { border: border::rounded(radius::CARD).color(edge).width(1), ..base(Some(ground), p.text) }
}

/// The card that Enter takes.
#[must_use]
pub fn chosen_card(theme: &Theme, status: Status) -> Style {
    let p = of(theme);
    let ground = if status == Status::Pressed { mix(p.selected, p.accent, 0.15) } else { p.selected };
    Style { border: border::rounded(radius::CARD).color(p.accent).width(1), ..base(Some(ground), p.text) }
}

/// A pill that floats over a list: "3 new".
#[must_use]
pub fn pill(theme: &Theme, status: Status) -> Style {
    let p = of(theme);
    Style { border: border::rounded(radius::PILL), ..filled(p.accent_fill, p.on_fill, status) }
}

fn filled(ground: Color, text: Color, status: Status) -> Style {
    let (ground, text) = match status {
        Status::Active => (ground, text),
        Status::Hovered => (mix(ground, Color::WHITE, 0.06), text),
        Status::Pressed => (mix(ground, Color::BLACK, 0.15), text),
        Status::Disabled => (faded(ground, 0.45), faded(text, 0.75)),
    };
    Style { border: border::rounded(radius::CONTROL), ..base(Some(ground), text) }
}

fn base(ground: Option<Color>, text: Color) -> Style {
    Style { background: ground.map(Background::Color), text_color: text, ..Style::default() }
}

/// `b` over `a` at `share`.
fn mix(a: Color, b: Color, share: f32) -> Color {
    let part = |x: f32, y: f32| x + (y - x) * share;
    Color { r: part(a.r, b.r), g: part(a.g, b.g), b: part(a.b, b.b), a: a.a }
}
