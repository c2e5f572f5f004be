//! A document of anybody's: refused, or a tree that is written as it was read, compares with itself, can be edited and
//! undone, judged and exported, and holds what the quick pass found.

use std::collections::HashSet;

use gridwatch::iodef::doc::Version;
use gridwatch::iodef::edit::{Edit, Fragment, Place};
use gridwatch::iodef::{Document, Element, Fault, NodeId, index, observables, summary, v1, view};
use gridwatch::model::{Kind, Observable};
use gridwatch::text::cap;

use super::examined::examine;

/// Where the index cuts a value, in characters.
const VALUE: usize = 1024;
/// Elements of one document that are edited.
const EDITED: usize = 6;

pub fn judge(bytes: &[u8]) {
    let (summary, found) = index(bytes, &[], "en");
    let document = match Document::read(bytes, &[]) {
        Ok(document) => document,
        Err(refused) => {
            assert!(matches!(summary.kind, Kind::Invalid(_) | Kind::Empty), "{refused}");
            let _ = refused.say();
            return;
        }
    };
    assert_eq!(document.write(), bytes);
    compare(&document);
    look(&document);
    examine(&document);
    if document.version().is_ok() && found.len() < summary::INDEXED {
        let in_tree = observables::all(&document).into_iter();
        let in_tree: HashSet<_> = in_tree.map(|one| (one.kind(), cap(&one.canonical, VALUE))).collect();
        let quick: HashSet<_> = found.iter().map(|Observable { kind, value }| (*kind, value.clone())).collect();
        assert_eq!(in_tree, quick);
    }
    let elements = std::iter::once(document.root()).chain(document.root().descendants()).map(Element::id);
    let elements: Vec<NodeId> = elements.collect();
    for n in 0..EDITED.min(elements.len()) {
        edit(&document, elements[(n * 7919 + bytes.len()) % elements.len()], elements[n]);
    }
    if document.version() == Ok(Version::V1) {
        match v1::upgrade(&document) {
            Ok(new) => assert_eq!(new.document.version(), Ok(Version::V2)),
            // Mapping may put one more element around a text, and its words beside it.
            Err(refused) => assert!(matches!(refused.fault, Fault::Limit(_)), "{refused}"),
        }
    }
}

fn compare(document: &Document) {
    let canonical = document.canonical();
    match Document::read(canonical.as_slice(), &[]) {
        Ok(again) => assert!(again.canonical() == canonical, "{}", String::from_utf8_lossy(&canonical)),
        Err(refused) => assert!(matches!(refused.fault, Fault::Limit(_)), "{refused}"),
    }
}

pub fn look(document: &Document) {
    for incident in view::incidents(document) {
        let root = incident.element();
        let _ =
            (view::people(root), view::events(root), view::strictest(root), incident.times(), incident.descriptions());
        let _ = incident.indicators().map(|one| one.rows().len()).sum::<usize>();
        let _: Vec<_> = root.descendants().take(64).map(|one| (one.path(), one.position(), view::lang(one))).collect();
    }
}

fn edit(document: &Document, node: NodeId, other: NodeId) {
    let new = Fragment::leaf("Description", "a < b").attr("x", "\"'\n").lang("en");
    let edits = [
        Edit::SetAttr { node, ns: String::new(), local: "restriction".to_owned(), value: "a'\"<\u{e9}".to_owned() },
        Edit::RemoveAttr { node, ns: String::new(), local: "restriction".to_owned() },
        Edit::SetText { node, text: "a & b ]]>".to_owned() },
        Edit::Insert { parent: node, place: Place::Last, fragment: new.clone() },
        Edit::Insert { parent: node, place: Place::First, fragment: new },
        Edit::Move { node, parent: other, place: Place::Last },
        Edit::Rename { node, local: "Other".to_owned() },
        Edit::Remove { node },
    ];
    for edit in edits {
        let mut edited = document.clone();
        let Ok(change) = edited.edit(&edit) else {
            assert_eq!(edited.text(), document.text());
            continue;
        };
        let after = edited.text().to_owned();
        edited.apply(&change.inverse()).unwrap();
        assert_eq!(edited.text(), document.text());
        edited.apply(&change).unwrap();
        assert_eq!(edited.text(), after);
    }
}
