//! The text of an expression (XPath 1.0 §3.7) made into its tree. As deep as [`DEPTH`].

use super::{Arithmetic, Axis, Compare, Expr, Function, Start, Step, Test, prefixes};
use crate::text::xml::{is_name_char, is_name_start};

/// Brackets within brackets.
const DEPTH: usize = 24;
/// Longest expression, in bytes, and most pieces of one.
const LONGEST: usize = 2_000;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A name, with its prefix where it has one; `*` for any.
    Name(Option<String>, String),
    Literal(String),
    Number(f64),
    Sign(&'static str),
}

pub fn parse(text: &str) -> Option<Expr> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, depth: 0 };
    let expr = parser.or()?;
    parser.tokens.is_empty().then_some(expr)
}

const SIGNS: [&str; 22] = [
    "//", "..", "::", "!=", "<=", ">=", "(", ")", "[", "]", ".", "@", ",", "/", "|", "+", "-", "=", "<", ">", "*", ":",
];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut rest = text.get(..text.len().min(LONGEST)).filter(|cut| cut.len() == text.len())?.trim_start();
    let mut all = Vec::new();
    while let Some(first) = rest.chars().next() {
        let after;
        if let '"' | '\'' = first {
            let (literal, behind) = rest.get(1..)?.split_once(first)?;
            all.push(Token::Literal(literal.to_owned()));
            after = behind;
        } else if first.is_ascii_digit() || (first == '.' && rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit())) {
            let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let (number, behind) = rest.split_at_checked(length)?;
            all.push(Token::Number(number.parse().ok()?));
            after = behind;
        } else if is_name_start(first) {
            let (name, behind) = name(rest)?;
            match behind.strip_prefix(':').filter(|behind| !behind.starts_with(':')) {
                Some(local) if local.starts_with('*') => {
                    all.push(Token::Name(Some(name.to_owned()), "*".to_owned()));
                    after = local.get(1..)?;
                }
                Some(behind) => {
                    let (local, behind) = self::name(behind)?;
                    all.push(Token::Name(Some(name.to_owned()), local.to_owned()));
                    after = behind;
                }
                None => {
                    all.push(Token::Name(None, name.to_owned()));
                    after = behind;
                }
            }
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
            all.push(Token::Sign(sign));
            after = rest.get(sign.len()..)?;
        }
        rest = after.trim_start();
    }
    Some(all)
}

fn name(text: &str) -> Option<(&str, &str)> {
    let length = text.find(|c| !is_name_char(c)).unwrap_or(text.len());
    text.split_at_checked(length).filter(|(name, _)| name.starts_with(is_name_start))
}

