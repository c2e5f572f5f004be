//! IODEF documents in and out: our own fixtures, the published examples, broken copies of both, and reports we write.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use chrono::DateTime;
use gridwatch::iodef::schema::{Enumeration, Profile, enumeration};
use gridwatch::iodef::{check, summarise, summarise_in};
use gridwatch::model::{Kind, ObservableKind, Restriction, Severity, Summary};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::support::report::Report;
use super::support::shared::shared;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(root().join("tests/fixtures/iodef").join(name)).expect(name)
}

/// What a table says of a document: kind, `csirt/id`, severity, own and strictest restriction, how many are stricter,
/// observables in all, contacts.
fn verdict(summary: &Summary) -> String {
    let kind = match &summary.kind {
        Kind::Iodef2 => "v2",
        Kind::Iodef1 => "v1",
        Kind::Foreign { .. } => "foreign",
        Kind::Invalid(say) => say.key.strip_prefix("error-iodef-").unwrap(),
        Kind::Empty => "empty",
        Kind::Gone => "gone",
    };
    let mark = |restriction: &Restriction| match restriction {
        Restriction::Absent => "-".to_owned(),
        Restriction::Other(value) => format!("({value})"),
        named => named.token().unwrap().to_owned(),
    };
    let severity = summary.severity.token().unwrap_or("?");
    let (own, strictest) = (mark(&summary.restriction), mark(&summary.strictest));
    let (inside, seen, contacts) = (summary.stricter_inside, summary.observables_total, summary.contacts.len());
    format!("{kind} {}/{} {severity} {own}>{strictest}+{inside} o{seen} c{contacts}", summary.csirt, summary.id)
}

#[test]
fn own_fixtures() {
    for (name, expected, title) in [
        ("minimal.xml", "v2 csirt.north.example/N-2026-0001 ? green>green+0 o0 c1", ""),
        (
            "phishing.xml",
            "v2 csirt.harbour.example/H-77 medium amber>red+1 o4 c3",
            "Payroll phishing against port authorities",
        ),
        ("indicators.xml", "v2 soc.ridge.example/R-5 ? white>green+1 o7 c1", "Loader infrastructure, week 45"),
        ("two-incidents.xml", "v2 csirt.lake.example/L-1 high public>red+1 o0 c1", "Skanning mot universitet"),
        ("version1.xml", "v1 csirt.old.example/4711 high ->-+0 o3 c1", "Name servers without answer"),
        ("bent.xml", "v2 ca.example/request-3 ? ->-+0 o1 c0", "Certificate asked for without permission"),
        ("foreign.xml", "foreign / ? ->-+0 o0 c0", ""),
        ("broken.xml", "syntax csirt.cut.example/C-1 ? ->-+0 o0 c0", ""),
        ("doctype.xml", "doctype / ? ->-+0 o0 c0", ""),
    ] {
        let summary = summarise(&fixture(name), &[]);
        assert_eq!((verdict(&summary).as_str(), summary.title.as_str()), (expected, title), "{name}");
    }
    let phishing = summarise_in(&fixture("phishing.xml"), &[], "de-CH");
    assert_eq!(phishing.title, "Phishing gegen Lohnbüros von Hafenbehörden");
    assert_eq!(phishing.started.unwrap().at.to_rfc3339(), "2026-10-30T04:58:00+00:00");
    assert_eq!(phishing.contacts[2].email, None, "another contact's address is not inherited");
    assert_eq!(phishing.asks, ["block-host", "contact-sender"]);
    let two = summarise(&fixture("two-incidents.xml"), &[]);
    assert_eq!((two.incidents, two.lang.as_deref()), (2, Some("sv")));
    assert!(!two.generated.unwrap().zoned);
    let indicators = summarise(&fixture("indicators.xml"), &[]);
    let kinds: Vec<_> = indicators.observables.iter().map(|observable| observable.kind).collect();
    use ObservableKind::{Asn, Cve, File, Hash, Ipv6};
    assert_eq!(kinds, [Cve, Ipv6, Ipv6, Ipv6, File, Hash, Asn]);
}

