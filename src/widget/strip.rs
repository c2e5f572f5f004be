//! A strip across a pane: a failure with what can be done about it, something to know, something that went well.

use iced::widget::text::IntoFragment;
use iced::widget::{Row, column, container, text};
use iced::{Center, Fill};

use super::{Element, Icon, caption};
use crate::theme::{self, space};

/// How it is meant; shown by symbol and colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Plain,
    Caution,
    Alarm,
}

impl Tone {
    #[must_use]
    pub fn icon(self) -> Icon {
        match self {
            Self::Good => Icon::Done,
            Self::Plain => Icon::Unread,
            Self::Caution | Self::Alarm => Icon::Warning,
        }
    }

    #[must_use]
    pub fn ink(self, theme: &iced::Theme) -> iced::widget::text::Style {
        match self {
            Self::Good => theme::text::good(theme),
            Self::Plain => theme::text::accent(theme),
            Self::Caution => theme::text::warn(theme),
            Self::Alarm => theme::text::danger(theme),
        }
    }

    #[must_use]
    pub fn ground(self, theme: &iced::Theme) -> container::Style {
        match self {
            Self::Good | Self::Plain => theme::surface::remark(theme),
            Self::Caution => theme::surface::caution(theme),
            Self::Alarm => theme::surface::alarm(theme),
        }
    }
}

/// What happened, what the person can do (`Catalog::say` and `Catalog::next`), and buttons for it.
pub fn strip<'a, M: 'a>(
    tone: Tone,
    what: impl IntoFragment<'a>,
    next: Option<String>,
    acts: Vec<Element<'a, M>>,
) -> Element<'a, M> {
    // A fingerprint has no place of its own to break at.
    let words = text(what).wrapping(text::Wrapping::WordOrGlyph);
    let words = column![words, next.map(caption)].spacing(2.0).width(Fill);
    let mark = Icon::view(tone.icon()).style(move |theme| tone.ink(theme));
    let line = Row::new().push(mark).push(words).extend(acts).spacing(space::SM).align_y(Center);
    container(line).padding([space::SM, space::MD]).width(Fill).style(move |theme| tone.ground(theme)).into()
}
