//! What is pasted, read and put into drafts.

use std::time::Instant;

use super::*;
use crate::compose::Draft;
use crate::compose::draft::Beside;
use crate::iodef::check;
use crate::iodef::schema::Profile;

const DOCUMENT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" version=\"2.00\" xml:lang=\"en\">\n  \
    <Incident purpose=\"reporting\" restriction=\"green\">\n    <IncidentID name=\"cert.example\">1</IncidentID>\n    \
    <GenerationTime>2026-11-22T09:00:00Z</GenerationTime>\n    <Description>x</Description>\n    \
    <Contact role=\"creator\" type=\"organization\"><ContactName>us</ContactName></Contact>\n  </Incident>\n</IODEF-Document>\n";

const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";

fn all_kinds() -> String {
    format!(
        "198.51.100.7:8080\n2001:db8::7\n198.51.100.0/25\nAS64500\nbad[.]example\nhxxps://bad[.]example/a?b=1&c\n\
         drop[@]bad[.]example\ninvoice.exe {MD5} {SHA256}\n{MD5}\nCVE-2024-12345\n02-00-5E-10-00-01\n/tmp/x.sh\n"
    )
}

#[test]
fn values_are_told_once_with_their_places() {
    let text =
        "\u{feff}see bad[.]com\nnothing here\n  BAD.com, 10.1.2.3 and version 1.2.3.4\nb\u{e4}d.com \u{430}pple.com";
    let paste = Paste::read(text);
    assert_eq!((paste.lines, paste.silent, paste.beyond), (4, 1, 0));
    let shown: Vec<String> = paste
        .entries
        .iter()
        .map(|entry| {
            let at = entry.at;
            let taken = if entry.choice == Choice::Taken { "" } else { " dropped" };
            format!("{}:{}+{} {} ×{}{taken}", at.line, at.column, at.width, entry.value, entry.count)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "1:5+9 bad.com ×2",
            "3:12+8 10.1.2.3 ×1 dropped",
            "3:33+7 1.2.3.4 ×1 dropped",
            "4:1+7 xn--bd-via.com ×1",
            "4:9+9 xn--pple-43d.com ×1",
        ]
    );
    assert_eq!(paste.entries[0].others, [Place { line: 3, column: 3, width: 7 }]);
    assert_eq!(paste.entries[0].written, "bad[.]com");
    assert_eq!(paste.entries[1].reserved, Some(Reserved::Private));
    assert_eq!(paste.entries[2].doubt, Some(Doubt::Version));
    assert_eq!(paste.entries[4].lookalike.as_deref(), Some("apple.com"));
    let text = text.trim_start_matches('\u{feff}');
    assert!(paste.entries.iter().all(|entry| text.get(entry.span.clone()) == Some(&entry.written)));
}

#[test]
fn a_person_takes_changes_and_drops() {
    let mut paste = Paste::read("bad.com\nupdate.zip\n1.2.3.4 and version 5.6.7.8\nhttp://192.0.2.9/x");
    paste.choose(0, false);
    paste.call(1, ObservableKind::Domain).unwrap();
    paste.change(2, "hxxp://other[.]com/").unwrap();
    paste.choose(3, true);
    paste.call(4, ObservableKind::Ipv4).unwrap();
    let taken: Vec<String> = paste.taken().map(|(_, kind, value)| format!("{} {value}", kind.token())).collect();
    assert_eq!(taken, ["domain update.zip", "url http://other.com/", "ipv4 5.6.7.8", "ipv4 192.0.2.9"]);
    assert_eq!(paste.change(0, "two.com three.com"), Err(Unchanged::Several));
    assert_eq!(paste.change(0, "nothing"), Err(Unchanged::Nothing));
    assert_eq!(paste.change(99, "a.com"), Err(Unchanged::Kind));
    assert_eq!(paste.call(0, ObservableKind::Hash), Err(Unchanged::Kind));
    paste.change(0, "5.6.7.8").unwrap();
    assert_eq!(paste.taken().count(), 4, "what two entries became is one value");
    paste.choose_all(false, |entry| entry.kind == ObservableKind::Url);
    assert_eq!(paste.tally().iter().map(|(_, all, _)| all).sum::<usize>(), 5);
}

#[test]
fn every_kind_enters_a_document_and_is_found_there() {
    for (manner, filled) in [
        (Manner::Event("source"), false),
        (Manner::Watch, false),
        (Manner::Event("target"), true),
        (Manner::Watch, true),
    ] {
        let mut draft = Draft::new(Document::read(DOCUMENT, &[]).unwrap(), Beside::default());
        if filled {
            let first = Paste::read("203.0.113.1\nhttp://first.example/\nfirst.exe\nCVE-2020-0001\n");
            let acts = first.acts(draft.document().root().child("Incident").unwrap(), manner);
            let _ = draft.act_all(&acts, Instant::now()).unwrap();
        }
        let mut paste = Paste::read(&all_kinds());
        paste.compare(&Held::of(draft.document()), &Lens::default());
        let count = paste.entries.len();
        let acts = paste.acts(draft.document().root().child("Incident").unwrap(), manner);
        let _ = draft.act_all(&acts, Instant::now()).unwrap();
        let report = check::check(draft.document(), Profile::Published);
        assert!(report.is_valid(), "{manner:?} {:?}\n{}", report.findings, draft.document().text());
        let held = Held::of(draft.document());
        for (entry, kind, value) in paste.taken() {
            assert!(held.has(kind, value), "{manner:?} {entry:?}\n{}", draft.document().text());
        }
        paste.compare(&held, &Lens::default());
        assert!(paste.entries.iter().all(|entry| entry.known), "{manner:?}");
        assert_eq!((paste.entries.len(), paste.taken().count()), (count, 0));
    }
}

#[test]
fn many_of_a_kind_are_a_list_to_watch_for() {
    let text: String = (0..300).map(|n| format!("203.0.113.{}\nhost{n}.example\n", n % 256)).collect();
    let mut draft = Draft::new(Document::read(DOCUMENT, &[]).unwrap(), Beside::default());
    let paste = Paste::read(&text);
    let acts = paste.acts(draft.document().root().child("Incident").unwrap(), Manner::Watch);
    let _ = draft.act_all(&acts, Instant::now()).unwrap();
    assert_eq!(draft.document().root().descendants().filter(|element| element.is("Indicator")).count(), 2);
    assert!(check::check(draft.document(), Profile::Published).is_valid());
    assert_eq!(observables::all(draft.document()).len(), 556);
}

#[test]
fn what_is_ours_is_said() {
    let lens = Lens::new([crate::store::lens::Entry::Domain("ours.example".to_owned())]);
    let mut paste = Paste::read("www.ours.example\nbad.example");
    paste.compare(&Held::default(), &lens);
    assert_eq!(paste.entries.iter().map(|entry| entry.ours).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn more_than_a_paste_is_told() {
    let paste = Paste::read(&"x\n".repeat(LINES + 5));
    assert_eq!((paste.lines, paste.beyond, paste.silent), (LINES, 5, LINES));
}
