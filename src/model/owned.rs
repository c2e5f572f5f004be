//! What an owner sees of a topic and says about it (XEP-0060 §8): who asks, who is what, how it is set up, and the words
//! that travel beside a request or a decision.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{Access, Affiliation, BareJid, Jid, Say, TopicId};

/// What a message about access says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Act {
    /// I would like to read the topic.
    Asks,
    Approved,
    Denied,
    /// An owner wants to know something first.
    Question,
    Revoked,
}

impl Act {
    pub const ALL: [Self; 5] = [Self::Asks, Self::Approved, Self::Denied, Self::Question, Self::Revoked];

    /// The wire's word.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Asks => "asks",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Question => "question",
            Self::Revoked => "revoked",
        }
    }

    #[must_use]
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.token() == token)
    }
}

/// What a person says beside a request or a decision. It travels in a message of its own, whose `body` is for clients that
/// know nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Words {
    /// What was typed: a reason, a question, who one is. May be empty.
    pub note: String,
    /// All of it in a sentence, for a person.
    pub body: String,
    /// How long what was granted holds.
    pub until: Option<DateTime<Utc>>,
}

impl Words {
    /// Longest note and body, in characters.
    pub const MOST: usize = 2_000;
}

impl fmt::Debug for Words {
    /// What people tell each other stays out of debug output.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({} characters)", self.note.chars().count())
    }
}

/// What somebody said to me about access to a topic. Only the sender's account is certain.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    pub topic: TopicId,
    pub from: BareJid,
    pub act: Act,
    /// Remote text.
    pub note: String,
    pub until: Option<DateTime<Utc>>,
    pub at: DateTime<Utc>,
    /// The topic names the sender as its owner. Where it names nobody this is false, and nothing is known.
    pub owner: bool,
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Said({} {:?} on {})", self.from, self.act, self.topic)
    }
}

/// A subscription request that waits for my decision (XEP-0060 §8.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    pub topic: TopicId,
    pub subscriber: BareJid,
    /// When this console first saw it; the broker does not say when it was made.
    pub seen: DateTime<Utc>,
    /// What the requester wrote beside it.
    pub said: Option<Said>,
}

/// Who is what on a topic, as its broker lists it for an owner.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Members {
    pub affiliations: Vec<(Jid, Affiliation)>,
    pub subscribers: Vec<Subscriber>,
    /// Entries of both lists that could not be read.
    pub unreadable: u32,
}

impl fmt::Debug for Members {
    /// There may be ten thousand.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (who, readers) = (self.affiliations.len(), self.subscribers.len());
        write!(f, "Members({who} affiliations, {readers} subscriptions, {} unreadable)", self.unreadable)
    }
}

impl Members {
    /// What an account is there.
    #[must_use]
    pub fn affiliation(&self, who: &BareJid) -> &Affiliation {
        let own = self.affiliations.iter().find(|(jid, _)| jid.bare() == who);
        own.map_or(&Affiliation::None, |(_, affiliation)| affiliation)
    }

    /// The subscriptions of an account, those that wait too.
    pub fn subscriptions(&self, who: &BareJid) -> impl Iterator<Item = &Subscriber> {
        self.subscribers.iter().filter(move |own| own.jid.bare() == who)
    }
}

/// One subscription of a topic; an account can have several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscriber {
    pub jid: Jid,
    pub subid: Option<String>,
    /// Waits for an owner. Not every broker lists those (`engine.md` §4).
    pub pending: bool,
}

/// What both lists said of one account before a revocation and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub account: BareJid,
    pub was: Affiliation,
    pub is: Affiliation,
    /// Subscriptions it had.
    pub had: Vec<Subscriber>,
    /// And has still.
    pub has: Vec<Subscriber>,
}

/// What came of taking accounts' rights away: each list as it was read afterwards.
#[derive(Clone, PartialEq, Eq)]
pub struct Revoked {
    pub topic: TopicId,
    /// What they were to become: `none` or `outcast`.
    pub to: Affiliation,
    pub proofs: Vec<Proof>,
    /// Who may read the topic at all, as it said afterwards.
    pub access: Access,
    pub members: Members,
    /// When both lists had been read again.
    pub at: DateTime<Utc>,
    /// What the broker complained of on the way, though it may have done it (`engine.md` §4).
    pub complaint: Option<Say>,
}

impl fmt::Debug for Revoked {
    /// Of the many those of which it is not proven are named, as far as they are few.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = self.proofs.iter().filter(|proof| !self.is_proven(proof));
        let (all, open) = (self.proofs.len(), open.map(|proof| proof.account.to_string()).collect::<Vec<_>>());
        let some = open.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(" ");
        let topic = &self.topic;
        write!(f, "Revoked({topic}, {all} accounts, {} not proven: {some}; {:?})", open.len(), self.members)
    }
}

