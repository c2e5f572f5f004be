//! What comes after a report: the same incident told anew, another in its place, and the answer to what was asked.

use chrono::SecondsFormat;

use super::draft::{Act, Draft, Spot};
use super::form::{self, Fill};
use super::short::{self, Slot};
use crate::iodef::edit::Fragment;
use crate::iodef::schema::Name;
use crate::iodef::view::own_restriction;
use crate::iodef::{Document, Element, NS, NodeId};
use std::time::Instant;

use crate::iodef::Refused;

/// Makes one step of a draft that tells its incident anew (RFC 7970 §3.13): the number stays, the time is now, and the
/// history says that there is something new, in these words.
///
/// # Errors
/// When the document has no place for it, or the words are none XML can hold.
pub fn update(draft: &mut Draft, fill: &Fill, words: &str) -> Result<(), Refused> {
    let document = draft.document();
    let mut acts = Vec::new();
    // From the last to the first, as an insertion renumbers what is after it.
    if let Some(incident) = short::incident(document) {
        acts.push(history(incident, fill, &item("status-new-info", fill, None, words)));
    }
    acts.extend(generated(document, fill));
    draft.act_all(&acts, Instant::now()).map(|_| ())
}

/// A draft of another incident that takes this one's place: it has a number of its own, and names the old one as related
/// where that was ours, and as the same incident's other number where it was another team's (RFC 7970 §3.5, §3.6).
///
/// # Errors
/// As [`update`].
pub fn supersede(document: &Document, fill: &Fill, number: &str, words: &str) -> Result<Draft, Refused> {
    let mut draft = Draft::new(document.clone(), super::draft::Beside::default());
    let Some(incident) = short::incident(document) else { return Ok(draft) };
    let old = incident.child("IncidentID").map(|id| Fragment::copy(id, Some(incident)));
    let is_ours = incident.child("IncidentID").and_then(|id| id.attr("name"));
    let is_ours = is_ours.is_some_and(|name| name.trim().eq_ignore_ascii_case(fill.csirt.trim()));
    let mut acts: Vec<Act> = generated(document, fill).into_iter().collect();
    if let Some(old) = old {
        acts.push(if is_ours { related(incident, old, words) } else { alternative(incident, old) });
    }
    acts.extend(Slot::Number.set(document, number));
    acts.extend(Slot::Csirt.set(document, &fill.csirt));
    let _ = draft.act_all(&acts, Instant::now())?;
    // It is a draft of its own: the old document is no step of it.
    Ok(Draft::new(draft.document().clone(), super::draft::Beside::default()))
}

/// A draft that answers what an incident asked (RFC 7970 §3.15): the same incident under a number of ours, what was done
/// about it in its history, no less restricted than the question. `asked` is the `Expectation`.
///
/// # Errors
/// As [`update`].
pub fn answer(
    document: &Document,
    asked: Option<NodeId>,
    fill: &Fill,
    number: &str,
    contact: Option<Fragment>,
    words: &str,
) -> Result<Draft, Refused> {
    let mut draft = super::template::blank(fill, number, contact)?;
    let Some(theirs) = short::incident(document) else { return Ok(draft) };
    let asked = asked.and_then(|node| document.element(node)).filter(|element| element.is("Expectation"));
    let action = asked.and_then(|asked| asked.attr("action")).unwrap_or(std::borrow::Cow::Borrowed("other"));
    // A private word of theirs is none of ours.
    let action = if action.trim() == "ext-value" { "other" } else { action.trim() };
    let restriction = super::redact::strictest_word(theirs);
    let document = draft.document();
    let Some(incident) = short::incident(document) else { return Ok(draft) };
    let id = theirs.child("IncidentID").map(|id| Fragment::copy(id, Some(incident)));
    let mut acts = vec![history(incident, fill, &item(action, fill, id.clone(), words))];
    acts.extend(Slot::Description.set(document, words));
    acts.extend(id.map(|id| alternative(incident, id)));
    let status = Spot::attribute(incident.id(), "status");
    acts.push(Act::Set { spot: status, value: "in-progress".to_owned() });
    acts.extend(Slot::Restriction.set(document, &restriction.0));
    if let Some(private) = restriction.1 {
        acts.push(Act::Set { spot: Spot::attribute(incident.id(), "ext-restriction"), value: private });
    }
    let _ = draft.act_all(&acts, Instant::now())?;
    Ok(Draft::new(draft.document().clone(), super::draft::Beside::default()))
}

fn now(fill: &Fill) -> String {
    fill.now.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The time of generation of the first incident is now.
fn generated(document: &Document, fill: &Fill) -> Option<Act> {
    let spot = Slot::Place("GenerationTime").spot(document)?;
    Some(Act::Set { spot, value: now(fill) })
}

/// One thing that was done.
fn item(action: &str, fill: &Fill, about: Option<Fragment>, words: &str) -> Fragment {
    let mut item = Fragment::new("HistoryItem").attr("action", action).with(Fragment::leaf("DateTime", now(fill)));
    if let Some(about) = about {
        item = item.with(about);
    }
    if words.trim().is_empty() { item } else { item.with(Fragment::leaf("Description", words.trim())) }
}

fn insert(parent: Element<'_>, local: &str, fragment: Fragment) -> Act {
    let place = form::place(parent, Name { ns: NS, local });
    Act::Insert { parent: parent.id(), place, fragments: vec![fragment] }
}

/// Adds an item to the history, which begins with it where there is none.
fn history(incident: Element<'_>, _fill: &Fill, item: &Fragment) -> Act {
    match incident.child("History") {
        Some(history) => insert(history, "HistoryItem", item.clone()),
        None => insert(incident, "History", Fragment::new("History").with(item.clone())),
    }
}

fn related(incident: Element<'_>, old: Fragment, words: &str) -> Act {
    let mut related = Fragment::new("RelatedActivity").with(old);
    if !words.trim().is_empty() {
        related = related.with(Fragment::leaf("Description", words.trim()));
    }
    insert(incident, "RelatedActivity", related)
}

fn alternative(incident: Element<'_>, old: Fragment) -> Act {
    match incident.child("AlternativeID") {
        Some(alternative) => insert(alternative, "IncidentID", old),
        None => insert(incident, "AlternativeID", Fragment::new("AlternativeID").with(old)),
    }
}

/// Whether an incident says a restriction of its own.
#[must_use]
pub fn says_restriction(document: &Document) -> bool {
    short::incident(document).is_some_and(|incident| own_restriction(incident).is_some())
}
