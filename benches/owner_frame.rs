//! From a key on the members' page to its frame, with ten thousand members: stepping, and typing into the filter. Beside it
//! what the window's thread pays when the lists arrive, and what another thread pays for their table; the same of a thousand
//! requests and what is known of who asks. Budget 16 ms (issue 7: "10,000 members without a stutter", "1,000 requests at once").
//!
//! `cargo bench --no-default-features --bench owner_frame`. A frame is drawn as a window draws it: what changed since the last
//! one, by the renderer's own comparison; and once more with every pixel drawn anew, as after a resize. Beside each figure what
//! the same key costs on a page of ten. Figures go to `target/bench/owner_frame.json`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing)]

#[allow(dead_code)] // The tests use the rest.
#[path = "../tests/suite/support/glass.rs"]
mod glass;
#[path = "shared/lent.rs"]
mod lent;
#[path = "shared/report.rs"]
mod report;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use iced_test::core::theme::{Base as _, Mode};
use iced_test::core::{Event, Point, Size, clipboard, mouse, renderer, window};
use iced_test::futures::futures::StreamExt as _;
use iced_test::futures::futures::executor::block_on;
use iced_test::renderer::Renderer;
use iced_test::renderer::graphics::text::font_system;
use iced_test::runtime::task::into_stream;
use iced_test::runtime::{Action as Done, UserInterface, user_interface::Cache};

use gridwatch::app::cx::{Cx, Inbox};
use gridwatch::engine::{Command, Connection, Pending, Receipt, RequestId, SessionFacts};
use gridwatch::model::owned::{Members, Subscriber};
use gridwatch::model::session::{Authentication, Channel, Management, Route};
use gridwatch::model::{Access, Affiliation, Topic, TopicId};
use gridwatch::screen::Action;
use gridwatch::screen::owner::{Message, People, Screen, Side};
use gridwatch::store::Memory;
use gridwatch::theme;

use glass::Glass;
use lent::Lent;
use report::Report;

const FRAMES: usize = 240;
/// Frames that shape every glyph for the first time and are not counted.
const WARM: usize = 30;
const BUDGET: f64 = 16.0;
const MANY: usize = 10_000;
/// Requests at once.
const ASK: usize = 1_000;

fn crowd(count: usize) -> Arc<Members> {
    let mut all = Members::default();
    all.affiliations.push(("me@csirt.example".parse().unwrap(), Affiliation::Owner));
    for number in 0..count {
        let who = format!("soc{number}@csirt-{}.example", number % 700);
        all.affiliations.push((who.parse().unwrap(), Affiliation::Member));
        if number % 9 != 0 {
            all.subscribers.push(Subscriber { jid: who.parse().unwrap(), subid: None, pending: false });
        }
    }
    Arc::new(all)
}

fn online() -> Connection {
    Connection::Online(Arc::new(SessionFacts {
        jid: "me@csirt.example/bench".parse().unwrap(),
        route: Route::default(),
        channel: Channel::default(),
        authentication: Authentication::default(),
        management: Management::None,
        broker: Some("broker.csirt.example".parse().unwrap()),
    }))
}

/// The request for members that is among what is asked for, and the work to be done elsewhere.
fn sorted(action: Action<Message>, asked: &mut Vec<RequestId>, works: &mut Vec<iced::Task<Message>>) {
    match action {
        Action::Many(all) => all.into_iter().for_each(|one| sorted(one, asked, works)),
        Action::Engine(Command::Members { request, .. }) => asked.push(request),
        Action::Run(task) => works.push(task),
        _ => {}
    }
}

/// What a key does.
#[derive(Clone, Copy)]
enum Key {
    Step,
    Filter,
}

/// What of each picture is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pixels {
    /// Those that changed, as a window does.
    Changed,
    /// All of them.
    All,
}

/// A key and its frame.
struct Frame {
    /// The screen takes the key in.
    act: Duration,
    /// The view is built and laid out.
    build: Duration,
    draw: Duration,
    /// How much of the picture was drawn.
    share: f64,
}

