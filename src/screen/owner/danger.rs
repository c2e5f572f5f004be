//! What cannot be taken back: a topic's stored items removed, a topic deleted. Who does it types the topic's name, sees what
//! is lost, and is offered a copy first (`product.md` B6, tier 3). No key leads here, and nothing here is held: what is typed
//! is the hold.

use iced::widget::{Column, column, container, row, scrollable, text, text_input};
use iced::{Center, Fill, Length};

use super::Work;
use super::view::called;
use crate::app::cx::Cx;
use crate::engine::{Command, Error, Receipt, RequestId};
use crate::model::owned::Stock;
use crate::model::{Say, Topic, TopicId};
use crate::screen::{Action, How, Target, Toast, Tone as Mood};
use crate::store::query::Field;
use crate::text as safe;
use crate::theme::{self, metrics, space};
use crate::widget::field::{Below, field};
use crate::widget::{Element, Press, Tone, caption, card, mono, press, strip, strong, title};

/// The column of labels.
const LABEL: Length = Length::Fixed(150.0);

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    Purge,
    Delete,
}

#[derive(Clone, Debug)]
pub enum Message {
    Type(Act, String),
    /// Where readers are told to look instead.
    Redirect(String),
    Do(Act),
    /// Counts anew what would be lost.
    Count,
    Export,
    Settled(RequestId, Result<Receipt, Error>),
}

/// What stands on one topic's page.
#[derive(Debug, Default)]
pub struct Danger {
    topic: Option<TopicId>,
    typed: [String; 2],
    redirect: String,
    stock: Option<Result<Stock, Say>>,
    counting: Option<RequestId>,
    doing: Option<(RequestId, Act, TopicId)>,
    done: Option<(TopicId, Result<Act, Say>)>,
}

