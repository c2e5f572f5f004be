//! `gridwatch tail`: incidents of the topics as they are stored, each once over all runs: what was stored and not told, by the
//! run before, by another verb or in the window, comes first.

use std::time::Duration;

use super::args::Until;
use super::out::Out;
use super::session::Session;
use super::{Exit, Stop, json};
use crate::engine::Event;
use crate::i18n::Catalog;
use crate::model::{Kind, Membership};
use crate::port::export::name;
use crate::store::{self, Row, Seq, Store, local};
use crate::text;

/// Longer than any run: a timer for it is a timer for never.
const NEVER: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 30);
/// Rows read at once.
const PAGE: Seq = 256;

/// What is told, and up to where it was. The place is kept in the archive, after the lines before it are out: a run that is
/// killed in between tells some again, and none is passed over.
pub struct Tail {
    until: Until,
    json: bool,
    left: u64,
    /// The first row that was not told.
    next: Seq,
    /// The same, as it is kept.
    kept: Seq,
}

fn failed(error: &store::Error) -> Stop {
    Stop::new(Exit::Archive, error.say())
}

impl Tail {
    /// Begins where the run before ended; in an archive of the window's, at its end.
    pub fn new(store: &dyn Store, until: Until, json: bool) -> Result<Self, Stop> {
        let kept = store.local().map_or(Ok(None), local::told).map_err(|error| failed(&error))?;
        let next = kept.filter(|_| !until.fresh).unwrap_or_else(|| store.len());
        // Where nothing is kept yet, this place is to be kept whatever comes.
        let kept = kept.unwrap_or(Seq::MAX);
        let mut tail = Self { until, json, left: until.count.unwrap_or(u64::MAX), next, kept };
        tail.keep(store)?;
        Ok(tail)
    }

    fn keep(&mut self, store: &dyn Store) -> Result<(), Stop> {
        if self.next != self.kept
            && let Some(local) = store.local()
        {
            local::keep_told(local, self.next).map_err(|error| failed(&error))?;
            self.kept = self.next;
        }
        Ok(())
    }

    /// Writes what is stored and was not told; true when that was enough.
    pub fn tell(&mut self, store: &dyn Store, out: &mut Out, catalog: &Catalog) -> Result<bool, Stop> {
        let told = self.lines(store, out, catalog);
        // Lines that are out are out, whatever came after them.
        self.keep(store)?;
        told.map(|()| self.left == 0)
    }

    fn lines(&mut self, store: &dyn Store, out: &mut Out, catalog: &Catalog) -> Result<(), Stop> {
        while self.left > 0 && self.next < store.len() {
            let end = store.len().min(self.next.saturating_add(PAGE));
            let page: Vec<Seq> = (self.next..end).collect();
            for row in store.look(&page).map_err(|error| failed(&error))? {
                if self.left == 0 {
                    return Ok(());
                }
                // What a person took in from a file, or out by their rules, is no news of a topic.
                if !row.key.topic.is_imported() && row.summary.kind != Kind::Gone {
                    out.line(&if self.json { json::item(&row) } else { words(&row, catalog) })?;
                    self.left -= 1;
                }
                self.next = row.seq + 1;
            }
            if self.left > 0 {
                self.next = end;
            }
        }
        Ok(())
    }

    /// Writes each stored item once, until it is said to be enough.
    pub async fn run(&mut self, session: &mut Session<'_>, out: &mut Out) -> Result<Exit, Stop> {
        let mut read = true;
        let end = tokio::time::sleep(self.until.time.unwrap_or(NEVER).min(NEVER));
        tokio::pin!(end);
        while self.left > 0 {
            let events = tokio::select! {
                () = &mut end => {
                    return Ok(match (self.until.count, read) {
                        (Some(_), _) => Exit::Short,
                        (None, true) => Exit::Done,
                        (None, false) => Exit::Refused,
                    });
                }
                events = session.next() => events?,
            };
            for event in events {
                match event {
                    Event::Stored(_) => {
                        let _ = self.tell(session.store.as_ref(), out, session.catalog())?;
                    }
                    Event::Topics { topics, whole: true, complete, .. } => {
                        read = session.was_read(complete);
                        // Nothing to wait for, as far as a script is concerned; why, was told by a notice.
                        let subscribed = topics.iter().any(|topic| topic.membership == Membership::Subscribed);
                        if !read && !subscribed && self.left > 0 {
                            return Ok(Exit::Refused);
                        }
                    }
                    // To go on would be to miss incidents and look alive.
                    Event::Notice { say, .. } if say.key == full() && self.left > 0 => {
                        return Err(Stop::new(Exit::Full, say));
                    }
                    _ => {}
                }
            }
        }
        Ok(Exit::Done)
    }
}

