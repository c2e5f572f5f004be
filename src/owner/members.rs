//! Who is what on a topic, and what does not fit: both lists of the broker side by side, with what is known of each account.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::grant::Grant;
use super::would::Would;
use crate::model::owned::{Members, Subscriber};
use crate::model::{Access, Affiliation, BareJid};
use crate::text::{Looks, Strange};

/// A publisher who published nothing for so long has gone quiet.
pub const QUIET: TimeDelta = TimeDelta::days(90);

/// What does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Put out, or never let in, and subscribed all the same: brokers go on delivering (`engine.md` §4).
    ReadsWithoutRight,
    /// Subscribed by the address of one session, which misses what comes while that one is away.
    OneSession,
    /// Subscribed more than once: everything comes twice.
    Twice,
    /// May read and does not.
    NotSubscribed,
    /// May publish, and has not for so long.
    Quiet(TimeDelta),
    Strange(Strange),
    /// What was granted is over.
    Over,
}

impl Flag {
    /// Whether somebody gets what is not for them, so that it should be ended now.
    #[must_use]
    pub fn is_grave(&self) -> bool {
        matches!(self, Self::ReadsWithoutRight | Self::Over)
    }
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub account: BareJid,
    pub affiliation: Affiliation,
    pub subscriptions: Vec<Subscriber>,
    /// The end of what was granted, where it has one.
    pub until: Option<DateTime<Utc>>,
    /// When it last published here, as far as it is stored.
    pub published: Option<DateTime<Utc>>,
    pub flags: Vec<Flag>,
}

impl Row {
    /// Whether it is subscribed, and not only waits.
    #[must_use]
    pub fn reads(&self) -> bool {
        self.subscriptions.iter().any(|own| !own.pending)
    }

    #[must_use]
    pub fn is_grave(&self) -> bool {
        self.flags.iter().any(Flag::is_grave)
    }
}

/// What is known beside the lists.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    pub access: &'a Access,
    /// Of this topic.
    pub grants: &'a [Grant],
    pub would: Option<&'a Would>,
    pub now: DateTime<Utc>,
}

/// The table: what is grave first, then what has any flag, each by domain and name.
#[must_use]
pub fn table(members: &Members, around: Around<'_>) -> Vec<Row> {
    let mut rows: BTreeMap<(&str, &BareJid), Row> = BTreeMap::new();
    let empty = |account: &BareJid| Row {
        account: account.clone(),
        affiliation: Affiliation::None,
        subscriptions: Vec::new(),
        until: None,
        published: None,
        flags: Vec::new(),
    };
    for (jid, affiliation) in &members.affiliations {
        let account = jid.bare();
        rows.entry((account.domain(), account)).or_insert_with(|| empty(account)).affiliation = affiliation.clone();
    }
    for own in &members.subscribers {
        let account = own.jid.bare();
        let row = rows.entry((account.domain(), account)).or_insert_with(|| empty(account));
        row.subscriptions.push(own.clone());
    }
    // An account that is nothing and has nothing is no member.
    rows.retain(|_, row| row.affiliation != Affiliation::None || !row.subscriptions.is_empty());
    let grants: HashMap<&BareJid, &Grant> = around.grants.iter().map(|grant| (&grant.account, grant)).collect();
    let mut crowd: BTreeMap<&str, usize> = BTreeMap::new();
    for (domain, _) in rows.keys() {
        *crowd.entry(domain).or_default() += 1;
    }
    let looks = Looks::of(crowd.iter().map(|(domain, count)| ((*domain).to_owned(), (*count, domain.is_ascii()))));
    let mut strange: BTreeMap<&str, Option<Strange>> = BTreeMap::new();
    let mut table: Vec<Row> = Vec::with_capacity(rows.len());
    for ((domain, account), mut row) in rows {
        let look = strange.entry(domain).or_insert_with(|| looks.strange(domain, domain)).clone();
        row.until = grants.get(account).and_then(|grant| grant.until);
        row.published = around.would.and_then(|would| would.publishers.get(account)).copied();
        row.flags = flags(&row, look, around);
        table.push(row);
    }
    table.sort_by_key(|row| (!row.is_grave(), row.flags.is_empty()));
    table
}

fn flags(row: &Row, strange: Option<Strange>, around: Around<'_>) -> Vec<Flag> {
    let mut flags = Vec::new();
    let excluded = matches!(
        (&row.affiliation, around.access),
        (Affiliation::Outcast | Affiliation::PublishOnly, _) | (Affiliation::None, Access::Whitelist)
    );
    if excluded && row.reads() {
        flags.push(Flag::ReadsWithoutRight);
    }
    if row.until.is_some_and(|until| until <= around.now) {
        flags.push(Flag::Over);
    }
    if row.subscriptions.iter().any(|own| own.jid.resource().is_some()) {
        flags.push(Flag::OneSession);
    }
    if row.subscriptions.len() > 1 {
        flags.push(Flag::Twice);
    }
    if row.affiliation == Affiliation::Member && row.subscriptions.is_empty() {
        flags.push(Flag::NotSubscribed);
    }
    // A publisher that never was seen to publish is quiet for as long as anything is stored.
    let never = || around.would.and_then(|would| would.first).filter(|_| row.affiliation != Affiliation::Owner);
    let quiet = row.published.or_else(never).map(|last| around.now - last).filter(|quiet| *quiet >= QUIET);
    if row.affiliation.may_publish() {
        flags.extend(quiet.map(Flag::Quiet));
    }
    flags.extend(strange.map(Flag::Strange));
    flags
}