#[test]
fn published_examples() {
    let Some(examples) = shared("iodef/examples") else { return };
    let table = [
        ("invalid/bad-address.xml", "v2 cert.example.org/B-9 ? green>green+0 o1 c1"),
        ("invalid/caa-style-node-in-incident.xml", "v2 ca.example.net/caa-1 ? ->-+0 o1 c0"),
        ("invalid/dangling-uid-ref.xml", "v2 cert.example.org/B-4 ? green>green+0 o0 c1"),
        ("invalid/doctype-entity.xml", "doctype / ? ->-+0 o0 c0"),
        ("invalid/duplicate-id.xml", "v2 cert.example.org/B-5 ? green>green+0 o0 c1"),
        ("invalid/empty-observable.xml", "v2 cert.example.org/B-7 ? green>green+0 o0 c1"),
        ("invalid/ext-without-ext-value.xml", "v2 cert.example.org/B-6 ? green>green+0 o0 c1"),
        ("invalid/no-generation-time.xml", "v2 cert.example.org/B-1 ? ->-+0 o0 c1"),
        ("invalid/not-well-formed.xml", "syntax cert.example.org/B-11 ? ->-+0 o0 c1"),
        ("invalid/port-without-protocol.xml", "v2 cert.example.org/B-8 ? green>green+0 o2 c1"),
        ("invalid/unknown-purpose.xml", "v2 cert.example.org/B-2 ? green>green+0 o0 c1"),
        ("invalid/v1-namespace-v2-body.xml", "v1 cert.example.org/B-12 ? green>green+0 o0 c1"),
        ("invalid/wrong-order.xml", "v2 cert.example.org/B-3 ? green>green+0 o0 c1"),
        ("own/bulk-768-addresses.xml", "v2 cert.example.org/EX-1008 ? green>green+0 o768 c1"),
        ("own/email-file-cert-registry.xml", "v2 cert.example.org/EX-1004 ? green>amber+2 o15 c1"),
        ("own/extension-foreign-xml.xml", "v2 cert.example.org/EX-1002 ? green>green+0 o0 c1"),
        ("own/history-expectation.xml", "v2 cert.example.org/EX-1005 ? green>red+2 o2 c1"),
        ("own/indicator-expression.xml", "v2 cert.example.org/EX-1001 ? green>amber+1 o5 c1"),
        ("own/multilingual.xml", "v2 cert.example.org/EX-1003 medium green>red+1 o0 c3"),
        ("own/restriction-tlp.xml", "v2 cert.example.org/EX-1006 ? amber>(amber+strict)+2 o0 c2"),
        ("own/sci-vulnerability.xml", "v2 cert.example.org/EX-1007 ? green>green+0 o1 c1"),
        ("v1/iodeflib-example.xml", "v1 csirt.example.com/189493 high ->-+0 o16 c1"),
        ("v1/mantis-worm-invalid.xml", "v1 csirt.example.com/189493 ? ->-+0 o4 c1"),
        ("v1/rfc5070-7.1-worm.xml", "v1 csirt.example.com/189493 ? ->-+0 o4 c1"),
        ("v1/rfc5070-7.2-reconnaissance.xml", "v1 csirt.example.com/59334 ? ->-+0 o7 c2"),
        ("v1/rfc5070-7.3-botnet.xml", "v1 csirt.example.com/908711 high ->-+0 o4 c1"),
        ("v1/rolie-atom-entry-minimum.xml", "foreign / ? ->-+0 o0 c0"),
        ("v2/guidance-ddos.xml", "v2 csirt.example.com/189701 medium default>default+0 o8 c1"),
        ("v2/guidance-malware-c2.xml", "v2 csirt.example.com/189234 medium ->-+0 o20 c1"),
        ("v2/guidance-spear-phishing.xml", "v2 csirt.example.com/189601 medium ->-+0 o17 c1"),
        ("v2/milewg-campaign-extvalue.xml", "v2 csirt.example.com/897923 ? green>green+0 o4 c1"),
        ("v2/milewg-converter-campaign.xml", "v2 csirt.example.com/897923 ? green>green+0 o1 c1"),
        ("v2/milewg-converter-long-800k.xml", "v2 toe/dgtac high (tic)>private+165 o350 c3"),
        ("v2/milewg-converter-recursive.xml", "v2 csirt.example.com/897923 ? green>default+7 o14 c2"),
        ("v2/rfc7970-7.1-minimal.xml", "v2 csirt.example.com/492382 ? private>private+0 o0 c1"),
        ("v2/rfc7970-7.2-campaign.xml", "v2 csirt.example.com/897923 ? green>green+0 o4 c1"),
    ];
    let mut found = 0;
    for folder in ["invalid", "own", "v1", "v2"] {
        found += fs::read_dir(examples.join(folder)).unwrap().count();
    }
    assert_eq!(found, table.len(), "an example without a verdict");
    for (name, expected) in table {
        assert_eq!(verdict(&summarise(&fs::read(examples.join(name)).unwrap(), &[])), expected, "{name}");
    }
}

