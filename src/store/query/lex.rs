//! A filter's text as tokens with their columns.

use regex::RegexBuilder;

use super::error::{Error, Problem};
use super::field;
use super::value::{Text, Value};
use super::{Cmp, Field, Regex, Term};
use crate::model::Typed;

/// Longest text of a filter, in characters; a long list of values is a list of its own (`@name`).
pub const LONGEST: usize = 20_000;
/// Most values behind one field.
pub const VALUES: usize = 1_000;
/// Longest regular expression, in characters, and the memory it may need when compiled.
const REGEX: usize = 500;
pub const REGEX_BYTES: usize = 1 << 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    Open,
    Close,
    Minus,
    Or,
    Term(Term),
}

/// A token and the column of its first character, from 1.
pub type Placed = (usize, Token);

pub fn tokens(text: &str) -> Result<Vec<Placed>, Error> {
    let mut scan = Scan { chars: text.chars().take(LONGEST + 1).collect(), at: 0 };
    if scan.chars.len() > LONGEST {
        return Err(Problem::TooLong.at(LONGEST));
    }
    let mut tokens = Vec::new();
    loop {
        scan.skip(char::is_whitespace);
        let column = scan.column();
        let Some(first) = scan.peek() else { return Ok(tokens) };
        let token = match first {
            '(' => scan.take(Token::Open),
            ')' => scan.take(Token::Close),
            '-' => {
                let token = scan.take(Token::Minus);
                if scan.peek().is_none_or(|next| next.is_whitespace() || next == ')' || next == '-') {
                    return Err(Problem::DanglingMinus.at(column));
                }
                token
            }
            '"' => Token::Term(Term::Words(Text::plain(scan.quoted()?))),
            '/' => Token::Term(Term::Regex(scan.regex()?)),
            _ => match scan.word()? {
                Some(token) => token,
                None => continue,
            },
        };
        if let Token::Term(Term::Words(text)) = &token
            && is_wordless(text)
        {
            return Err(Problem::Wordless { text: text.text.clone() }.at(column));
        }
        tokens.push((column, token));
    }
}

/// Whether nothing could be found by it: no letter and no digit, and not every text there is.
fn is_wordless(text: &Text) -> bool {
    !text.text.chars().any(char::is_alphanumeric) && !text.is_any() && super::observable(&text.text).is_empty()
}

struct Scan {
    chars: Vec<char>,
    at: usize,
}

impl Scan {
    fn column(&self) -> usize {
        self.at + 1
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    fn take(&mut self, token: Token) -> Token {
        self.at += 1;
        token
    }

    fn skip(&mut self, unwanted: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&unwanted) {
            self.at += 1;
        }
    }

    fn run(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let start = self.at;
        self.skip(wanted);
        self.chars.get(start..self.at).unwrap_or_default().iter().collect()
    }

