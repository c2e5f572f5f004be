//! Who will get it, topic by topic: the broker's own list where I may see it, else the best estimate, said as such
//! (`product.md` C3).

use iced::widget::{Column, column, container, row, scrollable, text};
use iced::{Center, Fill};

use super::desk::Desk;
use super::foot::named;
use super::stock::Act;
use super::{Message, Way, control};
use crate::app::cx::Cx;
use crate::compose::audience::{Around, Audience, Known, Listed, Odd, Part, Reader};
use crate::compose::meant::{By, Meant};
use crate::model::{Access, Affiliation, Jid, Restriction, Topic, TopicId};
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{Element, Icon, caption, chip, mono, strong, title, warning_chip};

/// Readers shown of one topic; more are counted.
const SHOWN: usize = 200;

/// What an owner was told of a topic.
#[derive(Clone, Debug, Default)]
pub struct Members {
    pub affiliations: Vec<(Jid, Affiliation)>,
    pub subscribers: Vec<(Jid, bool)>,
}

/// Who reads a topic, as far as it is known now.
pub fn of(topic: &Topic, members: Option<&Members>, around: Around<'_>) -> Audience {
    let listed =
        members.map(|members| Listed { affiliations: &members.affiliations, subscribers: &members.subscribers });
    Audience::of(topic, listed, around)
}

/// Of a topic nobody knows.
pub fn nobody() -> Audience {
    let (known, meant) = (Known::Estimated { subscribers: None }, Meant::of(&Access::Unsaid, None));
    Audience { readers: Vec::new(), known, anybody: false, first: true, meant }
}

pub fn side<'a>(desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
    if desk.topics().is_empty() {
        return container(text(cx.text("compose-problem-topic")).style(theme::text::soft)).padding(space::LG).into();
    }
    let topics = desk.topics().iter().map(|topic| {
        let audience = way.audiences.iter().find(|(of, _)| of == topic).map(|(_, audience)| audience);
        one(topic, audience, cx)
    });
    let all = Column::with_children(topics).spacing(space::XL);
    scrollable(container(all).padding([space::MD, space::LG]).width(Fill))
        .id("compose.audience")
        .style(theme::surface::scroll)
        .height(Fill)
        .into()
}

fn one<'a>(topic: &'a TopicId, audience: Option<&'a Audience>, cx: &Cx<'a>) -> Element<'a, Message> {
    let name = title(named(topic, cx));
    let Some(audience) = audience else {
        return column![name, caption(cx.text("compose-audience-unknown"))].spacing(space::XS).into();
    };
    let count = audience.readers.len() as u64;
    let known = match audience.known {
        Known::Listed => cx.catalog.count("compose-audience-listed", count, &[]),
        Known::Estimated { subscribers: Some(said) } => {
            cx.catalog.count("compose-audience-estimated", u64::from(said), &[("known", &cx.catalog.number(count))])
        }
        Known::Estimated { subscribers: None } => cx.catalog.count("compose-audience-guessed", count, &[]),
    };
    let anybody = audience.anybody.then(|| warning_chip(cx.text("compose-audience-open")));
    let first = audience.first.then(|| warning_chip(cx.text("compose-audience-first")));
    let new = audience.arrived().count() as u64;
    let new = (new > 0).then(|| warning_chip(cx.catalog.count("compose-audience-new", new, &[])));
    let chips = row![anybody, first, new].spacing(space::XS);
    // Who should be looked at twice stands first.
    let (odd, rest): (Vec<&Reader>, Vec<&Reader>) = audience.readers.iter().partition(|reader| reader.odd.is_some());
    let rows = odd.into_iter().chain(rest).take(SHOWN).map(|reader| line_of(reader, cx));
    let more = audience.readers.len().saturating_sub(SHOWN) as u64;
    let more = (more > 0).then(|| caption(cx.catalog.count("compose-more", more, &[])));
    let meant = meant(topic, audience, cx);
    column![name, meant, text(known), chips, Column::with_children(rows).spacing(space::XS), more]
        .spacing(space::SM)
        .into()
}

/// For whom the topic is, whose word that is, and the way to say it.
fn meant<'a>(topic: &'a TopicId, audience: &Audience, cx: &Cx<'a>) -> Element<'a, Message> {
    let Meant { label, by } = audience.meant;
    let (label, own) = (cx.catalog.tlp(label), Restriction::of(label).and_then(|own| own.token()));
    let words = match by {
        By::Access if audience.anybody => return caption(cx.text("compose-meant-open")).into(),
        By::Access => cx.format("compose-meant-closed", &[("tlp", &label)]),
        By::Published => cx.format("compose-meant-habit", &[("tlp", &label)]),
        By::Person => cx.text("compose-meant-said"),
    };
    let is_said = by == By::Person;
    let say = move |token: &'static str| {
        // What is said already is taken back by the same press.
        let label = Some(Restriction::from_token(token).tlp()).filter(|_| !(is_said && own == Some(token)));
        Message::Stock(Act::Meant(topic.clone(), label))
    };
    let labels = control::restrictions(own.filter(|_| is_said), format!("compose.meant.{}", topic.node), Some(say), cx);
    let line = row![caption(cx.text("compose-meant")), labels].spacing(space::SM).align_y(Center);
    column![line, caption(words)].spacing(space::XS).into()
}

fn line_of<'a>(reader: &'a Reader, cx: &Cx<'a>) -> Element<'a, Message> {
    let part = match reader.part {
        Part::Subscriber => "compose-part-subscriber",
        Part::Owner => "compose-part-owner",
        Part::Publisher => "compose-part-publisher",
        Part::Member => "compose-part-member",
    };
    let odd = reader.odd.as_ref().map(|odd| match odd {
        Odd::LooksLike(other) => cx.format("compose-odd-like", &[("domain", &safe::line(other))]),
        Odd::Mixed => cx.text("compose-odd-mixed"),
        Odd::Lone => cx.text("compose-odd-lone"),
    });
    let mark = if odd.is_some() {
        Icon::Warning.view().style(theme::text::warn)
    } else {
        Icon::Unread.view().style(theme::text::soft)
    };
    let jid = mono(safe::line(&reader.jid.to_string()));
    let new = reader.new.then(|| strong(cx.text("compose-audience-is-new")).size(size::CAPTION));
    let odd = odd.map(|words| text(words).size(size::CAPTION).style(theme::text::warn));
    let words = column![row![jid, chip(cx.text(part)), new].spacing(space::SM).align_y(Center), odd].spacing(1.0);
    row![mark.size(size::CAPTION), words].spacing(space::SM).align_y(Center).into()
}
