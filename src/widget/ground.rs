//! A ground as large as a page, laid in strips.
//!
//! The software renderer paints anew only the places that changed, and for each of them every quad that touches it: the whole
//! quad, through a mask, where it reaches out of the place (`iced_tiny_skia` 0.14). One quad under a list would cost a million
//! pixels for each row that changed; of strips, only those that the row lies on are painted.

use iced::advanced::widget::Tree;
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, Widget, mouse, renderer};
use iced::widget::container::Style;
use iced::{Event, Rectangle, Renderer, Theme};

use super::Element;
use super::content::left_to_content;

/// Height of a strip: about a row's.
const STRIP: f32 = 32.0;
/// Strips lie on each other by this, so that nothing shines through between them however the window is scaled.
const OVER: f32 = 2.0;

/// See [`ground`].
pub struct Ground<'a, M> {
    content: Element<'a, M>,
    style: fn(&Theme) -> Style,
}

/// `content` on the ground of a style, which is of one opaque colour without a border.
pub fn ground<'a, M: 'a>(content: impl Into<Element<'a, M>>, style: fn(&Theme) -> Style) -> Ground<'a, M> {
    Ground { content: content.into(), style }
}

impl<M> Widget<M, Theme, Renderer> for Ground<'_, M> {
    left_to_content!(diff operate pointer overlay);

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, M>,
        viewport: &Rectangle,
    ) {
        if let Some(child) = tree.children.first_mut() {
            let content = self.content.as_widget_mut();
            content.update(child, event, layout, cursor, renderer, clipboard, shell, viewport);
        }
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        defaults: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let Style { background, text_color, .. } = (self.style)(theme);
        if let (Some(background), Some(visible)) = (background, layout.bounds().intersection(viewport)) {
            for bounds in strips(visible) {
                renderer.fill_quad(renderer::Quad { bounds, ..renderer::Quad::default() }, background);
            }
        }
        let style = renderer::Style { text_color: text_color.unwrap_or(defaults.text_color) };
        if let Some(child) = tree.children.first() {
            self.content.as_widget().draw(child, renderer, theme, &style, layout, cursor, viewport);
        }
    }
}

/// What covers a place.
fn strips(place: Rectangle) -> impl Iterator<Item = Rectangle> {
    // A place is a window high at most.
    let many = (place.height / STRIP).ceil().clamp(0.0, 10_000.0) as u16;
    (0..many).map(move |nth| {
        let above = f32::from(nth) * STRIP;
        Rectangle { y: place.y + above, height: (STRIP + OVER).min(place.height - above), ..place }
    })
}

impl<'a, M: 'a> From<Ground<'a, M>> for Element<'a, M> {
    fn from(ground: Ground<'a, M>) -> Self {
        Self::new(ground)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_cover_a_place_and_nothing_beside_it() {
        for height in [0.0, 1.0, 32.0, 33.5, 1_016.7] {
            let place = Rectangle { x: 3.0, y: 7.25, width: 10.0, height };
            let all: Vec<_> = strips(place).collect();
            assert!(all.iter().all(|strip| strip.is_within(&place) && strip.height > 0.0), "{all:?}");
            let end = all.iter().fold(place.y, |end, strip| {
                assert!(strip.y <= end, "a gap: {all:?}");
                strip.y + strip.height
            });
            assert!((end - place.y - height).abs() < 0.001, "{all:?}");
        }
    }
}
