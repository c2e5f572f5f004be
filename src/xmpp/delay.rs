//! When a delayed stanza was really sent (XEP-0203). Uses `xml` and `model`.

use chrono::{DateTime, Utc};

use super::xml::El;
use crate::model::{BareJid, Jid, Stamp};

pub const NS: &str = "urn:xmpp:delay";
/// Most stamps of one stanza looked at.
const MOST: usize = 16;

/// The time to believe among the `<delay/>`s of a stanza: one by `service`, else the oldest; never one in the future,
/// never one that is no time. `None` when nothing of that is there: the stanza was not delayed.
#[must_use]
pub fn stamp(stanza: El<'_>, service: &BareJid, now: DateTime<Utc>) -> Option<Stamp> {
    let mut best: Option<(bool, Stamp)> = None;
    for delay in stanza.children().filter(|child| child.is(NS, "delay")).take(MOST) {
        let Some(stamp) = delay.attr("stamp").and_then(|stamp| Stamp::parse(&stamp)) else { continue };
        let by = delay.attr("from").and_then(|from| from.parse::<Jid>().ok());
        let ours = by.is_some_and(|by| by.bare() == service);
        let better = best.as_ref().is_none_or(|(known, other)| match (ours, known) {
            (true, false) => true,
            (false, true) => false,
            _ => stamp.at < other.at,
        });
        if stamp.at <= now && better {
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
            stamp(stanza.root(), &"broker.grid.example".parse().unwrap(), now).map(|stamp| stamp.text)
        };
        let (early, late, future) = ("2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z", "2030-01-01T00:00:00Z");
        assert_eq!(pick(&[]), None);
        assert_eq!(pick(&[("grid.example", late), ("grid.example", early)]).unwrap(), early);
        assert_eq!(pick(&[("grid.example", early), ("broker.grid.example", late)]).unwrap(), late);
        assert_eq!(pick(&[("broker.grid.example", future), ("x", early)]).unwrap(), early);
        assert_eq!(pick(&[("broker.grid.example", "yesterday")]), None);
    }
}
