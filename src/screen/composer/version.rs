//! What an audience gets that may see less: the draft without what is stricter, told as what is taken out of it, and the proof
//! that nothing of that survived (`product.md` C4). It becomes a draft of its own, to be published elsewhere.
//!
//! That draft is bound by what it was made of, and so are its copies and versions of it; and by the receipt, as long as that is
//! kept, what tells anew or replaces what was published of it. A template made of it knows of the whole only what the guard finds
//! among what was received.

use std::sync::Arc;

use iced::Task;
use iced::widget::{Column, Row as Line, column, container, row};
use iced::{Center, Fill};

use super::desk::{Desk, Side};
use super::{Message, Screen};
use crate::app::cx::Cx;
use crate::compose::Draft;
use crate::compose::draft::{Beside, Whole};
use crate::compose::redact::beside::Row;
use crate::compose::redact::{Redaction, redact};
use crate::iodef::Refused;
use crate::model::{Say, Tlp};
use crate::screen::Action;
use crate::theme::{self, size, space};
use crate::widget::{Element, Icon, Press, Tone, caption, press, strip};

/// For whom a version can be made; what is for the recipients alone has none but itself.
pub const TARGETS: [Tlp; 4] = [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict];
/// What survived, shown before one is told how much more there is.
const SHOWN: usize = 12;

/// A version, and how it stands beside the whole.
#[derive(Clone, Debug)]
pub struct Made {
    pub redaction: Redaction,
    pub rows: Vec<Row>,
}

/// The version that is looked at.
#[derive(Debug, Default)]
pub struct Version {
    pub target: Option<Tlp>,
    /// The state of the draft it was made of, and what came of it.
    pub made: Option<(u64, Result<Box<Made>, Say>)>,
    /// Which of what was taken out is looked at.
    pub at: Option<usize>,
}

impl Screen {
    /// Makes the version anew where it shows and the draft has changed, away from the window's thread.
    pub(super) fn version(&mut self) -> Action<Message> {
        let Some(desk) = self.desk.as_ref().filter(|desk| desk.side == Side::Version) else { return Action::None };
        let Some(target) = desk.version.target else { return Action::None };
        let fresh = |(of, made): &(u64, Result<Box<Made>, Say>)| {
            *of == desk.revision() && made.as_ref().is_ok_and(|made| made.redaction.target == target)
        };
        if desk.version.made.as_ref().is_some_and(fresh) {
            return Action::None;
        }
        let (id, revision, document) = (desk.id.clone(), desk.revision(), desk.document().clone());
        let make = async move {
            let make = move || {
                let redaction = redact(&document, target)?;
                Ok(Made { rows: redaction.beside(&document), redaction })
            };
            let made: Result<Result<Made, Refused>, _> = tokio::task::spawn_blocking(make).await;
            match made {
                Ok(Ok(made)) => Ok(Box::new(made)),
                Ok(Err(refused)) => Err(refused.say()),
                Err(_) => Err(Say::new("compose-version-broken")),
            }
        };
        Action::Run(Task::perform(make, move |made| Message::Versioned(id.clone(), revision, made)))
    }

    pub(super) fn versioned(&mut self, id: &str, revision: u64, made: Result<Box<Made>, Say>) -> Action<Message> {
        let desk = self.desk.as_mut().filter(|desk| desk.id == id && desk.revision() == revision);
        if let Some(desk) = desk {
            desk.version.made = Some((revision, made));
            desk.version.at = None;
        }
        Action::None
    }

    /// The version as a draft: where it goes is to be chosen, and no reason given for the whole holds for it. What was taken out
    /// stays out as long as it is a draft.
    pub(super) fn draft_of_version(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let made = self.desk.as_ref().and_then(|desk| Some((desk, desk.version.made.as_ref()?)));
        let Some((desk, (of, Ok(made)))) = made else { return Action::None };
        let redaction = &made.redaction;
        if *of != desk.revision() || !redaction.is_sound() {
            return Action::None;
        }
        let mut beside = Beside { topics: Vec::new(), reasons: Vec::new(), ..desk.beside().clone() };
        beside.versions.clear();
        // One that is a version itself is bound by what that was made of, too.
        beside.wholes.push(Arc::new(Whole::of(desk.document(), redaction.target)));
        let draft = Draft::new(redaction.document.clone(), beside);
        self.open(draft, Vec::new(), cx)
    }
}

/// For whom, what is in the way of it or that nothing is; below, the whole and the version side by side.
pub fn side<'a>(desk: &'a Desk, cx: &Cx<'a>) -> Element<'a, Message> {
    let targets = TARGETS.into_iter().map(|target| {
        let here = desk.version.target == Some(target);
        let mark = if here { Icon::Unread } else { Icon::Offline };
        let word = crate::widget::tlp(target, cx.catalog.tlp_short(target));
        let inside = row![mark.view().size(size::CAPTION), word].spacing(6.0).align_y(Center);
        Element::from(press(inside).style(theme::button::tab(here)).on_press(Message::Version(target)))
    });
    let targets = row![caption(cx.text("compose-version-for")), Line::with_children(targets).spacing(space::XS)];
    let targets = targets.spacing(space::SM).align_y(Center);
    let why = caption(cx.text("compose-version-why"));
    let head = |body: Option<Element<'a, Message>>| {
        container(column![why, targets, body].spacing(space::SM)).padding([space::MD, space::LG]).width(Fill)
    };
    match (&desk.version.target, &desk.version.made) {
        (None, _) => head(None).into(),
        (Some(_), None) => head(Some(caption(cx.text("compose-version-making")).into())).into(),
        (Some(_), Some((_, Err(say)))) => {
            head(Some(strip(Tone::Alarm, cx.catalog.say(say), cx.catalog.next(say), Vec::new()))).into()
        }
        (Some(target), Some((of, Ok(made)))) => {
            let fresh = *of == desk.revision() && made.redaction.target == *target;
            let told = told(&made.redaction, fresh, cx);
            column![head(Some(told)), super::compare::view(desk, made, fresh, cx)].into()
        }
    }
}

/// What must be decided, what survived, or the proof that nothing did.
fn told<'a>(made: &'a Redaction, fresh: bool, cx: &Cx<'a>) -> Element<'a, Message> {
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
    let more = (made.proof.survivors().len().saturating_sub(SHOWN) + made.proof.untold()) as u64;
    let more = (more > 0).then(|| caption(cx.catalog.count("compose-more", more, &[])));
    let sound = made.is_sound().then(|| {
        let words = cx.catalog.count("compose-version-sound", made.proof.looked_for as u64, &[]);
        // What is too short to be told from chance was not looked for, and is said so.
        let short = made.proof.short as u64;
        let short = (short > 0).then(|| cx.catalog.count("compose-version-short", short, &[]));
        let draft = Press::word(cx.text("compose-version-draft")).id("compose.version.draft");
        let draft = draft.on_press_maybe(fresh.then_some(Message::VersionDraft));
        strip(Tone::Good, words, short, vec![draft.into()])
    });
    let strips = Column::with_children(needs.chain(survivors)).push(more).spacing(space::XS);
    column![stale, strips, sound].spacing(space::XS).into()
}
