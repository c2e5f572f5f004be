//! Access that ends: told of before, ended with proof when its time is over, found after a restart, and never ended twice.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::app::notify::{Note, Notifier};
use gridwatch::app::{Env, Message};
use gridwatch::engine::{Command, Connection, Error, Event, Receipt, RequestId};
use gridwatch::model::owned::{Act, Members, Proof, Revoked};
use gridwatch::model::{Access, Affiliation, BareJid, Say};
use gridwatch::owner::clock;
use gridwatch::owner::grant::{self, Grant};
use gridwatch::owner::past::{self, By};
use gridwatch::screen::{Tab, owner};
use gridwatch::settings::Settings;
use gridwatch::store::activity::{By as Hand, Kind};
use gridwatch::store::local::Shelf;
use iced_test::core::keyboard::key::Named;

use super::people::members;
use crate::stage::{key, letter};
use crate::support::window::{ME, Window, connected, id, now, request, topics};

const WHO: &str = "night@csirt.example";
/// What a person is told first; how the account stands is not known yet.
const OVER: &str = "One access is over: if the account only reads it ends now, unless you take that back.";
const DAY: i64 = 24 * 3600;

fn who() -> BareJid {
    WHO.parse().unwrap()
}

/// A window that remembers what the desktop was to show.
fn window() -> (Window, Arc<Mutex<Vec<Note>>>) {
    let notes = Arc::new(Mutex::new(Vec::new()));
    let shown = Arc::clone(&notes);
    let notify: Notifier = Arc::new(move |note| {
        shown.lock().unwrap().push(note);
        Box::pin(async { Ok(1) })
    });
    (Window::in_world(Settings::default(), false, |env| Env { notify, ..env }), notes)
}

/// It starts with these on its shelf, and comes online.
fn starts(grants: &[Grant]) -> (Window, Arc<Mutex<Vec<Note>>>) {
    let (mut window, notes) = window();
    grant::keep(window.app.store().local().unwrap(), grants).unwrap();
    window.tell(vec![Event::Connection(connected())]);
    window.let_hear(vec![Event::Topics { topics: topics().into(), walked: 8, total: 8, whole: true, complete: true }]);
    (window, notes)
}

fn over(account: &str) -> Grant {
    let since = now() - TimeDelta::days(100);
    Grant::new(id("my-desk"), account.parse().unwrap(), Some(now() - TimeDelta::days(3)), "MoU 14", since)
}

fn kept(window: &Window) -> Vec<Grant> {
    grant::all(window.app.store().local().unwrap()).unwrap().0
}

/// What the engine was told but for what is noted of it.
fn told(window: &mut Window) -> Vec<Command> {
    window.commands().into_iter().filter(|command| !matches!(command, Command::Held { .. })).collect()
}

fn read(window: &mut Window, listed: &Members) {
    let asked = told(window);
    let [Command::Members { request, .. }] = asked.as_slice() else { panic!("{asked:?}") };
    let receipt = Receipt::Members(Arc::new(listed.clone()));
    window.let_hear(vec![Event::Done { request: *request, result: Ok(receipt) }]);
}

fn reads() -> Members {
    members(&[(ME, Affiliation::Owner), (WHO, Affiliation::Member)], &[ME, WHO])
}

fn gone() -> Members {
    members(&[(ME, Affiliation::Owner)], &[ME])
}

/// The one revocation that was sent, with its words.
fn revocation(window: &mut Window) -> (RequestId, String) {
    let sent = told(window);
    let [Command::Revoke { request, topic, accounts, to: Affiliation::None, words: Some(words) }] = sent.as_slice()
    else {
        panic!("{sent:?}")
    };
    assert_eq!((topic, accounts.as_slice()), (&id("my-desk"), &[who()][..]));
    (*request, words.note.clone())
}

fn proven(request: RequestId) -> Event {
    let proof = Proof {
        account: who(),
        was: Affiliation::Member,
        is: Affiliation::None,
        had: reads().subscribers[1..].to_vec(),
        has: Vec::new(),
    };
    let revoked = Revoked {
        topic: id("my-desk"),
        to: Affiliation::None,
        proofs: vec![proof],
        access: Access::Authorize,
        members: gone(),
        at: now(),
        complaint: None,
    };
    Event::Done { request, result: Ok(Receipt::Revoked(Arc::new(revoked))) }
}

