//! What was published while the console was away is here afterwards, or told as a possible gap (`engine.md` §7).

use std::time::Duration;

use chrono::Utc;
use gridwatch::engine::{Command, Connection, Options, Receipt, Sweeps};
use gridwatch::model::coverage::{Cause, Gap, Proof, Standing as Stands};
use gridwatch::store::activity::{By, How, Kind};
use gridwatch::store::acts::Mark;
use gridwatch::store::index::Bitmap;
use gridwatch::store::{Route, Row, Standing, Store};

use super::{refusal, report, settle};
use crate::support::broker::{BROKER, CUT, Grid, event, item, topic};
use crate::support::console::Console;
use crate::support::controller::{Fault, PASSWORD};

type Items = Vec<(String, String)>;

fn numbered(range: std::ops::Range<usize>) -> Items {
    range.map(|number| (format!("s{number}"), format!("<a xmlns='urn:example'>{number}</a>"))).collect()
}

/// Subscribed to `feed`, level, with these items stored.
fn level_with(options: Options, sessions: usize, items: Items) -> (Console, Grid) {
    let mut console = Console::start(options);
    let grid = Grid::start(&console, &vec![Fault::None; sessions], PASSWORD, true);
    let count = items.len();
    grid.change(|world| {
        world.page = Some(60);
        world.nodes = vec!["feed".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        let _ = world.items.insert("feed".to_owned(), items);
    });
    console.connect(grid.login.clone());
    let _ = console.until_rows(count);
    let gaps = console.until_level(&topic("feed"));
    assert!(gaps.is_empty(), "what was before the first session is nobody's claim: {gaps:?}");
    console.until("the walk and the first look", |console| {
        let looked = console.topic(&topic("feed"))?.keeping.pages.is_some();
        (console.complete && looked).then_some(())
    });
    (console, grid)
}

fn level(sessions: usize, items: Items) -> (Console, Grid) {
    level_with(Options::default(), sessions, items)
}

/// Cuts the session, changes the world while nobody is there, and comes back.
fn away(console: &mut Console, grid: &Grid, session: usize, change: impl FnOnce(&mut crate::support::broker::World)) {
    grid.say_in(session, CUT);
    console.until("the loss", |console| matches!(console.connection, Connection::Waiting { .. }).then_some(()));
    let standing = console.covered(&topic("feed")).map(|coverage| coverage.standing);
    assert!(matches!(standing, Some(Stands::Away { .. } | Stands::Lost { .. } | Stands::Left { .. })), "{standing:?}");
    grid.change(change);
    console.send(Command::RetryNow);
    let _ = console.until_online();
}

fn set(items: Items) -> impl FnOnce(&mut crate::support::broker::World) {
    move |world| drop(world.items.insert("feed".to_owned(), items))
}

fn ids(console: &Console) -> Vec<String> {
    let mut ids: Vec<_> = console.rows().iter().map(|row| row.key.item.0.clone()).collect();
    ids.sort();
    ids
}

#[test]
fn a_thousand_missed_of_which_256_are_kept_are_a_gap() {
    let (mut console, grid) = level(2, numbered(0..100));
    let before = Utc::now();
    away(&mut console, &grid, 0, set(numbered(844..1_100)));
    let gaps = console.until_level(&topic("feed"));
    let [Gap { span, cause }] = gaps[..] else { panic!("{gaps:?}") };
    assert_eq!(cause, Cause::Dropped);
    assert!(span.from <= before && before <= span.until && span.until <= Utc::now(), "{span:?} {before}");
    let _ = console.until_notice("notice-gap");
    assert_eq!(console.until_rows(356).len(), 356, "what is left is here all the same");
}

/// The rows that count as read, of which nobody read any.
fn read_rows(console: &Console) -> Bitmap {
    let all = Bitmap::all(console.store.len());
    console.store.local().unwrap().marked(&all, &Mark::Read).unwrap()
}

#[test]
fn after_a_first_reading_that_broke_off_what_came_since_is_news_and_the_rest_is_not() {
    let mut console = Console::start(Options::default());
    let grid = Grid::start(&console, &[Fault::None; 2], PASSWORD, true);
    grid.change(|world| {
        world.page = Some(60);
        world.nodes = vec!["feed".to_owned()];
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        let _ = world.items.insert("feed".to_owned(), numbered(0..300));
        // After the newest page nothing is answered.
        world.instead = Some(("<items |<before>".to_owned(), String::new()));
    });
    console.connect(grid.login.clone());
    let _ = console.until_rows(4);
    away(&mut console, &grid, 0, |world| {
        world.instead = None;
        drop(world.items.insert("feed".to_owned(), numbered(0..310)));
    });
    let _ = console.until_level(&topic("feed"));
    let (rows, read) = (console.until_rows(310), read_rows(&console));
    let number = |row: &Row| row.key.item.0.strip_prefix('s').unwrap().parse::<usize>().unwrap();
    let (news, history): (Vec<_>, Vec<_>) = rows.iter().partition(|row| !read.contains(row.seq));
    assert!(history.len() >= 200 && history.iter().all(|row| number(row) < 300), "{}", history.len());
    assert_eq!(news.iter().filter(|row| number(row) >= 300).count(), 10);
}

/// The link went before the first page came, or the broker has no pages: then an item's own time tells what came since.
#[test]
fn after_a_first_reading_that_brought_nothing_only_what_came_since_is_news() {
    for (page, live) in [(Some(60), false), (None, false), (None, true)] {
        let mut console = Console::start(Options::default());
        let grid = Grid::start(&console, &[Fault::None; 2], PASSWORD, true);
        let made = |id: usize, at: chrono::DateTime<Utc>| {
            let report = report(&format!("s{id}"));
            (format!("s{id}"), report.replace("2026-11-21T16:00:00Z", &at.format("%Y-%m-%dT%H:%M:%SZ").to_string()))
        };
        let old = |id: usize| made(id, Utc::now() - chrono::TimeDelta::days(1));
        grid.change(|world| {
            world.page = page;
            world.nodes = vec!["feed".to_owned()];
            let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
            let _ = world.items.insert("feed".to_owned(), (0..200).map(old).collect());
            world.instead = Some(("<items ".to_owned(), String::new()));
        });
        console.connect(grid.login.clone());
        console.until("the first question", |_| (grid.heard("<items ") > 0).then_some(()));
        if live {
            let (id, report) = made(199, Utc::now());
            grid.say_in(0, event(BROKER, "feed", &item(&id, &report)));
            let _ = console.until_rows(1);
        }
        away(&mut console, &grid, 0, |world| {
            world.instead = None;
            let news = (200..210).map(|id| made(id, Utc::now() + chrono::TimeDelta::minutes(1)));
            world.items.get_mut("feed").unwrap().extend(news);
        });
        console.until("all of them", |console| (console.store.len() >= 210).then_some(()));
        let (rows, read) = (console.rows(), read_rows(&console));
        let number = |row: &Row| row.key.item.0.strip_prefix('s').unwrap().parse::<usize>().unwrap();
        for row in rows.iter().filter(|row| number(row) != 199) {
            assert_eq!(read.contains(row.seq), number(row) < 200, "{page:?} {live} {}", number(row));
        }
    }
}

#[test]
fn what_reaches_back_is_complete() {
    let (mut console, grid) = level(2, numbered(0..100));
    away(&mut console, &grid, 0, set(numbered(99..1_099)));
    assert!(console.until_level(&topic("feed")).is_empty());
    assert_eq!(console.until_rows(1_099).len(), 1_099);
    // What the topic stored before anybody read it here is no news. What came while nobody was there is.
    let read: Vec<u32> = read_rows(&console).iter().collect();
    assert_eq!(read, (0..100).collect::<Vec<_>>());
    let coverage = console.covered(&topic("feed")).unwrap();
    assert!(coverage.stretches.iter().any(|stretch| stretch.proof == Proof::Swept), "{coverage:?}");
}

/// The same grid; a live event goes over its second session.
fn grid_of(grid: &Grid) -> Grid {
    Grid { world: grid.world.clone(), login: grid.login.clone(), say: grid.say[1..].to_vec() }
}

#[test]
fn a_large_topic_is_read_only_back_to_what_is_known() {
    let (mut console, grid) = level(2, numbered(0..1_000));
    let asked = grid.heard("<items ");
    away(&mut console, &grid, 0, set(numbered(0..1_010)));
    assert!(console.until_level(&topic("feed")).is_empty());
    let pages = grid.heard("<items ") - asked;
    assert!(pages <= 6, "{pages} pages for ten new items of a thousand");
    assert_eq!(console.until_rows(1_010).len(), 1_010);
}

#[test]
fn a_second_break_before_the_proof_does_not_hide_the_first() {
    let (mut console, grid) = level(3, numbered(0..300));
    // The newest page comes, then the link breaks: what is behind it is still unknown.
    away(&mut console, &grid, 0, |world| {
        drop(world.items.insert("feed".to_owned(), numbered(0..900)));
        world.instead = Some(("<items |<before>".to_owned(), String::new()));
    });
    let _ = console.until_rows(304);
    grid.say_in(1, CUT);
    console.until("the loss", |console| matches!(console.connection, Connection::Waiting { .. }).then_some(()));
    grid.change(|world| world.instead = None);
    console.send(Command::RetryNow);
    assert!(console.until_level(&topic("feed")).is_empty());
    assert_eq!(console.until_rows(900).len(), 900);
}

#[test]
fn offline_last_item_and_fetch_are_one_row() {
    let (mut console, grid) = level(2, numbered(0..3));
    away(&mut console, &grid, 0, |world| {
        world.items.get_mut("feed").unwrap().push(("new".to_owned(), report("new")));
    });
    let delay = "<delay xmlns='urn:xmpp:delay' from='grid.example' stamp='1999-01-01T00:00:00Z'/>";
    let told = event(BROKER, "feed", &item("new", &report("new")));
    grid.say_in(1, told.replace("</message>", &format!("{delay}</message>")));
    grid.say_in(1, told);
    assert!(console.until_level(&topic("feed")).is_empty());
    settle(&mut console, &grid_of(&grid), "after");
    assert_eq!(ids(&console), ["after", "new", "s0", "s1", "s2"]);
}

#[test]
fn an_item_overwritten_while_away_is_a_new_version() {
    let (mut console, grid) = level(2, numbered(0..50));
    away(&mut console, &grid, 0, |world| {
        world.items.get_mut("feed").unwrap()[20].1 = "<a xmlns='urn:example'>other</a>".to_owned();
    });
    assert!(console.until_level(&topic("feed")).is_empty());
    let rows = console.until_rows(51);
    let versions: Vec<_> = rows.iter().filter(|row| row.key.item.0 == "s20").map(|r| (r.version, r.standing)).collect();
    assert_eq!(versions, [(1, Standing::Overwritten), (2, Standing::Current)]);
    assert!(!read_rows(&console).contains(50), "a change is news");
}

#[test]
fn what_the_broker_dropped_is_kept_and_said() {
    let (mut console, grid) = level(2, numbered(0..10));
    away(&mut console, &grid, 0, set(numbered(4..14)));
    assert!(console.until_level(&topic("feed")).is_empty());
    let absent = |console: &Console| {
        let rows = console.rows();
        rows.iter().filter(|row| matches!(row.standing, Standing::Absent(_))).map(|row| row.seq).collect::<Vec<_>>()
    };
    console.until("four marked", |console| (absent(console).len() == 4).then_some(()));
    assert_eq!(console.store.len(), 14);
    // It was there all along: the broker's list had been short.
    grid.change(set(numbered(3..14)));
    console.send(Command::RefreshTopics);
    console.until("one less", |console| (absent(console).len() == 3).then_some(()));
    assert_eq!(console.store.len(), 14);
}

/// What is being read may be past what the person knows of: it is read once more.
#[test]
fn a_topic_that_is_refreshed_while_it_is_read_is_read_again() {
    let (mut console, grid) = level(1, numbered(0..3));
    grid.change(|world| {
        world.heard.clear();
        world.once = Some(("<items ".to_owned(), " ".to_owned()));
    });
    console.send(Command::RefreshTopics);
    let asked = console.until("a reading", |_| {
        let world = grid.world.lock().unwrap();
        let asked = world.heard.iter().find(|heard| heard.contains("<items ")).cloned();
        asked.filter(|_| world.heard.iter().any(|heard| heard.contains("<subscriptions")))
    });
    let rights = grid.heard("<subscriptions");
    console.send(Command::RefreshTopics);
    console.until("the refresh", |_| (grid.heard("<subscriptions") > rights).then_some(()));
    grid.change(set(numbered(0..4)));
    let id = asked.split(" id='").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    let old: String = numbered(0..3).iter().map(|(id, payload)| item(id, payload)).collect();
    grid.say(format!(
        "<iq type='result' id='{id}' from='{BROKER}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
         <items node='feed'>{old}</items></pubsub></iq>"
    ));
    let rows = console.until_rows(4);
    assert_eq!(rows[3].route, Route::Fetched);
    assert!(console.until_level(&topic("feed")).is_empty());
}

#[test]
fn a_topic_made_anew_while_away_is_a_gap() {
    let (mut console, grid) = level(2, numbered(0..10));
    away(&mut console, &grid, 0, set(vec![("other".to_owned(), report("other"))]));
    let gaps = console.until_level(&topic("feed"));
    assert_eq!(gaps.iter().map(|gap| gap.cause).collect::<Vec<_>>(), [Cause::Removed], "fewer than it held before");
    assert_eq!(console.until_rows(11).len(), 11);
}

#[test]
fn a_topic_that_stores_nothing_is_a_gap_at_every_break() {
    let (mut console, grid) = level(3, Vec::new());
    settle(&mut console, &grid, "live");
    for session in 0..2 {
        let before = Utc::now();
        away(&mut console, &grid, session, |_| {});
        let gaps = console.until("the gap", |console| {
            let coverage = console.covered(&topic("feed"))?;
            coverage.gaps.last().is_some_and(|gap| gap.span.until > before).then(|| coverage.gaps.clone())
        });
        assert!(gaps.iter().all(|gap| gap.cause == Cause::Unstored), "{gaps:?}");
    }
}

/// Of a console that dies without a word the next one knows what was kept.
#[test]
fn that_a_session_stands_is_kept_while_it_does_and_nothing_happens() {
    let (beat, silence) = (Duration::from_millis(50), Duration::from_millis(300));
    let (mut console, grid) = level_with(Options { beat, silence, ..Options::default() }, 1, numbered(0..3));
    let begun = Utc::now();
    let kept = console.until("what is kept to move on", |console| {
        let record = console.store.coverage(&grid.login.jid).unwrap().into_iter().next()?;
        let Stands::Live { since } = record.coverage.standing else { return None };
        (since > begun).then_some((record, since))
    });
    let (record, since) = kept;
    assert_eq!(record.anchor, 3);
    let last = record.coverage.stretches.last().unwrap();
    assert_eq!((last.proof, last.span.until), (Proof::Live, since));
    // Nobody is told of it: this run knows more.
    let told = console.covered(&topic("feed")).unwrap();
    assert!(matches!(told.standing, Stands::Live { since } if since <= begun), "{told:?}");
}

#[test]
fn a_lost_subscription_is_said_and_not_taken_back_by_itself() {
    let (mut console, grid) = level(3, numbered(0..3));
    away(&mut console, &grid, 0, |world| drop(world.subscriptions.remove("feed")));
    let _ = console.until_notice("notice-subscription-ended");
    let lost = console.until("the loss", |console| {
        let standing = console.covered(&topic("feed"))?.standing;
        matches!(standing, Stands::Lost { .. }).then_some(standing)
    });
    assert!(matches!(lost, Stands::Lost { cause: Cause::Unsubscribed, .. }), "{lost:?}");
    away(&mut console, &grid, 1, |_| {});
    console.until("the walk", |console| console.complete.then_some(()));
    assert_eq!(grid.heard("<subscribe "), 0);
    let told = console.notices.iter().filter(|say| say.key == "notice-subscription-ended").count();
    assert_eq!(told, 1, "said once");
    // Subscribed again: what the broker still has reaches back to before.
    grid.change(|world| {
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        drop(world.items.insert("feed".to_owned(), numbered(0..9)));
    });
    assert!(matches!(console.subscribe(&topic("feed")), Ok(Receipt::Subscribed)));
    assert!(console.until_level(&topic("feed")).is_empty());
    assert_eq!(console.until_rows(9).len(), 9);
}

#[test]
fn subscribed_again_too_late_the_time_between_is_a_gap() {
    let (mut console, grid) = level(2, numbered(0..3));
    away(&mut console, &grid, 0, |world| {
        let _ = world.subscriptions.remove("feed");
        drop(world.items.insert("feed".to_owned(), numbered(40..60)));
    });
    let _ = console.until_notice("notice-subscription-ended");
    grid.change(|world| drop(world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned())));
    assert!(matches!(console.subscribe(&topic("feed")), Ok(Receipt::Subscribed)));
    let gaps = console.until_level(&topic("feed"));
    assert_eq!(gaps.iter().map(|gap| gap.cause).collect::<Vec<_>>(), [Cause::Unsubscribed]);
}

