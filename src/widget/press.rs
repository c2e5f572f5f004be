//! Everything one presses: a button that Tab reaches, with its style's name and, where it has one, its key in the tooltip.

use std::time::Duration;

use iced::advanced::widget::Id;
use iced::widget::button::{Status, Style, StyleFn};
use iced::widget::text::IntoFragment;
use iced::widget::{button, container, row, text, tooltip};
use iced::{Center, Length, Padding, Theme};

use super::{BUTTON_PADDING, Element, Icon, caption, focusable};
use crate::theme::{self, space};

/// A button under construction; turn it into an [`Element`].
pub struct Press<'a, M> {
    content: Element<'a, M>,
    message: Option<M>,
    style: StyleFn<'a, Theme>,
    id: Option<Id>,
    hint: Option<String>,
    width: Length,
    height: Length,
    padding: Padding,
    inset: bool,
    deliberate: bool,
}

/// A button around `content`. Without a message it is disabled.
pub fn press<'a, M: Clone + 'a>(content: impl Into<Element<'a, M>>) -> Press<'a, M> {
    Press {
        content: content.into(),
        message: None,
        style: Box::new(theme::button::plain),
        id: None,
        hint: None,
        width: Length::Shrink,
        height: Length::Shrink,
        padding: BUTTON_PADDING.into(),
        inset: false,
        deliberate: false,
    }
}

impl<'a, M: Clone + 'a> Press<'a, M> {
    /// A button with a word.
    pub fn word(word: impl IntoFragment<'a>) -> Self {
        press(text(word))
    }

    /// A button with a symbol before its word.
    pub fn marked(icon: Icon, word: impl IntoFragment<'a>) -> Self {
        press(row![icon.view(), text(word)].spacing(space::SM).align_y(Center))
    }

    #[must_use]
    pub fn on_press(mut self, message: M) -> Self {
        self.message = Some(message);
        self
    }

    #[must_use]
    pub fn on_press_maybe(mut self, message: Option<M>) -> Self {
        self.message = message;
        self
    }

    /// One of `theme::button`'s.
    #[must_use]
    pub fn style(mut self, style: impl Fn(&Theme, Status) -> Style + 'a) -> Self {
        self.style = Box::new(style);
        self
    }

    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Words for the tooltip: what it does where the button has no word, and its key.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }

    #[must_use]
    pub fn height(mut self, height: impl Into<Length>) -> Self {
        self.height = height.into();
        self
    }

    #[must_use]
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.padding = padding.into();
        self
    }

    /// Only Space presses it, not Enter.
    #[must_use]
    pub fn deliberate(mut self) -> Self {
        self.deliberate = true;
        self
    }

    /// Draws the focus ring inside: for what fills its parent to the edge.
    #[must_use]
    pub fn inset(mut self) -> Self {
        self.inset = true;
        self
    }
}

impl<'a, M: Clone + 'a> From<Press<'a, M>> for Element<'a, M> {
    fn from(press: Press<'a, M>) -> Self {
        let inner = button(press.content)
            .on_press_maybe(press.message.clone())
            .padding(press.padding)
            .width(press.width)
            .height(press.height)
            .style(press.style);
        let mut outer = focusable(inner, press.message);
        if let Some(id) = press.id {
            outer = outer.id(id);
        }
        if press.inset {
            outer = outer.inset();
        }
        if press.deliberate {
            outer = outer.deliberate();
        }
        match press.hint {
            None => outer.into(),
            Some(hint) => {
                let words = container(caption(hint)).padding([space::XS, space::SM]).style(theme::surface::floating);
                tooltip(outer, words, tooltip::Position::Bottom).gap(space::XS).delay(Duration::from_millis(500)).into()
            }
        }
    }
}
