//! A wire that fails: a TCP proxy on loopback between an engine and a real server, with the faults of real networks by
//! name. It knows bytes only; what is on the wire is TLS.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gridwatch::practice::random::Random;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::wait;

/// What befalls the wire. Those with a time heal by themselves; a connection that is cut or swallowed never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Fault {
    /// Both sides are reset.
    #[default]
    Reset,
    /// Both sides see an orderly end, in the middle of whatever it was.
    End,
    /// This many bytes more come down from the server, then both sides are reset.
    ResetAfter(u32),
    /// Nothing passes for a while, then all of it does.
    Stall(Duration),
    /// Half-open: the connection stands and nothing passes any more, nor does either side learn of the other's end.
    Swallow,
    /// What the engine sends is lost; it still hears.
    SwallowUp,
    /// What the server sends is lost; it still hears.
    SwallowDown,
    /// Each piece arrives late.
    Delay(Duration, Duration),
    /// Every byte by itself.
    Split(Duration),
    /// Bytes in a second.
    Throttle(u32, Duration),
    /// New connections are reset, and the old one too.
    Refuse(Duration),
    /// The engine's side is reset and the server does not learn of it until later: its next session meets the old one.
    Overlap(Duration),
    /// This many bytes more go up to the server; what comes then waits until [`Proxy::mend`].
    Upto(u32),
    /// Reset, and the next connection is taken but leads nowhere for a while.
    Hold(Duration),
}

impl Fault {
    /// One of them, at random, with times that are short for a test's patience.
    pub fn random(random: &mut Random) -> Self {
        let ms = |random: &mut Random, from, to| Duration::from_millis(u64::from(random.between(from, to)));
        match random.below(26) {
            0..=3 => Self::Reset,
            4..=6 => Self::End,
            7..=11 => Self::ResetAfter(random.below(9_000)),
            12..=13 => Self::Stall(ms(random, 10, 900)),
            14..=15 => Self::Swallow,
            16 => Self::SwallowUp,
            17 => Self::SwallowDown,
            18 => Self::Delay(ms(random, 1, 40), ms(random, 100, 600)),
            19..=20 => Self::Split(ms(random, 100, 500)),
            21 => Self::Throttle(random.between(2_000, 40_000), ms(random, 100, 600)),
            22 => Self::Refuse(ms(random, 10, 300)),
            23..=24 => Self::Overlap(ms(random, 50, 900)),
            _ => Self::Hold(ms(random, 10, 500)),
        }
    }
}

/// How a connection's bytes are treated now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Clear,
    Fault(Fault, Instant),
    /// Ended from here, and how.
    Over {
        reset: bool,
    },
}

impl Mode {
    fn loses(self) -> bool {
        matches!(self, Self::Over { .. } | Self::Fault(Fault::Swallow | Fault::SwallowUp | Fault::SwallowDown, _))
    }
}

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

#[derive(Default)]
struct State {
    connections: Vec<watch::Sender<Mode>>,
    refusing: Option<Instant>,
    holding: Option<Instant>,
    /// Something waits by [`Fault::Upto`].
    waits: bool,
}

