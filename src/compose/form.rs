//! The form of a document, made from the class table: for an element its fields with their kinds, what may be added to
//! it and where, how it may be moved, and the words about all of it. Nothing here is written for one class: what the
//! table knows, the form shows; what it does not know (foreign content) is shown as it is written and kept.
//!
//! A form is asked for what is on the screen: [`outline`] lists the elements that are open to view, [`sheet`] tells one.
//! Neither looks at more of the document than that.

mod ids;
mod kind;
mod order;
mod outline;
mod seed;
pub mod time;

use std::borrow::Cow;

use crate::iodef::check::{Rule, value_rule};
use crate::iodef::schema::{self, Class, Content, Declared, Name, Preset, Profile, Space, Symbol, Type};
use crate::iodef::{Element, NodeId};

use super::draft::{Part, Spot};

pub use ids::{Id, TRANSLATES, fresh, names, references, targets, translations};
pub use kind::Kind;
pub use order::{after, before, instead, place};
pub use outline::{Row, gist, outline};
pub use seed::{Fill, seed};

/// What documents are held to that are to be published.
pub const PROFILE: Profile = Profile::Published;

pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// One element as the form shows it.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub node: NodeId,
    /// `None` for foreign content.
    pub class: Option<&'static Class>,
    /// As it is written.
    pub name: String,
    /// The key of the words about it.
    pub help: Option<String>,
    pub fields: Vec<Field>,
    pub offers: Vec<Offer>,
    /// What may stand here instead ([`super::draft::Act::Swap`]): the others of a choice.
    pub instead: Vec<&'static Class>,
    pub can_rise: bool,
    pub can_sink: bool,
    pub can_go: Go,
}

/// Whether an element may be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    Freely,
    /// What it stands in needs one like it.
    Needed,
    /// So many others refer to it or to what is inside.
    Referred(usize),
    /// The root.
    Never,
}

/// A value one types or picks.
#[derive(Clone, Debug)]
pub struct Field {
    pub spot: Spot,
    pub kind: Kind,
    /// `None` where an attribute is not there.
    pub value: Option<String>,
    /// What an absent attribute means.
    pub default: Option<&'static str>,
    pub required: bool,
    /// The key of the words about it; of a text the class's own.
    pub help: Option<String>,
    /// What the value is not, as the check would say it.
    pub fault: Option<&'static Rule>,
}

impl Field {
    /// The attribute's name; `None` for the text.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match &self.spot.part {
            Part::Attribute(name) => Some(name),
            Part::Text => None,
        }
    }

    /// Whether a value must be here and is not.
    #[must_use]
    pub fn is_wanting(&self) -> bool {
        let blank = self.value.as_deref().is_none_or(|value| value.trim().is_empty());
        blank && (self.required || (self.spot.part == Part::Text && self.kind.needs_text()))
    }
}

/// A class of which one may be added.
#[derive(Clone, Debug)]
pub struct Offer {
    pub class: &'static Class,
    /// The key of the words about it.
    pub help: String,
    /// None is there and one must be.
    pub missing: bool,
    pub repeats: bool,
}

