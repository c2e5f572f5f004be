//! A DNS server of the tests' own on loopback, by UDP and TCP on one port: it says what it is told, and keeps what it was
//! asked.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use gridwatch::xmpp::dial::Names;
use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, SRV};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

/// Largest answer by UDP; a longer one is cut, and asked for again by TCP.
const DATAGRAM: usize = 1232;

/// What is said to one question.
#[derive(Clone, Debug)]
pub enum Say {
    Data(Vec<RData>),
    /// An alias, and what it leads to.
    Alias(String, Vec<RData>),
    Code(ResponseCode),
    Silence,
    Garbage,
}

type Zone = HashMap<(String, RecordType), Say>;

/// The server; it ends with the runtime of its test.
pub struct Dns {
    pub address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    asked: Arc<Mutex<Vec<(String, RecordType)>>>,
}

impl Dns {
    pub async fn start() -> Self {
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
                break (udp, tcp);
            }
        };
        let dns = Self { address: udp.local_addr().unwrap(), zone: Arc::default(), asked: Arc::default() };
        let (zone, asked) = (dns.zone.clone(), dns.asked.clone());
        let _serving = tokio::spawn(async move {
            let mut bytes = [0; 4096];
            loop {
                let (count, from) = udp.recv_from(&mut bytes).await.unwrap();
                if let Some(mut answer) = answer(&bytes[..count], &zone, &asked) {
                    if answer.len() > DATAGRAM {
                        answer = Message::from_vec(&answer).unwrap().truncate().to_vec().unwrap();
                    }
                    let _ = udp.send_to(&answer, from).await.unwrap();
                }
            }
        });
        let (zone, asked) = (dns.zone.clone(), dns.asked.clone());
        let _serving = tokio::spawn(async move {
            while let Ok((mut link, _)) = tcp.accept().await {
                let (zone, asked) = (zone.clone(), asked.clone());
                let _one = tokio::spawn(async move {
                    while let Ok(length) = link.read_u16().await {
                        let mut bytes = vec![0; length.into()];
                        let _ = link.read_exact(&mut bytes).await.unwrap();
                        if let Some(answer) = answer(&bytes, &zone, &asked) {
                            link.write_u16(answer.len().try_into().unwrap()).await.unwrap();
                            link.write_all(&answer).await.unwrap();
                        }
                    }
                });
            }
        });
        dns
    }

    /// To be asked instead of the machine's own.
    pub fn names(&self) -> Names {
        Names::Servers(vec![self.address])
    }

    pub fn say(&self, name: &str, kind: RecordType, say: Say) {
        let _ = self.zone.lock().unwrap().insert((name.to_owned(), kind), say);
    }

    /// Addresses of a host, each in its family.
    pub fn host(&self, name: &str, addresses: &[&str]) {
        let (mut four, mut six) = (Vec::new(), Vec::new());
        for address in addresses {
            match address.parse().unwrap() {
                std::net::IpAddr::V4(ip) => four.push(RData::A(A(ip))),
                std::net::IpAddr::V6(ip) => six.push(RData::AAAA(AAAA(ip))),
            }
        }
        self.say(name, RecordType::A, Say::Data(four));
        self.say(name, RecordType::AAAA, Say::Data(six));
    }

    /// Records of a service: priority, weight, port, target.
    pub fn service(&self, name: &str, records: &[(u16, u16, u16, &str)]) {
        let records = records.iter().map(|(priority, weight, port, target)| srv(*priority, *weight, *port, target));
        self.say(name, RecordType::SRV, Say::Data(records.collect()));
    }

    /// What it was asked so far, without repetitions.
    pub fn asked(&self) -> Vec<(String, RecordType)> {
        let mut asked = self.asked.lock().unwrap().clone();
        asked.sort();
        asked.dedup();
        asked
    }
}

pub fn srv(priority: u16, weight: u16, port: u16, target: &str) -> RData {
    RData::SRV(SRV::new(priority, weight, port, absolute(target)))
}

fn aliased<'a>(zone: &'a Zone, name: &str) -> Option<&'a str> {
    zone.iter().find_map(|((known, _), say)| match say {
        Say::Alias(other, _) if known == name => Some(other.as_str()),
        _ => None,
    })
}

fn absolute(name: &str) -> Name {
    let mut name = Name::from_ascii(name).unwrap();
    name.set_fqdn(true);
    name
}

fn answer(bytes: &[u8], zone: &Mutex<Zone>, asked: &Mutex<Vec<(String, RecordType)>>) -> Option<Vec<u8>> {
    let mut message = Message::from_vec(bytes).unwrap();
    let query = message.queries[0].clone();
    let name = query.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
    let kind = query.query_type();
    asked.lock().unwrap().push((name.clone(), kind));
    message.metadata.message_type = MessageType::Response;
    message.metadata.recursion_available = true;
    message.edns = None;
    let zone = zone.lock().unwrap();
    let records = |name: &str, data: &[RData]| -> Vec<Record> {
        data.iter().map(|data| Record::from_rdata(absolute(name), 60, data.clone())).collect()
    };
    match zone.get(&(name.clone(), kind)) {
        Some(Say::Data(data)) => message.insert_answers(records(&name, data)),
        Some(Say::Alias(other, data)) => {
            let alias = [RData::CNAME(CNAME(absolute(other)))];
            message.insert_answers([records(&name, &alias), records(other, data)].concat());
        }
        Some(Say::Code(code)) => message.metadata.response_code = *code,
        Some(Say::Silence) => return None,
        Some(Say::Garbage) => return Some(bytes[..2].iter().copied().chain([0x80; 30]).collect()),
        // An alias is one whatever was asked for.
        None if kind == RecordType::CNAME && aliased(&zone, &name).is_some() => {
            let other = aliased(&zone, &name).unwrap();
            message.insert_answers(records(&name, &[RData::CNAME(CNAME(absolute(other)))]));
        }
        None if zone.keys().any(|(known, _)| *known == name) => {}
        None => message.metadata.response_code = ResponseCode::NXDomain,
    }
    Some(message.to_vec().unwrap())
}
