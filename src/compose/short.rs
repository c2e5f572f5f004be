//! The short form: the few fields that make a report valid, each a place in the document. What it sets, the long form
//! shows, and the other way round: there is one document.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::draft::{Act, Part, Spot};
use super::form::{self, XML};
use crate::iodef::edit::{Fragment, Place};
use crate::iodef::schema::Name;
use crate::iodef::{Document, Element, NS, observable};
use crate::model::Typed;

/// Most fields a report needs.
pub const MOST: usize = 6;

/// A field of the short form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// `IncidentID@name`, the team's domain, and the number within it.
    Csirt,
    Number,
    Purpose,
    Restriction,
    /// The first `Description` of the incident.
    Description,
    /// Of the first `Contact`.
    ContactName,
    ContactEmail,
    /// What was seen, a value a line; added by [`observed`].
    Observables,
    /// A place below the first incident: `EventData/Flow/System#2/Node/Address`, an attribute with `@name` at the end.
    Place(&'static str),
    /// As [`Slot::Place`], of a digest: typed in hexadecimal, written as XML Signature has it.
    Digest(&'static str),
}

impl Slot {
    /// Where it stands below the incident.
    fn path(self) -> &'static str {
        match self {
            Self::Csirt => "IncidentID@name",
            Self::Number => "IncidentID",
            Self::Purpose => "@purpose",
            Self::Restriction => "@restriction",
            Self::Description => "Description",
            Self::ContactName => "Contact/ContactName",
            Self::ContactEmail => "Contact/Email/EmailTo",
            Self::Observables => "",
            Self::Place(path) | Self::Digest(path) => path,
        }
    }

    /// The field of the document; `None` where the element is not there yet.
    #[must_use]
    pub fn spot(self, document: &Document) -> Option<Spot> {
        let incident = incident(document)?;
        let (path, attribute) = self.path().split_once('@').map_or((self.path(), None), |(path, at)| (path, Some(at)));
        let steps = path.split('/').filter(|step| !step.is_empty());
        let element = steps.into_iter().try_fold(incident, |element, step| {
            let (name, number) = step.split_once('#').unwrap_or((step, "1"));
            let number: usize = number.parse().ok()?;
            element.children().filter(|child| child.local() == name).nth(number.checked_sub(1)?)
        })?;
        let part = match attribute {
            Some(name) => Part::Attribute(name.to_owned()),
            None if self == Self::Observables => return None,
            None => Part::Text,
        };
        Some(Spot { node: element.id(), part })
    }

    /// What stands there; empty where nothing does.
    #[must_use]
    pub fn value(self, document: &Document) -> String {
        let Some(spot) = self.spot(document) else { return String::new() };
        let Some(element) = document.element(spot.node) else { return String::new() };
        let text = match &spot.part {
            Part::Text => element.text().into_owned(),
            Part::Attribute(name) => match name.strip_prefix("xml:") {
                Some(local) => element.attr_ns(XML, local).unwrap_or_default().into_owned(),
                None => element.attr(name).unwrap_or_default().into_owned(),
            },
        };
        match self {
            Self::Digest(_) => STANDARD
                .decode(text.trim())
                .map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect())
                .unwrap_or(text),
            _ => text,
        }
    }

    /// What sets it: its field, or a new element with it where there is none and one may be. `None` where there is no
    /// place for it.
    #[must_use]
    pub fn set(self, document: &Document, value: &str) -> Option<Act> {
        let value = match self {
            Self::Digest(_) => hexadecimal(value).map_or_else(|| value.to_owned(), |bytes| STANDARD.encode(bytes)),
            _ => value.to_owned(),
        };
        if let Some(spot) = self.spot(document) {
            return Some(Act::Set { spot, value });
        }
        let incident = incident(document)?;
        let contact = incident.children().find(|child| child.is("Contact"));
        let (parent, fragment, name) = match (self, contact) {
            (Self::Description, _) => (incident, Fragment::leaf("Description", value), "Description"),
            (Self::ContactName, Some(contact)) => (contact, Fragment::leaf("ContactName", value), "ContactName"),
            (Self::ContactEmail, Some(contact)) => (contact, email(value), "Email"),
            (Self::ContactName, None) => (incident, person().with(Fragment::leaf("ContactName", value)), "Contact"),
            (Self::ContactEmail, None) => (incident, person().with(email(value)), "Contact"),
            _ => return None,
        };
        let place = form::place(parent, Name { ns: NS, local: name });
        Some(Act::Insert { parent: parent.id(), place, fragments: vec![fragment] })
    }
}

fn person() -> Fragment {
    Fragment::new("Contact").attr("role", "creator").attr("type", "organization")
}

fn email(value: String) -> Fragment {
    Fragment::new("Email").with(Fragment::leaf("EmailTo", value))
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    let is_digest = text.len().is_multiple_of(2) && !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
    // So many digits are no base64 of a digest: 64 of them would be 48 bytes, which no algorithm gives.
    let pairs = (0..text.len()).step_by(2).filter(|_| is_digest);
    let bytes: Vec<u8> = pairs.filter_map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect();
    is_digest.then_some(bytes)
}

/// The first incident.
#[must_use]
pub fn incident(document: &Document) -> Option<Element<'_>> {
    document.root().children().find(|child| child.is("Incident"))
}

/// The numbers of all incidents: their `IncidentID`s.
pub fn named(document: &Document) -> impl Iterator<Item = Element<'_>> {
    document.root().children_named("Incident").filter_map(|incident| incident.child("IncidentID"))
}

/// What puts values in that were seen: systems of this category (RFC 7970 §3.17: `source`, `target`…) in the first flow
/// of the incident, one more event where there is none. `None` without an incident or values.
#[must_use]
pub fn observed(document: &Document, values: &[Typed], category: &str) -> Option<Act> {
    let incident = incident(document)?;
    if values.is_empty() {
        return None;
    }
    let systems: Vec<Fragment> = values.iter().map(|value| system(value, category)).collect();
    let event = incident.children().find(|child| child.is("EventData"));
    let flow = event.and_then(|event| event.children().find(|child| child.is("Flow")));
    let insert = |parent: Element<'_>, local: &str, fragments: Vec<Fragment>| {
        let place = form::place(parent, Name { ns: NS, local });
        Some(Act::Insert { parent: parent.id(), place, fragments })
    };
    if let Some(flow) = flow {
        return Some(Act::Insert { parent: flow.id(), place: Place::Last, fragments: systems });
    }
    let flow = systems.into_iter().fold(Fragment::new("Flow"), Fragment::with);
    match event {
        Some(event) => insert(event, "Flow", vec![flow]),
        None => insert(incident, "EventData", vec![Fragment::new("EventData").with(flow)]),
    }
}

/// A system that is known by one value.
#[must_use]
pub fn system(value: &Typed, category: &str) -> Fragment {
    Fragment::new("System").attr("category", category).with(Fragment::new("Node").with(node(value)))
}

/// A value as it stands in a `Node`.
#[must_use]
pub fn node(value: &Typed) -> Fragment {
    match observable::category(value) {
        Some(category) => Fragment::leaf("Address", value.to_string()).attr("category", category),
        // Always said, since the RFC's text demands what its schema does not (`DATA-MODEL.md` §10).
        None => Fragment::new("DomainData")
            .attr("system-status", "unknown")
            .attr("domain-status", "unknown")
            .with(Fragment::leaf("Name", value.to_string())),
    }
}
