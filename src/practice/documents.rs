//! Writes a practice report as an IODEF v2 document (RFC 7970), in schema order.
//!
//! `IncidentID@name` is always `practice.invalid`, so that no practice document can pass for a real one
//! (`product.md` D3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};

use super::reports::{Ask, Campaign, Indicator, Org, Report, Sample, Sign, System};
use crate::xmpp::xml::{NotXml, Writer};

pub const NAMESPACE: &str = "urn:ietf:params:xml:ns:iodef-2.0";
/// Whose incidents these are.
pub const CSIRT: &str = "practice.invalid";
const ENUM: &str = "urn:ietf:params:xml:ns:iodef-enum-1.0";
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// Attributes, absent where `None`.
type Attributes<'a> = &'a [(&'a str, Option<&'a str>)];

/// An open document: elements by name, text where they have any.
struct Pen(Writer);

impl Pen {
    fn open(&mut self, name: &str, attributes: Attributes<'_>) {
        let _ = self.0.open(name);
        for (name, value) in attributes {
            let _ = self.0.attr_opt(name, *value);
        }
    }

    fn close(&mut self) {
        let _ = self.0.close();
    }

    fn leaf(&mut self, name: &str, attributes: Attributes<'_>, text: &str) {
        self.open(name, attributes);
        let _ = self.0.text(text);
        self.close();
    }

    fn empty(&mut self, name: &str, attributes: Attributes<'_>) {
        self.open(name, attributes);
        self.close();
    }

    fn time(&mut self, name: &str, at: DateTime<Utc>, org: Org) {
        let text = match FixedOffset::east_opt(org.offset * 60) {
            Some(zone) if org.offset != 0 => at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, true),
            _ => at.to_rfc3339_opts(SecondsFormat::Secs, true),
        };
        self.leaf(name, &[], &text);
    }
}

/// The document, as one XML element without declaration.
///
/// # Errors
/// When a text holds a character XML cannot.
pub fn write(report: &Report) -> Result<Vec<u8>, NotXml> {
    let mut pen = Pen(Writer::new());
    pen.open(
        "IODEF-Document",
        &[("version", Some("2.00")), ("xml:lang", Some(report.lang)), ("xmlns", Some(NAMESPACE))],
    );
    let (mark, private) = report.restriction;
    pen.open(
        "Incident",
        &[
            ("purpose", Some(report.purpose)),
            ("status", report.status),
            ("restriction", mark),
            ("ext-restriction", private),
        ],
    );
    head(&mut pen, report);
    assessment(&mut pen, report);
    method(&mut pen, report);
    contact(&mut pen, report.creator, "creator", report.contact_restriction);
    if let Some(other) = report.other {
        contact(&mut pen, other, "cc-irt", None);
    }
    event(&mut pen, report);
    if !report.indicators.is_empty() {
        pen.open("IndicatorData", &[]);
        for indicator in &report.indicators {
            point(&mut pen, indicator);
        }
        pen.close();
    }
    history(&mut pen, report);
    pen.close();
    pen.close();
    pen.0.finish()
}

fn head(pen: &mut Pen, report: &Report) {
    pen.leaf("IncidentID", &[("name", Some(CSIRT))], &report.id);
    if let Some((csirt, id)) = &report.alternative {
        pen.open("AlternativeID", &[]);
        pen.leaf("IncidentID", &[("name", Some(csirt))], id);
        pen.close();
    }
    if let Some(campaign) = report.campaign {
        related(pen, campaign);
    }
    let times = [("DetectTime", report.detected), ("StartTime", report.started), ("EndTime", report.ended)];
    for (name, at) in times {
        if let Some(at) = at {
            pen.time(name, at, report.creator);
        }
    }
    pen.time("ReportTime", report.generated, report.creator);
    pen.time("GenerationTime", report.generated, report.creator);
    for (lang, number, text) in &report.texts {
        let number = number.to_string();
        pen.leaf("Description", &[("xml:lang", Some(lang)), ("translation-id", Some(&number))], text);
    }
    pen.open("Discovery", &[("source", Some(report.source))]);
    pen.close();
}

