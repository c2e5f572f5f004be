//! Who got the last publication of a topic: what is new since is told before the next one, also in another run of the program.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::{Kept, Unread};
use crate::model::{BareJid, TopicId};
use crate::store::local::Shelf;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    pub topic: TopicId,
    pub at: DateTime<Utc>,
    pub readers: BTreeSet<BareJid>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    broker: String,
    node: String,
    at: String,
    readers: Vec<String>,
}

impl Reached {
    /// Its name on the shelf: no broker's address has a space in it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.topic.broker, self.topic.node)
    }
}

impl Kept for Reached {
    const SHELF: Shelf = Shelf::Reached;

    fn text(&self) -> String {
        super::toml(&Form {
            broker: self.topic.broker.to_string(),
            node: self.topic.node.clone(),
            at: self.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            readers: self.readers.iter().map(ToString::to_string).collect(),
        })
    }

    fn read(text: &str) -> Result<Self, Unread> {
        let form: Form = super::from_toml(text)?;
        let damaged = || Unread::Damaged("no address or time".to_owned());
        let readers = form.readers.iter().map(|jid| jid.parse().map_err(|_| damaged()));
        let topic = TopicId { broker: form.broker.parse().map_err(|_| damaged())?, node: form.node };
        Ok(Self { topic, at: form.at.parse().map_err(|_| damaged())?, readers: readers.collect::<Result<_, _>>()? })
    }
}
