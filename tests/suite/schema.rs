//! The class table is what the XML Schemas say, class by class, in both profiles; nobody has to trust a transcription.

mod xsd;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gridwatch::compose::cards;
use gridwatch::i18n::Catalog;
use gridwatch::iodef::schema::{
    self, Attribute, Class, Content, Particle, Preset, Profile, Space, Standing, Times, Type, enumeration,
};
use xsd::{Part, Schemas, Shape};

use super::support::shared::shared;

const OTHERS: [&str; 5] =
    ["iodef-1.0.xsd", "iodef-sci-1.0.xsd", "iodef-enum-1.0.xsd", "xmldsig-core-schema.xsd", "xml.xsd"];

/// The texts of the schema of a profile and of those it imports.
fn texts(profile: Profile) -> Option<Vec<String>> {
    let own = if profile == Profile::Published { "iodef-2.0.xsd" } else { "iodef-2.0-accept.xsd" };
    let folder = shared("iodef/xsd")?;
    let names = [own].into_iter().chain(OTHERS);
    Some(names.map(|name| fs::read_to_string(folder.join(name)).unwrap()).collect())
}

fn times(times: Times) -> &'static str {
    match times {
        Times::One => "",
        Times::Optional => "?",
        Times::Many => "*",
        Times::Some => "+",
    }
}

/// The table, in the words [`xsd`] has for a schema.
struct Table(Profile);

impl Table {
    fn lines(&self) -> BTreeMap<String, String> {
        let mut lines = BTreeMap::new();
        for class in schema::classes() {
            if class.standing == Standing::Reading && self.0 == Profile::Published {
                continue;
            }
            let name = format!("{{{}}}{}", class.space.uri(), class.name);
            assert!(lines.insert(name.clone(), self.class(class)).is_none(), "{name} stands twice");
        }
        lines
    }

    fn class(&self, class: &'static Class) -> String {
        let content = match class.content(self.0) {
            Content::Anything => return "anything".to_owned(),
            Content::Empty => "empty".to_owned(),
            Content::Text(of) => format!("text {}", self.simple(*of)),
            Content::Elements(particle) => format!("elements {}", self.part(particle, class.space).plain().text()),
            Content::Mixed(particle) => format!("mixed {}", self.part(particle, class.space).plain().text()),
            Content::By { .. } => unreachable!(),
        };
        let known = class.attributes.iter().filter(|attribute| attribute.is_known(self.0));
        let shape = Shape { attributes: known.flat_map(|a| self.attribute(a)).collect(), content };
        if class.kind.is_empty() { shape.text() } else { format!("{}: {}", class.kind, shape.text()) }
    }

    fn attribute(&self, attribute: &Attribute) -> Vec<String> {
        let need = if attribute.is_required(self.0) { "!" } else { "" };
        let name = attribute.name;
        let line = match (attribute.preset, self.0) {
            (Preset::None, _) => format!("{name}{need} {}", self.simple(attribute.of)),
            (Preset::Default(value), _) => format!("{name}{need} {}={value}", self.simple(attribute.of)),
            (Preset::Fixed(value, more), Profile::Reading) if !more.is_empty() => {
                format!("{name}{need} IODEF-Document@{name} {} [{} {value}]", self.simple(attribute.of), more.join(" "))
            }
            (Preset::Fixed(value, _), _) => format!("{name}{need} {}=={value}", self.simple(attribute.of)),
        };
        if attribute.extensible { vec![line, format!("ext-{name} string")] } else { vec![line] }
    }

    fn simple(&self, of: Type) -> String {
        match of {
            Type::String => "string",
            Type::DateTime => "dateTime",
            Type::Integer => "integer",
            Type::Float => "float",
            Type::Double => "double",
            Type::PositiveFloat => "float minExclusive 0",
            Type::FloatOrEmpty => r"union xs:float string pattern \s*",
            Type::AnyUri => "anyURI",
            Type::Id => "ID",
            Type::IdRef => "IDREF",
            Type::NcName => "NCName",
            Type::Language => "language",
            Type::Portlist => r"string pattern \d+(\-\d+)?(,\d+(\-\d+)?)*",
            Type::Timezone => r"string pattern Z|[\+\-](0[0-9]|1[0-4]):[0-5][0-9]",
            Type::Base64 => "base64Binary",
            Type::Enumeration(list) => {
                let base = if list.collapses { "NMTOKEN" } else { "string" };
                let mut tokens: Vec<_> = list.tokens(self.0).collect();
                tokens.sort_unstable();
                return format!("{} {base} [{}]", list.name, tokens.join(" "));
            }
        }
        .to_owned()
    }

