//! Writing: each element's value is made of those of its children, from the last element of the document to the first,
//! so that no depth of nesting is one of ours.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value, json};

use super::class_in;
use super::names::{DEMANDED, Shape, member, repeats, shape, stand_in, text_member, to_json};
use crate::iodef::export::{Export, Ledger};
use crate::iodef::schema::{Class, Content as Holds, Declared, Profile, Space, Type};
use crate::iodef::{Document, Element, NodeId, doc};
use crate::model::Say;
use crate::text::xml::escape_text;

/// Makes the JSON document.
#[must_use]
pub fn write(document: &Document) -> Export {
    let mut writer = Writer {
        ledger: Ledger::new(document),
        classes: HashMap::new(),
        done: HashMap::new(),
        lost: BTreeMap::new(),
        left: COPIED,
    };
    writer.classify(document);
    let all: Vec<Element<'_>> = std::iter::once(document.root()).chain(document.root().descendants()).collect();
    for element in all.into_iter().rev() {
        if let Some(class) = writer.classes.get(&element.id()).copied()
            && let Some(value) = writer.value(element, class)
        {
            let _ = writer.done.insert(element.id(), value);
        }
    }
    let whole = writer.done.remove(&document.root().id()).unwrap_or_default();
    for (key, count) in std::mem::take(&mut writer.lost) {
        writer.ledger.remark(Say::new(key).with("count", count.to_string()));
    }
    Export::json(&whole, writer.ledger.sheet())
}

struct Writer<'d> {
    ledger: Ledger<'d>,
    /// Elements that are told by members of their own.
    classes: HashMap<NodeId, &'static Class>,
    done: HashMap<NodeId, Value>,
    /// What was lost, by the message that says so.
    lost: BTreeMap<&'static str, usize>,
    /// How many bytes of XML may still be put into JSON.
    left: usize,
}

/// Most bytes of XML put into JSON: each element stands there alone, with the declarations it needs.
const COPIED: usize = 2 * crate::iodef::xml::BYTES;

impl<'d> Writer<'d> {
    /// The class of every element that JSON has a place for: one that its parent's class declares.
    fn classify(&mut self, document: &'d Document) {
        let root = document.root();
        if let Some(class) = crate::iodef::schema::class("IODEF-Document") {
            let _ = self.classes.insert(root.id(), class);
        }
        for element in root.descendants() {
            let Some(parent) = element.parent().and_then(|parent| self.classes.get(&parent.id()).copied()) else {
                continue;
            };
            if matches!(shape(parent), Shape::Extension | Shape::Octets | Shape::Language) {
                continue;
            }
            let Some(space) = Space::of(element.ns()) else { continue };
            let name = crate::iodef::schema::Name { ns: element.ns(), local: element.local() };
            let declared = parent.model(Profile::Reading).and_then(|model| model.symbol(name)).is_some();
            if let Some(class) = class_in(Some(parent), space, element.local()).filter(|_| declared) {
                let _ = self.classes.insert(element.id(), class);
            }
        }
    }

    fn lose(&mut self, key: &'static str) {
        *self.lost.entry(key).or_default() += 1;
    }

    /// XML for JSON, if there is room for it.
    fn copied(&mut self, text: impl FnOnce(usize) -> Option<String>) -> Option<String> {
        let text = text(self.left).filter(|text| text.len() <= self.left);
        match &text {
            Some(text) => self.left -= text.len(),
            None => self.lose("export-json-long"),
        }
        text
    }

    /// `None` where there is no room for it.
    fn value(&mut self, element: Element<'d>, class: &'static Class) -> Option<Value> {
        self.note_losses(element, class);
        Some(match shape(class) {
            Shape::Octets => json!(STANDARD.encode(self.copied(|_| Some(element.alone()))?)),
            Shape::Reference => json!(element.attr("uid-ref").unwrap_or_default().trim()),
            Shape::Language => self.language(element, class),
            Shape::Extension => {
                let mut object = self.attributes(element, class);
                let markup = element.children().next().is_some();
                if markup && object.get("dtype").is_none_or(|dtype| dtype != "xml") {
                    self.lose("export-json-markup");
                }
                let text =
                    if markup { self.copied(|left| inner(element, left))? } else { element.trimmed().into_owned() };
                if !text.is_empty() || class.name != "SoftwareReference" {
                    let _ = object.insert("value".to_owned(), json!(text));
                }
                Value::Object(object)
            }
            Shape::Plain | Shape::Impact | Shape::Dissolved => self.plain(element, class),
        })
    }

