//! What goes: what is stricter, then what refers to that, then what has nothing left in it; again until nothing changes.

use std::collections::{BTreeMap, HashSet};

use super::{Need, Why, is_stricter};
use crate::compose::form::{self, PROFILE, class_of, names, references};
use crate::iodef::schema::Name;
use crate::iodef::view::marking;
use crate::iodef::{Document, Element, NodeId};
use crate::model::Tlp;

pub struct Plan {
    /// In document order, none inside another.
    pub gone: Vec<(NodeId, Why)>,
    pub needs: Vec<Need>,
}

pub fn plan(document: &Document, target: Tlp) -> Plan {
    let root = document.root();
    let mut work = Work { document, gone: BTreeMap::new(), inside: HashSet::new() };
    for element in root.descendants() {
        if !work.is_gone(element) && is_stricter(element, target) {
            work.take(element, Why::Stricter(marking(element).restriction));
        }
    }
    let (names, references) =
        if work.gone.is_empty() { (Vec::new(), Vec::new()) } else { (names(document), references(document)) };
    loop {
        let before = work.gone.len();
        let lost: HashSet<&str> =
            names.iter().filter(|name| work.inside.contains(&name.node)).map(|name| name.id.as_str()).collect();
        for (node, _, id) in &references {
            if let Some(element) = document.element(*node).filter(|_| lost.contains(id.as_str())) {
                work.take(element, Why::Refers);
            }
        }
        work.hollow();
        if work.gone.len() == before {
            break;
        }
    }
    let needs = work.needs();
    Plan { gone: work.outermost(), needs }
}

struct Work<'d> {
    document: &'d Document,
    gone: BTreeMap<NodeId, Why>,
    /// All that is gone, with what is inside.
    inside: HashSet<NodeId>,
}

impl<'d> Work<'d> {
    fn is_gone(&self, element: Element<'_>) -> bool {
        self.inside.contains(&element.id())
    }

    fn take(&mut self, element: Element<'_>, why: Why) {
        if element.parent().is_none() || self.is_gone(element) {
            return;
        }
        let _ = self.gone.insert(element.id(), why);
        self.inside.extend(std::iter::once(element).chain(element.descendants()).map(Element::id));
    }

    /// The parents of what is gone, the last first.
    fn bereaved(&self) -> Vec<Element<'d>> {
        let parents = self.gone.keys().filter_map(|node| self.document.element(*node)?.parent());
        let mut parents: Vec<Element<'d>> = parents.filter(|parent| !self.is_gone(*parent)).collect();
        parents.sort_by_key(|parent| std::cmp::Reverse(parent.id()));
        parents.dedup_by_key(|parent| parent.id());
        parents
    }

    /// Takes what has nothing left in it, or not what it needs.
    fn hollow(&mut self) {
        for parent in self.bereaved() {
            let is_top = parent.parent().is_none_or(|outer| outer.parent().is_none()) && !parent.is("AdditionalData");
            if is_top {
                continue;
            }
            let kept: Vec<Name<'_>> = parent.children().filter(|child| !self.is_gone(*child)).map(form::name).collect();
            let model = class_of(parent).and_then(|class| class.model(PROFILE));
            let lacks = model.is_some_and(|model| {
                !model.accepts(kept.iter().copied()) && model.accepts(parent.children().map(form::name))
            });
            if lacks || (kept.is_empty() && parent.text().trim().is_empty()) {
                self.take(parent, Why::Hollow);
            }
        }
    }

    /// What the incidents themselves lack now.
    fn needs(&self) -> Vec<Need> {
        let mut needs = Vec::new();
        for incident in self.document.root().children().filter(|child| child.is("Incident")) {
            if self.is_gone(incident) {
                let others =
                    self.document.root().children().filter(|child| child.is("Incident") && !self.is_gone(*child));
                if others.count() == 0 {
                    needs.push(Need::Whole { node: incident.id(), restriction: marking(incident).restriction });
                }
                continue;
            }
            let Some(model) = class_of(incident).and_then(|class| class.model(PROFILE)) else { continue };
            let all: Vec<Name<'_>> = incident.children().map(form::name).collect();
            let kept: Vec<Name<'_>> =
                incident.children().filter(|child| !self.is_gone(*child)).map(form::name).collect();
            let lacked: Vec<_> = model.missing(&all).flatten().collect();
            let missing = model.missing(&kept).flatten();
            needs.extend(
                missing
                    .filter(|class| !lacked.iter().any(|other| std::ptr::eq(*other, *class)))
                    .map(|class| Need::Missing { node: incident.id(), class }),
            );
        }
        needs
    }

    fn outermost(self) -> Vec<(NodeId, Why)> {
        let document = self.document;
        let mut found: Vec<(NodeId, Why)> = Vec::new();
        for (node, why) in self.gone {
            let inside = found.last().and_then(|(outer, _)| document.element(*outer));
            if !inside.is_some_and(|outer| outer.contains(node)) {
                found.push((node, why));
            }
        }
        found
    }
}
