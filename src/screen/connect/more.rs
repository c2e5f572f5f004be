//! The fields most people never need, in groups: the server, the way there, whom to believe, a certificate of one's own.

use iced::widget::{Row, checkbox, column, container, pick_list, radio, row, rule};
use iced::{Fill, FillPortion};

use super::{Field, Message, Screen};
use crate::app::cx::Cx;
use crate::model::{ProxyKind, Revocation, Tls};
use crate::theme::{self, space};
use crate::widget::field::Below;
use crate::widget::{Element, Press, caption, field, focusable, strong};

impl Screen {
    pub(super) fn seldom<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        column![
            group("connect-group-server", self.server(cx), cx),
            group("connect-group-proxy", self.proxy(cx), cx),
            group("connect-group-trust", self.trust(cx), cx),
            group("connect-group-certificate", self.own(cx), cx),
        ]
        .spacing(space::LG)
        .into()
    }

    fn server<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let usual = self.form.tls.port().to_string();
        column![
            row![
                container(self.input(Field::Host, "connect-host-hint", "xmpp.grid.example", cx)).width(FillPortion(3)),
                container(self.input(Field::Port, "", &usual, cx)).width(FillPortion(1)),
                container(tls(self.form.tls, cx)).width(FillPortion(2)),
            ]
            .spacing(space::MD),
            row![
                container(self.input(Field::Broker, "connect-broker-hint", "broker.grid.example", cx)).width(Fill),
                container(self.input(Field::Name, "connect-name-hint", "", cx)).width(Fill),
            ]
            .spacing(space::MD),
        ]
        .spacing(space::MD)
        .into()
    }

    fn proxy<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let kinds = [
            ("connect-proxy-none", None),
            ("connect-proxy-socks5", Some(ProxyKind::Socks5)),
            ("connect-proxy-http", Some(ProxyKind::HttpConnect)),
        ];
        let kinds = kinds.into_iter().map(|(key, kind)| option(cx.text(key), kind, self.form.proxy, Message::Proxy));
        let usual = if self.form.proxy == Some(ProxyKind::HttpConnect) { "3128" } else { "1080" };
        let where_to = self.form.proxy.map(|_| {
            column![
                row![
                    container(self.input(Field::ProxyHost, "", "proxy.example", cx)).width(FillPortion(3)),
                    container(self.input(Field::ProxyPort, "", usual, cx)).width(FillPortion(1)),
                ]
                .spacing(space::MD),
                row![
                    self.input(Field::ProxyUser, "connect-proxy-user-hint", "", cx),
                    self.secret(Field::ProxyPassword, "", cx),
                ]
                .spacing(space::MD),
                caption(cx.text("connect-proxy-why")),
            ]
            .spacing(space::MD)
        });
        column![choices(kinds), where_to].spacing(space::MD).into()
    }

    fn trust<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let roots = (!self.form.get(Field::CaFile).trim().is_empty()).then(|| {
            let both = self.form.platform_roots;
            choices(
                [("connect-roots-file", false), ("connect-roots-both", true)]
                    .into_iter()
                    .map(|(key, value)| option(cx.text(key), value, both, Message::PlatformRoots)),
            )
        });
        let (policy, why) = match self.form.revocation {
            Revocation::Require => (Revocation::Require, "connect-revocation-require-why"),
            Revocation::Prefer => (Revocation::Prefer, "connect-revocation-prefer-why"),
            Revocation::Off => (Revocation::Off, "connect-revocation-off-why"),
        };
        let policies = Revocation::ALL.into_iter().map(|choice| {
            let key = match choice {
                Revocation::Require => "connect-revocation-require",
                Revocation::Prefer => "connect-revocation-prefer",
                Revocation::Off => "connect-revocation-off",
            };
            option(cx.text(key), choice, policy, Message::Revocation)
        });
        let lists = (policy != Revocation::Off).then(|| {
            let fetch = checkbox(self.form.fetch_crls)
                .label(cx.text("connect-fetch-crls"))
                .on_toggle(Message::FetchCrls)
                .style(theme::input::check);
            let fetch = focusable(fetch, Some(Message::FetchCrls(!self.form.fetch_crls))).id("connect.fetch");
            column![
                self.file(Field::Crls, "connect-crls-hint", "/etc/ssl/grid.crl", cx),
                column![Element::from(fetch), caption(cx.text("connect-fetch-crls-why"))].spacing(space::XS),
            ]
            .spacing(space::MD)
        });
        column![
            self.file(Field::CaFile, "connect-ca-file-hint", "/etc/ssl/grid-ca.pem", cx),
            roots,
            column![caption(cx.text("connect-revocation")), choices(policies), caption(cx.text(why))]
                .spacing(space::XS),
            lists,
        ]
        .spacing(space::MD)
        .into()
    }

    fn own<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let given = !self.form.get(Field::Certificate).trim().is_empty();
        let passphrase = given.then(|| self.secret(Field::Passphrase, "connect-passphrase-hint", cx));
        let file = self.file(Field::Certificate, "connect-certificate-hint", "/home/analyst/analyst.p12", cx);
        column![file, passphrase].spacing(space::MD).into()
    }

    /// A path with a button that asks for it.
    fn file<'a>(&'a self, at: Field, hint: &str, example: &str, cx: &Cx<'a>) -> Element<'a, Message> {
        let browse = Press::word(cx.text("connect-browse")).padding([space::SM, space::MD]).on_press(Message::Pick(at));
        row![
            container(self.input(at, hint, example, cx)).width(Fill),
            container(Element::from(browse)).padding(iced::Padding::ZERO.top(space::LG + space::XS)),
        ]
        .spacing(space::SM)
        .into()
    }
}

fn group<'a>(title: &str, inside: Element<'a, Message>, cx: &Cx<'a>) -> Element<'a, Message> {
    let line = rule::horizontal(1).style(theme::surface::line);
    column![line, strong(cx.text(title)), inside].spacing(space::SM).into()
}

fn option<'a, V: Copy + Eq + 'a>(
    words: String,
    value: V,
    chosen: V,
    message: impl Fn(V) -> Message + 'a,
) -> Element<'a, Message> {
    let press = message(value);
    let control = radio(words, value, Some(chosen), message).style(theme::input::option);
    focusable(control, Some(press)).into()
}

fn choices<'a>(options: impl Iterator<Item = Element<'a, Message>>) -> Element<'a, Message> {
    Row::with_children(options).spacing(space::LG).into()
}

fn tls<'a>(chosen: Tls, cx: &Cx<'a>) -> Element<'a, Message> {
    let list = pick_list(Tls::ALL.map(Choice), Some(Choice(chosen)), |Choice(tls)| Message::Tls(tls))
        .width(Fill)
        .padding([space::SM, space::MD])
        .style(theme::input::choice)
        .menu_style(theme::input::menu);
    // A list of iced's takes no keys: Space and Enter choose the other one.
    let other = if chosen == Tls::StartTls { Tls::Direct } else { Tls::StartTls };
    field(cx.text("connect-tls"), focusable(list, Some(Message::Tls(other))).id("connect.tls"), Below::Nothing)
}

/// The two ways in carry the names of their standards in every language.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Choice(Tls);

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Tls::StartTls => "STARTTLS",
            Tls::Direct => "TLS (XEP-0368)",
        })
    }
}
