//! What one revision says otherwise than another: nothing where only the writing differs, the one thing that was changed,
//! the same the other way round, and no more work than the documents are long.

use std::sync::LazyLock;

use gridwatch::iodef::diff::{Change, Diff, Field, LONGEST, MOST, Matter, What, diff};
use gridwatch::iodef::edit::{Edit, Fragment, Place};
use gridwatch::iodef::{Document, Element, NodeId, v1};
use gridwatch::model::{Restriction, Severity, Tlp};
use proptest::prelude::*;
use proptest::sample::Index;

use super::iodef_tree::examples;

const NS: &str = "urn:ietf:params:xml:ns:iodef-2.0";

fn read(text: &str) -> Document {
    Document::read(text.as_bytes(), &[]).unwrap_or_else(|refused| panic!("{refused}: {text:.400}"))
}

/// A document of one incident with this in it.
fn incident(attrs: &str, inside: &str) -> Document {
    read(&format!(
        "<IODEF-Document version=\"2.00\" xmlns=\"{NS}\" xmlns:enum=\"urn:ietf:params:xml:ns:iodef-enum-1.0\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><Incident purpose=\"reporting\" {attrs}>\
         <IncidentID name=\"csirt.example\">4711</IncidentID>{inside}</Incident></IODEF-Document>"
    ))
}

fn system(category: &str, ip: &str, rest: &str) -> String {
    format!(
        "<System category=\"{category}\"><Node><Address category=\"ipv4-addr\">{ip}</Address></Node>{rest}</System>"
    )
}

fn flow(systems: &[String]) -> String {
    format!("<EventData><Flow>{}</Flow></EventData>", systems.concat())
}

/// `changed severity medium>high @Incident[1]/…`.
fn told(diff: &Diff) -> Vec<String> {
    let one = |change: &Change| {
        let path = |place: &Option<gridwatch::iodef::diff::Place>| {
            place.as_ref().map(|place| place.path.clone()).unwrap_or_default()
        };
        let (old, new) = (path(&change.old), path(&change.new));
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        match &change.what {
            What::Added => format!("+ {new}"),
            What::Removed => format!("- {old}"),
            What::Moved => format!("> {old} {new}"),
            What::Changed { field: Field::Text, before, after, .. } => {
                format!("~ {new}: {}>{}", value(before), value(after))
            }
            What::Changed { field: Field::Attribute(name), before, after, .. } => {
                format!("~ {new}@{name}: {}>{}", value(before), value(after))
            }
            What::Lines { added, removed, more, .. } => {
                format!("~ {new}: +{} -{} ({more})", added.join(","), removed.join(","))
            }
        }
    };
    diff.changes.iter().map(one).collect()
}

fn upgraded(bytes: &[u8]) -> Option<Document> {
    let document = Document::read(bytes, &[]).ok()?;
    if document.root().ns() == NS {
        return Some(document);
    }
    Some(v1::upgrade(&document).ok()?.document)
}

#[test]
fn a_document_is_as_itself_however_it_is_written() {
    let mut seen = 0;
    for (path, bytes) in examples() {
        let Some(document) = upgraded(bytes) else { continue };
        let own = diff(&document, &document);
        assert!(own.is_empty(), "{}: {:?}", path.display(), told(&own));
        let canonical = Document::read(document.canonical(), &[]).unwrap();
        let again = diff(&document, &canonical);
        assert!(again.is_empty(), "{}: {:?}", path.display(), told(&again));
        assert!(diff(&canonical, &document).is_empty());
        assert_eq!((again.observables.added_total, again.observables.removed_total), (0, 0), "{}", path.display());
        assert!(again.heads.is_empty() && again.untold == 0 && !again.strangers);
        seen += 1;
    }
    assert!(seen > 5, "{seen}");
}

