//! Names to records and addresses, by the DNS servers this machine is set to use.
//!
//! What DNS says is never believed further than to dial: the certificate must be the domain's, whatever host answered.
//! Uses hickory; may use `model` and nothing of XMPP.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tokio::net::lookup_host;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::srv::{Offer, Record};
use crate::model::Say;

/// One question, and how often it is put again.
const QUESTION: Duration = Duration::from_secs(2);
const REPEATS: usize = 1;
/// Aliases of a service that are followed.
const ALIASES: usize = 3;
/// How long an IPv4 address waits for the IPv6 ones (RFC 8305 §3).
const RESOLUTION_DELAY: Duration = Duration::from_millis(50);

/// Why a name came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// NXDOMAIN.
    #[error("there is no such name")]
    NoName,
    /// The name is there and has no address.
    #[error("the name has no address")]
    NoAddress,
    /// SERVFAIL and its kin: the domain's own servers are broken, or its signatures are (DNSSEC).
    #[error("the DNS server failed")]
    Server,
    #[error("the DNS server refused to answer")]
    Refused,
    #[error("the DNS server did not answer in time")]
    Timeout,
    /// No DNS server could be reached.
    #[error("no DNS server can be reached")]
    NoNetwork,
    /// None is set on this machine.
    #[error("no DNS server is set on this computer")]
    NoServers,
    /// What came back is no DNS.
    #[error("the DNS server's answer is unreadable")]
    Unreadable,
    /// Nothing that DNS could know: a label of more than 63 letters, an empty one.
    #[error("it cannot be a name")]
    NotAName,
}

impl Failure {
    /// In words, about this name.
    #[must_use]
    pub fn say(self, name: &str) -> Say {
        let key = match self {
            Self::NoName => "error-dns-no-name",
            Self::NoAddress => "error-dns-no-address",
            Self::Server => "error-dns-server",
            Self::Refused => "error-dns-refused",
            Self::Timeout => "error-dns-timeout",
            Self::NoNetwork => "error-dns-no-network",
            Self::NoServers => "error-dns-no-servers",
            Self::Unreadable => "error-dns-unreadable",
            Self::NotAName => "error-dns-not-a-name",
        };
        Say::new(key).with("name", name)
    }
}

/// Asks DNS. Made anew for each login: a laptop meets other servers in each network.
#[derive(Clone)]
pub struct Resolver {
    dns: Option<TokioResolver>,
    /// The operating system is asked where DNS knows nothing: it may know names of its own (`.local`, a VPN's).
    system: bool,
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").field("system", &self.system).finish_non_exhaustive()
    }
}

/// Where names are looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// As this machine is set.
    #[default]
    System,
    /// By these servers alone, each on this port, and nobody else. For tests.
    Servers(Vec<SocketAddr>),
}

impl Names {
    /// Somebody to ask. Reads the machine's settings, which are a few small files.
    #[must_use]
    pub fn resolver(&self) -> Resolver {
        let builder = match self {
            Self::System => TokioResolver::builder_tokio().ok(),
            Self::Servers(servers) => {
                let config = ResolverConfig::from_name_servers(servers.iter().map(server).collect());
                Some(TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()))
            }
        };
        let dns = builder.and_then(|mut builder| {
            let options = builder.options_mut();
            (options.timeout, options.attempts) = (QUESTION, REPEATS);
            // The resolver lives for one login.
            options.cache_size = 64;
            if *self != Self::System {
                options.use_hosts_file = ResolveHosts::Never;
            }
            builder.build().ok()
        });
        Resolver { dns, system: *self == Self::System }
    }
}

fn record(data: &RData) -> Option<Record> {
    let RData::SRV(srv) = data else { return None };
    Some(Record {
        priority: srv.priority,
        weight: srv.weight,
        port: srv.port,
        host: srv.target.to_ascii().trim_end_matches('.').to_ascii_lowercase(),
    })
}

fn server(address: &SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    server.connections.iter_mut().for_each(|connection| connection.port = address.port());
    server
}

impl Resolver {
    /// The SRV records of `name`, which has its service labels.
    ///
    /// # Errors
    /// When nobody could say whether there are any.
    pub async fn offer(&self, name: &str) -> Result<Offer, Failure> {
        let mut name = name.to_owned();
        for _ in 0..=ALIASES {
            let records: Vec<Record> = match self.ask(&name, RecordType::SRV).await {
                Err(Failure::NoName | Failure::NoAddress) => Vec::new(),
                found => found?.iter().filter_map(record).collect(),
            };
            if !records.is_empty() {
                return Ok(Offer::of(records));
            }
            // Hosting providers let a domain's service be an alias of theirs; the library follows only those of hosts.
            let alias = self.ask(&name, RecordType::CNAME).await.unwrap_or_default();
            let Some(RData::CNAME(other)) = alias.into_iter().find(|data| matches!(data, RData::CNAME(_))) else {
                break;
            };
            name = other.0.to_ascii();
        }
        Ok(Offer::Silent)
    }