#[test]
fn old_sessions_of_this_console_are_unsubscribed_and_nobody_elses() {
    let mut console = Console::start(Options::default());
    let grid = Grid::honest(&console);
    let one = |jid: &str, subid: &str| {
        format!("<subscription node='feed' jid='{jid}' subid='{subid}' subscription='subscribed'/>")
    };
    let list = [
        one("analyst@grid.example", "mine"),
        one("analyst@grid.example/desk", "old"),
        one("analyst@grid.example/laptop", "other"),
        one("mallory@grid.example", "foreign"),
    ];
    let answer = format!(
        "<iq type='result' id='{{id}}' from='{{to}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><subscriptions>{}\
         </subscriptions></pubsub></iq>",
        list.concat()
    );
    grid.change(|world| {
        world.nodes = vec!["feed".to_owned()];
        world.instead = Some(("<subscriptions".to_owned(), answer));
    });
    console.connect(grid.login.clone());
    let _ = console.until_notice("notice-ghost");
    console.until("the end of it", |_| (grid.heard("<unsubscribe ") > 0).then_some(()));
    settle(&mut console, &grid, "live");
    assert_eq!(grid.heard("<unsubscribe node='feed' jid='analyst@grid.example/desk' subid='old'/>"), 1);
    assert_eq!(grid.heard("<unsubscribe "), 1);
    // Nobody's hand did it, and it was written down before it was done.
    let acts = super::acts(&console, Kind::Unsubscribe);
    assert_eq!(acts.iter().map(|act| (act.by, act.how)).next(), Some((By::Rule, How::Begun)), "{acts:?}");
    assert_eq!((acts[0].subject.as_str(), acts[0].words.as_str()), ("analyst@grid.example/desk", "ghost"));
    console.until("its outcome", |console| (super::acts(console, Kind::Unsubscribe).len() == 2).then_some(()));
}

