//! The command line of the text verbs.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;

use super::Stop;
use super::archive::{Account, Keys, Own};
use super::owner::Owner;
use super::password::Source;
use crate::model::{BareJid, Fingerprint, ItemId, Proxy, ProxyKind, Revocation, Say, Tls};
use crate::settings::Profile;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    Help,
    Version,
    Ask(Box<Ask>),
}

/// A verb with all it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub verb: Verb,
    pub grid: Grid,
    pub json: bool,
    pub home: Option<PathBuf>,
    /// The changed certificate a person compared: believed from now on.
    pub accept: Option<Fingerprint>,
    /// Keep what is received in memory only.
    pub memory: bool,
    /// What opens the archive.
    pub keys: Keys,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    Topics,
    Tail(Until),
    Publish(Publish),
    Owner(Owner),
    Retract(Retract),
}

impl Verb {
    pub const NAMES: [&str; 10] =
        ["topics", "tail", "publish", "retract", "requests", "approve", "deny", "members", "topic", "radar"];
}

/// A report to be published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publish {
    /// `-` is standard input.
    pub file: OsString,
    /// Nodes, or `node @ broker`.
    pub topics: Vec<String>,
    /// Without the hold.
    pub yes: bool,
    /// Seconds of the hold.
    pub hold: Option<u8>,
    /// Typed for findings that pass by a reason: what it is for, `=`, the words. What it is for may hold a `=` too.
    pub reasons: Vec<String>,
    /// The id of an earlier try of which nobody knows what came.
    pub again: Option<ItemId>,
    /// The item that tells the same incident as it was, and what is new.
    pub update: Option<ItemId>,
    pub words: Option<String>,
}

/// An item to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retract {
    pub topic: String,
    pub item: ItemId,
    pub yes: bool,
    pub hold: Option<u8>,
}

/// When `tail` ends by itself; never, if neither is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Until {
    pub count: Option<u64>,
    pub time: Option<Duration>,
    /// Pass over what the archive took in since the last run.
    pub fresh: bool,
}

/// Which grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grid {
    Practice {
        seed: Option<u64>,
    },
    /// A saved profile; its password from the keychain unless given here.
    Profile {
        name: String,
        secrets: Secrets,
    },
    /// Everything on the command line.
    Given {
        profile: Box<Profile>,
        secrets: Secrets,
    },
}

/// Where secrets come from; for a saved profile the keychain has those not named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    pub password: Option<Source>,
    pub passphrase: Option<Source>,
    pub proxy: Option<Source>,
}

impl Secrets {
    fn has(self, source: Source) -> bool {
        [self.password, self.passphrase, self.proxy].contains(&Some(source))
    }

    /// Two secrets from one source would be one secret.
    fn repeats(&self) -> bool {
        let all: Vec<Source> = [self.password, self.passphrase, self.proxy].into_iter().flatten().collect();
        all.iter().enumerate().any(|(place, source)| all.iter().skip(place + 1).any(|other| other == source))
    }
}

/// The options as they come, before they are checked against each other.
#[derive(Debug, Default)]
struct Options {
    verb: Option<String>,
    json: bool,
    practice: bool,
    seed: Option<u64>,
    account: Account,
    host: Option<String>,
    port: Option<u16>,
    tls: Option<Tls>,
    ca: Option<PathBuf>,
    platform_roots: bool,
    revocation: Option<Revocation>,
    crls: Vec<PathBuf>,
    fetch_crls: bool,
    certificate: Option<PathBuf>,
    proxy: Option<Proxy>,
    broker: Option<BareJid>,
    secrets: Secrets,
    accept: Option<Fingerprint>,
    memory: bool,
    until: Until,
    publish: Publish,
    owner: Owner,
}

/// Reads the arguments after the program's name.
///
/// # Errors
/// What is wrong with them.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Parsed, Stop> {
    match read(args) {
        Ok(Read::Verb(options)) => options.check().map(|ask| Parsed::Ask(Box::new(ask))).map_err(Stop::usage),
        Ok(Read::Help) => Ok(Parsed::Help),
        Ok(Read::Version) => Ok(Parsed::Version),
        Err(error) => Err(Stop::usage(Say::new("cli-usage").with("cause", error.to_string()))),
    }
}

