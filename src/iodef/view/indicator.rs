//! Indicators and the expressions they are made of (RFC 7970 §3.29). An expression is a tree of any depth: here it is a list
//! of rows, each with its depth, in the order a person reads it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{AttackPhase, Confidence, Reference, Text, Token, attr, texts, views};
use crate::iodef::doc::{Document, Element};
use crate::model::Stamp;

views! {
    Indicator: "Indicator";
    IndicatorId: "IndicatorID";
}

impl<'d> IndicatorId<'d> {
    /// The CSIRT that gave the id.
    #[must_use]
    pub fn name(self) -> Option<Cow<'d, str>> {
        attr(self.0, "name")
    }

    #[must_use]
    pub fn version(self) -> Option<Cow<'d, str>> {
        attr(self.0, "version")
    }

    #[must_use]
    pub fn text(self) -> Cow<'d, str> {
        self.0.trimmed()
    }
}

impl<'d> Indicator<'d> {
    #[must_use]
    pub fn id(self) -> Option<IndicatorId<'d>> {
        IndicatorId::all(self.0).next()
    }

    #[must_use]
    pub fn descriptions(self) -> Vec<Text<'d>> {
        texts(self.0, "Description")
    }

    /// The interval it holds in; an open end is `None`.
    #[must_use]
    pub fn valid(self) -> (Option<Stamp>, Option<Stamp>) {
        let time = |name| self.0.child(name).and_then(|time| Stamp::parse(&time.text()));
        (time("StartTime"), time("EndTime"))
    }

    #[must_use]
    pub fn confidence(self) -> Option<Confidence<'d>> {
        self.0.child("Confidence").map(Confidence::of)
    }

    pub fn roles(self) -> impl Iterator<Item = Token<'d>> {
        self.0.children_named("NodeRole").filter_map(|role| Token::of(role, "category"))
    }

    pub fn phases(self) -> impl Iterator<Item = AttackPhase<'d>> {
        AttackPhase::all(self.0)
    }

    pub fn references(self) -> impl Iterator<Item = Reference<'d>> {
        Reference::all(self.0)
    }

    /// What it looks for, as rows.
    #[must_use]
    pub fn rows(self) -> Vec<Row<'d>> {
        rows(self.0)
    }
}

/// The elements of a document that carry an `observable-id`, by it; of two with one id the first.
#[must_use]
pub fn tagged(document: &Document) -> HashMap<Cow<'_, str>, Element<'_>> {
    let mut found = HashMap::new();
    for element in document.root().descendants().filter(|element| element.is_iodef()) {
        if let Some(id) = attr(element, "observable-id") {
            let _ = found.entry(id).or_insert(element);
        }
    }
    found
}

/// What a row of an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand<'d> {
    /// Its operands are the rows below that stand one deeper. `and` where the sender says nothing.
    Expression(Token<'d>),
    /// The `Observable`.
    Observable,
    /// To the element with this `observable-id` ([`tagged`]).
    ObservableReference(Cow<'d, str>),
    /// To another indicator: of this document by `uid-ref`, of another by `euid-ref`.
    IndicatorReference(Option<Cow<'d, str>>, Option<Cow<'d, str>>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row<'d> {
    pub depth: usize,
    pub operand: Operand<'d>,
    pub element: Element<'d>,
    /// Of this operand alone: the one that follows it in the expression.
    pub confidence: Option<Confidence<'d>>,
}

/// The operands among the children of an indicator or an expression, and of the expressions among them.
#[must_use]
pub fn rows(parent: Element<'_>) -> Vec<Row<'_>> {
    let mut found: Vec<Row<'_>> = Vec::new();
    let mut open: Vec<(usize, Element<'_>)> = vec![(0, parent)];
    let mut is_first = true;
    while let Some((depth, element)) = open.pop() {
        let expands = std::mem::take(&mut is_first) || element.is("IndicatorExpression");
        if depth > 0 {
            let Some(operand) = operand(element) else { continue };
            found.push(Row { depth: depth - 1, operand, element, confidence: confidence(element) });
        }
        if expands {
            let inner: Vec<_> = element.children().map(|child| (depth + 1, child)).collect();
            open.extend(inner.into_iter().rev());
        }
    }
    found
}

fn operand(element: Element<'_>) -> Option<Operand<'_>> {
    if !element.is_iodef() {
        return None;
    }
    Some(match element.local() {
        "IndicatorExpression" => {
            Operand::Expression(Token::of(element, "operator").unwrap_or(Token::Known(Cow::Borrowed("and"))))
        }
        "Observable" => Operand::Observable,
        "ObservableReference" => Operand::ObservableReference(attr(element, "uid-ref").unwrap_or_default()),
        "IndicatorReference" => Operand::IndicatorReference(attr(element, "uid-ref"), attr(element, "euid-ref")),
        _ => return None,
    })
}

/// The `Confidence` right after an operand of an expression.
pub(in crate::iodef) fn confidence(element: Element<'_>) -> Option<Confidence<'_>> {
    let _ = element.parent().filter(|parent| parent.is("IndicatorExpression"))?;
    let next = element.following().find(|child| !child.is("AdditionalData"));
    next.filter(|next| next.is("Confidence")).map(Confidence::of)
}
