//! The window on a screen without a monitor: keys go in on the X server, pixels come out of its framebuffer.

use std::io::{BufRead, BufReader};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use crate::child::Guard;
use crate::desk::{Desk, program};
use crate::process::Process;
use crate::screen::{Keyboard, Picture, Screen};
use crate::wait;

/// X keysyms.
const UP: u32 = 0xff52;
const DOWN: u32 = 0xff54;
/// How long a picture stays the same before it counts: less than a caret takes to blink.
const STILL: Duration = Duration::from_millis(300);
/// How often the pixels are looked at: a figure is this much too large at most.
const LOOK: Duration = Duration::from_micros(200);
/// Longest from a key to its pixels.
const LOST: Duration = Duration::from_secs(5);
/// Least and most pixels of a row from top to bottom.
const ROW: std::ops::Range<usize> = 16..64;

pub struct Window {
    /// When its process was started.
    pub begun: Instant,
    pub first_frame: Duration,
    screen: Screen,
    keyboard: Keyboard,
    words: Receiver<(String, Instant)>,
    process: Guard,
}

/// Where the selected row shows that it is: the left end of each row, and the colour there when it is the selected one.
pub struct Mark {
    at: Vec<(usize, usize)>,
    colour: [u8; 3],
}

impl Window {
    pub fn start(desk: &Desk, width: u16, height: u16) -> Self {
        let screen = Screen::start(width, height);
        let mut command = program(&desk.home(), screen.display());
        let begun = Instant::now();
        let mut process = Guard::group(&mut command);
        let errors = BufReader::new(process.child.stderr.take().unwrap());
        let (sender, words) = mpsc::channel();
        let _ = std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let _ = sender.send((line, Instant::now()));
            }
        });
        let keyboard = screen.keyboard();
        screen.fit();
        let mut window = Self { begun, first_frame: Duration::ZERO, screen, keyboard, words, process };
        window.first_frame = window.said("first-frame").duration_since(begun);
        window
    }

    /// When it said that it got so far.
    pub fn said(&mut self, what: &str) -> Instant {
        loop {
            match self.words.recv_timeout(wait::PATIENCE) {
                Ok((line, at)) if line.starts_with(what) => return at,
                Ok(_) => {}
                Err(_) => {
                    self.screen.picture().save(std::path::Path::new("/tmp/gridwatch-window.png"));
                    panic!("no `{what}` (/tmp/gridwatch-window.png); ended: {:?}", self.process.child.try_wait());
                }
            }
        }
    }

    pub fn process(&self) -> Process {
        Process(self.process.child.id())
    }

    /// What it shows once that stays the same.
    fn still(&self) -> Picture {
        let (mut last, mut since) = (self.screen.picture(), Instant::now());
        wait::until("the window to keep still", || {
            let next = self.screen.picture();
            if next != last {
                (last, since) = (next, Instant::now());
            }
            (since.elapsed() >= STILL).then(|| last.clone())
        })
    }

    /// Moves the selection to learn where it shows.
    pub fn find_mark(&mut self) -> Mark {
        // The first opens the detail pane beside the list.
        (0..3).for_each(|_| self.keyboard.press(DOWN));
        let before = self.still();
        self.keyboard.press(DOWN);
        let after = self.still();
        let (width, height) = (before.width as usize, before.height as usize);
        for x in 0..width {
            // The mark is as tall as a row, and where it was there is the ground now that stands below it.
            let mut top = 0;
            while top < height {
                let colour = after.at(x, top);
                let tall = (top..height).take_while(|y| after.at(x, *y) == colour && before.at(x, *y) != colour);
                let tall = tall.count();
                if ROW.contains(&tall) && top >= tall && before.at(x, top - tall) == colour {
                    let first = top - 4 * tall;
                    let rows = (0..12).map(|row| (x + 1, first + row * tall + tall / 2));
                    return Mark { at: rows.collect(), colour };
                }
                top += tall.max(1);
            }
        }
        panic!("the selection does not show");
    }

    fn marked(&self, mark: &Mark) -> Vec<bool> {
        mark.at.iter().map(|(x, y)| self.screen.pixel(*x, *y) == mark.colour).collect()
    }

    /// Presses keys that move the selection, at times that follow no pattern; how long each took to show.
    pub fn times(&mut self, mark: &Mark, many: usize) -> Vec<Duration> {
        let mut random = crate::random::Random(3);
        let mut times = Vec::with_capacity(many);
        for number in 0..many {
            std::thread::sleep(Duration::from_millis(60 + random.below(60) as u64));
            let before = self.marked(mark);
            let begun = Instant::now();
            self.keyboard.press(if number % 2 == 0 { DOWN } else { UP });
            while self.marked(mark) == before {
                assert!(begun.elapsed() < LOST, "the selection did not move");
                std::thread::sleep(LOOK);
            }
            times.push(begun.elapsed());
        }
        times
    }
}
