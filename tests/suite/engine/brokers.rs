//! Brokers that come late, answer in part, or are several: nothing is lost by it, and nothing needs the person.

use gridwatch::engine::{Command, Options, Receipt};
use gridwatch::model::{Affiliation, Membership, PayloadType, TopicId};
use gridwatch::store::{Route, Store};

use super::{asks, online, refusal, report, settle};
use crate::support::broker::{BROKER, Grid, event, item, topic};
use crate::support::console::Console;

const SECOND: &str = "second.grid.example";

fn far(node: &str) -> TopicId {
    TopicId { broker: SECOND.parse().unwrap(), node: node.to_owned() }
}

/// The brokers are to be found; `feed` is mine.
fn found() -> (Console, Grid) {
    let console = Console::start(Options::default());
    let mut grid = Grid::honest(&console);
    grid.login.broker = None;
    grid.change(|world| {
        world.nodes = vec!["feed".to_owned(), "other".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
    });
    (console, grid)
}

/// Two of them; `feed` and `far` are mine.
fn two() -> (Console, Grid) {
    let (mut console, grid) = found();
    grid.change(|world| {
        let _ = world.elsewhere.insert(SECOND.to_owned(), vec!["far".into(), "farther".into(), "farthest".into()]);
        let _ = world.subscriptions.insert(format!("{SECOND}/far"), "subscribed".to_owned());
        // Their lists come in pages.
        world.page = Some(2);
    });
    console.connect(grid.login.clone());
    console.until("all of both", |console| (console.complete && console.topics.len() == 5).then_some(()));
    assert_eq!(console.walk, (5, 5), "both walks are one to who looks on");
    (console, grid)
}

#[test]
fn a_broker_that_comes_up_late_is_found_and_read() {
    let (mut console, grid) = found();
    let late = format!("disco#info|to='{BROKER}'");
    grid.change(|world| {
        let _ = world.items.insert("feed".to_owned(), vec![("1".to_owned(), report("1"))]);
        world.instead = Some((late, refusal("service-unavailable")));
    });
    console.connect(grid.login.clone());
    let facts = console.until_online();
    assert_eq!(facts.broker, None);
    let _ = console.until_notice("notice-no-broker");
    grid.change(|world| world.instead = None);
    console.until("the broker", |console| console.complete.then_some(()));
    assert_eq!(console.until_online().broker, Some(BROKER.parse().unwrap()));
    let rows = console.until_rows(1);
    assert_eq!(rows[0].route, Route::Fetched);
    settle(&mut console, &grid, "live");
}

#[test]
fn rights_that_fail_are_asked_again_and_events_wait_for_them() {
    let mut console = Console::start(Options::default());
    let grid = Grid::honest(&console);
    grid.change(|world| {
        world.nodes = vec!["feed".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        world.instead = Some(("<subscriptions".to_owned(), refusal("internal-server-error")));
    });
    console.connect(grid.login.clone());
    let _ = console.until_online();
    grid.say(event(BROKER, "feed", &item("early", &report("early"))));
    grid.say(event(BROKER, "foreign", &item("foreign", &report("foreign"))));
    console.until("another attempt", |_| (grid.heard("<subscriptions") >= 2).then_some(()));
    assert!(!console.complete);
    grid.change(|world| world.instead = None);
    let rows = console.until_rows(1);
    assert_eq!((rows[0].key.item.0.as_str(), rows[0].route), ("early", Route::Live));
    let _ = console.until_notice("notice-not-subscribed");
    settle(&mut console, &grid, "later");
    assert_eq!(console.store.len(), 2);
    console.until("all", |console| console.complete.then_some(()));
}

#[test]
fn an_answer_that_is_no_list_takes_no_subscription_away() {
    let (mut console, grid) = online();
    let instead = |inside: &str| {
        let answer = format!("<iq type='result' id='{{id}}' from='{{to}}'>{inside}</iq>");
        grid.change(|world| world.instead = Some(("<subscriptions".to_owned(), answer)));
    };
    instead("");
    console.send(Command::RefreshTopics);
    let say = console.until_notice("notice-broker-trouble");
    assert!(!say.args.is_empty());
    // One entry of which nobody knows whom it is about.
    instead(
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscriptions><subscription node='feed' \
         subscription='subscribed'/></subscriptions></pubsub>",
    );
    let asked = grid.heard("<subscriptions");
    console.send(Command::RefreshTopics);
    console.until("the question", |_| (grid.heard("<subscriptions") > asked).then_some(()));
    console.until("all the rest", |console| console.complete.then_some(()));
    settle(&mut console, &grid, "live");
    assert!(!console.notices.iter().any(|say| say.key == "notice-subscription-ended"), "{:?}", console.notices);
}

#[test]
fn events_wait_for_the_answer_to_a_subscription() {
    let (mut console, grid) = online();
    grid.change(|world| {
        let _ = world.subscriptions.insert("other".to_owned(), "subscribed".to_owned());
        world.before = Some(("<subscribe ".to_owned(), event(BROKER, "other", &item("early", &report("early")))));
    });
    assert!(matches!(console.subscribe(&topic("other")), Ok(Receipt::Subscribed)));
    let rows = console.until_rows(1);
    assert_eq!((rows[0].key.item.0.as_str(), rows[0].route), ("early", Route::Live));
}

#[test]
fn a_subscription_made_elsewhere_is_found_by_its_first_event() {
    let (mut console, grid) = online();
    grid.change(|world| drop(world.subscriptions.insert("other".to_owned(), "subscribed".to_owned())));
    grid.say(event(BROKER, "other", &item("first", &report("first"))));
    let rows = console.until_rows(1);
    assert_eq!(rows[0].key.topic, topic("other"));
}

/// The list was made before I was subscribed there, and comes after the event.
#[test]
fn what_came_after_the_list_was_asked_for_is_not_judged_by_it() {
    let (mut console, grid) = online();
    grid.change(|world| {
        let old = format!(
            "<iq type='result' id='{{id}}' from='{BROKER}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
             <subscriptions><subscription node='feed' jid='analyst@grid.example' subscription='subscribed'/>\
             </subscriptions></pubsub></iq>"
        );
        let first = event(BROKER, "other", &item("first", &report("first")));
        world.once = Some(("<subscriptions".to_owned(), first + &old));
        drop(world.subscriptions.insert("other".to_owned(), "subscribed".to_owned()));
    });
    console.send(Command::RefreshTopics);
    let rows = console.until_rows(1);
    assert_eq!((&rows[0].key.topic, rows[0].route), (&topic("other"), Route::Live));
}

#[test]
fn a_list_that_breaks_off_drops_no_topic() {
    let (mut console, grid) = online();
    grid.change(|world| {
        world.page = Some(2);
        world.instead = Some(("disco#items|<after>".to_owned(), refusal("internal-server-error")));
    });
    console.send(Command::RefreshTopics);
    let _ = console.until_notice("notice-broker-trouble");
    settle(&mut console, &grid, "a");
    console.until("the end of the walk", |console| console.whole.then_some(()));
    assert!(!console.complete);
    assert_eq!(console.topics.len(), 3, "{:?}", console.topics);
    assert!(console.publish(&topic("other"), "x", &report("x")).is_ok());
    // It is read again without being asked to.
    grid.change(|world| world.instead = None);
    console.until("the whole list", |console| console.complete.then_some(()));
    assert!(!console.notices.iter().any(|say| say.key == "notice-topic-vanished"), "{:?}", console.notices);
}

#[test]
fn a_short_list_hides_no_topic_of_mine() {
    let mut console = Console::start(Options::default());
    let grid = Grid::honest(&console);
    grid.change(|world| {
        world.nodes = vec!["feed".to_owned(), "unlisted".to_owned()];
        for node in ["feed", "unlisted", "ghost"] {
            let _ = world.subscriptions.insert(node.to_owned(), "subscribed".to_owned());
        }
        let list = format!("<item jid='{BROKER}' node='feed'/>");
        world.instead = Some((
            "disco#items".to_owned(),
            format!(
                "<iq type='result' id='{{id}}' from='{BROKER}'>\
                 <query xmlns='http://jabber.org/protocol/disco#items'>{list}</query></iq>"
            ),
        ));
    });
    console.connect(grid.login.clone());
    let vanished = console.until_notice("notice-topic-vanished");
    assert!(vanished.args.iter().any(|(_, value)| value == "ghost"), "{vanished:?}");
    console.until("its description", |console| {
        console.topic(&topic("unlisted")).filter(|topic| topic.payload == PayloadType::Iodef2).map(drop)
    });
    let told: Vec<_> = console.notices.iter().filter(|say| say.key == "notice-topic-vanished").collect();
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn two_brokers_are_two() {
    let (mut console, grid) = two();
    grid.say(event(BROKER, "far", &item("forged", &report("forged"))));
    grid.say(event(SECOND, "far", &item("1", &report("1"))));
    grid.say(event(BROKER, "feed", &item("1", &report("1"))));
    let rows = console.until_rows(2);
    assert_eq!(rows.iter().map(|row| &row.key.topic).collect::<Vec<_>>(), [&far("far"), &topic("feed")]);
    // One of them fails; walking the other, many times over, takes nothing from it.
    grid.change(|world| world.instead = Some((format!("disco#items|to='{SECOND}'"), refusal("forbidden"))));
    for _ in 0..5 {
        console.send(Command::RefreshTopics);
    }
    let trouble = console.until_notice("notice-broker-trouble");
    assert!(trouble.args.iter().any(|(_, value)| value == SECOND), "{trouble:?}");
    console.until("the end of the walks", |console| (console.whole && !console.complete).then_some(()));
    assert_eq!(console.topics.len(), 5, "{:?}", console.topics);
    assert!(!console.notices.iter().any(|say| say.key == "notice-topic-vanished"), "{:?}", console.notices);
    // A topic that really went, goes.
    grid.change(|world| {
        world.instead = None;
        world.elsewhere.get_mut(SECOND).unwrap().retain(|node| node != "farthest");
    });
    console.send(Command::RefreshTopics);
    console.until("its end", |console| console.topic(&far("farthest")).is_none().then_some(()));
    assert!(console.topic(&topic("other")).is_some());
}

#[test]
fn services_that_hang_do_not_add_up() {
    let (mut console, grid) = found();
    grid.change(|world| {
        for number in 0..20 {
            let _ = world.elsewhere.insert(format!("hung-{number}.grid.example"), Vec::new());
        }
        world.instead = Some(("disco#info|to='hung-".to_owned(), " ".to_owned()));
    });
    console.connect(grid.login.clone());
    // One after the other they would take longer than the patience of all tests.
    let facts = console.until_online();
    assert_eq!(facts.broker, Some(BROKER.parse().unwrap()));
    settle(&mut console, &grid, "live");
}

#[test]
fn a_flood_of_announcements_is_no_flood_of_questions() {
    let (mut console, grid) = online();
    let heard = |text: &str| grid.heard(text);
    let (lists, described) = (heard("<subscriptions"), heard("disco#info' node='feed'"));
    let told = |what: &str| {
        format!(
            "<message from='{BROKER}'><event xmlns='http://jabber.org/protocol/pubsub#event'>{what}</event></message>"
        )
    };
    // The worst: the answers are withheld.
    grid.change(|world| world.silent = true);
    for _ in 0..500 {
        grid.say(told("<subscription node='made-up' jid='analyst@grid.example' subscription='subscribed'/>"));
        grid.say(told("<configuration node='feed'/>"));
    }
    settle(&mut console, &grid, "a");
    console.until("the questions", |_| {
        (heard("<subscriptions") > lists && heard("disco#info' node='feed'") > described).then_some(())
    });
    assert_eq!(heard("<subscriptions"), lists + 1);
    assert_eq!(heard("disco#info' node='feed'"), described + 1);
}

#[test]
fn who_becomes_an_owner_sees_what_waits() {
    let (mut console, grid) = online();
    grid.change(|world| drop(world.affiliations.insert("other".to_owned(), "owner".to_owned())));
    let polls = grid.heard("get-pending");
    grid.say(asks(BROKER, "other", "soc@grid.example"));
    let _ = console.until_notice("notice-not-owned");
    console.until("the office", |console| {
        console.topic(&topic("other")).filter(|topic| topic.affiliation == Affiliation::Owner).map(drop)
    });
    console.until("the poll", |_| (grid.heard("get-pending") > polls).then_some(()));
    // The broker sends it again.
    grid.say(asks(BROKER, "other", "soc@grid.example"));
    let pending = console.until("the request", |console| console.pending.first().cloned());
    assert_eq!(pending.topic, topic("other"));
    assert_eq!(console.topic(&topic("feed")).unwrap().membership, Membership::Subscribed);
}
