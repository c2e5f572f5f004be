//! Feeds the words of a login to both of its sides. `fuzz/run sasl`; a crash becomes a seed in `corpus/sasl`.

#![no_main]
// The judge is test code.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../tests/suite/fuzzed/sasl.rs"]
mod judge;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judge::judge(bytes));
