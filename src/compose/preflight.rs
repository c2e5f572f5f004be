//! What is looked at before a report leaves: what blocks it and what should be known, each with where it is and what to do.
//!
//! Uses `model`, `text`, `iodef`, what is known of the [`Audience`], and the [`guard`] for what nobody could look through and for
//! the values that stand under a label.
//! Pure: asked for anew after every change, away from the window's thread, and once more when what was held is about to go.

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::audience::{Audience, Odd, is_open};
use super::draft::{Labels, Source};
use super::guard;
use super::meant::{By, is_stricter};
use crate::iodef::check::{self, Fix, Force, Grade};
use crate::iodef::edit::Edit;
use crate::iodef::schema::Profile;
use crate::iodef::{Document, Element, NodeId};
use crate::model::{Access, PayloadType, Restriction, Say, Tlp, Topic, TopicId};
use crate::text;

/// The name all documents of the practice grid bear; none of them leaves for a real one (`product.md` D3).
pub const PRACTICE: &str = "practice.invalid";
/// A payload this near to the topic's limit is told: its update may not fit any more.
const NEAR: (usize, usize) = (9, 10);
/// The finding that a topic is for more than what would go there.
pub const STRICTER: &str = "topic.stricter";
/// Readers named in one finding; more are counted.
const NAMED: usize = 3;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Nothing leaves while it stands.
    Blocks,
    Warns,
}

/// Where the person is led.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Element(NodeId),
    Topic(TopicId),
    Whole,
}

/// What lets a finding pass: a reason typed for exactly this (`product.md` B6, tier 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The finding's name.
    pub of: &'static str,
    /// What it found: a value, a topic, an audience.
    pub about: String,
}

#[derive(Clone, Debug)]
pub struct Finding {
    /// Never changed: scripts and reasons name it.
    pub id: &'static str,
    pub weight: Weight,
    /// What is so; its `.next` says what to do.
    pub say: Say,
    pub place: Place,
    pub fixes: Vec<Fix>,
    /// It passes by this, where it may.
    pub act: Option<Act>,
    /// The value that leaks, and whence it came.
    pub leak: Option<Arc<guard::Finding>>,
}

impl Finding {
    #[must_use]
    pub fn new(id: &'static str, weight: Weight, place: Place, say: Say) -> Self {
        Self { id, weight, say, place, fixes: Vec::new(), act: None, leak: None }
    }

    /// Blocks until a reason is given for it, and is told from then on.
    #[must_use]
    pub fn unless(mut self, about: impl Into<String>, reasons: &dyn Fn(&str, &str) -> bool) -> Self {
        let about = about.into();
        self.weight = if reasons(self.id, &about) { Weight::Warns } else { Weight::Blocks };
        self.act = Some(Act { of: self.id, about });
        self
    }
}

/// Whether anything stands in the way.
#[must_use]
pub fn blocks(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.weight == Weight::Blocks)
}

/// Blocking ones first, each kind as it was found.
#[must_use]
pub fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| finding.weight);
    findings
}

/// What is so of the document, wherever it goes. `reasons` tells whether one was given.
#[must_use]
pub fn document(document: &Document, practice: bool, reasons: &dyn Fn(&str, &str) -> bool) -> Vec<Finding> {
    let report = check::check(document, Profile::Published);
    let grave = (report.invalid + report.contradictions) as usize;
    let mut findings: Vec<Finding> = Vec::new();
    for found in report.findings {
        if found.grade == Grade::Note {
            continue;
        }
        let made = Finding::new(found.rule.id, Weight::Blocks, Place::Element(found.element), found.say);
        let made = match found.rule.force {
            // What is only advised against may be meant (`iodef.md` §5.3).
            Some(Force::Should) => made.unless(found.path, reasons),
            Some(Force::Must) | None => made,
        };
        findings.push(Finding { fixes: found.fixes, ..made });
    }
    let untold = grave.saturating_sub(findings.len());
    if untold > 0 {
        let say = Say::new("preflight-more").number("count", untold);
        findings.push(Finding::new("check.more", Weight::Blocks, Place::Whole, say));
    }
    for incident in incidents(document) {
        if incident.attr("restriction").is_none_or(|value| value.trim().is_empty()) {
            let say = Say::new("preflight-no-restriction");
            findings.push(Finding::new("restriction.missing", Weight::Blocks, Place::Element(incident.id()), say));
        }
    }
    if !practice && let Some(id) = document.root().descendants().find(|element| is_of_practice(*element)) {
        let place = Place::Element(id.id());
        findings.push(Finding::new("practice", Weight::Blocks, place, Say::new("preflight-practice")));
    }
    if let Some(node) = guard::unread(document) {
        let say = Say::new("guard-long");
        findings.push(Finding::new("guard.long", Weight::Blocks, Place::Element(node), say));
    }
    let travelling = document.travelling();
    if travelling.comments + travelling.instructions > 0 {
        let say = Say::new("preflight-comments").number("count", travelling.comments + travelling.instructions);
        findings.push(Finding::new("comments", Weight::Warns, Place::Whole, say));
    }
    findings
}

