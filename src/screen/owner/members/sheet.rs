//! What is asked before members change: whom to enter and as what, what somebody becomes, and that somebody reads no more. The
//! last owner stays; whoever ends that somebody owns the topic types its name (`product.md` B6, tier 3).

use std::sync::Arc;

use iced::widget::{Column, column, row, text, text_editor, text_input};
use iced::{Center, Fill};

use super::{Members, Message as Up, To};
use crate::app::cx::Cx;
use crate::model::owned::Members as Listed;
use crate::model::{Affiliation, BareJid, TopicId};
use crate::owner::members::{Row, role_key};
use crate::owner::sheet as table;
use crate::screen::owner::modal;
use crate::screen::owner::requests::Lasts;
use crate::text as safe;
use crate::theme::{self, space};
use crate::widget::field::{Below, field};
use crate::widget::{Element, Icon, Press, Tone, caption, heading, mono, press, strip};

const BACK: &str = "member.back";
const LIST: &str = "member.list";
const WORDS: &str = "member.words";
/// Roles one can be given.
pub(super) const ROLES: [Affiliation; 3] = [Affiliation::Member, Affiliation::Publisher, Affiliation::Owner];
/// More than this at once asks for a reason.
const MANY: usize = 10;
/// Height of the list of addresses.
const TALL: f32 = 132.0;
/// Shortest reason, in letters.
const LEAST: usize = 4;

/// What it is for.
#[derive(Debug)]
enum What {
    Invite { list: text_editor::Content, role: Affiliation, lasts: Lasts, listed: Arc<Listed>, plan: table::Plan },
    Change { account: BareJid, was: Affiliation, role: Affiliation },
    Revoke { account: BareJid, was: Affiliation, bar: bool },
}

/// An open sheet.
#[derive(Debug)]
pub struct Sheet {
    what: What,
    words: String,
    /// The topic's name, where it must be typed.
    name: String,
    owners: usize,
    me: bool,
    node: String,
}

#[derive(Clone, Debug)]
pub enum Message {
    List(text_editor::Action),
    Role(Affiliation),
    Lasts(Lasts),
    Bar(bool),
    Words(String),
    Name(String),
    Close,
    Go,
}

pub enum Outcome {
    Open,
    Closed,
    Done,
}

impl Sheet {
    fn new(what: What) -> Self {
        Self { what, words: String::new(), name: String::new(), owners: 0, me: false, node: String::new() }
    }

    pub fn invite(listed: &Arc<Listed>) -> Self {
        let (list, listed) = (text_editor::Content::new(), Arc::clone(listed));
        let (role, lasts, plan) = (Affiliation::Member, Lasts::Forever, table::Plan::default());
        Self::new(What::Invite { list, role, lasts, listed, plan })
    }

    pub fn change(row: &Row) -> Self {
        let (account, was) = (row.account.clone(), row.affiliation.clone());
        let role = if ROLES.contains(&was) { was.clone() } else { Affiliation::Member };
        Self::new(What::Change { account, was, role })
    }

    pub fn revoke(row: &Row) -> Self {
        let (account, was) = (row.account.clone(), row.affiliation.clone());
        let bar = was == Affiliation::Outcast;
        Self::new(What::Revoke { account, was, bar })
    }

    /// Puts a list in the place of what is typed.
    pub fn put(&mut self, lines: &str) {
        if let What::Invite { list, .. } = &mut self.what {
            *list = text_editor::Content::with_text(lines);
        }
        self.plan();
    }

    /// What the list would change. A line that says no role means the one that is chosen.
    fn plan(&mut self) {
        if let What::Invite { list, role, listed, plan, .. } = &mut self.what {
            let told = |line: &str| line.contains([',', ';', '\t']) || line.trim().is_empty() || line.starts_with('#');
            let line = |line: &str| if told(line) { line.to_owned() } else { format!("{line},{}", role.token()) };
            let lines: Vec<String> = list.text().lines().map(line).collect();
            *plan = table::read(lines.join("\n").as_bytes(), listed);
        }
    }

    pub fn update(&mut self, message: Message, topic: Option<&TopicId>, owners: usize, cx: &Cx<'_>) -> Outcome {
        self.about(topic, owners, cx);
        match message {
            Message::List(action) => {
                let edits = action.is_edit();
                if let What::Invite { list, .. } = &mut self.what {
                    list.perform(action);
                }
                if edits {
                    self.plan();
                }
            }
            Message::Role(to) => {
                if let What::Invite { role, .. } | What::Change { role, .. } = &mut self.what {
                    *role = to;
                }
                self.plan();
            }
            Message::Lasts(to) => {
                if let What::Invite { lasts, .. } = &mut self.what {
                    *lasts = to;
                }
            }
            Message::Bar(to) => {
                if let What::Revoke { bar, .. } = &mut self.what {
                    *bar = to;
                }
            }
            Message::Words(words) => self.words = words,
            Message::Name(name) => self.name = name,
            Message::Close => return Outcome::Closed,
            Message::Go if self.may() => return Outcome::Done,
            Message::Go => {}
        }
        Outcome::Open
    }

