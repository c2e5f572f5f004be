//! The door as drawn: one card in the middle, what it is, what can be done.

use iced::widget::{Column, checkbox, column, container, progress_bar, radio, row, scrollable, text, text_input};
use iced::{Center, Fill};

use super::{AGAIN, Act, CONFIRM, FROM, FROM_SECRET, Message, SECRET, Screen, State};
use crate::app::cx::Cx;
use crate::model::{Say, grouped};
use crate::secrets::{Secret, State as Keychain};
use crate::store::Progress;
use crate::store::archive::Saved;
use crate::store::vault::{Kept, Way};
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::field::Below;
use crate::widget::{Element, Press, Tone, caption, card, field, heading, mono, strip};

const WIDTH: f32 = 560.0;

impl Screen {
    #[must_use]
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let profile = safe::line(&self.profile);
        let name = column![heading(cx.text("archive-title")), caption(profile)].spacing(space::XS);
        let inside = match &self.state {
            State::Opening(progress) => opening(progress, cx),
            State::Fresh { keychain, aside } => {
                let aside = aside
                    .as_ref()
                    .map(|aside| caption(cx.format("archive-aside-done", &[("aside", safe::line(aside).as_str())])));
                self.fresh(*keychain, cx).push(aside)
            }
            State::Locked { ways, why } => {
                let why =
                    why.as_ref().map(|why| strip(Tone::Caution, cx.catalog.say(why), cx.catalog.next(why), vec![]));
                let offer =
                    Press::word(cx.text("archive-aside-offer")).style(theme::button::quiet).id("archive.helpless");
                let offer = (!self.helpless).then(|| Element::from(offer.on_press(Message::Helpless(true))));
                let aside = self.helpless.then(|| self.aside(cx));
                self.locked(ways, cx).push(why).push(offer).push(aside)
            }
            State::Broken { trouble } => {
                let say = trouble.say();
                let acts = [("archive-recover", Act::Recover), ("archive-retry", Act::Retry)];
                column![strip(Tone::Alarm, cx.catalog.say(&say), cx.catalog.next(&say), vec![]), buttons(&acts, cx)]
            }
            State::Stuck { trouble } => {
                let say = trouble.say();
                let acts = [("archive-retry", Act::Retry), ("archive-memory", Act::InMemory)];
                let why = caption(cx.text("archive-memory-why"));
                let words = strip(Tone::Alarm, cx.catalog.say(&say), cx.catalog.next(&say), vec![]);
                let aside = trouble.is_for_good().then(|| self.aside(cx));
                column![words, buttons(&acts, cx), why].push(aside)
            }
            State::Made { code, anew } => self.made(code.expose(), *anew, cx),
            State::Recovered { kept, aside } => {
                let counts = [
                    ("rows", kept.rows.to_string()),
                    ("partial", kept.partial.to_string()),
                    ("lost", kept.lost.to_string()),
                    ("aside", safe::line(aside)),
                ];
                let counts: Vec<(&'static str, &str)> =
                    counts.iter().map(|(name, text)| (*name, text.as_str())).collect();
                let parts = missing(kept);
                let parts =
                    parts.iter().map(|say| strip(Tone::Caution, cx.catalog.say(say), cx.catalog.next(say), vec![]));
                column![text(cx.format("archive-recovered", &counts))]
                    .push(kept.has_all_work().then(|| text(cx.text("archive-recovered-work"))))
                    .extend(parts)
                    .push(caption(cx.text("archive-recovered-next")))
                    .push(buttons(&[("archive-go", Act::Go)], cx))
            }
        };
        let back = Press::word(cx.text("archive-back")).style(theme::button::quiet).id("archive.back");
        let back = back.on_press(Message::Do(Act::Back));
        let leaves = !self.making && !matches!(self.state, State::Made { .. } | State::Recovered { .. });
        let page = column![name, card(inside.spacing(space::MD)), leaves.then(|| Element::from(back))]
            .spacing(space::LG)
            .width(WIDTH);
        let page = scrollable(container(page).center_x(Fill).padding(space::XL)).style(theme::surface::scroll);
        container(page).center_y(Fill).width(Fill).style(theme::surface::base).into()
    }

