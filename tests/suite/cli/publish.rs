//! `gridwatch publish`: what stands in the way lets nothing go, `--yes` or not; what goes is one item, and its id the receipt.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};

use gridwatch::compose::cards::Organisation;
use gridwatch::compose::outbox::Left;
use gridwatch::compose::send::digest;
use gridwatch::compose::stock::{self, Change, Stock};
use gridwatch::store::Store as _;
use gridwatch::store::local::Shelf;
use gridwatch::store::vault::{By, Cost, Found, Vault};
use serde_json::json;

use super::stored::{Home, PASSPHRASE};
use super::{code, err, objects, out};
use crate::support::ejabberd::Ejabberd;
use crate::support::peer::{BROKER, Peer};
use crate::support::server::{Port, Server as _};

const REASON: &str = "--reason audience.first=They-asked-for-it --reason leak.unchecked=Made-here";

fn report(name: &str, attrs: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" version=\"2.00\" \
         xml:lang=\"en\"><!-- ours --><Incident purpose=\"reporting\"{attrs}><IncidentID name=\"{name}\">CLI-7</IncidentID>\
         <GenerationTime>2026-11-22T09:00:00Z</GenerationTime><Contact role=\"creator\" type=\"organization\">\
         <ContactName>CSIRT</ContactName></Contact></Incident></IODEF-Document>\n"
    )
}

/// What the first that stands in the way would pass by.
fn asked(output: &Output) -> String {
    let all = objects(output);
    let first = all.iter().find(|line| line["blocks"] == true && line["reason"].is_string());
    first.unwrap_or_else(|| panic!("{}", err(output)))["reason"].as_str().unwrap().to_owned()
}

impl Home {
    fn publish(&self, report: &str, more: &str) -> Output {
        std::fs::write(self.path().join("report.xml"), report).unwrap();
        let line = format!("publish report.xml --profile sender --password-file - --memory {more}");
        self.run(&line, "practice-publisher\n")
    }

    /// How often the report stands on the grid, as another run sees it.
    fn there(&self) -> usize {
        let output = self.run("tail --profile work --password-file - --memory --json --for 4", "practice-analyst\n");
        objects(&output).iter().filter(|line| line["id"] == "CLI-7").count()
    }
}

#[test]
fn what_stands_in_the_way_lets_nothing_go() {
    let home = Home::new();
    let green = " restriction=\"green\"";
    for (name, attrs, topic, finding) in [
        ("csirt.example", "", "MILEHost", "restriction.missing"),
        ("csirt.example", " restriction=\"lilac\"", "MILEHost", "iodef."),
        ("desk.practice.invalid", green, "MILEHost", "practice"),
        ("csirt.example", green, "MILEHost", "audience.first"),
        ("csirt.example", green, "MILEHost", "leak.unchecked"),
    ] {
        let reason = match finding {
            "audience.first" => "--reason leak.unchecked=Made-here",
            "leak.unchecked" => "--reason audience.first=They-asked-for-it",
            _ => REASON,
        };
        let output = home.publish(&report(name, attrs), &format!("--topic {topic} --yes --json {reason}"));
        let found: Vec<_> = objects(&output).iter().filter(|line| line["blocks"] == true).cloned().collect();
        assert_eq!(code(&output), 10, "{finding}: {}", err(&output));
        assert!(
            found.iter().any(|line| line["finding"].as_str().unwrap().starts_with(finding)),
            "{finding}: {found:?}"
        );
    }
    // The analyst only reads there.
    let line = format!("publish report.xml --topic MILEHost --profile work --password-file - --memory --yes {REASON}");
    let output = home.run(&line, "practice-analyst\n");
    assert!(code(&output) == 10 && err(&output).contains("(topic.rights)"), "{}", err(&output));
    let output = home.publish(&report("csirt.example", green), &format!("--topic nowhere --yes {REASON}"));
    assert!(code(&output) == 10 && err(&output).contains("nowhere"), "{}", err(&output));
    let old = "<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-1.0\" version=\"1.00\" lang=\"en\"/>";
    assert_eq!(code(&home.publish(old, "--topic MILEHost --yes")), 10);
    // A pipe would be waited for for ever.
    assert!(Command::new("mkfifo").arg(home.path().join("pipe")).status().unwrap().success());
    let line = format!("publish pipe --topic MILEHost --profile sender --password-file - --memory --yes {REASON}");
    let output = home.run(&line, "practice-publisher\n");
    assert!(code(&output) == 10 && err(&output).contains("not a file"), "{}", err(&output));
    assert_eq!(home.there(), 0);
}

