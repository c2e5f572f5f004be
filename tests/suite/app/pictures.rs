//! The whole window with each screen in it, drawn to `target/screens/` light and dark at two sizes, to be looked at. A test
//! fails here only if drawing does; what the screens say is tested beside each screen.

use chrono::TimeDelta;
use gridwatch::app::Message;
use gridwatch::engine::{Command, Connection, Error, Event, Receipt};
use gridwatch::model::coverage::{Cause, Gap, Proof, Span, Standing, Stretch};
use gridwatch::model::session::Why;
use gridwatch::model::{Coverage, Keeping, Membership, Restriction, Say, Severity};
use gridwatch::screen::{self, Place, Tab, composer, connect, owner};
use gridwatch::settings::Settings;

use super::composer::{compose, fill, publish};
use crate::support::trust;
use crate::support::window::{Window, deliver, deliver_as, id, now, report, topics};

#[test]
fn topics_with_one_chosen() {
    let mut window = Window::connected(false);
    window.go(Tab::Topics);
    window.say(Message::Topics(screen::topics::Message::Pick(4)));
    window.pictures("topics");
    window.say(Message::Topics(screen::topics::Message::Query("nothing like it".to_owned())));
    window.pictures("topics-none");
}

/// An incident of which a newer, graver report came as an item of its own after the first was read.
#[test]
fn revisions_in_the_feed() {
    let mut window = Window::connected(false);
    let beacons = |words, severity| report("2026-0412", words, Restriction::Amber, severity, "192.0.2.7");
    let scan = report("2026-0413", "Scan for open resolvers", Restriction::Green, Severity::Low, "198.51.100.4");
    let first = beacons("One host beacons to a known command server", Severity::Low);
    deliver(&mut window, &[("MILEHost", &first, 50), ("MILEHost", &scan, 20)]);
    window.say(Message::Feed(screen::feed::Message::Select(1)));
    let second = beacons("Forty hosts beacon to a known command server", Severity::High);
    deliver_as(&mut window, "later", &[("MILEHost", &second, 2)]);
    window.pictures("feed-revisions");
    assert!(window.shows("superseded 1/2") && window.shows("changed 2/2, was Low"), "{:?}", window.texts());
}

/// A topic with its completeness, and the feed with a possible gap at its place.
#[test]
fn gaps_in_the_feed_and_with_their_topic() {
    let mut window = Window::connected(false);
    let documents = [
        report("2026-0412", "Credential phishing against staff", Restriction::Amber, Severity::High, "192.0.2.7"),
        report("2026-0413", "Scan for open resolvers", Restriction::Green, Severity::Low, "198.51.100.4"),
    ];
    let rows: Vec<_> = documents.iter().zip([2, 90]).map(|(text, age)| ("MILEHost", text.as_str(), age)).collect();
    deliver(&mut window, &rows);
    let at = |minutes| now() - TimeDelta::minutes(minutes);
    let span = |from, until| Span::new(at(from), at(until));
    let mut topics = topics();
    let topic = topics.iter_mut().find(|topic| topic.membership == Membership::Subscribed).unwrap();
    topic.headline = Some(true);
    topic.keeping = Keeping { stores: Some(true), most: Some(256), pages: Some(true), bare: Some(true), named: None };
    let coverage = Coverage {
        topic: topic.id.clone(),
        standing: Standing::Live { since: at(20) },
        stretches: [Stretch { span: span(600, 60), proof: Proof::Live }].into(),
        gaps: [
            Gap { span: span(900, 600), cause: Cause::Unsubscribed },
            Gap { span: span(60, 20), cause: Cause::Dropped },
        ]
        .into(),
    };
    window.tell(vec![
        Event::Topics { topics: topics.into(), walked: 8, total: 8, whole: true, complete: true },
        Event::Coverage([coverage].into()),
    ]);
    window.pictures("feed-gap");
    assert!(window.shows("2 possible gaps") && window.shows("incidents may be missing"), "{:?}", window.texts());
    window.go(Tab::Topics);
    window.say(Message::Topics(screen::topics::Message::Pick(3)));
    window.pictures("topics-gap");
}

