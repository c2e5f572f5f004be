//! The whole of one document laid out for reading: what the detail pane and the file viewer have in common. Not a screen by
//! itself: whoever holds a [`Pane`] says where the document came from and draws what stands above it.
//!
//! The summary shows at once; the whole is read away from the window's thread, and an answer for another document than the
//! one that shows is dropped. Remote text passes through `text` before it is shown; there are no links.

mod changes;
mod compare;
mod essence;
mod export;
mod findings;
mod observables;
mod report;
mod section;
mod time;
mod tree;
mod tree_view;
mod view;
mod whole;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use iced::Task;
use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use iced::widget::text_editor;

use crate::app::cx::Cx;
use crate::iodef::{Element, NodeId};
use crate::model::{Say, Summary};
use crate::screen::{Action, How, Target};
use crate::store::query::Field;
use crate::text;
use crate::widget::xml;

use compare::Compare;

pub use crate::iodef::export::Format;
pub use compare::{Compared, Load, Offer};
pub use export::Made;
pub use time::Zone;
pub use view::{Lead, banner, head, name, plain};
pub use whole::{Source, Trouble, Whole, is_json, read as read_whole, refused};

/// The first side's name, to give a document the keyboard.
pub const TABS: &str = "document/tabs";

/// Numbers the documents that panes show, of all panes: what was read for one is never taken for another's.
static TICKETS: AtomicU64 = AtomicU64::new(0);

/// The sides of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    #[default]
    Summary,
    Observables,
    Tree,
    Checks,
    Xml,
    Export,
    Changes,
}

impl Side {
    pub const ALL: [Self; 7] =
        [Self::Summary, Self::Observables, Self::Tree, Self::Checks, Self::Xml, Self::Export, Self::Changes];
}

/// How far reading has come.
#[derive(Default)]
enum Read {
    /// There is nothing to read.
    #[default]
    Nothing,
    Reading,
    Whole(Arc<Whole>),
    Failed(Trouble),
}

/// A document before its reader.
#[derive(Default)]
pub struct Pane {
    side: Side,
    zone: Zone,
    /// Texts are followed by their other languages.
    originals: bool,
    /// Elements of the raw document stand on lines of their own.
    indented: bool,
    source: Option<Source>,
    read: Read,
    /// Number of the document that shows; what is read for an earlier one stops before it begins.
    ticket: Arc<AtomicU64>,
    xml: Option<xml::Raw>,
    /// The observable that is selected.
    picked: Option<usize>,
    tree: tree::Shown,
    all_findings: bool,
    making: Option<Format>,
    sheet: Option<(Format, Vec<Say>)>,
    compare: Compare,
}

impl std::fmt::Debug for Pane {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pane({:?})", self.side)
    }
}

#[derive(Clone, Debug)]
pub enum Message {
    Side(Side),
    /// The document with this number was read.
    Read(u64, Result<Arc<Whole>, Trouble>),
    Zone,
    Originals,
    /// Selecting and scrolling in the raw document; edits are ignored.
    Xml(text_editor::Action),
    Indent(bool),
    ShowAll,
    /// The document's bytes, exactly.
    CopyXml,
    /// For whoever holds the pane: the summary as plain text.
    CopySummary,
    Pick(usize),
    /// The selected observable, defanged or as it is written.
    Copy(bool),
    CopyAll(bool),
    /// The selected observable joins the feed's filter.
    Narrow(How),
    /// Shows the selected observable in the tree.
    Reveal,
    /// A place in the list of the tree.
    TreePick(usize),
    TreeToggle(usize),
    /// A row of the outline.
    TreeFlip(usize),
    In,
    Out,
    OpenAll(bool),
    /// Shows an element in the tree.
    Go(NodeId),
    ShowFindings,
    Export(Format),
    Exported(u64, Format, Option<Made>),
    /// A place in the list of revisions.
    Against(usize),
    /// What came of comparing the document with this number to a revision, by its place.
    Compared(u64, usize, Result<Compared, Say>),
    AllChanges,
    /// For whoever holds the pane: asks for another file to compare with.
    Other,
}

