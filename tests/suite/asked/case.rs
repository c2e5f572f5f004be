//! Generated reports: what each says, and its document. What a filter should find is read off the former and not the latter.

use std::fmt::Write;

/// A small generator of its own, so that every run asks the same.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }

    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    pub fn maybe<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        let at = self.below(of.len() * 2);
        of.get(at).copied()
    }

    pub fn some<T: Copy>(&mut self, of: &[T]) -> Vec<T> {
        of.iter().copied().filter(|_| self.below(3) == 0).collect()
    }
}

/// What a report says.
#[derive(Clone, Debug, Default)]
pub struct Case {
    pub number: usize,
    pub topic: &'static str,
    pub from: Option<&'static str>,
    pub hours: i64,
    pub fetched: bool,
    pub broken: bool,
    pub csirt: &'static str,
    pub id: String,
    pub purpose: Option<&'static str>,
    pub status: Option<&'static str>,
    pub restriction: Option<&'static str>,
    pub lang: Option<&'static str>,
    pub texts: Vec<&'static str>,
    /// Kind and severity.
    pub impacts: Vec<(&'static str, &'static str)>,
    pub confidence: Option<&'static str>,
    pub actions: Vec<&'static str>,
    pub actors: Vec<&'static str>,
    pub campaigns: Vec<&'static str>,
    pub methods: Vec<&'static str>,
    pub detected: Option<&'static str>,
    pub started: Option<&'static str>,
    pub contact: bool,
    pub history: bool,
    pub extended: bool,
    /// Field and value.
    pub seen: Vec<(&'static str, String)>,
    pub old: bool,
}

pub const TOPICS: [&str; 4] = ["MILEHost", "phishing-watch", "Lab-1", IMPORTED];
/// The topic of what came from files.
pub const IMPORTED: &str = "imported";
pub const FROM: [&str; 3] = ["csirt@grid.example/feed", "soc@other.example/x", "me@grid.example/desk"];
pub const CSIRTS: [&str; 3] = ["csirt.example", "CERT.example", "soc.other.example"];
pub const PURPOSES: [&str; 4] = ["reporting", "mitigation", "watch", "x-drill"];
pub const STATUSES: [&str; 4] = ["new", "resolved", "in-progress", "X-Waiting"];
pub const RESTRICTIONS: [&str; 7] = ["public", "green", "amber", "need-to-know", "private", "red", "default"];
pub const LANGS: [&str; 3] = ["en", "de", "de-CH"];
pub const TEXTS: [&str; 6] = [
    "Open proxy on a campus",
    "Mal\u{fc}berfall im CAF\u{c9} der M\u{fc}llerstra\u{df}e",
    "malware, sent by e-mail",
    "Cafe\u{301} closed the open door",
    "\u{39f}\u{394}\u{39f}\u{3a3} 2026 проверка",
    "cmd32.exe and invoice.exe",
];
pub const IMPACTS: [&str; 4] = ["takeover-account", "loss-of-service", "Takeover-System", "x-rumour"];
pub const SEVERITIES: [&str; 4] = ["low", "medium", "high", "unknown"];
pub const CONFIDENCES: [&str; 6] = ["low", "medium", "high", "70", "100", "unknown"];
pub const ACTIONS: [&str; 4] = ["nothing", "block-host", "investigate", "x-Pray"];
pub const ACTORS: [&str; 3] = ["Example Bear", "EXAMPLE-9", "Lonely \u{dc}bel"];
pub const CAMPAIGNS: [&str; 2] = ["Autumn Leaves", "autumn-2"];
pub const METHODS: [&str; 3] = ["Spear Phishing by post", "phishing", "SQL injection"];
pub const TIMES: [&str; 4] =
    ["2026-11-20T10:00:00Z", "2026-11-01T00:00:00Z", "2026-11-21T11:30:00+02:00", "2025-01-01T12:00:00Z"];
/// The field that finds a value as it stands, and the value.
pub const SEEN: [(&str, &str); 21] = [
    ("ip", "192.0.2.7"),
    ("ip", "192.0.2.99"),
    ("ip", "198.51.100.1"),
    ("ip", "2001:db8::1"),
    ("cidr", "192.0.2.0/28"),
    ("cidr", "192.0.0.0/16"),
    ("asn", "64496"),
    ("asn", "64511"),
    ("port", "22"),
    ("port", "1000-2000"),
    ("domain", "bad.example"),
    ("domain", "www.bad.example"),
    ("domain", "example-bank.invalid"),
    ("url", "http://bad.example/Login?a=1"),
    ("url", "https://other.invalid/x"),
    ("email", "drop@bad.example"),
    ("email", "Box@other.invalid"),
    ("hash", "d41d8cd98f00b204e9800998ecf8427e"),
    ("hash", "d41d0000000000000000000000000001"),
    ("file", "C:\\Temp\\Invoice.exe"),
    ("cve", "CVE-2024-12345"),
];
pub const MACS: [&str; 2] = ["02:00:5e:10:00:01", "02:00:5e:10:00:02"];

impl Case {
    pub fn roll(number: usize, dice: &mut Dice) -> Self {
        let mut case = Self {
            number,
            topic: dice.one(&TOPICS),
            from: dice.maybe(&FROM),
            hours: dice.below(100) as i64,
            fetched: dice.below(4) == 0,
            ..Self::default()
        };
        if dice.below(12) == 0 {
            return Self { broken: true, ..case };
        }
        case.csirt = dice.one(&CSIRTS);
        case.id = if number.is_multiple_of(5) { format!("ID x/{number}") } else { format!("2026-{number}") };
        case.purpose = dice.maybe(&PURPOSES);
        case.status = dice.maybe(&STATUSES);
        case.restriction = dice.maybe(&RESTRICTIONS);
        case.lang = dice.maybe(&LANGS);
        case.texts = dice.some(&TEXTS);
        case.impacts = dice.some(&IMPACTS).into_iter().map(|kind| (kind, dice.one(&SEVERITIES))).collect();
        case.confidence = dice.maybe(&CONFIDENCES);
        case.actions = dice.some(&ACTIONS);
        case.actors = dice.some(&ACTORS);
        case.campaigns = dice.some(&CAMPAIGNS);
        case.methods = dice.some(&METHODS);
        case.detected = dice.maybe(&TIMES);
        case.started = dice.maybe(&TIMES);
        (case.contact, case.history, case.extended) = (dice.below(2) == 0, dice.below(3) == 0, dice.below(3) == 0);
        case.seen = dice.some(&SEEN).into_iter().map(|(field, value)| (field, value.to_owned())).collect();
        case.seen.extend(dice.maybe(&MACS).map(|mac| ("mac", mac.to_owned())));
        if number.is_multiple_of(17) {
            // More than a summary keeps.
            case.seen.extend((0..80).map(|host| ("ip", format!("203.0.113.{host}"))));
        }
        case.old = dice.below(6) == 0;
        case
    }

