//! The feed in the whole window with the practice world's month in it: side bar, list and incident, a filter, a hunt.

use std::sync::Arc;

use gridwatch::app::bridge::Update;
use gridwatch::app::{Message, Sheet};
use gridwatch::engine::Event;
use gridwatch::model::{ItemId, Severity, TopicId};
use gridwatch::practice::world::World;
use gridwatch::screen::Place;
use gridwatch::screen::feed::{Act, Form, Group, Layout, Message as Feed, Split, View};
use gridwatch::screen::hunt::{self, Side};
use gridwatch::settings::Density;
use gridwatch::store::index::order::By;
use gridwatch::store::views::Column;
use gridwatch::store::{Incoming, ItemKey, Payload, Route};
use iced_test::core::text::editor::{Action, Edit};

use crate::support::window::{Window, now};

/// A month of the practice world, the newest day of it unread.
fn month() -> Window {
    let mut window = Window::connected(true);
    let (_, history) = World::new(7, now()).unwrap();
    let broker = window.app.topics()[0].id.broker.clone();
    let batch = history.into_iter().map(|item| Incoming {
        key: ItemKey {
            topic: TopicId { broker: broker.clone(), node: item.node.clone() },
            item: ItemId(item.item.clone()),
        },
        summary: gridwatch::iodef::summarise(&item.payload, &[]),
        payload: Some(Payload { bytes: item.payload, scope: Arc::from([]) }),
        observables: Vec::new(),
        route: if now() - item.at < chrono::TimeDelta::days(1) { Route::Delayed } else { Route::Fetched },
        publisher: Some(item.publisher.to_string()),
        received: now(),
        delayed: Some(item.at),
        history: now() - item.at >= chrono::TimeDelta::days(1),
    });
    let done = window.app.store().commit(batch.collect()).unwrap();
    let stored = Event::Stored(done);
    window.run(Message::Engine(1, Update::Events(vec![stored])));
    window
}

#[test]
fn three_panes_with_what_is_unread_beside_each_view() {
    let mut window = month();
    assert!(window.shows("Inbox") && window.shows("Affects us") && window.shows("MILEHost"));
    window.run(Message::Feed(Feed::Step(1)));
    window.run(Message::Feed(Feed::Step(1)));
    window.run(Message::Feed(Feed::Step(1)));
    window.pictures("feed-month");
    window.run(Message::Feed(Feed::Filter("severity>=medium -topic:my-desk".to_owned())));
    assert!(window.shows("−") && window.shows("topic:my-desk"));
    window.pictures("feed-filtered");
    window.run(Message::Feed(Feed::Filter("severity>=medium top".to_owned())));
    window.pictures("feed-proposals");
    window.run(Message::Feed(Feed::Filter("severity>=medium tpoic:x".to_owned())));
    assert!(window.shows("Did you mean “topic”?"));
    window.pictures("feed-wrong");
    window.run(Message::Feed(Feed::View(View::Own(0))));
    window.run(Message::Feed(Feed::Form(Form::Values)));
    assert!(window.shows("Only this"));
    window.pictures("feed-values");
    window.run(Message::Open(Sheet::Help));
    window.pictures("help");
    window.click("How filters are written");
    window.pictures("help-filters");
    window.stage.size.height = 4000.0;
    assert!(window.shows("Conditions and how") && window.shows("affects your constituency"));
}

#[test]
fn panes_are_dragged_apart_and_turned_to_by_key() {
    let mut window = month();
    window.run(Message::Feed(Feed::Step(1)));
    let at = |window: &mut Window, words: &str| {
        let texts = window.stage.texts(window.app.view());
        texts.into_iter().find(|(text, _)| text == words).unwrap_or_else(|| panic!("no {words}")).1
    };
    let (side, detail) = (at(&mut window, "Inbox"), at(&mut window, "Summary"));
    assert!(detail.x - side.x > 500.0 && window.stage.size.width - detail.x > 380.0, "the detail pane has room");
    let before = window.app.settings().clone();
    window.run(Message::Feed(Feed::SplitStep(Split::Detail, true)));
    window.run(Message::Feed(Feed::SplitStep(Split::Side, false)));
    let wider = at(&mut window, "Summary").x;
    assert!(wider < detail.x - 10.0 && at(&mut window, "Inbox").x == side.x);
    assert_ne!(window.app.settings(), &before, "kept in the settings");
    // From pane to pane, and round.
    window.run(Message::Command(gridwatch::app::command::Id::NextPane));
    // There digits are the document's sides; in the list they count rows.
    window.events(&[crate::stage::letter("2")]);
    assert!(window.shows("Copy all"), "{:?}", window.texts());
    window.run(Message::Command(gridwatch::app::command::Id::PreviousPane));
    window.events(&[crate::stage::letter("1")]);
    assert!(window.shows("Copy all"));
}

