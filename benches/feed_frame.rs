//! One frame of the feed at a million rows: scroll, build, lay out, draw in software. Budget 16 ms (`product.md` B8).
//!
//! `cargo bench --no-default-features --bench feed_frame`. The same frame at a thousand rows is timed in the same run: the
//! two should not differ.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing)]

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use iced_test::core::theme::{Base as _, Mode};
use iced_test::core::{Event, Point, Size, clipboard, mouse, renderer, window};
use iced_test::futures::futures::executor::block_on;
use iced_test::renderer::Renderer;
use iced_test::renderer::graphics::text::font_system;
use iced_test::runtime::{UserInterface, user_interface::Cache};

use gridwatch::app::cx::{Cx, Inbox};
use gridwatch::engine::Connection;
use gridwatch::i18n::Catalog;
use gridwatch::iodef::summarise;
use gridwatch::model::{ItemId, Summary, TopicId};
use gridwatch::practice::world::World;
use gridwatch::screen::feed::Feed;
use gridwatch::settings::Settings;
use gridwatch::store::{Committed, Error, Incoming, ItemKey, Payload, Route, Row, Seq, Standing, Store};
use gridwatch::theme;

const SIZE: Size = Size::new(1920.0, 1080.0);
const FRAMES: usize = 300;
const BUDGET: Duration = Duration::from_millis(16);

/// Rows made as they are asked for, from the practice world's summaries: a million without a gigabyte.
struct Endless {
    len: u32,
    summaries: Vec<(TopicId, Arc<Summary>)>,
    start: DateTime<Utc>,
}

impl Endless {
    fn new(len: u32, start: DateTime<Utc>) -> Self {
        let (_, history) = World::new(1, start).unwrap();
        let broker: gridwatch::model::BareJid = "broker.practice.invalid".parse().unwrap();
        let summaries = history.iter().map(|item| {
            let topic = TopicId { broker: broker.clone(), node: item.node.clone() };
            (topic, Arc::new(summarise(&item.payload, &[])))
        });
        Self { len, summaries: summaries.collect(), start }
    }
}

impl Store for Endless {
    fn commit(&self, _: Vec<Incoming>) -> Result<Committed, Error> {
        Err(Error::Full { rows: self.len })
    }

    fn retract(&self, _: &[ItemKey], _: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        Ok(Vec::new())
    }

    fn retract_topic(&self, _: &TopicId, _: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        Ok(Vec::new())
    }

    fn row(&self, seq: Seq) -> Option<Arc<Row>> {
        let (topic, summary) = &self.summaries[seq as usize % self.summaries.len()];
        let at = self.start + TimeDelta::seconds(i64::from(seq));
        (seq < self.len).then(|| {
            Arc::new(Row {
                seq,
                key: ItemKey { topic: topic.clone(), item: ItemId(seq.to_string()) },
                summary: summary.clone(),
                route: Route::Live,
                publisher: None,
                received: at,
                at,
                standing: Standing::Current,
                version: 1,
            })
        })
    }

    fn payload(&self, _: Seq) -> Result<Option<Payload>, Error> {
        Ok(None)
    }

    fn find(&self, _: &ItemKey) -> Option<Seq> {
        None
    }

    fn len(&self) -> u32 {
        self.len
    }
}

/// The parts of every frame, in the order they happen.
#[derive(Clone, Copy, Default)]
struct Frame {
    /// The view is built and laid out.
    build: Duration,
    /// The wheel is taken in and the rows that come into view are laid out.
    scroll: Duration,
    /// Everything is drawn, all 1920×1080 pixels: the window itself redraws only what changed.
    draw: Duration,
}

impl Frame {
    fn total(self) -> Duration {
        self.build + self.scroll + self.draw
    }
}

fn frames(len: u32) -> Vec<Frame> {
    let start = "2026-01-01T00:00:00Z".parse().unwrap();
    let store = Endless::new(len, start);
    let mut feed = Feed::default();
    feed.reset(&store);
    let (catalog, settings, connection, requests) =
        (Catalog::default(), Settings::default(), Connection::Offline, Cell::new(0));
    let cx = Cx {
        catalog: &catalog,
        store: &store,
        topics: &[],
        walk: None,
        connection: &connection,
        profile: None,
        inbox: Inbox { pending: &[], polled: None, trouble: None },
        settings: &settings,
        keychain: None,
        files: "",
        now: start + TimeDelta::seconds(i64::from(len)),
        practice: false,
        requests: &requests,
    };
    let look = theme::settings();
    let theme = theme::theme(gridwatch::settings::Theme::Dark, Mode::None);
    let base = theme.base();
    let new = <Renderer as renderer::Headless>::new(look.default_font, look.default_text_size, Some("tiny-skia"));
    let mut renderer = block_on(new).unwrap();
    let mut cache = Cache::new();
    let cursor = mouse::Cursor::Available(Point::new(500.0, 500.0));
    let pixels = Size::new(SIZE.width as u32, SIZE.height as u32);
    let mut all = Vec::with_capacity(FRAMES);
    for number in 0..FRAMES {
        // Down by whole and broken rows, back up a third of the time.
        let notches = if number % 3 == 2 { 3.3 } else { -4.7 };
        let wheel =
            Event::Mouse(mouse::Event::WheelScrolled { delta: mouse::ScrollDelta::Lines { x: 0.0, y: notches } });
        let now = Instant::now();
        let mut ui = UserInterface::build(feed.view(&cx), SIZE, cache, &mut renderer);
        let build = now.elapsed();
        let now = Instant::now();
        let frame = Event::Window(window::Event::RedrawRequested(now));
        let mut messages = Vec::new();
        let _ = ui.update(&[wheel, frame], cursor, &mut renderer, &mut clipboard::Null, &mut messages);
        let scroll = now.elapsed();
        let now = Instant::now();
        ui.draw(&mut renderer, &theme, &renderer::Style { text_color: base.text_color }, cursor);
        let drawn = renderer::Headless::screenshot(&mut renderer, pixels, 1.0, base.background_color);
        let draw = now.elapsed();
        assert!(drawn.len() == (pixels.width * pixels.height * 4) as usize);
        cache = ui.into_cache();
        for message in messages {
            let _ = feed.update(message, &cx);
        }
        all.push(Frame { build, scroll, draw });
    }
    // The first frames shape every glyph for the first time.
    all.split_off(20)
}

fn report(name: &str, frames: &mut [Frame]) -> Duration {
    frames.sort_by_key(|frame| frame.total());
    let of = |share: usize| frames[frames.len() * share / 100];
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (median, p95) = (of(50), of(95));
    println!(
        "{name:>10}: median {:5.2} ms (build {:.2}, scroll {:.2}, draw {:.2}), p95 {:5.2} ms, worst {:5.2} ms",
        ms(median.total()),
        ms(median.build),
        ms(median.scroll),
        ms(median.draw),
        ms(p95.total()),
        ms(frames[frames.len() - 1].total()),
    );
    p95.total()
}

fn main() {
    let mut system = font_system().write().unwrap();
    theme::settings().fonts.into_iter().for_each(|font| system.load_font(font));
    drop(system);
    println!("one frame of the feed, {}x{}, software renderer, {} frames each", SIZE.width, SIZE.height, FRAMES - 20);
    let _ = report("1k rows", &mut frames(1_000));
    let worst = report("1M rows", &mut frames(1_000_000));
    println!("budget {} ms at p95: {}", BUDGET.as_millis(), if worst <= BUDGET { "held" } else { "MISSED" });
}
