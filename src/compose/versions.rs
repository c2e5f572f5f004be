//! What goes where: to each of its topics a draft goes whole, or as the version for those who may see less.
//!
//! Uses preflight and `redact`. For whom it is in a topic, the person says; where anybody may read it is what everybody may know.

use std::sync::Arc;

use super::audience::{Audience, is_open};
use super::draft::Whole;
use super::preflight::{self, Finding, Place, Weight, strictest};
use super::redact::{Need, Proof, Redaction, Survivor, prove, redact};
use super::short;
use crate::iodef::Document;
use crate::iodef::view::marking;
use crate::model::{Access, Say, Tlp, Topic, TopicId};

/// A topic that a draft goes to, with what is known of it.
#[derive(Clone, Debug)]
pub struct To {
    pub id: TopicId,
    pub topic: Option<Topic>,
    pub audience: Audience,
    /// For whom the person wants it there: the whole, or the version for those who may see this much; `None` where nothing
    /// was said.
    pub wanted: Option<Option<Tlp>>,
}

/// What goes to each topic that does not get the whole.
pub type Versions = Vec<(TopicId, Arc<Redaction>)>;

/// For whom a topic's version is; `None` where it gets the whole.
fn target(document: &Document, to: &To, label: Tlp) -> Option<Tlp> {
    let looser = |target: &Tlp| *target < label;
    if let Some(wanted) = to.wanted {
        return wanted.filter(looser);
    }
    let access = to.topic.as_ref().map(|topic| &topic.access)?;
    // Where the incident itself is for fewer, nothing would be left.
    let is_left = short::incident(document).is_some_and(|incident| marking(incident).restriction.tlp() == Tlp::Clear);
    (is_open(access) && *access != Access::Unsaid && is_left).then_some(Tlp::Clear).filter(looser)
}

/// What is so of what goes to each topic, and the versions among it. Makes them: away from the window's thread.
///
/// # Errors
/// When a version cannot be written, which is an error of this program.
pub fn look(
    document: &Document,
    practice: bool,
    all: &[To],
    reasons: &dyn Fn(&str, &str) -> bool,
) -> Result<(Vec<Finding>, Versions), Say> {
    let (label, size) = (strictest(document), document.travelling().text.len());
    let (mut found, mut versions): (Vec<Finding>, Versions) = (Vec::new(), Vec::new());
    for to in all {
        let topic = to.topic.as_ref();
        let Some(target) = target(document, to, label) else {
            found.extend(preflight::topic(document, size, &to.id, topic, &to.audience, reasons));
            continue;
        };
        let made = versions.iter().find(|(_, made)| made.target == target).map(|(_, made)| Arc::clone(made));
        let made = match made {
            Some(made) => made,
            None => {
                let made = Arc::new(redact(document, target).map_err(|refused| refused.say())?);
                found.extend(unsound(&made));
                made
            }
        };
        let version = &made.document;
        let size = version.travelling().text.len();
        found.extend(preflight::topic(version, size, &to.id, topic, &to.audience, reasons));
        // Its elements are not those of the draft.
        let own = preflight::document(version, practice, reasons).into_iter();
        let own = own.filter(|finding| finding.weight == Weight::Blocks && made.needs.is_empty());
        found.extend(own.map(|finding| Finding { place: Place::Topic(to.id.clone()), fixes: Vec::new(), ..finding }));
        versions.push((to.id.clone(), made));
    }
    Ok((found, versions))
}

/// What hinders a version from going anywhere.
fn unsound(made: &Redaction) -> Vec<Finding> {
    let needs = made.needs.iter().map(|need| {
        let (Need::Whole { node, .. } | Need::Missing { node, .. }) = need;
        Finding::new("version.need", Weight::Blocks, Place::Element(*node), need.say())
    });
    // It is led to where it stands in the whole, which is what is edited.
    let survivors = survivors(&made.proof, |survivor| survivor.from.map_or(Place::Whole, Place::Element));
    let mut found: Vec<Finding> = needs.chain(survivors).collect();
    if found.is_empty() && !made.is_sound() {
        found.push(unproven());
    }
    found
}

fn survivors(proof: &Proof, place: impl Fn(&Survivor) -> Place) -> impl Iterator<Item = Finding> {
    let survivors = proof.survivors().iter();
    survivors.map(move |one| Finding::new("version.survivor", Weight::Blocks, place(one), one.say()))
}

