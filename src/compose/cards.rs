//! Contact cards, what an organisation always writes, and references picked by their ids.
//!
//! May use `iodef`'s fragments and tokens. A card is kept as text ([`super::shelf`]) and enters a draft as a `Contact`
//! (RFC 7970 §3.9).

use serde::{Deserialize, Serialize};

use super::number::{Scheme, Unfit};
use super::shelf::{self, Kept, Unread};
use crate::iodef::catalogue::{self, List};
use crate::iodef::edit::Fragment;
use crate::iodef::schema::{self, Profile, Space, Type};
use crate::iodef::view::{child_text, child_texts};
use crate::iodef::{Element, view};
use crate::model::{Restriction, Say, Typed, typed};
use crate::store::local::Shelf;
use crate::text::{self, xml};

/// Longest value of a card, in characters.
const FIELD: usize = 200;

/// A contact to be picked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Card {
    /// What the person calls it in the list; stands in no document.
    pub label: String,
    /// Of [`kinds`]; empty is an organisation.
    pub kind: String,
    /// Of [`roles`]; empty is the creator.
    pub role: String,
    pub name: String,
    pub title: String,
    pub email: String,
    pub telephone: String,
    /// With line breaks.
    pub postal: String,
    pub timezone: String,
    /// The contact's own restriction, where it is not the incident's.
    pub restriction: String,
}

/// What an organisation writes into every report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Organisation {
    pub name: String,
    /// `IncidentID@name`: the domain its incident numbers belong to.
    pub csirt: String,
    /// Of its texts (RFC 5646).
    pub lang: String,
    /// With which a report begins; empty leaves it to be decided.
    pub restriction: String,
    /// The card that a report begins with, by its name on the shelf.
    pub contact: String,
    /// How its incidents are numbered ([`Scheme`]); empty makes a number of the time and random letters.
    pub numbers: String,
}

/// What a contact may be, and the parts it may play (RFC 7970 §3.9); a private word is left to the form of the document.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    tokens("type")
}

/// As [`kinds`].
pub fn roles() -> impl Iterator<Item = &'static str> {
    tokens("role")
}

fn tokens(attribute: &'static str) -> impl Iterator<Item = &'static str> {
    let class = schema::class("Contact");
    let known = class.and_then(|class| class.attributes.iter().find(|known| known.name == attribute));
    let list = known.and_then(|known| match known.of {
        Type::Enumeration(list) => Some(list),
        _ => None,
    });
    list.into_iter().flat_map(|list| list.tokens(Profile::Published)).filter(|token| *token != "ext-value")
}

/// A field of a card or of the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    Label,
    Kind,
    Role,
    Name,
    Email,
    Telephone,
    Postal,
    Timezone,
    Restriction,
    Csirt,
    Lang,
    Numbers,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    Missing(Field),
    TooLong(Field),
    /// Not what such a field holds.
    Unsound(Field),
    /// A character that XML 1.0 cannot hold.
    NotXml(Field),
    /// No scheme for numbers.
    Unfit(Unfit),
}

impl Problem {
    #[must_use]
    pub fn field(&self) -> Field {
        match self {
            Self::Unfit(_) => Field::Numbers,
            Self::Missing(field) | Self::TooLong(field) | Self::Unsound(field) | Self::NotXml(field) => *field,
        }
    }

    #[must_use]
    pub fn say(&self) -> Say {
        if let Self::Unfit(unfit) = self {
            return unfit.say();
        }
        Say::new(match self {
            Self::Missing(Field::Csirt) => "paste-card-csirt-missing",
            Self::Missing(Field::Label) => "paste-card-label-missing",
            Self::Missing(_) => "paste-card-missing",
            Self::TooLong(_) => "paste-card-long",
            Self::NotXml(_) => "paste-card-xml",
            Self::Unsound(Field::Email) => "paste-card-email",
            Self::Unsound(Field::Telephone) => "paste-card-telephone",
            Self::Unsound(Field::Timezone) => "paste-card-timezone",
            Self::Unsound(Field::Csirt) => "paste-card-csirt",
            Self::Unsound(Field::Lang) => "paste-card-lang",
            Self::Unsound(_) | Self::Unfit(_) => "paste-card-choice",
        })
    }
}

