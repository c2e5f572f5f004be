//! Whether a chain's certificates were withdrawn: each looked up in the newest list its authority signed.
//!
//! Every list is first tried alone, so that a forged one cannot stand before a true one of the same authority. What a
//! list of the authority's withdrew stays withdrawn after the list's end; only "not withdrawn" needs a current one.

use chrono::{DateTime, TimeDelta, Utc};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{
    BorrowedCertRevocationList, CertRevocationList, EndEntityCert, ExpirationPolicy, RevocationCheckDepth,
    RevocationOptions, RevocationOptionsBuilder, UnknownStatusPolicy,
};
use x509_parser::prelude::{DistributionPointName, FromDer as _, GeneralName, ParsedExtension, X509Certificate};

use super::chain::{self, Presented, Purpose};
use super::lists::{List, Lists};
use super::words::{Fault, Unlisted};
use super::{diagnosis, facts};
use crate::model::session::Revoked;
use crate::model::{Revocation, Say};

/// How far ahead of ours an authority's clock may be.
pub(super) const SKEW: TimeDelta = TimeDelta::minutes(5);
/// Addresses of lists followed at most.
const ADDRESSES: usize = 4;

/// How the chain stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// What speaks against it under the policy.
    pub faults: Vec<Fault>,
    pub revoked: Revoked,
}

impl Standing {
    /// Not looked at, because the person said so.
    pub(super) fn off() -> Self {
        Self { faults: Vec::new(), revoked: Revoked::Unchecked(Say::new("session-revocation-off")) }
    }

    /// A certificate could not be looked up.
    pub(super) fn unlisted(policy: Revocation, whose: String, why: Unlisted, stapled: bool) -> Self {
        let say = match &why {
            Unlisted::Missing if stapled => Say::new("session-revocation-stapled"),
            Unlisted::Missing => Say::new("session-revocation-no-list"),
            Unlisted::Stale { until } => Say::new("session-revocation-stale").with("until", until),
            Unlisted::Forged => Say::new("session-revocation-forged").with("whose", &whose),
            Unlisted::Broken { cause } => Say::new("session-revocation-broken").with("cause", cause),
        };
        let faults = match policy {
            Revocation::Require => vec![Fault::Unchecked { whose, why }],
            Revocation::Prefer | Revocation::Off => Vec::new(),
        };
        Self { faults, revoked: Revoked::Unchecked(say) }
    }
}

/// What is looked up, and by what policy.
pub(super) struct Question<'a> {
    pub presented: Presented<'a>,
    pub roots: &'a RootCertStore,
    pub policy: Revocation,
    /// The server sent an OCSP answer along, which nobody here can check.
    pub stapled: bool,
    pub now: UnixTime,
}

/// What looking a chain up came to.
pub(super) struct LookedUp<'l> {
    pub standing: Standing,
    /// The lists that are its authorities' own and speak of a certificate of it: no newer one of the same scope was at hand.
    pub own: Vec<&'l List>,
}

/// A chain that holds, to be looked up.
struct Chain<'a> {
    question: &'a Question<'a>,
    end: &'a EndEntityCert<'a>,
    /// The certificates between the leaf and the authority, as webpki takes them. What else was presented is left out, so
    /// that this is the only path there is: among several, webpki lets other errors hide a withdrawal.
    between: Vec<CertificateDer<'a>>,
    anchor: &'a TrustAnchor<'a>,
    /// When all of it is valid.
    at: UnixTime,
    /// Leaf first, without the authority at its end.
    certificates: Vec<&'a webpki::Cert<'a>>,
}

/// The lists that are the chain's authorities' own, newest first, one for each scope; and what became of the others.
#[derive(Default)]
struct Sorted<'a> {
    signed: Vec<(&'a List, CertRevocationList<'a>)>,
    /// Names of authorities that did not sign a list in their name.
    forged: Vec<Vec<u8>>,
    /// Why one cannot be held against the chain at all.
    useless: Option<String>,
    /// The certificate that one withdraws, and that one.
    withdrawn: Option<(String, &'a List)>,
}

/// Looks the chain up. Blocks for as long as the lists are long.
pub(super) fn standing<'l>(question: &Question<'_>, lists: &'l Lists) -> LookedUp<'l> {
    let Presented { leaf, others } = question.presented;
    let end = EndEntityCert::try_from(leaf);
    // A chain out of its time is looked up too: its faults are listed beside.
    let moments = [question.now, diagnosis::moment(question.presented, question.now)];
    let path = end.as_ref().ok().and_then(|end| {
        let verify = |at| chain::verify(end, others, &question.roots.roots, at, Purpose::Any, None);
        moments.into_iter().find_map(|at| Some((end, at, verify(at).ok()?)))
    });
    let Some((end, at, path)) = &path else {
        let whose = X509Certificate::from_der(leaf).map(|(_, leaf)| facts::subject(&leaf)).unwrap_or_default();
        let standing = Standing::unlisted(question.policy, whose, Unlisted::Missing, false);
        let revoked = Revoked::Unchecked(Say::new("session-revocation-no-authority"));
        return LookedUp { standing: Standing { revoked, ..standing }, own: Vec::new() };
    };
    let mut certificates: Vec<&webpki::Cert<'_>> = vec![end];
    certificates.extend(path.intermediate_certificates());
    let between = path.intermediate_certificates().map(|one| one.der()).collect();
    let chain = Chain { question, end, between, anchor: path.anchor(), at: *at, certificates };
    let sorted = chain.sort(lists);
    let mut own: Vec<&List> = sorted.signed.iter().map(|(list, _)| *list).collect();
    let standing = if let Some((whose, list)) = sorted.withdrawn {
        own.push(list);
        let revoked = Revoked::Unchecked(Say::new("error-cert-revoked").with("whose", &whose));
        Standing { faults: vec![Fault::Revoked { whose }], revoked }
    } else {
        chain.clear(&sorted).unwrap_or_else(|| chain.unlisted(&sorted, lists))
    };
    LookedUp { standing, own }
}