fn related(pen: &mut Pen, campaign: Campaign) {
    pen.open("RelatedActivity", &[]);
    pen.open("Campaign", &[]);
    pen.leaf("CampaignID", &[], campaign.id);
    pen.leaf("URL", &[], &format!("https://campaigns.example/{}", campaign.id));
    pen.leaf("Description", &[], campaign.name);
    pen.close();
    pen.empty("Confidence", &[("rating", Some("medium"))]);
    pen.close();
}

fn assessment(pen: &mut Pen, report: &Report) {
    let occurrence = if report.purpose == "mitigation" { "potential" } else { "actual" };
    pen.open("Assessment", &[("occurrence", Some(occurrence))]);
    pen.leaf("IncidentCategory", &[], report.category);
    pen.empty(
        "SystemImpact",
        &[("severity", report.severity), ("completion", report.completion), ("type", Some(report.impact))],
    );
    if let Some(kind) = report.business {
        pen.empty("BusinessImpact", &[("severity", report.severity), ("type", Some(kind))]);
    }
    if let Some(hours) = report.hours {
        pen.leaf("TimeImpact", &[("metric", Some("labor")), ("duration", Some("hour"))], &hours.to_string());
    }
    if let Some(cost) = report.cost {
        pen.leaf("MonetaryImpact", &[("currency", Some("EUR"))], &cost.to_string());
    }
    if let Some(rating) = report.confidence {
        pen.empty("Confidence", &[("rating", Some(rating))]);
    }
    pen.close();
}

fn method(pen: &mut Pen, report: &Report) {
    pen.open("Method", &[]);
    if let Some(cve) = &report.cve {
        pen.open("Reference", &[]);
        pen.open("enum:ReferenceName", &[("xmlns:enum", Some(ENUM)), ("specIndex", Some("1"))]);
        pen.leaf("enum:ID", &[], cve);
        pen.close();
        pen.leaf("URL", &[], &format!("https://advisories.example/{cve}"));
        pen.close();
    }
    pen.leaf("Description", &[], report.technique);
    pen.close();
}

fn contact(pen: &mut Pen, org: Org, role: &str, restriction: Option<&str>) {
    pen.open("Contact", &[("role", Some(role)), ("type", Some("organization")), ("restriction", restriction)]);
    pen.leaf("ContactName", &[], org.name);
    pen.open("Email", &[("type", Some("hotline"))]);
    pen.leaf("EmailTo", &[], &format!("incidents@{}", org.domain));
    pen.close();
    pen.open("Telephone", &[("type", Some("hotline"))]);
    pen.leaf("TelephoneNumber", &[], "+999 555 0100");
    pen.close();
    pen.close();
}

fn event(pen: &mut Pen, report: &Report) {
    if report.systems.is_empty() && report.asks.is_empty() && report.samples.is_empty() {
        return;
    }
    pen.open("EventData", &[]);
    if !report.systems.is_empty() {
        pen.open("Flow", &[]);
        for system in &report.systems {
            place(pen, system);
        }
        pen.close();
    }
    for ask in &report.asks {
        expectation(pen, ask, report.creator);
    }
    if !report.samples.is_empty() {
        pen.open("Record", &[]);
        pen.open("RecordData", &[]);
        pen.open("FileData", &[]);
        for sample in &report.samples {
            file(pen, sample);
        }
        pen.close();
        if let Some((key, value)) = report.registry {
            pen.open("WindowsRegistryKeysModified", &[]);
            pen.open("Key", &[("registryaction", Some("add-value"))]);
            pen.leaf("KeyName", &[], key);
            pen.leaf("Value", &[], value);
            pen.close();
            pen.close();
        }
        pen.close();
        pen.close();
    }
    pen.close();
}

