//! A report as the composer makes it: a blank one whose fields are filled in.

use std::time::Instant;

use chrono::{DateTime, Utc};
use gridwatch::compose::Draft;
use gridwatch::compose::draft::Act;
use gridwatch::compose::form::Fill;
use gridwatch::compose::short::{self, Slot};
use gridwatch::compose::template;
use gridwatch::iodef::Refused;
use gridwatch::model::{Restriction, Severity, Typed};

#[derive(Clone, Debug)]
pub struct Report {
    pub csirt: String,
    pub id: String,
    pub generated: DateTime<Utc>,
    pub purpose: String,
    pub restriction: Restriction,
    pub name: String,
    pub email: String,
    pub description: String,
    pub severity: Severity,
    /// What the addresses were, and one a line.
    pub category: String,
    pub addresses: String,
}

impl Report {
    pub fn new(generated: DateTime<Utc>) -> Self {
        Self {
            csirt: "csirt.example".to_owned(),
            id: String::new(),
            generated,
            purpose: "reporting".to_owned(),
            restriction: Restriction::Absent,
            name: String::new(),
            email: "duty@csirt.example".to_owned(),
            description: String::new(),
            severity: Severity::Unknown,
            category: "source".to_owned(),
            addresses: String::new(),
        }
    }

    /// The draft, as its fields are typed.
    pub fn draft(&self) -> Result<Draft, Refused> {
        let fill = Fill { now: self.generated, csirt: self.csirt.clone() };
        let mut draft = template::blank(&fill, &self.id, None)?;
        let fields = [
            (Slot::Purpose, self.purpose.as_str()),
            (Slot::Restriction, self.restriction.token().unwrap_or_default()),
            (Slot::Description, &self.description),
            (Slot::ContactName, &self.name),
            (Slot::ContactEmail, &self.email),
        ];
        for (slot, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            let act = slot.set(draft.document(), value).unwrap();
            let _ = draft.act(&act, Instant::now())?;
        }
        if let Some(severity) = self.severity.token() {
            let parent = short::incident(draft.document()).unwrap().id();
            let text = format!("<Assessment><SystemImpact severity=\"{severity}\" type=\"unknown\"/></Assessment>");
            let _ = draft.act(&Act::Xml { parent, text }, Instant::now())?;
        }
        let values: Vec<Typed> = self.addresses.lines().filter_map(Typed::read).collect();
        if let Some(act) = short::observed(draft.document(), &values, &self.category) {
            let _ = draft.act(&act, Instant::now())?;
        }
        Ok(draft)
    }

    /// What of it is published.
    pub fn text(&self) -> String {
        self.draft().unwrap().document().travelling().text
    }
}