/// What is so of one topic: whether it may go there, fits there, and who would read it. `topic` is `None` where the broker
/// does not list it; `payload` counts the bytes that would travel; `reasons` tells whether one was given.
#[must_use]
pub fn topic(
    document: &Document,
    payload: usize,
    id: &TopicId,
    topic: Option<&Topic>,
    audience: &Audience,
    reasons: &dyn Fn(&str, &str) -> bool,
) -> Vec<Finding> {
    let name = text::line_within(topic.and_then(|topic| topic.title.as_deref()).unwrap_or(&id.node), 80);
    let made = |of: &'static str, weight, say: Say| {
        Finding::new(of, weight, Place::Topic(id.clone()), say.with("topic", &*name))
    };
    let Some(topic) = topic else {
        return vec![made("topic.unknown", Weight::Blocks, Say::new("preflight-topic-unknown"))];
    };
    let mut findings = Vec::new();
    if !topic.may_publish() {
        findings.push(made("topic.rights", Weight::Blocks, Say::new("preflight-topic-rights")));
    }
    match &topic.payload {
        PayloadType::Iodef2 => {}
        PayloadType::Unsaid => findings.push(made("topic.type", Weight::Warns, Say::new("preflight-topic-untyped"))),
        PayloadType::Iodef1 | PayloadType::Other(_) => {
            findings.push(made("topic.type", Weight::Blocks, Say::new("preflight-topic-type")));
        }
    }
    if topic.access == Access::Unsaid {
        findings.push(made("topic.access", Weight::Blocks, Say::new("preflight-topic-access")));
    }
    if let Some(most) = topic.max_payload.map(|most| most as usize) {
        let say = |key| Say::new(key).number("size", payload).number("most", most);
        if payload > most {
            findings.push(made("topic.size", Weight::Blocks, say("preflight-too-big")));
        } else if payload.saturating_mul(NEAR.1) > most.saturating_mul(NEAR.0) {
            findings.push(made("topic.size", Weight::Warns, say("preflight-nearly-too-big")));
        }
    }
    findings.extend(readers(document, topic, audience, &made, reasons));
    findings
}

