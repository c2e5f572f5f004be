//! Topics of mine: how they are set up, made, emptied and deleted.

use std::sync::Arc;

use gridwatch::app::Message;
use gridwatch::engine::{Command, Event, Receipt, RequestId};
use gridwatch::model::Say;
use gridwatch::model::owned::{Answer, Created, Form, Saved, Setting, Settings, Stock};
use gridwatch::screen::Tab;
use gridwatch::screen::owner::{self, Grave, Loss, New};

use super::told;
use crate::stage::letter;
use crate::support::window::{Window, id};

fn field(var: &str, form: Form, value: &str, options: &[&str]) -> Setting {
    Setting {
        var: var.to_owned(),
        form,
        label: Some(format!("The broker's words for {var}")),
        required: false,
        values: vec![value.to_owned()],
        options: options.iter().map(|value| (None, (*value).to_owned())).collect(),
    }
}

pub fn settings() -> Settings {
    Settings {
        fields: vec![
            field("pubsub#title", Form::Line, "Findings of our own team", &[]),
            field("pubsub#description", Form::Line, "What we see on our own networks.", &[]),
            field("pubsub#type", Form::Line, "urn:ietf:params:xml:ns:iodef-2.0", &[]),
            field(
                "pubsub#access_model",
                Form::One,
                "authorize",
                &["open", "presence", "roster", "authorize", "whitelist"],
            ),
            field("pubsub#publish_model", Form::One, "publishers", &["publishers", "subscribers", "open"]),
            field("pubsub#persist_items", Form::Truth, "1", &[]),
            field("pubsub#max_items", Form::Line, "10", &[]),
            field("pubsub#notification_type", Form::One, "headline", &["normal", "headline"]),
            field("pubsub#deliver_payloads", Form::Truth, "true", &[]),
            field("vendor#shard", Form::Line, "eu-1", &[]),
            field("vendor#secret", Form::Hidden, "x", &[]),
        ],
    }
}

fn asked(window: &mut Window) -> (RequestId, Command) {
    let mut all = told(window);
    assert_eq!(all.len(), 1, "{all:?}");
    let command = all.remove(0);
    (command.request().unwrap(), command)
}

fn answer(window: &mut Window, request: RequestId, receipt: Receipt) {
    window.tell(vec![Event::Done { request, result: Ok(receipt) }]);
}

fn set(window: &mut Window, var: &str, value: &str) {
    let message = owner::Settings::Set(var.to_owned(), vec![value.to_owned()]);
    window.say(Message::Owner(owner::Message::Config(message)));
}

pub fn page(side: &str, receipt: Receipt) -> Window {
    let mut window = Window::connected(false);
    window.go(Tab::Owner);
    // The members were asked for by themselves.
    let _ = window.commands();
    window.events(&[letter(side)]);
    let (request, _) = asked(&mut window);
    answer(&mut window, request, receipt);
    window
}

pub fn configured() -> Window {
    page("3", Receipt::Settings(Arc::new(settings())))
}

#[test]
fn settings_are_in_plain_words_and_what_has_none_can_be_set_too() {
    let mut window = configured();
    window.stage.size.height = 3_000.0;
    for words in ["Who may read", "Who I approve", "Keep what is published", "How many are kept"] {
        assert!(window.shows(words), "{words}");
    }
    assert!(window.shows("The broker's words for vendor#shard") && window.shows("vendor#shard"));
    assert!(!window.shows("vendor#secret"), "what no person is to see");
    assert!(!window.shows("pubsub#max_items"));
    window.click("The broker's own names");
    assert!(window.shows("pubsub#max_items"));
    set(&mut window, "vendor#shard", "eu-2");
    assert!(window.shows("One change, not saved") && window.shows("was: eu-1"));
    set(&mut window, "vendor#shard", "eu-1");
    assert!(!window.shows("not saved"), "as it was is no change");
}

/// Three wishes: one kept, one changed, one ignored.
pub fn saved() -> Window {
    let mut window = configured();
    for (var, value) in [("pubsub#max_items", "5000"), ("pubsub#notification_type", "normal"), ("vendor#shard", "eu-2")]
    {
        set(&mut window, var, value);
    }
    window.events(&[letter("s")]);
    window.click("Save");
    window.pass(10);
    let (request, command) = asked(&mut window);
    let Command::Configure { changes, .. } = command else { panic!("{command:?}") };
    let mut after = settings();
    after.fields[6].values = vec!["256".to_owned()];
    after.fields[7].values = vec!["normal".to_owned()];
    answer(&mut window, request, Receipt::Configured(Arc::new(Saved::compare(Some(&settings()), &changes, after))));
    window
}

