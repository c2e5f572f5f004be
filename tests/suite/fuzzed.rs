//! The fuzz targets' judges (`fuzz/run`) over their seeds and a few thousand changes of them, so that each keeps
//! compiling and holding between the long runs; and every input that ever broke one.

pub mod examined;
pub mod identity;
pub mod iodef;
pub mod jid;
pub mod json;
pub mod sasl;
pub mod stanza;
pub mod v1;

use std::fs;
use std::path::Path;

use gridwatch::practice::random::Random;

use crate::hostile_xml::oracle;
use crate::support::pki::Authority;

/// Changes of each seed.
const CHANGES: u32 = 400;

#[test]
fn every_target_stands_its_seeds_and_what_comes_of_changing_them() {
    type Judge = fn(&[u8]);
    let targets = [
        ("xml", oracle::judge as Judge),
        ("stanza", stanza::judge),
        ("jid", jid::judge),
        ("iodef", iodef::judge),
        ("v1", v1::judge),
        ("json", json::judge),
        ("sasl", sasl::judge),
    ];
    for (target, judge) in targets {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
        let mut seeds: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
        seeds.sort();
        assert!(!seeds.is_empty(), "{}: no seeds", dir.display());
        let seeds: Vec<Vec<u8>> = seeds.iter().map(|path| fs::read(path).unwrap()).collect();
        feed(judge, &seeds);
    }
    // Keys are no seeds to keep in a repository.
    let identity = Authority::new("authority of the test").issue(&["analyst"], |_| {}).pem().into_bytes();
    feed(identity::judge, &[identity]);
}

fn feed(judge: fn(&[u8]), seeds: &[Vec<u8>]) {
    let mut random = Random::new(1);
    for seed in seeds {
        judge(seed);
        for _ in 0..CHANGES {
            let other = &seeds[random.below(u32::try_from(seeds.len()).unwrap()) as usize];
            judge(&changed(seed, other, &mut random));
        }
    }
}

/// A seed with one to four changes: bytes replaced, taken out, doubled, or a stretch of another seed put in.
fn changed(seed: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    let place = |len: usize, random: &mut Random| random.below(u32::try_from(len + 1).unwrap()) as usize;
    for _ in 0..random.between(1, 4) {
        let (a, b) = (place(bytes.len(), random), place(bytes.len(), random));
        let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 64));
        match random.below(5) {
            0 if from < bytes.len() => bytes[from] = random.bytes::<1>()[0],
            1 => drop(bytes.drain(from..to)),
            2 => {
                let copy = bytes[from..to].to_vec();
                drop(bytes.splice(from..from, copy));
            }
            3 => bytes.truncate(to),
            _ => {
                let (c, d) = (place(other.len(), random), place(other.len(), random));
                drop(bytes.splice(from..to, other[c.min(d)..c.max(d)].iter().copied()));
            }
        }
    }
    bytes
}
