//! What makes a draft: templates, pasted text, values that were received more strictly, versions for others; and that a draft
//! is there after the program ended.

use gridwatch::app::Message;
use gridwatch::compose::draft::{Act, Spot};
use gridwatch::compose::preflight::Weight;
use gridwatch::model::{Restriction, Severity, Tlp};
use gridwatch::screen::Tab;
use gridwatch::screen::composer::{self, Side};
use iced_test::core::text::editor::{Action, Edit};

use super::composer::{OBSERVED, compose, element, essentials, fill, give_reasons, screen, set, write};
use crate::support::glass::Glass;
use crate::support::window::{Window, deliver, id, report};

#[test]
fn pasted_text_becomes_values_that_enter_as_one_step() {
    let mut window = screen(false);
    compose(&mut window, composer::Message::Paste(composer::Paste::Open));
    assert!(window.app.desk().is_some(), "a draft is begun for it");
    let before = window.app.desk().unwrap().document().text().to_owned();
    let pasted = "From 10.0.0.4 and hxxp://kit[.]example/owa\nalso 198.51.100.7 and 198.51.100.7\nnothing here";
    let paste = Action::Edit(Edit::Paste(std::sync::Arc::new(pasted.to_owned())));
    compose(&mut window, composer::Message::Paste(composer::Paste::Write(paste)));
    assert!(window.shows("private") && window.shows("×2"), "{:?}", window.texts());
    assert!(window.shows("one line held none"), "{:?}", window.texts());
    compose(&mut window, composer::Message::Paste(composer::Paste::Enter));
    let text = window.app.desk().unwrap().document().text().to_owned();
    assert!(text.contains("198.51.100.7") && text.contains("http://kit.example/owa"), "{text}");
    assert!(!text.contains("10.0.0.4"), "what means nothing to others is dropped unless taken");
    compose(&mut window, composer::Message::Undo);
    assert_eq!(window.app.desk().unwrap().document().text(), before);
}

#[test]
fn a_mail_that_is_pasted_is_read_as_its_reader_read_it() {
    let mut window = screen(false);
    compose(&mut window, composer::Message::Paste(composer::Paste::Open));
    // The link is broken over two lines, and leads elsewhere than it says.
    let mail = "From: a@sender.example\nTo: b@ours.example\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\
        Content-Transfer-Encoding: quoted-printable\n\n<a href=3D\"http://198.51.100.9/owa/lo=\ngin\">https://bank.example/</a>\n";
    let paste = Action::Edit(Edit::Paste(std::sync::Arc::new(mail.to_owned())));
    compose(&mut window, composer::Message::Paste(composer::Paste::Write(paste)));
    assert!(window.shows("read as a mail: its parts were decoded"), "{:?}", window.texts());
    compose(&mut window, composer::Message::Paste(composer::Paste::Enter));
    let text = window.app.desk().unwrap().document().text().to_owned();
    assert!(text.contains("http://198.51.100.9/owa/login") && text.contains("https://bank.example/"), "{text}");
}

#[test]
fn a_value_received_more_strictly_lights_up_until_it_is_raised_removed_or_reasoned() {
    let mut window = screen(false);
    let text = report("2026-7", "Old", Restriction::Red, Severity::High, "192.0.2.7");
    deliver(&mut window, &[("MILEHost", &text, 3)]);
    essentials(&mut window);
    set(&mut window, &["Incident"], "restriction", "green");
    let incident = element(&window, &["Incident"]);
    compose(&mut window, composer::Message::Act(Act::Xml { parent: incident, text: OBSERVED.to_owned() }));
    compose(&mut window, composer::Message::Topic(id("MILEHost")));
    compose(&mut window, composer::Message::Check);
    let leak = |window: &Window| {
        let findings = &window.app.desk().unwrap().findings.list;
        findings.iter().position(|finding| finding.id == "leak").map(|at| (at, findings[at].weight))
    };
    let (at, weight) = leak(&window).expect("it lights up");
    assert_eq!(weight, Weight::Blocks);
    compose(&mut window, composer::Message::Side(Side::Findings));
    assert!(window.shows("192[.]0[.]2[.]7"), "{:?}", window.texts());
    give_reasons(&mut window);
    assert_eq!(leak(&window).map(|(_, weight)| weight), Some(Weight::Warns));
    compose(&mut window, composer::Message::Undo);
    compose(&mut window, composer::Message::Check);
    let (at_now, _) = leak(&window).unwrap_or((at, weight));
    compose(&mut window, composer::Message::Fix(at_now, 0));
    compose(&mut window, composer::Message::Check);
    assert!(leak(&window).is_none(), "{}", window.app.desk().unwrap().document().text());
}

