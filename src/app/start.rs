//! Runs the window: settings first, then renderer, then iced.

use std::sync::Arc;

use iced::{Size, Task, window};

use super::boot::{self, Options};
use super::{App, Env, Message};
use crate::model::Say;
use crate::screen::{Target, Toast, Tone, connect};
use crate::secrets::{Keeper, Keychain, Realm};
use crate::settings::{File, Loaded, Paths};
use crate::{log, text, theme};

/// The application's id for desktops; the same as in `packaging/`.
const ID: &str = "gridwatch";

/// The exit code where there could be no window.
const FAILED: i32 = 1;

/// Runs the window until it is closed and gives the exit code. Does not return where the program starts again with another renderer.
#[must_use]
pub fn run(options: Options) -> i32 {
    let started = boot::started();
    let paths = Paths::find(options.home.as_deref(), std::env::var_os("GRIDWATCH_HOME"));
    // Without it the program works as well; that there is none is said where a terminal is.
    let _log = paths.as_ref().ok().and_then(|paths| {
        log::open(&paths.logs()).inspect_err(|error| eprintln!("gridwatch: no log file: {error}")).ok()
    });
    let (paths, trouble) = match paths {
        Ok(paths) => (Some(paths), None),
        Err(error) => (None, Some(error)),
    };
    let loaded = paths.as_ref().map(|paths| File::new(paths).load());
    let Loaded { settings, trouble } =
        loaded.unwrap_or_else(|| Loaded { settings: crate::settings::Settings::default(), trouble });
    let renderer = options.renderer.or(match settings.ui.renderer {
        crate::settings::Renderer::Software => Some(boot::Renderer::Software),
        crate::settings::Renderer::Auto => None,
    });
    if let Err(error) = boot::choose_renderer(renderer, started) {
        eprintln!("gridwatch: {error}");
        return FAILED;
    }
    let mut env = Env::real(Keeper::new(Arc::new(Keychain::new(Realm::Grid))), paths.as_ref());
    env.practice.seed = options.seed.unwrap_or(env.practice.seed);
    env.practice.port = options.practice_port;
    env.timings = options.timings.then_some(started);
    let boot = move || {
        let mut app = App::new(env.clone(), settings.clone());
        let task = app.begin(&options, trouble.clone());
        (app, task)
    };
    let done = iced::application(boot, App::update, App::view)
        .settings(iced::Settings { id: Some(ID.to_owned()), ..theme::settings() })
        .window(window::Settings {
            size: Size::new(1280.0, 800.0),
            min_size: Some(Size::new(800.0, 560.0)),
            exit_on_close_request: false,
            ..window::Settings::default()
        })
        .title(App::title)
        .theme(App::theme)
        .scale_factor(App::scale_factor)
        .subscription(App::subscription)
        .run();
    match done {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("gridwatch: {error}");
            FAILED
        }
    }
}

impl App {
    /// What the command line asked for, once there is a window.
    pub(super) fn begin(&mut self, options: &Options, trouble: Option<crate::settings::Error>) -> Task<Message> {
        self.theme = options.theme;
        let first = match (&options.open, &options.profile) {
            (Some(path), _) => self.open(Target::File(Some(path.clone()))),
            (None, Some(name)) => self.begin_with(name),
            (None, None) if options.practice => self.practice(),
            (None, None) => Task::none(),
        };
        let trouble = trouble.map_or_else(Task::none, |error| self.toast(Toast { tone: Tone::Bad, say: error.say() }));
        let mode = iced::system::theme().map(Message::Mode);
        Task::batch([mode, first, trouble])
    }

    /// To the grid of a saved profile, as soon as the keyring has said what it knows.
    fn begin_with(&mut self, name: &str) -> Task<Message> {
        let there = self.open(Target::Connect);
        if self.shared.settings.profile(name).is_none() {
            return Task::batch([there, self.bad(Say::new("connect-no-profile").with("name", text::line(name)))]);
        }
        Task::batch([there, self.screen(Message::Connect(connect::Message::Enter(name.to_owned())))])
    }
}
