//! A draft: a document under work, what is chosen beside it, and every step back and forth.
//!
//! The document changes by [`Act`]s alone, each a few splices of its text with their inverses ([`Document::edit`]): what
//! nobody touched keeps its bytes, and a step is undone by the same splices backwards. Typing in one field within
//! [`MOMENT`] is one step. Cheap to clone: the document is shared until one of the two changes.

mod act;
mod beside;
mod kept;
mod open;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::iodef::edit::Change;
use crate::iodef::{Document, NodeId, Refused};

pub use act::{Act, Part, Spot};
pub use beside::{Beside, Course, Labels, Reason, Source, Whole};
pub use kept::Damaged;
pub use open::{Opened, Unopened};

/// How long a field may rest between two keys of one step.
pub const MOMENT: Duration = Duration::from_millis(1_500);

/// A document under work.
#[derive(Clone)]
pub struct Draft {
    document: Document,
    beside: Arc<Beside>,
    past: Vec<Step>,
    future: Vec<Step>,
    /// Goes up with every change, back and forth too; never said twice of different states.
    revision: u64,
}

/// What is undone and done again as one.
#[derive(Clone)]
struct Step {
    changes: Vec<Change>,
    /// Before and after.
    beside: Option<(Arc<Beside>, Arc<Beside>)>,
    /// The field it was typed in, and when last.
    typed: Option<(Spot, Instant)>,
    /// What it was about, before and after.
    node: Option<NodeId>,
}

/// What a change did to the numbers of the elements, and where to look.
#[derive(Clone, Debug, Default)]
pub struct Done {
    changes: Vec<Change>,
    /// The element it was about: that was added, moved or changed.
    pub node: Option<NodeId>,
}

impl Done {
    /// What an element of the document before is called in the one after; `None` when it is gone.
    #[must_use]
    pub fn follow(&self, node: NodeId) -> Option<NodeId> {
        self.changes.iter().try_fold(node, |node, change| change.follow(node))
    }
}

impl Draft {
    /// A draft of a document, with nothing to undo.
    #[must_use]
    pub fn new(document: Document, beside: Beside) -> Self {
        Self { document, beside: Arc::new(beside), past: Vec::new(), future: Vec::new(), revision: 0 }
    }

    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    #[must_use]
    pub fn beside(&self) -> &Beside {
        &self.beside
    }

    /// A number for this state of the draft: what was worked out of a state is good as long as it is the same.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What was done until now is what the draft began as: there is no step back before it.
    pub fn settle(&mut self) {
        self.past.clear();
        self.future.clear();
    }

    /// Makes one step of an act; typing goes on with the step before where that was typed in the same field just now.
    ///
    /// # Errors
    /// When it cannot be made; the draft is then as it was.
    pub fn act(&mut self, act: &Act, now: Instant) -> Result<Done, Refused> {
        self.act_all(std::slice::from_ref(act), now)
    }

    /// Makes one step of several acts, each about the document as those before left it.
    ///
    /// # Errors
    /// When one of them cannot be made; the draft is then as it was.
    pub fn act_all(&mut self, acts: &[Act], now: Instant) -> Result<Done, Refused> {
        let mut document = self.document.clone();
        let mut beside = None;
        let mut done = Done::default();
        for act in acts {
            if let Act::Beside(new) = act {
                beside = Some(Arc::new((**new).clone()));
                continue;
            }
            let (changes, node) = act.make(&mut document)?;
            done.changes.extend(changes);
            done.node = node.or(done.node);
        }
        let beside = beside.filter(|new| **new != *self.beside);
        let is_same = document.text() == self.document.text();
        if is_same && beside.is_none() {
            return Ok(done);
        }
        let typed = match acts {
            [Act::Set { spot, .. }] => Some((spot.clone(), now)),
            // The text beside the form is one field.
            [Act::Source(_)] => Some((Spot::text(NodeId::default()), now)),
            _ => None,
        };
        self.document = document;
        let beside = beside.map(|new| (std::mem::replace(&mut self.beside, Arc::clone(&new)), new));
        self.push(Step { changes: done.changes.clone(), beside, typed, node: done.node });
        Ok(done)
    }

    fn push(&mut self, step: Step) {
        self.revision += 1;
        self.future.clear();
        let last = self.past.last_mut();
        match (last, &step.typed) {
            (Some(last), Some((spot, now))) if last.goes_on(spot, *now) => {
                for change in step.changes {
                    match last.changes.last_mut().and_then(|before| Some((before.joined(&change)?, before))) {
                        Some((joined, before)) => *before = joined,
                        None => last.changes.push(change),
                    }
                }
                last.typed = step.typed;
            }
            _ => self.past.push(step),
        }
    }

    /// Ends the step that is being typed, as leaving a field does.
    pub fn rest(&mut self) {
        if let Some(last) = self.past.last_mut() {
            last.typed = None;
        }
    }

    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Takes the last step back; `None` when there is none.
    pub fn undo(&mut self) -> Option<Done> {
        let mut step = self.past.pop()?;
        step.typed = None;
        let changes: Vec<Change> = step.changes.iter().rev().map(Change::inverse).collect();
        let done = self.turn(changes, step.beside.as_ref().map(|(before, _)| Arc::clone(before)), step.node)?;
        self.future.push(step);
        Some(done)
    }

    /// Makes the step again that was taken back last; `None` when there is none.
    pub fn redo(&mut self) -> Option<Done> {
        let step = self.future.pop()?;
        let done = self.turn(step.changes.clone(), step.beside.as_ref().map(|(_, after)| Arc::clone(after)), None)?;
        self.past.push(step);
        Some(Done { node: self.past.last().and_then(|step| step.node), ..done })
    }

    /// Applies what is known to fit, since nothing else changes the document.
    fn turn(&mut self, changes: Vec<Change>, beside: Option<Arc<Beside>>, node: Option<NodeId>) -> Option<Done> {
        let mut document = self.document.clone();
        for change in &changes {
            document.apply(change).ok()?;
        }
        self.document = document;
        if let Some(beside) = beside {
            self.beside = beside;
        }
        self.revision += 1;
        let node = node.and_then(|node| changes.iter().try_fold(node, |node, change| change.follow(node)));
        Some(Done { changes, node })
    }
}

impl Step {
    fn goes_on(&self, spot: &Spot, now: Instant) -> bool {
        let typed = self.typed.as_ref();
        typed.is_some_and(|(last, when)| last == spot && now.saturating_duration_since(*when) < MOMENT)
    }
}

impl std::fmt::Debug for Draft {
    /// Sizes only: what is drafted may be under any restriction.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Draft({:?}, {} steps back, {} forth)", self.document, self.past.len(), self.future.len())
    }
}
