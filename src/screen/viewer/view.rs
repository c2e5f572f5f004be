//! The viewer as drawn: the file's path above, the summary left, the file's own text right.

use iced::widget::{Column, column, container, row, rule, scrollable, text_editor, text_input};
use iced::{Center, Fill, FillPortion, Length};

use super::{Document, Message, Page, Screen};
use crate::app::cx::Cx;
use crate::model::{Kind, Stamp, Summary};
use crate::text;
use crate::theme::{self, size, space};
use crate::widget::{Element, Icon, Press, Tone, badge, caption, chip, empty, heading, mono, strip, strong, title};

/// The column of labels.
const LABEL: Length = Length::Fixed(110.0);

/// The file's text as far as it is laid out; characters that deceive are shown for what they are.
pub(super) fn raw(bytes: &[u8], most: usize) -> String {
    let cut = bytes.get(..most).unwrap_or(bytes);
    text::block_within(&String::from_utf8_lossy(cut), most, usize::MAX)
}

impl Screen {
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let body = match &self.page {
            Page::Empty => {
                let pick = Press::marked(Icon::File, cx.text("viewer-pick"))
                    .style(theme::button::primary)
                    .id("viewer.pick")
                    .on_press(Message::Pick);
                empty(Icon::File, cx.text("viewer-empty"), cx.text("viewer-empty-why"), vec![pick.into()])
            }
            Page::Reading(path) => {
                empty(Icon::File, cx.text("viewer-reading"), text::line(&path.display().to_string()), Vec::new())
            }
            Page::Failed(path, say) => {
                let name = text::line(&path.display().to_string());
                let what = cx.format("viewer-failed", &[("path", &name), ("cause", &cx.catalog.say(say))]);
                let alarm = strip(Tone::Alarm, what, cx.catalog.next(say), Vec::new());
                container(alarm).padding(space::XL).height(Fill).into()
            }
            Page::Open(document, content) => self.document(document, content, cx),
        };
        column![self.bar(cx), rule::horizontal(1).style(theme::surface::line), body].into()
    }

    fn bar<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let path = text_input(&cx.text("viewer-path"), &self.path)
            .id(super::PATH)
            .on_input(Message::Path)
            .on_submit(Message::Submit)
            .padding([space::SM, space::MD])
            .style(theme::input::field);
        let open = Press::word(cx.text("viewer-open"))
            .id("viewer.open")
            .on_press_maybe((!self.path.trim().is_empty()).then_some(Message::Submit));
        let pick = Press::word(cx.text("viewer-browse")).on_press(Message::Pick);
        let back = Press::word(cx.text("viewer-close")).id("viewer.close").on_press(Message::Back);
        let bar =
            row![title(cx.text("viewer-title")), path, Element::from(open), Element::from(pick), Element::from(back)];
        container(bar.spacing(space::MD).align_y(Center)).padding([space::MD, space::XL]).into()
    }

    fn document<'a>(
        &'a self,
        document: &'a Document,
        content: &'a text_editor::Content,
        cx: &Cx<'a>,
    ) -> Element<'a, Message> {
        let summary = &document.summary;
        let label = summary.restriction.tlp();
        let warning = (summary.stricter_inside > 0)
            .then(|| cx.catalog.count("viewer-stricter", summary.stricter_inside.into(), &[]));
        let banner = badge::tlp_banner(label, cx.catalog.tlp(label), Some(cx.text("viewer-read-only")), warning);
        let words = scrollable(container(facts(summary, cx)).padding(space::XL).width(Fill))
            .style(theme::surface::scroll)
            .height(Fill);
        let whole = document.raw.len() <= super::SHOWN;
        let cut = (!whole).then(|| caption(cx.text("viewer-cut")));
        let size = caption(cx.format("viewer-size", &[("bytes", &cx.catalog.number(document.size))]));
        let copy = Press::word(cx.text("viewer-copy"))
            .style(theme::button::quiet)
            .id("viewer.copy")
            .on_press(Message::CopyRaw);
        let head =
            row![title(cx.text("viewer-raw")), size, cut, iced::widget::space::horizontal(), Element::from(copy)]
                .spacing(space::MD)
                .align_y(Center);
        let reader = text_editor(content)
            .on_action(Message::Raw)
            .font(theme::MONO)
            .size(size::BODY - 1.0)
            .height(Fill)
            .padding(space::MD)
            .style(theme::input::reader);
        let raw = container(column![head, reader].spacing(space::SM)).padding(space::LG).width(FillPortion(1));
        let panes = row![container(words).width(FillPortion(1)), rule::vertical(1).style(theme::surface::line), raw];
        column![banner, panes.height(Fill)].into()
    }
}

