//! One line, refanged already: links first, then what stands between them, word by word.

use memchr::memmem;

use super::name::{self, Around, Named};
use super::plain::Plain;
use super::{Doubt, Extract, VALUE, number};
use crate::model::{ObservableKind, Typed, typed};

/// Adds what a line holds; places are of the line.
pub fn scan(plain: &Plain<'_>, identifiers: bool, cells: Option<u8>, found: &mut Vec<Extract>) {
    let line = &*plain.text;
    let mut scan = Scan { plain, line, identifiers, cells, found, before: "" };
    let mut at = 0;
    for sep in memmem::find_iter(line.as_bytes(), b"://") {
        if sep < at {
            continue;
        }
        let Some((start, scheme)) = scheme(line, at, sep) else { continue };
        scan.words(at, start);
        let end = scan.link_end(start, sep + 3);
        match scan.link(scheme, sep + 3, end) {
            Some((kind, value)) => scan.add(start, end, kind, value, None, None),
            None => scan.words(sep + 3, end),
        }
        at = end;
    }
    scan.words(at, line.len());
}

/// The scheme before `://`, and where it begins.
fn scheme(line: &str, from: usize, sep: usize) -> Option<(usize, &str)> {
    const KNOWN: [&str; 26] = [
        "http", "https", "ftp", "ftps", "sftp", "ssh", "telnet", "ldap", "ldaps", "smb", "tcp", "udp", "ws", "wss",
        "rtsp", "rtmp", "socks4", "socks5", "dns", "tftp", "git", "svn", "irc", "ircs", "nfs", "rdp",
    ];
    let bytes = line.as_bytes().get(from..sep)?;
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'*' | b'[' | b']' | b'-');
    let length = bytes.iter().rev().take(16).take_while(part).count();
    let written = line.get(sep - length..sep)?.trim_start_matches(['[', '*', '-', ']', '+']);
    // What runs into it is not of it: `x=http://`, `1http://`.
    let written = written.trim_start_matches(|c: char| c.is_ascii_digit());
    let start = sep - written.len();
    if let Some(plain) = typed::plain_scheme(written) {
        return Some((start, plain));
    }
    let lower = written.to_ascii_lowercase();
    KNOWN.iter().find(|known| **known == lower).map(|known| (start, *known))
}

/// Between words of a line.
fn is_apart(char: char) -> bool {
    char.is_whitespace() || char.is_control() || "<>\"|`,;(){}[]'=".contains(char)
}

/// Marks that close what they stand behind and are not of it.
const CLOSING: [char; 12] = ['.', ',', ':', ';', '!', '?', '*', '-', '…', '\\', '/', '&'];

struct Scan<'l, 'f> {
    plain: &'l Plain<'l>,
    line: &'l str,
    identifiers: bool,
    cells: Option<u8>,
    found: &'f mut Vec<Extract>,
    /// The word before the one that is looked at.
    before: &'l str,
}