/// An element's name as the table compares it.
#[must_use]
pub fn name(element: Element<'_>) -> Name<'_> {
    Name { ns: element.ns(), local: element.local() }
}

/// The class of an element: as what it stands in declares it, else as anybody does. `None` for foreign content.
#[must_use]
pub fn class_of(element: Element<'_>) -> Option<&'static Class> {
    let mut way: Vec<Element<'_>> = element.ancestors().collect();
    way.reverse();
    let mut class: Option<&'static Class> = None;
    for (index, step) in way.into_iter().enumerate() {
        let parent = class.filter(|_| index > 0);
        class = child_class(parent, step);
    }
    class
}

/// The class of a child of an element of `parent`.
#[must_use]
pub fn child_class(parent: Option<&'static Class>, child: Element<'_>) -> Option<&'static Class> {
    let name = name(child);
    let declared = [Profile::Published, Profile::Reading].into_iter().find_map(|profile| {
        parent
            .and_then(|parent| parent.model(profile))
            .and_then(|model| model.symbol(name))
            .and_then(|s| Symbol::class(&s))
    });
    declared.or_else(|| schema::global(Space::of(name.ns)?, name.local))
}

/// The type of a class's text; `None` where it has elements, nothing, or anything.
#[must_use]
pub fn text_of(class: &'static Class) -> Option<Type> {
    match class.content(PROFILE) {
        Content::Text(of) => Some(*of),
        _ => None,
    }
}

/// One element's sheet.
#[must_use]
pub fn sheet(element: Element<'_>) -> Sheet {
    let class = class_of(element);
    let parent = element.parent();
    Sheet {
        node: element.id(),
        class,
        name: element.qualified().to_owned(),
        help: class.filter(|class| explained(class)).map(Class::help),
        fields: fields(element, class),
        offers: class.map(|class| offers(element, class)).unwrap_or_default(),
        instead: instead(element),
        can_rise: before(element).is_some(),
        can_sink: after(element).is_some(),
        can_go: match parent {
            None => Go::Never,
            Some(_) => match ids::referred(element) {
                0 if order::is_needed(element) => Go::Needed,
                0 => Go::Freely,
                count => Go::Referred(count),
            },
        },
    }
}

/// Whether there are words about a class.
fn explained(class: &Class) -> bool {
    matches!(class.space, Space::Iodef | Space::Enumeration | Space::Sci)
}

/// The fields of an element: its text first, then the attributes of its class, then those nobody declared.
#[must_use]
pub fn fields(element: Element<'_>, class: Option<&'static Class>) -> Vec<Field> {
    let mut fields: Vec<Field> = text(element, class).into_iter().collect();
    for declared in class.into_iter().flat_map(|class| class.declared(PROFILE)) {
        fields.extend(class.and_then(|class| attribute(element, class, declared)));
    }
    for attr in element.attrs() {
        let known = |name: &str| fields.iter().any(|field| field.name() == Some(name));
        if !known(attr.qualified()) {
            let class = class.filter(|_| matches!(attr.ns(), "" | XML));
            let declared = class.and_then(|class| Some((class, class.attribute(attr.qualified(), Profile::Reading)?)));
            let help = declared.filter(|(class, _)| explained(class)).map(|(class, at)| class.attribute_help(at));
            fields.push(Field {
                spot: Spot::attribute(element.id(), attr.qualified()),
                kind: Kind::Line,
                value: Some(attr.value().into_owned()),
                default: None,
                required: false,
                help,
                fault: None,
            });
        }
    }
    fields
}

/// The text of an element that may have one and holds no elements.
fn text(element: Element<'_>, class: Option<&'static Class>) -> Option<Field> {
    if element.children().next().is_some() {
        return None;
    }
    let text = element.text();
    let content = class.map(|class| class.content(PROFILE));
    let (of, kind) = match content {
        Some(Content::Text(of)) => (Some(*of), Kind::of_text(class?, *of)),
        // What is called for there is an element of another specification, seldom a text.
        Some(Content::Mixed(_)) if class?.space == Space::Signature && text.trim().is_empty() => return None,
        Some(Content::Mixed(_)) => (None, Kind::of_text(class?, Type::String)),
        Some(Content::Anything) | None => (None, Kind::of_anything(element.local())),
        // What is there against the schema can be seen and taken away.
        _ if !text.trim().is_empty() => (None, Kind::Words),
        _ => return None,
    };
    let fault = of.filter(|of| !of.holds(&text, PROFILE)).map(value_rule);
    let help = class.filter(|class| explained(class)).map(Class::help);
    let (spot, value) = (Spot::text(element.id()), Some(text.into_owned()));
    Some(Field { spot, kind, value, default: None, required: false, help, fault })
}

/// An attribute of a class; its twin only where it is called for or there.
fn attribute(element: Element<'_>, class: &'static Class, declared: Declared) -> Option<Field> {
    let name = declared.name();
    let value = match name.strip_prefix("xml:") {
        Some(local) => element.attr_ns(XML, local),
        None => element.attr(&name),
    };
    let help = explained(class).then(|| class.attribute_help(declared));
    let spot = Spot::attribute(element.id(), name);
    let value = value.map(Cow::into_owned);
    Some(match declared {
        Declared::Twin(of) => {
            let called = element.attr(of.name).is_some_and(|token| token.trim() == "ext-value");
            if !called && value.is_none() {
                return None;
            }
            Field { spot, kind: Kind::Line, value, default: None, required: called, help, fault: None }
        }
        Declared::Plain(of) => {
            let fixed = match of.preset {
                Preset::Fixed(fixed, _) => Some(fixed),
                _ => None,
            };
            let holds = |value: &str| fixed.map_or_else(|| of.of.holds(value, PROFILE), |fixed| value == fixed);
            let fault = value.as_deref().filter(|value| !holds(value)).map(|_| value_rule(of.of));
            let kind = fixed.map_or_else(|| Kind::of_attribute(class, of), Kind::Fixed);
            let required = of.is_required(PROFILE);
            Field { spot, kind, value, default: of.default(), required, help, fault }
        }
    })
}

/// What may be added to an element.
#[must_use]
pub fn offers(element: Element<'_>, class: &'static Class) -> Vec<Offer> {
    let Some(model) = class.model(PROFILE) else { return Vec::new() };
    let children = order::few(element);
    let addable = model.addable(&children);
    if addable.is_empty() {
        return Vec::new();
    }
    let missing: Vec<&'static Class> = model.missing(&children).flatten().collect();
    let offer = |class: &'static Class| Offer {
        class,
        help: class.help(),
        missing: missing.iter().any(|other| std::ptr::eq(*other, class)),
        repeats: model.repeats(class.element_name()),
    };
    addable.into_iter().map(offer).collect()
}
