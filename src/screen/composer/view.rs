//! The composer as drawn: the TLP banner over all, the form left, the document right, what stands in the way below.

use iced::widget::{
    Column, column, container, pick_list, radio, row, rule, scrollable, space as gap, text_editor, text_input,
};
use iced::{Center, Fill, FillPortion, Length};

use super::{Line, Message, Obstacle, Phase, Screen, form, publishable};
use crate::app::cx::Cx;
use crate::iodef::report::{Field, Problem, Purpose};
use crate::model::{ObservableKind, Restriction, Severity, TopicId};
use crate::text;
use crate::theme::{self, size, space};
use crate::widget::field::Below;
use crate::widget::{Element, Icon, Press, Tone, caption, chip, empty, field, focusable, heading, strip, title};

/// Restrictions on offer, loosest first: one word for each label, and IODEF's own for those who need it.
const RESTRICTIONS: [Restriction; 5] =
    [Restriction::White, Restriction::Green, Restriction::Amber, Restriction::NeedToKnow, Restriction::Red];
/// Chips of addresses shown; the rest is counted.
const CHIPS: usize = 24;

impl Screen {
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        if publishable(cx).next().is_none() && !matches!(self.phase, Phase::Published { .. }) {
            return nowhere(cx);
        }
        let label = self.report.restriction.tlp();
        let note = cx.text(note_key(&self.report.restriction));
        let banner = crate::widget::badge::tlp_banner(label, cx.catalog.tlp(label), Some(note), None);
        let form = scrollable(container(self.form(cx)).padding([space::LG, space::XL]))
            .style(theme::surface::scroll)
            .height(Fill);
        let panes = row![
            container(form).width(FillPortion(11)),
            rule::vertical(1).style(theme::surface::line),
            container(self.document(cx)).width(FillPortion(9)),
        ];
        column![banner, panes.height(Fill), self.foot(cx)].into()
    }

    fn editing(&self) -> bool {
        matches!(self.phase, Phase::Editing)
    }

    fn form<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        column![
            heading(cx.text("compose-title")),
            self.restriction(cx),
            self.topic(cx),
            row![self.line(Line::Csirt, "compose-csirt-hint", cx), self.line(Line::Id, "compose-id-hint", cx)]
                .spacing(space::MD),
            row![
                self.line(Line::ContactName, "compose-contact-hint", cx),
                self.line(Line::ContactEmail, "compose-email-hint", cx)
            ]
            .spacing(space::MD),
            self.severity(cx),
            self.purpose(cx),
            self.description(cx),
            self.addresses(cx),
        ]
        .spacing(space::LG)
        .into()
    }

    fn restriction<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let options = RESTRICTIONS.iter().enumerate().map(|(place, choice)| {
            let words = cx.catalog.tlp_short(choice.tlp());
            let chosen = RESTRICTIONS.iter().position(|other| *other == self.report.restriction);
            let editing = self.editing();
            let message = Message::Restriction(choice.clone());
            let press = message.clone();
            let control = radio(words, place, chosen, move |_| message.clone()).style(theme::input::option);
            focusable(control, editing.then_some(press)).into()
        });
        field(
            cx.text("compose-restriction"),
            row(options).spacing(space::LG).wrap(),
            Below::Hint(cx.text("compose-restriction-hint")),
        )
    }

    fn topic<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let mut choices: Vec<Choice> = publishable(cx)
            .map(|topic| {
                let name = text::line(topic.title.as_deref().unwrap_or(&topic.id.node));
                Choice { name: format!("{name}  ({})", text::line(&topic.id.node)), id: topic.id.clone() }
            })
            .collect();
        choices.sort_by_key(|choice| choice.name.to_lowercase());
        let chosen = choices.iter().find(|choice| Some(&choice.id) == self.topic.as_ref()).cloned();
        // A list of iced's takes no keys: Space and Enter choose the next topic.
        let here = chosen.as_ref().and_then(|chosen| choices.iter().position(|choice| choice == chosen));
        let next = choices.get(here.map_or(0, |here| (here + 1) % choices.len().max(1)));
        let next = next.filter(|_| self.editing()).map(|choice| Message::Topic(choice.id.clone()));
        let list = pick_list(choices, chosen, |choice| Message::Topic(choice.id))
            .placeholder(cx.text("compose-topic-choose"))
            .width(Fill)
            .padding([space::SM, space::MD])
            .style(theme::input::choice)
            .menu_style(theme::input::menu);
        let wrong = |obstacle: &&Obstacle| match obstacle {
            Obstacle::NoTopic => self.tried,
            Obstacle::LostTopic(_) => true,
            Obstacle::Report(_) | Obstacle::Practice => false,
        };
        let below = match self.obstacles.iter().find(wrong) {
            Some(obstacle) => Below::Wrong(form::words(obstacle, cx)),
            None => Below::Hint(cx.text("compose-topic-hint")),
        };
        field(cx.text("compose-topic"), focusable(list, next).id("report.topic"), below)
    }

    fn line<'a>(&'a self, line: Line, hint: &str, cx: &Cx<'a>) -> Element<'a, Message> {
        let at = line.field();
        let value = match line {
            Line::Csirt => &self.report.csirt,
            Line::Id => &self.report.id,
            Line::ContactName => &self.report.contact.name,
            Line::ContactEmail => &self.report.contact.email,
        };
        let trouble = self.trouble(at, cx);
        let style = if trouble.is_some() { theme::input::wrong } else { theme::input::field };
        let input = text_input("", value)
            .id(form::id(at))
            .on_input_maybe(self.editing().then_some(move |text| Message::Edit(line, text)))
            .padding([space::SM, space::MD])
            .style(style);
        field(cx.text(form::label(at)), input, trouble.map_or_else(|| Below::Hint(cx.text(hint)), Below::Wrong))
    }

    fn purpose<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let options = Purpose::ALL.iter().map(|choice| {
            let key = match choice {
                Purpose::Reporting => "compose-purpose-reporting",
                Purpose::Mitigation => "compose-purpose-mitigation",
                Purpose::Traceback => "compose-purpose-traceback",
                Purpose::Watch => "compose-purpose-watch",
                Purpose::Other => "compose-purpose-other",
            };
            let control = radio(cx.text(key), *choice, Some(self.report.purpose), Message::Purpose);
            let press = self.editing().then_some(Message::Purpose(*choice));
            focusable(control.style(theme::input::option), press).into()
        });
        field(cx.text("compose-purpose"), row(options).spacing(space::LG).wrap(), Below::Nothing)
    }

    fn severity<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let options = [Severity::High, Severity::Medium, Severity::Low, Severity::Unknown].into_iter().map(|choice| {
            let key = match choice {
                Severity::High => "compose-severity-high",
                Severity::Medium => "compose-severity-medium",
                Severity::Low => "compose-severity-low",
                Severity::Unknown => "compose-severity-unknown",
            };
            let control = radio(cx.text(key), choice, Some(self.report.severity), Message::Severity);
            let mark = Icon::from(choice).view().size(size::CAPTION).style(theme::text::severity(choice));
            let press = self.editing().then_some(Message::Severity(choice));
            let line = row![control.style(theme::input::option), mark].spacing(space::SM).align_y(Center);
            focusable(line, press).into()
        });
        field(cx.text("compose-severity"), row(options).spacing(space::LG).wrap(), Below::Nothing)
    }

    fn description<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let editor = text_editor(&self.description)
            .id(form::id(Field::Description))
            .placeholder(cx.text("compose-description-example"))
            .height(Length::Fixed(110.0))
            .padding([space::SM, space::MD])
            .style(theme::input::editor);
        let editor = if self.editing() { editor.on_action(Message::Description) } else { editor };
        let below = self.trouble(Field::Description, cx);
        field(
            cx.text("compose-description"),
            editor,
            below.map_or_else(|| Below::Hint(cx.text("compose-description-hint")), Below::Wrong),
        )
    }

    fn addresses<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let editor = text_editor(&self.addresses)
            .id(form::id(Field::Addresses))
            .placeholder("192.0.2.7")
            .font(theme::MONO)
            .height(Length::Fixed(118.0))
            .padding([space::SM, space::MD])
            .style(theme::input::editor);
        let editor = if self.editing() { editor.on_action(Message::Addresses) } else { editor };
        let below = self.trouble(Field::Addresses, cx);
        let control = field(
            cx.text("compose-addresses"),
            editor,
            below.map_or_else(|| Below::Hint(cx.text("compose-addresses-hint")), Below::Wrong),
        );
        let more = self.read.len().saturating_sub(CHIPS) as u64;
        let chips = self.read.iter().take(CHIPS).map(|typed| {
            let words = format!("{} {}", kind(typed.kind(), cx), text::line(&typed.to_string()));
            chip(words)
        });
        let rest = (more > 0).then(|| Element::from(caption(cx.catalog.count("compose-addresses-more", more, &[]))));
        let chips = row(chips.chain(rest)).spacing(space::XS).wrap();
        column![control, chips].spacing(space::SM).into()
    }

    /// The document as it will be published.
    fn document<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let copy = Press::word(cx.text("compose-copy")).style(theme::button::quiet).on_press(Message::CopyPreview);
        let head = row![title(cx.text("compose-preview")).width(Fill), Element::from(copy)].align_y(Center);
        let reader = crate::widget::reader(&self.preview, Message::Preview).id("report.preview");
        container(column![head, reader].spacing(space::SM)).padding(space::LG).height(Fill).into()
    }

    /// What stands in the way, what was refused, the button that goes on, or the countdown.
    fn foot<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let refusal = self.refusal.as_ref().map(|error| {
            let say = error.say();
            let what = cx.format("compose-refused", &[("cause", &cx.catalog.say(&say))]);
            strip(Tone::Alarm, what, cx.catalog.next(&say), Vec::new())
        });
        let state = match &self.phase {
            Phase::Editing => self.ready(cx),
            Phase::Held { until, outgoing } => {
                let left = u64::try_from(((*until - cx.now).num_milliseconds().max(0) + 999) / 1000).unwrap_or(0);
                let words = cx.catalog.count("compose-held", left, &[("topic", &named(&outgoing.topic, cx))]);
                let undo = Press::word(cx.text("compose-undo")).id("report.undo").on_press(Message::Undo);
                strip(Tone::Plain, words, Some(cx.text("compose-held-why")), vec![undo.into()])
            }
            Phase::Sent { outgoing, .. } => strip(
                Tone::Plain,
                cx.format("compose-sending", &[("topic", &named(&outgoing.topic, cx))]),
                None,
                vec![],
            ),
            Phase::Published { topic, item, at } => {
                let words =
                    cx.format("compose-published", &[("topic", &named(topic, cx)), ("time", &cx.catalog.clock(*at))]);
                let receipt = cx.format("compose-receipt", &[("item", &text::line(&item.0))]);
                let copy = Press::word(cx.text("compose-receipt-copy")).on_press(Message::CopyReceipt);
                let fresh = Press::word(cx.text("compose-fresh")).id("report.fresh").on_press(Message::Fresh);
                strip(Tone::Good, words, Some(receipt), vec![copy.into(), fresh.into()])
            }
        };
        let inside = column![refusal, state].spacing(space::SM);
        container(inside).padding([space::MD, space::XL]).width(Fill).style(theme::surface::panel).into()
    }

    fn ready<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let publish = Press::marked(Icon::Next, cx.text("compose-publish"))
            .style(theme::button::primary)
            .id("report.publish")
            .on_press_maybe(cx.online().then_some(Message::Publish));
        let missing =
            |obstacle: &&Obstacle| matches!(obstacle, Obstacle::Report(Problem::Missing(_)) | Obstacle::NoTopic);
        let (gaps, wrong): (Vec<_>, Vec<_>) = self.obstacles.iter().partition(missing);
        let wrong = wrong.into_iter().take(4).map(|obstacle| {
            let name =
                form::field(obstacle).map_or_else(String::new, |field| format!("{}: ", cx.text(form::label(field))));
            let words = iced::widget::text(format!("{name}{}", form::words(obstacle, cx)));
            row![Icon::Warning.view().style(theme::text::danger), words].spacing(space::SM).align_y(Center).into()
        });
        let gaps = (!gaps.is_empty()).then(|| {
            let names: Vec<String> = gaps
                .iter()
                .map(|obstacle| cx.text(form::field(obstacle).map_or("compose-topic", form::label)))
                .collect();
            caption(cx.format("compose-missing", &[("fields", &names.join(", "))]))
        });
        let clear = self.obstacles.is_empty().then(|| {
            let topic = self.topic.as_ref().map(|id| named(id, cx)).unwrap_or_default();
            caption(cx.format("compose-ready", &[("topic", &topic)]))
        });
        let offline = (!cx.online()).then(|| caption(cx.text("compose-offline")));
        let words = Column::with_children(wrong).push(gaps).push(clear).push(offline).spacing(space::XS).width(Fill);
        row![words, gap::horizontal().width(space::LG), Element::from(publish)].align_y(Center).into()
    }
}