/// The catalog key of what an account is.
#[must_use]
pub fn role_key(role: &Affiliation) -> &'static str {
    match role {
        Affiliation::Owner => "owner-role-owner",
        Affiliation::Publisher => "owner-role-publisher",
        Affiliation::PublishOnly => "owner-role-publish-only",
        Affiliation::Member => "owner-role-member",
        Affiliation::None => "owner-role-none",
        Affiliation::Outcast => "owner-role-outcast",
        Affiliation::Other(_) => "owner-role-other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TopicId;

    fn members(affiliations: &[(&str, Affiliation)], subscribers: &[&str]) -> Members {
        let one = |jid: &&str| Subscriber { jid: jid.parse().unwrap(), subid: None, pending: false };
        Members {
            affiliations: affiliations.iter().map(|(jid, is)| (jid.parse().unwrap(), is.clone())).collect(),
            subscribers: subscribers.iter().map(one).collect(),
            unreadable: 0,
        }
    }

    fn around<'a>(access: &'a Access, grants: &'a [Grant], would: Option<&'a Would>) -> Around<'a> {
        Around { access, grants, would, now: DateTime::UNIX_EPOCH + TimeDelta::days(400) }
    }

    #[test]
    fn what_does_not_fit_is_flagged_and_first() {
        let all = members(
            &[
                ("owner@grid.example", Affiliation::Owner),
                ("bad@red.example", Affiliation::Outcast),
                ("idle@blue.example", Affiliation::Member),
                ("old@pub.example", Affiliation::Publisher),
                ("silent@pub.example", Affiliation::Publisher),
                ("gone@none.example", Affiliation::None),
            ],
            &["bad@red.example", "plain@blue.example", "one@blue.example/desk", "one@blue.example"],
        );
        let last = DateTime::UNIX_EPOCH;
        let publishers = BTreeMap::from([
            ("old@pub.example".parse().unwrap(), last),
            ("owner@grid.example".parse().unwrap(), last + TimeDelta::days(399)),
        ]);
        let would = Would { publishers, first: Some(last + TimeDelta::days(300)), ..Would::default() };
        let topic = TopicId { broker: "b.example".parse().unwrap(), node: "n".to_owned() };
        let until = Some(DateTime::UNIX_EPOCH + TimeDelta::days(1));
        let over = Grant::new(topic, "plain@blue.example".parse().unwrap(), until, "", DateTime::UNIX_EPOCH);
        let table = table(&all, around(&Access::Authorize, std::slice::from_ref(&over), Some(&would)));
        let told: Vec<_> = table.iter().map(|row| (row.account.to_string(), row.flags.clone())).collect();
        let told: Vec<_> = told.iter().map(|(who, flags)| (who.as_str(), flags.as_slice())).collect();
        assert_eq!(
            told,
            [
                ("plain@blue.example", &[Flag::Over][..]),
                ("bad@red.example", &[Flag::ReadsWithoutRight]),
                ("idle@blue.example", &[Flag::NotSubscribed]),
                ("one@blue.example", &[Flag::OneSession, Flag::Twice]),
                ("old@pub.example", &[Flag::Quiet(TimeDelta::days(400))]),
                ("silent@pub.example", &[Flag::Quiet(TimeDelta::days(100))]),
                ("owner@grid.example", &[]),
            ]
        );
        // Of a whitelist, who is on no list reads without right; of `authorize` that is what approval leaves (ejabberd).
        let none = members(&[], &["plain@blue.example"]);
        assert_eq!(super::table(&none, around(&Access::Whitelist, &[], None))[0].flags, [Flag::ReadsWithoutRight]);
        assert_eq!(super::table(&none, around(&Access::Authorize, &[], None))[0].flags, []);
    }

    #[test]
    fn ten_thousand_members_are_one_table() {
        let affiliations: Vec<(String, Affiliation)> =
            (0..10_000).map(|at| (format!("m{at}@org{}.example", at % 700), Affiliation::Member)).collect();
        let named: Vec<(&str, Affiliation)> = affiliations.iter().map(|(who, is)| (who.as_str(), is.clone())).collect();
        let readers: Vec<&str> = named.iter().map(|(who, _)| *who).take(9_000).collect();
        let table = table(&members(&named, &readers), around(&Access::Authorize, &[], None));
        assert_eq!(table.len(), 10_000);
        assert_eq!(table.iter().filter(|row| row.flags.contains(&Flag::NotSubscribed)).count(), 1_000);
    }
}
