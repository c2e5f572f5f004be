//! Expressions against a document (XPath 1.0 §3-4). Recurses over the expression, whose depth is bounded, never over the
//! document; each look at a node is counted.

use std::cell::Cell;

use super::tree::{Kind, Node, Tree};
use super::{Arithmetic, Axis, Compare, Expr, Function, Start, Step, Test, TooLong};

/// Nodes are in the order of the document, each once.
enum Value {
    Nodes(Vec<usize>),
    Text(String),
    Number(f64),
    Truth(bool),
}

/// Longest text that is made, in bytes.
const LONGEST: usize = 1 << 20;

/// The node looked at, its place among its fellows, and how many they are.
#[derive(Clone, Copy)]
struct At {
    node: usize,
    position: usize,
    last: usize,
}

pub fn holds(expr: &Expr, document: &Tree<'_>, steps: u64) -> Result<bool, TooLong> {
    let work = Work { tree: document, left: Cell::new(steps) };
    let value = work.value(expr, At { node: 0, position: 1, last: 1 })?;
    Ok(truth(&value))
}

fn truth(value: &Value) -> bool {
    match value {
        Value::Nodes(nodes) => !nodes.is_empty(),
        Value::Text(text) => !text.is_empty(),
        Value::Number(number) => *number != 0.0 && !number.is_nan(),
        Value::Truth(truth) => *truth,
    }
}

fn number(text: &str) -> f64 {
    let text = text.trim();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
    if plain { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
}

fn digits(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() };
    }
    // No zero has a sign (XPath 1.0 §4.2).
    if number == 0.0 { "0".to_owned() } else { number.to_string() }
}

struct Work<'t> {
    tree: &'t Tree<'t>,
    left: Cell<u64>,
}