#[test]
fn what_is_saved_is_looked_over_held_and_compared_with_what_the_broker_kept() {
    let mut window = configured();
    set(&mut window, "pubsub#max_items", "5000");
    set(&mut window, "pubsub#notification_type", "normal");
    set(&mut window, "vendor#shard", "eu-2");
    window.events(&[letter("s")]);
    assert!(window.shows("These settings change") && window.shows("was: 10") && window.shows("5000"));
    window.click("Save");
    assert!(window.shows("Saved in 10 s."));
    // What is held goes out as it shows: it is not discarded, but undone.
    window.events(&[letter("d"), letter("u")]);
    window.pass(20);
    assert!(told(&mut window).is_empty(), "undone, and the changes are still there");
    assert!(window.shows("3 changes, not saved"));
    window.events(&[letter("s")]);
    window.click("Save");
    window.pass(10);
    let (request, command) = asked(&mut window);
    let Command::Configure { topic, changes, .. } = command else { panic!("{command:?}") };
    assert_eq!((topic, changes.len()), (id("my-desk"), 3));
    let mut after = settings();
    after.fields[6].values = vec!["256".to_owned()];
    after.fields[7].values = vec!["normal".to_owned()];
    let saved = Saved::compare(Some(&settings()), &changes, after);
    answer(&mut window, request, Receipt::Configured(Arc::new(saved)));
    for words in [
        "The broker did not keep all 3 as wished.",
        "changed by the broker: 256 (wished: 5000)",
        "kept: Normal",
        "ignored: still eu-1 (wished: eu-2)",
    ] {
        assert!(window.shows(words), "{words}: {:?}", window.texts());
    }
}

#[test]
fn to_let_anybody_read_needs_a_reason() {
    let mut window = configured();
    set(&mut window, "pubsub#access_model", "open");
    window.events(&[letter("s")]);
    assert!(window.shows("Accounts that no owner decided about will be able to read this topic."));
    let say = |window: &mut Window, message| window.say(Message::Owner(owner::Message::Config(message)));
    say(&mut window, owner::Settings::Save);
    assert!(!window.shows("Saved in"));
    say(&mut window, owner::Settings::Words("agreed at the board of 12 Nov".to_owned()));
    window.click("Save");
    assert!(window.shows("Saved in 10 s."));
}

fn typed(window: &mut Window, act: Grave, name: &str) {
    window.say(Message::Owner(owner::Message::Danger(Loss::Type(act, name.to_owned()))));
}

#[test]
fn a_topic_goes_only_by_its_name_and_what_is_lost_is_shown() {
    let stock = Stock { subscribers: 31, pending: 2, owners: 1, items: Some(214) };
    let mut window = page("5", Receipt::Stock(stock));
    window.stage.size.height = 1_600.0;
    for words in ["31", "214", "Export first…", "Type my-desk to go on."] {
        assert!(window.shows(words), "{words}");
    }
    for letter_of in ["y", "n", "d", "x", "p"] {
        window.events(&[letter(letter_of)]);
    }
    typed(&mut window, Grave::Delete, "my-dest");
    window.click("Delete");
    assert!(told(&mut window).is_empty(), "another name");
    typed(&mut window, Grave::Purge, "my-desk");
    window.click("Delete");
    assert!(told(&mut window).is_empty(), "typed for the other act");
    window.click("Remove all");
    let (request, command) = asked(&mut window);
    assert!(matches!(command, Command::Purge { .. }));
    window.tell(vec![Event::Done { request, result: Ok(Receipt::Purged) }]);
    assert!(window.shows("All stored reports of my-desk are removed."));
    let (request, _) = asked(&mut window);
    typed(&mut window, Grave::Delete, "my-desk");
    window.click("Delete");
    assert!(told(&mut window).is_empty(), "what is lost now is still counted");
    answer(&mut window, request, Receipt::Stock(Stock { items: Some(0), ..stock }));
    window.click("Delete");
    assert!(matches!(asked(&mut window).1, Command::Delete { redirect: None, .. }));
}

#[test]
fn the_copy_that_is_offered_is_of_this_topic() {
    let mut window = page("5", Receipt::Stock(Stock { subscribers: 1, pending: 0, owners: 1, items: None }));
    assert!(window.shows("the broker does not say"));
    window.click("Export first…");
    window.say(Message::CloseSheet);
    assert!(window.shows("my-desk"), "in the feed's filter: {:?}", window.texts());
}

fn new(window: &mut Window, message: New) {
    window.say(Message::Owner(owner::Message::Create(message)));
}