fn token<'t>(text: &'t str, default: &'t str) -> &'t str {
    Some(text.trim()).filter(|text| !text.is_empty()).unwrap_or(default)
}

impl Card {
    /// All that is wrong, in the order of the fields.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let texts = [
            (Field::Label, &self.label),
            (Field::Name, &self.name),
            (Field::Name, &self.title),
            (Field::Email, &self.email),
            (Field::Telephone, &self.telephone),
            (Field::Postal, &self.postal),
        ];
        found.extend(texts.into_iter().filter_map(|(field, text)| unsound_text(field, text)));
        if self.label.trim().is_empty() {
            found.push(Problem::Missing(Field::Label));
        }
        if [&self.name, &self.email, &self.telephone].iter().all(|text| text.trim().is_empty()) {
            found.push(Problem::Missing(Field::Name));
        }
        let unsound = [
            (Field::Kind, !kinds().any(|kind| kind == token(&self.kind, "organization"))),
            (Field::Role, !roles().any(|role| role == token(&self.role, "creator"))),
            (Field::Email, !self.email.trim().is_empty() && !matches!(Typed::read(&self.email), Some(Typed::Email(_)))),
            (Field::Telephone, !is_telephone(self.telephone.trim())),
            (Field::Timezone, !is_timezone(self.timezone.trim())),
            (Field::Restriction, !is_restriction(&self.restriction)),
        ];
        found.extend(unsound.into_iter().filter(|(_, unsound)| *unsound).map(|(field, _)| Problem::Unsound(field)));
        found
    }

    /// The card as a document has it.
    #[must_use]
    pub fn fragment(&self) -> Fragment {
        let mut made = Fragment::new("Contact")
            .attr("role", token(&self.role, "creator"))
            .attr("type", token(&self.kind, "organization"));
        if !self.restriction.trim().is_empty() {
            made = made.attr("restriction", self.restriction.trim());
        }
        let leaf = |local: &str, text: &str| Fragment::leaf(local, text.trim());
        let some = |text: &str| !text.trim().is_empty();
        if some(&self.name) {
            made = made.with(leaf("ContactName", &self.name));
        }
        if some(&self.title) {
            made = made.with(leaf("ContactTitle", &self.title));
        }
        if some(&self.postal) {
            // Lines of a postal address stand between `$` (RFC 4519 §2.23).
            let lines: Vec<&str> = self.postal.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            made = made.with(Fragment::new("PostalAddress").with(leaf("PAddress", &lines.join(" $ "))));
        }
        if let Some(Typed::Email(email)) = Typed::read(&self.email) {
            made = made.with(Fragment::new("Email").with(leaf("EmailTo", &email)));
        }
        if some(&self.telephone) {
            made = made.with(Fragment::new("Telephone").with(leaf("TelephoneNumber", &self.telephone)));
        }
        if some(&self.timezone) {
            made = made.with(leaf("Timezone", &self.timezone));
        }
        made
    }

    /// The card of a document's contact; `None` when it is none or names nobody.
    #[must_use]
    pub fn of(contact: Element<'_>) -> Option<Self> {
        if !contact.is("Contact") {
            return None;
        }
        let text = |element: Element<'_>, local| child_text(element, local).unwrap_or_default().into_owned();
        let inner = |outer: &str, local| contact.child(outer).map(|element| text(element, local)).unwrap_or_default();
        let card = Self {
            label: text(contact, "ContactName"),
            kind: view::attr(contact, "type").unwrap_or_default().into_owned(),
            role: view::attr(contact, "role").unwrap_or_default().into_owned(),
            name: child_texts(contact, "ContactName").next().unwrap_or_default().into_owned(),
            title: text(contact, "ContactTitle"),
            email: inner("Email", "EmailTo"),
            telephone: inner("Telephone", "TelephoneNumber"),
            postal: inner("PostalAddress", "PAddress").split('$').map(str::trim).collect::<Vec<_>>().join("\n"),
            timezone: text(contact, "Timezone"),
            restriction: view::attr(contact, "restriction").unwrap_or_default().into_owned(),
        };
        let names_one = [&card.name, &card.email, &card.telephone].iter().any(|text| !text.is_empty());
        names_one.then_some(card)
    }
}

