//! An owner's acts on the practice grid, each seen from the other side: topics made and set up, rights taken away with
//! proof, words beside decisions, requests that others decide or withdraw.

use std::sync::Arc;

use gridwatch::engine::{Command, Error, Receipt, Revoked};
use gridwatch::model::owned::{Act, Answer, Came, Created, Saved, Settings, Stock, Words};
use gridwatch::model::{Access, Affiliation, BareJid, Membership, TopicId};
use gridwatch::owner::template::{Naming, Template};
use gridwatch::practice::{Grid, Role};

use crate::practice_engine::{grid, online, topic, until_asked};
use crate::support::console::Console;

fn words(note: &str) -> Option<Words> {
    Some(Words { note: note.to_owned(), body: format!("In a sentence: {note}"), until: None })
}

fn settings(console: &mut Console, topic: &TopicId) -> Arc<Settings> {
    match console.ask(|request| Command::Settings { request, topic: topic.clone() }) {
        Ok(Receipt::Settings(settings)) => settings,
        other => panic!("{other:?}"),
    }
}

fn create(console: &mut Console, topic: &TopicId, settings: Vec<Answer>) -> Saved {
    match console.ask(|request| Command::Create { request, topic: topic.clone(), settings }) {
        Ok(Receipt::Created(created)) => match &*created {
            Created::Whole(saved) => saved.clone(),
            Created::Bare { why } => panic!("{why:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn revoke(console: &mut Console, topic: &TopicId, who: &[BareJid], to: Affiliation) -> Arc<Revoked> {
    let (topic, accounts, words) = (topic.clone(), who.to_vec(), words("left the community"));
    match console.ask(|request| Command::Revoke { request, topic, accounts, to, words }) {
        Ok(Receipt::Revoked(revoked)) => revoked,
        other => panic!("{other:?}"),
    }
}

fn stock(console: &mut Console, topic: &TopicId) -> Stock {
    match console.ask(|request| Command::Stock { request, topic: topic.clone() }) {
        Ok(Receipt::Stock(stock)) => stock,
        other => panic!("{other:?}"),
    }
}

fn poll(console: &mut Console) -> usize {
    match console.ask(|request| Command::Poll { request }) {
        Ok(Receipt::Polled(pending)) => pending.len(),
        other => panic!("{other:?}"),
    }
}

fn condition(error: &Error) -> &'static str {
    error.say().key
}

#[test]
fn a_topic_is_made_from_a_template_and_what_the_broker_keeps_is_told() {
    let grid = grid();
    let mut owner = online(&grid, Role::Owner);
    let made = topic("new-feed");
    let default = match owner.ask(|request| Command::Defaults { request, broker: grid.broker() }) {
        Ok(Receipt::Settings(settings)) => settings,
        other => panic!("{other:?}"),
    };
    let naming = Naming { title: "New feed".to_owned(), whitelist: true, ..Naming::default() };
    let wishes = Template::Incidents.settings(&naming, Some(&default));
    let saved = create(&mut owner, &made, wishes.clone());
    let came: Vec<_> = saved.fates.iter().map(|fate| (fate.var.as_str(), fate.came)).collect();
    // It gives `max` as a number.
    let others = came.iter().filter(|(var, _)| *var != "pubsub#max_items");
    assert!(others.clone().count() > 8 && others.clone().all(|(_, came)| *came == Came::Kept), "{came:?}");
    assert!(came.contains(&("pubsub#max_items", Came::Changed)));
    // It is on the list, mine, and as it was wished.
    let listed = owner.until("the new topic", |owner| {
        owner
            .topic(&made)
            .filter(|topic| topic.affiliation == Affiliation::Owner && topic.access != Access::Unsaid)
            .cloned()
    });
    assert_eq!((listed.access, listed.title.as_deref()), (Access::Whitelist, Some("New feed")));
    // A second of its name is refused, and the first stays as it is.
    let again = owner.ask(|request| Command::Create { request, topic: made.clone(), settings: Vec::new() });
    assert!(matches!(&again, Err(Error::Refused { .. })), "{again:?}");

    let changes = vec![
        Answer::new("pubsub#title", "Renamed"),
        Answer::new("practice#contact", "csirt@practice.invalid"),
        Answer::new("pubsub#max_items", "1000000"),
        Answer::new("pubsub#persist_items", "0"),
        Answer::new("vendor#unheard", "1"),
    ];
    let before = settings(&mut owner, &made);
    let saved = match owner.ask(|request| Command::Configure {
        request,
        topic: made.clone(),
        changes,
        reason: String::new(),
    }) {
        Ok(Receipt::Configured(saved)) => saved,
        other => panic!("{other:?}"),
    };
    let came: Vec<Came> = saved.fates.iter().map(|fate| fate.came).collect();
    // The most it keeps is what it keeps already.
    assert_eq!(came, [Came::Kept, Came::Kept, Came::Ignored, Came::Ignored, Came::Unknown]);
    assert_eq!(saved.settings.value("pubsub#access_model"), before.value("pubsub#access_model"));
    assert_eq!(saved.settings.value("practice#contact"), Some("csirt@practice.invalid"));
    owner.until("the new title", |owner| {
        owner.topic(&made).filter(|topic| topic.title.as_deref() == Some("Renamed")).map(drop)
    });
}

#[test]
fn what_would_be_lost_is_counted_and_what_is_deleted_is_gone() {
    let grid = grid();
    let mut owner = online(&grid, Role::Owner);
    let mut analyst = online(&grid, Role::Analyst);
    let id = topic("MILEHost");
    let there = stock(&mut owner, &id);
    assert_eq!(there.items, Some(grid.stored("MILEHost").len() as u32));
    assert!(there.subscribers > 0 && there.owners == 1, "{there:?}");
    assert_eq!(owner.ask(|request| Command::Purge { request, topic: id.clone() }).unwrap(), Receipt::Purged);
    assert_eq!(stock(&mut owner, &id), Stock { items: Some(0), ..there });
    // Not mine: the broker says no to an analyst.
    let foreign = analyst.ask(|request| Command::Delete { request, topic: id.clone(), redirect: None });
    assert!(matches!(&foreign, Err(Error::Refused { .. })), "{foreign:?}");
    let redirect = Some("xmpp:broker.practice.invalid?;node=new".to_owned());
    let gone = owner.ask(|request| Command::Delete { request, topic: id.clone(), redirect });
    assert_eq!(gone.unwrap(), Receipt::Deleted);
    owner.until("the list without it", |owner| owner.topic(&id).is_none().then_some(()));
    let _ = analyst.until_notice("notice-topic-moved");
}

#[test]
fn who_is_revoked_reads_no_more_and_is_told_why() {
    let grid = grid();
    let (mut analyst, mut owner) = (online(&grid, Role::Analyst), online(&grid, Role::Owner));
    let (id, who) = (topic("MILEHost"), grid.account(Role::Analyst).jid);
    let _ = analyst.until_membership(&id, Membership::Subscribed);
    let revoked = revoke(&mut owner, &id, std::slice::from_ref(&who), Affiliation::Outcast);
    assert!(revoked.proven(), "{revoked:?}");
    assert_eq!((revoked.proofs[0].had.len(), &revoked.proofs[0].is), (1, &Affiliation::Outcast));
    assert_eq!(revoked.members.affiliation(&who), &Affiliation::Outcast);
    let said = analyst.until("the reason", |analyst| analyst.said.first().cloned());
    assert_eq!((said.act, said.note.as_str(), said.owner), (Act::Revoked, "left the community", true));
    let listed = analyst.until_membership(&id, Membership::None);
    assert_eq!(listed.said.map(|said| said.act), Some(Act::Revoked));
    // An owner cannot be put out who is the last one, not even by a bulk act, and nothing else of it is done.
    let me = grid.account(Role::Owner).jid;
    let accounts = vec![me.clone(), grid.account(Role::Publisher).jid];
    let last = owner.ask(|request| Command::Revoke {
        request,
        topic: id.clone(),
        accounts,
        to: Affiliation::None,
        words: None,
    });
    assert_eq!(last.as_ref().map_err(condition), Err("error-last-owner"));
    let changes = vec![(me, Affiliation::Publisher)];
    let last = owner.ask(|request| Command::Affiliate { request, topic: id.clone(), changes });
    assert_eq!(last.as_ref().map_err(condition), Err("error-last-owner"));
    // Nor is somebody's wish to own it an owner: the broker may refuse that half.
    let changes = vec![
        (grid.account(Role::Owner).jid, Affiliation::None),
        (grid.account(Role::Publisher).jid, Affiliation::Owner),
    ];
    let last = owner.ask(|request| Command::Affiliate { request, topic: id.clone(), changes });
    assert_eq!(last.as_ref().map_err(condition), Err("error-last-owner"));
    assert!(stock(&mut owner, &id).owners == 1);
}

fn ask(console: &mut Console, id: &TopicId, note: &str) -> Result<Receipt, Error> {
    let (topic, words) = (id.clone(), words(note));
    console.ask(|request| Command::Subscribe { request, topic, words })
}

fn decide(console: &mut Console, id: &TopicId, who: &BareJid, allow: bool, note: &str) -> Result<Receipt, Error> {
    let (topic, subscriber, words) = (id.clone(), who.clone(), words(note));
    console.ask(|request| Command::Decide { request, topic, subscriber, allow, words })
}

#[test]
fn words_go_both_ways_and_the_reason_is_at_the_topic() {
    let grid = grid();
    let (mut analyst, mut owner) = (online(&grid, Role::Analyst), online(&grid, Role::Owner));
    let (id, who) = (topic("phishing-watch"), grid.account(Role::Analyst).jid);
    assert_eq!(ask(&mut analyst, &id, "SOC of Blue, MoU 14").unwrap(), Receipt::Asked);
    owner.until("the words of who asks", |owner| {
        let asked = owner.pending.iter().find(|asked| asked.topic == id && asked.subscriber == who)?;
        asked.said.as_ref().filter(|said| said.note == "SOC of Blue, MoU 14" && said.act == Act::Asks).map(drop)
    });
    let (to, words) = (who.clone(), words("Which team?").unwrap());
    let told = owner.ask(|request| Command::Tell { request, topic: id.clone(), to, act: Act::Question, words });
    assert_eq!(told.unwrap(), Receipt::Told);
    analyst.until("the question", |analyst| analyst.said.iter().find(|said| said.act == Act::Question).map(drop));
    assert_eq!(decide(&mut owner, &id, &who, false, "wrong constituency").unwrap(), Receipt::Denied);
    let _ = analyst.until_membership(&id, Membership::Denied);
    analyst.until("the reason", |analyst| {
        let said = analyst.topic(&id)?.said.clone()?;
        (said.act == Act::Denied && said.note == "wrong constituency" && said.owner).then_some(())
    });
    let notice = analyst.until_notice("notice-said-denied");
    assert!(notice.args.contains(&("note", "wrong constituency".to_owned())));
    // Nobody is there: that is said, too.
    let nobody: BareJid = "nobody@practice.invalid".parse().unwrap();
    let words = Words { note: String::new(), body: "?".to_owned(), until: None };
    let lost = owner.ask(|request| Command::Tell { request, topic: id.clone(), to: nobody, act: Act::Question, words });
    assert!(matches!(&lost, Err(Error::Refused { .. })), "{lost:?}");
}

#[test]
fn the_people_of_the_practice_grid_say_why_they_ask_and_answer() {
    let grid = grid();
    let mut analyst = online(&grid, Role::Analyst);
    let note = |analyst: &Console, who: &str| {
        let asked = analyst.pending.iter().find(|asked| asked.subscriber.to_string() == who)?;
        asked.said.as_ref().map(|said| said.note.clone())
    };
    let _ = analyst.until("words beside a request", |analyst| {
        note(analyst, "soc@csirt-b.example").filter(|note| note.starts_with("SOC of CSIRT-B."))
    });
    assert_eq!((analyst.pending.len(), note(&analyst, "feed@unlisted.example")), (2, None), "not everybody says why");
    let (topic_id, to) = (topic("my-desk"), "feed@unlisted.example".parse().unwrap());
    let words_of = words("Who are you?").unwrap();
    let told =
        analyst.ask(|request| Command::Tell { request, topic: topic_id, to, act: Act::Question, words: words_of });
    assert_eq!(told.unwrap(), Receipt::Told);
    let _ = analyst.until("the answer", |analyst| note(analyst, "feed@unlisted.example"));
    // The owner who is not there says what was decided, and until when it holds.
    let id = topic("phishing-watch");
    assert_eq!(ask(&mut analyst, &id, "SOC of Blue").unwrap(), Receipt::Asked);
    grid.tick();
    analyst.until("the owner's words", |analyst| {
        let said = analyst.said.iter().find(|said| said.topic == id)?;
        (said.act == Act::Approved && said.owner && said.until.is_some()).then_some(())
    });
}

#[test]
fn words_of_strangers_change_nothing() {
    let grid = grid();
    let (mut analyst, mut outsider) = (online(&grid, Role::Analyst), online(&grid, Role::Outsider));
    let who = grid.account(Role::Analyst).jid;
    let id = topic("MILEHost");
    for act in [Act::Approved, Act::Denied, Act::Revoked, Act::Question] {
        let (topic, to, words) = (id.clone(), who.clone(), words("believe me").unwrap());
        let told = outsider.ask(|request| Command::Tell { request, topic, to, act, words });
        assert_eq!(told.unwrap(), Receipt::Told);
    }
    let _ = analyst.until_notice("notice-said-strange");
    assert!(analyst.said.is_empty() && analyst.topic(&id).unwrap().said.is_none());
    assert_eq!(analyst.topic(&id).unwrap().membership, Membership::Subscribed);
}

/// Makes the analyst a second owner of a topic of the owner's.
fn second(grid: &Grid, owner: &mut Console, id: &TopicId, role: Role) -> Console {
    let changes = vec![(grid.account(role).jid, Affiliation::Owner)];
    let done = owner.ask(|request| Command::Affiliate { request, topic: id.clone(), changes });
    assert!(matches!(&done, Ok(Receipt::Changed { refused, .. }) if refused.is_empty()), "{done:?}");
    online(grid, role)
}

#[test]
fn two_owners_decide_once() {
    let grid = grid();
    let id = topic("phishing-watch");
    let mut owner = online(&grid, Role::Owner);
    let mut other = second(&grid, &mut owner, &id, Role::Publisher);
    let mut analyst = online(&grid, Role::Analyst);
    let who = grid.account(Role::Analyst).jid;
    for (first, later, key) in [(true, false, "error-request-approved"), (false, true, "error-request-gone")] {
        if analyst.topic(&id).unwrap().membership == Membership::Subscribed {
            let _ = analyst.unsubscribe(&id).unwrap();
        }
        assert_eq!(ask(&mut analyst, &id, "both of you").unwrap(), Receipt::Asked);
        until_asked(&mut owner, &id, &analyst);
        until_asked(&mut other, &id, &analyst);
        assert!(decide(&mut owner, &id, &who, first, "one").is_ok());
        let late = decide(&mut other, &id, &who, later, "two");
        assert_eq!(late.as_ref().map_err(condition), Err(key));
        other.until("no request", |other| other.pending.is_empty().then_some(()));
        let _ = analyst.until_membership(&id, if first { Membership::Subscribed } else { Membership::Denied });
        analyst.until("the one reason", |analyst| {
            analyst.topic(&id)?.said.as_ref().filter(|said| said.note == "one").map(drop)
        });
        assert!(analyst.said.iter().all(|said| said.note == "one"), "who was late says nothing");
    }
}

#[test]
fn what_another_owner_settled_or_the_asker_withdrew_goes_with_the_next_poll() {
    let grid = grid();
    let id = topic("phishing-watch");
    let mut owner = online(&grid, Role::Owner);
    let (mut analyst, mut outsider) = (online(&grid, Role::Analyst), online(&grid, Role::Outsider));
    assert_eq!(analyst.subscribe(&id).unwrap(), Receipt::Asked);
    assert_eq!(outsider.subscribe(&id).unwrap(), Receipt::Asked);
    until_asked(&mut owner, &id, &analyst);
    until_asked(&mut owner, &id, &outsider);
    assert_eq!(poll(&mut owner), 2, "what is pushed and what is fetched is one");
    assert_eq!(analyst.unsubscribe(&id).unwrap(), Receipt::Unsubscribed);
    assert_eq!(poll(&mut owner), 1);
    owner.until("one request", |owner| (owner.pending.len() == 1).then_some(()));
    let late = decide(&mut owner, &id, &grid.account(Role::Analyst).jid, true, "too late");
    assert_eq!(late.as_ref().map_err(condition), Err("error-nothing-waits"));
}
