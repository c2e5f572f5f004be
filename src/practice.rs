//! The practice grid: a controller and a broker inside this process, with the real client stack between.
//!
//! May use `model`, `iodef`, `xmpp`, `secrets`; only `app`, `cli`, `main` and tests may use it.

mod answer;
pub mod broker;
pub mod documents;
mod form;
mod random;
mod reports;
pub mod stage;
mod stories;
mod traps;
pub mod world;
