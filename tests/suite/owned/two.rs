//! Decisions that meet others on a real ejabberd: another owner's, at the same moment or before, and the asker's own to withdraw.

use gridwatch::engine::{Command, Receipt};
use gridwatch::model::{Affiliation, BareJid};
use serde_json::{Value, json};

use super::{AFTER, NODE, affiliate, item, make, nothing_of, online, publish, says, topic, words};
use crate::support::console::Console;
use crate::support::ejabberd::Ejabberd;
use crate::support::peer::{BROKER, Peer};
use crate::support::server::{Account, Port};

/// Two consoles of two owners, a reader who may ask, and the other client as one of the owners.
struct Both {
    owners: [Console; 2],
    witness: Peer,
    reader: Account,
    peer: Peer,
    _server: Ejabberd,
}

impl Both {
    fn start() -> Self {
        let server = Ejabberd::start();
        let [one, two, reader] = ["desk", "deputy", "reader"].map(Ejabberd::account);
        let witness = Peer::login(&server, &one, Port::StartTls);
        drop(Peer::login(&server, &two, Port::StartTls));
        let peer = Peer::login(&server, &reader, Port::StartTls);
        let mut first = online(&server, &one);
        let _ = make(&mut first, NODE, false);
        let _ = affiliate(&mut first, &two.bare(), Affiliation::Owner);
        let mut owners = [first, online(&server, &two)];
        for owner in &mut owners {
            owner.until("my topic", |owner| {
                owner.topic(&topic(NODE)).filter(|topic| topic.affiliation == Affiliation::Owner).map(drop)
            });
        }
        Self { owners, witness, reader, peer, _server: server }
    }

    fn peer(&mut self, verb: &str) {
        self.peer.tell(verb, json!({"service": BROKER, "node": NODE}));
    }

    /// The reader asks, and both owners see it.
    fn asked(&mut self) {
        self.peer("subscribe");
        let who = self.reader.bare();
        for owner in &mut self.owners {
            owner.until("the request", |owner| waits(owner, &who).then_some(()));
        }
    }

    /// Begins what both decide, the first one first or both at once, and gives what each was answered: that it was done, or
    /// the words it was told instead.
    fn decided(&mut self, allow: [bool; 2], at_once: bool) -> [Result<Receipt, &'static str>; 2] {
        let who = self.reader.bare();
        let mut begun = Vec::new();
        for ((owner, allow), note) in self.owners.iter_mut().zip(allow).zip(["one", "two"]) {
            let (topic, subscriber, words) = (topic(NODE), who.clone(), words(note));
            let request = owner.begin(|request| Command::Decide { request, topic, subscriber, allow, words });
            if !at_once {
                owner.until("an answer", |owner| owner.is_answered(request).then_some(()));
            }
            begun.push(request);
        }
        let mut answers =
            self.owners.iter_mut().zip(begun).map(|(owner, request)| owner.answer(request).map_err(|e| e.say().key));
        [answers.next().unwrap(), answers.next().unwrap()]
    }

    /// How often the reader stands on the broker's own list, by the other client.
    fn listed(&mut self) -> Vec<Value> {
        let answer = self.witness.call("readers", json!({"service": BROKER, "node": NODE}));
        let all = answer["readers"].as_array().unwrap().iter();
        all.filter(|one| one[0] == self.reader.jid.as_str()).map(|one| one[1].clone()).collect()
    }

    /// Both consoles show no request, also after the broker was asked again.
    fn nobody_waits(&mut self) {
        let who = self.reader.bare();
        for owner in &mut self.owners {
            owner.until("no request", |owner| (!waits(owner, &who)).then_some(()));
            let polled = owner.ask(|request| Command::Poll { request });
            assert!(matches!(&polled, Ok(Receipt::Polled(pending)) if pending.is_empty()), "{polled:?}");
            assert_eq!(owner.trouble, None);
        }
    }
}

fn waits(owner: &Console, who: &BareJid) -> bool {
    owner.pending.iter().any(|one| one.topic == topic(NODE) && one.subscriber == *who)
}

