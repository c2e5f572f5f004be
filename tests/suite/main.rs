//! The one integration-test binary.

// All of it is test code: clippy's allow-*-in-tests knows only functions marked #[test], not their helpers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

mod acts;
mod alerts;
mod app;
mod architecture;
mod archive;
mod archive_damage;
mod archive_disk;
mod archive_kill;
mod asked;
mod check;
mod cli;
mod compose;
mod desk;
mod dial;
mod diff;
mod ejabberd;
mod engine;
mod export;
mod faults;
mod frozen;
mod fuzzed;
mod handover;
mod hostile_stanzas;
mod hostile_xml;
mod identity;
mod iodef;
mod iodef_edit;
mod iodef_observables;
mod iodef_tree;
mod iodef_v1;
mod iodef_view;
mod keychain;
mod login;
mod owned;
mod port;
mod practice;
mod practice_broker;
mod practice_engine;
mod practice_world;
mod prosody;
mod retention;
mod sasl;
mod schema;
mod screens;
mod settings;
mod stage;
mod store;
mod support;
mod text;
mod tls;
mod virtual_list;
mod window;
