//! Feeds made-up documents to what reads, edits and compares them. `fuzz/run iodef`; a crash becomes a seed in `corpus/iodef`.

#![no_main]
// The judge is test code.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, dead_code)]

#[path = "../tests/suite/fuzzed/examined.rs"]
mod examined;
#[path = "../tests/suite/fuzzed/iodef.rs"]
mod judge;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judge::judge(bytes));
