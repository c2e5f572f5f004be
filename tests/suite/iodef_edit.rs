//! Edits of a document: what they mean, how little they touch, and how they are undone; and the form for comparing.

use std::collections::BTreeMap;

use gridwatch::iodef::edit::{Change, Edit, Fragment, Place};
use gridwatch::iodef::{Document, Element, Fault, NodeId};
use proptest::prelude::*;
use proptest::sample::Index;

use super::iodef_tree::{check, examples};

const NS: &str = "urn:ietf:params:xml:ns:iodef-2.0";

fn read(text: &str) -> Document {
    Document::read(text.as_bytes(), &[]).unwrap_or_else(|refused| panic!("{refused}: {text}"))
}

fn named(document: &Document, local: &str) -> NodeId {
    document.root().descendants().find(|element| element.local() == local).expect(local).id()
}

/// A document as a test sees it: names, values and order, and nothing of how it is written.
#[derive(Clone, Debug, PartialEq)]
struct Plain {
    ns: String,
    local: String,
    attrs: BTreeMap<(String, String), String>,
    text: String,
    children: Vec<Plain>,
}

impl Plain {
    fn of(element: Element<'_>) -> Self {
        let attrs = element.attrs();
        Self {
            ns: element.ns().to_owned(),
            local: element.local().to_owned(),
            attrs: attrs.map(|a| ((a.ns().to_owned(), a.local().to_owned()), a.value().into_owned())).collect(),
            text: element.text().trim().to_owned(),
            children: element.children().map(Self::of).collect(),
        }
    }

    fn at(&mut self, path: &[usize]) -> &mut Self {
        path.iter().fold(self, |plain, step| &mut plain.children[*step])
    }
}

/// The way to an element: which child of which.
fn way(element: Element<'_>) -> Vec<usize> {
    let mut way: Vec<usize> = element
        .ancestors()
        .filter_map(|one| one.parent().map(|parent| parent.children().position(|child| child == one).unwrap()))
        .collect();
    way.reverse();
    way
}

/// Lines that differ: (taken out, put in).
fn changed_lines(before: &str, after: &str) -> (usize, usize) {
    let (old, new): (Vec<_>, Vec<_>) = (before.split('\n').collect(), after.split('\n').collect());
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    (old.len() - start - end, new.len() - start - end)
}

fn lines(text: &str) -> usize {
    text.matches('\n').count() + 1
}

