//! The form's fields and what they must hold before anything is tried.

use std::path::PathBuf;

use crate::engine::Keys;
use crate::model::{BareJid, Proxy, ProxyKind, Revocation, Tls};
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
    Broker,
    ProxyHost,
    ProxyPort,
    ProxyUser,
    ProxyPassword,
    CaFile,
    Crls,
    Certificate,
    Passphrase,
}

/// What stands between the paths of several files.
const BETWEEN: char = ';';

impl Field {
    /// The catalog key of its label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Jid => "connect-jid",
            Self::Password => "connect-password",
            Self::Name => "connect-name",
            Self::Host => "connect-host",
            Self::Port | Self::ProxyPort => "connect-port",
            Self::Broker => "connect-broker",
            Self::ProxyHost => "connect-host",
            Self::ProxyUser => "connect-proxy-user",
            Self::ProxyPassword => "connect-password",
            Self::CaFile => "connect-ca-file",
            Self::Crls => "connect-crls",
            Self::Certificate => "connect-certificate-file",
            Self::Passphrase => "connect-passphrase",
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
            Self::Broker => "connect.broker",
            Self::ProxyHost => "connect.proxy-host",
            Self::ProxyPort => "connect.proxy-port",
            Self::ProxyUser => "connect.proxy-user",
            Self::ProxyPassword => "connect.proxy-password",
            Self::CaFile => "connect.ca",
            Self::Crls => "connect.crls",
            Self::Certificate => "connect.certificate",
            Self::Passphrase => "connect.passphrase",
        }
    }

    /// Whether it stands among those most people never need.
    #[must_use]
    pub fn is_seldom(self) -> bool {
        !matches!(self, Self::Jid | Self::Password)
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
#[derive(Clone, Debug, Default)]
pub struct Form {
    jid: String,
    name: String,
    host: String,
    port: String,
    broker: String,
    proxy_host: String,
    proxy_port: String,
    proxy_user: String,
    ca_file: String,
    crls: String,
    certificate: String,
    resource: Option<String>,
    pub keys: Typed,
    pub tls: Tls,
    /// `None`: straight to the controller.
    pub proxy: Option<ProxyKind>,
    /// The computer's authorities beside those of the file.
    pub platform_roots: bool,
    pub revocation: Revocation,
    pub fetch_crls: bool,
    /// The secrets are for this run only.
    pub forgets: bool,
}

/// The secrets as typed.
#[derive(Clone, Debug)]
pub struct Typed {
    pub password: Secret,
    pub passphrase: Secret,
    pub proxy: Secret,
}

impl Default for Typed {
    fn default() -> Self {
        let none = || Secret::new(String::new());
        Self { password: none(), passphrase: none(), proxy: none() }
    }
}

impl Typed {
    /// The one a field shows.
    #[must_use]
    pub fn get(&self, field: Field) -> &Secret {
        match field {
            Field::Passphrase => &self.passphrase,
            Field::ProxyPassword => &self.proxy,
            _ => &self.password,
        }
    }

    /// The one a field changes; `None` for a field without a secret.
    pub fn of(&mut self, field: Field) -> Option<&mut Secret> {
        match field {
            Field::Password => Some(&mut self.password),
            Field::Passphrase => Some(&mut self.passphrase),
            Field::ProxyPassword => Some(&mut self.proxy),
            _ => None,
        }
    }
}

impl Form {
    /// The form of a saved profile, without its secrets.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        let path = |path: &PathBuf| path.display().to_string();
        let proxy = profile.proxy.as_ref();
        Self {
            jid: profile.jid.to_string(),
            name: profile.name.clone(),
            host: profile.host.clone().unwrap_or_default(),
            port: profile.port.map(|port| port.to_string()).unwrap_or_default(),
            broker: profile.broker.as_ref().map(BareJid::to_string).unwrap_or_default(),
            proxy_host: proxy.map(|proxy| proxy.host.clone()).unwrap_or_default(),
            proxy_port: proxy.map(|proxy| proxy.port.to_string()).unwrap_or_default(),
            proxy_user: proxy.and_then(|proxy| proxy.user.clone()).unwrap_or_default(),
            ca_file: profile.ca_file.as_ref().map(path).unwrap_or_default(),
            crls: profile.crls.iter().map(path).collect::<Vec<_>>().join("; "),
            certificate: profile.certificate.as_ref().map(path).unwrap_or_default(),
            resource: profile.resource.clone(),
            tls: profile.tls,
            proxy: proxy.map(|proxy| proxy.kind),
            platform_roots: profile.platform_roots,
            revocation: profile.revocation,
            fetch_crls: profile.fetch_crls,
            ..Self::default()
        }
    }

    /// Whether it holds anything that is not in sight at first.
    #[must_use]
    pub fn is_seldom(&self) -> bool {
        let texts = [&self.host, &self.port, &self.broker, &self.ca_file, &self.crls, &self.certificate];
        texts.into_iter().any(|text| !text.trim().is_empty())
            || self.tls != Tls::default()
            || self.proxy.is_some()
            || self.revocation != Revocation::default()
            || self.fetch_crls
    }

    #[must_use]
    pub fn get(&self, field: Field) -> &str {
        match field {
            Field::Jid => &self.jid,
            Field::Name => &self.name,
            Field::Host => &self.host,
            Field::Port => &self.port,
            Field::Broker => &self.broker,
            Field::ProxyHost => &self.proxy_host,
            Field::ProxyPort => &self.proxy_port,
            Field::ProxyUser => &self.proxy_user,
            Field::CaFile => &self.ca_file,
            Field::Crls => &self.crls,
            Field::Certificate => &self.certificate,
            Field::Password | Field::Passphrase | Field::ProxyPassword => "",
        }
    }

    /// Sets a text field; secrets have their own way in.
    pub fn set(&mut self, field: Field, text: String) {
        match field {
            Field::Jid => self.jid = text,
            Field::Name => self.name = text,
            Field::Host => self.host = text,
            Field::Port => self.port = text,
            Field::Broker => self.broker = text,
            Field::ProxyHost => self.proxy_host = text,
            Field::ProxyPort => self.proxy_port = text,
            Field::ProxyUser => self.proxy_user = text,
            Field::CaFile => self.ca_file = text,
            Field::Crls => self.crls = text,
            Field::Certificate => self.certificate = text,
            Field::Password | Field::Passphrase | Field::ProxyPassword => {}
        }
    }

    /// A chosen file: one more where there can be several, else in place of the one there was.
    pub fn picked(&mut self, field: Field, path: &std::path::Path) {
        let path = path.display().to_string();
        match optional(&self.crls) {
            Some(before) if field == Field::Crls => self.crls = format!("{before}{BETWEEN} {path}"),
            _ => self.set(field, path),
        }
    }

    /// The secrets, those there are.
    #[must_use]
    pub fn keys(&self) -> Keys {
        let some = |secret: &Secret| Some(secret.clone()).filter(|secret| !secret.is_empty());
        Keys {
            password: some(&self.keys.password),
            passphrase: some(&self.keys.passphrase).filter(|_| optional(&self.certificate).is_some()),
            proxy: some(&self.keys.proxy).filter(|_| self.proxy.is_some() && optional(&self.proxy_user).is_some()),
        }
    }

    /// The profile as typed; a name left open is the address.
    ///
    /// # Errors
    /// Every field that cannot be as it is.
    pub fn check(&self) -> Result<Profile, Vec<Problem>> {
        let mut problems = Problems::default();
        let jid = self.jid.trim().parse::<BareJid>().ok().filter(|jid| jid.local().is_some());
        problems.note(jid.is_none(), Field::Jid, "connect-problem-jid");
        let certificate = optional(&self.certificate).map(PathBuf::from);
        let nothing = self.keys.password.is_empty() && certificate.is_none();
        problems.note(nothing, Field::Password, "connect-problem-password");
        let port = optional(&self.port).map(port_of);
        problems.note(port == Some(None), Field::Port, "connect-problem-port");
        let broker = optional(&self.broker).map(|text| text.parse::<BareJid>().ok());
        problems.note(broker == Some(None), Field::Broker, "connect-problem-broker");
        problems.note(optional(&self.host).is_some_and(no_host), Field::Host, "connect-problem-host");
        let name = optional(&self.name).map(str::to_owned).or_else(|| jid.as_ref().map(BareJid::to_string));
        let bad = name.as_deref().is_some_and(|name| !Profile::valid_name(name));
        problems.note(bad, Field::Name, "connect-problem-name");
        let proxy = self.proxy(&mut problems);
        let crls: Vec<PathBuf> = self.crls.split(BETWEEN).filter_map(optional).map(PathBuf::from).collect();
        let none = self.revocation == Revocation::Require && crls.is_empty() && !self.fetch_crls;
        problems.note(none, Field::Crls, "connect-problem-crls");
        let ca_file = optional(&self.ca_file).map(PathBuf::from);
        match (name, jid) {
            (Some(name), Some(jid)) if problems.0.is_empty() => Ok(Profile {
                host: optional(&self.host).map(str::to_owned),
                port: port.flatten(),
                tls: self.tls,
                platform_roots: self.platform_roots && ca_file.is_some(),
                ca_file,
                revocation: self.revocation,
                crls,
                fetch_crls: self.fetch_crls,
                certificate,
                proxy,
                broker: broker.flatten(),
                resource: self.resource.clone(),
                ..Profile::new(name, jid)
            }),
            _ => Err(problems.0),
        }
    }

    fn proxy(&self, problems: &mut Problems) -> Option<Proxy> {
        let kind = self.proxy?;
        let host = optional(&self.proxy_host);
        problems.note(host.is_none_or(no_host), Field::ProxyHost, "connect-problem-host");
        let port = optional(&self.proxy_port).and_then(port_of);
        problems.note(port.is_none(), Field::ProxyPort, "connect-problem-port");
        let user = optional(&self.proxy_user).map(str::to_owned);
        Some(Proxy { kind, host: host?.to_owned(), port: port?, user })
    }
}

