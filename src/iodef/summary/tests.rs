//! What the summary takes from a document, and from what is none.

use proptest::prelude::*;

use super::*;
use crate::model::{ObservableKind, Restriction, Severity, Tlp};

fn document(inside: &str) -> String {
    format!(
        "<IODEF-Document version=\"2.00\" xml:lang=\"en\" xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\">{inside}</IODEF-Document>"
    )
}

fn incident(inside: &str) -> Summary {
    let text = document(&format!("<Incident purpose='reporting' restriction='green'>{inside}</Incident>"));
    let summary = summarise(text.as_bytes(), &[]);
    assert_eq!(summary.kind, Kind::Iodef2, "{text}");
    summary
}

fn values(summary: &Summary) -> Vec<(ObservableKind, &str)> {
    summary.observables.iter().map(|observable| (observable.kind, observable.value.as_str())).collect()
}

fn key(summary: &Summary) -> &'static str {
    match &summary.kind {
        Kind::Invalid(say) => say.key,
        other => panic!("{other:?}"),
    }
}

#[test]
fn fields_of_an_incident() {
    let summary = incident(
        "<IncidentID name=' csirt.example '>\n 17 \n</IncidentID><DetectTime>2026-01-01T00:00:00Z</DetectTime>\
         <GenerationTime>\n2026-01-02T01:00:00+01:00</GenerationTime><Description> Two\n  lines &amp; <![CDATA[<more>]]>\
         &#x21;</Description><Contact role='ext-value' ext-role='isac' type='organization'><ContactName>A</ContactName>\
         <Email><EmailTo>a@csirt.example</EmailTo></Email><Contact role='tech' type='person'><ContactName>B</ContactName>\
         </Contact></Contact><EventData><StartTime>2026-01-03T00:00:00Z</StartTime><DetectTime>1999-01-01T00:00:00Z\
         </DetectTime><Expectation action='block-host'/><Expectation/><Expectation action='block-host'/></EventData>",
    );
    assert_eq!((summary.csirt.as_str(), summary.id.as_str()), ("csirt.example", "17"));
    assert_eq!(summary.title, "Two lines & <more>!");
    assert_eq!(summary.descriptions, [(Some("en".to_owned()), "Two\n  lines & <more>!".to_owned())]);
    assert_eq!(summary.generated.unwrap().at.to_rfc3339(), "2026-01-02T00:00:00+00:00");
    assert_eq!(summary.detected.unwrap().text, "2026-01-01T00:00:00Z", "the Incident's own, not the event's");
    assert_eq!(summary.started.unwrap().text, "2026-01-03T00:00:00Z", "from the event");
    assert_eq!((summary.reported, summary.ended), (None, None));
    assert_eq!(summary.purpose.as_deref(), Some("reporting"));
    assert_eq!(summary.asks, ["block-host", "other"]);
    let contacts: Vec<_> =
        summary.contacts.iter().map(|c| (&*c.role, &*c.kind, c.name.as_deref(), c.email.as_deref())).collect();
    assert_eq!(
        contacts,
        [
            ("isac", "organization", Some("A"), Some("a@csirt.example")),
            ("tech", "person", Some("B"), Some("a@csirt.example"))
        ]
    );
}

#[test]
fn title_by_language_then_first_then_what_else_there_is() {
    let two = "<Description>first</Description><Description xml:lang='de-AT'>zweite</Description>";
    let text = document(&format!("<Incident>{two}</Incident>"));
    assert_eq!(summarise_in(text.as_bytes(), &[], "de").title, "zweite");
    assert_eq!(summarise_in(text.as_bytes(), &[], "fr").title, "first");
    let event = "<Assessment><IncidentCategory>phishing</IncidentCategory></Assessment><Method><Description>m</Description>\
                 </Method><EventData><Description>event</Description></EventData>";
    assert_eq!(incident(event).title, "event");
    assert_eq!(incident("<Method><Description>m</Description></Method>").title, "m");
    assert_eq!(incident("<Discovery><Description>d</Description></Discovery>").title, "");
    let long = incident(&format!("<Description>{}</Description>", "ä ".repeat(5000))).title;
    assert_eq!((long.chars().count(), long.ends_with('…')), (Summary::TITLE, true));
}

