//! Templates: reports of the usual kinds that need no more than [`short::MOST`] fields, and those people make of their drafts.

mod own;

use chrono::SecondsFormat;

use super::Draft;
use super::draft::{Act, Beside, Spot};
use super::form::Fill;
use super::short::{self, Slot};
use crate::iodef::edit::Fragment;
use crate::iodef::{Document, Element, NodeId, Refused};
use std::time::Instant;

pub use own::{NAME, Own, Stays, named, stripped};

/// A report of a usual kind.
#[derive(Debug)]
pub struct Template {
    /// Stays the same: drafts remember it.
    pub name: &'static str,
    /// The keys of its title, and of when to take it.
    pub title: &'static str,
    pub about: &'static str,
    /// What it asks for, in the order of asking; at most [`short::MOST`].
    pub asks: &'static [Ask],
    text: &'static str,
}

/// A field a template asks for.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// The key of its label.
    pub key: &'static str,
    pub slot: Slot,
}

const fn ask(key: &'static str, slot: Slot) -> Ask {
    Ask { key, slot }
}

const WHAT: Ask = ask("compose-ask-description", Slot::Description);
const WHO_MAY: Ask = ask("compose-ask-restriction", Slot::Restriction);
const CONTACT: Ask = ask("compose-ask-contact", Slot::ContactEmail);

const FLOW_SOURCE: Slot = Slot::Place("EventData/Flow/System/Node/Address");

/// What a report asks for that is of no kind: six fields.
pub const PLAIN: &[Ask] = &[
    ask("compose-ask-csirt", Slot::Csirt),
    ask("compose-ask-number", Slot::Number),
    ask("compose-ask-purpose", Slot::Purpose),
    WHO_MAY,
    WHAT,
    CONTACT,
];

/// All of them, in the order they are offered.
pub static TEMPLATES: &[Template] = &[
    Template {
        name: "phishing",
        title: "compose-template-phishing",
        about: "compose-template-phishing-about",
        asks: &[
            WHAT,
            WHO_MAY,
            CONTACT,
            ask("compose-ask-page", FLOW_SOURCE),
            ask("compose-ask-from", Slot::Place("IndicatorData/Indicator/Observable/EmailData/EmailFrom")),
            ask("compose-ask-subject", Slot::Place("IndicatorData/Indicator/Observable/EmailData/EmailSubject")),
        ],
        text: include_str!("../../assets/templates/phishing.xml"),
    },
    Template {
        name: "malware",
        title: "compose-template-malware",
        about: "compose-template-malware-about",
        asks: &[
            WHAT,
            WHO_MAY,
            CONTACT,
            ask("compose-ask-file", Slot::Place("IndicatorData/Indicator/Observable/FileData/File/FileName")),
            ask(
                "compose-ask-hash",
                Slot::Digest("IndicatorData/Indicator/Observable/FileData/File/HashData/Hash/DigestValue"),
            ),
            ask("compose-ask-control", Slot::Place("IndicatorData/Indicator#2/Observable/DomainData/Name")),
        ],
        text: include_str!("../../assets/templates/malware.xml"),
    },
    Template {
        name: "scan",
        title: "compose-template-scan",
        about: "compose-template-scan-about",
        asks: &[
            WHAT,
            WHO_MAY,
            CONTACT,
            ask("compose-ask-source", FLOW_SOURCE),
            ask("compose-ask-network", Slot::Place("EventData/Flow/System#2/Node/Address")),
            ask("compose-ask-since", Slot::Place("EventData/StartTime")),
        ],
        text: include_str!("../../assets/templates/scan.xml"),
    },
    Template {
        name: "ddos",
        title: "compose-template-ddos",
        about: "compose-template-ddos-about",
        asks: &[
            WHAT,
            WHO_MAY,
            CONTACT,
            ask("compose-ask-target", FLOW_SOURCE),
            ask("compose-ask-since", Slot::Place("EventData/StartTime")),
        ],
        text: include_str!("../../assets/templates/ddos.xml"),
    },
    Template {
        name: "compromised-host",
        title: "compose-template-host",
        about: "compose-template-host-about",
        asks: &[
            WHAT,
            WHO_MAY,
            CONTACT,
            ask("compose-ask-host", FLOW_SOURCE),
            ask("compose-ask-detected", Slot::Place("EventData/DetectTime")),
        ],
        text: include_str!("../../assets/templates/compromised-host.xml"),
    },
    Template {
        name: "vulnerability",
        title: "compose-template-vulnerability",
        about: "compose-template-vulnerability-about",
        asks: &[
            WHAT,
            WHO_MAY,
            CONTACT,
            ask("compose-ask-cve", Slot::Place("Method/Reference/ReferenceName/ID")),
            ask("compose-ask-advisory", Slot::Place("Method/Reference/URL")),
            ask("compose-ask-software", Slot::Place("Method/Description")),
        ],
        text: include_str!("../../assets/templates/vulnerability.xml"),
    },
    Template {
        name: "watch-list",
        title: "compose-template-watch",
        about: "compose-template-watch-about",
        asks: &[
            WHAT,
            WHO_MAY,
            CONTACT,
            ask("compose-ask-list-type", Slot::Place("IndicatorData/Indicator/Observable/BulkObservable@type")),
            ask(
                "compose-ask-list",
                Slot::Place("IndicatorData/Indicator/Observable/BulkObservable/BulkObservableList"),
            ),
        ],
        text: include_str!("../../assets/templates/watch-list.xml"),
    },
    Template {
        name: "campaign",
        title: "compose-template-campaign",
        about: "compose-template-campaign-about",
        asks: &[
            WHAT,
            WHO_MAY,
            CONTACT,
            ask("compose-ask-campaign", Slot::Place("RelatedActivity/Campaign/CampaignID")),
            ask(
                "compose-ask-domains",
                Slot::Place("IndicatorData/Indicator/Observable/BulkObservable/BulkObservableList"),
            ),
        ],
        text: include_str!("../../assets/templates/campaign.xml"),
    },
];

