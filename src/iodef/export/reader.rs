//! Reading things for an export, with limits for the whole document: what a page of XML multiplies or refers to again and
//! again is a budget's end, not the machine's.

use std::collections::HashMap;
use std::rc::Rc;

use super::find::{Found, find};
use super::marking::strictest;
use super::steps::{Names, Step, steps};
use crate::iodef::{Document, Element, NodeId};
use crate::model::Restriction;

/// Most things written out more often than the document writes them: hosts by ports, campaigns by actors, and values that
/// indicators refer to.
const AGAIN: usize = 50_000;
/// Most steps of all expressions, references followed.
const STEPS: usize = 500_000;
/// Most bytes of all patterns, those of their parts included.
const BYTES: usize = 128 << 20;

pub struct Reader<'d> {
    names: Names<'d>,
    leaves: HashMap<NodeId, Leaf<'d>>,
    again: usize,
    steps: usize,
    /// What patterns may still be written.
    pub bytes: usize,
}

/// What an indicator looks for, read once.
#[derive(Clone)]
struct Leaf<'d> {
    found: Rc<Found<'d>>,
    strictest: Restriction,
}

impl<'d> Reader<'d> {
    #[must_use]
    pub fn of(document: &'d Document) -> Self {
        Self { names: Names::of(document), leaves: HashMap::new(), again: AGAIN, steps: STEPS, bytes: BYTES }
    }

    /// The things of a part of the document that is read once.
    #[must_use]
    pub fn find(&mut self, whole: Element<'d>) -> Found<'d> {
        find(whole, &mut self.again)
    }

    /// Whether so much more than the document says itself may be written.
    #[must_use]
    pub fn may_multiply(&mut self, more: usize) -> bool {
        let rest = self.again.checked_sub(more);
        self.again = rest.unwrap_or(self.again);
        rest.is_some()
    }

    #[must_use]
    pub fn steps(&mut self, indicator: Element<'d>) -> Vec<Step<'d>> {
        steps(indicator, &self.names, &mut self.steps)
    }

    /// The things of what an indicator looks for; `None` when the document refers to too much too often.
    #[must_use]
    pub fn leaf(&mut self, element: Element<'d>) -> Option<Rc<Found<'d>>> {
        if let Some(leaf) = self.leaves.get(&element.id()) {
            self.again = self.again.checked_sub(leaf.found.things.len())?;
            return Some(Rc::clone(&leaf.found));
        }
        let found = Rc::new(find(element, &mut self.again));
        let leaf = Leaf { found: Rc::clone(&found), strictest: strictest(element) };
        let _ = self.leaves.insert(element.id(), leaf);
        Some(found)
    }

    /// The things of a leaf that was read.
    #[must_use]
    pub fn known(&self, element: Element<'d>) -> Option<Rc<Found<'d>>> {
        self.leaves.get(&element.id()).map(|leaf| Rc::clone(&leaf.found))
    }

    /// The strictest restriction of a leaf that was read.
    #[must_use]
    pub fn strictest(&self, element: Element<'d>) -> Restriction {
        self.leaves.get(&element.id()).map_or_else(|| strictest(element), |leaf| leaf.strictest.clone())
    }
}
