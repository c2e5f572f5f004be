//! How an incident is drawn: banner, head, "should I care?", then everything else.

use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use iced::widget::{Column, checkbox, column, container, row, rule, scrollable, space as gap, text, text_editor};
use iced::{Center, Element, Fill};

use super::{Incident, Message, Side, kind_key};
use crate::app::cx::Cx;
use crate::model::incident::Contact;
use crate::model::{Kind, Restriction, Stamp, Summary, Tlp};
use crate::store::{Route, Row, Standing};
use crate::text as safe;
use crate::theme::metrics::PROSE;
use crate::theme::{self, size, space};
use crate::widget::{self, Icon, Press, Tone, badge, caption, heading, mono, press, strip, title};

/// Observables shown before one asks for more.
const FEW: usize = 12;
/// Width of the labels left of the facts.
const LABEL: f32 = 96.0;

impl Incident {
    #[must_use]
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let Some(item) = self.row(cx) else { return nothing(cx) };
        let side = match self.side {
            Side::Summary => self.summary(&item, cx),
            Side::Xml => self.xml_side(cx),
        };
        let page = column![
            banner(&item, cx),
            head(&item, cx),
            self.tabs(cx),
            rule::horizontal(1).style(theme::surface::line),
            side
        ];
        widget::keys(container(page).style(theme::surface::base), key).into()
    }

    fn tabs<'a>(&self, cx: &Cx<'a>) -> Element<'a, Message> {
        let tab = |side, key| {
            let here = self.side == side;
            Press::word(cx.text(key)).style(theme::button::tab(here)).on_press(Message::Side(side))
        };
        let copy = match self.side {
            Side::Summary => Press::word(cx.text("incident-copy-summary")).on_press(Message::CopySummary),
            Side::Xml => Press::word(cx.text("incident-copy-xml")).on_press(Message::CopyXml),
        };
        let indent = (self.side == Side::Xml).then(|| {
            let toggle = checkbox(self.indented).label(cx.text("incident-indent")).size(16.0).text_size(size::BODY);
            let toggle = toggle.on_toggle(Message::Indent).style(theme::input::check);
            Element::from(widget::focusable(toggle, Some(Message::Indent(!self.indented))))
        });
        row![
            Element::from(tab(Side::Summary, "incident-summary").hint(cx.text("incident-switch-hint"))),
            Element::from(tab(Side::Xml, "incident-xml").hint(cx.text("incident-switch-hint"))),
            gap::horizontal(),
            indent,
            Element::from(copy.style(theme::button::quiet)),
        ]
        .spacing(space::XS)
        .padding([0.0, space::LG])
        .height(40.0)
        .align_y(Center)
        .into()
    }

    fn summary<'a>(&self, item: &Row, cx: &Cx<'a>) -> Element<'a, Message> {
        let summary = &item.summary;
        let page = column![
            standing(item, cx),
            unreadable(summary, cx),
            asks(summary, cx),
            facts(item, cx),
            descriptions(summary, cx),
            self.observables(summary, cx),
        ];
        let page = page.spacing(space::LG).padding(space::LG).max_width(PROSE);
        scrollable(page).width(Fill).height(Fill).style(theme::surface::scroll).into()
    }

    fn observables<'a>(&self, summary: &Summary, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let all = &summary.observables;
        if all.is_empty() {
            return None;
        }
        let shown = if self.all_observables { all.len() } else { all.len().min(FEW) };
        let line = |(index, observable)| {
            let copy = press(caption(cx.text("incident-copy")))
                .style(theme::button::quiet)
                .padding([1.0, space::SM])
                .on_press(Message::CopyObservable(index));
            let observable: &crate::model::Observable = observable;
            row![
                container(caption(cx.text(kind_key(observable.kind)))).width(LABEL),
                container(mono(safe::observable(observable))).width(Fill),
                Element::from(copy),
            ]
            .spacing(space::SM)
            .align_y(Center)
            .into()
        };
        let rows: Vec<Element<'a, Message>> = all.iter().take(shown).enumerate().map(line).collect();
        let total = summary.observables_total.max(all.len() as u32);
        let more = (shown < all.len()).then(|| {
            let hidden = (all.len() - shown) as u64;
            Element::from(
                Press::word(cx.catalog.count("incident-observables-more", hidden, &[]))
                    .style(theme::button::quiet)
                    .on_press(Message::ShowObservables),
            )
        });
        let beyond = (total as usize > all.len()).then(|| {
            caption(cx.format(
                "incident-observables-beyond",
                &[("kept", &all.len().to_string()), ("total", &total.to_string())],
            ))
        });
        let copy = Press::word(cx.text("incident-copy-all"))
            .style(theme::button::quiet)
            .padding([1.0, space::SM])
            .on_press(Message::CopyObservables);
        let head = row![
            title(cx.text("incident-observables")),
            caption(cx.catalog.number(u64::from(total))),
            gap::horizontal(),
            Element::from(copy)
        ];
        let table =
            column![head.spacing(space::SM).align_y(Center), Column::with_children(rows).spacing(2.0), more, beyond];
        Some(table.spacing(space::SM).into())
    }

    fn xml_side<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let raw = match &self.xml {
            None => return widget::empty(Icon::File, cx.text("incident-no-document"), "", Vec::new()),
            Some(Err(say)) => {
                let words = strip(Tone::Alarm, cx.catalog.say(say), cx.catalog.next(say), Vec::new());
                return container(words).padding(space::LG).height(Fill).into();
            }
            Some(Ok(raw)) => raw,
        };
        let key = if self.indented { "incident-bytes-indented" } else { "incident-bytes" };
        let bytes = cx.catalog.count(key, raw.size as u64, &[]);
        let named = (raw.named > 0).then(|| {
            let words = cx.catalog.count("incident-named-characters", raw.named as u64, &[]);
            text(words).size(size::CAPTION).style(theme::text::warn)
        });
        let all = raw.cut.then(|| {
            Element::from(
                Press::word(cx.text("incident-show-all")).padding([1.0, space::SM]).on_press(Message::ShowAll),
            )
        });
        let cut = raw.cut.then(|| text(cx.text("incident-cut")).size(size::CAPTION).style(theme::text::warn));
        let editor = text_editor(&raw.content)
            .on_action(Message::Xml)
            .font(theme::MONO)
            .size(size::BODY - 1.0)
            .padding(space::MD)
            .height(Fill)
            .wrapping(text::Wrapping::WordOrGlyph)
            .style(theme::input::reader);
        let foot = row![caption(bytes), named, gap::horizontal(), cut, all].spacing(space::MD).align_y(Center);
        column![editor, foot].spacing(space::SM).padding(space::MD).into()
    }
}