enum Read {
    Help,
    Version,
    Verb(Box<Options>),
}

fn read(args: impl IntoIterator<Item = OsString>) -> Result<Read, lexopt::Error> {
    let mut options = Options::default();
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(argument) = parser.next()? {
        if let Some(own) = Own::of(&argument) {
            options.account.take(own, &mut parser)?;
            continue;
        }
        match argument {
            Short('h') | Long("help") => return Ok(Read::Help),
            Short('V') | Long("version") => return Ok(Read::Version),
            Value(verb) if options.verb.is_none() => options.verb = Some(verb.parse_with(verb_of)?),
            Value(word) if options.owns() => options.owner.word(word.string()?),
            Value(file) if options.publishes() && options.publish.file.is_empty() => options.publish.file = file,
            Long("json") => options.json = true,
            Long("practice") => options.practice = true,
            Long("seed") => options.seed = Some(parser.value()?.parse()?),
            Long("host") => options.host = Some(parser.value()?.string()?),
            Long("port") => options.port = Some(parser.value()?.parse()?),
            Long("tls") => options.tls = Some(parser.value()?.parse_with(tls_of)?),
            Long("ca") => options.ca = Some(parser.value()?.into()),
            Long("broker") => options.broker = Some(parser.value()?.parse()?),
            Long("platform-roots") => options.platform_roots = true,
            Long("revocation") => options.revocation = Some(parser.value()?.parse_with(revocation_of)?),
            Long("crl") => options.crls.push(parser.value()?.into()),
            Long("fetch-crls") => options.fetch_crls = true,
            Long("certificate") => options.certificate = Some(parser.value()?.into()),
            Long("proxy") => options.proxy = Some(parser.value()?.parse_with(proxy_of)?),
            Long("accept-certificate") => options.accept = Some(parser.value()?.parse_with(fingerprint_of)?),
            Long("password-file") => options.secrets.password = Some(parser.value()?.parse_with(Source::given)?),
            Long("passphrase-file") => options.secrets.passphrase = Some(parser.value()?.parse_with(Source::given)?),
            Long("proxy-password-file") => options.secrets.proxy = Some(parser.value()?.parse_with(Source::given)?),
            Long("memory") => options.memory = true,
            Long("count") => options.until.count = Some(parser.value()?.parse()?),
            Long("new") => options.until.fresh = true,
            Long("topic") => options.publish.topics.push(parser.value()?.string()?),
            Long("yes") => options.publish.yes = true,
            Long("hold") => options.publish.hold = Some(parser.value()?.parse_with(hold_of)?),
            Long("reason") => options.publish.reasons.push(parser.value()?.parse_with(reason_of)?),
            Long("update") => options.publish.update = Some(ItemId(parser.value()?.string()?)),
            Long("words") => options.publish.words = Some(parser.value()?.string()?),
            Long("item") => options.publish.again = Some(ItemId(parser.value()?.string()?)),
            Long("for") => options.until.time = Some(Duration::from_secs(parser.value()?.parse()?)),
            Long(option) => {
                let option = option.to_owned();
                if !options.owner.take(&option, &mut parser)? {
                    return Err(Long(&option).unexpected());
                }
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Read::Verb(Box::new(options)))
}

fn verb_of(text: &str) -> Result<String, &'static str> {
    const VERBS: &str = "topics, tail, publish, retract, requests, approve, deny, members, topic, radar, check, convert, diff, \
                         search, export, import, hunt, handover or log";
    if Verb::NAMES.contains(&text) { Ok(text.to_owned()) } else { Err(VERBS) }
}

fn tls_of(text: &str) -> Result<Tls, &'static str> {
    Tls::from_token(text).ok_or("starttls or direct")
}

fn revocation_of(text: &str) -> Result<Revocation, &'static str> {
    Revocation::from_token(text).ok_or("require, prefer or off")
}

fn fingerprint_of(text: &str) -> Result<Fingerprint, &'static str> {
    text.parse().map_err(|_| "sha256: and the certificate's fingerprint")
}

