//! Reading: members into the children and attributes of a document of version 2, in the order of the class table.
//!
//! What has no place is told with its path and left out; what stands in the wrong shape (an array where one thing is
//! asked for, a text where an object is) is taken for what it plainly means. Checking the result is the checker's work.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::breach::{Breach, Counts};
use super::class_in;
use super::names::{Shape, is_alone, repeats, shape, stand_in, text_member, to_xml};
use super::parse::{Broken, Json, Kind, parse};
use super::places::Places;
use super::write::inner;
use crate::iodef::schema::{Class, Content, Profile, Space};
use crate::iodef::xml::{self, Limit, Position};
use crate::iodef::{Document, Fault, NS, NS_V1, Refused, schema};
use crate::model::Say;
use crate::text::xml::{escape_text, escape_value, is_text};

/// A document read from JSON, and what of the JSON is not in it.
#[derive(Debug)]
pub struct Read {
    pub document: Document,
    /// Where its parts stand in the JSON.
    pub places: Places,
    pub remarks: Vec<Remark>,
    /// How many there are, told or not.
    pub counts: Counts,
}

/// Something of the JSON that has no place, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// `/Incident/0/Assessment/0/BusinessImpact`; a long name on the way is cut.
    pub path: String,
    pub position: Position,
    pub say: Say,
    pub breach: Breach,
}

/// Why there is no document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("no JSON: {0:?}")]
    Broken(Broken),
    #[error("the whole is no object with incidents")]
    Other,
    #[error("more than a document may have: {0:?}")]
    Large(Limit),
    #[error("no document: {0:?}")]
    Refused(Refused),
}

impl Unreadable {
    /// What is wrong, for a person.
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Broken(broken) => broken.say(),
            Self::Other => Say::new("export-json-other"),
            Self::Large(Limit::Bytes) => Say::new("export-json-broken-large"),
            Self::Large(_) => Say::new("export-json-broken-many"),
            Self::Refused(refused) => refused.say(),
        }
    }
}

/// Most remarks that are told.
const REMARKS: usize = 200;
/// Longest step of a path that is told, in characters.
const STEP: usize = 100;
/// Deepest line that is set in further.
const INDENT: usize = 12;

/// Reads a JSON document.
///
/// # Errors
/// When it is no JSON, or none of RFC 8727.
pub fn read(bytes: &[u8]) -> Result<Read, Unreadable> {
    let json = parse(bytes).map_err(Unreadable::Broken)?;
    let is_document =
        json.node(0).is_some_and(|node| node.kind == Kind::Object) && json.member(0, "Incident").is_some();
    let root = schema::class("IODEF-Document").filter(|_| is_document).ok_or(Unreadable::Other)?;
    let mut reader = Reader {
        json: &json,
        out: String::new(),
        places: Places::default(),
        elements: 0,
        remarks: Vec::new(),
        counts: Counts::default(),
        tasks: Vec::new(),
        open: Vec::new(),
    };
    reader.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    reader.tasks.push(Task::Element { class: root, at: 0 });
    reader.run().map_err(Unreadable::Large)?;
    let document = Document::read(reader.out.into_bytes(), &[]).map_err(|refused| match refused.fault {
        // A place in the XML made of it would lead nobody anywhere.
        Fault::Limit(limit) => Unreadable::Large(limit),
        _ => Unreadable::Refused(refused),
    })?;
    let Reader { places, remarks, counts, .. } = reader;
    Ok(Read { document, places, remarks, counts })
}

enum Task {
    Element {
        class: &'static Class,
        at: usize,
    },
    /// An `ObservableReference` to the name at `at`.
    Reference {
        at: usize,
    },
    /// A leaf with its text, written out, from the value at `at`.
    Text {
        name: &'static str,
        text: String,
        at: usize,
    },
    /// The start of an element around those of the value at `at`.
    Open {
        name: &'static str,
        at: usize,
    },
    Close,
}

struct Reader<'j> {
    json: &'j Json,
    out: String,
    places: Places,
    elements: usize,
    remarks: Vec<Remark>,
    counts: Counts,
    tasks: Vec<Task>,
    open: Vec<String>,
}