    /// From a quote to its end.
    fn quoted(&mut self) -> Result<String, Error> {
        let column = self.column();
        let _ = self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(Problem::OpenQuote.at(column)),
                Some('"') => return Ok(text),
                Some('\\') if matches!(self.peek(), Some('"' | '\\')) => text.extend(self.next()),
                Some(char) => text.push(char),
            }
        }
    }

    /// `/pattern/` or `/pattern/i`; `\/` is a slash.
    fn regex(&mut self) -> Result<Regex, Error> {
        let column = self.column();
        let _ = self.next();
        let mut pattern = String::new();
        loop {
            match self.next() {
                None => return Err(Problem::OpenRegex.at(column)),
                Some('/') => break,
                Some('\\') if self.peek() == Some('/') => pattern.extend(self.next()),
                Some('\\') => {
                    pattern.push('\\');
                    pattern.extend(self.next());
                }
                Some(char) => pattern.push(char),
            }
        }
        let flags = self.run(|c| c.is_alphanumeric());
        let bad = |cause: String| Problem::BadRegex { cause }.at(column);
        if !matches!(flags.as_str(), "" | "i") {
            return Err(bad(format!("/{flags}")));
        }
        if pattern.is_empty() || pattern.chars().count() > REGEX {
            return Err(bad(format!("0–{REGEX}")));
        }
        let regex = Regex { pattern, insensitive: flags == "i" };
        let _ =
            regex.compile().map_err(|error| bad(error.to_string().lines().last().unwrap_or_default().to_owned()))?;
        Ok(regex)
    }

    /// A word, or a field with its values; `None` for a word that joins and says no more than a blank.
    fn word(&mut self) -> Result<Option<Token>, Error> {
        let start = self.at;
        let whole = self.run(|c| !c.is_whitespace() && !"()\"".contains(c));
        if is_one_word(&whole) {
            return Ok(Some(Token::Term(Term::Words(word(whole)))));
        }
        self.at = start;
        let name = self.run(|c| c.is_ascii_alphabetic() || c == '-' || c == '_');
        let Some(cmp) = self.cmp().filter(|_| !name.is_empty()) else {
            self.at = start;
            let text = self.run(|c| !c.is_whitespace() && !"()\"".contains(c));
            return Ok(match text.as_str() {
                "OR" => Some(Token::Or),
                "AND" => None,
                _ => Some(Token::Term(Term::Words(word(text)))),
            });
        };
        let Some(field) = Field::named(&name) else {
            let nearest = field::nearest(&name);
            return Err(Problem::UnknownField { name, nearest }.at(start + 1));
        };
        if !cmp.is_equality() && !field.is_ordered() {
            return Err(Problem::NotOrdered { field }.at(start + 1));
        }
        let values = self.values(field, cmp)?;
        Ok(Some(Token::Term(Term::Field { field, cmp, values })))
    }

    fn cmp(&mut self) -> Option<Cmp> {
        let start = self.at;
        let first = self.next();
        let equals = self.peek() == Some('=');
        let (cmp, length) = match (first?, equals) {
            (':', _) => (Cmp::Has, 1),
            ('=', _) => (Cmp::Eq, 1),
            ('!', true) => (Cmp::Ne, 2),
            ('<', true) => (Cmp::Le, 2),
            ('<', false) => (Cmp::Lt, 1),
            ('>', true) => (Cmp::Ge, 2),
            ('>', false) => (Cmp::Gt, 1),
            _ => {
                self.at = start;
                return None;
            }
        };
        self.at = start + length;
        Some(cmp)
    }

    fn values(&mut self, field: Field, cmp: Cmp) -> Result<Vec<Value>, Error> {
        let mut values = Vec::new();
        loop {
            let column = self.column();
            let (text, quoted) = match self.peek() {
                Some('"') => (self.quoted()?, true),
                _ => (self.run(|c| !c.is_whitespace() && !",()\"".contains(c)), false),
            };
            if text.is_empty() {
                return Err(Problem::MissingValue { field }.at(column));
            }
            values.push(Value::read(field, cmp, &text, quoted).map_err(|problem| problem.at(column))?);
            if values.len() > VALUES {
                return Err(Problem::TooManyValues.at(column));
            }
            if self.peek() != Some(',') {
                return Ok(values);
            }
            let _ = self.next();
        }
    }
}

fn word(text: String) -> Text {
    let glob = text.contains('*');
    Text { text, glob }
}

/// Whether a text with a colon in it is a value by itself and not a field with one: a link, an address, a MAC.
fn is_one_word(text: &str) -> bool {
    let is_scheme = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.[".contains(c));
    let is_link = text.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme) && Field::named(scheme).is_none());
    let colons = text.matches(':').count();
    is_link || (colons >= 2 && matches!(Typed::read(text), Some(Typed::Ipv6(_) | Typed::Ipv6Net(..) | Typed::Mac(_))))
}

impl Regex {
    /// The automaton; its size is bounded, so a pattern of a stranger's saved view costs little.
    ///
    /// # Errors
    /// When the pattern is no regular expression or too large.
    pub fn compile(&self) -> Result<regex::Regex, regex::Error> {
        RegexBuilder::new(&self.pattern)
            .case_insensitive(self.insensitive)
            .size_limit(REGEX_BYTES)
            .dfa_size_limit(REGEX_BYTES)
            .nest_limit(50)
            .build()
    }
}

/// Whether `text` is read as just this word.
pub fn is_word(text: &str, glob: bool) -> bool {
    let own = Text { text: text.to_owned(), glob };
    text.chars().count() <= LONGEST && tokens(text).is_ok_and(|tokens| tokens == [(1, Token::Term(Term::Words(own)))])
}
