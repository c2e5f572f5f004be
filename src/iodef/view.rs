//! What screens, filters and exports read out of a tree: small typed views that borrow from their element and say what it
//! says, with the raw token beside every reading of it.
//!
//! A view is a name for an element and keeps it, so that what a view does not name is one step away. Values outside the
//! lists of RFC 7970 are kept ([`Token`]); what is missing is missing; texts come as parsed, to be made safe where they
//! are shown. Nothing recurses: what nests (contacts, events, expressions) comes as rows with their depth.

mod assessment;
mod contact;
mod event;
mod incident;
pub(super) mod indicator;
mod mark;
mod method;
mod record;
mod text;
mod token;

pub use assessment::{Assessment, Impact, ImpactKind};
pub use contact::{Contact, Person, people};
pub use event::{Address, DomainData, EventData, Expectation, Flow, Node, Service, System, events};
pub use incident::{
    Campaign, Discovery, HistoryItem, Incident, IncidentId, RelatedActivity, ThreatActor, Times, incidents,
};
pub use indicator::{Indicator, IndicatorId, Operand, Row, rows, tagged};
pub use mark::{Marking, looser, marking, own_restriction, restriction_of, strictest};
pub use method::{AttackPhase, Method, Reference};
pub use record::{AdditionalData, Certificate, EmailData, File, Hash, RegistryKey};
pub use text::{Text, lang, texts};
pub use token::{Confidence, Token, sureness};

use std::borrow::Cow;

use super::doc::Element;

/// Views of one class each: a name for an element, made when the element is of that class.
macro_rules! views {
    ($($(#[$doc:meta])* $name:ident: $class:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name<'d>(Element<'d>);

        impl<'d> $name<'d> {
            /// `None` when it is an element of another class.
            #[must_use]
            pub fn of(element: Element<'d>) -> Option<Self> {
                element.is($class).then_some(Self(element))
            }

            #[must_use]
            pub fn element(self) -> Element<'d> {
                self.0
            }

            /// The children of this class.
            pub fn all(parent: Element<'d>) -> impl Iterator<Item = Self> {
                parent.children_named($class).map(Self)
            }
        }
    )+};
}
use views;

/// The trimmed text of the first child called `local`; `None` when there is none, or nothing in it.
#[must_use]
pub fn child_text<'d>(element: Element<'d>, local: &str) -> Option<Cow<'d, str>> {
    element.child(local).map(Element::trimmed).filter(|text| !text.is_empty())
}

/// The trimmed texts of the children called `local`.
pub fn child_texts<'d>(element: Element<'d>, local: &'static str) -> impl Iterator<Item = Cow<'d, str>> {
    element.children_named(local).map(Element::trimmed).filter(|text| !text.is_empty())
}

/// A trimmed attribute; `None` when it is absent or empty.
#[must_use]
pub fn attr<'d>(element: Element<'d>, local: &str) -> Option<Cow<'d, str>> {
    element.attr(local).map(token::trimmed).filter(|value| !value.is_empty())
}
