//! A document and its version for others side by side, row by row: what is in both stands on one height, what was taken out
//! stands alone. Both columns are the documents' own text, whatever their line breaks.

use crate::iodef::{Document, Element, NodeId};

/// A row of a document: a start tag, an end tag, or an element that holds no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Bytes of the document's text.
    pub from: usize,
    pub to: usize,
    pub depth: u16,
    /// The element it is of, or in.
    pub node: NodeId,
}

/// One height of both columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// In the full document.
    pub full: Option<Piece>,
    /// In its version.
    pub version: Option<Piece>,
}

impl Row {
    /// Whether both say the same.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.full.is_some() && self.version.is_some()
    }
}

/// Rows of the full document looked at to find the next that both have.
const AHEAD: usize = 64;

/// The rows of both, in their order. Each piece of either stands in one row.
#[must_use]
pub fn beside(full: &Document, version: &Document, gone: &[NodeId]) -> Vec<Row> {
    let (left, right) = (pieces(full), pieces(version));
    let mut gone: Vec<(usize, usize)> =
        gone.iter().filter_map(|node| full.element(*node)).map(|element| element.span()).collect();
    gone.sort_unstable();
    // The first that does not end before this byte holds it, or none does.
    let is_gone = |piece: &Piece| {
        let at = gone.partition_point(|(_, end)| *end <= piece.from);
        gone.get(at).is_some_and(|(start, end)| *start <= piece.from && piece.to <= *end)
    };
    let same =
        |a: &Piece, b: &Piece| a.depth == b.depth && full.text().get(a.from..a.to) == version.text().get(b.from..b.to);
    let (mut rows, mut at) = (Vec::with_capacity(left.len()), 0);
    for piece in &left {
        if is_gone(piece) {
            rows.push(Row { full: Some(*piece), version: None });
            continue;
        }
        // What stands in the version alone comes before what both have.
        let met = right.iter().skip(at).take(AHEAD).position(|other| same(piece, other));
        match met {
            Some(more) => {
                for other in right.iter().skip(at).take(more) {
                    rows.push(Row { full: None, version: Some(*other) });
                }
                rows.push(Row { full: Some(*piece), version: right.get(at + more).copied() });
                at += more + 1;
            }
            None => rows.push(Row { full: Some(*piece), version: None }),
        }
    }
    rows.extend(right.iter().skip(at).map(|other| Row { full: None, version: Some(*other) }));
    rows
}

/// The rows of a document, in its order; blanks between them are none.
#[must_use]
pub fn pieces(document: &Document) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let text = document.text();
    let mut push = |from: usize, to: usize, depth: usize, node: NodeId| {
        let Some(raw) = text.get(from..to) else { return };
        let inside = raw.trim();
        if !inside.is_empty() {
            let from = from + (raw.len() - raw.trim_start().len());
            pieces.push(Piece { from, to: from + inside.len(), depth: u16::try_from(depth).unwrap_or(u16::MAX), node });
        }
    };
    // Elements that are open: the element, and up to where its text was cut.
    let mut open: Vec<Element<'_>> = Vec::new();
    let mut at = 0;
    let root = document.root();
    for element in std::iter::once(root).chain(root.descendants()) {
        let (start, end) = element.span();
        while let Some(last) = open.last().copied().filter(|last| last.span().1 <= start) {
            push(at, last.span().1, open.len() - 1, last.id());
            at = last.span().1;
            let _ = open.pop();
        }
        push(at, start, open.len(), open.last().map_or(element.id(), |outer| outer.id()));
        if let Some(first) = element.children().next() {
            push(start, first.span().0, open.len(), element.id());
            at = first.span().0;
            open.push(element);
        } else {
            push(start, end, open.len(), element.id());
            at = end;
        }
    }
    while let Some(last) = open.pop() {
        push(at, last.span().1, open.len(), last.id());
        at = last.span().1;
    }
    push(at, text.len(), 0, root.id());
    pieces
}
