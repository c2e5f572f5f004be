//! Has the software renderer paint a place anew in one piece.
//!
//! It compares two frames text by text, and each text that differs becomes a place of its own that is painted with all that
//! touches it: a page of words that moved is hundreds of pieces, and takes longer than the window (`damage::group` in
//! `iced_graphics` 0.14 joins only neighbours in the order of their distance from a corner). Besides, two living texts of one
//! size are the same to it, whatever they say. A layer whose bounds differ is one piece, unseen what is in it: so what moves
//! together stands in a layer whose bounds are off by a little that says what stands there.

use std::hash::{DefaultHasher, Hash, Hasher};

use iced::advanced::Renderer as _;
use iced::{Rectangle, Renderer};

/// The least that bounds are off; with 255 of it on each side no pixel more or less is painted.
const GRAIN: f32 = 1.0 / 4_096.0;

/// A layer at `bounds`, painted anew as a whole in each frame whose `mark` is not that of the frame before.
pub fn layer(renderer: &mut Renderer, bounds: Rectangle, mark: impl Hash, draw: impl FnOnce(&mut Renderer)) {
    renderer.with_layer(marked(bounds, mark), draw);
}

fn marked(bounds: Rectangle, mark: impl Hash) -> Rectangle {
    let mut hasher = DefaultHasher::new();
    mark.hash(&mut hasher);
    let [left, up, right, down, ..] = hasher.finish().to_le_bytes().map(|byte| f32::from(byte) * GRAIN);
    Rectangle {
        x: bounds.x - left,
        y: bounds.y - up,
        width: bounds.width + left + right,
        height: bounds.height + up + down,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_mark_is_other_bounds_around_the_same_pixels() {
        let bounds = Rectangle { x: 1_343.0, y: 87.0, width: 511.0, height: 965.0 };
        assert_eq!(marked(bounds, 7), marked(bounds, 7));
        let mut seen = Vec::new();
        for mark in 0..1_000 {
            let marked = marked(bounds, mark);
            assert!(bounds.is_within(&marked), "{marked:?}");
            let end = |at: Rectangle| (at.x + at.width, at.y + at.height);
            let rounded = (marked.x.round(), marked.y.round(), end(marked).0.round(), end(marked).1.round());
            assert_eq!(rounded, (bounds.x, bounds.y, end(bounds).0, end(bounds).1));
            assert!(!seen.contains(&marked), "two marks are one");
            seen.push(marked);
        }
    }
}
