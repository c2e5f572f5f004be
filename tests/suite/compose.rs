//! The composer without its window: drafts, the form of every class, and what a person can do to a document with it.

mod edits;
mod redacted;
mod screened;
mod started;

use std::time::Instant;

use gridwatch::compose::Draft;
use gridwatch::compose::draft::{Act, Beside, Done};
use gridwatch::compose::form::{self, Field, Fill, Kind};
use gridwatch::iodef::check::check;
use gridwatch::iodef::schema::Profile;
use gridwatch::iodef::{Document, NodeId};

use super::check::generate::Chance;
use super::check::judges;
use super::support::shared::shared;

const NS: &str = "urn:ietf:params:xml:ns:iodef-2.0";

/// The least a report is.
fn least() -> Draft {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<IODEF-Document xmlns=\"{NS}\" version=\"2.00\" xml:lang=\"en\">\n  \
         <Incident purpose=\"reporting\" restriction=\"green\" \
         observable-id=\"the-incident\">\n    <IncidentID name=\"csirt.example.com\">2026-1</IncidentID>\n    \
         <GenerationTime>2026-11-21T16:05:00Z</GenerationTime>\n    <Contact role=\"irt\" type=\"organization\">\n      \
         <ContactName>A team</ContactName>\n    </Contact>\n  </Incident>\n</IODEF-Document>\n"
    );
    Draft::new(Document::read(text, &[]).unwrap(), Beside::default())
}

fn fill() -> Fill {
    Fill { now: "2026-11-22T09:30:00Z".parse().unwrap(), csirt: "csirt.example.com".to_owned() }
}

/// A value of a field's kind.
fn value(field: &Field, chance: &mut Chance) -> String {
    let list: &[&str] = match field.kind {
        Kind::Choice { .. } => {
            let tokens: Vec<_> = field.kind.tokens().collect();
            return tokens[chance.below(tokens.len())].to_owned();
        }
        Kind::Fixed(value) => return value.to_owned(),
        Kind::Line | Kind::Words => &["some words", "Grüße <&> \"x\"", "a\nb"],
        Kind::Lines => &["192.0.2.1", "192.0.2.1\n192.0.2.2"],
        Kind::DateTime => &["2026-11-21T16:05:00Z", "2026-11-21T16:05:00+01:00"],
        Kind::Integer => &["1", "443"],
        Kind::Number | Kind::Positive => &["1", "2.5"],
        Kind::Link => &["https://evil.example/a?b#c", "urn:x:y"],
        Kind::Id => return format!("name-{}", chance.below(10_000)),
        Kind::Reference => &["the-incident"],
        Kind::Name => &["CVE-2026-0001"],
        Kind::Language => &["de", "en-GB"],
        Kind::Ports => &["80", "22,80-90"],
        Kind::Zone => &["Z", "+01:00"],
        Kind::Base64 => &["AAAA"],
    };
    list[chance.below(list.len())].to_owned()
}

/// Fills what is wanting or wrong in an element and in all that is in it.
fn complete(draft: &mut Draft, node: NodeId, chance: &mut Chance) -> Vec<Done> {
    let mut done = Vec::new();
    let element = draft.document().element(node).unwrap();
    // From the last to the first: a text that comes to be renumbers what is after it.
    let all: Vec<NodeId> = std::iter::once(element).chain(element.descendants()).map(|element| element.id()).collect();
    for node in all.into_iter().rev() {
        let sheet = form::sheet(draft.document().element(node).unwrap());
        for field in sheet.fields {
            if field.fault.is_some() || field.is_wanting() {
                let value = value(&field, chance);
                done.push(draft.act(&Act::Set { spot: field.spot, value }, Instant::now()).unwrap());
            }
        }
    }
    done
}

fn is_valid(draft: &Draft) -> bool {
    check(draft.document(), Profile::Published).is_valid()
}

/// Where our verdict is not that of the judges.
fn judged(documents: &[(String, Draft)]) {
    let Some(schema) = shared("iodef/xsd/iodef-2.0.xsd") else { return };
    let bytes: Vec<Vec<u8>> = documents.iter().map(|(_, draft)| draft.document().write()).collect();
    let Some(opinions) = judges::ask(&schema, &bytes) else { return };
    let mut wrong = Vec::new();
    for ((name, draft), opinion) in documents.iter().zip(opinions) {
        let ours = is_valid(draft);
        if opinion.valid() != Ok(ours) {
            let said: Vec<_> = check(draft.document(), Profile::Published).findings;
            let said: Vec<_> = said.iter().map(|found| format!("{} {}", found.rule.id, found.path)).collect();
            wrong.push(format!("{name}: we say {ours} {said:?}\n{opinion:?}\n{}", draft.document().text()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), documents.len(), wrong[..wrong.len().min(5)].join("\n"));
}
