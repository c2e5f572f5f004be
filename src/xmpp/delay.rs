//! When a delayed stanza was really sent (XEP-0203). Uses `xml` and `model`.

use chrono::{DateTime, TimeDelta, Utc};

use super::xml::El;
use crate::model::{BareJid, Jid, Stamp};

pub const NS: &str = "urn:xmpp:delay";
/// Most stamps of one stanza looked at.
const MOST: usize = 16;

/// A stamp this far ahead of our clock is one of a clock that runs ahead, and is taken as now.
const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// Nothing was sent over XMPP before this.
const FIRST: DateTime<Utc> = DateTime::from_timestamp_nanos(946_684_800_000_000_000);

/// The time to believe among the `<delay/>`s of a stanza from `service` that came through our own `server`: the service's,
/// else the oldest of the server's. Nobody else's counts, nor one that is no time, lies far ahead or before there was
/// XMPP. A stamp that does not say whose it is counts as the server's: only the two could have put it there. `None`
/// when nothing of that is there: the stanza was not delayed. Never later than `now`.
#[must_use]
pub fn stamp(stanza: El<'_>, service: &BareJid, server: &BareJid, now: DateTime<Utc>) -> Option<Stamp> {
    let mut best: Option<(bool, Stamp)> = None;
    for delay in stanza.children().filter(|child| child.is(NS, "delay")).take(MOST) {
        let Some(mut stamp) = delay.attr("stamp").and_then(|stamp| Stamp::parse(&stamp)) else { continue };
        let ours = match delay.attr("from").map(|from| from.parse::<Jid>()) {
            Some(Ok(by)) if by.bare() == service => true,
            Some(Ok(by)) if by.bare() == server => false,
            None => false,
            Some(_) => continue,
        };
        if stamp.at < FIRST || stamp.at > now + AHEAD {
            continue;
        }
        stamp.at = stamp.at.min(now);
        let better = best.as_ref().is_none_or(|(known, other)| match (ours, known) {
            (true, false) => true,
            (false, true) => false,
            _ => stamp.at < other.at,
        });
        if better {
            best = Some((ours, stamp));
        }
    }
    best.map(|(_, stamp)| stamp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::received;

    #[test]
    fn which_one() {
        let pick = |delays: &[(&str, &str)]| {
            let delays: String =
                delays.iter().map(|(f, s)| format!("<delay xmlns='urn:xmpp:delay' from='{f}' stamp='{s}'/>")).collect();
            let stanza = received(&format!("<message>{delays}</message>"));
            let now = "2026-11-21T12:00:00Z".parse().unwrap();
            let (service, server) = ("broker.grid.example".parse().unwrap(), "grid.example".parse().unwrap());
            let stamp = stamp(stanza.root(), &service, &server, now)?;
            assert!(stamp.at <= now);
            Some(stamp.text)
        };
        let (early, late, future) = ("2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z", "2030-01-01T00:00:00Z");
        let (ours, soon) = ("broker.grid.example", "2026-11-21T12:00:30Z");
        assert_eq!(pick(&[]), None);
        assert_eq!(pick(&[("grid.example", late), ("grid.example", early)]).unwrap(), early);
        assert_eq!(pick(&[("grid.example", early), (ours, late)]).unwrap(), late);
        assert_eq!(pick(&[(ours, future), ("grid.example", early)]).unwrap(), early);
        assert_eq!(pick(&[(ours, soon)]).unwrap(), soon, "a clock that runs a little ahead");
        for (from, stamp) in [
            (ours, "yesterday"),
            (ours, future),
            (ours, "1969-07-20T20:17:40Z"),
            (ours, "-9999-01-01T00:00:00Z"),
            (ours, ""),
            ("mallory@grid.example", early),
            ("grid.example.evil.example", early),
            ("@", early),
        ] {
            assert_eq!(pick(&[(from, stamp)]), None, "{from} {stamp}");
        }
        let many = vec![("x", late); 10_000];
        assert_eq!(pick(&many), None);
    }

    #[test]
    fn one_that_does_not_say_whose() {
        let stanza = received("<message><delay xmlns='urn:xmpp:delay' stamp='2026-11-20T08:00:00Z'/></message>");
        let service = "broker.grid.example".parse().unwrap();
        assert!(stamp(stanza.root(), &service, &"grid.example".parse().unwrap(), Utc::now()).is_some());
    }
}