impl Pane {
    /// Nothing shows; side, zone and the like stay as they are.
    pub fn clear(&mut self) {
        self.ticket.store(TICKETS.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        *self = Self {
            side: self.side,
            zone: self.zone,
            originals: self.originals,
            indented: self.indented,
            ticket: Arc::clone(&self.ticket),
            compare: Compare { picks: self.compare.picks, ..Compare::default() },
            ..Self::default()
        };
    }

    /// Shows another document and begins to read it.
    pub fn show(&mut self, source: Source, cx: &Cx<'_>) -> Action<Message> {
        self.clear();
        let ticket = self.ticket.load(Ordering::SeqCst);
        let latest = Arc::clone(&self.ticket);
        let (catalog, lang) = (cx.catalog.clone(), cx.settings.ui.language.clone().unwrap_or_else(|| "en".to_owned()));
        self.source = Some(source.clone());
        self.read = Read::Reading;
        self.load();
        let reading = async move {
            let reading = tokio::task::spawn_blocking(move || {
                // Who runs through a list passes many documents by.
                let wanted = latest.load(Ordering::SeqCst) == ticket;
                wanted.then(|| whole::read(&source, &catalog, &lang).map(Arc::new))
            });
            match reading.await {
                Ok(read) => read.map(|read| Message::Read(ticket, read)),
                Err(_) => Some(Message::Read(ticket, Err(broken()))),
            }
        };
        Action::Run(Task::future(reading).and_then(Task::done))
    }

    /// There is a document, and it is on its way here.
    pub fn wait(&mut self) {
        self.read = Read::Reading;
    }

    /// There is a document, and it cannot be had, or may not be read: then its bytes show.
    pub fn fail(&mut self, trouble: Trouble, source: Option<Source>) {
        self.source = source;
        self.load();
        self.read = Read::Failed(trouble);
    }

    /// What an earlier reading of the whole found out.
    #[must_use]
    pub fn whole(&self) -> Option<&Whole> {
        match &self.read {
            Read::Whole(whole) => Some(whole),
            _ => None,
        }
    }

    /// The raw document as it is shown, where that side is.
    #[must_use]
    pub fn raw(&self) -> Option<String> {
        self.xml.as_ref().map(|raw| raw.content.text())
    }

    pub fn update(&mut self, message: Message, summary: Option<&Summary>, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Side(side) => {
                self.side = side;
                self.load();
                return self.compare_now();
            }
            Message::Read(ticket, _) | Message::Exported(ticket, ..) | Message::Compared(ticket, ..)
                if ticket != self.ticket.load(Ordering::SeqCst) => {}
            Message::Read(_, Ok(whole)) => {
                self.tree = tree::Shown::new(&whole.outline);
                self.read = Read::Whole(whole);
                return self.compare_now();
            }
            Message::Read(_, Err(trouble)) => self.read = Read::Failed(trouble),
            Message::Zone => self.zone = self.zone.next(),
            Message::Originals => self.originals = !self.originals,
            Message::Xml(_) | Message::Indent(_) | Message::ShowAll => self.raw_message(message),
            Message::CopyXml => {
                let whole = self.source.as_ref().map(|source| String::from_utf8_lossy(&source.bytes).into_owned());
                return whole.map_or(Action::None, Action::Copy);
            }
            Message::CopySummary | Message::Other => {}
            Message::Against(_) | Message::Compared(..) | Message::AllChanges => {
                self.compare_message(message);
                return self.compare_now();
            }
            Message::Pick(index) => self.picked = Some(index),
            Message::Copy(raw) => {
                let one = self.picked.and_then(|index| self.whole()?.observables.get(index));
                return one
                    .map_or(Action::None, |one| Action::Copy(if raw { one.raw.clone() } else { one.shown.clone() }));
            }
            Message::CopyAll(raw) => {
                return self
                    .whole()
                    .map_or(Action::None, |whole| Action::Copy(observables::lines(&whole.observables, raw)));
            }
            Message::Narrow(how) => {
                let one = self.picked.and_then(|index| self.whole()?.observables.get(index));
                let value = one.and_then(|one| Some((Field::of(one.kind)?, one.raw.clone())));
                let open = |(field, value)| Action::Open(Target::Narrow(field, value, how));
                return value.map_or(Action::None, open);
            }
            Message::Reveal => {
                if let Some(at) = self.picked.and_then(|index| Some(self.whole()?.observables.get(index)?.at)) {
                    self.reveal(at);
                }
            }
            Message::Go(at) => self.reveal(at),
            Message::TreePick(_)
            | Message::TreeToggle(_)
            | Message::TreeFlip(_)
            | Message::In
            | Message::Out
            | Message::OpenAll(_) => self.tree_message(&message),
            Message::ShowFindings => self.all_findings = true,
            Message::Export(format) => return self.export(format, cx),
            Message::Exported(_, format, made) => {
                self.making = None;
                let Some(Made { text, sheet }) = made else { return Action::None };
                self.sheet = Some((format, sheet));
                let id = summary.map(|summary| summary.id.as_str()).unwrap_or_default();
                return Action::Save { name: export::name(id, format), text };
            }
        }
        Action::None
    }

