//! Documents of IODEF v1 (RFC 5070), read as v2: mapped where RFC 7970 has a place for what they say, the rest kept as it was
//! written in an `AdditionalData`, and every step that is not plain told. Version 1 is never written.
//!
//! The elements are taken from the last to the first, so that an element's children are done when its turn comes: nothing
//! recurses. What v2 does not allow where it stood moves up to the next class that does.

mod map;

use std::collections::HashMap;

use super::doc::{Document, Element, InForce, NodeId, Version};
use super::edit::Fragment;
use super::schema::{self, Name, Profile};
use super::xml::{BYTES, Fault, Limit, Position, Refused};
use super::{NS, NS_V1};
use crate::model::Say;

/// An old document in the new words.
#[derive(Clone, Debug)]
pub struct Upgraded {
    pub document: Document,
    /// What is not simply the same, in the order of the old document.
    pub notes: Vec<Note>,
}

/// Something the mapping had to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub what: What,
    /// Where it stood in the old document.
    pub node: NodeId,
    pub position: Position,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// The time of the report serves as the time of generation, which v1 does not know.
    GenerationTime,
    /// The type of an impact has a near word, or none: the old word is kept as the incident's category.
    Impact,
    /// A host name says nothing of the state of host and domain: unknown.
    DomainStatus,
    /// A piece of software is described in words.
    Software,
    /// A reference's name is no id of a list: kept as its description.
    ReferenceName,
    /// A counter counts or is a rate: by whether it names a duration.
    Counter,
    /// Kept as it was written, in an extension.
    Kept,
    /// An attribute v2 has no place for.
    Attribute,
}

impl Note {
    #[must_use]
    pub fn say(&self) -> Say {
        let key = match self.what {
            What::GenerationTime => "error-iodef-v1-generation-time",
            What::Impact => "error-iodef-v1-impact",
            What::DomainStatus => "error-iodef-v1-domain-status",
            What::Software => "error-iodef-v1-software",
            What::ReferenceName => "error-iodef-v1-reference",
            What::Counter => "error-iodef-v1-counter",
            What::Kept => "error-iodef-v1-kept",
            What::Attribute => "error-iodef-v1-attribute",
        };
        Say::new(key).with("line", self.position.line.to_string())
    }
}

/// Makes a document of v2 from one of v1.
///
/// # Errors
/// When it is none of v1, or what comes of it is over a limit of reading.
pub fn upgrade(document: &Document) -> Result<Upgraded, Refused> {
    let root = document.root();
    if document.version()? != Version::V1 {
        return Err(Refused { fault: Fault::Namespace, position: root.position() });
    }
    let mut work = Work::default();
    let all: Vec<Element<'_>> = root.descendants().collect();
    for element in all.into_iter().rev().filter(|element| is_mapped(*element)) {
        let pieces = work.element(element);
        if let Some(parent) = element.parent() {
            let waiting = work.done.entry(parent.id()).or_default();
            waiting.extend(pieces.into_iter().rev());
        }
    }
    let fragment = work.whole(root);
    if work.copied > BYTES {
        return Err(Refused { fault: Fault::Limit(Limit::Bytes), position: root.position() });
    }
    work.notes.sort_by_key(|note| note.position);
    Ok(Upgraded { document: fragment.document()?, notes: work.notes })
}

/// What stands in an extension, or below what is kept as it is, is not looked into.
fn is_mapped(element: Element<'_>) -> bool {
    element
        .ancestors()
        .skip(1)
        .all(|outer| outer.ns() == NS_V1 && map::is_class(outer.local()) && !map::is_extension(outer))
}

/// A child for an element of v2.
struct Piece {
    name: Name<'static>,
    fragment: Fragment,
}

impl Piece {
    fn new(local: &'static str, fragment: Fragment) -> Self {
        Self { name: Name { ns: NS, local }, fragment }
    }
}

