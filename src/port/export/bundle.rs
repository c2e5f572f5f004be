//! One STIX bundle of many documents: each object once, whichever documents speak of it.
//!
//! Objects are put by in a file and remembered by a digest of their id, so that memory grows by some tens of bytes an object and
//! not with what they say. What many documents observed, and who reported, is marked by the strictest of its markings; two
//! versions of a domain object both stay, under one time of making, as STIX 2.1 §3.6 has it.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Fault;
use super::body::{self, Made, Near};
use super::page;
use super::sheet::Sheet;
use crate::iodef::export::{Words, marking_id};
use crate::model::Tlp;

/// Names bundles by what is in them.
const NAMESPACE: Uuid = Uuid::from_u128(0x1f0b_64a2_93c7_5d18_b5c4_70e2_2c5a_9d31);

type Object = Map<String, Value>;
/// The first half of a digest: enough to tell objects apart, and all that is kept of a name.
type Name = u128;

/// Where an object lies.
#[derive(Clone, Copy)]
struct Place {
    at: u64,
    len: u32,
}

/// A bundle that grows.
pub struct Bundle {
    kept: BufWriter<File>,
    end: u64,
    places: HashMap<Name, Place>,
    /// In the order they were first met.
    order: Vec<Name>,
    /// When each was first made, by its id alone.
    made: HashMap<Name, String>,
    /// Ids with versions of different times.
    versions: HashSet<Name>,
    /// What the note on all of it is about.
    reports: Vec<String>,
    /// When the newest of them was made.
    latest: String,
}

fn name(parts: &[&str]) -> Name {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0x1e]);
    }
    let digest = digest.finalize();
    digest.iter().take(16).fold(0, |name, byte| (name << 8) | u128::from(*byte))
}

fn text<'o>(object: &'o Object, member: &str) -> &'o str {
    object.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// How strict an object's marking is.
fn strictness(object: &Object) -> Option<Tlp> {
    const LABELS: [Tlp; 5] = [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red];
    let marks = object.get("object_marking_refs").and_then(Value::as_array)?;
    let label = |mark: &Value| LABELS.into_iter().find(|label| mark.as_str() == Some(marking_id(*label)));
    marks.iter().filter_map(label).max()
}

/// Whether there is one of its id, whatever the time: what was observed, and who reports.
fn is_one(object: &Object) -> bool {
    !object.contains_key("modified") || text(object, "type") == "identity"
}

impl Bundle {
    pub fn new(near: Near<'_>) -> Result<Self, Fault> {
        Ok(Self {
            kept: BufWriter::new(body::aside(near)?),
            end: 0,
            places: HashMap::new(),
            order: Vec::new(),
            made: HashMap::new(),
            versions: HashSet::new(),
            reports: Vec::new(),
            latest: String::new(),
        })
    }

    /// Takes in the bundle of a document; gives how many objects were told differently under one id and one time.
    pub fn add(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let mut bundle: Object = serde_json::from_slice(bytes).map_err(io::Error::other)?;
        let Some(Value::Array(objects)) = bundle.remove("objects") else { return Ok(0) };
        let mut retold = 0;
        for object in objects {
            if let Value::Object(object) = object {
                retold += usize::from(self.take(object)?);
            }
        }
        Ok(retold)
    }

    fn take(&mut self, object: Object) -> Result<bool, Fault> {
        let id = text(&object, "id").to_owned();
        let one = is_one(&object);
        if text(&object, "type") == "report" {
            // Times of one form, in UTC: as text they are in their order.
            self.latest = std::mem::take(&mut self.latest).max(text(&object, "modified").to_owned());
            if !self.made.contains_key(&name(&[&id])) {
                self.reports.push(id.clone());
            }
        }
        let key = if one { name(&[&id]) } else { name(&[&id, text(&object, "modified")]) };
        if !one {
            self.date(&id, text(&object, "created"));
        }
        let Some(place) = self.places.get(&key).copied() else {
            self.order.push(key);
            self.put(key, &object)?;
            return Ok(false);
        };
        let known = self.get(place)?;
        if known == object {
            return Ok(false);
        }
        // The rows come in the order of the list; what was met first stands, as strict as the strictest.
        let merged = if one { join(known.clone(), object) } else { mark(known.clone(), &object) };
        if merged != known {
            self.put(key, &merged)?;
        }
        Ok(!one)
    }

    /// Versions of one object were first made at one time (STIX 2.1 §3.6): the earliest that is told.
    fn date(&mut self, id: &str, created: &str) {
        let id = name(&[id]);
        match self.made.get_mut(&id) {
            None => drop(self.made.insert(id, created.to_owned())),
            Some(earliest) if earliest == created => {}
            Some(earliest) => {
                let _ = self.versions.insert(id);
                if created < earliest.as_str() {
                    created.clone_into(earliest);
                }
            }
        }
    }

