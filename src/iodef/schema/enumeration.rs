//! The lists of tokens (RFC 7970 §3, §8), with those only the reading profile takes. IANA may have registered more since.

use super::kind::{Enumeration, tokens};

pub const INCIDENT_PURPOSE: Enumeration =
    tokens("incident-purpose-type", &["traceback", "mitigation", "reporting", "watch", "other", "ext-value"]);
pub const INCIDENT_STATUS: Enumeration =
    tokens("incident-status-type", &["new", "in-progress", "forwarded", "resolved", "future", "ext-value"]);
pub const RESTRICTION: Enumeration = tokens(
    "restriction-type",
    &["default", "public", "partner", "need-to-know", "private", "white", "green", "amber", "red", "ext-value"],
);
pub const CONTACT_ROLE: Enumeration = tokens(
    "contact-role-type",
    &[
        "creator",
        "reporter",
        "admin",
        "tech",
        "provider",
        "user",
        "billing",
        "legal",
        "abuse",
        "irt",
        "cc",
        "cc-irt",
        "leo",
        "vendor",
        "vendor-services",
        "victim",
        "victim-notified",
        "ext-value",
    ],
)
.and_reading(&["vendor-support"]);
pub const CONTACT_TYPE: Enumeration = tokens("contact-type-type", &["person", "organization", "ext-value"]);
pub const REGISTRYHANDLE_REGISTRY: Enumeration = tokens(
    "registryhandle-registry-type",
    &["internic", "apnic", "arin", "lacnic", "ripe", "afrinic", "local", "ext-value"],
);
pub const POSTALADDRESS_TYPE: Enumeration = tokens("postaladdress-type-type", &["street", "mailing", "ext-value"]);
pub const TELEPHONE_TYPE: Enumeration =
    tokens("telephone-type-type", &["wired", "mobile", "fax", "hotline", "ext-value"]);
pub const EMAIL_TYPE: Enumeration = tokens("email-type-type", &["direct", "hotline", "ext-value"]);
pub const ACTION: Enumeration = tokens(
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
        "redirect-traffic",
        "honeypot",
        "upgrade-software",
        "rebuild-asset",
        "harden-asset",
        "remediate-other",
        "status-triage",
        "status-new-info",
        "watch-and-report",
        "defined-coa",
        "other",
        "ext-value",
    ],
)
.and_reading(&["training"]);
pub const SEVERITY: Enumeration = tokens("severity-type", &["low", "medium", "high"]);
pub const DISCOVERY_SOURCE: Enumeration = tokens(
    "discovery-source-type",
    &[
        "nidps",
        "hips",
        "siem",
        "av",
        "third-party-monitoring",
        "incident",
        "os-log",
        "application-log",
        "device-log",
        "network-flow",
        "passive-dns",
        "investigation",
        "audit",
        "internal-notification",
        "external-notification",
        "leo",
        "partner",
        "actor",
        "unknown",
        "ext-value",
    ],
);
pub const ASSESSMENT_OCCURRENCE: Enumeration = tokens("Assessment@occurrence", &["actual", "potential"]);
pub const SYSTEMIMPACT_COMPLETION: Enumeration = tokens("systemimpact-completion-type", &["failed", "succeeded"]);
pub const SYSTEMIMPACT_TYPE: Enumeration = tokens(
    "systemimpact-type-type",
    &[
        "takeover-account",
        "takeover-service",
        "takeover-system",
        "cps-manipulation",
        "cps-damage",
        "availability-data",
        "availability-account",
        "availability-service",
        "availability-system",
        "damaged-system",
        "damaged-data",
        "breach-proprietary",
        "breach-privacy",
        "breach-credential",
        "breach-configuration",
        "integrity-data",
        "integrity-configuration",
        "integrity-hardware",
        "traffic-redirection",
        "monitoring-traffic",
        "monitoring-host",
        "policy",
        "unknown",
        "ext-value",
    ],
);
pub const TIMEIMPACT_METRIC: Enumeration =
    tokens("timeimpact-metric-type", &["labor", "elapsed", "downtime", "ext-value"]);
