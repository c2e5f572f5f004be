//! Words beside a request or a decision about access. XEP-0060 §8.6 has no place for them, so they travel in a plain message
//! between the two accounts: a body for every client, and an element of this console's own that says what it is about.
//!
//! Anybody can send one. It changes nothing: what is so, only the broker says (`engine.md` §6 row 4).

use chrono::{DateTime, SecondsFormat, Utc};

use crate::model::owned::{Act, Words};
use crate::model::{BareJid, TopicId};
use crate::xmpp::stanza::{Message, MessageKind};
use crate::xmpp::xml::Writer;

/// The namespace of `<access/>`.
pub const NS: &str = "urn:x-gridwatch:access:1";

/// What a message says about access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    pub topic: TopicId,
    pub act: Act,
    /// Remote text, at most [`Words::MOST`] characters.
    pub note: String,
    pub until: Option<DateTime<Utc>>,
}

impl Spoken {
    /// What there is to be read in a message; `None` when it is about something else.
    #[must_use]
    pub fn read(message: &Message<'_>) -> Option<Self> {
        if message.kind == MessageKind::Error {
            return None;
        }
        let access = message.child(NS, "access")?;
        let broker: BareJid = access.attr("broker")?.parse().ok()?;
        let node = access.attr("node").filter(|node| TopicId::is_node(node))?.into_owned();
        let until = access.attr("until").and_then(|until| DateTime::parse_from_rfc3339(until.trim()).ok());
        let note = access.child(NS, "note").map(|note| cut(&note.text())).unwrap_or_default();
        Some(Self {
            topic: TopicId { broker, node },
            act: Act::from_token(access.attr("act")?.as_ref())?,
            note,
            until: until.map(|until| until.with_timezone(&Utc)),
        })
    }
}

/// Writes the message's children.
pub fn write(w: &mut Writer, topic: &TopicId, act: Act, words: &Words) {
    let body = cut(&words.body);
    if !body.is_empty() {
        let _ = w.leaf("body", &body);
    }
    let _ = w.open_ns("access", NS).attr("act", act.token()).attr("broker", &topic.broker.to_string());
    let _ = w.attr("node", &topic.node);
    if let Some(until) = words.until {
        let _ = w.attr("until", &until.to_rfc3339_opts(SecondsFormat::Secs, true));
    }
    let note = cut(&words.note);
    if !note.is_empty() {
        let _ = w.leaf("note", &note);
    }
    let _ = w.close();
}

/// At most so much, without the blanks around it.
fn cut(text: &str) -> String {
    text.trim().chars().take(Words::MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::{received, written};
    use crate::xmpp::stanza::{Sorted, sort};

    fn spoken(kind: &str, inside: &str) -> Option<Spoken> {
        let stanza = received(&format!("<message type='{kind}'>{inside}</message>"));
        let Ok(Sorted::Message(message)) = sort(stanza.root()) else { panic!("no message") };
        Spoken::read(&message)
    }

    #[test]
    fn what_is_written_is_read_and_others_see_a_body() {
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "my 'desk'".to_owned() };
        let until = DateTime::from_timestamp(1_800_000_000, 0);
        let words = Words { note: " wrong <constituency> ".to_owned(), body: "Denied: wrong.".to_owned(), until };
        let text = written(|w| write(w, &topic, Act::Denied, &words));
        assert!(text.starts_with("<body>Denied: wrong.</body><access xmlns='urn:x-gridwatch:access:1' act='denied'"));
        let note = "wrong <constituency>".to_owned();
        assert_eq!(spoken("normal", &text), Some(Spoken { topic, act: Act::Denied, note, until }));
    }

    #[test]
    fn what_is_none_or_too_long() {
        let access = |attrs: &str, note: &str| {
            format!("<access xmlns='{NS}' {attrs}><note>{note}</note></access><body>b</body>")
        };
        let whole = "act='asks' broker='b.example' node='n'";
        let long = spoken("chat", &access(whole, &"x".repeat(Words::MOST + 9))).unwrap();
        assert_eq!((long.note.len(), long.until), (Words::MOST, None));
        assert_eq!(spoken("error", &access(whole, "")), None, "our own words bounced");
        for attrs in ["act='asks' node='n'", "act='asks' broker='b.example'", "act='owns' broker='b.example' node='n'"]
        {
            assert_eq!(spoken("normal", &access(attrs, "")), None, "{attrs}");
        }
        assert_eq!(spoken("normal", "<access xmlns='urn:x' act='asks' broker='b.example' node='n'/>"), None);
    }
}
