//! Content models as automata: which child may follow which (Glushkov's construction).
//!
//! XML Schema makes every model deterministic, and its numbers are 0, 1 and unbounded here: so the state is the place
//! of the last child, and one step looks at its followers. The recursion below is over our own table, at most four deep.

use super::kind::{Class, Content, Particle, Profile, Space, Standing};

/// Something that may stand at one place of a content model.
#[derive(Clone, Copy, Debug)]
pub enum Symbol {
    Child(&'static Class),
    /// Any element; `other` than of this namespace.
    Any {
        other: Option<Space>,
        lax: bool,
    },
}

/// A content model of one profile.
#[derive(Debug)]
pub struct Model {
    /// Text may stand between the elements.
    pub mixed: bool,
    symbols: Vec<Symbol>,
    /// Which part of the class, in its order, a symbol belongs to.
    parts: Vec<u16>,
    first: Vec<u16>,
    follow: Vec<Vec<u16>>,
    last: Vec<bool>,
    nullable: bool,
    /// Names of which one must stand; the alternatives of a choice together.
    required: Vec<Vec<u16>>,
}

/// How far one is in a content model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State(Option<u16>);

impl State {
    pub const START: Self = Self(None);
}

/// An element's name: its namespace, told apart as far as the table knows it, and its local name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    pub ns: &'a str,
    pub local: &'a str,
}

impl Symbol {
    #[must_use]
    pub fn takes(&self, name: Name<'_>) -> bool {
        match self {
            Self::Child(class) => class.name == name.local && class.space.uri() == name.ns,
            Self::Any { other: Some(space), .. } => !name.ns.is_empty() && name.ns != space.uri(),
            Self::Any { other: None, .. } => true,
        }
    }

    #[must_use]
    pub fn class(&self) -> Option<&'static Class> {
        match self {
            Self::Child(class) => Some(class),
            Self::Any { .. } => None,
        }
    }
}

impl Model {
    /// The model of what `class` holds; none where it holds no elements or any.
    pub(super) fn of(class: &'static Class, profile: Profile) -> Option<Self> {
        let (particle, mixed) = match class.content(profile) {
            Content::Elements(particle) => (particle, false),
            Content::Mixed(particle) => (particle, true),
            _ => return None,
        };
        let mut model = Self {
            mixed,
            symbols: Vec::new(),
            parts: Vec::new(),
            first: Vec::new(),
            follow: Vec::new(),
            last: Vec::new(),
            nullable: false,
            required: Vec::new(),
        };
        let particle = particle.under(profile);
        let whole = match particle {
            // The order of a repeated group is nobody's: its parts are one.
            Particle::Sequence { parts, times } if !times.repeats() => {
                let mut whole = Part::EMPTY;
                for (index, part) in (0..).zip(parts.iter()) {
                    let built = model.build(part.under(profile), class.space, profile, index);
                    if !built.nullable {
                        model.required.push(built.first.clone());
                    }
                    whole = model.join(whole, built);
                }
                whole
            }
            particle => {
                let built = model.build(particle, class.space, profile, 0);
                if !built.nullable {
                    model.required.push(built.first.clone());
                }
                built
            }
        };
        model.nullable = whole.nullable;
        model.last = (0..).zip(&model.symbols).map(|(place, _)| whole.last.contains(&place)).collect();
        model.first = whole.first;
        Some(model)
    }

