//! The archive's door as its user meets it: the first choice, the code shown once, opening by itself, a keychain that lost its
//! key, a damaged file. A true archive on a true disk; the keychain is this run's memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gridwatch::app::bridge::Update;
use gridwatch::app::{App, Env, Message};
use gridwatch::engine::Event;
use gridwatch::screen::archive::{self, Act, State};
use gridwatch::screen::{Place, Tab, care, connect};
use gridwatch::secrets::{Keeper, Memory, Secret, SecretStore};
use gridwatch::settings::Settings;
use gridwatch::store::vault::Way;

use crate::archive::incoming;
use crate::support::sealed::PAGE;
use crate::support::window::{ME, Window, env};

/// A window over the archives of `folder`, with the form filled and sent.
pub fn begin(folder: &Path, keychain: &Arc<Memory>) -> Window {
    window(folder, keychain.clone())
}

/// The same over any keychain.
pub fn window(folder: &Path, keychain: Arc<dyn SecretStore>) -> Window {
    let (world, _) = env();
    let secrets = Keeper::new(keychain);
    let world = Env { archives: Some(folder.to_owned()), settings: None, secrets, ..world };
    let mut window = Window::fresh(Settings::default());
    window.app = App::new(world, Settings::default());
    window.say(Message::Go(Place::Connect));
    window.say(Message::Connect(connect::Message::Edit(connect::Field::Jid, ME.to_owned())));
    let password = Secret::new("practice".to_owned());
    window.say(Message::Connect(connect::Message::Secret(connect::Field::Password, password)));
    window.run(Message::Connect(connect::Message::Connect));
    window
}

fn act(window: &mut Window, act: Act) {
    window.run(Message::Door(archive::Message::Do(act)));
}

fn typed(window: &mut Window, text: &str) {
    window.run(Message::Door(archive::Message::Typed(Secret::new(text.to_owned()))));
}

pub fn files(folder: &Path) -> PathBuf {
    folder.join(ME)
}

/// Makes an archive that the keychain opens, with one incident in it; gives the printed code.
pub fn first(folder: &Path, keychain: &Arc<Memory>) -> String {
    let mut window = begin(folder, keychain);
    assert_eq!(window.app.place(), Place::Archive);
    assert!(window.shows("Choose what opens it") && window.shows("Keep nothing on this computer"));
    let code = choose_keychain(&mut window);
    let _ = window.app.store().commit(vec![incoming(0)]).unwrap();
    code
}

/// At the door for the first time: the keychain is to open it; gives the printed code.
pub fn choose_keychain(window: &mut Window) -> String {
    window.run(Message::Door(archive::Message::Submit));
    let code = window.texts().into_iter().find(|text| text.len() == 34 && text.matches('-').count() == 6).unwrap();
    act(window, Act::Go);
    assert_eq!(window.app.place(), Place::Archive, "not before the code is on paper");
    window.say(Message::Door(archive::Message::Written(true)));
    act(window, Act::Go);
    assert_eq!(window.app.place(), Place::Tab(Tab::Feed));
    assert!(!window.shows(&code));
    code
}

#[test]
fn the_keychain_opens_by_itself_and_what_was_stored_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let _ = first(folder.path(), &keychain);
    let window = begin(folder.path(), &keychain);
    assert_ne!(window.app.place(), Place::Archive);
    assert_eq!(window.app.store().len(), 1);
}

#[test]
fn a_keychain_without_the_key_makes_no_new_one_and_the_code_opens() {
    let folder = tempfile::tempdir().unwrap();
    let code = first(folder.path(), &Arc::new(Memory::default()));
    let keys = fs::read(files(folder.path()).join("keys.json")).unwrap();
    let mut window = begin(folder.path(), &Arc::new(Memory::default()));
    assert_eq!(window.app.place(), Place::Archive);
    assert!(window.shows("The keychain has no key for this archive"));
    window.say(Message::Door(archive::Message::Way(Way::Recovery)));
    typed(&mut window, "0000-0000");
    window.run(Message::Door(archive::Message::Submit));
    assert!(window.shows("That is not a recovery code"));
    typed(&mut window, &code.to_lowercase());
    window.run(Message::Door(archive::Message::Submit));
    assert_eq!(window.app.store().len(), 1);
    assert!(fs::read(files(folder.path()).join("keys.json")).unwrap() == keys);
}

