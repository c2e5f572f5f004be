//! The simple types of XML Schema 1.0 as far as IODEF uses them: whether a text is a value of its type.

use std::borrow::Cow;

use super::kind::{Enumeration, Profile, Type};
use crate::text::xml::is_ncname;

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
            Self::Id | Self::IdRef | Self::NcName => is_ncname(&collapse(text)),
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
    let mut last = 0;
    let folds = |byte: u8| {
        let before = std::mem::replace(&mut last, byte);
        matches!(byte, b'\t' | b'\n' | b'\r') || (byte == b' ' && before == b' ')
    };
    if !trimmed.bytes().any(folds) {
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

pub(super) fn is_integer(text: &str) -> bool {
    digits(unsigned(text))
}

pub(super) fn is_decimal(text: &str) -> bool {
    let text = unsigned(text);
    match text.split_once('.') {
        None => digits(text),
        Some((whole, rest)) => {
            (digits(whole) && (rest.is_empty() || digits(rest))) || (whole.is_empty() && digits(rest))
        }
    }
}

pub(super) fn is_float(text: &str) -> bool {
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => is_decimal(mantissa) && is_integer(exponent),
        None => matches!(text, "INF" | "-INF" | "NaN") || is_decimal(text),
    }
}

/// Above zero. The standard excludes what is not a number from a type with a bound (part 2 §3.2.4), its processors do
/// not: here the processors have it, and the check of the text objects.
fn is_positive_float(text: &str) -> bool {
    is_float(text)
        && match text {
            "INF" | "NaN" => true,
            "-INF" => false,
            // The value space is that of 32 bits: what rounds to zero is zero.
            text => text.parse::<f32>().is_ok_and(|value| value > 0.0),
        }
}

/// `xs:dateTime` (XML Schema 1.0 part 2 §3.2.7): years have no zero and four digits or more, 24:00:00 ends a day.
pub(super) fn is_date_time(text: &str) -> bool {
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
pub(super) fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let short = |part: &str| (1..=8).contains(&part.len());
    parts.next().is_some_and(|part| short(part) && part.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && parts.all(|part| short(part) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// `xs:anyURI`: what escaping (XLink 1.0 §5.4) turns into a reference. So nearly everything, but a percent sign begins an
/// escape, there is one fragment, and what stands before a colon is a scheme.
pub(super) fn is_uri(text: &str) -> bool {
    let escapes = text
        .match_indices('%')
        .all(|(at, _)| text.as_bytes().get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)));
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let rest = rest.split('?').next().unwrap_or_default();
    if !escapes || fragment.contains('#') {
        return false;
    }
    let first = rest.split('/').next().unwrap_or_default();
    let rest = match first.split_once(':') {
        Some((scheme, _)) if !is_scheme(scheme) => return false,
        Some((scheme, _)) => rest.get(scheme.len() + 1..).unwrap_or_default(),
        None => rest,
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    is_authority(authority) && !path.contains(['[', ']'])
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.'))
}

fn is_authority(text: &str) -> bool {
    let (user, host) = text.split_once('@').unwrap_or(("", text));
    let (host, port) = match host.strip_prefix('[') {
        // An address of IPv6 (RFC 2732).
        Some(rest) => match rest.split_once(']') {
            Some((_, port)) if port.is_empty() || port.starts_with(':') => ("", port.trim_start_matches(':')),
            _ => return false,
        },
        None => host.split_once(':').unwrap_or((host, "")),
    };
    !user.contains(['[', ']']) && !host.contains(['[', ']', '@']) && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// `xs:base64Binary`: groups of four, white space between any, the unused bits of the last group zero.
pub(super) fn is_base64(text: &str) -> bool {
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
