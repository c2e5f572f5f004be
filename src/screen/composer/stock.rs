//! What a person keeps at hand to begin reports with: what their organisation always writes, contact cards, templates of
//! their own. Changed here, kept by the window's owner; what is taken away comes back by a press.

use std::collections::HashSet;

use iced::widget::operation;

use super::begin::{self, Kind};
use super::desk::Desk;
use super::picker::{For, Picker};
use super::{Message, Screen, Work, essentials};
use crate::app::cx::Cx;
use crate::compose::cards::{self, Card, Field, Organisation};
use crate::compose::draft::Act as Does;
use crate::compose::form::{self, Fill};
use crate::compose::meant::Kind as OfTopic;
use crate::compose::stock::{Change, Stock};
use crate::compose::template::{self, Own, Stays};
use crate::iodef::edit::Place as Spot;
use crate::iodef::schema::Name;
use crate::iodef::{NS, NodeId};
use crate::model::{Say, Tlp, TopicId};
use crate::screen::{Action, Toast, Tone};

/// The first field of the page, and of a card.
pub const FIRST: &str = "compose.yours.csirt";
pub const LABEL: &str = "compose.card.label";
/// The name of a template.
pub const TITLE: &str = "compose.template.title";

/// What is asked of the shelves.
#[derive(Clone, Debug)]
pub enum Ask {
    /// All of it.
    Read,
    Keep(Change),
    /// The numbers of this team that came in; which of such questions it is. It goes through all that was received, and changes
    /// to a shelf do not wait for it.
    Numbers(String, u64),
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Told {
    /// What was read, and what could not be.
    Read(Result<(Box<Stock>, Vec<Say>), Say>),
    Kept(Result<(), Say>),
    Numbers(u64, Result<HashSet<String>, Say>),
}

/// What a template keeps of its draft though it is of one incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    Seen,
    Names,
    Times,
}

/// What is done on the page, or with what is kept.
#[derive(Clone, Debug)]
pub enum Act {
    Open,
    Close,
    /// A field of the organisation.
    Say(Field, String),
    /// The card reports begin with; empty for none.
    Contact(String),
    KeepOrganisation,
    NewCard,
    Edit(String),
    /// A field of the card.
    Write(Field, String),
    KeepCard,
    LeaveCard,
    RemoveCard(String),
    /// What was taken away last comes back.
    Undo,
    /// The cards, to put one of them in the place of this contact, or of the first.
    Choose(Option<NodeId>),
    /// This card stands there now.
    Put(Option<NodeId>, String),
    /// The contact that is looked at becomes a card.
    Save(NodeId),
    Begin(String),
    /// The draft is to become a template.
    Ask,
    Title(String),
    Stay(Stay, bool),
    Leave,
    KeepTemplate,
    Rename(String),
    Renamed,
    RemoveTemplate(String),
    /// For whom a topic is; `None` takes what was said of it back.
    Meant(TopicId, Option<Tlp>),
}

/// A draft on its way to be a template.
#[derive(Clone, Debug, Default)]
pub struct Saving {
    pub title: String,
    pub stays: Stays,
}

/// Taken away, and to be brought back.
#[derive(Clone, Debug)]
pub enum Gone {
    Card(String, Box<Card>),
    Template(String, Box<Own>),
}

/// The page as it is typed in.
#[derive(Default)]
pub struct Yours {
    pub is_open: bool,
    pub organisation: Organisation,
    /// A card under work, with its name where it has one.
    pub card: Option<(Option<String>, Card)>,
    /// What is missing is said.
    pub tried: bool,
    /// A template, and its name as it is typed.
    pub renaming: Option<(String, String)>,
    pub gone: Option<Gone>,
}

