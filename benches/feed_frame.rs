//! One frame of the feed at a million rows: scroll, build, lay out, draw in software; and from a key to its frame while a
//! thousand incidents a second arrive and an archive commits as many beside it. Budget 16 ms (`product.md` B8).
//!
//! `cargo bench --no-default-features --bench feed_frame`. A frame is drawn as a window draws it: what changed since the last
//! one, by the renderer's own comparison; and once more with every pixel drawn anew, as after a resize. The same frame at a
//! thousand rows is timed in the same run, and what a plain `scrollable` takes for a list that is built whole. The whole
//! window, from a key on the X server to the pixels on its screen, is `window`'s. Figures go to
//! `target/bench/feed_frame.json`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing)]

#[allow(dead_code)] // The tests use the rest.
#[path = "../tests/suite/support/glass.rs"]
mod glass;
#[path = "shared/lent.rs"]
mod lent;
#[path = "archive/mix.rs"]
#[allow(dead_code)] // The archive's bench uses the rest.
mod mix;
#[path = "shared/random.rs"]
mod random;
#[path = "shared/report.rs"]
mod report;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use iced_test::core::theme::{Base as _, Mode};
use iced_test::core::{Event, Point, Size, clipboard, mouse, renderer, window};
use iced_test::futures::futures::executor::block_on;
use iced_test::renderer::Renderer;
use iced_test::renderer::graphics::text::font_system;
use iced_test::runtime::{UserInterface, user_interface::Cache};

use gridwatch::iodef::summarise;
use gridwatch::model::{BareJid, ItemId, Summary, TopicId};
use gridwatch::practice::world::World;
use gridwatch::screen::feed::{self, Feed, Places};
use gridwatch::store::archive::Key;
use gridwatch::store::{
    Archive, Committed, Error, Held, Incoming, ItemKey, Payload, Record, Route, Row, Seq, Standing, Store,
};
use gridwatch::theme;

use glass::{Drawn, Glass};
use lent::Lent;
use report::Report;

const FRAMES: usize = 200;
/// Frames that shape every glyph for the first time and are not counted.
const WARM: usize = 20;
const BUDGET: Duration = Duration::from_millis(16);
/// Frames of a plain list, a quarter of which are not counted.
const PLAIN: usize = 16;
/// Incidents that arrive between two frames: a thousand a second at sixty frames.
const ARRIVE: u32 = 17;

/// Rows made as they are asked for, from the practice world's summaries: a million without a gigabyte.
struct Endless {
    len: AtomicU32,
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
        Self { len: len.into(), summaries: summaries.collect(), start }
    }

    fn at(&self, seq: Seq) -> DateTime<Utc> {
        self.start + TimeDelta::seconds(i64::from(seq))
    }

    /// What a task of the window makes of rows that arrive.
    fn places(&self, rows: Range<Seq>) -> Places {
        rows.map(|seq| (self.at(seq), seq)).collect()
    }
}

impl Store for Endless {
    fn commit(&self, _: Vec<Incoming>) -> Result<Committed, Error> {
        Err(Error::Full { rows: self.len() })
    }

    fn retract(&self, _: &[ItemKey], _: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        Ok(Vec::new())
    }

    fn retract_topic(&self, _: &TopicId, _: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        Ok(Vec::new())
    }

    fn held(&self, _: &TopicId) -> Result<Vec<Held>, Error> {
        Ok(Vec::new())
    }

    fn absent(&self, _: &[(ItemKey, Seq)], _: DateTime<Utc>) -> Result<Vec<Seq>, Error> {
        Ok(Vec::new())
    }

    fn keep_coverage(&self, _: &BareJid, _: Vec<Record>) -> Result<(), Error> {
        Ok(())
    }

    fn coverage(&self, _: &BareJid) -> Result<Vec<Record>, Error> {
        Ok(Vec::new())
    }