/// The prefixes the document declares at its root.
fn prefix(space: Space) -> &'static str {
    match space {
        Space::Iodef => "",
        Space::Iodef1 => "iodef1:",
        Space::Enumeration => "enum:",
        Space::Sci => "sci:",
        Space::Signature => "ds:",
    }
}

/// What goes into one element, in the order it is to stand.
struct Part {
    rank: u16,
    tasks: Vec<Task>,
}

impl Reader<'_> {
    /// Writes the XML, as long as it is no more than is read.
    fn run(&mut self) -> Result<(), Limit> {
        while let Some(task) = self.tasks.pop() {
            self.elements += usize::from(!matches!(task, Task::Close));
            if self.elements > xml::ELEMENTS {
                return Err(Limit::Elements);
            }
            if self.out.len() > xml::BYTES {
                return Err(Limit::Bytes);
            }
            match task {
                Task::Text { name, text, at } => {
                    self.begin(at);
                    self.out.push_str(&format!("<{name}>{text}</{name}>"));
                }
                Task::Open { name, at } => {
                    self.begin(at);
                    self.out.push_str(&format!("<{name}>"));
                    self.open.push(name.to_owned());
                }
                Task::Close => {
                    let name = self.open.pop().unwrap_or_default();
                    self.indent();
                    self.out.push_str(&format!("</{name}>"));
                }
                Task::Reference { at } => {
                    let name = self.text(at).unwrap_or_default();
                    self.begin(at);
                    self.out.push_str(&format!("<ObservableReference uid-ref=\"{}\"/>", escape_value(&name, '"')));
                }
                Task::Element { class, at } => self.element(class, at),
            }
        }
        self.out.push('\n');
        Ok(())
    }

    fn indent(&mut self) {
        if !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.out.push_str(&"  ".repeat(self.open.len().min(INDENT)));
    }

    /// An element from the value at `at` comes next.
    fn begin(&mut self, at: usize) {
        self.indent();
        self.note(self.out.len(), at);
    }

    /// What stands at `place` of the XML is from the value at `at`.
    fn note(&mut self, place: usize, at: usize) {
        if let Some(node) = self.json.node(at) {
            self.places.note(place, node.position);
        }
    }

    /// Something of the value at `at`, told with its path.
    fn remark(&mut self, at: usize, key: &'static str) {
        let (breach, count) = match key {
            "export-json-draft" => (Breach::Draft, &mut self.counts.draft),
            "export-json-index" | "export-json-alone" => (Breach::Alone, &mut self.counts.alone),
            _ => (Breach::Beyond, &mut self.counts.beyond),
        };
        *count += 1;
        self.counts.numbers += usize::from(key == "export-json-index");
        if self.remarks.len() >= REMARKS {
            return;
        }
        let path = self.path(at);
        let say = Say::new(key).with("path", crate::text::line_within(&path, 400));
        let position = self.json.node(at).map_or(Position { line: 1, column: 1 }, |node| node.position);
        self.remarks.push(Remark { path, position, say, breach });
    }

    /// The names and numbers that lead to a value, found when they are asked for: most values are told of nowhere.
    fn path(&self, at: usize) -> String {
        let mut path = String::new();
        let mut here = 0;
        while here < at {
            let is_in = |inside: &usize| self.json.node(*inside).is_some_and(|node| at < node.next());
            let Some((number, inside)) = self.json.inside(here).enumerate().find(|(_, inside)| is_in(inside)) else {
                break;
            };
            path.push('/');
            match self.json.node(inside).and_then(|node| node.name.as_deref()) {
                Some(name) => path.push_str(&crate::text::cap(name, STEP)),
                None => path.push_str(&number.to_string()),
            }
            here = inside;
        }
        path
    }

    /// The text of a string, number or truth value that XML can hold.
    fn text(&self, at: usize) -> Option<String> {
        let text = match &self.json.node(at)?.kind {
            Kind::String(text) | Kind::Number(text) => text.clone(),
            Kind::Bool(truth) => truth.to_string(),
            _ => return None,
        };
        is_text(&text).then_some(text)
    }

    fn is_object(&self, at: usize) -> bool {
        self.json.node(at).is_some_and(|node| node.kind == Kind::Object)
    }

    /// The values of a member: those of an array, else itself.
    fn each(&self, at: usize) -> Vec<usize> {
        if self.json.node(at).is_some_and(|node| node.kind == Kind::Array) {
            self.json.inside(at).collect()
        } else {
            vec![at]
        }
    }

    fn element(&mut self, class: &'static Class, at: usize) {
        let name = format!("{}{}", prefix(class.space), class.name);
        if !self.is_object(at) {
            return self.leaf(class, &name, at);
        }
        let mut start = format!("<{name}");
        if class.name == "IODEF-Document" {
            start.push_str(&format!(" xmlns=\"{NS}\""));
            for space in [Space::Enumeration, Space::Sci, Space::Signature] {
                start.push_str(&format!(" xmlns:{}=\"{}\"", space.prefix(), space.uri()));
            }
            start.push_str(&format!(" xmlns:iodef1=\"{NS_V1}\""));
        }
        let mut parts: Vec<Part> = Vec::new();
        let mut body = None;
        // Those written, each with where in the start tag and from which value.
        let mut written: Vec<(String, usize, usize)> = Vec::new();
        for inside in self.json.inside(at).collect::<Vec<_>>() {
            let member = self.json.node(inside).and_then(|node| node.name.clone()).unwrap_or_default();
            if let Some((name, value)) = self.attribute(class, &member, inside, at) {
                // The language goes by two names.
                if written.iter().any(|(written, ..)| written == name) {
                    self.remark(inside, "export-json-several");
                } else if let Some(value) = value {
                    written.push((name.to_owned(), start.len() + 1, inside));
                    start.push_str(&format!(" {name}=\"{}\"", escape_value(&value, '"')));
                }
            } else if member == text_member(class) && holds_text(class) {
                match self.text(inside) {
                    Some(text) => body = Some((inside, self.body(class, at, text))),
                    None => self.remark(inside, "export-json-shape"),
                }
            } else if !self.member(class, &member, (at, inside), &mut parts) {
                let key = if is_alone(class, &member) { "export-json-alone" } else { "export-json-member" };
                self.remark(inside, key);
            }
        }
        self.begin(at);
        let from = self.out.len();
        for (_, place, inside) in written {
            self.note(from + place, inside);
        }
        self.out.push_str(&start);
        match body {
            Some((inside, body)) if parts.is_empty() => {
                self.note(self.out.len(), inside);
                self.out.push_str(&format!(">{body}</{name}>"));
            }
            _ if parts.is_empty() => self.out.push_str("/>"),
            body => {
                if let Some((inside, _)) = body.filter(|(_, body)| !body.is_empty()) {
                    self.remark(inside, "export-json-member");
                }
                self.out.push('>');
                self.open.push(name);
                parts.sort_by_key(|part| part.rank);
                self.tasks.push(Task::Close);
                self.tasks.extend(parts.into_iter().rev().flat_map(|part| part.tasks.into_iter().rev()));
            }
        }
    }

    /// An element given by its bare value.
    fn leaf(&mut self, class: &'static Class, name: &str, at: usize) {
        let Some(text) = self.text(at) else { return self.remark(at, "export-json-shape") };
        self.begin(at);
        if shape(class) == Shape::Octets {
            match octets(class, &text) {
                Some(element) => self.out.push_str(&element),
                None => self.remark(at, "export-json-octets"),
            }
        } else if holds_text(class) {
            self.out.push_str(&format!("<{name}>{}</{name}>", escape_text(&text)));
        } else {
            self.remark(at, "export-json-shape");
        }
    }

    /// The text of an object's `value`; the XML of an extension is put in as such.
    fn body(&self, class: &'static Class, at: usize, text: String) -> String {
        let is_xml =
            |name| self.json.member(at, name).and_then(|dtype| self.text(dtype)).is_some_and(|dtype| dtype == "xml");
        if shape(class) == Shape::Extension
            && is_xml("dtype")
            && let Some(xml) = fragment(&text)
        {
            return xml;
        }
        // The number that only JSON demands says nothing beside the word (RFC 7970 §3.12.5).
        let rating = self.json.member(at, "rating").and_then(|rating| self.text(rating));
        if class.name == "Confidence" && rating.is_some_and(|rating| text == stand_in(&rating)) {
            return String::new();
        }
        escape_text(&text).into_owned()
    }

    /// A member that is an attribute in XML: its name there, and the value unless it says nothing.
    fn attribute<'m>(
        &self,
        class: &'static Class,
        member: &'m str,
        at: usize,
        object: usize,
    ) -> Option<(&'m str, Option<String>)> {
        // Of version 1, inside structured information, it has no prefix.
        let prefixed = member == "lang" && class.attribute("xml:lang", Profile::Reading).is_some();
        let name = if prefixed { "xml:lang" } else { member };
        let _ = class.attribute(name, Profile::Reading)?;
        let mut value = self.text(at)?;
        let told = |name: &str| self.json.member(object, name).and_then(|at| self.text(at));
        match (class.name, member) {
            ("IODEF-Document", "version") => "2.00".clone_into(&mut value),
            ("Counter", "type") if value == "ext-value" && told("ext-type").as_deref() == Some("rate") => {
                "rate".clone_into(&mut value);
            }
            ("Counter", "ext-type") if value == "rate" => return Some((name, None)),
            (_, "SpecID") if class.space == Space::Sci && value == "private" => "ext-value".clone_into(&mut value),
            _ => value = to_xml(class.name, member, &value).to_owned(),
        }
        Some((name, Some(value)))
    }

    /// A member that is children in XML; whether the class has a place for it.
    fn member(
        &mut self,
        class: &'static Class,
        member: &str,
        (object, at): (usize, usize),
        parts: &mut Vec<Part>,
    ) -> bool {
        let mut each = self.each(at);
        if class.space == Space::Iodef1 && class.name == "Reference" {
            self.reference_name(class, member, (object, at), &mut each, parts);
            if each.is_empty() {
                return true;
            }
        }
        if member == "Impact" && class.name == "Assessment" {
            let Some(rank) = rank(class, Space::Iodef, "SystemImpact") else { return false };
            // Each is an object of one member, and their order is kept.
            for at in each {
                if !self.is_object(at) {
                    self.remark(at, "export-json-shape");
                    continue;
                }
                for inside in self.json.inside(at).collect::<Vec<_>>() {
                    let name = self.json.node(inside).and_then(|node| node.name.as_deref()).unwrap_or_default();
                    match declared(class, Space::Iodef, name) {
                        Some(own) if shape(own) == Shape::Impact => {
                            parts.push(Part { rank, tasks: vec![Task::Element { class: own, at: inside }] });
                        }
                        _ => self.remark(inside, "export-json-member"),
                    }
                }
            }
            return true;
        }
        if member == "uid-ref" && declared(class, Space::Iodef, "ObservableReference").is_some() {
            let rank = rank(class, Space::Iodef, "ObservableReference").unwrap_or_default();
            parts.extend(each.into_iter().map(|at| Part { rank, tasks: vec![Task::Reference { at }] }));
            return true;
        }
        let wrapper = match (class.name, member) {
            ("Incident", "Indicator") => Some("IndicatorData"),
            ("EventData", "System") => Some("Flow"),
            ("EventData", "RecordData") => Some("Record"),
            ("Service", "ApplicationHeaderField") => Some("ApplicationHeader"),
            ("EmailData" | "File", "Signature") => Some("SignatureData"),
            _ => None,
        };
        if let Some(wrapper) = wrapper {
            let Some(outer) = declared(class, Space::Iodef, wrapper) else { return false };
            let Some(inner) = find(outer, member) else { return false };
            let mut tasks = vec![Task::Open { name: wrapper, at }];
            tasks.extend(each.into_iter().map(|at| Task::Element { class: inner, at }));
            tasks.push(Task::Close);
            parts.push(Part { rank: rank(class, Space::Iodef, wrapper).unwrap_or_default(), tasks });
            return true;
        }
        let name = match member {
            "NameServers" => "Nameservers",
            "KeyValue" => "Value",
            other => other,
        };
        let Some(own) = find(class, name) else { return false };
        let rank = rank(class, own.space, own.name).unwrap_or_default();
        if shape(own) == Shape::Impact {
            self.remark(at, "export-json-draft");
        }
        if each.len() > 1 && !repeats(class, own.space, own.name) {
            if own.name == "BulkObservableList" {
                self.remark(at, "export-json-draft");
                let lines: Vec<String> = each.iter().filter_map(|at| self.text(*at)).collect();
                let text = escape_text(&lines.join("\n")).into_owned();
                parts.push(Part { rank, tasks: vec![Task::Text { name: own.name, text, at }] });
                return true;
            }
            self.remark(at, "export-json-several");
            each.truncate(1);
        }
        parts.extend(each.into_iter().map(|at| Part { rank, tasks: vec![Task::Element { class: own, at }] }));
        true
    }
}

