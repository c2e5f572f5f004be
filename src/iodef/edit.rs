//! Edits of a document: each touches the lines of its element and no others, and follows the neighbours in indentation,
//! line ends, quotes and prefixes.
//!
//! An edit is a splice of the text, after which the document is read anew: what results is what any receiver will read,
//! or the edit is refused and nothing has changed. A [`Change`] is a value with an inverse, of the size of the edit, so
//! that a draft keeps its history of any length; a [`Document`] is shared until it is edited, so many drafts cost little.

mod fragment;
mod layout;
mod many;

pub use fragment::Fragment;

use super::doc::{Document, Element, NodeId, Written};
use super::xml::{Fault, Position, Refused, Syntax};
use crate::text::xml::{escape_text, escape_value, is_ncname, is_text};

/// Where among the children of an element. The order the schema asks for is the caller's to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    First,
    Last,
    Before(NodeId),
    After(NodeId),
}

/// What is to be done: the values that validation offers as fixes and the composer puts in its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Sets an attribute; `ns` is empty for IODEF's own.
    SetAttr {
        node: NodeId,
        ns: String,
        local: String,
        value: String,
    },
    RemoveAttr {
        node: NodeId,
        ns: String,
        local: String,
    },
    /// Replaces all the text of an element that has no elements in it.
    SetText {
        node: NodeId,
        text: String,
    },
    Insert {
        parent: NodeId,
        place: Place,
        fragment: Fragment,
    },
    Remove {
        node: NodeId,
    },
    Move {
        node: NodeId,
        parent: NodeId,
        place: Place,
    },
    /// Gives an element another local name; prefix and content stay.
    Rename {
        node: NodeId,
        local: String,
    },
}

/// What an edit did, to be undone and done again.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    steps: Vec<Step>,
    node: Option<NodeId>,
}

/// One splice of the text, and what it did to the numbers of the nodes.
#[derive(Clone, PartialEq, Eq)]
struct Step {
    at: usize,
    old: Box<str>,
    new: Box<str>,
    /// Nodes that begin before the splice, and that begin before its end.
    before: u32,
    within: u32,
    /// By how much later nodes are renumbered.
    shift: i64,
    /// Where the text or the value stood of which it is a part, when it is nothing else: then no other node changes.
    respells: Option<(usize, usize)>,
}

impl Change {
    /// What undoes it.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let steps = self.steps.iter().rev().map(|step| Step {
            at: step.at,
            old: step.new.clone(),
            new: step.old.clone(),
            before: step.before,
            within: shifted(step.within, step.shift),
            shift: -step.shift,
            respells: step.respells.map(|(from, to)| (from, (to + step.new.len()).saturating_sub(step.old.len()))),
        });
        Self { steps: steps.collect(), node: None }
    }

    /// The element that was inserted or moved, in the document as it is now.
    #[must_use]
    pub fn node(&self) -> Option<NodeId> {
        self.node
    }

    /// What an element of the document before is called in the one after; `None` when it is gone or was written anew.
    #[must_use]
    pub fn follow(&self, node: NodeId) -> Option<NodeId> {
        let mut id = node.number();
        for step in &self.steps {
            if id >= step.within {
                id = shifted(id, step.shift);
            } else if id >= step.before {
                return None;
            }
        }
        Some(NodeId::numbered(id))
    }

    /// This change and the next one as one, where both are keys typed at one place of one text or value.
    #[must_use]
    pub fn joined(&self, next: &Self) -> Option<Self> {
        let ([one], [two]) = (self.steps.as_slice(), next.steps.as_slice()) else { return None };
        let (whole, now) = (one.respells?, two.respells?);
        let end = (one.at + one.new.len(), two.at + two.old.len());
        let is_same = now == (whole.0, (whole.1 + one.new.len()).saturating_sub(one.old.len()));
        if !is_same || two.at > end.0 || end.1 < one.at {
            return None;
        }
        // What both touched, as it was between them.
        let (before, after) = (one.at.min(two.at), end.0.max(end.1));
        let head = two.old.get(..one.at.saturating_sub(two.at))?;
        let tail = two.old.get(two.old.len() - end.1.saturating_sub(end.0)..)?;
        let between = [head, &one.new, tail].concat();
        let kept = (between.get(..two.at - before)?, between.get(between.len() - (after - end.1)..)?);
        let step = Step {
            at: before,
            old: [head, &one.old, tail].concat().into(),
            new: [kept.0, &two.new, kept.1].concat().into(),
            ..one.clone()
        };
        Some(Self { steps: vec![step], node: next.node.or(self.node) })
    }

    /// How many bytes it takes out and puts in.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        self.steps.iter().fold((0, 0), |(old, new), step| (old + step.old.len(), new + step.new.len()))
    }
}

