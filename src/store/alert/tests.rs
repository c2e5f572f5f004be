//! What rules speak of, when, and how little.

use std::sync::Arc;

use super::*;
use crate::i18n::Catalog;
use crate::model::{ItemId, Restriction, Summary};
use crate::store::{Incoming, ItemKey, Memory, Payload};

const UTC: Zone<'_> = &|at| at.naive_utc();

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn noon() -> DateTime<Utc> {
    at("2026-11-21T12:00:00Z")
}

/// Berlin's clock as it was in 2026: forward on 29 March at 1 UTC, back on 25 October at 1 UTC.
fn berlin(of: DateTime<Utc>) -> NaiveDateTime {
    let summer = of >= at("2026-03-29T01:00:00Z") && of < at("2026-10-25T01:00:00Z");
    of.naive_utc() + TimeDelta::hours(if summer { 2 } else { 1 })
}

fn incoming(item: &str, topic: &str, restriction: Restriction, when: DateTime<Utc>, route: Route) -> Incoming {
    let mut summary = Summary::of_kind(Kind::Iodef2);
    (summary.title, summary.csirt, summary.id) =
        (format!("secret {item}"), "csirt.example".to_owned(), item.to_owned());
    (summary.severity, summary.restriction, summary.strictest) = (Severity::High, restriction.clone(), restriction);
    summary.generated = Some(crate::model::Stamp { at: when, zoned: true, text: String::new() });
    Incoming {
        key: ItemKey {
            topic: TopicId { broker: "broker.grid.example".parse().unwrap(), node: topic.to_owned() },
            item: ItemId(item.to_owned()),
        },
        payload: Some(Payload { bytes: Arc::from(item.as_bytes()), scope: Arc::from([]) }),
        summary,
        observables: Vec::new(),
        route,
        publisher: Some("them@grid.example/x".to_owned()),
        received: when,
        delayed: None,
        history: route == Route::Fetched,
    }
}

struct Desk {
    store: Memory,
    finder: Finder,
    alerts: Alerts,
}

impl Desk {
    fn new(rules: Vec<Rule>) -> Self {
        let finder = Finder::new(Some("me@grid.example".parse().unwrap()), 0);
        Self { store: Memory::default(), finder, alerts: Alerts::new(rules, 0) }
    }

    fn store(&mut self, batch: Vec<Incoming>, now: DateTime<Utc>) {
        let _ = self.store.commit(batch).unwrap();
        let _ = self.finder.take(&self.store, &[], now, &Stop::default()).unwrap();
    }

    fn come(&mut self, batch: Vec<Incoming>, now: DateTime<Utc>) -> Vec<Notice> {
        self.store(batch, now);
        self.alerts.arrived(&self.finder, &self.store, now, UTC, &Stop::default()).unwrap()
    }
}

fn rule(filter: &str) -> Rule {
    Rule::new("urgent", filter.parse().unwrap(), noon())
}

fn live(item: &str, restriction: Restriction, when: DateTime<Utc>) -> Incoming {
    incoming(item, "MILEHost", restriction, when, Route::Live)
}

#[test]
fn hours_go_over_midnight_and_over_the_change_of_clocks() {
    let night = Quiet::read("22:00-07:00").unwrap();
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    for (clock, quiet) in
        [("21:59", false), ("22:00", true), ("23:59", true), ("00:00", true), ("06:59", true), ("07:00", false)]
    {
        assert_eq!(night.holds(time(clock)), quiet, "{clock}");
    }
    assert!(Quiet::read("09:00-17:30").is_ok_and(|day| day.holds(time("12:00")) && !day.holds(time("17:30"))));
    assert_eq!(night.to_string().parse::<String>().as_deref(), Ok("22:00-07:00"));
    for wrong in ["", "22:00", "22-7", "25:00-07:00", "07:00-07:00", "22:00-07:00-x"] {
        assert_eq!(Quiet::read(wrong), Err(Problem::Quiet), "{wrong}");
    }
    // The night of the change: 02:30 does not exist in March and is there twice in October.
    let early = Quiet::read("02:15-02:45").unwrap();
    let quiet = |when: &str| early.holds(berlin(at(when)).time());
    assert!(!quiet("2026-03-29T00:59:59Z") && !quiet("2026-03-29T01:00:00Z"));
    assert!(quiet("2026-10-25T00:30:00Z") && quiet("2026-10-25T01:30:00Z"));
    assert!(!quiet("2026-10-25T00:50:00Z") && !quiet("2026-10-25T01:50:00Z"));
    assert_eq!(berlin(at("2026-03-29T05:00:00Z")).time(), time("07:00"));
}

