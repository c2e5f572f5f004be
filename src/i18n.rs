//! Words for a person: the Fluent catalog, and numbers, times and ages as this console writes them.
//!
//! Uses `model` for [`Say`] and nothing else of this crate. Every key starts with the stem of its file and a hyphen
//! (`feed-…` stands in `feed.ftl`); names that are not keys (widget ids) must not look like that. A test holds both ends.

mod words;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::model::{Say, grouped};

/// `(stem, source)` of every English file.
const ENGLISH: [(&str, &str); 33] = [
    ("activity", include_str!("../i18n/en/activity.ftl")),
    ("alert", include_str!("../i18n/en/alert.ftl")),
    ("app", include_str!("../i18n/en/app.ftl")),
    ("archive", include_str!("../i18n/en/archive.ftl")),
    ("care", include_str!("../i18n/en/care.ftl")),
    ("cli", include_str!("../i18n/en/cli.ftl")),
    ("compose", include_str!("../i18n/en/compose.ftl")),
    ("connect", include_str!("../i18n/en/connect.ftl")),
    ("coverage", include_str!("../i18n/en/coverage.ftl")),
    ("error", include_str!("../i18n/en/error.ftl")),
    ("export", include_str!("../i18n/en/export.ftl")),
    ("feed", include_str!("../i18n/en/feed.ftl")),
    ("guard", include_str!("../i18n/en/guard.ftl")),
    ("handover", include_str!("../i18n/en/handover.ftl")),
    ("hunt", include_str!("../i18n/en/hunt.ftl")),
    ("incident", include_str!("../i18n/en/incident.ftl")),
    ("iodef", include_str!("../i18n/en/iodef.ftl")),
    ("iodef-help", include_str!("../i18n/en/iodef-help.ftl")),
    ("notice", include_str!("../i18n/en/notice.ftl")),
    ("outbox", include_str!("../i18n/en/outbox.ftl")),
    ("owner", include_str!("../i18n/en/owner.ftl")),
    ("paste", include_str!("../i18n/en/paste.ftl")),
    ("port", include_str!("../i18n/en/port.ftl")),
    ("preflight", include_str!("../i18n/en/preflight.ftl")),
    ("query", include_str!("../i18n/en/query.ftl")),
    ("radar", include_str!("../i18n/en/radar.ftl")),
    ("retention", include_str!("../i18n/en/retention.ftl")),
    ("session", include_str!("../i18n/en/session.ftl")),
    ("settings", include_str!("../i18n/en/settings.ftl")),
    ("topics", include_str!("../i18n/en/topics.ftl")),
    ("trust", include_str!("../i18n/en/trust.ftl")),
    ("viewer", include_str!("../i18n/en/viewer.ftl")),
    ("welcome", include_str!("../i18n/en/welcome.ftl")),
];

/// The words of one language. Cheap to clone; shared by window and text verbs.
#[derive(Clone)]
pub struct Catalog {
    bundle: Arc<FluentBundle<FluentResource>>,
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Catalog({:?})", self.bundle.locales)
    }
}

impl Default for Catalog {
    fn default() -> Self {
        Self::new("en")
    }
}