#[test]
fn an_archive_that_nothing_opens_is_put_by_for_a_new_one_after_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let _ = first(folder.path(), &Arc::new(Memory::default()));
    let kept = fs::read(files(folder.path()).join("archive-1.db")).unwrap();
    for lost in [false, true] {
        if lost {
            for name in ["keys.json", "keys.copy.json"] {
                fs::remove_file(files(folder.path()).join(name)).unwrap();
            }
        }
        let mut window = begin(folder.path(), &Arc::new(Memory::default()));
        if !lost {
            assert!(!window.shows("Start a new archive"));
            window.say(Message::Door(archive::Message::Helpless(true)));
        }
        assert!(window.shows("Start a new archive"));
        window.say(Message::Door(archive::Message::Confirm("start".to_owned())));
        act(&mut window, Act::SetAside);
        assert!(window.shows("Start a new archive"), "not without the word");
        window.say(Message::Door(archive::Message::Confirm("Start New ".to_owned())));
        act(&mut window, Act::SetAside);
        assert!(window.shows("Choose what opens it") && window.shows("The old archive is kept as it was"));
        window.run(Message::Door(archive::Message::Submit));
        window.say(Message::Door(archive::Message::Written(true)));
        act(&mut window, Act::Go);
        assert_eq!(window.app.store().len(), 0);
    }
    let aside = fs::read_dir(files(folder.path())).unwrap().map(|entry| entry.unwrap().path());
    let mut aside: Vec<PathBuf> = aside.filter(|path| path.extension().is_some_and(|end| end == "locked")).collect();
    aside.sort_by_key(|path| path.as_os_str().len());
    assert_eq!(aside.len(), 2);
    assert!(fs::read(aside[0].join("archive-1.db")).unwrap() == kept && aside[0].join("keys.json").exists());
    assert!(aside[1].join("archive-1.db").exists());
}

#[test]
fn a_passphrase_is_asked_for_twice_and_then_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let mut window = begin(folder.path(), &keychain);
    window.say(Message::Door(archive::Message::Own(true)));
    typed(&mut window, "short");
    window.run(Message::Door(archive::Message::Submit));
    assert!(window.shows("Too short"));
    typed(&mut window, "three small words");
    window.run(Message::Door(archive::Message::Submit));
    assert!(window.shows("not the same"));
    window.say(Message::Door(archive::Message::Again(Secret::new("three small words".to_owned()))));
    window.run(Message::Door(archive::Message::Submit));
    assert!(window.shows("It is not shown again"));
    // A second window finds the archive taken, and may look again.
    let mut second = begin(folder.path(), &keychain);
    assert!(second.shows("in use by another Gridwatch"));
    drop(window);
    act(&mut second, Act::Retry);
    assert!(second.shows("The archive is locked"));
    typed(&mut second, "three small word");
    second.run(Message::Door(archive::Message::Submit));
    assert!(second.shows("does not open it"));
    typed(&mut second, "three small words");
    second.run(Message::Door(archive::Message::Submit));
    assert_ne!(second.app.place(), Place::Archive);
}

#[test]
fn memory_only_writes_nothing_and_going_back_gives_the_form_back() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let mut window = begin(folder.path(), &keychain);
    act(&mut window, Act::Back);
    assert_eq!(window.app.place(), Place::Connect);
    window.run(Message::Connect(connect::Message::Connect));
    act(&mut window, Act::InMemory);
    assert_eq!(window.app.place(), Place::Tab(Tab::Feed));
    let _ = window.app.store().commit(vec![incoming(0)]).unwrap();
    let names: Vec<_> = fs::read_dir(files(folder.path())).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["archive.lock"]);
}