#[test]
fn highest_severity_of_impacts_only() {
    for (inside, expected) in [
        ("<SystemImpact severity='low'/><BusinessImpact severity='high'/>", Severity::High),
        ("<TimeImpact severity='medium' metric='labor'>1</TimeImpact>", Severity::Medium),
        ("<MonetaryImpact severity='low'>1</MonetaryImpact>", Severity::Low),
        ("<BusinessImpact severity='unknown'/><SystemImpact severity='HIGH'/>", Severity::Unknown),
        ("<IntendedImpact severity='high'/>", Severity::Unknown),
    ] {
        assert_eq!(incident(&format!("<Assessment>{inside}</Assessment>")).severity, expected, "{inside}");
    }
    assert_eq!(incident("<EventData><Expectation severity='high'/></EventData>").severity, Severity::Unknown);
}

#[test]
fn strictest_restriction_inside() {
    let summary = incident("");
    assert_eq!((summary.restriction.tlp(), summary.stricter_inside), (Tlp::Green, 0));
    let summary = incident(
        "<Contact restriction='white'/><EventData restriction='amber'><EventData/><Record restriction='red'/></EventData>\
         <AdditionalData dtype='xml'><x xmlns='urn:x' restriction='red'/></AdditionalData>",
    );
    assert_eq!((summary.strictest.token(), summary.stricter_inside), (Some("red"), 2));
    let strict = incident("<EventData restriction='ext-value' ext-restriction='amber+strict'/>");
    assert_eq!((strict.strictest.tlp(), strict.stricter_inside), (Tlp::AmberStrict, 1));
    // A nested or second Incident without a value is private by the schema's default.
    let nested = incident("<IndicatorData><Indicator><Observable><Incident/></Observable></Indicator></IndicatorData>");
    assert_eq!((nested.strictest.tlp(), nested.incidents), (Tlp::Red, 1));
    let two = document("<Incident restriction='white'/><Incident restriction='partner'/>");
    let two = summarise(two.as_bytes(), &[]);
    assert_eq!((two.restriction.tlp(), two.strictest.tlp(), two.incidents), (Tlp::Clear, Tlp::Green, 2));
    // In bent order the first Incident does not wash away what stands before it.
    let early =
        "<AdditionalData dtype='string' restriction='red'/><AdditionalData dtype='string' restriction='white'/>";
    let bent = summarise(document(&format!("{early}<Incident restriction='green'/>")).as_bytes(), &[]);
    assert_eq!((bent.restriction.tlp(), bent.strictest.tlp(), bent.stricter_inside), (Tlp::Green, Tlp::Red, 1));
    let unsaid = summarise(document("<Incident/>").as_bytes(), &[]);
    assert_eq!((unsaid.restriction, unsaid.strictest.tlp()), (Restriction::Absent, Tlp::Red));
}

#[test]
fn observables_where_they_may_stand() {
    use ObservableKind as K;
    let summary = incident(
        "<IncidentID name='a'>1</IncidentID><Method><Reference><e:ReferenceName xmlns:e='urn:ietf:params:xml:ns:iodef-enum-1.0'>\
         <e:ID>CVE-2026-0001</e:ID></e:ReferenceName><URL>https://info.example/</URL></Reference></Method>\
         <Contact><Email><EmailTo>duty@csirt.example</EmailTo></Email></Contact>\
         <EventData><Flow><System><Node><Address category='ipv4-net'> 192.0.2.0/24 </Address><Address>198.51.100.7</Address>\
         <DomainData><Name>bad.example</Name></DomainData></Node><Service ip-protocol='6'><Portlist>22,80-90</Portlist>\
         <EmailData><EmailTo>to@bad.example</EmailTo></EmailData></Service></System></Flow><Record><RecordData>\
         <RecordItem dtype='url'>http://bad.example/x</RecordItem><URL>http://bad.example/y</URL><FileData><File>\
         <FileName>a.iso</FileName><HashData><Hash><d:DigestValue xmlns:d='http://www.w3.org/2000/09/xmldsig#'>q83v</d:DigestValue>\
         </Hash></HashData></File></FileData></RecordData></Record></EventData>\
         <IndicatorData><Indicator><Observable><BulkObservable type='domain-to-ipv4'><BulkObservableList>\r\na.example, 192.0.2.9\n\n\
         b.example,192.0.2.10\n</BulkObservableList></BulkObservable></Observable></Indicator></IndicatorData>",
    );
    assert_eq!(
        values(&summary),
        [
            (K::Cve, "CVE-2026-0001"),
            (K::Network, "192.0.2.0/24"),
            (K::Ipv4, "198.51.100.7"),
            (K::Domain, "bad.example"),
            (K::Port, "22,80-90"),
            (K::Email, "to@bad.example"),
            (K::Url, "http://bad.example/x"),
            (K::Url, "http://bad.example/y"),
            (K::File, "a.iso"),
            (K::Hash, "q83v"),
            (K::Domain, "a.example"),
            (K::Ipv4, "192.0.2.9"),
            (K::Domain, "b.example"),
            (K::Ipv4, "192.0.2.10"),
        ]
    );
    let lines: String = (0..700).map(|n| format!("n{n}.example\n")).collect();
    let bulk = incident(&format!(
        "<X><BulkObservable type='fqdn'><BulkObservableList>{lines}</BulkObservableList></BulkObservable></X>"
    ));
    assert_eq!((bulk.observables.len(), bulk.observables_total), (Summary::OBSERVABLES, 700));
}

