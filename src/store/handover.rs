//! What one shift hands to the next, as a page of Markdown: what came, what was done, what is open, what may be missing, what
//! is asked and by when (`product.md` A25).
//!
//! May use `model`, `text`, the finder and the contract in `store`; words come from the caller, who has a catalog. Remote text
//! stands as text ([`text::markdown`]); the page bears the strictest label of anything that stands on it. Blocks: not for the
//! window's thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::finder::Local;
use super::index::{Bitmap, Failure, Flags, Stop, evaluate};
use super::query::{Amber, Context, Query, strictness};
use super::{Finder, Row, Seq, Standing, Store};
use crate::model::coverage::Standing as Stands;
use crate::model::{Ask, Coverage, Kind, Say, Severity, Tlp, TopicId};
use crate::text::{self, markdown};

/// Rows in one table of the page.
const ROWS: usize = 40;
/// Incidents of a shift that are counted; of more, the newest.
const MOST: usize = 200_000;
/// Rows read at once.
const PAGE: Seq = 256;
/// Incidents whose documents are read for what they ask.
const ASKS: usize = 500;

/// The words of a key.
pub type Words<'w> = &'w dyn Fn(&Say) -> String;

/// Reads what a document asks, of its bytes and the namespaces around it.
pub type Asks = fn(&[u8], &[(String, String)]) -> Vec<Ask>;

/// What the page is made of.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    pub since: DateTime<Utc>,
    /// When the shift ends: the page is as of then.
    pub now: DateTime<Utc>,
    pub practice: bool,
    pub store: &'a dyn Store,
    pub finder: &'a Finder,
    pub coverage: &'a [Coverage],
    /// Reads what a document asks: `iodef`'s, which the store does not know.
    pub asks: Asks,
    /// The rows it is about; all where none is said.
    pub only: Option<&'a Query>,
}

/// A row with what a person made of it.
struct Known {
    row: Arc<Row>,
    local: Local,
}

/// A note, with its row and when it was written.
type Noted = (Arc<Row>, DateTime<Utc>, String);

/// Makes the page.
///
/// # Errors
/// When it was stopped or the store could not be read.
pub fn brief(of: &Facts<'_>, words: Words<'_>, stop: &Stop) -> Result<String, Failure> {
    let mut page = Page { out: String::new(), words, strictest: Tlp::Clear, finder: of.finder };
    let among = of.only.map(|only| found(of, only, stop)).transpose()?;
    let (came, is_cut) = came(of, among.as_ref(), MOST, stop)?;
    page.came(&came, is_cut);
    stop.check()?;
    page.done(&came, &notes(of, among.as_ref(), &came)?);
    let open = open(of, among.as_ref(), stop)?;
    page.open(&open);
    page.gaps(of);
    page.next(of, &came, &open, stop)?;
    Ok(page.finish(of))
}

fn known(of: &Facts<'_>, row: Arc<Row>) -> Known {
    Known { local: of.finder.local(row.seq), row }
}

/// The rows that a filter finds as of the page's time.
fn found(of: &Facts<'_>, query: &Query, stop: &Stop) -> Result<Bitmap, Failure> {
    let plan = query.plan(&Context::at(of.now)).map_err(|_| Failure::Unanswerable)?;
    evaluate(&plan, &of.finder.snapshot(), of.finder, None, stop)
}

/// What was received in this time and is what its item is now, newest first; and whether there is more than so much of it.
fn came(of: &Facts<'_>, among: Option<&Bitmap>, most: usize, stop: &Stop) -> Result<(Vec<Known>, bool), Failure> {
    let (mut came, mut end) = (Vec::new(), of.store.len());
    while end > 0 {
        stop.check()?;
        let page: Vec<Seq> = (end.saturating_sub(PAGE)..end).rev().collect();
        end = end.saturating_sub(PAGE);
        for row in of.store.look(&page)? {
            // Rows are numbered as they are received.
            if row.received < of.since {
                return Ok((came, false));
            }
            let own = row.received <= of.now && among.is_none_or(|among| among.contains(row.seq));
            if own && row.standing != Standing::Overwritten && row.summary.kind != Kind::Gone {
                if came.len() >= most {
                    return Ok((came, true));
                }
                came.push(known(of, row));
            }
        }
    }
    Ok((came, false))
}