#[test]
fn a_damaged_archive_is_offered_for_recovery_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let _ = first(folder.path(), &keychain);
    let file = files(folder.path()).join("archive-1.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes[40] ^= 1;
    fs::write(&file, &bytes).unwrap();
    let mut window = begin(folder.path(), &keychain);
    assert!(window.shows("the archive's file is damaged"));
    act(&mut window, Act::Recover);
    assert!(window.shows("could not be read"), "{:?}", window.texts());
    let aside = fs::read_dir(files(folder.path())).unwrap().map(|entry| entry.unwrap().path());
    let aside = aside.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "damaged")).unwrap();
    assert!(fs::read(aside).unwrap() == bytes, "kept as it was");
    act(&mut window, Act::Go);
    assert_eq!(window.app.place(), Place::Tab(Tab::Feed));
}

/// Flips a bit in the middle of every page from this one on.
fn damage(file: &Path, from: usize) {
    let mut bytes = fs::read(file).unwrap();
    for page in (from..bytes.len() / PAGE).rev() {
        bytes[page * PAGE + 1_000] ^= 1;
    }
    fs::write(file, &bytes).unwrap();
}

#[test]
fn damage_met_in_a_session_is_said_at_once_and_leads_to_recovery() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let _ = first(folder.path(), &keychain);
    {
        let window = begin(folder.path(), &keychain);
        let _ = window.app.store().commit((1..400).map(incoming).collect()).unwrap();
    }
    let mut window = begin(folder.path(), &keychain);
    window.say(Message::Go(Place::Tab(Tab::Topics)));
    assert!(!window.shows("The archive is damaged"));
    // A page of payloads, which no opening reads.
    damage(&files(folder.path()).join("archive-1.db"), 24);
    let store = window.app.store();
    assert!((0..400).any(|seq| store.payload(seq).is_err()));
    drop(store);
    assert!(window.shows("The archive is damaged"), "{:?}", window.texts());
    window.pictures("archive-damaged-session");
    window.run(Message::Care(care::Message::Do(care::Act::Close)));
    assert_eq!(window.app.place(), Place::Archive);
    assert!(window.shows("the archive's file is damaged"), "{:?}", window.texts());
    window.pictures("archive-broken");
    act(&mut window, Act::Recover);
    assert!(window.shows("could not be read"), "{:?}", window.texts());
    window.pictures("archive-recovered");
    act(&mut window, Act::Go);
    assert_eq!(window.app.place(), Place::Connect);
}

