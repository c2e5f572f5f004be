//! The tree of a document: nothing lost, nothing trusted, nothing that grows without a limit.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use gridwatch::iodef::doc::{Content, Version};
use gridwatch::iodef::{Document, Element, Fault, Limit, NodeId, Position, Refused, Syntax};
use proptest::prelude::*;

use super::support::shared::shared;

const NS: &str = "urn:ietf:params:xml:ns:iodef-2.0";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Our own fixtures, and the reference data beside the repository where it is there.
pub fn examples() -> &'static [(PathBuf, Vec<u8>)] {
    static EXAMPLES: LazyLock<Vec<(PathBuf, Vec<u8>)>> = LazyLock::new(find);
    &EXAMPLES
}

fn find() -> Vec<(PathBuf, Vec<u8>)> {
    let mut folders = vec![root().join("tests/fixtures/iodef")];
    let others = shared("iodef/examples").into_iter();
    folders.extend(others.flat_map(|examples| ["own", "v1", "v2", "invalid"].map(|folder| examples.join(folder))));
    let mut found = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ext| ext == "xml") {
                let bytes = fs::read(&path).unwrap();
                found.push((path, bytes));
            }
        }
    }
    found.sort();
    assert!(found.len() >= 7);
    found
}

fn read(text: &str) -> Document {
    Document::read(text.as_bytes(), &[]).unwrap_or_else(|refused| panic!("{refused}: {text:.200}"))
}

fn refused(bytes: &[u8]) -> Refused {
    Document::read(bytes, &[]).expect_err(&String::from_utf8_lossy(&bytes[..bytes.len().min(80)]))
}

/// What must hold in any tree.
pub fn check(document: &Document, bytes: &[u8]) {
    assert_eq!(document.write(), bytes);
    let root = document.root();
    assert!(root.parent().is_none());
    let mut count = 0;
    for element in std::iter::once(root).chain(root.descendants()) {
        count += 1;
        assert_eq!(document.element(element.id()), Some(element));
        let source = std::str::from_utf8(element.source()).unwrap();
        assert!(source.starts_with(&format!("<{}", element.qualified())) && source.ends_with('>'));
        for child in element.children() {
            assert_eq!(child.parent(), Some(element));
            assert!(element.contains(child.id()) && !child.contains(element.id()));
        }
    }
    // Every element is somebody's child, once.
    let mut reached = 1;
    let mut open = vec![root];
    while let Some(element) = open.pop() {
        let before = open.len();
        open.extend(element.children());
        reached += open.len() - before;
    }
    assert_eq!(reached, count);
}

#[test]
fn every_example_is_written_as_it_was_read() {
    let mut trees = 0;
    for (path, bytes) in examples() {
        let name = path.display();
        match Document::read(bytes.as_slice(), &[]) {
            Ok(document) => {
                check(&document, bytes);
                trees += 1;
            }
            Err(refused) => {
                let expected = ["broken.xml", "not-well-formed.xml", "doctype.xml", "doctype-entity.xml"];
                assert!(expected.iter().any(|file| path.ends_with(file)), "{name}: {refused}");
            }
        }
    }
    assert!(trees >= 7);
}

#[test]
fn names_values_and_places() {
    let text = format!(
        "\u{feff}<?xml version='1.0' encoding=\"UTF-8\"?>\r\n<!-- before --><IODEF-Document version=\"2.00\" xmlns='{NS}' \
         xmlns:q=\"{NS}\"\n xml:lang='de'>\n<q:Incident purpose='a&amp;&#x41;\tb' q:x='&lt;'>é<Description>one &lt;<![CDATA[<&\r\n>]]>\
         <x xmlns=''>no</x>\rtwo<!--c--></Description><q:Description/></q:Incident></IODEF-Document><?pi data?>\n"
    );
    let document = read(&text);
    check(&document, text.as_bytes());
    assert_eq!(document.version(), Ok(Version::V2));
    let root = document.root();
    assert_eq!((root.ns(), root.local(), root.prefix(), root.is_iodef()), (NS, "IODEF-Document", "", true));
    assert_eq!(root.attr("version").as_deref(), Some("2.00"));
    assert_eq!(root.attr("lang"), None);
    assert_eq!(root.attr_ns("http://www.w3.org/XML/1998/namespace", "lang").as_deref(), Some("de"));
    assert_eq!(root.attrs().count(), 2);
    assert_eq!(root.declarations().map(|(prefix, _)| prefix).collect::<Vec<_>>(), ["", "q"]);
    assert_eq!(root.position(), Position { line: 2, column: 16 });
    let incident = root.child("Incident").unwrap();
    assert_eq!((incident.qualified(), incident.prefix(), incident.local()), ("q:Incident", "q", "Incident"));
    assert_eq!(incident.attr("purpose").as_deref(), Some("a&A b"));
    assert_eq!((incident.attr("x"), incident.attr_ns(NS, "x").as_deref()), (None, Some("<")));
    assert_eq!(incident.text(), "é");
    let place = incident.attrs().nth(1).unwrap().position();
    assert_eq!((place.line, place.column), (4, 38));
    let both: Vec<_> = incident.children_named("Description").collect();
    assert_eq!(both.len(), 2);
    assert_eq!(both[0].text(), "one <<&\n>\ntwo");
    assert_eq!(both[0].path(), "Incident[1]/Description[1]");
    assert_eq!(both[1].path(), "Incident[1]/Description[2]");
    assert_eq!(both[1].source(), b"<q:Description/>");
    let kinds: String = both[0]
        .content()
        .map(|part| match part {
            Content::Element(element) => {
                assert_eq!((element.ns(), element.is_iodef(), element.text().as_ref()), ("", false, "no"));
                'e'
            }
            Content::Text(_) => 't',
            Content::CData(_) => 'd',
            Content::Comment(words) => {
                assert_eq!(words, "c");
                'c'
            }
            Content::Instruction(_) => 'i',
        })
        .collect();
    assert_eq!(kinds, "tdetc");
    assert_eq!(document.element(NodeId::default()), None);
    assert!(!format!("{document:?} {root:?}").contains("one"));
}

