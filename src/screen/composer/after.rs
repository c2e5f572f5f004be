//! What comes after a report that is published: it is told anew, another takes its place, it is taken back; or what somebody
//! else reported is answered. A sheet says what each means and offers what this account may do.

use std::sync::Arc;

use iced::Task;
use iced::widget::{Row, column, container, mouse_area, opaque, row, space as gap, text, text_input};
use iced::{Center, Fill, Length};

use super::foot::named;
use super::{Message, Screen, begin, desk};
use crate::app::cx::Cx;
use crate::compose::draft::{Beside, Course, Labels, Source, Unopened};
use crate::compose::form::Fill as Seed;
use crate::compose::send::{About, Parcel};
use crate::compose::{Draft, guard, preflight, revise, short};
use crate::iodef::Document;
use crate::model::{Affiliation, ItemId, Jid, Say, Tlp, Topic, TopicId};
use crate::screen::{Action, Toast, Tone};
use crate::store::{Payload, Seq, Standing};
use crate::theme::{self, size, space};
use crate::widget::{Element, Icon, Press, Tone as Ink, caption, heading, layer, line, press, strip};

pub const STAY: &str = "after.stay";
pub const WORDS: &str = "after.words";

/// What a person wants of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Update,
    Supersede,
    Retract,
    Answer,
}

impl Choice {
    /// The catalog keys of its name, of what it means, and of what is asked for it.
    fn keys(self) -> [&'static str; 3] {
        match self {
            Self::Update => ["compose-after-update", "compose-after-update-why", "compose-after-update-words"],
            Self::Supersede => {
                ["compose-after-supersede", "compose-after-supersede-why", "compose-after-supersede-words"]
            }
            Self::Retract => ["compose-after-retract", "compose-after-retract-why", ""],
            Self::Answer => ["compose-after-answer", "compose-after-answer-why", "compose-after-answer-words"],
        }
    }
}

/// A message of the sheet.
#[derive(Clone, Debug)]
pub enum Act {
    /// About this row of the store, or this receipt.
    Row(Seq),
    Receipt(String),
    Read(Result<Arc<Before>, Say>),
    Choose(Choice),
    Words(String),
    Go,
    Close,
}

/// A report as it stands at its broker.
pub struct Before {
    topic: TopicId,
    item: ItemId,
    /// By the broker's word.
    publisher: Option<String>,
    /// It is not there any more.
    is_gone: bool,
    document: Document,
    /// What was not simply taken over when it was opened.
    notes: Vec<Say>,
    title: String,
    label: Tlp,
}

impl std::fmt::Debug for Before {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Before({:?} at {})", self.item.0, self.topic)
    }
}

impl Before {
    /// Reads it; not for the window's thread.
    fn read(key: (TopicId, ItemId), publisher: Option<String>, gone: bool, payload: &Payload) -> Result<Self, Say> {
        let opened = Draft::open(&payload.bytes, &payload.scope, Beside::default());
        let opened = opened.map_err(|why: Unopened| why.say())?;
        let document = opened.draft.document().clone();
        let (title, label) = (desk::title(&document), preflight::strictest(&document));
        let (topic, item) = key;
        Ok(Self { topic, item, publisher, is_gone: gone, document, notes: opened.notes, title, label })
    }

    fn source(&self) -> Source {
        let id = short::incident(&self.document).and_then(|incident| incident.child("IncidentID"));
        let csirt = id.and_then(|id| id.attr("name")).unwrap_or_default().trim().to_owned();
        let id = id.map(|id| id.trimmed().into_owned()).unwrap_or_default();
        let labels = Some(Labels::of(&self.document));
        Source { topic: self.topic.clone(), item: self.item.clone(), csirt, id, labels }
    }
}

/// The sheet that is open.
#[derive(Debug)]
pub struct After {
    of: Arc<Before>,
    offers: Vec<Choice>,
    choice: Choice,
    words: String,
}

impl Screen {
    pub(super) fn of_after(&mut self, act: Act, cx: &Cx<'_>) -> Action<Message> {
        match act {
            Act::Row(seq) => return read_row(seq, cx),
            Act::Receipt(key) => return self.read_receipt(&key),
            Act::Read(Ok(of)) => {
                let offers = self.offers(&of, cx);
                let choice = offers.first().copied().unwrap_or(Choice::Answer);
                self.after = Some(After { of, offers, choice, words: String::new() });
                return Action::Run(iced::widget::operation::focus(WORDS));
            }
            Act::Read(Err(say)) => return Action::Notify(Toast { tone: Tone::Bad, say }),
            Act::Choose(choice) => {
                if let Some(after) = &mut self.after {
                    after.choice = choice;
                }
            }
            Act::Words(words) => {
                if let Some(after) = &mut self.after {
                    after.words = words;
                }
            }
            Act::Go => return self.go_after(cx),
            Act::Close => self.after = None,
        }
        Action::None
    }

