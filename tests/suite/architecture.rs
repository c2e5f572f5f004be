//! The rules of the house (`src/lib.rs`, `house.md` §4-5), read from the sources: who may use whom, where iced may
//! stand, how long a file may be, what may not be left behind.

mod paths;

use std::fs;
use std::path::{Path as FilePath, PathBuf};

/// Longest source file, in lines.
const LINES: usize = 600;

/// What each top-level module may use besides itself. A module missing here fails the test until it is ruled on.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    // leaves: words for people and plain types only
    ("i18n", &["model"]),
    ("text", &["model"]),
    ("settings", &["model", "plain"]),
    ("secrets", &["model"]),
    ("log", &["text", "settings"]),
    ("leave", &[]),
    ("plain", &[]),
    // the grid
    ("iodef", &["model", "text"]),
    ("xmpp", &["model", "text", "secrets", "plain"]),
    ("store", &["model", "text"]),
    ("engine", &["model", "text", "secrets", "settings", "iodef", "xmpp", "store"]),
    ("port", &["model", "text", "iodef", "xmpp", "store", "plain"]),
    ("compose", &["model", "text", "iodef", "store"]),
    ("owner", &["model", "text", "store"]),
    ("told", &["model", "i18n", "store", "owner", "engine"]),
    ("practice", &["model", "text", "secrets", "iodef", "xmpp"]),
    // the window
    ("theme", &["model", "settings"]),
    ("widget", &["model", "text", "i18n", "settings", "theme"]),
    (
        "screen",
        &[
            "model", "text", "i18n", "settings", "secrets", "iodef", "store", "engine", "port", "compose", "owner",
            "told", "plain", "theme", "widget", "app",
        ],
    ),
    (
        "app",
        &[
            "model", "text", "i18n", "settings", "secrets", "log", "iodef", "xmpp", "store", "engine", "port",
            "compose", "owner", "practice", "theme", "widget", "screen", "leave",
        ],
    ),
    (
        "cli",
        &[
            "model", "text", "i18n", "settings", "secrets", "log", "iodef", "xmpp", "store", "engine", "port",
            "compose", "owner", "told", "practice", "leave", "plain",
        ],
    ),
    ("main", &["app", "cli", "leave", "i18n", "model", "secrets", "settings", "practice"]),
    ("lib", &[]),
];

/// The only modules that may name iced.
const WINDOW: &[&str] = &["app", "screen", "widget", "theme"];

/// What a screen may name of the layers above and beside it: plain data, never the engine's handle or the app.
const OF_ENGINE: &[&str] = &[
    "self",
    "Command",
    "Error",
    "Fate",
    "Keys",
    "Login",
    "RequestId",
    "Terms",
    "Tls",
    "Trust",
    "Connection",
    "Event",
    "Pending",
    "Receipt",
    "SessionFacts",
    "Terms",
    "trace",
    "Step",
    "radar",
    "command",
    "error",
    "event",
];
const OF_APP: &[&str] = &["cx"];

/// A source file: its path below `src/` with `/` between, and its text.
struct Source {
    file: String,
    text: String,
}

impl Source {
    /// `xmpp/tls.rs` is module `xmpp::tls`; `main.rs` and `lib.rs` are the crate's roots.
    fn module(&self) -> Vec<&str> {
        self.file.trim_end_matches(".rs").split('/').collect()
    }

    fn paths(&self) -> Vec<paths::Path> {
        let module = self.module();
        match module.as_slice() {
            ["main"] => paths::read(&self.text, &[], "gridwatch"),
            ["lib"] => paths::read(&self.text, &[], "crate"),
            module => paths::read(&self.text, module, "crate"),
        }
    }
}

/// Every breach of the rules in `sources`, as `file:line: words`.
fn breaches(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    let screens: Vec<&str> = sources
        .iter()
        .filter_map(|source| match source.module().as_slice() {
            // What the detail pane and the viewer have in common is no screen by itself.
            ["screen", name] if *name != "document" => Some(*name),
            _ => None,
        })
        .collect();
    for source in sources {
        for path in source.paths() {
            if let Some(words) = judge(&source.module(), &path, &screens) {
                found.push(format!("src/{}:{}: {words}: {}", source.file, path.line, path.parts.join("::")));
            }
        }
        found.extend(manners(source));
    }
    found
}

