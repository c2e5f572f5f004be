//! A topic's settings in plain words (XEP-0060 §16.4.4): the broker's own form, in sections, each setting with words of this
//! console's own where it knows the setting. What a broker made up is shown with the broker's words and can be set all the same.

use crate::model::owned::{Answer, Form, Setting, Settings};

/// What settings are about, in the order they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Section {
    /// What the topic is.
    About,
    /// Who may read and publish.
    Access,
    /// What is stored.
    Keeping,
    /// How it is sent.
    Sending,
    /// Of what else readers are told.
    Telling,
    /// Settings of the broker's own.
    Other,
}

impl Section {
    pub const ALL: [Self; 6] = [Self::About, Self::Access, Self::Keeping, Self::Sending, Self::Telling, Self::Other];

    /// Its title.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::About => "owner-section-about",
            Self::Access => "owner-section-access",
            Self::Keeping => "owner-section-keeping",
            Self::Sending => "owner-section-sending",
            Self::Telling => "owner-section-telling",
            Self::Other => "owner-section-other",
        }
    }
}

/// A setting that this console has words for: its title under the key, what it means under the key's `.next`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub var: &'static str,
    pub section: Section,
    pub key: &'static str,
}

macro_rules! known {
    ($($section:ident $var:literal $key:literal;)*) => {
        /// Every setting with words of our own, in the order they are shown.
        pub const KNOWN: &[Known] = &[$(Known { var: $var, section: Section::$section, key: $key }),*];
    };
}

known! {
    About "pubsub#title" "owner-set-title";
    About "pubsub#description" "owner-set-description";
    About "pubsub#type" "owner-set-type";
    About "pubsub#language" "owner-set-language";
    About "pubsub#contact" "owner-set-contact";
    Access "pubsub#access_model" "owner-set-access";
    Access "pubsub#publish_model" "owner-set-publish";
    Access "pubsub#roster_groups_allowed" "owner-set-groups";
    Keeping "pubsub#persist_items" "owner-set-persist";
    Keeping "pubsub#max_items" "owner-set-most";
    Keeping "pubsub#item_expire" "owner-set-expire";
    Keeping "pubsub#max_payload_size" "owner-set-size";
    Keeping "pubsub#purge_offline" "owner-set-purge";
    Sending "pubsub#deliver_notifications" "owner-set-notify";
    Sending "pubsub#deliver_payloads" "owner-set-payloads";
    Sending "pubsub#notification_type" "owner-set-kind";
    Sending "pubsub#send_last_published_item" "owner-set-last";
    Sending "pubsub#presence_based_delivery" "owner-set-presence";
    Sending "pubsub#itemreply" "owner-set-publisher";
    Telling "pubsub#notify_config" "owner-set-tell-config";
    Telling "pubsub#notify_delete" "owner-set-tell-delete";
    Telling "pubsub#notify_retract" "owner-set-tell-retract";
    Telling "pubsub#notify_sub" "owner-set-tell-sub";
}

/// The catalog key of an answer that this console has words for.
#[must_use]
pub fn value_key(var: &str, value: &str) -> Option<&'static str> {
    Some(match (var.strip_prefix("pubsub#")?, value) {
        ("access_model", "open") => "owner-access-open",
        ("access_model", "presence") => "owner-access-presence",
        ("access_model", "roster") => "owner-access-roster",
        ("access_model", "authorize") => "owner-access-authorize",
        ("access_model", "whitelist") => "owner-access-whitelist",
        ("publish_model", "publishers") => "owner-publish-publishers",
        ("publish_model", "subscribers") => "owner-publish-subscribers",
        ("publish_model", "open") => "owner-publish-open",
        ("send_last_published_item", "never") => "owner-last-never",
        ("send_last_published_item", "on_sub") => "owner-last-sub",
        ("send_last_published_item", "on_sub_and_presence") => "owner-last-presence",
        ("notification_type", "normal") => "owner-kind-normal",
        ("notification_type", "headline") => "owner-kind-headline",
        ("itemreply", "owner") => "owner-reply-owner",
        ("itemreply", "publisher") => "owner-reply-publisher",
        ("itemreply", "none") => "owner-reply-none",
        ("max_items", "max") => "owner-most-max",
        (var, "1" | "true") if TRUTHS.contains(&var) => "owner-yes",
        (var, "0" | "false") if TRUTHS.contains(&var) => "owner-no",
        _ => return None,
    })
}

