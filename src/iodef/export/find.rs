//! Finding the things in a part of a document: which classes say one, and what they say.
//!
//! Where one observable holds several values (a host with two addresses, a bulk list), each is a thing: the reader takes
//! any of them for the observable (RFC 7970 §3.29 asks for one child, and that child may hold several values).

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::rc::Rc;

use ipnet::Ipv4Net;

use super::case::token;
use super::digest::Algorithm;
use super::thing::{Certificate, Endpoint, File, Key, Mail, Thing, plain};
use crate::iodef::{Element, NodeId, observable};
use crate::model::typed::{domain, refang};
use crate::model::{ObservableKind, Typed};

/// The namespace of XML Signature.
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

/// What a part of a document says.
#[derive(Debug, Default)]
pub struct Found<'d> {
    /// Each thing with the element that says it.
    pub things: Vec<(Element<'d>, Thing)>,
    /// Elements that should say one, or a part of one, and do not: not a value of their class, or defanged.
    pub mute: Vec<Element<'d>>,
    /// Services of more hosts and ports than are written out.
    pub long: Vec<Element<'d>>,
    /// Bulk lists with so many lines that are no value of their type.
    pub lines: Vec<(Element<'d>, usize)>,
    /// What no thing was made of, among the parts of elements that say one.
    unused: HashSet<NodeId>,
    /// Elements whose thing lost a part: the rest of it matches more than was meant.
    partial: HashSet<NodeId>,
    /// Hosts that are meant together with a port, and whether a thing says both.
    bound: HashMap<NodeId, bool>,
    /// The hosts of systems with services, read once; `None` where no node is.
    systems: HashMap<NodeId, Option<Hosts<'d>>>,
}

/// What ports can be of.
type Hosts<'d> = Rc<[(Element<'d>, Typed)]>;

