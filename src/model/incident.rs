//! What a feed row and the detail pane say of one incident document, without the document's tree.

use super::Stamp;

/// IODEF's own three severities plus unknown (RFC 7970 §3.12); we invent none. Ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    #[default]
    Unknown,
    Low,
    Medium,
    High,
}

impl Severity {
    #[must_use]
    pub fn from_token(token: &str) -> Option<Self> {
        match token.trim() {
            "low" => Some(Self::Low),
            "medium" => Some(Self::Medium),
            "high" => Some(Self::High),
            _ => None,
        }
    }

    #[must_use]
    pub fn token(self) -> Option<&'static str> {
        match self {
            Self::Unknown => None,
            Self::Low => Some("low"),
            Self::Medium => Some("medium"),
            Self::High => Some("high"),
        }
    }
}

/// A `restriction` value (RFC 7970 §3.3.1). The sender's own word is kept; [`Restriction::tlp`] orders it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Restriction {
    Public,
    White,
    Partner,
    Green,
    NeedToKnow,
    Amber,
    #[default]
    Private,
    Red,
    /// `default`: a policy both sides agreed on beforehand.
    Agreed,
    /// `ext-value` with its private value, or a token newer than this program.
    Other(String),
    /// Absent on `Incident`, where the schema's default is private: said, not hidden.
    Absent,
}

impl Restriction {
    #[must_use]
    pub fn from_token(token: &str) -> Self {
        match token.trim() {
            "public" => Self::Public,
            "white" => Self::White,
            "partner" => Self::Partner,
            "green" => Self::Green,
            "need-to-know" => Self::NeedToKnow,
            "amber" => Self::Amber,
            "private" => Self::Private,
            "red" => Self::Red,
            "default" => Self::Agreed,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The RFC's token, `None` when there is none to write (absent, private values).
    #[must_use]
    pub fn token(&self) -> Option<&'static str> {
        Some(match self {
            Self::Public => "public",
            Self::White => "white",
            Self::Partner => "partner",
            Self::Green => "green",
            Self::NeedToKnow => "need-to-know",
            Self::Amber => "amber",
            Self::Private => "private",
            Self::Red => "red",
            Self::Agreed => "default",
            Self::Other(_) | Self::Absent => return None,
        })
    }

    /// The word that reports from here give a label; what was agreed beforehand has none.
    #[must_use]
    pub fn of(label: Tlp) -> Option<Self> {
        Some(match label {
            Tlp::Clear => Self::White,
            Tlp::Green => Self::Green,
            Tlp::Amber => Self::Amber,
            Tlp::AmberStrict => Self::NeedToKnow,
            Tlp::Red => Self::Red,
            Tlp::ByAgreement => return None,
        })
    }

    /// The handling label (`product.md` B4, strict reading of amber).
    #[must_use]
    pub fn tlp(&self) -> Tlp {
        match self {
            Self::Public | Self::White => Tlp::Clear,
            Self::Partner | Self::Green => Tlp::Green,
            Self::Amber => Tlp::Amber,
            Self::NeedToKnow => Tlp::AmberStrict,
            Self::Private | Self::Red | Self::Absent => Tlp::Red,
            Self::Other(value) if value.eq_ignore_ascii_case("amber+strict") => Tlp::AmberStrict,
            Self::Agreed | Self::Other(_) => Tlp::ByAgreement,
        }
    }
}

/// Handling labels in order of strictness; `ByAgreement` counts as strict as `Red` until a profile maps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tlp {
    Clear,
    Green,
    Amber,
    AmberStrict,
    ByAgreement,
    Red,
}

impl Tlp {
    /// The word of scripts, the filter language and files for it.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::AmberStrict => "amber+strict",
            Self::ByAgreement => "by-agreement",
            Self::Red => "red",
        }
    }

    /// FIRST's label as people read it, and what has none.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::ByAgreement => "BY AGREEMENT".to_owned(),
            label => format!("TLP:{}", label.token().to_ascii_uppercase()),
        }
    }

    /// A number in order of strictness. The archive keeps it: what a label has stays.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Clear => 0,
            Self::Green => 1,
            Self::Amber => 2,
            Self::AmberStrict => 3,
            Self::ByAgreement => 4,
            Self::Red => 5,
        }
    }
}

/// What a payload turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An IODEF v2 document that could be summarised.
    Iodef2,
    /// An IODEF v1 document (RFC 5070), summarised as far as the two share elements.
    Iodef1,
    /// Some other XML: shown for what it is.
    Foreign { namespace: String, name: String },
    /// Claims to be IODEF and is not readable as such; the reason is for a person.
    Invalid(super::Say),
    /// The item came without a payload.
    Empty,
    /// It was here, and retention took its content away; what is left is that it was.
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObservableKind {
    Ipv4,
    Ipv6,
    Network,
    Asn,
    Domain,
    Url,
    Email,
    Mac,
    Hash,
    File,
    Port,
    Cve,
    Other,
}

