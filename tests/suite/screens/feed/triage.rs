//! The filter language in the feed, the way back, views, and what one does to rows.

use gridwatch::model::{ItemId, Membership, Summary, Topic, TopicId};
use gridwatch::screen::feed::{Act, COLUMNS, Form, Group, How, Seen, View};
use gridwatch::store::finder::{Local, Wanted};
use gridwatch::store::index::order::By;
use gridwatch::store::query::Field;
use gridwatch::store::views::Column;
use gridwatch::store::{Incoming, ItemKey, Route};

use super::*;

fn filter(reader: &mut Reader, text: &str) {
    let _ = reader.say(Message::Filter(text.to_owned()));
}

#[test]
fn the_language_is_read_and_what_is_wrong_with_it_said_while_the_last_answer_stays() {
    let mut reader = Reader::fresh(Desk::busy());
    filter(&mut reader, "severity:high -topic:phishing-watch");
    assert!(reader.shows("of 312") && reader.shows("CVE-2099-17937") && !reader.shows("Phishing kit"));
    assert!(reader.shows("severity:high") && reader.shows("topic:phishing-watch"), "chips");
    filter(&mut reader, "severity:high sevrity:low");
    assert!(reader.shows("Column 15") && reader.shows("Did you mean “severity”?"), "{:?}", reader.texts());
    assert!(reader.shows("of 312") && !reader.shows("Phishing kit"), "the last good answer stays");
    filter(&mut reader, "tlp:red tlp:green");
    assert!(reader.shows("exclude each other") && reader.shows("Nothing matches"));
    filter(&mut reader, "sev");
    assert!(reader.shows("severity:"), "what may follow is proposed");
    let _ = reader.say(Message::ClearFilter);
    assert!(reader.shows("312 incidents"));
}

#[test]
fn chips_and_values_make_the_text() {
    let mut reader = Reader::fresh(Desk::busy());
    let _ = reader.say(Message::Narrow(vec![Seen::Value(Field::Severity, "high".to_owned())], How::Only));
    let _ = reader.say(Message::Narrow(vec![Seen::Value(Field::Topic, "MILEHost".to_owned())], How::Minus));
    assert!(reader.shows("severity:high") && reader.shows("topic:MILEHost"));
    let high = |reader: &mut Reader| reader.texts().iter().filter(|text| *text == "H").count();
    assert!(high(&mut reader) > 3);
    let _ = reader.say(Message::Turn(0));
    assert_eq!(high(&mut reader), 0, "turned into its opposite");
    let _ = reader.say(Message::Drop(0));
    assert!(reader.shows("topic:MILEHost") && !reader.shows("severity:high"));
    // The values of the row one stands on.
    let _ = reader.act(&[letter("j")]);
    let _ = reader.act(&[letter("j")]);
    let _ = reader.act(&[letter("j"), letter("+")]);
    assert!(reader.shows("Values of this incident") && reader.shows("Only this"));
    let _ = reader.act(&[key(Named::Escape)]);
    assert!(!reader.shows("Values of this incident"));
}

#[test]
fn one_finds_back_to_filter_selection_and_place() {
    let mut reader = Reader::fresh(Desk::busy());
    let _ = reader.act(&[]);
    for _ in 0..30 {
        let _ = reader.act(&[letter("j")]);
    }
    let (selected, place) = (reader.feed.selected(), reader.texts());
    filter(&mut reader, "severity:low");
    let _ = reader.act(&[letter("j")]);
    assert_ne!(reader.feed.selected(), selected);
    let _ = reader.say(Message::Back(true));
    let _ = reader.act(&[]);
    assert_eq!(reader.feed.selected(), selected);
    assert_eq!(reader.texts(), place);
    let _ = reader.say(Message::Back(false));
    assert!(reader.shows("severity:low") && reader.shows("of 312"));
    // Put aside, the same row stays chosen, and everything shows.
    let _ = reader.act(&[letter("\\")]);
    assert!(reader.shows("put aside") && reader.shows("312 incidents"));
    let _ = reader.act(&[letter("\\")]);
    assert!(reader.shows("of 312"));
}

