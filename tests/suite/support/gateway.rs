//! Proxies of the tests' own on loopback: SOCKS5 and HTTP CONNECT, honest and otherwise. They keep what they were asked.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gridwatch::model::{Proxy, ProxyKind};
use gridwatch::secrets::Secret;
use gridwatch::xmpp::dial::{Names, Through, Way};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

pub const USER: &str = "desk";
pub const PASSWORD: &str = "battery staple";

/// What it does.
#[derive(Clone, Debug)]
pub enum Manner {
    /// Leads to the hosts it knows, by name.
    Honest,
    /// The same for those who log in.
    WithLogin,
    /// Answers the request with these bytes, then hangs up.
    Answers(Vec<u8>),
    /// Answers whatever comes first with these bytes, then hangs up.
    Greets(Vec<u8>),
    /// Leads on (HTTP), and slips in bytes before anybody spoke.
    Injects,
    /// Takes the connection and says nothing.
    Silent,
}

/// A proxy; it ends with the runtime of its test.
pub struct Gateway {
    pub address: SocketAddr,
    kind: ProxyKind,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Gateway {
    /// `hosts` is what it takes for DNS.
    pub async fn start(kind: ProxyKind, manner: Manner, hosts: &[(&str, SocketAddr)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = Self { address: listener.local_addr().unwrap(), kind, asked: Arc::default() };
        let hosts: Arc<HashMap<String, SocketAddr>> =
            Arc::new(hosts.iter().map(|(name, address)| ((*name).to_owned(), *address)).collect());
        let asked = gateway.asked.clone();
        let _serving = tokio::spawn(async move {
            while let Ok((link, _)) = listener.accept().await {
                let one = One { manner: manner.clone(), hosts: hosts.clone(), asked: asked.clone() };
                let _one = tokio::spawn(async move {
                    match kind {
                        ProxyKind::Socks5 => one.socks(link).await,
                        ProxyKind::HttpConnect => one.http(link).await,
                    }
                });
            }
        });
        gateway
    }

    /// The way through it. Names that it does not resolve can only be asked of a DNS that is not there.
    pub fn way(&self, login: Option<(&str, &str)>) -> Way {
        let proxy = Proxy {
            kind: self.kind,
            host: self.address.ip().to_string(),
            port: self.address.port(),
            user: login.map(|(user, _)| user.to_owned()),
        };
        let password = login.map(|(_, password)| Secret::new(password.to_owned()));
        Way { names: Names::Servers(Vec::new()), proxy: Some(Through { proxy, password }) }
    }

    /// Targets it was asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

struct One {
    manner: Manner,
    hosts: Arc<HashMap<String, SocketAddr>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl One {
    async fn socks(&self, mut link: TcpStream) -> Option<()> {
        let _version = link.read_u8().await.ok()?;
        let mut methods = vec![0; link.read_u8().await.ok()?.into()];
        let _ = link.read_exact(&mut methods).await.ok()?;
        match &self.manner {
            Manner::Greets(bytes) => return link.write_all(bytes).await.ok(),
            Manner::Silent => std::future::pending().await,
            Manner::WithLogin if methods.contains(&2) => {
                link.write_all(&[5, 2]).await.ok()?;
                let _version = link.read_u8().await.ok()?;
                let mut user = vec![0; link.read_u8().await.ok()?.into()];
                let _ = link.read_exact(&mut user).await.ok()?;
                let mut password = vec![0; link.read_u8().await.ok()?.into()];
                let _ = link.read_exact(&mut password).await.ok()?;
                let good = user == USER.as_bytes() && password == PASSWORD.as_bytes();
                link.write_all(&[1, u8::from(!good)]).await.ok()?;
                if !good {
                    return None;
                }
            }
            Manner::WithLogin => return link.write_all(&[5, 0xff]).await.ok(),
            _ => link.write_all(&[5, 0]).await.ok()?,
        }
        let mut head = [0; 4];
        let _ = link.read_exact(&mut head).await.ok()?;
        let host = match head[3] {
            1 => std::net::Ipv4Addr::from(link.read_u32().await.ok()?).to_string(),
            4 => std::net::Ipv6Addr::from(link.read_u128().await.ok()?).to_string(),
            _ => {
                let mut name = vec![0; link.read_u8().await.ok()?.into()];
                let _ = link.read_exact(&mut name).await.ok()?;
                String::from_utf8(name).unwrap()
            }
        };
        let port = link.read_u16().await.ok()?;
        self.asked.lock().unwrap().push(format!("{host}:{port}"));
        if let Manner::Answers(bytes) = &self.manner {
            return link.write_all(bytes).await.ok();
        }
        let reply = |code: u8| [5, code, 0, 1, 0, 0, 0, 0, 0, 0];
        let Some(there) = self.hosts.get(&host) else { return link.write_all(&reply(4)).await.ok() };
        let Ok(there) = TcpStream::connect(there).await else { return link.write_all(&reply(5)).await.ok() };
        link.write_all(&reply(0)).await.ok()?;
        Self::relay(link, there).await
    }

    async fn http(&self, link: TcpStream) -> Option<()> {
        let mut link = BufReader::new(link);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let _ = link.read_line(&mut line).await.ok()?;
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let mut link = link.into_inner();
        match &self.manner {
            Manner::Greets(bytes) | Manner::Answers(bytes) => {
                self.asked.lock().unwrap().push(lines[0].clone());
                return link.write_all(bytes).await.ok();
            }
            Manner::Silent => std::future::pending().await,
            _ => {}
        }
        let wanted = format!("proxy-authorization: Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}")));
        let logged_in = lines.iter().any(|line| line.eq_ignore_ascii_case(&wanted));
        if matches!(self.manner, Manner::WithLogin) && !logged_in {
            return link
                .write_all(b"HTTP/1.1 407 No\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n")
                .await
                .ok();
        }
        self.asked.lock().unwrap().push(lines[0].clone());
        let words: Vec<&str> = lines[0].split(' ').collect();
        let file = words[1].strip_prefix("http://");
        let authority = file.map_or(words[1], |rest| rest.split('/').next().unwrap());
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        let Some(there) = self.hosts.get(host) else {
            return link.write_all(b"HTTP/1.1 502 No such host\r\ncontent-length: 0\r\n\r\n").await.ok();
        };
        let Ok(mut there) = TcpStream::connect(there).await else {
            return link.write_all(b"HTTP/1.1 503 Down\r\ncontent-length: 0\r\n\r\n").await.ok();
        };
        if file.is_some() {
            let rest = lines[1..].join("\r\n");
            there.write_all(format!("{}\r\n{rest}\r\n\r\n", lines[0]).as_bytes()).await.ok()?;
        } else {
            let slipped = if matches!(self.manner, Manner::Injects) { "<stream:features/>" } else { "" };
            link.write_all(format!("HTTP/1.1 200 Connected\r\n\r\n{slipped}").as_bytes()).await.ok()?;
        }
        Self::relay(link, there).await
    }

    async fn relay(mut link: TcpStream, mut there: TcpStream) -> Option<()> {
        let _ = copy_bidirectional(&mut link, &mut there).await;
        Some(())
    }
}
