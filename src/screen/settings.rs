//! Settings: how the window looks, where files are, and how safe the present connection is. Every change holds at once.

use iced::widget::{column, container, radio, row, scrollable};
use iced::{Center, Fill, Length};

use crate::app::cx::Cx;
use crate::engine::Connection;
use crate::model::session::Authentication;
use crate::screen::{Action, Target};
use crate::secrets::State;
use crate::settings::{Density, Renderer, Theme};
use crate::text;
use crate::theme::{self, metrics, space};
use crate::widget::{Element, Press, caption, card, heading, mono, title};

/// A message of the screen.
#[derive(Clone, Debug)]
pub enum Message {
    Theme(Theme),
    Density(Density),
    Renderer(Renderer),
    /// Seconds a report is held.
    Hold(u16),
    CopyFiles,
    Connections,
    /// The panel with all of it.
    Details,
    Rules,
    /// The care of the archive.
    Archive,
}

/// Seconds a report can be held (`product.md` B6).
const HOLDS: [u16; 5] = [5, 10, 20, 30, 60];

/// The screen; it keeps nothing of its own.
#[derive(Debug, Default)]
pub struct Screen {}

impl Screen {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        let mut settings = cx.settings.clone();
        match message {
            Message::Theme(theme) => settings.ui.theme = theme,
            Message::Density(density) => settings.ui.density = density,
            Message::Renderer(renderer) => settings.ui.renderer = renderer,
            Message::Hold(seconds) => settings.ui.hold = Some(seconds),
            Message::CopyFiles => return Action::Copy(cx.files.to_owned()),
            Message::Connections => return Action::Open(Target::Connect),
            Message::Archive => return Action::Open(Target::Care),
            Message::Details => return Action::Open(Target::Connection),
            Message::Rules => return Action::Open(Target::Rules),
        }
        if settings == *cx.settings { Action::None } else { Action::Settings(Box::new(settings)) }
    }

    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let page =
            column![heading(cx.text("settings-title")), looks(cx), publishing(cx), watch(cx), security(cx), files(cx)]
                .spacing(space::LG)
                .max_width(metrics::PROSE)
                .padding(space::XL);
        scrollable(page).style(theme::surface::scroll).width(Fill).height(Fill).into()
    }
}

fn looks<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let ui = &cx.settings.ui;
    let theme = Theme::ALL.iter().map(|choice| {
        let key = match choice {
            Theme::System => "settings-theme-system",
            Theme::Light => "settings-theme-light",
            Theme::Dark => "settings-theme-dark",
        };
        option(cx.text(key), *choice, ui.theme, Message::Theme)
    });
    let density = Density::ALL.iter().map(|choice| {
        let key = match choice {
            Density::Comfortable => "settings-density-comfortable",
            Density::Compact => "settings-density-compact",
            Density::Roomy => "settings-density-roomy",
        };
        option(cx.text(key), *choice, ui.density, Message::Density)
    });
    let renderer = Renderer::ALL.iter().map(|choice| {
        let key = match choice {
            Renderer::Auto => "settings-renderer-auto",
            Renderer::Software => "settings-renderer-software",
        };
        option(cx.text(key), *choice, ui.renderer, Message::Renderer)
    });
    card(
        column![
            title(cx.text("settings-looks")),
            line(cx.text("settings-theme"), choices(theme)),
            line(cx.text("settings-density"), choices(density)),
            line(
                cx.text("settings-renderer"),
                column![choices(renderer), caption(cx.text("settings-renderer-note"))].spacing(space::XS),
            ),
            line(cx.text("settings-scale"), caption(cx.text("settings-scale-note"))),
        ]
        .spacing(space::LG),
    )
    .into()
}

/// How long what is decided can be undone.
fn publishing<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let held = cx.settings.hold();
    let choices = choices(HOLDS.into_iter().map(|seconds| {
        let words = cx.catalog.count("settings-hold-seconds", seconds.into(), &[]);
        option(words, seconds, held, Message::Hold)
    }));
    let why = column![choices, caption(cx.text("settings-hold-note"))].spacing(space::XS);
    let inside = column![title(cx.text("settings-publishing")), line(cx.text("settings-hold"), why)];
    card(inside.spacing(space::LG)).into()
}

