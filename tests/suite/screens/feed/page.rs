//! The first page of a filter's answer: shown before the whole is known, and nothing one looks at moves when that comes.

use gridwatch::model::{ItemId, Kind, Severity, Summary};
use gridwatch::store::acts::{Change, Slot};
use gridwatch::store::finder::{FIRST, Job, Wanted};
use gridwatch::store::index::order::By;
use gridwatch::store::index::{Bitmap, Sort};
use gridwatch::store::{Incoming, ItemKey, Payload, Route};

use super::*;
use crate::screens::{online, topic_id};

const ROWS: i64 = 20_000;

/// So many, some of them late.
fn items(now: chrono::DateTime<chrono::Utc>, rows: i64) -> Vec<Incoming> {
    let item = |number: i64| {
        let mut summary = Summary::of_kind(Kind::Iodef2);
        summary.title = format!("case-{number} {}", if number % 3 == 0 { "phishing" } else { "malware" });
        if number < 5_000 {
            summary.title.push_str(" older");
        }
        summary.severity = [Severity::Low, Severity::Medium, Severity::High][(number / 7 % 3) as usize];
        let late = if number % 17 == 0 { 40_000 } else { 0 };
        let at = now - TimeDelta::seconds(20 * (rows - number) + late);
        Incoming {
            key: ItemKey { topic: topic_id("MILEHost"), item: ItemId(number.to_string()) },
            payload: Some(Payload { bytes: number.to_string().into_bytes().into(), scope: Arc::new([]) }),
            summary,
            observables: Vec::new(),
            route: Route::Fetched,
            publisher: None,
            received: at,
            delayed: None,
            history: true,
        }
    };
    (0..rows).map(item).collect()
}

/// More rows than one chunk of the index holds.
fn large() -> Reader {
    of(ROWS)
}

fn of(rows: i64) -> Reader {
    let mut desk = Desk::empty();
    desk.connection = online();
    let _ = desk.store.commit(items(desk.now, rows)).unwrap();
    let mut reader = Reader::new(desk);
    let _ = reader.act(&[]);
    reader
}

/// What the tasks of an action say, and whether anything else is asked of the window.
pub(super) fn said(action: Action<Message>) -> (Vec<Message>, bool) {
    match action {
        Action::Many(all) => all.into_iter().map(said).fold((Vec::new(), false), |mut both, own| {
            both.0.extend(own.0);
            (both.0, both.1 || own.1)
        }),
        Action::Run(task) => {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let Some(mut stream) = iced_test::runtime::task::into_stream(task) else { return (Vec::new(), false) };
            let (mut messages, mut other) = (Vec::new(), false);
            while let Some(action) = runtime.block_on(stream.next()) {
                match action {
                    iced_test::runtime::Action::Output(message) => messages.push(message),
                    _ => other = true,
                }
            }
            (messages, other)
        }
        _ => (Vec::new(), false),
    }
}

impl Reader {
    /// Says it, and one step of what it sets going; gives the rest of that.
    fn begin(&mut self, message: Message) -> Action<Message> {
        let action = self.feed.update(message, &self.desk.cx());
        self.next(action)
    }

    /// One search of what goes on.
    fn next(&mut self, action: Action<Message>) -> Action<Message> {
        let messages = said(action).0;
        let more: Vec<_> = messages.into_iter().map(|message| self.feed.update(message, &self.desk.cx())).collect();
        let _ = self.act(&[]);
        Action::Many(more)
    }

    fn is_begun(&mut self) -> bool {
        self.shows("the first 120, counting the rest")
    }

    /// The rows in sight, each with its place.
    fn sight(&mut self) -> Vec<(String, i32)> {
        let texts = self.stage.texts(self.feed.view(&self.desk.cx())).into_iter();
        let rows = texts.filter(|(text, _)| text.starts_with("case-"));
        rows.map(|(text, bounds)| (text, bounds.y as i32)).collect()
    }

    fn titles(&self, filter: &str, sort: Sort) -> Vec<String> {
        let wanted = Wanted { query: filter.parse().unwrap(), sort, ..Wanted::default() };
        let found = self.desk.finder.find(&wanted, self.desk.now, &Stop::default()).unwrap();
        found.rows.iter().map(|row| self.desk.store.row(*row).unwrap().summary.title.clone()).collect()
    }
}