#[test]
fn a_backup_is_made_in_the_window_and_begins_another_archive() {
    let folder = tempfile::tempdir().unwrap();
    let (keychain, backup) = (Arc::new(Memory::default()), folder.path().join("all.backup"));
    let old = first(&folder.path().join("one"), &keychain);
    let mut window = begin(&folder.path().join("one"), &keychain);
    let care = |window: &mut Window, message| window.run(Message::Care(message));
    let secret = |text: &str| Secret::new(text.to_owned());
    window.run(Message::Go(Place::Care));
    assert!(window.shows("How it stands") && window.shows("Recovery code"), "{:?}", window.texts());
    window.pictures("care");
    care(&mut window, care::Message::Do(care::Act::Check));
    assert!(window.shows("Every page of the archive"));
    care(&mut window, care::Message::Show(Some(care::Form::BackUp)));
    care(&mut window, care::Message::Path(backup.display().to_string()));
    care(&mut window, care::Message::New(secret("too short")));
    care(&mut window, care::Message::Submit);
    assert!(window.shows("Too short") && !backup.exists());
    care(&mut window, care::Message::New(secret("it travels by train")));
    care(&mut window, care::Message::Again(secret("it travels by train")));
    window.pictures("care-backup");
    care(&mut window, care::Message::Submit);
    assert!(window.shows("The backup is made") && backup.exists(), "{:?}", window.texts());
    // Another code; the one before is no good any more.
    care(&mut window, care::Message::Show(Some(care::Form::Code)));
    window.pictures("care-code");
    care(&mut window, care::Message::Submit);
    let code = window.texts().into_iter().find(|text| text.len() == 34 && text.matches('-').count() == 6).unwrap();
    assert_ne!(code, old);
    window.pictures("care-printed");
    care(&mut window, care::Message::Written);
    assert!(!window.shows(&code));
    drop(window);
    let mut window = begin(&folder.path().join("one"), &Arc::new(Memory::default()));
    window.say(Message::Door(archive::Message::Way(Way::Recovery)));
    for (text, opens) in [(&old, false), (&code, true)] {
        typed(&mut window, text);
        window.run(Message::Door(archive::Message::Submit));
        assert_eq!(window.app.place() != Place::Archive, opens);
    }
    // Elsewhere.
    let mut window = begin(&folder.path().join("two"), &keychain);
    window.say(Message::Door(archive::Message::Restore(true)));
    window.say(Message::Door(archive::Message::From(backup.display().to_string())));
    window.say(Message::Door(archive::Message::FromSecret(secret("it travels by train"))));
    window.pictures("archive-restore");
    window.run(Message::Door(archive::Message::Submit));
    window.pictures("archive-made");
    window.say(Message::Door(archive::Message::Written(true)));
    act(&mut window, Act::Go);
    assert_eq!(window.app.store().len(), 1);
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn care(window: &mut Window, message: care::Message) {
    window.run(Message::Care(message));
}

/// The code that is on the screen.
fn shown(window: &mut Window) -> Option<String> {
    window.texts().into_iter().find(|text| text.len() == 34 && text.matches('-').count() == 6)
}

/// Sets a passphrase, proved by the keychain.
fn passphrase(window: &mut Window, text: &str) {
    window.run(Message::Go(Place::Care));
    care(window, care::Message::Show(Some(care::Form::Passphrase)));
    care(window, care::Message::New(secret(text)));
    care(window, care::Message::Again(secret(text)));
    care(window, care::Message::Submit);
    assert!(window.shows("The passphrase is set"), "{:?}", window.texts());
}

/// Under which name the keychain keeps the archive's key.
fn entry(folder: &Path) -> Option<String> {
    let sheet: serde_json::Value = serde_json::from_slice(&fs::read(files(folder).join("keys.json")).unwrap()).unwrap();
    let slot = sheet["slots"].as_array().unwrap().iter().find(|slot| slot["kind"] == "keychain")?;
    Some(gridwatch::secrets::archive_entry(slot["id"].as_str().unwrap()))
}

#[test]
fn the_keychain_is_taken_out_of_what_opens_it_and_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let kept = |entry: &str| keychain.get(entry).wait().unwrap();
    let _ = first(folder.path(), &keychain);
    let before = entry(folder.path()).unwrap();
    let mut window = begin(folder.path(), &keychain);
    window.run(Message::Go(Place::Care));
    assert!(!window.shows("Take its key out"), "the code alone would be left");
    passphrase(&mut window, "three small words");
    care(&mut window, care::Message::Show(Some(care::Form::Keychain)));
    window.pictures("care-keychain");
    assert!(kept(&before).is_some());
    care(&mut window, care::Message::Submit);
    assert!(window.shows("The keychain opens the archive no more"), "{:?}", window.texts());
    assert!(kept(&before).is_none() && entry(folder.path()).is_none());
    drop(window);
    let mut window = begin(folder.path(), &keychain);
    assert!(window.shows("The archive is locked"), "{:?}", window.texts());
    typed(&mut window, "three small words");
    window.run(Message::Door(archive::Message::Submit));
    assert_eq!(window.app.store().len(), 1);
    // Back again; not by a passphrase that is wrong.
    window.run(Message::Go(Place::Care));
    care(&mut window, care::Message::Show(Some(care::Form::Keychain)));
    for (text, opens) in [("three small word", false), ("three small words", true)] {
        care(&mut window, care::Message::Proof(secret(text)));
        care(&mut window, care::Message::Submit);
        assert_eq!(window.shows("The keychain opens the archive from now on"), opens, "{:?}", window.texts());
        assert_eq!(entry(folder.path()).is_some_and(|entry| kept(&entry).is_some()), opens);
    }
    drop(window);
    let window = begin(folder.path(), &keychain);
    assert_ne!(window.app.place(), Place::Archive, "it opens by itself");
}

