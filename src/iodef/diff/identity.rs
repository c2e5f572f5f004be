//! Who an element is: the values by which a class's things are told apart, so that one that is added in front of others
//! does not make all of them others.

use super::tree::{Node, Tree};
use super::value::{self, Said};
use crate::iodef::doc::Element;
use crate::iodef::schema::{Name, Profile, global};

/// By class: paths to what makes a thing the one it is. `a|b` is the first of them there is.
const KEYS: &[(&str, &[&str])] = &[
    ("Incident", &["IncidentID/@name", "IncidentID", "IncidentID/@instance"]),
    ("IncidentID", &["@name", ".", "@instance"]),
    ("AlternativeID", &["IncidentID/@name", "IncidentID"]),
    ("RelatedActivity", &["IncidentID|ThreatActor/ThreatActorID|Campaign/CampaignID|IndicatorID|URL"]),
    ("ThreatActor", &["ThreatActorID|URL"]),
    ("Campaign", &["CampaignID|URL"]),
    ("Indicator", &["IndicatorID/@name", "IndicatorID"]),
    ("IndicatorID", &["@name", "."]),
    ("AlternativeIndicatorID", &["IndicatorID/@name", "IndicatorID"]),
    ("ObservableReference", &["@uid-ref"]),
    ("IndicatorReference", &["@uid-ref|@euid-ref"]),
    ("AttackPhase", &["AttackPhaseID|URL"]),
    ("AttackPhaseID", &["."]),
    ("BulkObservable", &["@type"]),
    ("Contact", &["@role", "@type", "ContactName"]),
    ("RegistryHandle", &["@registry", "."]),
    ("Email", &["EmailTo"]),
    ("Telephone", &["TelephoneNumber"]),
    ("EmailTo", &["."]),
    ("HistoryItem", &["@action", "DateTime"]),
    ("Discovery", &["@source"]),
    ("Expectation", &["@action"]),
    ("SystemImpact", &["@type"]),
    ("BusinessImpact", &["@type"]),
    ("IntendedImpact", &["@type"]),
    ("TimeImpact", &["@metric"]),
    ("MonetaryImpact", &["@currency"]),
    ("IncidentCategory", &["."]),
    ("Reference", &["ReferenceName/@specIndex", "ReferenceName/ID|URL"]),
    ("URL", &["."]),
    ("System", &["@category", "Node/Address|Node/DomainData/Name"]),
    ("Address", &["@category", "."]),
    ("NodeRole", &["@category"]),
    ("DomainData", &["Name"]),
    ("Nameservers", &["Server"]),
    ("Service", &["@ip-protocol", "Port|Portlist"]),
    ("Counter", &["@type", "@unit", "@meaning"]),
    ("RecordData", &["DateTime"]),
    ("File", &["FileName|HashData/Hash/DigestValue"]),
    ("HashData", &["@scope"]),
    ("Hash", &["DigestMethod/@Algorithm"]),
    ("Key", &["KeyName"]),
    ("Description", &["@translation-id", "@xml:lang"]),
    ("AttackPattern", &["@ContentID"]),
    ("Vulnerability", &["@ContentID"]),
    ("Weakness", &["@ContentID"]),
    ("Platform", &["@ContentID"]),
    ("Scoring", &["@ContentID"]),
    ("AdditionalData", &["@name|@meaning", "@formatid"]),
    ("EmailHeaderField", &["@name"]),
    ("ApplicationHeaderField", &["@name"]),
];

/// How far one looks among the children of an element for its name: no honest document has it farther off.
const BESIDE: usize = 64;

fn paths(node: &Node<'_>) -> &'static [&'static str] {
    let Some(class) = node.class else { return &[] };
    KEYS.iter().find(|(name, _)| *name == class.name).map_or(&[], |(_, paths)| paths)
}

/// The name of a thing, a number for all its values; `None` where it says none of them.
pub fn key(tree: &Tree<'_>, place: u32) -> Option<u64> {
    let node = tree.node(place)?;
    let values: Vec<Option<String>> = paths(node).iter().map(|path| first(node, path, true)).collect();
    // A text of one language is no one by that.
    let named = values.iter().flatten().any(|value| !value.is_empty()) && !is_language_only(node);
    named.then(|| tree.hash(values))
}

fn is_language_only(node: &Node<'_>) -> bool {
    node.element.is("Description") && node.element.attr("translation-id").is_none()
}

/// `observable-id`: of the sender's own numbering, so it counts less than what a thing is.
pub fn tag(tree: &Tree<'_>, place: u32) -> Option<u64> {
    let node = tree.node(place)?;
    let id = node.element.attr("observable-id")?;
    Some(tree.hash(id.trim()))
}

/// Whether two of the class with other names are two things, whatever else they share.
pub fn is_strong(node: &Node<'_>) -> bool {
    matches!(node.class.map(|class| class.name), Some("Incident" | "Indicator"))
}

/// What a person would call it: its values as said, without repeats.
pub fn gist(node: &Node<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for path in paths(node) {
        let value = first(node, path, false).filter(|value| !value.trim().is_empty());
        if let Some(value) = value.map(|value| value.trim().to_owned()).filter(|value| !parts.contains(value)) {
            parts.push(value);
        }
    }
    parts.join(" · ")
}

/// The value at the first of several paths that there is; as compared, or as said.
fn first(node: &Node<'_>, paths: &str, compared: bool) -> Option<String> {
    paths.split('|').find_map(|path| at(node, path, compared))
}

fn at(node: &Node<'_>, path: &str, compared: bool) -> Option<String> {
    let (mut element, mut class) = (node.element, node.class);
    for step in path.split('/') {
        if step == "." {
            return said(element, class, compared);
        }
        if let Some(name) = step.strip_prefix('@') {
            let attr = value::attrs(element, class).into_iter().find(|attr| attr.name == name)?;
            return Some(if compared { attr.value } else { attr.said }.into_owned());
        }
        let child = element.children().take(BESIDE).find(|child| child.local() == step)?;
        let name = Name { ns: child.ns(), local: child.local() };
        let here = class.and_then(|class| class.model(Profile::Reading)?.symbol(name)?.class());
        class = here.or_else(|| global(crate::iodef::schema::Space::of(child.ns())?, child.local()));
        element = child;
    }
    said(element, class, compared)
}

fn said(element: Element<'_>, class: Option<&'static crate::iodef::schema::Class>, compared: bool) -> Option<String> {
    if !compared {
        return Some(element.trimmed().into_owned()).filter(|text| !text.is_empty());
    }
    match value::text(element, class) {
        Said::One(text) => Some(text.into_owned()).filter(|text| !text.is_empty()),
        Said::Lines(_) => None,
    }
}
