//! The keychain against a real gnome-keyring on a session bus of its own, in each state `security.md` §4 measured:
//! unlocked, locked, not set up, absent, frozen. Each runs in a child process, since a process has one session bus.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gridwatch::app::Message;
use gridwatch::screen::archive::{Act, Message as Door};
use gridwatch::screen::care::{Form, Message as Care};
use gridwatch::screen::{Place, Tab};
use gridwatch::secrets::{Error, Keychain, Patience, Realm, Secret, SecretStore, State};
use gridwatch::store::vault::Way;

use crate::support::screen::Screen;
use crate::support::window::{ME, Window};
use crate::support::{child, files, tools, wait};

const PASSWORD: &str = "correct horse battery staple";
/// Far above every deadline: only a hang exceeds it.
const HANG: Duration = Duration::from_secs(30);

/// Starts the keyring of `$HOME` unlocked (its password on standard input) or locked, and waits for its name.
const UNLOCKED: &str =
    "printf keyring-pw | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &";
const LOCKED: &str = "gnome-keyring-daemon --foreground --components=secrets </dev/null >/dev/null 2>&1 &";
const READY: &str = "export KEYRING=$!
until dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
      string:org.freedesktop.secrets 2>/dev/null | grep -q true; do sleep 0.02; done";

/// A home for one keyring.
struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let run = dir.path().join("run");
        fs::create_dir(&run).unwrap();
        fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).unwrap();
        Self { dir }
    }

    /// `program` with this home and no way to ask a person.
    fn command(&self, program: &Path, scene: &str) -> Command {
        let mut command = Command::new(program);
        let _ = command
            .env("HOME", self.dir.path())
            .env("XDG_RUNTIME_DIR", self.dir.path().join("run"))
            .env(child::ARGUMENT, scene)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env_remove("XDG_DATA_HOME");
        command
    }

    /// Plays `scene` on a new session bus, after the shell lines `before`.
    fn play(&self, scene: &str, before: &str, bus: &[&str]) {
        let _ = tools::need("gnome-keyring-daemon", "gnome-keyring");
        let _ = tools::need("dbus-send", "dbus");
        let session = tools::need("dbus-run-session", "dbus-daemon");
        let mut command = self.command(&session, scene);
        let script = format!("set -eu\n{before}\n\"$@\"");
        let _ = command.args(bus).args(["--", "bash", "-c", &script, "bash"]).args(child::line(CHILD));
        run(&mut command);
    }
}

const CHILD: &str = "keychain::child_on_a_bus";

/// Runs a scene to its end; its output is the message when it fails. That it ends at all is part of each test.
fn run(command: &mut Command) {
    let _ = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut guard = child::Guard::group(command);
    let mut out = guard.child.stdout.take().unwrap();
    let mut err = guard.child.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = out.read_to_string(&mut text).unwrap();
        text
    });
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = err.read_to_string(&mut text).unwrap();
        text
    });
    let status = guard.exit(2 * wait::PATIENCE);
    drop(guard);
    let (text, errors) = (reader.join().unwrap(), errors.join().unwrap());
    assert!(status.success() && text.contains("1 passed"), "{status}\n{text}\n{errors}");
}

#[test]
fn unlocked_keeps_and_locked_refuses_without_lying() {
    let home = Home::new();
    home.play("unlocked", &format!("{UNLOCKED}\n{READY}"), &[]);
    assert_eq!(files::with(home.dir.path(), PASSWORD), Vec::<PathBuf>::new(), "the password stands in a file");
    assert!(!files::below(home.dir.path()).is_empty(), "the keyring wrote nothing");
    // The same home without its password.
    home.play("locked", &format!("{LOCKED}\n{READY}"), &[]);
}

/// A profile's archive by the keyring alone; then the same home with its keyring locked.
#[test]
fn the_keyring_opens_an_archive_and_one_that_does_not_makes_no_new_key() {
    let home = Home::new();
    home.play("archive", &format!("{UNLOCKED}\n{READY}"), &[]);
    home.play("archive locked", &format!("{LOCKED}\n{READY}"), &[]);
    // No keyring at all.
    let line = child::line(CHILD);
    run(Home::new().command(Path::new(&line[0]), "archive absent").args(&line[1..]));
}

