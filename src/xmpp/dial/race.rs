//! The first of several addresses that answers (RFC 8305, "happy eyeballs"): families take turns, and one that swallows
//! packets costs a quarter of a second, not the login.
//!
//! Neither names are resolved nor sockets opened here.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// How long an address may keep quiet before the next one is tried beside it (RFC 8305 §5).
pub const HEAD_START: Duration = Duration::from_millis(250);
/// Addresses of one host that are tried; a longer list is cut.
pub const ADDRESSES: usize = 16;

/// Connects to the addresses that come in and gives the first connection that comes about. When all have failed and no
/// more can come, that is the last one's error; `None` where no address came at all.
///
/// # Errors
/// As said.
pub async fn first<T, F>(
    mut addresses: mpsc::Receiver<SocketAddr>,
    connect: impl Fn(SocketAddr) -> F,
) -> Result<(SocketAddr, T), Option<io::Error>>
where
    T: Send + 'static,
    F: Future<Output = io::Result<T>> + Send + 'static,
{
    let mut waiting = Waiting::default();
    let mut trouble = None;
    // What is still under way ends with this future.
    let mut dialing = JoinSet::new();
    let mut more = true;
    let mut tried = 0;
    let mut turn = Instant::now();
    loop {
        while let Ok(address) = addresses.try_recv() {
            waiting.add(address);
        }
        let room = tried < ADDRESSES;
        if room
            && (dialing.is_empty() || turn <= Instant::now())
            && let Some(address) = waiting.next()
        {
            tried += 1;
            turn = Instant::now() + HEAD_START;
            let attempt = connect(address);
            let _ = dialing.spawn(async move { (address, attempt.await) });
            continue;
        }
        let queued = room && !waiting.is_empty();
        if dialing.is_empty() && !queued && !(room && more) {
            return Err(trouble);
        }
        tokio::select! {
            Some(ended) = dialing.join_next() => match ended {
                Ok((address, Ok(link))) => return Ok((address, link)),
                // The next one need not wait then.
                Ok((_, Err(error))) => (trouble, turn) = (Some(error), Instant::now()),
                Err(_) => turn = Instant::now(),
            },
            address = addresses.recv(), if room && more => match address {
                Some(address) => waiting.add(address),
                None => more = false,
            },
            () = sleep_until(turn), if queued => {}
        }
    }
}

/// Addresses whose turn has not come, by family.
#[derive(Debug, Default)]
struct Waiting {
    six: VecDeque<SocketAddr>,
    four: VecDeque<SocketAddr>,
    /// The family tried last was IPv6.
    was_six: bool,
}

impl Waiting {
    fn add(&mut self, address: SocketAddr) {
        if address.is_ipv6() { self.six.push_back(address) } else { self.four.push_back(address) }
    }

    /// IPv6 first, then in turns (RFC 8305 §4).
    fn next(&mut self) -> Option<SocketAddr> {
        let next = if self.was_six {
            self.four.pop_front().or_else(|| self.six.pop_front())
        } else {
            self.six.pop_front().or_else(|| self.four.pop_front())
        };
        self.was_six = next.is_some_and(|address| address.is_ipv6());
        next
    }

    fn is_empty(&self) -> bool {
        self.six.is_empty() && self.four.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn all_at_once(addresses: &[SocketAddr]) -> mpsc::Receiver<SocketAddr> {
        let (tell, come) = mpsc::channel(addresses.len().max(1));
        addresses.iter().for_each(|address| tell.try_send(*address).unwrap());
        come
    }

    #[tokio::test]
    async fn an_address_that_swallows_everything_does_not_hide_the_others() {
        let all = addresses(&["[2001:db8::1]:5222", "192.0.2.1:5222", "192.0.2.2:5222"]);
        let [deaf, refusing, good] = [all[0], all[1], all[2]];
        let connect = move |address: SocketAddr| async move {
            match address {
                _ if address == deaf => std::future::pending().await,
                _ if address == good => Ok(()),
                _ => Err(io::Error::from(io::ErrorKind::ConnectionRefused)),
            }
        };
        let begun = Instant::now();
        assert_eq!(first(all_at_once(&[deaf, refusing, deaf, good]), connect).await.unwrap().0, good);
        // The good one waited for no more than the head starts of those before it.
        assert!(begun.elapsed() >= HEAD_START && begun.elapsed() < HEAD_START * 40);
        let refused = first(all_at_once(&[refusing, refusing]), connect).await.unwrap_err().unwrap();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        assert!(first(all_at_once(&[]), connect).await.unwrap_err().is_none());
    }

    #[tokio::test]
    async fn families_take_turns_and_a_long_list_is_cut() {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let connect = |address: SocketAddr| {
            asked.lock().unwrap().push(address);
            async { Err::<(), _>(io::Error::from(io::ErrorKind::ConnectionRefused)) }
        };
        let mut all = addresses(&["192.0.2.1:1", "192.0.2.2:1", "[2001:db8::1]:1", "[2001:db8::2]:1"]);
        let _ = first(all_at_once(&all), connect).await;
        let order: Vec<bool> = asked.lock().unwrap().drain(..).map(|address| address.is_ipv6()).collect();
        assert_eq!(order, [true, false, true, false]);
        all = (1..=200).map(|n| SocketAddr::from(([192, 0, 2, n], 1))).collect();
        let _ = first(all_at_once(&all), connect).await;
        assert_eq!(asked.lock().unwrap().len(), ADDRESSES);
    }

    #[tokio::test]
    async fn an_address_that_comes_late_is_tried_too() {
        let all = addresses(&["[2001:db8::1]:1", "192.0.2.1:1"]);
        let (deaf, good) = (all[0], all[1]);
        let (tell, come) = mpsc::channel(4);
        let _late = tokio::spawn(async move {
            tell.send(deaf).await.unwrap();
            tokio::time::sleep(HEAD_START * 2).await;
            tell.send(good).await.unwrap();
        });
        let connect = move |address: SocketAddr| async move {
            if address == deaf { std::future::pending().await } else { Ok(()) }
        };
        assert_eq!(first(come, connect).await.unwrap().0, good);
    }
}
