//! The panel as Markdown, to hand to an operator or a colleague: no password, no incident, nobody's address but the
//! controller's. What a line holds of the person is replaced by what [`Fact::told`] says.

use super::facts::{Fact, Section, Verdict};
use crate::app::cx::Cx;

/// Writes it. `head` is what the panel says of the whole, `trouble` the words of the last failure, each on a line.
#[must_use]
pub fn write(head: &str, trouble: &[String], sections: &[Section], cx: &Cx<'_>) -> String {
    let made =
        cx.format("session-report-made", &[("at", &cx.catalog.time(cx.now)), ("version", env!("CARGO_PKG_VERSION"))]);
    let mut out = format!("# {}\n\n{made}\n\n{}\n", cx.text("session-report"), safe(head));
    if !trouble.is_empty() {
        out.push_str(&format!("\n## {}\n\n", cx.text("session-trouble")));
        for line in trouble {
            out.push_str(&format!("- {}\n", safe(line)));
        }
    }
    for section in sections.iter().filter(|section| !section.facts.is_empty()) {
        out.push_str(&format!("\n## {}\n\n", cx.text(section.title)));
        for fact in &section.facts {
            out.push_str(&line(fact, cx));
        }
    }
    out
}

fn line(fact: &Fact, cx: &Cx<'_>) -> String {
    let value = safe(fact.told.as_deref().unwrap_or(&fact.value));
    let verdict = fact.verdict.key().map(|key| format!(" [{}]", cx.text(key))).unwrap_or_default();
    let why = match (&fact.why, fact.verdict) {
        (Some(why), Verdict::Weaker | Verdict::Bad) => format!("\n  {}", safe(why)),
        (Some(why), _) => format!(" ({})", safe(why)),
        (None, _) => String::new(),
    };
    format!("- {}: {value}{verdict}{why}\n", cx.text(fact.label))
}

/// A certificate's names may not become Markdown of their own.
fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#') {
            out.push('\\');
        }
        match character {
            '\n' => out.push_str(", "),
            character => out.push(character),
        }
    }
    out
}