impl Screen {
    pub(super) fn of_stock(&mut self, act: Act, cx: &Cx<'_>) -> Action<Message> {
        match act {
            Act::Open => {
                let organisation = self.stock.organisation.clone();
                let fresh = organisation == Organisation::default();
                let proposed = || Organisation {
                    csirt: begin::account(cx),
                    numbers: crate::compose::number::Scheme::default().to_string(),
                    ..Organisation::default()
                };
                let organisation = if fresh { proposed() } else { organisation };
                let Yours { card, gone, .. } = std::mem::take(&mut self.yours);
                self.yours = Yours { is_open: true, organisation, card, gone, ..Yours::default() };
                return focus(FIRST);
            }
            // A card under work and the way back to one that was removed stay for when the page is open again.
            Act::Close => {
                let Yours { card, gone, .. } = std::mem::take(&mut self.yours);
                self.yours = Yours { card, gone, ..Yours::default() };
            }
            Act::Say(field, words) => say(&mut self.yours.organisation, field, words),
            Act::Contact(name) => self.yours.organisation.contact = name,
            Act::KeepOrganisation => return self.keep_organisation(cx),
            Act::NewCard => {
                self.yours.tried = false;
                self.yours.card = Some((None, Card::default()));
                return focus(LABEL);
            }
            Act::Edit(name) => {
                self.yours.tried = false;
                self.yours.card = self.stock.card(&name).map(|card| (Some(name), card.clone()));
                return focus(LABEL);
            }
            Act::Write(field, words) => {
                if let Some((_, card)) = &mut self.yours.card {
                    write(card, field, words);
                }
            }
            Act::LeaveCard => self.yours.card = None,
            Act::KeepCard => return self.keep_card(cx),
            Act::RemoveCard(name) => {
                if let Some(card) = self.stock.card(&name).cloned() {
                    self.yours.card = None;
                    self.yours.gone = Some(Gone::Card(name.clone(), Box::new(card)));
                    return self.change(Change::Card(name, None), cx);
                }
            }
            Act::Undo => {
                if let Some(gone) = self.yours.gone.take() {
                    return self.change(
                        match gone {
                            Gone::Card(name, card) => Change::Card(name, Some(card)),
                            Gone::Template(name, own) => Change::Template(name, Some(own)),
                        },
                        cx,
                    );
                }
            }
            act => return self.of_draft(act, cx),
        }
        Action::None
    }

    /// What is done with a draft: a card put in, a template made of it or begun from.
    fn of_draft(&mut self, act: Act, cx: &Cx<'_>) -> Action<Message> {
        match act {
            Act::Begin(name) => return self.begin(&Kind::Own(name), cx),
            Act::Choose(node) => {
                let cards = self.stock.cards.iter().map(|(name, card)| super::picker::Choice {
                    label: cards::label(card),
                    help: Some(crate::text::line(&card.email)),
                    message: Message::Stock(Act::Put(node, name.clone())),
                });
                let cards = cards.collect();
                if let Some(desk) = &mut self.desk {
                    desk.picker = Some(Picker { given: cards, ..Picker::new(For::Card(node)) });
                    return focus(super::picker::QUERY);
                }
            }
            Act::Put(node, name) if self.is_editing() => {
                let card = self.stock.card(&name).map(Card::fragment);
                if let Some((desk, card)) = self.desk.as_mut().zip(card) {
                    desk.picker = None;
                    put(desk, node, card);
                    return self.look(false, cx);
                }
            }
            Act::Save(node) => {
                let contact = self.desk.as_ref().and_then(|desk| desk.document().element(node));
                let Some(card) = contact.and_then(Card::of) else {
                    return toast(Tone::Bad, "compose-card-nobody");
                };
                // What no report may begin with is put right first: a role of one's own says nothing without its word.
                if let Some(problem) = card.problems().first() {
                    return Action::Notify(Toast { tone: Tone::Bad, say: problem.say() });
                }
                let name = self.fresh(cx);
                let kept = self.change(Change::Card(name, Some(Box::new(card))), cx);
                return Action::Many(vec![kept, toast(Tone::Plain, "compose-card-kept")]);
            }
            Act::Ask => {
                if let Some(desk) = &mut self.desk {
                    // What a draft is about is of its incident; its kind is what comes again.
                    let kind = desk.beside().template.as_deref().and_then(template::template);
                    let title = kind.map(|kind| cx.text(kind.title)).unwrap_or_default();
                    desk.saving = Some(Saving { title, stays: Stays::default() });
                    return focus(TITLE);
                }
            }
            Act::Title(words) => {
                if let Some((_, title)) = &mut self.yours.renaming {
                    *title = words;
                } else if let Some(saving) = self.desk.as_mut().and_then(|desk| desk.saving.as_mut()) {
                    saving.title = words;
                }
            }
            Act::Stay(of, stays) => {
                if let Some(saving) = self.desk.as_mut().and_then(|desk| desk.saving.as_mut()) {
                    match of {
                        Stay::Seen => saving.stays.seen = stays,
                        Stay::Names => saving.stays.names = stays,
                        Stay::Times => saving.stays.times = stays,
                    }
                }
            }
            Act::Leave => {
                self.yours.renaming = None;
                if let Some(desk) = &mut self.desk {
                    desk.saving = None;
                }
            }
            Act::KeepTemplate => return self.keep_template(cx),
            Act::Rename(name) => {
                let own = self.stock.templates.iter().find(|(own, _)| *own == name);
                self.yours.renaming = own.map(|(name, own)| (name.clone(), own.title.clone()));
                return focus(TITLE);
            }
            Act::Renamed => return self.rename_template(cx),
            Act::Meant(topic, said) => {
                let kept = self.stock.topic(&topic).cloned().unwrap_or_else(|| OfTopic::new(topic));
                let kept = self.change(Change::Topic(OfTopic { said, ..kept }), cx);
                return Action::Many(vec![kept, self.look(true, cx)]);
            }
            Act::RemoveTemplate(name) => {
                let own = self.stock.templates.iter().find(|(own, _)| *own == name).map(|(_, own)| own.clone());
                if let Some(own) = own {
                    self.yours.gone = Some(Gone::Template(name.clone(), Box::new(own)));
                    return self.change(Change::Template(name, None), cx);
                }
            }
            _ => {}
        }
        Action::None
    }

