//! XML Signature (W3C 2002): hashes, certificates and signatures inside IODEF are made of these.

use super::kind::{
    self, Attribute, Class, Content, Space, Type, any, children, choice, either, many, one, opt, optional, other, own,
    required, sequence, some,
};

const ID: Attribute = optional("Id").typed(Type::Id);
const ALGORITHM: Attribute = required("Algorithm").typed(Type::AnyUri);

const fn class(name: &'static str, attributes: &'static [Attribute], content: Content) -> Class {
    kind::class(name, attributes, content).within(Space::Signature)
}

const fn text(name: &'static str, of: Type) -> Class {
    class(name, &[], Content::Text(of))
}

const SIGNATURE: Class =
    class("", &[ID], children(&[one("SignedInfo"), one("SignatureValue"), opt("KeyInfo"), many("Object")]))
        .kind("SignatureType");

const SIGNATURE_VALUE: Class = class("", &[ID], Content::Text(Type::Base64)).kind("SignatureValueType");

const SIGNED_INFO: Class =
    class("", &[ID], children(&[one("CanonicalizationMethod"), one("SignatureMethod"), some("Reference")]))
        .kind("SignedInfoType");

const CANONICALIZATION_METHOD: Class =
    class("", &[ALGORITHM], Content::Mixed(sequence(&[any().strict().many()]))).kind("CanonicalizationMethodType");

const SIGNATURE_METHOD: Class =
    class("", &[ALGORITHM], Content::Mixed(sequence(&[own(&HMAC_OUTPUT_LENGTH).opt(), other().strict().many()])))
        .kind("SignatureMethodType");

const REFERENCE: Class = class(
    "",
    &[ID, optional("URI").typed(Type::AnyUri), optional("Type").typed(Type::AnyUri)],
    children(&[opt("Transforms"), one("DigestMethod"), one("DigestValue")]),
)
.kind("ReferenceType");

const TRANSFORMS: Class = class("", &[], children(&[some("Transform")])).kind("TransformsType");

const TRANSFORM: Class =
    class("", &[ALGORITHM], Content::Mixed(choice(&[other(), own(&XPATH)]).many())).kind("TransformType");

const DIGEST_METHOD: Class =
    class("", &[ALGORITHM], Content::Mixed(sequence(&[other().many()]))).kind("DigestMethodType");

const KEY_INFO: Class = class(
    "",
    &[ID],
    Content::Mixed(
        choice(&[
            one("KeyName"),
            one("KeyValue"),
            one("RetrievalMethod"),
            one("X509Data"),
            one("PGPData"),
            one("SPKIData"),
            one("MgmtData"),
            other(),
        ])
        .some(),
    ),
)
.kind("KeyInfoType");

const KEY_VALUE: Class =
    class("", &[], Content::Mixed(choice(&[one("DSAKeyValue"), one("RSAKeyValue"), other()]))).kind("KeyValueType");

const RETRIEVAL_METHOD: Class = class(
    "",
    &[optional("URI").typed(Type::AnyUri), optional("Type").typed(Type::AnyUri)],
    children(&[opt("Transforms")]),
)
.kind("RetrievalMethodType");

const X509_DATA: Class = class(
    "",
    &[],
    Content::Elements(
        sequence(&[choice(&[
            own(&X509_ISSUER_SERIAL),
            own(&X509_SKI),
            own(&X509_SUBJECT_NAME),
            own(&X509_CERTIFICATE),
            own(&X509_CRL),
            other(),
        ])])
        .some(),
    ),
)
.kind("X509DataType");

const ISSUER_SERIAL: Class =
    class("", &[], children(&[own(&X509_ISSUER_NAME), own(&X509_SERIAL_NUMBER)])).kind("X509IssuerSerialType");

const PGP_DATA: Class = class(
    "",
    &[],
    either(&[
        sequence(&[own(&PGP_KEY_ID), own(&PGP_KEY_PACKET).opt(), other().many()]),
        sequence(&[own(&PGP_KEY_PACKET), other().many()]),
    ]),
)
.kind("PGPDataType");

const SPKI_DATA: Class =
    class("", &[], Content::Elements(sequence(&[own(&SPKI_SEXP), other().opt()]).some())).kind("SPKIDataType");