#[test]
fn a_version_for_others_leaves_what_is_stricter_and_is_a_draft_of_its_own() {
    let mut window = screen(false);
    fill(&mut window);
    set(&mut window, &["Incident"], "restriction", "green");
    set(&mut window, &["Incident", "EventData"], "restriction", "red");
    compose(&mut window, composer::Message::Side(Side::Version));
    compose(&mut window, composer::Message::Version(Tlp::Green));
    assert!(window.shows("One element is taken out"), "{:?}", window.texts());
    compose(&mut window, composer::Message::VersionDraft);
    let text = window.app.desk().unwrap().document().text().to_owned();
    assert!(!text.contains("192.0.2.7") && text.contains("Credential phishing"), "{text}");
    assert!(window.app.desk().unwrap().topics().is_empty(), "where it goes is chosen anew");
    let survivors = |window: &mut Window| {
        compose(window, composer::Message::Check);
        let findings = &window.app.desk().unwrap().findings.list;
        let survivors = findings.iter().filter(|found| found.id == "version.survivor");
        assert!(survivors.clone().all(|found| found.weight == Weight::Blocks && found.act.is_none()));
        survivors.count()
    };
    assert_eq!(survivors(&mut window), 0);
    // What was taken out is typed again: nobody sent it, so only the whole report knows how strict it is.
    write(&mut window, &["Incident", "Description"], "Block 192.0.2[.]7 at once");
    assert!(survivors(&mut window) > 0, "{:?}", window.app.desk().unwrap().findings.list);
    compose(&mut window, composer::Message::Side(Side::Findings));
    window.pictures("compose-version-bound");
    // A version of the version is bound by both, and a copy of it too.
    compose(&mut window, composer::Message::DoubleDraft);
    assert!(survivors(&mut window) > 0);
    write(&mut window, &["Incident", "Description"], "Block it at once");
    assert_eq!(survivors(&mut window), 0);
}

#[test]
fn the_preview_follows_the_form_and_is_made_beside_it() {
    let mut window = screen(false);
    fill(&mut window);
    window.say(Message::Compose(composer::Message::Side(Side::Reader)));
    assert!(window.shows("Looking at it again") && !window.shows("everything that travels"), "not by the press itself");
    for title in ["Told anew", "And once more"] {
        write(&mut window, &["Incident", "Description"], title);
        assert!(
            window.shows("everything that travels") && !window.shows("Looking at it again"),
            "{:?}",
            window.texts()
        );
        let shown = window.texts().iter().filter(|text| text.contains(title)).count();
        // The name of the draft, its field, its line in the outline; and the page that its readers see.
        compose(&mut window, composer::Message::Side(Side::Source));
        let others = window.texts().iter().filter(|text| text.contains(title) && !text.contains('<')).count();
        assert!(shown > others, "{title}: {shown} against {others}");
        compose(&mut window, composer::Message::Side(Side::Reader));
    }
}

/// Two audiences: what is being read of one draft never shows as the other's, nor does the first then read for ever.
#[test]
fn the_preview_is_of_the_draft_that_is_open() {
    let mut window = screen(false);
    fill(&mut window);
    let shown = |window: &mut Window| {
        let task = window.app.update(Message::Compose(composer::Message::Side(Side::Reader)));
        let laid = window.messages(task);
        let read: Vec<_> = laid.into_iter().map(|message| window.app.update(message)).collect();
        iced::Task::batch(read)
    };
    let of_first = shown(&mut window);
    let first = window.app.desk().unwrap().id.clone();
    compose(&mut window, composer::Message::DoubleDraft);
    let of_second = shown(&mut window);
    let before = window.texts();
    let _ = window.finish(of_first);
    assert_eq!(window.texts(), before, "it is not this one's");
    let _ = window.finish(of_second);
    assert_ne!(window.texts(), before);
    compose(&mut window, composer::Message::Resume(first));
    assert!(window.shows("everything that travels"), "{:?}", window.texts());
    let first = window.texts();
    assert_eq!(first.iter().filter(|text| text.contains("Reading")).count(), 0, "{first:?}");
}

