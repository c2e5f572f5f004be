//! A real ejabberd of the test's own: fresh directory, free ports on loopback, certificates of the tests' authority.
//! Started without a node name, so without epmd; the whole process group ends with the test, by a panic too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::child::Guard;
use super::pki::Authority;
use super::server::{Account, Port, Server, answers, free_port};
use super::{tools, wait};

/// A running server for the domain `localhost` with its broker at `pubsub.localhost`.
pub struct Ejabberd {
    dir: tempfile::TempDir,
    starttls: u16,
    direct: u16,
    /// Where a whole domain logs in.
    crowd: Option<u16>,
    authority: Authority,
    /// `None` while it is down.
    process: Option<Guard>,
}

/// Errors of its log that a failed test shows, and lines of each.
const LOGGED: usize = 12;

/// What a server remembers when it is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    All,
    /// Accounts, topics, what is stored: all is gone.
    Nothing,
}

/// Where it keeps topics and items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// Its own database, which is the default. Killed, it may keep an item of a full topic for ever, since it forgot to
    /// count it, and so show an old item where newer ones were pushed out.
    Mnesia,
    /// A database that is what it was when it is killed. Accounts are in its own all the same, and of those it loses the last
    /// seconds': who makes some and kills it has it end in order between.
    Sqlite,
}

impl Ejabberd {
    pub const DOMAIN: &str = "localhost";
    pub const BROKER: &str = super::peer::BROKER;

    /// A domain of which everybody is one process (XEP-0114), and its secret.
    pub const CROWD: &str = "crowd.localhost";
    pub const SECRET: &str = "crowded";

    /// Topics whose names begin so are open to everybody, whatever is wished.
    pub const OPEN: &str = "for-everybody";

    pub fn start() -> Self {
        Self::start_with("", Keeper::Mnesia)
    }

    /// Starts it with a port where [`Self::CROWD`] may log in.
    pub fn crowded() -> Self {
        Self::tried(|| Self::attempt("", Keeper::Mnesia, Some(free_port())))
    }

    /// Starts it with these options of its stream management (`mod_stream_mgmt`), keeping its topics in `keeper`.
    pub fn start_with(management: &str, keeper: Keeper) -> Self {
        Self::tried(|| Self::attempt(management, keeper, None))
    }

    fn tried(attempt: impl Fn() -> Option<Self>) -> Self {
        // A port found free may be taken before the server has it.
        for _ in 0..3 {
            if let Some(server) = attempt() {
                return server;
            }
        }
        panic!("ejabberd did not start three times over");
    }

    fn attempt(management: &str, keeper: Keeper, crowd: Option<u16>) -> Option<Self> {
        let dir = tempfile::Builder::new().prefix("gridwatch-ejabberd-").tempdir().unwrap();
        let (starttls, direct) = (free_port(), free_port());
        let at = dir.path().display().to_string();
        let authority = Authority::new("authority of the test");
        let identity = authority.issue(&[Self::DOMAIN, Self::BROKER], |_| {});
        fs::write(dir.path().join("ca.pem"), authority.pem()).unwrap();
        fs::write(dir.path().join("server.pem"), identity.pem()).unwrap();
        let ports = (starttls, direct, crowd);
        fs::write(dir.path().join("ejabberd.yml"), configuration(&at, ports, management, keeper)).unwrap();
        fs::create_dir(dir.path().join("spool")).unwrap();
        let process = Some(run(dir.path(), starttls)?);
        Some(Self { dir, starttls, direct, crowd, authority, process })
    }

    pub fn account(name: &str) -> Account {
        Account::new(name, Self::DOMAIN)
    }

    pub fn crowd(&self) -> u16 {
        self.crowd.unwrap()
    }

    /// Ends it in order: what it has to write is written.
    pub fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let _ = Command::new("kill").arg(process.child.id().to_string()).status().unwrap();
        let _ = process.exit(wait::PATIENCE);
    }

    /// Ends it in the middle of whatever it does.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again at the same ports.
    pub fn again(&mut self, keeps: Keeps) {
        if keeps == Keeps::Nothing {
            let spool = self.dir.path().join("spool");
            fs::remove_dir_all(&spool).unwrap();
            fs::create_dir(&spool).unwrap();
        }
        for _ in 0..5 {
            if let Some(process) = run(self.dir.path(), self.starttls) {
                self.process = Some(process);
                return;
            }
        }
        panic!("ejabberd did not start again");
    }
}