/// What waits for somebody, whenever it came: newest first.
fn open(of: &Facts<'_>, among: Option<&Bitmap>, stop: &Stop) -> Result<Vec<Known>, Failure> {
    let on = of.finder.snapshot();
    let mut rows = Bitmap::default();
    for filter in ["is:starred", "is:snoozed", "is:unread severity:high -is:muted"] {
        let query: Query = filter.parse().map_err(|_| Failure::Unanswerable)?;
        rows.join(&found(of, &query, stop)?);
    }
    if let Some(among) = among {
        rows.meet(among);
    }
    let standing = rows.iter().rev().filter(|row| !on.has(*row, Flags::DUP) && !on.has(*row, Flags::RETRACTED));
    let standing: Vec<Seq> = standing.take(MOST).collect();
    let rows = of.store.look(&standing)?.into_iter();
    Ok(rows.filter(|row| row.received <= of.now).map(|row| known(of, row)).collect())
}

struct Page<'w> {
    out: String,
    words: Words<'w>,
    strictest: Tlp,
    finder: &'w Finder,
}

/// Where an incident came from and what it is called.
fn name(row: &Row) -> String {
    let summary = &row.summary;
    if summary.id.is_empty() { row.key.item.0.clone() } else { format!("{} / {}", summary.csirt, summary.id) }
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%MZ").to_string()
}

const SEVERITIES: [Severity; 4] = [Severity::High, Severity::Medium, Severity::Low, Severity::Unknown];

