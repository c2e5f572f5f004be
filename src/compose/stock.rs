//! What a person has at hand to begin reports with: contact cards, what their organisation always writes, templates of their
//! own, which incident numbers are used, and for whom topics are.
//!
//! May use the shelves of the archive and its index. Calls that name a [`Local`] or a [`Store`] block on disk.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, Utc};

use super::cards::{self, Card, Organisation};
use super::meant::Kind;
use super::number::{Ledger, Scheme};
use super::shelf::{self, Counter};
use super::short::{self, Slot};
use super::template::Own;
use super::{Draft, draft::Act, draft::Spot};
use crate::iodef::Document;
use crate::iodef::edit::Fragment;
use crate::model::{Say, Tlp, TopicId};
use crate::store::finder::Wanted;
use crate::store::index::{Failure, Stop};
use crate::store::query::Query;
use crate::store::{Error, Finder, Local, Store};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    pub organisation: Organisation,
    /// By their names on the shelf, in the order of their labels.
    pub cards: Vec<(String, Card)>,
    /// By their names on the shelf, in the order of their titles.
    pub templates: Vec<(String, Own)>,
    /// What was published from here.
    pub ledger: Ledger,
    /// A later program counts the numbers: none is given here, lest one be given twice.
    pub is_counted_elsewhere: bool,
    /// Numbers of ours that the archive has, from whichever desk they came.
    pub received: HashSet<String>,
    /// What is kept of topics.
    pub topics: Vec<Kind>,
}

/// A change of it, to be kept.
#[derive(Clone, Debug)]
pub enum Change {
    Organisation(Box<Organisation>),
    /// Put there, or taken away.
    Card(String, Option<Box<Card>>),
    Template(String, Option<Box<Own>>),
    /// The numbers used; joined with what is there.
    Ledger(Ledger),
    Topic(Kind),
}

impl Stock {
    /// Reads all of it, and what is told of what could not be read.
    ///
    /// # Errors
    /// When the store could not be read.
    pub fn read(on: &dyn Local) -> Result<(Self, Vec<Say>), Error> {
        let (organisation, beside) = shelf::only::<Organisation>(on)?;
        let (counter, counters) = shelf::only::<Counter>(on)?;
        let (cards, templates) = (shelf::all::<Card>(on)?, shelf::all::<Own>(on)?);
        let topics = shelf::all::<Kind>(on)?;
        let told = [beside.says(), counters.says(), cards.says(), templates.says(), topics.says()].concat();
        let mut stock = Self {
            organisation: organisation.unwrap_or_default(),
            cards: cards.entries,
            templates: templates.entries,
            ledger: counter.map(|counter| Ledger::from_text(&counter.0)).unwrap_or_default(),
            is_counted_elsewhere: !counters.later.is_empty(),
            received: HashSet::new(),
            topics: topics.entries.into_iter().map(|(_, kind)| kind).collect(),
        };
        stock.sort();
        Ok((stock, told))
    }

    fn sort(&mut self) {
        self.cards.sort_by_key(|(name, card)| (cards::label(card).to_lowercase(), name.clone()));
        self.templates.sort_by_key(|(name, own)| (own.title.to_lowercase(), name.clone()));
    }

