//! What a filter should find, read straight off the generated reports: nothing of the program is used here.

use super::case::{Case, IMPORTED};

/// A report as it is stored, and what was made of it.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    pub case: Case,
    pub size: u64,
    pub version: u64,
    pub overwritten: bool,
    /// A newer document of its incident is there.
    pub superseded: bool,
    pub retracted: bool,
    pub unread: bool,
    pub updated: bool,
    pub starred: bool,
    pub snoozed: bool,
    pub muted: bool,
    pub noted: bool,
    pub tags: Vec<&'static str>,
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// `*` stands for anything.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text
            .strip_prefix(start)
            .is_some_and(|text| (0..=text.len()).any(|at| text.get(at..).is_some_and(|text| glob(rest, text)))),
    }
}

/// The texts of a field that is compared as text.
fn texts(kept: &Kept, field: &str) -> Option<Vec<String>> {
    let case = &kept.case;
    let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let one = |text: Option<&str>| text.into_iter().map(str::to_owned).collect();
    Some(match field {
        "topic" => vec![case.topic.to_owned()],
        "from" => {
            let bare = case.from.and_then(|from| from.split('/').next());
            case.from.into_iter().chain(bare).map(str::to_owned).collect()
        }
        "csirt" => vec![case.csirt.to_owned()],
        "id" => one(Some(case.id.as_str()).filter(|id| !id.is_empty())),
        "purpose" => one(case.purpose),
        "status" => one(case.status),
        "lang" => one(case.lang),
        "impact" => case.impacts.iter().map(|(kind, _)| (*kind).to_owned()).collect(),
        "action" => all(&case.actions),
        "actor" => all(&case.actors),
        "campaign" => all(&case.campaigns),
        "method" => all(&case.methods),
        "tag" => all(&kept.tags),
        _ => return None,
    })
}

fn confidence(case: &Case) -> Option<u64> {
    match case.confidence? {
        "low" => Some(15),
        "medium" => Some(50),
        "high" => Some(85),
        number => number.parse().ok(),
    }
}

pub fn severity(case: &Case) -> u64 {
    let rank = |word: &str| ["unknown", "low", "medium", "high"].iter().position(|own| *own == word).unwrap() as u64;
    case.impacts.iter().map(|(_, severity)| rank(severity)).max().unwrap_or(0)
}

/// The label's own word, and how strict it is.
fn label(case: &Case) -> (&'static str, u64) {
    match case.restriction.filter(|_| !case.broken) {
        Some("public") => ("clear", 0),
        Some("green") => ("green", 1),
        Some("amber") => ("amber", 3),
        Some("need-to-know") => ("amber+strict", 3),
        Some("default") => ("agreed", 4),
        _ => ("red", 4),
    }
}

fn number(kept: &Kept, field: &str) -> Option<Vec<u64>> {
    Some(match field {
        "rev" => vec![kept.version],
        "size" => vec![kept.size],
        "obs" => vec![kept.case.seen.len() as u64],
        "conf" => confidence(&kept.case).into_iter().collect(),
        "severity" => vec![severity(&kept.case)],
        _ => return None,
    })
}

fn read_number(field: &str, text: &str) -> u64 {
    match (field, text) {
        ("conf", "low") => 15,
        ("conf", "medium") => 50,
        ("conf", "high") => 85,
        ("severity", word) => ["unknown", "low", "medium", "high"].iter().position(|own| *own == word).unwrap() as u64,
        ("size", text) if text.ends_with('k') => text.trim_end_matches('k').parse::<u64>().unwrap() * 1_000,
        (_, text) => text.parse().unwrap(),
    }
}

fn ordered(own: u64, sign: &str, than: u64) -> bool {
    match sign {
        "<" => own < than,
        "<=" => own <= than,
        ">" => own > than,
        ">=" => own >= than,
        _ => own == than,
    }
}

fn hosts(kept: &Kept) -> Vec<String> {
    let of = |(field, value): &(&str, String)| match *field {
        "domain" => Some(value.clone()),
        "url" => value.split('/').nth(2).map(str::to_owned),
        "email" => value.split('@').nth(1).map(str::to_owned),
        _ => None,
    };
    kept.case.seen.iter().filter_map(of).collect()
}