#[test]
fn new_keys_open_all_of_it_and_nothing_from_before_does() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let old = first(folder.path(), &keychain);
    let before = entry(folder.path()).unwrap();
    let mut window = begin(folder.path(), &keychain);
    window.run(Message::Go(Place::Care));
    care(&mut window, care::Message::Show(Some(care::Form::Rotate)));
    window.pictures("care-rotate");
    // Who cannot prove that they may keeps the session.
    care(&mut window, care::Message::By(Way::Recovery));
    care(&mut window, care::Message::Proof(secret("0000-0000")));
    care(&mut window, care::Message::Submit);
    assert!(window.shows("That is not a recovery code"), "{:?}", window.texts());
    assert_eq!((window.app.place(), window.app.store().len()), (Place::Care, 1));
    care(&mut window, care::Message::By(Way::Keychain));
    care(&mut window, care::Message::Submit);
    assert_eq!(window.app.place(), Place::Archive);
    assert!(window.shows("The archive has new keys"), "{:?}", window.texts());
    window.pictures("archive-anew");
    let code = shown(&mut window).unwrap();
    assert_ne!(code, old);
    act(&mut window, Act::Go);
    assert_eq!(window.app.place(), Place::Archive, "not before the code is on paper");
    window.run(Message::CloseRequested);
    assert!(window.shows("is not on paper yet"), "{:?}", window.texts());
    window.run(Message::CloseSheet);
    assert!(window.app.place() == Place::Archive && window.shows(&code), "{:?}", window.texts());
    window.say(Message::Door(archive::Message::Written(true)));
    act(&mut window, Act::Go);
    assert_eq!(window.app.place(), Place::Connect);
    drop(window);
    assert!(!files(folder.path()).join("archive-1.db").exists() && files(folder.path()).join("archive-2.db").exists());
    // The keychain has the new key, and not the old one.
    let after = entry(folder.path()).unwrap();
    assert!(after != before && keychain.get(&before).wait().unwrap().is_none());
    let window = begin(folder.path(), &keychain);
    assert_eq!(window.app.store().len(), 1);
    drop(window);
    let mut window = begin(folder.path(), &Arc::new(Memory::default()));
    window.say(Message::Door(archive::Message::Way(Way::Recovery)));
    for (text, opens) in [(&old, false), (&code, true)] {
        typed(&mut window, text);
        window.run(Message::Door(archive::Message::Submit));
        assert_eq!(window.app.place() != Place::Archive, opens);
    }
    // Where a passphrase opens it, it gets a new one.
    drop(window);
    let mut window = begin(folder.path(), &keychain);
    passphrase(&mut window, "three small words");
    care(&mut window, care::Message::Show(Some(care::Form::Rotate)));
    care(&mut window, care::Message::Submit);
    assert_eq!(window.app.place(), Place::Care, "not without the passphrase that is to open it");
    for field in [care::Message::New as fn(Secret) -> care::Message, care::Message::Again] {
        care(&mut window, field(secret("four other small words")));
    }
    care(&mut window, care::Message::Submit);
    assert!(window.shows("The archive has new keys"), "{:?}", window.texts());
    drop(window);
    let mut window = begin(folder.path(), &Arc::new(Memory::default()));
    for (text, opens) in [("three small words", false), ("four other small words", true)] {
        typed(&mut window, text);
        window.run(Message::Door(archive::Message::Submit));
        assert_eq!(window.app.place() != Place::Archive, opens, "{:?}", window.texts());
    }
}

#[test]
fn nothing_takes_a_new_code_away_before_it_is_on_paper() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let _ = first(folder.path(), &keychain);
    let mut window = begin(folder.path(), &keychain);
    window.run(Message::Go(Place::Care));
    care(&mut window, care::Message::Show(Some(care::Form::Code)));
    care(&mut window, care::Message::Submit);
    let code = shown(&mut window).unwrap();
    window.go(Tab::Feed);
    // Closing asks, with the code behind the question.
    window.run(Message::CloseRequested);
    assert!(window.shows("is not on paper yet"), "{:?}", window.texts());
    window.pictures("care-leave");
    window.run(Message::CloseSheet);
    assert!(window.app.place() == Place::Care && window.shows(&code), "{:?}", window.texts());
    // Another session, the practice grid, the archive's door: none of them.
    window.go(Tab::Feed);
    window.say(Message::Care(care::Message::Do(care::Act::Close)));
    assert_eq!(window.app.place(), Place::Care);
    assert!(shown(&mut window) == Some(code.clone()) && window.shows("write it down first"), "{:?}", window.texts());
    window.run(Message::Connect(connect::Message::Connect));
    assert!(window.app.place() == Place::Care && shown(&mut window) == Some(code));
    care(&mut window, care::Message::Written);
    window.run(Message::Care(care::Message::Do(care::Act::Close)));
    assert_ne!(window.app.place(), Place::Care);
}

