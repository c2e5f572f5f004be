//! The care as drawn: how the archive stands, then what can be done with it, one form at a time.

use iced::widget::{Column, Row, column, container, progress_bar, radio, row, scrollable, text, text_input};
use iced::{Center, Fill, Length};

use super::{AGAIN, Act, Form, Message, NEW, PATH, PROOF, Screen};
use crate::app::cx::Cx;
use crate::secrets::Secret;
use crate::store::vault::{Care, Way};
use crate::text as safe;
use crate::theme::{self, metrics, size, space};
use crate::widget::field::Below;
use crate::widget::{Element, Press, Tone, caption, card, field, heading, mono, strip, strong, title};

/// The column of labels.
const LABEL: Length = Length::Fixed(150.0);

impl Screen {
    #[must_use]
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let back = Press::word(cx.text("archive-back")).style(theme::button::quiet).id("care.back");
        let head = row![heading(cx.text("archive-title")).width(Fill), Element::from(back.on_press(Message::Back))];
        let broken = cx.store.is_damaged().then(|| damaged(Message::Do(Act::Close), cx));
        let good = self.good.as_ref().map(|say| strip(Tone::Good, cx.catalog.say(say), cx.catalog.next(say), vec![]));
        let unsure = self.unsure.as_ref();
        let unsure = unsure.map(|say| strip(Tone::Caution, cx.catalog.say(say), cx.catalog.next(say), vec![]));
        let problem = self
            .problem
            .as_ref()
            .filter(|_| self.form.is_none())
            .map(|say| strip(Tone::Alarm, cx.catalog.say(say), cx.catalog.next(say), vec![]));
        let page = match &self.care {
            None => column![head, caption(cx.text("care-none"))],
            Some(care) => Column::new()
                .push(head)
                .push(broken)
                .push(self.code.as_ref().map(|code| printed(code.expose(), cx)))
                .push(good)
                .push(unsure)
                .push(problem)
                .push(self.work(cx))
                .push(self.stands(care, cx))
                .push(self.backup(cx))
                .push(self.ways(care, cx)),
        };
        let page = page.spacing(space::LG).max_width(metrics::PROSE).padding(space::XL);
        scrollable(page).style(theme::surface::scroll).width(Fill).height(Fill).into()
    }

    /// How far the work is that is under way.
    fn work<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let part = self.work.as_ref()?.part();
        let stop = Press::word(cx.text("care-stop")).id("care.stop").on_press(Message::Stop);
        let words = match part {
            Some(part) => cx.format("care-working", &[("part", &format!("{:.0}", part * 100.0))]),
            None => cx.text("care-begun"),
        };
        let bar = progress_bar(0.0..=1.0, part.unwrap_or(0.0)).girth(6.0).style(theme::input::progress);
        let line = row![column![text(words), bar].spacing(space::XS).width(Fill), Element::from(stop)];
        Some(card(line.spacing(space::MD).align_y(Center)).into())
    }

    fn stands<'a>(&'a self, care: &'a Care, cx: &Cx<'a>) -> Element<'a, Message> {
        let fact = |label: &'static str, value: String| {
            row![caption(cx.text(label)).width(LABEL), text(value).width(Fill)].spacing(space::MD)
        };
        let ways: Vec<String> = care.ways.iter().map(|way| cx.text(named(*way))).collect();
        let folder = mono(safe::line(&care.folder.display().to_string())).width(Fill);
        let check = Press::word(cx.text("care-check")).id("care.check");
        let check = check.on_press_maybe(self.work.is_none().then_some(Message::Do(Act::Check)));
        card(
            column![
                row![title(cx.text("care-stands")).width(Fill), Element::from(check)].align_y(Center),
                fact("care-rows", cx.catalog.number(care.rows.into())),
                fact("care-size", cx.format("care-megabytes", &[("size", &cx.catalog.number(care.size >> 20))])),
                fact("care-ways", ways.join(" · ")),
                row![caption(cx.text("care-folder")).width(LABEL), folder].spacing(space::MD),
                caption(cx.text("care-encrypted")),
            ]
            .spacing(space::SM),
        )
        .into()
    }

    fn backup<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let head = self.head("care-backup", "care-backup-open", Form::BackUp, cx);
        let form = (self.form == Some(Form::BackUp)).then(|| {
            let choose = Press::word(cx.text("care-choose")).id("care.choose").on_press(Message::Do(Act::Choose));
            let path = text_input("", &self.path)
                .id(PATH)
                .on_input(Message::Path)
                .on_submit(Message::Submit)
                .padding([space::SM, space::MD])
                .style(theme::input::field);
            let place =
                field(cx.text("care-path"), row![path, Element::from(choose)].spacing(space::SM), Below::Nothing);
            Element::from(column![place, self.new_one(cx), self.submit_row("care-backup-go", cx)].spacing(space::MD))
        });
        card(Column::new().push(head).push(caption(cx.text("care-backup-why"))).push(form).spacing(space::SM)).into()
    }

    fn ways<'a>(&'a self, care: &'a Care, cx: &Cx<'a>) -> Element<'a, Message> {
        let form = match self.form {
            Some(Form::Passphrase) => {
                Some(column![self.proof(care, cx), self.new_one(cx), self.submit_row("care-passphrase-go", cx)])
            }
            Some(Form::Code) => Some(column![self.proof(care, cx), self.submit_row("care-code-go", cx)]),
            Some(Form::Keychain) => {
                let (why, go) = if care.ways.contains(&Way::Keychain) {
                    ("care-keychain-remove-why", "care-keychain-remove-go")
                } else {
                    ("archive-by-keychain-why", "care-keychain-add-go")
                };
                Some(column![caption(cx.text(why)), self.proof(care, cx), self.submit_row(go, cx)])
            }
            Some(form @ Form::Rotate) => Some(
                column![text(cx.text("care-rotate-why")), self.proof(care, cx)]
                    .push(self.asks_new(form).then(|| self.new_one(cx)))
                    .push(self.submit_row("care-rotate-go", cx)),
            ),
            Some(Form::BackUp) | None => None,
        };
        let form = form.map(|form| Element::from(form.spacing(space::MD)));
        let has = care.ways.contains(&Way::Passphrase);
        let passphrase = if has { "care-passphrase-change" } else { "care-passphrase-add" };
        let open = |words: &'static str, form: Form| {
            let press = Press::word(cx.text(words)).id(words);
            Element::from(press.on_press_maybe(self.work.is_none().then_some(Message::Show(Some(form)))))
        };
        // Without a passphrase the code alone would be left, which nobody types each day.
        let keychain = match (care.ways.contains(&Way::Keychain), has) {
            (false, _) => Some("care-keychain-add"),
            (true, true) => Some("care-keychain-remove"),
            (true, false) => None,
        };
        let acts = row![open(passphrase, Form::Passphrase), open("care-code-new", Form::Code)]
            .push(keychain.map(|words| open(words, Form::Keychain)))
            .push(open("care-rotate", Form::Rotate))
            .spacing(space::SM)
            .wrap();
        card(
            Column::new()
                .push(title(cx.text("care-keys")))
                .push(caption(cx.text("care-keys-why")))
                .push(form.is_none().then(|| Element::from(acts)))
                .push(form)
                .spacing(space::SM),
        )
        .into()
    }

    fn head<'a>(&'a self, name: &'static str, open: &'static str, form: Form, cx: &Cx<'a>) -> Element<'a, Message> {
        let free = self.work.is_none() && self.form != Some(form);
        let press = Press::word(cx.text(open)).id(open).on_press_maybe(free.then_some(Message::Show(Some(form))));
        row![title(cx.text(name)).width(Fill), Element::from(press)].align_y(Center).into()
    }

    /// What opens it now.
    fn proof<'a>(&'a self, care: &'a Care, cx: &Cx<'a>) -> Element<'a, Message> {
        let choices = care.ways.iter().copied().map(|way| {
            let choice = radio(cx.text(named(way)), way, self.by, Message::By).style(theme::input::option);
            crate::widget::focusable(choice, Some(Message::By(way))).into()
        });
        let typed = matches!(self.by, Some(Way::Passphrase | Way::Recovery));
        let typed = typed.then(|| {
            let label = if self.by == Some(Way::Recovery) { "archive-code" } else { "archive-passphrase" };
            secret(label, PROOF, &self.proof, Message::Proof, self.by != Some(Way::Recovery), cx)
        });
        Column::new()
            .push(text(cx.text("care-proof")))
            .push(Row::with_children(choices).spacing(space::LG))
            .push(typed)
            .spacing(space::SM)
            .into()
    }

    fn new_one<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        column![
            secret("archive-new-passphrase", NEW, &self.new, Message::New, true, cx),
            secret("archive-again", AGAIN, &self.again, Message::Again, true, cx),
        ]
        .spacing(space::SM)
        .into()
    }

    fn submit_row<'a>(&'a self, words: &'static str, cx: &Cx<'a>) -> Element<'a, Message> {
        let go = Press::word(cx.text(words)).style(theme::button::primary).id("care.go");
        let go = go.on_press_maybe(self.work.is_none().then_some(Message::Submit));
        let not = Press::word(cx.text("care-not")).style(theme::button::quiet).id("care.not");
        let not = not.on_press(Message::Show(None));
        let problem = self.problem.as_ref();
        let problem = problem.map(|say| strip(Tone::Caution, cx.catalog.say(say), cx.catalog.next(say), vec![]));
        Column::new()
            .push(problem)
            .push(row![Element::from(go), Element::from(not)].spacing(space::SM))
            .spacing(space::SM)
            .into()
    }
}

