//! What a person made of the incidents is there after the program ended, however it ended: two windows, one after the other,
//! over one true archive; between them what a killed program leaves on the disk.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use gridwatch::app::Message;
use gridwatch::app::bridge::Update;
use gridwatch::engine::Event;
use gridwatch::screen::feed::{Act, Form, Message as Feed};
use gridwatch::screen::hunt::{self, Side};
use gridwatch::screen::{Place, Tab, archive as door, connect};
use gridwatch::secrets::{Memory, Secret};
use gridwatch::store::Error;
use gridwatch::store::acts::{Change, Note};
use gridwatch::store::finder::Report;
use gridwatch::store::local;
use iced_test::core::text::editor::{Action, Edit};

use super::archive::{begin, files, first};
use crate::archive::incoming;
use crate::support::window::{Window, now};

/// The files of a program that is killed now.
fn killed(from: &Path, to: &Path) {
    fs::create_dir_all(files(to)).unwrap();
    for entry in fs::read_dir(files(from)).unwrap() {
        let entry = entry.unwrap();
        let _ = fs::copy(entry.path(), files(to).join(entry.file_name())).unwrap();
    }
}

fn feed(window: &mut Window, message: Feed) {
    window.run(Message::Feed(message));
}

fn act(window: &mut Window, act: Act) {
    feed(window, Feed::Act(act));
}

/// How many incidents a filter shows, in the window's own words.
fn count(window: &mut Window, filter: &str) -> String {
    window.go(Tab::Feed);
    feed(window, Feed::Goto(filter.to_owned()));
    let texts = window.texts();
    feed(window, Feed::ClearFilter);
    texts.into_iter().find(|text| text.contains(" of ") && text.len() < 8).unwrap_or_default()
}

#[test]
fn everything_done_is_there_after_a_restart_and_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let _ = first(folder.path(), &keychain);
    let mut window = begin(folder.path(), &keychain);
    let done = window.app.store().commit((1..6).map(incoming).collect()).unwrap();
    let stored = Event::Stored(done);
    window.run(Message::Engine(1, Update::Events(vec![stored])));

    feed(&mut window, Feed::Select(0));
    act(&mut window, Act::Star);
    act(&mut window, Act::Tag("urgent".to_owned(), true));
    act(&mut window, Act::Note("called the owner".to_owned()));
    act(&mut window, Act::Disposition(Some("handled".to_owned())));
    feed(&mut window, Feed::Select(1));
    act(&mut window, Act::Snooze(Some(now() + TimeDelta::days(2))));
    act(&mut window, Act::Mute("id:1".to_owned(), TimeDelta::days(3)));
    feed(&mut window, Feed::Filter("is:starred".to_owned()));
    feed(&mut window, Feed::Form(Form::View("Hot ones".to_owned())));
    feed(&mut window, Feed::Done);
    feed(&mut window, Feed::ClearFilter);
    window.run(Message::Go(Place::Hunt));
    window.run(Message::Hunt(hunt::Message::Side(Side::Ours)));
    let typed = Edit::Paste(Arc::new("192.0.2.5/32\n".to_owned()));
    window.run(Message::Hunt(hunt::Message::Edit(Action::Edit(typed))));
    window.run(Message::Hunt(hunt::Message::Start));
    let asked = ["is:starred", "tag:urgent", "has:note", "is:unread", "is:snoozed", "is:muted", "is:ours", ""];
    let before = asked.each_ref().map(|filter| count(&mut window, filter));
    assert_eq!(before, ["1 of 6", "1 of 6", "1 of 6", "2 of 6", "1 of 6", "1 of 6", "1 of 6", "4 of 6"]);

    let image = tempfile::tempdir().unwrap();
    killed(folder.path(), image.path());
    drop(window);
    for place in [folder.path(), image.path()] {
        let mut window = begin(place, &keychain);
        assert_eq!(window.app.store().len(), 6);
        assert_eq!(asked.each_ref().map(|filter| count(&mut window, filter)), before);
        assert!(window.shows("Hot ones"), "{:?}", window.texts());
        feed(&mut window, Feed::Goto("has:note".to_owned()));
        feed(&mut window, Feed::Select(0));
        feed(&mut window, Feed::Form(Form::Note(String::new())));
        assert!(window.shows("called the owner"));
        feed(&mut window, Feed::CloseForm);
        window.run(Message::Go(Place::Hunt));
        window.run(Message::Hunt(hunt::Message::Side(Side::Ours)));
        // It stands in the field, which tells nobody its text: what is started is what stands there.
        window.run(Message::Hunt(hunt::Message::Start));
        assert!(window.shows("(1 entries)"), "{:?}", window.texts());
    }
}

