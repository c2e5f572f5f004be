//! A list of any length that builds only the rows one sees (`house.md` §2.6).
//!
//! Rows have one height and an identity. While the reader stands anywhere but at a followed edge, the list holds on to the
//! identity of what is on the screen: rows that come or go elsewhere move nothing. It publishes what shows only when that
//! changes, never per wheel tick. The selection belongs to the screen; the list brings a newly selected row into view.

mod input;
pub mod viewport;

use std::collections::HashMap;
use std::hash::Hash;

use iced::advanced::widget::operation::{Focusable, Operation, Scrollable, scrollable};
use iced::advanced::widget::{Id, Tree, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, Widget, layout, mouse, overlay, renderer};
use iced::{Event, Length, Point, Rectangle, Renderer, Size, Theme, Vector, border};

use super::Element;
use super::focusable::ring;
use super::repaint;
use crate::theme::{self, radius};
use viewport::Viewport;

/// Width of the scrollbar's lane at the right; headers above the list leave it free.
pub const LANE: f32 = 12.0;
/// Width of the bar that marks the selected row.
const MARK: f32 = 3.0;

/// Finds an identity's row.
type Locate<'a, K> = Box<dyn Fn(&K) -> Option<usize> + 'a>;

/// What shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visible {
    /// First row that shows.
    pub first: usize,
    /// One past the last.
    pub end: usize,
    /// The first row stands at the upper edge: the newest, in a feed.
    pub at_edge: bool,
    /// Rows that came in above since the reader left the edge.
    pub above: usize,
}

/// See [`virtual_list`].
pub struct VirtualList<'a, K, M> {
    len: usize,
    row: f32,
    view: Box<dyn Fn(usize) -> Element<'a, M> + 'a>,
    key: Box<dyn Fn(usize) -> K + 'a>,
    locate: Locate<'a, K>,
    selected: Option<usize>,
    follow: bool,
    basis: u64,
    place: Option<(K, Visible)>,
    speed: f64,
    id: Option<Id>,
    on_select: Option<Box<dyn Fn(usize) -> M + 'a>>,
    on_open: Option<Box<dyn Fn(usize) -> M + 'a>>,
    on_visible: Option<Box<dyn Fn(Visible) -> M + 'a>>,
    bubble: Option<Box<dyn Fn(usize) -> String + 'a>>,
    rows: Vec<Element<'a, M>>,
}

/// A list of `len` rows, each `row` px tall. `view` draws a row, `key` is its identity and `locate` finds an identity again
/// (quickly: it is asked at every layout).
pub fn virtual_list<'a, K: Copy + Eq + Hash + 'static, M: 'a>(
    len: usize,
    row: f32,
    view: impl Fn(usize) -> Element<'a, M> + 'a,
    key: impl Fn(usize) -> K + 'a,
    locate: impl Fn(&K) -> Option<usize> + 'a,
) -> VirtualList<'a, K, M> {
    VirtualList {
        len,
        row: row.max(1.0),
        view: Box::new(view),
        key: Box::new(key),
        locate: Box::new(locate),
        selected: None,
        follow: false,
        basis: 0,
        place: None,
        speed: 1.0,
        id: None,
        on_select: None,
        on_open: None,
        on_visible: None,
        bubble: None,
        rows: Vec::new(),
    }
}

impl<'a, K, M> VirtualList<'a, K, M> {
    /// The row that is selected.
    #[must_use]
    pub fn selected(mut self, index: Option<usize>) -> Self {
        self.selected = index;
        self
    }

    /// At the upper edge, shows what comes in there. Elsewhere nothing moves, followed or not.
    #[must_use]
    pub fn follow(mut self, follow: bool) -> Self {
        self.follow = follow;
        self
    }

    /// A number that changes when another filter or order chose the rows: what then stands above is not new.
    #[must_use]
    pub fn basis(mut self, basis: u64) -> Self {
        self.basis = basis;
        self
    }

    /// Where a list that was off the screen goes on: what it published last, and the row that was first then.
    #[must_use]
    pub fn place(mut self, place: Option<(K, Visible)>) -> Self {
        self.place = place;
        self
    }

