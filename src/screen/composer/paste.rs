//! Paste first: any text becomes a list of values, each of which is taken, changed or dropped before it enters the draft
//! (`product.md` C, row 42).

use std::sync::Arc;

use iced::widget::text_editor::{Action as Typed, Content, Edit};
use iced::widget::{column, container, operation, row, space as gap, text, text_editor, text_input};
use iced::{Center, Fill, Length, Task, Theme};

use super::desk::Desk;
use super::{Message, Screen};
use crate::app::cx::Cx;
use crate::compose::Draft;
use crate::compose::draft::Beside;
use crate::compose::paste::{Choice, Entry, Held, Manner, Paste};
use crate::model::{ObservableKind, Reserved, Say};
use crate::screen::Action;
use crate::text as safe;
use crate::text::extract::Doubt;
use crate::theme::{self, size, space};
use crate::widget::{
    Element, Icon, Press, Tone, caption, heading, line, mono, press, strip, virtual_list, warning_chip,
};

/// Where one pastes.
pub const FIELD: &str = "compose.paste.text";
pub const LIST: &str = "compose.paste.list";
/// A longer text is read and not shown: laying it out alone would hold the window up.
const SHOWN: usize = 8 * 1024;
/// A longer one is read away from the window's thread.
const APART: usize = 32 * 1024;
/// Where a document says what it is, in bytes.
const EARLY: usize = 4 * 1024;
/// Height of the field.
const TALL: f32 = 96.0;
/// What values enter as, with the key of its name.
const MANNERS: [(Manner, &str); 4] = [
    (Manner::Event("source"), "compose-manner-source"),
    (Manner::Event("target"), "compose-manner-target"),
    (Manner::Event("infrastructure"), "compose-manner-infrastructure"),
    (Manner::Watch, "compose-manner-watch"),
];

/// What is being done with the list.
#[derive(Clone, Debug)]
pub enum Act {
    Open,
    Close,
    Write(Typed),
    /// What a long text was read as, with the number it was pasted under.
    Read(u64, Box<Paste>),
    Look(usize),
    Toggle(usize),
    All(bool),
    Manner(usize),
    Change(String),
    Changed,
    Call(ObservableKind),
    /// What was pasted is a document, and is opened as one.
    Whole,
    Enter,
}

/// An open list.
pub struct Pasting {
    content: Content,
    paste: Paste,
    at: usize,
    manner: usize,
    change: String,
    refused: Option<Say>,
    /// A long text is being read: the number it was pasted under, which no other text has.
    reading: Option<u64>,
    /// What was pasted, where it is a document.
    document: Option<Arc<String>>,
}

impl Pasting {
    fn new() -> Self {
        Self {
            content: Content::new(),
            paste: Paste::default(),
            at: 0,
            manner: 0,
            change: String::new(),
            refused: None,
            reading: None,
            document: None,
        }
    }

    fn look(&mut self, at: usize) {
        self.at = at;
        self.refused = None;
        let value =
            self.paste.entries.get(at).map(|entry| entry.taken().map_or(entry.value.as_str(), |(_, value)| value));
        self.change = value.unwrap_or_default().to_owned();
    }
}

impl Screen {
    pub(super) fn of_paste(&mut self, act: Act, cx: &Cx<'_>) -> Action<Message> {
        if let Act::Read(number, paste) = act {
            self.pasted(number, *paste, cx);
            return Action::None;
        }
        // On the page without a draft one is begun for what is pasted.
        let begun = match (&act, &self.desk) {
            (Act::Open, None) => self.of_drafts(Message::Begin(0), cx),
            _ => Action::None,
        };
        if !self.is_editing() {
            return Action::None;
        }
        let Some(desk) = self.desk.as_mut() else { return Action::None };
        if matches!(act, Act::Open) {
            let _ = desk.paste.get_or_insert_with(Pasting::new);
            return Action::Many(vec![begun, Action::Run(operation::focus(FIELD))]);
        }
        // What the draft has is compared with what is pasted, and only then.
        let is_new = matches!(&act, Act::Write(typed) if typed.is_edit());
        let held = if is_new { Held::of(desk.document()) } else { Held::default() };
        let Some(open) = desk.paste.as_mut() else { return Action::None };
        match act {
            Act::Open | Act::Read(..) => {}
            Act::Close => desk.paste = None,
            Act::Write(typed) => {
                self.made += 1;
                return open.write(typed, self.made, &held, cx);
            }
            Act::Look(at) => open.look(at),
            Act::Toggle(at) => {
                let taken = open.paste.entries.get(at).is_some_and(|entry| entry.choice != Choice::Dropped);
                open.paste.choose(at, !taken);
                open.look(at);
            }
            Act::All(taken) => open.paste.choose_all(taken, |_| true),
            Act::Manner(manner) => open.manner = manner,
            Act::Change(words) => open.change = words,
            Act::Changed => {
                let (at, words) = (open.at, open.change.clone());
                open.refused = open.paste.change(at, &words).err().map(|why| why.say());
            }
            Act::Call(kind) => {
                let at = open.at;
                open.refused = open.paste.call(at, kind).err().map(|why| why.say());
                if open.refused.is_none() {
                    open.look(at);
                }
            }
            Act::Whole => {
                let Some(text) = open.document.clone() else { return Action::None };
                desk.paste = None;
                return super::drafts::opened(move || {
                    Draft::open(text.as_bytes(), &[], Beside::default()).map_err(|why| why.say())
                });
            }
            Act::Enter => return self.enter_pasted(cx),
        }
        Action::None
    }