#[test]
fn a_burst_is_one_notification_that_grows() {
    let mut desk = Desk::new(vec![rule("severity:high")]);
    let now = noon() + TimeDelta::seconds(1);
    let first = desk.come(vec![live("1", Restriction::Green, now)], now);
    assert_eq!(first.len(), 1);
    assert_eq!((first[0].pile.count, first[0].again), (1, false));
    for n in 2..500 {
        let when = now + TimeDelta::milliseconds(n * 10);
        assert!(desk.come(vec![live(&n.to_string(), Restriction::Green, when)], when).is_empty());
    }
    let grown = desk.alerts.tick(now + TimeDelta::seconds(10), UTC);
    assert_eq!(
        grown.iter().map(|notice| (notice.number, notice.again, notice.pile.count)).collect::<Vec<_>>(),
        [(first[0].number, true, 499)]
    );
    assert_eq!(grown[0].pile.one, None);
    assert!(!desk.alerts.waits() && desk.alerts.tick(now + TimeDelta::seconds(30), UTC).is_empty());
    let later = now + TimeDelta::minutes(6);
    let next = desk.come(vec![live("next", Restriction::Green, later)], later);
    assert_eq!((next[0].again, next[0].pile.count), (false, 1));
    assert_ne!(next[0].number, first[0].number);
}

/// More at once than is looked at one by one, of which some are no news: each other is counted all the same.
#[test]
fn of_a_flood_all_that_is_news_is_counted_and_nothing_else() {
    let mut desk = Desk::new(vec![rule("severity:high")]);
    let now = noon() + TimeDelta::seconds(1);
    let many = LOOKED as i64 + 700;
    let old = |n: i64| n % 1_000 == 0;
    let when = |n: i64| if old(n) { noon() - TimeDelta::hours(1) } else { now + TimeDelta::milliseconds(n) };
    let flood = (1..=many).map(|n| live(&n.to_string(), Restriction::Green, when(n))).collect();
    let told = desk.come(flood, now + TimeDelta::seconds(10));
    assert_eq!(i64::from(told[0].pile.count), many - many / 1_000);
}

#[test]
fn above_green_only_the_topic_and_the_count_are_said() {
    for (restriction, mild) in [
        (Restriction::Public, true),
        (Restriction::Green, true),
        (Restriction::Amber, false),
        (Restriction::NeedToKnow, false),
        (Restriction::Absent, false),
        (Restriction::Agreed, false),
        (Restriction::Other("x".to_owned()), false),
    ] {
        let mut desk = Desk::new(vec![rule("severity:high")]);
        let now = noon() + TimeDelta::seconds(1);
        let notice = desk.come(vec![live("ID-1", restriction.clone(), now)], now).remove(0);
        assert_eq!(notice.pile.one.is_some(), mild, "{restriction:?}");
        assert_eq!(notice.pile.severities.is_empty(), !mild);
        assert_eq!(notice.pile.topics.values().sum::<u32>(), 1);
        assert!(!format!("{notice:?}").contains("secret"), "a title crossed over");
        assert_eq!(format!("{notice:?}").contains("ID-1"), mild);
    }
    // Something strict inside counts as the whole.
    let mut desk = Desk::new(vec![rule("severity:high")]);
    let now = noon() + TimeDelta::seconds(1);
    let mut inside = live("ID-2", Restriction::Green, now);
    inside.summary.strictest = Restriction::Red;
    assert_eq!(desk.come(vec![inside], now)[0].pile.one, None);
}

