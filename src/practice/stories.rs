//! What happens on the practice grid: kinds of incidents in the words of those who report them, English and German.
//!
//! Everything is invented. `{…}` marks are filled in by `reports`: `{who}`, `{brand}`, `{host}`, `{ip}`, `{n}`, `{port}`,
//! `{cve}`, `{product}`.

/// Which observables a report of this kind carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    #[default]
    Phish,
    Scan,
    Intrusion,
    Flood,
    Beacon,
    Exploit,
    Mail,
    Leak,
    Plant,
    Advisory,
    Watch,
}

/// The same text in English and German.
pub type Pair = (&'static str, &'static str);

/// A kind of incident.
#[derive(Clone, Copy, Debug, Default)]
pub struct Story {
    pub shape: Shape,
    /// `Incident@purpose`.
    pub purpose: &'static str,
    /// `IncidentCategory`.
    pub category: &'static str,
    /// `SystemImpact@type`.
    pub impact: &'static str,
    /// `BusinessImpact@type`, or nothing.
    pub business: &'static str,
    /// `Discovery@source`.
    pub source: &'static str,
    /// The technique's ATT&CK id.
    pub technique: &'static str,
    /// How often it is unknown, low, medium, high.
    pub severity: [u32; 4],
    pub titles: &'static [Pair],
    pub bodies: &'static [Pair],
    /// `Expectation@action`s the sender may ask for.
    pub asks: &'static [&'static str],
}

/// What a general incident topic sees.
pub const GENERAL: [Story; 11] =
    [PHISHING, SCAN, RANSOMWARE, FLOOD, BEACON, APPLIANCE, INVOICE, MALSPAM, LEAK, BRUTE, WATCH];
/// What a mail-centred topic sees.
pub const MAIL: [Story; 3] = [PHISHING, INVOICE, MALSPAM];
pub const PLANT: [Story; 1] = [PLANT_ANOMALY];
pub const ADVISORY: [Story; 1] = [VENDOR_ADVISORY];

const PHISHING: Story = Story {
    shape: Shape::Phish,
    purpose: "reporting",
    category: "phishing",
    impact: "takeover-account",
    business: "breach-credential",
    source: "external-notification",
    technique: "T1566.002",
    severity: [1, 2, 5, 3],
    titles: &[
        ("Credential phishing against {brand} customers", "Phishing nach Zugangsdaten von Kunden der {brand}"),
        ("Fake {brand} sign-in page collects one-time codes", "Falsche Anmeldeseite der {brand} greift Einmalcodes ab"),
        ("QR-code phishing aimed at staff of {who}", "QR-Code-Phishing gegen Beschäftigte: {who}"),
        ("Phishing kit for {brand} found on a hacked shop", "Phishing-Baukasten für {brand} auf gehacktem Webshop"),
    ],
    bodies: &[
        (
            "Mails with a link to {host} reached at least {n} mailboxes. The page asks for user name, password and a one-time code and forwards them at once. It was still up when this was written.",
            "Mails mit einem Link auf {host} erreichten mindestens {n} Postfächer. Die Seite fragt Benutzername, Kennwort und Einmalcode ab und leitet sie sofort weiter. Sie war beim Schreiben dieser Meldung noch erreichbar.",
        ),
        (
            "{n} users opened the page at {ip}; four entered a password. Passwords were reset and sessions ended. The hoster has been told and has not answered yet.",
            "{n} Nutzer öffneten die Seite auf {ip}; vier gaben ein Kennwort ein. Kennwörter wurden zurückgesetzt, Sitzungen beendet. Der Hoster ist informiert und hat noch nicht geantwortet.",
        ),
    ],
    asks: &["block-host", "contact-source-site", "investigate"],
};

