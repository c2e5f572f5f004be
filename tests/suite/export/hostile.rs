//! Documents written to do harm, and documents broken at random: no export runs, misleads or falls over.

use std::fs;
use std::sync::LazyLock;

use gridwatch::iodef::{Document, Fault, Limit, export, json, v1};
use proptest::prelude::*;

use super::documents::{Sample, samples, words};
use super::judge::{acquit, judge};

/// What a formula, a pattern, a page or a terminal would be harmed by.
const POISON: [&str; 10] = [
    "=cmd|'/c calc'!A1",
    "+1+1",
    "@SUM(1)",
    "-2+3",
    "x'] OR [file:name = 'y",
    "a\\' OR 1=1 --",
    "invoice\u{202e}cod.exe",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[a](javascript:alert(1)) ![b](http://bad.example/p.png) | c",
    "\\",
];

fn poisoned(poison: &str) -> Document {
    let long = "A".repeat(100_000);
    let text = format!(
        r#"<IODEF-Document version="2.00" xmlns="urn:ietf:params:xml:ns:iodef-2.0"><Incident purpose="reporting"
        restriction="ext-value" ext-restriction="{attribute}"><IncidentID name="{attribute}">{poison}</IncidentID>
        <RelatedActivity><ThreatActor><ThreatActorID>{poison}</ThreatActorID></ThreatActor></RelatedActivity>
        <GenerationTime>2026-03-04T10:15:00Z</GenerationTime><Description>{poison}</Description>
        <Description>{long}</Description>
        <Contact role="creator" type="person"><ContactName>{poison}</ContactName></Contact>
        <EventData><Record><RecordData><FileData><File><FileName>{poison}</FileName></File></FileData>
        <WindowsRegistryKeysModified><Key><KeyName>HKLM\{poison}</KeyName><Value>{poison}</Value></Key>
        </WindowsRegistryKeysModified></RecordData></Record></EventData>
        <IndicatorData><Indicator><IndicatorID name="c" version="1">i1</IndicatorID><Description>{poison}</Description>
        <Observable><FileData><File><FileName>{poison}</FileName></File></FileData></Observable></Indicator>
        <Indicator><IndicatorID name="c" version="1">i2</IndicatorID><Observable><BulkObservable type="mutex">
        <BulkObservableList>{poison}</BulkObservableList></BulkObservable></Observable></Indicator>
        <Indicator><IndicatorID name="c" version="1">i3</IndicatorID><Observable><BulkObservable type="http-user-agent">
        <BulkObservableList>{poison}
{long}</BulkObservableList></BulkObservable></Observable></Indicator></IndicatorData>
        </Incident></IODEF-Document>"#,
        attribute = poison.replace('"', "&quot;"),
    );
    Document::read(text.into_bytes(), &[]).unwrap()
}

#[test]
fn poison_is_text_in_every_format() {
    let dir = tempfile::tempdir().unwrap();
    for (number, poison) in POISON.iter().enumerate() {
        let document = poisoned(poison);
        let page = String::from_utf8(export::markdown(&document, &words).bytes).unwrap();
        for live in ["<script", "](", "http://", "javascript:", "\u{202e}"] {
            assert!(!page.contains(live), "{poison:?} lives as {live:?}:\n{page}");
        }
        let width = |line: &str| line.replace("\\|", "").matches('|').count();
        let rows = page.lines().skip_while(|line| !line.starts_with("| Kind | Value |"));
        assert!(rows.take_while(|line| line.starts_with('|')).all(|line| width(line) == 5), "{page}");
        let table = export::csv(&document, &words).bytes;
        assert!(!String::from_utf8(table.clone()).unwrap().contains('\u{202e}'));
        let bundle = export::stix(&document, &words).bytes;
        let whole: serde_json::Value = serde_json::from_slice(&bundle).unwrap();
        let indicators: Vec<&serde_json::Value> =
            whole["objects"].as_array().unwrap().iter().filter(|object| object["type"] == "indicator").collect();
        assert_eq!(indicators.len(), 3, "{poison:?}");
        for (ending, bytes) in [
            ("csv", table),
            ("stix.json", bundle),
            ("misp.json", export::misp(&document, &words).bytes),
            ("iodef.json", json::write(&document).bytes),
        ] {
            fs::write(dir.path().join(format!("{number}.{ending}")), bytes).unwrap();
        }
    }
    // The validator parses every pattern; a quote that ended a literal would leave a rest it does not know.
    if let Some(judged) = judge(dir.path(), None, None) {
        acquit(&judged);
    }
}

#[test]
fn the_same_document_is_the_same_export() {
    for Sample { name, document } in samples() {
        let again = Document::read(document.write(), &[]).unwrap();
        assert_eq!(export::stix(&document, &words), export::stix(&again, &words), "{name}");
        assert_eq!(export::misp(&document, &words), export::misp(&again, &words), "{name}");
        assert_eq!(export::csv(&document, &words), export::csv(&again, &words), "{name}");
        assert_eq!(export::markdown(&document, &words), export::markdown(&again, &words), "{name}");
        assert_eq!(json::write(&document), json::write(&again), "{name}");
    }
}

/// References that multiply: a page of XML that means a billion values.
#[test]
fn indicators_that_refer_to_each_other_do_not_explode() {
    let mut indicators = String::new();
    for level in 0..40 {
        let below = if level == 0 {
            "<Observable><Address category=\"ipv4-addr\">192.0.2.1</Address></Observable>".repeat(2)
        } else {
            format!("<IndicatorReference uid-ref=\"i{}\"/>", level - 1).repeat(10)
        };
        indicators.push_str(&format!(
            "<Indicator><IndicatorID name=\"c\" version=\"1\">i{level}</IndicatorID><IndicatorExpression \
             operator=\"or\">{below}</IndicatorExpression></Indicator>"
        ));
    }
    let text = format!(
        "<IODEF-Document version=\"2.00\" xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\"><Incident purpose=\"watch\">\
         <IncidentID name=\"c\">1</IncidentID><GenerationTime>2026-03-04T10:15:00Z</GenerationTime>\
         <IndicatorData>{indicators}<Indicator><IndicatorID name=\"c\" version=\"1\">loop</IndicatorID>\
         <IndicatorReference uid-ref=\"loop\"/></Indicator></IndicatorData></Incident></IODEF-Document>"
    );
    let document = Document::read(text.into_bytes(), &[]).unwrap();
    let sheet = export::stix(&document, &words).sheet;
    let keys: Vec<&str> = sheet.remarks.iter().map(|say| say.key).collect();
    assert!(keys.contains(&"export-reason-long") && keys.contains(&"export-reason-circle"), "{keys:?}");
    let _ = export::misp(&document, &words);
}

/// A text with a stretch of it cut out or said twice.
fn broken(text: &str, from: usize, length: usize, twice: bool) -> Vec<u8> {
    let from = from % text.len().max(1);
    let to = (from + length).min(text.len());
    let bytes = text.as_bytes();
    let again = if twice { &bytes[from..to] } else { &[][..] };
    [&bytes[..if twice { to } else { from }], again, &bytes[to..]].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_document_fells_an_export(pick in 0_usize..1000, from in 0_usize..12_000, length in 1_usize..400, twice: bool) {
        static SMALL: LazyLock<Vec<Sample>> = LazyLock::new(|| {
            samples().into_iter().filter(|sample| sample.document.text().len() < 20_000).collect()
        });
        let sample = &SMALL[pick % SMALL.len()];
        if let Ok(document) = Document::read(broken(sample.document.text(), from, length, twice), &[]) {
            let _ = export::stix(&document, &words);
            let _ = export::misp(&document, &words);
            let _ = export::csv(&document, &words);
            let _ = export::markdown(&document, &words);
            let written = json::write(&document);
            let _ = json::read(&written.bytes);
        }
        let told = String::from_utf8(json::write(&sample.document).bytes).unwrap();
        if let Ok(read) = json::read(&broken(&told, from, length, twice)) {
            let _ = json::write(&read.document);
        }
    }
}

/// Parts of a document stand alone in JSON, and in what is made of version 1: each with the declarations it needs, which the
/// document says once.
#[test]
fn what_is_copied_out_of_its_namespaces_is_not_copied_without_limit() {
    let name = format!("urn:{}", "n".repeat(900));
    let many = "<p:x/>".repeat(80_000);
    let document = |ns: &str, version: &str, more: &str, name: &str| {
        let text = format!(
            "<IODEF-Document version='{version}' lang='en' xmlns='urn:ietf:params:xml:ns:iodef-{ns}' xmlns:p='{name}'>\
             <Incident purpose='reporting'><IncidentID name='a.example'>1</IncidentID>{more}\
             <AdditionalData dtype='xml'>{many}</AdditionalData></Incident></IODEF-Document>"
        );
        Document::read(text.into_bytes(), &[])
    };
    let long = document("2.0", "2.00", "", &"n".repeat(1_001)).err().map(|refused| refused.fault);
    assert_eq!(long, Some(Fault::Limit(Limit::Name)));
    let made = json::write(&document("2.0", "2.00", "", &name).unwrap());
    assert!(made.bytes.len() < 1 << 20, "{}", made.bytes.len());
    assert!(made.sheet.remarks.iter().any(|say| say.key == "export-json-long"), "{:?}", made.sheet);
    assert_eq!(made.sheet.homeless.get("AdditionalData"), Some(&1));
    let old = document("1.0", "1.00", "<ReportTime>2026-11-21T00:00:00Z</ReportTime>", &name).unwrap();
    assert_eq!(v1::upgrade(&old).err().map(|refused| refused.fault), Some(Fault::Limit(Limit::Bytes)));
}
