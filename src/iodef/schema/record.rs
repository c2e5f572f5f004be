//! Evidence: records, registry keys, files, hashes, signatures, certificates (RFC 7970 §3.22-3.27).

use super::basic::{EXTENSION, SOFTWARE};
use super::enumeration::{HASHDATA_SCOPE, KEY_REGISTRYACTION, RECORDPATTERN_OFFSETUNIT, RECORDPATTERN_TYPE};
use super::kind::{
    Class, Content, OBSERVABLE_ID, Particle, RESTRICTION, Space, Type, children, choice, class, many, one, opt,
    optional, required, some, text,
};

/// The text calls it `KeyValue` (RFC 7970 §3.23.1).
const VALUE: Particle =
    Particle::By { published: &opt("Value"), reading: &choice(&[one("Value"), one("KeyValue")]).opt() };

/// In the schema's order.
pub(super) static CLASSES: &[Class] = &[
    class("Record", &[RESTRICTION], children(&[some("RecordData")])),
    class(
        "RecordData",
        &[RESTRICTION, OBSERVABLE_ID],
        children(&[
            opt("DateTime"),
            many("Description"),
            opt("Application"),
            many("RecordPattern"),
            many("RecordItem"),
            many("URL"),
            many("FileData"),
            many("WindowsRegistryKeysModified"),
            many("CertificateData"),
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
    class("WindowsRegistryKeysModified", &[OBSERVABLE_ID], children(&[some("Key")])),
    class(
        "Key",
        &[optional("registryaction").of(&KEY_REGISTRYACTION).open(), OBSERVABLE_ID],
        children(&[one("KeyName"), VALUE]),
    ),
    text("KeyName", Type::String),
    text("Value", Type::String),
    class("FileData", &[RESTRICTION, OBSERVABLE_ID], children(&[some("File")])),
    class(
        "File",
        &[OBSERVABLE_ID],
        children(&[
            opt("FileName"),
            opt("FileSize"),
            opt("FileType"),
            many("URL"),
            opt("HashData"),
            opt("SignatureData"),
            opt("AssociatedSoftware"),
            many("FileProperties"),
        ]),
    ),
    text("FileName", Type::String),
    text("FileSize", Type::Integer),
    text("FileType", Type::String),
    SOFTWARE.named("AssociatedSoftware"),
    EXTENSION.named("FileProperties"),
    class(
        "HashData",
        &[required("scope").of(&HASHDATA_SCOPE).open()],
        children(&[opt("HashTargetID"), many("Hash"), many("FuzzyHash")]),
    ),
    text("HashTargetID", Type::String),
    class(
        "Hash",
        &[],
        children(&[
            one("DigestMethod").of(Space::Signature),
            one("DigestValue").of(Space::Signature),
            opt("CanonicalizationMethod").of(Space::Signature),
            opt("Application"),
        ]),
    ),
    class("FuzzyHash", &[], children(&[some("FuzzyHashValue"), opt("Application"), many("AdditionalData")])),
    EXTENSION.named("FuzzyHashValue"),
    class("SignatureData", &[], children(&[some("Signature").of(Space::Signature)])),
    class("CertificateData", &[RESTRICTION, OBSERVABLE_ID], children(&[some("Certificate")])),
    class("Certificate", &[OBSERVABLE_ID], children(&[one("X509Data").of(Space::Signature), many("Description")])),
    text("KeyValue", Type::String).reading(),
];
