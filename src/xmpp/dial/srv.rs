//! Which servers a domain names for its clients, and in which order they are tried (RFC 2782, RFC 6120 §3.2.1,
//! XEP-0368).
//!
//! Pure: records and randomness are handed in. May use `model`.

use super::Target;
use crate::model::Tls;

/// Targets tried for one login; a longer list is cut, so that a domain cannot keep us busy (`engine.md` §6 row 12).
pub const TARGETS: usize = 16;
/// Longest host name (RFC 1035 §2.3.4), in characters without the final dot.
const NAME: usize = 253;

/// One SRV record. Its host is only text of whoever answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub priority: u16,
    pub weight: u16,
    pub port: u16,
    /// In A-labels without the final dot; empty for the root, which says that the service is not offered.
    pub host: String,
}

/// What a domain says of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Nothing: the domain has no such records, or nobody could be asked.
    Silent,
    /// The sole record leads to the root: decidedly not available (RFC 2782, "Target").
    Not,
    At(Vec<Record>),
}

impl Offer {
    /// What these records say; those that cannot be dialled do not count.
    #[must_use]
    pub fn of(records: Vec<Record>) -> Self {
        if let [only] = records.as_slice()
            && only.host.is_empty()
        {
            return Self::Not;
        }
        let records: Vec<Record> = records.into_iter().filter(Record::can_be_dialled).collect();
        if records.is_empty() { Self::Silent } else { Self::At(records) }
    }
}

impl Record {
    /// RFC 1123 §2.1 and the underscore that some labs use: a name with anything else would only be there to trick the
    /// reader of a message.
    fn can_be_dialled(&self) -> bool {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
        self.port != 0 && (1..=NAME).contains(&self.host.len()) && self.host.bytes().all(plain)
    }
}

/// The name of the service's records at `domain`.
#[must_use]
pub fn name(tls: Tls, domain: &str) -> String {
    let service = match tls {
        Tls::Direct => "_xmpps-client",
        Tls::StartTls => "_xmpp-client",
    };
    format!("{service}._tcp.{domain}")
}

/// What the two offers together come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Try these, in this order.
    Targets(Vec<Target>),
    /// The domain names no server: its own host is one (RFC 6120 §3.2.2).
    Fallback,
    /// The domain says that it has none.
    NotOffered,
}

/// Both kinds of TLS compete as if they were one service (XEP-0368 §3): the record decides, and the certificate must be
/// the domain's either way. `random` is any u64.
#[must_use]
pub fn choose(domain: &str, direct: Offer, starttls: Offer, random: impl FnMut() -> u64) -> Found {
    let mut all: Vec<(Tls, Record)> = Vec::new();
    let refused = starttls == Offer::Not || (direct == Offer::Not && starttls != Offer::Silent);
    for (tls, offer) in [(Tls::Direct, direct), (Tls::StartTls, starttls)] {
        if let Offer::At(records) = offer {
            all.extend(records.into_iter().map(|record| (tls, record)));
        }
    }
    match (all.is_empty(), refused) {
        (true, true) => Found::NotOffered,
        (true, false) => Found::Fallback,
        (false, _) => Found::Targets(ordered(all, random).map(|(tls, record)| target(domain, tls, record)).collect()),
    }
}

fn target(domain: &str, tls: Tls, record: Record) -> Target {
    Target { host: record.host, port: record.port, tls: Some(tls), srv: Some(name(tls, domain)) }
}

