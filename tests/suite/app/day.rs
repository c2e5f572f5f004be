//! An owner's whole day through the window, on the practice grid: who asks is let in, refused, asked and put off; accounts are
//! entered and put out; topics are made, set up, emptied and deleted; rules and the clock decide. After each act the practice
//! broker itself is looked at, as no client can: what the window says was done was done there.

use std::time::{Duration, Instant};

use gridwatch::app::Message;
use gridwatch::model::{Affiliation, BareJid, PayloadType, TopicId};
use gridwatch::owner::grant;
use gridwatch::owner::template::Template;
use gridwatch::practice::broker::node::{Config, Node, State};
use gridwatch::practice::{Grid, Pace};
use gridwatch::screen::Tab;
use gridwatch::screen::owner::{self, Grave, Loss, New, People, Person, Ruling};
use iced_test::core::keyboard::key::Named;

use super::tour::Tour;
use crate::stage::{key, letter, typed};
use crate::support::window::Window;

const DESK: &str = "my-desk";
const SOC: &str = "soc@csirt-b.example";
const UNLISTED: &str = "feed@unlisted.example";
const DUTY: &str = "duty@cert.nordwerk.example";
const OUTSIDER: &str = "outsider@practice.invalid";
const DAY: i64 = 24 * 3600;

/// Looks at a topic at the broker.
fn look<T>(grid: &Grid, name: &str, see: impl FnOnce(&Node) -> T) -> Option<T> {
    grid.look(|broker| broker.node(name).map(see))
}

/// How an account is subscribed at the broker.
fn state(grid: &Grid, who: &str) -> Option<State> {
    let of = |node: &Node| node.subscriptions.iter().find(|own| own.jid.bare().to_string() == who).map(|own| own.state);
    look(grid, DESK, of).flatten()
}

fn affiliation(grid: &Grid, who: &str) -> Affiliation {
    let who: BareJid = who.parse().unwrap();
    look(grid, DESK, |node| node.affiliation(&who)).unwrap()
}

fn config(grid: &Grid, name: &str) -> Option<Config> {
    look(grid, name, |node| node.config.clone())
}

impl<G> Tour<G> {
    pub fn desk(&mut self, message: owner::Message) {
        self.window.say(Message::Owner(message));
    }

    /// Has done what the desk wants kept: nobody waits for the toasts between.
    pub fn keeps(&mut self) {
        for message in [Ruling::Open, Ruling::Remove("none".to_owned()), Ruling::Close] {
            self.window.run(Message::Owner(owner::Message::Rules(message)));
        }
    }
}

impl Tour {
    /// Takes in what the engine tells until the broker shows it.
    fn until_broker(&mut self, what: &str, shows: impl Fn(&Grid) -> bool) {
        let grid = std::sync::Arc::clone(&self.grid);
        self.until(what, move |_| shows(&grid));
    }

    fn topic(&self, node: &str) -> TopicId {
        TopicId { broker: self.grid.broker(), node: node.to_owned() }
    }
}

fn badge(window: &mut Window, count: &str) -> bool {
    window.texts().iter().any(|text| text == count)
}

/// Whether the broker's lists have shown that this account reads no more: what was proven before is still to be seen.
fn proven(window: &mut Window, who: &str) -> bool {
    window.texts().iter().any(|text| text.starts_with("Proven at") && text.contains(who))
}

#[test]
fn an_owners_day_on_the_practice_grid() {
    let mut day = Tour::at(Pace::Manual);
    day.until("connected", |window| window.shows("Connected"));
    day.window.go(Tab::Owner);
    day.until("the two who ask", |window| window.shows("2 wait for your decision") && badge(window, "known"));
    requests(&mut day);
    rule(&mut day);
    members(&mut day);
    settings(&mut day);
    made(&mut day);
    losses(&mut day);
    clock(&mut day);
}

/// Approved, asked, put off, taken up again, denied with a reason.
fn requests(day: &mut Tour) {
    day.window.click(SOC);
    day.until("who asks says why", |window| window.shows("SOC of CSIRT-B. We would match your findings"));
    day.window.events(&[letter("y")]);
    day.window.pass(9);
    assert_eq!(state(&day.grid, SOC), Some(State::Pending), "it is held");
    day.window.let_pass(1);
    day.until_broker("the approved one reads", |grid| state(grid, SOC) == Some(State::Subscribed));
    day.until("one is left", |window| window.shows("One waits for your decision"));
    day.window.pass(2);
    day.window.click(UNLISTED);
    assert!(day.window.shows("None came with the request."));
    day.window.events(&[letter("o")]);
    day.window.events(&typed("Who are you?"));
    day.window.events(&[key(Named::Enter)]);
    day.until("an answer", |window| window.shows("We run a threat feed."));
    day.window.events(&[letter("h")]);
    assert!(day.window.shows("Put off until") && !badge(&mut day.window, "Requests  1"));
    day.window.events(&[letter("h"), letter("n")]);
    day.window.events(&typed("Unknown to us"));
    day.window.events(&[key(Named::Enter)]);
    day.window.pass(10);
    day.until_broker("the denied one is gone", |grid| state(grid, UNLISTED).is_none());
    day.until("nobody is left", |window| window.shows("Decided in this session"));
    day.window.pass(2);
}

