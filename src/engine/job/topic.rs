//! An owner's topics: made, set up, emptied, deleted (XEP-0060 §8.1 to §8.5). Servers ignore what they do not know without a
//! word (`engine.md` §4), so what counts is the form as it is read afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Desk, Note, payload};
use crate::engine::record::told;
use crate::engine::rounds::Round;
use crate::engine::{Error, Receipt, RequestId};
use crate::model::owned::{Answer, Came, Created, Fate, Saved, Setting, Settings, Stock};
use crate::model::{Affiliation, BareJid, Say, TopicId};
use crate::xmpp::disco::{self, Info, Items};
use crate::xmpp::form::Form;
use crate::xmpp::pubsub::{self, NODE_CONFIG, meta, owner};
use crate::xmpp::rsm::{At, Query};
use crate::xmpp::xml::Writer;

/// What a topic says of itself to everybody (XEP-0060 §5.4) and an owner may set (§16.4.4), on the form or not.
const SAID: [&str; 5] = ["pubsub#title", "pubsub#description", "pubsub#type", "pubsub#language", "pubsub#contact"];

/// A topic to be made.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Creation {
    pub request: RequestId,
    pub topic: TopicId,
    pub settings: Vec<Answer>,
    /// Its settings are the second of two steps: made, it may still be without them.
    apart: Arc<AtomicBool>,
}

impl Creation {
    pub(in crate::engine) fn new(request: RequestId, topic: TopicId, settings: Vec<Answer>) -> Self {
        Self { request, topic, settings, apart: Arc::default() }
    }
}

pub(in crate::engine) async fn create(desk: Desk, creation: Creation) {
    let result = make(&desk, &creation).await;
    answered(&desk, &creation, result).await;
}

/// Finds out what came of one whose session ended before the answer came.
pub(in crate::engine) async fn go_on(desk: Desk, creation: Creation) {
    let result = find_out(&desk, &creation).await;
    answered(&desk, &creation, result).await;
}

async fn answered(desk: &Desk, creation: &Creation, result: Result<Created, Error>) {
    // Without a session it is still open, for the next one.
    if matches!(result, Err(Error::Offline)) {
        return;
    }
    if result.is_ok() {
        desk.note(Note::Met(vec![(creation.topic.clone(), None)])).await;
        desk.note(Note::Wanted(Round::Describe(creation.topic.clone()))).await;
        desk.note(Note::Wanted(Round::Rights(creation.topic.broker.clone()))).await;
    }
    let result = result.map(|created| Receipt::Created(Arc::new(created)));
    desk.note(Note::Answer { request: creation.request, result }).await;
}

async fn make(desk: &Desk, creation: &Creation) -> Result<Created, Error> {
    let Creation { topic, settings, .. } = creation;
    let create = async |config: Option<&Form>| {
        let request = pubsub::Request::Create { node: Some(&topic.node), config };
        desk.asker.set(&topic.broker, |w| request.write(w)).await
    };
    let mut made = create(Some(&form(settings))).await;
    if made.as_ref().is_err_and(Error::is_unread_form) {
        // ejabberd refuses all for one setting that it does not have.
        let default = default_form(desk, &topic.broker).await?;
        let there: Vec<Answer> = settings.iter().filter(|wish| may_be_set(wish, &default)).cloned().collect();
        if there.len() < settings.len() {
            made = create(Some(&form(&there))).await;
        }
    }
    match made {
        Ok(_) => {}
        Err(error) if error.is_unimplemented() => {
            creation.apart.store(true, Ordering::Relaxed);
            match create(None).await {
                Err(Error::Timeout { .. }) => return find_out(desk, creation).await,
                made => drop(made?),
            }
        }
        Err(Error::Timeout { .. }) => return find_out(desk, creation).await,
        Err(error) => return Err(error),
    }
    match set_up(desk, creation).await {
        Err(Error::Offline) => Err(Error::Offline),
        // It stands, whatever its settings are.
        Err(error) => Ok(Created::Bare { why: error.say() }),
        Ok(saved) => Ok(Created::Whole(saved)),
    }
}