fn key(key: Key<&str>, modifiers: Modifiers) -> Option<Message> {
    match key {
        Key::Named(Named::Escape) => Some(Message::Close),
        Key::Character("x") if modifiers.is_empty() => Some(Message::Side(Side::Xml)),
        Key::Character("s") if modifiers.is_empty() => Some(Message::Side(Side::Summary)),
        _ => None,
    }
}

/// No row is selected: says how to select one.
fn nothing<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
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

/// The handling label of the whole document, and what inside is stricter.
fn banner<'a>(item: &Row, cx: &Cx<'a>) -> Element<'a, Message> {
    let summary = &item.summary;
    let (label, note) = match (&summary.kind, &summary.restriction) {
        (Kind::Foreign { .. } | Kind::Invalid(_) | Kind::Empty, _) => {
            (Tlp::Red, Some(cx.text("incident-tlp-unreadable")))
        }
        (_, Restriction::Absent) => (Tlp::Red, Some(cx.text("incident-tlp-default"))),
        (_, Restriction::Other(value)) => {
            (summary.restriction.tlp(), Some(cx.format("incident-tlp-raw", &[("value", &safe::line(value))])))
        }
        (_, restriction) => {
            let value = restriction.token().unwrap_or_default();
            (restriction.tlp(), Some(cx.format("incident-tlp-raw", &[("value", value)])))
        }
    };
    badge::tlp_banner(label, cx.catalog.tlp(label), note, stricter(summary, cx))
}

