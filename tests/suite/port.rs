//! Incidents in and out of a store as files: exactly those asked for, each carried or named; taken in once, whatever is in the
//! folder. Other people's packages judge what is written.

mod take;
mod unread;
mod wide;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use gridwatch::i18n::Catalog;
use gridwatch::iodef::export::Format;
use gridwatch::iodef::indexed;
use gridwatch::model::{ItemId, Say, TopicId};
use gridwatch::port::export::{self, Fault, Made, Order, Sheet};
use gridwatch::store::index::Stop;
use gridwatch::store::{Incoming, ItemKey, Memory, Payload, Route, Seq, Store};

pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_276_800, 0).unwrap()
}

/// A document of the wire: its restriction and what it saw.
pub fn text(number: u32, restriction: &str) -> String {
    format!(
        "<IODEF-Document version='2.00' xml:lang='en' xmlns='urn:ietf:params:xml:ns:iodef-2.0'><Incident \
         purpose='reporting' restriction='{restriction}'><IncidentID name='csirt.example'>{number}</IncidentID>\
         <GenerationTime>2026-11-21T10:{:02}:00Z</GenerationTime><Description>=word{number}</Description>\
         <Contact type='organization' role='creator'><ContactName>CSIRT</ContactName></Contact><EventData><Flow>\
         <System category='source'><Node><Address category='ipv4-addr'>192.0.2.{}</Address></Node></System></Flow>\
         </EventData></Incident></IODEF-Document>",
        number % 60,
        number % 200,
    )
}

pub fn incoming(item: &str, text: &str, scope: &[(&str, &str)]) -> Incoming {
    let scope = scope.iter().map(|(prefix, uri)| ((*prefix).to_owned(), (*uri).to_owned())).collect();
    let payload = (!text.is_empty()).then(|| Payload { bytes: text.as_bytes().into(), scope });
    let (summary, observables) = match &payload {
        Some(payload) => indexed(&payload.bytes, &payload.scope),
        None => (gridwatch::model::Summary::of_kind(gridwatch::model::Kind::Empty), Vec::new()),
    };
    let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "feed".to_owned() };
    Incoming {
        key: ItemKey { topic, item: ItemId(item.to_owned()) },
        payload,
        summary,
        observables,
        route: Route::Live,
        publisher: None,
        received: now(),
        delayed: None,
        history: false,
    }
}

pub fn make(store: &dyn Store, format: Format, rows: &[Seq], into: &Path) -> Result<Sheet, Fault> {
    let catalog = Catalog::default();
    let words = |say: &Say| catalog.say(say);
    let about = Say::new("port-about-selection");
    let order = Order { format, rows, about, words: &words };
    let mut told = Vec::new();
    let (made, sheet) = export::run(store, &order, into, &Stop::default(), &mut |done, of| told.push((done, of)))?;
    assert_eq!(told.last(), Some(&(rows.len(), rows.len())));
    made.keep(into, false)?;
    Ok(sheet)
}

/// Whatever comes: sound ones of two restrictions, one of v1, a foreign one, a broken one, an empty one.
pub fn mixed() -> Memory {
    let fixture = |name: &str| {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/iodef").join(name)).unwrap()
    };
    let store = Memory::default();
    let prefixed = text(3, "green").replace(" xmlns=", " xmlns:i=").replace("</", "</i:").replace('<', "<i:");
    let prefixed = prefixed.replace("<i:/i:", "</i:").replace(" xmlns:i='urn:ietf:params:xml:ns:iodef-2.0'", "");
    let batch = vec![
        incoming("a", &text(1, "green"), &[]),
        incoming("b", &text(2, "amber"), &[]),
        incoming("prefixed", &prefixed, &[("i", "urn:ietf:params:xml:ns:iodef-2.0"), ("unused", "urn:x")]),
        incoming("old", &fixture("version1.xml"), &[]),
        incoming("foreign", "<note xmlns='urn:other'/>", &[]),
        incoming("broken", "<IODEF-Document xmlns='urn:ietf:params:xml:ns:iodef-2.0'><Incident>", &[]),
        incoming("empty", "", &[]),
    ];
    assert_eq!(store.commit(batch).unwrap().added.len(), 7);
    store
}