#[test]
fn a_column_orders_the_rows() {
    let mut reader = Reader::fresh(Desk::busy());
    let _ = reader.say(Message::Sort(By::Severity));
    let severities = |reader: &mut Reader| -> Vec<String> {
        reader.texts().into_iter().filter(|text| ["H", "M", "L", "–"].contains(&text.as_str())).take(12).collect()
    };
    assert!(severities(&mut reader).iter().all(|severity| severity == "H"));
    let _ = reader.say(Message::Sort(By::Severity));
    assert!(severities(&mut reader).iter().all(|severity| severity != "H"));
}

#[test]
fn fifty_rows_are_triaged_with_the_keyboard_alone() {
    let mut reader = Reader::fresh(Desk::busy());
    let _ = reader.act(&[letter("j")]);
    let mut keys = 1;
    for number in 0..50 {
        let seq = reader.feed.selected().unwrap();
        let summary = &reader.desk.store.row(seq).unwrap().summary;
        // What a shift does: the grave is important, every tenth is tagged, the rest is done.
        if number % 10 == 9 {
            let _ = reader.act(&[letter("t")]);
            let _ = reader.say(Message::Word("shift-b".to_owned()));
            let _ = reader.say(Message::Done);
            keys += 9;
        }
        let grave = summary.severity == gridwatch::model::Severity::High;
        let _ = if grave { reader.act(&[shifted("J")]) } else { reader.act(&[letter("e")]) };
        keys += 1;
        let local = reader.desk.finder.local(seq);
        assert!(!local.unread && local.starred == grave);
        assert_ne!(reader.feed.selected(), Some(seq), "and on to the next");
    }
    // At three keys a second that is well within the minute (`product.md` B8).
    assert!(keys <= 180, "{keys}");
    filter(&mut reader, "tag:shift-b");
    assert!(reader.shows("5 of 312"));
}

/// Every act, with all it changes, is taken back by one key each, in turn, to the very state before it; and done again.
#[test]
fn everything_one_does_is_undone_and_done_again() {
    let mut reader = Reader::fresh(Desk::busy());
    let _ = reader.act(&[letter("j")]);
    let _ = reader.act(&[letter("j")]);
    let seq = reader.feed.selected().unwrap();
    let later = reader.desk.now + TimeDelta::hours(1);
    for act in [Message::Act(Act::Read), Message::AllRead, Message::Act(Act::Done), Message::Act(Act::Important)] {
        let _ = reader.say(Message::Select(1));
        let _ = reader.say(Message::Act(Act::Read));
        let before = reader.desk.finder.unread_rows();
        let _ = reader.say(act);
        assert_ne!(reader.desk.finder.unread_rows(), before);
        let _ = reader.act(&[letter("u")]);
        let after = reader.desk.finder.unread_rows();
        // The row one went on to was looked at.
        assert!(before.count() - after.count() <= 1 && after.iter().all(|row| before.contains(row)));
    }
    let _ = reader.say(Message::Select(1));
    assert_eq!(reader.feed.selected(), Some(seq));
    let note = || Message::Act(Act::Note("called the bank".to_owned()));
    let acts: Vec<(&str, Message)> = vec![
        ("star", Message::Act(Act::Star)),
        ("tag", Message::Act(Act::Tag("apt".to_owned(), true))),
        ("untag", Message::Act(Act::Tag("apt".to_owned(), false))),
        ("note", note()),
        ("disposition", Message::Act(Act::Disposition(Some("false positive".to_owned())))),
        ("snooze", Message::Act(Act::Snooze(Some(later)))),
        ("wake", Message::Act(Act::Snooze(None))),
        ("mute", Message::Act(Act::Mute("topic:vendor*".to_owned(), TimeDelta::days(1)))),
        ("unstar", Message::Act(Act::Star)),
    ];
    let state = |reader: &Reader| {
        let finder = &reader.desk.finder;
        // Whoever looks at a row has read it, which is no act.
        let local = |row| Local { unread: false, ..finder.local(row) };
        let rows: Vec<_> = (0..reader.desk.store.len()).map(local).collect();
        (rows, finder.mutes())
    };
    let mut states = vec![state(&reader)];
    let names: Vec<_> = acts.iter().map(|(name, _)| *name).collect();
    for (name, act) in acts {
        // An act that moves on leaves the selection elsewhere: each is meant for the same row.
        let at = (0..reader.desk.store.len()).find(|_| reader.feed.selected() == Some(seq));
        if at.is_none() {
            let _ = reader.say(Message::Bare(true));
            for _ in 0..4 {
                if reader.feed.selected() != Some(seq) {
                    let _ = reader.act(&[letter("k")]);
                }
            }
        }
        assert_eq!(reader.feed.selected(), Some(seq), "{name}");
        let _ = reader.say(act);
        let now = state(&reader);
        assert_ne!(Some(&now), states.last(), "{name} did nothing");
        states.push(now);
    }
    for (before, name) in states.iter().rev().skip(1).zip(names.iter().rev()) {
        let _ = reader.act(&[letter("u")]);
        assert_eq!(&state(&reader), before, "{name} is not taken back whole");
    }
    for (after, name) in states.iter().skip(1).zip(&names) {
        let _ = reader.act(&[shifted("U")]);
        assert_eq!(&state(&reader), after, "{name} is not done again whole");
    }
}