const SCAN: Story = Story {
    shape: Shape::Scan,
    purpose: "reporting",
    category: "scanning",
    impact: "policy",
    business: "",
    source: "nidps",
    technique: "T1595.002",
    severity: [3, 6, 1, 0],
    titles: &[
        ("Scan for port {port} from {ip}", "Scan auf Port {port} von {ip}"),
        ("Slow horizontal scan of {n} addresses, port {port}", "Langsamer Scan über {n} Adressen, Port {port}"),
        ("Probing for exposed {product} consoles", "Suche nach offenen {product}-Konsolen"),
    ],
    bodies: &[
        (
            "{n} of our addresses were probed on port {port} within an hour. No service answered. The source keeps a steady rate of one probe every few seconds, probably to stay below thresholds.",
            "{n} unserer Adressen wurden innerhalb einer Stunde auf Port {port} angesprochen. Kein Dienst antwortete. Die Quelle hält eine gleichmäßige Rate, vermutlich um unter Schwellwerten zu bleiben.",
        ),
        (
            "The sensor saw {n} connection attempts in one hour. The same source asked for paths that only {product} has. We filter it; nothing else is needed from our side.",
            "Der Sensor sah {n} Verbindungsversuche in einer Stunde. Dieselbe Quelle fragte nach Pfaden, die nur {product} hat. Wir filtern sie; mehr ist von unserer Seite nicht nötig.",
        ),
    ],
    asks: &["watch-and-report", "nothing", "rate-limit-host"],
};

const RANSOMWARE: Story = Story {
    shape: Shape::Intrusion,
    purpose: "reporting",
    category: "ransomware",
    impact: "takeover-system",
    business: "extortion",
    source: "av",
    technique: "T1486",
    severity: [0, 0, 3, 7],
    titles: &[
        ("Ransomware precursor at {who}", "Vorstufe einer Ransomware-Infektion: {who}"),
        (
            "Loader dropped after macro, encryption stopped in time",
            "Loader nach Makro abgelegt, Verschlüsselung rechtzeitig gestoppt",
        ),
        (
            "Shadow copies deleted on {n} hosts before encryption",
            "Schattenkopien auf {n} Systemen vor Verschlüsselung gelöscht",
        ),
    ],
    bodies: &[
        (
            "An endpoint at {who} ran a loader that adds itself to the Run key and calls {host}. Lateral movement by remote service creation was seen on {n} hosts. They are isolated. Please look for the hash and the registry value.",
            "Ein Arbeitsplatz ({who}) führte einen Loader aus, der sich im Run-Schlüssel einträgt und {host} anspricht. Seitwärtsbewegung über Dienste auf {n} Systemen, inzwischen isoliert. Bitte nach Hash und Registry-Wert suchen.",
        ),
        (
            "The time from first mail to the attempt to encrypt was under six hours. Backups are intact. The tool talks to {ip} on port {port}; no data left the network as far as we know.",
            "Von der ersten Mail bis zum Verschlüsselungsversuch vergingen keine sechs Stunden. Sicherungen sind unversehrt. Das Werkzeug spricht {ip} auf Port {port} an; nach heutigem Stand sind keine Daten abgeflossen.",
        ),
    ],
    asks: &["block-host", "investigate", "rebuild-asset", "status-triage"],
};

const FLOOD: Story = Story {
    shape: Shape::Flood,
    purpose: "mitigation",
    category: "ddos",
    impact: "availability-service",
    business: "loss-of-service",
    source: "network-flow",
    technique: "T1498.002",
    severity: [0, 2, 5, 3],
    titles: &[
        ("Reflection flood against the portal of {who}", "Reflexionsangriff auf das Portal: {who}"),
        ("DDoS with {n} sources, application layer", "DDoS auf Anwendungsebene mit {n} Quellen"),
        ("Carpet bombing of a /24, port {port}", "Flächiger Angriff auf ein /24, Port {port}"),
    ],
    bodies: &[
        (
            "The flood began without warning and reached the size given below. Filtering upstream brought the service back after twenty minutes. Reflectors are listed; please check your own networks for them.",
            "Der Angriff begann ohne Vorwarnung und erreichte die unten genannte Stärke. Nach zwanzig Minuten half die Filterung beim Vorlieferanten. Die Reflektoren sind aufgeführt; bitte eigene Netze prüfen.",
        ),
        (
            "Requests carry a random query and one fixed user agent, so they can be told apart. {n} sources in one minute. A letter asking for money was not received.",
            "Die Anfragen tragen einen zufälligen Parameter und einen festen User-Agent und sind daran zu erkennen. {n} Quellen in einer Minute. Ein Erpresserschreiben ging nicht ein.",
        ),
    ],
    asks: &["rate-limit-network", "block-network", "contact-source-site"],
};

