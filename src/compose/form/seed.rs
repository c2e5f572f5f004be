//! A new element with the least that makes it valid, and with nothing made up: times are now, names are new, choices say
//! `unknown` where they can. What only a person knows stays empty, for the form to ask: a number, a port, a link's name.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::iodef::Element;
use crate::iodef::edit::Fragment;
use crate::iodef::schema::{Attribute, Class, Content, Preset, Space, Type};

use super::{PROFILE, ids};

/// What a new element may be filled with.
#[derive(Clone, Debug)]
pub struct Fill {
    pub now: DateTime<Utc>,
    /// Who gives the names: `IncidentID@name`.
    pub csirt: String,
}

/// Children that the text of the RFC asks for where its schema asks for none (`DATA-MODEL.md` §8), and those that are
/// most often meant where there is a choice.
const INSIDE: &[(&str, &[&str])] = &[
    ("Contact", &["ContactName"]),
    ("Node", &["Address"]),
    ("Method", &["Description"]),
    ("EventData", &["Description"]),
    ("Reference", &["URL"]),
    ("ServiceName", &["IANAService"]),
    ("Service", &["ServiceName"]),
    ("Campaign", &["CampaignID"]),
    ("ThreatActor", &["ThreatActorID"]),
    ("AttackPhase", &["AttackPhaseID"]),
    ("RelatedActivity", &["IncidentID"]),
    ("RecordData", &["RecordItem"]),
    ("Application", &["Description"]),
    ("OperatingSystem", &["Description"]),
    ("AssociatedSoftware", &["Description"]),
    ("DetectionPattern", &["Description"]),
    ("HashData", &["Hash"]),
    ("File", &["FileName"]),
    ("Discovery", &["Description"]),
    ("Expectation", &["Description"]),
    ("HistoryItem", &["Description"]),
];

/// Which of several a choice means unless it is said.
const CHOSEN: &[&str] =
    &["Observable", "SystemImpact", "SameDomainContact", "X509Certificate", "IncidentID", "RSAKeyValue", "PGPKeyID"];

