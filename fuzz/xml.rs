//! Feeds made-up bytes to the XML gate and holds what it makes of them against rxml. Runs on stable Rust:
//!
//! ```sh
//! cd fuzz && RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
//!   -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
//!   -Cllvm-args=-sanitizer-coverage-trace-compares" \
//!   cargo run --release --target x86_64-unknown-linux-gnu --bin xml -- -max_len=65536 -timeout=2 -rss_limit_mb=512
//! ```
//!
//! A crash becomes a row of `tests/suite/hostile_xml.rs`.

#![no_main]
// The oracle is test code.
#![allow(clippy::panic, clippy::indexing_slicing)]

#[path = "../tests/suite/hostile_xml/oracle.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| oracle::judge(bytes));
