//! Ctrl-C, and what a system sends to end a program (SIGINT, SIGTERM, SIGHUP): work is told to stop and cleans up after itself.
//! Where a person or another program is waited for nothing is to be cleaned up but the terminal, and the run ends at once. A
//! second signal ends it at once wherever it is.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::{Exit, Stop, out};
use crate::i18n::Catalog;
use crate::leave;
use crate::model::Say;
use crate::store::index::Stop as Halt;

/// How long a reader may take to take what was being written when a signal came.
const READER: Duration = Duration::from_secs(1);

/// What gives the terminal back as it was.
pub type Restore = Box<dyn FnMut() + Send>;

/// The signals of this process, for those who work in it; by default there are none.
#[derive(Clone, Default)]
pub struct Signals(Arc<Shared>);

#[derive(Default)]
struct Shared {
    halt: Halt,
    told: watch::Sender<bool>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waits: Waits,
    restore: Option<Restore>,
    /// Counts what was written, to know one writing from another.
    written: u64,
}

/// Who is waited for.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Waits {
    #[default]
    Nobody,
    /// A person at the terminal, a keychain, who writes to a pipe: there is no way to stop that but to end.
    Them,
    /// Who reads what is written.
    Reader(u64),
}

/// Somebody is waited for, as long as this is there.
pub struct Waiting<'a>(&'a Shared);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        // Whoever ends the process holds the lock until it has ended: nothing is begun then.
        let mut state = self.0.state();
        state.waits = Waits::Nobody;
        if let Some(mut restore) = state.restore.take() {
            restore();
        }
    }
}

/// A signal came.
fn halted() -> Stop {
    Stop::new(Exit::Halted, Say::new("cli-halted"))
}

impl Signals {
    /// Listens from now on.
    pub fn watch() -> Self {
        let signals = Self::default();
        let (shared, (ready, is_ready)) = (Arc::clone(&signals.0), sync_channel(1));
        let listener = std::thread::Builder::new().name("signals".to_owned()).spawn(move || listen(&shared, &ready));
        // Where nothing can be listened to, a signal ends the process as it does any other.
        if listener.is_ok() {
            let _ = is_ready.recv();
        }
        signals
    }

    /// What stops work that asks for it.
    pub fn halt(&self) -> &Halt {
        &self.0.halt
    }

    /// Whether one came: as an error, for who would go on.
    pub fn check(&self) -> Result<(), Stop> {
        if *self.0.told.borrow() { Err(halted()) } else { Ok(()) }
    }

    /// Waits until one comes.
    pub async fn come(&self) -> Stop {
        let mut told = self.0.told.subscribe();
        // The sender lives as long as `self`.
        let _ = told.wait_for(|told| *told).await;
        halted()
    }

    /// From now on somebody is waited for who may never come, and `restore` is done when that ends, by whatever.
    pub fn waiting(&self, restore: Option<Restore>) -> Result<Waiting<'_>, Stop> {
        self.wait(|_| Waits::Them, restore)
    }

    /// From now on a reader is waited for.
    pub fn writing(&self) -> Result<Waiting<'_>, Stop> {
        self.wait(Waits::Reader, None)
    }

    fn wait(&self, waits: impl FnOnce(u64) -> Waits, restore: Option<Restore>) -> Result<Waiting<'_>, Stop> {
        let mut state = self.0.state();
        self.check()?;
        state.written += 1;
        (state.waits, state.restore) = (waits(state.written), restore);
        drop(state);
        Ok(Waiting(&self.0))
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A signal came; gives what was being written then.
    fn came(&self) -> Option<u64> {
        let mut state = self.state();
        let again = self.told.send_replace(true);
        self.halt.stop();
        match state.waits {
            Waits::Reader(written) if !again => Some(written),
            Waits::Nobody if !again => None,
            _ => end(&mut state),
        }
    }

    /// The reader had time enough.
    fn lost(&self, written: u64) {
        let mut state = self.state();
        if state.waits == Waits::Reader(written) {
            end(&mut state);
        }
    }
}

/// Ends the process. The lock is held for good, so that nobody begins anything beside.
fn end(state: &mut State) -> ! {
    if let Some(mut restore) = state.restore.take() {
        restore();
    }
    out::note(&Catalog::default().say(&halted().say));
    leave::now(Exit::Halted as i32)
}

fn listen(shared: &Shared, ready: &SyncSender<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return };
    runtime.block_on(async {
        let Some(mut signals) = Kinds::new() else { return };
        let _ = ready.send(());
        let mut written = None;
        loop {
            match written {
                None => signals.next().await,
                Some(being) => {
                    if tokio::time::timeout(READER, signals.next()).await.is_err() {
                        shared.lost(being);
                        written = None;
                        continue;
                    }
                }
            }
            written = shared.came();
        }
    });
}

#[cfg(unix)]
struct Kinds([Option<tokio::signal::unix::Signal>; 3]);

#[cfg(unix)]
impl Kinds {
    fn new() -> Option<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let ignored = ignored();
        // What who started us wants ignored (nohup, a shell's background) stays ignored.
        let open =
            |kind: SignalKind| (ignored >> (kind.as_raw_value() - 1) & 1 == 0).then(|| signal(kind).ok()).flatten();
        Some(Self(kinds.map(open)))
    }

    async fn next(&mut self) {
        let Self([interrupt, terminate, hangup]) = self;
        tokio::select! {
            () = one(interrupt) => {}
            () = one(terminate) => {}
            () = one(hangup) => {}
        }
    }
}

#[cfg(unix)]
async fn one(signal: &mut Option<tokio::signal::unix::Signal>) {
    let came = match signal {
        Some(signal) => signal.recv().await,
        None => None,
    };
    if came.is_none() {
        std::future::pending::<()>().await;
    }
}

/// The signals that this process was started to ignore, a bit each. Safe Rust can ask nobody but Linux's own account of it.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(windows)]
struct Kinds(tokio::signal::windows::CtrlC, tokio::signal::windows::CtrlClose);

#[cfg(windows)]
impl Kinds {
    fn new() -> Option<Self> {
        Some(Self(tokio::signal::windows::ctrl_c().ok()?, tokio::signal::windows::ctrl_close().ok()?))
    }

    async fn next(&mut self) {
        let Self(interrupt, close) = self;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = close.recv() => {}
        }
    }
}
