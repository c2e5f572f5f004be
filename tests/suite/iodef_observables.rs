//! Observables: what a document holds, in one form, with what is in force for it; the tree and the quick pass agree.

use std::collections::BTreeSet;

use gridwatch::iodef::observable::{Algorithm, Of};
use gridwatch::iodef::observables::{Found, all};
use gridwatch::iodef::{Document, index, summarise};
use gridwatch::model::{ObservableKind, Restriction};

use super::iodef_tree::examples;

const NS: &str = "urn:ietf:params:xml:ns:iodef-2.0";

fn incident(inside: &str) -> Document {
    let text =
        format!("<IODEF-Document xmlns='{NS}'><Incident restriction='green'>{inside}</Incident></IODEF-Document>");
    Document::read(text.into_bytes(), &[]).unwrap()
}

fn values(document: &Document) -> Vec<(Of, String)> {
    all(document).into_iter().map(|found| (found.of, found.canonical)).collect()
}

#[test]
fn the_quick_pass_and_the_tree_find_the_same() {
    let mut found = 0;
    for (path, bytes) in examples() {
        let (summary, quick) = index(bytes, &[], "en");
        assert_eq!(summary, summarise(bytes, &[]), "{}", path.display());
        let Ok(document) = Document::read(bytes.as_slice(), &[]) else { continue };
        if document.version().is_err() {
            continue;
        }
        let in_tree: BTreeSet<_> = all(&document).iter().map(|found| (found.kind(), found.canonical.clone())).collect();
        assert_eq!(quick.len(), in_tree.len(), "{}: a value twice", path.display());
        let quick: BTreeSet<_> = quick.into_iter().map(|one| (one.kind, one.value)).collect();
        assert_eq!(quick, in_tree, "{}", path.display());
        found += quick.len();
    }
    assert!(found > 20, "{found}");
}

#[test]
fn what_holds_for_a_value_comes_with_it() {
    let document = incident(
        "<EventData restriction='amber'><Flow><System category='target'><Node><Address category='ipv4-net-mask'>192.0.2.9/255.255.255.0</Address>\
         </Node></System></Flow></EventData><IndicatorData><Indicator restriction='ext-value' ext-restriction='isac'><IndicatorID \
         name='a' version='1'>i</IndicatorID><StartTime>2026-01-01T00:00:00Z</StartTime><Confidence rating='low'/>\
         <IndicatorExpression operator='or'><Observable><DomainData><Name>\nBad.Example </Name></DomainData></Observable>\
         <Confidence rating='numeric'>75</Confidence><Observable restriction='white'><FileData><File><HashData scope='file-contents'>\
         <Hash><d:DigestMethod xmlns:d='http://www.w3.org/2000/09/xmldsig#' Algorithm='http://www.w3.org/2001/04/xmlenc#sha1'/>\
         <d:DigestValue xmlns:d='http://www.w3.org/2000/09/xmldsig#'>q80Bq80Bq80Bq80Bq80Bq80Bq80=</d:DigestValue></Hash></HashData>\
         </File></FileData></Observable></IndicatorExpression></Indicator></IndicatorData>",
    );
    let found = all(&document);
    assert_eq!(
        found.iter().map(|found| (found.of, found.canonical.as_str(), &*found.original)).collect::<Vec<_>>(),
        [
            (Of::Network, "192.0.2.0/24", "192.0.2.9/255.255.255.0"),
            (Of::Domain, "bad.example", "Bad.Example"),
            (Of::Hash, "abcd01abcd01abcd01abcd01abcd01abcd01abcd", "q80Bq80Bq80Bq80Bq80Bq80Bq80="),
        ]
    );
    let [address, domain, hash] = found.as_slice() else { panic!() };
    let mark = |found: &Found<'_>| found.marking.restriction.clone();
    assert_eq!(mark(address), Restriction::Amber);
    assert_eq!(mark(domain), Restriction::Other("isac".to_owned()));
    assert_eq!(mark(hash), Restriction::White);
    assert_eq!(
        hash.marking.said_by.unwrap().path(),
        "Incident[1]/IndicatorData[1]/Indicator[1]/IndicatorExpression[1]/Observable[2]"
    );
    assert_eq!((address.role.as_ref().unwrap().as_str(), &domain.role), ("target", &None));
    assert!(address.indicator.is_none() && address.confidence.is_none() && address.valid == (None, None));
    assert_eq!(domain.confidence.as_ref().unwrap().number, Some(75.0));
    assert_eq!(hash.confidence.as_ref().unwrap().rating.as_ref().unwrap().as_str(), "low");
    assert_eq!(domain.valid.0.as_ref().unwrap().text, "2026-01-01T00:00:00Z");
    assert_eq!((hash.algorithm, domain.algorithm), (Some(Algorithm::Sha1), None));
    assert_eq!(address.element.path(), "Incident[1]/EventData[1]/Flow[1]/System[1]/Node[1]/Address[1]");
}