    fn fresh<'a>(&'a self, keychain: Keychain, cx: &Cx<'a>) -> Column<'a, Message> {
        let ready = keychain == Keychain::Ready;
        let choice = |words: &'static str, own: bool| {
            radio(cx.text(words), own, Some(self.own), Message::Own).size(size::BODY).spacing(space::SM)
        };
        let missing =
            keychain.say().map(|say| strip(Tone::Caution, cx.catalog.say(&say), cx.catalog.next(&say), vec![]));
        let choices = ready.then(|| {
            Element::from(
                column![
                    choice("archive-by-keychain", false),
                    caption(cx.text("archive-by-keychain-why")),
                    choice("archive-by-passphrase", true),
                ]
                .spacing(space::SM),
            )
        });
        let fields = self.own.then(|| {
            let own = self.secret("archive-new-passphrase", SECRET, &self.typed, Message::Typed, true, cx);
            let again = self.secret("archive-again", AGAIN, &self.again, Message::Again, false, cx);
            Element::from(column![own, again, caption(cx.text("archive-by-passphrase-why"))].spacing(space::SM))
        });
        let make = Press::word(cx.text(if self.restore { "archive-restore" } else { "archive-make" }))
            .style(theme::button::primary)
            .id("archive.make");
        let memory = Press::word(cx.text("archive-memory")).id("archive.memory").on_press(Message::Do(Act::InMemory));
        column![
            text(cx.text("archive-fresh")),
            missing,
            choices,
            fields,
            self.of_backup(cx),
            row![Element::from(make.on_press(Message::Submit)), Element::from(memory)].spacing(space::SM),
            caption(cx.text("archive-memory-why")),
        ]
    }

    /// The new archive may begin with what a backup holds.
    fn of_backup<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let toggle = checkbox(self.restore).label(cx.text("archive-restore-from")).on_toggle(Message::Restore);
        let toggle = crate::widget::focusable(toggle, Some(Message::Restore(!self.restore)));
        let fields = self.restore.then(|| {
            let input = |id: &'static str, value: &'a str| {
                text_input("", value).id(id).padding([space::SM, space::MD]).style(theme::input::field)
            };
            let path = input(FROM, &self.from).on_input(Message::From).on_submit(Message::Submit);
            let secret = input(FROM_SECRET, self.from_secret.expose()).secure(true);
            let secret = secret.on_input(|text| Message::FromSecret(Secret::new(text))).on_submit(Message::Submit);
            column![
                field(cx.text("archive-restore-path"), path, Below::Nothing),
                field(cx.text("archive-restore-passphrase"), secret, Below::Nothing),
                caption(cx.text("archive-restore-why")),
            ]
            .spacing(space::SM)
        });
        Column::new().push(toggle).push(fields).spacing(space::SM).into()
    }

    fn locked<'a>(&'a self, ways: &[Way], cx: &Cx<'a>) -> Column<'a, Message> {
        let typed = [(Way::Passphrase, "archive-passphrase"), (Way::Recovery, "archive-code")];
        let offered: Vec<_> = typed.into_iter().filter(|(way, _)| ways.contains(way)).collect();
        let choice = |(way, words): (Way, &'static str)| {
            let choice = radio(cx.text(words), way == self.way, Some(true), move |_| Message::Way(way));
            Element::from(choice.size(size::BODY).spacing(space::SM))
        };
        let choices = (offered.len() > 1)
            .then(|| Element::from(Column::with_children(offered.iter().copied().map(choice)).spacing(space::SM)));
        let label = if self.way == Way::Recovery { "archive-code" } else { "archive-passphrase" };
        let open = Press::word(cx.text("archive-open")).style(theme::button::primary).id("archive.open");
        let keychain = ways.contains(&Way::Keychain).then(|| {
            let retry = Press::word(cx.text("archive-retry-keychain")).id("archive.retry");
            Element::from(retry.on_press(Message::Do(Act::Retry)))
        });
        column![
            text(cx.text("archive-locked")),
            choices,
            self.secret(label, SECRET, &self.typed, Message::Typed, true, cx),
            row![Element::from(open.on_press(Message::Submit))].push(keychain).spacing(space::SM),
        ]
    }

    /// A new archive instead of one that nobody opens; not by a slip of the hand.
    fn aside<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let word = cx.text("archive-aside-word");
        let input = text_input(&word, &self.confirm)
            .id(CONFIRM)
            .on_input(Message::Confirm)
            .on_submit(Message::Do(Act::SetAside))
            .padding([space::SM, space::MD])
            .style(theme::input::field);
        let label = cx.format("archive-aside-type", &[("word", &word)]);
        let go = Press::word(cx.text("archive-aside-go")).id("archive.aside");
        let go = if self.confirms(cx) { go.on_press(Message::Do(Act::SetAside)) } else { go };
        column![caption(cx.text("archive-aside")), field(label, input, Below::Nothing), row![Element::from(go)]]
            .spacing(space::SM)
            .into()
    }

    fn made<'a>(&'a self, code: &'a str, anew: bool, cx: &Cx<'a>) -> Column<'a, Message> {
        let code = container(mono(code).size(size::HEAD)).padding(space::MD).style(theme::surface::chip);
        let written = checkbox(self.written).label(cx.text("archive-code-written")).on_toggle(Message::Written);
        let go = Press::word(cx.text("archive-go")).style(theme::button::primary).id("archive.go");
        let go = if self.written { go.on_press(Message::Do(Act::Go)) } else { go };
        // It has its keys, and something failed after that.
        let problem =
            self.problem.as_ref().map(|say| strip(Tone::Caution, cx.catalog.say(say), cx.catalog.next(say), vec![]));
        column![
            text(cx.text(if anew { "archive-anew" } else { "archive-made" })),
            code,
            caption(cx.text("archive-code-why")),
            problem,
            written,
            row![Element::from(go)].align_y(Center),
        ]
    }

    fn secret<'a>(
        &'a self,
        label: &'static str,
        id: &'static str,
        secret: &'a Secret,
        typed: fn(Secret) -> Message,
        tells: bool,
        cx: &Cx<'a>,
    ) -> Element<'a, Message> {
        let problem = self.problem.as_ref().filter(|_| tells);
        let input = text_input("", secret.expose())
            .id(id)
            .secure(self.way != Way::Recovery || !matches!(self.state, State::Locked { .. }))
            .on_input(move |text| typed(Secret::new(text)))
            .on_submit(Message::Submit)
            .padding([space::SM, space::MD])
            .style(if problem.is_some() { theme::input::wrong } else { theme::input::field });
        let below = problem.map_or(Below::Nothing, |say| Below::Wrong(cx.catalog.say(say)));
        let next = problem.and_then(|say| cx.catalog.next(say)).map(caption);
        column![field(cx.text(label), input, below), next].spacing(space::XS).into()
    }
}

