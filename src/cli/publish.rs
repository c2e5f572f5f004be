//! `gridwatch publish FILE --topic T`: the composer's own preflight over a file, then the hold, then the grid. `--yes` skips
//! the hold and never a check.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::args::Publish;
use super::out::Out;
use super::session::Session;
use super::signal::Signals;
use super::{Exit, Stop, document, json, local, out, topics};
use crate::compose::audience::{Around, Audience, Listed};
use crate::compose::guard::{self, Guard};
use crate::compose::hints::hints;
use crate::compose::preflight::{self, Finding, Weight};
use crate::compose::send;
use crate::engine::{Command, Error, Receipt, Terms};
use crate::i18n::Catalog;
use crate::iodef::Document;
use crate::iodef::doc::Version;
use crate::model::{Affiliation, BareJid, ItemId, Jid, Say, Topic, TopicId};
use crate::store::Store;
use crate::store::index::Failure;
use crate::store::query::Amber;

/// Seconds of the hold, unless said.
pub const HOLD: u8 = 10;
/// The finding that there is no archive to look in.
const UNGUARDED: &str = "leak.unchecked";

/// A report that was read and looked at.
pub struct Report<'a> {
    publish: &'a Publish,
    document: Document,
    payload: Arc<[u8]>,
    json: bool,
    blocked: bool,
}

#[derive(Serialize)]
struct FindingLine<'a> {
    finding: &'a str,
    blocks: bool,
    /// What would let it pass is a reason: `--reason REASON=WORDS`.
    reason: Option<&'a str>,
    what: String,
    next: Option<String>,
}

#[derive(Serialize)]
struct PublishedLine<'a> {
    broker: String,
    node: &'a str,
    item: &'a str,
}

impl<'a> Report<'a> {
    /// Reads the file and looks at the document alone, before anybody is connected to; what is found is told.
    ///
    /// # Errors
    /// [`Exit::Blocked`] for a file that is no report of version 2; [`Exit::Output`].
    pub fn read(
        publish: &'a Publish,
        practice: bool,
        json: bool,
        out: &mut Out,
        catalog: &Catalog,
    ) -> Result<Self, Stop> {
        let unusable = |say: Say| Stop::new(Exit::Blocked, say);
        let opened = document::open(&publish.file).map_err(|why| unusable(why.say()))?;
        if opened.lost > 0 {
            return Err(unusable(Say::new("cli-publish-lost").number("count", opened.lost)));
        }
        let document = opened.document;
        if document.version().map_err(|why| unusable(why.say()))? != Version::V2 {
            return Err(unusable(Say::new("cli-publish-old")));
        }
        let payload = document.travelling().text.into_bytes().into();
        let mut findings = preflight::document(&document, practice);
        findings.extend(guard::hinted(&hints(&document)));
        let mut report = Self { publish, document, payload, json, blocked: false };
        report.tell(findings, out, catalog)?;
        Ok(report)
    }

    /// Looks for what was received under a stricter word than it is said under, in all the archive holds. Without one that
    /// cannot be known, which takes a reason. Blocks.
    ///
    /// # Errors
    /// When the archive could not be read, or a signal came.
    pub fn guard(
        &mut self,
        me: &BareJid,
        store: Option<&Arc<dyn Store>>,
        signals: &Signals,
        out: &mut Out,
        catalog: &Catalog,
    ) -> Result<(), Stop> {
        let found = match store {
            Some(store) => self.leaks(me, store, signals)?,
            None => {
                let say = Say::new("cli-publish-unguarded");
                let made = Finding::new(UNGUARDED, Weight::Blocks, preflight::Place::Whole, say);
                vec![made.unless("", &|of: &str, about: &str| self.has_reason(of, about))]
            }
        };
        self.tell(found, out, catalog)
    }

    fn leaks(&self, me: &BareJid, store: &Arc<dyn Store>, signals: &Signals) -> Result<Vec<Finding>, Stop> {
        let failed = |failure: Failure| local::failed(&failure, signals);
        let finder = local::index(me, store, signals)?;
        let id = self.document.root().descendants().find(|element| element.is("IncidentID"));
        let incident = id.map(|id| (id.attr("name").unwrap_or_default(), id.trimmed()));
        let incident = incident.as_ref().map(|(name, id)| (name.as_ref(), id.as_ref()));
        let (on, store, stop) = (finder.snapshot(), store.as_ref(), signals.halt());
        let sources = guard::Sources { on: &on, lookup: &finder, store, me: Some(me), incident, stop };
        let (mut known, said) = (Guard::default(), guard::said(&self.document));
        let asks = known.unknown(&said);
        known.learn(guard::look(&asks, &sources).map_err(failed)?);
        known.learn(guard::look_in_texts(&asks, &sources).map_err(failed)?);
        // What a topic is meant for nobody has said here: each value is held to its own label.
        let audience = guard::Audience { topic: None, amber: Amber::default() };
        Ok(guard::told(&known.findings(&said, audience), &|of: &str, about: &str| self.has_reason(of, about)))
    }

    /// A leak passes by a reason for exactly this value (`leak@ipv4 192.0.2.1 red`), what there is one of by its name.
    fn has_reason(&self, of: &str, about: &str) -> bool {
        let whole = if of == guard::REASON { format!("{of}@{about}") } else { of.to_owned() };
        self.publish.reasons.iter().any(|(given, _)| *given == whole)
    }

