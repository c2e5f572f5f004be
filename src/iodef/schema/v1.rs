//! The classes of IODEF v1 (RFC 5070): RFC 7203 puts some of them into a v2 document, and v1 documents are read.

use super::kind::{
    self, Attribute, Class, Content, Space, Type, children, choice, either, many, one, opt, optional, own, required,
    sequence, some,
};
use tokens::{
    ACTION, ADDRESS_CATEGORY, ASSESSMENT_OCCURRENCE, CONFIDENCE_RATING, CONTACT_ROLE, CONTACT_TYPE, COUNTER_TYPE,
    DTYPE, DURATION, IMPACT_COMPLETION, IMPACT_TYPE, INCIDENT_PURPOSE, NODEROLE_CATEGORY, RECORDPATTERN_OFFSETUNIT,
    RECORDPATTERN_TYPE, REGISTRYHANDLE_REGISTRY, RESTRICTION, SEVERITY, SYSTEM_CATEGORY, SYSTEM_SPOOFED,
    TIMEIMPACT_METRIC,
};

pub(in crate::iodef::schema) mod tokens;

const LANG: Attribute = optional("lang").typed(Type::Language);
const MARKED: Attribute = optional("restriction").of(&RESTRICTION);

const fn class(name: &'static str, attributes: &'static [Attribute], content: Content) -> Class {
    kind::class(name, attributes, content).within(Space::Iodef1)
}

const fn text(name: &'static str, of: Type) -> Class {
    class(name, &[], Content::Text(of))
}

const INCIDENT_ID: Class =
    class("", &[required("name"), optional("instance"), MARKED.or("public")], Content::Text(Type::String))
        .kind("IncidentIDType");

const CONTACT_MEANS: Class = class("", &[optional("meaning")], Content::Text(Type::String)).kind("ContactMeansType");

const SOFTWARE: Class = class(
    "",
    &[
        optional("swid").or("0"),
        optional("configid").or("0"),
        optional("vendor"),
        optional("family"),
        optional("name"),
        optional("version"),
        optional("patch"),
    ],
    children(&[opt("URL")]),
)
.kind("SoftwareType");

const ML_STRING: Class = class("", &[LANG], Content::Text(Type::String)).kind("MLStringType");

const EXTENSION: Class = class(
    "",
    &[required("dtype").of(&DTYPE).open(), optional("meaning"), optional("formatid"), MARKED],
    Content::Mixed(sequence(&[kind::any().many()])),
)
.kind("ExtensionType");

const REFERENCE_NAME: Class = ML_STRING.named("ReferenceName").local();
const NODE_NAME: Class = ML_STRING.named("NodeName").local();
const PORT: Class = text("Port", Type::Integer).local();
const PORTLIST: Class = text("Portlist", Type::Portlist).local();
const PROTO_TYPE: Class = text("ProtoType", Type::Integer).local();
const PROTO_CODE: Class = text("ProtoCode", Type::Integer).local();
const PROTO_FIELD: Class = text("ProtoField", Type::Integer).local();

