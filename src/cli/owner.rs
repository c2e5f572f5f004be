//! The owner's verbs: `requests`, `approve`, `deny`, `members`, `topic create`, `topic config`, and `radar`. What they change is
//! held first as in the window, unless `--yes`; each act stands in the log of acts.

mod lines;

use chrono::Utc;
use lexopt::ValueExt as _;

use super::args::Publish;
use super::out::Out;
use super::publish::{HOLD, named};
use super::session::{Holding, Session};
use super::{Exit, Stop, json, out, topics};
use crate::engine::radar::{self, Facts, Words as Speech};
use crate::engine::{Command, Connection, Error, Event, Receipt, SessionFacts};
use crate::i18n::Catalog;
use crate::model::owned::{Act, Answer, Created, Members, Pending, Words};
use crate::model::{Affiliation, BareJid, Say, Topic, TopicId};
use crate::owner::grant::{self, Grant};
use crate::owner::past::{self, By, Past};
use crate::owner::settings::{self, Risk};
use crate::owner::template::{Naming, Template};
use crate::store::activity::Kind;
use crate::text;
use lines::{DecidedLine, RequestLine, fates, lines, shown};

/// What an owner wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum What {
    #[default]
    Requests,
    Approve,
    Deny,
    Members,
    Create,
    Config,
    Radar,
}

/// One of these verbs with all that was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    pub what: What,
    /// Accounts, a node, settings: what stands beside the options.
    words: Vec<String>,
    note: Option<String>,
    template: Option<Template>,
    naming: Naming,
    close: bool,
    /// Of `--topic`.
    topics: Vec<String>,
    yes: bool,
    hold: Option<u8>,
}

impl Owner {
    pub const NAMES: [&str; 6] = ["requests", "approve", "deny", "members", "topic", "radar"];

    /// Takes an option of these verbs; whether it is one.
    pub fn take(&mut self, option: &str, parser: &mut lexopt::Parser) -> Result<bool, lexopt::Error> {
        match option {
            "note" => self.note = Some(parser.value()?.string()?),
            "template" => self.template = Some(parser.value()?.parse_with(template_of)?),
            "title" => self.naming.title = parser.value()?.string()?,
            "description" => self.naming.description = parser.value()?.string()?,
            "type" => self.naming.payload = parser.value()?.string()?,
            "whitelist" => self.naming.whitelist = true,
            "close" => self.close = true,
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub fn word(&mut self, word: String) {
        self.words.push(word);
    }

    /// What the words mean under this verb, with what `publish` has in common with them.
    ///
    /// # Errors
    /// What does not fit, in words for a person.
    pub fn check(mut self, verb: &str, publish: Publish) -> Result<Self, Say> {
        let wrong = || Say::new("cli-usage-owner").with("verb", verb);
        let shared = Publish { topics: Vec::new(), yes: false, hold: None, ..publish.clone() };
        if shared != Publish::default() {
            return Err(wrong());
        }
        (self.topics, self.yes, self.hold) = (publish.topics, publish.yes, publish.hold);
        self.what = match verb {
            "requests" => What::Requests,
            "approve" => What::Approve,
            "deny" => What::Deny,
            "members" => What::Members,
            "radar" => What::Radar,
            _ => match self.words.first().map(String::as_str) {
                Some("create") => What::Create,
                Some("config") => What::Config,
                _ => return Err(wrong()),
            },
        };
        if matches!(self.what, What::Create | What::Config) {
            let _ = self.words.remove(0);
        }
        let (words, topics) = (self.words.len(), self.topics.len());
        let made = self.template.is_some() || self.naming != Naming::default();
        let fits = match self.what {
            What::Requests => words == 0 && topics <= 1,
            What::Approve | What::Deny => words > 0 && topics == 1,
            What::Members => words == 0 && topics == 1,
            What::Create => words == 1 && topics == 0 && self.template.is_some(),
            What::Config => words > 0 && topics == 0,
            What::Radar => words == 0 && topics == 0,
        };
        let decides = matches!(self.what, What::Approve | What::Deny);
        let writes = decides || matches!(self.what, What::Create | What::Config);
        let own = [
            (made, self.what == What::Create),
            (self.note.is_some(), decides || (self.what == What::Config && words > 1)),
            (self.close, self.what == What::Radar),
            (self.yes || self.hold.is_some(), writes),
        ];
        // RFC 8600 §5: a topic says what is published there, which the other templates know by themselves.
        let other = self.template == Some(Template::Other);
        if self.what == What::Create && other == self.naming.payload.trim().is_empty() {
            return Err(Say::new("cli-usage-type"));
        }
        if self.what == What::Deny && self.note.as_deref().is_none_or(|note| note.trim().is_empty()) {
            return Err(Say::new("cli-usage-deny"));
        }
        if fits && own.iter().all(|(given, fits)| *fits || !given) { Ok(self) } else { Err(wrong()) }
    }
}

fn template_of(text: &str) -> Result<Template, &'static str> {
    match text {
        "incidents" => Ok(Template::Incidents),
        "indicators" => Ok(Template::Indicators),
        "other" => Ok(Template::Other),
        _ => Err("incidents, indicators or other"),
    }
}

impl Owner {
    /// # Errors
    /// Without a session, or when the output is not to be written.
    pub async fn run(&self, session: &mut Session<'_>, as_json: bool, out: &mut Out) -> Result<Exit, Stop> {
        if self.what == What::Radar {
            return self.radar(session, as_json, out).await;
        }
        let all = topics::rights(session).await?;
        match self.what {
            What::Requests => self.requests(&all, session, as_json, out).await,
            What::Approve => self.decide(&all, true, session, as_json, out).await,
            What::Deny => self.decide(&all, false, session, as_json, out).await,
            What::Members => self.members(&all, session, as_json, out).await,
            What::Create => self.create(&all, session, as_json, out).await,
            What::Config | What::Radar => self.config(&all, session, as_json, out).await,
        }
    }

