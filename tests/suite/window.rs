//! The real window: the real binary under Xvfb on the practice grid, drawn in software, in both themes and two sizes.
//! What it showed is left in `target/window/` for people to look at.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use gridwatch::theme::palette::{DARK, LIGHT, Palette};

use crate::support::child::Guard;
use crate::support::screen::{Picture, Screen, read_xwd};
use crate::support::wait;

/// Longest from the window's first frame to the first incident of the practice grid (issue 2).
const TEN: Duration = Duration::from_secs(10);
/// How long a picture stays the same before it counts; less than passes between two live incidents.
const STILL: Duration = Duration::from_millis(400);
/// The X keysym of the key that goes down.
const DOWN: u32 = 0xff54;

/// A running console on a screen of its own.
struct Console {
    screen: Screen,
    words: Receiver<String>,
    process: Guard,
    _home: tempfile::TempDir,
}

impl Console {
    fn start(width: u16, height: u16, arguments: &[&str]) -> Self {
        let screen = Screen::start(width, height);
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gridwatch"));
        let _ = command
            .args(["--renderer", "software", "--timings"])
            .args(arguments)
            .env("DISPLAY", screen.display())
            .env("HOME", home.path())
            .env("XDG_RUNTIME_DIR", home.path())
            .env("GRIDWATCH_HOME", home.path().join("gridwatch"))
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut process = Guard::group(&mut command);
        let errors = BufReader::new(process.child.stderr.take().unwrap());
        let (sender, words) = mpsc::channel();
        let _ = std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                println!("the console said: {line}");
                let _ = sender.send(line);
            }
        });
        Self { screen, words, process, _home: home }
    }

    /// Waits until the console says when something was there; how long after its start that was.
    fn says(&mut self, what: &str) -> Duration {
        let end = Instant::now() + wait::PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.words.recv_timeout(left) {
                Ok(line) => {
                    if let Some(time) = line.strip_prefix(what).and_then(|rest| rest.trim().parse().ok()) {
                        return Duration::from_millis(time);
                    }
                }
                Err(_) => panic!("no `{what}`; ended: {:?}", self.process.child.try_wait()),
            }
        }
    }

    /// What it shows once `shows` holds of a picture that has kept still for a while.
    fn settled(&self, shows: impl Fn(&Picture) -> bool) -> Picture {
        let (mut last, mut since) = (self.screen.picture(), Instant::now());
        wait::until("the window to be drawn and to keep still", || {
            let next = self.screen.picture();
            if next != last {
                (last, since) = (next, Instant::now());
            }
            (since.elapsed() >= STILL && shows(&last)).then(|| last.clone())
        })
    }
}

fn rgb(colour: iced_test::core::Color) -> [u8; 3] {
    let [red, green, blue, _] = colour.into_rgba8();
    [red, green, blue]
}

/// How much of the outermost pixels is the practice grid's hatching, in hundredths.
fn framed(picture: &Picture, palette: &Palette) -> usize {
    let marks = [rgb(palette.practice_ground), rgb(palette.practice_hatch)];
    let (width, height) = (picture.width as usize, picture.height as usize);
    let edge: Vec<_> = picture
        .pixels()
        .enumerate()
        .filter(|(at, _)| {
            let (x, y) = (at % width, at / width);
            x == 0 || y == 0 || x == width - 1 || y == height - 1
        })
        .collect();
    edge.iter().filter(|(_, pixel)| marks.contains(pixel)).count() * 100 / edge.len()
}

/// Opens the practice grid and keeps a picture: framed as practice on all sides, with more than a plain ground inside.
fn practice(width: u16, height: u16, theme: &str, palette: &Palette) {
    let mut console = Console::start(width, height, &["--practice", "--seed", "1", "--theme", theme]);
    console.screen.fit();
    let (frame, incident) = (console.says("first-frame"), console.says("first-incident"));
    assert!(incident.saturating_sub(frame) <= TEN, "issue 2: an incident within ten seconds, not after {incident:?}");
    let area = usize::from(width) * usize::from(height);
    // The hatching's slanted edges are smoothed, so not every pixel has one of its two colours.
    let shows = |picture: &Picture| {
        framed(picture, palette) > 60 && picture.count(rgb(palette.practice)) > 20 && picture.colours() > 100
    };
    let picture = console.settled(shows);
    let name = format!("practice-{theme}-{width}x{height}.png");
    picture.save(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target/window").join(name));
    assert_eq!(picture.rgb.len(), area * 3);
    assert!(shows(&picture), "the practice mark is gone");
    assert!(console.process.child.try_wait().unwrap().is_none(), "the console ended");
}

#[test]
fn practice_light() {
    practice(1280, 800, "light", &LIGHT);
    practice(1920, 1080, "light", &LIGHT);
}

#[test]
fn practice_dark() {
    practice(1280, 800, "dark", &DARK);
    practice(1920, 1080, "dark", &DARK);
}

#[test]
fn welcome() {
    for (theme, palette) in [("light", &LIGHT), ("dark", &DARK)] {
        let mut console = Console::start(1280, 800, &["--theme", theme]);
        console.screen.fit();
        let _ = console.says("first-frame");
        let picture = console.settled(|picture| picture.count(rgb(palette.base)) > 100_000 && picture.colours() > 50);
        let name = format!("target/window/welcome-{theme}.png");
        picture.save(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
        assert_eq!(framed(&picture, palette), 0, "a practice mark where there is no practice");
    }
}

/// Keys of a real keyboard, and what they do to the pixels.
#[test]
fn a_key_chooses_a_row() {
    let mut console = Console::start(1280, 800, &["--practice", "--seed", "1", "--theme", "dark"]);
    console.screen.fit();
    // A key that is pressed before there are rows chooses none.
    let _ = console.says("newest-page");
    let chosen = rgb(DARK.accent);
    // The mark stands at the left of the row, as tall as that; nothing else of its colour is.
    let mark = |picture: &Picture| {
        let (width, height) = (picture.width as usize, picture.height as usize);
        let mut places = (0..width).flat_map(|x| (0..height - 20).map(move |y| (x, y)));
        places.find(|(x, y)| (0..20).all(|down| picture.at(*x, y + down) == chosen))
    };
    let before = console.settled(|picture| picture.colours() > 100);
    assert_eq!(mark(&before), None);
    console.screen.keyboard().press(DOWN);
    // A pixel alone is read as in the whole picture; an incident that comes between moves the mark.
    wait::until("the row to be marked", || {
        let (x, y) = mark(&console.screen.picture())?;
        (console.screen.pixel(x, y) == chosen).then_some(())
    });
}

#[test]
fn a_dump_is_read_in_both_byte_orders() {
    for (order, pixel) in [(0_u32, [3, 2, 1, 0]), (1, [0, 1, 2, 3])] {
        let mut words = [0_u32; 25];
        for (at, value) in [(0, 100), (1, 7), (2, 2), (4, 2), (5, 1), (7, order), (11, 32), (12, 12), (19, 1)] {
            words[at] = value;
        }
        (words[14], words[15], words[16]) = (0xff_0000, 0xff00, 0xff);
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        bytes.extend([9; 12]);
        bytes.extend(pixel.iter().chain(&pixel).chain(&[7; 4]));
        let picture = read_xwd(&bytes);
        assert_eq!((picture.width, picture.height, picture.rgb.as_slice()), (2, 1, &[1, 2, 3, 1, 2, 3][..]));
    }
}