    fn read_receipt(&self, key: &str) -> Action<Message> {
        let Some(parcel) = self.outbox.get(key) else { return Action::None };
        let (Some(payload), crate::compose::send::State::Done { item, .. }) = (parcel.payload(), parcel.state()) else {
            return Action::None;
        };
        let payload = Payload { bytes: Arc::clone(payload), scope: Arc::from([]) };
        let key = (parcel.topic().clone(), item.clone());
        reading(move || Before::read(key, None, false, &payload))
    }

    /// What may be done about it: what is mine or my team's can be told anew, and what I published or own be taken back.
    fn offers(&self, of: &Before, cx: &Cx<'_>) -> Vec<Choice> {
        let topic = cx.topics.iter().find(|topic| topic.id == of.topic);
        let publisher = of.publisher.as_deref().and_then(|jid| jid.parse::<Jid>().ok());
        let is_me = publisher.as_ref().zip(cx.me()).map(|(publisher, me)| publisher.bare() == me);
        // All of the practice grid bear one name.
        let is_ours = !cx.practice && of.source().csirt.eq_ignore_ascii_case(begin::csirt(&self.stock, cx).trim());
        let by_me = is_me.unwrap_or_else(|| self.outbox.receipt(&of.topic, &of.item).is_some() || is_ours);
        let may = topic.is_some_and(Topic::may_publish);
        let own = topic.is_some_and(|topic| topic.affiliation == Affiliation::Owner);
        let anew = may && (by_me || is_ours);
        let back = !of.is_gone && (own || (may && by_me));
        let all = [
            (Choice::Update, anew),
            (Choice::Supersede, anew),
            (Choice::Retract, back),
            // One's own incident asks oneself nothing.
            (Choice::Answer, !by_me || !anew),
        ];
        all.into_iter().filter_map(|(choice, may)| may.then_some(choice)).collect()
    }

    fn go_after(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(After { of, choice, words, .. }) = self.after.take() else { return Action::None };
        let (source, words) = (of.source(), words.trim().to_owned());
        if choice == Choice::Retract {
            let about = About {
                draft: String::new(),
                of: String::new(),
                title: of.title.clone(),
                label: of.label,
                is_new: false,
                reasons: Vec::new(),
                wholes: Vec::new(),
            };
            return match Parcel::retract(about, of.topic.clone(), of.item.clone(), super::hold(cx)) {
                Ok(parcel) => {
                    self.outbox.put(parcel);
                    self.show_outbox(cx)
                }
                Err(say) => Action::Notify(Toast { tone: Tone::Bad, say }),
            };
        }
        let csirt = begin::csirt(&self.stock, cx);
        let number = self.number(&csirt, cx);
        let fill = Seed { now: cx.now, csirt };
        let made = match choice {
            Choice::Update => {
                let mut draft = Draft::new(of.document.clone(), Beside::default());
                revise::update(&mut draft, &fill, &words).map(|()| (draft, Course::Update(source.clone())))
            }
            Choice::Supersede => revise::supersede(&of.document, &fill, &number, &words)
                .map(|draft| (draft, Course::Supersede(source.clone()))),
            Choice::Answer | Choice::Retract => {
                let asked = of.document.root().descendants().find(|element| element.is("Expectation"));
                let asked = asked.map(crate::iodef::Element::id);
                revise::answer(&of.document, asked, &fill, &number, self.stock.contact(), &words)
                    .map(|draft| (draft, Course::Answer(source.clone())))
            }
        };
        let (draft, course) = match made {
            Ok(made) => made,
            Err(refused) => return Action::Notify(Toast { tone: Tone::Bad, say: refused.say() }),
        };
        let may = cx.topics.iter().any(|topic| topic.id == of.topic && topic.may_publish());
        let topics = may.then(|| of.topic.clone()).into_iter().collect();
        let receipt = self.outbox.receipt(&of.topic, &of.item).map(Parcel::about);
        // What may be said by a reason of the receipt may be said anew by it; who reads it may be others.
        let reasons = receipt.filter(|_| choice == Choice::Update).map(|about| about.reasons.clone());
        let reasons = reasons.into_iter().flatten().filter(|reason| reason.of == guard::REASON).collect();
        // A version stays one: what was left out of it does not come into what tells it anew or takes its place.
        let wholes = receipt.map(|about| about.wholes.clone()).unwrap_or_default();
        let bound = wholes.iter().map(|whole| whole.target).min();
        let bound = bound.map(|target| Say::new("compose-after-version").with("label", target.label()));
        let beside = Beside { topics, sources: vec![source], reasons, course, wholes, ..Beside::default() };
        let notes = of.notes.iter().cloned().chain(bound).collect();
        let open = self.open(Draft::new(draft.document().clone(), beside), notes, cx);
        Action::Many(vec![open, self.gave(&fill.csirt, &number, cx)])
    }
}

