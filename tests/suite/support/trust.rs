//! A controller's certificates and what is known of it, as a person meets them: for the connection panel and the question
//! about a certificate.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::engine::{Connection, Error, Event, SessionFacts};
use gridwatch::model::session::{
    Authentication, Certificate, Channel, FaultWords, Management, Refused, Revoked, Roots, Route, Vouched, Why,
};
use gridwatch::model::trust::{Floor, Pin, Seen};
use gridwatch::model::{Fingerprint, Known, Revocation, Say, Tls};

use super::window::{BROKER, ME, now};

/// A fingerprint that looks like one.
pub fn print(seed: u8) -> Fingerprint {
    Fingerprint(std::array::from_fn(|at| {
        let at = u8::try_from(at).unwrap();
        at.wrapping_mul(73).wrapping_add(seed.wrapping_mul(41)) ^ seed.rotate_left(3) ^ 0x5A
    }))
}

pub fn days(days: i64) -> DateTime<Utc> {
    now() + TimeDelta::days(days)
}

pub fn certificate(subject: &str, issuer: &str, seed: u8) -> Certificate {
    Certificate {
        subject: subject.to_owned(),
        issuer: issuer.to_owned(),
        names: Vec::new(),
        not_before: days(-282),
        not_after: days(83),
        key_kind: "ECDSA P-256".to_owned(),
        signature: "SHA-256 with ECDSA".to_owned(),
        fingerprint: print(seed),
        key: print(seed.wrapping_add(100)),
    }
}

pub fn leaf() -> Certificate {
    Certificate {
        names: vec![
            "DNS csirt.example".to_owned(),
            "DNS xmpp.csirt.example".to_owned(),
            "SRV _xmpp-client.csirt.example".to_owned(),
        ],
        ..certificate("CN=csirt.example", "CN=Grid Issuing CA 3, O=National Grid Authority", 1)
    }
}

/// A session that could hardly be better.
pub fn facts() -> SessionFacts {
    let issuing = Certificate {
        not_after: days(1400),
        ..certificate(
            "CN=Grid Issuing CA 3, O=National Grid Authority",
            "CN=Grid Root CA, O=National Grid Authority",
            2,
        )
    };
    let root = Certificate {
        not_after: days(4000),
        key_kind: "RSA 4096".to_owned(),
        signature: "SHA-384 with RSA".to_owned(),
        ..certificate("CN=Grid Root CA, O=National Grid Authority", "CN=Grid Root CA, O=National Grid Authority", 3)
    };
    SessionFacts {
        jid: format!("{ME}/gridwatch-0f3a").parse().unwrap(),
        broker: Some(BROKER.parse().unwrap()),
        route: Route {
            srv: Some("_xmpps-client._tcp.csirt.example".to_owned()),
            host: "xmpp2.csirt.example".to_owned(),
            port: 5223,
            address: Some("[2001:db8:7::42]:5223".parse().unwrap()),
            proxy: None,
            tls: Tls::Direct,
        },
        channel: Channel {
            version: "TLS 1.3".to_owned(),
            cipher: "TLS13_AES_256_GCM_SHA384".to_owned(),
            alpn: Some("xmpp-client".to_owned()),
            chain: vec![leaf(), issuing, root],
            matched: Some("DNS csirt.example".to_owned()),
            vouched: Vouched::Chain { roots: Roots::File("/home/alice/grid/national-grid-ca.pem".to_owned()) },
            pinned: true,
            revocation: Revocation::Prefer,
            revoked: Revoked::Clear { issued: now() - TimeDelta::hours(9), until: days(6) },
            changed: false,
            identity: None,
        },
        authentication: Authentication {
            mechanism: "SCRAM-SHA-256-PLUS".to_owned(),
            binding: Some("tls-exporter".to_owned()),
            sasl2: true,
            downgrade_checked: true,
            iterations: Some(10_000),
        },
        management: Management::Resumable { max: Some(600), resumed: true },
    }
}