/// Who would read it, held against what the document asks for.
fn readers(
    document: &Document,
    topic: &Topic,
    audience: &Audience,
    made: &dyn Fn(&'static str, Weight, Say) -> Finding,
    reasons: &dyn Fn(&str, &str) -> bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let about = topic.id.to_string();
    let label = strictest(document);
    // Nobody decides who reads there: only what is for everybody may go.
    if is_open(&topic.access) && topic.access != Access::Unsaid && label > Tlp::Clear {
        let say = Say::new("preflight-topic-open").with("tlp", label.token());
        findings.push(made("topic.open", Weight::Blocks, say));
    }
    findings.extend(stricter(document, topic, audience, label, made, reasons));
    if audience.first {
        let say = Say::new("preflight-first").number("count", audience.readers.len());
        findings.push(made("audience.first", Weight::Blocks, say).unless(&*about, reasons));
    }
    let alike: Vec<String> =
        audience.odd().filter(|(_, odd)| !matches!(odd, Odd::Lone)).map(|(reader, _)| reader.jid.to_string()).collect();
    if !alike.is_empty() {
        let say = Say::new("preflight-lookalike").with("who", named(&alike));
        findings.push(
            made("audience.lookalike", Weight::Blocks, say).unless(format!("{about} {}", alike.join(" ")), reasons),
        );
    }
    let lone: Vec<String> =
        audience.odd().filter(|(_, odd)| matches!(odd, Odd::Lone)).map(|(reader, _)| reader.jid.to_string()).collect();
    if !lone.is_empty() {
        let say = Say::new("preflight-lone").with("who", named(&lone)).number("count", lone.len());
        findings.push(made("audience.lone", Weight::Warns, say));
    }
    let new: Vec<String> = audience.arrived().map(|reader| reader.jid.to_string()).collect();
    if !new.is_empty() {
        let say = Say::new("preflight-new").with("who", named(&new)).number("count", new.len());
        findings.push(made("audience.new", Weight::Warns, say));
    }
    findings
}

/// What is for fewer than the topic is. The reason is for these values under this label: one that comes to them asks anew, so
/// that to raise a value is no way to bring it to the readers it was kept from.
fn stricter(
    document: &Document,
    topic: &Topic,
    audience: &Audience,
    label: Tlp,
    made: &dyn Fn(&'static str, Weight, Say) -> Finding,
    reasons: &dyn Fn(&str, &str) -> bool,
) -> Option<Finding> {
    let meant = audience.meant;
    if is_open(&topic.access) {
        return None;
    }
    if meant.is_exceeded(label) {
        let key = if meant.by == By::Person { "preflight-topic-stricter-said" } else { "preflight-topic-stricter" };
        let say = Say::new(key).with("tlp", label.label()).with("meant", meant.label.label());
        let about = format!("{} {} {}", topic.id, label.token(), above(document, meant.label));
        return Some(made(STRICTER, Weight::Blocks, say).unless(about, reasons));
    }
    // Nobody said that it is for so few: that it went there before is all that speaks for it.
    let is_habit = meant.by == By::Published && is_stricter(label, Tlp::Green);
    is_habit.then(|| made("topic.habit", Weight::Warns, Say::new("preflight-topic-habit").with("tlp", label.label())))
}

/// What tells the values of a document that are under a stricter label from any others.
fn above(document: &Document, label: Tlp) -> String {
    let said = guard::said(document).into_iter().filter(|said| is_stricter(said.here, label));
    let values: BTreeSet<String> = said.map(|said| format!("{} {}\n", said.kind.token(), said.value)).collect();
    let sum = values.iter().fold(Sha256::new(), |sum, value| sum.chain_update(value));
    text::hex(&sum.finalize()).chars().take(16).collect()
}

/// What a document says more widely than what it was made of: the restrictions of its sources bind it (`product.md` B6).
#[must_use]
pub fn sources(document: &Document, sources: &[Source], reasons: &dyn Fn(&str, &str) -> bool) -> Vec<Finding> {
    let now = Labels::of(document);
    let looser = |source: &Source| {
        let was = source.labels?;
        let (was, now, node) = if is_stricter(was.whole, now.whole) {
            (was.whole, now.whole, incidents(document).next()?.id())
        } else if is_stricter(was.loosest, now.loosest) {
            (was.loosest, now.loosest, Labels::said(document).find(|(_, label)| *label == now.loosest)?.0)
        } else {
            return None;
        };
        let say = Say::new("preflight-source").with("was", was.label()).with("now", now.label());
        let say = say.with("csirt", text::line_within(&source.csirt, 80)).with("id", text::line_within(&source.id, 80));
        let about = format!("{} {} {} {}", source.topic, source.item.0, was.token(), now.token());
        let made = Finding::new("source.looser", Weight::Blocks, Place::Element(node), say).unless(about, reasons);
        Some(Finding { fixes: raise(document, node, was).into_iter().collect(), ..made })
    };
    sources.iter().filter_map(looser).collect()
}

/// Gives an element this label, or the nearest around it that may bear one.
#[must_use]
pub fn raise(document: &Document, node: NodeId, label: Tlp) -> Option<Fix> {
    let bears = |element: &Element<'_>| {
        super::form::class_of(*element).is_some_and(crate::iodef::schema::Class::bears_restriction)
    };
    let bearer = document.element(node)?.ancestors().find(bears)?;
    let attribute = |local: &str| (String::new(), local.to_owned());
    let ((ns, local), value) = (attribute("restriction"), Restriction::of(label)?.token()?.to_owned());
    let mut edits = vec![Edit::SetAttr { node: bearer.id(), ns, local, value }];
    // What explained the word that stood there explains none now (RFC 7970 §5.1.1).
    if bearer.attr("ext-restriction").is_some() {
        let (ns, local) = attribute("ext-restriction");
        edits.push(Edit::RemoveAttr { node: bearer.id(), ns, local });
    }
    let say = Say::new("compose-leak-raise").with("label", label.label()).with("class", bearer.local().to_owned());
    Some(Fix { label: say, edits })
}

/// Some of them, by name, the rest by an ellipsis.
fn named(who: &[String]) -> String {
    let mut names: Vec<String> = who.iter().take(NAMED).map(|jid| text::line_within(jid, 80)).collect();
    if who.len() > NAMED {
        names.push("…".to_owned());
    }
    names.join(", ")
}

fn incidents(document: &Document) -> impl Iterator<Item = Element<'_>> {
    document.root().children_named("Incident")
}

