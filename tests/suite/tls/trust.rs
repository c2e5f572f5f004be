//! What a person decided, against what is presented: pins, exceptions, keys seen before.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::model::session::{Refused, Vouched, Why};
use gridwatch::model::trust::{Exception, Pin, Seen};
use gridwatch::model::{Fingerprint, Known, Learned};
use gridwatch::xmpp::tls::{Policy, Trust, Unseen};
use rcgen::{BasicConstraints, CertificateParams, IsCa, date_time_ymd};

use super::{Case, DOMAIN, faults, keys, unchanged};
use crate::support::pki::{Authority, Identity};

const STRANGE: Fingerprint = Fingerprint([7; 32]);

fn expired(params: &mut CertificateParams) {
    params.not_after = date_time_ymd(2025, 3, 1);
}

fn ca(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}

fn policy(known: Known, unseen: Unseen) -> Policy {
    Policy { known: Arc::new(known), unseen, ..Policy::default() }
}

fn seen(key: Fingerprint) -> Option<Seen> {
    let day = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    Some(Seen { certificate: STRANGE, key, first: day, last: day })
}

fn pinned(keys: &[Fingerprint], alone: bool) -> Known {
    Known { pins: keys.iter().map(|key| Pin { key: *key, alone }).collect(), ..Known::default() }
}

struct Server {
    trust: Trust,
    identity: Identity,
}

impl Server {
    async fn refused(&self, known: Known, unseen: Unseen) -> Arc<Refused> {
        let (acceptor, policy) = (self.identity.careless(&[]), policy(known, unseen));
        Case { acceptor: &acceptor, trust: &self.trust, policy: &policy, domain: DOMAIN }.refused("known").await
    }

    async fn accepted(&self, known: Known, unseen: Unseen) -> gridwatch::xmpp::tls::Secured {
        let (acceptor, policy) = (self.identity.careless(&[]), policy(known, unseen));
        Case { acceptor: &acceptor, trust: &self.trust, policy: &policy, domain: DOMAIN }.accepted("known").await
    }

    fn key(&self) -> Fingerprint {
        self.identity.shown().key
    }
}

fn good() -> Server {
    let authority = Authority::new("Test authority");
    Server { trust: Trust::Ca(authority.der()), identity: authority.issue(&[DOMAIN], unchanged) }
}

