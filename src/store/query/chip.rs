//! Chips: the terms of a filter that all must hold, each to be edited, turned round or taken away; and `+`, `-` and "only
//! this" of a value that is seen somewhere.

use super::error::Error;
use super::field::Type;
use super::{Cmp, Field, Node, Query, Term, Text, Value};

/// One of the conditions that all must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    /// Its text, without the minus.
    pub text: String,
    pub negated: bool,
    /// The field it is about, where it is about one.
    pub field: Option<Field>,
}

impl Query {
    /// The chips, in the order of the text.
    #[must_use]
    pub fn chips(&self) -> Vec<Chip> {
        self.conditions().iter().map(Chip::of).collect()
    }

    /// Without the chip at `index`.
    #[must_use]
    pub fn without(&self, index: usize) -> Self {
        let kept = self.conditions().iter().enumerate().filter(|(at, _)| *at != index);
        Self::of(kept.map(|(_, node)| node.clone()).collect())
    }

    /// With the chip at `index` turned into its opposite.
    #[must_use]
    pub fn turned(&self, index: usize) -> Self {
        let nodes = self.conditions().iter().enumerate();
        Self::of(nodes.map(|(at, node)| if at == index { Node::negated(node.clone()) } else { node.clone() }).collect())
    }

    /// With another text in the place of a chip; an empty one takes it away.
    ///
    /// # Errors
    /// When the text cannot be read; columns count within it.
    pub fn replaced(&self, index: usize, text: &str) -> Result<Self, Error> {
        let new: Self = text.parse()?;
        let nodes = self.conditions().iter().enumerate();
        Ok(Self::of(nodes.map(|(at, node)| if at == index { new.root.clone() } else { node.clone() }).collect()))
    }

    /// Only incidents with this value too. A value joins others of its field where an incident can have but one of them;
    /// one that was excluded is no longer.
    ///
    /// # Errors
    /// When the field cannot have the value.
    pub fn plus(&self, field: Field, value: &str) -> Result<Self, Error> {
        let value = literal(field, value)?;
        let mut nodes = self.conditions().to_vec();
        let was_excluded = take_out(&mut nodes, field, &value, true);
        if was_excluded || has(&nodes, field, &value, false) {
            return Ok(Self::of(nodes));
        }
        let single = field.about().single;
        let place = nodes.iter_mut().find_map(|node| if single { values_of(node, field, false) } else { None });
        match place {
            Some(values) => values.push(value),
            None => nodes.push(Node::Term(Term::Field { field, cmp: Cmp::Has, values: vec![value] })),
        }
        Ok(Self::of(nodes))
    }

    /// No incidents with this value. Excluded values of a field stand in one chip.
    ///
    /// # Errors
    /// When the field cannot have the value.
    pub fn minus(&self, field: Field, value: &str) -> Result<Self, Error> {
        let value = literal(field, value)?;
        let mut nodes = self.conditions().to_vec();
        let was_wanted = take_out(&mut nodes, field, &value, false);
        // What is left of a single-valued field's list excludes it already.
        let still_listed = field.about().single && nodes.iter_mut().any(|node| values_of(node, field, false).is_some());
        if (was_wanted && still_listed) || has(&nodes, field, &value, true) {
            return Ok(Self::of(nodes));
        }
        match nodes.iter_mut().find_map(|node| values_of(node, field, true)) {
            Some(values) => values.push(value),
            None => {
                let term = Term::Field { field, cmp: Cmp::Has, values: vec![value] };
                nodes.push(Node::negated(Node::Term(term)));
            }
        }
        Ok(Self::of(nodes))
    }

    /// The incidents with this value, and nothing else asked.
    ///
    /// # Errors
    /// When the field cannot have the value.
    pub fn only(field: Field, value: &str) -> Result<Self, Error> {
        let value = literal(field, value)?;
        Ok(Self::from(Node::Term(Term::Field { field, cmp: Cmp::Has, values: vec![value] })))
    }

    /// Only incidents that say this too, word for word.
    #[must_use]
    pub fn plus_words(&self, words: &str) -> Self {
        self.with_words(words, false)
    }

    /// No incidents that say this.
    #[must_use]
    pub fn minus_words(&self, words: &str) -> Self {
        self.with_words(words, true)
    }

    /// The incidents that say this, and nothing else asked.
    #[must_use]
    pub fn only_words(words: &str) -> Self {
        Self::from(Node::Term(Term::Words(Text::plain(words))))
    }

    /// The opposite of it goes, and what is asked already is asked once.
    fn with_words(&self, words: &str, negated: bool) -> Self {
        let asked = Node::Term(Term::Words(Text::plain(words)));
        let (new, opposite) =
            if negated { (Node::negated(asked.clone()), asked) } else { (asked.clone(), Node::negated(asked)) };
        let mut nodes = self.conditions().to_vec();
        let before = nodes.len();
        nodes.retain(|node| *node != opposite);
        if nodes.len() == before && !nodes.contains(&new) {
            nodes.push(new);
        }
        Self::of(nodes)
    }

    /// Both at once: a view's filter and what is typed on top of it.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self::from(Node::all(vec![self.root.clone(), other.root.clone()]))
    }

    fn conditions(&self) -> &[Node] {
        match &self.root {
            Node::All(nodes) => nodes,
            node => std::slice::from_ref(node),
        }
    }

    fn of(nodes: Vec<Node>) -> Self {
        Self::from(Node::all(nodes))
    }
}

impl Chip {
    fn of(node: &Node) -> Self {
        let (inner, negated) = match node {
            Node::Not(inner) => (&**inner, true),
            node => (node, false),
        };
        let field = match inner {
            Node::Term(Term::Field { field, .. }) => Some(*field),
            _ => None,
        };
        Self { text: inner.to_string(), negated, field }
    }
}

/// The value as it was seen: no star, no `..` and no `@` in it means anything.
fn literal(field: Field, value: &str) -> Result<Value, Error> {
    // A day, an age or a number from somewhere on is chosen, never a text.
    let quoted = !matches!(field.about().kind, Type::Time | Type::Number | Type::Size);
    Value::read(field, Cmp::Has, value, quoted).map_err(|problem| problem.at(1))
}

/// The values of a chip of this field with the plain comparison.
fn values_of(node: &mut Node, wanted: Field, negated: bool) -> Option<&mut Vec<Value>> {
    let term = match node {
        Node::Not(inner) if negated => match &mut **inner {
            Node::Term(term) => term,
            _ => return None,
        },
        Node::Term(term) if !negated => term,
        _ => return None,
    };
    match term {
        Term::Field { field, cmp: Cmp::Has, values } if *field == wanted => Some(values),
        _ => None,
    }
}

fn has(nodes: &[Node], field: Field, value: &Value, negated: bool) -> bool {
    nodes.iter().any(|node| {
        let term = match node {
            Node::Not(inner) if negated => &**inner,
            node if !negated => node,
            _ => return false,
        };
        matches!(term, Node::Term(Term::Field { field: own, cmp: Cmp::Has, values })
            if *own == field && values.contains(value) && (negated || values.len() == 1 || field.about().single))
    })
}

/// Takes a value out of the chips of its field; a chip without values goes.
fn take_out(nodes: &mut Vec<Node>, field: Field, value: &Value, negated: bool) -> bool {
    let mut found = false;
    nodes.retain_mut(|node| match values_of(node, field, negated) {
        Some(values) if values.contains(value) => {
            found = true;
            values.retain(|own| own != value);
            !values.is_empty()
        }
        _ => true,
    });
    found
}
