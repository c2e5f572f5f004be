//! What a widget around one other leaves to it. iced's `Widget` has no defaults for a wrapper (0.14), and each would say the
//! same again.

/// Methods of `Widget` that `self.content`, the only child, decides: how large it is, and what else is named.
macro_rules! left_to_content {
    ($($what:ident)*) => {
        fn children(&self) -> Vec<iced::advanced::widget::Tree> {
            vec![iced::advanced::widget::Tree::new(&self.content)]
        }

        fn size(&self) -> iced::Size<iced::Length> {
            self.content.as_widget().size()
        }

        fn size_hint(&self) -> iced::Size<iced::Length> {
            self.content.as_widget().size_hint()
        }

        fn layout(
            &mut self,
            tree: &mut iced::advanced::widget::Tree,
            renderer: &iced::Renderer,
            limits: &iced::advanced::layout::Limits,
        ) -> iced::advanced::layout::Node {
            match tree.children.first_mut() {
                Some(child) => self.content.as_widget_mut().layout(child, renderer, limits),
                None => iced::advanced::layout::Node::new(iced::Size::ZERO),
            }
        }

        $($crate::widget::content::left! { $what })*
    };
}

/// One of them.
macro_rules! left {
    (diff) => {
        fn diff(&self, tree: &mut iced::advanced::widget::Tree) {
            tree.diff_children(std::slice::from_ref(&self.content));
        }
    };
    (operate) => {
        fn operate(
            &mut self,
            tree: &mut iced::advanced::widget::Tree,
            layout: iced::advanced::Layout<'_>,
            renderer: &iced::Renderer,
            operation: &mut dyn iced::advanced::widget::Operation,
        ) {
            if let Some(child) = tree.children.first_mut() {
                self.content.as_widget_mut().operate(child, layout, renderer, operation);
            }
        }
    };
    (draw) => {
        fn draw(
            &self,
            tree: &iced::advanced::widget::Tree,
            renderer: &mut iced::Renderer,
            theme: &iced::Theme,
            style: &iced::advanced::renderer::Style,
            layout: iced::advanced::Layout<'_>,
            cursor: iced::advanced::mouse::Cursor,
            viewport: &iced::Rectangle,
        ) {
            if let Some(child) = tree.children.first() {
                self.content.as_widget().draw(child, renderer, theme, style, layout, cursor, viewport);
            }
        }
    };
    (pointer) => {
        fn mouse_interaction(
            &self,
            tree: &iced::advanced::widget::Tree,
            layout: iced::advanced::Layout<'_>,
            cursor: iced::advanced::mouse::Cursor,
            viewport: &iced::Rectangle,
            renderer: &iced::Renderer,
        ) -> iced::advanced::mouse::Interaction {
            let child = tree.children.first();
            child.map_or(iced::advanced::mouse::Interaction::None, |child| {
                self.content.as_widget().mouse_interaction(child, layout, cursor, viewport, renderer)
            })
        }
    };
    (overlay) => {
        fn overlay<'b>(
            &'b mut self,
            tree: &'b mut iced::advanced::widget::Tree,
            layout: iced::advanced::Layout<'b>,
            renderer: &iced::Renderer,
            viewport: &iced::Rectangle,
            translation: iced::Vector,
        ) -> Option<iced::advanced::overlay::Element<'b, M, iced::Theme, iced::Renderer>> {
            let child = tree.children.first_mut()?;
            self.content.as_widget_mut().overlay(child, layout, renderer, viewport, translation)
        }
    };
}

pub(super) use {left, left_to_content};
