//! A real Prosody of the test's own: fresh directory, free ports on loopback, certificates of the tests' authority. A
//! broker that differs from ejabberd in nearly every liberty XEP-0060 leaves (`engine.md` §4).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::child::Guard;
use super::pki::Authority;
use super::server::{Account, Port, Server, answers, free_port};
use super::{tools, wait};

/// A running server: accounts with passwords at `localhost`, with client certificates at `cert.localhost`, the broker
/// at `pubsub.localhost`, where only the owner may make topics.
pub struct Prosody {
    dir: tempfile::TempDir,
    starttls: u16,
    direct: u16,
    authority: Authority,
    _process: Guard,
}

impl Prosody {
    pub const DOMAIN: &str = "localhost";
    pub const CERTIFIED: &str = "cert.localhost";
    pub const BROKER: &str = super::peer::BROKER;

    pub fn start() -> Self {
        let prosody = tools::need("prosody", "prosody");
        let ccert = Path::new("/usr/lib/prosody/modules/mod_auth_ccert");
        assert!(
            ccert.exists(),
            "this test needs mod_auth_ccert: apt-get install prosody-modules (tests/setup does it)"
        );
        // A port found free may be taken before the server has it.
        for _ in 0..3 {
            if let Some(server) = Self::attempt(&prosody) {
                return server;
            }
        }
        panic!("prosody did not start three times over");
    }

    fn attempt(prosody: &Path) -> Option<Self> {
        let dir = tempfile::Builder::new().prefix("gridwatch-prosody-").tempdir().unwrap();
        let (starttls, direct) = (free_port(), free_port());
        let authority = Authority::new("authority of the test");
        let identity = authority.issue(&[Self::DOMAIN, Self::CERTIFIED, Self::BROKER], |_| {});
        fs::write(dir.path().join("ca.pem"), authority.pem()).unwrap();
        fs::write(dir.path().join("server.pem"), identity.pem()).unwrap();
        fs::create_dir(dir.path().join("data")).unwrap();
        let config = dir.path().join("prosody.cfg.lua");
        fs::write(&config, configuration(&dir.path().display().to_string(), starttls, direct)).unwrap();
        let log = fs::File::create(dir.path().join("out.log")).unwrap();
        let mut command = Command::new(prosody);
        let _ = command.arg("-F").arg("--config").arg(&config).env("HOME", dir.path()).current_dir(dir.path());
        let _ = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut process = Guard::group(&mut command);
        let up = wait::until("prosody to answer", || {
            let ended = process.child.try_wait().unwrap().is_some();
            if ended { Some(false) } else { answers(starttls, Self::DOMAIN).then_some(true) }
        });
        if !up {
            println!("prosody ended:\n{}", fs::read_to_string(dir.path().join("out.log")).unwrap_or_default());
        }
        up.then_some(Self { dir, starttls, direct, authority, _process: process })
    }

    /// Who may make topics: an administrator of the broker.
    pub fn owner() -> Account {
        Self::account("owner")
    }

    pub fn account(name: &str) -> Account {
        Account::new(name, Self::DOMAIN)
    }
}

impl Server for Prosody {
    fn port(&self, port: Port) -> u16 {
        match port {
            Port::StartTls => self.starttls,
            Port::Direct => self.direct,
        }
    }

    fn ca_file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    fn authority(&self) -> &Authority {
        &self.authority
    }
}

fn configuration(dir: &str, starttls: u16, direct: u16) -> String {
    let tls = format!(r#"certificate = "{dir}/server.pem"; key = "{dir}/server.pem"; cafile = "{dir}/ca.pem""#);
    format!(
        r#"run_as_root = true
pidfile = "{dir}/prosody.pid"
data_path = "{dir}/data"
certificates = "{dir}"
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {starttls} }}
c2s_direct_tls_ports = {{ {direct} }}
c2s_direct_tls_ssl = {{ {tls} }}
c2s_require_encryption = true
modules_enabled = {{ "saslauth", "tls", "disco", "roster", "smacks", "offline", "ping", "register_ibr", "posix" }}
modules_disabled = {{ "s2s", "http" }}
allow_registration = true
authentication = "internal_hashed"
password_hash = "SHA-256"
log = {{ debug = "*stdout" }}
ssl = {{ {tls} }}
VirtualHost "{domain}"
VirtualHost "{certified}"
    authentication = "ccert"
    ssl = {{ {tls}; verify = {{ "peer" }} }}
Component "{broker}" "pubsub"
    admins = {{ "{owner}" }}
    expose_publisher = true
    pubsub_max_items = 1000
"#,
        domain = Prosody::DOMAIN,
        certified = Prosody::CERTIFIED,
        broker = Prosody::BROKER,
        owner = Prosody::owner().jid,
    )
}
