//! The draft under work as the screen knows it: which element is looked at, what of the outline is open, the fields that
//! show, and what follows every step. What is shown is worked out once a change, never while it is drawn.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Instant;

use chrono::{DateTime, FixedOffset, Local, NaiveDateTime, TimeZone, Utc};
use iced::widget::text_editor::Content;

use super::essentials::{self, Essential};
use super::findings::Findings;
use super::leaks::Leaks;
use super::paste::Pasting;
use super::picker::Picker;
use super::reader::Reader;
use super::source::Lines;
use super::stock::Saving;
use super::version::Version;
use crate::compose::Draft;
use crate::compose::draft::{Act, Beside, Done, Spot};
use crate::compose::form::{self, Field, Kind, Row, Sheet, time};
use crate::compose::look::Goes;
use crate::compose::send;
use crate::compose::shelf::Sheet as Kept;
use crate::iodef::view::{incidents, looser, marking, own_restriction};
use crate::iodef::{Document, Element, NodeId};
use crate::model::{Restriction, Say, Tlp, TopicId};

/// A document of at most so many elements is open from the start.
const OPEN: usize = 300;
/// How deep a larger one is open.
const DEEP: usize = 2;
/// What is written beside a draft's name, in characters.
const NAME: usize = 80;

/// The document's restriction, and what inside differs from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub restriction: Restriction,
    pub stricter: usize,
    pub looser: usize,
}

/// The side beside the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Side {
    #[default]
    Source,
    Findings,
    Audience,
    Version,
    Reader,
}

impl Side {
    pub const ALL: [Self; 5] = [Self::Source, Self::Findings, Self::Audience, Self::Version, Self::Reader];

    /// The catalog key of its name.
    pub fn key(self) -> &'static str {
        match self {
            Self::Source => "compose-side-source",
            Self::Findings => "compose-side-findings",
            Self::Audience => "compose-side-audience",
            Self::Version => "compose-side-version",
            Self::Reader => "compose-side-reader",
        }
    }
}

/// A draft that is open.
pub struct Desk {
    /// Its name among the drafts.
    pub id: String,
    draft: Draft,
    rows: Vec<Row>,
    open: HashSet<NodeId>,
    selected: Option<NodeId>,
    sheet: Option<Sheet>,
    essentials: Vec<Essential>,
    /// Texts of several lines that show.
    editors: Vec<(Spot, Content)>,
    lines: Lines,
    marks: Marks,
    title: String,
    pub findings: Findings,
    pub leaks: Leaks,
    pub version: Version,
    pub reader: Reader,
    pub goes: Goes,
    /// As it was worked out last, and of which state.
    digest: RefCell<Option<(u64, String)>>,
    pub paste: Option<Pasting>,
    /// It is to become a template.
    pub saving: Option<Saving>,
    /// A time as it is being typed, and as it was written.
    typing: Option<(Spot, String, String)>,
    pub side: Side,
    pub picker: Option<Picker>,
    /// Why the last act was not made.
    pub refused: Option<Say>,
    /// What was not simply taken over when it was opened.
    pub notes: Vec<Say>,
    /// What is missing is said at its field.
    pub tried: bool,
    /// The state that the saver knows of, and when the draft was changed last.
    pub seen: Option<u64>,
    pub changed: DateTime<Utc>,
}

impl Desk {
    pub fn new(id: String, draft: Draft, notes: Vec<Say>) -> Self {
        let root = draft.document().root();
        let depth = |element: Element<'_>| element.ancestors().count();
        let small = root.descendants().nth(OPEN).is_none();
        let open = root.descendants().filter(|element| small || depth(*element) <= DEEP).map(Element::id).collect();
        let mut desk = Self {
            id,
            draft,
            rows: Vec::new(),
            open,
            selected: None,
            sheet: None,
            essentials: Vec::new(),
            editors: Vec::new(),
            lines: Lines::default(),
            marks: Marks::default(),
            title: String::new(),
            findings: Findings::default(),
            leaks: Leaks::default(),
            version: Version::default(),
            reader: Reader::default(),
            goes: Goes::default(),
            digest: RefCell::default(),
            paste: None,
            saving: None,
            typing: None,
            side: Side::default(),
            picker: None,
            refused: None,
            notes,
            tried: false,
            seen: None,
            changed: DateTime::UNIX_EPOCH,
        };
        desk.refresh(None);
        desk
    }

    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    pub fn document(&self) -> &Document {
        self.draft.document()
    }

