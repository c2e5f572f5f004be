//! What must hold for any stanza whatever: everything that reads one takes it or refuses it, in bounded size, and what
//! was read and is written again reads the same. Shared by the tests and by the fuzzer (`fuzz/stanza.rs`).

use chrono::DateTime;
use gridwatch::iodef;
use gridwatch::model::{BareJid, ItemId, TopicId};
use gridwatch::xmpp::command::Step;
use gridwatch::xmpp::disco::{Info, Items};
use gridwatch::xmpp::form::Form;
use gridwatch::xmpp::pubsub::authorize::{self, Asked};
use gridwatch::xmpp::pubsub::event::{self, Entry, Event};
use gridwatch::xmpp::pubsub::headers::Headers;
use gridwatch::xmpp::pubsub::{Item, answer, meta, options, owner};
use gridwatch::xmpp::rsm::{At, Page, Query};
use gridwatch::xmpp::stanza::{Iq, Message, Sorted, sort};
use gridwatch::xmpp::xml::{El, Frame, Gate, Limits, Stanza, Writer, document};
use gridwatch::xmpp::{delay, stanza};

const HEADER: &[u8] = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

/// Reads `bytes` as what follows a stream's header, by everything that reads stanzas.
///
/// # Panics
/// When something does not hold.
pub fn judge(bytes: &[u8]) {
    for stanza in stanzas(bytes) {
        match sort(stanza.root()) {
            Ok(Sorted::Message(message)) => self::message(&message, &stanza),
            Ok(Sorted::Iq(iq)) => self::iq(&iq),
            Ok(_) | Err(_) => {}
        }
        let error = stanza::Error::of(stanza.root());
        let _ = (error.say(), error.describe());
    }
}

/// The stanzas up to the first fault.
fn stanzas(bytes: &[u8]) -> Vec<Stanza> {
    let mut gate = Gate::new(Limits::PEER);
    gate.push(HEADER);
    gate.push(bytes);
    let mut stanzas = Vec::new();
    while let Ok(Some(frame)) = gate.next() {
        if let Frame::Stanza(stanza) = frame {
            stanzas.push(stanza);
        }
    }
    stanzas
}

fn message(message: &Message<'_>, stanza: &Stanza) {
    let now = DateTime::UNIX_EPOCH;
    let own: BareJid = "grid.example".parse().unwrap();
    if let Some(stamp) = delay::stamp(stanza.root(), &own, &own, now) {
        assert!(stamp.at <= now, "a delay of the future: {stamp:?}");
    }
    for event in event::read(message) {
        assert!(event.node().is_none_or(TopicId::is_node), "{event:?}");
        if let Event::Items { entries, .. } = event {
            for entry in entries {
                match entry {
                    Entry::Item(item) => self::item(&item),
                    Entry::Retract(id) => assert!(id.0.len() <= ItemId::MAX && !id.0.is_empty()),
                    Entry::Unreadable => {}
                }
            }
        }
    }
    let _ = Headers::read(message);
    if let Some(asked) = Asked::read(message) {
        let mut w = Writer::new();
        asked.write_decision(&mut w, true);
        assert!(w.finish().is_ok(), "what came over the wire can be sent back");
    }
    form(message.child("jabber:x:data", "x"));
}

fn item(item: &Item) {
    assert!(item.id.0.len() <= ItemId::MAX && !item.id.0.is_empty());
    if let Some(payload) = &item.payload {
        assert!(payload.bytes.starts_with(b"<") && payload.bytes.ends_with(b">"));
        let _ = iodef::summarise(&payload.bytes, &payload.scope);
    }
}

fn iq(iq: &Iq<'_>) {
    let payload = iq.payload();
    let _ = iq.error();
    let _ = (answer::subscription(payload), answer::subscriptions(payload), answer::affiliations(payload));
    let _ = (answer::published(payload), answer::created(payload));
    let _ = (owner::subscriptions(payload), owner::affiliations(payload));
    if let Some((items, page)) = answer::items(payload) {
        items.entries.iter().for_each(item);
        if let Some(page) = page {
            pages(&page);
        }
    }
    for read in [owner::config(payload), options::form(payload)].into_iter().flatten() {
        rewrite(&read);
        let _ = (options::filled(&read), options::delivers(&read), read.answer(&[("a", "b")]));
    }
    let Some(payload) = payload else { return };
    if let Some(page) = Page::inside(payload) {
        pages(&page);
    }
    if let Some(info) = Info::read(payload) {
        let _ = authorize::has_get_pending(&info);
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "n".to_owned() };
        let _ = meta::describe(topic, &info);
    }
    if let Some(items) = Items::read(payload) {
        assert!(items.entries.iter().all(|entry| entry.node.as_deref().is_none_or(|node| !node.is_empty())));
    }
    if let Some(step) = Step::read(payload) {
        let _ = authorize::pending_nodes(&step);
    }
    form(payload.child("jabber:x:data", "x"));
}

/// A page is followed only where it leads on.
fn pages(page: &Page) {
    for at in [At::Start, At::After("a".to_owned()), At::Before(String::new())] {
        let asked = Query { max: 10, at };
        if let Some(next) = page.next(&asked) {
            assert_ne!(next.at, asked.at);
            assert_eq!(page.next(&next), None, "the same page again is no progress");
        }
    }
}

fn form(x: Option<El<'_>>) {
    if let Some(Ok(form)) = x.map(Form::read) {
        rewrite(&form);
    }
}

/// What is written of a form reads as the form.
fn rewrite(form: &Form) {
    let mut w = Writer::new();
    form.write(&mut w);
    let bytes = w.finish().unwrap();
    let again = document(&bytes, &gridwatch::xmpp::xml::Rules::PAYLOAD).unwrap();
    assert_eq!(Form::read(again.root()).as_ref(), Ok(form), "{}", String::from_utf8_lossy(&bytes));
}
