//! When things happen on the practice grid: the next incident, and the owner's answers.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::Shared;
use super::random::Random;

/// How fast the practice world goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// One each 5 to 20 s; the first within 3 s of somebody being there; the owner takes 20 s to decide.
    #[default]
    Real,
    /// Ten times as fast.
    Fast,
    /// 200 a second.
    Burst,
    /// Nothing by itself: `Grid::publish_next` and `Grid::tick` make it happen.
    Manual,
}

impl Pace {
    /// Until the next thing happens.
    fn gap(self, random: &mut Random, first: bool) -> Option<Duration> {
        let millis = match (self, first) {
            (Self::Manual, _) => return None,
            (Self::Burst, _) => 5,
            (_, true) => random.between(800, 2500),
            (_, false) => random.between(5000, 20_000),
        };
        let tenth = if self == Self::Fast { 10 } else { 1 };
        Some(Duration::from_millis(u64::from(millis / tenth)))
    }

    /// How long a request waits for the owner.
    fn patience(self) -> Option<Duration> {
        match self {
            Self::Manual => None,
            Self::Real => Some(Duration::from_secs(20)),
            Self::Fast | Self::Burst => Some(Duration::from_secs(2)),
        }
    }
}

/// Lets things happen while somebody is there to see them.
pub async fn happen(shared: Arc<Shared>, mut pace: watch::Receiver<Pace>, seed: u64) {
    let mut random = Random::new(seed);
    let mut first = true;
    loop {
        let audience = shared.controller().has_audience();
        first |= !audience;
        let gap = pace.borrow_and_update().gap(&mut random, first).filter(|_| audience);
        let passed = async {
            match gap {
                Some(gap) => sleep(gap).await,
                None => shared.audience.notified().await,
            }
        };
        tokio::select! {
            () = passed => {}
            changed = pace.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
        }
        if gap.is_some() && shared.controller().has_audience() {
            first = false;
            if shared.publish_next().is_err() {
                return;
            }
        }
    }
}

/// The owner of the other topics decides, unless somebody sits at the owner's account.
pub async fn decide(shared: Arc<Shared>, mut pace: watch::Receiver<Pace>) {
    /// So that a clock that stands still costs nothing.
    const LEAST: Duration = Duration::from_millis(20);
    loop {
        let patience = pace.borrow_and_update().patience();
        let wait = patience.and_then(|patience| shared.until_decision(patience));
        let passed = async {
            match wait {
                Some(wait) => sleep(wait.max(LEAST)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = passed => if let Some(patience) = patience { shared.decide(patience) },
            () = shared.requests.notified() => {}
            changed = pace.changed() => if changed.is_err() { return },
        }
    }
}
