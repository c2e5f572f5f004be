//! Where drafts come from: templates, documents of all kinds, what was published; and how they are kept.

use std::time::Instant;

use gridwatch::compose::Draft;
use gridwatch::compose::draft::Beside;
use gridwatch::compose::form;
use gridwatch::compose::revise;
use gridwatch::compose::short::{self, MOST, Slot};
use gridwatch::compose::template::{self, PLAIN, TEMPLATES};
use gridwatch::compose::template::{Stays, stripped};
use gridwatch::i18n::Catalog;
use gridwatch::iodef::check::{Grade, check};
use gridwatch::iodef::edit::Fragment;
use gridwatch::iodef::schema::Profile;
use gridwatch::iodef::{Document, observables, v1};
use gridwatch::model::Typed;

use super::super::iodef_tree::examples;
use super::{fill, is_valid, judged};

/// What a person would type for a field of a template.
fn typed(key: &str) -> &'static str {
    match key {
        "compose-ask-restriction" => "green",
        "compose-ask-contact" => "soc@csirt.example.com",
        "compose-ask-page" => "https://login.example.net/a?b=c&d",
        "compose-ask-from" => "billing@example.net",
        "compose-ask-subject" => "Your account <urgent>",
        "compose-ask-file" => "invoice.exe",
        "compose-ask-hash" => "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "compose-ask-control" => "c2.example.net",
        "compose-ask-source" | "compose-ask-target" | "compose-ask-host" => "198.51.100.7",
        "compose-ask-network" => "203.0.113.0/24",
        "compose-ask-since" | "compose-ask-detected" => "2026-11-21T16:05:00Z",
        "compose-ask-cve" => "CVE-2026-0001",
        "compose-ask-advisory" => "https://vendor.example/advisory/1",
        "compose-ask-list-type" => "ipv4-addr",
        "compose-ask-list" => "198.51.100.1\n198.51.100.2",
        "compose-ask-domains" => "a.example.net\nb.example.net",
        "compose-ask-number" => "2026-0042",
        "compose-ask-csirt" => "csirt.example.com",
        "compose-ask-purpose" => "reporting",
        _ => "What happened, in words",
    }
}

/// A template, filled in by the fields it asks for alone.
fn filled(template: &template::Template) -> Draft {
    let mut draft = template.begin(&fill(), "2026-0042", None).unwrap();
    for ask in template.asks {
        let act = ask.slot.set(draft.document(), typed(ask.key)).unwrap_or_else(|| panic!("{}", ask.key));
        let _ = draft.act(&act, Instant::now()).unwrap();
        assert_eq!(ask.slot.value(draft.document()), typed(ask.key), "{}", ask.key);
    }
    draft
}

#[test]
fn every_template_is_a_sound_report_once_its_fields_are_filled() {
    let words = Catalog::default();
    let mut documents = Vec::new();
    for template in TEMPLATES {
        assert!(template.asks.len() <= MOST, "{}", template.name);
        for key in [template.title, template.about].into_iter().chain(template.asks.iter().map(|ask| ask.key)) {
            assert!(words.has(key), "{key}");
        }
        let draft = filled(template);
        let report = check(draft.document(), Profile::Published);
        // Documentation addresses are the tests' own.
        let found: Vec<_> = report.findings.iter().filter(|found| found.rule.id != "iodef.address.reserved").collect();
        let grave: Vec<_> = found.iter().filter(|found| found.grade != Grade::Note).collect();
        assert!(grave.is_empty() && found.is_empty(), "{}: {found:?}\n{}", template.name, draft.document().text());
        assert!(draft.document().text().contains("2026-11-22T09:30:00Z"));
        assert!(!draft.document().text().contains("=\"\""), "{}", draft.document().text());
        let wanting: Vec<_> = draft
            .document()
            .root()
            .descendants()
            .flat_map(|element| form::sheet(element).fields)
            .filter(|field| field.is_wanting())
            .collect();
        assert!(wanting.is_empty(), "{}: {wanting:?}", template.name);
        documents.push((template.name.to_owned(), draft));
    }
    judged(&documents);
}