const BEACON: Story = Story {
    shape: Shape::Beacon,
    purpose: "reporting",
    category: "c2",
    impact: "takeover-system",
    business: "loss-of-integrity",
    source: "passive-dns",
    technique: "T1071.001",
    severity: [1, 1, 4, 4],
    titles: &[
        ("Regular C2 beacon from {who}", "Regelmäßige C2-Verbindung: {who}"),
        ("DNS beacon to {host} every {n} seconds", "DNS-Beacon zu {host} alle {n} Sekunden"),
        ("HTTPS beacon with rare user agent to {ip}", "HTTPS-Beacon mit seltenem User-Agent zu {ip}"),
    ],
    bodies: &[
        (
            "A workstation contacts {host} every {n} seconds with little jitter, day and night. The answers are always the same size. We took a memory image and will report on it.",
            "Ein Arbeitsplatz spricht {host} alle {n} Sekunden an, Tag und Nacht, mit geringer Streuung. Die Antworten sind immer gleich groß. Ein Speicherabbild ist gesichert, ein Bericht folgt.",
        ),
        (
            "The name was registered three days ago and points to {ip}. First seen in passive DNS yesterday. Hosts that resolve it should be looked at, not merely blocked.",
            "Der Name wurde vor drei Tagen registriert und zeigt auf {ip}. Erste Sichtung in passivem DNS gestern. Systeme, die ihn auflösen, sollten untersucht und nicht nur gesperrt werden.",
        ),
    ],
    asks: &["investigate", "block-host", "watch-and-report", "redirect-traffic"],
};

const APPLIANCE: Story = Story {
    shape: Shape::Exploit,
    purpose: "reporting",
    category: "exploitation",
    impact: "takeover-service",
    business: "breach-proprietary",
    source: "third-party-monitoring",
    technique: "T1190",
    severity: [0, 1, 3, 6],
    titles: &[
        ("{product} appliance exploited at {who}", "{product} angegriffen: {who}"),
        ("Web shell on {product} after {cve}", "Webshell auf {product} nach {cve}"),
        ("{cve} used against unpatched {product}", "{cve} gegen ungepatchte {product} eingesetzt"),
    ],
    bodies: &[
        (
            "The appliance was exploited from {ip} before the update was installed. A web shell stood in the template folder for {n} hours. Credentials stored on it must be taken as known to the attacker.",
            "Das Gerät wurde von {ip} aus angegriffen, bevor das Update eingespielt war. Eine Webshell lag {n} Stunden im Vorlagenordner. Auf dem Gerät gespeicherte Zugangsdaten gelten als bekannt.",
        ),
        (
            "We count {n} exposed devices in our constituency; a third is still unpatched. {cve} is exploited without a login. Restart alone does not remove the implant.",
            "In unserem Zuständigkeitsbereich zählen wir {n} erreichbare Geräte; ein Drittel ist noch ungepatcht. {cve} wird ohne Anmeldung ausgenutzt. Ein Neustart allein entfernt das Implantat nicht.",
        ),
    ],
    asks: &["upgrade-software", "investigate", "block-host", "remediate-other"],
};

