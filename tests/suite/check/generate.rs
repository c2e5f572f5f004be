//! Documents made by walking the class table: whatever the table says may stand somewhere, stands there in some document.

use std::collections::{BTreeMap, BTreeSet};

use gridwatch::iodef::schema::{self, Class, Content, Model, Preset, Profile, Space, Standing, State, Symbol, Type};

/// An element of a made document, to be written in more than one way.
#[derive(Clone, Debug)]
pub struct Made {
    /// Of nobody's where there is none.
    pub class: Option<usize>,
    pub space: Option<Space>,
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Made>,
    pub text: String,
    /// Holds elements alone: white space between them says nothing.
    pub loose: bool,
}

/// How a document is written: what a broker may change on the way and what canonical form must not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The default namespace, double quotes, one element a line.
    Plain,
    /// Prefixes everywhere, single quotes, attributes the other way round, blanks inside tags.
    Other,
}

/// Numbers that look random and are the same each time.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % n.max(1) as u64).unwrap()
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

pub struct Maker {
    profile: Profile,
    chance: Chance,
    /// How many elements a class needs at least below it.
    cost: BTreeMap<usize, usize>,
    ids: usize,
    /// The class whose elements get every attribute.
    target: usize,
    /// Which token of each of its enumerations they get; by chance where there is none.
    turn: Option<usize>,
    /// Elements still to be had beyond what must be.
    budget: usize,
}

/// A class by its place: local ones share names.
pub fn key(class: &'static Class) -> usize {
    std::ptr::from_ref(class).addr()
}

fn symbol_name(symbol: &Symbol) -> schema::Name<'static> {
    symbol.class().map_or(schema::Name { ns: "urn:example:foreign", local: "x" }, Class::element_name)
}

/// Every class there is, local ones too, once.
pub fn every_class(profile: Profile) -> Vec<&'static Class> {
    let known = |class: &&Class| class.standing != Standing::Reading || profile == Profile::Reading;
    let mut found: Vec<&'static Class> = schema::classes().filter(known).collect();
    let mut at = 0;
    while let Some(class) = found.get(at).copied() {
        let inside =
            class.model(profile).into_iter().flat_map(|model| model.symbols().iter().filter_map(Symbol::class));
        let new: Vec<_> = inside.filter(|class| class.standing == Standing::Local).collect();
        found.extend(new.into_iter().filter(|new| !found.iter().any(|old| key(old) == key(new))).collect::<Vec<_>>());
        at += 1;
    }
    found
}

/// The enumerations of a class: of its attributes by their name, of its text by none. One that is fixed is no choice.
pub fn enumerations(class: &'static Class, profile: Profile) -> Vec<(&'static str, Vec<&'static str>)> {
    let tokens = |of: Type| match of {
        Type::Enumeration(list) => Some(list.tokens(profile).collect()),
        _ => None,
    };
    let chosen =
        |declared: &&schema::Attribute| declared.is_known(profile) && !matches!(declared.preset, Preset::Fixed(..));
    let attributes = class.attributes.iter().filter(chosen);
    let mut found: Vec<_> = attributes.filter_map(|declared| Some((declared.name, tokens(declared.of)?))).collect();
    if let Content::Text(of) = class.content(profile) {
        found.extend(tokens(*of).map(|tokens| ("", tokens)));
    }
    found
}

impl Maker {
    pub fn new(profile: Profile, seed: u64) -> Self {
        let mut maker = Self {
            profile,
            chance: Chance::new(seed),
            cost: BTreeMap::new(),
            ids: 0,
            target: 0,
            turn: None,
            budget: 0,
        };
        // Until nothing gets cheaper: a class costs itself and the cheapest way through its model.
        let classes = every_class(profile);
        loop {
            let before = maker.cost.clone();
            for class in &classes {
                let inside = match class.model(profile) {
                    None => Some(0),
                    Some(model) => maker.way(model, State::START, |state| model.may_end(state)).map(|(cost, _)| cost),
                };
                if let Some(inside) = inside {
                    let _ = maker.cost.insert(key(class), inside + 1);
                }
            }
            if maker.cost == before {
                return maker;
            }
        }
    }

