//! What a new report begins as.

use chrono::SecondsFormat;

use crate::app::cx::Cx;
use crate::compose::Draft;
use crate::compose::draft::Beside;
use crate::compose::preflight::PRACTICE;
use crate::iodef::{Document, NS};
use crate::text::xml::{escape_text, escape_value};

/// A way to begin: the keys of its name and of what it is for, and what it says of itself.
pub struct Template {
    pub name: &'static str,
    pub why: &'static str,
    purpose: &'static str,
    inside: &'static str,
}

/// The first is the one Enter takes.
pub const ALL: &[Template] =
    &[Template { name: "compose-begin-blank", why: "compose-begin-blank-why", purpose: "reporting", inside: "" }];

/// Whose numbers the reports bear.
pub fn csirt(cx: &Cx<'_>) -> String {
    if cx.practice { PRACTICE.to_owned() } else { cx.me().map(crate::model::BareJid::domain_ascii).unwrap_or_default() }
}

/// A draft of it; `None` only where the template itself were broken.
pub fn draft(template: &Template, cx: &Cx<'_>) -> Option<Draft> {
    let now = cx.now.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (name, number) = (csirt(cx), number(cx));
    let text = format!(
        "<IODEF-Document version=\"2.00\" xml:lang=\"en\" xmlns=\"{NS}\">\n  <Incident purpose=\"{}\">\n    \
         <IncidentID name=\"{}\">{}</IncidentID>\n    <GenerationTime>{now}</GenerationTime>\n    \
         <Description></Description>\n{}    <Contact role=\"creator\" type=\"organization\">\n      \
         <ContactName></ContactName>\n      <Email>\n        <EmailTo></EmailTo>\n      </Email>\n    </Contact>\n  \
         </Incident>\n</IODEF-Document>\n",
        template.purpose,
        escape_value(&name, '"'),
        escape_text(&number),
        template.inside,
    );
    Some(Draft::new(Document::read(text, &[]).ok()?, Beside::default()))
}

/// An id nobody has to think up: the second it was begun, and letters that keep colleagues of one second apart and one
/// report from the next. The form lets it be changed; without random numbers it asks for one.
fn number(cx: &Cx<'_>) -> String {
    /// Crockford's: no letter is taken for another, nor for a digit.
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0_u8; 4];
    if getrandom::fill(&mut bytes).is_err() {
        return String::new();
    }
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map(char::from);
    format!("{}-{}", cx.now.format("%Y%m%d-%H%M%S"), bytes.iter().filter_map(letter).collect::<String>())
}
