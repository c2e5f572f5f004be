//! How the feed is laid out: columns and their orders, density, the cell one stands on, counts and copies.

use gridwatch::screen::feed::{Form, Group, How, Layout, Seen, View};
use gridwatch::settings::Density;
use gridwatch::store::index::order::By;
use gridwatch::store::query::Field;
use gridwatch::store::views::{Column, Width, columns_text};
use iced_test::core::keyboard::{Key, Modifiers};

use super::*;
use crate::stage::key_with;

/// Does what the screen asks of the settings, as the app would.
fn settle(reader: &mut Reader, actions: Vec<Action<Message>>) {
    for action in actions {
        if let Action::Settings(settings) = action {
            reader.desk.settings = *settings;
        }
    }
}

fn say(reader: &mut Reader, message: Message) {
    let actions = reader.say(message);
    settle(reader, actions);
}

/// Where a word of the header stands.
fn head(reader: &mut Reader, words: &str) -> iced_test::core::Rectangle {
    let texts = reader.stage.texts(reader.feed.view(&reader.desk.cx()));
    texts.into_iter().find(|(text, _)| text == words).unwrap_or_else(|| panic!("no {words}")).1
}

#[test]
fn columns_come_go_change_places_and_widths_and_are_kept() {
    let mut reader = Reader::fresh(Desk::busy());
    reader.stage = Stage::new(1300.0, 700.0);
    assert!(reader.shows("Publisher\u{2019}s ID") && !reader.shows("Published by"));
    say(&mut reader, Message::Layout(Layout::Show(Column::From, true)));
    say(&mut reader, Message::Layout(Layout::Show(Column::Id, false)));
    assert!(!reader.shows("Publisher\u{2019}s ID") && reader.shows("Published by"));
    assert!(reader.desk.settings.ui.columns.as_deref().unwrap().ends_with("observables:40 from:170"));
    let (topic, tlp) = (head(&mut reader, "Topic").x, head(&mut reader, "TLP").x);
    assert!(tlp < topic);
    for _ in 0..2 {
        say(&mut reader, Message::Layout(Layout::Move(Column::Topic, false)));
    }
    assert!(head(&mut reader, "Topic").x < head(&mut reader, "TLP").x);
    // The row's words stand under the header's, whatever was done.
    let topics = reader.stage.texts(reader.feed.view(&reader.desk.cx()));
    let under = topics.iter().find(|(text, bounds)| text == "MILEHost" && bounds.y > 80.0).unwrap().1;
    assert_eq!(under.x, head(&mut reader, "Topic").x);
    say(&mut reader, Message::Layout(Layout::Reset));
    assert_eq!(reader.desk.settings.ui.columns, None);
    assert!(reader.shows("Publisher\u{2019}s ID"));
}

#[test]
fn an_edge_of_the_header_is_dragged_and_the_rows_go_with_it() {
    let mut reader = Reader::fresh(Desk::busy());
    reader.stage = Stage::new(1300.0, 700.0);
    let before = head(&mut reader, "Incident");
    // The edge of the topic's column, which ends where the title begins.
    let over = reader.stage.point(before.x - 4.0, before.center_y());
    let [down, up] = click();
    let _ = reader.act(&[over, down]);
    let away = reader.stage.point(before.x + 46.0, before.center_y());
    let _ = reader.act(&[away]);
    assert_eq!(head(&mut reader, "Incident").x, before.x + 50.0);
    assert_eq!(reader.desk.settings.ui.columns, None, "kept when it is let go");
    let actions = reader.act(&[up]);
    settle(&mut reader, actions);
    assert!(reader.desk.settings.ui.columns.as_deref().unwrap().contains("topic:168"));
    assert_eq!(head(&mut reader, "Incident").x, before.x + 50.0);
    let texts = reader.stage.texts(reader.feed.view(&reader.desk.cx()));
    let row = texts.iter().find(|(text, _)| text.starts_with("Phishing kit")).unwrap().1;
    assert_eq!(row.x, before.x + 50.0);
}

