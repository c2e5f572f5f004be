//! A list to choose from by typing: values of a field, classes to add, names to refer to, topics. iced's own lists take no
//! keys (0.14), and none of them explains what it offers.

use iced::widget::{Column, column, container, row, text, text_input};
use iced::{Center, Fill};

use super::Message;
use super::desk::Desk;
use crate::app::cx::Cx;
use crate::compose::cards;
use crate::compose::draft::{Act, Done, Spot};
use crate::compose::form::{self, Field, Fill as Seed, Kind};
use crate::iodef::schema::{Class, Name};
use crate::iodef::{NS, NodeId};
use crate::model::{Tlp, TopicId};
use crate::text as safe;
use crate::theme::{self, space};
use crate::widget::{Element, Icon, caption, line, press, strong};

/// The field one types in.
pub const QUERY: &str = "compose.pick";
/// Rows that show at once.
const SHOWN: usize = 9;

/// Languages offered first, each by its tag (RFC 5646) and its own name for itself; any other tag is typed.
const LANGUAGES: [(&str, &str); 24] = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "français"),
    ("ja", "日本語"),
    ("es", "español"),
    ("pt", "português"),
    ("it", "italiano"),
    ("nl", "Nederlands"),
    ("pl", "polski"),
    ("cs", "čeština"),
    ("sv", "svenska"),
    ("da", "dansk"),
    ("nb", "norsk bokmål"),
    ("fi", "suomi"),
    ("et", "eesti"),
    ("lv", "latviešu"),
    ("lt", "lietuvių"),
    ("hu", "magyar"),
    ("ro", "română"),
    ("el", "ελληνικά"),
    ("uk", "українська"),
    ("tr", "Türkçe"),
    ("ko", "한국어"),
    ("zh", "中文"),
];

/// What is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum For {
    /// The value of this field.
    Value(Spot),
    /// What is added to this element.
    Add(NodeId),
    /// What stands in the place of this element: the others of a choice.
    Instead(NodeId),
    /// The card that stands in the place of this contact, or of the first.
    Card(Option<NodeId>),
    /// A topic it is published to.
    Topic,
    /// For whom it is in that topic.
    Version(TopicId),
}

/// An open list.
#[derive(Clone, Debug)]
pub struct Picker {
    pub what: For,
    pub query: String,
    /// The row Enter takes.
    pub at: usize,
    /// What there is to choose from, where who opened it knows.
    pub given: Vec<Choice>,
}

/// A row of it.
#[derive(Clone, Debug)]
pub struct Choice {
    pub label: String,
    pub help: Option<String>,
    pub message: Message,
}

impl Picker {
    pub fn new(what: For) -> Self {
        Self { what, query: String::new(), at: 0, given: Vec::new() }
    }

    /// The same list after a change of the document; `None` where what it was about is gone.
    pub fn follow(mut self, done: &Done) -> Option<Self> {
        match &mut self.what {
            For::Value(spot) => spot.node = done.follow(spot.node)?,
            For::Add(node) | For::Instead(node) | For::Card(Some(node)) => *node = done.follow(*node)?,
            For::Topic | For::Version(_) | For::Card(None) => {}
        }
        Some(self)
    }

    /// What there is to choose from, as typed: what begins so first.
    pub fn choices(&self, desk: &Desk, topics: &[(TopicId, String)], cx: &Cx<'_>) -> Vec<Choice> {
        let all = match &self.what {
            For::Value(spot) => values(desk, spot, cx),
            For::Add(node) => classes(desk, *node, &self.query, cx),
            For::Instead(node) => instead(desk, *node, cx),
            For::Card(_) => self.given.clone(),
            For::Version(topic) => versions(desk, topic, cx),
            For::Topic => {
                let free = topics.iter().filter(|(topic, _)| !desk.topics().contains(topic));
                let choice = |(topic, name): &(TopicId, String)| Choice {
                    label: name.clone(),
                    help: Some(safe::line(&topic.node)),
                    message: Message::Topic(topic.clone()),
                };
                free.map(choice).collect()
            }
        };
        let wanted = self.query.trim().to_lowercase();
        let rank = |choice: &Choice| {
            let label = choice.label.to_lowercase();
            let help = choice.help.as_deref().unwrap_or_default();
            match () {
                () if wanted.is_empty() || label.starts_with(&wanted) => Some(0),
                () if label.contains(&wanted) => Some(1),
                () if help.to_lowercase().contains(&wanted) => Some(2),
                () => None,
            }
        };
        let mut found: Vec<(u8, Choice)> =
            all.into_iter().filter_map(|choice| rank(&choice).map(|rank| (rank, choice))).collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, choice)| choice).collect()
    }
}

/// For whom it may be in a topic: for all it says it is, or for those who may see less.
fn versions(desk: &Desk, topic: &TopicId, cx: &Cx<'_>) -> Vec<Choice> {
    let choice = |target: Option<Tlp>| Choice {
        label: target.map_or_else(|| cx.text("compose-version-whole-choice"), |target| cx.catalog.tlp(target)),
        help: Some(cx.text(if target.is_some() { "compose-version-less" } else { "compose-version-whole-why" })),
        message: Message::VersionFor(topic.clone(), target),
    };
    let looser = super::version::TARGETS.into_iter().filter(|target| *target < desk.goes.label);
    std::iter::once(None).chain(looser.map(Some)).map(choice).collect()
}

