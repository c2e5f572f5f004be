//! How a byte stream to the controller comes about: TCP, or a pipe to the practice grid in this process.

use std::future::Future;
use std::io;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

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

/// Dials a host by TCP; every address its name has is tried in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tcp {
    pub host: String,
    pub port: u16,
}

impl Dial for Tcp {
    fn dial(&self) -> Dialing<'_> {
        Box::pin(async move {
            let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
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
}