fn unproven() -> Finding {
    Finding::new("version.unproven", Weight::Blocks, Place::Whole, Say::new("compose-version-unproven"))
}

/// What of the reports that a draft is a version of survives in it, by a proof of its own: it may have been typed again since.
/// Away from the window's thread.
#[must_use]
pub fn kept_out(document: &Document, wholes: &[Arc<Whole>]) -> Vec<Finding> {
    let mut found = Vec::new();
    for whole in wholes {
        match Document::read(whole.text.as_str(), &[]) {
            Ok(full) => {
                let proof = prove(&full, document, whole.target);
                found.extend(survivors(&proof, |survivor| Place::Element(survivor.node)));
            }
            Err(_) => found.push(unproven()),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::audience::Known;
    use crate::compose::meant::{By, Meant};
    use crate::model::{Affiliation, PayloadType};

    fn document(incident: &str, contact: &str) -> Document {
        let text = format!(
            "<IODEF-Document xmlns=\"{}\" version=\"2.00\" xml:lang=\"en\"><Incident purpose=\"reporting\" \
             restriction=\"{incident}\"><IncidentID name=\"csirt.example\">1</IncidentID>\
             <GenerationTime>2026-11-22T09:00:00Z</GenerationTime>\
             <Contact role=\"creator\" type=\"organization\"><ContactName>C</ContactName></Contact>\
             <Contact role=\"tech\" type=\"person\" restriction=\"{contact}\"><ContactName>Nora Lind</ContactName></Contact>\
             </Incident></IODEF-Document>",
            crate::iodef::NS
        );
        Document::read(text, &[]).unwrap()
    }

    fn to(node: &str, access: Access, wanted: Option<Option<Tlp>>) -> To {
        let id = TopicId { broker: "broker.grid.example".parse().unwrap(), node: node.to_owned() };
        let topic = Topic {
            access,
            payload: PayloadType::Iodef2,
            affiliation: Affiliation::Publisher,
            ..Topic::bare(id.clone())
        };
        let known = Known::Estimated { subscribers: None };
        let meant = Meant { label: Tlp::Red, by: By::Person };
        let audience = Audience { readers: Vec::new(), known, anybody: false, first: false, meant };
        To { id, topic: Some(topic), audience, wanted }
    }

    fn asked(document: &Document, all: &[To]) -> (Vec<&'static str>, Vec<(String, Tlp)>) {
        let (found, versions) = look(document, false, all, &|_, _| false).unwrap();
        let names = versions.iter().map(|(topic, made)| (topic.node.clone(), made.target)).collect();
        assert!(versions.iter().all(|(_, made)| !made.document.text().contains("Nora")));
        (found.iter().filter(|one| one.weight == Weight::Blocks).map(|one| one.id).collect(), names)
    }

    #[test]
    fn each_topic_gets_what_it_may() {
        let mixed = document("green", "red");
        let (strict, loose) =
            (to("strict", Access::Whitelist, None), to("loose", Access::Whitelist, Some(Some(Tlp::Green))));
        assert_eq!(asked(&mixed, &[strict.clone(), loose.clone()]), (vec![], vec![("loose".to_owned(), Tlp::Green)]));
        // Two of one target share one version; what nothing is stricter than goes whole.
        let other = to("other", Access::Authorize, Some(Some(Tlp::Green)));
        let (_, versions) = look(&mixed, false, &[loose.clone(), other], &|_, _| false).unwrap();
        assert!(Arc::ptr_eq(&versions[0].1, &versions[1].1));
        assert_eq!(asked(&document("green", "green"), &[loose]).1, []);
        // The whole is green, which is not for everybody: that is said of the whole, and nothing is taken out of it.
        let open = to("open", Access::Open, None);
        assert_eq!(asked(&mixed, std::slice::from_ref(&open)), (vec!["topic.open"], vec![]));
        let clear = document("white", "red");
        assert_eq!(asked(&clear, std::slice::from_ref(&open)), (vec![], vec![("open".to_owned(), Tlp::Clear)]));
        let whole = To { wanted: Some(None), ..open };
        assert_eq!(asked(&clear, &[whole]), (vec!["topic.open"], vec![]));
        // One that would be without what must be there is none.
        let lower = To { wanted: Some(Some(Tlp::Clear)), ..strict };
        assert_eq!(asked(&mixed, &[lower]).0.first(), Some(&"version.need"));
    }
}
