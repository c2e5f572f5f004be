//! One look at a draft as it is before it is held: all of preflight, the versions of it, and the values it says.
//!
//! Uses preflight, `versions`, the guard and `hints`. Pure and not quick: away from the window's thread. What the archive knows of
//! the values is asked apart, and only of those that are new.

use std::sync::Arc;

use super::draft::{Reason, Source, Whole};
use super::guard::{self, Said};
use super::hints;
use super::preflight::{self, Finding, Place, Weight};
use super::versions::{self, To, Versions};
use crate::iodef::Document;
use crate::model::{Restriction, Tlp};

/// All that a look needs, so that it can be made anywhere.
#[derive(Clone, Debug)]
pub struct Asked {
    pub document: Document,
    pub practice: bool,
    pub topics: Vec<To>,
    pub sources: Vec<Source>,
    pub reasons: Vec<Reason>,
    pub wholes: Vec<Arc<Whole>>,
}

/// What one look found. There is none by default: nothing found is for a look to say.
#[derive(Clone, Debug)]
pub struct Found {
    /// What is so of the document and its topics, and of persons and networks in it.
    pub list: Vec<Finding>,
    pub said: Vec<Said>,
    pub goes: Goes,
}

/// What goes where, by the last look.
#[derive(Clone, Debug)]
pub struct Goes {
    /// The strictest word in the whole.
    pub label: Tlp,
    /// The loosest that a topic is for which gets the whole: to raise what is in it beyond that helps nobody.
    pub widest: Option<Tlp>,
    pub versions: Versions,
}

impl Default for Goes {
    fn default() -> Self {
        Self { label: Restriction::Absent.tlp(), widest: None, versions: Versions::default() }
    }
}

impl Asked {
    #[must_use]
    pub fn look(&self) -> Found {
        let given = |of: &str, about: &str| {
            let reason = self.reasons.iter().find(|reason| reason.of == of && reason.about == about);
            reason.is_some_and(|reason| !reason.words.trim().is_empty())
        };
        let mut list = preflight::document(&self.document, self.practice, &given);
        list.extend(preflight::sources(&self.document, &self.sources, &given));
        let versions = match versions::look(&self.document, self.practice, &self.topics, &given) {
            Ok((more, versions)) => {
                list.extend(more);
                versions
            }
            Err(say) => {
                list.push(Finding::new("version.unmade", Weight::Blocks, Place::Whole, say));
                Vec::new()
            }
        };
        list.extend(versions::kept_out(&self.document, &self.wholes));
        let said = guard::said(&self.document);
        list.extend(guard::hinted(&hints::hints(&self.document)));
        list.extend(guard::internal(&said));
        let whole = self.topics.iter().filter(|to| !versions.iter().any(|(topic, _)| *topic == to.id));
        let widest = whole.map(|to| to.audience.meant.label).min();
        let goes = Goes { label: preflight::strictest(&self.document), widest, versions };
        Found { list, said, goes }
    }
}
