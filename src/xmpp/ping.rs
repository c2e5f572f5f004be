//! Are you there (XEP-0199). Uses `xml`.

use super::xml::{El, Writer};

pub const NS: &str = "urn:xmpp:ping";

/// The request; any answer, an error too, shows that the other side is there.
pub fn request(w: &mut Writer) {
    let _ = w.open_ns("ping", NS).close();
}

#[must_use]
pub fn is_request(payload: El<'_>) -> bool {
    payload.is(NS, "ping")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::{received, written};

    #[test]
    fn knows_its_own() {
        assert!(is_request(received(&written(request)).root()));
        assert!(!is_request(received("<ping xmlns='urn:other'/>").root()));
    }
}