    fn part(&self, particle: &'static Particle, space: Space) -> Part {
        let parts = |parts: &'static [Particle]| parts.iter().map(|part| self.part(part, space)).collect();
        match particle.under(self.0) {
            Particle::Child { space: named, name, times: n } => {
                let space = named.unwrap_or(space);
                assert!(schema::global(space, name).is_some(), "{name} has no row");
                Part::Leaf(format!("{{{}}}{name}", space.uri()), times(*n))
            }
            Particle::Local { class, times: n } => {
                assert_eq!(class.standing, Standing::Local, "{}", class.name);
                Part::Leaf(format!("<{{{}}}{} = {}>", class.space.uri(), class.name, self.class(class)), times(*n))
            }
            Particle::Sequence { parts: inner, times: n } => Part::Sequence(parts(inner), times(*n)),
            Particle::Choice { parts: inner, times: n } => Part::Choice(parts(inner), times(*n)),
            Particle::Any { other, lax, times: n } => {
                let kind = if *other { "##other" } else { "##any" };
                let process = if *lax { "lax" } else { "strict" };
                Part::Leaf(format!("any {kind} {process}"), times(*n))
            }
            Particle::By { .. } => unreachable!(),
        }
    }
}

/// What differs between schema and table, by element.
fn differences(schema: &BTreeMap<String, String>, table: &BTreeMap<String, String>) -> Vec<String> {
    let names: BTreeSet<_> = schema.keys().chain(table.keys()).collect();
    let line = |lines: &BTreeMap<String, String>, name: &String| lines.get(name).cloned().unwrap_or("-".to_owned());
    let differs = names.into_iter().filter(|name| schema.get(*name) != table.get(*name));
    differs.map(|name| format!("{name}\n  schema {}\n  table  {}", line(schema, name), line(table, name))).collect()
}

#[test]
fn the_table_is_the_schema_in_both_profiles() {
    for profile in [Profile::Published, Profile::Reading] {
        let Some(texts) = texts(profile) else { return };
        let lines = Schemas::new(&texts).lines();
        assert!(lines.len() > 190, "{}", lines.len());
        let differences = differences(&lines, &Table(profile).lines());
        assert!(differences.is_empty(), "{profile:?}\n{}", differences.join("\n"));
    }
}

#[test]
fn the_lists_of_tokens_are_all_there() {
    for profile in [Profile::Published, Profile::Reading] {
        let Some(texts) = texts(profile) else { return };
        let named = enumeration::ALL.iter().filter(|list| !list.name.contains('@'));
        let mut table: BTreeMap<_, _> = named
            .map(|list| (list.name.to_owned(), list.tokens(profile).map(str::to_owned).collect::<Vec<_>>()))
            .collect();
        let mut schema = Schemas::new(&texts).lists(Space::Iodef.uri());
        if profile == Profile::Reading {
            // What is added stands at the end of ours.
            schema.values_mut().chain(table.values_mut()).for_each(|tokens| tokens.sort());
        }
        assert_eq!(schema, table, "{profile:?}");
    }
}

/// Whoever changes a line of the schema that says something, and only there, is found out: so would be a wrong row.
#[test]
fn every_line_of_the_schema_counts() {
    let Some(mut texts) = texts(Profile::Published) else { return };
    let table = Table(Profile::Published).lines();
    let own = texts[0].clone();
    let mut tried = 0;
    for (number, line) in own.lines().enumerate() {
        let with = |changed: &str| {
            let lines = own.lines().enumerate().map(|(n, line)| if n == number { changed } else { line });
            lines.collect::<Vec<_>>().join("\n")
        };
        let changed = if line.contains("<xs:enumeration") || (line.contains("<xs:element ref") && line.ends_with("/>"))
        {
            String::new()
        } else if line.contains("minOccurs=\"0\"") {
            line.replace("minOccurs=\"0\"", "")
        } else if line.contains("maxOccurs=\"unbounded\"") {
            line.replace("maxOccurs=\"unbounded\"", "")
        } else if line.contains("use=\"required\"") {
            line.replace("use=\"required\"", "")
        } else if line.contains("default=\"") {
            line.replace("default=\"", "default=\"x")
        } else if line.contains("type=\"xs:integer\"") {
            line.replace("xs:integer", "xs:string")
        } else {
            continue;
        };
        tried += 1;
        // All 664 were found out; each fifth takes a second or two.
        if tried % 5 != 0 {
            continue;
        }
        texts[0] = with(&changed);
        assert!(!differences(&Schemas::new(&texts).lines(), &table).is_empty(), "line {}: {line}", number + 1);
    }
    assert!(tried > 600, "{tried}");
}

