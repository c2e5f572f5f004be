//! The archive answers what the columns of the index cannot ([`Lookup`]).
//!
//! May use rusqlite, the archive's own readers and the index's questions. Words and observables are looked up in their indexes;
//! rare texts are read from the summaries of the rows that are left, which the index puts last for that reason. What a summary
//! does not keep (actors, campaigns, an XPath's nodes) is not answered here.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::fault::Fault;
use super::read::{self, Word};
use super::{Archive, marks, summary};
use crate::model::Summary;
use crate::store::index::key::{self, Span, Tag};
use crate::store::index::lookup::Facet;
use crate::store::index::pattern::Pattern;
use crate::store::index::{Bitmap, Failure, Lookup, Question, Stop};
use crate::store::{Error, Seq, Store};

/// Rows between two looks at whether the answer is still wanted.
const PATIENCE: usize = 1_024;

impl Lookup for Archive {
    fn answer(&self, question: &Question, among: Option<&Bitmap>, stop: &Stop) -> Result<Bitmap, Failure> {
        match question {
            Question::Keys { spans, keep: None } => Ok(Lookup::rows(self, spans, stop)?.into_iter().collect()),
            Question::Keys { spans, keep: Some(keep) } => {
                self.look(stop, |connection| marks::fitting(connection, spans, &|key| fits(keep, key), &|| told(stop)))
            }
            Question::Words { text, begins } => {
                let word = Word { text: text.clone(), begins: *begins };
                self.look(stop, |connection| read::words(connection, &[word], None, usize::MAX))
            }
            Question::Text { facet: Facet::Tag, patterns } => self.look(stop, |connection| {
                tagged(connection, &|tag| patterns.iter().any(|pattern| pattern.matches(tag)))
            }),
            Question::Text { facet, patterns } => {
                let of = text_of(*facet).ok_or(Failure::Unanswerable)?;
                self.every(among, stop, |summary| {
                    of(summary).iter().any(|text| patterns.iter().any(|pattern| pattern.matches(text)))
                })
            }
            Question::Like(row) => {
                let own = self.observables(*row)?;
                let keys = own.iter().flat_map(key::keys).collect::<BTreeSet<_>>();
                let own = keys.into_iter().filter(|key| key.first().is_some_and(|tag| *tag < Tag::DERIVED));
                let spans: Vec<Span> = own.map(Span::one).collect();
                Ok(Lookup::rows(self, &spans, stop)?.into_iter().collect())
            }
            Question::Regex(regex) => {
                let regex = regex.compile().map_err(|_| Failure::Unanswerable)?;
                self.every(among, stop, |summary| all_texts(summary).any(|text| regex.is_match(text)))
            }
            Question::Confidence(_) | Question::Xpath(_) => Err(Failure::Unanswerable),
        }
    }

    fn rows(&self, spans: &[Span], stop: &Stop) -> Result<Vec<Seq>, Failure> {
        self.observed(spans, &|| told(stop)).map_err(|error| stopped(stop, error))
    }

    fn each(&self, asked: &[&[Span]], stop: &Stop, tell: &mut dyn FnMut(usize)) -> Result<Vec<Vec<Seq>>, Failure> {
        let look = |connection: &Connection| marks::each(connection, asked, self.len(), &|| told(stop), tell);
        self.readers.with(look).map_err(|fault| stopped(stop, fault.into()))
    }
}

impl Archive {
    fn look(&self, stop: &Stop, look: impl FnOnce(&Connection) -> Result<Vec<Seq>, Fault>) -> Result<Bitmap, Failure> {
        let found = self.readers.with(look).map_err(|fault| stopped(stop, fault.into()))?;
        Ok(found.into_iter().collect())
    }