#[test]
fn nothing_is_said_in_quiet_hours_and_one_thing_after_them() {
    let mut own = rule("severity:high");
    own.quiet = Some(Quiet::read("22:00-07:00").unwrap());
    let mut desk = Desk::new(vec![own]);
    let night = at("2026-11-21T23:00:00Z");
    for n in 0..20 {
        let when = night + TimeDelta::minutes(n * 10);
        assert!(desk.come(vec![live(&n.to_string(), Restriction::Green, when)], when).is_empty());
    }
    assert!(desk.alerts.waits());
    // The machine starts anew in the night: what was held back is found again.
    let (rules, place) = (desk.alerts.rules().cloned().collect(), desk.alerts.place());
    desk.alerts = Alerts::new(rules, place);
    assert!(desk.come(Vec::new(), at("2026-11-22T03:00:00Z")).is_empty());
    assert!(desk.alerts.tick(at("2026-11-22T06:59:59Z"), UTC).is_empty());
    let morning = desk.alerts.tick(at("2026-11-22T07:00:00Z"), UTC);
    assert_eq!(morning.iter().map(|notice| notice.pile.count).collect::<Vec<_>>(), [20]);
    // Once it was told it is not.
    assert_eq!(desk.alerts.place(), desk.store.len());
    assert!(desk.alerts.tick(at("2026-11-22T08:00:00Z"), UTC).is_empty());
}

#[test]
fn no_more_than_so_many_in_an_hour_and_the_rest_with_the_next() {
    let mut own = rule("severity:high");
    own.cap = 2;
    let mut desk = Desk::new(vec![own]);
    let mut said = Vec::new();
    for n in 0..12 {
        let when = noon() + TimeDelta::minutes(1 + n * 6);
        said.extend(desk.come(vec![live(&n.to_string(), Restriction::Green, when)], when));
    }
    let counts: Vec<(bool, u32)> = said.iter().map(|notice| (notice.again, notice.pile.count)).collect();
    assert_eq!(counts, [(false, 1), (false, 1), (false, 9), (false, 1)]);
}

#[test]
fn history_my_own_and_what_is_hidden_are_no_news() {
    let now = noon() + TimeDelta::hours(48);
    let fetched = |item: &str, when| incoming(item, "MILEHost", Restriction::Green, when, Route::Fetched);
    let mut desk = Desk::new(vec![rule("severity:high")]);
    let mut of = |incoming: Incoming| {
        desk.come(vec![incoming], now + TimeDelta::hours(1)).iter().map(|n| n.pile.count).sum::<u32>()
    };
    assert_eq!(of(fetched("older than the rule", noon() - TimeDelta::hours(1))), 0);
    assert_eq!(of(fetched("of a topic's first reading", now - TimeDelta::hours(3))), 0);
    let mut mine = live("mine", Restriction::Green, now);
    mine.publisher = Some("me@grid.example/here".to_owned());
    assert_eq!(of(mine), 0);
    assert_eq!(of(live("milder", Restriction::Green, now)), 1);
    // What was published while we were away is news.
    let mut desk = Desk::new(vec![rule("severity:high")]);
    let missed = |item: &str, hours| {
        let one = fetched(item, now - TimeDelta::hours(hours));
        Incoming { history: false, received: now, ..one }
    };
    assert_eq!(desk.come(vec![missed("missed", 3)], now).len(), 1);
    // However long that was; and what was written before there was the rule came after it.
    for hours in [30, 60] {
        let mut desk = Desk::new(vec![rule("severity:high")]);
        assert_eq!(desk.come(vec![missed("missed for long", hours)], now).len(), 1, "{hours}");
    }
    // Muted.
    let mut desk = Desk::new(vec![rule("severity:high")]);
    let mute =
        crate::store::views::Mute::new("topic:MILEHost".parse().unwrap(), now + TimeDelta::days(1), now).unwrap();
    let _ = desk
        .finder
        .ask(crate::store::finder::Job::Act(vec![crate::store::acts::Change::Mute { rule: mute, on: true }], "muted"));
    assert!(desk.come(vec![live("muted", Restriction::Green, now)], now).is_empty());
}

