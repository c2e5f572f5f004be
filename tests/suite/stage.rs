//! A window without a window: keeps the widgets' state from frame to frame, feeds events in, takes messages and pictures out.

use std::path::Path;
use std::sync::Once;

use iced_test::core::theme::{Base as _, Mode};
use iced_test::core::{
    Element, Event, Point, Rectangle, Size, clipboard, keyboard, mouse, renderer, time, widget, window,
};
use iced_test::futures::futures::executor::block_on;
use iced_test::renderer::Renderer;
use iced_test::renderer::graphics::text::font_system;
use iced_test::runtime::{UserInterface, user_interface::Cache};
use iced_test::selector::{Candidate, Selector};

use gridwatch::settings::Theme as Choice;
use gridwatch::theme::{self, Theme};

use crate::support::glass::{Drawn, Glass};

pub struct Stage {
    cache: Cache,
    renderer: Renderer,
    pub size: Size,
    cursor: mouse::Cursor,
}

impl Stage {
    pub fn new(width: f32, height: f32) -> Self {
        static FONTS: Once = Once::new();
        let settings = theme::settings();
        FONTS.call_once(|| {
            let mut system = font_system().write().unwrap();
            settings.fonts.into_iter().for_each(|font| system.load_font(font));
        });
        let (font, size) = (settings.default_font, settings.default_text_size);
        let renderer = block_on(<Renderer as renderer::Headless>::new(font, size, Some("tiny-skia")));
        let renderer = renderer.unwrap();
        Self { cache: Cache::new(), renderer, size: Size::new(width, height), cursor: mouse::Cursor::Unavailable }
    }

    fn with<'a, M, T>(
        &mut self,
        view: impl Into<Element<'a, M, Theme, Renderer>>,
        f: impl FnOnce(&mut UserInterface<'a, M, Theme, Renderer>, &mut Renderer) -> T,
    ) -> T {
        let cache = std::mem::take(&mut self.cache);
        let mut ui = UserInterface::build(view, self.size, cache, &mut self.renderer);
        let out = f(&mut ui, &mut self.renderer);
        self.cache = ui.into_cache();
        out
    }

