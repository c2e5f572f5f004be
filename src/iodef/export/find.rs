//! Finding the things in a part of a document: which classes say one, and what they say.
//!
//! Where one observable holds several values (a host with two addresses, a bulk list), each is a thing: the reader takes
//! any of them for the observable (RFC 7970 §3.29 asks for one child, and that child may hold several values).

use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;

use ipnet::Ipv4Net;

use super::digest::Algorithm;
use super::thing::{Certificate, Endpoint, File, Key, Mail, Thing, plain, plain_of};
use crate::iodef::{Element, observable};
use crate::model::typed::{domain, refang};
use crate::model::{ObservableKind, Typed};

/// The namespace of XML Signature.
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

/// What a part of a document says.
#[derive(Debug, Default)]
pub struct Found<'d> {
    /// Each thing with the element that says it.
    pub things: Vec<(Element<'d>, Thing)>,
    /// Elements that should say one and do not: not a value of their class, or defanged.
    pub mute: Vec<Element<'d>>,
}

/// All things of `whole` and what is below it, in document order.
#[must_use]
pub fn find(whole: Element<'_>) -> Found<'_> {
    let mut found = Found::default();
    for element in std::iter::once(whole).chain(whole.descendants()) {
        if !element.is_iodef() {
            continue;
        }
        match element.local() {
            "Address" => found.take(element, address(element)),
            "DomainData" => found.take(element, name(element)),
            "Service" => services(element, &mut found),
            "EmailData" => found.take(element, mail(element).map(Thing::Mail).into_iter().collect()),
            "File" => found.take(element, file(element).map(Thing::File).into_iter().collect()),
            "Key" => found.take(element, key(element).map(Thing::Key).into_iter().collect()),
            "Certificate" => found.take(element, certificate(element).map(Thing::Certificate).into_iter().collect()),
            "BulkObservable" => found.take(element, bulk(element)),
            _ => {}
        }
    }
    found
}

impl<'d> Found<'d> {
    fn take(&mut self, element: Element<'d>, things: Vec<Thing>) {
        // A name server's address is its own, not that of what is reported (RFC 7970 §3.19.2).
        if element.parent().is_some_and(|parent| parent.is("Nameservers")) {
            return;
        }
        if things.is_empty() {
            self.mute.push(element);
        }
        self.things.extend(things.into_iter().map(|thing| (element, thing)));
    }
}

/// The value as sent, if nobody defanged it: what is defanged matches nothing, and refanging is a person's act.
fn read(text: &str) -> Option<Typed> {
    if refang(text) == text { Typed::read(text) } else { None }
}

fn address(element: Element<'_>) -> Vec<Thing> {
    let text: String = element.text().split_whitespace().collect();
    let category = element.attr("category");
    let category = category.as_deref().map_or("ipv6-addr", str::trim);
    value(category, &text).map(Thing::Value).into_iter().collect()
}

/// A value of an `Address@category` or of a bulk list's type.
fn value(category: &str, text: &str) -> Option<Typed> {
    let wanted = observable::Of::category(category).kind();
    let typed = match category {
        "asn" => {
            let digits = text.strip_prefix("AS").or_else(|| text.strip_prefix("as")).unwrap_or(text);
            return digits.parse().ok().map(Typed::Asn);
        }
        "ipv4-net-mask" | "ipv4-net" if text.matches('.').count() > 3 => masked(text),
        _ => read(text),
    }?;
    let family = [ObservableKind::Ipv4, ObservableKind::Ipv6];
    // A network of one address is an address, and senders leave out the default category for IPv4.
    let is_near = family.contains(&typed.kind()) && (family.contains(&wanted) || wanted == ObservableKind::Network);
    (typed.kind() == wanted || is_near).then_some(typed)
}

/// `192.0.2.0/255.255.255.0`
fn masked(text: &str) -> Option<Typed> {
    let (address, mask) = text.split_once('/')?;
    let net = Ipv4Net::with_netmask(address.parse().ok()?, mask.parse::<Ipv4Addr>().ok()?).ok()?;
    Some(Typed::Ipv4Net(net.network(), net.prefix_len()))
}

fn name(element: Element<'_>) -> Vec<Thing> {
    let text: String = element.child("Name").map(|name| name.text().split_whitespace().collect()).unwrap_or_default();
    let plain = refang(&text) == text;
    domain(&text).filter(|_| plain).map(|name| Thing::Value(Typed::Domain(name))).into_iter().collect()
}

/// The ports of a service, of each host of its system.
fn services<'d>(element: Element<'d>, found: &mut Found<'d>) {
    let ports = ports(element);
    if ports.is_empty() {
        return;
    }
    let protocol = element.attr("ip-protocol").and_then(|number| number.trim().parse().ok());
    let node = element.parent().filter(|parent| parent.is("System")).and_then(|system| system.child("Node"));
    let hosts: Vec<Typed> = node.into_iter().flat_map(hosts).collect();
    let endpoint = |host| Thing::Endpoint(Endpoint { host, protocol, ports: ports.clone() });
    let things = if hosts.is_empty() {
        vec![endpoint(None)]
    } else {
        hosts.into_iter().map(|host| endpoint(Some(host))).collect()
    };
    found.take(element, things);
}

