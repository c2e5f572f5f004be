//! The sheet before an act one should not do by accident (`product.md` B6, tier 2): the consequence in a sentence, the facts,
//! a reason that is typed, and a default that goes back.

use iced::widget::{column, container, mouse_area, opaque, row, space as gap, text, text_input};
use iced::{Fill, Length};

use super::Message;
use crate::app::cx::Cx;
use crate::compose::preflight::Finding;
use crate::theme::{self, space};
use crate::widget::{Element, Press, caption, heading, layer, press};

pub const STAY: &str = "reason.stay";
pub const WORDS: &str = "reason.words";
/// Shortest reason, in letters: a keystroke is none.
const LEAST: usize = 4;

/// A reason being typed.
#[derive(Clone, Debug)]
pub struct Asked {
    pub finding: Finding,
    pub words: String,
}

impl Asked {
    pub fn is_enough(&self) -> bool {
        self.words.chars().filter(|letter| letter.is_alphanumeric()).count() >= LEAST
    }
}

pub fn view<'a>(asked: &'a Asked, cx: &Cx<'a>) -> Element<'a, Message> {
    let what = text(cx.catalog.say(&asked.finding.say));
    let next = cx.catalog.next(&asked.finding.say).map(caption);
    let words = text_input(&cx.text("compose-reason-example"), &asked.words)
        .id(WORDS)
        .on_input(Message::ReasonWords)
        .padding([space::SM, space::MD])
        .style(theme::input::field);
    let stay = Press::word(cx.text("compose-reason-stay")).style(theme::button::primary).id(STAY);
    let go = press(text(cx.text("compose-reason-go"))).style(theme::button::danger).deliberate().id("reason.go");
    let acts = row![
        gap::horizontal(),
        Element::from(stay.on_press(Message::ReasonClose)),
        Element::from(go.on_press_maybe(asked.is_enough().then_some(Message::ReasonGiven))),
    ];
    let kept = caption(cx.text("compose-reason-kept"));
    let inside = column![heading(cx.text("compose-reason-title")), what, next, words, kept, acts.spacing(space::SM)];
    let sheet = container(inside.spacing(space::MD)).width(Length::Fixed(520.0)).padding(space::XL);
    let sheet = opaque(sheet.style(theme::surface::floating));
    let centred = container(sheet).center(Fill).padding(space::XL).style(theme::surface::veil);
    layer::above(opaque(mouse_area(centred).on_press(Message::ReasonClose)), STAY).into()
}
