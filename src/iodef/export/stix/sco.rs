//! Things as STIX Cyber-observable Objects (STIX 2.1 §6), with the identifiers the standard asks for: the same value is
//! the same object, whoever writes it (§2.9).

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::NAMESPACE;
use crate::iodef::export::thing::{Certificate, Endpoint, File, Key, Mail, Thing};
use crate::model::Typed;

/// The namespace of STIX for identifiers made of contributing properties.
const SCO: Uuid = Uuid::from_u128(0x00ab_edb4_aa42_466c_9c01_fed2_3315_a9b7);

/// An object without its markings.
pub type Object = Map<String, Value>;

/// The objects that say `thing`, those that others refer to first and itself last; empty when STIX has none for it.
/// `source` is whether the thing stands at the side a conversation came from.
#[must_use]
pub fn objects(thing: &Thing, source: bool) -> Vec<Object> {
    match thing {
        Thing::Value(typed) => vec![value(typed)],
        Thing::Resolves(name, ip) => resolves(name, *ip),
        Thing::Endpoint(endpoint) => traffic(endpoint, source),
        Thing::File(file) => vec![of_file(file)],
        Thing::Key(key) => of_key(key).into_iter().collect(),
        Thing::Certificate(certificate) => vec![of_certificate(certificate)],
        Thing::Mail(mail) => of_mail(mail),
        Thing::Mutex(name) => vec![object("mutex", &["name"], json!({"name": name}))],
        Thing::User(name) => vec![object("user-account", &["account_login"], json!({"account_login": name}))],
        // Both are parts of a request, and STIX wants the request's other end too.
        Thing::UserAgent(_) | Thing::RequestTarget(_) => Vec::new(),
    }
}

/// An object named by its contributing properties, of which `hashes` stands for its first.
fn object(kind: &str, contributing: &[&str], properties: Value) -> Object {
    let Value::Object(properties) = properties else { return Object::new() };
    let mut named = std::collections::BTreeMap::new();
    for name in contributing {
        let Some(value) = properties.get(*name) else { continue };
        let value = if *name == "hashes" { first_hash(value) } else { Some(value.clone()) };
        named.extend(value.map(|value| ((*name).to_owned(), value)));
    }
    let uuid = if named.is_empty() {
        // Without them STIX asks for a random identifier; ours only looks like one, so that it stays the same.
        let made = Uuid::new_v5(&NAMESPACE, Value::Object(properties.clone()).to_string().as_bytes());
        uuid::Builder::from_random_bytes(made.into_bytes()).into_uuid()
    } else {
        // RFC 8785 over properties in order: serde_json writes strings and whole numbers as it asks.
        Uuid::new_v5(&SCO, &serde_json::to_vec(&named).unwrap_or_default())
    };
    let mut object = Object::new();
    let _ = object.insert("type".to_owned(), json!(kind));
    let _ = object.insert("spec_version".to_owned(), json!("2.1"));
    let _ = object.insert("id".to_owned(), json!(format!("{kind}--{uuid}")));
    object.extend(properties);
    object
}

fn first_hash(hashes: &Value) -> Option<Value> {
    let name = ["MD5", "SHA-1", "SHA-256", "SHA-512"].into_iter().find(|name| hashes.get(name).is_some());
    let name = name.map(str::to_owned).or_else(|| hashes.as_object()?.keys().min().cloned())?;
    Some(json!({ name.as_str(): hashes.get(&name)? }))
}

fn id(object: &Object) -> Value {
    object.get("id").cloned().unwrap_or_default()
}

fn value(typed: &Typed) -> Object {
    let text = typed.to_string();
    let kind = match typed {
        Typed::Ipv4(_) | Typed::Ipv4Net(..) => "ipv4-addr",
        Typed::Ipv6(_) | Typed::Ipv6Net(..) => "ipv6-addr",
        Typed::Asn(number) => return object("autonomous-system", &["number"], json!({"number": number})),
        Typed::Mac(_) => "mac-addr",
        Typed::Email(_) => "email-addr",
        Typed::Url(_) => "url",
        Typed::Domain(_) => "domain-name",
    };
    object(kind, &["value"], json!({"value": text}))
}

fn resolves(name: &str, ip: std::net::IpAddr) -> Vec<Object> {
    let ip = value(&crate::iodef::export::find::of_ip(ip));
    let name = object("domain-name", &["value"], json!({"value": name, "resolves_to_refs": [id(&ip)]}));
    vec![ip, name]
}