    fn topic<'t>(&self, all: &'t [Topic]) -> Result<Option<&'t Topic>, Stop> {
        self.topics.first().map(|name| named(name, all)).transpose()
    }

    async fn requests(
        &self,
        all: &[Topic],
        session: &mut Session<'_>,
        as_json: bool,
        out: &mut Out,
    ) -> Result<Exit, Stop> {
        let only = self.topic(all)?.map(|topic| topic.id.clone());
        let pending = match polled(session).await? {
            Ok(pending) => pending,
            Err(error) => return Ok(refused(&error, session)),
        };
        let asked = || pending.iter().filter(|one| only.as_ref().is_none_or(|topic| *topic == one.topic));
        for one in asked() {
            let note = one.said.as_ref().map(|said| said.note.as_str()).filter(|note| !note.is_empty());
            let line = if as_json {
                json::line(&RequestLine {
                    broker: one.topic.broker.to_string(),
                    node: &one.topic.node,
                    subscriber: one.subscriber.to_string(),
                    seen: one.seen.to_rfc3339(),
                    note,
                })
            } else {
                let (seen, node) = (session.catalog().time(one.seen), text::line(&one.topic.node));
                let note = note.map(|note| format!("  \"{}\"", text::line(note))).unwrap_or_default();
                format!("{seen}  {:<40} {node}{note}", text::line(&one.subscriber.to_string()))
            };
            out.line(&line)?;
        }
        // An empty list would say that nobody waits.
        Ok(match session.trouble() {
            None => Exit::Done,
            Some(say) => {
                session.note(say);
                if asked().next().is_some() { Exit::Partly } else { Exit::Refused }
            }
        })
    }

    /// Whom it names must wait on the topic; a stranger's request is approved with a reason only.
    async fn decide(
        &self,
        all: &[Topic],
        allow: bool,
        session: &mut Session<'_>,
        as_json: bool,
        out: &mut Out,
    ) -> Result<Exit, Stop> {
        let Some(topic) = self.topic(all)?.map(|topic| topic.id.clone()) else { return Ok(Exit::Blocked) };
        let pending = match polled(session).await? {
            Ok(pending) => pending,
            Err(error) => return Ok(refused(&error, session)),
        };
        let mut chosen = Vec::new();
        for word in &self.words {
            let who: BareJid = word.parse().map_err(|_| blocked("cli-owner-no-account", word))?;
            let waits = pending.iter().any(|one| one.topic == topic && one.subscriber == who);
            if !waits {
                session.trouble().into_iter().for_each(|say| session.note(say));
                return Err(blocked("cli-owner-no-request", word));
            }
            chosen.push(who);
        }
        if allow && self.note.as_deref().is_none_or(|note| note.trim().is_empty()) {
            let known = domains(&topic, session).await?;
            if let Some(stranger) = chosen.iter().find(|who| !known.contains(&who.domain_ascii())) {
                return Err(blocked("cli-owner-stranger", &stranger.to_string()));
            }
        }
        let kind = if allow { Kind::Approve } else { Kind::Deny };
        self.hold(kind, &topic, chosen.iter().map(ToString::to_string), session).await?;
        let act = if allow { Act::Approved } else { Act::Denied };
        let mut exit = Exit::Done;
        for who in chosen {
            let words = self.words(act, &topic, session.catalog());
            let (on, subscriber) = (topic.clone(), who.clone());
            let done = session
                .ask(|request| Command::Decide { request, topic: on, subscriber, allow, words: Some(words) })
                .await?;
            match done {
                Ok(_) => {
                    self.remember(act, &topic, &who, session)?;
                    let decision = act.token();
                    let line = if as_json {
                        let (broker, node) = (topic.broker.to_string(), topic.node.as_str());
                        json::line(&DecidedLine { broker, node, subscriber: who.to_string(), decision })
                    } else {
                        format!("{decision}  {}  {}", text::line(&who.to_string()), text::line(&topic.to_string()))
                    };
                    out.line(&line)?;
                }
                Err(error) => exit = refused(&error, session),
            }
        }
        Ok(exit)
    }

    fn words(&self, act: Act, topic: &TopicId, catalog: &Catalog) -> Words {
        let note = self.note.as_deref().unwrap_or_default();
        crate::owner::words(act, topic, note, None, |say| catalog.say(say))
    }

    /// Writes down what the window's desk wants to know: what was decided, and that an end which was set for an earlier access
    /// is not this one's. Access that is given here has no end, and is looked at again like any other.
    fn remember(&self, act: Act, topic: &TopicId, who: &BareJid, session: &Session<'_>) -> Result<(), Stop> {
        let Some(local) = session.store.local() else { return Ok(()) };
        let (note, at) = (self.reason(), Utc::now());
        let granted = match act {
            Act::Approved => grant::keep(local, &[Grant::new(topic.clone(), who.clone(), None, &note, at)]),
            _ => grant::end(local, topic, std::slice::from_ref(who)),
        };
        let past = Past { topic: topic.clone(), act, note, at, by: By::Me };
        let kept = granted.and_then(|()| past::decided(local, vec![(who.clone(), past)]));
        kept.map_err(|error| Stop::new(Exit::Archive, error.say()))
    }

    fn reason(&self) -> String {
        self.note.as_deref().unwrap_or_default().trim().to_owned()
    }

    /// A signal ends it here, and nothing has left.
    async fn hold(
        &self,
        kind: Kind,
        topic: &TopicId,
        subjects: impl IntoIterator<Item = String>,
        session: &mut Session<'_>,
    ) -> Result<(), Stop> {
        if self.yes {
            return Ok(());
        }
        let held = subjects.into_iter().map(|subject| {
            let (topic, reason) = (topic.clone(), self.reason());
            Holding { kind, topic, subject, reason }
        });
        session.hold("cli-owner-hold", self.hold.unwrap_or(HOLD), held.collect()).await
    }

    async fn members(
        &self,
        all: &[Topic],
        session: &mut Session<'_>,
        as_json: bool,
        out: &mut Out,
    ) -> Result<Exit, Stop> {
        let Some(topic) = self.topic(all)?.map(|topic| topic.id.clone()) else { return Ok(Exit::Blocked) };
        let members = match listed(&topic, session).await? {
            Ok(members) => members,
            Err(error) => return Ok(refused(&error, session)),
        };
        for member in lines(&members) {
            let line = if as_json {
                json::line(&member)
            } else {
                let states: Vec<&str> = member.subscriptions.iter().map(|one| one.state).collect();
                format!("{:<44} {:<12} {}", text::line(&member.account), member.affiliation, states.join(", "))
            };
            out.line(line.trim_end())?;
        }
        Ok(Exit::Done)
    }

    async fn create(
        &self,
        all: &[Topic],
        session: &mut Session<'_>,
        as_json: bool,
        out: &mut Out,
    ) -> Result<Exit, Stop> {
        let (Some(name), Some(template)) = (self.words.first(), self.template) else { return Ok(Exit::Blocked) };
        let (node, broker) = name.split_once(" @ ").map_or((name.as_str(), None), |(node, at)| (node, Some(at)));
        let broker = match broker {
            Some(broker) => broker.parse().map_err(|_| blocked("cli-owner-no-account", broker))?,
            None => only_broker(all)?,
        };
        let topic = TopicId { broker, node: node.to_owned() };
        if !TopicId::is_node(&topic.node) || all.iter().any(|known| known.id == topic) {
            return Err(blocked("cli-owner-topic-there", name));
        }
        let at = topic.broker.clone();
        let form = match session.ask(|request| Command::Defaults { request, broker: at }).await? {
            Ok(Receipt::Settings(form)) => Some(form),
            // Then it is asked for everything, and what it kept is read.
            _ => None,
        };
        let settings = template.settings(&self.naming, form.as_deref());
        let wishes = settings.clone();
        self.hold(Kind::Create, &topic, [String::new()], session).await?;
        let made = topic.clone();
        match session.ask(|request| Command::Create { request, topic: made, settings }).await? {
            Ok(Receipt::Created(created)) => match &*created {
                Created::Whole(saved) => {
                    let exit = fates(saved, as_json, out)?;
                    let open = settings::left_open(&wishes, &saved.settings).is_some();
                    if open { Ok(bare(&topic, session)) } else { Ok(exit) }
                }
                Created::Bare { why } => {
                    session.note(why);
                    Ok(bare(&topic, session))
                }
            },
            Ok(_) => Ok(Exit::Unsure),
            Err(error) => {
                let exit = refused(&error, session);
                // Prosody says no more than that it does not take this.
                if exit == Exit::Refused && !self.naming.whitelist {
                    session.note(&Say::new("cli-owner-no-approvals"));
                }
                Ok(exit)
            }
        }
    }

    /// Shows how a topic is set up, or changes it.
    async fn config(
        &self,
        all: &[Topic],
        session: &mut Session<'_>,
        as_json: bool,
        out: &mut Out,
    ) -> Result<Exit, Stop> {
        let Some((name, changes)) = self.words.split_first() else { return Ok(Exit::Blocked) };
        let topic = named(name, all)?.id.clone();
        let changes = changes.iter().map(|change| change_of(change)).collect::<Result<Vec<Answer>, Stop>>()?;
        if changes.is_empty() {
            return match session.ask(|request| Command::Settings { request, topic }).await? {
                Ok(Receipt::Settings(settings)) => shown(&settings, as_json, out),
                Ok(_) => Ok(Exit::Unsure),
                Err(error) => Ok(refused(&error, session)),
            };
        }
        // What lets more people read, or publish, is done with a reason that was typed (`product.md` B6, tier 2).
        let reason = self.reason();
        if reason.is_empty() {
            let on = topic.clone();
            let now = match session.ask(|request| Command::Settings { request, topic: on }).await? {
                Ok(Receipt::Settings(now)) => now,
                Ok(_) => return Ok(Exit::Unsure),
                Err(error) => return Ok(refused(&error, session)),
            };
            if settings::risks(&now, &changes).into_iter().any(Risk::is_hard) {
                return Err(blocked("cli-owner-opens", name));
            }
        }
        self.hold(Kind::Configure, &topic, [String::new()], session).await?;
        match session.ask(|request| Command::Configure { request, topic, changes, reason }).await? {
            Ok(Receipt::Configured(saved)) => fates(&saved, as_json, out),
            Ok(_) => Ok(Exit::Unsure),
            Err(error) => Ok(refused(&error, session)),
        }
    }

    async fn radar(&self, session: &mut Session<'_>, as_json: bool, out: &mut Out) -> Result<Exit, Stop> {
        let (facts, topics) = surveyed(session).await?;
        let close = self.close;
        let survey = match session.ask(|request| Command::Survey { request, close }).await? {
            Ok(Receipt::Surveyed(survey)) => survey,
            Ok(_) => return Ok(Exit::Unsure),
            Err(error) => return Ok(refused(&error, session)),
        };
        let facts = Facts { session: facts.as_deref(), survey: Some(&survey), topics: &topics };
        let catalog = session.catalog();
        let speech = Speech { say: &|say| catalog.say(say), next: &|say| catalog.next(say) };
        let rows = radar::rows(&facts);
        let page = if as_json { radar::json(&rows, &facts, speech) } else { radar::markdown(&rows, &facts, speech) };
        out.line(page.trim_end())?;
        Ok(Exit::Done)
    }
}