#[test]
fn what_is_only_written_another_way_is_no_change() {
    let same = |one: (&str, &str), other: (&str, &str)| {
        let found = diff(&incident(one.0, one.1), &incident(other.0, other.1));
        assert!(found.is_empty(), "{:?}", told(&found));
    };
    // Defaults, said and unsaid; blanks; the tokens' too.
    same(("restriction='private'", ""), ("", ""));
    same(("", "<EventData><Expectation/></EventData>"), ("", "<EventData><Expectation action=' other '/></EventData>"));
    // One instant in two zones.
    same(
        ("", "<GenerationTime>2026-11-20T10:00:00+02:00</GenerationTime>"),
        ("", "<GenerationTime> 2026-11-20T08:00:00.000Z </GenerationTime>"),
    );
    // Texts laid out anew, in CDATA, with comments.
    same(
        ("", "<Description>a  long\n\t text &amp; more</Description>"),
        ("", "<Description><!-- x -->a long text <![CDATA[&]]> more</Description>"),
    );
    // One address, one name, one digest.
    same(
        ("", &flow(&[system("source", "2001:DB8:0::1", "").replace("ipv4", "ipv6")])),
        ("", &flow(&[system("source", "2001:db8::1", "").replace("ipv4", "ipv6")])),
    );
    // Order that means nothing.
    let (a, b, c) =
        (system("source", "192.0.2.1", ""), system("target", "192.0.2.2", ""), system("target", "192.0.2.3", ""));
    same(("", &flow(&[a.clone(), b.clone(), c.clone()])), ("", &flow(&[c, a, b])));
    // Operands of an expression change places with what speaks of them.
    let operand =
        |id: &str, rating: &str| format!("<ObservableReference uid-ref='{id}'/><Confidence rating='{rating}'/>");
    let expression = |inside: &[String]| {
        format!(
            "<IndicatorData><Indicator><IndicatorID name='a' version='1'>i</IndicatorID><IndicatorExpression>{}\
             </IndicatorExpression></Indicator></IndicatorData>",
            inside.concat()
        )
    };
    let (high, low) = (operand("x", "high"), operand("y", "low"));
    same(("", &expression(&[high.clone(), low.clone()])), ("", &expression(&[low, high])));
    let crossed = expression(&[operand("x", "low"), operand("y", "high")]);
    let found = diff(&incident("", &expression(&[operand("x", "high"), operand("y", "low")])), &incident("", &crossed));
    assert_eq!(found.counts.changed, 2, "{:?}", told(&found));
    // A bulk list in another order.
    let bulk = |lines: &str| {
        format!(
            "<IndicatorData><Indicator><IndicatorID name='a' version='1'>i</IndicatorID><Observable><BulkObservable \
             type='ipv4-addr'><BulkObservableList>{lines}</BulkObservableList></BulkObservable></Observable></Indicator>\
             </IndicatorData>"
        )
    };
    same(("", &bulk("192.0.2.1\n192.0.2.2\n")), ("", &bulk("\n  192.0.2.2\n 192.0.2.1")));
    let found =
        diff(&incident("", &bulk("192.0.2.1\n192.0.2.2")), &incident("", &bulk("192.0.2.2\n192.0.2.9\n192.0.2.8")));
    let path = "Incident[1]/IndicatorData[1]/Indicator[1]/Observable[1]/BulkObservable[1]/BulkObservableList[1]";
    assert_eq!(told(&found), [format!("~ {path}: +192.0.2.9,192.0.2.8 -192.0.2.1 (0)")]);
    assert_eq!((found.observables.added_total, found.observables.removed_total, found.observables.same), (2, 1, 1));
}

#[test]
fn what_came_does_not_make_all_that_follows_another() {
    let (a, b) = (system("source", "192.0.2.1", ""), system("target", "192.0.2.2", "<Description>web</Description>"));
    let old = incident("", &flow(&[a.clone(), b]));
    let changed = system("target", "192.0.2.2", "<Description>mail</Description>");
    let new = incident("", &flow(&[system("source", "198.51.100.7", ""), changed, a]));
    let found = diff(&old, &new);
    let flow = "Incident[1]/EventData[1]/Flow[1]";
    assert_eq!(told(&found), [format!("+ {flow}/System[1]"), format!("~ {flow}/System[2]/Description[1]: web>mail")]);
    assert_eq!(found.changes[0].gist, "source · 198.51.100.7");
    assert_eq!(found.changes[0].matter, Matter::Observable);
    let (from, to) = (&found.changes[1].old, &found.changes[1].new);
    assert_eq!(from.as_ref().unwrap().path, format!("{flow}/System[2]/Description[1]"));
    assert_eq!(to.as_ref().unwrap().words, "Incident 4711, EventData, System 2, Description");
    assert_eq!(to.as_ref().unwrap().restriction, Restriction::Absent);
    assert_eq!(found.observables.added[0].canonical, "198.51.100.7");
    assert_eq!(found.observables.same, 2);
}

