//! The practice grid's mark: a band of diagonal hatching that cannot be taken for anything else.

use iced::advanced::widget::Tree;
use iced::advanced::{Layout, Renderer as _, Widget, layout, mouse, renderer};
use iced::{Degrees, Length, Radians, Rectangle, Renderer, Size, Theme, gradient};

use super::Element;
use crate::theme;

/// Side of one tile; two stripes' worth.
const TILE: f32 = 12.0;

/// A hatched band.
pub struct Hatch {
    width: Length,
    height: Length,
}

/// A band `height` tall and as wide as there is room, or the other way round.
#[must_use]
pub fn hatch(width: impl Into<Length>, height: impl Into<Length>) -> Hatch {
    Hatch { width: width.into(), height: height.into() }
}

impl<M> Widget<M, Theme, Renderer> for Hatch {
    fn size(&self) -> Size<Length> {
        Size::new(self.width, self.height)
    }

    fn layout(&mut self, _tree: &mut Tree, _renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        layout::atomic(limits, self.width, self.height)
    }

    fn draw(
        &self,
        _tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        _style: &renderer::Style,
        layout: Layout<'_>,
        _cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let bounds = layout.bounds();
        let Some(visible) = bounds.intersection(viewport) else { return };
        let p = theme::of(theme);
        // iced runs a slanted gradient over the middle half of a square's diagonal and pads both ends; a step to the next
        // tile is half the diagonal. So one stripe is the padding before, one each half, one the padding after.
        let (on, off) = (p.practice_hatch, p.practice_ground);
        let stripes = gradient::Linear::new(Radians::from(Degrees(45.0)))
            .add_stop(0.0, on)
            .add_stop(0.001, off)
            .add_stop(0.5, off)
            .add_stop(0.501, on)
            .add_stop(0.999, on)
            .add_stop(1.0, off);
        renderer.with_layer(visible, |renderer| {
            let mut y = bounds.y;
            while y < bounds.y + bounds.height {
                let mut x = bounds.x;
                while x < bounds.x + bounds.width {
                    let tile = Rectangle { x, y, width: TILE, height: TILE };
                    renderer.fill_quad(renderer::Quad { bounds: tile, ..renderer::Quad::default() }, stripes);
                    x += TILE;
                }
                y += TILE;
            }
        });
    }
}

impl<'a, M: 'a> From<Hatch> for Element<'a, M> {
    fn from(hatch: Hatch) -> Self {
        Self::new(hatch)
    }
}