    pub fn beside(&self) -> &Beside {
        self.draft.beside()
    }

    pub fn topics(&self) -> &[TopicId] {
        &self.draft.beside().topics
    }

    /// A number for this state of the draft.
    pub fn revision(&self) -> u64 {
        self.draft.revision()
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// What tells what travels of this state from any other.
    pub fn digest(&self) -> String {
        let mut known = self.digest.borrow_mut();
        match &*known {
            Some((revision, digest)) if *revision == self.revision() => digest.clone(),
            _ => {
                let digest = send::digest(self.document().travelling().text.as_bytes());
                known.insert((self.revision(), digest)).1.clone()
            }
        }
    }

    /// The first line of what happened; empty where nothing is said yet.
    pub fn title(&self) -> &str {
        &self.title
    }

    pub fn essentials(&self) -> &[Essential] {
        &self.essentials
    }

    /// The element that is looked at, as the form shows it; `None` where the essentials show.
    pub fn sheet(&self) -> Option<&Sheet> {
        self.sheet.as_ref()
    }

    pub fn selected(&self) -> Option<Element<'_>> {
        self.document().element(self.selected?)
    }

    /// Where the selected element stands in the outline.
    pub fn place(&self) -> Option<usize> {
        let selected = self.selected?;
        self.rows.iter().position(|row| row.node == selected)
    }

    /// The fields that show, in their order.
    pub fn fields(&self) -> Vec<&Field> {
        match &self.sheet {
            Some(sheet) => sheet.fields.iter().collect(),
            None => self.essentials.iter().filter_map(Essential::field).collect(),
        }
    }

    pub fn editor(&self, spot: &Spot) -> Option<&Content> {
        self.editors.iter().find(|(of, _)| of == spot).map(|(_, content)| content)
    }

    pub fn editor_mut(&mut self, spot: &Spot) -> Option<&mut Content> {
        self.editors.iter_mut().find(|(of, _)| of == spot).map(|(_, content)| content)
    }

    /// The place of the control for an element among those that show: the one that is wrong, else the first of it.
    pub fn control_of(&self, node: NodeId) -> Option<usize> {
        let shown: Vec<Option<&Field>> = match &self.sheet {
            Some(sheet) => sheet.fields.iter().map(Some).collect(),
            None => self.essentials.iter().map(Essential::field).collect(),
        };
        let own = |field: &Option<&Field>| field.is_some_and(|field| field.spot.node == node);
        let wrong = |field: &Option<&Field>| {
            own(field) && field.is_some_and(|field| field.fault.is_some() || field.is_wanting())
        };
        shown.iter().position(wrong).or_else(|| shown.iter().position(own))
    }

    /// The draft as it is kept: without its history, which may be much.
    pub fn kept(&self, discarded: Option<DateTime<Utc>>) -> Kept {
        let draft = Draft::new(self.document().clone(), self.beside().clone());
        Kept { draft, changed: self.changed, discarded }
    }

    /// Makes one step of several acts; whether the document or what is beside it changed.
    pub fn act(&mut self, acts: &[Act]) -> bool {
        let before = self.draft.revision();
        let removed = acts.iter().any(|act| matches!(act, Act::Remove(_)));
        let beside = removed.then(|| self.neighbour()).flatten();
        match self.draft.act_all(acts, Instant::now()) {
            Ok(done) => {
                self.refused = None;
                let added = acts.iter().any(|act| {
                    matches!(
                        act,
                        Act::Add { .. } | Act::Insert { .. } | Act::Xml { .. } | Act::Duplicate(_) | Act::Move { .. }
                    )
                });
                self.follow(&done);
                if removed && self.selected.is_none() {
                    self.selected = beside.and_then(|node| done.follow(node));
                }
                if let Some(node) = done.node.filter(|_| added) {
                    self.reveal(node);
                }
                self.refresh(None);
            }
            Err(refused) => self.refused = Some(refused.say()),
        }
        self.draft.revision() != before
    }

    /// Types in a field of several lines: its text is the caller's already.
    pub fn typed(&mut self, spot: &Spot, text: String) -> bool {
        let before = self.draft.revision();
        match self.draft.act(&Act::Set { spot: spot.clone(), value: text }, Instant::now()) {
            Ok(done) => {
                self.refused = None;
                self.follow(&done);
                let typed = done.follow(spot.node).map(|node| Spot { node, part: spot.part.clone() });
                self.refresh(typed.as_ref());
            }
            Err(refused) => self.refused = Some(refused.say()),
        }
        self.draft.revision() != before
    }

