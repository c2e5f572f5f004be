//! Feeds made-up JSON to what reads, checks and writes it. `fuzz/run json`; a crash becomes a seed in `corpus/json`.

#![no_main]
// The judge is test code.
#![allow(clippy::panic, clippy::unwrap_used, dead_code)]

#[path = "../tests/suite/fuzzed/examined.rs"]
mod examined;
#[path = "../tests/suite/fuzzed/json.rs"]
mod judge;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judge::judge(bytes));