#[test]
fn what_was_told_is_not_told_again_after_a_restart() {
    let now = noon() + TimeDelta::seconds(1);
    let mut desk = Desk::new(vec![rule("severity:high")]);
    assert_eq!(desk.come(vec![live("1", Restriction::Green, now)], now).len(), 1);
    let local: &dyn Local = &desk.store;
    let rules: Vec<Rule> = desk.alerts.rules().cloned().collect();
    keep(local, &[], &rules).unwrap();
    keep_place(local, desk.alerts.place()).unwrap();
    let (kept_rules, place, problems) = kept(local).unwrap();
    assert_eq!((&kept_rules, place, problems), (&rules, Some(1), vec![]));
    // One more came, and the program went before it was looked at.
    desk.store(vec![live("2", Restriction::Green, now)], now);
    desk.alerts = Alerts::new(kept_rules, place.unwrap());
    let told = desk.come(Vec::new(), now + TimeDelta::minutes(1));
    assert_eq!(told[0].pile.one.as_ref().unwrap().id, "2");
}

#[test]
fn a_rule_follows_its_view_and_outlives_it() {
    let mut own = rule("severity:high");
    let mut views = Views::default();
    let view = |filter: &str| views::View::new("urgent", filter.parse().unwrap()).unwrap();
    assert!(!own.follow(&views, noon()));
    views.add(view("severity:high")).unwrap();
    let later = noon() + TimeDelta::hours(1);
    assert!(own.follow(&views, later));
    assert_eq!(own, rule("severity:high"));
    views.replace(0, view("severity:low")).unwrap();
    assert!(own.follow(&views, later));
    assert_eq!((own.query.to_string().as_str(), own.since), ("severity:low", later));
    let mut rules = vec![own.clone()];
    assert_eq!(add(&mut rules, own), Err(Problem::Taken));
    let named = |n: usize| Rule::new(&n.to_string(), Query::default(), noon());
    (1..RULES).for_each(|n| add(&mut rules, named(n)).unwrap());
    assert_eq!(add(&mut rules, named(RULES)), Err(Problem::TooMany));
}

#[test]
fn texts_that_are_no_rules_are_said_and_kept() {
    let store = Memory::default();
    let local: &dyn Local = &store;
    let later = ("later".to_owned(), "filter = \"gridwatch-filter/9 x\"\ncap = 1\non = true\nsince = \"x\"".to_owned());
    local.keep(Shelf::Alerts, &[], std::slice::from_ref(&later)).unwrap();
    let (rules, place, problems) = kept(local).unwrap();
    assert!(rules.is_empty() && place.is_none());
    assert_eq!(problems.len(), 1);
    keep(local, &rules, &[rule("is:unread")]).unwrap();
    assert_eq!(kept(local).unwrap().2.len(), 1, "it stays where it is");
    let all = [Problem::Quiet, Problem::Cap, Problem::Taken, Problem::TooMany, problems[0].clone()];
    assert!(all.iter().all(|problem| Catalog::default().has(problem.say().key)));
    assert!(["0", "61", "-1", "x", ""].iter().all(|typed| cap(typed) == Err(Problem::Cap)));
    assert_eq!(cap(" 6 "), Ok(6));
}

#[test]
fn a_preview_counts_what_would_have_been_said() {
    let mut own = rule("severity:high");
    let mut desk = Desk::new(Vec::new());
    // Three bursts: one last week, one yesterday of two hundred, one in the night.
    let mut batch = vec![live("old", Restriction::Green, noon() - TimeDelta::days(8))];
    for n in 0..200 {
        let when = noon() - TimeDelta::days(1) + TimeDelta::seconds(n);
        batch.push(live(&format!("burst {n}"), Restriction::Green, when));
    }
    batch.push(live("night", Restriction::Green, at("2026-11-20T03:00:00Z")));
    desk.store(batch, noon());
    let see = |own: &Rule| preview(own, &desk.finder, noon(), UTC, &Stop::default()).unwrap();
    assert_eq!(see(&own), Preview { notifications: 2, incidents: 201, moves: false });
    own.quiet = Some(Quiet::read("22:00-07:00").unwrap());
    assert_eq!(see(&own).notifications, 2, "the one of the night is told in the morning");
    own.quiet = Some(Quiet::read("13:00-12:30").unwrap());
    assert_eq!(see(&own).notifications, 1, "half an hour a day: all of it at once");
    let moving = Rule { query: "since:24h".parse().unwrap(), ..own };
    assert!(see(&moving).moves);
}
