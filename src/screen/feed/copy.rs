//! Copying rows and values, and what must be said beside it; the cell one stands on.

use super::value::{self, Seen};
use super::{Feed, Form, How, Message, both};
use crate::app::cx::Cx;
use crate::model::Say;
use crate::screen::{Action, Toast, Tone, restricted};
use crate::store::finder::Local;
use crate::store::views::Column;
use crate::store::{Row, Seq};
use crate::text as safe;

/// Rows copied at once; more are exported.
const MOST: usize = 500;

/// A row in words: label, id, title, and what it names.
fn told(row: &Row, raw: bool, cx: &Cx<'_>) -> String {
    let summary = &row.summary;
    let title = safe::line(&summary.title);
    let head = format!(
        "{}  {} / {}  {}",
        cx.catalog.tlp(summary.strictest.tlp()),
        safe::line(&summary.csirt),
        safe::line(&summary.id),
        if raw { title } else { safe::defang(&title) }
    );
    let seen = summary.observables.iter();
    let values = seen.map(|seen| if raw { safe::line(&seen.value) } else { safe::observable(seen) });
    std::iter::once(head).chain(values).collect::<Vec<_>>().join("\n")
}

/// What stands in a cell, where it is a word of its own.
fn written(column: Column, row: &Row, cx: &Cx<'_>) -> Option<String> {
    match column {
        Column::At | Column::Received | Column::Detected | Column::Started => None,
        Column::Observables | Column::Size => None,
        Column::Title => Some(row.summary.title.clone()).filter(|title| !title.is_empty()),
        Column::Tags => Some(cx.finder.local(row.seq).tags.join(", ")).filter(|tags| !tags.is_empty()),
        column => match value::of_cell(column, row, &Local::default(), cx).pop() {
            Some(Seen::Value(_, value)) => Some(value),
            _ => None,
        },
    }
}

impl Feed {
    /// The cell one stands on, else the rows an act is meant for: defanged, or as they are written.
    pub(super) fn copy(&self, raw: bool, cx: &Cx<'_>) -> Action<Message> {
        let nothing = || Action::Notify(Toast { tone: Tone::Plain, say: Say::new("feed-act-nothing") });
        let rows: Vec<Seq> = self.targets().iter().take(MOST).collect();
        let rows = cx.store.rows(&rows);
        let Some(label) = rows.iter().map(|row| row.summary.strictest.tlp()).max() else { return nothing() };
        let value = self.cell.filter(|_| self.marked() == 0).zip(rows.first());
        let value = value.and_then(|(column, row)| written(column, row, cx));
        let text = match value {
            Some(value) if raw => safe::line(&value),
            Some(value) => safe::defang(&safe::line(&value)),
            None => rows.iter().map(|row| told(row, raw, cx)).collect::<Vec<_>>().join("\n\n"),
        };
        let said = restricted(label).map_or(Action::None, Action::Notify);
        both(Action::Copy(text), said)
    }

    /// The column to the right or left of the cell one stands on, among those in sight.
    pub(super) fn beside(&self, right: bool, shown: &[Column]) -> Option<Column> {
        let at = self.cell.and_then(|cell| shown.iter().position(|column| *column == cell));
        match (at, right) {
            (None, true) => shown.first().copied(),
            (Some(at), true) => shown.get(at + 1).or(shown.last()).copied(),
            (Some(at), false) => at.checked_sub(1).and_then(|at| shown.get(at)).copied(),
            (None, false) => None,
        }
    }

    /// The value under the cursor joins the filter; where the cursor is on none, the row's values are offered.
    pub(super) fn narrow_here(&mut self, how: How, cx: &Cx<'_>) -> Action<Message> {
        let row = self.selected.and_then(|seq| cx.store.row(seq));
        let values = self.cell.zip(row).map(|(cell, row)| value::of_cell(cell, &row, &cx.finder.local(row.seq), cx));
        match values.filter(|values| !values.is_empty()) {
            Some(values) => self.filtering(Message::Narrow(values, how), cx),
            None => self.form(Message::Form(Form::Values), cx),
        }
    }

    /// The right button on a cell: its row is chosen, and what can be done with its values shows.
    pub(super) fn value_at(&mut self, seq: Seq, column: Column, cx: &Cx<'_>) -> Action<Message> {
        let Some(index) = self.index(seq, cx.store) else { return Action::None };
        let chosen = self.select(index, cx);
        self.cell = Some(column);
        both(chosen, self.form(Message::Form(Form::Values), cx))
    }

    /// A digit of a count: `5j` goes five rows down.
    pub(super) fn count_digit(&mut self, digit: usize) -> Action<Message> {
        self.times = Some((self.times.unwrap_or_default() * 10 + digit).min(1_000_000));
        Action::None
    }
}
