//! The document, the incident, its names and what it is related to (RFC 7970 §3.1-3.8), its history (§3.13) and times.

use super::enumeration::{ACTION, INCIDENT_PURPOSE, INCIDENT_STATUS};
use super::kind::{
    Class, Content, LANG, OBSERVABLE_ID, Particle, RESTRICTION, Type, children, class, many, one, opt, optional,
    required, some, text,
};

pub(super) const INCIDENT_ID: Class =
    class("", &[required("name"), optional("instance"), RESTRICTION], Content::Text(Type::String))
        .kind("IncidentIDType");

/// In the schema's order.
pub(super) static CLASSES: &[Class] = &[
    class(
        "IODEF-Document",
        &[
            optional("version").fixed("2.00", &["2.0"]),
            LANG,
            optional("lang").typed(Type::Language).reading(),
            optional("format-id"),
            optional("private-enum-name"),
            optional("private-enum-id"),
        ],
        children(&[some("Incident"), many("AdditionalData")]),
    ),
    class(
        "Incident",
        &[
            required("purpose").of(&INCIDENT_PURPOSE).open(),
            optional("status").of(&INCIDENT_STATUS).open(),
            LANG,
            RESTRICTION.or("private"),
            OBSERVABLE_ID,
        ],
        children(&[
            one("IncidentID"),
            opt("AlternativeID"),
            many("RelatedActivity"),
            opt("DetectTime"),
            opt("StartTime"),
            opt("EndTime"),
            opt("RecoveryTime"),
            opt("ReportTime"),
            one("GenerationTime"),
            many("Description"),
            many("Discovery"),
            many("Assessment"),
            many("Method"),
            some("Contact"),
            many("EventData"),
            opt("IndicatorData"),
            opt("History"),
            many("AdditionalData"),
        ]),
    ),
    INCIDENT_ID.named("IncidentID"),
    class("AlternativeID", &[RESTRICTION], children(&[some("IncidentID")])),
    class(
        "RelatedActivity",
        &[RESTRICTION],
        children(&[
            many("IncidentID"),
            many("URL"),
            many("ThreatActor"),
            many("Campaign"),
            many("IndicatorID"),
            opt("Confidence"),
            many("Description"),
            many("AdditionalData"),
        ]),
    ),
    class(
        "ThreatActor",
        &[RESTRICTION],
        children(&[
            many("ThreatActorID"),
            Particle::By { published: &some("URL"), reading: &many("URL") },
            many("Description"),
            many("AdditionalData"),
        ]),
    ),
    text("ThreatActorID", Type::String),
    class(
        "Campaign",
        &[RESTRICTION],
        children(&[many("CampaignID"), many("URL"), many("Description"), many("AdditionalData")]),
    ),
    text("CampaignID", Type::String),
    class("History", &[RESTRICTION], children(&[some("HistoryItem")])),
    class(
        "HistoryItem",
        &[required("action").of(&ACTION).open(), RESTRICTION, OBSERVABLE_ID],
        children(&[
            one("DateTime"),
            opt("IncidentID"),
            opt("Contact"),
            many("Description"),
            many("DefinedCOA"),
            many("AdditionalData"),
        ]),
    ),
    text("DefinedCOA", Type::String),
    text("DateTime", Type::DateTime),
    text("ReportTime", Type::DateTime),
    text("DetectTime", Type::DateTime),
    text("StartTime", Type::DateTime),
    text("EndTime", Type::DateTime),
    text("RecoveryTime", Type::DateTime),
    text("GenerationTime", Type::DateTime),
    text("Timezone", Type::Timezone),
];