    /// The rows whose summary passes, of those that are asked about.
    fn every(&self, among: Option<&Bitmap>, stop: &Stop, holds: impl Fn(&Summary) -> bool) -> Result<Bitmap, Failure> {
        self.look(stop, |connection| {
            let mut found = Vec::new();
            // A table of many rows is read in its order, one of few by row.
            let mut every =
                connection.prepare("SELECT seq, bytes FROM summaries WHERE seq >= ? AND seq <= ? ORDER BY seq")?;
            let bounds = among.map(|among| (among.iter().next(), among.iter().next_back()));
            let (first, last) = match bounds {
                Some((Some(first), Some(last))) => (first, last),
                Some(_) => return Ok(found),
                None => (0, Seq::MAX),
            };
            let mut rows = every.query([first, last])?;
            let mut seen = 0_usize;
            while let Some(row) = rows.next()? {
                seen += 1;
                if seen.is_multiple_of(PATIENCE) && told(stop) {
                    return Err(Fault::Stopped);
                }
                let seq: Seq = row.get(0)?;
                if among.is_some_and(|among| !among.contains(seq)) {
                    continue;
                }
                let kept = row.get_ref(1)?.as_blob().ok().and_then(summary::read);
                if kept.is_some_and(|kept| holds(&kept)) {
                    found.push(seq);
                }
            }
            Ok(found)
        })
    }
}

fn told(stop: &Stop) -> bool {
    stop.check().is_err()
}

fn stopped(stop: &Stop, error: Error) -> Failure {
    if told(stop) { Failure::Stopped } else { Failure::Store(error) }
}

fn fits(pattern: &Pattern, key: &[u8]) -> bool {
    key::read_text(key).is_some_and(|text| pattern.matches(&text))
}

fn tagged(connection: &Connection, fits: &dyn Fn(&str) -> bool) -> Result<Vec<Seq>, Fault> {
    let mut tags = connection.prepare("SELECT DISTINCT tag FROM tags")?;
    let tags = tags.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let mut find = connection.prepare("SELECT seq FROM tags WHERE tag = ?")?;
    let mut all = Vec::new();
    for tag in tags.iter().filter(|tag| fits(tag)) {
        let rows = find.query_map([tag], |row| row.get(0))?;
        all.extend(rows.collect::<Result<Vec<Seq>, _>>()?);
    }
    Ok(all)
}

/// The texts of a facet that a summary keeps.
fn text_of(facet: Facet) -> Option<fn(&Summary) -> Vec<&str>> {
    Some(match facet {
        Facet::Id => |summary| vec![summary.id.as_str()],
        Facet::Purpose => |summary| summary.purpose.as_deref().into_iter().collect(),
        Facet::Status => |summary| summary.status.as_deref().into_iter().collect(),
        Facet::Lang => |summary| summary.lang.as_deref().into_iter().collect(),
        Facet::Action => |summary| summary.asks.iter().map(String::as_str).collect(),
        Facet::Tag | Facet::Impact | Facet::Actor | Facet::Campaign | Facet::Method => return None,
    })
}

