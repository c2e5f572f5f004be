//! Which acts one wants to see: words, each of which must stand somewhere in the act, and `what:approve`, `by:grid`,
//! `result:refused`, `topic:my-desk`, `who:me@grid.example` for one field of it. Letters of either case are one.
//!
//! Pure.

use super::{Act, By, How, Kind};
use crate::model::Say;

/// One thing that must be so.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Kind(Vec<Kind>),
    By(Vec<By>),
    How(Vec<How>),
    Topic(String),
    Who(String),
    Subject(String),
    Word(String),
}

/// All of them; nothing asked is everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(Vec<Term>);

impl Filter {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// A field or a word that there is not, in words for them.
    pub fn read(text: &str) -> Result<Self, Say> {
        text.split_whitespace().map(term).collect::<Result<_, _>>().map(Self)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn takes(&self, act: &Act) -> bool {
        self.0.iter().all(|term| term.takes(act))
    }
}

/// The words of a closed list, separated by commas.
fn some<T: Copy>(
    field: &str,
    text: &str,
    all: &[T],
    of: fn(&str) -> Option<T>,
    word: fn(T) -> &'static str,
) -> Result<Vec<T>, Say> {
    let unknown = |given: &str| {
        let words: Vec<_> = all.iter().map(|own| word(*own)).collect();
        let say =
            Say::new("activity-filter-word").with("field", field).with("word", crate::text::line_within(given, 60));
        say.with("words", words.join(", "))
    };
    text.split(',').map(|given| of(&given.to_lowercase()).ok_or_else(|| unknown(given))).collect()
}

fn term(text: &str) -> Result<Term, Say> {
    let Some((field, value)) = text.split_once(':').filter(|(field, value)| !field.is_empty() && !value.is_empty())
    else {
        return Ok(Term::Word(text.to_lowercase()));
    };
    let low = || value.to_lowercase();
    Ok(match field {
        "what" => Term::Kind(some(field, value, Kind::ALL, Kind::of_word, Kind::word)?),
        "by" => Term::By(some(field, value, By::ALL, By::of_word, By::word)?),
        "result" => Term::How(some(field, value, How::ALL, How::of_word, How::word)?),
        "topic" => Term::Topic(low()),
        "who" => Term::Who(low()),
        "subject" => Term::Subject(low()),
        // An address, a time: a colon alone makes no field.
        _ => Term::Word(text.to_lowercase()),
    })
}

impl Term {
    fn takes(&self, act: &Act) -> bool {
        let has = |text: &str, word: &str| text.to_lowercase().contains(word);
        let topic = |word: &str| act.topic.as_ref().is_some_and(|topic| has(&topic.to_string(), word));
        match self {
            Self::Kind(all) => all.contains(&act.kind),
            Self::By(all) => all.contains(&act.by),
            Self::How(all) => all.contains(&act.how),
            Self::Topic(word) => topic(word),
            Self::Who(word) => has(&act.who, word),
            Self::Subject(word) => has(&act.subject, word),
            Self::Word(word) => {
                let texts = [&act.who, &act.subject, &act.before, &act.after, &act.reason, &act.words];
                texts.into_iter().chain(&act.stanzas).any(|text| has(text, word))
                    || [act.kind.word(), act.how.word(), act.by.word()].contains(&word.as_str())
                    || topic(word)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::TopicId;

    #[test]
    fn words_and_fields_choose_acts() {
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILEHost".to_owned() };
        let act = Act {
            topic: Some(topic),
            subject: "soc@blue.example".to_owned(),
            reason: "MoU 14".to_owned(),
            stanzas: vec!["a91".to_owned()],
            ..Act::new(DateTime::UNIX_EPOCH, "me@grid.example", By::Person, Kind::Approve, How::Done)
        };
        let takes = |text: &str| Filter::read(text).unwrap().takes(&act);
        for text in [
            "",
            "approve",
            "SOC@blue mou",
            "what:approve,deny by:person",
            "topic:milehost result:done",
            "A91",
            "who:me@",
        ] {
            assert!(takes(text), "{text}");
        }
        for text in
            ["deny", "what:deny", "by:grid", "result:refused", "topic:other", "approve zebra", "subject:red", "12:40"]
        {
            assert!(!takes(text), "{text}");
        }
        assert_eq!(Filter::read("what:aprove").unwrap_err().key, "activity-filter-word");
        assert_eq!(Filter::read("by:me").unwrap_err().args[0].1, "by");
    }
}
