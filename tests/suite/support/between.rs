//! A go-between that ends TLS on both sides, between a console and a real server: it sees stanzas where a wire
//! ([`super::proxy`]) sees bytes. It says nothing of its own; what a server does not do by itself it is asked for otherwise, so
//! that every answer, and every count of stream management, is the server's.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use gridwatch::engine::Login;
use gridwatch::model::Tls;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::server::{Account, Port, Server, console_at};
use super::wait;

/// What becomes of what the console says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// It goes on as these words.
    Instead(String),
    /// Neither it nor anything after it goes on, in this connection.
    Stop,
    /// It goes on, and nothing that the server says from then on comes back, in this connection.
    Deafen,
}

/// Judges each IQ that the console sends; `None` lets it pass.
type Rule = Box<dyn Fn(&str) -> Option<Act> + Send>;

struct State {
    rule: Rule,
    /// The last IQ that was stopped, or after which nothing came back.
    stopped: Option<String>,
}

/// The go-between. Connections end with it.
pub struct Between {
    port: u16,
    state: Arc<Mutex<State>>,
    _runtime: Runtime,
}

impl Between {
    pub fn start(server: &impl Server, domain: &'static str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State { rule: Box::new(|_| None), stopped: None }));
        let acceptor = server.authority().issue(&[domain], |_| {}).acceptor();
        let mut roots = RootCertStore::empty();
        roots.add(server.authority().der().to_vec().into()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let way = Way {
            target: server.port(Port::Direct),
            name: ServerName::try_from(domain).unwrap(),
            acceptor,
            connector: TlsConnector::from(Arc::new(config)),
            state: Arc::clone(&state),
        };
        let _accepting = runtime.spawn(async move {
            while let Ok((console, _)) = listener.accept().await {
                let _detached = tokio::spawn(way.clone().carry(console));
            }
        });
        Self { port, state, _runtime: runtime }
    }

    /// How a console logs in through it.
    pub fn console(&self, server: &impl Server, account: &Account) -> Login {
        console_at(self.port, server.ca_file(), account, Tls::Direct)
    }

    pub fn rule(&self, rule: impl Fn(&str) -> Option<Act> + Send + 'static) {
        let mut state = self.state.lock().unwrap();
        (state.rule, state.stopped) = (Box::new(rule), None);
    }

    /// Waits until the rule stopped something; gives it.
    pub fn until_stopped(&self) -> String {
        wait::until("the go-between to stop something", || self.state.lock().unwrap().stopped.clone())
    }
}

#[derive(Clone)]
struct Way {
    target: u16,
    name: ServerName<'static>,
    acceptor: TlsAcceptor,
    connector: TlsConnector,
    state: Arc<Mutex<State>>,
}

impl Way {
    async fn carry(self, console: TcpStream) -> Option<()> {
        let console = self.acceptor.accept(console).await.ok()?;
        let server = TcpStream::connect((Ipv4Addr::LOCALHOST, self.target)).await.ok()?;
        let server = self.connector.connect(self.name.clone(), server).await.ok()?;
        let (mut from_console, mut to_console) = tokio::io::split(console);
        let (mut from_server, mut to_server) = tokio::io::split(server);
        let (deafen, deaf) = watch::channel(false);
        let up = async {
            let (mut held, mut bytes) = (Vec::new(), vec![0; 16 * 1024]);
            while let Some(read) = from_console.read(&mut bytes).await.ok().filter(|read| *read > 0) {
                held.extend_from_slice(&bytes[..read]);
                let (passed, acts) = self.judge(&mut held);
                if acts.contains(&Act::Deafen) {
                    let _ = deafen.send(true);
                }
                to_server.write_all(&passed).await.ok()?;
                to_server.flush().await.ok()?;
                if acts.contains(&Act::Stop) {
                    // The connection stands until the server's end.
                    std::future::pending::<()>().await;
                }
            }
            Some(())
        };
        let down = async {
            let mut bytes = vec![0; 16 * 1024];
            while let Some(read) = from_server.read(&mut bytes).await.ok().filter(|read| *read > 0) {
                if !*deaf.borrow() {
                    to_console.write_all(&bytes[..read]).await.ok()?;
                    to_console.flush().await.ok()?;
                }
            }
            Some(())
        };
        tokio::select! {
            _ = up => {}
            _ = down => {}
        }
        Some(())
    }

    /// Takes whole IQs out of what is held, and gives what goes on, with what was done on the way. An IQ that has only begun is
    /// held back.
    fn judge(&self, held: &mut Vec<u8>) -> (Vec<u8>, Vec<Act>) {
        let (mut passed, mut acts) = (Vec::new(), Vec::new());
        let mut state = self.state.lock().unwrap();
        while let Some(begin) = find(held, b"<iq ") {
            passed.extend(held.drain(..begin));
            let head = find(held, b">").map(|end| end + 1);
            let end = match head {
                // Empty: nothing to judge.
                Some(end) if held[..end].ends_with(b"/>") => Some(end),
                Some(_) => find(held, b"</iq>").map(|end| end + "</iq>".len()),
                None => None,
            };
            let Some(end) = end else { return (passed, acts) };
            let iq: Vec<u8> = held.drain(..end).collect();
            let text = String::from_utf8_lossy(&iq).into_owned();
            match (state.rule)(&text) {
                None => passed.extend(iq),
                Some(Act::Instead(other)) => passed.extend(other.into_bytes()),
                Some(Act::Deafen) => {
                    state.stopped = Some(text);
                    passed.extend(iq);
                    acts.push(Act::Deafen);
                }
                Some(Act::Stop) => {
                    state.stopped = Some(text);
                    acts.push(Act::Stop);
                    held.clear();
                    return (passed, acts);
                }
            }
        }
        passed.append(held);
        (passed, acts)
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
