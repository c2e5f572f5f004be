//! Asking controller and brokers what they can do, for the radar. Nothing here changes anything: disco, and where the person
//! wants them asked closely, a page of one topic, the form a new topic would have, and their software.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Utc;

use super::{Desk, Note, payload};
use crate::engine::{Receipt, RequestId};
use crate::model::BareJid;
use crate::model::survey::{Answers, Fresh, Survey};
use crate::text;
use crate::xmpp::disco::{self, Info, Items};
use crate::xmpp::pubsub::owner;
use crate::xmpp::rsm::{At, Query};
use crate::xmpp::version;

/// Longest feature and word that is kept, in characters, and access models of a form.
const LONGEST: usize = 200;
const MODELS: usize = 32;

pub(in crate::engine) async fn survey(
    desk: Desk,
    request: RequestId,
    controller: BareJid,
    brokers: Vec<BareJid>,
    close: bool,
) {
    let told = ask(&desk, controller, false, close).await;
    let mut all = Vec::new();
    for broker in brokers {
        all.push(ask(&desk, broker, true, close).await);
    }
    let survey = Survey { at: Utc::now(), controller: told, brokers: all, close };
    let result = Ok(Receipt::Surveyed(Arc::new(survey)));
    desk.note(Note::Answer { request, result }).await;
}

async fn ask(desk: &Desk, who: BareJid, is_broker: bool, close: bool) -> Answers {
    let mut answers = Answers::of(who.clone());
    if let Ok(answer) = desk.asker.get(&who, |w| disco::ask_info(w, None)).await
        && let Some(info) = payload(answer.root()).and_then(Info::read)
    {
        answers.heard = true;
        answers.name = info.identities.iter().find_map(|own| own.name.as_deref()).map(short);
        answers.features = info.features.iter().map(|feature| short(feature)).collect::<BTreeSet<_>>();
    }
    if close {
        if let Ok(answer) = desk.asker.get(&who, version::request).await {
            answers.software = payload(answer.root()).and_then(version::read).as_deref().map(short);
        }
        if is_broker {
            pages(desk, &mut answers).await;
            answers.fresh = fresh(desk, &who).await;
        }
    }
    answers
}

/// Asks for one topic: who knows pages says that it is one, and of how many.
async fn pages(desk: &Desk, answers: &mut Answers) {
    let one = Query { max: 1, at: At::Start };
    let Ok(answer) = desk.asker.get(&answers.who, |w| disco::ask_items(w, None, Some(&one))).await else { return };
    let Some(items) = payload(answer.root()).and_then(Items::read) else { return };
    let here = u32::try_from(items.entries.len()).unwrap_or(u32::MAX);
    answers.topics = Some(items.page.as_ref().and_then(|page| page.count).unwrap_or(here));
    // A list that is no longer than the page shows nothing without its mark.
    answers.pages = if items.page.is_some() { Some(true) } else { (here > 1).then_some(false) };
}

async fn fresh(desk: &Desk, broker: &BareJid) -> Option<Fresh> {
    let answer = desk.asker.get(broker, |w| owner::Request::Default.write(w)).await.ok()?;
    let form = owner::config(payload(answer.root())).ok()?;
    let value = |var| form.value(var).map(short).filter(|value| !value.is_empty());
    let access = form.fields.iter().find(|field| field.var.as_deref() == Some("pubsub#access_model"));
    let offered = access.iter().flat_map(|field| &field.options).map(|(_, value)| short(value)).take(MODELS);
    let fields = form.fields.iter().filter_map(|field| field.var.as_deref()).map(short);
    Some(Fresh {
        offered: offered.collect(),
        access: value("pubsub#access_model"),
        notification: value("pubsub#notification_type"),
        stores: form.truth("pubsub#persist_items"),
        most: value("pubsub#max_items"),
        fields: fields.collect(),
    })
}

fn short(text: &str) -> String {
    text::cap(text, LONGEST)
}
