//! One line of text that ends in an ellipsis where its cell is too narrow; iced 0.14 only cuts.

use std::borrow::Cow;

use iced::advanced::graphics::text::Paragraph;
use iced::advanced::text::paragraph::Plain;
use iced::advanced::text::{self, Hit, Paragraph as _, Wrapping};
use iced::advanced::widget::{Operation, Tree, tree};
use iced::advanced::{Layout, Renderer as _, Widget, layout, mouse, renderer};
use iced::widget::text::Style;
use iced::{Font, Length, Pixels, Point, Rectangle, Renderer, Size, Theme, alignment};

use super::Element;
use crate::theme::{self, size};

/// Room that no line fills.
const ENDLESS: Size = Size::new(100_000.0, 1_000.0);
const ELLIPSIS: char = '…';

/// See [`line`].
pub struct Line<'a> {
    content: Cow<'a, str>,
    font: Font,
    size: f32,
    style: Box<dyn Fn(&Theme) -> Style + 'a>,
    struck: bool,
}

/// One line, as wide as its words or as there is room.
pub fn line<'a>(words: impl Into<Cow<'a, str>>) -> Line<'a> {
    Line {
        content: words.into(),
        font: theme::UI,
        size: size::BODY,
        style: Box::new(theme::text::normal),
        struck: false,
    }
}

impl<'a> Line<'a> {
    #[must_use]
    pub fn font(mut self, font: Font) -> Self {
        self.font = font;
        self
    }

    #[must_use]
    pub fn size(mut self, size: f32) -> Self {
        self.size = size;
        self
    }

    #[must_use]
    pub fn style(mut self, style: impl Fn(&Theme) -> Style + 'a) -> Self {
        self.style = Box::new(style);
        self
    }

    /// Struck through: no longer so.
    #[must_use]
    pub fn struck(mut self, struck: bool) -> Self {
        self.struck = struck;
        self
    }

    fn shape<'b>(&self, content: &'b str) -> text::Text<&'b str> {
        text::Text {
            content,
            bounds: ENDLESS,
            size: Pixels(self.size),
            line_height: text::LineHeight::default(),
            font: self.font,
            align_x: text::Alignment::Default,
            align_y: alignment::Vertical::Top,
            shaping: text::Shaping::Auto,
            wrapping: Wrapping::None,
        }
    }
}

/// The whole line and, where it did not fit last time, what is shown of it.
#[derive(Default)]
struct State {
    whole: Plain<Paragraph>,
    cut: Plain<Paragraph>,
    /// Content and width `cut` was made for.
    made_for: Option<(String, f32)>,
}

impl State {
    fn shown(&self) -> &Plain<Paragraph> {
        if self.made_for.is_some() { &self.cut } else { &self.whole }
    }
}

impl<M> Widget<M, Theme, Renderer> for Line<'_> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Shrink, Length::Shrink)
    }

    fn layout(&mut self, tree: &mut Tree, _renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let state = tree.state.downcast_mut::<State>();
        let room = limits.max().width;
        let changed = state.whole.update(self.shape(&self.content));
        if state.whole.min_width() <= room {
            state.made_for = None;
        } else if changed || state.made_for.as_ref().is_none_or(|(text, width)| *text != self.content || *width != room)
        {
            let cut = self.cut(&state.whole, room);
            let _ = state.cut.update(self.shape(&cut));
            state.made_for = Some((self.content.to_string(), room));
        }
        let size = state.shown().min_bounds();
        layout::Node::new(Size::new(size.width.min(room), size.height))
    }

    fn operate(&mut self, _tree: &mut Tree, layout: Layout<'_>, _renderer: &Renderer, operation: &mut dyn Operation) {
        operation.text(None, layout.bounds(), &self.content);
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        defaults: &renderer::Style,
        layout: Layout<'_>,
        _cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let style = (self.style)(theme);
        let bounds = layout.bounds();
        let paragraph = tree.state.downcast_ref::<State>().shown().raw();
        iced::advanced::widget::text::draw(renderer, defaults, bounds, paragraph, style, viewport);
        if self.struck {
            let y = bounds.y + (bounds.height * 0.55).round();
            let stroke = Rectangle { y, height: 1.0, ..bounds };
            let quad = renderer::Quad { bounds: stroke, ..renderer::Quad::default() };
            renderer.fill_quad(quad, style.color.unwrap_or(defaults.text_color));
        }
    }
}

impl Line<'_> {
    /// As much of the line as fits into `room` with an ellipsis after it.
    fn cut(&self, whole: &Plain<Paragraph>, room: f32) -> String {
        let ellipsis = Paragraph::with_text(self.shape("…")).min_width();
        let edge = Point::new((room - ellipsis).max(0.0), whole.min_bounds().height / 2.0);
        let Some(Hit::CharOffset(end)) = whole.raw().hit_test(edge) else { return ELLIPSIS.to_string() };
        let end = (0..=end.min(self.content.len())).rev().find(|end| self.content.is_char_boundary(*end)).unwrap_or(0);
        let mut text = self.content.get(..end).unwrap_or_default().trim_end().to_owned();
        text.push(ELLIPSIS);
        // The hit is the nearest gap between letters: at most one letter too far.
        if Paragraph::with_text(self.shape(&text)).min_width() > room {
            let _ = text.pop();
            let _ = text.pop();
            text.truncate(text.trim_end().len());
            text.push(ELLIPSIS);
        }
        text
    }
}

impl<'a, M: 'a> From<Line<'a>> for Element<'a, M> {
    fn from(line: Line<'a>) -> Self {
        Self::new(line)
    }
}
