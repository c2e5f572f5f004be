//! What an audience gets that may see less: the draft without what is stricter, told as what is taken out of it, and the proof
//! that nothing of that survived (`product.md` C4). It becomes a draft of its own, to be published elsewhere.

use iced::Task;
use iced::widget::{Column, Row, column, container, row, scrollable, text};
use iced::{Center, Fill};

use super::desk::{Desk, Side};
use super::{Message, Screen};
use crate::app::cx::Cx;
use crate::compose::Draft;
use crate::compose::draft::Beside;
use crate::compose::redact::{Redaction, Removed, redact};
use crate::model::{Say, Tlp};
use crate::screen::Action;
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{Element, Icon, Press, Tone, caption, press, strip, strong, title};

/// For whom a version can be made; what is for the recipients alone has none but itself.
const TARGETS: [Tlp; 4] = [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict];
/// What was taken out, shown before one is told how much more there is.
const SHOWN: usize = 120;

/// The version that is looked at.
#[derive(Debug, Default)]
pub struct Version {
    pub target: Option<Tlp>,
    /// The state of the draft it was made of, and what came of it.
    pub made: Option<(u64, Result<Box<Redaction>, Say>)>,
}

impl Screen {
    /// Makes the version anew where it shows and the draft has changed, away from the window's thread.
    pub(super) fn version(&mut self) -> Action<Message> {
        let Some(desk) = self.desk.as_ref().filter(|desk| desk.side == Side::Version) else { return Action::None };
        let Some(target) = desk.version.target else { return Action::None };
        let fresh = |(of, made): &(u64, Result<Box<Redaction>, Say>)| {
            *of == desk.revision() && made.as_ref().is_ok_and(|made| made.target == target)
        };
        if desk.version.made.as_ref().is_some_and(fresh) {
            return Action::None;
        }
        let (id, revision, document) = (desk.id.clone(), desk.revision(), desk.document().clone());
        let make = async move {
            let made = tokio::task::spawn_blocking(move || redact(&document, target)).await;
            match made {
                Ok(Ok(redaction)) => Ok(Box::new(redaction)),
                Ok(Err(refused)) => Err(refused.say()),
                Err(_) => Err(Say::new("compose-version-broken")),
            }
        };
        Action::Run(Task::perform(make, move |made| Message::Versioned(id.clone(), revision, made)))
    }

    pub(super) fn versioned(&mut self, id: &str, revision: u64, made: Result<Box<Redaction>, Say>) -> Action<Message> {
        let desk = self.desk.as_mut().filter(|desk| desk.id == id && desk.revision() == revision);
        if let Some(desk) = desk {
            desk.version.made = Some((revision, made));
        }
        Action::None
    }

    /// The version as a draft: where it goes is to be chosen, and no reason given for the whole holds for it.
    pub(super) fn draft_of_version(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let made = self.desk.as_ref().and_then(|desk| Some((desk, desk.version.made.as_ref()?)));
        let Some((desk, (of, Ok(redaction)))) = made else { return Action::None };
        if *of != desk.revision() || !redaction.is_sound() {
            return Action::None;
        }
        let beside = Beside { topics: Vec::new(), reasons: Vec::new(), ..desk.beside().clone() };
        let draft = Draft::new(redaction.document.clone(), beside);
        self.open(draft, Vec::new(), cx)
    }
}

pub fn side<'a>(desk: &'a Desk, cx: &Cx<'a>) -> Element<'a, Message> {
    let targets = TARGETS.into_iter().map(|target| {
        let here = desk.version.target == Some(target);
        let mark = if here { Icon::Unread } else { Icon::Offline };
        let word = crate::widget::tlp(target, cx.catalog.tlp_short(target));
        let inside = row![mark.view().size(size::CAPTION), word].spacing(6.0).align_y(Center);
        Element::from(press(inside).style(theme::button::tab(here)).on_press(Message::Version(target)))
    });
    let targets = Row::with_children(targets).spacing(space::XS);
    let why = caption(cx.text("compose-version-why"));
    let body: Element<'a, Message> = match (&desk.version.target, &desk.version.made) {
        (None, _) => text("").into(),
        (Some(_), None) => caption(cx.text("compose-version-making")).into(),
        (Some(_), Some((_, Err(say)))) => strip(Tone::Alarm, cx.catalog.say(say), cx.catalog.next(say), Vec::new()),
        (Some(target), Some((of, Ok(made)))) => {
            let fresh = *of == desk.revision() && made.target == *target;
            of_redaction(made, fresh, cx)
        }
    };
    let all = column![why, targets, body].spacing(space::MD);
    scrollable(container(all).padding([space::MD, space::LG]).width(Fill))
        .id("compose.version")
        .style(theme::surface::scroll)
        .height(Fill)
        .into()
}

fn of_redaction<'a>(made: &'a Redaction, fresh: bool, cx: &Cx<'a>) -> Element<'a, Message> {
    let stale = (!fresh).then(|| caption(cx.text("compose-rechecking")));
    let needs = made.needs.iter().map(|need| {
        let say = need.say();
        strip(Tone::Alarm, cx.catalog.say(&say), cx.catalog.next(&say), Vec::new())
    });
    let survivors = made.proof.survivors().iter().take(SHOWN).map(|survivor| {
        let say = survivor.say();
        let show =
            survivor.from.map(|node| Press::word(cx.text("compose-version-show")).on_press(Message::Reveal(node)));
        let acts = show.into_iter().map(Element::from).collect();
        strip(Tone::Alarm, cx.catalog.say(&say), cx.catalog.next(&say), acts)
    });
    let sound = made.is_sound().then(|| {
        let words = cx.catalog.count("compose-version-sound", made.proof.looked_for as u64, &[]);
        let draft = Press::word(cx.text("compose-version-draft")).id("compose.version.draft");
        let draft = draft.on_press_maybe(fresh.then_some(Message::VersionDraft));
        strip(Tone::Good, words, None, vec![draft.into()])
    });
    let head = title(cx.catalog.count("compose-version-removed", made.removed.len() as u64, &[]));
    let removed = made.removed.iter().take(SHOWN).map(|removed| one(removed, cx));
    let more = made.removed.len().saturating_sub(SHOWN) as u64;
    let more = (more > 0).then(|| caption(cx.catalog.count("compose-more", more, &[])));
    let strips = Column::with_children(needs.chain(survivors)).spacing(space::XS);
    column![stale, strips, sound, head, Column::with_children(removed).spacing(space::SM), more]
        .spacing(space::MD)
        .into()
}

fn one<'a>(removed: &'a Removed, cx: &Cx<'a>) -> Element<'a, Message> {
    let gist =
        (!removed.gist.is_empty()).then(|| text(format!("− {}", safe::line(&removed.gist))).style(theme::text::danger));
    let looser =
        (removed.looser > 0).then(|| caption(cx.catalog.count("compose-version-looser", removed.looser as u64, &[])));
    let head = row![strong(safe::line(&removed.class)), caption(safe::line(&removed.place))].spacing(space::SM);
    let why = caption(cx.catalog.say(&removed.why.say()));
    let words = column![head.align_y(Center), gist, why, looser].spacing(2.0);
    press(words).style(theme::button::row(false)).width(Fill).on_press(Message::Reveal(removed.node)).into()
}
