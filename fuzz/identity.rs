//! Feeds made-up files to the loader of client certificates. `fuzz/run identity`; a crash becomes a seed in `corpus/identity`.

#![no_main]
// The judge is test code.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../tests/suite/fuzzed/identity.rs"]
mod judge;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judge::judge(bytes));
