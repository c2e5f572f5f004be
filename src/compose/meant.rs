//! For whom a topic is: the strictest that a report may be which goes there. RFC 8600 gives topics no label of their own, so it
//! is what the person said, else the least that is known of who reads there.
//!
//! Uses `model`, and a shelf of its own. What others send to a topic is no measure: whoever may publish there could raise it.

use serde::{Deserialize, Serialize};

use super::audience::is_open;
use super::shelf::{self, Kept, Unread};
use crate::model::{Access, Tlp, TopicId};
use crate::store::local::Shelf;
use crate::store::query::{Amber, strictness};
use crate::store::retention::LABELS;

/// Whose word it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The topic's own, by who may read it: a closed one is for a community (TLP:GREEN), any other for everybody.
    Access,
    /// Reports of this label went there from here; nobody said that they should.
    Published,
    /// The person's.
    Person,
}

/// For whom a topic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meant {
    pub label: Tlp,
    pub by: By,
}

impl Meant {
    /// By who may read it, and by what is kept of it.
    #[must_use]
    pub fn of(access: &Access, kept: Option<&Kind>) -> Self {
        // Where nobody decides who reads, what anybody says of it does not change that.
        if is_open(access) {
            return Self { label: Tlp::Clear, by: By::Access };
        }
        if let Some(label) = kept.and_then(|kept| kept.said) {
            return Self { label, by: By::Person };
        }
        let published = kept.and_then(|kept| kept.published).filter(|label| is_stricter(*label, Tlp::Green));
        match published {
            Some(label) => Self { label, by: By::Published },
            None => Self { label: Tlp::Green, by: By::Access },
        }
    }

    /// Whether what has this label is for fewer than read there.
    #[must_use]
    pub fn is_exceeded(self, label: Tlp) -> bool {
        is_stricter(label, self.label)
    }
}

/// By the strict reading of amber: what is for one organisation is not for its clients.
#[must_use]
pub fn is_stricter(label: Tlp, than: Tlp) -> bool {
    strictness(label, Amber::Strict) > strictness(than, Amber::Strict)
}

/// What is kept of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    pub topic: TopicId,
    /// For whom it is by the person's word.
    pub said: Option<Tlp>,
    /// The strictest that went there from here.
    pub published: Option<Tlp>,
}

impl Kind {
    #[must_use]
    pub fn new(topic: TopicId) -> Self {
        Self { topic, said: None, published: None }
    }

    /// Its name on the shelf: no broker's address has a space in it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.topic.broker, self.topic.node)
    }

    /// The same after a report of this label went there; `None` where that is nothing new.
    #[must_use]
    pub fn reached(&self, label: Tlp) -> Option<Self> {
        let is_new = self.published.is_none_or(|before| is_stricter(label, before));
        is_new.then(|| Self { published: Some(label), ..self.clone() })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    broker: String,
    node: String,
    said: Option<String>,
    published: Option<String>,
}

impl Kept for Kind {
    const SHELF: Shelf = Shelf::Labels;

    fn text(&self) -> String {
        let word = |label: Option<Tlp>| label.map(|label| label.token().to_owned());
        shelf::toml(&Form {
            broker: self.topic.broker.to_string(),
            node: self.topic.node.clone(),
            said: word(self.said),
            published: word(self.published),
        })
    }

    fn read(text: &str) -> Result<Self, Unread> {
        let form: Form = shelf::from_toml(text)?;
        let damaged = || Unread::Damaged("no address or label".to_owned());
        let label = |word: Option<String>| match word {
            Some(word) => LABELS.into_iter().find(|label| label.token() == word).map(Some).ok_or_else(damaged),
            None => Ok(None),
        };
        let topic = TopicId { broker: form.broker.parse().map_err(|_| damaged())?, node: form.node };
        Ok(Self { topic, said: label(form.said)?, published: label(form.published)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(said: Option<Tlp>, published: Option<Tlp>) -> Kind {
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "feeds/\u{fc} x\n".to_owned() };
        Kind { topic, said, published }
    }

    #[test]
    fn the_persons_word_counts_before_what_was_published_and_that_before_what_is_known() {
        let of = |access: Access, said, published| {
            let meant = Meant::of(&access, Some(&kind(said, published)));
            (meant.label, meant.by)
        };
        assert_eq!(Meant::of(&Access::Authorize, None), Meant { label: Tlp::Green, by: By::Access });
        assert_eq!(of(Access::Whitelist, None, Some(Tlp::Amber)), (Tlp::Amber, By::Published));
        // That something lax went to a closed topic does not open it.
        assert_eq!(of(Access::Whitelist, None, Some(Tlp::Clear)), (Tlp::Green, By::Access));
        assert_eq!(of(Access::Whitelist, Some(Tlp::Green), Some(Tlp::Red)), (Tlp::Green, By::Person));
        for access in [Access::Open, Access::Presence, Access::Roster, Access::Unsaid] {
            assert_eq!(
                of(access, Some(Tlp::Red), Some(Tlp::Red)),
                (Tlp::Clear, By::Access),
                "nobody closes it by a word"
            );
        }
        let green = Meant { label: Tlp::Green, by: By::Access };
        let exceeded = LABELS.map(|label| (label, green.is_exceeded(label)));
        assert!(
            exceeded.iter().all(|(label, more)| *more == !matches!(label, Tlp::Clear | Tlp::Green)),
            "{exceeded:?}"
        );
        let red = Meant { label: Tlp::Red, by: By::Person };
        assert!(LABELS.iter().all(|label| !red.is_exceeded(*label)), "what is by agreement is as red");
    }

    #[test]
    fn what_is_kept_of_a_topic_comes_back() {
        for said in [None, Some(Tlp::AmberStrict)] {
            let kept = kind(said, Some(Tlp::ByAgreement));
            assert_eq!(Kind::read(&kept.text()), Ok(kept.clone()));
            assert!(Kind::read(&kept.text().replace("agree", "argue")).is_err());
            assert_eq!(kept.reached(Tlp::Red), None);
        }
        let fresh = kind(None, None);
        let after = fresh.reached(Tlp::Green).unwrap();
        assert_eq!(
            (after.published, after.reached(Tlp::Clear), after.reached(Tlp::Red).unwrap().published),
            (Some(Tlp::Green), None, Some(Tlp::Red))
        );
    }
}