#[test]
fn what_was_never_delivered_is_found_by_the_next_look_and_said() {
    let sweeps = Sweeps { check: Duration::from_millis(300), ..Sweeps::default() };
    let (mut console, grid) = level_with(Options { sweeps, ..Options::default() }, 1, numbered(0..20));
    let fetched = grid.heard("<items ");
    let named = grid.heard("disco#items' node='feed'");
    console.until("two looks", |_| (grid.heard("disco#items' node='feed'") >= named + 2).then_some(()));
    assert_eq!(grid.heard("<items "), fetched, "where all names are known no payload is fetched");
    grid.change(set(numbered(0..22)));
    let say = console.until_notice("notice-undelivered");
    assert!(say.args.contains(&("count", "2".to_owned())), "{say:?}");
    let rows = console.until_rows(22);
    assert!(rows[20..].iter().all(|row| row.route == Route::Fetched));
    assert!(rows[20..].iter().all(|row| !read_rows(&console).contains(row.seq)), "nobody has seen them");
    assert!(console.until_level(&topic("feed")).is_empty());
}

#[test]
fn a_broker_without_pages_is_read_whole() {
    let (mut console, grid) = level(2, numbered(0..30));
    away(&mut console, &grid, 0, |world| {
        world.page = None;
        drop(world.items.insert("feed".to_owned(), numbered(10..256)));
    });
    let asked = grid.heard("<items ");
    assert!(console.until_level(&topic("feed")).is_empty());
    assert_eq!(console.until_rows(256).len(), 256);
    assert!(grid.heard("<items ") <= asked + 1);
    let keeping = console.until("what it showed", |console| {
        let keeping = console.topic(&topic("feed"))?.keeping.clone();
        (keeping.pages == Some(false)).then_some(keeping)
    });
    assert_eq!((keeping.bare, keeping.named), (Some(true), Some(true)));
}

