//! What reports begin with, as it is typed: the organisation at the left, contact cards at the right; templates of one's own
//! among those there always are, and the sheet a draft becomes one with.

use iced::keyboard::Key;
use iced::keyboard::key::Named;
use iced::widget::{Column, Row, checkbox, column, container, row, scrollable, space as gap, text_input};
use iced::{Center, Fill, Length};

use super::desk::Desk;
use super::entry::CARD;
use super::stock::{Act, FIRST, Gone, LABEL, Saving, Stay, TITLE};
use super::view::{section, small};
use super::{Message, Screen, control};
use crate::app::cx::Cx;
use crate::compose::cards::{self, Card, Field, Problem};
use crate::compose::template::Own;
use crate::text as safe;
use crate::theme::{self, metrics, space};
use crate::widget::field::Below;
use crate::widget::{
    Element, Icon, Press, Tone, caption, card, chip, field, focusable, heading, keys, line, press, strip, strong,
};

fn say(act: Act) -> Message {
    Message::Stock(act)
}

/// A field of one line with what is wrong with it, where that is to be said, or how it is filled in.
struct Typed<'v> {
    of: Field,
    label: &'static str,
    hint: Option<String>,
    value: &'v str,
    id: String,
}

impl Typed<'_> {
    fn view<'a>(
        self,
        problems: &[Problem],
        tried: bool,
        write: fn(Field, String) -> Act,
        done: Act,
        cx: &Cx<'a>,
    ) -> Element<'a, Message> {
        let wrong = problems.iter().find(|problem| problem.field() == self.of);
        // What is only missing is said once somebody wanted to keep it.
        let wrong = wrong.filter(|problem| tried || !matches!(problem, Problem::Missing(_)));
        let below = match (wrong, self.hint) {
            (Some(problem), _) => Below::Wrong(cx.catalog.say(&problem.say())),
            (None, Some(hint)) => Below::Hint(hint),
            (None, None) => Below::Nothing,
        };
        let of = self.of;
        let input = text_input("", self.value)
            .id(self.id)
            .on_input(move |words| say(write(of, words)))
            .on_submit(say(done))
            .padding([space::SM, space::MD])
            .style(if wrong.is_some() { theme::input::wrong } else { theme::input::field });
        field(cx.text(self.label), input, below)
    }
}