/// As in the window's settings.
fn hold_of(text: &str) -> Result<u8, &'static str> {
    text.parse().ok().filter(|seconds| (5..=60).contains(seconds)).ok_or("5 to 60 seconds")
}

/// `audience.first=They asked for it.`, `leak@ipv4 192.0.2.1 red green=The owner agreed.`
fn reason_of(text: &str) -> Result<String, &'static str> {
    let is_whole = text.split_once('=').is_some_and(|(_, words)| !words.trim().is_empty());
    is_whole.then(|| text.trim().to_owned()).ok_or("FINDING=WORDS")
}

/// `socks5://proxy.example:1080`, with `user@` before the host where the proxy asks for one; never a password.
fn proxy_of(text: &str) -> Result<Proxy, &'static str> {
    const WORDS: &str =
        "socks5://HOST:PORT or http://HOST:PORT, with USER@ before the host where the proxy asks for one";
    let (kind, rest) = text.split_once("://").ok_or(WORDS)?;
    let kind = ProxyKind::from_token(kind).ok_or(WORDS)?;
    let (user, place) = match rest.rsplit_once('@') {
        Some((user, _)) if user.is_empty() || user.contains(':') => return Err(WORDS),
        Some((user, place)) => (Some(user.to_owned()), place),
        None => (None, rest),
    };
    let (host, port) = place.rsplit_once(':').ok_or(WORDS)?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = port.parse().ok().filter(|port| *port != 0).ok_or(WORDS)?;
    if host.is_empty() || host.contains(['/', '@', ' ']) {
        return Err(WORDS);
    }
    Ok(Proxy { kind, host: host.to_owned(), port, user })
}

impl Options {
    fn publishes(&self) -> bool {
        self.verb.as_deref() == Some("publish")
    }

    fn owns(&self) -> bool {
        self.verb.as_deref().is_some_and(|verb| Owner::NAMES.contains(&verb))
    }

    /// Whether anything of an account is given beside its address.
    fn describes(&self) -> bool {
        self.host.is_some()
            || self.port.is_some()
            || self.tls.is_some()
            || self.ca.is_some()
            || self.platform_roots
            || self.revocation.is_some()
            || !self.crls.is_empty()
            || self.fetch_crls
            || self.certificate.is_some()
            || self.proxy.is_some()
            || self.broker.is_some()
    }