    fn row(&self, seq: Seq) -> Option<Arc<Row>> {
        let (topic, summary) = &self.summaries[seq as usize % self.summaries.len()];
        let at = self.at(seq);
        (seq < self.len()).then(|| {
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
                size: 3_000,
            })
        })
    }

    fn payload(&self, _: Seq) -> Result<Option<Payload>, Error> {
        Ok(None)
    }

    fn find(&self, _: &ItemKey) -> Result<Option<Seq>, Error> {
        Ok(None)
    }

    fn len(&self) -> u32 {
        self.len.load(Ordering::Relaxed)
    }
}

/// Time this thread has run, for figures that other work on the machine does not spoil, and time it waited for a processor;
/// zero where the system does not say.
fn ran() -> [Duration; 2] {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let mut spent = stat.split_whitespace().map(|ns| Duration::from_nanos(ns.parse().unwrap_or(0)));
    [spent.next().unwrap_or_default(), spent.next().unwrap_or_default()]
}

/// The parts of every frame, in the order they happen.
#[derive(Clone, Copy, Default)]
struct Frame {
    /// What happened is taken in; the view is built and laid out.
    build: Duration,
    /// The widgets see the frame, and what they tell is taken in as a window does: the view is built again, until they rest.
    settle: Duration,
    /// The picture is drawn.
    draw: Duration,
    drawn: Drawn,
    /// Of all that, on a processor, and waiting for one.
    spent: [Duration; 2],
}

impl Frame {
    fn total(self) -> Duration {
        self.build + self.settle + self.draw
    }
}

/// What happens before each frame.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// The wheel turns.
    Wheel,
    /// Incidents arrive, and a key goes one row on.
    Flood,
}

/// What of each picture is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pixels {
    /// Those that changed, as a window does.
    Changed,
    /// All of them.
    All,
}

/// How often a window lets its widgets answer to one frame.
const ANSWERS: usize = 3;

/// Every frame on the clock, and their mean on this thread's own clock.
fn frames(len: u32, size: Size, before_each: Before, pixels: Pixels) -> (Vec<Frame>, Duration) {
    let start = "2026-01-01T00:00:00Z".parse().unwrap();
    let store = Endless::new(len, start);
    let mut feed = Feed::default();
    let lent = Lent::new(start + TimeDelta::seconds(i64::from(len)), start);
    let cx = lent.cx(&store);
    feed.stored(store.places(0..len), &cx);
    let theme = theme::theme(gridwatch::settings::Theme::Dark, Mode::None);
    let base = theme.base();
    let mut renderer = software();
    let mut cache = Cache::new();
    let mut glass = Glass::new(size);
    let cursor = mouse::Cursor::Available(Point::new(500.0, 500.0));
    let mut all = Vec::with_capacity(FRAMES);
    for number in 0..FRAMES {
        let began = ran();
        // Down by whole and broken rows, back up a third of the time.
        let notches = if number % 3 == 2 { 3.3 } else { -4.7 };
        let wheel =
            Event::Mouse(mouse::Event::WheelScrolled { delta: mouse::ScrollDelta::Lines { x: 0.0, y: notches } });
        let now = Instant::now();
        let mut events = vec![wheel];
        if before_each == Before::Flood {
            events.clear();
            let first = store.len.fetch_add(ARRIVE, Ordering::Relaxed);
            feed.stored(store.places(first..first + ARRIVE), &cx);
            let _ = feed.update(feed::Message::Step(if number % 3 == 2 { -1 } else { 1 }), &cx);
        }
        let mut ui = UserInterface::build(feed.view(&cx), size, cache, &mut renderer);
        let build = now.elapsed();
        let now = Instant::now();
        events.push(Event::Window(window::Event::RedrawRequested(now)));
        for _ in 0..ANSWERS {
            let mut messages = Vec::new();
            let (state, _) = ui.update(&events, cursor, &mut renderer, &mut clipboard::Null, &mut messages);
            if messages.is_empty() && !state.has_layout_changed() {
                break;
            }
            events.retain(|event| matches!(event, Event::Window(_)));
            cache = ui.into_cache();
            for message in messages {
                let _ = feed.update(message, &cx);
            }
            ui = UserInterface::build(feed.view(&cx), size, cache, &mut renderer);
        }
        let settle = now.elapsed();
        let now = Instant::now();
        ui.draw(&mut renderer, &theme, &renderer::Style { text_color: base.text_color }, cursor);
        if pixels == Pixels::All {
            glass.forget();
        }
        let drawn = glass.present(&mut renderer, base.background_color);
        let draw = now.elapsed();
        cache = ui.into_cache();
        let ended = ran();
        all.push(Frame { build, settle, draw, drawn, spent: [0, 1].map(|of| ended[of] - began[of]) });
    }
    let all = all.split_off(WARM);
    let mean = all.iter().map(|frame| frame.spent[0]).sum::<Duration>() / all.len() as u32;
    let (layers, masked) = glass.layers();
    println!("the last frame has {layers} layers, and {masked} texts drawn by a mask");
    (all, mean)
}