/// The archive proved damaged: said wherever one is, with the way on.
pub fn damaged<'a, M: Clone + 'a>(close: M, cx: &Cx<'a>) -> Element<'a, M> {
    let act = Press::word(cx.text("care-close")).style(theme::button::primary).id("care.close").on_press(close);
    strip(Tone::Alarm, cx.text("care-damaged"), Some(cx.text("care-damaged-next")), vec![act.into()])
}

fn printed<'a>(code: &'a str, cx: &Cx<'a>) -> Element<'a, Message> {
    let shown = container(mono(code).size(size::HEAD)).padding(space::MD).style(theme::surface::chip);
    let written = Press::word(cx.text("archive-code-written")).style(theme::button::primary).id("care.written");
    card(
        column![
            strong(cx.text("care-code-made")),
            shown,
            caption(cx.text("archive-code-why")),
            row![Element::from(written.on_press(Message::Written))],
        ]
        .spacing(space::SM),
    )
    .into()
}

fn secret<'a>(
    label: &'static str,
    id: &'static str,
    secret: &'a Secret,
    typed: fn(Secret) -> Message,
    hidden: bool,
    cx: &Cx<'a>,
) -> Element<'a, Message> {
    let input = text_input("", secret.expose())
        .id(id)
        .secure(hidden)
        .on_input(move |text| typed(Secret::new(text)))
        .on_submit(Message::Submit)
        .padding([space::SM, space::MD])
        .style(theme::input::field);
    field(cx.text(label), input, Below::Nothing)
}

fn named(way: Way) -> &'static str {
    match way {
        Way::Keychain => "archive-by-keychain",
        Way::Passphrase => "archive-passphrase",
        Way::Recovery => "archive-code",
    }
}
