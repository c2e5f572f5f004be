//! The console's symbols: glyphs of one bundled font, so that none ever shows as an empty box.

use iced::widget::{Text, text};

use crate::model::Severity;
use crate::theme::{self, size};

/// A symbol by its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    High,
    Medium,
    Low,
    Unknown,
    Unread,
    Online,
    Connecting,
    Offline,
    Warning,
    Retracted,
    Done,
    Close,
    Newer,
    Next,
    Open,
    Closed,
    Waiting,
    Refresh,
    Feed,
    Topics,
    Compose,
    Owner,
    Activity,
    Settings,
    File,
    Play,
    Link,
    Search,
    Star,
    Hunt,
    Alerts,
    Import,
    Export,
    Grid,
    Help,
    Wide,
    Narrow,
}

impl Icon {
    /// Every symbol, for the test that the font has it.
    pub const ALL: [Self; 37] = [
        Self::High,
        Self::Medium,
        Self::Low,
        Self::Unknown,
        Self::Unread,
        Self::Online,
        Self::Connecting,
        Self::Offline,
        Self::Warning,
        Self::Retracted,
        Self::Done,
        Self::Close,
        Self::Newer,
        Self::Next,
        Self::Open,
        Self::Closed,
        Self::Waiting,
        Self::Refresh,
        Self::Feed,
        Self::Topics,
        Self::Compose,
        Self::Owner,
        Self::Activity,
        Self::Settings,
        Self::File,
        Self::Play,
        Self::Link,
        Self::Search,
        Self::Star,
        Self::Hunt,
        Self::Alerts,
        Self::Import,
        Self::Export,
        Self::Grid,
        Self::Help,
        Self::Wide,
        Self::Narrow,
    ];

    #[must_use]
    pub fn glyph(self) -> &'static str {
        match self {
            Self::High => "▲",
            Self::Medium => "◆",
            Self::Low => "▽",
            Self::Unknown | Self::Offline => "○",
            Self::Unread | Self::Online => "●",
            Self::Connecting => "◐",
            Self::Warning => "⚠",
            Self::Retracted => "⊘",
            Self::Done => "✓",
            Self::Close => "✕",
            Self::Newer => "↑",
            Self::Next => "→",
            Self::Open => "▾",
            Self::Closed => "▸",
            Self::Waiting => "⟳",
            Self::Refresh => "↻",
            Self::Feed => "≡",
            Self::Topics => "⊞",
            Self::Compose => "✎",
            Self::Owner => "⚑",
            Self::Activity => "⋯",
            Self::Settings => "⚙",
            Self::File => "❐",
            Self::Play => "▶",
            Self::Link => "◎",
            Self::Search => "⚲",
            Self::Star => "★",
            Self::Hunt => "⊕",
            Self::Alerts => "⚡",
            Self::Import => "↧",
            Self::Export => "↥",
            Self::Grid => "⇄",
            Self::Help => "?",
            Self::Wide => "⇱",
            Self::Narrow => "⇲",
        }
    }

    /// The symbol as text; style and size can be set like any text's.
    pub fn view<'a>(self) -> Text<'a> {
        text(self.glyph()).font(theme::SYMBOLS).size(size::BODY)
    }
}

impl From<Severity> for Icon {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::High => Self::High,
            Severity::Medium => Self::Medium,
            Severity::Low => Self::Low,
            Severity::Unknown => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use iced::advanced::graphics::text::cosmic_text::{CacheKey, CacheKeyFlags, Font, FontSystem, SwashCache, fontdb};

    use super::*;

    /// The bundled fonts and no other.
    fn bundled() -> fontdb::Database {
        let mut db = fontdb::Database::new();
        theme::fonts().into_iter().for_each(|font| db.load_font_data(font.into_owned()));
        db
    }

    /// Each bundled font, by family and weight.
    fn fonts() -> Vec<(String, u16, Font)> {
        let db = bundled();
        let faces: Vec<_> = db.faces().cloned().collect();
        let read = |face: fontdb::FaceInfo| {
            let font = Font::new(&db, face.id, face.weight).unwrap();
            (face.families[0].0.clone(), face.weight.0, font)
        };
        faces.into_iter().map(read).collect()
    }

    fn missing(text: &str, font: &Font) -> String {
        let known = font.as_swash().charmap();
        text.chars().filter(|c| !c.is_control() && known.map(*c) == 0).collect()
    }

    #[test]
    fn the_families_are_named_as_the_theme_names_them() {
        let found: Vec<_> = fonts().into_iter().map(|(family, weight, _)| (family, weight)).collect();
        for (family, weight) in
            [("Gridwatch Sans", 400), ("Gridwatch Sans", 600), ("Gridwatch Mono", 400), ("Gridwatch Symbols", 400)]
        {
            assert!(found.contains(&(family.to_owned(), weight)), "{family} {weight} not in {found:?}");
        }
    }

    /// The renderer keeps no glyph without pixels, and would look for each of them anew in each frame
    /// (`assets/fonts/spaces.py`).
    #[test]
    fn a_space_is_a_clear_picture_and_no_picture_of_its_own_in_each_frame() {
        let db = bundled();
        let texts: Vec<_> = db.faces().filter(|face| face.families[0].0 != "Gridwatch Symbols").cloned().collect();
        let mut system = FontSystem::new_with_locale_and_db("en".to_owned(), db);
        for face in texts {
            let known = system.get_font(face.id, face.weight).unwrap();
            for space in [' ', '\u{a0}', '\u{2009}', '\u{202f}'] {
                let glyph = known.as_swash().charmap().map(space);
                if glyph == 0 && space != ' ' {
                    continue;
                }
                for (size, x) in [(11.0, 0.0), (14.0, 0.3), (28.0, 0.7)] {
                    let flags = CacheKeyFlags::empty();
                    let (key, ..) = CacheKey::new(face.id, glyph, size, (x, 0.0), face.weight, flags);
                    let image = SwashCache::new().get_image_uncached(&mut system, key).unwrap();
                    let name = &face.families[0].0;
                    assert!(image.placement.width * image.placement.height > 0, "{space:?} of {name} at {size}");
                    assert!(image.data.iter().all(|alpha| *alpha == 0), "{space:?} of {name} at {size} is seen");
                }
            }
        }
    }

    #[test]
    fn every_symbol_is_in_the_symbol_font() {
        let fonts = fonts();
        let (.., known) = fonts.iter().find(|(family, ..)| family == "Gridwatch Symbols").unwrap();
        let all: String = Icon::ALL.iter().map(|icon| icon.glyph()).collect();
        assert_eq!(missing(&all, known), "");
    }

    #[test]
    fn every_word_of_the_catalog_can_be_drawn_by_the_interface_font() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("i18n/en");
        for (family, weight, known) in fonts().iter().filter(|(family, ..)| family == "Gridwatch Sans") {
            for file in std::fs::read_dir(&folder).unwrap() {
                let file = file.unwrap().path();
                let words = std::fs::read_to_string(&file).unwrap();
                assert_eq!(missing(&words, known), "", "{} in {family} {weight}", file.display());
            }
        }
    }
}
