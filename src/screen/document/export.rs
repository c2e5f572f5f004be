//! The document in other people's formats: made away from the window's thread, saved where the person says, and then told in
//! words what it carries, what had no home in it, and how strict it is inside.

use iced::widget::{Column, column, row, scrollable, text};
use iced::{Center, Element, Fill};

use super::Message;
use super::whole::Whole;
use crate::app::cx::Cx;
use crate::i18n::Catalog;
use crate::iodef::Document;
use crate::iodef::export::{self, Export, Format};
use crate::model::Say;
use crate::theme::{self, space};
use crate::widget::{Icon, Press, caption, card, title};

/// Its name and what it is for.
fn keys(format: Format) -> (&'static str, &'static str) {
    match format {
        Format::Iodef => ("incident-export-iodef", "incident-export-iodef-why"),
        Format::Json => ("incident-export-json", "incident-export-json-why"),
        Format::Csv => ("incident-export-csv", "incident-export-csv-why"),
        Format::Markdown => ("incident-export-markdown", "incident-export-markdown-why"),
        Format::Stix => ("incident-export-stix", "incident-export-stix-why"),
        Format::Misp => ("incident-export-misp", "incident-export-misp-why"),
    }
}

fn ending(format: Format) -> &'static str {
    match format {
        Format::Iodef => "iodef.xml",
        Format::Json => "iodef.json",
        Format::Csv => "csv",
        Format::Markdown => "md",
        Format::Stix => "stix.json",
        Format::Misp => "misp.json",
    }
}

/// An export as it goes to its file.
#[derive(Clone)]
pub struct Made {
    pub text: String,
    /// What it carries and what not, a line each.
    pub sheet: Vec<Say>,
}

impl std::fmt::Debug for Made {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Made({} bytes)", self.text.len())
    }
}

/// Makes an export. May take as long as the document is large.
pub fn make(format: Format, document: &Document, catalog: &Catalog) -> Made {
    let Export { bytes, sheet } = export::make(format, document, &|say| catalog.say(say));
    Made { text: String::from_utf8_lossy(&bytes).into_owned(), sheet: sheet.lines() }
}

/// A name for the file: the incident's id in letters any disk takes.
pub fn name(id: &str, format: Format) -> String {
    let plain = |char: char| if char.is_ascii_alphanumeric() || char == '-' { char } else { '-' };
    let id: String = id.chars().take(60).map(plain).collect();
    let id = id.trim_matches('-');
    format!("{}.{}", if id.is_empty() { "incident" } else { id }, ending(format))
}

pub fn side<'a>(
    whole: &Whole,
    making: Option<Format>,
    sheet: Option<&'a (Format, Vec<Say>)>,
    cx: &Cx<'a>,
) -> Element<'a, Message> {
    let line = |format: Format| {
        let (name, why) = keys(format);
        let free = making.is_none();
        let act = Press::marked(Icon::File, cx.text(name))
            .width(170.0)
            .on_press_maybe(free.then_some(Message::Export(format)));
        row![Element::from(act), caption(cx.text(why)).width(Fill)].spacing(space::MD).align_y(Center).into()
    };
    let tlp = cx.catalog.tlp(whole.strictest);
    let kept = caption(cx.format("incident-export-kept", &[("label", &tlp)]));
    let formats = Column::with_children(Format::ALL.map(line)).spacing(space::SM);
    let told = sheet.map(|(format, lines)| {
        let head = cx.format("incident-export-told", &[("format", &cx.text(keys(*format).0))]);
        let lines = lines.iter().map(|say| text(cx.catalog.say(say)).into());
        card(column![title(head), Column::with_children(lines).spacing(space::SM)].spacing(space::SM))
    });
    let page = column![title(cx.text("incident-export")), kept, formats, told];
    let page = page.spacing(space::LG).padding(space::LG).max_width(theme::metrics::PROSE);
    scrollable(page).width(Fill).height(Fill).style(theme::surface::scroll).into()
}
