//! The feed: incidents of all subscribed topics in one list, newest first.
//!
//! Owns order, selection, what was read and the words filtered by. Nothing the reader looks at moves: what arrives while
//! he is elsewhere than at the top, or reads an incident, waits behind a pill (`product.md` law 1).

mod row;
mod view;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use iced::Task;
use iced::widget::operation;

use crate::app::cx::Cx;
use crate::engine::Command;
use crate::screen::{Action, Tab, Target};
use crate::store::{Route, Row, Seq, Standing, Store};
use crate::widget::Visible;

/// The list's name, to give it the keyboard.
pub const LIST: &str = "feed/list";
/// The filter field's name.
pub const FILTER: &str = "feed/filter";

/// A row's place in the feed: its time, then the order of storing.
type Place = (DateTime<Utc>, Seq);

/// The feed's state.
#[derive(Debug, Default)]
pub struct Feed {
    /// Every row's place, oldest first: what arrives is mostly newest and goes to the end.
    all: Vec<Place>,
    /// The places that match the filter, where there is one.
    matching: Option<Vec<Place>>,
    words: String,
    selected: Option<Seq>,
    /// Rows not selected yet.
    unread: HashSet<Seq>,
    visible: Visible,
    /// The first row that shows, and the filter under which it does: where one finds oneself after another tab.
    first: Option<(u64, Seq)>,
    /// Counts changes of the filter.
    basis: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The row at this place of the list was chosen.
    Select(usize),
    /// One row down or up from the selected one.
    Step(isize),
    /// The next unread row below (or, `false`, above).
    Unread(bool),
    /// Show the selected one in the detail pane.
    Open(usize),
    Visible(Visible),
    /// To the newest.
    Jump,
    Filter(String),
    ClearFilter,
    /// Put the caret into the filter field.
    Search,
    AllRead,
    Browse,
    Connect,
    Retry,
    /// To all that is known of the connection, and what can be done.
    Details,
}

impl Feed {
    /// Takes in rows that were stored. A row that only changed its [`Standing`] is read anew whenever it is drawn.
    pub fn stored(&mut self, added: &[Seq], cx: &Cx<'_>) {
        let mut places: Vec<Place> = Vec::with_capacity(added.len());
        for row in added.iter().filter_map(|seq| cx.store.row(*seq)) {
            // What a topic had stored before we came is history, not news.
            if row.route != Route::Fetched {
                let _ = self.unread.insert(row.seq);
            }
            places.push((row.at, row.seq));
        }
        places.sort_unstable();
        if let Some(matching) = &mut self.matching {
            let words = Words::new(&self.words);
            let found = places.iter().filter(|(_, seq)| cx.store.row(*seq).is_some_and(|row| words.are_in(&row)));
            merge(matching, found.copied().collect());
        }
        merge(&mut self.all, places);
    }

    /// Starts again on another store.
    pub fn reset(&mut self, store: &dyn Store) {
        let basis = self.basis + 1;
        *self = Self { basis, ..Self::default() };
        let mut all: Vec<Place> = store.times();
        all.sort_unstable();
        self.all = all;
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

    /// How many rows were not read yet.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.unread.len()
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Select(index) | Message::Open(index) => self.select(index),
            Message::Step(by) => match self.selected_index(cx.store) {
                Some(index) => self.select(index.saturating_add_signed(by).min(self.shown().len().saturating_sub(1))),
                None => self.select(self.visible.first),
            },
            Message::Unread(down) => self.next_unread(down, cx.store),
            Message::Visible(visible) => {
                self.visible = visible;
                self.first = self.seq(visible.first).map(|seq| (self.basis, seq));
                Action::None
            }
            Message::Jump => Action::Run(operation::snap_to(LIST, operation::RelativeOffset::START)),
            Message::Filter(words) => {
                self.filter(words, cx.store);
                Action::None
            }
            Message::ClearFilter => {
                self.filter(String::new(), cx.store);
                Action::None
            }
            Message::Search => Action::Run(Task::batch([operation::focus(FILTER), operation::select_all(FILTER)])),
            Message::AllRead => {
                self.unread.clear();
                Action::None
            }
            Message::Browse => Action::Open(Target::Tab(Tab::Topics)),
            Message::Connect => Action::Open(Target::Welcome),
            Message::Retry => Action::Engine(Command::RetryNow),
            Message::Details => Action::Open(Target::Connection),
        }
    }

    fn select(&mut self, index: usize) -> Action<Message> {
        let Some(seq) = self.seq(index) else { return Action::None };
        self.selected = Some(seq);
        let _ = self.unread.remove(&seq);
        Action::Open(Target::Incident(seq))
    }

    fn next_unread(&mut self, down: bool, store: &dyn Store) -> Action<Message> {
        let from = self.selected_index(store);
        let is_unread = |index: &usize| self.seq(*index).is_some_and(|seq| self.unread.contains(&seq));
        let found = if down {
            (from.map_or(0, |index| index + 1)..self.shown().len()).find(is_unread)
        } else {
            (0..from.unwrap_or(0)).rev().find(is_unread)
        };
        found.map_or(Action::None, |index| self.select(index))
    }

    fn filter(&mut self, words: String, store: &dyn Store) {
        self.basis += 1;
        let wanted = Words::new(&words);
        self.matching = (!wanted.is_empty()).then(|| {
            let found = |(_, seq): &&Place| store.row(*seq).is_some_and(|row| wanted.are_in(&row));
            self.all.iter().filter(found).copied().collect()
        });
        self.words = words;
    }

    /// The places in the list, oldest first.
    fn shown(&self) -> &[Place] {
        self.matching.as_deref().unwrap_or(&self.all)
    }

    /// The row at `index` of the list, which runs newest first.
    fn seq(&self, index: usize) -> Option<Seq> {
        let shown = self.shown();
        shown.get(shown.len().checked_sub(index + 1)?).map(|(_, seq)| *seq)
    }

    fn index(&self, seq: Seq, store: &dyn Store) -> Option<usize> {
        let place = (store.row(seq)?.at, seq);
        let shown = self.shown();
        shown.binary_search(&place).ok().map(|index| shown.len() - 1 - index)
    }

    fn selected_index(&self, store: &dyn Store) -> Option<usize> {
        self.index(self.selected?, store)
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

/// Words that must all occur, in any letter case.
struct Words(Vec<String>);

impl Words {
    fn new(text: &str) -> Self {
        Self(text.split_whitespace().map(str::to_lowercase).collect())
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn are_in(&self, row: &Row) -> bool {
        let summary = &row.summary;
        let hay = [&summary.title, &summary.id, &summary.csirt, &row.key.topic.node];
        let hay = hay.map(|text| text.to_lowercase());
        self.0.iter().all(|word| hay.iter().any(|text| text.contains(word)))
    }
}

/// Whether a row stands for what the broker holds now.
fn is_current(row: &Row) -> bool {
    row.standing == Standing::Current
}
