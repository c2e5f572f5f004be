//! An indicator's expression as steps of a stack machine: values first, then the operator that joins them. Made without
//! recursion, because who writes a document chooses its depth, and references may lead in a circle.

use std::collections::{HashMap, HashSet};

use crate::iodef::{Document, Element, NodeId};

/// Most steps of one indicator, references followed: a document of a few lines can refer itself into millions.
const MOST: usize = 50_000;

/// Steps every indicator has: those that multiply leave the others theirs.
const FREE: usize = 64;

/// What joins the operands of an `IndicatorExpression` (RFC 7970 §3.29.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    And,
    Or,
    Not,
    Xor,
}

/// Why an expression cannot be said in another format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// It refers to an indicator that is not in this document.
    Elsewhere,
    /// A reference to nothing.
    Dangling,
    Circle,
    /// Nothing in it that the other format could look for.
    Mute,
    /// A `not` that stands alone among other kinds of values: "an address other than" is seen all the time.
    Negation,
    /// Exclusive or.
    Xor,
    Operator,
    /// More steps, or a longer pattern, than anybody matches.
    Long,
    /// A port whose host the document does not say: told, and said.
    Hostless,
    /// An interval that ends before it begins: its beginning is said.
    Times,
    /// Campaigns and actors too many to be linked with each other.
    Crowd,
}

#[derive(Clone, Copy, Debug)]
pub enum Step<'d> {
    /// An element with values: any of them.
    Leaf(Leaf<'d>),
    Refused(Reason),
    /// Joins the results of so many steps before it.
    Join(Operator, usize),
}

#[derive(Clone, Copy, Debug)]
pub struct Leaf<'d> {
    pub element: Element<'d>,
    /// Below an odd number of `not`.
    pub negated: bool,
    /// Whether the value is the indicator by itself, without another one beside it.
    pub alone: bool,
}

/// Elements by the names that references use: `observable-id` and the text of `IndicatorID`.
#[derive(Debug, Default)]
pub struct Names<'d> {
    tagged: HashMap<String, Element<'d>>,
    indicators: HashMap<String, Element<'d>>,
}

impl<'d> Names<'d> {
    #[must_use]
    pub fn of(document: &'d Document) -> Self {
        let mut names = Self::default();
        for element in document.root().descendants().filter(|element| element.is_iodef()) {
            if let Some(id) = element.attr("observable-id") {
                let _ = names.tagged.entry(id.trim().to_owned()).or_insert(element);
            }
            if element.local() == "Indicator"
                && let Some(id) = element.child("IndicatorID")
            {
                let _ = names.indicators.entry(id.trimmed().into_owned()).or_insert(element);
            }
        }
        names
    }
}

enum Task<'d> {
    Visit(Leaf<'d>),
    Join(Operator, usize),
    Leave,
}

/// The steps of an `Indicator`. `left` is how many steps the document may still take.
#[must_use]
pub fn steps<'d>(indicator: Element<'d>, names: &Names<'d>, left: &mut usize) -> Vec<Step<'d>> {
    let mut steps = Vec::new();
    let mut taken = 0_usize;
    let mut entered: Vec<NodeId> = Vec::new();
    let mut inside: HashSet<NodeId> = HashSet::new();
    let mut tasks = vec![Task::Visit(Leaf { element: indicator, negated: false, alone: true })];
    while let Some(task) = tasks.pop() {
        taken += 1;
        let Some(rest) = left.checked_sub(usize::from(taken > FREE)).filter(|_| steps.len() + tasks.len() <= MOST)
        else {
            return vec![Step::Refused(Reason::Long)];
        };
        *left = rest;
        match task {
            Task::Leave => {
                let _ = entered.pop().map(|id| inside.remove(&id));
            }
            Task::Join(operator, count) => steps.push(Step::Join(operator, count)),
            Task::Visit(leaf) => match target(leaf.element, names) {
                Err(reason) => steps.push(Step::Refused(reason)),
                Ok(Target::Value(element)) => steps.push(Step::Leaf(Leaf { element, ..leaf })),
                Ok(Target::Indicator(element)) if !inside.insert(element.id()) => {
                    steps.push(Step::Refused(Reason::Circle));
                }
                Ok(Target::Indicator(element)) => {
                    entered.push(element.id());
                    tasks.push(Task::Leave);
                    operands(element, leaf, Operator::And, &mut tasks, &mut steps);
                }
                Ok(Target::Expression(element)) => match operator(element) {
                    Some(operator) => operands(element, leaf, operator, &mut tasks, &mut steps),
                    None => steps.push(Step::Refused(Reason::Operator)),
                },
            },
        }
    }
    steps
}

fn operands<'d>(
    element: Element<'d>,
    around: Leaf<'d>,
    operator: Operator,
    tasks: &mut Vec<Task<'d>>,
    steps: &mut Vec<Step<'d>>,
) {
    let operands: Vec<Element<'d>> = element.children().filter(|child| is_operand(*child)).collect();
    if operands.is_empty() {
        steps.push(Step::Refused(Reason::Mute));
        return;
    }
    let alone = around.alone && (operator == Operator::Or || (operator == Operator::And && operands.len() == 1));
    let negated = around.negated != (operator == Operator::Not);
    tasks.push(Task::Join(operator, operands.len()));
    tasks.extend(operands.into_iter().rev().map(|element| Task::Visit(Leaf { element, negated, alone })));
}

fn is_operand(element: Element<'_>) -> bool {
    element.is_iodef()
        && matches!(
            element.local(),
            "Observable" | "ObservableReference" | "IndicatorExpression" | "IndicatorReference"
        )
}

/// The operator; `and` when none is named, as the schema has it.
fn operator(element: Element<'_>) -> Option<Operator> {
    match element.attr("operator").as_deref().map_or("and", str::trim) {
        "and" => Some(Operator::And),
        "or" => Some(Operator::Or),
        "not" => Some(Operator::Not),
        "xor" => Some(Operator::Xor),
        _ => None,
    }
}

enum Target<'d> {
    Value(Element<'d>),
    Indicator(Element<'d>),
    Expression(Element<'d>),
}

fn target<'d>(element: Element<'d>, names: &Names<'d>) -> Result<Target<'d>, Reason> {
    let referred = element.attr("uid-ref");
    let referred = referred.as_deref().map(str::trim);
    match element.local() {
        "Indicator" => Ok(Target::Indicator(element)),
        "IndicatorExpression" => Ok(Target::Expression(element)),
        "ObservableReference" => {
            let tagged = referred.and_then(|id| names.tagged.get(id));
            tagged.copied().map(Target::Value).ok_or(Reason::Dangling)
        }
        "IndicatorReference" => match referred {
            None => Err(Reason::Elsewhere),
            Some(id) => names.indicators.get(id).copied().map(Target::Indicator).ok_or(Reason::Dangling),
        },
        _ => Ok(Target::Value(element)),
    }
}