#[test]
fn what_goes_is_one_item_and_can_be_stopped_before() {
    let home = Home::new();
    let text = report("csirt.example", " restriction=\"green\"");
    std::fs::write(home.path().join("report.xml"), &text).unwrap();
    let line = format!("publish report.xml --topic MILEHost --profile sender --password-file - --memory {REASON}");
    let mut held = home.begin(&line, "practice-publisher\n");
    let mut told = BufReader::new(held.stderr.take().unwrap()).lines();
    let mut before = Vec::new();
    let said = told
        .by_ref()
        .map(Result::unwrap)
        .inspect(|line| before.push(line.clone()))
        .any(|line| line.contains("Held for 10"));
    assert!(said, "{before:?}");
    assert!(Command::new("kill").args(["-INT", &held.id().to_string()]).status().unwrap().success());
    assert_eq!(held.wait().unwrap().code(), Some(130));
    assert_eq!(home.there(), 0);

    let output = home.publish(&text, &format!("--topic MILEHost --yes --json {REASON}"));
    assert_eq!(code(&output), 0, "{}", err(&output));
    let lines = objects(&output);
    let comments = lines.iter().find(|line| line["finding"] == "comments").unwrap();
    assert_eq!(comments["blocks"], false);
    let receipt = lines.last().unwrap();
    assert_eq!(receipt["node"], "MILEHost");
    let item = receipt["item"].as_str().unwrap();
    assert_eq!((item.len(), home.there()), (32, 1));
    // Who does not know what came of it goes on with the same one.
    let again = home.publish(&text, &format!("--topic MILEHost --yes --item {item} {REASON}"));
    assert!(code(&again) == 0 && out(&again).starts_with(item), "{}{}", out(&again), err(&again));
    assert_eq!(home.there(), 1);
    // A topic that is named twice gets it once.
    let twice = home.publish(&text, &format!("--topic MILEHost --topic MILEHost --yes --json {REASON}"));
    let receipts = objects(&twice).iter().filter(|line| line["item"].is_string()).count();
    assert_eq!((code(&twice), receipts, home.there()), (0, 1, 2), "{}", err(&twice));
}

