//! What a topic's owner may do (XEP-0060 §8): configure, members, subscriptions, requests, purge, delete.

use super::node::{self, Config, State, Subscription};
use super::requests::{node_of, token};
use super::{Broker, Turn};
use crate::model::{Affiliation, BareJid, Jid};
use crate::practice::answer::{self, Outgoing, Refusal, Reply, element};
use crate::xmpp::command;
use crate::xmpp::form::{Field, Form, Kind};
use crate::xmpp::pubsub::authorize::{FORM as AUTHORIZATION, GET_PENDING};
use crate::xmpp::pubsub::{NODE_CONFIG, OWNER_NS as PUBSUB_OWNER};
use crate::xmpp::xml::El;

impl Broker {
    pub(super) fn owner(&mut self, turn: &mut Turn<'_>, pubsub: El<'_>, set: bool) -> Reply {
        let Some(act) = pubsub.children().find(|child| child.ns() == PUBSUB_OWNER) else {
            return Err(Refusal::BAD_REQUEST);
        };
        if (act.name(), set) == ("default", false) {
            return Ok(element(|w| {
                let _ = w.open_ns("pubsub", PUBSUB_OWNER).open("default");
                Config::default().form().write(w);
                let _ = w.close().close();
            })?);
        }
        let name = node_of(act)?;
        if !self.find(&name)?.is_owner(turn.from.bare()) {
            return Err(Refusal::FORBIDDEN);
        }
        match (act.name(), set) {
            ("configure", false) => self.configuration(&name),
            ("configure", true) => self.configure(turn, &name, act),
            ("subscriptions", false) => self.owner_subscriptions(&name),
            ("subscriptions", true) => self.set_subscriptions(turn, &name, act),
            ("affiliations", false) => self.owner_affiliations(&name),
            ("affiliations", true) => self.set_affiliations(turn, &name, act),
            ("purge", true) => {
                self.find_mut(&name)?.items.clear();
                self.tell(turn, &name, |w| {
                    let _ = w.open("purge").attr("node", &name).close();
                });
                Ok(Vec::new())
            }
            ("delete", true) => {
                // XEP-0060 §8.4.2: where to look instead.
                let redirect = act.child(PUBSUB_OWNER, "redirect").and_then(|redirect| redirect.attr("uri"));
                if self.find(&name)?.config.notify_delete {
                    self.tell(turn, &name, |w| {
                        let _ = w.open("delete").attr("node", &name);
                        if let Some(uri) = &redirect {
                            let _ = w.open("redirect").attr("uri", uri).close();
                        }
                        let _ = w.close();
                    });
                }
                self.remove(&name);
                Ok(Vec::new())
            }
            _ => Err(Refusal::BAD_REQUEST),
        }
    }

    fn configuration(&self, name: &str) -> Reply {
        let form = self.find(name)?.config.form();
        Ok(element(|w| {
            let _ = w.open_ns("pubsub", PUBSUB_OWNER).open("configure").attr("node", name);
            form.write(w);
            let _ = w.close().close();
        })?)
    }

    fn configure(&mut self, turn: &mut Turn<'_>, name: &str, act: El<'_>) -> Reply {
        // XEP-0060 §8.2.5: the owner left it as it was.
        if Form::inside(act).is_ok_and(|form| form.kind == Kind::Cancel) {
            return Ok(Vec::new());
        }
        let form = node::submitted(act, NODE_CONFIG)?;
        let node = self.find_mut(name)?;
        node.config.apply(&form)?;
        if node.config.notify_config {
            self.tell(turn, name, |w| {
                let _ = w.open("configuration").attr("node", name).close();
            });
        }
        Ok(Vec::new())
    }

    /// Subscriptions of all, the pending ones included (XEP-0060 §8.8.1).
    fn owner_subscriptions(&self, name: &str) -> Reply {
        let node = self.find(name)?;
        Ok(element(|w| {
            let _ = w.open_ns("pubsub", PUBSUB_OWNER).open("subscriptions").attr("node", name);
            for own in &node.subscriptions {
                let _ = w.open("subscription").attr("jid", &own.jid.to_string());
                let _ = w.attr("subscription", own.state.token()).attr("subid", &own.subid).close();
            }
            let _ = w.close().close();
        })?)
    }

