//! An XML Schema, read far enough to say in one line what each element is: names, attributes, content, tokens.
//! It knows what the schemas of IODEF use and stops at anything else.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element of a schema document.
#[derive(Clone, Debug, Default)]
pub struct Node {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Node>,
}

impl Node {
    pub fn read(text: &str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().trim_text(true);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().expect("a schema is well-formed") {
                Event::Start(tag) => open.push(Self::tag(&tag)),
                Event::Empty(tag) => open.last_mut().unwrap().children.push(Self::tag(&tag)),
                Event::End(_) => {
                    let done = open.pop().unwrap();
                    open.last_mut().unwrap().children.push(done);
                }
                Event::Eof => return open.pop().unwrap().children.remove(0),
                _ => {}
            }
        }
    }

    fn tag(tag: &BytesStart<'_>) -> Self {
        let attributes = tag.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            (attribute.key.as_ref().to_owned(), attribute.value.into_owned())
        });
        Self { name: tag.local_name().as_ref().to_owned(), attributes: attributes.collect(), children: Vec::new() }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    fn all<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Self> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// A part of a content model, in a form in which equal models are equal.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Leaf(String, &'static str),
    Sequence(Vec<Part>, &'static str),
    Choice(Vec<Part>, &'static str),
}

impl Part {
    pub fn text(&self) -> String {
        let join = |parts: &[Self], mark: &str| parts.iter().map(Self::text).collect::<Vec<_>>().join(mark);
        match self {
            Self::Leaf(name, times) => format!("{name}{times}"),
            Self::Sequence(parts, times) => format!("({}){times}", join(parts, ", ")),
            Self::Choice(parts, times) => format!("({}){times}", join(parts, " | ")),
        }
    }

    /// Groups of one and sequences in sequences say nothing of their own.
    pub fn plain(self) -> Self {
        match self {
            Self::Leaf(..) => self,
            Self::Sequence(parts, times) => {
                let mut flat = Vec::new();
                for part in parts.into_iter().map(Self::plain) {
                    match part {
                        Self::Sequence(inner, "") => flat.extend(inner),
                        part => flat.push(part),
                    }
                }
                match (times, flat.len()) {
                    ("", 1) => flat.remove(0),
                    _ => Self::Sequence(flat, times),
                }
            }
            Self::Choice(parts, times) => {
                let mut parts: Vec<_> = parts.into_iter().map(Self::plain).collect();
                match (times, parts.len()) {
                    ("", 1) => parts.remove(0),
                    _ => Self::Choice(parts, times),
                }
            }
        }
    }
}

/// Schemas that know each other, by target namespace.
pub struct Schemas {
    roots: BTreeMap<String, Node>,
}

impl Schemas {
    pub fn new(texts: &[String]) -> Self {
        let roots = texts.iter().map(|text| Node::read(text));
        Self { roots: roots.map(|root| (root.get("targetNamespace").unwrap().to_owned(), root)).collect() }
    }

    /// One line an element: `{namespace}name` to what it is.
    pub fn lines(&self) -> BTreeMap<String, String> {
        let mut lines = BTreeMap::new();
        for (ns, root) in self.roots.iter().filter(|(ns, _)| !ns.ends_with("/namespace")) {
            for element in root.all("element") {
                let name = format!("{{{ns}}}{}", element.get("name").unwrap());
                let line = Of { schemas: self, root, ns }.element(element);
                assert!(lines.insert(name.clone(), line).is_none(), "{name} stands twice");
            }
        }
        lines
    }

    /// The named lists of tokens of one namespace.
    pub fn lists(&self, ns: &str) -> BTreeMap<String, Vec<String>> {
        let types = self.roots[ns].all("simpleType");
        let lists = types.filter_map(|node| {
            let tokens: Vec<_> = tokens(node.child("restriction")?);
            (!tokens.is_empty()).then(|| (node.get("name").unwrap().to_owned(), tokens))
        });
        lists.collect()
    }
}

fn tokens(restriction: &Node) -> Vec<String> {
    restriction.all("enumeration").map(|token| token.get("value").unwrap().to_owned()).collect()
}

/// A place to resolve names from.
struct Of<'s> {
    schemas: &'s Schemas,
    root: &'s Node,
    ns: &'s str,
}