    fn build(&mut self, particle: &'static Particle, space: Space, profile: Profile, index: u16) -> Part {
        let (mut built, times) = match particle.under(profile) {
            Particle::Child { space: named, name, times } => {
                let class = super::global(named.unwrap_or(space), name);
                (class.map_or(Part::NEVER, |class| self.place(Symbol::Child(class), index)), *times)
            }
            Particle::Local { class, times } => (self.place(Symbol::Child(class), index), *times),
            Particle::Any { other, lax, times } => {
                let other = other.then_some(space);
                (self.place(Symbol::Any { other, lax: *lax }, index), *times)
            }
            Particle::Sequence { parts, times } => {
                let mut whole = Part::EMPTY;
                for part in *parts {
                    let built = self.build(part, space, profile, index);
                    whole = self.join(whole, built);
                }
                (whole, *times)
            }
            Particle::Choice { parts, times } => {
                let mut whole = Part::NEVER;
                for part in *parts {
                    let built = self.build(part, space, profile, index);
                    whole.nullable |= built.nullable;
                    whole.first.extend(built.first);
                    whole.last.extend(built.last);
                }
                (whole, *times)
            }
            Particle::By { .. } => (Part::NEVER, super::kind::Times::One),
        };
        if times.repeats() {
            self.connect(&built.last, &built.first);
        }
        built.nullable |= !times.required();
        built
    }

    fn place(&mut self, symbol: Symbol, index: u16) -> Part {
        let place = u16::try_from(self.symbols.len()).unwrap_or(u16::MAX);
        self.symbols.push(symbol);
        self.parts.push(index);
        self.follow.push(Vec::new());
        Part { nullable: false, first: vec![place], last: vec![place] }
    }

    fn join(&mut self, mut left: Part, right: Part) -> Part {
        self.connect(&left.last, &right.first);
        if left.nullable {
            left.first.extend(&right.first);
        }
        if right.nullable {
            left.last.extend(&right.last);
        } else {
            left.last = right.last;
        }
        left.nullable &= right.nullable;
        left
    }

    fn connect(&mut self, from: &[u16], to: &[u16]) {
        for place in from {
            if let Some(follow) = self.follow.get_mut(usize::from(*place)) {
                follow.extend(to.iter().filter(|next| !follow.contains(next)).copied().collect::<Vec<_>>());
            }
        }
    }

    /// Every symbol, in the order of the class.
    #[must_use]
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// What may come next.
    pub fn expected(&self, state: State) -> impl Iterator<Item = &Symbol> {
        self.next(state).iter().filter_map(|place| self.symbols.get(usize::from(*place)))
    }

    /// The state after an element of this name, and what it is there; none where it may not stand.
    #[must_use]
    pub fn step(&self, state: State, name: Name<'_>) -> Option<(State, Symbol)> {
        self.next(state).iter().find_map(|place| {
            let symbol = self.symbols.get(usize::from(*place))?;
            symbol.takes(name).then_some((State(Some(*place)), *symbol))
        })
    }

    /// Whether nothing more need come.
    #[must_use]
    pub fn may_end(&self, state: State) -> bool {
        match state.0 {
            None => self.nullable,
            Some(place) => self.last.get(usize::from(place)).copied().unwrap_or(false),
        }
    }

    fn next(&self, state: State) -> &[u16] {
        match state.0 {
            None => &self.first,
            Some(place) => self.follow.get(usize::from(place)).map_or(&[], Vec::as_slice),
        }
    }

    /// The first symbol that takes an element of this name, wherever it stands.
    #[must_use]
    pub fn symbol(&self, name: Name<'_>) -> Option<Symbol> {
        self.rank_symbol(name).map(|(_, symbol)| symbol)
    }

    /// The place, in the order of the class's parts, of elements of this name.
    #[must_use]
    pub fn rank(&self, name: Name<'_>) -> Option<u16> {
        self.rank_symbol(name).map(|(rank, _)| rank)
    }

    /// Whether several elements of this name may stand.
    #[must_use]
    pub fn repeats(&self, name: Name<'_>) -> bool {
        let places = (0..).zip(&self.symbols).filter(|(_, symbol)| symbol.takes(name)).map(|(place, _)| place);
        let ahead = self.reachable(&places.map(|place| State(Some(place))).collect::<Vec<_>>(), None);
        ahead.iter().any(|state| self.step(*state, name).is_some())
    }

    fn rank_symbol(&self, name: Name<'_>) -> Option<(u16, Symbol)> {
        let found = self.symbols.iter().position(|symbol| symbol.takes(name))?;
        Some((*self.parts.get(found)?, *self.symbols.get(found)?))
    }

