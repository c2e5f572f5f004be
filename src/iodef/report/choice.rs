//! The closed choices of the form, with the RFC's tokens. Private values (`ext-value`) are left to the full composer.

/// Defines an enum of tokens with `ALL` in the order a form offers them.
macro_rules! tokens {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $token:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($variant),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The RFC's token.
            #[must_use]
            pub fn token(self) -> &'static str {
                match self { $(Self::$variant => $token),* }
            }
        }
    };
}

tokens! {
    /// `Incident@purpose` (RFC 7970 §3.2).
    Purpose {
        Reporting = "reporting",
        Mitigation = "mitigation",
        Traceback = "traceback",
        Watch = "watch",
        Other = "other",
    }
}

tokens! {
    /// `Contact@type` (RFC 7970 §3.9).
    ContactKind {
        Organization = "organization",
        Person = "person",
    }
}

tokens! {
    /// `Contact@role` (RFC 7970 §3.9), without the token on which text and schema contradict each other.
    Role {
        Creator = "creator",
        Reporter = "reporter",
        Admin = "admin",
        Tech = "tech",
        Provider = "provider",
        User = "user",
        Billing = "billing",
        Legal = "legal",
        Abuse = "abuse",
        Irt = "irt",
        Cc = "cc",
        CcIrt = "cc-irt",
        Leo = "leo",
        Vendor = "vendor",
        Victim = "victim",
        VictimNotified = "victim-notified",
    }
}

tokens! {
    /// `SystemImpact@completion` (RFC 7970 §3.12.1).
    Completion {
        Failed = "failed",
        Succeeded = "succeeded",
    }
}

tokens! {
    /// `System@category` (RFC 7970 §3.17): the part the addresses played.
    Part {
        Source = "source",
        Target = "target",
        Intermediate = "intermediate",
        Sensor = "sensor",
        Infrastructure = "infrastructure",
    }
}
