//! From the draft to the broker: looked at away from the window's thread after every pause, looked at again when it is to
//! go, held, sent, settled. The newest look wins; what an older one found stays in sight until then.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta};
use iced::Task;

use super::desk::{Desk, Side};
use super::flight::Flight;
use super::picker::{For, Picker};
use super::{Found, Message, Screen};
use crate::app::cx::Cx;
use crate::compose::audience::Audience;
use crate::compose::draft::{Act, Beside, Reason, Spot};
use crate::compose::preflight::{self, Finding, Place, Weight};
use crate::compose::send::Parcel;
use crate::engine::{Command, Error, Receipt, RequestId, Terms};
use crate::iodef::Document;
use crate::iodef::view::incidents;
use crate::model::{Affiliation, BareJid, Topic, TopicId};
use crate::screen::{Action, Toast, Tone};

/// How long the keys rest before what was typed is looked at.
const PAUSE: Duration = Duration::from_millis(150);

/// All that a look needs, so that it can be made anywhere.
struct Asked {
    document: Document,
    practice: bool,
    topics: Vec<(TopicId, Option<Topic>, Audience)>,
    reasons: Vec<Reason>,
}

impl Asked {
    fn look(&self) -> Found {
        let mut found = preflight::document(&self.document, self.practice);
        let size = self.document.travelling().text.len();
        let given = |of: &str, about: &str| {
            let reason = self.reasons.iter().find(|reason| reason.of == of && reason.about == about);
            reason.is_some_and(|reason| !reason.words.trim().is_empty())
        };
        for (id, topic, audience) in &self.topics {
            found.extend(preflight::topic(&self.document, size, id, topic.as_ref(), audience, &given));
        }
        super::leaks::look(&self.document, found)
    }
}

impl Screen {
    /// Looks at the draft that is open, now or when the keys rest.
    pub(super) fn look(&mut self, now: bool, cx: &Cx<'_>) -> Action<Message> {
        self.reckon(cx);
        let Some(desk) = &self.desk else { return Action::None };
        let (id, revision) = (desk.id.clone(), desk.revision());
        let asked = self.asked(desk, cx);
        let look = async move {
            if !now {
                tokio::time::sleep(PAUSE).await;
            }
            let found = tokio::task::spawn_blocking(move || asked.look()).await;
            found.unwrap_or_default()
        };
        let (task, handle) = Task::perform(look, move |found| Message::Looked(id.clone(), revision, found)).abortable();
        // The one before is not waited for any more.
        self.looking = Some(handle.abort_on_drop());
        Action::Run(task)
    }

    fn asked(&self, desk: &Desk, cx: &Cx<'_>) -> Asked {
        let audience =
            |topic: &TopicId| self.audiences.iter().find(|(of, _)| of == topic).map(|(_, audience)| audience.clone());
        let topics = desk.topics().iter().map(|topic| {
            let known = cx.topics.iter().find(|one| one.id == *topic).cloned();
            (topic.clone(), known, audience(topic).unwrap_or_else(nobody))
        });
        let topics = topics.collect();
        Asked {
            document: desk.document().clone(),
            practice: cx.practice,
            topics,
            reasons: desk.beside().reasons.clone(),
        }
    }

    /// Who would read it, anew.
    pub(super) fn reckon(&mut self, cx: &Cx<'_>) {
        let Some((desk, me)) = self.desk.as_ref().zip(cx.me()) else { return };
        let known = |topic: &TopicId| {
            let found = cx.topics.iter().find(|one| one.id == *topic)?;
            let audience = super::audience::of(found, self.members.get(topic), self.last.get(topic), me);
            Some((topic.clone(), audience))
        };
        self.audiences = desk.topics().iter().filter_map(known).collect();
    }

