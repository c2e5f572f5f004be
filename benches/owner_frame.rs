//! From a key on the members' page to its frame, with ten thousand members: stepping, and typing into the filter. Beside it
//! what the window's thread pays when the lists arrive, and what another thread pays for their table. Budget 16 ms (issue 7:
//! "10,000 members without a stutter").
//!
//! `cargo bench --no-default-features --bench owner_frame`. Beside each figure what the same key costs on a page of ten. Pixels
//! are drawn in software; an empty picture, whose memory and copy a window does not pay, is taken off. Figures go to
//! `target/bench/owner_frame.json`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing)]

#[path = "shared/lent.rs"]
mod lent;
#[path = "shared/report.rs"]
mod report;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use iced_test::core::theme::{Base as _, Mode};
use iced_test::core::{Color, Event, Point, Size, clipboard, mouse, renderer, window};
use iced_test::futures::futures::StreamExt as _;
use iced_test::futures::futures::executor::block_on;
use iced_test::renderer::Renderer;
use iced_test::renderer::graphics::text::font_system;
use iced_test::runtime::task::into_stream;
use iced_test::runtime::{Action as Done, UserInterface, user_interface::Cache};

use gridwatch::app::cx::Cx;
use gridwatch::engine::{Command, Connection, Receipt, RequestId, SessionFacts};
use gridwatch::model::owned::{Members, Subscriber};
use gridwatch::model::session::{Authentication, Channel, Management, Route};
use gridwatch::model::{Access, Affiliation, Topic, TopicId};
use gridwatch::screen::Action;
use gridwatch::screen::owner::{Message, People, Screen, Side};
use gridwatch::store::Memory;
use gridwatch::theme;

use lent::Lent;
use report::Report;

const FRAMES: usize = 240;
/// Frames that shape every glyph for the first time and are not counted.
const WARM: usize = 30;
const BUDGET: f64 = 16.0;
const MANY: usize = 10_000;

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

/// What was paid where.
struct Paid {
    /// By the window's thread, when the lists came.
    lists: Duration,
    /// By another, for their table.
    table: Duration,
    frames: Vec<Duration>,
}

fn keys(count: usize, size: Size, key: Key) -> Paid {
    let now: DateTime<Utc> = "2026-11-21T16:05:00Z".parse().unwrap();
    let (store, lent, connection) = (Memory::default(), Lent::new(now, now), online());
    let id = TopicId { broker: "broker.csirt.example".parse().unwrap(), node: "desk".to_owned() };
    let topic = Topic { affiliation: Affiliation::Owner, access: Access::Authorize, ..Topic::bare(id) };
    let cx = Cx { topics: std::slice::from_ref(&topic), connection: &connection, ..lent.cx(&store) };
    let mut screen = Screen::default();
    let (mut asked, mut works) = (Vec::new(), Vec::new());
    sorted(screen.update(Message::Side(Side::Members), &cx), &mut asked, &mut works);
    let listed = Receipt::Members(crowd(count));
    let begun = Instant::now();
    let came = screen.update(Message::Settled(asked[0], Ok(listed)), &cx);
    let lists = begun.elapsed();
    sorted(came, &mut asked, &mut works);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let begun = Instant::now();
    for work in works.into_iter().filter_map(into_stream) {
        for done in runtime.block_on(work.collect::<Vec<_>>()) {
            if let Done::Output(message) = done {
                let _ = screen.update(message, &cx);
            }
        }
    }
    let table = begun.elapsed();
    let theme = theme::theme(gridwatch::settings::Theme::Dark, Mode::None);
    let base = theme.base();
    let mut renderer = software();
    let mut cache = Cache::new();
    let cursor = mouse::Cursor::Available(Point::new(600.0, 400.0));
    let mut frames = Vec::with_capacity(FRAMES);
    for number in 0..FRAMES {
        let begun = Instant::now();
        let message = match key {
            Key::Step => People::Step(1),
            Key::Filter => People::Filter("soc1".chars().take(number % 5).collect()),
        };
        let _ = screen.update(Message::Members(message), &cx);
        let mut ui = UserInterface::build(screen.view(&cx), size, cache, &mut renderer);
        let frame = Event::Window(window::Event::RedrawRequested(Instant::now()));
        let _ = ui.update(&[frame], cursor, &mut renderer, &mut clipboard::Null, &mut Vec::new());
        ui.draw(&mut renderer, &theme, &renderer::Style { text_color: base.text_color }, cursor);
        capture(&mut renderer, size, base.background_color);
        frames.push(begun.elapsed());
        cache = ui.into_cache();
    }
    Paid { lists, table, frames: frames.split_off(WARM) }
}

fn software() -> Renderer {
    let look = theme::settings();
    let new = <Renderer as renderer::Headless>::new(look.default_font, look.default_text_size, Some("tiny-skia"));
    block_on(new).unwrap()
}

fn capture(renderer: &mut Renderer, size: Size, ground: Color) {
    let pixels = Size::new(size.width as u32, size.height as u32);
    let picture = renderer::Headless::screenshot(renderer, pixels, 1.0, ground);
    assert!(picture.len() == (pixels.width * pixels.height * 4) as usize);
}

/// What a picture of nothing costs: the median.
fn blank(size: Size) -> Duration {
    let mut renderer = software();
    let mut times: Vec<Duration> = (0..FRAMES)
        .map(|_| {
            let now = Instant::now();
            capture(&mut renderer, size, Color::BLACK);
            now.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

/// The one of this share of all, in milliseconds.
fn share(times: &[Duration], share: usize, blank: Duration) -> f64 {
    let mut times = times.to_vec();
    times.sort();
    let at = (times.len() * share / 100).min(times.len() - 1);
    times[at].saturating_sub(blank).as_secs_f64() * 1e3
}

fn main() {
    let mut system = font_system().write().unwrap();
    theme::settings().fonts.into_iter().for_each(|font| system.load_font(font));
    drop(system);
    let mut report = Report::new("owner_frame");
    for size in [Size::new(1280.0, 800.0), Size::new(1920.0, 1080.0)] {
        let blank = blank(size);
        let at = format!("{}x{}", size.width, size.height);
        for (what, key) in [("a step", Key::Step), ("a letter of the filter", Key::Filter)] {
            let (many, few) = (keys(MANY, size, key), keys(10, size, key));
            report.line(&format!("{at}: {what}, p99"), share(&many.frames, 99, blank), "ms", BUDGET, "budget");
            let anchor = share(&few.frames, 50, blank);
            report.line(&format!("{at}: the same, median"), share(&many.frames, 50, blank), "ms", anchor, "10 members");
            let lists = share(&[many.lists], 0, Duration::ZERO);
            report.line(&format!("{at}: the lists' arrival, the window's part"), lists, "ms", BUDGET, "budget");
            let table = share(&[many.table], 0, Duration::ZERO);
            report.line(&format!("{at}: their table, elsewhere"), table, "ms", lists, "the window's part");
        }
    }
    report.write(MANY);
}
