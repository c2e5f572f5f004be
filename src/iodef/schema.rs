//! The class table of IODEF: every class of RFC 7970 with its attributes, content and lists of tokens, and the classes
//! of other specifications a document may hold. Reading, writing, checking, the composer's form and the help pages ask
//! here; nobody else repeats what the RFC says a class is.
//!
//! One table serves two [`Profile`]s. `tests/suite/schema.rs` reads the XML Schemas and proves the table equal to them,
//! class by class. Uses nothing but the namespaces of `iodef`.

mod basic;
pub mod builtin;
mod contact;
pub mod enumeration;
mod event;
mod foreign;
pub(in crate::iodef) mod hash;
pub mod help;
mod incident;
mod indicator;
pub mod kind;
pub mod model;
mod record;
mod signature;
mod system;
mod v1;
pub mod value;

use std::collections::HashMap;
use std::sync::LazyLock;

use hash::Build;
pub use help::{Entry, reference};
pub use kind::{Attribute, Class, Content, Enumeration, Need, Particle, Preset, Profile, Space, Standing, Times, Type};
pub use model::{Model, Name, State, Symbol};

/// The classes in groups, in the order a reader of the RFC meets them.
static TABLE: [&[Class]; 10] = [
    incident::CLASSES,
    contact::CLASSES,
    event::CLASSES,
    system::CLASSES,
    record::CLASSES,
    indicator::CLASSES,
    basic::CLASSES,
    foreign::CLASSES,
    signature::CLASSES,
    v1::CLASSES,
];

/// Every class with an element declared for itself, by theme. Those declared inside another class are met through its
/// [`Model`].
pub fn classes() -> impl Iterator<Item = &'static Class> {
    TABLE.iter().flat_map(|theme| theme.iter())
}

/// The class of IODEF v2 elements of this name.
#[must_use]
pub fn class(name: &str) -> Option<&'static Class> {
    global(Space::Iodef, name)
}

/// The class of elements of this name wherever they stand, also inside foreign content.
#[must_use]
pub fn global(space: Space, name: &str) -> Option<&'static Class> {
    static INDEX: LazyLock<HashMap<(Space, &'static str), &'static Class, Build>> =
        LazyLock::new(|| classes().map(|class| ((class.space, class.name), class)).collect());
    INDEX.get(&(space, name)).copied()
}

/// An attribute as it may stand on an element: an extensible one gives two, itself and its twin.
#[derive(Clone, Copy, Debug)]
pub enum Declared {
    Plain(&'static Attribute),
    /// `ext-NAME` of this one.
    Twin(&'static Attribute),
}

impl Class {
    #[must_use]
    pub fn element_name(&self) -> Name<'static> {
        Name { ns: self.space.uri(), local: self.name }
    }

    /// What it holds under `profile`; never [`Content::By`].
    #[must_use]
    pub fn content(&'static self, profile: Profile) -> &'static Content {
        match (&self.content, profile) {
            (Content::By { published, .. }, Profile::Published) => published,
            (Content::By { reading, .. }, Profile::Reading) => reading,
            (content, _) => content,
        }
    }

    /// The declared attribute of this name, `xml:lang` by its prefix.
    #[must_use]
    pub fn attribute(&self, name: &str, profile: Profile) -> Option<Declared> {
        let known = || self.attributes.iter().filter(|attribute| attribute.is_known(profile));
        let plain = known().find(|attribute| attribute.name == name).map(Declared::Plain);
        plain.or_else(|| {
            let base = name.strip_prefix("ext-")?;
            known().find(|attribute| attribute.extensible && attribute.name == base).map(Declared::Twin)
        })
    }

    /// Whether it carries a marking of its own (RFC 7970 §3.3.1).
    #[must_use]
    pub fn bears_restriction(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.name == "restriction")
    }

    /// Whether an [`ObservableReference`](https://www.rfc-editor.org/rfc/rfc7970#section-3.3.2) may point at it.
    #[must_use]
    pub fn is_observable(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.name == "observable-id")
    }

    /// The automaton of what it holds; none where that is text, nothing or anything.
    #[must_use]
    pub fn model(&'static self, profile: Profile) -> Option<&'static Model> {
        static MODELS: [LazyLock<HashMap<usize, Model, Build>>; 2] =
            [LazyLock::new(|| models(Profile::Published)), LazyLock::new(|| models(Profile::Reading))];
        let [published, reading] = &MODELS;
        let models = if profile == Profile::Published { published } else { reading };
        models.get(&std::ptr::from_ref(self).addr())
    }
}

/// The models of all classes, by where the class is: two rows may share a name, never a place.
fn models(profile: Profile) -> HashMap<usize, Model, Build> {
    let mut found = HashMap::default();
    let mut waiting: Vec<&'static Class> = classes().collect();
    while let Some(class) = waiting.pop() {
        let place = std::ptr::from_ref(class).addr();
        if found.contains_key(&place) {
            continue;
        }
        if let Some(model) = Model::of(class, profile) {
            waiting.extend(model.symbols().iter().filter_map(Symbol::class));
            let _ = found.insert(place, model);
        }
    }
    found
}

impl Particle {
    /// What it is under `profile`; never [`Particle::By`].
    #[must_use]
    pub fn under(&'static self, profile: Profile) -> &'static Self {
        match (self, profile) {
            (Self::By { published, .. }, Profile::Published) => published,
            (Self::By { reading, .. }, Profile::Reading) => reading,
            (particle, _) => particle,
        }
    }
}