impl Screen {
    /// The page of what reports begin with.
    pub(super) fn yours<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let close = Press::word(cx.text("compose-yours-done")).id("compose.yours.done").on_press(say(Act::Close));
        let head = row![heading(cx.text("compose-yours")).width(Fill), Element::from(close)].align_y(Center);
        let columns = row![
            container(self.organisation(cx)).width(Fill),
            container(column![self.gone_strip(cx), self.cards(cx)].spacing(space::MD)).width(Fill)
        ];
        let unkept = (!cx.kept).then(|| strip(Tone::Plain, cx.text("compose-yours-unkept"), None, vec![]));
        let all = column![head, caption(cx.text("compose-yours-why")), unkept, columns.spacing(space::XL)];
        let all = container(all.spacing(space::LG).max_width(metrics::PROSE * 1.6)).padding(space::XL);
        let page = scrollable(container(all).width(Fill)).style(theme::surface::scroll).height(Fill);
        let card = self.yours.card.is_some();
        keys(page, move |key, _| {
            let back = if card { Act::LeaveCard } else { Act::Close };
            matches!(key, Key::Named(Named::Escape)).then_some(say(back))
        })
        .into()
    }

    fn organisation<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let yours = &self.yours;
        let organisation = &yours.organisation;
        let problems = organisation.problems();
        let typed = |of, label, hint: Option<&str>, value: &str, id: &str| {
            let typed = Typed { of, label, hint: hint.map(|key| cx.text(key)), value, id: id.to_owned() };
            typed.view(&problems, yours.tried, Act::Say, Act::KeepOrganisation, cx)
        };
        let next =
            organisation.scheme().and_then(Result::ok).map(|scheme| scheme.write(chrono::Datelike::year(&cx.now), 42));
        let example = match &next {
            Some(next) => cx.format("compose-yours-numbers-hint", &[("number", next)]),
            None => cx.text("compose-yours-numbers-none"),
        };
        let numbers = Typed {
            of: Field::Numbers,
            label: "compose-yours-numbers",
            hint: Some(example),
            value: &organisation.numbers,
            id: "compose.yours.numbers".to_owned(),
        };
        let numbers = numbers.view(&problems, yours.tried, Act::Say, Act::KeepOrganisation, cx);
        let choose = |token: &str| say(Act::Say(Field::Restriction, token.to_owned()));
        let said = Some(organisation.restriction.as_str());
        let marks = control::restrictions(said, "compose.yours.restriction".to_owned(), Some(choose), cx);
        let open = small(cx.text("compose-yours-decide"), choose(""));
        let marks = column![marks, (!organisation.restriction.is_empty()).then_some(open)].spacing(2.0);
        let contact = self.contact(cx);
        let keep = Press::marked(Icon::Done, cx.text("compose-yours-keep"))
            .style(theme::button::primary)
            .id("compose.yours.keep")
            .on_press(say(Act::KeepOrganisation));
        let inside = column![
            section(cx.text("compose-yours-organisation")),
            typed(Field::Csirt, "compose-yours-csirt", Some("compose-csirt-hint"), &organisation.csirt, FIRST),
            numbers,
            typed(
                Field::Lang,
                "compose-yours-lang",
                Some("compose-yours-lang-hint"),
                &organisation.lang,
                "compose.yours.lang"
            ),
            field(cx.text("compose-ask-restriction"), marks, Below::Hint(cx.text("compose-yours-restriction-hint"))),
            field(cx.text("compose-yours-contact"), contact, Below::Hint(cx.text("compose-yours-contact-hint"))),
            Element::from(keep),
        ];
        card(inside.spacing(space::LG)).padding(space::LG).into()
    }

    /// The card that reports begin with.
    fn contact<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let chosen = self.yours.organisation.contact.as_str();
        let none = (String::new(), cx.text("compose-yours-contact-none"));
        let all =
            std::iter::once(none).chain(self.stock.cards.iter().map(|(name, card)| (name.clone(), cards::label(card))));
        let chips = all.enumerate().map(|(index, (name, label))| {
            let here = name == chosen;
            let mark = if here { Icon::Unread } else { Icon::Offline };
            let inside = row![mark.view().size(theme::size::CAPTION), line(safe::line_within(&label, 40))];
            let choice = press(inside.spacing(6.0).align_y(Center)).style(theme::button::tab(here));
            let choice = choice.id(format!("compose.yours.contact.{index}"));
            Element::from(choice.on_press(say(Act::Contact(name))))
        });
        Row::with_children(chips).spacing(2.0).wrap().into()
    }

    fn gone_strip<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let title = match self.yours.gone.as_ref()? {
            Gone::Card(_, card) => cards::label(card),
            Gone::Template(_, own) => safe::line(&own.title),
        };
        let undo = Press::word(cx.text("compose-undo")).id("compose.yours.undo").on_press(say(Act::Undo));
        Some(strip(Tone::Plain, cx.format("compose-yours-gone", &[("title", &title)]), None, vec![undo.into()]))
    }

    fn cards<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let rows = self.stock.cards.iter().map(|(name, card)| {
            let words = column![
                strong(safe::line_within(&cards::label(card), 60)),
                caption(safe::line_within(&[card.name.as_str(), card.email.as_str()].join("  "), 80)),
            ];
            let edit = press(words.spacing(2.0)).style(theme::button::row(false)).width(Fill);
            let edit = edit.padding([6.0, space::MD]).on_press(say(Act::Edit(name.clone())));
            let remove = small(cx.text("compose-yours-remove"), say(Act::RemoveCard(name.clone())));
            let usual = (*name == self.stock.organisation.contact).then(|| chip(cx.text("compose-card-usual")));
            row![Element::from(edit), usual, remove].spacing(space::SM).align_y(Center).into()
        });
        let rows: Vec<Element<'a, Message>> = rows.collect();
        let none = rows.is_empty().then(|| caption(cx.text("compose-card-none")));
        let new = Press::marked(Icon::Hunt, cx.text("compose-card-new")).id("compose.card.new");
        let new = self.yours.card.is_none().then(|| Element::from(new.on_press(say(Act::NewCard))));
        let form = self.yours.card.as_ref().map(|(name, card)| {
            let title = if name.is_some() { "compose-card-change" } else { "compose-card-new" };
            let line = iced::widget::rule::horizontal(1).style(theme::surface::line);
            column![line, strong(cx.text(title)), self.card(card, cx)].spacing(space::MD)
        });
        let list = column![section(cx.text("compose-card-all")), none].extend(rows).push(new).push(form);
        card(list.spacing(space::SM)).padding(space::LG).into()
    }

    /// One card under work.
    fn card<'a>(&'a self, of: &'a Card, cx: &Cx<'a>) -> Element<'a, Message> {
        let problems = of.problems();
        let typed = |field, label, hint: Option<&str>, value: &str, id: &str| {
            let typed = Typed { of: field, label, hint: hint.map(|key| cx.text(key)), value, id: id.to_owned() };
            typed.view(&problems, self.yours.tried, Act::Write, Act::KeepCard, cx)
        };
        let chips = |of: Field, here: &str, usual: &str, all: &mut dyn Iterator<Item = &'static str>| {
            let here = if here.trim().is_empty() { usual.to_owned() } else { here.trim().to_owned() };
            let chips = all.map(|token| {
                let chip = Press::word(token).style(theme::button::tab(here == token)).padding([2.0, space::SM]);
                Element::from(chip.on_press(say(Act::Write(of, token.to_owned()))))
            });
            Element::from(Row::with_children(chips.collect::<Vec<_>>()).spacing(2.0).wrap())
        };
        // Its lines are typed with commas between them.
        let postal = of.postal.replace('\n', ", ");
        let keep = Press::marked(Icon::Done, cx.text("compose-card-keep")).style(theme::button::primary);
        let keep = keep.id("compose.card.keep").on_press(say(Act::KeepCard));
        let leave = small(cx.text("compose-reason-stay"), say(Act::LeaveCard));
        let zone = Some("compose-card-timezone-hint");
        column![
            typed(Field::Label, "compose-card-label", Some("compose-card-label-hint"), &of.label, LABEL),
            typed(Field::Name, "compose-card-name", None, &of.name, "compose.card.name"),
            typed(Field::Email, "compose-card-email", None, &of.email, "compose.card.email"),
            typed(Field::Telephone, "compose-card-telephone", None, &of.telephone, "compose.card.telephone"),
            typed(
                Field::Postal,
                "compose-card-postal",
                Some("compose-card-postal-hint"),
                &postal,
                "compose.card.postal"
            ),
            typed(Field::Timezone, "compose-card-timezone", zone, &of.timezone, "compose.card.timezone"),
            field(
                cx.text("compose-card-kind"),
                chips(Field::Kind, &of.kind, "organization", &mut cards::kinds()),
                Below::Nothing
            ),
            field(
                cx.text("compose-card-role"),
                chips(Field::Role, &of.role, "creator", &mut cards::roles()),
                Below::Nothing
            ),
            row![Element::from(keep), leave].spacing(space::SM).align_y(Center),
        ]
        .spacing(space::MD)
        .into()
    }

    /// One template of one's own, with what is done with it below.
    pub(super) fn template<'a>(&'a self, name: &'a str, own: &'a Own, cx: &Cx<'a>) -> Element<'a, Message> {
        if let Some((_, title)) = self.yours.renaming.as_ref().filter(|(renamed, _)| renamed == name) {
            let input = text_input(&cx.text("compose-template-name"), title)
                .id(TITLE)
                .on_input(|words| say(Act::Title(words)))
                .on_submit(say(Act::Renamed))
                .padding([space::SM, space::MD])
                .style(theme::input::field);
            let keep = small(cx.text("compose-template-rename-done"), say(Act::Renamed));
            let leave = small(cx.text("compose-reason-stay"), say(Act::Leave));
            return container(column![input, row![keep, leave]].spacing(space::XS)).width(CARD).into();
        }
        let words = column![strong(safe::line_within(&own.title, 60)), caption(cx.text("compose-template-own"))];
        let open = press(words.spacing(space::XS))
            .style(theme::button::card)
            .width(Length::Fixed(CARD))
            .padding(space::MD)
            .id(format!("compose.own.{name}"))
            .on_press(say(Act::Begin(name.to_owned())));
        let rename = small(cx.text("compose-template-rename"), say(Act::Rename(name.to_owned())));
        let remove = small(cx.text("compose-yours-remove"), say(Act::RemoveTemplate(name.to_owned())));
        column![Element::from(open), row![rename, remove]].spacing(2.0).into()
    }

    /// The way to what reports begin with, and what that is now.
    pub(super) fn at_hand<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let organisation = &self.stock.organisation;
        let mut said: Vec<String> = Vec::new();
        said.extend(self.stock.csirt().map(|csirt| safe::line_within(csirt, 60)));
        said.extend(organisation.scheme().and_then(Result::ok).map(|scheme| scheme.to_string()));
        said.extend(Some(organisation.lang.trim()).filter(|lang| !lang.is_empty()).map(safe::line));
        said.extend(self.stock.card(&organisation.contact).map(cards::label));
        let count = self.stock.cards.len() as u64;
        said.push(cx.catalog.count("compose-card-count", count, &[]));
        let words = if self.stock.csirt().is_none() { cx.text("compose-yours-empty") } else { said.join("  ·  ") };
        let open = Press::word(cx.text("compose-yours-open")).id("compose.yours").on_press(say(Act::Open));
        let words = container(line(words).style(theme::text::soft)).width(Fill).clip(true);
        let bar = row![words, Element::from(open)].spacing(space::MD).align_y(Center);
        // A template is taken away on this page, a card on the other; each is brought back where it was.
        let gone = self.yours.gone.is_some().then(|| self.gone_strip(cx)).flatten();
        column![section(cx.text("compose-yours")), card(bar).padding([space::SM, space::MD]), gone]
            .spacing(space::SM)
            .into()
    }
}

