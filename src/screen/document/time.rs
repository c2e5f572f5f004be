//! Times as a reader wants them: in UTC, in the zone of this machine, or as the sender wrote them (`product.md` row 40).

use chrono::{DateTime, FixedOffset, Local};

use crate::app::cx::Cx;
use crate::model::Stamp;
use crate::text;

/// In which zone times are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    #[default]
    Utc,
    Local,
    /// As the sender wrote them.
    Source,
}

impl Zone {
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Utc => Self::Local,
            Self::Local => Self::Source,
            Self::Source => Self::Utc,
        }
    }

    /// The catalog key of its name.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Utc => "incident-zone-utc",
            Self::Local => "incident-zone-local",
            Self::Source => "incident-zone-source",
        }
    }
}

/// A time in the zone asked for.
pub fn short(stamp: &Stamp, zone: Zone, cx: &Cx<'_>) -> String {
    match zone {
        Zone::Utc => cx.catalog.time(stamp.at),
        Zone::Local => stamp.at.with_timezone(&Local).format("%Y-%m-%d %H:%M %:z").to_string(),
        Zone::Source => text::line(&stamp.text),
    }
}

/// What else is to be known of a time: the sender's offset, or that there was none.
pub fn note(stamp: &Stamp, zone: Zone, cx: &Cx<'_>) -> Option<String> {
    if !stamp.zoned {
        return Some(cx.text("incident-no-zone"));
    }
    let offset = *stamp.text.parse::<DateTime<FixedOffset>>().ok()?.offset();
    let tells = offset.local_minus_utc() != 0 && zone != Zone::Source;
    tells.then(|| cx.format("incident-offset", &[("offset", &offset.to_string())]))
}

/// How long ago it was, or how long until it is.
pub fn away(stamp: &Stamp, cx: &Cx<'_>) -> String {
    let elapsed = cx.now.signed_duration_since(stamp.at);
    if elapsed.num_minutes() < 0 {
        cx.format("incident-in", &[("age", &cx.catalog.age(-elapsed))])
    } else {
        cx.format("incident-ago", &[("age", &cx.catalog.age(elapsed))])
    }
}