/// The way to alerts and retention: they belong to a session's archive.
fn watch<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let open = Press::word(cx.text("settings-watch-open")).id("settings.watch").on_press(Message::Rules);
    let open: Element<'a, Message> =
        if cx.profile.is_some() { open.into() } else { caption(cx.text("settings-not-connected")).into() };
    card(row![title(cx.text("settings-watch")).width(Fill), open].spacing(space::SM).align_y(Center)).into()
}

/// What is known of the present connection's safety.
fn security<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let keychain = match cx.keychain {
        None => "settings-keychain-unknown",
        Some(State::Ready) => "settings-keychain-ready",
        Some(State::Locked) => "settings-keychain-locked",
        Some(State::NotSetUp) => "settings-keychain-not-set-up",
        Some(State::Absent) => "settings-keychain-absent",
        Some(State::Frozen) => "settings-keychain-frozen",
    };
    let facts: Element<'a, Message> = match cx.connection {
        Connection::Online(facts) => column![
            fact(cx.text("settings-account"), text::line(&facts.jid.to_string())),
            fact(cx.text("settings-tls"), facts.channel.version.clone()),
            fact(cx.text("settings-cipher"), facts.channel.cipher.clone()),
            fact(cx.text("settings-mechanism"), facts.authentication.mechanism.clone()),
            fact(
                cx.text("settings-broker"),
                facts
                    .broker
                    .as_ref()
                    .map_or_else(|| cx.text("settings-broker-none"), |broker| text::line(&broker.to_string())),
            ),
            bound(&facts.authentication, cx),
        ]
        .spacing(space::SM)
        .into(),
        _ => caption(cx.text("settings-not-connected")).into(),
    };
    let details = Press::word(cx.text("settings-details")).id("settings.details").on_press(Message::Details);
    // Without a session's account there is nothing to tell.
    let details = cx.profile.map(|_| Element::from(details));
    let connections =
        Press::word(cx.text("settings-connections")).id("settings.connections").on_press(Message::Connections);
    card(
        column![
            row![title(cx.text("settings-security")).width(Fill), details, Element::from(connections)]
                .spacing(space::SM)
                .align_y(Center),
            facts,
            line(cx.text("settings-keychain"), caption(cx.text(keychain))),
        ]
        .spacing(space::LG),
    )
    .into()
}

/// Whether the login is bound to the TLS channel (RFC 5802 §6): without it a stolen certificate suffices for a relay.
fn bound<'a>(of: &Authentication, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    // The certificate's proof is part of the handshake itself.
    let is_bound = of.binding.is_some() || of.mechanism == "EXTERNAL";
    let key = if is_bound { "settings-bound" } else { "settings-not-bound" };
    Some(caption(cx.text(key)).into())
}

fn files<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let archive = Press::word(cx.text("settings-archive")).id("settings.archive").on_press(Message::Archive);
    // A practice grid and a profile in memory have none.
    let archive = cx.kept.then(|| Element::from(archive));
    let copy = Press::word(cx.text("settings-copy")).style(theme::button::quiet).on_press(Message::CopyFiles);
    card(
        column![
            row![title(cx.text("settings-files")).width(Fill)].push(archive).align_y(Center),
            row![container(mono(text::line(cx.files))).width(Fill), Element::from(copy)].align_y(Center),
            caption(cx.text("settings-files-note")),
            fact(cx.text("settings-version"), env!("CARGO_PKG_VERSION").to_owned()),
        ]
        .spacing(space::SM),
    )
    .into()
}

fn option<'a, V: Copy + Eq + 'a>(
    words: String,
    value: V,
    chosen: V,
    message: impl Fn(V) -> Message + 'a,
) -> Element<'a, Message> {
    let press = message(value);
    let control = radio(words, value, Some(chosen), message).style(theme::input::option);
    crate::widget::focusable(control, Some(press)).into()
}

fn choices<'a>(options: impl Iterator<Item = Element<'a, Message>>) -> Element<'a, Message> {
    row(options).spacing(space::LG).into()
}

fn line<'a>(label: String, control: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    row![caption(label).width(LABEL), container(control).width(Fill)].spacing(space::MD).into()
}

fn fact<'a>(label: String, value: String) -> Element<'a, Message> {
    row![caption(label).width(LABEL), mono(value).width(Fill)].spacing(space::MD).into()
}

/// The column of labels.
const LABEL: Length = Length::Fixed(150.0);
