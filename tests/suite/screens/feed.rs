//! The feed: what it shows of each kind of row, what keys and clicks do, its five states.

mod flow;
mod layout;
mod page;
mod triage;

use std::sync::Arc;

use chrono::TimeDelta;
use iced_test::core::keyboard::key::Named;
use iced_test::core::widget::operation::focusable;
use iced_test::futures::futures::StreamExt;

use gridwatch::engine::{Command, Connection, Step};
use gridwatch::screen::feed::{FILTER, Feed, LIST, Message, Places};
use gridwatch::screen::incident::{self, Incident};
use gridwatch::screen::{Action, Tab, Target};
use gridwatch::store::index::Stop;
use gridwatch::store::{Finder, Seq, Store};

use super::{Desk, picture, themes};
use crate::stage::{Stage, click, key, letter, wheel};

/// A reader before the feed.
struct Reader {
    desk: Desk,
    feed: Feed,
    stage: Stage,
}

impl Reader {
    fn new(mut desk: Desk) -> Self {
        let mut feed = Feed::default();
        feed.reset(&desk.store);
        desk.finder = Arc::new(Finder::new(None, desk.store.len()));
        let mut reader = Self { desk, feed, stage: Stage::new(1000.0, 700.0) };
        reader.take(&[]);
        reader
    }

    /// As [`Reader::new`], but everything came while one looks.
    fn fresh(mut desk: Desk) -> Self {
        desk.finder = Arc::default();
        let mut reader = Self { desk, feed: Feed::default(), stage: Stage::new(1000.0, 700.0) };
        let all: Vec<_> = (0..reader.desk.store.len()).collect();
        reader.stored(&all);
        reader
    }

    fn stored(&mut self, rows: &[Seq]) {
        self.take(&[]);
        assert!(rows.iter().all(|row| *row < self.feed.next()), "{rows:?}");
    }

    /// What the app does when the store says what it stored.
    fn take(&mut self, changed: &[Seq]) {
        let desk = &self.desk;
        let _ = desk.finder.take(&desk.store, changed, desk.now, &Stop::default()).unwrap();
        let places = Places::of(&desk.finder.snapshot(), self.feed.next());
        self.feed.stored(places, &self.desk.cx());
        let _ = self.say(Message::Taken);
    }

    /// Says it and lets run what it sets going; gives what is the app's to do.
    fn say(&mut self, message: Message) -> Vec<Action<Message>> {
        let action = self.feed.update(message, &self.desk.cx());
        self.perform(action)
    }

    fn perform(&mut self, action: Action<Message>) -> Vec<Action<Message>> {
        match action {
            Action::None => Vec::new(),
            Action::Many(all) => all.into_iter().flat_map(|action| self.perform(action)).collect(),
            Action::Run(task) => {
                let runtime = tokio::runtime::Runtime::new().unwrap();
                let Some(mut stream) = iced_test::runtime::task::into_stream(task) else { return Vec::new() };
                let mut left = Vec::new();
                while let Some(action) = runtime.block_on(stream.next()) {
                    match action {
                        iced_test::runtime::Action::Output(message) => left.extend(self.say(message)),
                        _ => left.push(Action::Run(iced_test::runtime::Task::none())),
                    }
                }
                left
            }
            action => vec![action],
        }
    }

    fn act(&mut self, events: &[iced_test::core::Event]) -> Vec<Action<Message>> {
        let messages = self.stage.act(self.feed.view(&self.desk.cx()), events);
        let said = !messages.is_empty();
        let mut actions: Vec<_> = messages.into_iter().flat_map(|message| self.say(message)).collect();
        if said {
            actions.extend(self.act(&[]));
        }
        actions
    }

    fn texts(&mut self) -> Vec<String> {
        let texts = self.stage.texts(self.feed.view(&self.desk.cx()));
        texts.into_iter().map(|(text, _)| text).collect()
    }

