//! STIX patterns (STIX 2.1 part 9) from an indicator's steps.
//!
//! A pattern matches observations. Two values joined by `and` are two observations, for one object cannot have both; a
//! `not` has no meaning over observations, only inside one, so it is said where something of the same kind is looked for
//! beside it, and refused elsewhere. Better no pattern than one that matches everything: a pattern may match less than
//! what was meant, and then says so, but never more.

use super::find::Found;
use super::reader::Reader;
use super::steps::{Operator, Reason, Step};
use super::thing::{Certificate, Endpoint, File, Key, Mail, Thing};
use crate::model::Typed;

/// Longest pattern, in bytes.
const LONGEST: usize = 2 << 20;

/// What one observation is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Comparison {
    /// The STIX type it speaks of.
    object: &'static str,
    yes: String,
    /// The same, denied.
    no: String,
    /// Whether it must stand in parentheses beside others.
    compound: bool,
}

/// A formula, and whether something was left out of it, so that it matches less: denied, it would match more.
#[derive(Clone, Debug)]
struct Part {
    formula: Formula,
    cut: bool,
}

#[derive(Clone, Debug)]
enum Formula {
    Seen(Comparison),
    Unseen(Comparison),
    /// Several observations.
    Many(String),
    Refused(Reason),
}

/// The pattern of an indicator, and why parts of it were left out where the rest still stands.
///
/// # Errors
/// Why there is none.
pub fn pattern<'d>(steps: &[Step<'d>], reader: &mut Reader<'d>) -> Result<(String, Vec<Reason>), Reason> {
    let mut stack: Vec<Part> = Vec::new();
    let mut left_out = Vec::new();
    let mut size = 0;
    for step in steps {
        let part = match step {
            Step::Refused(reason) => Part::refused(*reason),
            Step::Leaf(leaf) => {
                let found = reader.leaf(leaf.element);
                found.map_or(Part::refused(Reason::Long), |found| self::leaf(&found, &mut left_out))
            }
            Step::Join(operator, count) => {
                let operands = stack.split_off(stack.len().saturating_sub(*count));
                let cut = operands.iter().any(|part| part.cut || matches!(part.formula, Formula::Refused(_)));
                let operands = operands.into_iter().map(|part| part.formula).collect();
                let formula = match operator {
                    Operator::And => every(operands),
                    Operator::Or => any(operands, &mut left_out),
                    Operator::Not if cut => Formula::Refused(Reason::Mute),
                    Operator::Not => not(operands),
                    Operator::Xor => Formula::Refused(Reason::Xor),
                };
                Part { formula, cut }
            }
        };
        size += part.formula.size();
        let rest = reader.bytes.checked_sub(part.formula.size());
        let Some(rest) = rest.filter(|_| size <= LONGEST) else { return Err(Reason::Long) };
        reader.bytes = rest;
        stack.push(part);
    }
    match stack.pop().map(|part| part.formula) {
        None => Err(Reason::Mute),
        Some(Formula::Refused(reason)) => Err(reason),
        Some(formula) => Ok((formula.observations(), left_out)),
    }
}

/// Any of the things an observable says.
fn leaf(found: &Found<'_>, left_out: &mut Vec<Reason>) -> Part {
    let mut cut = found.is_cut();
    let mut all = Vec::new();
    let mut size = 0;
    for (_, thing) in found.whole() {
        match comparison(thing) {
            Some(comparison) => {
                size += comparison.yes.len();
                all.push(Formula::Seen(comparison));
            }
            None => cut = true,
        }
        if size > LONGEST {
            return Part::refused(Reason::Long);
        }
        if matches!(thing, Thing::Endpoint(endpoint) if endpoint.host.is_none()) {
            left_out.push(Reason::Hostless);
        }
    }
    if cut && !all.is_empty() {
        left_out.push(Reason::Mute);
    }
    let long = if found.long.is_empty() { Reason::Mute } else { Reason::Long };
    let formula = if all.is_empty() { Formula::Refused(long) } else { any(all, &mut Vec::new()) };
    Part { formula, cut }
}