    fn plain(&mut self, element: Element<'d>, class: &'static Class) -> Value {
        let text = match class.content(Profile::Reading) {
            Holds::Text(of) => Some(*of),
            // The schema types the list of a bulk observable as anything.
            Holds::Anything => Some(Type::String),
            _ => None,
        };
        if let Some(of) = text {
            let text = element.trimmed();
            if class.attributes.is_empty() {
                return typed(of, &text);
            }
            let mut object = self.attributes(element, class);
            let value = match class.name {
                "Confidence" => self.confidence(element, &text),
                _ => typed(of, &text),
            };
            let _ = object.insert(text_member(class).to_owned(), value);
            return Value::Object(object);
        }
        let mut object = self.attributes(element, class);
        self.children(element, class, &mut object);
        Value::Object(object)
    }

    /// JSON demands a number beside every rating; what it stands for is the rating's.
    fn confidence(&mut self, element: Element<'d>, text: &str) -> Value {
        let number = typed(Type::Float, text);
        if number.is_number() {
            return number;
        }
        self.lose("export-json-confidence");
        typed(Type::Float, stand_in(element.attr("rating").unwrap_or_default().trim()))
    }

    /// RFC 8727 gives the descriptions of related activity no language.
    fn language(&mut self, element: Element<'d>, class: &'static Class) -> Value {
        let text = json!(element.trimmed());
        let mut object = self.attributes(element, class);
        if object.is_empty() {
            return text;
        }
        if element.parent().is_some_and(|parent| parent.is("RelatedActivity")) {
            self.lose("export-json-language");
            return text;
        }
        let _ = object.insert("value".to_owned(), text);
        Value::Object(object)
    }

    fn attributes(&mut self, element: Element<'d>, class: &'static Class) -> Map<String, Value> {
        let mut object = Map::new();
        for attr in element.attrs() {
            let name = if attr.ns().is_empty() { attr.local().to_owned() } else { attr.qualified().to_owned() };
            let Some(declared) = class.attribute(&name, Profile::Reading) else {
                self.lose("export-json-attribute");
                continue;
            };
            let value = attr.value();
            let value = match declared {
                Declared::Plain(attribute) if !matches!(attribute.of, Type::String) => {
                    typed(attribute.of, to_json(class.name, attribute.name, value.trim()))
                }
                _ => json!(value),
            };
            let member = name.trim_start_matches("xml:");
            // Senders give the language by both of its names; XML's own counts.
            if object.contains_key(member) {
                self.lose("export-json-attribute");
                if member == name {
                    continue;
                }
            }
            let _ = object.insert(member.to_owned(), value);
        }
        self.adapt(class, &mut object);
        object
    }

    /// What JSON demands of attributes beyond the XML.
    fn adapt(&mut self, class: &'static Class, object: &mut Map<String, Value>) {
        if class.name == "IODEF-Document" {
            let _ = object.insert("version".to_owned(), json!("2.0"));
        }
        // RFC 7970 calls it a rate and RFC 8727 has no token for it.
        if class.name == "Counter" && object.get("type").is_some_and(|kind| kind == "rate") {
            let _ = object.insert("type".to_owned(), json!("ext-value"));
            if object.insert("ext-type".to_owned(), json!("rate")).is_some() {
                self.lose("export-json-attribute");
            }
        }
        if class.space == Space::Sci
            && let Some(id) = object.get("SpecID").and_then(Value::as_str).map(str::to_owned)
            && !["private", "urn:ietf:params:xml:ns:mile:mmdef:1.2"].contains(&id.as_str())
        {
            // RFC 8727 knows one specification and "private"; the name stays in ext-SpecID.
            if id != "ext-value" {
                if object.insert("ext-SpecID".to_owned(), json!(id)).is_some() {
                    self.lose("export-json-attribute");
                }
                self.lose("export-json-specification");
            }
            let _ = object.insert("SpecID".to_owned(), json!("private"));
        }
        for (of, name, value) in DEMANDED {
            if of == class.name && !object.contains_key(name) {
                let _ = object.insert(name.to_owned(), json!(value));
                self.lose("export-json-filled");
            }
        }
    }

