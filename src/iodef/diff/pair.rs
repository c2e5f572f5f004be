//! Which element of the one document is which of the other.
//!
//! Among the children of two elements that are one: first those that say the same, then those of one name, then those
//! that share most of what is rare among them. What is left alone on both sides is one that changed altogether.

use std::collections::{HashMap, HashSet, VecDeque};

use super::identity;
use super::tree::Tree;
use super::value::{self, Said};

/// Most features of one element that are looked at.
const FEATURES: usize = 64;
/// A feature of more elements than this tells none from another.
const RARE: u32 = 16;

/// Differences by place in the two trees.
#[derive(Default)]
pub struct Found {
    pub changed: Vec<(u32, u32)>,
    pub added: Vec<u32>,
    pub removed: Vec<u32>,
    pub moved: Vec<(u32, u32)>,
    /// Incidents that are in both.
    pub incidents: Vec<(u32, u32)>,
    pub steps: u64,
}

/// What became of the children of two elements.
#[derive(Default)]
struct Children {
    same: Vec<(u32, u32)>,
    pairs: Vec<(u32, u32)>,
    added: Vec<u32>,
    removed: Vec<u32>,
}

pub fn compare(old: &Tree<'_>, new: &Tree<'_>) -> Found {
    let mut work = Work { old, new, steps: u64::from(old.len()) + u64::from(new.len()) };
    let mut found = Found::default();
    let mut waiting = vec![(0, 0)];
    while let Some((before, after)) = waiting.pop() {
        let (Some(one), Some(other)) = (old.node(before), new.node(after)) else { continue };
        if one.element.is("Incident") {
            found.incidents.push((before, after));
        }
        if one.hash == other.hash {
            continue;
        }
        if !work.says_the_same(before, after) {
            found.changed.push((before, after));
        }
        let inside = work.children(before, after);
        if one.is_ordered() {
            let mut kept = inside.same.clone();
            kept.extend(&inside.pairs);
            found.moved.extend(out_of_order(kept));
        }
        // An incident that is the same in both is one of both all the same.
        found.incidents.extend(
            inside.same.iter().filter(|(one, _)| old.node(*one).is_some_and(|node| node.element.is("Incident"))),
        );
        waiting.extend(inside.pairs);
        found.added.extend(inside.added);
        found.removed.extend(inside.removed);
    }
    if let (Some(one), Some(other)) = (old.node(0), new.node(0))
        && (one.element.ns(), one.element.local()) != (other.element.ns(), other.element.local())
    {
        found = Found { added: vec![0], removed: vec![0], ..Found::default() };
    }
    // In document order: of twins the same one goes with the same one in every run, and the other way round.
    for places in [&mut found.added, &mut found.removed] {
        places.sort_unstable();
    }
    found.incidents.sort_unstable();
    carried(&mut found, old, new);
    found.steps = work.steps;
    found
}

/// What was taken away here and stands there, saying the same, was moved. Of small things that cannot be told.
fn carried(found: &mut Found, old: &Tree<'_>, new: &Tree<'_>) {
    let mut gone: HashMap<u64, VecDeque<u32>> = HashMap::new();
    for place in found.removed.iter().filter(|place| old.node(**place).is_some_and(|node| !node.is_leaf())) {
        if let Some(node) = old.node(*place) {
            gone.entry(node.hash).or_default().push_back(*place);
        }
    }
    let mut moved = HashSet::new();
    found.added.retain(|place| {
        let from = new.node(*place).and_then(|node| gone.get_mut(&node.hash)?.pop_front());
        match from {
            Some(from) => {
                let _ = moved.insert(from);
                found.moved.push((from, *place));
                false
            }
            None => true,
        }
    });
    found.removed.retain(|place| !moved.contains(place));
}

/// Pairs that do not stand in the order most of them are in: all but a longest chain that rises in both.
fn out_of_order(mut pairs: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    pairs.sort_unstable();
    // For each length, the chain of it that ends lowest: by the place of its last pair.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, (_, new)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs.get(*end).is_some_and(|(_, last)| last < new));
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let chain = std::iter::successors(ends.last().copied(), |index| before.get(*index).copied().flatten());
    let kept: HashSet<usize> = chain.collect();
    (0..).zip(pairs).filter(|(index, _)| !kept.contains(index)).map(|(_, pair)| pair).collect()
}

struct Work<'a, 'd> {
    old: &'a Tree<'d>,
    new: &'a Tree<'d>,
    steps: u64,
}

