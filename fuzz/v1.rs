//! Feeds made-up documents of version 1 to what makes them version 2. `fuzz/run v1`; a crash becomes a seed in `corpus/v1`.

#![no_main]
// The judge is test code.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, dead_code)]

#[path = "../tests/suite/fuzzed/examined.rs"]
mod examined;
#[path = "../tests/suite/fuzzed/iodef.rs"]
mod iodef;
#[path = "../tests/suite/fuzzed/v1.rs"]
mod judge;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judge::judge(bytes));
