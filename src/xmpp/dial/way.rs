//! How TCP connections of one profile leave this machine: straight, or through its proxy.
//!
//! Uses `dns`, `race`, `proxy`. Deadlines are the caller's.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::dns::Names;
use super::proxy::{self, Refusal, Through};
use super::race::{self, ADDRESSES};
use super::{Cause, Dialed, Error, Path, Target, host_and_port};

/// Where names are looked up, and the proxy in between. The default goes straight, by this machine's DNS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    pub names: Names,
    pub proxy: Option<Through>,
}

/// A connection, and what it ended at.
#[derive(Debug)]
pub struct Reached {
    pub tcp: TcpStream,
    /// The target's address; `None` behind a proxy, which resolves the name itself.
    pub address: Option<SocketAddr>,
}

impl Way {
    /// A connection to `host`, a name in A-labels or an IP address.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn connect(&self, host: &str, port: u16) -> Result<Reached, Error> {
        let Some(through) = &self.proxy else {
            let (address, tcp) = self.direct(host, port).await?;
            return Ok(Reached { tcp, address: Some(address) });
        };
        let refused =
            |why| Error::Proxy { proxy: self.via().unwrap_or_default(), target: host_and_port(host, port), why };
        let tcp = self.to_proxy(through).await.map_err(refused)?;
        let tcp = proxy::tunnel(tcp, through, unbracketed(host), port).await.map_err(refused)?;
        Ok(Reached { tcp, address: None })
    }

    /// The same as a link for the login.
    pub(super) async fn dial(&self, target: &Target) -> Result<Dialed, Error> {
        let reached = self.connect(&target.host, target.port).await?;
        let path = Path::of(&reached.tcp);
        Ok(Dialed { link: Box::new(reached.tcp), address: reached.address, path })
    }

    /// `socks5://proxy.example:1080`, where there is a proxy.
    #[must_use]
    pub fn via(&self) -> Option<String> {
        let proxy = &self.proxy.as_ref()?.proxy;
        Some(format!("{}://{}", proxy.kind.token(), host_and_port(&proxy.host, proxy.port)))
    }

    /// Whether the proxy is told who we are.
    pub(in crate::xmpp) fn has_login(&self) -> bool {
        self.proxy.as_ref().is_some_and(|through| through.proxy.user.is_some())
    }

    /// To the proxy itself, whose own name has to be looked up here.
    pub(in crate::xmpp) async fn to_proxy(&self, through: &Through) -> Result<TcpStream, Refusal> {
        let reached = self.direct(&through.proxy.host, through.proxy.port).await;
        reached.map(|(_, tcp)| tcp).map_err(|error| Refusal::Unreachable(error.cause()))
    }

    async fn direct(&self, host: &str, port: u16) -> Result<(SocketAddr, TcpStream), Error> {
        let (tell, addresses) = mpsc::channel(ADDRESSES);
        let racing = race::first(addresses, connect);
        let target = || host_and_port(host, port);
        let failed = |error: Option<io::Error>| Error::Link {
            target: target(),
            why: error.map_or(Cause::Other("no address".to_owned()), |error| Cause::of(&error)),
        };
        if let Some(ip) = literal(host) {
            let _ = tell.send(SocketAddr::new(ip, port)).await;
            drop(tell);
            return racing.await.map_err(failed);
        }
        let resolver = self.names.resolver();
        let (found, reached) = tokio::join!(
            async {
                // A connection that came about ends the search.
                let stopped = tell.clone();
                tokio::select! {
                    found = resolver.addresses(host, port, tell) => found,
                    () = stopped.closed() => Ok(()),
                }
            },
            racing
        );
        match (reached, found) {
            (Ok(reached), _) => Ok(reached),
            (Err(_), Err(why)) => Err(Error::Name { name: host.to_owned(), why }),
            (Err(error), Ok(())) => Err(failed(error)),
        }
    }
}

/// An IP address as it stands in a JID's domain, a setting or a URL.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    unbracketed(host).parse().ok()
}

fn unbracketed(host: &str) -> &str {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let tcp = TcpStream::connect(address).await?;
    // Stanzas are small and answered: waiting to fill a segment only adds delay.
    tcp.set_nodelay(true)?;
    Ok(tcp)
}
