//! A real ejabberd of the test's own: fresh directory, free ports on loopback, certificates of the tests' authority.
//! Started without a node name, so without epmd; the whole process group ends with the test, by a panic too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::child::Guard;
use super::pki::Authority;
use super::server::{Account, Port, Server, answers, free_port};
use super::{tools, wait};

/// A running server for the domain `localhost` with its broker at `pubsub.localhost`.
pub struct Ejabberd {
    dir: tempfile::TempDir,
    starttls: u16,
    direct: u16,
    _process: Guard,
}

impl Ejabberd {
    pub const DOMAIN: &str = "localhost";
    pub const BROKER: &str = super::peer::BROKER;

    pub fn start() -> Self {
        let erl = tools::need("erl", "ejabberd");
        let libs = libraries();
        // A port found free may be taken before the server has it.
        for _ in 0..3 {
            if let Some(server) = Self::attempt(&erl, &libs) {
                return server;
            }
        }
        panic!("ejabberd did not start three times over");
    }

    fn attempt(erl: &Path, libs: &Path) -> Option<Self> {
        let dir = tempfile::Builder::new().prefix("gridwatch-ejabberd-").tempdir().unwrap();
        let (starttls, direct) = (free_port(), free_port());
        let at = dir.path().display().to_string();
        let authority = Authority::new("authority of the test");
        let identity = authority.issue(&[Self::DOMAIN, Self::BROKER], |_| {});
        fs::write(dir.path().join("ca.pem"), authority.pem()).unwrap();
        fs::write(dir.path().join("server.pem"), identity.pem()).unwrap();
        fs::write(dir.path().join("ejabberd.yml"), configuration(&at, starttls, direct)).unwrap();
        let log = fs::File::create(dir.path().join("out.log")).unwrap();
        let mut command = Command::new(erl);
        let _ = command
            .args(["-mnesia", "dir", &format!("\"{at}/spool\""), "-s", "ejabberd", "-noshell", "-noinput"])
            .env("EJABBERD_CONFIG_PATH", dir.path().join("ejabberd.yml"))
            .env("EJABBERD_LOG_PATH", dir.path().join("ejabberd.log"))
            .env("ERL_LIBS", libs)
            .env("ERL_CRASH_DUMP", dir.path().join("crash.dump"))
            .env("HOME", dir.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        let mut process = Guard::group(&mut command);
        let up = wait::until("ejabberd to answer", || {
            let ended = process.child.try_wait().unwrap().is_some();
            if ended { Some(false) } else { answers(starttls, Self::DOMAIN).then_some(true) }
        });
        if !up {
            println!("ejabberd ended:\n{}", fs::read_to_string(dir.path().join("out.log")).unwrap_or_default());
        }
        up.then_some(Self { dir, starttls, direct, _process: process })
    }

    pub fn account(name: &str) -> Account {
        Account::new(name, Self::DOMAIN)
    }
}

impl Server for Ejabberd {
    fn port(&self, port: Port) -> u16 {
        match port {
            Port::StartTls => self.starttls,
            Port::Direct => self.direct,
        }
    }

    fn ca_file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }
}

/// Where Debian keeps ejabberd's code: a directory of the machine's architecture.
fn libraries() -> PathBuf {
    let here = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path()).find(|dir| {
        fs::read_dir(dir).into_iter().flatten().flatten().any(|entry| {
            entry.file_name().to_string_lossy().starts_with("ejabberd-") && entry.path().join("ebin").is_dir()
        })
    });
    here.unwrap_or_else(|| panic!("this test needs ejabberd: apt-get install ejabberd (tests/setup does it)"))
}

fn configuration(dir: &str, starttls: u16, direct: u16) -> String {
    format!(
        r#"registration_timeout: infinity
hosts: [localhost]
certfiles: ["{dir}/server.pem"]
listen:
  - {{port: {starttls}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: true, starttls_required: true, max_stanza_size: 1048576}}
  - {{port: {direct}, ip: "127.0.0.1", module: ejabberd_c2s, tls: true, max_stanza_size: 1048576}}
auth_password_format: scram
auth_scram_hash: sha256
access_rules: {{register: {{allow: all}}, local: {{allow: all}}, c2s: {{allow: all}}, pubsub_createnode: {{allow: all}}}}
modules:
  mod_adhoc: {{}}
  mod_caps: {{}}
  mod_disco: {{}}
  mod_offline: {{}}
  mod_ping: {{}}
  mod_roster: {{}}
  mod_stream_mgmt: {{}}
  mod_register: {{ip_access: all}}
  mod_pubsub: {{access_createnode: pubsub_createnode, last_item_cache: false, max_items_node: 100000, plugins: [flat], default_node_config: {{max_items: 1000}}}}
"#
    )
}
