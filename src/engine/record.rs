//! What goes into the log of acts ([`crate::store::activity`]): every command that is to change something, when it is taken and
//! again with what came of it, what this console does by itself, and what a broker or controller does unasked. Commands of the
//! window and of the text verbs all come by here, and each answer does: nothing else has to remember to write.
//!
//! What else is to be said of an act is said in tokens (`bytes=19`, `bare`), never in sentences: the log outlives languages.
//!
//! Pure. May use `model`, `store`, the engine's commands and answers.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::directory::{Directory, Held};
use super::error::Fate;
use super::trail::Trail;
use super::{Command, Error, Members, Receipt, RequestId};
use crate::model::owned::{Answer, Came, Created, Saved, Words};
use crate::model::{Affiliation, BareJid, Known, TopicId};
use crate::store::activity::{Act, By, How, Kind, Token};
use crate::text;
use crate::xmpp::form::Form;

/// Acts held at one time that are remembered; of more each is one of its own.
const HELD: usize = 10_000;

/// What an act belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Of {
    Command(RequestId),
    /// [`Own`], in the order of their beginning.
    Own(u64),
}

/// What this console does by itself, without anybody's hand.
#[derive(Clone, Debug)]
pub(super) enum Own {
    /// Ends a subscription that an earlier session of mine left.
    End { topic: TopicId, held: Held },
    /// Has a subscription to a collection bring what is in it: the form as it is sent, and what that changes.
    Collect { topic: TopicId, held: Held, form: Form, changes: Vec<Answer> },
}

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
    open: HashMap<Of, Open>,
    /// What was begun and is held: whose it is, its id, and why, are those of the act when it leaves.
    held: HashMap<(Kind, TopicId, String), Act>,
    owned: u64,
}

impl Record {
    pub(super) fn account(&mut self, account: &BareJid) {
        let account = account.to_string();
        if self.account != account {
            (self.account, self.trusted) = (account, None);
            // What another account held is not this one's.
            self.held.clear();
        }
    }

    /// What a command leaves on its way is to be left here.
    pub(super) fn trail(&self, of: Of) -> Trail {
        self.open.get(&of).map(|open| open.trail.clone()).unwrap_or_default()
    }

    pub(super) fn act(&self, by: By, kind: Kind, how: How, at: DateTime<Utc>) -> Act {
        Act::new(at, &self.account, by, kind, how)
    }

    /// Something happened that nobody here did.
    pub(super) fn seen(&self, kind: Kind, topic: Option<&TopicId>, at: DateTime<Utc>) -> Act {
        Act { topic: topic.cloned(), ..self.act(By::Grid, kind, How::Seen, at) }
    }

    /// A command was taken. Nothing for one that changes nothing outside; with what it belongs to where something is to come
    /// of it.
    pub(super) fn begun(
        &mut self,
        command: &Command,
        topics: &Directory,
        now: DateTime<Utc>,
    ) -> (Vec<Act>, Option<Of>) {
        let mut acts = match command {
            Command::Know(known) => self.trusts(known, now),
            Command::Connect(login) => {
                self.account(&login.jid);
                self.trusts(&login.policy.known, now)
            }
            command => self.acts(command, topics, now),
        };
        self.identify(&mut acts);
        let of = command.request().filter(|_| !acts.is_empty()).map(Of::Command);
        if let Some(of) = of {
            drop(self.open.insert(of, Open { acts: acts.clone(), trail: Trail::default() }));
        }
        (acts, of)
    }