/// What a recovery could not keep of what nobody can fetch again, and could not prove.
fn missing(kept: &Kept) -> Vec<Say> {
    let parts = [
        ("archive-recovered-marks", kept.marks),
        ("archive-recovered-tags", kept.tags),
        ("archive-recovered-notes", kept.notes),
        ("archive-recovered-named", kept.named),
    ];
    let lost = parts.into_iter().filter(|(_, part)| part.lost);
    let lost = lost.map(|(key, part)| Say::new(key).with("kept", grouped(&part.kept.to_string())));
    let unproved = (kept.unproved > 0)
        .then(|| Say::new("archive-recovered-unproved").with("rows", grouped(&kept.unproved.to_string())));
    let cut = kept.cut.then(|| Say::new("archive-recovered-cut"));
    let log = match kept.log {
        Saved::Whole => None,
        Saved::Headless => Some(Say::new("archive-recovered-headless")),
        Saved::Short => Some(Say::new("archive-recovered-short")),
        Saved::Disputed => Some(Say::new("archive-recovered-disputed")),
    };
    lost.chain(unproved).chain(cut).chain(log).collect()
}

/// What is under way; where all of a file is read, how far.
fn opening<'a>(progress: &Progress, cx: &Cx<'a>) -> Column<'a, Message> {
    let Some(part) = progress.part() else {
        return column![text(cx.text("archive-opening")), caption(cx.text("archive-opening-why"))];
    };
    let words = cx.format("archive-reading", &[("part", &format!("{:.0}", part * 100.0))]);
    let bar = progress_bar(0.0..=1.0, part).girth(6.0).style(theme::input::progress);
    let stop = Press::word(cx.text("care-stop")).id("archive.stop").on_press(Message::Stop);
    column![text(words), bar, caption(cx.text("archive-reading-why")), row![Element::from(stop)]]
}

/// The first is what one mostly wants.
fn buttons<'a>(acts: &[(&'static str, Act)], cx: &Cx<'a>) -> Element<'a, Message> {
    let press = |(place, (words, act)): (usize, &(&'static str, Act))| {
        let press = Press::word(cx.text(words)).id(*words).on_press(Message::Do(act.clone()));
        Element::from(if place == 0 { press.style(theme::button::primary) } else { press })
    };
    row(acts.iter().enumerate().map(press)).spacing(space::SM).into()
}
