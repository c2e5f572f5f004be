//! Reading: members into the children and attributes of a document of version 2, in the order of the class table.
//!
//! What has no place is told with its path and left out; what stands in the wrong shape (an array where one thing is
//! asked for, a text where an object is) is taken for what it plainly means. Checking the result is the checker's work.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::class_in;
use super::names::{Shape, repeats, shape, stand_in, text_member, to_xml};
use super::parse::{Broken, Json, Kind, parse};
use super::write::inner;
use crate::iodef::schema::{Class, Content, Profile, Space};
use crate::iodef::{Document, NS, NS_V1, Refused, schema};
use crate::model::Say;
use crate::text::xml::{escape_text, escape_value, is_text};

/// A document read from JSON, and what of the JSON is not in it.
#[derive(Debug)]
pub struct Read {
    pub document: Document,
    pub remarks: Vec<Remark>,
}

/// Something of the JSON that has no place, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// `/Incident/0/Assessment/0/BusinessImpact`
    pub path: String,
    pub say: Say,
}

/// Why there is no document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("no JSON: {0:?}")]
    Broken(Broken),
    #[error("the whole is no object with incidents")]
    Other,
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
            Self::Refused(refused) => refused.say(),
        }
    }
}

/// Most remarks.
const REMARKS: usize = 200;

/// Reads a JSON document.
///
/// # Errors
/// When it is no JSON, or none of RFC 8727.
pub fn read(bytes: &[u8]) -> Result<Read, Unreadable> {
    let json = parse(bytes).map_err(Unreadable::Broken)?;
    let is_document =
        json.node(0).is_some_and(|node| node.kind == Kind::Object) && json.member(0, "Incident").is_some();
    let root = schema::class("IODEF-Document").filter(|_| is_document).ok_or(Unreadable::Other)?;
    let mut reader =
        Reader { json: &json, out: String::new(), remarks: Vec::new(), tasks: Vec::new(), open: Vec::new() };
    reader.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    reader.tasks.push(Task::Element { class: root, at: 0, path: String::new() });
    reader.run();
    let document = Document::read(reader.out.into_bytes(), &[]).map_err(Unreadable::Refused)?;
    Ok(Read { document, remarks: reader.remarks })
}

