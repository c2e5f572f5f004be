//! The lists of tokens of IODEF v1 (RFC 5070 §5.1, §8); most have no name there.

use crate::iodef::schema::kind::{Enumeration, tokens};

pub(in crate::iodef::schema) const INCIDENT_PURPOSE: Enumeration =
    tokens("Incident@purpose", &["traceback", "mitigation", "reporting", "other", "ext-value"]);
pub(in crate::iodef::schema) const RESTRICTION: Enumeration =
    tokens("restriction-type", &["default", "public", "need-to-know", "private"]);
pub(in crate::iodef::schema) const CONTACT_ROLE: Enumeration =
    tokens("Contact@role", &["creator", "admin", "tech", "irt", "cc", "ext-value"]);
pub(in crate::iodef::schema) const CONTACT_TYPE: Enumeration =
    tokens("Contact@type", &["person", "organization", "ext-value"]);
pub(in crate::iodef::schema) const REGISTRYHANDLE_REGISTRY: Enumeration = tokens(
    "RegistryHandle@registry",
    &["internic", "apnic", "arin", "lacnic", "ripe", "afrinic", "local", "ext-value"],
);
pub(in crate::iodef::schema) const ACTION: Enumeration = tokens(
    "action-type",
    &[
        "nothing",
        "contact-source-site",
        "contact-target-site",
        "contact-sender",
        "investigate",
        "block-host",
        "block-network",
        "block-port",
        "rate-limit-host",
        "rate-limit-network",
        "rate-limit-port",
        "remediate-other",
        "status-triage",
        "status-new-info",
        "other",
        "ext-value",
    ],
);
pub(in crate::iodef::schema) const SEVERITY: Enumeration = tokens("severity-type", &["low", "medium", "high"]);
pub(in crate::iodef::schema) const ASSESSMENT_OCCURRENCE: Enumeration =
    tokens("Assessment@occurrence", &["actual", "potential"]);
pub(in crate::iodef::schema) const IMPACT_COMPLETION: Enumeration =
    tokens("Impact@completion", &["failed", "succeeded"]);
pub(in crate::iodef::schema) const IMPACT_TYPE: Enumeration = tokens(
    "Impact@type",
    &[
        "admin",
        "dos",
        "extortion",
        "file",
        "info-leak",
        "misconfiguration",
        "recon",
        "policy",
        "social-engineering",
        "user",
        "unknown",
        "ext-value",
    ],
);
pub(in crate::iodef::schema) const TIMEIMPACT_METRIC: Enumeration =
    tokens("TimeImpact@metric", &["labor", "elapsed", "downtime", "ext-value"]);
pub(in crate::iodef::schema) const DURATION: Enumeration =
    tokens("duration-type", &["second", "minute", "hour", "day", "month", "quarter", "year", "ext-value"]);
pub(in crate::iodef::schema) const CONFIDENCE_RATING: Enumeration =
    tokens("Confidence@rating", &["low", "medium", "high", "numeric", "unknown"]);
pub(in crate::iodef::schema) const SYSTEM_CATEGORY: Enumeration =
    tokens("System@category", &["source", "target", "intermediate", "sensor", "infrastructure", "ext-value"]);
pub(in crate::iodef::schema) const SYSTEM_SPOOFED: Enumeration = tokens("System@spoofed", &["unknown", "yes", "no"]);
pub(in crate::iodef::schema) const ADDRESS_CATEGORY: Enumeration = tokens(
    "Address@category",
    &[
        "asn",
        "atm",
        "e-mail",
        "mac",
        "ipv4-addr",
        "ipv4-net",
        "ipv4-net-mask",
        "ipv6-addr",
        "ipv6-net",
        "ipv6-net-mask",
        "ext-value",
    ],
);
pub(in crate::iodef::schema) const NODEROLE_CATEGORY: Enumeration = tokens(
    "NodeRole@category",
    &[
        "client",
        "server-internal",
        "server-public",
        "www",
        "mail",
        "messaging",
        "streaming",
        "voice",
        "file",
        "ftp",
        "p2p",
        "name",
        "directory",
        "credential",
        "print",
        "application",
        "database",
        "infra",
        "log",
        "ext-value",
    ],
);
pub(in crate::iodef::schema) const COUNTER_TYPE: Enumeration = tokens(
    "Counter@type",
    &["byte", "packet", "flow", "session", "event", "alert", "message", "host", "site", "organization", "ext-value"],
);
pub(in crate::iodef::schema) const RECORDPATTERN_TYPE: Enumeration =
    tokens("RecordPattern@type", &["regex", "binary", "xpath", "ext-value"]);
pub(in crate::iodef::schema) const RECORDPATTERN_OFFSETUNIT: Enumeration =
    tokens("RecordPattern@offsetunit", &["line", "byte", "ext-value"]);
pub(in crate::iodef::schema) const DTYPE: Enumeration = tokens(
    "dtype-type",
    &[
        "boolean",
        "byte",
        "character",
        "date-time",
        "integer",
        "ntpstamp",
        "portlist",
        "real",
        "string",
        "file",
        "path",
        "frame",
        "packet",
        "ipv4-packet",
        "ipv6-packet",
        "url",
        "csv",
        "winreg",
        "xml",
        "ext-value",
    ],
);