impl Work<'_> {
    fn spend(&self, steps: usize) -> Result<(), TooLong> {
        let left = self.left.get().checked_sub(steps as u64).ok_or(TooLong)?;
        self.left.set(left);
        Ok(())
    }

    fn node(&self, at: usize) -> Option<&Node<'_>> {
        self.tree.node(at)
    }

    fn value(&self, expr: &Expr, at: At) -> Result<Value, TooLong> {
        self.spend(1)?;
        Ok(match expr {
            Expr::Or(one, other) => Value::Truth(truth(&self.value(one, at)?) || truth(&self.value(other, at)?)),
            Expr::And(one, other) => Value::Truth(truth(&self.value(one, at)?) && truth(&self.value(other, at)?)),
            Expr::Compare(how, one, other) => {
                Value::Truth(self.compare(*how, &self.value(one, at)?, &self.value(other, at)?)?)
            }
            Expr::Arithmetic(how, one, other) => {
                let (one, other) = (self.number(&self.value(one, at)?)?, self.number(&self.value(other, at)?)?);
                Value::Number(match how {
                    Arithmetic::Plus => one + other,
                    Arithmetic::Minus => one - other,
                    Arithmetic::Times => one * other,
                    Arithmetic::Div => one / other,
                    Arithmetic::Mod => one % other,
                })
            }
            Expr::Negative(inner) => Value::Number(-self.number(&self.value(inner, at)?)?),
            Expr::Union(one, other) => {
                let mut nodes = self.nodes(one, at)?;
                nodes.extend(self.nodes(other, at)?);
                Value::Nodes(ordered(nodes))
            }
            Expr::Path(start, steps) => Value::Nodes(self.path(start, steps, at)?),
            Expr::Literal(text) => Value::Text(text.clone()),
            Expr::Number(number) => Value::Number(*number),
            Expr::Call(function, arguments) => self.call(*function, arguments, at)?,
        })
    }

    /// What is no set of nodes is none of them.
    fn nodes(&self, expr: &Expr, at: At) -> Result<Vec<usize>, TooLong> {
        Ok(if let Value::Nodes(nodes) = self.value(expr, at)? { nodes } else { Vec::new() })
    }

    fn path(&self, start: &Start, steps: &[Step], at: At) -> Result<Vec<usize>, TooLong> {
        let mut nodes = match start {
            Start::Root => vec![0],
            Start::Here => vec![at.node],
            Start::Found(expr, predicates) => {
                let mut nodes = self.nodes(expr, at)?;
                for predicate in predicates {
                    nodes = self.kept(predicate, nodes)?;
                }
                nodes
            }
        };
        for step in steps {
            let mut next = Vec::new();
            for node in nodes {
                let mut found = self.along(step, node)?;
                for predicate in &step.predicates {
                    found = self.kept(predicate, found)?;
                }
                next.extend(found);
            }
            nodes = ordered(next);
        }
        Ok(nodes)
    }

    /// Those for which the predicate holds; a number is a place (§2.4).
    fn kept(&self, predicate: &Expr, nodes: Vec<usize>) -> Result<Vec<usize>, TooLong> {
        let last = nodes.len();
        let mut kept = Vec::new();
        for (place, node) in nodes.into_iter().enumerate() {
            let position = place + 1;
            let value = self.value(predicate, At { node, position, last })?;
            let holds = match value {
                Value::Number(number) => number == count(position),
                value => truth(&value),
            };
            if holds {
                kept.push(node);
            }
        }
        Ok(kept)
    }

    /// The nodes of an axis that pass the step's test, nearest first.
    fn along(&self, step: &Step, from: usize) -> Result<Vec<usize>, TooLong> {
        let mut found = Vec::new();
        let Some(own) = self.node(from) else { return Ok(found) };
        let mut see = |at: usize| -> Result<(), TooLong> {
            self.spend(1)?;
            if self.passes(step, at) {
                found.push(at);
            }
            Ok(())
        };
        match step.axis {
            Axis::Itself => see(from)?,
            Axis::Parent if from > 0 => see(own.parent)?,
            Axis::Parent => {}
            Axis::Child => self.children(from, &mut see)?,
            Axis::Attribute => {
                for at in from + 1..self.tree.first_child(from) {
                    see(at)?;
                }
            }
            Axis::Descendant | Axis::DescendantOrSelf => {
                let first = if step.axis == Axis::Descendant { from + 1 } else { from };
                for at in first..own.end.max(from + 1) {
                    // Attributes are no descendants; one may be where it begins.
                    if at == from || self.node(at).is_some_and(|node| node.kind != Kind::Attribute) {
                        see(at)?;
                    }
                }
            }
            Axis::Ancestor | Axis::AncestorOrSelf => {
                let mut at = from;
                if step.axis == Axis::AncestorOrSelf {
                    see(at)?;
                }
                while at > 0 {
                    at = self.node(at).map_or(0, |node| node.parent);
                    see(at)?;
                }
            }
            Axis::FollowingSibling | Axis::PrecedingSibling if from == 0 || own.kind == Kind::Attribute => {}
            Axis::FollowingSibling => {
                self.children(own.parent, &mut |at| if at > from { see(at) } else { self.spend(1) })?;
            }
            Axis::PrecedingSibling => {
                self.children(own.parent, &mut |at| if at < from { see(at) } else { self.spend(1) })?;
                found.reverse();
            }
        }
        Ok(found)
    }

    fn children(&self, of: usize, see: &mut dyn FnMut(usize) -> Result<(), TooLong>) -> Result<(), TooLong> {
        let Some(own) = self.node(of).filter(|own| matches!(own.kind, Kind::Root | Kind::Element)) else {
            return Ok(());
        };
        let mut at = self.tree.first_child(of);
        while at < own.end {
            see(at)?;
            // Each ends behind itself, so this goes on.
            at = self.node(at).map_or(own.end, |node| node.end.max(at + 1));
        }
        Ok(())
    }

    fn passes(&self, step: &Step, at: usize) -> bool {
        let Some(node) = self.node(at) else { return false };
        match &step.test {
            Test::Node => true,
            Test::Text => node.kind == Kind::Text,
            Test::Name(namespaces, local) => {
                let wanted = if step.axis == Axis::Attribute { Kind::Attribute } else { Kind::Element };
                node.kind == wanted
                    && local.as_ref().is_none_or(|local| node.local() == local)
                    && namespaces.is_none_or(|namespaces| namespaces.contains(&self.tree.namespace(node)))
            }
        }
    }

    /// The text of a node (§5); every text below an element.
    fn text_of(&self, at: usize) -> Result<String, TooLong> {
        let Some(own) = self.node(at) else { return Ok(String::new()) };
        if matches!(own.kind, Kind::Attribute | Kind::Text) {
            self.spend(1 + own.text.len() / 64)?;
            return Ok(own.text.clone().into_owned());
        }
        let mut all = String::new();
        for node in (at..own.end).filter_map(|at| self.node(at)) {
            self.spend(1 + node.text.len() / 64)?;
            if node.kind == Kind::Text {
                all.push_str(&node.text);
            }
        }
        Ok(all)
    }

    fn text(&self, value: &Value) -> Result<String, TooLong> {
        match value {
            Value::Nodes(nodes) => nodes.first().map_or(Ok(String::new()), |first| self.text_of(*first)),
            Value::Text(text) => Ok(text.clone()),
            Value::Number(number) => Ok(digits(*number)),
            Value::Truth(truth) => Ok(truth.to_string()),
        }
    }

    fn number(&self, value: &Value) -> Result<f64, TooLong> {
        Ok(match value {
            Value::Number(number) => *number,
            Value::Truth(truth) => f64::from(u8::from(*truth)),
            value => number(&self.text(value)?),
        })
    }

    /// Of sets of nodes one pair that fits is enough (§3.4).
    fn compare(&self, how: Compare, one: &Value, other: &Value) -> Result<bool, TooLong> {
        match (one, other) {
            (Value::Nodes(_), Value::Truth(truth)) => Ok(ordinal(how, self::truth(one), *truth)),
            (Value::Truth(truth), Value::Nodes(_)) => Ok(ordinal(how, *truth, self::truth(other))),
            (Value::Nodes(nodes), other) => {
                let others: Vec<Value> = match other {
                    Value::Nodes(nodes) => {
                        nodes.iter().map(|node| self.text_of(*node).map(Value::Text)).collect::<Result<_, _>>()?
                    }
                    Value::Number(number) => vec![Value::Number(*number)],
                    other => vec![Value::Text(self.text(other)?)],
                };
                for node in nodes {
                    let own = Value::Text(self.text_of(*node)?);
                    for other in &others {
                        self.spend(1)?;
                        if self.plain(how, &own, other)? {
                            return Ok(true);
                        }
                    }
                }
                Ok(false)
            }
            (one, Value::Nodes(nodes)) => {
                for node in nodes {
                    if self.plain(how, one, &Value::Text(self.text_of(*node)?))? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (one, other) => self.plain(how, one, other),
        }
    }

    fn plain(&self, how: Compare, one: &Value, other: &Value) -> Result<bool, TooLong> {
        if !matches!(how, Compare::Equal | Compare::Unequal) {
            return Ok(ordinal(how, self.number(one)?, self.number(other)?));
        }
        if matches!(one, Value::Truth(_)) || matches!(other, Value::Truth(_)) {
            return Ok(ordinal(how, truth(one), truth(other)));
        }
        if matches!(one, Value::Number(_)) || matches!(other, Value::Number(_)) {
            return Ok(ordinal(how, self.number(one)?, self.number(other)?));
        }
        Ok(ordinal(how, self.text(one)?, self.text(other)?))
    }

    fn call(&self, function: Function, arguments: &[Expr], at: At) -> Result<Value, TooLong> {
        let text = |place: usize| match arguments.get(place) {
            Some(argument) => self.text(&self.value(argument, at)?),
            // Without an argument it is of the node looked at.
            None => self.text_of(at.node),
        };
        let number = |place: usize| match arguments.get(place) {
            Some(argument) => self.number(&self.value(argument, at)?),
            None => Ok(self::number(&self.text_of(at.node)?)),
        };
        let first = || match arguments.first() {
            Some(argument) => Ok(self.nodes(argument, at)?.first().copied()),
            None => Ok(Some(at.node)),
        };
        let is_true = || arguments.first().map_or(Ok(false), |argument| Ok(truth(&self.value(argument, at)?)));
        let named = |of: &dyn Fn(&Node<'_>) -> String| -> Result<Value, TooLong> {
            Ok(Value::Text(first()?.and_then(|node| self.node(node)).map(of).unwrap_or_default()))
        };
        let all = || arguments.first().map_or(Ok(Vec::new()), |argument| self.nodes(argument, at));
        Ok(match function {
            Function::Last => Value::Number(count(at.last)),
            Function::Position => Value::Number(count(at.position)),
            Function::Count => Value::Number(count(all()?.len())),
            Function::LocalName => named(&|node| node.local().to_owned())?,
            Function::Name => named(&|node| node.name.to_owned())?,
            Function::NamespaceUri => named(&|node| self.tree.namespace(node).to_owned())?,
            Function::String => Value::Text(text(0)?),
            Function::Concat => {
                let mut joined = String::new();
                for place in 0..arguments.len() {
                    joined.push_str(&text(place)?);
                }
                Value::Text(if joined.len() > LONGEST { return Err(TooLong) } else { joined })
            }
            Function::StartsWith => Value::Truth(text(0)?.starts_with(&text(1)?)),
            Function::Contains => Value::Truth(text(0)?.contains(&text(1)?)),
            Function::SubstringBefore => {
                Value::Text(text(0)?.split_once(&text(1)?).map_or("", |(part, _)| part).to_owned())
            }
            Function::SubstringAfter => {
                Value::Text(text(0)?.split_once(&text(1)?).map_or("", |(_, part)| part).to_owned())
            }
            Function::Substring => {
                let (from, length) =
                    (round(number(1)?), if arguments.len() > 2 { round(number(2)?) } else { f64::INFINITY });
                let within = |place: usize| count(place + 1) >= from && count(place + 1) < from + length;
                Value::Text(text(0)?.chars().enumerate().filter(|(place, _)| within(*place)).map(|(_, c)| c).collect())
            }
            Function::StringLength => Value::Number(count(text(0)?.chars().count())),
            Function::NormalizeSpace => Value::Text(text(0)?.split_ascii_whitespace().collect::<Vec<_>>().join(" ")),
            Function::Translate => {
                let (from, to): (Vec<char>, Vec<char>) = (text(1)?.chars().collect(), text(2)?.chars().collect());
                let one = |char: char| match from.iter().position(|own| *own == char) {
                    Some(place) => to.get(place).copied(),
                    None => Some(char),
                };
                let text = text(0)?;
                self.spend(text.len().saturating_mul(from.len().max(1)) / 16)?;
                Value::Text(text.chars().filter_map(one).collect())
            }
            Function::Boolean => Value::Truth(is_true()?),
            Function::Not => Value::Truth(!is_true()?),
            Function::True => Value::Truth(true),
            Function::False => Value::Truth(false),
            Function::Number => Value::Number(number(0)?),
            Function::Sum => {
                let mut sum = 0.0;
                for node in all()? {
                    sum += self::number(&self.text_of(node)?);
                }
                Value::Number(sum)
            }
            Function::Floor => Value::Number(number(0)?.floor()),
            Function::Ceiling => Value::Number(number(0)?.ceil()),
            Function::Round => Value::Number(round(number(0)?)),
        })
    }
}

/// Half goes up (§4.4).
fn round(number: f64) -> f64 {
    (number + 0.5).floor()
}

fn count(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

fn ordered(mut nodes: Vec<usize>) -> Vec<usize> {
    if !nodes.is_sorted_by(|one, next| one < next) {
        nodes.sort_unstable();
        nodes.dedup();
    }
    nodes
}

fn ordinal<T: PartialOrd>(how: Compare, one: T, other: T) -> bool {
    match how {
        Compare::Equal => one == other,
        Compare::Unequal => one != other,
        Compare::Less => one < other,
        Compare::AtMost => one <= other,
        Compare::More => one > other,
        Compare::AtLeast => one >= other,
    }
}