/// Settings that are so or not (XEP-0060 §16.4.4).
const TRUTHS: [&str; 9] = [
    "persist_items",
    "purge_offline",
    "deliver_notifications",
    "deliver_payloads",
    "presence_based_delivery",
    "notify_config",
    "notify_delete",
    "notify_retract",
    "notify_sub",
];

/// A setting with what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown<'a> {
    pub setting: &'a Setting,
    pub known: Option<&'static Known>,
}

/// The form in sections; empty ones are left out. What is hidden in the form stays so.
#[must_use]
pub fn sections(settings: &Settings) -> Vec<(Section, Vec<Shown<'_>>)> {
    let visible = |field: &&Setting| field.form != Form::Hidden;
    let place = |var: &str| KNOWN.iter().position(|known| known.var == var);
    let mut all: Vec<(Option<usize>, &Setting)> =
        settings.fields.iter().filter(visible).map(|field| (place(&field.var), field)).collect();
    // Those of the broker's own keep its order, behind the others.
    all.sort_by_key(|(place, _)| place.unwrap_or(usize::MAX));
    let mut sections: Vec<(Section, Vec<Shown<'_>>)> = Vec::new();
    for (place, setting) in all {
        let known = place.and_then(|place| KNOWN.get(place));
        let section = known.map_or(Section::Other, |known| known.section);
        let shown = Shown { setting, known };
        match sections.iter_mut().find(|(own, _)| *own == section) {
            Some((_, settings)) => settings.push(shown),
            None => sections.push((section, vec![shown])),
        }
    }
    sections
}

/// Something that a change would mean and that should be said before it is saved (`product.md` B6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Risk {
    /// Anybody, or whom nobody decides about, may read (RFC 8600 §8.3.4).
    Readable,
    /// Anybody may publish, or every reader.
    Writable,
    /// Who is away misses what is published meanwhile (RFC 8600 §6).
    Fleeting,
    /// Nothing is stored: what is missed is lost.
    Unkept,
    /// Fewer items are stored than now: the oldest are gone at once.
    Shorter,
}

impl Risk {
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Readable => "owner-risk-readable",
            Self::Writable => "owner-risk-writable",
            Self::Fleeting => "owner-risk-fleeting",
            Self::Unkept => "owner-risk-unkept",
            Self::Shorter => "owner-risk-shorter",
        }
    }

    /// Whether it widens who may read or write, so that a reason is to be typed.
    #[must_use]
    pub fn is_hard(self) -> bool {
        matches!(self, Self::Readable | Self::Writable)
    }
}

/// What these changes would newly mean.
#[must_use]
pub fn risks(now: &Settings, changes: &[Answer]) -> Vec<Risk> {
    let is = |var: &str| now.value(var).unwrap_or_default().trim().to_owned();
    let will = |var: &str| {
        let change = changes.iter().find(|change| change.var == var);
        change.map_or_else(
            || is(var),
            |change| change.values.first().map(|value| value.trim().to_owned()).unwrap_or_default(),
        )
    };
    let mut risks = Vec::new();
    let mut check = |var: &str, risk: Risk, is_so: &dyn Fn(&str) -> bool| {
        if is_so(&will(var)) && !is_so(&is(var)) {
            risks.push(risk);
        }
    };
    check("pubsub#access_model", Risk::Readable, &|value| !matches!(value, "" | "authorize" | "whitelist"));
    check("pubsub#publish_model", Risk::Writable, &|value| !matches!(value, "" | "publishers"));
    check("pubsub#notification_type", Risk::Fleeting, &|value| value == "headline");
    check("pubsub#persist_items", Risk::Unkept, &|value| matches!(value, "0" | "false"));
    let most = |value: &str| if value == "max" { Some(u64::MAX) } else { value.parse().ok() };
    if let (Some(now), Some(then)) = (most(&is("pubsub#max_items")), most(&will("pubsub#max_items")))
        && then < now
    {
        risks.push(Risk::Shorter);
    }
    risks
}

