//! Keys of a screen: those that nothing inside took.
//!
//! A text field or a focused button inside takes its keys first, so a screen's single letters never disturb typing.

use iced::advanced::widget::Tree;
use iced::advanced::{Clipboard, Layout, Shell, Widget, mouse};
use iced::keyboard::{self, Key, Modifiers};
use iced::{Event, Rectangle, Renderer, Theme};

use super::Element;
use super::content::left_to_content;

/// What a key says, if anything.
type Map<'a, M> = Box<dyn Fn(Key<&str>, Modifiers) -> Option<M> + 'a>;

/// See [`keys`].
pub struct Keys<'a, M> {
    content: Element<'a, M>,
    map: Map<'a, M>,
}

/// Around `content`, says `map`'s message for a key that nothing inside took.
pub fn keys<'a, M: 'a>(
    content: impl Into<Element<'a, M>>,
    map: impl Fn(Key<&str>, Modifiers) -> Option<M> + 'a,
) -> Keys<'a, M> {
    Keys { content: content.into(), map: Box::new(map) }
}

impl<M> Widget<M, Theme, Renderer> for Keys<'_, M> {
    left_to_content!(diff operate draw pointer overlay);

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
        if shell.is_event_captured() {
            return;
        }
        if let Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, .. }) = event
            && let Some(message) = (self.map)(key.as_ref(), *modifiers)
        {
            shell.publish(message);
            shell.capture_event();
        }
    }
}

impl<'a, M: 'a> From<Keys<'a, M>> for Element<'a, M> {
    fn from(keys: Keys<'a, M>) -> Self {
        Self::new(keys)
    }
}
