//! Where the words about classes and attributes stand, and the table as one reads it from top to bottom: for the
//! composer's form and the reference page. The keys are made from the names; the words are in `iodef-help.ftl`.

use super::kind::{Attribute, Class, Profile, Space, Standing};
use super::{Declared, Symbol, classes};

/// A class as the reference page shows it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub class: &'static Class,
    /// The class it is declared in, where it has no name of its own elsewhere.
    pub inside: Option<&'static Class>,
}

/// Every class one may meet in a document of IODEF v2 and that has words here, by theme, each local one after the class
/// that declares it.
pub fn reference() -> impl Iterator<Item = Entry> {
    classes().filter(|class| explained(class.space)).flat_map(|class| {
        let parts = class.model(Profile::Reading).map(super::Model::symbols).unwrap_or_default();
        let mut inside: Vec<&'static Class> = Vec::new();
        for part in parts.iter().filter_map(Symbol::class).filter(|part| part.standing == Standing::Local) {
            // One that shares its name with a global class has that one's words.
            if super::global(part.space, part.name).is_none() && !inside.iter().any(|other| other.name == part.name) {
                inside.push(part);
            }
        }
        let own = Entry { class, inside: None };
        std::iter::once(own).chain(inside.into_iter().map(move |part| Entry { class: part, inside: Some(class) }))
    })
}

/// XML Signature and IODEF v1 are explained elsewhere.
fn explained(space: Space) -> bool {
    matches!(space, Space::Iodef | Space::Enumeration | Space::Sci)
}

impl Class {
    /// The key of the words about it.
    #[must_use]
    pub fn help(&self) -> String {
        format!("iodef-help-{}", self.name.to_ascii_lowercase())
    }

    /// The key of the words about one of its attributes.
    #[must_use]
    pub fn attribute_help(&self, attribute: Declared) -> String {
        let attribute: &Attribute = match attribute {
            Declared::Plain(attribute) => attribute,
            Declared::Twin(_) => return "iodef-help-at-ext".to_owned(),
        };
        let name = attribute.name.to_ascii_lowercase();
        match (name.as_str(), self.space) {
            ("xml:lang" | "lang", _) => "iodef-help-at-lang".to_owned(),
            ("restriction" | "observable-id", _) => format!("iodef-help-at-{name}"),
            ("specid" | "contentid", Space::Sci) => format!("iodef-help-at-sci-{name}"),
            _ => {
                let owner = if self.kind.is_empty() { self.name } else { self.kind };
                format!("iodef-help-at-{}-{name}", owner.to_ascii_lowercase())
            }
        }
    }

    /// Its attributes under a profile, each extensible one followed by its twin.
    pub fn declared(&self, profile: Profile) -> impl Iterator<Item = Declared> {
        let known = self.attributes.iter().filter(move |attribute| attribute.is_known(profile));
        known.flat_map(|attribute| {
            let twin = attribute.extensible.then_some(Declared::Twin(attribute));
            std::iter::once(Declared::Plain(attribute)).chain(twin)
        })
    }
}

impl Declared {
    /// The name as it is written.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Plain(attribute) => attribute.name.to_owned(),
            Self::Twin(attribute) => format!("ext-{}", attribute.name),
        }
    }
}
