//! One request, with all that is known of who asks, and the ways to answer it.

use iced::widget::{Column, Row, column, container, radio, row, rule, scrollable, space as gap};
use iced::{Center, Fill, Length};

use super::cards::Card;
use super::{Ask, Decision, Lasts, Message, Outcome, Question, Requests, Settled, Stage, Told};
use crate::app::cx::Cx;
use crate::model::owned::Act;
use crate::owner::facts::Standing;
use crate::owner::past::{By, Past};
use crate::owner::would::Would;
use crate::screen::owner::view::{ago, named};
use crate::text;
use crate::theme::{self, space};
use crate::widget::{
    Element, Icon, Press, Tone, caption, chip, empty, focusable, mono, press, strip, title, warning_chip,
};

/// The column of labels.
const LABEL: Length = Length::Fixed(96.0);
/// Decisions shown of those before.
const HISTORY: usize = 4;
/// Least height of the answers, and of what stands there once one is given: a decision moves nothing.
const ANSWERS: f32 = 62.0;

impl Requests {
    /// The selected request, else what was decided.
    pub(super) fn detail<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        match self.selected.as_ref().and_then(|ask| self.cards.get(ask)) {
            Some(card) => self.one(card, cx),
            None if self.settled.is_empty() => {
                empty(Icon::Owner, cx.text("owner-choose"), cx.text("owner-choose-why"), Vec::new())
            }
            None => self.past(cx),
        }
    }

    fn one<'a>(&'a self, card: &'a Card, cx: &Cx<'a>) -> Element<'a, Message> {
        let ask = &card.ask;
        let address = ask.subscriber.to_string();
        let copy = Press::word(cx.text("owner-copy")).style(theme::button::quiet);
        let copy = copy.padding([2.0, space::SM]).on_press(Message::CopyAddress(ask.subscriber.clone()));
        let who =
            mono(text::line(&address)).size(theme::size::TITLE).wrapping(iced::widget::text::Wrapping::WordOrGlyph);
        // What a foreign-looking address is made of stands right below it.
        let plain = text::ascii(&address).map(|plain| mono(plain).style(theme::text::soft));
        let wants = cx.format("owner-wants", &[("topic", &named(&ask.topic, cx))]);
        let seen = caption(cx.format("owner-seen", &[("ago", &ago(cx, card.pending.seen))]));
        let head = column![
            row![who.width(Fill), Element::from(copy)].spacing(space::SM),
            plain,
            row![iced::widget::text(wants), seen].spacing(space::SM).align_y(Center),
            self.marks(ask, cx),
        ];
        let alike = self.alike(ask, cx);
        let alike = alike.map(|words| strip(Tone::Alarm, words, Some(cx.text("owner-lookalike-why")), vec![]));
        let inside = column![head.spacing(space::XS), alike, self.facts(card, cx)];
        let inside = container(inside.spacing(space::LG)).padding(space::LG).width(Fill);
        let foot = row![container(self.answers(card, cx)).width(Fill), iced::widget::Space::new().height(ANSWERS)];
        let foot = container(foot.align_y(Center)).padding([space::MD, space::LG]);
        column![
            scrollable(inside).style(theme::surface::scroll).height(Fill),
            rule::horizontal(1).style(theme::surface::line),
            foot
        ]
        .into()
    }

    /// What is to be seen first of who asks.
    fn marks<'a>(&'a self, ask: &Ask, cx: &Cx<'a>) -> Element<'a, Message> {
        let known = self.is_known(ask, cx);
        let own = cx.me().is_some_and(|me| me.domain() == ask.subscriber.domain());
        let facts = self.facts.get(ask);
        let known = match (own, known) {
            _ if self.is_barred(ask) => Some(warning_chip(cx.text("owner-row-barred"))),
            (true, _) => Some(chip(cx.text("owner-domain-own"))),
            (false, true) => Some(chip(cx.text("owner-domain-known"))),
            (false, false) if facts.is_none() => None,
            (false, false) if self.is_new(ask, cx) => Some(warning_chip(cx.text("owner-domain-new"))),
            (false, false) => Some(warning_chip(cx.text("owner-domain-unknown"))),
        };
        let organisation = facts.and_then(|facts| facts.organisation.as_deref()).map(|name| chip(text::line(name)));
        let denied = facts.is_some_and(|facts| facts.past.iter().any(|past| past.act != Act::Approved));
        let denied = denied.then(|| warning_chip(cx.text("owner-denied-before")));
        row![known, organisation, denied].spacing(space::XS).into()
    }

    /// Who it is, as far as it is known here.
    fn identity(&self, ask: &Ask, cx: &Cx<'_>) -> String {
        let mut said = vec![cx.text("owner-identity")];
        if let Some(facts) = self.facts.get(ask) {
            said.push(match facts.first_met {
                Some(at) => cx.format("owner-met", &[("ago", &ago(cx, at))]),
                None => cx.text("owner-met-now"),
            });
            let topics = facts.topics.len() as u64;
            said.push(match facts.standing {
                Standing::Barred => cx.text("owner-standing-barred"),
                Standing::Ours => cx.text("owner-standing-ours"),
                Standing::Reads => cx.catalog.count("owner-standing-reads", topics, &[]),
                Standing::Kin => cx.catalog.count("owner-standing-kin", topics, &[]),
                Standing::Carded => {
                    let name = text::line(facts.organisation.as_deref().unwrap_or_default());
                    cx.format("owner-standing-carded", &[("name", &name)])
                }
                Standing::Unknown => cx.text("owner-standing-unknown"),
            });
        }
        said.join(" ")
    }

    /// What was decided before, newest first.
    fn history(&self, ask: &Ask, cx: &Cx<'_>) -> String {
        let past = self.facts.get(ask).map(|facts| facts.past.as_slice()).unwrap_or_default();
        if past.is_empty() {
            return cx.text("owner-history-none");
        }
        let one = |past: &Past| {
            let key = match past.act {
                Act::Approved => "owner-history-approved",
                Act::Revoked => "owner-history-revoked",
                _ => "owner-history-denied",
            };
            let day = past.at.format("%Y-%m-%d").to_string();
            let note = text::line(&past.note);
            let note = if note.is_empty() { cx.text("owner-history-silent") } else { note };
            cx.format(key, &[("day", &day), ("topic", &named(&past.topic, cx)), ("note", &note)])
        };
        let more = past.len().saturating_sub(HISTORY) as u64;
        let more = (more > 0).then(|| cx.catalog.count("owner-and-more", more, &[]));
        past.iter().take(HISTORY).map(one).chain(more).collect::<Vec<_>>().join("\n")
    }

    fn facts<'a>(&'a self, card: &'a Card, cx: &Cx<'a>) -> Element<'a, Message> {
        let fact = |key: &str, words: String| {
            Element::from(row![caption(cx.text(key)).width(LABEL), iced::widget::text(words).width(Fill)])
        };
        let put_off = self.later.get(&card.ask).filter(|until| **until > cx.now).map(|until| {
            let words = cx.format("owner-later-until", &[("time", &cx.catalog.time(*until))]);
            strip(Tone::Plain, words, None, Vec::new())
        });
        let said = card.pending.said.as_ref().map(|said| text::block(&said.note)).filter(|said| !said.is_empty());
        let said = said.unwrap_or_else(|| cx.text("owner-message-none"));
        Column::new()
            .push(put_off)
            .push(fact("owner-fact-identity", self.identity(&card.ask, cx)))
            .push(cx.owning.would.get(&card.ask.topic).map(|would| fact("owner-fact-would", gets(would, cx))))
            .push(fact("owner-fact-history", self.history(&card.ask, cx)))
            .push(fact("owner-fact-message", said))
            .push(self.questions.get(&card.ask).map(|question| asked(question, cx)))
            .spacing(space::SM)
            .into()
    }

    /// The answers there are, or what became of the one that was given.
    fn answers<'a>(&'a self, card: &'a Card, cx: &Cx<'a>) -> Element<'a, Message> {
        let ask = &card.ask;
        match self.decisions.get(ask) {
            Some(decision @ Decision { stage: Stage::Refused(_), .. }) => {
                column![decided(ask, decision, cx), self.choices(ask, card.key, false, cx)].spacing(space::SM).into()
            }
            Some(decision) => decided(ask, decision, cx),
            None if card.gone.is_some() => {
                let words = match self.settled.iter().find(|settled| settled.ask == *ask) {
                    Some(settled) => outcome(settled, cx),
                    None => cx.text("owner-gone-why"),
                };
                strip(Tone::Plain, words, None, Vec::new())
            }
            None => self.choices(ask, card.key, true, cx),
        }
    }

    /// The answers; their names bind the keyboard to this very request.
    fn choices<'a>(&'a self, ask: &Ask, key: u64, terms: bool, cx: &Cx<'a>) -> Element<'a, Message> {
        let who = text::line(&ask.subscriber.to_string());
        let topic = named(&ask.topic, cx);
        let on = [("who", who.as_str()), ("topic", topic.as_str())];
        let plain = self.is_known(ask, cx);
        let approve = press(iced::widget::text(cx.text(if plain { "owner-approve" } else { "owner-approve-check" })))
            .style(if plain { theme::button::primary } else { theme::button::plain })
            .deliberate()
            .id(format!("owner.approve.{key}"))
            .hint(format!("{} (Y)", cx.format("owner-approve-hint", &on)))
            .on_press(Message::Decide(ask.clone(), true));
        let deny = press(iced::widget::text(cx.text("owner-deny-check")))
            .deliberate()
            .id(format!("owner.deny.{key}"))
            .hint(format!("{} (N)", cx.format("owner-deny-hint", &on)))
            .on_press(Message::Decide(ask.clone(), false));
        let put_off = self.later.get(ask).filter(|until| **until > cx.now);
        let later = Press::word(cx.text(if put_off.is_some() { "owner-later-over" } else { "owner-later" }))
            .style(theme::button::quiet)
            .id(format!("owner.later.{key}"))
            .hint(format!("{} (H)", cx.text("owner-later-hint")))
            .on_press(Message::Later);
        let question = Press::word(cx.text("owner-ask"))
            .style(theme::button::quiet)
            .id(format!("owner.ask.{key}"))
            .hint(format!("{} (O)", cx.text("owner-ask-hint")))
            .on_press(Message::Ask);
        let acts =
            Row::with_children([approve.into(), deny.into(), gap::horizontal().into(), later.into(), question.into()]);
        let lasts = Lasts::ALL.map(|lasts| {
            let words = cx.text(lasts.key());
            let choice = radio(words, lasts, Some(self.lasts), Message::Lasts)
                .size(14.0)
                .spacing(6.0)
                .text_size(theme::size::BODY)
                .style(theme::input::option);
            focusable(choice, Some(Message::Lasts(lasts))).into()
        });
        let lasts = row![caption(cx.text("owner-lasts")).width(LABEL)].extend(lasts).spacing(space::MD).align_y(Center);
        let terms = terms.then_some(lasts);
        column![terms, acts.spacing(space::SM).align_y(Center)].spacing(space::SM).into()
    }

    /// What was decided, newest first.
    fn past<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let lines = self.settled.iter().map(|settled| {
            let (mark, ink): (Icon, fn(&iced::Theme) -> iced::widget::text::Style) = match settled.outcome {
                Outcome::Approved => (Icon::Done, theme::text::good),
                Outcome::Denied => (Icon::Retracted, theme::text::soft),
                Outcome::Gone => (Icon::Warning, theme::text::warn),
            };
            let said = (!settled.words.is_empty()).then(|| caption(text::line(&settled.words)));
            let words = column![iced::widget::text(outcome(settled, cx)), said].width(Fill);
            row![mark.view().style(ink), words, caption(ago(cx, settled.at))].spacing(space::SM).into()
        });
        let all = column![title(cx.text("owner-settled")), Column::with_children(lines).spacing(space::SM)];
        scrollable(container(all.spacing(space::MD)).padding(space::LG).width(Fill))
            .style(theme::surface::scroll)
            .height(Fill)
            .into()
    }
}