    fn put(&mut self, key: Name, object: &Object) -> Result<(), Fault> {
        let bytes = serde_json::to_vec(object).map_err(io::Error::other)?;
        let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        let _ = self.kept.seek(SeekFrom::Start(self.end))?;
        self.kept.write_all(&bytes)?;
        let _ = self.places.insert(key, Place { at: self.end, len });
        self.end += u64::from(len);
        Ok(())
    }

    fn get(&mut self, place: Place) -> Result<Object, Fault> {
        self.kept.flush()?;
        let bytes = piece(self.kept.get_mut(), place)?;
        Ok(serde_json::from_slice(&bytes).map_err(io::Error::other)?)
    }

    /// The strictest restriction first, in a note on all reports; then the objects.
    pub fn close(mut self, near: Near<'_>, sheet: &Sheet, words: Words<'_>) -> Result<Made, Fault> {
        self.kept.flush()?;
        let mut kept = self.kept.into_inner().map_err(io::IntoInnerError::into_error)?;
        let mut digest = Sha256::new();
        self.order.iter().for_each(|name| digest.update(name.to_be_bytes()));
        let id = Uuid::new_v5(&NAMESPACE, &digest.finalize());
        let mut out = BufWriter::new(body::out(near)?);
        write!(out, "{{\"type\":\"bundle\",\"id\":\"bundle--{id}\"")?;
        if !self.order.is_empty() {
            out.write_all(b",\"objects\":[\n")?;
        }
        let about = note(id, sheet, &self.reports, &self.latest, words);
        if let Some(about) = &about {
            serde_json::to_writer(&mut out, about).map_err(io::Error::other)?;
        }
        for (count, name) in self.order.iter().enumerate() {
            if count > 0 || about.is_some() {
                out.write_all(b",\n")?;
            }
            let Some(place) = self.places.get(name) else { continue };
            let bytes = piece(&mut kept, *place)?;
            out.write_all(&dated(bytes, &self.made, &self.versions)?)?;
        }
        out.write_all(if self.order.is_empty() { b"}\n" } else { b"\n]}\n" })?;
        Ok(out.into_inner().map_err(io::IntoInnerError::into_error)?)
    }
}

/// What the bundle is and how strict, marked so itself.
fn note(bundle: Uuid, sheet: &Sheet, reports: &[String], latest: &str, words: Words<'_>) -> Option<Value> {
    let strictest = sheet.strictest.as_ref().filter(|_| !reports.is_empty() && !latest.is_empty())?;
    let content = String::from_utf8_lossy(&page::sheet(sheet, words)).into_owned();
    Some(json!({
        "type": "note",
        "spec_version": "2.1",
        "id": format!("note--{}", Uuid::new_v5(&NAMESPACE, bundle.as_bytes())),
        "created": latest,
        "modified": latest,
        "abstract": body::plain(&sheet.handling(), words),
        "content": content,
        "object_refs": reports,
        "object_marking_refs": [marking_id(strictest.tlp())],
    }))
}

fn piece(file: &mut File, place: Place) -> io::Result<Vec<u8>> {
    let _ = file.seek(SeekFrom::Start(place.at))?;
    let mut bytes = vec![0; place.len as usize];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The object with its versions' common time of making.
fn dated(bytes: Vec<u8>, made: &HashMap<Name, String>, versions: &HashSet<Name>) -> io::Result<Vec<u8>> {
    if versions.is_empty() {
        return Ok(bytes);
    }
    let mut object: Object = serde_json::from_slice(&bytes).map_err(io::Error::other)?;
    let id = name(&[text(&object, "id")]);
    let Some(earliest) = made.get(&id).filter(|_| versions.contains(&id)) else { return Ok(bytes) };
    if !object.contains_key("modified") || text(&object, "created") == earliest {
        return Ok(bytes);
    }
    let _ = object.insert("created".to_owned(), Value::String(earliest.clone()));
    serde_json::to_vec(&object).map_err(io::Error::other)
}

/// What two documents say of one thing: what the first says, what only the other does, and the stricter marking.
fn join(known: Object, other: Object) -> Object {
    let mut joined = mark(known, &other);
    for (member, value) in other {
        if !joined.contains_key(&member) {
            let _ = joined.insert(member, value);
        }
    }
    joined
}

/// The object under the stricter of its own marking and the other's.
fn mark(mut known: Object, other: &Object) -> Object {
    if strictness(other) > strictness(&known) {
        // The sender's word for it stands in an extension; those of an observable are about itself.
        let members: &[&str] = if known.contains_key("modified") {
            &["object_marking_refs", "extensions"]
        } else {
            &["object_marking_refs"]
        };
        for member in members {
            if let Some(value) = other.get(*member) {
                let _ = known.insert((*member).to_owned(), value.clone());
            }
        }
    }
    known
}
