//! The outbox as it is seen: each parcel with what it is, where it goes, how far it is, and what can be done about it; the
//! newest first.

use iced::widget::{Column, column, container, row, space as gap};
use iced::{Center, Fill};

use super::entry::untitled;
use super::foot::told;
use super::view::{section, small};
use super::{After, Message, Screen};
use crate::app::cx::Cx;
use crate::compose::send::{Parcel, State};
use crate::text as safe;
use crate::theme::{self, space};
use crate::widget::{Element, caption, card, line};

impl Screen {
    /// All parcels; nothing where there are none.
    pub(super) fn posts<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let _ = self.outbox.parcels().next()?;
        let posts = self.outbox.parcels().rev().map(|parcel| self.posted_one(parcel, cx));
        let open = self.outbox.open() as u64;
        let head =
            row![section(cx.text("compose-outbox")), caption(cx.catalog.count("compose-outbox-open", open, &[]))];
        let failing = self.outbox.is_failing().then(|| caption(cx.text("compose-outbox-failing")));
        let list = card(Column::with_children(posts).spacing(space::MD)).padding(space::SM);
        Some(column![head.spacing(space::MD).align_y(Center), failing, list].spacing(space::SM).into())
    }

    fn posted_one<'a>(&'a self, parcel: &'a Parcel, cx: &Cx<'a>) -> Element<'a, Message> {
        let about = parcel.about();
        let label = crate::widget::tlp(about.label, cx.catalog.tlp_short(about.label));
        let title = if about.title.is_empty() { untitled(cx) } else { safe::line(&about.title) };
        let key = || parcel.key().to_owned();
        let draft = self.aside.iter().find(|desk| desk.id == about.draft);
        let draft = draft.filter(|_| !parcel.is_done());
        let draft = draft.map(|desk| small(cx.text("compose-outbox-draft"), Message::Resume(desk.id.clone())));
        let is_refused = matches!(parcel.state(), State::Refused { .. });
        let again = is_refused.then(|| small(cx.text("compose-again"), Message::Again(key())));
        let after = (parcel.is_done() && parcel.payload().is_some())
            .then(|| small(cx.text("compose-after"), Message::After(After::Receipt(key()))));
        let forget = parcel.is_settled().then(|| small(cx.text("compose-forget"), Message::Forget(key())));
        let head = row![
            container(label).width(92.0),
            container(line(title).font(theme::BOLD)).width(Fill).clip(true),
            draft,
            again,
            after,
            forget,
            gap::horizontal().width(space::XS),
        ];
        column![head.spacing(space::SM).align_y(Center), told(parcel, Message::TakeBack(key()), cx)]
            .spacing(space::XS)
            .into()
    }
}
