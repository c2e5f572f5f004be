//! Who will get a report: the subscribers where I may see them, else those of whom it is known that they have to do with the
//! topic; for whom it is; who is new since I last published there, and whose address should be looked at twice (`product.md`
//! C3).
//!
//! Uses `model` and `text`. It is what is known at this moment, and never a promise.

use std::collections::{BTreeMap, BTreeSet};

use super::meant::{Kind, Meant};
use crate::model::{Access, Affiliation, BareJid, Jid, Topic};
use crate::text;

/// What an owner may read of a topic (XEP-0060 §8.8, §8.9).
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    pub affiliations: &'a [(Jid, Affiliation)],
    /// Each with whether it waits for an owner.
    pub subscribers: &'a [(Jid, bool)],
}

/// What is known beside it.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    pub me: &'a BareJid,
    /// Who it was when I last published there; `None` where I never did.
    pub last: Option<&'a BTreeSet<BareJid>>,
    /// Who published there, as far as it is stored here.
    pub publishers: &'a [BareJid],
    /// What is kept of the topic.
    pub kept: Option<&'a Kind>,
}

/// How much of it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The broker's own list.
    Listed,
    /// Those who have to do with the topic; it has so many subscribers by its own word.
    Estimated { subscribers: Option<u32> },
}

/// What somebody is on the topic; what comes first counts where somebody is several things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Subscriber,
    Owner,
    Publisher,
    /// May subscribe at any time.
    Member,
}

/// Why an address should be looked at twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Odd {
    /// Its domain looks like this other one.
    LooksLike(String),
    /// It mixes scripts that no language writes together.
    Mixed,
    /// Nobody else here is of its domain, and it was not here before.
    Lone,
}

