//! The feed: incidents of all subscribed topics in one list, newest first unless asked otherwise.
//!
//! Owns order, selection, filter and the way back. Nothing the reader looks at moves: what arrives while he is elsewhere than at
//! the top, or reads an incident, waits behind a pill (`product.md` law 1). Without a filter the list is kept in order row by
//! row; with one, another order, or rows out of sight, a task searches the index and the last answer stays until the next.

mod bar;
mod between;
mod chosen;
mod copy;
mod filter;
mod flow;
mod form;
mod group;
mod hole;
mod keep;
mod key;
mod layout;
mod lines;
mod panes;
mod places;
mod row;
mod search;
mod side;
mod table;
mod triage;
mod value;
mod view;

use std::collections::BTreeSet;

use iced::Task;
use iced::widget::operation;

use crate::app::cx::Cx;
use crate::engine::Command;
use crate::model::{Say, TopicId};
pub use crate::screen::How;
use crate::screen::{Action, Tab, Target};
use crate::store::finder::{Found, Job, Report, Tally};
use crate::store::index::order::By;
use crate::store::index::{Bitmap, Sort, whole};
use crate::store::views::{Column, Width};
use crate::store::{Row, Seq, Standing, Store};
use crate::widget::Visible;

use filter::Filter;
use flow::Flow;
pub use form::Form;
pub use group::Group;
use group::Groups;
use hole::Hole;
use key::Prefix;
pub use layout::Layout;
use lines::{Between, Line};
pub use panes::{Panes, Split, Splits};
pub use places::Places;
use places::{Place, merge};
use search::Search;
pub use side::View;
pub use table::ALL as COLUMNS;
pub use triage::Act;
pub use value::Seen;

/// The list's name, to give it the keyboard.
pub const LIST: &str = "feed/list";
/// The side bar's first entry, to give it the keyboard.
pub const SIDE: &str = "feed/side";
/// The filter field's name.
pub const FILTER: &str = "feed/filter";
/// The field of a form beside the list.
pub const FORM: &str = "feed/form";
/// Rows shown at once of a store whose index is still being made.
const PAGE: u32 = 500;

/// The feed's state.
#[derive(Debug, Default)]
pub struct Feed {
    /// Every row's place, oldest first: what arrives is mostly newest and goes to the end.
    all: Vec<Place>,
    /// `all` lacks older rows, which only the index has.
    partial: bool,
    /// Rows before this one were given a place, or are among the older.
    next: Seq,
    /// What shows where that is not everything, newest first.
    found: Option<Found>,
    search: Search,
    filter: Filter,
    sort: Sort,
    /// The order of rows that are equal in the first.
    then: Option<Sort>,
    /// What its rows are put together by, and the groups that are open.
    group: Option<Group>,
    /// The same where no saved view shows.
    usual_group: Option<Group>,
    open: BTreeSet<u64>,
    groups: Option<Groups>,
    /// Times in which nothing arrived, newest first, and where they stand among the rows.
    holes: Vec<Hole>,
    between: Between,
    flow: Flow,
    /// Muted and snoozed rows show too.
    bare: bool,
    selected: Option<Seq>,
    /// The group whose head is chosen instead of a row.
    head: Option<u64>,
    /// Rows an act is meant for, besides the selected one.
    marked: Bitmap,
    side: side::Side,
    form: Option<Form>,
    /// A key was pressed that the next gives its meaning, and how often it is meant.
    prefix: Prefix,
    times: Option<usize>,
    /// The column one stands in, within the chosen row.
    cell: Option<Column>,
    /// Keys that the detail pane has too are its own: it was turned to last.
    away: bool,
    /// What is being dragged, until it is let go.
    dragged: Option<Vec<Width>>,
    splitting: Option<Splits>,
    visible: Visible,
    /// The first row that shows, and the filter under which it does: where one finds oneself after another tab.
    first: Option<(u64, Line)>,
    /// Counts changes of the filter.
    basis: u64,
    /// Counts returns to another place, for which the list is built anew.
    epoch: u64,
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
    /// To the newest, and shows what comes until something is chosen.
    Follow,
    /// Keeps the list as it is, or lets in what was held.
    Pause,
    /// Puts rows together.
    Group(Option<Group>),
    /// Opens or shuts a group.
    Fold(u64),
    FoldAll(bool),
    Linked(u64, Groups),
    /// Something else is known of what is complete.
    Covered,
    Holes(Vec<Hole>),
    /// To what is known of this topic.
    Topic(TopicId),
    /// No incident is read any more.
    CloseDetail,
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
    Narrow(Vec<Seen>, How),
    /// All filters off or on again, at the same place.
    Toggle,
    /// Muted and snoozed rows show, or do not.
    Bare(bool),
    Sort(By),
    /// Orders rows that are equal in the first order, or lets that be.
    Then(By),
    Layout(Layout),
    /// An edge between panes is dragged there, in the words of [`Splits`].
    Split(Split, u16),
    SplitDone,
    SplitStep(Split, bool),
    /// The cell one stands on is this column's, or none.
    Cell(Option<Column>),
    /// What can be done with the value of a cell.
    Value(Seq, Column),
    /// The value under the cursor joins the filter.
    NarrowHere(How),
    /// A digit of how often the next key is meant.
    Digit(usize),
    /// The chosen rows or value: defanged, or (`true`) as written.
    Copy(bool),
    /// Back to what showed before, or (`false`) forward again.
    Back(bool),
    /// Put the caret into the filter field.
    Search,
    View(View),
    Prefix(Prefix),
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
    /// What waited is done, and what was done is written, or not.
    Worked(usize, Report),
    /// Mutes and snoozes could not be looked at anew.
    Unsettled(Say),
    Tick,
    /// To what comes after the selected report.
    Report,
    Browse,
    /// To what is ours, where nobody has said it yet.
    Ours,
    /// How filters are written.
    Help,
    Export,
    Connect,
    Retry,
    /// To all that is known of the connection, and what can be done.
    Details,
}

