//! Keyboard focus for anything: Tab reaches it, Enter and Space press it, a ring shows where one is.
//!
//! iced 0.14 focuses text fields only (iced#489); this wraps any element. The ring shows when focus came by keyboard; a
//! mouse press focuses without it, so that Tab goes on from where one clicked.

use iced::advanced::widget::operation::{self, Operation};
use iced::advanced::widget::{Id, Tree, tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, mouse, renderer};
use iced::keyboard::key::Named;
use iced::keyboard::{self, Key};
use iced::{Background, Border, Color, Event, Rectangle, Renderer, Theme, touch};

use super::content::left_to_content;
use super::{Element, RING_GAP, RING_RADIUS};
use crate::theme::{self, metrics::RING};

/// See [`focusable`].
pub struct Focusable<'a, M> {
    content: Element<'a, M>,
    press: Option<M>,
    id: Option<Id>,
    inset: bool,
    deliberate: bool,
}

/// Wraps `content`; `press` is what Enter and Space send. Without it the content cannot be focused: it is disabled.
pub fn focusable<'a, M: Clone + 'a>(content: impl Into<Element<'a, M>>, press: Option<M>) -> Focusable<'a, M> {
    Focusable { content: content.into(), press, id: None, inset: false, deliberate: false }
}

impl<M> Focusable<'_, M> {
    /// Names it, for tests and for [`iced::widget::operation::focus`].
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Only Space presses it: for acts that a bare Enter, struck once too often, must not do (`house.md` §4).
    #[must_use]
    pub fn deliberate(mut self) -> Self {
        self.deliberate = true;
        self
    }

    /// Draws the ring inside the bounds: for what fills its parent to the edge.
    #[must_use]
    pub fn inset(mut self) -> Self {
        self.inset = true;
        self
    }
}

#[derive(Debug)]
struct State {
    focus: Focus,
    /// Whose state it is: iced hands state on by place.
    name: Option<Id>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Focus {
    #[default]
    Away,
    /// By mouse: no ring.
    Quiet,
    /// By keyboard or by an operation.
    Ringed,
}

impl operation::Focusable for Focus {
    fn is_focused(&self) -> bool {
        !matches!(self, Self::Away)
    }

    fn focus(&mut self) {
        *self = Self::Ringed;
    }

    fn unfocus(&mut self) {
        *self = Self::Away;
    }
}

impl<M: Clone> Widget<M, Theme, Renderer> for Focusable<'_, M> {
    left_to_content!(pointer overlay);

    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State { focus: Focus::default(), name: self.id.clone() })
    }

    fn diff(&self, tree: &mut Tree) {
        if tree.state.downcast_ref::<State>().name != self.id {
            // Another thing in the same place, where a list has moved: it has neither the keyboard nor a pressed button.
            (tree.state, tree.children) = (self.state(), self.children());
        }
        tree.diff_children(std::slice::from_ref(&self.content));
    }

    fn operate(&mut self, tree: &mut Tree, layout: Layout<'_>, renderer: &Renderer, operation: &mut dyn Operation) {
        if self.press.is_some() {
            operation.focusable(self.id.as_ref(), layout.bounds(), &mut tree.state.downcast_mut::<State>().focus);
        } else if let Some(id) = &self.id {
            operation.container(Some(id), layout.bounds());
        }
        if let Some(child) = tree.children.first_mut() {
            operation.traverse(&mut |operation| {
                self.content.as_widget_mut().operate(child, layout, renderer, operation);
            });
        }
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
        let focus = &mut tree.state.downcast_mut::<State>().focus;
        if self.press.is_none() {
            *focus = Focus::Away;
        }
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(_)) | Event::Touch(touch::Event::FingerPressed { .. }) => {
                let inside = cursor.is_over(layout.bounds()) && self.press.is_some();
                if matches!(focus, Focus::Ringed) {
                    shell.request_redraw();
                }
                *focus = if inside { Focus::Quiet } else { Focus::Away };
            }
            Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, repeat: false, .. })
                if operation::Focusable::is_focused(focus) && modifiers.is_empty() =>
            {
                let pressed = match key {
                    Key::Named(Named::Enter) => !self.deliberate,
                    Key::Named(Named::Space) => true,
                    _ => false,
                };
                if pressed && let Some(press) = &self.press {
                    shell.publish(press.clone());
                    shell.capture_event();
                    return;
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
        if matches!(tree.state.downcast_ref::<State>().focus, Focus::Ringed) {
            let bounds = if self.inset { layout.bounds() } else { layout.bounds().expand(RING + RING_GAP) };
            ring(renderer, theme, bounds);
        }
    }
}

/// The ring that shows where the keyboard is.
pub(super) fn ring(renderer: &mut Renderer, theme: &Theme, bounds: Rectangle) {
    use iced::advanced::Renderer as _;
    let border = Border { color: theme::of(theme).accent, width: RING, radius: RING_RADIUS.into() };
    let quad = renderer::Quad { bounds, border, ..renderer::Quad::default() };
    renderer.fill_quad(quad, Background::Color(Color::TRANSPARENT));
}

impl<'a, M: Clone + 'a> From<Focusable<'a, M>> for Element<'a, M> {
    fn from(focusable: Focusable<'a, M>) -> Self {
        Self::new(focusable)
    }
}
