//! The command line of the text verbs.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;

use super::Stop;
use super::password::Source;
use crate::model::{BareJid, Say, Tls};
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
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    Topics,
    Tail(Until),
}

impl Verb {
    pub const NAMES: [&str; 2] = ["topics", "tail"];
}

/// When `tail` ends by itself; never, if neither is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Until {
    pub count: Option<u64>,
    pub time: Option<Duration>,
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
        password: Option<Source>,
    },
    /// Everything on the command line.
    Given {
        profile: Box<Profile>,
        password: Source,
    },
}

/// The options as they come, before they are checked against each other.
#[derive(Debug, Default)]
struct Options {
    verb: Option<String>,
    json: bool,
    home: Option<PathBuf>,
    practice: bool,
    seed: Option<u64>,
    profile: Option<String>,
    jid: Option<BareJid>,
    host: Option<String>,
    port: Option<u16>,
    tls: Option<Tls>,
    ca: Option<PathBuf>,
    broker: Option<BareJid>,
    password: Option<Source>,
    until: Until,
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
        match argument {
            Short('h') | Long("help") => return Ok(Read::Help),
            Short('V') | Long("version") => return Ok(Read::Version),
            Value(verb) if options.verb.is_none() => options.verb = Some(verb.parse_with(verb_of)?),
            Long("json") => options.json = true,
            Long("home") => options.home = Some(parser.value()?.into()),
            Long("practice") => options.practice = true,
            Long("seed") => options.seed = Some(parser.value()?.parse()?),
            Long("profile") => options.profile = Some(parser.value()?.string()?),
            Long("jid") => options.jid = Some(parser.value()?.parse()?),
            Long("host") => options.host = Some(parser.value()?.string()?),
            Long("port") => options.port = Some(parser.value()?.parse()?),
            Long("tls") => options.tls = Some(parser.value()?.parse_with(tls_of)?),
            Long("ca") => options.ca = Some(parser.value()?.into()),
            Long("broker") => options.broker = Some(parser.value()?.parse()?),
            Long("password-file") => options.password = Some(parser.value()?.parse_with(password_of)?),
            Long("count") => options.until.count = Some(parser.value()?.parse()?),
            Long("for") => options.until.time = Some(Duration::from_secs(parser.value()?.parse()?)),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Read::Verb(Box::new(options)))
}

fn verb_of(text: &str) -> Result<String, &'static str> {
    if Verb::NAMES.contains(&text) { Ok(text.to_owned()) } else { Err("topics or tail") }
}

fn tls_of(text: &str) -> Result<Tls, &'static str> {
    Tls::from_token(text).ok_or("starttls or direct")
}

fn password_of(text: &str) -> Result<Source, &'static str> {
    Source::parse(text).ok_or("- or a file descriptor such as 3 or /dev/fd/3; never the password or a file of it")
}

impl Options {
    /// What the options mean together.
    fn check(self) -> Result<Ask, Say> {
        let verb = match self.verb.as_deref() {
            Some("tail") => Verb::Tail(self.until),
            Some(_) if self.until != Until::default() => return Err(Say::new("cli-usage-until")),
            Some(_) => Verb::Topics,
            None => return Err(Say::new("cli-usage-verb")),
        };
        let given = self.host.is_some()
            || self.port.is_some()
            || self.tls.is_some()
            || self.ca.is_some()
            || self.broker.is_some();
        let grids = [self.practice, self.profile.is_some(), self.jid.is_some()];
        if grids.into_iter().filter(|grid| *grid).count() != 1 || (given && self.jid.is_none()) {
            return Err(Say::new("cli-usage-grid"));
        }
        if self.seed.is_some() && !self.practice {
            return Err(Say::new("cli-usage-seed"));
        }
        let grid = match (self.profile, self.jid, self.password) {
            (_, _, Some(_)) if self.practice => return Err(Say::new("cli-usage-grid")),
            (Some(name), _, password) => Grid::Profile { name, password },
            (_, Some(jid), Some(password)) => {
                let profile = Profile {
                    host: self.host,
                    port: self.port,
                    tls: self.tls.unwrap_or_default(),
                    ca_file: self.ca,
                    broker: self.broker,
                    ..Profile::new("", jid)
                };
                Grid::Given { profile: Box::new(profile), password }
            }
            (_, Some(_), None) => return Err(Say::new("cli-usage-password")),
            (None, None, _) => Grid::Practice { seed: self.seed },
        };
        Ok(Ask { verb, grid, json: self.json, home: self.home })
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
        assert_eq!(saved.verb, Verb::Tail(Until { count: Some(3), time: Some(Duration::from_secs(10)) }));
        assert_eq!(saved.home, Some("/h".into()));
        assert_eq!(saved.grid, Grid::Profile { name: "work".to_owned(), password: None });
        let given = "tail --jid a@b.example --host 127.0.0.1 --port 1 --tls direct --ca c.pem --broker p.b.example";
        let Grid::Given { profile, password } = ask(&format!("{given} --password-file -")).unwrap().grid else {
            panic!("not given");
        };
        assert_eq!(password, Source::Stdin);
        let told = (profile.host.as_deref(), profile.port, profile.tls);
        assert_eq!(told, (Some("127.0.0.1"), Some(1), Tls::Direct));
        assert_eq!(profile.ca_file, Some("c.pem".into()));
        assert_eq!(profile.broker.unwrap().to_string(), "p.b.example");
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
            ("tail --jid a@b.example --password-file secret", "cli-usage"),
            ("tail --jid a@b.example --password secret", "cli-usage"),
            ("tail --jid a@b.example/r --password-file -", "cli-usage"),
            ("tail --practice --count many", "cli-usage"),
            ("tail --practice --tls none", "cli-usage"),
            ("tail tail --practice", "cli-usage"),
            ("head --practice", "cli-usage"),
            ("tail --practice --json=yes", "cli-usage"),
            ("tail --help --nonsense", "help or version"),
            ("--version", "help or version"),
        ] {
            assert_eq!(ask(line), Err(key), "{line}");
        }
    }
}