    /// What must stand and does not: for each such part, the names of which one is needed.
    pub fn missing<'m>(&'m self, present: &[Name<'_>]) -> impl Iterator<Item = Vec<&'static Class>> + use<'m> {
        let absent: Vec<_> = self
            .required
            .iter()
            .map(|places| {
                places.iter().filter_map(|place| self.symbols.get(usize::from(*place))).collect::<Vec<&'m Symbol>>()
            })
            .filter(|symbols| !symbols.iter().any(|symbol| present.iter().any(|name| symbol.takes(*name))))
            .collect();
        absent.into_iter().map(|symbols| symbols.iter().filter_map(|symbol| symbol.class()).collect())
    }

    /// Whether elements of these names, in this order, are what the class holds.
    #[must_use]
    pub fn accepts<'a>(&self, names: impl IntoIterator<Item = Name<'a>>) -> bool {
        let mut state = State::START;
        for name in names {
            match self.step(state, name) {
                Some((next, _)) => state = next,
                None => return false,
            }
        }
        self.may_end(state)
    }

    /// Where a new child belongs among its siblings, by the order of the class: after the last one that comes no later.
    #[must_use]
    pub fn place_of<'a>(&self, siblings: impl IntoIterator<Item = Name<'a>>, new: Name<'_>) -> Option<usize> {
        let rank = self.rank(new)?;
        let mut place = 0;
        for (index, sibling) in siblings.into_iter().enumerate() {
            if self.rank(sibling).is_some_and(|other| other <= rank) {
                place = index + 1;
            }
        }
        Some(place)
    }

    /// The classes of which one more may be added to these children, in the order of the class. What is there need not
    /// be complete: a form offers what is not full yet.
    #[must_use]
    pub fn addable(&self, children: &[Name<'_>]) -> Vec<&'static Class> {
        let mut found: Vec<&'static Class> = Vec::new();
        for class in self.symbols.iter().filter_map(Symbol::class) {
            let new = class.element_name();
            let known = found.iter().any(|other| other.element_name() == new);
            if known || class.standing == Standing::Reading {
                continue;
            }
            let mut with = children.to_vec();
            let Some(place) = self.place_of(children.iter().copied(), new) else { continue };
            with.insert(place.min(with.len()), new);
            if self.fits(&with) {
                found.push(class);
            }
        }
        found
    }

    /// Whether children could be part of what the class holds once more are added: no step is blocked by anything but
    /// absent elements.
    fn fits(&self, names: &[Name<'_>]) -> bool {
        let mut states = vec![State::START];
        for name in names {
            let reached = self.reachable(&states, self.rank(*name));
            let next: Vec<_> =
                reached.iter().filter_map(|state| self.step(*state, *name)).map(|(state, _)| state).collect();
            if next.is_empty() {
                return false;
            }
            states = next;
            states.dedup();
        }
        true
    }

    /// The states one may get to from these by elements that are not there yet, but none of one part of the class: a
    /// group that repeats does not begin anew by what is absent.
    fn reachable(&self, from: &[State], but: Option<u16>) -> Vec<State> {
        let mut found = from.to_vec();
        let mut at = 0;
        while let Some(state) = found.get(at).copied() {
            for place in self.next(state) {
                let next = State(Some(*place));
                if but.is_some() && self.parts.get(usize::from(*place)).copied() == but {
                    continue;
                }
                if !found.contains(&next) {
                    found.push(next);
                }
            }
            at += 1;
        }
        found
    }
}

/// A part under construction: where it may begin and end.
struct Part {
    nullable: bool,
    first: Vec<u16>,
    last: Vec<u16>,
}

impl Part {
    const EMPTY: Self = Self { nullable: true, first: Vec::new(), last: Vec::new() };
    const NEVER: Self = Self { nullable: false, first: Vec::new(), last: Vec::new() };
}