/// Looks what the new topic is, and sets what it did not take with its making.
async fn set_up(desk: &Desk, creation: &Creation) -> Result<Saved, Error> {
    let Creation { topic, settings, apart, .. } = creation;
    let (_, read) = read(desk, topic).await?;
    let saved = Saved::compare(None, settings, read);
    if saved.fates.iter().all(|fate| matches!(fate.came, Came::Kept | Came::Unknown)) {
        return Ok(saved);
    }
    let again = configure(desk, topic, settings).await;
    match again {
        Ok(second) => Ok(Saved::compare(None, settings, second.settings)),
        // Made with what the broker took of it at once: that is told.
        Err(error) if apart.load(Ordering::Relaxed) || matches!(error, Error::Offline) => Err(error),
        Err(_) => Ok(saved),
    }
}

async fn find_out(desk: &Desk, creation: &Creation) -> Result<Created, Error> {
    let (_, read) = match read(desk, &creation.topic).await {
        Err(error) if error.is_missing() => return Err(Error::not_made()),
        read => read?,
    };
    let saved = Saved::compare(None, &creation.settings, read);
    // Nothing is set now: it might be an older topic of that name, which a person meant to keep as it is. What a broker
    // limits is a number.
    let number = |values: &[String]| values.iter().all(|value| value == "max" || value.parse::<u64>().is_ok());
    let fits = |fate: &Fate| match fate.came {
        Came::Kept | Came::Unknown => true,
        Came::Changed | Came::Ignored => number(&fate.wished) && number(&fate.is) && !fate.is.is_empty(),
    };
    let why = if creation.apart.load(Ordering::Relaxed) { "error-made-bare" } else { "error-made-unsure" };
    Ok(if saved.fates.iter().all(fits) { Created::Whole(saved) } else { Created::Bare { why: Say::new(why) } })
}

fn form(settings: &[Answer]) -> Form {
    Form::submit(NODE_CONFIG).answered(pairs(settings))
}

fn pairs(settings: &[Answer]) -> impl Iterator<Item = (&str, Vec<String>)> {
    settings.iter().map(|answer| (answer.var.as_str(), answer.values.clone()))
}

/// The form of a topic of mine.
async fn config(desk: &Desk, topic: &TopicId) -> Result<Form, Error> {
    let request = owner::Request::Config { node: &topic.node };
    let answer = desk.asker.get(&topic.broker, |w| request.write(w)).await?;
    owner::config(payload(answer.root())).map_err(|_| Error::unreadable_answer())
}

/// The same in plain words, with what the topic says of itself: ejabberd takes a title and a type, and shows them there alone.
async fn read(desk: &Desk, topic: &TopicId) -> Result<(Form, Settings), Error> {
    let form = config(desk, topic).await?;
    let mut settings = owner::settings(&form);
    let answer = desk.asker.get(&topic.broker, |w| disco::ask_info(w, Some(&topic.node))).await;
    let info = answer.ok().and_then(|answer| payload(answer.root()).and_then(Info::read));
    let said = info.as_ref().and_then(|info| info.form(meta::FORM)).map(owner::settings).unwrap_or_default();
    let said = said.fields.into_iter().filter(|field| SAID.contains(&field.var.as_str()));
    let new: Vec<Setting> = said.filter(|field| settings.get(&field.var).is_none()).collect();
    settings.fields.extend(new);
    Ok((form, settings))
}

/// Whether a broker with these settings can be asked for this one. One that it does not have is ignored, or has all refused.
fn may_be_set(wish: &Answer, settings: &Settings) -> bool {
    SAID.contains(&wish.var.as_str()) || settings.get(&wish.var).is_some()
}

pub(in crate::engine) async fn settings(desk: Desk, request: RequestId, topic: TopicId) {
    let result = read(&desk, &topic).await.map(|(_, settings)| Receipt::Settings(Arc::new(settings)));
    desk.note(Note::Answer { request, result }).await;
}

/// What a new topic would be.
pub(in crate::engine) async fn defaults(desk: Desk, request: RequestId, broker: BareJid) {
    let result = default_form(&desk, &broker).await.map(|settings| Receipt::Settings(Arc::new(settings)));
    desk.note(Note::Answer { request, result }).await;
}

async fn default_form(desk: &Desk, broker: &BareJid) -> Result<Settings, Error> {
    let answer = desk.asker.get(broker, |w| owner::Request::Default.write(w)).await?;
    let form = owner::config(payload(answer.root())).map_err(|_| Error::unreadable_answer())?;
    Ok(owner::settings(&form))
}

