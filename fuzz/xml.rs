//! Feeds made-up bytes to the XML gate and holds what it makes of them against rxml. `fuzz/run xml`; a crash becomes a
//! row of `tests/suite/hostile_xml.rs`.

#![no_main]
// The oracle is test code.
#![allow(clippy::panic, clippy::indexing_slicing)]

#[path = "../tests/suite/hostile_xml/oracle.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| oracle::judge(bytes));
