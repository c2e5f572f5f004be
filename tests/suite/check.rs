//! Checking documents: our verdict is the schema's, on every example and on copies with one fault each.

pub mod generate;
pub mod judges;
mod spoil;
mod texts;
mod tree;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use generate::{Chance, Maker, Style, enumerations, every_class, key};
use gridwatch::i18n::Catalog;
use gridwatch::iodef::check::{Finding, Grade, RULES, Report, check};
use gridwatch::iodef::schema::Profile;
use gridwatch::iodef::{Document, Fault};
use tree::Tree;

use super::support::shared::shared;

/// Our verdict; what is refused is not valid.
fn verdict(bytes: &[u8], profile: Profile) -> bool {
    Document::read(bytes, &[]).is_ok_and(|document| check(&document, profile).is_valid())
}

/// What we say of a document, for the message of a failed test.
fn said(bytes: &[u8], profile: Profile) -> Vec<String> {
    match Document::read(bytes, &[]) {
        Ok(document) => {
            let report = check(&document, profile);
            report.findings.iter().map(|found| format!("{} {}", found.rule.id, found.path)).collect()
        }
        Err(refused) => vec![refused.to_string()],
    }
}

fn examples(folders: &[&str]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for folder in folders {
        let Some(path) = shared(&format!("iodef/examples/{folder}")) else { return Vec::new() };
        let mut files: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        found.extend(files.into_iter().map(|path| {
            let name = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
            (name, fs::read(path).unwrap())
        }));
    }
    found
}

fn schema_of(profile: Profile) -> Option<PathBuf> {
    shared(if profile == Profile::Published { "iodef/xsd/iodef-2.0.xsd" } else { "iodef/xsd/iodef-2.0-accept.xsd" })
}