    /// Begins a report, with a number that no other has.
    pub(super) fn begin(&mut self, kind: &Kind, cx: &Cx<'_>) -> Action<Message> {
        let fill = Fill { now: cx.now, csirt: begin::csirt(&self.stock, cx) };
        let number = self.number(&fill.csirt, cx);
        let Some(draft) = begin::draft(kind, &self.stock, &fill, &number) else { return Action::None };
        let open = self.open(draft, Vec::new(), cx);
        Action::Many(vec![open, self.gave(&fill.csirt, &number, cx)])
    }

    pub(super) fn change(&mut self, change: Change, cx: &Cx<'_>) -> Action<Message> {
        self.stock.apply(&change);
        if cx.kept { Action::Compose(Work::Stock(Ask::Keep(change))) } else { Action::None }
    }

    /// A name nothing on the shelves has.
    fn fresh(&mut self, cx: &Cx<'_>) -> String {
        loop {
            self.made += 1;
            let name = format!("{}-{}", cx.now.timestamp_millis(), self.made);
            // Another run of the program may have begun at this very moment of a clock that was set back.
            let is_taken = self.stock.templates.iter().any(|(own, _)| *own == name);
            if !is_taken && self.stock.card(&name).is_none() {
                return name;
            }
        }
    }

    fn keep_organisation(&mut self, cx: &Cx<'_>) -> Action<Message> {
        self.yours.tried = true;
        if !self.yours.organisation.problems().is_empty() {
            return Action::None;
        }
        let kept = self.change(Change::Organisation(Box::new(self.yours.organisation.clone())), cx);
        self.yours.tried = false;
        let asked = self.ask_numbers(cx);
        Action::Many(vec![kept, asked, toast(Tone::Plain, "compose-yours-kept")])
    }

    fn keep_card(&mut self, cx: &Cx<'_>) -> Action<Message> {
        self.yours.tried = true;
        let Some((name, card)) = self.yours.card.clone().filter(|(_, card)| card.problems().is_empty()) else {
            return Action::None;
        };
        let name = name.unwrap_or_else(|| self.fresh(cx));
        (self.yours.card, self.yours.tried) = (None, false);
        self.change(Change::Card(name, Some(Box::new(card))), cx)
    }

