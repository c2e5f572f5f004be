//! Personal data that a report may not need: names, telephone numbers, homes, mailboxes of people.
//!
//! May use `iodef` and `text`. A hint is a question to the person, never a verdict: what a contact says of itself it says on
//! purpose, and the mailbox that attacked is what is reported. Few false alarms count more than finding every name.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::iodef::{Document, Element, NodeId};
use crate::model::{ObservableKind, Say};
use crate::text::{self, extract};

/// Most hints of a document; whoever has more has a list of people.
pub const MOST: usize = 200;
/// What is looked through at once of a text, in bytes; a longer one is read in pieces.
const PIECE: usize = 64 << 10;
/// How much of a piece that ends within a line is read again with the next: more than anything found is long.
const AGAIN: usize = 512;

/// What may be personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sort {
    Name,
    Telephone,
    /// Where somebody lives.
    Home,
    Mailbox,
}

/// A place that may say something of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub sort: Sort,
    /// The element whose text it is.
    pub node: NodeId,
    /// In bytes of its text.
    pub span: Range<usize>,
    /// What stands there, as it is written.
    pub written: String,
}

impl Hint {
    #[must_use]
    pub fn say(&self) -> Say {
        let say = Say::new(match self.sort {
            Sort::Name => "guard-hint-name",
            Sort::Telephone => "guard-hint-telephone",
            Sort::Home => "guard-hint-home",
            Sort::Mailbox => "guard-hint-mailbox",
        });
        say.with("text", text::line(&self.written))
    }
}

/// All of a document, in its order.
#[must_use]
pub fn hints(document: &Document) -> Vec<Hint> {
    let mut found = Vec::new();
    for element in document.root().descendants() {
        if found.len() >= MOST {
            break;
        }
        let Some(reads) = reads(element) else { continue };
        let text = element.text();
        if text.trim().is_empty() {
            continue;
        }
        let hint = |(sort, span): (Sort, Range<usize>)| {
            let written = text.get(span.clone())?.to_owned();
            Some(Hint { sort, node: element.id(), span, written })
        };
        match reads {
            Reads::Words => found.extend(in_pieces(&text, in_text).into_iter().filter_map(hint)),
            Reads::Mailbox => found.extend(in_pieces(&text, mailboxes).into_iter().filter_map(hint)),
        }
    }
    found.truncate(MOST);
    found
}

/// What is found in a text of any length: piece by piece, each to the end of a line where there is one, until there is enough.
fn in_pieces(text: &str, look: impl Fn(&str) -> Vec<(Sort, Range<usize>)>) -> Vec<(Sort, Range<usize>)> {
    let mut found = Vec::new();
    let (mut from, mut begins) = (0, 0);
    while from < text.len() && found.len() < MOST {
        let (to, next) = piece(text, from);
        // Of what is read twice each half is the piece's that has the words around it.
        let ends = if next < to { next + AGAIN / 2 } else { to };
        let all = look(text.get(from..to).unwrap_or_default()).into_iter();
        let all = all.map(|(sort, span)| (sort, from + span.start..from + span.end));
        found.extend(all.filter(|(_, span)| (begins..ends).contains(&span.start)));
        (from, begins) = (next, ends);
    }
    found
}

