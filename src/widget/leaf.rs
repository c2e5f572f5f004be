//! A page or a pane that is painted anew in one piece when what it shows changes or is scrolled; see [`repaint`](super::repaint).

use std::hash::{DefaultHasher, Hash, Hasher};

use iced::advanced::widget::{Tree, tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, mouse, renderer};
use iced::{Event, Rectangle, Renderer, Theme};

use super::Element;
use super::content::left_to_content;
use super::repaint;

/// See [`leaf`].
pub struct Leaf<'a, M> {
    content: Element<'a, M>,
    mark: u64,
}

/// `content`, which is something else whenever `mark` is another.
pub fn leaf<'a, M: 'a>(content: impl Into<Element<'a, M>>, mark: impl Hash) -> Leaf<'a, M> {
    let mut hasher = DefaultHasher::new();
    mark.hash(&mut hasher);
    Leaf { content: content.into(), mark: hasher.finish() }
}

/// How often it may have been scrolled.
#[derive(Debug, Default)]
struct State(u64);

impl<M> Widget<M, Theme, Renderer> for Leaf<'_, M> {
    left_to_content!(diff operate pointer overlay);

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
        if matches!(event, Event::Mouse(mouse::Event::WheelScrolled { .. })) && cursor.is_over(layout.bounds()) {
            tree.state.downcast_mut::<State>().0 += 1;
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
        let Some(visible) = layout.bounds().intersection(viewport) else { return };
        let Some(child) = tree.children.first() else { return };
        let scrolled = tree.state.downcast_ref::<State>().0;
        repaint::layer(renderer, visible, (self.mark, scrolled), |renderer| {
            self.content.as_widget().draw(child, renderer, theme, style, layout, cursor, &visible);
        });
    }
}

impl<'a, M: 'a> From<Leaf<'a, M>> for Element<'a, M> {
    fn from(leaf: Leaf<'a, M>) -> Self {
        Self::new(leaf)
    }
}
