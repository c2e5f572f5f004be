//! The viewer as drawn: the file's path above, below it the document.

use iced::widget::{column, container, row, rule, text_input};
use iced::{Center, Fill};

use super::{Document, Message, Page, Screen};
use crate::app::cx::Cx;
use crate::model::{Kind, Summary};
use crate::screen::document::{self, Lead, Pane};
use crate::text;
use crate::theme::{self, space};
use crate::widget::{Element, Icon, Press, Tone, empty, keys, strip, title};

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
            Page::Open(file) => self.document(file, cx),
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
        container(bar.spacing(space::MD).align_y(Center)).padding([space::MD, space::LG]).into()
    }

    fn document<'a>(&'a self, file: &'a Document, cx: &Cx<'a>) -> Element<'a, Message> {
        let summary = &*file.summary;
        let id = [&summary.csirt, &summary.id].map(|part| text::line(part)).join(" / ");
        let id = if summary.id.is_empty() { String::new() } else { id };
        let size = cx.format("viewer-size", &[("bytes", &cx.catalog.number(file.size))]);
        let chips = vec![cx.text("viewer-read-only"), size];
        let pane = self.pane.view(summary, lead(summary, cx), cx).map(Message::Document);
        let banner = document::banner(summary, self.pane.whole(), cx);
        let page = column![banner, document::head(summary, id, chips, Vec::new(), cx), pane];
        keys(container(page), |key, modifiers| Pane::key(key, modifiers).map(Message::Document)).into()
    }
}

/// What is to be known before anything is read.
fn lead(summary: &Summary, cx: &Cx<'_>) -> Lead {
    let strips = match &summary.kind {
        Kind::Iodef2 | Kind::Invalid(_) | Kind::Empty | Kind::Gone => Vec::new(),
        Kind::Iodef1 => vec![(Tone::Plain, cx.text("viewer-iodef1"), None)],
        Kind::Foreign { namespace, name } => {
            let args = [("name", text::line(name)), ("namespace", text::line(namespace))];
            let what = cx.format("viewer-foreign", &args.each_ref().map(|(key, value)| (*key, value.as_str())));
            vec![(Tone::Caution, what, Some(cx.text("viewer-foreign-next")))]
        }
    };
    Lead { strips, facts: Vec::new() }
}