/// Over an archive the outbox knows what was done: the same bytes go once, who got them is known the next time, and what was
/// published is told anew and taken back.
#[test]
fn the_outbox_knows_what_was_published_and_to_whom() {
    let home = Home::new();
    let sender = "--profile sender --archive-passphrase-file 3";
    let vault = Vault::new(home.path().join("data/archives/publisher@practice.invalid"));
    let Found::Nothing(mut draft) = vault.look().unwrap() else { panic!("there is one") };
    draft.passphrase(PASSPHRASE, Cost { memory_kib: 1 << 10, passes: 1, lanes: 1 }).unwrap();
    let archive = draft.make().unwrap();
    // The team's incidents are numbered.
    let (csirt, numbers) = ("csirt.example".to_owned(), "CLI-{number}".to_owned());
    let us = Change::Organisation(Box::new(Organisation { csirt, numbers, ..Organisation::default() }));
    stock::keep(archive.local().unwrap(), &us).unwrap();
    drop(archive);
    let green = " restriction=\"green\"";
    let publish = |text: &str, more: &str| {
        std::fs::write(home.path().join("report.xml"), text).unwrap();
        let line = format!("publish report.xml --topic MILEHost {sender} --password-file - --yes --json {more}");
        home.run(&line, "practice-publisher\n")
    };
    let blocking = |output: &Output| {
        let all = objects(output);
        let all = all.iter().filter(|line| line["blocks"] == true);
        all.map(|line| line["finding"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = report("csirt.example", green);
    let done = publish(&first, "--reason audience.first=They-asked");
    assert_eq!(code(&done), 0, "{}", err(&done));
    let item = objects(&done).last().unwrap()["item"].as_str().unwrap().to_owned();
    // The same again would be twice; and that the topic is no new one is known from now on.
    let again = publish(&first, "");
    assert_eq!((code(&again), blocking(&again)), (10, vec!["published.before".to_owned()]), "{}", err(&again));
    assert!(err(&again).contains(&item));
    assert_eq!(home.there(), 1);
    // Another report under that number is another incident's.
    let other = first.replace("2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z");
    assert_eq!(blocking(&publish(&other, "")), ["number.taken"]);
    let by_name = publish(&other, "--reason number.taken=The-same");
    assert_eq!(blocking(&by_name), ["number.taken"], "not for whatever number");
    let reason = asked(&by_name);
    assert_eq!(reason, "number.taken@csirt.example CLI-7");
    // Told anew: the number stays, and what the archive does not know takes a reason.
    let update = format!("--update {item} --words Two-hosts-more");
    let unknown = publish(&first, &update);
    let told = if code(&unknown) == 10 {
        assert_eq!(blocking(&unknown), ["update.unknown"], "{}", err(&unknown));
        publish(&first, &format!("{update} --reason update.unknown=It-is-the-same"))
    } else {
        unknown
    };
    assert_eq!(code(&told), 0, "{}", err(&told));
    assert_eq!(home.there(), 2, "another item of the same incident");
    // The same once more is the same, and not told twice: neither where it is done, nor where nobody knows.
    let update = format!("{update} --reason update.unknown=It-is-the-same");
    assert_eq!(blocking(&publish(&first, &update)), ["published.before"]);
    let second = objects(&told).last().unwrap()["item"].as_str().unwrap().to_owned();
    forget_the_answer(&vault, &second);
    let again = publish(&first, &update);
    assert_eq!(code(&again), 0, "{}", err(&again));
    assert_eq!(objects(&again).last().unwrap()["item"], second.as_str());
    assert_eq!(home.there(), 2, "it is there once");
    what_went_by_a_reason_went_once(&publish, &blocking);
    let retract = |item: &str| {
        let line = format!("retract --topic MILEHost --item {item} {sender} --password-file - --yes --json");
        home.run(&line, "practice-publisher\n")
    };
    let back = retract(&item);
    assert_eq!(code(&back), 0, "{}", err(&back));
    assert!(err(&back).contains("keep copies") && objects(&back)[0]["retracted"] == item.as_str(), "{}", err(&back));
    assert_eq!(code(&retract("nothing-like-it")), 3);
    assert_eq!(home.there(), 1);
    // The number that left is given to no other incident.
    let Found::Locked(locked) = vault.look().unwrap() else { panic!("it is there") };
    let archive = locked.open(By::Passphrase(PASSPHRASE), None).map_err(|(_, why)| why).unwrap();
    let (stock, _) = Stock::read(archive.local().unwrap()).unwrap();
    assert_eq!(stock.number("csirt.example", chrono::Utc::now(), std::iter::empty()).unwrap(), "CLI-8");
    drop(archive);
    for wrong in ["retract --topic a --profile sender", "retract --topic a --item b --reason c=d --profile sender"] {
        assert_eq!(code(&home.run(wrong, "")), 1);
    }
}

/// What stricter reports went by, typed for them, says nothing of the topic: the next one asks anew.
fn what_went_by_a_reason_went_once(publish: &dyn Fn(&str, &str) -> Output, blocking: &dyn Fn(&Output) -> Vec<String>) {
    for number in ["RED-1", "RED-2"] {
        let red = report("csirt.example", " restriction=\"red\"").replace("CLI-7", number);
        let held = publish(&red, "--reason topic.stricter=Agreed");
        assert_eq!(blocking(&held), ["topic.stricter"], "{number}: {}", err(&held));
        let reason = asked(&held);
        let done = publish(&red, &format!("--reason '{reason}=Agreed'"));
        assert_eq!(code(&done), 0, "{}", err(&done));
    }
}

/// As after a run that was ended between sending an item and its broker's answer.
fn forget_the_answer(vault: &Vault, item: &str) {
    let Found::Locked(locked) = vault.look().unwrap() else { panic!("it is there") };
    let archive = locked.open(By::Passphrase(PASSPHRASE), None).map_err(|(_, why)| why).unwrap();
    let on = archive.local().unwrap();
    let (key, text) = on.kept(Shelf::Outbox).unwrap().into_iter().find(|(_, text)| text.contains(item)).unwrap();
    let (mark, rest) = text.split_once('\n').unwrap();
    let (_, form) = rest.split_once('\n').unwrap();
    let mut form: serde_json::Value = serde_json::from_str(form).unwrap();
    (form["state"], form["unsure"]) = (json!("waiting"), json!(true));
    let form = form.to_string();
    let text = format!("{mark}\n{}\n{form}", digest(form.as_bytes()));
    on.keep(Shelf::Outbox, &[], &[(key, text)]).unwrap();
    assert!(Left::read(on).unwrap().parcels.iter().any(|parcel| !parcel.is_settled()));
}

/// What comes in while a report is held is looked at before it leaves.
#[test]
fn what_is_received_while_a_report_is_held_stops_it() {
    let home = Home::new();
    let with =
        |text: String, more: &str| text.replace("</Contact></Incident>", &format!("</Contact>{more}</Incident>"));
    let said = |text: String| with(text, "<EventData><Description>from 198.51.100.7</Description></EventData>");
    let red = said(report("other.example", " restriction=\"red\"").replace("CLI-7", "RED-1"));
    let held = home.publish(&red, &format!("--topic MILEHost --yes --json {REASON}"));
    let stricter = asked(&held);
    let green = said(report("csirt.example", " restriction=\"green\""));
    std::fs::write(home.path().join("green.xml"), green).unwrap();
    let work = "--profile work --password-file - --archive-passphrase-file 3";
    let line = format!("publish green.xml --topic my-desk {work} --json --hold 20 --reason audience.first=Ours");
    let mut child = home.begin(&line, "practice-analyst\n");
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut before = Vec::new();
    let is_held = told
        .by_ref()
        .map(Result::unwrap)
        .inspect(|line| before.push(line.clone()))
        .any(|line| line.contains("Held for"));
    assert!(is_held, "{before:?}");
    let sent = home.publish(&red, &format!("--topic MILEHost --yes {REASON} --reason '{stricter}=Agreed'"));
    assert_eq!(code(&sent), 0, "{}", err(&sent));
    let told: Vec<String> = told.map(Result::unwrap).collect();
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 10, "{told:?}");
    assert!(
        objects(&output).iter().any(|line| line["finding"] == "leak" && line["blocks"] == true),
        "{}",
        out(&output)
    );
}

/// The real program to a real ejabberd, with slixmpp as its reader: intact, or refused in words with a code of its own.
#[test]
fn the_program_publishes_to_a_real_broker() {
    let server = Ejabberd::start();
    let (sender, reader) = (Ejabberd::account("sender"), Ejabberd::account("reader"));
    drop(Peer::login(&server, &sender, Port::StartTls));
    let mut owner = Peer::login(&server, &Ejabberd::account("owner"), Port::StartTls);
    let mut peer = Peer::login(&server, &reader, Port::StartTls);
    for (node, settings) in
        [("cli", json!({"access": "whitelist"})), ("small", json!({"access": "whitelist", "biggest": 300}))]
    {
        owner.create_as(node, settings);
        for (who, what) in [(&sender, "publisher"), (&reader, "member")] {
            owner.tell("affiliate", json!({"service": BROKER, "node": node, "jid": who.jid, "affiliation": what}));
        }
        let _ = peer.call("subscribe", json!({"service": BROKER, "node": node}));
    }
    let home = tempfile::tempdir().unwrap();
    let text = report("csirt.example", " restriction=\"green\"");
    std::fs::write(home.path().join("report.xml"), &text).unwrap();
    let run = |verb: &str| {
        let port = server.port(Port::Direct);
        let ca = server.ca_file();
        let line = format!(
            "{verb} --jid {} --host 127.0.0.1 --port {port} --tls direct --ca {} --password-file - --memory --yes --json",
            sender.jid,
            ca.display()
        );
        let mut command = super::gridwatch(&home, &line);
        let _ = command.current_dir(home.path());
        let _ = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{}", sender.password).unwrap();
        child.wait_with_output().unwrap()
    };
    let done = run(&format!("publish report.xml --topic cli {REASON}"));
    assert_eq!(code(&done), 0, "{}", err(&done));
    let item = objects(&done).last().unwrap()["item"].as_str().unwrap().to_owned();
    let got = peer.event("the report", |event| event["event"] == "item" && event["item"] == item.as_str());
    let read = |text: &str| gridwatch::iodef::Document::read(text, &[]).unwrap();
    let differs = gridwatch::iodef::diff::diff(&read(&text), &read(got["payload"].as_str().unwrap()));
    assert!(differs.is_empty(), "{differs:?}");
    assert_eq!(owner.ids("cli"), std::slice::from_ref(&item));
    let big = run(&format!("publish report.xml --topic small {REASON}"));
    assert_eq!(code(&big), 3, "{}", err(&big));
    assert!(err(&big).contains("larger than the broker takes"), "{}", err(&big));
    assert_eq!(owner.ids("small"), Vec::<String>::new());
    let back = run(&format!("retract --topic cli --item {item}"));
    assert_eq!(code(&back), 0, "{}", err(&back));
    let gone = peer.event("that it is taken back", |event| event["event"] == "retract");
    assert_eq!(gone["item"], item.as_str());
    owner.tell("affiliate", json!({"service": BROKER, "node": "cli", "jid": sender.jid, "affiliation": "none"}));
    let lost = run(&format!("publish report.xml --topic cli {REASON}"));
    assert_eq!(code(&lost), 10, "{}", err(&lost));
    assert!(err(&lost).contains("no topic") || err(&lost).contains("(topic.rights)"), "{}", err(&lost));
}

/// What stands in the archive under a stricter word leaves only by a reason for exactly this value.
#[test]
fn what_was_received_under_a_stricter_word_does_not_leave_unseen() {
    let home = Home::new();
    let taken = home.path().join("taken.xml");
    let address = |category: &str, value: &str| {
        format!(
            "<EventData><Flow><System category=\"source\"><Node><Address category=\"{category}\">{value}</Address></Node></System></Flow></EventData>"
        )
    };
    let with =
        |text: String, more: &str| text.replace("</Contact></Incident>", &format!("</Contact>{more}</Incident>"));
    let red = with(report("other.example", " restriction=\"red\""), &address("ipv4-addr", "198.51.100.7"));
    std::fs::write(&taken, red).unwrap();
    let sender = "--profile sender --archive-passphrase-file 3";
    let made = home.run(&format!("topics {sender} --password-file -"), "practice-publisher\n");
    assert_eq!(code(&made), 0, "{}", err(&made));
    let taken = home.run(&format!("import taken.xml {sender}"), "");
    assert_eq!(code(&taken), 0, "{}", err(&taken));
    let green = with(report("csirt.example", " restriction=\"green\""), &address("ipv4-net", "198.51.100.0/24"));
    std::fs::write(home.path().join("report.xml"), green).unwrap();
    let publish = |more: &str| {
        let line = format!("publish report.xml --topic MILEHost {sender} --password-file - --yes --json {more}");
        home.run(&line, "practice-publisher\n")
    };
    let asked = "--reason audience.first=They-asked";
    let held = publish(asked);
    assert_eq!(code(&held), 10, "{}", err(&held));
    let lines = objects(&held);
    let leak = lines.iter().find(|line| line["finding"] == "leak").unwrap();
    let reason = leak["reason"].as_str().unwrap();
    assert!(leak["blocks"] == true && reason.contains("198.51.100.0/24"), "{leak}");
    assert_eq!(code(&publish(&format!("{asked} --reason leak=Known"))), 10, "not for all at once");
    assert_eq!(home.there(), 0);
    let passed = publish(&format!("{asked} --reason '{reason}=The owner agreed.'"));
    assert_eq!(code(&passed), 0, "{}", err(&passed));
    assert_eq!(home.there(), 1);
    // By what reasons it left stands in the log of acts, and nothing of what it says.
    let shown = home.run(&format!("log show what:publish {sender} --json"), "");
    let entries = objects(&shown);
    assert_eq!(entries.iter().map(|one| one["result"].as_str().unwrap()).collect::<Vec<_>>(), ["begun", "done"]);
    for entry in &entries {
        let reason = entry["reason"].as_str().unwrap();
        assert!(reason.contains("audience.first: They-asked") && reason.contains("leak: The owner agreed."), "{entry}");
    }
    assert!(!out(&shown).contains("198.51.100"), "{}", out(&shown));
    let plain = out(&home.run(&format!("log show what:publish {sender}"), ""));
    assert!(plain.contains("The owner agreed."), "{plain}");
}