/// Has written what was to be written while a toast stood that nobody waits for.
fn settle(window: &mut Window) {
    for message in [owner::Ruling::Open, owner::Ruling::Remove("none".to_owned()), owner::Ruling::Close] {
        window.run(Message::Owner(owner::Message::Rules(message)));
    }
}

/// A desk on which an access is over and held, another ends soon, one was not looked at for long.
pub fn ending() -> Window {
    let days = TimeDelta::days;
    let soon = Grant { until: Some(now() + days(6)), ..over("soc@cert-north.example") };
    let long = Grant { until: None, ..over("duty@csirt-c.example") };
    let left = Grant { spared: true, ..over("intel@lakeside.example") };
    let fresh = Grant { until: Some(now() + days(200)), reviewed: now(), ..over("feed@blue.example") };
    let (mut window, _) = starts(&[over(WHO), soon, long, left, fresh]);
    window.go(Tab::Owner);
    let others = [("desk@lakeside.example", Affiliation::Publisher), ("soc@csirt-b.example", Affiliation::Member)];
    let own = [(ME, Affiliation::Owner), (WHO, Affiliation::Member)];
    read(&mut window, &members(&[&own[..], &others].concat(), &[ME, WHO, "soc@csirt-b.example"]));
    window
}

#[test]
fn who_is_let_in_for_a_year_is_told_of_before_and_ends_with_proof_at_its_end() {
    let (mut window, notes) = starts(&[]);
    window.go(Tab::Owner);
    read(&mut window, &gone());
    let asks = vec![request(WHO, 5)];
    window.let_hear(vec![Event::Requests { pending: asks.into(), polled: Some(now()), trouble: None }]);
    window.events(&[key(Named::ArrowDown), letter("y")]);
    window.let_pass(10);
    let sent = told(&mut window);
    let [Command::Decide { request, allow: true, words: Some(words), .. }] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    let until = words.until.unwrap();
    // Written down before the broker answers: whatever happens now, its end is found.
    assert_eq!(
        kept(&window).iter().map(|grant| (&grant.account, grant.until)).collect::<Vec<_>>(),
        [(&who(), Some(until))]
    );
    window.tell(vec![
        Event::Done { request: *request, result: Ok(Receipt::Approved) },
        Event::Requests { pending: [].into(), polled: Some(now()), trouble: None },
    ]);
    let lines =
        || std::mem::take(&mut *notes.lock().unwrap()).into_iter().flat_map(|note| note.lines).collect::<Vec<_>>();
    window.let_pass(89 * DAY);
    assert_eq!(lines(), [""; 0], "nothing is due");
    window.let_pass(2 * DAY);
    assert_eq!(lines(), ["One was not looked at for long: keep it, or revoke it."]);
    window.let_pass(260 * DAY);
    assert_eq!(lines(), ["One access ends soon."]);
    assert!(window.shows("Expiring  1"), "{:?}", window.texts());
    window.let_pass(30);
    window.let_pass(11 * DAY);
    assert_eq!(lines(), [""; 0], "it was told");
    window.let_pass(2 * DAY);
    assert_eq!(lines(), ["One access ends soon."], "its last day");
    assert!(told(&mut window).is_empty());
    window.let_pass(2 * DAY);
    assert_eq!(lines(), [OVER]);
    read(&mut window, &reads());
    window.events(&[letter("4")]);
    assert!(window.shows("night@csirt.example loses its access in 10 s."), "{:?}", window.texts());
    assert!(window.shows("Its time is over. Nothing has been sent yet"));
    window.let_pass(9);
    assert!(told(&mut window).is_empty(), "it is held");
    window.let_pass(1);
    let (request, note) = revocation(&mut window);
    assert_eq!(note, "The time it was given for is over.");
    window.tell(vec![proven(request)]);
    assert!(window.shows("Proven at 16:00:00Z"));
    window.let_pass(3600);
    settle(&mut window);
    assert!(told(&mut window).is_empty(), "it is not ended twice");
    let past = past::all(window.app.store().local().unwrap()).unwrap();
    let past: Vec<_> = past[&who()].iter().map(|past| (past.act, past.by.clone())).collect();
    assert_eq!(past, [(Act::Approved, By::Me), (Act::Revoked, By::Clock)]);
    assert!(kept(&window).is_empty());
}