/// Title, whose it is, and how grave.
fn head<'a>(item: &Row, cx: &Cx<'a>) -> Element<'a, Message> {
    let summary = &item.summary;
    let close = press(Icon::Close.view().size(13.0))
        .style(theme::button::quiet)
        .padding([6.0, space::SM])
        .hint(cx.text("incident-close"))
        .on_press(Message::Close);
    let id = if summary.id.is_empty() {
        cx.format("incident-item", &[("item", &safe::line(&item.key.item.0))])
    } else {
        format!("{} / {}", safe::line(&summary.csirt), safe::line(&summary.id))
    };
    let readable = matches!(summary.kind, Kind::Iodef2 | Kind::Iodef1);
    let severity = readable.then(|| {
        let word = cx.format("incident-severity", &[("severity", &cx.catalog.severity(summary.severity))]);
        badge::severity_chip(summary.severity, word)
    });
    let purpose = summary.purpose.as_deref().map(|purpose| widget::chip(safe::line(purpose)));
    let status = summary.status.as_deref().map(|status| widget::chip(safe::line(status)));
    let revision =
        (item.version > 1).then(|| widget::chip(cx.format("feed-version", &[("version", &item.version.to_string())])));
    let old = matches!(summary.kind, Kind::Iodef1).then(|| widget::chip(cx.text("incident-iodef1")));
    let several = (summary.incidents > 1)
        .then(|| widget::chip(cx.catalog.count("incident-several", u64::from(summary.incidents), &[])));
    let chips = row![severity, purpose, status, revision, old, several].spacing(space::SM).align_y(Center);
    let words = column![heading(name(summary, cx)), mono(id).style(theme::text::soft), chips].spacing(6.0).width(Fill);
    row![words, Element::from(close)].spacing(space::SM).padding([space::MD, space::LG]).into()
}

/// What the document is called.
fn name(summary: &Summary, cx: &Cx<'_>) -> String {
    match &summary.kind {
        Kind::Iodef2 | Kind::Iodef1 if summary.title.is_empty() => cx.text("feed-untitled"),
        Kind::Iodef2 | Kind::Iodef1 => safe::line(&summary.title),
        Kind::Foreign { name, .. } => cx.format("incident-foreign", &[("name", &safe::line(name))]),
        Kind::Invalid(_) => cx.text("feed-invalid"),
        Kind::Empty => cx.text("feed-no-payload"),
    }
}

/// What the broker has said about the item since.
fn standing<'a>(item: &Row, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    let words = match item.standing {
        Standing::Current => return None,
        Standing::Absent(at) => cx.format("incident-absent", &[("at", &cx.catalog.time(at))]),
        Standing::Overwritten => cx.text("incident-overwritten"),
        Standing::Retracted(at) => cx.format("incident-retracted", &[("at", &cx.catalog.time(at))]),
    };
    Some(strip(Tone::Caution, words, None, Vec::new()))
}

/// Why there is no summary.
fn unreadable<'a>(summary: &Summary, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    let show = || vec![Press::word(cx.text("incident-show-xml")).on_press(Message::Side(Side::Xml)).into()];
    Some(match &summary.kind {
        Kind::Iodef2 | Kind::Iodef1 => return None,
        Kind::Invalid(say) => strip(Tone::Alarm, cx.catalog.say(say), cx.catalog.next(say), show()),
        Kind::Foreign { namespace, .. } => {
            let namespace = safe::line(namespace);
            strip(Tone::Plain, cx.format("incident-foreign-why", &[("namespace", &namespace)]), None, show())
        }
        Kind::Empty => strip(Tone::Plain, cx.text("incident-empty-why"), None, Vec::new()),
    })
}

/// What the sender asks for: first, since it is what one may have to do.
fn asks<'a>(summary: &Summary, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    let mut asked = summary.wanted().peekable();
    let _ = asked.peek()?;
    let chips = asked.map(|ask| widget::chip(safe::line(ask)));
    let chips = row(chips).spacing(space::SM).wrap();
    let label = text(cx.text("incident-asks")).font(theme::BOLD);
    let inside = row![Icon::Next.view().style(theme::text::accent), label, chips].spacing(space::SM).align_y(Center);
    Some(container(inside).padding([space::SM, space::MD]).width(Fill).style(theme::surface::remark).into())
}

fn facts<'a>(item: &Row, cx: &Cx<'a>) -> Element<'a, Message> {
    let summary = &item.summary;
    let times = [
        ("incident-started", &summary.started),
        ("incident-ended", &summary.ended),
        ("incident-detected", &summary.detected),
        ("incident-reported", &summary.reported),
        ("incident-generated", &summary.generated),
    ];
    // Most documents are written when they are reported: one line says both.
    let twice = |key| key == "incident-generated" && summary.generated == summary.reported;
    let times = times.into_iter().filter(|(key, _)| !twice(*key));
    let times = times.filter_map(|(key, stamp)| Some(fact(cx.text(key), when(stamp.as_ref()?, cx))));
    let received = format!("{}  {}", cx.catalog.time(item.received), cx.text(route_key(item.route)));
    let publisher = item.publisher.as_deref().map_or_else(|| cx.text("incident-publisher-unknown"), safe::line);
    let topic = safe::line(&item.key.topic.node);
    let contacts = summary.contacts.iter().map(|contact| fact(cx.text("incident-contact"), contact_line(contact)));
    let rows = times
        .chain([fact(cx.text("incident-received"), received)])
        .chain([fact(cx.text("incident-topic"), topic), fact(cx.text("incident-publisher"), publisher)])
        .chain(contacts);
    Column::with_children(rows).spacing(space::XS).into()
}

