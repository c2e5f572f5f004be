//! The incident and what it says of itself: ids, times, relations, discovery, history.

use std::borrow::Cow;

use super::{
    Assessment, Confidence, Contact, Expectation, Indicator, IndicatorId, Method, Text, Token, attr, child_text,
    child_texts, texts, views,
};
use crate::iodef::doc::{Document, Element};
use crate::model::Stamp;

views! {
    Incident: "Incident";
    IncidentId: "IncidentID";
    RelatedActivity: "RelatedActivity";
    ThreatActor: "ThreatActor";
    Campaign: "Campaign";
    Discovery: "Discovery";
    HistoryItem: "HistoryItem";
}

/// The incidents at the top of a document.
pub fn incidents(document: &Document) -> impl Iterator<Item = Incident<'_>> {
    Incident::all(document.root())
}

impl<'d> Incident<'d> {
    #[must_use]
    pub fn id(self) -> Option<IncidentId<'d>> {
        IncidentId::all(self.0).next()
    }

    /// Other CSIRTs' numbers for this incident.
    pub fn alternatives(self) -> impl Iterator<Item = IncidentId<'d>> {
        self.0.children_named("AlternativeID").flat_map(IncidentId::all)
    }

    pub fn related(self) -> impl Iterator<Item = RelatedActivity<'d>> {
        RelatedActivity::all(self.0)
    }

    #[must_use]
    pub fn purpose(self) -> Option<Token<'d>> {
        Token::of(self.0, "purpose")
    }

    #[must_use]
    pub fn status(self) -> Option<Token<'d>> {
        Token::of(self.0, "status")
    }

    #[must_use]
    pub fn times(self) -> Times {
        Times::of(self.0)
    }

    #[must_use]
    pub fn descriptions(self) -> Vec<Text<'d>> {
        texts(self.0, "Description")
    }

    pub fn discoveries(self) -> impl Iterator<Item = Discovery<'d>> {
        Discovery::all(self.0)
    }

    /// Assessments of the incident and of its events.
    pub fn assessments(self) -> impl Iterator<Item = Assessment<'d>> {
        self.own_descendants().filter_map(Assessment::of)
    }

    /// Methods of the incident and of its events.
    pub fn methods(self) -> impl Iterator<Item = Method<'d>> {
        self.own_descendants().filter_map(Method::of)
    }

    pub fn contacts(self) -> impl Iterator<Item = Contact<'d>> {
        Contact::all(self.0)
    }

    /// What is asked, anywhere in the events.
    pub fn expectations(self) -> impl Iterator<Item = Expectation<'d>> {
        self.own_descendants().filter_map(Expectation::of)
    }

    pub fn indicators(self) -> impl Iterator<Item = Indicator<'d>> {
        self.0.children_named("IndicatorData").flat_map(Indicator::all)
    }

    pub fn history(self) -> impl Iterator<Item = HistoryItem<'d>> {
        self.0.children_named("History").flat_map(HistoryItem::all)
    }

    /// Elements below it, but for what its indicators would look for: an observable is no statement of this incident.
    fn own_descendants(self) -> impl Iterator<Item = Element<'d>> {
        let mut passed: Option<Element<'d>> = None;
        self.0.descendants().filter(move |element| {
            if passed.is_some_and(|indicators| indicators.contains(element.id())) {
                return false;
            }
            if element.is("IndicatorData") {
                passed = Some(*element);
            }
            true
        })
    }
}

impl<'d> IncidentId<'d> {
    /// The CSIRT that gave the id.
    #[must_use]
    pub fn name(self) -> Option<Cow<'d, str>> {
        attr(self.0, "name")
    }

    #[must_use]
    pub fn instance(self) -> Option<Cow<'d, str>> {
        attr(self.0, "instance")
    }

    #[must_use]
    pub fn text(self) -> Cow<'d, str> {
        self.0.trimmed()
    }
}