fn of_nobody(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Server {
    Server { trust: Trust::Ca(Authority::new("Other").der()), identity: Identity::self_signed(names, change) }
}

#[tokio::test]
async fn a_key_never_met_waits_for_a_person_where_there_is_one() {
    let server = good();
    let refused = server.refused(Known::default(), Unseen::Ask).await;
    assert_eq!(refused.why, Why::Unseen);
    assert_eq!(refused.say().key, "error-cert-unseen");
    assert_eq!(refused.certificate, Some(server.identity.shown()));
    let secured = server.accepted(Known::default(), Unseen::Accept).await;
    let shown = server.identity.shown();
    let learned = Learned::Certificate { certificate: shown.fingerprint, key: shown.key };
    assert_eq!(secured.learned, std::slice::from_ref(&learned));
    let mut known = Known::default();
    known.learn(&learned, Utc::now());
    let secured = server.accepted(known, Unseen::Ask).await;
    assert!(!secured.channel.changed && !secured.channel.pinned);
}

#[tokio::test]
async fn another_key_than_the_one_seen_stops_whoever_is_there() {
    let server = good();
    for unseen in [Unseen::Ask, Unseen::Accept] {
        let known = Known { seen: seen(STRANGE), ..Known::default() };
        let refused = server.refused(known.clone(), unseen).await;
        assert_eq!(refused.why, Why::Changed(known.seen.clone().unwrap()));
        assert_eq!(refused.say().key, "error-cert-changed");
    }
    // A renewal that keeps its key is no change.
    let known = Known { seen: seen(server.key()), ..Known::default() };
    assert!(!server.accepted(known, Unseen::Ask).await.channel.changed);
    // The next key, pinned before it came.
    let known = Known { seen: seen(STRANGE), ..pinned(&[STRANGE, server.key()], false) };
    let channel = server.accepted(known, Unseen::Ask).await.channel;
    assert!(channel.changed && channel.pinned);
    // Beside faults it is one more of them.
    let server = of_nobody(&[DOMAIN], unchanged);
    let refused = server.refused(Known { seen: seen(STRANGE), ..Known::default() }, Unseen::Ask).await;
    assert_eq!(keys(&faults(&refused)), ["error-cert-self-signed", "error-cert-key-changed"]);
}

#[tokio::test]
async fn a_pin_works_beside_the_chain() {
    let server = good();
    let channel = server.accepted(pinned(&[server.key()], false), Unseen::Ask).await.channel;
    assert!(channel.pinned && matches!(channel.vouched, Vouched::Chain { .. }));
    let channel = server.accepted(pinned(&[STRANGE, server.key()], false), Unseen::Ask).await.channel;
    assert!(channel.pinned);
    let refused = server.refused(pinned(&[STRANGE], false), Unseen::Accept).await;
    assert_eq!(refused.why, Why::NotPinned(vec![STRANGE]));
    assert_eq!(refused.say().key, "error-cert-not-pinned");
    // Never instead of it.
    let server = of_nobody(&[DOMAIN], unchanged);
    let refused = server.refused(pinned(&[server.key()], false), Unseen::Accept).await;
    assert_eq!(keys(&faults(&refused)), ["error-cert-self-signed"]);
}

#[tokio::test]
async fn a_pin_stands_instead_of_the_chain_where_a_person_said_so() {
    for server in [of_nobody(&[DOMAIN], unchanged), of_nobody(&[DOMAIN], ca), of_nobody(&["other.example"], unchanged)]
    {
        let channel = server.accepted(pinned(&[server.key()], true), Unseen::Ask).await.channel;
        assert_eq!((channel.vouched, channel.pinned), (Vouched::Pin, true));
        let refused = server.refused(pinned(&[STRANGE], true), Unseen::Accept).await;
        assert_eq!(keys(&faults(&refused)).last(), Some(&"error-cert-key-not-pinned"));
    }
    // And for this key only: one pinned beside its chain still needs it.
    let server = of_nobody(&[DOMAIN], unchanged);
    let mut known = pinned(&[server.key()], false);
    known.pins.push(Pin { key: STRANGE, alone: true });
    let refused = server.refused(known, Unseen::Accept).await;
    assert_eq!(keys(&faults(&refused)), ["error-cert-self-signed"]);
    // Of chain and name, nothing else.
    let server = of_nobody(&[DOMAIN], expired);
    let refused = server.refused(pinned(&[server.key()], true), Unseen::Accept).await;
    assert_eq!(keys(&faults(&refused)), ["error-cert-expired"]);
    // A chain that holds is said to hold.
    let server = good();
    let channel = server.accepted(pinned(&[server.key()], true), Unseen::Ask).await.channel;
    assert!(matches!(channel.vouched, Vouched::Chain { .. }));
}

/// The certificate is public; the key is what proves. Nothing a person decided stands instead of the proof.
#[tokio::test]
async fn a_copied_certificate_is_refused_whatever_is_known_of_it() {
    let authority = Authority::new("Test authority");
    let true_one = authority.issue(&[DOMAIN], unchanged);
    let key = true_one.shown().key;
    let copied = Server { trust: Trust::Ca(authority.der()), identity: Identity::of_der(true_one.chain[0].to_vec()) };
    let excepted = Exception {
        key,
        faults: vec!["bad-signature".to_owned()],
        made: Utc::now() - TimeDelta::days(1),
        until: Utc::now() + TimeDelta::days(1),
        why: String::new(),
    };
    let met = Known { seen: seen(key), ..Known::default() };
    for known in [Known::default(), met, pinned(&[key], false), pinned(&[key], true), excepting(&excepted)] {
        let refused = copied.refused(known, Unseen::Accept).await;
        assert_eq!(keys(&faults(&refused)), ["error-cert-bad-signature"]);
    }
}

fn except(refused: &Refused, days: i64) -> Exception {
    Exception::new(refused, Utc::now() + TimeDelta::days(days), "told by telephone", Utc::now()).unwrap()
}

fn excepting(exception: &Exception) -> Known {
    Known { exceptions: vec![exception.clone()], ..Known::default() }
}

#[tokio::test]
async fn an_exception_holds_for_its_key_its_faults_and_its_time() {
    let server = of_nobody(&["other.example"], unchanged);
    let exception = except(&*server.refused(Known::default(), Unseen::Ask).await, 90);
    assert_eq!(exception.faults, ["self-signed", "wrong-host"]);
    let channel = server.accepted(excepting(&exception), Unseen::Ask).await.channel;
    assert_eq!(channel.vouched, Vouched::Exception(exception.clone()));

    let other_key = of_nobody(&["other.example"], unchanged);
    let refused = other_key.refused(excepting(&exception), Unseen::Ask).await;
    assert_eq!(keys(&faults(&refused)), ["error-cert-wrong-host", "error-cert-self-signed"]);

    let fewer = Exception { faults: vec!["self-signed".to_owned()], ..exception.clone() };
    let refused = server.refused(excepting(&fewer), Unseen::Ask).await;
    assert_eq!(faults(&refused).len(), 2);

    let ago = |days| Utc::now() - TimeDelta::days(days);
    let over = Exception { made: ago(10), until: ago(1), ..exception.clone() };
    assert_eq!(faults(&server.refused(excepting(&over), Unseen::Ask).await).len(), 2);

    let endless = Exception { until: Utc::now() + TimeDelta::days(900), ..exception.clone() };
    assert_eq!(faults(&server.refused(excepting(&endless), Unseen::Ask).await).len(), 2);

    // A pin that does not match is stronger.
    let known = Known { exceptions: vec![exception], ..pinned(&[STRANGE], false) };
    assert_eq!(faults(&server.refused(known, Unseen::Ask).await).len(), 3);
}

#[tokio::test]
async fn what_may_never_be_excepted_is_refused_though_a_file_says_otherwise() {
    let authority = Authority::new("Test authority");
    let identity = authority.issue(&[DOMAIN], unchanged).forged();
    let server = Server { trust: Trust::Ca(authority.der()), identity };
    let refused = server.refused(Known::default(), Unseen::Ask).await;
    assert!(Exception::new(&refused, Utc::now() + TimeDelta::days(1), "", Utc::now()).is_err());
    let by_hand = Exception {
        key: server.key(),
        faults: vec!["bad-signature".to_owned()],
        made: Utc::now() - TimeDelta::days(1),
        until: Utc::now() + TimeDelta::days(1),
        why: String::new(),
    };
    let refused = server.refused(excepting(&by_hand), Unseen::Ask).await;
    assert_eq!(keys(&faults(&refused)), ["error-cert-bad-signature"]);
}
