//! The window as its user meets it: the true app with every screen, fed with engine events and with keys and clicks, its
//! commands caught. No network, no keychain, and a clock that passes when told to.

mod activity;
pub mod archive;
mod arriving;
mod certificate;
mod composer;
mod connect;
mod connection;
mod day;
mod drafting;
mod feed;
mod frame;
mod keeping;
mod kept;
mod keymap;
mod labels;
mod meeting;
mod owner;
mod pictures;
mod port;
mod publishing;
mod real;
mod saver;
mod stock;
mod topics;
mod tour;
mod viewer;