#[test]
fn six_fields_make_a_report() {
    let mut draft = template::blank(&fill(), "", None).unwrap();
    assert!(PLAIN.len() <= MOST);
    for ask in PLAIN {
        let act = ask.slot.set(draft.document(), typed(ask.key)).unwrap();
        let _ = draft.act(&act, Instant::now()).unwrap();
    }
    let report = check(draft.document(), Profile::Published);
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    // What was seen comes as systems of one flow, in one step.
    let values: Vec<Typed> = ["192.0.2.1", "2001:db8::1", "evil.example", "AS64500", "http://x.example/a"]
        .iter()
        .map(|line| Typed::read(line).unwrap())
        .collect();
    for category in ["source", "target"] {
        let before = draft.document().text().to_owned();
        let act = short::observed(draft.document(), &values, category).unwrap();
        let _ = draft.act(&act, Instant::now()).unwrap();
        let after = draft.document().text().to_owned();
        let _ = draft.undo();
        assert_eq!(draft.document().text(), before);
        let _ = draft.redo();
        assert_eq!(draft.document().text(), after);
    }
    assert_eq!(observables::all(draft.document()).len(), 2 * values.len());
    let card =
        Fragment::new("Contact").attr("role", "irt").attr("type", "person").with(Fragment::leaf("ContactName", "B"));
    let carded = template::blank(&fill(), "2026-1", Some(card)).unwrap();
    assert_eq!(Slot::ContactName.value(carded.document()), "B");
    assert_eq!(carded.document().text().matches("<Contact ").count(), 1);
    judged(&[("plain".to_owned(), draft), ("carded".to_owned(), carded)]);
}

#[test]
fn any_document_opens_and_loses_nothing() {
    let mut opened = 0;
    for (path, bytes) in examples() {
        let Ok(document) = Document::read(bytes, &[]) else {
            assert!(Draft::open(bytes, &[], Beside::default()).is_err(), "{}", path.display());
            continue;
        };
        let Ok(open) = Draft::open(bytes, &[], Beside::default()) else {
            assert!(document.version().is_err(), "{}", path.display());
            continue;
        };
        opened += 1;
        let mut draft = open.draft;
        match v1::upgrade(&document) {
            Ok(upgraded) => assert_eq!(draft.document().text(), upgraded.document.text()),
            Err(_) => assert_eq!(draft.document().text().as_bytes(), bytes.as_slice(), "{}", path.display()),
        }
        // Everything in it can be looked at, and kept.
        let rows = form::outline(draft.document(), |_| true);
        assert_eq!(rows.len(), draft.document().root().descendants().count());
        for row in rows.iter().take(300) {
            let _ = form::sheet(draft.document().element(row.node).unwrap());
        }
        let kept = Draft::from_text(&draft.to_text()).unwrap();
        assert_eq!(kept.document().text(), draft.document().text());
        // One field changes its own bytes.
        let before = draft.document().text().to_owned();
        if let Some(act) = Slot::Number.set(draft.document(), "2026-4711") {
            let _ = draft.act(&act, Instant::now()).unwrap();
            let after = draft.document().text();
            let same = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
            let end = before.chars().rev().zip(after.chars().rev()).take_while(|(a, b)| a == b).count();
            assert!(before.chars().count() < same + end + 200, "{}", path.display());
        }
    }
    assert!(opened > 20, "{opened}");
    let json = br#" {"version":"2.0","lang":"en","Incident":[{"purpose":"reporting","IncidentID":{"id":"1","name":"a.example"},
        "GenerationTime":"2026-11-21T16:05:00Z","Contact":[{"role":"irt","type":"organization","ContactName":["A"]}]}]}"#;
    let open = Draft::open(json, &[], Beside::default()).unwrap();
    assert_eq!(Slot::Number.value(open.draft.document()), "1");
    let words = Catalog::default();
    let refused = Draft::open(b"{\"a\":1}", &[], Beside::default()).unwrap_err();
    assert!(!words.say(&refused.say()).is_empty());
    // What stood in a stanza brings the names that were in force there.
    let scope = [(String::new(), super::NS.to_owned()), ("x".to_owned(), "urn:x".to_owned())];
    let open = Draft::open(
        b"<IODEF-Document version='2.00'><Incident purpose='watch'><x:a/></Incident></IODEF-Document>",
        &scope,
        Beside::default(),
    );
    let alone = open.unwrap().draft;
    assert!(alone.document().scope().is_empty() && alone.document().text().contains("xmlns:x='urn:x'"));
}