fn v4(text: &str) -> Option<u32> {
    text.parse::<std::net::Ipv4Addr>().ok().map(u32::from)
}

/// First and last address.
fn block(text: &str) -> Option<(u32, u32)> {
    let (first, length) = text.split_once('/')?;
    let first = v4(first)?;
    Some((first, first | (u32::MAX >> length.parse::<u32>().ok()?)))
}

/// Values of one field among what was observed.
fn seen<'a>(kept: &'a Kept, field: &'a str) -> impl Iterator<Item = &'a str> {
    kept.case.seen.iter().filter(move |(own, _)| *own == field).map(|(_, value)| value.as_str())
}

fn observed(kept: &Kept, field: &str, sign: &str, value: &str) -> bool {
    let any = |field: &str, fits: &dyn Fn(&str) -> bool| seen(kept, field).any(fits);
    let file = |value: &str| lower(value.rsplit(['\\', '/']).next().unwrap());
    let span = |text: &str| {
        let (first, last) = text.split_once("..").or(text.split_once('-')).unwrap_or((text, text));
        (first.parse::<u64>().unwrap(), last.parse::<u64>().unwrap())
    };
    match field {
        "ip" => match value.split_once("..") {
            Some((first, last)) => {
                any("ip", &|own| v4(own).is_some_and(|own| v4(first) <= Some(own) && Some(own) <= v4(last)))
            }
            None => any("ip", &|own| own == value),
        },
        "cidr" if sign == "=" => any("cidr", &|own| own == value),
        "cidr" => {
            let (first, last) = block(value).unwrap();
            any("ip", &|own| v4(own).is_some_and(|own| first <= own && own <= last))
                || any("cidr", &|own| block(own).is_some_and(|(a, b)| a <= last && first <= b))
        }
        "asn" | "port" => {
            let (first, last) = span(value);
            any(field, &|own| {
                let (a, b) = span(own);
                a <= last && first <= b
            })
        }
        "domain" => hosts(kept).iter().any(|host| match value.strip_prefix("*.") {
            Some(above) => host.ends_with(&format!(".{above}")),
            None if value.contains('*') => glob(value, host),
            None if sign == "=" => host == value,
            None => host == value || host.ends_with(&format!(".{value}")),
        }),
        "url" if value.contains('*') => any("url", &|own| glob(&lower(value), &lower(own))),
        "url" if sign == "=" || value.contains("://") => any("url", &|own| own == value),
        "url" => any("url", &|own| lower(own).contains(&lower(value))),
        "email" => match value.strip_prefix('@') {
            Some(domain) => any("email", &|own| lower(own).ends_with(&format!("@{domain}"))),
            None => any("email", &|own| lower(own) == lower(value)),
        },
        "hash" | "cve" => any(field, &|own| glob(&lower(value), &lower(own))),
        "file" => any("file", &|own| glob(&lower(value), &file(own))),
        "mac" => any("mac", &|own| own == value),
        other => panic!("a field that the naive reading does not know: {other}"),
    }
}

fn at(kept: &Kept, field: &str) -> Option<i64> {
    let read = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp();
    match field {
        "detected" => kept.case.detected.map(read),
        "started" => kept.case.started.map(read),
        _ => {
            let received = read(NOW) - kept.case.hours * 3_600;
            // What was fetched is as old as it says, and not from the future.
            let says = kept.case.fetched && !kept.case.broken;
            Some(if says { received.min(read("2026-11-21T10:00:00Z")) } else { received })
        }
    }
}

pub const NOW: &str = "2026-11-21T12:00:00Z";

/// A day or a relative time, as first second and the one behind the last.
fn span(text: &str) -> (i64, i64) {
    let now = chrono::DateTime::parse_from_rfc3339(NOW).unwrap().timestamp();
    if let Some(hours) = text.strip_suffix('h').and_then(|hours| hours.parse::<i64>().ok()) {
        return (now - hours * 3_600, now - hours * 3_600 + 1);
    }
    let day = chrono::DateTime::parse_from_rfc3339(&format!("{text}T00:00:00Z")).unwrap().timestamp();
    (day, day + 86_400)
}

