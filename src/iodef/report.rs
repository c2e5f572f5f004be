//! A first report: what the composer's form holds, and the IODEF v2 document made of it.
//!
//! The document is schema-valid (RFC 7970 §8) whenever [`Report::document`] gives one; what stands in the way comes
//! back as [`Problem`]s, one a field. The preview is the document: what is shown is what is published.

pub mod choice;
pub mod problem;
mod write;

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::model::{Restriction, Severity, Typed, typed};
pub use choice::{Completion, ContactKind, Part, Purpose, Role};
pub use problem::{Field, Problem};

/// Longest short field, in characters.
pub const FIELD: usize = 200;
/// Longest description, in characters.
pub const DESCRIPTION: usize = 8000;
/// Most addresses of one report.
pub const ADDRESSES: usize = 1000;
/// Most lines of the address field that are read at all; what is pasted beyond them makes the report too long.
pub const LINES: usize = 2 * ADDRESSES;
/// Bad lines of the address field that are named; nobody reads more at once.
const BAD_LINES: usize = 20;

/// What the form holds. Texts are as typed; [`Report::document`] trims and checks them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// `IncidentID@name`: the CSIRT's domain.
    pub csirt: String,
    /// `IncidentID`: this incident's number there, never used for another incident.
    pub id: String,
    pub generated: DateTime<Utc>,
    /// Language of the texts (RFC 5646).
    pub lang: String,
    pub contact: Contact,
    pub purpose: Purpose,
    pub restriction: Restriction,
    pub description: String,
    pub severity: Severity,
    pub completion: Option<Completion>,
    /// What the addresses were in the incident.
    pub part: Part,
    /// One address, network, domain, URL, e-mail address, MAC or `AS…` a line, defanged or not.
    pub addresses: String,
}

/// Who reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub kind: ContactKind,
    pub role: Role,
    pub name: String,
    pub email: String,
}

impl Report {
    /// An empty form of this moment: from the creator, for reporting, restricted to peers.
    #[must_use]
    pub fn new(generated: DateTime<Utc>) -> Self {
        Self {
            csirt: String::new(),
            id: String::new(),
            generated,
            lang: "en".to_owned(),
            contact: Contact {
                kind: ContactKind::Organization,
                role: Role::Creator,
                name: String::new(),
                email: String::new(),
            },
            purpose: Purpose::Reporting,
            // Decided by the person before anything leaves, never by us.
            restriction: Restriction::Absent,
            description: String::new(),
            severity: Severity::Unknown,
            completion: None,
            part: Part::Source,
            addresses: String::new(),
        }
    }