/// All things of `whole` and what is below it, in document order. `left` is how many endpoints may still be multiplied out
/// of the hosts and the services of one system.
#[must_use]
pub fn find<'d>(whole: Element<'d>, left: &mut usize) -> Found<'d> {
    let mut found = Found::default();
    for element in std::iter::once(whole).chain(whole.descendants()) {
        if !element.is_iodef() {
            continue;
        }
        match element.local() {
            "Address" => found.take(element, address(element)),
            "DomainData" => found.take(element, name(element)),
            "System" => bind(element, &mut found),
            "Service" => services(element, &mut found, left),
            "EmailData" => {
                let mail = mail(element, &mut found);
                found.take(element, mail.map(Thing::Mail).into_iter().collect());
            }
            "File" => {
                let file = file(element, &mut found);
                found.take(element, file.map(Thing::File).into_iter().collect());
            }
            "Key" => found.take(element, key(element).map(Thing::Key).into_iter().collect()),
            "Certificate" => {
                let certificate = certificate(element, &mut found);
                found.take(element, certificate.map(Thing::Certificate).into_iter().collect());
            }
            "BulkObservable" => bulk(element, &mut found),
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

    /// What the ports of a system's services are of; `None` where it has no node.
    fn hosts(&mut self, system: Element<'d>) -> Option<Hosts<'d>> {
        let read = || {
            let mut nodes = system.children_named("Node").peekable();
            let _ = nodes.peek()?;
            Some(nodes.flat_map(hosts).collect())
        };
        self.systems.entry(system.id()).or_insert_with(read).clone()
    }

    /// A part of what `element` says that cannot be read.
    fn lose(&mut self, element: Element<'d>, part: Element<'d>) {
        let _ = (self.unused.insert(part.id()), self.partial.insert(element.id()));
        self.mute.push(part);
    }

    /// Whether this element's things are all that it says, and no port beside it narrows them.
    #[must_use]
    pub fn is_whole(&self, element: Element<'_>) -> bool {
        !self.partial.contains(&element.id()) && !self.bound.contains_key(&element.id())
    }

    /// What can be looked for without matching more than was meant.
    pub fn whole(&self) -> impl Iterator<Item = &(Element<'d>, Thing)> {
        self.things.iter().filter(|(element, _)| self.is_whole(*element))
    }

    /// Whether something in it cannot be looked for, so that the rest matches less.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        !(self.mute.is_empty() && self.long.is_empty() && self.lines.is_empty() && self.partial.is_empty())
    }

    /// Whether a pattern of [`Self::whole`] says this element.
    #[must_use]
    pub fn is_said(&self, element: Element<'_>) -> bool {
        !self.partial.contains(&element.id()) && self.bound.get(&element.id()).is_none_or(|said| *said)
    }

    /// The elements a thing was made of: `element`, and its parts but for those that were of no use.
    pub fn made_of(&self, element: Element<'d>) -> impl Iterator<Item = Element<'d>> {
        let parts = made_of(element).flat_map(|part| std::iter::once(part).chain(part.descendants()));
        let mut skipped: Option<Element<'d>> = None;
        let parts = parts.filter(move |part| {
            if skipped.is_some_and(|skipped| skipped.contains(part.id())) {
                return false;
            }
            let is_unused = self.unused.contains(&part.id());
            if is_unused {
                skipped = Some(*part);
            }
            !is_unused
        });
        std::iter::once(element).chain(parts)
    }
}

/// The value as sent, if nobody defanged it: what is defanged matches nothing, and refanging is a person's act.
fn read(text: &str) -> Option<Typed> {
    if refang(text) == text { Typed::read(text) } else { None }
}

fn address(element: Element<'_>) -> Vec<Thing> {
    let text: String = element.text().split_whitespace().collect();
    let category = token(element, "category");
    value(category.as_deref().unwrap_or("ipv6-addr"), &text).map(Thing::Value).into_iter().collect()
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

/// A host and a service of one system are meant together: the host alone is more than was said.
fn bind<'d>(system: Element<'d>, found: &mut Found<'d>) {
    if system.children_named("Service").any(has_ports) {
        let hosts = system.children_named("Node").flat_map(Element::children);
        let hosts = hosts.filter(|child| child.is("Address") || child.is("DomainData"));
        found.bound.extend(hosts.map(|host| (host.id(), false)));
    }
}

fn has_ports(service: Element<'_>) -> bool {
    service.children().any(|child| child.is("Port") || child.is("Portlist"))
}

/// The ports of a service, of each host of its system.
fn services<'d>(element: Element<'d>, found: &mut Found<'d>, left: &mut usize) {
    if !has_ports(element) {
        return;
    }
    let Some(protocol) = protocol(element) else { return found.mute.push(element) };
    let ports: Rc<[RangeInclusive<u16>]> = ports(element, found).into();
    // What else must hold of the conversation, and no format has a word for.
    const NARROWER: [&str; 4] = ["ProtoCode", "ProtoType", "ProtoField", "ApplicationHeaderField"];
    for part in element.children().filter(|child| child.is_iodef() && NARROWER.contains(&child.local())) {
        found.lose(element, part);
    }
    let endpoint = |host| Thing::Endpoint(Endpoint { host, protocol, ports: Rc::clone(&ports) });
    if ports.is_empty() {
        return found.mute.push(element);
    }
    let system = element.parent().filter(|parent| parent.is("System"));
    let Some(hosts) = system.and_then(|system| found.hosts(system)) else {
        return found.take(element, vec![endpoint(None)]);
    };
    // A host nobody can look for leaves its port to stand for everybody's.
    if hosts.is_empty() {
        return found.mute.push(element);
    }
    let more = hosts.len().saturating_sub(1).saturating_mul(ports.len());
    let Some(rest) = left.checked_sub(more) else { return found.long.push(element) };
    *left = rest;
    if !found.partial.contains(&element.id()) {
        found.bound.extend(hosts.iter().map(|(host, _)| (host.id(), true)));
    }
    found.take(element, hosts.iter().map(|(_, host)| endpoint(Some(host.clone()))).collect());
}

/// The protocol's number, if one is said; `None` when it is said and is none.
fn protocol(service: Element<'_>) -> Option<Option<u8>> {
    service.attr("ip-protocol").map_or(Some(None), |number| number.trim().parse().ok().map(Some))
}

/// What a port can be of.
fn hosts(node: Element<'_>) -> impl Iterator<Item = (Element<'_>, Typed)> {
    use ObservableKind::{Domain, Ipv4, Ipv6, Network};
    let values = node.children().filter(|child| child.is_iodef()).flat_map(|child| {
        let values = match child.local() {
            "Address" => address(child),
            "DomainData" => name(child),
            _ => Vec::new(),
        };
        values.into_iter().map(move |value| (child, value))
    });
    values.filter_map(|(child, thing)| match thing {
        Thing::Value(typed) if matches!(typed.kind(), Ipv4 | Ipv6 | Domain | Network) => Some((child, typed)),
        _ => None,
    })
}

fn ports<'d>(service: Element<'d>, found: &mut Found<'d>) -> Vec<RangeInclusive<u16>> {
    let range = |text: &str| {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let (from, to): (u16, u16) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        (from <= to).then_some(from..=to)
    };
    let mut ports = Vec::new();
    for part in service.children().filter(|child| child.is("Port") || child.is("Portlist")) {
        // One of several ports is any of them: what is left matches less.
        let text = part.text();
        let read: Vec<_> = text.split(',').map(range).collect();
        if read.iter().any(Option::is_none) {
            let _ = found.unused.insert(part.id());
            found.mute.push(part);
        }
        ports.extend(read.into_iter().flatten());
    }
    ports
}

