//! A document as drawn: label first, then its name, then the side one reads: should I care, and everything else.

use iced::widget::{Column, checkbox, column, container, responsive, row, rule, scrollable, space as gap, text};
use iced::{Center, Element, Fill};

use super::essence::more;
use super::section::{Item, Section, Value};
use super::time::{self, Zone};
use super::whole::{Trouble, Whole};
use super::{Message, Pane, Read, Side, changes, export, findings, observables, tree_view};
use crate::app::cx::Cx;
use crate::model::incident::Contact;
use crate::model::{Kind, Restriction, Stamp, Summary, Tlp};
use crate::text as safe;
use crate::theme::metrics::PROSE;
use crate::theme::{self, size, space};
use crate::widget::{self, Icon, Press, Tone, badge, caption, chip, heading, line, mono, press, strip, title};

/// Width of the labels left of the facts.
const LABEL: f32 = 96.0;
/// The same where there is little room in all.
const NARROW_LABEL: f32 = 76.0;
/// Below this width the labels stand closer.
const NARROW: f32 = 420.0;
/// Width of the times left of what happened then.
const TIME: f32 = 140.0;
/// From this width on the sections stand in two columns.
const WIDE: f32 = 1000.0;
/// How far a part of an expression stands inside it.
const STEP: f32 = 18.0;

/// What its holder knows of a document beside the document.
#[derive(Clone, Default)]
pub struct Lead {
    /// What must be known before anything is read: retracted, another format…
    pub strips: Vec<(Tone, String, Option<String>)>,
    /// Where it came from.
    pub facts: Vec<(String, String)>,
}

