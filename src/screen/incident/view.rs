//! How an incident is drawn: banner, head, what became of it on the broker, then the document.

use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use iced::widget::{column, container, row};
use iced::{Center, Element, Fill};

use super::{Incident, Message};
use crate::app::cx::Cx;
use crate::model::Kind;
use crate::screen::document::{self, Lead, Pane};
use crate::store::{Route, Row, Standing};
use crate::text as safe;
use crate::theme::{self, space};
use crate::widget::{self, Icon, Tone, press, title};

impl Incident {
    #[must_use]
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        self.draw(false, true, cx)
    }

    /// Beside a list whose keys go before its own, where `resting`: what both have is then the list's.
    #[must_use]
    pub fn beside<'a>(&'a self, resting: bool, cx: &Cx<'a>) -> Element<'a, Message> {
        self.draw(resting, false, cx)
    }

    /// `alone`: no list is in sight whose key would mean the same.
    fn draw<'a>(&'a self, resting: bool, alone: bool, cx: &Cx<'a>) -> Element<'a, Message> {
        let (Some(kept), Some(now)) = (&self.row, self.row(cx)) else { return nothing(cx) };
        let summary = &kept.summary;
        let id = if summary.id.is_empty() {
            cx.format("incident-item", &[("item", &safe::line(&now.key.item.0))])
        } else {
            format!("{} / {}", safe::line(&summary.csirt), safe::line(&summary.id))
        };
        let revision = (now.version > 1).then(|| cx.format("feed-version", &[("version", &now.version.to_string())]));
        let act = |icon: Icon, hint, message| {
            press(icon.view().size(13.0))
                .style(theme::button::quiet)
                .padding([6.0, space::SM])
                .hint(cx.text(hint))
                .on_press(message)
                .into()
        };
        let wide = if self.wide { (Icon::Narrow, "incident-narrow") } else { (Icon::Wide, "incident-wide") };
        let report = act(Icon::Compose, "incident-report", Message::Report);
        let acts = vec![report, act(wide.0, wide.1, Message::Wide), act(Icon::Close, "incident-close", Message::Close)];
        let head = document::head(summary, id, revision.into_iter().collect(), acts, cx);
        let body = self.document.view(summary, lead(&now, cx), cx).map(Message::Document);
        let page = column![document::banner(summary, self.document.whole(), cx), head, body];
        let wide = self.wide;
        let keys = move |pressed: Key<&str>, modifiers: Modifiers| {
            let theirs = resting && (modifiers - Modifiers::SHIFT).is_empty() && is_shared(&pressed);
            if theirs { None } else { key(pressed, modifiers, wide, alone) }
        };
        let page = widget::leaf(container(page).style(theme::surface::base), self.turns);
        widget::keys(page, keys).into()
    }
}

/// Keys that a list beside the pane has too.
fn is_shared(key: &Key<&str>) -> bool {
    match key {
        Key::Named(Named::Escape | Named::ArrowLeft | Named::ArrowRight) => true,
        Key::Character("y" | "Y" | "+" | "-" | "=") => true,
        Key::Character(letter) => letter.parse::<u8>().is_ok(),
        _ => false,
    }
}

fn key(key: Key<&str>, modifiers: Modifiers, wide: bool, alone: bool) -> Option<Message> {
    match key {
        // One step back at a time.
        Key::Named(Named::Escape) if wide => Some(Message::Wide),
        Key::Named(Named::Escape) => Some(Message::Close),
        Key::Character("w") if modifiers.is_empty() => Some(Message::Wide),
        Key::Character("r") if alone && modifiers.is_empty() => Some(Message::Report),
        key => Pane::key(key, modifiers).map(Message::Document),
    }
}

/// No row is selected: says how to select one.
fn nothing<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    if cx.store.is_empty() {
        return container(iced::widget::space()).width(Fill).height(Fill).style(theme::surface::base).into();
    }
    let hint = |key, does| widget::key_hint(key, cx.text(does));
    let keys = column![
        row![hint("j", "incident-key-down"), hint("k", "incident-key-up")].spacing(space::LG),
        row![hint("n", "incident-key-unread"), hint(".", "incident-key-newest")].spacing(space::LG),
        row![hint("/", "incident-key-filter")].spacing(space::LG),
    ];
    let page = column![
        Icon::Feed.view().size(28.0).style(theme::text::soft),
        title(cx.text("incident-none")),
        keys.spacing(space::SM).align_x(Center)
    ];
    container(page.spacing(space::LG).align_x(Center)).center(Fill).style(theme::surface::base).into()
}

/// What is known of the item beside its document.
fn lead(item: &Row, cx: &Cx<'_>) -> Lead {
    let strips = standing(item, cx).into_iter().chain(unreadable(item, cx)).collect();
    let received = format!("{}  {}", cx.catalog.time(item.received), cx.text(route_key(item.route)));
    let publisher = item.publisher.as_deref().map_or_else(|| cx.text("incident-publisher-unknown"), safe::line);
    let facts = vec![
        (cx.text("incident-received"), received),
        (cx.text("incident-topic"), cx.topic(&item.key.topic)),
        (cx.text("incident-publisher"), publisher),
    ];
    Lead { strips, facts }
}

/// What the broker has said about the item since.
fn standing(item: &Row, cx: &Cx<'_>) -> Option<(Tone, String, Option<String>)> {
    let words = match item.standing {
        Standing::Current => return None,
        Standing::Absent(at) => cx.format("incident-absent", &[("at", &cx.catalog.time(at))]),
        Standing::Overwritten => cx.text("incident-overwritten"),
        Standing::Retracted(at) => cx.format("incident-retracted", &[("at", &cx.catalog.time(at))]),
    };
    Some((Tone::Caution, words, None))
}

/// Why there is no summary.
fn unreadable(item: &Row, cx: &Cx<'_>) -> Option<(Tone, String, Option<String>)> {
    Some(match &item.summary.kind {
        // What is invalid says so itself, with its place.
        Kind::Iodef2 | Kind::Iodef1 => return None,
        Kind::Invalid(say) => (Tone::Alarm, cx.catalog.say(say), cx.catalog.next(say)),
        Kind::Foreign { namespace, .. } => {
            let namespace = safe::line(namespace);
            (Tone::Plain, cx.format("incident-foreign-why", &[("namespace", &namespace)]), None)
        }
        Kind::Empty => (Tone::Plain, cx.text("incident-empty-why"), None),
        Kind::Gone => (Tone::Plain, cx.text("incident-gone-why"), None),
    })
}

fn route_key(route: Route) -> &'static str {
    match route {
        Route::Live => "incident-route-live",
        Route::Delayed => "incident-route-delayed",
        Route::Fetched => "incident-route-fetched",
    }
}
