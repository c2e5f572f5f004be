//! What is asked before a decision that needs words: the reason of a denial, which the requester is told; for somebody unknown
//! the domain as it should be, typed anew, and why (`product.md` B6, tier 2), also among many; a question before anything is
//! decided.

use iced::widget::{Column, column, row, space as gap, text, text_input};
use iced::{Center, Fill};

use super::{Ask, Message as Up, Requests};
use crate::app::cx::Cx;
use crate::screen::owner::modal;
use crate::screen::owner::view::named;
use crate::text as safe;
use crate::theme::{self, space};
use crate::widget::field::{Below, field};
use crate::widget::{Element, Press, Tone, caption, chip, heading, mono, press, strip, warning_chip};

/// Names of controls.
pub const BACK: &str = "request.back";
pub const WORDS: &str = "request.words";
pub const DOMAIN: &str = "request.domain";
pub const GO: &str = "request.go";
/// Shortest reason, in letters: a keystroke is none.
const LEAST: usize = 4;
/// Addresses named of many.
const NAMED: usize = 6;

/// What it is for.
#[derive(Clone, Debug)]
pub enum What {
    Deny(Vec<Ask>),
    /// Somebody unknown: the domain is typed as it should be.
    Approve {
        ask: Ask,
        domain: String,
    },
    /// Many at once; the domains of those who are unknown are typed as they should be.
    Many {
        asks: Vec<Ask>,
        domains: Vec<Domain>,
        typed: String,
        /// Unknown ones that are left out: too many to be looked at together.
        left: usize,
    },
    Question(Ask),
}

/// A domain in both its forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    shown: String,
    ascii: String,
}

impl Domain {
    pub fn of(ask: &Ask) -> Self {
        Self { shown: ask.subscriber.domain().to_owned(), ascii: ask.subscriber.domain_ascii() }
    }

    /// Letter by letter: one that only looks like it is another.
    fn is(&self, typed: &str) -> bool {
        typed == self.shown || typed == self.ascii
    }
}

/// A domain as a person types it.
fn plain(typed: &str) -> String {
    typed.trim().trim_end_matches('.').to_lowercase()
}

/// An open sheet.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub what: What,
    pub words: String,
    /// What who is approved is told.
    pub note: String,
}

#[derive(Clone, Debug)]
pub enum Message {
    Words(String),
    Note(String),
    Domain(String),
    Close,
    Go,
}

/// What came of a message.
pub enum Outcome {
    Open,
    Closed,
    Done,
}

/// How the typed domain stands to the true one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    Untyped,
    /// Something else than what asks is among them.
    Other,
    /// So many of those that ask.
    Some(usize),
    Same,
}

impl Sheet {
    fn new(what: What) -> Self {
        Self { what, words: String::new(), note: String::new() }
    }

    pub fn deny(asks: Vec<Ask>) -> Self {
        Self::new(What::Deny(asks))
    }

    pub fn approve(ask: Ask) -> Self {
        Self::new(What::Approve { ask, domain: String::new() })
    }

    pub fn approve_many(asks: Vec<Ask>, domains: Vec<Domain>, left: usize) -> Self {
        Self::new(What::Many { asks, domains, typed: String::new(), left })
    }

    pub fn question(ask: Ask) -> Self {
        Self::new(What::Question(ask))
    }

    pub fn update(&mut self, message: Message) -> Outcome {
        match message {
            Message::Words(words) => self.words = words,
            Message::Note(note) => self.note = note,
            Message::Domain(typed) => {
                if let What::Approve { domain, .. } | What::Many { typed: domain, .. } = &mut self.what {
                    *domain = typed;
                }
            }
            Message::Close => return Outcome::Closed,
            Message::Go if self.is_enough() => return Outcome::Done,
            Message::Go => {}
        }
        Outcome::Open
    }

    /// What must be there is there.
    fn is_enough(&self) -> bool {
        let letters = self.words.chars().filter(|letter| letter.is_alphanumeric()).count();
        let somebody = !matches!(&self.what, What::Many { asks, .. } if asks.is_empty());
        letters >= LEAST && somebody && matches!(self.check(), None | Some(Check::Same))
    }

    /// Whether the domain that was typed is the one that asks, letter by letter: one that only looks like it is another.
    fn check(&self) -> Option<Check> {
        let (domains, typed) = match &self.what {
            What::Approve { ask, domain } => (vec![Domain::of(ask)], vec![plain(domain)]),
            What::Many { domains, typed, .. } if !domains.is_empty() => {
                (domains.clone(), typed.split([' ', ',', ';']).map(plain).collect())
            }
            _ => return None,
        };
        let mut typed = typed.iter().filter(|typed| !typed.is_empty()).peekable();
        if typed.peek().is_none() {
            return Some(Check::Untyped);
        }
        let named = |domain: &Domain| typed.clone().any(|typed| domain.is(typed));
        let foreign = typed.clone().any(|typed| !domains.iter().any(|domain| domain.is(typed)));
        Some(match domains.iter().filter(|domain| named(domain)).count() {
            _ if foreign => Check::Other,
            all if all == domains.len() => Check::Same,
            some => Check::Some(some),
        })
    }