impl<'a> Chain<'a> {
    fn sort<'l>(&self, lists: &'l Lists) -> Sorted<'l> {
        let mut sorted = Sorted::default();
        let soon = self.now() + SKEW;
        for list in newest_first(&lists.all) {
            let Some(borrowed) = list.borrowed() else { continue };
            let borrowed = CertRevocationList::from(borrowed);
            let concerned: Vec<_> = self.certificates.iter().filter(|one| one.issuer() == borrowed.issuer()).collect();
            let outdone = |(newer, one): &(&List, _)| newer.issued > list.issued && same_scope(one, &borrowed);
            if concerned.is_empty() || sorted.signed.iter().any(outdone) {
                continue;
            }
            if list.issued > soon {
                sorted.useless = Some(format!("issued on {}, which is to come", facts::date(list.issued)));
                continue;
            }
            match self.alone(&borrowed) {
                Ok(()) if self.speaks(list, &borrowed) => sorted.signed.push((list, borrowed)),
                // Of other certificates of the same authority.
                Ok(()) => {}
                Err(webpki::Error::CertRevoked) => {
                    let listed = |one: &&&&webpki::Cert<'_>| matches!(borrowed.find_serial(one.serial()), Ok(Some(_)));
                    let whose = concerned.iter().find(listed).map(|one| named(one)).unwrap_or_default();
                    sorted.withdrawn = Some((whose, list));
                    return sorted;
                }
                Err(error) if is_forgery(&error) => sorted.forged.push(borrowed.issuer().to_vec()),
                Err(error) => sorted.useless = Some(facts::harmless(&error.to_string())),
            }
        }
        sorted
    }

    /// The chain against this list, which may leave some of it open.
    fn alone(&self, list: &CertRevocationList<'_>) -> Result<(), webpki::Error> {
        let under = |depth| {
            let lists = [list];
            let options = RevocationOptionsBuilder::new(&lists).ok();
            let options = options.map(|one| one.with_depth(depth).with_status_policy(UnknownStatusPolicy::Allow));
            self.held(options.map(RevocationOptionsBuilder::build))
        };
        match under(RevocationCheckDepth::Chain) {
            // An authority with a new key vouched for by its old one (RFC 5280 §3.2) has one name at two places of the
            // chain. webpki asks from the top down and stops at the place whose list this is not.
            Err(error) if is_forgery(&error) && list.issuer() == self.end.issuer() => {
                under(RevocationCheckDepth::EndEntity)
            }
            held => held,
        }
    }

    /// Whether a list that withdraws nothing of the chain is about a certificate of it. One for a part of what its authority
    /// issued may not be; webpki passes it over then, broken or not.
    fn speaks(&self, list: &List, borrowed: &CertRevocationList<'_>) -> bool {
        if borrowed.issuing_distribution_point().is_none() {
            return true;
        }
        let mut broken = list.der().to_vec();
        if let Some(last) = broken.last_mut() {
            // The last byte of its signature.
            *last ^= 1;
        }
        BorrowedCertRevocationList::from_der(&broken).is_ok_and(|broken| self.alone(&broken.into()).is_err())
    }

    /// Where every certificate is covered by a list that has not ended.
    fn clear(&self, sorted: &Sorted<'_>) -> Option<Standing> {
        let current: Vec<_> = sorted.signed.iter().filter(|(list, _)| self.now() < list.until).collect();
        let lists: Vec<&CertRevocationList<'_>> = current.iter().map(|(_, list)| list).collect();
        let options = RevocationOptionsBuilder::new(&lists).ok()?;
        let options = options
            .with_depth(RevocationCheckDepth::Chain)
            .with_status_policy(UnknownStatusPolicy::Deny)
            .with_expiration_policy(ExpirationPolicy::Enforce);
        self.held(Some(options.build())).ok()?;
        let issued = current.iter().map(|(list, _)| list.issued).min()?;
        let until = current.iter().map(|(list, _)| list.until).min()?;
        Some(Standing { faults: Vec::new(), revoked: Revoked::Clear { issued, until } })
    }

    /// Which certificate is not covered, and why.
    fn unlisted(&self, sorted: &Sorted<'_>, lists: &Lists) -> Standing {
        let is_of = |one: &webpki::Cert<'_>, list: &CertRevocationList<'_>| list.issuer() == one.issuer();
        let ends = |one: &webpki::Cert<'_>| {
            sorted.signed.iter().filter(|(_, list)| is_of(one, list)).map(|(list, _)| list.until).max()
        };
        let bare = self.certificates.iter().find(|one| ends(one).is_none_or(|until| until <= self.now()));
        let bare = bare.copied().unwrap_or(self.end);
        let why = if let Some(until) = ends(bare).filter(|until| *until <= self.now()) {
            Unlisted::Stale { until: facts::date(until) }
        } else if sorted.forged.iter().any(|issuer| issuer == bare.issuer()) {
            Unlisted::Forged
        } else if let Some(cause) = sorted.useless.clone().or(lists.trouble.as_ref().map(|one| one.cause.clone())) {
            Unlisted::Broken { cause }
        } else {
            Unlisted::Missing
        };
        let say = lists.trouble.as_ref().filter(|_| sorted.useless.is_none()).map(|trouble| trouble.say.clone());
        let say = say.filter(|_| matches!(why, Unlisted::Broken { .. }));
        let standing = Standing::unlisted(self.question.policy, named(bare), why, self.question.stapled);
        Standing { revoked: say.map_or(standing.revoked, Revoked::Unchecked), ..standing }
    }

    /// The chain against lists.
    fn held(&self, options: Option<RevocationOptions<'_>>) -> Result<(), webpki::Error> {
        let anchor = std::slice::from_ref(self.anchor);
        chain::verify(self.end, &self.between, anchor, self.at, Purpose::Any, options).map(|_| ())
    }

    fn now(&self) -> DateTime<Utc> {
        facts::time(diagnosis::seconds(self.question.now))
    }
}