impl Part {
    fn refused(reason: Reason) -> Self {
        Self { formula: Formula::Refused(reason), cut: true }
    }
}

impl Formula {
    fn size(&self) -> usize {
        match self {
            Self::Seen(one) | Self::Unseen(one) => one.yes.len() + one.no.len(),
            Self::Many(text) => text.len(),
            Self::Refused(_) => 0,
        }
    }

    fn observations(self) -> String {
        match self {
            Self::Seen(one) => format!("[{}]", one.yes),
            Self::Unseen(one) => format!("[{}]", one.no),
            Self::Many(text) => text,
            Self::Refused(_) => String::new(),
        }
    }

    /// Among others.
    fn operand(self) -> String {
        match self {
            Self::Many(text) => format!("({text})"),
            other => other.observations(),
        }
    }
}

impl Comparison {
    fn new(object: &'static str, path: &str, value: &str) -> Self {
        Self::with(object, path, "=", &quoted(value))
    }

    /// `operator` is one that `NOT` may stand before.
    fn with(object: &'static str, path: &str, operator: &str, literal: &str) -> Self {
        let yes = format!("{object}:{path} {operator} {literal}");
        let no = format!("{object}:{path} NOT {operator} {literal}");
        Self { object, yes, no, compound: false }
    }

    fn operand(text: &str, compound: bool) -> String {
        if compound { format!("({text})") } else { text.to_owned() }
    }

    /// Of one type of object; `None` when there is nothing to join.
    fn join(all: Vec<Self>, yes: &str, no: &str) -> Option<Self> {
        let object = all.first()?.object;
        if all.len() == 1 {
            return all.into_iter().next();
        }
        let joined = |with: &str, side: fn(&Self) -> &str| {
            all.iter().map(|one| Self::operand(side(one), one.compound)).collect::<Vec<_>>().join(with)
        };
        let (yes, no) = (joined(yes, |one| &one.yes), joined(no, |one| &one.no));
        Some(Self { object, yes, no, compound: true })
    }

    fn all(all: Vec<Self>) -> Option<Self> {
        Self::join(all, " AND ", " OR ")
    }

    fn any(all: Vec<Self>) -> Option<Self> {
        Self::join(all, " OR ", " AND ")
    }
}

/// One of them: what cannot be said is left out, which matches less and never wrongly.
fn any(operands: Vec<Formula>, left_out: &mut Vec<Reason>) -> Formula {
    let mut first = None;
    let mut good = Vec::with_capacity(operands.len());
    for operand in operands {
        if let Formula::Refused(reason) = operand {
            let _ = first.get_or_insert(reason);
            left_out.push(reason);
        } else {
            good.push(operand);
        }
    }
    let alike = |formula: &Formula| if let Formula::Seen(one) = formula { Some(one.object) } else { None };
    let object = good.first().and_then(alike);
    if object.is_some() && good.iter().all(|formula| alike(formula) == object) {
        let all =
            good.into_iter().filter_map(|formula| if let Formula::Seen(one) = formula { Some(one) } else { None });
        return Comparison::any(all.collect()).map_or(Formula::Refused(Reason::Mute), Formula::Seen);
    }
    match good.len() {
        0 => Formula::Refused(first.unwrap_or(Reason::Mute)),
        1 => good.pop().unwrap_or(Formula::Refused(Reason::Mute)),
        _ => Formula::Many(good.into_iter().map(Formula::operand).collect::<Vec<_>>().join(" OR ")),
    }
}

