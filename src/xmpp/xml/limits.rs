//! How much XML one peer or file may hand us, and which of the parts XMPP bans are tolerated. Plain numbers.

/// Caps on one unit (a stanza, a header, a document). Going over any of them is [`super::Refusal::Limit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one stanza or document.
    pub bytes: usize,
    /// Bytes of a stream header with its XML declaration.
    pub header: usize,
    /// Bytes that may wait unparsed in the gate, beyond one stanza.
    pub waiting: usize,
    /// Open elements, outside a pubsub payload.
    pub depth: usize,
    /// Open elements in all.
    pub payload_depth: usize,
    /// Elements of one unit.
    pub elements: usize,
    /// Attributes of one element, declarations not counted.
    pub attributes: usize,
    /// Namespace declarations of one element.
    pub declarations: usize,
    /// Prefixes bound at one place, the stream root's not counted; bounds each lookup.
    pub prefixes: usize,
    /// Bytes of the declarations in force at one place, the stream root's counted, outside a pubsub payload; bounds what
    /// is kept with each payload ([`super::El::scope`]).
    pub scope: usize,
}

impl Limits {
    /// Before authentication (XEP-0478 and the servers' own habits allow 10 kB or more; ours is a little above).
    pub const STRANGER: Self = Self {
        bytes: 16 * 1024,
        header: 4 * 1024,
        waiting: 64 * 1024,
        depth: 64,
        payload_depth: 256,
        elements: 50_000,
        attributes: 64,
        declarations: 32,
        prefixes: 256,
        scope: 8 * 1024,
    };
    /// After authentication. Both common servers cap at 256 KiB by default, so 1 MiB leaves room.
    pub const PEER: Self = Self { bytes: 1024 * 1024, waiting: 1024 * 1024, ..Self::STRANGER };
    /// A file a person opens; never waits in a gate.
    pub const FILE: Self =
        Self { bytes: 32 * 1024 * 1024, depth: 256, elements: 2_000_000, scope: 32 * 1024 * 1024, ..Self::STRANGER };
}

/// What a whole document may hold beside elements and text. A DOCTYPE is never allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    pub limits: Limits,
    /// `<?xml …?>` and a byte order mark in front.
    pub declaration: bool,
    pub comments: bool,
    pub instructions: bool,
    /// Treat the children of pubsub items as opaque ([`super::tree`]).
    pub opaque: bool,
}

impl Rules {
    /// As on a stream (RFC 6120 §11.1): none of it.
    pub const STREAM: Self =
        Self { limits: Limits::PEER, declaration: false, comments: false, instructions: false, opaque: true };
    /// One element that could travel in a stanza, wholly built: a payload.
    pub const PAYLOAD: Self = Self {
        opaque: false,
        limits: Limits { depth: 256, scope: Limits::PEER.bytes, ..Limits::PEER },
        ..Self::STREAM
    };
    /// A file: declaration, comments and instructions are skipped.
    pub const FILE: Self =
        Self { limits: Limits::FILE, declaration: true, comments: true, instructions: true, opaque: false };
}
