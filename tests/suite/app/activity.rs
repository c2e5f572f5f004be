//! The Activity screen: the log with its chain, what is under way, where something may be missing, and the radar.

use chrono::TimeDelta;
use gridwatch::app::Message;
use gridwatch::engine::{Command, Event, Receipt};
use gridwatch::model::coverage::{Cause, Gap, Span, Standing};
use gridwatch::model::survey::{Answers, Fresh, Survey};
use gridwatch::model::{Coverage, TopicId};
use gridwatch::screen::activity::{Message as M, Side};
use gridwatch::screen::{Place, Tab};
use gridwatch::store::activity::{Act, Broken, By, How, Kind, Proven, Seen, Why};
use gridwatch::widget::Visible;

use crate::support::window::{BROKER, ME, Window, id, now};

fn act(minutes: i64, kind: Kind, how: How, node: &str, subject: &str) -> Act {
    let topic = (!node.is_empty()).then(|| id(node));
    let by = if kind.is_seen() { By::Grid } else { By::Person };
    let at = now() - TimeDelta::minutes(minutes);
    Act { topic, subject: subject.to_owned(), ..Act::new(at, ME, by, kind, how) }
}

/// A shift's worth of acts, some with two entries, one of which nobody knows what came.
fn acts() -> Vec<Act> {
    let with = |act: Act, id: &str, before: &str, after: &str, reason: &str| Act {
        id: id.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
        reason: reason.to_owned(),
        stanzas: vec![format!("{id}-7f3a91c2"), format!("{id}-0b44e1d9")],
        ..act
    };
    let soc = "soc@blue.example";
    let digest = "bytes=4310; sha256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let publish = |minutes, how, id: &str| {
        let act = act(minutes, Kind::Publish, how, "MILEHost", "0d6c2a4e-9a1f-4f0b-8f0e-4a3f9d6b1c22");
        Act { words: digest.to_owned(), ..with(act, id, "", if how == How::Done { "published" } else { "" }, "") }
    };
    let connect = act(600, Kind::Connect, How::Done, "", "");
    let words = "grid.example:5222, TLS 1.3, TLS13_AES_256_GCM_SHA384, SCRAM-SHA-256-PLUS (tls-exporter)";
    let changed = act(260, Kind::Changed, How::Seen, "phishing-watch", "");
    let certificate = act(421, Kind::Certificate, How::Seen, "", "");
    vec![
        Act { words: words.to_owned(), after: format!("{ME}/gridwatch"), ..connect },
        with(
            certificate,
            "",
            "sha256=3B:1F:\u{2026}; key=9A:00:\u{2026}",
            "sha256=7C:22:\u{2026}; key=41:D8:\u{2026}",
            "",
        ),
        with(act(330, Kind::Approve, How::Held, "my-desk", soc), "a", "", "", "MoU 14 with Blue"),
        with(act(330, Kind::Approve, How::Begun, "my-desk", soc), "b", "pending", "subscribed", "MoU 14 with Blue"),
        with(act(330, Kind::Approve, How::Done, "my-desk", soc), "b", "pending", "subscribed", "MoU 14 with Blue"),
        with(
            act(320, Kind::Deny, How::Done, "my-desk", "feed@p\u{430}ypal.example"),
            "c",
            "pending",
            "none",
            "Look-alike of a partner's domain; called them, it is not theirs.",
        ),
        with(changed, "", "access_model=authorize; max_items=200", "access_model=open; max_items=200", ""),
        publish(118, How::Begun, "d"),
        publish(118, How::Done, "d"),
        with(
            act(90, Kind::Revoke, How::Refused, "my-desk", "old@red.example"),
            "e",
            "member, subscribed",
            "member, subscribed",
            "left the community",
        ),
        with(act(61, Kind::Traffic, How::Seen, "MILEHost", ""), "", "average=12/min", "1284/min", ""),
        with(
            act(44, Kind::Configure, How::Done, "my-desk", ""),
            "f",
            "pubsub#max_items=20",
            "pubsub#max_items=200",
            "",
        ),
        with(act(12, Kind::Publish, How::Begun, "MILEHost", "81f0a3d7-0f5c-4b41-8a55-3f4d1a9e77b0"), "g", "", "", ""),
        Act { words: "broker.csirt.example".to_owned(), ..act(4, Kind::Restart, How::Seen, "", "") },
    ]
}

fn opened(acts: &[Act]) -> Window {
    let mut window = Window::connected(false);
    let _ = window.app.store().activity().unwrap().append(acts).unwrap();
    window.run(Message::Go(Place::Tab(Tab::Activity)));
    window
}

fn say(window: &mut Window, message: M) {
    window.run(Message::Activity(message));
}

