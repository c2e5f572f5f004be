//! From the draft to the broker: looked at away from the window's thread after every pause, looked at again when it is to
//! go, held, sent, settled. The newest look wins; what an older one found stays in sight until then.

use std::sync::Arc;
use std::time::Duration;

use chrono::SecondsFormat;
use iced::Task;

use super::desk::{Desk, Side};
use super::picker::{For, Picker};
use super::{Found, Message, Screen, audience};
use crate::app::cx::Cx;
use crate::compose::draft::{Act, Beside, Course, Reason, Spot, Whole};
use crate::compose::look::Asked;
use crate::compose::preflight::{self, Place};
use crate::compose::send::{About, Parcel, State};
use crate::compose::versions::To;
use crate::iodef::Document;
use crate::iodef::view::incidents;
use crate::model::{Tlp, TopicId};
use crate::screen::{Action, Toast, Tone};

/// How long the keys rest before what was typed is looked at.
const PAUSE: Duration = Duration::from_millis(150);

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
            Found::made(move || asked.look()).await
        };
        let (task, handle) = Task::perform(look, move |found| Message::Looked(id.clone(), revision, found)).abortable();
        // The one before is not waited for any more.
        self.looking = Some(handle.abort_on_drop());
        Action::Run(task)
    }

    fn asked(&self, desk: &Desk, cx: &Cx<'_>) -> Asked {
        let audience_of =
            |topic: &TopicId| self.audiences.iter().find(|(of, _)| of == topic).map(|(_, audience)| audience.clone());
        let topics = desk.topics().iter().map(|topic| {
            let known = cx.topics.iter().find(|one| one.id == *topic).cloned();
            let audience = audience_of(topic).unwrap_or_else(audience::nobody);
            let wanted = desk.beside().versions.iter().find(|(of, _)| of == topic).map(|(_, wanted)| *wanted);
            To { id: topic.clone(), topic: known, audience, wanted }
        });
        let topics = topics.collect();
        Asked {
            document: desk.document().clone(),
            practice: cx.practice,
            topics,
            sources: desk.beside().sources.clone(),
            reasons: desk.beside().reasons.clone(),
            wholes: desk.beside().wholes.clone(),
        }
    }

    /// Who would read it, anew.
    pub(super) fn reckon(&mut self, cx: &Cx<'_>) {
        let Some((desk, me)) = self.desk.as_ref().zip(cx.me()) else { return };
        let known = |topic: &TopicId| {
            let found = cx.topics.iter().find(|one| one.id == *topic)?;
            Some((topic.clone(), self.audience(found, me, cx)))
        };
        self.audiences = desk.topics().iter().filter_map(known).collect();
    }

    /// What was found is known now: the person who wanted it to go is led to what stands in the way, or it is held.
    pub(super) fn go_on(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let shown = Action::Many(vec![self.version(), self.read()]);
        let Some(desk) = self.desk.as_mut() else { return shown };
        let revision = desk.revision();
        if desk.leaks.looking() || self.counting || self.readers.is_asking_any(desk.topics()) {
            return shown;
        }
        if self.wanted.take_if(|wanted| *wanted == revision).is_none() {
            return shown;
        }
        let gone = if preflight::blocks(&desk.findings.list) {
            desk.side = Side::Findings;
            self.jump(0)
        } else {
            self.hold(cx)
        };
        Action::Many(vec![shown, gone])
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
        let of = desk.digest();
        let again = self.outbox.of_draft(&desk.id).any(|parcel| parcel.about().of == of);
        if let Some(node) = generated.filter(|_| !again) {
            let value = cx.now.to_rfc3339_opts(SecondsFormat::Secs, true);
            let _ = desk.act(&[Act::Set { spot: Spot::text(node), value }]);
        }
        // What is still being looked up was asked for something earlier.
        desk.leaks.renew();
        self.wanted = Some(desk.revision());
        // Who reads there is asked once more: it is held by what is so now.
        let readers = self.ask_members_anew(cx);
        let asked = self.ask_numbers(cx);
        Action::Many(vec![readers, asked, self.look(true, cx)])
    }

    /// Holds what was found sound, for each of its topics.
    fn hold(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(desk) = self.desk.as_ref() else { return Action::None };
        let bytes = |document: &Document| Arc::<[u8]>::from(document.travelling().text.into_bytes());
        let whole = bytes(desk.document());
        let of = desk.digest();
        let is_done = |topic| self.outbox.of_draft(&desk.id).any(|own| own.topic() == topic && own.is_done());
        // Where all of them have an earlier state of it, what was changed since is told anew.
        let anew = desk.topics().iter().all(is_done);
        let (mut held, mut again, mut stale) = (Vec::new(), Vec::new(), Vec::new());
        for id in desk.topics() {
            let Some(topic) = cx.topics.iter().find(|topic| topic.id == *id) else { continue };
            // As it was made and proven when it was looked at last.
            let version = desk.goes.versions.iter().find(|(topic, _)| topic == id).map(|(_, made)| made);
            let payload = version.map_or_else(|| Arc::clone(&whole), |made| bytes(&made.document));
            let of_whole = version.map(|made| Arc::new(Whole::of(desk.document(), made.target)));
            let about = About {
                draft: desk.id.clone(),
                of: of.clone(),
                title: desk.title().to_owned(),
                label: version.map_or(desk.goes.label, |made| preflight::strictest(&made.document)),
                is_new: !matches!(desk.beside().course, Course::Update(_)),
                reasons: desk.beside().reasons.clone(),
                wholes: desk.beside().wholes.iter().cloned().chain(of_whole).collect(),
            };
            let own = self.outbox.of_draft(&desk.id).filter(|parcel| parcel.topic() == id);
            let own: Vec<&Parcel> = own.collect();
            if own.iter().any(|parcel| parcel.is_done() && (!anew || parcel.about().of == of)) {
                continue;
            }
            // Refused before and tried again as it is: the same item.
            let same = own.iter().find(|parcel| parcel.about().of == of && parcel.payload() == Some(&payload));
            if let Some(same) = same {
                again.push((same.key().to_owned(), topic.access.clone()));
                continue;
            }
            // What was refused of an earlier state makes room for this one.
            let refused = own.iter().filter(|parcel| matches!(parcel.state(), State::Refused { .. }));
            stale.extend(refused.map(|parcel| parcel.key().to_owned()));
            let access = topic.access.clone();
            match Parcel::publish(about, id.clone(), access, payload, super::hold(cx)) {
                Ok(parcel) => held.push(parcel),
                Err(say) => return Action::Notify(Toast { tone: Tone::Bad, say }),
            }
        }
        stale.iter().for_each(|key| self.outbox.forget(key));
        held.into_iter().for_each(|parcel| self.outbox.put(parcel));
        again.into_iter().for_each(|(key, access)| self.outbox.again(&key, Some(access), super::hold(cx)));
        Action::None
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

    /// Changes for whom it is in a topic, and shows what that leaves.
    pub(super) fn version_for(&mut self, topic: TopicId, target: Option<Tlp>, cx: &Cx<'_>) -> Action<Message> {
        let Some(desk) = self.desk.as_mut() else { return Action::None };
        let mut beside = desk.beside().clone();
        beside.versions.retain(|(of, _)| *of != topic);
        beside.versions.push((topic, target));
        desk.picker = None;
        let _ = desk.act(&[Act::Beside(Box::new(beside))]);
        let mut made = Action::None;
        if target.is_some() {
            (desk.version.target, desk.side) = (target, Side::Version);
            made = self.version();
        }
        Action::Many(vec![made, self.look(true, cx)])
    }

    /// Changes where it goes.
    pub(super) fn send_to(&mut self, topic: &TopicId, goes: bool, cx: &Cx<'_>) -> Action<Message> {
        let Some(desk) = self.desk.as_mut() else { return Action::None };
        let mut beside = desk.beside().clone();
        beside.topics.retain(|one| one != topic);
        beside.versions.retain(|(of, _)| goes || of != topic);
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
            let _ = desk.begin_with(&Act::Beside(Box::new(beside)));
        }
    }

    /// Whether the document may be changed now: not while a part of what was decided is on its way.
    pub(super) fn is_editing(&self) -> bool {
        let Some(desk) = &self.desk else { return false };
        self.outbox.of_draft(&desk.id).all(Parcel::is_settled)
    }
}