#[test]
fn pages_that_go_in_a_circle_end_and_prove_nothing() {
    let (mut console, grid) = level(2, numbered(0..30));
    let page = |ids: &[usize]| {
        let items: String = ids.iter().map(|n| item(&format!("c{n}"), "<a xmlns='urn:example'/>")).collect();
        let (first, last) = (ids[0], ids[ids.len() - 1]);
        format!(
            "<iq type='result' id='{{id}}' from='{{to}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
             <items node='feed'>{items}</items><set xmlns='http://jabber.org/protocol/rsm'><first index='7'>c{first}\
             </first><last>c{last}</last><count>99999999</count></set></pubsub></iq>"
        )
    };
    away(&mut console, &grid, 0, |world| world.instead = Some(("<items ".to_owned(), page(&[1, 2, 3]))));
    let asked = grid.heard("<items ");
    let gaps = console.until_level(&topic("feed"));
    assert_eq!(gaps.iter().map(|gap| gap.cause).collect::<Vec<_>>(), [Cause::Cut]);
    assert!(grid.heard("<items ") <= asked + 3);
    assert_eq!(console.until_rows(33).len(), 33);
}

/// A broker with an archive of its topics (XEP-0313): what the topic dropped is fetched from there, and the stretch is shown.
#[test]
fn an_archive_shows_what_the_topic_has_dropped() {
    let (mut console, grid) = level(2, numbered(0..100));
    let forged = |from: &str, query: &str| {
        let inside = event(BROKER, "feed", &item("evil", &report("evil")));
        format!(
            "<message from='{from}' to='analyst@grid.example'><result xmlns='urn:xmpp:mam:2' queryid='{query}' id='1'>\
             <forwarded xmlns='urn:xmpp:forward:0'>{}</forwarded></result></message>",
            inside.replace("<message ", "<message xmlns='jabber:client' ")
        )
    };
    away(&mut console, &grid, 0, |world| {
        let _ = world.archive.insert("feed".to_owned(), numbered(0..1_000));
        drop(world.items.insert("feed".to_owned(), numbered(900..1_000)));
        world.before = Some(("queryid=".to_owned(), forged("mallory@grid.example/x", "q") + &forged(BROKER, "other")));
    });
    let gaps = console.until_level(&topic("feed"));
    assert!(gaps.is_empty(), "{gaps:?}");
    assert_eq!(console.until_rows(1_000).len(), 1_000, "each once, and nothing forged");
    let coverage = console.covered(&topic("feed")).unwrap();
    assert!(coverage.stretches.iter().any(|stretch| stretch.proof == Proof::Archived), "{coverage:?}");
}