/// The code of a new archive, of one from a backup and of new keys is shown when all stands and only opening it fails: where
/// the log of the file belongs there is a folder.
#[test]
fn a_code_that_is_in_force_is_shown_whatever_fails_next() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let log = |generation: u32| files(folder.path()).join(format!("archive-{generation}.db-wal"));
    let shown_then_open = |window: &mut Window, generation: u32| {
        let code = shown(window).unwrap_or_else(|| panic!("{:?}", window.texts()));
        act(window, Act::Go);
        assert!(window.shows(&code), "not before the code is on paper");
        window.say(Message::Door(archive::Message::Written(true)));
        act(window, Act::Go);
        assert_eq!(window.app.place(), Place::Archive, "what failed fails still");
        fs::remove_dir(log(generation)).unwrap();
        act(window, Act::Retry);
        assert_ne!(window.app.place(), Place::Archive, "{:?}", window.texts());
        code
    };
    fs::create_dir_all(log(1)).unwrap();
    let mut window = begin(folder.path(), &keychain);
    window.run(Message::Door(archive::Message::Submit));
    let first = shown_then_open(&mut window, 1);
    let _ = window.app.store().commit(vec![incoming(0)]).unwrap();
    // New keys.
    fs::create_dir_all(log(2)).unwrap();
    window.run(Message::Go(Place::Care));
    care(&mut window, care::Message::Show(Some(care::Form::Rotate)));
    care(&mut window, care::Message::By(Way::Keychain));
    care(&mut window, care::Message::Submit);
    let second = shown_then_open(&mut window, 2);
    assert_ne!(first, second);
    drop(window);
    let mut window = begin(folder.path(), &Arc::new(Memory::default()));
    window.say(Message::Door(archive::Message::Way(Way::Recovery)));
    typed(&mut window, &second);
    window.run(Message::Door(archive::Message::Submit));
    assert_eq!(window.app.store().len(), 1);
}

/// While a code is made nobody leaves without it.
#[test]
fn who_leaves_while_a_code_is_made_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = begin(folder.path(), &Arc::new(Memory::default()));
    let making = window.app.update(Message::Door(archive::Message::Submit));
    window.say(Message::Door(archive::Message::Do(Act::Back)));
    assert_eq!(window.app.place(), Place::Archive);
    window.run(Message::CloseRequested);
    assert!(window.shows("is not on paper yet"), "{:?}", window.texts());
    window.run(Message::CloseSheet);
    let _ = window.finish(making);
    assert!(shown(&mut window).is_some(), "{:?}", window.texts());
}

/// The last stretch that is read again may bring no row: what waited for it begins all the same.
#[test]
fn when_nothing_is_left_to_read_again_what_came_is_listened_to() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let _ = first(folder.path(), &keychain);
    let mut window = begin(folder.path(), &keychain);
    let told = Event::Stored(window.app.store().commit(vec![incoming(1)]).unwrap());
    let said = window.outcome(Message::Engine(1, Update::Events(vec![told])));
    let index =
        said.iter().find_map(|message| if let Message::Taken(index, _) = message { Some(*index) } else { None });
    let store = window.app.store();
    assert_eq!(store.listened().unwrap(), 2);
    let _ = store.commit(vec![incoming(2)]).unwrap();
    window.run(Message::Renewed(index.unwrap(), Vec::new()));
    assert_eq!(store.listened().unwrap(), 3);
}

#[test]
fn the_door_in_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Memory::default());
    let window = begin(folder.path(), &keychain);
    window.pictures("archive-fresh");
    drop(window);
    let _ = first(folder.path(), &keychain);
    let window = begin(folder.path(), &Arc::new(Memory::default()));
    window.pictures("archive-locked");
}

#[test]
fn no_secret_prints() {
    let state = State::Made { code: Secret::new("AAAA".to_owned()), anew: false };
    assert!(!format!("{state:?}").contains("AAAA"));
}