    /// What the options mean together.
    fn check(mut self) -> Result<Ask, Say> {
        let owner = match self.verb.as_deref().filter(|_| self.owns()) {
            Some(verb) => {
                let (said, publish) = (std::mem::take(&mut self.owner), std::mem::take(&mut self.publish));
                Some(said.check(verb, publish)?)
            }
            None if self.owner != Owner::default() => return Err(Say::new("cli-usage-owner").with("verb", "")),
            None => None,
        };
        let Publish { file, topics, yes, hold, again, update, words, .. } = &self.publish;
        let one = (again.is_none() && update.is_none()) || topics.len() == 1;
        let whole = !file.is_empty() && !topics.is_empty() && one && (words.is_none() || update.is_some());
        let retracts = self.verb.as_deref() == Some("retract");
        let uses = self.publishes() || retracts;
        if uses != (self.publish != Publish::default()) || (self.publishes() && !whole) {
            return Err(Say::new("cli-usage-publish"));
        }
        let back = match (topics.as_slice(), again) {
            ([topic], Some(item)) if retracts => {
                let back = Retract { topic: topic.clone(), item: item.clone(), yes: *yes, hold: *hold };
                let own = Publish {
                    topics: topics.clone(),
                    yes: *yes,
                    hold: *hold,
                    again: again.clone(),
                    ..Publish::default()
                };
                (own == self.publish).then_some(back)
            }
            _ => None,
        };
        if retracts && back.is_none() {
            return Err(Say::new("cli-usage-retract"));
        }
        let verb = match self.verb.as_deref() {
            Some("tail") => Verb::Tail(self.until),
            Some(_) if self.until != Until::default() => return Err(Say::new("cli-usage-until")),
            Some("publish") => Verb::Publish(std::mem::take(&mut self.publish)),
            Some(_) => back.map(Verb::Retract).or(owner.map(Verb::Owner)).unwrap_or(Verb::Topics),
            None => return Err(Say::new("cli-usage-verb")),
        };
        let given = self.describes();
        let Account { profile, jid, home, keys } = self.account;
        let grids = [self.practice, profile.is_some(), jid.is_some()];
        if grids.into_iter().filter(|grid| *grid).count() != 1 || (given && jid.is_none()) {
            return Err(Say::new("cli-usage-grid"));
        }
        if self.seed.is_some() && !self.practice {
            return Err(Say::new("cli-usage-seed"));
        }
        if self.practice && (self.secrets != Secrets::default() || self.accept.is_some()) {
            return Err(Say::new("cli-usage-grid"));
        }
        if self.secrets.repeats() || keys.sources().any(|source| self.secrets.has(source)) {
            return Err(Say::new("cli-usage-secrets"));
        }
        if (self.memory || self.practice) && keys != Keys::default() || keys.are_two() {
            return Err(Say::new("cli-usage-archive"));
        }
        let known = self.secrets.password.is_some() || self.certificate.is_some();
        let (secrets, accept) = (self.secrets, self.accept);
        let grid = match (profile, jid) {
            (Some(name), _) => Grid::Profile { name, secrets },
            (None, Some(_)) if !known => return Err(Say::new("cli-usage-password")),
            (None, Some(jid)) => {
                let profile = Profile {
                    host: self.host,
                    port: self.port,
                    tls: self.tls.unwrap_or_default(),
                    platform_roots: self.platform_roots && self.ca.is_some(),
                    ca_file: self.ca,
                    revocation: self.revocation.unwrap_or_default(),
                    crls: self.crls,
                    fetch_crls: self.fetch_crls,
                    certificate: self.certificate,
                    proxy: self.proxy,
                    broker: self.broker,
                    ..Profile::new("", jid)
                };
                Grid::Given { profile: Box::new(profile), secrets }
            }
            (None, None) => Grid::Practice { seed: self.seed },
        };
        Ok(Ask { verb, grid, json: self.json, home, accept, memory: self.memory, keys })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(line: &str) -> Result<Ask, &'static str> {
        match parse(line.split_whitespace().map(OsString::from)) {
            Ok(Parsed::Ask(ask)) => Ok(*ask),
            Ok(_) => Err("help or version"),
            Err(stop) => Err(stop.say.key),
        }
    }

    #[test]
    fn each_grid_is_understood() {
        let practice = ask("topics --practice --seed 7 --json").unwrap();
        assert_eq!((practice.grid, practice.json), (Grid::Practice { seed: Some(7) }, true));
        let saved = ask("tail --profile work --count 3 --for 10 --home /h").unwrap();
        assert_eq!(saved.verb, Verb::Tail(Until { count: Some(3), time: Some(Duration::from_secs(10)), fresh: false }));
        assert_eq!(saved.home, Some("/h".into()));
        assert_eq!(saved.grid, Grid::Profile { name: "work".to_owned(), secrets: Secrets::default() });
        let given = "tail --jid a@b.example --host 127.0.0.1 --port 1 --tls direct --ca c.pem --broker p.b.example";
        let Grid::Given { profile, secrets } = ask(&format!("{given} --password-file -")).unwrap().grid else {
            panic!("not given");
        };
        assert_eq!(secrets, Secrets { password: Some(Source::Stdin), ..Secrets::default() });
        let told = (profile.host.as_deref(), profile.port, profile.tls);
        assert_eq!(told, (Some("127.0.0.1"), Some(1), Tls::Direct));
        assert_eq!(profile.ca_file, Some("c.pem".into()));
        assert_eq!(profile.broker.unwrap().to_string(), "p.b.example");
    }

    #[test]
    fn a_report_and_where_it_goes() {
        let ask =
            ask("publish - --practice --topic a --topic b --yes --hold 60 --reason audience.first=Asked").unwrap();
        let publish = Publish {
            file: "-".into(),
            topics: vec!["a".to_owned(), "b".to_owned()],
            yes: true,
            hold: Some(60),
            reasons: vec!["audience.first=Asked".to_owned()],
            ..Publish::default()
        };
        assert_eq!(ask.verb, Verb::Publish(publish));
    }

