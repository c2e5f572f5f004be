//! What is told and written of a change to a topic's members. Knows no widgets.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::{Change, Outcome, Stage, To};
use crate::app::cx::Cx;
use crate::engine::{Command, RequestId};
use crate::model::owned::Act;
use crate::model::{Affiliation, BareJid, Say};
use crate::owner;
use crate::owner::grant::Grant;
use crate::owner::past::Past;
use crate::screen::Action;
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
            // What ends was written down before it was sent.
            (Outcome::Changed { refused, .. }, To::Become(_)) if !self.ends() => {
                let own = cx.owning.grants.iter().filter(|grant| grant.topic == *topic);
                let known: HashSet<&BareJid> = own.map(|grant| &grant.account).chain(refused).collect();
                // An end that was chosen, or that there is to be none, takes the place of one before.
                let new = self.readers().filter(|who| self.lasts.is_some() || !known.contains(who));
                let new = new.filter(|who| !refused.contains(who));
                let new: Vec<Grant> = new.map(|who| self.grant(who, cx.now)).collect();
                (!new.is_empty()).then_some(Work::Grants(new))
            }
            _ => None,
        }
    }

    /// The access with an end that it gives.
    pub(super) fn grants(&self, now: DateTime<Utc>) -> Vec<Grant> {
        let all = self.ends().then(|| self.readers().map(|who| self.grant(who, now)));
        all.into_iter().flatten().collect()
    }

    fn grant(&self, who: &BareJid, now: DateTime<Utc>) -> Grant {
        let until = self.lasts.and_then(|lasts| lasts.end(now));
        Grant::new(self.topic.clone(), who.clone(), until, &self.words, now)
    }

    /// Whether an end was chosen for the access it gives.
    fn ends(&self) -> bool {
        self.lasts.is_some_and(|lasts| lasts.days().is_some())
    }

    /// Who reads by it.
    fn readers(&self) -> impl Iterator<Item = &BareJid> {
        let all = if let To::Become(all) = &self.to { all.as_slice() } else { &[] };
        let reads = |role: &Affiliation| matches!(role, Affiliation::Member | Affiliation::Publisher);
        all.iter().filter(move |(_, role)| reads(role)).map(|(who, _)| who)
    }

    /// Puts back what access was written down before, of these, or of all: they were given none.
    pub(super) fn put_back(&self, of: Option<&[BareJid]>) -> Vec<Work> {
        let of: Option<HashSet<&BareJid>> = of.map(|of| of.iter().collect());
        let of = |who: &BareJid| self.ends() && of.as_ref().is_none_or(|of| of.contains(who));
        let before: Vec<Grant> = self.before.iter().filter(|grant| of(&grant.account)).cloned().collect();
        let had: HashSet<&BareJid> = before.iter().map(|grant| &grant.account).collect();
        let new = self.readers().filter(|who| of(who) && !had.contains(who));
        let accounts: Vec<BareJid> = new.cloned().collect();
        let new = (!accounts.is_empty()).then(|| Work::Ended { topic: self.topic.clone(), accounts, past: Vec::new() });
        (!before.is_empty()).then_some(Work::Grants(before)).into_iter().chain(new).collect()
    }

    /// Sends it.
    pub(super) fn send<M>(&mut self, request: RequestId, cx: &Cx<'_>) -> Action<M> {
        self.stage = Stage::Sent(request);
        let topic = self.topic.clone();
        Action::Engine(match self.to.clone() {
            To::Become(changes) => Command::Affiliate { request, topic, changes },
            To::Lose(accounts, to) => {
                let (say, note) = (|say: &Say| cx.catalog.say(say), &self.words);
                let words = (!note.is_empty()).then(|| owner::words(Act::Revoked, &topic, note, None, say));
                Command::Revoke { request, topic, accounts, to, words }
            }
        })
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