/// The sheet a draft becomes a template with, in the place of the form.
pub fn saving<'a>(saving: &'a Saving, desk: &'a Desk, cx: &Cx<'a>) -> Element<'a, Message> {
    let refused = desk
        .refused
        .as_ref()
        .map(|refused| strip(Tone::Alarm, cx.catalog.say(refused), cx.catalog.next(refused), vec![]));
    let input = text_input("", &saving.title)
        .id(TITLE)
        .on_input(|words| say(Act::Title(words)))
        .on_submit(say(Act::KeepTemplate))
        .padding([space::SM, space::MD])
        .style(theme::input::field);
    let stays = [
        (Stay::Seen, saving.stays.seen, "compose-template-seen"),
        (Stay::Names, saving.stays.names, "compose-template-names"),
        (Stay::Times, saving.stays.times, "compose-template-times"),
    ];
    let stays = stays.into_iter().map(|(of, on, key)| {
        let toggle = checkbox(on).label(cx.text(key)).size(16.0).text_size(theme::size::BODY);
        let toggle = toggle.on_toggle(move |on| say(Act::Stay(of, on))).style(theme::input::check);
        focusable(toggle, Some(say(Act::Stay(of, !on)))).into()
    });
    let keep = Press::marked(Icon::Done, cx.text("compose-template-keep"))
        .style(theme::button::primary)
        .id("compose.template.keep")
        .on_press_maybe((!saving.title.trim().is_empty()).then_some(say(Act::KeepTemplate)));
    let leave = Press::word(cx.text("compose-reason-stay")).on_press(say(Act::Leave));
    let acts = row![gap::horizontal(), Element::from(leave), Element::from(keep)].spacing(space::SM);
    let kept = field(
        cx.text("compose-template-stays"),
        Column::with_children(stays).spacing(space::SM),
        Below::Hint(cx.text("compose-template-never")),
    );
    let inside = column![
        heading(cx.text("compose-template-title")),
        iced::widget::text(cx.text("compose-template-why")),
        refused,
        field(cx.text("compose-template-name"), input, Below::Hint(cx.text("compose-template-name-hint"))),
        kept,
        acts,
    ];
    let inside = container(inside.spacing(space::LG).max_width(metrics::PROSE)).padding([space::LG, space::XL]);
    scrollable(inside.width(Fill)).style(theme::surface::scroll).height(Fill).into()
}