    /// Factor on the wheel's three rows a notch.
    #[must_use]
    pub fn speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }

    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// A click, or a key that moves the selection.
    #[must_use]
    pub fn on_select(mut self, message: impl Fn(usize) -> M + 'a) -> Self {
        self.on_select = Some(Box::new(message));
        self
    }

    /// Enter.
    #[must_use]
    pub fn on_open(mut self, message: impl Fn(usize) -> M + 'a) -> Self {
        self.on_open = Some(Box::new(message));
        self
    }

    #[must_use]
    pub fn on_visible(mut self, message: impl Fn(Visible) -> M + 'a) -> Self {
        self.on_visible = Some(Box::new(message));
        self
    }

    /// Words beside the thumb while it is dragged: where one is.
    #[must_use]
    pub fn bubble(mut self, words: impl Fn(usize) -> String + 'a) -> Self {
        self.bubble = Some(Box::new(words));
        self
    }

    fn viewport(&self, height: f32) -> Viewport {
        Viewport { len: self.len, row: f64::from(self.row), height: f64::from(height) }
    }
}

/// What the list remembers between frames.
struct State<K> {
    /// Px above the window.
    offset: f64,
    height: f32,
    /// Height of a row at the last layout.
    row: f32,
    /// Greatest offset at the last layout.
    end: f64,
    /// Identity and place of the rows built last, for re-finding after a change and for keeping their widgets' state.
    shown: Vec<(K, usize)>,
    selected: Option<K>,
    basis: u64,
    above: usize,
    /// The reader moved since the last layout: his place counts, not the rows'.
    moved: bool,
    /// Where the thumb was grabbed, from its start.
    grab: Option<f64>,
    hovered: Option<usize>,
    focus: input::Focus,
    published: Option<Visible>,
}

impl<K> Default for State<K> {
    fn default() -> Self {
        Self {
            offset: 0.0,
            height: 0.0,
            row: 0.0,
            end: 0.0,
            shown: Vec::new(),
            selected: None,
            basis: 0,
            above: 0,
            moved: false,
            grab: None,
            hovered: None,
            focus: input::Focus::default(),
            published: None,
        }
    }
}

impl<K> State<K> {
    fn move_to(&mut self, offset: f64) {
        self.offset = offset;
        self.moved = true;
    }

    fn at_edge(&self) -> bool {
        self.offset < 1.0
    }
}

impl<K> Focusable for State<K> {
    fn is_focused(&self) -> bool {
        self.focus != input::Focus::Away
    }

    fn focus(&mut self) {
        self.focus = input::Focus::Ringed;
    }

    fn unfocus(&mut self) {
        self.focus = input::Focus::Away;
    }
}

impl<K> Scrollable for State<K> {
    fn snap_to(&mut self, offset: scrollable::RelativeOffset<Option<f32>>) {
        if let Some(y) = offset.y {
            self.move_to(f64::from(y) * self.end);
        }
    }

    fn scroll_to(&mut self, offset: scrollable::AbsoluteOffset<Option<f32>>) {
        if let Some(y) = offset.y {
            self.move_to(f64::from(y));
        }
    }

    fn scroll_by(&mut self, offset: scrollable::AbsoluteOffset, _bounds: Rectangle, _content: Rectangle) {
        self.move_to(self.offset + f64::from(offset.y));
    }
}