/// A document beside the feed, by itself, and its sides where there is little room.
#[test]
fn a_document_beside_the_feed() {
    let mut window = Window::connected(false);
    let inside = "<Description xml:lang='en'>Credential phishing against staff of the energy sector</Description>\
        <Assessment><SystemImpact severity='high' completion='succeeded' type='takeover-account'/>\
        <BusinessImpact severity='medium' type='breach-privacy'/><Confidence rating='high'/></Assessment>\
        <Contact role='creator' type='organization'><ContactName>CERT North</ContactName>\
        <Email><EmailTo>duty@cert-north.example</EmailTo></Email>\
        <Contact role='tech' type='person' restriction='red'><ContactName>Nora Lind</ContactName></Contact></Contact>\
        <EventData><Expectation action='block-host'><EndTime>2026-11-21T18:00:00Z</EndTime></Expectation>\
        <Flow><System category='source'><Node><DomainData system-status='fraudulent' domain-status='unknown'>\
        <Name>login.energy-portal.example</Name></DomainData>\
        <Address category='ipv4-addr'>198.51.100.77</Address></Node></System>\
        <System category='target'><Node><Address category='ipv4-net'>192.0.2.0/24</Address></Node></System></Flow></EventData>\
        <History><HistoryItem action='investigate'><DateTime>2026-11-21T15:10:00+01:00</DateTime>\
        <Description>First mail seen</Description></HistoryItem></History>";
    let document = format!(
        "<IODEF-Document xmlns='urn:ietf:params:xml:ns:iodef-2.0' version='2.00' xml:lang='en'>\
         <Incident purpose='reporting' restriction='green' status='open'><IncidentID name='cert-north.example'>2026-0412\
         </IncidentID><StartTime>2026-11-21T13:40:00Z</StartTime><GenerationTime>2026-11-21T15:53:00Z</GenerationTime>\
         {inside}</Incident></IODEF-Document>"
    );
    let other = report("2026-0413", "Scan for open resolvers", Restriction::Green, Severity::Low, "198.51.100.4");
    deliver(&mut window, &[("MILEHost", &document, 2), ("MILEHost", &other, 90)]);
    let side = |side| {
        let side = screen::document::Message::Side(side);
        Message::Incident(screen::incident::Message::Document(side))
    };
    window.run(Message::Feed(screen::feed::Message::Step(1)));
    assert!(window.shows("takeover-account"), "{:?}", window.texts());
    window.pictures("document-summary");
    for (name, shown) in [
        ("observables", screen::document::Side::Observables),
        ("tree", screen::document::Side::Tree),
        ("checks", screen::document::Side::Checks),
        ("export", screen::document::Side::Export),
    ] {
        window.say(side(shown));
        window.pictures(&format!("document-{name}"));
    }
    window.say(side(screen::document::Side::Summary));
    window.say(Message::Incident(screen::incident::Message::Wide));
    assert!(!window.shows("Scan for open resolvers"), "the feed makes room");
    window.pictures("document-wide");
}