fn decided<'a>(ask: &Ask, decision: &'a Decision, cx: &Cx<'a>) -> Element<'a, Message> {
    let who = text::line(&ask.subscriber.to_string());
    let topic = named(&ask.topic, cx);
    match &decision.stage {
        Stage::Held { until } => {
            let left = seconds(*until - cx.now);
            let key = if decision.allow { "owner-held-approve" } else { "owner-held-deny" };
            let words = cx.catalog.count(key, left, &[("who", &who), ("topic", &topic)]);
            let undo =
                Press::word(cx.text("owner-undo")).id("owner.undo").hint("U").on_press(Message::Undo(ask.clone()));
            let why = match decision.words.as_str() {
                _ if decision.by != By::Me => cx.text("owner-held-rule"),
                "" => cx.text("owner-held-why"),
                said => cx.format("owner-held-said", &[("words", &text::line(said))]),
            };
            strip(Tone::Plain, words, Some(why), vec![undo.into()])
        }
        Stage::Writing(_) | Stage::Sent(_) => strip(Tone::Plain, cx.text("owner-sending"), None, Vec::new()),
        Stage::Refused(error) => {
            let say = error.say();
            let what = cx.format("owner-refused", &[("cause", &cx.catalog.say(&say))]);
            strip(Tone::Alarm, what, cx.catalog.next(&say), Vec::new())
        }
    }
}

