//! No incident lost: consoles behind wires that fail at random, and a real ejabberd that is killed under them, while a
//! provider publishes. At the end what each console holds is what was published, once each (`engine.md` §7).
//!
//! The schedule comes from a seed, which a failure prints: `GRIDWATCH_FAULT_SEED` repeats it as far as the machine's
//! timing allows, `GRIDWATCH_FAULTS` makes it longer (a soak).

mod lane;
mod provider;

use std::sync::Arc;

use gridwatch::practice::random::Random;

use crate::support::ejabberd::{Ejabberd, Keeps};
use crate::support::server::{Port, Server as _};

use lane::{Lane, Orders};
use provider::Provider;

/// Consoles at the same time, each behind a wire of its own.
const LANES: u32 = 4;
/// Faults of the wires in all.
const FAULTS: u32 = 100;
/// How often the server ends meanwhile.
const ENDS: u32 = 6;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} wants a number: {value}")))
}

#[test]
fn what_is_published_through_a_thousand_faults_is_received_once_each() {
    let seed = number("GRIDWATCH_FAULT_SEED").unwrap_or_else(|| getrandom::u64().unwrap());
    let faults = number("GRIDWATCH_FAULTS").map_or(FAULTS, |faults| u32::try_from(faults).unwrap());
    println!("GRIDWATCH_FAULT_SEED={seed} GRIDWATCH_FAULTS={faults}");
    let mut random = Random::new(seed);
    let mut server = Ejabberd::start();
    let mut provider = Provider::new(&server);
    let orders = Arc::new(Orders::default());
    let lanes: Vec<_> = (0..LANES)
        .map(|number| {
            let account = Ejabberd::account(&format!("console{number}"));
            provider.register(&server, &account);
            let (port, authority) = (server.port(Port::StartTls), server.ca_file());
            let (orders, published) = (Arc::clone(&orders), provider.published());
            let (seed, share) = (random.draw(), faults / LANES);
            std::thread::Builder::new()
                .name(account.jid.clone())
                .spawn(move || {
                    let mut lane = Lane::new(&account, port, authority, published, seed);
                    lane.suffer(share, &orders);
                    lane.finish(&orders);
                })
                .unwrap()
        })
        .collect();

    let mut ends = 0;
    // The provider publishes until every lane has had its share; between, the server ends now and then.
    while orders.struck() < faults / LANES * LANES && !lanes.iter().any(std::thread::JoinHandle::is_finished) {
        provider.publish(&mut random);
        let due = faults / (ENDS + 1) * (ends + 1);
        if ends < ENDS && orders.struck() >= due {
            ends += 1;
            match random.below(3) {
                0 => {
                    server.stop();
                    server.again(Keeps::All);
                    provider.back(&server);
                }
                _ => {
                    // In the middle of its work.
                    std::thread::scope(|scope| {
                        let _ = scope.spawn(|| server.kill());
                        provider.publish_until_gone(&mut random);
                    });
                    server.again(Keeps::All);
                    provider.back(&server);
                }
            }
            println!("the server ended and came again, {} published so far", provider.count());
        }
    }
    println!("{} published through {} faults and {ends} ends of the server", provider.count(), orders.struck());
    orders.stop();
    for lane in lanes {
        if let Err(panic) = lane.join() {
            std::panic::resume_unwind(panic);
        }
    }
}
