//! The rules: each with a name that stays, words, a grade and who says so. Tests, help and "do not show again" share
//! the name.

/// How bad it is (`iodef.md` §5.3). What is worse than invalid was refused by the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grade {
    /// Breaks the schema of the profile: never published.
    Invalid,
    /// Breaks the RFC's text where no schema sees it.
    Contradiction,
    /// Allowed, and doubtful.
    Note,
}

impl Grade {
    /// Its word in JSON.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Contradiction => "contradiction",
            Self::Note => "note",
        }
    }
}

/// Something a document must keep.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `iodef.service.port-needs-protocol`.
    pub id: &'static str,
    /// Its words: what is wrong, and in `.next` what to do.
    pub key: &'static str,
    pub grade: Grade,
    /// Of a contradiction: how much of a choice its source leaves.
    pub force: Option<Force>,
    pub source: &'static str,
}

/// With what force a text binds (RFC 2119).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// It says MUST, or gives no other meaning: what breaks it says nothing that a reader could use.
    Must,
    /// It advises, or leaves to the reader what is meant: who knows better may say why (`iodef.md` §5.3).
    Should,
}

/// What the list says of a rule: the grade of one that is no contradiction, and the force of one that is.
macro_rules! grade {
    (Must) => {
        (Grade::Contradiction, Some(Force::Must))
    };
    (Should) => {
        (Grade::Contradiction, Some(Force::Should))
    };
    ($grade:ident) => {
        (Grade::$grade, None::<Force>)
    };
}

