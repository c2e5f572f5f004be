//! What a session keeps of others at most: beyond it is said or asked anew, never held.

use gridwatch::engine::requests::Requests;
use gridwatch::store::Store;

use super::{asks, event, online, report, settle};
use crate::support::broker::{BROKER, Grid, item, topic};
use crate::support::console::Console;

/// Online, while my rights are being asked and the answer does not come.
fn waiting() -> (Console, Grid) {
    let (console, grid) = online();
    grid.change(|world| world.instead = Some(("<subscriptions".to_owned(), " ".to_owned())));
    grid.say(format!(
        "<message from='{BROKER}'><event xmlns='http://jabber.org/protocol/pubsub#event'><subscription node='other' \
         jid='analyst@grid.example' subscription='subscribed'/></event></message>"
    ));
    (console, grid)
}

#[test]
fn events_kept_for_later_are_bounded_by_number_and_size() {
    const KEPT: usize = 1_000;
    for (count, payload, most) in
        [(KEPT + 50, report("x"), KEPT), (30, format!("<a xmlns='u'>{}</a>", "x".repeat(200_000)), 30)]
    {
        let (mut console, grid) = waiting();
        console.until("the question", |_| (grid.heard("<subscriptions") >= 2).then_some(()));
        for number in 0..count {
            grid.say(event(BROKER, "other", &item(&number.to_string(), &payload)));
        }
        settle(&mut console, &grid, "after");
        let dropped = console.until_notice("notice-not-subscribed");
        assert!(dropped.args.iter().any(|(name, _)| *name == "count"));
        // It turns out to be mine: what was kept is stored, oldest first.
        grid.change(|world| {
            world.instead = None;
            let _ = world.subscriptions.insert("other".to_owned(), "subscribed".to_owned());
        });
        let _ = console.subscribe(&topic("other"));
        let rows = console.until_rows(2);
        settle(&mut console, &grid, "end");
        let kept = console.rows().iter().filter(|row| row.key.topic == topic("other")).count();
        assert!((1..=most).contains(&kept) && kept < count, "{kept} of {count}");
        assert_eq!(rows[1].key.item.0, "0");
    }
}

#[test]
fn an_inbox_and_the_forms_of_one_subscriber_are_bounded() {
    let (mut console, grid) = online();
    for number in 0..Requests::MAX + 10 {
        grid.say(asks(BROKER, "desk", &format!("soc{number}@grid.example")));
    }
    settle(&mut console, &grid, "a");
    console.until("a full inbox", |console| (console.pending.len() == Requests::MAX).then_some(()));
    // One subscriber by a hundred resources is one request, and is answered for as many as are remembered.
    let (mut console, grid) = online();
    for number in 0..100 {
        grid.say(asks(BROKER, "desk", &format!("soc@grid.example/{number}")));
    }
    settle(&mut console, &grid, "b");
    assert_eq!(console.pending.len(), 1);
    grid.change(|world| {
        let readers = (0..100).map(|number| (format!("soc@grid.example/{number}"), "subscribed".to_owned()));
        let _ = world.readers.insert("desk".to_owned(), readers.collect());
    });
    let _ = console.decide(&topic("desk"), &"soc@grid.example".parse().unwrap(), true);
    assert_eq!(grid.heard("pubsub#allow"), 16);
}

#[test]
fn more_announced_items_than_are_fetched_one_by_one_have_the_topic_read() {
    let (mut console, grid) = online();
    grid.change(|world| world.instead = Some(("<items |<item id=".to_owned(), " ".to_owned())));
    let fetches = grid.heard("<items node='feed'");
    for number in 0..1_100 {
        grid.say(event(BROKER, "feed", &format!("<item id='{number}'/>")));
    }
    // One is being fetched, a thousand wait; the others are the topic's matter.
    console.until("the topic to be read", |_| {
        let read = |line: &String| line.contains("<items node='feed'") && !line.contains("<item id=");
        let heard = grid.world.lock().unwrap().heard.clone();
        (heard.iter().filter(|line| read(line)).count() > fetches).then_some(())
    });
    assert_eq!(console.store.len(), 0);
}
