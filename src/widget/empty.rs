//! A pane that has nothing to show says why and what to do (`product.md` B5).

use iced::widget::text::IntoFragment;
use iced::widget::{Row, column, container, text};
use iced::{Center, Fill};

use super::{Element, Icon, title};
use crate::theme::{self, space};

/// A symbol, what is so, why, and what to do.
pub fn empty<'a, M: 'a>(
    icon: Icon,
    what: impl IntoFragment<'a>,
    why: impl IntoFragment<'a>,
    acts: Vec<Element<'a, M>>,
) -> Element<'a, M> {
    let acts = (!acts.is_empty()).then(|| Row::with_children(acts).spacing(space::SM));
    let words = column![
        icon.view().size(28.0).style(theme::text::soft),
        title(what).align_x(Center),
        container(text(why).style(theme::text::soft).align_x(Center)).max_width(420.0),
        acts.map(|acts| container(acts).padding([space::SM, 0.0])),
    ];
    container(words.spacing(space::SM).align_x(Center)).center(Fill).padding(space::XL).into()
}