fn software() -> Renderer {
    let look = theme::settings();
    let new = <Renderer as renderer::Headless>::new(look.default_font, look.default_text_size, Some("tiny-skia"));
    block_on(new).unwrap()
}

/// A plain list, every row of it built, laid out and drawn: five texts a row.
fn plain(rows: usize, size: Size) -> Vec<Frame> {
    use iced::widget::{column, row, scrollable, text};
    let theme = theme::theme(gridwatch::settings::Theme::Dark, Mode::None);
    let base = theme.base();
    let mut renderer = software();
    let mut cache = Cache::new();
    let mut glass = Glass::new(size);
    let cursor = mouse::Cursor::Available(Point::new(500.0, 500.0));
    let mut all = Vec::new();
    for number in 0..PLAIN {
        let now = Instant::now();
        let line = |at: usize| {
            let title = text(format!("Credential phishing against universities {at}"));
            iced::Element::<(), theme::Theme, Renderer>::from(
                row![text("high"), text("TLP:GREEN"), title, text("MILEHost"), text(format!("{at} s"))].spacing(8),
            )
        };
        let list = scrollable(column((0..rows).map(line)));
        let mut ui = UserInterface::build(list, size, cache, &mut renderer);
        let build = now.elapsed();
        let now = Instant::now();
        let delta = mouse::ScrollDelta::Lines { x: 0.0, y: if number % 3 == 2 { 3.3 } else { -4.7 } };
        let wheel = Event::Mouse(mouse::Event::WheelScrolled { delta });
        let frame = Event::Window(window::Event::RedrawRequested(now));
        let _ = ui.update(&[wheel, frame], cursor, &mut renderer, &mut clipboard::Null, &mut Vec::new());
        let settle = now.elapsed();
        let now = Instant::now();
        ui.draw(&mut renderer, &theme, &renderer::Style { text_color: base.text_color }, cursor);
        let drawn = glass.present(&mut renderer, base.background_color);
        all.push(Frame { build, settle, draw: now.elapsed(), drawn, ..Frame::default() });
        cache = ui.into_cache();
    }
    all.split_off(PLAIN / 4)
}