/// What is named beyond what a summary keeps makes all of it wanted, as if it had been from the start.
#[test]
fn only_what_exceeds_a_summary_is_given_apart_and_then_it_is_everything() {
    let address =
        |kind: &str, value: &str| format!("<System><Node><Address category='{kind}'>{value}</Address></Node></System>");
    let many = |count: usize| (0..count).map(|n| address("ipv4-addr", &format!("192.0.2.{n}"))).collect::<String>();
    let long = address("ext-value", &"x".repeat(20_000));
    let again = address("ipv6-addr", "192.0.2.7").repeat(300) + &address("mac", "02-00-5E-10-00-01");
    let digest = |algorithm: &str| {
        format!(
            "<FileData><File><FileName>A</FileName><HashData scope='file-contents'><Hash><DigestMethod Algorithm='{algorithm}'/>\
             <DigestValue>q83vASNFZ4mrze8BI0VniQ==</DigestValue></Hash></HashData></File></FileData>"
        )
    };
    let digests =
        digest("http://www.w3.org/2001/04/xmldsig-more#md5") + &digest("http://www.w3.org/2001/04/xmlenc#sha256");
    for (inside, exceeds) in [
        (many(3), false),
        (many(Summary::OBSERVABLES), false),
        (many(Summary::OBSERVABLES + 1), true),
        (many(3) + &again + &many(100), true),
        (digests.clone() + &many(100), true),
        (digests + &many(10), false),
        (many(5) + &long + &many(10), false),
        (many(5) + &long + &many(100), true),
        (again, false),
    ] {
        let text =
            document(&format!("<Incident restriction='green'><EventData><Flow>{inside}</Flow></EventData></Incident>"));
        let (all, own) = (indexed(text.as_bytes(), &[]), exceeding(text.as_bytes(), &[]));
        assert_eq!(own.0, all.0);
        assert!(!all.1.is_empty());
        assert_eq!(own.1, if exceeds { all.1 } else { Vec::new() }, "{inside}");
    }
}

#[test]
fn prefixes_are_the_senders_choice() {
    let inside = "Incident restriction='green'><q:Description>hello</q:Description></q:Incident>";
    let ns = "urn:ietf:params:xml:ns:iodef-2.0";
    for (text, scope) in [
        (format!("<q:IODEF-Document xmlns:q='{ns}'><q:{inside}</q:IODEF-Document>"), vec![]),
        (
            format!(
                "<IODEF-Document xmlns='{ns}'><q:Incident xmlns:q='{ns}'><q:Description>hello</q:Description></q:Incident></IODEF-Document>"
            ),
            vec![],
        ),
        (format!("<q:IODEF-Document><q:{inside}</q:IODEF-Document>"), vec![("q", ns)]),
        (
            "<IODEF-Document><Incident><Description>hello</Description></Incident></IODEF-Document>".to_owned(),
            vec![("", ns)],
        ),
    ] {
        let scope: Vec<_> = scope.into_iter().map(|(p, n)| (p.to_owned(), n.to_owned())).collect();
        let summary = summarise(text.as_bytes(), &scope);
        assert_eq!((&summary.kind, &*summary.title), (&Kind::Iodef2, "hello"), "{text}");
    }
    // A prefix means what it was last bound to, and only inside that element.
    let shadowed = document(
        "<Incident><x xmlns='urn:x'><Description>no</Description></x><Description>yes</Description></Incident>",
    );
    assert_eq!(summarise(shadowed.as_bytes(), &[]).title, "yes");
}