/// The words of a store that takes no more.
fn full() -> &'static str {
    store::Error::Full { rows: 0 }.say().key
}

/// When, how severe, how to handle it, where, which report, what about.
pub(super) fn words(row: &Row, catalog: &Catalog) -> String {
    let summary = &row.summary;
    format!(
        "{} {:<8} {:<16} {:<24} {}  {}",
        catalog.time(row.at),
        catalog.severity(summary.severity),
        catalog.tlp(summary.strictest.tlp()),
        text::line(&row.key.topic.node),
        name(row),
        text::line(&summary.title),
    )
    .trim_end()
    .to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::cli::session::Prepared;
    use crate::model::{ItemId, Summary, TopicId};
    use crate::store::{Incoming, ItemKey, Memory, Route, Store, memory::Budget};

    /// A reader that closes the pipe after so many lines.
    struct Reader(usize, Arc<Mutex<Vec<String>>>);

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let Some(left) = self.0.checked_sub(1) else { return Err(io::ErrorKind::BrokenPipe.into()) };
            self.0 = left;
            let line: serde_json::Value = serde_json::from_slice(bytes)?;
            self.1.lock().unwrap().push(line["item"].as_str().unwrap().to_owned());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn receive(store: &Memory, items: std::ops::Range<u32>, topic: &TopicId) {
        let one = |item| Incoming {
            key: ItemKey { topic: topic.clone(), item: ItemId(format!("{item}")) },
            payload: None,
            summary: Summary::of_kind(Kind::Empty),
            observables: Vec::new(),
            route: Route::Live,
            publisher: None,
            received: chrono::Utc::now(),
            delayed: None,
            history: false,
        };
        let _ = store.commit(items.map(one).collect()).unwrap();
    }

    /// A run whose reader takes so many lines, and how it ended.
    fn told(store: &Memory, until: Until, takes: usize) -> (Vec<String>, Result<bool, Exit>) {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let mut out = Out::new(Box::new(Reader(takes, Arc::clone(&lines))));
        let mut tail = Tail::new(store, until, true).unwrap();
        let ended = tail.tell(store, &mut out, &Catalog::default()).map_err(|stop| stop.exit);
        let lines = lines.lock().unwrap().clone();
        (lines, ended)
    }

    #[test]
    fn each_run_goes_on_where_the_one_before_ended() {
        let topic = TopicId { broker: "broker.example".parse().unwrap(), node: "feed".to_owned() };
        let (store, until) = (Memory::default(), Until::default());
        let items = |range: std::ops::Range<u32>| range.map(|item| item.to_string()).collect::<Vec<_>>();
        receive(&store, 0..3, &topic);
        // Whatever was here before the first run is not its to tell; what comes after it is, whoever receives it.
        assert_eq!(told(&store, until, usize::MAX), (Vec::new(), Ok(false)));
        receive(&store, 3..13, &topic);
        // The reader closed the pipe in the midst.
        assert_eq!(told(&store, until, 4), (items(3..7), Err(Exit::Done)));
        let count = |count| Until { count: Some(count), ..Until::default() };
        assert_eq!(told(&store, count(2), usize::MAX), (items(7..9), Ok(true)));
        // What came from files is no news of a topic.
        receive(&store, 100..103, &TopicId::imported());
        receive(&store, 13..14, &topic);
        assert_eq!(told(&store, count(9), usize::MAX), (items(9..14), Ok(false)));
        receive(&store, 14..20, &topic);
        assert_eq!(told(&store, Until { fresh: true, ..until }, usize::MAX), (Vec::new(), Ok(false)));
        assert_eq!(told(&store, until, usize::MAX), (Vec::new(), Ok(false)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_store_ends_it_with_a_code() {
        let catalog = Catalog::default();
        // The practice grid has more than that stored.
        let store = Arc::new(Memory::new(Budget { rows: 1, ..Budget::default() }));
        let mut session =
            Prepared::Practice { seed: 1 }.open(&catalog, Arc::clone(&store) as Arc<dyn Store>).await.unwrap();
        let mut tail = Tail::new(store.as_ref(), Until::default(), true).unwrap();
        let stop = tail.run(&mut session, &mut Out::new(Box::new(io::sink()))).await.unwrap_err();
        assert_eq!((stop.exit, stop.say.key), (Exit::Full, "error-store-full"));
        session.close().await;
    }
}