fn mail<'d>(element: Element<'d>, found: &mut Found<'d>) -> Option<Mail> {
    let address = |text: String| value("e-mail", &text).map(|typed| typed.to_string());
    let mut mail = Mail::default();
    for part in element.children().filter(|child| child.is_iodef()) {
        // What is empty says nothing that could be lost.
        let Some(text) = plain(part) else {
            if part.children().next().is_some() {
                found.lose(element, part);
            }
            continue;
        };
        let read = match part.local() {
            "EmailFrom" => address(text).map(|from| mail.from = Some(from)),
            "EmailTo" => address(text).map(|to| mail.to.push(to)),
            "EmailSubject" => {
                mail.subject = Some(text);
                Some(())
            }
            "EmailX-Mailer" => {
                mail.mailer = Some(text);
                Some(())
            }
            "EmailHeaderField" => {
                let name = part.attr("name").map(|name| name.trim().to_owned()).filter(|name| is_token(name));
                name.map(|name| mail.headers.push((name, text)))
            }
            "EmailBody" => {
                mail.body = Some(part.trimmed().into_owned());
                Some(())
            }
            _ => None,
        };
        if read.is_none() {
            found.lose(element, part);
        }
    }
    (mail != Mail::default()).then_some(mail)
}

/// A header's name as RFC 5322 §2.2 allows it, and no longer than anybody writes one.
fn is_token(name: &str) -> bool {
    (1..=250).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn file<'d>(element: Element<'d>, found: &mut Found<'d>) -> Option<File> {
    let mut file = File::default();
    let mut lost = Vec::new();
    for part in element.children().filter(|child| child.is_iodef()) {
        let read = match part.local() {
            "FileName" => {
                file.name = Some(part.trimmed().into_owned()).filter(|name| !name.is_empty());
                Some(())
            }
            "FileSize" => {
                file.size = plain(part).and_then(|size| size.parse().ok()).filter(|size| *size <= MOST);
                file.size.map(|_| ())
            }
            "FileType" => {
                file.media = plain(part).filter(|media| is_media(media));
                file.media.as_ref().map(|_| ())
            }
            // Digests of a part of the file are not the file's.
            "HashData" if part.attr("scope").is_none_or(|scope| scope.trim() == "file-contents") => {
                digests(part, &mut file, &mut lost);
                Some(())
            }
            _ => None,
        };
        if read.is_none() {
            lost.push(part);
        }
    }
    found.unused.extend(lost.iter().map(|part| part.id()));
    // A digest is the file, whatever else is said of it.
    if file.digests.is_empty() && file.name.is_some() {
        lost.into_iter().for_each(|part| found.lose(element, part));
    } else {
        found.mute.extend(lost.into_iter().filter(|part| ["Hash", "FuzzyHashValue"].contains(&part.local())));
    }
    (file.name.is_some() || !file.digests.is_empty()).then_some(file)
}

