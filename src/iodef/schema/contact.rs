//! Who is who: contacts and how to reach them (RFC 7970 §3.9).

use super::basic::ML_STRING;
use super::enumeration::{
    CONTACT_ROLE, CONTACT_TYPE, EMAIL_TYPE, POSTALADDRESS_TYPE, REGISTRYHANDLE_REGISTRY, TELEPHONE_TYPE,
};
use super::kind::{Class, Content, RESTRICTION, Type, children, class, many, one, opt, optional, required, text};

/// In the schema's order.
pub(super) static CLASSES: &[Class] = &[
    class(
        "Contact",
        &[required("role").of(&CONTACT_ROLE).open(), required("type").of(&CONTACT_TYPE).open(), RESTRICTION],
        children(&[
            many("ContactName"),
            many("ContactTitle"),
            many("Description"),
            many("RegistryHandle"),
            many("PostalAddress"),
            many("Email"),
            many("Telephone"),
            opt("Timezone"),
            many("Contact"),
            many("AdditionalData"),
        ]),
    ),
    ML_STRING.named("ContactName"),
    ML_STRING.named("ContactTitle"),
    class("RegistryHandle", &[optional("registry").of(&REGISTRYHANDLE_REGISTRY).open()], Content::Text(Type::String)),
    class(
        "PostalAddress",
        &[optional("type").of(&POSTALADDRESS_TYPE).open()],
        children(&[one("PAddress"), many("Description")]),
    ),
    ML_STRING.named("PAddress"),
    class(
        "Telephone",
        &[optional("type").of(&TELEPHONE_TYPE).open()],
        children(&[one("TelephoneNumber"), many("Description")]),
    ),
    text("TelephoneNumber", Type::String),
    class("Email", &[optional("type").of(&EMAIL_TYPE).open()], children(&[one("EmailTo"), many("Description")])),
];
