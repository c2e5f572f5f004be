//! The simple types of XML Schema 1.0 as far as IODEF uses them: whether a text is a value of its type.

use std::borrow::Cow;

use super::kind::{Enumeration, Profile, Type};

impl Type {
    /// Whether `text`, as parsed, is a value of this type. References and uniqueness are the document's matter.
    #[must_use]
    pub fn holds(self, text: &str, profile: Profile) -> bool {
        match self {
            Self::String => true,
            Self::Enumeration(list) => list.holds(text, profile),
            Self::DateTime => is_date_time(&collapse(text)),
            Self::Integer => is_integer(&collapse(text)),
            Self::Float | Self::Double => is_float(&collapse(text)),
            Self::PositiveFloat => is_positive_float(&collapse(text)),
            Self::FloatOrEmpty => {
                let text = collapse(text);
                text.is_empty() || is_float(&text)
            }
            Self::AnyUri => is_uri(&collapse(text)),
            Self::Id | Self::IdRef | Self::NcName => is_nc_name(&collapse(text)),
            Self::Language => is_language(&collapse(text)),
            Self::Portlist => is_portlist(text),
            Self::Timezone => is_timezone(text),
            Self::Base64 => is_base64(text),
        }
    }
}

impl Enumeration {
    /// The listed token a value means; none for one that is not listed.
    #[must_use]
    pub fn token(&self, text: &str, profile: Profile) -> Option<&'static str> {
        let text = if self.collapses { collapse(text) } else { Cow::Borrowed(text) };
        self.tokens(profile).find(|token| *token == text)
    }

    #[must_use]
    pub fn holds(&self, text: &str, profile: Profile) -> bool {
        self.token(text, profile).is_some()
    }
}

fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\n' | '\r')
}