/// Why `module` may not name `path`.
fn judge(module: &[&str], path: &paths::Path, screens: &[&str]) -> Option<String> {
    let parts: Vec<&str> = path.parts.iter().map(String::as_str).collect();
    let (&top, &first) = (module.first()?, parts.first()?);
    if first == "iced" || first.starts_with("iced_") {
        return (!WINDOW.contains(&top)).then(|| format!("{top} may not know iced"));
    }
    if first != "crate" {
        return None;
    }
    let &used = parts.get(1)?;
    let (_, allowed) = MAY_USE.iter().find(|(name, _)| *name == top)?;
    let known = MAY_USE.iter().any(|(name, _)| *name == used);
    if used == "*" || (known && used != top && !allowed.contains(&used)) {
        // The practice grid is a test's partner too, and a test looks up whether there are words.
        let excused = matches!(used, "practice" | "i18n") && (path.test || module.last() == Some(&"tests"));
        return (!excused).then(|| format!("{top} may not use {used}"));
    }
    if top != "screen" {
        return None;
    }
    let item = parts.get(2).copied().unwrap_or("self");
    match used {
        "engine" if !OF_ENGINE.contains(&item) => Some("a screen knows the engine's plain data only".to_owned()),
        "app" if !OF_APP.contains(&item) => Some("a screen knows `app::cx` only".to_owned()),
        "screen" if module.len() > 1 && screens.contains(&item) && module.get(1) != Some(&item) => {
            Some("a screen may not name another screen".to_owned())
        }
        _ => None,
    }
}

/// What each file must be by itself.
fn manners(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    let mut say = |line: usize, words: &str| found.push(format!("src/{}:{line}: {words}", source.file));
    let lines: Vec<&str> = source.text.lines().collect();
    if !source.text.starts_with("//! ") {
        say(1, "a module opens with //! and says what it is for");
    }
    if lines.len() > LINES {
        say(lines.len(), "a file holds one idea: at most 600 lines");
    }
    if source.file.ends_with("mod.rs") {
        say(1, "modules are `foo.rs` + `foo/`, never mod.rs");
    }
    let top = source.module().first().copied().unwrap_or_default().to_owned();
    if !MAY_USE.iter().any(|(name, _)| *name == top) {
        say(1, "a new top-level module: say in tests/suite/architecture.rs what it may use");
    }
    let code = paths::code_only(&source.text);
    for (number, (line, code)) in lines.iter().zip(code.lines()).enumerate() {
        let left = ["todo!", "unimplemented!"].iter().any(|word| code.contains(word));
        let marked = ["FIXME", "TODO", "XXX"]
            .iter()
            .any(|word| line.split(|c: char| !c.is_alphanumeric()).any(|token| token == *word));
        if left || marked {
            say(number + 1, "nothing is left for later in the source");
        }
        if code.contains("process::exit") {
            say(number + 1, "the process ends by leave::now: handlers of its end free what threads still use");
        }
        // `log.rs` itself proves that what others say is dropped.
        let aimed = line.contains("target: \"") && !line.contains("target: \"trust\"") && source.file != "log.rs";
        if line.contains("tracing::") && aimed {
            say(number + 1, "the log file drops a target that is not the module's own");
        }
        let allows = ["#[allow(", "#![allow(", "#[expect(", "#![expect("].iter().any(|word| code.contains(word));
        let argued = line.contains("//") || number.checked_sub(1).is_some_and(|n| lines[n].trim().starts_with("//"));
        if allows && !argued && !line.contains("reason =") {
            say(number + 1, "an allowed lint needs a comment that argues it");
        }
    }
    found
}

/// All `.rs` files below `dir`, sorted.
fn rust_files(dir: &FilePath) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            out.push(path);
        }
    }
    out.sort();
    out
}

fn sources() -> Vec<Source> {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("src");
    rust_files(&root)
        .into_iter()
        .map(|path| Source {
            file: path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"),
            text: fs::read_to_string(&path).unwrap(),
        })
        .collect()
}

#[test]
fn the_sources_keep_the_rules() {
    let sources = sources();
    assert!(sources.len() > 20, "the sources were not found");
    let found = breaches(&sources);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn the_tests_open_with_what_they_are_for() {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for path in rust_files(&root) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} opens with //!", path.display());
    }
}