    #[test]
    fn what_a_profile_can_say_the_command_line_can() {
        let print = "ab".repeat(32);
        let line = format!(
            "topics --jid a@b.example --certificate a.p12 --passphrase-file 3 --ca c.pem --platform-roots --crl one.crl \
             --crl two.crl --revocation require --fetch-crls --proxy socks5://desk@[2001:db8::1]:1080 \
             --proxy-password-file 4 --accept-certificate sha256:{print}"
        );
        let ask = ask(&line).unwrap();
        assert_eq!(ask.accept, print.parse().ok());
        let Grid::Given { profile, secrets } = ask.grid else { panic!("not given") };
        assert_eq!((secrets.passphrase, secrets.proxy), (Some(Source::Descriptor(3)), Some(Source::Descriptor(4))));
        assert_eq!(profile.certificate, Some("a.p12".into()));
        assert!(profile.platform_roots && profile.fetch_crls);
        assert_eq!((profile.revocation, profile.crls.len()), (Revocation::Require, 2));
        let (kind, host, user) = (ProxyKind::Socks5, "2001:db8::1".to_owned(), Some("desk".to_owned()));
        assert_eq!(profile.proxy, Some(Proxy { kind, host, port: 1080, user }));
        for text in [
            "proxy.example:1080",
            "socks4://h:1",
            "http://h",
            "http://:1",
            "http://h:0",
            "http://h:1/",
            "http://@h:1",
            "http://user:secret@h:1",
        ] {
            assert!(proxy_of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_unclear_is_refused() {
        for (line, key) in [
            ("--practice", "cli-usage-verb"),
            ("topics", "cli-usage-grid"),
            ("topics --practice --profile x", "cli-usage-grid"),
            ("topics --practice --host h", "cli-usage-grid"),
            ("topics --practice --password-file -", "cli-usage-grid"),
            ("topics --profile x --port 1", "cli-usage-grid"),
            ("topics --profile x --seed 1", "cli-usage-seed"),
            ("topics --practice --count 1", "cli-usage-until"),
            ("tail --jid a@b.example", "cli-usage-password"),
            ("topics --profile x --crl a.crl", "cli-usage-grid"),
            ("tail --profile x --password-file 3 --archive-passphrase-file 3", "cli-usage-secrets"),
            ("tail --profile x --memory --archive-passphrase-file 3", "cli-usage-archive"),
            ("tail --profile x --archive-code-file 4 --archive-passphrase-file 3", "cli-usage-archive"),
            ("tail --practice --archive-passphrase-file 3", "cli-usage-archive"),
            ("tail --profile x --archive-passphrase-file secret", "cli-usage"),
            ("topics --practice --accept-certificate sha256:00", "cli-usage"),
            ("tail --jid a@b.example --certificate c --password-file - --passphrase-file -", "cli-usage-secrets"),
            ("tail --jid a@b.example --password-file - --revocation maybe", "cli-usage"),
            ("tail --jid a@b.example --password-file secret", "cli-usage"),
            ("tail --jid a@b.example --password secret", "cli-usage"),
            ("tail --jid a@b.example/r --password-file -", "cli-usage"),
            ("tail --practice --count many", "cli-usage"),
            ("tail --practice --tls none", "cli-usage"),
            ("tail tail --practice", "cli-usage"),
            ("head --practice", "cli-usage"),
            ("tail --practice --json=yes", "cli-usage"),
            ("publish --practice --topic a", "cli-usage-publish"),
            ("publish a.xml --practice", "cli-usage-publish"),
            ("publish a.xml --practice --topic a --topic b --item x", "cli-usage-publish"),
            ("publish a.xml b.xml --practice --topic a", "cli-usage"),
            ("publish a.xml --practice --topic a --hold 4", "cli-usage"),
            ("publish a.xml --practice --topic a --reason audience.first=", "cli-usage"),
            ("publish a.xml --practice --topic a --count 1", "cli-usage-until"),
            ("topics --practice --yes", "cli-usage-publish"),
            ("tail --help --nonsense", "help or version"),
            ("--version", "help or version"),
        ] {
            assert_eq!(ask(line), Err(key), "{line}");
        }
    }
}