fn hosts(node: Element<'_>) -> Vec<Typed> {
    let is_host =
        |typed: &Typed| matches!(typed.kind(), ObservableKind::Ipv4 | ObservableKind::Ipv6 | ObservableKind::Domain);
    let values = node.children().filter(|child| child.is_iodef()).flat_map(|child| match child.local() {
        "Address" => address(child),
        "DomainData" => name(child),
        _ => Vec::new(),
    });
    let typed = values.filter_map(|thing| if let Thing::Value(typed) = thing { Some(typed) } else { None });
    typed.filter(is_host).collect()
}

fn ports(service: Element<'_>) -> Vec<RangeInclusive<u16>> {
    let one = plain_of(service, "Port").unwrap_or_default();
    let list = plain_of(service, "Portlist").unwrap_or_default();
    let range = |text: &str| {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let (from, to): (u16, u16) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        (from <= to).then_some(from..=to)
    };
    one.split(',').chain(list.split(',')).filter_map(range).collect()
}

fn mail(element: Element<'_>) -> Option<Mail> {
    let header = |field: Element<'_>| Some((field.attr("name")?.trim().to_owned(), plain(field)?));
    let address = |text: String| value("e-mail", &text).map(|typed| typed.to_string());
    let mail = Mail {
        from: plain_of(element, "EmailFrom").and_then(address),
        to: element.children_named("EmailTo").filter_map(plain).filter_map(address).collect(),
        subject: plain_of(element, "EmailSubject"),
        mailer: plain_of(element, "EmailX-Mailer"),
        headers: element
            .children_named("EmailHeaderField")
            .filter_map(header)
            .filter(|(name, _)| is_token(name))
            .collect(),
        body: element.child("EmailBody").map(|body| body.trimmed().into_owned()).filter(|body| !body.is_empty()),
    };
    (mail != Mail::default()).then_some(mail)
}

