//! What the people of the practice grid say about access: who asks says why, and answers when asked; the owner of the other
//! topics says what was decided, and how long it holds. Only a message from account to account carries it
//! ([`access`]): real brokers have no place for it.

use chrono::{DateTime, TimeDelta, Utc};

use super::answer::{Outgoing, message};
use crate::model::owned::{Act, Words};
use crate::model::{BareJid, Jid, TopicId};
use crate::xmpp::pubsub::access::{self, Spoken};
use crate::xmpp::stanza::{Sorted, sort};
use crate::xmpp::xml::El;

/// How long the owner lets somebody in for.
const LASTS: TimeDelta = TimeDelta::days(90);

/// Somebody who asks for access.
struct Voice {
    who: &'static str,
    /// Written beside the request.
    asks: Option<&'static str>,
    /// The answer to any question.
    answers: &'static str,
}

const VOICES: [Voice; 5] = [
    Voice {
        who: "soc@csirt-b.example",
        asks: Some(
            "SOC of CSIRT-B. We would match your findings against the hosts of our members; nothing is passed on.",
        ),
        answers: "Our head of operations can vouch for us: the number in the CSIRT directory.",
    },
    Voice {
        who: "feed@unlisted.example",
        asks: None,
        answers: "We run a threat feed. Who we are we tell under an agreement only.",
    },
    Voice {
        who: "duty@cert.nordwerk.example",
        asks: Some("Duty desk of CERT Nordwerk. We handle plants in the north and were referred to you by CSIRT-B."),
        answers: "CSIRT-B introduced us at the spring meeting; ask their duty desk.",
    },
    Voice {
        who: "intel@isac.lakeside.example",
        asks: Some("Lakeside ISAC, on behalf of 14 water utilities. TLP:AMBER is fine for us."),
        answers: "Our charter names the members; we send it by signed mail.",
    },
    Voice { who: "x92k@freehost.example", asks: Some("need feed asap pls"), answers: "just need it" },
];

fn voice(who: &BareJid) -> Option<&'static Voice> {
    VOICES.iter().find(|voice| who.to_string() == voice.who)
}

fn say(from: &BareJid, to: &BareJid, topic: &TopicId, act: Act, words: &Words) -> Option<Outgoing> {
    message(from, &Jid::from(to.clone()), true, |w| access::write(w, topic, act, words))
}

/// What this requester writes beside a request, if anything.
pub fn beside(who: &BareJid, owner: &BareJid, topic: &TopicId) -> Option<Outgoing> {
    let note = voice(who)?.asks?;
    let body = format!("I ask for access to the topic {}.\n{note}", topic.node);
    say(who, owner, topic, Act::Asks, &Words { note: note.to_owned(), body, until: None })
}

/// Takes a message to one of them in; a question is answered. `None` where nobody of that name is here.
pub fn hear(from: &Jid, to: &Jid, stanza: El<'_>) -> Option<Vec<Outgoing>> {
    let voice = voice(to.bare())?;
    let Ok(Sorted::Message(message)) = sort(stanza) else { return Some(Vec::new()) };
    let asked = Spoken::read(&message).filter(|spoken| spoken.act == Act::Question);
    let answer = asked.and_then(|spoken| {
        let note = voice.answers.to_owned();
        let words = Words { body: note.clone(), note, until: None };
        say(to.bare(), from.bare(), &spoken.topic, Act::Asks, &words)
    });
    Some(answer.into_iter().collect())
}

/// What the owner says beside a decision.
pub fn decided(owner: &BareJid, to: &BareJid, topic: &TopicId, allow: bool, now: DateTime<Utc>) -> Option<Outgoing> {
    let (act, note, until) = match allow {
        true => (Act::Approved, "Welcome. Ask again before your time is over.", Some(now + LASTS)),
        false => (Act::Denied, "Only for members of this community: have one of them introduce you.", None),
    };
    let body = format!("Your request to read the topic {} was {}.\n{note}", topic.node, act.token());
    say(owner, to, topic, act, &Words { note: note.to_owned(), body, until })
}
