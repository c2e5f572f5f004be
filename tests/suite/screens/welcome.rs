//! The first page: three doors, practice first, by mouse and by keys.

use iced_test::core::keyboard::key::Named;
use iced_test::core::widget::operation::focusable;

use gridwatch::screen::welcome::{Door, Message, Welcome};
use gridwatch::screen::{Action, Target};

use super::{Desk, picture, themes};
use crate::stage::{Stage, click, key};

fn act(page: &mut Welcome, stage: &mut Stage, desk: &Desk, events: &[iced_test::core::Event]) -> Vec<Target> {
    let messages = stage.act(page.view(&desk.cx()), events);
    let actions = messages.into_iter().map(|message| page.update(message, &desk.cx()));
    actions.filter_map(|action| if let Action::Open(target) = action { Some(target) } else { None }).collect()
}

#[test]
fn enter_takes_practice_and_arrows_the_other_doors() {
    let desk = Desk::empty();
    let (mut page, mut stage) = (Welcome::default(), Stage::new(1280.0, 800.0));
    let mut tap = |name| act(&mut page, &mut stage, &desk, &[key(name)]);
    assert_eq!(tap(Named::Enter), [Target::Practice]);
    assert_eq!(tap(Named::ArrowDown), []);
    assert_eq!(tap(Named::Enter), [Target::Connect]);
    assert_eq!(tap(Named::ArrowDown), []);
    assert_eq!(tap(Named::ArrowDown), []);
    assert_eq!(tap(Named::Enter), [Target::File(None)]);
    assert_eq!(tap(Named::ArrowUp), []);
    assert_eq!(tap(Named::Enter), [Target::Connect]);
}

#[test]
fn each_door_opens_to_a_click_and_to_tab_and_space() {
    let desk = Desk::empty();
    let doors = [
        ("Try the practice grid", Target::Practice),
        ("Connect to a grid…", Target::Connect),
        ("Open an IODEF file…", Target::File(None)),
    ];
    let (mut page, mut stage) = (Welcome::default(), Stage::new(1280.0, 800.0));
    for (words, target) in &doors {
        let texts = stage.texts(page.view(&desk.cx()));
        let (_, bounds) = texts.iter().find(|(text, _)| text == words).unwrap();
        let moved = stage.point(bounds.center_x(), bounds.center_y());
        let [down, up] = click();
        assert_eq!(act(&mut page, &mut stage, &desk, &[moved, down, up]), std::slice::from_ref(target));
    }
    let (mut page, mut stage) = (Welcome::default(), Stage::new(1280.0, 800.0));
    for (_, target) in doors {
        stage.operate::<Message>(page.view(&desk.cx()), &mut focusable::focus_next());
        assert_eq!(act(&mut page, &mut stage, &desk, &[key(Named::Space)]), [target]);
    }
}

#[test]
fn practice_is_the_first_door() {
    assert_eq!(Door::default(), Door::Practice);
}

#[test]
fn pictures() {
    let desk = Desk::empty();
    for (name, theme) in themes() {
        let mut stage = Stage::new(1280.0, 800.0);
        let page = Welcome::default();
        stage.picture(page.view(&desk.cx()), &theme, &picture("welcome", name));
        stage.operate::<Message>(page.view(&desk.cx()), &mut focusable::focus_next());
        stage.operate::<Message>(page.view(&desk.cx()), &mut focusable::focus_next());
        stage.picture(page.view(&desk.cx()), &theme, &picture("welcome-focus", name));
    }
}