    fn attribute(out: &mut String, name: &str, value: Option<&str>, known: &[&str]) {
        match value {
            Some(value) if known.contains(&value) => write!(out, " {name}='{value}'").unwrap(),
            Some(value) => write!(out, " {name}='ext-value' ext-{name}='{value}'").unwrap(),
            None => {}
        }
    }

    /// RFC 7970, as the namespace has it; a version of RFC 5070 would say less.
    pub fn document(&self) -> String {
        let mut out = String::from("<IODEF-Document version='2.00' xmlns='urn:ietf:params:xml:ns:iodef-2.0'");
        if self.broken {
            return out + "><Incident restriction='public'>";
        }
        if let Some(lang) = self.lang {
            write!(out, " xml:lang='{lang}'").unwrap();
        }
        out.push_str("><Incident");
        Self::attribute(&mut out, "purpose", self.purpose, &PURPOSES[..3]);
        Self::attribute(&mut out, "status", self.status, &STATUSES[..3]);
        Self::attribute(&mut out, "restriction", self.restriction, &RESTRICTIONS);
        write!(out, "><IncidentID name='{}'>{}</IncidentID>", self.csirt, self.id).unwrap();
        for (name, at) in [("DetectTime", self.detected), ("StartTime", self.started)] {
            if let Some(at) = at {
                write!(out, "<{name}>{at}</{name}>").unwrap();
            }
        }
        out.push_str("<GenerationTime>2026-11-21T10:00:00Z</GenerationTime>");
        self.texts.iter().for_each(|text| write!(out, "<Description>{text}</Description>").unwrap());
        if !self.actors.is_empty() || !self.campaigns.is_empty() {
            out.push_str("<RelatedActivity>");
            for (at, actor) in self.actors.iter().enumerate() {
                let name = if at == 0 { "ThreatActorID" } else { "Description" };
                write!(out, "<ThreatActor><{name}>{actor}</{name}></ThreatActor>").unwrap();
            }
            for campaign in &self.campaigns {
                write!(out, "<Campaign><CampaignID>{campaign}</CampaignID></Campaign>").unwrap();
            }
            out.push_str("</RelatedActivity>");
        }
        if !self.impacts.is_empty() || self.confidence.is_some() {
            out.push_str("<Assessment>");
            for (at, (kind, severity)) in self.impacts.iter().enumerate() {
                let name = if at == 0 { "SystemImpact" } else { "BusinessImpact" };
                write!(out, "<{name} severity='{severity}'").unwrap();
                Self::attribute(&mut out, "type", Some(kind), &IMPACTS[..3]);
                out.push_str("/>");
            }
            match self.confidence {
                Some(number) if number.parse::<u8>().is_ok() => {
                    write!(out, "<Confidence rating='numeric'>{number}</Confidence>").unwrap();
                }
                Some(rating) => write!(out, "<Confidence rating='{rating}'/>").unwrap(),
                None => {}
            }
            out.push_str("</Assessment>");
        }
        for (at, method) in self.methods.iter().enumerate() {
            match at {
                0 => write!(out, "<Method><Description>{method}</Description></Method>").unwrap(),
                1 => write!(
                    out,
                    "<Method><sci:AttackPattern xmlns:sci='urn:ietf:params:xml:ns:iodef-sci-1.0' SpecID='private' \
                     ContentID='{method}'/></Method>"
                )
                .unwrap(),
                _ => write!(
                    out,
                    "<Method><Reference><e:ReferenceName xmlns:e='urn:ietf:params:xml:ns:iodef-enum-1.0' \
                     specIndex='9'><e:ID>{method}</e:ID></e:ReferenceName></Reference></Method>"
                )
                .unwrap(),
            }
        }
        if self.contact {
            out.push_str(
                "<Contact role='creator' type='person'><ContactName>Zo\u{eb} Reporter</ContactName></Contact>",
            );
        }
        out.push_str("<EventData>");
        for action in &self.actions {
            out.push_str("<Expectation");
            Self::attribute(&mut out, "action", Some(action), &ACTIONS[..3]);
            out.push_str("/>");
        }
        for (field, value) in &self.seen {
            let value = value.replace('&', "&amp;");
            match *field {
                "ip" => {
                    let kind = if value.contains(':') { "ipv6-addr" } else { "ipv4-addr" };
                    write!(out, "<Node><Address category='{kind}'>{value}</Address></Node>").unwrap();
                }
                "cidr" => write!(out, "<Node><Address category='ipv4-net'>{value}</Address></Node>").unwrap(),
                "asn" | "mac" => write!(out, "<Node><Address category='{field}'>{value}</Address></Node>").unwrap(),
                "port" => {
                    let name = if value.contains('-') { "Portlist" } else { "Port" };
                    write!(out, "<Service ip-protocol='6'><{name}>{value}</{name}></Service>").unwrap();
                }
                "domain" => write!(out, "<Node><DomainData><Name>{value}</Name></DomainData></Node>").unwrap(),
                "url" => write!(out, "<RecordData><URL>{value}</URL></RecordData>").unwrap(),
                "email" => write!(out, "<EmailData><EmailFrom>{value}</EmailFrom></EmailData>").unwrap(),
                "hash" => write!(
                    out,
                    "<BulkObservable type='file-hash'><BulkObservableList>{value}</BulkObservableList></BulkObservable>"
                )
                .unwrap(),
                "file" => write!(out, "<File><FileName>{value}</FileName></File>").unwrap(),
                "cve" => write!(
                    out,
                    "<Record><Reference><e:ReferenceName xmlns:e='urn:ietf:params:xml:ns:iodef-enum-1.0' \
                     specIndex='1'><e:ID>{value}</e:ID></e:ReferenceName></Reference></Record>"
                )
                .unwrap(),
                other => panic!("{other}"),
            }
        }
        out.push_str("</EventData>");
        if self.history {
            out.push_str("<History><HistoryItem action='nothing'/></History>");
        }
        if self.extended {
            out.push_str("<AdditionalData dtype='string'>more</AdditionalData>");
        }
        write!(out, "</Incident><!-- {} --></IODEF-Document>", "x".repeat(self.number * 7)).unwrap();
        out
    }
}