#[test]
fn a_second_order_is_said_in_the_header_and_holds() {
    let mut reader = Reader::fresh(Desk::busy());
    let _ = reader.say(Message::Sort(By::Severity));
    let _ = reader.say(Message::Then(By::Topic));
    assert!(reader.shows("Sev \u{2193}1") && reader.shows("Topic \u{2191}2"), "{:?}", reader.texts());
    let rows = |reader: &mut Reader| {
        let texts = reader.texts();
        let topics = ["MILEHost", "my-desk", "phishing-watch", "vendor-advisories"];
        texts.into_iter().filter(|text| topics.contains(&text.as_str())).collect::<Vec<_>>()
    };
    let topics = rows(&mut reader);
    assert!(topics.len() > 10 && topics.iter().all(|topic| *topic == topics[0]), "{topics:?}");
    let _ = reader.say(Message::Then(By::Topic));
    let turned = rows(&mut reader);
    assert!(reader.shows("Topic \u{2193}2") && turned[0] != topics[0], "{turned:?}");
    let _ = reader.say(Message::Then(By::Topic));
    assert!(reader.shows("Sev \u{2193}") && !reader.shows("Sev \u{2193}1"));
    let _ = reader.say(Message::Back(true));
    assert!(reader.shows("Topic \u{2193}2"), "the way back knows both orders");
}

#[test]
fn three_densities_and_a_view_keeps_its_own() {
    let mut reader = Reader::fresh(Desk::busy());
    let apart = |reader: &mut Reader| {
        let texts = reader.stage.texts(reader.feed.view(&reader.desk.cx()));
        let y = |words: &str| texts.iter().find(|(text, _)| text.starts_with(words)).unwrap().1.y;
        y("Falsche Paket") - y("Phishing kit")
    };
    assert_eq!(apart(&mut reader), 28.0);
    for height in [36.0, 22.0, 28.0] {
        let actions = reader.act(&[key_with(Key::Character("D".into()), Modifiers::SHIFT)]);
        settle(&mut reader, actions);
        assert_eq!(apart(&mut reader), height);
    }
    // A saved view has its own rows and columns; the others keep theirs.
    let _ = reader.say(Message::Filter("severity>=low".to_owned()));
    let _ = reader.say(Message::Form(Form::View(String::new())));
    let _ = reader.say(Message::Word("Known severity".to_owned()));
    let _ = reader.say(Message::Done);
    say(&mut reader, Message::Layout(Layout::Density(Some(Density::Roomy))));
    say(&mut reader, Message::Layout(Layout::Show(Column::Id, false)));
    assert_eq!((apart(&mut reader), reader.desk.settings.ui.density), (36.0, Density::Comfortable));
    let _ = reader.say(Message::View(View::Own(0)));
    assert!(apart(&mut reader) == 28.0 && reader.shows("Publisher\u{2019}s ID"));
    let _ = reader.say(Message::View(View::Saved(0)));
    assert!(apart(&mut reader) == 36.0 && !reader.shows("Publisher\u{2019}s ID"));
}

#[test]
fn the_form_has_a_way_to_everything() {
    let mut reader = Reader::fresh(Desk::busy());
    let _ = reader.act(&[key_with(Key::Character("C".into()), Modifiers::SHIFT)]);
    for words in ["How the list is laid out", "Published by", "Compact", "Observable", "Columns as at first"] {
        assert!(reader.shows(words), "no {words}: {:?}", reader.texts());
    }
    let _ = reader.press("Source");
    assert_eq!(reader.feed.group(), Some(Group::Source));
    let actions = reader.press("Roomy");
    settle(&mut reader, actions);
    assert_eq!(reader.desk.settings.ui.density, Density::Roomy);
}

