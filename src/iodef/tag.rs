//! Names: which namespace and which of the elements that mean something to a summary or an index a tag stands for.

use std::borrow::Cow;

use super::doc::{Attr, Element};
use super::observable::Attributes;
use super::xml::{self, Ns};
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
    IntendedImpact,
    Confidence,
    ThreatActor,
    ThreatActorId,
    Campaign,
    CampaignId,
    HistoryItem,
    AdditionalData,
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
    FuzzyDigest,
    /// What holds a digest and its method.
    Hash,
    DigestMethod,
    Certificate,
    CertificateSubject,
    /// Of a domain's name servers.
    Server,
    EmailSubject,
    /// EmailX-Mailer.
    Mailer,
    /// ApplicationHeaderField, EmailHeaderField.
    HeaderField,
    BulkObservable,
    BulkFormat,
    BulkObservableList,
    /// `enum:ID`, v1's Reference/ReferenceName.
    ReferenceId,
    /// `enum:ReferenceName`.
    Enumerated,
    /// `sci:Vulnerability`.
    Vulnerability,
    /// `sci:AttackPattern`, `sci:Weakness`.
    Pattern,
    Other,
}

impl Tag {
    pub fn of(ns: Ns, local: &str) -> Self {
        match (ns, local) {
            (Ns::Iodef2 | Ns::Iodef1, _) => Self::of_iodef(local),
            (Ns::Signature, "DigestValue") => Self::Digest,
            (Ns::Signature, "DigestMethod") => Self::DigestMethod,
            (Ns::Signature, "X509Certificate") => Self::Certificate,
            (Ns::Signature, "X509SubjectName") => Self::CertificateSubject,
            (Ns::Enumeration, "ReferenceName") => Self::Enumerated,
            (Ns::Enumeration, "ID") => Self::ReferenceId,
            (Ns::Sci, "Vulnerability") => Self::Vulnerability,
            (Ns::Sci, "AttackPattern" | "Weakness") => Self::Pattern,
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
            b"IntendedImpact" => Self::IntendedImpact,
            b"Confidence" => Self::Confidence,
            b"ThreatActor" => Self::ThreatActor,
            b"ThreatActorID" => Self::ThreatActorId,
            b"Campaign" => Self::Campaign,
            b"CampaignID" => Self::CampaignId,
            b"HistoryItem" => Self::HistoryItem,
            b"AdditionalData" => Self::AdditionalData,
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
            b"FuzzyHashValue" => Self::FuzzyDigest,
            b"Hash" => Self::Hash,
            b"Server" => Self::Server,
            b"EmailSubject" => Self::EmailSubject,
            b"EmailX-Mailer" => Self::Mailer,
            b"ApplicationHeaderField" | b"EmailHeaderField" => Self::HeaderField,
            b"BulkObservable" => Self::BulkObservable,
            b"BulkObservableFormat" => Self::BulkFormat,
            b"BulkObservableList" => Self::BulkObservableList,
            b"ReferenceName" => Self::ReferenceId,
            _ => Self::Other,
        }
    }
}

/// The attributes that mean something to the summary.
#[derive(Clone, Copy, PartialEq, Eq)]
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
    Rating,
    Action,
    ExtAction,
    Dtype,
    ContentId,
    SpecIndex,
    Algorithm,
}

impl Key {
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
            b"rating" => Self::Rating,
            b"action" => Self::Action,
            b"ext-action" => Self::ExtAction,
            b"dtype" => Self::Dtype,
            b"ContentID" => Self::ContentId,
            b"specIndex" => Self::SpecIndex,
            b"Algorithm" => Self::Algorithm,
            _ => return None,
        })
    }
}

/// The attributes of one element, as far as they matter: few, where there are any.
#[derive(Default)]
pub struct Attrs<'e>(Vec<(Key, Cow<'e, str>)>);

impl<'e> Attrs<'e> {
    /// Takes those of the next element, in the room of those before.
    pub fn set(&mut self, attrs: &[xml::Attr<'e>]) {
        self.0.clear();
        let known = attrs.iter().filter_map(|attr| Some((Key::of(attr.name)?, unescape_value(attr.value))));
        self.0.extend(known);
    }

    pub fn get(&self, key: Key) -> Option<&str> {
        // `xml:lang` and `lang` are one: of several the last counts.
        self.0.iter().rev().find(|(known, _)| *known == key).map(|(_, value)| value.trim())
    }
}

impl Attributes for Attrs<'_> {
    fn get(&self, key: Key) -> Option<Cow<'_, str>> {
        self.get(key).map(Cow::Borrowed)
    }
}

impl Attributes for Element<'_> {
    fn get(&self, key: Key) -> Option<Cow<'_, str>> {
        let is_it = |attr: &Attr<'_>| Key::of(attr.qualified()) == Some(key);
        self.attrs().find(is_it).map(|attr| match attr.value() {
            Cow::Borrowed(value) => Cow::Borrowed(value.trim()),
            Cow::Owned(value) => Cow::Owned(value.trim().to_owned()),
        })
    }
}