/// The strictest label that a reader of the document finds in it: of its incidents and of what they hold.
#[must_use]
pub fn strictest(document: &Document) -> Tlp {
    let said = |element: Element<'_>| element.attr("restriction").map(|value| restriction(element, &value).tlp());
    let inside =
        incidents(document).flat_map(Element::descendants).filter(|element| element.is_iodef()).filter_map(said);
    let incidents = incidents(document).map(|incident| said(incident).unwrap_or_else(|| Restriction::Absent.tlp()));
    incidents.chain(inside).max().unwrap_or_else(|| Restriction::Absent.tlp())
}

fn restriction(element: Element<'_>, value: &str) -> Restriction {
    match value.trim() {
        "ext-value" => Restriction::from_token(&element.attr("ext-restriction").unwrap_or_default()),
        value => Restriction::from_token(value),
    }
}

fn is_of_practice(element: Element<'_>) -> bool {
    let name = element.is("IncidentID").then(|| element.attr("name")).flatten();
    name.is_some_and(|name| {
        let name = name.trim().trim_end_matches('.').to_ascii_lowercase();
        name == PRACTICE || name.strip_suffix(PRACTICE).is_some_and(|before| before.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::audience::{Around, Listed};
    use crate::compose::meant::Kind;
    use crate::model::{Affiliation, BareJid, Jid};

    fn report(inside: &str) -> Document {
        let text = format!(
            "<IODEF-Document xmlns=\"{}\" version=\"2.00\" xml:lang=\"en\">{inside}</IODEF-Document>",
            crate::iodef::NS
        );
        Document::read(text, &[]).unwrap()
    }

    fn incident(attrs: &str, name: &str, more: &str) -> Document {
        report(&format!(
            "<Incident purpose=\"reporting\"{attrs}><IncidentID name=\"{name}\">1</IncidentID>\
             <GenerationTime>2026-11-22T09:00:00Z</GenerationTime>{more}\
             <Contact role=\"creator\" type=\"organization\"><ContactName>C</ContactName>\
             <Email><EmailTo>c@csirt.example</EmailTo></Email></Contact></Incident>"
        ))
    }

    fn none(_: &str, _: &str) -> bool {
        false
    }

    fn ids(findings: &[Finding]) -> Vec<(&'static str, Weight)> {
        findings.iter().map(|finding| (finding.id, finding.weight)).collect()
    }

    fn here(access: Access) -> Topic {
        let id = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "n".to_owned() };
        let payload = PayloadType::Iodef2;
        Topic { access, payload, affiliation: Affiliation::Publisher, ..Topic::bare(id) }
    }

    fn audience(topic: &Topic, last: Option<&BTreeSet<BareJid>>, who: &[&str]) -> Audience {
        let subscribers: Vec<(Jid, bool)> = who.iter().map(|who| (who.parse().unwrap(), false)).collect();
        let me = "me@csirt.example".parse().unwrap();
        let around = Around { me: &me, last, publishers: &[], kept: None };
        Audience::of(topic, Some(Listed { affiliations: &[], subscribers: &subscribers }), around)
    }

    #[test]
    fn a_document_must_be_valid_restricted_and_real() {
        let sound = incident(" restriction=\"green\"", "csirt.example", "");
        assert_eq!(ids(&document(&sound, false, &none)), []);
        let bare = incident("", "csirt.example", "");
        assert_eq!(ids(&document(&bare, false, &none)), [("restriction.missing", Weight::Blocks)]);
        let number = crate::compose::short::named(&sound).next().unwrap().text().into_owned();
        let text = sound.text().replace(&format!(">{number}</IncidentID>"), "></IncidentID>");
        let unnumbered = document(&Document::read(text, &[]).unwrap(), false, &none);
        assert_eq!(ids(&unnumbered), [(check::NO_ID.id, Weight::Blocks)]);
        let practice = incident(" restriction=\"green\"", "Desk.practice.INVALID.", "");
        assert_eq!(ids(&document(&practice, false, &none)), [("practice", Weight::Blocks)]);
        assert_eq!(ids(&document(&practice, true, &none)), []);
        let broken = incident(" restriction=\"lilac\"", "csirt.example", "<!-- for us -->");
        let found = document(&broken, true, &none);
        assert!(blocks(&found) && found.iter().any(|finding| matches!(finding.place, Place::Element(_))));
        assert_eq!(found.last().map(|finding| (finding.id, finding.weight)), Some(("comments", Weight::Warns)));
        assert_eq!(sorted(found).first().map(|finding| finding.weight), Some(Weight::Blocks));
    }

    #[test]
    fn the_strictest_word_in_it_counts() {
        let label = |attrs: &str, more: &str| strictest(&incident(attrs, "csirt.example", more));
        assert_eq!(label(" restriction=\"white\"", ""), Tlp::Clear);
        assert_eq!(label("", ""), Tlp::Red);
        let red = "<Assessment restriction=\"red\"><SystemImpact type=\"unknown\"/></Assessment>";
        assert_eq!(label(" restriction=\"white\"", red), Tlp::Red);
        assert_eq!(label(" restriction=\"ext-value\" ext-restriction=\"amber+strict\"", ""), Tlp::AmberStrict);
    }

    #[test]
    fn what_a_topic_takes_and_whom_it_reaches() {
        let green = incident(" restriction=\"green\"", "csirt.example", "");
        let asked =
            |topic_is: Option<&Topic>, size: usize, audience: &Audience, reasons: &dyn Fn(&str, &str) -> bool| {
                let id = here(Access::Authorize).id;
                ids(&topic(&green, size, &id, topic_is, audience, reasons))
            };
        let closed = here(Access::Authorize);
        let last = BTreeSet::from(["soc@blue.example".parse().unwrap()]);
        let known = audience(&closed, Some(&last), &["soc@blue.example"]);
        assert_eq!(asked(Some(&closed), 1, &known, &none), []);
        assert_eq!(asked(None, 1, &known, &none), [("topic.unknown", Weight::Blocks)]);
        // Sizes at, below and over the limit.
        let small = Topic { max_payload: Some(1_000), ..closed.clone() };
        let size = |size| asked(Some(&small), size, &known, &none);
        assert_eq!(
            [size(900), size(901), size(1_001)],
            [vec![], vec![("topic.size", Weight::Warns)], vec![("topic.size", Weight::Blocks)]]
        );
        let open =
            Topic { publish_model: Some("open".to_owned()), affiliation: Affiliation::None, ..here(Access::Open) };
        assert_eq!(asked(Some(&open), 1, &known, &none), [("topic.open", Weight::Blocks)]);
        let foreign = Topic {
            payload: PayloadType::Other("urn:x".to_owned()),
            affiliation: Affiliation::None,
            ..here(Access::Unsaid)
        };
        let all = [("topic.rights", Weight::Blocks), ("topic.type", Weight::Blocks), ("topic.access", Weight::Blocks)];
        assert_eq!(asked(Some(&foreign), 1, &known, &none), all);
        // The first time asks for a reason, and so does who looks like another.
        let first = audience(&closed, None, &["soc@blue.example", "ops@blue.example", "a@b1ue.example"]);
        let found = asked(Some(&closed), 1, &first, &none);
        assert_eq!(found, [("audience.first", Weight::Blocks), ("audience.lookalike", Weight::Blocks)]);
        let reason = |of: &str, _: &str| of == "audience.first";
        assert_eq!(asked(Some(&closed), 1, &first, &reason).first(), Some(&("audience.first", Weight::Warns)));
        let grown = audience(&closed, Some(&last), &["soc@blue.example", "new@other.example"]);
        assert_eq!(
            asked(Some(&closed), 1, &grown, &none),
            [("audience.lone", Weight::Warns), ("audience.new", Weight::Warns)]
        );
    }

    #[test]
    fn what_is_for_fewer_than_the_topic_is_asks_for_a_reason_that_is_for_its_values() {
        let id = here(Access::Whitelist).id;
        let last = BTreeSet::new();
        let look = |document: &Document, access: Access, kept: Option<Kind>, reasons: &dyn Fn(&str, &str) -> bool| {
            let here = here(access);
            let me = "me@csirt.example".parse().unwrap();
            let around = Around { me: &me, last: Some(&last), publishers: &[], kept: kept.as_ref() };
            topic(document, 1, &here.id, Some(&here), &Audience::of(&here, None, around), reasons)
        };
        let part =
            |words: &str| format!("<EventData restriction=\"amber\"><Description>{words}</Description></EventData>");
        let green = |more: &str| incident(" restriction=\"green\"", "csirt.example", more);
        let kept = |said, published| Some(Kind { topic: id.clone(), said, published });
        assert_eq!(ids(&look(&green(""), Access::Whitelist, None, &none)), []);
        // Anything in it that travels counts, and where anybody reads nothing lets it pass.
        let mixed = green(&part("at 192.0.2.7"));
        let found = look(&mixed, Access::Whitelist, None, &none);
        assert_eq!(ids(&found), [("topic.stricter", Weight::Blocks)]);
        assert_eq!(
            ids(&look(&mixed, Access::Open, kept(Some(Tlp::Red), None), &none)),
            [("topic.open", Weight::Blocks)]
        );
        let about = found[0].act.clone().unwrap().about;
        let given = |of: &str, own: &str| of == "topic.stricter" && own == about;
        assert_eq!(ids(&look(&mixed, Access::Whitelist, None, &given)), [("topic.stricter", Weight::Warns)]);
        // Other words under it are no other values; one value more is.
        let weight = |words: &str| look(&green(&part(words)), Access::Whitelist, None, &given)[0].weight;
        assert_eq!(
            (weight("seen at 192.0.2.7"), weight("at 192.0.2.7 and 192.0.2.8")),
            (Weight::Warns, Weight::Blocks)
        );
        for (said, published, expected) in [
            (Some(Tlp::Amber), None, None),
            (Some(Tlp::Red), None, None),
            (Some(Tlp::Green), Some(Tlp::Red), Some(("topic.stricter", Weight::Blocks))),
            (None, Some(Tlp::Amber), Some(("topic.habit", Weight::Warns))),
            (None, Some(Tlp::Clear), Some(("topic.stricter", Weight::Blocks))),
        ] {
            let found = ids(&look(&mixed, Access::Authorize, kept(said, published), &none));
            assert_eq!(found.first().copied(), expected, "{said:?} {published:?}");
        }
    }

    #[test]
    fn what_the_rfc_advises_against_passes_by_a_reason_and_what_it_forbids_does_not() {
        let read = |start: &str, protocol: &str| {
            report(&format!(
                "<Incident purpose=\"reporting\" restriction=\"green\"><IncidentID name=\"csirt.example\">1</IncidentID>\
                 <StartTime>{start}</StartTime><EndTime>2026-11-22T08:00:00Z</EndTime>\
                 <GenerationTime>2026-11-22T09:00:00Z</GenerationTime><Contact role=\"creator\" type=\"organization\">\
                 <ContactName>C</ContactName></Contact><EventData><Flow><System category=\"source\"><Node>\
                 <Address category=\"ipv4-addr\">23.4.5.6</Address></Node><Service{protocol}><Port>80</Port></Service>\
                 </System></Flow></EventData></Incident>"
            ))
        };
        let sound = read("2026-11-22T07:00:00Z", " ip-protocol=\"6\"");
        assert_eq!(ids(&document(&sound, false, &none)), [], "{}", sound.text());
        let times = read("2026-11-22T09:00:00Z", " ip-protocol=\"6\"");
        let found = document(&times, false, &none);
        assert_eq!(ids(&found), [("iodef.times.end-before-start", Weight::Blocks)]);
        let act = found[0].act.clone().expect("it may be meant");
        let given = |of: &str, about: &str| (of, about) == (act.of, act.about.as_str());
        assert_eq!(ids(&document(&times, false, &given)), [("iodef.times.end-before-start", Weight::Warns)]);
        let port = document(&read("2026-11-22T07:00:00Z", ""), false, &|_, _| true);
        assert_eq!(ids(&port), [("iodef.service.port-needs-protocol", Weight::Blocks)]);
        assert!(port[0].act.is_none());
        // A node without a name, and a negation of two things (RFC 7970 §3.18, §3.29.5): no reason lets them pass.
        let within = |what: &str| {
            report(&format!(
                "<Incident purpose=\"reporting\" restriction=\"green\"><IncidentID name=\"csirt.example\">1</IncidentID>\
                 <GenerationTime>2026-11-22T09:00:00Z</GenerationTime><Contact role=\"creator\" type=\"organization\">\
                 <ContactName>C</ContactName></Contact>{what}</Incident>"
            ))
        };
        let node = "<EventData><Flow><System category=\"source\"><Node><Location>here</Location></Node></System></Flow></EventData>";
        let not = "<IndicatorData><Indicator><IndicatorID name=\"csirt.example\" version=\"1\">i</IndicatorID>\
                   <IndicatorExpression operator=\"not\"><IndicatorReference euid-ref=\"a\"/><IndicatorReference euid-ref=\"b\"/>\
                   </IndicatorExpression></Indicator></IndicatorData>";
        for (what, id) in [(node, "iodef.node.empty"), (not, "iodef.expression.not")] {
            let found = document(&within(what), false, &|_, _| true);
            assert_eq!(ids(&found), [(id, Weight::Blocks)]);
            assert!(found[0].act.is_none(), "{id}");
        }
        // What no sentence of the RFC forbids is left to a reason.
        let mut advised: Vec<&str> =
            check::RULES.iter().filter(|rule| rule.force == Some(check::Force::Should)).map(|rule| rule.id).collect();
        advised.sort_unstable();
        assert_eq!(advised, ["iodef.text.translated-twice", "iodef.times.end-before-start"]);
        // Each contradiction says which it is, and nothing else does.
        for rule in check::RULES {
            assert_eq!(rule.force.is_some(), rule.grade == Grade::Contradiction, "{}", rule.id);
        }
    }

    #[test]
    fn what_is_raised_keeps_nothing_of_the_word_before() {
        let event =
            "<EventData restriction=\"ext-value\" ext-restriction=\"ours\"><Description>x</Description></EventData>";
        let mut document = incident(" restriction=\"green\"", "csirt.example", event);
        let node = document.root().descendants().find(|element| element.is("Description")).unwrap().id();
        let fix = raise(&document, node, Tlp::Red).unwrap();
        for edit in &fix.edits {
            let _ = document.edit(edit).unwrap();
        }
        assert!(document.text().contains("<EventData restriction=\"red\">"), "{}", document.text());
        assert!(raise(&document, node, Tlp::ByAgreement).is_none());
    }
}
