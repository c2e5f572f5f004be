//! What happened and what is asked: discovery, method, assessment, events, expectations (RFC 7970 §3.10-3.12, §3.14, §3.15).

use super::basic::ML_STRING;
use super::enumeration::{
    ACTION, ASSESSMENT_OCCURRENCE, BUSINESSIMPACT_SEVERITY, BUSINESSIMPACT_TYPE, CONFIDENCE_RATING, DISCOVERY_SOURCE,
    DURATION, SEVERITY, SYSTEMIMPACT_COMPLETION, SYSTEMIMPACT_TYPE, TIMEIMPACT_METRIC,
};
use super::kind::{
    Class, Content, OBSERVABLE_ID, RESTRICTION, Space, Type, children, choice, class, many, one, opt, optional, own,
    required, text,
};

pub(super) const BUSINESS_IMPACT: Class = class(
    "",
    &[
        optional("severity").of(&BUSINESSIMPACT_SEVERITY).open(),
        optional("type").of(&BUSINESSIMPACT_TYPE).or("unknown").open(),
    ],
    children(&[many("Description")]),
)
.kind("BusinessImpactType");

const DETECTION_CONFIGURATION: Class = text("DetectionConfiguration", Type::String).local();

/// In the schema's order.
pub(super) static CLASSES: &[Class] = &[
    class(
        "Discovery",
        &[optional("source").of(&DISCOVERY_SOURCE).or("unknown").open(), RESTRICTION],
        children(&[many("Description"), many("Contact"), many("DetectionPattern")]),
    ),
    class(
        "DetectionPattern",
        &[RESTRICTION, OBSERVABLE_ID],
        children(&[one("Application"), many("Description"), own(&DETECTION_CONFIGURATION).many()]),
    ),
    class(
        "Method",
        &[RESTRICTION],
        children(&[
            many("Reference"),
            many("Description"),
            many("AttackPattern").of(Space::Sci),
            many("Vulnerability").of(Space::Sci),
            many("Weakness").of(Space::Sci),
            many("AdditionalData"),
        ]),
    ),
    class(
        "Reference",
        &[OBSERVABLE_ID],
        children(&[opt("ReferenceName").of(Space::Enumeration), many("URL"), many("Description")]),
    ),
    class(
        "Assessment",
        &[optional("occurrence").of(&ASSESSMENT_OCCURRENCE), RESTRICTION, OBSERVABLE_ID],
        children(&[
            many("IncidentCategory"),
            choice(&[
                one("SystemImpact"),
                one("BusinessImpact"),
                one("TimeImpact"),
                one("MonetaryImpact"),
                one("IntendedImpact"),
            ])
            .some(),
            many("Counter"),
            many("MitigatingFactor"),
            many("Cause"),
            opt("Confidence"),
            many("AdditionalData"),
        ]),
    ),
    ML_STRING.named("IncidentCategory"),
    BUSINESS_IMPACT.named("BusinessImpact"),
    BUSINESS_IMPACT.named("IntendedImpact"),
    ML_STRING.named("MitigatingFactor"),
    ML_STRING.named("Cause"),
    class(
        "SystemImpact",
        &[
            optional("severity").of(&SEVERITY),
            optional("completion").of(&SYSTEMIMPACT_COMPLETION),
            optional("type").of(&SYSTEMIMPACT_TYPE).or("unknown").open(),
        ],
        children(&[many("Description")]),
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
    class(
        "Confidence",
        &[required("rating").of(&CONFIDENCE_RATING).open()],
        Content::By { published: &Content::Empty, reading: &Content::Text(Type::FloatOrEmpty) },
    ),
    class(
        "EventData",
        &[RESTRICTION, OBSERVABLE_ID],
        children(&[
            many("Description"),
            opt("DetectTime"),
            opt("StartTime"),
            opt("EndTime"),
            opt("RecoveryTime"),
            opt("ReportTime"),
            many("Contact"),
            many("Discovery"),
            opt("Assessment"),
            many("Method"),
            many("Flow"),
            many("Expectation"),
            opt("Record"),
            many("EventData"),
            many("AdditionalData"),
        ]),
    ),
    class(
        "Expectation",
        &[
            optional("action").of(&ACTION).or("other").open(),
            optional("severity").of(&SEVERITY),
            RESTRICTION,
            OBSERVABLE_ID,
        ],
        children(&[many("Description"), many("DefinedCOA"), opt("StartTime"), opt("EndTime"), opt("Contact")]),
    ),
];