/// What the document says, or what it is where it is no incident.
fn facts<'a>(summary: &'a Summary, cx: &Cx<'a>) -> Element<'a, Message> {
    let kind = match &summary.kind {
        Kind::Iodef2 => None,
        Kind::Iodef1 => Some(strip(Tone::Plain, cx.text("viewer-iodef1"), None, Vec::new())),
        Kind::Foreign { namespace, name } => {
            let args = [("name", text::line(name)), ("namespace", text::line(namespace))];
            let what = cx.format("viewer-foreign", &[("name", &args[0].1), ("namespace", &args[1].1)]);
            Some(strip(Tone::Caution, what, Some(cx.text("viewer-foreign-next")), Vec::new()))
        }
        Kind::Invalid(say) => Some(strip(Tone::Alarm, cx.catalog.say(say), cx.catalog.next(say), Vec::new())),
        Kind::Empty => Some(strip(Tone::Caution, cx.text("viewer-nothing"), None, Vec::new())),
    };
    if matches!(summary.kind, Kind::Foreign { .. } | Kind::Empty) {
        return Column::new().push(kind).into();
    }
    let severity = badge::severity(summary.severity, cx.catalog.severity(summary.severity));
    let id = mono(format!("{}  {}", text::line(&summary.id), text::line(&summary.csirt)));
    let head = column![
        heading(text::line(&summary.title)),
        row![severity, id.style(theme::text::soft)].spacing(space::SM).align_y(Center),
    ];
    let times = [
        ("viewer-generated", &summary.generated),
        ("viewer-reported", &summary.reported),
        ("viewer-detected", &summary.detected),
        ("viewer-started", &summary.started),
        ("viewer-ended", &summary.ended),
    ];
    let times = times.into_iter().filter_map(|(key, stamp)| Some(fact(cx.text(key), when(stamp.as_ref()?, cx))));
    let asks: Vec<_> = summary.wanted().collect();
    let words = [
        ("viewer-purpose", summary.purpose.clone()),
        ("viewer-status", summary.status.clone()),
        ("viewer-asks", Some(asks.join(", ")).filter(|asks| !asks.is_empty())),
        ("viewer-incidents", (summary.incidents > 1).then(|| cx.catalog.number(summary.incidents.into()))),
    ];
    let words = words.into_iter().filter_map(|(key, value)| Some(fact(cx.text(key), text::line(&value?))));
    let told = summary.descriptions.iter().map(|(_, words)| iced::widget::text(text::block(words)).into());
    Column::new()
        .push(kind)
        .push(head.spacing(space::SM))
        .push(Column::with_children(told).spacing(space::SM))
        .push(Column::with_children(words.chain(times)).spacing(space::XS))
        .push(contacts(summary, cx))
        .push(observables(summary, cx))
        .spacing(space::LG)
        .into()
}

fn contacts<'a>(summary: &'a Summary, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    let lines = summary.contacts.iter().map(|contact| {
        let name = contact.name.as_deref().or(contact.email.as_deref()).unwrap_or_default();
        let mail = contact.email.as_deref().filter(|mail| *mail != name).map(|mail| mono(text::line(mail)));
        row![strong(text::line(name)), caption(text::line(&contact.role)), mail]
            .spacing(space::SM)
            .align_y(Center)
            .into()
    });
    let lines = Column::with_children(lines).spacing(space::XS);
    (!summary.contacts.is_empty()).then(|| column![title(cx.text("viewer-contacts")), lines].spacing(space::SM).into())
}

fn observables<'a>(summary: &'a Summary, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    let total = u64::from(summary.observables_total);
    let chips = summary.observables.iter().map(|observable| chip(text::observable(observable)));
    let more = total.saturating_sub(summary.observables.len() as u64);
    let more = (more > 0).then(|| Element::from(caption(cx.catalog.count("viewer-more", more, &[]))));
    let chips = row(chips.chain(more)).spacing(space::XS).wrap();
    (total > 0)
        .then(|| column![title(cx.catalog.count("viewer-observables", total, &[])), chips].spacing(space::SM).into())
}

/// UTC, and whether the sender said a zone at all.
fn when(stamp: &Stamp, cx: &Cx<'_>) -> String {
    let time = cx.catalog.time(stamp.at);
    if stamp.zoned { time } else { cx.format("viewer-no-zone", &[("time", &time)]) }
}

fn fact<'a>(label: String, value: String) -> Element<'a, Message> {
    row![caption(label).width(LABEL), iced::widget::text(value).width(Fill)].spacing(space::MD).into()
}
