//! What an account has known before, and the server's proof of its offer (`engine.md` §6 rows 13-15, XEP-0474).

use std::sync::Arc;

use chrono::Utc;
use gridwatch::engine::{Command, Connection, Options};
use gridwatch::model::{Floor, Known, Learned};
use gridwatch::xmpp::sasl;
use gridwatch::xmpp::tls::Policy;

use super::{Leak, PROFILES, assert_leak, meet_by};
use crate::support::broker::{CUT, Grid};
use crate::support::console::Console;
use crate::support::controller::login::{Profiles, Script};
use crate::support::controller::meeting::Client;
use crate::support::controller::{Fault, PASSWORD};

fn knowing(floor: Option<Floor>) -> Client {
    let known = Arc::new(Known { floor, ..Known::default() });
    Client { policy: Policy { known, ..Policy::default() }, ..Client::default() }
}

fn floor(mechanism: &str, binding: Option<&str>, offer_proved: bool) -> Option<Floor> {
    let binding = binding.map(str::to_owned);
    Some(Floor { mechanism: mechanism.to_owned(), binding, offer_proved, since: Utc::now() })
}

const UNBOUND: &[&str] = &["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"];
const ALL: &[&str] = &["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"];
const EXPORTER: Option<&str> = Some("tls-exporter");

#[tokio::test]
async fn a_weaker_offer_is_refused_before_anything_is_said() {
    let end_point: Option<&'static [&'static str]> = Some(&["tls-server-end-point"]);
    let kinds: Option<&'static [&'static str]> = Some(&["tls-exporter", "tls-server-end-point"]);
    let rows = [
        (&["SCRAM-SHA-1"][..], None, floor("SCRAM-SHA-256", None, false), "SCRAM-SHA-256"),
        (
            &["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"],
            kinds,
            floor("SCRAM-SHA-256-PLUS", EXPORTER, false),
            "SCRAM-SHA-256-PLUS",
        ),
        (UNBOUND, None, floor("SCRAM-SHA-256-PLUS", EXPORTER, false), "SCRAM-SHA-256-PLUS"),
        (UNBOUND, kinds, floor("SCRAM-SHA-1-PLUS", Some("tls-server-end-point"), false), "SCRAM-SHA-1-PLUS"),
        (ALL, None, floor("SCRAM-SHA-256-PLUS", EXPORTER, false), "tls-exporter"),
        (ALL, Some(&["tls-unique"]), floor("SCRAM-SHA-256-PLUS", EXPORTER, false), "tls-exporter"),
        (ALL, end_point, floor("SCRAM-SHA-256-PLUS", EXPORTER, false), "tls-exporter"),
    ];
    for (mechanisms, kinds, floor, expected) in rows {
        for profiles in PROFILES {
            let script = Script { profiles, mechanisms, kinds, ..Script::default() };
            let met = meet_by(script, knowing(floor.clone())).await;
            assert_leak(&met, Leak::Nothing, expected);
            let error = met.result.unwrap_err();
            let gridwatch::xmpp::login::Error::Sasl(sasl::Error::Weaker { missing, .. }) = &error else {
                panic!("{mechanisms:?}: {error}")
            };
            assert_eq!(missing, expected, "{mechanisms:?} {kinds:?}");
            assert!(!error.retries());
            assert_eq!(error.say().key, "error-sasl-weaker");
        }
    }
}

/// Without a floor the flag is what stands against a -PLUS cut off on the way: the server sees `y` and refuses.
#[tokio::test]
async fn a_stripped_plus_is_found_by_the_server_even_at_the_first_login() {
    for profiles in PROFILES {
        let truth = Some((ALL, Some(&["tls-exporter"][..])));
        let script = Script { profiles, mechanisms: UNBOUND, truth, ..Script::default() };
        let met = meet_by(script, Client::default()).await;
        assert_leak(&met, Leak::First, "stripped");
        assert_eq!(met.result.unwrap_err(), sasl::Error::Refused { condition: "not-authorized".to_owned() }.into());
    }
}

#[tokio::test]
async fn what_was_strongest_is_learned_and_only_ever_rises() {
    let learn = |script: Script, floor: Option<Floor>| async move {
        let met = meet_by(script, knowing(floor)).await;
        met.result.unwrap().learned
    };
    let floor_of = |mechanism: &str, binding: Option<&str>, offer_proved| Learned::Floor {
        mechanism: mechanism.to_owned(),
        binding: binding.map(str::to_owned),
        offer_proved,
    };
    for profiles in PROFILES {
        let old = Script { profiles, mechanisms: &["SCRAM-SHA-1", "SCRAM-SHA-256"], kinds: None, ..Script::default() };
        assert!(learn(old, None).await.contains(&floor_of("SCRAM-SHA-256", None, false)));
        let known = floor("SCRAM-SHA-256", None, false);
        let floors = |learned: Vec<Learned>| {
            learned.into_iter().filter(|learned| matches!(learned, Learned::Floor { .. })).collect::<Vec<_>>()
        };
        assert!(floors(learn(old, known.clone()).await).is_empty());
        // The server is upgraded: more hashes, bindings, a proof of its offer.
        let new = Script { profiles, proving: true, ..Script::default() };
        let best = floor_of("SCRAM-SHA-512-PLUS", EXPORTER, true);
        assert_eq!(floors(learn(new, known).await), [best]);
        assert!(floors(learn(new, floor("SCRAM-SHA-512-PLUS", EXPORTER, true)).await).is_empty());
    }
}