#[test]
fn owner_desk() {
    use owner::{Answering, Asking, Message as Desk, New, People, Ruling, Settings as Config};
    let own = |message: Desk| Message::Owner(message);
    let asking = |message: Asking| Message::Owner(Desk::Requests(message));
    let mut window = super::owner::filled();
    window.say(asking(Asking::Pick(1)));
    window.pictures("owner");
    window.say(asking(Asking::DecideSelected(true)));
    window.say(asking(Asking::Sheet(Answering::Domain("paypal.example".to_owned()))));
    window.pictures("owner-approve");
    window.say(asking(Asking::Sheet(Answering::Close)));
    window.say(asking(Asking::Pick(0)));
    window.say(asking(Asking::DecideSelected(false)));
    window.say(asking(Asking::Sheet(Answering::Words("Not your constituency: please ask CERT Blue".to_owned()))));
    window.pictures("owner-deny");
    window.say(asking(Asking::Sheet(Answering::Go)));
    window.say(asking(Asking::Pick(3)));
    window.say(asking(Asking::Mark));
    window.say(asking(Asking::Pick(4)));
    window.say(asking(Asking::Mark));
    window.say(asking(Asking::Pick(0)));
    window.pictures("owner-held");
    window.say(own(Desk::Rules(Ruling::Open)));
    window.say(own(Desk::Rules(Ruling::Who("csirt-b.example".to_owned()))));
    window.pictures("owner-rules");
    window.say(own(Desk::Rules(Ruling::Close)));
    window.say(own(Desk::Side(owner::Side::Expiring)));
    window.say(own(Desk::Expiring(owner::Ends::Pick(0))));
    window.pictures("owner-expiring");
    window.say(own(Desk::Side(owner::Side::Requests)));
    window.tell(vec![Event::Requests { pending: [].into(), polled: Some(now()), trouble: None }]);
    window.pass(2);
    window.pictures("owner-empty");
    let mut window = super::owner::people::page(super::owner::people::many());
    window.say(own(Desk::Members(People::Pick(1))));
    window.pictures("owner-members");
    window.say(own(Desk::Members(People::Revoke)));
    window.pictures("owner-revoke");
    window.say(own(Desk::Members(People::Sheet(owner::Person::Close))));
    window.say(own(Desk::Members(People::Invite)));
    let list = "soc@csirt-d.example\nfeed@csirt-d.example, publisher\nno address\n";
    window.say(own(Desk::Members(People::Taken(Ok(list.into())))));
    window.pictures("owner-invite");
    let mut window = super::owner::people::page(super::owner::people::crowd(10_000));
    window.say(own(Desk::Members(People::Pick(3))));
    window.pictures("owner-members-many");
    let window = super::owner::topics::saved();
    window.pictures("owner-kept");
    let mut window = super::owner::ends::ending();
    window.say(own(Desk::Side(owner::Side::Expiring)));
    window.pictures("owner-ends");
    super::owner::ends::doubted().pictures("owner-clock");
    super::owner::ends::disowning().pictures("owner-disown");
    super::owner::rules::left().pictures("owner-rules-left");
    let mut window = super::owner::filled();
    for message in [Asking::MarkAll, Asking::ApproveKnown] {
        window.say(asking(message));
    }
    window.say(asking(Asking::Sheet(Answering::Domain("blue.example freehost.example".to_owned()))));
    window.pictures("owner-bulk");
    window.say(asking(Asking::Sheet(Answering::Close)));
    for message in [Asking::Unmark, Asking::ApproveKnown, Asking::Pick(3)] {
        window.say(asking(message));
    }
    window.pictures("owner-bulk-held");
    let mut window = super::owner::topics::configured();
    for (var, value) in [("pubsub#max_items", "5000"), ("pubsub#access_model", "open")] {
        window.say(own(Desk::Config(Config::Set(var.to_owned(), vec![value.to_owned()]))));
    }
    window.pictures("owner-config");
    window.say(own(Desk::Config(Config::Review)));
    window.pictures("owner-review");
    let stock = gridwatch::model::owned::Stock { subscribers: 31, pending: 2, owners: 1, items: Some(214) };
    let receipt = gridwatch::engine::Receipt::Stock(stock);
    let window = super::owner::topics::page("5", receipt);
    window.pictures("owner-danger");
    let mut window = Window::connected(false);
    window.go(Tab::Owner);
    window.say(own(Desk::Create(New::Open)));
    window.say(own(Desk::Create(New::Node("ot-incidents".to_owned()))));
    window.pictures("owner-create");
    super::owner::topics::left_open().0.pictures("owner-left-open");
}

