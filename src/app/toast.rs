//! Toasts: short words in the corner that go by themselves. No clock runs for them; each is one sleeping task.

use std::time::Duration;

use iced::Task;

use crate::screen::Toast;

/// How long a toast stands (`product.md` B6).
const STANDS: Duration = Duration::from_secs(6);
/// Toasts shown at once; the oldest goes for the next.
const MOST: usize = 4;

/// The toasts shown, oldest first, each with a number of its own.
#[derive(Debug, Default)]
pub struct Toasts {
    shown: Vec<(u64, Toast)>,
    next: u64,
}

impl Toasts {
    /// Shows a toast; the task yields its number when its time is over. The same words are not stacked: they start anew.
    pub fn show(&mut self, toast: Toast) -> Task<u64> {
        self.shown.retain(|(_, other)| *other != toast);
        if self.shown.len() == MOST {
            let _ = self.shown.remove(0);
        }
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        self.shown.push((id, toast));
        Task::perform(async { tokio::time::sleep(STANDS).await }, move |()| id)
    }

    pub fn drop(&mut self, id: u64) {
        self.shown.retain(|(other, _)| *other != id);
    }

    pub fn iter(&self) -> impl Iterator<Item = &(u64, Toast)> {
        self.shown.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Say;
    use crate::screen::Tone;

    fn toast(key: &'static str) -> Toast {
        Toast { tone: Tone::Plain, say: Say::new(key) }
    }

    #[test]
    fn few_are_shown_and_none_twice() {
        let mut toasts = Toasts::default();
        for key in ["a", "b", "a", "c", "d", "e"] {
            let _ = toasts.show(toast(key));
        }
        let keys: Vec<_> = toasts.iter().map(|(_, toast)| toast.say.key).collect();
        assert_eq!(keys, ["a", "c", "d", "e"]);
        // A task of a toast long gone drops nothing else.
        toasts.drop(0);
        assert_eq!(toasts.iter().count(), 4);
        toasts.drop(2);
        assert_eq!(toasts.iter().next().unwrap().1.say.key, "c");
    }
}