#[test]
fn what_matters_is_said_first() {
    let body = |severity: &str, asks: &str, time: &str| {
        format!(
            "<GenerationTime>2026-11-20T{time}Z</GenerationTime><Description>d</Description><Assessment><SystemImpact \
             severity='{severity}' type='takeover-system'/></Assessment><EventData><Expectation action='{asks}'/></EventData>"
        )
    };
    let old = incident("restriction='amber' status='new'", &body("medium", "investigate", "08:00:00"));
    let new = incident("restriction='green' status='in-progress'", &body("high", "block-host", "09:00:00"));
    let new = read(&new.text().replace(">d<", ">e<").replace("reporting", "mitigation"));
    let found = diff(&old, &new);
    let matters: Vec<Matter> = found.changes.iter().map(|change| change.matter).collect();
    use Matter::{Asks, Loosened, Other, Purpose, Routine, Status};
    assert_eq!(matters, [Loosened, Matter::Severity, Purpose, Status, Asks, Other, Routine], "{:?}", told(&found));
    let head = &found.heads[0];
    assert_eq!(head.id, "csirt.example / 4711");
    assert_eq!(head.restriction, (Restriction::Amber, Restriction::Green));
    assert_eq!(head.severity, (Severity::Medium, Severity::High));
    assert_eq!(head.status, (Some("new".to_owned()), Some("in-progress".to_owned())));
    assert_eq!(head.purpose, (Some("reporting".to_owned()), Some("mitigation".to_owned())));
    assert_eq!(found.strictest, (Tlp::Amber, Tlp::Green));
    assert_eq!(diff(&new, &old).changes[0].matter, Matter::Tightened);
    let of = |one: &str, other: &str| {
        let found = diff(&incident(one, ""), &incident(other, ""));
        assert_eq!(found.changes.len(), 1, "{:?}", told(&found));
        found.changes[0].matter
    };
    assert_eq!(of("restriction='public'", "restriction='white'"), Matter::Wording);
    assert_eq!(of("", "restriction='red'"), Matter::Wording);
    assert_eq!(of("", "restriction='public'"), Loosened);
    assert_eq!(
        of("restriction='ext-value' ext-restriction='a'", "restriction='ext-value' ext-restriction='b'"),
        Matter::Restriction
    );
    assert_eq!(of("status='new'", "status='ext-value' ext-status='ours'"), Status);
}

#[test]
fn an_observable_matters_whichever_side_it_is_on() {
    // By its attribute, and by what is written in it.
    let address = |category: &str| {
        let one = system("source", "192.0.2.1", "").replace("ipv4-addr", category);
        incident("", &flow(&[one]))
    };
    let weakness = |index: u32, id: &str| {
        let name = format!("<enum:ReferenceName specIndex=\"{index}\"><enum:ID>{id}</enum:ID></enum:ReferenceName>");
        incident("", &format!("<Method><Reference>{name}</Reference></Method>"))
    };
    let pairs = [
        (address("ipv4-addr"), address("ext-value\" ext-category=\"ours")),
        (weakness(1, "CVE-2026-4711"), weakness(1, "withdrawn")),
        (weakness(1, "CVE-2026-4711"), weakness(7, "withdrawn")),
    ];
    for (old, new) in pairs {
        for found in [diff(&old, &new), diff(&new, &old)] {
            assert_eq!(found.changes[0].matter, Matter::Observable, "{:?}", told(&found));
        }
        mirrored(&old, &new).unwrap();
    }
}

#[test]
fn one_text_that_is_read_another_way_is_one_change() {
    let folded = |category: &str| {
        let one = system("source", "http://a.example/\n      b?c=1", "").replace("ipv4-addr", category);
        incident("", &flow(&[one]))
    };
    let (old, new) = (folded("site-uri"), folded("ext-value\" ext-category=\"ours"));
    let path = "Incident[1]/EventData[1]/Flow[1]/System[1]/Node[1]/Address[1]";
    assert_eq!(told(&diff(&old, &new)), [format!("~ {path}@category: site-uri>ours")]);
    mirrored(&old, &new).unwrap();
}