/// A thousand incidents a second into an archive, until told to stop.
fn beside(stop: &AtomicBool) {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::make(&folder.path().join("archive.db"), &Key::new([7; 32])).unwrap();
    let mix = mix::Mix::new(1_000_000);
    let begun = Instant::now();
    let mut row = 0;
    while !stop.load(Ordering::Relaxed) {
        let due = (begun.elapsed().as_secs_f64() * 1_000.0) as usize;
        let batch: Vec<Incoming> = (row..due).map(|row| mix.incoming(row)).collect();
        row = due;
        let _ = archive.commit(batch).unwrap();
        std::thread::sleep(Duration::from_millis(16));
    }
    println!("{row} incidents were committed beside it, {:.0} a second", row as f64 / begun.elapsed().as_secs_f64());
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The frame of this share of all, in milliseconds.
fn share(frames: &mut [Frame], share: usize) -> f64 {
    frames.sort_by_key(|frame| frame.total());
    let at = (frames.len() * share / 100).min(frames.len() - 1);
    millis(frames[at].total())
}

/// The parts of a frame in the middle, as words.
fn parts(frames: &[Frame]) -> String {
    let middle = |part: fn(&Frame) -> Duration| {
        let mut times: Vec<Duration> = frames.iter().map(part).collect();
        times.sort();
        millis(times[times.len() / 2])
    };
    let many = frames.len() as f64;
    let mean = |of: fn(&Drawn) -> f64| frames.iter().map(|frame| of(&frame.drawn)).sum::<f64>() / many;
    let (pieces, share) = (mean(|drawn| drawn.pieces as f64), mean(|drawn| drawn.share) * 100.0);
    let (build, settle, draw) = (middle(|frame| frame.build), middle(|frame| frame.settle), middle(|frame| frame.draw));
    format!(
        "built {build:.1} ms, settled {settle:.1} ms, drawn {draw:.1} ms: {share:.0} % of the pixels in {pieces:.1} pieces"
    )
}

/// The frames that took longest, each with its parts and its place.
fn slowest(frames: &[Frame]) {
    let mut places: Vec<(usize, &Frame)> = frames.iter().enumerate().collect();
    places.sort_by_key(|(_, frame)| std::cmp::Reverse(frame.total()));
    for (place, frame) in places.into_iter().take(5) {
        let (build, settle, draw) = (millis(frame.build), millis(frame.settle), millis(frame.draw));
        let (pieces, share) = (frame.drawn.pieces, frame.drawn.share * 100.0);
        let [ran, waited] = frame.spent.map(millis);
        println!(
            "  frame {place}: built {build:.1}, settled {settle:.1}, drawn {draw:.1} ms: {share:.0} % in {pieces} pieces; \
             {ran:.1} ms on a processor, {waited:.1} waiting for one"
        );
    }
}

/// Frames while a thousand incidents a second arrive and are committed beside.
fn flooded(size: Size, pixels: Pixels) -> (Vec<Frame>, Duration) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _ = scope.spawn(|| beside(&stop));
        let flooded = frames(1_000_000, size, Before::Flood, pixels);
        stop.store(true, Ordering::Relaxed);
        flooded
    })
}

fn main() {
    let mut system = font_system().write().unwrap();
    theme::settings().fonts.into_iter().for_each(|font| system.load_font(font));
    drop(system);
    let mut report = Report::new("feed_frame");
    let budget = millis(BUDGET);
    for size in [Size::new(1280.0, 800.0), Size::new(1920.0, 1080.0)] {
        let at = format!("{}x{}", size.width, size.height);
        for (pixels, how) in [(Pixels::Changed, "what changed is drawn"), (Pixels::All, "all is drawn anew")] {
            let (mut keys, mean) = flooded(size, pixels);
            println!("{}", parts(&keys));
            slowest(&keys);
            let name = format!("{at}: key to frame, 1,000 incidents a second, {how}, p99");
            report.line(&name, share(&mut keys, 99), "ms", budget, "budget");
            report.line(
                &format!("{at}: the same, mean of this thread's own time"),
                millis(mean),
                "ms",
                budget,
                "budget",
            );
        }
        let (mut small, _) = frames(1_000, size, Before::Wheel, Pixels::Changed);
        let (mut large, mean) = frames(1_000_000, size, Before::Wheel, Pixels::Changed);
        println!("{}", parts(&large));
        let thousand = share(&mut small, 99);
        report.line(&format!("{at}: scrolled, 1,000,000 rows, p99"), share(&mut large, 99), "ms", budget, "budget");
        report.line(&format!("{at}: the same, median"), share(&mut large, 50), "ms", thousand, "1,000 rows, p99");
        report.line(&format!("{at}: the same, mean of this thread's own time"), millis(mean), "ms", budget, "budget");
        if std::env::args().any(|argument| argument == "--alone") {
            continue;
        }
        for rows in [1_000, 10_000] {
            let mut list = plain(rows, size);
            let name = format!("{at}: a plain scrollable of {rows} rows, median");
            report.line(&name, share(&mut list, 50), "ms", share(&mut large, 50), "ours of 1,000,000");
        }
    }
    report.write(1_000_000);
}