/// The wire. Connections end with it.
pub struct Proxy {
    port: u16,
    shared: Arc<Mutex<State>>,
    _runtime: Runtime,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Proxy {
    /// Between a new port and the server's `target`.
    pub fn start(target: u16) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::<Mutex<State>>::default();
        let _accepting =
            runtime.spawn(accept(listener, SocketAddr::from((Ipv4Addr::LOCALHOST, target)), Arc::clone(&shared)));
        Self { port, shared, _runtime: runtime }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Connections that stand, half-open ones too.
    pub fn standing(&self) -> usize {
        let mut state = self.shared.lock().unwrap();
        state.connections.retain(|connection| !connection.is_closed());
        state.connections.len()
    }

    /// Has `fault` befall the wire.
    pub fn strike(&self, fault: Fault) {
        let now = Instant::now();
        let mut state = self.shared.lock().unwrap();
        let mode = match fault {
            Fault::Reset => Mode::Over { reset: true },
            Fault::End => Mode::Over { reset: false },
            Fault::Refuse(time) => {
                state.refusing = Some(now + time);
                Mode::Over { reset: true }
            }
            Fault::Hold(time) => {
                state.holding = Some(now + time);
                Mode::Over { reset: true }
            }
            other => Mode::Fault(other, now),
        };
        let over = matches!(mode, Mode::Over { .. });
        state.connections.retain(|connection| {
            // What was lost on the way stays lost: such a wire does not carry again.
            let _ = connection.send_if_modified(|now| {
                let changes = over || !now.loses();
                if changes {
                    *now = mode;
                }
                changes
            });
            !connection.is_closed()
        });
    }

    /// The wire carries again what [`Fault::Upto`] held back.
    pub fn mend(&self) {
        let mut state = self.shared.lock().unwrap();
        state.waits = false;
        state.connections.iter().for_each(|connection| {
            let _ = connection.send_if_modified(|now| {
                let held = matches!(now, Mode::Fault(Fault::Upto(_), _));
                if held {
                    *now = Mode::Clear;
                }
                held
            });
        });
    }

    /// Whether something waits by [`Fault::Upto`].
    pub fn waits(&self) -> bool {
        self.shared.lock().unwrap().waits
    }

    /// Lets nothing through until told otherwise.
    pub fn close(&self, closed: bool) {
        let time = if closed { Duration::from_secs(3_600) } else { Duration::ZERO };
        self.strike(Fault::Refuse(time));
    }

    /// Ends all there is, and waits until it has.
    pub fn clear(&self) {
        wait::until("the wire to be empty", || {
            self.strike(Fault::Reset);
            (self.standing() == 0).then_some(())
        });
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, shared: Arc<Mutex<State>>) {
    while let Ok((engine, _)) = listener.accept().await {
        let (mode, modes) = watch::channel(Mode::Clear);
        let (refused, held) = {
            let mut state = shared.lock().unwrap();
            let refused = state.refusing.is_some_and(|until| Instant::now() < until);
            if !refused {
                state.connections.push(mode);
            }
            (refused, state.holding.take())
        };
        if refused {
            reset(&engine);
            continue;
        }
        let shared = Arc::clone(&shared);
        let _detached = tokio::spawn(async move {
            if let Some(until) = held {
                sleep_until(until).await;
            }
            let Ok(server) = TcpStream::connect(target).await else {
                reset(&engine);
                return;
            };
            carry(engine, server, modes, &shared).await;
        });
    }
}

fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

/// One connection, from its start to its end.
async fn carry(engine: TcpStream, server: TcpStream, mut modes: watch::Receiver<Mode>, shared: &Mutex<State>) {
    let _ = (engine.set_nodelay(true), server.set_nodelay(true));
    let (mut up, mut down) = (modes.clone(), modes.clone());
    // An overlap lets go of the engine alone; then only what comes from the server is read, into nothing.
    let overlap = async {
        loop {
            if let Mode::Fault(Fault::Overlap(time), since) = *modes.borrow_and_update() {
                return since + time;
            }
            if modes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let (mut engine, mut server) = (engine, server);
    let until = {
        let (mut from_engine, mut to_engine) = engine.split();
        let (mut from_server, mut to_server) = server.split();
        tokio::select! {
            () = pump(&mut from_engine, &mut to_server, Way::Up, &mut up, shared) => None,
            () = pump(&mut from_server, &mut to_engine, Way::Down, &mut down, shared) => None,
            until = overlap => Some(until),
        }
    };
    let last = *down.borrow();
    if !matches!(last, Mode::Over { reset: false }) && (until.is_some() || !matches!(last, Mode::Clear)) {
        reset(&engine);
    }
    drop(engine);
    if let Some(until) = until {
        let mut lost = [0; 4096];
        let reading = async { while server.read(&mut lost).await.is_ok_and(|read| read > 0) {} };
        tokio::select! {
            () = reading => {}
            () = sleep_until(until) => {}
            _ = down.wait_for(|mode| matches!(mode, Mode::Over { .. })) => {}
        }
    }
    if matches!(last, Mode::Over { reset: true } | Mode::Fault(..)) {
        reset(&server);
    }
}

/// Carries bytes one way until either side ends, or the connection is ended from here.
async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    way: Way,
    modes: &mut watch::Receiver<Mode>,
    shared: &Mutex<State>,
) {
    let mut bytes = vec![0; 8 * 1024];
    let mut passed: u32 = 0;
    loop {
        let read = tokio::select! {
            _ = modes.wait_for(|mode| matches!(mode, Mode::Over { .. })) => return,
            read = from.read(&mut bytes) => read.unwrap_or(0),
        };
        let mode = *modes.borrow();
        let swallows = matches!(
            (mode, way),
            (Mode::Fault(Fault::Swallow, _), _)
                | (Mode::Fault(Fault::SwallowUp, _), Way::Up)
                | (Mode::Fault(Fault::SwallowDown, _), Way::Down)
        );
        match (read, swallows) {
            // Neither learns of the other's end: what is left is to be ended from here.
            (0, true) => {
                let _ = modes.wait_for(|mode| matches!(mode, Mode::Over { .. })).await;
                return;
            }
            (0, false) => return,
            (_, true) => continue,
            (_, false) => {}
        }
        if let (Mode::Fault(Fault::Upto(limit), _), Way::Up) = (mode, way) {
            let some = read.min(limit.saturating_sub(passed) as usize);
            passed = passed.saturating_add(u32::try_from(read).unwrap_or(u32::MAX));
            if to.write_all(&bytes[..some]).await.is_err() {
                return;
            }
            if some < read {
                shared.lock().unwrap().waits = true;
                let _ = modes.wait_for(|mode| !matches!(mode, Mode::Fault(Fault::Upto(_), _))).await;
                if to.write_all(&bytes[some..read]).await.is_err() {
                    return;
                }
            }
            continue;
        }
        let over = tokio::select! {
            _ = modes.wait_for(|mode| matches!(mode, Mode::Over { .. })) => true,
            over = pass(&bytes[..read], to, way, mode, &mut passed) => over,
        };
        if over {
            return;
        }
    }
}

/// Passes a piece on as the fault wants. True at the end.
async fn pass(bytes: &[u8], to: &mut (impl AsyncWrite + Unpin), way: Way, mode: Mode, passed: &mut u32) -> bool {
    let Mode::Fault(fault, since) = mode else {
        return to.write_all(bytes).await.is_err();
    };
    let lasts = |time: Duration| since.elapsed() < time;
    match fault {
        Fault::ResetAfter(limit) if way == Way::Down => {
            let left = limit.saturating_sub(*passed) as usize;
            let some = &bytes[..bytes.len().min(left)];
            *passed = passed.saturating_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
            to.write_all(some).await.is_err() || some.len() < bytes.len()
        }
        Fault::Stall(time) => {
            sleep_until(since + time).await;
            to.write_all(bytes).await.is_err()
        }
        Fault::Delay(each, time) if lasts(time) => {
            sleep(each).await;
            to.write_all(bytes).await.is_err()
        }
        Fault::Split(time) if lasts(time) => {
            for byte in bytes {
                if to.write_all(&[*byte]).await.is_err() {
                    return true;
                }
                tokio::task::yield_now().await;
            }
            false
        }
        Fault::Throttle(rate, time) if lasts(time) => {
            for some in bytes.chunks(256) {
                sleep(Duration::from_secs(1) * u32::try_from(some.len()).unwrap_or(1) / rate.max(1)).await;
                if to.write_all(some).await.is_err() {
                    return true;
                }
            }
            false
        }
        _ => to.write_all(bytes).await.is_err(),
    }
}
