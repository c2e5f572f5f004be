//! Looking at what a topic has stored (XEP-0060 §6.5), newest first and page by page where the broker has pages, until
//! everything is known; by names alone where nothing is to be shown; one by one where a piece was refused before.
//!
//! What came meanwhile by itself is already stored and is not from before, so a look is not ended by it.

use std::collections::{HashMap, HashSet};

use chrono::Utc;

use super::{Desk, Note, archive, payload};
use crate::engine::Error;
use crate::engine::ask::{Got, History, Wanted};
use crate::engine::evidence::{Limits, Seen};
use crate::engine::ingest::{Found, Was};
use crate::engine::ledger::Look;
use crate::model::{ItemId, TopicId};
use crate::store::{Held, Route, Seq};
use crate::xmpp::disco::{self, Items};
use crate::xmpp::pubsub::{Request, Which};
use crate::xmpp::rsm::{At, Page, Query};

/// Items of the first page: a few of the largest that brokers take (256 KiB) must fit into one stanza.
const FIRST: u32 = 4;
/// Items of a page at most.
const MOST: u32 = 100;
/// Bytes of payloads aimed at in one page.
const BYTES: usize = 256 * 1024;
/// So many of the newest are always compared after a break: an item overwritten meanwhile has kept its old place. Older
/// ones are compared when everything is read ([`Look::whole`]).
const SMALL: usize = 200;

/// How to look.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Plan {
    pub look: Look,
    /// One by one, without these.
    pub skip: Option<HashSet<ItemId>>,
    pub limits: Limits,
    /// About how many items are looked at; older ones are left on the broker, and that is said.
    pub most: usize,
}

impl Plan {
    /// Rows before this one end the look.
    fn anchor(&self) -> Seq {
        if self.look.proving { self.look.anchor } else { Seq::MAX }
    }
}

/// What came of it.
#[derive(Debug)]
pub(in crate::engine) struct Swept {
    pub topic: TopicId,
    pub plan: Plan,
    pub seen: Seen,
    /// Items with the rows in which they are held, which the broker does not store any more.
    pub absent: Vec<(ItemId, Seq)>,
    /// Items that were not here.
    pub new: usize,
}

/// Looks at a topic. False when it is worth another attempt.
pub(in crate::engine) async fn sweep(desk: Desk, topic: TopicId, plan: Plan) -> bool {
    match look(&desk, &topic, &plan).await {
        Ok(swept) => {
            desk.note(Note::Swept(Box::new(swept))).await;
            true
        }
        Err(error) => {
            let passing = error.is_passing();
            desk.note(Note::SweepTrouble(topic, error)).await;
            !passing
        }
    }
}

async fn look(desk: &Desk, topic: &TopicId, plan: &Plan) -> Result<Swept, Error> {
    let held = held(desk, topic).await?;
    if plan.skip.is_none() && plan.look.level && !plan.look.proving && !plan.look.whole {
        let mut names = Sweep::new(topic, plan, held.clone());
        if names.names(desk).await? {
            return Ok(names.finish());
        }
    }
    let mut sweep = Sweep::new(topic, plan, held);
    match &plan.skip {
        None => sweep.pages(desk).await?,
        Some(skip) => sweep.each(desk, skip).await?,
    }
    if let Some(since) = plan.look.since
        && sweep.seen.judge(&plan.limits).is_err()
    {
        // A broker whose archive fails is one without.
        sweep.seen.archive = archive::reaches_back(desk, topic, plan.look.anchor, since).await.unwrap_or_default();
    }
    Ok(sweep.finish())
}

/// What is held of the topic; read off the engine's own thread.
async fn held(desk: &Desk, topic: &TopicId) -> Result<Vec<Held>, Error> {
    let (store, topic) = (desk.store.clone(), topic.clone());
    let held = tokio::task::spawn_blocking(move || store.held(&topic)).await;
    match held {
        Ok(Ok(held)) => Ok(held),
        Ok(Err(error)) => Err(Error::store(&error)),
        Err(_) => Err(Error::died()),
    }
}

/// A look that is going on.
struct Sweep<'a> {
    topic: &'a TopicId,
    plan: &'a Plan,
    /// As it was at the beginning, without what the broker did not have any more then.
    held: HashMap<ItemId, Seq>,
    seen: Seen,
    first: bool,
    listed: HashSet<ItemId>,
    new: usize,
    /// An item came that was here before the break: those on later pages are older.
    reached: bool,
}

impl<'a> Sweep<'a> {
    fn new(topic: &'a TopicId, plan: &'a Plan, held: Vec<Held>) -> Self {
        let anchor = plan.anchor();
        let before = held.iter().filter(|held| held.seq < anchor).count();
        let held: HashMap<_, _> =
            held.into_iter().filter(|held| !held.absent).map(|held| (held.item, held.seq)).collect();
        let mut seen = Seen::new(Utc::now(), before);
        seen.held = held.values().any(|seq| *seq < plan.look.joined);
        Self { topic, plan, held, seen, first: true, listed: HashSet::new(), new: 0, reached: false }
    }

