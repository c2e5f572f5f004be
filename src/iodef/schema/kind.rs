//! What a row of the class table is made of, and the few words the table is written in.
//!
//! Rows are `const` data: `class("Flow", &[], children(&[some("System")]))`. Where the reading profile differs from the
//! published schema (`DATA-MODEL.md` §10), the row says both, by [`Particle::By`], [`Content::By`], [`Need::Published`],
//! [`Attribute::reading`] or [`Enumeration::reading`], and nothing else does.

/// Which schema a document is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// RFC 7970 §8 as printed.
    Published,
    /// What we read: the union of the RFC's schema, text, examples and errata, and RFC 8727.
    Reading,
}

/// The namespaces whose elements have a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Space {
    /// RFC 7970.
    Iodef,
    /// RFC 5070: inside `sci` elements, and of version 1.
    Iodef1,
    /// RFC 7495.
    Enumeration,
    /// RFC 7203.
    Sci,
    /// XML Signature.
    Signature,
}

impl Space {
    pub const ALL: [Self; 5] = [Self::Iodef, Self::Iodef1, Self::Enumeration, Self::Sci, Self::Signature];

    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Iodef => crate::iodef::NS,
            Self::Iodef1 => crate::iodef::NS_V1,
            Self::Enumeration => "urn:ietf:params:xml:ns:iodef-enum-1.0",
            Self::Sci => "urn:ietf:params:xml:ns:iodef-sci-1.0",
            Self::Signature => "http://www.w3.org/2000/09/xmldsig#",
        }
    }

    #[must_use]
    pub fn of(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|space| space.uri() == uri)
    }

    /// The prefix we write and name it by; the default namespace of a document has none.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Iodef => "",
            Self::Iodef1 => "iodef1",
            Self::Enumeration => "enum",
            Self::Sci => "sci",
            Self::Signature => "ds",
        }
    }
}

/// The class of an element: its attributes and what it holds.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    pub space: Space,
    pub name: &'static str,
    /// The schema's name for a type that several elements share; empty where the class is one element's own.
    pub kind: &'static str,
    pub attributes: &'static [Attribute],
    pub content: Content,
    pub standing: Standing,
}

/// Where an element of the class may be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// By its name anywhere, also inside foreign content.
    Global,
    /// As [`Standing::Global`], but the published schema does not know it.
    Reading,
    /// In the one class that declares it.
    Local,
}

#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// Not even white space.
    Empty,
    Text(Type),
    /// Elements, with nothing but white space between them.
    Elements(Particle),
    /// Elements with text between them.
    Mixed(Particle),
    /// Any attributes, text and elements.
    Anything,
    By {
        published: &'static Content,
        reading: &'static Content,
    },
}

/// A part of a content model.
#[derive(Clone, Copy, Debug)]
pub enum Particle {
    /// An element with a declaration of its own; in the class's namespace where none is named.
    Child {
        space: Option<Space>,
        name: &'static str,
        times: Times,
    },
    Local {
        class: &'static Class,
        times: Times,
    },
    Sequence {
        parts: &'static [Particle],
        times: Times,
    },
    Choice {
        parts: &'static [Particle],
        times: Times,
    },
    Any {
        /// Of another namespace than the class's (`##other`).
        other: bool,
        /// What has no declaration is not looked into; otherwise it is an error.
        lax: bool,
        times: Times,
    },
    By {
        published: &'static Particle,
        reading: &'static Particle,
    },
}

/// How often; the schemas know no other numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    One,
    /// 0..1
    Optional,
    /// 0..n
    Many,
    /// 1..n
    Some,
}

impl Times {
    #[must_use]
    pub const fn required(self) -> bool {
        matches!(self, Self::One | Self::Some)
    }

    #[must_use]
    pub const fn repeats(self) -> bool {
        matches!(self, Self::Many | Self::Some)
    }
}

