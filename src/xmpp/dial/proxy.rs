//! Through a proxy: SOCKS5 (RFC 1928, 1929) and HTTP CONNECT (RFC 9110 §9.3.6). The proxy resolves the target's name;
//! nothing about it is asked of DNS here.
//!
//! A proxy sees where we go and no more: TLS with the controller runs through it end to end. Uses tokio-socks and hyper.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue, PROXY_AUTHORIZATION};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use subtle::ConstantTimeEq as _;
use tokio::net::TcpStream;
use tokio_socks::tcp::Socks5Stream;
use zeroize::Zeroizing;

use super::host_and_port;
use crate::model::{Proxy, ProxyKind, Say};
use crate::secrets::Secret;

/// Header of an answer, in bytes, and its fields.
const HEADER: usize = 16 * 1024;
const FIELDS: usize = 64;

/// A proxy with its password.
#[derive(Clone, Debug)]
pub struct Through {
    pub proxy: Proxy,
    pub password: Option<Secret>,
}

impl PartialEq for Through {
    fn eq(&self, other: &Self) -> bool {
        let secret = |through: &Self| Zeroizing::new(through.password.as_ref().map(|p| p.expose().as_bytes().to_vec()));
        let same = match (&*secret(self), &*secret(other)) {
            (Some(one), Some(two)) => bool::from(one.ct_eq(two)),
            (one, two) => one.is_none() && two.is_none(),
        };
        same && self.proxy == other.proxy
    }
}

impl Eq for Through {}

/// Why a proxy did not let us through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The way to the proxy itself failed; in words.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// It wants a login and none is set.
    #[error("it wants a login")]
    LoginWanted,
    #[error("it refused the login")]
    LoginRefused,
    /// Name or password that its protocol cannot carry.
    #[error("its login cannot be sent")]
    LoginUnusable,
    /// Its rules forbid the target.
    #[error("its rules forbid it")]
    Forbidden,
    /// It could not find or reach the target.
    #[error("it cannot reach the server: {0}")]
    Onward(Onward),
    /// It speaks another protocol than the one set.
    #[error("it does not speak {}", .0.token())]
    NotAProxy(ProxyKind),
    /// It sent bytes that nobody asked for, before the controller could have.
    #[error("it slipped in bytes")]
    Injected,
    /// It closed the connection instead of answering.
    #[error("it hung up")]
    HungUp,
    /// Any other answer: a status, or a failure it does not explain.
    #[error("it answered {0}")]
    Other(String),
}

/// What the proxy says of the way from there on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Onward {
    #[error("network unreachable")]
    Network,
    /// Down, or its name is not known there.
    #[error("host unreachable")]
    Host,
    #[error("connection refused")]
    Refused,
    #[error("no answer in time")]
    Timeout,
}

impl Refusal {
    /// A login is not tried again by itself: the proxy may lock the account.
    #[must_use]
    pub fn retries(&self) -> bool {
        !matches!(self, Self::LoginWanted | Self::LoginRefused | Self::LoginUnusable)
    }

    /// In words; `proxy` is the proxy's address.
    #[must_use]
    pub fn say(&self, proxy: &str, target: &str) -> Say {
        let say = |key| Say::new(key).with("proxy", proxy);
        match self {
            Self::Unreachable(cause) => say("error-proxy-unreachable").with("cause", cause),
            Self::LoginWanted => say("error-proxy-login-wanted"),
            Self::LoginRefused => say("error-proxy-login-refused"),
            Self::LoginUnusable => say("error-proxy-login-unusable"),
            Self::Forbidden => say("error-proxy-forbidden").with("target", target),
            Self::Onward(why) => {
                let key = match why {
                    Onward::Network => "error-proxy-onward-network",
                    Onward::Host => "error-proxy-onward-host",
                    Onward::Refused => "error-proxy-onward-refused",
                    Onward::Timeout => "error-proxy-onward-timeout",
                };
                say(key).with("target", target)
            }
            Self::NotAProxy(kind) => say("error-proxy-not-one").with("kind", kind.token()),
            Self::Injected => say("error-proxy-injected"),
            Self::HungUp => say("error-proxy-hung-up"),
            Self::Other(answer) => say("error-proxy-other").with("answer", answer),
        }
    }
}

/// Asks the proxy at the other end of `tcp` for `host`; gives the same link, now leading there.
pub(super) async fn tunnel(tcp: TcpStream, through: &Through, host: &str, port: u16) -> Result<TcpStream, Refusal> {
    match through.proxy.kind {
        ProxyKind::Socks5 => socks(tcp, through, host, port).await,
        ProxyKind::HttpConnect => connect(tcp, through, host, port).await,
    }
}

