//! Words about access that come before it is known whose topic they are about: what was kept for this account while it was
//! away comes with the first presence, and then nothing has been asked yet. They wait until it is known, and are heard then.

use std::collections::VecDeque;

use super::{Desk, Online};
use crate::engine::rounds::Round;
use crate::model::TopicId;
use crate::model::owned::{Act, Said};

/// Words that wait; of more the oldest go, for anybody can send some.
const MOST: usize = 500;

#[derive(Debug, Default)]
pub(super) struct Early(VecDeque<Said>);

impl Early {
    fn add(&mut self, said: Said) {
        if self.0.len() == MOST {
            let _ = self.0.pop_front();
        }
        self.0.push_back(said);
    }
}

impl Online {
    /// Whether what is said would be heard already as what it is.
    fn is_placed(said: &Said, desk: &Desk) -> bool {
        match said.act {
            Act::Asks => desk.directory.owns(&said.topic),
            _ => desk
                .directory
                .get(&said.topic)
                .is_some_and(|known| known.owners.iter().any(|owner| *owner.bare() == said.from)),
        }
    }

    /// Whether more will be known of it: brokers, their topics or my rights there are being asked for.
    fn is_unsettled(&self, topic: &TopicId) -> bool {
        let of = |round: fn(_) -> Round| self.rounds.is_open(&round(topic.broker.clone()));
        let described = self.rounds.is_open(&Round::Describe(topic.clone()));
        described || self.rounds.is_open(&Round::Brokers) || of(Round::Rights) || of(Round::Walk)
    }

    /// Somebody says something about access: heard when it can be told what it is.
    pub(super) fn said(&mut self, said: Said, desk: &mut Desk) {
        if Self::is_placed(&said, desk) || !self.is_unsettled(&said.topic) {
            self.placed(said, desk);
        } else {
            self.early.add(said);
        }
    }

    /// Something is known better now.
    pub(super) fn hear_early(&mut self, desk: &mut Desk) {
        for said in std::mem::take(&mut self.early.0) {
            self.said(said, desk);
        }
    }
}
