//! The feed: incidents of all subscribed topics in one list, newest first unless asked otherwise.
//!
//! Owns order, selection, filter and the way back. Nothing the reader looks at moves: what arrives while he is elsewhere than at
//! the top, or reads an incident, waits behind a pill (`product.md` law 1). Without a filter the list is kept in order row by
//! row; with one, another order, or rows out of sight, a task searches the index and the last answer stays until the next.

mod bar;
mod filter;
mod form;
mod key;
mod row;
mod search;
mod side;
mod triage;
mod view;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use iced::Task;
use iced::widget::operation;

use crate::app::cx::Cx;
use crate::engine::Command;
use crate::screen::{Action, Tab, Target};
use crate::store::finder::{Found, Tally};
use crate::store::index::Sort;
use crate::store::index::order::By;
use crate::store::query::Field;
use crate::store::{Row, Seq, Standing, Store};
use crate::widget::Visible;

use filter::Filter;
pub use form::Form;
use search::Search;
pub use side::View;
pub use triage::Act;

/// The list's name, to give it the keyboard.
pub const LIST: &str = "feed/list";
/// The filter field's name.
pub const FILTER: &str = "feed/filter";
/// The field of a form beside the list.
pub const FORM: &str = "feed/form";
/// Rows shown at once of a store whose index is still being made.
const PAGE: u32 = 500;

/// A row's place in the feed: its time, then the order of storing.
type Place = (DateTime<Utc>, Seq);

/// The feed's state.
#[derive(Debug, Default)]
pub struct Feed {
    /// Every row's place, oldest first: what arrives is mostly newest and goes to the end.
    all: Vec<Place>,
    /// `all` lacks older rows, which only the index has.
    partial: bool,
    /// What shows where that is not everything, newest first.
    found: Option<Found>,
    search: Search,
    filter: Filter,
    sort: Sort,
    /// Muted and snoozed rows show too.
    bare: bool,
    selected: Option<Seq>,
    /// Rows an act is meant for, besides the selected one.
    marked: BTreeSet<Seq>,
    side: side::Side,
    form: Option<Form>,
    /// `g` was pressed; what comes next says what it means.
    prefix: bool,
    visible: Visible,
    /// The first row that shows, and the filter under which it does: where one finds oneself after another tab.
    first: Option<(u64, Seq)>,
    /// Counts changes of the filter.
    basis: u64,
    /// Counts returns to another place, for which the list is built anew.
    epoch: u64,
}

/// How a value joins the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Plus,
    Minus,
    Only,
}

#[derive(Clone, Debug)]
pub enum Message {
    /// The row at this place of the list was chosen.
    Select(usize),
    /// One row down or up from the selected one.
    Step(isize),
    /// The next unread row below (or, `false`, above).
    Unread(bool),
    /// The first row (or, `false`, the last).
    End(bool),
    /// Show the selected one in the detail pane.
    Open(usize),
    Visible(Visible),
    /// To the newest.
    Jump,
    Filter(String),
    /// Enter in the filter field: to the list.
    Submit,
    /// This filter, as one step.
    Goto(String),
    ClearFilter,
    /// The chip at this place is taken away, or turned into its opposite.
    Drop(usize),
    Turn(usize),
    /// A value joins the filter.
    Narrow(Field, String, How),
    /// All filters off or on again, at the same place.
    Toggle,
    /// Muted and snoozed rows show, or do not.
    Bare(bool),
    Sort(By),
    /// Back to what showed before, or (`false`) forward again.
    Back(bool),
    /// Put the caret into the filter field.
    Search,
    View(View),
    Prefix,
    Act(Act),
    /// Marks the selected row for an act, or lets it go.
    Mark,
    /// Marks all from the last marked row to the selected one.
    MarkRange,
    MarkAll,
    Unmark,
    Form(Form),
    Word(String),
    Done,
    CloseForm,
    AllRead,
    Undo,
    Redo,
    RemoveView(usize),
    Found(u64, search::Answer),
    Counted(Option<Tally>),
    /// The index took rows in, or looked again at some.
    Taken,
    /// Mutes and snoozes were looked at anew.
    Settled,
    Tick,
    Browse,
    Hunt,
    Connect,
    Retry,
    /// To all that is known of the connection, and what can be done.
    Details,
}

impl Feed {
    /// Takes in rows that were stored; [`Message::Taken`] follows when the index has them too. A row that only changed its
    /// [`Standing`] is read anew whenever it is drawn.
    pub fn stored(&mut self, added: &[Seq], cx: &Cx<'_>) {
        let mut places: Vec<Place> = cx.store.rows(added).iter().map(|row| (row.at, row.seq)).collect();
        places.sort_unstable();
        merge(&mut self.all, places);
    }

    /// Starts again on another store: its newest page at once, the rest when the index is made.
    pub fn reset(&mut self, store: &dyn Store) {
        let (basis, epoch) = (self.basis + 1, self.epoch + 1);
        let views = std::mem::take(&mut self.side.views);
        *self = Self { basis, epoch, ..Self::default() };
        self.side.views = views;
        let len = store.len();
        self.partial = len > PAGE;
        let newest: Vec<Seq> = (len.saturating_sub(PAGE)..len).collect();
        self.all = store.rows(&newest).iter().map(|row| (row.at, row.seq)).collect();
        self.all.sort_unstable();
    }