async fn socks(tcp: TcpStream, through: &Through, host: &str, port: u16) -> Result<TcpStream, Refusal> {
    let target = (host, port);
    let asked = match (&through.proxy.user, &through.password) {
        (Some(user), password) => {
            let password = password.as_ref().map_or("", Secret::expose);
            Socks5Stream::connect_with_password_and_socket(tcp, target, user, password).await
        }
        (None, _) => Socks5Stream::connect_with_socket(tcp, target).await,
    };
    asked.map(Socks5Stream::into_inner).map_err(|error| of_socks(&error, through.proxy.user.is_some()))
}

fn of_socks(error: &tokio_socks::Error, with_login: bool) -> Refusal {
    use tokio_socks::Error as E;
    match error {
        // RFC 1928 §3: none of the methods offered will do.
        E::NoAcceptableAuthMethods if with_login => Refusal::LoginRefused,
        E::NoAcceptableAuthMethods | E::AuthorizationRequired => Refusal::LoginWanted,
        E::PasswordAuthFailure(_) => Refusal::LoginRefused,
        E::InvalidAuthValues(_) => Refusal::LoginUnusable,
        E::ConnectionNotAllowedByRuleset => Refusal::Forbidden,
        E::NetworkUnreachable => Refusal::Onward(Onward::Network),
        E::HostUnreachable => Refusal::Onward(Onward::Host),
        E::ConnectionRefused => Refusal::Onward(Onward::Refused),
        E::TtlExpired => Refusal::Onward(Onward::Timeout),
        E::Io(_) => Refusal::HungUp,
        E::InvalidResponseVersion | E::InvalidReservedByte | E::UnknownAddressType => {
            Refusal::NotAProxy(ProxyKind::Socks5)
        }
        other => Refusal::Other(other.to_string()),
    }
}

async fn connect(tcp: TcpStream, through: &Through, host: &str, port: u16) -> Result<TcpStream, Refusal> {
    let not_one = || Refusal::NotAProxy(ProxyKind::HttpConnect);
    let (mut sender, connection) = client().handshake(TokioIo::new(tcp)).await.map_err(|_| Refusal::HungUp)?;
    // Ends with the exchange: an upgraded connection is handed on, any other is closed with `sender`.
    let _driving = tokio::spawn(connection.with_upgrades());
    let authority = host_and_port(host, port);
    let mut request = Request::builder().method(Method::CONNECT).uri(&authority).header(HOST, &authority);
    if let Some(login) = login(through)? {
        request = request.header(PROXY_AUTHORIZATION, login);
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|_| Refusal::Onward(Onward::Host))?;
    let answer = sender
        .send_request(request)
        .await
        .map_err(|error| if error.is_parse() { not_one() } else { Refusal::HungUp })?;
    if !answer.status().is_success() {
        return Err(of_status(answer.status(), through.proxy.user.is_some()));
    }
    let upgraded = hyper::upgrade::on(answer).await.map_err(|_| Refusal::HungUp)?;
    let parts = upgraded.downcast::<TokioIo<TcpStream>>().map_err(|_| not_one())?;
    // The controller waits for us to speak first, so nothing can have come from there yet.
    if parts.read_buf.is_empty() { Ok(parts.io.into_inner()) } else { Err(Refusal::Injected) }
}

/// RFC 9110 §15: what the statuses of a proxy mean.
pub(in crate::xmpp) fn of_status(status: StatusCode, with_login: bool) -> Refusal {
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED if with_login => Refusal::LoginRefused,
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => Refusal::LoginWanted,
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED | StatusCode::METHOD_NOT_ALLOWED => Refusal::Forbidden,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::NOT_FOUND => {
            Refusal::Onward(Onward::Host)
        }
        StatusCode::GATEWAY_TIMEOUT => Refusal::Onward(Onward::Timeout),
        other => Refusal::Other(format!("HTTP {}", other.as_u16())),
    }
}

/// An HTTP client that takes no more than a header's worth of anything.
pub(in crate::xmpp) fn client() -> http1::Builder {
    let mut client = http1::Builder::new();
    let _ = client.max_buf_size(HEADER).max_headers(FIELDS);
    client
}

/// Basic authentication (RFC 7617), where a user is set.
pub(in crate::xmpp) fn login(through: &Through) -> Result<Option<HeaderValue>, Refusal> {
    let Some(user) = &through.proxy.user else { return Ok(None) };
    // RFC 7617 §2: the colon ends the name.
    if user.contains(':') || user.contains(char::is_control) {
        return Err(Refusal::LoginUnusable);
    }
    let password = through.password.as_ref().map_or("", Secret::expose);
    let pair = Zeroizing::new(format!("{user}:{password}"));
    let basic = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    let mut value = HeaderValue::from_str(&basic).map_err(|_| Refusal::LoginUnusable)?;
    value.set_sensitive(true);
    Ok(Some(value))
}
