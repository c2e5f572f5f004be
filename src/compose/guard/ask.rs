//! What to look for so that a value is known again: itself, what it lies in, what lies in it.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Ask;
use crate::model::{Observable, ObservableKind as Kind, typed};
use crate::store::index::key::{self, Reach, Span, Tag};
use crate::store::lens;

/// How a value that was received is to one that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// It is the same.
    Same,
    /// It stands in a text that was received.
    Text,
    /// What is said lies in it: an address of a network, a name below a domain.
    Inside,
    /// It lies in what is said: a network around an address, a domain above a name.
    Around,
    /// Both are on one host.
    Host,
}

impl Way {
    /// The word of messages for it.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Text => "text",
            Self::Inside => "inside",
            Self::Around => "around",
            Self::Host => "host",
        }
    }
}

/// Networks wider than these hold everybody: to lie in one says nothing.
const WIDEST_V4: u8 = 8;
const WIDEST_V6: u8 = 19;

/// Hosts on which everybody has something: to share one says nothing.
const SHARED: [&str; 46] = [
    "amazon.com",
    "aol.com",
    "apple.com",
    "archive.org",
    "attack.mitre.org",
    "bing.com",
    "bit.ly",
    "bitbucket.org",
    "box.com",
    "cisa.gov",
    "cve.org",
    "cwe.mitre.org",
    "discord.com",
    "discordapp.com",
    "dropbox.com",
    "facebook.com",
    "first.org",
    "gitlab.com",
    "github.com",
    "githubusercontent.com",
    "gmail.com",
    "gmx.de",
    "gmx.net",
    "google.com",
    "googleapis.com",
    "googleusercontent.com",
    "hotmail.com",
    "icloud.com",
    "instagram.com",
    "linkedin.com",
    "live.com",
    "microsoft.com",
    "mitre.org",
    "nist.gov",
    "onedrive.com",
    "outlook.com",
    "pastebin.com",
    "proton.me",
    "sharepoint.com",
    "t.me",
    "telegram.org",
    "twitter.com",
    "virustotal.com",
    "w3.org",
    "yahoo.com",
    "youtube.com",
];

/// Names of files that every machine has.
const EVERYWHERE: [&str; 24] = [
    "cmd.exe",
    "powershell.exe",
    "rundll32.exe",
    "regsvr32.exe",
    "svchost.exe",
    "explorer.exe",
    "lsass.exe",
    "mshta.exe",
    "wscript.exe",
    "cscript.exe",
    "msiexec.exe",
    "schtasks.exe",
    "conhost.exe",
    "kernel32.dll",
    "ntdll.dll",
    "winword.exe",
    "excel.exe",
    "outlook.exe",
    "chrome.exe",
    "index.html",
    "index.php",
    "index.htm",
    "readme.txt",
    "readme.md",
];

/// Whether many who have nothing to do with each other are at this host.
pub fn is_shared(name: &str) -> bool {
    lens::is_suffix(name)
        || SHARED
            .iter()
            .any(|shared| name.strip_suffix(shared).is_some_and(|before| before.is_empty() || before.ends_with('.')))
}

/// What is looked for, by what finding it would mean.
pub fn groups(ask: &Ask) -> Vec<(Way, Vec<Span>)> {
    let own = || vec![Span::one(ask.key.clone())];
    let mut groups = match ask.kind {
        Kind::Ipv4 | Kind::Ipv6 => ask.value.parse().map(address).unwrap_or_else(|_| vec![(Way::Same, own())]),
        Kind::Network => key::network_of(&ask.value).map(network).unwrap_or_else(|| vec![(Way::Same, own())]),
        Kind::Domain => domain(&ask.value),
        Kind::Url => [vec![(Way::Same, own())], typed::url_host(&ask.value).map(host).unwrap_or_default()].concat(),
        Kind::Email => {
            let host = ask.value.rsplit_once('@').and_then(|(_, host)| typed::domain(host));
            [vec![(Way::Same, own())], host.map(|host| vec![(Way::Inside, above(&host, true))]).unwrap_or_default()]
                .concat()
        }
        Kind::File if EVERYWHERE.contains(&key::file_name(&ask.value).as_str()) => Vec::new(),
        Kind::Asn | Kind::Mac | Kind::Hash | Kind::File | Kind::Other => vec![(Way::Same, own())],
        // Numbers of a public list, and of everybody's doors.
        Kind::Cve | Kind::Port => Vec::new(),
    };
    groups.retain(|(_, spans)| !spans.is_empty());
    groups
}

fn is_narrow(span: &Span) -> bool {
    let widest = if span.from.first() == Some(&(Tag::Network4 as u8)) { WIDEST_V4 } else { WIDEST_V6 };
    span.from.last().is_some_and(|length| *length >= widest)
}

fn address(ip: IpAddr) -> Vec<(Way, Vec<Span>)> {
    let same = key::addresses(ip, ip);
    let around = key::overlapping(IpNet::from(ip)).into_iter().skip(same.len());
    // The first of them is all networks that begin here, of any length; the others say their length.
    let around = around.enumerate().filter(|(at, span)| *at == 0 || is_narrow(span)).map(|(_, span)| span);
    vec![(Way::Same, same), (Way::Inside, around.collect())]
}

fn network(net: IpNet) -> Vec<(Way, Vec<Span>)> {
    let net = key::canonical(net);
    let own = key::keys(&Observable { kind: Kind::Network, value: net.to_string() });
    let mut groups = vec![(Way::Same, own.into_iter().map(Span::one).collect())];
    let widest = if net.network().is_ipv4() { WIDEST_V4 } else { WIDEST_V6 };
    if net.prefix_len() >= widest {
        let all = key::overlapping(net);
        let addresses = key::addresses(net.network(), net.broadcast()).len();
        groups.push((Way::Around, all.iter().take(addresses + 1).cloned().collect()));
        groups.push((Way::Inside, all.into_iter().skip(addresses + 1).filter(is_narrow).collect()));
    }
    groups
}

fn domain(name: &str) -> Vec<(Way, Vec<Span>)> {
    let exact = key::domain(name);
    if is_shared(name) {
        return vec![(Way::Same, vec![Span::one(exact)])];
    }
    vec![
        (Way::Same, key::domains(name, Reach::Itself)),
        (Way::Around, key::domains(name, Reach::Below)),
        (Way::Inside, above(name, false)),
    ]
}

/// The host of a link.
fn host(host: &str) -> Vec<(Way, Vec<Span>)> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return address(ip)
            .into_iter()
            .map(|(way, spans)| (if way == Way::Same { Way::Host } else { way }, spans))
            .collect();
    }
    match typed::domain(host) {
        Some(name) if is_shared(&name) => vec![(Way::Host, vec![Span::one(key::domain(&name))])],
        Some(name) => vec![(Way::Host, key::domains(&name, Reach::Itself)), (Way::Inside, above(&name, false))],
        None => Vec::new(),
    }
}

/// The domains a name is below, and itself where that is asked, as somebody reported them.
fn above(name: &str, itself: bool) -> Vec<Span> {
    let start = if itself { Some(name) } else { name.split_once('.').map(|(_, rest)| rest) };
    let names = std::iter::successors(start, |name| name.split_once('.').map(|(_, rest)| rest));
    names
        .take_while(|name| name.contains('.'))
        .filter(|name| !is_shared(name))
        .map(|name| Span::one(key::domain(name)))
        .collect()
}
