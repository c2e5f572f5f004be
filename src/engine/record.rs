//! What goes into the log of acts ([`crate::store::activity`]): every command that is to change something, when it is taken and
//! again with what came of it, and what a broker or controller does unasked. Commands of the window and of the text verbs all
//! come by here, and each answer does: nothing else has to remember to write.
//!
//! Pure. May use `model`, `store`, the engine's commands and answers.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::directory::Directory;
use super::error::Fate;
use super::trail::Trail;
use super::{Command, Error, Members, Receipt, RequestId};
use crate::model::owned::{Answer, Came, Created, Saved, Words};
use crate::model::{Affiliation, BareJid, Known, TopicId};
use crate::store::activity::{Act, By, How, Kind};
use crate::text;

/// What a command of which no answer has come is about, and what it left on its way.
#[derive(Debug)]
struct Open {
    acts: Vec<Act>,
    trail: Trail,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Record {
    account: String,
    /// What is believed of the controller, as far as it was told.
    trusted: Option<String>,
    open: HashMap<RequestId, Open>,
}

impl Record {
    pub(super) fn account(&mut self, account: &BareJid) {
        let account = account.to_string();
        if self.account != account {
            (self.account, self.trusted) = (account, None);
        }
    }

    /// What a command leaves on its way is to be left here.
    pub(super) fn trail(&self, request: RequestId) -> Trail {
        self.open.get(&request).map(|open| open.trail.clone()).unwrap_or_default()
    }

    pub(super) fn act(&self, by: By, kind: Kind, how: How, at: DateTime<Utc>) -> Act {
        Act::new(at, &self.account, by, kind, how)
    }

    /// Something happened that nobody here did.
    pub(super) fn seen(&self, kind: Kind, topic: Option<&TopicId>, at: DateTime<Utc>) -> Act {
        Act { topic: topic.cloned(), ..self.act(By::Grid, kind, How::Seen, at) }
    }

    /// A command was taken. Nothing for one that changes nothing outside.
    pub(super) fn begun(&mut self, command: &Command, topics: &Directory, now: DateTime<Utc>) -> Vec<Act> {
        let mut acts = match command {
            Command::Know(known) => self.trusts(known, now),
            Command::Connect(login) => {
                self.account(&login.jid);
                self.trusts(&login.policy.known, now)
            }
            command => self.acts(command, topics, now),
        };
        let id = crate::xmpp::iq::random_id().unwrap_or_default();
        acts.iter_mut().for_each(|act| act.id.clone_from(&id));
        if let Some(request) = command.request().filter(|_| !acts.is_empty()) {
            drop(self.open.insert(request, Open { acts: acts.clone(), trail: Trail::default() }));
        }
        acts
    }

    /// What a person decided about the controller's certificates, where that is news.
    fn trusts(&mut self, known: &Known, now: DateTime<Utc>) -> Vec<Act> {
        let after = believed(known);
        let before = self.trusted.replace(after.clone()).filter(|before| *before != after);
        let act = self.act(By::Person, Kind::Trust, How::Done, now);
        before.map(|before| Act { before, after, ..act }).into_iter().collect()
    }