#[test]
fn an_archive_that_does_not_reach_back_shows_nothing() {
    let (mut console, grid) = level(2, numbered(0..100));
    away(&mut console, &grid, 0, |world| {
        let _ = world.archive.insert("feed".to_owned(), numbered(800..1_000));
        drop(world.items.insert("feed".to_owned(), numbered(900..1_000)));
    });
    let gaps = console.until_level(&topic("feed"));
    assert_eq!(gaps.iter().map(|gap| gap.cause).collect::<Vec<_>>(), [Cause::Dropped]);
    assert_eq!(console.until_rows(300).len(), 300, "what it has is here all the same");
}

#[test]
fn no_stamp_of_another_makes_a_gap_smaller() {
    let (mut console, grid) = level(2, numbered(0..100));
    let before = Utc::now();
    away(&mut console, &grid, 0, set(numbered(500..756)));
    let stamp = |at: &str| {
        let delay = format!("<delay xmlns='urn:xmpp:delay' from='{BROKER}' stamp='{at}'/>");
        event(BROKER, "feed", &item(at, &report(at))).replace("</message>", &format!("{delay}</message>"))
    };
    for at in ["1970-01-01T00:00:00Z", "2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"] {
        grid.say_in(1, stamp(at));
    }
    let gaps = console.until_level(&topic("feed"));
    assert_eq!(gaps.len(), 1);
    assert!(gaps[0].span.from <= before && gaps[0].span.until >= before && gaps[0].span.until <= Utc::now());
}