/// Somebody asks while the person is elsewhere: the badge is there with the request, whenever the next poll would be. A rule
/// says what it would do, is switched on, and decides.
fn rule(day: &mut Tour) {
    // Where no other number shows: in the feed an incident that comes would be the badge's "1".
    day.window.go(Tab::Settings);
    assert!(!badge(&mut day.window, "1"));
    while state(&day.grid, DUTY).is_none() {
        day.grid.publish_next().unwrap();
    }
    let asked = Instant::now();
    day.until("the badge", |window| badge(window, "1"));
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    day.window.go(Tab::Owner);
    let say = |day: &mut Tour, message| day.window.run(Message::Owner(owner::Message::Rules(message)));
    say(day, Ruling::Open);
    say(day, Ruling::Who("cert.nordwerk.example".to_owned()));
    assert!(day.window.shows(&format!("It would approve this one now: {DUTY}.")), "{:?}", day.window.texts());
    say(day, Ruling::Add);
    day.window.pass(20);
    assert_eq!(state(&day.grid, DUTY), Some(State::Pending), "it is off");
    say(day, Ruling::Switch("00000001".to_owned()));
    say(day, Ruling::Close);
    day.window.click(DUTY);
    assert!(day.window.shows("By a rule. Nothing has been sent yet"), "{:?}", day.window.texts());
    day.window.let_pass(10);
    day.until_broker("the rule let it in", |grid| state(grid, DUTY) == Some(State::Subscribed));
    day.until("the inbox is empty", |window| window.shows("Nobody waits for your decision"));
    day.window.pass(2);
}

/// One is entered, one put out with proof.
fn members(day: &mut Tour) {
    day.window.events(&[letter("2"), letter("f")]);
    day.until("both lists", |window| window.shows(DUTY) && window.shows(SOC));
    day.window.events(&[letter("i")]);
    day.window.events(&typed(OUTSIDER));
    day.desk(owner::Message::Members(People::Sheet(Person::Go)));
    day.window.pass(10);
    day.until_broker("a member", |grid| affiliation(grid, OUTSIDER) == Affiliation::Member);
    day.until("told so", |window| window.shows("Done: the broker's lists show the change."));
    day.desk(owner::Message::Members(People::Filter(SOC.to_owned())));
    day.window.events(&[key(Named::ArrowDown), letter("r")]);
    day.window.click("Revoke");
    day.window.pass(10);
    day.until("the proof", |window| proven(window, SOC));
    assert_eq!((state(&day.grid, SOC), affiliation(&day.grid, SOC)), (None, Affiliation::None));
    day.desk(owner::Message::Members(People::ClearFilter));
}

/// What the broker keeps of wishes, changes and ignores.
fn settings(day: &mut Tour) {
    day.window.events(&[letter("3")]);
    day.until("the form", |window| window.shows("Who may read"));
    for (var, value) in
        [("pubsub#title", "Our own findings"), ("pubsub#max_items", "2000000"), ("pubsub#persist_items", "0")]
    {
        day.desk(owner::Message::Config(owner::Settings::Set(var.to_owned(), vec![value.to_owned()])));
    }
    day.window.events(&[letter("s")]);
    day.desk(owner::Message::Config(owner::Settings::Words("to see what it does".to_owned())));
    day.window.click("Save");
    assert!(day.window.shows("Saved in 10 s."), "{:?}", day.window.texts());
    day.window.pass(10);
    day.until("what became of it", |window| window.shows("The broker did not keep all 3 as wished."));
    for words in ["kept: Our own findings", "changed by the broker: 10", "ignored: still Yes"] {
        assert!(day.window.shows(words), "{words}: {:?}", day.window.texts());
    }
    let is = config(&day.grid, DESK).unwrap();
    assert_eq!((is.title.as_str(), is.max_items), ("Our own findings", 10_000));
}