impl Organisation {
    /// All that is wrong, in the order of the fields.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found: Vec<Problem> = unsound_text(Field::Name, &self.name).into_iter().collect();
        match self.csirt.trim() {
            "" => found.push(Problem::Missing(Field::Csirt)),
            csirt if typed::domain(csirt).is_none() => found.push(Problem::Unsound(Field::Csirt)),
            _ => {}
        }
        if !self.lang.trim().is_empty() && !is_language(self.lang.trim()) {
            found.push(Problem::Unsound(Field::Lang));
        }
        if !is_restriction(&self.restriction) {
            found.push(Problem::Unsound(Field::Restriction));
        }
        if let Err(unfit) = self.scheme().transpose() {
            found.push(Problem::Unfit(unfit));
        }
        found
    }

    /// The scheme its numbers are written by, where they are counted.
    #[must_use]
    pub fn scheme(&self) -> Option<Result<Scheme, Unfit>> {
        Some(self.numbers.trim()).filter(|text| !text.is_empty()).map(str::parse)
    }
}

fn unsound_text(field: Field, text: &str) -> Option<Problem> {
    if !text::fits(text, FIELD) {
        return Some(Problem::TooLong(field));
    }
    (!text.chars().all(xml::is_char)).then_some(Problem::NotXml(field))
}

/// `+` and digits with what parts them (RFC 4519 §2.31, E.164), or a number inside an organisation.
fn is_telephone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let plain = |c: char| c.is_ascii_digit() || " +-/().x".contains(c);
    text.is_empty() || ((3..=20).contains(&digits) && text.chars().all(plain))
}

/// `Z` or a distance to UTC (RFC 7970 §2.8).
fn is_timezone(text: &str) -> bool {
    let distance = |rest: &str| {
        let sound = |(hours, minutes): (&str, &str)| {
            let number = |text: &str| (text.len() == 2).then(|| text.parse::<u8>().ok()).flatten();
            number(hours).is_some_and(|hours| hours <= 14) && number(minutes).is_some_and(|minutes| minutes < 60)
        };
        rest.split_once(':').is_some_and(sound)
    };
    matches!(text, "" | "Z") || text.strip_prefix(['+', '-']).is_some_and(distance)
}

fn is_restriction(token: &str) -> bool {
    let token = token.trim();
    token.is_empty() || Restriction::from_token(token).token() == Some(token)
}

fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let primary =
        parts.next().is_some_and(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic()));
    primary && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// A reference by the id of a catalogue's entry: `CVE-2021-44228`, `CWE-502`, `CAPEC-98`, `T1566.001`, `TA0001`. In IANA's
/// registry only CVE is a list of one name (RFC 7495 §6); the others are named in words, with where to read them.
#[must_use]
pub fn reference(id: &str) -> Option<Fragment> {
    let named = catalogue::named(id.trim());
    let [(list, name)] = named.as_slice() else { return None };
    let made = Fragment::new("Reference");
    let enumerated = || {
        let foreign = |local: &str| Fragment::foreign(Space::Enumeration.uri(), Space::Enumeration.prefix(), local);
        foreign("ReferenceName").attr("specIndex", "1").with(foreign("ID").text(name.clone()))
    };
    Some(match list {
        List::Cve => made.with(enumerated()),
        _ => made.with(Fragment::leaf("URL", url(*list, name))).with(Fragment::leaf("Description", name.clone())),
    })
}

/// Where an entry is read.
#[must_use]
pub fn url(list: List, name: &str) -> String {
    let number = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    match list {
        List::Cve => format!("https://www.cve.org/CVERecord?id={name}"),
        List::Cwe => format!("https://cwe.mitre.org/data/definitions/{number}.html"),
        List::Capec => format!("https://capec.mitre.org/data/definitions/{number}.html"),
        List::Technique => format!("https://attack.mitre.org/techniques/{}/", name.replace('.', "/")),
        List::Tactic => format!("https://attack.mitre.org/tactics/{name}/"),
    }
}

impl Kept for Card {
    const SHELF: Shelf = Shelf::Cards;

    fn text(&self) -> String {
        shelf::toml(self)
    }

    fn read(text: &str) -> Result<Self, Unread> {
        shelf::from_toml(text)
    }
}

impl Kept for Organisation {
    const SHELF: Shelf = Shelf::Organisation;

    fn text(&self) -> String {
        shelf::toml(self)
    }