    /// The cheapest way from a state to one that is wanted.
    fn way(&self, model: &'static Model, from: State, wanted: impl Fn(State) -> bool) -> Option<(usize, Vec<Symbol>)> {
        let mut open: Vec<(usize, State, Vec<Symbol>)> = vec![(0, from, Vec::new())];
        let mut seen: Vec<State> = Vec::new();
        loop {
            let place = open.iter().enumerate().min_by_key(|(_, (cost, ..))| *cost)?.0;
            let (cost, state, way) = open.swap_remove(place);
            if wanted(state) {
                return Some((cost, way));
            }
            if seen.contains(&state) {
                continue;
            }
            seen.push(state);
            for symbol in model.expected(state) {
                let price = match symbol {
                    Symbol::Child(class) => match self.cost.get(&key(class)) {
                        Some(price) => *price,
                        None => continue,
                    },
                    Symbol::Any { lax: true, .. } => 1,
                    Symbol::Any { lax: false, .. } => continue,
                };
                let Some((next, _)) = model.step(state, symbol_name(symbol)) else { continue };
                open.push((cost + price, next, way.iter().copied().chain([*symbol]).collect()));
            }
        }
    }

    /// The shortest line of classes from the document down to `target`, through foreign content, which may hold any
    /// global one, if there is no other.
    pub fn line(&self, target: &'static Class) -> Option<Vec<Symbol>> {
        self.line_through(target, false).or_else(|| self.line_through(target, true))
    }

    fn line_through(&self, target: &'static Class, foreign: bool) -> Option<Vec<Symbol>> {
        let root = schema::class("IODEF-Document")?;
        let mut open: std::collections::VecDeque<(&'static Class, Vec<Symbol>)> = [(root, Vec::new())].into();
        let mut seen = BTreeSet::new();
        while let Some((class, line)) = open.pop_front() {
            if key(class) == key(target) {
                return Some(line);
            }
            if !seen.insert(key(class)) {
                continue;
            }
            let Some(model) = class.model(self.profile) else { continue };
            for symbol in model.symbols() {
                let with = |class: &'static Class| {
                    (class, line.iter().copied().chain([Symbol::Child(class)]).collect::<Vec<_>>())
                };
                match symbol {
                    Symbol::Child(child) => open.push_back(with(child)),
                    Symbol::Any { other: None, lax: true } if foreign && class.name == "AdditionalData" => {
                        open.extend(
                            every_class(self.profile).into_iter().filter(|c| c.standing != Standing::Local).map(with),
                        );
                    }
                    Symbol::Any { .. } => {}
                }
            }
        }
        None
    }

    /// A document with an element of `target` in it, all its attributes on it, and by chance some more around it.
    /// With a `turn`, its enumerations have their tokens in turn.
    pub fn document(&mut self, target: &'static Class, extra: usize, turn: Option<usize>) -> Option<Made> {
        self.turn = turn;
        let line = self.line(target)?;
        self.budget = extra;
        self.target = key(target);
        let root = schema::class("IODEF-Document")?;
        let mut made = self.element(root, &line);
        // What references point at.
        let incident = made.children.first_mut()?;
        incident.attributes.retain(|(name, _)| name != "observable-id");
        incident.attributes.push(("observable-id".to_owned(), "the-incident".to_owned()));
        Some(made)
    }

    fn element(&mut self, class: &'static Class, line: &[Symbol]) -> Made {
        let whole = key(class) == self.target || self.chance.below(8) == 0;
        let turn = self.turn.filter(|_| key(class) == self.target);
        let mut made = Made {
            class: Some(key(class)),
            space: Some(class.space),
            name: class.name.to_owned(),
            attributes: self.attributes(class, whole, turn),
            children: Vec::new(),
            text: String::new(),
            loose: matches!(class.content(self.profile), Content::Elements(_)),
        };
        match class.content(self.profile) {
            Content::Text(of) => made.text = self.value(*of, turn),
            Content::Mixed(_) if line.is_empty() && self.chance.below(2) == 0 => made.text = "some text".to_owned(),
            _ => {}
        }
        let Some(model) = class.model(self.profile) else { return made };
        let mut state = State::START;
        for step in self.steps(class, model, &mut state, line.first()) {
            made.children.push(match step {
                (Symbol::Child(child), true) => self.element(child, &line[1..]),
                (Symbol::Child(child), false) => self.element(child, &[]),
                (Symbol::Any { .. }, _) => foreign(),
            });
        }
        made
    }

