//! From a key nobody else wanted to a command (`house.md` §3: a focused field has first say, so plain characters reach
//! this only while no text is being typed).

use iced::keyboard::{self, Event};

use super::command::{ALL, Chord, Id, Key};

/// The command of a key event, if it has one.
#[must_use]
pub fn command(event: &Event) -> Option<Id> {
    let Event::KeyPressed { key, modified_key, physical_key, modifiers, .. } = event else { return None };
    // The character as typed serves `?` and `+`, which lie on other keys on other layouts; the Latin one serves Ctrl+1…
    let typed = match modified_key {
        keyboard::Key::Character(text) => one(text),
        _ => None,
    };
    ALL.iter()
        .find(|entry| entry.chords.iter().any(|chord| fits(chord, key, typed, *physical_key, *modifiers)))
        .map(|entry| entry.id)
}

fn one(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}

fn fits(
    chord: &Chord,
    key: &keyboard::Key,
    typed: Option<char>,
    physical: keyboard::key::Physical,
    modifiers: keyboard::Modifiers,
) -> bool {
    let same_key = match (chord.key, key) {
        (Key::Named(wanted), keyboard::Key::Named(named)) => wanted == *named,
        (Key::Char(wanted), keyboard::Key::Character(_)) => {
            typed == Some(wanted) || (chord.shift.is_some() && key.to_latin(physical) == Some(wanted))
        }
        _ => false,
    };
    same_key
        && chord.ctrl == modifiers.command()
        && chord.alt == modifiers.alt()
        && chord.shift.is_none_or(|shift| shift == modifiers.shift())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use iced::keyboard::key::{Code, Named, Physical};
    use iced::keyboard::{Location, Modifiers};

    use super::*;
    use crate::screen::Tab;

    fn press(key: keyboard::Key, modified: keyboard::Key, code: Code, modifiers: Modifiers) -> Event {
        Event::KeyPressed {
            key,
            modified_key: modified,
            physical_key: Physical::Code(code),
            location: Location::Standard,
            modifiers,
            text: None,
            repeat: false,
        }
    }

    fn char(text: &str) -> keyboard::Key {
        keyboard::Key::Character(text.into())
    }

    #[test]
    fn no_chord_is_given_twice() {
        let mut seen = HashSet::new();
        for entry in ALL {
            for chord in entry.chords {
                assert!(seen.insert((chord.ctrl, chord.alt, chord.shift, chord.key)), "{}", chord.label());
            }
        }
    }

    #[test]
    fn keys_find_their_commands() {
        let ctrl = Modifiers::COMMAND;
        assert_eq!(command(&press(char("2"), char("2"), Code::Digit2, ctrl)), Some(Id::Go(Tab::Topics)));
        assert_eq!(command(&press(char("2"), char("2"), Code::Digit2, Modifiers::empty())), None);
        // `?` is Shift+/ on one layout and another key elsewhere.
        assert_eq!(command(&press(char("/"), char("?"), Code::Slash, Modifiers::SHIFT)), Some(Id::Help));
        assert_eq!(command(&press(char("\u{df}"), char("?"), Code::Minus, Modifiers::SHIFT)), Some(Id::Help));
        let tab = keyboard::Key::Named(Named::Tab);
        assert_eq!(command(&press(tab.clone(), tab.clone(), Code::Tab, Modifiers::empty())), Some(Id::FocusNext));
        assert_eq!(command(&press(tab.clone(), tab, Code::Tab, Modifiers::SHIFT)), Some(Id::FocusPrevious));
        // A Cyrillic layout still quits.
        assert_eq!(command(&press(char("\u{439}"), char("\u{439}"), Code::KeyQ, ctrl)), Some(Id::Quit));
        assert_eq!(command(&press(char("q"), char("q"), Code::KeyQ, ctrl | Modifiers::ALT)), None);
    }
}