impl Work<'_, '_> {
    /// Whether attributes and text of two elements are the same, whatever is in them.
    fn says_the_same(&mut self, old: u32, new: u32) -> bool {
        let (Some(old), Some(new)) = (self.old.node(old), self.new.node(new)) else { return true };
        self.steps += 1;
        let (before, after) = (value::attrs(old.element, old.class), value::attrs(new.element, new.class));
        let same = before.len() == after.len()
            && before.iter().zip(&after).all(|(one, other)| (&one.name, &one.value) == (&other.name, &other.value));
        let sorted = |said: Said<'_>| match said {
            Said::One(text) => (text.into_owned(), Vec::new()),
            Said::Lines(mut lines) => {
                lines.sort_unstable();
                (String::new(), lines.into_iter().map(std::borrow::Cow::into_owned).collect::<Vec<_>>())
            }
        };
        same && sorted(value::text(old.element, old.class)) == sorted(value::text(new.element, new.class))
    }

    fn children(&mut self, old: u32, new: u32) -> Children {
        let mut found = Children::default();
        let mut known: HashMap<u64, VecDeque<u32>> = HashMap::new();
        let mut before: Vec<u32> = self.old.children(old).collect();
        let after: Vec<u32> = self.new.children(new).collect();
        self.steps += (before.len() + after.len()) as u64;
        for place in &before {
            if let Some(node) = self.old.node(*place) {
                known.entry(node.hash).or_default().push_back(*place);
            }
        }
        let mut left: Vec<u32> = Vec::new();
        let mut taken = HashSet::new();
        for place in after {
            match self.new.node(place).and_then(|node| known.get_mut(&node.hash)?.pop_front()) {
                Some(same) => {
                    let _ = taken.insert(same);
                    found.same.push((same, place));
                }
                None => left.push(place),
            }
        }
        before.retain(|place| !taken.contains(place));
        self.by_class(&before, &left, &mut found);
        found
    }

    /// Parts what is left by the names of the elements.
    fn by_class(&mut self, before: &[u32], after: &[u32], found: &mut Children) {
        let (old, new) = (self.old, self.new);
        let mut classes: HashMap<(&str, &str), Left> = HashMap::new();
        for place in before {
            let Some(node) = old.node(*place) else { continue };
            classes.entry((node.element.ns(), node.element.local())).or_default().before.push(*place);
        }
        for place in after {
            let Some(node) = new.node(*place) else { continue };
            classes.entry((node.element.ns(), node.element.local())).or_default().after.push(*place);
        }
        for left in classes.into_values() {
            self.of_one_class(left, found);
        }
    }

    fn of_one_class(&mut self, mut left: Left, found: &mut Children) {
        let (old, new) = (self.old, self.new);
        if !left.is_over() {
            self.by_number(&mut left, found, &|place| identity::key(old, place), &|place| identity::key(new, place));
        }
        if !left.is_over() {
            self.by_number(&mut left, found, &|place| identity::tag(old, place), &|place| identity::tag(new, place));
        }
        if let ([one], [other]) = (&*left.before, &*left.after)
            && self.may_be_one(*one, *other)
        {
            found.pairs.push((*one, *other));
            return;
        }
        if !left.is_over() {
            let pairs = self.alike(&left.before, &left.after);
            left.take(&pairs, found);
        }
        if let ([one], [other]) = (&*left.before, &*left.after)
            && self.may_be_one(*one, *other)
        {
            found.pairs.push((*one, *other));
            return;
        }
        found.removed.extend(left.before);
        found.added.extend(left.after);
    }

    /// Whether the only two that are left are one thing that changed.
    fn may_be_one(&mut self, one: u32, other: u32) -> bool {
        let strong = self.old.node(one).is_some_and(identity::is_strong);
        if !strong || identity::key(self.old, one) == identity::key(self.new, other) {
            return true;
        }
        // A file of one incident beside another: a person asked what differs.
        let lone = |tree: &Tree<'_>, place: u32| {
            let alike = |other: &u32| tree.node(*other).is_some_and(|node| node.element.is("Incident"));
            tree.parent(place).is_some_and(|parent| tree.children(parent).filter(alike).take(2).count() == 1)
        };
        (lone(self.old, one) && lone(self.new, other)) || !self.alike(&[one], &[other]).is_empty()
    }

    /// Pairs those of one name: at once where it is the name of one on each side, else by what they share, else in order.
    fn by_number(
        &mut self,
        left: &mut Left,
        found: &mut Children,
        of_old: &dyn Fn(u32) -> Option<u64>,
        of_new: &dyn Fn(u32) -> Option<u64>,
    ) {
        let mut named: HashMap<u64, (Vec<u32>, Vec<u32>)> = HashMap::new();
        self.steps += (left.before.len() + left.after.len()) as u64;
        for place in &left.before {
            if let Some(key) = of_old(*place) {
                named.entry(key).or_default().0.push(*place);
            }
        }
        for place in &left.after {
            if let Some(key) = of_new(*place) {
                named.entry(key).or_default().1.push(*place);
            }
        }
        let mut pairs = Vec::new();
        for (before, after) in named.into_values().filter(|(before, after)| !before.is_empty() && !after.is_empty()) {
            let alike = if before.len() == 1 && after.len() == 1 { Vec::new() } else { self.alike(&before, &after) };
            let (olds, news): (HashSet<u32>, HashSet<u32>) = alike.iter().copied().unzip();
            let rest = before.into_iter().filter(|place| !olds.contains(place));
            pairs.extend(rest.zip(after.into_iter().filter(|place| !news.contains(place))));
            pairs.extend(alike);
        }
        left.take(&pairs, found);
    }

    /// Pairs of those that share enough of what is rare, the most alike first; each is in one pair at most.
    fn alike(&mut self, before: &[u32], after: &[u32]) -> Vec<(u32, u32)> {
        let olds: Vec<Features> = before.iter().map(|place| self.features(self.old, *place)).collect();
        let news: Vec<Features> = after.iter().map(|place| self.features(self.new, *place)).collect();
        let count = |all: &[Features]| {
            let mut counts: HashMap<u64, u32> = HashMap::new();
            all.iter().flat_map(|one| &one.all).for_each(|feature| *counts.entry(*feature).or_default() += 1);
            counts
        };
        let (in_old, in_new) = (count(&olds), count(&news));
        let rare = |feature: &u64| {
            in_old.get(feature).is_none_or(|count| *count <= RARE)
                && in_new.get(feature).is_none_or(|count| *count <= RARE)
        };
        let mut holders: HashMap<u64, Vec<usize>> = HashMap::new();
        for (index, one) in olds.iter().enumerate() {
            for feature in one.all.iter().filter(|feature| rare(feature)) {
                holders.entry(*feature).or_default().push(index);
            }
        }
        let total = |one: &Features| one.all.iter().filter(|feature| rare(feature)).count();
        let old_totals: Vec<usize> = olds.iter().map(total).collect();
        let mut candidates: Vec<(usize, usize, usize)> = Vec::new();
        for (index, one) in news.iter().enumerate() {
            let mut shared: HashMap<usize, usize> = HashMap::new();
            for holder in one.all.iter().filter_map(|feature| holders.get(feature)).flatten() {
                *shared.entry(*holder).or_default() += 1;
                self.steps += 1;
            }
            let own = total(one);
            let enough = |(old, shared): &(usize, usize)| {
                let theirs = old_totals.get(*old).copied().unwrap_or_default();
                // Words come together by chance, whole elements less so.
                if one.words { 2 * shared >= own.max(theirs) } else { 4 * shared >= own.min(theirs) }
            };
            candidates.extend(shared.into_iter().filter(enough).map(|(old, shared)| (shared, old, index)));
        }
        // Where two are as alike, the nearer ones; so that it is the same the other way round.
        candidates.sort_unstable_by_key(|(shared, old, new)| {
            (std::cmp::Reverse(*shared), old.abs_diff(*new), old + new, *old)
        });
        let (mut taken_old, mut taken_new) = (HashSet::new(), HashSet::new());
        let mut pairs = Vec::new();
        for (_, old, new) in candidates {
            if taken_old.contains(&old) || taken_new.contains(&new) {
                continue;
            }
            let _ = (taken_old.insert(old), taken_new.insert(new));
            if let (Some(old), Some(new)) = (before.get(old), after.get(new)) {
                pairs.push((*old, *new));
            }
        }
        pairs
    }

    /// What an element can be told by: the elements in it, or the words of its text.
    fn features(&mut self, tree: &Tree<'_>, place: u32) -> Features {
        let Some(node) = tree.node(place) else { return Features::default() };
        let mut seen = HashSet::new();
        let words = node.is_leaf();
        if words {
            let text = node.element.text();
            let all = text.split_whitespace().take(FEATURES).map(|word| tree.hash(word));
            seen.extend(all);
        } else {
            let inside = (place + 1..place + node.size).take(FEATURES);
            seen.extend(inside.filter_map(|inner| tree.node(inner)).map(|inner| inner.hash));
        }
        self.steps += seen.len() as u64;
        Features { all: seen.into_iter().collect(), words }
    }
}

#[derive(Default)]
struct Features {
    all: Vec<u64>,
    words: bool,
}

/// Elements of one class that have no partner yet.
#[derive(Default)]
struct Left {
    before: Vec<u32>,
    after: Vec<u32>,
}

impl Left {
    fn is_over(&self) -> bool {
        self.before.is_empty() || self.after.is_empty()
    }

    fn take(&mut self, pairs: &[(u32, u32)], found: &mut Children) {
        let (olds, news): (HashSet<u32>, HashSet<u32>) = pairs.iter().copied().unzip();
        self.before.retain(|place| !olds.contains(place));
        self.after.retain(|place| !news.contains(place));
        found.pairs.extend(pairs);
    }
}
