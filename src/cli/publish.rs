//! `gridwatch publish FILE --topic T`: the composer's own preflight over a file, then the hold, then the grid. `--yes` skips
//! the hold and never a check. With an archive what leaves stands in its outbox before: whatever ends a run in between, the
//! same command again goes on with the same item.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use serde::Serialize;

use super::args::Publish;
use super::out::Out;
use super::session::{Holding, Session};
use super::signal::Signals;
use super::{Exit, Stop, document, json, local, out, topics};
use crate::compose::audience::{Around, Audience, Listed};
use crate::compose::draft::{Beside, Labels, Reason, Source, Whole};
use crate::compose::form::Fill;
use crate::compose::guard;
use crate::compose::hints::hints;
use crate::compose::outbox::{self, Left, Outbox};
use crate::compose::preflight::{self, Finding, Place, Weight};
use crate::compose::send::{About, Errand, Outcome, Parcel, Sending, State, digest};
use crate::compose::stock::{self, Stock};
use crate::compose::{Draft, revise, versions};
use crate::engine::{Command, Error, Fate, Receipt, Terms};
use crate::i18n::Catalog;
use crate::iodef::Document;
use crate::iodef::doc::Version;
use crate::model::{Affiliation, BareJid, ItemId, Jid, Say, Topic, TopicId};
use crate::store::activity::Kind;
use crate::store::{ItemKey, Store};

/// Seconds of the hold, unless said.
pub const HOLD: u8 = 10;
/// The finding that there is no archive to look in.
const UNGUARDED: &str = "leak.unchecked";
/// The finding that these very bytes were published to a topic before.
const BEFORE: &str = "published.before";