#[test]
fn a_keyring_without_a_collection_is_not_set_up() {
    Home::new().play("not set up", &format!("{LOCKED}\n{READY}"), &[]);
}

#[test]
fn a_bus_without_a_service_is_absent() {
    let home = Home::new();
    let config = home.dir.path().join("bus.conf");
    fs::write(
        &config,
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">
         <busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
         <policy context='default'><allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/>
         <allow own='*'/></policy></busconfig>",
    )
    .unwrap();
    home.play("absent", "", &[&format!("--config-file={}", config.display())]);
}

#[test]
fn no_bus_at_all_is_absent() {
    let home = Home::new();
    let line = child::line(CHILD);
    run(home.command(Path::new(&line[0]), "absent").args(&line[1..]));
}

#[test]
fn a_frozen_keyring_hangs_neither_a_call_nor_the_exit() {
    Home::new().play("frozen", &format!("{UNLOCKED}\n{READY}"), &[]);
}

#[test]
fn a_frozen_keyring_does_not_hold_up_the_program() {
    Home::new().play("program", &format!("{UNLOCKED}\n{READY}"), &[]);
}

/// The scenes, each in a process of its own.
#[test]
fn child_on_a_bus() {
    let Some(scene) = child::argument() else { return };
    let keychain = Keychain::new(Realm::Practice);
    match scene.as_str() {
        "unlocked" => unlocked(&keychain),
        "locked" => refuses(&keychain, State::Locked),
        "not set up" => refuses(&keychain, State::NotSetUp),
        "absent" => refuses(&keychain, State::Absent),
        "frozen" => frozen(&keychain),
        "archive" => archive(&keychain),
        "archive locked" => archive_locked(keychain),
        "archive absent" => archive_absent(keychain),
        "program" => program(),
        other => panic!("no scene {other}"),
    }
}

fn text(keychain: &Keychain, profile: &str) -> Result<Option<String>, Error> {
    keychain.get(profile).wait().map(|secret| secret.map(|secret| secret.expose().to_owned()))
}

/// The service owns its name before its collection is unlocked.
fn until_ready(keychain: &Keychain) {
    wait::until("the keyring to be ready", || (keychain.probe().wait() == Ok(State::Ready)).then_some(()));
}

fn unlocked(keychain: &Keychain) {
    until_ready(keychain);
    assert_eq!(text(keychain, "work"), Ok(None));
    keychain.set("work", Secret::new("first".to_owned())).wait().unwrap();
    keychain.set("work", Secret::new(PASSWORD.to_owned())).wait().unwrap();
    keychain.set("other", Secret::new("gr\u{fc}n".to_owned())).wait().unwrap();
    assert_eq!(text(keychain, "work"), Ok(Some(PASSWORD.to_owned())));
    assert_eq!(text(keychain, "other"), Ok(Some("gr\u{fc}n".to_owned())));
    // The realms do not mix.
    assert_eq!(text(&Keychain::new(Realm::Grid), "work"), Ok(None));
    keychain.remove("other").wait().unwrap();
    keychain.remove("other").wait().unwrap();
    assert_eq!(text(keychain, "other"), Ok(None));
    // An async task may ask too: the calls are on threads of their own.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let found = runtime.block_on(keychain.get("work")).unwrap();
    assert_eq!(found.unwrap().expose(), PASSWORD);
}

/// Every call says `state`; above all, no read says that there is no password.
fn refuses(keychain: &Keychain, state: State) {
    let start = Instant::now();
    let refused = Error::Unavailable(state);
    assert_eq!(keychain.probe().wait(), Ok(state));
    for profile in ["work", "never kept"] {
        assert_eq!(text(keychain, profile), Err(refused.clone()), "{profile}");
        assert_eq!(keychain.set(profile, Secret::new(PASSWORD.to_owned())).wait(), Err(refused.clone()), "{profile}");
        assert_eq!(keychain.remove(profile).wait(), Err(refused.clone()), "{profile}");
    }
    assert!(start.elapsed() < HANG);
}

