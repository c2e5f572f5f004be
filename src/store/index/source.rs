//! Where rows come from: each different triple of topic, publisher and CSIRT once, so that a row names it by a number and a
//! filter on any of the three decides for each source, not for each row.

use std::collections::HashMap;
use std::sync::Arc;

use super::Bitmap;
use super::packed::Stretch;
use super::pattern::Pattern;
use super::triples::{Triple, Triples};
use crate::model::TopicId;

/// The number of a source: dense, in order of first sight.
pub type SourceId = u32;

/// Which part of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Topic,
    /// The publisher, by the broker's word.
    From,
    Csirt,
}

/// A source with its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub topic: Arc<TopicId>,
    pub publisher: Option<Arc<str>>,
    pub csirt: Arc<str>,
}

/// Whether a node is named as if it said which broker's it is.
fn is_posing(topic: &TopicId) -> bool {
    topic.node.contains(" @ ")
}

/// All sources. Only ever grows, so a number stays what it was.
#[derive(Debug, Default)]
pub struct Sources {
    topics: Vec<Arc<TopicId>>,
    topic_ids: HashMap<Arc<TopicId>, u32>,
    /// Each node name, and whether several topics have it: each broker names its own.
    nodes: HashMap<String, bool>,
    names: Vec<Arc<str>>,
    name_ids: HashMap<Arc<str>, u32>,
    /// Of topic, publisher and CSIRT, in numbers; no publisher is 0, others count from 1.
    triples: Triples,
}

impl Sources {
    pub(super) fn intern(&mut self, topic: &TopicId, publisher: Option<&str>, csirt: &str) -> SourceId {
        let topic = self.topic(topic);
        let publisher = publisher.map_or(0, |publisher| self.name(publisher) + 1);
        let csirt = self.name(csirt);
        self.triples.intern((topic, publisher, csirt))
    }

    /// The sources of a stretch of rows, by their place in it; nothing where they name what it has not.
    pub(super) fn place(&mut self, stretch: &Stretch) -> Option<Vec<SourceId>> {
        let topics: Vec<u32> = stretch.topics.iter().map(|topic| self.topic(topic)).collect();
        let names: Vec<u32> = stretch.names.iter().map(|name| self.name(name)).collect();
        let named = |place: u32| names.get(place as usize).copied();
        let sources = stretch.sources.iter().map(|(topic, publisher, csirt)| {
            let publisher = match publisher.checked_sub(1) {
                Some(place) => named(place)? + 1,
                None => 0,
            };
            Some(self.triples.intern((*topics.get(*topic as usize)?, publisher, named(*csirt)?)))
        });
        sources.collect()
    }

    /// A topic that there is, stored rows or none.
    pub(super) fn know(&mut self, topic: &TopicId) {
        let _ = self.topic(topic);
    }

    /// By which name a topic is meant and no other: its node's, with the broker's where several have a node of that name or
    /// the node's own could be taken for such a name. What came from files has a name that no broker may take from it.
    pub(super) fn name_of(&self, topic: &TopicId) -> String {
        let is_shared = self.nodes.get(&topic.node).is_some_and(|shared| *shared)
            || is_posing(topic)
            || (!topic.is_imported() && topic.node == TopicId::imported().node);
        if is_shared { topic.to_string() } else { topic.node.clone() }
    }

    fn topic(&mut self, topic: &TopicId) -> u32 {
        if let Some(id) = self.topic_ids.get(topic) {
            return *id;
        }
        let _ = self.nodes.entry(topic.node.clone()).and_modify(|shared| *shared = true).or_insert(false);
        let (id, topic) = (number(self.topics.len()), Arc::new(topic.clone()));
        self.topics.push(topic.clone());
        let _ = self.topic_ids.insert(topic, id);
        id
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(id) = self.name_ids.get(name) {
            return *id;
        }
        let (id, name) = (number(self.names.len()), Arc::<str>::from(name));
        self.names.push(name.clone());
        let _ = self.name_ids.insert(name, id);
        id
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.triples.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.triples.len() == 0
    }

    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<Source> {
        let (topic, publisher, csirt) = self.triples.get(id)?;
        Some(Source {
            topic: self.topics.get(topic as usize)?.clone(),
            publisher: publisher.checked_sub(1).and_then(|id| self.names.get(id as usize)).cloned(),
            csirt: self.names.get(csirt as usize)?.clone(),
        })
    }

