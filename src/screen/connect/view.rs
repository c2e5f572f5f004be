//! The form as drawn: saved profiles left, the form or the steps of connecting right.

use iced::widget::{Column, checkbox, column, container, row, scrollable, text, text_input};
use iced::{Center, Fill, FillPortion};

use super::{Field, Message, Screen, Stage};
use crate::app::cx::Cx;
use crate::engine::{Connection, Error, Step};
use crate::secrets::{Secret, State};
use crate::theme::{self, space};
use crate::widget::field::Below;
use crate::widget::{Element, Icon, Press, Tone, caption, card, field, focusable, heading, mono, strip, strong, title};

/// Widest the page gets.
const PAGE: f32 = 980.0;

impl Screen {
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let head = row![
            column![heading(cx.text("connect-title")), caption(cx.text("connect-lead"))].spacing(space::XS).width(Fill),
            Element::from(Press::word(cx.text("connect-back")).id("connect.back").on_press(Message::Back)),
        ]
        .align_y(Center);
        let main = match self.stage {
            Stage::Trying => self.steps(cx),
            Stage::Editing | Stage::Asking => self.form(cx),
        };
        let body = row![
            column![self.profiles(cx)].width(FillPortion(2)),
            column![self.trouble(cx), main].spacing(space::MD).width(FillPortion(5)),
        ]
        .spacing(space::LG);
        let page = container(column![head, body].spacing(space::LG)).max_width(PAGE).padding(space::XL);
        scrollable(container(page).center_x(Fill)).style(theme::surface::scroll).height(Fill).into()
    }

    /// What failed last, in its own words, with what to do next.
    fn trouble<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let (Connection::Stopped { cause } | Connection::Waiting { cause, .. }) = cx.connection else { return None };
        let say = cause.say();
        let copy = Press::word(cx.text("connect-copy-details")).on_press(Message::CopyDetails).id("connect.copy");
        let more = Press::word(cx.text("connect-details")).on_press(Message::Details).id("connect.details");
        Some(strip(Tone::Alarm, cx.catalog.say(&say), cx.catalog.next(&say), vec![more.into(), copy.into()]))
    }

    fn profiles<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let list = cx.settings.profiles().iter().map(|profile| {
            let here = self.form.get(Field::Name) == profile.name;
            let name = crate::text::line(&profile.name);
            let words = column![strong(name), caption(crate::text::line(&profile.jid.to_string()))].spacing(2.0);
            let choose = crate::widget::press(words.width(Fill))
                .style(theme::button::tab(here))
                .width(Fill)
                .on_press(Message::Choose(profile.name.clone()));
            let forget = crate::widget::press(Icon::Close.view())
                .style(theme::button::quiet)
                .hint(cx.text("connect-forget"))
                .on_press(Message::Forget(profile.name.clone()));
            row![Element::from(choose), Element::from(forget)].spacing(space::XS).align_y(Center).into()
        });
        let fresh = Press::word(cx.text("connect-fresh")).style(theme::button::quiet).on_press(Message::Fresh);
        let none = cx.settings.profiles().is_empty().then(|| caption(cx.text("connect-no-profiles")));
        column![
            title(cx.text("connect-profiles")),
            none,
            Column::with_children(list).spacing(space::XS),
            Element::from(fresh)
        ]
        .spacing(space::SM)
        .into()
    }

    fn form<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let first = column![
            self.input(Field::Jid, "connect-jid-hint", "analyst@grid.example", cx),
            self.secret(Field::Password, "", cx),
            self.remember(cx),
        ];
        let more = Press::marked(if self.more { Icon::Open } else { Icon::Closed }, cx.text("connect-more"))
            .style(theme::button::quiet)
            .id("connect.more")
            .on_press(Message::More(!self.more));
        let seldom = self.more.then(|| self.seldom(cx));
        let go = Press::word(cx.text("connect-go"))
            .style(theme::button::primary)
            .id("connect.go")
            .on_press_maybe((self.stage == Stage::Editing).then_some(Message::Connect));
        let waiting = (self.stage == Stage::Asking).then(|| {
            let stop = Press::word(cx.text("connect-keyring-cancel")).on_press(Message::StopWaiting);
            strip(
                Tone::Plain,
                cx.text("connect-keyring-waiting"),
                Some(cx.text("connect-keyring-waiting-why")),
                vec![stop.into()],
            )
        });
        let safe = caption(cx.text("connect-safe"));
        let last = row![Element::from(go), safe].spacing(space::MD).align_y(Center);
        card(column![first.spacing(space::MD), Element::from(more), seldom, waiting, last].spacing(space::LG)).into()
    }

    fn problem(&self, field: Field, cx: &Cx<'_>) -> Option<String> {
        self.problems.iter().find(|problem| problem.field == field).map(|problem| cx.text(problem.key))
    }

    pub(super) fn input<'a>(&'a self, at: Field, hint: &str, example: &str, cx: &Cx<'a>) -> Element<'a, Message> {
        let problem = self.problem(at, cx);
        let style = if problem.is_some() { theme::input::wrong } else { theme::input::field };
        let input = text_input(example, self.form.get(at))
            .id(at.id())
            .on_input(move |text| Message::Edit(at, text))
            .on_submit_maybe((self.stage == Stage::Editing).then_some(Message::Connect))
            .padding([space::SM, space::MD])
            .style(style);
        let below = match problem {
            Some(words) => Below::Wrong(words),
            None if hint.is_empty() => Below::Nothing,
            None => Below::Hint(cx.text(hint)),
        };
        field(cx.text(at.label()), input, below)
    }

    pub(super) fn secret<'a>(&'a self, at: Field, hint: &str, cx: &Cx<'a>) -> Element<'a, Message> {
        let problem = self.problem(at, cx);
        let style = if problem.is_some() { theme::input::wrong } else { theme::input::field };
        let input = text_input("", self.form.keys.get(at).expose())
            .id(at.id())
            .secure(true)
            .on_input(move |text| Message::Secret(at, Secret::new(text)))
            .on_submit_maybe((self.stage == Stage::Editing).then_some(Message::Connect))
            .padding([space::SM, space::MD])
            .style(style);
        let below = match problem {
            Some(words) => Below::Wrong(words),
            None if hint.is_empty() => Below::Nothing,
            None => Below::Hint(cx.text(hint)),
        };
        field(cx.text(at.label()), input, below)
    }

    /// Where the password will be kept, said before it is.
    fn remember<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let gone = cx.keychain.is_some_and(|state| state != State::Ready && state != State::Locked);
        let kept = !self.form.forgets;
        let check = checkbox(kept && !gone)
            .label(cx.text("connect-remember"))
            .on_toggle_maybe((!gone).then_some(Message::Remember))
            .style(theme::input::check);
        let words = match cx.keychain {
            Some(State::Absent) => "connect-keychain-absent",
            Some(State::NotSetUp) => "connect-keychain-not-set-up",
            Some(State::Frozen) => "connect-keychain-silent",
            Some(State::Locked) if kept => "connect-keychain-locked",
            _ if kept => "connect-keychain-kept",
            _ => "connect-keychain-not-kept",
        };
        let toggle = (!gone).then_some(Message::Remember(!kept));
        column![Element::from(focusable(check, toggle).id("connect.remember")), caption(cx.text(words))]
            .spacing(space::XS)
            .into()
    }

    /// The steps of connecting, each with a mark.
    fn steps<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        const STEPS: [(Step, &str); 5] = [
            (Step::Dialing, "connect-step-dialing"),
            (Step::Securing, "connect-step-securing"),
            (Step::Authenticating, "connect-step-authenticating"),
            (Step::Binding, "connect-step-binding"),
            (Step::Discovering, "connect-step-discovering"),
        ];
        let now = match cx.connection {
            Connection::Connecting { step, .. } => STEPS.iter().position(|(other, _)| other == step),
            _ => None,
        };
        let lines = STEPS.iter().enumerate().map(|(place, (_, key))| {
            let (mark, ink): (Icon, fn(&iced::Theme) -> text::Style) = match now {
                Some(now) if place < now => (Icon::Done, theme::text::good),
                Some(now) if place == now => (Icon::Connecting, theme::text::accent),
                _ => (Icon::Offline, theme::text::soft),
            };
            let words =
                text(cx.text(key)).style(if now == Some(place) { theme::text::normal } else { theme::text::soft });
            row![mark.view().style(ink), words].spacing(space::SM).align_y(Center).into()
        });
        let attempt = match cx.connection {
            Connection::Connecting { attempt, .. } if *attempt > 1 => {
                Some(caption(cx.catalog.count("connect-attempt", u64::from(*attempt), &[])))
            }
            _ => None,
        };
        let cancel = Press::word(cx.text("connect-cancel")).id("connect.cancel").on_press(Message::Cancel);
        let who = mono(crate::text::line(self.form.get(Field::Jid)));
        card(
            column![
                column![title(cx.text("connect-trying")), who].spacing(space::XS),
                Column::with_children(lines).spacing(space::SM),
                attempt,
                Element::from(cancel),
            ]
            .spacing(space::LG),
        )
        .into()
    }
}

/// The words of an error and what it rests on, for a report.
pub(super) fn details(error: &Error, cx: &Cx<'_>) -> String {
    format!("{}\n{error}\n{error:?}", cx.catalog.say(&error.say()))
}
