//! How a byte stream to the controller comes about: found by DNS or named by the person, dialled straight or through a
//! proxy; or a pipe to the practice grid in this process.
//!
//! May use `model`, `text` and `secrets`. Where a stream leads is never proof of who is there: TLS above it is, with the
//! name of the JID's domain (RFC 6120 §13.7.2).

mod controller;
pub mod dns;
pub mod proxy;
mod race;
pub mod srv;
mod way;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::model::session::Route;
use crate::model::{Say, Tls};

pub use controller::Controller;
pub use dns::Names;
pub use proxy::Through;
pub use way::{Reached, Way};

/// A byte stream below TLS.
pub trait Link: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Link for T {}

/// What [`Dial::find`] gives.
pub type Finding<'a> = Pin<Box<dyn Future<Output = Result<Vec<Target>, Error>> + Send + 'a>>;
/// What [`Dial::dial`] gives.
pub type Dialing<'a> = Pin<Box<dyn Future<Output = Result<Dialed, Error>> + Send + 'a>>;

/// Makes byte streams to one controller. Called anew at each attempt.
pub trait Dial: Send + Sync + 'static {
    /// The servers to try, best first, at least one; the same controller behind each.
    fn find(&self) -> Finding<'_> {
        let target = Target { host: self.target(), ..Target::default() };
        Box::pin(std::future::ready(Ok(vec![target])))
    }

    fn dial<'a>(&'a self, target: &'a Target) -> Dialing<'a>;

    /// A server of this controller that the controller itself named, for [`Dial::dial`] the same way as the others (the
    /// location of XEP-0198 §5). `None` where only this dialler knows the way.
    fn at(&self, host: &str, port: Option<u16>) -> Option<Target> {
        let _ = (host, port);
        None
    }

    /// Where it leads, for a person: `grid.example:5222`, `practice grid`.
    fn target(&self) -> String;

    /// The proxy on the way.
    fn via(&self) -> Option<String> {
        None
    }
}

/// A server of the controller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// In A-labels, or an IP address.
    pub host: String,
    /// 0 where there are no ports.
    pub port: u16,
    /// How TLS starts there; `None`: as the login says.
    pub tls: Option<Tls>,
    /// The SRV record that names it.
    pub srv: Option<String>,
}

/// A byte stream, and how it came about.
pub struct Dialed {
    pub link: Box<dyn Link>,
    /// The server's address, where it is known here.
    pub address: Option<SocketAddr>,
    /// Its two ends on this side of any proxy; `None` where it is no TCP.
    pub path: Option<Path>,
}

impl Dialed {
    /// A stream that is no TCP.
    #[must_use]
    pub fn pipe(link: Box<dyn Link>) -> Self {
        Self { link, address: None, path: None }
    }

    /// The facts for the connection panel.
    #[must_use]
    pub fn route(&self, target: &Target, tls: Tls, via: Option<String>) -> Route {
        let Target { host, port, srv, .. } = target.clone();
        Route { srv, host, port, address: self.address, proxy: via, tls }
    }
}

impl std::fmt::Debug for Dialed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialed").field("address", &self.address).field("path", &self.path).finish_non_exhaustive()
    }
}

/// The two ends of a TCP connection. The local one dies with the network it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    pub local: SocketAddr,
    pub peer: SocketAddr,
}

impl Path {
    fn of(tcp: &TcpStream) -> Option<Self> {
        Some(Self { local: tcp.local_addr().ok()?, peer: tcp.peer_addr().ok()? })
    }
}

/// Why there is no byte stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A host's name came to nothing.
    #[error("cannot find {name}: {why}")]
    Name { name: String, why: dns::Failure },
    /// The domain's SRV records say that it serves no clients.
    #[error("{domain} offers no XMPP to clients")]
    NotOffered { domain: String },
    #[error("cannot reach {target}: {why}")]
    Link { target: String, why: Cause },
    #[error("the proxy {proxy} does not lead to {target}: {why}")]
    Proxy { proxy: String, target: String, why: proxy::Refusal },
}

/// Why TCP failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    #[error("connection refused")]
    Refused,
    #[error("no answer in time")]
    Timeout,
    #[error("no way to the host")]
    NoHost,
    /// This machine has no network that leads there.
    #[error("no network")]
    NoNetwork,
    /// A firewall of this machine.
    #[error("this computer does not allow it")]
    Forbidden,
    #[error("{0}")]
    Other(String),
}