    /// Feeds events to a view, then a frame; returns what it said.
    pub fn act<'a, M>(&mut self, view: impl Into<Element<'a, M, Theme, Renderer>>, events: &[Event]) -> Vec<M> {
        let mut messages = Vec::new();
        let cursor = self.cursor;
        let frame = Event::Window(window::Event::RedrawRequested(time::Instant::now()));
        self.with(view, |ui, renderer| {
            for event in events.iter().chain([&frame]) {
                let _ = ui.update(std::slice::from_ref(event), cursor, renderer, &mut clipboard::Null, &mut messages);
            }
        });
        messages
    }

    pub fn point(&mut self, x: f32, y: f32) -> Event {
        self.cursor = mouse::Cursor::Available(Point::new(x, y));
        Event::Mouse(mouse::Event::CursorMoved { position: Point::new(x, y) })
    }

    pub fn operate<'a, M>(
        &mut self,
        view: impl Into<Element<'a, M, Theme, Renderer>>,
        operation: &mut dyn widget::Operation,
    ) {
        self.with(view, |ui, renderer| {
            ui.operate(renderer, operation);
            let mut outcome = operation.finish();
            // "Focus the next one" counts first and focuses then.
            while let widget::operation::Outcome::Chain(mut next) = outcome {
                ui.operate(renderer, &mut *next);
                outcome = next.finish();
            }
        });
    }

    /// Every text that shows, with its place, in the order of the widgets.
    pub fn texts<'a, M>(&mut self, view: impl Into<Element<'a, M, Theme, Renderer>>) -> Vec<(String, Rectangle)> {
        let all = |candidate: Candidate<'_>| match candidate {
            Candidate::Text { content, visible_bounds: Some(bounds), .. } => Some((content.to_owned(), bounds)),
            _ => None,
        };
        let mut find = all.find_all();
        self.with(view, |ui, renderer| ui.operate(renderer, &mut widget::operation::black_box(&mut find)));
        match widget::Operation::finish(&find) {
            widget::operation::Outcome::Some(found) => found,
            _ => Vec::new(),
        }
    }

    /// Where the control of this name shows.
    pub fn place<'a, M>(&mut self, view: impl Into<Element<'a, M, Theme, Renderer>>, name: &str) -> Option<Rectangle> {
        let wanted = widget::Id::from(name.to_owned());
        let own = move |candidate: Candidate<'_>| match candidate {
            Candidate::Focusable { id: Some(id), visible_bounds: Some(bounds), .. } if *id == wanted => Some(bounds),
            _ => None,
        };
        let mut find = own.find_all();
        self.with(view, |ui, renderer| ui.operate(renderer, &mut widget::operation::black_box(&mut find)));
        match widget::Operation::finish(&find) {
            widget::operation::Outcome::Some(found) => found.first().copied(),
            _ => None,
        }
    }

    /// Draws the view onto a window's glass; `false` where that shows anything but what is to be seen.
    pub fn present<'a, M>(
        &mut self,
        view: impl Into<Element<'a, M, Theme, Renderer>>,
        glass: &mut Glass,
    ) -> (Drawn, bool) {
        let (size, cursor, theme) = (self.size, self.cursor, theme::theme(Choice::Dark, Mode::None));
        let base = theme.base();
        let frame = Event::Window(window::Event::RedrawRequested(time::Instant::now()));
        self.with(view, |ui, renderer| {
            let _ = ui.update(&[frame], cursor, renderer, &mut clipboard::Null, &mut Vec::new());
            ui.draw(renderer, &theme, &renderer::Style { text_color: base.text_color }, cursor);
            let drawn = glass.present(renderer, base.background_color);
            let mut anew = Glass::new(size);
            let _ = anew.present(renderer, base.background_color);
            (drawn, anew.pixels() == glass.pixels())
        })
    }

    /// Draws the view and writes a PNG of it.
    pub fn picture<'a, M>(&mut self, view: impl Into<Element<'a, M, Theme, Renderer>>, theme: &Theme, path: &Path) {
        let (size, cursor, base) = (self.size, self.cursor, theme.base());
        let frame = Event::Window(window::Event::RedrawRequested(time::Instant::now()));
        let pixels = Size::new(size.width as u32, size.height as u32);
        let rgba = self.with(view, |ui, renderer| {
            let _ = ui.update(&[frame], cursor, renderer, &mut clipboard::Null, &mut Vec::new());
            ui.draw(renderer, theme, &renderer::Style { text_color: base.text_color }, cursor);
            renderer::Headless::screenshot(renderer, pixels, 1.0, base.background_color)
        });
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
        let mut encoder = png::Encoder::new(file, pixels.width, pixels.height);
        encoder.set_color(png::ColorType::Rgba);
        encoder.write_header().unwrap().write_image_data(&rgba).unwrap();
    }
}

pub fn key(key: impl Into<keyboard::Key>) -> Event {
    key_with(key, keyboard::Modifiers::default())
}

/// A key with others held.
pub fn key_with(key: impl Into<keyboard::Key>, modifiers: keyboard::Modifiers) -> Event {
    let key = key.into();
    Event::Keyboard(keyboard::Event::KeyPressed {
        modified_key: key.clone(),
        physical_key: keyboard::key::Physical::Unidentified(keyboard::key::NativeCode::Unidentified),
        location: keyboard::Location::Standard,
        modifiers,
        text: None,
        repeat: false,
        key,
    })
}

pub fn letter(letter: &str) -> Event {
    key(keyboard::Key::Character(letter.into()))
}

/// A press and a release of the left button where the pointer is.
pub fn click() -> [Event; 2] {
    [
        Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)),
        Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)),
    ]
}

/// Notches of the wheel; down is positive.
pub fn wheel(notches: f32) -> Event {
    Event::Mouse(mouse::Event::WheelScrolled { delta: mouse::ScrollDelta::Lines { x: 0.0, y: -notches } })
}

/// These words as the keyboard gives them.
pub fn typed(words: &str) -> Vec<Event> {
    let one = |letter: char| {
        let Event::Keyboard(keyboard::Event::KeyPressed {
            key,
            modified_key,
            physical_key,
            location,
            modifiers,
            repeat,
            ..
        }) = key_with(keyboard::Key::Character(letter.to_string().into()), keyboard::Modifiers::default())
        else {
            unreachable!()
        };
        let text = Some(letter.to_string().into());
        Event::Keyboard(keyboard::Event::KeyPressed {
            key,
            modified_key,
            physical_key,
            location,
            modifiers,
            repeat,
            text,
        })
    };
    words.chars().map(one).collect()
}
