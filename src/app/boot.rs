//! From arguments to a running window: options, renderer choice, panic words, and the iced application itself.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::settings::Theme;

/// How the window is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renderer {
    Software,
    Gpu,
}

/// What the command line asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Open connected to the practice grid.
    pub practice: bool,
    /// Connect to the grid of this saved profile.
    pub profile: Option<String>,
    pub seed: Option<u64>,
    /// A loopback port on which other clients may join the practice grid.
    pub practice_port: Option<u16>,
    pub renderer: Option<Renderer>,
    pub theme: Option<Theme>,
    /// Moves all files of the program; `GRIDWATCH_HOME` does the same.
    pub home: Option<PathBuf>,
    /// Tell on standard error how long it took to get so far: `first-frame <ms>` and kin.
    pub timings: bool,
    /// Open this file in the viewer.
    pub open: Option<PathBuf>,
}

impl Options {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    /// On an argument this program does not know or a value it cannot read.
    pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Self, lexopt::Error> {
        use lexopt::prelude::*;
        let mut options = Self::default();
        let mut parser = lexopt::Parser::from_args(args);
        while let Some(argument) = parser.next()? {
            match argument {
                Long("practice") => options.practice = true,
                Long("profile") => options.profile = Some(parser.value()?.string()?),
                Long("seed") => options.seed = Some(parser.value()?.parse()?),
                Long("practice-port") => options.practice_port = Some(parser.value()?.parse()?),
                Long("renderer") => options.renderer = Some(parser.value()?.parse_with(renderer)?),
                Long("theme") => options.theme = Some(parser.value()?.parse_with(theme)?),
                Long("home") => options.home = Some(parser.value()?.into()),
                Long("timings") => options.timings = true,
                Long("open") => options.open = Some(parser.value()?.into()),
                Value(file) if options.open.is_none() => options.open = Some(file.into()),
                other => return Err(other.unexpected()),
            }
        }
        if options.practice && options.profile.is_some() {
            return Err("--practice or --profile, not both".into());
        }
        Ok(options)
    }
}

fn renderer(text: &str) -> Result<Renderer, &'static str> {
    match text {
        "software" => Ok(Renderer::Software),
        "gpu" => Ok(Renderer::Gpu),
        _ => Err("software or gpu"),
    }
}

fn theme(text: &str) -> Result<Theme, &'static str> {
    Theme::from_token(text).ok_or("light, dark or system")
}

/// Carries the time of the process's true start through [`choose_renderer`]'s second start.
const STARTED: &str = "GRIDWATCH_STARTED";
/// What iced reads to choose a renderer.
const BACKEND: &str = "ICED_BACKEND";

/// When this process was started, as time since the epoch.
#[must_use]
pub fn started() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let handed = std::env::var(STARTED).ok().and_then(|text| text.parse().ok()).map(Duration::from_nanos);
    handed.filter(|then| *then <= now).unwrap_or(now)
}

/// Starts the program again with the renderer in its environment, where it is not there yet: iced reads it from there, and
/// changing one's own environment is unsafe once threads run. Returns when there is nothing to do.
///
/// # Errors
/// When the program could not be started again.
pub fn choose_renderer(wanted: Option<Renderer>, started: Duration) -> std::io::Result<()> {
    let Some(wanted) = wanted else { return Ok(()) };
    // A build without the GPU renderer has no choice to make.
    if cfg!(not(feature = "gpu")) {
        return Ok(());
    }
    let backend = match wanted {
        Renderer::Software => "tiny-skia",
        Renderer::Gpu => "wgpu",
    };
    if std::env::var_os(BACKEND).is_some_and(|set| set == backend) {
        return Ok(());
    }
    let mut again = std::process::Command::new(std::env::current_exe()?);
    let _ = again.args(std::env::args_os().skip(1)).env(BACKEND, backend).env(STARTED, started.as_nanos().to_string());
    restart(again)
}

#[cfg(unix)]
fn restart(mut again: std::process::Command) -> std::io::Result<()> {
    use std::os::unix::process::CommandExt;
    Err(again.exec())
}

#[cfg(not(unix))]
fn restart(mut again: std::process::Command) -> std::io::Result<()> {
    let status = again.status()?;
    crate::leave::now(status.code().unwrap_or(1))
}

/// Says where the program broke and nothing of what it was handling: a panic's text may hold a password or an incident.
pub fn hook_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        let words = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("");
        eprintln!("gridwatch broke{place} {words}");
        eprintln!("{}", std::backtrace::Backtrace::capture());
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Options, String> {
        Options::parse(args.iter().map(OsString::from)).map_err(|error| error.to_string())
    }

    #[test]
    fn every_option_is_read() {
        let args = ["--practice", "--seed", "7", "--practice-port=5300", "--renderer", "software", "--theme", "dark"];
        let options = parse(&args).unwrap();
        assert!(options.practice && !options.timings);
        assert_eq!((options.seed, options.practice_port), (Some(7), Some(5300)));
        assert_eq!((options.renderer, options.theme), (Some(Renderer::Software), Some(Theme::Dark)));
        assert_eq!(parse(&["--profile", "work"]).unwrap().profile.as_deref(), Some("work"));
        let options = parse(&["--home", "/h", "--timings", "report.xml"]).unwrap();
        assert_eq!((options.home, options.open), (Some("/h".into()), Some("report.xml".into())));
        assert!(options.timings);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for args in [
            &["--seed"][..],
            &["--seed", "x"],
            &["--renderer", "vulkan"],
            &["--password", "x"],
            &["a", "b"],
            &["--practice", "--profile", "x"],
        ] {
            assert!(parse(args).is_err(), "{args:?}");
        }
        assert!(parse(&["--theme", "blue"]).unwrap_err().contains("light, dark or system"));
    }
}