#[test]
fn counts_cells_and_copies() {
    let mut reader = Reader::fresh(Desk::busy());
    let _ = reader.act(&[letter("j")]);
    for key in ["1", "2", "j"] {
        let _ = reader.act(&[letter(key)]);
    }
    let index = |reader: &Reader| {
        let store = &reader.desk.store;
        let rows = (0..store.len()).filter_map(|seq| store.row(seq));
        let mut order: Vec<_> = rows.map(|row| (row.at, row.seq)).collect();
        order.sort_unstable();
        order.iter().rev().position(|(_, seq)| Some(*seq) == reader.feed.selected()).unwrap()
    };
    assert_eq!(index(&reader), 12);
    for key in ["5", "k"] {
        let _ = reader.act(&[letter(key)]);
    }
    assert_eq!(index(&reader), 7);
    // With the list focused, which has `j` for itself, a count counts too.
    reader.focus(LIST);
    for key in ["3", "j"] {
        let _ = reader.act(&[letter(key)]);
    }
    assert_eq!(index(&reader), 10);
    let copied = |actions: &[Action<Message>]| {
        let text = actions.iter().find_map(|action| match action {
            Action::Copy(text) => Some(text.clone()),
            _ => None,
        });
        let told = actions
            .iter()
            .any(|action| matches!(action, Action::Notify(toast) if toast.say.key == "app-copied-restricted"));
        (text.unwrap_or_default(), told)
    };
    let seq = reader.desk.find("HTTPS beacon with rare user agent");
    let _ = reader.press("HTTPS beacon with rare user agent to 192.0.2.146");
    assert_eq!(reader.feed.selected(), Some(seq));
    let _ = reader.act(&[letter("y")]);
    let (defanged, told) = copied(&reader.act(&[letter("y")]));
    assert!(told && defanged.starts_with("TLP:") && defanged.contains("192[.]0[.]2[.]146"), "{defanged}");
    let _ = reader.act(&[letter("y")]);
    let (raw, _) = copied(&reader.act(&[key_with(Key::Character("R".into()), Modifiers::SHIFT)]));
    assert!(raw.contains("\n192.0.2.146"), "{raw}");
    // Where one stands in a cell, it is its value; and it joins the filter by one key.
    for _ in 0..4 {
        let _ = reader.act(&[key(Named::ArrowRight)]);
    }
    let _ = reader.act(&[letter("y")]);
    assert_eq!(copied(&reader.act(&[letter("y")])).0, "MILEHost");
    let _ = reader.act(&[letter("+")]);
    assert!(reader.shows("topic:MILEHost"));
    let _ = reader.act(&[letter("-")]);
    let texts = reader.texts();
    assert!(texts.contains(&"\u{2212}".to_owned()) && texts.contains(&"topic:MILEHost".to_owned()), "{texts:?}");
    let _ = reader.act(&[key_with(Key::Character("o".into()), Modifiers::COMMAND)]);
    let _ = reader.act(&[key_with(Key::Character("o".into()), Modifiers::COMMAND)]);
    assert!(!reader.shows("topic:MILEHost") && reader.feed.selected() == Some(seq), "Ctrl+O is the way back");
    let _ = reader.act(&[key_with(Key::Character("i".into()), Modifiers::COMMAND)]);
    assert!(reader.shows("topic:MILEHost"), "Ctrl+I is forward");
    let _ = reader.say(Message::Narrow(vec![Seen::Value(Field::Severity, "medium".to_owned())], How::Only));
    assert!(reader.shows("severity:medium") && !reader.shows("topic:MILEHost"));
    // The right button on a cell offers what can be done with its values.
    let texts = reader.stage.texts(reader.feed.view(&reader.desk.cx()));
    let (_, bounds) = texts.iter().find(|(text, bounds)| text == "phishing-watch" && bounds.y > 80.0).unwrap();
    let over = reader.stage.point(bounds.center_x(), bounds.center_y());
    let press = iced_test::core::Event::Mouse(iced_test::core::mouse::Event::ButtonPressed(
        iced_test::core::mouse::Button::Right,
    ));
    let _ = reader.act(&[over, press]);
    assert!(reader.shows("Values of this incident") && reader.shows("phishing-watch"));
}

#[test]
fn widths_that_were_kept_are_those_that_show() {
    let mut reader = Reader::fresh(Desk::busy());
    let kept = [Width { column: Column::Title, width: 0 }, Width { column: Column::Severity, width: 60 }];
    reader.desk.settings.ui.columns = Some(columns_text(&kept));
    assert!(!reader.shows("TLP") && head(&mut reader, "Incident").x < head(&mut reader, "Sev").x);
    reader.desk.settings.ui.columns = Some("nonsense".to_owned());
    assert!(reader.shows("TLP"), "what cannot be read is as at first");
}

/// In a narrow list, columns give way: nobody stands in a cell that is not to be seen.
#[test]
fn the_cell_one_stands_on_is_in_sight() {
    let mut reader = Reader::fresh(Desk::busy());
    reader.stage = Stage::new(600.0, 700.0);
    assert!(!reader.shows("Topic"));
    let _ = reader.press("HTTPS beacon with rare user agent to 192.0.2.146");
    // Beyond the last one stays.
    for _ in 0..9 {
        let _ = reader.act(&[key(Named::ArrowRight)]);
    }
    for _ in 0..2 {
        let _ = reader.act(&[key(Named::ArrowLeft)]);
    }
    let _ = reader.act(&[letter("+")]);
    let texts = reader.texts();
    assert!(texts.iter().any(|text| text.starts_with("tlp:")), "{texts:?}");
}