/// Where the piece that begins here ends, and where the next one begins.
fn piece(text: &str, from: usize) -> (usize, usize) {
    let boundary = |at: usize| (from..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(from);
    let most = boundary(from + PIECE);
    if most == text.len() {
        return (most, most);
    }
    match text.get(from..most).and_then(|piece| piece.rfind('\n')) {
        Some(line) => (from + line + 1, from + line + 1),
        None => (most, boundary(most.saturating_sub(AGAIN))),
    }
}

/// How an element is looked through.
enum Reads {
    Words,
    /// A mailbox that somebody was written to.
    Mailbox,
}

fn reads(element: Element<'_>) -> Option<Reads> {
    // With elements inside it, it is those that say something.
    if element.children().next().is_some() {
        return None;
    }
    if !element.is_iodef() {
        return Some(Reads::Words);
    }
    let in_contact = element.ancestors().any(|one| one.is("Contact") || one.is("DomainContacts"));
    match element.local() {
        _ if in_contact => None,
        "EmailTo" => Some(Reads::Mailbox),
        "Description"
        | "RecordItem"
        | "AdditionalData"
        | "Location"
        | "PAddress"
        | "EmailSubject"
        | "MitigatingFactor"
        | "Cause"
        | "ApplicationHeaderField"
        | "EmailHeaderField"
        | "EmailBody"
        | "EmailMessage" => Some(Reads::Words),
        _ => None,
    }
}

/// What a text says of people.
#[must_use]
pub fn in_text(text: &str) -> Vec<(Sort, Range<usize>)> {
    let mut found = mailboxes(text);
    let mut add = |sort: Sort, span: Range<usize>| {
        let overlaps = |other: &(Sort, Range<usize>)| span.start < other.1.end && other.1.start < span.end;
        if !found.iter().any(overlaps) {
            found.push((sort, span));
        }
    };
    for (sort, pattern) in PATTERNS.iter() {
        for caught in pattern.captures_iter(text) {
            if let Some(own) = caught.get(1).filter(|own| sounds(*sort, own.as_str())) {
                add(*sort, own.range());
            }
        }
    }
    found.sort_by_key(|(_, span)| span.start);
    found
}

/// Words after which a name follows, and names themselves: two or three words that begin with a capital.
static PATTERNS: LazyLock<Vec<(Sort, Regex)>> = LazyLock::new(|| {
    const LABELS: &str = "contact person|full name|first name|last name|employee|user name|customer|victim|owner|reported by|\
        spoke to|called by|ansprechpartner(?:in)?|mitarbeiter(?:in)?";
    const WORD: &str = r"\p{Lu}[\p{L}'’-]+(?:[ \t]+(?:van|von|de|der|da|di|del|la|le|bin|al|el|zu)){0,2}";
    const MORE: &str = r"(?:[ \t]+\p{Lu}(?:\.|[\p{L}'’-]+))";
    let (name, full) = (format!("{WORD}{MORE}{{0,2}}"), format!("{WORD}{MORE}{{1,2}}"));
    const STREET: &str = "Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Boulevard|Blvd|Crescent|Terrace|Square|Court";
    let patterns = [
        (Sort::Name, format!(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herrn?|Frau|Mme|Mlle|Monsieur|Madame|Señora?|Sra|Sig|Signora?)\.?[ \t]+({name})")),
        (Sort::Name, format!(r"(?i:\b(?:{LABELS})\b[ \t]*[:=]?[ \t]+)({full})")),
        (
            Sort::Telephone,
            r"(?:^|[^\w.+])((?:\+|00)[1-9][0-9]{0,2}[ \t./()-]{0,2}(?:[0-9(][0-9 \t./()-]{5,18})[0-9])(?:$|[^\w.])".to_owned(),
        ),
        (
            Sort::Telephone,
            r"(?i:\b(?:tel|telephone|phone|mobile|cell|fax|telefon|handy|mobil|gsm)\b\.?[ \t]*(?:no\.?|nr\.?|number)?[ \t]*[:=]?[ \t]*)(\+?[0-9(][0-9 \t./()-]{4,18}[0-9])(?:$|[^\w.])".to_owned(),
        ),
        (Sort::Home, format!(r"\b([0-9]{{1,4}}[a-zA-Z]?[ \t]+(?:\p{{Lu}}\p{{L}}+[ \t]+){{1,3}}(?:{STREET})\b\.?)")),
        (
            Sort::Home,
            r"((?:\p{Lu}\p{L}*(?:straße|strasse|str\.|weg|gasse|allee|platz|ufer|damm)|\p{Lu}\p{L}+[ \t-](?:Straße|Strasse|Weg|Allee|Platz))[ \t]+[0-9]{1,3}[ \t]?[a-z]?)\b".to_owned(),
        ),
        (
            Sort::Home,
            r"\b([0-9]{1,4},?[ \t]+(?:rue|avenue|boulevard|chemin|allée)[ \t]+(?:(?:de|du|des|la|le|l')[ \t]*){0,2}\p{Lu}[\p{L}-]+)".to_owned(),
        ),
        (
            Sort::Home,
            r"\b((?:Calle|Via|Viale|Rua|Plaza|Piazza|Avenida)[ \t]+(?:(?:de|del|la|el|di|do|da)[ \t]+){0,2}\p{Lu}[\p{L}-]+(?:[ \t]+\p{Lu}[\p{L}-]+)?,?[ \t]+[0-9]{1,4})\b".to_owned(),
        ),
    ];
    patterns.into_iter().filter_map(|(sort, pattern)| Regex::new(&pattern).ok().map(|regex| (sort, regex))).collect()
});

/// Whether what a pattern caught can be that.
fn sounds(sort: Sort, text: &str) -> bool {
    match sort {
        Sort::Telephone => {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            // Dates and versions have their digits in other groups, and an address is four numbers.
            (6..=15).contains(&digits) && text.parse::<std::net::Ipv4Addr>().is_err() && !is_date(text)
        }
        Sort::Name => {
            let is_word = |word: &str| word.chars().skip(1).any(char::is_lowercase);
            const NONE: [&str; 24] = [
                "Server",
                "Service",
                "Team",
                "Center",
                "Centre",
                "Group",
                "Department",
                "University",
                "Bank",
                "Agency",
                "Ministry",
                "Office",
                "Corp",
                "Corporation",
                "Company",
                "Inc",
                "Ltd",
                "Windows",
                "Microsoft",
                "Linux",
                "Street",
                "System",
                "Security",
                "Web",
            ];
            let is_shouted = |word: &str| word.chars().count() > 1 && word.chars().all(char::is_uppercase);
            let words = || text.split_whitespace();
            words().any(is_word) && !words().any(is_shouted) && !words().any(|word| NONE.contains(&word))
        }
        Sort::Home | Sort::Mailbox => true,
    }
}

/// `2026-11-22`, `22.11.2026`, `2026/11/22`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', '.', '/']).map(str::trim).collect();
    let [first, second, third] = parts.as_slice() else { return false };
    let long = |part: &str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
    let short = |part: &str| matches!(part.len(), 1 | 2);
    (long(first) && short(second) && short(third)) || (short(first) && short(second) && long(third))
}

/// Mailboxes that are a person's by their names.
fn mailboxes(text: &str) -> Vec<(Sort, Range<usize>)> {
    if !text.contains('@') && !text.to_ascii_lowercase().contains("at") {
        return Vec::new();
    }
    let all = extract::extract(text).into_iter().filter(|found| found.kind == ObservableKind::Email);
    all.filter(|found| is_person(&found.value)).map(|found| (Sort::Mailbox, found.span)).collect()
}

/// `first.last@`, `f.last@`: two words of letters, and neither is what a team is called.
fn is_person(mailbox: &str) -> bool {
    const TEAMS: [&str; 40] = [
        "abuse",
        "admin",
        "alert",
        "alerts",
        "billing",
        "bounce",
        "cert",
        "contact",
        "csirt",
        "customer",
        "desk",
        "do",
        "donot",
        "feedback",
        "help",
        "helpdesk",
        "host",
        "hostmaster",
        "incident",
        "info",
        "invoice",
        "it",
        "mail",
        "mailer",
        "news",
        "no",
        "noc",
        "not",
        "notification",
        "office",
        "postmaster",
        "reply",
        "report",
        "sales",
        "security",
        "service",
        "soc",
        "support",
        "team",
        "webmaster",
    ];
    let local = mailbox.rsplit_once('@').map_or("", |(local, _)| local).to_lowercase();
    let parts: Vec<&str> = local.split(['.', '_', '-']).collect();
    let is_name = |part: &&str| !part.is_empty() && part.chars().all(char::is_alphabetic) && !TEAMS.contains(part);
    matches!(parts.len(), 2 | 3)
        && parts.iter().all(is_name)
        && parts.last().is_some_and(|last| last.chars().count() > 2)
        && local.contains(['.', '_'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        in_text(text).into_iter().map(|(sort, span)| format!("{sort:?} {}", text.get(span).unwrap())).collect()
    }

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(PATTERNS.len(), 8);
    }

    #[test]
    fn what_is_said_of_people() {
        for (text, expected) in [
            ("We called Mr. John Smith about it", "Name John Smith"),
            ("Frau von der Leyen", ""),
            ("Dr Anna M\u{fc}ller-Schmidt opened it", "Name Anna M\u{fc}ller-Schmidt"),
            ("Reported by Jane van Dyk yesterday", "Name Jane van Dyk"),
            ("Employee: John Q. Public", "Name John Q. Public"),
            ("call +49 30 1234567, now", "Telephone +49 30 1234567"),
            ("Tel.: (030) 123 45-67", "Telephone (030) 123 45-67"),
            ("phone 555-0100-22", "Telephone 555-0100-22"),
            ("0044 20 7946 0000", "Telephone 0044 20 7946 0000"),
            ("lives at 12 High Street", "Home 12 High Street"),
            ("Hauptstra\u{df}e 5a, Berlin", "Home Hauptstra\u{df}e 5a"),
            ("10, rue de la Paix", "Home 10, rue de la Paix"),
            ("Via Roma 12", "Home Via Roma 12"),
            ("mail to alice.jones[@]corp[.]com", "Mailbox alice.jones[@]corp[.]com"),
        ] {
            assert_eq!(read(text).join("|"), expected, "{text:?}");
        }
    }

    /// A log of any length is read to its end, and what stands where it is cut is found once and whole.
    #[test]
    fn a_long_text_is_read_in_pieces() {
        let name = "Mr. John Smith";
        for (unit, breaks) in [("nothing of note here. ", false), ("nothing of note here.\n", true)] {
            for shift in 0..40 {
                let before = unit.repeat(PIECE / unit.len() + 3);
                let at = PIECE - 30 + shift;
                let at = if breaks { before.get(..at).unwrap().rfind('\n').unwrap() + 1 } else { at };
                let text = format!("{} {name}, {}", &before[..at], unit.repeat(9_000));
                let found: Vec<&str> = in_pieces(&text, in_text).into_iter().map(|(_, span)| &text[span]).collect();
                assert_eq!(found, ["John Smith"], "{shift} {breaks}");
            }
        }
        let people = "Mr. John Smith\n".repeat(100_000);
        assert!((MOST..MOST + PIECE).contains(&in_pieces(&people, in_text).len()));
    }

    #[test]
    fn what_is_nobodys() {
        for text in [
            "From 192.0.2.1 to 198.51.100.7 on 2026-11-22 09:10:11 +0000",
            "2026-11-20, 22.11.2026 and 11/22/2026",
            "CVE-2024-12345 in OpenSSL 1.0.2, build 20261122",
            "d41d8cd98f00b204e9800998ecf8427e at offset 0x1234567890",
            "ports 1024-2048, 4294967295 packets, +300 %",
            "Contact the Security Team or Bank Austria",
            "Dr Web found it; Windows Server 2019",
            "abuse@corp.com, no-reply@corp.com, csirt.team@corp.com, help.desk@corp.com, bot1.x@corp.com",
            "Customer: Example Bank",
            "via HTTP 404; the way 12 hosts go",
            "UTC+01:00, GMT+2, 1e10",
            "00:11:22:33:44:55",
            "Reported by CERT Example",
        ] {
            let found = read(text);
            assert!(found.is_empty(), "{text:?}: {found:?}");
        }
    }

    #[test]
    fn a_contact_says_what_it_wants_and_a_description_is_asked_about() {
        let text = "<IODEF-Document xmlns='urn:ietf:params:xml:ns:iodef-2.0' version='2.00'><Incident purpose='reporting'>\
            <Description>Ask Mr. John Smith, +49 30 1234567</Description>\
            <Contact role='creator' type='person'><ContactName>Mr. John Smith</ContactName></Contact>\
            <EventData><Flow><System><Node><Address category='e-mail'>evil.mailer@bad.com</Address></Node><Service><EmailData>\
            <EmailTo>alice.jones@corp.com</EmailTo><EmailFrom>evil.sender@bad.com</EmailFrom></EmailData></Service></System></Flow>\
            </EventData></Incident></IODEF-Document>";
        let document = Document::read(text, &[]).unwrap();
        let found: Vec<String> =
            hints(&document).iter().map(|hint| format!("{:?} {}", hint.sort, hint.written)).collect();
        assert_eq!(found, ["Name John Smith", "Telephone +49 30 1234567", "Mailbox alice.jones@corp.com"]);
        for hint in hints(&document) {
            let element = document.element(hint.node).unwrap();
            assert_eq!(element.text().get(hint.span.clone()), Some(hint.written.as_str()));
        }
    }
}
