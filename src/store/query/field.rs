//! The one table of fields: names, what a value is, where its words are. Parser, completion and the reference read it.

use crate::model::ObservableKind;

/// A field of the filter language (`product.md` B3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    Topic,
    From,
    Csirt,
    Id,
    Rev,
    Purpose,
    Status,
    Severity,
    Impact,
    Confidence,
    Tlp,
    Action,
    Ip,
    Cidr,
    Asn,
    Port,
    Domain,
    Url,
    Hash,
    Email,
    Cve,
    File,
    Mac,
    Actor,
    Campaign,
    Method,
    Since,
    Until,
    On,
    Detected,
    Started,
    Lang,
    Size,
    Observables,
    Is,
    Has,
    Tag,
    Like,
    Xpath,
}

/// What a field's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Any text, compared whole, with `*` for any part of it.
    Text,
    /// As text; these are the usual ones.
    Choice(&'static [&'static str]),
    Severity,
    Tlp,
    Number,
    /// 0 to 100, or IODEF's words for it.
    Confidence,
    Size,
    Time,
    /// An address, a range of them, a network.
    Address,
    Network,
    Asn,
    Port,
    Domain,
    Url,
    Hash,
    Email,
    Cve,
    Mac,
    Is,
    Has,
    /// A number of a row.
    Row,
    Expression,
}

/// A line of the table.
#[derive(Debug)]
pub struct About {
    pub field: Field,
    /// The name it is written by.
    pub name: &'static str,
    /// What else is understood.
    pub aliases: &'static [&'static str],
    pub kind: Type,
    /// An incident has one value of it at most: two different ones exclude each other.
    pub single: bool,
    /// Catalog key of its words in the reference and in completion.
    pub help: &'static str,
    pub example: &'static str,
}

/// RFC 7970 §3.2, `Incident@purpose`.
const PURPOSES: &[&str] = &["traceback", "mitigation", "reporting", "watch", "other"];
/// RFC 7970 §3.2, `Incident@status`.
const STATUSES: &[&str] = &["new", "in-progress", "forwarded", "resolved", "future"];
/// RFC 7970 §3.17, `Expectation@action`.
const ACTIONS: &[&str] = &[
    "nothing",
    "contact-source-site",
    "contact-target-site",
    "contact-sender",
    "investigate",
    "block-host",
    "block-network",
    "block-port",
    "rate-limit-host",
    "rate-limit-network",
    "rate-limit-port",
    "redirect-traffic",
    "honeypot",
    "upgrade-software",
    "rebuild-asset",
    "harden-asset",
    "remediate-other",
    "status-triage",
    "status-new-info",
    "watch-and-report",
    "training",
    "defined-coa",
    "other",
];

macro_rules! fields {
    ($($field:ident $single:literal $name:literal [$($alias:literal),*] $kind:expr, $help:literal, $example:literal;)*) => {
        /// Every field, in the order of the reference.
        pub static FIELDS: &[About] = &[$(About {
            field: Field::$field,
            name: $name,
            aliases: &[$($alias),*],
            kind: $kind,
            single: $single,
            help: $help,
            example: $example,
        }),*];

        impl Field {
            #[must_use]
            pub fn about(self) -> &'static About {
                match self { $(Self::$field => const {
                    &About {
                        field: Field::$field,
                        name: $name,
                        aliases: &[$($alias),*],
                        kind: $kind,
                        single: $single,
                        help: $help,
                        example: $example,
                    }
                }),* }
            }
        }
    };
}

fields! {
    Topic true "topic" [] Type::Text, "query-field-topic", "topic:MILEHost";
    From true "from" ["publisher"] Type::Text, "query-field-from", "from:csirt@grid.example*";
    Csirt true "csirt" [] Type::Text, "query-field-csirt", "csirt:*.example";
    Id true "id" [] Type::Text, "query-field-id", "id:189493";
    Rev true "rev" [] Type::Number, "query-field-rev", "rev>1";
    Purpose true "purpose" [] Type::Choice(PURPOSES), "query-field-purpose", "purpose:mitigation";
    Status true "status" [] Type::Choice(STATUSES), "query-field-status", "status:new,in-progress";
    Severity true "severity" ["sev"] Type::Severity, "query-field-severity", "severity>=medium";
    Impact false "impact" [] Type::Text, "query-field-impact", "impact:takeover*";
    Confidence false "conf" ["confidence"] Type::Confidence, "query-field-conf", "conf>=50";
    Tlp true "tlp" ["restriction"] Type::Tlp, "query-field-tlp", "tlp>=amber";
    Action false "action" ["ask"] Type::Choice(ACTIONS), "query-field-action", "action:block-host";
    Ip false "ip" ["address"] Type::Address, "query-field-ip", "ip:192.0.2.1..192.0.2.99";
    Cidr false "cidr" ["net", "network"] Type::Network, "query-field-cidr", "cidr:192.0.2.0/24";
    Asn false "asn" ["as"] Type::Asn, "query-field-asn", "asn:64496..64511";
    Port false "port" [] Type::Port, "query-field-port", "port:22,3389";
    Domain false "domain" ["host", "fqdn"] Type::Domain, "query-field-domain", "domain:bad.example";
    Url false "url" ["uri", "link"] Type::Url, "query-field-url", "url:*/wp-login.php";
    Hash false "hash" ["md", "digest"] Type::Hash, "query-field-hash", "hash:d41d8cd9*";
    Email false "email" ["mail"] Type::Email, "query-field-email", "email:*@bad.example";
    Cve false "cve" [] Type::Cve, "query-field-cve", "cve:CVE-2024-*";
    File false "file" ["filename"] Type::Text, "query-field-file", "file:invoice*.exe";
    Mac false "mac" [] Type::Mac, "query-field-mac", "mac:02:00:5e:10:00:01";
    Actor false "actor" [] Type::Text, "query-field-actor", "actor:\"Example Bear\"";
    Campaign false "campaign" [] Type::Text, "query-field-campaign", "campaign:autumn*";
    Method false "method" [] Type::Text, "query-field-method", "method:*phishing*";
    Since false "since" ["after"] Type::Time, "query-field-since", "since:24h";
    Until false "until" ["before"] Type::Time, "query-field-until", "until:now-2h";
    On false "on" ["date"] Type::Time, "query-field-on", "on:2026-11-20";
    Detected true "detected" [] Type::Time, "query-field-detected", "detected:7d";
    Started true "started" [] Type::Time, "query-field-started", "started:2026-11-01..2026-11-20";
    Lang true "lang" [] Type::Text, "query-field-lang", "lang:de*";
    Size true "size" [] Type::Size, "query-field-size", "size>10k";
    Observables true "obs" ["observables"] Type::Number, "query-field-obs", "obs>=100";
    Is false "is" [] Type::Is, "query-field-is", "is:unread";
    Has false "has" [] Type::Has, "query-field-has", "has:ask";
    Tag false "tag" [] Type::Text, "query-field-tag", "tag:watchlist";
    Like false "like" [] Type::Row, "query-field-like", "like:4711";
    Xpath false "xpath" [] Type::Expression, "query-field-xpath", "xpath:\"//iodef:Counter[@type='byte']\"";
}

