//! Key stretching (`Hi` of RFC 5802 §2.2, which is PBKDF2 with one block) that can be given up: a server names the number
//! of rounds, so neither a login that was left nor a slow machine may go on with it for minutes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::{Zeroize as _, Zeroizing};

use super::Error;
use super::scram::{Hash, Key};
use crate::secrets::Secret;

/// Longest stretching; a step of the login has more. On two cores of 2026, shared, the most rounds we accept took 5 s with SHA-1
/// or SHA-256 and 21 s with SHA-512, which ends here.
pub const LONGEST: Duration = Duration::from_secs(10);
/// Rounds between two looks at the clock: about a millisecond.
const STRIDE: u32 = 2048;

/// Stretches on a blocking thread. Dropping the future ends the work.
///
/// # Errors
/// [`Error::TooSlow`] beyond [`LONGEST`], [`Error::Interrupted`] when the thread is gone.
pub async fn stretch(hash: Hash, password: &Secret, salt: Vec<u8>, iterations: u32) -> Result<Key, Error> {
    within(LONGEST, hash, password, salt, iterations).await
}

async fn within(
    longest: Duration,
    hash: Hash,
    password: &Secret,
    salt: Vec<u8>,
    iterations: u32,
) -> Result<Key, Error> {
    let wanted = Arc::new(AtomicBool::new(true));
    let _guard = Guard(Arc::clone(&wanted));
    let (password, end) = (password.clone(), Instant::now() + longest);
    let work = tokio::task::spawn_blocking(move || {
        let go_on = || wanted.load(Ordering::Relaxed) && Instant::now() < end;
        run(hash, password.expose().as_bytes(), &salt, iterations, go_on)
    });
    work.await.map_err(|_| Error::Interrupted)?.ok_or(Error::TooSlow(iterations))
}

/// Tells the thread that nobody waits for it any more.
struct Guard(Arc<AtomicBool>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Blocks for as long as `iterations` say, or until `go_on` does not hold; `None` then.
pub(super) fn run(hash: Hash, password: &[u8], salt: &[u8], iterations: u32, go_on: impl Fn() -> bool) -> Option<Key> {
    match hash {
        Hash::Sha1 => rounds::<Hmac<Sha1>>(password, salt, iterations, go_on),
        Hash::Sha256 => rounds::<Hmac<Sha256>>(password, salt, iterations, go_on),
        Hash::Sha512 => rounds::<Hmac<Sha512>>(password, salt, iterations, go_on),
    }
}

fn rounds<M: Mac + KeyInit + Clone>(
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    go_on: impl Fn() -> bool,
) -> Option<Key> {
    // HMAC takes keys of any length.
    let keyed = <M as KeyInit>::new_from_slice(password).ok()?;
    let mut first = keyed.clone();
    first.update(salt);
    first.update(&1_u32.to_be_bytes());
    let mut last = first.finalize().into_bytes();
    let mut sum: Key = Zeroizing::new(last.to_vec());
    for round in 1..iterations {
        if round % STRIDE == 0 && !go_on() {
            return None;
        }
        let mut mac = keyed.clone();
        mac.update(&last);
        last = mac.finalize().into_bytes();
        sum.iter_mut().zip(last.iter()).for_each(|(sum, byte)| *sum ^= byte);
    }
    last.as_mut_slice().zeroize();
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the `pbkdf2` crate, which is not what we run.
    #[test]
    fn it_is_pbkdf2() {
        for iterations in [1, 2, 3, 4096, 5000] {
            let ours = |hash| run(hash, b"pencil", b"salt", iterations, || true).unwrap().to_vec();
            let mut sha1 = [0; 20];
            pbkdf2::pbkdf2_hmac::<Sha1>(b"pencil", b"salt", iterations, &mut sha1);
            let mut sha256 = [0; 32];
            pbkdf2::pbkdf2_hmac::<Sha256>(b"pencil", b"salt", iterations, &mut sha256);
            let mut sha512 = [0; 64];
            pbkdf2::pbkdf2_hmac::<Sha512>(b"pencil", b"salt", iterations, &mut sha512);
            assert_eq!((ours(Hash::Sha1), ours(Hash::Sha256)), (sha1.to_vec(), sha256.to_vec()), "{iterations}");
            assert_eq!(ours(Hash::Sha512), sha512.to_vec(), "{iterations}");
        }
    }

    #[tokio::test]
    async fn a_login_that_was_left_stops_stretching() {
        assert!(run(Hash::Sha512, b"pencil", b"salt", u32::MAX, || false).is_none());
        let secret = Secret::new("pencil".to_owned());
        let work = stretch(Hash::Sha512, &secret, b"salt".to_vec(), u32::MAX);
        assert!(tokio::time::timeout(Duration::from_millis(20), work).await.is_err());
        // The runtime waits for its blocking threads when it ends: this test would hang had the work gone on.
    }

    #[tokio::test]
    async fn what_takes_too_long_is_given_up() {
        let secret = Secret::new("pencil".to_owned());
        let work = within(Duration::from_millis(20), Hash::Sha512, &secret, b"salt".to_vec(), u32::MAX);
        assert_eq!(work.await.unwrap_err(), Error::TooSlow(u32::MAX));
    }
}