#[test]
fn what_ran_out_while_the_program_was_closed_is_found_at_the_next_start() {
    let (mut window, notes) = starts(&[over(WHO)]);
    assert_eq!(notes.lock().unwrap().len(), 1, "it is told at once");
    read(&mut window, &reads());
    window.let_pass(10);
    let (request, _) = revocation(&mut window);
    // The program dies before the answer; the broker did it. Nobody is revoked a second time.
    let _ = request;
    let left = kept(&window);
    let (mut window, notes) = starts(&left);
    assert!(notes.lock().unwrap().is_empty(), "and it is not told again");
    read(&mut window, &gone());
    window.let_pass(60);
    assert!(told(&mut window).is_empty() && kept(&window).is_empty());
}

#[test]
fn what_is_taken_back_is_left_to_a_person_also_after_a_restart() {
    let (mut window, _) = starts(&[over(WHO)]);
    window.go(Tab::Owner);
    read(&mut window, &reads());
    window.events(&[letter("4")]);
    window.say(Message::Owner(owner::Message::Expiring(owner::Ends::Undo)));
    settle(&mut window);
    window.let_pass(3600);
    assert!(told(&mut window).is_empty());
    assert!(window.shows("Over; left to you"), "{:?}", window.texts());
    let left = kept(&window);
    let (mut window, _) = starts(&left);
    window.let_pass(3600);
    assert!(told(&mut window).is_empty(), "nothing is even asked");
    // Kept for longer, it is an access like any other.
    let again = left[0].clone().kept(Some(now() - TimeDelta::hours(1)), now() - TimeDelta::days(30));
    let (mut window, _) = starts(&[again]);
    assert!(matches!(told(&mut window).as_slice(), [Command::Members { .. }]));
}

/// What is left to a person: they end all of it at once, and nobody who has become more since.
#[test]
fn many_that_are_over_are_revoked_together_by_a_person() {
    let names: Vec<String> = (0..12).map(|n| format!("n{n:02}@blue.example")).collect();
    let grants: Vec<Grant> = names.iter().map(|name| Grant { spared: true, ..over(name) }).collect();
    let (mut window, _) = starts(&grants);
    window.go(Tab::Owner);
    let role = |name: &String| if name.starts_with("n11") { Affiliation::Publisher } else { Affiliation::None };
    let mut all: Vec<(&str, Affiliation)> = names.iter().map(|name| (name.as_str(), role(name))).collect();
    all.push((ME, Affiliation::Owner));
    let readers: Vec<&str> = names.iter().map(String::as_str).collect();
    read(&mut window, &members(&all, &readers));
    window.let_pass(3600);
    assert!(told(&mut window).is_empty(), "none ends by itself");
    window.events(&[letter("4")]);
    window.click("Revoke what is over…");
    assert!(window.shows("11 accounts lose their subscriptions first"), "{:?}", window.texts());
    assert!(window.shows("n00@blue.example, n01@blue.example, n02@blue.example"));
    window.events(&crate::stage::typed("The year is over"));
    window.click("Revoke");
    assert!(window.shows("11 accounts lose their access in 10 s."), "{:?}", window.texts());
    window.let_pass(10);
    let sent = told(&mut window);
    let [Command::Revoke { accounts, to: Affiliation::None, words: Some(words), .. }] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!(accounts.iter().map(ToString::to_string).collect::<Vec<_>>(), names[..11]);
    assert_eq!(words.note, "The year is over");
}

#[test]
fn who_has_become_more_than_a_reader_is_left_to_a_person() {
    for role in [Affiliation::Publisher, Affiliation::Owner, Affiliation::Outcast] {
        let (mut window, notes) = starts(&[over(WHO)]);
        read(&mut window, &members(&[(ME, Affiliation::Owner), (WHO, role.clone())], &[ME, WHO]));
        window.let_pass(3600);
        assert!(told(&mut window).is_empty(), "{role:?}");
        // Nobody believes that it ended.
        let lines: Vec<String> = notes.lock().unwrap().iter().flat_map(|note| note.lines.clone()).collect();
        let left = "One access is over and left to you: the account is more than a reader, or barred.";
        assert_eq!(lines, [OVER, left], "{role:?}");
        window.go(Tab::Owner);
        window.events(&[letter("4")]);
        assert!(window.shows("Over; left to you"), "{role:?}: {:?}", window.texts());
        let left = kept(&window);
        let (window, notes) = starts(&left);
        assert!(left.len() == 1 && notes.lock().unwrap().is_empty() && kept(&window) == left, "once, and it stays so");
    }
}