    /// Something is about to be done without anybody's hand.
    pub(super) fn begins(&mut self, own: &Own, now: DateTime<Utc>) -> (Vec<Act>, Of) {
        let act = |kind, topic: &TopicId, held: &Held| {
            let act = Act { topic: Some(topic.clone()), ..self.act(By::Rule, kind, How::Begun, now) };
            Act { subject: held.jid.to_string(), before: Token::Subscribed.text(), ..act }
        };
        let act = match own {
            Own::End { topic, held } => Act { words: Token::Ghost.text(), ..act(Kind::Unsubscribe, topic, held) },
            Own::Collect { topic, held, changes, .. } => {
                Act { words: told(changes), ..act(Kind::Subscribe, topic, held) }
            }
        };
        let mut acts = vec![act];
        self.identify(&mut acts);
        self.owned += 1;
        let of = Of::Own(self.owned);
        drop(self.open.insert(of, Open { acts: acts.clone(), trail: Trail::default() }));
        (acts, of)
    }

    /// What was begun by this console itself and has no answer: it can have none any more.
    pub(super) fn owns(&self) -> Vec<Of> {
        let mut all: Vec<Of> = self.open.keys().copied().filter(|of| matches!(of, Of::Own(_))).collect();
        all.sort_unstable();
        all
    }