/// A report that was read and looked at.
pub struct Report<'a> {
    publish: &'a Publish,
    document: Document,
    payload: Arc<[u8]>,
    json: bool,
    blocked: bool,
    /// By these it passes what asks for one.
    passed: Vec<Reason>,
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
        let mut document = opened.document;
        if document.version().map_err(|why| unusable(why.say()))? != Version::V2 {
            return Err(unusable(Say::new("cli-publish-old")));
        }
        if publish.update.is_some() {
            let mut draft = Draft::new(document, Beside::default());
            let fill = Fill { now: Utc::now(), csirt: String::new() };
            let words = publish.words.as_deref().unwrap_or_default();
            revise::update(&mut draft, &fill, words).map_err(|refused| unusable(refused.say()))?;
            document = draft.document().clone();
        }
        let payload = document.travelling().text.into_bytes().into();
        let mut report = Self { publish, document, payload, json, blocked: false, passed: Vec::new() };
        let reasons = |of: &str, about: &str| report.has_reason(of, about);
        let mut findings = preflight::document(&report.document, practice, &reasons);
        findings.extend(guard::hinted(&hints(&report.document)));
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
                let made = Finding::new(UNGUARDED, Weight::Blocks, Place::Whole, say);
                vec![made.unless("", &|of: &str, about: &str| self.has_reason(of, about))]
            }
        };
        self.tell(found, out, catalog)
    }

    fn leaks(&self, me: &BareJid, store: &Arc<dyn Store>, signals: &Signals) -> Result<Vec<Finding>, Stop> {
        let finder = local::index(me, store, signals)?;
        let (on, store, stop) = (finder.snapshot(), store.as_ref(), signals.halt());
        let unread = |error: crate::store::Error| Stop::new(Exit::Archive, error.say());
        let stock = store.local().map(Stock::read).transpose().map_err(unread)?;
        let csirt = stock.as_ref().and_then(|(stock, _)| stock.csirt()).map(str::to_owned);
        let us = guard::Us { jid: me.clone(), csirt: csirt.unwrap_or_else(|| me.domain_ascii()) };
        let sources = guard::Sources { on: &on, lookup: &finder, store, us: Some(&us), incident: None, stop };
        // Nobody listened to what came since the window was open.
        while stop.check().is_ok() && store.listen(guard::heard).map_err(unread)? {}
        let found = guard::examine(&self.document, sources).map_err(|failure| local::failed(&failure, signals))?;
        Ok(guard::told(found, &|of: &str, about: &str| self.has_reason(of, about)))
    }

    /// A leak passes by a reason for exactly this value (`leak@ipv4 192.0.2.1 red`), what there is one of by its name.
    fn has_reason(&self, of: &str, about: &str) -> bool {
        self.reason(of, about).is_some()
    }

    fn reason(&self, of: &str, about: &str) -> Option<&str> {
        let whole = if of == guard::REASON { format!("{of}@{about}") } else { of.to_owned() };
        self.publish.reasons.iter().find(|(given, _)| *given == whole).map(|(_, words)| words.as_str())
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
        let mut chosen: Vec<&Topic> = Vec::new();
        for name in &self.publish.topics {
            let topic = named(name, &all)?;
            // Named twice, by its node and in full, it is one topic all the same.
            if !chosen.iter().any(|one| one.id == topic.id) {
                chosen.push(topic);
            }
        }
        let left = self.left(session)?;
        let mut readers = Vec::new();
        for topic in &chosen {
            let (mut findings, who) = self.look(topic, &left, session).await?;
            findings.extend(self.before(topic, &left, session.catalog()));
            findings.extend(self.update(topic, session.store.as_ref()));
            findings.extend(versions::kept_out(&self.document, self.wholes(topic, &left)));
            self.tell(findings, out, session.catalog())?;
            readers.push(who);
        }
        if self.blocked {
            return Ok(Exit::Blocked);
        }
        let parcels = chosen.into_iter().map(|topic| self.parcel(topic, &left)).collect::<Result<Vec<_>, Stop>>()?;
        if !self.publish.yes {
            let seconds = self.publish.hold.unwrap_or(HOLD);
            let held = parcels.iter().map(|parcel| Holding {
                kind: Kind::Publish,
                topic: parcel.topic().clone(),
                subject: parcel.item().0.clone(),
                reason: parcel.about().reason(),
            });
            // A signal ends it here, and nothing has left.
            session.hold("cli-publish-hold", seconds, held.collect()).await?;
        }
        let mut exit = Exit::Done;
        for (parcel, readers) in parcels.into_iter().zip(readers) {
            match self.publish(parcel, readers, session, out).await? {
                Exit::Done => {}
                // What is not known is graver than what is.
                Exit::Unsure => exit = Exit::Unsure,
                other if exit != Exit::Unsure => exit = other,
                _ => {}
            }
        }
        Ok(exit)
    }

    /// What earlier runs left in the outbox, and who got what.
    fn left(&self, session: &Session<'_>) -> Result<Left, Stop> {
        let left = session.store.local().map(Left::read).transpose();
        left.map(Option::unwrap_or_default).map_err(|error| Stop::new(Exit::Archive, error.say()))
    }

    /// What stands in the outbox of these very bytes for a topic.
    fn same<'l>(&self, topic: &Topic, left: &'l Left) -> Option<&'l Parcel> {
        let is_same =
            |parcel: &&Parcel| *parcel.topic() == topic.id && parcel.payload().is_some_and(|own| *own == self.payload);
        // The newest is what became of it last.
        left.parcels.iter().rev().find(is_same)
    }

    /// The same bytes again would be the same report twice: whoever runs a command again after a crash does not want that.
    fn before(&self, topic: &Topic, left: &Left, catalog: &Catalog) -> Option<Finding> {
        let State::Done { item, at } = self.same(topic, left)?.state() else { return None };
        let say = Say::new("cli-publish-before").with("topic", crate::text::line(&topic.id.node));
        let say = say.with("item", crate::text::line(&item.0)).with("at", catalog.time(*at));
        let found = Finding::new(BEFORE, Weight::Blocks, Place::Topic(topic.id.clone()), say);
        Some(found.unless(topic.id.to_string(), &|of: &str, about: &str| self.has_reason(of, about)))
    }

    /// An update tells the incident that stands there, not another, and no more widely than that was told.
    fn update(&self, topic: &Topic, store: &dyn Store) -> Vec<Finding> {
        let Some(item) = self.publish.update.clone() else { return Vec::new() };
        let say = |key| Say::new(key).with("item", crate::text::line(&item.0));
        let made = |id, key| Finding::new(id, Weight::Blocks, Place::Topic(topic.id.clone()), say(key));
        let found = store.find(&ItemKey { topic: topic.id.clone(), item: item.clone() }).ok().flatten();
        let Some(row) = found.and_then(|seq| store.row(seq)) else {
            let unknown = made("update.unknown", "cli-publish-update-unknown");
            return vec![unknown.unless(topic.id.to_string(), &|of: &str, about: &str| self.has_reason(of, about))];
        };
        let own = crate::iodef::summarise(&self.payload, &[]);
        let same = row.summary.csirt == own.csirt && row.summary.id == own.id;
        if !same {
            return vec![made("update.other", "cli-publish-update-other")];
        }
        let payload = store.payload(row.seq).ok().flatten();
        let before = payload.and_then(|payload| Document::read(&*payload.bytes, &payload.scope).ok());
        let (csirt, id) = (own.csirt, own.id);
        let source = Source { topic: topic.id.clone(), item, csirt, id, labels: before.as_ref().map(Labels::of) };
        preflight::sources(&self.document, &[source], &|of: &str, about: &str| self.has_reason(of, about))
    }

    /// What the item that is told anew is a version of: what was left out of that stays out.
    fn wholes<'l>(&self, topic: &Topic, left: &'l Left) -> &'l [Arc<Whole>] {
        let item = self.publish.update.as_ref();
        let before = item.and_then(|item| outbox::receipt(&left.parcels, &topic.id, item));
        before.map(|parcel| parcel.about().wholes.as_slice()).unwrap_or_default()
    }

    /// What goes to a topic: what an earlier run began, else something new.
    fn parcel(&self, topic: &Topic, left: &Left) -> Result<Parcel, Stop> {
        let open = self.same(topic, left).filter(|parcel| !parcel.is_settled());
        if let Some(parcel) = open.filter(|_| self.publish.again.is_none()) {
            return Ok(parcel.clone());
        }
        let about = About {
            draft: String::new(),
            of: digest(&self.payload),
            title: crate::iodef::summarise(&self.payload, &[]).title,
            label: preflight::strictest(&self.document),
            reasons: self.passed.clone(),
            wholes: self.wholes(topic, left).to_vec(),
        };
        let (access, payload) = (topic.access.clone(), Arc::clone(&self.payload));
        // Its hold is over.
        let made = Parcel::publish(about, topic.id.clone(), access, payload, (Utc::now(), TimeDelta::zero()));
        let made = made.map_err(|say| Stop::new(Exit::NoSession, say))?;
        Ok(match self.publish.again.clone() {
            Some(item) => made.sent_before(item),
            None => made,
        })
    }

    async fn look(
        &self,
        topic: &Topic,
        left: &Left,
        session: &mut Session<'_>,
    ) -> Result<(Vec<Finding>, BTreeSet<BareJid>), Stop> {
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
        let last = left.reached.iter().find(|reached| reached.topic == topic.id).map(|reached| &reached.readers);
        let stock = session.store.local().map(Stock::read).transpose();
        let (stock, _) = stock.map_err(|error| Stop::new(Exit::Archive, error.say()))?.unwrap_or_default();
        let kept = stock.topic(&topic.id);
        let audience = Audience::of(topic, listed, Around { me: &me, last, publishers: &[], kept });
        let reasons = |of: &str, about: &str| self.has_reason(of, about);
        let found = preflight::topic(&self.document, self.payload.len(), &topic.id, Some(topic), &audience, &reasons);
        Ok((found, audience.who()))
    }

    fn tell(&mut self, findings: Vec<Finding>, out: &mut Out, catalog: &Catalog) -> Result<(), Stop> {
        for finding in preflight::sorted(findings) {
            let (what, next) = (catalog.say(&finding.say), catalog.next(&finding.say));
            let blocks = finding.weight == Weight::Blocks;
            self.blocked |= blocks;
            if let Some(act) = &finding.act
                && let Some(words) = self.reason(act.of, &act.about)
            {
                let words = words.to_owned();
                self.passed.push(Reason { of: act.of.to_owned(), about: act.about.clone(), words });
            }
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

    async fn publish(
        &self,
        parcel: Parcel,
        readers: BTreeSet<BareJid>,
        session: &mut Session<'_>,
        out: &mut Out,
    ) -> Result<Exit, Stop> {
        let (topic, label) = (parcel.topic().clone(), parcel.about().label);
        // Known before it leaves: whatever ends this run now, the next one can go on with it.
        session.note(&Say::new("cli-publish-item").with("item", crate::text::line(&parcel.item().0)));
        if let Some(local) = session.store.local() {
            let noted = stock::note(local, &self.document, Utc::now());
            noted.map_err(|error| Stop::new(Exit::Archive, error.say()))?;
        }
        let mut outbox = Outbox::default();
        let key = parcel.key().to_owned();
        outbox.put(parcel);
        outbox.tick(Utc::now());
        let _ = outbox.due(Utc::now(), |_| true);
        outbox.pass(&key, readers);
        let Some(sending) = keep(&mut outbox, session)?.pop() else { return Ok(Exit::Unsure) };
        let Sending { item, errand, tried, .. } = sending;
        let Errand::Publish { payload, access } = errand else { return Ok(Exit::Unsure) };
        let reason = outbox.get(&key).map(|parcel| parcel.about().reason()).unwrap_or_default();
        let terms = Terms { access: Some(access), sent: tried, reason };
        let (id, sent) = (topic.clone(), item.clone());
        let publish = |request| Command::Publish { request, topic: id, item: sent, payload, terms };
        let result = session.ask(publish).await?;
        let outcome = match &result {
            Ok(Receipt::Published(item)) => Outcome::Done(item.clone()),
            Ok(_) => Outcome::NotYet { unsure: true },
            Err(error) => match error.fate() {
                Fate::Refused(condition) => Outcome::Refused(condition),
                Fate::Open { unsure } => Outcome::NotYet { unsure },
            },
        };
        let _ = outbox.settle(&key, outcome, None, Utc::now());
        // Nothing of it left: there is no draft here that waits for another try.
        if outbox.get(&key).is_some_and(Parcel::can_undo) {
            outbox.take_back(&key, Utc::now());
        }
        let _ = keep(&mut outbox, session)?;
        match result {
            Ok(Receipt::Published(item)) => {
                if let Some(local) = session.store.local() {
                    let noted = stock::note_label(local, &topic, label);
                    noted.map_err(|error| Stop::new(Exit::Archive, error.say()))?;
                }
                out.line(&self.receipt(&topic, &item))?;
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

/// Writes what changed of the outbox, and gives what may leave then.
pub fn keep(outbox: &mut Outbox, session: &Session<'_>) -> Result<Vec<Sending>, Stop> {
    let (Some(batch), Some(local)) = (outbox.write(Utc::now()), session.store.local()) else {
        return Ok(outbox.unwritten());
    };
    batch.keep(local).map_err(|error| Stop::new(Exit::Archive, error.say()))?;
    Ok(outbox.written(true, Utc::now()))
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