/// At what ends an owner is to lose their access.
pub fn disowning() -> Window {
    let (mut window, _) = starts(&[over(WHO)]);
    window.go(Tab::Owner);
    read(&mut window, &members(&[(ME, Affiliation::Owner), (WHO, Affiliation::Owner)], &[ME, WHO]));
    window.events(&[letter("4")]);
    window.click(WHO);
    window.events(&[letter("r")]);
    window
}

/// That is ended where members are changed, which asks what it takes.
#[test]
fn who_owns_a_topic_loses_that_only_by_its_name_also_from_what_ends() {
    let mut window = disowning();
    assert!(window.shows("This account would own the topic no more"), "{:?}", window.texts());
    window.click("Revoke");
    window.let_pass(20);
    assert!(told(&mut window).is_empty(), "its name is not typed");
    let name = owner::Person::Name("my-desk".to_owned());
    window.say(Message::Owner(owner::Message::Members(owner::People::Sheet(name))));
    window.click("Revoke");
    window.let_pass(10);
    let sent = told(&mut window);
    assert!(matches!(sent.as_slice(), [Command::Revoke { accounts, .. }] if *accounts == [who()]), "{sent:?}");
}

#[test]
fn a_line_that_cannot_be_read_keeps_nobody_in_who_is_on_those_that_can() {
    let (mut window, _) = starts(&[over(WHO)]);
    read(&mut window, &Members { unreadable: 1, ..reads() });
    window.let_pass(10);
    let _ = revocation(&mut window);
    // It says nothing of who is not on it; that is looked at again.
    let (mut window, notes) = starts(&[over(WHO)]);
    read(&mut window, &Members { unreadable: 1, ..gone() });
    window.let_pass(60);
    assert!(told(&mut window).is_empty());
    assert_eq!(kept(&window).iter().map(|grant| grant.spared).collect::<Vec<_>>(), [false]);
    window.let_pass(10 * 60);
    read(&mut window, &reads());
    window.let_pass(10);
    let _ = revocation(&mut window);
    assert_eq!(notes.lock().unwrap().len(), 1);
}

#[test]
fn a_broker_that_refuses_is_not_asked_again_with_every_look_at_its_topics() {
    let (mut window, _) = starts(&[over(WHO)]);
    read(&mut window, &reads());
    window.let_pass(10);
    let (request, _) = revocation(&mut window);
    window.tell(vec![Event::Done { request, result: Err(Error::Offline) }]);
    for complete in [false, true] {
        let topics = topics().into();
        window.let_hear(vec![Event::Topics { topics, walked: 8, total: 8, whole: complete, complete }]);
        window.let_pass(30);
    }
    let sent = told(&mut window);
    assert!(!sent.iter().any(|command| matches!(command, Command::Revoke { .. })), "{sent:?}");
    // Over another connection it is tried anew.
    window.let_hear(vec![Event::Connection(Connection::Offline)]);
    window.let_pass(30);
    window.let_hear(vec![Event::Connection(connected())]);
    window.let_pass(30);
    read(&mut window, &reads());
    window.let_pass(10);
    let _ = revocation(&mut window);
}

/// As a bulk that was approved a year ago by one key.
#[test]
fn many_that_end_at_once_end_as_one_does() {
    let grants: Vec<Grant> = (0..300).map(|n| over(&format!("n{n:03}@blue.example"))).collect();
    let (mut window, notes) = starts(&grants);
    let lines: Vec<String> = notes.lock().unwrap().iter().flat_map(|note| note.lines.clone()).collect();
    assert_eq!(lines, ["300 accesses are over: where the accounts only read they end now, unless you take that back."]);
    let all: Vec<String> = grants.iter().map(|grant| grant.account.to_string()).collect();
    let readers: Vec<&str> = all.iter().map(String::as_str).collect();
    read(&mut window, &members(&[(ME, Affiliation::Owner)], &readers));
    window.let_pass(10);
    let sent = told(&mut window);
    assert!(matches!(sent.as_slice(), [Command::Revoke { accounts, .. }] if accounts.len() == 300), "{sent:?}");
}