fn timed(kept: &Kept, field: &str, sign: &str, value: &str) -> bool {
    let Some(own) = at(kept, field) else { return false };
    let (from, to) = span(value);
    match (field, sign) {
        ("since", _) => own >= from,
        ("until", _) => own < to,
        (_, "<") => own < from,
        (_, "<=") => own < to,
        (_, ">") => own >= to,
        (_, ">=") => own >= from,
        _ if value.ends_with('h') => own >= from && own <= span("0h").0,
        _ => own >= from && own < to,
    }
}

fn is(kept: &Kept, state: &str) -> bool {
    let ours = || {
        observed(kept, "cidr", ":", "192.0.2.0/28")
            || hosts(kept).iter().any(|host| host == "example-bank.invalid")
            || kept.case.texts.iter().any(|text| text.contains("Open proxy"))
    };
    match state {
        "unread" => kept.unread,
        // No broker here was read since.
        "absent" => false,
        "starred" => kept.starred,
        "updated" => kept.updated,
        "retracted" => kept.retracted,
        "invalid" => kept.case.broken,
        "snoozed" => kept.snoozed,
        "muted" => kept.muted,
        "mine" => kept.case.from.is_some_and(|from| from.starts_with("me@grid.example/")),
        "ours" => ours(),
        "dup" => kept.overwritten || kept.superseded,
        "imported" => kept.case.topic == IMPORTED,
        other => panic!("a state that the naive reading does not know: {other}"),
    }
}

fn has(kept: &Kept, what: &str) -> bool {
    match what {
        "ask" => kept.case.actions.iter().any(|action| *action != "nothing"),
        "contact" => kept.case.contact,
        "history" => kept.case.history,
        "ext" => kept.case.extended,
        "note" => kept.noted,
        other => panic!("something to have that the naive reading does not know: {other}"),
    }
}

fn xpath(kept: &Kept, expression: &str) -> bool {
    let case = &kept.case;
    match expression {
        "//iodef:ThreatActorID" => !case.actors.is_empty(),
        "//Confidence[@rating='numeric'] >= 90" => case.confidence == Some("100"),
        "count(//Address) > 2" => {
            case.seen.iter().filter(|(field, _)| ["ip", "cidr", "asn", "mac"].contains(field)).count() > 2
        }
        "//ds:DigestValue" => false,
        other => panic!("an expression that the naive reading does not know: {other}"),
    }
}

/// Whether it should be found by `field`, `sign` and `value`.
pub fn holds(kept: &Kept, all: &[Kept], field: &str, sign: &str, value: &str) -> bool {
    if sign == "!=" {
        return !holds(kept, all, field, ":", value);
    }
    if let Some(own) = texts(kept, field) {
        return match sign {
            "=" => own.iter().any(|own| own == value),
            _ => own.iter().any(|own| glob(&lower(value), &lower(own))),
        };
    }
    if let Some(own) = number(kept, field) {
        if let Some((from, to)) = value.split_once("..") {
            return own.iter().any(|own| read_number(field, from) <= *own && *own <= read_number(field, to));
        }
        return own.iter().any(|own| ordered(*own, sign, read_number(field, value)));
    }
    match field {
        "tlp" if [":", "="].contains(&sign) => label(&kept.case).0 == value,
        "tlp" => {
            let than = match value {
                "clear" => 0,
                "green" => 1,
                "amber" => 3,
                _ => 4,
            };
            ordered(label(&kept.case).1, sign, than)
        }
        "since" | "until" | "on" | "detected" | "started" => timed(kept, field, sign, value),
        "is" => is(kept, value),
        "has" => has(kept, value),
        "like" => {
            let other = &all[value.parse::<usize>().unwrap()];
            other.case.seen.iter().any(|one| kept.case.seen.contains(one))
        }
        "xpath" => xpath(kept, value),
        _ => observed(kept, field, sign, value),
    }
}