    /// Something stands in the way.
    pub fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// Looks at the topics, holds, publishes.
    ///
    /// # Errors
    /// Without a session, or when the output is not to be written.
    pub async fn run(&mut self, session: &mut Session<'_>, out: &mut Out) -> Result<Exit, Stop> {
        let all = topics::rights(session).await?;
        let mut chosen = Vec::new();
        for name in &self.publish.topics {
            chosen.push(named(name, &all)?);
        }
        for topic in &chosen {
            let findings = self.look(topic, session).await?;
            self.tell(findings, out, session.catalog())?;
        }
        if self.blocked {
            return Ok(Exit::Blocked);
        }
        if !self.publish.yes {
            let seconds = self.publish.hold.unwrap_or(HOLD);
            session.note(&Say::new("cli-publish-hold").with("seconds", seconds.to_string()));
            // A signal ends it here, and nothing has left.
            tokio::time::sleep(Duration::from_secs(seconds.into())).await;
        }
        let mut exit = Exit::Done;
        for topic in chosen {
            match self.publish(topic, session, out).await? {
                Exit::Done => {}
                // What is not known is graver than what is.
                Exit::Unsure => exit = Exit::Unsure,
                other if exit != Exit::Unsure => exit = other,
                _ => {}
            }
        }
        Ok(exit)
    }

    async fn look(&self, topic: &Topic, session: &mut Session<'_>) -> Result<Vec<Finding>, Stop> {
        let id = topic.id.clone();
        let members = if topic.affiliation == Affiliation::Owner {
            match session.ask(|request| Command::Members { request, topic: id }).await? {
                Ok(Receipt::Members(members)) => Some(members),
                _ => None,
            }
        } else {
            None
        };
        let subscribers: Vec<(Jid, bool)> = members
            .iter()
            .flat_map(|members| &members.subscribers)
            .map(|subscriber| (subscriber.jid.clone(), subscriber.pending))
            .collect();
        let listed =
            members.as_ref().map(|members| Listed { affiliations: &members.affiliations, subscribers: &subscribers });
        let me = session.me().clone();
        let audience = Audience::of(topic, listed, Around { me: &me, last: None, publishers: &[] });
        let reasons = |of: &str, about: &str| self.has_reason(of, about);
        Ok(preflight::topic(&self.document, self.payload.len(), &topic.id, Some(topic), &audience, &reasons))
    }

    fn tell(&mut self, findings: Vec<Finding>, out: &mut Out, catalog: &Catalog) -> Result<(), Stop> {
        for finding in preflight::sorted(findings) {
            let (what, next) = (catalog.say(&finding.say), catalog.next(&finding.say));
            let blocks = finding.weight == Weight::Blocks;
            self.blocked |= blocks;
            let kind = if blocks { "cli-publish-blocks" } else { "cli-publish-warns" };
            out::note(&catalog.say(&Say::new(kind).with("id", finding.id).with("what", &*what)));
            if let Some(next) = &next {
                out::note(next);
            }
            let reason = finding.act.map(|act| match act.of {
                guard::REASON => format!("{}@{}", act.of, act.about),
                of => of.to_owned(),
            });
            if let Some(reason) = reason.as_ref().filter(|_| blocks) {
                out::note(&catalog.say(&Say::new("cli-publish-reason").with("reason", crate::text::line(reason))));
            }
            if self.json {
                let reason = reason.as_deref();
                out.line(&json::line(&FindingLine { finding: finding.id, blocks, reason, what, next }))?;
            }
        }
        Ok(())
    }

    async fn publish(&self, topic: &Topic, session: &mut Session<'_>, out: &mut Out) -> Result<Exit, Stop> {
        let item = match self.publish.again.clone() {
            Some(item) => item,
            None => send::fresh().map_err(|say| Stop::new(Exit::NoSession, say))?,
        };
        // Known before it leaves: whatever ends this run now, the next one can go on with it.
        session.note(&Say::new("cli-publish-item").with("item", crate::text::line(&item.0)));
        let (id, payload) = (topic.id.clone(), Arc::clone(&self.payload));
        let terms = Terms { access: Some(topic.access.clone()), sent: self.publish.again.is_some() };
        let sent = item.clone();
        let publish = |request| Command::Publish { request, topic: id, item: sent, payload, terms };
        match session.ask(publish).await? {
            Ok(Receipt::Published(item)) => {
                out.line(&self.receipt(&topic.id, &item))?;
                Ok(Exit::Done)
            }
            Ok(_) => Ok(Exit::Unsure),
            Err(error) => {
                let say = error.say();
                session.note(&say);
                if let Some(next) = session.catalog().next(&say) {
                    out::note(&next);
                }
                let refused = matches!(error, Error::Refused { .. } | Error::Busy | Error::Offline);
                Ok(if refused { Exit::Refused } else { Exit::Unsure })
            }
        }
    }

    fn receipt(&self, topic: &TopicId, item: &ItemId) -> String {
        if self.json {
            return json::line(&PublishedLine { broker: topic.broker.to_string(), node: &topic.node, item: &item.0 });
        }
        format!("{}  {}", crate::text::line(&item.0), crate::text::line(&topic.to_string()))
    }
}

/// The topic of that name; with its broker where two have one of that name.
pub fn named<'t>(name: &str, all: &'t [Topic]) -> Result<&'t Topic, Stop> {
    let mut alike = all.iter().filter(|topic| topic.id.node == name || topic.id.to_string() == name);
    let say = |key| Stop::new(Exit::Blocked, Say::new(key).with("topic", crate::text::line(name)));
    match (alike.next(), alike.next()) {
        (Some(topic), None) => Ok(topic),
        (Some(_), Some(_)) => Err(say("cli-publish-two")),
        (None, _) => Err(say("cli-publish-none")),
    }
}