/// A desk at what ends, a year after which the clock was set.
pub fn doubted() -> Window {
    let mut window = ending();
    window.say(Message::Owner(owner::Message::Side(owner::Side::Expiring)));
    settle(&mut window);
    window.set_clock(365 * DAY);
    window.let_pass(30);
    window
}

/// What would be over by a clock that was set ahead, and how a person says that it is right after all.
#[test]
fn a_clock_that_was_set_ahead_ends_nothing_until_a_person_says_that_it_is_right() {
    let (mut window, notes) =
        starts(&[Grant { until: Some(now() + TimeDelta::days(200)), reviewed: now(), ..over(WHO) }]);
    window.go(Tab::Owner);
    read(&mut window, &gone());
    window.events(&[letter("4")]);
    window.let_pass(3 * DAY);
    assert!(!window.shows("The clock is right"));
    window.set_clock(365 * DAY);
    window.let_pass(30);
    window.let_pass(2 * DAY);
    assert!(told(&mut window).is_empty());
    let lines =
        || std::mem::take(&mut *notes.lock().unwrap()).into_iter().flat_map(|note| note.lines).collect::<Vec<_>>();
    let doubt = "One access would be over by this computer's clock, which is far ahead of where it was: it does not end \
                 until you say that the clock is right.";
    assert_eq!(lines(), [doubt]);
    assert!(
        window.shows("This computer's clock is 365 days ahead of where Gridwatch last saw it. It shows 2027-11-26")
    );
    // Set back it is believed again by itself.
    window.set_clock(-365 * DAY);
    window.let_pass(30);
    assert!(!window.shows("The clock is right") && told(&mut window).is_empty());
    window.set_clock(365 * DAY);
    window.let_pass(30);
    window.click("The clock is right");
    settle(&mut window);
    assert!(!window.shows("The clock is right"));
    window.let_pass(30);
    read(&mut window, &reads());
    window.let_pass(10);
    let _ = revocation(&mut window);
}

#[test]
fn after_a_long_time_closed_a_person_is_asked_whether_the_clock_is_right() {
    let store: Arc<dyn gridwatch::store::Store> = Arc::new(gridwatch::store::Memory::default());
    let since = |days: i64| {
        let local = store.local().unwrap();
        clock::see(local, now() - TimeDelta::days(days)).unwrap();
        grant::keep(local, &[over(WHO)]).unwrap();
        let mut window = Window::over(Arc::clone(&store), Settings::default(), false, |env| env);
        window.tell(vec![Event::Connection(connected())]);
        let topics = topics().into();
        window.let_hear(vec![Event::Topics { topics, walked: 8, total: 8, whole: true, complete: true }]);
        let asked = matches!(told(&mut window).as_slice(), [Command::Members { .. }]);
        (asked, clock::seen(local).unwrap())
    };
    assert_eq!(since(39), (true, Some(now())), "it is believed, and that is kept");
    assert_eq!(since(41), (false, Some(now() - TimeDelta::days(41))));
    assert!(since(-400).0, "it was ahead before, and is not now");
}

/// The account is being entered for so long, by a desk that has this on its shelf.
fn entering(grants: &[Grant], lasts: owner::Lasts) -> Window {
    let (mut window, _) = starts(grants);
    window.go(Tab::Owner);
    window.events(&[letter("2")]);
    read(&mut window, &gone());
    window.events(&[letter("i")]);
    window.events(&crate::stage::typed(WHO));
    assert!(window.shows("30 days"));
    for message in [owner::Person::Lasts(lasts), owner::Person::Go] {
        window.say(Message::Owner(owner::Message::Members(owner::People::Sheet(message))));
    }
    window
}

