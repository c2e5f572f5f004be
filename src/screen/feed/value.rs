//! What a filter could ask of what shows: of each cell of a row, and of a row with all that its document says.

use chrono::{DateTime, Utc};

use super::How;
use crate::app::cx::Cx;
use crate::model::{Kind, Stamp, Summary};
use crate::store::finder::Local;
use crate::store::query::{Error, Field, Query};
use crate::store::views::Column;
use crate::store::{Row, Seq};
use crate::text as safe;

/// Of a title so many letters are asked for, whole words of them: a longer one may be cut short, and a chip is to be read.
const WORDS: usize = 60;

/// A value that is seen somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Value(Field, String),
    /// A phrase of what the document says; no field has it.
    Words(String),
}

impl Seen {
    /// The filter with it.
    pub(super) fn narrow(&self, query: &Query, how: How) -> Result<Query, Error> {
        match (self, how) {
            (Self::Value(field, value), How::Plus) => query.plus(*field, value),
            (Self::Value(field, value), How::Minus) => query.minus(*field, value),
            (Self::Value(field, value), How::Only) => Query::only(*field, value),
            (Self::Words(words), How::Plus) => Ok(query.plus_words(words)),
            (Self::Words(words), How::Minus) => Ok(query.minus_words(words)),
            (Self::Words(words), How::Only) => Ok(Query::only_words(words)),
        }
    }

    /// As a safe line: nobody follows an observable by accident.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Value(Field::Ip | Field::Cidr | Field::Domain | Field::Url | Field::Email, value) => {
                safe::line(&safe::defang(value))
            }
            Self::Value(_, value) | Self::Words(value) => safe::line(value),
        }
    }

    /// Whether a filter can be made of it.
    fn is_asked(&self) -> bool {
        match self {
            Self::Value(field, value) => !value.is_empty() && Query::only(*field, value).is_ok(),
            Self::Words(words) => !words.is_empty(),
        }
    }
}

/// What a filter could ask of a cell; of tags there may be several.
pub(super) fn of_cell(column: Column, item: &Row, local: &Local, cx: &Cx<'_>) -> Vec<Seen> {
    let summary = &item.summary;
    let said = |field, value: &str| Some((field, value.to_owned()));
    let stamped = |field, stamp: &Option<Stamp>| stamp.as_ref().map(|stamp| (field, day(stamp.at)));
    let one = match column {
        Column::Severity => said(Field::Severity, summary.severity.token().unwrap_or("unknown")),
        Column::Tlp => said(Field::Tlp, summary.restriction.tlp().token()),
        Column::Topic => Some((Field::Topic, cx.finder.topic_name(&item.key.topic))),
        Column::From => item.publisher.clone().map(|from| (Field::From, from)),
        Column::Csirt => said(Field::Csirt, &summary.csirt),
        Column::Id => said(Field::Id, &summary.id),
        Column::Status => summary.status.clone().map(|status| (Field::Status, status)),
        // The list has one time of its own; a day of it holds the row, whenever it was received.
        Column::At | Column::Received => Some((Field::On, day(item.at))),
        Column::Detected => stamped(Field::Detected, &summary.detected),
        Column::Started => stamped(Field::Started, &summary.started),
        Column::Observables => Some((Field::Observables, format!("{}..", summary.observables_total))),
        Column::Size => Some((Field::Size, format!("{}..", item.size))),
        Column::Tags => {
            let tags = local.tags.iter().map(|tag| Seen::Value(Field::Tag, tag.clone()));
            return tags.filter(Seen::is_asked).collect();
        }
        Column::Title => return words(summary).into_iter().collect(),
    };
    one.map(|(field, value)| Seen::Value(field, value)).filter(Seen::is_asked).into_iter().collect()
}

/// What a filter could ask of a row: of its cells, of what the document says beside, of what it names.
pub(super) fn of_row(seq: Seq, cx: &Cx<'_>) -> Vec<Seen> {
    let Some(row) = cx.store.row(seq) else { return Vec::new() };
    let (summary, local) = (&row.summary, cx.finder.local(seq));
    let cells = |columns: &'static [Column]| columns.iter().flat_map(|column| of_cell(*column, &row, &local, cx));
    let said = |field| move |value: &String| Seen::Value(field, value.clone());
    let mut values: Vec<Seen> = cells(&[Column::Topic]).collect();
    if matches!(summary.kind, Kind::Iodef2 | Kind::Iodef1) {
        values.extend(cells(&[
            Column::Severity,
            Column::Tlp,
            Column::Csirt,
            Column::Id,
            Column::Title,
            Column::Status,
        ]));
        values.extend(summary.purpose.iter().map(said(Field::Purpose)));
        values.extend(summary.wanted().map(|ask| Seen::Value(Field::Action, ask.to_owned())));
        values.extend(summary.facets.iter().flat_map(|facets| {
            let confidence = facets.confidence.iter().map(|sure| Seen::Value(Field::Confidence, sure.to_string()));
            let impacts = facets.impacts.iter().map(said(Field::Impact));
            let actors = facets.actors.iter().map(said(Field::Actor));
            let campaigns = facets.campaigns.iter().map(said(Field::Campaign));
            let methods = facets.methods.iter().map(said(Field::Method));
            impacts.chain(confidence).chain(actors).chain(campaigns).chain(methods)
        }));
        values.extend(summary.lang.iter().map(said(Field::Lang)));
        values.extend(cells(&[Column::Observables]));
    }
    values.extend(cells(&[Column::From, Column::At, Column::Detected, Column::Started, Column::Tags, Column::Size]));
    values.extend((row.version > 1).then(|| Seen::Value(Field::Rev, row.version.to_string())));
    let seen = summary.observables.iter();
    values.extend(seen.filter_map(|seen| Some(Seen::Value(Field::of(seen.kind)?, seen.value.clone()))));
    values.retain(Seen::is_asked);
    values.dedup();
    values
}

/// A day as filters have it, in UTC.
fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

/// The title's first words.
fn words(summary: &Summary) -> Option<Seen> {
    let title = summary.title.trim();
    let end = match title.char_indices().nth(WORDS) {
        None => title.len(),
        // A word longer than that stands whole.
        Some((most, _)) => {
            let before = title.get(..most).and_then(|start| start.rfind(char::is_whitespace));
            before.or_else(|| title.find(char::is_whitespace)).unwrap_or(title.len())
        }
    };
    let words = title.get(..end).unwrap_or_default().trim();
    words.contains(char::is_alphanumeric).then(|| Seen::Words(words.to_owned()))
}