    /// What has the keyboard first: words where all that is needed is words.
    fn first(&self) -> &'static str {
        match self.what {
            What::Deny(_) | What::Question(_) => WORDS,
            What::Approve { .. } => DOMAIN,
            What::Many { ref domains, .. } if !domains.is_empty() => DOMAIN,
            What::Many { .. } => BACK,
        }
    }
}

impl Requests {
    /// The sheet that is open.
    pub fn sheet<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Up>> {
        let sheet = self.sheet.as_ref()?;
        let inside = match &sheet.what {
            What::Deny(asks) => self.denial(sheet, asks, cx),
            What::Approve { ask, domain } => approval(sheet, ask, (domain, self.alike(ask, cx)), cx),
            What::Many { asks, domains, typed, left } => self.many(sheet, asks, (domains, typed, *left), cx),
            What::Question(ask) => question(sheet, ask, cx),
        };
        Some(modal(inside, sheet.first(), Up::Sheet(Message::Close)))
    }

    fn denial<'a>(&'a self, sheet: &'a Sheet, asks: &'a [Ask], cx: &Cx<'a>) -> Element<'a, Up> {
        let name = cx.catalog.count("owner-deny-title", asks.len() as u64, &[]);
        let usual = ["owner-reason-circle", "owner-reason-unknown", "owner-reason-channel"].map(|key| cx.text(key));
        let offers = self.reasons.iter().cloned().chain(usual.into_iter().filter(|one| !self.reasons.contains(one)));
        let offers = offers.map(|words| {
            let offer = Press::word(words.clone()).style(theme::button::quiet);
            offer.padding([2.0, space::SM]).on_press(Up::Sheet(Message::Words(words))).into()
        });
        let words = words(sheet, "owner-reason-example", true, cx);
        let words = field(cx.text("owner-reason"), words, Below::Hint(cx.text("owner-reason-sent")));
        let go = press(text(cx.text("owner-deny"))).style(theme::button::danger);
        let inside = column![heading(name), self.people(asks, &[], cx), words, row(offers).spacing(space::XS).wrap()];
        inside.push(acts(sheet, go, cx)).spacing(space::MD).into()
    }

    fn many<'a>(
        &'a self,
        sheet: &'a Sheet,
        asks: &'a [Ask],
        (domains, typed, left): (&'a [Domain], &'a str, usize),
        cx: &Cx<'a>,
    ) -> Element<'a, Up> {
        let count = asks.len() as u64;
        let check = sheet.check();
        let all = domains.len() as u64;
        let below = match check {
            Some(Check::Other) => Below::Wrong(cx.text("owner-domains-differ")),
            Some(Check::Same) => Below::Hint(cx.catalog.count("owner-domains-same", all, &[])),
            Some(Check::Some(some)) => {
                let some = cx.catalog.number(some as u64);
                Below::Hint(cx.catalog.count("owner-domains-some", all, &[("some", &some)]))
            }
            _ => Below::Hint(cx.text("owner-domains-why")),
        };
        let check = (all > 0).then(|| {
            let name = cx.catalog.count("owner-domains-check", all, &[]);
            field(name, typing("csirt.example cert.example", typed, check), below)
        });
        let left = (left > 0).then(|| {
            let words = cx.catalog.count("owner-domains-left", left as u64, &[]);
            strip(Tone::Caution, words, Some(cx.text("owner-domains-left-why")), Vec::new())
        });
        let words = words(sheet, "owner-why-example", false, cx);
        let words = field(cx.text("owner-why"), words, Below::Hint(cx.text("owner-why-kept")));
        let go = press(text(cx.catalog.count("owner-approve-many", count, &[]))).style(theme::button::danger);
        let name = heading(cx.catalog.count("owner-approve-many-title", count, &[]));
        let means = text(cx.text("owner-approve-many-means"));
        column![name, means, self.people(asks, domains, cx), left, check, words, note(sheet, cx), acts(sheet, go, cx)]
            .spacing(space::MD)
            .into()
    }

    /// Whom it is about.
    fn people<'a>(&'a self, asks: &'a [Ask], unknown: &[Domain], cx: &Cx<'a>) -> Element<'a, Up> {
        let line = |ask: &'a Ask| {
            let who = mono(safe::line(&ask.subscriber.to_string()));
            let mark = match self.alike(ask, cx) {
                Some(_) => Some("owner-row-alike"),
                None if unknown.contains(&Domain::of(ask)) => Some("owner-domain-unknown"),
                None => None,
            };
            let mark = mark.map(|key| warning_chip(cx.text(key)));
            row![who, chip(named(&ask.topic, cx)), mark].spacing(space::SM).align_y(Center).into()
        };
        let more = asks.len().saturating_sub(NAMED) as u64;
        let more = (more > 0).then(|| caption(cx.catalog.count("owner-and-more", more, &[])));
        let all = Column::with_children(asks.iter().take(NAMED).map(line)).push(more);
        all.spacing(space::XS).into()
    }
}