impl<'l> Scan<'l, '_> {
    fn slice(&self, from: usize, to: usize) -> &'l str {
        self.line.get(from..to).unwrap_or_default()
    }

    fn add(
        &mut self,
        from: usize,
        to: usize,
        kind: ObservableKind,
        value: String,
        port: Option<u16>,
        doubt: Option<Doubt>,
    ) {
        if value.len() <= VALUE {
            self.found.push(Extract { span: from..to, kind, value, port, doubt });
        }
    }

    /// Where a link that begins at `start` ends, with its host at `host`.
    fn link_end(&self, start: usize, host: usize) -> usize {
        let quote = self.slice(0, start).chars().next_back().filter(|quote| matches!(quote, '"' | '\'' | '<' | '`'));
        let rest = self.slice(host, self.line.len());
        let mut end = rest.len();
        let mut open = 0_i32;
        for (at, char) in rest.char_indices() {
            let ends = match char {
                '<' | '>' | '"' | '|' | '`' | '\\' | '^' | '{' | '}' => true,
                '\'' => quote == Some('\''),
                ',' | ';' if quote.is_none() => {
                    let next = rest.get(at + 1..).unwrap_or_default();
                    let is_cell = self.cells.is_some_and(|mark| char::from(mark) == char);
                    is_cell || next.is_empty() || next.starts_with(char::is_whitespace) || has_scheme(next)
                }
                '[' => {
                    open += 1;
                    false
                }
                ']' => {
                    open -= 1;
                    open < 0
                }
                char => char.is_whitespace() || char.is_control(),
            };
            if ends {
                end = at;
                break;
            }
        }
        let mut text = rest.get(..end).unwrap_or_default();
        // Brackets around a link close behind it, and sentences end.
        let mut closing = text.matches(')').count().saturating_sub(text.matches('(').count());
        loop {
            text = text.trim_end_matches(['.', ',', ':', ';', '!', '?', '\'', '*', '…']);
            match text.strip_suffix(')') {
                Some(rest) if closing > 0 => {
                    closing -= 1;
                    text = rest;
                }
                _ => break,
            }
        }
        host + text.len()
    }

    /// The link whose host begins at `host`.
    fn link(&self, scheme: &str, host: usize, end: usize) -> Option<(ObservableKind, String)> {
        let rest = self.slice(host, end);
        let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(at)?;
        link(scheme, authority, path).map(|value| (ObservableKind::Url, value))
    }

    /// What stands between links.
    fn words(&mut self, from: usize, to: usize) {
        let mut at = from;
        while at < to {
            let rest = self.slice(at, to);
            let Some(skip) = rest.find(|c| !is_apart(c)) else { break };
            at += skip;
            let rest = self.slice(at, to);
            let length = path_length(rest).unwrap_or_else(|| rest.find(is_apart).unwrap_or(rest.len()));
            self.word(at, at + length);
            self.before = self.slice(at, at + length);
            at += length.max(1);
        }
    }

    fn word(&mut self, from: usize, to: usize) {
        let text = self.slice(from, to);
        let open = text.len() - text.trim_start_matches(['.', ':', '*', '-', '!', '?', '&', '#', '~']).len();
        // `::1` begins with what others are trimmed of, and `2001:db8::` ends with it.
        let colons = text.matches(':').count();
        if colons >= 2 && self.colons(from, to) {
            return;
        }
        let text = text.get(open..).unwrap_or_default();
        let from = from + open;
        let trimmed = text.trim_end_matches(CLOSING);
        let to = from + trimmed.len();
        if trimmed.len() < 3 {
            return;
        }
        if trimmed.len() > VALUE || self.whole(from, to) {
            return;
        }
        let mut at = from;
        for part in trimmed.split_inclusive([':', '/', '&', '?', '#', '%', '+', '~', '$', '^', '!', '*', '@', '\\']) {
            let piece = part.trim_end_matches([':', '/', '&', '?', '#', '%', '+', '~', '$', '^', '!', '*', '@', '\\']);
            self.piece(at, at + piece.len(), from);
            at += part.len();
        }
    }

    /// Addresses with colons, alone or behind a label: `src:2001:db8::1`.
    fn colons(&mut self, from: usize, to: usize) -> bool {
        let text = self.slice(from, to);
        let trimmed = text.trim_end_matches(['.', '!', '?', '*', '-', '/']);
        let mut starts = std::iter::once(0).chain(trimmed.match_indices(':').map(|(at, _)| at + 1)).take(3);
        starts.any(|skip| {
            let rest = trimmed.get(skip..).unwrap_or_default();
            let (from, to) = (from + skip, from + trimmed.len());
            self.colon_value(rest, from, to)
                || rest.strip_suffix(':').is_some_and(|rest| self.colon_value(rest, from, to - 1))
        })
    }

    fn colon_value(&mut self, text: &str, from: usize, to: usize) -> bool {
        use ObservableKind::{Hash, Mac};
        if let Some(mac) = number::mac(text) {
            self.add(from, to, Mac, mac, None, None);
        } else if let Some(digest) = number::digest(text) {
            self.add(from, to, Hash, digest, None, None);
        } else if let Some((kind, value, words)) = number::ipv6(text) {
            let doubt = (words && !self.is_alone(from, to)).then_some(Doubt::Words);
            // `a::b` is of a program, and nobody's address.
            if doubt.is_some() && text.len() < 7 {
                return true;
            }
            let port = self.slice(to, self.line.len()).strip_prefix("]:").and_then(port);
            self.add(from, to, kind, value, port, doubt);
        } else {
            return false;
        }
        true
    }

    /// What a word is as a whole.
    fn whole(&mut self, from: usize, to: usize) -> bool {
        let text = self.slice(from, to);
        if text.contains('@') && self.mailboxes(from, to) {
            return true;
        }
        if text.contains('\\') {
            return self.backslashes(from, to);
        }
        if let Some((at, end, ip)) = number::ipv4(text).filter(|(_, end, _)| text.get(*end..).is_some_and(is_suffix)) {
            let rest = text.get(end..).unwrap_or_default();
            // A link without its scheme, or a version: what stands before belongs to it.
            if at == 0 || !matches!(text.as_bytes().get(at - 1), Some(b'/')) {
                return self.address(from + at, from + end, ip, rest);
            }
        }
        if text.starts_with('/') {
            return self.path(from, to);
        }
        self.bare_link(from, to)
    }

    /// An address, with its network's length, its mask or its port behind it.
    fn address(&mut self, from: usize, to: usize, ip: std::net::Ipv4Addr, rest: &str) -> bool {
        use ObservableKind::{Ipv4, Network};
        let doubt = self.is_version(from, to, ip).then_some(Doubt::Version);
        if let Some(length) = rest.strip_prefix('/') {
            let length = length.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
            if let Some(net) = typed::network_of(&format!("{ip}/{length}")) {
                self.add(from, to + 1 + length.len(), Network, net.to_string(), None, None);
                return true;
            }
            let end = to + rest.len();
            if length.is_empty() && self.bare_link(from, end) {
                return true;
            }
        }
        let port = rest.strip_prefix([':', '#']).and_then(port);
        if port.is_some() && rest.contains('/') && self.bare_link(from, to + rest.len()) {
            return true;
        }
        self.add(from, to, Ipv4, ip.to_string(), port, doubt);
        // `192.0.2.1-192.0.2.9`: both ends.
        if let Some(second) = rest.strip_prefix('-').and_then(|rest| number::ipv4(rest).map(|found| (rest, found))) {
            let (rest_text, (at, end, ip)) = second;
            let start = to + 1;
            if rest_text.get(..at).is_some_and(str::is_empty) {
                self.add(start, start + end, Ipv4, ip.to_string(), None, doubt);
            }
        }
        true
    }

    /// Four numbers that may be a version: a word says so, or they are small and stand in a sentence.
    fn is_version(&self, from: usize, to: usize, ip: std::net::Ipv4Addr) -> bool {
        const SAYS: [&str; 18] = [
            "version", "versions", "ver", "v", "release", "rel", "build", "firmware", "fw", "update", "patch", "rev",
            "revision", "section", "oid", "kernel", "driver", "sdk",
        ];
        const HOSTS: [&str; 14] = [
            "ip", "from", "to", "host", "address", "addr", "src", "dst", "server", "client", "at", "by", "resolver",
            "via",
        ];
        let is_one_of = |words: &[&str]| {
            let word = self.before.trim_matches(|c: char| !c.is_alphanumeric());
            words.iter().any(|known| known.eq_ignore_ascii_case(word))
        };
        let behind = self.slice(0, from).as_bytes().last().copied().unwrap_or(b' ');
        if is_one_of(&SAYS) || matches!(behind, b'/' | b'v' | b'V') {
            return true;
        }
        let small = ip.octets().iter().all(|octet| *octet < 10);
        small && !self.is_alone(from, to) && !is_one_of(&HOSTS) && behind != b'='
    }

    /// Whether it is all of its line or of a cell.
    fn is_alone(&self, from: usize, to: usize) -> bool {
        let edge = |char: Option<char>| char.is_none_or(|c| matches!(c, ',' | ';' | '\t' | '|' | '"' | '\n' | '\r'));
        let around = ['<', '>', '[', ']', '(', ')', '\'', '`', '"', '*', '-', '.', ' '];
        edge(self.slice(0, from).trim_end_matches(around).chars().next_back())
            && edge(self.slice(to, self.line.len()).trim_start_matches(around).chars().next())
    }

    fn mailboxes(&mut self, from: usize, to: usize) -> bool {
        let text = self.slice(from, to);
        let mut any = false;
        for (at, _) in text.match_indices('@') {
            let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
            let is_local = |byte: &u8| byte.is_ascii_alphanumeric() || b".!#$%&*+-?^_~".contains(byte);
            let own = before.bytes().rev().take(65).take_while(is_local).count();
            let is_host = |c: char| c.is_alphanumeric() || c == '.' || c == '-' || c == '_';
            let host = after.split(|c| !is_host(c)).next().unwrap_or_default().trim_end_matches(['.', '-']);
            let local = before.get(before.len() - own..).unwrap_or_default().trim_start_matches(['.', '-']);
            let Some(Typed::Email(value)) = Typed::read(&format!("{local}@{host}")) else { continue };
            any = true;
            // What identifies a message is no mailbox (RFC 5322 §3.6.4).
            if !self.identifiers {
                let start = from + at - local.len();
                self.add(start, from + at + 1 + host.len(), ObservableKind::Email, value, None, None);
            }
        }
        any
    }

    /// A path of Windows or of a share, or somebody of a domain there.
    fn backslashes(&mut self, from: usize, to: usize) -> bool {
        let text = self.slice(from, to);
        let last = text.rsplit('\\').next().unwrap_or_default();
        // A key of the registry names no file.
        let is_key = text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("hk"));
        if name::is_file_name(last) && !is_key && text.len() <= VALUE {
            self.add(from, to, ObservableKind::File, text.to_owned(), None, None);
        }
        // A share's host is one.
        if let Some(host) = text.strip_prefix("\\\\").and_then(|rest| rest.split('\\').next()) {
            self.piece(from + 2, from + 2 + host.len(), from + 2);
        }
        true
    }

    /// A path of Unix.
    fn path(&mut self, from: usize, to: usize) -> bool {
        const ROOTS: [&str; 14] = [
            "/tmp/",
            "/var/",
            "/etc/",
            "/usr/",
            "/home/",
            "/opt/",
            "/dev/",
            "/root/",
            "/bin/",
            "/sbin/",
            "/lib/",
            "/mnt/",
            "/private/",
            "/Users/",
        ];
        let text = self.slice(from, to);
        let last = text.rsplit('/').next().unwrap_or_default();
        let is_path = ROOTS.iter().any(|root| text.starts_with(root) && text.len() > root.len())
            || (text.matches('/').count() > 1 && name::is_file_name(last));
        if is_path {
            self.add(from, to, ObservableKind::File, text.to_owned(), None, None);
        }
        is_path
    }

    /// `bad.example/login.php`, `192.0.2.1:8080/x`: a link without its scheme.
    fn bare_link(&mut self, from: usize, to: usize) -> bool {
        let text = self.slice(from, to);
        let Some((authority, path)) = text.find('/').and_then(|at| text.split_at_checked(at)) else { return false };
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        let known = match host.parse::<std::net::Ipv4Addr>() {
            Ok(_) => path.len() > 1,
            Err(_) => matches!(
                name::name(host, Around::default()),
                Some((ObservableKind::Domain, _, None | Some(Doubt::Sentence)))
            ),
        };
        // Of `www.example.com/` the name is what counts.
        if !known || path.len() < 2 || host.len() < 4 {
            return false;
        }
        let value = link("http", authority, path);
        if let Some(value) = value {
            self.add(from, to, ObservableKind::Url, value, None, Some(Doubt::Scheme));
            return true;
        }
        false
    }

    /// A part of a word; `word` is where that begins.
    fn piece(&mut self, from: usize, to: usize, word: usize) {
        let text = self.slice(from, to);
        let trimmed = text.trim_start_matches(['.', '-', '_']);
        let from = to - trimmed.len();
        let text = trimmed.trim_end_matches(['.', '-']);
        let to = from + text.len();
        if text.len() < 3 {
            return;
        }
        if let Some((length, value)) = number::cve(text) {
            return self.add(from, from + length, ObservableKind::Cve, value, None, None);
        }
        let spaced = self.before == "AS" && from == word && text.bytes().all(|byte| byte.is_ascii_digit());
        let asn = if spaced { text.parse().ok() } else { number::asn(text) };
        let after = self.slice(to, self.line.len()).as_bytes().first().copied().unwrap_or(b' ');
        if let Some(asn) = asn.filter(|_| !number::is_inner(after)) {
            return self.add(from, to, ObservableKind::Asn, format!("AS{asn}"), None, None);
        }
        if let Some(value) = number::digest(text) {
            return self.add(from, to, ObservableKind::Hash, value, None, None);
        }
        if let Some(value) = number::mac(text) {
            return self.add(from, to, ObservableKind::Mac, value, None, None);
        }
        if !text.contains('.') {
            return;
        }
        if let Some((at, end, ip)) = number::ipv4(text) {
            let doubt = self.is_version(from + at, from + end, ip).then_some(Doubt::Version);
            return self.add(from + at, from + end, ObservableKind::Ipv4, ip.to_string(), None, doubt);
        }
        self.named(from, to, word);
    }

    fn named(&mut self, from: usize, to: usize, word: usize) {
        let text = self.slice(from, to);
        let behind = self.slice(word, from);
        let around = Around {
            defanged: self.plain.is_changed(from, to),
            alone: self.is_alone(from, to),
            in_path: behind.contains('/') && !behind.contains("//") && name::is_file_name(text),
        };
        let port = self.slice(to, self.line.len()).strip_prefix(':').and_then(port);
        // A program's call: `foo.bar()`.
        if self.slice(to, self.line.len()).starts_with("()") {
            return;
        }
        let is_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        let found = if text.chars().all(is_host) { name::name(text, around) } else { None };
        if let Some(named) = found {
            return self.give(from, to, named, port);
        }
        // In writing without blanks a name is what is of its letters.
        if !text.is_ascii() {
            let mut at = from;
            for run in text.split_inclusive(|c: char| !c.is_ascii()) {
                let own = run.trim_end_matches(|c: char| !c.is_ascii());
                if own.len() < text.len() && own.contains('.') {
                    let start = own.trim_start_matches('.');
                    let from = at + own.len() - start.len();
                    if let Some(named) = name::name(start, Around::default()) {
                        self.give(from, from + start.trim_end_matches('.').len(), named, None);
                    }
                }
                at += run.len();
            }
        }
    }

    fn give(&mut self, from: usize, to: usize, (kind, value, doubt): Named, port: Option<u16>) {
        self.add(from, to, kind, value, port.filter(|_| kind == ObservableKind::Domain), doubt);
    }
}

