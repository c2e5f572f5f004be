//! Names: which namespace and which of the elements we look at a start tag means.

use std::borrow::Cow;

use crate::iodef::xml::{Attr, Ns};
use crate::text::xml::unescape_value;

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
    pub fn of(attrs: &[Attr<'e>]) -> Self {
        let mut known = Self([const { None }; Key::COUNT]);
        for attr in attrs {
            if let Some(slot) = Key::of(attr.name).and_then(|key| known.0.get_mut(key as usize)) {
                *slot = Some(unescape_value(attr.value));
            }
        }
        known
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