/// Where we and the schema differ on named documents.
fn compare(documents: &[(String, Vec<u8>)], profile: Profile) {
    let Some(schema) = schema_of(profile) else { return };
    let bytes: Vec<_> = documents.iter().map(|(_, bytes)| bytes.clone()).collect();
    let Some(opinions) = judges::ask(&schema, &bytes) else { return };
    let mut wrong = Vec::new();
    for ((name, bytes), opinion) in documents.iter().zip(opinions) {
        let ours = verdict(bytes, profile);
        match opinion.valid() {
            Ok(theirs) if theirs == ours => {}
            Ok(theirs) => {
                wrong.push(format!("{name}: schema {theirs}, we {ours}: {:?}\n  {opinion:?}", said(bytes, profile)));
            }
            Err(split) => {
                wrong.push(format!("{name}: we {ours} {:?}, the judges differ:\n  {split}", said(bytes, profile)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), documents.len(), wrong.join("\n"));
}

#[test]
fn the_examples_are_judged_as_the_schema_does() {
    let documents = examples(&["own", "invalid", "v2", "v1"]);
    // What brings a document type is refused before anything is judged, whatever a schema would say of it.
    let (refused, read): (Vec<_>, Vec<_>) = documents.into_iter().partition(|(name, _)| name.contains("doctype"));
    assert_eq!(refused.is_empty(), read.is_empty());
    for (name, bytes) in &refused {
        let fault = Document::read(bytes.as_slice(), &[]).err().map(|refused| refused.fault);
        assert_eq!(fault, Some(Fault::Doctype), "{name}");
    }
    compare(&read, Profile::Published);
    compare(&read, Profile::Reading);
}

/// Elements of each document that each class of fault spoils, one after the other.
const SITES: usize = 1;

#[test]
fn single_faults_are_judged_as_the_schema_does() {
    let mut spoiled = Vec::new();
    for (name, bytes) in examples(&["own", "v2"]) {
        if bytes.len() > 60_000 {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap();
        let Some(tree) = Tree::read(&text) else { continue };
        let all = tree.count();
        for (class, (fault, spoil)) in spoil::CLASSES.iter().enumerate() {
            // Another element for each class of fault, spread over the document. Twelve a class, 7,037 in all, were tried.
            for turn in 0..SITES.min(all) {
                let number = (class * 7 + turn * all / SITES.min(all)) % all;
                let mut tree = tree.clone();
                let way = tree.way(number);
                if spoil(&mut tree, &way).is_some() {
                    spoiled.push((format!("{name}, element {number}: {fault}"), tree.write()));
                }
            }
        }
    }
    if spoiled.is_empty() {
        return;
    }
    assert!(spoiled.len() >= 200, "{}", spoiled.len());
    compare(&spoiled, Profile::Published);
    compare(&spoiled, Profile::Reading);
}

/// A document with one element spoiled by hand.
fn with(old: &str, new: &str) -> (String, Vec<u8>) {
    let text = texts::around("<EventData><Description>x</Description></EventData>");
    let names = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" \
                 xmlns:iodef=\"urn:ietf:params:xml:ns:iodef-2.0\" version=\"2.00\"";
    let made = text.replacen(" version=\"2.00\"", names, 1);
    let mail = "</ContactName><Email><EmailTo>a@b.example</EmailTo></Email>";
    let made = made.replacen("</ContactName>", mail, 1);
    assert!(made.contains(names) && made.contains(mail), "{made}");
    let spoiled = made.replacen(old, new, 1);
    assert_ne!(spoiled, made, "{old}");
    (new.to_owned(), spoiled.into_bytes())
}

#[test]
fn the_type_an_instance_names_is_judged_as_the_schema_does() {
    let mut documents = Vec::new();
    // Not here: what libxml2 alone refuses, blanks around the name and integers beyond its 24 digits.
    for named in ["MLStringType", "iodef:MLStringType", "xs:MLStringType", "zz:MLStringType"] {
        documents.push(with("<Description>x", &format!("<Description xsi:type=\"{named}\">x")));
    }
    for named in ["iodef:ExtensionType", "xs:string", "xs:anyType", "", "iodef:"] {
        documents.push(with("<Description>x", &format!("<Description xsi:type=\"{named}\">x")));
    }
    for named in ["xs:dateTime", "xs:string", "xs:date", "xs:anySimpleType", "xs:anyType", "dateTime"] {
        documents.push(with("<GenerationTime>", &format!("<GenerationTime xsi:type=\"{named}\">")));
    }
    for named in ["xs:string", "xs:token", "xs:language", "xs:NMTOKEN", "xs:anyURI", "iodef:PortlistType", "xs:bogus"] {
        documents.push(with("<EmailTo>", &format!("<EmailTo xsi:type=\"{named}\">")));
    }
    // Restrictions of strings that the value keeps, and one that it does not.
    for (named, value) in [("iodef:restriction-type", "red"), ("iodef:restriction-type", "puce"), ("xs:NCName", "a")] {
        let new = format!("<Email><EmailTo xsi:type=\"{named}\">{value}</EmailTo></Email></Contact>");
        documents.push(with("</Contact>", &new));
    }
    for foreign in [
        r#"xsi:type="xs:int">x"#,
        r#"xsi:type="xs:int">12"#,
        r#"xsi:type="xs:int">2147483648"#,
        r#"xsi:type="xs:int" more="">12"#,
        r#"xsi:type="xs:int"><f:b/>"#,
        r#"xsi:type="xs:boolean">true"#,
        r#"xsi:type="xs:date">2026-02-30"#,
        r#"xsi:type="xs:date">2026-02-28+01:00"#,
        r#"xsi:type="xs:gDay">---31"#,
        r#"xsi:type="xs:gYearMonth">2026-13"#,
        r#"xsi:type="xs:duration">P1DT"#,
        r#"xsi:type="xs:duration">PT1.5S"#,
        r#"xsi:type="xs:hexBinary">abc"#,
        r#"xsi:type="xs:unsignedByte">256"#,
        r#"xsi:type="xs:negativeInteger">-99999999999999999999"#,
        r#"xsi:type="iodef:MLStringType" bad="">x"#,
        r#"xsi:type="iodef:MLStringType" xml:lang="en">x"#,
        r#"xsi:type="iodef:SoftwareType"><iodef:Description>x</iodef:Description>"#,
        r#"xsi:type="iodef:SoftwareType"><iodef:Incident/>"#,
        r#"xsi:type="f:unknown">x"#,
        r#"xsi:type="xs:anyType" any="">x"#,
    ] {
        let new =
            format!("<AdditionalData dtype=\"xml\"><f:a xmlns:f=\"urn:f\" {foreign}</f:a></AdditionalData></Incident>");
        documents.push(with("</Incident>", &new));
    }
    compare(&documents, Profile::Published);
    compare(&documents, Profile::Reading);
}

/// A restriction of a mixed type is mixed only where it says so (XML Schema 1.0 part 1 §3.4.2), and white space is four
/// characters (XML §2.3).
#[test]
fn stray_text_is_judged_as_the_schema_does() {
    let around = |text: &str| {
        let names = "xmlns:sci=\"urn:ietf:params:xml:ns:iodef-sci-1.0\" xmlns:f=\"urn:f\"";
        format!(
            "<Method {names}><sci:AttackPattern SpecID=\"x\"><sci:RawData dtype=\"xml\">{text}</sci:RawData>\
             </sci:AttackPattern></Method></EventData>"
        )
    };
    let raw = [
        ("", true),
        ("\n  ", true),
        ("<!-- said --><?and done?>", true),
        ("<f:a>any</f:a>\n", true),
        ("<![CDATA[ ]]>", true),
        ("stray", false),
        ("<f:a/>stray<f:a/>", false),
        ("&#32;&#65;", false),
        ("<![CDATA[stray]]>", false),
        ("\u{a0}", false),
    ];
    let raw = raw.map(|(text, valid)| (with("</EventData>", &around(text)), valid));
    let blanks = ["\u{85}", "\u{a0}", "\u{2003}", "\u{3000}"];
    let blanks = blanks.into_iter().flat_map(|blank| {
        [
            with("</Incident>", &format!("{blank}</Incident>")),
            with("<GenerationTime>", &format!("<GenerationTime>{blank}")),
        ]
    });
    let all: Vec<_> = raw.into_iter().chain(blanks.map(|document| (document, false))).collect();
    for ((name, bytes), valid) in &all {
        assert_eq!(verdict(bytes, Profile::Published), *valid, "{name}: {:?}", said(bytes, Profile::Published));
    }
    let documents: Vec<_> = all.into_iter().map(|(document, _)| document).collect();
    compare(&documents, Profile::Published);
    compare(&documents, Profile::Reading);
}

/// Quadratic ways through these took minutes; the bound is generous, so that a slow machine keeps it.
#[test]
fn thousands_of_faults_of_one_kind_take_no_square_of_time() {
    let many = |count: usize, text: &str| text.repeat(count);
    let misplaced = format!("{}<EventData/>{}", many(30_000, "<Description/>"), many(30_000, "<Method/>"));
    let dangling = (0..30_000).fold(String::new(), |all, n| {
        let name = format!("{}{n:06}", "a".repeat(50));
        all + &format!(
            "<EventData><Flow><System><Node observable-id=\"{name}\"><Address category=\"asn\">1</Address></Node></System></Flow>\
             <Method><AttackPattern SpecID=\"x\"/></Method></EventData><Indicator><ObservableReference uid-ref=\"b{name}\"/></Indicator>"
        )
    });
    for text in [misplaced, dangling] {
        let begun = std::time::Instant::now();
        let (_, report) = report(&texts::around(&text));
        assert!(report.invalid >= 30_000);
        assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    }
}

/// `xml:id` has a declaration nowhere (ours is not that of the W3C's `xml.xsd`), and libxml2 does not look at references:
/// we hold it to be an attribute like any foreign one, which names nothing that could be referred to. Python's `xmlschema`
/// brings a declaration of its own and takes it for a name.
#[test]
fn an_xml_id_in_foreign_content_names_nothing() {
    let text = "<AdditionalData dtype=\"xml\"><f:a xmlns:f=\"urn:f\" xml:id=\"fid\"/></AdditionalData>";
    let indicator = "<IndicatorData><Indicator><IndicatorID name=\"a.example\" version=\"1\">1</IndicatorID>\
                     <ObservableReference uid-ref=\"fid\"/></Indicator></IndicatorData>";
    let (_, report) = report(&texts::around(&format!("{indicator}{text}")));
    let rules: Vec<_> = report.findings.iter().map(|found| found.rule.id).collect();
    assert!(rules.contains(&"iodef.reference.dangling"), "{rules:?}");
}

#[test]
fn a_token_that_may_be_new_is_invalid_and_says_so() {
    let (_, report) = report(&texts::around("").replacen("purpose=\"reporting\"", "purpose=\"musing\"", 1));
    let [found] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
    assert_eq!((found.rule.id, found.grade, report.is_valid()), ("iodef.value.unlisted", Grade::Invalid, false));
    assert!(Catalog::default().say(&found.say).contains("registered"));
}

fn report(text: &str) -> (Document, Report) {
    let document = Document::read(text.as_bytes(), &[]).unwrap_or_else(|refused| panic!("{refused}: {text}"));
    let report = check(&document, Profile::Reading);
    (document, report)
}

/// A document that breaks each rule, by the rule's name.
fn broken() -> Vec<(&'static str, String)> {
    let inside = texts::BROKEN.iter().map(|(rule, inner)| (*rule, texts::around(inner)));
    let start = texts::AT_START.iter().map(|(rule, old, new)| {
        let start = texts::START.replacen(old, new, 1);
        assert_ne!(start, texts::START, "{rule}");
        let end = if *rule == "iodef.structure.root" {
            texts::END.replace("IODEF-Document", "Bogus")
        } else {
            texts::END.to_owned()
        };
        (*rule, format!("{start}{end}"))
    });
    inside.chain(start).collect()
}

#[test]
fn every_rule_is_broken_by_its_document_and_by_nothing_else() {
    let (_, report_of_sound) = report(&texts::around("<EventData><Description>x</Description></EventData>"));
    assert!(report_of_sound.findings.is_empty(), "{:?}", report_of_sound.findings);
    let mut tried = BTreeSet::new();
    for (rule, text) in broken() {
        let (_, report) = report(&text);
        let found: BTreeSet<_> = report.findings.iter().map(|found| found.rule.id).collect();
        assert_eq!(found, BTreeSet::from([rule]), "{text}");
        assert!(tried.insert(rule), "{rule} twice");
    }
    let all: BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(tried, all);
}

#[test]
fn every_finding_has_its_place_and_words() {
    let catalog = Catalog::default();
    for (rule, text) in broken() {
        let (document, report) = report(&text);
        for found in &report.findings {
            let words = format!("{} {}", catalog.say(&found.say), catalog.next(&found.say).expect(rule));
            assert!(!words.contains(['{', '⟨']) && !words.contains("  "), "{rule}: {words}");
            assert!(!found.place.is_empty() && !found.path.is_empty(), "{rule}");
            assert!(document.element(found.element).is_some(), "{rule}");
            assert!(found.position.line >= 1, "{rule}");
            assert_eq!(found.grade == Grade::Invalid, !report.is_valid(), "{rule}");
            for fix in &found.fixes {
                let label = catalog.say(&fix.label);
                assert!(!label.contains(['{', '⟨']), "{rule}: {label}");
            }
        }
    }
}

#[test]
fn a_fix_puts_it_right_and_makes_nothing_worse() {
    let mut fixed = 0;
    for (rule, text) in broken() {
        let (document, before) = report(&text);
        let Some(Finding { fixes, .. }) = before.findings.first() else { panic!("{rule}") };
        for fix in fixes {
            let mut document = document.clone();
            for edit in &fix.edits {
                let _ = document.edit(edit).unwrap_or_else(|refused| panic!("{rule}: {fix:?}: {refused}"));
            }
            let after = check(&document, Profile::Reading);
            assert!(after.findings.iter().all(|found| found.rule.id != rule), "{rule}: {fix:?}\n{}", document.text());
            assert!(after.invalid <= before.invalid, "{rule}: {fix:?}\n{}", document.text());
            fixed += 1;
        }
    }
    assert!(fixed > 30, "{fixed}");
}

#[test]
fn a_million_faults_are_counted_and_some_told() {
    let many = "<Bogus/>".repeat(100_000);
    let (_, report) = report(&texts::around(&many));
    assert_eq!(report.invalid, 100_000);
    assert!(report.findings.len() <= 1000 && report.untold() > 99_000);
}

#[test]
fn a_document_of_version_1_is_held_to_its_own_schema() {
    for (name, bytes) in examples(&["v1"]) {
        let Ok(document) = Document::read(bytes, &[]) else { continue };
        let report = check(&document, Profile::Published);
        let sound = !name.contains("invalid") && !name.contains("rolie");
        assert_eq!(report.is_valid(), sound, "{name}: {:?}", report.findings);
    }
}

/// A document for every class of the table, as many again with more in them, and one for each token of the longest
/// enumeration of each.
fn generated(profile: Profile) -> Vec<(String, generate::Made)> {
    let mut made = Vec::new();
    for (seed, class) in (1..).zip(every_class(profile)) {
        let mut maker = Maker::new(profile, seed);
        for extra in [0, 40] {
            let document = maker.document(class, extra, None);
            let document = document.unwrap_or_else(|| panic!("{} is out of reach", class.name));
            made.push((format!("{} with {extra} more", class.name), document));
        }
        let most = enumerations(class, profile).iter().map(|(_, tokens)| tokens.len()).max().unwrap_or_default();
        for turn in 0..most {
            let document = maker.document(class, 0, Some(turn)).unwrap();
            made.push((format!("{} with tokens {turn}", class.name), document));
        }
    }
    made
}

/// Every class, each of its attributes and every token of its enumerations is in some document.
fn covers_the_table(made: &[(String, generate::Made)], profile: Profile) {
    let mut elements = BTreeSet::new();
    let mut said = BTreeSet::new();
    let all: Vec<_> = made.iter().flat_map(|(_, made)| made.all()).collect();
    for made in &all {
        let Some(class) = made.class else { continue };
        let _ = elements.insert(class);
        let attributes = made.attributes.iter().map(|(name, value)| (name.as_str(), value.trim()));
        for (name, value) in attributes.chain([("", made.text.trim())]) {
            let _ = said.insert((class, name, ""));
            let _ = said.insert((class, name, value));
        }
    }
    let (mut classes, mut tokens) = (0, 0);
    for class in every_class(profile) {
        assert!(elements.contains(&key(class)), "{}", class.name);
        classes += 1;
        for declared in class.attributes.iter().filter(|declared| declared.is_known(profile)) {
            assert!(said.contains(&(key(class), declared.name, "")), "{}@{}", class.name, declared.name);
        }
        for (name, list) in enumerations(class, profile) {
            for token in list {
                assert!(said.contains(&(key(class), name, token)), "{}@{name}={token}", class.name);
                tokens += 1;
            }
        }
    }
    // Nobody emptied the table.
    assert!(classes > 170 && tokens > 700, "{classes} classes, {tokens} tokens");
}

#[test]
fn what_the_table_allows_is_valid_everywhere() {
    for profile in [Profile::Published, Profile::Reading] {
        let made = generated(profile);
        covers_the_table(&made, profile);
        let documents: Vec<_> =
            made.iter().map(|(name, made)| (name.clone(), made.write(Style::Plain).into_bytes())).collect();
        for (name, bytes) in &documents {
            assert!(verdict(bytes, profile), "{name}: {:?}\n{}", said(bytes, profile), String::from_utf8_lossy(bytes));
        }
        compare(&documents, profile);
    }
}

#[test]
fn made_documents_are_read_written_and_compared_without_loss() {
    for (name, made) in generated(Profile::Reading) {
        let text = made.write(Style::Plain);
        let document = Document::read(text.as_bytes(), &[]).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        assert_eq!(document.write(), text.as_bytes(), "{name}");
        let again = Document::read(document.canonical(), &[]).unwrap();
        assert_eq!(again.canonical(), document.canonical(), "{name}: canonical form changes itself");
        // Another sender's way to write the same.
        let other = made.write(Style::Other);
        let other = Document::read(other.as_bytes(), &[]).unwrap();
        assert_eq!(other.canonical(), document.canonical(), "{name}:\n{text}\n{}", other.text());
    }
}

#[test]
fn an_edit_of_a_made_document_changes_its_element_alone() {
    let mut chance = Chance::new(7);
    for (name, made) in generated(Profile::Reading) {
        let text = made.write(Style::Plain);
        let mut document = Document::read(text.as_bytes(), &[]).unwrap();
        let all: Vec<_> = document.root().descendants().map(|element| element.id()).collect();
        let node = all[chance.below(all.len())];
        let source = document.element(node).unwrap().source().to_vec();
        let change = document.set_attr(node, "edited", "now").unwrap();
        let edited = String::from_utf8(document.write()).unwrap();
        let common = text.bytes().zip(edited.bytes()).take_while(|(old, new)| old == new).count();
        let rest = text.bytes().rev().zip(edited.bytes().rev()).take_while(|(old, new)| old == new).count();
        assert!(text.len().saturating_sub(common + rest) <= source.len(), "{name}: {edited}");
        assert!(edited.len() - text.len() == " edited=\"now\"".len(), "{name}: {edited}");
        document.apply(&change.inverse()).unwrap();
        assert_eq!(document.write(), text.as_bytes(), "{name}");
    }
}
