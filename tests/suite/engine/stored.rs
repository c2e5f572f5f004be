//! What topics have stored: fetched whole, in its place among the events, and never at the price of everything else.

use gridwatch::engine::{Command, Options, Receipt, Sweeps};
use gridwatch::model::Membership;
use gridwatch::store::{Route, Standing, Store};
use gridwatch::xmpp::xml::Limits;

use super::{online, report, settle};
use crate::support::broker::{BROKER, Grid, event, item, topic};
use crate::support::console::Console;
use crate::support::controller::{Fault, PASSWORD};

/// Subscribed to `feed`, which has stored these, over so many sessions.
fn stored(options: Options, sessions: usize, items: Vec<(String, String)>) -> (Console, Grid) {
    let console = Console::start(options);
    let grid = Grid::start(&console, &vec![Fault::None; sessions], PASSWORD, true);
    grid.change(|world| {
        world.nodes = vec!["feed".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        let _ = world.items.insert("feed".to_owned(), items);
    });
    (console, grid)
}

fn small(count: usize) -> Vec<(String, String)> {
    (0..count).map(|number| (format!("s{number}"), format!("<a xmlns='urn:example'>{number}</a>"))).collect()
}

#[test]
fn a_fetched_item_is_older_than_the_event_behind_it() {
    let (mut console, grid) = stored(Options::default(), 1, Vec::new());
    let fetched = [item("1", &report("old")), item("2", &report("gone"))].concat();
    grid.change(|world| {
        let answer = format!(
            "<iq type='result' id='{{id}}' from='{BROKER}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
             <items node='feed'>{fetched}</items></pubsub></iq>"
        );
        let events =
            [event(BROKER, "feed", &item("1", &report("new"))), event(BROKER, "feed", "<retract id='2'/>")].concat();
        world.instead = Some(("<items ".to_owned(), answer + &events));
    });
    console.connect(grid.login.clone());
    let _ = console.until_rows(3);
    settle(&mut console, &grid, "after");
    let rows = console.rows();
    let told: Vec<_> = rows[..3].iter().map(|row| (row.summary.id.as_str(), row.version, row.route)).collect();
    assert_eq!(told, [("old", 1, Route::Fetched), ("gone", 1, Route::Fetched), ("new", 2, Route::Live)]);
    assert_eq!((rows[0].standing, rows[2].standing), (Standing::Overwritten, Standing::Current));
    assert!(matches!(rows[1].standing, Standing::Retracted(_)));
}

#[test]
fn all_pages_are_fetched() {
    let (mut console, grid) = stored(Options::default(), 1, small(250));
    grid.change(|world| world.page = Some(60));
    console.connect(grid.login.clone());
    let _ = console.until_rows(250);
    settle(&mut console, &grid, "after");
    assert_eq!(console.store.len(), 251, "each once");
    // Four to see how large they are, then as many as the broker gives; the last one says that it is the first.
    assert_eq!(grid.heard("<items "), 1 + 246_usize.div_ceil(60));
}

#[test]
fn what_is_left_on_the_broker_is_said() {
    let sweeps = Sweeps { most: 10_000, ..Sweeps::default() };
    let (mut console, grid) = stored(Options { sweeps, ..Options::default() }, 1, small(10_200));
    grid.change(|world| world.page = Some(1_000));
    console.connect(grid.login.clone());
    let _ = console.until_notice("notice-fetch-cut");
    let rows = console.until_rows(10_000);
    assert!(rows.len() < 10_200, "{}", rows.len());
}

#[test]
fn a_poison_item_costs_itself_and_two_sessions() {
    for poison in [
        format!("<a xmlns='urn:example'>{}</a>", "x".repeat(200_000)),
        format!("<a xmlns='urn:example'>{}{}</a>", "<b>".repeat(300), "</b>".repeat(300)),
        "<a xmlns='urn:example'><!-- banned --></a>".to_owned(),
    ] {
        let limits = Limits { bytes: 64 * 1024, waiting: 64 * 1024, ..Limits::PEER };
        let mut items = small(20);
        items.insert(10, ("poison".to_owned(), poison));
        let (mut console, grid) = stored(Options { limits, ..Options::default() }, 3, items);
        console.connect(grid.login.clone());
        let _ = console.until_notice("notice-fetch-careful");
        let skipped = console.until_notice("notice-fetch-skipped");
        assert!(skipped.args.iter().any(|(_, value)| value == "poison"), "{skipped:?}");
        let _ = console.until_rows(20);
        grid.say_in(2, event(BROKER, "feed", &item("live", &report("live"))));
        let rows = console.until_rows(21);
        assert!(rows.iter().all(|row| row.key.item.0 != "poison"));
        assert_eq!(grid.heard("<item id='poison'/>"), 1);
    }
}

#[test]
fn a_fetch_that_fails_is_tried_again_by_itself() {
    let (mut console, grid) = stored(Options::default(), 1, small(3));
    grid.change(|world| world.instead = Some(("<items ".to_owned(), super::refusal("internal-server-error"))));
    console.connect(grid.login.clone());
    let _ = console.until_notice("notice-fetch-trouble");
    console.until("a second attempt", |_| (grid.heard("<items ") >= 2).then_some(()));
    let told = console.notices.iter().filter(|say| say.key == "notice-fetch-trouble").count();
    assert_eq!(told, 1, "what is tried again is told once");
    grid.change(|world| world.instead = None);
    let _ = console.until_rows(3);
}

#[test]
fn a_refused_fetch_is_tried_again_when_topics_are_read_again() {
    let (mut console, grid) = stored(Options::default(), 1, small(3));
    grid.change(|world| world.instead = Some(("<items ".to_owned(), super::refusal("forbidden"))));
    console.connect(grid.login.clone());
    let _ = console.until_notice("notice-fetch-trouble");
    // Perhaps I am subscribed no longer: that is asked. As I am, nothing is gained by asking for the items once more.
    console.until("my rights, read again", |_| (grid.heard("<subscriptions") >= 2).then_some(()));
    super::settle(&mut console, &grid, "live");
    console.until("their end", |console| console.complete.then_some(()));
    super::settle(&mut console, &grid, "later");
    assert_eq!(grid.heard("<items "), 1);
    grid.change(|world| world.instead = None);
    console.send(Command::RefreshTopics);
    let _ = console.until_rows(5);
}

#[test]
fn a_topic_made_anew_is_fetched_anew() {
    let (mut console, grid) = online();
    grid.change(|world| drop(world.subscriptions.remove("feed")));
    grid.say(format!(
        "<message from='{BROKER}'><event xmlns='http://jabber.org/protocol/pubsub#event'><delete node='feed'/></event>\
         </message>"
    ));
    let _ = console.until_membership(&topic("feed"), Membership::None);
    grid.change(|world| {
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        let _ = world.items.insert("feed".to_owned(), small(2));
    });
    assert!(matches!(console.subscribe(&topic("feed")), Ok(Receipt::Subscribed)));
    let rows = console.until_rows(2);
    assert!(rows.iter().all(|row| row.route == Route::Fetched));
}