/// A link as it is published: scheme and host in lower case, the host in A-labels, what a URI may not hold escaped.
fn link(scheme: &str, authority: &str, path: &str) -> Option<String> {
    let (user, host_port) = authority.rsplit_once('@').map_or(("", authority), |(user, rest)| (user, rest));
    let (host, port) = match host_port.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => host_port.find(':').and_then(|at| host_port.split_at_checked(at)).unwrap_or((host_port, "")),
    };
    let is_port = |port: &str| port.strip_prefix(':').is_none_or(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    if host.is_empty() || !is_port(port) {
        return None;
    }
    let plain = match host.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V6(ip)) => format!("[{ip}]"),
        Ok(ip) => ip.to_string(),
        Err(_) => match typed::domain(host) {
            Some(name) => name,
            // A name of this network alone.
            None if host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') => {
                host.to_ascii_lowercase()
            }
            None => return None,
        },
    };
    let user = if user.is_empty() { String::new() } else { format!("{user}@") };
    match Typed::read(&format!("{scheme}://{user}{plain}{port}{path}"))? {
        Typed::Url(url) => Some(url),
        _ => None,
    }
}

fn has_scheme(text: &str) -> bool {
    text.get(..12).unwrap_or(text).contains("://")
}

/// What may stand behind an address of IPv4 and be of it, or be apart from it.
fn is_suffix(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['/', ':', '-', '#', '.', '!', '?', '*', '&', '%', '+', '~'])
}