#[test]
fn declarations_around_a_payload_count() {
    let scope = [(String::new(), NS.to_owned()), ("x".to_owned(), "urn:x".to_owned())];
    let document = Document::read(b"<IODEF-Document><x:a/></IODEF-Document>".as_slice(), &scope).unwrap();
    assert_eq!(document.version(), Ok(Version::V2));
    assert_eq!(document.root().children().next().map(Element::ns), Some("urn:x"));
    let foreign = read("<feed/>");
    assert_eq!(foreign.version().unwrap_err().fault, Fault::Foreign);
    assert_eq!(read("<IODEF-Document/>").version().unwrap_err().fault, Fault::Namespace);
    assert_eq!(read(&format!("<Incident xmlns='{NS}'/>")).version().unwrap_err().fault, Fault::Root);
}

#[test]
fn what_is_no_xml_is_refused_with_its_place() {
    let table: &[(&str, Syntax, (u32, u32))] = &[
        ("", Syntax::Cut, (1, 1)),
        ("<a>\n <b>", Syntax::Cut, (2, 5)),
        ("<a", Syntax::Cut, (1, 1)),
        ("<a><!-- ", Syntax::Cut, (1, 4)),
        ("<a>é</b>", Syntax::Mismatch, (1, 5)),
        ("<a>\n<p:b/></a>", Syntax::Prefix, (2, 1)),
        ("<a p:b=''/>", Syntax::Prefix, (1, 4)),
        ("<a xmlns:p=''/>", Syntax::Prefix, (1, 4)),
        ("<a xmlns:xml='urn:x'/>", Syntax::Prefix, (1, 4)),
        ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", Syntax::Prefix, (1, 4)),
        ("<a b='1' b='2'/>", Syntax::Twice, (1, 10)),
        ("<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>", Syntax::Twice, (1, 44)),
        ("<a xmlns='urn:x' xmlns='urn:x'/>", Syntax::Twice, (1, 18)),
        ("<a b='1'c='2'/>", Syntax::Markup, (1, 9)),
        ("<a b=1/>", Syntax::Markup, (1, 1)),
        ("<a b='<'/>", Syntax::Markup, (1, 4)),
        ("<a b='&nbsp;'/>", Syntax::Reference, (1, 4)),
        ("<a b='&amp'/>", Syntax::Reference, (1, 4)),
        ("<a>&nbsp;</a>", Syntax::Reference, (1, 4)),
        ("<a>&#0;</a>", Syntax::Reference, (1, 4)),
        ("<a>&#xD800;</a>", Syntax::Reference, (1, 4)),
        ("<a>]]></a>", Syntax::Markup, (1, 4)),
        ("<a><!-- -- --></a>", Syntax::Markup, (1, 4)),
        ("<1/>", Syntax::Name, (1, 1)),
        ("<a:b:c/>", Syntax::Name, (1, 1)),
        ("<a b@='1'/>", Syntax::Name, (1, 4)),
        ("<a><?xml version='1.0'?></a>", Syntax::Markup, (1, 4)),
        ("<a><?XML x?></a>", Syntax::Name, (1, 4)),
        ("<a/><b/>", Syntax::Outside, (1, 5)),
        ("<a/>text", Syntax::Outside, (1, 5)),
        ("<a/><![CDATA[x]]>", Syntax::Outside, (1, 5)),
        ("\u{feff}\u{feff}<a/>", Syntax::Outside, (1, 1)),
        ("<a>\u{1}</a>", Syntax::Character, (1, 4)),
        ("<a>\nä\u{ffff}</a>", Syntax::Character, (2, 2)),
    ];
    for (text, what, (line, column)) in table {
        let found = refused(text.as_bytes());
        assert_eq!(found.fault, Fault::Syntax(*what), "{text}");
        assert_eq!((found.position.line, found.position.column), (*line, *column), "{text}");
    }
    assert_eq!(refused(b"<a>\xff</a>").fault, Fault::Syntax(Syntax::Utf8));
    assert_eq!(refused(b"<a>\xff</a>").position.column, 4);
    for doctype in
        ["<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;'>]><a>&d;</a>", "<a/><!DOCTYPE a>"]
    {
        assert_eq!(refused(doctype.as_bytes()).fault, Fault::Doctype);
    }
    let utf16: Vec<u8> = "\u{feff}<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused(&utf16).fault, Fault::Encoding("UTF-16".to_owned()));
    let latin = refused(b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>");
    assert_eq!(latin.fault, Fault::Encoding("ISO-8859-1".to_owned()));
    assert_eq!(latin.say().args, [("name", "ISO-8859-1".to_owned())]);
}

#[test]
fn limits() {
    let limit = |text: String| match refused(text.as_bytes()).fault {
        Fault::Limit(limit) => limit,
        other => panic!("{other:?}"),
    };
    let attributes = |n: usize| (0..n).map(|n| format!(" a{n}=''")).collect::<String>();
    assert_eq!(limit("<a>".repeat(37_000)), Limit::Depth);
    assert_eq!(limit(format!("<a>{}</a>", "<b/>".repeat(500_000))), Limit::Elements);
    assert_eq!(limit(format!("<a{}/>", attributes(100_000))), Limit::Attributes);
    assert_eq!(limit(format!("<a>{}</a>", format!("<b{}/>", attributes(120)).repeat(8400))), Limit::AttributesInAll);
    assert_eq!(limit(format!("<a>{}</a>", "<!---->".repeat(2_000_001))), Limit::Parts);
    assert_eq!(limit(format!("<{}/>", "a".repeat(2000))), Limit::Name);
    let spaces: String = (0..300).map(|n| format!("<a xmlns='urn:{n}'/>")).collect();
    assert_eq!(limit(format!("<a>{spaces}</a>")), Limit::Declarations);
    assert_eq!(limit(" ".repeat((32 << 20) + 1)), Limit::Bytes);
    // Just inside them, and gone without a word.
    drop(read(&format!("{}{}", "<a>".repeat(256), "</a>".repeat(256))));
    let wide = read(&format!("<a>{}</a>", "<b/>".repeat(499_999)));
    assert_eq!(wide.root().children().count(), 499_999);
    assert_eq!(read(&format!("<a{}/>", attributes(128))).root().attrs().count(), 128);
    // What is asked of each of very many siblings is not looked for among all of them.
    let reference = "<ObservableReference uid-ref='x'/><Confidence rating='low'/>".repeat(60_000);
    let text = format!(
        "<IODEF-Document xmlns='{NS}'><Incident><IndicatorData><Indicator><IndicatorExpression>{reference}\
        </IndicatorExpression></Indicator></IndicatorData></Incident></IODEF-Document>"
    );
    let hostile = read(&text);
    let rows = hostile.root().descendants().nth(2).map(gridwatch::iodef::view::rows).unwrap();
    assert!(rows.len() == 60_001 && rows[1].confidence.is_some());
    let all: usize = hostile.root().descendants().map(|element| element.path().len()).sum();
    assert!(all > 120_000);
    let digests = "<DigestValue xmlns='http://www.w3.org/2000/09/xmldsig#'>q83v</DigestValue>".repeat(60_000);
    let hostile = read(&format!("<IODEF-Document xmlns='{NS}'><Hash>{digests}</Hash></IODEF-Document>"));
    assert_eq!(gridwatch::iodef::observables::all(&hostile).len(), 60_000);
}

#[test]
fn cut_anywhere_it_is_refused() {
    for (path, bytes) in examples().iter().filter(|(_, bytes)| bytes.len() < 4000) {
        if Document::read(bytes.as_slice(), &[]).is_err() {
            continue;
        }
        let end = bytes.iter().rposition(|byte| *byte == b'>').unwrap();
        for cut in 0..end {
            assert!(Document::read(&bytes[..cut], &[]).is_err(), "{} cut at {cut}", path.display());
        }
    }
}

proptest! {
    /// Bytes turned at random: refused, or a tree that holds together and agrees with the summary on what it is.
    #[test]
    fn changed_bytes_are_refused_or_kept(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let examples: Vec<_> = examples().iter().filter(|(_, bytes)| bytes.len() < 20_000).collect();
        let mut bytes = which.get(&examples).1.clone();
        for (at, with) in changes {
            let at = at.index(bytes.len());
            bytes[at] = with;
        }
        let summary = gridwatch::iodef::summarise(&bytes, &[]);
        match Document::read(bytes.as_slice(), &[]) {
            Ok(document) => {
                check(&document, &bytes);
                let is_v2 = document.version() == Ok(Version::V2);
                prop_assert!(!matches!(summary.kind, gridwatch::model::Kind::Iodef2) || is_v2);
            }
            Err(_) => prop_assert!(matches!(summary.kind, gridwatch::model::Kind::Invalid(_))),
        }
    }
}