fn shifted(number: u32, shift: i64) -> u32 {
    u32::try_from(i64::from(number) + shift).unwrap_or_default()
}

impl Document {
    /// Makes an edit.
    ///
    /// # Errors
    /// When it cannot be made; the document is then as it was.
    pub fn edit(&mut self, edit: &Edit) -> Result<Change, Refused> {
        match edit {
            Edit::SetAttr { node, ns, local, value } => self.set_attr_ns(*node, ns, local, value),
            Edit::RemoveAttr { node, ns, local } => self.remove_attr_ns(*node, ns, local),
            Edit::SetText { node, text } => self.set_text(*node, text),
            Edit::Insert { parent, place, fragment } => self.insert(*parent, *place, fragment),
            Edit::Remove { node } => self.remove(*node),
            Edit::Move { node, parent, place } => self.move_to(*node, *parent, *place),
            Edit::Rename { node, local } => self.rename(*node, local),
        }
    }

    /// Makes or undoes a change again.
    ///
    /// # Errors
    /// When it is a change of another document, or of this one in another state.
    pub fn apply(&mut self, change: &Change) -> Result<(), Refused> {
        if let [step] = change.steps.as_slice()
            && let Some(whole) = step.respells
        {
            let (from, to) = (step.at, step.at.saturating_add(step.old.len()));
            let is_there = self.text().get(from..to) == Some(&*step.old);
            let respelled = self.respelled(Written { whole, from, to }, &step.new).filter(|_| is_there);
            *self = respelled.ok_or_else(|| cannot(self.root()))?;
            return Ok(());
        }
        let mut text = self.text().to_owned();
        for step in &change.steps {
            let range = step.at..step.at.saturating_add(step.old.len());
            if text.get(range.clone()) != Some(&*step.old) {
                return Err(cannot(self.root()));
            }
            text.replace_range(range, &step.new);
        }
        self.read_again(text)
    }

