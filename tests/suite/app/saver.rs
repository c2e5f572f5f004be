//! Settings reach the disk in order, and before the window goes.

use std::path::Path;

use gridwatch::app::{App, Env, Message};
use gridwatch::screen::settings;
use gridwatch::settings::{File, Paths, Settings, Theme};
use iced_test::futures::futures::{FutureExt, StreamExt};
use iced_test::runtime::{Action, Task, task};

use crate::support::window::env;

fn app(folder: &Path) -> (App, File) {
    let file = File::new(&Paths::below(folder));
    let (env, _) = env();
    (App::new(Env { settings: Some(file.clone()), ..env }, Settings::default()), file)
}

fn choose(app: &mut App, theme: Theme) -> Task<Message> {
    app.update(Message::Settings(settings::Message::Theme(theme)))
}

/// Runs these one after the other with all that comes of them; whether the window went.
pub async fn run(app: &mut App, tasks: Vec<Task<Message>>) -> bool {
    let mut gone = false;
    let mut tasks = std::collections::VecDeque::from(tasks);
    while let Some(task) = tasks.pop_front() {
        let Some(mut stream) = task::into_stream(task) else { continue };
        while let Some(action) = stream.next().await {
            match action {
                Action::Output(message) => tasks.push_back(app.update(message)),
                Action::Exit => gone = true,
                _ => {}
            }
        }
    }
    gone
}

#[tokio::test]
async fn the_last_choice_stays_whichever_write_is_quicker() {
    let folder = tempfile::tempdir().unwrap();
    let (mut app, file) = app(folder.path());
    let first = choose(&mut app, Theme::Dark);
    let second = choose(&mut app, Theme::Light);
    assert!(!run(&mut app, vec![second, first]).await);
    assert_eq!(file.load().settings.ui.theme, Theme::Light);
}

#[tokio::test]
async fn the_window_goes_after_its_settings_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let (mut app, file) = app(folder.path());
    let saving = choose(&mut app, Theme::Dark);
    let leaving = app.update(Message::CloseRequested);
    let mut leaving = task::into_stream(leaving).unwrap();
    assert!(leaving.next().now_or_never().is_none(), "it waits");
    assert!(run(&mut app, vec![saving]).await, "and goes as soon as they are written");
    assert_eq!(file.load().settings.ui.theme, Theme::Dark);
}