/// One with weak points: an old login, nothing bound, nothing looked up, nothing resumed.
pub fn weak() -> SessionFacts {
    let facts = facts();
    SessionFacts {
        channel: Channel {
            version: "TLS 1.2".to_owned(),
            cipher: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256".to_owned(),
            chain: vec![Certificate { not_after: days(9), ..leaf() }],
            pinned: false,
            vouched: Vouched::Chain { roots: Roots::Platform },
            revoked: Revoked::Unchecked(Say::new("session-revocation-no-list")),
            ..facts.channel.clone()
        },
        authentication: Authentication {
            mechanism: "SCRAM-SHA-1".to_owned(),
            iterations: Some(4096),
            ..Authentication::default()
        },
        management: Management::None,
        ..facts
    }
}

pub fn online(facts: SessionFacts) -> Connection {
    Connection::Online(Arc::new(facts))
}

pub fn known() -> Known {
    let leaf = leaf();
    Known {
        seen: Some(Seen { certificate: leaf.fingerprint, key: leaf.key, first: days(-120), last: now() }),
        pins: [leaf.key, print(77)].map(|key| Pin { key, alone: false }).to_vec(),
        floor: Some(Floor {
            mechanism: "SCRAM-SHA-256-PLUS".to_owned(),
            binding: Some("tls-exporter".to_owned()),
            offer_proved: true,
            since: days(-120),
        }),
        ..Known::default()
    }
}

fn fault(token: &'static str, cause: Say, risk: &'static str, next: &'static str, excusable: bool) -> FaultWords {
    FaultWords { token, cause, risk: Say::new(risk), next: Say::new(next), excusable }
}

/// Refused for this.
pub fn refused(why: Why) -> Arc<Refused> {
    Arc::new(Refused { domain: "csirt.example".to_owned(), certificate: Some(leaf()), why })
}

/// Another key than the one met before.
pub fn changed() -> Arc<Refused> {
    refused(Why::Changed(Seen { certificate: print(9), key: print(10), first: days(-400), last: days(-1) }))
}

/// Expired, for another host, and from nobody believed.
pub fn faulty() -> Arc<Refused> {
    let expired = Say::new("error-cert-expired")
        .with("whose", "mail.example")
        .with("date", "2026-11-18 11:02Z")
        .with("now", "2026-11-21 16:00Z");
    let host = Say::new("error-cert-wrong-host")
        .with("presented", "mail.example, www.mail.example")
        .with("wanted", "csirt.example");
    let faults = vec![
        fault("expired", expired, "error-cert-risk-stale", "error-cert-next-renew", true),
        fault("wrong-host", host, "error-cert-risk-name", "error-cert-next-domain", true),
        fault(
            "self-signed",
            Say::new("error-cert-self-signed"),
            "error-cert-risk-unvouched",
            "error-cert-next-authority",
            true,
        ),
    ];
    let certificate = Certificate {
        names: vec!["DNS mail.example".to_owned(), "DNS www.mail.example".to_owned()],
        not_after: days(-3),
        ..certificate("CN=mail.example", "CN=mail.example", 21)
    };
    Arc::new(Refused { domain: "csirt.example".to_owned(), certificate: Some(certificate), why: Why::Faults(faults) })
}

/// Faulty in no way but that nobody believed vouches for it.
pub fn unvouched() -> Arc<Refused> {
    let own = fault(
        "self-signed",
        Say::new("error-cert-self-signed"),
        "error-cert-risk-unvouched",
        "error-cert-next-authority",
        true,
    );
    refused(Why::Faults(vec![own]))
}

/// Revoked: nothing can be done about it here.
pub fn revoked() -> Arc<Refused> {
    let revoked = Say::new("error-cert-revoked").with("whose", "csirt.example");
    refused(Why::Faults(vec![fault("revoked", revoked, "error-cert-risk-revoked", "error-cert-next-attack", false)]))
}

/// That stopped the connection.
pub fn stopped(refused: Arc<Refused>) -> Event {
    Event::Connection(Connection::Stopped { cause: Error::Certificate { refused } })
}
