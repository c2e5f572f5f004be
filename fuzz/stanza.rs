//! Feeds made-up stanzas to everything that reads one. `fuzz/run stanza`; a crash becomes a seed in `corpus/stanza`.

#![no_main]
// The judge is test code.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../tests/suite/fuzzed/stanza.rs"]
mod judge;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judge::judge(bytes));
