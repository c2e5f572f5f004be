//! The table of a topic's lists, put together when it shows: a long one away from the window's thread.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use iced::Task;

use super::{Listed, Members, Message};
use crate::app::cx::Cx;
use crate::model::{Access, TopicId};
use crate::owner::grant::Grant;
use crate::owner::members::{self, Around, Row};
use crate::owner::would::Would;
use crate::screen::Action;

/// Accounts and subscriptions whose table a frame has room for.
const SHORT: usize = 1_000;

/// What a topic's table is made of.
pub(super) struct Sources {
    listed: Arc<Listed>,
    access: Access,
    grants: Vec<Grant>,
    would: Option<Would>,
    now: DateTime<Utc>,
}

impl Sources {
    fn of(topic: &TopicId, listed: &Arc<Listed>, cx: &Cx<'_>) -> Self {
        let of = cx.topics.iter().find(|one| one.id == *topic);
        Self {
            listed: Arc::clone(listed),
            access: of.map_or(Access::Unsaid, |topic| topic.access.clone()),
            grants: cx.owning.grants.iter().filter(|grant| grant.topic == *topic).cloned().collect(),
            would: cx.owning.would.get(topic).cloned(),
            now: cx.now,
        }
    }

    fn is_short(&self) -> bool {
        self.listed.affiliations.len() + self.listed.subscribers.len() <= SHORT
    }

    fn table(&self) -> Arc<[Row]> {
        let would = self.would.as_ref();
        let around = Around { access: &self.access, grants: &self.grants, would, now: self.now };
        members::table(&self.listed, around).into()
    }
}

impl Members {
    /// Puts the table together that shows, where it is not what the lists say: a long one away from the window's thread.
    pub(super) fn tabulate(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some((topic, list)) = self.topic.as_ref().and_then(|topic| Some((topic, self.lists.get_mut(topic)?)))
        else {
            return Action::None;
        };
        if !list.stale {
            return Action::None;
        }
        self.tables += 1;
        (list.stale, list.number) = (false, self.tables);
        let of = Sources::of(topic, &list.listed, cx);
        if of.is_short() {
            list.rows = Some(of.table());
            self.sift();
            return Action::None;
        }
        let (topic, number) = (topic.clone(), self.tables);
        let putting = async move { tokio::task::spawn_blocking(move || of.table()).await.unwrap_or_default() };
        Action::Run(Task::perform(putting, move |rows| Message::Tabled(topic.clone(), number, rows)))
    }
}