/// The facts of the session and all topics, once both are known.
async fn surveyed(
    session: &mut Session<'_>,
) -> Result<(Option<std::sync::Arc<SessionFacts>>, std::sync::Arc<[Topic]>), Stop> {
    let mut facts = None;
    loop {
        for event in session.next().await? {
            match event {
                Event::Connection(Connection::Online(told)) => facts = Some(told),
                Event::Topics { topics, whole: true, .. } => return Ok((facts, topics)),
                _ => {}
            }
        }
    }
}

async fn polled(session: &mut Session<'_>) -> Result<Result<std::sync::Arc<[Pending]>, Error>, Stop> {
    Ok(match session.ask(|request| Command::Poll { request }).await? {
        Ok(Receipt::Polled(pending)) => Ok(pending),
        Ok(_) => Err(Error::Offline),
        Err(error) => Err(error),
    })
}

async fn listed(topic: &TopicId, session: &mut Session<'_>) -> Result<Result<std::sync::Arc<Members>, Error>, Stop> {
    let topic = topic.clone();
    Ok(match session.ask(|request| Command::Members { request, topic }).await? {
        Ok(Receipt::Members(members)) => Ok(members),
        Ok(_) => Err(Error::Offline),
        Err(error) => Err(error),
    })
}

/// A topic stands as the broker made it: that is said, and how to close it.
fn bare(topic: &TopicId, session: &Session<'_>) -> Exit {
    let say = Say::new("cli-owner-bare").with("topic", text::line(&topic.node));
    session.note(&say);
    if let Some(next) = session.catalog().next(&say) {
        out::note(&next);
    }
    Exit::Partly
}

