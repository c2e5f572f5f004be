//! A short word in the corner. Never the only place where an error stands.

use iced::Center;
use iced::widget::text::IntoFragment;
use iced::widget::{container, row, text};

use super::{Element, Icon, Tone};
use crate::theme::{self, space};

/// A toast with a way to close it; where it stands and how long is the app's.
pub fn toast<'a, M: Clone + 'a>(
    tone: Tone,
    words: impl IntoFragment<'a>,
    close_hint: impl Into<String>,
    close: M,
) -> Element<'a, M> {
    let mark = tone.icon().view().style(move |theme| tone.ink(theme));
    let close = super::press(Icon::Close.view().size(12.0))
        .style(theme::button::quiet)
        .padding([space::XS, space::SM])
        .hint(close_hint)
        .on_press(close);
    let inside = row![mark, container(text(words)).max_width(380.0), Element::from(close)];
    container(inside.spacing(space::SM).align_y(Center))
        .padding([space::SM, space::MD])
        .style(theme::surface::floating)
        .into()
}
