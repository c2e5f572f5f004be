//! Indicators and the observables they are made of (RFC 7970 §3.28, §3.29).

use super::enumeration::{BULKOBSERVABLE_TYPE, INDICATOREXPRESSION_OPERATOR};
use super::kind::{
    Class, Content, Particle, RESTRICTION, Type, children, choice, class, either, many, one, opt, optional, own,
    required, sequence, some, text,
};

const LIST: Class = class("BulkObservableList", &[], Content::Anything).local();

/// In the schema's order.
pub(super) static CLASSES: &[Class] = &[
    class("IndicatorData", &[], children(&[some("Indicator")])),
    class(
        "Indicator",
        &[RESTRICTION],
        children(&[
            one("IndicatorID"),
            many("AlternativeIndicatorID"),
            many("Description"),
            opt("StartTime"),
            opt("EndTime"),
            opt("Confidence"),
            many("Contact"),
            choice(&[
                one("Observable"),
                one("ObservableReference"),
                one("IndicatorExpression"),
                one("IndicatorReference"),
            ]),
            many("NodeRole"),
            many("AttackPhase"),
            many("Reference"),
            many("AdditionalData"),
        ]),
    ),
    class("IndicatorID", &[required("name"), required("version")], Content::Text(Type::Id)),
    class(
        "AlternativeIndicatorID",
        &[RESTRICTION],
        children(&[Particle::By {
            published: &some("IndicatorID"),
            reading: &choice(&[one("IndicatorID"), one("IndicatorReference")]).some(),
        }]),
    ),
    class(
        "Observable",
        &[RESTRICTION],
        either(&[
            opt("System"),
            opt("Address"),
            opt("DomainData"),
            opt("Service"),
            opt("EmailData"),
            opt("WindowsRegistryKeysModified"),
            opt("FileData"),
            opt("CertificateData"),
            opt("RegistryHandle"),
            opt("RecordData"),
            opt("EventData"),
            opt("Incident"),
            opt("Expectation"),
            opt("Reference"),
            opt("Assessment"),
            opt("DetectionPattern"),
            opt("HistoryItem"),
            opt("BulkObservable"),
            many("AdditionalData"),
        ]),
    ),
    class(
        "BulkObservable",
        &[required("type").of(&BULKOBSERVABLE_TYPE).published().open()],
        children(&[opt("BulkObservableFormat"), own(&LIST), many("AdditionalData")]),
    ),
    class("BulkObservableFormat", &[], children(&[opt("Hash"), many("AdditionalData")])),
    text("BulkObservableList", Type::String),
    class(
        "IndicatorExpression",
        &[optional("operator").of(&INDICATOREXPRESSION_OPERATOR).or("and").open()],
        Content::Elements(
            sequence(&[
                choice(&[
                    one("IndicatorExpression"),
                    one("Observable"),
                    one("ObservableReference"),
                    one("IndicatorReference"),
                ]),
                opt("Confidence"),
                many("AdditionalData"),
            ])
            .some(),
        ),
    ),
    class("ObservableReference", &[required("uid-ref").typed(Type::IdRef)], Content::Empty),
    class(
        "IndicatorReference",
        &[optional("uid-ref").typed(Type::IdRef), optional("euid-ref"), optional("version")],
        Content::Empty,
    ),
    class(
        "AttackPhase",
        &[],
        children(&[
            many("AttackPhaseID"),
            Particle::By { published: &some("URL"), reading: &many("URL") },
            many("Description"),
            many("AdditionalData"),
        ]),
    ),
    text("AttackPhaseID", Type::String),
];
