//! The practice controller: sessions, and where stanzas go (RFC 6120 §10, RFC 6121 §8), with offline delivery (XEP-0160),
//! which RFC 8600 §6 demands. It hands the broker what is the broker's.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};

use super::answer::{self, Outgoing, Refusal, Reply, element};
use super::broker::payload::self_contained;
use super::outbox::{End, Outbox};
use super::stage::Stage;
use super::voices;
use crate::model::{BareJid, Jid};
use crate::xmpp::disco::{INFO_NS, ITEMS_NS};
use crate::xmpp::stanza::ErrorKind;
use crate::xmpp::xml::{El, Part, Writer, XML_NS};
use crate::xmpp::{delay, ping};

const ROSTER: &str = "jabber:iq:roster";
const SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";
/// Messages kept for an account that is offline; beyond, the oldest go, and the console must fetch what it missed.
const KEPT: usize = 500;

/// A session that is bound.
#[derive(Debug)]
struct Peer {
    jid: Jid,
    /// `None` until presence is sent, and after it is taken back.
    priority: Option<i8>,
    outbox: Arc<Outbox>,
}

/// A message for somebody who is away, and since when.
type Kept = (DateTime<Utc>, Arc<[u8]>);

/// A number for each session, never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// The controller with all behind it.
#[derive(Debug)]
pub struct Controller {
    pub stage: Stage,
    domain: BareJid,
    accounts: Vec<BareJid>,
    peers: HashMap<SessionId, Peer>,
    offline: HashMap<BareJid, VecDeque<Kept>>,
    next: u64,
}

impl Controller {
    #[must_use]
    pub fn new(stage: Stage, accounts: Vec<BareJid>) -> Self {
        let domain = stage.broker.jid().domain().split_once('.').map_or("", |(_, domain)| domain);
        // The broker's own name has just been parsed from such a domain.
        let domain = domain.parse().unwrap_or_else(|_| stage.broker.jid().clone());
        Self { stage, domain, accounts, peers: HashMap::new(), offline: HashMap::new(), next: 0 }
    }

    /// Takes a session in. An older one at the same address gives way (RFC 6120 §7.7.2.2). One bound by Bind2 does not get
    /// what was kept: it is to ask an archive (XEP-0386 §3.2), and there is none here.
    pub fn enter(&mut self, jid: Jid, bind2: bool, outbox: Arc<Outbox>) -> SessionId {
        if bind2 {
            let _ = self.offline.remove(jid.bare());
        }
        for peer in self.peers.values().filter(|peer| peer.jid == jid) {
            peer.outbox.end(End::Condition("conflict"));
        }
        self.peers.retain(|_, peer| peer.jid != jid);
        self.next += 1;
        let id = SessionId(self.next);
        let _ = self.peers.insert(id, Peer { jid, priority: None, outbox });
        id
    }

    pub fn leave(&mut self, id: SessionId) {
        let _ = self.peers.remove(&id);
    }

    /// Ends all sessions.
    pub fn end_all(&mut self, end: End) {
        for (_, peer) in self.peers.drain() {
            peer.outbox.end(end);
        }
    }

    /// Whether somebody at this account may receive messages.
    #[must_use]
    pub fn is_present(&self, who: &BareJid) -> bool {
        self.receivers(who).next().is_some()
    }

    /// Whether anybody is there to see what happens.
    #[must_use]
    pub fn has_audience(&self) -> bool {
        self.peers.values().any(|peer| peer.priority.is_some())
    }

    fn receivers(&self, who: &BareJid) -> impl Iterator<Item = &Peer> {
        self.peers.values().filter(move |peer| peer.jid.bare() == who && peer.priority.is_some_and(|own| own >= 0))
    }

    /// The outboxes that a topic's events go to right now.
    #[must_use]
    pub fn readers(&self, node: &str) -> Vec<(Jid, Arc<Outbox>)> {
        let subscribers = self.stage.broker.subscribers(node);
        let of = |jid: &Jid| {
            let sessions = self.receivers(jid.bare());
            let wanted = sessions.filter(|peer| jid.resource().is_none() || peer.jid == *jid);
            wanted.map(|peer| (jid.clone(), peer.outbox.clone())).collect::<Vec<_>>()
        };
        subscribers.iter().flat_map(of).collect()
    }