const XS: &str = "http://www.w3.org/2001/XMLSchema";

impl<'s> Of<'s> {
    /// The namespace and local name a QName means here.
    fn resolve(&self, name: &str) -> (String, String) {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let declared = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
        let ns = match (prefix, self.root.get(&declared)) {
            ("xml", _) => "http://www.w3.org/XML/1998/namespace",
            (_, Some(ns)) => ns,
            (prefix, None) => panic!("prefix {prefix} is not declared"),
        };
        (ns.to_owned(), local.to_owned())
    }

    fn elsewhere(&self, ns: &str) -> Of<'s> {
        let (ns, root) = self.schemas.roots.get_key_value(ns).unwrap_or_else(|| panic!("no schema of {ns}"));
        Of { schemas: self.schemas, root, ns }
    }

    fn element(&self, element: &Node) -> String {
        let name = element.get("name").unwrap();
        if let Some(complex) = element.child("complexType") {
            return self.complex(complex, name).text();
        }
        let Some(of) = element.get("type") else { return "anything".to_owned() };
        match self.named_complex(of) {
            Some((there, node)) => {
                format!("{}: {}", node.get("name").unwrap(), there.complex(node, name).text())
            }
            None => Shape { attributes: Vec::new(), content: format!("text {}", self.simple(of)) }.text(),
        }
    }

    fn named_complex(&self, name: &str) -> Option<(Of<'s>, &'s Node)> {
        let (ns, local) = self.resolve(name);
        if ns == XS {
            return None;
        }
        let there = self.elsewhere(&ns);
        let node = there.root.all_named("complexType", &local)?;
        Some((there, node))
    }

    fn complex(&self, node: &Node, class: &str) -> Shape {
        if let Some(simple) = node.child("simpleContent") {
            let extension = simple.child("extension").expect("simple content is an extension");
            let base = extension.get("base").unwrap();
            let mut shape = match self.named_complex(base) {
                Some((there, node)) => there.complex(node, class),
                None => Shape { attributes: Vec::new(), content: format!("text {}", self.simple(base)) },
            };
            shape.attributes.extend(self.attributes(extension, class));
            return shape;
        }
        if let Some(complex) = node.child("complexContent") {
            if let Some(restriction) = complex.child("restriction") {
                let (there, base) = self.named_complex(restriction.get("base").unwrap()).unwrap();
                // Of its own content model alone, whatever its base is (XML Schema 1.0 part 1 §3.4.2).
                let mixed = complex.get("mixed").or(node.get("mixed")) == Some("true");
                // What a restriction does not name, it takes over; ours names every attribute of its base.
                let names = |node: &Node| node.all("attribute").map(|a| a.get("name").map(str::to_owned)).collect();
                let (mut of_base, mut of_this): (Vec<_>, Vec<_>) = (names(base), names(restriction));
                of_base.sort();
                of_this.sort();
                assert_eq!(of_base, of_this, "{} of {}", there.ns, class);
                let attributes = self.attributes(restriction, class);
                return Shape { attributes, content: self.content(restriction, class, mixed) };
            }
            let extension = complex.child("extension").unwrap();
            let (there, base) = self.named_complex(extension.get("base").unwrap()).unwrap();
            assert!(base.get("mixed").is_none());
            let mut attributes = there.attributes(base, class);
            attributes.extend(self.attributes(extension, class));
            let both =
                Part::Sequence(vec![there.group(base, class).unwrap(), self.group(extension, class).unwrap()], "");
            return Shape { attributes, content: format!("elements {}", both.plain().text()) };
        }
        let mixed = node.get("mixed") == Some("true");
        Shape { attributes: self.attributes(node, class), content: self.content(node, class, mixed) }
    }

    fn content(&self, node: &Node, class: &str, mixed: bool) -> String {
        let word = if mixed { "mixed" } else { "elements" };
        match self.group(node, class) {
            Some(part) => format!("{word} {}", part.plain().text()),
            None if mixed => "mixed ()".to_owned(),
            None => "empty".to_owned(),
        }
    }

    fn group(&self, node: &Node, class: &str) -> Option<Part> {
        let groups: Vec<_> =
            node.children.iter().filter(|c| ["sequence", "choice"].contains(&c.name.as_str())).collect();
        assert!(groups.len() <= 1, "{class}");
        groups.first().map(|group| self.part(group, class))
    }

    fn part(&self, node: &Node, class: &str) -> Part {
        let times = match (node.get("minOccurs").unwrap_or("1"), node.get("maxOccurs").unwrap_or("1")) {
            ("1", "1") => "",
            ("0", "1") => "?",
            ("0", "unbounded") => "*",
            ("1", "unbounded") => "+",
            other => panic!("{class}: {other:?}"),
        };
        let parts = || node.children.iter().map(|child| self.part(child, class)).collect();
        match node.name.as_str() {
            "sequence" => Part::Sequence(parts(), times),
            "choice" => Part::Choice(parts(), times),
            "any" => {
                let kind = node.get("namespace").unwrap_or("##any");
                Part::Leaf(format!("any {kind} {}", node.get("processContents").unwrap_or("strict")), times)
            }
            "element" => match node.get("ref") {
                Some(name) => {
                    let (ns, local) = self.resolve(name);
                    assert!(self.elsewhere(&ns).root.all_named("element", &local).is_some(), "{name} is not declared");
                    Part::Leaf(format!("{{{ns}}}{local}"), times)
                }
                None => {
                    let name = format!("{{{}}}{}", self.ns, node.get("name").unwrap());
                    Part::Leaf(format!("<{name} = {}>", self.element(node)), times)
                }
            },
            other => panic!("{class}: {other} is not known here"),
        }
    }

    fn attributes(&self, node: &Node, class: &str) -> Vec<String> {
        let used = node.all("attribute").filter(|attribute| attribute.get("use") != Some("prohibited"));
        used.map(|attribute| self.attribute(attribute, class)).collect()
    }

    fn attribute(&self, node: &Node, class: &str) -> String {
        let need = if node.get("use") == Some("required") { "!" } else { "" };
        let preset = match (node.get("default"), node.get("fixed")) {
            (Some(value), None) => format!("={value}"),
            (None, Some(value)) => format!("=={value}"),
            _ => String::new(),
        };
        if let Some(name) = node.get("ref") {
            let (ns, local) = self.resolve(name);
            let there = self.elsewhere(&ns);
            let declared = there.root.all_named("attribute", &local).unwrap();
            return format!("{name}{need} {}{preset}", there.simple_in(declared.get("type").unwrap(), XS));
        }
        let name = node.get("name").unwrap();
        let of = match node.child("simpleType") {
            Some(inline) => self.derived(inline, &format!("{class}@{name}")),
            None => self.simple(node.get("type").unwrap()),
        };
        format!("{name}{need} {of}{preset}")
    }

    /// A simple type by name, down to what is built in.
    fn simple(&self, name: &str) -> String {
        let (ns, local) = self.resolve(name);
        if ns == XS {
            return local;
        }
        let there = self.elsewhere(&ns);
        let node = there.root.all_named("simpleType", &local).unwrap_or_else(|| panic!("{name} is not declared"));
        there.derived(node, &local)
    }

    fn simple_in(&self, name: &str, ns: &str) -> String {
        assert_eq!(ns, XS);
        name.trim_start_matches("xs:").to_owned()
    }

    fn derived(&self, node: &Node, name: &str) -> String {
        if let Some(union) = node.child("union") {
            let inner = self.derived(union.child("simpleType").unwrap(), name);
            return format!("union {} {inner}", union.get("memberTypes").unwrap());
        }
        let restriction = node.child("restriction").unwrap();
        let base = self.simple(restriction.get("base").unwrap());
        let mut list = tokens(restriction);
        if !list.is_empty() {
            // Which tokens, not in which order: the lists of the published schema are compared in theirs elsewhere.
            list.sort();
            return format!("{name} {base} [{}]", list.join(" "));
        }
        let facets =
            restriction.children.iter().map(|facet| format!(" {} {}", facet.name, facet.get("value").unwrap()));
        format!("{base}{}", facets.collect::<String>())
    }
}

impl Node {
    fn all_named(&self, kind: &str, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == kind && child.get("name") == Some(name))
    }
}

/// Attributes and content.
pub struct Shape {
    pub attributes: Vec<String>,
    pub content: String,
}

impl Shape {
    pub fn text(&self) -> String {
        format!("[{}] {}", self.attributes.join("; "), self.content)
    }
}
