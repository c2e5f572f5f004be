//! The table of observables: every value with what holds for it, defanged unless one asks; ten thousand rows are as good
//! as ten.

use iced::widget::{column, container, row, space as gap};
use iced::{Center, Element, Fill, FillPortion};

use super::time::{self, Zone};
use super::whole::Whole;
use super::{Message, line_of};
use crate::app::cx::Cx;
use crate::iodef::NodeId;
use crate::iodef::observable::Of;
use crate::iodef::observables::Found;
use crate::model::{Observable, ObservableKind, Stamp, Tlp};
use crate::screen::How;
use crate::store::query::Field;
use crate::text;
use crate::theme::{self, size, space};
use crate::widget::virtual_list::LANE;
use crate::widget::{self, Icon, Press, caption, cell, line, virtual_list};

const KIND: f32 = 64.0;
const ROLE: f32 = 100.0;
const SURE: f32 = 100.0;
const VALID: f32 = 250.0;
const LABEL: f32 = 110.0;
/// How a value joins the feed's filter, with its key.
const WAYS: [(&str, &str, How); 3] = [
    ("incident-narrow-plus", "+", How::Plus),
    ("incident-narrow-minus", "-", How::Minus),
    ("incident-narrow-only", "=", How::Only),
];
/// From this width on each column stands by itself.
const WIDE: f32 = 1000.0;

/// One value as it is shown.
#[derive(Clone)]
pub struct Seen {
    of: Of,
    pub kind: ObservableKind,
    /// Safe, and defanged where something could follow it.
    pub shown: String,
    /// As the document writes it, on one line.
    pub raw: String,
    pub tlp: Tlp,
    /// Another restriction than the incident's is in force.
    pub differs: bool,
    pub sure: Option<String>,
    pub valid: (Option<Stamp>, Option<Stamp>),
    pub role: Option<String>,
    pub at: NodeId,
}

pub fn seen(found: &Found<'_>, base: Tlp) -> Seen {
    let raw = found.line().into_owned();
    // A digest in base64 is found nowhere else: it shows in hexadecimal digits.
    let value = if found.of == Of::Hash { found.canonical.clone() } else { raw.clone() };
    let shown = text::observable(&Observable { kind: found.kind(), value });
    let tlp = found.marking.restriction.tlp();
    Seen {
        of: found.of,
        kind: found.kind(),
        shown,
        raw,
        tlp,
        differs: tlp != base,
        sure: found.confidence.as_ref().and_then(super::section::sure),
        valid: found.valid.clone(),
        role: found.role.as_ref().map(super::section::token),
        at: found.element.id(),
    }
}

/// The catalog key of an observable's kind.
pub fn kind_key(kind: ObservableKind) -> &'static str {
    match kind {
        ObservableKind::Ipv4 => "incident-kind-ipv4",
        ObservableKind::Ipv6 => "incident-kind-ipv6",
        ObservableKind::Network => "incident-kind-network",
        ObservableKind::Asn => "incident-kind-asn",
        ObservableKind::Domain => "incident-kind-domain",
        ObservableKind::Url => "incident-kind-url",
        ObservableKind::Email => "incident-kind-email",
        ObservableKind::Mac => "incident-kind-mac",
        ObservableKind::Hash => "incident-kind-hash",
        ObservableKind::File => "incident-kind-file",
        ObservableKind::Port => "incident-kind-port",
        ObservableKind::Cve => "incident-kind-cve",
        ObservableKind::Other => "incident-kind-other",
    }
}

/// The same of what has a name of its own among the others.
pub fn of_key(of: Of) -> &'static str {
    match of {
        Of::RegistryKey => "incident-kind-registry",
        Of::CertificateSubject | Of::Certificate => "incident-kind-certificate",
        Of::EmailSubject => "incident-kind-subject",
        Of::Mailer => "incident-kind-mailer",
        Of::UserAgent => "incident-kind-agent",
        Of::RequestUri => "incident-kind-request",
        Of::Mutex => "incident-kind-mutex",
        Of::UserName => "incident-kind-user",
        of => kind_key(of.kind()),
    }
}

