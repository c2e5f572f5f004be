//! Whether this machine slept, or stands on another network than before: looked at every few seconds, without a packet.
//!
//! Uses `xmpp::dial::Path`. No library tells both on every system we run on; two things that all of them have do: the
//! wall clock goes on while a machine sleeps, and the address a datagram socket would send from is the kernel's own answer
//! to which network leads to the controller. Connecting such a socket sends nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep_until};

use crate::xmpp::dial::Path;

/// Time between two looks.
const LOOK: Duration = Duration::from_secs(5);
/// How much longer than expected the time between two looks is after a sleep. A clock that is set forward looks alike and
/// costs a question to the controller.
const SLEPT: Duration = Duration::from_secs(10);
/// Addresses for documentation (RFC 3849, RFC 5737), routed like any far host: what leads there is the default route.
const FAR: [IpAddr; 2] =
    [IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)), IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))];

/// What happened to this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It slept, or stood still.
    Woke,
    /// Another of its addresses leads to the controller now.
    Moved,
    /// None does any more.
    Cut,
}

/// Watches one account's way to its controller.
#[derive(Debug)]
pub(super) struct Watch {
    /// Where the way leads: the controller or the proxy, as far as it was ever reached; else anywhere far.
    to: Vec<SocketAddr>,
    /// The address of ours that leads to each.
    from: Vec<Option<IpAddr>>,
    looked: Instant,
    clock: SystemTime,
}

impl Watch {
    /// Of an account that was not online yet.
    pub(super) fn new() -> Self {
        let to: Vec<SocketAddr> = FAR.map(|ip| SocketAddr::new(ip, 9)).to_vec();
        let from = to.iter().map(source).collect();
        Self { to, from, looked: Instant::now(), clock: SystemTime::now() }
    }

    /// A link came about; one that is no TCP stands on no network.
    pub(super) fn follow(&mut self, path: Option<Path>) {
        self.to = path.iter().map(|path| path.peer).collect();
        self.from = path.iter().map(|path| Some(path.local.ip())).collect();
    }

    /// Until it is time for [`Watch::look`].
    pub(super) async fn tick(&self) {
        sleep_until(self.looked + LOOK).await;
    }

    /// What happened since the last look.
    pub(super) fn look(&mut self) -> Option<Change> {
        let from = self.to.iter().map(source).collect();
        self.compare(from, Instant::now(), SystemTime::now())
    }

    fn compare(&mut self, from: Vec<Option<IpAddr>>, now: Instant, clock: SystemTime) -> Option<Change> {
        let ran = now.saturating_duration_since(self.looked);
        // A clock that was set back tells nothing.
        let passed = clock.duration_since(self.clock).unwrap_or_default();
        (self.looked, self.clock) = (now, clock);
        let before = std::mem::replace(&mut self.from, from);
        if before != self.from {
            let leads = self.from.iter().any(Option::is_some);
            return Some(if leads { Change::Moved } else { Change::Cut });
        }
        // Some systems stop the steady clock in sleep and some do not; either way more passed than should have.
        (passed.max(ran) > LOOK + SLEPT).then_some(Change::Woke)
    }
}

/// The address of this machine that the kernel would send from.
fn source(to: &SocketAddr) -> Option<IpAddr> {
    let any: SocketAddr = match to {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(to).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch() -> (Watch, Instant, SystemTime) {
        let mut watch = Watch::new();
        let (local, peer) = ("10.0.0.2:40000".parse().unwrap(), "198.51.100.1:5222".parse().unwrap());
        watch.follow(Some(Path { local, peer }));
        let (now, clock) = (watch.looked, watch.clock);
        (watch, now, clock)
    }

    const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

    #[test]
    fn sleep_is_noticed_whether_or_not_the_steady_clock_stops() {
        let minute = Duration::from_secs(60);
        let (mut watch, now, clock) = watch();
        assert_eq!(watch.compare(vec![Some(HOME)], now + LOOK, clock + LOOK), None);
        let (now, clock) = (now + LOOK, clock + LOOK);
        assert_eq!(watch.compare(vec![Some(HOME)], now + LOOK, clock + LOOK + minute), Some(Change::Woke));
        let (now, clock) = (now + LOOK, clock + LOOK + minute);
        assert_eq!(watch.compare(vec![Some(HOME)], now + minute, clock + minute), Some(Change::Woke));
        // Set back by an hour.
        let (now, clock) = (now + minute, clock + minute);
        assert_eq!(watch.compare(vec![Some(HOME)], now + LOOK, clock - minute * 60), None);
    }

    #[test]
    fn a_move_is_noticed_once() {
        let (mut watch, now, clock) = watch();
        let cafe = vec![Some(IpAddr::V4(Ipv4Addr::new(192, 168, 7, 7)))];
        assert_eq!(watch.compare(vec![None], now, clock), Some(Change::Cut));
        assert_eq!(watch.compare(vec![None], now, clock), None);
        assert_eq!(watch.compare(cafe.clone(), now, clock), Some(Change::Moved));
        assert_eq!(watch.compare(cafe, now, clock), None);
        assert_eq!(watch.compare(vec![Some(HOME)], now, clock), Some(Change::Moved));
    }

    #[test]
    fn the_kernel_says_which_address_leads_where() {
        assert_eq!(source(&"127.0.0.1:9".parse().unwrap()), Some(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let mut watch = Watch::new();
        watch.follow(None);
        assert_eq!(watch.look(), None);
        let (local, peer) = ("127.0.0.1:40000".parse().unwrap(), "127.0.0.1:5222".parse().unwrap());
        watch.follow(Some(Path { local, peer }));
        assert_eq!(watch.look(), None);
    }
}