impl Frame {
    fn total(&self) -> Duration {
        self.act + self.build + self.draw
    }
}

/// What was paid where.
struct Paid {
    /// By the window's thread, when the lists came.
    lists: Duration,
    /// By another, for their table.
    table: Duration,
    frames: Vec<Frame>,
}

/// Has done elsewhere what is done there, and tells the screen.
fn done(works: Vec<iced::Task<Message>>, screen: &mut Screen, cx: &Cx<'_>) -> Duration {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let begun = Instant::now();
    for work in works.into_iter().filter_map(into_stream) {
        for done in runtime.block_on(work.collect::<Vec<_>>()) {
            if let Done::Output(message) = done {
                let _ = screen.update(message, cx);
            }
        }
    }
    begun.elapsed()
}

fn keys(count: usize, size: Size, key: Key, pixels: Pixels) -> Paid {
    let now: DateTime<Utc> = "2026-11-21T16:05:00Z".parse().unwrap();
    let (store, lent, connection) = (Memory::default(), Lent::new(now, now), online());
    let topic = topic();
    let cx = Cx { topics: std::slice::from_ref(&topic), connection: &connection, ..lent.cx(&store) };
    let mut screen = Screen::default();
    let (mut asked, mut works) = (Vec::new(), Vec::new());
    sorted(screen.update(Message::Side(Side::Members), &cx), &mut asked, &mut works);
    let listed = Receipt::Members(crowd(count));
    let begun = Instant::now();
    let came = screen.update(Message::Settled(asked[0], Ok(listed)), &cx);
    let lists = begun.elapsed();
    sorted(came, &mut asked, &mut works);
    let table = done(works, &mut screen, &cx);
    let theme = theme::theme(gridwatch::settings::Theme::Dark, Mode::None);
    let base = theme.base();
    let mut renderer = software();
    let mut cache = Cache::new();
    let mut glass = Glass::new(size);
    let cursor = mouse::Cursor::Available(Point::new(600.0, 400.0));
    let mut frames = Vec::with_capacity(FRAMES);
    for number in 0..FRAMES {
        let message = match key {
            Key::Step => People::Step(1),
            Key::Filter => People::Filter("soc1".chars().take(number % 5).collect()),
        };
        let begun = Instant::now();
        let _ = screen.update(Message::Members(message), &cx);
        let act = begun.elapsed();
        let mut ui = UserInterface::build(screen.view(&cx), size, cache, &mut renderer);
        let frame = Event::Window(window::Event::RedrawRequested(Instant::now()));
        let _ = ui.update(&[frame], cursor, &mut renderer, &mut clipboard::Null, &mut Vec::new());
        let build = begun.elapsed() - act;
        ui.draw(&mut renderer, &theme, &renderer::Style { text_color: base.text_color }, cursor);
        if pixels == Pixels::All {
            glass.forget();
        }
        let share = glass.present(&mut renderer, base.background_color).share;
        let draw = begun.elapsed() - act - build;
        frames.push(Frame { act, build, draw, share });
        cache = ui.into_cache();
    }
    Paid { lists, table, frames: frames.split_off(WARM) }
}

fn topic() -> Topic {
    let id = TopicId { broker: "broker.csirt.example".parse().unwrap(), node: "desk".to_owned() };
    Topic { affiliation: Affiliation::Owner, access: Access::Authorize, ..Topic::bare(id) }
}