#[test]
fn an_edit_follows_its_neighbours() {
    let before = "<?xml version=\"1.0\"?>\r\n<IODEF-Document xmlns=\"NS\" xmlns:i='NS' version='2.00'>\r\n\t<i:Incident \
                  purpose='watch'\r\n\t          restriction='green'>\r\n\t\t<i:IncidentID name=\"a\">1</i:IncidentID>\r\n\
                  \t\t<!-- kept -->\r\n\t\t<i:Description/>\r\n\t</i:Incident>\r\n</IODEF-Document>\r\n"
        .replace("NS", NS);
    let edit = |how: &dyn Fn(&mut Document) -> Change| {
        let mut document = read(&before);
        let change = how(&mut document);
        let after = document.text().to_owned();
        check(&document, after.as_bytes());
        document.apply(&change.inverse()).unwrap();
        assert_eq!(document.text(), before);
        document.apply(&change).unwrap();
        assert_eq!(document.text(), after);
        after
    };
    let incident = named(&read(&before), "Incident");
    let id = named(&read(&before), "IncidentID");
    let description = named(&read(&before), "Description");
    let same = |from: &str, to: &str| {
        assert_eq!(before.matches(from).count(), 1, "{from}");
        before.replace(from, to)
    };
    // Quotes and white space of the attributes around.
    assert_eq!(edit(&|d| d.set_attr(incident, "purpose", "a'b\"").unwrap()), same("'watch'", "'a&apos;b\"'"));
    let added = same("'green'", "'green'\r\n\t          status='new'");
    assert_eq!(edit(&|d| d.set_attr(incident, "status", "new").unwrap()), added);
    assert_eq!(edit(&|d| d.remove_attr(incident, "purpose").unwrap()), same(" purpose='watch'", ""));
    let lang = same("<i:Description/>", "<i:Description xml:lang=\"de\"/>");
    let xml = "http://www.w3.org/XML/1998/namespace";
    assert_eq!(edit(&|d| d.set_attr_ns(description, xml, "lang", "de").unwrap()), lang);
    let other = same("<i:Description/>", "<i:Description xmlns:ns1=\"urn:x\" ns1:a=\"1\"/>");
    assert_eq!(edit(&|d| d.set_attr_ns(description, "urn:x", "a", "1").unwrap()), other);
    // Text, into one tag and into two.
    let text = same("<i:Description/>", "<i:Description>a &lt; b\n</i:Description>");
    assert_eq!(edit(&|d| d.set_text(description, "a < b\n").unwrap()), text);
    assert_eq!(edit(&|d| d.set_text(id, "2").unwrap()), same(">1<", ">2<"));
    // Lines: tabs, CRLF and the siblings' prefix.
    let email = Fragment::new("Contact")
        .attr("role", "tech")
        .with(Fragment::new("Email").with(Fragment::leaf("EmailTo", "a@b.example")))
        .attr("type", "person");
    let contact = "\r\n\t\t<i:Contact role=\"tech\" type=\"person\">\r\n\t\t\t<i:Email>\r\n\t\t\t\t<i:EmailTo>a@b.example\
                   </i:EmailTo>\r\n\t\t\t</i:Email>\r\n\t\t</i:Contact>";
    let last = same("<i:Description/>", &format!("<i:Description/>{contact}"));
    assert_eq!(edit(&|d| d.insert(incident, Place::Last, &email).unwrap()), last);
    assert_eq!(edit(&|d| d.insert(incident, Place::After(description), &email).unwrap()), last);
    let first = same("\r\n\t\t<i:IncidentID", &format!("{contact}\r\n\t\t<i:IncidentID"));
    assert_eq!(edit(&|d| d.insert(incident, Place::First, &email).unwrap()), first);
    let empty = same("<i:Description/>", "<i:Description>\r\n\t\t\t<i:X/>\r\n\t\t</i:Description>");
    assert_eq!(edit(&|d| d.insert(description, Place::Last, &Fragment::new("X")).unwrap()), empty);
    // Foreign content brings its namespace.
    let foreign =
        Fragment::foreign("urn:y", "y", "a").with(Fragment::foreign("urn:y", "", "b").attr_ns("urn:z", "c", "1"));
    let brought = same(
        "<i:Description/>",
        "<i:Description>\r\n\t\t\t<y:a xmlns:y=\"urn:y\">\r\n\t\t\t\t<y:b xmlns:ns1=\"urn:z\" ns1:c=\"1\"/>\r\n\t\t\t</y:a>\r\n\t\t</i:Description>",
    );
    assert_eq!(edit(&|d| d.insert(description, Place::Last, &foreign).unwrap()), brought);
    // An element goes with its line.
    assert_eq!(edit(&|d| d.remove(description).unwrap()), same("\r\n\t\t<i:Description/>", ""));
    assert_eq!(edit(&|d| d.rename(id, "AlternativeID").unwrap()), before.replace("i:IncidentID", "i:AlternativeID"));
    assert_eq!(edit(&|d| d.rename(description, "X").unwrap()), same("<i:Description/>", "<i:X/>"));
    let moved = edit(&|d| d.move_to(description, incident, Place::Before(id)).unwrap());
    assert!(moved.contains("\r\n\t\t<i:Description/>\r\n\t\t<i:IncidentID") && moved.len() == before.len());
}

#[test]
fn in_one_line_it_stays_in_one_line() {
    let mut document = read(&format!("<IODEF-Document xmlns='{NS}'><Incident/></IODEF-Document>"));
    let incident = named(&document, "Incident");
    let change = document
        .insert(incident, Place::Last, &Fragment::new("Contact").with(Fragment::leaf("ContactName", "a")))
        .unwrap();
    assert!(document.text().contains("<Incident><Contact><ContactName>a</ContactName></Contact></Incident>"));
    assert_eq!(document.element(change.node().unwrap()).unwrap().local(), "Contact");
    let _ = document.remove(change.node().unwrap()).unwrap();
    assert!(document.text().contains("<Incident></Incident>"));
}