#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn note(&mut self, wrong: bool, field: Field, key: &'static str) {
        if wrong {
            self.0.push(Problem { field, key });
        }
    }
}

fn no_host(text: &str) -> bool {
    text.contains(|c: char| c.is_whitespace() || c == '/' || c == '@')
}

fn port_of(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}

fn optional(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(jid: &str, password: &str) -> Form {
        Form { jid: jid.to_owned(), keys: typed(password), ..Form::default() }
    }

    fn typed(password: &str) -> Typed {
        Typed { password: Secret::new(password.to_owned()), ..Typed::default() }
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
        let bare = Form { keys: typed("x"), ..Form::of(&profile) };
        assert!(!bare.is_seldom());
        assert_eq!(bare.check().unwrap(), profile);
        profile.host = Some("xmpp.b.example".to_owned());
        profile.port = Some(5223);
        profile.tls = Tls::Direct;
        profile.ca_file = Some("/etc/ca.pem".into());
        profile.platform_roots = true;
        profile.revocation = Revocation::Require;
        profile.crls = vec!["/etc/a.crl".into(), "/etc/my lists/b.crl".into()];
        profile.fetch_crls = true;
        profile.certificate = Some("/home/a/a.p12".into());
        let (kind, host, user) = (ProxyKind::Socks5, "proxy.example".to_owned(), Some("desk".to_owned()));
        profile.proxy = Some(Proxy { kind, host, port: 1080, user });
        profile.broker = Some("broker.b.example".parse().unwrap());
        profile.resource = Some("desk".to_owned());
        let form = Form { keys: typed("x"), ..Form::of(&profile) };
        assert!(form.is_seldom());
        assert_eq!(form.check().unwrap(), profile);
    }

    #[test]
    fn a_certificate_does_without_a_password_and_required_lists_need_a_source() {
        let mut form = form("a@b.example", "");
        form.set(Field::Certificate, "/home/a/a.p12".to_owned());
        form.keys.passphrase = Secret::new("p".to_owned());
        form.keys.proxy = Secret::new("of no proxy".to_owned());
        assert!(form.check().is_ok());
        let keys = form.keys();
        assert!(keys.password.is_none() && keys.passphrase.is_some() && keys.proxy.is_none());
        form.revocation = Revocation::Require;
        let fields = |form: &Form| form.check().unwrap_err().iter().map(|problem| problem.field).collect::<Vec<_>>();
        assert_eq!(fields(&form), [Field::Crls]);
        form.picked(Field::Crls, "/a.crl".as_ref());
        form.picked(Field::Crls, "/b.crl".as_ref());
        assert_eq!(form.check().unwrap().crls, [PathBuf::from("/a.crl"), PathBuf::from("/b.crl")]);
        form.proxy = Some(ProxyKind::HttpConnect);
        assert_eq!(fields(&form), [Field::ProxyHost, Field::ProxyPort]);
    }
}