    fn read(text: &str) -> Result<Self, Unread> {
        shelf::from_toml(text)
    }
}

/// A card's line in a list: its label, or else whom it names; safe to show.
#[must_use]
pub fn label(card: &Card) -> String {
    let all = [&card.label, &card.name, &card.email];
    text::line(all.iter().find(|text| !text.trim().is_empty()).map_or("", |text| text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iodef::schema::Profile;
    use crate::iodef::{Document, check};

    fn card() -> Card {
        Card {
            label: "us".to_owned(),
            name: "CSIRT of Example".to_owned(),
            email: "soc@cert[.]example".to_owned(),
            telephone: "+49 30 1234-567".to_owned(),
            postal: "High Street 1\n12345 Town".to_owned(),
            timezone: "+01:00".to_owned(),
            restriction: "amber".to_owned(),
            ..Card::default()
        }
    }

    fn within(inside: Fragment, method: Option<Fragment>) -> Document {
        let mut incident = Fragment::new("Incident")
            .attr("purpose", "reporting")
            .with(Fragment::leaf("IncidentID", "1").attr("name", "cert.example"))
            .with(Fragment::leaf("GenerationTime", "2026-11-22T09:00:00Z"));
        if let Some(method) = method {
            incident = incident.with(method);
        }
        Fragment::new("IODEF-Document").attr("version", "2.00").with(incident.with(inside)).document().unwrap()
    }

    #[test]
    fn a_card_is_a_valid_contact_and_back() {
        assert_eq!(card().problems(), []);
        let document = within(card().fragment(), None);
        let report = check::check(&document, Profile::Published);
        assert!(report.is_valid(), "{:?}\n{}", report.findings, document.text());
        let contact = document.root().descendants().find(|element| element.is("Contact")).unwrap();
        let again = Card::of(contact).unwrap();
        let plain = Card {
            label: "CSIRT of Example".to_owned(),
            kind: "organization".to_owned(),
            role: "creator".to_owned(),
            email: "soc@cert.example".to_owned(),
            ..card()
        };
        assert_eq!(again, plain);
        assert_eq!(Card::read(&card().text()), Ok(card()));
    }

    #[test]
    fn what_is_wrong_is_said_by_its_field() {
        let bad = Card {
            kind: "x".to_owned(),
            role: "x".to_owned(),
            email: "nobody".to_owned(),
            telephone: "call me".to_owned(),
            timezone: "CET".to_owned(),
            restriction: "secret".to_owned(),
            name: "\u{0}".to_owned(),
            title: "x".repeat(201),
            ..Card::default()
        };
        let fields: Vec<Field> = bad.problems().iter().map(Problem::field).collect();
        use Field::{Email, Kind, Label, Name, Restriction, Role, Telephone, Timezone};
        assert_eq!(fields, [Name, Name, Label, Kind, Role, Email, Telephone, Timezone, Restriction]);
        let nobody = Card { label: "x".to_owned(), ..Card::default() };
        assert_eq!(nobody.problems(), [Problem::Missing(Name)]);
        let us = Organisation { csirt: "cert.example".to_owned(), lang: "en-GB".to_owned(), ..Default::default() };
        assert_eq!(us.problems(), []);
        let them = Organisation { csirt: "us".to_owned(), lang: "english language".to_owned(), ..Default::default() };
        assert_eq!(them.problems().iter().map(Problem::field).collect::<Vec<_>>(), [Field::Csirt, Field::Lang]);
    }

    #[test]
    fn references_are_valid_and_read_as_what_they_are() {
        for id in ["cve-2021-44228", "CWE-502", "CAPEC-98", "T1566.001", "TA0001"] {
            let method = Fragment::new("Method").with(reference(id).unwrap());
            let document = within(card().fragment(), Some(method));
            let report = check::check(&document, Profile::Published);
            assert!(report.is_valid(), "{id}: {:?}\n{}", report.findings, document.text());
            let named = catalogue::named(document.text());
            assert!(named.iter().any(|(_, name)| name.eq_ignore_ascii_case(id)), "{id}: {}", document.text());
        }
        assert_eq!(url(List::Technique, "T1566.001"), "https://attack.mitre.org/techniques/T1566/001/");
        assert_eq!(reference("nothing"), None);
        assert_eq!(reference("CWE-1 CWE-2"), None);
    }
}