/// In the schema's order.
pub(super) static CLASSES: &[Class] = &[
    class(
        "IODEF-Document",
        &[optional("version").fixed("1.00", &[]), required("lang").typed(Type::Language), optional("formatid")],
        children(&[some("Incident")]),
    ),
    class(
        "Incident",
        &[required("purpose").of(&INCIDENT_PURPOSE).open(), LANG, MARKED.or("private")],
        children(&[
            one("IncidentID"),
            opt("AlternativeID"),
            opt("RelatedActivity"),
            opt("DetectTime"),
            opt("StartTime"),
            opt("EndTime"),
            one("ReportTime"),
            many("Description"),
            some("Assessment"),
            many("Method"),
            some("Contact"),
            many("EventData"),
            opt("History"),
            many("AdditionalData"),
        ]),
    ),
    INCIDENT_ID.named("IncidentID"),
    class("AlternativeID", &[MARKED], children(&[some("IncidentID")])),
    class("RelatedActivity", &[MARKED], either(&[some("IncidentID"), some("URL")])),
    EXTENSION.named("AdditionalData"),
    class(
        "Contact",
        &[required("role").of(&CONTACT_ROLE).open(), required("type").of(&CONTACT_TYPE).open(), MARKED],
        children(&[
            opt("ContactName"),
            many("Description"),
            many("RegistryHandle"),
            opt("PostalAddress"),
            many("Email"),
            many("Telephone"),
            opt("Fax"),
            opt("Timezone"),
            many("Contact"),
            many("AdditionalData"),
        ]),
    ),
    ML_STRING.named("ContactName"),
    class("RegistryHandle", &[optional("registry").of(&REGISTRYHANDLE_REGISTRY).open()], Content::Text(Type::String)),
    class("PostalAddress", &[LANG, optional("meaning")], Content::Text(Type::String)),
    CONTACT_MEANS.named("Email"),
    CONTACT_MEANS.named("Telephone"),
    CONTACT_MEANS.named("Fax"),
    text("DateTime", Type::DateTime),
    text("ReportTime", Type::DateTime),
    text("DetectTime", Type::DateTime),
    text("StartTime", Type::DateTime),
    text("EndTime", Type::DateTime),
    text("Timezone", Type::Timezone),
    class("History", &[MARKED.or("default")], children(&[some("HistoryItem")])),
    class(
        "HistoryItem",
        &[MARKED, required("action").of(&ACTION).open()],
        children(&[one("DateTime"), opt("IncidentID"), opt("Contact"), many("Description"), many("AdditionalData")]),
    ),
    class(
        "Expectation",
        &[MARKED.or("default"), optional("severity").of(&SEVERITY), optional("action").of(&ACTION).or("other").open()],
        children(&[many("Description"), opt("StartTime"), opt("EndTime"), opt("Contact")]),
    ),
    class(
        "Method",
        &[MARKED],
        children(&[choice(&[one("Reference"), one("Description")]).some(), many("AdditionalData")]),
    ),
    class("Reference", &[], children(&[own(&REFERENCE_NAME), many("URL"), many("Description")])),
    class(
        "Assessment",
        &[optional("occurrence").of(&ASSESSMENT_OCCURRENCE), MARKED],
        children(&[
            choice(&[one("Impact"), one("TimeImpact"), one("MonetaryImpact")]).some(),
            many("Counter"),
            opt("Confidence"),
            many("AdditionalData"),
        ]),
    ),
    class(
        "Impact",
        &[
            LANG,
            optional("severity").of(&SEVERITY),
            optional("completion").of(&IMPACT_COMPLETION),
            optional("type").of(&IMPACT_TYPE).or("unknown").open(),
        ],
        Content::Text(Type::String),
    ),
    class(
        "TimeImpact",
        &[
            optional("severity").of(&SEVERITY),
            required("metric").of(&TIMEIMPACT_METRIC).open(),
            optional("duration").of(&DURATION).open(),
        ],
        Content::Text(Type::PositiveFloat),
    ),
    class(
        "MonetaryImpact",
        &[optional("severity").of(&SEVERITY), optional("currency")],
        Content::Text(Type::PositiveFloat),
    ),
    class("Confidence", &[required("rating").of(&CONFIDENCE_RATING)], Content::Mixed(sequence(&[]))),
    class(
        "EventData",
        &[MARKED.or("default")],
        children(&[
            many("Description"),
            opt("DetectTime"),
            opt("StartTime"),
            opt("EndTime"),
            many("Contact"),
            opt("Assessment"),
            many("Method"),
            many("Flow"),
            many("Expectation"),
            opt("Record"),
            many("EventData"),
            many("AdditionalData"),
        ]),
    ),
    class("Flow", &[], children(&[some("System")])),
    class(
        "System",
        &[
            MARKED,
            optional("interface"),
            optional("category").of(&SYSTEM_CATEGORY).open(),
            optional("spoofed").of(&SYSTEM_SPOOFED).or("unknown"),
        ],
        children(&[
            one("Node"),
            many("Service"),
            many("OperatingSystem"),
            many("Counter"),
            many("Description"),
            many("AdditionalData"),
        ]),
    ),
    class(
        "Node",
        &[],
        children(&[
            choice(&[own(&NODE_NAME).opt(), many("Address")]).some(),
            opt("Location"),
            opt("DateTime"),
            many("NodeRole"),
            many("Counter"),
        ]),
    ),
    class(
        "Address",
        &[
            optional("category").of(&ADDRESS_CATEGORY).or("ipv4-addr").open(),
            optional("vlan-name"),
            optional("vlan-num").typed(Type::Integer),
        ],
        Content::Text(Type::String),
    ),
    ML_STRING.named("Location"),
    class("NodeRole", &[LANG, required("category").of(&NODEROLE_CATEGORY).open()], Content::Text(Type::String)),
    class(
        "Service",
        &[required("ip_protocol").typed(Type::Integer)],
        children(&[
            choice(&[own(&PORT), own(&PORTLIST)]).opt(),
            own(&PROTO_TYPE).opt(),
            own(&PROTO_CODE).opt(),
            own(&PROTO_FIELD).opt(),
            opt("Application"),
        ]),
    ),
    class(
        "Counter",
        &[required("type").of(&COUNTER_TYPE).open(), optional("meaning"), optional("duration").of(&DURATION).open()],
        Content::Text(Type::Double),
    ),
    class("Record", &[MARKED], children(&[some("RecordData")])),
    class(
        "RecordData",
        &[MARKED],
        children(&[
            opt("DateTime"),
            many("Description"),
            opt("Application"),
            many("RecordPattern"),
            some("RecordItem"),
            many("AdditionalData"),
        ]),
    ),
    class(
        "RecordPattern",
        &[
            required("type").of(&RECORDPATTERN_TYPE).open(),
            optional("offset").typed(Type::Integer),
            optional("offsetunit").of(&RECORDPATTERN_OFFSETUNIT).or("line").open(),
            optional("instance").typed(Type::Integer),
        ],
        Content::Text(Type::String),
    ),
    EXTENSION.named("RecordItem"),
    SOFTWARE.named("Application"),
    SOFTWARE.named("OperatingSystem"),
    ML_STRING.named("Description"),
    text("URL", Type::AnyUri),
];