    /// How many of these sources are each of the topics', as often as they are named.
    pub(super) fn count(&self, sources: impl Iterator<Item = SourceId>, topics: &[TopicId]) -> Vec<u32> {
        let mut counts = vec![0; self.topics.len()];
        for id in sources {
            let topic = self.triples.get(id).map(|(topic, ..)| topic as usize);
            if let Some(count) = topic.and_then(|topic| counts.get_mut(topic)) {
                *count += 1;
            }
        }
        let of = |topic: &TopicId| counts.get(*self.topic_ids.get(topic)? as usize).copied();
        topics.iter().map(|topic| of(topic).unwrap_or_default()).collect()
    }

    /// Who published on a topic, by its broker's word: each once.
    pub(super) fn publishers(&self, topic: &TopicId) -> Vec<Arc<str>> {
        let Some(topic) = self.topic_ids.get(topic) else { return Vec::new() };
        let own = self.triples.iter().filter(|(of, ..)| of == topic);
        let names: Bitmap = own.filter_map(|(_, publisher, _)| publisher.checked_sub(1)).collect();
        names.iter().filter_map(|id| self.names.get(id as usize)).cloned().collect()
    }

    /// The sources of which one of the patterns fits this part. A topic is meant by its node or by `node @ broker`, a
    /// publisher with or without the resource of the address.
    pub(super) fn matching(&self, part: Part, patterns: &[Pattern]) -> Bitmap {
        let fits = |text: &str| patterns.iter().any(|pattern| pattern.matches(text));
        let topics: Bitmap = match part {
            Part::Topic => {
                chosen(self.topics.iter(), |topic| (!is_posing(topic) && fits(&topic.node)) || fits(&topic.to_string()))
            }
            _ => Bitmap::default(),
        };
        let names: Bitmap = match part {
            Part::Topic => Bitmap::default(),
            Part::From => {
                chosen(self.names.iter(), |name| fits(name) || name.split_once('/').is_some_and(|(bare, _)| fits(bare)))
            }
            Part::Csirt => chosen(self.names.iter(), |name| fits(name)),
        };
        chosen(self.triples.iter(), |(topic, publisher, csirt)| match part {
            Part::Topic => topics.contains(*topic),
            Part::From => publisher.checked_sub(1).is_some_and(|id| names.contains(id)),
            Part::Csirt => names.contains(*csirt),
        })
    }

    /// The sources that are files.
    pub(super) fn imported(&self) -> Bitmap {
        let topics = chosen(self.topics.iter(), |topic| topic.is_imported());
        chosen(self.triples.iter(), |(topic, ..)| topics.contains(*topic))
    }

    /// The place of each source when they are sorted by this part; equal parts have one place.
    pub(super) fn ranks(&self, part: Part) -> Vec<u32> {
        let key = |(topic, publisher, csirt): &Triple| -> String {
            let name = |id: u32| self.names.get(id as usize).map(|name| name.to_lowercase()).unwrap_or_default();
            match part {
                Part::Topic => {
                    self.topics.get(*topic as usize).map(|topic| topic.to_string().to_lowercase()).unwrap_or_default()
                }
                Part::From => publisher.checked_sub(1).map(name).unwrap_or_default(),
                Part::Csirt => name(*csirt),
            }
        };
        let keys: Vec<String> = self.triples.iter().map(key).collect();
        let mut sorted: Vec<&String> = keys.iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        keys.iter().map(|key| number(sorted.binary_search(&key).unwrap_or_default())).collect()
    }

    /// Bytes on the heap, as nearly as one can count.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let topics: usize = self.topics.iter().map(|topic| 2 * topic.node.len() + 200).sum();
        let names: usize = self.names.iter().map(|name| name.len() + 88).sum();
        topics + names + self.triples.bytes()
    }
}

fn chosen<'a, T: 'a>(all: impl Iterator<Item = &'a T>, fits: impl Fn(&T) -> bool) -> Bitmap {
    all.enumerate().filter(|(_, one)| fits(one)).map(|(id, _)| number(id)).collect()
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
