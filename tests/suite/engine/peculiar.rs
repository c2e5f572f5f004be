//! Brokers that work otherwise: events without payload, through a collection, without a subscription of mine; topics that
//! moved, subscriptions that want options; and what an owner and a publisher do beside.

use gridwatch::engine::{Command, Receipt};
use gridwatch::model::{Affiliation, Membership};
use gridwatch::store::activity::{By, How, Kind};
use gridwatch::store::acts::Mark;
use gridwatch::store::index::Bitmap;
use gridwatch::store::{Route, Standing, Store};

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
fn one_that_is_refused_keeps_no_other_back() {
    let (mut console, grid) = online();
    grid.change(|world| {
        let items = ["1", "2"].map(|id| (id.to_owned(), report(id)));
        let _ = world.items.insert("feed".to_owned(), items.to_vec());
        world.instead = Some(("<items |<item id='no'".to_owned(), super::refusal("forbidden")));
    });
    // The first is asked for at once, the others together.
    grid.say(event(BROKER, "feed", "<item id='1'/><item id='no'/><item id='2'/>"));
    let rows = console.until_rows(2);
    assert_eq!(rows[1].key.item.0, "2");
    let _ = console.until_notice("notice-fetch-trouble");
}

#[test]
fn a_notification_of_nothing_has_the_topic_read() {
    let (mut console, grid) = online();
    grid.change(|world| drop(world.items.insert("feed".to_owned(), vec![("1".to_owned(), report("1"))])));
    grid.say(event(BROKER, "feed", ""));
    assert_eq!(console.until_rows(1)[0].route, Route::Fetched);
    let read = console.store.local().unwrap().marked(&Bitmap::all(1), &Mark::Read).unwrap();
    assert!(read.is_empty(), "a topic that sends no payloads has news all the same");
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
    console.send(Command::RefreshTopics);
    console.until("both", |console| {
        let known = |node: &str| console.topic(&topic(node)).is_some_and(|topic| !topic.access.token().is_empty());
        (known("near") && known("group")).then_some(())
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

fn options(fields: &[(&str, &str)]) -> String {
    let form = ("FORM_TYPE", "http://jabber.org/protocol/pubsub#subscribe_options");
    let field = |(var, value): &(&str, &str)| format!("<field var='{var}'><value>{value}</value></field>");
    std::iter::once(&form).chain(fields).map(field).collect()
}

#[test]
fn a_subscription_that_waits_for_options_is_given_them() {
    let (mut console, grid) = online();
    grid.change(|world| {
        let _ = world.subscriptions.insert("other".to_owned(), "unconfigured".to_owned());
        world.options = Some(options(&[("pubsub#deliver", "0"), ("pubsub#expire", "2030-01-01T00:00:00Z")]));
    });
    assert!(matches!(console.subscribe(&topic("other")), Ok(Receipt::Subscribed)));
    let _ = console.until_membership(&topic("other"), Membership::Subscribed);
    let heard = grid.world.lock().unwrap().heard.clone();
    let sent = heard.iter().find(|line| line.contains("<options ") && line.contains("type='set'")).unwrap();
    assert!(sent.contains("subid='s1'") && sent.contains("node='other'"), "{sent}");
    assert!(sent.contains("<field var='pubsub#deliver'><value>1</value>") && sent.contains("2030-01-01"), "{sent}");
    // A form that cannot be had is said, and nothing is claimed.
    grid.change(|world| {
        let _ = world.subscriptions.insert("desk".to_owned(), "unconfigured".to_owned());
        world.options = Some("<field var='FORM_TYPE'><value>urn:x</value></field>".to_owned());
    });
    assert_eq!(console.subscribe(&topic("desk")).unwrap_err().say().key, "error-wants-options");
    assert_eq!(console.topic(&topic("desk")).unwrap().membership, Membership::None);
}

#[test]
fn what_a_collection_holds_is_listed_and_brought() {
    let (mut console, grid) = online();
    grid.change(|world| {
        world.nodes.push("all".to_owned());
        // One of them holds the other, and each itself.
        let _ = world.collections.insert("all".to_owned(), vec!["inner".into(), "leaf".into(), "all".into()]);
        let _ = world.collections.insert("inner".to_owned(), vec!["deep".into(), "all".into(), "feed".into()]);
        let _ = world.subscriptions.insert("all".to_owned(), "subscribed".to_owned());
        world.options = Some(options(&[("pubsub#subscription_type", "nodes"), ("pubsub#subscription_depth", "1")]));
    });
    console.send(Command::RefreshTopics);
    console.until("what is in them", |console| console.topic(&topic("deep")).filter(|_| console.complete).map(drop));
    let is = |node: &str| console.topic(&topic(node)).map(|topic| topic.collection);
    let all = ["all", "inner", "leaf", "deep", "feed"].map(is);
    assert_eq!(all, [Some(true), Some(true), Some(false), Some(false), Some(false)]);
    assert!(matches!(console.subscribe(&topic("all")), Ok(Receipt::Subscribed)));
    console.until("its options", |_| (grid.heard("pubsub#subscription_depth'><value>all<") == 1).then_some(()));
    assert_eq!(grid.heard("pubsub#subscription_type'><value>items<"), 1);
    // That was nobody's hand, and stands in the log of acts.
    let own = console.until("its entries", |console| {
        let own: Vec<_> = super::acts(console, Kind::Subscribe).into_iter().filter(|act| act.by == By::Rule).collect();
        (own.len() == 2).then_some(own)
    });
    assert_eq!((own[0].how, own[1].how, own[1].stanzas.len()), (How::Begun, How::Done, 1), "{own:?}");
    assert_eq!(own[0].words, "pubsub#subscription_type=items; pubsub#subscription_depth=all");
    // A new one is found because the broker says so.
    grid.change(|world| world.collections.get_mut("all").unwrap().push("new".to_owned()));
    grid.say(format!(
        "<message from='{BROKER}'><event xmlns='http://jabber.org/protocol/pubsub#event'><collection node='all'>\
         <associate node='new'/></collection></event></message>"
    ));
    console.until("the new one", |console| console.topic(&topic("new")).map(drop));
}

#[test]
fn what_i_take_back_is_marked_and_stays() {
    let (mut console, grid) = online();
    settle(&mut console, &grid, "1");
    let retract = |node: &str| {
        let (topic, item) = (topic(node), gridwatch::model::ItemId("1".to_owned()));
        move |request| Command::Retract { request, topic, item }
    };
    assert!(matches!(console.ask(retract("feed")), Ok(Receipt::Retracted(item)) if item.0 == "1"));
    console.until("the mark", |console| {
        console.store.row(0).filter(|row| matches!(row.standing, Standing::Retracted(_))).map(drop)
    });
    assert_eq!(grid.heard("<retract node='feed' notify='true'><item id='1'/></retract>"), 1);
    grid.change(|world| world.instead = Some(("<retract ".to_owned(), super::refusal("forbidden"))));
    assert_eq!(console.ask(retract("other")).unwrap_err().say().key, "error-stanza-forbidden");
}

#[test]
fn members_are_changed_as_far_as_the_broker_shows() {
    let (mut console, grid) = online();
    let pair = |jid: &str, word: &str| (jid.to_owned(), word.to_owned());
    grid.change(|world| {
        let members =
            [pair("analyst@grid.example", "owner"), pair("a@x.example", "member"), pair("b@x.example", "member")];
        let _ = world.members.insert("desk".to_owned(), members.to_vec());
        let readers = [
            pair("a@x.example", "subscribed"),
            pair("a@x.example/pad", "subscribed"),
            pair("b@x.example", "subscribed"),
            pair("c@x.example", "pending"),
        ];
        let _ = world.readers.insert("desk".to_owned(), readers.to_vec());
    });
    let Ok(Receipt::Members(members)) = console.ask(|request| Command::Members { request, topic: topic("desk") })
    else {
        panic!("no members")
    };
    assert_eq!((members.affiliations.len(), members.subscribers.len(), members.unreadable), (3, 4, 0));
    assert!(members.subscribers[3].pending);
    let affiliate = |changes: &[(&str, Affiliation)]| {
        let changes = changes.iter().map(|(jid, is)| (jid.parse().unwrap(), is.clone())).collect();
        move |request| Command::Affiliate { request, topic: topic("desk"), changes }
    };
    // Both subscriptions of one account end before it loses the right; another is admitted in the same step.
    let changes = [("a@x.example", Affiliation::None), ("d@x.example", Affiliation::Publisher)];
    let Ok(Receipt::Changed { members, refused }) = console.ask(affiliate(&changes)) else { panic!("not changed") };
    assert!(refused.is_empty(), "{refused:?}");
    assert!(!members.subscribers.iter().any(|one| one.jid.to_string().starts_with("a@")), "{members:?}");
    let heard = grid.world.lock().unwrap().heard.join("\n");
    let at = |text: &str| heard.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(at("subscription jid='a@x.example/pad' subscription='none'") < at("affiliation='none'"));
    // In part: the broker says no, its list says who.
    grid.change(|world| world.stubborn = Some("b@x.example".to_owned()));
    let changes = [("b@x.example", Affiliation::Outcast), ("e@x.example", Affiliation::Member)];
    let Ok(Receipt::Changed { refused, .. }) = console.ask(affiliate(&changes)) else { panic!("not in part") };
    assert_eq!(refused, ["b@x.example".parse().unwrap()]);
    // Nothing of it: the broker's own words.
    let error = console.ask(affiliate(&[("b@x.example", Affiliation::None)])).unwrap_err();
    assert_eq!(error.say().key, "error-stanza-not-found");
    grid.change(|world| world.instead = Some(("<affiliations node='feed'".to_owned(), super::refusal("forbidden"))));
    let foreign = console.ask(|request| Command::Members { request, topic: topic("feed") }).unwrap_err();
    assert_eq!(foreign.say().key, "error-stanza-forbidden");
}

#[test]
fn a_broker_without_a_list_of_affiliations_is_read_whole() {
    let (mut console, grid) = online();
    // Prosody's words for it.
    grid.change(|world| world.instead = Some(("<affiliations/".to_owned(), super::refusal("service-unavailable"))));
    console.send(Command::RefreshTopics);
    let _ = console.until_notice("notice-broker-trouble");
    console.until("all the rest", |console| console.complete.then_some(()));
}