    /// Tells the addresses of a host as they are found, IPv6 with a small head start; ends when there are no more.
    ///
    /// # Errors
    /// When there was none.
    pub async fn addresses(&self, host: &str, port: u16, tell: mpsc::Sender<SocketAddr>) -> Result<(), Failure> {
        let (six, four) = (self.family(host, RecordType::AAAA), self.family(host, RecordType::A));
        tokio::pin!(six, four);
        // Who listens may have left with what it wanted.
        let say = async |found: &[IpAddr]| {
            for ip in found {
                let _ = tell.send(SocketAddr::new(*ip, port)).await;
            }
        };
        let (six, four) = tokio::select! {
            found = &mut six => {
                say(found.as_deref().unwrap_or_default()).await;
                let four = four.await;
                say(four.as_deref().unwrap_or_default()).await;
                (found, four)
            }
            found = &mut four => {
                let end = Instant::now() + RESOLUTION_DELAY;
                let first = tokio::select! { found = &mut six => Some(found), () = sleep_until(end) => None };
                say(first.as_ref().and_then(|six| six.as_deref().ok()).unwrap_or_default()).await;
                say(found.as_deref().unwrap_or_default()).await;
                let six = match first {
                    Some(six) => six,
                    None => {
                        let six = six.await;
                        say(six.as_deref().unwrap_or_default()).await;
                        six
                    }
                };
                (six, found)
            }
        };
        let (Err(six), Err(four)) = (six, four) else { return Ok(()) };
        if self.system {
            let found: Vec<SocketAddr> = lookup_host((host, port)).await.map(Iterator::collect).unwrap_or_default();
            if !found.is_empty() {
                for address in found {
                    let _ = tell.send(address).await;
                }
                return Ok(());
            }
        }
        Err(worse(six, four))
    }

    /// The addresses of one family; none is a failure.
    async fn family(&self, host: &str, kind: RecordType) -> Result<Vec<IpAddr>, Failure> {
        let found = self.ask(host, kind).await?;
        let found: Vec<IpAddr> = found.iter().filter_map(RData::ip_addr).collect();
        if found.is_empty() { Err(Failure::NoAddress) } else { Ok(found) }
    }

    /// Asks for an absolute name: no search domain of whatever network this is gets a say.
    async fn ask(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, Failure> {
        let mut name = Name::from_ascii(name).map_err(|_| Failure::NotAName)?;
        if name.is_root() {
            return Err(Failure::NotAName);
        }
        name.set_fqdn(true);
        let dns = self.dns.as_ref().ok_or(Failure::NoServers)?;
        match dns.lookup(name, kind).await {
            Ok(found) => Ok(found.answers().iter().map(|record| record.data.clone()).collect()),
            Err(error) => Err(failure(&error)),
        }
    }
}

/// Of the two families' failures the one that says more.
fn worse(six: Failure, four: Failure) -> Failure {
    // A name without an IPv6 address is the rule; what happened to the other question is the news.
    if four == Failure::NoAddress { six } else { four }
}

fn failure(error: &NetError) -> Failure {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => Failure::NoName,
            ResponseCode::ServFail => Failure::Server,
            ResponseCode::Refused => Failure::Refused,
            _ => Failure::NoAddress,
        },
        NetError::Dns(DnsError::ResponseCode(ResponseCode::Refused)) => Failure::Refused,
        NetError::Dns(_) => Failure::Server,
        NetError::Timeout => Failure::Timeout,
        NetError::Io(cause) if cause.kind() == io::ErrorKind::TimedOut => Failure::Timeout,
        NetError::Io(_) | NetError::NoConnections | NetError::Busy => Failure::NoNetwork,
        _ => Failure::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failure_that_says_more_is_told() {
        assert_eq!(worse(Failure::NoAddress, Failure::Timeout), Failure::Timeout);
        assert_eq!(worse(Failure::Server, Failure::NoAddress), Failure::Server);
        assert_eq!(worse(Failure::NoName, Failure::NoName), Failure::NoName);
    }

    #[tokio::test]
    async fn what_cannot_be_a_name_is_not_asked() {
        let nobody = Names::Servers(Vec::new()).resolver();
        let (tell, _come) = mpsc::channel(1);
        for name in ["a..b", &"x".repeat(64), ""] {
            let told = nobody.addresses(name, 1, tell.clone()).await;
            assert!(matches!(told, Err(Failure::NotAName | Failure::NoNetwork)), "{name}: {told:?}");
        }
    }
}