/// The composer's pages: begun, half done, with a thousand values, what is found and who reads it, pasted, held.
#[test]
fn composer_half_done_and_held() {
    use composer::{Message as M, Paste, Side};
    use iced_test::core::text::editor::{Action, Edit};
    let mut window = Window::connected(true);
    window.go(Tab::Compose);
    window.pictures("compose-begin");
    compose(&mut window, M::Begin(1));
    window.pictures("compose-template");
    compose(&mut window, M::Close);
    fill(&mut window);
    compose(&mut window, M::Look(0));
    compose(&mut window, M::Paste(Paste::Open));
    let list: String = (0..1_000).map(|n| format!("198.51.{}.{}\n", n / 250, n % 250)).collect();
    let some =
        "10.0.0.4 and hxxp://kit[.]example/owa from login.ex\u{0430}mple.com\n198.51.100.7 twice: 198.51.100.7\n";
    let typed = |text: &str| M::Paste(Paste::Write(Action::Edit(Edit::Paste(std::sync::Arc::new(text.to_owned())))));
    compose(&mut window, typed(some));
    window.pictures("compose-paste");
    compose(&mut window, typed(&list));
    compose(&mut window, M::Paste(Paste::Enter));
    window.pictures("compose-thousand");
    compose(&mut window, M::Look(0));
    window.pictures("compose-essentials");
    compose(&mut window, M::AddHere);
    compose(&mut window, M::Query("re".to_owned()));
    window.pictures("compose-add");
    compose(&mut window, M::Pick(None));
    compose(&mut window, M::Side(Side::Audience));
    window.pictures("compose-audience");
    let words = composer_words(&window);
    compose(
        &mut window,
        M::Write(words, Action::Edit(Edit::Paste(std::sync::Arc::new("Call +49 30 1234567 ".to_owned())))),
    );
    compose(&mut window, M::Check);
    compose(&mut window, M::Side(Side::Findings));
    compose(&mut window, M::Finding(0));
    window.pictures("compose-findings");
    compose(&mut window, M::Side(Side::Version));
    compose(&mut window, M::Version(gridwatch::model::Tlp::Green));
    window.pictures("compose-version");
    compose(&mut window, M::Side(Side::Source));
    publish(&mut window);
    window.pictures("compose-held");
    compose(&mut window, M::Unhold);
    compose(&mut window, M::Close);
    window.pictures("compose-drafts");
}

/// What reports begin with, a template of one's own, and a draft beside its version and as others see it.
#[test]
fn composer_at_hand_and_for_others() {
    use composer::stock::Act;
    use composer::{Message as M, Side};
    use gridwatch::compose::cards::Field;
    let mut window = Window::connected(false);
    window.go(Tab::Compose);
    compose(&mut window, M::Stock(Act::Open));
    window.pictures("compose-yours-new");
    for (label, name, email) in [
        ("duty", "CSIRT of Example", "duty@csirt.example"),
        ("night", "Night shift, CSIRT of Example", "night@csirt.example"),
        ("legal", "Legal department", "legal@csirt.example"),
    ] {
        compose(&mut window, M::Stock(Act::NewCard));
        for (field, words) in [(Field::Label, label), (Field::Name, name), (Field::Email, email)] {
            compose(&mut window, M::Stock(Act::Write(field, words.to_owned())));
        }
        compose(&mut window, M::Stock(Act::KeepCard));
    }
    compose(&mut window, M::Stock(Act::Say(Field::Restriction, "amber".to_owned())));
    compose(&mut window, M::Stock(Act::Say(Field::Lang, "en".to_owned())));
    compose(&mut window, M::Stock(Act::KeepOrganisation));
    compose(&mut window, M::Stock(Act::NewCard));
    compose(&mut window, M::Stock(Act::Write(Field::Email, "nobody".to_owned())));
    window.pictures("compose-yours");
    compose(&mut window, M::Stock(Act::Close));
    fill(&mut window);
    let incident = super::composer::element(&window, &["Incident"]);
    let more = "<DetectTime>2026-11-21T10:00:00Z</DetectTime><EventData restriction=\"red\"><Description>Seen by a source we \
        protect</Description><Flow><System category=\"target\"><Node><DomainData system-status=\"unknown\" \
        domain-status=\"unknown\"><Name>mail.bank.example</Name></DomainData></Node></System></Flow></EventData>";
    let act = gridwatch::compose::draft::Act::Xml { parent: incident, text: more.to_owned() };
    compose(&mut window, M::Act(act));
    super::composer::set(&mut window, &["Incident"], "restriction", "green");
    let time = super::composer::element(&window, &["Incident", "DetectTime"]);
    compose(&mut window, M::Reveal(time));
    let spot = gridwatch::compose::draft::Spot::text(time);
    compose(&mut window, M::When(spot, "21.11.2026 16:05 +0530".to_owned()));
    window.pictures("compose-time");
    compose(&mut window, M::Stock(Act::Choose(None)));
    window.pictures("compose-card");
    compose(&mut window, M::Pick(None));
    let contact = super::composer::element(&window, &["Incident", "Contact"]);
    compose(&mut window, M::Reveal(contact));
    window.pictures("compose-contact");
    compose(&mut window, M::Side(Side::Version));
    window.pictures("compose-compare-none");
    compose(&mut window, M::Version(gridwatch::model::Tlp::Green));
    compose(&mut window, M::Removed(1));
    window.pictures("compose-compare");
    compose(&mut window, M::Side(Side::Reader));
    window.pictures("compose-reader");
    compose(&mut window, M::Side(Side::Source));
    compose(&mut window, M::Stock(Act::Ask));
    window.pictures("compose-template-sheet");
    compose(&mut window, M::Stock(Act::KeepTemplate));
    compose(&mut window, M::Discard);
    window.pictures("compose-begin-own");
}

