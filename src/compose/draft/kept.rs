//! A draft as text, to be kept: its form's number, a digest of the rest, what is beside the document, the document.
//!
//! What was damaged on the way is refused; half a draft would be published as a whole one.

use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Beside, Course, Draft, Labels, Reason, Source, Whole};
use crate::iodef::{Document, Refused};
use crate::model::{ItemId, Say, Tlp, TopicId};
use crate::store::retention::LABELS;

/// Begins the text; the number goes up when an earlier version could not read it.
const MARK: &str = "gridwatch-draft";
/// With what the draft is a version of, which binds it: an earlier program would forget that.
const BOUND: u32 = 2;
const VERSION: u32 = 1;

/// Why a text is no draft.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    #[error("not a draft")]
    Other,
    #[error("a draft of version {0}")]
    Newer(u32),
    #[error("a draft that changed since it was kept")]
    Changed,
    #[error("a draft without a document: {0}")]
    Document(#[from] Refused),
}

impl Damaged {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Other => Say::new("error-draft-other"),
            Self::Newer(version) => Say::new("error-draft-newer").with("version", version.to_string()),
            Self::Changed => Say::new("error-draft-changed"),
            Self::Document(refused) => refused.say(),
        }
    }
}

impl Draft {
    /// The draft to be kept, without its history.
    #[must_use]
    pub fn to_text(&self) -> String {
        let rest = format!("{}\n{}", beside(self.beside()), self.document().text());
        let version = if self.beside().wholes.is_empty() { VERSION } else { BOUND };
        format!("{MARK} {version}\n{}\n{rest}", digest(&rest))
    }

    /// A draft that was kept.
    ///
    /// # Errors
    /// When it is none, a later program's, or not as it was written.
    pub fn from_text(text: &str) -> Result<Self, Damaged> {
        let (mark, text) = text.split_once('\n').ok_or(Damaged::Other)?;
        let version = mark.strip_prefix(MARK).and_then(|rest| rest.strip_prefix(' ')).ok_or(Damaged::Other)?;
        match version.parse::<u32>() {
            Ok(VERSION | BOUND) => {}
            Ok(newer) if newer > BOUND => return Err(Damaged::Newer(newer)),
            _ => return Err(Damaged::Other),
        }
        let (sum, rest) = text.split_once('\n').ok_or(Damaged::Changed)?;
        if sum != digest(rest) {
            return Err(Damaged::Changed);
        }
        let (line, document) = rest.split_once('\n').ok_or(Damaged::Changed)?;
        let value: Value = serde_json::from_str(line).map_err(|_| Damaged::Changed)?;
        let beside = read(&value).ok_or(Damaged::Changed)?;
        Ok(Self::new(Document::read(document, &[])?, beside))
    }
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn topic(topic: &TopicId) -> Value {
    json!({ "broker": topic.broker.to_string(), "node": topic.node })
}

fn source(source: &Source) -> Value {
    let labels = source.labels.map(|labels| json!([labels.whole.token(), labels.loosest.token()]));
    json!({
        "topic": topic(&source.topic), "item": source.item.0, "csirt": source.csirt, "id": source.id, "labels": labels,
    })
}

fn version((of, target): &(TopicId, Option<Tlp>)) -> Value {
    json!({ "topic": topic(of), "for": target.map(Tlp::token) })
}

fn whole(whole: &Arc<Whole>) -> Value {
    json!({ "for": whole.target.token(), "text": whole.text })
}

fn beside(beside: &Beside) -> Value {
    let course = match &beside.course {
        Course::New => Value::Null,
        Course::Update(of) => json!({ "update": source(of) }),
        Course::Supersede(of) => json!({ "supersede": source(of) }),
        Course::Answer(of) => json!({ "answer": source(of) }),
    };
    let reason = |reason: &Reason| json!({ "of": reason.of, "about": reason.about, "words": reason.words });
    json!({
        "topics": beside.topics.iter().map(topic).collect::<Vec<_>>(),
        "versions": beside.versions.iter().map(version).collect::<Vec<_>>(),
        "sources": beside.sources.iter().map(source).collect::<Vec<_>>(),
        "reasons": beside.reasons.iter().map(reason).collect::<Vec<_>>(),
        "course": course,
        "template": beside.template,
        "wholes": beside.wholes.iter().map(whole).collect::<Vec<_>>(),
    })
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::to_owned)
}

fn list<T>(value: &Value, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    value.get(name)?.as_array()?.iter().map(read).collect()
}

fn read_topic(value: &Value) -> Option<TopicId> {
    let (broker, node) = (text(value, "broker")?, text(value, "node")?);
    // No broker is called what stands for none.
    let imported = TopicId::imported();
    if broker == imported.broker.to_string() && node == imported.node {
        return Some(imported);
    }
    Some(TopicId { broker: broker.parse().ok()?, node })
}

fn read_label(token: &Value) -> Option<Tlp> {
    LABELS.into_iter().find(|label| Some(label.token()) == token.as_str())
}

fn read_whole(value: &Value) -> Option<Arc<Whole>> {
    Some(Arc::new(Whole { target: read_label(value.get("for")?)?, text: text(value, "text")? }))
}

