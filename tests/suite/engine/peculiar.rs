//! Brokers that work otherwise: events without payload, through a collection, without a subscription of mine; topics that
//! moved, subscriptions that want options.

use gridwatch::model::Membership;
use gridwatch::store::{Route, Store};

use super::{online, report, settle};
use crate::support::broker::{BROKER, event, item, topic};

#[test]
fn what_is_announced_without_its_payload_is_fetched() {
    let (mut console, grid) = online();
    grid.change(|world| {
        let items = ["1", "2", "bare"].map(|id| (id.to_owned(), report(id)));
        let _ = world.items.insert("feed".to_owned(), items.to_vec());
        world.items.get_mut("feed").unwrap()[2].1.clear();
    });
    for id in ["1", "2", "gone", "bare", "1"] {
        grid.say(event(BROKER, "feed", &format!("<item id='{id}'/>")));
    }
    let rows = console.until_rows(3);
    let told: Vec<_> =
        rows.iter().map(|row| (row.key.item.0.as_str(), row.route, row.summary.csirt.as_str())).collect();
    let fetched = Route::Fetched;
    assert_eq!(told, [("1", fetched, "csirt.example"), ("2", fetched, "csirt.example"), ("bare", fetched, "")]);
    let _ = console.until_notice("notice-announced-gone");
    // While the broker does not answer they wait, each once.
    grid.change(|world| {
        world.items.get_mut("feed").unwrap().push(("3".to_owned(), report("3")));
        world.instead = Some(("<items |<item id=".to_owned(), super::refusal("internal-server-error")));
    });
    grid.say(event(BROKER, "feed", "<item id='3'/><item id='3'/>"));
    let _ = console.until_notice("notice-fetch-trouble");
    grid.change(|world| world.instead = None);
    let rows = console.until_rows(4);
    assert_eq!(rows[3].key.item.0, "3");
    settle(&mut console, &grid, "live");
    assert_eq!(console.store.len(), 5);
}

#[test]
fn a_notification_of_nothing_has_the_topic_read() {
    let (mut console, grid) = online();
    grid.change(|world| drop(world.items.insert("feed".to_owned(), vec![("1".to_owned(), report("1"))])));
    grid.say(event(BROKER, "feed", ""));
    assert_eq!(console.until_rows(1)[0].route, Route::Fetched);
}

#[test]
fn events_through_a_collection_of_mine_are_mine() {
    let (mut console, grid) = online();
    let through = |from: &str, node: &str, id: &str, collection: &str| {
        let headers = format!(
            "<headers xmlns='http://jabber.org/protocol/shim'><header name='Collection'>{collection}</header></headers>\
             </message>"
        );
        event(from, node, &item(id, &report(id))).replace("</message>", &headers)
    };
    grid.say(through("mallory@grid.example", "leaf", "forged", "feed"));
    grid.say(through(BROKER, "leaf", "strange", "other"));
    grid.say(through(BROKER, "leaf", "mine", "feed"));
    let rows = console.until_rows(1);
    assert_eq!((&rows[0].key.topic, rows[0].key.item.0.as_str()), (&topic("leaf"), "mine"));
    settle(&mut console, &grid, "after");
    assert_eq!(console.store.len(), 2);
}

#[test]
fn who_shares_presence_needs_no_subscription() {
    let (mut console, grid) = online();
    grid.change(|world| {
        world.nodes.extend(["near".to_owned(), "group".to_owned()]);
        let _ = world.access.insert("near".to_owned(), "presence".to_owned());
        let _ = world.access.insert("group".to_owned(), "roster".to_owned());
    });
    console.send(gridwatch::engine::Command::RefreshTopics);
    console.until("both", |console| {
        console.topic(&topic("group")).filter(|topic| !topic.access.token().is_empty()).map(drop)
    });
    grid.say(event("mallory@grid.example", "near", &item("forged", &report("forged"))));
    grid.say(event(BROKER, "near", &item("1", &report("1"))));
    grid.say(event(BROKER, "group", &item("2", &report("2"))));
    grid.say(event(BROKER, "other", &item("3", &report("3"))));
    settle(&mut console, &grid, "after");
    let rows = console.rows();
    let told: Vec<_> = rows.iter().map(|row| row.key.item.0.as_str()).collect();
    assert_eq!(told, ["1", "2", "after"]);
}

#[test]
fn where_a_deleted_topic_went_is_told_and_not_followed() {
    let (mut console, grid) = online();
    grid.change(|world| drop(world.subscriptions.remove("feed")));
    grid.say(format!(
        "<message from='{BROKER}'><event xmlns='http://jabber.org/protocol/pubsub#event'><delete node='feed'>\
         <redirect uri='xmpp:evil.example?;node=feed'/></delete></event></message>"
    ));
    let say = console.until_notice("notice-topic-moved");
    assert!(say.args.iter().any(|(_, value)| value.contains("evil.example")), "{say:?}");
    let _ = console.until_membership(&topic("feed"), Membership::None);
    assert_eq!(grid.heard("evil.example"), 0);
}
