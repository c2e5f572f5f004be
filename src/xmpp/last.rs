//! Since when a server or component runs (XEP-0012 §4). Uses `xml`.

use super::xml::{El, Writer};

pub const NS: &str = "jabber:iq:last";

/// Asks; of a server that is how long it has run.
pub fn request(w: &mut Writer) {
    let _ = w.open_ns("query", NS).close();
}

/// The seconds that were told.
#[must_use]
pub fn seconds(query: El<'_>) -> Option<u32> {
    if query.is(NS, "query") { query.attr("seconds")?.trim().parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::{received, written};

    #[test]
    fn seconds_are_read_where_they_are_told() {
        let read = |text: &str| seconds(received(text).root());
        assert_eq!(read("<query xmlns='jabber:iq:last' seconds='903'/>"), Some(903));
        assert_eq!(read("<query xmlns='jabber:iq:last' seconds='-1'/>"), None);
        assert_eq!(read(&written(request)), None);
        assert_eq!(read("<query xmlns='jabber:iq:version' seconds='1'/>"), None);
    }
}
