//! RFC 8727 both ways: what we write is valid by its schema, what we read is valid by ours, and a second turn changes
//! nothing.

use std::fs;

use gridwatch::iodef::Position;
use gridwatch::iodef::check::check;
use gridwatch::iodef::json;
use gridwatch::iodef::schema::Profile;

use super::super::support::shared::shared;
use super::documents::samples;
use super::judge::{acquit, judge};

/// What a judge misses in a document that does not have it either.
const MISSING: &[(&str, &str)] = &[
    // Our own fixture of a bent document: no times, no contact.
    ("iodef-bent.iodef.json", "is a required property"),
    ("iodef-bent.xml", "GenerationTime' expected"),
    // Its original, of version 1, has no time either.
    ("v1-mantis-worm-invalid.iodef.json", "'GenerationTime' is a required property"),
    ("v1-mantis-worm-invalid.xml", "GenerationTime' expected"),
    // A time without a zone is none of RFC 3339, and a zone is not guessed.
    ("iodef-two-incidents.iodef.json", "is not a 'date-time'"),
    // A node without a name or an address: the published schema takes it, RFC 8727's does not.
    ("v2-guidance-ddos.iodef.json", "Node: {}"),
];

#[test]
fn documents_turn_into_json_and_back() {
    let dir = tempfile::tempdir().unwrap();
    for sample in samples() {
        let once = json::write(&sample.document);
        let back = json::read(&once.bytes).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        assert!(back.remarks.is_empty(), "{}: {:?}", sample.name, back.remarks);
        let twice = json::write(&back.document);
        same(&sample.name, &once.bytes, &twice.bytes);
        fs::write(dir.path().join(format!("{}.iodef.json", sample.name)), once.bytes).unwrap();
        fs::write(dir.path().join(format!("{}.xml", sample.name)), back.document.write()).unwrap();
    }
    let (Some(schema), Some(xsd)) =
        (shared("iodef/json/iodef-json-schema.json"), shared("iodef/xsd/iodef-2.0-accept.xsd"))
    else {
        return;
    };
    let Some(mut judged) = judge(dir.path(), Some(&schema), Some(&xsd)) else { return };
    for (name, what) in MISSING {
        let problems = judged.remove(*name).unwrap();
        assert!(problems.iter().all(|problem| problem.contains(what)), "{name}: {problems:?}");
    }
    acquit(&judged);
}

#[test]
fn published_json_turns_into_documents() {
    let Some(examples) = shared("iodef/examples/json") else { return };
    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(examples).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let read = json::read(&fs::read(&path).unwrap()).unwrap();
        if name.contains("olddraft") {
            let paths: Vec<&str> = read.remarks.iter().map(|remark| remark.path.as_str()).collect();
            let observable = "/Incident/0/Indicator/0/Observable/BulkObservable/BulkObservableList";
            assert_eq!(paths, ["/Incident/0/Assessment/0/BusinessImpact", observable]);
            continue;
        }
        // RFC 8727 allows in structured information what RFC 7203 does not.
        let beyond = |path: &str| {
            path.contains("/AttackPattern/") && path.ends_with("/Scoring") || path.ends_with("/ReferenceName")
        };
        let other: Vec<_> = read.remarks.iter().filter(|remark| !beyond(&remark.path)).collect();
        assert!(other.is_empty(), "{name}: {other:?}");
        // A number that is left out of a name takes nothing with it that `publish` would refuse.
        let scores = read.remarks.iter().filter(|remark| remark.path.ends_with("/Scoring")).count();
        assert_eq!(read.counts.lost(), scores, "{name}");
        fs::write(dir.path().join(format!("{name}.xml")), read.document.write()).unwrap();
        fs::write(dir.path().join(format!("{name}.iodef.json")), json::write(&read.document).bytes).unwrap();
    }
    let (Some(schema), Some(xsd)) =
        (shared("iodef/json/iodef-json-schema.json"), shared("iodef/xsd/iodef-2.0-accept.xsd"))
    else {
        return;
    };
    if let Some(judged) = judge(dir.path(), Some(&schema), Some(&xsd)) {
        acquit(&judged);
    }
}

/// A report with a member put into its first incident.
fn incident(member: &str) -> String {
    format!(
        r#"{{"version":"2.0","Incident":[{{"purpose":"reporting","IncidentID":{{"id":"1","name":"a.example"}},
        "GenerationTime":"2026-11-21T00:00:00Z",{member},
        "Contact":[{{"role":"creator","type":"person","Email":[{{"EmailTo":"a@b.example"}}]}}]}}]}}"#
    )
}