pub(in crate::engine) async fn change(desk: Desk, request: RequestId, topic: TopicId, changes: Vec<Answer>) {
    let result = configure(&desk, &topic, &changes).await.map(|saved| Receipt::Configured(Arc::new(saved)));
    desk.note(Note::Answer { request, result }).await;
}

/// Answers the form as it is now with these changes only, so that what another owner changed meanwhile stays, and reads it
/// again.
async fn configure(desk: &Desk, topic: &TopicId, changes: &[Answer]) -> Result<Saved, Error> {
    let (now, before) = read(desk, topic).await?;
    let values = |var: &str| before.get(var).map(|field| field.values.clone()).unwrap_or_default();
    let was: Vec<Answer> =
        changes.iter().map(|change| Answer { var: change.var.clone(), values: values(&change.var) }).collect();
    desk.asker.trail().found("", &told(&was));
    let there: Vec<Answer> = changes.iter().filter(|change| may_be_set(change, &before)).cloned().collect();
    let set = match set(desk, topic, &now.answered(pairs(&there))).await {
        // A broker may not be able to read all that it writes itself; what changes alone is then enough for it.
        Err(error) if error.is_unread_form() => set(desk, topic, &form(&there)).await,
        set => set,
    };
    match set {
        // Perhaps done: the form tells.
        Err(Error::Timeout { .. }) => {}
        set => set?,
    }
    let (after, settings) = read(desk, topic).await?;
    let saved = Saved::compare(Some(&before), changes, settings);
    desk.note(Note::Settings(topic.clone(), Box::new(after), None)).await;
    desk.note(Note::Wanted(Round::Describe(topic.clone()))).await;
    Ok(saved)
}

async fn set(desk: &Desk, topic: &TopicId, form: &Form) -> Result<(), Error> {
    let request = owner::Request::Configure { node: &topic.node, form };
    desk.asker.set(&topic.broker, |w| request.write(w)).await.map(drop)
}

pub(in crate::engine) async fn stock(desk: Desk, request: RequestId, topic: TopicId) {
    let result = count(&desk, &topic).await.map(Receipt::Stock);
    desk.note(Note::Answer { request, result }).await;
}

async fn count(desk: &Desk, topic: &TopicId) -> Result<Stock, Error> {
    let members = super::members::list(desk, topic).await?;
    let readers = |pending: bool| {
        let mut who: Vec<&BareJid> =
            members.subscribers.iter().filter(|own| own.pending == pending).map(|own| own.jid.bare()).collect();
        who.sort_unstable();
        who.dedup();
        u32::try_from(who.len()).unwrap_or(u32::MAX)
    };
    let owners = members.affiliations.iter().filter(|(_, is)| *is == Affiliation::Owner).count();
    Ok(Stock {
        subscribers: readers(false),
        pending: readers(true),
        owners: u32::try_from(owners).unwrap_or(u32::MAX),
        items: items(desk, topic).await,
    })
}

/// How many items are stored: the list's own count, or its length where it has no pages.
async fn items(desk: &Desk, topic: &TopicId) -> Option<u32> {
    let query = Query { max: 1, at: At::Start };
    let ask = |w: &mut Writer| disco::ask_items(w, Some(&topic.node), Some(&query));
    let answer = desk.asker.get(&topic.broker, ask).await.ok()?;
    let items = payload(answer.root()).and_then(Items::read)?;
    match items.page {
        Some(page) => page.count,
        None => u32::try_from(items.entries.len()).ok()?.checked_add(items.unreadable),
    }
}

pub(in crate::engine) async fn purge(desk: Desk, request: RequestId, topic: TopicId) {
    let purge = owner::Request::Purge { node: &topic.node };
    let result = desk.asker.set(&topic.broker, |w| purge.write(w)).await.map(|_| Receipt::Purged);
    desk.note(Note::Answer { request, result }).await;
}

pub(in crate::engine) async fn delete(desk: Desk, request: RequestId, topic: TopicId, redirect: Option<String>) {
    let delete = owner::Request::Delete { node: &topic.node, redirect: redirect.as_deref() };
    let result = desk.asker.set(&topic.broker, |w| delete.write(w)).await.map(|_| Receipt::Deleted);
    if result.is_ok() {
        desk.note(Note::Deleted(topic)).await;
    }
    desk.note(Note::Answer { request, result }).await;
}