fn named(certificate: &webpki::Cert<'_>) -> String {
    X509Certificate::from_der(&certificate.der()).map(|(_, one)| facts::subject(&one)).unwrap_or_default()
}

/// Whether a list is not its authority's.
fn is_forgery(error: &webpki::Error) -> bool {
    matches!(
        error,
        webpki::Error::InvalidCrlSignatureForPublicKey
            | webpki::Error::IssuerNotCrlSigner
            | webpki::Error::UnsupportedCrlSignatureAlgorithmContext(_)
            | webpki::Error::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_)
    )
}

fn newest_first(lists: &[List]) -> Vec<&List> {
    let mut sorted: Vec<&List> = lists.iter().collect();
    sorted.sort_by_key(|list| std::cmp::Reverse(list.issued));
    sorted
}

/// Whether two lists are about the same certificates, so that the newer replaces the older.
fn same_scope(one: &CertRevocationList<'_>, other: &CertRevocationList<'_>) -> bool {
    one.issuer() == other.issuer() && one.issuing_distribution_point() == other.issuing_distribution_point()
}

/// Where the chain's certificates say their lists are, by plain HTTP: a list is signed, and one behind HTTPS would need
/// another chain checked first (RFC 5280 §8). Nothing of a chain that does not hold is believed.
pub(super) fn addresses(question: &Question<'_>) -> Vec<String> {
    let Ok(end) = EndEntityCert::try_from(question.presented.leaf) else { return Vec::new() };
    let (others, roots) = (question.presented.others, question.roots);
    let Ok(path) = chain::verify(&end, others, &roots.roots, question.now, Purpose::Any, None) else {
        return Vec::new();
    };
    let mut addresses = Vec::new();
    let ders = std::iter::once(end.der()).chain(path.intermediate_certificates().map(|one| one.der()));
    for der in ders {
        let Ok((_, certificate)) = X509Certificate::from_der(&der) else { continue };
        // One address each: the others are the same list elsewhere.
        let Some(url) = own_addresses(&certificate).into_iter().next() else { continue };
        if !addresses.contains(&url) && addresses.len() < ADDRESSES {
            addresses.push(url);
        }
    }
    addresses
}

fn own_addresses(certificate: &X509Certificate<'_>) -> Vec<String> {
    let mut urls = Vec::new();
    for extension in certificate.extensions() {
        let ParsedExtension::CRLDistributionPoints(points) = extension.parsed_extension() else { continue };
        for point in points.iter() {
            let Some(DistributionPointName::FullName(names)) = &point.distribution_point else { continue };
            urls.extend(names.iter().filter_map(|name| match name {
                GeneralName::URI(url) if is_http(url) => Some((*url).to_owned()),
                _ => None,
            }));
        }
    }
    urls
}

fn is_http(url: &str) -> bool {
    url.len() <= 2048
        && url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
        && url.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_is_followed() {
        assert!(is_http("http://crl.example/ca.crl") && is_http("HTTP://crl.example"));
        for url in ["https://crl.example/", "ldap://x", "file:///etc/passwd", "http://a b", "http://\u{e9}", "htt"] {
            assert!(!is_http(url), "{url}");
        }
        assert!(!is_http(&format!("http://{}", "x".repeat(2048))));
    }
}