impl Catalog {
    /// Languages there are words for, as BCP 47 tags.
    pub const LANGUAGES: [&'static str; 1] = ["en"];

    /// The catalog of `lang` (a BCP 47 tag); English where there are no words for it.
    #[must_use]
    pub fn new(lang: &str) -> Self {
        let known = |locale: &LanguageIdentifier| Self::LANGUAGES.contains(&locale.language.as_str());
        let wanted = lang.parse().ok().filter(known).or_else(|| "en".parse().ok());
        let locale: LanguageIdentifier = wanted.unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // Isolation marks are invisible characters that end up in copied text; remote text is made safe by `text`.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(|value, _| match value {
            FluentValue::Number(number) => Some(group(number.value)),
            _ => None,
        }));
        for (_, source) in ENGLISH {
            // A broken line costs that message, not the program; `every_file_parses` keeps it from happening.
            let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partly, _)| partly);
            bundle.add_resource_overriding(resource);
        }
        Self { bundle: Arc::new(bundle) }
    }

    /// The words of `key`. A missing key is shown as itself.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.render(key, None, None)
    }

    /// The words of `key` with arguments, which are shown as given.
    #[must_use]
    pub fn format(&self, key: &str, args: &[(&str, &str)]) -> String {
        self.render(key, None, Some(&strings(args)))
    }

    /// The words of `key` for `n` things: `$n` chooses the plural and is written with grouped digits.
    #[must_use]
    pub fn count(&self, key: &str, n: u64, args: &[(&str, &str)]) -> String {
        let mut all = strings(args);
        // Counts this console can reach are exact in an f64.
        all.set("n", n as f64);
        self.render(key, None, Some(&all))
    }

    /// What happened.
    #[must_use]
    pub fn say(&self, say: &Say) -> String {
        self.render(say.key, None, Some(&arguments(say)))
    }

    /// What the person can do about it, where there is anything.
    #[must_use]
    pub fn next(&self, say: &Say) -> Option<String> {
        let _ = self.bundle.get_message(say.key)?.get_attribute("next")?;
        Some(self.render(say.key, Some("next"), Some(&arguments(say))))
    }

    /// Whether there are words for `key`.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// `12,345`.
    #[must_use]
    pub fn number(&self, n: u64) -> String {
        grouped(&n.to_string())
    }

    /// How long ago, at most four characters: `now`, `2m`, `9h`, `3d`, `5w`, `2y`. A time ahead of us is `now`.
    #[must_use]
    pub fn age(&self, elapsed: TimeDelta) -> String {
        let minutes = elapsed.num_minutes();
        let (key, n) = match minutes {
            ..1 => return self.text("app-age-now"),
            1..60 => ("app-age-minutes", minutes),
            60..1440 => ("app-age-hours", minutes / 60),
            1440..50_400 => ("app-age-days", minutes / 1440),
            50_400..525_600 => ("app-age-weeks", minutes / 10_080),
            _ => ("app-age-years", minutes / 525_600),
        };
        self.format(key, &[("n", &n.to_string())])
    }

    /// `2026-11-21 15:58Z`: date and time, always UTC.
    #[must_use]
    pub fn time(&self, at: DateTime<Utc>) -> String {
        at.format("%Y-%m-%d %H:%MZ").to_string()
    }

    /// `15:58:07Z`.
    #[must_use]
    pub fn clock(&self, at: DateTime<Utc>) -> String {
        at.format("%H:%M:%SZ").to_string()
    }

    fn render(&self, key: &str, attribute: Option<&str>, args: Option<&FluentArgs<'_>>) -> String {
        let Some(message) = self.bundle.get_message(key) else { return format!("⟨{key}⟩") };
        let pattern = match attribute {
            None => message.value(),
            Some(name) => message.get_attribute(name).map(|attribute| attribute.value()),
        };
        let Some(pattern) = pattern else { return format!("⟨{key}⟩") };
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, args, &mut errors).into_owned()
    }
}

fn strings<'a>(args: &[(&'a str, &'a str)]) -> FluentArgs<'a> {
    args.iter().map(|(name, value)| (*name, FluentValue::from(*value))).collect()
}

fn arguments(say: &Say) -> FluentArgs<'_> {
    say.args.iter().map(|(name, value)| (*name, FluentValue::from(value.as_str()))).collect()
}