impl Revoked {
    /// Whether both lists show that this account reads no more, and cannot again. Lists of which an entry could not be read
    /// prove nothing: it may be the account's. Where anybody may read, only an outcast may not.
    #[must_use]
    pub fn is_proven(&self, proof: &Proof) -> bool {
        let closed = matches!(self.access, Access::Authorize | Access::Whitelist) || proof.is == Affiliation::Outcast;
        proof.has.is_empty() && proof.is == self.to && closed && self.members.unreadable == 0
    }

    /// Whether they show it of every account.
    #[must_use]
    pub fn proven(&self) -> bool {
        self.proofs.iter().all(|proof| self.is_proven(proof))
    }
}

/// How a setting is answered (XEP-0004 §3.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    Truth,
    #[default]
    Line,
    Lines,
    One,
    Many,
    Address,
    Addresses,
    /// Nothing a person sees.
    Hidden,
}

/// One setting of a topic as its broker asks for it. All text is the broker's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    pub var: String,
    pub form: Form,
    pub label: Option<String>,
    pub required: bool,
    pub values: Vec<String>,
    /// (label, value)
    pub options: Vec<(Option<String>, String)>,
}

impl Setting {
    /// Whether two answers to this setting mean the same.
    #[must_use]
    pub fn same(&self, one: &[String], other: &[String]) -> bool {
        let truth = |values: &[String]| match values.first().map(|value| value.trim()) {
            Some("1" | "true") => Some(true),
            Some("0" | "false") => Some(false),
            _ => None,
        };
        let plain = |values: &[String]| -> Vec<String> {
            let all = values.iter().map(|value| value.trim().to_owned());
            all.filter(|value| !value.is_empty()).collect()
        };
        match self.form {
            Form::Truth => truth(one) == truth(other),
            Form::Many | Form::Addresses => {
                let (mut one, mut other) = (plain(one), plain(other));
                one.sort_unstable();
                other.sort_unstable();
                one == other
            }
            _ => plain(one) == plain(other),
        }
    }
}

/// How a topic is set up, or would be: the broker's own form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub fields: Vec<Setting>,
}

impl Settings {
    #[must_use]
    pub fn get(&self, var: &str) -> Option<&Setting> {
        self.fields.iter().find(|field| field.var == var)
    }

    /// The first value of a setting.
    #[must_use]
    pub fn value(&self, var: &str) -> Option<&str> {
        self.get(var)?.values.first().map(String::as_str)
    }
}

/// What a setting is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub var: String,
    pub values: Vec<String>,
}

impl Answer {
    #[must_use]
    pub fn new(var: &str, value: impl Into<String>) -> Self {
        Self { var: var.to_owned(), values: vec![value.into()] }
    }
}

/// What the broker made of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Came {
    Kept,
    /// Something else than was and than was wished: a limit of the broker's own.
    Changed,
    /// As it was before; the broker said nothing.
    Ignored,
    /// The broker has no such setting.
    Unknown,
}

/// One wish, and what the broker's own form shows afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    pub var: String,
    pub was: Vec<String>,
    pub wished: Vec<String>,
    pub is: Vec<String>,
    pub came: Came,
}

/// What was saved, read again from the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    pub settings: Settings,
    pub fates: Vec<Fate>,
}

impl Saved {
    /// Compares what was wished with what is, and names what else is no longer as it was. Before a topic was made there was
    /// nothing.
    #[must_use]
    pub fn compare(before: Option<&Settings>, wishes: &[Answer], after: Settings) -> Self {
        let fate = |wish: &Answer| {
            let was = before.and_then(|before| before.get(&wish.var));
            let was = was.map(|field| field.values.clone()).unwrap_or_default();
            let (is, came) = match after.get(&wish.var) {
                None => (Vec::new(), Came::Unknown),
                Some(field) if field.same(&field.values, &wish.values) => (field.values.clone(), Came::Kept),
                Some(field) if before.is_some() && field.same(&field.values, &was) => {
                    (field.values.clone(), Came::Ignored)
                }
                Some(field) => (field.values.clone(), Came::Changed),
            };
            Fate { var: wish.var.clone(), was, wished: wish.values.clone(), is, came }
        };
        let mut fates: Vec<Fate> = wishes.iter().map(fate).collect();
        for was in before.map_or(&[][..], |before| &before.fields) {
            let wished = wishes.iter().any(|wish| wish.var == was.var);
            if let Some(is) = after.get(&was.var).filter(|is| !wished && !is.same(&is.values, &was.values)) {
                let (var, values) = (was.var.clone(), was.values.clone());
                let is = is.values.clone();
                fates.push(Fate { var, was: values.clone(), wished: values, is, came: Came::Changed });
            }
        }
        Self { fates, settings: after }
    }