#[test]
fn an_update_keeps_the_number_and_tells_its_history() {
    let (template, words) = (template::template("scan").unwrap(), "More sources");
    let mut draft = filled(template);
    let later = form::Fill { now: "2026-11-23T10:00:00Z".parse().unwrap(), ..fill() };
    let before = draft.document().text().to_owned();
    for round in 1..=2 {
        revise::update(&mut draft, &later, words).unwrap();
        assert_eq!(Slot::Number.value(draft.document()), "2026-0042");
        assert_eq!(Slot::Place("GenerationTime").value(draft.document()), "2026-11-23T10:00:00Z");
        assert_eq!(draft.document().text().matches("<HistoryItem action=\"status-new-info\">").count(), round);
        assert!(is_valid(&draft));
    }
    let updated = draft.clone();
    let _ = (draft.undo(), draft.undo());
    assert_eq!(draft.document().text(), before);
    // Ours is related; another team's is the same incident under another number (RFC 7970 §3.5).
    let ours = revise::supersede(draft.document(), &later, "2026-0043", words).unwrap();
    assert_eq!(Slot::Number.value(ours.document()), "2026-0043");
    let related = "<RelatedActivity>\n      <IncidentID name=\"csirt.example.com\">2026-0042</IncidentID>\n      <Description>More";
    assert!(ours.document().text().contains(related), "{}", ours.document().text());
    let other = form::Fill { csirt: "other.example".to_owned(), ..later.clone() };
    let theirs = revise::supersede(draft.document(), &other, "7", words).unwrap();
    assert!(
        theirs.document().text().contains("<AlternativeID>") && !theirs.document().text().contains("<RelatedActivity>")
    );
    let asked = draft.document().root().descendants().find(|element| element.local() == "Expectation").unwrap().id();
    let card =
        Fragment::new("Contact").attr("role", "irt").attr("type", "person").with(Fragment::leaf("ContactName", "B"));
    let answer = revise::answer(draft.document(), Some(asked), &other, "8", Some(card), "We cleaned it").unwrap();
    let text = answer.document().text();
    assert!(text.contains("action=\"investigate\"") && text.contains("restriction=\"green\""), "{text}");
    for (name, draft) in [("ours", &ours), ("theirs", &theirs), ("answer", &answer)] {
        let found = check(draft.document(), Profile::Published);
        assert!(
            found.findings.iter().all(|found| found.grade == Grade::Note),
            "{name} {:?}\n{}",
            found.findings,
            draft.document().text()
        );
    }
    judged(&[
        ("update".to_owned(), updated),
        ("ours".to_owned(), ours),
        ("theirs".to_owned(), theirs),
        ("answer".to_owned(), answer),
    ]);
}

#[test]
fn a_template_of_ones_own_says_nothing_of_its_incident() {
    for template in TEMPLATES {
        let mut draft = filled(template);
        revise::update(&mut draft, &fill(), "told anew").unwrap();
        let own = stripped(draft.document(), Stays::default()).unwrap();
        for ask in template.asks {
            let typed = typed(ask.key);
            let stays = ["green", "soc@csirt.example.com", "ipv4-addr"].contains(&typed);
            assert!(stays || !own.text().contains(typed), "{}: {typed}\n{}", template.name, own.text());
        }
        assert!(!own.text().contains("2026-") && observables::all(&own).iter().all(|found| found.canonical.is_empty()));
        // What the person wants stays, each by itself; the number and the time never do.
        for stays in [
            Stays { seen: true, ..Stays::default() },
            Stays { times: true, ..Stays::default() },
            Stays { names: true, ..Stays::default() },
            Stays { seen: true, names: true, times: true },
        ] {
            let kept = stripped(draft.document(), stays).unwrap();
            assert!(!kept.text().contains("2026-0042"), "{}", kept.text());
            for ask in template
                .asks
                .iter()
                .filter(|ask| !["compose-ask-restriction", "compose-ask-contact"].contains(&ask.key))
            {
                let is_time = ["compose-ask-since", "compose-ask-detected"].contains(&ask.key);
                let is_name = ask.key == "compose-ask-campaign";
                let here = if is_time {
                    stays.times
                } else if is_name {
                    stays.names
                } else {
                    stays.seen
                };
                let said = ask.slot.value(&kept) == typed(ask.key);
                assert_eq!(said, here || typed(ask.key) == "ipv4-addr", "{stays:?} {}: {}", ask.key, kept.text());
            }
            let begun = template::begin(&kept, Beside::default(), &fill(), "2026-0045", None).unwrap();
            assert_eq!(Slot::Number.value(begun.document()), "2026-0045");
            assert_eq!(Slot::Place("GenerationTime").value(begun.document()), "2026-11-22T09:30:00Z");
        }
        // It begins as any other does, and is sound once it is filled.
        let begun = template::begin(&own, Beside::default(), &fill(), "2026-0044", None).unwrap();
        assert_eq!(Slot::Number.value(begun.document()), "2026-0044");
        if let Some(act) = Slot::Description.set(begun.document(), "again") {
            let mut begun = begun;
            let _ = begun.act(&act, Instant::now()).unwrap();
            assert_eq!(Slot::Description.value(begun.document()), "again");
        }
    }
}
