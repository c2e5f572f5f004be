//! Whatever RFC 8727's schema has a member for is read, and written again: a document is made of the schema itself, with
//! every property of every definition wherever it stands, and each token of each enumeration in its turn.

use std::collections::{BTreeMap, HashSet};
use std::fs;

use base64::Engine as _;
use gridwatch::iodef::json;
use serde_json::{Map, Value, json as value};

use super::super::support::shared::shared;

struct Maker<'s> {
    schema: &'s Value,
    /// Definitions with all their members, by the member they stand in.
    whole: HashSet<(String, String)>,
    turn: usize,
    ids: usize,
}

impl Maker<'_> {
    fn make(&mut self, name: &str, node: &Value, whole: bool) -> Value {
        if let Some(target) = node["$ref"].as_str() {
            let target = target.rsplit('/').next().unwrap();
            let whole = self.whole.insert((name.to_owned(), target.to_owned()));
            let node = self.schema["definitions"][target].clone();
            return if target == "BYTE" { octets(name) } else { self.make(name, &node, whole) };
        }
        if let Some(tokens) = node["enum"].as_array() {
            return tokens[self.turn % tokens.len()].clone();
        }
        if let Some(either) = node["oneOf"].as_array().filter(|_| node.get("properties").is_none()) {
            let place = if whole { either.len() - 1 } else { 0 };
            return self.make(name, &either[place].clone(), true);
        }
        if let Some(properties) = node["properties"].as_object() {
            let wanted = required(node);
            let all = properties.iter().filter(|(name, _)| whole || wanted.contains(name));
            let one = |this: &mut Self, (name, node): (&String, &Value)| (name.clone(), this.make(name, node, false));
            return Value::Object(all.map(|member| one(self, member)).collect::<Map<_, _>>());
        }
        match node["type"].as_str() {
            Some("array") => value!([self.make(name, &node["items"].clone(), false)]),
            Some("number" | "integer") => value!(3),
            Some("string") => value!(self.text(name, node)),
            other => panic!("{name}: {other:?}"),
        }
    }

    fn text(&mut self, name: &str, node: &Value) -> String {
        self.ids += 1;
        let pattern = node["pattern"].as_str().unwrap_or_default();
        match (name, node["format"].as_str()) {
            ("version", _) => "2.0".to_owned(),
            ("lang", _) => "en".to_owned(),
            (_, Some("date-time")) => "2026-11-21T16:05:00Z".to_owned(),
            _ if pattern.starts_with("[a-zA-Z_]") => format!("id-{}", self.ids),
            _ if pattern.starts_with("[0-9]") => "22,80-90".to_owned(),
            _ if pattern.starts_with('Z') => "+02:00".to_owned(),
            _ if pattern.starts_with("^(([") => format!("https://a.example/{}", self.ids),
            _ => format!("text {}", self.ids),
        }
    }
}

/// What must be there, of several ways the first.
fn required(node: &Value) -> HashSet<&String> {
    let listed = |node: &'_ Value| node["required"].as_array().cloned().unwrap_or_default();
    let mut names: HashSet<String> = listed(node).iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    let all = node["allOf"].as_array().cloned().unwrap_or_default();
    let first = |node: &Value| ["anyOf", "oneOf"].iter().find_map(|way| node[*way].as_array()?.first().cloned());
    let mut open: Vec<Value> = all.into_iter().chain(first(node)).collect();
    while let Some(node) = open.pop() {
        names.extend(listed(&node).iter().map(|name| name.as_str().unwrap().to_owned()));
        open.extend(first(&node));
    }
    node["properties"].as_object().unwrap().keys().filter(|name| names.contains(*name)).collect()
}

const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// An element in base64, as a member of that name holds.
fn octets(name: &str) -> Value {
    let (ns, rest) = match name {
        "DigestValue" => return value!("AAEC"),
        "RawData" => ("urn:ietf:params:xml:ns:iodef-sci-1.0", " dtype=\"xml\"><x xmlns=\"urn:x\"/></o:RawData>"),
        _ => (SIGNATURE, "/>"),
    };
    value!(base64::engine::general_purpose::STANDARD.encode(format!("<o:{name} xmlns:o=\"{ns}\"{rest}")))
}

/// All members with their values; of elements in base64 that they are there.
fn members(value: &Value, path: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(name, value)| members(value, &format!("{path}/{name}"), found));
        }
        Value::Array(all) => {
            all.iter().enumerate().for_each(|(at, value)| members(value, &format!("{path}/{at}"), found));
        }
        leaf => {
            let octets = ["RawData", "Signature", "DigestMethod", "CanonicalizationMethod", "X509Data"];
            let is_octets = path.split('/').rev().take(2).any(|step| octets.contains(&step));
            let _ = found.insert(path.to_owned(), if is_octets { String::new() } else { leaf.to_string() });
        }
    }
}

#[test]
fn every_member_of_the_schema_is_read_and_written_again() {
    let Some(schema) = shared("iodef/json/iodef-json-schema.json") else { return };
    let schema: Value = serde_json::from_slice(&fs::read(schema).unwrap()).unwrap();
    let mut wrong: BTreeMap<String, usize> = BTreeMap::new();
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for turn in 0..32 {
        let mut maker = Maker { schema: &schema, whole: HashSet::new(), turn, ids: 0 };
        let made = maker.make("", &schema, true);
        assert!(maker.whole.len() > 100, "{}", maker.whole.len());
        let read = json::read(made.to_string().as_bytes()).unwrap();
        for remark in &read.remarks {
            *told.entry(format!("{} {}", remark.say.key, remark.path)).or_default() += 1;
        }
        let again: Value = serde_json::from_slice(&json::write(&read.document).bytes).unwrap();
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        members(&made, "", &mut before);
        members(&again, "", &mut after);
        for (path, said) in &before {
            let now = after.get(path);
            let is_told = read.remarks.iter().any(|remark| path.starts_with(&remark.path));
            if now != Some(said) && !is_told {
                *wrong.entry(format!("{path}: {said} became {now:?}")).or_default() += 1;
            }
        }
        for path in after.keys().filter(|path| !before.contains_key(*path)) {
            *wrong.entry(format!("{path}: new")).or_default() += 1;
        }
    }
    // A name of version 1 has no number, and its attack patterns no score (RFC 7203 §4.5.1).
    let known = |told: &str| {
        told.starts_with("export-json-index ")
            || told.starts_with("export-json-alone ") && told.ends_with("/AttackPattern/0/Scoring")
    };
    let told: Vec<&String> = told.keys().filter(|told| !known(told)).collect();
    assert!(told.is_empty(), "{told:#?}");
    assert!(wrong.is_empty(), "{}: {:#?}", wrong.len(), wrong.iter().take(60).collect::<Vec<_>>());
}
