//! What a person has: a home with a profile, an archive of many incidents, a keyring that opens it, and a grid.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gridwatch::practice::{Grid, Options, Pace, Role};
use gridwatch::secrets::{Keychain, Realm, Secret, SecretStore, State, archive_entry};
use gridwatch::settings::folder_name;
use gridwatch::store::vault::{Found, Vault};
use gridwatch::store::{Incoming, Store};
use tempfile::TempDir;

use crate::{mix, tools, wait};

/// The argument of the run that has a keyring.
pub const INSIDE: &str = "--inside";
/// Incidents of one commit.
const COMMIT: usize = 4_096;
/// The topic that floods; the analyst reads it.
const NODE: &str = "MILEHost";
/// Bytes of an incident that comes in.
const SIZE: usize = 3_000;

/// Runs this program again on a session bus of its own, with an unlocked keyring in a home of its own.
pub fn with_keyring(args: &[String]) {
    // Asked before it has its name, the bus would start another.
    const SCRIPT: &str =
        "printf bench | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
        until dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
              string:org.freedesktop.secrets 2>/dev/null | grep -q true; do sleep 0.02; done
        exec \"$@\"";
    let _ = tools::need("gnome-keyring-daemon", "gnome-keyring");
    let _ = tools::need("dbus-send", "dbus");
    let session = tools::need("dbus-run-session", "dbus-daemon");
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(session);
    let _ = command.args(["--", "bash", "-c", SCRIPT, "bash"]).arg(std::env::current_exe().unwrap());
    let _ = command.args(args).arg(INSIDE).env("HOME", home.path()).env("XDG_RUNTIME_DIR", home.path());
    let _ = command.env_remove("XDG_DATA_HOME").env_remove("DBUS_SESSION_BUS_ADDRESS").process_group(0);
    assert!(command.status().unwrap().success(), "the bench failed");
}

pub struct Desk {
    home: TempDir,
    grid: Arc<Grid>,
}

impl Desk {
    /// With an archive of so many incidents, as an earlier session left it.
    pub fn make(rows: usize) -> Self {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
        let home = tempfile::Builder::new().prefix("bench-").tempdir_in(target).unwrap();
        let grid = Grid::start(Options { seed: 1, port: Some(0), pace: Pace::Manual, ..Options::default() }).unwrap();
        let account = grid.account(Role::Analyst);
        let ca = home.path().join("ca.pem");
        fs::write(&ca, grid.ca_pem()).unwrap();
        let (jid, port) = (&account.jid, grid.port().unwrap());
        let profile =
            format!("[profile.work]\njid = \"{jid}\"\nhost = \"127.0.0.1\"\nport = {port}\nca-file = {ca:?}\n");
        fs::write(home.path().join("settings.toml"), format!("version = 1\n\n{profile}")).unwrap();
        let keychain = Keychain::new(Realm::Grid);
        wait::until("the keyring to be ready", || (keychain.probe().wait() == Ok(State::Ready)).then_some(()));
        keychain.set("work", account.password.clone()).wait().unwrap();
        meet(home.path());
        let begun = Instant::now();
        let folder = home.path().join("data/archives").join(folder_name(&jid.to_string()));
        fill(&Vault::new(folder), &keychain, rows);
        println!("{rows} incidents were stored in {:.0} s", begun.elapsed().as_secs_f64());
        Self { home, grid: Arc::new(grid) }
    }

    pub fn home(&self) -> PathBuf {
        self.home.path().to_path_buf()
    }

    /// Lets so many incidents a second come in, until the answer is called; which says how many came a second.
    pub fn flood(&self, rate: u64) -> impl FnOnce() -> f64 {
        let (grid, stop) = (Arc::clone(&self.grid), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let flooding = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let (begun, mut sent) = (Instant::now(), 0);
            while !stopped.load(Ordering::Relaxed) {
                let due = (begun.elapsed().as_secs_f64() * rate as f64) as u64;
                sent += runtime.block_on(grid.flood(NODE, due - sent, SIZE));
                std::thread::sleep(Duration::from_millis(10));
            }
            sent as f64 / begun.elapsed().as_secs_f64()
        });
        move || {
            stop.store(true, Ordering::Relaxed);
            let came = flooding.join().unwrap();
            assert!(came > rate as f64 * 0.9, "only {came:.0} incidents a second came in");
            came
        }
    }
}

/// The text verbs believe an authority's word at a first meeting; the window would ask whether it is the right certificate.
fn meet(home: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gridwatch"));
    let _ = command.args(["topics", "--profile", "work", "--memory"]).env("GRIDWATCH_HOME", home);
    let met = command.stdin(Stdio::null()).output().unwrap();
    assert!(met.status.success(), "{}", String::from_utf8_lossy(&met.stderr));
}

fn fill(vault: &Vault, keychain: &Keychain, rows: usize) {
    let Found::Nothing(mut draft) = vault.look().unwrap() else { panic!("a new home has an archive") };
    let (slot, key) = draft.keychain().unwrap();
    keychain.set(&archive_entry(&slot), Secret::new(key.to_string())).wait().unwrap();
    let archive = draft.make().unwrap();
    let mix = mix::Mix::new(rows);
    for first in (0..rows).step_by(COMMIT) {
        let batch: Vec<Incoming> = (first..rows.min(first + COMMIT)).map(|row| mix.incoming(row)).collect();
        let _ = archive.commit(batch).unwrap();
    }
    // As the window does while it runs.
    let mut from = 0;
    while let Some(next) = archive.pack(from).unwrap() {
        from = next;
    }
    while archive.listen(gridwatch::compose::guard::heard).unwrap() {}
}

/// The window's own process, with this home.
pub fn program(home: &Path, display: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gridwatch"));
    let _ = command
        .args(["--renderer", "software", "--timings", "--profile", "work"])
        .env("DISPLAY", display)
        .env("GRIDWATCH_HOME", home)
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}
