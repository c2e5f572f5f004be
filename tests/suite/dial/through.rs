//! Through proxies, honest and otherwise: the way there, what they learn, and each refusal in its own words.

use std::time::Duration;

use gridwatch::model::{ProxyKind, Tls};
use gridwatch::xmpp::dial::proxy::{Onward, Refusal};
use gridwatch::xmpp::dial::{Controller, Dial, Error, Way};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{in_words, listener};
use crate::support::gateway::{Gateway, Manner, PASSWORD, USER};
use crate::support::names::Dns;

fn controller(way: Way) -> Controller {
    Controller { domain: "grid.example".to_owned(), host: None, port: None, tls: Tls::StartTls, way }
}

/// Why a proxy of this manner does not lead to the controller.
async fn refusal(kind: ProxyKind, manner: Manner, login: Option<(&str, &str)>) -> Error {
    let gateway = Gateway::start(kind, manner, &[]).await;
    let controller = controller(gateway.way(login));
    let targets = controller.find().await.unwrap();
    controller.dial(&targets[0]).await.unwrap_err()
}

fn why(error: Error) -> Refusal {
    match error {
        Error::Proxy { target, why, .. } => {
            assert_eq!(target, "grid.example:5222");
            why
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn the_proxy_resolves_the_name_and_dns_hears_nothing() {
    for kind in ProxyKind::ALL {
        for login in [None, Some((USER, PASSWORD))] {
            let dns = Dns::start().await;
            let (there, address) = listener().await;
            let manner = if login.is_some() { Manner::WithLogin } else { Manner::Honest };
            let gateway = Gateway::start(kind, manner, &[("grid.example", address)]).await;
            let controller = controller(Way { names: dns.names(), ..gateway.way(login) });
            let targets = controller.find().await.unwrap();
            let (dialed, accepted) = tokio::join!(controller.dial(&targets[0]), there.accept());
            let (dialed, mut accepted) = (dialed.unwrap(), accepted.unwrap().0);
            assert_eq!(dns.asked(), [], "{kind:?}");
            let asked = gateway.asked();
            assert!(asked.len() == 1 && asked[0].contains("grid.example:5222"), "{asked:?}");
            // What the panel shows: the proxy, and no address, since only the proxy knows it.
            let route = dialed.route(&targets[0], Tls::StartTls, controller.via());
            assert_eq!(route.proxy, Some(format!("{}://{}", kind.token(), gateway.address)));
            assert_eq!((route.host.as_str(), route.port, route.address, route.srv), ("grid.example", 5222, None, None));
            assert_eq!(dialed.path.unwrap().peer, gateway.address);
            let mut link = dialed.link;
            link.write_all(b"there").await.unwrap();
            let mut bytes = [0; 5];
            let _ = accepted.read_exact(&mut bytes).await.unwrap();
            accepted.write_all(b"back!").await.unwrap();
            let _ = link.read_exact(&mut bytes).await.unwrap();
            assert_eq!(&bytes, b"back!");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_wants_a_login_is_not_tried_again_by_itself() {
    for kind in ProxyKind::ALL {
        for (login, expected) in [
            (None, Refusal::LoginWanted),
            (Some((USER, "wrong")), Refusal::LoginRefused),
            (Some(("\u{7}bell:", "")), Refusal::LoginUnusable),
        ] {
            let error = refusal(kind, Manner::WithLogin, login).await;
            assert!(!error.retries(), "{kind:?} {error}");
            assert!(!format!("{error:?} {error}").contains("wrong"), "no password in errors");
            assert_eq!(why(error), expected, "{kind:?} {login:?}");
        }
    }
}

#[tokio::test]
async fn every_refusal_of_a_socks_proxy_is_told() {
    let reply = |code: u8| Manner::Answers(vec![5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
    let not_one = Refusal::NotAProxy(ProxyKind::Socks5);
    for (manner, expected) in [
        (Manner::Honest, Refusal::Onward(Onward::Host)),
        (reply(2), Refusal::Forbidden),
        (reply(3), Refusal::Onward(Onward::Network)),
        (reply(4), Refusal::Onward(Onward::Host)),
        (reply(5), Refusal::Onward(Onward::Refused)),
        (reply(6), Refusal::Onward(Onward::Timeout)),
        (Manner::Answers(Vec::new()), Refusal::HungUp),
        (Manner::Answers(vec![5, 0, 0, 3, 200, 1]), Refusal::HungUp),
        (Manner::Answers(vec![5, 0, 0, 9, 0, 0, 0, 0, 0, 0]), not_one.clone()),
        (Manner::Answers(vec![4, 0, 0, 1, 0, 0, 0, 0, 0, 0]), not_one.clone()),
        (Manner::Greets(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()), not_one),
        (Manner::Greets(Vec::new()), Refusal::HungUp),
    ] {
        let error = refusal(ProxyKind::Socks5, manner.clone(), None).await;
        assert!(error.retries());
        assert_eq!(why(error), expected, "{manner:?}");
    }
    for code in [1, 7, 8, 99] {
        assert!(matches!(why(refusal(ProxyKind::Socks5, reply(code), None).await), Refusal::Other(_)), "{code}");
    }
}

#[tokio::test]
async fn every_refusal_of_an_http_proxy_is_told() {
    let status = |code: u16| Manner::Answers(format!("HTTP/1.1 {code} x\r\ncontent-length: 0\r\n\r\n").into_bytes());
    let not_one = Refusal::NotAProxy(ProxyKind::HttpConnect);
    let huge = format!("HTTP/1.1 200 x\r\nx: {}\r\n\r\n", "y".repeat(1 << 20)).into_bytes();
    let many = format!("HTTP/1.1 200 x\r\n{}\r\n", "x: y\r\n".repeat(1000)).into_bytes();
    for (manner, expected) in [
        (Manner::Honest, Refusal::Onward(Onward::Host)),
        (status(403), Refusal::Forbidden),
        (status(405), Refusal::Forbidden),
        (status(502), Refusal::Onward(Onward::Host)),
        (status(504), Refusal::Onward(Onward::Timeout)),
        (status(407), Refusal::LoginWanted),
        (status(302), Refusal::Other("HTTP 302".to_owned())),
        (status(500), Refusal::Other("HTTP 500".to_owned())),
        (Manner::Answers(Vec::new()), Refusal::HungUp),
        (Manner::Answers(b"HTTP/1.1 200 Conn".to_vec()), Refusal::HungUp),
        (Manner::Greets(vec![5, 0]), not_one.clone()),
        (Manner::Greets(b"SSH-2.0-OpenSSH\r\n".to_vec()), not_one.clone()),
        (Manner::Answers(huge), not_one.clone()),
        (Manner::Answers(many), not_one),
    ] {
        let error = refusal(ProxyKind::HttpConnect, manner.clone(), None).await;
        let short: String = format!("{manner:?}").chars().take(80).collect();
        assert_eq!(why(error), expected, "{short}");
    }
    // Bytes from behind the proxy before we spoke: in XMPP the client speaks first.
    let (_there, address) = listener().await;
    let gateway = Gateway::start(ProxyKind::HttpConnect, Manner::Injects, &[("grid.example", address)]).await;
    let controller = controller(gateway.way(None));
    let targets = controller.find().await.unwrap();
    assert_eq!(why(controller.dial(&targets[0]).await.unwrap_err()), Refusal::Injected);
}

#[tokio::test]
async fn a_proxy_that_is_not_there_or_says_nothing() {
    for kind in ProxyKind::ALL {
        let gateway = Gateway::start(kind, Manner::Honest, &[]).await;
        let mut way = gateway.way(None);
        let (gone, address) = listener().await;
        drop(gone);
        if let Some(through) = &mut way.proxy {
            through.proxy.port = address.port();
        }
        let closed = controller(way);
        let targets = closed.find().await.unwrap();
        let error = closed.dial(&targets[0]).await.unwrap_err();
        assert_eq!(why(error), Refusal::Unreachable("connection refused".to_owned()), "{kind:?}");
        // Silence is the caller's to bound; it ends at once with it.
        let gateway = Gateway::start(kind, Manner::Silent, &[]).await;
        let silent = controller(gateway.way(None));
        assert!(tokio::time::timeout(Duration::from_millis(200), silent.dial(&targets[0])).await.is_err());
    }
}

#[test]
fn each_refusal_has_its_words() {
    let told = [
        Refusal::Unreachable("x".to_owned()),
        Refusal::LoginWanted,
        Refusal::LoginRefused,
        Refusal::LoginUnusable,
        Refusal::Forbidden,
        Refusal::Onward(Onward::Network),
        Refusal::Onward(Onward::Host),
        Refusal::Onward(Onward::Refused),
        Refusal::Onward(Onward::Timeout),
        Refusal::NotAProxy(ProxyKind::Socks5),
        Refusal::Injected,
        Refusal::HungUp,
        Refusal::Other("x".to_owned()),
    ];
    let (proxy, target) = ("192.0.2.1:1080".to_owned(), "grid.example:5222".to_owned());
    let error = |why| Error::Proxy { proxy: proxy.clone(), target: target.clone(), why };
    let mut words: Vec<String> = told.into_iter().map(|why| in_words(&error(why))).collect();
    assert!(words.iter().all(|words| words.contains(&proxy)), "{words:#?}");
    words.sort();
    words.dedup();
    assert_eq!(words.len(), 13);
}