fn approval<'a>(
    sheet: &'a Sheet,
    ask: &'a Ask,
    (typed, alike): (&'a str, Option<String>),
    cx: &Cx<'a>,
) -> Element<'a, Up> {
    let who = safe::line(&ask.subscriber.to_string());
    let topic = named(&ask.topic, cx);
    let means = text(cx.format("owner-approve-means", &[("who", &who), ("topic", &topic)]));
    let check = sheet.check();
    let below = match check {
        Some(Check::Other) => {
            let plain = safe::line(&ask.subscriber.domain_ascii());
            Below::Wrong(cx.format("owner-domain-differs", &[("domain", &plain)]))
        }
        Some(Check::Same) => Below::Hint(cx.text("owner-domain-same")),
        _ => Below::Hint(cx.text("owner-domain-check-why")),
    };
    let domain = field(cx.text("owner-domain-check"), typing("csirt.example", typed, check), below);
    let words = words(sheet, "owner-why-example", false, cx);
    let words = field(cx.text("owner-why"), words, Below::Hint(cx.text("owner-why-kept")));
    let alike = alike.map(|words| strip(Tone::Alarm, words, Some(cx.text("owner-lookalike-why")), Vec::new()));
    // What a foreign-looking address is made of.
    let plain = safe::ascii(&ask.subscriber.to_string()).map(|plain| mono(plain).style(theme::text::soft));
    let go = press(text(cx.text("owner-approve"))).style(theme::button::danger);
    let inside = column![heading(cx.text("owner-approve-title")), means, plain, alike, domain, words];
    inside.push(note(sheet, cx)).push(acts(sheet, go, cx)).spacing(space::MD).into()
}

/// Where domains are typed.
fn typing<'a>(example: &str, typed: &'a str, check: Option<Check>) -> Element<'a, Up> {
    let style = if check == Some(Check::Other) { theme::input::wrong } else { theme::input::field };
    let input = text_input(example, typed).id(DOMAIN).on_input(|typed| Up::Sheet(Message::Domain(typed)));
    input.padding([space::SM, space::MD]).font(theme::MONO).style(style).into()
}

fn question<'a>(sheet: &'a Sheet, ask: &'a Ask, cx: &Cx<'a>) -> Element<'a, Up> {
    let who = safe::line(&ask.subscriber.to_string());
    let name = heading(cx.text("owner-ask-title"));
    let why = text(cx.format("owner-ask-means", &[("who", &who)]));
    let words = words(sheet, "owner-ask-example", true, cx);
    let go = press(text(cx.text("owner-ask-go"))).style(theme::button::primary);
    column![name, why, words, acts(sheet, go, cx)].spacing(space::MD).into()
}

/// The field for words; where an act can be undone, Enter is enough.
fn words<'a>(sheet: &'a Sheet, example: &str, enter: bool, cx: &Cx<'a>) -> Element<'a, Up> {
    let input =
        text_input(&cx.text(example), &sheet.words).id(WORDS).on_input(|typed| Up::Sheet(Message::Words(typed)));
    let input = input.on_submit_maybe(enter.then_some(Up::Sheet(Message::Go)));
    input.padding([space::SM, space::MD]).style(theme::input::field).into()
}

/// The field for what travels with an approval.
fn note<'a>(sheet: &'a Sheet, cx: &Cx<'a>) -> Element<'a, Up> {
    let input = text_input(&cx.text("owner-note-example"), &sheet.note).id("request.note");
    let input = input.on_input(|typed| Up::Sheet(Message::Note(typed)));
    let input = input.padding([space::SM, space::MD]).style(theme::input::field);
    field(cx.text("owner-note"), input, Below::Hint(cx.text("owner-reason-sent")))
}

fn acts<'a>(sheet: &Sheet, go: Press<'a, Up>, cx: &Cx<'a>) -> Element<'a, Up> {
    let back = Press::word(cx.text("owner-back")).id(BACK).on_press(Up::Sheet(Message::Close));
    let go = go.deliberate().id(GO).on_press_maybe(sheet.is_enough().then_some(Up::Sheet(Message::Go)));
    let held = caption(cx.catalog.count("owner-then-held", u64::from(cx.settings.hold()), &[])).width(Fill);
    row![held, gap::horizontal().width(space::SM), Element::from(back), Element::from(go)]
        .spacing(space::SM)
        .align_y(Center)
        .into()
}