    fn shows(&mut self, words: &str) -> bool {
        self.texts().iter().any(|text| text.contains(words))
    }

    fn press(&mut self, words: &str) -> Vec<Action<Message>> {
        let texts = self.stage.texts(self.feed.view(&self.desk.cx()));
        let (_, bounds) = texts.iter().find(|(text, _)| text == words).unwrap_or_else(|| panic!("no {words}"));
        let moved = self.stage.point(bounds.center_x(), bounds.center_y());
        let [down, up] = click();
        self.act(&[moved, down, up])
    }

    fn focus(&mut self, name: &'static str) {
        self.stage.operate(self.feed.view(&self.desk.cx()), &mut focusable::focus(name.into()));
    }
}

fn shifted(letter: &str) -> iced_test::core::Event {
    crate::stage::key_with(
        iced_test::core::keyboard::Key::Character(letter.into()),
        iced_test::core::keyboard::Modifiers::SHIFT,
    )
}

fn opened(actions: &[Action<Message>]) -> Vec<&Target> {
    let target = |action: &'_ Action<Message>| matches!(action, Action::Open(_));
    let found = actions.iter().filter(|action| target(action));
    found.map(|action| if let Action::Open(target) = action { target } else { unreachable!() }).collect()
}

#[test]
fn rows_stand_newest_first_and_say_what_they_are() {
    let mut reader = Reader::new(Desk::busy());
    let texts = reader.texts();
    let place =
        |words: &str| texts.iter().position(|text| text.contains(words)).unwrap_or_else(|| panic!("no {words}"));
    assert!(place("Not readable as IODEF") < place("assessment, not IODEF (urn:example:posture)"));
    assert!(place("urn:example:posture") < place("CVE-2099-17937"));
    for words in ["4m", "9m", "H", "M", "CLEAR", "AMBER+STRICT", "312 incidents", "practice.invalid / PX-2026-00300"] {
        let _ = place(words);
    }
}

#[test]
fn in_little_room_a_row_still_says_everything() {
    let mut reader = Reader::new(Desk::busy());
    reader.stage = Stage::new(600.0, 700.0);
    for words in ["CVE-2099-17937", "vendor-advisories  ·  practice.invalid / PX-2026-00300", "12m", "CLEAR", "H"] {
        assert!(reader.shows(words), "no {words}");
    }
}

