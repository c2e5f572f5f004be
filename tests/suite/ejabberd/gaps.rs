//! Whether a real broker's store reaches back to what we had: then everything is here, else the gap is told.

use gridwatch::model::coverage::{Cause, Proof};

use super::away::{leave, subscribed, world};
use super::*;

#[test]
fn what_a_full_topic_dropped_while_we_were_away_is_a_gap() {
    let (server, mut owner, analyst) = world(json!({"notification": "headline", "most": 5}));
    let mut console = subscribed(&server, &analyst);
    for number in 1..=3 {
        owner.publish(NODE, &number.to_string(), "Seen");
    }
    let _ = console.until_rows(3);
    assert!(console.until_level(&topic()).is_empty());
    let before = Utc::now();
    leave(&mut console);
    for number in 4..=20 {
        owner.publish(NODE, &number.to_string(), "Missed");
    }
    let after = Utc::now();
    console.connect(server.console(&analyst, Tls::StartTls));
    let _ = console.until_rows(8);
    let gaps = console.until_level(&topic());
    let [gap] = gaps[..] else { panic!("{gaps:?}") };
    assert_eq!(gap.cause, Cause::Dropped);
    assert!(gap.span.from <= before && gap.span.until >= after, "{gap:?} {before} {after}");
    assert_eq!(console.store.len(), 8);
}

#[test]
fn what_the_broker_still_holds_is_complete() {
    let (server, mut owner, analyst) = world(json!({"notification": "headline", "most": 100}));
    let mut console = subscribed(&server, &analyst);
    owner.publish(NODE, "1", "Seen");
    let _ = console.until_rows(1);
    for round in 0..2 {
        leave(&mut console);
        for number in 0..10 {
            owner.publish(NODE, &format!("{round}-{number}"), "Missed");
        }
        console.connect(server.console(&analyst, Tls::StartTls));
        let _ = console.until_rows(1 + 10 * (round + 1));
        let gaps = console.until_level(&topic());
        assert!(gaps.is_empty(), "{gaps:?}");
    }
    let coverage = console.covered(&topic()).unwrap();
    assert!(coverage.stretches.iter().any(|stretch| stretch.proof == Proof::Swept), "{coverage:?}");
}