impl Message {
    /// Whether it speaks of all rows of the list, those not in sight too.
    fn is_of_all(&self) -> bool {
        matches!(self, Self::End(false) | Self::MarkAll | Self::AllRead)
    }

    /// Whether the person said it; the rest comes by itself.
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        !matches!(
            self,
            Self::Visible(_)
                | Self::Found(..)
                | Self::Linked(..)
                | Self::Counted(_)
                | Self::Taken
                | Self::Settled
                | Self::Worked(..)
                | Self::Unsettled(_)
                | Self::Tick
                | Self::Covered
                | Self::Holes(_)
        )
    }
}

impl Feed {
    /// The row from which on it has no places.
    #[must_use]
    pub fn next(&self) -> Seq {
        self.next
    }

    /// Takes in rows that were stored and that the index has; [`Message::Taken`] follows. A row that only changed its
    /// [`Standing`] is read anew whenever it is drawn.
    pub fn stored(&mut self, places: Places, cx: &Cx<'_>) {
        let places = places.beyond(&mut self.next);
        match &mut self.flow {
            Flow::Paused { before, held } => {
                let (shown, waiting) = places.into_iter().partition(|(_, seq)| seq < before);
                merge(&mut self.all, shown);
                merge(held, waiting);
            }
            Flow::Resting | Flow::Following => merge(&mut self.all, places),
        }
        self.lay(cx);
    }

    /// Starts again on another store: its newest page at once, the rest when the index is made.
    pub fn reset(&mut self, store: &dyn Store) {
        let (basis, epoch) = (self.basis + 1, self.epoch + 1);
        *self = Self {
            basis,
            epoch,
            group: self.usual_group,
            usual_group: self.usual_group,
            away: self.away,
            ..Self::default()
        };
        let len = store.len();
        (self.partial, self.next) = (len > PAGE, len);
        let newest: Vec<Seq> = (len.saturating_sub(PAGE)..len).collect();
        self.all = store.rows(&newest).iter().map(|row| (whole(row.at), row.seq)).collect();
        self.all.sort_unstable();
    }

    /// The selected row.
    #[must_use]
    pub fn selected(&self) -> Option<Seq> {
        self.selected
    }

    /// What its rows are put together by.
    #[must_use]
    pub fn group(&self) -> Option<Group> {
        self.group
    }