#[test]
fn a_retracted_and_a_replaced_row_stay_and_say_so() {
    let mut reader = Reader::new(Desk::busy());
    let (now, store) = (reader.desk.now, &reader.desk.store);
    let newest = store.row(reader.desk.find("CVE-2099-17937")).unwrap();
    let _ = store.retract(std::slice::from_ref(&newest.key), now).unwrap();
    let other = store.row(reader.desk.find("HTTPS beacon")).unwrap();
    let seq = reader.desk.receive(&other.key.topic.node, &other.key.item.0, br#"<a xmlns="urn:b"/>"#, now);
    reader.stored(&[seq]);
    assert!(reader.shows("retracted") && reader.shows("CVE-2099-17937"));
    assert!(reader.shows("replaced") && reader.shows("HTTPS beacon"));
    assert!(reader.shows("rev 2"));
}

/// Each revision an item of its own: the older row says that it is superseded, the newer one what it is and that it is graver.
#[test]
fn revisions_of_an_incident_say_so_and_what_was_read_is_updated() {
    let mut reader = Reader::new(Desk::busy());
    let report = |hour: u8, severity: &str, words: &str| {
        format!(
            "<IODEF-Document xmlns='urn:ietf:params:xml:ns:iodef-2.0' version='2.00'><Incident purpose='reporting'>\
             <IncidentID name='a.example'>77</IncidentID><GenerationTime>2026-11-21T0{hour}:00:00Z</GenerationTime>\
             <Description>{words}</Description><Assessment><SystemImpact severity='{severity}' type='takeover-system'/>\
             </Assessment></Incident></IODEF-Document>"
        )
    };
    let receive = |reader: &mut Reader, topic: &str, item: &str, text: String| {
        let seq = reader.desk.receive(topic, item, text.as_bytes(), reader.desk.now);
        reader.stored(&[seq]);
        seq
    };
    let first = receive(&mut reader, "MILEHost", "first", report(1, "low", "One host beacons"));
    assert!(!reader.shows("rev 1/1") && !reader.shows("superseded"));
    let _ = reader.press("One host beacons");
    assert!(!reader.desk.finder.is_unread(first));
    let second = receive(&mut reader, "MILEHost", "second", report(3, "high", "Forty hosts beacon"));
    let _ = reader.say(Message::Filter("csirt:a.example".to_owned()));
    for words in ["superseded 1/2", "changed 2/2, was Low"] {
        assert!(reader.shows(words), "no {words}: {:?}", reader.texts());
    }
    assert!(reader.desk.finder.is_unread(second));
    let _ = reader.say(Message::Filter("is:updated".to_owned()));
    assert!(reader.shows("Forty hosts beacon") && !reader.shows("One host beacons"));
    // Once it is read it is no news any more.
    let _ = reader.press("Forty hosts beacon");
    assert!(reader.shows("rev 2/2, was Low") && !reader.shows("changed"));
}

#[test]
fn hostile_words_are_shown_as_what_they_are() {
    let mut reader = Reader::new(Desk::busy());
    let evil = "<IODEF-Document xmlns='urn:ietf:params:xml:ns:iodef-2.0' version='2.00'><Incident purpose='reporting'>\
        <IncidentID name='a.example'>1</IncidentID><GenerationTime>2026-11-21T03:00:00Z</GenerationTime>\
        <Description>invoice\u{202E}fdp.exe</Description></Incident></IODEF-Document>";
    let seq = reader.desk.receive("MILEHost", "evil", evil.as_bytes(), reader.desk.now);
    reader.stored(&[seq]);
    let texts = reader.texts();
    assert!(texts.iter().any(|text| text.starts_with("invoice") && text.contains("202E")), "{texts:?}");
    assert!(!texts.iter().any(|text| text.contains('\u{202E}')));
}

#[test]
fn choosing_a_row_opens_it_and_marks_it_read() {
    let mut reader = Reader::fresh(Desk::busy());
    assert!(reader.shows("312 unread"));
    let actions = reader.press("Phishing kit for Helio Mail found on a hacked shop");
    let seq = reader.desk.find("Phishing kit for Helio Mail");
    assert_eq!(opened(&actions), [&Target::Incident(seq)]);
    assert_eq!(reader.feed.selected(), Some(seq));
    assert!(reader.shows("311 unread"));
    let _ = reader.press("Mark all read");
    assert!(!reader.shows("unread"));
}

#[test]
fn keys_walk_the_rows_whether_or_not_the_list_has_the_focus() {
    let mut reader = Reader::new(Desk::busy());
    let seq = |reader: &Reader| reader.feed.selected().unwrap();
    let _ = reader.act(&[letter("j")]);
    let first = seq(&reader);
    assert!(matches!(reader.desk.store.row(first).unwrap().summary.kind, gridwatch::model::Kind::Invalid(_)));
    let actions = reader.act(&[key(Named::ArrowDown)]);
    assert_eq!(opened(&actions), [&Target::Incident(seq(&reader))], "one key, one step");
    reader.focus(LIST);
    let actions = reader.act(&[letter("j")]);
    assert_eq!(opened(&actions), [&Target::Incident(reader.desk.find("CVE-2099-17937"))]);
    let _ = reader.act(&[letter("k"), letter("k"), letter("k"), letter("k")]);
    assert_eq!(seq(&reader), first);
    let actions = reader.act(&[key(Named::Enter)]);
    assert_eq!(opened(&actions), [&Target::Incident(first)]);
}

#[test]
fn n_goes_from_unread_to_unread() {
    let mut reader = Reader::new(Desk::busy());
    let [a, b] = ["HTTPS beacon", "Malspam wave with disk image"].map(|words| reader.desk.find(words));
    // All is read, and two are stored again under new ids.
    let _ = reader.say(Message::AllRead);
    let again = [a, b].map(|seq| {
        let row = reader.desk.store.row(seq).unwrap();
        let bytes = reader.desk.store.payload(seq).unwrap().unwrap().bytes;
        reader.desk.receive(&row.key.topic.node, &format!("again-{seq}"), &bytes, row.at)
    });
    reader.stored(&again);
    let _ = reader.act(&[letter("n")]);
    assert_eq!(reader.feed.selected(), Some(again[0]));
    let _ = reader.act(&[letter("n")]);
    assert_eq!(reader.feed.selected(), Some(again[1]));
    let _ = reader.act(&[letter("n")]);
    assert_eq!(reader.feed.selected(), Some(again[1]), "no unread one is left");
}

#[test]
fn what_arrives_while_one_reads_waits_behind_a_pill() {
    let mut reader = Reader::new(Desk::busy());
    let _ = reader.press("HTTPS beacon with rare user agent to 192.0.2.146");
    let place = |reader: &mut Reader| {
        let texts = reader.stage.texts(reader.feed.view(&reader.desk.cx()));
        texts.into_iter().find(|(text, _)| text.starts_with("HTTPS beacon")).unwrap().1
    };
    let before = place(&mut reader);
    let selected = reader.feed.selected();
    let fresh: Vec<_> = (0..3)
        .map(|n| reader.desk.receive("MILEHost", &format!("new-{n}"), br#"<a xmlns="urn:b"/>"#, reader.desk.now))
        .collect();
    reader.stored(&fresh);
    let _ = reader.act(&[]);
    assert_eq!(place(&mut reader), before);
    assert_eq!(reader.feed.selected(), selected);
    assert!(reader.shows("3 new"), "{:?}", reader.texts());
    let jump = reader.press("3 new");
    assert!(matches!(jump[..], [Action::Run(_)]));
    // The task is the runtime's; its operation is what it would do.
    use iced_test::core::widget::operation::scrollable::{RelativeOffset, snap_to};
    let top = RelativeOffset { x: None, y: Some(0.0) };
    reader.stage.operate(reader.feed.view(&reader.desk.cx()), &mut snap_to(LIST.into(), top));
    let _ = reader.act(&[]);
    assert!(!reader.shows("3 new") && reader.shows("not IODEF (urn:b)"));
}

#[test]
fn without_a_selection_the_top_follows() {
    let mut reader = Reader::new(Desk::busy());
    let _ = reader.act(&[]);
    let seq = reader.desk.receive("MILEHost", "new", br#"<a xmlns="urn:b"/>"#, reader.desk.now);
    reader.stored(&[seq]);
    let _ = reader.act(&[]);
    assert!(reader.shows("not IODEF (urn:b)") && !reader.shows("1 new"));
    // Scrolled away it does not.
    let _ = reader.stage.point(300.0, 300.0);
    let _ = reader.act(&[wheel(5.0)]);
    let seq = reader.desk.receive("MILEHost", "newer", br#"<a xmlns="urn:c"/>"#, reader.desk.now);
    reader.stored(&[seq]);
    let _ = reader.act(&[]);
    assert!(reader.shows("1 new") && !reader.shows("not IODEF (urn:c)"));
}

#[test]
fn after_another_tab_one_is_where_one_was() {
    let mut reader = Reader::new(Desk::busy());
    let _ = reader.act(&[]);
    let _ = reader.stage.point(300.0, 300.0);
    let _ = reader.act(&[wheel(20.0)]);
    let receive = |reader: &mut Reader, name: &str| {
        let seq = reader.desk.receive("MILEHost", name, br#"<a xmlns="urn:b"/>"#, reader.desk.now);
        reader.stored(&[seq]);
    };
    receive(&mut reader, "one");
    let _ = reader.act(&[]);
    assert!(reader.shows("1 new"));
    let titles = |reader: &mut Reader| -> Vec<String> {
        reader.texts().into_iter().filter(|text| text.contains(" / PX-")).take(5).collect()
    };
    let before = titles(&mut reader);
    // Another tab drops the widgets and all they remember; the feed goes on.
    reader.stage = Stage::new(1000.0, 700.0);
    receive(&mut reader, "two");
    let _ = reader.act(&[]);
    assert_eq!(titles(&mut reader), before);
    assert!(reader.shows("2 new"), "{:?}", reader.texts());
    // One who stood at the top finds the newest there.
    let _ = reader.stage.point(300.0, 300.0);
    let _ = reader.act(&[wheel(-1000.0)]);
    reader.stage = Stage::new(1000.0, 700.0);
    receive(&mut reader, "three");
    let _ = reader.act(&[]);
    assert!(reader.shows("not IODEF (urn:b)") && !reader.shows("new"));
}

#[test]
fn the_filter_finds_words_in_any_order_and_lets_go() {
    let mut reader = Reader::new(Desk::busy());
    let _ = reader.act(&[letter("/")]);
    reader.focus(FILTER);
    let _ = reader.say(Message::Filter("HELIO kit topic:phishing-watch".into()));
    assert!(reader.shows("Phishing kit for Helio Mail"));
    assert!(!reader.shows("HTTPS beacon") && reader.shows("of 312"));
    let bytes = reader.desk.store.payload(reader.desk.find("Phishing kit for Helio")).unwrap().unwrap().bytes;
    let old = reader.texts().iter().filter(|text| text.starts_with("Phishing kit for Helio")).count();
    let seq = reader.desk.receive("phishing-watch", "kit-again", &bytes, reader.desk.now);
    let no = reader.desk.receive("MILEHost", "other", br#"<a xmlns="urn:b"/>"#, reader.desk.now);
    reader.stored(&[seq, no]);
    let new = reader.texts().iter().filter(|text| text.starts_with("Phishing kit for Helio")).count();
    assert_eq!(new, old + 1, "what arrives is filtered too");
    assert!(!reader.shows("urn:b"));
    let _ = reader.say(Message::Filter("no such words".into()));
    assert!(reader.shows("Nothing matches") && reader.shows("hides 314 incidents"));
    let _ = reader.press("Clear the filter");
    assert!(reader.shows("HTTPS beacon"));
}

#[test]
fn an_empty_feed_says_why_and_what_to_do() {
    let mut reader = Reader::new(Desk::empty());
    assert!(reader.shows("Not connected"));
    assert_eq!(opened(&reader.press("Connect…")), [&Target::Welcome]);
    reader.desk.connection = Connection::Connecting { step: Step::Authenticating, attempt: 1 };
    assert!(reader.shows("Proving who you are…"));
    reader.desk.connection = super::online();
    assert!(reader.shows("You read no topic yet"));
    assert_eq!(opened(&reader.press("Browse topics")), [&Target::Tab(Tab::Topics)]);
    reader.desk.topics = Desk::busy().topics;
    assert!(reader.shows("You are subscribed to 4 topics"));
}

#[test]
fn trouble_stands_above_rows_that_stay() {
    let mut reader = Reader::new(Desk::busy());
    let cause = crate::support::unreachable("xmpp.csirt-a.example:5222");
    reader.desk.connection = Connection::Waiting { retry_in: std::time::Duration::from_secs(12), cause };
    assert!(reader.shows("xmpp.csirt-a.example:5222") && reader.shows("HTTPS beacon"));
    let actions = reader.press("Try now");
    assert!(matches!(actions[..], [Action::Engine(Command::RetryNow)]));
}

#[test]
fn pictures() {
    for (name, theme) in themes() {
        let mut reader = Reader::new(Desk::busy());
        let recent: Vec<_> = (300..312).collect();
        let (now, store) = (reader.desk.now, &reader.desk.store);
        let gone = store.row(reader.desk.find("Credential phishing")).unwrap();
        let _ = store.retract(std::slice::from_ref(&gone.key), now).unwrap();
        let old = store.row(reader.desk.find("HTTPS beacon")).unwrap();
        let bytes = store.payload(reader.desk.find("Phishing kit")).unwrap().unwrap().bytes;
        let again = reader.desk.receive(&old.key.topic.node, &old.key.item.0, &bytes, now - TimeDelta::minutes(1));
        reader.feed = Feed::default();
        reader.stored(&(0..=again).collect::<Vec<_>>());
        let _ = reader.say(Message::AllRead);
        let fresh: Vec<_> = recent
            .iter()
            .map(|seq| {
                let row = reader.desk.store.row(*seq).unwrap();
                let bytes = reader.desk.store.payload(*seq).unwrap().unwrap().bytes;
                reader.desk.receive(&row.key.topic.node, &format!("fresh-{seq}"), &bytes, row.at)
            })
            .collect();
        reader.stored(&fresh);
        for (width, height) in [(1280.0, 800.0), (620.0, 800.0)] {
            let mut stage = Stage::new(width, height);
            stage.picture(reader.feed.view(&reader.desk.cx()), &theme, &picture(&format!("feed-{width}"), name));
        }
        both(&mut reader, name, &theme);
        states(name, &theme);
    }
}

/// Feed and incident side by side, as the app composes them.
fn both(reader: &mut Reader, name: &str, theme: &gridwatch::theme::Theme) {
    reader.stage = Stage::new(1160.0, 776.0);
    let _ = reader.act(&[]);
    let seq = reader.desk.find("Schattenkopien");
    for _ in 0..12 {
        let _ = reader.act(&[letter("j")]);
    }
    let mut pane = Incident::default();
    let _ = pane.show(reader.feed.selected().unwrap_or(seq), &reader.desk.cx());
    let late: Vec<_> = (0..3)
        .map(|n| reader.desk.receive("MILEHost", &format!("late-{n}"), br#"<a xmlns="urn:b"/>"#, reader.desk.now))
        .collect();
    let _ = reader.act(&[]);
    reader.stored(&late);
    let _ = reader.act(&[]);
    for (width, height) in [(1160.0, 776.0), (1800.0, 1056.0)] {
        reader.stage.size = iced_test::core::Size::new(width, height);
        #[derive(Clone)]
        enum Said {
            Feed,
            Incident,
        }
        let cx = reader.desk.cx();
        let left = reader.feed.view(&cx).map(|_: Message| Said::Feed);
        let right = pane.view(&cx).map(|_: incident::Message| Said::Incident);
        let _ = (Said::Feed, Said::Incident);
        use iced::widget::{container, row};
        let view = row![container(left).width(iced::FillPortion(5)), container(right).width(iced::FillPortion(4)),];
        reader.stage.picture(view, theme, &picture(&format!("both-{width}"), name));
    }
}

fn states(name: &str, theme: &gridwatch::theme::Theme) {
    let mut reader = Reader::new(Desk::empty());
    let take = |reader: &mut Reader, state: &str| {
        reader.stage = Stage::new(700.0, 420.0);
        let _ = reader.act(&[]);
        reader.stage.picture(
            reader.feed.view(&reader.desk.cx()),
            theme,
            &picture(&format!("feed-state-{state}"), name),
        );
    };
    take(&mut reader, "offline");
    reader.desk.connection = super::online();
    take(&mut reader, "unsubscribed");
    let cause = crate::support::unreachable("xmpp.csirt-a.example:5222");
    let mut reader = Reader::new(Desk::busy());
    reader.desk.connection = Connection::Waiting { retry_in: std::time::Duration::from_secs(12), cause };
    take(&mut reader, "waiting");
    let _ = reader.say(Message::Filter("nothing like that".into()));
    take(&mut reader, "filtered");
}
