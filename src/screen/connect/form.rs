//! The form's fields and what they must hold before anything is tried.

use std::path::PathBuf;

use crate::model::{BareJid, Tls};
use crate::secrets::Secret;
use crate::settings::Profile;

/// A text field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    Jid,
    Password,
    Name,
    Host,
    Port,
    CaFile,
    Broker,
}

impl Field {
    /// The catalog key of its label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Jid => "connect-jid",
            Self::Password => "connect-password",
            Self::Name => "connect-name",
            Self::Host => "connect-host",
            Self::Port => "connect-port",
            Self::CaFile => "connect-ca-file",
            Self::Broker => "connect-broker",
        }
    }

    /// Names the field for focus and for tests.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Jid => "connect.jid",
            Self::Password => "connect.password",
            Self::Name => "connect.name",
            Self::Host => "connect.host",
            Self::Port => "connect.port",
            Self::CaFile => "connect.ca",
            Self::Broker => "connect.broker",
        }
    }

    /// Whether it stands among those most people never need.
    #[must_use]
    pub fn is_seldom(self) -> bool {
        matches!(self, Self::Name | Self::Host | Self::Port | Self::CaFile | Self::Broker)
    }
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    pub field: Field,
    /// The catalog key of the words.
    pub key: &'static str,
}

/// What was typed.
#[derive(Clone, Debug)]
pub struct Form {
    jid: String,
    name: String,
    host: String,
    port: String,
    ca_file: String,
    broker: String,
    resource: Option<String>,
    pub password: Secret,
    pub tls: Tls,
    pub remember: bool,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            jid: String::new(),
            name: String::new(),
            host: String::new(),
            port: String::new(),
            ca_file: String::new(),
            broker: String::new(),
            resource: None,
            password: Secret::new(String::new()),
            tls: Tls::StartTls,
            remember: true,
        }
    }
}

impl Form {
    /// The form of a saved profile, without its password.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        Self {
            jid: profile.jid.to_string(),
            name: profile.name.clone(),
            host: profile.host.clone().unwrap_or_default(),
            port: profile.port.map(|port| port.to_string()).unwrap_or_default(),
            ca_file: profile.ca_file.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
            broker: profile.broker.as_ref().map(BareJid::to_string).unwrap_or_default(),
            resource: profile.resource.clone(),
            tls: profile.tls,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn get(&self, field: Field) -> &str {
        match field {
            Field::Jid => &self.jid,
            Field::Password => "",
            Field::Name => &self.name,
            Field::Host => &self.host,
            Field::Port => &self.port,
            Field::CaFile => &self.ca_file,
            Field::Broker => &self.broker,
        }
    }

    /// Sets a text field; the password has its own way in.
    pub fn set(&mut self, field: Field, text: String) {
        match field {
            Field::Jid => self.jid = text,
            Field::Password => {}
            Field::Name => self.name = text,
            Field::Host => self.host = text,
            Field::Port => self.port = text,
            Field::CaFile => self.ca_file = text,
            Field::Broker => self.broker = text,
        }
    }

    /// The profile as typed; a name left open is the address.
    ///
    /// # Errors
    /// Every field that cannot be as it is.
    pub fn check(&self) -> Result<Profile, Vec<Problem>> {
        let mut problems = Vec::new();
        let jid = self.jid.trim().parse::<BareJid>().ok().filter(|jid| jid.local().is_some());
        if jid.is_none() {
            problems.push(Problem { field: Field::Jid, key: "connect-problem-jid" });
        }
        if self.password.is_empty() {
            problems.push(Problem { field: Field::Password, key: "connect-problem-password" });
        }
        let port = optional(&self.port).map(|text| text.parse::<u16>().ok().filter(|port| *port != 0));
        if port == Some(None) {
            problems.push(Problem { field: Field::Port, key: "connect-problem-port" });
        }
        let broker = optional(&self.broker).map(|text| text.parse::<BareJid>().ok());
        if broker == Some(None) {
            problems.push(Problem { field: Field::Broker, key: "connect-problem-broker" });
        }
        if optional(&self.host).is_some_and(|host| host.contains(|c: char| c.is_whitespace() || c == '/' || c == '@')) {
            problems.push(Problem { field: Field::Host, key: "connect-problem-host" });
        }
        let name = optional(&self.name).map(str::to_owned).or_else(|| jid.as_ref().map(BareJid::to_string));
        if name.as_deref().is_some_and(|name| !Profile::valid_name(name)) {
            problems.push(Problem { field: Field::Name, key: "connect-problem-name" });
        }
        match (name, jid) {
            (Some(name), Some(jid)) if problems.is_empty() => Ok(Profile {
                host: optional(&self.host).map(str::to_owned),
                port: port.flatten(),
                tls: self.tls,
                ca_file: optional(&self.ca_file).map(PathBuf::from),
                broker: broker.flatten(),
                resource: self.resource.clone(),
                ..Profile::new(name, jid)
            }),
            _ => Err(problems),
        }
    }
}

fn optional(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(jid: &str, password: &str) -> Form {
        Form { jid: jid.to_owned(), password: Secret::new(password.to_owned()), ..Form::default() }
    }

    #[test]
    fn address_and_password_are_enough() {
        let profile = form(" analyst@csirt.example ", "x").check().unwrap();
        assert_eq!(profile.name, "analyst@csirt.example");
        assert_eq!((profile.host, profile.port, profile.broker), (None, None, None));
    }

    #[test]
    fn every_bad_field_is_named_at_once() {
        let mut bad = form("csirt.example", "");
        for (field, text) in
            [(Field::Port, "0"), (Field::Broker, "a b"), (Field::Host, "https://x"), (Field::Name, "a/b")]
        {
            bad.set(field, text.to_owned());
        }
        let fields: Vec<Field> = bad.check().unwrap_err().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, [Field::Jid, Field::Password, Field::Port, Field::Broker, Field::Host, Field::Name]);
        assert!(form("a@b.example/phone", "x").check().is_err(), "a profile is a bare address");
    }

    #[test]
    fn a_saved_profile_survives_the_form() {
        let mut profile = Profile::new("ours", "a@b.example".parse().unwrap());
        profile.port = Some(5223);
        profile.tls = Tls::Direct;
        profile.ca_file = Some("/etc/ca.pem".into());
        profile.broker = Some("broker.b.example".parse().unwrap());
        profile.resource = Some("desk".to_owned());
        let form = Form { password: Secret::new("x".to_owned()), ..Form::of(&profile) };
        assert_eq!(form.check().unwrap(), profile);
    }
}