    /// Lets go of the selected row: the detail pane was closed.
    pub fn deselect(&mut self) {
        self.selected = None;
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        // What comes by itself does not come between two keys.
        let times = if message.is_by_hand() {
            self.prefix = Prefix::None;
            self.times.take().filter(|times| *times > 0)
        } else {
            None
        };
        if self.is_part() && message.is_of_all() {
            return self.put_off(message, cx);
        }
        match message {
            Message::Select(index) => self.select(self.counted(index, times, cx.store), cx),
            Message::Open(index) => match self.line(index) {
                Some(Line::Head(key)) => self.fold(key),
                _ => self.select(index, cx),
            },
            Message::Fold(key) => self.fold(key),
            Message::FoldAll(open) => self.fold_all(open),
            Message::Step(by) => self.step(by.saturating_mul(isize::try_from(times.unwrap_or(1)).unwrap_or(1)), cx),
            Message::Digit(digit) => {
                self.times = times;
                self.count_digit(digit)
            }
            Message::Copy(raw) => self.copy(raw, cx),
            Message::Cell(column) => {
                self.cell = column;
                Action::None
            }
            Message::Value(seq, column) => self.value_at(seq, column, cx),
            Message::NarrowHere(how) => self.narrow_here(how, cx),
            Message::Layout(change) => self.lay_out(change, cx),
            Message::Split(split, to) => {
                self.split(split, to, cx);
                Action::None
            }
            Message::SplitDone => self.split_done(cx),
            Message::SplitStep(split, wider) => self.split_step(split, wider, cx),
            Message::Unread(down) => self.next_unread(down, cx),
            Message::End(first) => self.select(if first { 0 } else { self.len().saturating_sub(1) }, cx),
            Message::Visible(visible) => {
                self.visible = visible;
                self.first = self.line(visible.first).map(|line| (self.basis, line));
                Action::None
            }
            Message::Jump => Action::Run(operation::snap_to(LIST, operation::RelativeOffset::START)),
            Message::Follow => self.follow(cx),
            Message::Pause => self.pause(cx),
            Message::CloseDetail => Action::Open(Target::NoIncident),
            Message::Topic(topic) => Action::Open(Target::Topic(topic)),
            Message::Search => Action::Run(Task::batch([operation::focus(FILTER), operation::select_all(FILTER)])),
            Message::Prefix(prefix) => {
                (self.prefix, self.times) = (prefix, times);
                Action::None
            }
            Message::Worked(of, report) => self.worked(of, report, cx),
            Message::Report => self.selected.map_or(Action::None, |seq| Action::Open(Target::Report(seq))),
            Message::Browse => Action::Open(Target::Tab(Tab::Topics)),
            Message::Ours => Action::Open(Target::Ours),
            Message::Help => Action::Open(Target::Filters),
            Message::Export => Action::Open(Target::Export),
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
            | Message::Then(_)
            | Message::Group(_)
            | Message::Back(_)
            | Message::View(_)
            | Message::RemoveView(_) => self.filtering(message, cx),
            Message::Found(..)
            | Message::Linked(..)
            | Message::Counted(_)
            | Message::Taken
            | Message::Settled
            | Message::Unsettled(_)
            | Message::Covered
            | Message::Holes(_)
            | Message::Tick => self.searched(message, cx),
            message => self.triage(message, cx),
        }
    }

    /// Whether the detail pane was turned to last, which then has its own keys.
    pub fn set_away(&mut self, away: bool) {
        self.away = away;
    }

    /// The list says one row on where a count says how many.
    fn counted(&self, index: usize, times: Option<usize>, store: &dyn Store) -> usize {
        let (Some(times), Some(from)) = (times, self.selected_index(store)) else { return index };
        if index == from + 1 {
            from.saturating_add(times).min(self.len().saturating_sub(1))
        } else if index + 1 == from {
            from.saturating_sub(times)
        } else {
            index
        }
    }

    fn step(&mut self, by: isize, cx: &Cx<'_>) -> Action<Message> {
        match self.selected_index(cx.store) {
            Some(index) => self.select(index.saturating_add_signed(by).min(self.len().saturating_sub(1)), cx),
            None => self.select(self.visible.first, cx),
        }
    }

    fn select(&mut self, index: usize, cx: &Cx<'_>) -> Action<Message> {
        let Some(index) = self.landing(index, cx.store) else { return Action::None };
        match self.line(index) {
            Some(Line::Row(seq)) => {
                (self.selected, self.head) = (Some(seq), None);
                self.rest();
                let was_unread = cx.finder.is_unread(seq);
                let seen = if was_unread { self.job(Job::See(seq), cx) } else { Action::None };
                let counted = if was_unread { both(seen, self.count(cx)) } else { Action::None };
                both(Action::Open(Target::Incident(seq)), counted)
            }
            Some(Line::Head(key)) => {
                (self.selected, self.head) = (None, Some(key));
                self.rest();
                Action::Open(Target::NoIncident)
            }
            Some(Line::Hole(_)) | None => Action::None,
        }
    }

