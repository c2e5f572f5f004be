//! Classes used everywhere: texts in languages, extensions, software, links (RFC 7970 §2).

use super::enumeration::{DTYPE, SOFTWAREREFERENCE_DTYPE, SOFTWAREREFERENCE_SPEC_NAME};
use super::kind::{
    Class, Content, LANG, OBSERVABLE_ID, RESTRICTION, Type, any, children, class, many, opt, optional, required,
    sequence, text,
};

pub(super) const ML_STRING: Class =
    class("", &[optional("translation-id"), LANG], Content::Text(Type::String)).kind("MLStringType");

pub(super) const EXTENSION: Class = class(
    "",
    &[
        optional("name"),
        required("dtype").of(&DTYPE).open(),
        optional("meaning"),
        optional("formatid"),
        RESTRICTION,
        OBSERVABLE_ID,
    ],
    Content::Mixed(sequence(&[any().many()])),
)
.kind("ExtensionType");

pub(super) const SOFTWARE: Class =
    class("", &[], children(&[opt("SoftwareReference"), many("URL"), many("Description")])).kind("SoftwareType");

/// In the schema's order.
pub(super) static CLASSES: &[Class] = &[
    EXTENSION.named("AdditionalData"),
    ML_STRING.named("Description"),
    text("URL", Type::AnyUri),
    class(
        "SoftwareReference",
        &[
            required("spec-name").of(&SOFTWAREREFERENCE_SPEC_NAME).open(),
            optional("dtype").of(&SOFTWAREREFERENCE_DTYPE).open(),
        ],
        Content::By { published: &children(&[any().many()]), reading: &Content::Mixed(sequence(&[any().many()])) },
    ),
];