/// Whom a new topic lets in that its template keeps out, by what was read back of it. One that does not say who may read may
/// be read by anybody: access models are the broker's to have (XEP-0060 §4.5).
#[must_use]
pub fn left_open(wishes: &[Answer], is: &Settings) -> Option<Risk> {
    let wished = |wish: &Answer| Setting { var: wish.var.clone(), values: wish.values.clone(), ..Setting::default() };
    let wished = Settings { fields: wishes.iter().map(wished).collect() };
    let kept = is.fields.iter().map(|field| Answer { var: field.var.clone(), values: field.values.clone() });
    let said = is.value("pubsub#access_model").is_some_and(|value| !value.trim().is_empty());
    let risks = risks(&wished, &kept.collect::<Vec<_>>());
    if said { risks.into_iter().find(|risk| risk.is_hard()) } else { Some(Risk::Readable) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(var: &str, form: Form, value: &str) -> Setting {
        Setting { var: var.to_owned(), form, values: vec![value.to_owned()], ..Setting::default() }
    }

    #[test]
    fn sections_in_order_and_what_is_unknown_last() {
        let settings = Settings {
            fields: vec![
                setting("vendor#b", Form::Line, ""),
                setting("pubsub#max_items", Form::Line, "10"),
                setting("hidden", Form::Hidden, "x"),
                setting("vendor#a", Form::Truth, "1"),
                setting("pubsub#title", Form::Line, "T"),
                setting("pubsub#persist_items", Form::Truth, "1"),
            ],
        };
        let told: Vec<(Section, Vec<&str>)> = sections(&settings)
            .into_iter()
            .map(|(section, all)| (section, all.iter().map(|shown| shown.setting.var.as_str()).collect()))
            .collect();
        assert_eq!(
            told,
            [
                (Section::About, vec!["pubsub#title"]),
                (Section::Keeping, vec!["pubsub#persist_items", "pubsub#max_items"]),
                (Section::Other, vec!["vendor#b", "vendor#a"]),
            ]
        );
        assert!(sections(&settings)[2].1.iter().all(|shown| shown.known.is_none()));
    }

    #[test]
    fn what_a_change_would_mean_is_said_once() {
        let now = Settings {
            fields: vec![
                setting("pubsub#access_model", Form::One, "authorize"),
                setting("pubsub#publish_model", Form::One, "open"),
                setting("pubsub#max_items", Form::Line, "max"),
                setting("pubsub#persist_items", Form::Truth, "1"),
                setting("pubsub#notification_type", Form::One, "normal"),
            ],
        };
        let change = |var: &str, value: &str| risks(&now, &[Answer::new(var, value)]);
        assert_eq!(change("pubsub#access_model", "open"), [Risk::Readable]);
        assert_eq!(change("pubsub#access_model", "whitelist"), []);
        assert_eq!(change("pubsub#publish_model", "subscribers"), [], "it is open already");
        assert_eq!(change("pubsub#max_items", "10"), [Risk::Shorter]);
        assert_eq!(change("pubsub#persist_items", "0"), [Risk::Unkept]);
        assert_eq!(change("pubsub#notification_type", "headline"), [Risk::Fleeting]);
        assert!(Risk::Readable.is_hard() && !Risk::Shorter.is_hard());
    }

    #[test]
    fn a_new_topic_that_lets_in_more_than_was_wished_is_open() {
        let wishes =
            [Answer::new("pubsub#access_model", "authorize"), Answer::new("pubsub#publish_model", "publishers")];
        let open = |fields: &[(&str, &str)]| {
            let fields = fields.iter().map(|(var, value)| setting(var, Form::One, value)).collect();
            left_open(&wishes, &Settings { fields })
        };
        let access = |value| ("pubsub#access_model", value);
        let publish = |value| ("pubsub#publish_model", value);
        assert_eq!(open(&[access("authorize"), publish("publishers")]), None);
        assert_eq!(open(&[access("whitelist")]), None, "it keeps out more");
        assert_eq!(open(&[access("open"), publish("publishers")]), Some(Risk::Readable));
        assert_eq!(open(&[access("presence")]), Some(Risk::Readable));
        assert_eq!(open(&[access("authorize"), publish("open")]), Some(Risk::Writable));
        assert_eq!(open(&[publish("publishers")]), Some(Risk::Readable), "it does not say");
        // What the broker's form did not have was not even asked for.
        let said = Settings { fields: vec![setting("pubsub#access_model", Form::One, "open")] };
        assert_eq!(left_open(&[], &said), Some(Risk::Readable));
    }
}
