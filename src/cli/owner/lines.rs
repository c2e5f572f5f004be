//! What the owner's verbs write out, for a person or as JSON lines.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::out::Out;
use crate::cli::{Exit, Stop, json};
use crate::model::owned::{Came, Fate, Members, Saved, Settings};
use crate::text;

#[derive(Serialize)]
pub(super) struct RequestLine<'a> {
    pub(super) broker: String,
    pub(super) node: &'a str,
    pub(super) subscriber: String,
    pub(super) seen: String,
    pub(super) note: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct DecidedLine<'a> {
    pub(super) broker: String,
    pub(super) node: &'a str,
    pub(super) subscriber: String,
    pub(super) decision: &'static str,
}

#[derive(Serialize)]
pub(super) struct MemberLine {
    pub(super) account: String,
    pub(super) affiliation: String,
    /// `subscribed`, `pending` or nothing, one for each subscription.
    pub(super) subscriptions: Vec<Subscription>,
}

#[derive(Serialize)]
pub(super) struct Subscription {
    pub(super) jid: String,
    pub(super) state: &'static str,
}

#[derive(Serialize)]
pub(super) struct SettingLine<'a> {
    pub(super) setting: &'a str,
    pub(super) label: Option<&'a str>,
    pub(super) values: &'a [String],
}

#[derive(Serialize)]
pub(super) struct FateLine<'a> {
    pub(super) setting: &'a str,
    pub(super) was: &'a [String],
    pub(super) wished: &'a [String],
    pub(super) is: &'a [String],
    pub(super) came: &'static str,
}

pub(super) fn shown(settings: &Settings, as_json: bool, out: &mut Out) -> Result<Exit, Stop> {
    for field in &settings.fields {
        let line = if as_json {
            json::line(&SettingLine { setting: &field.var, label: field.label.as_deref(), values: &field.values })
        } else {
            let values: Vec<String> = field.values.iter().map(|value| text::line(value)).collect();
            let label = field.label.as_deref().map(|label| format!("  # {}", text::line(label))).unwrap_or_default();
            format!("{}={}{label}", text::line(&field.var), values.join(","))
        };
        out.line(&line)?;
    }
    Ok(Exit::Done)
}

/// What the broker made of each wish; [`Exit::Partly`] where it did not keep all.
pub(super) fn fates(saved: &Saved, as_json: bool, out: &mut Out) -> Result<Exit, Stop> {
    for fate in &saved.fates {
        let Fate { var, was, wished, is, .. } = fate;
        let came = match fate.came {
            Came::Kept => "kept",
            Came::Changed => "changed",
            Came::Ignored => "ignored",
            Came::Unknown => "unknown",
        };
        let line = if as_json {
            json::line(&FateLine { setting: var, was, wished, is, came })
        } else {
            let is: Vec<String> = is.iter().map(|value| text::line(value)).collect();
            format!("{came:<8} {}={}", text::line(var), is.join(","))
        };
        out.line(&line)?;
    }
    Ok(if saved.whole() { Exit::Done } else { Exit::Partly })
}

/// Accounts with what they are and what they read, by their addresses.
pub(super) fn lines(members: &Members) -> Vec<MemberLine> {
    let mut all: BTreeMap<String, MemberLine> = BTreeMap::new();
    let fresh = |account: &str| MemberLine {
        account: account.to_owned(),
        affiliation: "none".to_owned(),
        subscriptions: Vec::new(),
    };
    for (jid, is) in &members.affiliations {
        let account = jid.bare().to_string();
        all.entry(account.clone()).or_insert_with(|| fresh(&account)).affiliation = text::line(is.token());
    }
    for own in &members.subscribers {
        let account = own.jid.bare().to_string();
        let state = if own.pending { "pending" } else { "subscribed" };
        let one = Subscription { jid: own.jid.to_string(), state };
        all.entry(account.clone()).or_insert_with(|| fresh(&account)).subscriptions.push(one);
    }
    all.into_values().collect()
}
