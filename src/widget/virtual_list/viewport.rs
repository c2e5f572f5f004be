//! Where rows of one height stand in a window that looks onto them: pure sums, no toolkit.
//!
//! Positions are `f64`: a million rows of 28 px are 28,000,000 px, where an `f32` counts in steps of 2 px (`house.md` §2.5).

use std::ops::Range;

/// Shortest thumb one can grab, in px.
pub const THUMB: f64 = 32.0;

/// `len` rows of `row` px, seen through `height` px. All px are logical.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    pub len: usize,
    pub row: f64,
    pub height: f64,
}

impl Viewport {
    /// Height of all rows.
    #[must_use]
    pub fn content(&self) -> f64 {
        self.top(self.len)
    }

    /// Greatest offset: the last row ends at the window's lower edge.
    #[must_use]
    pub fn end(&self) -> f64 {
        (self.content() - self.height).max(0.0)
    }

    /// `offset` brought into what exists.
    #[must_use]
    pub fn clamp(&self, offset: f64) -> f64 {
        if offset.is_finite() { offset.clamp(0.0, self.end()) } else { 0.0 }
    }

    /// Rows that show, wholly or in part.
    #[must_use]
    pub fn range(&self, offset: f64) -> Range<usize> {
        let offset = self.clamp(offset);
        let first = self.index(offset).min(self.len);
        let last = (offset + self.height.max(0.0)) / self.row;
        // A float to integer cast saturates; the sum is never negative.
        let last = (last.ceil() as usize).clamp(first, self.len);
        first..last
    }

    /// Where row `index` begins, from the top of all rows.
    #[must_use]
    pub fn top(&self, index: usize) -> f64 {
        index as f64 * self.row
    }

    /// Where row `index` begins in the window: near the window, so exact in an `f32`.
    #[must_use]
    pub fn y(&self, index: usize, offset: f64) -> f32 {
        (self.top(index) - offset) as f32
    }

    /// The row at `y` px below the window's upper edge.
    #[must_use]
    pub fn at(&self, y: f64, offset: f64) -> Option<usize> {
        let place = offset + y;
        let index = self.index(place);
        (place >= 0.0 && y >= 0.0 && y < self.height && index < self.len).then_some(index)
    }

    /// The offset nearest to `offset` that shows all of row `index`.
    #[must_use]
    pub fn reveal(&self, index: usize, offset: f64) -> f64 {
        let top = self.top(index);
        let bottom = top + self.row;
        let offset = if top < offset {
            top
        } else if bottom > offset + self.height {
            // A window lower than a row shows the row's head.
            (bottom - self.height).min(top)
        } else {
            offset
        };
        self.clamp(offset)
    }

    /// Rows that Page Up and Page Down move by: one less than fits, so that a row stays for orientation.
    #[must_use]
    pub fn page(&self) -> usize {
        ((self.height / self.row) as usize).saturating_sub(1).max(1)
    }

    /// The scrollbar's thumb on a track as long as the window: `(start, length)`; `None` when all rows fit.
    #[must_use]
    pub fn thumb(&self, offset: f64) -> Option<(f64, f64)> {
        let end = self.end();
        if end <= 0.0 || self.height <= 0.0 {
            return None;
        }
        let length = self.thumb_length();
        Some((self.clamp(offset) / end * (self.height - length), length))
    }

    /// The offset at which the thumb starts at `start`: the inverse of [`Self::thumb`].
    #[must_use]
    pub fn offset_of_thumb(&self, start: f64) -> f64 {
        let travel = self.height - self.thumb_length();
        if travel <= 0.0 { 0.0 } else { self.clamp(start / travel * self.end()) }
    }

    fn thumb_length(&self) -> f64 {
        let share = self.height * self.height / self.content();
        share.max(THUMB).min(self.height)
    }

