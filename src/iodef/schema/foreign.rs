//! What others defined and IODEF puts into `Method` and `Reference`: structured information about weaknesses and attacks
//! (RFC 7203) and the name of an enumeration's entry (RFC 7495). RFC 7203 speaks IODEF v1: its `Reference` is of v1.

use super::kind::{
    self, Attribute, Class, Content, Particle, Space, Type, any, children, choice, many, optional, own, required,
    sequence,
};
use super::v1;

const fn class(name: &'static str, attributes: &'static [Attribute], content: Content) -> Class {
    kind::class(name, attributes, content).within(Space::Sci)
}

const IDENTIFIED: &[Attribute] = &[required("SpecID").open(), optional("ContentID")];
const BASIC: &[Particle] = &[choice(&[own(&RAW_DATA).many(), many("Reference").of(Space::Iodef1)])];
const RAW_DATA: Class = XML_DATA.named("RawData").local();
const ID: Class = kind::text("ID", Type::NcName).within(Space::Enumeration).local();

const XML_DATA: Class = class(
    "",
    &[
        required("dtype").of(&v1::tokens::DTYPE).fixed("xml", &[]),
        optional("meaning"),
        optional("formatid"),
        optional("restriction").of(&v1::tokens::RESTRICTION),
    ],
    // A restriction of a mixed type is mixed only where it says so itself (XML Schema 1.0 part 1 §3.4.2).
    children(&[any().many()]),
)
.kind("XMLDATA");

const BASIC_STRUCTURE: Class = class("", IDENTIFIED, children(BASIC)).kind("BasicStructure");

pub(super) static CLASSES: &[Class] = &[
    BASIC_STRUCTURE.named("Scoring"),
    BASIC_STRUCTURE.named("Platform"),
    BASIC_STRUCTURE.named("EventReport"),
    BASIC_STRUCTURE.named("Verification"),
    BASIC_STRUCTURE.named("Remediation"),
    class("AttackPattern", IDENTIFIED, children(&[sequence(BASIC), sequence(&[many("Platform")])])),
    class("Vulnerability", IDENTIFIED, children(&[sequence(BASIC), sequence(&[many("Platform"), many("Scoring")])])),
    class("Weakness", IDENTIFIED, children(&[sequence(BASIC), sequence(&[many("Platform"), many("Scoring")])])),
    kind::class("ReferenceName", &[required("specIndex").typed(Type::Integer)], children(&[own(&ID)]))
        .within(Space::Enumeration),
];