/// `whiteSpace="collapse"` (XML Schema 1.0 part 2 §4.3.6).
#[must_use]
pub fn collapse(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim_matches(is_space);
    let plain = !trimmed.contains(['\t', '\n', '\r']) && !trimmed.contains("  ");
    if plain {
        return Cow::Borrowed(trimmed);
    }
    Cow::Owned(trimmed.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn is_integer(text: &str) -> bool {
    digits(unsigned(text))
}

fn is_decimal(text: &str) -> bool {
    let text = unsigned(text);
    match text.split_once('.') {
        None => digits(text),
        Some((whole, rest)) => {
            (digits(whole) && (rest.is_empty() || digits(rest))) || (whole.is_empty() && digits(rest))
        }
    }
}

fn is_float(text: &str) -> bool {
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => is_decimal(mantissa) && is_integer(exponent),
        None => matches!(text, "INF" | "-INF" | "NaN") || is_decimal(text),
    }
}

/// Above zero; what is not a number is not (`minExclusive`).
fn is_positive_float(text: &str) -> bool {
    is_float(text)
        && match text {
            "INF" => true,
            "-INF" | "NaN" => false,
            // The value space is that of 32 bits: what rounds to zero is zero.
            text => text.parse::<f32>().is_ok_and(|value| value > 0.0),
        }
}

/// `xs:dateTime` (XML Schema 1.0 part 2 §3.2.7): years have no zero and four digits or more, 24:00:00 ends a day.
fn is_date_time(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let Some((date, time)) = text.split_once('T') else { return false };
    let mut parts = date.splitn(3, '-');
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let sound = digits(year) && year.len() >= 4 && (year.len() == 4 || !year.starts_with('0'));
    let (Some(month), Some(day)) = (two(month), two(day)) else { return false };
    if !sound || year.bytes().all(|byte| byte == b'0') || day == 0 || day > days(year, month) {
        return false;
    }
    let (time, zone) = match time.find(['Z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => (time, ""),
    };
    (zone.is_empty() || is_offset(zone)) && is_time(time)
}

fn is_time(text: &str) -> bool {
    let mut parts = text.splitn(3, ':');
    let (Some(hour), Some(minute), Some(second)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let (second, fraction) = second.split_once('.').map_or((second, None), |(whole, rest)| (whole, Some(rest)));
    if fraction.is_some_and(|rest| !digits(rest)) {
        return false;
    }
    let (Some(hour), Some(minute), Some(second)) = (two(hour), two(minute), two(second)) else { return false };
    let whole = fraction.is_none_or(|rest| rest.bytes().all(|byte| byte == b'0'));
    (hour < 24 && minute < 60 && second < 60) || (hour == 24 && minute == 0 && second == 0 && whole)
}

/// `Z` or `±hh:mm` up to fourteen hours.
fn is_offset(text: &str) -> bool {
    if text == "Z" {
        return true;
    }
    let Some((hour, minute)) = text.strip_prefix(['+', '-']).and_then(|rest| rest.split_once(':')) else {
        return false;
    };
    let (Some(hour), Some(minute)) = (two(hour), two(minute)) else { return false };
    minute < 60 && (hour < 14 || (hour == 14 && minute == 0))
}

fn two(text: &str) -> Option<u32> {
    (text.len() == 2 && digits(text)).then(|| text.parse().ok()).flatten()
}

fn days(year: &str, month: u32) -> u32 {
    // Leap years repeat every 400 years: the last four digits tell.
    let year: u32 = year.get(year.len().saturating_sub(4)..).and_then(|last| last.parse().ok()).unwrap_or(0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(400) || (year.is_multiple_of(4) && !year.is_multiple_of(100)) => 29,
        2 => 28,
        _ => 0,
    }
}

/// `TimezoneType`; a pattern on a string, so nothing around it.
fn is_timezone(text: &str) -> bool {
    let Some((hour, minute)) = text.strip_prefix(['+', '-']).and_then(|rest| rest.split_once(':')) else {
        return text == "Z";
    };
    two(hour).is_some_and(|hour| hour <= 14) && two(minute).is_some_and(|minute| minute < 60)
}

/// `\d+(\-\d+)?(,\d+(\-\d+)?)*`, where `\d` is a decimal digit of any script.
fn is_portlist(text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.chars().all(is_digit);
    text.split(',').all(|range| match range.split_once('-') {
        Some((first, last)) => number(first) && number(last),
        None => number(range),
    })
}

/// General category Nd.
fn is_digit(char: char) -> bool {
    char.is_ascii_digit()
        || (!char.is_ascii() && DIGIT.as_ref().is_some_and(|digit| digit.is_match(char.encode_utf8(&mut [0; 4]))))
}

static DIGIT: std::sync::LazyLock<Option<regex::Regex>> = std::sync::LazyLock::new(|| regex::Regex::new(r"^\d$").ok());

/// RFC 3066 in the pattern of XML Schema.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let short = |part: &str| (1..=8).contains(&part.len());
    parts.next().is_some_and(|part| short(part) && part.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && parts.all(|part| short(part) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// A name without colon (Namespaces in XML 1.0).
#[must_use]
pub fn is_nc_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first != ':' && is_name_start(first))
        && chars.all(|char| char != ':' && is_name(char))
}

fn is_name_start(char: char) -> bool {
    matches!(char, ':' | 'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}'
        | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}'
        | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

fn is_name(char: char) -> bool {
    is_name_start(char)
        || matches!(char, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// `xs:anyURI`: what escaping turns into a reference (RFC 2396 with RFC 2732). So nearly everything; a percent sign
/// begins an escape, and there is one fragment.
fn is_uri(text: &str) -> bool {
    text.matches('#').count() <= 1
        && text
            .match_indices('%')
            .all(|(at, _)| text.get(at + 1..at + 3).is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit())))
}

/// `xs:base64Binary`: groups of four, white space between any, the unused bits of the last group zero.
fn is_base64(text: &str) -> bool {
    let bytes: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let padding = bytes.iter().rev().take_while(|byte| **byte == b'=').count();
    let body = bytes.get(..bytes.len() - padding.min(bytes.len())).unwrap_or_default();
    let plain = body.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    let last = body.last().copied().unwrap_or(b'A');
    let bits = match padding {
        0 => true,
        1 => b"AEIMQUYcgkosw048".contains(&last),
        2 => b"AQgw".contains(&last),
        _ => false,
    };
    plain && bits && bytes.len().is_multiple_of(4)
}
