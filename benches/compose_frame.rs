//! From a key in the composer's form to its frame, with a draft of a thousand observables: the edit, what follows from it, the
//! view, its layout and its pixels in software. Budget 16 ms (issue 6).
//!
//! `cargo bench --no-default-features --bench compose_frame`. Beside each figure what the same key costs in a draft of ten
//! observables, and an empty picture, whose memory and copy a window does not pay. Figures go to
//! `target/bench/compose_frame.json`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing)]

#[path = "shared/report.rs"]
mod report;

use std::cell::Cell;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use iced_test::core::theme::{Base as _, Mode};
use iced_test::core::{Color, Event, Point, Size, clipboard, mouse, renderer, window};
use iced_test::futures::futures::executor::block_on;
use iced_test::renderer::Renderer;
use iced_test::renderer::graphics::text::font_system;
use iced_test::runtime::{UserInterface, user_interface::Cache};

use gridwatch::app::cx::{Cx, Inbox, Owning, Trusting, Watching};
use gridwatch::compose::Draft;
use gridwatch::compose::draft::{Act, Beside, Spot};
use gridwatch::engine::Connection;
use gridwatch::i18n::Catalog;
use gridwatch::screen::composer::{Message, Screen, Side};
use gridwatch::settings::Settings;
use gridwatch::store::{Finder, Memory};
use gridwatch::theme;

use report::Report;

const FRAMES: usize = 240;
/// Frames that shape every glyph for the first time and are not counted.
const WARM: usize = 30;
const BUDGET: f64 = 16.0;

/// A report of as many addresses.
fn document(observables: usize) -> String {
    let mut text = String::from(
        "<IODEF-Document version=\"2.00\" xml:lang=\"en\" xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\">\n  \
         <Incident purpose=\"reporting\" restriction=\"amber\">\n    <IncidentID name=\"csirt.example\">1</IncidentID>\n    \
         <GenerationTime>2026-11-21T16:00:00Z</GenerationTime>\n    <Description>Scan</Description>\n    \
         <Contact role=\"creator\" type=\"organization\">\n      <ContactName>Desk</ContactName>\n      <Email>\n        \
         <EmailTo>duty@csirt.example</EmailTo>\n      </Email>\n    </Contact>\n    <EventData>\n      <Flow>\n",
    );
    for at in 0..observables {
        let (high, low) = (at / 250, at % 250);
        write!(
            text,
            "        <System category=\"source\">\n          <Node>\n            \
             <Address category=\"ipv4-addr\">198.51.{high}.{low}</Address>\n          </Node>\n        </System>\n"
        )
        .unwrap();
    }
    text.push_str("      </Flow>\n    </EventData>\n  </Incident>\n</IODEF-Document>\n");
    text
}

/// Where one types.
#[derive(Clone, Copy)]
enum Where {
    /// Among the essentials.
    Number,
    /// In an address in the middle of the document.
    Address,
}

fn spot(screen: &Screen, of: Where) -> Spot {
    let document = screen.desk().unwrap().document();
    let all = document.root().descendants();
    match of {
        Where::Number => Spot::text(all.into_iter().find(|element| element.is("IncidentID")).unwrap().id()),
        Where::Address => {
            let addresses: Vec<_> = document.root().descendants().filter(|element| element.is("Address")).collect();
            Spot::text(addresses[addresses.len() / 2].id())
        }
    }
}