impl Cause {
    fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::TimedOut => Self::Timeout,
            io::ErrorKind::HostUnreachable => Self::NoHost,
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown | io::ErrorKind::AddrNotAvailable => {
                Self::NoNetwork
            }
            io::ErrorKind::PermissionDenied => Self::Forbidden,
            kind => Self::Other(kind.to_string()),
        }
    }
}

impl Error {
    /// A target that did not answer in its time.
    #[must_use]
    pub fn timeout(target: &Target) -> Self {
        Self::Link { target: host_and_port(&target.host, target.port), why: Cause::Timeout }
    }

    /// All of it may pass by itself, but for a login that a proxy refused.
    #[must_use]
    pub fn retries(&self) -> bool {
        match self {
            Self::Proxy { why, .. } => why.retries(),
            Self::Name { .. } | Self::NotOffered { .. } | Self::Link { .. } => true,
        }
    }

    /// The cause without the target, for a sentence that names it.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::Name { why, .. } => why.to_string(),
            Self::NotOffered { .. } => self.to_string(),
            Self::Link { why, .. } => why.to_string(),
            Self::Proxy { why, .. } => why.to_string(),
        }
    }

    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Name { name, why } => why.say(name),
            Self::NotOffered { domain } => Say::new("error-dial-not-offered").with("domain", domain),
            Self::Link { target, why } => {
                let key = match why {
                    Cause::Refused => "error-dial-refused",
                    Cause::Timeout => "error-dial-timeout",
                    Cause::NoHost => "error-dial-no-host",
                    Cause::NoNetwork => "error-dial-no-network",
                    Cause::Forbidden => "error-dial-forbidden",
                    Cause::Other(cause) => {
                        return Say::new("error-unreachable").with("target", target).with("cause", cause);
                    }
                };
                Say::new(key).with("target", target)
            }
            Self::Proxy { proxy, target, why } => why.say(proxy, target),
        }
    }
}

/// `grid.example:5222`, `[::1]:5222`.
#[must_use]
pub fn host_and_port(host: &str, port: u16) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Dials one host by TCP, with nothing to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tcp {
    pub host: String,
    pub port: u16,
}

impl Dial for Tcp {
    fn find(&self) -> Finding<'_> {
        let target = Target { host: self.host.clone(), port: self.port, ..Target::default() };
        Box::pin(std::future::ready(Ok(vec![target])))
    }

    fn dial<'a>(&'a self, target: &'a Target) -> Dialing<'a> {
        Box::pin(async { Way::default().dial(target).await })
    }

    fn at(&self, host: &str, port: Option<u16>) -> Option<Target> {
        Some(Target { host: host.to_owned(), port: port.unwrap_or(self.port), ..Target::default() })
    }

    fn target(&self) -> String {
        host_and_port(&self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn tcp_reaches_a_listener_and_tells_its_ends() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let tcp = Tcp { host: "127.0.0.1".to_owned(), port: address.port() };
        let targets = tcp.find().await.unwrap();
        let (dialed, accepted) = tokio::join!(tcp.dial(&targets[0]), listener.accept());
        let (dialed, (mut other, from)) = (dialed.unwrap(), accepted.unwrap());
        assert_eq!(dialed.path, Some(Path { local: from, peer: address }));
        let route = dialed.route(&targets[0], Tls::Direct, None);
        assert_eq!((route.host.as_str(), route.port, route.address), ("127.0.0.1", address.port(), Some(address)));
        let mut link = dialed.link;
        link.write_all(b"hi").await.unwrap();
        let mut bytes = [0; 2];
        let _ = other.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"hi");
        assert_eq!(tcp.target(), address.to_string());
        drop(listener);
        let error = tcp.dial(&targets[0]).await.unwrap_err();
        assert_eq!(error, Error::Link { target: address.to_string(), why: Cause::Refused });
        assert!(error.retries());
    }

    #[test]
    fn addresses_of_version_6_stand_in_brackets() {
        assert_eq!(host_and_port("::1", 1), "[::1]:1");
        assert_eq!(host_and_port("[::1]", 1), "[::1]:1");
        assert_eq!(host_and_port("grid.example", 5222), "grid.example:5222");
    }
}