#[test]
fn every_type_of_bulk_list_and_every_category() {
    for (kind, line, expected) in [
        ("asn", "AS64500", vec![(Of::Asn, "64500")]),
        ("e-mail", "A@Bad.Example", vec![(Of::Email, "A@bad.example")]),
        ("ipv4-net-mask", "192.0.2.1/255.255.0.0", vec![(Of::Network, "192.0.0.0/16")]),
        ("ipv6-net", "2001:db8:1::/32", vec![(Of::Network, "2001:db8::/32")]),
        ("domain-to-ipv4", "A.example, 192.0.2.9", vec![(Of::Domain, "a.example"), (Of::Ipv4, "192.0.2.9")]),
        (
            "domain-to-ipv6-timestamp",
            "a.example,2001:DB8::9,2026-01-01T00:00:00Z",
            vec![(Of::Domain, "a.example"), (Of::Ipv6, "2001:db8::9")],
        ),
        ("ipv4-port", "192.0.2.9, 80, tcp", vec![(Of::Ipv4, "192.0.2.9"), (Of::Port, "80")]),
        ("windows-reg-key", "HKLM\\a,b", vec![(Of::RegistryKey, "HKEY_LOCAL_MACHINE\\a,b")]),
        ("mutex", "Global\\a, b", vec![(Of::Mutex, "Global\\a, b")]),
        ("http-user-agent", "Mozilla/5.0 (X, Y)", vec![(Of::UserAgent, "Mozilla/5.0 (X, Y)")]),
        ("email-subject", "One, two", vec![(Of::EmailSubject, "One, two")]),
        ("fqdn", "b.example", vec![(Of::Domain, "b.example")]),
        ("of-our-own", "x", vec![(Of::Private, "x")]),
    ] {
        let list = format!(
            "<BulkObservable type='{kind}'><BulkObservableList>\r\n{line}\r\n\r\n</BulkObservableList></BulkObservable>"
        );
        let expected: Vec<_> = expected.into_iter().map(|(of, value)| (of, value.to_owned())).collect();
        assert_eq!(values(&incident(&list)), expected, "{kind}");
    }
    let hashes = "<BulkObservable type='file-hash'><BulkObservableFormat><Hash><d:DigestMethod \
                  xmlns:d='http://www.w3.org/2000/09/xmldsig#' Algorithm='http://www.w3.org/2001/04/xmldsig-more#md5'/></Hash>\
                  </BulkObservableFormat><BulkObservableList>M1sOWSoiMmzVM7PB5XQEHA==\n</BulkObservableList></BulkObservable>";
    let hashes = incident(hashes);
    assert_eq!(all(&hashes)[0].algorithm, Some(Algorithm::Md5));
    assert_eq!(values(&hashes), [(Of::Hash, "335b0e592a22326cd533b3c1e574041c".to_owned())]);
    for (category, text, expected) in [
        ("category='asn'", "64500", (Of::Asn, "64500")),
        ("category='atm'", "x", (Of::Atm, "x")),
        ("category='e-mail'", "a@B.example", (Of::Email, "a@b.example")),
        ("category='mac'", "02-00-5e-10-00-01", (Of::Mac, "02:00:5e:10:00:01")),
        ("category='ipv4-addr'", "192.0.2.1", (Of::Ipv4, "192.0.2.1")),
        ("category='ipv4-net'", "192.0.2.1/24", (Of::Network, "192.0.2.0/24")),
        ("category='ipv4-net-masked'", "192.0.2.xx", (Of::Network, "192.0.2.0/24")),
        ("category='ipv6-net-masked'", "2001:db8:0:0:0:0:0:xxxx", (Of::Network, "2001:db8::/112")),
        ("category='site-uri'", "HTTP://Bad.example/A", (Of::Url, "http://bad.example/A")),
        ("category='ext-value' ext-category='imei'", "1", (Of::Private, "1")),
        ("", "192.0.2.1", (Of::Ipv4, "192.0.2.1")),
        ("", "2001:DB8::1", (Of::Ipv6, "2001:db8::1")),
    ] {
        let document = incident(&format!("<Node><Address {category}> {text}\n</Address></Node>"));
        assert_eq!(values(&document), [(expected.0, expected.1.to_owned())], "{category}");
    }
}

#[test]
fn references_are_observables_when_they_are_cves() {
    let enumeration = "xmlns:e='urn:ietf:params:xml:ns:iodef-enum-1.0'";
    let reference = |index: &str, id: &str| {
        values(&incident(&format!(
            "<Method><Reference><e:ReferenceName {enumeration} specIndex='{index}'><e:ID>{id}</e:ID></e:ReferenceName></Reference></Method>"
        )))
    };
    let cve = [(Of::Cve, "CVE-2026-0001".to_owned())];
    assert_eq!(reference("1", "cve-2026-0001"), cve);
    assert_eq!(reference("1", "2026-0001"), cve);
    assert_eq!(reference("7", "CVE-2026-0001"), cve);
    assert_eq!(reference("7", "CWE-79"), []);
}

#[test]
fn a_bulk_list_is_indexed_to_its_end() {
    let lines: String = (0..30_000).map(|n| format!("h{n}.bad.example\n")).collect();
    let text = format!(
        "<IODEF-Document xmlns='{NS}'><Incident><BulkObservable type='domain-name'><BulkObservableList>{lines}H7.bad.example\n\
         </BulkObservableList></BulkObservable></Incident></IODEF-Document>"
    );
    let (summary, found) = index(text.as_bytes(), &[], "en");
    assert_eq!((summary.observables.len(), found.len()), (64, 30_000));
    assert_eq!((found[29_999].kind, &*found[29_999].value), (ObservableKind::Domain, "h29999.bad.example"));
}
