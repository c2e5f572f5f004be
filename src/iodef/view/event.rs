//! Events and the systems in them: who did what to whom, and what is asked (RFC 7970 §3.14–3.20).

use std::borrow::Cow;

use super::{EmailData, Text, Times, Token, attr, child_text, texts, views};
use crate::iodef::doc::Element;
use crate::iodef::observable::{Of, canonical};
use crate::model::Stamp;

views! {
    EventData: "EventData";
    Flow: "Flow";
    System: "System";
    Node: "Node";
    Address: "Address";
    DomainData: "DomainData";
    Service: "Service";
    Expectation: "Expectation";
}

/// The events among the children of `parent` and inside each other, in document order, with how deep they stand.
#[must_use]
pub fn events(parent: Element<'_>) -> Vec<(usize, EventData<'_>)> {
    let mut found = Vec::new();
    let mut open: Vec<(usize, EventData<'_>)> = EventData::all(parent).map(|event| (0, event)).collect();
    open.reverse();
    while let Some((depth, event)) = open.pop() {
        found.push((depth, event));
        let inner: Vec<_> = EventData::all(event.0).map(|inner| (depth + 1, inner)).collect();
        open.extend(inner.into_iter().rev());
    }
    found
}

impl<'d> EventData<'d> {
    #[must_use]
    pub fn descriptions(self) -> Vec<Text<'d>> {
        texts(self.0, "Description")
    }

    /// Its own times; where it says nothing, the events around it and the incident do.
    #[must_use]
    pub fn times(self) -> Times {
        Times::of(self.0)
    }

    pub fn flows(self) -> impl Iterator<Item = Flow<'d>> {
        Flow::all(self.0)
    }

    pub fn expectations(self) -> impl Iterator<Item = Expectation<'d>> {
        Expectation::all(self.0)
    }

    /// The records of what was seen.
    pub fn records(self) -> impl Iterator<Item = Element<'d>> {
        self.0.children_named("Record").flat_map(|record| record.children_named("RecordData"))
    }
}

impl<'d> Flow<'d> {
    pub fn systems(self) -> impl Iterator<Item = System<'d>> {
        System::all(self.0)
    }
}

impl<'d> System<'d> {
    /// Source, target, intermediate, sensor, infrastructure.
    #[must_use]
    pub fn category(self) -> Option<Token<'d>> {
        Token::of(self.0, "category")
    }

    /// Whether the address is thought to be forged; the schema's default is unknown.
    #[must_use]
    pub fn spoofed(self) -> Option<Token<'d>> {
        Token::of(self.0, "spoofed")
    }

    #[must_use]
    pub fn ownership(self) -> Option<Token<'d>> {
        Token::of(self.0, "ownership")
    }

    #[must_use]
    pub fn node(self) -> Option<Node<'d>> {
        Node::all(self.0).next()
    }

    /// What the system is for, and to what end it was used.
    pub fn roles(self) -> impl Iterator<Item = Token<'d>> {
        self.0.children_named("NodeRole").filter_map(|role| Token::of(role, "category"))
    }

    pub fn services(self) -> impl Iterator<Item = Service<'d>> {
        Service::all(self.0)
    }

    #[must_use]
    pub fn descriptions(self) -> Vec<Text<'d>> {
        texts(self.0, "Description")
    }
}

impl<'d> Node<'d> {
    pub fn addresses(self) -> impl Iterator<Item = Address<'d>> {
        Address::all(self.0)
    }

    pub fn domains(self) -> impl Iterator<Item = DomainData<'d>> {
        DomainData::all(self.0)
    }

    #[must_use]
    pub fn locations(self) -> Vec<Text<'d>> {
        texts(self.0, "Location")
    }
}

impl<'d> Address<'d> {
    /// As the sender says it; ipv6-addr is the schema's default.
    #[must_use]
    pub fn category(self) -> Token<'d> {
        Token::of(self.0, "category").unwrap_or(Token::Known(Cow::Borrowed("ipv6-addr")))
    }

    #[must_use]
    pub fn text(self) -> Cow<'d, str> {
        self.0.trimmed()
    }

    #[must_use]
    pub fn canonical(self) -> String {
        canonical(Of::category(self.category().as_str()), &self.text(), None).into_owned()
    }
}

impl<'d> DomainData<'d> {
    #[must_use]
    pub fn name(self) -> Option<Cow<'d, str>> {
        child_text(self.0, "Name")
    }

    /// Spoofed, fraudulent, innocent but hacked…
    #[must_use]
    pub fn system_status(self) -> Option<Token<'d>> {
        Token::of(self.0, "system-status")
    }

    #[must_use]
    pub fn domain_status(self) -> Option<Token<'d>> {
        Token::of(self.0, "domain-status")
    }

    /// When it was checked, registered, and ends.
    #[must_use]
    pub fn dates(self) -> [Option<Stamp>; 3] {
        ["DateDomainWasChecked", "RegistrationDate", "ExpirationDate"]
            .map(|name| Stamp::parse(&child_text(self.0, name)?))
    }

    /// Name servers with their addresses.
    pub fn name_servers(self) -> impl Iterator<Item = (Option<Cow<'d, str>>, Vec<Address<'d>>)> {
        self.0.children_named("Nameservers").map(|one| (child_text(one, "Server"), Address::all(one).collect()))
    }
}

impl<'d> Service<'d> {
    /// IANA's number of the protocol: 6 is TCP, 17 UDP.
    #[must_use]
    pub fn protocol(self) -> Option<u8> {
        attr(self.0, "ip-protocol")?.parse().ok()
    }

    /// Ports as said: one, or a list of ports and ranges.
    #[must_use]
    pub fn ports(self) -> Option<Cow<'d, str>> {
        child_text(self.0, "Port").or_else(|| child_text(self.0, "Portlist"))
    }

    #[must_use]
    pub fn name(self) -> Option<Cow<'d, str>> {
        child_text(self.0.child("ServiceName")?, "IANAService")
    }

    pub fn emails(self) -> impl Iterator<Item = EmailData<'d>> {
        EmailData::all(self.0)
    }
}

impl<'d> Expectation<'d> {
    /// What the receiver is asked to do; `other` where nothing is said.
    #[must_use]
    pub fn action(self) -> Token<'d> {
        Token::of(self.0, "action").unwrap_or(Token::Known(Cow::Borrowed("other")))
    }

    #[must_use]
    pub fn severity(self) -> Option<Token<'d>> {
        Token::of(self.0, "severity")
    }

    #[must_use]
    pub fn descriptions(self) -> Vec<Text<'d>> {
        texts(self.0, "Description")
    }

    /// Not before, and not after: a receiver that cannot finish by the end must not act (RFC 7970 §3.17).
    #[must_use]
    pub fn times(self) -> Times {
        Times::of(self.0)
    }
}
