//! How one subscription is delivered (XEP-0060 §6.3, §6.4): the one option of this broker is whether it is.

use super::node::{self, Subscription};
use super::requests::{node_of, own_jid};
use super::{Broker, Turn};
use crate::practice::answer::{Refusal, Reply, element};
use crate::xmpp::form::{Form, Kind};
use crate::xmpp::pubsub::{NS as PUBSUB, options};
use crate::xmpp::xml::El;

const DELIVER: &str = "pubsub#deliver";

fn form(deliver: bool) -> Form {
    let value = if deliver { "1" } else { "0" };
    node::form(Kind::Form, options::FORM, vec![(DELIVER, "boolean", vec![value.to_owned()])])
}

/// Whether a submitted form wants delivery.
///
/// # Errors
/// When it is no such form, or says neither yes nor no.
pub(super) fn wanted(parent: El<'_>) -> Result<bool, Refusal> {
    let refused = Refusal::BAD_REQUEST.special("invalid-options");
    let form = node::submitted(parent, options::FORM).map_err(|_| refused)?;
    match form.field(DELIVER) {
        Some(_) => form.truth(DELIVER).ok_or(refused),
        None => Ok(true),
    }
}

impl Broker {
    pub(super) fn options(&mut self, turn: &Turn<'_>, act: El<'_>, set: bool) -> Reply {
        let own = self.subscription(turn, act)?;
        if set {
            own.deliver = wanted(act)?;
            return Ok(Vec::new());
        }
        let (node, jid, subid) = (node_of(act)?, own.jid.to_string(), own.subid.clone());
        let form = form(own.deliver);
        Ok(element(|w| {
            let _ = w.open_ns("pubsub", PUBSUB).open("options").attr("node", &node);
            let _ = w.attr("jid", &jid).attr("subid", &subid);
            form.write(w);
            let _ = w.close().close();
        })?)
    }

    pub(super) fn default_options(act: El<'_>) -> Reply {
        let node = act.attr("node");
        Ok(element(|w| {
            let _ = w.open_ns("pubsub", PUBSUB).open("default").attr_opt("node", node.as_deref());
            form(true).write(w);
            let _ = w.close().close();
        })?)
    }

    /// Exactly the subscription meant (§6.3.4).
    fn subscription(&mut self, turn: &Turn<'_>, act: El<'_>) -> Result<&mut Subscription, Refusal> {
        let (name, jid, subid) = (node_of(act)?, own_jid(turn, act)?, act.attr("subid"));
        let node = self.find_mut(&name)?;
        let own = node.subscriptions.iter_mut().find(|own| own.jid == jid);
        let own = own.ok_or(Refusal::UNEXPECTED.special("not-subscribed"))?;
        if subid.is_some_and(|subid| subid != own.subid) {
            return Err(Refusal::NOT_ACCEPTABLE.special("invalid-subid"));
        }
        Ok(own)
    }
}
