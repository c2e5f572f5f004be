//! Reads the module paths a Rust source names, well enough to police who uses whom: comments and literals are left
//! out, `use` trees are expanded, `super` is resolved, code under `#[cfg(test)]` is told apart. No full parser.

/// A path as the source names it, made absolute: `["crate", "model", "Jid"]` or `["iced", "Element"]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub parts: Vec<String>,
    /// 1-based.
    pub line: usize,
    /// Whether it stands under `#[cfg(test)]`.
    pub test: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `::`
    Sep,
    Other(char),
}

/// `source` with the inside of comments, strings and characters replaced by spaces; lines stay where they were.
pub fn code_only(source: &str) -> String {
    let text: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
    while at < text.len() {
        let end = literal_end(&text, at);
        if end > at {
            out.extend(text[at..end].iter().map(|c| blank(*c)));
            at = end;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

/// Where the comment or literal that starts at `at` ends; `at` itself when none starts there.
fn literal_end(text: &[char], at: usize) -> usize {
    let next = text.get(at + 1).copied();
    match text[at] {
        '/' if next == Some('/') => text[at..].iter().position(|c| *c == '\n').map_or(text.len(), |n| at + n),
        '/' if next == Some('*') => block_comment_end(text, at),
        '"' => quoted_end(text, at + 1),
        'r' if !after_word(text, at) => raw_end(text, at + 1).unwrap_or(at),
        // A lifetime has no closing quote right behind its first character.
        '\'' if next == Some('\\') => {
            let rest = &text[(at + 3).min(text.len())..];
            rest.iter().position(|c| *c == '\'').map_or(text.len(), |n| at + 3 + n + 1)
        }
        '\'' if text.get(at + 2) == Some(&'\'') => at + 3,
        _ => at,
    }
}

fn after_word(text: &[char], at: usize) -> bool {
    at > 0 && (text[at - 1].is_alphanumeric() || text[at - 1] == '_') && text[at - 1] != 'b'
}

fn block_comment_end(text: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < text.len() {
        match (text[at], text.get(at + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                at += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn quoted_end(text: &[char], mut at: usize) -> usize {
    while at < text.len() {
        match text[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// The end of a raw string whose hashes start at `at`; `None` when it is none.
fn raw_end(text: &[char], at: usize) -> Option<usize> {
    let hashes = text[at..].iter().take_while(|c| **c == '#').count();
    if text.get(at + hashes) != Some(&'"') {
        return None;
    }
    let mut close = vec!['"'];
    close.extend(std::iter::repeat_n('#', hashes));
    let body = at + hashes + 1;
    let found = text[body..].windows(close.len()).position(|w| w == close.as_slice());
    Some(found.map_or(text.len(), |n| body + n + close.len()))
}

fn tokens(code: &str) -> Vec<(Token, usize)> {
    let mut out = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.chars().peekable();
        while let Some(c) = rest.next() {
            let token = if c.is_alphanumeric() || c == '_' {
                let mut word = String::from(c);
                while let Some(more) = rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(more);
                }
                Token::Word(word)
            } else if c == ':' && rest.next_if_eq(&':').is_some() {
                Token::Sep
            } else if c.is_whitespace() {
                continue;
            } else {
                Token::Other(c)
            };
            out.push((token, number + 1));
        }
    }
    out
}

/// All paths of `source` that start with a word followed by `::` or stand right after `use`. `module` is the file's
/// own module path without `crate`; `root` is how the file names this crate (`crate`, or `gridwatch` in the binary).
pub fn read(source: &str, module: &[&str], root: &str) -> Vec<Path> {
    let tokens = tokens(&code_only(source));
    let mut reader = Reader { tokens: &tokens, at: 0, found: Vec::new() };
    // Open braces: whether each opened an inline module, and whether it is a test's.
    let mut braces: Vec<(Option<String>, bool)> = Vec::new();
    let mut cfg_test = false;
    while let Some((token, _)) = tokens.get(reader.at) {
        let test = cfg_test || braces.iter().any(|(_, test)| *test);
        match token {
            Token::Other('#') if reader.is_cfg_test() => {
                cfg_test = true;
                reader.at += 1;
            }
            Token::Word(word) if word == "mod" && reader.opens_brace(2) => {
                braces.push((reader.word(1), cfg_test));
                cfg_test = false;
                reader.at += 3;
            }
            Token::Other('{') => {
                braces.push((None, cfg_test));
                cfg_test = false;
                reader.at += 1;
            }
            Token::Other('}') => {
                let _ = braces.pop();
                reader.at += 1;
            }
            Token::Word(word) => {
                let used = word == "use";
                if used {
                    reader.at += 1;
                }
                let inline: Vec<String> = braces.iter().filter_map(|(name, _)| name.clone()).collect();
                let before = reader.found.len();
                reader.path(used);
                for path in &mut reader.found[before..] {
                    path.test = test;
                    absolute(&mut path.parts, module, &inline, root);
                }
                if used && cfg_test {
                    cfg_test = false;
                }
            }
            _ => reader.at += 1,
        }
    }
    reader.found
}

/// Rewrites `super`, `self` and the crate's own name to a path from `crate`.
fn absolute(parts: &mut Vec<String>, module: &[&str], inline: &[String], root: &str) {
    let up = parts.iter().take_while(|part| *part == "super").count();
    let own = parts.first().is_some_and(|part| part == "self");
    if up > 0 || own {
        let mut here: Vec<String> = std::iter::once("crate").chain(module.iter().copied()).map(str::to_owned).collect();
        here.extend(inline.iter().cloned());
        here.truncate(here.len().saturating_sub(up).max(1));
        here.extend(parts.drain(..).skip(up + usize::from(own)));
        *parts = here;
    } else if parts.first().is_some_and(|part| part == root) {
        parts[0] = "crate".to_owned();
    }
}

struct Reader<'a> {
    tokens: &'a [(Token, usize)],
    at: usize,
    found: Vec<Path>,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead).map(|(token, _)| token)
    }

    fn word(&self, ahead: usize) -> Option<String> {
        match self.peek(ahead) {
            Some(Token::Word(word)) => Some(word.clone()),
            _ => None,
        }
    }

    fn opens_brace(&self, ahead: usize) -> bool {
        self.peek(ahead) == Some(&Token::Other('{'))
    }

    fn is_cfg_test(&self) -> bool {
        let words = [1, 2, 3, 4].map(|n| self.peek(n));
        matches!(
            words,
            [Some(Token::Other('[')), Some(Token::Word(cfg)), Some(Token::Other('(')), Some(Token::Word(test))]
                if cfg == "cfg" && test == "test"
        )
    }

    /// Reads the path at the cursor and moves behind it; a lone word counts only after `use`.
    fn path(&mut self, used: bool) {
        let line = self.tokens.get(self.at).map_or(0, |(_, line)| *line);
        if used && self.peek(0) == Some(&Token::Sep) {
            self.at += 1;
        }
        let before = self.found.len();
        self.tree(Vec::new(), line);
        let lone = self.found.len() == before + 1 && self.found[before].parts.len() < 2;
        if lone && !used {
            self.found.truncate(before);
        }
    }

    fn tree(&mut self, mut prefix: Vec<String>, line: usize) {
        loop {
            match self.peek(0) {
                Some(Token::Word(word)) => {
                    prefix.push(word.clone());
                    self.at += 1;
                    if self.peek(0) == Some(&Token::Sep) {
                        self.at += 1;
                        continue;
                    }
                }
                Some(Token::Other('*')) if !prefix.is_empty() => {
                    prefix.push("*".to_owned());
                    self.at += 1;
                }
                Some(Token::Other('{')) => return self.group(&prefix, line),
                _ => {}
            }
            break;
        }
        if !prefix.is_empty() {
            self.found.push(Path { parts: prefix, line, test: false });
        }
    }

    fn group(&mut self, prefix: &[String], line: usize) {
        self.at += 1;
        loop {
            match self.peek(0) {
                None => return,
                Some(Token::Other('}')) => {
                    self.at += 1;
                    return;
                }
                Some(Token::Word(word)) if word == "as" => self.at += 2,
                Some(Token::Word(_) | Token::Other('{' | '*')) => self.tree(prefix.to_vec(), line),
                Some(_) => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(source: &str, module: &[&str]) -> Vec<String> {
        read(source, module, "crate").into_iter().map(|path| path.parts.join("::")).collect()
    }

    #[test]
    fn use_trees_are_expanded_and_super_is_resolved() {
        assert_eq!(
            named("use crate::{model::{Jid, topic::*}, store};", &[]),
            ["crate::model::Jid", "crate::model::topic::*", "crate::store"]
        );
        assert_eq!(
            named("use super::dial as d; fn f() { super::super::app::run(); self::g() }", &["xmpp", "tls"]),
            ["crate::xmpp::dial", "crate::app::run", "crate::xmpp::tls::g"]
        );
        assert_eq!(named("mod inner { use super::x; use super::super::y; }", &["a"]), ["crate::a::x", "crate::y"]);
        assert_eq!(named("use iced;\nlet a: crate::app::App<'_> = b;", &[]), ["iced", "crate::app::App"]);
        assert_eq!(named("use {crate::app, std::fmt as f, std::io};", &[]), ["crate::app", "std::fmt", "std::io"]);
    }

    #[test]
    fn comments_and_literals_name_nothing() {
        let source = "// crate::app\n/* /* crate::app */ crate::app */ let a = \"crate::app \\\" crate::app\";\n\
                      let b = r#\"crate::app \" \"#; let c = '\"'; let d: &'static str = \"\"; let e = '\\''; crate::model::x();";
        assert_eq!(named(source, &[]), ["crate::model::x"]);
    }

    #[test]
    fn code_under_cfg_test_is_told_apart() {
        let source = "use crate::a;\n#[cfg(test)]\nmod tests { use crate::b; fn f() { crate::c::d() } }\nuse crate::e;";
        let found: Vec<_> =
            read(source, &[], "crate").into_iter().map(|p| (p.parts[1].clone(), p.line, p.test)).collect();
        assert_eq!(
            found,
            [
                ("a".to_owned(), 1, false),
                ("b".to_owned(), 3, true),
                ("c".to_owned(), 3, true),
                ("e".to_owned(), 4, false)
            ]
        );
    }
}