/// What the window's thread pays when so many ask at once and ten thousand are members, and what another does.
fn asked() -> (Duration, Duration) {
    let now: DateTime<Utc> = "2026-11-21T16:05:00Z".parse().unwrap();
    let (store, lent, connection) = (Memory::default(), Lent::new(now, now), online());
    let topic = topic();
    let ask = |number: usize| Pending {
        topic: topic.id.clone(),
        subscriber: format!("duty{number}@csirt-{}.example", number * 3).parse().unwrap(),
        seen: now,
        said: None,
    };
    let pending: Vec<Pending> = (0..ASK).map(ask).collect();
    let cx = Cx { topics: std::slice::from_ref(&topic), connection: &connection, ..lent.cx(&store) };
    let mut screen = Screen::default();
    let (mut asked, mut works) = (Vec::new(), Vec::new());
    sorted(screen.update(Message::Side(Side::Members), &cx), &mut asked, &mut works);
    let listed = screen.update(Message::Settled(asked[0], Ok(Receipt::Members(crowd(MANY)))), &cx);
    sorted(listed, &mut asked, &mut works);
    let _ = done(works, &mut screen, &cx);
    let cx = Cx { inbox: Inbox { pending: &pending, polled: None, trouble: None }, ..cx };
    let begun = Instant::now();
    let came = screen.update(Message::Updated, &cx);
    let window = begun.elapsed();
    let mut works = Vec::new();
    sorted(came, &mut asked, &mut works);
    (window, done(works, &mut screen, &cx))
}

fn software() -> Renderer {
    let look = theme::settings();
    let new = <Renderer as renderer::Headless>::new(look.default_font, look.default_text_size, Some("tiny-skia"));
    block_on(new).unwrap()
}

/// The one of this share of all, in milliseconds.
fn share(frames: &[Frame], share: usize, of: fn(&Frame) -> Duration) -> f64 {
    let mut times: Vec<Duration> = frames.iter().map(of).collect();
    times.sort();
    let at = (times.len() * share / 100).min(times.len() - 1);
    millis(times[at])
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The parts of a frame, as words: median and 99th percentile of each.
fn parts(frames: &[Frame]) -> String {
    let both = |of: fn(&Frame) -> Duration| format!("{:.1} / {:.1} ms", share(frames, 50, of), share(frames, 99, of));
    let drawn = frames.iter().map(|frame| frame.share).sum::<f64>() / frames.len() as f64 * 100.0;
    let (act, build, draw) = (both(|frame| frame.act), both(|frame| frame.build), both(|frame| frame.draw));
    format!("taken in {act}, built {build}, drawn {draw}: {drawn:.0} % of the pixels")
}

fn main() {
    let mut system = font_system().write().unwrap();
    theme::settings().fonts.into_iter().for_each(|font| system.load_font(font));
    drop(system);
    let mut report = Report::new("owner_frame");
    let (window, elsewhere) = asked();
    report.line("1,000 requests at once: the window's part", millis(window), "ms", BUDGET, "budget");
    report.line("what is known of them, elsewhere", millis(elsewhere), "ms", millis(window), "the window's part");
    for size in [Size::new(1280.0, 800.0), Size::new(1920.0, 1080.0)] {
        let at = format!("{}x{}", size.width, size.height);
        for (what, key) in [("a step", Key::Step), ("a letter of the filter", Key::Filter)] {
            let (many, few) = (keys(MANY, size, key, Pixels::Changed), keys(10, size, key, Pixels::Changed));
            println!("{}", parts(&many.frames));
            report.line(&format!("{at}: {what}, p99"), share(&many.frames, 99, Frame::total), "ms", BUDGET, "budget");
            let anchor = share(&few.frames, 50, Frame::total);
            let median = share(&many.frames, 50, Frame::total);
            report.line(&format!("{at}: the same, median"), median, "ms", anchor, "10 members");
            let whole = keys(MANY, size, key, Pixels::All).frames;
            println!("{}", parts(&whole));
            let whole = share(&whole, 99, Frame::total);
            report.line(&format!("{at}: with every pixel drawn anew, p99"), whole, "ms", BUDGET, "budget");
            let lists = millis(many.lists);
            report.line(&format!("{at}: the lists' arrival, the window's part"), lists, "ms", BUDGET, "budget");
            let table = millis(many.table);
            report.line(&format!("{at}: their table, elsewhere"), table, "ms", lists, "the window's part");
        }
    }
    report.write(MANY);
}