    /// Takes a stanza from a session.
    pub fn receive(&mut self, id: SessionId, stanza: El<'_>, now: DateTime<Utc>) {
        let Some(from) = self.peers.get(&id).map(|peer| peer.jid.clone()) else { return };
        let to = match stanza.attr("to").map(|to| to.parse::<Jid>()) {
            Some(Ok(to)) => Some(to),
            Some(Err(_)) => return self.refuse(&from, None, stanza, Refusal::new(ErrorKind::Modify, "jid-malformed")),
            None => None,
        };
        let own = to.as_ref().is_none_or(|to| to.resource().is_none() && to.bare() == from.bare());
        match (stanza.name(), to) {
            ("presence", None) => self.presence(id, stanza, now),
            ("presence", _) => {}
            (_, Some(to)) if to.bare() == self.stage.broker.jid() => {
                let told = self.stage.broker.handle(&from, stanza, now);
                self.deliver(told, now);
            }
            ("iq", to) if own || to.as_ref().is_some_and(|to| *to == Jid::from(self.domain.clone())) => {
                self.iq(&from, to, stanza);
            }
            ("iq" | "message", Some(to)) if to.bare().domain() == self.domain.domain() => {
                self.relay(&from, &to, stanza, now);
            }
            ("message", Some(to)) if stanza.attr("type").as_deref() != Some("error") => {
                match voices::hear(&from, &to, stanza) {
                    Some(told) => self.deliver(told, now),
                    None => self.nowhere(&from, &to, stanza),
                }
            }
            (_, Some(to)) => self.nowhere(&from, &to, stanza),
            _ => {}
        }
    }

    /// On no grid that is known here.
    fn nowhere(&self, from: &Jid, to: &Jid, stanza: El<'_>) {
        self.refuse(from, Some(to), stanza, Refusal::new(ErrorKind::Cancel, "remote-server-not-found"));
    }

    /// Sends stanzas where they go: one session, all sessions of an account, or its offline store.
    pub fn deliver(&mut self, all: Vec<Outgoing>, now: DateTime<Utc>) {
        for out in all {
            let exact = self.peers.values().find(|peer| peer.jid == out.to);
            if let Some(peer) = exact {
                peer.outbox.push(out.stanza);
                continue;
            }
            let mut anybody = false;
            for peer in self.receivers(out.to.bare()) {
                peer.outbox.push(out.stanza.clone());
                anybody = true;
            }
            if !anybody && out.lasting && self.accounts.contains(out.to.bare()) {
                let kept = self.offline.entry(out.to.into_bare()).or_default();
                kept.push_back((now, out.stanza));
                if kept.len() > KEPT {
                    let _ = kept.pop_front();
                }
            }
        }
    }

    /// Presence makes a session a receiver; the first brings what was kept (RFC 6121 §4.2, XEP-0160 §3).
    fn presence(&mut self, id: SessionId, stanza: El<'_>, now: DateTime<Utc>) {
        let priority = match stanza.attr("type").as_deref() {
            None => {
                let text = stanza.children().find(|child| child.name() == "priority").map(|child| child.text());
                Some(text.and_then(|text| text.trim().parse().ok()).unwrap_or(0))
            }
            Some("unavailable") => None,
            Some(_) => return,
        };
        let Some(peer) = self.peers.get_mut(&id) else { return };
        peer.priority = priority;
        let (jid, outbox) = (peer.jid.clone(), peer.outbox.clone());
        let copy = readdressed(stanza, &jid, &Jid::from(jid.bare().clone()));
        for other in self.peers.values().filter(|other| other.jid.bare() == jid.bare() && other.priority.is_some()) {
            copy.iter().for_each(|copy| other.outbox.push(copy.clone()));
        }
        if priority.is_some_and(|priority| priority >= 0) {
            for (since, message) in self.offline.remove(jid.bare()).unwrap_or_default() {
                outbox.push(delayed(&message, &self.domain, since));
            }
            let said = self.stage.meet(jid.bare());
            self.deliver(said, now);
        }
    }

    /// What the controller answers itself.
    fn iq(&self, from: &Jid, to: Option<Jid>, stanza: El<'_>) {
        let (Some(id), Some(kind)) = (stanza.attr("id"), stanza.attr("type")) else { return };
        let ("get" | "set", Some(child)) = (kind.as_ref(), stanza.children().next()) else { return };
        let to_server = to.as_ref().is_some_and(|to| *to.bare() == self.domain);
        let reply: Reply = match (child.ns(), child.name(), kind.as_ref()) {
            (ping::NS, "ping", "get") | (SESSION, "session", "set") => Ok(Vec::new()),
            (INFO_NS, "query", "get") if to_server => self.info(),
            (ITEMS_NS, "query", "get") if to_server => self.items(),
            (ROSTER, "query", "get") => element(|w| {
                let _ = w.open_ns("query", ROSTER).close();
            })
            .map_err(Refusal::from),
            _ => Err(Refusal::UNKNOWN),
        };
        let sender = to.map(Jid::into_bare);
        self.answer(from, answer::iq(sender.as_ref(), from, &id, &reply));
    }