#[test]
fn an_act_on_many_and_a_rule_that_mutes_until_it_is_shown() {
    let mut reader = Reader::fresh(Desk::busy());
    let _ = reader.act(&[letter("j"), letter("x")]);
    let _ = reader.act(&[letter("x"), letter("j")]);
    let _ = reader.act(&[letter("x")]);
    assert!(reader.shows("incidents marked") || reader.shows("incident marked"));
    let _ = reader.say(Message::MarkAll);
    assert!(reader.shows("312 incidents marked"));
    let _ = reader.say(Message::Act(Act::Tag("shift-b".to_owned(), true)));
    let _ = reader.act(&[key(Named::Escape)]);
    filter(&mut reader, "tag:shift-b severity:high");
    assert!(reader.shows("of 312") && reader.shows("shift-b"));
    let _ = reader.say(Message::ClearFilter);
    let _ = reader.say(Message::Act(Act::Mute("topic:MILEHost".to_owned(), TimeDelta::days(1))));
    assert!(reader.shows("muted by rule until") && !reader.shows("HTTPS beacon"));
    let _ = reader.press("Show");
    assert!(reader.shows("HTTPS beacon") && reader.shows("Hide them again"));
    let _ = reader.say(Message::Undo);
    let _ = reader.say(Message::Bare(false));
    assert!(reader.shows("HTTPS beacon") && !reader.shows("muted by rule"));
}

#[test]
fn a_saved_view_is_beside_the_others_with_its_unread_rows() {
    let mut reader = Reader::fresh(Desk::busy());
    filter(&mut reader, "severity:high topic:phishing-watch");
    let _ = reader.say(Message::Form(Form::View(String::new())));
    let _ = reader.say(Message::Word("Grave phishing".to_owned()));
    let _ = reader.say(Message::Done);
    let side = |reader: &mut Reader| -> Vec<String> {
        let texts = reader.stage.texts(reader.feed.side(&reader.desk.cx()));
        texts.into_iter().map(|(text, _)| text).collect()
    };
    let texts = side(&mut reader);
    let at = texts.iter().position(|text| text == "Grave phishing").expect("the view");
    assert!(texts[at + 1].parse::<u32>().is_ok_and(|unread| unread > 0), "{texts:?}");
    assert!(texts.contains(&"MILEHost".to_owned()) && texts.contains(&"312".to_owned()), "{texts:?}");
    let _ = reader.say(Message::View(View::Own(0)));
    assert!(reader.shows("312 incidents"));
    let _ = reader.say(Message::View(View::Saved(0)));
    assert!(reader.shows("severity:high"));
}