impl Reader<'_> {
    /// A reference of version 1, inside structured information, has a name that is text: the entry's, else the first
    /// description.
    fn reference_name(
        &mut self,
        class: &'static Class,
        member: &str,
        (object, at): (usize, usize),
        each: &mut Vec<usize>,
        parts: &mut Vec<Part>,
    ) {
        let Some(own) = declared(class, Space::Iodef1, "ReferenceName") else { return };
        let rank = rank(class, Space::Iodef1, "ReferenceName").unwrap_or_default();
        if member == "ReferenceName" {
            each.clear();
            self.remark(at, "export-json-index");
            let text = self.json.member(at, "ID").and_then(|id| self.text(id)).unwrap_or_default();
            let text = escape_text(&text).into_owned();
            parts.push(Part { rank, tasks: vec![Task::Text { name: "iodef1:ReferenceName", text, at }] });
        } else if member == "Description" && self.json.member(object, "ReferenceName").is_none() && !each.is_empty() {
            let at = each.remove(0);
            parts.push(Part { rank, tasks: vec![Task::Element { class: own, at }] });
        }
    }
}

/// The class of a child that `class` declares, in whichever namespace.
fn find(class: &'static Class, name: &str) -> Option<&'static Class> {
    Space::ALL.into_iter().find_map(|space| declared(class, space, name))
}

fn declared(class: &'static Class, space: Space, name: &str) -> Option<&'static Class> {
    let symbol = class.model(Profile::Reading)?.symbol(schema::Name { ns: space.uri(), local: name })?;
    symbol.class().and_then(|_| class_in(Some(class), space, name))
}

fn rank(class: &'static Class, space: Space, name: &str) -> Option<u16> {
    class.model(Profile::Reading)?.rank(schema::Name { ns: space.uri(), local: name })
}

fn holds_text(class: &'static Class) -> bool {
    matches!(class.content(Profile::Reading), Content::Text(_) | Content::Mixed(_) | Content::Anything)
        || class.kind == "MLStringType"
}

/// A text that is well-formed between two tags, so that it stays between ours, each element in its own namespace.
fn fragment(text: &str) -> Option<String> {
    let whole = Document::read(format!("<x xmlns=\"\">{text}</x>").into_bytes(), &[]).ok()?;
    inner(whole.root(), xml::BYTES)
}

/// An element given in base64: itself as XML, or, for a digest's method, its identifier alone.
fn octets(class: &'static Class, text: &str) -> Option<String> {
    let packed: String = text.split_whitespace().collect();
    let decoded = STANDARD.decode(&packed).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(xml) = decoded
        && let Ok(document) = Document::read(xml.trim().as_bytes(), &[])
        && document.root().local() == class.name
        && document.root().ns() == class.space.uri()
    {
        let root = document.root();
        return std::str::from_utf8(root.source()).ok().map(str::to_owned);
    }
    match class.name {
        "DigestMethod" | "CanonicalizationMethod" => {
            Some(format!("<ds:{} Algorithm=\"{}\"/>", class.name, escape_value(text.trim(), '"')))
        }
        "X509Data" => Some(format!(
            "<ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data>",
            escape_text(&packed)
        )),
        _ => None,
    }
}
