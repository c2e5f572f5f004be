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
use gridwatch::screen::{Place, Tab};
use gridwatch::secrets::Memory;
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
    let stored = Event::Stored { added: done.added, changed: done.changed };
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
