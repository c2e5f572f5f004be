//! Things as MISP attributes and objects: types, categories and object templates as MISP's own lists have them.

use std::net::IpAddr;

use crate::iodef::export::thing::{Certificate, Endpoint, File, Key, Mail, Thing};
use crate::model::Typed;

const NETWORK: &str = "Network activity";
const DELIVERY: &str = "Payload delivery";
const PERSISTENCE: &str = "Persistence mechanism";

/// An object template of `misp-objects`.
pub struct Template {
    pub name: &'static str,
    pub uuid: &'static str,
    pub version: &'static str,
    pub category: &'static str,
}

const FILE: Template =
    Template { name: "file", uuid: "688c46fb-5edb-40a3-8273-1af7923e2215", version: "25", category: "file" };
const EMAIL: Template =
    Template { name: "email", uuid: "a0c666e0-fc65-4be8-b48f-3423d788b552", version: "19", category: "network" };
const REGISTRY: Template =
    Template { name: "registry-key", uuid: "8b3228ad-6d82-4fe6-b2ae-05426308f1d5", version: "5", category: "file" };
const X509: Template =
    Template { name: "x509", uuid: "d1ab756a-26b5-4349-9f43-765630f0911c", version: "14", category: "network" };
const IP_PORT: Template =
    Template { name: "ip-port", uuid: "9f8cea74-16fe-4968-a2b4-026676949ac6", version: "10", category: "network" };
const DOMAIN_IP: Template =
    Template { name: "domain-ip", uuid: "43b3b146-77eb-4931-b4cc-b66c60f28734", version: "11", category: "network" };

/// An attribute of an object.
pub struct Part {
    pub relation: &'static str,
    pub kind: &'static str,
    pub category: &'static str,
    pub value: String,
    /// Whether it can be detected by.
    pub detects: bool,
}

pub enum Made {
    /// Type, category, value.
    Attribute(&'static str, &'static str, String),
    Object(Template, Vec<Part>),
}

/// A thing in MISP; `source` is whether it stands at the side a conversation came from.
pub fn made(thing: &Thing, source: bool) -> Vec<Made> {
    match thing {
        Thing::Value(typed) => {
            let (kind, category) = kind(typed, source);
            let text = if let Typed::Asn(number) = typed { format!("AS{number}") } else { typed.to_string() };
            vec![Made::Attribute(kind, category, text)]
        }
        Thing::Resolves(name, ip) => vec![resolves(name, *ip)],
        Thing::Endpoint(endpoint) => traffic(endpoint, source),
        Thing::File(file) => vec![of_file(file)],
        Thing::Key(key) => vec![of_key(key)],
        Thing::Certificate(certificate) => of_certificate(certificate).into_iter().collect(),
        Thing::Mail(mail) => vec![of_mail(mail)],
        Thing::UserAgent(text) => vec![Made::Attribute("user-agent", NETWORK, text.clone())],
        Thing::RequestTarget(text) => vec![Made::Attribute("uri", NETWORK, text.clone())],
        Thing::Mutex(name) => vec![Made::Attribute("mutex", "Artifacts dropped", name.clone())],
        Thing::User(name) => vec![Made::Attribute("target-user", "Targeting data", name.clone())],
    }
}

fn kind(typed: &Typed, source: bool) -> (&'static str, &'static str) {
    let kind = match typed {
        Typed::Ipv4(_) | Typed::Ipv6(_) | Typed::Ipv4Net(..) | Typed::Ipv6Net(..) => {
            if source {
                "ip-src"
            } else {
                "ip-dst"
            }
        }
        Typed::Asn(_) => "AS",
        Typed::Mac(_) => "mac-address",
        Typed::Email(_) => return (if source { "email-src" } else { "email" }, DELIVERY),
        Typed::Url(_) => "url",
        Typed::Domain(_) => "domain",
    };
    (kind, NETWORK)
}

fn part(relation: &'static str, kind: &'static str, category: &'static str, value: impl Into<String>) -> Part {
    Part { relation, kind, category, value: value.into(), detects: true }
}

/// Words beside what can be detected by.
fn beside(relation: &'static str, value: impl Into<String>) -> Part {
    Part { detects: false, ..part(relation, "text", "Other", value) }
}