#[test]
fn with_less_room_there_are_fewer_panes() {
    let mut window = month();
    window.run(Message::Feed(Feed::Step(1)));
    let shows = |window: &mut Window, width: f32| {
        window.stage = crate::stage::Stage::new(width, 800.0);
        (window.shows("Inbox"), window.shows("Age \u{2193}"), window.shows("Summary"))
    };
    assert_eq!(shows(&mut window, 1_280.0), (true, true, true));
    assert_eq!(shows(&mut window, 1_000.0), (false, true, true));
    assert_eq!(shows(&mut window, 660.0), (false, false, true));
}

#[test]
fn columns_groups_and_a_pause_in_pictures() {
    let mut window = month();
    window.run(Message::Feed(Feed::Step(1)));
    window.run(Message::Feed(Feed::Cell(Some(Column::Tlp))));
    window.run(Message::Feed(Feed::Sort(By::Severity)));
    window.run(Message::Feed(Feed::Then(By::At)));
    window.pictures("feed-cell");
    window.run(Message::Feed(Feed::Form(Form::Columns)));
    window.pictures("feed-columns");
    window.run(Message::Feed(Feed::CloseForm));
    window.run(Message::Feed(Feed::Sort(By::At)));
    window.run(Message::Feed(Feed::Group(Some(Group::Campaign))));
    assert!(window.shows("Campaign ") && window.shows("No campaign named"), "{:?}", window.texts());
    window.run(Message::Feed(Feed::Open(0)));
    window.pictures("feed-groups");
    window.run(Message::Feed(Feed::Group(None)));
    window.run(Message::Feed(Feed::Pause));
    window.pictures("feed-paused");
}

/// The titles of the list, from the top.
fn titles(window: &mut Window, known: &[String]) -> Vec<String> {
    let shown = window.stage.texts(window.app.view());
    let list = shown.into_iter().filter(|(text, bounds)| known.contains(text) && (250.0..860.0).contains(&bounds.x));
    list.map(|(text, _)| text).collect()
}

#[test]
fn every_column_orders_the_rows_by_what_stands_in_it() {
    let mut window = month();
    let store = window.app.store();
    let rows: Vec<_> = (0..store.len()).filter_map(|seq| store.row(seq)).collect();
    let all: Vec<String> = rows.iter().map(|row| row.summary.title.clone()).filter(|title| !title.is_empty()).collect();
    window.run(Message::Feed(Feed::Goto("severity>=low".to_owned())));
    window.run(Message::Feed(Feed::Sort(By::Title)));
    assert!(window.shows("Incident \u{2191}"), "the direction stands in the header: {:?}", window.texts());
    let shown = titles(&mut window, &all);
    assert!(shown.len() > 10 && shown.is_sorted_by_key(|title| title.to_lowercase()), "{shown:?}");
    window.run(Message::Feed(Feed::Sort(By::Title)));
    let shown = titles(&mut window, &all);
    assert!(
        window.shows("Incident \u{2193}") && shown.is_sorted_by_key(|title| std::cmp::Reverse(title.to_lowercase()))
    );
    // By severity, and among equals by title.
    window.run(Message::Feed(Feed::Sort(By::Severity)));
    window.run(Message::Feed(Feed::Then(By::Title)));
    assert!(window.shows("Sev \u{2193}1") && window.shows("Incident \u{2191}2"), "{:?}", window.texts());
    let high: Vec<_> = rows.iter().filter(|row| row.summary.severity == Severity::High).collect();
    let shown = titles(&mut window, &all);
    let (of_high, _) = shown.split_at(shown.len().min(high.len()));
    assert!(of_high.len() > 10 && of_high.is_sorted_by_key(|title| title.to_lowercase()), "{of_high:?}");
    assert!(of_high.iter().all(|title| high.iter().any(|row| row.summary.title == *title)), "{of_high:?}");
    // A tag is ordered by as any other.
    window.run(Message::Feed(Feed::Step(3)));
    window.run(Message::Feed(Feed::Act(Act::Tag("aaa".to_owned(), true))));
    window.run(Message::Feed(Feed::Sort(By::Tags)));
    window.run(Message::Feed(Feed::Sort(By::Tags)));
    let shown = window.stage.texts(window.app.view());
    let chip = shown.iter().find(|(text, _)| text == "aaa").unwrap().1.y;
    let first =
        shown.iter().filter(|(text, at)| all.contains(text) && (250.0..860.0).contains(&at.x)).map(|(_, at)| at.y);
    assert!(first.fold(f32::MAX, f32::min) > chip - 8.0, "the one that has a tag stands on top");
    window.run(Message::Feed(Feed::Sort(By::Id)));
    assert!(!window.shows("at most"), "{:?}", window.texts());
}

