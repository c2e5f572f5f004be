//! The practice world's documents: valid against the published schema, varied, and about nobody real.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::Command;

use chrono::{DateTime, Duration, Utc};
use gridwatch::practice::world::{Act, Publication, World};

use crate::support::shared::shared;

fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// History and the first hundred live steps of a seed.
fn publications(seed: u64) -> Vec<Publication> {
    let (mut world, mut all) = World::new(seed, now()).unwrap();
    for step in 0..100 {
        if let Act::Publish(publication) = world.next(now() + Duration::seconds(10 * step)).unwrap() {
            all.push(publication);
        }
    }
    all
}

fn text(publication: &Publication) -> &str {
    std::str::from_utf8(&publication.payload).unwrap()
}

/// The bent ones, by what only they hold; everything else must be valid.
fn is_trap(text: &str) -> bool {
    ["reprting", "NodeName", "<posture"].iter().any(|mark| text.contains(mark))
}

/// The reference schema, which lies beside the checkout where the project is developed and in CI.
fn schema() -> Option<PathBuf> {
    shared("iodef/xsd/iodef-2.0.xsd")
}

#[test]
fn documents_are_valid() {
    let found = schema();
    let xmllint = Command::new("xmllint").arg("--version").output().is_ok();
    let (Some(schema), true) = (&found, xmllint) else {
        assert!(std::env::var_os("CI").is_none(), "CI needs xmllint and ../shared/iodef/xsd: {found:?}, {xmllint}");
        eprintln!("not checked: xmllint or ../shared/iodef/xsd is missing");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("xmllint");
    let _ = command.arg("--noout").arg("--nonet").arg("--schema").arg(schema);
    let (mut valid, mut bent) = (0, 0);
    for seed in [1, 2, 3] {
        for (n, publication) in publications(seed).iter().enumerate() {
            if is_trap(text(publication)) {
                bent += 1;
                continue;
            }
            let path = folder.path().join(format!("{seed}-{n}.xml"));
            std::fs::write(&path, &publication.payload).unwrap();
            let _ = command.arg(path);
            valid += 1;
        }
    }
    assert!(valid >= 900 && bent >= 9, "{valid} {bent}");
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let wrong: Vec<&str> = errors.lines().filter(|line| !line.ends_with(" validates")).take(5).collect();
    assert!(output.status.success() && wrong.is_empty(), "{wrong:#?}");
    assert_eq!(errors.lines().count(), valid, "every document was looked at");
}

#[test]
fn the_sample_is_broad() {
    let all = publications(1);
    let holds = |mark: &str| all.iter().filter(|publication| text(publication).contains(mark)).count();
    for severity in ["low", "medium", "high"] {
        assert!(holds(&format!("severity='{severity}' ")) >= 20, "{severity}");
    }
    for restriction in
        ["public", "white", "partner", "green", "need-to-know", "amber", "private", "red", "default", "ext-value"]
    {
        let mark = format!("restriction='{restriction}'");
        assert!(holds(&mark) >= 3, "{restriction}: {}", holds(&mark));
    }
    let unmarked = |publication: &&Publication| {
        let incident = text(publication).split("<Incident ").nth(1).and_then(|rest| rest.split('>').next());
        incident.is_some_and(|start| !start.contains("restriction"))
    };
    assert!(all.iter().filter(unmarked).count() >= 5, "some leave the restriction to the schema's default");
    for campaign in ["brackish-heron", "paper-lantern", "tin-whistle"] {
        assert!(holds(&format!("<CampaignID>{campaign}<")) >= 5, "{campaign}");
    }
    assert!(holds("xml:lang='de'") >= 60 && holds("xml:lang='en'") >= 60);
    for element in ["IndicatorExpression", "BulkObservableList", "EmailSubject", "KeyName", "ds:DigestValue", "History"]
    {
        assert!(holds(&format!("<{element}")) >= 3, "{element}");
    }
    for category in ["asn", "mac", "ipv4-addr", "ipv4-net", "ipv6-addr", "e-mail", "site-uri"] {
        assert!(holds(&format!("category='{category}'")) >= 3, "{category}");
    }
    for mark in ["{who}", "{brand}", "{host}", "{ip}", "{n}", "{port}", "{cve}", "{product}"] {
        assert_eq!(holds(mark), 0, "{mark} was not filled in");
    }
    let titles: std::collections::HashSet<&str> =
        all.iter().filter_map(|publication| text(publication).split("<Description").nth(1)).collect();
    assert!(titles.len() >= 150, "{} different titles", titles.len());
}

/// `true` for the blocks of RFC 5737 and RFC 3849.
fn for_documentation(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => matches!(v4.octets(), [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _]),
        IpAddr::V6(v6) => v6.segments()[..2] == [0x2001, 0xdb8],
    }
}

#[test]
fn nobody_real_is_named() {
    for publication in publications(5) {
        let text = text(&publication);
        if !text.contains("<posture") {
            assert!(text.contains("name='practice.invalid'"), "{text}");
        }
        let values =
            text.split(['<', '>', '\'', ' ', '\n', '/', '@', ',']).map(|word| word.trim_end_matches(['.', ':']));
        for value in values {
            if let Ok(address) = value.parse::<IpAddr>() {
                assert!(for_documentation(address), "{address}");
            }
            let name = value.to_lowercase();
            let real = [".com", ".net", ".org", ".de", ".info", ".io"].iter().any(|end| name.ends_with(end));
            assert!(!real || name == "www.w3.org", "{name}: only the namespace of XML Signature is a real name");
        }
    }
}
