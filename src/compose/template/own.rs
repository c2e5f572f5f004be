//! A template of one's own: what of a draft is the same next time. What tells this incident from another goes, unless the
//! person wants it: its names, times, evidence, what was seen and what was said of it; who reports, what it does and what is
//! asked for stay.

use crate::compose::Draft;
use crate::compose::draft::Beside;
use crate::compose::form::{class_of, text_of};
use crate::compose::shelf::{Kept, Unread};
use crate::iodef::schema::Type;
use crate::iodef::{Document, Element, NodeId, Refused};
use crate::store::local::Shelf;
use crate::text;

/// Longest name of a template, in characters.
pub const NAME: usize = 80;
/// Classes that name other incidents and this one elsewhere, with all that is in them.
const NAMES: &[&str] = &["AlternativeID", "RelatedActivity"];
/// Classes of evidence, with all that is in them.
const GOES: &[&str] = &["History", "Record", "AdditionalData", "Discovery"];
/// Times of this incident. All are optional but that of a `HistoryItem`, which is emptied.
const TIMES: &[&str] = &[
    "DetectTime",
    "StartTime",
    "EndTime",
    "RecoveryTime",
    "ReportTime",
    "DateTime",
    "DateDomainWasChecked",
    "RegistrationDate",
    "ExpirationDate",
];
/// Classes whose texts stay.
const STAYS: &[&str] = &["Contact", "Expectation", "IncidentCategory"];
/// Roles of contacts that are of this incident.
const OTHERS: &[&str] = &["victim", "victim-notified", "user", "provider"];

/// A template of one's own.
#[derive(Clone, Debug)]
pub struct Own {
    pub title: String,
    pub document: Document,
    /// The template the draft began as, whose fields are asked for.
    pub kind: Option<String>,
}

/// What a template keeps though it tells this incident from another. The number and the time of its making never stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stays {
    /// What was seen, what was said of it, and evidence.
    pub seen: bool,
    /// Other incidents and other names of this one.
    pub names: bool,
    pub times: bool,
}

impl Own {
    /// The template of a draft.
    ///
    /// # Errors
    /// As [`stripped`].
    pub fn of(title: &str, draft: &Draft, stays: Stays) -> Result<Self, Refused> {
        let document = stripped(draft.document(), stays)?;
        Ok(Self { title: named(title), document, kind: draft.beside().template.clone() })
    }
}

/// A name as it is kept: one line, of at most [`NAME`] characters.
#[must_use]
pub fn named(title: &str) -> String {
    text::line_within(title.trim(), NAME)
}

impl Kept for Own {
    const SHELF: Shelf = Shelf::Templates;

    fn text(&self) -> String {
        let beside = Beside { template: self.kind.clone(), ..Beside::default() };
        format!("{}\n{}", self.title, Draft::new(self.document.clone(), beside).to_text())
    }

    fn read(text: &str) -> Result<Self, Unread> {
        let (title, rest) = text.split_once('\n').ok_or_else(|| Unread::Damaged("no template".to_owned()))?;
        let draft = Draft::from_text(rest)?;
        Ok(Self { title: named(title), document: draft.document().clone(), kind: draft.beside().template.clone() })
    }
}

/// The document without what identifies its incident: the fields are there, and empty.
///
/// # Errors
/// When it cannot be written so.
pub fn stripped(document: &Document, stays: Stays) -> Result<Document, Refused> {
    let mut document = document.clone();
    let gone: Vec<NodeId> =
        document.root().descendants().filter(|element| goes(*element, stays)).map(Element::id).collect();
    if !gone.is_empty() {
        let _ = document.remove_all(&gone)?;
    }
    let said: Vec<(NodeId, Vec<String>, bool)> = document
        .root()
        .descendants()
        .filter(|element| is_of_this(*element) || !is_kept(*element, stays))
        .filter_map(said)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    for (node, attributes, text) in said {
        for name in attributes {
            let _ = document.remove_attr(node, &name)?;
        }
        if text {
            let _ = document.set_text(node, "")?;
        }
    }
    if stays.seen {
        return Ok(document);
    }
    // What is remarked in a document, or asked of one program, is of its incident.
    let text = document.travelling().text;
    Document::read(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n"), &[])
}

/// Whether the person wants what this element says.
fn is_kept(element: Element<'_>, stays: Stays) -> bool {
    match () {
        () if is_time(element) => stays.times,
        () if is_name(element) => stays.names,
        () => stays.seen,
    }
}

/// The number and the time of making, which are given anew.
fn is_of_this(element: Element<'_>) -> bool {
    let top = element.parent().is_some_and(|parent| parent.is("Incident"));
    top && (element.is("IncidentID") || element.is("GenerationTime"))
}

fn is_time(element: Element<'_>) -> bool {
    element.is_iodef() && TIMES.contains(&element.local())
}

fn is_name(element: Element<'_>) -> bool {
    element.ancestors().any(|around| around.is_iodef() && NAMES.contains(&around.local()))
}

fn goes(element: Element<'_>, stays: Stays) -> bool {
    if !element.is_iodef() {
        return false;
    }
    let is_others = || element.attr("role").is_some_and(|role| OTHERS.contains(&role.trim()));
    let top = element.parent().is_some_and(|parent| parent.is("Incident"));
    // The one contact there must be stays.
    let is_only = || element.parent().is_some_and(|parent| parent.children_named("Contact").count() == 1);
    (!stays.seen && GOES.contains(&element.local()))
        || (!stays.names && NAMES.contains(&element.local()))
        || (!stays.times && is_time(element) && !element.parent().is_some_and(|parent| parent.is("HistoryItem")))
        || (element.is("Contact") && is_others() && !(top && is_only()))
}

/// What an element says of this incident: attributes that go, and whether its text does.
fn said(element: Element<'_>) -> Option<(NodeId, Vec<String>, bool)> {
    if element.ancestors().any(|outer| outer.is_iodef() && STAYS.contains(&outer.local())) {
        return None;
    }
    let free = |name: &&str| element.attr(name).is_some();
    let attributes = ["interface", "meaning", "instance", "vlan-name", "vlan-num", "translation-id"];
    let attributes: Vec<String> = attributes.iter().filter(|name| free(name)).map(|name| (*name).to_owned()).collect();
    let blank = element.children().next().is_none()
        && !element.text().is_empty()
        // A name that others may refer to stays one.
        && !matches!(class_of(element).and_then(text_of), Some(Type::Id));
    (blank || !attributes.is_empty()).then_some((element.id(), attributes, blank))
}