/// ejabberd of Debian 12, as it answers.
fn survey() -> Survey {
    let able = [
        "access-authorize",
        "access-open",
        "access-whitelist",
        "config-node",
        "create-and-configure",
        "create-nodes",
        "delete-items",
        "delete-nodes",
        "get-pending",
        "manage-subscriptions",
        "modify-affiliations",
        "persistent-items",
        "publish",
        "publish-options",
        "purge-nodes",
        "retrieve-items",
        "subscribe",
    ];
    let broker = Answers {
        heard: true,
        name: Some("ejabberd/mod_pubsub".to_owned()),
        software: Some("ejabberd 23.01".to_owned()),
        features: able.iter().map(|one| format!("http://jabber.org/protocol/pubsub#{one}")).collect(),
        topics: Some(214),
        pages: Some(false),
        fresh: Some(Fresh { notification: Some("headline".to_owned()), ..Fresh::default() }),
        ..Answers::of(BROKER.parse().unwrap())
    };
    let controller = Answers {
        heard: true,
        software: Some("ejabberd 23.01".to_owned()),
        features: ["msgoffline".to_owned()].into(),
        ..Answers::of("csirt.example".parse().unwrap())
    };
    Survey { at: now(), controller, brokers: vec![broker], close: true }
}

#[test]
fn the_log_says_what_was_done_and_that_its_chain_holds() {
    let mut window = opened(&acts());
    assert!(window.shows("Chain verified, 14 entries"), "{:?}", window.texts());
    for words in
        ["approve", "soc@blue.example \u{2192} my-desk", "topic changed by another", "restart", "refused", "xn--"]
    {
        assert!(window.shows(words), "{words}: {:?}", window.texts());
    }
    // What the log says in tokens is shown in words.
    for (row, words) in [(3, "12 a minute on average"), (4, "Member, subscribed"), (6, "Who may read: Who I approve")] {
        say(&mut window, M::Pick(row));
        assert!(window.shows(words), "{words}: {:?}", window.texts());
    }
    for token in ["access_model", "max_items", "sha256=", "/min"] {
        assert!(!window.shows(token), "{token}: {:?}", window.texts());
    }
    // Two entries of one act are one row.
    assert_eq!(window.texts().iter().filter(|text| *text == "approve").count(), 1, "held, sent and done are one");
    say(&mut window, M::Typed("what:approve result:done".to_owned()));
    assert!(!window.shows("restart"));
    say(&mut window, M::Pick(0));
    for words in ["MoU 14 with Blue", "waits for the owner", "b-7f3a91c2"] {
        assert!(window.shows(words), "{words}: {:?}", window.texts());
    }
    say(&mut window, M::Typed("what:aprove".to_owned()));
    assert!(window.shows("what: has no aprove; there is connect, subscribe"), "{:?}", window.texts());
    assert!(!window.shows("topic changed by another"), "the last good filter stays");
    say(&mut window, M::Typed("nothing like it".to_owned()));
    assert!(window.shows("The filter hides 14 entries."), "{:?}", window.texts());
    assert!(window.shows("Clear the filter"));
    say(&mut window, M::Clear);
    assert!(window.shows("restart"));
    // The log grows while one looks.
    let log = window.app.store();
    let head = log.activity().unwrap().append(&[act(0, Kind::Subscribe, How::Done, "quiet-ot", "")]).unwrap();
    let told = gridwatch::app::bridge::Update::Events(vec![Event::Logged(head.count)]);
    window.run(Message::Engine(1, told));
    assert!(window.shows("Chain verified, 15 entries") && window.shows("quiet-ot"), "{:?}", window.texts());
}

#[test]
fn of_a_long_log_as_much_is_read_as_shows_and_what_is_rare_is_found_all_the_same() {
    let first = act(90_000, Kind::Trust, How::Done, "", "the-first");
    let many = (1..30_000).rev().map(|n| act(n, Kind::Subscribe, How::Done, "MILEHost", &format!("s-{n}")));
    let mut window = opened(&std::iter::once(first).chain(many).collect::<Vec<_>>());
    assert!(window.shows("Chain verified, 30,000 entries") && window.shows("s-1 "), "{:?}", window.texts());
    // How many rows came of it, and how many entries were gone through for them at most.
    let mut read = |message: M| {
        let said = window.outcome(Message::Activity(message));
        let rows = said.iter().filter_map(|said| match said {
            Message::Logged(_, M::Read(walk, Ok(back))) => {
                Some((back.rows.len(), walk.below.unwrap_or(30_001) - back.reached))
            }
            _ => None,
        });
        let rows = rows.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
        (rows.0, rows.1, window.texts())
    };
    let (rows, gone, _) = read(M::Typed("s-".to_owned()));
    assert!((300..2_000).contains(&rows) && gone < 2_000, "{rows} of {gone}");
    let seen = |end| Visible { first: end - 40, end, ..Visible::default() };
    let (rows, gone, _) = read(M::Visible(seen(2_040)));
    assert!((300..4_000).contains(&rows) && gone < 4_000, "{rows} of {gone}");
    assert_eq!(read(M::Visible(seen(2_040))).1, 0, "what is there is not read again");
    let (rows, gone, texts) = read(M::Typed("what:trust".to_owned()));
    assert!(rows == 1 && gone >= 30_000 && texts.iter().any(|text| text.contains("the-first")), "{gone}: {texts:?}");
    let (_, _, texts) = read(M::Typed("what:vanished".to_owned()));
    assert!(texts.contains(&"The filter hides 30,000 entries.".to_owned()), "{texts:?}");
    // Everything, as far as rows are kept.
    let _ = read(M::Clear);
    let (rows, _, texts) = read(M::Visible(seen(29_000)));
    assert!(
        (20_000..26_000).contains(&rows) && texts.iter().any(|text| text.contains("are not listed")),
        "{rows}: {texts:?}"
    );
}