    /// Whether every wish was granted.
    #[must_use]
    pub fn whole(&self) -> bool {
        self.fates.iter().all(|fate| fate.came == Came::Kept)
    }
}

/// What stands after a topic was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// Made and set up; what the broker kept of the wishes is in it.
    Whole(Saved),
    /// Made, but the settings were not taken: it stands with the broker's own, which may let anybody read. To be set up
    /// again, or deleted.
    Bare { why: Say },
}

/// What would be lost with a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stock {
    /// Accounts that read it.
    pub subscribers: u32,
    /// And that wait for an owner, where the broker lists those.
    pub pending: u32,
    pub owners: u32,
    /// Stored items; `None` where the broker does not say.
    pub items: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(fields: &[(&str, Form, &[&str])]) -> Settings {
        let field = |(var, form, values): &(&str, Form, &[&str])| Setting {
            var: (*var).to_owned(),
            form: *form,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            ..Setting::default()
        };
        Settings { fields: fields.iter().map(field).collect() }
    }

    #[test]
    fn what_was_kept_changed_ignored_and_unknown() {
        let before = settings(&[
            ("title", Form::Line, &["Old"]),
            ("most", Form::Line, &["10"]),
            ("persist", Form::Truth, &["1"]),
            ("groups", Form::Many, &["b", "a"]),
            ("deliver", Form::Truth, &["1"]),
        ]);
        let after = settings(&[
            ("title", Form::Line, &["New"]),
            ("most", Form::Line, &["256"]),
            ("persist", Form::Truth, &["true"]),
            ("groups", Form::Many, &["a", "b"]),
            ("deliver", Form::Truth, &["1"]),
        ]);
        let both = vec!["b".to_owned(), "a".to_owned()];
        let wishes = [
            Answer::new("title", " New "),
            Answer::new("most", "100000"),
            Answer::new("persist", "1"),
            Answer { var: "groups".to_owned(), values: both },
            Answer::new("deliver", "0"),
            Answer::new("expire", "60"),
        ];
        let saved = Saved::compare(Some(&before), &wishes, after.clone());
        let came: Vec<Came> = saved.fates.iter().map(|fate| fate.came).collect();
        assert_eq!(came, [Came::Kept, Came::Changed, Came::Kept, Came::Kept, Came::Ignored, Came::Unknown]);
        assert!(!saved.whole());
        let only = settings(&[("title", Form::Line, &["New"])]);
        assert!(Saved::compare(Some(&before), &wishes[..1], only).whole());
        // What nobody wished and is another now is named too.
        let aside = Saved::compare(Some(&before), &wishes[..1], settings(&[("most", Form::Line, &["5"])]));
        let fate = aside.fates.last().unwrap();
        assert_eq!((fate.var.as_str(), &fate.is, fate.came), ("most", &vec!["5".to_owned()], Came::Changed));
        // Of a new topic nothing was before: what differs was changed by the broker.
        let made = Saved::compare(None, &wishes[4..5], after);
        assert_eq!(made.fates[0].came, Came::Changed);
    }

    #[test]
    fn a_revocation_is_proven_by_both_lists_alone() {
        let topic = TopicId { broker: "b.example".parse().unwrap(), node: "n".to_owned() };
        let one = Subscriber { jid: "a@b.example/x".parse().unwrap(), subid: None, pending: false };
        let proof = Proof {
            account: "a@b.example".parse().unwrap(),
            was: Affiliation::Member,
            is: Affiliation::None,
            had: vec![one.clone()],
            has: Vec::new(),
        };
        let revoked = |proof: &Proof| Revoked {
            topic: topic.clone(),
            to: Affiliation::None,
            proofs: vec![proof.clone()],
            access: Access::Whitelist,
            members: Members::default(),
            at: DateTime::UNIX_EPOCH,
            complaint: None,
        };
        assert!(revoked(&proof).proven());
        assert!(!revoked(&Proof { has: vec![one], ..proof.clone() }).proven());
        assert!(!revoked(&Proof { is: Affiliation::Member, ..proof.clone() }).proven());
        // An entry that could not be read may be the account's own.
        let unread = Members { unreadable: 1, ..Members::default() };
        assert!(!Revoked { members: unread, ..revoked(&proof) }.proven());
        // Where anybody may read, or it is not said who may, being nothing there takes nothing away; being put out does.
        for access in [Access::Open, Access::Presence, Access::Unsaid] {
            assert!(!Revoked { access: access.clone(), ..revoked(&proof) }.proven(), "{access:?}");
            let out = Proof { is: Affiliation::Outcast, ..proof.clone() };
            assert!(Revoked { access, to: Affiliation::Outcast, ..revoked(&out) }.proven());
        }
    }
}