    /// The symbols of an element's children, and which of them is on the line.
    fn steps(
        &mut self,
        class: &'static Class,
        model: &'static Model,
        state: &mut State,
        wanted: Option<&Symbol>,
    ) -> Vec<(Symbol, bool)> {
        let mut steps: Vec<(Symbol, bool)> = Vec::new();
        let hits = |state: State, wanted: &Symbol| -> Option<State> {
            let name = symbol_name(wanted);
            model.step(state, name).map(|(next, _)| next)
        };
        // Now and then something that may be there, as long as the wanted one can still come.
        while self.budget > 0 && self.chance.below(3) != 0 {
            let choices: Vec<Symbol> = model.expected(*state).copied().collect();
            if choices.is_empty() {
                break;
            }
            let symbol = *self.chance.of(&choices);
            if matches!(symbol, Symbol::Any { lax: false, .. }) {
                break;
            }
            let Some((next, _)) = model.step(*state, symbol_name(&symbol)) else { break };
            let still = match wanted {
                Some(wanted) => self.way(model, next, |state| hits(state, wanted).is_some()).is_some(),
                None => self.way(model, next, |state| model.may_end(state)).is_some(),
            };
            let price = symbol.class().map_or(1, |class| self.cost.get(&key(class)).copied().unwrap_or(1));
            if !still || price > self.budget {
                break;
            }
            self.budget -= price;
            *state = next;
            steps.push((symbol, false));
        }
        if let Some(wanted) = wanted {
            let (_, way) = self
                .way(model, *state, |state| hits(state, wanted).is_some())
                .unwrap_or_else(|| panic!("{}", class.name));
            for symbol in way {
                *state = model.step(*state, symbol_name(&symbol)).unwrap().0;
                steps.push((symbol, false));
            }
            *state = hits(*state, wanted).unwrap();
            steps.push((*wanted, true));
        }
        let (_, way) = self.way(model, *state, |state| model.may_end(state)).unwrap();
        steps.extend(way.into_iter().map(|symbol| (symbol, false)));
        steps
    }

    fn attributes(&mut self, class: &'static Class, all: bool, turn: Option<usize>) -> Vec<(String, String)> {
        let mut made = Vec::new();
        let profile = self.profile;
        for declared in class.attributes.iter().filter(|declared| declared.is_known(profile)) {
            if !all && !declared.is_required(self.profile) && self.chance.below(6) != 0 {
                continue;
            }
            let mut value = match declared.preset {
                Preset::Fixed(value, _) => value.to_owned(),
                _ => self.value(declared.of, turn),
            };
            if declared.extensible && (all || value == "ext-value") {
                let listed = matches!(declared.of, Type::Enumeration(list) if list.holds("ext-value", self.profile));
                if listed && all && turn.is_none() && self.chance.below(2) == 0 {
                    value = "ext-value".to_owned();
                }
                made.push((format!("ext-{}", declared.name), "ours".to_owned()));
            }
            made.push((declared.name.to_owned(), value));
        }
        made
    }