impl Pane {
    /// Tabs and the side that shows; `summary` is what is known before the whole is read.
    pub fn view<'a>(&'a self, summary: &'a Summary, lead: Lead, cx: &Cx<'a>) -> Element<'a, Message> {
        let cx = *cx;
        let side = responsive(move |room| self.side(summary, &lead, room.width, &cx));
        column![self.tabs(summary, &cx), rule::horizontal(1).style(theme::surface::line), side].into()
    }

    fn tabs<'a>(&self, summary: &Summary, cx: &Cx<'a>) -> Element<'a, Message> {
        let count = |side| match (side, self.whole()) {
            (Side::Observables, Some(whole)) => whole.observables.len() as u64,
            (Side::Observables, None) => u64::from(summary.observables_total),
            (Side::Checks, Some(whole)) => findings::count(whole),
            (Side::Changes, _) => changes::count(&self.compare),
            _ => 0,
        };
        let tab = |(side, number): (Side, u8)| {
            let key = match side {
                Side::Summary => "incident-summary",
                Side::Observables => "incident-observables",
                Side::Tree => "incident-tree",
                Side::Checks => "incident-checks",
                Side::Xml => "incident-xml",
                Side::Export => "incident-export",
                Side::Changes => "incident-changes",
            };
            let count = Some(count(side)).filter(|count| *count > 0).map(|count| caption(cx.catalog.number(count)));
            let words = row![text(cx.text(key)), count].spacing(space::XS).align_y(Center);
            let one = press(words)
                .style(theme::button::tab(self.side == side))
                .padding([5.0, 5.0])
                .hint(number.to_string())
                .on_press(Message::Side(side));
            if number == 1 { one.id(super::TABS).into() } else { one.into() }
        };
        let shown = |side: Side| side != Side::Changes || self.side == side || self.compare.is_offered();
        let tabs = Side::ALL.into_iter().zip(1_u8..).filter(|(side, _)| shown(*side)).map(tab);
        container(row(tabs).align_y(Center).wrap()).padding([space::XS, 11.0]).into()
    }

    fn side<'a>(&'a self, summary: &'a Summary, lead: &Lead, width: f32, cx: &Cx<'a>) -> Element<'a, Message> {
        match (self.side, &self.read) {
            (Side::Summary, _) => self.summary(summary, lead, width, cx),
            (Side::Xml, _) => self.xml(cx),
            (_, Read::Nothing) => no_document(cx),
            (_, Read::Reading) => {
                widget::empty(Icon::Waiting, cx.text("incident-reading"), cx.text("incident-reading-why"), Vec::new())
            }
            (_, Read::Failed(trouble)) => container(failed(trouble, cx)).padding(space::LG).height(Fill).into(),
            (Side::Observables, Read::Whole(whole)) => observables::side(whole, self.picked, self.zone, width, cx),
            (Side::Tree, Read::Whole(whole)) => tree_view::side(whole, &self.tree, cx),
            (Side::Checks, Read::Whole(whole)) => findings::side(whole, self.all_findings, cx),
            (Side::Changes, Read::Whole(whole)) => changes::side(&self.compare, whole, width, cx),
            (Side::Export, Read::Whole(whole)) => export::side(whole, self.making, self.sheet.as_ref(), cx),
        }
    }

    fn summary<'a>(&'a self, summary: &'a Summary, lead: &Lead, width: f32, cx: &Cx<'a>) -> Element<'a, Message> {
        // The failure itself says more, and where.
        let failed_here = matches!(self.read, Read::Failed(_));
        let strips = lead.strips.iter().filter(|(tone, ..)| !failed_here || *tone != Tone::Alarm).cloned();
        let label = if width < NARROW { NARROW_LABEL } else { LABEL };
        let strips = strips.map(|(tone, what, next)| strip(tone, what, next, Vec::new()));
        let trouble = match &self.read {
            Read::Failed(trouble) => Some(failed(trouble, cx)),
            Read::Reading => Some(caption(cx.text("incident-reading")).into()),
            Read::Nothing | Read::Whole(_) => None,
        };
        let whole = self.whole().filter(|whole| !whole.essence.is_empty());
        let essence = match whole {
            Some(whole) => self.items(&whole.essence, Some(label), cx),
            None => self.items(&early(summary, cx), Some(label), cx),
        };
        let facts = lead.facts.iter().map(|(name, value)| fact(name.clone(), value.clone(), label));
        let top = Column::with_children(strips).push(essence.extend(facts)).spacing(space::MD);
        let said = whole.is_none().then(|| descriptions(summary, cx)).flatten();
        let sections: &[Section] = whole.map_or(&[], |whole| &whole.sections);
        let draw = |section: &&'a Section| self.section(section, cx);
        let page: Element<'a, Message> = if width >= WIDE {
            let left = |section: &&Section| {
                matches!(section.key, "incident-description" | "incident-asks" | "incident-assessment")
            };
            let (first, second): (Vec<_>, Vec<_>) = sections.iter().partition(left);
            let first = top.push(said).push(trouble).extend(first.iter().map(draw));
            let second = Column::with_children(second.iter().map(draw));
            row![first.spacing(space::LG).width(Fill), second.spacing(space::LG).width(Fill)].spacing(space::XL).into()
        } else {
            let all = sections.iter().collect::<Vec<_>>();
            top.push(said).push(trouble).extend(all.iter().map(draw)).spacing(space::LG).max_width(PROSE).into()
        };
        let page =
            scrollable(container(page).padding(space::LG)).width(Fill).height(Fill).style(theme::surface::scroll);
        column![self.bar(whole, cx), page].into()
    }

    /// How times and texts are shown, and the copy.
    fn bar<'a>(&self, whole: Option<&Whole>, cx: &Cx<'a>) -> Element<'a, Message> {
        let quiet = |words| Press::word(words).style(theme::button::quiet).padding([1.0, space::SM]);
        let zone = cx.format("incident-times-in", &[("zone", &cx.text(self.zone.key()))]);
        let zone = quiet(zone).hint(cx.text("incident-zone-hint")).on_press(Message::Zone);
        let translated = whole.is_some_and(|whole| whole.sections.iter().any(Section::is_translated));
        let key = if self.originals { "incident-originals-hide" } else { "incident-originals" };
        let originals = translated.then(|| {
            Element::from(quiet(cx.text(key)).hint(cx.text("incident-originals-hint")).on_press(Message::Originals))
        });
        let copy = quiet(cx.text("incident-copy-summary")).on_press(Message::CopySummary);
        let bar = row![Element::from(zone), originals, gap::horizontal(), Element::from(copy)];
        container(bar.spacing(space::SM).align_y(Center)).padding([space::XS, space::SM]).into()
    }

    fn section<'a>(&self, section: &Section, cx: &Cx<'a>) -> Element<'a, Message> {
        let count = (section.total > 1).then(|| caption(cx.catalog.number(section.total as u64)));
        let head = row![title(cx.text(section.key)), count].spacing(space::SM).align_y(Center);
        let beyond = (section.beyond > 0).then(|| {
            let words = cx.catalog.count("incident-beyond", section.beyond as u64, &[]);
            Element::from(Press::word(words).style(theme::button::quiet).on_press(Message::Side(Side::Tree)))
        });
        column![head, self.items(&section.items, None, cx), beyond].spacing(space::SM).into()
    }

    /// `essence` is the width of the labels where one reads at a glance.
    fn items<'a>(&self, items: &[Item], essence: Option<f32>, cx: &Cx<'a>) -> Column<'a, Message> {
        let draw = |item: &Item| self.item(item, essence, cx);
        Column::with_children(items.iter().map(draw)).spacing(6.0)
    }

    fn item<'a>(&self, item: &Item, essence: Option<f32>, cx: &Cx<'a>) -> Element<'a, Message> {
        let is_essence = essence.is_some();
        let note = item.time.as_ref().and_then(|stamp| time::note(stamp, self.zone, cx));
        let inline = self.inline(&item.values, is_essence, cx);
        let inline: Vec<_> = inline.into_iter().chain(note.map(|note| caption(note).into())).collect();
        let inline = (!inline.is_empty()).then(|| Element::from(row(inline).spacing(space::SM).align_y(Center).wrap()));
        let said = item.values.iter().filter_map(|value| match value {
            Value::Said(versions) => Some(self.said(versions)),
            _ => None,
        });
        let values = Column::new().push(inline).extend(said).spacing(2.0).width(Fill);
        let words = match &item.time {
            Some(stamp) => text(time::short(stamp, self.zone, cx)),
            None => text(item.label.clone()).style(theme::text::soft),
        };
        let width = if item.time.is_some() { TIME } else { essence.unwrap_or(LABEL) };
        let named = item.time.is_some() || !item.label.is_empty();
        let label: Option<Element<'a, Message>> = match item.at {
            Some(at) if named => Some(
                press(words)
                    .style(theme::button::quiet)
                    .padding(0.0)
                    .width(width)
                    .hint(cx.text("incident-in-tree"))
                    .on_press(Message::Go(at))
                    .into(),
            ),
            _ if named || is_essence => Some(container(words).width(width).into()),
            // A text by itself, or a part of an expression.
            _ => (item.depth > 0).then(|| gap::horizontal().width(STEP * item.depth.min(12) as f32).into()),
        };
        let tlp = item.tlp.map(|label| widget::tlp(label, cx.catalog.tlp_short(label)));
        row![label, values, tlp].spacing(space::SM).into()
    }

    /// Values that stand in a line; a word before a time stays with it where the line breaks.
    fn inline<'a>(&self, values: &[Value], is_essence: bool, cx: &Cx<'a>) -> Vec<Element<'a, Message>> {
        let mut values = values.iter().peekable();
        let mut all = Vec::new();
        while let Some(value) = values.next() {
            let word = match value {
                Value::Words(words) => values.next_if(|next| matches!(next, Value::Time(_))).map(|time| (words, time)),
                _ => None,
            };
            match word {
                Some((words, time)) => {
                    let time = inline(time, self.zone, is_essence, cx);
                    all.push(row![text(words.clone()), time].spacing(space::XS).align_y(Center).into());
                }
                None => all.extend(inline(value, self.zone, is_essence, cx)),
            }
        }
        all
    }

    /// A text in the reader's language, the others below where they are asked for.
    fn said<'a>(&self, versions: &[(Option<String>, String)]) -> Element<'a, Message> {
        let shown = if self.originals { versions.len() } else { versions.len().min(1) };
        let several = versions.len() > 1;
        let one = |(lang, words): &(Option<String>, String)| {
            let lang = lang.clone().filter(|_| several).map(chip);
            let words = text(words.clone()).wrapping(text::Wrapping::WordOrGlyph).width(Fill);
            row![lang, words].spacing(space::SM).into()
        };
        Column::with_children(versions.iter().take(shown).map(one)).spacing(space::XS).into()
    }

    fn xml<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let Some(raw) = &self.xml else {
            return no_document(cx);
        };
        let key = if self.indented { "incident-bytes-indented" } else { "incident-bytes" };
        let bytes = cx.catalog.count(key, raw.size as u64, &[]);
        let named = (raw.named > 0).then(|| {
            let words = cx.catalog.count("incident-named-characters", raw.named as u64, &[]);
            text(words).size(size::CAPTION).style(theme::text::warn)
        });
        let small = |key| Press::word(cx.text(key)).padding([1.0, space::SM]);
        let all = raw.cut.then(|| Element::from(small("incident-show-all").on_press(Message::ShowAll)));
        let cut = raw.cut.then(|| text(cx.text("incident-cut")).size(size::CAPTION).style(theme::text::warn));
        let toggle = checkbox(self.indented).label(cx.text("incident-indent")).size(16.0).text_size(size::BODY);
        let toggle = toggle.on_toggle(Message::Indent).style(theme::input::check);
        let copy = small("incident-copy-xml").style(theme::button::quiet).id("viewer.copy").on_press(Message::CopyXml);
        let head = row![
            Element::from(widget::focusable(toggle, Some(Message::Indent(!self.indented)))),
            gap::horizontal(),
            Element::from(copy)
        ];
        let editor = widget::reader(&raw.content, Message::Xml);
        let foot = row![caption(bytes), named, gap::horizontal(), cut, all].spacing(space::MD).align_y(Center);
        column![head.align_y(Center), editor, foot].spacing(space::SM).padding(space::MD).into()
    }
}

