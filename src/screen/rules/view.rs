//! The page around the three, and the one for the next shift.

use iced::widget::{Column, column, container, responsive, row, scrollable, text, text_editor};
use iced::{Center, Fill};

use super::{Message, SHIFTS, Screen, Side};
use crate::app::cx::Cx;
use crate::model::Say;
use crate::theme::{self, metrics, size, space};
use crate::widget::{self, Element, Press, caption, card, title};

/// From this room on what belongs together stands side by side.
const BROAD: f32 = 1_440.0;

impl Screen {
    #[must_use]
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let side = |side: Side, key: &str| (cx.text(key), self.side == side, Message::Side(side));
        let all = vec![
            side(Side::Alerts, "alert-tab"),
            side(Side::Retention, "retention-tab"),
            side(Side::Handover, "handover-tab"),
        ];
        let top = widget::sides(cx.text("alert-screen"), all, (cx.text("hunt-back"), Message::Back));
        let cx = *cx;
        let page = responsive(move |room| self.page(room.width, &cx));
        container(column![top, page]).style(theme::surface::base).width(Fill).height(Fill).into()
    }

    fn page<'a>(&'a self, room: f32, cx: &Cx<'a>) -> Element<'a, Message> {
        let problems: Vec<_> =
            cx.watching.problems.iter().chain(self.trouble.as_ref()).map(|say| trouble(say, cx)).collect();
        let problems = (!problems.is_empty()).then(|| Column::with_children(problems).spacing(space::XS));
        let wide = room >= BROAD;
        let page: Element<'a, Message> = match self.side {
            Side::Alerts => self.alerts(wide, cx),
            Side::Retention => self.retention(wide, cx),
            Side::Handover => self.handover(cx),
        };
        let most = if wide { BROAD } else { metrics::PROSE + 200.0 };
        let page = Column::new().push(problems).push(page).spacing(space::MD).max_width(most);
        let page = container(page).padding(space::XL);
        scrollable(page).style(theme::surface::scroll).width(Fill).height(Fill).into()
    }

    fn handover<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let shifts = SHIFTS.into_iter().map(|hours| {
            let word = cx.catalog.count("handover-last", hours.unsigned_abs(), &[]);
            let style = if self.hours == hours { theme::button::primary } else { theme::button::plain };
            Press::word(word).style(style).on_press_maybe((!self.making).then_some(Message::Hours(hours))).into()
        });
        let some = self.page.is_some();
        let save = Press::word(cx.text("handover-save")).on_press_maybe(some.then_some(Message::Save));
        let copy = Press::word(cx.text("handover-copy")).on_press_maybe(some.then_some(Message::Copy));
        let acts = row![row(shifts).spacing(space::SM).width(Fill), Element::from(copy), Element::from(save)];
        let page: Element<'a, Message> = match &self.page {
            Some((_, content)) => text_editor(content)
                .on_action(Message::Read)
                .font(theme::MONO)
                .size(size::BODY - 1.0)
                .style(theme::input::reader)
                .into(),
            None => caption(cx.text("handover-none-yet")).into(),
        };
        card(
            column![
                title(cx.text("handover-title")),
                text(cx.text("handover-intro")).style(theme::text::soft),
                acts.spacing(space::SM).align_y(Center),
                page,
            ]
            .spacing(space::MD),
        )
        .into()
    }
}

/// What is wrong, and what to do about it.
pub(super) fn trouble<'a>(say: &Say, cx: &Cx<'a>) -> Element<'a, Message> {
    let words = text(cx.catalog.say(say)).size(size::CAPTION).style(theme::text::danger);
    column![words, cx.catalog.next(say).map(caption)].into()
}