fn read_row(seq: Seq, cx: &Cx<'_>) -> Action<Message> {
    let Some(store) = cx.finder.store() else { return Action::None };
    reading(move || {
        let gone = || Say::new("compose-after-gone");
        let row = store.row(seq).ok_or_else(gone)?;
        let payload = store.payload(seq).map_err(|error| error.say())?.ok_or_else(gone)?;
        let is_gone = matches!(row.standing, Standing::Retracted(_));
        Before::read((row.key.topic.clone(), row.key.item.clone()), row.publisher.clone(), is_gone, &payload)
    })
}

fn reading(read: impl FnOnce() -> Result<Before, Say> + Send + 'static) -> Action<Message> {
    let read = async move {
        let read = tokio::task::spawn_blocking(read).await;
        read.unwrap_or_else(|_| Err(Say::new("app-work-broken"))).map(Arc::new)
    };
    Action::Run(Task::perform(read, |read| Message::After(Act::Read(read))))
}

pub fn view<'a>(after: &'a After, cx: &Cx<'a>) -> Element<'a, Message> {
    let say = Message::After;
    let of = &after.of;
    let [name, why, asked] = after.choice.keys();
    let label = crate::widget::tlp(of.label, cx.catalog.tlp_short(of.label));
    let title = if of.title.is_empty() { super::entry::untitled(cx) } else { of.title.clone() };
    let what = row![label, container(line(title).font(theme::BOLD)).width(Fill).clip(true)];
    let source = of.source();
    let whence = [crate::text::line(&source.csirt), crate::text::line(&source.id), named(&of.topic, cx)].join("  ·  ");
    let choices = after.offers.iter().map(|choice| {
        let here = *choice == after.choice;
        let mark = if here { Icon::Unread } else { Icon::Offline };
        let [name, ..] = choice.keys();
        let inside = row![mark.view().size(size::CAPTION), text(cx.text(name))].spacing(6.0).align_y(Center);
        let tab = press(inside).style(theme::button::tab(here)).id(name);
        Element::from(tab.on_press(say(Act::Choose(*choice))))
    });
    let choices = (after.offers.len() > 1).then(|| Row::with_children(choices).spacing(space::XS).wrap());
    let is_back = after.choice == Choice::Retract;
    let subscribers = cx.topics.iter().find(|topic| topic.id == of.topic).and_then(|topic| topic.subscribers);
    let means: Element<'a, Message> = if is_back {
        let key = "compose-after-copies";
        let next = subscribers.map(|count| cx.catalog.count(key, u64::from(count), &[]));
        strip(Ink::Caution, cx.text(why), next, Vec::new())
    } else {
        text(cx.text(why)).into()
    };
    let words = (!is_back).then(|| {
        text_input(&cx.text(asked), &after.words)
            .id(WORDS)
            .on_input(move |words| say(Act::Words(words)))
            .on_submit(say(Act::Go))
            .padding([space::SM, space::MD])
            .style(theme::input::field)
    });
    let stay = Press::word(cx.text("compose-reason-stay")).id(STAY).on_press(say(Act::Close));
    let go = Press::word(cx.text(if is_back { "compose-after-retract-go" } else { "compose-after-go" })).id("after.go");
    let go = if is_back { go.style(theme::button::danger).deliberate() } else { go.style(theme::button::primary) };
    let acts = row![gap::horizontal(), Element::from(stay), Element::from(go.on_press(say(Act::Go)))];
    let inside = column![
        heading(cx.text(name)),
        column![what.spacing(space::SM).align_y(Center), caption(whence)].spacing(space::XS),
        choices,
        means,
        words,
        acts.spacing(space::SM)
    ];
    let sheet = container(inside.spacing(space::MD)).width(Length::Fixed(560.0)).padding(space::XL);
    let sheet = opaque(sheet.style(theme::surface::floating));
    let centred = container(sheet).center(Fill).padding(space::XL).style(theme::surface::veil);
    // What cannot be unread is not what Enter does first.
    layer::above(opaque(mouse_area(centred).on_press(say(Act::Close))), if is_back { STAY } else { WORDS }).into()
}