pub const DURATION: Enumeration =
    tokens("duration-type", &["second", "minute", "hour", "day", "month", "quarter", "year", "ext-value"]);
pub const CONFIDENCE_RATING: Enumeration =
    tokens("confidence-rating-type", &["low", "medium", "high", "numeric", "unknown", "ext-value"]);
pub const SYSTEM_CATEGORY: Enumeration =
    tokens("system-category-type", &["source", "target", "intermediate", "sensor", "infrastructure", "ext-value"]);
pub const YES_NO_UNKNOWN: Enumeration = tokens("yes-no-unknown-type", &["yes", "no", "unknown"]);
pub const SYSTEM_OWNERSHIP: Enumeration = tokens(
    "system-ownership-type",
    &["organization", "personal", "partner", "customer", "no-relationship", "unknown", "ext-value"],
);
pub const ADDRESS_CATEGORY: Enumeration = tokens(
    "address-category-type",
    &[
        "asn",
        "atm",
        "e-mail",
        "mac",
        "ipv4-addr",
        "ipv4-net",
        "ipv4-net-masked",
        "ipv4-net-mask",
        "ipv6-addr",
        "ipv6-net",
        "ipv6-net-masked",
        "site-uri",
        "ext-value",
    ],
);
pub const NODEROLE_CATEGORY: Enumeration = tokens(
    "noderole-category-type",
    &[
        "client",
        "client-enterprise",
        "client-partner",
        "client-remote",
        "client-kiosk",
        "client-mobile",
        "server-internal",
        "server-public",
        "www",
        "mail",
        "webmail",
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
        "backup",
        "dhcp",
        "assessment",
        "source-control",
        "config-management",
        "monitoring",
        "infra",
        "infra-firewall",
        "infra-router",
        "infra-switch",
        "camera",
        "proxy",
        "remote-access",
        "log",
        "virtualization",
        "pos",
        "scada",
        "scada-supervisory",
        "sinkhole",
        "honeypot",
        "anonymization",
        "c2-server",
        "malware-distribution",
        "drop-server",
        "hop-point",
        "reflector",
        "phishing-site",
        "spear-phishing-site",
        "recruiting-site",
        "fraudulent-site",
        "ext-value",
    ],
);
pub const COUNTER_TYPE: Enumeration =
    tokens("counter-type-type", &["counter", "rate", "average", "ext-value"]).and_reading(&["count", "peak"]);
pub const COUNTER_UNIT: Enumeration = tokens(
    "counter-unit-type",
    &[
        "byte",
        "mbit",
        "packet",
        "flow",
        "session",
        "event",
        "alert",
        "message",
        "host",
        "site",
        "organization",
        "ext-value",
    ],
);
pub const DOMAINDATA_SYSTEM_STATUS: Enumeration = tokens(
    "domaindata-system-status-type",
    &["spoofed", "fraudulent", "innocent-hacked", "innocent-hijacked", "unknown", "ext-value"],
)
.kept_whole();
pub const DOMAINDATA_DOMAIN_STATUS: Enumeration = tokens(
    "domaindata-domain-status-type",
    &[
        "reservedDelegation",
        "assignedAndActive",
        "assignedAndInactive",
        "assignedAndOnHold",
        "revoked",
        "transferPending",
        "registryLock",
        "registrarLock",
        "other",
        "unknown",
        "ext-value",
    ],
)
.kept_whole();
pub const RECORDPATTERN_TYPE: Enumeration =
    tokens("recordpattern-type-type", &["regex", "binary", "xpath", "ext-value"]);
pub const RECORDPATTERN_OFFSETUNIT: Enumeration =
    tokens("recordpattern-offsetunit-type", &["line", "byte", "ext-value"]);