    /// The selected row.
    #[must_use]
    pub fn selected(&self) -> Option<Seq> {
        self.selected
    }

    /// Lets go of the selected row: the detail pane was closed.
    pub fn deselect(&mut self) {
        self.selected = None;
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        let prefix = std::mem::take(&mut self.prefix);
        match message {
            Message::Select(index) | Message::Open(index) => self.select(index, cx),
            Message::Step(by) => self.step(by, cx),
            Message::Unread(down) => self.next_unread(down, cx),
            Message::End(first) => self.select(if first { 0 } else { self.len().saturating_sub(1) }, cx),
            Message::Visible(visible) => {
                self.visible = visible;
                self.first = self.seq(visible.first).map(|seq| (self.basis, seq));
                Action::None
            }
            Message::Jump => Action::Run(operation::snap_to(LIST, operation::RelativeOffset::START)),
            Message::Search => Action::Run(Task::batch([operation::focus(FILTER), operation::select_all(FILTER)])),
            Message::Prefix => {
                self.prefix = !prefix;
                Action::None
            }
            Message::Browse => Action::Open(Target::Tab(Tab::Topics)),
            Message::Hunt => Action::Open(Target::Hunt),
            Message::Connect => Action::Open(Target::Welcome),
            Message::Retry => Action::Engine(Command::RetryNow),
            Message::Details => Action::Open(Target::Connection),
            Message::Filter(_)
            | Message::Submit
            | Message::Goto(_)
            | Message::ClearFilter
            | Message::Drop(_)
            | Message::Turn(_)
            | Message::Narrow(..)
            | Message::Toggle
            | Message::Bare(_)
            | Message::Sort(_)
            | Message::Back(_)
            | Message::View(_)
            | Message::RemoveView(_) => self.filtering(message, cx),
            Message::Found(..) | Message::Counted(_) | Message::Taken | Message::Settled | Message::Tick => {
                self.searched(message, cx)
            }
            message => self.triage(message, cx),
        }
    }

    fn step(&mut self, by: isize, cx: &Cx<'_>) -> Action<Message> {
        match self.selected_index(cx.store) {
            Some(index) => self.select(index.saturating_add_signed(by).min(self.len().saturating_sub(1)), cx),
            None => self.select(self.visible.first, cx),
        }
    }

    fn select(&mut self, index: usize, cx: &Cx<'_>) -> Action<Message> {
        let Some(seq) = self.seq(index) else { return Action::None };
        self.selected = Some(seq);
        self.filter.rest();
        let was_unread = cx.finder.is_unread(seq);
        cx.finder.see(seq);
        let counted = if was_unread { self.count(cx) } else { Action::None };
        both(Action::Open(Target::Incident(seq)), counted)
    }

    fn next_unread(&mut self, down: bool, cx: &Cx<'_>) -> Action<Message> {
        let from = self.selected_index(cx.store);
        let unread = cx.finder.unread_rows();
        let is_unread = |index: &usize| self.seq(*index).is_some_and(|seq| unread.contains(seq));
        let found = if down {
            (from.map_or(0, |index| index + 1)..self.len()).find(is_unread)
        } else {
            (0..from.unwrap_or(0)).rev().find(is_unread)
        };
        found.map_or(Action::None, |index| self.select(index, cx))
    }

    /// How many rows are in the list.
    fn len(&self) -> usize {
        self.found.as_ref().map_or(self.all.len(), |found| found.rows.len())
    }

    /// The row at `index` of the list.
    fn seq(&self, index: usize) -> Option<Seq> {
        match &self.found {
            Some(found) => found.rows.get(index).copied(),
            None => self.all.get(self.all.len().checked_sub(index + 1)?).map(|(_, seq)| *seq),
        }
    }

    fn index(&self, seq: Seq, store: &dyn Store) -> Option<usize> {
        if let Some(found) = &self.found {
            return found.place(seq);
        }
        let place = (store.row(seq)?.at, seq);
        self.all.binary_search(&place).ok().map(|index| self.all.len() - 1 - index)
    }

    fn selected_index(&self, store: &dyn Store) -> Option<usize> {
        self.index(self.selected?, store)
    }
}

/// Both, one after the other.
fn both(one: Action<Message>, other: Action<Message>) -> Action<Message> {
    match (one, other) {
        (Action::None, only) | (only, Action::None) => only,
        (one, other) => Action::Many(vec![one, other]),
    }
}

/// Puts sorted `new` places among sorted `places`.
fn merge(places: &mut Vec<Place>, new: Vec<Place>) {
    let in_order = match (places.last(), new.first()) {
        (Some(last), Some(first)) => last <= first,
        _ => true,
    };
    places.extend(new);
    if !in_order {
        // Two sorted runs: the standard sort merges them in one pass.
        places.sort();
    }
}

/// Whether a row stands for what the broker holds now.
fn is_current(row: &Row) -> bool {
    row.standing == Standing::Current
}
