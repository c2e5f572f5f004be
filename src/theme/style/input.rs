//! Fields: text, choices, lists of choices, progress.

use iced::border::{self, Border};
use iced::overlay::menu;
use iced::widget::{checkbox, pick_list, progress_bar, radio, text_editor, text_input};
use iced::{Color, Shadow, Theme, Vector};

use crate::theme::metrics::RING;
use crate::theme::{Palette, faded, of, radius};

/// A one-line field.
#[must_use]
pub fn field(theme: &Theme, status: text_input::Status) -> text_input::Style {
    let p = of(theme);
    let focused = matches!(status, text_input::Status::Focused { .. });
    text(p, edge(p, focused, status == text_input::Status::Hovered), status == text_input::Status::Disabled)
}

/// A one-line field whose value is wrong; the reason stands beside it in words.
#[must_use]
pub fn wrong(theme: &Theme, status: text_input::Status) -> text_input::Style {
    let p = of(theme);
    let width = if matches!(status, text_input::Status::Focused { .. }) { RING } else { 1.0 };
    text(p, border::rounded(radius::CONTROL).color(p.danger).width(width), false)
}

fn text(p: &Palette, border: Border, disabled: bool) -> text_input::Style {
    text_input::Style {
        background: if disabled { p.base.into() } else { p.sunken.into() },
        border,
        icon: p.soft,
        placeholder: faded(p.soft, 0.85),
        value: if disabled { p.soft } else { p.text },
        selection: faded(p.accent, 0.35),
    }
}

/// Text of many lines.
#[must_use]
pub fn editor(theme: &Theme, status: text_editor::Status) -> text_editor::Style {
    let p = of(theme);
    let focused = matches!(status, text_editor::Status::Focused { .. });
    text_editor::Style {
        background: p.sunken.into(),
        border: edge(p, focused, status == text_editor::Status::Hovered),
        placeholder: faded(p.soft, 0.85),
        value: p.text,
        selection: faded(p.accent, 0.35),
    }
}

/// Text that is only read: no border but the ring of focus.
#[must_use]
pub fn reader(theme: &Theme, status: text_editor::Status) -> text_editor::Style {
    let style = editor(theme, status);
    if matches!(status, text_editor::Status::Focused { .. }) {
        return style;
    }
    text_editor::Style { border: border::rounded(radius::CONTROL).color(of(theme).line).width(1), ..style }
}

#[must_use]
pub fn check(theme: &Theme, status: checkbox::Status) -> checkbox::Style {
    let p = of(theme);
    let (checked, hovered, enabled) = match status {
        checkbox::Status::Active { is_checked } => (is_checked, false, true),
        checkbox::Status::Hovered { is_checked } => (is_checked, true, true),
        checkbox::Status::Disabled { is_checked } => (is_checked, false, false),
    };
    checkbox::Style {
        background: if checked { p.accent_fill.into() } else { p.sunken.into() },
        icon_color: p.on_fill,
        border: Border { radius: radius::CHIP.into(), ..edge(p, false, hovered) },
        text_color: Some(if enabled { p.text } else { p.soft }),
    }
}

#[must_use]
pub fn option(theme: &Theme, status: radio::Status) -> radio::Style {
    let p = of(theme);
    let (selected, hovered) = match status {
        radio::Status::Active { is_selected } => (is_selected, false),
        radio::Status::Hovered { is_selected } => (is_selected, true),
    };
    radio::Style {
        background: p.sunken.into(),
        dot_color: p.accent,
        border_width: if selected { RING } else { 1.0 },
        border_color: if selected || hovered { p.accent } else { p.edge },
        text_color: Some(p.text),
    }
}

#[must_use]
pub fn choice(theme: &Theme, status: pick_list::Status) -> pick_list::Style {
    let p = of(theme);
    let open = matches!(status, pick_list::Status::Opened { .. });
    pick_list::Style {
        text_color: p.text,
        placeholder_color: p.soft,
        handle_color: p.soft,
        background: p.sunken.into(),
        border: edge(p, open, status == pick_list::Status::Hovered),
    }
}

/// The open list of a [`choice`].
#[must_use]
pub fn menu(theme: &Theme) -> menu::Style {
    let p = of(theme);
    menu::Style {
        background: p.panel.into(),
        border: border::rounded(radius::CONTROL).color(p.edge).width(1),
        text_color: p.text,
        selected_text_color: p.text,
        selected_background: p.selected.into(),
        shadow: Shadow { color: faded(Color::BLACK, 0.35), offset: Vector::new(0.0, 4.0), blur_radius: 14.0 },
    }
}

/// A thin line that fills.
#[must_use]
pub fn progress(theme: &Theme) -> progress_bar::Style {
    let p = of(theme);
    progress_bar::Style { background: p.raised.into(), bar: p.accent.into(), border: border::rounded(radius::CHIP) }
}

fn edge(p: &Palette, focused: bool, hovered: bool) -> Border {
    let (color, width) = match (focused, hovered) {
        (true, _) => (p.accent, RING),
        (false, true) => (p.soft, 1.0),
        (false, false) => (p.edge, 1.0),
    };
    border::rounded(radius::CONTROL).color(color).width(width)
}