pub const KEY_REGISTRYACTION: Enumeration = tokens(
    "key-registryaction-type",
    &["add-key", "add-value", "delete-key", "delete-value", "modify-key", "modify-value", "ext-value"],
);
pub const HASHDATA_SCOPE: Enumeration = tokens(
    "hashdata-scope-type",
    &[
        "file-contents",
        "file-pe-section",
        "file-pe-iat",
        "file-pe-resource",
        "file-pdf-object",
        "email-hash",
        "email-headers-hash",
        "email-body-hash",
        "ext-value",
    ],
);
pub const BULKOBSERVABLE_TYPE: Enumeration = tokens(
    "bulkobservable-type-type",
    &[
        "asn",
        "atm",
        "e-mail",
        "ipv4-addr",
        "ipv4-net",
        "ipv4-net-mask",
        "ipv6-addr",
        "ipv6-net",
        "ipv6-net-mask",
        "mac",
        "site-uri",
        "domain-name",
        "domain-to-ipv4",
        "domain-to-ipv6",
        "domain-to-ipv4-timestamp",
        "domain-to-ipv6-timestamp",
        "ipv4-port",
        "ipv6-port",
        "windows-reg-key",
        "file-hash",
        "email-x-mailer",
        "email-subject",
        "http-user-agent",
        "http-request-uri",
        "mutex",
        "file-path",
        "user-name",
    ],
)
.and_reading(&["fqdn", "ext-value"]);
pub const INDICATOREXPRESSION_OPERATOR: Enumeration =
    tokens("indicatorexpression-operator-type", &["not", "and", "or", "xor"]).and_reading(&["ext-value"]);
pub const SOFTWAREREFERENCE_SPEC_NAME: Enumeration =
    tokens("softwarereference-spec-name-type", &["custom", "cpe", "swid", "ext-value"]);
pub const SOFTWAREREFERENCE_DTYPE: Enumeration =
    tokens("softwarereference-dtype-type", &["bytes", "integer", "real", "string", "xml", "ext-value"]);
pub const BUSINESSIMPACT_SEVERITY: Enumeration =
    tokens("businessimpact-severity-type", &["none", "low", "medium", "high", "unknown", "ext-value"]);
pub const BUSINESSIMPACT_TYPE: Enumeration = tokens(
    "businessimpact-type-type",
    &[
        "breach-proprietary",
        "breach-privacy",
        "breach-credential",
        "loss-of-integrity",
        "loss-of-service",
        "theft-financial",
        "theft-service",
        "degraded-reputation",
        "asset-damage",
        "asset-manipulation",
        "legal",
        "extortion",
        "unknown",
        "ext-value",
    ],
);
pub const DTYPE: Enumeration = tokens(
    "dtype-type",
    &[
        "boolean",
        "byte",
        "bytes",
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
)
.and_reading(&["json"]);

/// All of them, in the order of the schema.
pub static ALL: &[&Enumeration] = &[
    &INCIDENT_PURPOSE,
    &INCIDENT_STATUS,
    &RESTRICTION,
    &CONTACT_ROLE,
    &CONTACT_TYPE,
    &REGISTRYHANDLE_REGISTRY,
    &POSTALADDRESS_TYPE,
    &TELEPHONE_TYPE,
    &EMAIL_TYPE,
    &ACTION,
    &SEVERITY,
    &DISCOVERY_SOURCE,
    &ASSESSMENT_OCCURRENCE,
    &SYSTEMIMPACT_COMPLETION,
    &SYSTEMIMPACT_TYPE,
    &TIMEIMPACT_METRIC,
    &DURATION,
    &CONFIDENCE_RATING,
    &SYSTEM_CATEGORY,
    &YES_NO_UNKNOWN,
    &SYSTEM_OWNERSHIP,
    &ADDRESS_CATEGORY,
    &NODEROLE_CATEGORY,
    &COUNTER_TYPE,
    &COUNTER_UNIT,
    &DOMAINDATA_SYSTEM_STATUS,
    &DOMAINDATA_DOMAIN_STATUS,
    &RECORDPATTERN_TYPE,
    &RECORDPATTERN_OFFSETUNIT,
    &KEY_REGISTRYACTION,
    &HASHDATA_SCOPE,
    &BULKOBSERVABLE_TYPE,
    &INDICATOREXPRESSION_OPERATOR,
    &SOFTWAREREFERENCE_SPEC_NAME,
    &SOFTWAREREFERENCE_DTYPE,
    &BUSINESSIMPACT_SEVERITY,
    &BUSINESSIMPACT_TYPE,
    &DTYPE,
];
