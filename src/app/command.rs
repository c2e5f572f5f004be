//! Every command of the window that is not a screen's own: its name and its keys. The help sheet and the shortcuts read
//! this table, so that what is written is what works.

use iced::keyboard::key::Named;

use crate::screen::Tab;

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Id {
    Go(Tab),
    /// What is known of the connection.
    Connection,
    /// Indicators against everything stored.
    Hunt,
    /// What the feed shows, into files.
    Export,
    /// Files, into the archive.
    Import,
    /// Alerts, retention, the page for the next shift.
    Rules,
    /// Out of a sheet, back from a viewer or form.
    Back,
    Help,
    FocusNext,
    FocusPrevious,
    /// To the next pane of the feed, or the one before.
    NextPane,
    PreviousPane,
    /// Skips the wait before the next attempt to connect.
    Retry,
    Larger,
    Smaller,
    NormalSize,
    Quit,
}

/// A key without its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    Named(Named),
    /// The Latin character on the key, whatever the layout.
    Char(char),
}

/// A key with its modifiers. `ctrl` is Command on a Mac.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    pub ctrl: bool,
    /// Left open for characters that need Shift on some layouts and not on others (`?`, `+`).
    pub shift: Option<bool>,
    pub alt: bool,
    pub key: Key,
}

impl Chord {
    const fn plain(key: Key) -> Self {
        Self { ctrl: false, shift: Some(false), alt: false, key }
    }

    const fn ctrl(key: char) -> Self {
        Self { ctrl: true, shift: Some(false), alt: false, key: Key::Char(key) }
    }

    const fn ctrl_shift(key: char) -> Self {
        Self { ctrl: true, shift: Some(true), alt: false, key: Key::Char(key) }
    }

    const fn ctrl_any(key: char) -> Self {
        Self { ctrl: true, shift: None, alt: false, key: Key::Char(key) }
    }

    /// How the help sheet writes it.
    #[must_use]
    pub fn label(&self) -> String {
        let mut label = String::new();
        if self.ctrl {
            label.push_str(if cfg!(target_os = "macos") { "Cmd+" } else { "Ctrl+" });
        }
        if self.alt {
            label.push_str("Alt+");
        }
        if self.shift == Some(true) {
            label.push_str("Shift+");
        }
        match self.key {
            Key::Char(character) => label.extend(character.to_uppercase()),
            Key::Named(Named::Escape) => label.push_str("Esc"),
            Key::Named(Named::ArrowLeft) => label.push('\u{2190}'),
            Key::Named(named) => label.push_str(&format!("{named:?}")),
        }
        label
    }
}

/// A command with its catalog key and its keys.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub id: Id,
    pub label: &'static str,
    pub chords: &'static [Chord],
}

const SHIFT_TAB: Chord = Chord { ctrl: false, shift: Some(true), alt: false, key: Key::Named(Named::Tab) };
const SHIFT_F6: Chord = Chord { ctrl: false, shift: Some(true), alt: false, key: Key::Named(Named::F6) };
const ALT_LEFT: Chord = Chord { ctrl: false, shift: Some(false), alt: true, key: Key::Named(Named::ArrowLeft) };
const QUESTION: Chord = Chord { ctrl: false, shift: None, alt: false, key: Key::Char('?') };

/// All of them, in the order of the help sheet.
pub const ALL: &[Entry] = &[
    Entry { id: Id::Go(Tab::Feed), label: "app-tab-feed", chords: &[Chord::ctrl('1')] },
    Entry { id: Id::Go(Tab::Topics), label: "app-tab-topics", chords: &[Chord::ctrl('2')] },
    Entry { id: Id::Go(Tab::Compose), label: "app-tab-compose", chords: &[Chord::ctrl('3')] },
    Entry { id: Id::Go(Tab::Owner), label: "app-tab-owner", chords: &[Chord::ctrl('4')] },
    Entry { id: Id::Go(Tab::Activity), label: "activity-title", chords: &[Chord::ctrl('6')] },
    Entry { id: Id::Go(Tab::Settings), label: "app-tab-settings", chords: &[Chord::ctrl('5'), Chord::ctrl(',')] },
    Entry { id: Id::Connection, label: "app-command-connection", chords: &[Chord::plain(Key::Named(Named::F7))] },
    Entry { id: Id::Hunt, label: "hunt-title", chords: &[Chord::plain(Key::Named(Named::F8))] },
    Entry { id: Id::Export, label: "app-export", chords: &[Chord::ctrl_shift('e')] },
    Entry { id: Id::Import, label: "app-import", chords: &[Chord::ctrl_shift('o')] },
    Entry { id: Id::Rules, label: "alert-screen", chords: &[Chord::plain(Key::Named(Named::F9))] },
    Entry { id: Id::FocusNext, label: "app-command-focus-next", chords: &[Chord::plain(Key::Named(Named::Tab))] },
    Entry { id: Id::FocusPrevious, label: "app-command-focus-previous", chords: &[SHIFT_TAB] },
    Entry {
        id: Id::NextPane,
        label: "app-command-next-pane",
        chords: &[Chord::plain(Key::Named(Named::F6)), Chord::ctrl('l')],
    },
    Entry { id: Id::PreviousPane, label: "app-command-previous-pane", chords: &[SHIFT_F6, Chord::ctrl('h')] },
    Entry { id: Id::Back, label: "app-command-back", chords: &[Chord::plain(Key::Named(Named::Escape)), ALT_LEFT] },
    Entry { id: Id::Retry, label: "app-command-retry", chords: &[Chord::ctrl('r')] },
    Entry { id: Id::Larger, label: "app-command-larger", chords: &[Chord::ctrl_any('+'), Chord::ctrl_any('=')] },
    Entry { id: Id::Smaller, label: "app-command-smaller", chords: &[Chord::ctrl_any('-')] },
    Entry { id: Id::NormalSize, label: "app-command-normal-size", chords: &[Chord::ctrl('0')] },
    Entry { id: Id::Help, label: "app-command-help", chords: &[QUESTION, Chord::plain(Key::Named(Named::F1))] },
    Entry { id: Id::Quit, label: "app-command-quit", chords: &[Chord::ctrl('q')] },
];

/// The first of a command's keys, as the help sheet writes it.
#[must_use]
pub fn keys(id: Id) -> String {
    let entry = ALL.iter().find(|entry| entry.id == id);
    entry.and_then(|entry| entry.chords.first()).map(Chord::label).unwrap_or_default()
}