/// All of them: without one the rest would match too much.
fn every(mut operands: Vec<Formula>) -> Formula {
    if operands.len() <= 1 {
        return operands.pop().unwrap_or(Formula::Refused(Reason::Mute));
    }
    let mut wanted = Vec::new();
    let mut unwanted = Vec::new();
    for operand in operands {
        match operand {
            Formula::Refused(reason) => return Formula::Refused(reason),
            Formula::Unseen(one) => unwanted.push(one),
            other => wanted.push(other),
        }
    }
    for deny in unwanted {
        let mut met = false;
        for formula in &mut wanted {
            if let Formula::Seen(one) = formula
                && one.object == deny.object
            {
                met = true;
                let denied = Comparison { yes: deny.no.clone(), no: deny.yes.clone(), ..deny.clone() };
                if let Some(both) = Comparison::all(vec![one.clone(), denied]) {
                    *one = both;
                }
            }
        }
        if !met {
            return Formula::Refused(Reason::Negation);
        }
    }
    if wanted.len() == 1 {
        return wanted.pop().unwrap_or(Formula::Refused(Reason::Mute));
    }
    Formula::Many(wanted.into_iter().map(Formula::operand).collect::<Vec<_>>().join(" AND "))
}

/// `not` wants one operand; of several, none of them.
fn not(operands: Vec<Formula>) -> Formula {
    match any(operands, &mut Vec::new()) {
        Formula::Seen(one) => Formula::Unseen(one),
        Formula::Unseen(one) => Formula::Seen(one),
        Formula::Many(_) => Formula::Refused(Reason::Negation),
        refused @ Formula::Refused(_) => refused,
    }
}

/// A string literal of a pattern.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for char in text.chars() {
        if matches!(char, '\'' | '\\') {
            quoted.push('\\');
        }
        quoted.push(char);
    }
    quoted.push('\'');
    quoted
}

fn comparison(thing: &Thing) -> Option<Comparison> {
    match thing {
        Thing::Value(typed) => value(typed),
        Thing::Resolves(name, ip) => {
            let ip = Comparison::new("domain-name", "resolves_to_refs[*].value", &ip.to_string());
            Comparison::all(vec![Comparison::new("domain-name", "value", name), ip])
        }
        Thing::Endpoint(endpoint) => traffic(endpoint),
        Thing::File(file) => of_file(file),
        Thing::Key(key) => of_key(key),
        Thing::Certificate(certificate) => of_certificate(certificate),
        Thing::Mail(mail) => of_mail(mail),
        Thing::UserAgent(text) => {
            let path = "extensions.'http-request-ext'.request_header.'User-Agent'";
            Some(Comparison::new("network-traffic", path, text))
        }
        Thing::RequestTarget(text) => {
            Some(Comparison::new("network-traffic", "extensions.'http-request-ext'.request_value", text))
        }
        Thing::Mutex(name) => Some(Comparison::new("mutex", "name", name)),
        Thing::User(name) => Some(Comparison::new("user-account", "account_login", name)),
    }
}

fn value(typed: &Typed) -> Option<Comparison> {
    let text = typed.to_string();
    Some(match typed {
        Typed::Ipv4(_) => Comparison::new("ipv4-addr", "value", &text),
        Typed::Ipv6(_) => Comparison::new("ipv6-addr", "value", &text),
        Typed::Ipv4Net(..) => Comparison::with("ipv4-addr", "value", "ISSUBSET", &quoted(&text)),
        Typed::Ipv6Net(..) => Comparison::with("ipv6-addr", "value", "ISSUBSET", &quoted(&text)),
        Typed::Asn(number) => Comparison::with("autonomous-system", "number", "=", &number.to_string()),
        Typed::Mac(_) => Comparison::new("mac-addr", "value", &text),
        Typed::Email(_) => Comparison::new("email-addr", "value", &text),
        Typed::Url(_) => Comparison::new("url", "value", &text),
        Typed::Domain(_) => Comparison::new("domain-name", "value", &text),
    })
}

