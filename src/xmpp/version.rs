//! What software somebody runs (XEP-0092). Uses `xml`.

use super::xml::{El, Writer};

pub const NS: &str = "jabber:iq:version";

/// Asks.
pub fn request(w: &mut Writer) {
    let _ = w.open_ns("query", NS).close();
}

/// Name and version, as they were told.
#[must_use]
pub fn read(query: El<'_>) -> Option<String> {
    if !query.is(NS, "query") {
        return None;
    }
    let text = |name| query.child(NS, name).map(|el| el.text().trim().to_owned()).filter(|text| !text.is_empty());
    let name = text("name")?;
    Some(text("version").map_or_else(|| name.clone(), |version| format!("{name} {version}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::{received, written};

    #[test]
    fn software_has_a_name_and_mostly_a_version() {
        let of = |text: &str| read(received(text).root());
        let told =
            of("<query xmlns='jabber:iq:version'><name>ejabberd</name><version> 23.01 </version><os>x</os></query>");
        assert_eq!(told.as_deref(), Some("ejabberd 23.01"));
        assert_eq!(of("<query xmlns='jabber:iq:version'><name>p</name></query>").as_deref(), Some("p"));
        assert_eq!(of(&written(request)), None);
    }
}