impl Field {
    /// The field of a name or an alias, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let own = |about: &&About| names(about).any(|known| known.eq_ignore_ascii_case(name));
        FIELDS.iter().find(own).map(|about| about.field)
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// Whether `<` and `>` mean something.
    #[must_use]
    pub fn is_ordered(self) -> bool {
        let plain =
            matches!(self.about().kind, Type::Severity | Type::Tlp | Type::Number | Type::Confidence | Type::Size);
        plain || matches!(self, Self::Detected | Self::Started)
    }

    /// The field a kind of observable is looked for by.
    #[must_use]
    pub fn of(kind: ObservableKind) -> Option<Self> {
        Some(match kind {
            ObservableKind::Ipv4 | ObservableKind::Ipv6 => Self::Ip,
            ObservableKind::Network => Self::Cidr,
            ObservableKind::Asn => Self::Asn,
            ObservableKind::Domain => Self::Domain,
            ObservableKind::Url => Self::Url,
            ObservableKind::Email => Self::Email,
            ObservableKind::Mac => Self::Mac,
            ObservableKind::Hash => Self::Hash,
            ObservableKind::File => Self::File,
            ObservableKind::Port => Self::Port,
            ObservableKind::Cve => Self::Cve,
            ObservableKind::Other => return None,
        })
    }
}

fn names(about: &About) -> impl Iterator<Item = &'static str> {
    std::iter::once(about.name).chain(about.aliases.iter().copied())
}

/// The field whose name is nearest to `typed`, if one is near enough to be meant.
#[must_use]
pub fn nearest(typed: &str) -> Option<&'static str> {
    let all = FIELDS.iter().flat_map(|about| names(about).map(|known| (known, about.name)));
    near(typed, all)
}

/// The word of `known` nearest to `typed`; each comes with what is proposed for it.
pub(super) fn near<T: Copy>(typed: &str, known: impl Iterator<Item = (&'static str, T)>) -> Option<T> {
    let typed: Vec<char> = typed.to_lowercase().chars().take(LONGEST).collect();
    let judged = known.filter_map(|(word, proposal)| {
        let word: Vec<char> = word.chars().collect();
        let begins = typed.len() >= 3 && word.starts_with(&typed);
        let steps = if begins { 1 } else { distance(&typed, &word) };
        // A third of the letters may be wrong.
        (steps * 3 <= typed.len().max(word.len()) && steps < word.len()).then_some((steps, proposal))
    });
    judged.min_by_key(|(steps, _)| *steps).map(|(_, proposal)| proposal)
}

/// No name of ours is longer.
const LONGEST: usize = 32;

/// Letters to change, add, leave out or swap with the next.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let get = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut steps = (get(&last, j) + usize::from(from != to)).min(get(&last, j + 1) + 1).min(get(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(to) && b.get(j - 1) == Some(from);
            if swapped {
                steps = steps.min(get(&before, j - 1) + 1);
            }
            row.push(steps);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident $all:ident { $($variant:ident $word:literal $help:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($variant),* }

        /// Each with its word and the catalog key of its meaning.
        pub const $all: &[($name, &str, &str)] = &[$(($name::$variant, $word, $help)),*];

        impl $name {
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            #[must_use]
            pub fn named(word: &str) -> Option<Self> {
                $all.iter().find(|(_, own, _)| own.eq_ignore_ascii_case(word)).map(|(own, ..)| *own)
            }
        }
    };
}

words! {
    /// What `is:` asks.
    Is IS {
        Unread "unread" "query-is-unread",
        Starred "starred" "query-is-starred",
        Updated "updated" "query-is-updated",
        Retracted "retracted" "query-is-retracted",
        Invalid "invalid" "query-is-invalid",
        Snoozed "snoozed" "query-is-snoozed",
        Muted "muted" "query-is-muted",
        Mine "mine" "query-is-mine",
        Ours "ours" "query-is-ours",
        Dup "dup" "query-is-dup",
        Absent "absent" "query-is-absent",
        Imported "imported" "query-is-imported",
    }
}

words! {
    /// What `has:` asks.
    Has HAS {
        Ask "ask" "query-has-ask",
        Contact "contact" "query-has-contact",
        History "history" "query-has-history",
        Ext "ext" "query-has-ext",
        Note "note" "query-has-note",
    }
}
