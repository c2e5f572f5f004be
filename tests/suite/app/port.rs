//! The sheets for files in the whole window: exactly what is marked or filtered goes out, in the order of the list; a folder
//! comes in once, and a stop leaves what stands.

use std::sync::Arc;

use chrono::TimeDelta;
use gridwatch::app::Message;
use gridwatch::app::bridge::Update;
use gridwatch::app::command::Id;
use gridwatch::engine::Event;
use gridwatch::iodef::export::Format;
use gridwatch::model::{ItemId, Restriction, Severity, TopicId};
use gridwatch::screen::Place;
use gridwatch::screen::feed::Message as Feed;
use gridwatch::screen::port::Message as Port;
use gridwatch::store::{Incoming, ItemKey, Payload, Route};
use iced_test::futures::futures::StreamExt;

use crate::support::window::{Window, id, now, report};

/// Six incidents, the newest first in the list: 0 to 5.
fn six() -> Window {
    let mut window = Window::connected(false);
    let severities = [Severity::High, Severity::Low, Severity::High, Severity::Medium, Severity::High, Severity::Low];
    let documents: Vec<String> = (0_usize..6)
        .map(|number| {
            let restriction = if number == 4 { Restriction::Amber } else { Restriction::Green };
            let address = format!("192.0.2.{}", number + 1);
            report(&format!("2026-{number}"), &format!("Report {number}"), restriction, severities[number], &address)
        })
        .collect();
    let batch = documents.iter().zip(1_i64..).map(|(text, age)| Incoming {
        key: ItemKey { topic: id("MILEHost"), item: ItemId(format!("item-{age}")) },
        payload: Some(Payload { bytes: text.as_bytes().into(), scope: Arc::from([]) }),
        summary: gridwatch::iodef::summarise(text.as_bytes(), &[]),
        observables: Vec::new(),
        route: Route::Live,
        publisher: None,
        received: now() - TimeDelta::minutes(age),
        delayed: None,
        history: false,
    });
    let done = window.app.store().commit(batch.collect()).unwrap();
    let stored = Event::Stored(done);
    window.run(Message::Engine(1, Update::Events(vec![stored])));
    window
}

/// The incidents of a table, each once, in its order.
fn incidents(table: &str) -> Vec<String> {
    let mut all: Vec<String> = table
        .lines()
        .filter(|line| line.starts_with("cert-north.example/"))
        .map(|line| line.split(',').next().unwrap().rsplit('/').next().unwrap().to_owned())
        .collect();
    all.dedup();
    all
}

fn export(window: &mut Window, format: Format, path: &std::path::Path) {
    window.run(Message::Command(Id::Export));
    window.run(Message::Port(Port::Format(format)));
    window.run(Message::Port(Port::Path(path.display().to_string())));
    window.run(Message::Port(Port::Save));
}