fn fact<'a>(label: String, value: String) -> Element<'a, Message> {
    row![container(text(label).style(theme::text::soft)).width(LABEL), container(text(value)).width(Fill)]
        .spacing(space::SM)
        .into()
}

/// A document's time in UTC with its age; a time without a zone says so.
fn when(stamp: &Stamp, cx: &Cx<'_>) -> String {
    let time = cx.catalog.time(stamp.at);
    let elapsed = cx.now.signed_duration_since(stamp.at);
    let age = if elapsed.num_minutes() < 0 {
        cx.text("incident-ahead")
    } else {
        cx.format("incident-ago", &[("age", &cx.catalog.age(elapsed))])
    };
    if stamp.zoned { format!("{time}  {age}") } else { format!("{time}  {age}  {}", cx.text("incident-no-zone")) }
}

fn route_key(route: Route) -> &'static str {
    match route {
        Route::Live => "incident-route-live",
        Route::Delayed => "incident-route-delayed",
        Route::Fetched => "incident-route-fetched",
    }
}

fn contact_line(contact: &Contact) -> String {
    let name = contact.name.as_deref().unwrap_or_default();
    let email = contact.email.as_deref().unwrap_or_default();
    let parts = [name, email, contact.role.as_str()];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).map(safe::line).collect();
    parts.join("  ·  ")
}

fn descriptions<'a>(summary: &Summary, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    // The title is the first description on one line: shown again only where there is more to it.
    let said = |text: &str| safe::line(text) == safe::line(&summary.title);
    let rest = summary.descriptions.iter().filter(|(_, text)| !said(text));
    let paragraph = |(lang, words): &(Option<String>, String)| {
        let lang = lang.as_deref().map(|lang| caption(safe::line(lang)));
        column![lang, text(safe::block(words))].spacing(2.0).into()
    };
    let rest: Vec<Element<'a, Message>> = rest.map(paragraph).collect();
    let heading = title(cx.text("incident-description"));
    (!rest.is_empty())
        .then(|| column![heading, Column::with_children(rest).spacing(space::MD)].spacing(space::SM).into())
}

/// How many elements inside are stricter than the document, where there are any.
fn stricter(summary: &Summary, cx: &Cx<'_>) -> Option<String> {
    (summary.stricter_inside > 0).then(|| {
        let word = cx.catalog.tlp(summary.strictest.tlp());
        cx.catalog.count("incident-stricter", u64::from(summary.stricter_inside), &[("label", &word)])
    })
}

/// The summary as plain text, for the clipboard: the label first, the strictest inside, since all goes with it.
pub(super) fn plain(item: &Row, cx: &Cx<'_>) -> String {
    let summary = &item.summary;
    let mut lines = vec![cx.catalog.tlp(summary.strictest.tlp())];
    let own = cx.catalog.tlp(summary.restriction.tlp());
    lines.extend(stricter(summary, cx).map(|inside| format!("{own} – {inside}")));
    lines.extend([
        name(summary, cx),
        format!("{} / {}", safe::line(&summary.csirt), safe::line(&summary.id)),
        cx.format("incident-severity", &[("severity", &cx.catalog.severity(summary.severity))]),
    ]);
    let labelled = |key, value: String| format!("{}: {value}", cx.text(key));
    if let Some(generated) = &summary.generated {
        lines.push(labelled("incident-generated", cx.catalog.time(generated.at)));
    }
    lines.push(labelled("incident-topic", safe::line(&item.key.topic.node)));
    lines.extend(summary.contacts.iter().map(|contact| labelled("incident-contact", contact_line(contact))));
    lines.extend(summary.wanted().map(|ask| labelled("incident-asks", safe::line(ask))));
    lines.extend(summary.descriptions.iter().map(|(_, words)| safe::block(words)));
    lines.extend(summary.observables.iter().map(safe::observable));
    lines.join("\n")
}