/// Domains of accounts that read the topic or may; one that was shut out vouches for nobody.
async fn domains(topic: &TopicId, session: &mut Session<'_>) -> Result<Vec<String>, Stop> {
    let Ok(members) = listed(topic, session).await? else { return Ok(Vec::new()) };
    let barred = |who: &&BareJid| *members.affiliation(who) == Affiliation::Outcast;
    let readers = members.subscribers.iter().filter(|own| !own.pending).map(|own| own.jid.bare());
    let readers = readers.filter(|who| !barred(who));
    let shut = |is: &Affiliation| matches!(is, Affiliation::None | Affiliation::Outcast);
    let trusted = members.affiliations.iter().filter(|(_, is)| !shut(is)).map(|(jid, _)| jid.bare());
    let all = trusted.chain(readers);
    Ok(all.map(BareJid::domain_ascii).collect())
}

fn only_broker(all: &[Topic]) -> Result<BareJid, Stop> {
    let mut brokers: Vec<&BareJid> = all.iter().map(|topic| &topic.id.broker).collect();
    brokers.sort_unstable();
    brokers.dedup();
    match brokers.as_slice() {
        [one] => Ok((*one).clone()),
        _ => Err(Stop::new(Exit::Blocked, Say::new("cli-owner-which-broker"))),
    }
}

/// `pubsub#max_items=200`, or without `pubsub#`; of several values each on its own, in order.
fn change_of(text: &str) -> Result<Answer, Stop> {
    let (var, value) = text
        .split_once('=')
        .filter(|(var, _)| !var.is_empty())
        .ok_or_else(|| Stop::usage(Say::new("cli-usage-owner").with("verb", "topic config")))?;
    let var = if var.contains('#') { var.to_owned() } else { format!("pubsub#{var}") };
    Ok(Answer::new(&var, value))
}

fn blocked(key: &'static str, what: &str) -> Stop {
    Stop::new(Exit::Blocked, Say::new(key).with("what", text::line(what)))
}

/// Says why, and how the verb ends by it.
fn refused(error: &Error, session: &Session<'_>) -> Exit {
    let say = error.say();
    session.note(&say);
    if let Some(next) = session.catalog().next(&say) {
        out::note(&next);
    }
    match error {
        Error::Refused { .. } | Error::Busy | Error::Offline => Exit::Refused,
        _ => Exit::Unsure,
    }
}