/// A failed test shows what its server complained of.
impl Drop for Ejabberd {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read(self.dir.path().join("ejabberd.log")).unwrap_or_else(|error| error.to_string().into());
            let log = String::from_utf8_lossy(&log);
            let lines: Vec<_> = log.lines().collect();
            let is_one =
                |line: &&str| [" [error] ", " [critical] ", " [emergency] "].iter().any(|mark| line.contains(mark));
            let complaints: Vec<_> = (0..lines.len()).filter(|at| is_one(&lines[*at])).collect();
            println!("ejabberd.log, {} lines, {} complaints, the last:", lines.len(), complaints.len());
            for at in complaints.iter().rev().take(LOGGED).rev() {
                // What follows is of it until the next line with a time of its own.
                let more = lines[at + 1..].iter().take_while(|line| !line.starts_with("20"));
                println!("{}\n{}", lines[*at], more.take(LOGGED).copied().collect::<Vec<_>>().join("\n"));
            }
        }
    }
}

/// Runs it until it answers; `None` when it ended instead.
fn run(dir: &Path, starttls: u16) -> Option<Guard> {
    let at = dir.display();
    let log = fs::File::create(dir.join("out.log")).unwrap();
    let mut command = Command::new(tools::need("erl", "ejabberd"));
    let _ = command
        .args(["-mnesia", "dir", &format!("\"{at}/spool\""), "-s", "ejabberd", "-noshell", "-noinput"])
        .env("EJABBERD_CONFIG_PATH", dir.join("ejabberd.yml"))
        .env("EJABBERD_LOG_PATH", dir.join("ejabberd.log"))
        .env("ERL_LIBS", libraries())
        .env("ERL_CRASH_DUMP", dir.join("crash.dump"))
        .env("HOME", dir)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log);
    let mut process = Guard::group(&mut command);
    // Now and then one hangs while it starts: it is started anew by who asked for it. Beside others that work it takes long.
    let end = Instant::now() + wait::PATIENCE;
    let up = loop {
        if process.child.try_wait().unwrap().is_some() || Instant::now() > end {
            break false;
        }
        if answers(starttls, Ejabberd::DOMAIN) {
            break true;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    if !up {
        for name in ["out.log", "ejabberd.log"] {
            println!("ejabberd did not start: {name}:\n{}", fs::read_to_string(dir.join(name)).unwrap_or_default());
        }
    }
    up.then_some(process)
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

    fn authority(&self) -> &Authority {
        &self.authority
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

type Ports = (u16, u16, Option<u16>);

fn configuration(dir: &str, (starttls, direct, crowd): Ports, management: &str, keeper: Keeper) -> String {
    let crowd = crowd.map_or_else(String::new, |port| {
        let (domain, secret) = (Ejabberd::CROWD, Ejabberd::SECRET);
        let hosts = format!("{{\"{domain}\": {{password: \"{secret}\"}}}}");
        format!("\n  - {{port: {port}, ip: \"127.0.0.1\", module: ejabberd_service, hosts: {hosts}}}")
    });
    let forced = Ejabberd::OPEN;
    let (sql, kind, asks) = match keeper {
        Keeper::Mnesia => (String::new(), "mnesia", ""),
        Keeper::Sqlite => (
            format!("sql_type: sqlite\nsql_database: \"{dir}/spool/ejabberd.db\"\n"),
            "sql",
            // It opens its database at the first question, and answers what others ask in that moment with an internal server
            // error: the provider's question, and the consoles', whose gaps are then not those that a test can reckon. This
            // module asks while the server starts.
            "\n  mod_bosh: {ram_db_type: sql}",
        ),
    };
    format!(
        r#"registration_timeout: infinity
hosts: [localhost]
{sql}certfiles: ["{dir}/server.pem"]
listen:
  - {{port: {starttls}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: true, starttls_required: true, max_stanza_size: 1048576, tls_verify: true, cafile: "{dir}/ca.pem"}}
  - {{port: {direct}, ip: "127.0.0.1", module: ejabberd_c2s, tls: true, max_stanza_size: 1048576, tls_verify: true, cafile: "{dir}/ca.pem"}}{crowd}
auth_password_format: scram
auth_scram_hash: sha256
access_rules: {{register: {{allow: all}}, local: {{allow: all}}, c2s: {{allow: all}}, pubsub_createnode: {{allow: all}}}}
modules:{asks}
  mod_adhoc: {{}}
  mod_caps: {{}}
  mod_disco: {{}}
  mod_offline: {{}}
  mod_ping: {{}}
  mod_roster: {{}}
  mod_stream_mgmt: {{{management}}}
  mod_register: {{ip_access: all}}
  mod_pubsub: {{db_type: {kind}, access_createnode: pubsub_createnode, last_item_cache: false, max_items_node: 100000, plugins: [flat], force_node_config: {{"{forced}*": {{access_model: open}}}}, default_node_config: {{max_items: 1000}}}}
"#
    )
}
