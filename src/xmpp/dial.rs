//! How a byte stream to the controller comes about: TCP, or a pipe to the practice grid in this process.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How long an address may keep quiet before the next one is tried beside it (RFC 8305 §5).
const HEAD_START: Duration = Duration::from_millis(250);

/// A byte stream below TLS.
pub trait Link: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Link for T {}

/// What [`Dial::dial`] gives.
pub type Dialing<'a> = Pin<Box<dyn Future<Output = io::Result<Box<dyn Link>>> + Send + 'a>>;

/// Makes byte streams to one controller. Called anew at each attempt.
pub trait Dial: Send + Sync + 'static {
    fn dial(&self) -> Dialing<'_>;

    /// Where it leads, for a person: `grid.example:5222`, `practice grid`.
    fn target(&self) -> String;
}

/// Dials a host by TCP; every address its name has is tried, the later ones not waiting long for the earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tcp {
    pub host: String,
    pub port: u16,
}

impl Dial for Tcp {
    fn dial(&self) -> Dialing<'_> {
        Box::pin(async move {
            let addresses = lookup_host((self.host.as_str(), self.port)).await?;
            let stream = first(addresses, TcpStream::connect).await?;
            // Stanzas are small and answered: waiting to fill a segment only adds delay.
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Link>)
        })
    }

    fn target(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// The first connection that comes about (RFC 8305): one address that swallows packets must not take the time of all.
async fn first<T, F>(
    mut addresses: impl Iterator<Item = SocketAddr>,
    connect: impl Fn(SocketAddr) -> F,
) -> io::Result<T>
where
    T: Send + 'static,
    F: Future<Output = io::Result<T>> + Send + 'static,
{
    let mut trouble = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    let mut dialing = JoinSet::new();
    loop {
        let next = addresses.next();
        let more = next.is_some();
        if let Some(address) = next {
            let _ = dialing.spawn(connect(address));
        }
        tokio::select! {
            ended = dialing.join_next() => match ended {
                Some(Ok(Ok(link))) => return Ok(link),
                Some(Ok(Err(error))) => trouble = error,
                Some(Err(_)) => {}
                None => return Err(trouble),
            },
            () = sleep(HEAD_START), if more => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn tcp_reaches_a_listener_and_names_its_target() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let tcp = Tcp { host: "127.0.0.1".to_owned(), port };
        let (link, accepted) = tokio::join!(tcp.dial(), listener.accept());
        let (mut link, (mut other, _)) = (link.unwrap(), accepted.unwrap());
        link.write_all(b"hi").await.unwrap();
        let mut bytes = [0; 2];
        let _ = other.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"hi");
        drop(listener);
        assert_eq!(tcp.target(), format!("127.0.0.1:{port}"));
        assert_eq!(Tcp { host: "::1".to_owned(), port: 1 }.target(), "[::1]:1");
    }

    #[tokio::test]
    async fn an_address_that_swallows_everything_does_not_hide_the_others() {
        let [deaf, refusing, good]: [SocketAddr; 3] =
            ["[2001:db8::1]:5222", "192.0.2.1:5222", "192.0.2.2:5222"].map(|text| text.parse().unwrap());
        let connect = move |address: SocketAddr| async move {
            match address {
                _ if address == deaf => std::future::pending().await,
                _ if address == good => Ok(address),
                _ => Err(io::Error::from(io::ErrorKind::ConnectionRefused)),
            }
        };
        assert_eq!(first([deaf, refusing, deaf, good].into_iter(), connect).await.unwrap(), good);
        let refused = first([refusing, refusing].into_iter(), connect).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(first([].into_iter(), connect).await.unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