#[test]
fn things_keep_their_identity() {
    // Numbers of observables given anew tell nothing of who is who.
    let item =
        |id: usize, ip: &str| system("source", ip, "").replace("<System", &format!("<System observable-id='o{id}'"));
    let old = incident("", &flow(&[item(1, "192.0.2.1"), item(2, "192.0.2.2")]));
    let new = incident("", &flow(&[item(1, "192.0.2.9"), item(2, "192.0.2.1"), item(3, "192.0.2.2")]));
    let found = diff(&old, &new);
    assert_eq!((found.counts.added, found.counts.removed, found.counts.changed), (1, 0, 2), "{:?}", told(&found));
    assert!(told(&found).contains(&"+ Incident[1]/EventData[1]/Flow[1]/System[1]".to_owned()));
    // An indicator of another version is the same indicator; one of another name is not.
    let indicators = |all: &[(&str, &str, &str)]| {
        let one = |(id, version, ip): &(&str, &str, &str)| {
            format!(
                "<Indicator><IndicatorID name='a' version='{version}'>{id}</IndicatorID><Observable><Address \
                 category='ipv4-addr'>{ip}</Address></Observable></Indicator>"
            )
        };
        incident("", &format!("<IndicatorData>{}</IndicatorData>", all.iter().map(one).collect::<String>()))
    };
    let old = indicators(&[("i1", "1", "192.0.2.1"), ("i2", "1", "192.0.2.2")]);
    let new = indicators(&[("i3", "1", "192.0.2.3"), ("i1", "2", "192.0.2.1")]);
    let data = "Incident[1]/IndicatorData[1]";
    let mut found = told(&diff(&old, &new));
    found.sort();
    assert_eq!(
        found,
        [
            format!("+ {data}/Indicator[1]"),
            format!("- {data}/Indicator[2]"),
            format!("~ {data}/Indicator[2]/IndicatorID[1]@version: 1>2")
        ]
    );
    // A system in another event was moved.
    let (a, b) = (system("source", "192.0.2.1", ""), system("target", "192.0.2.2", ""));
    let event = |name: &str, systems: &[String]| {
        format!("<EventData><Description>{name}</Description><Flow>{}</Flow></EventData>", systems.concat())
    };
    let c = system("target", "192.0.2.3", "");
    let old =
        incident("", &[event("first", &[a.clone(), b.clone()]), event("second", std::slice::from_ref(&c))].concat());
    let new = incident("", &[event("first", &[b]), event("second", &[c, a])].concat());
    let found = diff(&old, &new);
    assert_eq!(
        told(&found),
        ["> Incident[1]/EventData[1]/Flow[1]/System[1] Incident[1]/EventData[2]/Flow[1]/System[2]"]
    );
    // In content of others, order may mean something.
    let foreign = |inside: &str| {
        incident("", &format!("<AdditionalData dtype='xml'><x xmlns='urn:x'>{inside}</x></AdditionalData>"))
    };
    let found = diff(&foreign("<a/><b/><c/>"), &foreign("<c/><a/><b/>"));
    assert_eq!(found.counts.moved, 1, "{:?}", told(&found));
    assert_eq!(found.changes.len(), 1);
    // Other incidents are others, and two lone ones are compared all the same.
    let found = diff(&incident("", ""), &read(&incident("", "").text().replace("4711", "4712")));
    assert!(found.strangers);
    assert_eq!(told(&found), ["~ Incident[1]/IncidentID[1]: 4711>4712"]);
}

#[test]
fn debug_output_keeps_secrets() {
    let (old, new) =
        (incident("", "<Description>secret</Description>"), incident("", "<Description>hidden</Description>"));
    let shown = format!("{:?} {:?}", diff(&old, &new), diff(&old, &new).changes);
    assert!(!shown.contains("secret") && !shown.contains("hidden"), "{shown}");
}

/// Sound documents of v2 with something in them.
fn sound() -> &'static [Document] {
    static SOUND: LazyLock<Vec<Document>> = LazyLock::new(find_sound);
    &SOUND
}

fn find_sound() -> Vec<Document> {
    let all = examples().iter().filter(|(_, bytes)| bytes.len() < 100_000);
    let sound = all.filter_map(|(path, bytes)| {
        let bad = path.to_string_lossy().contains("invalid");
        let document = Document::read(bytes, &[]).ok().filter(|_| !bad)?;
        (document.root().ns() == NS).then_some(document)
    });
    sound.collect()
}

fn has_own_text(element: Element<'_>) -> bool {
    !element.text().trim().is_empty()
}