#[test]
fn content_models_are_deterministic_and_complete() {
    for profile in [Profile::Published, Profile::Reading] {
        for class in schema::classes() {
            let Some(model) = class.model(profile) else { continue };
            let mut states = vec![schema::State::START];
            let mut at = 0;
            while let Some(state) = states.get(at).copied() {
                let mut names = BTreeSet::new();
                for symbol in model.expected(state) {
                    let foreign = schema::Name { ns: "urn:foreign", local: "x" };
                    let name = symbol.class().map_or(foreign, Class::element_name);
                    assert!(names.insert((name.ns, name.local)), "{} may be {} in two ways", class.name, name.local);
                    let (next, _) = model.step(state, name).unwrap();
                    if !states.contains(&next) {
                        states.push(next);
                    }
                }
                at += 1;
            }
            assert!(states.iter().any(|state| model.may_end(*state)), "{} never ends", class.name);
        }
    }
}

#[test]
fn every_class_and_attribute_is_explained_and_nothing_else() {
    let catalog = Catalog::default();
    let mut keys = BTreeSet::new();
    for entry in schema::reference() {
        let _ = keys.insert(entry.class.help());
        keys.extend(entry.class.declared(Profile::Reading).map(|attribute| entry.class.attribute_help(attribute)));
    }
    let missing: Vec<_> = keys.iter().filter(|key| !catalog.has(key)).collect();
    assert!(missing.is_empty(), "no words for {missing:?}");
    let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("i18n/en/iodef-help.ftl")).unwrap();
    let written: BTreeSet<_> = source
        .lines()
        .filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()))
        .filter(|l| l.starts_with("iodef-help-"))
        .collect();
    assert_eq!(written, keys);
    for key in &keys {
        let words = catalog.text(key);
        assert!(words.ends_with('.') && words.len() < 160 && !words.contains(['{', '⟨']), "{key}: {words}");
    }
}

#[test]
fn a_form_knows_what_may_be_added_and_where() {
    let names = |names: &[&'static str]| -> Vec<schema::Name<'static>> {
        names.iter().map(|name| schema::Name { ns: Space::Iodef.uri(), local: name }).collect()
    };
    let offered = |class: &str, children: &[&'static str]| -> Vec<&'static str> {
        let model = schema::class(class).unwrap().model(Profile::Published).unwrap();
        model.addable(&names(children)).iter().map(|class| class.name).collect()
    };
    // What is there once and may be there once is not offered again; what is missing is.
    let incident = offered("Incident", &["IncidentID", "GenerationTime", "Contact"]);
    assert!(!incident.contains(&"IncidentID") && !incident.contains(&"GenerationTime"), "{incident:?}");
    assert!(["DetectTime", "Contact", "EventData", "AdditionalData"].iter().all(|name| incident.contains(name)));
    assert!(offered("Incident", &[]).contains(&"GenerationTime"));
    // Alternatives exclude each other, and a repeated group goes on.
    assert_eq!(offered("Observable", &["Address"]), Vec::<&str>::new());
    assert_eq!(offered("DomainContacts", &["Contact"]), ["Contact"]);
    let joined = offered("IndicatorExpression", &["Observable", "Confidence"]);
    assert!(joined.contains(&"Observable") && !joined.contains(&"Confidence"), "{joined:?}");

    let place = |class: &str, children: &[&'static str], new: &'static str| {
        let model = schema::class(class).unwrap().model(Profile::Published).unwrap();
        model.place_of(names(children), names(&[new])[0])
    };
    assert_eq!(place("Incident", &["IncidentID", "GenerationTime", "Contact"], "DetectTime"), Some(1));
    assert_eq!(place("Incident", &["IncidentID", "GenerationTime", "Contact"], "AdditionalData"), Some(3));
    assert_eq!(place("Incident", &["IncidentID", "GenerationTime", "Contact"], "Contact"), Some(3));
    assert_eq!(place("Incident", &["IncidentID"], "Server"), None);
    assert_eq!(place("IndicatorExpression", &["Observable", "Confidence"], "Observable"), Some(2));
}

#[test]
fn what_a_contact_card_offers_is_listed() {
    let listed = |list: &schema::Enumeration, token: &str| assert!(list.holds(token, Profile::Published), "{token}");
    cards::kinds().for_each(|choice| listed(&enumeration::CONTACT_TYPE, choice));
    cards::roles().for_each(|choice| listed(&enumeration::CONTACT_ROLE, choice));
    assert!(cards::kinds().eq(["person", "organization"]) && cards::roles().count() > 12);
}