    fn info(&self) -> Reply {
        Ok(element(|w| {
            let _ = w.open_ns("query", INFO_NS).open("identity").attr("category", "server");
            let _ = w.attr("type", "im").attr("name", "Practice controller").close();
            for feature in [INFO_NS, ITEMS_NS, ping::NS, "msgoffline"] {
                let _ = w.open("feature").attr("var", feature).close();
            }
            let _ = w.close();
        })?)
    }

    fn items(&self) -> Reply {
        let broker = self.stage.broker.jid().to_string();
        Ok(element(|w| {
            let _ = w.open_ns("query", ITEMS_NS);
            let _ = w.open("item").attr("jid", &broker).attr("name", "Practice broker").close().close();
        })?)
    }

    /// Between accounts of the grid.
    fn relay(&mut self, from: &Jid, to: &Jid, stanza: El<'_>, now: DateTime<Utc>) {
        let here = self.peers.values().any(|peer| peer.jid == *to);
        if !self.accounts.contains(to.bare()) || (stanza.name() == "iq" && !here) {
            return self.refuse(from, Some(to), stanza, Refusal::UNKNOWN);
        }
        let Some(copy) = readdressed(stanza, from, to) else { return };
        let lasting =
            stanza.name() == "message" && matches!(stanza.attr("type").as_deref(), None | Some("normal" | "chat"));
        self.deliver(vec![Outgoing { to: to.clone(), stanza: copy, lasting }], now);
    }

    /// Errors and results are never answered (RFC 6120 §8.3.1).
    fn refuse(&self, from: &Jid, to: Option<&Jid>, stanza: El<'_>, refusal: Refusal) {
        let id = stanza.attr("id");
        let kind = stanza.attr("type");
        let sender = to.map(Jid::bare).unwrap_or(&self.domain);
        match (stanza.name(), kind.as_deref(), id) {
            ("iq", Some("get" | "set"), Some(id)) => {
                self.answer(from, answer::iq(Some(sender), from, &id, &Err(refusal)));
            }
            ("message", kind, id) if kind != Some("error") => {
                self.answer(from, answer::message_error(sender, from, id.as_deref(), refusal));
            }
            _ => {}
        }
    }

    fn answer(&self, to: &Jid, out: Option<Outgoing>) {
        if let (Some(out), Some(peer)) = (out, self.peers.values().find(|peer| peer.jid == *to)) {
            peer.outbox.push(out.stanza);
        }
    }
}

/// The stanza as the receiver gets it: from whom the server knows it to be (RFC 6120 §8.1.2.1), the rest as it was.
fn readdressed(stanza: El<'_>, from: &Jid, to: &Jid) -> Option<Arc<[u8]>> {
    let copy = element(|w: &mut Writer| {
        let _ = w.open(stanza.name()).attr("from", &from.to_string()).attr("to", &to.to_string());
        for (ns, name, value) in stanza.attrs() {
            match (ns, name) {
                ("", "from" | "to") => {}
                ("", name) => {
                    let _ = w.attr(name, &value);
                }
                (XML_NS, "lang") => {
                    let _ = w.attr("xml:lang", &value);
                }
                _ => {}
            }
        }
        for part in stanza.parts() {
            match part {
                Part::Element(child) => {
                    let _ = w.raw(&self_contained(child));
                }
                Part::Text(text) => {
                    let _ = w.text(&text);
                }
            }
        }
        let _ = w.close();
    });
    copy.ok().map(Into::into)
}

/// A kept message with the time it was kept at (XEP-0203).
fn delayed(message: &[u8], domain: &BareJid, since: DateTime<Utc>) -> Arc<[u8]> {
    let stamp = since.to_rfc3339_opts(SecondsFormat::Millis, true);
    let element = element(|w| {
        let _ = w.open_ns("delay", delay::NS).attr("from", &domain.to_string()).attr("stamp", &stamp).close();
    });
    let end = b"</message>";
    match (message.strip_suffix(end), element) {
        (Some(open), Ok(element)) => [open, &element, end].concat().into(),
        _ => message.into(),
    }
}