impl Page<'_> {
    fn say(&self, key: &'static str) -> String {
        (self.words)(&Say::new(key))
    }

    fn severity(&self, severity: Severity) -> String {
        self.say(match severity {
            Severity::High => "handover-high",
            Severity::Medium => "handover-medium",
            Severity::Low => "handover-low",
            Severity::Unknown => "handover-unknown",
        })
    }

    /// The label of something that stands on the page.
    fn label(&mut self, row: &Row) -> String {
        let label = row.summary.strictest.tlp();
        let rank = |label: Tlp| (strictness(label, Amber::Strict), label);
        self.strictest = if rank(label) > rank(self.strictest) { label } else { self.strictest };
        label.label()
    }

    fn heading(&mut self, key: &'static str) {
        let words = self.say(key);
        self.out.push_str(&format!("\n## {words}\n\n"));
    }

    fn line(&mut self, words: &str) {
        self.out.push_str(&format!("{}\n", markdown(words)));
    }

    /// A table; cells may be remote text. Of more rows than a page takes the rest is counted.
    fn table<const N: usize>(
        &mut self,
        columns: [&'static str; N],
        rows: impl Iterator<Item = [String; N]>,
        all: usize,
    ) {
        let names = columns.map(|column| self.say(column)).join(" | ");
        // A table is a block of its own, whatever stands above it.
        if !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
        self.out.push_str(&format!("| {names} |\n|{}\n", " --- |".repeat(N)));
        for row in rows {
            let cells: Vec<String> = row.iter().map(|cell| markdown(&text::cap(cell, text::LINE))).collect();
            self.out.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        if all > ROWS {
            let more = (self.words)(&Say::new("handover-more").with("count", (all - ROWS).to_string()));
            self.out.push_str(&format!("\n{}\n", markdown(&more)));
        }
    }

    /// Where there is more than is counted, that is said.
    fn came(&mut self, came: &[Known], is_cut: bool) {
        self.heading("handover-came");
        let unread = came.iter().filter(|known| known.local.unread).count();
        let key = if is_cut { "handover-came-more" } else { "handover-came-all" };
        let all = Say::new(key).with("count", came.len().to_string());
        let all = (self.words)(&all.with("unread", unread.to_string()));
        self.line(&all);
        if came.is_empty() {
            return;
        }
        let mut topics = BTreeMap::<&TopicId, ([usize; 4], Tlp)>::new();
        for known in came {
            let (counts, strictest) = topics.entry(&known.row.key.topic).or_insert(([0; 4], Tlp::Clear));
            let place = SEVERITIES.iter().position(|own| *own == known.row.summary.severity);
            place.and_then(|place| counts.get_mut(place)).into_iter().for_each(|count| *count += 1);
            *strictest = (*strictest).max(known.row.summary.strictest.tlp());
            let _ = self.label(&known.row);
        }
        let (all, finder) = (topics.len(), self.finder);
        let rows = topics.into_iter().take(ROWS).map(|(topic, ([high, medium, low, unknown], strictest))| {
            let [high, medium, low, unknown] = [high, medium, low, unknown].map(|count| count.to_string());
            [finder.topic_name(topic), high, medium, low, unknown, strictest.label()]
        });
        let columns =
            ["handover-topic", "handover-high", "handover-medium", "handover-low", "handover-unknown", "handover-tlp"];
        self.table(columns, rows, all);
        let severe: Vec<&Known> = came.iter().filter(|known| known.row.summary.severity == Severity::High).collect();
        if !severe.is_empty() {
            self.heading("handover-severe");
            let rows: Vec<_> = severe.iter().take(ROWS).map(|known| self.incident(&known.row)).collect();
            let columns = ["handover-tlp", "handover-at", "handover-topic", "handover-id", "handover-what"];
            self.table(columns, rows.into_iter(), severe.len());
        }
    }

    fn incident(&mut self, row: &Row) -> [String; 5] {
        let label = self.label(row);
        [label, time(row.at), self.finder.topic_name(&row.key.topic), name(row), row.summary.title.clone()]
    }

    fn done(&mut self, came: &[Known], noted: &[Noted]) {
        self.heading("handover-done");
        let said: Vec<(&Known, &String)> =
            came.iter().filter_map(|known| Some((known, known.local.disposition.as_ref()?))).collect();
        if said.is_empty() && noted.is_empty() {
            let nothing = self.say("handover-nothing");
            self.line(&nothing);
        }
        if !said.is_empty() {
            let rows = said.iter().take(ROWS).map(|(known, words)| {
                [self.label(&known.row), name(&known.row), known.row.summary.title.clone(), (*words).clone()]
            });
            let rows: Vec<_> = rows.collect();
            let columns = ["handover-tlp", "handover-id", "handover-what", "handover-result"];
            self.table(columns, rows.into_iter(), said.len());
        }
        if !noted.is_empty() {
            let words = self.say("handover-notes");
            self.out.push_str(&format!("\n### {words}\n"));
            let rows =
                noted.iter().take(ROWS).map(|(row, at, note)| [self.label(row), time(*at), name(row), note.clone()]);
            let rows: Vec<_> = rows.collect();
            self.table(["handover-tlp", "handover-at", "handover-id", "handover-note"], rows.into_iter(), noted.len());
        }
    }

    fn open(&mut self, open: &[Known]) {
        self.heading("handover-open");
        if open.is_empty() {
            let nothing = self.say("handover-nothing");
            return self.line(&nothing);
        }
        let rows = open.iter().take(ROWS).map(|known| {
            let starred = known.local.starred.then(|| self.say("handover-starred"));
            let snoozed = known.local.snoozed.map(|until| Say::new("handover-snoozed").with("until", time(until)));
            let snoozed = snoozed.map(|say| (self.words)(&say));
            let unread = known.local.unread && known.row.summary.severity == Severity::High;
            let unread = unread.then(|| self.say("handover-unread"));
            let why: Vec<String> = [starred, snoozed, unread].into_iter().flatten().collect();
            let severity = self.severity(known.row.summary.severity);
            [why.join(", "), severity, self.label(&known.row), name(&known.row), known.row.summary.title.clone()]
        });
        let rows: Vec<_> = rows.collect();
        let columns = ["handover-why", "handover-severity", "handover-tlp", "handover-id", "handover-what"];
        self.table(columns, rows.into_iter(), open.len());
    }

    fn gaps(&mut self, of: &Facts<'_>) {
        self.heading("handover-gaps");
        let mut rows = Vec::new();
        for coverage in of.coverage {
            let node = &self.finder.topic_name(&coverage.topic);
            for gap in coverage.gaps.iter().filter(|gap| gap.span.until >= of.since && gap.span.from <= of.now) {
                let why = (self.words)(&gap.cause.say());
                rows.push([node.clone(), time(gap.span.from), time(gap.span.until), why]);
            }
            let (since, why) = match coverage.standing {
                Stands::Live { .. } | Stands::Left { .. } => continue,
                Stands::Proving { since } => (since, self.say("handover-proving")),
                Stands::Away { since } => (since, self.say("handover-away")),
                Stands::Lost { since, cause } => (since, (self.words)(&cause.say())),
            };
            rows.push([node.clone(), time(since), self.say("handover-since"), why]);
        }
        if rows.is_empty() {
            let complete = self.say("handover-complete");
            return self.line(&complete);
        }
        let all = rows.len();
        let columns = ["handover-topic", "handover-from", "handover-until", "handover-cause"];
        self.table(columns, rows.into_iter().take(ROWS), all);
    }

    /// What is asked by what came and by what is open, and not said to be done; by deadline.
    fn next(&mut self, of: &Facts<'_>, came: &[Known], open: &[Known], stop: &Stop) -> Result<(), Failure> {
        self.heading("handover-next");
        let mut all = BTreeMap::new();
        for known in came.iter().chain(open) {
            let stands = !matches!(known.row.standing, Standing::Retracted(_));
            if stands && known.local.disposition.is_none() && known.row.summary.wanted().next().is_some() {
                let _ = all.insert(known.row.seq, known);
            }
        }
        let mut asks = Vec::new();
        for known in all.into_values().rev().take(ASKS) {
            stop.check()?;
            let asked = of.store.payload(known.row.seq)?.map(|payload| (of.asks)(&payload.bytes, &payload.scope));
            let by_summary = || known.row.summary.wanted().map(|action| Ask { action: action.to_owned(), until: None });
            let asked = asked.filter(|asked| !asked.is_empty()).unwrap_or_else(|| by_summary().collect());
            asks.extend(asked.into_iter().map(|ask| (ask, known)));
        }
        if asks.is_empty() {
            let nothing = self.say("handover-nothing");
            self.line(&nothing);
            return Ok(());
        }
        // What is still to be done comes first, what has no end last.
        asks.sort_by_key(|(ask, _)| {
            let until = ask.until.as_ref().map(|until| until.at);
            (until.is_none(), until.is_some_and(|until| until < of.now), until)
        });
        let rows = asks.iter().take(ROWS).map(|(ask, known)| {
            let until = ask.until.as_ref().map_or_else(String::new, |until| {
                let at = time(until.at);
                let over = until.at < of.now;
                if over { (self.words)(&Say::new("handover-over").with("at", at)) } else { at }
            });
            [until, ask.action.clone(), self.label(&known.row), name(&known.row), known.row.summary.title.clone()]
        });
        let rows: Vec<_> = rows.collect();
        let columns = ["handover-deadline", "handover-action", "handover-tlp", "handover-id", "handover-what"];
        self.table(columns, rows.into_iter(), asks.len());
        Ok(())
    }

    fn finish(self, of: &Facts<'_>) -> String {
        let mut head = format!("# {}\n\n**{}**\n\n", self.say("handover-title"), self.strictest.label());
        if of.practice {
            head.push_str(&format!("**{}**\n\n", markdown(&self.say("handover-practice"))));
        }
        let said = Say::new("handover-time").with("from", time(of.since)).with("until", time(of.now));
        head.push_str(&format!("{}\n", (self.words)(&said)));
        head + &self.out
    }
}

/// Notes that were written in this time, newest first.
fn notes(of: &Facts<'_>, among: Option<&Bitmap>, came: &[Known]) -> Result<Vec<Noted>, Failure> {
    let on = of.finder.snapshot();
    let own = |row: &Seq| on.has(*row, Flags::NOTE) && among.is_none_or(|among| among.contains(*row));
    let noted: Vec<Seq> = (0..on.len()).filter(own).collect();
    let before = of.store.look(&noted)?.into_iter().filter(|row| row.received < of.since).map(|row| known(of, row));
    let before: Vec<Known> = before.collect();
    let mut notes = Vec::new();
    for known in before.iter().chain(came) {
        let own = known.local.notes.iter().filter(|note| note.written >= of.since && note.written <= of.now);
        notes.extend(own.map(|note| (Arc::clone(&known.row), note.written, note.text.clone())));
    }
    notes.sort_by_key(|(_, written, _)| std::cmp::Reverse(*written));
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ItemId, Summary};
    use crate::store::{Incoming, ItemKey, Memory};

    #[test]
    fn more_than_is_counted_is_said_to_be_more() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        let one = |number: u32| {
            let key = ItemKey { topic: TopicId::imported(), item: ItemId(number.to_string()) };
            Incoming::bare(key, Summary::of_kind(Kind::Empty), now)
        };
        let (store, finder) = (Memory::default(), Finder::default());
        let _ = store.commit((0..3).map(one).collect()).unwrap();
        let _ = finder.take(&store, &[], now, &Stop::default()).unwrap();
        let of = Facts {
            since: now,
            now,
            practice: false,
            store: &store,
            finder: &finder,
            coverage: &[],
            asks: |_, _| Vec::new(),
            only: None,
        };
        let counted =
            |most| came(&of, None, most, &Stop::default()).map(|(came, is_cut)| (came.len(), is_cut)).unwrap();
        assert_eq!((counted(2), counted(3)), ((2, true), (3, false)));
        let words = |say: &Say| if say.key == "handover-came-more" { "MORE".to_owned() } else { String::new() };
        let mut page = Page { out: String::new(), words: &words, strictest: Tlp::Clear, finder: &finder };
        let (two, is_cut) = came(&of, None, 2, &Stop::default()).unwrap();
        page.came(&two, is_cut);
        assert!(page.out.contains("MORE"), "{}", page.out);
    }
}
