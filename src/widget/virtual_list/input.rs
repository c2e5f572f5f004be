//! Wheel, mouse and keys of the list.

use std::hash::Hash;

use iced::advanced::graphics::text::Paragraph;
use iced::advanced::text::{self, Paragraph as _, Renderer as _};
use iced::advanced::{Renderer as _, Shell, mouse, renderer};
use iced::keyboard::key::Named;
use iced::keyboard::{self, Key, Modifiers};
use iced::mouse::{Button, ScrollDelta};
use iced::{Event, Pixels, Point, Rectangle, Renderer, Size, Theme, alignment, border, touch};

use super::viewport::Viewport;
use super::{LANE, State, VirtualList};
use crate::theme::{self, radius, size, space};

/// Rows a notch of the wheel moves.
const NOTCH: f64 = 3.0;

/// Whether keys go to the list. A click focuses without the ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Focus {
    #[default]
    Away,
    Quiet,
    Ringed,
}

impl<K: Copy + Eq + Hash + 'static, M> VirtualList<'_, K, M> {
    pub(super) fn react(
        &mut self,
        state: &mut State<K>,
        event: &Event,
        bounds: Rectangle,
        cursor: mouse::Cursor,
        shell: &mut Shell<'_, M>,
    ) {
        let list = self.viewport(bounds.height);
        match event {
            Event::Mouse(mouse::Event::WheelScrolled { delta }) if cursor.is_over(bounds) => {
                let px = match delta {
                    ScrollDelta::Lines { y, .. } => f64::from(*y) * NOTCH * list.row * self.speed,
                    ScrollDelta::Pixels { y, .. } => f64::from(*y) * self.speed,
                };
                scroll(state, list, state.offset - px, shell);
                shell.capture_event();
            }
            Event::Mouse(mouse::Event::ButtonPressed(Button::Left))
            | Event::Touch(touch::Event::FingerPressed { .. }) => self.pressed(state, bounds, cursor, shell),
            Event::Mouse(mouse::Event::ButtonReleased(Button::Left))
            | Event::Touch(touch::Event::FingerLifted { .. } | touch::Event::FingerLost { .. })
                if state.grab.take().is_some() =>
            {
                shell.request_redraw();
                shell.capture_event();
            }
            Event::Mouse(mouse::Event::CursorMoved { .. } | mouse::Event::CursorLeft)
            | Event::Touch(touch::Event::FingerMoved { .. }) => {
                if let (Some(grab), Some(place)) = (state.grab, cursor.position()) {
                    let start = f64::from(place.y - bounds.y) - grab;
                    scroll(state, list, list.offset_of_thumb(start), shell);
                    shell.capture_event();
                }
                self.hover(state, bounds, cursor, shell);
            }
            Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, .. })
                if state.focus != Focus::Away && self.key_pressed(state, list, key, *modifiers, shell) =>
            {
                shell.capture_event();
            }
            _ => {}
        }
    }

    fn pressed(&mut self, state: &mut State<K>, bounds: Rectangle, cursor: mouse::Cursor, shell: &mut Shell<'_, M>) {
        let Some(place) = cursor.position_over(bounds) else {
            if state.focus == Focus::Ringed {
                shell.request_redraw();
            }
            state.focus = Focus::Away;
            return;
        };
        state.focus = Focus::Quiet;
        shell.request_redraw();
        shell.capture_event();
        let list = self.viewport(bounds.height);
        let y = f64::from(place.y - bounds.y);
        if place.x < bounds.x + bounds.width - LANE {
            if let (Some(index), Some(select)) = (list.at(y, state.offset), &self.on_select) {
                shell.publish(select(index));
                self.selected = Some(index);
            }
        } else if let Some((start, length)) = list.thumb(state.offset) {
            // On the track: the thumb comes to the pointer and is held.
            let on_thumb = (start..start + length).contains(&y);
            let grab = if on_thumb { y - start } else { length / 2.0 };
            state.grab = Some(grab);
            if !on_thumb {
                scroll(state, list, list.offset_of_thumb(y - grab), shell);
            }
        }
    }

    fn hover(&self, state: &mut State<K>, bounds: Rectangle, cursor: mouse::Cursor, shell: &mut Shell<'_, M>) {
        let hovered = self.under(state, bounds, cursor);
        if hovered != state.hovered {
            state.hovered = hovered;
            shell.request_redraw();
        }
    }

    /// The row under the pointer.
    pub(super) fn under(&self, state: &State<K>, bounds: Rectangle, cursor: mouse::Cursor) -> Option<usize> {
        let place = cursor.position_over(bounds).filter(|place| place.x < bounds.x + bounds.width - LANE)?;
        self.viewport(bounds.height).at(f64::from(place.y - bounds.y), state.offset)
    }

    /// Whether the key was the list's.
    fn key_pressed(
        &mut self,
        state: &mut State<K>,
        list: Viewport,
        key: &Key,
        modifiers: Modifiers,
        shell: &mut Shell<'_, M>,
    ) -> bool {
        if modifiers.command() || modifiers.alt() || modifiers.logo() || self.len == 0 {
            return false;
        }
        let last = self.len - 1;
        let first_shown = list.range(state.offset).start;
        let step = |by: isize| match self.selected {
            Some(index) => index.saturating_add_signed(by).min(last),
            None => first_shown,
        };
        let page = isize::try_from(list.page()).unwrap_or(isize::MAX);
        let to = match key.as_ref() {
            Key::Named(Named::ArrowDown) | Key::Character("j") => step(1),
            Key::Named(Named::ArrowUp) | Key::Character("k") => step(-1),
            Key::Named(Named::PageDown) => step(page),
            Key::Named(Named::PageUp) => step(-page),
            Key::Named(Named::Home) => 0,
            Key::Named(Named::End) => last,
            Key::Character("g" | "G") if modifiers.shift() => last,
            Key::Named(Named::Enter) => {
                let (Some(index), Some(open)) = (self.selected, &self.on_open) else { return false };
                shell.publish(open(index));
                return true;
            }
            _ => return false,
        };
        match &self.on_select {
            Some(select) if self.selected != Some(to) => {
                shell.publish(select(to));
                // The next key may come before the screen has answered.
                self.selected = Some(to);
            }
            // Selected already and perhaps scrolled away: bring it back.
            _ => scroll(state, list, list.reveal(to, state.offset), shell),
        }
        true
    }
}

