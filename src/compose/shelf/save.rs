//! When drafts are written: soon after the last key, not later than a second after the first that is not kept, at once on what
//! matters. Nothing here writes; who does asks what is due and tells how it went.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a draft rests before it is written.
pub const PAUSE: Duration = Duration::from_millis(400);
/// Longest that anything typed waits, however long one types on. With the writing itself it is on the disk within two
/// seconds.
pub const MOST: Duration = Duration::from_millis(1_000);
/// Between two tries after a failure: the first, doubled up to the last.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// How a draft stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// All of it is on the disk; when that was, where it was in this session.
    Saved(Option<Instant>),
    /// Something is not, since then.
    Unsaved(Instant),
    /// Writing failed, since then; it is tried again.
    Failed(Instant),
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Of the draft, and of what is on the disk.
    revision: u64,
    saved: u64,
    writing: Option<u64>,
    /// First and last change that is not on the disk, nor being written; the first of what is being written.
    first: Option<Instant>,
    held: Option<Instant>,
    last: Option<Instant>,
    at_once: bool,
    saved_at: Option<Instant>,
    /// Since when it fails, how often, and when it is tried again.
    failed: Option<(Instant, u32, Instant)>,
}

impl State {
    /// When it is to be written; `None` when there is nothing to, or it is being written.
    fn due(&self) -> Option<Instant> {
        if self.writing.is_some() || self.is_kept() {
            return None;
        }
        let (first, last) = (self.first?, self.last?);
        if let Some((_, _, again)) = self.failed {
            return Some(again);
        }
        Some(if self.at_once { first } else { (last + PAUSE).min(first + MOST) })
    }

    fn is_kept(&self) -> bool {
        self.revision == self.saved
    }

    fn begin(&mut self) {
        (self.writing, self.held, self.at_once) = (Some(self.revision), self.first.take(), false);
    }
}

/// See the module. `K` names a draft.
#[derive(Clone, Debug)]
pub struct Saver<K> {
    drafts: BTreeMap<K, State>,
}

impl<K> Default for Saver<K> {
    fn default() -> Self {
        Self { drafts: BTreeMap::new() }
    }
}

impl<K: Ord + Clone> Saver<K> {
    /// A draft that stands as it is on the disk.
    pub fn opened(&mut self, draft: K, revision: u64) {
        let _ = self.drafts.insert(draft, State { revision, saved: revision, ..State::default() });
    }

    /// A draft changed to this revision by typing.
    pub fn typed(&mut self, draft: K, revision: u64, now: Instant) {
        let state = self.drafts.entry(draft).or_insert(State { saved: u64::MAX, ..State::default() });
        if state.revision == revision && state.saved != u64::MAX {
            return;
        }
        state.revision = revision;
        state.first = state.first.or(Some(now));
        state.last = Some(now);
    }

    /// A draft changed by an act that is not to be lost: it was opened, a template chosen, a restriction set.
    pub fn acted(&mut self, draft: K, revision: u64, now: Instant) {
        self.typed(draft.clone(), revision, now);
        if let Some(state) = self.drafts.get_mut(&draft) {
            state.at_once = true;
        }
    }

    /// When [`Saver::take`] has something next; `None` when everything is written or being written.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.drafts.values().filter_map(State::due).min()
    }

    /// The drafts to write now, with their revisions: with one that is due all that have waited for half their time go
    /// along, as one change of the store.
    pub fn take(&mut self, now: Instant) -> Vec<(K, u64)> {
        if self.due().is_none_or(|due| due > now) {
            return Vec::new();
        }
        let goes = |state: &State| state.due().is_some_and(|due| due <= now + PAUSE / 2);
        let mut taken = Vec::new();
        for (draft, state) in self.drafts.iter_mut().filter(|(_, state)| goes(state)) {
            state.begin();
            taken.push((draft.clone(), state.revision));
        }
        taken
    }

    /// All that is not on the disk nor being written as it is, at the end of the session.
    pub fn take_all(&mut self) -> Vec<(K, u64)> {
        let is_open = |state: &State| !state.is_kept() && state.writing != Some(state.revision);
        let open = self.drafts.iter_mut().filter(|(_, state)| is_open(state));
        let taken = open.map(|(draft, state)| {
            state.begin();
            (draft.clone(), state.revision)
        });
        taken.collect()
    }

    /// What was taken is on the disk, or is not.
    pub fn written(&mut self, taken: &[(K, u64)], is_done: bool, now: Instant) {
        for (draft, revision) in taken {
            // Nobody waits for it where the draft was forgotten and came back, or a newer state is being written: what the
            // shelf says at the end is another's answer.
            let awaited = |state: &&mut State| state.writing == Some(*revision);
            let Some(state) = self.drafts.get_mut(draft).filter(awaited) else { continue };
            state.writing = None;
            let held = state.held.take();
            if !is_done {
                state.first = held.or(state.first).or(Some(now));
                state.last = state.last.or(Some(now));
                let (since, tries) = state.failed.map_or((now, 0), |(since, tries, _)| (since, tries + 1));
                let wait = RETRY.0.saturating_mul(1 << tries.min(5)).min(RETRY.1);
                state.failed = Some((since, tries, now + wait));
                continue;
            }
            (state.saved, state.saved_at, state.failed) = (*revision, Some(now), None);
            if state.revision == state.saved {
                (state.first, state.last) = (None, None);
            }
        }
    }

    /// The draft is gone; what is being written of it does not matter any more.
    pub fn forget(&mut self, draft: &K) {
        let _ = self.drafts.remove(draft);
    }

    #[must_use]
    pub fn standing(&self, draft: &K) -> Standing {
        let Some(state) = self.drafts.get(draft) else { return Standing::Saved(None) };
        match (state.failed, state.held.or(state.first)) {
            (Some((since, ..)), _) => Standing::Failed(since),
            (None, Some(since)) if state.revision != state.saved => Standing::Unsaved(since),
            (None, _) => Standing::Saved(state.saved_at),
        }
    }

    /// Whether all is on the disk.
    #[must_use]
    pub fn is_saved(&self) -> bool {
        self.drafts.values().all(State::is_kept)
    }

    /// Whether all of this draft is.
    #[must_use]
    pub fn is_kept(&self, draft: &K) -> bool {
        self.drafts.get(draft).is_none_or(State::is_kept)
    }
}
