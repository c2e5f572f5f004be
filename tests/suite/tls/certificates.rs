//! The certificate matrix: each wrong certificate refused with all of its faults in words of their own, nothing of XMPP
//! said; and the unusual right ones accepted.

use std::path::Path;
use std::process::Command;

use gridwatch::model::session::{FaultWords, Roots, Vouched};
use gridwatch::xmpp::tls::{Fault, Policy, Trust};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    NameConstraints, OtherNameValue, SanType, date_time_ymd,
};

use super::{Case, DOMAIN, faults, keys, unchanged};
use crate::support::pki::{Authority, Identity};
use crate::support::tools;

const SRV: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 8, 7];
const XMPP: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 8, 5];

fn other_name(oid: [u64; 9], value: &str) -> impl FnOnce(&mut CertificateParams) {
    let name = SanType::OtherName((oid.to_vec(), OtherNameValue::Utf8String(value.to_owned())));
    move |params| params.subject_alt_names.push(name)
}

fn expired(params: &mut CertificateParams) {
    params.not_after = date_time_ymd(2025, 3, 1);
}

fn early(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2080, 1, 1);
}

fn inverted(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2080, 1, 1);
    params.not_after = date_time_ymd(2025, 1, 1);
}

fn ca(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}

fn client_only(params: &mut CertificateParams) {
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
}

/// Authority information access with one caIssuers address.
fn with_issuer_address(params: &mut CertificateParams) {
    let url = b"http://ca.example/i";
    let mut der = vec![0x30, 33, 0x30, 31, 6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2, 0x86, 19];
    der.extend_from_slice(url);
    params.custom_extensions.push(CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], der));
}

fn strange_rule(params: &mut CertificateParams) {
    let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
    extension.set_criticality(true);
    params.custom_extensions.push(extension);
}

