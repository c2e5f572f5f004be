//! `gridwatch retract --topic T --item I`: takes an item back, after a hold in which it can be stopped. Who has it may keep it.

use std::collections::BTreeSet;

use chrono::{TimeDelta, Utc};
use serde::Serialize;

use super::args::Retract;
use super::out::Out;
use super::session::{Holding, Session};
use super::{Exit, Stop, json, out, publish, topics};
use crate::compose::outbox::Outbox;
use crate::compose::send::{About, Outcome, Parcel};
use crate::engine::{Command, Fate, Receipt};
use crate::model::{Restriction, Say};
use crate::store::ItemKey;
use crate::store::activity::Kind;
use crate::text;

#[derive(Serialize)]
struct RetractedLine<'a> {
    broker: String,
    node: &'a str,
    retracted: &'a str,
}

/// Holds, then takes it back.
///
/// # Errors
/// Without a session, or when the output is not to be written.
pub async fn run(back: &Retract, as_json: bool, session: &mut Session<'_>, out: &mut Out) -> Result<Exit, Stop> {
    let all = topics::rights(session).await?;
    let topic = publish::named(&back.topic, &all)?.id.clone();
    let (item, node) = (text::line(&back.item.0), text::line(&topic.node));
    session.note(&Say::new("cli-retract-copies").with("item", &*item).with("topic", &*node));
    if !back.yes {
        let (topic, subject, reason) = (topic.clone(), back.item.0.clone(), String::new());
        let held = vec![Holding { kind: Kind::Retract, topic, subject, reason }];
        // A signal ends it here, and nothing was asked.
        session.hold("cli-retract-hold", back.hold.unwrap_or(publish::HOLD), held).await?;
    }
    let key = ItemKey { topic: topic.clone(), item: back.item.clone() };
    let row = session.store.find(&key).ok().flatten().and_then(|seq| session.store.row(seq));
    let about = About {
        draft: String::new(),
        of: String::new(),
        title: row.as_ref().map(|row| row.summary.title.clone()).unwrap_or_default(),
        label: row.map_or_else(|| Restriction::Absent.tlp(), |row| row.summary.strictest.tlp()),
        is_new: false,
        reasons: Vec::new(),
        wholes: Vec::new(),
    };
    let parcel = Parcel::retract(about, topic.clone(), back.item.clone(), (Utc::now(), TimeDelta::zero()));
    let parcel = parcel.map_err(|say| Stop::new(Exit::NoSession, say))?;
    let (mut outbox, own) = (Outbox::default(), parcel.key().to_owned());
    outbox.put(parcel);
    outbox.tick(Utc::now());
    let _ = outbox.due(Utc::now(), |_| true);
    outbox.pass(&own, BTreeSet::new());
    let _ = publish::keep(&mut outbox, session)?;
    let (of, taken) = (topic.clone(), back.item.clone());
    let result = session.ask(|request| Command::Retract { request, topic: of, item: taken }).await?;
    let outcome = match &result {
        Ok(_) => Outcome::Done(back.item.clone()),
        Err(error) => match error.fate() {
            Fate::Refused(condition) => Outcome::Refused(condition),
            Fate::Open { unsure } => Outcome::NotYet { unsure },
        },
    };
    let _ = outbox.settle(&own, outcome, None, Utc::now());
    // What was refused waits for nobody here.
    if outbox.get(&own).is_some_and(Parcel::can_undo) {
        outbox.take_back(&own, Utc::now());
    }
    let _ = publish::keep(&mut outbox, session)?;
    match result {
        Ok(Receipt::Retracted(item)) => {
            let line = RetractedLine { broker: topic.broker.to_string(), node: &topic.node, retracted: &item.0 };
            let plain = || format!("{}  {}", text::line(&item.0), text::line(&topic.to_string()));
            out.line(&if as_json { json::line(&line) } else { plain() })?;
            Ok(Exit::Done)
        }
        Ok(_) => Ok(Exit::Unsure),
        Err(error) => {
            let say = error.say();
            session.note(&say);
            if let Some(next) = session.catalog().next(&say) {
                out::note(&next);
            }
            Ok(if matches!(error.fate(), Fate::Open { unsure: true }) { Exit::Unsure } else { Exit::Refused })
        }
    }
}
