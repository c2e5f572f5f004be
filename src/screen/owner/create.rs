//! A new topic, from a template whose settings are safe (RFC 8600 §5, §6, §8.3.4): named, looked over, made. Where the broker
//! made it and did not take the settings, it may stand open to anybody: then the way back is offered at once.

use std::sync::Arc;

use iced::widget::{Column, column, container, row, scrollable, text, text_input};
use iced::{Center, Fill, Length};

use super::config::{named, shown};
use super::modal;
use crate::app::cx::Cx;
use crate::engine::{Command, Connection, Error, Receipt, RequestId};
use crate::model::owned::{Answer, Came, Created, Saved, Setting, Settings};
use crate::model::{BareJid, Say, TopicId};
use crate::owner::settings::{self, Risk};
use crate::owner::template::{Naming, Template};
use crate::screen::{Action, Toast, Tone as Mood};
use crate::text as safe;
use crate::theme::{self, space};
use crate::widget::field::{Below, field};
use crate::widget::{Element, Press, Tone, caption, heading, strip};

const NODE: &str = "create.node";
const DONE: &str = "create.done";
/// The column of labels.
const LABEL: Length = Length::Fixed(210.0);
/// Tallest the list of settings gets.
const TALLEST: f32 = 150.0;

#[derive(Clone, Debug)]
pub enum Message {
    Open,
    Close,
    Template(Template),
    Node(String),
    Title(String),
    Description(String),
    Payload(String),
    Whitelist(bool),
    Go,
    /// Sets up again what stands with the broker's own settings.
    Again,
    /// Deletes it.
    Back,
    Settled(RequestId, Result<Receipt, Error>),
}

/// How far it is.
#[derive(Debug)]
enum Stage {
    Typing,
    Making(RequestId),
    /// Made and set up, as the broker kept it.
    Made(Saved),
    /// Made, and not set up.
    Bare(Say),
    Again(RequestId),
    Deleting(RequestId),
}

/// The sheet, while it is open.
#[derive(Debug)]
struct Draft {
    broker: BareJid,
    template: Template,
    node: String,
    naming: Naming,
    /// What the broker's own form has, once it is known.
    form: Option<Arc<Settings>>,
    asking: Option<RequestId>,
    stage: Stage,
    trouble: Option<Say>,
}

#[derive(Debug, Default)]
pub struct Create {
    draft: Option<Draft>,
}

