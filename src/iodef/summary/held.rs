//! What open elements said that bears on the texts below them: the type of a bulk list, whose list a reference is of, what
//! a digest is made with. Each holds for the children of the one element that said it, as in the tree.

use crate::iodef::observable::Algorithm;

/// One thing said by the open element of this depth.
struct Held {
    depth: usize,
    what: What,
}

enum What {
    /// `BulkObservable@type`, and what its format says its digests are made with.
    Bulk(String, Option<Option<Algorithm>>),
    /// `enum:ReferenceName`: whether its list is CVE.
    Reference(bool),
    /// The first `ds:DigestMethod` in it.
    Method(Option<Algorithm>),
}

/// Innermost last.
#[derive(Default)]
pub struct Said(Vec<Held>);

impl Said {
    pub fn bulk(&mut self, depth: usize, kind: String) {
        self.0.push(Held { depth, what: What::Bulk(kind, None) });
    }

    pub fn reference(&mut self, depth: usize, is_cve: bool) {
        self.0.push(Held { depth, what: What::Reference(is_cve) });
    }

    /// A method in the element of this depth; only the first counts.
    pub fn method(&mut self, depth: usize, algorithm: Option<Algorithm>) {
        if self.of(depth).all(|what| !matches!(what, What::Method(_))) {
            self.0.push(Held { depth, what: What::Method(algorithm) });
        }
    }

    /// A method in the format of the bulk list of this depth.
    pub fn format(&mut self, depth: usize, algorithm: Option<Algorithm>) {
        let bulk = self.0.iter_mut().rev().find(|held| held.depth == depth && matches!(held.what, What::Bulk(..)));
        if let Some(Held { what: What::Bulk(_, known @ None), .. }) = bulk {
            *known = Some(algorithm);
        }
    }

    /// The element of this depth ends.
    pub fn close(&mut self, depth: usize) {
        while self.0.pop_if(|held| held.depth >= depth).is_some() {}
    }

    /// What the element of this depth said.
    fn of(&self, depth: usize) -> impl Iterator<Item = &What> {
        self.0
            .iter()
            .rev()
            .take_while(move |held| held.depth >= depth)
            .filter_map(move |held| (held.depth == depth).then_some(&held.what))
    }

    pub fn kind(&self, depth: usize) -> &str {
        let kind =
            self.of(depth).find_map(|what| if let What::Bulk(kind, _) = what { Some(kind.as_str()) } else { None });
        kind.unwrap_or_default()
    }

    pub fn is_cve(&self, depth: usize) -> bool {
        self.of(depth).any(|what| matches!(what, What::Reference(true)))
    }

    /// What the digests in the element of this depth are made with.
    pub fn algorithm(&self, depth: usize, in_bulk: bool) -> Option<Algorithm> {
        self.of(depth).find_map(|what| match what {
            What::Bulk(_, algorithm) if in_bulk => *algorithm,
            What::Method(algorithm) if !in_bulk => Some(*algorithm),
            _ => None,
        })?
    }
}
