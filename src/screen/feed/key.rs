//! The feed's keys (`product.md` B2): those no field and no button took.

use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};

use super::{Act, Feed, Form, Group, How, Layout, Message, Split, View, table};
use crate::store::index::order::By;
use crate::store::views::Column;

/// A key that the next gives its meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prefix {
    #[default]
    None,
    /// `g`: go.
    Go,
    /// `y`: copy.
    Copy,
}

impl Feed {
    /// What a key means here and now, where these columns are in sight.
    pub(super) fn key(&self, key: &Key<&str>, modifiers: Modifiers, shown: &[Column]) -> Option<Message> {
        if modifiers.alt() && !modifiers.command() {
            return match key {
                Key::Named(Named::ArrowLeft) if self.filter.can_go(true) => Some(Message::Back(true)),
                Key::Named(Named::ArrowRight) if self.filter.can_go(false) => Some(Message::Back(false)),
                _ => None,
            };
        }
        if modifiers.command() && modifiers.shift() {
            return match key {
                Key::Character("c" | "C") => Some(Message::Copy(true)),
                _ => None,
            };
        }
        if modifiers.command() {
            return match key {
                Key::Character("c") => Some(Message::Copy(false)),
                Key::Character("o") if self.filter.can_go(true) => Some(Message::Back(true)),
                Key::Character("i") if self.filter.can_go(false) => Some(Message::Back(false)),
                Key::Character("z") => Some(Message::Undo),
                Key::Character("y") => Some(Message::Redo),
                Key::Character("a") => Some(Message::MarkAll),
                Key::Character("f") => Some(Message::Search),
                _ => None,
            };
        }
        if modifiers.command() || modifiers.alt() || modifiers.logo() {
            return None;
        }
        match key {
            Key::Named(Named::Escape) if self.away && self.form.is_none() => None,
            Key::Named(Named::Escape) => self.let_go(),
            Key::Named(Named::Pause) => Some(Message::Pause),
            Key::Named(Named::Enter) if self.head.is_some() => self.folding(),
            Key::Named(Named::ArrowDown) => Some(Message::Step(1)),
            Key::Named(Named::ArrowUp) => Some(Message::Step(-1)),
            Key::Named(Named::ArrowRight) if !self.away && self.selected.is_some() => {
                Some(Message::Cell(self.beside(true, shown)))
            }
            Key::Named(Named::ArrowLeft) if !self.away && self.cell.is_some() => {
                Some(Message::Cell(self.beside(false, shown)))
            }
            Key::Character(letter) if self.prefix == Prefix::Go => self.after_g(letter),
            Key::Character(letter) if self.prefix == Prefix::Copy => match *letter {
                "y" => Some(Message::Copy(false)),
                "r" | "R" => Some(Message::Copy(true)),
                _ => None,
            },
            // Digits, `y` and the signs mean the document where one turned to it.
            Key::Character("y" | "Y" | "+" | "-" | "=") if self.away => None,
            Key::Character(digit) if self.digit(digit).is_some() => {
                self.digit(digit).filter(|_| !self.away).map(Message::Digit)
            }
            Key::Character(letter) => self.letter(letter, modifiers.shift()),
            _ => None,
        }
    }

    /// Esc lets go of one thing at a time: the form, the marked rows, the filter.
    fn let_go(&self) -> Option<Message> {
        if self.form.is_some() {
            Some(Message::CloseForm)
        } else if self.cell.is_some() {
            Some(Message::Cell(None))
        } else if self.marked() > 0 {
            Some(Message::Unmark)
        } else {
            // The detail pane closes before the filter goes, whichever of them one is in.
            let pane = (!self.away && self.selected.is_some()).then_some(Message::CloseDetail);
            pane.or((!self.filter.is_empty()).then_some(Message::ClearFilter))
        }
    }

    fn after_g(&self, letter: &str) -> Option<Message> {
        match letter {
            "g" => Some(Message::End(true)),
            "s" if !self.filter.good().is_everything() => Some(Message::Form(Form::View(String::new()))),
            number => number.parse::<usize>().ok().and_then(View::numbered).map(Message::View),
        }
    }

    /// A digit of a count; one does not begin with nought.
    fn digit(&self, letter: &str) -> Option<usize> {
        let digit = letter.parse::<usize>().ok().filter(|digit| *digit < 10)?;
        (digit > 0 || self.times.is_some()).then_some(digit)
    }

    /// Opens or shuts the group one stands on, or in.
    fn folding(&self) -> Option<Message> {
        let groups = self.groups.as_ref()?;
        let key = self.head.or_else(|| groups.over(self.selected?).map(|head| head.key))?;
        Some(Message::Fold(key))
    }

    /// What rows are put together by next: by one after the other, then not at all.
    fn next_group(&self) -> Option<Group> {
        let at = self.group.and_then(|group| Group::ALL.iter().position(|own| *own == group));
        Group::ALL.get(at.map_or(0, |at| at + 1)).copied()
    }

    /// A key may come as the letter that it is or as the one it types.
    fn letter(&self, letter: &str, shift: bool) -> Option<Message> {
        Some(match (letter, shift) {
            ("/", false) => Message::Search,
            (".", false) => Message::Jump,
            ("f" | "F", true) => Message::Follow,
            ("p", false) => Message::Pause,
            ("h", false) => self.selected.map(|_| Message::CloseDetail)?,
            ("o", false) => self.folding()?,
            ("r", false) => self.selected.map(|_| Message::Report)?,
            ("o" | "O", true) => Message::Group(self.next_group()),
            ("\\", _) => Message::Toggle,
            ("n", false) => Message::Unread(true),
            ("n" | "N", true) => Message::Unread(false),
            ("j", false) => Message::Step(1),
            ("k", false) => Message::Step(-1),
            ("j" | "J", true) => Message::Act(Act::Important),
            ("g", false) => Message::Prefix(Prefix::Go),
            ("y", false) => Message::Prefix(Prefix::Copy),
            ("d" | "D", true) => Message::Layout(Layout::Density(None)),
            ("c" | "C", true) => Message::Form(Form::Columns),
            ("[", _) => Message::SplitStep(Split::Detail, false),
            ("]", _) => Message::SplitStep(Split::Detail, true),
            ("{", _) => Message::SplitStep(Split::Side, false),
            ("}", _) => Message::SplitStep(Split::Side, true),
            ("g" | "G", true) => Message::End(false),
            ("e", false) => Message::Act(Act::Done),
            ("s", false) => Message::Act(Act::Star),
            ("s" | "S", true) => Message::Sort(self.cell.map_or(By::At, table::by)),
            ("a" | "A", true) => Message::AllRead,
            ("m", false) => Message::Act(Act::Read),
            ("t", false) => Message::Form(Form::Tag(String::new())),
            ("i", false) => Message::Form(Form::Note(String::new())),
            ("d", false) => Message::Form(Form::Disposition(String::new())),
            ("z", false) => Message::Form(Form::Snooze),
            ("m" | "M", true) => Message::Form(Form::Mute(String::new())),
            ("x", false) => Message::Mark,
            ("v" | "V", true) => Message::MarkRange,
            ("*", _) | ("8", true) => Message::MarkAll,
            ("u", false) => Message::Undo,
            ("u" | "U", true) => Message::Redo,
            ("+", _) | ("=", true) => Message::NarrowHere(How::Plus),
            ("-", _) => Message::NarrowHere(How::Minus),
            ("=", false) => Message::NarrowHere(How::Only),
            _ => return None,
        })
    }
}
