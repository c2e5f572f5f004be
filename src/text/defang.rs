//! Indicator values in a form that no program follows and no eye takes for harmless.

use std::net::Ipv6Addr;

/// Defangs one value, an address, network, domain, URL or e-mail address: `hxxp`, `[.]`, `[@]`, `[:]`. A value that is
/// defanged already stays as it is. For values only: running text would lose its full stops.
#[must_use]
pub fn defang(value: &str) -> String {
    let value = value.trim();
    if let Some((scheme, rest)) = value.split_once("://") {
        return url(scheme, rest);
    }
    let ip = value.split(['/', '%']).next().unwrap_or_default();
    if ip.parse::<Ipv6Addr>().is_ok() {
        return bracket(value, &[':', '.']);
    }
    bracket(value, &['.', '@'])
}

/// The scheme and the authority; what follows them names nothing by itself.
fn url(scheme: &str, rest: &str) -> String {
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "http" => "hxxp".to_owned(),
        "https" => "hxxps".to_owned(),
        "ftp" => "fxp".to_owned(),
        _ => scheme.to_owned(),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    format!("{scheme}://{}{path}", bracket(authority, &['.', '@']))
}

fn bracket(text: &str, marks: &[char]) -> String {
    let mut defanged = String::with_capacity(text.len() + 8);
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let already = before == Some('[') && chars.peek() == Some(&']');
        if marks.contains(&char) && !already {
            defanged.extend(['[', char, ']']);
        } else {
            defanged.push(char);
        }
        before = Some(char);
    }
    defanged
}
