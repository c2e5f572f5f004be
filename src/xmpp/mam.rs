//! Archives (XEP-0313) of a broker's topics, asking side. Uses `xml`, `rsm`, `stanza`.
//!
//! What an archive forwards counts only from whom it was asked, under the query it was asked with: the caller must check
//! both before it looks inside (`engine.md` §6 row 6).

use super::rsm::{Page, Query};
use super::stanza::Message;
use super::xml::{El, Writer};

pub const NS: &str = "urn:xmpp:mam:2";
const FORWARD: &str = "urn:xmpp:forward:0";

/// Writes a request for a page of a topic's archive.
pub fn query(w: &mut Writer, id: &str, node: &str, page: &Query) {
    let _ = w.open_ns("query", NS).attr("queryid", id).attr("node", node);
    page.write(w);
    let _ = w.close();
}

/// One archived message.
#[derive(Clone, Copy, Debug)]
pub struct Archived<'a> {
    result: El<'a>,
    /// What stands around the message, with the stamp of when it was archived.
    pub forwarded: El<'a>,
    pub message: El<'a>,
}

impl<'a> Archived<'a> {
    /// The archived message within this one.
    #[must_use]
    pub fn inside(message: &Message<'a>) -> Option<Self> {
        let result = message.child(NS, "result")?;
        let forwarded = result.child(FORWARD, "forwarded")?;
        let message = forwarded.children().find(|child| child.name() == "message")?;
        Some(Self { result, forwarded, message })
    }

    /// The query it answers.
    #[must_use]
    pub fn query(&self) -> Option<String> {
        self.result.attr("queryid").map(std::borrow::Cow::into_owned)
    }
}

/// The end of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fin {
    /// There is nothing beyond it.
    pub complete: bool,
    pub page: Option<Page>,
}

impl Fin {
    /// Reads the payload of the answer.
    #[must_use]
    pub fn read(payload: El<'_>) -> Option<Self> {
        let complete = matches!(payload.attr("complete").as_deref(), Some("true" | "1"));
        payload.is(NS, "fin").then(|| Self { complete, page: Page::inside(payload) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::rsm::At;
    use crate::xmpp::stanza::tests::{received, written};
    use crate::xmpp::stanza::{Sorted, sort};

    #[test]
    fn asks_and_reads() {
        let page = Query { max: 50, at: At::Before(String::new()) };
        assert_eq!(
            written(|w| query(w, "q", "n", &page)),
            "<query xmlns='urn:xmpp:mam:2' queryid='q' node='n'><set xmlns='http://jabber.org/protocol/rsm'>\
             <max>50</max><before/></set></query>"
        );
        let stanza = received(
            "<message from='b.example'><result xmlns='urn:xmpp:mam:2' queryid='q' id='1'><forwarded \
             xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='b.example'/></forwarded></result></message>",
        );
        let Ok(Sorted::Message(message)) = sort(stanza.root()) else { panic!("no message") };
        let archived = Archived::inside(&message).unwrap();
        assert_eq!((archived.query().as_deref(), archived.message.name()), (Some("q"), "message"));
        let fin = received(
            "<fin xmlns='urn:xmpp:mam:2' complete='true'><set xmlns='http://jabber.org/protocol/rsm'><count>3</count>\
             </set></fin>",
        );
        let fin = Fin::read(fin.root()).unwrap();
        assert_eq!((fin.complete, fin.page.unwrap().count), (true, Some(3)));
        assert_eq!(Fin::read(received("<fin xmlns='urn:xmpp:mam:1'/>").root()), None);
    }
}