/// A simple type: what a text or an attribute's value may be.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    String,
    Enumeration(&'static Enumeration),
    DateTime,
    Integer,
    Float,
    Double,
    /// `xs:float` above zero.
    PositiveFloat,
    /// A number or nothing (RFC 7970 §3.12.5); the reading profile only.
    FloatOrEmpty,
    AnyUri,
    Id,
    IdRef,
    NcName,
    Language,
    Portlist,
    Timezone,
    Base64,
}

/// A list of tokens.
#[derive(Debug)]
pub struct Enumeration {
    /// The schema's name, or `Class@attribute` where it gives none.
    pub name: &'static str,
    pub tokens: &'static [&'static str],
    /// Tokens the reading profile takes beside them.
    pub reading: &'static [&'static str],
    /// An `xs:NMTOKEN`, surrounding white space does not count; otherwise an `xs:string`, where it does.
    pub collapses: bool,
}

impl Enumeration {
    /// The tokens `profile` takes, in the schema's order.
    pub fn tokens(&self, profile: Profile) -> impl Iterator<Item = &'static str> + use<> {
        let reading: &[_] = if profile == Profile::Reading { self.reading } else { &[] };
        self.tokens.iter().chain(reading).copied()
    }
}

/// An attribute. An [extensible](Attribute::extensible) one stands for its twin `ext-…` too.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// Without namespace, except `xml:lang`.
    pub name: &'static str,
    pub of: Type,
    pub need: Need,
    pub preset: Preset,
    /// `ext-NAME` carries a private value while this one says `ext-value` (RFC 7970 §5.1.1).
    pub extensible: bool,
    /// The published schema does not know it.
    pub reading: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Required,
    /// Required by the published schema only.
    Published,
    Optional,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    None,
    Default(&'static str),
    /// The one value the published schema takes; the reading profile also takes the second.
    Fixed(&'static str, &'static [&'static str]),
}

impl Attribute {
    #[must_use]
    pub const fn is_required(&self, profile: Profile) -> bool {
        match self.need {
            Need::Required => true,
            Need::Published => matches!(profile, Profile::Published),
            Need::Optional => false,
        }
    }

    #[must_use]
    pub const fn is_known(&self, profile: Profile) -> bool {
        !self.reading || matches!(profile, Profile::Reading)
    }

    #[must_use]
    pub const fn default(&self) -> Option<&'static str> {
        match self.preset {
            Preset::Default(value) => Some(value),
            _ => None,
        }
    }

    pub(super) const fn of(mut self, tokens: &'static Enumeration) -> Self {
        self.of = Type::Enumeration(tokens);
        self
    }

    pub(super) const fn typed(mut self, of: Type) -> Self {
        self.of = of;
        self
    }

    /// With its twin.
    pub(super) const fn open(mut self) -> Self {
        self.extensible = true;
        self
    }

    pub(super) const fn or(mut self, default: &'static str) -> Self {
        self.preset = Preset::Default(default);
        self
    }

    pub(super) const fn fixed(mut self, value: &'static str, reading: &'static [&'static str]) -> Self {
        self.preset = Preset::Fixed(value, reading);
        self
    }

    pub(super) const fn reading(mut self) -> Self {
        self.reading = true;
        self
    }

    pub(super) const fn published(mut self) -> Self {
        self.need = Need::Published;
        self
    }
}

pub(super) const fn required(name: &'static str) -> Attribute {
    Attribute { need: Need::Required, ..optional(name) }
}

pub(super) const fn optional(name: &'static str) -> Attribute {
    Attribute { name, of: Type::String, need: Need::Optional, preset: Preset::None, extensible: false, reading: false }
}

pub(super) const LANG: Attribute = optional("xml:lang").typed(Type::Language);
pub(super) const OBSERVABLE_ID: Attribute = optional("observable-id").typed(Type::Id);
pub(super) const RESTRICTION: Attribute = optional("restriction").of(&super::enumeration::RESTRICTION).open();

pub(super) const fn tokens(name: &'static str, tokens: &'static [&'static str]) -> Enumeration {
    Enumeration { name, tokens, reading: &[], collapses: true }
}

impl Enumeration {
    pub(super) const fn and_reading(mut self, reading: &'static [&'static str]) -> Self {
        self.reading = reading;
        self
    }

    pub(super) const fn kept_whole(mut self) -> Self {
        self.collapses = false;
        self
    }
}

impl Class {
    /// As a type that several elements share.
    pub(super) const fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// The class of one element of a shared type.
    pub(super) const fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    pub(super) const fn local(mut self) -> Self {
        self.standing = Standing::Local;
        self
    }

    pub(super) const fn reading(mut self) -> Self {
        self.standing = Standing::Reading;
        self
    }

    pub(super) const fn within(mut self, space: Space) -> Self {
        self.space = space;
        self
    }
}

/// A class of IODEF v2.
pub(super) const fn class(name: &'static str, attributes: &'static [Attribute], content: Content) -> Class {
    Class { space: Space::Iodef, name, kind: "", attributes, content, standing: Standing::Global }
}

/// An element of one value without attributes.
pub(super) const fn text(name: &'static str, of: Type) -> Class {
    class(name, &[], Content::Text(of))
}

/// All of them in this order.
pub(super) const fn children(parts: &'static [Particle]) -> Content {
    Content::Elements(Particle::Sequence { parts, times: Times::One })
}

/// One of them.
pub(super) const fn either(parts: &'static [Particle]) -> Content {
    Content::Elements(Particle::Choice { parts, times: Times::One })
}

pub(super) const fn one(name: &'static str) -> Particle {
    Particle::Child { space: None, name, times: Times::One }
}

pub(super) const fn opt(name: &'static str) -> Particle {
    one(name).times(Times::Optional)
}

pub(super) const fn many(name: &'static str) -> Particle {
    one(name).times(Times::Many)
}

pub(super) const fn some(name: &'static str) -> Particle {
    one(name).times(Times::Some)
}

pub(super) const fn sequence(parts: &'static [Particle]) -> Particle {
    Particle::Sequence { parts, times: Times::One }
}

pub(super) const fn choice(parts: &'static [Particle]) -> Particle {
    Particle::Choice { parts, times: Times::One }
}

/// One element declared here.
pub(super) const fn own(class: &'static Class) -> Particle {
    Particle::Local { class, times: Times::One }
}

/// Any element; what is not declared anywhere is not looked into.
pub(super) const fn any() -> Particle {
    Particle::Any { other: false, lax: true, times: Times::One }
}

/// An element of another namespace.
pub(super) const fn other() -> Particle {
    Particle::Any { other: true, lax: true, times: Times::One }
}

impl Particle {
    pub(super) const fn times(self, times: Times) -> Self {
        match self {
            Self::Child { space, name, .. } => Self::Child { space, name, times },
            Self::Local { class, .. } => Self::Local { class, times },
            Self::Sequence { parts, .. } => Self::Sequence { parts, times },
            Self::Choice { parts, .. } => Self::Choice { parts, times },
            Self::Any { other, lax, .. } => Self::Any { other, lax, times },
            Self::By { .. } => self,
        }
    }

    pub(super) const fn opt(self) -> Self {
        self.times(Times::Optional)
    }

    pub(super) const fn many(self) -> Self {
        self.times(Times::Many)
    }

    pub(super) const fn some(self) -> Self {
        self.times(Times::Some)
    }

    /// Of another namespace than the class.
    pub(super) const fn of(self, foreign: Space) -> Self {
        match self {
            Self::Child { name, times, .. } => Self::Child { space: Some(foreign), name, times },
            other => other,
        }
    }

    /// Elements without a declaration are errors.
    pub(super) const fn strict(self) -> Self {
        match self {
            Self::Any { other, times, .. } => Self::Any { other, lax: false, times },
            other => other,
        }
    }
}