fn all_texts(summary: &Summary) -> impl Iterator<Item = &str> {
    let descriptions = summary.descriptions.iter().map(|(_, text)| text.as_str());
    let contacts =
        summary.contacts.iter().flat_map(|contact| [&contact.name, &contact.email]).flatten().map(String::as_str);
    let observables = summary.observables.iter().map(|observable| observable.value.as_str());
    [summary.title.as_str(), &summary.csirt, &summary.id]
        .into_iter()
        .chain(descriptions)
        .chain(contacts)
        .chain(observables)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{DateTime, Utc};

    use super::*;
    use crate::model::{ItemId, Kind, Observable, ObservableKind, TopicId};
    use crate::store::archive::Key;
    use crate::store::index::{Entry, Flags, Index, Postings, evaluate};
    use crate::store::query::{Context, Query};
    use crate::store::{Incoming, ItemKey, Payload, Route};

    fn incoming(number: usize, summary: Summary) -> Incoming {
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "MILEHost".to_owned() };
        Incoming {
            key: ItemKey { topic, item: ItemId(number.to_string()) },
            payload: Some(Payload { bytes: Arc::from(number.to_string().into_bytes()), scope: Arc::from([]) }),
            summary,
            observables: Vec::new(),
            route: Route::Live,
            publisher: None,
            received: DateTime::<Utc>::UNIX_EPOCH,
            delayed: None,
        }
    }

    fn summaries() -> Vec<Summary> {
        use ObservableKind::{Domain, Email, File, Hash, Ipv4, Network, Url};
        type Titled<'a> = (&'a str, &'a [(ObservableKind, &'a str)]);
        let values: [Titled<'_>; 7] = [
            ("Open proxy on a campus", &[(Ipv4, "192.0.2.7"), (Domain, "www.bad.example")]),
            ("Malware, sent by mail", &[(Email, "drop@bad.example"), (File, "C:\\Invoice.exe")]),
            ("Proxy closed", &[(Network, "192.0.0.0/16")]),
            ("phishing", &[(Url, "http://bad.example/Login"), (Ipv4, "192.0.2.7")]),
            ("malicious", &[(Hash, "d41d8cd98f00b204e9800998ecf8427e")]),
            ("Nothing of it", &[]),
            ("Mail from elsewhere", &[(Url, "http://bad.example/other")]),
        ];
        let summary = |(at, (title, observables)): (usize, Titled<'_>)| {
            let mut summary = Summary::of_kind(Kind::Iodef2);
            summary.title = title.to_owned();
            summary.id = format!("id-{at}");
            summary.status = (at % 2 == 0).then(|| "x-waiting".to_owned());
            summary.asks = (at % 3 == 0).then(|| "block-host".to_owned()).into_iter().collect();
            summary.observables = observables
                .iter()
                .map(|(kind, value)| Observable { kind: *kind, value: (*value).to_owned() })
                .collect();
            summary
        };
        values.into_iter().enumerate().map(summary).collect()
    }

    #[test]
    fn the_archive_answers_as_memory_does() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::make(&folder.path().join("archive.db"), &Key::new([7; 32])).unwrap();
        let (postings, mut index) = (Postings::default(), Index::new());
        let all = summaries().into_iter().enumerate().map(|(number, summary)| incoming(number, summary));
        let rows = archive.commit(all.collect()).unwrap().added;
        for seq in rows {
            let row = archive.row(seq).unwrap();
            postings.add(seq, &row.summary).unwrap();
            assert_eq!(index.push(&Entry::of(&row, 1, Flags::UNREAD)), Some(seq));
        }
        let mut found = 0;
        for text in [
            "proxy",
            "prox*",
            "\"open proxy\"",
            "mal*",
            "192.0.2.7",
            "ip:192.0.2.7",
            "cidr:192.0.2.0/24",
            "domain:bad.example",
            "domain=bad.example",
            "domain:*.bad.example",
            "domain:w*d.example",
            "url:bad.example",
            "url:http://bad*/login",
            "email:@bad.example",
            "file:inv*",
            "hash:d41d*",
            "id:ID-3",
            "status:x-*",
            "-status:x-waiting",
            "action:block-host",
            "like:0",
            "like:5",
            "/mail(ed)?/i",
            "proxy -192.0.2.7",
            "(proxy OR phishing) status:x-waiting",
            "tag:none",
            "cve:CVE-2024-*",
        ] {
            let plan = text.parse::<Query>().unwrap().plan(&Context::at(DateTime::UNIX_EPOCH)).unwrap();
            let ask = |lookup: &dyn Lookup| evaluate(&plan, &index.snapshot(), lookup, None, &Stop::default()).unwrap();
            let (own, memory) = (ask(&archive), ask(&postings));
            assert_eq!(own.iter().collect::<Vec<_>>(), memory.iter().collect::<Vec<_>>(), "{text}");
            found += own.count();
        }
        assert!(found > 40, "{found} answers");
        // Many at once, by a pass over all keys or one look each, as one by one.
        let asked =
            ["192.0.2.7", "192.0.2.0/24", "192.0.0.0/8", "bad.example", "none.example", "http://bad.example/Login"];
        let asked: Vec<Vec<Span>> = asked.into_iter().map(crate::store::query::observable).collect();
        for asked in [asked.as_slice(), asked.get(3..4).unwrap_or_default()] {
            let spans: Vec<&[Span]> = asked.iter().map(Vec::as_slice).collect();
            let each = archive.each(&spans, &Stop::default(), &mut |_| ()).unwrap();
            let alone = |spans: &&[Span]| Lookup::rows(&archive, spans, &Stop::default()).unwrap();
            assert_eq!(each, spans.iter().map(alone).collect::<Vec<_>>());
            assert_eq!(each, postings.each(&spans, &Stop::default(), &mut |_| ()).unwrap());
        }
        let stop = Stop::default();
        stop.stop();
        assert!(matches!(Lookup::rows(&archive, &key::asns(0, u32::MAX), &stop), Err(Failure::Stopped)));
        let xpath = Question::Xpath("//x".to_owned());
        assert!(matches!(archive.answer(&xpath, None, &Stop::default()), Err(Failure::Unanswerable)));
    }
}
