//! What can be looked for or was seen, read out of the elements that say it: the one place where STIX and MISP get
//! their values from. A value that is not what its class promises is no thing: it would never match, or match wrongly.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::rc::Rc;

use super::digest::Algorithm;
use crate::iodef::Element;
use crate::model::Typed;

/// Something with a place in other formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    Value(Typed),
    /// A name and an address it stood for.
    Resolves(String, IpAddr),
    Endpoint(Endpoint),
    File(File),
    Key(Key),
    Certificate(Certificate),
    Mail(Mail),
    UserAgent(String),
    /// What an HTTP request asks for: path and query.
    RequestTarget(String),
    Mutex(String),
    User(String),
}

/// Ports, of a host if one is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub host: Option<Typed>,
    /// The IP protocol's number.
    pub protocol: Option<u8>,
    /// Shared by all hosts of a service.
    pub ports: Rc<[RangeInclusive<u16>]>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    pub name: Option<String>,
    pub size: Option<u64>,
    pub media: Option<String>,
    pub digests: BTreeMap<Algorithm, String>,
}

/// A registry key, its hive spelt out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    pub name: String,
    pub data: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    pub subject: Option<String>,
    pub issuer: Option<String>,
    /// As the sender wrote it: decimal in XML Signature.
    pub serial: Option<String>,
    /// SHA-256 of the certificate, when the document holds it.
    pub sha256: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    pub from: Option<String>,
    pub to: Vec<String>,
    pub subject: Option<String>,
    pub mailer: Option<String>,
    /// Header fields by name.
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

impl Thing {
    /// Whether it holds a range of ports, which is no conversation that was seen: not every format has a word for one.
    #[must_use]
    pub fn has_range(&self) -> bool {
        matches!(self, Self::Endpoint(endpoint) if endpoint.ports.iter().any(|range| range.start() != range.end()))
    }
}

impl Endpoint {
    /// The protocol's name in lower case, as STIX and MISP write it.
    #[must_use]
    pub fn protocol_name(&self) -> Option<&'static str> {
        Some(match self.protocol? {
            1 => "icmp",
            6 => "tcp",
            17 => "udp",
            41 => "ipv6",
            47 => "gre",
            50 => "esp",
            58 => "ipv6-icmp",
            132 => "sctp",
            _ => return None,
        })
    }
}

/// The text of an element with runs of white space made one blank; `None` when nothing is left.
#[must_use]
pub fn plain(element: Element<'_>) -> Option<String> {
    let text = element.text().split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}