/// The outbox with a parcel in each state, what comes after a report, and topics that get other versions.
#[test]
fn outbox_and_what_comes_after() {
    use composer::{After, Course, Message as M};
    let mut window = Window::connected(false);
    window.go(Tab::Compose);
    for outcome in ["published", "refused", "unsure", "waiting"] {
        fill(&mut window);
        publish(&mut window);
        if outcome == "waiting" {
            continue;
        }
        window.let_pass(10);
        let Some(Command::Publish { request, item, .. }) = window.commands().pop() else { panic!("{outcome}") };
        let say = Say::new("error-pubsub-payload-too-big");
        let result = match outcome {
            "published" => Ok(Receipt::Published(item)),
            "refused" => Err(Error::Refused { say, condition: "not-acceptable/payload-too-big".to_owned() }),
            _ => Err(Error::Timeout { what: "publishing" }),
        };
        window.tell(vec![Event::Done { request, result }]);
        compose(&mut window, M::Close);
    }
    window.pictures("compose-held-foot");
    compose(&mut window, M::ShowOutbox);
    window.pictures("compose-outbox");
    let ours = report("2026-8", "Scan for open resolvers", Restriction::Amber, Severity::Low, "198.51.100.4");
    let ours = ours.replace("name=\"cert-north.example\"", "name=\"csirt.example\"");
    deliver(&mut window, &[("MILEHost", &ours, 3)]);
    window.run(Message::Compose(M::After(After::Row(0))));
    window.pictures("compose-after");
    compose(&mut window, M::After(After::Choose(Course::Retract)));
    window.pictures("compose-after-retract");
    compose(&mut window, M::After(After::Close));
    fill(&mut window);
    super::composer::set(&mut window, &["Incident"], "restriction", "green");
    super::composer::set(&mut window, &["Incident", "EventData"], "restriction", "red");
    compose(&mut window, M::Topic(id("my-desk")));
    compose(&mut window, M::VersionFor(id("MILEHost"), Some(gridwatch::model::Tlp::Green)));
    window.pictures("compose-versions");
    compose(&mut window, M::Pick(Some(composer::For::Version(id("MILEHost")))));
    window.pictures("compose-versions-choose");
}

/// Where what happened is written.
fn composer_words(window: &Window) -> gridwatch::compose::draft::Spot {
    let document = window.app.desk().unwrap().document();
    let words = document.root().descendants().find(|element| element.is("Description")).unwrap();
    gridwatch::compose::draft::Spot::text(words.id())
}

#[test]
fn connect_form_and_steps_and_failure() {
    let mut window = Window::fresh(settings());
    window.say(Message::Go(Place::Connect));
    window.say(Message::Connect(connect::Message::More(true)));
    window.say(Message::Connect(connect::Message::Connect));
    window.pictures("connect");
    let mut window = Window::connected(false);
    window.say(Message::Go(Place::Connect));
    let say = Say::new("error-cert-wrong-host").with("presented", "mail.example").with("wanted", "csirt.example");
    let cause = Error::Session { say, cause: "certificate not valid for name".to_owned(), retry: false };
    window.tell(vec![Event::Connection(Connection::Stopped { cause })]);
    window.pictures("connect-refused");
}