#[test]
fn a_note_is_written_on_each_marked_incident_and_its_words_are_never_lost() {
    let mut reader = Reader::fresh(Desk::busy());
    let _ = reader.act(&[letter("j"), letter("x")]);
    for _ in 0..4 {
        let _ = reader.act(&[letter("j")]);
        let _ = reader.act(&[letter("x")]);
    }
    let marked: Vec<Seq> = reader.feed.targets().iter().collect();
    assert_eq!(marked.len(), 5);
    // One stands elsewhere; the detail is shut.
    let _ = reader.act(&[letter("j")]);
    reader.feed.deselect();
    let _ = reader.say(Message::Form(Form::Note(String::new())));
    let _ = reader.say(Message::Word("called the bank".to_owned()));
    assert!(reader.shows("for 5 incidents"), "{:?}", reader.texts());
    let _ = reader.say(Message::Done);
    let noted = |reader: &Reader| -> Vec<Seq> {
        let has = |row: &Seq| reader.desk.finder.local(*row).notes.iter().any(|note| note.text == "called the bank");
        (0..reader.desk.store.len()).filter(has).collect()
    };
    assert_eq!(noted(&reader), marked);
    let _ = reader.act(&[letter("u")]);
    assert!(noted(&reader).is_empty(), "one act, taken back at once");
    // What it is meant for went away while one wrote; then it is meant for too many.
    let _ = reader.say(Message::Form(Form::Note(String::new())));
    let _ = reader.say(Message::Word("kept".to_owned()));
    let _ = reader.say(Message::Unmark);
    let told = reader.say(Message::Done);
    assert!(told.iter().any(|action| matches!(action, Action::Notify(toast) if toast.say.key == "feed-act-nothing")));
    // The words stay, for what they are meant for next.
    let _ = reader.say(Message::MarkAll);
    let _ = reader.say(Message::Done);
    let kept = |row: Seq| reader.desk.finder.local(row).notes.iter().any(|note| note.text == "kept");
    assert!((0..reader.desk.store.len()).all(kept));
    let _ = reader.say(Message::Form(Form::Mute(String::new())));
    let _ = reader.say(Message::Word("severity:hgih".to_owned()));
    let told = reader.say(Message::Done);
    assert!(told.iter().any(|action| matches!(action, Action::Notify(toast) if toast.say.key.starts_with("query"))));
    assert!(reader.shows("Mute by rule"), "a filter that cannot be read stays too: {:?}", reader.texts());
}

/// Of whatever column a cell is: with its value the list still has the row, and without it has it no more.
#[test]
fn every_cell_narrows_the_list_by_what_stands_in_it() {
    let mut reader = Reader::fresh(Desk::busy());
    let seq = (0..reader.desk.store.len())
        .find(|seq| {
            let summary = reader.desk.store.row(*seq).unwrap().summary.clone();
            let timed = summary.detected.is_some() && summary.started.is_some();
            timed && summary.status.is_some() && summary.observables_total > 1 && !summary.title.is_empty()
        })
        .expect("an incident that says everything");
    let _ = reader.say(Message::Filter("-is:snoozed".to_owned()));
    let stand = |reader: &mut Reader| {
        let len = reader.desk.store.len() as usize;
        let _ = (0..len).find(|index| {
            let _ = reader.say(Message::Select(*index));
            reader.feed.selected() == Some(seq)
        });
        assert_eq!(reader.feed.selected(), Some(seq));
    };
    stand(&mut reader);
    for tag in ["urgent", "second"] {
        let _ = reader.say(Message::Act(Act::Tag(tag.to_owned(), true)));
    }
    let found = |reader: &Reader| {
        let wanted = Wanted { query: reader.feed.query(), ..Wanted::default() };
        reader.desk.finder.find(&wanted, reader.desk.now, &Stop::default()).unwrap().rows.to_vec()
    };
    for (column, _) in COLUMNS {
        for (how, holds) in [(How::Plus, true), (How::Minus, false), (How::Only, true)] {
            let _ = reader.say(Message::ClearFilter);
            stand(&mut reader);
            let _ = reader.say(Message::Cell(Some(column)));
            let _ = reader.say(Message::NarrowHere(how));
            assert!(!reader.feed.query().is_everything(), "{column:?} {how:?} asks for nothing");
            assert_eq!(found(&reader).contains(&seq), holds, "{column:?} {how:?}: {}", reader.feed.query());
        }
    }
    assert!(COLUMNS.iter().any(|(column, _)| *column == Column::Tags));
    // And all that its document says beside is offered.
    let _ = reader.say(Message::ClearFilter);
    stand(&mut reader);
    let _ = reader.say(Message::Form(Form::Values));
    let texts = reader.texts();
    for name in [
        "severity", "tlp", "csirt", "id", "words", "status", "purpose", "action", "impact", "conf", "method", "lang",
        "obs",
    ] {
        assert!(texts.iter().any(|text| text == name), "{name}: {texts:?}");
    }
    for (name, theme) in themes() {
        reader.stage.picture(reader.feed.view(&reader.desk.cx()), &theme, &picture("feed-values", name));
    }
}