#[test]
fn what_goes_in_comes_out_or_is_named_in_every_format() {
    let (store, folder) = (mixed(), tempfile::tempdir().unwrap());
    let rows: Vec<Seq> = [6, 5, 4, 3, 2, 1, 0, 77].into();
    for format in Format::ALL {
        let path = folder.path().join(format!("{format:?}"));
        let sheet = make(&store, format, &rows, &path).unwrap();
        assert_eq!((sheet.asked, sheet.carried), (8, 4), "{format:?}");
        let left: Vec<_> = sheet.left.iter().map(|left| (left.seq, left.why.key)).collect();
        let keys = ["port-left-empty", left[1].1, "port-left-foreign", "port-left-gone"];
        assert_eq!(left.iter().map(|left| left.0).collect::<Vec<_>>(), [6, 5, 4, 77]);
        assert_eq!(left.iter().map(|left| left.1).collect::<Vec<_>>(), keys);
        assert!(left[1].1.starts_with("error-iodef"), "{left:?}");
        // Never less strict than any document, the one of v1 included.
        let strictest = sheet.strictest.clone().unwrap().tlp();
        assert!(strictest >= gridwatch::model::Tlp::Amber, "{strictest:?}");
        // What is there already stays.
        let again = make(&store, format, &rows, &path).unwrap_err();
        assert!(matches!(again, Fault::Exists { .. }), "{again:?}");
        #[cfg(unix)]
        for file in files(&path) {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0, "{}", file.display());
        }
    }
    // Nothing unfinished is left beside them.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), Format::ALL.len());
}

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    let mut files: Vec<PathBuf> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn iodef_keeps_its_bytes_and_stands_alone() {
    let (store, folder) = (mixed(), tempfile::tempdir().unwrap());
    let path = folder.path().join("out");
    let _ = make(&store, Format::Iodef, &[2, 0, 3], &path).unwrap();
    let files = files(&path);
    let names: Vec<_> = files.iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(names.len(), 5, "{names:?}");
    assert!(names[0].starts_with("000001-csirt-example-3"), "in the order asked: {names:?}");
    assert_eq!(names[1], "000002-csirt-example-1.xml");
    assert_eq!(&names[3..], ["list.csv", "sheet.md"]);
    // Received so, kept so; where the stream declared its prefix, it has it on its root now, and nothing that it needs not.
    assert_eq!(fs::read_to_string(&files[1]).unwrap(), text(1, "green"));
    let alone = fs::read_to_string(&files[0]).unwrap();
    assert!(alone.contains("xmlns:i=\"urn:ietf:params:xml:ns:iodef-2.0\"") && !alone.contains("urn:x"), "{alone}");
    assert_eq!(gridwatch::iodef::summarise(alone.as_bytes(), &[]).id, "3");
    let list = fs::read_to_string(&files[3]).unwrap();
    assert!(list.lines().count() == 4 && list.contains("TLP:GREEN"), "{list}");
    assert!(fs::read_to_string(&files[4]).unwrap().contains("Carried\\: 3 of 3"));
}

#[test]
fn a_table_says_the_strictest_first_and_runs_nothing() {
    let (store, folder) = (mixed(), tempfile::tempdir().unwrap());
    let path = folder.path().join("out.csv");
    let sheet = make(&store, Format::Csv, &[0, 1, 4, 6], &path).unwrap();
    let table = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].contains("TLP:AMBER") && lines[0].starts_with("# "), "{table}");
    assert!(lines.iter().any(|line| line.contains("urn:other")), "{table}");
    let head = lines.iter().position(|line| line.starts_with("incident,kind,value")).unwrap();
    assert_eq!(lines.len() - head - 1, 2, "{table}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("incident,")).count(), 1);
    assert!(lines[head + 1].contains("192.0.2.1") && lines[head + 2].contains("192.0.2.2"), "in order: {table}");
    assert_eq!(sheet.silent, 0);
}

#[test]
fn a_stop_leaves_nothing() {
    let (store, folder) = (mixed(), tempfile::tempdir().unwrap());
    let catalog = Catalog::default();
    let words = |say: &Say| catalog.say(say);
    for format in Format::ALL {
        let stop = Stop::default();
        let order = Order { format, rows: &[0, 1, 2, 3], about: Say::new("port-about-selection"), words: &words };
        let result = export::run(&store, &order, &folder.path().join("x"), &stop, &mut |done, _| {
            if done == 2 {
                stop.stop();
            }
        });
        assert!(matches!(result, Err(Fault::Stopped)), "{format:?}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    // Made, and not kept: nothing either.
    let order = Order { format: Format::Json, rows: &[0], about: Say::new("port-about-selection"), words: &words };
    let made = export::run(&store, &order, &folder.path().join("x"), &Stop::default(), &mut |_, _| {}).unwrap().0;
    assert!(matches!(made, Made::Folder(..)));
    drop(made);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// The default namespace of the stanza holds for what has no prefix anywhere inside, not for the root only.
#[test]
fn a_document_alone_is_the_document_it_was() {
    const IODEF: &str = "urn:ietf:params:xml:ns:iodef-2.0";
    let text = format!(
        "<i:IODEF-Document version='2.00' xmlns:i='{IODEF}'><i:Incident purpose='reporting'><i:IncidentID name='csirt.example'>\
         1</i:IncidentID><i:GenerationTime>2026-11-21T10:00:00Z</i:GenerationTime><i:Contact type='organization' \
         role='creator'><i:ContactName>CSIRT</i:ContactName></i:Contact><i:AdditionalData dtype='xml'><note/>\
         </i:AdditionalData></i:Incident></i:IODEF-Document>"
    );
    let (store, folder) = (Memory::default(), tempfile::tempdir().unwrap());
    let _ = store.commit(vec![incoming("a", &text, &[("", "urn:stanza")])]).unwrap();
    let path = folder.path().join("documents");
    let _ = make(&store, Format::Iodef, &[0], &path).unwrap();
    let made = files(&path).into_iter().find(|file| file.extension().is_some_and(|end| end == "xml")).unwrap();
    let document = gridwatch::iodef::Document::read(fs::read(made).unwrap(), &[]).unwrap();
    let note = document.root().descendants().find(|element| element.local() == "note").unwrap();
    assert_eq!(note.ns(), "urn:stanza");
}