    fn finish(self) -> Swept {
        let Self { topic, plan, mut held, seen, listed, new, .. } = self;
        held.retain(|item, _| !listed.contains(item));
        let absent = if seen.whole { held.into_iter().collect() } else { Vec::new() };
        Swept { topic: topic.clone(), plan: plan.clone(), seen, absent, new }
    }

    /// An answer came; whatever is published after the first comes by itself.
    fn answered(&mut self) {
        if std::mem::take(&mut self.first) {
            self.seen.at = Utc::now();
        }
    }

    /// Takes one item in; whether it was not listed before in this look.
    fn saw(&mut self, id: &ItemId, publisher: Option<&str>, anchor: bool) -> bool {
        let fresh = self.listed.insert(id.clone());
        if fresh {
            self.seen.met |= self.held.get(id).is_some_and(|seq| *seq < self.plan.look.joined);
            self.seen.saw(publisher, anchor);
        }
        fresh
    }

    /// Only the names of the newest, or of all where the broker has no pages. Whether that is enough: all are known.
    async fn names(&mut self, desk: &Desk) -> Result<bool, Error> {
        let page = Query { max: MOST, at: At::Before(String::new()) };
        let ask = |w: &mut _| disco::ask_items(w, Some(&self.topic.node), Some(&page));
        let listed = match desk.asker.get(&self.topic.broker, ask).await {
            Ok(answer) => payload(answer.root()).and_then(Items::read),
            Err(error) if error.is_passing() => return Err(error),
            // A broker that does not list them gives them out all the same.
            Err(_) => None,
        };
        let Some(listed) = listed else { return Ok(false) };
        self.answered();
        (self.seen.read, self.seen.pages) = (false, listed.page.is_some());
        // A broker that lists none may list none by this question, whatever it stores.
        let mut known = listed.unreadable == 0 && (!listed.entries.is_empty() || self.held.is_empty());
        for entry in listed.entries {
            let id = entry.name.map(ItemId);
            let held = id.as_ref().is_some_and(|id| self.held.contains_key(id));
            known &= held;
            if let Some(id) = id {
                let _ = self.saw(&id, None, held);
            }
        }
        self.seen.whole = listed.page.is_none();
        Ok(known)
    }

    async fn pages(&mut self, desk: &Desk) -> Result<(), Error> {
        let mut asked = Query { max: FIRST, at: At::Before(String::new()) };
        loop {
            let got = match self.ask(desk, Which::Page(&asked)).await {
                // A broker without pages that says so, instead of ignoring the request for one.
                Err(error) if self.first && error.is_unsupported() => self.ask(desk, Which::All).await?,
                result => result?,
            };
            self.answered();
            let (max, items, page) = (fitting(&got), got.items, got.page.clone());
            let found = got.found.await.map_err(|_| Error::unstored())?;
            self.seen.unreadable += got.unreadable;
            let (known, progress) = self.page(desk, &found);
            let Some(page) = page else {
                self.seen.whole = true;
                return Ok(());
            };
            self.seen.pages = true;
            if (items == 0 && got.unreadable == 0) || self.is_first(&page) {
                self.seen.whole = true;
                return Ok(());
            }
            // A page that brings nothing new goes in a circle (`engine.md` §6 row 33).
            if !progress {
                return Ok(());
            }
            if known && self.is_enough() {
                return Ok(());
            }
            if self.seen.listed >= self.plan.most {
                self.seen.cut = true;
                return Ok(());
            }
            match page.next(&asked) {
                Some(next) => asked = Query { max, ..next },
                None => return Ok(()),
            }
        }
    }

    /// Whether a page says that none is before it. Some brokers do not count well, so its place alone is not believed.
    fn is_first(&self, page: &Page) -> bool {
        page.index == Some(0)
            && page.count.is_some_and(|count| usize::try_from(count).is_ok_and(|n| n <= self.listed.len()))
    }

    /// Whether a look may end at a page of which all is known.
    fn is_enough(&self) -> bool {
        let Look { proving, level, whole, .. } = self.plan.look;
        let shown = || self.seen.listed >= SMALL && self.seen.reaches_back(&self.plan.limits);
        level && !whole && (!proving || shown())
    }

    /// Whether a row came by itself in the time that is to be shown, and may have passed an earlier one that did not come.
    fn is_hasty(&self, desk: &Desk, seq: Seq) -> bool {
        let Some(since) = self.plan.look.since.filter(|_| self.plan.look.hasty) else { return false };
        desk.store.row(seq).is_none_or(|row| row.route != Route::Fetched && row.received > since)
    }

    /// Takes a page in: whether all of it is from before, and whether it brought anything.
    fn page(&mut self, desk: &Desk, found: &[Found]) -> (bool, bool) {
        // By names the order is anybody's: where they are not all listed, an old one says nothing of the others.
        let anchor = if self.plan.skip.is_some() && !self.seen.whole { 0 } else { self.plan.anchor() };
        let (mut known, mut progress) = (true, false);
        for Found { item, publisher, was } in found {
            let same = matches!(was, Was::Same(seq) if *seq < anchor);
            let from_before = same && !matches!(was, Was::Same(seq) if self.is_hasty(desk, *seq));
            self.seen.hasty += usize::from(same && !from_before);
            self.new += usize::from(matches!(was, Was::New));
            known &= from_before;
            self.reached |= from_before && self.plan.skip.is_none();
            progress |= self.saw(item, publisher.as_deref(), from_before);
        }
        (known, progress)
    }

