//! Why a broker refuses, in XEP-0060's own terms (`http://jabber.org/protocol/pubsub#errors`, §15.2): typed, each with
//! words and a next step. The condition of RFC 6120 stands beside it and says less.

use crate::model::Say;
use crate::text;
use crate::xmpp::stanza::Error;
use crate::xmpp::stanza::error::PUBSUB_ERRORS_NS;

/// Names the conditions once: variant, wire name, catalog key.
macro_rules! reasons {
    ($($variant:ident $token:literal $key:literal,)*) => {
        /// An application condition of XEP-0060.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Reason {
            $($variant,)*
            /// §15.2: what was asked for is a feature this broker lacks; its name in the XEP's registry, remote text.
            Unsupported(Option<String>),
        }

        impl Reason {
            /// All but [`Reason::Unsupported`].
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            #[must_use]
            pub fn token(&self) -> &'static str {
                match self {
                    $(Self::$variant => $token,)*
                    Self::Unsupported(_) => "unsupported",
                }
            }

            /// The condition of that name; a feature is not known by name alone.
            #[must_use]
            pub fn from_token(token: &str) -> Option<Self> {
                Some(match token {
                    $($token => Self::$variant,)*
                    "unsupported" => Self::Unsupported(None),
                    _ => return None,
                })
            }

            /// What it means for the person.
            #[must_use]
            pub fn say(&self) -> Say {
                match self {
                    $(Self::$variant => Say::new($key),)*
                    Self::Unsupported(None) => Say::new("error-pubsub-unsupported"),
                    Self::Unsupported(Some(feature)) => {
                        Say::new("error-pubsub-no-feature").with("feature", text::line_within(feature, 60))
                    }
                }
            }
        }
    };
}

reasons! {
    ClosedNode "closed-node" "error-pubsub-closed-node",
    ConfigurationRequired "configuration-required" "error-pubsub-configuration-required",
    InvalidJid "invalid-jid" "error-pubsub-invalid-jid",
    InvalidOptions "invalid-options" "error-pubsub-invalid-options",
    InvalidPayload "invalid-payload" "error-pubsub-invalid-payload",
    InvalidSubid "invalid-subid" "error-pubsub-invalid-subid",
    ItemForbidden "item-forbidden" "error-pubsub-item-forbidden",
    ItemRequired "item-required" "error-pubsub-item-required",
    JidRequired "jid-required" "error-pubsub-jid-required",
    MaxItemsExceeded "max-items-exceeded" "error-pubsub-max-items",
    MaxNodesExceeded "max-nodes-exceeded" "error-pubsub-max-nodes",
    NodeidRequired "nodeid-required" "error-pubsub-nodeid-required",
    NotInRosterGroup "not-in-roster-group" "error-pubsub-roster-group",
    NotSubscribed "not-subscribed" "error-pubsub-not-subscribed",
    PayloadRequired "payload-required" "error-pubsub-payload-required",
    PayloadTooBig "payload-too-big" "error-pubsub-payload-too-big",
    PendingSubscription "pending-subscription" "error-pubsub-pending",
    PreconditionNotMet "precondition-not-met" "error-pubsub-precondition",
    PresenceRequired "presence-subscription-required" "error-pubsub-presence-required",
    SubidRequired "subid-required" "error-pubsub-subid-required",
    TooManySubscriptions "too-many-subscriptions" "error-pubsub-too-many-subscriptions",
    UnsupportedAccessModel "unsupported-access-model" "error-pubsub-access-model",
}

impl Reason {
    /// The first of XEP-0060's conditions in an error, wherever it stands among others.
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        let own = error.special.iter().filter(|special| special.ns == PUBSUB_ERRORS_NS);
        own.filter_map(|special| match Self::from_token(&special.name)? {
            Self::Unsupported(_) => Some(Self::Unsupported(special.feature.clone())),
            reason => Some(reason),
        })
        .next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::received;

    fn reason(inside: &str) -> Option<Reason> {
        let text = format!("<iq type='error' id='1'><error type='cancel'>{inside}</error></iq>");
        Reason::of(&Error::of(received(&text).root()))
    }

    /// The list of the XEP's schema (§18.4), so that none is forgotten.
    #[test]
    fn every_condition_of_the_specification_is_typed_and_has_its_own_words() {
        let listed = "closed-node configuration-required invalid-jid invalid-options invalid-payload invalid-subid \
            item-forbidden item-required jid-required max-items-exceeded max-nodes-exceeded nodeid-required \
            not-in-roster-group not-subscribed payload-too-big payload-required pending-subscription \
            precondition-not-met presence-subscription-required subid-required too-many-subscriptions \
            unsupported-access-model";
        let mut keys = std::collections::HashSet::new();
        for token in listed.split_whitespace() {
            let text = format!("<{token} xmlns='http://jabber.org/protocol/pubsub#errors'/>");
            let found = reason(&text).unwrap_or_else(|| panic!("{token}"));
            assert_eq!(found.token(), token);
            assert!(keys.insert(found.say().key), "{token} has the words of another");
        }
        assert_eq!(Reason::ALL.len(), keys.len());
    }

    #[test]
    fn features_strangers_and_order() {
        let ns = PUBSUB_ERRORS_NS;
        let found = reason(&format!(
            "<x xmlns='urn:x'/><feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
             <new-in-2031 xmlns='{ns}'/><unsupported xmlns='{ns}' feature='retract-items'/>"
        ));
        assert_eq!(found, Some(Reason::Unsupported(Some("retract-items".to_owned()))));
        let say = found.unwrap().say();
        assert_eq!((say.key, say.args[0].1.as_str()), ("error-pubsub-no-feature", "retract-items"));
        assert_eq!(reason("<closed-node xmlns='urn:x'/>"), None, "another's condition of that name");
        assert_eq!(reason(&format!("<unsupported xmlns='{ns}'/>")).unwrap().say().key, "error-pubsub-unsupported");
    }
}