impl From<text::Strange> for Odd {
    fn from(strange: text::Strange) -> Self {
        match strange {
            text::Strange::LooksLike(other) => Self::LooksLike(other),
            text::Strange::Mixed => Self::Mixed,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    pub jid: BareJid,
    pub part: Part,
    /// Was not there when I last published here.
    pub new: bool,
    pub odd: Option<Odd>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience {
    /// By domain, then by name. I am not among them.
    pub readers: Vec<Reader>,
    pub known: Known,
    /// Anybody may read there, known or not.
    pub anybody: bool,
    /// I never published here.
    pub first: bool,
    /// The strictest that a report may be which goes there.
    pub meant: Meant,
}

impl Audience {
    #[must_use]
    pub fn of(topic: &Topic, listed: Option<Listed<'_>>, around: Around<'_>) -> Self {
        let mut parts: BTreeMap<(String, BareJid), Part> = BTreeMap::new();
        let mut add = |jid: &BareJid, part: Part| {
            if jid != around.me {
                let known = parts.entry((jid.domain().to_owned(), jid.clone())).or_insert(part);
                *known = part.min(*known);
            }
        };
        if let Some(listed) = listed {
            for (jid, _) in listed.subscribers.iter().filter(|(_, waits)| !waits) {
                add(jid.bare(), Part::Subscriber);
            }
            for (jid, affiliation) in listed.affiliations {
                match affiliation {
                    Affiliation::Owner => add(jid.bare(), Part::Owner),
                    Affiliation::Publisher => add(jid.bare(), Part::Publisher),
                    Affiliation::Member => add(jid.bare(), Part::Member),
                    Affiliation::PublishOnly | Affiliation::None | Affiliation::Outcast | Affiliation::Other(_) => {}
                }
            }
        } else {
            topic.owners.iter().for_each(|jid| add(jid.bare(), Part::Owner));
            topic.publishers.iter().for_each(|jid| add(jid.bare(), Part::Publisher));
            around.publishers.iter().for_each(|jid| add(jid, Part::Publisher));
        }
        let known = listed.map_or(Known::Estimated { subscribers: topic.subscribers }, |_| Known::Listed);
        let readers = readers(&parts, topic, around);
        let meant = Meant::of(&topic.access, around.kept);
        Self { readers, known, anybody: is_open(&topic.access), first: around.last.is_none(), meant }
    }

    /// Who it is, to be compared the next time.
    #[must_use]
    pub fn who(&self) -> BTreeSet<BareJid> {
        self.readers.iter().map(|reader| reader.jid.clone()).collect()
    }

    pub fn arrived(&self) -> impl Iterator<Item = &Reader> {
        self.readers.iter().filter(|reader| reader.new)
    }

    pub fn odd(&self) -> impl Iterator<Item = (&Reader, &Odd)> {
        self.readers.iter().filter_map(|reader| reader.odd.as_ref().map(|odd| (reader, odd)))
    }
}

/// Whether who reads is for nobody to decide (RFC 8600 §8.3.4 wants `authorize` or `whitelist`).
#[must_use]
pub fn is_open(access: &Access) -> bool {
    match access {
        Access::Authorize | Access::Whitelist => false,
        Access::Open | Access::Presence | Access::Roster | Access::Other(_) | Access::Unsaid => true,
    }
}

fn readers(parts: &BTreeMap<(String, BareJid), Part>, topic: &Topic, around: Around<'_>) -> Vec<Reader> {
    let mut crowd: BTreeMap<&str, usize> = BTreeMap::new();
    for (domain, _) in parts.keys() {
        *crowd.entry(domain).or_default() += 1;
    }
    let mine = around.me.domain();
    let hosts: BTreeSet<&str> = topic.owners.iter().chain(&topic.publishers).map(|jid| jid.bare().domain()).collect();
    // Where two look alike the one that was here first, or that more are of, is the one that is looked like.
    let weight = |domain: &str| {
        let before = around.last.is_some_and(|last| last.iter().any(|jid| jid.domain() == domain));
        (
            domain == mine || hosts.contains(domain),
            before,
            crowd.get(domain).copied().unwrap_or_default(),
            domain.is_ascii(),
        )
    };
    let own = |domain: &str| (domain.to_owned(), weight(domain));
    let looks = text::Looks::of(crowd.keys().copied().chain(std::iter::once(mine)).map(own));
    let odd = |domain: &str, jid: &BareJid| match looks.strange(domain, &jid.to_string()) {
        Some(strange) => Some(Odd::from(strange)),
        None => {
            let (host, before, crowd, _) = weight(domain);
            (!host && !before && crowd == 1).then_some(Odd::Lone)
        }
    };
    let reader = |((domain, jid), part): (&(String, BareJid), &Part)| Reader {
        jid: jid.clone(),
        part: *part,
        new: around.last.is_some_and(|last| !last.contains(jid)),
        odd: odd(domain, jid),
    };
    parts.iter().map(reader).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TopicId;

    fn jid(text: &str) -> BareJid {
        text.parse().unwrap()
    }

    fn topic(access: Access) -> Topic {
        let id = TopicId { broker: jid("broker.grid.example"), node: "n".to_owned() };
        let owners = vec!["owner@host.example/desk".parse().unwrap()];
        Topic { access, owners, subscribers: Some(7), ..Topic::bare(id) }
    }

    #[test]
    fn an_owner_sees_who_it_is_and_who_is_new() {
        let affiliations: Vec<(Jid, Affiliation)> = vec![
            ("owner@host.example".parse().unwrap(), Affiliation::Owner),
            ("quiet@host.example".parse().unwrap(), Affiliation::Member),
            ("gone@host.example".parse().unwrap(), Affiliation::Outcast),
        ];
        let subscribers: Vec<(Jid, bool)> = vec![
            ("soc@blue.example/one".parse().unwrap(), false),
            ("soc@blue.example/two".parse().unwrap(), false),
            ("waits@red.example".parse().unwrap(), true),
            ("me@host.example/x".parse().unwrap(), false),
            ("fresh@other.example".parse().unwrap(), false),
        ];
        let last = BTreeSet::from([jid("soc@blue.example"), jid("owner@host.example")]);
        let me = jid("me@host.example");
        let around = Around { me: &me, last: Some(&last), publishers: &[], kept: None };
        let listed = Listed { affiliations: &affiliations, subscribers: &subscribers };
        let audience = Audience::of(&topic(Access::Authorize), Some(listed), around);
        let told: Vec<_> = audience.readers.iter().map(|r| (r.jid.to_string(), r.part, r.new, r.odd.clone())).collect();
        assert_eq!(
            told,
            [
                ("soc@blue.example".to_owned(), Part::Subscriber, false, None),
                ("owner@host.example".to_owned(), Part::Owner, false, None),
                ("quiet@host.example".to_owned(), Part::Member, true, None),
                ("fresh@other.example".to_owned(), Part::Subscriber, true, Some(Odd::Lone)),
            ]
        );
        assert_eq!((audience.known, audience.anybody, audience.first), (Known::Listed, false, false));
    }

    #[test]
    fn others_estimate_and_say_so() {
        let me = jid("me@host.example");
        let publishers = [jid("csirt@blue.example"), me.clone()];
        let around = Around { me: &me, last: None, publishers: &publishers, kept: None };
        let audience = Audience::of(&topic(Access::Open), None, around);
        let who: Vec<_> = audience.who().iter().map(ToString::to_string).collect();
        assert_eq!(who, ["csirt@blue.example", "owner@host.example"]);
        assert_eq!(audience.known, Known::Estimated { subscribers: Some(7) });
        assert!(audience.anybody && audience.first && audience.arrived().next().is_none());
    }

    #[test]
    fn domains_that_look_like_others_are_told() {
        let me = jid("me@milehost.example");
        let subscribers: Vec<(Jid, bool)> = [
            "a@rnilehost.example",
            "b@miIehost.example",
            "c@mіlehost.example",
            "d@milehost.example",
            "e@plain.example",
        ]
        .iter()
        .map(|text| (text.parse().unwrap(), false))
        .collect();
        let around = Around { me: &me, last: None, publishers: &[], kept: None };
        let listed = Listed { affiliations: &[], subscribers: &subscribers };
        let audience = Audience::of(&topic(Access::Whitelist), Some(listed), around);
        let odd: Vec<_> = audience.odd().map(|(reader, odd)| (reader.jid.local().unwrap(), odd.clone())).collect();
        let alike = |who| (who, Odd::LooksLike("milehost.example".to_owned()));
        assert!(odd.contains(&alike("a")) && odd.contains(&alike("c")), "{odd:?}");
        assert!(odd.contains(&("e", Odd::Lone)) && !odd.iter().any(|(who, _)| *who == "d"), "{odd:?}");
    }
}
