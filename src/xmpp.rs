//! XMPP as an XMPP-Grid needs it: RFC 6120 client streams and the XEPs RFC 8600 builds on.
//!
//! May use `model` and `secrets`. No window, no store.

pub mod dial;
pub mod login;
pub mod sasl;
pub mod stream;
pub mod tls;
pub mod xml;
