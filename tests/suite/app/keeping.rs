//! What was typed is on its shelf before its session ends, and in the order in which it was done.

use std::path::Path;
use std::sync::Arc;

use gridwatch::app::{Env, Message};
use gridwatch::compose::draft::{Act, Spot};
use gridwatch::engine::Command;
use gridwatch::owner::rules::Rules;
use gridwatch::screen::owner::{self, Ruling};
use gridwatch::screen::{Place, Tab, archive as door, care, composer, connect};
use gridwatch::secrets::{Memory, Secret};
use iced_test::futures::futures::{FutureExt, StreamExt};
use iced_test::runtime::{Task, task};

use super::archive::{begin, first};
use super::composer::{compose, element, essentials, fill, publish};
use super::kept::{at_the_door, in_memory};
use super::saver::run;
use crate::support::window::{ME, Window};

const OTHER: &str = "other@csirt.example";

/// The composer over an archive, with a report that is saved.
fn desk(folder: &Path) -> (Window, Arc<Memory>) {
    let keychain = Arc::new(Memory::default());
    let _ = first(folder, &keychain);
    let mut window = begin(folder, &keychain);
    window.go(Tab::Compose);
    essentials(&mut window);
    assert!(window.shows("saved"), "{:?}", window.texts());
    (window, keychain)
}

/// Types, and no time passes until what comes next.
fn type_in(window: &mut Window, words: &str) {
    let spot = Spot::text(element(window, &["Incident", "Description"]));
    window.say(Message::Compose(composer::Message::Act(Act::Set { spot, value: words.to_owned() })));
}

fn again(folder: &Path, keychain: &Arc<Memory>) -> Window {
    let mut window = begin(folder, keychain);
    window.go(Tab::Compose);
    window
}

#[test]
fn what_is_done_last_stays_whichever_work_is_quicker() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, keychain) = desk(folder.path());
    type_in(&mut window, "Thrown away");
    let kept = window.app.update(Message::Compose(composer::Message::Flush));
    let gone = window.app.update(Message::Compose(composer::Message::Discard));
    for task in [gone, kept] {
        let _ = window.finish(task);
    }
    drop(window);
    let mut window = again(folder.path(), &keychain);
    assert!(!window.shows("Thrown away"), "{:?}", window.texts());
}

/// It is discarded and brought back while an older word of it is on its way: that one's answer is not the new one's.
#[test]
fn a_draft_that_was_brought_back_is_kept_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, keychain) = desk(folder.path());
    type_in(&mut window, "Thrown away and wanted back");
    let kept = window.app.update(Message::Compose(composer::Message::Flush));
    let id = window.app.desk().unwrap().id.clone();
    let gone = window.app.update(Message::Compose(composer::Message::Discard));
    window.say(Message::Compose(composer::Message::Undiscard(id)));
    for task in [kept, gone] {
        let _ = window.finish(task);
    }
    window.run(Message::Compose(composer::Message::Flush));
    assert!(window.shows("saved"), "{:?}", window.texts());
    drop(window);
    let mut window = again(folder.path(), &keychain);
    window.click("Thrown away and wanted back");
    assert!(window.app.desk().is_some());
}

/// Something is on its way to its shelf while another session is wanted, and that is wanted no more.
#[test]
fn a_session_that_waits_to_end_goes_on_when_its_person_turns_back_or_leaves() {
    for last in [Message::Door(door::Message::Do(door::Act::Back)), Message::CloseRequested] {
        let folder = tempfile::tempdir().unwrap();
        let (mut window, keychain) = desk(folder.path());
        type_in(&mut window, "Typed before another came");
        at_the_door(&mut window, OTHER);
        let over = window.app.update(Message::Door(door::Message::Do(door::Act::InMemory)));
        let session = window.app.engine_key().unwrap().session;
        window.say(last);
        for message in window.messages(over) {
            window.say(message);
        }
        assert_eq!(window.app.profile().unwrap().jid.to_string(), ME);
        assert_eq!(window.app.engine_key().unwrap().session, session);
        drop(window);
        assert!(again(folder.path(), &keychain).shows("Typed before another came"));
    }
}

/// A report is held while the door of another account opens: its session goes on until it has gone out.
#[test]
fn what_is_held_when_the_door_opens_is_sent_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let archives = Some(folder.path().to_owned());
    let mut window = Window::connected_in(false, |env| Env { archives, settings: None, ..env });
    window.go(Tab::Compose);
    fill(&mut window);
    at_the_door(&mut window, OTHER);
    window.go(Tab::Compose);
    publish(&mut window);
    assert!(window.shows("in 10 s."), "{:?}", window.texts());
    window.say(Message::Door(door::Message::Do(door::Act::InMemory)));
    assert_eq!(window.app.profile().unwrap().jid.to_string(), ME);
    window.go(Tab::Compose);
    let _ = window.commands();
    window.let_pass(10);
    let sent = window.commands();
    assert!(sent.iter().any(|command| matches!(command, Command::Publish { .. })), "{sent:?}");
}

#[test]
fn what_was_typed_is_kept_before_another_account_comes_and_before_the_archive_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, keychain) = desk(folder.path());
    type_in(&mut window, "Typed within the second");
    in_memory(&mut window, OTHER);
    assert_eq!(window.app.profile().unwrap().jid.to_string(), OTHER);
    assert!(window.app.desk().is_none());
    drop(window);
    let mut window = again(folder.path(), &keychain);
    window.click("Typed within the second");
    type_in(&mut window, "Typed before it was closed");
    window.run(Message::Care(care::Message::Do(care::Act::Close)));
    assert!(window.app.profile().is_none());
    drop(window);
    let mut window = again(folder.path(), &keychain);
    assert!(window.shows("Typed before it was closed"), "{:?}", window.texts());
}