impl Section {
    fn is_translated(&self) -> bool {
        let several = |value: &Value| matches!(value, Value::Said(versions) if versions.len() > 1);
        self.items.iter().any(|item| item.values.iter().any(several))
    }
}

/// A value that stands in a line with others.
fn inline<'a>(value: &Value, zone: Zone, is_essence: bool, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    Some(match value {
        Value::Chip(word) => chip(word.clone()),
        Value::Words(words) => text(words.clone()).into(),
        // One line each where one reads at a glance; whole below.
        Value::Mono(words) if is_essence => line(words.clone()).font(theme::MONO).size(size::BODY - 1.0).into(),
        Value::Mono(words) => mono(words.clone()).wrapping(text::Wrapping::WordOrGlyph).into(),
        Value::Time(stamp) => told(stamp, zone, is_essence, cx),
        Value::Grave(severity, word) => badge::severity_chip(*severity, word.clone()),
        Value::Said(_) => return None,
    })
}

/// A time with its age where that tells something, and what the sender left unsaid.
fn told<'a>(stamp: &Stamp, zone: Zone, with_age: bool, cx: &Cx<'a>) -> Element<'a, Message> {
    let age = with_age.then(|| time::away(stamp, cx));
    let words = [Some(time::short(stamp, zone, cx)), age].into_iter().flatten().collect::<Vec<_>>().join("  ");
    let note = time::note(stamp, zone, cx).map(|note| caption(note).wrapping(text::Wrapping::None));
    row![text(words), note].spacing(6.0).align_y(Center).into()
}

