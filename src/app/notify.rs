//! Notifications of the desktop: short words handed to its server, off the window's thread, with an end to the patience.
//!
//! What goes in has no incident's content above TLP:GREEN ([`crate::store::alert::Pile`]). Servers may read the body as markup
//! (Desktop Notifications Specification 1.2, "Markup") or may not, and would then show what was escaped: the characters that
//! begin markup are put as their likenesses, which no server reads and every one shows.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::model::Say;
use crate::text;

/// How long the desktop has for its answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest line of a notification, in characters.
const LINE: usize = 120;

/// What is to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub title: String,
    pub lines: Vec<String>,
    /// The notification whose place it takes.
    pub replaces: Option<u32>,
    pub sound: bool,
}

/// Why the desktop did not take it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("the desktop shows no notifications: {cause}")]
    Refused { cause: String },
    #[error("the desktop did not answer")]
    Silent,
}

impl Trouble {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Refused { cause } => Say::new("alert-refused").with("cause", text::line(cause)),
            Self::Silent => Say::new("alert-silent"),
        }
    }
}

/// Shows a notification; gives its number.
pub type Notifier = Arc<dyn Fn(Note) -> Pin<Box<dyn Future<Output = Result<u32, Trouble>> + Send>> + Send + Sync>;

/// The desktop's own.
#[must_use]
pub fn desktop() -> Notifier {
    Arc::new(|note| {
        Box::pin(async move {
            let shown = tokio::time::timeout(PATIENCE, show(note)).await;
            shown.unwrap_or(Err(Trouble::Silent))
        })
    })
}

/// A line that no server takes for markup.
#[must_use]
pub fn plain(line: &str) -> String {
    let likeness = |char| match char {
        '<' => '\u{2039}',
        '>' => '\u{203a}',
        '&' => '\u{ff06}',
        other => other,
    };
    text::line_within(line, LINE).chars().map(likeness).collect()
}

fn made(note: &Note) -> notify_rust::Notification {
    let mut made = notify_rust::Notification::new();
    let body: Vec<String> = note.lines.iter().map(|line| plain(line)).collect();
    let _ = made.appname("Gridwatch").summary(&plain(&note.title)).body(&body.join("\n"));
    if let Some(id) = note.replaces {
        let _ = made.id(id);
    }
    made
}

#[cfg(all(unix, not(target_os = "macos")))]
async fn show(note: Note) -> Result<u32, Trouble> {
    use notify_rust::Hint;
    let mut made = made(&note);
    let _ = made.hint(Hint::Category("im.received".to_owned()));
    let sound = if note.sound { Hint::SoundName("message-new-instant".to_owned()) } else { Hint::SuppressSound(true) };
    let _ = made.hint(sound);
    let shown = made.show_async().await;
    shown.map(|handle| handle.id()).map_err(|error| Trouble::Refused { cause: error.to_string() })
}

/// These systems' calls block; a thread of its own may be left behind when they never come back.
#[cfg(not(all(unix, not(target_os = "macos"))))]
async fn show(note: Note) -> Result<u32, Trouble> {
    let (tell, told) = tokio::sync::oneshot::channel();
    drop(std::thread::spawn(move || {
        let shown = made(&note).show().map(|_| 0);
        drop(tell.send(shown.map_err(|error| Trouble::Refused { cause: error.to_string() })));
    }));
    told.await.unwrap_or(Err(Trouble::Silent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup_and_nothing_is_hidden() {
        assert_eq!(plain("<b>x</b> & <img src='http://x'>"), "‹b›x‹/b› ＆ ‹img src='http://x'›");
        assert_eq!(plain("a\nb\u{202e}c"), "a b⟨U+202E⟩c");
        assert!(plain(&"x".repeat(1_000)).chars().count() <= LINE + 1);
    }
}