impl<'a, K: Copy + Eq + Hash + 'static, M> VirtualList<'a, K, M> {
    /// Puts a list that is laid out for the first time where its reader left it.
    fn resume(&self, state: &mut State<K>, list: Viewport) {
        if let Some((key, left)) = self.place.filter(|(_, left)| !left.at_edge && state.row == 0.0) {
            state.shown = vec![(key, left.first)];
            // Off the edge he was and stays.
            state.offset = list.top(left.first).max(1.0);
            state.above = left.above;
            state.basis = self.basis;
            state.selected = self.selected.filter(|index| *index < self.len).map(|index| (self.key)(index));
        }
    }

    /// Brings the offset up to date with rows that came, went or were selected since the last layout.
    fn settle(&self, state: &mut State<K>, list: Viewport) {
        let followed = self.follow && state.at_edge() && !state.moved;
        if state.basis != self.basis {
            state.above = 0;
        }
        if !state.moved && !followed {
            // The selected row is what the reader looks at; else the first that shows and is still there.
            let selected = state.shown.iter().filter(|(key, _)| state.selected == Some(*key));
            let found = selected.chain(&state.shown).find_map(|(key, old)| Some((*old, (self.locate)(key)?)));
            if let Some((old, new)) = found {
                state.offset += list.top(new) - list.top(old);
                if state.basis == self.basis {
                    state.above += new.saturating_sub(old);
                }
            }
        }
        let selected = self.selected.filter(|index| *index < self.len);
        let key = selected.map(|index| (self.key)(index));
        if let Some(index) = selected
            && key != state.selected
        {
            state.offset = list.reveal(index, state.offset);
        }
        state.selected = key;
        state.basis = self.basis;
        state.moved = false;
        state.offset = list.clamp(state.offset);
        state.above = if state.at_edge() { 0 } else { state.above.min(list.range(state.offset).start) };
    }

    fn visible(&self, state: &State<K>) -> Visible {
        let range = self.viewport(state.height).range(state.offset);
        Visible { first: range.start, end: range.end, at_edge: state.at_edge(), above: state.above }
    }

    /// Where a row stands.
    fn spot(&self, index: usize, state: &State<K>, bounds: Rectangle) -> Rectangle {
        let y = self.viewport(bounds.height).y(index, state.offset).round();
        Rectangle { y: bounds.y + y, height: self.row, ..bounds }
    }

    fn draw_grounds(
        &self,
        state: &State<K>,
        renderer: &mut Renderer,
        theme: &Theme,
        bounds: Rectangle,
        cursor: mouse::Cursor,
    ) {
        let p = theme::of(theme);
        let row = |index: usize, width: f32| Rectangle { width, ..self.spot(index, state, bounds) };
        let shown = self.viewport(bounds.height).range(state.offset);
        if let Some(index) = self.under(state, bounds, cursor).filter(|_| state.grab.is_none()) {
            fill(renderer, row(index, bounds.width - LANE), p.hover.into());
        }
        if let Some(index) = self.selected.filter(|index| shown.contains(index)) {
            fill(renderer, row(index, bounds.width - LANE), p.selected.into());
            fill(renderer, row(index, MARK), p.accent.into());
        }
    }

    fn draw_bar(&self, state: &State<K>, renderer: &mut Renderer, theme: &Theme, bounds: Rectangle) {
        let Some(thumb) = input::thumb(self.viewport(bounds.height), state.offset, bounds) else { return };
        let strong = state.grab.is_some();
        let quad = renderer::Quad {
            bounds: Rectangle { x: thumb.x + 3.0, width: thumb.width - 5.0, ..thumb },
            border: border::rounded(radius::CHIP),
            ..renderer::Quad::default()
        };
        renderer.fill_quad(quad, theme::surface::thumb(theme, strong));
        let Some(words) = self.bubble.as_ref().filter(|_| strong) else { return };
        let words = words(self.viewport(bounds.height).range(state.offset).start);
        renderer.with_layer(bounds, |renderer| input::bubble(renderer, theme, words, thumb, bounds));
    }
}

fn fill(renderer: &mut Renderer, bounds: Rectangle, ground: iced::Background) {
    renderer.fill_quad(renderer::Quad { bounds, ..renderer::Quad::default() }, ground);
}