#[test]
fn exactly_what_is_marked_or_filtered_goes_out_in_the_order_of_the_list() {
    let (mut window, folder) = (six(), tempfile::tempdir().unwrap());
    // Marked: the first, the third and the second, and in the list's order in the file.
    for steps in [1, 2, -1] {
        window.run(Message::Feed(Feed::Step(steps)));
        window.run(Message::Feed(Feed::Mark));
    }
    window.run(Message::Command(Id::Export));
    assert!(window.shows("Export 3 incidents") && window.shows("Selected rows"), "{:?}", window.texts());
    assert!(window.shows("TLP:GREEN: 3") && window.shows("Save") && !window.shows("Save all the same"));
    let path = folder.path().join("marked.csv");
    export(&mut window, Format::Csv, &path);
    assert!(window.shows("Carried: 3 of 3"), "{:?}", window.texts());
    assert_eq!(incidents(&std::fs::read_to_string(&path).unwrap()), ["2026-0", "2026-1", "2026-2"]);
    // The name is taken: what is there stays.
    window.run(Message::Port(Port::Save));
    assert!(window.shows("is there already"), "{:?}", window.texts());
    window.run(Message::Port(Port::Close));

    window.run(Message::Feed(Feed::Unmark));
    window.run(Message::Feed(Feed::Filter("severity:high".to_owned())));
    let path = folder.path().join("high.csv");
    window.run(Message::Command(Id::Export));
    assert!(window.shows("Filter: severity:high") && window.shows("Export 3 incidents"), "{:?}", window.texts());
    // One of them is amber: its consequence is said before anything is written.
    assert!(window.shows("TLP:AMBER: 1") && window.shows("own organisation") && window.shows("Save all the same"));
    window.run(Message::Port(Port::Format(Format::Stix)));
    window.run(Message::Port(Port::Path("/home/analyst/incidents-20261121-1600.stix.json".to_owned())));
    window.pictures("export-sheet");
    export(&mut window, Format::Csv, &path);
    let table = std::fs::read_to_string(&path).unwrap();
    assert_eq!(incidents(&table), ["2026-0", "2026-2", "2026-4"]);
    assert!(table.lines().next().unwrap().contains("TLP:AMBER"), "{table}");
    // Whose filter it was is not the receiver's to know, unless the person says so.
    assert!(table.contains("# Found by a filter: 3 in all") && !table.contains("severity:high"), "{table}");
    window.run(Message::Port(Port::WithFilter(true)));
    let path = folder.path().join("said.csv");
    export(&mut window, Format::Csv, &path);
    let table = std::fs::read_to_string(&path).unwrap();
    assert!(!table.contains("severity:high"), "each sheet asks anew: {table}");
    window.run(Message::Port(Port::WithFilter(true)));
    let path = folder.path().join("with.csv");
    window.run(Message::Port(Port::Path(path.display().to_string())));
    window.run(Message::Port(Port::Save));
    let table = std::fs::read_to_string(&path).unwrap();
    assert!(table.contains("# Filter: severity:high"), "{table}");
    window.pictures("export-done");

    // The list shows the answer to the filter before, as while one types: what goes out is what the filter finds.
    window.run(Message::Port(Port::Close));
    window.say(Message::Feed(Feed::Filter("severity:low".to_owned())));
    window.run(Message::Command(Id::Export));
    assert!(window.shows("Filter: severity:low") && window.shows("Export 2 incidents"), "{:?}", window.texts());
    // A row one looks at stays in the list when it does not match any more, and does not go out.
    window.run(Message::Port(Port::Close));
    window.run(Message::Feed(Feed::Filter("-is:starred".to_owned())));
    window.run(Message::Feed(Feed::Step(1)));
    window.run(Message::Feed(Feed::Act(gridwatch::screen::feed::Act::Star)));
    window.run(Message::Feed(Feed::Export));
    assert!(window.shows("Export 5 incidents"), "{:?}", window.texts());

    // Everything, as a folder of the documents themselves.
    window.run(Message::Port(Port::Close));
    window.run(Message::Feed(Feed::ClearFilter));
    export(&mut window, Format::Iodef, &folder.path().join("all"));
    assert_eq!(std::fs::read_dir(folder.path().join("all")).unwrap().count(), 6 + 2);
    // A stop leaves nothing.
    window.run(Message::Command(Id::Export));
    window.run(Message::Port(Port::Format(Format::Json)));
    window.run(Message::Port(Port::Path(folder.path().join("never").display().to_string())));
    let task = window.app.update(Message::Port(Port::Save));
    assert!(window.shows("Stop"), "{:?}", window.texts());
    window.run(Message::Port(Port::StopGiving));
    finish(&mut window, task);
    assert!(window.shows("Stopped. Nothing was written."), "{:?}", window.texts());
    assert!(!folder.path().join("never").exists());
}

/// Runs what was begun before.
fn finish(window: &mut Window, task: iced_test::runtime::Task<Message>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(mut stream) = iced_test::runtime::task::into_stream(task) else { return };
    let mut said = Vec::new();
    while let Some(action) = runtime.block_on(stream.next()) {
        if let iced_test::runtime::Action::Output(message) = action {
            said.push(message);
        }
    }
    said.into_iter().for_each(|message| window.run(message));
}