    /// What it depends on beside what is typed.
    pub fn about(&mut self, topic: Option<&TopicId>, owners: usize, cx: &Cx<'_>) {
        self.owners = owners;
        self.node = topic.map(|topic| topic.node.clone()).unwrap_or_default();
        self.me = match &self.what {
            What::Change { account, .. } | What::Revoke { account, .. } => cx.me() == Some(account),
            What::Invite { .. } => false,
        };
    }

    /// Whether somebody would own the topic no more.
    fn steps_down(&self) -> bool {
        match &self.what {
            What::Change { was, role, .. } => *was == Affiliation::Owner && *role != Affiliation::Owner,
            What::Revoke { was, .. } => *was == Affiliation::Owner,
            What::Invite { .. } => false,
        }
    }

    /// Nobody would own it.
    fn is_last(&self) -> bool {
        self.steps_down() && self.owners <= 1
    }

    fn is_many(&self) -> bool {
        matches!(&self.what, What::Invite { plan, .. } if plan.changes.len() > MANY)
    }

    fn may(&self) -> bool {
        let there = match &self.what {
            What::Invite { plan, .. } => !plan.changes.is_empty(),
            What::Change { was, role, .. } => was != role,
            What::Revoke { .. } => true,
        };
        let letters = self.words.chars().filter(|letter| letter.is_alphanumeric()).count();
        let named = self.name.trim() == self.node.trim() || self.name == safe::line(&self.node);
        there && !self.is_last() && (letters >= LEAST || !self.is_many()) && (named || !self.steps_down())
    }

    /// How long the access lasts that is given.
    pub(super) fn lasts(&self) -> Option<Lasts> {
        if let What::Invite { lasts, .. } = &self.what { Some(*lasts) } else { None }
    }

    pub(super) fn into_change(self) -> (To, String) {
        let to = match self.what {
            What::Invite { plan, .. } => To::Become(plan.changes),
            What::Change { account, role, .. } => To::Become(vec![(account, role)]),
            What::Revoke { account, bar, .. } => {
                To::Lose(vec![account], if bar { Affiliation::Outcast } else { Affiliation::None })
            }
        };
        (to, self.words.trim().to_owned())
    }

    fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Up> {
        let last = self.is_last().then(|| {
            strip(Tone::Alarm, cx.text("owner-last-owner"), Some(cx.text("owner-last-owner-why")), Vec::new())
        });
        let name = (self.steps_down() && !self.is_last()).then(|| {
            let input =
                text_input(&safe::line(&self.node), &self.name).id("member.name").on_input(typed(Message::Name));
            let input = input.padding([space::SM, space::MD]).font(theme::MONO).style(theme::input::field);
            let below = Below::Hint(cx.format("owner-type-name", &[("topic", &safe::line(&self.node))]));
            let means = if self.me { "owner-step-down" } else { "owner-step-down-other" };
            let means = strip(Tone::Caution, cx.text(means), None, Vec::new());
            column![means, field(cx.text("owner-type"), input, below)].spacing(space::MD)
        });
        let words = |key: &str, hint: &str| {
            let input =
                text_input(&cx.text("owner-why-example"), &self.words).id(WORDS).on_input(typed(Message::Words));
            let input = input.padding([space::SM, space::MD]).style(theme::input::field);
            field(cx.text(key), input, Below::Hint(cx.text(hint)))
        };
        let (title, go, inside) = match &self.what {
            What::Invite { list, role, lasts, plan, .. } => {
                let many = self.is_many().then(|| words("owner-why", "owner-why-kept"));
                let inside = column![self.list(list, plan, cx), roles(role, cx), ends(*lasts, cx), many];
                let inside = inside.spacing(space::MD);
                let count = plan.changes.len() as u64;
                let go = press(text(cx.catalog.count("owner-invite-go", count, &[]))).style(theme::button::primary);
                (cx.text("owner-invite-title"), go, inside)
            }
            What::Change { account, role, .. } => {
                let who = mono(safe::line(&account.to_string()));
                let go = press(text(cx.text("owner-change-go"))).style(theme::button::primary);
                (cx.text("owner-change-title"), go, column![who, roles(role, cx)].spacing(space::MD))
            }
            What::Revoke { account, bar, .. } => {
                let who = safe::line(&account.to_string());
                let means = text(cx.format("owner-revoke-means", &[("who", &who)]));
                let how = |to: bool, key: &str| {
                    let press = Press::word(cx.text(key)).style(theme::button::choice(*bar == to));
                    Element::from(press.on_press(Up::Sheet(Message::Bar(to))))
                };
                let hows = row![how(false, "owner-revoke-none"), how(true, "owner-revoke-bar")].spacing(space::XS);
                let words = words("owner-revoke-words", "owner-revoke-sent");
                let go = press(text(cx.text("owner-revoke-go"))).style(theme::button::danger);
                (cx.text("owner-revoke-title"), go, column![means, hows, words].spacing(space::MD))
            }
        };
        let back = Press::word(cx.text("owner-back")).id(BACK).on_press(Up::Sheet(Message::Close));
        let go = go.deliberate().id("member.go").on_press_maybe(self.may().then_some(Up::Sheet(Message::Go)));
        let held = caption(cx.catalog.count("owner-then-held", u64::from(cx.settings.hold()), &[])).width(Fill);
        let acts = row![held, Element::from(back), Element::from(go)].spacing(space::SM).align_y(Center);
        Column::new().push(heading(title)).push(inside).push(last).push(name).push(acts).spacing(space::MD).into()
    }

