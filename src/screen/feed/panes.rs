//! The three panes of the feed: how wide each is in the room there is, and what dragging their edges or a key changes.

use crate::app::cx::Cx;
use crate::screen::Action;
use crate::screen::feed::{Feed, Message};

/// Below these widths of the window the side bar goes, then the list or the detail pane (`product.md` B1).
const THREE: f32 = 1_100.0;
const TWO: f32 = 700.0;
/// The side bar's width, and the detail pane's part of what is left, in thousandths.
const SIDE: u16 = 176;
const DETAIL: u16 = 400;
/// Limits of both, and what a list must have.
const SIDES: (f32, f32) = (120.0, 360.0);
const LEAST: f32 = 300.0;
/// What one press of a key changes.
const STEP: f32 = 24.0;

/// An edge between two panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    Side,
    Detail,
}

/// What the person made of the panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Splits {
    pub side: u16,
    pub detail: u16,
}

/// How wide each pane is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Panes {
    One,
    Two { list: f32, detail: f32 },
    Three { side: f32, list: f32, detail: f32 },
}

impl Panes {
    /// In so much room, inside a window so wide.
    #[must_use]
    pub fn of(room: f32, window: f32, splits: Splits) -> Self {
        if window < TWO {
            return Self::One;
        }
        let part = |room: f32| {
            let detail = room * f32::from(splits.detail.min(1000)) / 1000.0;
            detail.clamp(LEAST.min(room / 2.0), (room - LEAST).max(room / 2.0)).round()
        };
        if window < THREE {
            let detail = part(room);
            return Self::Two { list: room - detail, detail };
        }
        // The side bar gives way before the list and the detail pane do.
        let most = (room - 2.0 * LEAST).clamp(SIDES.0, SIDES.1);
        let side = f32::from(splits.side).clamp(SIDES.0, most);
        let detail = part(room - side);
        Self::Three { side, list: room - side - detail, detail }
    }

    /// Where the edges are.
    #[must_use]
    pub fn edges(self) -> Vec<(Split, f32)> {
        match self {
            Self::One => Vec::new(),
            Self::Two { list, .. } => vec![(Split::Detail, list)],
            Self::Three { side, list, .. } => vec![(Split::Side, side), (Split::Detail, side + list)],
        }
    }

    /// What an edge dragged to `x` makes of it, in the words of [`Splits`].
    #[must_use]
    pub fn dragged(self, split: Split, x: f32) -> u16 {
        let (side, list, detail) = match self {
            Self::One => return 0,
            Self::Two { list, detail } => (0.0, list, detail),
            Self::Three { side, list, detail } => (side, list, detail),
        };
        // Both are clamped to what a u16 holds.
        match split {
            Split::Side => x.round().clamp(SIDES.0, SIDES.1) as u16,
            Split::Detail => {
                let share = (side + list + detail - x) / (list + detail).max(1.0) * 1000.0;
                share.round().clamp(150.0, 800.0) as u16
            }
        }
    }
}

impl Feed {
    /// The splits that hold: those being dragged, else those kept.
    #[must_use]
    pub fn splits(&self, cx: &Cx<'_>) -> Splits {
        let kept =
            Splits { side: cx.settings.ui.side.unwrap_or(SIDE), detail: cx.settings.ui.detail.unwrap_or(DETAIL) };
        self.splitting.unwrap_or(kept)
    }

    pub(super) fn split(&mut self, split: Split, to: u16, cx: &Cx<'_>) {
        let mut splits = self.splits(cx);
        match split {
            Split::Side => splits.side = to,
            Split::Detail => splits.detail = to,
        }
        self.splitting = Some(splits);
    }

    /// Keeps what was dragged.
    pub(super) fn split_done(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(Splits { side, detail }) = self.splitting.take() else { return Action::None };
        let mut settings = cx.settings.clone();
        (settings.ui.side, settings.ui.detail) = (Some(side), Some(detail));
        Action::Settings(Box::new(settings))
    }

    /// A pane is made wider or narrower by a key.
    pub(super) fn split_step(&mut self, split: Split, wider: bool, cx: &Cx<'_>) -> Action<Message> {
        let splits = self.splits(cx);
        let to = match split {
            Split::Side => f32::from(splits.side) + if wider { STEP } else { -STEP },
            Split::Detail => f32::from(splits.detail) + if wider { STEP } else { -STEP },
        };
        let (least, most) = if split == Split::Side { SIDES } else { (150.0, 800.0) };
        self.split(split, to.clamp(least, most) as u16, cx);
        self.split_done(cx)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USUAL: Splits = Splits { side: SIDE, detail: DETAIL };

    #[test]
    fn panes_go_as_the_window_gets_narrow() {
        assert!(
            matches!(Panes::of(1_213.0, 1_280.0, USUAL), Panes::Three { side: 176.0, detail, .. } if detail > 400.0)
        );
        assert!(matches!(Panes::of(1_040.0, 1_099.0, USUAL), Panes::Two { .. }));
        assert!(matches!(Panes::of(640.0, 699.0, USUAL), Panes::One));
    }

    proptest! {
        #[test]
        fn panes_fill_the_room_and_an_edge_stays_where_it_is_dropped(room in 640f32..3_000.0, side in 0u16..2_000, detail in 0u16..2_000, x in 0f32..3_000.0) {
            for window in [900.0, 1_400.0] {
                let panes = Panes::of(room, window, Splits { side, detail });
                let (a, b, c) = match panes {
                    Panes::Three { side, list, detail } => (side, list, detail),
                    Panes::Two { list, detail } => (0.0, list, detail),
                    Panes::One => unreachable!(),
                };
                prop_assert!((a + b + c - room).abs() < 0.01 && b >= 200.0 && c >= 200.0, "{panes:?}");
                for (split, at) in panes.edges() {
                    let to = panes.dragged(split, x);
                    let splits = match split {
                        Split::Side => Splits { side: to, detail },
                        Split::Detail => Splits { side, detail: to },
                    };
                    let _ = at;
                    let after = Panes::of(room, window, splits).edges().into_iter().find(|(own, _)| *own == split).unwrap().1;
                    let within = match split {
                        Split::Side => (SIDES.0..=SIDES.1).contains(&x) && x <= room - 2.0 * LEAST,
                        Split::Detail => b + c > 800.0 && x > a + LEAST + 60.0 && x < room - LEAST - 60.0 && (room - x) / (b + c) > 0.16 && (room - x) / (b + c) < 0.79,
                    };
                    if within {
                        prop_assert!((after - x).abs() <= 2.5, "{split:?} {x} {after}");
                    }
                }
            }
        }
    }
}