/// Makes a rule of the owner desk; what writes it is not done yet.
fn rule(window: &mut Window, who: &str) -> Task<Message> {
    let say = |message| Message::Owner(owner::Message::Rules(message));
    window.say(say(Ruling::Open));
    window.say(say(Ruling::Who(who.to_owned())));
    window.app.update(say(Ruling::Add))
}

/// The rules on the disk, by whom they are about.
fn ruled(window: Window, folder: &Path, keychain: &Arc<Memory>) -> Vec<String> {
    drop(window);
    let window = begin(folder, keychain);
    let store = window.app.store();
    let rules = Rules::load(store.local().unwrap()).unwrap();
    rules.all.iter().map(|(_, rule)| rule.who.to_string()).collect()
}

#[test]
fn a_rule_is_kept_before_another_account_comes_and_before_the_archive_is_closed() {
    for ends in [
        |window: &mut Window| in_memory(window, OTHER),
        |window: &mut Window| {
            window.run(Message::Care(care::Message::Do(care::Act::Close)));
        },
    ] {
        let folder = tempfile::tempdir().unwrap();
        let keychain = Arc::new(Memory::default());
        let _ = first(folder.path(), &keychain);
        let mut window = begin(folder.path(), &keychain);
        // Its thread is slow: whoever ends the session does not wait for that one alone.
        let slow = rule(&mut window, "blue.example");
        ends(&mut window);
        assert!(window.app.profile().is_none_or(|profile| profile.jid.to_string() == OTHER));
        drop(slow);
        assert_eq!(ruled(window, folder.path(), &keychain), ["blue.example"]);
    }
}

#[test]
fn the_window_goes_after_a_rule_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let _ = first(folder.path(), &keychain);
    let mut window = begin(folder.path(), &keychain);
    let adding = rule(&mut window, "blue.example");
    let leaving = window.app.update(Message::CloseRequested);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut leaving = task::into_stream(leaving).unwrap();
        assert!(leaving.next().now_or_never().is_none(), "it waits");
        assert!(run(&mut window.app, vec![adding]).await, "and goes as soon as it is written");
    });
    assert_eq!(ruled(window, folder.path(), &keychain), ["blue.example"]);
}

/// The same account signs in again while something is being written: it is told of as before.
#[test]
fn a_draft_is_saved_on_after_its_account_signed_in_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, keychain) = desk(folder.path());
    type_in(&mut window, "Once");
    let kept = window.app.update(Message::Compose(composer::Message::Flush));
    window.say(Message::Go(Place::Connect));
    let password = Secret::new("practice".to_owned());
    window.say(Message::Connect(connect::Message::Secret(connect::Field::Password, password)));
    window.run(Message::Connect(connect::Message::Connect));
    assert_eq!(window.app.engine_key().unwrap().session, 2);
    let _ = window.finish(kept);
    window.go(Tab::Compose);
    let spot = Spot::text(element(&window, &["Incident", "Description"]));
    compose(&mut window, composer::Message::Act(Act::Set { spot, value: "Twice".to_owned() }));
    assert!(window.shows("saved"), "{:?}", window.texts());
    drop(window);
    assert!(again(folder.path(), &keychain).shows("Twice"));
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_kept_holds_its_session_and_is_said() {
    let Some(disk) = crate::archive_disk::disk(24) else { return };
    let (mut window, keychain) = desk(disk.path());
    let filler = disk.path().join("filler");
    let words = format!("Typed on a full disk\n{}", "word ".repeat(1 << 20));
    for full in [&words, &words.replace("a full", "another full")] {
        let _ = std::fs::write(&filler, vec![0_u8; 24 << 20]);
        type_in(&mut window, full);
        at_the_door(&mut window, OTHER);
        let over = window.app.update(Message::Door(door::Message::Do(door::Act::InMemory)));
        for message in window.messages(over) {
            window.say(message);
        }
        assert_eq!(window.app.profile().unwrap().jid.to_string(), ME);
        assert_eq!(window.app.place(), Place::Tab(Tab::Compose));
        let title = window.app.desk().unwrap().title().to_owned();
        assert!(full.starts_with(&title) && window.shows(&format!("could not be saved ({title})")), "{title}");
        if full == &words {
            window.pictures("compose-not-kept");
        }
        std::fs::remove_file(&filler).unwrap();
        compose(&mut window, composer::Message::Flush);
        assert!(window.shows("saved"), "{:?}", window.texts());
    }
    in_memory(&mut window, OTHER);
    assert_eq!(window.app.profile().unwrap().jid.to_string(), OTHER);
    drop(window);
    let mut window = again(disk.path(), &keychain);
    window.click("Typed on another full disk");
    // A person who wants it gone all the same is told what went with it; else a broken archive could not be closed.
    let _ = std::fs::write(&filler, vec![0_u8; 24 << 20]);
    type_in(&mut window, &words.replace("Typed", "Given up"));
    for told in ["could not be saved (Given up on a full disk)", "Not saved, and gone: Given up on a full disk."] {
        let closed = window.app.update(Message::Care(care::Message::Do(care::Act::Close)));
        for message in window.messages(closed) {
            window.say(message);
        }
        assert!(window.shows(told), "{:?}", window.texts());
    }
    assert!(window.app.profile().is_none());
}