#[test]
fn what_is_moved_keeps_its_namespaces() {
    let text = format!(
        "<IODEF-Document xmlns='{NS}'>\n <Incident xmlns:p='urn:1'>\n  <AdditionalData><p:x q='1'/></AdditionalData>\n </Incident>\n \
         <AdditionalData xmlns='urn:0' xmlns:p='urn:2'/>\n</IODEF-Document>"
    );
    let mut document = read(&text);
    let (data, root) = (named(&document, "AdditionalData"), document.root().id());
    let change = document.move_to(data, root, Place::Last).unwrap();
    let moved = document.element(change.node().unwrap()).unwrap();
    assert_eq!(moved.source(), b"<AdditionalData xmlns:p=\"urn:1\"><p:x q='1'/></AdditionalData>");
    assert_eq!(moved.position().line, 4);
    assert_eq!(document.root().child("Incident").unwrap().source(), b"<Incident xmlns:p='urn:1'></Incident>");
    document.apply(&change.inverse()).unwrap();
    assert_eq!(document.text(), text);
    let other = document.root().children().last().unwrap();
    let copy = Fragment::copy(document.root().child("Incident").unwrap(), Some(other));
    let other = other.id();
    let _ = document.insert(other, Place::Last, &copy).unwrap();
    let incident = document.element(other).unwrap().children().next().unwrap();
    assert_eq!((incident.ns(), incident.descendants().last().unwrap().ns()), (NS, "urn:1"));
}

#[test]
fn what_cannot_be_done_changes_nothing() {
    let text = format!("<IODEF-Document xmlns='{NS}'><Incident><IncidentID>1</IncidentID></Incident></IODEF-Document>");
    let mut document = read(&text);
    let root = document.root().id();
    let (incident, id) = (named(&document, "Incident"), named(&document, "IncidentID"));
    let stranger = read(&text.replace("<Incident>", "<Incident><a/><b/><c/>"));
    let far = named(&stranger, "IncidentID");
    let fault = |result: Result<Change, gridwatch::iodef::Refused>| result.unwrap_err().fault;
    assert_eq!(fault(document.remove(root)), Fault::Edit);
    assert_eq!(fault(document.remove(far)), Fault::Edit);
    assert_eq!(fault(document.set_text(incident, "x")), Fault::Edit);
    assert_eq!(fault(document.move_to(incident, id, Place::Last)), Fault::Edit);
    assert_eq!(fault(document.move_to(incident, incident, Place::Last)), Fault::Edit);
    assert_eq!(fault(document.insert(incident, Place::After(root), &Fragment::new("a"))), Fault::Edit);
    assert_eq!(fault(document.remove_attr(id, "name")), Fault::Edit);
    for bad in ["\u{0}", "\u{fffe}"] {
        assert!(document.set_text(id, bad).is_err() && document.set_attr(id, "a", bad).is_err());
        assert!(document.insert(id, Place::Last, &Fragment::leaf("a", bad)).is_err());
    }
    for bad in ["", "a b", "1", "a:b", "xmlns", "<"] {
        assert!(document.set_attr(id, bad, "x").is_err(), "{bad}");
        assert!(bad == "xmlns" || document.rename(id, bad).is_err(), "{bad}");
    }
    let mut deep = Fragment::new("Contact");
    for _ in 0..300 {
        deep = Fragment::new("Contact").with(deep);
    }
    assert!(document.insert(incident, Place::Last, &deep).is_err());
    let change = stranger.clone().set_text(far, "2").unwrap();
    assert!(document.apply(&change).is_err());
    assert_eq!(document.text(), text);
    check(&document, text.as_bytes());
}