/// A header's name as RFC 5322 §2.2 allows it, and no longer than anybody writes one.
fn is_token(name: &str) -> bool {
    (1..=250).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn file(element: Element<'_>) -> Option<File> {
    let mut file = File {
        name: element.child("FileName").map(|name| name.trimmed().into_owned()).filter(|name| !name.is_empty()),
        size: plain_of(element, "FileSize").and_then(|size| size.parse().ok()).filter(|size| *size <= MOST),
        media: plain_of(element, "FileType").filter(|media| is_media(media)),
        ..File::default()
    };
    for data in element.children_named("HashData") {
        // Digests of a part of the file are not the file's.
        if data.attr("scope").is_none_or(|scope| scope.trim() == "file-contents") {
            file.digests.extend(data.children_named("Hash").filter_map(digest));
            let fuzzy = data.children_named("FuzzyHash").flat_map(|fuzzy| fuzzy.children_named("FuzzyHashValue"));
            file.digests.extend(fuzzy.filter_map(|value| {
                let algorithm = Algorithm::of_fuzzy(&value.attr("name")?)?;
                Some((algorithm, algorithm.value(&value.text())?))
            }));
        }
    }
    (file.name.is_some() || !file.digests.is_empty()).then_some(file)
}

/// The largest whole number that JSON's readers agree on (RFC 8259 §6).
const MOST: u64 = (1 << 53) - 1;

fn is_media(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.split_once('/').is_some_and(|(kind, sub)| is_part(kind) && is_part(sub))
}

fn digest(hash: Element<'_>) -> Option<(Algorithm, String)> {
    let algorithm = method(hash)?;
    let value = hash.children().find(|child| child.ns() == DS && child.local() == "DigestValue")?;
    Some((algorithm, algorithm.value(&value.text())?))
}

fn method(hash: Element<'_>) -> Option<Algorithm> {
    let method = hash.children().find(|child| child.ns() == DS && child.local() == "DigestMethod")?;
    Algorithm::of_method(&method.attr("Algorithm")?)
}

fn key(element: Element<'_>) -> Option<Key> {
    // A long key is folded after a backslash; blanks inside a name are its own.
    let unfold = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().concat();
    let name = spelt_out(&unfold(&element.child("KeyName")?.text()))?;
    let value = element.child("Value").or_else(|| element.child("KeyValue"));
    let data = value.map(|value| unfold(&value.text())).filter(|data| !data.is_empty());
    Some(Key { name, data })
}

/// The key with its hive spelt out, as STIX asks for.
fn spelt_out(name: &str) -> Option<String> {
    const HIVES: [(&str, &str); 5] = [
        ("HKLM", "HKEY_LOCAL_MACHINE"),
        ("HKCU", "HKEY_CURRENT_USER"),
        ("HKCR", "HKEY_CLASSES_ROOT"),
        ("HKCC", "HKEY_CURRENT_CONFIG"),
        ("HKU", "HKEY_USERS"),
    ];
    let (hive, rest) = name.split_once('\\').unwrap_or((name, ""));
    let long = HIVES.iter().find(|(short, _)| hive.eq_ignore_ascii_case(short)).map_or(hive, |(_, long)| *long);
    let whole = if rest.is_empty() { long.to_owned() } else { format!("{long}\\{rest}") };
    (!whole.is_empty()).then_some(whole)
}

fn certificate(element: Element<'_>) -> Option<Certificate> {
    let mut certificate = Certificate::default();
    for part in element.descendants().filter(|part| part.ns() == DS) {
        match part.local() {
            "X509SubjectName" => certificate.subject = plain(part),
            "X509IssuerName" => certificate.issuer = plain(part),
            "X509SerialNumber" => certificate.serial = plain(part),
            "X509Certificate" => {
                let text = part.trimmed();
                let print = observable::canonical(observable::Of::Certificate, &text, None);
                certificate.sha256 = (print != text).then(|| print.into_owned());
            }
            _ => {}
        }
    }
    (certificate != Certificate::default()).then_some(certificate)
}

fn bulk(element: Element<'_>) -> Vec<Thing> {
    let kind = element.attr("type");
    let kind = kind.as_deref().map_or("", str::trim);
    let format = element.child("BulkObservableFormat").and_then(|format| format.child("Hash"));
    let algorithm = format.and_then(method);
    let list = element.child("BulkObservableList").map(|list| list.text().into_owned()).unwrap_or_default();
    let lines = list.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.filter_map(|line| bulk_line(kind, line, algorithm)).collect()
}

/// One line of a bulk list (RFC 7970 §3.29.1).
fn bulk_line(kind: &str, line: &str, algorithm: Option<Algorithm>) -> Option<Thing> {
    let mut parts = line.split(',').map(str::trim);
    let (first, second, third) = (parts.next()?, parts.next(), parts.next());
    Some(match kind {
        // `fqdn` is what the RFC's own §7.2 writes.
        "domain-name" | "fqdn" => Thing::Value(Typed::Domain(domain(line).filter(|_| refang(line) == line)?)),
        "domain-to-ipv4" | "domain-to-ipv6" | "domain-to-ipv4-timestamp" | "domain-to-ipv6-timestamp" => {
            Thing::Resolves(domain(first)?, second?.parse().ok()?)
        }
        "ipv4-port" | "ipv6-port" => {
            let port: u16 = second?.parse().ok()?;
            let protocol = match third.map(str::to_ascii_lowercase).as_deref() {
                Some("tcp") => Some(6),
                Some("udp") => Some(17),
                Some("sctp") => Some(132),
                _ => None,
            };
            let host = read(first).filter(|typed| matches!(typed, Typed::Ipv4(_) | Typed::Ipv6(_)))?;
            Thing::Endpoint(Endpoint { host: Some(host), protocol, ports: vec![port..=port] })
        }
        "file-hash" => {
            let algorithm = algorithm?;
            let digests = [(algorithm, algorithm.value(line)?)].into();
            Thing::File(File { digests, ..File::default() })
        }
        "file-path" => Thing::File(File { name: Some(line.to_owned()), ..File::default() }),
        "windows-reg-key" => Thing::Key(Key { name: spelt_out(line)?, data: None }),
        "email-x-mailer" => Thing::Mail(Mail { mailer: Some(line.to_owned()), ..Mail::default() }),
        "email-subject" => Thing::Mail(Mail { subject: Some(line.to_owned()), ..Mail::default() }),
        "http-user-agent" => Thing::UserAgent(line.to_owned()),
        "http-request-uri" | "http-request-url" => Thing::RequestTarget(line.to_owned()),
        "mutex" => Thing::Mutex(line.to_owned()),
        "user-name" => Thing::User(line.to_owned()),
        _ => Thing::Value(value(kind, line)?),
    })
}

/// The parts of an element that its thing was made of, the element itself aside: what an export may call carried.
pub fn made_of(element: Element<'_>) -> impl Iterator<Item = Element<'_>> {
    const PARTS: [(&str, &[&str]); 7] = [
        ("DomainData", &["Name"]),
        ("Service", &["Port", "Portlist"]),
        ("EmailData", &["EmailTo", "EmailFrom", "EmailSubject", "EmailX-Mailer", "EmailHeaderField", "EmailBody"]),
        ("File", &["FileName", "FileSize", "FileType", "HashData"]),
        ("Key", &["KeyName", "Value", "KeyValue"]),
        ("Certificate", &["X509Data"]),
        ("BulkObservable", &["BulkObservableFormat", "BulkObservableList"]),
    ];
    let parts = PARTS.iter().find(|(class, _)| *class == element.local()).map_or(&[][..], |(_, parts)| *parts);
    element.children().filter(|child| parts.contains(&child.local()))
}

/// The address of an [`IpAddr`] as a value.
#[must_use]
pub fn of_ip(ip: IpAddr) -> Typed {
    match ip {
        IpAddr::V4(ip) => Typed::Ipv4(ip),
        IpAddr::V6(ip) => Typed::Ipv6(ip),
    }
}