    /// Asks who is on the chosen topics that I own.
    pub(super) fn ask_members(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(desk) = self.desk.as_ref().filter(|_| cx.online()) else { return Action::None };
        let mine = |topic: &&TopicId| {
            let asked = self.members.contains_key(*topic) || self.asking.values().any(|one| one == *topic);
            let owned = cx.topics.iter().any(|one| one.id == **topic && one.affiliation == Affiliation::Owner);
            owned && !asked
        };
        let topics: Vec<TopicId> = desk.topics().iter().filter(mine).cloned().collect();
        let mut actions = Vec::new();
        for topic in topics {
            let request = cx.request();
            let _ = self.asking.insert(request, topic.clone());
            actions.push(Action::Engine(Command::Members { request, topic }));
        }
        Action::Many(actions)
    }

    /// What was found is known now: the person who wanted it to go is led to what stands in the way, or it is held.
    pub(super) fn go_on(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let version = self.version();
        let Some(desk) = self.desk.as_mut() else { return version };
        let revision = desk.revision();
        if self.wanted.take_if(|wanted| *wanted == revision).is_none() {
            return version;
        }
        if preflight::blocks(&desk.findings.list) {
            desk.side = Side::Findings;
            return self.jump(0);
        }
        self.hold(cx)
    }

    /// The person wants it to go: it is given its time and looked at once more.
    pub(super) fn publish(&mut self, cx: &Cx<'_>) -> Action<Message> {
        if !self.is_editing() {
            return Action::None;
        }
        let Some(desk) = self.desk.as_mut() else { return Action::None };
        desk.tried = true;
        if desk.topics().is_empty() {
            desk.picker = Some(Picker::new(For::Topic));
            let focus = iced::widget::operation::focus(super::picker::QUERY);
            return Action::Many(vec![Action::Run(focus), self.look(true, cx)]);
        }
        let incident = incidents(desk.document()).next().map(|incident| incident.element());
        let generated = incident.and_then(|incident| incident.child("GenerationTime")).map(|time| time.id());
        // Tried again as it was refused, it stays the same.
        let again =
            self.flights.iter().any(|flight| flight.parcel.draft() == desk.id && flight.revision == desk.revision());
        if let Some(node) = generated.filter(|_| !again) {
            let value = cx.now.to_rfc3339_opts(SecondsFormat::Secs, true);
            let _ = desk.act(&[Act::Set { spot: Spot::text(node), value }]);
        }
        self.wanted = Some(desk.revision());
        self.look(true, cx)
    }

    /// Holds what was found sound, for each of its topics.
    fn hold(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(desk) = self.desk.as_ref() else { return Action::None };
        let payload: std::sync::Arc<[u8]> = desk.document().travelling().text.into_bytes().into();
        let hold = TimeDelta::seconds(i64::from(cx.settings.hold()));
        let mut held = Vec::new();
        for id in desk.topics() {
            let Some(topic) = cx.topics.iter().find(|topic| topic.id == *id) else { continue };
            let same = |flight: &Flight| flight.parcel.draft() == desk.id && flight.parcel.topic() == id;
            if self.flights.iter().any(|flight| same(flight) && flight.is_published()) {
                continue;
            }
            if let Some(at) = self.flights.iter().position(|flight| same(flight) && flight.revision == desk.revision())
            {
                // Refused before and tried again as it is: the same item.
                if let Some(flight) = self.flights.get_mut(at) {
                    flight.parcel.again(topic.access.clone());
                    flight.next = None;
                }
                continue;
            }
            let parcel =
                Parcel::hold(desk.id.clone(), id.clone(), topic.access.clone(), payload.clone(), (cx.now, hold));
            match parcel {
                Ok(parcel) => held.push(Flight::new(parcel, desk.document().clone(), desk.revision())),
                Err(say) => return Action::Notify(Toast { tone: Tone::Bad, say }),
            }
        }
        let topics: Vec<TopicId> = held.iter().map(|flight| flight.parcel.topic().clone()).collect();
        let draft = desk.id.clone();
        // What was refused of an earlier state makes room for this one.
        self.flights.retain(|flight| {
            flight.parcel.draft() != draft || flight.is_under_way() || !topics.contains(flight.parcel.topic())
        });
        self.flights.append(&mut held);
        self.release(cx)
    }