#[test]
fn the_first_page_shows_and_nothing_moves_when_the_whole_comes() {
    let mut reader = large();
    for (message, filter, sort, whole) in [
        (Message::Filter("phishing".to_owned()), "phishing", Sort::default(), "6,667 of 20,000"),
        (Message::Goto("mal*".to_owned()), "mal*", Sort::default(), "13,333 of 20,000"),
        (Message::Sort(By::Severity), "mal*", Sort { by: By::Severity, descending: true }, "13,333 of 20,000"),
    ] {
        let rest = reader.begin(message);
        assert!(reader.is_begun(), "{filter}: {:?}", reader.texts());
        let page = reader.sight();
        let expected = reader.titles(filter, sort);
        assert!(
            page.len() > 10 && page.iter().map(|(title, _)| title).eq(expected.iter().take(page.len())),
            "{page:?}"
        );
        let after = reader.next(rest);
        assert!(reader.shows(whole) && !reader.is_begun(), "{:?}", reader.texts());
        assert_eq!(reader.sight(), page, "{filter}");
        assert!(said(after).0.is_empty());
    }
}

/// An order for which each row is read: so long the list stays as it was and says what goes on.
#[test]
fn more_rows_than_are_read_one_by_one_are_ordered_by_their_titles() {
    const MANY: i64 = 20_600;
    let mut reader = of(MANY);
    let shelf = Arc::new(gridwatch::store::Memory::default());
    let _ = shelf.commit(items(reader.desk.now, MANY)).unwrap();
    reader.desk.finder = Arc::new(Finder::new(None, shelf.len()).asking(shelf));
    reader.take(&[]);
    let before = reader.sight();
    let ordering = reader.feed.update(Message::Sort(By::Title), &reader.desk.cx());
    assert!(reader.shows("Ordering: each incident is read"), "{:?}", reader.texts());
    assert_eq!(reader.sight(), before);
    // One may go back meanwhile.
    let _ = reader.say(Message::Sort(By::At));
    assert!(!reader.shows("Ordering"));
    assert!(said(ordering).0.into_iter().all(|message| reader.say(message).is_empty()));
    let _ = reader.say(Message::Sort(By::Title));
    let _ = reader.act(&[]);
    let (page, mut all) = (reader.sight(), reader.titles("", Sort::default()));
    all.sort();
    assert!(page.len() > 10 && page.iter().map(|(title, _)| title).eq(all.iter().take(page.len())), "{page:?}");
    assert!(!reader.shows("Ordering") && reader.shows("20,600 of 20,600"), "{:?}", reader.texts());
}

#[test]
fn what_one_looks_at_stays_where_a_page_would_lose_it() {
    let mut reader = large();
    let _ = reader.say(Message::Select(3_000));
    let _ = reader.act(&[]);
    let chosen = reader.feed.selected().unwrap();
    let title = reader.desk.store.row(chosen).unwrap().summary.title.clone();
    let word = title.split(' ').nth(1).unwrap().to_owned();
    // It is far below in the answer: the list waits for the whole.
    let rest = reader.begin(Message::Filter(word));
    assert!(!reader.is_begun() && reader.shows(" of 20,000"), "{:?}", reader.texts());
    let is_seen = |reader: &mut Reader| reader.sight().iter().any(|(own, _)| *own == title);
    assert!(is_seen(&mut reader) && reader.feed.selected() == Some(chosen));
    assert!(said(rest).0.is_empty());
    // Among the first rows it shows with them, and stays chosen when all are there.
    let _ = reader.say(Message::ClearFilter);
    let _ = reader.say(Message::Select(4));
    let _ = reader.act(&[]);
    let chosen = reader.feed.selected().unwrap();
    let title = reader.desk.store.row(chosen).unwrap().summary.title.clone();
    let word = title.split(' ').nth(1).unwrap().to_owned();
    let rest = reader.begin(Message::Filter(word));
    assert!(reader.is_begun(), "{:?}", reader.texts());
    let page = reader.sight();
    assert!(page.iter().any(|(own, _)| *own == title));
    let _ = reader.next(rest);
    assert_eq!((reader.sight(), reader.feed.selected()), (page, Some(chosen)));
}

#[test]
fn where_nothing_of_it_is_left_the_list_begins_at_its_beginning() {
    let mut reader = large();
    let over = reader.stage.point(300.0, 400.0);
    let _ = reader.act(&[over, wheel(200.0)]);
    assert!(!reader.sight().iter().any(|(title, _)| title.contains("older")));
    let action = reader.feed.update(Message::Filter("older".to_owned()), &reader.desk.cx());
    let (messages, _) = said(action);
    let [found] = messages.as_slice() else { panic!("{messages:?}") };
    let (rest, to_top) = said(reader.feed.update(found.clone(), &reader.desk.cx()));
    assert!(to_top && reader.is_begun());
    for message in rest {
        let _ = reader.say(message);
    }
    assert!(reader.shows("5,000 of 20,000"));
}