struct Parser<'t> {
    tokens: &'t [Token],
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.first()
    }

    fn next(&mut self) -> Option<&Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(own)) if *own == sign)
    }

    fn take(&mut self, sign: &str) -> bool {
        let is = self.is_sign(sign);
        if is {
            let _ = self.next();
        }
        is
    }

    fn word(&mut self, word: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Name(None, own)) if own == word);
        if is {
            let _ = self.next();
        }
        is
    }

    fn or(&mut self) -> Option<Expr> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let mut left = self.and()?;
        while self.word("or") {
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Some(left)
    }

    fn and(&mut self) -> Option<Expr> {
        let mut left = self.equality()?;
        while self.word("and") {
            left = Expr::And(Box::new(left), Box::new(self.equality()?));
        }
        Some(left)
    }

    fn equality(&mut self) -> Option<Expr> {
        let mut left = self.order()?;
        loop {
            let how = match () {
                () if self.take("=") => Compare::Equal,
                () if self.take("!=") => Compare::Unequal,
                () => return Some(left),
            };
            left = Expr::Compare(how, Box::new(left), Box::new(self.order()?));
        }
    }

    fn order(&mut self) -> Option<Expr> {
        let mut left = self.sum()?;
        loop {
            let how = match () {
                () if self.take("<=") => Compare::AtMost,
                () if self.take(">=") => Compare::AtLeast,
                () if self.take("<") => Compare::Less,
                () if self.take(">") => Compare::More,
                () => return Some(left),
            };
            left = Expr::Compare(how, Box::new(left), Box::new(self.sum()?));
        }
    }

    fn sum(&mut self) -> Option<Expr> {
        let mut left = self.product()?;
        loop {
            let how = match () {
                () if self.take("+") => Arithmetic::Plus,
                () if self.take("-") => Arithmetic::Minus,
                () => return Some(left),
            };
            left = Expr::Arithmetic(how, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Option<Expr> {
        let mut left = self.negative()?;
        loop {
            // Behind an operand `*`, `div` and `mod` are operators (§3.7).
            let how = match () {
                () if self.take("*") => Arithmetic::Times,
                () if self.word("div") => Arithmetic::Div,
                () if self.word("mod") => Arithmetic::Mod,
                () => return Some(left),
            };
            left = Expr::Arithmetic(how, Box::new(left), Box::new(self.negative()?));
        }
    }

    fn negative(&mut self) -> Option<Expr> {
        let mut minus = false;
        while self.take("-") {
            minus = !minus;
        }
        let inner = self.union()?;
        Some(if minus { Expr::Negative(Box::new(inner)) } else { inner })
    }

    fn union(&mut self) -> Option<Expr> {
        let mut left = self.path()?;
        while self.take("|") {
            left = Expr::Union(Box::new(left), Box::new(self.path()?));
        }
        Some(left)
    }

    fn path(&mut self) -> Option<Expr> {
        if self.take("//") {
            let mut steps = vec![ANYWHERE];
            self.steps(&mut steps)?;
            return Some(Expr::Path(Start::Root, steps));
        }
        if self.take("/") {
            let mut steps = Vec::new();
            if self.begins_step() {
                self.steps(&mut steps)?;
            }
            return Some(Expr::Path(Start::Root, steps));
        }
        let Some(primary) = self.primary()? else {
            let mut steps = Vec::new();
            self.steps(&mut steps)?;
            return Some(Expr::Path(Start::Here, steps));
        };
        let predicates = self.predicates()?;
        let mut steps = Vec::new();
        if self.take("//") {
            steps.push(ANYWHERE);
            self.steps(&mut steps)?;
        } else if self.take("/") {
            self.steps(&mut steps)?;
        }
        let is_plain = predicates.is_empty() && steps.is_empty();
        Some(if is_plain { primary } else { Expr::Path(Start::Found(Box::new(primary), predicates), steps) })
    }

    fn begins_step(&self) -> bool {
        match self.peek() {
            Some(Token::Name(..)) => true,
            Some(Token::Sign(sign)) => ["@", "*", ".", ".."].contains(sign),
            _ => false,
        }
    }

    /// A primary expression; `Some(None)` where a step begins.
    #[expect(clippy::option_option, reason = "an error, no primary, or one")]
    fn primary(&mut self) -> Option<Option<Expr>> {
        let called = matches!(self.tokens, [Token::Name(None, name), Token::Sign("("), ..] if !is_node_test(name));
        match self.peek()? {
            Token::Literal(text) => {
                let text = text.clone();
                let _ = self.next();
                Some(Some(Expr::Literal(text)))
            }
            Token::Number(number) => {
                let number = *number;
                let _ = self.next();
                Some(Some(Expr::Number(number)))
            }
            Token::Sign("(") => {
                let _ = self.next();
                let inner = self.or()?;
                self.take(")").then_some(Some(inner))
            }
            Token::Name(_, name) if called => {
                let name = name.clone();
                let _ = (self.next(), ());
                let _ = (self.next(), ());
                let mut arguments = Vec::new();
                while !self.take(")") {
                    if !arguments.is_empty() && !self.take(",") {
                        return None;
                    }
                    arguments.push(self.or()?);
                }
                let function = Function::named(&name, arguments.len())?;
                Some(Some(Expr::Call(function, arguments)))
            }
            _ => Some(None),
        }
    }

    fn steps(&mut self, steps: &mut Vec<Step>) -> Option<()> {
        loop {
            steps.push(self.step()?);
            if self.take("//") {
                steps.push(ANYWHERE);
            } else if !self.take("/") {
                return Some(());
            }
        }
    }

    fn step(&mut self) -> Option<Step> {
        if self.take("..") {
            return Some(Step { axis: Axis::Parent, ..ANYWHERE });
        }
        if self.take(".") {
            return Some(Step { axis: Axis::Itself, ..ANYWHERE });
        }
        let axis = if self.take("@") {
            Axis::Attribute
        } else if let [Token::Name(None, name), Token::Sign("::"), rest @ ..] = self.tokens {
            self.tokens = rest;
            axis(name)?
        } else {
            Axis::Child
        };
        let test = self.test()?;
        Some(Step { axis, test, predicates: self.predicates()? })
    }

    fn test(&mut self) -> Option<Test> {
        if self.take("*") {
            return Some(Test::Name(None, None));
        }
        let Token::Name(prefix, local) = self.next()?.clone() else { return None };
        if prefix.is_none() && is_node_test(&local) && self.take("(") {
            let test = match local.as_str() {
                "node" => Test::Node,
                "text" => Test::Text,
                _ => return None,
            };
            return self.take(")").then_some(test);
        }
        let namespaces = match prefix {
            Some(prefix) => Some(prefixes(&prefix)?),
            None => None,
        };
        Some(Test::Name(namespaces, (local != "*").then_some(local)))
    }

    fn predicates(&mut self) -> Option<Vec<Expr>> {
        let mut all = Vec::new();
        while self.take("[") {
            all.push(self.or()?);
            if !self.take("]") {
                return None;
            }
        }
        Some(all)
    }
}

/// `//` stands for this step.
const ANYWHERE: Step = Step { axis: Axis::DescendantOrSelf, test: Test::Node, predicates: Vec::new() };

fn is_node_test(name: &str) -> bool {
    matches!(name, "node" | "text" | "comment" | "processing-instruction")
}

fn axis(name: &str) -> Option<Axis> {
    Some(match name {
        "child" => Axis::Child,
        "descendant" => Axis::Descendant,
        "descendant-or-self" => Axis::DescendantOrSelf,
        "self" => Axis::Itself,
        "parent" => Axis::Parent,
        "ancestor" => Axis::Ancestor,
        "ancestor-or-self" => Axis::AncestorOrSelf,
        "following-sibling" => Axis::FollowingSibling,
        "preceding-sibling" => Axis::PrecedingSibling,
        "attribute" => Axis::Attribute,
        _ => return None,
    })
}