/// The lines of a copy of all.
pub fn lines(seen: &[Seen], raw: bool) -> String {
    let values = seen.iter().map(|one| if raw { one.raw.as_str() } else { one.shown.as_str() });
    values.collect::<Vec<_>>().join("\n")
}

/// The side: how many, what can be done with them, and the table.
pub fn side<'a>(
    whole: &'a Whole,
    selected: Option<usize>,
    zone: Zone,
    width: f32,
    cx: &Cx<'a>,
) -> Element<'a, Message> {
    let all = &whole.observables;
    if all.is_empty() {
        return widget::empty(
            Icon::Search,
            cx.text("incident-observables-none"),
            cx.text("incident-observables-none-why"),
            Vec::new(),
        );
    }
    let act = |key, raw| {
        Press::word(cx.text(key)).style(theme::button::quiet).padding([1.0, space::SM]).on_press(Message::CopyAll(raw))
    };
    let count = cx.catalog.count("incident-observables-count", all.len() as u64, &[]);
    let head = row![
        caption(count),
        gap::horizontal(),
        Element::from(act("incident-copy-all", false)),
        Element::from(act("incident-copy-all-raw", true)),
    ];
    let wide = (width >= WIDE).then(|| Columns::of(all));
    let cx_of_rows = *cx;
    let height =
        if wide.is_some() { theme::row(cx.settings.ui.density) } else { theme::row(cx.settings.ui.density) + 18.0 };
    let table = virtual_list(
        all.len(),
        height,
        move |index| match all.get(index) {
            Some(one) => row_view(whole, one, wide, zone, &cx_of_rows),
            None => gap::horizontal().into(),
        },
        |index| index,
        move |key| (*key < all.len()).then_some(*key),
    )
    .id("incident.table")
    .selected(selected)
    .on_select(Message::Pick)
    .on_open(|_| Message::Reveal);
    let foot = selected.and_then(|index| all.get(index)).map(|one| foot(whole, one, zone, cx));
    column![
        container(head.spacing(space::SM).align_y(Center)).padding([space::SM, space::LG]),
        wide.map(|columns| header(columns, cx)),
        table,
        foot
    ]
    .into()
}

/// Columns in which something stands: an empty one would take the values' room.
#[derive(Clone, Copy)]
struct Columns {
    role: bool,
    sure: bool,
    valid: bool,
    label: bool,
}

impl Columns {
    fn of(all: &[Seen]) -> Self {
        Self {
            role: all.iter().any(|one| one.role.is_some()),
            sure: all.iter().any(|one| one.sure.is_some()),
            valid: all.iter().any(|one| one.valid.0.is_some() || one.valid.1.is_some()),
            label: all.iter().any(|one| one.differs),
        }
    }
}

fn header<'a>(shown: Columns, cx: &Cx<'a>) -> Element<'a, Message> {
    let name = |key, width: iced::Length| cell(caption(cx.text(key)), width);
    let columns = row![
        name("incident-column-kind", KIND.into()),
        name("incident-column-value", FillPortion(3)),
        shown.role.then(|| name("incident-column-role", ROLE.into())),
        shown.sure.then(|| name("incident-column-sure", SURE.into())),
        shown.valid.then(|| name("incident-column-valid", VALID.into())),
        shown.label.then(|| name("incident-column-label", LABEL.into())),
        name("incident-column-place", FillPortion(2)),
    ];
    // The list's scrollbar has a lane of its own.
    let padding = iced::Padding::from([space::XS, space::LG]).right(space::LG + LANE);
    container(columns.spacing(space::SM)).padding(padding).into()
}