/// One conversation a port; a range of ports is nothing that was seen.
fn traffic(endpoint: &Endpoint, source: bool) -> Vec<Object> {
    let (Some(host), Some(protocol)) = (&endpoint.host, endpoint.protocol_name()) else { return Vec::new() };
    let host_object = value(host);
    let mut protocols = Vec::new();
    match host {
        Typed::Ipv4(_) | Typed::Ipv4Net(..) => protocols.push("ipv4"),
        Typed::Ipv6(_) | Typed::Ipv6Net(..) => protocols.push("ipv6"),
        _ => {}
    }
    if !protocols.contains(&protocol) {
        protocols.push(protocol);
    }
    let side = if source { "src" } else { "dst" };
    let single = endpoint.ports.iter().filter(|range| range.start() == range.end());
    let conversations = single.map(|port| {
        let (host_key, port_key) = (format!("{side}_ref"), format!("{side}_port"));
        let contributing = [host_key.as_str(), port_key.as_str(), "protocols"];
        let properties = json!({
            host_key.as_str(): id(&host_object),
            port_key.as_str(): port.start(),
            "protocols": protocols
        });
        object("network-traffic", &contributing, properties)
    });
    let conversations: Vec<Object> = conversations.collect();
    if conversations.is_empty() { conversations } else { std::iter::once(host_object).chain(conversations).collect() }
}

fn of_file(file: &File) -> Object {
    let hashes: Object = file
        .digests
        .iter()
        .filter_map(|(algorithm, value)| Some((algorithm.stix()?.to_owned(), json!(value))))
        .collect();
    let mut properties = Object::new();
    if !hashes.is_empty() {
        let _ = properties.insert("hashes".to_owned(), Value::Object(hashes));
    }
    // A digest of a kind STIX has no name for leaves the file without one: its own words still are.
    let name = file.name.clone().or_else(|| {
        properties
            .is_empty()
            .then(|| file.digests.iter().next().map(|(kind, value)| format!("{}:{value}", kind.misp())))?
    });
    properties.extend(name.map(|name| ("name".to_owned(), json!(name))));
    properties.extend(file.size.map(|size| ("size".to_owned(), json!(size))));
    properties.extend(file.media.as_ref().map(|media| ("mime_type".to_owned(), json!(media))));
    object("file", &["hashes", "name"], Value::Object(properties))
}

/// STIX refuses a key with a hive's short name anywhere in it, and its schema looks everywhere.
fn of_key(key: &Key) -> Option<Object> {
    let short = ["HKLM", "HKCC", "HKCR", "HKCU", "HKU", "hklm", "hkcc", "hkcr", "hkcu", "hku"];
    if short.iter().any(|hive| key.name.contains(hive)) {
        return None;
    }
    let mut properties = Object::new();
    let _ = properties.insert("key".to_owned(), json!(key.name));
    properties.extend(key.data.as_ref().map(|data| ("values".to_owned(), json!([{"data": data}]))));
    Some(object("windows-registry-key", &["key", "values"], Value::Object(properties)))
}

fn of_certificate(certificate: &Certificate) -> Object {
    let mut properties = Object::new();
    properties.extend(certificate.sha256.as_ref().map(|hash| ("hashes".to_owned(), json!({"SHA-256": hash}))));
    properties.extend(certificate.serial.as_ref().map(|serial| ("serial_number".to_owned(), json!(serial))));
    properties.extend(certificate.issuer.as_ref().map(|issuer| ("issuer".to_owned(), json!(issuer))));
    properties.extend(certificate.subject.as_ref().map(|subject| ("subject".to_owned(), json!(subject))));
    object("x509-certificate", &["hashes", "serial_number"], Value::Object(properties))
}

fn of_mail(mail: &Mail) -> Vec<Object> {
    let address = |address: &String| object("email-addr", &["value"], json!({"value": address}));
    let from = mail.from.as_ref().map(address);
    let to: Vec<Object> = mail.to.iter().map(address).collect();
    let mut properties = Object::new();
    let _ = properties.insert("is_multipart".to_owned(), json!(false));
    properties.extend(from.as_ref().map(|from| ("from_ref".to_owned(), id(from))));
    if !to.is_empty() {
        let _ = properties.insert("to_refs".to_owned(), to.iter().map(id).collect());
    }
    properties.extend(mail.subject.as_ref().map(|subject| ("subject".to_owned(), json!(subject))));
    let mut headers = Object::new();
    let mailer = mail.mailer.iter().map(|mailer| ("X-Mailer", mailer));
    for (name, value) in mailer.chain(mail.headers.iter().map(|(name, value)| (name.as_str(), value))) {
        // One value is a string, several are a list.
        match headers.get_mut(name) {
            Some(Value::Array(values)) => values.push(json!(value)),
            Some(first) => *first = json!([first, value]),
            None => {
                let _ = headers.insert(name.to_owned(), json!(value));
            }
        }
    }
    if !headers.is_empty() {
        let _ = properties.insert("additional_header_fields".to_owned(), Value::Object(headers));
    }
    properties.extend(mail.body.as_ref().map(|body| ("body".to_owned(), json!(body))));
    let message = object("email-message", &["from_ref", "subject", "body"], Value::Object(properties));
    from.into_iter().chain(to).chain([message]).collect()
}
