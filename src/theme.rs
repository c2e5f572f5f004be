//! How the console looks: palettes, measures, fonts and named styles. The only place with colours and pixel counts.
//!
//! May use `model` for severities and labels, `settings` for what the person chose. Style functions read their colours from the [`iced::Theme`] they are
//! handed ([`of`]), so screens pass no colours around: `container(x).style(theme::surface::panel)`.

pub mod metrics;
pub mod palette;
pub mod style;

use std::borrow::Cow;

pub use iced::Theme;
use iced::font::Weight;
use iced::theme::Mode;
use iced::{Color, Font, Pixels};

use crate::settings::Theme as Choice;

pub use metrics::{radius, row, size, space};
pub use palette::Palette;
pub use style::{button, input, surface, text};

/// Text of the interface.
pub const UI: Font = Font::with_name("Gridwatch Sans");
/// Headings, unread rows, buttons that act.
pub const BOLD: Font = Font { weight: Weight::Semibold, ..UI };
/// Observables, XML, fingerprints.
pub const MONO: Font = Font::with_name("Gridwatch Mono");
/// Our own small set of symbols (`widget::Icon`); no text.
pub const SYMBOLS: Font = Font::with_name("Gridwatch Symbols");

/// The theme to draw with; `os` is what `iced::system::theme` and `theme_changes` told last. Where the system has no
/// opinion the console is dark: it is read at night.
#[must_use]
pub fn theme(choice: Choice, os: Mode) -> Theme {
    match (choice, os) {
        (Choice::Light, _) | (Choice::System, Mode::Light) => build("Gridwatch light", &palette::LIGHT),
        (Choice::Dark, _) | (Choice::System, Mode::Dark | Mode::None) => build("Gridwatch dark", &palette::DARK),
    }
}

/// The palette behind a theme.
#[must_use]
pub fn of(theme: &Theme) -> &'static Palette {
    if theme.extended_palette().is_dark { &palette::DARK } else { &palette::LIGHT }
}

/// What iced must know at start: fonts, text size. Used by the window and by every headless test, so that both draw alike.
#[must_use]
pub fn settings() -> iced::Settings {
    iced::Settings {
        fonts: fonts(),
        default_font: UI,
        default_text_size: Pixels(size::BODY),
        antialiasing: true,
        ..iced::Settings::default()
    }
}

/// The bundled fonts (`assets/fonts/README.md`).
#[must_use]
pub fn fonts() -> Vec<Cow<'static, [u8]>> {
    const FILES: [&[u8]; 4] = [
        include_bytes!("../assets/fonts/GridwatchSans-Regular.ttf"),
        include_bytes!("../assets/fonts/GridwatchSans-SemiBold.ttf"),
        include_bytes!("../assets/fonts/GridwatchMono-Regular.ttf"),
        include_bytes!("../assets/fonts/GridwatchSymbols.ttf"),
    ];
    FILES.iter().map(|file| Cow::Borrowed(*file)).collect()
}

fn build(name: &'static str, palette: &Palette) -> Theme {
    Theme::custom(
        name,
        iced::theme::Palette {
            background: palette.base,
            text: palette.text,
            primary: palette.accent_fill,
            success: palette.good,
            warning: palette.warn,
            danger: palette.danger_fill,
        },
    )
}

/// `color` at `alpha` of its opacity.
fn faded(color: Color, alpha: f32) -> Color {
    Color { a: color.a * alpha, ..color }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_follows_and_a_choice_stands() {
        let name = |choice, os| theme(choice, os).to_string();
        assert_eq!(name(Choice::System, Mode::Light), "Gridwatch light");
        assert_eq!(name(Choice::System, Mode::Dark), "Gridwatch dark");
        assert_eq!(name(Choice::System, Mode::None), "Gridwatch dark");
        assert_eq!(name(Choice::Light, Mode::Dark), "Gridwatch light");
        assert_eq!(name(Choice::Dark, Mode::Light), "Gridwatch dark");
    }

    #[test]
    fn a_theme_leads_back_to_its_palette() {
        assert_eq!(of(&theme(Choice::Light, Mode::None)).base, palette::LIGHT.base);
        assert_eq!(of(&theme(Choice::Dark, Mode::None)).base, palette::DARK.base);
        assert_eq!(of(&Theme::Light).base, palette::LIGHT.base);
    }
}
