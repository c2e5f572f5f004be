//! The few fields that make a valid report (RFC 7970 §3.2 asks for a number, a time, a contact and a purpose) and a useful
//! one. Each is a field of the document like any other; where its element is not there, it can be added.

use crate::compose::draft::Part;
use crate::compose::form::{self, Field, Offer};
use crate::iodef::view::incidents;
use crate::iodef::{Document, Element, NodeId};

/// What is asked first, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    Restriction,
    Description,
    Number,
    Contact,
    Email,
    Purpose,
}

impl Ask {
    pub const ALL: [Self; 6] =
        [Self::Restriction, Self::Description, Self::Number, Self::Contact, Self::Email, Self::Purpose];

    /// The catalog key of its label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Restriction => "compose-restriction",
            Self::Description => "compose-description",
            Self::Number => "compose-id",
            Self::Contact => "compose-contact",
            Self::Email => "compose-email",
            Self::Purpose => "compose-purpose",
        }
    }

    /// The catalog key of what it is for.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Restriction => "compose-restriction-hint",
            Self::Description => "compose-description-hint",
            Self::Number => "compose-id-hint",
            Self::Contact => "compose-contact-hint",
            Self::Email => "compose-email-hint",
            Self::Purpose => "compose-purpose-hint",
        }
    }

    /// The elements that lead to it from the incident.
    fn way(self) -> &'static [&'static str] {
        match self {
            Self::Restriction | Self::Purpose => &[],
            Self::Description => &["Description"],
            Self::Number => &["IncidentID"],
            Self::Contact => &["Contact", "ContactName"],
            Self::Email => &["Contact", "Email", "EmailTo"],
        }
    }

    fn part(self) -> Part {
        match self {
            Self::Restriction => Part::Attribute("restriction".to_owned()),
            Self::Purpose => Part::Attribute("purpose".to_owned()),
            _ => Part::Text,
        }
    }
}

/// One of them, as it stands in the document.
#[derive(Clone, Debug)]
pub struct Essential {
    pub ask: Ask,
    pub place: Place,
}

/// Where it stands, or would.
#[derive(Clone, Debug)]
pub enum Place {
    Field(Box<Field>),
    /// What is not there yet, and what it would be added to; `None` where the document has no place for it.
    Missing(Option<(NodeId, Offer)>),
}

impl Essential {
    pub fn field(&self) -> Option<&Field> {
        match &self.place {
            Place::Field(field) => Some(field),
            Place::Missing(_) => None,
        }
    }
}

/// The essentials of the document's first incident; none where there is no incident.
pub fn of(document: &Document) -> Vec<Essential> {
    let Some(incident) = incidents(document).next().map(|incident| incident.element()) else { return Vec::new() };
    Ask::ALL.into_iter().map(|ask| Essential { ask, place: place(incident, ask) }).collect()
}

fn place(incident: Element<'_>, ask: Ask) -> Place {
    let mut at = incident;
    for step in ask.way() {
        match at.child(step) {
            Some(child) => at = child,
            None => {
                let offers = form::class_of(at).map(|class| form::offers(at, class)).unwrap_or_default();
                let offer = offers.into_iter().find(|offer| offer.class.name == *step);
                return Place::Missing(offer.map(|offer| (at.id(), offer)));
            }
        }
    }
    let part = ask.part();
    let fields = form::fields(at, form::class_of(at));
    let field = fields.into_iter().find(|field| field.spot.part == part);
    field.map_or(Place::Missing(None), |field| Place::Field(Box::new(field)))
}

/// What is added to where nothing is selected: the first incident.
pub fn root(document: &Document) -> Option<NodeId> {
    incidents(document).next().map(|incident| incident.element().id())
}