/// What the checker finds in one made-up file among made-up neighbours.
fn found_in(file: &str, body: &str) -> String {
    let made = |file: &str, text: String| Source { file: file.to_owned(), text };
    let sources = [
        made(file, format!("//! Made up.\n{body}\n")),
        made("screen/other.rs", "//! Made up.\n".to_owned()),
        made("model.rs", "//! Made up.\n".to_owned()),
    ];
    breaches(&sources).join("\n")
}

#[test]
fn breaches_are_found() {
    for (file, body, words) in [
        ("engine/session.rs", "use iced::Task;", "engine may not know iced"),
        ("main.rs", "fn main() { iced::run(); }", "main may not know iced"),
        ("model/topic.rs", "use crate::xmpp::Stanza;", "model may not use xmpp"),
        ("store.rs", "use crate::{model, engine::Error};", "store may not use engine"),
        ("xmpp/tls.rs", "fn f() { super::super::engine::g() }", "xmpp may not use engine"),
        ("settings.rs", "use super::app::Env;", "settings may not use app"),
        ("widget/badge.rs", "use crate::screen::feed;", "widget may not use screen"),
        ("widget/badge.rs", "use crate::app::Message;", "widget may not use app"),
        ("cli/tail.rs", "use crate::theme;", "cli may not use theme"),
        ("engine.rs", "use crate::practice::Grid;", "engine may not use practice"),
        ("screen/feed.rs", "use crate::practice::Grid;", "screen may not use practice"),
        ("screen/feed.rs", "use crate::screen::other::Message;", "may not name another screen"),
        ("screen/feed.rs", "use super::other;", "may not name another screen"),
        ("screen/feed/row.rs", "use super::super::other::X;", "may not name another screen"),
        ("screen/feed.rs", "use crate::engine::{Command, Handle};", "plain data only"),
        ("screen/feed.rs", "use crate::app::App;", "`app::cx` only"),
        ("model/topic.rs", "use crate::*;", "model may not use *"),
        ("xmpp/sasl.rs", "#[cfg(test)] mod tests { use crate::engine; }", "xmpp may not use engine"),
        ("store.rs", "fn f() { todo!() }", "nothing is left for later"),
        ("store.rs", "fn f() { unimplemented!(\"x\") }", "nothing is left for later"),
        ("app/boot.rs", "fn f() { std::process::exit(1) }", "ends by leave::now"),
        ("store.rs", "fn f() { tracing::info!(target: \"activity\", \"x\") }", "the log file drops"),
        ("store.rs", "// FIXME: later", "nothing is left for later"),
        ("store.rs", "\n#[allow(dead_code)]\nfn f() {}", "needs a comment"),
        ("store.rs", "\n#![allow(unused)]", "needs a comment"),
        ("store/mod.rs", "", "never mod.rs"),
        ("brand_new.rs", "", "a new top-level module"),
    ] {
        let found = found_in(file, body);
        assert!(found.contains(words), "{file}: {body}\nfound: {found:?}");
    }
    let long = "//\n".repeat(LINES);
    assert!(found_in("store.rs", &long).contains("at most 600 lines"));
    let bare = Source { file: "store.rs".to_owned(), text: "use std::fmt;\n".to_owned() };
    assert!(breaches(&[bare]).join("").contains("opens with //!"));
}

#[test]
fn what_is_allowed_passes() {
    for (file, body) in [
        ("engine/session.rs", "use crate::{model::Jid, xmpp::stream, store::Store}; use super::Command;"),
        ("engine.rs", "#[cfg(test)]\nmod tests { use crate::practice::Grid; use super::*; }"),
        (
            "screen/feed.rs",
            "use crate::app::cx::Cx; use crate::engine::{self, Command}; use super::Action; use super::feed::x;",
        ),
        ("screen/feed/row.rs", "use super::Message; use crate::screen::feed::Kind; use iced::Element;"),
        ("screen.rs", "use crate::screen::other; pub mod other;"),
        ("app.rs", "use crate::practice::Grid; use iced::Task;"),
        ("main.rs", "fn main() { gridwatch::app::run(); gridwatch::cli::run(); }"),
        ("store.rs", "// crate::app is above us\nconst X: &str = \"iced::Task\";"),
        ("store.rs", "// Fixed by the trait.\n#[allow(clippy::unused_self)]\nfn f() {}"),
        ("store.rs", "#[allow(clippy::unused_self)] // fixed by the trait\nfn f() {}"),
    ] {
        assert_eq!(found_in(file, body), "", "{file}: {body}");
    }
}