    /// A long text was read. It is the list of the panel that waits for it, wherever that is now; what was pasted or typed over
    /// since is nobody's.
    fn pasted(&mut self, number: u64, paste: Paste, cx: &Cx<'_>) {
        let waits = |desk: &&mut Desk| desk.paste.as_ref().is_some_and(|open| open.reading == Some(number));
        let Some(desk) = self.desk.iter_mut().chain(&mut self.aside).find(waits) else { return };
        let held = Held::of(desk.document());
        if let Some(open) = &mut desk.paste {
            open.take(paste, &held, cx);
        }
    }

    /// Puts what is taken into the draft, as one step.
    fn enter_pasted(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(desk) = self.desk.as_mut() else { return Action::None };
        let Some(open) = desk.paste.take() else { return Action::None };
        let manner = MANNERS.get(open.manner).map_or(Manner::Watch, |(manner, _)| *manner);
        let root = super::essentials::root(desk.document());
        let acts =
            root.and_then(|node| desk.document().element(node)).map(|incident| open.paste.acts(incident, manner));
        let acts = acts.unwrap_or_default();
        if acts.is_empty() || !desk.act(&acts) {
            desk.paste = Some(open);
            return Action::None;
        }
        self.look(false, cx)
    }
}

impl Pasting {
    fn take(&mut self, mut paste: Paste, held: &Held, cx: &Cx<'_>) {
        paste.compare(held, &cx.finder.lens());
        (self.paste, self.reading) = (paste, None);
        self.look(0);
    }

    /// Takes what is typed or pasted under this number.
    fn write(&mut self, typed: Typed, number: u64, held: &Held, cx: &Cx<'_>) -> Action<Message> {
        if let Typed::Edit(Edit::Paste(pasted)) = &typed {
            self.document = is_document(pasted).then(|| Arc::clone(pasted));
        }
        if let Typed::Edit(Edit::Paste(pasted)) = &typed
            && pasted.len() > SHOWN
        {
            self.content = Content::new();
            if pasted.len() <= APART {
                self.take(Paste::read(pasted), held, cx);
                return Action::Run(operation::focus(LIST));
            }
            self.reading = Some(number);
            // The list of what was there before is not the one of this.
            self.paste = Paste::default();
            let pasted = pasted.clone();
            let read = async move { tokio::task::spawn_blocking(move || Paste::read(&pasted)).await };
            let told =
                move |paste: Result<Paste, _>| Message::Paste(Act::Read(number, Box::new(paste.unwrap_or_default())));
            let read = Task::perform(read, told);
            return Action::Many(vec![Action::Run(read), Action::Run(operation::focus(LIST))]);
        }
        let edits = typed.is_edit();
        self.content.perform(typed);
        if edits {
            self.take(Paste::read(&self.content.text()), held, cx);
        }
        Action::None
    }
}

/// Whether a text looks like a whole report, which is more than the values in it.
fn is_document(text: &str) -> bool {
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let early = (0..=EARLY.min(text.len())).rev().find_map(|end| text.get(..end)).unwrap_or_default();
    (text.starts_with('<') && early.contains("IODEF-Document"))
        || (text.starts_with('{') && early.contains("\"Incident\""))
}