/// Constants and the list of them all.
macro_rules! rules {
    ($($name:ident = $id:literal, $key:literal, $grade:ident, $source:literal;)*) => {
        $(pub const $name: Rule =
            Rule { id: $id, key: $key, grade: grade!($grade).0, force: grade!($grade).1, source: $source };)*

        /// All of them, in the order of the list.
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    // What an XML Schema processor refuses.
    ROOT = "iodef.structure.root", "iodef-structure-root", Invalid, "RFC 7970 §4.3";
    UNKNOWN = "iodef.structure.unknown", "iodef-structure-unknown", Invalid, "RFC 7970 §4.3";
    MISPLACED = "iodef.structure.misplaced", "iodef-structure-misplaced", Invalid, "RFC 7970 §8";
    FOREIGN = "iodef.structure.foreign", "iodef-structure-foreign", Invalid, "RFC 7970 §5.2";
    UNDECLARED = "iodef.structure.undeclared", "iodef-structure-undeclared", Invalid, "XML Schema 1.0 §3.10.1";
    MISSING = "iodef.structure.missing", "iodef-structure-missing", Invalid, "RFC 7970 §8";
    MISSING_ONE_OF = "iodef.structure.missing-one-of", "iodef-structure-missing-one-of", Invalid, "RFC 7970 §8";
    TOO_MANY = "iodef.structure.too-many", "iodef-structure-too-many", Invalid, "RFC 7970 §8";
    ORDER = "iodef.structure.order", "iodef-structure-order", Invalid, "RFC 7970 §8";
    CONFLICT = "iodef.structure.conflict", "iodef-structure-conflict", Invalid, "RFC 7970 §8";
    STRAY_TEXT = "iodef.structure.text", "iodef-structure-text", Invalid, "RFC 7970 §8";
    CHILD_IN_TEXT = "iodef.structure.child-in-text", "iodef-structure-child-in-text", Invalid, "RFC 7970 §8";
    NOT_EMPTY = "iodef.structure.not-empty", "iodef-structure-not-empty", Invalid, "RFC 7970 §8";
    MISSING_ATTRIBUTE = "iodef.attribute.missing", "iodef-attribute-missing", Invalid, "RFC 7970 §8";
    UNKNOWN_ATTRIBUTE = "iodef.attribute.unknown", "iodef-attribute-unknown", Invalid, "RFC 7970 §4.3";
    FIXED = "iodef.attribute.fixed", "iodef-attribute-fixed", Invalid, "RFC 7970 §8";
    INSTANCE = "iodef.attribute.instance", "iodef-attribute-instance", Invalid, "XML Schema 1.0 §2.6";
    TOKEN = "iodef.value.token", "iodef-value-token", Invalid, "RFC 7970 §8";
    UNLISTED = "iodef.value.unlisted", "iodef-value-unlisted", Invalid, "RFC 7970 §10.2";
    DATE_TIME = "iodef.value.date-time", "iodef-value-date-time", Invalid, "RFC 7970 §2.7";
    INTEGER = "iodef.value.integer", "iodef-value-integer", Invalid, "RFC 7970 §2.1";
    NUMBER = "iodef.value.number", "iodef-value-number", Invalid, "RFC 7970 §2.2";
    POSITIVE = "iodef.value.positive", "iodef-value-positive", Invalid, "RFC 7970 §8";
    LINK = "iodef.value.link", "iodef-value-link", Invalid, "RFC 7970 §2.13";
    NAME = "iodef.value.name", "iodef-value-name", Invalid, "RFC 7970 §2.14";
    LANGUAGE = "iodef.value.language", "iodef-value-language", Invalid, "RFC 5646";
    PORTS = "iodef.value.ports", "iodef-value-ports", Invalid, "RFC 7970 §2.9";
    TIMEZONE = "iodef.value.timezone", "iodef-value-timezone", Invalid, "RFC 7970 §2.8";
    BASE64 = "iodef.value.base64", "iodef-value-base64", Invalid, "RFC 4648";
    ID_TWICE = "iodef.id.twice", "iodef-id-twice", Invalid, "RFC 7970 §3.3.2";
    DANGLING = "iodef.reference.dangling", "iodef-reference-dangling", Invalid, "RFC 7970 §3.29.6";

    // The document.
    NO_VERSION = "iodef.document.no-version", "iodef-document-no-version", Must, "RFC 7970 §3.1";
    TEXT_FORM = "iodef.document.text-form", "iodef-document-text-form", Note, "RFC 7970 §3 against §8";
    NO_DECLARATION = "iodef.document.no-declaration", "iodef-document-no-declaration", Note, "RFC 7970 §4.1";
    PRIVATE_ID = "iodef.document.private-id", "iodef-document-private-id", Must, "RFC 7970 §3.1";
    PADDED = "iodef.value.padded", "iodef-value-padded", Note, "RFC 7970 §8";
    NO_ZONE = "iodef.value.no-zone", "iodef-value-no-zone", Note, "RFC 7970 §2.7";

    // Extensions.
    TWIN_UNCALLED = "iodef.extension.twin-uncalled", "iodef-extension-twin-uncalled", Must, "RFC 7970 §5.1.1";
    TWIN_UNSAID = "iodef.extension.twin-unsaid", "iodef-extension-twin-unsaid", Must, "RFC 7970 §5.1.1";
    DTYPE = "iodef.extension.dtype", "iodef-extension-dtype", Must, "RFC 7970 §5.2";
    OWN_NAMESPACE = "iodef.extension.own-namespace", "iodef-extension-own-namespace", Must, "RFC 7970 §5.2";

    // Incident and what surrounds it.
    NO_ID = "iodef.incident.no-id", "iodef-incident-no-id", Must, "RFC 7970 §3.4";
    CSIRT_NAME = "iodef.incident.csirt-name", "iodef-incident-csirt-name", Note, "RFC 7970 §3.4";
    OWN_ALTERNATIVE = "iodef.incident.own-alternative", "iodef-incident-own-alternative", Must, "RFC 7970 §3.5";
    // What each time says (§3.2, §3.14, §3.15, §3.29); no sentence binds one to the other.
    TIMES = "iodef.times.end-before-start", "iodef-times-end-before-start", Should, "RFC 7970 §3.2";
    NOTHING_INSIDE = "iodef.class.nothing-inside", "iodef-class-nothing-inside", Must, "RFC 7970 §3";
    RELATED_BY_NOTHING = "iodef.related.nothing", "iodef-related-nothing", Must, "RFC 7970 §3.6";
    PATTERN_NOTHING = "iodef.detection.nothing", "iodef-detection-nothing", Must, "RFC 7970 §3.10.1";
    RECORD_NOTHING = "iodef.record.nothing", "iodef-record-nothing", Must, "RFC 7970 §3.22.1";
    LOOSER = "iodef.restriction.looser", "iodef-restriction-looser", Note, "RFC 7970 §3.3.1";
    // What the identifier is for; that a language comes once follows, and is not said.
    TRANSLATED_TWICE = "iodef.text.translated-twice", "iodef-text-translated-twice", Should, "RFC 7970 §2.4, §6";
    NUMBER_UNASKED = "iodef.confidence.number-unasked", "iodef-confidence-number-unasked", Must, "RFC 7970 §3.12.5";
    NUMBER_MISSING = "iodef.confidence.number-missing", "iodef-confidence-number-missing", Must, "RFC 7970 §3.12.5";
    COUNTED_AS = "iodef.counter.doubtful", "iodef-counter-doubtful", Note, "RFC 7970 §3.18.3 against §8";
    NO_COURSE = "iodef.action.no-course", "iodef-action-no-course", Must, "RFC 7970 §3.15";
    UNDESCRIBED = "iodef.action.undescribed", "iodef-action-undescribed", Note, "RFC 7970 §3.15";
    NOT_A_NUMBER = "iodef.impact.not-a-number", "iodef-impact-not-a-number", Must, "RFC 7970 §8";
    CURRENCY = "iodef.impact.currency", "iodef-impact-currency", Note, "RFC 7970 §3.12.4";

    // Systems and networks.
    // Without an Address "at least one DomainData MUST be specified", and the other way round.
    EMPTY_NODE = "iodef.node.empty", "iodef-node-empty", Must, "RFC 7970 §3.18, erratum 5544";
    ADDRESS = "iodef.address.category", "iodef-address-category", Must, "RFC 7970 §3.18.1";
    DEFANGED = "iodef.address.defanged", "iodef-address-defanged", Must, "RFC 7970 §3.18.1";
    RESERVED = "iodef.address.reserved", "iodef-address-reserved", Note, "RFC 6890";
    NAMESERVER = "iodef.nameserver.category", "iodef-nameserver-category", Must, "RFC 7970 §3.19.1";
    DOMAIN = "iodef.domain.name", "iodef-domain-name", Note, "RFC 7970 §3.19";
    PORT_NEEDS_PROTOCOL = "iodef.service.port-needs-protocol", "iodef-service-port-needs-protocol", Must, "RFC 7970 §3.20";
    PROTOCOL_RANGE = "iodef.service.protocol-range", "iodef-service-protocol-range", Must, "RFC 7970 §3.20";
    PORT_RANGE = "iodef.service.port-range", "iodef-service-port-range", Must, "RFC 7970 §3.20";
    PORTLISTS = "iodef.flow.portlists", "iodef-flow-portlists", Must, "RFC 7970 §3.20";
    INTERFACE = "iodef.system.interface", "iodef-system-interface", Note, "RFC 7970 §3.17";
    HEADER_FIELD = "iodef.header.field", "iodef-header-field", Must, "RFC 7970 §3.20.2";
    CUSTOM_SOFTWARE = "iodef.software.custom", "iodef-software-custom", Must, "RFC 7970 §2.15.1";

    // Files, hashes, indicators.
    HASH_NOTHING = "iodef.hash.nothing", "iodef-hash-nothing", Must, "RFC 7970 §3.26";
    HASH_TARGET = "iodef.hash.target", "iodef-hash-target", Must, "RFC 7970 §3.26";
    HASH_LENGTH = "iodef.hash.length", "iodef-hash-length", Must, "XML Signature §6.2";
    NO_OBSERVABLE = "iodef.observable.none", "iodef-observable-none", Must, "RFC 7970 §3.29.3";
    BULK_FORMAT = "iodef.bulk.format", "iodef-bulk-format", Must, "RFC 7970 §3.29.3.1";
    BULK_LINE = "iodef.bulk.line", "iodef-bulk-line", Must, "RFC 7970 §3.29.3.1";
    BULK_EMPTY = "iodef.bulk.empty", "iodef-bulk-empty", Must, "RFC 7970 §3.29.3.1";
    // "Invalid algebraic expressions while valid XML MUST NOT be specified", and a negation has one operand.
    NOT_OPERANDS = "iodef.expression.not", "iodef-expression-not", Must, "RFC 7970 §3.29.5";
    REFERENCE_ONE = "iodef.reference.one", "iodef-reference-one", Must, "RFC 7970 §3.29.7";
    REFERENCE_KIND = "iodef.reference.kind", "iodef-reference-kind", Must, "RFC 7970 §3.29.6";
}