/// A Fluent number in English digits, grouped.
fn group(value: f64) -> String {
    let text = value.abs().to_string();
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let sign = if value < 0.0 { "−" } else { "" };
    format!("{sign}{}{rest}", grouped(whole))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_parses_and_its_keys_carry_its_stem() {
        let mut seen = BTreeMap::new();
        for (stem, source) in ENGLISH {
            let _ = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(_, e)| panic!("{stem}.ftl: {e:?}"));
            for key in keys(source) {
                assert!(key.starts_with(&format!("{stem}-")), "{key} does not belong into {stem}.ftl");
                if let Some(other) = seen.insert(key.clone(), stem) {
                    panic!("{key} stands twice, in {other}.ftl and {stem}.ftl");
                }
            }
        }
    }

    #[test]
    fn keys_in_the_sources_exist_and_keys_in_the_files_are_used() {
        let catalog = Catalog::default();
        let mut literals = BTreeSet::new();
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut literals);
        let missing: Vec<_> = literals.iter().filter(|key| !catalog.has(key)).collect();
        assert!(missing.is_empty(), "used in src/, in no .ftl: {missing:?}");
        // The keys of `iodef-help.ftl` are made from the names of classes: tests/suite/schema.rs holds both ends.
        let written = ENGLISH.iter().filter(|(stem, _)| *stem != "iodef-help");
        let all: BTreeSet<_> = written.flat_map(|(_, source)| keys(source)).collect();
        let unused: Vec<_> = all.difference(&literals).collect();
        assert!(unused.is_empty(), "in a .ftl, used nowhere in src/: {unused:?}");
    }

    /// Message identifiers of a Fluent source: they start a line.
    fn keys(source: &str) -> Vec<String> {
        let lines = source.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        lines.filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned())).collect()
    }

    /// Collects every string literal of the sources that has the shape of a key. The names of an XML Schema's types have
    /// it too; they stand in one folder. So do options of the command line.
    fn walk(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("iodef/schema") {
                continue;
            }
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                let parts: Vec<&str> = source.split('"').collect();
                let literals = parts.windows(2).filter(|pair| !pair[0].ends_with("Long(")).map(|pair| pair[1]);
                found.extend(literals.filter(|part| looks_like_key(part)).map(str::to_owned));
            }
        }
    }

    fn looks_like_key(text: &str) -> bool {
        let plain = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        let is_stem = ENGLISH.iter().any(|(stem, _)| *stem == text);
        plain
            && !is_stem
            && ENGLISH
                .iter()
                .any(|(stem, _)| text.strip_prefix(stem).is_some_and(|rest| rest.len() > 1 && rest.starts_with('-')))
    }

    #[test]
    fn ages_are_short_and_never_negative() {
        let catalog = Catalog::default();
        let age = |minutes| catalog.age(TimeDelta::minutes(minutes));
        assert_eq!(catalog.age(TimeDelta::seconds(59)), "now");
        assert_eq!(age(-5), "now");
        assert_eq!(age(2), "2m");
        assert_eq!(age(59), "59m");
        assert_eq!(age(60), "1h");
        assert_eq!(age(23 * 60 + 59), "23h");
        assert_eq!(age(24 * 60), "1d");
        assert_eq!(age(34 * 1440), "34d");
        assert_eq!(age(35 * 1440), "5w");
        assert_eq!(age(365 * 1440), "1y");
    }

    #[test]
    fn numbers_are_grouped_and_plurals_chosen() {
        let catalog = Catalog::default();
        assert_eq!(catalog.number(0), "0");
        assert_eq!(catalog.number(999), "999");
        assert_eq!(catalog.number(1_000), "1,000");
        assert_eq!(catalog.number(1_234_567), "1,234,567");
        assert_eq!(group(-12_345.5), "−12,345.5");
        assert_eq!(catalog.count("feed-count", 1, &[]), "1 incident");
        assert_eq!(catalog.count("feed-count", 9_318, &[]), "9,318 incidents");
    }

    #[test]
    fn arguments_are_shown_as_given_without_invisible_marks() {
        let catalog = Catalog::new("de-AT");
        let say = Say::new("error-unreachable").with("target", "2026").with("cause", "{ $x } 1000");
        let text = catalog.say(&say);
        assert!(text.contains("2026") && text.contains("{ $x } 1000"), "{text}");
        assert!(!text.contains(['\u{2068}', '\u{2069}']));
        assert!(catalog.next(&say).is_some());
        assert_eq!(catalog.text(concat!("error-", "no-such")), "⟨error-no-such⟩");
        assert_eq!(catalog.next(&Say::new(concat!("error-", "no-such"))), None);
    }

    #[test]
    fn times_are_utc() {
        let at = "2026-11-21T17:58:07+02:00".parse::<DateTime<Utc>>().unwrap();
        let catalog = Catalog::default();
        assert_eq!(catalog.time(at), "2026-11-21 15:58Z");
        assert_eq!(catalog.clock(at), "15:58:07Z");
    }
}
