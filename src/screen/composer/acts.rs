//! What a person does with the draft that is open: looking about in it, and changing it.

use chrono::{DateTime, Utc};
use iced::widget::{operation, text_editor};

use super::desk::{Desk, Side};
use super::picker::{self, For, Picker};
use super::{Message, Screen, control, essentials, findings, outline};
use crate::app::cx::Cx;
use crate::compose::draft::Act;
use crate::compose::form::Go;
use crate::iodef::Element;
use crate::model::{Say, TopicId};
use crate::screen::{Action, Toast, Tone, document};

/// Longest text taken from the clipboard into a field at once, in bytes.
const PASTE: usize = 256 * 1024;

impl Screen {
    pub(super) fn of_desk(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        let editing = self.is_editing();
        // Handed over beside the rest of the screen.
        let topics = std::mem::take(&mut self.topics);
        let before = self.desk.as_ref().map(Desk::revision);
        let action = self.on_desk(message, editing, &topics, cx).unwrap_or(Action::None);
        self.topics = topics;
        if self.desk.as_ref().map(Desk::revision) == before {
            return action;
        }
        match (action, self.look(false, cx)) {
            (Action::None, look) => look,
            (action, look) => Action::Many(vec![action, look]),
        }
    }

    fn on_desk(
        &mut self,
        message: Message,
        editing: bool,
        topics: &[(TopicId, String)],
        cx: &Cx<'_>,
    ) -> Option<Action<Message>> {
        let desk = self.desk.as_mut()?;
        match message {
            Message::Look(row) => {
                let node = row.checked_sub(1).and_then(|row| desk.rows().get(row)).map(|row| row.node);
                desk.pick(node);
            }
            Message::Whole => desk.whole(),
            Message::Walk(by) => {
                let row = desk.place().map_or(0, |place| place + 1).saturating_add_signed(by).min(desk.rows().len());
                let node = row.checked_sub(1).and_then(|row| desk.rows().get(row)).map(|row| row.node);
                desk.pick(node);
            }
            Message::Into => return focus(control::id(0)),
            Message::Fold(node) => desk.fold(node, None),
            Message::Open(open) => {
                let node = desk.selected().map(Element::id)?;
                desk.fold(node, Some(open));
            }
            Message::Line(line) => {
                let node = desk.at_line(line);
                desk.pick(node);
            }
            Message::CopySource => return Some(Action::Copy(desk.document().text().to_owned())),
            Message::Side(side) => {
                desk.side = side;
                let asked = if side == Side::Audience { self.ask_members(cx) } else { Action::None };
                let read = self.read();
                return Some(Action::Many(vec![asked, self.version(), read]));
            }
            Message::Removed(by) => desk.to_removed(by),
            Message::Version(target) => {
                desk.version.target = Some(target);
                return Some(self.version());
            }
            Message::Reveal(node) => desk.pick(Some(node)),
            Message::Finding(index) => desk.findings.at = Some(index),
            Message::Jump(index) => return Some(self.jump(index)),
            Message::Pick(what) => {
                desk.picker = what.map(Picker::new);
                let _ = desk.picker.as_ref()?;
                return focus(picker::QUERY.to_owned());
            }
            Message::AddHere => {
                let node = desk.selected().map_or_else(|| essentials::parent(desk.document()), Element::id);
                desk.picker = Some(Picker::new(For::Add(node)));
                return focus(picker::QUERY.to_owned());
            }
            Message::Query(query) => {
                let picker = desk.picker.as_mut()?;
                (picker.query, picker.at) = (query, 0);
            }
            Message::Step(by) => {
                let many = desk.picker.as_ref()?.choices(desk, topics, cx).len();
                let picker = desk.picker.as_mut()?;
                picker.at = picker.at.saturating_add_signed(by).min(many.saturating_sub(1));
            }
            Message::TakeHere => {
                let picker = desk.picker.clone()?;
                let choice = picker.choices(desk, topics, cx).into_iter().nth(picker.at)?;
                return Some(self.update(choice.message, cx));
            }
            Message::Pane(on) => return self.turn(on),
            message if editing => return change(desk, message, cx.now),
            _ => {}
        }
        None
    }

    /// To the next pane, or the one before: the outline, the form, the side.
    fn turn(&mut self, on: bool) -> Option<Action<Message>> {
        self.pane = (self.pane + if on { 1 } else { 2 }) % 3;
        let side = self.desk.as_ref().map_or(Side::Source, |desk| desk.side);
        focus(match (self.pane, side) {
            (0, _) => outline::LIST.to_owned(),
            (1, _) => control::id(0),
            (_, Side::Source) => super::source::LIST.to_owned(),
            (_, Side::Findings) => findings::LIST.to_owned(),
            (_, Side::Audience) => "compose.side.2".to_owned(),
            (_, Side::Version) => super::compare::LIST.to_owned(),
            (_, Side::Reader) => document::TABS.to_owned(),
        })
    }
}

fn focus(id: String) -> Option<Action<Message>> {
    Some(Action::Run(operation::focus(id)))
}

/// What changes the document.
fn change(desk: &mut Desk, message: Message, now: DateTime<Utc>) -> Option<Action<Message>> {
    let selected = desk.selected().map(Element::id);
    match message {
        Message::Act(act) => {
            let _ = desk.act(&[act]);
        }
        Message::Take(act) => {
            let adds = matches!(act, Act::Add { .. } | Act::Insert { .. } | Act::Swap { .. });
            desk.picker = None;
            if desk.act(&[act]) && adds {
                return focus(control::id(0));
            }
        }
        Message::Slot(slot, words) => {
            let act = slot.set(desk.document(), &words)?;
            let _ = desk.act(&[act]);
        }
        Message::When(spot, words) => {
            let _ = desk.when(&spot, words, now);
        }
        Message::Write(_, action) if is_flood(&action) => {
            return Some(Action::Notify(Toast { tone: Tone::Bad, say: Say::new("compose-paste-too-long") }));
        }
        Message::Write(spot, action) => {
            let edits = action.is_edit();
            let content = desk.editor_mut(&spot)?;
            content.perform(action);
            let text = content.text();
            let _ = edits && desk.typed(&spot, text);
        }
        Message::Rise => {
            let _ = desk.act(&[Act::Up(selected?)]);
        }
        Message::Sink => {
            let _ = desk.act(&[Act::Down(selected?)]);
        }
        Message::Double => {
            let _ = desk.act(&[Act::Duplicate(selected?)]);
        }
        Message::Remove if desk.sheet().is_some_and(|sheet| sheet.can_go == Go::Freely) => {
            let _ = desk.act(&[Act::Remove(vec![selected?])]);
        }
        Message::Undo => {
            let _ = desk.undo();
        }
        Message::Redo => {
            let _ = desk.redo();
        }
        // Its edits name elements as they were when it was found.
        Message::Fix(index, which) if desk.findings.of == Some(desk.revision()) => {
            let edits = desk.leaks.edits(desk.document(), desk.findings.list.get(index)?, which)?;
            let _ = desk.act(&[Act::Edits(edits)]);
        }
        _ => {}
    }
    None
}

/// Whether something was pasted that no field is meant for; laying it out alone would hold the window up.
fn is_flood(action: &text_editor::Action) -> bool {
    matches!(action, text_editor::Action::Edit(text_editor::Edit::Paste(text)) if text.len() > PASTE)
}