fn fragments() -> impl Strategy<Value = Fragment> {
    let name = "[A-Z][a-z]{0,6}";
    let leaf = (name, "[ -~\u{e4}\n\r\t]{0,12}", prop::option::of("[ -~\n\t]{0,9}")).prop_map(|(name, text, value)| {
        let leaf = if text.is_empty() { Fragment::new(name) } else { Fragment::leaf(name, text) };
        value.into_iter().fold(leaf, |leaf, value| leaf.attr("a", value))
    });
    leaf.prop_recursive(4, 12, 3, move |inner| {
        (name, prop::bool::ANY, prop::collection::vec(inner, 0..3)).prop_map(|(name, foreign, children)| {
            let outer = if foreign { Fragment::foreign("urn:f", "f", name) } else { Fragment::new(name) };
            children.into_iter().fold(outer, Fragment::with)
        })
    })
}

#[derive(Clone, Debug)]
enum Wish {
    Attr(String, Option<String>),
    Text(String),
    Insert(u8, Index, Fragment),
    Remove,
    Move(Index),
    Rename(String),
}

fn wishes() -> impl Strategy<Value = Wish> {
    prop_oneof![
        ("[a-z]{1,4}|restriction|name", prop::option::of("[ -~\u{e9}\n\r\t]{0,12}"))
            .prop_map(|(n, v)| Wish::Attr(n, v)),
        "[ -~\u{e9}\n\r\t]{0,20}".prop_map(Wish::Text),
        (0u8..4, any::<Index>(), fragments()).prop_map(|(how, which, fragment)| Wish::Insert(how, which, fragment)),
        Just(Wish::Remove),
        any::<Index>().prop_map(Wish::Move),
        "[A-Z][a-z]{1,5}".prop_map(Wish::Rename),
    ]
}