fn archives() -> PathBuf {
    Path::new(&std::env::var_os("HOME").unwrap()).join("archives")
}

fn keys() -> PathBuf {
    archives().join(ME).join("keys.json")
}

fn door(keychain: &Keychain) -> Window {
    crate::app::archive::window(&archives(), Arc::new(keychain.clone()))
}

fn opens_by_code(window: &mut Window) {
    let code = fs::read_to_string(archives().join("code")).unwrap();
    window.say(Message::Door(Door::Way(Way::Recovery)));
    window.say(Message::Door(Door::Typed(Secret::new(code))));
    window.run(Message::Door(Door::Submit));
    assert_eq!(window.app.store().len(), 1);
}

fn archive(keychain: &Keychain) {
    until_ready(keychain);
    let mut window = door(keychain);
    assert!(window.shows("Opens by itself while you are logged in"), "{:?}", window.texts());
    window.run(Message::Door(Door::Submit));
    let code = window.texts().into_iter().find(|text| text.len() == 34 && text.matches('-').count() == 6).unwrap();
    assert!(files::with(&archives(), &code).is_empty(), "the code stands in a file");
    window.say(Message::Door(Door::Written(true)));
    window.run(Message::Door(Door::Do(Act::Go)));
    let _ = window.app.store().commit(vec![crate::archive::incoming(0)]).unwrap();
    drop(window);
    // By the keyring alone.
    let mut window = door(keychain);
    assert_ne!(window.app.place(), Place::Archive);
    assert_eq!(window.app.store().len(), 1);
    // Another passphrase and another code, by the keyring's word.
    let words = || Secret::new("three small words".to_owned());
    window.run(Message::Go(Place::Care));
    for message in [
        Care::Show(Some(Form::Passphrase)),
        Care::New(words()),
        Care::Again(words()),
        Care::Submit,
        Care::Show(Some(Form::Code)),
        Care::Submit,
    ] {
        window.run(Message::Care(message));
    }
    let other = window.texts().into_iter().find(|text| text.len() == 34 && text.matches('-').count() == 6).unwrap();
    assert_ne!(code, other);
    for text in [other.clone(), other.replace('-', ""), "three small words".to_owned()] {
        assert!(files::with(&archives(), &text).is_empty(), "what opens it stands in a file");
    }
    window.run(Message::Care(Care::Written));
    drop(window);
    fs::write(archives().join("code"), other).unwrap();
    // Its key is taken away: no other is made, neither here nor there.
    let before = fs::read(keys()).unwrap();
    let sheet: serde_json::Value = serde_json::from_slice(&before).unwrap();
    let entry = sheet["slots"].as_array().unwrap().iter().find(|slot| slot["kind"] == "keychain").unwrap();
    let entry = gridwatch::secrets::archive_entry(entry["id"].as_str().unwrap());
    let kept = keychain.get(&entry).wait().unwrap().unwrap();
    assert!(files::with(&archives(), kept.expose()).is_empty(), "the key stands in a file");
    keychain.remove(&entry).wait().unwrap();
    let mut window = door(keychain);
    assert!(window.shows("The keychain has no key for this archive"), "{:?}", window.texts());
    assert!(keychain.get(&entry).wait().unwrap().is_none());
    assert!(fs::read(keys()).unwrap() == before);
    opens_by_code(&mut window);
    drop(window);
    keychain.set(&entry, kept).wait().unwrap();
}

fn archive_locked(keychain: Keychain) {
    let before = fs::read(keys()).unwrap();
    let mut window = door(&keychain);
    assert_eq!(window.app.place(), Place::Archive);
    assert!(window.shows("The archive is locked") && !window.shows("Make the archive"), "{:?}", window.texts());
    assert!(fs::read(keys()).unwrap() == before);
    opens_by_code(&mut window);
}