#[tokio::test]
async fn each_wrong_certificate_is_refused_with_all_its_faults() {
    let authority = Authority::new("Test authority");
    let stranger = Authority::new("Stranger");
    let middle = authority.below("Middle", unchanged);
    let old_middle = authority.below("Old middle", expired);
    let no_ca = authority.below("No authority", |params| params.is_ca = IsCa::NoCa);
    let narrow = authority.below("Narrow", |params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let too_deep = narrow.below("Too deep", unchanged);
    let elsewhere = authority.below("Elsewhere", |params| {
        let permitted_subtrees = vec![GeneralSubtree::DnsName("other.example".to_owned())];
        params.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
    });
    let both = |change: fn(&mut CertificateParams), more: fn(&mut CertificateParams)| {
        move |params: &mut CertificateParams| {
            change(params);
            more(params);
        }
    };
    let named = |names: &[&str]| authority.issue(names, unchanged);
    let rows: Vec<(&str, Identity, &[&str])> = vec![
        ("expired", authority.issue(&[DOMAIN], expired), &["error-cert-expired"]),
        ("not yet valid", authority.issue(&[DOMAIN], early), &["error-cert-not-yet-valid"]),
        ("ends before it begins", authority.issue(&[DOMAIN], inverted), &["error-cert-inverted"]),
        ("another host", named(&["other.example", "192.0.2.7"]), &["error-cert-wrong-host"]),
        (
            "common name only",
            authority.issue(&[], |params| params.distinguished_name.push(DnType::CommonName, DOMAIN)),
            &["error-cert-no-name"],
        ),
        (
            "a mail address only",
            authority.issue(&[], |params| {
                params.subject_alt_names.push(SanType::Rfc822Name("ops@xmpp.grid.example".try_into().unwrap()));
            }),
            &["error-cert-no-name"],
        ),
        ("partial wildcard", named(&["x*.grid.example"]), &["error-cert-wrong-host"]),
        ("wildcard in the middle", named(&["xmpp.*.example"]), &["error-cert-wrong-host"]),
        ("wildcard for two labels", named(&["*.example"]), &["error-cert-wrong-host"]),
        ("wildcard below", named(&["*.xmpp.grid.example"]), &["error-cert-wrong-host"]),
        (
            "SRV-ID of another domain",
            authority.issue(&[], other_name(SRV, "_xmpp-client.other.example")),
            &["error-cert-wrong-host"],
        ),
        (
            "SRV-ID of servers",
            authority.issue(&[], other_name(SRV, "_xmpp-server.xmpp.grid.example")),
            &["error-cert-wrong-host"],
        ),
        (
            "XmppAddr of another domain",
            authority.issue(&[], other_name(XMPP, "other.example")),
            &["error-cert-wrong-host"],
        ),
        (
            "XmppAddr of an account",
            authority.issue(&[], other_name(XMPP, "ops@xmpp.grid.example")),
            &["error-cert-wrong-host"],
        ),
        (
            "SRV-ID from one who may not sign for it",
            elsewhere.issue(&[], other_name(SRV, "_xmpp-client.xmpp.grid.example")).with(&elsewhere),
            &["error-cert-name-constraint"],
        ),
        ("self-signed", Identity::self_signed(&[DOMAIN], unchanged), &["error-cert-self-signed"]),
        (
            "self-signed, as openssl makes them",
            Identity::self_signed(&[DOMAIN], ca),
            &["error-cert-ca-as-server", "error-cert-self-signed"],
        ),
        ("authority as server", authority.issue(&[DOMAIN], ca), &["error-cert-ca-as-server"]),
        ("unknown authority", stranger.issue(&[DOMAIN], unchanged), &["error-cert-unknown-authority"]),
        (
            "unknown authority presented",
            stranger.issue(&[DOMAIN], unchanged).with(&stranger),
            &["error-cert-unknown-authority"],
        ),
        (
            "authority's namesake",
            Authority::new("Test authority").issue(&[DOMAIN], unchanged),
            &["error-cert-bad-signature"],
        ),
        ("missing intermediate", middle.issue(&[DOMAIN], with_issuer_address), &["error-cert-incomplete"]),
        ("intermediate expired", old_middle.issue(&[DOMAIN], unchanged).with(&old_middle), &["error-cert-expired"]),
        ("intermediate no authority", no_ca.issue(&[DOMAIN], unchanged).with(&no_ca), &["error-cert-not-ca"]),
        (
            "path too long",
            too_deep.issue(&[DOMAIN], unchanged).with(&too_deep).with(&narrow),
            &["error-cert-path-length"],
        ),
        (
            "outside of the authority's names",
            elsewhere.issue(&[DOMAIN], unchanged).with(&elsewhere),
            &["error-cert-name-constraint"],
        ),
        ("for clients only", authority.issue(&[DOMAIN], client_only), &["error-cert-wrong-purpose"]),
        ("unknown critical extension", authority.issue(&[DOMAIN], strange_rule), &["error-cert-critical-extension"]),
        ("signature changed", authority.issue(&[DOMAIN], unchanged).forged(), &["error-cert-bad-signature"]),
        ("cut short", truncated(&named(&[DOMAIN])), &["error-cert-unreadable"]),
        ("junk", Identity::of_der(b"no certificate".to_vec()), &["error-cert-unreadable"]),
        // No fault hides another.
        (
            "expired, another host, self-signed",
            Identity::self_signed(&["other.example"], expired),
            &["error-cert-expired", "error-cert-wrong-host", "error-cert-self-signed"],
        ),
        (
            "expired, another host",
            authority.issue(&["other.example"], expired),
            &["error-cert-expired", "error-cert-wrong-host"],
        ),
        (
            "expired, unknown authority",
            stranger.issue(&[DOMAIN], expired),
            &["error-cert-expired", "error-cert-unknown-authority"],
        ),
        (
            "for clients, unknown authority",
            stranger.issue(&[DOMAIN], client_only),
            &["error-cert-unknown-authority", "error-cert-wrong-purpose"],
        ),
        (
            "an authority's, for clients, expired, of an unknown one",
            stranger.issue(&[DOMAIN], both(ca, both_of_time)),
            &[
                "error-cert-expired",
                "error-cert-ca-as-server",
                "error-cert-unknown-authority",
                "error-cert-wrong-purpose",
            ],
        ),
        (
            "ends before it begins, unknown authority",
            stranger.issue(&[DOMAIN], inverted),
            &["error-cert-inverted", "error-cert-unknown-authority"],
        ),
        (
            "unknown critical extension, no name",
            authority.issue(&[], strange_rule),
            &["error-cert-no-name", "error-cert-critical-extension"],
        ),
    ];
    let trust = Trust::Ca(authority.der());
    for (what, identity, expected) in &rows {
        let found =
            Case { acceptor: &identity.careless(&[]), trust: &trust, policy: &Policy::default(), domain: DOMAIN };
        let refused = found.refused(what).await;
        assert_eq!(keys(&faults(&refused)), *expected, "{what}");
    }
}

fn both_of_time(params: &mut CertificateParams) {
    expired(params);
    client_only(params);
}

fn truncated(identity: &Identity) -> Identity {
    let der = &identity.chain[0];
    Identity::of_der(der[..der.len() - 9].to_vec())
}

#[tokio::test]
async fn faults_name_what_they_are_about() {
    let authority = Authority::new("Test authority");
    let old_middle = authority.below("Old middle", expired);
    let stranger = Authority::new("Stranger\u{202e}\n");
    let words = |fault: Fault| -> Vec<FaultWords> { vec![fault.words()] };
    let rows = [
        (
            authority.issue(&["other.example", "192.0.2.7"], unchanged),
            Fault::WrongHost { wanted: DOMAIN.to_owned(), presented: "other.example, 192.0.2.7".to_owned() },
        ),
        (stranger.issue(&[DOMAIN], unchanged), Fault::UnknownAuthority { issuer: "Stranger⟨U+202E⟩".to_owned() }),
        (
            Authority::new("Root").below("Middle", unchanged).issue(&[DOMAIN], with_issuer_address),
            Fault::Incomplete { issuer: "Middle".to_owned() },
        ),
        (authority.issue(&[DOMAIN], strange_rule), Fault::CriticalExtension { oid: "1.2.3.4".to_owned() }),
    ];
    let trust = Trust::Ca(authority.der());
    let policy = Policy::default();
    for (identity, fault) in rows {
        let case = Case { acceptor: &identity.careless(&[]), trust: &trust, policy: &policy, domain: DOMAIN };
        let refused = case.refused(&format!("{fault:?}")).await;
        assert_eq!(faults(&refused), words(fault));
        assert_eq!(refused.certificate, Some(identity.shown()));
    }
    // Which of the chain expired, not only that one did.
    let identity = old_middle.issue(&[DOMAIN], unchanged).with(&old_middle);
    let case = Case { acceptor: &identity.careless(&[]), trust: &trust, policy: &policy, domain: DOMAIN };
    let found = format!("{:?}", faults(&case.refused("old").await));
    assert!(found.contains("Old middle") && found.contains("2025-03-01 00:00 UTC"), "{found}");
}

#[tokio::test]
async fn unusual_right_certificates_are_accepted_and_said_to_be_whose() {
    let authority = Authority::new("Test authority");
    let middle = authority.below("Middle", unchanged);
    let old = authority.below("Old and not needed", expired);
    let no_purpose = |params: &mut CertificateParams| params.extended_key_usages.clear();
    let srv = || other_name(SRV, "_xmpp-client.xmpp.grid.example");
    let with_other = authority.issue(&["hosting.example"], srv());
    let direct = authority.issue(&[], other_name(SRV, "_xmpps-client.XMPP.grid.example"));
    let rows = [
        (authority.issue(&[DOMAIN], no_purpose), DOMAIN, "DNS xmpp.grid.example"),
        (authority.issue(&["*.grid.example"], unchanged), DOMAIN, "DNS *.grid.example"),
        (middle.issue(&[DOMAIN], unchanged).with(&middle), DOMAIN, "DNS xmpp.grid.example"),
        (authority.issue(&[DOMAIN], unchanged).with(&old), DOMAIN, "DNS xmpp.grid.example"),
        (authority.issue(&[], srv()), DOMAIN, "SRV _xmpp-client.xmpp.grid.example"),
        (direct, DOMAIN, "SRV _xmpps-client.XMPP.grid.example"),
        (with_other, DOMAIN, "SRV _xmpp-client.xmpp.grid.example"),
        (authority.issue(&[], other_name(XMPP, DOMAIN)), DOMAIN, "XMPP xmpp.grid.example"),
        (authority.issue(&["192.0.2.7"], unchanged), "192.0.2.7", "IP 192.0.2.7"),
        (authority.issue(&["2001:db8::7"], unchanged), "[2001:db8::7]", "IP 2001:db8::7"),
        (authority.issue(&["xn--bcher-kva.example"], unchanged), "bücher.example", "DNS xn--bcher-kva.example"),
        (authority.issue(&[], other_name(XMPP, "bücher.example")), "bücher.example", "XMPP bücher.example"),
    ];
    let trust = Trust::Ca(authority.der());
    for (identity, domain, matched) in &rows {
        let case = Case { acceptor: &identity.careless(&[]), trust: &trust, policy: &Policy::default(), domain };
        let secured = case.accepted(matched).await;
        assert_eq!(secured.channel.matched.as_deref(), Some(*matched));
        assert_eq!(secured.channel.vouched, Vouched::Chain { roots: Roots::Own });
        assert_eq!(secured.channel.chain[0], identity.shown());
        assert_eq!(secured.channel.chain.len(), identity.chain.len());
    }
    for (names, domain) in
        [(&["xmpp.grid.example"][..], "192.0.2.7"), (&["192.0.2.8"], "192.0.2.7"), (&["192.0.2.7"], DOMAIN)]
    {
        let identity = authority.issue(names, unchanged);
        let case = Case { acceptor: &identity.careless(&[]), trust: &trust, policy: &Policy::default(), domain };
        assert_eq!(keys(&faults(&case.refused(domain).await)), ["error-cert-wrong-host"]);
    }
}

/// Certificates rcgen cannot make: by openssl, from an authority of its own.
#[tokio::test]
async fn obsolete_certificates_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let subject = |name: &str| format!("/CN={name}");
    openssl(
        dir,
        &[
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-days",
            "999",
            "-subj",
            &subject("Old authority"),
        ],
    );
    std::fs::write(dir.join("v3"), format!("subjectAltName=DNS:{DOMAIN}\nextendedKeyUsage=serverAuth\n")).unwrap();
    let issue = |name: &str, key: &str, more: &[&str]| {
        let (request, out) = (format!("{name}.csr"), format!("{name}.der"));
        openssl(
            dir,
            &[
                "req",
                "-new",
                "-newkey",
                key,
                "-nodes",
                "-keyout",
                "leaf.key",
                "-out",
                &request,
                "-subj",
                &subject(name),
            ],
        );
        let mut arguments = vec![
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "99",
            "-outform",
            "DER",
            "-out",
            &out,
        ];
        arguments.extend(more);
        openssl(dir, &arguments);
        Identity::of_der(std::fs::read(dir.join(out)).unwrap())
    };
    let v3 = ["-extfile", "v3"];
    let rows: [(Identity, &[(&str, &str)]); 5] = [
        (issue("sha1", "rsa:2048", &["-sha1", v3[0], v3[1]]), &[("error-cert-weak", "SHA-1 with RSA")]),
        (issue("md5", "rsa:2048", &["-md5", v3[0], v3[1]]), &[("error-cert-weak", "MD5 with RSA")]),
        (issue("short", "rsa:1024", &["-sha256", v3[0], v3[1]]), &[("error-cert-weak", "RSA 1024")]),
        (
            issue("all", "rsa:1024", &["-sha1", v3[0], v3[1]]),
            &[("error-cert-weak", "RSA 1024"), ("error-cert-weak", "SHA-1 with RSA")],
        ),
        (issue("v1", "rsa:2048", &["-sha256"]), &[("error-cert-no-name", DOMAIN), ("error-cert-version", "")]),
    ];
    let trust = Trust::CaFile(dir.join("ca.pem"));
    for (identity, expected) in &rows {
        let case =
            Case { acceptor: &identity.careless(&[]), trust: &trust, policy: &Policy::default(), domain: DOMAIN };
        let found = faults(&case.refused(expected[0].1).await);
        let last = |words: &FaultWords| words.cause.args.last().map(|arg| arg.1.clone()).unwrap_or_default();
        let found: Vec<(&str, String)> = found.iter().map(|words| (words.cause.key, last(words))).collect();
        let expected: Vec<(&str, String)> = expected.iter().map(|(key, what)| (*key, (*what).to_owned())).collect();
        assert_eq!(found, expected);
    }
}