    fn children(&mut self, element: Element<'d>, class: &'static Class, object: &mut Map<String, Value>) {
        let mut order: Vec<u16> = Vec::new();
        for child in element.children() {
            let Some(own) = self.classes.get(&child.id()).copied() else { continue };
            let Some(value) = self.done.remove(&child.id()) else { continue };
            let name = crate::iodef::schema::Name { ns: child.ns(), local: child.local() };
            order.extend(class.model(Profile::Reading).and_then(|model| model.rank(name)));
            let array = repeats(class, own.space, own.name);
            let placed = match shape(own) {
                Shape::Dissolved => self.dissolve(child, value, object),
                Shape::Impact => put(object, "Impact", json!({ own.name: value }), true),
                // Of version 1, inside structured information: a name without the number JSON asks for.
                _ if own.space == Space::Iodef1 && own.name == "ReferenceName" => {
                    put(object, "Description", value, true)
                }
                _ => put(object, member(own), value, array),
            };
            if placed {
                self.carry(child, own);
            }
        }
        if !order.is_sorted() || class.name == "IndicatorExpression" && order.len() > 1 && mixed(object) {
            self.lose("export-json-order");
        }
    }

    fn carry(&mut self, element: Element<'d>, class: &Class) {
        if matches!(shape(class), Shape::Octets | Shape::Extension) {
            self.ledger.carry_whole(element);
        } else {
            self.ledger.carry(element);
        }
    }

    /// Puts the members of a dissolved element into those of the one around it.
    fn dissolve(&mut self, element: Element<'d>, value: Value, object: &mut Map<String, Value>) -> bool {
        let Value::Object(members) = value else { return false };
        // The restriction of a record is that of its data, unless they say otherwise.
        let inherited: Vec<(String, Value)> = members
            .iter()
            .filter(|(name, _)| ["restriction", "ext-restriction"].contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if !inherited.is_empty() {
            self.lose("export-json-record");
        }
        if element.is("Flow") && object.contains_key("System") {
            self.lose("export-json-flow");
        }
        for (name, value) in members {
            let Value::Array(values) = value else { continue };
            for mut value in values {
                if let Value::Object(member) = &mut value
                    && !member.contains_key("restriction")
                {
                    let own = std::mem::take(member);
                    member.extend(inherited.iter().cloned().chain(own));
                }
                let _ = put(object, &name, value, true);
            }
        }
        true
    }

    /// Comments, instructions and text where no text belongs.
    fn note_losses(&mut self, element: Element<'d>, class: &'static Class) {
        if matches!(shape(class), Shape::Octets) {
            return;
        }
        let holds_text = matches!(class.content(Profile::Reading), Holds::Text(_) | Holds::Mixed(_) | Holds::Anything);
        for part in element.content() {
            match part {
                doc::Content::Comment(_) | doc::Content::Instruction(_) => self.lose("export-json-comment"),
                doc::Content::Text(text) | doc::Content::CData(text) if !holds_text && !text.trim().is_empty() => {
                    self.lose("export-json-text");
                }
                _ => {}
            }
        }
    }
}

/// Whether an expression has operands of more than one kind.
fn mixed(object: &Map<String, Value>) -> bool {
    let kinds = ["IndicatorExpression", "Observable", "uid-ref", "IndicatorReference", "Confidence"];
    kinds.iter().filter(|kind| object.contains_key(**kind)).count() > 1
}

/// Adds a member; whether there was room for it.
fn put(object: &mut Map<String, Value>, name: &str, value: Value, array: bool) -> bool {
    match object.get_mut(name) {
        Some(Value::Array(values)) if array => values.push(value),
        Some(_) => return false,
        None => drop(object.insert(name.to_owned(), if array { json!([value]) } else { value })),
    }
    true
}

/// A value of a simple type: a number where it is one.
fn typed(of: Type, text: &str) -> Value {
    let number = match of {
        Type::Integer => text.parse::<i64>().ok().map(Number::from),
        Type::Float | Type::Double | Type::PositiveFloat | Type::FloatOrEmpty => {
            let whole = text.parse::<i64>().ok().map(Number::from);
            whole.or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64))
        }
        _ => None,
    };
    number.map_or_else(|| json!(text), Value::Number)
}

/// What stands inside an element, each child with the namespaces it needs; `None` when that is more than `most` bytes.
pub(super) fn inner(element: Element<'_>, most: usize) -> Option<String> {
    let mut out = String::new();
    let around = element.in_force();
    for part in element.content() {
        if out.len() > most {
            return None;
        }
        match part {
            doc::Content::Element(child) => out.push_str(&child.alone_among(&around)),
            doc::Content::Text(text) | doc::Content::CData(text) => out.push_str(&escape_text(&text)),
            doc::Content::Comment(text) => out.push_str(&format!("<!--{text}-->")),
            doc::Content::Instruction(text) => out.push_str(&format!("<?{text}?>")),
        }
    }
    Some(out.trim().to_owned()).filter(|out| out.len() <= most)
}
