//! From a key in the composer's form to its frame, with a draft of a thousand observables: the edit, what follows from it, the
//! view, its layout and its pixels in software. Budget 16 ms (issue 6).
//!
//! `cargo bench --no-default-features --bench compose_frame`. A frame is drawn as a window draws it: what changed since the last
//! one, by the renderer's own comparison; and once more with every pixel drawn anew, as after a resize. Beside each figure what
//! the same key costs in a draft of ten observables; and the same where every observable leaks, as the findings of it show. Figures go to `target/bench/compose_frame.json`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing)]

#[allow(dead_code)] // The tests use the rest.
#[path = "../tests/suite/support/glass.rs"]
mod glass;
#[path = "shared/lent.rs"]
mod lent;
#[path = "shared/report.rs"]
mod report;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use iced_test::core::theme::{Base as _, Mode};
use iced_test::core::{Event, Point, Size, clipboard, mouse, renderer, window};
use iced_test::futures::futures::executor::block_on;
use iced_test::renderer::Renderer;
use iced_test::renderer::graphics::text::font_system;
use iced_test::runtime::{UserInterface, user_interface::Cache};

use gridwatch::app::cx::Cx;
use gridwatch::compose::Draft;
use gridwatch::compose::draft::{Act, Beside, Spot};
use gridwatch::compose::guard::{self, Guard, Sources};
use gridwatch::compose::look::Asked;
use gridwatch::iodef::indexed;
use gridwatch::model::{ItemId, TopicId};
use gridwatch::screen::composer::{Message, Screen, Side, Worked};
use gridwatch::store::index::Stop;
use gridwatch::store::{Finder, Incoming, ItemKey, Memory, Payload, Route, Store};
use gridwatch::theme;

use glass::Glass;
use lent::Lent;
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
    /// The document is changed, and what follows from it.
    edit: Duration,
    /// The view is built and laid out.
    build: Duration,
    draw: Duration,
    /// How much of the picture was drawn.
    share: f64,
}

impl Frame {
    fn total(&self) -> Duration {
        self.edit + self.build + self.draw
    }
}

/// Each key to its frame.
fn keys(observables: usize, size: Size, at: (Where, Side), pixels: Pixels) -> Vec<Frame> {
    frames(&document(observables), (size, at, pixels), |_, _| {})
}

/// The same of a draft that says less strictly what was received under red, once the guard found that.
fn leaking(observables: usize, size: Size, at: (Where, Side)) -> Vec<Frame> {
    let draft = document(observables);
    let strict =
        draft.replace("restriction=\"amber\"", "restriction=\"red\"").replace(">1</IncidentID>", ">2</IncidentID>");
    let store = Memory::default();
    let (summary, observables) = indexed(strict.as_bytes(), &[]);
    let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "n".to_owned() };
    let incoming = Incoming {
        key: ItemKey { topic, item: ItemId("1".to_owned()) },
        payload: Some(Payload { bytes: strict.into_bytes().into(), scope: Arc::from([]) }),
        summary,
        observables,
        route: Route::Live,
        publisher: None,
        received: "2026-11-21T15:00:00Z".parse().unwrap(),
        delayed: None,
        history: false,
    };
    let _ = store.commit(vec![incoming]).unwrap();
    let finder = Finder::new(None, 0);
    let _ = finder.take(&store, &[], "2026-11-21T16:00:00Z".parse().unwrap(), &Stop::default()).unwrap();
    while store.listen(guard::heard).unwrap() {}
    frames(&draft, (size, at, Pixels::Changed), |screen, cx| {
        let desk = screen.desk().unwrap();
        let asked = Asked {
            document: desk.document().clone(),
            practice: false,
            topics: Vec::new(),
            sources: Vec::new(),
            reasons: Vec::new(),
            wholes: Vec::new(),
        };
        let (id, revision, found) = (desk.id.clone(), desk.revision(), asked.look());
        let (on, stop) = (finder.snapshot(), Stop::default());
        let sources = Sources { on: &on, lookup: &finder, store: &store, us: None, incidents: &[], stop: &stop };
        let answers = guard::look(&Guard::default().unknown(&found.said), &sources).unwrap();
        let _ = screen.update(Message::Looked(id.clone(), revision, found), cx);
        // Whichever look-up it waits for.
        for asked in 0..8 {
            let learned = Worked::Learned(id.clone(), asked, Ok(Arc::new(answers.clone())));
            let _ = screen.update(Message::Worked(Box::new(learned)), cx);
        }
        let leaks = screen.desk().unwrap().findings.list.iter().filter(|found| found.id == guard::REASON).count();
        assert!(leaks > 9, "{leaks}");
    })
}