/// What a field may say.
fn values(desk: &Desk, spot: &Spot, cx: &Cx<'_>) -> Vec<Choice> {
    let fields = desk.fields();
    let Some(field) = fields.iter().find(|field| field.spot == *spot) else { return Vec::new() };
    let set = |label: String, help: Option<String>, value: &str| Choice {
        label,
        help,
        message: Message::Take(Act::Set { spot: spot.clone(), value: value.to_owned() }),
    };
    if matches!(field.kind, Kind::Reference) {
        let element = desk.document().element(spot.node);
        let targets = element.map(form::targets).unwrap_or_default();
        return targets.into_iter().map(|id| set(id.id.clone(), Some(id.of), &id.id)).collect();
    }
    if field.name() == Some(form::TRANSLATES) {
        let element = desk.document().element(spot.node);
        let all = element.map(form::translations).unwrap_or_default();
        let of = |id: &form::Id| match id.attribute {
            Some(_) => id.of.clone(),
            None => cx.text("compose-translation-new"),
        };
        return all.iter().map(|id| set(id.id.clone(), Some(of(id)), &id.id)).collect();
    }
    if matches!(field.kind, Kind::Language) {
        return LANGUAGES.iter().map(|(tag, name)| set((*tag).to_owned(), Some((*name).to_owned()), tag)).collect();
    }
    let unsaid = (!field.required).then(|| set(unsaid(field, cx), None, ""));
    unsaid.into_iter().chain(field.kind.tokens().map(|token| set(token_label(field, token, cx), None, token))).collect()
}

/// That nothing is said, and what that means.
pub fn unsaid(field: &Field, cx: &Cx<'_>) -> String {
    match field.default {
        Some(default) => cx.format("compose-unsaid-default", &[("value", default)]),
        None => cx.text("compose-unsaid"),
    }
}

/// A token as it is written; a restriction with its label.
pub fn token_label(field: &Field, token: &str, cx: &Cx<'_>) -> String {
    match field.name() {
        Some("restriction") if token != "ext-value" => {
            let label = crate::model::Restriction::from_token(token).tlp();
            format!("{token}  ·  {}", cx.catalog.tlp(label))
        }
        _ => token.to_owned(),
    }
}

fn classes(desk: &Desk, node: NodeId, query: &str, cx: &Cx<'_>) -> Vec<Choice> {
    let Some(element) = desk.document().element(node) else { return Vec::new() };
    let offers = form::class_of(element).map(|class| form::offers(element, class)).unwrap_or_default();
    let fill = super::fill(desk, cx);
    // A number of a catalogue is a reference to it.
    let named = cards::reference(query).filter(|_| offers.iter().any(|offer| offer.class.name == "Reference"));
    let named = named.map(|reference| Choice {
        label: query.trim().to_owned(),
        help: Some(cx.text("compose-pick-reference")),
        message: Message::Take(Act::Insert {
            parent: node,
            place: form::place(element, Name { ns: NS, local: "Reference" }),
            fragments: vec![reference],
        }),
    });
    let choice = |offer: form::Offer| Choice {
        label: offer.class.name.to_owned(),
        help: cx.catalog.has(&offer.help).then(|| cx.text(&offer.help)),
        message: Message::Take(Act::Add { parent: node, class: offer.class, fill: Seed::clone(&fill) }),
    };
    let (mut missing, rest): (Vec<_>, Vec<_>) = offers.into_iter().partition(|offer| offer.missing);
    missing.extend(rest);
    named.into_iter().chain(missing.into_iter().map(choice)).collect()
}

/// The others of a choice.
fn instead(desk: &Desk, node: NodeId, cx: &Cx<'_>) -> Vec<Choice> {
    let Some(element) = desk.document().element(node) else { return Vec::new() };
    let fill = super::fill(desk, cx);
    let choice = |class: &'static Class| {
        let help = class.help();
        Choice {
            label: class.name.to_owned(),
            help: cx.catalog.has(&help).then(|| cx.text(&help)),
            message: Message::Take(Act::Swap { node, class, fill: Seed::clone(&fill) }),
        }
    };
    form::instead(element).into_iter().map(choice).collect()
}

/// The open list.
pub fn view<'a>(picker: &'a Picker, choices: Vec<Choice>, cx: &Cx<'a>) -> Element<'a, Message> {
    let at = picker.at.min(choices.len().saturating_sub(1));
    let from = at.saturating_sub(SHOWN - 1);
    let many = choices.len();
    let input = text_input(&cx.text("compose-pick-type"), &picker.query)
        .id(QUERY)
        .on_input(Message::Query)
        .on_submit(Message::TakeHere)
        .padding([space::SM, space::MD])
        .style(theme::input::field);
    let shut = press(Icon::Close.view()).style(theme::button::quiet).hint(cx.text("compose-pick-close"));
    let head = row![input, Element::from(shut.on_press(Message::Pick(None)))].spacing(space::SM).align_y(Center);
    let rows = choices.into_iter().enumerate().skip(from).take(SHOWN).map(|(index, choice)| {
        let help = choice.help.map(|help| line(help).style(theme::text::soft));
        let words = row![strong(safe::line(&choice.label)), container(help).width(Fill).clip(true)]
            .spacing(space::MD)
            .align_y(Center);
        let style = theme::button::row(index == at);
        Element::from(press(words).style(style).width(Fill).padding([3.0, space::MD]).on_press(choice.message))
    });
    let none = (many == 0).then(|| text(cx.text("compose-pick-none")).style(theme::text::soft));
    let more = (many > SHOWN).then(|| caption(cx.catalog.count("compose-pick-of", many as u64, &[])));
    let list = column![Column::with_children(rows), none, more].spacing(space::XS);
    container(column![head, list].spacing(space::SM)).padding(space::SM).style(theme::surface::chosen).into()
}