fn nowhere<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let topics = Press::word(cx.text("compose-show-topics")).id("report.topics").on_press(Message::ShowTopics);
    let why = if cx.online() { "compose-nowhere-why" } else { "compose-nowhere-offline" };
    empty(Icon::Compose, cx.text("compose-nowhere"), cx.text(why), vec![topics.into()])
}

/// A topic of the picker.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Choice {
    name: String,
    id: TopicId,
}

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

pub(super) fn named(id: &TopicId, cx: &Cx<'_>) -> String {
    let topic = cx.topics.iter().find(|topic| topic.id == *id);
    text::line(topic.and_then(|topic| topic.title.as_deref()).unwrap_or(&id.node))
}

/// What the restriction means, in a sentence (`product.md` B4).
fn note_key(restriction: &Restriction) -> &'static str {
    match restriction {
        Restriction::Public | Restriction::White => "compose-note-clear",
        Restriction::Partner | Restriction::Green => "compose-note-green",
        Restriction::Amber => "compose-note-amber",
        Restriction::NeedToKnow => "compose-note-strict",
        Restriction::Absent => "compose-note-unset",
        Restriction::Private | Restriction::Red => "compose-note-red",
        Restriction::Agreed | Restriction::Other(_) => "compose-note-agreed",
    }
}

fn kind(kind: ObservableKind, cx: &Cx<'_>) -> String {
    cx.text(match kind {
        ObservableKind::Ipv4 => "compose-kind-ipv4",
        ObservableKind::Ipv6 => "compose-kind-ipv6",
        ObservableKind::Network => "compose-kind-network",
        ObservableKind::Asn => "compose-kind-asn",
        ObservableKind::Domain => "compose-kind-domain",
        ObservableKind::Url => "compose-kind-url",
        ObservableKind::Email => "compose-kind-email",
        ObservableKind::Mac => "compose-kind-mac",
        _ => "compose-kind-other",
    })
}