impl Danger {
    /// This topic's page shows.
    pub fn show(&mut self, topic: Option<TopicId>, cx: &Cx<'_>) -> Action<Message> {
        if self.topic != topic {
            // What was typed was another's name; what is under way there is under way.
            let (doing, done) = (self.doing.take(), self.done.take());
            *self = Self { topic, doing, done, ..Self::default() };
        }
        if self.stock.is_none() { self.count(cx) } else { Action::None }
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Type(act, typed) => {
                if let Some(field) = self.typed.get_mut(act as usize) {
                    *field = typed;
                }
            }
            Message::Redirect(typed) => self.redirect = typed,
            Message::Do(act) => return self.act(act, cx),
            Message::Count => return self.count(cx),
            Message::Export => {
                let Some(topic) = &self.topic else { return Action::None };
                let narrow = Target::Narrow(Field::Topic, cx.finder.topic_name(topic), How::Only);
                return Action::Many(vec![Action::Open(narrow), Action::Open(Target::Export)]);
            }
            Message::Settled(request, result) => return self.settle(request, result, cx),
        }
        Action::None
    }

    fn typed(&self, act: Act) -> &str {
        self.typed.get(act as usize).map(String::as_str).unwrap_or_default()
    }

    /// Whether a person has seen what there is to lose, or that nobody can say.
    fn is_counted(&self) -> bool {
        self.stock.is_some() && self.counting.is_none()
    }

    /// Whether the topic's own name is typed, or what is shown of one that cannot be typed.
    fn confirms(&self, act: Act) -> bool {
        let typed = self.typed(act).trim();
        self.topic.as_ref().is_some_and(|topic| typed == topic.node.trim() || typed == safe::line(&topic.node))
    }

    fn count(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(topic) = self.topic.clone().filter(|_| cx.online() && self.counting.is_none()) else {
            return Action::None;
        };
        let request = cx.request();
        self.counting = Some(request);
        Action::Engine(Command::Stock { request, topic })
    }

    fn act(&mut self, act: Act, cx: &Cx<'_>) -> Action<Message> {
        let ready = self.confirms(act) && self.is_counted() && self.doing.is_none();
        let Some(topic) = self.topic.clone().filter(|_| ready) else { return Action::None };
        let request = cx.request();
        (self.doing, self.done) = (Some((request, act, topic.clone())), None);
        self.typed = Default::default();
        let redirect = Some(self.redirect.trim().to_owned()).filter(|to| !to.is_empty());
        Action::Engine(match act {
            Act::Purge => Command::Purge { request, topic },
            Act::Delete => Command::Delete { request, topic, redirect },
        })
    }

    fn settle(&mut self, request: RequestId, result: Result<Receipt, Error>, cx: &Cx<'_>) -> Action<Message> {
        if self.counting.take_if(|of| *of == request).is_some() {
            self.stock = match result {
                Ok(Receipt::Stock(stock)) => Some(Ok(stock)),
                Ok(_) => None,
                Err(error) => Some(Err(error.say())),
            };
            return Action::None;
        }
        let Some((_, act, topic)) = self.doing.take_if(|(of, ..)| *of == request) else { return Action::None };
        let name = safe::line(&topic.node);
        match result {
            Ok(_) => {
                let key = match act {
                    Act::Purge => "owner-purged-toast",
                    Act::Delete => "owner-deleted-toast",
                };
                let toast = Toast { tone: Mood::Good, say: Say::new(key).with("topic", name) };
                // Whoever had access there has none to end.
                let over = || {
                    let own = cx.owning.grants.iter().filter(|grant| grant.topic == topic);
                    let accounts = own.map(|grant| grant.account.clone()).collect();
                    Action::Own(Work::Ended { topic: topic.clone(), accounts, past: Vec::new() })
                };
                let over = if act == Act::Delete { over() } else { Action::None };
                self.done = Some((topic, Ok(act)));
                Action::Many(vec![Action::Notify(toast), over, self.count(cx)])
            }
            Err(error) => {
                self.done = Some((topic, Err(error.say())));
                Action::None
            }
        }
    }

    pub fn view<'a>(&'a self, topic: &'a Topic, cx: &Cx<'a>) -> Element<'a, Message> {
        let done = self.done.as_ref().map(|(of, done)| {
            let of = safe::line(&of.node);
            match done {
                Ok(Act::Purge) => strip(Tone::Good, cx.format("owner-purged", &[("topic", &of)]), None, Vec::new()),
                Ok(Act::Delete) => strip(Tone::Good, cx.format("owner-deleted", &[("topic", &of)]), None, Vec::new()),
                Err(say) => {
                    let words = cx.format("owner-refused-on", &[("topic", &of), ("cause", &cx.catalog.say(say))]);
                    strip(Tone::Alarm, words, cx.catalog.next(say), Vec::new())
                }
            }
        });
        let inside = column![done, self.lost(topic, cx), self.purge(topic, cx), self.delete(topic, cx)];
        let inside = inside.spacing(space::LG).max_width(metrics::PROSE);
        let page = container(inside).padding(space::XL).width(Fill);
        scrollable(page).style(theme::surface::scroll).height(Fill).into()
    }

    /// What there is to lose.
    fn lost<'a>(&'a self, topic: &'a Topic, cx: &Cx<'a>) -> Element<'a, Message> {
        let fact = |key: &str, words: String| {
            Element::from(row![caption(cx.text(key)).width(LABEL), text(words).width(Fill)].spacing(space::MD))
        };
        let number = |count: u32| cx.catalog.number(count.into());
        let facts = match &self.stock {
            Some(Ok(stock)) => column![
                fact("owner-stock-readers", number(stock.subscribers)),
                (stock.pending > 0).then(|| fact("owner-stock-pending", number(stock.pending))),
                fact("owner-stock-owners", number(stock.owners)),
                fact("owner-stock-items", stock.items.map_or_else(|| cx.text("owner-stock-unsaid"), number)),
            ],
            Some(Err(say)) => column![strip(Tone::Caution, cx.catalog.say(say), cx.catalog.next(say), Vec::new())],
            None => {
                column![caption(cx.text(if self.counting.is_some() { "owner-counting" } else { "owner-uncounted" }))]
            }
        };
        let again = Press::word(cx.text("owner-count")).style(theme::button::quiet);
        let again = again.on_press_maybe((cx.online() && self.counting.is_none()).then_some(Message::Count));
        let export = Press::word(cx.text("owner-export-first")).id("danger.export").on_press(Message::Export);
        let head = row![title(cx.format("owner-lost", &[("topic", &called(topic))])).width(Fill), Element::from(again)];
        let node = mono(safe::line(&topic.id.node)).style(theme::text::soft);
        let copy = row![caption(cx.text("owner-export-why")).width(Fill), Element::from(export)];
        card(
            column![
                column![head.align_y(Center), node].spacing(space::XS),
                facts.spacing(space::SM),
                copy.spacing(space::MD).align_y(Center)
            ]
            .spacing(space::MD),
        )
        .into()
    }

    fn purge<'a>(&'a self, topic: &'a Topic, cx: &Cx<'a>) -> Element<'a, Message> {
        let why = text(cx.text("owner-purge-means"));
        self.grave(Act::Purge, topic, ("owner-purge", "owner-purge-go"), Column::new().push(why), cx)
    }

    fn delete<'a>(&'a self, topic: &'a Topic, cx: &Cx<'a>) -> Element<'a, Message> {
        let why = text(cx.text("owner-delete-means"));
        let redirect = text_input("xmpp:broker.example?;node=new-topic", &self.redirect)
            .id("danger.redirect")
            .on_input(Message::Redirect)
            .padding([space::SM, space::MD])
            .font(theme::MONO)
            .style(theme::input::field);
        let redirect = field(cx.text("owner-redirect"), redirect, Below::Hint(cx.text("owner-redirect-why")));
        let inside = column![why, redirect].spacing(space::MD);
        self.grave(Act::Delete, topic, ("owner-delete", "owner-delete-go"), inside, cx)
    }

    fn grave<'a>(
        &'a self,
        act: Act,
        topic: &'a Topic,
        (name, go): (&str, &str),
        inside: Column<'a, Message>,
        cx: &Cx<'a>,
    ) -> Element<'a, Message> {
        let id = match act {
            Act::Purge => "purge",
            Act::Delete => "delete",
        };
        let sure = self.confirms(act);
        let typed = text_input(&safe::line(&topic.id.node), self.typed(act))
            .id(format!("danger.{id}.name"))
            .on_input(move |typed| Message::Type(act, typed))
            .padding([space::SM, space::MD])
            .font(theme::MONO)
            .style(theme::input::field);
        let below = Below::Hint(cx.format("owner-type-name", &[("topic", &safe::line(&topic.id.node))]));
        let typed = field(cx.text("owner-type"), typed, below);
        let ready = sure && self.is_counted() && cx.online() && self.doing.is_none();
        let under_way = self.doing.as_ref().is_some_and(|(_, doing, of)| *doing == act && *of == topic.id);
        let go = press(text(cx.text(if under_way { "owner-row-sent" } else { go })))
            .style(theme::button::danger)
            .deliberate()
            .id(format!("danger.{id}.go"))
            .on_press_maybe(ready.then_some(Message::Do(act)));
        let foot = row![typed, column![caption(" "), Element::from(go), caption(" ")].spacing(space::XS)];
        let all = column![strong(cx.text(name)).size(theme::size::TITLE).style(theme::text::danger), inside];
        card(all.push(foot.spacing(space::MD)).spacing(space::MD)).into()
    }
}
