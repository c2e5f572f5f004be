//! No incident lost: consoles behind wires that fail at random, and a real ejabberd that is killed under them, while a
//! provider publishes. At the end what each console holds is what was published, once each (`engine.md` §7).
//!
//! The schedule comes from a seed, which a failure prints: `GRIDWATCH_FAULT_SEED` repeats it as far as the machine's
//! timing allows, `GRIDWATCH_FAULTS` makes it longer (a soak).

mod lane;
mod provider;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use gridwatch::practice::random::Random;

use crate::support::ejabberd::{Ejabberd, Keeper, Keeps};
use crate::support::server::{Account, Port, Server as _};

use lane::{Lane, Orders};
use provider::Provider;

/// Consoles at the same time, each behind a wire of its own.
const LANES: u32 = 4;
/// Faults of the wires in all.
const FAULTS: u32 = 1_000;
/// Items published for each fault.
const ITEMS: usize = 4;
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
    // Of a server that forgets what it confirmed when it is killed, nobody can tell what is missing.
    let mut server = Ejabberd::start_with("", Keeper::Sqlite);
    let mut provider = Provider::new(&server);
    let orders = Arc::new(Orders::default());
    let lanes: Vec<Lane> = (0..LANES)
        .map(|number| {
            let account = account(number);
            provider.register(&server, &account);
            Lane::new(&account, server.port(Port::StartTls), server.ca_file(), provider.published(), random.draw())
        })
        .collect();
    // What is set up is written down: a server killed too early would come back without it.
    server.stop();
    server.again(Keeps::All);
    provider.back(&server);
    let lanes: Vec<_> = lanes
        .into_iter()
        .map(|mut lane| {
            let orders = Arc::clone(&orders);
            std::thread::spawn(move || {
                lane.suffer(faults / LANES, &orders);
                lane.finish(&orders);
            })
        })
        .collect();

    // The provider publishes until every lane has had its share; between, the server ends now and then.
    let (mut ends, each) = (0, faults / (ENDS + 1));
    while (ends < ENDS || orders.struck() < faults / LANES * LANES) && !lanes.iter().any(JoinHandle::is_finished) {
        // The wires do not run ahead of the server's ends.
        orders.allow(if ends < ENDS { each * (ends + 1) + each / 2 } else { faults });
        if provider.count() < ITEMS * (orders.struck() as usize + 10) {
            provider.publish(&mut random);
        } else {
            std::thread::sleep(Duration::from_millis(5));
        }
        if ends < ENDS && orders.struck() >= each * (ends + 1) {
            ends += 1;
            let end = End::of(ends, &mut random);
            match end {
                End::InOrder => server.stop(),
                // In the middle of its work.
                End::Killed => std::thread::scope(|scope| {
                    let _ = scope.spawn(|| server.kill());
                    provider.publish_until_gone(&mut random);
                }),
                End::Lost => {
                    orders.leave();
                    while orders.gone() < LANES && !lanes.iter().any(JoinHandle::is_finished) {
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    provider.publish_in_vain(&mut random, 20);
                    server.kill();
                }
            }
            server.again(if end == End::Lost { Keeps::Nothing } else { Keeps::All });
            for number in 0..LANES {
                provider.register(&server, &account(number));
            }
            provider.back(&server);
            orders.come_back();
            println!("the server came again, {end:?}; {} published so far", provider.count());
        }
    }
    println!("{} published through {} faults and {ends} ends of the server", provider.count(), orders.struck());
    println!("{} lost by the server late, published again", provider.settle());
    orders.stop();
    for lane in lanes {
        if let Err(panic) = lane.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

fn account(number: u32) -> Account {
    Ejabberd::account(&format!("console{number}"))
}

/// How the server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    InOrder,
    Killed,
    /// And its store with it.
    Lost,
}

impl End {
    fn of(number: u32, random: &mut Random) -> Self {
        match (number, random.below(3)) {
            (2, _) => Self::Lost,
            (_, 0) => Self::InOrder,
            _ => Self::Killed,
        }
    }
}