impl ObservableKind {
    /// The word of scripts and files for it.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Network => "network",
            Self::Asn => "asn",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Email => "email",
            Self::Mac => "mac",
            Self::Hash => "hash",
            Self::File => "file",
            Self::Port => "port",
            Self::Cve => "cve",
            Self::Other => "other",
        }
    }
}

/// One observable value: in a summary as the document wrote it (trimmed), never refanged or altered; in an index in its
/// canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Observable {
    pub kind: ObservableKind,
    pub value: String,
}

/// A contact, flattened to what the summary shows. Remote text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    pub role: String,
    pub kind: String,
    pub name: Option<String>,
    pub email: Option<String>,
}

/// What a sender asks for (RFC 7970 §3.17), and by when. Remote text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub action: String,
    /// A receiver that cannot finish by then must not act.
    pub until: Option<Stamp>,
}

/// What a document says that a row does not show and a filter asks for: of all its Incidents, each value once.
/// Remote text, capped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// `ThreatActorID`s and `Description`s of threat actors (RFC 7970 §3.7.2).
    pub actors: Vec<String>,
    /// `CampaignID`s and `Description`s of campaigns (RFC 7970 §3.7.3).
    pub campaigns: Vec<String>,
    /// How it was done (RFC 7970 §3.13): `Description`s of a Method, what its references and its attack patterns and
    /// weaknesses (RFC 7203) are called.
    pub methods: Vec<String>,
    /// `type` of System-, Business- and IntendedImpact (RFC 7970 §3.12), of v1's Impact.
    pub impacts: Vec<String>,
    /// How sure an Assessment is (RFC 7970 §3.12.5), 0 to 100; low, medium and high are 15, 50 and 85.
    pub confidence: Vec<u8>,
    /// It tells its History (RFC 7970 §3.15).
    pub history: bool,
    /// It holds AdditionalData (RFC 7970 §5).
    pub extended: bool,
}

impl Facets {
    /// Values kept of each.
    pub const LIST: usize = 16;
}

/// The summary of one document (RFC 7970), of its first `Incident` where it has several.
/// All text is remote: trimmed and capped here, made safe for display by `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub kind: Kind,
    /// `IncidentID@name`: the CSIRT.
    pub csirt: String,
    /// `IncidentID`'s text.
    pub id: String,
    /// First `Description` in the reader's language, else the first; one line, at most [`Summary::TITLE`] characters.
    pub title: String,
    /// `Description`s with their language, in document order.
    pub descriptions: Vec<(Option<String>, String)>,
    pub purpose: Option<String>,
    pub status: Option<String>,
    /// Highest severity of any impact.
    pub severity: Severity,
    /// The document's own restriction (of the first Incident).
    pub restriction: Restriction,
    /// The strictest restriction anywhere inside, own included.
    pub strictest: Restriction,
    /// How many elements inside carry a stricter restriction than the document's.
    pub stricter_inside: u32,
    pub generated: Option<Stamp>,
    pub reported: Option<Stamp>,
    pub detected: Option<Stamp>,
    pub started: Option<Stamp>,
    pub ended: Option<Stamp>,
    pub contacts: Vec<Contact>,
    /// `Expectation@action` values: what the sender asks.
    pub asks: Vec<String>,
    /// The first [`Summary::OBSERVABLES`] observables.
    pub observables: Vec<Observable>,
    /// How many there are in all.
    pub observables_total: u32,
    /// `Incident` elements at the top of the document.
    pub incidents: u32,
    pub lang: Option<String>,
    /// `None` where it was read by an earlier version of this program, which did not look for them.
    pub facets: Option<Facets>,
}

impl Summary {
    /// Longest title, in characters.
    pub const TITLE: usize = 200;
    /// Observables kept in the summary itself.
    pub const OBSERVABLES: usize = 64;

    /// What the sender asks for; an `Expectation` that asks for nothing (RFC 7970 §3.17) is no ask.
    pub fn wanted(&self) -> impl Iterator<Item = &str> {
        self.asks.iter().map(String::as_str).filter(|ask| *ask != "nothing")
    }

    /// A summary that says nothing but its kind; the strictest reading of the restriction.
    #[must_use]
    pub fn of_kind(kind: Kind) -> Self {
        Self {
            kind,
            csirt: String::new(),
            id: String::new(),
            title: String::new(),
            descriptions: Vec::new(),
            purpose: None,
            status: None,
            severity: Severity::Unknown,
            restriction: Restriction::Absent,
            strictest: Restriction::Absent,
            stricter_inside: 0,
            generated: None,
            reported: None,
            detected: None,
            started: None,
            ended: None,
            contacts: Vec::new(),
            asks: Vec::new(),
            observables: Vec::new(),
            observables_total: 0,
            incidents: 0,
            lang: None,
            facets: Some(Facets::default()),
        }
    }
}