/// The template of this name.
#[must_use]
pub fn template(name: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.name == name)
}

/// The least there is: who, when, for what.
const BLANK: &str = include_str!("../../assets/templates/blank.xml");

/// A draft with nothing in it but its number, its time and its contact.
///
/// # Errors
/// As [`begin`].
pub fn blank(fill: &Fill, number: &str, contact: Option<Fragment>) -> Result<Draft, Refused> {
    begin(&Document::read(BLANK, &[])?, Beside::default(), fill, number, contact)
}

impl Template {
    /// A draft of this kind.
    ///
    /// # Errors
    /// As [`begin`].
    pub fn begin(&self, fill: &Fill, number: &str, contact: Option<Fragment>) -> Result<Draft, Refused> {
        let beside = Beside { template: Some(self.name.to_owned()), ..Beside::default() };
        begin(&Document::read(self.text, &[])?, beside, fill, number, contact)
    }
}

/// A draft that begins as `document`, with a number and a time of its own. Given a contact, it stands in the place of the
/// one that is to be filled in.
///
/// # Errors
/// When a value is none XML can hold.
pub fn begin(
    document: &Document,
    beside: Beside,
    fill: &Fill,
    number: &str,
    contact: Option<Fragment>,
) -> Result<Draft, Refused> {
    let mut draft = Draft::new(document.clone(), beside.clone());
    let now = Instant::now();
    let set = |draft: &mut Draft, spot: Option<Spot>, value: &str| -> Result<(), Refused> {
        match spot {
            Some(spot) => draft.act(&Act::Set { spot, value: value.to_owned() }, now).map(|_| ()),
            None => Ok(()),
        }
    };
    // From the last to the first: a text that comes to be renumbers what is after it.
    let named: Vec<Spot> = {
        let root = document.root();
        let mut spots: Vec<Spot> = root
            .descendants()
            .filter(|element| element.is("IndicatorID") && element.attr("name").is_none_or(|name| name.is_empty()))
            .map(|element| Spot::attribute(element.id(), "name"))
            .collect();
        spots.reverse();
        spots
    };
    for spot in named {
        set(&mut draft, Some(spot), &fill.csirt)?;
    }
    let time = fill.now.to_rfc3339_opts(SecondsFormat::Secs, true);
    let spot = Slot::Place("GenerationTime").spot(draft.document());
    set(&mut draft, spot, &time)?;
    for (slot, value) in [(Slot::Number, number), (Slot::Csirt, fill.csirt.as_str())] {
        let spot = slot.spot(draft.document());
        set(&mut draft, spot, value)?;
    }
    // Of several incidents the first has the number. The others are none of those they were copied from either: they wait
    // for theirs, which preflight asks for.
    let others: Vec<(NodeId, Option<NodeId>)> = {
        let all = short::named(draft.document()).skip(1);
        all.map(|id| (id.id(), id.parent().and_then(|it| it.child("GenerationTime")).map(Element::id))).collect()
    };
    for (id, generated) in others.into_iter().rev() {
        set(&mut draft, generated.map(Spot::text), &time)?;
        set(&mut draft, Some(Spot::text(id)), "")?;
        set(&mut draft, Some(Spot::attribute(id, "name")), &fill.csirt)?;
    }
    if let Some(contact) = contact {
        let incident = short::incident(draft.document());
        let old = incident.and_then(|incident| incident.children().find(|child| child.is("Contact"))).map(Element::id);
        if let (Some(incident), Some(old)) = (incident.map(Element::id), old) {
            let place = crate::iodef::edit::Place::After(old);
            let _ = draft.act(&Act::Insert { parent: incident, place, fragments: vec![contact] }, now)?;
            let _ = draft.act(&Act::Remove(vec![old]), now)?;
        }
    }
    // A draft begins with nothing to undo.
    Ok(Draft::new(draft.document().clone(), beside))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::preflight;
    use crate::iodef::{NS, check};

    #[test]
    fn no_incident_keeps_the_number_of_another_report() {
        let incident = |number: &str| {
            format!(
                "<Incident purpose=\"reporting\" restriction=\"green\"><IncidentID name=\"csirt.other\">{number}</IncidentID>\
                 <GenerationTime>2026-01-01T00:00:00Z</GenerationTime><Contact role=\"irt\" type=\"organization\">\
                 <ContactName>Us</ContactName></Contact></Incident>"
            )
        };
        let all = [incident("old-1"), incident("old-2"), incident("old-3")].concat();
        let text = format!("<IODEF-Document xmlns=\"{NS}\" version=\"2.00\" xml:lang=\"en\">{all}</IODEF-Document>");
        let document = Document::read(text, &[]).unwrap();
        let fill = Fill { now: "2026-11-22T09:30:00Z".parse().unwrap(), csirt: "csirt.example".to_owned() };
        let begun = begin(&document, Beside::default(), &fill, "2026-0042", None).unwrap();
        let ids: Vec<_> = short::named(begun.document()).map(|id| (id.attr("name").unwrap(), id.text())).collect();
        let ours = |number: &'static str| ("csirt.example".into(), number.into());
        assert_eq!(ids, [ours("2026-0042"), ours(""), ours("")]);
        assert!(!begun.document().text().contains("2026-01-01"));
        // None of them goes without one.
        let found = preflight::document(begun.document(), false, &|_, _| false);
        assert_eq!(found.iter().filter(|one| one.id == check::NO_ID.id).count(), 2);
        assert!(preflight::blocks(&found));
    }

    #[test]
    fn remarks_go_and_what_only_looks_like_one_stays() {
        let text = format!(
            "<?xml version=\"1.0\"?><!-- of Bob --><IODEF-Document xmlns=\"{NS}\" version=\"2.00\" xml:lang=\"en\"><Incident \
             purpose=\"reporting\" restriction=\"green\"><IncidentID name=\"csirt.other\">1</IncidentID>\
             <?case bob?><GenerationTime>2026-01-01T00:00:00Z</GenerationTime><!-- ask Bob --><Contact role=\"irt\" \
             type=\"organization\"><ContactName><![CDATA[Us <!-- all]]></ContactName></Contact></Incident></IODEF-Document>"
        );
        let own = stripped(&Document::read(text, &[]).unwrap(), Stays::default()).unwrap();
        assert!(!own.text().to_lowercase().contains("bob"), "{}", own.text());
        assert!(own.text().starts_with("<?xml"), "{}", own.text());
        assert_eq!(Slot::ContactName.value(&own), "Us <!-- all");
    }
}