impl Create {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        if matches!(message, Message::Open) {
            return self.open(cx);
        }
        let Some(draft) = self.draft.as_mut() else { return Action::None };
        let typing = matches!(draft.stage, Stage::Typing);
        match message {
            Message::Template(template) if typing => draft.template = template,
            Message::Node(node) if typing => draft.node = node,
            Message::Title(title) if typing => draft.naming.title = title,
            Message::Description(words) if typing => draft.naming.description = words,
            Message::Payload(payload) if typing => draft.naming.payload = payload,
            Message::Whitelist(whitelist) if typing => draft.naming.whitelist = whitelist,
            Message::Go if typing && draft.problem(cx).is_none() => {
                let request = cx.request();
                (draft.stage, draft.trouble) = (Stage::Making(request), None);
                let (topic, settings) = (draft.topic(), draft.wishes());
                return Action::Engine(Command::Create { request, topic, settings });
            }
            Message::Again if matches!(draft.stage, Stage::Bare(_)) => {
                let request = cx.request();
                draft.stage = Stage::Again(request);
                let (topic, changes) = (draft.topic(), draft.wishes());
                return Action::Engine(Command::Configure { request, topic, changes, reason: String::new() });
            }
            Message::Back if matches!(draft.stage, Stage::Bare(_)) => {
                let request = cx.request();
                draft.stage = Stage::Deleting(request);
                return Action::Engine(Command::Delete { request, topic: draft.topic(), redirect: None });
            }
            Message::Settled(request, result) => return self.settle(request, result),
            // What is under way is not to be lost sight of.
            Message::Close if !draft.is_under_way() => self.draft = None,
            _ => {}
        }
        Action::None
    }

    fn open(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let broker = match cx.connection {
            Connection::Online(facts) => facts.broker.clone(),
            _ => None,
        };
        let Some(broker) = broker else {
            return Action::Notify(Toast { tone: Mood::Bad, say: Say::new("owner-create-offline") });
        };
        let request = cx.request();
        self.draft = Some(Draft {
            broker: broker.clone(),
            template: Template::Incidents,
            node: String::new(),
            naming: Naming::default(),
            form: None,
            asking: Some(request),
            stage: Stage::Typing,
            trouble: None,
        });
        Action::Engine(Command::Defaults { request, broker })
    }

    fn settle(&mut self, request: RequestId, result: Result<Receipt, Error>) -> Action<Message> {
        let Some(draft) = self.draft.as_mut() else { return Action::None };
        if draft.asking.take_if(|of| *of == request).is_some() {
            // Without the form all is asked for, and what the broker has not is said afterwards.
            if let Ok(Receipt::Settings(form)) = result {
                draft.form = Some(form);
            }
            return Action::None;
        }
        match draft.stage {
            Stage::Making(of) | Stage::Again(of) | Stage::Deleting(of) if of == request => {}
            _ => return Action::None,
        }
        let before = std::mem::replace(&mut draft.stage, Stage::Typing);
        match (before, result) {
            (_, Ok(Receipt::Created(created))) => {
                draft.stage = match created.as_ref() {
                    Created::Whole(saved) => draft.kept(saved),
                    Created::Bare { why } => Stage::Bare(why.clone()),
                };
            }
            (_, Ok(Receipt::Configured(saved))) => draft.stage = draft.kept(&saved),
            (Stage::Deleting(_), Ok(_)) => {
                let say = Say::new("owner-deleted-toast").with("topic", safe::line(&draft.node));
                self.draft = None;
                return Action::Notify(Toast { tone: Mood::Good, say });
            }
            (Stage::Making(_), Err(error)) => draft.trouble = Some(error.say()),
            // It stands as it stood.
            (_, Err(error)) => draft.stage = Stage::Bare(error.say()),
            (_, Ok(_)) => {}
        }
        Action::None
    }

    /// The topic that was made, to be shown.
    #[must_use]
    pub fn made(&self) -> Option<TopicId> {
        self.draft.as_ref().filter(|draft| matches!(draft.stage, Stage::Made(_))).map(Draft::topic)
    }

    pub fn sheet<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let draft = self.draft.as_ref()?;
        let (inside, first) = match &draft.stage {
            Stage::Made(saved) => (draft.made(saved, cx), DONE),
            Stage::Bare(why) => (draft.bare(Some(why), cx), "create.back"),
            Stage::Again(_) | Stage::Deleting(_) => (draft.bare(None, cx), "create.back"),
            Stage::Typing | Stage::Making(_) => (draft.form(cx), NODE),
        };
        Some(modal(inside, first, Message::Close))
    }
}

impl Draft {
    fn topic(&self) -> TopicId {
        TopicId { broker: self.broker.clone(), node: self.node.trim().to_owned() }
    }

    fn wishes(&self) -> Vec<Answer> {
        self.template.settings(&self.naming, self.form.as_deref())
    }

    /// How it stands by what was read back: one that the broker left open is not set up, though it said yes.
    fn kept(&self, saved: &Saved) -> Stage {
        match settings::left_open(&self.wishes(), &saved.settings) {
            Some(risk) => Stage::Bare(Say::new(open_key(risk))),
            None => Stage::Made(saved.clone()),
        }
    }

    fn is_under_way(&self) -> bool {
        matches!(self.stage, Stage::Making(_) | Stage::Again(_) | Stage::Deleting(_))
    }