fn place(pen: &mut Pen, system: &System) {
    pen.open("System", &[("category", Some(system.category))]);
    pen.open("Node", &[]);
    if let Some(domain) = &system.domain {
        pen.open("DomainData", &[("system-status", Some("unknown")), ("domain-status", Some("assignedAndActive"))]);
        pen.leaf("Name", &[], domain);
        pen.close();
    }
    for (category, value) in &system.addresses {
        pen.leaf("Address", &[("category", Some(category))], value);
    }
    pen.close();
    if !system.role.is_empty() {
        pen.empty("NodeRole", &[("category", Some(system.role))]);
    }
    if let Some((name, protocol, port)) = system.service {
        pen.open("Service", &[("ip-protocol", Some(&protocol.to_string()))]);
        pen.open("ServiceName", &[]);
        pen.leaf("IANAService", &[], name);
        pen.close();
        pen.leaf("Port", &[], &port.to_string());
        if let Some([from, to, subject]) = &system.mail {
            pen.open("EmailData", &[]);
            pen.leaf("EmailTo", &[], to);
            pen.leaf("EmailFrom", &[], from);
            pen.leaf("EmailSubject", &[], subject);
            pen.close();
        }
        pen.close();
    }
    if let Some((kind, unit, value)) = system.counter {
        let attributes = [("type", Some(kind)), ("unit", Some(unit)), ("duration", Some("hour"))];
        pen.leaf("Counter", &attributes, &value.to_string());
    }
    pen.close();
}

fn expectation(pen: &mut Pen, ask: &Ask, org: Org) {
    pen.open("Expectation", &[("action", Some(ask.action)), ("severity", ask.severity)]);
    if ask.action == "other" {
        pen.leaf("Description", &[], "See the description of the incident.");
    }
    if let Some(until) = ask.until {
        pen.time("EndTime", until, org);
    }
    pen.close();
}

fn file(pen: &mut Pen, sample: &Sample) {
    pen.open("File", &[]);
    pen.leaf("FileName", &[], &sample.name);
    pen.leaf("FileSize", &[], &sample.size.to_string());
    pen.leaf("FileType", &[], sample.media);
    hash(pen, &sample.sha256);
    pen.close();
}

fn hash(pen: &mut Pen, sha256: &[u8; 32]) {
    pen.open("HashData", &[("scope", Some("file-contents"))]);
    pen.open("Hash", &[("xmlns:ds", Some(DSIG))]);
    pen.empty("ds:DigestMethod", &[("Algorithm", Some(SHA256))]);
    pen.leaf("ds:DigestValue", &[], &STANDARD.encode(sha256));
    pen.close();
    pen.close();
}

fn point(pen: &mut Pen, indicator: &Indicator) {
    pen.open("Indicator", &[]);
    let version = indicator.version.to_string();
    pen.leaf("IndicatorID", &[("name", Some(CSIRT)), ("version", Some(&version))], &indicator.id);
    pen.empty("Confidence", &[("rating", Some(indicator.confidence))]);
    match &indicator.sign {
        Sign::Either(one, other) => {
            pen.open("IndicatorExpression", &[("operator", Some("or"))]);
            observable(pen, one);
            observable(pen, other);
            pen.close();
        }
        sign => observable(pen, sign),
    }
    pen.close();
}

fn observable(pen: &mut Pen, sign: &Sign) {
    pen.open("Observable", &[]);
    match sign {
        Sign::Address(category, value) => pen.leaf("Address", &[("category", Some(category))], value),
        Sign::Domain(name) => {
            pen.open("DomainData", &[("system-status", Some("fraudulent")), ("domain-status", Some("unknown"))]);
            pen.leaf("Name", &[], name);
            pen.close();
        }
        Sign::Hash(name, sha256) => {
            pen.open("FileData", &[]);
            pen.open("File", &[]);
            pen.leaf("FileName", &[], name);
            hash(pen, sha256);
            pen.close();
            pen.close();
        }
        Sign::Bulk(kind, lines) => {
            pen.open("BulkObservable", &[("type", Some(kind))]);
            pen.leaf("BulkObservableList", &[], &lines.join("\n"));
            pen.close();
        }
        // Expressions are opened by `point`; reports nest none.
        Sign::Either(..) => {}
    }
    pen.close();
}

fn history(pen: &mut Pen, report: &Report) {
    if report.history.is_empty() {
        return;
    }
    pen.open("History", &[]);
    for (at, action, text) in &report.history {
        pen.open("HistoryItem", &[("action", Some(action))]);
        pen.time("DateTime", *at, report.creator);
        pen.leaf("Description", &[], text);
        pen.close();
    }
    pen.close();
}