/// Makes the edit in the document and in its plain picture.
fn grant(document: &mut Document, plain: &mut Plain, at: NodeId, wish: Wish) -> Option<Change> {
    let element = document.element(at).unwrap();
    let path = way(element);
    let key = |local: &str| (String::new(), local.to_owned());
    match wish {
        Wish::Attr(local, Some(value)) => {
            let change = document.set_attr(at, &local, &value).unwrap();
            let _ = plain.at(&path).attrs.insert(key(&local), value);
            Some(change)
        }
        Wish::Attr(local, None) => {
            let change = document.remove_attr(at, &local).ok()?;
            assert!(plain.at(&path).attrs.remove(&key(&local)).is_some());
            Some(change)
        }
        Wish::Text(text) => {
            let change = document.set_text(at, &text).ok()?;
            plain.at(&path).text = text.trim().to_owned();
            Some(change)
        }
        Wish::Insert(how, which, fragment) => {
            let children: Vec<_> = element.children().map(Element::id).collect();
            let which = if children.is_empty() { 0 } else { which.index(children.len()) };
            let (place, index) = match how {
                0 => (Place::First, 0),
                1 if !children.is_empty() => (Place::Before(children[which]), which),
                2 if !children.is_empty() => (Place::After(children[which]), which + 1),
                _ => (Place::Last, children.len()),
            };
            let change = document.edit(&Edit::Insert { parent: at, place, fragment }).unwrap();
            let new = Plain::of(document.element(change.node().unwrap()).unwrap());
            plain.at(&path).children.insert(index, new);
            Some(change)
        }
        Wish::Remove => {
            let change = document.remove(at).ok()?;
            let (last, parent) = path.split_last().unwrap();
            drop(plain.at(parent).children.remove(*last));
            Some(change)
        }
        Wish::Move(to) => {
            let all: Vec<_> =
                std::iter::once(document.root()).chain(document.root().descendants()).map(Element::id).collect();
            let to = *to.get(&all);
            let change = document.move_to(at, to, Place::Last).ok()?;
            let target = document.element(change.node().unwrap()).unwrap();
            let new = way(target.parent().unwrap());
            let (last, parent) = path.split_last().unwrap();
            let moved = plain.at(parent).children.remove(*last);
            plain.at(&new).children.push(moved);
            Some(change)
        }
        Wish::Rename(local) => {
            let change = document.rename(at, &local).unwrap();
            plain.at(&path).local = local;
            Some(change)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn edits_do_what_they_say_and_no_more(which in any::<Index>(), edits in prop::collection::vec((any::<Index>(), wishes()), 1..6)) {
        let small: Vec<_> = examples().iter().filter(|(_, bytes)| bytes.len() < 40_000).collect();
        let Ok(mut document) = Document::read(which.get(&small).1.as_slice(), &[]) else { return Ok(()) };
        let start = document.text().to_owned();
        let mut plain = Plain::of(document.root());
        let mut history = Vec::new();
        for (at, wish) in edits {
            let before = document.clone();
            let ids: Vec<_> = std::iter::once(document.root()).chain(document.root().descendants()).map(Element::id).collect();
            let at = *at.get(&ids);
            let is_move = matches!(wish, Wish::Move(_));
            let Some(change) = grant(&mut document, &mut plain, at, wish) else {
                prop_assert_eq!(document.text(), before.text());
                continue;
            };
            check(&document, document.text().as_bytes());
            prop_assert_eq!(&Plain::of(document.root()), &plain);
            // Only the lines of the element, and the one its neighbour ends on.
            let (old, new) = change.size();
            prop_assert!(is_move || before.text().len() - old == document.text().len() - new);
            let own = lines(std::str::from_utf8(before.element(at).unwrap().source()).unwrap());
            if !is_move {
                let (out, _) = changed_lines(before.text(), document.text());
                prop_assert!(out <= own + 2, "{out} lines for {own}");
            }
            // Who was there before is found again.
            for element in before.root().descendants().filter(|element| !element.contains(at) && element.id() != at) {
                if let Some(now) = change.follow(element.id()).and_then(|id| document.element(id)) {
                    prop_assert_eq!(now.qualified(), element.qualified());
                    prop_assert_eq!(now.attrs().count(), element.attrs().count());
                } else {
                    let gone = before.element(at).unwrap();
                    prop_assert!(gone.contains(element.id()) || change.node().is_some(), "{} is lost", element.path());
                }
            }
            history.push((change, before.text().to_owned()));
        }
        for (change, text) in history.into_iter().rev() {
            document.apply(&change.inverse()).unwrap();
            prop_assert_eq!(document.text(), text);
        }
        prop_assert_eq!(document.text(), start);
    }
}

#[test]
fn what_a_broker_writes_anew_is_the_same_to_us() {
    let document = |text: &str| read(&text.replace("NS", NS)).canonical();
    let ours = "<?xml version='1.0'?>\n<IODEF-Document xmlns='NS' version='2.00' xml:lang='en'>\n <Incident purpose='watch' \
                restriction='white'>\n  <IncidentID name='a'>\n 1 \n</IncidentID><GenerationTime> 2026-01-02T01:00:00+01:00</GenerationTime>\
                <Description>a &#38; b<![CDATA[<]]> </Description><AdditionalData dtype='xml'><x xmlns='urn:x' y='&quot;'/></AdditionalData>\
                <BulkObservableList>a\nb</BulkObservableList></Incident></IODEF-Document>";
    let same = [
        "<i:IODEF-Document xml:lang=\"en\" version=\"2.00\" xmlns:i=\"NS\"><i:Incident restriction=\" white\" purpose=\"watch\">\
         <i:IncidentID name=\"a\">1</i:IncidentID><i:GenerationTime>2026-01-02T00:00:00Z</i:GenerationTime><i:Description>a &amp; b&lt; \
         </i:Description><i:AdditionalData dtype=\"xml\"><q:x xmlns:q=\"urn:x\" y='\"'></q:x></i:AdditionalData><i:BulkObservableList>a\r\nb\
         </i:BulkObservableList></i:Incident></i:IODEF-Document>",
        "<IODEF-Document xmlns='NS' version='2.00' xml:lang='en'><!-- c --><Incident purpose='watch' restriction='white'><IncidentID name='a'>1\
         </IncidentID><GenerationTime>2026-01-02T00:00:00.000Z</GenerationTime><Description>a &amp; b&lt; </Description><AdditionalData \
         dtype='xml'><x xmlns='urn:x' y='&#34;'/></AdditionalData><BulkObservableList>a\nb </BulkObservableList></Incident></IODEF-Document>",
    ];
    let canonical = document(ours);
    for text in same {
        assert_eq!(String::from_utf8(document(text)).unwrap(), String::from_utf8(canonical.clone()).unwrap());
    }
    // The end of a day is the next one's beginning, in any zone.
    let at = |time: &str| document(&ours.replace("2026-01-02T01:00:00+01:00", time));
    assert_eq!(at("2026-01-01T24:00:00Z"), canonical);
    assert_eq!(at("2026-01-01T24:00:00.0Z"), canonical);
    for other in ["2026-01-02T24:00:00Z", "2026-01-01T24:00:00", "2026-01-01T24:00:00.5Z"] {
        assert_ne!(at(other), canonical, "{other}");
    }
    // What means something else is not the same.
    for (from, to) in [
        ("white", "public"),
        ("a\nb", "a b"),
        ("> 2026-01-02T01", "> 2026-01-02T02"),
        ("+01:00", ""),
        ("b<![CDATA[<]]> ", "b<![CDATA[<]]>"),
        ("urn:x", "urn:y"),
        ("name='a'", "name='A'"),
        ("xml:lang", "lang"),
        ("<AdditionalData dtype='xml'>", "<AdditionalData dtype='xml'> "),
        ("1 \n", "2"),
        // A blank in somebody else's attribute is his.
        ("y='&quot;'", "y='&quot; '"),
    ] {
        assert!(ours.contains(from));
        assert_ne!(document(&ours.replace(from, to)), canonical, "{from}");
    }
}

#[test]
fn an_element_of_xml_s_own_namespace_keeps_its_prefix() {
    let text = format!("<D xmlns='{NS}'><xml:x xml:lang='sv'><y/><z xmlns='urn:z'><xml:x/></z></xml:x></D>");
    let mut document = read(&text);
    let canonical = String::from_utf8(document.canonical()).unwrap();
    let (open, inner) = (r#"<xml:x xml:lang="sv">"#, r#"<y></y><z xmlns="urn:z"><xml:x></xml:x></z>"#);
    assert_eq!(canonical, format!(r#"<D xmlns="{NS}">{open}{inner}</xml:x></D>"#));
    let root = document.root().id();
    let xml = "http://www.w3.org/XML/1998/namespace";
    let _ = document.insert(root, Place::Last, &Fragment::foreign(xml, "p", "w")).unwrap();
    assert!(document.text().contains("<xml:w/>"), "{}", document.text());
}

#[test]
fn the_canonical_form_is_stable() {
    for (path, bytes) in examples() {
        let Ok(document) = Document::read(bytes.as_slice(), &[]) else { continue };
        let canonical = document.canonical();
        let name = path.display();
        let again = Document::read(document.write(), &[]).unwrap();
        assert!(again.canonical() == canonical, "{name}");
        let read = Document::read(canonical.as_slice(), &[]).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        assert!(read.canonical() == canonical, "{name}: not its own canonical form");
        assert_eq!(read.root().descendants().count(), document.root().descendants().count(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Another hand writes the same: other prefix, other quotes, attributes turned about, empty elements in two tags.
    #[test]
    fn rewriting_does_not_change_the_canonical_form(fragment in fragments(), prefix in "|[a-z]{1,3}", shape in any::<u8>()) {
        let open = if prefix.is_empty() { String::new() } else { format!("{prefix}:") };
        let bind = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
        let gap = if shape & 1 == 0 { "" } else { "\n" };
        let empty = if shape & 2 == 0 { format!("<{open}a b='1' c='2'/>") } else { format!("<{open}a  c=\"2\" b='&#49;' ></{open}a>") };
        let first = format!("<{open}D {bind}=\"{NS}\">{gap}{empty}{gap}</{open}D>");
        let mut one = read(&first);
        let mut two = read(&format!("<D xmlns='{NS}'><a b='1' c='2'/></D>"));
        prop_assert_eq!(one.canonical(), two.canonical());
        for document in [&mut one, &mut two] {
            let root = document.root().id();
            let _ = document.insert(root, Place::Last, &fragment).unwrap();
        }
        prop_assert_eq!(String::from_utf8(one.canonical()).unwrap(), String::from_utf8(two.canonical()).unwrap());
    }
}