fn fact<'a>(label: String, value: String, width: f32) -> Element<'a, Message> {
    row![container(text(label).style(theme::text::soft)).width(width), container(text(value)).width(Fill)]
        .spacing(space::SM)
        .into()
}

/// The item had no payload, or it was let go.
fn no_document<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    widget::empty(Icon::File, cx.text("incident-no-document"), cx.text("incident-no-document-why"), Vec::new())
}

/// Why there is no tree, and where.
fn failed<'a>(trouble: &Trouble, cx: &Cx<'a>) -> Element<'a, Message> {
    let show = Press::word(cx.text("incident-show-xml")).on_press(Message::Side(Side::Xml)).into();
    let why = strip(Tone::Alarm, cx.catalog.say(&trouble.say), cx.catalog.next(&trouble.say), vec![show]);
    let row_of = |(number, words, here): &(u32, String, bool)| {
        let ink = if *here { theme::text::danger } else { theme::text::soft };
        let number = mono(format!("{number:>5}")).style(theme::text::soft);
        let mark = here.then(|| Icon::Next.view().size(size::CAPTION).style(theme::text::danger));
        let mark = container(mark).width(16.0);
        row![number, mark, mono(words.clone()).style(ink)].spacing(space::SM).align_y(Center).into()
    };
    let lines =
        (!trouble.lines.is_empty()).then(|| Column::with_children(trouble.lines.iter().map(row_of)).spacing(2.0));
    column![why, lines].spacing(space::MD).into()
}

/// What the summary knows while the whole is read.
fn early(summary: &Summary, cx: &Cx<'_>) -> Vec<Item> {
    let item =
        |key, values: Vec<Value>| Item { label: cx.text(key), time: None, values, depth: 0, tlp: None, at: None };
    let asks: Vec<_> = summary.wanted().map(|ask| Value::Chip(safe::line(ask))).collect();
    let mut items = Vec::new();
    if !asks.is_empty() {
        items.push(item("incident-asks", asks));
    }
    let told = if summary.reported.is_some() { "incident-reported" } else { "incident-generated" };
    for (key, time) in [
        ("incident-started", &summary.started),
        ("incident-ended", &summary.ended),
        ("incident-detected", &summary.detected),
        (told, if summary.reported.is_some() { &summary.reported } else { &summary.generated }),
    ] {
        items.extend(time.clone().map(|time| item(key, vec![Value::Time(time)])));
    }
    if let Some(total) = usize::try_from(summary.observables_total).ok().filter(|total| *total > 0) {
        let first = summary.observables.iter().take(3).map(|one| Value::Mono(safe::observable(one)));
        let values = first.chain(more(total, 3, cx.catalog)).collect();
        items.insert(usize::from(!items.is_empty()).min(1), item("incident-observables", values));
    }
    items.extend(
        summary.contacts.iter().take(1).map(|one| item("incident-contact", vec![Value::Words(contact_line(one))])),
    );
    items
}

