//! The log file: what this program did and what was done to it, a line an event, for whoever looks into a fault later.
//!
//! A leaf; may use `text` and `settings`. Everything else writes to it by `tracing`. No line holds a secret or any of an incident's
//! payload, whatever its restriction: events carry names, numbers and conditions, and every one of their texts is cut and
//! made harmless here. Writing is a thread's own work, so nobody waits for a disk; what the disk is too slow for is
//! counted, and the count is written.

mod rotate;

use std::fmt::{self, Write as _};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use chrono::{SecondsFormat, Utc};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::text;
use rotate::Rotating;

/// The acts of a person that change what is believed of a controller.
pub const TRUST: &str = "trust";
/// Lines that may wait for the disk.
const QUEUE: usize = 1_000;
/// Longest value of a field, in characters.
const LONGEST: usize = 300;
/// Longest wait for the last lines.
const FAREWELL: Duration = Duration::from_secs(1);

/// Keeps the log open; dropped, it waits a moment until the last lines are written.
#[derive(Debug)]
pub struct Guard {
    ended: Receiver<()>,
    tell: Option<SyncSender<Told>>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(tell) = self.tell.take() {
            let _ = tell.try_send(Told::End);
            // A frozen disk must not keep the program from ending.
            let _ = self.ended.recv_timeout(FAREWELL);
        }
    }
}

enum Told {
    Line(String),
    End,
}

/// Opens `gridwatch.log` in `dir`, which is made if need be, for this process's events from `INFO` up.
///
/// # Errors
/// When the file cannot be written, or a log is open already.
pub fn open(dir: &Path) -> io::Result<Guard> {
    let (layer, guard) = layer(dir)?;
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::set_global_default(subscriber).map_err(io::Error::other)?;
    Ok(guard)
}

/// What the log files in `dir` hold, the oldest line first; nothing of those that cannot be read.
#[must_use]
pub fn read(dir: &Path) -> String {
    rotate::read(dir)
}

fn layer(dir: &Path) -> io::Result<(Lines, Guard)> {
    let file = Rotating::open(dir)?;
    let (tell, told) = sync_channel(QUEUE);
    let (end, ended) = sync_channel(1);
    let lost = Arc::new(AtomicU64::new(0));
    let _detached = std::thread::Builder::new().name("log".to_owned()).spawn({
        let lost = Arc::clone(&lost);
        move || {
            write(file, &told, &lost);
            let _ = end.try_send(());
        }
    })?;
    Ok((Lines { tell: tell.clone(), lost }, Guard { ended, tell: Some(tell) }))
}

/// The thread. A line that cannot be written is lost and counted; the next one is tried all the same.
fn write(mut file: Rotating, told: &Receiver<Told>, lost: &AtomicU64) {
    while let Ok(Told::Line(line)) = told.recv() {
        let missing = lost.swap(0, Ordering::Relaxed);
        if missing > 0 && file.write(&format!("{missing} lines lost\n")).is_err() {
            let _ = lost.fetch_add(missing, Ordering::Relaxed);
        }
        if file.write(&line).is_err() {
            let _ = lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Makes lines of events.
struct Lines {
    tell: SyncSender<Told>,
    lost: Arc<AtomicU64>,
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let about = event.metadata();
        // Other crates' events may hold anything.
        let ours = about.target() == TRUST || about.target().split("::").next() == Some(env!("CARGO_CRATE_NAME"));
        if !ours || *about.level() > Level::INFO {
            return;
        }
        let at = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        let whence = about.target().split_once("::").map_or(about.target(), |(_, module)| module);
        let mut line = Line(format!("{at} {} {whence}", about.level()));
        event.record(&mut line);
        line.0.push('\n');
        if self.tell.try_send(Told::Line(line.0)).is_err() {
            let _ = self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A line being written: `name=value`, the message bare.
struct Line(String);

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        let value = text::line_within(value, LONGEST);
        // Writing to a String cannot fail.
        let _ = match field.name() {
            "message" => write!(self.0, " {value}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(work: impl FnOnce()) -> String {
        let dir = tempfile::tempdir().unwrap();
        let (layer, guard) = layer(dir.path()).unwrap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), work);
        drop(guard);
        std::fs::read_to_string(dir.path().join("gridwatch.log")).unwrap()
    }

    #[test]
    fn an_event_is_one_harmless_line_whatever_is_in_it() {
        let log = written(|| {
            let hostile = "a\nb\u{202e}c\u{1b}[31m\0";
            tracing::warn!(topic = hostile, count = 7, "odd {hostile}");
            tracing::info!(target: TRUST, "pinned");
        });
        let lines: Vec<&str> = log.lines().collect();
        assert_eq!(lines.len(), 2, "{log}");
        assert!(lines[0].contains(" WARN log::tests ") && lines[0].contains("count=\"7\""), "{log}");
        assert!(!log.contains('\u{202e}') && !log.contains('\u{1b}') && !log.contains('\0'), "{log:?}");
        assert!(lines[1].ends_with("INFO trust pinned"), "{log}");
    }

    #[test]
    fn what_others_say_and_what_is_too_fine_stays_out() {
        let log = written(|| {
            tracing::error!(target: "zbus::connection", "password=hunter2");
            tracing::error!(target: "gridwatcher", "no");
            tracing::debug!("fine");
            tracing::info!("coarse");
        });
        assert_eq!(log.lines().count(), 1, "{log}");
        assert!(log.ends_with(" coarse\n"), "{log}");
    }

    #[test]
    fn a_flood_is_counted_where_the_disk_is_too_slow() {
        let (tell, told) = sync_channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        let lines = Lines { tell: tell.clone(), lost: Arc::clone(&lost) };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            for _ in 0..QUEUE + 5 {
                tracing::info!("again");
            }
        });
        assert_eq!(lost.load(Ordering::Relaxed), 5);
        let dir = tempfile::tempdir().unwrap();
        drop(tell);
        write(Rotating::open(dir.path()).unwrap(), &told, &lost);
        let log = std::fs::read_to_string(dir.path().join("gridwatch.log")).unwrap();
        assert!(log.starts_with("5 lines lost\n") && log.lines().count() == QUEUE + 1, "{} lines", log.lines().count());
    }
}