    /// Holding it, taking it back and doing it are one act. Of a change of many the first stands for all while it is held.
    fn identify(&mut self, acts: &mut [Act]) {
        let about = |act: &Act| Some((act.kind, act.topic.clone()?, act.subject.clone()));
        let known = acts.iter().filter_map(about).find_map(|about| self.held.remove(&about));
        let id = match &known {
            Some(held) => held.id.clone(),
            None => crate::xmpp::iq::random_id().unwrap_or_default(),
        };
        for act in acts {
            act.id.clone_from(&id);
            if let Some(held) = known.as_ref().filter(|_| act.how == How::Begun) {
                act.by = held.by;
                if act.reason.is_empty() {
                    act.reason.clone_from(&held.reason);
                }
            }
            if let Some(about) = about(act).filter(|_| act.how == How::Held && self.held.len() < HELD) {
                drop(self.held.insert(about, act.clone()));
            }
        }
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
                let again = if terms.sent { Token::Again.word() } else { "" };
                // What was published can be held against it; what it says is not in the log.
                let words = format!("bytes={}; sha256={}", payload.len(), text::hex(&Sha256::digest(payload)));
                let words = joined(again, &words);
                let reason = terms.reason.clone();
                vec![Act { subject: item.0.clone(), words, reason, ..act(Kind::Publish, topic) }]
            }
            Command::Retract { topic, item, .. } => {
                vec![Act { subject: item.0.clone(), before: Token::Published.text(), ..act(Kind::Retract, topic) }]
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
                let (kind, after) = if *allow { (Kind::Approve, Token::Subscribed) } else { (Kind::Deny, Token::None) };
                let (before, after) = (Token::Pending.text(), after.text());
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
            Command::Configure { topic, changes, reason, .. } => {
                vec![Act { after: told(changes), reason: reason.clone(), ..act(Kind::Configure, topic) }]
            }
            Command::Purge { topic, .. } => vec![act(Kind::Purge, topic)],
            Command::Delete { topic, redirect, .. } => {
                vec![Act { after: redirect.clone().unwrap_or_default(), ..act(Kind::Delete, topic) }]
            }
            Command::Held { kind, by, topic, subject, reason, undone } => {
                let how = if *undone { How::Undone } else { How::Held };
                vec![Act { subject: subject.clone(), reason: reason.clone(), how, by: *by, ..act(*kind, topic) }]
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
    pub(super) fn done(&mut self, of: Of, result: &Result<Receipt, Error>, now: DateTime<Utc>) -> Vec<Act> {
        let Some(Open { acts, trail }) = self.open.remove(&of) else { return Vec::new() };
        let listed = Listed::of(result);
        let settle = |act: Act| {
            let before = trail.before(&act.subject).unwrap_or_else(|| act.before.clone());
            let stanzas = trail.stanzas(&act.subject);
            let act = Act { at: now, before, stanzas, ..act };
            match result {
                Ok(receipt) => settled(act, receipt, &listed),
                Err(error) => {
                    // Something left, and whether it was done nobody said.
                    let unsure = error.fate() == Fate::Open { unsure: true } || error.is_afterwards();
                    let unknown = matches!(error, Error::Unconfirmed { .. }) || (unsure && !act.stanzas.is_empty());
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
    let only = |done: bool| if done { How::Done } else { How::Refused };
    match receipt {
        Receipt::Subscribed => Act { after: Token::Subscribed.text(), ..act },
        Receipt::Asked => Act { after: Token::Pending.text(), ..act },
        Receipt::Unsubscribed => Act { after: Token::None.text(), ..act },
        // The broker may have named it otherwise.
        Receipt::Published(item) => Act { subject: item.0.clone(), after: Token::Published.text(), ..act },
        Receipt::Retracted(_) => Act { after: Token::Retracted.text(), ..act },
        Receipt::Changed { .. } | Receipt::Revoked(_) => {
            let is = listed.standings.get(&act.subject).cloned().unwrap_or_else(|| Token::None.text());
            Act { how: only(!listed.refused.contains(&act.subject)), after: is, ..act }
        }
        Receipt::Configured(saved) => Act { after: became(saved), how: only(any_kept(saved)), ..act },
        Receipt::Created(created) => match &**created {
            Created::Whole(saved) => Act { after: became(saved), ..act },
            // It stands with the broker's own settings.
            Created::Bare { .. } => Act { after: String::new(), words: joined(&act.words, Token::Bare.word()), ..act },
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
        let is = all.entry(who).or_insert_with(|| Token::None.text());
        let token = if pending { Token::Pending } else { Token::Subscribed };
        is.extend([", ", token.word()]);
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
        record.begun(command, &Directory::default(), DateTime::UNIX_EPOCH).0
    }

    fn of(request: u64) -> Of {
        Of::Command(RequestId(request))
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
        record.trail(of(7)).sent("a91");
        let now = DateTime::from_timestamp(9, 0).unwrap();
        let last = record.done(of(7), &Ok(Receipt::Approved), now).remove(0);
        assert_eq!((last.how, last.at, &last.id), (How::Done, now, &first.id));
        assert_eq!((last.before.as_str(), last.after.as_str()), ("pending", "subscribed"));
        assert_eq!(last.stanzas, ["a91"]);
        assert!(record.done(of(7), &Ok(Receipt::Approved), now).is_empty(), "once");
        assert!(begun(&mut record, &Command::Members { request: RequestId(8), topic: topic() }).is_empty());
    }

    fn held(by: By, undone: bool) -> Command {
        let (subject, reason) = ("soc@blue.example".to_owned(), "MoU 14".to_owned());
        Command::Held { kind: Kind::Approve, by, topic: topic(), subject, reason, undone }
    }

    fn decide() -> Command {
        let subscriber = "soc@blue.example".parse().unwrap();
        Command::Decide { request: RequestId(7), topic: topic(), subscriber, allow: true, words: None }
    }

    #[test]
    fn what_a_rule_held_is_the_rules_when_it_leaves() {
        let mut record = record();
        let by = |record: &mut Record, command: &Command| begun(record, command).remove(0).by;
        assert_eq!(by(&mut record, &held(By::Rule, false)), By::Rule);
        assert_eq!(by(&mut record, &decide()), By::Rule);
        assert_eq!(by(&mut record, &decide()), By::Person, "once");
        // Taken back, a person may decide it.
        let _ = begun(&mut record, &held(By::Rule, false));
        let _ = begun(&mut record, &held(By::Person, true));
        assert_eq!(by(&mut record, &decide()), By::Person);
        // Another account's is not this one's.
        let _ = begun(&mut record, &held(By::Rule, false));
        record.account(&"other@grid.example".parse().unwrap());
        assert_eq!(by(&mut record, &decide()), By::Person);
    }

    #[test]
    fn a_held_act_its_undoing_and_its_doing_are_one() {
        let mut record = record();
        let first = begun(&mut record, &held(By::Person, false)).remove(0);
        let undone = begun(&mut record, &held(By::Person, true)).remove(0);
        let second = begun(&mut record, &held(By::Person, false)).remove(0);
        let sent = begun(&mut record, &decide()).remove(0);
        let done = record.done(of(7), &Ok(Receipt::Approved), DateTime::UNIX_EPOCH).remove(0);
        assert!(first.id == undone.id && second.id == sent.id && sent.id == done.id, "{first:?} {sent:?}");
        assert_ne!(first.id, second.id, "another act");
        // The requester is told nothing of why; the log is.
        assert_eq!((sent.reason.as_str(), done.reason.as_str()), ("MoU 14", "MoU 14"));
    }

    #[test]
    fn a_publication_held_undone_or_done_is_one_act_as_an_owners_is() {
        let mut record = record();
        let held = |kind, undone| Command::Held {
            kind,
            by: By::Person,
            topic: topic(),
            subject: "i".to_owned(),
            reason: "agreed".to_owned(),
            undone,
        };
        let item = || ItemId("i".to_owned());
        for kind in [Kind::Publish, Kind::Retract] {
            let first = begun(&mut record, &held(kind, false)).remove(0);
            let undone = begun(&mut record, &held(kind, true)).remove(0);
            assert_eq!((&first.id, undone.how), (&undone.id, How::Undone));
            let second = begun(&mut record, &held(kind, false)).remove(0);
            let (request, topic, item) = (RequestId(7), topic(), item());
            let command = match kind {
                Kind::Publish => {
                    let (payload, terms) = (b"<a/>"[..].into(), Terms::default());
                    Command::Publish { request, topic, item: item.clone(), payload, terms }
                }
                _ => Command::Retract { request, topic, item: item.clone() },
            };
            let sent = begun(&mut record, &command).remove(0);
            let receipt = if kind == Kind::Publish { Receipt::Published(item) } else { Receipt::Retracted(item) };
            let done = record.done(of(7), &Ok(receipt), DateTime::UNIX_EPOCH).remove(0);
            assert!(second.id == sent.id && sent.id == done.id && first.id != second.id, "{sent:?}");
            assert_eq!((sent.kind, done.how, done.reason.as_str()), (kind, How::Done, "agreed"));
        }
    }

    #[test]
    fn a_publication_leaves_its_digest_and_no_word_of_it() {
        let mut record = record();
        let payload: Arc<[u8]> = b"<a>198.51.100.7</a>"[..].into();
        let item = ItemId("i".to_owned());
        let (request, terms) = (RequestId(1), Terms::default());
        let acts = begun(&mut record, &Command::Publish { request, topic: topic(), item, payload, terms });
        assert!(acts[0].words.starts_with("bytes=19; sha256=") && !format!("{acts:?}").contains("198.51"));
        // Sent, and the session ended: nobody knows.
        record.trail(of(1)).sent("x");
        let done = record.done(of(1), &Err(Error::Offline), DateTime::UNIX_EPOCH).remove(0);
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
                record.trail(of(4)).sent("x");
            }
            let done = record.done(of(4), &Err(error.clone()), DateTime::UNIX_EPOCH).remove(0);
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
            record.trail(of(3)).found(&who.to_string(), &was);
        }
        let after = Members { affiliations: vec![], subscribers: vec![], unreadable: 0 };
        let receipt = Receipt::Changed { members: Arc::new(after), refused: vec![other] };
        let done = record.done(of(3), &Ok(receipt), DateTime::UNIX_EPOCH);
        let told: Vec<_> = done.iter().map(|act| (act.how, act.before.as_str(), act.after.as_str())).collect();
        assert_eq!(told, [(How::Done, "member, subscribed", "none"), (How::Refused, "none", "none")]);
    }
}
