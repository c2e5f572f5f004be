//! The filter language (`product.md` B3): text ⇄ tree, chips, completion, the reference, and what it asks of the index.
//!
//! May use `model`, `text` and the index beside it. One language serves the filter field, saved views, alerts, mute rules,
//! exports and the text verbs. A tree is always in its normal form, so equal filters have equal texts.

mod chip;
mod compile;
mod complete;
mod error;
mod extent;
pub mod field;
mod hint;
mod lex;
mod parse;
pub mod reference;
#[cfg(test)]
mod tests;
mod value;
pub mod when;

use std::fmt;
use std::str::FromStr;

pub use chip::Chip;
pub use compile::{Context, Lists, observable};
pub use complete::{Completion, complete};
pub use error::{Error, Problem};
pub use extent::{Amber, strictness};
pub use field::{Field, Has, Is};
pub use hint::{Hint, hints};
pub use value::{Name, Text, Value};
pub use when::When;

use value::quote;

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cmp {
    /// `:`, the field's usual meaning.
    Has,
    /// `=`, exactly.
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Cmp {
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Has => ":",
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }

    fn is_equality(self) -> bool {
        matches!(self, Self::Has | Self::Eq | Self::Ne)
    }
}

/// A regular expression over an incident's words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Regex {
    pub pattern: String,
    pub insensitive: bool,
}

/// What a filter is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// A word or a phrase anywhere in the incident.
    Words(Text),
    Regex(Regex),
    /// A field and its values, of which one must hold (with [`Cmp::Ne`] none).
    Field {
        field: Field,
        cmp: Cmp,
        values: Vec<Value>,
    },
}

/// The tree. Made by [`Node::all`], [`Node::any`], [`Node::negated`] it is in normal form: nothing nests in its like, nothing is
/// negated twice, and only the whole tree may be empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Term(Term),
}

impl Node {
    #[must_use]
    pub fn all(nodes: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node {
                Self::All(inner) => flat.extend(inner),
                node => flat.push(node),
            }
        }
        if flat.len() == 1 { flat.pop().unwrap_or(Self::All(Vec::new())) } else { Self::All(flat) }
    }

    /// Alternatives; one that matches everything stays one.
    #[must_use]
    pub fn any(nodes: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node {
                Self::Any(inner) => flat.extend(inner),
                node => flat.push(node),
            }
        }
        if flat.len() == 1 { flat.pop().unwrap_or(Self::All(Vec::new())) } else { Self::Any(flat) }
    }

    #[must_use]
    pub fn negated(node: Self) -> Self {
        match node {
            Self::Not(inner) => *inner,
            node => Self::Not(Box::new(node)),
        }
    }
}

/// A filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    root: Node,
}

impl Default for Query {
    /// Everything.
    fn default() -> Self {
        Self { root: Node::All(Vec::new()) }
    }
}

impl From<Node> for Query {
    fn from(root: Node) -> Self {
        Self { root }
    }
}

impl FromStr for Query {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse::parse(text).map(Self::from)
    }
}

/// What a stored filter begins with; the number is raised when an old text would mean something else.
const STORED: &str = "gridwatch-filter/1 ";

impl Query {
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Whether it hides nothing.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        matches!(&self.root, Node::All(nodes) if nodes.is_empty())
    }

    /// The text to keep: saved views, rules, shared files.
    #[must_use]
    pub fn stored(&self) -> String {
        format!("{STORED}{self}")
    }

    /// Reads what [`Query::stored`] wrote.
    ///
    /// # Errors
    /// When it was written by a newer program, or is no filter; the column counts from the filter's own first character.
    pub fn from_stored(text: &str) -> Result<Self, Error> {
        text.trim_end_matches(['\r', '\n']).strip_prefix(STORED).ok_or_else(|| Problem::Version.at(1))?.parse()
    }

    /// Whether the clock alone changes what it matches.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.terms().any(|term| matches!(term, Term::Field { values, .. } if values.iter().any(Value::moves)))
    }

    /// All terms, negated or not.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        let mut open = vec![&self.root];
        std::iter::from_fn(move || {
            loop {
                match open.pop()? {
                    Node::All(nodes) | Node::Any(nodes) => open.extend(nodes.iter().rev()),
                    Node::Not(node) => open.push(node),
                    Node::Term(term) => return Some(term),
                }
            }
        })
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(Text { text, glob }) => {
                if lex::is_word(text, *glob) {
                    f.write_str(text)
                } else {
                    f.write_str(&quote(text))
                }
            }
            Self::Regex(Regex { pattern, insensitive }) => {
                write!(f, "/{}/{}", slashes(pattern), if *insensitive { "i" } else { "" })
            }
            Self::Field { field, cmp, values } => {
                write!(f, "{}{}", field.name(), cmp.sign())?;
                for (index, value) in values.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    write!(f, "{comma}{}", value.text(*field))?;
                }
                Ok(())
            }
        }
    }
}

/// The pattern with its slashes escaped; one that is escaped already stays.
fn slashes(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => {
                text.push('\\');
                text.extend(chars.next());
            }
            '/' => text.push_str("\\/"),
            char => text.push(char),
        }
    }
    text
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As deep as the tree, which the parser bounds.
        let group = |f: &mut fmt::Formatter<'_>, node: &Self| match node {
            Self::All(_) | Self::Any(_) => write!(f, "({node})"),
            node => node.fmt(f),
        };
        match self {
            Self::Term(term) => term.fmt(f),
            Self::Not(node) => {
                f.write_str("-")?;
                group(f, node)
            }
            Self::All(nodes) => join(f, nodes, " ", group),
            Self::Any(nodes) => {
                // AND binds tighter: a conjunction needs no brackets here.
                join(f, nodes, " OR ", |f, node| node.fmt(f))
            }
        }
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    nodes: &[Node],
    between: &str,
    each: impl Fn(&mut fmt::Formatter<'_>, &Node) -> fmt::Result,
) -> fmt::Result {
    for (index, node) in nodes.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        each(f, node)?;
    }
    Ok(())
}