/// The panel, in the place of the form.
pub fn side<'a>(open: &'a Pasting, cx: &Cx<'a>) -> Element<'a, Message> {
    let say = |act: Act| Message::Paste(act);
    let close = Press::word(cx.text("compose-close")).style(theme::button::quiet).id("compose.paste.close");
    let head =
        row![heading(cx.text("compose-paste-title")).width(Fill), Element::from(close.on_press(say(Act::Close)))];
    let field = text_editor(&open.content)
        .id(FIELD)
        .placeholder(cx.text("compose-paste-example"))
        .on_action(|action| Message::Paste(Act::Write(action)))
        .font(theme::MONO)
        .size(size::BODY - 1.0)
        .height(Length::Fixed(TALL))
        .padding([space::SM, space::MD])
        .style(theme::input::editor);
    let whole = open.document.as_ref().map(|_| {
        let open = Press::word(cx.text("compose-paste-open")).id("compose.paste.whole").on_press(say(Act::Whole));
        strip(Tone::Plain, cx.text("compose-paste-document"), None, vec![open.into()])
    });
    let told = if open.reading.is_some() { cx.text("compose-paste-reading") } else { tally(&open.paste, cx) };
    let all = |key: &str, taken| {
        let press = Press::word(cx.text(key)).style(theme::button::quiet).padding([2.0, space::SM]);
        Element::from(press.on_press(say(Act::All(taken))))
    };
    let bar = row![caption(told).width(Fill), all("compose-paste-all", true), all("compose-paste-none", false)];
    let cx_of_rows = *cx;
    let list = virtual_list(
        open.paste.entries.len(),
        theme::row(cx.settings.ui.density),
        move |index| match open.paste.entries.get(index) {
            Some(entry) => one(index, entry, &cx_of_rows),
            None => gap::horizontal().into(),
        },
        |index| index,
        |index| Some(*index),
    )
    .id(LIST)
    .selected((!open.paste.entries.is_empty()).then_some(open.at))
    .on_select(|index| Message::Paste(Act::Look(index)))
    .on_open(|index| Message::Paste(Act::Toggle(index)));
    let chosen = open.paste.entries.get(open.at).map(|entry| change(open, entry, cx));
    let manners = MANNERS.iter().enumerate().map(|(place, (_, key))| {
        let here = open.manner == place;
        let press = Press::word(cx.text(key)).style(theme::button::tab(here)).padding([3.0, space::SM]);
        Element::from(press.on_press(say(Act::Manner(place))))
    });
    let taken = open.paste.taken().count() as u64;
    let enter = Press::marked(Icon::Done, cx.catalog.count("compose-paste-enter", taken, &[]))
        .style(theme::button::primary)
        .id("compose.paste.enter")
        .on_press_maybe((taken > 0).then(|| say(Act::Enter)));
    let foot = row![caption(cx.text("compose-manner")), row(manners).spacing(2.0).width(Fill), Element::from(enter)];
    let inside = column![
        head.align_y(Center),
        field,
        whole,
        bar.align_y(Center),
        container(list).height(Fill).style(theme::surface::sunken),
        chosen,
        foot.spacing(space::SM).align_y(Center),
    ];
    container(inside.spacing(space::SM)).padding([space::MD, space::LG]).height(Fill).into()
}

/// `12 found: 8 of 9 IPv4, 3 of 3 domains`, and what was not read.
fn tally(paste: &Paste, cx: &Cx<'_>) -> String {
    let kinds = paste.tally().into_iter().map(|(kind, all, taken)| {
        let (all, taken) = (cx.catalog.number(all as u64), cx.catalog.number(taken as u64));
        cx.format("compose-paste-kind", &[("kind", &word(kind, cx)), ("all", &all), ("taken", &taken)])
    });
    let mut words = vec![cx.catalog.count("compose-paste-found", paste.entries.len() as u64, &[])];
    words.extend(kinds);
    if paste.mail {
        words.push(cx.text("compose-paste-mail"));
    }
    if paste.silent > 0 {
        words.push(cx.catalog.count("compose-paste-silent", paste.silent as u64, &[]));
    }
    if paste.beyond > 0 {
        words.push(cx.catalog.count("compose-paste-beyond", paste.beyond as u64, &[]));
    }
    words.join("  ·  ")
}

