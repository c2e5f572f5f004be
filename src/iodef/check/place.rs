//! Where something is, as an operator would say it.

use std::collections::HashMap;

use crate::iodef::doc::{Element, NodeId};
use crate::text::line_within;

/// Steps made already: a thousand findings in one incident ask for its name once.
#[derive(Default)]
pub struct Steps(HashMap<NodeId, String>);

impl Steps {
    /// `Incident 492382, EventData 2, System 1`: the classes on the way, by their own name where they have one, by
    /// number where there are several. Wrappers that say nothing by themselves are left out.
    pub fn words(&mut self, element: Element<'_>) -> String {
        let mut steps: Vec<String> = Vec::new();
        for step in element.ancestors() {
            if step.parent().is_none() {
                if steps.is_empty() {
                    steps.push(line_within(step.local(), 60));
                }
                break;
            }
            let wraps = matches!(step.local(), "IndicatorData" | "Flow" | "Record" | "History");
            if step.id() != element.id() && (wraps || !step.is_iodef()) {
                continue;
            }
            steps.push(self.0.entry(step.id()).or_insert_with(|| name(step)).clone());
        }
        steps.reverse();
        steps.join(", ")
    }
}

/// One step.
fn name(element: Element<'_>) -> String {
    let name = line_within(element.local(), 60);
    match label(element).or_else(|| number(element)) {
        Some(label) => format!("{name} {label}"),
        None => name,
    }
}

/// The name a thing goes by.
fn label(element: Element<'_>) -> Option<String> {
    let id = match element.local() {
        "Incident" => element.child("IncidentID"),
        "Indicator" => element.child("IndicatorID"),
        "ThreatActor" => element.child("ThreatActorID"),
        "Campaign" => element.child("CampaignID"),
        _ => None,
    }?;
    let text = line_within(id.trimmed().as_ref(), 40);
    (!text.is_empty()).then_some(text)
}

/// Which of several it is.
fn number(element: Element<'_>) -> Option<String> {
    let alike = |other: Element<'_>| other.local() == element.local() && other.ns() == element.ns();
    let number = element.number();
    (number > 1 || element.following().any(alike)).then(|| number.to_string())
}
