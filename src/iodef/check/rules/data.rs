//! Numbers, hashes, software: values that depend on an attribute beside them.

use base64::Engine;

use super::{has, token};
use crate::iodef::check::fix::Fix;
use crate::iodef::check::{Notes, rule};
use crate::iodef::doc::Element;

/// A number goes with `numeric`, and with nothing else (RFC 7970 §3.12.5).
pub fn confidence<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    // The published schema takes no content at all, which is another rule's matter.
    if !notes.reads() {
        return;
    }
    let numeric = token(element, "rating", "") == "numeric";
    let text = element.trimmed();
    match (numeric, text.is_empty()) {
        (true, true) => notes.add(notes.at(&rule::NUMBER_MISSING, element).of("rating")),
        (false, false) => {
            let made = notes.at(&rule::NUMBER_UNASKED, element).with("value", &text);
            notes.add(made.fix(|| Fix::set(element, "rating", "numeric")).fix(|| Fix::text(element, "")));
        }
        _ => {}
    }
}

/// `counter` of the schema is `count` of the text; `rate` and `peak` are each in one of them only.
pub fn counter<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let of = token(element, "type", "");
    if matches!(&*of, "counter" | "rate") {
        notes.add(notes.at(&rule::COUNTED_AS, element).of("type").with("value", &of));
    }
}

pub fn impact<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    if element.trimmed() == "NaN" {
        notes.add(notes.at(&rule::NOT_A_NUMBER, element));
    }
    if let Some(currency) = element.attr("currency") {
        let known = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
        if !known {
            let made = notes.at(&rule::CURRENCY, element).of("currency").with("value", &currency);
            let upper = currency.trim().to_ascii_uppercase();
            let helps = upper.len() == 3 && upper.bytes().all(|byte| byte.is_ascii_uppercase());
            notes.add(if helps { made.fix(|| Fix::set(element, "currency", &upper)) } else { made });
        }
    }
}

pub fn hash<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    if !has(element, &["Hash", "FuzzyHash"]) {
        notes.add(notes.at(&rule::HASH_NOTHING, element));
    }
    let scope = token(element, "scope", "");
    let needs_target = matches!(&*scope, "file-pe-section" | "file-pe-resource" | "file-pdf-object");
    let needs_software = scope == "file-pe-iat";
    let lacks_software = || {
        let hashes = element.children().filter(|child| matches!(child.local(), "Hash" | "FuzzyHash"));
        hashes.into_iter().any(|hash| hash.child("Application").is_none())
    };
    if (needs_target && element.child("HashTargetID").is_none()) || (needs_software && lacks_software()) {
        let wanted = if needs_target { "HashTargetID" } else { "Application" };
        notes.add(notes.at(&rule::HASH_TARGET, element).of("scope").with("value", &scope).with("child", wanted));
    }
}

/// A digest is as long as its algorithm makes it. Senders put hexadecimal where base64 belongs: that shows here.
pub fn digest<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let Some(method) = element.children().find(|child| child.local() == "DigestMethod") else { return };
    let Some(value) = element.children().find(|child| child.local() == "DigestValue") else { return };
    let algorithm = token(method, "Algorithm", "");
    let Some(octets) = octets(&algorithm) else { return };
    let text: String = value.text().split_whitespace().collect();
    let Ok(digest) = base64::engine::general_purpose::STANDARD.decode(text.as_bytes()) else { return };
    if digest.len() == octets {
        return;
    }
    let name = algorithm.rsplit(['#', '/']).next().unwrap_or_default().to_owned();
    let mut made = notes
        .at(&rule::HASH_LENGTH, value)
        .with("algorithm", &name)
        .with("octets", &octets.to_string())
        .with("found", &digest.len().to_string());
    if text.len() == 2 * octets
        && let Some(bytes) = from_hex(&text)
    {
        made = made.fix(|| Fix::text(value, &base64::engine::general_purpose::STANDARD.encode(bytes)));
    }
    notes.add(made);
}

/// How long the digests of an algorithm are (XML Signature §6.2, RFC 6931, RFC 9231).
fn octets(algorithm: &str) -> Option<usize> {
    let name = algorithm.rsplit(['#', '/']).next()?.to_ascii_lowercase().replace('-', "");
    Some(match name.as_str() {
        "md5" => 16,
        "sha1" | "ripemd160" => 20,
        "sha224" | "sha3224" => 28,
        "sha256" | "sha3256" => 32,
        "sha384" | "sha3384" => 48,
        "sha512" | "sha3512" | "whirlpool" => 64,
        _ => return None,
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|char| char.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let pairs = digits?;
    Some(pairs.chunks_exact(2).filter_map(|pair| Some((pair.first()? << 4) | pair.last()?)).collect())
}

pub fn software<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    if token(element, "spec-name", "") == "custom" && element.attr("dtype").is_none() {
        notes.add(
            notes.at(&rule::CUSTOM_SOFTWARE, element).of("spec-name").fix(|| Fix::set(element, "dtype", "string")),
        );
    }
}
