//! XMPP as an XMPP-Grid needs it: RFC 6120 client streams and the XEPs RFC 8600 builds on.
//!
//! May use `model` and `secrets`. No window, no store.

pub mod command;
pub mod delay;
pub mod dial;
pub mod disco;
pub mod form;
pub mod http;
pub mod iq;
pub mod last;
pub mod login;
pub mod mam;
pub mod ping;
pub mod pubsub;
pub mod rsm;
pub mod sasl;
pub mod sm;
pub mod stanza;
pub mod stream;
pub mod tls;
pub mod trace;
pub mod version;
pub mod xml;