    /// What a command is about to do, an act for each whom it is about.
    fn acts(&self, command: &Command, topics: &Directory, now: DateTime<Utc>) -> Vec<Act> {
        let act = |kind, topic: &TopicId| {
            let act = Act::new(now, &self.account, By::Person, kind, How::Begun);
            Act { topic: Some(topic.clone()), ..act }
        };
        let membership = |topic| topics.get(topic).map_or("", |topic| topic.membership.word()).to_owned();
        match command {
            Command::Subscribe { topic, words, .. } => {
                vec![Act { before: membership(topic), reason: note(words.as_ref()), ..act(Kind::Subscribe, topic) }]
            }
            Command::Unsubscribe { topic, .. } => {
                vec![Act { before: membership(topic), ..act(Kind::Unsubscribe, topic) }]
            }
            Command::Publish { topic, item, payload, terms, .. } => {
                let again = if terms.sent { "again, " } else { "" };
                // What was published can be held against it; what it says is not in the log.
                let words = format!("{again}{} bytes, sha256 {}", payload.len(), text::hex(&Sha256::digest(payload)));
                vec![Act { subject: item.0.clone(), words, ..act(Kind::Publish, topic) }]
            }
            Command::Retract { topic, item, .. } => {
                vec![Act { subject: item.0.clone(), before: "published".to_owned(), ..act(Kind::Retract, topic) }]
            }
            Command::Affiliate { topic, changes, .. } => {
                let of = |(who, wanted): &(BareJid, Affiliation)| {
                    let after = wanted.token().to_owned();
                    Act { subject: who.to_string(), after, ..act(Kind::Affiliate, topic) }
                };
                changes.iter().map(of).collect()
            }
            Command::Revoke { topic, accounts, to, words, .. } => {
                let of = |who: &BareJid| {
                    let (after, reason) = (to.token().to_owned(), note(words.as_ref()));
                    Act { subject: who.to_string(), after, reason, ..act(Kind::Revoke, topic) }
                };
                accounts.iter().map(of).collect()
            }
            Command::Decide { topic, subscriber, allow, words, .. } => {
                let (kind, after) = if *allow { (Kind::Approve, "subscribed") } else { (Kind::Deny, "none") };
                let (before, after) = ("pending".to_owned(), after.to_owned());
                let reason = note(words.as_ref());
                vec![Act { subject: subscriber.to_string(), before, after, reason, ..act(kind, topic) }]
            }
            Command::Tell { topic, to, act: what, words, .. } => {
                let (after, reason) = (what.token().to_owned(), note(Some(words)));
                vec![Act { subject: to.to_string(), after, reason, ..act(Kind::Tell, topic) }]
            }
            Command::Create { topic, settings, .. } => {
                vec![Act { after: told(settings), ..act(Kind::Create, topic) }]
            }
            Command::Configure { topic, changes, .. } => {
                vec![Act { after: told(changes), ..act(Kind::Configure, topic) }]
            }
            Command::Purge { topic, .. } => vec![act(Kind::Purge, topic)],
            Command::Delete { topic, redirect, .. } => {
                vec![Act { after: redirect.clone().unwrap_or_default(), ..act(Kind::Delete, topic) }]
            }
            Command::Held { kind, topic, subject, reason, undone } => {
                let how = if *undone { How::Undone } else { How::Held };
                vec![Act { subject: subject.clone(), reason: reason.clone(), how, ..act(*kind, topic) }]
            }
            // They ask, or are about this console alone.
            Command::Connect(_)
            | Command::Disconnect
            | Command::RetryNow
            | Command::Know(_)
            | Command::RefreshTopics
            | Command::Members { .. }
            | Command::FetchPending
            | Command::Poll { .. }
            | Command::Settings { .. }
            | Command::Defaults { .. }
            | Command::Stock { .. }
            | Command::Survey { .. }
            | Command::Quit => Vec::new(),
        }
    }

