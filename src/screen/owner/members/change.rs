//! What is told and written of a change to a topic's members. Knows no widgets.

use std::collections::HashSet;

use super::{Change, Outcome, Stage, To};
use crate::app::cx::Cx;
use crate::engine::Command;
use crate::model::owned::Act;
use crate::model::{Affiliation, BareJid};
use crate::owner::grant::Grant;
use crate::owner::past::Past;
use crate::screen::owner::Work;
use crate::store::activity::Kind;

impl Change {
    /// What the log of acts is told while it is held, or when it was taken back.
    pub(super) fn noted(&self, undone: bool) -> Command {
        let (kind, who) = match &self.to {
            To::Become(all) => (Kind::Affiliate, all.first().map(|(who, _)| who)),
            To::Lose(all, _) => (Kind::Revoke, all.first()),
        };
        // Of many the first stands for all; when they are sent each has its own entry.
        let subject = who.map(ToString::to_string).unwrap_or_default();
        let (by, topic, reason) = (self.by.hand(undone), self.topic.clone(), self.words.clone());
        Command::Held { kind, by, topic, subject, reason, undone }
    }

    /// The same when it lapsed while it was held: nobody took it back.
    pub(super) fn lapsed(&self) -> Command {
        let mut note = self.noted(false);
        if let Command::Held { undone, .. } = &mut note {
            *undone = true;
        }
        note
    }

    /// Whose access is not proven to have ended.
    pub(super) fn unproven(&self, outcome: &Outcome) -> impl Iterator<Item = &BareJid> {
        let all = if let To::Lose(all, _) = &self.to { all.as_slice() } else { &[] };
        let proven = |who: &BareJid| match outcome {
            Outcome::Revoked { proofs, .. } => proofs.iter().any(|(proof, proven)| *proven && proof.account == *who),
            Outcome::Changed { .. } | Outcome::Failed(_) => false,
        };
        all.iter().filter(move |who| !proven(who))
    }

    /// What is written down of it: access that is proven to have ended, and who was entered by this desk, whose access is
    /// looked at again like that of who was approved.
    pub(super) fn kept(&self, outcome: &Outcome, cx: &Cx<'_>) -> Option<Work> {
        let (topic, note) = (&self.topic, &self.words);
        match (outcome, &self.to) {
            (Outcome::Revoked { proofs, .. }, _) => {
                let gone = proofs.iter().filter(|(_, proven)| *proven);
                let accounts: Vec<BareJid> = gone.map(|(proof, _)| proof.account.clone()).collect();
                let (topic, by) = (topic.clone(), self.by.clone());
                let past = Past { topic: topic.clone(), act: Act::Revoked, note: note.clone(), at: cx.now, by };
                let past = accounts.iter().map(|account| (account.clone(), past.clone())).collect();
                (!accounts.is_empty()).then_some(Work::Ended { topic, accounts, past })
            }
            (Outcome::Changed { refused, .. }, To::Become(all)) => {
                let own = cx.owning.grants.iter().filter(|grant| grant.topic == *topic);
                let known: HashSet<&BareJid> = own.map(|grant| &grant.account).chain(refused).collect();
                let reads = |role: &Affiliation| matches!(role, Affiliation::Member | Affiliation::Publisher);
                // An end that was chosen, or that there is to be none, takes the place of one before.
                let new =
                    all.iter().filter(|(who, role)| reads(role) && (self.lasts.is_some() || !known.contains(who)));
                let new = new.filter(|(who, _)| !refused.contains(who));
                let until = self.lasts.and_then(|lasts| lasts.end(cx.now));
                let grant = |(who, _): &(BareJid, _)| Grant::new(topic.clone(), who.clone(), until, note, cx.now);
                let new: Vec<Grant> = new.map(grant).collect();
                (!new.is_empty()).then_some(Work::Grants(new))
            }
            _ => None,
        }
    }

    pub(super) fn is_about(&self, account: &BareJid) -> bool {
        match &self.to {
            To::Become(all) => all.iter().any(|(who, _)| who == account),
            To::Lose(all, _) => all.contains(account),
        }
    }

    pub(super) fn is_held(&self) -> bool {
        matches!(self.stage, Stage::Held { .. })
    }
}

impl To {
    pub(super) fn accounts(&self) -> Vec<&BareJid> {
        match self {
            Self::Become(all) => all.iter().map(|(who, _)| who).collect(),
            Self::Lose(all, _) => all.iter().collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Become(all) => all.len(),
            Self::Lose(all, _) => all.len(),
        }
    }
}
