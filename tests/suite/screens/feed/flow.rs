//! The feed while things come: paused, followed, put together, and with holes at their place in time.

use gridwatch::model::Coverage;
use gridwatch::model::coverage::{Cause, Gap, Proof, Span, Standing, Stretch};
use gridwatch::screen::feed::Group;
use gridwatch::store::index::order::By;
use proptest::prelude::*;

use super::*;
use crate::screens::topic_id;

fn arrive(reader: &mut Reader, name: &str, minutes: i64) -> Seq {
    let at = reader.desk.now - TimeDelta::minutes(minutes);
    let seq = reader.desk.receive("MILEHost", name, format!("<a xmlns='urn:{name}'/>").as_bytes(), at);
    reader.stored(&[seq]);
    let _ = reader.act(&[]);
    seq
}

#[test]
fn paused_the_list_stays_as_it_is_and_nothing_is_lost() {
    let mut reader = Reader::fresh(Desk::busy());
    let _ = reader.act(&[letter("p")]);
    let before = reader.texts();
    assert!(before.contains(&"Paused".to_owned()), "{before:?}");
    for n in 0..3 {
        let _ = arrive(&mut reader, &format!("while-{n}"), 0);
    }
    let after = reader.texts();
    let rows = |texts: &[String]| texts.iter().filter(|text| text.contains("urn:while")).count();
    assert_eq!((rows(&after), reader.feed.held()), (0, Some(3)));
    assert!(after.iter().any(|text| text == "Paused, 3 wait"), "{after:?}");
    // What one does oneself goes on, and a filter does not let in what waits.
    let _ = reader.act(&[letter("j")]);
    let _ = reader.act(&[letter("s")]);
    assert!(reader.desk.finder.local(reader.feed.selected().unwrap()).starred);
    let _ = reader.say(Message::Filter("topic:MILEHost".to_owned()));
    assert_eq!(rows(&reader.texts()), 0);
    let _ = reader.say(Message::ClearFilter);
    assert_eq!(rows(&reader.texts()), 0);
    let chosen = reader.feed.selected();
    let _ = reader.press("Paused, 3 wait");
    turn(&mut reader, -100.0);
    assert_eq!((rows(&reader.texts()), reader.feed.held(), reader.feed.selected()), (3, None, chosen));
}

#[test]
fn followed_the_newest_show_beside_a_chosen_row_that_stays_chosen() {
    let mut reader = Reader::fresh(Desk::busy());
    let _ = reader.act(&[letter("j")]);
    let chosen = reader.feed.selected();
    let _ = arrive(&mut reader, "one", 0);
    assert!(reader.shows("1 new") && !reader.shows("urn:one"), "it waits behind the pill: {:?}", reader.texts());
    let _ = reader.act(&[shifted("F")]);
    turn(&mut reader, -100.0);
    assert!(reader.shows("urn:one"));
    let _ = arrive(&mut reader, "two", 0);
    assert!(reader.shows("urn:two") && !reader.shows("1 new"));
    assert_eq!(reader.feed.selected(), chosen);
    // Who chooses a row rests there.
    let _ = reader.act(&[letter("j")]);
    let _ = arrive(&mut reader, "three", 0);
    assert!(!reader.shows("urn:three"));
}

#[test]
fn groups_open_and_shut_and_are_acted_on_as_one() {
    let mut reader = Reader::fresh(Desk::busy());
    let all = reader.desk.store.len();
    let _ = reader.say(Message::Group(Some(Group::Topic)));
    let _ = reader.act(&[]);
    let texts = reader.texts();
    for topic in ["MILEHost", "phishing-watch", "vendor-advisories"] {
        assert_eq!(texts.iter().filter(|text| *text == topic).count(), 1, "{texts:?}");
    }
    assert!(!texts.iter().any(|text| text.contains("HTTPS beacon")), "shut");
    let _ = reader.act(&[letter("j")]);
    let _ = reader.act(&[letter("o")]);
    assert!(reader.texts().len() > texts.len() + 10, "open");
    let members: Vec<Seq> = reader.feed.targets().iter().collect();
    assert!(members.len() > 10 && members.len() < all as usize);
    let unread = reader.desk.finder.unread();
    let _ = reader.act(&[letter("e")]);
    assert_eq!(reader.desk.finder.unread(), unread - u32::try_from(members.len()).unwrap());
    let _ = reader.act(&[letter("u")]);
    assert_eq!(reader.desk.finder.unread(), unread);
    for group in [Group::Source, Group::Campaign, Group::Observable] {
        let _ = reader.say(Message::Group(Some(group)));
        let _ = reader.act(&[]);
        let texts = reader.texts();
        assert!(texts.iter().filter(|text| text.ends_with(" incidents")).count() > 1, "{group:?} {texts:?}");
    }
    assert!(reader.shows("Share "), "a group is called after what it shares: {:?}", reader.texts());
    let _ = reader.say(Message::Back(true));
    assert!(reader.shows("Campaign "), "a campaign by its name: {:?}", reader.texts());
    let _ = reader.say(Message::Back(true));
    let _ = reader.say(Message::Back(true));
    let _ = reader.say(Message::Back(true));
    assert!(reader.shows("HTTPS beacon"), "the way back leads out of groups too");
}

