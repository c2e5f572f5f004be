//! A profile's controller: where DNS says it is, or where the person says.
//!
//! The rules, in the order in which they decide:
//! - a host or port in the profile is the only target, and TLS starts there as the profile says;
//! - an IP address as the domain is the target itself;
//! - behind a proxy the target is the domain at the usual port, for the proxy to resolve: whoever sets a proxy may not
//!   want this network to know where to, so nothing about the domain is asked of DNS here, and SRV records are not known;
//! - else the domain's SRV records decide host, port and how TLS starts (XEP-0368). A profile that wants direct TLS
//!   takes the `_xmpps-client` records alone;
//! - a domain without records is a host of its own (RFC 6120 §3.2.2).
//!
//! Whichever it is, TLS is not optional and the certificate must be the domain's.

use super::dns::Failure;
use super::srv::{self, Found, Offer};
use super::way::{Way, literal};
use super::{Dial, Dialing, Error, Finding, Target, host_and_port};
use crate::model::Tls;

/// Dials the controller of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Controller {
    /// In A-labels, or an IP address.
    pub domain: String,
    pub host: Option<String>,
    pub port: Option<u16>,
    pub tls: Tls,
    pub way: Way,
}

impl Controller {
    /// The one target that needs no records.
    fn itself(&self) -> Target {
        // A person may write a host in their own script; DNS and proxies know A-labels.
        let named = self.host.as_ref().map(|host| idna::domain_to_ascii(host).unwrap_or_else(|_| host.clone()));
        let host = named.unwrap_or_else(|| self.domain.clone());
        Target { host, port: self.port.unwrap_or_else(|| self.tls.port()), tls: Some(self.tls), srv: None }
    }

    fn is_settled(&self) -> bool {
        self.host.is_some() || self.port.is_some() || self.way.proxy.is_some() || literal(&self.domain).is_some()
    }

    async fn targets(&self) -> Result<Vec<Target>, Error> {
        if self.is_settled() {
            return Ok(vec![self.itself()]);
        }
        let resolver = self.way.names.resolver();
        let (direct_name, starttls_name) =
            (srv::name(Tls::Direct, &self.domain), srv::name(Tls::StartTls, &self.domain));
        let (direct, starttls) = tokio::join!(resolver.offer(&direct_name), async {
            match self.tls {
                Tls::Direct => Ok(Offer::Silent),
                Tls::StartTls => resolver.offer(&starttls_name).await,
            }
        });
        // One question left open does not hide the answer to the other. With both open, the domain itself is still worth
        // a try (RFC 6120 §3.2.1): nothing is believed of it that a record could have mended.
        let open = |offer: Result<Offer, Failure>| offer.unwrap_or(Offer::Silent);
        match srv::choose(&self.domain, open(direct), open(starttls), || getrandom::u64().unwrap_or_default()) {
            Found::Targets(targets) => Ok(targets),
            Found::Fallback => Ok(vec![self.itself()]),
            Found::NotOffered => Err(Error::NotOffered { domain: self.domain.clone() }),
        }
    }
}

impl Dial for Controller {
    fn find(&self) -> Finding<'_> {
        Box::pin(self.targets())
    }

    fn dial<'a>(&'a self, target: &'a Target) -> Dialing<'a> {
        Box::pin(self.way.dial(target))
    }

    fn at(&self, host: &str, port: Option<u16>) -> Option<Target> {
        let host = host.to_owned();
        Some(Target { host, port: port.unwrap_or_else(|| self.tls.port()), tls: Some(self.tls), srv: None })
    }

    fn target(&self) -> String {
        let itself = self.itself();
        host_and_port(&itself.host, itself.port)
    }

    fn via(&self) -> Option<String> {
        self.way.via()
    }
}
