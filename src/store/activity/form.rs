//! The bytes of an entry: what its hash is of. Version 1 is a row of netstrings (the length in bytes as decimal digits, a
//! colon, the bytes, a comma), in this order: `1`, the number, the time (RFC 3339 in UTC with nine digits of a second), who,
//! by, what, what came of it, the id, the broker, the node, the subject, before, after, the reason, more words, then each
//! stanza id. What is not there is an empty one. README has it for who writes a verifier of their own.
//!
//! Pure. There is one way to write an entry: bytes that read as one and would be written otherwise are none.

use chrono::{DateTime, SecondsFormat, Utc};

use super::{Act, By, How, Kind, Number};
use crate::model::TopicId;

const VERSION: &str = "1";
/// Digits of a length: no field is longer.
const DIGITS: usize = 7;

/// The time as an entry has it.
pub fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Nanos, true)
}

pub fn write(number: Number, act: &Act) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let mut put = |text: &str| {
        out.extend_from_slice(text.len().to_string().as_bytes());
        out.push(b':');
        out.extend_from_slice(text.as_bytes());
        out.push(b',');
    };
    let (broker, node) = match &act.topic {
        Some(topic) => (topic.broker.to_string(), topic.node.as_str()),
        None => (String::new(), ""),
    };
    let (number, at) = (number.to_string(), time(act.at));
    for text in [VERSION, &number, &at, &act.who, act.by.word(), act.kind.word(), act.how.word(), &act.id] {
        put(text);
    }
    for text in [&broker, node, &act.subject, &act.before, &act.after, &act.reason, &act.words] {
        put(text);
    }
    act.stanzas.iter().for_each(|id| put(id));
    out
}

/// What [`write`] wrote, and nothing else.
pub fn read(bytes: &[u8]) -> Option<(Number, Act)> {
    let mut fields = Fields(bytes);
    let mut next = || fields.next()?;
    if next()? != VERSION {
        return None;
    }
    let number = next()?.parse().ok()?;
    let at = DateTime::parse_from_rfc3339(next()?).ok()?.with_timezone(&Utc);
    let who = next()?;
    let (by, kind, how) = (By::of_word(next()?)?, Kind::of_word(next()?)?, How::of_word(next()?)?);
    let id = next()?.to_owned();
    let (broker, node) = (next()?, next()?.to_owned());
    let topic = match broker {
        "" => None,
        broker => Some(TopicId { broker: broker.parse().ok()?, node }),
    };
    let (subject, before, after) = (next()?.to_owned(), next()?.to_owned(), next()?.to_owned());
    let (reason, words) = (next()?.to_owned(), next()?.to_owned());
    let stanzas = fields.map(|id| id.map(str::to_owned)).collect::<Option<Vec<_>>>()?;
    let who = who.to_owned();
    let act = Act { at, who, by, kind, how, id, topic, subject, before, after, reason, words, stanzas };
    (write(number, &act) == bytes).then_some((number, act))
}

/// Netstrings, one after the other; `None` for what is none.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Option<&'a str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.take();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn take(&mut self) -> Option<&'a str> {
        let colon = self.0.iter().take(DIGITS + 1).position(|byte| *byte == b':')?;
        let (digits, rest) = self.0.split_at_checked(colon)?;
        let length: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
        let (text, rest) = rest.get(1..)?.split_at_checked(length)?;
        self.0 = rest.strip_prefix(b",")?;
        std::str::from_utf8(text).ok()
    }
}

#[cfg(test)]
pub mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any act that has its place in a log.
    pub fn any() -> impl Strategy<Value = Act> {
        let kinds = (0..By::ALL.len(), 0..Kind::ALL.len(), 0..How::ALL.len());
        let texts = proptest::collection::vec(".{0,12}", 7);
        let stanzas = proptest::collection::vec(".{0,6}", 0..3);
        let topic = proptest::option::of("[a-z]{1,5}");
        (0_i64..4_000_000_000, 0_u32..1_000_000_000, kinds, texts, topic, stanzas).prop_map(
            |(seconds, nanos, (by, kind, how), texts, node, stanzas)| {
                let at = DateTime::from_timestamp(seconds, nanos).unwrap();
                let topic = node.map(|node| TopicId { broker: "broker.grid.example".parse().unwrap(), node });
                let mut texts = texts.into_iter();
                let mut text = || texts.next().unwrap();
                let (by, kind, how) = (By::ALL[by], Kind::ALL[kind], How::ALL[how]);
                Act {
                    id: text(),
                    topic,
                    subject: text(),
                    before: text(),
                    after: text(),
                    reason: text(),
                    words: text(),
                    stanzas,
                    ..Act::new(at, &text(), by, kind, how)
                }
            },
        )
    }

    #[test]
    fn the_form_is_what_readme_says() {
        let at = "2026-11-22T12:40:07.25Z".parse().unwrap();
        let mut act = Act::new(at, "me@grid.example", By::Person, Kind::Approve, How::Done);
        act.topic = Some(TopicId { broker: "b.example".parse().unwrap(), node: "MILEHöst".to_owned() });
        act.subject = "soc@blue.example".to_owned();
        act.stanzas = vec!["a91".to_owned()];
        assert_eq!(
            String::from_utf8(write(7, &act)).unwrap(),
            "1:1,1:7,30:2026-11-22T12:40:07.250000000Z,15:me@grid.example,6:person,7:approve,4:done,0:,9:b.example,\
             9:MILEHöst,16:soc@blue.example,0:,0:,0:,0:,3:a91,"
        );
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_and_no_part_of_it(number: u64, act in any()) {
            let bytes = write(number, &act);
            prop_assert_eq!(read(&bytes), Some((number, act.clone())));
            for cut in 0..bytes.len() {
                // A cut between two stanza ids is an entry with fewer of them, and another hash.
                if let Some((_, other)) = read(&bytes[..cut]) {
                    prop_assert_ne!(other, act.clone());
                }
            }
        }

        #[test]
        fn there_is_one_way_to_write_an_entry(bytes: Vec<u8>, act in any(), place: usize, flip in 1_u8..) {
            prop_assert!(read(&bytes).is_none());
            let mut bytes = write(7, &act);
            let place = place % bytes.len();
            bytes[place] ^= flip;
            if let Some((number, other)) = read(&bytes) {
                prop_assert_eq!(write(number, &other), bytes);
            }
        }
    }
}
