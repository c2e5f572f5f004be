//! Files by plain HTTP: straight and through proxies, and what a hostile place may do to us, which is little.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use gridwatch::model::ProxyKind;
use gridwatch::xmpp::dial::{self, Way, proxy};
use gridwatch::xmpp::http::{Error, get};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::listener;
use crate::support::gateway::{Gateway, Manner, PASSWORD, USER};
use crate::support::names::Dns;

const PATIENCE: Duration = Duration::from_secs(20);
const CAP: usize = 100_000;

/// A web server that gives each request this answer and keeps the request.
async fn serve(answer: impl Into<Vec<u8>>) -> (SocketAddr, UnboundedReceiver<String>) {
    let (listener, address) = listener().await;
    let answer = answer.into();
    let (tell, asked) = unbounded_channel();
    let _serving = tokio::spawn(async move {
        while let Ok((mut link, _)) = listener.accept().await {
            let mut bytes = vec![0; 4096];
            let count = link.read(&mut bytes).await.unwrap_or_default();
            let _ = tell.send(String::from_utf8_lossy(&bytes[..count]).into_owned());
            let _ = link.write_all(&answer).await;
        }
    });
    (address, asked)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn a_file_is_fetched_by_name_and_nothing_is_told_of_us() {
    let dns = Dns::start().await;
    dns.host("crl.example", &["127.0.0.1"]);
    let (address, mut asked) = serve(ok("a list")).await;
    let way = Way { names: dns.names(), proxy: None };
    let url = format!("http://crl.example:{}/ca.crl?x=1", address.port());
    assert_eq!(get(&way, &url, CAP, PATIENCE).await.unwrap(), b"a list");
    let request = asked.recv().await.unwrap();
    assert_eq!(request, format!("GET /ca.crl?x=1 HTTP/1.1\r\nhost: crl.example:{}\r\n\r\n", address.port()));
    // Chunks, and an end by closing, are HTTP too.
    let chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\na list\r\n0\r\n\r\n";
    for answer in [chunks, "HTTP/1.0 200 OK\r\n\r\na list"] {
        let (address, _asked) = serve(answer).await;
        assert_eq!(get(&Way::default(), &format!("http://{address}/"), CAP, PATIENCE).await.unwrap(), b"a list");
    }
}

#[tokio::test]
async fn the_way_through_a_proxy_is_the_profiles() {
    for kind in ProxyKind::ALL {
        let (address, _asked) = serve(ok("a list")).await;
        let gateway = Gateway::start(kind, Manner::WithLogin, &[("crl.example", address)]).await;
        let way = gateway.way(Some((USER, PASSWORD)));
        assert_eq!(get(&way, "http://crl.example/ca.crl", CAP, PATIENCE).await.unwrap(), b"a list", "{kind:?}");
        // An HTTP proxy is asked for the file, a SOCKS proxy for the host.
        let expected = match kind {
            ProxyKind::Socks5 => "crl.example:80",
            ProxyKind::HttpConnect => "GET http://crl.example/ca.crl HTTP/1.1",
        };
        assert_eq!(gateway.asked(), [expected]);
        let error = get(&gateway.way(None), "http://crl.example/ca.crl", CAP, PATIENCE).await.unwrap_err();
        let Error::Dial(dial::Error::Proxy { why, .. }) = error else { panic!("{error}") };
        assert_eq!(why, proxy::Refusal::LoginWanted, "{kind:?}");
    }
}

#[tokio::test]
async fn a_few_redirections_are_followed_but_never_out_of_http_or_to_another_host() {
    let moved = |to: &str| format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
    let (last, _asked) = serve(ok("a list")).await;
    let (second, _asked) = serve(moved(&format!("http://{last}/b"))).await;
    let (first, _asked) = serve(moved(&format!("http://{second}/a"))).await;
    let (zeroth, _asked) = serve(moved(&format!("http://{first}/"))).await;
    let way = Way::default();
    assert_eq!(get(&way, &format!("http://{first}/"), CAP, PATIENCE).await.unwrap(), b"a list");
    let error = get(&way, &format!("http://{zeroth}/"), CAP, PATIENCE).await.unwrap_err();
    assert_eq!(error, Error::Redirected);
    let elsewhere = format!("http://localhost:{}/", last.port());
    for to in [elsewhere.as_str(), "https://crl.example/", "file:///etc/passwd", "//crl.example/", "", "/\u{1}"] {
        let (address, _asked) = serve(moved(to)).await;
        let error = get(&way, &format!("http://{address}/"), CAP, PATIENCE).await.unwrap_err();
        assert!(matches!(error, Error::Redirected | Error::Broken), "{to}: {error}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_told() {
    let way = Way::default();
    let long = ok(&"x".repeat(CAP + 1));
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(CAP * 3));
    let header = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(1 << 20));
    for (answer, expected) in [
        (long, Error::TooLarge(CAP)),
        (endless, Error::TooLarge(CAP)),
        (header, Error::Broken),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(), Error::Status(404)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ncut off".to_owned(), Error::Broken),
        ("SSH-2.0-OpenSSH\r\n".to_owned(), Error::Broken),
        (String::new(), Error::Broken),
    ] {
        let (address, _asked) = serve(answer).await;
        let url = format!("http://{address}/");
        let error = get(&way, &url, CAP, PATIENCE).await.unwrap_err();
        assert_eq!(error, expected);
        let catalog = gridwatch::i18n::Catalog::new("en");
        assert!(catalog.say(&error.say(&url)).contains(&address.to_string()));
        assert!(catalog.next(&error.say(&url)).is_some());
    }
    let (gone, address) = listener().await;
    drop(gone);
    let error = get(&way, &format!("http://{address}/"), CAP, PATIENCE).await.unwrap_err();
    assert!(matches!(error, Error::Dial(dial::Error::Link { .. })), "{error}");
}

#[tokio::test]
async fn a_place_that_dribbles_is_left_in_time() {
    let (listener, address) = listener().await;
    let _serving = tokio::spawn(async move {
        let (mut link, _) = listener.accept().await.unwrap();
        let _ = link.read(&mut [0; 1024]).await.unwrap();
        link.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while link.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let begun = Instant::now();
    let url = format!("http://{address}/");
    assert_eq!(get(&Way::default(), &url, CAP, Duration::from_millis(500)).await.unwrap_err(), Error::Timeout);
    assert!(begun.elapsed() < PATIENCE);
}
