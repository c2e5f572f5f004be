//! One thing above another: what is covered hears no key and is out of Tab's reach, what covers it has the keyboard.
//!
//! iced's `opaque` keeps only the pointer from what lies below (a stack hands keys down to every layer).

use iced::advanced::widget::{Id, Operation, Tree, operation, tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, mouse, overlay};
use iced::{Event, Rectangle, Renderer, Theme, Vector, keyboard};

use super::Element;
use super::content::left_to_content;

/// See [`below`] and [`above`].
pub struct Layer<'a, M> {
    content: Element<'a, M>,
    place: Place,
}

enum Place {
    Open,
    Covered,
    /// Above; this of it gets the keyboard when it appears.
    Above(&'static str),
}

/// `content`, which something may cover. It keeps its focus until it is uncovered.
pub fn below<'a, M: 'a>(content: impl Into<Element<'a, M>>, covered: bool) -> Layer<'a, M> {
    Layer { content: content.into(), place: if covered { Place::Covered } else { Place::Open } }
}

/// `content` above something; the control called `first` has the keyboard as soon as it shows.
pub fn above<'a, M: 'a>(content: impl Into<Element<'a, M>>, first: &'static str) -> Layer<'a, M> {
    Layer { content: content.into(), place: Place::Above(first) }
}

impl<M> Layer<'_, M> {
    fn is_covered(&self) -> bool {
        matches!(self.place, Place::Covered)
    }
}

/// The control that was given the keyboard.
#[derive(Debug, Default)]
struct State(Option<&'static str>);

impl<M> Widget<M, Theme, Renderer> for Layer<'_, M> {
    left_to_content!(diff draw pointer);

    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn operate(&mut self, tree: &mut Tree, layout: Layout<'_>, renderer: &Renderer, operation: &mut dyn Operation) {
        if let Some(child) = tree.children.first_mut().filter(|_| !self.is_covered()) {
            self.content.as_widget_mut().operate(child, layout, renderer, operation);
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
        let typed = matches!(event, Event::Keyboard(keyboard::Event::KeyPressed { .. }) | Event::InputMethod(_));
        let Some(child) = tree.children.first_mut().filter(|_| !(typed && self.is_covered())) else { return };
        let content = self.content.as_widget_mut();
        if let Place::Above(first) = self.place
            && tree.state.downcast_mut::<State>().0.replace(first) != Some(first)
        {
            let mut focus = operation::focusable::focus::<()>(Id::new(first));
            content.operate(child, layout, renderer, &mut operation::black_box(&mut focus));
            shell.request_redraw();
        }
        content.update(child, event, layout, cursor, renderer, clipboard, shell, viewport);
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, M, Theme, Renderer>> {
        let covered = self.is_covered();
        let child = tree.children.first_mut().filter(|_| !covered)?;
        self.content.as_widget_mut().overlay(child, layout, renderer, viewport, translation)
    }
}

impl<'a, M: 'a> From<Layer<'a, M>> for Element<'a, M> {
    fn from(layer: Layer<'a, M>) -> Self {
        Self::new(layer)
    }
}
