//! Feeds made-up addresses to what reads them. `fuzz/run jid`; a crash becomes a seed in `corpus/jid`.

#![no_main]
// The judge is test code.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../tests/suite/fuzzed/jid.rs"]
mod judge;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judge::judge(bytes));