fn one<'a>(index: usize, entry: &'a Entry, cx: &Cx<'a>) -> Element<'a, Message> {
    let taken = entry.taken();
    let ink: fn(&Theme) -> text::Style = if taken.is_some() { theme::text::good } else { theme::text::soft };
    let mark = if taken.is_some() { Icon::Done } else { Icon::Offline };
    let mark = press(mark.view().size(size::CAPTION).style(ink)).style(theme::button::quiet).padding([2.0, space::SM]);
    let mark = mark.hint(cx.text("compose-paste-toggle")).on_press(Message::Paste(Act::Toggle(index)));
    let (of, value) = taken.unwrap_or((entry.kind, &entry.value));
    let value = line(safe::line_within(value, 120)).font(theme::MONO).size(size::BODY - 1.0);
    let value = if taken.is_some() { value } else { value.style(theme::text::soft).struck(true) };
    let place = caption(cx.format("compose-paste-line", &[("line", &cx.catalog.number(entry.at.line as u64))]));
    let times = (entry.count > 1).then(|| caption(format!("×{}", cx.catalog.number(entry.count as u64))));
    let flags = flags(entry, cx).into_iter().take(2).map(warning_chip);
    let words = row![
        Element::from(mark),
        container(caption(word(of, cx))).width(66.0),
        container(value).width(Fill).clip(true),
        row(flags).spacing(space::XS),
        times,
        place,
    ];
    container(words.spacing(space::SM).align_y(Center)).padding([0.0, space::SM]).into()
}

/// What the person should look at before they take it.
fn flags(entry: &Entry, cx: &Cx<'_>) -> Vec<String> {
    let mut flags = Vec::new();
    if entry.known {
        flags.push(cx.text("compose-flag-known"));
    }
    if entry.ours {
        flags.push(cx.text("compose-flag-ours"));
    }
    if let Some(other) = &entry.lookalike {
        flags.push(cx.format("compose-odd-like", &[("domain", &safe::line(other))]));
    }
    if entry.hidden {
        flags.push(cx.text("compose-flag-hidden"));
    }
    flags.extend(entry.reserved.map(|reserved| {
        cx.text(match reserved {
            Reserved::Private => "compose-flag-private",
            Reserved::Documentation => "compose-flag-documentation",
            Reserved::Local => "compose-flag-local",
            Reserved::Multicast => "compose-flag-multicast",
        })
    }));
    flags.extend(entry.doubt.map(|doubt| {
        cx.text(match doubt {
            Doubt::Version => "compose-doubt-version",
            Doubt::FileOrDomain => "compose-doubt-file",
            Doubt::Ending => "compose-doubt-ending",
            Doubt::Sentence => "compose-doubt-sentence",
            Doubt::Scheme => "compose-doubt-scheme",
            Doubt::Words => "compose-doubt-words",
        })
    }));
    flags
}

/// The selected value, to be changed or called something else.
fn change<'a>(open: &'a Pasting, entry: &'a Entry, cx: &Cx<'a>) -> Element<'a, Message> {
    let wrong =
        open.refused.as_ref().map(|say| text(cx.catalog.say(say)).size(size::CAPTION).style(theme::text::danger));
    let input = text_input("", &open.change)
        .id("compose.paste.change")
        .on_input(|words| Message::Paste(Act::Change(words)))
        .on_submit(Message::Paste(Act::Changed))
        .font(theme::MONO)
        .padding([4.0, space::SM])
        .style(if wrong.is_some() { theme::input::wrong } else { theme::input::field });
    let call = [ObservableKind::Domain, ObservableKind::File, ObservableKind::Url, ObservableKind::Ipv4];
    let call = call.into_iter().filter(|kind| *kind != entry.kind).map(|of| {
        let press =
            Press::word(cx.format("compose-paste-call", &[("kind", &word(of, cx))])).style(theme::button::quiet);
        Element::from(press.padding([2.0, space::SM]).on_press(Message::Paste(Act::Call(of))))
    });
    let written = mono(safe::line_within(&entry.written, 80)).style(theme::text::soft);
    let line = row![caption(cx.text("compose-paste-as")), input].spacing(space::SM).align_y(Center);
    column![row![caption(cx.text("compose-paste-written")), written].spacing(space::SM), line, row(call), wrong]
        .spacing(space::XS)
        .into()
}

/// The word for a kind of value.
fn word(kind: ObservableKind, cx: &Cx<'_>) -> String {
    cx.text(match kind {
        ObservableKind::Ipv4 => "compose-kind-ipv4",
        ObservableKind::Ipv6 => "compose-kind-ipv6",
        ObservableKind::Network => "compose-kind-network",
        ObservableKind::Asn => "compose-kind-asn",
        ObservableKind::Domain => "compose-kind-domain",
        ObservableKind::Url => "compose-kind-url",
        ObservableKind::Email => "compose-kind-email",
        ObservableKind::Mac => "compose-kind-mac",
        ObservableKind::Hash => "compose-kind-hash",
        ObservableKind::File => "compose-kind-file",
        ObservableKind::Port => "compose-kind-port",
        ObservableKind::Cve => "compose-kind-cve",
        ObservableKind::Other => "compose-kind-other",
    })
}
