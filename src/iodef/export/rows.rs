//! Things as single values for tables: a kind and a text each.

use super::thing::{Endpoint, Thing};
use crate::iodef::observable::Of;
use crate::iodef::observables::{self, Found};
use crate::iodef::{Document, Element};
use crate::model::Typed;
use crate::model::typed::refang;

/// Parts of things that a table has no row for.
pub const NO_ROW: [&str; 7] =
    ["EmailHeaderField", "EmailBody", "FileSize", "FileType", "Value", "KeyValue", "X509IssuerName"];

/// Each value of a thing under the name of its kind.
#[must_use]
pub fn values(thing: &Thing) -> Vec<(&'static str, String)> {
    match thing {
        Thing::Value(typed) => vec![value(typed)],
        Thing::Resolves(name, ip) => {
            vec![("domain", name.clone()), (if ip.is_ipv4() { "ipv4" } else { "ipv6" }, ip.to_string())]
        }
        Thing::Endpoint(endpoint) => vec![("port", of_ports(endpoint))],
        Thing::File(file) => {
            let name = file.name.iter().map(|name| ("file-name", name.clone()));
            name.chain(file.digests.iter().map(|(kind, value)| (kind.misp(), value.clone()))).collect()
        }
        Thing::Key(key) => vec![("registry-key", key.name.clone())],
        Thing::Certificate(certificate) => {
            let print = certificate.sha256.iter().map(|print| ("certificate-sha256", print.clone()));
            let serial = certificate.serial.iter().map(|serial| ("certificate-serial", serial.clone()));
            print
                .chain(serial)
                .chain(certificate.subject.iter().map(|name| ("certificate-subject", name.clone())))
                .collect()
        }
        Thing::Mail(mail) => {
            let from = mail.from.iter().map(|from| ("email-from", from.clone()));
            let to = mail.to.iter().map(|to| ("email-to", to.clone()));
            let subject = mail.subject.iter().map(|subject| ("email-subject", subject.clone()));
            from.chain(to)
                .chain(subject)
                .chain(mail.mailer.iter().map(|mailer| ("email-mailer", mailer.clone())))
                .collect()
        }
        Thing::UserAgent(text) => vec![("user-agent", text.clone())],
        Thing::RequestTarget(text) => vec![("request-target", text.clone())],
        Thing::Mutex(name) => vec![("mutex", name.clone())],
        Thing::User(name) => vec![("user-name", name.clone())],
    }
}

fn value(typed: &Typed) -> (&'static str, String) {
    (typed.kind().token(), typed.to_string())
}

/// `192.0.2.1:443/tcp`, `[2001:db8::1]:8000-8010`, `53/udp`
fn of_ports(endpoint: &Endpoint) -> String {
    let range = |range: &std::ops::RangeInclusive<u16>| {
        if range.start() == range.end() {
            range.start().to_string()
        } else {
            format!("{}-{}", range.start(), range.end())
        }
    };
    let ports = endpoint.ports.iter().map(range).collect::<Vec<_>>().join(",");
    let host = match &endpoint.host {
        Some(host @ (Typed::Ipv6(_) | Typed::Ipv6Net(..))) => format!("[{host}]:"),
        Some(host) => format!("{host}:"),
        None => String::new(),
    };
    let protocol = endpoint.protocol_name().map(|name| format!("/{name}")).unwrap_or_default();
    format!("{host}{ports}{protocol}")
}

/// A value as a person may see it and nothing may follow it; a file's name or a digest leads nowhere and stays.
#[must_use]
pub fn shown(kind: &str, value: &str) -> String {
    let leads = ["ipv4", "ipv6", "network", "domain", "url", "email", "email-from", "email-to", "port"].contains(&kind);
    if leads { crate::text::defang(value) } else { value.to_owned() }
}

/// Observables that are no things, because nobody is to look for them where they stand: vulnerabilities by their names, and
/// links to what a record or a file is about. A table has them all the same.
pub struct Beside<'d>(Vec<Found<'d>>);

impl<'d> Beside<'d> {
    #[must_use]
    pub fn of(document: &'d Document) -> Self {
        let mut all = observables::all(document);
        let is_thing = |element: Element<'_>| element.is("Address") || element.is("BulkObservableList");
        all.retain(|found| found.of == Of::Cve || found.of == Of::Url && !is_thing(found.element));
        Self(all)
    }

    /// Those of one incident: where each stands, its kind and its value.
    pub fn within(&self, incident: Element<'d>) -> impl Iterator<Item = (Element<'d>, &'static str, String)> {
        let from = self.0.partition_point(|found| found.element.id() <= incident.id());
        let inside = self.0.get(from..).unwrap_or_default().iter();
        inside.take_while(move |found| incident.contains(found.element.id())).filter_map(|found| {
            let line = found.line();
            let value = match found.of {
                Of::Cve => found.canonical.clone(),
                _ if refang(&line) != *line => return None,
                _ => Typed::read(&line).filter(|typed| matches!(typed, Typed::Url(_)))?.to_string(),
            };
            Some((found.element, found.kind().token(), value))
        })
    }
}