#[derive(Default)]
struct Work {
    /// What the children of an element that is not done became, from the last to the first.
    done: HashMap<NodeId, Vec<Piece>>,
    notes: Vec<Note>,
    /// Bytes of what is kept as it was written: each part brings the declarations it needs.
    copied: usize,
    /// What is in force where the last of them stood: those beside it need the same.
    around: Option<(NodeId, InForce<'static>)>,
}

impl Work {
    fn note(&mut self, what: What, element: Element<'_>) {
        self.notes.push(Note { what, node: element.id(), position: element.position() });
    }

    /// An element as it was written; nothing of it once there is more than a document may hold.
    fn copy(&mut self, element: Element<'_>, around: &InForce<'_>) -> Option<Fragment> {
        let source = (self.copied <= BYTES).then(|| element.alone_among(around))?;
        self.copied += source.len();
        Some(Fragment::written(source))
    }

    /// An element as it was written, in an extension that says where it comes from.
    fn kept(&mut self, element: Element<'_>) -> Piece {
        let meaning = format!("IODEF v1 {}", element.local());
        let data = Fragment::new("AdditionalData").attr("dtype", "xml").attr("meaning", meaning);
        // Text, if empty, says that blanks are not ours to add.
        let data = data.text("");
        let parent = element.parent().unwrap_or(element);
        let (at, around) = self.around.take().filter(|(at, _)| *at == parent.id()).unwrap_or_else(|| {
            let around = parent.in_force().into_iter();
            (parent.id(), around.map(|(name, uri)| (name.into_owned().into(), uri.into_owned().into())).collect())
        });
        let copy = self.copy(element, &around);
        self.around = Some((at, around));
        Piece::new("AdditionalData", copy.into_iter().fold(data, Fragment::with))
    }

    fn inside(&mut self, element: Element<'_>) -> Vec<Piece> {
        let mut inside = self.done.remove(&element.id()).unwrap_or_default();
        inside.reverse();
        inside
    }

    /// What an element becomes in its parent.
    fn element(&mut self, element: Element<'_>) -> Vec<Piece> {
        let inside = self.inside(element);
        match map::piece(self, element) {
            map::Mapped::Leaf(pieces) => pieces,
            map::Mapped::Class(local, fragment, own) => Self::class(local, fragment, own.into_iter().chain(inside)),
            map::Mapped::Unknown => {
                self.note(What::Kept, element);
                vec![self.kept(element)]
            }
        }
    }

    /// An element of the v2 class `local` with those of `inside` that it may hold, in the schema's order; the others follow
    /// it, for its parent.
    fn class(local: &'static str, mut fragment: Fragment, inside: impl IntoIterator<Item = Piece>) -> Vec<Piece> {
        let model = schema::class(local).and_then(|class| class.model(Profile::Reading));
        let (mut held, mut passed) = (Vec::new(), Vec::new());
        passed.push(Piece::new(local, Fragment::new(local)));
        for piece in inside {
            match model.and_then(|model| model.rank(piece.name)) {
                Some(rank) => held.push((rank, piece)),
                None => passed.push(piece),
            }
        }
        held.sort_by_key(|(rank, _)| *rank);
        for (_, piece) in held {
            fragment = fragment.with(piece.fragment);
        }
        if let Some(own) = passed.first_mut() {
            own.fragment = fragment;
        }
        passed
    }

    fn whole(&mut self, root: Element<'_>) -> Fragment {
        let inside = self.inside(root);
        let fragment = map::attributes(self, root, Fragment::new("IODEF-Document").attr("version", "2.00"));
        let mut pieces = Self::class("IODEF-Document", fragment, inside).into_iter();
        let whole = pieces.next().map_or_else(|| Fragment::new("IODEF-Document"), |own| own.fragment);
        // What found no place on the whole way up stands in a bent document; it is kept all the same.
        pieces.fold(whole, |whole, lost| {
            let data = Fragment::new("AdditionalData").attr("dtype", "xml").attr("meaning", "IODEF v1");
            whole.with(data.text("").with(lost.fragment))
        })
    }
}
