//! Plain words of the field: addresses, topics, incidents, times, messages for a person.
//!
//! Uses nothing of this crate; everything else may use it.

pub mod coverage;
mod exception;
pub mod incident;
pub mod jid;
pub mod owned;
mod reserved;
pub mod say;
pub mod session;
pub mod survey;
pub mod time;
pub mod tls;
pub mod topic;
pub mod trust;
pub mod typed;

pub use coverage::{Coverage, Guarantee};
pub use incident::{Ask, Facets, Kind, Observable, ObservableKind, Restriction, Severity, Summary, Tlp};
pub use jid::{BareJid, Jid};
pub use reserved::Reserved;
pub use say::{Say, grouped};
pub use time::Stamp;
pub use tls::Tls;
pub use topic::{Access, Affiliation, ItemId, Keeping, Membership, PayloadType, Topic, TopicId};
pub use trust::{Exception, Fingerprint, Floor, Known, Learned, Pin, Proxy, ProxyKind, Revocation};
pub use typed::Typed;