    /// Sets an attribute without namespace, as all of IODEF's own are.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub fn set_attr(&mut self, node: NodeId, local: &str, value: &str) -> Result<Change, Refused> {
        self.set_attr_ns(node, "", local, value)
    }

    /// Sets an attribute: in place, or after the others.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub fn set_attr_ns(&mut self, node: NodeId, ns: &str, local: &str, value: &str) -> Result<Change, Refused> {
        let element = self.find(node)?;
        if !is_ncname(local) || !is_text(value) || (ns.is_empty() && local == "xmlns") {
            return Err(bad_text(element));
        }
        let here = element.attrs().find(|attr| attr.local() == local && attr.ns() == ns);
        if let Some(attr) = here {
            let (from, to) = attr.value_span();
            let quote = self.text().get(..from).and_then(|before| before.chars().next_back()).unwrap_or('"');
            let value = escape_value(value, quote).into_owned();
            return self.respell(from, to, value);
        }
        let (at, space, quote) = layout::attributes_end(element);
        let (name, declaration) = layout::attribute_name(element, ns, local);
        let mut new = String::new();
        for (name, value) in
            declaration.iter().map(|(prefix, uri)| (prefix.as_str(), uri.as_str())).chain([(name.as_str(), value)])
        {
            new.push_str(space);
            new.push_str(&format!("{name}={quote}{}{quote}", escape_value(value, quote)));
        }
        self.splice(at, at, new)
    }

    /// Removes an attribute without namespace.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub fn remove_attr(&mut self, node: NodeId, local: &str) -> Result<Change, Refused> {
        self.remove_attr_ns(node, "", local)
    }

    /// Removes an attribute with the white space before it.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub fn remove_attr_ns(&mut self, node: NodeId, ns: &str, local: &str) -> Result<Change, Refused> {
        let element = self.find(node)?;
        let attr = element.attrs().find(|attr| attr.local() == local && attr.ns() == ns);
        let attr = attr.ok_or_else(|| cannot(element))?;
        let (from, to) = (attr.start(), attr.value_span().1 + 1);
        let before = self.text().get(..from).unwrap_or_default().trim_end_matches(layout::is_space).len();
        self.splice(before, to, String::new())
    }

    /// Replaces the text of an element that has no elements in it.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub fn set_text(&mut self, node: NodeId, text: &str) -> Result<Change, Refused> {
        let element = self.find(node)?;
        if element.children().next().is_some() {
            return Err(cannot(element));
        }
        if !is_text(text) {
            return Err(bad_text(element));
        }
        let is_text = !text.is_empty() && element.is_one_text();
        let (from, to, new) = layout::fill(element, &escape_text(text));
        if is_text { self.respell(from, to, new) } else { self.splice(from, to, new) }
    }

    /// Inserts a new child. It is indented like its neighbours, and written with the prefix they use.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub fn insert(&mut self, parent: NodeId, place: Place, fragment: &Fragment) -> Result<Change, Refused> {
        let parent = self.find(parent)?;
        let gap = layout::gap(parent, place).ok_or_else(|| cannot(parent))?;
        let written = fragment.write(parent, gap.neighbour, &gap.lead, &gap.unit).ok_or_else(|| bad_text(parent))?;
        let (from, to, new) = gap.fill(&written);
        let skipped = new.find(&written).unwrap_or_default();
        self.put(from, to, new, skipped)
    }

    /// Removes an element with the line it began.
    ///
    /// # Errors
    /// As [`Self::edit`]; the root stays.
    pub fn remove(&mut self, node: NodeId) -> Result<Change, Refused> {
        let element = self.find(node)?;
        let (from, to) = layout::removal(element).ok_or_else(|| cannot(element))?;
        self.splice(from, to, String::new())
    }

    /// Moves an element as it is written, with what it needs of the namespaces that were in force around it.
    ///
    /// # Errors
    /// As [`Self::edit`]; never into itself.
    pub fn move_to(&mut self, node: NodeId, parent: NodeId, place: Place) -> Result<Change, Refused> {
        let element = self.find(node)?;
        let to = self.find(parent)?;
        let beside_itself = matches!(place, Place::Before(other) | Place::After(other) if other == node);
        if parent == node || element.contains(parent) || beside_itself {
            return Err(cannot(element));
        }
        let copy = Fragment::copy(element, Some(to));
        let mut edited = self.clone();
        let mut change = edited.remove(node)?;
        let followed = |id: NodeId| change.follow(id).ok_or_else(|| cannot(element));
        let parent = followed(parent)?;
        let place = match place {
            Place::Before(other) => Place::Before(followed(other)?),
            Place::After(other) => Place::After(followed(other)?),
            end => end,
        };
        let inserted = edited.insert(parent, place, &copy)?;
        change.steps.extend(inserted.steps);
        change.node = inserted.node;
        *self = edited;
        Ok(change)
    }

    /// Gives an element another local name.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub fn rename(&mut self, node: NodeId, local: &str) -> Result<Change, Refused> {
        let element = self.find(node)?;
        if !is_ncname(local) {
            return Err(bad_text(element));
        }
        let start = element.span().0 + 1 + element.qualified().len() - element.local().len();
        let (old, end) = (element.local().len(), layout::end_name(element));
        let mut edited = self.clone();
        let mut change = match end {
            // The later one first, so that the earlier one's place holds.
            Some(end) => edited.splice_unread(end, end + old, local),
            None => Change { steps: Vec::new(), node: None },
        };
        let first = edited.step(start, start + old, local);
        let mut text = edited.text().to_owned();
        for step in change.steps.iter().chain([&first]) {
            text.replace_range(step.at..step.at + step.old.len(), &step.new);
        }
        edited.read_again(text)?;
        change.steps.push(first);
        *self = edited;
        Ok(change)
    }

    fn find(&self, node: NodeId) -> Result<Element<'_>, Refused> {
        self.element(node).ok_or_else(|| cannot(self.root()))
    }

    /// Writes a text or a value otherwise, of which as much is kept as is the same.
    fn respell(&mut self, from: usize, to: usize, new: String) -> Result<Change, Refused> {
        let old = self.text().get(from..to).unwrap_or_default();
        let (before, after) = alike(old, &new);
        let written = Written { whole: (from, to), from: from + before, to: to - after };
        let part = new.get(before..new.len() - after).unwrap_or_default();
        let Some(respelled) = self.respelled(written, part) else { return self.splice(from, to, new) };
        let mut step = self.step(written.from, written.to, part);
        step.respells = Some(written.whole);
        step.within = step.before;
        *self = respelled;
        Ok(Change { steps: vec![step], node: None })
    }

    /// Replaces the text from `from` to `to`.
    fn splice(&mut self, from: usize, to: usize, new: String) -> Result<Change, Refused> {
        let mut change = self.splice_unread(from, to, &new);
        let before = self.count();
        let mut text = String::with_capacity(self.text().len() + new.len());
        text.push_str(self.text().get(..from).unwrap_or_default());
        text.push_str(&new);
        text.push_str(self.text().get(to..).unwrap_or_default());
        self.read_again(text)?;
        let shift = i64::from(self.count()) - i64::from(before);
        change.steps.iter_mut().for_each(|step| step.shift = shift);
        Ok(change)
    }

    /// As [`Self::splice`], where a new element begins `skipped` bytes into `new`.
    fn put(&mut self, from: usize, to: usize, new: String, skipped: usize) -> Result<Change, Refused> {
        let mut change = self.splice(from, to, new)?;
        change.node = self.element_at(from + skipped).map(Element::id);
        Ok(change)
    }

    /// The change a splice would be, had it left the number of nodes as it is.
    fn splice_unread(&self, from: usize, to: usize, new: &str) -> Change {
        Change { steps: vec![self.step(from, to, new)], node: None }
    }

    fn step(&self, from: usize, to: usize, new: &str) -> Step {
        let old = self.text().get(from..to).unwrap_or_default();
        let (before, within) = (self.nodes_before(from), self.nodes_before(to));
        Step { at: from, old: old.into(), new: new.into(), before, within, shift: 0, respells: None }
    }

    fn read_again(&mut self, text: String) -> Result<(), Refused> {
        let scope = self.scope().to_vec();
        *self = Self::read(text.into_bytes(), &scope)?;
        Ok(())
    }
}

/// How many bytes two texts have in common at their beginning and, after that, at their end.
fn alike(old: &str, new: &str) -> (usize, usize) {
    let same = |pair: &((usize, char), char)| pair.0.1 == pair.1;
    let before = old.char_indices().zip(new.chars()).take_while(same).map(|((at, c), _)| at + c.len_utf8()).last();
    let before = before.unwrap_or_default();
    let (old, new) = (old.get(before..).unwrap_or_default(), new.get(before..).unwrap_or_default());
    let after = old.chars().rev().zip(new.chars().rev()).take_while(|(old, new)| old == new);
    (before, after.map(|(c, _)| c.len_utf8()).sum())
}

fn refused(fault: Fault, at: Position) -> Refused {
    Refused { fault, position: at }
}

fn cannot(element: Element<'_>) -> Refused {
    refused(Fault::Edit, element.position())
}

/// A text or a name XML cannot carry.
fn bad_text(element: Element<'_>) -> Refused {
    refused(Fault::Syntax(Syntax::Character), element.position())
}

impl std::fmt::Debug for Change {
    /// Sizes only: what was changed may be under any restriction.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (old, new) = self.size();
        write!(f, "Change(-{old} +{new} bytes)")
    }
}