    fn set_subscriptions(&mut self, turn: &mut Turn<'_>, name: &str, act: El<'_>) -> Reply {
        for entry in act.children().filter(|child| child.is(PUBSUB_OWNER, "subscription")) {
            let jid = entry.attr("jid").and_then(|jid| jid.parse::<Jid>().ok()).ok_or(Refusal::BAD_REQUEST)?;
            match entry.attr("subscription").as_deref() {
                Some("none") => self.end(turn, name, |own| own.jid == jid)?,
                Some("subscribed") => {
                    let _ = self.enter(turn, name, &jid, State::Subscribed)?;
                    self.tell_subscriber(turn, name, &jid, "subscribed");
                }
                _ => return Err(Refusal::NOT_ACCEPTABLE),
            }
        }
        Ok(Vec::new())
    }

    /// Ends subscriptions and says so to those concerned.
    fn end(&mut self, turn: &mut Turn<'_>, name: &str, whose: impl Fn(&Subscription) -> bool) -> Result<(), Refusal> {
        let node = self.find_mut(name)?;
        let (gone, kept) = std::mem::take(&mut node.subscriptions).into_iter().partition(whose);
        let gone: Vec<Subscription> = gone;
        node.subscriptions = kept;
        for own in gone {
            self.tell_subscriber(turn, name, &own.jid, "none");
        }
        Ok(())
    }

    fn owner_affiliations(&self, name: &str) -> Reply {
        let node = self.find(name)?;
        Ok(element(|w| {
            let _ = w.open_ns("pubsub", PUBSUB_OWNER).open("affiliations").attr("node", name);
            for (jid, affiliation) in &node.affiliations {
                if let Some(token) = token(affiliation) {
                    let _ = w.open("affiliation").attr("jid", &jid.to_string()).attr("affiliation", token).close();
                }
            }
            let _ = w.close().close();
        })?)
    }

    /// Changes members. Who may no longer read loses the subscription too: real servers forget that and go on
    /// delivering (`engine.md` §4); RFC 8600 §8.3 wants revoking to work.
    fn set_affiliations(&mut self, turn: &mut Turn<'_>, name: &str, act: El<'_>) -> Reply {
        let mut changes = Vec::new();
        for entry in act.children().filter(|child| child.is(PUBSUB_OWNER, "affiliation")) {
            let jid = entry.attr("jid").and_then(|jid| jid.parse::<BareJid>().ok()).ok_or(Refusal::BAD_REQUEST)?;
            let affiliation = entry.attr("affiliation").map(|token| Affiliation::from_token(&token));
            match affiliation {
                Some(Affiliation::Other(_)) | None => return Err(Refusal::NOT_ACCEPTABLE),
                Some(affiliation) => changes.push((jid, affiliation)),
            }
        }
        for (jid, affiliation) in changes {
            let node = self.find_mut(name)?;
            let last = node.with(&Affiliation::Owner).count() == 1 && node.is_owner(&jid);
            if last && affiliation != Affiliation::Owner {
                // XEP-0060 §8.9.2.4: a topic keeps an owner.
                return Err(Refusal::NOT_ACCEPTABLE);
            }
            let _ = node.affiliations.insert(jid.clone(), affiliation.clone());
            let lost = match affiliation {
                Affiliation::Outcast | Affiliation::PublishOnly => true,
                Affiliation::None => node.config.access == "whitelist",
                _ => false,
            };
            if lost {
                self.end(turn, name, |own| *own.jid.bare() == jid)?;
            }
        }
        Ok(Vec::new())
    }