#[test]
fn a_list_is_of_the_text_that_was_pasted_last_and_of_the_draft_it_was_pasted_into() {
    let mut window = screen(false);
    compose(&mut window, composer::Message::Paste(composer::Paste::Open));
    let long = |address: &str| format!("{}{address}\n", "nothing to be read\n".repeat(2_000));
    let paste = |text: String| {
        let paste = Action::Edit(Edit::Paste(std::sync::Arc::new(text)));
        Message::Compose(composer::Message::Paste(composer::Paste::Write(paste)))
    };
    let older = window.app.update(paste(long("198.51.100.1")));
    let newer = window.app.update(paste(long("198.51.100.2")));
    for task in [newer, older] {
        let _ = window.finish(task);
    }
    assert!(window.shows("198.51.100.2") && !window.shows("198.51.100.1"), "{:?}", window.texts());
    // Pasted over by a line.
    let older = window.app.update(paste(long("198.51.100.3")));
    window.run(paste("198.51.100.4".to_owned()));
    let _ = window.finish(older);
    assert!(window.shows("198.51.100.4") && !window.shows("198.51.100.3"), "{:?}", window.texts());
    // Another draft has a panel of its own.
    let mine = window.app.update(paste(long("198.51.100.5")));
    let first = window.app.desk().unwrap().id.clone();
    compose(&mut window, composer::Message::Begin(0));
    compose(&mut window, composer::Message::Paste(composer::Paste::Open));
    let _ = window.finish(mine);
    assert!(!window.shows("198.51.100.5"), "{:?}", window.texts());
    compose(&mut window, composer::Message::Resume(first));
    assert!(window.shows("198.51.100.5"), "{:?}", window.texts());
}

#[test]
fn a_template_asks_for_at_most_six_fields_and_typing_makes_what_is_missing() {
    let mut window = screen(false);
    for place in 1..9 {
        compose(&mut window, composer::Message::Begin(place));
        let desk = window.app.desk().unwrap();
        assert!((3..=6).contains(&desk.essentials().len()), "{place}");
    }
}

#[test]
fn drafts_survive_the_program_and_what_was_discarded_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = std::sync::Arc::new(gridwatch::secrets::Memory::default());
    let _ = super::archive::first(folder.path(), &keychain);
    let mut window = super::archive::begin(folder.path(), &keychain);
    window.go(Tab::Compose);
    essentials(&mut window);
    assert!(window.shows("saved"), "{:?}", window.texts());
    let text = window.app.desk().unwrap().document().text().to_owned();
    compose(&mut window, composer::Message::DoubleDraft);
    write(&mut window, &["Incident", "Description"], "Thrown away");
    compose(&mut window, composer::Message::Discard);
    // Nobody says goodbye.
    drop(window);
    let mut window = super::archive::begin(folder.path(), &keychain);
    window.go(Tab::Compose);
    assert!(!window.shows("Thrown away"), "{:?}", window.texts());
    let id = window.texts().into_iter().find(|text| text == "Credential phishing against staff");
    assert!(id.is_some(), "{:?}", window.texts());
    window.click("Credential phishing against staff");
    assert_eq!(window.app.desk().unwrap().document().text(), text);
}

/// As a window paints it: what a key changed, and little else, however large the report.
#[test]
fn a_key_in_a_large_report_paints_its_field_and_its_line() {
    let mut window = screen(false);
    essentials(&mut window);
    let incident = element(&window, &["Incident"]);
    let system =
        "<System category=\"source\"><Node><Address category=\"ipv4-addr\">198.51.100.1</Address></Node></System>\n";
    let text = format!("<EventData><Flow>{}</Flow></EventData>", system.repeat(1_000));
    compose(&mut window, composer::Message::Act(Act::Xml { parent: incident, text }));
    let address = ["Incident", "EventData", "Flow", "System", "Node", "Address"];
    for (width, height) in [(1280.0, 800.0), (1920.0, 1080.0)] {
        window.stage.size = iced_test::core::Size::new(width, height);
        for (way, side) in
            [(&address[..], Side::Source), (&address, Side::Findings), (&["Incident", "IncidentID"], Side::Source)]
        {
            let node = element(&window, way);
            compose(&mut window, composer::Message::Look(0));
            if way.len() > 2 {
                compose(&mut window, composer::Message::Reveal(node));
            }
            compose(&mut window, composer::Message::Side(side));
            let mut glass = Glass::new(window.stage.size);
            for key in 0..3 {
                let (spot, value) = (Spot::text(node), format!("198.51.100.{key}"));
                window.say(Message::Compose(composer::Message::Act(Act::Set { spot, value })));
                let (drawn, _) = window.stage.present(window.app.view(), &mut glass);
                assert!(key == 0 || drawn.share < 0.06, "{width} {way:?} {side:?}: {drawn:?}");
            }
        }
    }
}