fn port(text: &str) -> Option<u16> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let after = text.as_bytes().get(digits).copied().unwrap_or(b' ');
    text.get(..digits)?.parse().ok().filter(|port| *port > 0 && !number::is_inner(after) && after != b'.')
}

/// Longest path with blanks in it, in bytes.
const PATH: usize = 512;

/// How long a path of Windows is that `text` begins with, blanks in it included: `C:\Program Files\x\y.exe`.
fn path_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_drive = bytes.first()?.is_ascii_alphabetic() && bytes.get(1..3) == Some(b":\\");
    if !is_drive && !text.starts_with("\\\\") {
        return None;
    }
    let most = (0..=PATH.min(text.len())).rev().find(|at| text.is_char_boundary(*at))?;
    let text = text.get(..most)?;
    let whole = text.get(..text.find(|c: char| c.is_control() || "<>\"|*?,;`'".contains(c)).unwrap_or(text.len()))?;
    // As far as the first blank behind the last backslash, or behind the first part that ends as files do.
    let mut length = 0;
    for part in whole.split_inclusive(' ') {
        length += part.len();
        let so_far = whole.get(..length)?.trim_end();
        let rest = whole.get(length..)?;
        if name::is_file_name(so_far.rsplit('\\').next()?.trim_end_matches(CLOSING)) || !rest.contains('\\') {
            return Some(so_far.len());
        }
    }
    Some(length)
}
