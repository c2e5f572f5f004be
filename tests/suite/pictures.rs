//! The whole window with each screen in it, drawn to `target/screens/` light and dark at two sizes, to be looked at. A test
//! fails here only if drawing does; what the screens say is tested beside each screen.

use chrono::TimeDelta;

use gridwatch::app::{App, Message};
use gridwatch::engine::{Connection, Error, Event};
use gridwatch::model::{Restriction, Say, Severity};
use gridwatch::screen::{Place, Tab, approvals, composer, connect, topics};
use gridwatch::settings::Settings;

use crate::support::window::{self, deliver, id, now, pictures, report, request, tell};

fn connected(practice: bool) -> App {
    let (mut app, _) = window::app(Settings::default(), practice);
    tell(
        &mut app,
        vec![
            Event::Connection(window::connected()),
            Event::Topics { topics: window::topics().into(), walked: 8, total: 8 },
            Event::Requests {
                pending: vec![request("soc@blue.example", 184), request("feed@p\u{430}ypal.example", 5)].into(),
                polled: Some(now() - TimeDelta::seconds(12)),
                trouble: None,
            },
        ],
    );
    app
}

fn go(app: &mut App, tab: Tab) {
    let _ = app.update(Message::Go(Place::Tab(tab)));
}

#[test]
fn topics_with_one_chosen() {
    let mut app = connected(false);
    go(&mut app, Tab::Topics);
    let _ = app.update(Message::Topics(topics::Message::Pick(4)));
    pictures("topics", || app.view());
    let _ = app.update(Message::Topics(topics::Message::Query("nothing like it".to_owned())));
    pictures("topics-none", || app.view());
}

#[test]
fn owner_desk() {
    let mut app = connected(false);
    go(&mut app, Tab::Owner);
    let _ = app.update(Message::Owner(approvals::Message::Step(1)));
    let _ = app.update(Message::Owner(approvals::Message::DecideSelected(true)));
    pictures("owner", || app.view());
    tell(&mut app, vec![Event::Requests { pending: [].into(), polled: Some(now()), trouble: None }]);
    pictures("owner-empty", || app.view());
}

#[test]
fn composer_half_done_and_held() {
    let mut app = connected(true);
    go(&mut app, Tab::Compose);
    pictures("compose-begun", || app.view());
    fill(&mut app);
    pictures("compose", || app.view());
    let _ = app.update(Message::Compose(composer::Message::Publish));
    pictures("compose-held", || app.view());
}

fn fill(app: &mut App) {
    use composer::{Line, Message as M};
    use iced_test::core::text::editor::{Action, Edit};
    let paste = |text: &str| Action::Edit(Edit::Paste(std::sync::Arc::new(text.to_owned())));
    for message in [
        M::Topic(id("MILEHost")),
        M::Edit(Line::ContactName, "CSIRT duty desk".to_owned()),
        M::Edit(Line::ContactEmail, "duty@csirt.example".to_owned()),
        M::Severity(Severity::High),
        M::Restriction(Restriction::Amber),
        M::Description(paste(
            "Credential phishing against staff of several universities\nThe kit posts to the hosts below.",
        )),
        M::Addresses(paste("192[.]0[.]2[.]7\n198.51.100.0/24\nhxxps://login.example/owa\nkit.example\nAS64500")),
    ] {
        let _ = app.update(Message::Compose(message));
    }
}

#[test]
fn connect_form_and_steps_and_failure() {
    let mut app = App::new(window::env(), settings());
    let _ = app.update(Message::Go(Place::Connect));
    let _ = app.update(Message::Connect(connect::Message::More(true)));
    let _ = app.update(Message::Connect(connect::Message::Connect));
    pictures("connect", || app.view());
    let mut app = connected(false);
    let _ = app.update(Message::Go(Place::Connect));
    let say = Say::new("error-cert-wrong-host").with("presented", "mail.example").with("wanted", "csirt.example");
    let cause = Error::Session { say, cause: "certificate not valid for name".to_owned(), retry: false };
    tell(&mut app, vec![Event::Connection(Connection::Stopped { cause })]);
    pictures("connect-refused", || app.view());
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
    let mut app = connected(false);
    go(&mut app, Tab::Settings);
    pictures("settings", || app.view());
    let _ = app.update(Message::Help(true));
    pictures("help", || app.view());
}

#[test]
fn the_feed_of_the_practice_grid_and_a_lost_connection() {
    let mut app = connected(true);
    let documents = [
        report("2026-0412", "Credential phishing against staff", Restriction::Amber, Severity::High, "192.0.2.7"),
        report("2026-0413", "Scan for open resolvers", Restriction::Green, Severity::Low, "198.51.100.4\n198.51.100.9"),
        report("2026-0414", "Command and control of a botnet", Restriction::Red, Severity::Medium, "kit.example"),
    ];
    let rows: Vec<_> = documents.iter().zip([2, 9, 64]).map(|(text, age)| ("MILEHost", text.as_str(), age)).collect();
    deliver(&mut app, &rows);
    let _ = app.update(Message::Feed(gridwatch::screen::feed::Message::Step(1)));
    pictures("feed-practice", || app.view());
    let cause = Error::Unreachable { target: "csirt.example:5222".to_owned(), cause: "connection refused".to_owned() };
    let retry_in = std::time::Duration::from_secs(12);
    tell(&mut app, vec![Event::Connection(Connection::Waiting { retry_in, cause })]);
    pictures("feed-waiting", || app.view());
}