/// What two owners decide one after the other the first one did, and the other is told what holds. At one moment this broker
/// may take what both say (it reads the request and writes the decision in two steps, XEP-0060 §8.6 asks for no more): it
/// holds what one of those decided who were told that it was done, once, and who is undone is told.
#[test]
fn two_owners_decide_the_same_request_and_both_know_what_holds() {
    let mut both = Both::start();
    let mut firsts = [0; 2];
    for round in 0..12 {
        let allow = [[true, false], [false, true], [true, true], [false, false]][round % 4];
        // The first four in order, the others at one moment.
        let at_once = round >= 4;
        both.asked();
        let answers = both.decided(allow, at_once);
        let listed = both.listed();
        let reads = !listed.is_empty();
        let what = format!("{allow:?}: {answers:?}, {listed:?}");
        assert!(!reads || listed == [json!("subscribed")], "{what}");
        let done: Vec<usize> = (0..2).filter(|owner| answers[*owner].is_ok()).collect();
        assert!(done.iter().any(|owner| allow[*owner] == reads), "{what}");
        assert!(at_once || done == [0], "{what}");
        for (owner, answer) in answers.iter().enumerate() {
            firsts[owner] += usize::from(done == [owner]);
            match answer {
                Ok(receipt) => assert_eq!(*receipt == Receipt::Approved, allow[owner], "{what}"),
                Err("error-no-effect") => {
                    assert!(at_once && allow[owner] != reads, "{what}");
                    // It may have been too soon to say that nothing waits.
                    let _ = both.owners[owner].ask(|request| Command::Poll { request }).unwrap();
                }
                Err(told) => {
                    assert_eq!(*told, if reads { "error-request-approved" } else { "error-request-gone" }, "{what}");
                }
            }
        }
        both.nobody_waits();
        // Only who decided wrote to the asker.
        for owner in done {
            let note = ["In a sentence: one", "In a sentence: two"][owner];
            let _ = both.peer.event("the words of who decided", says(note));
        }
        let more: Vec<Value> = both.peer.left().into_iter().filter(|event| event["event"] == "words").collect();
        assert_eq!(more, Vec::<Value>::new(), "{what}");
        if reads {
            both.peer("unsubscribe");
        }
    }
    println!("who was alone: {firsts:?}");
}

/// What the asker took back is nothing to decide any more, though a console still shows it.
#[test]
fn a_request_withdrawn_before_the_decision_lets_nobody_in() {
    let mut both = Both::start();
    let who = both.reader.bare();
    let open = vec![gridwatch::model::owned::Answer::new("pubsub#access_model", "open")];
    let _ = both.owners[0].ask(|request| Command::Create { request, topic: topic(AFTER), settings: open }).unwrap();
    both.peer.tell("subscribe", json!({"service": BROKER, "node": AFTER}));
    for allow in [true, false] {
        both.asked();
        both.peer("unsubscribe");
        assert!(both.owners.iter().all(|owner| waits(owner, &who)), "nothing told them");
        let answers = both.decided([allow, allow], false);
        assert_eq!(answers, [Err("error-request-gone"), Err("error-request-gone")]);
        assert_eq!(both.listed(), Vec::<Value>::new());
        both.nobody_waits();
    }
    publish(&mut both.owners[0], NODE, "1");
    nothing_of(&mut both.peer, &mut both.owners[0], NODE, "fence-1");
    // Asked anew, the last word counts: whoever decides now decides about that.
    both.asked();
    both.peer("unsubscribe");
    both.peer("subscribe");
    let _ = both.owners.each_mut().map(|owner| owner.ask(|request| Command::Poll { request }).unwrap());
    assert_eq!(both.owners.each_ref().map(|owner| owner.pending.len()), [1, 1]);
    let [first, second] = both.decided([true, false], false);
    assert_eq!((first, second), (Ok(Receipt::Approved), Err("error-request-approved")));
    assert_eq!(both.listed(), [json!("subscribed")]);
    publish(&mut both.owners[0], NODE, "2");
    let _ = both.peer.event("the next incident", item(NODE, "2"));
}
