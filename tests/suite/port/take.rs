//! Import: what is taken, what is refused and why, and that nothing is taken twice.

use std::fs;
use std::path::{Path, PathBuf};

use gridwatch::model::{Restriction, TopicId};
use gridwatch::port::import::{self, Report, Told};
use gridwatch::store::index::Stop;
use gridwatch::store::{Memory, Store};

use super::{make, mixed, now, text};
use gridwatch::iodef::export::Format;

fn take(store: &dyn Store, paths: &[&Path]) -> Report {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
    import::run(store, &paths, &now, &Stop::default(), &mut |_| {})
}

#[test]
fn a_folder_is_taken_once_and_what_is_refused_has_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    put("a.xml", format!("\u{feff}<?xml version='1.0'?>\n<!-- c -->{}\n", text(1, "amber")).as_bytes());
    // The same document in other wrapping is the same.
    put("deep/er/same.IODEF", text(1, "amber").as_bytes());
    put("deep/b.xml", text(2, "green").as_bytes());
    put("foreign.xml", b"<note xmlns='urn:other'/>");
    put("doctype.xml", b"<!DOCTYPE a><a/>");
    put("empty.json", b"");
    put("broken.json", b"{\"version\":");
    put("readme.txt", b"hello");
    put(".hidden.xml", text(3, "green").as_bytes());
    put(".git/c.xml", text(4, "green").as_bytes());
    let large = text(5, "green").replace("=word5", &"x".repeat(2 << 20));
    put("large.xml", large.as_bytes());
    fs::File::create(folder.path().join("huge.xml")).unwrap().set_len(import::LARGEST + 1).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path(), folder.path().join("circle")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("zero.xml")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe.xml")).status().unwrap();
        assert!(made.success());
    }
    let store = Memory::default();
    let report = take(&store, &[folder.path()]);
    assert_eq!((report.added, report.known, report.hidden, report.others), (2, 1, 2, 1), "{report:?}");
    let mut refused: Vec<_> = report
        .refused
        .iter()
        .map(|refused| (refused.file.file_name().unwrap().to_str().unwrap(), refused.why.key))
        .collect();
    refused.sort_unstable();
    let expected = [
        ("broken.json", "export-json-broken-end"),
        #[cfg(unix)]
        ("circle", "port-link"),
        ("doctype.xml", "error-iodef-doctype"),
        ("empty.json", "viewer-error-xml"),
        ("foreign.xml", "port-left-foreign"),
        ("huge.xml", "port-large-file"),
        ("large.xml", "port-large-document"),
        #[cfg(unix)]
        ("pipe.xml", "port-no-file"),
        #[cfg(unix)]
        ("zero.xml", "port-link"),
    ];
    assert_eq!(refused, expected);
    // Named by hand: what a link leads to, and still no device.
    #[cfg(unix)]
    {
        let zero = take(&store, &[Path::new("/dev/zero"), &folder.path().join("zero.xml")]);
        assert_eq!(zero.refused.iter().map(|refused| refused.why.key).collect::<Vec<_>>(), ["port-no-file"; 2]);
    }
    let again = take(&store, &[folder.path(), folder.path()]);
    assert_eq!((again.added, again.known, store.len()), (0, 6, 2));
    for seq in 0..2 {
        let row = store.row(seq).unwrap();
        assert!(row.key.topic.is_imported() && row.key.topic == TopicId::imported() && row.publisher.is_none());
        assert_eq!(row.at, row.summary.generated.as_ref().unwrap().at, "where its own time says");
    }
    assert_eq!(store.row(0).unwrap().summary.restriction, Restriction::Amber);
    let payload = store.payload(0).unwrap().unwrap();
    assert_eq!(&*payload.bytes, text(1, "amber").as_bytes(), "the element's own bytes");
}

/// In whatever a file is written, the document is one, and is kept as a grid would have brought it.
#[test]
fn files_in_utf_16_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let document = text(1, "amber").replace("=word1", "\u{dc}berfall");
    let wide = |of: fn(u16) -> [u8; 2]| {
        let whole = format!("\u{feff}<?xml version='1.0' encoding='UTF-16'?>{document}");
        whole.encode_utf16().flat_map(of).collect::<Vec<u8>>()
    };
    fs::write(folder.path().join("a.xml"), wide(u16::to_le_bytes)).unwrap();
    fs::write(folder.path().join("b.xml"), wide(u16::to_be_bytes)).unwrap();
    fs::write(folder.path().join("c.xml"), &document).unwrap();
    let mut half = wide(u16::to_le_bytes);
    let _ = half.pop();
    fs::write(folder.path().join("half.xml"), half).unwrap();
    let store = Memory::default();
    let report = take(&store, &[folder.path()]);
    assert_eq!((report.added, report.known, report.refusals()), (1, 2, 1), "{report:?}");
    assert_eq!(&*store.payload(0).unwrap().unwrap().bytes, document.as_bytes());
    assert!(store.row(0).unwrap().summary.title.contains("\u{dc}berfall"));
}

#[test]
fn what_is_exported_is_taken_in_again() {
    let (store, folder) = (mixed(), tempfile::tempdir().unwrap());
    for format in [Format::Iodef, Format::Json] {
        let path = folder.path().join(format!("{format:?}"));
        let sheet = make(&store, format, &[0, 1, 2, 3], &path).unwrap();
        assert_eq!(sheet.carried, 4);
        let other = Memory::default();
        let report = take(&other, &[&path]);
        // The list and the sheet are no documents.
        assert_eq!((report.added, report.others, report.refusals()), (4, 2, 0), "{format:?} {report:?}");
        for seq in 0..3 {
            let (one, same) = (store.row(seq).unwrap(), other.row(seq).unwrap());
            assert_eq!((&one.summary.id, &one.summary.strictest), (&same.summary.id, &same.summary.strictest));
        }
    }
}

#[test]
fn a_thousand_files_a_stop_in_the_middle_and_the_rest_later() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..1_000 {
        fs::write(folder.path().join(format!("{number:04}.xml")), text(number, "green")).unwrap();
    }
    let (store, stop) = (Memory::default(), Stop::default());
    let mut stored = 0;
    let report = import::run(&store, &[folder.path().to_path_buf()], &now, &stop, &mut |told| match told {
        Told::Read(500, of) => {
            assert_eq!(of, 1_000);
            stop.stop();
        }
        Told::Stored(done) => stored += done.added.len(),
        _ => {}
    });
    // What was read is whole, and stays.
    assert!(report.stopped && report.trouble.is_none());
    assert_eq!((report.read, report.added, stored, store.len()), (501, 501, 501, 501));
    let rest = take(&store, &[folder.path()]);
    assert_eq!((rest.added, rest.known, store.len()), (499, 501, 1_000));
    assert!(!rest.stopped);
}