#[test]
fn a_report_is_read_back_as_written() {
    let report = Report {
        csirt: "csirt.north.example".to_owned(),
        id: "N-1".to_owned(),
        name: "Duty officer".to_owned(),
        email: "duty@csirt.north.example".to_owned(),
        description: "Scans & \"worse\" <from> one network".to_owned(),
        restriction: Restriction::Amber,
        severity: Severity::High,
        addresses: "192[.]0[.]2[.]7\n\n2001:db8::/32\nbad.example\nhxxp://bad.example/a&b\nAS64500\n".to_owned(),
        ..Report::new("2026-11-21T15:00:00.5Z".parse().unwrap())
    };
    let text = report.text();
    let summary = summarise(text.as_bytes(), &[]);
    assert_eq!(verdict(&summary), "v2 csirt.north.example/N-1 high amber>amber+0 o5 c1");
    assert_eq!(summary.title, report.description);
    assert_eq!(summary.generated.unwrap().text, "2026-11-21T15:00:00Z");
    let contact = &summary.contacts[0];
    assert_eq!(
        (contact.name.as_deref(), contact.email.as_deref()),
        (Some("Duty officer"), Some("duty@csirt.north.example"))
    );
    let values: Vec<_> = summary.observables.iter().map(|o| (o.kind, o.value.as_str())).collect();
    assert_eq!(
        values,
        [
            (ObservableKind::Ipv4, "192.0.2.7"),
            (ObservableKind::Network, "2001:db8::/32"),
            (ObservableKind::Domain, "bad.example"),
            (ObservableKind::Url, "http://bad.example/a&b"),
            (ObservableKind::Asn, "64500"),
        ]
    );
}

/// Any text a person could paste, XML's own marks and line ends among it.
fn pasted() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{1,40}",
        "[<>&'\"\\]\\[ a-z\r\n\t-]{1,40}",
        Just("]]>".to_owned()),
        Just("&amp;<![CDATA[".to_owned()),
        Just("é𝒳\u{202e}".to_owned())
    ]
}

fn reports() -> impl Strategy<Value = Report> {
    let address = prop_oneof![
        any::<std::net::Ipv4Addr>().prop_map(|ip| ip.to_string()),
        any::<std::net::Ipv6Addr>().prop_map(|ip| ip.to_string()),
        (any::<std::net::Ipv4Addr>(), 0u8..=32).prop_map(|(ip, length)| format!("{ip}/{length}")),
        (any::<std::net::Ipv6Addr>(), 0u8..=128).prop_map(|(ip, length)| format!("{ip}/{length}")),
        any::<u32>().prop_map(|number| format!("AS{number}")),
        "[a-z0-9]{1,9}(\\[\\.\\]|\\.)example",
        "[a-z&'+]{1,9}@[a-z]{1,9}\\.example",
        "hxxps?://[a-z]{1,9}\\.example/[ -~]{0,9}".prop_map(|url| url.replace(' ', "")),
        "([0-9a-f]{2}:){5}[0-9a-f]{2}",
    ];
    let choices = (
        tokens(&enumeration::INCIDENT_PURPOSE),
        prop::sample::select(vec![
            "public",
            "white",
            "partner",
            "green",
            "need-to-know",
            "amber",
            "private",
            "red",
            "default",
        ]),
        prop::sample::select(vec![Severity::Unknown, Severity::Low, Severity::Medium, Severity::High]),
        tokens(&enumeration::SYSTEM_CATEGORY),
    );
    let texts = (pasted(), pasted(), pasted(), prop::option::of("[a-z]{1,9}@[a-z]{1,9}\\.example"));
    let when = (0i64..253_402_300_799).prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap());
    (choices, texts, prop::collection::vec(address, 0..8), when).prop_map(|(choices, texts, addresses, when)| {
        let mut report = Report::new(when);
        (report.purpose, report.severity, report.category) = (choices.0, choices.2, choices.3);
        report.restriction = Restriction::from_token(choices.1);
        (report.id, report.description, report.name) = (texts.0, texts.1, texts.2);
        report.email = texts.3.unwrap_or_default();
        report.addresses = addresses.join("\r\n");
        report
    })
}