#[test]
fn a_topic_is_made_from_a_safe_template_and_the_way_back_is_offered() {
    let mut window = Window::connected(false);
    window.go(Tab::Topics);
    let _ = window.commands();
    window.click("New topic…");
    let all = window.commands();
    let [Command::Defaults { request, .. }, ..] = all.as_slice() else { panic!("{all:?}") };
    let request = *request;
    answer(&mut window, request, Receipt::Settings(Arc::new(settings())));
    assert!(window.shows("It begins with") && window.shows("Who I approve"));
    new(&mut window, New::Go);
    assert!(told(&mut window).is_empty(), "it has no name");
    new(&mut window, New::Node("MILEHost".to_owned()));
    assert!(window.shows("There is a topic of this name."));
    new(&mut window, New::Node("ot-incidents".to_owned()));
    new(&mut window, New::Title("Incidents at plants".to_owned()));
    window.click("Create");
    let (request, command) = asked(&mut window);
    let Command::Create { topic, settings, .. } = command else { panic!("{command:?}") };
    assert_eq!(topic, id("ot-incidents"));
    let said = |var: &str| settings.iter().find(|answer| answer.var == var).map(|answer| answer.values[0].as_str());
    assert_eq!(said("pubsub#access_model"), Some("authorize"));
    assert_eq!(said("pubsub#notification_type"), Some("normal"));
    assert_eq!(said("pubsub#type"), Some("urn:ietf:params:xml:ns:iodef-2.0"));
    assert_eq!(said("pubsub#itemreply"), None, "this broker has no such setting");
    let bare = Created::Bare { why: Say::new("error-offline") };
    answer(&mut window, request, Receipt::Created(Arc::new(bare)));
    assert!(window.shows("ot-incidents was made, but the broker did not take its settings."));
    window.click("Set it up again");
    let (request, command) = asked(&mut window);
    assert!(matches!(command, Command::Configure { .. }));
    window.tell(vec![Event::Done { request, result: Err(gridwatch::engine::Error::Offline) }]);
    window.click("Delete it again");
    assert!(matches!(asked(&mut window).1, Command::Delete { .. }));
}

/// As it is, but for one answer.
fn but(wishes: &[Answer], at: usize, value: &str) -> Saved {
    let mut after = settings();
    after.fields[at].values = vec![value.to_owned()];
    Saved::compare(None, wishes, after)
}

/// A new topic that anybody may read though it was asked for otherwise, and what was asked for.
pub fn left_open() -> (Window, Vec<Answer>) {
    let mut window = Window::connected(false);
    window.go(Tab::Owner);
    let _ = window.commands();
    window.click("New topic…");
    let (request, _) = asked(&mut window);
    answer(&mut window, request, Receipt::Settings(Arc::new(settings())));
    new(&mut window, New::Node("ot-incidents".to_owned()));
    window.click("Create");
    let (request, command) = asked(&mut window);
    let Command::Create { settings: wishes, .. } = command else { panic!("{command:?}") };
    let open = Created::Whole(but(&wishes, 3, "open"));
    answer(&mut window, request, Receipt::Created(Arc::new(open)));
    (window, wishes)
}

/// A broker that says yes and leaves a topic open has not made it as it was wished (`engine.md` §6).
#[test]
fn a_new_topic_that_the_broker_left_open_is_told_as_such_and_the_way_back_is_offered() {
    let (mut window, wishes) = left_open();
    assert!(window.shows("ot-incidents was made, but the broker did not take its settings."), "{:?}", window.texts());
    assert!(window.shows("Read again, it can be read by accounts that you do not let in."));
    assert!(!window.shows("it is yours"));
    // Set up again, and still anybody may publish there.
    window.click("Set it up again");
    let (request, command) = asked(&mut window);
    assert!(matches!(command, Command::Configure { .. }));
    answer(&mut window, request, Receipt::Configured(Arc::new(but(&wishes, 4, "open"))));
    assert!(window.shows("Read again, accounts that are no publishers can publish there."));
    window.click("Set it up again");
    let (request, _) = asked(&mut window);
    answer(&mut window, request, Receipt::Configured(Arc::new(but(&wishes, 4, "publishers"))));
    assert!(window.shows("ot-incidents is made, and it is yours."), "{:?}", window.texts());
}

#[test]
fn what_the_broker_made_of_a_new_topic_is_shown() {
    let mut window = Window::connected(false);
    window.go(Tab::Owner);
    let _ = window.commands();
    window.click("New topic…");
    let (request, _) = asked(&mut window);
    window.tell(vec![Event::Done { request, result: Err(gridwatch::engine::Error::Offline) }]);
    new(&mut window, New::Node("ot-incidents".to_owned()));
    window.click("Create");
    let (request, _) = asked(&mut window);
    let wishes = [Answer::new("pubsub#max_items", "max"), Answer::new("pubsub#title", "Findings of our own team")];
    let saved = Saved::compare(None, &wishes, settings());
    answer(&mut window, request, Receipt::Created(Arc::new(Created::Whole(saved))));
    assert!(window.shows("ot-incidents is made, and it is yours.") && window.shows("One setting is not as wished:"));
    assert!(window.shows("changed by the broker: 10 (wished: As many as it can)"));
}
