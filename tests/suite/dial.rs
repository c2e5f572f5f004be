//! Finding the controller (RFC 2782, RFC 6120 §3.2, XEP-0368, RFC 8305): what DNS may say, and in which words its failures
//! are told (`engine.md` §6 row 12).

mod fetch;
mod secure;
mod through;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use gridwatch::i18n;
use gridwatch::model::Tls;
use gridwatch::xmpp::dial::dns::Failure;
use gridwatch::xmpp::dial::srv::{Offer, TARGETS};
use gridwatch::xmpp::dial::{Cause, Controller, Dial, Error, Target, Way};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{RData, RecordType};
use tokio::net::TcpListener;

use crate::support::names::{Dns, Say, srv};

const DIRECT: &str = "_xmpps-client._tcp.grid.example";
const STARTTLS: &str = "_xmpp-client._tcp.grid.example";

/// A controller with nothing but its domain, found by this DNS.
fn controller(dns: &Dns) -> Controller {
    Controller {
        domain: "grid.example".to_owned(),
        host: None,
        port: None,
        tls: Tls::StartTls,
        way: Way { names: dns.names(), proxy: None },
    }
}

fn hosts(targets: &[Target]) -> Vec<(&str, u16, Option<Tls>)> {
    targets.iter().map(|target| (target.host.as_str(), target.port, target.tls)).collect()
}

