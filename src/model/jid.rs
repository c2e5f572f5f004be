//! JIDs (RFC 7622): localpart by PRECIS UsernameCaseMapped, resource by OpaqueString, domain by IDNA.

use std::fmt;
use std::str::FromStr;

use precis_profiles::precis_core::profile::PrecisFastInvocation;
use precis_profiles::{OpaqueString, UsernameCaseMapped};

/// Longest part of a JID in bytes (RFC 7622 §3.1).
const PART: usize = 1023;
/// Characters PRECIS lets through that a localpart may not hold (RFC 7622 §3.3.1).
const FORBIDDEN: [char; 8] = ['"', '&', '\'', '/', ':', '<', '>', '@'];

/// Why a text is no JID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the part before @ is empty, too long or has characters an address may not have")]
    Local,
    #[error("the domain is empty, too long or not a domain")]
    Domain,
    #[error("the part after / is empty, too long or has characters an address may not have")]
    Resource,
    #[error("a resource where none belongs")]
    NotBare,
}

/// An address without resource: an account, a controller, a broker. Canonical, so `==` compares addresses.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BareJid {
    local: Option<String>,
    domain: String,
}

/// An address with or without resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Jid {
    bare: BareJid,
    resource: Option<String>,
}

impl BareJid {
    #[must_use]
    pub fn local(&self) -> Option<&str> {
        self.local.as_deref()
    }

    /// The domain in its Unicode form.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The domain as certificates and DNS know it (A-labels).
    #[must_use]
    pub fn domain_ascii(&self) -> String {
        idna::domain_to_ascii(&self.domain).unwrap_or_else(|_| self.domain.clone())
    }

    /// This account at `resource`.
    ///
    /// # Errors
    /// When the resource is not one.
    pub fn at(&self, resource: &str) -> Result<Jid, Error> {
        Ok(Jid { bare: self.clone(), resource: Some(prepare_resource(resource)?) })
    }

    /// An address of nobody, for what came from no grid: names under `invalid` never resolve (RFC 6761 §6.4).
    pub(super) fn nobody() -> Self {
        Self { local: None, domain: "imported.invalid".to_owned() }
    }

    /// The server of this account, as an address of its own.
    #[must_use]
    pub fn server(&self) -> BareJid {
        BareJid { local: None, domain: self.domain.clone() }
    }
}

impl Jid {
    #[must_use]
    pub fn bare(&self) -> &BareJid {
        &self.bare
    }

    #[must_use]
    pub fn into_bare(self) -> BareJid {
        self.bare
    }

    #[must_use]
    pub fn resource(&self) -> Option<&str> {
        self.resource.as_deref()
    }
}

impl From<BareJid> for Jid {
    fn from(bare: BareJid) -> Self {
        Self { bare, resource: None }
    }
}

fn fits(part: &str) -> bool {
    !part.is_empty() && part.len() <= PART
}

fn prepare_local(text: &str) -> Result<String, Error> {
    // Before anything else: what follows takes time that grows with the square of the length.
    if !fits(text) {
        return Err(Error::Local);
    }
    let local = UsernameCaseMapped::enforce(text).map_err(|_| Error::Local)?.into_owned();
    if fits(&local) && !local.contains(FORBIDDEN) { Ok(local) } else { Err(Error::Local) }
}

fn prepare_resource(text: &str) -> Result<String, Error> {
    if !fits(text) {
        return Err(Error::Resource);
    }
    let resource = OpaqueString::enforce(text).map_err(|_| Error::Resource)?.into_owned();
    if fits(&resource) { Ok(resource) } else { Err(Error::Resource) }
}

fn prepare_domain(text: &str) -> Result<String, Error> {
    if !fits(text) {
        return Err(Error::Domain);
    }
    // RFC 7622 §3.2: a final dot is stripped before anything else.
    let text = text.strip_suffix('.').unwrap_or(text);
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inner.parse::<std::net::Ipv6Addr>().map(|ip| format!("[{ip}]")).map_err(|_| Error::Domain);
    }
    let ascii = idna::domain_to_ascii_strict(text).map_err(|_| Error::Domain)?;
    let (domain, valid) = idna::domain_to_unicode(&ascii);
    if valid.is_ok() && fits(&domain) { Ok(domain) } else { Err(Error::Domain) }
}

impl FromStr for Jid {
    type Err = Error;

    /// Parses per RFC 7622 §3.2: the resource is what follows the first `/`, the localpart what precedes the first `@`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (bare, resource) = match text.split_once('/') {
            Some((bare, resource)) => (bare, Some(prepare_resource(resource)?)),
            None => (text, None),
        };
        let (local, domain) = match bare.split_once('@') {
            Some((local, domain)) => (Some(prepare_local(local)?), domain),
            None => (None, bare),
        };
        Ok(Self { bare: BareJid { local, domain: prepare_domain(domain)? }, resource })
    }
}

impl FromStr for BareJid {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let jid: Jid = text.parse()?;
        if jid.resource.is_some() { Err(Error::NotBare) } else { Ok(jid.bare) }
    }
}

impl fmt::Display for BareJid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(local) = &self.local {
            write!(f, "{local}@")?;
        }
        f.write_str(&self.domain)
    }
}

impl fmt::Display for Jid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bare.fmt(f)?;
        if let Some(resource) = &self.resource {
            write!(f, "/{resource}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_forms_are_equal() {
        let one: Jid = "Analyst@CSIRT.Example./Desk 1".parse().unwrap();
        assert_eq!(one.to_string(), "analyst@csirt.example/Desk 1");
        assert_eq!(one.bare(), &"analyst@csirt.example".parse::<BareJid>().unwrap());
        let umlaut: BareJid = "B\u{fc}cher.example".parse().unwrap();
        assert_eq!(umlaut, "xn--bcher-kva.example".parse().unwrap());
        assert_eq!(umlaut.domain_ascii(), "xn--bcher-kva.example");
        assert_eq!("a@b.example/x@y/z".parse::<Jid>().unwrap().resource(), Some("x@y/z"));
        assert_eq!("[::1]".parse::<BareJid>().unwrap().domain(), "[::1]");
        assert_eq!("localhost".parse::<BareJid>().unwrap().domain(), "localhost");
    }

    #[test]
    fn refusals() {
        for (text, error) in [
            ("", Error::Domain),
            ("@a.example", Error::Local),
            ("a@", Error::Domain),
            ("a@b.example/", Error::Resource),
            ("a b@c.example", Error::Local),
            ("a<b@c.example", Error::Local),
            ("a\u{202e}b@c.example", Error::Local),
            ("a@b@c.example", Error::Domain),
            ("a@exa mple", Error::Domain),
            ("a@b.example/\u{0}", Error::Resource),
        ] {
            assert_eq!(text.parse::<Jid>(), Err(error), "{text:?}");
        }
        let long = format!("{}@b.example", "a".repeat(1024));
        assert_eq!(long.parse::<Jid>(), Err(Error::Local));
        assert_eq!("a@b.example/r".parse::<BareJid>(), Err(Error::NotBare));
        // Preparing as much as a stanza can hold would take days.
        let long = "\u{661}".repeat(4 << 20);
        assert_eq!(format!("{long}@b.example").parse::<Jid>(), Err(Error::Local));
        assert_eq!(format!("a@b.example/{long}").parse::<Jid>(), Err(Error::Resource));
        assert_eq!(format!("a@{long}").parse::<Jid>(), Err(Error::Domain));
    }
}
