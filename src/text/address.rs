//! Addresses (JIDs, domains) that are not what they look like (UTS #39).

use std::fmt::Write;

use unicode_security::MixedScript;
use unicode_security::confusable_detection::skeleton;

/// The form beside a non-ASCII address that shows what it is made of: the domain in A-labels, other characters named.
/// `None` for an ASCII address, which needs none.
#[must_use]
pub fn ascii(address: &str) -> Option<String> {
    if address.is_ascii() {
        return None;
    }
    let (bare, resource) = address.split_once('/').map_or((address, None), |(bare, rest)| (bare, Some(rest)));
    let (local, domain) = bare.rsplit_once('@').map_or((None, bare), |(local, domain)| (Some(local), domain));
    let mut plain = String::new();
    if let Some(local) = local {
        named(local, &mut plain);
        plain.push('@');
    }
    match idna::domain_to_ascii(domain) {
        Ok(labels) => plain.push_str(&labels),
        Err(_) => named(domain, &mut plain),
    }
    if let Some(resource) = resource {
        plain.push('/');
        named(resource, &mut plain);
    }
    Some(plain)
}

fn named(text: &str, to: &mut String) {
    for char in text.chars() {
        if char.is_ascii_graphic() || char == ' ' {
            to.push(char);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(to, "⟨U+{:04X}⟩", u32::from(char));
        }
    }
}

/// The plain address that a non-ASCII one can be mistaken for, where all its foreign letters look like plain ones.
#[must_use]
pub fn lookalike(address: &str) -> Option<String> {
    if address.is_ascii() {
        return None;
    }
    let mut plain = String::with_capacity(address.len());
    for char in address.chars() {
        if char.is_ascii() {
            plain.push(char);
        } else {
            let mut buffer = [0; 4];
            plain.extend(skeleton(char.encode_utf8(&mut buffer)));
        }
    }
    plain.is_ascii().then_some(plain)
}

/// What an address looks like, equal for two that are easily taken for each other (UTS #39 §4), as `rn` and `m` are.
#[must_use]
pub fn look(address: &str) -> String {
    skeleton(&address.to_lowercase()).collect::<String>().to_lowercase()
}

/// Whether one of the address's parts mixes scripts that no language writes together (UTS #39 §5.1).
#[must_use]
pub fn mixes_scripts(address: &str) -> bool {
    address.split(['@', '/', '.', '-', '_']).any(|part| !part.is_single_script())
}
