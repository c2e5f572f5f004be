//! The outline of a document: which elements show, which are open, which one the reader looks at. Flat, like the document;
//! nothing recurses.

use crate::iodef::{Document, Element, NodeId};

/// A document of at most so many elements is open from the start.
const OPEN: usize = 300;
/// How deep a larger one is open.
const DEEP: usize = 3;

/// An element's row.
#[derive(Clone, Copy)]
pub struct Row {
    pub id: NodeId,
    pub depth: usize,
    /// The row after the last one inside.
    pub next: usize,
}

/// Every element, in document order.
pub struct Outline {
    rows: Vec<Row>,
}

impl Outline {
    pub fn of(document: &Document) -> Self {
        let root = document.root();
        let mut rows: Vec<Row> = Vec::new();
        let mut around: Vec<(Element<'_>, usize)> = Vec::new();
        for element in std::iter::once(root).chain(root.descendants()) {
            while let Some((_, index)) = around.pop_if(|(outer, _)| !outer.contains(element.id())) {
                close(&mut rows, index);
            }
            let index = rows.len();
            rows.push(Row { id: element.id(), depth: around.len(), next: index + 1 });
            around.push((element, index));
        }
        while let Some((_, index)) = around.pop() {
            close(&mut rows, index);
        }
        Self { rows }
    }

    pub fn row(&self, index: usize) -> Option<Row> {
        self.rows.get(index).copied()
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is something inside.
    pub fn holds(&self, index: usize) -> bool {
        self.row(index).is_some_and(|row| row.next > index + 1)
    }

    fn index(&self, id: NodeId) -> Option<usize> {
        self.rows.binary_search_by_key(&id, |row| row.id).ok()
    }
}

fn close(rows: &mut [Row], index: usize) {
    let next = rows.len();
    if let Some(row) = rows.get_mut(index) {
        row.next = next;
    }
}

/// What of an outline shows.
#[derive(Debug, Default)]
pub struct Shown {
    open: Vec<bool>,
    /// Rows of the outline, ascending.
    visible: Vec<usize>,
    /// A row of the outline.
    selected: Option<usize>,
    /// Changes when rows open or close.
    basis: u64,
}

impl Shown {
    pub fn new(outline: &Outline) -> Self {
        let all = outline.len() <= OPEN;
        let open = (0..outline.len()).map(|index| all || outline.row(index).is_some_and(|row| row.depth < DEEP));
        let mut shown = Self { open: open.collect(), ..Self::default() };
        shown.lay_out(outline);
        shown
    }

    fn lay_out(&mut self, outline: &Outline) {
        self.visible.clear();
        let mut at = 0;
        while let Some(row) = outline.row(at) {
            self.visible.push(at);
            at = if self.is_open(at) { at + 1 } else { row.next };
        }
        self.basis += 1;
    }

    pub fn is_open(&self, index: usize) -> bool {
        self.open.get(index).copied().unwrap_or_default()
    }

    pub fn basis(&self) -> u64 {
        self.basis
    }

    pub fn len(&self) -> usize {
        self.visible.len()
    }

    /// The outline's row at a place of the list.
    pub fn at(&self, place: usize) -> Option<usize> {
        self.visible.get(place).copied()
    }

    /// Where a row of the outline stands in the list.
    pub fn place(&self, index: usize) -> Option<usize> {
        self.visible.binary_search(&index).ok()
    }

    pub fn selected(&self) -> Option<usize> {
        self.selected
    }

    pub fn pick(&mut self, place: usize) {
        self.selected = self.at(place);
    }

    /// Opens what is shut and shuts what is open.
    pub fn toggle(&mut self, index: usize, outline: &Outline) {
        self.set(index, !self.is_open(index), outline);
    }

    fn set(&mut self, index: usize, open: bool, outline: &Outline) {
        if let Some(slot) = self.open.get_mut(index).filter(|slot| **slot != open) {
            *slot = open;
            self.lay_out(outline);
        }
    }

    pub fn set_all(&mut self, open: bool, outline: &Outline) {
        let selected = self.selected;
        for (index, slot) in self.open.iter_mut().enumerate() {
            *slot = open || index == 0;
        }
        self.lay_out(outline);
        // What was selected may be inside something shut now.
        self.selected = selected.filter(|index| self.place(*index).is_some());
    }

    /// Right arrow: opens the selected row, or goes to the first one inside.
    pub fn enter(&mut self, outline: &Outline) {
        let Some(index) = self.selected.filter(|index| outline.holds(*index)) else { return };
        if self.is_open(index) {
            self.selected = Some(index + 1);
        } else {
            self.set(index, true, outline);
        }
    }

    /// Left arrow: shuts the selected row, or goes to the one around it.
    pub fn leave(&mut self, outline: &Outline) {
        let Some(index) = self.selected else { return };
        if self.is_open(index) && outline.holds(index) {
            self.set(index, false, outline);
        } else if let Some(outer) = outer(index, outline) {
            self.selected = Some(outer);
        }
    }

    /// Selects an element and opens all that is around it.
    pub fn reveal(&mut self, id: NodeId, outline: &Outline) {
        let Some(index) = outline.index(id) else { return };
        let mut at = index;
        while let Some(around) = outer(at, outline) {
            if let Some(slot) = self.open.get_mut(around) {
                *slot = true;
            }
            at = around;
        }
        self.lay_out(outline);
        self.selected = Some(index);
    }
}

/// The row around a row.
fn outer(index: usize, outline: &Outline) -> Option<usize> {
    let depth = outline.row(index)?.depth.checked_sub(1)?;
    (0..index).rev().find(|at| outline.row(*at).is_some_and(|row| row.depth == depth))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(xml: &str) -> Document {
        Document::read(xml.as_bytes(), &[]).unwrap()
    }

    fn names(shown: &Shown, outline: &Outline, document: &Document) -> String {
        let name = |index| document.element(outline.row(index).unwrap().id).unwrap().local();
        shown.visible.iter().map(|index| name(*index)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn rows_open_shut_and_are_found() {
        let document = document("<a>x<b><c/><!-- y --><d><e/></d></b><f/></a>");
        let outline = Outline::of(&document);
        let mut shown = Shown::new(&outline);
        assert_eq!(names(&shown, &outline, &document), "a b c d e f");
        shown.pick(1);
        shown.leave(&outline);
        assert_eq!(names(&shown, &outline, &document), "a b f");
        shown.enter(&outline);
        shown.enter(&outline);
        assert_eq!(shown.selected(), Some(2));
        shown.leave(&outline);
        assert_eq!(shown.selected(), Some(1), "a leaf leads to what is around it");
        shown.set_all(false, &outline);
        assert_eq!((names(&shown, &outline, &document).as_str(), shown.selected()), ("a b f", Some(1)));
        let e = document.root().descendants().find(|one| one.local() == "e").unwrap().id();
        shown.reveal(e, &outline);
        assert_eq!(names(&shown, &outline, &document), "a b c d e f");
        assert_eq!(shown.place(shown.selected().unwrap()), Some(4));
    }

    #[test]
    fn a_deep_document_is_as_flat_as_any() {
        let deep = format!("{}{}", "<a>".repeat(250), "</a>".repeat(250));
        let document = document(&deep);
        let outline = Outline::of(&document);
        assert_eq!((outline.len(), outline.row(249).unwrap().depth, outline.row(0).unwrap().next), (250, 249, 250));
    }
}