/// The digests of a `HashData`; those nobody can read are lost.
fn digests<'d>(data: Element<'d>, file: &mut File, lost: &mut Vec<Element<'d>>) {
    let fuzzy = |value: Element<'_>| {
        let algorithm = Algorithm::of_fuzzy(&value.attr("name")?)?;
        Some((algorithm, algorithm.value(&value.text())?))
    };
    for part in data.descendants().filter(|part| part.is_iodef()) {
        let read = match part.local() {
            "Hash" => digest(part),
            "FuzzyHashValue" => fuzzy(part),
            _ => continue,
        };
        match read {
            Some(read) => file.digests.extend([read]),
            None => lost.push(part),
        }
    }
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
    let whole = observable::canonical(observable::Of::RegistryKey, name, None);
    (!whole.is_empty()).then(|| whole.into_owned())
}

fn certificate<'d>(element: Element<'d>, found: &mut Found<'d>) -> Option<Certificate> {
    let mut certificate = Certificate::default();
    let mut lost = Vec::new();
    for part in element.descendants().filter(|part| part.ns() == DS && part.children().next().is_none()) {
        let text = plain(part);
        let place = match part.local() {
            "X509SubjectName" => &mut certificate.subject,
            "X509IssuerName" => &mut certificate.issuer,
            "X509SerialNumber" => &mut certificate.serial,
            "X509Certificate" => {
                let text = part.trimmed();
                let print = observable::canonical(observable::Of::Certificate, &text, None);
                certificate.sha256 = (print != text).then(|| print.into_owned());
                if certificate.sha256.is_none() {
                    lost.push(part);
                }
                continue;
            }
            _ => {
                lost.push(part);
                continue;
            }
        };
        *place = text;
    }
    // The whole certificate is all that can be said of it.
    if certificate.sha256.is_some() {
        found.unused.extend(lost.iter().map(|part| part.id()));
    } else if certificate != Certificate::default() {
        lost.into_iter().for_each(|part| found.lose(element, part));
    }
    (certificate != Certificate::default()).then_some(certificate)
}

fn bulk<'d>(element: Element<'d>, found: &mut Found<'d>) {
    let kind = token(element, "type").unwrap_or_default();
    let format = element.child("BulkObservableFormat").and_then(|format| format.child("Hash"));
    let algorithm = format.and_then(method);
    let list = element.child("BulkObservableList").map(|list| list.text().into_owned()).unwrap_or_default();
    let lines = list.lines().map(str::trim).filter(|line| !line.is_empty());
    let (mut things, mut bad) = (Vec::new(), 0);
    for line in lines {
        match bulk_line(&kind, line, algorithm) {
            Some(thing) => things.push(thing),
            None => bad += 1,
        }
    }
    if bad > 0 && !things.is_empty() {
        found.lines.push((element, bad));
    }
    found.take(element, things);
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
                None | Some("") => None,
                // Of a protocol nobody knows, the port alone would be every protocol's.
                Some(_) => return None,
            };
            let host = read(first).filter(|typed| matches!(typed, Typed::Ipv4(_) | Typed::Ipv6(_)))?;
            Thing::Endpoint(Endpoint { host: Some(host), protocol, ports: Rc::new([port..=port]) })
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

/// The parts of an element that its thing can be made of.
fn made_of(element: Element<'_>) -> impl Iterator<Item = Element<'_>> {
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
