//! With which other revision the document is compared, and what came of it. Whoever holds the pane offers the revisions; the
//! other one is read and compared away from the window's thread, when a person asks for it.

use std::cmp::Ordering;
use std::sync::Arc;
use std::sync::atomic;

use iced::Task;

use super::whole::{self, Source};
use super::{Message, Pane, Side};
use crate::iodef::Document;
use crate::iodef::diff::{Diff, diff};
use crate::iodef::view::incidents;
use crate::model::Say;
use crate::screen::Action;

/// Reads another revision. May block on disk.
pub type Load = Arc<dyn Fn() -> Result<Source, Say> + Send + Sync>;

/// Another revision of what the pane shows.
#[derive(Clone)]
pub struct Offer {
    /// When and where it came, safe to show.
    pub words: String,
    /// Whether it is the earlier one; where that is not known, the documents' own times tell.
    pub is_older: Option<bool>,
    pub load: Load,
}

/// What differs, and which of the two shows.
#[derive(Clone, Debug)]
pub struct Compared {
    pub diff: Arc<Diff>,
    /// The document that shows is the later one.
    pub shows_new: bool,
    /// Places of either that did not come over into IODEF 2 simply as they were: what differs there may not be told.
    pub unseen: usize,
}

#[derive(Default)]
pub enum State {
    #[default]
    Idle,
    Working,
    Done(Compared),
    Failed(Say),
}

/// The other revisions there are, and the one that was chosen.
#[derive(Default)]
pub struct Compare {
    pub offers: Vec<Offer>,
    pub chosen: usize,
    pub state: State,
    /// Why it is not known whether there are others.
    pub trouble: Option<Say>,
    /// Every change shows.
    pub all: bool,
    /// Any file may be compared with: its holder asks for one.
    pub picks: bool,
}

impl Compare {
    /// Whether there is anything to compare with.
    pub fn is_offered(&self) -> bool {
        self.picks || !self.offers.is_empty() || self.trouble.is_some()
    }

    pub fn done(&self) -> Option<&Compared> {
        match &self.state {
            State::Done(compared) => Some(compared),
            _ => None,
        }
    }
}

impl Pane {
    /// Any file may be compared with what shows.
    pub fn pick_others(&mut self) {
        self.compare.picks = true;
    }

    /// Offers other revisions, the `chosen` one first to compare with.
    pub fn offer(&mut self, offers: Vec<Offer>, chosen: usize) -> Action<Message> {
        self.compare = Compare { offers, chosen, picks: self.compare.picks, ..Compare::default() };
        self.compare_now()
    }

    /// Other revisions were looked for in vain: it is not known whether there are any.
    pub fn offer_failed(&mut self, why: Say) {
        self.compare = Compare { trouble: Some(why), picks: self.compare.picks, ..Compare::default() };
    }

    /// Shows what differs.
    pub fn show_changes(&mut self) -> Action<Message> {
        self.side = Side::Changes;
        self.compare_now()
    }

    /// Compares, where that side shows and both documents can be had.
    pub(super) fn compare_now(&mut self) -> Action<Message> {
        let is_idle = self.side == Side::Changes && matches!(self.compare.state, State::Idle);
        let offer = self.compare.offers.get(self.compare.chosen).cloned();
        let (Some(offer), Some(whole), true) = (offer, self.whole(), is_idle) else { return Action::None };
        let (own, unseen, chosen) = (whole.document.clone(), whole.remarks.len(), self.compare.chosen);
        let ticket = self.ticket.load(atomic::Ordering::SeqCst);
        self.compare.state = State::Working;
        let comparing = async move {
            let compared = tokio::task::spawn_blocking(move || compare(&own, unseen, &offer)).await;
            compared.unwrap_or_else(|_| Err(Say::new("incident-compare-broken")))
        };
        Action::Run(Task::perform(comparing, move |compared| Message::Compared(ticket, chosen, compared)))
    }

    pub(super) fn compare_message(&mut self, message: Message) {
        match message {
            Message::Against(chosen) if chosen < self.compare.offers.len() => {
                (self.compare.chosen, self.compare.state, self.compare.all) = (chosen, State::Idle, false);
            }
            Message::Compared(_, chosen, compared) if chosen == self.compare.chosen => {
                self.compare.state = match compared {
                    Ok(compared) => State::Done(compared),
                    Err(say) => State::Failed(say),
                };
            }
            Message::AllChanges => self.compare.all = true,
            _ => {}
        }
    }
}

fn compare(own: &Document, unseen: usize, offer: &Offer) -> Result<Compared, Say> {
    let opened = whole::open(&(offer.load)()?).map_err(|trouble| trouble.say)?;
    let (other, unseen) = (opened.document, unseen + opened.remarks.len());
    let shows_new = offer.is_older.unwrap_or_else(|| generated(&other).cmp(&generated(own)) != Ordering::Greater);
    let found = if shows_new { diff(&other, own) } else { diff(own, &other) };
    Ok(Compared { diff: Arc::new(found), shows_new, unseen })
}

fn generated(document: &Document) -> Option<chrono::DateTime<chrono::Utc>> {
    incidents(document).filter_map(|incident| incident.times().generated).map(|stamp| stamp.at).max()
}