    fn value(&mut self, of: Type, turn: Option<usize>) -> String {
        let list: &[&str] = match of {
            Type::String => &["text", "", " two  words ", "ünï <&> \"quoted\" 'too'", "]]>"],
            Type::DateTime => &[
                "2026-11-21T16:05:00Z",
                "2026-11-21T24:00:00.000-14:00",
                "-0044-03-15T12:00:00",
                "12026-02-28T23:59:59.999999+05:30",
                "2024-02-29T00:00:00Z",
            ],
            Type::Integer => &["0", "-12", "+7", "000123", "123456789012345678"],
            Type::Float | Type::Double => &["0", "-1.5E-3", ".5", "7.", "INF", "-INF", "NaN", "1e9"],
            Type::PositiveFloat => &["1", "0.001", "+3.5", "INF", "1E2"],
            Type::FloatOrEmpty => &["", "50", "0.5", "  "],
            Type::AnyUri => {
                &["https://a.example/b?c=d#e", "urn:a:b", "", "a b/ü", "//host:80/", "http://[2001:db8::1]/", "%41"]
            }
            Type::Id => {
                self.ids += 1;
                return format!("id-{}", self.ids);
            }
            Type::IdRef => &["the-incident", " the-incident "],
            Type::NcName => &["CVE-2026-0001", "_a.b"],
            Type::Language => &["en", "de-CH", "zh-Hant-TW", "x-klingon"],
            Type::Portlist => &["22", "22,80,6000-6010", "1-65535"],
            Type::Timezone => &["Z", "+14:00", "-00:30"],
            Type::Base64 => &["", "AAAA", "AAECAw==", "AAE =", "A A E C"],
            Type::Enumeration(list) => {
                let tokens: Vec<_> = list.tokens(self.profile).collect();
                let token = match turn {
                    Some(turn) => tokens[turn % tokens.len()],
                    None => *self.chance.of(&tokens),
                };
                let padded = list.collapses && self.chance.below(8) == 0;
                return if padded { format!(" {token} ") } else { token.to_owned() };
            }
        };
        (*self.chance.of(list)).to_owned()
    }
}

fn foreign() -> Made {
    Made {
        class: None,
        space: None,
        name: "thing".to_owned(),
        attributes: Vec::new(),
        children: Vec::new(),
        text: "foreign".to_owned(),
        loose: false,
    }
}

impl Made {
    pub fn write(&self, style: Style) -> String {
        let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
        self.append(style, true, true, &mut text);
        text
    }

    fn append(&self, style: Style, root: bool, loose: bool, text: &mut String) {
        let prefix = match (self.space, style) {
            (None, _) => "foreign",
            (Some(Space::Iodef), Style::Plain) => "",
            (Some(Space::Iodef), Style::Other) => "io",
            (Some(space), _) => space.prefix(),
        };
        let name = if prefix.is_empty() { self.name.clone() } else { format!("{prefix}:{}", self.name) };
        let mut attributes = self.attributes.clone();
        if root {
            for space in Space::ALL {
                let prefix = if space == Space::Iodef && style == Style::Other { "io" } else { space.prefix() };
                let declared = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
                attributes.push((declared, space.uri().to_owned()));
            }
            attributes.push(("xmlns:foreign".to_owned(), "urn:example:foreign".to_owned()));
        }
        let (quote, gap) = if style == Style::Plain { ('"', " ") } else { ('\'', "\n  ") };
        if style == Style::Other {
            attributes.reverse();
        }
        text.push('<');
        text.push_str(&name);
        for (name, value) in &attributes {
            let value = escape(value).replace('"', "&quot;").replace('\'', "&#39;");
            text.push_str(&format!("{gap}{name}={quote}{value}{quote}"));
        }
        if self.children.is_empty() && self.text.is_empty() {
            text.push_str(if style == Style::Plain { "/>" } else { " />" });
            return;
        }
        text.push('>');
        text.push_str(&escape(&self.text));
        // White space inside an extension is the extension's.
        let loose = loose && self.loose;
        for child in &self.children {
            if loose && style == Style::Plain {
                text.push('\n');
            }
            child.append(style, false, loose, text);
        }
        text.push_str(&format!("</{name}>"));
    }

    /// Itself and all below it.
    pub fn all(&self) -> Vec<&Self> {
        let mut found = vec![self];
        let mut at = 0;
        while let Some(made) = found.get(at).copied() {
            found.extend(&made.children);
            at += 1;
        }
        found
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