    /// Types a time, in whichever way people do: it is written as a document has it, as soon as it is one.
    pub fn when(&mut self, spot: &Spot, words: String, now: DateTime<Utc>) -> bool {
        let written = time::written(&words, now, here).unwrap_or_else(|| words.clone());
        let changed = self.act(&[Act::Set { spot: spot.clone(), value: written.clone() }]);
        // What comes to be inside an element is numbered after it.
        self.typing = Some((spot.clone(), words, written));
        changed
    }

    /// A time as it is being typed, while the field says what was made of it.
    pub fn typing(&self, field: &Field) -> Option<&str> {
        let (spot, words, written) = self.typing.as_ref()?;
        let same = *spot == field.spot && field.value.as_deref().unwrap_or_default() == written.as_str();
        same.then_some(words.as_str())
    }

    /// Selects what was taken out of the version next, or before.
    pub fn to_removed(&mut self, by: isize) {
        let Some((_, Ok(made))) = &self.version.made else { return };
        let removed = &made.redaction.removed;
        let at = self.version.at.unwrap_or(if by < 0 { removed.len() } else { usize::MAX });
        let at = at.wrapping_add_signed(by).min(removed.len().saturating_sub(1));
        let node = removed.get(at).map(|removed| removed.node);
        self.version.at = node.map(|_| at);
        if node.is_some() {
            self.pick(node);
        }
    }

    /// As [`Desk::act`], without a step to undo where nobody did anything yet.
    pub fn begin_with(&mut self, act: &Act) -> bool {
        let is_fresh = !self.draft.can_undo();
        let done = self.act(std::slice::from_ref(act));
        if is_fresh {
            self.draft.settle();
        }
        done
    }

    pub fn undo(&mut self) -> bool {
        let done = self.draft.undo();
        self.turned(done)
    }

    pub fn redo(&mut self) -> bool {
        let done = self.draft.redo();
        self.turned(done)
    }

    fn turned(&mut self, done: Option<Done>) -> bool {
        let Some(done) = done else { return false };
        self.refused = None;
        self.follow(&done);
        if let Some(node) = done.node.filter(|node| self.document().element(*node).is_some() && self.selected.is_some())
        {
            self.reveal(node);
        }
        self.refresh(None);
        true
    }

    /// Ends the step that is being typed.
    pub fn rest(&mut self) {
        self.draft.rest();
    }

    fn follow(&mut self, done: &Done) {
        self.open = self.open.iter().filter_map(|node| done.follow(*node)).collect();
        self.selected = self.selected.and_then(|node| done.follow(node));
        self.findings.follow(done);
        self.picker = self.picker.take().and_then(|picker| picker.follow(done));
        for (spot, _) in &mut self.editors {
            // One whose element is gone is no field's any more.
            spot.node = done.follow(spot.node).unwrap_or(spot.node);
        }
        if let Some((spot, ..)) = &mut self.typing {
            spot.node = done.follow(spot.node).unwrap_or(spot.node);
        }
    }

    /// What is looked at when the selected element goes: the next of its kind, else the one before, else what it is in.
    fn neighbour(&self) -> Option<NodeId> {
        let element = self.selected()?;
        let parent = element.parent()?;
        let before = parent.children().take_while(|child| *child != element).last();
        let inside = parent.parent().map(|_| parent);
        element.following().next().or(before).or(inside).map(Element::id)
    }

    /// Selects an element and opens what it stands in.
    pub fn reveal(&mut self, node: NodeId) {
        let Some(element) = self.document().element(node) else { return };
        let around: Vec<NodeId> = element.ancestors().map(Element::id).collect();
        let is_root = element.parent().is_none();
        self.open.extend(around);
        // The document itself is no row; who goes up from an incident comes to the essentials.
        self.selected = (!is_root).then_some(node);
    }

    /// Looks at an element, or at the essentials.
    pub fn pick(&mut self, node: Option<NodeId>) {
        if node != self.selected {
            self.draft.rest();
            (self.picker, self.typing) = (None, None);
        }
        match node {
            Some(node) => self.reveal_in_place(node),
            None => self.selected = None,
        }
        self.refresh(None);
    }