const OBJECT: Class = class(
    "",
    &[ID, optional("MimeType"), optional("Encoding").typed(Type::AnyUri)],
    Content::Mixed(sequence(&[any()]).many()),
)
.kind("ObjectType");

const MANIFEST: Class = class("", &[ID], children(&[some("Reference")])).kind("ManifestType");

const SIGNATURE_PROPERTIES: Class =
    class("", &[ID], children(&[some("SignatureProperty")])).kind("SignaturePropertiesType");

const SIGNATURE_PROPERTY: Class =
    class("", &[required("Target").typed(Type::AnyUri), ID], Content::Mixed(choice(&[other()]).some()))
        .kind("SignaturePropertyType");

const DSA_KEY_VALUE: Class = class(
    "",
    &[],
    children(&[
        sequence(&[own(&P), own(&Q)]).opt(),
        own(&G).opt(),
        own(&Y),
        own(&J).opt(),
        sequence(&[own(&SEED), own(&PGEN_COUNTER)]).opt(),
    ]),
)
.kind("DSAKeyValueType");

const RSA_KEY_VALUE: Class = class("", &[], children(&[own(&MODULUS), own(&EXPONENT)])).kind("RSAKeyValueType");

const HMAC_OUTPUT_LENGTH: Class = text("HMACOutputLength", Type::Integer).local();
const XPATH: Class = text("XPath", Type::String).local();
const X509_ISSUER_SERIAL: Class = ISSUER_SERIAL.named("X509IssuerSerial").local();
const X509_SKI: Class = text("X509SKI", Type::Base64).local();
const X509_SUBJECT_NAME: Class = text("X509SubjectName", Type::String).local();
const X509_CERTIFICATE: Class = text("X509Certificate", Type::Base64).local();
const X509_CRL: Class = text("X509CRL", Type::Base64).local();
const X509_ISSUER_NAME: Class = text("X509IssuerName", Type::String).local();
const X509_SERIAL_NUMBER: Class = text("X509SerialNumber", Type::Integer).local();
const PGP_KEY_ID: Class = text("PGPKeyID", Type::Base64).local();
const PGP_KEY_PACKET: Class = text("PGPKeyPacket", Type::Base64).local();
const SPKI_SEXP: Class = text("SPKISexp", Type::Base64).local();
const P: Class = text("P", Type::Base64).local();
const Q: Class = text("Q", Type::Base64).local();
const G: Class = text("G", Type::Base64).local();
const Y: Class = text("Y", Type::Base64).local();
const J: Class = text("J", Type::Base64).local();
const SEED: Class = text("Seed", Type::Base64).local();
const PGEN_COUNTER: Class = text("PgenCounter", Type::Base64).local();
const MODULUS: Class = text("Modulus", Type::Base64).local();
const EXPONENT: Class = text("Exponent", Type::Base64).local();

/// In the schema's order.
pub(super) static CLASSES: &[Class] = &[
    SIGNATURE.named("Signature"),
    SIGNATURE_VALUE.named("SignatureValue"),
    SIGNED_INFO.named("SignedInfo"),
    CANONICALIZATION_METHOD.named("CanonicalizationMethod"),
    SIGNATURE_METHOD.named("SignatureMethod"),
    REFERENCE.named("Reference"),
    TRANSFORMS.named("Transforms"),
    TRANSFORM.named("Transform"),
    DIGEST_METHOD.named("DigestMethod"),
    text("DigestValue", Type::Base64),
    KEY_INFO.named("KeyInfo"),
    text("KeyName", Type::String),
    text("MgmtData", Type::String),
    KEY_VALUE.named("KeyValue"),
    RETRIEVAL_METHOD.named("RetrievalMethod"),
    X509_DATA.named("X509Data"),
    PGP_DATA.named("PGPData"),
    SPKI_DATA.named("SPKIData"),
    OBJECT.named("Object"),
    MANIFEST.named("Manifest"),
    SIGNATURE_PROPERTIES.named("SignatureProperties"),
    SIGNATURE_PROPERTY.named("SignatureProperty"),
    DSA_KEY_VALUE.named("DSAKeyValue"),
    RSA_KEY_VALUE.named("RSAKeyValue"),
];
