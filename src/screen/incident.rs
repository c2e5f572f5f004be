//! The detail pane: one incident, summary first, then the document exactly as it was published.
//!
//! Owns which row it shows, which side of it, and the text one selects in. The full-width TLP banner stands above
//! everything (`product.md` B4); remote text passes through `text` before it is shown.

mod view;

use iced::widget::text_editor;

use crate::app::cx::Cx;
use crate::model::{ObservableKind, Say};
use crate::screen::{Action, Target};
use crate::store::{Row, Seq};
use crate::text;
use crate::widget::xml;

/// The side of the incident that shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    #[default]
    Summary,
    Xml,
}

/// The pane's state.
#[derive(Debug, Default)]
pub struct Incident {
    seq: Option<Seq>,
    side: Side,
    /// The raw document, read once when its side is first shown.
    xml: Option<Result<xml::Raw, Say>>,
    /// The document is shown with each element on its own line; kept from incident to incident.
    indented: bool,
    /// All observables of the summary show, not only the first few.
    all_observables: bool,
}

#[derive(Clone, Debug)]
pub enum Message {
    Side(Side),
    /// Selecting and scrolling in the document; edits are ignored.
    Xml(text_editor::Action),
    /// Elements on lines of their own, or as published.
    Indent(bool),
    /// The whole document, however long.
    ShowAll,
    ShowObservables,
    /// The document's bytes, exactly.
    CopyXml,
    /// What the summary says, as plain text.
    CopySummary,
    /// One observable, defanged.
    CopyObservable(usize),
    CopyObservables,
    Close,
}

impl Incident {
    /// Shows a row, on the side that showed last.
    pub fn show(&mut self, seq: Seq, cx: &Cx<'_>) {
        if self.seq == Some(seq) {
            return;
        }
        *self = Self { seq: Some(seq), side: self.side, indented: self.indented, ..Self::default() };
        self.load(cx);
    }

    /// Shows nothing.
    pub fn clear(&mut self) {
        *self = Self { side: self.side, indented: self.indented, ..Self::default() };
    }

    #[must_use]
    pub fn seq(&self) -> Option<Seq> {
        self.seq
    }

    /// The document as it is shown, where that side is.
    #[must_use]
    pub fn document(&self) -> Option<String> {
        self.xml.as_ref()?.as_ref().ok().map(|raw| raw.content.text())
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Side(side) => {
                self.side = side;
                self.load(cx);
                Action::None
            }
            Message::Xml(action) => {
                if let (Some(Ok(raw)), false) = (&mut self.xml, action.is_edit()) {
                    raw.content.perform(action);
                }
                Action::None
            }
            Message::ShowAll => {
                if let Some(Ok(raw)) = &mut self.xml {
                    raw.show_all(self.indented);
                }
                Action::None
            }
            Message::Indent(indented) => {
                self.indented = indented;
                if let Some(Ok(raw)) = &mut self.xml {
                    raw.lay_out(indented);
                }
                Action::None
            }
            Message::ShowObservables => {
                self.all_observables = true;
                Action::None
            }
            Message::CopyXml => match self.payload(cx) {
                Some(Ok(bytes)) => Action::Copy(String::from_utf8_lossy(&bytes).into_owned()),
                _ => Action::None,
            },
            Message::CopySummary => self.row(cx).map_or(Action::None, |row| Action::Copy(view::plain(&row, cx))),
            Message::CopyObservable(index) => match self.row(cx) {
                Some(row) => {
                    row.summary.observables.get(index).map_or(Action::None, |o| Action::Copy(text::observable(o)))
                }
                None => Action::None,
            },
            Message::CopyObservables => self.row(cx).map_or(Action::None, |row| {
                let lines: Vec<_> = row.summary.observables.iter().map(text::observable).collect();
                Action::Copy(lines.join("\n"))
            }),
            Message::Close => Action::Open(Target::NoIncident),
        }
    }

    fn row(&self, cx: &Cx<'_>) -> Option<std::sync::Arc<Row>> {
        cx.store.row(self.seq?)
    }

    /// The document's bytes; `None` when there is no row or no document.
    fn payload(&self, cx: &Cx<'_>) -> Option<Result<std::sync::Arc<[u8]>, Say>> {
        match cx.store.payload(self.seq?) {
            Ok(payload) => payload.map(|payload| Ok(payload.bytes)),
            Err(error) => Some(Err(error.say())),
        }
    }

    fn load(&mut self, cx: &Cx<'_>) {
        if self.side == Side::Xml && self.xml.is_none() {
            self.xml = self.payload(cx).map(|bytes| bytes.map(|bytes| xml::Raw::new(&bytes, self.indented)));
        }
    }
}

/// The catalog key of an observable's kind.
fn kind_key(kind: ObservableKind) -> &'static str {
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