fn coverage(reader: &Reader) -> Vec<Coverage> {
    let at = |minutes| reader.desk.now - TimeDelta::minutes(minutes);
    let stretch = |from, until, proof| Stretch { span: Span::new(at(from), at(until)), proof };
    let stretches =
        [stretch(900, 300, Proof::Live), stretch(300, 200, Proof::Swept), stretch(200, 30, Proof::Live)].into();
    vec![Coverage {
        topic: topic_id("MILEHost"),
        standing: Standing::Live { since: at(10) },
        stretches,
        gaps: [Gap { span: Span::new(at(30), at(10)), cause: Cause::Dropped }].into(),
    }]
}

/// What is over is counted once, and one count runs at a time.
#[test]
fn holes_are_counted_once() {
    let mut reader = Reader::fresh(Desk::busy());
    reader.desk.coverage = coverage(&reader);
    reader.desk.finder = Arc::new(Finder::default().asking(Arc::new(gridwatch::store::Memory::default())));
    let update = |reader: &mut Reader, message| reader.feed.update(message, &reader.desk.cx());
    let first = update(&mut reader, Message::Covered);
    assert!(matches!(update(&mut reader, Message::Covered), Action::None), "it is being counted");
    let counted = super::page::said(first).0;
    assert_eq!(counted.len(), 1);
    for message in counted {
        assert!(matches!(update(&mut reader, message), Action::None), "nothing changed");
    }
    assert!(matches!(update(&mut reader, Message::Covered), Action::None));
    // One that changed while others were counted is counted then.
    reader.desk.coverage[0].gaps = [].into();
    reader.desk.coverage[0].standing = Standing::Away { since: reader.desk.now - TimeDelta::minutes(30) };
    let open = update(&mut reader, Message::Covered);
    assert!(matches!(update(&mut reader, Message::Covered), Action::None));
    let counted = super::page::said(open).0;
    let again: Vec<_> = counted.into_iter().map(|message| update(&mut reader, message)).collect();
    assert!(matches!(again[..], [Action::Run(_)]), "it goes on");
}

#[test]
fn holes_stand_at_their_time_and_say_what_became_of_them() {
    let mut reader = Reader::fresh(Desk::busy());
    reader.desk.coverage = coverage(&reader);
    let _ = reader.say(Message::Covered);
    let texts = reader.texts();
    let at = |words: &str| {
        texts.iter().position(|text| text.contains(words)).unwrap_or_else(|| panic!("{words} in {texts:?}"))
    };
    assert!(
        texts[at("Gap 02:42Z to 03:02Z")].contains("may be missing") && texts[at("Gap 02:42Z")].contains("MILEHost")
    );
    assert!(texts[at("Gap 2026-11-20 22:12Z")].contains("filled in from what the topic stores"));
    // In order: newer rows, the hole, older rows.
    let row = |minutes: i64| {
        let (store, now) = (&reader.desk.store, reader.desk.now);
        let rows = (0..store.len()).filter_map(|seq| store.row(seq));
        let near = rows.filter(|row| now - row.at >= TimeDelta::minutes(minutes)).max_by_key(|row| row.at);
        near.unwrap().summary.title.clone()
    };
    let older = gridwatch::text::line(&row(31));
    assert!(at("Gap 02:42Z") < at(&older), "{older}");
    // Nobody stands on a hole, whichever way one goes.
    for _ in 0..12 {
        let _ = reader.act(&[letter("j")]);
        assert!(reader.feed.selected().is_some());
    }
    for _ in 0..12 {
        let _ = reader.act(&[letter("k")]);
    }
    // Its topic is a press away; other orders have no place for it; a topic's view shows its own.
    let words = reader.texts().into_iter().find(|text| text.contains("Gap 02:42Z")).unwrap();
    let actions = reader.press(&words);
    assert!(opened(&actions).iter().any(|target| matches!(target, Target::Topic(_))));
    let _ = reader.say(Message::Sort(By::Severity));
    assert!(!reader.shows("Gap 02:42Z"));
    let _ = reader.say(Message::Sort(By::At));
    let _ = reader.say(Message::Filter("topic:my-desk".to_owned()));
    assert!(!reader.shows("Gap 02:42Z"));
    let _ = reader.say(Message::Filter("topic:MILEHost".to_owned()));
    assert!(reader.shows("Gap 02:42Z"));
    // Beside the topic's name: a bar, and in words what it means.
    let _ = reader.say(Message::View(gridwatch::screen::feed::View::Topic(0)));
    let side: Vec<_> =
        reader.stage.texts(reader.feed.side(&reader.desk.cx())).into_iter().map(|(text, _)| text).collect();
    assert!(side.iter().any(|text| text.contains("% is here") && text.contains("02:42Z")), "{side:?}");
}