fn archive_absent(keychain: Keychain) {
    let mut window = door(&keychain);
    assert!(window.shows("New passphrase") && window.shows("Keep nothing on this computer"), "{:?}", window.texts());
    assert!(!window.shows("Opens by itself while you are logged in"));
    window.run(Message::Door(Door::Submit));
    assert!(!keys().exists(), "nothing is chosen in silence");
    window.run(Message::Door(Door::Do(Act::InMemory)));
    assert_eq!(window.app.place(), Place::Tab(Tab::Feed));
    assert!(!keys().exists());
}

/// Stops the keyring where it is, or lets it go on.
fn signal(name: &str) {
    let keyring = std::env::var("KEYRING").unwrap();
    assert!(Command::new("kill").args([name, &keyring]).status().unwrap().success());
}

/// The real binary with a saved profile whose password only the keyring has.
fn program() {
    let home = Path::new(&std::env::var_os("HOME").unwrap()).join("gridwatch");
    fs::create_dir(&home).unwrap();
    // The port of a listener that was just dropped refuses: to be refused is to have got as far as dialling.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = format!("[profile.work]\njid = \"a@grid.invalid\"\nhost = \"127.0.0.1\"\nport = {port}\n");
    fs::write(home.join("settings.toml"), settings).unwrap();
    let keychain = Keychain::new(Realm::Grid);
    until_ready(&keychain);
    keychain.set("work", Secret::new(PASSWORD.to_owned())).wait().unwrap();
    let ask = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gridwatch"));
        let _ =
            command.args(["topics", "--profile", "work", "--memory"]).env("GRIDWATCH_HOME", &home).stdin(Stdio::null());
        let _ = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut guard = child::Guard::group(&mut command);
        let code = guard.exit(HANG).code();
        let mut said = String::new();
        let _ = guard.child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        let _ = guard.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(!said.contains(PASSWORD), "{said}");
        (code, said)
    };
    let (code, said) = ask();
    assert!(code == Some(2) && said.contains("refuses connections"), "{code:?}: {said}");
    signal("-STOP");
    let (code, said) = ask();
    assert!(code == Some(1) && said.contains("keyring"), "{code:?}: {said}");
    window(&home);
    signal("-CONT");
    assert_eq!(files::with(&home, PASSWORD), Vec::<PathBuf>::new());
}

/// The window asks the keyring how it is; closed meanwhile, it closes.
fn window(home: &Path) {
    let screen = Screen::start(800, 600);
    let mut command = Command::new(env!("CARGO_BIN_EXE_gridwatch"));
    let _ = command.args(["--renderer", "software"]).env("GRIDWATCH_HOME", home).env("DISPLAY", screen.display());
    let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut guard = child::Guard::group(&mut command);
    screen.close();
    assert_eq!(guard.exit(HANG).code(), Some(0));
}

fn frozen(keychain: &Keychain) {
    let refused = Error::Unavailable(State::Frozen);
    until_ready(keychain);
    keychain.set("work", Secret::new(PASSWORD.to_owned())).wait().unwrap();
    signal("-STOP");
    let start = Instant::now();
    assert_eq!(keychain.probe().wait(), Ok(State::Frozen));
    assert_eq!(text(keychain, "work"), Err(refused.clone()));
    // Two threads are stuck now; no third is made, and the answer comes at once.
    let third = Keychain::clone(keychain);
    assert_eq!(third.set("work", Secret::new("x".to_owned())).wait(), Err(refused.clone()));
    assert!(start.elapsed() < HANG);
    // It comes back to life, and so do the stuck threads.
    signal("-CONT");
    until_ready(keychain);
    assert_eq!(text(keychain, "work"), Ok(Some(PASSWORD.to_owned())));
    // One call hangs for ever, one was cancelled: this process ends all the same.
    signal("-STOP");
    let endless = Patience { answer: Duration::from_secs(100_000), person: Duration::from_secs(100_000) };
    std::mem::forget(Keychain::patient(Realm::Practice, endless).get("work"));
    drop(keychain.get("work"));
}
