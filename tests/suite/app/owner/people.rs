//! Members: one table of both lists, changes that are held and proven by the lists.

use std::sync::Arc;

use gridwatch::app::Message;
use gridwatch::engine::{Command, Event, Receipt, RequestId};
use gridwatch::model::Affiliation;
use gridwatch::model::owned::{Members, Proof, Revoked, Subscriber};
use gridwatch::screen::Tab;
use gridwatch::screen::owner::{self, People};
use iced_test::core::keyboard::key::Named;

use super::told;
use crate::stage::{key, letter, typed};
use crate::support::window::{ME, Window, id, now};

pub fn members(roles: &[(&str, Affiliation)], held: &[&str]) -> Members {
    let subscriber = |who: &&str| Subscriber { jid: who.parse().unwrap(), subid: None, pending: false };
    Members {
        affiliations: roles.iter().map(|(who, role)| (who.parse().unwrap(), role.clone())).collect(),
        subscribers: held.iter().map(subscriber).collect(),
        unreadable: 0,
    }
}

fn some() -> Members {
    members(
        &[
            (ME, Affiliation::Owner),
            ("soc@blue.example", Affiliation::Member),
            ("old@green.example", Affiliation::Outcast),
            ("quiet@red.example", Affiliation::Member),
        ],
        &[ME, "soc@blue.example", "old@green.example", "feed@cert-north.example/laptop"],
    )
}

/// Enough of them to fill a table, with something of everything that does not fit.
pub fn many() -> Members {
    let mut all = some();
    for n in 0..120 {
        let who = format!("soc-{n}@csirt-{}.example", n % 17);
        all.affiliations.push((who.parse().unwrap(), Affiliation::Member));
        if n % 9 != 0 {
            all.subscribers.push(Subscriber { jid: who.parse().unwrap(), subid: None, pending: false });
        }
    }
    all
}

/// The request of the only command there is.
fn asked(window: &mut Window) -> (RequestId, Command) {
    let own = |command: &Command| !matches!(command, Command::Held { .. });
    let mut all: Vec<Command> = window.commands().into_iter().filter(own).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    let command = all.remove(0);
    (command.request().unwrap(), command)
}

fn answer(window: &mut Window, request: RequestId, receipt: Receipt) {
    window.tell(vec![Event::Done { request, result: Ok(receipt) }]);
}

fn say(window: &mut Window, message: People) {
    window.say(Message::Owner(owner::Message::Members(message)));
}

/// What goes out once the topic's name is typed, and nothing before.
fn by_name(window: &mut Window) -> Command {
    say(window, People::Sheet(owner::Person::Go));
    window.pass(20);
    assert!(told(window).is_empty(), "its name is not typed");
    say(window, People::Sheet(owner::Person::Name("my-desk".to_owned())));
    say(window, People::Sheet(owner::Person::Go));
    window.pass(20);
    asked(window).1
}

pub fn page(listed: Members) -> Window {
    let mut window = Window::connected(false);
    window.go(Tab::Owner);
    window.events(&[letter("2")]);
    // Read without being asked for: who is known there is known here.
    let (request, command) = asked(&mut window);
    assert!(matches!(command, Command::Members { topic, .. } if topic == id("my-desk")), "the only one I own");
    assert!(window.shows("Reading the members"));
    let receipt = Receipt::Members(Arc::new(listed));
    window.let_hear(vec![Event::Done { request, result: Ok(receipt) }]);
    window
}

#[test]
fn both_lists_are_one_table_and_mismatches_are_found_by_one_key() {
    let mut window = page(some());
    for words in ["5 accounts", "3 mismatches", "Not entitled, yet subscribed", "Member, not subscribed"] {
        assert!(window.shows(words), "{words}: {:?}", window.texts());
    }
    window.events(&[letter("w")]);
    assert!(window.shows("3 of 5 accounts") && !window.shows("soc@blue.example"));
    window.events(&[letter("w"), letter("/")]);
    say(&mut window, People::Filter("BLUE member".to_owned()));
    assert!(window.shows("1 of 5 accounts") && window.shows("soc@blue.example"));
    say(&mut window, People::Filter("nobody".to_owned()));
    assert!(window.shows("The filter hides 5 accounts."));
    window.click("Clear the filter");
    assert!(window.shows("5 accounts"));
}

#[test]
fn lists_that_were_read_a_while_ago_are_read_again_when_they_come_to_show() {
    let mut window = page(some());
    window.events(&[letter("1")]);
    window.later(10);
    window.events(&[letter("2")]);
    assert!(window.commands().is_empty(), "they are fresh");
    window.events(&[letter("1")]);
    window.later(10);
    window.events(&[letter("2")]);
    assert!(window.shows("5 accounts"), "what was read before stays meanwhile");
    let (request, command) = asked(&mut window);
    assert!(matches!(command, Command::Members { .. }));
    answer(&mut window, request, Receipt::Members(Arc::new(many())));
    assert!(window.shows("125 accounts"), "{:?}", window.texts());
}