fn scroll<K, M>(state: &mut State<K>, list: Viewport, offset: f64, shell: &mut Shell<'_, M>) {
    let offset = list.clamp(offset);
    if offset != state.offset {
        state.move_to(offset);
        shell.invalidate_layout();
        shell.request_redraw();
    }
}

/// The thumb's place on the screen; `None` when all rows fit.
pub(super) fn thumb(list: Viewport, offset: f64, bounds: Rectangle) -> Option<Rectangle> {
    let (start, length) = list.thumb(offset)?;
    let x = bounds.x + bounds.width - LANE;
    Some(Rectangle { x, y: bounds.y + start as f32, width: LANE, height: length as f32 })
}

/// Words beside the thumb.
pub(super) fn bubble(renderer: &mut Renderer, theme: &Theme, words: String, thumb: Rectangle, clip: Rectangle) {
    let p = theme::of(theme);
    let right = thumb.x - space::SM;
    let middle = thumb.y + thumb.height / 2.0;
    let width = Paragraph::with_text(line(words.as_str())).min_width() + 2.0 * space::MD;
    let ground = Rectangle { x: right - width, y: middle - 14.0, width, height: 28.0 };
    let quad = renderer::Quad {
        bounds: ground,
        border: border::rounded(radius::CONTROL).color(p.edge).width(1),
        ..renderer::Quad::default()
    };
    renderer.fill_quad(quad, p.panel);
    renderer.fill_text(line(words), Point::new(right - space::MD, middle), p.text, clip);
}

fn line<C>(content: C) -> text::Text<C> {
    text::Text {
        content,
        bounds: Size::new(320.0, 24.0),
        size: Pixels(size::BODY),
        line_height: text::LineHeight::default(),
        font: theme::UI,
        align_x: text::Alignment::Right,
        align_y: alignment::Vertical::Center,
        shaping: text::Shaping::Auto,
        wrapping: text::Wrapping::None,
    }
}