    /// Every item by its own id, as the broker lists them (XEP-0060 §5.5), so that a refused answer names what to leave
    /// out. What is held is compared too, where something is to be shown by it or everything is to be read.
    async fn each(&mut self, desk: &Desk, skip: &HashSet<ItemId>) -> Result<(), Error> {
        let mut ids = self.ids(desk).await?;
        self.seen.cut = ids.len() > self.plan.most;
        self.seen.whole &= !self.seen.cut;
        ids.truncate(self.plan.most);
        let Look { proving, whole, .. } = self.plan.look;
        for id in ids {
            if skip.contains(&id) {
                let _ = self.seen.skipped.insert(id);
                continue;
            }
            if !proving && !whole && self.held.contains_key(&id) {
                self.seen.read = false;
                let _ = self.saw(&id, None, false);
                continue;
            }
            match self.ask(desk, Which::Ids(std::slice::from_ref(&id))).await {
                // Gone since it was listed.
                Err(error) if error.is_missing() => {}
                result => {
                    let got = result?;
                    self.seen.unreadable += got.unreadable;
                    let found = got.found.await.map_err(|_| Error::unstored())?;
                    let _ = self.page(desk, &found);
                }
            }
        }
        Ok(())
    }

    /// The names of all items, page by page where the broker has pages.
    async fn ids(&mut self, desk: &Desk) -> Result<Vec<ItemId>, Error> {
        let (mut ids, mut known) = (Vec::new(), HashSet::new());
        let mut asked = Query { max: MOST, at: At::Before(String::new()) };
        loop {
            let listed = match self.list(desk, Some(&asked)).await {
                Err(error) if self.first && error.is_unsupported() => self.list(desk, None).await?,
                result => result?,
            };
            self.answered();
            self.seen.unreadable += listed.unreadable;
            let (entries, before) = (listed.entries.len(), ids.len());
            let names = listed.entries.into_iter().filter_map(|entry| entry.name).map(ItemId);
            ids.extend(names.filter(|id| known.insert(id.clone())));
            let Some(page) = listed.page else {
                self.seen.whole = true;
                return Ok(ids);
            };
            self.seen.pages = true;
            let all = page.count.is_some_and(|count| usize::try_from(count).is_ok_and(|count| count <= ids.len()));
            if entries == 0 || (all && page.index == Some(0)) {
                self.seen.whole = true;
                return Ok(ids);
            }
            let next = page.next(&asked).filter(|_| ids.len() > before && ids.len() <= self.plan.most);
            match next {
                Some(next) => asked = next,
                None => return Ok(ids),
            }
        }
    }

    async fn list(&self, desk: &Desk, page: Option<&Query>) -> Result<Items, Error> {
        let answer = desk.asker.get(&self.topic.broker, |w| disco::ask_items(w, Some(&self.topic.node), page)).await?;
        payload(answer.root()).and_then(Items::read).ok_or_else(Error::unreadable_answer)
    }

    /// What of what is asked for now was on the topic before it was read here: all of the first reading of it, and of one that
    /// was broken off what lies behind the items that had come by then, newest first. Where none had come, or all comes at
    /// once in nobody's order, only its own time tells. What a break kept away is news.
    fn history(&self) -> History {
        let Look { level, proving, since, .. } = self.plan.look;
        match since.filter(|_| proving) {
            _ if level => History::None,
            Some(since) if !self.reached => History::Before { since, whole: self.seen.before > 0 },
            _ => History::All,
        }
    }

    async fn ask(&self, desk: &Desk, which: Which<'_>) -> Result<Got, Error> {
        let only = if let Which::Ids([id]) = which { Some(id.clone()) } else { None };
        let request = Request::Items { node: &self.topic.node, subid: None, which };
        let wanted = Wanted { topic: self.topic.clone(), only, history: self.history() };
        desk.asker.items(wanted, |w| request.write(w)).await
    }
}

/// How many items of this size make a page.
fn fitting(got: &Got) -> u32 {
    let each = got.bytes / got.items.max(1);
    u32::try_from(BYTES / each.max(1)).unwrap_or(MOST).clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_shrink_with_the_size_of_items() {
        let (_tell, found) = tokio::sync::oneshot::channel();
        let mut got = Got { items: 4, bytes: 12_000, page: None, unreadable: 0, found };
        assert_eq!(fitting(&got), 87);
        got.bytes = 4 * 250_000;
        assert_eq!(fitting(&got), 1);
        (got.items, got.bytes) = (2, 20);
        assert_eq!(fitting(&got), MOST);
        (got.items, got.bytes) = (0, 0);
        assert_eq!(fitting(&got), MOST);
    }
}