pub fn openssl(dir: &Path, arguments: &[&str]) {
    let program = tools::need("openssl", "openssl");
    let output = Command::new(program).current_dir(dir).args(arguments).output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What is forged must not look like what a person may excuse.
#[tokio::test]
async fn neither_an_old_certificate_of_the_issuers_nor_a_wrong_kind_makes_a_forgery_excusable() {
    let authority = Authority::new("Test authority");
    let old = authority.below("Middle", |params| {
        params.not_before = date_time_ymd(2010, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    });
    let overlapping = authority.below("Middle", expired);
    let to_come = authority.below("Middle", early);
    let forged = || Authority::new("Nobody").below("Middle", unchanged).issue(&[DOMAIN], unchanged);
    // webpki refuses an authority as a server before it looks at who signed it.
    let namesake = Authority::new("Test authority").issue(&[DOMAIN], ca);
    let rows: [(Identity, &[&str]); 5] = [
        (namesake, &["error-cert-ca-as-server"]),
        (forged().with(&old), &["error-cert-expired", "error-cert-disjoint"]),
        (forged().with(&overlapping), &["error-cert-expired", "error-cert-bad-signature"]),
        (forged().with(&overlapping).with(&to_come), &["error-cert-expired", "error-cert-bad-signature"]),
        (forged().with(&to_come).with(&overlapping), &["error-cert-not-yet-valid", "error-cert-bad-signature"]),
    ];
    let trust = Trust::Ca(authority.der());
    for (row, (identity, expected)) in rows.iter().enumerate() {
        let acceptor = identity.careless(&[]);
        let case = Case { acceptor: &acceptor, trust: &trust, policy: &Policy::default(), domain: DOMAIN };
        let faults = faults(&case.refused("forged").await);
        assert_eq!(keys(&faults), *expected, "row {row}");
        assert!(faults.iter().any(|fault| !fault.excusable), "row {row}");
    }
}