#[test]
fn a_refused_look_is_a_gap_and_a_passing_trouble_is_none() {
    let (mut console, grid) = level(3, numbered(0..5));
    away(&mut console, &grid, 0, |world| {
        world.instead = Some(("<items ".to_owned(), refusal("internal-server-error")));
    });
    let _ = console.until_notice("notice-fetch-trouble");
    assert!(matches!(console.covered(&topic("feed")).unwrap().standing, Stands::Proving { .. }));
    grid.change(|world| world.instead = None);
    assert!(console.until_level(&topic("feed")).is_empty());
    away(&mut console, &grid, 1, |world| world.instead = Some(("<items ".to_owned(), refusal("forbidden"))));
    let gaps = console.until_level(&topic("feed"));
    assert_eq!(gaps.iter().map(|gap| gap.cause).collect::<Vec<_>>(), [Cause::Refused]);
}

#[test]
fn the_next_engine_over_the_same_store_begins_where_the_last_one_ended() {
    let (mut console, grid) = level(1, numbered(0..10));
    console.send(Command::Quit);
    console.until_end();
    let store = console.store.clone();
    drop(grid);
    let mut console = Console::over(store.clone(), store, Options::default());
    let grid = Grid::honest(&console);
    grid.change(|world| {
        let _ = world.subscriptions.insert("feed".to_owned(), "subscribed".to_owned());
        let _ = world.items.insert("feed".to_owned(), numbered(400..500));
    });
    console.connect(grid.login.clone());
    let gaps = console.until_level(&topic("feed"));
    assert_eq!(gaps.len(), 1, "what came between the two runs is not known");
}
