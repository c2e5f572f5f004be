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
use crate::compose::taken::{self, Id, Numbers, Sent};
use crate::compose::{Draft, revise, versions};
use crate::engine::{Command, Error, Fate, Receipt, Terms};
use crate::i18n::Catalog;
use crate::iodef::Document;
use crate::iodef::doc::Version;
use crate::model::{Affiliation, BareJid, ItemId, Jid, Say, Topic, TopicId};
use crate::store::activity::Kind;
use crate::store::index::Snapshot;
use crate::store::{Finder, ItemKey, Store};

/// Seconds of the hold, unless said.
pub const HOLD: u8 = 10;
/// The finding that there is no archive to look in.
const UNGUARDED: &str = "leak.unchecked";
/// The finding that these very bytes were published to a topic before.
const BEFORE: &str = "published.before";

/// Findings of which a report, or a topic, has one: their names say all. To any other belongs what it is about.
const ALONE: [&str; 4] = ["audience.first", BEFORE, UNGUARDED, UNKNOWN];
/// The finding that the item told anew is not in the archive.
const UNKNOWN: &str = "update.unknown";

/// A report that was read and looked at.
pub struct Report<'a> {
    publish: &'a Publish,
    document: Document,
    payload: Arc<[u8]>,
    /// What was asked for: the same again is the same, though a report told anew bears another time.
    of: String,
    practice: bool,
    /// Nothing, where there is no archive.
    kept: Option<Box<Kept>>,
    json: bool,
    blocked: bool,
    /// By these it passes what asks for one.
    passed: Vec<Reason>,
}

