//! One file by plain HTTP: a revocation list from where a certificate says it is (RFC 5280 §4.2.1.13).
//!
//! Plain, because the list is signed and fetching it by HTTPS would ask for the list of another certificate. Nothing of
//! the answer is believed or interpreted here. Uses `dial` and hyper.
//!
//! ```text
//! let bytes: Vec<u8> = http::get(&policy.way, "http://crl.example/ca.crl", http::CAP, http::PATIENCE).await?;
//! ```

use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HOST, LOCATION, PROXY_AUTHORIZATION};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::dial::{self, Way, host_and_port, proxy};
use crate::model::{ProxyKind, Say};

/// Largest list taken.
pub const CAP: usize = 16 * 1024 * 1024;
/// Longest wait for one, redirections and all.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Times an answer may send us elsewhere.
const REDIRECTS: u32 = 2;
/// Longest address.
const URL: usize = 2048;

/// Why there is no file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No `http://` address that could be asked for.
    #[error("not an address for HTTP")]
    Address,
    #[error(transparent)]
    Dial(#[from] dial::Error),
    #[error("no answer in time")]
    Timeout,
    /// Any answer but 200.
    #[error("answered HTTP {0}")]
    Status(u16),
    #[error("sent elsewhere too often, to another host, or to what is no HTTP")]
    Redirected,
    #[error("larger than {0} bytes")]
    TooLarge(usize),
    /// No HTTP, or cut off in the middle.
    #[error("the answer broke off or is no HTTP")]
    Broken,
}

impl Error {
    /// In words; `url` as it stood in the certificate, reduced to harmless characters.
    #[must_use]
    pub fn say(&self, url: &str) -> Say {
        let say = |key| Say::new(key).with("url", url);
        match self {
            Self::Address => say("error-fetch-address"),
            Self::Dial(error) => say("error-fetch-unreachable").with("cause", error.to_string()),
            Self::Timeout => say("error-fetch-timeout"),
            Self::Status(status) => say("error-fetch-status").with("status", status.to_string()),
            Self::Redirected => say("error-fetch-redirected"),
            Self::TooLarge(cap) => say("error-fetch-too-large").with("mebibytes", (cap >> 20).to_string()),
            Self::Broken => say("error-fetch-broken"),
        }
    }
}

/// Gets what is at `url`, the way the profile's own connections go: at most `cap` bytes, within `patience`.
///
/// # Errors
/// As [`Error`] says.
pub async fn get(way: &Way, url: &str, cap: usize, patience: Duration) -> Result<Vec<u8>, Error> {
    timeout(patience, follow(way, url, cap)).await.map_err(|_| Error::Timeout)?
}

async fn follow(way: &Way, url: &str, cap: usize) -> Result<Vec<u8>, Error> {
    let mut place = Place::of(url).ok_or(Error::Address)?;
    for _ in 0..=REDIRECTS {
        let answer = ask(way, &place).await?;
        match answer.status() {
            StatusCode::OK => return body(answer, cap).await,
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => {
                let there = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
                place = there.and_then(|there| place.moved(there)).ok_or(Error::Redirected)?;
            }
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                let why = proxy::of_status(answer.status(), way.has_login());
                let (proxy, target) = (way.via().unwrap_or_default(), host_and_port(&place.host, place.port));
                return Err(dial::Error::Proxy { proxy, target, why }.into());
            }
            status => return Err(Error::Status(status.as_u16())),
        }
    }
    Err(Error::Redirected)
}

/// An `http://` address in its parts.
struct Place {
    host: String,
    port: u16,
    /// Path and query.
    path: String,
}

impl Place {
    fn of(url: &str) -> Option<Self> {
        if url.len() > URL {
            return None;
        }
        let uri: Uri = url.parse().ok()?;
        // A name and password in an address have no business in a certificate.
        if uri.scheme_str() != Some("http") || uri.authority()?.as_str().contains('@') {
            return None;
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Some(Self { host: uri.host()?.to_owned(), port: uri.port_u16().unwrap_or(80), path: path.to_owned() })
    }

    /// Where this place sends us (RFC 9110 §10.2.2), on the same host: only the certificate's authority says whom we ask, not
    /// whoever answers in its place by plain HTTP. A relative reference must begin with `/`.
    fn moved(&self, location: &str) -> Option<Self> {
        if location.starts_with('/') && !location.starts_with("//") {
            return Self::of(&format!("http://{}{location}", host_and_port(&self.host, self.port)));
        }
        Self::of(location).filter(|there| there.host.eq_ignore_ascii_case(&self.host))
    }
}

/// Asks for a place; its answer has come as far as its header.
async fn ask(way: &Way, place: &Place) -> Result<Response<Incoming>, Error> {
    let authority = if place.port == 80 { place.host.clone() } else { host_and_port(&place.host, place.port) };
    let mut request = Request::get(&place.path);
    let tcp: TcpStream = match &way.proxy {
        // An HTTP proxy is asked for the file itself: few let a tunnel through to port 80 (RFC 9112 §3.2.2).
        Some(through) if through.proxy.kind == ProxyKind::HttpConnect => {
            let refused = |why| dial::Error::Proxy {
                proxy: way.via().unwrap_or_default(),
                target: host_and_port(&place.host, place.port),
                why,
            };
            request = Request::get(format!("http://{authority}{}", place.path));
            if let Some(login) = proxy::login(through).map_err(refused)? {
                request = request.header(PROXY_AUTHORIZATION, login);
            }
            way.to_proxy(through).await.map_err(refused)?
        }
        _ => way.connect(&place.host, place.port).await?.tcp,
    };
    let request = request.header(HOST, authority).body(Empty::<Bytes>::new()).map_err(|_| Error::Address)?;
    let (mut sender, connection) = proxy::client().handshake(TokioIo::new(tcp)).await.map_err(|_| Error::Broken)?;
    // Ends when both sides of the exchange are dropped.
    let _driving = tokio::spawn(connection);
    sender.send_request(request).await.map_err(|_| Error::Broken)
}

async fn body(answer: Response<Incoming>, cap: usize) -> Result<Vec<u8>, Error> {
    let mut body = answer.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Error::Broken)?.into_data() else { continue };
        if bytes.len() + data.len() > cap {
            return Err(Error::TooLarge(cap));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_addresses_are_asked() {
        for url in [
            "https://crl.example/a",
            "ldap://crl.example/a",
            "file:///etc/passwd",
            "//crl.example/a",
            "/a",
            "",
            "http://",
            "http://user:secret@crl.example/",
            "http://crl.example/\r\nx: y",
        ] {
            assert!(Place::of(url).is_none(), "{url}");
        }
        assert!(Place::of(&format!("http://crl.example/{}", "x".repeat(URL))).is_none());
        let place = Place::of("http://crl.example:8080/a/b?c").unwrap();
        assert_eq!((place.host.as_str(), place.port, place.path.as_str()), ("crl.example", 8080, "/a/b?c"));
        let there = place.moved("/x").unwrap();
        assert_eq!((there.host.as_str(), there.port, there.path.as_str()), ("crl.example", 8080, "/x"));
        assert!(place.moved("//evil.example/x").is_none());
        assert!(place.moved("https://crl.example/x").is_none());
        assert_eq!(place.moved("http://CRL.example/x").unwrap().port, 80);
        assert!(place.moved("http://other.example/x").is_none());
        assert_eq!(Place::of("http://[::1]:81/").unwrap().host, "[::1]");
    }
}
