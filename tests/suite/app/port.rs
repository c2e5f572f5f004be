//! The sheets for files in the whole window: a folder comes in once, and a stop leaves what stands.

use gridwatch::app::Message;
use gridwatch::model::{Restriction, Severity, TopicId};
use gridwatch::screen::Place;
use gridwatch::screen::port::Message as Port;
use iced_test::futures::futures::StreamExt;

use crate::support::window::{Window, report};

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
    let task = window.app.update(Message::Dropped(folder.path().to_path_buf()));
    assert!(window.shows("Stop"), "{:?}", window.texts());
    window.run(Message::Port(Port::StopTaking));
    finish(&mut window, task);
    assert!(window.shows("Stopped") && window.app.store().is_empty(), "{:?}", window.texts());

    window.run(Message::Dropped(folder.path().to_path_buf()));
    assert_eq!(window.app.store().len(), 1_000);
    assert!(window.shows("New in the archive: 1000") && window.shows("Refused: 1"), "{:?}", window.texts());
    assert!(window.shows("broken.xml"));
    window.pictures("import-done");
    window.run(Message::Port(Port::From(folder.path().display().to_string())));
    window.run(Message::Port(Port::Submit));
    assert_eq!(window.app.store().len(), 1_000, "the same, once");
    assert!(window.shows("New in the archive: 0") && window.shows("There already, as they are: 1000"));
    let row = window.app.store().row(0).unwrap();
    assert!(row.key.topic == TopicId::imported() && row.summary.restriction == Restriction::Amber);
    window.run(Message::Port(Port::Show));
    assert!(window.shows("topic:imported") && window.shows("From a file"), "{:?}", window.texts());
    window.pictures("import-shown");
}

#[test]
fn a_file_dropped_without_a_session_is_looked_at() {
    let mut window = Window::fresh(gridwatch::settings::Settings::default());
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/iodef/minimal.xml");
    window.run(Message::Dropped(path));
    assert_eq!(window.app.place(), Place::Viewer);
    assert!(window.shows("North CSIRT"), "{:?}", window.texts());
}
