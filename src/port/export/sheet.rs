//! What came of an export: what was carried, what had no home in the format, what was left out and why, how strict it is.

use std::collections::BTreeMap;

use super::{Order, stricter};
use crate::iodef::export::{Carried, Format, restriction};
use crate::model::{Restriction, Say};
use crate::store::{Row, Seq};
use crate::text;

/// Remarks kept to be told one by one; the others are counted.
const REMARKS: usize = 1_000;

/// A row that was not carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    pub seq: Seq,
    /// Who reported it and its number, or its item id; one line, safe to show.
    pub name: String,
    pub why: Say,
}

/// The sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    pub format: Format,
    pub about: Say,
    pub asked: usize,
    pub carried: usize,
    pub left: Vec<Left>,
    /// Documents of IODEF v1 that were carried as v2.
    pub upgraded: usize,
    /// Documents that name nothing the table has a row for.
    pub silent: usize,
    /// Objects that were told differently under one id and one time.
    pub retold: usize,
    /// Elements by class: with a home, and without.
    pub classes: BTreeMap<String, usize>,
    pub homeless: BTreeMap<String, usize>,
    /// Attributes without a home of elements that have one.
    pub attributes: BTreeMap<String, usize>,
    /// With the name of the document they are about.
    pub remarks: Vec<(String, Say)>,
    /// Remarks beyond those kept.
    pub unsaid: usize,
    /// Of all that was carried; none where nothing was.
    pub strictest: Option<Restriction>,
}

/// How a row is named in a list.
pub fn name(row: &Row) -> String {
    let summary = &row.summary;
    match (summary.csirt.as_str(), summary.id.as_str()) {
        ("", "") => text::line(&row.key.item.0),
        (csirt, id) => text::line(&format!("{csirt} {id}")),
    }
}

impl Sheet {
    pub(super) fn new(order: &Order<'_>) -> Self {
        Self {
            format: order.format,
            about: order.about.clone(),
            asked: order.rows.len(),
            carried: 0,
            left: Vec::new(),
            upgraded: 0,
            silent: 0,
            retold: 0,
            classes: BTreeMap::new(),
            homeless: BTreeMap::new(),
            attributes: BTreeMap::new(),
            remarks: Vec::new(),
            unsaid: 0,
            strictest: None,
        }
    }

    pub(super) fn leave(&mut self, left: Left) {
        self.left.push(left);
    }

    pub(super) fn carry(&mut self, row: &Row, carried: Carried) {
        self.carried += 1;
        join(&mut self.classes, carried.carried);
        join(&mut self.homeless, carried.homeless);
        join(&mut self.attributes, carried.attributes);
        let free = REMARKS.saturating_sub(self.remarks.len());
        self.unsaid += carried.remarks.len().saturating_sub(free);
        let of = name(row);
        self.remarks.extend(carried.remarks.into_iter().take(free).map(|remark| (of.clone(), remark)));
        // As strict as the strictest that either reading found.
        let strictest = stricter(self.strictest.take(), &carried.strictest);
        let strictest = stricter(Some(strictest), &row.summary.strictest);
        self.strictest = Some(strictest);
    }

    /// The line that names the strictest restriction.
    #[must_use]
    pub fn handling(&self) -> Say {
        restriction("export-csv-restriction", self.strictest.as_ref().unwrap_or(&Restriction::Absent))
    }

    /// All but what was left out and the remarks, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<Say> {
        let count = |key, count: usize| (count > 0).then(|| Say::new(key).number("count", count));
        let mut lines =
            vec![Say::new("port-carried").number("count", self.carried).number("asked", self.asked), self.handling()];
        lines.extend(count("port-upgraded", self.upgraded));
        lines.extend(count("port-silent", self.silent));
        lines.extend(count("port-retold", self.retold));
        let classes = Carried {
            carried: self.classes.clone(),
            homeless: self.homeless.clone(),
            attributes: self.attributes.clone(),
            ..Carried::default()
        };
        if self.carried > 0 {
            let mut told = classes.lines();
            // The restriction of all is told above.
            let _ = told.pop();
            lines.extend(told);
        }
        lines
    }

    /// What else is told: rows left out, then remarks, each with its name.
    #[must_use]
    pub fn named(&self) -> Vec<(&str, &Say)> {
        let left = self.left.iter().map(|left| (left.name.as_str(), &left.why));
        left.chain(self.remarks.iter().map(|(of, say)| (of.as_str(), say))).collect()
    }
}

fn join(all: &mut BTreeMap<String, usize>, more: BTreeMap<String, usize>) {
    for (class, count) in more {
        *all.entry(class).or_default() += count;
    }
}
