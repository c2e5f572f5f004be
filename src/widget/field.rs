//! A control with its label above and its trouble, or a hint, below.

use iced::widget::text::IntoFragment;
use iced::widget::{column, row, text};
use iced::{Center, Fill};

use super::{Element, Icon, caption};
use crate::theme::{self, size, space};

/// What stands below a control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Below {
    Nothing,
    /// How to fill it in.
    Hint(String),
    /// Why its value will not do; give the control `theme::input::wrong`.
    Wrong(String),
}

/// A labelled control. The line below keeps its height only where there is one: put a hint where an error may follow, so
/// that nothing below moves (law 1).
pub fn field<'a, M: 'a>(
    label: impl IntoFragment<'a>,
    control: impl Into<Element<'a, M>>,
    below: Below,
) -> Element<'a, M> {
    let below: Option<Element<'a, M>> = match below {
        Below::Nothing => None,
        Below::Hint(words) => Some(caption(words).into()),
        Below::Wrong(words) => {
            let words = text(words).size(size::CAPTION).style(theme::text::danger);
            let mark = Icon::Warning.view().size(size::CAPTION).style(theme::text::danger);
            Some(row![mark, words].spacing(space::XS).align_y(Center).into())
        }
    };
    column![caption(label), control.into(), below].spacing(space::XS).width(Fill).into()
}
