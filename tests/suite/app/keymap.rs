//! The help's table of keys against the keys: every one of them is pressed where it should do something.

use gridwatch::app::{Message, command, keymap};
use gridwatch::model::{Restriction, Severity};
use gridwatch::screen::feed::{Group, Message as Feed};
use gridwatch::screen::{Place, Tab, composer, owner};
use gridwatch::store::views::Column;
use iced_test::core::Event;
use iced_test::core::keyboard::key::Named;
use iced_test::core::keyboard::{Key, Modifiers};

use crate::stage::key_with;
use crate::support::window::{Window, deliver, report};

/// A key as the table writes it.
fn press(name: &str) -> Event {
    let mut modifiers = Modifiers::empty();
    let mut rest = name;
    for (word, modifier) in [("Ctrl+", Modifiers::CTRL), ("Alt+", Modifiers::ALT), ("Shift+", Modifiers::SHIFT)] {
        if let Some(left) = rest.strip_prefix(word) {
            (rest, modifiers) = (left, modifiers | modifier);
        }
    }
    let key = match rest {
        "Esc" => Key::Named(Named::Escape),
        "Enter" => Key::Named(Named::Enter),
        "\u{2191}" => Key::Named(Named::ArrowUp),
        "\u{2193}" => Key::Named(Named::ArrowDown),
        "\u{2190}" => Key::Named(Named::ArrowLeft),
        "\u{2192}" => Key::Named(Named::ArrowRight),
        letter if modifiers.shift() => Key::Character(letter.into()),
        letter => Key::Character(letter.to_lowercase().into()),
    };
    key_with(key, modifiers)
}

/// What the last of these keys says by hand.
fn said(window: &mut Window, chord: &str) -> Vec<String> {
    let mut last = Vec::new();
    for name in chord.split(' ') {
        last = window.stage.act(window.app.view(), &[press(name)]);
        for message in &last {
            let _ = window.app.update(message.clone());
        }
    }
    let by_hand = |message: &Message| match message {
        Message::Feed(message) => message.is_by_hand(),
        _ => true,
    };
    last.iter().filter(|message| by_hand(message)).map(|message| format!("{message:?}")).collect()
}

/// A window in which every act of a screen has something to act on.
fn before(screen: &str) -> Window {
    let mut window = Window::connected(false);
    let documents: Vec<String> = (0..6)
        .map(|n| report(&format!("2026-{n}"), "Phishing", Restriction::Green, Severity::High, "192.0.2.7\nkit.example"))
        .collect();
    let rows: Vec<_> = documents.iter().zip(1..).map(|(text, age)| ("MILEHost", text.as_str(), age)).collect();
    match screen {
        "app-tab-feed" => {
            deliver(&mut window, &rows);
            for message in [
                Feed::Group(Some(Group::Topic)),
                Feed::Goto("severity:high".to_owned()),
                Feed::Goto("severity>=medium".to_owned()),
                Feed::Goto("topic:MILEHost".to_owned()),
                Feed::Back(true),
                Feed::FoldAll(true),
                Feed::Step(1),
                Feed::Step(3),
                Feed::Cell(Some(Column::Title)),
            ] {
                window.run(Message::Feed(message));
            }
        }
        "app-keys-document" => {
            deliver(&mut window, &rows);
            window.run(Message::Feed(Feed::Step(1)));
            window.run(Message::Command(command::Id::NextPane));
        }
        "app-tab-compose" => {
            window.say(Message::Go(Place::Tab(Tab::Compose)));
            window.say(Message::Compose(composer::Message::Begin(0)));
        }
        "activity-title" => window.run(Message::Go(Place::Tab(Tab::Activity))),
        "app-tab-topics" => window.run(Message::Go(Place::Tab(Tab::Topics))),
        "app-tab-owner" => {
            window.run(Message::Go(Place::Tab(Tab::Owner)));
            window.say(Message::Owner(owner::Message::Requests(owner::Asking::Step(1))));
        }
        other => panic!("no way to {other}"),
    }
    window
}

#[test]
fn every_key_of_the_help_does_something_on_its_screen() {
    let mut silent = Vec::new();
    for (screen, acts) in keymap::OWN {
        for (chords, does) in *acts {
            let mut all: Vec<Vec<String>> = Vec::new();
            for chord in *chords {
                let said = said(&mut before(screen), chord);
                if said.is_empty() {
                    silent.push(format!("{screen}: {chord} ({does})"));
                }
                all.push(said);
            }
            // Of several keys each has a meaning of its own, unless it is another name of the same step.
            let steps = ["app-keys-rows", "app-keys-return"].contains(does);
            let twice = all.iter().enumerate().any(|(at, said)| all.iter().take(at).any(|other| other == said));
            assert!(steps || !twice, "{screen}: {chords:?} mean {all:?}");
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn keys_mean_what_the_help_says() {
    for (screen, chord, meaning) in [
        ("app-tab-feed", "J", "Step(1)"),
        ("app-tab-feed", "Shift+J", "Act(Important)"),
        ("app-tab-feed", "E", "Act(Done)"),
        ("app-tab-feed", "G G", "End(true)"),
        ("app-tab-feed", "Shift+G", "End(false)"),
        ("app-tab-feed", ".", "Jump"),
        ("app-tab-feed", "H", "CloseDetail"),
        ("app-tab-feed", "Y R", "Copy(true)"),
        ("app-tab-feed", "Shift+S", "Sort(Title)"),
        ("app-keys-document", "2", "Side(Observables)"),
        ("app-keys-document", "W", "Wide"),
        ("app-tab-owner", "N", "DecideSelected(false)"),
    ] {
        let said = said(&mut before(screen), chord);
        assert!(said.iter().any(|said| said.contains(meaning)), "{screen} {chord}: {said:?}");
    }
}