enum Task {
    Element {
        class: &'static Class,
        at: usize,
        path: String,
    },
    /// An `ObservableReference` to the name at `at`.
    Reference {
        at: usize,
    },
    /// A leaf with its text, written out.
    Text(&'static str, String),
    Open(&'static str),
    Close,
}

struct Reader<'j> {
    json: &'j Json,
    out: String,
    remarks: Vec<Remark>,
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
    fn run(&mut self) {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Text(name, text) => {
                    self.indent();
                    self.out.push_str(&format!("<{name}>{text}</{name}>"));
                }
                Task::Open(name) => {
                    self.indent();
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
                    self.indent();
                    self.out.push_str(&format!("<ObservableReference uid-ref=\"{}\"/>", escape_value(&name, '"')));
                }
                Task::Element { class, at, path } => self.element(class, at, &path),
            }
        }
        self.out.push('\n');
    }

    fn indent(&mut self) {
        if !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.out.push_str(&"  ".repeat(self.open.len().min(40)));
    }

    fn remark(&mut self, path: &str, key: &'static str) {
        if self.remarks.len() < REMARKS {
            let shown = crate::text::line_within(path, 400);
            self.remarks.push(Remark { path: path.to_owned(), say: Say::new(key).with("path", shown) });
        }
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
    fn each(&self, at: usize, path: &str) -> Vec<(usize, String)> {
        if self.json.node(at).is_some_and(|node| node.kind == Kind::Array) {
            self.json.inside(at).enumerate().map(|(number, inside)| (inside, format!("{path}/{number}"))).collect()
        } else {
            vec![(at, path.to_owned())]
        }
    }

    fn element(&mut self, class: &'static Class, at: usize, path: &str) {
        let name = format!("{}{}", prefix(class.space), class.name);
        if !self.is_object(at) {
            return self.leaf(class, &name, at, path);
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
        for inside in self.json.inside(at).collect::<Vec<_>>() {
            let member = self.json.node(inside).and_then(|node| node.name.clone()).unwrap_or_default();
            let path = format!("{path}/{member}");
            if let Some(attribute) = self.attribute(class, &member, inside, at) {
                start.push_str(&attribute);
            } else if member == text_member(class) && holds_text(class) {
                match self.text(inside) {
                    Some(text) => body = Some(self.body(class, at, text)),
                    None => self.remark(&path, "export-json-shape"),
                }
            } else if !self.member(class, &member, (at, inside), &path, &mut parts) {
                self.remark(&path, "export-json-member");
            }
        }
        self.indent();
        self.out.push_str(&start);
        match body {
            Some(body) if parts.is_empty() => self.out.push_str(&format!(">{body}</{name}>")),
            _ if parts.is_empty() => self.out.push_str("/>"),
            _ => {
                self.out.push('>');
                self.open.push(name);
                parts.sort_by_key(|part| part.rank);
                self.tasks.push(Task::Close);
                self.tasks.extend(parts.into_iter().rev().flat_map(|part| part.tasks.into_iter().rev()));
            }
        }
    }

    /// An element given by its bare value.
    fn leaf(&mut self, class: &'static Class, name: &str, at: usize, path: &str) {
        let Some(text) = self.text(at) else { return self.remark(path, "export-json-shape") };
        self.indent();
        if shape(class) == Shape::Octets {
            match octets(class, &text) {
                Some(element) => self.out.push_str(&element),
                None => self.remark(path, "export-json-octets"),
            }
        } else if holds_text(class) {
            self.out.push_str(&format!("<{name}>{}</{name}>", escape_text(&text)));
        } else {
            self.remark(path, "export-json-shape");
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

    /// A member that is an attribute in XML, written out.
    fn attribute(&self, class: &'static Class, member: &str, at: usize, object: usize) -> Option<String> {
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
            ("Counter", "ext-type") if value == "rate" => return Some(String::new()),
            (_, "SpecID") if class.space == Space::Sci && value == "private" => "ext-value".clone_into(&mut value),
            _ => value = to_xml(class.name, member, &value).to_owned(),
        }
        Some(format!(" {name}=\"{}\"", escape_value(&value, '"')))
    }

    /// A member that is children in XML; whether the class has a place for it.
    fn member(
        &mut self,
        class: &'static Class,
        member: &str,
        (object, at): (usize, usize),
        path: &str,
        parts: &mut Vec<Part>,
    ) -> bool {
        let mut each = self.each(at, path);
        if class.space == Space::Iodef1 && class.name == "Reference" {
            self.reference_name(class, member, (object, at), path, &mut each, parts);
            if each.is_empty() {
                return true;
            }
        }
        if member == "Impact" && class.name == "Assessment" {
            let Some(rank) = rank(class, Space::Iodef, "SystemImpact") else { return false };
            // Each is an object of one member, and their order is kept.
            for (at, path) in each {
                for inside in self.json.inside(at) {
                    let name = self.json.node(inside).and_then(|node| node.name.clone()).unwrap_or_default();
                    let Some(own) = declared(class, Space::Iodef, &name) else { return false };
                    parts.push(Part {
                        rank,
                        tasks: vec![Task::Element { class: own, at: inside, path: format!("{path}/{name}") }],
                    });
                }
            }
            return true;
        }
        if member == "uid-ref" && declared(class, Space::Iodef, "ObservableReference").is_some() {
            let rank = rank(class, Space::Iodef, "ObservableReference").unwrap_or_default();
            parts.extend(each.into_iter().map(|(at, _)| Part { rank, tasks: vec![Task::Reference { at }] }));
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
            let mut tasks = vec![Task::Open(wrapper)];
            tasks.extend(each.into_iter().map(|(at, path)| Task::Element { class: inner, at, path }));
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
            self.remark(path, "export-json-draft");
        }
        if each.len() > 1 && !repeats(class, own.space, own.name) {
            if own.name == "BulkObservableList" {
                self.remark(path, "export-json-draft");
                let lines: Vec<String> = each.iter().filter_map(|(at, _)| self.text(*at)).collect();
                let text = escape_text(&lines.join("\n")).into_owned();
                parts.push(Part { rank, tasks: vec![Task::Text(own.name, text)] });
                return true;
            }
            self.remark(path, "export-json-several");
            each.truncate(1);
        }
        let tasks =
            each.into_iter().map(|(at, path)| Part { rank, tasks: vec![Task::Element { class: own, at, path }] });
        parts.extend(tasks);
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
        path: &str,
        each: &mut Vec<(usize, String)>,
        parts: &mut Vec<Part>,
    ) {
        let Some(own) = declared(class, Space::Iodef1, "ReferenceName") else { return };
        let rank = rank(class, Space::Iodef1, "ReferenceName").unwrap_or_default();
        if member == "ReferenceName" {
            each.clear();
            self.remark(path, "export-json-index");
            let text = self.json.member(at, "ID").and_then(|id| self.text(id)).unwrap_or_default();
            parts.push(Part { rank, tasks: vec![Task::Text("iodef1:ReferenceName", escape_text(&text).into_owned())] });
        } else if member == "Description" && self.json.member(object, "ReferenceName").is_none() && !each.is_empty() {
            let (at, path) = each.remove(0);
            parts.push(Part { rank, tasks: vec![Task::Element { class: own, at, path }] });
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
    Some(inner(whole.root()))
}

/// An element given in base64: itself as XML, or, for a digest's method, its identifier alone.
fn octets(class: &'static Class, text: &str) -> Option<String> {
    let packed: String = text.split_whitespace().collect();
    let decoded = STANDARD.decode(&packed).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(xml) = decoded
        && let Ok(document) = Document::read(xml.trim().as_bytes().to_vec(), &[])
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