#[test]
fn what_is_left_out_is_told_at_its_own_place_and_takes_nothing_with_it() {
    let told = |member: &str| {
        let read = json::read(incident(member).as_bytes()).unwrap_or_else(|error| panic!("{member}: {error}"));
        let paths: Vec<String> = read.remarks.iter().map(|remark| remark.path.clone()).collect();
        assert_eq!((read.counts.beyond, read.counts.draft, read.counts.alone), (read.counts.all(), 0, 0), "{member}");
        let unsaid = read.counts.all() - paths.len();
        (read.document.text().to_owned(), paths, unsaid)
    };
    // An unknown impact, before and after a known one.
    for impacts in [
        r#"{"Nope":1},{"SystemImpact":{"type":"policy"}}"#,
        r#"{"SystemImpact":{"type":"policy"}},{"Nope":1}"#,
        r#"{"Nope":1,"SystemImpact":{"type":"policy"}}"#,
    ] {
        let (text, paths, _) = told(&format!(r#""Assessment":[{{"Impact":[{impacts}]}}]"#));
        assert!(text.contains("<SystemImpact type=\"policy\"/>"), "{text}");
        let place = if impacts.starts_with("{\"Nope") { 0 } else { 1 };
        assert_eq!(paths, [format!("/Incident/0/Assessment/0/Impact/{place}/Nope")]);
    }
    let (_, paths, _) = told(r#""Assessment":[{"Impact":["policy"]}]"#);
    assert_eq!(paths, ["/Incident/0/Assessment/0/Impact/0"]);
    // The language by both of its names: the document is still read.
    let (text, paths, _) = told(r#""lang":"en","xml:lang":"de""#);
    assert!(text.contains("xml:lang=\"en\"") && !text.contains("\"de\""), "{text}");
    assert_eq!(paths, ["/Incident/0/xml:lang"]);
    // More than is told is counted.
    let many: Vec<String> = (0..300).map(|n| format!("\"X{n}\":1")).collect();
    let (_, paths, unsaid) = told(&many.join(","));
    assert_eq!((paths.len(), unsaid), (200, 100));
    // However long the names on the way are.
    let (_, paths, _) = told(&format!("\"{}\":1", "x".repeat(1 << 20)));
    assert!(paths[0].len() < 1000);
}

#[test]
fn more_than_a_document_may_hold_is_refused_before_it_is_made() {
    let descriptions = vec!["\"\""; 3_000].join(",");
    let event = format!(r#"{{"Description":[{descriptions}],"EventData":["#);
    let nested = format!(r#""EventData":[{}{}]"#, event.repeat(200), "]}".repeat(200));
    let error = json::read(incident(&nested).as_bytes()).unwrap_err();
    assert!(matches!(error, json::Unreadable::Large(_)), "{error}");
    let words = gridwatch::i18n::Catalog::default().say(&error.say());
    assert!(!words.contains("line"), "a place in the XML made of it leads nowhere: {words}");
}

/// That two texts are equal, told by the first line that is not.
fn same(name: &str, one: &[u8], other: &[u8]) {
    let (one, other) = (std::str::from_utf8(one).unwrap(), std::str::from_utf8(other).unwrap());
    let differ = one.lines().zip(other.lines()).enumerate().find(|(_, (one, other))| one != other);
    assert_eq!(differ, None, "{name}");
    assert_eq!(one.len(), other.len(), "{name}");
}

/// Also of a document on one line, of attributes, and of what has no line of its own in JSON.
#[test]
fn findings_stand_where_the_json_has_them() {
    let places = |text: &str| {
        let read = json::read(text.as_bytes()).unwrap();
        let mut report = check(&read.document, Profile::Reading);
        read.places.settle(&read.document, &mut report);
        let shown = |position: Position| position.to_string();
        let mut told: Vec<_> = read.remarks.iter().map(|one| (one.path.clone(), shown(one.position))).collect();
        told.extend(report.findings.iter().map(|found| (found.path.clone(), shown(found.position))));
        told
    };
    let is_at = |text: &str, path: &str, position: &str| {
        let told = places(text);
        assert!(told.contains(&(path.to_owned(), position.to_owned())), "{path} at {position}: {told:?}");
    };
    let spoiled = r#"{"version":"2.0","Incident":[{
        "IncidentID":{"id":"1","name":"a.example"},   "Nope": 1,
     "é": 1, "purpose":"reportin", "GenerationTime":"yesterday",
  "Contact":[{"role":"creator","type":"person"},
 {"type":"person"}]}]}"#;
    is_at(spoiled, "/Incident/0/Nope", "2:55");
    is_at(spoiled, "Incident[1]@purpose", "3:14");
    is_at(spoiled, "Incident[1]/GenerationTime[1]", "3:36");
    is_at(spoiled, "Incident[1]/Contact[2]", "5:2");
    let flat = spoiled.replace('\n', "");
    let column = |part: &str| flat.split(part).next().unwrap().chars().count() + 1;
    is_at(&flat, "Incident[1]@purpose", &format!("1:{}", column("\"purpose\"")));
    is_at(&flat, "Incident[1]/Contact[2]", &format!("1:{}", column("{\"type\"")));
    // A wrapper that JSON has not stands where its first does.
    let flow = incident("\"EventData\":[{\"System\":[\n  {\"Node\":{\"Address\":[\"300.1.1.1\"]}}]}]");
    let at = places(&flow);
    assert!(at.iter().any(|(path, at)| path.ends_with("Address[1]") && at.starts_with("3:")), "{at:?}");
}