/// The handling label of the whole document, what it means where that is not plain, and what inside is stricter; once the
/// whole is read, what is looser (`product.md` B4).
pub fn banner<'a, M: 'a>(summary: &Summary, whole: Option<&Whole>, cx: &Cx<'a>) -> Element<'a, M> {
    let (label, note) = match (&summary.kind, &summary.restriction) {
        (Kind::Foreign { .. } | Kind::Invalid(_) | Kind::Empty | Kind::Gone, _) => {
            (Tlp::Red, Some(cx.text("incident-tlp-unreadable")))
        }
        (_, Restriction::Absent) => (Tlp::Red, Some(cx.text("incident-tlp-default"))),
        (_, restriction) => {
            let value = match restriction {
                Restriction::Other(value) => safe::line(value),
                listed => listed.token().unwrap_or_default().to_owned(),
            };
            let key = match (restriction, restriction.tlp()) {
                // Of TLP 2.0's two readings, the RFC's.
                (Restriction::Amber, _) => "incident-tlp-amber",
                (_, Tlp::ByAgreement) => "incident-tlp-agreed",
                _ => "incident-tlp-raw",
            };
            (restriction.tlp(), Some(cx.format(key, &[("value", &value)])))
        }
    };
    let looser = whole.map(|whole| whole.looser as u64).filter(|looser| *looser > 0);
    let looser = looser.map(|looser| cx.catalog.count("incident-looser", looser, &[]));
    let inside: Vec<String> = stricter(summary, cx).into_iter().chain(looser).collect();
    badge::tlp_banner(label, cx.catalog.tlp(label), note, (!inside.is_empty()).then(|| inside.join(" · ")))
}

/// Title, whose it is, and how grave; `chips` are its holder's, `acts` stand at the right.
pub fn head<'a, M: 'a>(
    summary: &Summary,
    id: String,
    chips: Vec<String>,
    acts: Vec<Element<'a, M>>,
    cx: &Cx<'a>,
) -> Element<'a, M> {
    let readable = matches!(summary.kind, Kind::Iodef2 | Kind::Iodef1);
    let severity = readable.then(|| {
        let word = cx.format("incident-severity", &[("severity", &cx.catalog.severity(summary.severity))]);
        badge::severity_chip(summary.severity, word)
    });
    let purpose = summary.purpose.as_deref().map(safe::line);
    let status = summary.status.as_deref().map(safe::line);
    let old = matches!(summary.kind, Kind::Iodef1).then(|| cx.text("incident-iodef1"));
    let several =
        (summary.incidents > 1).then(|| cx.catalog.count("incident-several", u64::from(summary.incidents), &[]));
    let chips = [purpose, status, old, several].into_iter().flatten().chain(chips).map(chip);
    let chips = row(severity.into_iter().chain(chips)).spacing(space::SM).align_y(Center).wrap();
    let id = (!id.is_empty()).then(|| mono(id).style(theme::text::soft));
    let words = column![heading(name(summary, cx)), id, chips].spacing(6.0).width(Fill);
    row![words, row(acts).spacing(space::XS)].spacing(space::SM).padding([space::MD, space::LG]).into()
}

/// What the document is called.
#[must_use]
pub fn name(summary: &Summary, cx: &Cx<'_>) -> String {
    match &summary.kind {
        Kind::Iodef2 | Kind::Iodef1 if summary.title.is_empty() => cx.text("feed-untitled"),
        Kind::Iodef2 | Kind::Iodef1 => safe::line(&summary.title),
        Kind::Foreign { name, .. } => cx.format("incident-foreign", &[("name", &safe::line(name))]),
        Kind::Invalid(_) => cx.text("feed-invalid"),
        Kind::Empty => cx.text("feed-no-payload"),
        Kind::Gone => cx.text("feed-gone"),
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

/// The summary as plain text, for the clipboard: the label first, the strictest inside, since all goes with it. `source`
/// says where the document came from.
#[must_use]
pub fn plain(summary: &Summary, source: Option<String>, cx: &Cx<'_>) -> String {
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
    lines.extend(source);
    lines.extend(summary.contacts.iter().map(|contact| labelled("incident-contact", contact_line(contact))));
    lines.extend(summary.wanted().map(|ask| labelled("incident-asks", safe::line(ask))));
    lines.extend(summary.descriptions.iter().map(|(_, words)| safe::block(words)));
    lines.extend(summary.observables.iter().map(safe::observable));
    lines.join("\n")
}
