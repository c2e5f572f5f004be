//! The changes of a topic's settings, looked over before they are held: what was and what will be, and a reason where more
//! people are let in (`product.md` B6, tier 2).

use iced::widget::{Column, column, row, scrollable, text, text_input};
use iced::{Center, Fill, Length};

use super::view::{label, shown};
use super::{Config, Message};
use crate::app::cx::Cx;
use crate::screen::owner::modal;
use crate::theme::{self, space};
use crate::widget::field::{Below, field};
use crate::widget::{Element, Press, Tone, caption, heading, press, strip};

const WORDS: &str = "config.words";
const BACK: &str = "config.back";
/// Tallest the list of changes gets.
const TALLEST: f32 = 300.0;
/// The column of questions.
const LABEL: Length = Length::FillPortion(2);

impl Config {
    pub fn sheet<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let words = self.review.as_ref()?;
        let page = self.shown()?;
        let lines = page.changes().map(|(setting, now)| {
            let label = label(setting, cx);
            let (was, will) = (shown(setting, &setting.values, cx), shown(setting, now, cx));
            let change = column![caption(cx.format("owner-was", &[("was", &was)])), text(will)].spacing(2.0);
            row![text(label).width(LABEL), change.width(Length::FillPortion(3))].spacing(space::MD).into()
        });
        let lines = Column::with_children(lines).spacing(space::MD);
        let lines = iced::widget::container(scrollable(lines).style(theme::surface::scroll)).max_height(TALLEST);
        let grave = page.is_grave();
        let tone = |hard: bool| if hard { Tone::Alarm } else { Tone::Caution };
        let risks =
            page.risks().into_iter().map(|risk| strip(tone(risk.is_hard()), cx.text(risk.key()), None, Vec::new()));
        let risks = Column::with_children(risks).spacing(space::SM);
        let reason = grave.then(|| reason(words, cx));
        let back = Press::word(cx.text("owner-back")).id(BACK).on_press(Message::Close);
        let go = press(text(cx.text("owner-save")))
            .style(if grave { theme::button::danger } else { theme::button::primary })
            .deliberate()
            .id("config.save")
            .on_press_maybe(self.reasoned().then_some(Message::Save));
        let held = caption(cx.catalog.count("owner-then-held", u64::from(cx.settings.hold()), &[])).width(Fill);
        let acts = row![held, Element::from(back), Element::from(go)].spacing(space::SM).align_y(Center);
        let inside = column![heading(cx.text("owner-review-title")), lines, risks, reason, acts].spacing(space::LG);
        Some(modal(inside.into(), if grave { WORDS } else { BACK }, Message::Close))
    }
}

fn reason<'a>(words: &'a str, cx: &Cx<'a>) -> Element<'a, Message> {
    let input = text_input(&cx.text("owner-why-example"), words).id(WORDS).on_input(Message::Words);
    let input = input.padding([space::SM, space::MD]).style(theme::input::field);
    field(cx.text("owner-why"), input, Below::Hint(cx.text("owner-why-kept")))
}
