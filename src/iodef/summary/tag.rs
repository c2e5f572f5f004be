//! Names: which namespace and which of the elements we look at a start tag means.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;

use super::Fault;
use crate::iodef::{NS, NS_V1};

/// Attributes of one element we are willing to look at.
const ATTRIBUTES: usize = 128;
/// Namespace declarations in force at one place.
const DECLARATIONS: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ns {
    None,
    Iodef2,
    Iodef1,
    /// RFC 7495.
    Enumeration,
    /// RFC 7203.
    Sci,
    Signature,
    Other,
}

impl Ns {
    fn of(uri: &str) -> Self {
        match uri {
            "" => Self::None,
            NS => Self::Iodef2,
            NS_V1 => Self::Iodef1,
            "urn:ietf:params:xml:ns:iodef-enum-1.0" => Self::Enumeration,
            "urn:ietf:params:xml:ns:iodef-sci-1.0" => Self::Sci,
            "http://www.w3.org/2000/09/xmldsig#" => Self::Signature,
            _ => Self::Other,
        }
    }

    pub fn is_iodef(self) -> bool {
        matches!(self, Self::Iodef2 | Self::Iodef1)
    }
}

/// The elements that mean something to the summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    Document,
    Incident,
    IncidentId,
    Description,
    GenerationTime,
    ReportTime,
    DetectTime,
    StartTime,
    EndTime,
    Assessment,
    IncidentCategory,
    /// SystemImpact, BusinessImpact, TimeImpact, MonetaryImpact, v1's Impact.
    Impact,
    Contact,
    ContactName,
    Email,
    EmailTo,
    EmailFrom,
    EmailData,
    EventData,
    Expectation,
    Method,
    Address,
    /// DomainData/Name; v1's Node/NodeName.
    DomainName,
    Port,
    Url,
    RecordData,
    RecordItem,
    File,
    FileName,
    KeyName,
    Digest,
    BulkObservable,
    BulkObservableList,
    /// `enum:ID`, v1's Reference/ReferenceName.
    ReferenceId,
    /// `sci:Vulnerability`.
    Vulnerability,
    Other,
}

impl Tag {
    pub fn of(ns: Ns, local: &str) -> Self {
        match (ns, local) {
            (Ns::Iodef2 | Ns::Iodef1, _) => Self::of_iodef(local),
            (Ns::Signature, "DigestValue") => Self::Digest,
            (Ns::Enumeration, "ID") => Self::ReferenceId,
            (Ns::Sci, "Vulnerability") => Self::Vulnerability,
            _ => Self::Other,
        }
    }

    fn of_iodef(local: &str) -> Self {
        // Byte patterns become a decision tree; string patterns would be a comparison each.
        match local.as_bytes() {
            b"IODEF-Document" => Self::Document,
            b"Incident" => Self::Incident,
            b"IncidentID" => Self::IncidentId,
            b"Description" => Self::Description,
            b"GenerationTime" => Self::GenerationTime,
            b"ReportTime" => Self::ReportTime,
            b"DetectTime" => Self::DetectTime,
            b"StartTime" => Self::StartTime,
            b"EndTime" => Self::EndTime,
            b"Assessment" => Self::Assessment,
            b"IncidentCategory" => Self::IncidentCategory,
            b"SystemImpact" | b"BusinessImpact" | b"TimeImpact" | b"MonetaryImpact" | b"Impact" => Self::Impact,
            b"Contact" => Self::Contact,
            b"ContactName" => Self::ContactName,
            b"Email" => Self::Email,
            b"EmailTo" => Self::EmailTo,
            b"EmailFrom" => Self::EmailFrom,
            b"EmailData" => Self::EmailData,
            b"EventData" => Self::EventData,
            b"Expectation" => Self::Expectation,
            b"Method" => Self::Method,
            b"Address" => Self::Address,
            b"Name" | b"NodeName" => Self::DomainName,
            b"Port" | b"Portlist" => Self::Port,
            b"URL" => Self::Url,
            b"RecordData" => Self::RecordData,
            b"RecordItem" => Self::RecordItem,
            b"File" => Self::File,
            b"FileName" => Self::FileName,
            b"KeyName" => Self::KeyName,
            b"FuzzyHashValue" => Self::Digest,
            b"BulkObservable" => Self::BulkObservable,
            b"BulkObservableList" => Self::BulkObservableList,
            b"ReferenceName" => Self::ReferenceId,
            _ => Self::Other,
        }
    }
}

/// The attributes that mean something to the summary.
#[derive(Clone, Copy)]
pub enum Key {
    Restriction,
    ExtRestriction,
    Lang,
    Name,
    Purpose,
    ExtPurpose,
    Status,
    ExtStatus,
    Role,
    ExtRole,
    Type,
    ExtType,
    Category,
    ExtCategory,
    Severity,
    Action,
    ExtAction,
    Dtype,
    ContentId,
}