    fn keep_template(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(desk) = &mut self.desk else { return Action::None };
        let Some(saving) = desk.saving.clone().filter(|saving| !saving.title.trim().is_empty()) else {
            return Action::None;
        };
        match Own::of(&saving.title, desk.draft(), saving.stays) {
            Ok(own) => {
                desk.saving = None;
                let name = self.fresh(cx);
                let kept = self.change(Change::Template(name, Some(Box::new(own))), cx);
                Action::Many(vec![kept, toast(Tone::Plain, "compose-template-kept")])
            }
            Err(refused) => {
                desk.refused = Some(refused.say());
                Action::None
            }
        }
    }

    fn rename_template(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some((name, title)) = self.yours.renaming.take() else { return Action::None };
        let own = self.stock.templates.iter().find(|(own, _)| *own == name).map(|(_, own)| own.clone());
        let Some(own) = own.filter(|_| !title.trim().is_empty()) else { return Action::None };
        let own = Own { title: template::named(&title), ..own };
        self.change(Change::Template(name, Some(Box::new(own))), cx)
    }

    /// What was read or kept.
    pub(super) fn stocked(&mut self, told: Told, cx: &Cx<'_>) -> Action<Message> {
        match told {
            Told::Read(Ok((stock, damaged))) => {
                let received = std::mem::take(&mut self.stock.received);
                self.stock = Stock { received, ..*stock };
                self.damaged.extend(damaged);
                return self.ask_numbers(cx);
            }
            Told::Numbers(asked, Ok(numbers)) => {
                self.stock.received = numbers;
                return self.counted(asked, cx);
            }
            Told::Numbers(asked, Err(say)) => {
                let counted = self.counted(asked, cx);
                return Action::Many(vec![counted, Action::Notify(Toast { tone: Tone::Bad, say })]);
            }
            Told::Read(Err(say)) | Told::Kept(Err(say)) => {
                return Action::Notify(Toast { tone: Tone::Bad, say });
            }
            Told::Kept(Ok(())) => {}
        }
        Action::None
    }
}

fn focus(id: &'static str) -> Action<Message> {
    Action::Run(operation::focus(id))
}

fn toast(tone: Tone, key: &'static str) -> Action<Message> {
    Action::Notify(Toast { tone, say: Say::new(key) })
}

fn say(organisation: &mut Organisation, field: Field, words: String) {
    match field {
        Field::Name => organisation.name = words,
        Field::Csirt => organisation.csirt = words,
        Field::Numbers => organisation.numbers = words,
        Field::Lang => organisation.lang = words,
        Field::Restriction => organisation.restriction = words,
        _ => {}
    }
}

fn write(card: &mut Card, field: Field, words: String) {
    match field {
        Field::Label => card.label = words,
        Field::Kind => card.kind = words,
        Field::Role => card.role = words,
        Field::Name => card.name = words,
        Field::Email => card.email = words,
        Field::Telephone => card.telephone = words,
        // Lines of an address, typed with commas between them.
        Field::Postal => card.postal = words.replace(", ", "\n"),
        Field::Timezone => card.timezone = words,
        Field::Restriction => card.restriction = words,
        Field::Csirt | Field::Lang | Field::Numbers => {}
    }
}

/// Puts a card in the place of a contact, or of the first one of the incident, as one step.
fn put(desk: &mut Desk, node: Option<NodeId>, card: crate::iodef::edit::Fragment) {
    let document = desk.document();
    let incident = essentials::root(document).and_then(|node| document.element(node));
    let first = || incident.and_then(|incident| incident.child("Contact")).map(|contact| contact.id());
    let old = node.filter(|node| document.element(*node).is_some_and(|element| element.is("Contact"))).or_else(first);
    let acts = match old.and_then(|old| Some((old, document.element(old)?.parent()?.id()))) {
        Some((old, parent)) => {
            vec![Does::Insert { parent, place: Spot::After(old), fragments: vec![card] }, Does::Remove(vec![old])]
        }
        None => {
            let Some(incident) = incident else { return };
            let place = form::place(incident, Name { ns: NS, local: "Contact" });
            vec![Does::Insert { parent: incident.id(), place, fragments: vec![card] }]
        }
    };
    let _ = desk.act(&acts);
}