    /// All that stands in the way of publishing, in the form's order.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        self.check().err().unwrap_or_default()
    }

    /// The document: one element without XML declaration, indented, ready to be a pubsub payload.
    ///
    /// # Errors
    /// Every problem there is, in the form's order.
    pub fn document(&self) -> Result<Vec<u8>, Vec<Problem>> {
        let checked = self.check()?;
        write::document(self, &checked).map_err(|_| vec![Problem::Unwritable])
    }

    /// The document as text for the form's preview.
    ///
    /// # Errors
    /// As [`Report::document`].
    pub fn preview(&self) -> Result<String, Vec<Problem>> {
        String::from_utf8(self.document()?).map_err(|_| vec![Problem::Unwritable])
    }

    fn check(&self) -> Result<Checked, Vec<Problem>> {
        let mut found = Vec::new();
        if self.restriction.token().is_none() {
            found.push(Problem::Missing(Field::Restriction));
        }
        let csirt = self.csirt(&mut found);
        let id = short(Field::Id, &self.id, true, &mut found);
        let lang = self.lang(&mut found);
        let name = short(Field::ContactName, &self.contact.name, false, &mut found);
        let email = self.email(&mut found);
        if name.is_empty() && self.contact.email.trim().is_empty() {
            found.push(Problem::Missing(Field::ContactName));
        }
        let description = text(Field::Description, &self.description, DESCRIPTION, &mut found);
        if description.is_empty() {
            found.push(Problem::Missing(Field::Description));
        }
        let addresses = self.addresses(&mut found);
        if found.is_empty() { Ok(Checked { csirt, id, lang, name, email, description, addresses }) } else { Err(found) }
    }

    fn csirt(&self, found: &mut Vec<Problem>) -> String {
        let text = short(Field::Csirt, &self.csirt, true, found);
        let domain = typed::domain(&text);
        if domain.is_none() && !text.is_empty() {
            found.push(Problem::NotADomain);
        }
        domain.unwrap_or_default()
    }

    fn lang(&self, found: &mut Vec<Problem>) -> String {
        let lang = self.lang.trim();
        let mut parts = lang.split('-');
        let primary =
            parts.next().is_some_and(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()));
        let rest = parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
        if lang.is_empty() {
            found.push(Problem::Missing(Field::Lang));
        } else if !primary || !rest || lang.len() > 35 {
            found.push(Problem::NotALanguage);
        }
        lang.to_owned()
    }

    fn email(&self, found: &mut Vec<Problem>) -> Option<String> {
        let typed = short(Field::ContactEmail, &self.contact.email, false, found);
        match Typed::read(&typed) {
            _ if typed.is_empty() => None,
            Some(Typed::Email(email)) => Some(email),
            _ => {
                found.push(Problem::NotAnEmail);
                None
            }
        }
    }

    fn addresses(&self, found: &mut Vec<Problem>) -> Vec<Typed> {
        let (mut read, mut known, mut bad) = (Vec::new(), HashSet::new(), 0);
        for line in read_lines(&self.addresses) {
            match line.typed {
                // A repeated line is said once.
                Some(typed) if known.contains(&typed) => {}
                Some(typed) => {
                    let _ = known.insert(typed.clone());
                    read.push(typed);
                }
                None if bad == BAD_LINES => break,
                None => {
                    bad += 1;
                    found.push(Problem::NotAnAddress { line: line.number, text: crate::text::cap(&line.text, 60) });
                }
            }
        }
        if read.len() > ADDRESSES || self.addresses.lines().nth(LINES).is_some() {
            found.push(Problem::TooManyAddresses);
        }
        read
    }
}

/// A line of the address field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: usize,
    /// As pasted, trimmed.
    pub text: String,
    /// What it means; `None` when it is nothing known.
    pub typed: Option<Typed>,
}

/// Reads the address field for the form: what each line that is not blank will be published as, of the first [`LINES`].
pub fn read_lines(text: &str) -> impl Iterator<Item = Line> {
    text.lines()
        .take(LINES)
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim().trim_end_matches([',', ';'])))
        .filter(|(_, line)| !line.is_empty())
        .map(|(number, line)| Line { number, text: line.to_owned(), typed: Typed::read(line) })
}

/// The form's texts, trimmed and sound.
struct Checked {
    csirt: String,
    id: String,
    lang: String,
    name: String,
    email: Option<String>,
    description: String,
    addresses: Vec<Typed>,
}

/// A text of one line.
fn short(field: Field, typed: &str, required: bool, found: &mut Vec<Problem>) -> String {
    let line = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() && required {
        found.push(Problem::Missing(field));
    }
    text(field, &line, FIELD, found)
}

/// A text that XML can hold (XML 1.0 §2.2): what it cannot is refused, never dropped in silence.
fn text(field: Field, typed: &str, most: usize, found: &mut Vec<Problem>) -> String {
    // Lines end in one way, or the carriage return would need an escape that readers show.
    let text = typed.trim().replace("\r\n", "\n").replace('\r', "\n");
    if text.chars().nth(most).is_some() {
        found.push(Problem::TooLong { field, most });
    } else if let Some(bad) = text.chars().find(|c| !crate::text::xml::is_char(*c)) {
        found.push(Problem::NotXml { field, code: u32::from(bad) });
    }
    text
}
