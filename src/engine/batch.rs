//! Events gathered into batches for the window, which may be slower than the grid.
//!
//! While a batch waits, newer states replace older ones and stored rows are merged, so a batch stays small whatever
//! the rate; only notices can pile up, and beyond [`NOTICES`] they are counted, not silently lost. Stored rows and
//! answers are never dropped: of more than [`ROWS`] rows the rest goes with the next batch, and all that is told behind
//! rows with it. Pure; may use `engine::event` and what a store says of a commit.

use super::Event;
use crate::store::Committed;

/// Notices kept in one batch.
pub const NOTICES: usize = 256;
/// Rows told of in one batch: more than two commits have.
pub const ROWS: usize = 16_384;

/// The batch being gathered.
#[derive(Debug, Default)]
pub struct Batch {
    connection: Option<Event>,
    topics: Option<Event>,
    coverage: Option<Event>,
    requests: Option<Event>,
    logged: Option<Event>,
    stored: Committed,
    answers: Vec<Event>,
    notices: Vec<Event>,
    dropped: u64,
}

impl Batch {
    /// Adds an event, replacing or merging where a newer one makes an older one needless.
    pub fn push(&mut self, event: Event) {
        match event {
            Event::Connection(_) => self.connection = Some(event),
            Event::Topics { .. } => self.topics = Some(event),
            Event::Coverage(_) => self.coverage = Some(event),
            Event::Requests { .. } => self.requests = Some(event),
            Event::Logged(_) => self.logged = Some(event),
            Event::Stored(done) => self.stored.join(done),
            Event::Done { .. } | Event::Learned { .. } => self.answers.push(event),
            Event::Notice { .. } | Event::Said(_) if self.notices.len() < NOTICES => self.notices.push(event),
            Event::Notice { .. } | Event::Said(_) => self.dropped = self.dropped.saturating_add(1),
            Event::Dropped(count) => self.dropped = self.dropped.saturating_add(count),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.weight() == 0 && self.dropped == 0
    }

    /// How many rows and events wait.
    #[must_use]
    pub fn weight(&self) -> usize {
        [&self.connection, &self.topics, &self.coverage, &self.requests, &self.logged].into_iter().flatten().count()
            + self.stored.added.len()
            + self.stored.changed.len()
            + self.answers.len()
            + self.notices.len()
    }

    /// The batch, in the order a window wants it: what the connection is, what there is, what came, what was asked.
    pub fn take(&mut self) -> Vec<Event> {
        let mut events: Vec<Event> = [self.connection.take(), self.topics.take()].into_iter().flatten().collect();
        let stored = self.stored.part(ROWS);
        if !stored.is_empty() {
            events.push(Event::Stored(stored));
        }
        if !self.stored.is_empty() {
            return events;
        }
        let batch = std::mem::take(self);
        // After the rows: what is called complete is here.
        events.extend(batch.coverage);
        events.extend(batch.requests);
        events.extend(batch.answers);
        events.extend(batch.logged);
        events.extend(batch.notices);
        if batch.dropped > 0 {
            events.push(Event::Dropped(batch.dropped));
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Connection, Receipt, RequestId, Step};
    use super::*;
    use crate::model::Say;
    use crate::store::Seq;

    fn notice() -> Event {
        Event::Notice { at: chrono::DateTime::UNIX_EPOCH, say: Say::new("error-offline") }
    }

    #[test]
    fn a_flood_costs_one_event_and_loses_no_row() {
        let mut batch = Batch::default();
        for seq in 0..10_000 {
            batch.push(Event::Stored(Committed { added: vec![seq], live: 1, ..Committed::default() }));
            batch.push(Event::Connection(Connection::Connecting { step: Step::Dialing, attempt: seq }));
        }
        batch.push(Event::Done { request: RequestId(7), result: Ok(Receipt::Subscribed) });
        let events = batch.take();
        assert!(batch.is_empty());
        assert!(matches!(
            events.as_slice(),
            [
                Event::Connection(Connection::Connecting { attempt: 9_999, .. }),
                Event::Stored(Committed { added, live: 10_000, .. }),
                Event::Done { request: RequestId(7), .. },
            ] if added.iter().copied().eq(0..10_000)
        ));
    }

    #[test]
    fn of_more_rows_than_a_batch_holds_the_rest_comes_next_and_what_is_told_behind_them_last() {
        let rows = u32::try_from(ROWS).unwrap();
        let mut batch = Batch::default();
        let changed: Vec<Seq> = (0..rows).collect();
        let added: Vec<Seq> = (rows..2 * rows + 7).collect();
        batch.push(Event::Stored(Committed { added: added.clone(), changed: changed.clone(), duplicates: 3, live: 9 }));
        batch.push(Event::Done { request: RequestId(7), result: Ok(Receipt::Subscribed) });
        batch.push(Event::Connection(Connection::Offline));
        let (mut told, mut sizes, mut last) = (Committed::default(), Vec::new(), Vec::new());
        while !batch.is_empty() {
            assert!(last.is_empty(), "{last:?}");
            for event in batch.take() {
                match event {
                    Event::Stored(done) => {
                        sizes.push(done.added.len() + done.changed.len());
                        told.join(done);
                    }
                    Event::Connection(_) => assert_eq!(told, Committed::default()),
                    event => last.push(event),
                }
            }
        }
        assert_eq!(sizes, [ROWS, ROWS, 7]);
        assert_eq!(told, Committed { added, changed, duplicates: 3, live: 9 });
        assert!(matches!(last[..], [Event::Done { .. }]));
    }

    #[test]
    fn notices_beyond_the_cap_are_counted() {
        let mut batch = Batch::default();
        for _ in 0..NOTICES + 3 {
            batch.push(notice());
        }
        let events = batch.take();
        assert_eq!(events.len(), NOTICES + 1);
        assert!(matches!(events.last(), Some(Event::Dropped(3))));
    }
}
