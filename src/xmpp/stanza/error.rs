//! Stanza errors (RFC 6120 §8.3) with the conditions of XEP-0060 beside them.
//!
//! Servers put application conditions before or after the defined one, and invent conditions: nothing of that makes
//! an error unreadable.

use super::CLIENT_NS;
use crate::model::Say;
use crate::xmpp::pubsub::Reason;
use crate::xmpp::xml::{El, Writer};

pub const STANZAS_NS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
/// The application conditions of XEP-0060.
pub const PUBSUB_ERRORS_NS: &str = "http://jabber.org/protocol/pubsub#errors";

/// What the sender may do about it (RFC 6120 §8.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    Auth,
    Cancel,
    Continue,
    Modify,
    Wait,
    /// Missing or unknown.
    Unsaid,
}

impl ErrorKind {
    fn token(self) -> Option<&'static str> {
        Some(match self {
            Self::Auth => "auth",
            Self::Cancel => "cancel",
            Self::Continue => "continue",
            Self::Modify => "modify",
            Self::Wait => "wait",
            Self::Unsaid => return None,
        })
    }

    fn from_token(token: Option<&str>) -> Self {
        let all = [Self::Auth, Self::Cancel, Self::Continue, Self::Modify, Self::Wait];
        all.into_iter().find(|kind| token.is_some() && kind.token() == token).unwrap_or(Self::Unsaid)
    }
}

/// Names the conditions once: variant, wire name, catalog key.
macro_rules! conditions {
    ($($variant:ident $token:literal $key:literal,)*) => {
        /// A defined condition (RFC 6120 §8.3.3).
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Condition {
            $($variant,)*
            /// Not one of RFC 6120, or none at all (empty). Remote text.
            Other(String),
        }

        impl Condition {
            #[must_use]
            pub fn token(&self) -> &str {
                match self {
                    $(Self::$variant => $token,)*
                    Self::Other(token) => token,
                }
            }

            #[must_use]
            pub fn from_token(token: &str) -> Self {
                match token {
                    $($token => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }

            fn key(&self) -> &'static str {
                match self {
                    $(Self::$variant => $key,)*
                    Self::Other(_) => "error-stanza-undefined",
                }
            }
        }
    };
}

conditions! {
    BadRequest "bad-request" "error-stanza-bad-request",
    Conflict "conflict" "error-stanza-conflict",
    FeatureNotImplemented "feature-not-implemented" "error-stanza-unsupported",
    Forbidden "forbidden" "error-stanza-forbidden",
    Gone "gone" "error-stanza-gone",
    InternalServerError "internal-server-error" "error-stanza-server",
    ItemNotFound "item-not-found" "error-stanza-not-found",
    JidMalformed "jid-malformed" "error-stanza-bad-request",
    NotAcceptable "not-acceptable" "error-stanza-not-acceptable",
    NotAllowed "not-allowed" "error-stanza-not-allowed",
    NotAuthorized "not-authorized" "error-stanza-not-authorized",
    PolicyViolation "policy-violation" "error-stanza-policy",
    RecipientUnavailable "recipient-unavailable" "error-stanza-unavailable",
    Redirect "redirect" "error-stanza-gone",
    RegistrationRequired "registration-required" "error-stanza-not-authorized",
    RemoteServerNotFound "remote-server-not-found" "error-stanza-remote",
    RemoteServerTimeout "remote-server-timeout" "error-stanza-remote",
    ResourceConstraint "resource-constraint" "error-stanza-busy",
    ServiceUnavailable "service-unavailable" "error-stanza-unavailable",
    SubscriptionRequired "subscription-required" "error-stanza-not-authorized",
    UndefinedCondition "undefined-condition" "error-stanza-undefined",
    UnexpectedRequest "unexpected-request" "error-stanza-unexpected",
}

/// A condition of an application's own, such as XEP-0060's `precondition-not-met`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Special {
    pub ns: String,
    pub name: String,
    /// XEP-0060 §12: the feature that is `unsupported`.
    pub feature: Option<String>,
}

/// A stanza error. All text in it is remote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.describe())]
pub struct Error {
    pub kind: ErrorKind,
    pub condition: Condition,
    /// In the order sent, at most [`Error::SPECIALS`].
    pub special: Vec<Special>,
    /// The first `<text/>`, at most [`Error::TEXT`] characters.
    pub text: Option<String>,
}

impl Error {
    /// Longest text kept, in characters.
    pub const TEXT: usize = 500;
    /// Most application conditions kept.
    pub const SPECIALS: usize = 8;

