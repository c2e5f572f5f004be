//! Single faults, by class: each takes a sound document and one of its elements and spoils that.

use super::tree::{Element, Node, Tree};

/// One way to spoil an element: nothing where it has nothing to spoil in this way.
type Spoil = fn(&mut Tree, &[usize]) -> Option<()>;

pub const CLASSES: &[(&str, Spoil)] = &[
    ("a child is gone", |tree, way| {
        let (place, parent) = way.split_last()?;
        let _ = tree.at(parent).children.remove(*place);
        Some(())
    }),
    ("an element stands twice", |tree, way| {
        let (place, parent) = way.split_last()?;
        let parent = tree.at(parent);
        let copy = parent.children[*place].clone();
        parent.children.insert(*place, copy);
        Some(())
    }),
    ("two neighbours change places", |tree, way| {
        let (place, parent) = way.split_last()?;
        let parent = tree.at(parent);
        let next = (place + 1..parent.children.len()).find(|n| matches!(parent.children[*n], Node::Element(_)))?;
        parent.children.swap(*place, next);
        Some(())
    }),
    ("the last child comes first", |tree, way| {
        let (_, parent) = way.split_last()?;
        let parent = tree.at(parent);
        let last = parent.children.pop()?;
        parent.children.insert(0, last);
        Some(())
    }),
    ("an unknown name", |tree, way| {
        let element = tree.at(way);
        element.name.push_str("Bogus");
        Some(())
    }),
    ("another case of the name", |tree, way| {
        let element = tree.at(way);
        element.name = element.name.to_lowercase();
        Some(())
    }),
    ("a foreign namespace", |tree, way| {
        let element = tree.at(way);
        element.name = format!("foreign:{}", element.name.rsplit(':').next()?);
        element.set("xmlns:foreign", "urn:example:foreign");
        Some(())
    }),
    ("no namespace", |tree, way| {
        let element = tree.at(way);
        element.name = element.name.rsplit(':').next()?.to_owned();
        element.set("xmlns", "");
        Some(())
    }),
    ("the namespace of version 1", |tree, way| {
        let element = tree.at(way);
        element.name = format!("old:{}", element.name.rsplit(':').next()?);
        element.set("xmlns:old", "urn:ietf:params:xml:ns:iodef-1.0");
        Some(())
    }),
    ("an attribute is gone", |tree, way| {
        let element = tree.at(way);
        let place = element.attributes.iter().position(|(name, _)| !name.starts_with("xmlns"))?;
        let _ = element.attributes.remove(place);
        Some(())
    }),
    ("an unknown attribute", |tree, way| {
        tree.at(way).set("bogus", "x");
        Some(())
    }),
    ("an attribute of a foreign namespace", |tree, way| {
        tree.at(way).set("xmlns:foreign", "urn:example:foreign");
        tree.at(way).set("foreign:mark", "x");
        Some(())
    }),
    ("a hint where the schema is", |tree, way| {
        tree.at(way).set("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
        tree.at(way).set("xsi:schemaLocation", "urn:example:foreign nowhere.xsd");
        Some(())
    }),
    ("nil", |tree, way| {
        tree.at(way).set("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
        tree.at(way).set("xsi:nil", "true");
        Some(())
    }),
    ("a type of its own", |tree, way| {
        tree.at(way).set("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
        tree.at(way).set("xmlns:xs", "http://www.w3.org/2001/XMLSchema");
        tree.at(way).set("xsi:type", "xs:string");
        Some(())
    }),
    ("a type nobody made", |tree, way| {
        tree.at(way).set("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
        tree.at(way).set("xsi:type", "nobody:MLStringType");
        Some(())
    }),
    ("an attribute says nonsense", |tree, way| each_attribute(tree, way, |_| "no sense".to_owned())),
    ("an attribute is empty", |tree, way| each_attribute(tree, way, |_| String::new())),
    ("an attribute in capitals", |tree, way| each_attribute(tree, way, str::to_uppercase)),
    ("an attribute with blanks around it", |tree, way| each_attribute(tree, way, |value| format!("  {value}\n "))),
    ("a language that is none", |tree, way| {
        tree.at(way).set("xml:lang", "in English");
        Some(())
    }),
    ("a language everywhere", |tree, way| {
        tree.at(way).set("xml:lang", "en");
        Some(())
    }),
    ("a marking everywhere", |tree, way| {
        tree.at(way).set("restriction", "green");
        Some(())
    }),
    ("a private marking everywhere", |tree, way| {
        tree.at(way).set("ext-restriction", "ours");
        Some(())
    }),
    ("a name that begins with a digit", |tree, way| {
        tree.at(way).set("observable-id", "1-x");
        Some(())
    }),
    ("a name with a colon", |tree, way| {
        tree.at(way).set("observable-id", "a:b");
        Some(())
    }),
    ("one name on two", |tree, way| {
        let (_, parent) = way.split_last()?;
        tree.at(way).set("observable-id", "same-name");
        tree.at(parent).set("observable-id", " same-name ");
        Some(())
    }),
    ("a reference to nothing", |tree, way| {
        let element = tree.at(way);
        element.attributes.iter_mut().find(|(name, _)| name == "uid-ref")?.1 = "nowhere".to_owned();
        Some(())
    }),
    ("text where there was none", |tree, way| {
        tree.at(way).children.push(Node::Raw("stray".to_owned()));
        Some(())
    }),
    ("white space", |tree, way| {
        tree.at(way).children.push(Node::Raw("\n  ".to_owned()));
        Some(())
    }),
    ("a comment", |tree, way| {
        tree.at(way).children.insert(0, Node::Raw("<!-- said -->".to_owned()));
        Some(())
    }),
    ("a stretch of CDATA", |tree, way| {
        tree.at(way).children.push(Node::Raw("<![CDATA[ ]]>".to_owned()));
        Some(())
    }),
    ("a child of a foreign namespace", |tree, way| {
        tree.at(way).children.push(Node::Element(foreign()));
        Some(())
    }),
    ("a child that belongs elsewhere", |tree, way| {
        let name = sibling(tree, "Server");
        tree.at(way).children.push(Node::Element(Element { name, ..Element::default() }));
        Some(())
    }),
    ("a description more", |tree, way| {
        let name = sibling(tree, "Description");
        tree.at(way).children.push(Node::Element(Element { name, ..Element::default() }));
        Some(())
    }),
    ("no text", |tree, way| text(tree, way, |_| String::new())),
    ("nonsense for a text", |tree, way| text(tree, way, |_| "nonsense 1".to_owned())),
    ("a thirteenth month", |tree, way| text(tree, way, |_| "2026-13-01T00:00:00Z".to_owned())),
    ("a thirtieth of February", |tree, way| text(tree, way, |_| "2026-02-30T00:00:00Z".to_owned())),
    ("a date alone", |tree, way| text(tree, way, |_| "2026-02-20".to_owned())),
    ("a time without zone", |tree, way| text(tree, way, |_| "2026-02-20T10:00:00.5".to_owned())),
    ("midnight as 24", |tree, way| text(tree, way, |_| "2026-02-20T24:00:00+14:00".to_owned())),
    ("a minus", |tree, way| text(tree, way, |_| "-1".to_owned())),
    ("a fraction", |tree, way| text(tree, way, |_| "12.50".to_owned())),
    ("an exponent", |tree, way| text(tree, way, |_| "1e3".to_owned())),
    ("zero", |tree, way| text(tree, way, |_| "0".to_owned())),
    ("no number", |tree, way| text(tree, way, |_| "NaN".to_owned())),
    ("a list", |tree, way| text(tree, way, |_| "1,2-3".to_owned())),
    ("blanks around a text", |tree, way| text(tree, way, |text| format!("\n   {text}\n "))),
    ("a text in CDATA", |tree, way| {
        text(tree, way, |text| {
            let sound = !text.contains('&') && !text.contains("]]>");
            if sound { format!("<![CDATA[{text}]]>") } else { text.to_owned() }
        })
    }),
    ("a text of base64", |tree, way| text(tree, way, |_| "AAECAw==".to_owned())),
    ("a text of broken base64", |tree, way| text(tree, way, |_| "AAECAw=".to_owned())),
];

/// A name in the namespace of the document, by the prefix of its root.
fn sibling(tree: &Tree, local: &str) -> String {
    match tree.root.name.split_once(':') {
        Some((prefix, _)) => format!("{prefix}:{local}"),
        None => local.to_owned(),
    }
}

fn foreign() -> Element {
    let attributes = vec![("xmlns:other".to_owned(), "urn:example:other".to_owned())];
    Element { name: "other:thing".to_owned(), attributes, children: Vec::new() }
}

/// Spoils the last attribute that is the document's own.
fn each_attribute(tree: &mut Tree, way: &[usize], change: impl Fn(&str) -> String) -> Option<()> {
    let element = tree.at(way);
    let own = |name: &str| !name.starts_with("xmlns") && !name.starts_with("xsi:");
    let (_, value) = element.attributes.iter_mut().rev().find(|(name, _)| own(name))?;
    *value = change(value);
    Some(())
}

/// Spoils the text of an element that holds nothing else.
fn text(tree: &mut Tree, way: &[usize], change: impl Fn(&str) -> String) -> Option<()> {
    let element = tree.at(way);
    if element.elements().next().is_some() {
        return None;
    }
    let text: String = element
        .children
        .iter()
        .map(|node| match node {
            Node::Raw(raw) => raw.as_str(),
            Node::Element(_) => "",
        })
        .collect();
    element.children = vec![Node::Raw(change(&text))];
    Some(())
}