const INVOICE: Story = Story {
    shape: Shape::Mail,
    purpose: "reporting",
    category: "fraud",
    impact: "integrity-data",
    business: "theft-financial",
    source: "internal-notification",
    technique: "T1534",
    severity: [1, 2, 4, 2],
    titles: &[
        (
            "Business e-mail compromise: changed bank details at {who}",
            "Rechnungsbetrug mit geänderter Bankverbindung: {who}",
        ),
        ("Invoice thread hijacked, look-alike domain {host}", "Rechnungsverlauf übernommen, ähnliche Domain {host}"),
        ("Payment request in the name of the director", "Zahlungsaufforderung im Namen der Leitung"),
    ],
    bodies: &[
        (
            "An existing thread about an invoice was continued from a look-alike domain. The new account was given two days before payment was due. One payment was made and could be called back in time.",
            "Ein bestehender Mailverlauf zu einer Rechnung wurde von einer ähnlich lautenden Domain fortgesetzt. Die neue Kontoverbindung kam zwei Tage vor Fälligkeit. Eine Zahlung konnte zurückgerufen werden.",
        ),
        (
            "The mailbox of a supplier was read for about {n} hours before the first false mail. Forwarding rules were found and removed. Other customers of the supplier are probably next.",
            "Das Postfach eines Lieferanten wurde etwa {n} Stunden lang mitgelesen, bevor die erste falsche Mail kam. Weiterleitungsregeln wurden gefunden und entfernt. Andere Kunden dürften als Nächste betroffen sein.",
        ),
    ],
    asks: &["contact-target-site", "investigate", "contact-sender"],
};

const MALSPAM: Story = Story {
    shape: Shape::Mail,
    purpose: "reporting",
    category: "malspam",
    impact: "takeover-system",
    business: "",
    source: "hips",
    technique: "T1566.001",
    severity: [1, 4, 4, 1],
    titles: &[
        ("Malspam wave with disk image attachment", "Malspam-Welle mit Datenträgerabbild im Anhang"),
        ("Archive with password in the mail text, {n} copies", "Archiv mit Kennwort im Mailtext, {n} Exemplare"),
        ("Fake parcel notice of {brand} drops a stealer", "Falsche Paketmeldung der {brand} installiert einen Stealer"),
    ],
    bodies: &[
        (
            "{n} copies in one hour, all with the same attachment under different names. The gateway let {n} of them through because the archive has a password. The script inside loads from {host}.",
            "{n} Exemplare in einer Stunde, alle mit demselben Anhang unter verschiedenen Namen. Das Gateway ließ sie durch, weil das Archiv ein Kennwort hat. Das Skript darin lädt von {host} nach.",
        ),
        (
            "Text and subject are taken from real mails stolen earlier, so users trust them. The payload reads browser stores and calls {ip}. Detection by signature began about four hours later.",
            "Text und Betreff stammen aus früher gestohlenen echten Mails und wirken daher glaubwürdig. Die Schadsoftware liest Browserspeicher aus und meldet sich bei {ip}. Signaturen erkannten sie erst etwa vier Stunden später.",
        ),
    ],
    asks: &["block-host", "watch-and-report", "other"],
};

const LEAK: Story = Story {
    shape: Shape::Leak,
    purpose: "reporting",
    category: "data-leak",
    impact: "breach-privacy",
    business: "breach-privacy",
    source: "partner",
    technique: "T1567",
    severity: [1, 2, 3, 4],
    titles: &[
        ("Records of {who} offered for sale", "Datensätze zum Kauf angeboten: {who}"),
        ("Open storage with {n} documents of {who}", "Offener Speicher mit {n} Dokumenten: {who}"),
        ("Stealer log with {n} accounts of our constituency", "Stealer-Log mit {n} Konten aus unserem Bereich"),
    ],
    bodies: &[
        (
            "A sample of {n} records was posted. We compared it with the owner: it is real and about a year old. Those affected will be told this week; please do not contact them on your own.",
            "Eine Probe von {n} Datensätzen wurde veröffentlicht. Der Abgleich mit dem Eigentümer ergab: echt und etwa ein Jahr alt. Die Betroffenen werden diese Woche informiert; bitte nicht selbst ansprechen.",
        ),
        (
            "The storage at {host} could be listed without a login. It is closed now. Access logs show two foreign addresses, one of them {ip}.",
            "Der Speicher unter {host} war ohne Anmeldung einsehbar. Er ist inzwischen geschlossen. Die Zugriffsprotokolle zeigen zwei fremde Adressen, eine davon {ip}.",
        ),
    ],
    asks: &["investigate", "contact-sender", "status-new-info"],
};

