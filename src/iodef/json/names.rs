//! Where RFC 8727 names things otherwise than the XML, says them in another shape, or knows another token.

use crate::iodef::schema::{Class, Content, Particle, Profile, Space};

/// How an element of the XML stands in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An object of its attributes and children, or the bare text of one that has neither.
    Plain,
    /// Not there: its children stand in its place (`IndicatorData`, `Flow`, `Record`, …).
    Dissolved,
    /// Text or, with a language, an object.
    Language,
    /// Attributes and `value`, whose text may be XML.
    Extension,
    /// The whole element in base64.
    Octets,
    /// An object of one member in the array `Impact`.
    Impact,
    /// The bare name that is referred to.
    Reference,
}

#[must_use]
pub fn shape(class: &Class) -> Shape {
    match (class.space, class.name) {
        (Space::Iodef, "IndicatorData" | "Flow" | "Record" | "SignatureData" | "ApplicationHeader") => Shape::Dissolved,
        (Space::Iodef, "SystemImpact" | "BusinessImpact" | "TimeImpact" | "MonetaryImpact" | "IntendedImpact") => {
            Shape::Impact
        }
        (Space::Iodef, "ObservableReference") => Shape::Reference,
        (Space::Iodef, "SoftwareReference") => Shape::Extension,
        (Space::Signature, "DigestValue") => Shape::Plain,
        (Space::Signature, _) | (Space::Sci, "RawData") => Shape::Octets,
        _ if class.kind == "MLStringType" => Shape::Language,
        _ if class.kind == "ExtensionType" => Shape::Extension,
        _ => Shape::Plain,
    }
}

/// The member's name for an element.
#[must_use]
pub fn member(class: &Class) -> &'static str {
    match (class.name, shape(class)) {
        (_, Shape::Impact) => "Impact",
        (_, Shape::Reference) => "uid-ref",
        ("Nameservers", _) => "NameServers",
        ("Value", _) => "KeyValue",
        (name, _) => name,
    }
}

/// The member that holds an element's own text.
#[must_use]
pub fn text_member(class: &Class) -> &'static str {
    match class.name {
        "IncidentID" | "IndicatorID" => "id",
        "RegistryHandle" => "handle",
        _ => "value",
    }
}

/// Whether children called `name` are an array in `parent`: what may repeat is one, except the one confidence of an
/// expression.
#[must_use]
pub fn repeats(parent: &'static Class, space: Space, name: &str) -> bool {
    if parent.name == "IndicatorExpression" && name == "Confidence" {
        return false;
    }
    let (Content::Elements(particle) | Content::Mixed(particle)) = parent.content(Profile::Reading) else {
        return false;
    };
    // The table is four deep at most.
    let mut waiting = vec![(particle, false)];
    while let Some((particle, around)) = waiting.pop() {
        match particle.under(Profile::Reading) {
            Particle::Child { space: own, name: child, times } => {
                if *child == name && own.unwrap_or(parent.space) == space {
                    return around || times.repeats();
                }
            }
            Particle::Local { class, times } => {
                if class.name == name && class.space == space {
                    return around || times.repeats();
                }
            }
            Particle::Sequence { parts, times } | Particle::Choice { parts, times } => {
                waiting.extend(parts.iter().map(|part| (part, around || times.repeats())));
            }
            Particle::Any { .. } | Particle::By { .. } => {}
        }
    }
    false
}

/// Attributes that JSON demands and XML may leave out, with the value that says no more than its absence.
pub const DEMANDED: [(&str, &str, &str); 8] = [
    ("Address", "category", "ipv6-addr"),
    ("DomainData", "system-status", "unknown"),
    ("DomainData", "domain-status", "unknown"),
    ("SystemImpact", "type", "unknown"),
    ("BusinessImpact", "type", "unknown"),
    ("IntendedImpact", "type", "unknown"),
    ("RegistryHandle", "registry", "local"),
    ("RecordPattern", "type", "regex"),
];

/// Tokens with another name in JSON: class, attribute, in XML, in JSON. `anomyzation` is the schema's own slip.
const TOKENS: [(&str, &str, &str, &str); 5] = [
    ("Counter", "type", "counter", "count"),
    ("Contact", "role", "vendor-services", "vendor-support"),
    ("NodeRole", "category", "anonymization", "anomyzation"),
    ("BulkObservable", "type", "http-request-uri", "http-request-url"),
    ("BulkObservable", "type", "fqdn", "domain-name"),
];

#[must_use]
pub fn to_json<'t>(class: &str, attribute: &str, token: &'t str) -> &'t str {
    let other = TOKENS.iter().find(|(of, name, xml, _)| (*of, *name, *xml) == (class, attribute, token));
    other.map_or(token, |(.., json)| json)
}

#[must_use]
pub fn to_xml<'t>(class: &str, attribute: &str, token: &'t str) -> &'t str {
    let other = TOKENS.iter().find(|(of, name, _, json)| (*of, *name, *json) == (class, attribute, token));
    // `domain-name` is a token of both.
    other.filter(|(_, _, xml, _)| *xml != "fqdn").map_or(token, |(_, _, xml, _)| xml)
}

/// Members that RFC 8727 has and IODEF's XML has no place for: all structured information may be scored there, in RFC 7203
/// attack patterns may not (§4.5.1).
#[must_use]
pub fn is_alone(class: &Class, member: &str) -> bool {
    class.space == Space::Sci && (class.name, member) == ("AttackPattern", "Scoring")
}

/// The number written beside a rating that has none, because JSON demands one.
#[must_use]
pub fn stand_in(rating: &str) -> &'static str {
    match rating {
        "low" => "15",
        "medium" => "50",
        "high" => "85",
        "numeric" => "",
        _ => "0",
    }
}
