//! Machines and what runs on them: systems, nodes, addresses, domains, services, e-mail (RFC 7970 §3.16-3.21).

use super::basic::{EXTENSION, ML_STRING, SOFTWARE};
use super::enumeration::{
    ADDRESS_CATEGORY, COUNTER_TYPE, COUNTER_UNIT, DOMAINDATA_DOMAIN_STATUS, DOMAINDATA_SYSTEM_STATUS, DURATION,
    NODEROLE_CATEGORY, SYSTEM_CATEGORY, SYSTEM_OWNERSHIP, YES_NO_UNKNOWN,
};
use super::kind::{
    Class, Content, OBSERVABLE_ID, Particle, RESTRICTION, Type, children, choice, class, either, many, one, opt,
    optional, own, required, sequence, some, text,
};

const ASSET_ID: Class = text("AssetID", Type::String).local();
/// The schema has `ProtoType` before `ProtoCode`, the text the other way round (`DATA-MODEL.md` §10): either is read.
const PROTO: Particle = Particle::By {
    published: &sequence(&[opt("ProtoType"), opt("ProtoCode")]),
    reading: &choice(&[
        sequence(&[one("ProtoType"), opt("ProtoCode")]),
        sequence(&[one("ProtoCode"), opt("ProtoType")]),
    ])
    .opt(),
};

/// In the schema's order.
pub(super) static CLASSES: &[Class] = &[
    class("Flow", &[], children(&[some("System")])),
    class(
        "System",
        &[
            optional("category").of(&SYSTEM_CATEGORY).open(),
            optional("interface"),
            optional("spoofed").of(&YES_NO_UNKNOWN).or("unknown"),
            optional("virtual").of(&YES_NO_UNKNOWN).or("unknown"),
            optional("ownership").of(&SYSTEM_OWNERSHIP).open(),
            RESTRICTION,
            OBSERVABLE_ID,
        ],
        children(&[
            one("Node"),
            many("NodeRole"),
            many("Service"),
            many("OperatingSystem"),
            many("Counter"),
            own(&ASSET_ID).many(),
            many("Description"),
            many("AdditionalData"),
        ]),
    ),
    SOFTWARE.named("OperatingSystem"),
    class(
        "Node",
        &[],
        children(&[
            choice(&[many("DomainData"), many("Address")]).some(),
            opt("PostalAddress"),
            many("Location"),
            many("Counter"),
        ]),
    ),
    class(
        "Address",
        &[
            optional("category").of(&ADDRESS_CATEGORY).or("ipv6-addr").open(),
            optional("vlan-name"),
            optional("vlan-num").typed(Type::Integer),
            OBSERVABLE_ID,
        ],
        Content::Text(Type::String),
    ),
    ML_STRING.named("Location"),
    class("NodeRole", &[required("category").of(&NODEROLE_CATEGORY).open()], children(&[many("Description")])),
    class(
        "Counter",
        &[
            required("type").of(&COUNTER_TYPE).open(),
            required("unit").of(&COUNTER_UNIT).open(),
            optional("meaning"),
            optional("duration").of(&DURATION).open(),
        ],
        Content::Text(Type::Float),
    ),
    class(
        "DomainData",
        &[
            optional("system-status").of(&DOMAINDATA_SYSTEM_STATUS).open(),
            optional("domain-status").of(&DOMAINDATA_DOMAIN_STATUS).open(),
            OBSERVABLE_ID,
        ],
        children(&[
            one("Name"),
            opt("DateDomainWasChecked"),
            opt("RegistrationDate"),
            opt("ExpirationDate"),
            many("RelatedDNS"),
            many("Nameservers"),
            opt("DomainContacts"),
        ]),
    ),
    text("Name", Type::String),
    text("DateDomainWasChecked", Type::DateTime),
    text("RegistrationDate", Type::DateTime),
    text("ExpirationDate", Type::DateTime),
    EXTENSION.named("RelatedDNS"),
    class("Nameservers", &[], children(&[one("Server"), some("Address")])),
    text("Server", Type::String),
    class("DomainContacts", &[], either(&[one("SameDomainContact"), some("Contact")])),
    text("SameDomainContact", Type::String),
    class(
        "Service",
        &[optional("ip-protocol").typed(Type::Integer), OBSERVABLE_ID],
        children(&[
            opt("ServiceName"),
            opt("Port"),
            opt("Portlist"),
            PROTO,
            opt("ProtoField"),
            opt("ApplicationHeader"),
            opt("EmailData"),
            opt("Application"),
        ]),
    ),
    text("Port", Type::Integer),
    text("Portlist", Type::Portlist),
    text("ProtoType", Type::Integer),
    text("ProtoCode", Type::Integer),
    text("ProtoField", Type::Integer),
    class("ApplicationHeader", &[], children(&[some("ApplicationHeaderField")])),
    EXTENSION.named("ApplicationHeaderField"),
    class("ServiceName", &[], children(&[opt("IANAService"), many("URL"), many("Description")])),
    text("IANAService", Type::String),
    SOFTWARE.named("Application"),
    class(
        "EmailData",
        &[OBSERVABLE_ID],
        children(&[
            many("EmailTo"),
            opt("EmailFrom"),
            opt("EmailSubject"),
            opt("EmailX-Mailer"),
            many("EmailHeaderField"),
            opt("EmailHeaders"),
            opt("EmailBody"),
            opt("EmailMessage"),
            many("HashData"),
            many("SignatureData"),
        ]),
    ),
    text("EmailTo", Type::String),
    text("EmailFrom", Type::String),
    text("EmailSubject", Type::String),
    text("EmailX-Mailer", Type::String),
    EXTENSION.named("EmailHeaderField"),
    text("EmailHeaders", Type::String),
    text("EmailBody", Type::String),
    text("EmailMessage", Type::String),
];