    /// Takes a change in.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Organisation(organisation) => self.organisation = (**organisation).clone(),
            Change::Card(name, card) => put(&mut self.cards, name, card.as_deref()),
            Change::Template(name, own) => put(&mut self.templates, name, own.as_deref()),
            Change::Ledger(ledger) => self.ledger.join(ledger),
            Change::Topic(kind) => {
                self.topics.retain(|own| own.topic != kind.topic);
                self.topics.push(kind.clone());
            }
        }
        self.sort();
    }

    #[must_use]
    pub fn card(&self, name: &str) -> Option<&Card> {
        self.cards.iter().find(|(own, _)| own == name).map(|(_, card)| card)
    }

    /// What is kept of a topic.
    #[must_use]
    pub fn topic(&self, topic: &TopicId) -> Option<&Kind> {
        self.topics.iter().find(|own| own.topic == *topic)
    }

    /// That a report of this label went to a topic; `None` where that needs no remembering.
    #[must_use]
    pub fn reached(&self, topic: &TopicId, label: Tlp) -> Option<Change> {
        let fresh = || Kind::new(topic.clone());
        self.topic(topic).cloned().unwrap_or_else(fresh).reached(label).map(Change::Topic)
    }

    /// The contact that a report begins with.
    #[must_use]
    pub fn contact(&self) -> Option<Fragment> {
        self.card(&self.organisation.contact).map(Card::fragment)
    }

    /// The domain that reports are numbered under, where the organisation said one.
    #[must_use]
    pub fn csirt(&self) -> Option<&str> {
        Some(self.organisation.csirt.trim()).filter(|csirt| !csirt.is_empty())
    }

    fn scheme(&self) -> Option<Scheme> {
        if self.is_counted_elsewhere {
            return None;
        }
        self.organisation.scheme()?.ok()
    }

    /// The next number that no report has: none published from here, none received, none of `drafts`. `None` where the
    /// organisation counts none.
    #[must_use]
    pub fn number<'t>(
        &'t self,
        csirt: &str,
        now: DateTime<Utc>,
        drafts: impl Iterator<Item = &'t str>,
    ) -> Option<String> {
        let scheme = self.scheme()?;
        let taken = drafts.chain(self.received.iter().map(String::as_str));
        Some(self.ledger.next(&scheme, csirt, now.year(), taken))
    }

    /// That incidents of these names and numbers were published: the numbers are never given again. `None` where that needs
    /// no remembering.
    #[must_use]
    pub fn used<'i>(&self, ids: impl Iterator<Item = (&'i str, &'i str)>, now: DateTime<Utc>) -> Option<Change> {
        let scheme = self.scheme()?;
        let is_new = |(csirt, number): &(&str, &str)| self.ledger.is_news(&scheme, csirt, now.year(), number);
        let mut ids = ids.filter(is_new).peekable();
        let _ = ids.peek()?;
        let mut ledger = self.ledger.clone();
        ids.for_each(|(csirt, number)| ledger.used(&scheme, csirt, now.year(), number));
        Some(Change::Ledger(ledger))
    }

    /// Whether a number left this computer, as far as it was given by the way it is numbered now.
    #[must_use]
    pub fn is_used(&self, csirt: &str, number: &str, now: DateTime<Utc>) -> bool {
        self.scheme().is_some_and(|scheme| self.ledger.has(&scheme, csirt, now.year(), number))
    }

    /// A draft that was begun, with what the organisation always writes; nothing of it is a step to be undone.
    #[must_use]
    pub fn organised(&self, draft: Draft) -> Draft {
        let (organisation, document) = (&self.organisation, draft.document());
        let mut acts = Vec::new();
        let lang = organisation.lang.trim();
        if !lang.is_empty() {
            acts.push(Act::Set { spot: Spot::attribute(document.root().id(), "xml:lang"), value: lang.to_owned() });
        }
        let restriction = organisation.restriction.trim();
        if !restriction.is_empty() {
            acts.extend(Slot::Restriction.set(document, restriction));
        }
        let mut organised = draft.clone();
        // What was kept may be no word of a document any more; the report begins without it then.
        match organised.act_all(&acts, std::time::Instant::now()) {
            Ok(_) => Draft::new(organised.document().clone(), organised.beside().clone()),
            Err(_) => draft,
        }
    }
}

fn put<T: Clone>(all: &mut Vec<(String, T)>, name: &str, one: Option<&T>) {
    all.retain(|(own, _)| own != name);
    all.extend(one.map(|one| (name.to_owned(), one.clone())));
}

/// Keeps a change.
///
/// # Errors
/// When what was there is there still.
pub fn keep(on: &dyn Local, change: &Change) -> Result<(), Error> {
    match change {
        Change::Organisation(organisation) => shelf::keep_only(on, &**organisation),
        Change::Card(name, Some(card)) => shelf::put(on, name, &**card),
        Change::Card(name, None) => shelf::remove::<Card>(on, name),
        Change::Template(name, Some(own)) => shelf::put(on, name, &**own),
        Change::Template(name, None) => shelf::remove::<Own>(on, name),
        Change::Topic(kind) => shelf::put(on, &kind.name(), kind),
        Change::Ledger(ledger) => {
            let (known, _) = shelf::only::<Counter>(on)?;
            let mut all = known.map(|known| Ledger::from_text(&known.0)).unwrap_or_default();
            all.join(ledger);
            shelf::keep_only::<Counter>(on, &Counter(all.to_text()))
        }
    }
}