#[test]
fn another_filter_before_the_whole_came_is_the_one_that_counts() {
    let mut reader = large();
    let rest = reader.begin(Message::Filter("phishing".to_owned()));
    assert!(reader.is_begun());
    let other = reader.feed.update(Message::Filter("older severity:high".to_owned()), &reader.desk.cx());
    let page = reader.sight();
    let _ = reader.next(rest);
    assert_eq!(reader.sight(), page, "the first filter's whole came too late");
    let rest = reader.next(other);
    let first = reader.sight();
    let expected = reader.titles("older severity:high", Sort::default());
    assert!(first.iter().map(|(title, _)| title).eq(expected.iter().take(first.len())), "{first:?}");
    let _ = reader.next(rest);
    assert!(reader.sight() == first && reader.shows(&format!("{} of 20,000", "1,666")), "{:?}", reader.texts());
}

#[test]
fn what_is_said_of_all_rows_waits_until_they_are_known() {
    let mut reader = large();
    let rest = reader.begin(Message::Filter("phishing".to_owned()));
    let whole: Bitmap = {
        let wanted = Wanted { query: "phishing".parse().unwrap(), ..Wanted::default() };
        reader.desk.finder.find(&wanted, reader.desk.now, &Stop::default()).unwrap().rows.iter().copied().collect()
    };
    assert!(whole.count() as usize > FIRST);
    let none = reader.feed.update(Message::MarkAll, &reader.desk.cx());
    assert!(matches!(none, Action::None) && reader.feed.targets().is_empty());
    let _ = reader.next(rest);
    assert_eq!(reader.feed.targets(), whole);
    // The last row is that of the whole.
    let rest = reader.begin(Message::Goto("malware".to_owned()));
    let _ = reader.begin(Message::End(false));
    assert_eq!(reader.feed.selected(), None);
    let _ = reader.next(rest);
    let last = reader.titles("malware", Sort::default()).pop().unwrap();
    assert_eq!(reader.desk.store.row(reader.feed.selected().unwrap()).unwrap().summary.title, last);
}

#[test]
fn back_is_the_place_one_had_whether_or_not_a_page_has_it() {
    let mut reader = large();
    let _ = reader.say(Message::Goto("phishing".to_owned()));
    let _ = reader.act(&[]);
    for notches in [0.0, 30.0, 700.0] {
        let over = reader.stage.point(300.0, 400.0);
        let _ = reader.act(&[over, wheel(notches)]);
        let place = reader.sight();
        let _ = reader.say(Message::Goto("malware severity:low".to_owned()));
        let _ = reader.act(&[]);
        assert_ne!(reader.sight(), place);
        let rest = reader.begin(Message::Back(true));
        if reader.is_begun() {
            assert_eq!(reader.sight(), place, "{notches}");
        }
        let _ = reader.next(rest);
        assert_eq!(reader.sight(), place, "{notches}");
        assert!(reader.shows("6,667 of 20,000"));
    }
}

#[test]
fn the_line_of_what_is_hidden_stands_before_it_is_counted() {
    let mut reader = large();
    let until = Some(reader.desk.now + TimeDelta::hours(1));
    let rows: Bitmap = [1_u32].into_iter().collect();
    let act = Change::Slot { rows, to: Slot::Snoozed(until) };
    assert!(reader.desk.finder.ask(Job::Act(vec![act], "did")).is_some());
    for (filter, told) in [("phishing", "No match is muted or snoozed."), ("malware", "1 snoozed")] {
        let rest = reader.begin(Message::Goto(filter.to_owned()));
        assert!(reader.is_begun() && reader.shows("are being counted"), "{:?}", reader.texts());
        let page = reader.sight();
        let _ = reader.next(rest);
        assert!(reader.shows(told), "{:?}", reader.texts());
        assert_eq!(reader.sight(), page);
    }
}

#[test]
fn what_comes_between_page_and_whole_moves_nothing() {
    let mut reader = large();
    let _ = reader.say(Message::Select(0));
    let _ = reader.act(&[]);
    let rest = reader.begin(Message::Filter("severity>=low".to_owned()));
    assert!(reader.is_begun(), "{:?}", reader.texts());
    let page = reader.sight();
    let seq = reader.desk.receive("MILEHost", "between", b"<a xmlns='urn:between'/>", reader.desk.now);
    reader.stored(&[seq]);
    let _ = reader.act(&[]);
    assert_eq!(reader.sight(), page);
    let more = reader.next(rest);
    assert_eq!(reader.sight(), page);
    let _ = reader.next(more);
    assert_eq!(reader.sight(), page);
    assert!(reader.shows("20,000 of 20,001"), "{:?}", reader.texts());
}