/// A topic of each template.
fn made(day: &mut Tour) {
    for (template, node, payload) in [
        (Template::Incidents, "made-incidents", PayloadType::IODEF2),
        (Template::Indicators, "made-indicators", PayloadType::IODEF2),
        (Template::Other, "made-other", "urn:example:posture"),
    ] {
        let new = |day: &mut Tour, message| day.desk(owner::Message::Create(message));
        day.window.click("New topic…");
        new(day, New::Template(template));
        new(day, New::Node(node.to_owned()));
        new(day, New::Title(format!("Made from {template:?}")));
        if template == Template::Other {
            new(day, New::Payload(payload.to_owned()));
        }
        new(day, New::Go);
        day.until("it is made", |window| window.shows("is made, and it is yours."));
        let is = config(&day.grid, node).unwrap();
        assert_eq!((is.access.as_str(), is.payload.as_str()), ("authorize", payload));
        assert_eq!((is.publish_model.as_str(), is.notification.as_str()), ("publishers", "normal"));
        new(day, New::Close);
        day.until("it is on the list", |window| {
            let mine = |topic: &gridwatch::model::Topic| topic.id.node == node;
            window.app.topics().iter().any(|topic| mine(topic) && topic.affiliation == Affiliation::Owner)
        });
    }
}

/// Emptied and deleted, by the name alone; a copy is offered first.
fn losses(day: &mut Tour) {
    let act = |day: &mut Tour, message| day.desk(owner::Message::Danger(message));
    let (desk, other) = (day.topic(DESK), day.topic("made-other"));
    day.desk(owner::Message::Topic(Some(desk)));
    day.desk(owner::Message::Side(owner::Side::Danger));
    day.until("what is lost", |window| window.shows("Stored reports") && window.shows("Export first…"));
    assert!(!day.grid.stored(DESK).is_empty());
    act(day, Loss::Type(Grave::Purge, "my-des".to_owned()));
    act(day, Loss::Do(Grave::Purge));
    act(day, Loss::Type(Grave::Purge, DESK.to_owned()));
    act(day, Loss::Do(Grave::Purge));
    day.until_broker("nothing is stored", |grid| grid.stored(DESK).is_empty());
    day.until("told so", |window| window.shows("All stored reports of my-desk are removed."));
    day.desk(owner::Message::Topic(Some(other)));
    act(day, Loss::Type(Grave::Delete, "made-other".to_owned()));
    act(day, Loss::Do(Grave::Delete));
    day.until("what is lost", |window| window.shows("Stored reports"));
    assert!(config(&day.grid, "made-other").is_some(), "what is lost was not seen before");
    act(day, Loss::Type(Grave::Delete, "made-other".to_owned()));
    act(day, Loss::Do(Grave::Delete));
    day.until_broker("it is gone", |grid| config(grid, "made-other").is_none());
    day.until("told so", |window| window.shows("made-other is deleted."));
    assert!(config(&day.grid, "made-incidents").is_some());
}

/// A year later the access that the rule gave is over, and ends by itself; who was entered for good stays.
fn clock(day: &mut Tour) {
    day.desk(owner::Message::Topic(None));
    day.desk(owner::Message::Side(owner::Side::Expiring));
    day.keeps();
    day.until("who has access", |window| badge(window, DUTY) && !badge(window, SOC));
    day.window.pass(352 * DAY);
    assert!(day.window.shows("PRACTICE · Access to your topics:"), "{:?}", day.window.texts());
    assert!(state(&day.grid, DUTY).is_some());
    day.window.pass(14 * DAY);
    day.until("it is held", |window| window.shows(&format!("{DUTY} loses its access in 10 s.")));
    day.window.pass(10);
    day.until_broker("it reads no more", |grid| state(grid, DUTY).is_none());
    day.until("the proof", |window| proven(window, DUTY));
    day.keeps();
    assert_eq!(affiliation(&day.grid, OUTSIDER), Affiliation::Member);
    day.until("its row is gone", |window| badge(window, OUTSIDER) && !badge(window, DUTY));
    sweep(day);
}

/// Somebody is on the topic of whom this console knows nothing, as who was entered by another: offered like everybody, as of
/// unknown date; kept, they have one, and revoked they are gone.
fn sweep(day: &mut Tour) {
    let (desk, outsider): (_, BareJid) = (day.topic(DESK), OUTSIDER.parse().unwrap());
    let store = day.window.app.store();
    let local = store.local().unwrap();
    grant::end(local, &desk, std::slice::from_ref(&outsider)).unwrap();
    day.keeps();
    day.until("nothing is known of it", |window| {
        window.click(OUTSIDER);
        window.shows("not known: not let in by this console")
    });
    day.window.events(&[letter("e")]);
    day.keeps();
    day.until("it has a date", |window| window.shows("Ends in 365 days"));
    let kept = grant::all(local).unwrap().0;
    let [kept] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!((&kept.account, kept.since), (&outsider, None));
    day.window.click(OUTSIDER);
    day.window.events(&[letter("r")]);
    day.window.click("Revoke");
    day.window.pass(10);
    day.until_broker("no member", |grid| affiliation(grid, OUTSIDER) == Affiliation::None);
    day.until("the proof", |window| proven(window, OUTSIDER));
    day.keeps();
    day.until("its row is gone too", |window| !badge(window, OUTSIDER));
}