fn read_version(value: &Value) -> Option<(TopicId, Option<Tlp>)> {
    let target = match value.get("for")? {
        Value::Null => None,
        token => Some(read_label(token)?),
    };
    Some((read_topic(value.get("topic")?)?, target))
}

fn read_source(value: &Value) -> Option<Source> {
    let (csirt, id) = (text(value, "csirt")?, text(value, "id")?);
    let labels = match value.get("labels") {
        // Earlier programs knew of none.
        None | Some(Value::Null) => None,
        Some(both) => Some(Labels { whole: read_label(both.get(0)?)?, loosest: read_label(both.get(1)?)? }),
    };
    Some(Source { topic: read_topic(value.get("topic")?)?, item: ItemId(text(value, "item")?), csirt, id, labels })
}

fn read_course(value: &Value) -> Option<Course> {
    let of = |name| value.get(name).map(read_source);
    if value.is_null() {
        return Some(Course::New);
    }
    if let Some(of) = of("update") {
        return of.map(Course::Update);
    }
    if let Some(of) = of("supersede") {
        return of.map(Course::Supersede);
    }
    of("answer")?.map(Course::Answer)
}

fn read(value: &Value) -> Option<Beside> {
    let reason = |value: &Value| {
        Some(Reason { of: text(value, "of")?, about: text(value, "about")?, words: text(value, "words")? })
    };
    Some(Beside {
        topics: list(value, "topics", read_topic)?,
        // Earlier programs knew of none.
        versions: if value.get("versions").is_some() { list(value, "versions", read_version)? } else { Vec::new() },
        sources: list(value, "sources", read_source)?,
        reasons: list(value, "reasons", reason)?,
        course: read_course(value.get("course")?)?,
        template: text(value, "template"),
        wholes: if value.get("wholes").is_some() { list(value, "wholes", read_whole)? } else { Vec::new() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        let source = Source {
            topic: TopicId { broker: "broker.example".parse().unwrap(), node: "feeds/ü\n".to_owned() },
            item: ItemId("a\"b".to_owned()),
            csirt: "csirt.example.com".to_owned(),
            id: "2026-1".to_owned(),
            labels: Some(Labels { whole: Tlp::AmberStrict, loosest: Tlp::Clear }),
        };
        let imported = Source { topic: TopicId::imported(), labels: None, ..source.clone() };
        let words = "asked by phone\nline two".to_owned();
        let beside = Beside {
            topics: vec![source.topic.clone()],
            versions: vec![(source.topic.clone(), Some(Tlp::AmberStrict)), (source.topic.clone(), None)],
            sources: vec![source.clone(), imported],
            reasons: vec![Reason { of: "leak".to_owned(), about: "192.0.2.1".to_owned(), words }],
            course: Course::Update(source),
            template: Some("phishing".to_owned()),
            wholes: Vec::new(),
        };
        let text = "<IODEF-Document xmlns='urn:ietf:params:xml:ns:iodef-2.0'>\r\n<Incident/>\n\n</IODEF-Document>\n";
        Draft::new(Document::read(text, &[]).unwrap(), beside)
    }

    #[test]
    fn what_is_kept_comes_back() {
        let draft = draft();
        let kept = draft.to_text();
        let back = Draft::from_text(&kept).unwrap();
        assert_eq!(back.document().text(), draft.document().text());
        assert_eq!(back.beside(), draft.beside());
        assert!(kept.starts_with("gridwatch-draft 1\n"));
        // What it is a version of comes along, and no earlier program takes it for a draft that is bound by nothing.
        let whole = Whole { target: Tlp::Green, text: "<a>\n\"\u{fc}</a>".to_owned() };
        let bound = Beside { wholes: vec![Arc::new(whole)], ..draft.beside().clone() };
        let kept = Draft::new(draft.document().clone(), bound.clone()).to_text();
        assert!(kept.starts_with("gridwatch-draft 2\n"));
        assert_eq!(*Draft::from_text(&kept).unwrap().beside(), bound);
        for course in [Course::New, Course::Supersede(draft.beside().sources[0].clone())] {
            let beside = Beside { course, ..Beside::default() };
            let draft = Draft::new(draft.document().clone(), beside.clone());
            assert_eq!(*Draft::from_text(&draft.to_text()).unwrap().beside(), beside);
        }
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let kept = draft().to_text();
        for cut in 0..kept.len() {
            if let Some(part) = kept.get(..cut) {
                assert!(Draft::from_text(part).is_err(), "{cut}");
            }
        }
        for at in 0..kept.len() {
            let mut bytes = kept.clone().into_bytes();
            bytes[at] ^= 1;
            if let Ok(text) = String::from_utf8(bytes) {
                assert!(Draft::from_text(&text).is_err(), "{at}");
            }
        }
        let newer = kept.replacen("draft 1", "draft 7", 1);
        assert_eq!(Draft::from_text(&newer).unwrap_err(), Damaged::Newer(7));
        assert_eq!(Draft::from_text("").unwrap_err().say().key, "error-draft-other");
    }
}
