//! What a new topic begins with: settings that are safe and let nothing get lost, by what is to be published there.
//!
//! RFC 8600 §8.3.4 wants access that somebody decides about, §5 that a topic says what its payload is, §6 that who is away
//! gets what was published meanwhile: events of type normal (XEP-0160 §3), items that are kept.

use crate::model::PayloadType;
use crate::model::owned::{Answer, Settings};

/// What the topic is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Template {
    /// Reports of incidents, as they come.
    Incidents,
    /// Reports whose indicators are what is read.
    Indicators,
    Other,
}

/// What a person says of the new topic beside the template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Naming {
    pub title: String,
    pub description: String,
    /// Only listed accounts may read, instead of who is approved.
    pub whitelist: bool,
    /// `pubsub#type` of [`Template::Other`].
    pub payload: String,
}

impl Template {
    pub const ALL: [Self; 3] = [Self::Incidents, Self::Indicators, Self::Other];

    /// The settings to ask for. What the broker's own form does not have is left out, where that form is known: it would be
    /// ignored, or have all refused. What a topic says of itself is asked for in any case: RFC 8600 §5 demands a type, and
    /// ejabberd takes it without having it on its form.
    #[must_use]
    pub fn settings(self, naming: &Naming, form: Option<&Settings>) -> Vec<Answer> {
        let payload = match self {
            Self::Incidents | Self::Indicators => PayloadType::IODEF2,
            Self::Other => naming.payload.trim(),
        };
        let wishes = [
            ("pubsub#title", naming.title.trim()),
            ("pubsub#description", naming.description.trim()),
            ("pubsub#type", payload),
            ("pubsub#access_model", if naming.whitelist { "whitelist" } else { "authorize" }),
            ("pubsub#publish_model", "publishers"),
            ("pubsub#persist_items", "1"),
            ("pubsub#max_items", "max"),
            ("pubsub#deliver_payloads", "1"),
            ("pubsub#deliver_notifications", "1"),
            ("pubsub#notification_type", "normal"),
            // RFC 8600 §6 has it so: a console fetches what is stored.
            ("pubsub#send_last_published_item", "never"),
            ("pubsub#presence_based_delivery", "0"),
            ("pubsub#notify_retract", "1"),
            ("pubsub#notify_delete", "1"),
            ("pubsub#notify_config", "1"),
            ("pubsub#itemreply", "publisher"),
        ];
        let says = ["pubsub#title", "pubsub#description", "pubsub#type"];
        let there = |var: &str| says.contains(&var) || form.is_none_or(|form| form.get(var).is_some());
        let said = wishes.into_iter().filter(|(var, value)| !value.is_empty() && there(var));
        said.map(|(var, value)| Answer::new(var, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::owned::Setting;

    fn value<'a>(settings: &'a [Answer], var: &str) -> Option<&'a str> {
        settings.iter().find(|answer| answer.var == var).map(|answer| answer.values[0].as_str())
    }

    #[test]
    fn every_template_is_safe() {
        let naming = Naming { title: "Feed".to_owned(), payload: "urn:example".to_owned(), ..Naming::default() };
        for template in Template::ALL {
            let settings = template.settings(&naming, None);
            for (var, wanted) in [
                ("pubsub#access_model", "authorize"),
                ("pubsub#publish_model", "publishers"),
                ("pubsub#persist_items", "1"),
                ("pubsub#max_items", "max"),
                ("pubsub#notification_type", "normal"),
            ] {
                assert_eq!(value(&settings, var), Some(wanted), "{template:?} {var}");
            }
            assert!(value(&settings, "pubsub#type").is_some_and(|kind| !kind.is_empty()), "{template:?}");
            assert_eq!(value(&settings, "pubsub#description"), None, "nothing is set to nothing");
        }
        let whitelist = Template::Incidents.settings(&Naming { whitelist: true, ..naming }, None);
        assert_eq!(value(&whitelist, "pubsub#access_model"), Some("whitelist"));
    }

    #[test]
    fn a_form_that_is_known_is_asked_only_what_it_has() {
        let field = |var: &str| Setting { var: var.to_owned(), ..Setting::default() };
        let form = Settings { fields: vec![field("pubsub#access_model"), field("pubsub#max_items")] };
        let settings = Template::Indicators.settings(&Naming::default(), Some(&form));
        let vars: Vec<_> = settings.iter().map(|answer| answer.var.as_str()).collect();
        assert_eq!(vars, ["pubsub#type", "pubsub#access_model", "pubsub#max_items"]);
    }
}
