//! What several test modules need: children of this very binary, programs to install, certificates, waiting, and the
//! other side of a session: a scripted controller, a real server, an independent client.

pub mod between;
pub mod broker;
pub mod child;
pub mod console;
pub mod controller;
pub mod ejabberd;
pub mod files;
pub mod gateway;
#[allow(dead_code)] // A bench uses the rest.
pub mod glass;
pub mod handed;
pub mod harbour;
pub mod independent;
pub mod judges;
pub mod names;
pub mod peer;
pub mod pki;
pub mod prosody;
pub mod proxy;
pub mod report;
pub mod screen;
pub mod sealed;
pub mod server;
pub mod shared;
pub mod sm;
pub mod tools;
pub mod trust;
pub mod wait;
pub mod window;

/// A controller that refuses connections, as the engine tells it.
pub fn unreachable(target: &str) -> gridwatch::engine::Error {
    use gridwatch::xmpp::{dial, login};
    login::Error::from(dial::Error::Link { target: target.to_owned(), why: dial::Cause::Refused }).into()
}