/// Remembers of the numbers in a report that they leave this computer. Blocks.
///
/// # Errors
/// When what numbers are given by could not be read, or this not be written.
pub fn note(on: &dyn Local, document: &Document, now: DateTime<Utc>) -> Result<(), Error> {
    let (stock, _) = Stock::read(on)?;
    let ids: Vec<(String, String)> = short::named(document)
        .map(|id| (id.attr("name").unwrap_or_default().trim().to_owned(), id.trimmed().into_owned()))
        .collect();
    let ids = ids.iter().map(|(csirt, number)| (csirt.as_str(), number.as_str()));
    stock.used(ids, now).map_or(Ok(()), |change| keep(on, &change))
}

/// Remembers that a report of this label went to a topic. Blocks.
///
/// # Errors
/// When what is known of topics could not be read, or this not be written.
pub fn note_label(on: &dyn Local, topic: &TopicId, label: Tlp) -> Result<(), Error> {
    let (stock, _) = Stock::read(on)?;
    stock.reached(topic, label).map_or(Ok(()), |change| keep(on, &change))
}

/// The numbers a team has in what is kept, from whichever desk they came.
///
/// # Errors
/// When it was stopped or the store could not be read.
pub fn received(
    csirt: &str,
    finder: &Finder,
    store: &dyn Store,
    now: DateTime<Utc>,
    stop: &Stop,
) -> Result<HashSet<String>, Failure> {
    // What can stand in no filter is the name of no incident either.
    let quoted = csirt.trim().replace(['\\', '"'], "");
    let Ok(query) = format!("csirt:\"{quoted}\"").parse::<Query>() else { return Ok(HashSet::new()) };
    let wanted = Wanted { query, hidden: true, ..Wanted::default() };
    let found = finder.find(&wanted, now, stop)?;
    let own = |summary: &crate::model::Summary| summary.csirt.trim().eq_ignore_ascii_case(csirt.trim());
    let rows = found.rows.iter().filter_map(|seq| store.row(*seq));
    Ok(rows.filter(|row| own(&row.summary)).map(|row| row.summary.id.clone()).filter(|id| !id.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::form::Fill;
    use crate::compose::template::{Stays, template};
    use crate::store::Memory;
    use crate::store::local::Shelf;

    fn now() -> DateTime<Utc> {
        "2026-11-22T09:30:00Z".parse().unwrap()
    }

    fn us() -> Organisation {
        Organisation {
            csirt: "csirt.example".to_owned(),
            lang: "de".to_owned(),
            restriction: "amber".to_owned(),
            contact: "1".to_owned(),
            numbers: "{year}-{number:4}".to_owned(),
            ..Organisation::default()
        }
    }

    #[test]
    fn what_is_kept_is_there_again_and_enters_a_draft() {
        let store = Memory::default();
        let on = store.local().unwrap();
        let card = Card { label: "duty".to_owned(), email: "duty@csirt.example".to_owned(), ..Card::default() };
        let fill = Fill { now: now(), csirt: "csirt.example".to_owned() };
        let draft = template("phishing").unwrap().begin(&fill, "1", None).unwrap();
        let own = Own::of("  Our \u{202e}phish\n", &draft, Stays::default()).unwrap();
        let mut stock = Stock::default();
        let mut used = Ledger::default();
        used.used(&Scheme::default(), "csirt.example", 2026, "2026-0007");
        let mile = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILEHost".to_owned() };
        for change in [
            Change::Organisation(Box::new(us())),
            Change::Card("1".to_owned(), Some(Box::new(card.clone()))),
            Change::Card("2".to_owned(), Some(Box::new(Card { label: "boss".to_owned(), ..card.clone() }))),
            Change::Template("1".to_owned(), Some(Box::new(own))),
            Change::Ledger(used),
            Stock::default().reached(&mile, Tlp::Amber).unwrap(),
            Change::Card("2".to_owned(), None),
        ] {
            stock.apply(&change);
            keep(on, &change).unwrap();
        }
        let (again, told) = Stock::read(on).unwrap();
        assert!(told.is_empty());
        assert_eq!((&again.organisation, &again.cards, &again.ledger), (&us(), &stock.cards, &stock.ledger));
        assert_eq!(again.topic(&mile).unwrap().published, Some(Tlp::Amber));
        assert!(again.reached(&mile, Tlp::Green).is_none() && again.reached(&mile, Tlp::Red).is_some());
        assert_eq!(again.templates.len(), 1);
        assert!(
            !again.templates[0].1.title.contains('\u{202e}')
                && again.templates[0].1.kind.as_deref() == Some("phishing")
        );
        let begun = again.organised(template("scan").unwrap().begin(&fill, "9", again.contact()).unwrap());
        let text = begun.document().text();
        for part in ["xml:lang=\"de\"", "restriction=\"amber\"", "duty@csirt.example"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!begun.can_undo());
    }

    #[test]
    fn what_a_later_program_keeps_is_not_written_over_and_no_number_is_given_beside_it() {
        let store = Memory::default();
        let on = store.local().unwrap();
        keep(on, &Change::Organisation(Box::new(us()))).unwrap();
        let later = [(String::new(), "gridwatch 2\ncount = 7".to_owned())];
        on.keep(Shelf::Numbers, &[], &later).unwrap();
        let (stock, told) = Stock::read(on).unwrap();
        assert_eq!(told.iter().map(|say| say.key).collect::<Vec<_>>(), ["error-shelf-later"]);
        assert!(stock.number("csirt.example", now(), std::iter::empty()).is_none());
        assert!(stock.used(std::iter::once(("csirt.example", "2026-0001")), now()).is_none());
        let mut used = Ledger::default();
        used.used(&Scheme::default(), "csirt.example", 2026, "2026-0001");
        assert!(matches!(keep(on, &Change::Ledger(used)), Err(Error::Newer)));
        assert_eq!(on.kept(Shelf::Numbers).unwrap(), later);
        on.keep(Shelf::Organisation, &[], &later).unwrap();
        assert_eq!(Stock::read(on).unwrap().1.len(), 2);
        assert!(matches!(keep(on, &Change::Organisation(Box::new(us()))), Err(Error::Newer)));
        assert_eq!(on.kept(Shelf::Organisation).unwrap(), later);
    }

    #[test]
    fn a_number_is_given_once_whether_drafted_published_or_received() {
        let mut stock = Stock { organisation: us(), ..Stock::default() };
        let next =
            |stock: &Stock, drafts: &[&str]| stock.number("csirt.example", now(), drafts.iter().copied()).unwrap();
        assert_eq!(next(&stock, &[]), "2026-0001");
        assert_eq!(next(&stock, &["2026-0001", "of-another-kind"]), "2026-0002");
        // Each incident of a document has one.
        let used = |stock: &Stock, numbers: [&str; 2]| {
            stock.used(numbers.into_iter().map(|number| ("csirt.example", number)), now())
        };
        let change = used(&stock, ["2026-0003", "2026-0005"]).unwrap();
        stock.apply(&change);
        assert_eq!(next(&stock, &[]), "2026-0006");
        assert!(used(&stock, ["2026-0005", "2026-0003"]).is_none());
        // What lies below the highest is used only where it was: a draft may bear it still.
        let is_used = |stock: &Stock, number| stock.is_used("CSIRT.example", number, now());
        assert!(is_used(&stock, "2026-0003") && !is_used(&stock, "2026-0004") && !is_used(&stock, "2026-0006"));
        let _ = stock.received.insert("2026-0040".to_owned());
        assert_eq!(next(&stock, &["2026-0006"]), "2026-0041");
        // Another team's name counts for itself.
        assert!(stock.ledger.next(&Scheme::default(), "other.example", 2026, []).ends_with("0001"));
        stock.organisation.numbers.clear();
        assert!(stock.number("csirt.example", now(), std::iter::empty()).is_none());
    }
}
