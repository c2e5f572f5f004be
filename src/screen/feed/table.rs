//! The columns of the list: which show in the room there is, how wide, in which order; header and rows read the same sums.

use crate::store::index::order::By;
use crate::store::views::{Column, Width};
use crate::theme::space;

/// Columns a reader can have, with the width each begins with. What is left over goes to the title.
pub const ALL: [(Column, u16); 14] = [
    (Column::Severity, 44),
    (Column::Tlp, 112),
    (Column::At, 44),
    (Column::Topic, 118),
    (Column::Title, 0),
    (Column::Observables, 40),
    (Column::Id, 200),
    (Column::Csirt, 150),
    (Column::From, 170),
    (Column::Status, 84),
    (Column::Detected, 130),
    (Column::Started, 130),
    (Column::Received, 130),
    (Column::Tags, 120),
];
/// Columns one begins with: the first of them all.
const FIRST: usize = 7;
/// Columns that make room for others, the first to go first.
const GIVES_WAY: [Column; 12] = [
    Column::Tags,
    Column::Started,
    Column::Detected,
    Column::Received,
    Column::Id,
    Column::From,
    Column::Csirt,
    Column::Status,
    Column::Observables,
    Column::Topic,
    Column::At,
    Column::Tlp,
];
/// Least room for the title beside the columns that tell where and how old and how strict, beside the number of observables,
/// and beside others: most titles are read whole then.
const TITLE: f32 = 170.0;
const ROOMY: f32 = 200.0;
const WHOLE: f32 = 340.0;
/// Least room for any column.
pub(super) const LEAST: u16 = 28;
/// Widest a column is made.
pub(super) const MOST: u16 = 600;
/// The unread mark at the left.
pub(super) const DOT: f32 = 14.0;
/// Between cells, and at both ends.
pub(super) const BETWEEN: f32 = space::SM;

/// What everybody begins with.
pub(super) fn usual() -> Vec<Width> {
    ALL.iter().take(FIRST).map(|(column, width)| Width { column: *column, width: *width }).collect()
}

/// The width a column begins with.
pub(super) fn begins(column: Column) -> u16 {
    ALL.iter().find(|(own, _)| *own == column).map_or(LEAST, |(_, width)| *width)
}

/// The catalog key of a column's name.
pub(super) fn key(column: Column) -> &'static str {
    match column {
        Column::Severity => "feed-column-severity",
        Column::Tlp => "feed-column-tlp",
        Column::Title => "feed-column-title",
        Column::Topic => "feed-column-topic",
        Column::From => "feed-column-from",
        Column::Csirt => "feed-column-csirt",
        Column::Id => "feed-column-id",
        Column::At => "feed-column-age",
        Column::Received => "feed-column-received",
        Column::Detected => "feed-column-detected",
        Column::Started => "feed-column-started",
        Column::Status => "feed-column-status",
        Column::Size => "feed-column-size",
        Column::Observables => "feed-column-observables",
        Column::Tags => "feed-column-tags",
    }
}

/// What a column orders rows by.
pub(super) fn by(column: Column) -> By {
    match column {
        Column::Severity => By::Severity,
        Column::Tlp => By::Label,
        Column::Topic => By::Topic,
        Column::From => By::From,
        Column::Csirt => By::Csirt,
        Column::Id => By::Id,
        Column::At => By::At,
        Column::Received => By::Received,
        Column::Detected => By::Detected,
        Column::Started => By::Started,
        Column::Status => By::Status,
        Column::Size => By::Size,
        Column::Observables => By::Observables,
        Column::Title => By::Title,
        Column::Tags => By::Tags,
    }
}

/// Columns as they are drawn in a list of some width.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    /// In their order, each with its width.
    pub columns: Vec<(Column, f32)>,
    /// Columns that found no room.
    pub without: usize,
}