#[test]
fn what_is_no_summary() {
    let scope = [(String::new(), "jabber:client".to_owned())];
    let deep = |depth: usize| document(&"<x>".repeat(depth));
    let wide = format!("<a {}/>", (0..200).map(|n| format!("a{n}='' ")).collect::<String>());
    let scopes = format!("<a {}/>", (0..100).map(|n| format!("xmlns:a{n}='urn:x' ")).collect::<String>());
    let nested = scopes.replace("/>", ">").repeat(4);
    for (text, expected) in [
        ("<IODEF-Document/>", "error-iodef-namespace"),
        (&*document(""), "error-iodef-no-incident"),
        ("<Incident xmlns='urn:ietf:params:xml:ns:iodef-2.0'/>", "error-iodef-root"),
        ("<!DOCTYPE a><a/>", "error-iodef-doctype"),
        ("<a/><!DOCTYPE a>", "error-iodef-doctype"),
        ("<a>", "error-iodef-syntax"),
        ("<a/><b/>", "error-iodef-syntax"),
        ("<a/>text", "error-iodef-syntax"),
        ("text", "error-iodef-syntax"),
        ("<a></b>", "error-iodef-syntax"),
        ("</a>", "error-iodef-syntax"),
        ("<p:a/>", "error-iodef-syntax"),
        ("<a x='1' x='2'/>", "error-iodef-syntax"),
        ("<a x=1/>", "error-iodef-syntax"),
        ("<a>&nbsp;</a>", "error-iodef-syntax"),
        ("<a>&#0;</a>", "error-iodef-syntax"),
        ("<a>&#xFFFF;</a>", "error-iodef-syntax"),
        ("<a>\u{1}</a>", "error-iodef-syntax"),
        ("<a xmlns:p=''/>", "error-iodef-syntax"),
        ("<a/><?xml version='1.0'?>", "error-iodef-syntax"),
        (&deep(300), "error-iodef-limit"),
        (&deep(100_000), "error-iodef-limit"),
        (&wide, "error-iodef-limit"),
        (&nested, "error-iodef-limit"),
    ] {
        let summary = summarise(text.as_bytes(), &[]);
        assert_eq!(key(&summary), expected, "{}", text.get(..60).unwrap_or(text));
        assert_eq!(summary.strictest.tlp(), Tlp::Red);
    }
    assert_eq!(key(&summarise(b"<a>\xff</a>", &[])), "error-iodef-syntax");
    assert_eq!(summarise(b" \n", &[]).kind, Kind::Empty);
    let foreign = Kind::Foreign { namespace: "jabber:client".to_owned(), name: "body".to_owned() };
    assert_eq!(summarise(b"<body/>", &scope).kind, foreign);
    // What was read before the break stays readable.
    let broken = document(
        "<Incident restriction='white'><IncidentID name='a.example'>9</IncidentID><Description>t</Description>",
    );
    let broken = summarise(&broken.as_bytes()[..broken.len() - 17], &[]);
    assert_eq!((key(&broken), &*broken.title, &*broken.id), ("error-iodef-syntax", "t", "9"));
    // Its own restriction does not: what was lost may have been stricter.
    assert_eq!(
        (broken.restriction, broken.strictest.tlp(), broken.stricter_inside),
        (Restriction::Absent, Tlp::Red, 0)
    );
}

proptest! {
    #[test]
    fn never_panics_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = summarise(&bytes, &[]);
    }

    #[test]
    fn never_panics_on_markup(parts in prop::collection::vec(prop_oneof![
        Just("<"), Just(">"), Just("</"), Just("/>"), Just("&"), Just(";"), Just("<![CDATA["), Just("]]>"), Just("<!--"), Just("-->"),
        Just("<?"), Just("?>"), Just("="), Just("'"), Just("\""), Just(" "), Just(":"), Just("xmlns"), Just("Incident"),
        Just("IODEF-Document xmlns='urn:ietf:params:xml:ns:iodef-2.0'"), Just("Description"), Just("Contact"), Just("é"), Just("\u{0}"),
    ], 0..60)) {
        let _ = summarise(parts.concat().as_bytes(), &[]);
    }
}

#[test]
fn line_ends_are_those_of_xml() {
    let summary = incident(
        "<IncidentID name='a'>1</IncidentID><Description>one\r\ntwo\rthree&#13;four<![CDATA[\rfive]]></Description>",
    );
    let texts: Vec<_> = summary.descriptions.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["one\ntwo\nthree\rfour\nfive"]);
}