    /// Looks at the document itself: its language, its format, what stands beside its incidents.
    pub fn whole(&mut self) {
        self.pick(None);
        self.selected = Some(self.document().root().id());
        self.refresh(None);
    }

    fn reveal_in_place(&mut self, node: NodeId) {
        if self.rows.iter().any(|row| row.node == node) {
            self.selected = Some(node);
        } else {
            self.reveal(node);
        }
    }

    /// The innermost element that begins on this line of the XML, else the one that the line is inside of.
    pub fn at_line(&self, line: usize) -> Option<NodeId> {
        let (from, to) = self.lines.span(line)?;
        let root = self.document().root();
        let mut found = None;
        for element in root.descendants() {
            let (start, end) = element.span();
            if start >= to {
                break;
            }
            if start >= from {
                return Some(element.id());
            }
            if end > from {
                found = Some(element.id());
            }
        }
        found
    }

    /// Opens or shuts an element; one that holds nothing leads to what it stands in.
    pub fn fold(&mut self, node: NodeId, open: Option<bool>) {
        let row = self.rows.iter().find(|row| row.node == node).copied();
        let Some(row) = row else { return };
        let wanted = open.unwrap_or(!row.open);
        if row.holds && wanted != row.open {
            if wanted {
                let _ = self.open.insert(node);
            } else {
                let _ = self.open.remove(&node);
                if self.selected().is_some_and(|selected| selected.ancestors().any(|around| around.id() == node)) {
                    self.selected = Some(node);
                }
            }
        } else if open == Some(false) {
            let parent = self.document().element(node).and_then(Element::parent);
            self.selected = parent.filter(|parent| parent.parent().is_some()).map(Element::id);
        }
        self.refresh(None);
    }

    /// Brings up to date what shows; `typed` is the field whose editor holds its text already.
    fn refresh(&mut self, typed: Option<&Spot>) {
        let document = self.draft.document();
        let (open, selected) = (&self.open, self.selected);
        self.rows = form::outline(document, |node| open.contains(&node));
        self.sheet = selected.and_then(|node| document.element(node)).map(form::sheet);
        self.essentials = if self.sheet.is_none() {
            essentials::of(document, self.draft.beside().template.as_deref())
        } else {
            Vec::new()
        };
        self.lines = Lines::of(document.text());
        self.marks = marks(document);
        self.title = title(document);
        let mut before = std::mem::take(&mut self.editors);
        let fields = self.fields().into_iter().filter(|field| matches!(field.kind, Kind::Words | Kind::Lines));
        let wanted: Vec<(Spot, String)> =
            fields.map(|field| (field.spot.clone(), field.value.clone().unwrap_or_default())).collect();
        for (spot, value) in wanted {
            let known = before.iter().position(|(of, _)| *of == spot).map(|at| before.swap_remove(at).1);
            let known = known.filter(|content| typed == Some(&spot) || content.text() == value);
            self.editors.push((spot, known.unwrap_or_else(|| Content::with_text(&value))));
        }
    }
}

/// The zone of this machine at a time of its own clocks.
fn here(at: NaiveDateTime) -> Option<FixedOffset> {
    Local.from_local_datetime(&at).earliest().map(|at| *at.offset())
}

/// The first line of what happened.
pub fn title(document: &Document) -> String {
    let incident = incidents(document).next().map(|incident| incident.element());
    let said = incident.and_then(|incident| crate::iodef::view::child_text(incident, "Description"));
    let first = said.as_deref().unwrap_or_default().lines().next().unwrap_or_default().to_owned();
    crate::text::line_within(&first, NAME)
}

fn marks(document: &Document) -> Marks {
    let Some(incident) = incidents(document).next().map(|incident| incident.element()) else {
        return Marks { restriction: Restriction::Absent, ..Marks::default() };
    };
    let restriction = marking(incident).restriction;
    let own = restriction.tlp();
    let inside = incident.descendants().filter_map(own_restriction).map(|said| said.tlp());
    Marks { restriction, stricter: inside.filter(|label| *label > own).count(), looser: looser(incident) }
}

/// The label of an element where another is in force there than around it.
pub fn differs(element: Element<'_>) -> Option<Tlp> {
    let own = own_restriction(element)?;
    let around = element.parent().map(|parent| marking(parent).restriction);
    around.is_none_or(|around| around != own).then(|| own.tlp())
}
