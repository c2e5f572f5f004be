//! Tokens to a tree. Groups are counted on a stack of our own, so no text can exhaust the thread's.

use super::Node;
use super::error::{Error, Problem};
use super::lex::{Placed, Token, tokens};

/// Deepest nesting of groups.
pub const DEPTH: usize = 32;

/// What is open: the alternatives so far, the conjunction being read, and where it began.
#[derive(Default)]
struct Frame {
    any: Vec<Node>,
    all: Vec<Node>,
    /// The group, or what stands next, is negated; the column of the minus.
    minus: Option<usize>,
    /// The column of the last `OR` that nothing follows yet.
    or: Option<usize>,
    opened: usize,
}

impl Frame {
    fn take(&mut self, node: Node) {
        let node = if self.minus.take().is_some() { Node::negated(node) } else { node };
        self.or = None;
        self.all.push(node);
    }

    /// The tree of a frame that ends here.
    fn close(mut self) -> Result<Node, Error> {
        if let Some(column) = self.minus {
            return Err(Problem::DanglingMinus.at(column));
        }
        if let Some(column) = self.or {
            return Err(Problem::DanglingOr.at(column));
        }
        self.any.push(Node::all(self.all));
        Ok(Node::any(self.any))
    }
}

/// The tree of a filter's text; an empty text matches everything.
pub fn parse(text: &str) -> Result<Node, Error> {
    let mut outer: Vec<Frame> = Vec::new();
    let mut frame = Frame::default();
    for (column, token) in tokens(text)? {
        (outer, frame) = step(outer, frame, (column, token))?;
    }
    match outer.is_empty() {
        true => frame.close(),
        false => Err(Problem::OpenGroup.at(frame.opened)),
    }
}

fn step(mut outer: Vec<Frame>, mut frame: Frame, (column, token): Placed) -> Result<(Vec<Frame>, Frame), Error> {
    match token {
        Token::Term(term) => frame.take(Node::Term(term)),
        Token::Minus => frame.minus = Some(column),
        Token::Or => {
            if frame.all.is_empty() || frame.minus.is_some() {
                return Err(Problem::DanglingOr.at(column));
            }
            let all = std::mem::take(&mut frame.all);
            frame.any.push(Node::all(all));
            frame.or = Some(column);
        }
        Token::Open => {
            if outer.len() >= DEPTH {
                return Err(Problem::TooDeep.at(column));
            }
            outer.push(std::mem::take(&mut frame));
            frame.opened = column;
        }
        Token::Close => {
            let Some(below) = outer.pop() else { return Err(Problem::StrayClose.at(column)) };
            if frame.all.is_empty() && frame.or.is_none() {
                return Err(Problem::EmptyGroup.at(frame.opened));
            }
            let node = frame.close()?;
            frame = below;
            frame.take(node);
        }
    }
    Ok((outer, frame))
}