impl<K: Copy + Eq + Hash + 'static, M> Widget<M, Theme, Renderer> for VirtualList<'_, K, M> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State<K>>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::<K>::default())
    }

    /// Rows are built and matched with their widgets' state in `layout`, where the height is known.
    fn diff(&self, _tree: &mut Tree) {}

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fill, Length::Fill)
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let size = limits.max();
        let list = self.viewport(size.height);
        let state = tree.state.downcast_mut::<State<K>>();
        state.height = size.height;
        self.resume(state, list);
        if state.row > 0.0 && state.row != self.row {
            // Another density: the same row stays first.
            state.offset *= f64::from(self.row) / f64::from(state.row);
        }
        state.row = self.row;
        state.end = list.end();
        self.settle(state, list);
        let range = list.range(state.offset);

        let keys = state.shown.drain(..).map(|(key, _)| key);
        let mut known: HashMap<K, Tree> = keys.zip(tree.children.drain(..)).collect();
        self.rows.clear();
        let mut nodes = Vec::with_capacity(range.len());
        let row = layout::Limits::new(Size::ZERO, Size::new((size.width - LANE).max(0.0), self.row));
        for index in range {
            let key = (self.key)(index);
            let mut element = (self.view)(index);
            let mut child = match known.remove(&key) {
                Some(mut child) => {
                    child.diff(&element);
                    child
                }
                None => Tree::new(&element),
            };
            let node = element.as_widget_mut().layout(&mut child, renderer, &row);
            let spare = ((self.row - node.size().height) / 2.0).max(0.0);
            nodes.push(node.move_to(Point::new(0.0, list.y(index, state.offset).round() + spare.floor())));
            state.shown.push((key, index));
            tree.children.push(child);
            self.rows.push(element);
        }
        layout::Node::with_children(size, nodes)
    }

    fn operate(&mut self, tree: &mut Tree, layout: Layout<'_>, renderer: &Renderer, operation: &mut dyn Operation) {
        let bounds = layout.bounds();
        let state = tree.state.downcast_mut::<State<K>>();
        operation.focusable(self.id.as_ref(), bounds, state);
        let content = Rectangle { height: self.viewport(bounds.height).content() as f32, ..bounds };
        operation.scrollable(self.id.as_ref(), bounds, content, Vector::ZERO, state);
        operation.traverse(&mut |operation| {
            for ((row, child), layout) in self.rows.iter_mut().zip(&mut tree.children).zip(layout.children()) {
                row.as_widget_mut().operate(child, layout, renderer, operation);
            }
        });
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
        let inside = cursor.position_over(bounds).is_some();
        // Rows that reach out of the window must not take clicks meant for what is drawn there.
        let theirs = if inside { cursor } else { mouse::Cursor::Unavailable };
        for ((row, child), layout) in self.rows.iter_mut().zip(&mut tree.children).zip(layout.children()) {
            row.as_widget_mut().update(child, event, layout, theirs, renderer, clipboard, shell, viewport);
        }
        let state = tree.state.downcast_mut::<State<K>>();
        if !shell.is_event_captured() {
            self.react(state, event, bounds, cursor, shell);
        }
        let visible = self.visible(state);
        if let Some(message) = &self.on_visible
            && !state.moved
            && state.published != Some(visible)
        {
            state.published = Some(visible);
            shell.publish(message(visible));
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
        let bounds = layout.bounds();
        let Some(visible) = bounds.intersection(viewport) else { return };
        let state = tree.state.downcast_ref::<State<K>>();
        // Where the same rows stand at the same places, nothing is painted for those that came above.
        let rows: Vec<&K> = state.shown.iter().map(|(key, _)| key).collect();
        let first = state.shown.first().map(|(_, index)| self.spot(*index, state, bounds).y.to_bits());
        repaint::layer(renderer, visible, (rows, first, self.row.to_bits()), |renderer| {
            self.draw_grounds(state, renderer, theme, bounds, cursor);
            for ((row, child), layout) in self.rows.iter().zip(&tree.children).zip(layout.children()) {
                row.as_widget().draw(child, renderer, theme, style, layout, cursor, &visible);
            }
            self.draw_bar(state, renderer, theme, bounds);
            if state.focus == input::Focus::Ringed {
                ring(renderer, theme, bounds);
            }
        });
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        if cursor.position_over(layout.bounds()).is_none() {
            return mouse::Interaction::None;
        }
        let rows = self.rows.iter().zip(&tree.children).zip(layout.children());
        let theirs = rows
            .map(|((row, child), layout)| row.as_widget().mouse_interaction(child, layout, cursor, viewport, renderer));
        theirs.max().unwrap_or_default()
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, M, Theme, Renderer>> {
        overlay::from_children(&mut self.rows, tree, layout, renderer, viewport, translation)
    }
}

impl<'a, K: Copy + Eq + Hash + 'static, M: 'a> From<VirtualList<'a, K, M>> for Element<'a, M> {
    fn from(list: VirtualList<'a, K, M>) -> Self {
        Self::new(list)
    }
}