/// An edit of one thing at one place, and the name of the attribute if it is one.
fn edit(document: &Document, which: Index, how: u8, number: u32) -> Option<(NodeId, Edit, Option<String>)> {
    let all: Vec<Element<'_>> = document.root().descendants().collect();
    let element = *all.get(which.index(all.len().max(1)))?;
    let node = element.id();
    let value = format!("zz{number} qq");
    Some(match how {
        0 => {
            let attr = element.attrs().find(|attr| attr.ns().is_empty() && !attr.local().starts_with("ext-"))?;
            if attr.value().trim() == "ext-value" {
                return None;
            }
            let local = attr.local().to_owned();
            let shown = if local == "lang" { "xml:lang".to_owned() } else { local.clone() };
            (node, Edit::SetAttr { node, ns: String::new(), local, value }, Some(shown))
        }
        1 => {
            if element.children().next().is_some() || !has_own_text(element) {
                return None;
            }
            (node, Edit::SetText { node, text: value }, None)
        }
        2 => {
            if has_own_text(element) || element.children().next().is_none() {
                return None;
            }
            let fragment = Fragment::leaf("AdditionalData", value).attr("dtype", "string");
            (node, Edit::Insert { parent: node, place: Place::Last, fragment }, None)
        }
        _ => {
            let parent = element.parent()?;
            if has_own_text(parent) || parent.is("IndicatorExpression") {
                return None;
            }
            (node, Edit::Remove { node }, None)
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn one_edit_is_one_change_at_its_place(
        which in any::<Index>(), at in any::<Index>(), how in 0..4_u8, number in any::<u32>()
    ) {
        let documents = sound();
        let old = which.get(documents);
        let Some((node, edit, attribute)) = edit(old, at, how, number) else { return Ok(()) };
        let path = old.element(node).unwrap().path();
        let source = old.element(node).unwrap().source().to_vec();
        let mut new = old.clone();
        let change = new.edit(&edit).unwrap();
        let found = diff(old, &new);
        prop_assert_eq!(found.changes.len(), 1, "{}: {:?}", path, told(&found));
        let one = &found.changes[0];
        match &edit {
            Edit::SetAttr { .. } => {
                prop_assert_eq!(&one.new.as_ref().unwrap().path, &path);
                let is_it = matches!(&one.what, What::Changed { field: Field::Attribute(name), .. } if Some(name) == attribute.as_ref());
                prop_assert!(is_it, "{:?}", told(&found));
            }
            Edit::SetText { .. } => {
                prop_assert_eq!(&one.new.as_ref().unwrap().path, &path);
                let is_it = matches!(&one.what, What::Changed { field: Field::Text, .. } | What::Lines { .. });
                prop_assert!(is_it, "{:?}", told(&found));
            }
            Edit::Insert { .. } => {
                let added = new.element(change.node().unwrap()).unwrap().path();
                prop_assert_eq!(told(&found), [format!("+ {added}")]);
            }
            _ => {
                prop_assert!(matches!(one.what, What::Removed), "{:?}", told(&found));
                let gone = one.old.as_ref().unwrap();
                // Of twins either is gone.
                prop_assert!(gone.path == path || old.element(gone.id).unwrap().source() == source);
            }
        }
        mirrored(old, &new)?;
    }

    #[test]
    fn several_edits_are_mirrored_the_other_way_round(
        which in any::<Index>(), edits in proptest::collection::vec((any::<Index>(), 0..4_u8, any::<u32>()), 1..8)
    ) {
        let documents = sound();
        let old = which.get(documents);
        let mut new = old.clone();
        for (at, how, number) in edits {
            if let Some((_, edit, _)) = edit(&new, at, how, number) {
                let _ = new.edit(&edit);
            }
        }
        let found = diff(old, &new);
        prop_assert_eq!(found.is_empty(), Document::read(old.canonical(), &[]).unwrap().canonical() == new.canonical());
        mirrored(old, &new)?;
    }

    /// Whatever stands in free order may stand in any.
    #[test]
    fn shuffled_siblings_are_the_same(which in any::<Index>(), moves in proptest::collection::vec((any::<Index>(), any::<Index>()), 1..12)) {
        let documents = sound();
        let old = which.get(documents);
        let mut new = old.clone();
        for (one, other) in moves {
            let all: Vec<Element<'_>> = new.root().descendants().collect();
            let element = *one.get(&all);
            let parent = element.parent().unwrap();
            let free = parent.is_iodef() && !has_own_text(parent)
                && !matches!(parent.local(), "IndicatorExpression" | "AdditionalData" | "SoftwareReference" | "RecordItem" | "FileProperties");
            let alike: Vec<Element<'_>> = parent.children().filter(|child| child.local() == element.local()).collect();
            let target = *other.get(&alike);
            if !free || target == element {
                continue;
            }
            let (node, parent, place) = (element.id(), parent.id(), Place::After(target.id()));
            let _ = new.edit(&Edit::Move { node, parent, place }).unwrap();
        }
        let found = diff(old, &new);
        prop_assert!(found.is_empty(), "{:?}", told(&found));
    }
}

/// Added and removed, before and after change places.
fn mirrored(old: &Document, new: &Document) -> Result<(), TestCaseError> {
    let (there, back) = (diff(old, new), diff(new, old));
    let turn = |change: &Change| {
        let what = match &change.what {
            What::Added => What::Removed,
            What::Removed => What::Added,
            What::Changed { field, before, after, cut } => {
                What::Changed { field: field.clone(), before: after.clone(), after: before.clone(), cut: *cut }
            }
            What::Lines { added, removed, more, cut } => {
                What::Lines { added: removed.clone(), removed: added.clone(), more: *more, cut: *cut }
            }
            What::Moved => What::Moved,
        };
        let matter = match change.matter {
            Matter::Loosened => Matter::Tightened,
            Matter::Tightened => Matter::Loosened,
            matter => matter,
        };
        Change { what, matter, old: change.new.clone(), new: change.old.clone(), gist: String::new(), ..change.clone() }
    };
    let mut turned: Vec<String> = there.changes.iter().map(|change| format!("{:?}", turn(change))).collect();
    let mut back: Vec<String> = back.changes.iter().map(|change| format!("{change:?}")).collect();
    turned.sort();
    back.sort();
    prop_assert_eq!(turned, back);
    Ok(())
}

/// The work for a document of `n` things beside one of twice as many.
fn grows(make: &dyn Fn(usize) -> (Document, Document)) {
    let steps = |n: usize| {
        let (old, new) = make(n);
        let found = diff(&old, &new);
        assert!(found.changes.len() <= MOST);
        assert!(found.counts.added + found.counts.removed + found.counts.changed + found.counts.moved > 0);
        found.steps
    };
    let (small, large) = (steps(300), steps(1_200));
    assert!(large <= small * 5, "{small} {large}");
}

#[test]
fn work_is_linear_whatever_comes() {
    let ip = |n: usize| format!("10.{}.{}.{}", n >> 16, n >> 8 & 255, n & 255);
    let systems = |range: std::ops::Range<usize>, rest: &str| {
        incident("", &flow(&range.map(|n| system("source", &ip(n), rest)).collect::<Vec<_>>()))
    };
    // A few of many; all of them; all, with the same in each; the same thing a thousand times, and others.
    grows(&|n| (systems(0..n, ""), systems(3..n + 3, "")));
    grows(&|n| {
        (systems(0..n, "<Description>a b c</Description>"), systems(n..2 * n, "<Description>a b d</Description>"))
    });
    let contacts = |n: usize, word: &str| {
        incident(
            "",
            &"<Contact role='tech' type='person'/>"
                .repeat(n)
                .replace("/>", &format!("><Timezone>{word}</Timezone></Contact>")),
        )
    };
    grows(&|n| (contacts(n, "+01:00"), contacts(n + 7, "+02:00")));
    let texts = |n: usize, word: &str| {
        incident(
            "",
            &(0..n).map(|n| format!("<Description>one two three {} {word}</Description>", n % 8)).collect::<String>(),
        )
    };
    grows(&|n| (texts(n, "four"), texts(n, "five")));
    // Foreign content turned round.
    let foreign = |all: &mut dyn Iterator<Item = usize>| {
        let inside: String = all.map(|n| format!("<a>{n}</a>")).collect();
        incident("", &format!("<AdditionalData dtype='xml'><x xmlns='urn:x'>{inside}</x></AdditionalData>"))
    };
    grows(&|n| (foreign(&mut (0..n)), foreign(&mut (0..n).rev())));
    // Lines of a list.
    let bulk = |range: std::ops::Range<usize>| {
        let lines: Vec<String> = range.map(ip).collect();
        incident(
            "",
            &format!(
                "<IndicatorData><Indicator><IndicatorID name='a' version='1'>i</IndicatorID><Observable><BulkObservable \
                 type='ipv4-addr'><BulkObservableList>{}</BulkObservableList></BulkObservable></Observable></Indicator>\
                 </IndicatorData>",
                lines.join("\n")
            ),
        )
    };
    grows(&|n| (bulk(0..n), bulk(5..n)));
    // As deep as a document may be.
    let deep = |depth: usize, word: &str| {
        incident(
            "",
            &format!(
                "{}<Description>{word}</Description>{}",
                "<EventData>".repeat(depth),
                "</EventData>".repeat(depth)
            ),
        )
    };
    let found = diff(&deep(50, "a"), &deep(50, "b"));
    assert_eq!(found.changes.len(), 1);
    assert!(found.steps < 20_000, "{}", found.steps);
}

#[test]
fn the_caps_are_said() {
    let systems = |from: usize| {
        incident(
            "",
            &flow(
                &(from..from + 3_000)
                    .map(|n| system("source", &format!("10.0.{}.{}", n >> 8, n & 255), ""))
                    .collect::<Vec<_>>(),
            ),
        )
    };
    let found = diff(&systems(0), &systems(3_000));
    assert_eq!((found.changes.len(), found.untold), (MOST, 5_000));
    assert_eq!((found.counts.added, found.counts.removed), (3_000, 3_000));
    assert_eq!((found.observables.added.len(), found.observables.added_total), (1_000, 3_000));
    // Of a long text the part that differs.
    let long = |end: &str| incident("", &format!("<Description>{}{end}</Description>", "ab ".repeat(LONGEST)));
    for (one, other) in [("c", "d"), ("c", ""), ("cab", &*"ab ".repeat(LONGEST))] {
        let found = diff(&long(one), &long(other));
        let What::Changed { before: Some(before), after: Some(after), cut: Some(cut), .. } = &found.changes[0].what
        else {
            panic!("{:?}", told(&found));
        };
        assert_ne!(before, after);
        assert!(before.chars().count() <= LONGEST && after.chars().count() <= LONGEST);
        assert!(cut.offset > 2 * LONGEST && cut.lengths.0 >= 3 * LONGEST - 1, "{cut:?}");
    }
    // And of a long line what tells it from another.
    let bulk = |end: &str| {
        let line = format!("{}{end}", "a".repeat(3 * LONGEST));
        let list = format!(
            "<BulkObservable type='ipv4-addr'><BulkObservableList>{line}</BulkObservableList></BulkObservable>"
        );
        incident(
            "",
            &format!(
                "<IndicatorData><Indicator><IndicatorID name='a' version='1'>i</IndicatorID><Observable>{list}</Observable>\
                 </Indicator></IndicatorData>"
            ),
        )
    };
    let found = diff(&bulk("b"), &bulk("c"));
    let What::Lines { added, removed, cut, .. } = &found.changes[0].what else { panic!("{:?}", told(&found)) };
    assert!(*cut && added[0] != removed[0] && added[0].chars().count() < LONGEST + 200);
}

#[test]
fn nothing_that_differs_is_passed_over() {
    let differ = |one: (&str, &str), other: (&str, &str)| {
        let (one, other) = (incident(one.0, one.1), incident(other.0, other.1));
        let found = diff(&one, &other);
        assert_eq!(found.changes.len(), 1, "{:?}: {} {}", told(&found), one.text(), other.text());
        assert!(!found.is_empty());
        match &found.changes[0].what {
            What::Changed { before, after, .. } => assert_ne!(before, after, "{:?}", told(&found)),
            other => panic!("{other:?}", other = std::mem::discriminant(other)),
        }
    };
    let inside = |one: &str, other: &str| differ(("", one), ("", other));
    // Both names of the language.
    let described = |lang: &str| format!("<Description lang='en' xml:lang='{lang}'>x</Description>");
    inside(&described("de"), &described("fr"));
    let both = |lang: &str| format!("<Description lang='{lang}' xml:lang='de'>x</Description>");
    inside(&both("en"), &both("fr"));
    // A word of the list and the same as a private one.
    let lasted = |attrs: &str| format!("<Assessment><TimeImpact metric='labor' {attrs}>3</TimeImpact></Assessment>");
    inside(&lasted("duration='day'"), &lasted("duration='ext-value' ext-duration='day'"));
    // Another host of the same network.
    let net = |net: &str| flow(&[system("source", net, "").replace("ipv4-addr", "ipv4-net")]);
    inside(&net("10.0.0.1/24"), &net("10.0.0.0/24"));
    inside(&net("10.0.0.1/24"), &net("10.0.0.2/24"));
    inside(&net("10.0.0.1/255.255.255.0"), &net("10.0.0.1/25"));
    // Beyond what a float holds.
    let counter = |count: &str| {
        flow(&[system("source", "192.0.2.1", &format!("<Counter type='count' unit='byte'>{count}</Counter>"))])
    };
    inside(&counter("9007199254740993"), &counter("9007199254740992"));
    inside(&counter("1e400"), &counter("2e400"));
    inside(&counter("0.10000000000000000001"), &counter("0.1"));
    let same = diff(&incident("", &counter("1000")), &incident("", &counter(" +1.0E3 ")));
    assert!(same.is_empty(), "{:?}", told(&same));
    // A list of ports that is none.
    let ports = |ports: &str| {
        flow(&[system(
            "source",
            "192.0.2.1",
            &format!("<Service ip-protocol='6'><Portlist>{ports}</Portlist></Service>"),
        )])
    };
    inside(&ports("80,443"), &ports("8 0,443"));
    let same = diff(&incident("", &ports("80,443")), &incident("", &ports("80, 443")));
    assert!(same.is_empty(), "{:?}", told(&same));
    // Blanks that are not XML's, and blanks in texts of others.
    let data = |text: &str| format!("<AdditionalData dtype='string' name='a'>{text}</AdditionalData>");
    inside(&data("\u{a0}"), &data(""));
    inside(&data("\u{a0}x"), &data("x"));
    inside("<Description>\u{2003}x</Description>", "<Description>x</Description>");
    let foreign =
        |text: &str| format!("<AdditionalData dtype='xml'><x xmlns='urn:x' y=' 1'><z>{text}</z></x></AdditionalData>");
    inside(&foreign(" 1"), &foreign("1"));
    inside(&foreign(" "), &foreign(""));
    inside(&foreign("a<b/>c"), &foreign("ac<b/>"));
    inside(&foreign("1"), &foreign("1").replace(" 1", "1"));
}

#[test]
fn what_comes_with_something_else_is_graded() {
    let of = |one: &str, other: &str| {
        let found = diff(&incident("restriction='amber'", one), &incident("restriction='amber'", other));
        assert_eq!(found.changes.len(), 1, "{:?}", told(&found));
        (found.changes[0].matter, found.changes[0].label, found.strictest)
    };
    let same = (Tlp::Amber, Tlp::Amber);
    let event =
        |attrs: &str, inside: &str| format!("<EventData {attrs}><Description>q</Description>{inside}</EventData>");
    // Behind more systems than anybody looks through.
    let systems: Vec<String> = (0..100).map(|n| system("source", &format!("192.0.2.{n}"), "")).collect();
    let many = format!("<Flow>{}</Flow>", systems.concat());
    let asks = event("", &format!("{many}<Expectation action='block-host'/>"));
    assert_eq!(of("", &asks), (Matter::Asks, None, same));
    assert_eq!(of(&asks, ""), (Matter::Asks, None, same));
    let impact = event("", "<Assessment><SystemImpact type='takeover-system'/></Assessment>");
    assert_eq!(of("", &impact).0, Matter::Severity);
    assert_eq!(of("", &event("", "")).0, Matter::Other);
    let late = event("", &format!("{}{many}", "<Contact role='tech' type='person'/>".repeat(100)));
    assert_eq!(of("", &late).0, Matter::Observable);
    // What was stricter or looser than what is around it is told as such, in front.
    assert_eq!(of(&event("restriction='red'", ""), ""), (Matter::Restriction, Some(Tlp::Red), (Tlp::Red, Tlp::Amber)));
    assert_eq!(of("", &event("restriction='green'", "")), (Matter::Restriction, Some(Tlp::Green), same));
    assert_eq!(of("", &event("restriction='amber'", "")).0, Matter::Other);
    let deep = event("", &event("restriction='red'", ""));
    assert_eq!(of(&deep, "").1, Some(Tlp::Red));
}

/// Of twins that move the same ones are told in every run, and the other way round.
#[test]
fn twins_that_move_are_told_alike_in_every_run() {
    let event = |name: &str, inside: &str| {
        let own: String =
            (0..8).map(|n| system("source", "192.0.2.1", &format!("<Description>{name} {n}</Description>"))).collect();
        format!("<EventData><Description>{name}</Description><Flow>{own}</Flow>{inside}</EventData>")
    };
    let twin = "<Contact role='tech' type='person'><ContactName>a</ContactName></Contact>";
    let other = "<Method><Description>m</Description></Method>";
    let both = format!("{twin}{other}{twin}");
    let old = incident("", &[event("one", &both), event("two", &both), event("three", ""), event("four", "")].concat());
    let new = incident("", &[event("one", ""), event("two", ""), event("three", &both), event("four", &both)].concat());
    let first = told(&diff(&old, &new));
    assert!(first.iter().any(|one| one.starts_with('>')), "{first:?}");
    for _ in 0..50 {
        assert_eq!(told(&diff(&old, &new)), first);
        mirrored(&old, &new).unwrap();
    }
}

/// The same name in another namespace is another element.
#[test]
fn a_namespace_tells_elements_apart() {
    let reference = |ns: &str| {
        format!("<AdditionalData dtype='xml'><q:Description xmlns:q='{ns}'>x</q:Description></AdditionalData>")
    };
    let (ours, enumerated) = (reference(NS), reference("urn:ietf:params:xml:ns:iodef-enum-1.0"));
    let found = diff(&incident("", &ours), &incident("", &enumerated));
    assert!(!found.is_empty());
}