/// Each key to its frame, and the edit's part of it.
fn keys(observables: usize, size: Size, of: Where, side: Side) -> Vec<(Duration, Duration)> {
    let now: DateTime<Utc> = "2026-11-21T16:05:00Z".parse().unwrap();
    let (store, finder, trace) = (Memory::default(), Arc::new(Finder::default()), Default::default());
    let (catalog, settings, connection, requests) =
        (Catalog::default(), Settings::default(), Connection::Offline, Cell::new(0));
    let watching = Watching::default();
    let cx = Cx {
        catalog: &catalog,
        store: &store,
        finder: &finder,
        topics: &[],
        walk: None,
        complete: true,
        coverage: &[],
        connection: &connection,
        profile: None,
        inbox: Inbox { pending: &[], polled: None, trouble: None },
        trust: Trusting { known: None, facts: None, since: now, failed: None },
        watching: &watching,
        owning: &Owning::default(),
        settings: &settings,
        keychain: None,
        files: "",
        now,
        kept: false,
        practice: false,
        trace: &trace,
        requests: &requests,
        strict: |_| Ok(()),
    };
    let opened = Draft::open(document(observables).as_bytes(), &[], Beside::default()).unwrap();
    let mut screen = Screen::default();
    let _ = screen.update(Message::Read(Ok(Arc::new(opened))), &cx);
    if matches!(of, Where::Address) {
        let node = spot(&screen, of).node;
        let _ = screen.update(Message::Reveal(node), &cx);
    }
    let _ = screen.update(Message::Side(side), &cx);
    let theme = theme::theme(gridwatch::settings::Theme::Dark, Mode::None);
    let base = theme.base();
    let mut renderer = software();
    let mut cache = Cache::new();
    let cursor = mouse::Cursor::Available(Point::new(600.0, 400.0));
    let mut all = Vec::with_capacity(FRAMES);
    for number in 0..FRAMES {
        let value = format!("198.51.100.{}", number % 250);
        let begun = Instant::now();
        let act = Act::Set { spot: spot(&screen, of), value };
        let _ = screen.update(Message::Act(act), &cx);
        let edit = begun.elapsed();
        let mut ui = UserInterface::build(screen.view(&cx), size, cache, &mut renderer);
        let frame = Event::Window(window::Event::RedrawRequested(Instant::now()));
        let _ = ui.update(&[frame], cursor, &mut renderer, &mut clipboard::Null, &mut Vec::new());
        ui.draw(&mut renderer, &theme, &renderer::Style { text_color: base.text_color }, cursor);
        capture(&mut renderer, size, base.background_color);
        all.push((begun.elapsed(), edit));
        cache = ui.into_cache();
    }
    all.split_off(WARM)
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

/// What a picture of nothing costs: the median, and all.
fn blank(size: Size) -> (Duration, Vec<Duration>) {
    let mut renderer = software();
    let mut times: Vec<Duration> = (0..FRAMES)
        .map(|_| {
            let now = Instant::now();
            capture(&mut renderer, size, Color::BLACK);
            now.elapsed()
        })
        .collect();
    times.sort();
    (times[times.len() / 2], times)
}

/// The one of this share of all, in milliseconds.
fn share(mut times: Vec<Duration>, share: usize, blank: Duration) -> f64 {
    times.sort();
    let at = (times.len() * share / 100).min(times.len() - 1);
    times[at].saturating_sub(blank).as_secs_f64() * 1e3
}

fn main() {
    let mut system = font_system().write().unwrap();
    theme::settings().fonts.into_iter().for_each(|font| system.load_font(font));
    drop(system);
    let mut report = Report::new("compose_frame");
    for size in [Size::new(1280.0, 800.0), Size::new(1920.0, 1080.0)] {
        let (blank, pictures) = blank(size);
        let at = format!("{}x{}", size.width, size.height);
        // Where this is above nothing the machine was busy, and so were the frames' own pictures.
        let tail = share(pictures, 99, blank);
        report.line(&format!("{at}: an empty picture above its median, p99"), tail, "ms", BUDGET, "budget");
        for (what, of, side) in [
            ("essentials beside the XML", Where::Number, Side::Source),
            ("an address beside the XML", Where::Address, Side::Source),
            ("an address beside the findings", Where::Address, Side::Findings),
        ] {
            let large = keys(1_000, size, of, side);
            let small = keys(10, size, of, side);
            let total = |frames: &[(Duration, Duration)]| frames.iter().map(|frame| frame.0).collect::<Vec<_>>();
            let p99 = share(total(&large), 99, blank);
            report.line(&format!("{at}: {what}, p99"), p99, "ms", BUDGET, "budget");
            let few = share(total(&small), 99, blank);
            report.line(&format!("{at}: the same of 10 observables, p99"), few, "ms", p99, "1,000 observables");
            let anchor = share(total(&small), 50, blank);
            report.line(
                &format!("{at}: the same, median"),
                share(total(&large), 50, blank),
                "ms",
                anchor,
                "10 observables",
            );
            let edit = large.iter().map(|frame| frame.1).collect();
            report.line(&format!("{at}: the edit alone, p99"), share(edit, 99, Duration::ZERO), "ms", p99, "the frame");
        }
    }
    report.write(1_000);
}