    /// Why it cannot be made yet.
    fn problem(&self, cx: &Cx<'_>) -> Option<&'static str> {
        let node = self.node.trim();
        let id = self.topic();
        match () {
            () if node.is_empty() => Some("owner-create-unnamed"),
            () if !TopicId::is_node(node) => Some("owner-create-long"),
            () if cx.topics.iter().any(|topic| topic.id == id) => Some("owner-create-there"),
            () if self.template == Template::Other && self.naming.payload.trim().is_empty() => {
                Some("owner-create-untyped")
            }
            () if !cx.online() => Some("owner-create-offline"),
            () => None,
        }
    }

    fn form<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let making = matches!(self.stage, Stage::Making(_));
        let templates = Template::ALL.map(|template| {
            let choice =
                Press::word(cx.text(template_key(template))).style(theme::button::choice(template == self.template));
            Element::from(choice.on_press_maybe((!making).then_some(Message::Template(template))))
        });
        let input = |id: &'static str, example: &str, value: &str, typed: fn(String) -> Message| {
            let input = text_input(example, value).id(id).padding([space::XS, space::SM]).style(theme::input::field);
            if making { input } else { input.on_input(typed) }
        };
        let problem = self.problem(cx);
        let below = match problem {
            Some(key) if key != "owner-create-unnamed" && key != "owner-create-untyped" => Below::Wrong(cx.text(key)),
            _ => Below::Hint(cx.text("owner-create-node-hint")),
        };
        let node = input(NODE, "ot-incidents", &self.node, Message::Node).font(theme::MONO);
        let named = row![
            field(cx.text("owner-create-node"), node, below),
            field(
                cx.text("owner-set-title"),
                input("create.title", &cx.text("owner-create-title-example"), &self.naming.title, Message::Title),
                Below::Nothing
            )
        ];
        let words = input("create.words", "", &self.naming.description, Message::Description);
        let payload = (self.template == Template::Other).then(|| {
            let payload = input("create.payload", "urn:example:posture", &self.naming.payload, Message::Payload);
            field(cx.text("owner-set-type"), payload.font(theme::MONO), Below::Hint(cx.text("owner-create-type-hint")))
        });
        let access = [(false, "owner-access-authorize"), (true, "owner-access-whitelist")].map(|(whitelist, key)| {
            let choice = Press::word(cx.text(key)).style(theme::button::choice(whitelist == self.naming.whitelist));
            Element::from(choice.on_press_maybe((!making).then_some(Message::Whitelist(whitelist))))
        });
        let access = column![caption(cx.text("owner-set-access")), row(access).spacing(space::XS)].spacing(space::XS);
        let trouble = self.trouble.as_ref().map(|say| {
            let words = cx.format("owner-refused", &[("cause", &cx.catalog.say(say))]);
            strip(Tone::Alarm, words, cx.catalog.next(say), Vec::new())
        });
        let close = Press::word(cx.text("owner-back")).id("create.close");
        let close = close.on_press_maybe((!making).then_some(Message::Close));
        let go = Press::word(cx.text(if making { "owner-creating" } else { "owner-create-go" }));
        let go = go.style(theme::button::primary).id("create.go").deliberate();
        let go = go.on_press_maybe((problem.is_none() && !making).then_some(Message::Go));
        let at =
            caption(cx.format("owner-create-at", &[("broker", &safe::line(&self.broker.to_string()))])).width(Fill);
        let acts = row![at, Element::from(close), Element::from(go)].spacing(space::SM).align_y(Center);
        Column::new()
            .push(heading(cx.text("owner-create-heading")))
            .push(row(templates).spacing(space::XS))
            .push(named.spacing(space::MD))
            .push(field(cx.text("owner-set-description"), words, Below::Nothing))
            .push(payload)
            .push(access)
            .push(self.preview(cx))
            .push(trouble)
            .push(acts)
            .spacing(space::MD)
            .into()
    }

    /// What it begins with.
    fn preview<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let wishes = self.wishes();
        let lines = wishes.into_iter().filter_map(|wish| {
            // What was typed above stands there.
            let about = ["pubsub#title", "pubsub#description", "pubsub#type"].contains(&wish.var.as_str());
            let lines = row![
                caption(named(&wish.var, cx)).width(LABEL),
                caption(self.answer(&wish.var, &wish.values, cx)).style(theme::text::normal)
            ];
            (!about).then(|| Element::from(lines.spacing(space::MD)))
        });
        let lines = Column::with_children(lines).spacing(2.0);
        let lines = container(scrollable(lines).style(theme::surface::scroll).width(Fill)).max_height(TALLEST);
        let lines = lines.padding([space::SM, space::MD]).style(theme::surface::well);
        column![caption(cx.text("owner-create-begins")), lines].spacing(space::XS).into()
    }

    fn answer(&self, var: &str, values: &[String], cx: &Cx<'_>) -> String {
        let known = self.form.as_ref().and_then(|form| form.get(var)).cloned();
        // Where the broker's form is not known, a yes is a yes all the same.
        let guess = || {
            let truth = values.first().is_some_and(|value| value == "0" || value == "1");
            let form = if truth { crate::model::owned::Form::Truth } else { crate::model::owned::Form::Line };
            Setting { var: var.to_owned(), form, ..Setting::default() }
        };
        shown(&known.unwrap_or_else(guess), values, cx)
    }

    fn made<'a>(&'a self, saved: &'a Saved, cx: &Cx<'a>) -> Element<'a, Message> {
        let name = safe::line(&self.node);
        let good = strip(Tone::Good, cx.format("owner-created", &[("topic", &name)]), None, Vec::new());
        let others = saved.fates.iter().filter(|fate| fate.came != Came::Kept);
        let lines: Vec<Element<'a, Message>> = others
            .map(|fate| {
                let label = named(&fate.var, cx);
                let key = match fate.came {
                    Came::Unknown => "owner-came-unknown",
                    _ => "owner-came-changed",
                };
                let is = self.answer(&fate.var, &fate.is, cx);
                let wished = self.answer(&fate.var, &fate.wished, cx);
                let words = cx.format(key, &[("wished", &wished), ("is", &is), ("was", "")]);
                row![text(label).width(LABEL), text(words).width(Fill)].spacing(space::MD).into()
            })
            .collect();
        let differs = (!lines.is_empty()).then(|| {
            let words = cx.catalog.count("owner-created-differs", lines.len() as u64, &[]);
            strip(Tone::Caution, words, None, Vec::new())
        });
        let done = Press::word(cx.text("owner-done")).style(theme::button::primary).id(DONE).on_press(Message::Close);
        Column::new()
            .push(heading(cx.text("owner-create-heading")))
            .push(good)
            .push(differs)
            .push(Column::with_children(lines).spacing(space::SM))
            .push(container(Element::from(done)).align_right(Fill))
            .spacing(space::MD)
            .into()
    }

    fn bare<'a>(&'a self, why: Option<&Say>, cx: &Cx<'a>) -> Element<'a, Message> {
        let name = safe::line(&self.node);
        let alarm = strip(
            Tone::Alarm,
            cx.format("owner-bare", &[("topic", &name)]),
            Some(cx.text("owner-bare-why")),
            Vec::new(),
        );
        let why = why.map(|say| text(cx.catalog.say(say)));
        let free = why.is_some();
        let back =
            Press::word(cx.text("owner-bare-delete")).style(theme::button::danger).id("create.back").deliberate();
        let again = Press::word(cx.text("owner-bare-again")).style(theme::button::primary).id("create.again");
        let leave = Press::word(cx.text("owner-bare-leave")).style(theme::button::quiet);
        let acts = row![
            container(Element::from(leave.on_press_maybe(free.then_some(Message::Close)))).width(Fill),
            Element::from(back.on_press_maybe(free.then_some(Message::Back))),
            Element::from(again.on_press_maybe(free.then_some(Message::Again)))
        ];
        Column::new()
            .push(heading(cx.text("owner-create-heading")))
            .push(alarm)
            .push(why)
            .push(acts.spacing(space::SM).align_y(Center))
            .spacing(space::MD)
            .into()
    }
}

/// What the broker left a new topic to be.
fn open_key(risk: Risk) -> &'static str {
    if risk == Risk::Writable { "owner-bare-writable" } else { "owner-bare-readable" }
}

fn template_key(template: Template) -> &'static str {
    match template {
        Template::Incidents => "owner-template-incidents",
        Template::Indicators => "owner-template-indicators",
        Template::Other => "owner-template-other",
    }
}