fn frames(
    text: &str,
    (size, (of, side), pixels): (Size, (Where, Side), Pixels),
    begin: impl FnOnce(&mut Screen, &Cx<'_>),
) -> Vec<Frame> {
    let now = "2026-11-21T16:05:00Z".parse().unwrap();
    let (store, lent) = (Memory::default(), Lent::new(now, now));
    let cx = lent.cx(&store);
    let opened = Draft::open(text.as_bytes(), &[], Beside::default()).unwrap();
    let mut screen = Screen::default();
    let _ = screen.update(Message::Read(Ok(Arc::new(opened))), &cx);
    begin(&mut screen, &cx);
    if matches!(of, Where::Address) {
        let node = spot(&screen, of).node;
        let _ = screen.update(Message::Reveal(node), &cx);
    }
    let _ = screen.update(Message::Side(side), &cx);
    let theme = theme::theme(gridwatch::settings::Theme::Dark, Mode::None);
    let base = theme.base();
    let mut renderer = software();
    let mut cache = Cache::new();
    let mut glass = Glass::new(size);
    let cursor = mouse::Cursor::Available(Point::new(600.0, 400.0));
    let mut all = Vec::with_capacity(FRAMES);
    for number in 0..FRAMES {
        let value = format!("198.51.100.{}", number % 250);
        let act = Act::Set { spot: spot(&screen, of), value };
        let begun = Instant::now();
        let _ = screen.update(Message::Act(act), &cx);
        let edit = begun.elapsed();
        let mut ui = UserInterface::build(screen.view(&cx), size, cache, &mut renderer);
        let frame = Event::Window(window::Event::RedrawRequested(Instant::now()));
        let _ = ui.update(&[frame], cursor, &mut renderer, &mut clipboard::Null, &mut Vec::new());
        let build = begun.elapsed() - edit;
        ui.draw(&mut renderer, &theme, &renderer::Style { text_color: base.text_color }, cursor);
        if pixels == Pixels::All {
            glass.forget();
        }
        let share = glass.present(&mut renderer, base.background_color).share;
        let draw = begun.elapsed() - edit - build;
        all.push(Frame { edit, build, draw, share });
        cache = ui.into_cache();
    }
    all.split_off(WARM)
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
    times[at].as_secs_f64() * 1e3
}

/// The parts of a frame, as words: median and 99th percentile of each.
fn parts(frames: &[Frame]) -> String {
    let both = |of: fn(&Frame) -> Duration| format!("{:.1} / {:.1} ms", share(frames, 50, of), share(frames, 99, of));
    let drawn = frames.iter().map(|frame| frame.share).sum::<f64>() / frames.len() as f64 * 100.0;
    let (edit, build, draw) = (both(|frame| frame.edit), both(|frame| frame.build), both(|frame| frame.draw));
    format!("edited {edit}, built {build}, drawn {draw}: {drawn:.0} % of the pixels")
}

fn main() {
    let mut system = font_system().write().unwrap();
    theme::settings().fonts.into_iter().for_each(|font| system.load_font(font));
    drop(system);
    let mut report = Report::new("compose_frame");
    for size in [Size::new(1280.0, 800.0), Size::new(1920.0, 1080.0)] {
        let at = format!("{}x{}", size.width, size.height);
        for (what, of, side) in [
            ("essentials beside the XML", Where::Number, Side::Source),
            ("an address beside the XML", Where::Address, Side::Source),
            ("an address beside the findings", Where::Address, Side::Findings),
        ] {
            let large = keys(1_000, size, (of, side), Pixels::Changed);
            let small = keys(10, size, (of, side), Pixels::Changed);
            println!("{}", parts(&large));
            let p99 = share(&large, 99, Frame::total);
            report.line(&format!("{at}: {what}, p99"), p99, "ms", BUDGET, "budget");
            let few = share(&small, 99, Frame::total);
            report.line(&format!("{at}: the same of 10 observables, p99"), few, "ms", p99, "1,000 observables");
            let (median, anchor) = (share(&large, 50, Frame::total), share(&small, 50, Frame::total));
            report.line(&format!("{at}: the same, median"), median, "ms", anchor, "10 observables");
            let edit = share(&large, 99, |frame| frame.edit);
            report.line(&format!("{at}: the edit alone, p99"), edit, "ms", p99, "the frame");
            let whole = keys(1_000, size, (of, side), Pixels::All);
            println!("{}", parts(&whole));
            let whole = share(&whole, 99, Frame::total);
            report.line(&format!("{at}: with every pixel drawn anew, p99"), whole, "ms", BUDGET, "budget");
        }
        let leaks = leaking(1_000, size, (Where::Address, Side::Findings));
        println!("{}", parts(&leaks));
        let leaks = share(&leaks, 99, Frame::total);
        report.line(&format!("{at}: an address among 1,000 that leak, p99"), leaks, "ms", BUDGET, "budget");
    }
    report.write(1_000);
}