    #[must_use]
    pub fn new(kind: ErrorKind, condition: Condition) -> Self {
        Self { kind, condition, special: Vec::new(), text: None }
    }

    /// The error of a stanza of type `error`; of one that holds none, an undefined condition.
    #[must_use]
    pub fn of(stanza: El<'_>) -> Self {
        let mut error = Self::new(ErrorKind::Unsaid, Condition::Other(String::new()));
        let Some(el) = stanza.child(CLIENT_NS, "error") else { return error };
        error.kind = ErrorKind::from_token(el.attr("type").as_deref());
        for child in el.children() {
            match (child.ns(), child.name()) {
                (STANZAS_NS, "text") => {
                    let cap = || child.text().chars().take(Self::TEXT).collect();
                    error.text = error.text.or_else(|| Some(cap()));
                }
                (STANZAS_NS, name) if error.condition == Condition::Other(String::new()) => {
                    error.condition = Condition::from_token(name);
                }
                (STANZAS_NS, _) => {}
                (ns, name) if error.special.len() < Self::SPECIALS => {
                    let feature = child.attr("feature").map(std::borrow::Cow::into_owned);
                    error.special.push(Special { ns: ns.to_owned(), name: name.to_owned(), feature });
                }
                _ => {}
            }
        }
        error
    }

    /// Whether XEP-0060's condition `name` is among the application's.
    #[must_use]
    pub fn pubsub(&self, name: &str) -> bool {
        self.special.iter().any(|special| special.ns == PUBSUB_ERRORS_NS && special.name == name)
    }

    /// Adds a condition of XEP-0060.
    #[must_use]
    pub fn with_pubsub(mut self, name: &str) -> Self {
        self.special.push(Special { ns: PUBSUB_ERRORS_NS.to_owned(), name: name.to_owned(), feature: None });
        self
    }

    pub fn write(&self, w: &mut Writer) {
        let _ = w.open("error").attr_opt("type", self.kind.token());
        let _ = w.open_ns(self.condition.token(), STANZAS_NS).close();
        if let Some(text) = &self.text {
            let _ = w.open_ns("text", STANZAS_NS).text(text).close();
        }
        for special in &self.special {
            let _ = w.open_ns(&special.name, &special.ns).attr_opt("feature", special.feature.as_deref()).close();
        }
        let _ = w.close();
    }

    /// The conditions' names for a log: `conflict/precondition-not-met`.
    #[must_use]
    pub fn describe(&self) -> String {
        let names = std::iter::once(self.condition.token()).chain(self.special.iter().map(|special| &*special.name));
        names.filter(|name| !name.is_empty()).collect::<Vec<_>>().join("/")
    }

    /// XEP-0060's own condition says more than the defined one where it has words of its own.
    #[must_use]
    pub fn say(&self) -> Say {
        Reason::of(self).map_or_else(|| Say::new(self.condition.key()), |reason| reason.say())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::{received, written};

    fn error(inside: &str) -> Error {
        Error::of(received(&format!("<iq type='error' id='1'>{inside}</iq>")).root())
    }

    #[test]
    fn any_order_and_unknown_conditions() {
        // ejabberd puts the application's condition first.
        let first = error(
            "<error code='409' type='cancel'><precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/>\
             <conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xml:lang='en' \
             xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Mismatch</text></error>",
        );
        assert_eq!((first.kind, &first.condition), (ErrorKind::Cancel, &Condition::Conflict));
        assert!(first.pubsub("precondition-not-met"));
        assert_eq!(first.text.as_deref(), Some("Mismatch"));
        assert_eq!(first.say().key, "error-pubsub-precondition");
        assert_eq!(first.to_string(), "conflict/precondition-not-met");
        let odd = error(
            "<error type='hm'><flux xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><gone \
             xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
        );
        assert_eq!((odd.kind, odd.condition), (ErrorKind::Unsaid, Condition::Other("flux".to_owned())));
        assert_eq!(error("").say().key, "error-stanza-undefined");
        assert_eq!(error("<error xmlns='urn:x'><a/></error>").condition, Condition::Other(String::new()));
        let many = "<x xmlns='urn:x'/>".repeat(100);
        assert_eq!(error(&format!("<error>{many}</error>")).special.len(), Error::SPECIALS);
    }

    #[test]
    fn written_and_read_again() {
        let mut sent = Error::new(ErrorKind::Auth, Condition::NotAuthorized).with_pubsub("pending-subscription");
        sent.text = Some("Wait & see".to_owned());
        assert_eq!(error(&written(|w| sent.write(w))), sent);
        assert_eq!(sent.say().key, "error-pubsub-pending");
    }
}