/// What a reader of the topic gets.
fn gets(would: &Would, cx: &Cx<'_>) -> String {
    let tenths = would.tenths_a_day(cx.now);
    let day = match tenths {
        0 => cx.text("owner-would-none"),
        1..10 => cx.text("owner-would-few"),
        _ => cx.catalog.count("owner-would-day", u64::from(tenths / 10), &[]),
    };
    let strictest = would.strictest.map(|label| cx.format("owner-would-tlp", &[("label", &cx.catalog.tlp(label))]));
    let stored = cx.catalog.count("owner-would-stored", would.stored.into(), &[]);
    [Some(day), strictest, Some(stored)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What I asked.
fn asked<'a>(question: &'a Question, cx: &Cx<'a>) -> Element<'a, Message> {
    let words = [("words", text::line(&question.words)), ("ago", ago(cx, question.at))];
    let words = words.each_ref().map(|(name, value)| (*name, value.as_str()));
    match &question.stage {
        Told::Sent(_) | Told::Done => strip(Tone::Plain, cx.format("owner-asked", &words), None, Vec::new()),
        Told::Failed(error) => {
            let say = error.say();
            let what = cx.format("owner-ask-failed", &[("cause", &cx.catalog.say(&say))]);
            strip(Tone::Alarm, what, cx.catalog.next(&say), Vec::new())
        }
    }
}

/// Whole seconds left, rounded up.
pub(in crate::screen::owner) fn seconds(left: chrono::TimeDelta) -> u64 {
    u64::try_from((left.num_milliseconds().max(0) + 999) / 1000).unwrap_or(0)
}

/// What became of a decision, in words.
fn outcome(settled: &Settled, cx: &Cx<'_>) -> String {
    let key = match settled.outcome {
        Outcome::Approved => "owner-approved",
        Outcome::Denied => "owner-denied",
        Outcome::Gone => "owner-gone",
    };
    let who = text::line(&settled.ask.subscriber.to_string());
    cx.format(key, &[("who", &who), ("topic", &named(&settled.ask.topic, cx))])
}