    /// The message that asks an owner for a decision (XEP-0060 §8.6).
    pub(super) fn authorization(&self, owner: &Jid, name: &str, own: &Subscription) -> Option<Outgoing> {
        let fields = vec![
            ("pubsub#subid", "hidden", vec![own.subid.clone()]),
            ("pubsub#node", "text-single", vec![name.to_owned()]),
            ("pubsub#subscriber_jid", "jid-single", vec![own.jid.to_string()]),
            ("pubsub#allow", "boolean", vec!["false".to_owned()]),
        ];
        let form = node::form(Kind::Form, AUTHORIZATION, fields);
        answer::message(self.jid(), owner, true, |w| form.write(w))
    }

    /// An owner's decision comes as a message.
    pub(super) fn message(&mut self, turn: &mut Turn<'_>, message: El<'_>) {
        if message.attr("type").as_deref() == Some("error") {
            return;
        }
        let Ok(form) = node::submitted(message, AUTHORIZATION) else { return };
        let refusal = self.decision(turn, &form).err();
        let id = message.attr("id");
        turn.told
            .extend(refusal.and_then(|refusal| answer::message_error(self.jid(), turn.from, id.as_deref(), refusal)));
    }

    fn decision(&mut self, turn: &mut Turn<'_>, form: &Form) -> Result<(), Refusal> {
        let field = |var: &str| form.value(var).ok_or(Refusal::BAD_REQUEST);
        let name = field("pubsub#node")?;
        let jid: Jid = field("pubsub#subscriber_jid")?.parse().map_err(|_| Refusal::BAD_REQUEST)?;
        let allow = form.truth("pubsub#allow").ok_or(Refusal::BAD_REQUEST)?;
        if !self.find(name)?.is_owner(turn.from.bare()) {
            return Err(Refusal::FORBIDDEN);
        }
        // XEP-0060 §8.6.1: nothing waits (any more).
        self.settle(turn, name, &jid, allow).ok_or(Refusal::UNEXPECTED)
    }

    /// Ad-hoc get-pending (XEP-0060 §8.7): first the topics with requests, then the requests of one, as messages.
    pub(super) fn command(&mut self, turn: &mut Turn<'_>, command: El<'_>) -> Reply {
        if command.attr("node").as_deref() != Some(GET_PENDING) {
            return Err(Refusal::NOT_FOUND);
        }
        let session = command.attr("sessionid").map_or_else(|| self.random.uuid(), |id| id.into_owned());
        let waiting = self.waiting(turn.from.bare());
        let chosen = Form::inside(command).ok().and_then(|form| form.value("pubsub#node").map(str::to_owned));
        if command.attr("action").as_deref() == Some("cancel") {
            return command_result(&session, "canceled", None);
        }
        let Some(name) = chosen else {
            let mut nodes: Vec<String> = waiting.into_iter().map(|waiting| waiting.node).collect();
            nodes.dedup();
            return command_result(&session, "executing", Some(&nodes));
        };
        let node = self.find(&name)?;
        if !node.is_owner(turn.from.bare()) {
            return Err(Refusal::FORBIDDEN);
        }
        let forms = node.subscriptions.iter().filter(|own| own.state == State::Pending);
        let forms: Vec<Outgoing> = forms.filter_map(|own| self.authorization(turn.from, &name, own)).collect();
        turn.told.extend(forms);
        command_result(&session, "completed", None)
    }
}

fn command_result(session: &str, status: &str, nodes: Option<&[String]>) -> Reply {
    Ok(element(|w| {
        let _ = w.open_ns("command", command::NS).attr("node", GET_PENDING).attr("sessionid", session);
        let _ = w.attr("status", status);
        if let Some(nodes) = nodes {
            let _ = w.open("actions").attr("execute", "complete").open("complete").close().close();
            let mut form = node::form(Kind::Form, AUTHORIZATION, Vec::new());
            form.fields.push(Field {
                var: Some("pubsub#node".to_owned()),
                kind: Some("list-single".to_owned()),
                options: nodes.iter().map(|node| (None, node.clone())).collect(),
                ..Field::default()
            });
            form.write(w);
        }
        let _ = w.close();
    })?)
}