/// The tokens of a list, but for the private value.
fn tokens(list: &'static Enumeration) -> impl Strategy<Value = String> {
    let tokens: Vec<String> = list.tokens(Profile::Published).map(str::to_owned).collect();
    prop::sample::select(tokens).prop_filter("private", |token| token != "ext-value")
}

/// Reports that preflight would let through as documents; only blank texts and characters XML cannot hold stop one.
fn documents() -> impl Strategy<Value = (Report, Vec<u8>)> {
    reports().prop_filter_map("a report with a problem", |report| {
        let draft = report.draft().ok()?;
        let is_valid = check::check(draft.document(), Profile::Published).is_valid();
        is_valid.then(|| (report, draft.document().travelling().text.into_bytes()))
    })
}

#[test]
fn every_report_is_valid_by_the_published_schema() {
    let Some(schema) = shared("iodef/xsd/iodef-2.0.xsd") else { return };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for number in 0..300 {
        let (_, document) = documents().new_tree(&mut runner).unwrap().current();
        let file = folder.path().join(format!("{number}.xml"));
        fs::write(&file, document).unwrap();
        files.push(file);
    }
    let xmllint = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .arg(&schema)
        .args(&files)
        .stdin(Stdio::null())
        .output()
        .expect("xmllint (Debian package libxml2-utils) is needed for this test");
    let said = String::from_utf8_lossy(&xmllint.stderr);
    let faults: Vec<_> = said.lines().filter(|line| !line.ends_with(" validates")).take(10).collect();
    assert!(xmllint.status.success(), "{faults:#?}");
    assert_eq!(said.lines().count(), files.len());
    // The schema would have seen a fault.
    let broken = folder.path().join("broken.xml");
    fs::File::create(&broken).unwrap().write_all(&fixture("bent.xml")).unwrap();
    let refused = Command::new("xmllint").args(["--nonet", "--noout", "--schema"]).arg(&schema).arg(&broken).output();
    assert!(!refused.unwrap().status.success());
}

proptest! {
    #[test]
    fn reports_say_what_the_form_said((report, document) in documents()) {
        let summary = summarise(&document, &[]);
        prop_assert_eq!(&summary.kind, &Kind::Iodef2);
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(&summary.id, &one_line(&report.id));
        prop_assert_eq!(&summary.title, &one_line(&report.description));
        prop_assert_eq!(summary.severity, report.severity);
        prop_assert_eq!(&summary.restriction, &report.restriction);
        prop_assert_eq!(summary.purpose.as_deref(), Some(report.purpose.as_str()));
        prop_assert_eq!(summary.generated.map(|stamp| stamp.at), Some(report.generated));
        let name = one_line(&report.name);
        prop_assert_eq!(summary.contacts[0].name.as_deref().unwrap_or_default(), name);
    }

    /// Cut, overwritten, doubled: whatever becomes of a document, there is a verdict.
    #[test]
    fn mutants_have_a_verdict(which in 0usize..7, at in any::<prop::sample::Index>(), with in any::<u8>(), how in 0u8..4, length in 1usize..40) {
        let name = ["minimal.xml", "phishing.xml", "indicators.xml", "two-incidents.xml", "version1.xml", "bent.xml", "foreign.xml"][which];
        let mut bytes = fixture(name);
        let at = at.index(bytes.len());
        let end = bytes.len().min(at + length);
        match how {
            0 => bytes.truncate(at),
            1 => bytes[at] = with,
            2 => drop(bytes.drain(at..end)),
            _ => { let again = bytes[at..end].to_vec(); drop(bytes.splice(at..at, again)); }
        }
        let summary = summarise(&bytes, &[]);
        prop_assert!(summary.title.chars().count() <= Summary::TITLE);
        prop_assert!(summary.observables.len() <= Summary::OBSERVABLES);
        if matches!(summary.kind, Kind::Invalid(_)) {
            prop_assert_eq!(summary.strictest, Restriction::Absent);
        }
    }
}