/// Two brokers may call a topic alike; they are two topics to whoever reads them.
#[test]
fn topics_of_one_name_at_two_brokers_are_told_apart() {
    let mut desk = Desk::busy();
    let other = TopicId { broker: "pubsub.other.example".parse().unwrap(), node: "MILEHost".to_owned() };
    let row = desk.store.row(desk.find("HTTPS beacon")).unwrap();
    let payload = desk.store.payload(row.seq).unwrap();
    let incoming = Incoming {
        key: ItemKey { topic: other.clone(), item: ItemId("theirs".to_owned()) },
        payload,
        summary: Summary { title: "Told by the other broker".to_owned(), ..(*row.summary).clone() },
        observables: Vec::new(),
        route: Route::Live,
        publisher: None,
        received: desk.now,
        delayed: None,
        history: false,
    };
    // Another names a topic of its own as if it were the first one's.
    let poser =
        TopicId { broker: "evil.example".parse().unwrap(), node: "MILEHost @ broker.practice.invalid".to_owned() };
    let posing = Incoming {
        key: ItemKey { topic: poser.clone(), item: ItemId("posing".to_owned()) },
        payload: None,
        ..incoming.clone()
    };
    let _ = desk.store.commit(vec![incoming, posing]).unwrap();
    desk.topics.extend([poser, other].map(|id| Topic { membership: Membership::Subscribed, ..Topic::bare(id) }));
    let mut reader = Reader::fresh(desk);
    let side = reader.stage.texts(reader.feed.side(&reader.desk.cx()));
    let side: Vec<String> = side.into_iter().map(|(text, _)| text).collect();
    let theirs = "MILEHost @ pubsub.other.example";
    assert!(side.iter().any(|text| text == theirs), "{side:?}");
    assert!(
        side.iter().any(|text| text == "MILEHost @ broker.practice.invalid") && side.iter().any(|t| t == "my-desk")
    );
    // The entry leaves its own rows and no others.
    let at = reader.desk.topics.len() - 1;
    let _ = reader.say(Message::View(View::Topic(at)));
    assert!(reader.shows("Told by the other broker") && reader.shows("1 of "), "{:?}", reader.texts());
    let posed = "MILEHost @ broker.practice.invalid @ evil.example";
    assert!(side.iter().any(|text| text == posed), "{side:?}");
    let first = reader.desk.topics.iter().position(|topic| topic.id.node == "MILEHost").unwrap();
    let _ = reader.say(Message::View(View::Topic(first)));
    assert!(!reader.shows("Told by the other broker"), "nor what only says it is of it: {:?}", reader.texts());
    let _ = reader.say(Message::View(View::Own(0)));
    let _ = reader.say(Message::Group(Some(Group::Topic)));
    assert!(reader.shows(theirs) && reader.shows("MILEHost @ broker.practice.invalid"), "{:?}", reader.texts());
    for (name, theme) in themes() {
        reader.stage.picture(reader.feed.side(&reader.desk.cx()), &theme, &picture("feed-two-brokers", name));
    }
}

#[test]
fn back_over_a_text_that_could_not_be_read_is_back_to_the_rows_it_stood_over() {
    let mut reader = Reader::fresh(Desk::busy());
    filter(&mut reader, "severity:high");
    filter(&mut reader, "severity:high foo:");
    let (good, texts) = (reader.feed.query(), reader.texts());
    let _ = reader.say(Message::View(View::Own(3)));
    assert_ne!(reader.feed.query(), good);
    let _ = reader.say(Message::Back(true));
    let _ = reader.act(&[]);
    assert_eq!((reader.feed.query(), reader.texts()), (good, texts));
}
