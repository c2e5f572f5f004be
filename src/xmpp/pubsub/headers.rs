//! Which subscription an event came for (SHIM, XEP-0131, as XEP-0060 §6.1.6 and XEP-0248 §3.2 use it).

use super::{SUBSCRIPTION_ID, TopicId};
use crate::xmpp::stanza::Message;

pub const NS: &str = "http://jabber.org/protocol/shim";
/// Headers of one message looked at: as many as one account may sensibly have subscriptions on a node.
const MOST: usize = 64;

/// What the headers of an event say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    /// The collections through which it came; the event itself names the leaf.
    pub collections: Vec<String>,
    /// The subscriptions it is for, where the account has several.
    pub subids: Vec<String>,
}

impl Headers {
    #[must_use]
    pub fn read(message: &Message<'_>) -> Self {
        let mut all = Self::default();
        let Some(headers) = message.child(NS, "headers") else { return all };
        for header in headers.children().filter(|child| child.is(NS, "header")).take(MOST) {
            let text = header.text();
            match header.attr("name").as_deref() {
                Some("Collection") if TopicId::is_node(&text) => all.collections.push(text.into_owned()),
                Some("SubID") if !text.is_empty() && text.len() <= SUBSCRIPTION_ID => {
                    all.subids.push(text.into_owned());
                }
                _ => {}
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::{Sorted, sort, tests::received};

    fn read(headers: &str) -> Headers {
        let stanza = received(&format!("<message><headers xmlns='{NS}'>{headers}</headers></message>"));
        let Ok(Sorted::Message(message)) = sort(stanza.root()) else { panic!("no message") };
        Headers::read(&message)
    }

    #[test]
    fn collections_and_subscriptions() {
        let found = read(
            "<header name='Collection'>blogs</header><header name='SubID'>1</header><header name='SubID'>2</header>\
             <header name='Keywords'>x</header><header>y</header><header name='SubID'/>",
        );
        assert_eq!(found, Headers { collections: vec!["blogs".into()], subids: vec!["1".into(), "2".into()] });
        let long = "n".repeat(SUBSCRIPTION_ID + 1);
        let found = read(&format!("<header name='Collection'>{long}</header><header name='SubID'>{long}</header>"));
        assert_eq!(found, Headers::default());
        let found = read(&"<header name='SubID'>s</header>".repeat(10_000));
        assert_eq!(found.subids.len(), MOST);
        assert_eq!(read(""), Headers::default());
    }
}
