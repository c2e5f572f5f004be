//! Exports of many documents, as the judges of each format see them, and as memory does.

use std::collections::HashSet;
use std::fs;
use std::io::BufReader;
use std::path::Path;

use gridwatch::iodef::export::Format;
use gridwatch::store::{Memory, Seq, Store};
use serde_json::Value;

use super::{incoming, make, mixed, text};
use crate::export::judge::{acquit, judge};

fn judged(folder: &Path) {
    if let Some(verdicts) = judge(folder, None, None) {
        acquit(&verdicts);
    }
}

/// Two revisions of one incident, one told again at the same time, and one address under two restrictions.
fn versions() -> Memory {
    let store = Memory::default();
    let first = text(7, "green");
    let later = first.replace("2026-11-21T10:07", "2026-11-21T11:07").replace("=word7", "later");
    let retold = first.replace("=word7", "retold");
    let other = text(207, "red");
    let all = [first, later, retold, other];
    let batch = all.iter().enumerate().map(|(at, text)| incoming(&format!("i{at}"), text, &[])).collect();
    let _ = store.commit(batch).unwrap();
    store
}

#[test]
fn a_bundle_holds_each_object_once_and_versions_as_such() {
    let (store, folder) = (versions(), tempfile::tempdir().unwrap());
    let path = folder.path().join("all.stix.json");
    let sheet = make(&store, Format::Stix, &[3, 1, 2, 0], &path).unwrap();
    let bundle: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let objects = bundle["objects"].as_array().unwrap();
    let of = |kind: &str| objects.iter().filter(|object| object["type"] == kind).collect::<Vec<_>>();
    let mut seen = HashSet::new();
    for object in objects {
        assert!(seen.insert((object["id"].to_string(), object["modified"].to_string())), "twice: {object}");
        for reference in object["object_refs"].as_array().into_iter().flatten() {
            assert!(objects.iter().any(|object| object["id"] == *reference), "{reference} is nowhere");
        }
    }
    // The restriction of all of it is the first one reads, and marked so.
    let red = gridwatch::iodef::export::marking_id(gridwatch::model::Tlp::Red);
    assert!(objects[0]["abstract"].as_str().unwrap().contains("TLP:RED"), "{}", objects[0]);
    assert_eq!((&objects[0]["type"], &objects[0]["object_marking_refs"][0]), (&"note".into(), &red.into()));
    assert_eq!(objects[0]["object_refs"].as_array().unwrap().len(), 2);
    // One address, seen under green and under red, is red.
    let [address] = of("ipv4-addr")[..] else { panic!("{objects:?}") };
    assert_eq!(address["object_marking_refs"][0], gridwatch::iodef::export::marking_id(gridwatch::model::Tlp::Red));
    // Who reports is one; the incident has two versions with one time of making; the third telling is remarked.
    assert_eq!(of("identity").iter().filter(|object| object["name"] == "csirt.example").count(), 1);
    let reports: Vec<_> =
        of("report").into_iter().filter(|report| report["external_references"][0]["external_id"] == "7").collect();
    assert_eq!(reports.len(), 2);
    assert_eq!(reports[0]["created"], reports[1]["created"]);
    assert!(sheet.retold > 0, "{sheet:?}");
    judged(folder.path());
}

#[test]
fn a_list_of_events_has_them_in_order() {
    let (store, folder) = (versions(), tempfile::tempdir().unwrap());
    let path = folder.path().join("all.misp.json");
    let _ = make(&store, Format::Misp, &[3, 0], &path).unwrap();
    let whole: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let events = whole["response"].as_array().unwrap();
    assert_eq!(events.len(), 2);
    assert!(events[0]["Event"]["info"].as_str().unwrap().contains("word207"));
    judged(folder.path());
}

#[test]
fn whatever_was_selected_the_judges_take_it() {
    let (store, folder) = (mixed(), tempfile::tempdir().unwrap());
    let rows: Vec<Seq> = (0..store.len()).collect();
    for (format, name) in [(Format::Csv, "a.csv"), (Format::Stix, "a.stix.json"), (Format::Misp, "a.misp.json")] {
        let _ = make(&store, format, &rows, &folder.path().join(name)).unwrap();
    }
    judged(folder.path());
    // Nothing at all is a file that says so.
    let none = tempfile::tempdir().unwrap();
    for format in Format::ALL {
        let sheet = make(&store, format, &[6], &none.path().join(format!("{format:?}"))).unwrap();
        assert_eq!((sheet.carried, sheet.left.len(), sheet.strictest), (0, 1, None));
    }
}

/// Ten thousand documents with two in every pair alike in what they saw: memory holds one at a time.
#[test]
fn ten_thousand_documents_take_no_great_memory() {
    let (store, folder) = (Memory::default(), tempfile::tempdir().unwrap());
    for part in 0..10_u32 {
        let batch = (0..1_000).map(|at| part * 1_000 + at);
        let batch = batch.map(|number| incoming(&number.to_string(), &text(number, "green"), &[])).collect();
        let _ = store.commit(batch).unwrap();
    }
    let rows: Vec<Seq> = (0..10_000).rev().collect();
    for format in Format::ALL {
        let before = resident();
        let path = folder.path().join(format!("{format:?}"));
        let sheet = make(&store, format, &rows, &path).unwrap();
        assert_eq!((sheet.asked, sheet.carried, sheet.left.len()), (10_000, 10_000, 0), "{format:?}");
        if let (Some(before), Some(after)) = (before, resident()) {
            println!("{format:?}: {} MB, {} kB of memory more", size(&path) >> 20, after.saturating_sub(before) >> 10);
            assert!(after.saturating_sub(before) < 64 << 20, "{format:?}: {before} then {after}");
        }
    }
    let bundle: Value =
        serde_json::from_reader(BufReader::new(fs::File::open(folder.path().join("Stix")).unwrap())).unwrap();
    let reports = bundle["objects"].as_array().unwrap().iter().filter(|object| object["type"] == "report").count();
    assert_eq!(reports, 10_000);
    let table = fs::read_to_string(folder.path().join("Csv")).unwrap();
    assert_eq!(table.lines().filter(|line| line.starts_with("csirt.example/")).count(), 10_000);
    assert!(table.lines().find(|line| line.starts_with("csirt.example/")).unwrap().starts_with("csirt.example/9999,"));
    let page = fs::read_to_string(folder.path().join("Markdown")).unwrap();
    assert_eq!(page.lines().filter(|line| line.starts_with("# \\=word")).count(), 10_000);
}

fn size(path: &std::path::Path) -> u64 {
    super::files(path).iter().map(|file| fs::metadata(file).unwrap().len()).sum()
}

/// Bytes in memory now, where the system tells.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? << 10)
}

/// A sender who gives no ReportTime: exported apart from each other, revisions are versions of one object all the same.
#[test]
fn revisions_have_one_time_of_making_whatever_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let made = |seq: Seq| {
        let path = folder.path().join(format!("{seq}.stix.json"));
        let _ = make(&versions(), Format::Stix, &[seq], &path).unwrap();
        let bundle: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let of = bundle["objects"].as_array().unwrap().iter().find(|object| object["type"] == "report").cloned();
        of.unwrap()
    };
    let (first, later) = (made(0), made(1));
    assert_eq!((&first["id"], &first["created"]), (&later["id"], &later["created"]));
    assert!(first["modified"].as_str() < later["modified"].as_str());
    assert!(first["created"].as_str() <= first["modified"].as_str());
}
