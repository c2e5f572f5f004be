//! What a controller and its brokers say of themselves when they are asked, for the conformance radar. Plain data; all text is
//! theirs.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::BareJid;

/// What was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    pub at: DateTime<Utc>,
    pub controller: Answers,
    pub brokers: Vec<Answers>,
    /// They were asked closely: for pages, for what a new topic would be like, for their software.
    pub close: bool,
}

/// What one of them answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    pub who: BareJid,
    /// It answered at all.
    pub heard: bool,
    /// `disco#info`: what it calls itself, and its features.
    pub name: Option<String>,
    pub features: BTreeSet<String>,
    /// `disco#items`, the first page as far as it goes.
    pub topics: Option<u32>,
    /// A page that was asked for came as a page (XEP-0059).
    pub pages: Option<bool>,
    /// Name and version of its software (XEP-0092).
    pub software: Option<String>,
    /// What a new topic would be like (XEP-0060 §8.3).
    pub fresh: Option<Fresh>,
}

impl Answers {
    /// Of one who was not heard yet.
    #[must_use]
    pub fn of(who: BareJid) -> Self {
        let features = BTreeSet::new();
        Self { who, heard: false, name: None, features, topics: None, pages: None, software: None, fresh: None }
    }

    #[must_use]
    pub fn has(&self, feature: &str) -> bool {
        self.features.contains(feature)
    }

    /// Whether it says it has a feature of XEP-0060, by the last part of its name.
    #[must_use]
    pub fn can(&self, feature: &str) -> bool {
        self.features.contains(&format!("{PUBSUB}#{feature}"))
    }
}

/// The namespace of XEP-0060, which its features begin with.
pub const PUBSUB: &str = "http://jabber.org/protocol/pubsub";

/// What a new topic would be like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fresh {
    /// The access models its form offers, and the one it begins with.
    pub offered: Vec<String>,
    pub access: Option<String>,
    /// `normal` or `headline`.
    pub notification: Option<String>,
    pub stores: Option<bool>,
    pub most: Option<String>,
    /// Names of all fields.
    pub fields: Vec<String>,
}