    /// Something was chosen: what comes does not move the list any more.
    fn rest(&mut self) {
        self.filter.rest();
        if matches!(self.flow, Flow::Following) {
            self.flow = Flow::Resting;
        }
    }

    /// The line to stand on when one goes to `index`: nobody stands on a hole, but on what follows it the way one went.
    fn landing(&self, index: usize, store: &dyn Store) -> Option<usize> {
        let is_hole = |index: &usize| matches!(self.line(*index), Some(Line::Hole(_)));
        let from = self.selected_index(store);
        let onward = if from.is_some_and(|from| index < from) {
            (0..=index).rev().find(|index| !is_hole(index))
        } else {
            (index..self.len()).find(|index| !is_hole(index))
        };
        onward.or(from).filter(|index| *index < self.len())
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
        match found {
            Some(index) => self.select(index, cx),
            None if down && self.is_part() => self.put_off(Message::Unread(true), cx),
            None => Action::None,
        }
    }

    /// How many lines are in the list.
    fn len(&self) -> usize {
        match &self.groups {
            Some(groups) => groups.lines(),
            None => self.flat() + self.between.len(),
        }
    }

    /// How many rows there are, before they are put together.
    fn flat(&self) -> usize {
        self.found.as_ref().map_or(self.all.len(), |found| found.rows.len())
    }

    /// The rows, shown or in a shut group, in the order of the list.
    fn rows(&self) -> Box<dyn Iterator<Item = Seq> + '_> {
        match &self.groups {
            Some(groups) => Box::new(groups.rows().iter().copied()),
            None => Box::new((0..self.flat()).filter_map(|nth| self.nth(nth))),
        }
    }

    fn nth(&self, nth: usize) -> Option<Seq> {
        match &self.found {
            Some(found) => found.rows.get(nth).copied(),
            None => self.all.get(self.all.len().checked_sub(nth + 1)?).map(|(_, seq)| *seq),
        }
    }

    /// What stands on a line.
    fn line(&self, index: usize) -> Option<Line> {
        match &self.groups {
            Some(groups) => groups.on(index).map(|on| on.map_or_else(|head| Line::Head(head.key), Line::Row)),
            None => match self.between.on(index) {
                Ok(nth) => self.nth(nth).map(Line::Row),
                Err(key) => Some(Line::Hole(key)),
            },
        }
    }

    /// The row on a line, where it is one.
    fn seq(&self, index: usize) -> Option<Seq> {
        match self.line(index)? {
            Line::Row(seq) => Some(seq),
            Line::Hole(_) | Line::Head(_) => None,
        }
    }

    /// The line of a row.
    fn index(&self, seq: Seq, store: &dyn Store) -> Option<usize> {
        if let Some(groups) = &self.groups {
            return groups.of_row(seq);
        }
        let nth = match &self.found {
            Some(found) => found.place(seq)?,
            None => {
                let place = (whole(store.row(seq)?.at), seq);
                self.all.len() - 1 - self.all.binary_search(&place).ok()?
            }
        };
        Some(self.between.of_row(nth))
    }

    /// Where a line stands now; a row of a shut group is where its head is.
    fn locate(&self, line: &Line, store: &dyn Store) -> Option<usize> {
        match line {
            Line::Row(seq) => self.index(*seq, store).or_else(|| {
                let groups = self.groups.as_ref()?;
                groups.of_head(groups.over(*seq)?.key)
            }),
            Line::Hole(key) => self.groups.is_none().then(|| self.between.of_key(*key)).flatten(),
            Line::Head(key) => self.groups.as_ref()?.of_head(*key),
        }
    }

    /// The line that is chosen.
    fn selected_index(&self, store: &dyn Store) -> Option<usize> {
        match self.head {
            Some(key) => self.groups.as_ref()?.of_head(key),
            None => self.index(self.selected?, store),
        }
    }
}

/// Both, one after the other.
fn both(one: Action<Message>, other: Action<Message>) -> Action<Message> {
    match (one, other) {
        (Action::None, only) | (only, Action::None) => only,
        (one, other) => Action::Many(vec![one, other]),
    }
}

/// Whether a row stands for what the broker holds now.
fn is_current(row: &Row) -> bool {
    row.standing == Standing::Current
}