/// What is known of the archive.
struct Kept {
    finder: Finder,
    us: guard::Us,
    signals: Signals,
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
        let lost = opened.counts.lost();
        if lost > 0 {
            return Err(unusable(Say::new("cli-publish-lost").number("count", lost)));
        }
        let mut document = opened.document;
        if document.version().map_err(|why| unusable(why.say()))? != Version::V2 {
            return Err(unusable(Say::new("cli-publish-old")));
        }
        let mut of = digest(document.travelling().text.as_bytes());
        if let Some(item) = &publish.update {
            let mut draft = Draft::new(document, Beside::default());
            let fill = Fill { now: Utc::now(), csirt: String::new() };
            let words = publish.words.as_deref().unwrap_or_default();
            revise::update(&mut draft, &fill, words).map_err(|refused| unusable(refused.say()))?;
            document = draft.document().clone();
            of = digest(format!("update\n{of}\n{}\n{words}", item.0).as_bytes());
        }
        let payload = document.travelling().text.into_bytes().into();
        let (kept, blocked, passed) = (None, false, Vec::new());
        let mut report = Self { publish, document, payload, of, practice, kept, json, blocked, passed };
        let reasons = |of: &str, about: &str| report.has_reason(of, about);
        let mut findings = preflight::document(&report.document, practice, &reasons);
        findings.extend(guard::hinted(&hints(&report.document)));
        findings.extend(guard::internal(&guard::said(&report.document)));
        report.tell(findings, out, catalog)?;
        Ok(report)
    }

    /// Looks for what was received under a stricter word than it is said under, in all the archive holds, and for incidents
    /// that have its number. Without one neither can be known, which takes a reason. Blocks.
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
            Some(store) => {
                let stock = stock(store.as_ref())?;
                let csirt = stock.csirt().map_or_else(|| me.domain_ascii(), str::to_owned);
                let us = guard::Us { jid: me.clone(), csirt };
                let kept = Kept { finder: local::index(me, store, signals)?, us, signals: signals.clone() };
                let mut found = self.leaks(&kept, store.as_ref())?;
                found.extend(self.numbers(&kept, stock, store.as_ref())?);
                self.kept = Some(Box::new(kept));
                found
            }
            None => {
                let say = Say::new("cli-publish-unguarded");
                let made = Finding::new(UNGUARDED, Weight::Blocks, Place::Whole, say);
                vec![made.unless("", &|of: &str, about: &str| self.has_reason(of, about))]
            }
        };
        self.tell(found, out, catalog)
    }

    fn leaks(&self, kept: &Kept, store: &dyn Store) -> Result<Vec<Finding>, Stop> {
        let on = kept.listen(store)?;
        let found = guard::examine(&self.document, kept.sources(&on, store));
        let found = found.map_err(|failure| local::failed(&failure, &kept.signals))?;
        Ok(guard::told(found, &|of: &str, about: &str| self.has_reason(of, about)))
    }

    /// Who else has its number; what tells an item anew, or is that very item, has it by right.
    fn numbers(&self, kept: &Kept, mut stock: Stock, store: &dyn Store) -> Result<Vec<Finding>, Stop> {
        let (csirt, now, stop) = (kept.us.csirt.as_str(), Utc::now(), kept.signals.halt());
        let received = stock::received(csirt, &kept.finder, store, now, stop);
        stock.received = received.map_err(|failure| local::failed(&failure, &kept.signals))?;
        let left = left(store)?;
        let ids: Vec<Vec<Id>> = left.parcels.iter().map(taken::ids_of).collect();
        let parcels = left.parcels.iter().zip(&ids).map(|(parcel, ids)| Sent { parcel, ids }).collect();
        let numbers = Numbers { stock: &stock, csirt, parcels, now };
        let is_again = self.publish.update.is_some() || self.publish.again.is_some();
        let own = |parcel: &Parcel| parcel.about().of == self.of || parcel.payload() == Some(&self.payload);
        let taken = |id: &Id| if is_again { None } else { numbers.taken(id, &own) };
        let reasons = |of: &str, about: &str| self.has_reason(of, about);
        Ok(taken::clashes(&self.document, &taken, &reasons).into_iter().map(|(_, _, found)| found).collect())
    }

    /// Most findings pass by a reason for exactly what they are about (`leak@ipv4 192.0.2.1 red green`), so that it lets pass
    /// nothing that comes later; those of [`ALONE`] by their name.
    fn has_reason(&self, of: &str, about: &str) -> bool {
        self.reason(of, about).is_some()
    }

    fn reason(&self, of: &str, about: &str) -> Option<&str> {
        let whole = named_reason(of, about);
        let words = |given: &'a String| given.strip_prefix(&*whole)?.trim_start().strip_prefix('=');
        self.publish.reasons.iter().find_map(words).map(str::trim)
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
        let left = left(session.store.as_ref())?;
        for topic in &chosen {
            let mut findings = self.look(topic, &left, session).await?;
            findings.extend(self.before(topic, &left, session.catalog()));
            findings.extend(self.update(topic, session.store.as_ref()));
            findings.extend(versions::kept_out(&self.document, self.wholes(topic, &left)));
            self.tell(findings, out, session.catalog())?;
        }
        if self.blocked {
            return Ok(Exit::Blocked);
        }
        let parcels = chosen.iter().map(|topic| self.parcel(topic, &left)).collect::<Result<Vec<_>, Stop>>()?;
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
        let (mut exit, mut gone) = (Exit::Done, left);
        for (topic, parcel) in chosen.into_iter().zip(parcels) {
            match self.publish((topic, parcel), &mut gone, session, out).await? {
                Exit::Done => {}
                // What is not known is graver than what is.
                Exit::Unsure => exit = Exit::Unsure,
                other if exit != Exit::Unsure => exit = other,
                _ => {}
            }
        }
        Ok(exit)
    }

    /// What stands in the outbox of this very report for a topic: of its bytes, or of what it was told anew by.
    fn same<'l>(&self, topic: &Topic, left: &'l Left) -> Option<&'l Parcel> {
        let is_it = |parcel: &Parcel| match self.publish.update {
            Some(_) => parcel.payload().is_some() && parcel.about().of == self.of,
            None => parcel.payload() == Some(&self.payload),
        };
        // The newest is what became of it last.
        left.parcels.iter().rev().find(|parcel| *parcel.topic() == topic.id && is_it(parcel))
    }

    /// The same again would be the same report twice: whoever runs a command again after a crash does not want that.
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
            let unknown = made(UNKNOWN, "cli-publish-update-unknown");
            return vec![unknown.unless(topic.id.to_string(), &|of: &str, about: &str| self.has_reason(of, about))];
        };
        let payload = store.payload(row.seq).ok().flatten();
        let before = payload.and_then(|payload| Document::read(&*payload.bytes, &payload.scope).ok());
        let (csirt, id) = (row.summary.csirt.clone(), row.summary.id.clone());
        let told = before.as_ref().map_or_else(|| vec![(csirt.clone(), id.clone())], guard::incidents);
        let own = guard::incidents(&self.document);
        if told.is_empty() || !told.iter().all(|one| own.contains(one)) {
            return vec![made("update.other", "cli-publish-update-other")];
        }
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
            of: self.of.clone(),
            title: crate::iodef::summarise(&self.payload, &[]).title,
            label: preflight::strictest(&self.document),
            is_new: self.publish.update.is_none(),
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

    async fn look(&self, topic: &Topic, left: &Left, session: &mut Session<'_>) -> Result<Vec<Finding>, Stop> {
        let audience = self.audience(topic, left, session).await?;
        let reasons = |of: &str, about: &str| self.has_reason(of, about);
        Ok(preflight::topic(&self.document, self.payload.len(), &topic.id, Some(topic), &audience, &reasons))
    }

    /// Who reads a topic, as far as it is known now.
    async fn audience(&self, topic: &Topic, left: &Left, session: &mut Session<'_>) -> Result<Audience, Stop> {
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
        let stock = stock(session.store.as_ref())?;
        let kept = stock.topic(&topic.id);
        let publishers = self.kept.as_ref().map(|kept| kept.finder.publishers(&topic.id)).unwrap_or_default();
        Ok(Audience::of(topic, listed, Around { me: &me, last, publishers: &publishers, kept }))
    }

    /// Looks once more, as the window does, by what came in and who came to read since the first look.
    async fn last_look(
        &self,
        (topic, parcel): (&Topic, &Parcel),
        left: &Left,
        session: &mut Session<'_>,
    ) -> Result<(Option<Finding>, BTreeSet<BareJid>), Stop> {
        let audience = self.audience(topic, left, session).await?;
        let readers = audience.who();
        let all = || left.parcels.iter().filter(|other| other.key() != parcel.key()).chain([parcel]);
        let ids: Vec<Vec<Id>> = all().map(taken::ids_of).collect();
        let stock = stock(session.store.as_ref())?;
        let parcels = all().zip(&ids).map(|(parcel, ids)| Sent { parcel, ids }).collect();
        let before = Numbers { stock: &stock, csirt: "", parcels, now: Utc::now() }.before(parcel);
        let around = outbox::Around { topic: Some(topic.clone()), audience, practice: self.practice, before };
        let store = session.store.as_ref();
        let found = tokio::task::block_in_place(|| match &self.kept {
            Some(kept) => {
                let on = kept.listen(store)?;
                let found = outbox::last_look(parcel, &around, Some(kept.sources(&on, store)));
                found.map_err(|failure| local::failed(&failure, &kept.signals))
            }
            None => {
                let found = outbox::last_look(parcel, &around, None);
                found.map_err(|failure| Stop::new(Exit::Archive, failure.say()))
            }
        });
        Ok((found?, readers))
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
            let reason = finding.act.map(|act| named_reason(act.of, &act.about));
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

    /// Sends one, unless something came in its way; what came of it joins what is in the outbox.
    async fn publish(
        &mut self,
        (whither, parcel): (&Topic, Parcel),
        gone: &mut Left,
        session: &mut Session<'_>,
        out: &mut Out,
    ) -> Result<Exit, Stop> {
        let (found, readers) = self.last_look((whither, &parcel), gone, session).await?;
        if let Some(found) = found {
            self.tell(vec![found], out, session.catalog())?;
            return Ok(Exit::Blocked);
        }
        let (topic, about) = (parcel.topic().clone(), parcel.about().clone());
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
        gone.parcels.retain(|other| other.key() != key);
        gone.parcels.extend(outbox.get(&key).cloned());
        match result {
            Ok(Receipt::Published(item)) => {
                // What went by a reason typed for it goes so once: it says nothing of the topic.
                if let Some(local) = session.store.local().filter(|_| !about.is_exception(&topic)) {
                    let noted = stock::note_label(local, &topic, about.label);
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

impl Kept {
    /// Takes in and listens to what came, which nobody did since the window was open.
    fn listen(&self, store: &dyn Store) -> Result<Snapshot, Stop> {
        let stop = self.signals.halt();
        let taken = self.finder.take(store, &[], Utc::now(), stop);
        let _ = taken.map_err(|failure| local::failed(&failure, &self.signals))?;
        while stop.check().is_ok() && store.listen(guard::heard).map_err(unread)? {}
        Ok(self.finder.snapshot())
    }

    fn sources<'s>(&'s self, on: &'s Snapshot, store: &'s dyn Store) -> guard::Sources<'s> {
        let (us, stop) = (Some(&self.us), self.signals.halt());
        guard::Sources { on, lookup: &self.finder, store, us, incidents: &[], stop }
    }
}

/// What a reason is given for: the finding's name, with what it is about where there may be several.
fn named_reason(of: &str, about: &str) -> String {
    if ALONE.contains(&of) { of.to_owned() } else { format!("{of}@{about}") }
}

fn unread(error: crate::store::Error) -> Stop {
    Stop::new(Exit::Archive, error.say())
}

/// What earlier runs left in the outbox, and who got what.
fn left(store: &dyn Store) -> Result<Left, Stop> {
    store.local().map(Left::read).transpose().map(Option::unwrap_or_default).map_err(unread)
}

fn stock(store: &dyn Store) -> Result<Stock, Stop> {
    let stock = store.local().map(Stock::read).transpose().map_err(unread)?;
    Ok(stock.unwrap_or_default().0)
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
