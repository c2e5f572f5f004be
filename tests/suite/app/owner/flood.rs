//! A thousand who ask, decided at once: the true window, by the true bridge, on the true engine.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::{Duration, Instant};

use gridwatch::app::Message;
use gridwatch::app::bridge::{self, Update};
use gridwatch::owner::rules::{Rule, Who};
use gridwatch::screen::Tab;
use gridwatch::screen::owner::{self, Ruling};
use gridwatch::settings::Settings;
use gridwatch::store::activity::{Act, By, How, Kind};
use gridwatch::store::shelf;
use iced_test::futures::futures::stream::{SelectAll, Stream, StreamExt};
use tokio::runtime::Runtime;

use crate::engine::{asks, refusal};
use crate::support::broker::{BROKER, Grid};
use crate::support::console::Console;
use crate::support::wait::PATIENCE;
use crate::support::window::{Window, now};

/// How often a window looks at its clock.
const TICK: Duration = Duration::from_secs(1);

/// A window with what runs it: what it sets going goes on beside what its engine tells.
struct Running {
    window: Window,
    told: Pin<Box<dyn Stream<Item = (u64, Update)>>>,
    tasks: SelectAll<Pin<Box<dyn Stream<Item = Message>>>>,
    runtime: Runtime,
}

impl Running {
    fn new() -> Self {
        let window = Window::new(Settings::default(), false);
        let told = Box::pin(bridge::stream(window.app.engine_key().unwrap()));
        Self { window, told, tasks: SelectAll::new(), runtime: Runtime::new().unwrap() }
    }

    fn say(&mut self, message: Message) {
        let task = self.window.app.update(message);
        let Some(actions) = iced_test::runtime::task::into_stream(task) else { return };
        let messages = actions.filter_map(|action| async move {
            if let iced_test::runtime::Action::Output(message) = action { Some(message) } else { None }
        });
        self.tasks.push(Box::pin(messages));
    }

    fn rule(&mut self, message: Ruling) {
        self.say(Message::Owner(owner::Message::Rules(message)));
    }

    fn until(&mut self, what: &str, holds: impl Fn(&mut Window) -> bool) {
        let begun = Instant::now();
        while !holds(&mut self.window) {
            assert!(begun.elapsed() < PATIENCE, "{what}: still not; {:?}", self.window.texts());
            let (told, tasks) = (&mut self.told, &mut self.tasks);
            let next = async {
                tokio::select! {
                    Some((session, update)) = told.next() => Message::Engine(session, update),
                    Some(message) = tasks.next() => message,
                }
            };
            // The window's clock ticks while nothing else happens, as a true one does.
            let message = self.runtime.block_on(async { tokio::time::timeout(TICK, next).await });
            self.say(message.unwrap_or(Message::Pulse));
        }
    }

    /// What stands in the log about requests that are approved.
    fn approvals(window: &Window) -> Vec<Act> {
        let entries = window.app.store().activity().unwrap().entries(1, 20_000).unwrap();
        entries.into_iter().filter_map(|entry| entry.act).filter(|act| act.kind == Kind::Approve).collect()
    }
}

/// Nothing is busy, nothing is lost on its way, and each is the rule's from its hold to its end.
#[test]
fn a_thousand_decisions_of_a_rule_all_go_out_and_stand_in_the_log_as_the_rules() {
    const MANY: usize = 1_000;
    // It lends its runtime to the grid.
    let idle = Console::start(gridwatch::engine::Options::default());
    let grid = Grid::honest(&idle);
    grid.change(|world| {
        world.nodes = vec!["desk".to_owned()];
        let _ = world.affiliations.insert("desk".to_owned(), "owner".to_owned());
        // It keeps no list of who asked: a poll that it answers would say that nobody waits.
        world.instead = Some(("get-pending".to_owned(), refusal("feature-not-implemented")));
    });
    let mut running = Running::new();
    // The end of its line is its first word.
    let (session, ready) = running.runtime.block_on(running.told.next()).unwrap();
    running.say(Message::Engine(session, ready));
    running.say(Message::Made(1, Ok(Box::new(grid.login.clone()))));
    running.until("the topic", |window| window.app.topics().iter().any(|topic| topic.id.node == "desk"));
    running.say(Message::Go(gridwatch::screen::Place::Tab(Tab::Owner)));
    for number in 0..MANY {
        grid.say(asks(BROKER, "desk", &format!("soc{number}@blue.example")));
    }
    running.until("all of them", |window| window.shows("1,000 wait for your decision"));
    let rule = Rule {
        who: Who::Domain("blue.example".to_owned()),
        topic: None,
        allow: true,
        on: true,
        days: Some(365),
        note: "MoU 14".to_owned(),
        made: now(),
    };
    shelf::put(running.window.app.store().local().unwrap(), "00000001", &rule).unwrap();
    for message in [Ruling::Open, Ruling::Remove("none".to_owned()), Ruling::Close] {
        running.rule(message);
    }
    running.until("all held", |window| window.shows("Undo all 1,000"));
    running.window.later(10);
    let begun = Instant::now();
    running.say(Message::Pulse);
    // Three entries each: before there are so many the log is not read.
    let many = |window: &Window| window.app.store().activity().unwrap().head().unwrap().count >= 3 * MANY as u64;
    let ended = |window: &mut Window| {
        many(window)
            && Running::approvals(window).iter().filter(|act| !matches!(act.how, How::Held | How::Begun)).count()
                >= MANY
    };
    running.until("all decided", ended);
    println!("{MANY} decisions of a rule through the window: {:?}", begun.elapsed());
    let mut acts: BTreeMap<String, Vec<Act>> = BTreeMap::new();
    for act in Running::approvals(&running.window) {
        acts.entry(act.subject.clone()).or_default().push(act);
    }
    assert_eq!(acts.len(), MANY);
    for (who, acts) in acts {
        let hows: Vec<How> = acts.iter().map(|act| act.how).collect();
        assert_eq!(hows, [How::Held, How::Begun, How::Done], "{who}: {acts:?}");
        assert!(
            acts.iter().all(|act| act.by == By::Rule && act.id == acts[0].id && act.reason == "MoU 14"),
            "{acts:?}"
        );
    }
}