/// Through the engine: what the first session taught holds when the second finds another controller in its place.
#[test]
fn a_console_that_comes_back_to_a_weaker_controller_stops_there() {
    let mut console = Console::start(Options::default());
    let weak = Script { mechanisms: &["SCRAM-SHA-1", "PLAIN"], kinds: None, ..Script::default() };
    let grid = Grid::start(&console, &[Fault::None, Fault::Sasl(weak)], PASSWORD, true);
    console.connect(grid.login.clone());
    assert_eq!(console.until_online().authentication.mechanism, "SCRAM-SHA-512-PLUS");
    assert!(console.learned.iter().any(|learned| matches!(learned, Learned::Floor { .. })), "{:?}", console.learned);
    grid.say(CUT);
    console.until("the loss", |console| matches!(console.connection, Connection::Waiting { .. }).then_some(()));
    console.send(Command::RetryNow);
    let say = console.until_stopped().say();
    assert_eq!(say.key, "error-sasl-weaker");
    let known = ("known", "SCRAM-SHA-512-PLUS (tls-exporter)".to_owned());
    assert!(say.args.contains(&known), "{say:?}");
}

#[tokio::test]
async fn an_offer_changed_on_the_way_is_found_by_the_servers_proof_of_it() {
    let kinds: Option<&'static [&'static str]> = Some(&["tls-exporter", "tls-server-end-point"]);
    // Told, and true: a hash taken out, a binding taken out, one put in, mechanisms put in.
    let rows: [(&'static [&'static str], _, (&'static [&'static str], _)); 4] = [
        (&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], kinds, (ALL, kinds)),
        (ALL, Some(&["tls-server-end-point"]), (ALL, kinds)),
        (ALL, kinds, (ALL, Some(&["tls-exporter"]))),
        (UNBOUND, None, (&["SCRAM-SHA-256"], None)),
    ];
    for (mechanisms, kinds, truth) in rows {
        for profiles in PROFILES {
            let script = Script { profiles, mechanisms, kinds, truth: Some(truth), proving: true, ..Script::default() };
            let met = meet_by(script, Client::default()).await;
            assert_leak(&met, Leak::First, "changed offer");
            let error = met.result.unwrap_err();
            assert_eq!(error, sasl::Error::OfferChanged.into(), "{mechanisms:?} {kinds:?}");
            assert!(!error.retries());
        }
    }
}

#[tokio::test]
async fn a_proof_of_the_offer_is_noted_and_then_demanded() {
    for profiles in [Profiles::Classic, Profiles::Sasl2, Profiles::Both] {
        let proving = Script { profiles, proving: true, ..Script::default() };
        let facts = meet_by(proving, Client::default()).await.result.unwrap();
        assert!(facts.authentication.downgrade_checked, "{profiles:?}");
        assert_eq!(facts.authentication.iterations, Some(4096));
        let silent = Script { proving: false, ..proving };
        let facts = meet_by(silent, Client::default()).await.result.unwrap();
        assert!(!facts.authentication.downgrade_checked);
        let met = meet_by(silent, knowing(floor("SCRAM-SHA-512-PLUS", EXPORTER, true))).await;
        assert_leak(&met, Leak::First, "unproved");
        assert_eq!(met.result.unwrap_err(), sasl::Error::OfferUnproved.into());
    }
}

/// XEP-0474 §7, rule 6: bindings are listed, none is ours, and the one every server has is missing.
#[tokio::test]
async fn a_list_of_bindings_that_no_server_would_send_needs_a_proof() {
    for profiles in PROFILES {
        let odd = Script { profiles, kinds: Some(&["tls-unique", "x-unheard-of"]), ..Script::default() };
        let met = meet_by(odd, Client::default()).await;
        assert_leak(&met, Leak::First, "odd list");
        assert_eq!(met.result.unwrap_err(), sasl::Error::OfferUnproved.into());
        let proved = meet_by(Script { proving: true, ..odd }, Client::default()).await.result.unwrap();
        assert_eq!(proved.authentication.binding, None);
        assert!(proved.authentication.downgrade_checked);
    }
}