    fn list<'a>(&'a self, list: &'a text_editor::Content, plan: &'a table::Plan, cx: &Cx<'a>) -> Element<'a, Up> {
        let editor = text_editor(list)
            .id(LIST)
            .placeholder(cx.text("owner-invite-example"))
            .font(theme::MONO)
            .height(TALL)
            .padding([space::SM, space::MD])
            .style(theme::input::editor)
            .on_action(|action| Up::Sheet(Message::List(action)));
        let from = Press::marked(Icon::File, cx.text("owner-import")).style(theme::button::quiet).id("member.import");
        let head = row![caption(cx.text("owner-invite-list")).width(Fill), Element::from(from.on_press(Up::Browse))];
        let lines: Vec<String> = plan.faults.iter().take(8).map(|(line, _)| line.to_string()).collect();
        let below: Element<'a, Up> = if plan.cut {
            caption(cx.text("owner-invite-cut")).style(theme::text::danger).into()
        } else if lines.is_empty() {
            caption(cx.text("owner-invite-hint")).into()
        } else {
            let count = plan.faults.len() as u64;
            let words = cx.catalog.count("owner-invite-unread", count, &[("lines", &lines.join(", "))]);
            caption(words).style(theme::text::danger).into()
        };
        let same = (plan.same > 0).then(|| caption(cx.catalog.count("owner-invite-same", plan.same as u64, &[])));
        // Who would lose the right to read is revoked one by one, with its proof.
        let losses = plan.losses.len() as u64;
        let losses = (losses > 0)
            .then(|| caption(cx.catalog.count("owner-invite-losses", losses, &[])).style(theme::text::warn));
        column![head.align_y(Center), editor, below, same, losses].spacing(space::XS).into()
    }
}

impl Members {
    /// The sheet that is open.
    pub fn sheet<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Up>> {
        let sheet = self.sheet.as_ref()?;
        let first = if matches!(sheet.what, What::Invite { .. }) { LIST } else { BACK };
        Some(modal(sheet.view(cx), first, Up::Sheet(Message::Close)))
    }
}

fn typed(wrap: fn(String) -> Message) -> impl Fn(String) -> Up {
    move |words| Up::Sheet(wrap(words))
}

/// How long access can be given for.
fn ends<'a>(chosen: Lasts, cx: &Cx<'a>) -> Element<'a, Up> {
    let choice = |lasts: Lasts| {
        let press = Press::word(cx.text(lasts.key())).style(theme::button::choice(lasts == chosen));
        Element::from(press.on_press(Up::Sheet(Message::Lasts(lasts))))
    };
    column![caption(cx.text("owner-lasts")), row(Lasts::ALL.map(choice)).spacing(space::XS)].spacing(space::XS).into()
}

/// The roles there are to choose from.
fn roles<'a>(chosen: &Affiliation, cx: &Cx<'a>) -> Element<'a, Up> {
    let choice = |role: Affiliation| {
        let press = Press::word(cx.text(role_key(&role))).style(theme::button::choice(role == *chosen));
        Element::from(press.on_press(Up::Sheet(Message::Role(role))))
    };
    let help = caption(cx.text(match chosen {
        Affiliation::Owner => "owner-role-owner-why",
        Affiliation::Publisher => "owner-role-publisher-why",
        _ => "owner-role-member-why",
    }));
    column![caption(cx.text("owner-column-role")), row(ROLES.map(choice)).spacing(space::XS), help]
        .spacing(space::XS)
        .into()
}