/// The times of an incident or an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times {
    pub detected: Option<Stamp>,
    pub started: Option<Stamp>,
    pub ended: Option<Stamp>,
    pub recovered: Option<Stamp>,
    pub reported: Option<Stamp>,
    pub generated: Option<Stamp>,
}

impl Times {
    #[must_use]
    pub fn of(element: Element<'_>) -> Self {
        let time = |name| element.child(name).and_then(|time| Stamp::parse(&time.text()));
        Self {
            detected: time("DetectTime"),
            started: time("StartTime"),
            ended: time("EndTime"),
            recovered: time("RecoveryTime"),
            reported: time("ReportTime"),
            generated: time("GenerationTime"),
        }
    }
}

impl<'d> RelatedActivity<'d> {
    pub fn incidents(self) -> impl Iterator<Item = IncidentId<'d>> {
        IncidentId::all(self.0)
    }

    pub fn urls(self) -> impl Iterator<Item = Cow<'d, str>> {
        child_texts(self.0, "URL")
    }

    pub fn actors(self) -> impl Iterator<Item = ThreatActor<'d>> {
        ThreatActor::all(self.0)
    }

    pub fn campaigns(self) -> impl Iterator<Item = Campaign<'d>> {
        Campaign::all(self.0)
    }

    /// Indicators of this or another document.
    pub fn indicators(self) -> impl Iterator<Item = IndicatorId<'d>> {
        IndicatorId::all(self.0)
    }

    #[must_use]
    pub fn confidence(self) -> Option<Confidence<'d>> {
        self.0.child("Confidence").map(Confidence::of)
    }

    #[must_use]
    pub fn descriptions(self) -> Vec<Text<'d>> {
        texts(self.0, "Description")
    }
}

impl<'d> ThreatActor<'d> {
    pub fn ids(self) -> impl Iterator<Item = Cow<'d, str>> {
        child_texts(self.0, "ThreatActorID")
    }

    pub fn urls(self) -> impl Iterator<Item = Cow<'d, str>> {
        child_texts(self.0, "URL")
    }

    #[must_use]
    pub fn descriptions(self) -> Vec<Text<'d>> {
        texts(self.0, "Description")
    }
}

impl<'d> Campaign<'d> {
    pub fn ids(self) -> impl Iterator<Item = Cow<'d, str>> {
        child_texts(self.0, "CampaignID")
    }

    pub fn urls(self) -> impl Iterator<Item = Cow<'d, str>> {
        child_texts(self.0, "URL")
    }

    #[must_use]
    pub fn descriptions(self) -> Vec<Text<'d>> {
        texts(self.0, "Description")
    }
}

impl<'d> Discovery<'d> {
    /// By what it was noticed; the schema's default is unknown.
    #[must_use]
    pub fn source(self) -> Option<Token<'d>> {
        Token::of(self.0, "source")
    }

    #[must_use]
    pub fn descriptions(self) -> Vec<Text<'d>> {
        texts(self.0, "Description")
    }

    pub fn contacts(self) -> impl Iterator<Item = Contact<'d>> {
        Contact::all(self.0)
    }

    pub fn patterns(self) -> impl Iterator<Item = Element<'d>> {
        self.0.children_named("DetectionPattern")
    }
}

impl<'d> HistoryItem<'d> {
    #[must_use]
    pub fn action(self) -> Option<Token<'d>> {
        Token::of(self.0, "action")
    }

    #[must_use]
    pub fn at(self) -> Option<Stamp> {
        Stamp::parse(&child_text(self.0, "DateTime")?)
    }

    #[must_use]
    pub fn incident(self) -> Option<IncidentId<'d>> {
        IncidentId::all(self.0).next()
    }

    #[must_use]
    pub fn contact(self) -> Option<Contact<'d>> {
        Contact::all(self.0).next()
    }

    #[must_use]
    pub fn descriptions(self) -> Vec<Text<'d>> {
        texts(self.0, "Description")
    }

    /// Courses of action both sides know by name.
    pub fn courses(self) -> impl Iterator<Item = Cow<'d, str>> {
        child_texts(self.0, "DefinedCOA")
    }
}