fn settings() -> Settings {
    let mut settings = Settings::default();
    for (name, jid) in [("CSIRT", "analyst@csirt.example"), ("National grid", "desk@grid.example")] {
        assert!(settings.put(gridwatch::settings::Profile::new(name, jid.parse().unwrap())));
    }
    settings
}

#[test]
fn settings_page_and_help() {
    let mut window = Window::connected(false);
    window.go(Tab::Settings);
    window.pictures("settings");
    window.say(Message::Open(gridwatch::app::Sheet::Help));
    window.pictures("help");
}

#[test]
fn the_feed_of_the_practice_grid_and_a_lost_connection() {
    let mut window = Window::connected(true);
    let documents = [
        report("2026-0412", "Credential phishing against staff", Restriction::Amber, Severity::High, "192.0.2.7"),
        report("2026-0413", "Scan for open resolvers", Restriction::Green, Severity::Low, "198.51.100.4\n198.51.100.9"),
        report("2026-0414", "Command and control of a botnet", Restriction::Red, Severity::Medium, "kit.example"),
    ];
    let rows: Vec<_> = documents.iter().zip([2, 9, 64]).map(|(text, age)| ("MILEHost", text.as_str(), age)).collect();
    deliver(&mut window, &rows);
    window.say(Message::Feed(gridwatch::screen::feed::Message::Step(1)));
    window.pictures("feed-practice");
    let cause = crate::support::unreachable("csirt.example:5222");
    let retry_in = std::time::Duration::from_secs(12);
    window.tell(vec![Event::Connection(Connection::Waiting { retry_in, cause })]);
    window.pictures("feed-waiting");
}

#[test]
fn the_form_with_everything_in_it() {
    let mut window = Window::fresh(settings());
    window.say(Message::Go(Place::Connect));
    for (field, text) in [
        (connect::Field::Jid, "analyst@csirt.example"),
        (connect::Field::Host, "xmpp2.csirt.example"),
        (connect::Field::ProxyHost, "proxy.csirt.example"),
        (connect::Field::ProxyPort, "1080"),
        (connect::Field::CaFile, "/etc/ssl/national-grid-ca.pem"),
        (connect::Field::Crls, "/etc/ssl/national-grid.crl"),
        (connect::Field::Certificate, "/home/analyst/analyst.p12"),
    ] {
        window.say(Message::Connect(connect::Message::Edit(field, text.to_owned())));
    }
    for message in [
        connect::Message::Proxy(Some(gridwatch::model::ProxyKind::Socks5)),
        connect::Message::Revocation(gridwatch::model::Revocation::Require),
        connect::Message::More(true),
    ] {
        window.say(Message::Connect(message));
    }
    window.picture("connect-whole", 1280.0, 1560.0);
}

#[test]
fn the_connection_panel_strong_weak_and_without_a_session() {
    let mut window = Window::connected(false);
    window.tell(vec![Event::Connection(trust::online(trust::facts()))]);
    window.know(trust::known());
    window.say(Message::Go(Place::Connection));
    window.pictures("connection");
    window.picture("connection-whole", 1280.0, 1900.0);
    window.tell(vec![Event::Connection(trust::online(trust::weak()))]);
    window.pictures("connection-weak");
}

#[test]
fn the_question_about_each_kind_of_refused_certificate() {
    for (name, refused) in [
        ("certificate-changed", trust::changed()),
        ("certificate-faulty", trust::faulty()),
        ("certificate-unvouched", trust::unvouched()),
        ("certificate-revoked", trust::revoked()),
        ("certificate-unseen", trust::refused(Why::Unseen)),
        ("certificate-not-pinned", trust::refused(Why::NotPinned(vec![trust::print(5), trust::print(6)]))),
    ] {
        let mut window = Window::connected(false);
        window.know(trust::known());
        window.tell(vec![Event::Connection(trust::online(trust::facts())), trust::stopped(refused)]);
        window.say(Message::Go(Place::Connection));
        if name == "certificate-faulty" {
            window.pictures("connection-stopped");
        }
        window.click("Look at the certificate…");
        window.pictures(name);
    }
}