/// Enters the account for so long; when its access ends then, in days.
fn entered(grants: &[Grant], lasts: owner::Lasts) -> Vec<Option<i64>> {
    let mut window = entering(grants, lasts);
    // Nothing is sent before it is written down when it ends.
    window.later(10);
    let writing = window.app.update(Message::Pulse);
    let mut sent = told(&mut window);
    assert_eq!(sent.is_empty(), lasts != owner::Lasts::Forever);
    let _ = window.finish(writing);
    sent.extend(told(&mut window));
    let [Command::Affiliate { request, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    let receipt = Receipt::Changed { members: Arc::new(reads()), refused: Vec::new() };
    window.tell(vec![Event::Done { request: *request, result: Ok(receipt) }]);
    settle(&mut window);
    kept(&window).into_iter().map(|grant| grant.until.map(|until| (until - now()).num_days())).collect()
}

#[test]
fn who_is_entered_for_a_time_stands_among_what_ends() {
    assert_eq!(entered(&[], owner::Lasts::Month), [Some(30)]);
    // What is chosen takes the place of what was.
    let before = Grant { until: Some(now() + TimeDelta::days(200)), reviewed: now(), ..over(WHO) };
    assert_eq!(entered(std::slice::from_ref(&before), owner::Lasts::Month), [Some(30)]);
    assert_eq!(entered(&[before], owner::Lasts::Forever), [None]);
}

/// A member for a month whom the broker refuses: `before` is what access of theirs was written down.
fn refused_member(before: &[Grant], result: Result<Receipt, Error>) -> Vec<Grant> {
    let mut window = entering(before, owner::Lasts::Month);
    window.let_pass(10);
    let sent = told(&mut window);
    let [Command::Affiliate { request, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_ne!(kept(&window), before);
    window.tell(vec![Event::Done { request: *request, result }]);
    settle(&mut window);
    kept(&window)
}

#[test]
fn who_is_refused_as_a_member_has_no_end_but_the_one_before() {
    let before = Grant { until: Some(now() + TimeDelta::days(200)), reviewed: now(), ..over(WHO) };
    let refused = || Ok(Receipt::Changed { members: Arc::new(gone()), refused: vec![who()] });
    let failed =
        |condition: &str| Err(Error::Refused { say: Say::new("error-no-effect"), condition: condition.to_owned() });
    for had in [&[][..], std::slice::from_ref(&before)] {
        assert_eq!(refused_member(had, refused()), had);
        assert_eq!(refused_member(had, failed("forbidden")), had);
        // What may have been done all the same keeps its end, counted from when it left.
        let ends = refused_member(had, failed("no effect"));
        let end = now() + TimeDelta::seconds(10) + TimeDelta::days(30);
        assert_eq!(ends.iter().map(|grant| grant.until).collect::<Vec<_>>(), [Some(end)]);
    }
}

/// Has a later program's text in the place of whose access was to be written: nothing can be written there.
fn blocked(window: &mut Window) {
    let store = window.app.store();
    let local = store.local().unwrap();
    grant::keep(local, &[over(WHO)]).unwrap();
    let (name, _) = local.kept(Shelf::Grants).unwrap().pop().unwrap();
    local.keep(Shelf::Grants, &[], &[(name, "gridwatch 9\nof a later program".to_owned())]).unwrap();
}

#[test]
fn no_approval_leaves_before_its_end_is_written_and_none_whose_end_cannot_be() {
    let mut window = asked(&[]);
    window.events(&[letter("y")]);
    window.later(10);
    let writing = window.app.update(Message::Pulse);
    assert!(told(&mut window).is_empty(), "the store has not even been asked");
    assert!(kept(&window).is_empty() && window.shows("Telling the broker"), "{:?}", window.texts());
    window.events(&[letter("u"), letter("y")]);
    let _ = window.finish(writing);
    let sent = told(&mut window);
    assert!(matches!(sent.as_slice(), [Command::Decide { allow: true, .. }]), "{sent:?}");
    assert_eq!(kept(&window).len(), 1);

    let mut window = asked(&[]);
    blocked(&mut window);
    window.events(&[letter("y")]);
    window.let_pass(10);
    assert!(told(&mut window).is_empty(), "nobody is let in without an end");
    assert!(window.shows("when the access ends could not be written down"), "{:?}", window.texts());
    assert!(window.shows("then decide again. Nobody was let in."));
    // With room it goes, and a denial needs none.
    window.events(&[letter("n")]);
    window.events(&crate::stage::typed("not now"));
    window.events(&[key(Named::Enter)]);
    window.let_pass(10);
    let sent = told(&mut window);
    assert!(matches!(sent.as_slice(), [Command::Decide { allow: false, .. }]), "{sent:?}");
}

#[test]
fn what_goes_offline_while_its_end_is_written_is_not_sent_and_leaves_none() {
    let mut window = asked(&[]);
    window.events(&[letter("y")]);
    window.later(10);
    let writing = window.app.update(Message::Pulse);
    window.tell(vec![Event::Connection(Connection::Offline)]);
    let _ = window.finish(writing);
    settle(&mut window);
    assert!(told(&mut window).is_empty() && kept(&window).is_empty());
    assert!(window.shows("Not connected"), "{:?}", window.texts());
}

#[test]
fn a_key_keeps_what_the_clock_holds_and_none_ends_it_twice() {
    let (mut window, _) = starts(&[over(WHO)]);
    window.go(Tab::Owner);
    read(&mut window, &reads());
    window.events(&[letter("4")]);
    window.events(&[key(Named::ArrowDown)]);
    assert!(window.shows("night@csirt.example loses its access in 10 s."), "{:?}", window.texts());
    window.events(&[letter("r")]);
    assert!(!window.shows("End this access"), "it ends already");
    window.events(&[letter("e")]);
    settle(&mut window);
    window.let_pass(30);
    assert!(told(&mut window).is_empty(), "nobody is revoked who was just kept");
    window.events(&[letter("u")]);
    settle(&mut window);
    let is = |window: &Window| kept(window).iter().map(|grant| (grant.until, grant.spared)).collect::<Vec<_>>();
    assert_eq!(is(&window), [(Some(now() + TimeDelta::days(365)), false)], "the new end is the clock's again");
    // What went out already is not kept, and not sent again.
    let (mut window, _) = starts(&[over(WHO)]);
    window.go(Tab::Owner);
    read(&mut window, &reads());
    window.events(&[letter("4")]);
    window.events(&[key(Named::ArrowDown)]);
    window.let_pass(10);
    let _ = revocation(&mut window);
    window.events(&[letter("e"), letter("r")]);
    assert!(!window.shows("End this access"));
    settle(&mut window);
    window.let_pass(30);
    assert!(told(&mut window).is_empty());
    assert_eq!(is(&window), [(over(WHO).until, false)]);
}

/// A desk at which somebody asks who has this, and is selected.
fn asked(grants: &[Grant]) -> Window {
    let (mut window, _) = starts(grants);
    window.go(Tab::Owner);
    read(&mut window, &gone());
    let asks = vec![request(WHO, 5)];
    window.let_hear(vec![Event::Requests { pending: asks.into(), polled: Some(now()), trouble: None }]);
    window.events(&[key(Named::ArrowDown)]);
    window
}

/// Approves the request by its key; the answer is this. Gives the end that was written down with it.
fn approves(window: &mut Window, key: &'static str, condition: &str) -> Option<DateTime<Utc>> {
    window.events(&[letter("y")]);
    window.let_pass(10);
    let sent = told(window);
    let [Command::Decide { request, allow: true, words: Some(words), .. }] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    let (request, until) = (*request, words.until);
    assert_eq!(kept(window).iter().map(|grant| grant.until).collect::<Vec<_>>(), [until]);
    let error = Error::Refused { say: Say::new(key), condition: condition.to_owned() };
    window.tell(vec![Event::Done { request, result: Err(error) }]);
    settle(window);
    until
}

#[test]
fn an_approval_that_was_refused_leaves_no_end_and_takes_none_away() {
    let mut window = asked(&[]);
    let _ = approves(&mut window, "error-unlogged", "not logged");
    assert!(kept(&window).is_empty(), "what somebody else gives later is not mine to end");
    let before = Grant { until: Some(now() + TimeDelta::days(200)), reviewed: now(), ..over(WHO) };
    for (key, condition) in [("error-unlogged", "not logged"), ("error-request-approved", "too late")] {
        let mut window = asked(std::slice::from_ref(&before));
        let _ = approves(&mut window, key, condition);
        assert_eq!(kept(&window), std::slice::from_ref(&before), "{key}");
    }
}

#[test]
fn an_approval_of_which_nobody_knows_what_came_keeps_its_end_until_it_is_denied() {
    let mut window = asked(&[]);
    let first = approves(&mut window, "error-no-effect", "no effect");
    let ends = |window: &Window| kept(window).iter().map(|grant| grant.until).collect::<Vec<_>>();
    assert_eq!(ends(&window), [first]);
    let _ = approves(&mut window, "error-request-approved", "too late");
    assert_eq!(ends(&window), [first], "the first try gave it");
    let mut window = asked(&[]);
    let _ = approves(&mut window, "error-no-effect", "no effect");
    window.events(&[letter("n")]);
    window.events(&crate::stage::typed("not after all"));
    window.events(&[key(Named::Enter)]);
    window.let_pass(10);
    let sent = told(&mut window);
    let [Command::Decide { request, allow: false, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    window.tell(vec![Event::Done { request: *request, result: Ok(Receipt::Denied) }]);
    settle(&mut window);
    assert!(kept(&window).is_empty());
}

#[test]
fn an_end_that_failed_is_tried_again_after_a_while() {
    let (mut window, _) = starts(&[over(WHO)]);
    read(&mut window, &reads());
    window.let_pass(10);
    let (request, _) = revocation(&mut window);
    let error = Error::Refused { say: Say::new("error-unlogged"), condition: "not logged".to_owned() };
    window.tell(vec![Event::Done { request, result: Err(error) }]);
    window.let_pass(5 * 60);
    assert!(told(&mut window).is_empty(), "not at once");
    window.let_pass(6 * 60);
    read(&mut window, &reads());
    window.let_pass(10);
    let (request, _) = revocation(&mut window);
    window.tell(vec![proven(request)]);
    settle(&mut window);
    window.let_pass(3600);
    assert!(told(&mut window).is_empty() && kept(&window).is_empty());
}

/// Of several that end together the first stands for all in the log: kept, it leaves the place to the next.
#[test]
fn what_the_clock_ends_stays_its_own_in_the_log_when_one_of_it_is_kept() {
    let (mut window, _) = starts(&[over(WHO), over("noon@csirt.example")]);
    window.go(Tab::Owner);
    let both = [ME, "noon@csirt.example", WHO];
    read(&mut window, &members(&both.map(|who| (who, Affiliation::Member)), &both));
    window.events(&[letter("4")]);
    let noted = |window: &mut Window| {
        let noted = |command| match command {
            Command::Held { subject, by, undone, .. } => Some((subject, by, undone)),
            _ => None,
        };
        window.commands().into_iter().filter_map(noted).collect::<Vec<_>>()
    };
    assert_eq!(noted(&mut window).len(), 1, "the first stands for both");
    window.events(&[key(Named::ArrowDown), letter("e")]);
    settle(&mut window);
    let all = noted(&mut window);
    let [(first, Hand::Person, true), (next, Hand::Rule, false)] = all.as_slice() else { panic!("{all:?}") };
    assert_ne!(first, next);
    let next = next.clone();
    window.let_pass(10);
    let sent = told(&mut window);
    let [Command::Revoke { accounts, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(accounts.iter().map(ToString::to_string).collect::<Vec<_>>(), [next]);
}

#[test]
fn what_lapses_while_it_is_held_is_closed_in_the_log() {
    let lapsed = |window: &mut Window| {
        let kind = |command| match command {
            Command::Held { kind, undone: true, .. } => Some(kind),
            _ => None,
        };
        window.commands().into_iter().filter_map(kind).collect::<Vec<_>>()
    };
    let (mut window, _) = starts(&[over(WHO)]);
    read(&mut window, &reads());
    window.let_hear(vec![Event::Connection(Connection::Offline)]);
    window.let_pass(10);
    assert_eq!(lapsed(&mut window), [Kind::Revoke]);
    let mut window = asked(&[]);
    window.events(&[letter("y")]);
    window.tell(vec![Event::Requests { pending: [].into(), polled: Some(now()), trouble: None }]);
    assert_eq!(lapsed(&mut window), [Kind::Approve], "it was withdrawn");
    let mut window = asked(&[]);
    window.events(&[letter("y")]);
    window.let_hear(vec![Event::Connection(Connection::Offline)]);
    window.let_pass(10);
    assert_eq!(lapsed(&mut window), [Kind::Approve]);
}
