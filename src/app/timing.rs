//! What `--timings` tells on standard error, each once: how long after the start of its process the window got so far.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How far the window can get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    FirstFrame,
    /// An incident came in and is stored.
    FirstIncident,
    /// Incidents are on the screen, the newest first.
    NewestPage,
    /// All that is stored can be filtered and counted.
    IndexComplete,
}

impl Stage {
    const ALL: [(Self, &str); 4] = [
        (Self::FirstFrame, "first-frame"),
        (Self::FirstIncident, "first-incident"),
        (Self::NewestPage, "newest-page"),
        (Self::IndexComplete, "index-complete"),
    ];
}

/// What is still to be told.
#[derive(Debug, Default)]
pub(super) struct Timing {
    started: Duration,
    awaited: Vec<(Stage, &'static str)>,
}

impl Timing {
    /// Of a process started then, where it is to be told at all.
    pub(super) fn new(started: Option<Duration>) -> Self {
        started.map(|started| Self { started, awaited: Stage::ALL.to_vec() }).unwrap_or_default()
    }

    pub(super) fn awaits(&self, stage: Stage) -> bool {
        self.awaited.iter().any(|(own, _)| *own == stage)
    }

    pub(super) fn reached(&mut self, stage: Stage) {
        let Some(at) = self.awaited.iter().position(|(own, _)| *own == stage) else { return };
        let (_, word) = self.awaited.swap_remove(at);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        eprintln!("{word} {}", now.saturating_sub(self.started).as_millis());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_once_and_only_where_it_was_asked_for() {
        let mut timing = Timing::new(Some(Duration::ZERO));
        assert!(Stage::ALL.iter().all(|(stage, _)| timing.awaits(*stage)));
        timing.reached(Stage::NewestPage);
        assert!(!timing.awaits(Stage::NewestPage) && timing.awaits(Stage::FirstFrame));
        assert!(!Timing::new(None).awaits(Stage::FirstFrame));
    }
}
