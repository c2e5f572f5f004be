//! The form over all of the schema: every class can be added, and whatever is done is judged as the schema does and can
//! be undone to the last byte.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use gridwatch::compose::Draft;
use gridwatch::compose::draft::{Act, Part, Spot};
use gridwatch::compose::form::{self, Go, Kind};
use gridwatch::compose::template::TEMPLATES;
use gridwatch::i18n::Catalog;
use gridwatch::iodef::NodeId;
use gridwatch::iodef::schema::{self, Class, Profile, Space, Standing};

use super::super::check::generate::{Chance, every_class, key};
use super::{complete, fill, is_valid, judged, least, value};

/// The classes from the root down to `target`, as the form offers them.
fn way(target: &'static Class) -> Option<Vec<&'static Class>> {
    let root = schema::class("IODEF-Document")?;
    let mut open: VecDeque<(&'static Class, Vec<&'static Class>)> = [(root, Vec::new())].into();
    let mut seen = BTreeSet::new();
    while let Some((class, way)) = open.pop_front() {
        if key(class) == key(target) {
            return Some(way);
        }
        if seen.insert(key(class)) {
            let model = class.model(Profile::Published);
            for child in model.into_iter().flat_map(|model| model.symbols()).filter_map(|symbol| symbol.class()) {
                open.push_back((child, way.iter().copied().chain([child]).collect()));
            }
        }
    }
    None
}

/// Adds what is not there of the way; the last is always added where it may.
fn add(draft: &mut Draft, way: &[&'static Class]) -> Option<NodeId> {
    let mut at = draft.document().root().id();
    for (index, class) in way.iter().copied().enumerate() {
        let element = draft.document().element(at).unwrap();
        let own = form::class_of(element).unwrap();
        let offered = form::offers(element, own).iter().any(|offer| std::ptr::eq(offer.class, class));
        let there = element.children().find(|child| form::name(*child) == class.element_name()).map(|child| child.id());
        at = match there {
            Some(there) if index + 1 < way.len() || !offered => there,
            _ if offered => {
                let act = Act::Add { parent: at, class, fill: fill() };
                draft.act(&act, Instant::now()).unwrap().node.unwrap()
            }
            // One of a choice that is made already.
            _ => {
                let swapped = element
                    .children()
                    .find(|child| form::instead(*child).iter().any(|other| std::ptr::eq(*other, class)));
                let act = Act::Swap { node: swapped?.id(), class, fill: fill() };
                draft.act(&act, Instant::now()).unwrap().node.unwrap()
            }
        };
    }
    Some(at)
}

/// Adds what must stand beside an element: the other half of a pair, which XML Signature has and IODEF has not.
fn finish(draft: &mut Draft, node: NodeId, chance: &mut Chance) {
    let parent = draft.document().element(node).unwrap().parent().unwrap();
    let (class, at) = (form::class_of(parent).unwrap(), parent.id());
    assert_eq!(class.space, Space::Signature, "{}", class.name);
    let tried = form::offers(parent, class).into_iter().map(|offer| {
        let mut tried = draft.clone();
        let done = tried.act(&Act::Add { parent: at, class: offer.class, fill: fill() }, Instant::now()).unwrap();
        let _ = complete(&mut tried, done.node.unwrap(), chance);
        tried
    });
    let finished: Vec<_> = tried.filter(is_valid).collect();
    *draft = finished.into_iter().next().unwrap();
}

#[test]
fn every_class_can_be_added() {
    let words = Catalog::default();
    let (mut documents, mut without) = (Vec::new(), Vec::new());
    let mut chance = Chance::new(1);
    for class in every_class(Profile::Published) {
        let Some(way) = way(class) else {
            without.push(key(class));
            continue;
        };
        if way.is_empty() || class.space == Space::Iodef1 {
            continue;
        }
        let mut draft = least();
        let before = draft.document().text().to_owned();
        let Some(node) = add(&mut draft, &way) else {
            // The second of a pair comes after the first.
            assert!(class.space == Space::Signature && ["Q", "PgenCounter"].contains(&class.name), "{}", class.name);
            continue;
        };
        assert_eq!(draft.document().element(node).unwrap().local(), class.name);
        let top = draft.document().root().id();
        let done = complete(&mut draft, top, &mut chance);
        let node = done.iter().try_fold(node, |node, done| done.follow(node)).unwrap();
        if !is_valid(&draft) {
            finish(&mut draft, node, &mut chance);
        }
        let report = gridwatch::iodef::check::check(draft.document(), Profile::Published);
        assert!(report.is_valid(), "{}: {:?}\n{}", class.name, report.findings, draft.document().text());
        let all = draft.document().root().descendants();
        let node = all
            .filter(|there| form::class_of(*there).is_some_and(|found| key(found) == key(class)))
            .last()
            .unwrap()
            .id();
        let sheet = form::sheet(draft.document().element(node).unwrap());
        // Words stand beside it and beside its fields, where IODEF has defined it.
        if matches!(class.space, Space::Iodef | Space::Enumeration | Space::Sci) {
            let keys = sheet.help.iter().chain(sheet.fields.iter().filter_map(|field| field.help.as_ref()));
            let keys: Vec<_> = keys.collect();
            assert!(keys.len() == 1 + sheet.fields.len(), "{}", class.name);
            assert!(keys.iter().all(|key| words.has(key)), "{keys:?}");
        }
        documents.push((class.name.to_owned(), draft.clone()));
        while draft.undo().is_some() {}
        assert_eq!(draft.document().text(), before);
    }
    // What stands only in foreign content, or at the top, is written as XML.
    let iodef: Vec<_> =
        schema::classes().filter(|class| class.space == Space::Iodef && class.standing == Standing::Global).collect();
    let lost: Vec<_> = iodef.iter().filter(|class| without.contains(&key(class))).map(|class| class.name).collect();
    // The root is there; the list of a bulk is declared twice, and used in one place.
    assert_eq!(lost, ["BulkObservableList"]);
    assert!(documents.len() > 130, "{}", documents.len());
    judged(&documents);
}

/// One random thing a person does; whether anything was done.
fn anything(draft: &mut Draft, chance: &mut Chance, now: Instant) -> bool {
    let all: Vec<NodeId> = std::iter::once(draft.document().root())
        .chain(draft.document().root().descendants())
        .map(|element| element.id())
        .collect();
    let node = all[chance.below(all.len())];
    let element = draft.document().element(node).unwrap();
    let sheet = form::sheet(element);
    let before = draft.document().text().to_owned();
    // Looked at now and then, as each look is at the whole.
    let valid = chance.below(3) == 0 && is_valid(draft);
    let act = match chance.below(16) {
        0..5 if !sheet.fields.is_empty() => {
            let field = &sheet.fields[chance.below(sheet.fields.len())];
            let value = match chance.below(12) {
                0 => String::new(),
                1 => "not a value \u{1F600}".to_owned(),
                _ => value(field, chance),
            };
            if matches!(field.kind, Kind::Fixed(_)) {
                return false;
            }
            Act::Set { spot: field.spot.clone(), value }
        }
        5..10 if !sheet.offers.is_empty() => {
            let offer = &sheet.offers[chance.below(sheet.offers.len())];
            Act::Add { parent: node, class: offer.class, fill: fill() }
        }
        10 if sheet.can_go != Go::Never => Act::Remove(vec![node]),
        11 if sheet.can_rise => Act::Up(node),
        12 if sheet.can_sink => Act::Down(node),
        13 if !sheet.instead.is_empty() => {
            let class = sheet.instead[chance.below(sheet.instead.len())];
            Act::Swap { node, class, fill: fill() }
        }
        13 if sheet.can_go != Go::Never && all.len() < 300 => Act::Duplicate(node),
        14 => {
            let _ = draft.undo();
            return true;
        }
        15 => {
            let _ = draft.redo();
            return true;
        }
        _ => return false,
    };
    let done = draft.act(&act, now);
    if done.is_err() {
        assert_eq!(draft.document().text(), before, "{act:?}");
        return false;
    }
    let told = || format!("{act:?}\n{before}\n{}", draft.document().text());
    match &act {
        // What may be done freely breaks nothing.
        Act::Up(_) | Act::Down(_) => assert!(!valid || is_valid(draft), "{}", told()),
        Act::Remove(_) if sheet.can_go == Go::Freely => assert!(!valid || is_valid(draft), "{}", told()),
        // What is added leaves nothing wrong but what only a person knows.
        Act::Add { .. } | Act::Swap { .. } if valid => {
            let mut completed = draft.clone();
            let _ = complete(&mut completed, done.unwrap().node.unwrap(), chance);
            assert!(is_valid(&completed) || completed.document().text().contains("uid-ref"), "{}", told());
        }
        _ => {}
    }
    true
}

#[test]
fn whatever_is_done_is_judged_as_the_schema_does_and_undone() {
    let mut documents = Vec::new();
    // The least there is, and all that people begin with.
    let begun = TEMPLATES.iter().map(|template| template.begin(&fill(), "2026-1", None).unwrap());
    let starts: Vec<Draft> = std::iter::once(least()).chain(begun).collect();
    let mut verdicts: BTreeMap<bool, usize> = BTreeMap::new();
    for seed in 0..1_000 {
        let mut chance = Chance::new(seed + 17);
        let mut draft = starts[seed as usize % starts.len()].clone();
        let start = draft.document().text().to_owned();
        let mut now = Instant::now();
        for _ in 0..chance.below(40) {
            now += Duration::from_millis(chance.below(3_000) as u64);
            let _ = anything(&mut draft, &mut chance, now);
        }
        // Half of them as somebody left them, half brought to an end.
        if seed % 2 == 0 {
            let root = draft.document().root().id();
            let _ = complete(&mut draft, root, &mut chance);
        }
        while draft.redo().is_some() {}
        let end = draft.document().text().to_owned();
        while draft.undo().is_some() {}
        assert_eq!(draft.document().text(), start, "{seed}");
        while draft.redo().is_some() {}
        assert!(!draft.can_redo(), "{seed}");
        assert_eq!(draft.document().text(), end, "{seed}");
        *verdicts.entry(is_valid(&draft)).or_default() += 1;
        documents.push((format!("sequence {seed}"), draft));
    }
    assert!(verdicts.values().all(|count| *count > 100) && verdicts.len() == 2, "{verdicts:?}");
    judged(&documents);
}

#[test]
fn what_refers_follows_a_name() {
    let mut draft = least();
    let paste = "<EventData><Flow><System><Node><Address category='ipv4-addr' observable-id='a-1'>192.0.2.1</Address></Node>\
                 </System></Flow></EventData><IndicatorData><Indicator><IndicatorID name='c' version='1'>i-1</IndicatorID>\
                 <ObservableReference uid-ref='a-1'/></Indicator></IndicatorData>";
    let incident = draft.document().root().child("Incident").unwrap().id();
    let now = Instant::now();
    let _ = draft.act(&Act::Xml { parent: incident, text: paste.to_owned() }, now).unwrap();
    let named = |draft: &Draft, local: &str| {
        draft
            .document()
            .root()
            .descendants()
            .find(|element| element.local() == local)
            .map(|element| element.id())
            .unwrap()
    };
    assert!(is_valid(&draft), "{}", draft.document().text());
    let address = named(&draft, "Address");
    let before = draft.document().text().to_owned();
    for (n, id) in ["b", "be", "bee"].into_iter().enumerate() {
        let act = Act::Set { spot: Spot::attribute(address, "observable-id"), value: id.to_owned() };
        let _ = draft.act(&act, now + Duration::from_millis(n as u64 * 10)).unwrap();
        assert!(is_valid(&draft));
    }
    assert!(draft.document().text().contains("uid-ref='bee'"));
    let reference = draft.document().element(named(&draft, "ObservableReference")).unwrap();
    let targets: Vec<_> = form::targets(reference).into_iter().map(|id| (id.id, id.of)).collect();
    assert_eq!(targets, [("bee".to_owned(), "192.0.2.1".to_owned())]);
    assert_eq!(form::sheet(draft.document().element(address).unwrap()).can_go, Go::Referred(1));
    // A copy has names of its own, and refers to its own.
    let data = named(&draft, "EventData");
    let _ = draft.act(&Act::Duplicate(data), now).unwrap();
    assert!(is_valid(&draft), "{}", draft.document().text());
    assert!(draft.document().text().contains("observable-id='bee-1'"));
    let _ = draft.undo();
    let _ = draft.undo();
    assert_eq!(draft.document().text(), before);
}

#[test]
fn typing_in_one_field_is_one_step() {
    let mut draft = least();
    let id = draft.document().root().descendants().find(|element| element.local() == "IncidentID").unwrap().id();
    let (start, now) = (draft.document().text().to_owned(), Instant::now());
    let set = |value: &str| Act::Set { spot: Spot::text(id), value: value.to_owned() };
    for (n, value) in ["2", "20", "202", "2026-0042"].into_iter().enumerate() {
        let _ = draft.act(&set(value), now + Duration::from_millis(400 * n as u64)).unwrap();
    }
    let typed = draft.document().text().to_owned();
    // A pause, another field and leaving the field begin another step.
    let _ = draft.act(&set("7"), now + Duration::from_secs(60)).unwrap();
    draft.rest();
    let _ = draft.act(&set("8"), now + Duration::from_secs(60)).unwrap();
    let lang =
        Act::Set { spot: Spot { node: id, part: Part::Attribute("name".to_owned()) }, value: "b.example".to_owned() };
    let _ = draft.act(&lang, now + Duration::from_secs(60)).unwrap();
    for _ in 0..3 {
        assert_eq!(draft.undo().unwrap().node, Some(id));
    }
    assert_eq!(draft.document().text(), typed);
    let _ = draft.undo();
    assert_eq!(draft.document().text(), start);
    assert!(draft.undo().is_none() && draft.redo().is_some() && draft.can_redo());
    assert_eq!(draft.document().text(), typed);
    // What is done anew ends what could be done again.
    let _ = draft.act(&set("9"), now).unwrap();
    assert!(!draft.can_redo());
}