impl Key {
    const COUNT: usize = Self::ContentId as usize + 1;

    fn of(name: &str) -> Option<Self> {
        Some(match name.as_bytes() {
            b"restriction" => Self::Restriction,
            b"ext-restriction" => Self::ExtRestriction,
            // v1, and senders of v2 after the RFC's own §4.2, write it without its prefix.
            b"xml:lang" | b"lang" => Self::Lang,
            b"name" => Self::Name,
            b"purpose" => Self::Purpose,
            b"ext-purpose" => Self::ExtPurpose,
            b"status" => Self::Status,
            b"ext-status" => Self::ExtStatus,
            b"role" => Self::Role,
            b"ext-role" => Self::ExtRole,
            b"type" => Self::Type,
            b"ext-type" => Self::ExtType,
            b"category" => Self::Category,
            b"ext-category" => Self::ExtCategory,
            b"severity" => Self::Severity,
            b"action" => Self::Action,
            b"ext-action" => Self::ExtAction,
            b"dtype" => Self::Dtype,
            b"ContentID" => Self::ContentId,
            _ => return None,
        })
    }
}

/// The attributes of one element, as far as they matter.
pub struct Attrs<'e>([Option<Cow<'e, str>>; Key::COUNT]);

impl<'e> Attrs<'e> {
    pub fn none() -> Self {
        Self([const { None }; Key::COUNT])
    }

    /// Reads the attributes of `start`, which opens at `level`, and puts its namespace declarations into `scope`.
    pub fn read(&mut self, start: &'e BytesStart<'_>, level: usize, scope: &mut Scope) -> Result<(), Fault> {
        if start.attributes_raw().is_empty() {
            return Ok(());
        }
        for (count, attribute) in start.attributes().enumerate() {
            let attribute = attribute.map_err(|_| Fault::Syntax)?;
            if count >= ATTRIBUTES {
                return Err(Fault::Limit);
            }
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|_| Fault::Syntax)?;
            let name: &str = attribute.key.as_ref();
            if let Some(key) = Key::of(name) {
                if let Some(slot) = self.0.get_mut(key as usize) {
                    *slot = Some(value);
                }
            } else if name == "xmlns" {
                scope.declare("", &value, level)?;
            } else if let Some(prefix) = name.strip_prefix("xmlns:") {
                scope.declare(prefix, &value, level)?;
            }
        }
        Ok(())
    }

    pub fn get(&self, key: Key) -> Option<&str> {
        self.0.get(key as usize)?.as_deref().map(str::trim)
    }

    /// An extensible token (RFC 7970 §5.1.1): the private value where the sender used one.
    pub fn token(&self, key: Key, ext: Key) -> Option<&str> {
        match self.get(key)? {
            "ext-value" => Some(self.get(ext).unwrap_or("ext-value")),
            token => Some(token),
        }
    }
}

/// Namespace declarations in force.
pub struct Scope {
    bindings: Vec<Binding>,
}

struct Binding {
    prefix: String,
    ns: Ns,
    uri: String,
    level: usize,
}

impl Scope {
    pub fn new(outside: &[(String, String)]) -> Result<Self, Fault> {
        let mut scope = Self { bindings: Vec::with_capacity(8) };
        for (prefix, uri) in outside {
            scope.declare(prefix, uri, 0)?;
        }
        Ok(scope)
    }

    fn declare(&mut self, prefix: &str, uri: &str, level: usize) -> Result<(), Fault> {
        if self.bindings.len() >= DECLARATIONS {
            return Err(Fault::Limit);
        }
        // Namespaces in XML §3: `xmlns` is never declared, a prefix is never undeclared.
        if prefix == "xmlns" || (uri.is_empty() && !prefix.is_empty()) {
            return Err(Fault::Syntax);
        }
        self.bindings.push(Binding { prefix: prefix.to_owned(), ns: Ns::of(uri), uri: uri.to_owned(), level });
        Ok(())
    }

    /// Forgets what was declared at `level` or deeper.
    pub fn close(&mut self, level: usize) {
        while self.bindings.last().is_some_and(|binding| binding.level >= level) {
            let _ = self.bindings.pop();
        }
    }

    /// The namespace of a qualified name, its URI, and the local name.
    pub fn resolve<'n>(&self, name: &'n str) -> Result<(Ns, &str, &'n str), Fault> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        // Most names have no prefix, and comparing nothing with nothing costs a call.
        let is_it = |binding: &&Binding| {
            binding.prefix.len() == prefix.len() && (prefix.is_empty() || binding.prefix == prefix)
        };
        match self.bindings.iter().rev().find(is_it) {
            Some(binding) => Ok((binding.ns, &binding.uri, local)),
            None if prefix.is_empty() => Ok((Ns::None, "", local)),
            None if prefix == "xml" => Ok((Ns::Other, "http://www.w3.org/XML/1998/namespace", local)),
            None => Err(Fault::Syntax),
        }
    }
}