#[test]
fn access_is_revoked_after_a_hold_and_the_proof_is_shown() {
    let mut window = page(some());
    say(&mut window, People::Filter("soc@blue".to_owned()));
    window.events(&[key(Named::ArrowDown), letter("r")]);
    assert!(window.shows("soc@blue.example loses its subscription first and then its role"));
    window.click("Revoke");
    assert!(window.shows("soc@blue.example loses its access in 10 s."));
    window.click("Undo");
    window.pass(20);
    assert!(told(&mut window).is_empty(), "undone");
    window.events(&[letter("r")]);
    window.click("Barred for good");
    window.click("Revoke");
    window.pass(10);
    let (request, command) = asked(&mut window);
    let Command::Revoke { accounts, to, words, .. } = command else { panic!("{command:?}") };
    assert_eq!((accounts.len(), to, words), (1, Affiliation::Outcast, None), "nothing was said, nothing is sent");
    let after = members(&[(ME, Affiliation::Owner), ("soc@blue.example", Affiliation::Outcast)], &[ME]);
    let proof = Proof {
        account: accounts[0].clone(),
        was: Affiliation::Member,
        is: Affiliation::Outcast,
        had: some().subscribers[1..2].to_vec(),
        has: Vec::new(),
    };
    let revoked = |proof: Proof, members: Members| Revoked {
        access: gridwatch::model::Access::Authorize,
        topic: id("my-desk"),
        to: Affiliation::Outcast,
        proofs: vec![proof],
        members,
        at: now(),
        complaint: None,
    };
    answer(&mut window, request, Receipt::Revoked(Arc::new(revoked(proof.clone(), after))));
    assert!(window.shows("Proven at 16:00:00Z: both lists were read again, and soc@blue.example is gone from them."));
    assert!(window.shows("Role: Member before, Barred now. Subscriptions: 1 before, 0 now."));
    // A broker that did half of it is told of as such.
    window.events(&[letter("r")]);
    window.click("Revoke");
    window.pass(10);
    let (request, _) = asked(&mut window);
    let half = Proof { has: proof.had.clone(), ..proof };
    answer(&mut window, request, Receipt::Revoked(Arc::new(revoked(half, some()))));
    assert!(window.shows("Not proven: at 16:00:00Z the broker's lists still show soc@blue.example."));
}

#[test]
fn the_last_owner_stays_and_who_gives_up_types_the_name() {
    let mut window = page(some());
    say(&mut window, People::Filter(ME.to_owned()));
    window.events(&[key(Named::ArrowDown), letter("r")]);
    assert!(window.shows("This is the only owner of the topic."));
    say(&mut window, People::Sheet(owner::Person::Go));
    window.pass(20);
    assert!(told(&mut window).is_empty());
    let two = members(&[(ME, Affiliation::Owner), ("deputy@csirt.example", Affiliation::Owner)], &[]);
    let mut window = page(two);
    say(&mut window, People::Filter(ME.to_owned()));
    window.events(&[key(Named::ArrowDown), letter("c")]);
    window.click("Member");
    assert!(window.shows("You would give up the topic"));
    assert!(matches!(by_name(&mut window), Command::Affiliate { .. }));
    // So it is with another's.
    let two = members(&[(ME, Affiliation::Owner), ("deputy@csirt.example", Affiliation::Owner)], &[]);
    let mut window = page(two);
    say(&mut window, People::Filter("deputy".to_owned()));
    window.events(&[key(Named::ArrowDown), letter("r")]);
    assert!(window.shows("This account would own the topic no more"), "{:?}", window.texts());
    assert!(matches!(by_name(&mut window), Command::Revoke { .. }));
}

#[test]
fn accounts_are_entered_from_a_list_and_what_the_broker_did_not_do_is_told() {
    let mut window = page(some());
    window.events(&[letter("i")]);
    window.events(&typed("new@blue.example,publisher"));
    window.events(&[key(Named::Enter)]);
    window.events(&typed("no address"));
    assert!(window.shows("Line 2 is not an address with a role."));
    window.click("Enter one account");
    assert!(window.shows("new@blue.example changes in 10 s."));
    window.pass(10);
    let (request, command) = asked(&mut window);
    let Command::Affiliate { changes, .. } = command else { panic!("{command:?}") };
    assert_eq!(changes, [("new@blue.example".parse().unwrap(), Affiliation::Publisher)]);
    let refused = vec![changes[0].0.clone()];
    answer(&mut window, request, Receipt::Changed { members: Arc::new(some()), refused });
    assert!(window.shows("The broker did not change new@blue.example."));
    // A list from a file takes the place of what is typed; many ask for a reason.
    window.events(&[letter("i")]);
    let list: String = (0..12).map(|n| format!("n{n}@blue.example\n")).collect();
    say(&mut window, People::Taken(Ok(list.into())));
    say(&mut window, People::Sheet(owner::Person::Go));
    assert!(!window.shows("12 accounts change"), "no reason yet");
    say(&mut window, People::Sheet(owner::Person::Words("the new sector CSIRT".to_owned())));
    window.click("Enter 12 accounts");
    assert!(window.shows("12 accounts change in 10 s."));
}

/// So many who read.
pub fn crowd(count: usize) -> Members {
    let names: Vec<String> = (0..count).map(|n| format!("n{n}@d{}.example", n % 300)).collect();
    members(&[(ME, Affiliation::Owner)], &names.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn ten_thousand_members_are_one_table() {
    let mut window = page(crowd(10_000));
    assert!(window.shows("10,001 accounts"));
    let rows = |window: &mut Window| window.texts().iter().filter(|text| text.ends_with(".example")).count();
    let shown = rows(&mut window);
    assert!((5..60).contains(&shown), "{shown} rows are built");
    // Put together away from the window's thread: until then those before stand.
    let (request, _) = {
        window.events(&[letter("f")]);
        asked(&mut window)
    };
    window.tell(vec![Event::Done { request, result: Ok(Receipt::Members(Arc::new(crowd(20_000)))) }]);
    assert!(window.shows("10,001 accounts"));
    say(&mut window, People::Filter("n77@".to_owned()));
    assert!(window.shows("1 of 10,001 accounts"));
}
