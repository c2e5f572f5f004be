//! The few fields that make a report of its kind valid and useful, as the template asks for them (`compose::short`). Each is a
//! field of the document like any other; where its element is not there, typing makes it.

use crate::compose::form::{self, Field};
use crate::compose::short::{self, Slot};
use crate::compose::template::{self, Ask, PLAIN};
use crate::iodef::view::incidents;
use crate::iodef::{Document, NodeId};

/// One of them, as it stands in the document.
#[derive(Clone, Debug)]
pub struct Essential {
    /// The key of its label.
    pub key: &'static str,
    pub slot: Slot,
    pub place: Place,
}

/// Where it stands, or would.
#[derive(Clone, Debug)]
pub enum Place {
    Field(Box<Field>),
    /// A digest, typed in hexadecimal.
    Digest(String),
    /// Its element is not there yet.
    Missing,
}

impl Essential {
    pub fn field(&self) -> Option<&Field> {
        match &self.place {
            Place::Field(field) => Some(field),
            Place::Digest(_) | Place::Missing => None,
        }
    }

    /// The key of what it is for, where the form says it better than the schema.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self.slot {
            Slot::Csirt => "compose-csirt-hint",
            Slot::Number => "compose-id-hint",
            Slot::Purpose => "compose-purpose-hint",
            Slot::Restriction => "compose-restriction-hint",
            Slot::Description => "compose-description-hint",
            Slot::ContactName => "compose-contact-hint",
            Slot::ContactEmail => "compose-email-hint",
            Slot::Observables | Slot::Place(_) | Slot::Digest(_) => return None,
        })
    }
}

/// What the draft's template asks for; none where there is no incident. Who may read it is asked first, then what it
/// is about.
pub fn of(document: &Document, template: Option<&str>) -> Vec<Essential> {
    if short::incident(document).is_none() {
        return Vec::new();
    }
    let asks = template.and_then(template::template).map_or(PLAIN, |template| template.asks);
    let mut all: Vec<&Ask> = asks.iter().collect();
    all.sort_by_key(|ask| match ask.slot {
        Slot::Restriction => 0,
        Slot::Description => 1,
        _ => 2,
    });
    all.into_iter().map(|ask| Essential { key: ask.key, slot: ask.slot, place: place(document, ask.slot) }).collect()
}

fn place(document: &Document, slot: Slot) -> Place {
    let Some(spot) = slot.spot(document) else { return Place::Missing };
    if matches!(slot, Slot::Digest(_)) {
        return Place::Digest(slot.value(document));
    }
    let Some(element) = document.element(spot.node) else { return Place::Missing };
    let fields = form::fields(element, form::class_of(element));
    let field = fields.into_iter().find(|field| field.spot == spot);
    field.map_or(Place::Missing, |field| Place::Field(Box::new(field)))
}

/// What is added to where nothing is selected: the first incident, or a document that has none yet.
pub fn parent(document: &Document) -> NodeId {
    root(document).unwrap_or_else(|| document.root().id())
}

/// The first incident.
pub fn root(document: &Document) -> Option<NodeId> {
    incidents(document).next().map(|incident| incident.element().id())
}