fn row_view<'a>(whole: &Whole, one: &'a Seen, wide: Option<Columns>, zone: Zone, cx: &Cx<'a>) -> Element<'a, Message> {
    let kind = cell(caption(cx.text(of_key(one.of))), KIND);
    let value = line(one.shown.as_str()).font(theme::MONO).size(size::BODY - 1.0);
    let label = one.differs.then(|| widget::tlp(one.tlp, cx.catalog.tlp_short(one.tlp)));
    let valid = validity(one, zone, cx);
    let path = path(whole, one);
    if let Some(shown) = wide {
        let soft = |words: String| line(words).size(size::CAPTION).style(theme::text::soft);
        return container(
            row![
                kind,
                cell(value, FillPortion(3)),
                shown.role.then(|| cell(soft(one.role.clone().unwrap_or_default()), ROLE)),
                shown.sure.then(|| cell(soft(one.sure.clone().unwrap_or_default()), SURE)),
                shown.valid.then(|| cell(soft(valid.unwrap_or_default()), VALID)),
                shown.label.then(|| cell(row![label], LABEL)),
                cell(soft(path), FillPortion(2)),
            ]
            .spacing(space::SM)
            .align_y(Center),
        )
        .padding([0.0, space::LG])
        .into();
    }
    let sure = one.sure.as_ref().map(|words| cx.format("incident-sure", &[("words", words)]));
    let below: Vec<_> = [one.role.clone(), sure, valid, Some(path)].into_iter().flatten().collect();
    let below = line(below.join("  ·  ")).size(size::CAPTION).style(theme::text::soft);
    let words = column![value, below].spacing(2.0).width(Fill);
    container(row![kind, words, label].spacing(space::SM).align_y(Center)).padding([0.0, space::LG]).into()
}

/// Where it stands; made for the rows that show only, since it takes a look at all siblings.
fn path(whole: &Whole, one: &Seen) -> String {
    whole.document.element(one.at).map(|element| line_of(element)).unwrap_or_default()
}

fn validity(one: &Seen, zone: Zone, cx: &Cx<'_>) -> Option<String> {
    let time = |stamp: &Option<Stamp>| stamp.as_ref().map(|stamp| time::short(stamp, zone, cx));
    match (time(&one.valid.0), time(&one.valid.1)) {
        (None, None) => None,
        (Some(from), None) => Some(cx.format("incident-valid-from", &[("from", &from)])),
        (None, Some(until)) => Some(cx.format("incident-valid-until", &[("until", &until)])),
        (Some(from), Some(until)) => Some(format!("{from} – {until}")),
    }
}

/// The selected value whole, and what can be done with it.
fn foot<'a>(whole: &Whole, one: &'a Seen, zone: Zone, cx: &Cx<'a>) -> Element<'a, Message> {
    let act = |key, message| {
        Press::word(cx.text(key)).style(theme::button::plain).padding([2.0, space::SM]).on_press(message)
    };
    let value = widget::mono(one.shown.as_str()).wrapping(iced::widget::text::Wrapping::Glyph);
    let place = [Some(path(whole, one)), validity(one, zone, cx)].into_iter().flatten().collect::<Vec<_>>();
    let acts = row![
        Element::from(act("incident-copy-defanged", Message::Copy(false)).hint("y")),
        Element::from(act("incident-copy-raw", Message::Copy(true)).hint("Y")),
        Element::from(act("incident-in-tree", Message::Reveal).hint("Enter")),
    ];
    let acts = acts.extend(
        Field::of(one.kind)
            .is_some()
            .then_some(WAYS)
            .into_iter()
            .flatten()
            .map(|(key, sign, how)| Element::from(act(key, Message::Narrow(how)).hint(sign))),
    );
    let acts = acts.spacing(space::SM).wrap().vertical_spacing(space::XS);
    let inside = column![value, caption(place.join("  ·  ")), acts].spacing(space::SM);
    container(inside).padding([space::MD, space::LG]).width(Fill).style(theme::surface::panel).into()
}
