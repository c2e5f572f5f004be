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
        // The stripes of neighbouring tiles meet: along the diagonal a quarter, a half and a quarter.
        let stripes = gradient::Linear::new(Radians::from(Degrees(45.0)))
            .add_stop(0.0, p.practice_ground)
            .add_stop(0.25, p.practice_ground)
            .add_stop(0.2501, p.practice_hatch)
            .add_stop(0.5, p.practice_hatch)
            .add_stop(0.5001, p.practice_ground)
            .add_stop(0.75, p.practice_ground)
            .add_stop(0.7501, p.practice_hatch)
            .add_stop(1.0, p.practice_hatch);
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
