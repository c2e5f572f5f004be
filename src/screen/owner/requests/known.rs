//! What is known of who asks, put together where it is missing: of many away from the window's thread. Until it is there nobody
//! passes for known, so that nobody is let in by one key of whom it would have warned.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use iced::Task;

use super::{Ask, Message, Requests};
use crate::app::cx::{Cx, Owning};
use crate::engine::{Pending, RequestId};
use crate::model::owned::Members;
use crate::model::{BareJid, TopicId};
use crate::owner::facts::{Around, Facts, Known};
use crate::screen::Action;
use crate::screen::owner::Whose;

/// Requests and accounts of members whose facts a frame has room for.
const SHORT: usize = 200;

/// What is known of who asks.
#[derive(Debug, Default)]
pub(super) struct Facing {
    all: HashMap<Ask, Facts>,
    /// How often what is known beside the requests has changed, and of which time these are.
    wanted: u64,
    had: u64,
    /// They are being put together elsewhere under this number, of this time.
    waits: Option<(RequestId, u64)>,
}

impl Facing {
    pub(super) fn get(&self, ask: &Ask) -> Option<&Facts> {
        self.all.get(ask)
    }
}

/// What facts are made of.
struct Sources {
    me: BareJid,
    lists: Vec<(TopicId, Arc<Members>)>,
    owning: Arc<Owning>,
    asks: Vec<Pending>,
    now: DateTime<Utc>,
}

impl Sources {
    fn is_short(&self) -> bool {
        let listed = self.lists.iter().map(|(_, listed)| listed.affiliations.len() + listed.subscribers.len());
        self.asks.len() + listed.sum::<usize>() <= SHORT
    }

    fn facts(&self) -> HashMap<Ask, Facts> {
        let known = Known::new(Around {
            me: &self.me,
            members: &self.lists,
            would: &self.owning.would,
            cards: &self.owning.cards,
            met: &self.owning.met,
            past: &self.owning.past,
        });
        self.asks.iter().map(|one| (Ask::of(one), known.facts(one, self.now))).collect()
    }
}

impl Requests {
    /// What is known beside the requests has changed.
    pub fn learn(&mut self, lists: &[(TopicId, Arc<Members>)], cx: &Cx<'_>) -> Action<Message> {
        self.lists = lists.to_vec();
        let ask = |(topic, subscriber): &Whose| Ask { topic: topic.clone(), subscriber: subscriber.clone() };
        self.later = cx.owning.holds.iter().map(|(whose, until)| (ask(whose), *until)).collect();
        self.spared.extend(cx.owning.spared.iter().map(ask));
        self.facts.wanted += 1;
        self.know(cx)
    }

    /// Puts together what is known of those of whom it was not; of all, where more is known than when it was.
    pub(super) fn know(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(me) = cx.me().filter(|_| self.facts.waits.is_none()) else { return Action::None };
        let anew = self.facts.had != self.facts.wanted;
        let missing = |one: &&Pending| anew || !self.facts.all.contains_key(&Ask::of(one));
        let asks: Vec<Pending> = cx.inbox.pending.iter().filter(missing).cloned().collect();
        if asks.is_empty() {
            return Action::None;
        }
        let (lists, owning) = (self.lists.clone(), Arc::clone(cx.owning));
        let of = Sources { me: me.clone(), lists, owning, asks, now: cx.now };
        let at = self.facts.wanted;
        if of.is_short() {
            self.facts.put(of.facts(), at);
            return Action::None;
        }
        let number = cx.request();
        self.facts.waits = Some((number, at));
        let knowing = async move { tokio::task::spawn_blocking(move || of.facts()).await.unwrap_or_default() };
        Action::Run(Task::perform(knowing, move |facts| Message::Known(number, Arc::new(facts))))
    }

    /// They are put together; who came meanwhile is next.
    pub(super) fn known(&mut self, number: RequestId, facts: Arc<HashMap<Ask, Facts>>, cx: &Cx<'_>) -> Action<Message> {
        // Those of another session are not this one's.
        let Some((_, at)) = self.facts.waits.take_if(|(waits, _)| *waits == number) else { return Action::None };
        if facts.is_empty() {
            // What died once is not begun again at once.
            return Action::None;
        }
        self.facts.put(Arc::unwrap_or_clone(facts), at);
        self.facts.retain(|ask| self.cards.has(ask));
        self.know(cx)
    }
}

impl Facing {
    /// Of the time `at`. Those of an earlier one stand until all are known anew.
    fn put(&mut self, facts: HashMap<Ask, Facts>, at: u64) {
        if at == self.had {
            self.all.extend(facts);
        } else {
            self.all = facts;
        }
        self.had = at;
    }

    pub(super) fn retain(&mut self, stays: impl Fn(&Ask) -> bool) {
        self.all.retain(|ask, _| stays(ask));
    }
}