/// What can happen to a list.
#[derive(Clone, Copy, Debug)]
enum Event {
    Arrive(i64),
    Wheel(f32),
    Pause,
    Sort(By),
    Group(Option<Group>),
    Act,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0i64..40_000).prop_map(Event::Arrive),
        2 => (-6f32..6.0).prop_map(Event::Wheel),
        1 => Just(Event::Pause),
        1 => prop_oneof![Just(By::At), Just(By::Severity), Just(By::Topic)].prop_map(Event::Sort),
        1 => prop_oneof![Just(None), Just(Some(Group::Topic))].prop_map(Event::Group),
        1 => Just(Event::Act),
    ]
}

fn turn(reader: &mut Reader, notches: f32) {
    let over = reader.stage.point(300.0, 400.0);
    let _ = reader.act(&[over, wheel(notches)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    /// Whatever comes, and in whatever order the list is: what is chosen stays chosen, and what one looks at stays where it
    /// is. Only what one does oneself (the wheel, another order) moves it.
    #[test]
    fn what_comes_moves_neither_the_selection_nor_the_window(events in prop::collection::vec(event(), 1..9)) {
        let mut reader = Reader::fresh(Desk::busy());
        let _ = reader.act(&[]);
        for _ in 0..9 {
            let _ = reader.act(&[letter("j")]);
        }
        turn(&mut reader, 4.0);
        let chosen = reader.feed.selected();
        prop_assert!(chosen.is_some());
        for (number, event) in events.into_iter().enumerate() {
            match event {
                Event::Wheel(lines) => turn(&mut reader, lines),
                Event::Pause => drop(reader.say(Message::Pause)),
                Event::Sort(by) => drop(reader.say(Message::Sort(by))),
                Event::Group(group) => drop(reader.say(Message::Group(group))),
                Event::Act => drop(reader.act(&[letter("s")])),
                Event::Arrive(minutes) => {
                    let rows = |reader: &mut Reader| -> Vec<(String, i32)> {
                        let texts = reader.stage.texts(reader.feed.view(&reader.desk.cx())).into_iter();
                        let rows = texts.filter(|(text, _)| text.contains(" / PX-"));
                        rows.map(|(text, bounds)| (text, bounds.y as i32)).collect()
                    };
                    let _ = reader.act(&[]);
                    let before = rows(&mut reader);
                    let _ = arrive(&mut reader, &format!("n{number}"), minutes);
                    // One looks at the chosen row where it is in sight, else at the first.
                    let id = chosen.and_then(|seq| reader.desk.store.row(seq)).map(|row| row.summary.id.clone()).unwrap();
                    let own = before.iter().find(|(text, _)| text.ends_with(&id)).or(before.first());
                    if let Some(looked_at) = own {
                        let after = rows(&mut reader);
                        prop_assert!(after.contains(looked_at), "{event:?} {looked_at:?} {after:?}");
                    }
                }
            }
            if reader.feed.group().is_none() {
                prop_assert_eq!(reader.feed.selected(), chosen, "{:?}", event);
            }
        }
    }
}