#[test]
fn what_is_under_way_and_where_something_may_be_missing_have_their_sides() {
    let mut window = opened(&acts());
    say(&mut window, M::Side(Side::Open));
    assert!(window.shows("81f0a3d7") && !window.shows("0d6c2a4e"), "{:?}", window.texts());
    say(&mut window, M::Side(Side::Deliveries));
    assert!(window.shows("No topic is watched yet"));
    let span = Span::new(now() - TimeDelta::minutes(60), now() - TimeDelta::minutes(53));
    let topic: TopicId = id("MILEHost");
    let gaps = [Gap { span, cause: Cause::Dropped }].into();
    let coverage = Coverage { topic, standing: Standing::Live { since: now() }, stretches: [].into(), gaps };
    window.tell(vec![Event::Coverage([coverage].into())]);
    assert!(window.shows("1 stretch in which something may be missing"), "{:?}", window.texts());
}

#[test]
fn the_radar_says_what_the_grid_cannot_do_and_what_its_administrator_can() {
    let mut window = opened(&acts());
    say(&mut window, M::Side(Side::Radar));
    assert!(window.shows("Nobody has asked controller and broker yet."), "{:?}", window.texts());
    window.click("Look closely");
    let request = match window.commands().as_slice() {
        [Command::Survey { request, close: true }] => *request,
        other => panic!("{other:?}"),
    };
    assert!(window.shows("Asking\u{2026}"));
    let result = Ok(Receipt::Surveyed(survey().into()));
    window.tell(vec![Event::Done { request, result }]);
    for words in [
        "Asked for one topic it listed all 214",
        "Support result sets (XEP-0059)",
        "New topics would send headlines",
        "MUST \u{b7} RFC 8600 \u{a7}5",
    ] {
        assert!(window.shows(words), "{words}: {:?}", window.texts());
    }
}

#[test]
fn pictures_of_activity() {
    let mut many: Vec<Act> =
        (0..400).rev().map(|n| act(700 + n * 3, Kind::Subscribe, How::Done, "MILEHost", "")).collect();
    many.extend(acts());
    let mut window = opened(&many);
    // What became of the approval: three entries of one row.
    say(&mut window, M::Pick(8));
    window.pictures("activity-log");
    say(&mut window, M::Side(Side::Open));
    window.pictures("activity-open");
    say(&mut window, M::Side(Side::Log));
    let broken = Broken { number: 406, why: Why::Changed };
    say(&mut window, M::Audited(Ok(Seen { verdict: Err(broken), proven: Proven::default() }.into())));
    window.pictures("activity-broken");
    say(&mut window, M::Typed("result:refused".to_owned()));
    window.pictures("activity-filtered");
    say(&mut window, M::Side(Side::Radar));
    window.click("Ask them");
    if let [Command::Survey { request, .. }] = window.commands().as_slice() {
        let result = Ok(Receipt::Surveyed(survey().into()));
        window.tell(vec![Event::Done { request: *request, result }]);
    }
    window.pictures("activity-radar");
    window.click("Look closely");
    if let [Command::Survey { request, .. }] = window.commands().as_slice() {
        let mut survey = survey();
        survey.brokers.push(Answers { heard: true, ..Answers::of("second.csirt.example".parse().unwrap()) });
        let result = Ok(Receipt::Surveyed(survey.into()));
        window.tell(vec![Event::Done { request: *request, result }]);
    }
    assert!(window.shows("second.csirt.example"), "{:?}", window.texts());
    window.pictures("activity-radar-brokers");
    let mut empty = Window::connected(false);
    empty.run(Message::Go(Place::Tab(Tab::Activity)));
    empty.pictures("activity-empty");
}
