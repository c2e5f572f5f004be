//! What is chosen beside the document: where it goes, what it comes from, what was said to be allowed, and what it is to
//! an incident that is published already.

use std::sync::Arc;

use crate::iodef::view::{incidents, marking, own_restriction};
use crate::iodef::{Document, NodeId};
use crate::model::{ItemId, Restriction, Tlp, TopicId};

/// What goes with a draft and stands in no document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Where it is to be published.
    pub topics: Vec<TopicId>,
    /// For whom it is there, where the person said: those who may see this much, or all of it.
    pub versions: Vec<(TopicId, Option<Tlp>)>,
    /// What it was made of: their restrictions bind it.
    pub sources: Vec<Source>,
    /// Why something was done that asks for a reason.
    pub reasons: Vec<Reason>,
    pub course: Course,
    /// The template it began as.
    pub template: Option<String>,
    /// What it is a version of, for those who may see less.
    pub wholes: Vec<Arc<Whole>>,
}

/// A report as it was when a version of it was published or became a draft: nothing in it that is stricter may come into that
/// draft again, nor into what tells the version anew.
#[derive(Clone, PartialEq, Eq)]
pub struct Whole {
    /// Those whom the version is for may see this much.
    pub target: Tlp,
    pub text: String,
}

impl Whole {
    #[must_use]
    pub fn of(document: &Document, target: Tlp) -> Self {
        Self { target, text: document.text().to_owned() }
    }
}

impl std::fmt::Debug for Whole {
    /// Its text may be under any restriction.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Whole({:?}, {} bytes)", self.target, self.text.len())
    }
}

/// What a draft is to incidents that are published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Course {
    #[default]
    New,
    /// The same incident, told anew.
    Update(Source),
    /// Another incident takes this one's place.
    Supersede(Source),
    /// What became of what this one asked.
    Answer(Source),
}

/// An item as it was received or published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub topic: TopicId,
    pub item: ItemId,
    /// `IncidentID@name` and its text.
    pub csirt: String,
    pub id: String,
    /// How far it may go; unknown of what an earlier program began.
    pub labels: Option<Labels>,
}

/// How far a document may go by its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Labels {
    /// The strictest that an incident in it is under as a whole.
    pub whole: Tlp,
    /// The loosest that anything in it is under.
    pub loosest: Tlp,
}

/// A typed reason, and what it is for: a finding's name and what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub of: String,
    pub about: String,
    pub words: String,
}

impl Labels {
    #[must_use]
    pub fn of(document: &Document) -> Self {
        let absent = Restriction::Absent.tlp();
        let wholes = incidents(document).map(|incident| marking(incident.element()).restriction.tlp());
        let loosest = Self::said(document).map(|(_, label)| label).min();
        Self { whole: wholes.max().unwrap_or(absent), loosest: loosest.unwrap_or(absent) }
    }

    /// The incidents with the labels they are under, and what in them says another.
    pub fn said(document: &Document) -> impl Iterator<Item = (NodeId, Tlp)> {
        incidents(document).flat_map(|incident| {
            let incident = incident.element();
            let inside = incident.descendants();
            let inside = inside.filter_map(|element| Some((element.id(), own_restriction(element)?.tlp())));
            std::iter::once((incident.id(), marking(incident).restriction.tlp())).chain(inside)
        })
    }
}

impl Beside {
    /// The reason given for this, where one was.
    #[must_use]
    pub fn reason(&self, of: &str, about: &str) -> Option<&str> {
        let found = self.reasons.iter().find(|reason| reason.of == of && reason.about == about);
        found.map(|reason| reason.words.as_str()).filter(|words| !words.trim().is_empty())
    }
}