    fn index(&self, place: f64) -> usize {
        (place / self.row) as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(len: usize, height: f64) -> Viewport {
        Viewport { len, row: 28.0, height }
    }

    #[test]
    fn nothing_and_one_row() {
        let none = of(0, 700.0);
        assert_eq!(none.range(0.0), 0..0);
        assert_eq!(none.end(), 0.0);
        assert_eq!(none.at(3.0, 0.0), None);
        assert_eq!(none.thumb(0.0), None);
        let one = of(1, 700.0);
        assert_eq!(one.range(50.0), 0..1);
        assert_eq!(one.at(27.9, 0.0), Some(0));
        assert_eq!(one.at(28.0, 0.0), None);
        assert_eq!(one.thumb(0.0), None);
    }

    #[test]
    fn an_exact_fit_has_no_thumb_and_no_row_too_many() {
        let exact = of(25, 700.0);
        assert_eq!(exact.range(0.0), 0..25);
        assert_eq!(exact.end(), 0.0);
        assert_eq!(exact.thumb(0.0), None);
        assert_eq!(of(26, 700.0).range(28.0), 1..26);
        assert_eq!(of(26, 700.0).range(1.0), 0..26);
    }

    #[test]
    fn a_million_rows_are_exact_to_the_last() {
        let million = of(1_000_000, 700.0);
        let end = million.end();
        assert_eq!(end, 27_999_300.0);
        assert_eq!(million.range(end), 999_975..1_000_000);
        assert_eq!(million.y(999_999, end), 672.0);
        // Half a pixel counts, there too.
        assert_eq!(million.y(999_999, end - 0.5), 672.5);
        let (start, length) = million.thumb(end).unwrap();
        assert_eq!((start, length), (668.0, THUMB));
        assert_eq!(million.offset_of_thumb(start), end);
    }

    #[test]
    fn a_smaller_list_and_a_larger_window_pull_the_offset_in() {
        assert_eq!(of(10, 100.0).clamp(5_000.0), 180.0);
        assert_eq!(of(10, 1_000.0).clamp(5_000.0), 0.0);
        assert_eq!(of(10, 100.0).clamp(f64::NAN), 0.0);
        assert_eq!(of(10, 0.0).range(30.0), 1..2);
    }

    #[test]
    fn revealing_moves_as_little_as_can_be() {
        let list = of(100, 280.0);
        assert_eq!(list.reveal(5, 0.0), 0.0);
        assert_eq!(list.reveal(10, 0.0), 28.0);
        assert_eq!(list.reveal(3, 500.0), 84.0);
        assert_eq!(list.reveal(99, 0.0), list.end());
        assert_eq!(of(100, 10.0).reveal(7, 0.0), 196.0);
    }

    proptest! {
        #[test]
        fn what_is_shown_covers_the_window_and_no_more(len in 0usize..2_000_000, height in 0.0f64..4_000.0, offset in -1e9f64..1e9) {
            let list = of(len, height);
            let offset = list.clamp(offset);
            let range = list.range(offset);
            prop_assert!(range.end <= len && range.len() <= (height / 28.0) as usize + 2);
            if len > 0 && height > 0.0 {
                prop_assert!(list.y(range.start, offset) <= 0.0);
                prop_assert!(f64::from(list.y(range.start, offset)) > -28.0);
                let bottom = f64::from(list.y(range.end, offset));
                prop_assert!(bottom >= height - 1e-3 || range.end == len);
            }
        }

        #[test]
        fn the_thumb_can_be_put_back_where_it_was(len in 2usize..2_000_000, height in 40.0f64..4_000.0, share in 0.0f64..=1.0) {
            let list = of(len, height);
            let offset = share * list.end();
            if let Some((start, length)) = list.thumb(offset) {
                prop_assert!(start >= 0.0 && length >= THUMB.min(height) && start + length <= height + 1e-6);
                prop_assert!((list.offset_of_thumb(start) - offset).abs() < 1e-3 * (1.0 + offset / 1e3));
            }
        }

        #[test]
        fn a_revealed_row_shows_whole(len in 1usize..2_000_000, height in 28.0f64..4_000.0, from in 0.0f64..6e7, pick in 0.0f64..1.0) {
            let list = of(len, height);
            let index = (pick * len as f64) as usize;
            let offset = list.reveal(index, list.clamp(from));
            let y = f64::from(list.y(index, offset));
            prop_assert!(y >= -1e-3 && y + 28.0 <= height + 1e-3, "{y}");
            prop_assert_eq!(list.at(y + 14.0, offset), Some(index));
        }
    }
}