#[test]
fn a_view_that_was_removed_stays_removed_and_an_act_taken_back_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let _ = first(folder.path(), &keychain);
    let mut window = begin(folder.path(), &keychain);
    feed(&mut window, Feed::Filter("is:unread".to_owned()));
    for name in ["One", "Two"] {
        feed(&mut window, Feed::Form(Form::View(name.to_owned())));
        feed(&mut window, Feed::Done);
    }
    feed(&mut window, Feed::ClearFilter);
    feed(&mut window, Feed::RemoveView(0));
    feed(&mut window, Feed::Select(0));
    act(&mut window, Act::Star);
    act(&mut window, Act::Tag("x".to_owned(), true));
    feed(&mut window, Feed::Undo);
    feed(&mut window, Feed::Undo);
    drop(window);
    let mut window = begin(folder.path(), &keychain);
    assert!(window.shows("Two") && !window.shows("One"), "{:?}", window.texts());
    assert_eq!(["is:starred", "tag:x"].map(|filter| count(&mut window, filter)), ["0 of 1", "0 of 1"]);
}

/// Another account's session in the same window, which keeps nothing on the disk.
pub fn in_memory(window: &mut Window, jid: &str) {
    at_the_door(window, jid);
    window.run(Message::Door(door::Message::Do(door::Act::InMemory)));
}

/// The form for another account is sent: it waits at the door of its archive.
pub fn at_the_door(window: &mut Window, jid: &str) {
    window.say(Message::Go(Place::Connect));
    window.say(Message::Connect(connect::Message::Edit(connect::Field::Jid, jid.to_owned())));
    let password = Secret::new("practice".to_owned());
    window.say(Message::Connect(connect::Message::Secret(connect::Field::Password, password)));
    window.run(Message::Connect(connect::Message::Connect));
}

#[test]
fn views_of_one_account_are_not_shown_to_another_nor_kept_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let _ = first(folder.path(), &keychain);
    let mut window = begin(folder.path(), &keychain);
    for name in ["Hot ones", "Cold ones"] {
        feed(&mut window, Feed::Filter("is:starred".to_owned()));
        feed(&mut window, Feed::Form(Form::View(name.to_owned())));
        feed(&mut window, Feed::Done);
    }
    assert!(window.shows("Hot ones"), "{:?}", window.texts());
    in_memory(&mut window, "other@csirt.example");
    assert_eq!(window.app.profile().unwrap().jid.to_string(), "other@csirt.example");
    window.go(Tab::Feed);
    assert!(!window.shows("Hot ones"), "{:?}", window.texts());
    feed(&mut window, Feed::Filter("is:unread".to_owned()));
    feed(&mut window, Feed::Form(Form::View("Theirs".to_owned())));
    feed(&mut window, Feed::Done);
    assert!(window.shows("Theirs") && !window.shows("Hot ones"), "{:?}", window.texts());
    let kept = |window: &Window| {
        let (views, _) = local::views(window.app.store().local().unwrap()).unwrap();
        views.all().iter().map(|view| view.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kept(&window), ["Theirs"]);
    drop(window);
    let window = begin(folder.path(), &keychain);
    assert_eq!(kept(&window), ["Hot ones", "Cold ones"]);
}

#[test]
fn what_the_store_refuses_is_said_and_the_row_is_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let _ = first(folder.path(), &keychain);
    let mut window = begin(folder.path(), &keychain);
    feed(&mut window, Feed::Select(0));
    act(&mut window, Act::Star);
    // Somebody else took the number that the next note gets: the store takes none of what goes with it.
    let taken = Note { id: 1, row: 0, written: now(), text: "other".to_owned() };
    window.app.store().local().unwrap().change(&[Change::Note { note: taken, on: true }]).unwrap();
    let said = window.outcome(Message::Feed(Feed::Act(Act::Note("called the owner".to_owned()))));
    let lost = |message: &Message| matches!(message, Message::Feed(Feed::Worked(_, Report { lost: Some((_, 1)), .. })));
    assert!(said.iter().any(lost), "{said:?}");
    assert_eq!(["has:note", "is:starred"].map(|filter| count(&mut window, filter)), ["0 of 1", "1 of 1"]);
    // What another session's task has to tell changes nothing here but that a loss is said.
    let views = Report { loaded: true, views: true, ..Report::default() };
    feed(&mut window, Feed::Worked(1, views));
    let lost = Report { lost: Some((Error::NoRoom, 7)), ..Report::default() };
    window.say(Message::Feed(Feed::Worked(1, lost)));
    assert!(window.shows("Not kept, and taken back: the last 7"), "{:?}", window.texts());
    assert_eq!(count(&mut window, "is:starred"), "1 of 1");
    drop(window);
    let mut window = begin(folder.path(), &keychain);
    assert_eq!(["has:note", "is:starred"].map(|filter| count(&mut window, filter)), ["1 of 1", "1 of 1"]);
}