/// The port is the host's own, whichever end of the conversation it is.
fn traffic(endpoint: &Endpoint) -> Option<Comparison> {
    const OBJECT: &str = "network-traffic";
    let protocol = match (endpoint.protocol, endpoint.protocol_name()) {
        (None, _) => None,
        (Some(_), Some(name)) => Some(Comparison::new(OBJECT, "protocols[*]", name)),
        // Without its protocol the port would be that of every other.
        (Some(_), None) => return None,
    };
    let end = |side: &str| {
        let port = |range: &std::ops::RangeInclusive<u16>| {
            let path = format!("{side}_port");
            if range.start() == range.end() {
                return Some(Comparison::with(OBJECT, &path, "=", &range.start().to_string()));
            }
            let bound = |operator, number: &u16| Comparison::with(OBJECT, &path, operator, &number.to_string());
            Comparison::all(vec![bound(">=", range.start()), bound("<=", range.end())])
        };
        let ports = Comparison::any(endpoint.ports.iter().filter_map(port).collect())?;
        let host = endpoint.host.as_ref().map(|host| {
            let operator = if matches!(host, Typed::Ipv4Net(..) | Typed::Ipv6Net(..)) { "ISSUBSET" } else { "=" };
            Comparison::with(OBJECT, &format!("{side}_ref.value"), operator, &quoted(&host.to_string()))
        });
        Comparison::all(host.into_iter().chain([ports]).collect())
    };
    let ends = Comparison::any(vec![end("src")?, end("dst")?])?;
    Comparison::all(protocol.into_iter().chain([ends]).collect())
}

/// Any digest is the file; its name is, when there is no digest.
fn of_file(file: &File) -> Option<Comparison> {
    let digests = file.digests.iter().filter_map(|(algorithm, value)| {
        Some(Comparison::new("file", &format!("hashes.'{}'", algorithm.stix()?), value))
    });
    Comparison::any(digests.collect()).or_else(|| {
        let size = file.size.map(|size| Comparison::with("file", "size", "=", &size.to_string()));
        let media = file.media.as_deref().map(|media| Comparison::new("file", "mime_type", media));
        let name = file.name.as_deref().map(|name| {
            // A path is not a name: its last step is.
            match name.rsplit_once(['\\', '/']) {
                Some((folder, base)) if !folder.is_empty() && !base.is_empty() => {
                    let folder = Comparison::new("file", "parent_directory_ref.path", folder);
                    let base = Comparison::new("file", "name", base);
                    Comparison::all(vec![base.clone(), folder]).unwrap_or(base)
                }
                _ => Comparison::new("file", "name", name),
            }
        })?;
        // A digest of a kind STIX has no name for would be lost beside the name.
        let parts = [Some(name), size, media].into_iter().flatten().collect();
        file.digests.is_empty().then(|| Comparison::all(parts))?
    })
}

fn of_key(key: &Key) -> Option<Comparison> {
    let data = key.data.as_deref().map(|data| Comparison::new("windows-registry-key", "values[*].data", data));
    Comparison::all([Comparison::new("windows-registry-key", "key", &key.name)].into_iter().chain(data).collect())
}

fn of_certificate(certificate: &Certificate) -> Option<Comparison> {
    let new = |path: &str, value: &Option<String>| {
        value.as_deref().map(|value| Comparison::new("x509-certificate", path, value))
    };
    if let Some(whole) = new("hashes.'SHA-256'", &certificate.sha256) {
        return Some(whole);
    }
    let parts = [
        new("subject", &certificate.subject),
        new("issuer", &certificate.issuer),
        new("serial_number", &certificate.serial),
    ];
    Comparison::all(parts.into_iter().flatten().collect())
}

fn of_mail(mail: &Mail) -> Option<Comparison> {
    let new = |path: &str, value: &str| Comparison::new("email-message", path, value);
    let header = |name: &str, value: &str| new(&format!("additional_header_fields.'{name}'"), value);
    let mut parts = Vec::new();
    parts.extend(mail.from.as_deref().map(|from| new("from_ref.value", from)));
    parts.extend(mail.to.iter().map(|to| new("to_refs[*].value", to)));
    parts.extend(mail.subject.as_deref().map(|subject| new("subject", subject)));
    parts.extend(mail.mailer.as_deref().map(|mailer| header("X-Mailer", mailer)));
    parts.extend(mail.headers.iter().map(|(name, value)| header(name, value)));
    parts.extend(mail.body.as_deref().map(|body| new("body", body)));
    Comparison::all(parts)
}