/// Finds and dials the first target.
async fn dial(controller: &Controller) -> Result<SocketAddr, Error> {
    let targets = controller.find().await?;
    let dialed = controller.dial(&targets[0]).await?;
    Ok(dialed.address.unwrap())
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[tokio::test]
async fn records_of_both_kinds_are_one_list_by_priority() {
    let dns = Dns::start().await;
    dns.service(DIRECT, &[(30, 0, 443, "d.example"), (5, 0, 5223, "first.example")]);
    dns.service(STARTTLS, &[(10, 0, 5222, "second.example"), (20, 0, 5269, "Third.Example")]);
    let targets = controller(&dns).find().await.unwrap();
    assert_eq!(
        hosts(&targets),
        [
            ("first.example", 5223, Some(Tls::Direct)),
            ("second.example", 5222, Some(Tls::StartTls)),
            ("third.example", 5269, Some(Tls::StartTls)),
            ("d.example", 443, Some(Tls::Direct)),
        ]
    );
    assert_eq!(targets[0].srv.as_deref(), Some(DIRECT));
    // Who wants direct TLS gets no other, and STARTTLS is not even asked for.
    let asked = dns.asked().len();
    let targets = Controller { tls: Tls::Direct, ..controller(&dns) }.find().await.unwrap();
    assert_eq!(hosts(&targets).len(), 2);
    assert!(targets.iter().all(|target| target.tls == Some(Tls::Direct)));
    assert_eq!(dns.asked().len(), asked);
}

#[tokio::test]
async fn weights_draw_lots() {
    let dns = Dns::start().await;
    dns.service(STARTTLS, &[(1, 90, 1, "heavy.example"), (1, 10, 1, "light.example")]);
    let mut heavy = 0;
    for _ in 0..200 {
        let targets = controller(&dns).find().await.unwrap();
        assert_eq!(targets.len(), 2);
        heavy += u32::from(targets[0].host == "heavy.example");
    }
    // 180 are expected; a fair coin gives less than 140 but once in a hundred million times.
    assert!((140..200).contains(&heavy), "{heavy} of 200");
}

#[tokio::test]
async fn a_domain_without_records_is_a_host_of_its_own() {
    let dns = Dns::start().await;
    dns.host("grid.example", &["127.0.0.1"]);
    let targets = controller(&dns).find().await.unwrap();
    assert_eq!(hosts(&targets), [("grid.example", 5222, Some(Tls::StartTls))]);
    assert_eq!(targets[0].srv, None);
    let direct = Controller { tls: Tls::Direct, ..controller(&dns) };
    assert_eq!(hosts(&direct.find().await.unwrap()), [("grid.example", 5223, Some(Tls::Direct))]);
    // The same when the question about records is refused, broken or not answered: TLS has to prove the domain anyway.
    for say in [Say::Code(ResponseCode::ServFail), Say::Code(ResponseCode::Refused), Say::Garbage, Say::Silence] {
        dns.say(DIRECT, RecordType::SRV, say.clone());
        dns.say(STARTTLS, RecordType::SRV, say);
        assert_eq!(hosts(&controller(&dns).find().await.unwrap()), [("grid.example", 5222, Some(Tls::StartTls))]);
    }
    // One answer is enough.
    dns.service(DIRECT, &[(1, 1, 443, "d.example")]);
    assert_eq!(hosts(&controller(&dns).find().await.unwrap()), [("d.example", 443, Some(Tls::Direct))]);
}

#[tokio::test]
async fn the_root_as_target_says_no() {
    let dns = Dns::start().await;
    dns.host("grid.example", &["127.0.0.1"]);
    dns.service(STARTTLS, &[(0, 0, 0, ".")]);
    let error = controller(&dns).find().await.unwrap_err();
    assert_eq!(error, Error::NotOffered { domain: "grid.example".to_owned() });
    assert!(error.retries(), "a lie of the network passes");
    dns.service(DIRECT, &[(0, 0, 5223, "d.example")]);
    assert_eq!(hosts(&controller(&dns).find().await.unwrap()), [("d.example", 5223, Some(Tls::Direct))]);
}

#[tokio::test]
async fn what_the_person_says_is_not_asked_of_dns() {
    let dns = Dns::start().await;
    dns.service(STARTTLS, &[(1, 1, 1, "elsewhere.example")]);
    let base = controller(&dns);
    let host = Controller { host: Some("h\u{f6}st.example".to_owned()), ..base.clone() };
    assert_eq!(hosts(&host.find().await.unwrap()), [("xn--hst-sna.example", 5222, Some(Tls::StartTls))]);
    let port = Controller { port: Some(443), tls: Tls::Direct, ..base.clone() };
    assert_eq!(hosts(&port.find().await.unwrap()), [("grid.example", 443, Some(Tls::Direct))]);
    for literal in ["127.0.0.1", "[::1]"] {
        let ip = Controller { domain: literal.to_owned(), ..base.clone() };
        assert_eq!(hosts(&ip.find().await.unwrap()), [(literal, 5222, Some(Tls::StartTls))]);
    }
    let (_listener, address) = listener().await;
    let ip = Controller { domain: "127.0.0.1".to_owned(), port: Some(address.port()), ..base };
    assert_eq!(dial(&ip).await.unwrap(), address);
    assert_eq!(dns.asked(), []);
}

#[tokio::test]
async fn as_many_records_as_dns_can_carry_are_cut() {
    let dns = Dns::start().await;
    // So many nearly fill the 64 kB that DNS has over TCP.
    let records = (0..1_000).map(|n| srv(n % 9, n, 5222, "h.example")).collect();
    dns.say(STARTTLS, RecordType::SRV, Say::Data(records));
    let offer = dns.names().resolver().offer(STARTTLS).await;
    assert!(matches!(&offer, Ok(Offer::At(records)) if records.len() == 1_000), "{:?}", offer.map(|_| ()));
    let begun = Instant::now();
    assert_eq!(controller(&dns).find().await.unwrap().len(), TARGETS);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    // As many addresses: the listener is beyond those that are tried.
    let (_listener, address) = listener().await;
    let many: Vec<String> = (1..=250).map(|n| format!("127.0.9.{n}")).collect();
    dns.host("grid.example", &many.iter().map(String::as_str).collect::<Vec<_>>());
    let far = Controller { host: Some("grid.example".to_owned()), port: Some(address.port()), ..controller(&dns) };
    assert!(matches!(dial(&far).await.unwrap_err(), Error::Link { why: Cause::Refused, .. }));
}

#[tokio::test]
async fn an_alias_is_followed_and_one_family_is_enough() {
    let dns = Dns::start().await;
    let (_listener, address) = listener().await;
    let hosted = "_xmpp-client._tcp.host.example";
    let record = || vec![srv(1, 1, address.port(), "a.example")];
    dns.say(STARTTLS, RecordType::SRV, Say::Alias(hosted.to_owned(), record()));
    dns.say(hosted, RecordType::SRV, Say::Data(record()));
    let data = |ip: [u8; 4]| vec![RData::A(std::net::Ipv4Addr::from(ip).into())];
    dns.say("a.example", RecordType::A, Say::Alias("b.example".to_owned(), data([127, 0, 0, 1])));
    assert_eq!(dial(&controller(&dns)).await.unwrap(), address);
    let six = TcpListener::bind("[::1]:0").await;
    if let Ok(six) = six {
        let address = six.local_addr().unwrap();
        dns.service(STARTTLS, &[(1, 1, address.port(), "six.example")]);
        dns.host("six.example", &["::1"]);
        assert_eq!(dial(&controller(&dns)).await.unwrap(), address);
    }
}

#[tokio::test]
async fn an_ipv6_address_that_leads_nowhere_does_not_hold_up_ipv4() {
    let dns = Dns::start().await;
    let (_listener, address) = listener().await;
    dns.service(STARTTLS, &[(1, 1, address.port(), "a.example")]);
    // Nothing listens there: on a machine without IPv6 it fails, else it refuses.
    dns.host("a.example", &["::1", "127.0.0.1"]);
    assert_eq!(dial(&controller(&dns)).await.unwrap(), address);
    // The question about IPv6 is never answered: it is not waited for.
    dns.say("a.example", RecordType::AAAA, Say::Silence);
    let begun = Instant::now();
    assert_eq!(dial(&controller(&dns)).await.unwrap(), address);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn every_failure_of_a_name_has_its_words() {
    let dns = Dns::start().await;
    let both = |say: Say| {
        dns.say("grid.example", RecordType::A, say.clone());
        dns.say("grid.example", RecordType::AAAA, say);
    };
    let mut told = Vec::new();
    let mut expect = async |controller: Controller, why: Failure, key: &'static str| {
        let error = dial(&controller).await.unwrap_err();
        let name = controller.host.clone().unwrap_or(controller.domain.clone());
        assert_eq!(error, Error::Name { name, why }, "{key}");
        assert!(error.retries());
        assert_eq!(error.say().key, key);
        told.push(in_words(&error));
    };
    let base = Controller { host: Some("grid.example".to_owned()), ..controller(&dns) };
    expect(base.clone(), Failure::NoName, "error-dns-no-name").await;
    both(Say::Data(Vec::new()));
    expect(base.clone(), Failure::NoAddress, "error-dns-no-address").await;
    both(Say::Code(ResponseCode::ServFail));
    expect(base.clone(), Failure::Server, "error-dns-server").await;
    both(Say::Code(ResponseCode::Refused));
    expect(base.clone(), Failure::Refused, "error-dns-refused").await;
    both(Say::Silence);
    expect(base.clone(), Failure::Timeout, "error-dns-timeout").await;
    let long = format!("{}.example", "x".repeat(64));
    expect(Controller { host: Some(long), ..base.clone() }, Failure::NotAName, "error-dns-not-a-name").await;
    let nobody = gridwatch::xmpp::dial::Names::Servers(Vec::new());
    let nobody = Controller { way: Way { names: nobody, proxy: None }, ..base.clone() };
    expect(nobody, Failure::NoNetwork, "error-dns-no-network").await;
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 7, "each in words of its own: {told:#?}");
}

#[tokio::test]
async fn every_failure_of_a_link_has_its_words() {
    let dns = Dns::start().await;
    let (listening, address) = listener().await;
    drop(listening);
    let closed = Controller { host: Some("127.0.0.1".to_owned()), port: Some(address.port()), ..controller(&dns) };
    let error = dial(&closed).await.unwrap_err();
    assert_eq!(error, Error::Link { target: address.to_string(), why: Cause::Refused });
    let mut told = vec![in_words(&error)];
    let causes =
        [Cause::Timeout, Cause::NoHost, Cause::NoNetwork, Cause::Forbidden, Cause::Other("something else".to_owned())];
    for why in causes {
        let error = Error::Link { target: address.to_string(), why };
        assert!(error.retries());
        told.push(in_words(&error));
    }
    assert!(told.iter().all(|words| words.contains("127.0.0.1")), "{told:#?}");
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 6, "{told:#?}");
}

/// What a person reads: what happened and what to do.
fn in_words(error: &Error) -> String {
    let catalog = i18n::Catalog::new("en");
    let say = error.say();
    format!("{} {}", catalog.say(&say), catalog.next(&say).expect("a next step"))
}