/// The first [`TARGETS`] in RFC 2782's order: by priority, and within one by chance in proportion to weight.
fn ordered(mut all: Vec<(Tls, Record)>, mut random: impl FnMut() -> u64) -> impl Iterator<Item = (Tls, Record)> {
    // Those of weight 0 first in each priority, as the RFC's selection wants them.
    all.sort_by_key(|(_, record)| (record.priority, record.weight != 0));
    let mut rest = all;
    std::iter::from_fn(move || {
        let best = rest.first()?.1.priority;
        let peers = rest.iter().take_while(|(_, record)| record.priority == best);
        let sum: u64 = peers.clone().map(|(_, record)| u64::from(record.weight)).sum();
        let drawn = random() % (sum + 1);
        let mut running = 0;
        let at = peers.clone().position(|(_, record)| {
            running += u64::from(record.weight);
            running >= drawn
        });
        Some(rest.remove(at?))
    })
    .take(TARGETS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(priority: u16, weight: u16, host: &str) -> Record {
        Record { priority, weight, port: 5222, host: host.to_owned() }
    }

    fn hosts(found: Found) -> Vec<String> {
        match found {
            Found::Targets(targets) => targets.into_iter().map(|target| target.host).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// A small generator: the same numbers each run.
    fn numbers() -> impl FnMut() -> u64 {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        }
    }

    #[test]
    fn both_services_are_merged_by_priority() {
        let direct = Offer::of(vec![record(20, 0, "d20"), record(5, 0, "d5")]);
        let starttls = Offer::of(vec![record(10, 0, "s10"), record(1, 0, "s1")]);
        let Found::Targets(targets) = choose("grid.example", direct, starttls, || 0) else { panic!() };
        let told: Vec<_> = targets.iter().map(|t| (t.host.as_str(), t.tls)).collect();
        assert_eq!(
            told,
            [
                ("s1", Some(Tls::StartTls)),
                ("d5", Some(Tls::Direct)),
                ("s10", Some(Tls::StartTls)),
                ("d20", Some(Tls::Direct))
            ]
        );
        assert_eq!(targets[1].srv.as_deref(), Some("_xmpps-client._tcp.grid.example"));
        assert_eq!(targets[0].srv.as_deref(), Some("_xmpp-client._tcp.grid.example"));
    }

    #[test]
    fn weights_share_the_load() {
        let mut random = numbers();
        let mut first = std::collections::BTreeMap::<String, u32>::new();
        for _ in 0..10_000 {
            let records = vec![record(1, 10, "a"), record(1, 30, "b"), record(1, 60, "c"), record(1, 0, "z")];
            let order = hosts(choose("x", Offer::Silent, Offer::of(records), &mut random));
            assert_eq!(order.len(), 4);
            *first.entry(order[0].clone()).or_default() += 1;
        }
        let share = |host: &str| first.get(host).copied().unwrap_or_default();
        assert!((800..1200).contains(&share("a")), "{first:?}");
        assert!((2700..3300).contains(&share("b")), "{first:?}");
        assert!((5600..6400).contains(&share("c")), "{first:?}");
        // RFC 2782: a weight of 0 has a very small chance.
        assert!((1..250).contains(&share("z")), "{first:?}");
    }

    #[test]
    fn equal_records_of_weight_0_are_all_tried() {
        for random in [0, 1, 7, u64::MAX] {
            let records = (0..5).map(|n| record(1, 0, &format!("h{n}"))).collect();
            let mut order = hosts(choose("x", Offer::of(records), Offer::Silent, || random));
            order.sort();
            assert_eq!(order, ["h0", "h1", "h2", "h3", "h4"]);
        }
    }

    #[test]
    fn a_huge_set_is_cut() {
        let records = (0..60_000_u16).map(|n| record(n % 7, n, &format!("h{n}"))).collect();
        let order = hosts(choose("x", Offer::of(records), Offer::Silent, numbers()));
        assert_eq!(order.len(), TARGETS);
    }

    #[test]
    fn the_root_says_no() {
        let not = || Offer::of(vec![record(0, 0, "")]);
        let at = || Offer::of(vec![record(0, 0, "h")]);
        assert_eq!(choose("x", not(), not(), || 0), Found::NotOffered);
        assert_eq!(choose("x", Offer::Silent, not(), || 0), Found::NotOffered);
        // No direct TLS says nothing of STARTTLS at the domain itself.
        assert_eq!(choose("x", not(), Offer::Silent, || 0), Found::Fallback);
        assert_eq!(choose("x", Offer::Silent, Offer::Silent, || 0), Found::Fallback);
        assert_eq!(hosts(choose("x", not(), at(), || 0)), ["h"]);
        assert_eq!(hosts(choose("x", at(), not(), || 0)), ["h"]);
        // Beside others it is only a record that leads nowhere.
        assert_eq!(
            hosts(choose("x", Offer::Silent, Offer::of(vec![record(0, 0, ""), record(1, 0, "h")]), || 0)),
            ["h"]
        );
    }

    #[test]
    fn what_is_no_host_is_left_out() {
        let long = "a.".repeat(150);
        for host in ["a b", "a\\032b", "a/b", "xn--\u{0}", "h\u{f6}st", "a@b", &long] {
            assert_eq!(Offer::of(vec![record(0, 0, host), record(0, 0, host)]), Offer::Silent, "{host}");
        }
        assert_eq!(Offer::of(vec![Record { port: 0, ..record(0, 0, "h") }]), Offer::Silent);
    }
}