fn resolves(name: &str, ip: IpAddr) -> Made {
    let parts = vec![part("domain", "domain", NETWORK, name), part("ip", "ip-dst", NETWORK, ip.to_string())];
    Made::Object(DOMAIN_IP, parts)
}

/// An object a port; MISP has no range of them.
fn traffic(endpoint: &Endpoint, source: bool) -> Vec<Made> {
    let single = endpoint.ports.iter().filter(|range| range.start() == range.end());
    let object = |range: &std::ops::RangeInclusive<u16>| {
        let relation = if source { "src-port" } else { "dst-port" };
        let port = part(relation, "port", NETWORK, range.start().to_string());
        let mut parts = vec![Part { detects: false, ..port }];
        parts.extend(endpoint.host.as_ref().map(|host| match host {
            Typed::Domain(_) => part("domain", "domain", NETWORK, host.to_string()),
            _ if source => part("ip-src", "ip-src", NETWORK, host.to_string()),
            _ => part("ip-dst", "ip-dst", NETWORK, host.to_string()),
        }));
        parts.extend(endpoint.protocol_name().map(|name| beside("protocol", name)));
        Made::Object(IP_PORT, parts)
    };
    single.map(object).collect()
}

fn of_file(file: &File) -> Made {
    let mut parts = Vec::new();
    // A name is not what a file is known by, when there is a digest.
    let name = file.name.iter().map(|name| part("filename", "filename", DELIVERY, name));
    parts.extend(name.map(|name| Part { detects: file.digests.is_empty(), ..name }));
    let digests = file.digests.iter();
    parts.extend(digests.map(|(algorithm, value)| part(algorithm.misp(), algorithm.misp(), DELIVERY, value)));
    let size = file.size.iter().map(|size| part("size-in-bytes", "size-in-bytes", "Other", size.to_string()));
    parts.extend(size.map(|size| Part { detects: false, ..size }));
    let media = file.media.iter().map(|media| part("mimetype", "mime-type", "Artifacts dropped", media));
    parts.extend(media.map(|media| Part { detects: false, ..media }));
    Made::Object(FILE, parts)
}

fn of_key(key: &Key) -> Made {
    let mut parts = vec![part("key", "regkey", PERSISTENCE, &key.name)];
    parts.extend(key.data.as_ref().map(|data| beside("data", data)));
    Made::Object(REGISTRY, parts)
}

/// A certificate of which only the subject is known fits no template, but its words are kept.
fn of_certificate(certificate: &Certificate) -> Option<Made> {
    let mut parts = Vec::new();
    let print = certificate.sha256.iter();
    parts.extend(print.map(|hash| part("x509-fingerprint-sha256", "x509-fingerprint-sha256", NETWORK, hash)));
    parts.extend(certificate.serial.iter().map(|serial| beside("serial-number", serial)));
    parts.extend(certificate.issuer.iter().map(|issuer| beside("issuer", issuer)));
    if parts.is_empty() {
        let subject = certificate.subject.clone()?;
        return Some(Made::Attribute("text", "Other", subject));
    }
    parts.extend(certificate.subject.iter().map(|subject| beside("subject", subject)));
    Some(Made::Object(X509, parts))
}

fn of_mail(mail: &Mail) -> Made {
    let mut parts = Vec::new();
    parts.extend(mail.from.iter().map(|from| part("from", "email-src", DELIVERY, from)));
    let to = mail.to.iter().map(|to| part("to", "email-dst", DELIVERY, to));
    parts.extend(to.map(|to| Part { detects: false, ..to }));
    let subject = mail.subject.iter().map(|subject| part("subject", "email-subject", DELIVERY, subject));
    parts.extend(subject.map(|subject| Part { detects: false, ..subject }));
    let mailer = mail.mailer.iter().map(|mailer| part("x-mailer", "email-x-mailer", DELIVERY, mailer));
    parts.extend(mailer.map(|mailer| Part { detects: false, ..mailer }));
    for (name, value) in &mail.headers {
        let header = if name.eq_ignore_ascii_case("reply-to") {
            part("reply-to", "email-reply-to", DELIVERY, value)
        } else {
            part("header", "email-header", DELIVERY, format!("{name}: {value}"))
        };
        parts.push(Part { detects: false, ..header });
    }
    let body = mail.body.iter().map(|body| part("email-body", "email-body", DELIVERY, body));
    parts.extend(body.map(|body| Part { detects: false, ..body }));
    Made::Object(EMAIL, parts)
}