    /// A command is answered: what came of each of its acts.
    pub(super) fn done(&mut self, request: RequestId, result: &Result<Receipt, Error>, now: DateTime<Utc>) -> Vec<Act> {
        let Some(Open { acts, trail }) = self.open.remove(&request) else { return Vec::new() };
        let stanzas = trail.stanzas();
        let listed = Listed::of(result);
        let settle = |act: Act| {
            let before = trail.before(&act.subject).unwrap_or_else(|| act.before.clone());
            let act = Act { at: now, before, stanzas: stanzas.clone(), ..act };
            match result {
                Ok(receipt) => settled(act, receipt, &listed),
                Err(error) => {
                    // Something left, and whether it was done nobody said.
                    let unsure = error.fate() == Fate::Open { unsure: true } || error.is_afterwards();
                    let unknown = matches!(error, Error::Unconfirmed { .. }) || (unsure && !stanzas.is_empty());
                    let how = if unknown { How::Unknown } else { How::Refused };
                    Act { how, after: String::new(), words: joined(&act.words, &error.to_string()), ..act }
                }
            }
        };
        acts.into_iter().map(settle).collect()
    }
}

/// What accounts are afterwards, and those of which the lists do not show what was wanted: there may be ten thousand.
#[derive(Default)]
struct Listed {
    standings: HashMap<String, String>,
    refused: HashSet<String>,
}

impl Listed {
    fn of(result: &Result<Receipt, Error>) -> Self {
        match result {
            Ok(Receipt::Changed { members, refused }) => {
                Self { standings: standings(members), refused: refused.iter().map(ToString::to_string).collect() }
            }
            Ok(Receipt::Revoked(revoked)) => {
                let unproven = revoked.proofs.iter().filter(|proof| !revoked.is_proven(proof));
                Self {
                    standings: standings(&revoked.members),
                    refused: unproven.map(|proof| proof.account.to_string()).collect(),
                }
            }
            _ => Self::default(),
        }
    }
}

/// The act, done as the broker says.
fn settled(act: Act, receipt: &Receipt, listed: &Listed) -> Act {
    let act = Act { how: How::Done, ..act };
    let after = |after: &str| after.to_owned();
    let only = |done: bool| if done { How::Done } else { How::Refused };
    match receipt {
        Receipt::Subscribed => Act { after: after("subscribed"), ..act },
        Receipt::Asked => Act { after: after("pending"), ..act },
        Receipt::Unsubscribed => Act { after: after("none"), ..act },
        // The broker may have named it otherwise.
        Receipt::Published(item) => Act { subject: item.0.clone(), after: after("published"), ..act },
        Receipt::Retracted(_) => Act { after: after("retracted"), ..act },
        Receipt::Changed { .. } | Receipt::Revoked(_) => {
            let is = listed.standings.get(&act.subject).map_or("none", String::as_str).to_owned();
            Act { how: only(!listed.refused.contains(&act.subject)), after: is, ..act }
        }
        Receipt::Configured(saved) => Act { after: became(saved), how: only(any_kept(saved)), ..act },
        Receipt::Created(created) => match &**created {
            Created::Whole(saved) => Act { after: became(saved), ..act },
            Created::Bare { .. } => {
                let words = "it stands with the broker's own settings";
                Act { after: String::new(), words: joined(&act.words, words), ..act }
            }
        },
        Receipt::Approved
        | Receipt::Denied
        | Receipt::Told
        | Receipt::Purged
        | Receipt::Deleted
        // Answers to what only asks.
        | Receipt::Members(_)
        | Receipt::Settings(_)
        | Receipt::Stock(_)
        | Receipt::Surveyed(_)
        | Receipt::Polled(_) => act,
    }
}

/// The certificate that is known, pins and exceptions, for the log.
fn believed(known: &Known) -> String {
    let seen = known.seen.iter().map(|seen| format!("known key={}", seen.key));
    let pins = known.pins.iter().map(|pin| format!("pinned key={}", pin.key));
    let all = seen.chain(pins).chain(known.exceptions.iter().map(|made| format!("exception for key={}", made.key)));
    all.collect::<Vec<_>>().join("; ")
}

/// What accounts are on a topic: `member`, `member, subscribed`.
pub(super) fn standings(members: &Members) -> HashMap<String, String> {
    let affiliations = members.affiliations.iter();
    let mut all: HashMap<String, String> =
        affiliations.map(|(jid, is)| (jid.bare().to_string(), is.token().to_owned())).collect();
    let mut readers: HashMap<String, bool> = HashMap::new();
    for own in &members.subscribers {
        *readers.entry(own.jid.bare().to_string()).or_insert(true) &= own.pending;
    }
    for (who, pending) in readers {
        let is = all.entry(who).or_insert_with(|| "none".to_owned());
        is.push_str(if pending { ", pending" } else { ", subscribed" });
    }
    all
}

/// Settings as a line: `pubsub#max_items=10; pubsub#title=Reports`.
pub(super) fn told(answers: &[Answer]) -> String {
    let one = |answer: &Answer| format!("{}={}", answer.var, answer.values.join(","));
    answers.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// What stands after saving, for each that was wished.
fn became(saved: &Saved) -> String {
    let is: Vec<Answer> =
        saved.fates.iter().map(|fate| Answer { var: fate.var.clone(), values: fate.is.clone() }).collect();
    told(&is)
}

fn any_kept(saved: &Saved) -> bool {
    saved.fates.is_empty() || saved.fates.iter().any(|fate| matches!(fate.came, Came::Kept | Came::Changed))
}

fn note(words: Option<&Words>) -> String {
    words.map(|words| words.note.clone()).unwrap_or_default()
}

fn joined(one: &str, other: &str) -> String {
    if one.is_empty() { other.to_owned() } else { format!("{one}; {other}") }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::{Subscriber, Terms};
    use crate::model::{Fingerprint, ItemId, Pin, Say};

    fn topic() -> TopicId {
        TopicId { broker: "broker.grid.example".parse().unwrap(), node: "my-desk".to_owned() }
    }

    fn record() -> Record {
        let mut record = Record::default();
        record.account(&"me@grid.example".parse().unwrap());
        record
    }

    fn begun(record: &mut Record, command: &Command) -> Vec<Act> {
        record.begun(command, &Directory::default(), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn an_act_is_written_when_it_begins_and_when_it_is_answered() {
        let mut record = record();
        let decide = Command::Decide {
            request: RequestId(7),
            topic: topic(),
            subscriber: "soc@blue.example".parse().unwrap(),
            allow: true,
            words: None,
        };
        let first = begun(&mut record, &decide).remove(0);
        assert_eq!((first.kind, first.how, first.who.as_str()), (Kind::Approve, How::Begun, "me@grid.example"));
        record.trail(RequestId(7)).sent("a91");
        let now = DateTime::from_timestamp(9, 0).unwrap();
        let last = record.done(RequestId(7), &Ok(Receipt::Approved), now).remove(0);
        assert_eq!((last.how, last.at, &last.id), (How::Done, now, &first.id));
        assert_eq!((last.before.as_str(), last.after.as_str()), ("pending", "subscribed"));
        assert_eq!(last.stanzas, ["a91"]);
        assert!(record.done(RequestId(7), &Ok(Receipt::Approved), now).is_empty(), "once");
        assert!(begun(&mut record, &Command::Members { request: RequestId(8), topic: topic() }).is_empty());
    }

    #[test]
    fn a_publication_leaves_its_digest_and_no_word_of_it() {
        let mut record = record();
        let payload: Arc<[u8]> = b"<a>198.51.100.7</a>"[..].into();
        let item = ItemId("i".to_owned());
        let (request, terms) = (RequestId(1), Terms::default());
        let acts = begun(&mut record, &Command::Publish { request, topic: topic(), item, payload, terms });
        assert!(acts[0].words.starts_with("19 bytes, sha256 ") && !format!("{acts:?}").contains("198.51"));
        // Sent, and the session ended: nobody knows.
        record.trail(request).sent("x");
        let done = record.done(request, &Err(Error::Offline), DateTime::UNIX_EPOCH).remove(0);
        assert_eq!((done.how, done.after.as_str()), (How::Unknown, ""));
        assert!(done.words.ends_with("; offline"), "{}", done.words);
    }

    #[test]
    fn only_a_broker_that_says_no_refused_an_act_of_which_something_left() {
        let broken = Error::Session { say: Say::new("error-offline"), cause: "cut".to_owned(), retry: true };
        let refused = Error::Refused { say: Say::new("error-offline"), condition: "forbidden".to_owned() };
        for (error, sent, how) in [
            (broken.clone(), true, How::Unknown),
            (broken, false, How::Refused),
            (Error::unreadable_answer(), true, How::Unknown),
            (Error::no_effect(), true, How::Unknown),
            (refused, true, How::Refused),
            (Error::last_owner(), false, How::Refused),
        ] {
            let (mut record, request) = (record(), RequestId(4));
            let _ = begun(&mut record, &Command::Purge { request, topic: topic() });
            if sent {
                record.trail(request).sent("x");
            }
            let done = record.done(request, &Err(error.clone()), DateTime::UNIX_EPOCH).remove(0);
            assert_eq!(done.how, how, "{error}");
        }
    }

    #[test]
    fn what_a_person_decides_about_the_controller_stands_there_once_it_is_news() {
        let mut record = record();
        let key = Fingerprint([7; 32]);
        let pinned = Arc::new(Known { pins: vec![Pin { key, alone: false }], ..Known::default() });
        let know = |known: &Arc<Known>| Command::Know(Arc::clone(known));
        assert!(begun(&mut record, &know(&Arc::default())).is_empty(), "nothing to compare it with");
        let trust = begun(&mut record, &know(&pinned)).remove(0);
        assert_eq!((trust.kind, trust.how, trust.before.as_str()), (Kind::Trust, How::Done, ""));
        assert!(trust.after.starts_with("pinned key=07:07"), "{trust:?}");
        assert!(begun(&mut record, &know(&pinned)).is_empty());
    }

    #[test]
    fn each_account_of_a_change_has_its_own_entry_with_what_it_was_and_is() {
        let mut record = record();
        let (one, other): (BareJid, BareJid) = ("a@x.example".parse().unwrap(), "b@x.example".parse().unwrap());
        let changes = vec![(one.clone(), Affiliation::None), (other.clone(), Affiliation::Member)];
        let request = RequestId(3);
        let acts = begun(&mut record, &Command::Affiliate { request, topic: topic(), changes });
        assert_eq!(acts.len(), 2);
        assert_eq!(acts[0].id, acts[1].id);
        let subscriber = Subscriber { jid: one.clone().into(), subid: None, pending: false };
        let before = Members {
            affiliations: vec![(one.clone().into(), Affiliation::Member)],
            subscribers: vec![subscriber],
            unreadable: 0,
        };
        for who in [&one, &other] {
            let was = standings(&before).remove(&who.to_string()).unwrap_or_else(|| "none".to_owned());
            record.trail(request).found(&who.to_string(), &was);
        }
        let after = Members { affiliations: vec![], subscribers: vec![], unreadable: 0 };
        let receipt = Receipt::Changed { members: Arc::new(after), refused: vec![other] };
        let done = record.done(request, &Ok(receipt), DateTime::UNIX_EPOCH);
        let told: Vec<_> = done.iter().map(|act| (act.how, act.before.as_str(), act.after.as_str())).collect();
        assert_eq!(told, [(How::Done, "member, subscribed", "none"), (How::Refused, "none", "none")]);
    }
}
