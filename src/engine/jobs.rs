//! The tasks of one session, and who waits for each: one that dies must not leave anybody waiting.
//!
//! May use `engine::rounds`.

use std::collections::HashMap;

use tokio::task::{Id, JoinSet};

use super::RequestId;
use super::rounds::Round;

/// Who waits for a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Nobody,
    Request(RequestId),
    Round(Round),
}

/// Ends all of them when dropped.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    tasks: JoinSet<()>,
    owners: HashMap<Id, Owner>,
}

impl Jobs {
    pub(super) fn start(&mut self, owner: Owner, job: impl Future<Output = ()> + Send + 'static) {
        let id = self.tasks.spawn(job).id();
        let _ = self.owners.insert(id, owner);
    }

    /// Waits for a task to die and gives who waited for it. Safe to drop at any time.
    pub(super) async fn died(&mut self) -> Owner {
        loop {
            match self.tasks.join_next_with_id().await {
                None => std::future::pending().await,
                Some(Ok((id, ()))) => {
                    let _ = self.owners.remove(&id);
                }
                Some(Err(error)) => {
                    let owner = self.owners.remove(&error.id());
                    if let Some(owner) = owner.filter(|_| error.is_panic()) {
                        return owner;
                    }
                }
            }
        }
    }

    pub(super) fn abort_all(&mut self) {
        self.tasks.abort_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_death_is_told_and_whose_it_was() {
        let mut jobs = Jobs::default();
        jobs.start(Owner::Request(RequestId(1)), async {});
        jobs.start(Owner::Request(RequestId(2)), async { panic!("on purpose") });
        jobs.start(Owner::Round(Round::Brokers), std::future::pending());
        assert_eq!(jobs.died().await, Owner::Request(RequestId(2)));
        let more = tokio::time::timeout(std::time::Duration::from_millis(20), jobs.died()).await;
        assert!(more.is_err(), "{more:?}");
    }
}