#[test]
fn a_folder_of_a_thousand_comes_in_once_and_a_stop_leaves_what_stands() {
    let (mut window, folder) = (Window::connected(false), tempfile::tempdir().unwrap());
    for number in 0..1_000 {
        let text = report(&format!("N-{number}"), "From a file", Restriction::Amber, Severity::Low, "192.0.2.9");
        std::fs::write(folder.path().join(format!("{number:04}.xml")), text).unwrap();
    }
    std::fs::write(folder.path().join("broken.xml"), "<IODEF-Document").unwrap();
    // Stopped before the first file was read: nothing came, and it is said.
    window.run(Message::Dropped(folder.path().to_path_buf()));
    assert!(window.app.store().is_empty() && window.shows("Import what was dropped?"), "{:?}", window.texts());
    window.pictures("import-asks");
    let task = window.app.update(Message::Port(Port::Accept));
    assert!(window.shows("Stop"), "{:?}", window.texts());
    window.run(Message::Port(Port::StopTaking));
    finish(&mut window, task);
    assert!(window.shows("Stopped") && window.app.store().is_empty(), "{:?}", window.texts());

    // Left: it is asked no more. Dropped again, it is.
    window.run(Message::Dropped(folder.path().to_path_buf()));
    window.run(Message::Port(Port::Decline));
    window.run(Message::Port(Port::Accept));
    assert!(window.app.store().is_empty() && !window.shows("Import what was dropped?"), "{:?}", window.texts());
    window.run(Message::Dropped(folder.path().to_path_buf()));
    window.run(Message::Port(Port::Accept));
    assert_eq!(window.app.store().len(), 1_000);
    assert!(window.shows("New in the archive: 1,000") && window.shows("Refused: 1"), "{:?}", window.texts());
    assert!(window.shows("broken.xml"));
    window.pictures("import-done");
    window.run(Message::Port(Port::From(folder.path().display().to_string())));
    window.run(Message::Port(Port::Submit));
    assert_eq!(window.app.store().len(), 1_000, "the same, once");
    assert!(window.shows("New in the archive: 0") && window.shows("There already, as they are: 1,000"));
    let row = window.app.store().row(0).unwrap();
    assert!(row.key.topic == TopicId::imported() && row.summary.restriction == Restriction::Amber);
    window.run(Message::Port(Port::Show));
    assert!(window.shows("is:imported") && window.shows("From a file"), "{:?}", window.texts());
    window.pictures("import-shown");
}

#[test]
fn what_is_dropped_takes_nothing_away() {
    let (mut window, folder) = (six(), tempfile::tempdir().unwrap());
    let path = folder.path().join("one.xml");
    std::fs::write(&path, report("N-1", "From a file", Restriction::Amber, Severity::Low, "192.0.2.9")).unwrap();
    window.run(Message::Command(Id::Export));
    window.run(Message::Port(Port::Path("/home/analyst/typed.csv".to_owned())));
    // Said without what follows by itself: a word of this kind goes after a while.
    window.say(Message::Dropped(path.clone()));
    window.say(Message::Dropped(folder.path().to_path_buf()));
    assert!(window.shows("Export 6 incidents") && !window.shows("Import what"), "{:?}", window.texts());
    window.say(Message::Port(Port::Close));
    assert!(window.shows("What was dropped waits"), "{:?}", window.texts());
    window.run(Message::Command(Id::Import));
    assert!(window.shows("Import the 2 files and folders that were dropped?"), "{:?}", window.texts());
    let before = window.app.store().len();
    window.run(Message::Port(Port::Accept));
    assert_eq!(window.app.store().len(), before + 1);
    assert!(window.shows("There already, as they are: 1"), "{:?}", window.texts());
}

#[test]
fn an_answer_that_comes_by_itself_moves_nobody() {
    use gridwatch::screen::incident::Message as Incident;
    let failed = Incident::Revisions(0, Err(gridwatch::model::Say::new("app-work-broken")));
    assert!(!Incident::Revisions(0, Ok(Vec::new())).is_by_hand() && !failed.is_by_hand());
    assert!(Incident::Wide.is_by_hand());
}

#[test]
fn a_file_dropped_without_a_session_is_looked_at() {
    let mut window = Window::fresh(gridwatch::settings::Settings::default());
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/iodef/minimal.xml");
    window.run(Message::Dropped(path));
    assert_eq!(window.app.place(), Place::Viewer);
    assert!(window.shows("North CSIRT"), "{:?}", window.texts());
}