    fn raw_message(&mut self, message: Message) {
        if let Message::Indent(indented) = message {
            self.indented = indented;
        }
        let Some(raw) = &mut self.xml else { return };
        match message {
            Message::Xml(action) if !action.is_edit() => raw.content.perform(action),
            Message::Indent(indented) => raw.lay_out(indented),
            Message::ShowAll => raw.show_all(self.indented),
            _ => {}
        }
    }

    fn tree_message(&mut self, message: &Message) {
        let Read::Whole(whole) = &self.read else { return };
        let outline = &whole.outline;
        match message {
            Message::TreePick(place) => self.tree.pick(*place),
            Message::TreeToggle(place) => {
                if let Some(index) = self.tree.at(*place) {
                    self.tree.toggle(index, outline);
                }
            }
            Message::TreeFlip(index) => self.tree.toggle(*index, outline),
            Message::In => self.tree.enter(outline),
            Message::Out => self.tree.leave(outline),
            Message::OpenAll(open) => self.tree.set_all(*open, outline),
            _ => {}
        }
    }

    /// Turns to the tree with this element selected.
    fn reveal(&mut self, at: NodeId) {
        if let Read::Whole(whole) = &self.read {
            self.tree.reveal(at, &whole.outline);
            self.side = Side::Tree;
        }
    }

    fn export(&mut self, format: Format, cx: &Cx<'_>) -> Action<Message> {
        let Some(document) = self.whole().map(|whole| whole.document.clone()) else { return Action::None };
        self.making = Some(format);
        self.sheet = None;
        let (ticket, catalog) = (self.ticket.load(Ordering::SeqCst), cx.catalog.clone());
        let making =
            async move { tokio::task::spawn_blocking(move || export::make(format, &document, &catalog)).await.ok() };
        Action::Run(Task::perform(making, move |made| Message::Exported(ticket, format, made)))
    }

    /// Lays the raw document out when its side is first shown.
    fn load(&mut self) {
        if let (Side::Xml, None, Some(source)) = (self.side, &self.xml, &self.source) {
            self.xml = Some(xml::Raw::new(&source.bytes, self.indented));
        }
    }

    /// What a key says that nothing inside took.
    #[must_use]
    pub fn key(key: Key<&str>, modifiers: Modifiers) -> Option<Message> {
        let side = |number: usize| Side::ALL.get(number.checked_sub(1)?).copied().map(Message::Side);
        match key {
            Key::Character("t" | "T") if modifiers == Modifiers::SHIFT => Some(Message::Zone),
            Key::Character("l" | "L") if modifiers == Modifiers::SHIFT => Some(Message::Originals),
            Key::Character("y" | "Y") if (modifiers - Modifiers::SHIFT).is_empty() => {
                Some(Message::Copy(modifiers.shift()))
            }
            Key::Character("+") => Some(Message::Narrow(How::Plus)),
            Key::Character("=") if modifiers.shift() => Some(Message::Narrow(How::Plus)),
            Key::Character("-") if modifiers.is_empty() => Some(Message::Narrow(How::Minus)),
            Key::Character("=") if modifiers.is_empty() => Some(Message::Narrow(How::Only)),
            Key::Character(number) if modifiers.is_empty() => side(number.parse().ok()?),
            Key::Named(Named::ArrowRight) if modifiers.is_empty() => Some(Message::In),
            Key::Named(Named::ArrowLeft) if modifiers.is_empty() => Some(Message::Out),
            _ => None,
        }
    }
}

/// Reading came to no end.
fn broken() -> Trouble {
    Say::new("incident-broken").into()
}

/// Where an element stands, as a safe line.
fn line_of(element: Element<'_>) -> String {
    text::line(&element.path())
}