#[test]
fn a_saved_view_keeps_its_order_and_what_its_rows_are_put_together_by() {
    let mut window = month();
    window.run(Message::Feed(Feed::Goto("severity>=medium".to_owned())));
    window.run(Message::Feed(Feed::Group(Some(Group::Source))));
    window.run(Message::Feed(Feed::Form(Form::View(String::new()))));
    window.run(Message::Feed(Feed::Word("Grave".to_owned())));
    window.run(Message::Feed(Feed::Done));
    assert!(window.shows("practice.invalid"), "{:?}", window.texts());
    // Elsewhere rows stand as the reader had them there last.
    window.run(Message::Feed(Feed::View(View::Own(0))));
    window.run(Message::Feed(Feed::Group(None)));
    window.run(Message::Feed(Feed::View(View::Saved(0))));
    assert!(window.texts().contains(&"practice.invalid".to_owned()), "by source again");
    // What is changed while it shows is kept with it.
    window.run(Message::Feed(Feed::Group(Some(Group::Topic))));
    window.run(Message::Feed(Feed::Sort(By::Severity)));
    window.run(Message::Feed(Feed::View(View::Own(1))));
    assert!(window.shows("Age \u{2193}"), "{:?}", window.texts());
    window.run(Message::Feed(Feed::View(View::Saved(0))));
    let texts = window.texts();
    assert!(texts.contains(&"Sev \u{2193}".to_owned()) && texts.contains(&"quiet-ot".to_owned()), "{texts:?}");
    window.pictures("feed-view");
}

#[test]
fn densities_and_what_is_said_while_nothing_is_here() {
    let mut window = month();
    for density in [Density::Compact, Density::Roomy] {
        window.run(Message::Feed(Feed::Layout(Layout::Density(Some(density)))));
        window.pictures(&format!("feed-{density:?}").to_lowercase());
    }
    window.run(Message::Feed(Feed::Layout(Layout::Density(Some(Density::Comfortable)))));
    window.run(Message::Feed(Feed::Step(1)));
    window.run(Message::Feed(Feed::Mark));
    window.run(Message::Feed(Feed::Step(2)));
    window.run(Message::Feed(Feed::Mark));
    window.pictures("feed-marked");
    for (name, form) in [
        ("tag", Form::Tag("c2".to_owned())),
        ("note", Form::Note("Asked the network team".to_owned())),
        ("snooze", Form::Snooze),
        ("mute", Form::Mute(String::new())),
    ] {
        window.run(Message::Feed(Feed::Form(form)));
        window.pictures(&format!("feed-form-{name}"));
        window.run(Message::Feed(Feed::CloseForm));
    }
    // The mute rule is for its filter, whatever is marked; and what is ours has to be said first.
    window.run(Message::Feed(Feed::Unmark));
    window.run(Message::Feed(Feed::View(View::Own(2))));
    assert!(window.shows("Nobody has said yet what is ours"));
    window.pictures("feed-ours-unsaid");
    window.click("Our constituency…");
    assert_eq!(window.app.place(), Place::Hunt);
    assert!(window.shows("Put in force"));
    let mut window = Window::connected(false);
    window.pictures("feed-quiet");
    window.tell(vec![Event::Connection(gridwatch::engine::Connection::Connecting {
        step: gridwatch::engine::Step::Authenticating,
        attempt: 1,
    })]);
    window.pictures("feed-connecting");
    window.tell(vec![Event::Connection(gridwatch::engine::Connection::Offline)]);
    window.pictures("feed-offline");
}

fn paste(window: &mut Window, text: &str) {
    let edit = Action::Edit(Edit::Paste(Arc::new(text.to_owned())));
    window.run(Message::Hunt(hunt::Message::Edit(edit)));
}

#[test]
fn a_hunt_finds_and_leads_to_the_feed_and_a_constituency_marks_its_own() {
    let mut window = month();
    window.run(Message::Go(Place::Hunt));
    assert!(window.shows("Nothing hunted yet"));
    paste(&mut window, "192[.]0[.]2[.]146\nupdate[.]tin-whistle[.]example\nnot there\n203.0.113.250\n");
    window.run(Message::Hunt(hunt::Message::Start));
    assert!(window.shows("of 3 found") && window.shows("One line was not understood: line 3."), "{:?}", window.texts());
    window.pictures("hunt");
    let making = window.app.update(Message::Hunt(hunt::Message::Export));
    let made = window.messages(making);
    let [Message::Hunt(hunt::Message::Made(Some(table)))] = &made[..] else { panic!("{made:?}") };
    assert!(table.lines().count() > 2 && table.contains("update.tin-whistle.example"), "{table}");
    assert!(window.shows("192[.]0[.]2[.]146") && window.shows("update[.]tin-whistle[.]example"));
    window.run(Message::Hunt(hunt::Message::Show(0)));
    assert!(window.shows("ip:192.0.2.146"), "{:?}", window.texts());
    window.run(Message::Go(Place::Hunt));
    window.run(Message::Hunt(hunt::Message::Side(Side::Ours)));
    paste(&mut window, "192.0.2.0/26\nbrand: Nordbank\n0.0.0.0/0\n");
    // A list may be long: it is not read on the window's thread.
    window.say(Message::Hunt(hunt::Message::Start));
    assert!(!window.shows("is the whole internet"), "{:?}", window.texts());
    window.run(Message::Hunt(hunt::Message::Start));
    assert!(window.shows("affect us (2 entries)") && window.shows("is the whole internet"), "{:?}", window.texts());
    window.pictures("hunt-ours");
    window.run(Message::Hunt(hunt::Message::ShowOurs));
    assert!(window.shows("is:ours") && window.shows("us"));
    window.pictures("feed-ours");
}
