//! Upright edges one can drag: between columns, between panes.
//!
//! Wraps whatever stands beside them and takes only the presses that fall on an edge. It knows where edges are, not what they
//! part: who holds it says what a new place means. The keys that do the same belong to the screen.

use iced::advanced::widget::{Tree, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, Widget, mouse, renderer};
use iced::mouse::Button;
use iced::{Event, Rectangle, Renderer, Theme};

use super::Element;
use super::content::left_to_content;
use crate::theme;

/// How far from an edge it is still taken.
const REACH: f32 = 4.0;
/// Width of the line that shows which edge one has.
const LINE: f32 = 2.0;

/// See [`edges`].
pub struct Edges<'a, M> {
    content: Element<'a, M>,
    at: Vec<f32>,
    on_drag: Box<dyn Fn(usize, f32) -> M + 'a>,
    on_drop: M,
}

/// Around `content`, edges at these distances from its left side. While one is dragged, `on_drag` says which and where to;
/// `on_drop` that it was let go.
pub fn edges<'a, M: Clone + 'a>(
    content: impl Into<Element<'a, M>>,
    at: Vec<f32>,
    on_drag: impl Fn(usize, f32) -> M + 'a,
    on_drop: M,
) -> Edges<'a, M> {
    Edges { content: content.into(), at, on_drag: Box::new(on_drag), on_drop }
}

#[derive(Debug, Default)]
struct State {
    over: Option<usize>,
    /// The edge that is held, and how far from it the pointer took it.
    held: Option<(usize, f32)>,
}

impl<M> Edges<'_, M> {
    /// The edge under the pointer.
    fn under(&self, bounds: Rectangle, cursor: mouse::Cursor) -> Option<(usize, f32)> {
        let x = cursor.position_over(bounds)?.x - bounds.x;
        let near = self.at.iter().enumerate().map(|(edge, at)| (edge, x - at));
        near.filter(|(_, off)| off.abs() <= REACH).min_by(|one, other| one.1.abs().total_cmp(&other.1.abs()))
    }
}

impl<M: Clone> Widget<M, Theme, Renderer> for Edges<'_, M> {
    left_to_content!(diff operate overlay);

    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

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
        let bounds = layout.bounds();
        let state = tree.state.downcast_mut::<State>();
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(Button::Left)) => {
                if let Some(held) = self.under(bounds, cursor) {
                    state.held = Some(held);
                    shell.request_redraw();
                    shell.capture_event();
                    return;
                }
            }
            Event::Mouse(mouse::Event::ButtonReleased(Button::Left)) if state.held.take().is_some() => {
                shell.publish(self.on_drop.clone());
                shell.request_redraw();
                shell.capture_event();
                return;
            }
            Event::Mouse(mouse::Event::CursorMoved { .. } | mouse::Event::CursorLeft) => {
                if let (Some((edge, off)), Some(place)) = (state.held, cursor.position()) {
                    shell.publish((self.on_drag)(edge, place.x - bounds.x - off));
                    shell.capture_event();
                    return;
                }
                let over = self.under(bounds, cursor).map(|(edge, _)| edge);
                if over != state.over {
                    state.over = over;
                    shell.request_redraw();
                }
            }
            _ => {}
        }
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
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        if let Some(child) = tree.children.first() {
            self.content.as_widget().draw(child, renderer, theme, style, layout, cursor, viewport);
        }
        let state = tree.state.downcast_ref::<State>();
        let shown = state.held.map(|(edge, _)| edge).or(state.over);
        if let Some(at) = shown.and_then(|edge| self.at.get(edge)) {
            let bounds = layout.bounds();
            let line = Rectangle { x: bounds.x + at - LINE / 2.0, width: LINE, ..bounds };
            // Above what it parts.
            renderer.with_layer(bounds, |renderer| {
                let quad = renderer::Quad { bounds: line, ..renderer::Quad::default() };
                renderer.fill_quad(quad, theme::of(theme).accent);
            });
        }
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        if tree.state.downcast_ref::<State>().held.is_some() || self.under(layout.bounds(), cursor).is_some() {
            return mouse::Interaction::ResizingHorizontally;
        }
        match tree.children.first() {
            Some(child) => self.content.as_widget().mouse_interaction(child, layout, cursor, viewport, renderer),
            None => mouse::Interaction::None,
        }
    }
}

impl<'a, M: Clone + 'a> From<Edges<'a, M>> for Element<'a, M> {
    fn from(edges: Edges<'a, M>) -> Self {
        Self::new(edges)
    }
}