    /// Takes back what is held of the draft that is open.
    pub(super) fn unhold(&mut self) -> Action<Message> {
        if let Some(desk) = &self.desk {
            self.flights.retain(|flight| flight.parcel.draft() != desk.id || !flight.is_held());
        }
        Action::None
    }

    /// Takes back what waits for a connection.
    pub(super) fn unqueue(&mut self, topic: &TopicId) -> Action<Message> {
        if let Some(desk) = &self.desk {
            self.flights.retain(|flight| {
                flight.parcel.draft() != desk.id || flight.parcel.topic() != topic || !flight.parcel.can_undo()
            });
        }
        Action::None
    }

    /// Sends what was held long enough, where there is a session and a last look lets it pass.
    pub(super) fn release(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let mut actions = Vec::new();
        for at in 0..self.flights.len() {
            let Some(flight) = self.flights.get_mut(at) else { continue };
            let _ = flight.parcel.ripen(cx.now);
            if !cx.online() || !cx.complete || !flight.is_ready(cx.now) {
                continue;
            }
            let stopped = self.last_look(at, cx);
            let Some(flight) = self.flights.get_mut(at) else { continue };
            if let Some(found) = stopped {
                flight.stop(found.id, found.say, cx.now);
                continue;
            }
            let Some(sending) = flight.parcel.send() else { continue };
            let request = cx.request();
            flight.request = Some(request);
            let terms = Terms { access: Some(sending.access), sent: sending.tried };
            let (topic, item, payload) = (sending.topic, sending.item, sending.payload);
            actions.push(Action::Engine(Command::Publish { request, topic, item, payload, terms }));
        }
        if actions.is_empty() { Action::None } else { Action::Many(actions) }
    }

    /// What has come in the way since the person decided; who reads may have changed while it waited.
    fn last_look(&self, at: usize, cx: &Cx<'_>) -> Option<Finding> {
        let flight = self.flights.get(at)?;
        let id = flight.parcel.topic();
        let topic = cx.topics.iter().find(|topic| topic.id == *id);
        let audience = topic
            .zip(cx.me())
            .map(|(topic, me)| super::audience::of(topic, self.members.get(id), self.last.get(id), me));
        let audience = audience.unwrap_or_else(nobody);
        // What asks for a reason was decided with it.
        let given = |_: &str, _: &str| true;
        let found = preflight::topic(&flight.document, flight.parcel.payload().len(), id, topic, &audience, &given);
        found.into_iter().find(|finding| finding.weight == Weight::Blocks)
    }

    pub(super) fn settle(
        &mut self,
        request: RequestId,
        result: Result<Receipt, Error>,
        cx: &Cx<'_>,
    ) -> Action<Message> {
        if let Some(topic) = self.asking.remove(&request) {
            if let Ok(Receipt::Members(members)) = result {
                let subscribers = members.subscribers.iter().map(|one| (one.jid.clone(), one.pending)).collect();
                let members = super::audience::Members { affiliations: members.affiliations.clone(), subscribers };
                let _ = self.members.insert(topic, members);
                return self.look(true, cx);
            }
            return Action::None;
        }
        let Some(flight) = self.flights.iter_mut().find(|flight| flight.request == Some(request)) else {
            return Action::None;
        };
        flight.settle(result, cx.now);
        if !flight.is_published() {
            return Action::None;
        }
        let topic = flight.parcel.topic().clone();
        let who: BTreeSet<BareJid> =
            self.audiences.iter().find(|(of, _)| *of == topic).map(|(_, audience)| audience.who()).unwrap_or_default();
        let _ = self.last.insert(topic, who);
        Action::Notify(Toast { tone: Tone::Good, say: crate::model::Say::new("compose-published-toast") })
    }

