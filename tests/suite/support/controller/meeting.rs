//! One login of ours at the tests' controller.

use gridwatch::model::Tls;
use gridwatch::secrets::Secret;
use gridwatch::xmpp::login::{Credentials, Error, Facts, Params, Patience, Step, login};
use gridwatch::xmpp::tls::{Policy, Trust};
use gridwatch::xmpp::trace::Trace;
use gridwatch::xmpp::xml::Limits;
use tokio_rustls::TlsAcceptor;

use super::{Controller, DOMAIN, Fault, Heard, Links, PASSWORD, USER};
use crate::support::pki::{Authority, Identity};

/// Who comes.
#[derive(Clone, Debug)]
pub struct Client {
    pub password: Option<&'static str>,
    pub policy: Policy,
    pub bind2: bool,
    pub patience: Patience,
}

impl Default for Client {
    fn default() -> Self {
        Self { password: Some(PASSWORD), policy: Policy::default(), bind2: false, patience: Patience::default() }
    }
}

impl Client {
    pub fn params(&self, tls: Tls, authority: &Authority) -> Params {
        Params {
            jid: format!("{USER}@{DOMAIN}").parse().unwrap(),
            resource: "desk".to_owned(),
            credentials: Credentials { password: self.password.map(|text| Secret::new(text.to_owned())) },
            tls,
            trust: Trust::Ca(authority.der()),
            policy: self.policy.clone(),
            bind2: self.bind2,
            patience: self.patience,
            trace: Trace::default(),
            manage: false,
            resume: None,
        }
    }
}

pub struct Met {
    pub result: Result<Facts, Error>,
    pub heard: Heard,
    pub steps: Vec<Step>,
}

/// Logs in at a controller with this fault, by STARTTLS.
pub async fn meet(fault: Fault, client: Client) -> Met {
    meet_through(fault, client, None::<fn(&Identity) -> TlsAcceptor>).await
}

/// By direct TLS where it is given how the controller does that.
pub async fn meet_through(
    fault: Fault,
    client: Client,
    acceptor: Option<impl FnOnce(&Identity) -> TlsAcceptor>,
) -> Met {
    let authority = Authority::new("Test authority");
    let identity = authority.issue(&[DOMAIN], |_| {});
    let params = client.params(if acceptor.is_some() { Tls::Direct } else { Tls::StartTls }, &authority);
    let (dial, mut far) = Links::new(1);
    let link = far.remove(0);
    let heard = Heard::default();
    let controller = Controller { identity: &identity, fault, heard: heard.clone(), sm: None };
    let mut steps = Vec::new();
    let serving = async {
        match acceptor {
            Some(acceptor) => controller.secured(&acceptor(&identity), link).await,
            None => controller.serve(link).await,
        }
    };
    let login = login(dial.as_ref(), &params, Limits::PEER, |step| steps.push(step));
    let (result, _) = tokio::join!(login, serving);
    Met { result: result.map(|session| session.facts), heard, steps }
}
