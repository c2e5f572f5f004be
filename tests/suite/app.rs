//! The window as its user meets it: the true app with every screen, fed with engine events and with keys and clicks, its
//! commands caught. No network, no keychain, and a clock that passes when told to.

mod composer;
mod connect;
mod frame;
mod owner;
mod pictures;
mod saver;
mod topics;
mod tour;
mod viewer;