const BRUTE: Story = Story {
    shape: Shape::Scan,
    purpose: "traceback",
    category: "brute-force",
    impact: "takeover-account",
    business: "",
    source: "os-log",
    technique: "T1110.003",
    severity: [2, 5, 2, 0],
    titles: &[
        ("Password spraying against {product}, {n} accounts", "Password-Spraying gegen {product}, {n} Konten"),
        ("Login attempts from {ip}, no success so far", "Anmeldeversuche von {ip}, bisher ohne Erfolg"),
    ],
    bodies: &[(
        "One try per account and hour over {n} accounts, so lock-out never triggers. User names come from an old leak. No login succeeded. We would like to know who stands behind {ip}.",
        "Ein Versuch je Konto und Stunde über {n} Konten, so greift keine Sperre. Die Namen stammen aus einem alten Leak. Keine Anmeldung gelang. Wir wüssten gern, wer hinter {ip} steht.",
    )],
    asks: &["contact-source-site", "rate-limit-host", "block-port"],
};

const WATCH: Story = Story {
    shape: Shape::Watch,
    purpose: "watch",
    category: "watchlist",
    impact: "unknown",
    business: "",
    source: "investigation",
    technique: "T1583",
    severity: [6, 3, 1, 0],
    titles: &[
        ("Watch list of {n} addresses, week review", "Beobachtungsliste mit {n} Adressen, Wochenrückblick"),
        ("Infrastructure set up for a coming wave", "Vorbereitete Infrastruktur für eine kommende Welle"),
    ],
    bodies: &[(
        "Servers that share a certificate subject and a set-up habit with earlier cases. None has been seen in use. Watch, do not block: some addresses are shared hosting.",
        "Server mit gleichem Zertifikatsnamen und gleicher Einrichtung wie in früheren Fällen. Noch keiner im Einsatz gesehen. Beobachten, nicht sperren: einige Adressen sind geteilte Hosting-Server.",
    )],
    asks: &["watch-and-report"],
};

const PLANT_ANOMALY: Story = Story {
    shape: Shape::Plant,
    purpose: "reporting",
    category: "ot",
    impact: "cps-manipulation",
    business: "asset-manipulation",
    source: "device-log",
    technique: "T0836",
    severity: [2, 4, 3, 1],
    titles: &[
        ("Unplanned write to controller registers at {who}", "Ungeplantes Schreiben auf Steuerungsregister: {who}"),
        ("Engineering station reachable from the office network", "Engineering-Station aus dem Büronetz erreichbar"),
        ("Firmware of a pump controller differs from release", "Firmware einer Pumpensteuerung weicht vom Original ab"),
    ],
    bodies: &[(
        "Function code 16 was seen outside the maintenance window from {ip}. The process stayed within limits. The station is disconnected and the project file is being compared.",
        "Funktionscode 16 außerhalb des Wartungsfensters von {ip}. Der Prozess blieb innerhalb der Grenzwerte. Die Station ist getrennt, die Projektdatei wird verglichen.",
    )],
    asks: &["investigate", "harden-asset", "watch-and-report"],
};

const VENDOR_ADVISORY: Story = Story {
    shape: Shape::Advisory,
    purpose: "mitigation",
    category: "vulnerability",
    impact: "takeover-service",
    business: "",
    source: "partner",
    technique: "T1190",
    severity: [0, 2, 4, 4],
    titles: &[
        (
            "{cve}: login bypass in {product}, update available",
            "{cve}: Umgehung der Anmeldung in {product}, Update verfügbar",
        ),
        ("{product}: update closes {cve}", "{product}: Update schließt {cve}"),
    ],
    bodies: &[(
        "All releases before the fixed one are affected when the management port is reachable. If you cannot update at once, restrict port {port} to administration networks.",
        "Alle Versionen vor der bereinigten sind betroffen, wenn der Verwaltungsport erreichbar ist. Wer nicht sofort aktualisieren kann, sollte Port {port} auf Administrationsnetze beschränken.",
    )],
    asks: &["upgrade-software", "harden-asset"],
};