/// Attributes that are always said, since receivers differ in what their absence means (`DATA-MODEL.md` §10), and the
/// values that are most often meant.
const SAID: &[(&str, &str, &str)] = &[
    ("Address", "category", "ipv4-addr"),
    ("DomainData", "system-status", "unknown"),
    ("DomainData", "domain-status", "unknown"),
    ("RegistryHandle", "registry", "local"),
    ("TimeImpact", "duration", "hour"),
    ("BusinessImpact", "severity", "unknown"),
    ("Contact", "role", "irt"),
    ("Contact", "type", "organization"),
    ("BulkObservable", "type", "ipv4-addr"),
    ("HashData", "scope", "file-contents"),
    ("Counter", "type", "average"),
    ("IndicatorID", "version", "1"),
    ("DigestMethod", "Algorithm", "http://www.w3.org/2001/04/xmlenc#sha256"),
    ("CanonicalizationMethod", "Algorithm", "http://www.w3.org/2006/12/xml-c14n11"),
    ("SignatureMethod", "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
    ("ReferenceName", "specIndex", "1"),
];

/// Deepest that required content is looked for; our own table is far below.
const DEEP: usize = 12;

/// A new element of a class, to be put into `parent`.
#[must_use]
pub fn seed(parent: Element<'_>, class: &'static Class, fill: &Fill) -> Fragment {
    let mut taken: Vec<String> = Vec::new();
    let mut maker = Maker { fill, parent, taken: &mut taken, is_read: false };
    maker.element(class, 0).map_or_else(|| Fragment::new(class.name), |(_, fragment)| fragment)
}

struct Maker<'f, 'd> {
    fill: &'f Fill,
    parent: Element<'d>,
    taken: &'f mut Vec<String>,
    /// Whether the names of the document are among those taken.
    is_read: bool,
}

impl Maker<'_, '_> {
    /// The element, and how many there are in all; `None` where it is too deep.
    fn element(&mut self, class: &'static Class, depth: usize) -> Option<(usize, Fragment)> {
        if depth > DEEP {
            return None;
        }
        let mut fragment = match class.space {
            Space::Iodef => Fragment::new(class.name),
            space => Fragment::foreign(space.uri(), space.prefix(), class.name),
        };
        for attribute in class.attributes.iter().filter(|attribute| attribute.is_known(PROFILE)) {
            if let Some(value) = self.attribute(class, attribute) {
                fragment = fragment.attr(attribute.name, value);
            }
        }
        if let Content::Text(of) = class.content(PROFILE) {
            let text = self.value(*of);
            if !text.is_empty() {
                fragment = fragment.text(text);
            }
        }
        let mut count = 1;
        for child in self.inside(class, depth)? {
            count += child.0;
            fragment = fragment.with(child.1);
        }
        Some((count, fragment))
    }

    /// The children it begins with, in the order of the class.
    fn inside(&mut self, class: &'static Class, depth: usize) -> Option<Vec<(usize, Fragment)>> {
        let Some(model) = class.model(PROFILE) else { return Some(Vec::new()) };
        let wished = INSIDE.iter().find(|(name, _)| *name == class.name && class.space == Space::Iodef);
        let wished: Vec<&'static Class> = model
            .symbols()
            .iter()
            .filter_map(|symbol| symbol.class())
            .filter(|child| wished.is_some_and(|(_, names)| names.contains(&child.name)))
            .collect();
        let mut chosen: Vec<(u16, (usize, Fragment))> = Vec::new();
        for child in &wished {
            let rank = model.rank(child.element_name()).unwrap_or(u16::MAX);
            chosen.push((rank, self.element(child, depth + 1)?));
        }
        let present: Vec<_> = wished.iter().map(|child| child.element_name()).collect();
        for alternatives in model.missing(&present).collect::<Vec<_>>() {
            let rank = alternatives.first().and_then(|child| model.rank(child.element_name())).unwrap_or(u16::MAX);
            let usual = alternatives.iter().find(|child| CHOSEN.contains(&child.name));
            let made = match (usual, alternatives.as_slice()) {
                (Some(usual), _) => self.element(usual, depth + 1),
                (None, [only]) => self.element(only, depth + 1),
                (None, several) => {
                    let all = several.iter().filter_map(|child| self.element(child, depth + 1));
                    all.min_by_key(|(count, _)| *count)
                }
            };
            chosen.push((rank, made?));
        }
        chosen.sort_by_key(|(rank, _)| *rank);
        Some(chosen.into_iter().map(|(_, child)| child).collect())
    }

    fn attribute(&mut self, class: &'static Class, attribute: &'static Attribute) -> Option<String> {
        if let Preset::Fixed(fixed, _) = attribute.preset {
            return Some(fixed.to_owned());
        }
        let said = SAID.iter().find(|(name, of, _)| *name == class.name && *of == attribute.name);
        if let Some((.., value)) = said {
            return Some((*value).to_owned());
        }
        if !attribute.is_required(PROFILE) {
            return None;
        }
        Some(match attribute.name {
            "name" => self.fill.csirt.clone(),
            _ => self.value(attribute.of),
        })
    }

    /// The value a type begins with; nothing where only a person knows one.
    fn value(&mut self, of: Type) -> String {
        match of {
            Type::DateTime => self.fill.now.to_rfc3339_opts(SecondsFormat::Secs, true),
            Type::Enumeration(list) => {
                let token = |wanted: &str| list.tokens(PROFILE).find(|token| *token == wanted);
                let plain = || list.tokens(PROFILE).find(|token| *token != "ext-value");
                let token = token("unknown").or_else(|| token("string")).or_else(|| token("other")).or_else(plain);
                token.unwrap_or_default().to_owned()
            }
            Type::Id => {
                if !std::mem::replace(&mut self.is_read, true) {
                    self.taken.extend(ids::names(self.parent.document()).into_iter().map(|name| name.id));
                }
                let id = ids::fresh(self.taken, "id-1");
                self.taken.push(id.clone());
                id
            }
            Type::Timezone => "Z".to_owned(),
            Type::Language => "en".to_owned(),
            _ => String::new(),
        }
    }
}