    /// Leads to the place of a finding.
    pub(super) fn jump(&mut self, index: usize) -> Action<Message> {
        let Some(desk) = self.desk.as_mut() else { return Action::None };
        let Some(finding) = desk.findings.list.get(index) else { return Action::None };
        let (place, act) = (finding.place.clone(), finding.act.clone());
        desk.findings.at = Some(index);
        match place {
            Place::Element(node) => {
                let at = match desk.control_of(node).filter(|_| desk.sheet().is_none()) {
                    Some(at) => at,
                    None => {
                        desk.pick(Some(node));
                        desk.control_of(node).unwrap_or(0)
                    }
                };
                Action::Run(iced::widget::operation::focus(super::control::id(at)))
            }
            Place::Whole if act.is_some() => self.ask_reason(index),
            Place::Topic(_) if act.is_some() => self.ask_reason(index),
            Place::Topic(_) => Action::Run(iced::widget::operation::focus("report.topic")),
            Place::Whole => Action::None,
        }
    }

    pub(super) fn ask_reason(&mut self, index: usize) -> Action<Message> {
        let found = self.desk.as_ref().and_then(|desk| desk.findings.list.get(index)).cloned();
        self.reason = found
            .filter(|found| found.act.is_some())
            .map(|finding| super::reason::Asked { finding, words: String::new() });
        Action::None
    }

    /// The reason is written down with the draft; what it was asked for passes by it.
    pub(super) fn reason_given(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(asked) = self.reason.take_if(|asked| asked.is_enough()) else { return Action::None };
        let (Some(desk), Some(act)) = (self.desk.as_mut(), asked.finding.act) else { return Action::None };
        let mut beside: Beside = desk.beside().clone();
        beside.reasons.retain(|reason| reason.of != act.of || reason.about != act.about);
        beside.reasons.push(Reason { of: act.of.to_owned(), about: act.about, words: asked.words.trim().to_owned() });
        let _ = desk.act(&[Act::Beside(Box::new(beside))]);
        self.look(true, cx)
    }

    /// Changes where it goes.
    pub(super) fn send_to(&mut self, topic: &TopicId, goes: bool, cx: &Cx<'_>) -> Action<Message> {
        let Some(desk) = self.desk.as_mut() else { return Action::None };
        let mut beside = desk.beside().clone();
        beside.topics.retain(|one| one != topic);
        if goes {
            beside.topics.push(topic.clone());
        }
        desk.picker = None;
        let _ = desk.act(&[Act::Beside(Box::new(beside))]);
        let asked = self.ask_members(cx);
        Action::Many(vec![asked, self.look(false, cx)])
    }

    /// A topic that is the only one needs no choosing.
    pub(super) fn only_topic(&mut self, cx: &Cx<'_>) {
        let Some(desk) =
            self.desk.as_mut().filter(|desk| cx.complete && desk.topics().is_empty() && !desk.draft().can_undo())
        else {
            return;
        };
        let mut open = super::publishable(cx);
        if let (Some(only), None) = (open.next(), open.next()) {
            let topics = vec![only.id.clone()];
            let beside = Beside { topics, ..desk.beside().clone() };
            desk.fresh(beside);
        }
    }

    /// Whether the document may be changed now: not while a part of what was decided is on its way.
    pub(super) fn is_editing(&self) -> bool {
        let Some(desk) = &self.desk else { return false };
        !self.flights_of(&desk.id).any(Flight::is_under_way)
    }

    pub(super) fn flights_of(&self, draft: &str) -> impl Iterator<Item = &Flight> {
        self.flights.iter().filter(move |flight| flight.parcel.draft() == draft)
    }
}

/// Of a topic nobody knows.
fn nobody() -> Audience {
    let known = crate::compose::audience::Known::Estimated { subscribers: None };
    Audience { readers: Vec::new(), known, anybody: false, first: true }
}