impl Table {
    /// Lays columns out in `room`. The title takes what is left; where it does not show, the last column does.
    pub fn new(wanted: &[Width], room: f32) -> Self {
        let mut shown: Vec<Width> = wanted.to_vec();
        let needs = |shown: &[Width], title: f32| {
            let width = |own: &Width| if own.column == Column::Title { title } else { f32::from(own.width.max(LEAST)) };
            DOT + 2.0 * BETWEEN + shown.iter().map(|own| width(own) + BETWEEN).sum::<f32>()
        };
        for column in GIVES_WAY {
            let title = match column {
                Column::Topic | Column::At | Column::Tlp => TITLE,
                Column::Observables => ROOMY,
                _ => WHOLE,
            };
            if needs(&shown, title) <= room || shown.len() < 2 {
                break;
            }
            shown.retain(|own| own.column != column);
        }
        let fixed = shown.iter().filter(|own| own.column != Column::Title);
        let fixed: f32 = fixed.map(|own| f32::from(own.width.max(LEAST))).sum();
        let rest = room - DOT - 2.0 * BETWEEN - BETWEEN * shown.len() as f32 - fixed;
        let has_title = shown.iter().any(|own| own.column == Column::Title);
        let last = shown.len().saturating_sub(1);
        let columns = shown.iter().enumerate().map(|(at, own)| {
            let width = f32::from(own.width.max(LEAST));
            let width = match own.column {
                Column::Title => rest.max(LEAST.into()),
                _ if !has_title && at == last => width + rest.max(0.0),
                _ => width,
            };
            (own.column, width)
        });
        let columns: Vec<_> = columns.collect();
        Self { without: wanted.len() - columns.len(), columns }
    }

    /// The edges one can drag, each with the column it makes wider or narrower and whether that stands to its left.
    pub fn edges(&self) -> Vec<(f32, Column, bool)> {
        let title = self.columns.iter().position(|(column, _)| *column == Column::Title);
        let mut left = BETWEEN + DOT;
        let mut edges = Vec::new();
        for (at, (column, width)) in self.columns.iter().enumerate() {
            // Left of the title a column ends at its edge; right of it, it begins there.
            if title.is_some_and(|title| at > title) {
                edges.push((left + BETWEEN / 2.0, *column, false));
            }
            left += BETWEEN + width;
            if title.is_none_or(|title| at < title) {
                edges.push((left + BETWEEN / 2.0, *column, true));
            }
        }
        edges
    }

    /// How wide a column becomes when its edge is dragged to `x`.
    pub fn dragged(&self, edge: usize, x: f32) -> Option<(Column, u16)> {
        let (at, column, is_left) = *self.edges().get(edge)?;
        let (_, width) = self.columns.iter().find(|(own, _)| *own == column)?;
        let width = if is_left { width + x - at } else { width + at - x };
        // Clamped to what is positive and small.
        Some((column, width.round().clamp(f32::from(LEAST), f32::from(MOST)) as u16))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(table: &Table) -> f32 {
        DOT + 2.0 * BETWEEN + table.columns.iter().map(|(_, width)| width + BETWEEN).sum::<f32>()
    }

    #[test]
    fn with_less_room_columns_give_way_and_what_matters_stays() {
        let wide = Table::new(&usual(), 1_100.0);
        assert_eq!((wide.columns.len(), wide.without), (FIRST, 0));
        let narrow = Table::new(&usual(), 560.0);
        assert!(narrow.columns.iter().any(|(column, _)| *column == Column::Topic), "{narrow:?}");
        let least = Table::new(&usual(), 100.0);
        let kept: Vec<_> = least.columns.iter().map(|(column, _)| *column).collect();
        assert_eq!((kept.as_slice(), least.without), ([Column::Severity, Column::Title].as_slice(), 5));
    }

    proptest! {
        /// Whatever the widths, the columns fill the room and no more, and an edge goes where it is dragged.
        #[test]
        fn columns_fill_the_room_and_edges_follow(widths in prop::collection::vec(LEAST..300u16, 14), room in 400f32..2_500.0, shown in 2usize..14, by in -40f32..40.0) {
            let mut wanted: Vec<_> = ALL.iter().zip(widths).take(shown).map(|((column, _), width)| Width { column: *column, width }).collect();
            if !wanted.iter().any(|own| own.column == Column::Title) {
                wanted.push(Width { column: Column::Title, width: 0 });
            }
            let table = Table::new(&wanted, room);
            prop_assert!((sum(&table) - room).abs() < 0.5, "{} {room}", sum(&table));
            for edge in 0..table.edges().len() {
                let (at, column, _) = table.edges()[edge];
                let (dragged, width) = table.dragged(edge, at + by).unwrap();
                prop_assert_eq!(dragged, column);
                let own = wanted.iter_mut().find(|own| own.column == column).unwrap();
                let before = std::mem::replace(&mut own.width, width);
                let after = Table::new(&wanted, room);
                if after.columns.len() == table.columns.len() && width > LEAST && after.columns.iter().all(|(column, width)| *column != Column::Title || *width > TITLE) {
                    prop_assert!((after.edges()[edge].0 - (at + by)).abs() <= 1.0, "{:?}", (after.edges()[edge], at + by));
                }
                wanted.iter_mut().find(|own| own.column == column).unwrap().width = before;
            }
        }
    }
}
