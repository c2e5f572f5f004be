//! The text verbs as a script meets them: the real binary, its lines, its exit codes.

mod logged;
mod owner;
mod publish;
mod signals;
mod stored;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};

use gridwatch::practice;
use serde_json::{Value, json};

use crate::support::child::Guard;
use crate::support::ejabberd::Ejabberd;
use crate::support::peer::Peer;
use crate::support::server::{Account, Port, Server as _};
use crate::support::{files, wait};

/// The binary with a home of its own and no keyring.
fn gridwatch(home: &tempfile::TempDir, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gridwatch"));
    let _ = command
        .args(line.split_whitespace())
        .env("GRIDWATCH_HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("DISPLAY")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs to the end with `input`; that it ends is part of each test.
fn run(line: &str, input: &str) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut child = gridwatch(&home, line).stdin(Stdio::piped()).spawn().unwrap();
    // A verb that refuses its command line does not read.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// A document of ours: its path and its text.
fn fixture(name: &str) -> (String, String) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/iodef").join(name);
    (path.display().to_string(), std::fs::read_to_string(path).unwrap_or_default())
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("{}: {}", output.status, err(output)))
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn objects(output: &Output) -> Vec<Value> {
    out(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn check_tells_what_is_wrong_and_ends_so() {
    let (sound, text) = fixture("minimal.xml");
    let output = run(&format!("check {sound}"), "");
    assert_eq!((code(&output), err(&output)), (0, String::new()), "{}", out(&output));
    assert!(out(&output).starts_with(&format!("{sound}: valid (")), "{}", out(&output));

    // One fault, by standard input, in both forms.
    let spoiled = text.replace("reporting", "reportin");
    let output = run("check --against published --json -", &spoiled);
    let [file] = objects(&output).try_into().unwrap();
    assert_eq!((code(&output), &file["verdict"], &file["invalid"]), (1, &json!("invalid"), &json!(1)));
    let found = &file["findings"][0];
    assert_eq!((&found["rule"], &found["path"]), (&json!("iodef.value.token"), &json!("Incident[1]@purpose")));
    assert_eq!(found["fixes"], json!(["Set purpose to reporting"]));
    let plain = out(&run("check --against published -", &spoiled));
    assert!(plain.contains("iodef.value.token") && plain.contains("Choose a listed value."), "{plain}");
    // Reading, the token may have been registered since; the schema has it no more for that.
    let reading = run("check -", &spoiled);
    assert_eq!(code(&reading), 1);
    assert!(out(&reading).contains("it may have been registered since"), "{}", out(&reading));

    // The worst of many counts, each has its line, and no trick of a file reaches the terminal.
    let hostile = spoiled.replace("reportin", "\u{202e}nitroper&#x9b;2J");
    let output = run(&format!("check --json {sound} - nowhere.xml {sound}"), &hostile);
    let verdicts: Vec<_> = objects(&output).iter().map(|file| file["verdict"].clone()).collect();
    assert_eq!(
        (code(&output), verdicts),
        (2, vec![json!("valid"), json!("invalid"), json!("unusable"), json!("valid")])
    );
    let plain = run("check -", &hostile);
    assert!(out(&plain).chars().all(|c| c == '\n' || !gridwatch::text::is_deceptive(c)), "{}", out(&plain));

    let files = [sound.as_str(); 3000].join(" ");
    let output = run(&format!("check {files}"), "");
    assert_eq!((code(&output), out(&output).matches(": valid (").count()), (0, 3000));

    // What JSON has beyond RFC 8727 is told, and makes it invalid.
    let (document, _) = fixture("minimal.xml");
    let written = out(&run(&format!("convert {document} - --to json"), ""));
    assert_eq!(code(&run("check -", &written)), 0, "{written}");
    let more = written.replacen('{', "{\"Nope\":1,", 1);
    let output = run("check --json -", &more);
    let [file] = objects(&output).try_into().unwrap();
    assert_eq!((code(&output), &file["verdict"], &file["invalid"]), (1, &json!("invalid"), &json!(1)));
    assert_eq!((&file["remarks"][0]["path"], &file["remarks"][0]["grade"]), (&json!("/Nope"), &json!("invalid")));
    let plain = out(&run("check -", &more));
    assert!(plain.contains("/Nope: RFC 8727 has no such member there"), "{plain}");
    assert!(plain.contains(": invalid (one fault, 0 contradictions, "), "{plain}");
    // An older draft's way is read, and not as published; what IODEF's XML has no place for is JSON all the same.
    let with =
        |member: &str| written.replacen("\"Incident\": [\n    {", &format!("\"Incident\": [\n    {{{member},"), 1);
    let draft = with(r#""Assessment":[{"BusinessImpact":{"severity":"low"}}]"#);
    let scored = with(r#""Method":[{"AttackPattern":[{"SpecID":"private","Scoring":[{"SpecID":"private"}]}]}]"#);
    for (text, key, published) in [(draft, "older draft", 1), (scored, "IODEF's XML has no place", 0)] {
        assert_ne!(text, written);
        let reading = run("check -", &text);
        assert!(out(&reading).contains(key) && code(&reading) == 0, "{}", out(&reading));
        let strict = run("check --against published -", &text);
        assert_eq!(code(&strict), published, "{}", out(&strict));
    }
    // Each where it stands in the JSON, not in XML made of it.
    let spoiled = r#"{"version":"2.0","Incident":[{
        "IncidentID":{"id":"1","name":"a.example"},   "Nope": 1,
     "é": 1, "purpose":"reportin", "GenerationTime":"yesterday",
  "Contact":[{"role":"creator","type":"person"},
 {"type":"person"}]}]}"#;
    let output = run("check --json -", spoiled);
    let [file] = objects(&output).try_into().unwrap();
    let place = |found: &Value| (found["line"].as_u64().unwrap(), found["column"].as_u64().unwrap());
    let found = |path: &str| {
        let all = file["findings"].as_array().unwrap();
        place(all.iter().find(|found| found["path"] == path).unwrap_or_else(|| panic!("{path}: {all:?}")))
    };
    assert_eq!(place(&file["remarks"][0]), (2, 55), "{file}");
    assert_eq!(found("Incident[1]@purpose"), (3, 14));
    assert_eq!(found("Incident[1]/GenerationTime[1]"), (3, 36));
    assert_eq!(found("Incident[1]/Contact[2]"), (5, 2));
    let plain = out(&run("check -", spoiled));
    assert!(plain.contains("\n  3:14 ") && plain.contains("\n  5:2 ") && plain.contains("\n  2:55 "), "{plain}");

    // In UTF-16, as XML may be.
    let folder = tempfile::tempdir().unwrap();
    let wide = folder.path().join("wide.xml");
    let spoiled = text.replace("reporting", "reportin").replacen("UTF-8", "UTF-16", 1);
    std::fs::write(&wide, spoiled.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).unwrap();
    let output = run(&format!("check {}", wide.display()), "");
    assert_eq!(code(&output), 1, "{}", out(&output));
    assert!(out(&output).contains("reportin"), "{}", out(&output));

    let (doctype, _) = fixture("doctype.xml");
    for line in ["check", "check --against both x", "check --practice x", &format!("check {doctype}")] {
        assert_eq!(code(&run(line, "")), 2, "{line}");
    }
}

#[test]
fn revisions_are_compared_by_meaning() {
    let (old, text) = fixture("minimal.xml");
    let home = tempfile::tempdir().unwrap();
    let other = |name: &str, text: String| {
        let path = home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    // The same by JSON; the same text from standard input.
    let json = other("same.json", out(&run(&format!("convert {old} - --to json"), "")));
    let output = run(&format!("diff {old} {json}"), "");
    assert_eq!(code(&output), 0, "{}", out(&output));
    assert!(out(&output).contains("say the same"), "{}", out(&output));
    assert_eq!(code(&run(&format!("diff - {old}"), &text)), 0);

    let changed = text.replace("reporting", "mitigation").replace("\"green\"", "\"public\"");
    assert_ne!(changed, text);
    let new = other("new.xml", changed);
    let output = run(&format!("diff {old} {new}"), "");
    let plain = out(&output);
    assert_eq!(code(&output), 1, "{plain}");
    assert!(plain.contains("restriction loosened: ") && plain.contains("purpose: reporting → mitigation"), "{plain}");
    let output = run(&format!("diff --json {new} {old}"), "");
    let [told] = objects(&output).try_into().unwrap();
    assert_eq!((code(&output), &told["same"], &told["changed"]), (1, &json!(false), &json!(2)));
    assert_eq!(told["changes"][0]["matter"], json!("tightened"));
    assert_eq!(told["changes"][0]["attribute"], json!("restriction"));
    assert_eq!(told["changes"][0]["before"], json!("public"));
    assert_eq!(told["changes"][0]["new"]["path"], json!("Incident[1]"));
    assert_eq!(told["incidents"][0]["handling"], json!(["clear", "green"]));

    let hostile = text.replace("reporting", "repo\u{202e}\u{85}rting");
    for line in [format!("diff {old} -"), format!("diff --json {old} -")] {
        let output = run(&line, &hostile);
        assert_eq!(code(&output), 1);
        assert!(out(&output).chars().all(|c| c == '\n' || !gridwatch::text::is_deceptive(c)), "{}", out(&output));
    }
    let (doctype, _) = fixture("doctype.xml");
    for line in [
        "diff",
        "diff a",
        "diff - -",
        "diff a b c",
        &format!("diff {old} nowhere.xml"),
        &format!("diff {doctype} {old}"),
    ] {
        assert_eq!(code(&run(line, "")), 2, "{line}");
    }
}

#[test]
fn handling_comes_first_and_nothing_is_the_same_in_silence() {
    let (old, text) = fixture("minimal.xml");
    let home = tempfile::tempdir().unwrap();
    let other = |name: &str, inside: &str| {
        let path = home.path().join(name);
        std::fs::write(&path, text.replace("</Incident>", &format!("{inside}</Incident>"))).unwrap();
        path.display().to_string()
    };
    let system = "<System category='source'><Node><Address category='ipv4-addr'>192.0.2.7</Address></Node></System>";
    let event =
        |attrs: &str, inside: &str| format!("<EventData {attrs}><Description>e</Description>{inside}</EventData>");
    let red = other("red.xml", &event("restriction='red'", ""));
    let seen = other("seen.xml", &event("", &format!("<Flow>{system}</Flow><Expectation action='block-host'/>")));
    // What was red is gone; what came asks for something.
    let output = run(&format!("diff {red} {seen}"), "");
    let told = out(&output);
    assert_eq!(code(&output), 1, "{told}");
    let lines: Vec<&str> = told.lines().collect();
    let at =
        |words: &str| lines.iter().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}: {told}"));
    assert!(at("strictest restriction inside: ") == 1 && at("[restriction") < at("+ ipv4 "), "{told}");
    assert!(at("[asked of you]") < at("+ ipv4 "), "{told}");
    // A value that only looks the same, and one that differs beyond what is shown.
    let long =
        |end: &str| format!("<AdditionalData dtype='string' name='n'>{}{end}</AdditionalData>", "a".repeat(5_000));
    let (one, two) = (other("one.xml", &long("x")), other("two.xml", &long("y")));
    let output = run(&format!("diff {one} {two}"), "");
    assert!(out(&output).contains("ax → …aa") && out(&output).contains("ay"), "{}", out(&output));
    let [told] = objects(&run(&format!("diff --json {one} {two}"), "")).try_into().unwrap();
    let change = &told["changes"][0];
    assert_ne!(change["before"], change["after"]);
    assert_eq!((&change["cut"], &change["lengths"]), (&json!(true), &json!([5_001, 5_001])));
    let data = |words: &str| format!("<AdditionalData dtype='string' name='n'>{words}</AdditionalData>");
    let (one, two) = (other("a.xml", &data("a  b")), other("b.xml", &data("a b")));
    let output = run(&format!("diff {one} {two}"), "");
    assert!(out(&output).contains("a ␣b → a b"), "{}", out(&output));
    // What the mapping of an old document had to decide is no silence.
    let (version1, _) = fixture("version1.xml");
    let output = run(&format!("diff {version1} {version1}"), "");
    assert_eq!(code(&output), 0);
    assert!(out(&output).contains("no difference in what could be compared"), "{}", out(&output));
    assert!(err(&output).contains("did not come over"), "{}", err(&output));
    let [told] = objects(&run(&format!("diff --json {version1} {old}"), "")).try_into().unwrap();
    assert!(told["unseen"][0].as_u64() > Some(0) && told["unseen"][1] == json!(0), "{told}");
}

#[test]
fn a_closed_pipe_keeps_the_verdict() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/iodef/minimal.xml");
    let home = tempfile::tempdir().unwrap();
    let spoiled = home.path().join("spoiled.xml");
    std::fs::write(&spoiled, std::fs::read_to_string(&path).unwrap().replace("reporting", "reportin")).unwrap();
    let (sound, spoiled) = (path.display().to_string(), spoiled.display().to_string());
    // The faulty one comes last, after the reader has gone.
    for (last, verdict) in [(spoiled.as_str(), 1), (sound.as_str(), 0), ("nowhere.xml", 2)] {
        let line = format!("check {} {last}", [sound.as_str(); 3000].join(" "));
        let mut child = gridwatch(&home, &line).spawn().unwrap();
        let mut first = String::new();
        let _ = BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(verdict), "{last}");
    }
}

/// 1.4 MB that once took 2.2 GB: a text for the path of every waiting element.
#[test]
fn a_small_json_takes_no_great_memory() {
    let descriptions = vec!["\"\""; 2_250].join(",");
    let event = format!(r#"{{"Description":[{descriptions}],"EventData":["#);
    let bomb = format!(r#"{{"Incident":[{{"EventData":[{}{}]}}]}}"#, event.repeat(200), "]}".repeat(200));
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("bomb.json");
    std::fs::write(&file, bomb).unwrap();
    let script = format!("ulimit -v 1500000; exec {} check {}", env!("CARGO_BIN_EXE_gridwatch"), file.display());
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{} {}", out(&output), err(&output));
}

#[test]
fn topics_of_the_practice_grid() {
    let output = run("topics --practice --json", "");
    assert_eq!((code(&output), err(&output)), (0, String::new()));
    let topics = objects(&output);
    let topic = |node: &str| topics.iter().find(|topic| topic["node"] == node).unwrap_or_else(|| panic!("no {node}"));
    assert_eq!(topic("MILEHost")["membership"], "subscribed");
    assert_eq!(topic("MILEHost")["payload_type"], "urn:ietf:params:xml:ns:iodef-2.0");
    assert_eq!(topic("my-desk")["affiliation"], "owner");
    assert_eq!(topic("my-desk")["may_publish"], true);
    // A payload type that is not IODEF is listed for what it is.
    assert!(topics.iter().any(|topic| topic["payload_type"].as_str().is_some_and(|kind| !kind.contains("iodef"))));

    let plain = run("topics --practice", "");
    assert_eq!((code(&plain), out(&plain).lines().count()), (0, topics.len()));
    assert!(out(&plain).lines().any(|line| line.starts_with("MILEHost ") && line.contains("subscribed")));
}

#[test]
fn tail_of_the_practice_grid() {
    let output = run("tail --practice --seed 7 --json --count 5", "");
    assert_eq!((code(&output), err(&output)), (0, String::new()));
    let items = objects(&output);
    assert_eq!(items.len(), 5);
    for item in &items {
        assert_eq!(item["topic"]["broker"], "broker.practice.invalid");
        assert!(item["route"].is_string() && item["received"].is_string() && item["handling"].is_string());
    }
    let again = objects(&run("tail --practice --seed 7 --json --count 5", ""));
    let ids = |items: &[Value]| items.iter().map(|item| item["item"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&items), ids(&again), "one seed, one world");
    assert_ne!(ids(&items), ids(&objects(&run("tail --practice --seed 8 --json --count 5", ""))));

    let plain = run("tail --practice --count 3", "");
    assert_eq!((code(&plain), out(&plain).lines().count()), (0, 3));
    assert!(out(&plain).lines().all(|line| line.contains("TLP:")), "{}", out(&plain));
}

#[test]
fn tail_ends_after_its_time_and_says_when_it_was_short() {
    let output = run("tail --practice --for 1", "");
    assert_eq!(code(&output), 0);
    let output = run("tail --practice --for 1 --count 1000000", "");
    assert_eq!(code(&output), 4);
    assert!(!out(&output).is_empty());
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let home = tempfile::tempdir().unwrap();
    let mut process = Guard::new(gridwatch(&home, "tail --practice --json").spawn().unwrap());
    let mut reader = BufReader::new(process.child.stdout.take().unwrap());
    let mut line = String::new();
    let _ = reader.read_line(&mut line).unwrap();
    assert!(line.ends_with("}\n"), "{line}");
    drop(reader);
    // The next incident meets a closed pipe.
    assert_eq!(process.exit(wait::PATIENCE).code(), Some(0));
    let mut said = String::new();
    let _ = std::io::Read::read_to_string(&mut process.child.stderr.take().unwrap(), &mut said).unwrap();
    assert_eq!(said, "");
}

#[test]
fn what_is_wrong_is_said_on_standard_error_with_its_code() {
    // TEST-NET addresses are not dialled: the port of a listener that was just dropped refuses.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let given = format!("topics --jid a@grid.invalid --host 127.0.0.1 --port {port} --memory --password-file -");
    for (line, input, exit, words) in [
        ("topics", "", 1, "Name one grid"),
        ("tail --practice --count", "", 1, "not understood"),
        ("tail --profile nobody", "", 1, "no profile nobody"),
        ("tail --jid a@grid.invalid --password-file hunter2", "", 1, "not understood"),
        (&given, "", 1, "No password could be read"),
        ("topics --jid a@grid.invalid --password-file 77", "", 1, "No password could be read"),
        (&given, "secret\n", 2, "refuses connections"),
    ] {
        let output = run(line, input);
        assert_eq!(code(&output), exit, "{line}: {}", err(&output));
        assert_eq!(out(&output), "", "{line}");
        assert!(err(&output).contains(words), "{line}: {}", err(&output));
        assert!(!err(&output).contains("secret"));
    }
}

#[test]
fn help_names_every_option_and_every_exit_code() {
    let output = run("--help", "");
    assert_eq!((code(&output), err(&output)), (0, String::new()));
    let help = out(&output);
    for word in
        "topics tail search export import hunt handover --with-filter --new --since --until --view --archive-passphrase-file --archive-code-file --memory --to --force --practice --seed --profile --jid --host --port --tls --ca --platform-roots --revocation --crl \
                 --fetch-crls --certificate --passphrase-file --proxy --proxy-password-file --accept-certificate \
                 --broker --password-file --count \
                 --for --json --home --renderer --timings"
            .split_whitespace()
    {
        assert!(help.contains(word), "{word}");
    }
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    for exit in (0..=9).chain([130]) {
        assert!(help.contains(&format!("\n{exit:>3}  ")) && readme.contains(&format!("\n| {exit} | ")), "{exit}");
    }
    assert_eq!(out(&run("tail --help", "")), help);
    assert_eq!(out(&run("--version", "")), concat!("gridwatch ", env!("CARGO_PKG_VERSION"), "\n"));
}

/// The session is well and the broker is not: no verb calls that done, and none waits for ever.
#[test]
fn a_broker_that_refuses_is_code_3() {
    let grid = practice::Grid::start(practice::Options { port: Some(0), ..practice::Options::default() }).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, grid.ca_pem()).unwrap();
    let given = format!(
        "--jid analyst@practice.invalid --host 127.0.0.1 --port {} --ca {} --memory --password-file -",
        grid.port().unwrap(),
        ca.display()
    );
    for verb in ["topics", "tail", "tail --for 100000", "tail --count 1"] {
        let output = run(&format!("{verb} {given} --broker nobody.practice.invalid"), "practice-analyst\n");
        assert_eq!((code(&output), out(&output).as_str()), (3, ""), "{verb}: {}", err(&output));
        assert!(err(&output).contains("nobody.practice.invalid"), "{verb}: {}", err(&output));
    }
    assert_eq!(code(&run(&format!("topics {given}"), "practice-analyst\n")), 0);
}

/// After a login that worked, the password is in no file and in nothing that was said.
#[test]
fn a_password_that_was_used_is_nowhere() {
    // With a port of its own the practice grid has fixed passwords: this one is the analyst's.
    const CANARY: &str = "practice-analyst";
    let grid = practice::Grid::start(practice::Options { port: Some(0), ..practice::Options::default() }).unwrap();
    let home = tempfile::tempdir().unwrap();
    let ca = home.path().join("ca.pem");
    std::fs::write(&ca, grid.ca_pem()).unwrap();
    let port = grid.port().unwrap();
    let settings = format!(
        "[profile.work]\njid = \"analyst@practice.invalid\"\nhost = \"127.0.0.1\"\nport = {port}\nca-file = {ca:?}\n"
    );
    std::fs::write(home.path().join("settings.toml"), settings).unwrap();
    let given = format!("--jid analyst@practice.invalid --host 127.0.0.1 --port {port} --ca {}", ca.display());
    for (verb, grid) in [
        ("topics --json", &*given),
        ("tail --count 9", &given),
        ("topics", "--profile work"),
        ("tail --count 9", "--profile work"),
    ] {
        let line = format!("{verb} {grid} --memory --password-file -");
        let mut child = gridwatch(&home, &line).env("HOME", home.path()).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{CANARY}\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((code(&output), err(&output)), (0, String::new()), "{line}");
        assert!(!out(&output).is_empty() && !out(&output).contains(CANARY), "{line}");
    }
    // The account itself stands in the settings, in what is remembered of its controller, and in the log.
    let account = files::with(home.path(), "analyst@practice.invalid");
    let noted = ["settings.toml", "data/known.toml", "state/log/gridwatch.log"].map(|file| home.path().join(file));
    assert!(account.contains(&noted[1]) && account.iter().all(|file| noted.contains(file)), "{account:?}");
    assert_eq!(files::with(home.path(), CANARY), Vec::<std::path::PathBuf>::new());
}

/// A real server with one topic, one stored report and an account that is subscribed.
fn grid() -> (Ejabberd, Account) {
    let (server, reader) = (Ejabberd::start(), Ejabberd::account("reader"));
    let broker = Ejabberd::BROKER;
    let mut owner = Peer::login(&server, &Ejabberd::account("owner"), Port::StartTls);
    let kind = "urn:ietf:params:xml:ns:iodef-2.0";
    owner.tell("create", json!({"service": broker, "node": "reports", "access": "open", "type": kind, "title": "R"}));
    let report = "<IODEF-Document xmlns='urn:ietf:params:xml:ns:iodef-2.0' version='2.00'><Incident purpose='watch'>\
                  <IncidentID name='csirt.example'>7</IncidentID><GenerationTime>2026-11-21T16:00:00Z</GenerationTime>\
                  <Description>Seven</Description></Incident></IODEF-Document>";
    owner.tell("publish", json!({"service": broker, "node": "reports", "item": "one", "payload": report}));
    let mut peer = Peer::login(&server, &reader, Port::StartTls);
    peer.tell("subscribe", json!({"service": broker, "node": "reports"}));
    (server, reader)
}

#[test]
fn a_real_grid_by_its_address() {
    let (server, reader) = grid();
    let (jid, password) = (&reader.jid, format!("{}\n", reader.password));
    let ca = server.ca_file().display().to_string();
    for (port, tls) in [(Port::StartTls, "starttls"), (Port::Direct, "direct")] {
        let port = server.port(port);
        let at = format!("--jid {jid} --host 127.0.0.1 --port {port} --tls {tls} --json --memory --password-file -");
        let topics = run(&format!("topics {at} --ca {ca}"), &password);
        assert_eq!((code(&topics), err(&topics)), (0, String::new()), "{tls}");
        let topics = objects(&topics);
        assert_eq!((topics.len(), &topics[0]["node"], &topics[0]["access"]), (1, &json!("reports"), &json!("open")));
        assert_eq!((&topics[0]["membership"], &topics[0]["title"]), (&json!("subscribed"), &json!("R")));
        let tail = run(&format!("tail {at} --ca {ca} --count 1"), &password);
        assert_eq!((code(&tail), err(&tail)), (0, String::new()), "{tls}");
        let item = &objects(&tail)[0];
        assert_eq!(
            (&item["csirt"], &item["id"], &item["title"]),
            (&json!("csirt.example"), &json!("7"), &json!("Seven"))
        );
        // ejabberd pushes a topic's last item at each presence, which may come before what was asked for.
        assert_eq!((&item["item"], &item["purpose"]), (&json!("one"), &json!("watch")));

        // The machine's own authorities do not know the test's; and no password goes where the certificate is unknown.
        let refused = run(&format!("topics {at}"), &password);
        assert_eq!((code(&refused), out(&refused).as_str()), (2, ""), "{tls}");
        assert!(!err(&refused).contains(reader.password.as_str()), "{}", err(&refused));
        let wrong = run(&format!("topics {at} --ca {ca}"), "not the password\n");
        assert_eq!((code(&wrong), out(&wrong).as_str()), (2, ""), "{tls}: {}", err(&wrong));
    }
}

#[test]
fn a_real_grid_by_its_profile_and_a_password_from_a_descriptor() {
    let (server, reader) = grid();
    let home = tempfile::tempdir().unwrap();
    let settings = format!(
        "[profile.work]\njid = \"{}\"\nhost = \"127.0.0.1\"\nport = {}\nca-file = {:?}\n",
        reader.jid,
        server.port(Port::StartTls),
        server.ca_file(),
    );
    std::fs::write(home.path().join("settings.toml"), settings).unwrap();
    let script =
        "exec 3< <(printf '%s\\n' \"$PASSWORD\"); \"$0\" topics --profile work --memory --json --password-file 3";
    let mut shell = Command::new("bash");
    let _ = shell
        .args(["-c", script, env!("CARGO_BIN_EXE_gridwatch")])
        .env("PASSWORD", &reader.password)
        .env("GRIDWATCH_HOME", home.path());
    let output = shell.output().unwrap();
    assert_eq!((code(&output), err(&output)), (0, String::new()));
    assert_eq!(objects(&output)[0]["node"], "reports");
    let tail = script.replace("topics", "tail").replace("--json", "--count 1");
    let output = Command::new("bash")
        .args(["-c", &tail, env!("CARGO_BIN_EXE_gridwatch")])
        .env("PASSWORD", &reader.password)
        .env("GRIDWATCH_HOME", home.path())
        .output()
        .unwrap();
    assert!(out(&output).contains("Seven"), "{}", err(&output));
    // The log tells what was done, and holds neither the password nor a word of the incident.
    let log = std::fs::read_to_string(home.path().join("state/log/gridwatch.log")).unwrap();
    assert!(log.contains(" online ") && log.contains("SCRAM-SHA-256"), "{log}");
    for secret in [reader.password.as_str(), "über-secret", "Seven"] {
        assert_eq!(files::with(home.path(), secret), [] as [std::path::PathBuf; 0], "{secret}");
    }
    // Without a keyring and without a password there is nothing to log in with, and it says why.
    let output = gridwatch(&home, "topics --profile work").output().unwrap();
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("keyring"), "{}", err(&output));
}

/// A controller with a key of its own, and the options that lead there.
fn controller(folder: &std::path::Path) -> (practice::Grid, String) {
    let grid = practice::Grid::start(practice::Options { port: Some(0), ..practice::Options::default() }).unwrap();
    let (port, ca) = (grid.port().unwrap(), folder.join(format!("ca-{}.pem", grid.port().unwrap())));
    std::fs::write(&ca, grid.ca_pem()).unwrap();
    let options =
        format!("--memory --jid analyst@practice.invalid --host 127.0.0.1 --port {port} --ca {}", ca.display());
    (grid, options)
}

#[test]
fn a_first_meeting_holds_to_the_fingerprint_that_was_given() {
    let home = tempfile::tempdir().unwrap();
    let (_grid, options) = controller(home.path());
    let topics = |print: &str| {
        let line = format!("topics {options} --password-file - --accept-certificate sha256:{print}");
        let mut child = gridwatch(&home, &line).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"practice-analyst\n").unwrap();
        let output = child.wait_with_output().unwrap();
        (code(&output), err(&output))
    };
    let (exit, words) = topics(&"0A".repeat(32));
    assert_eq!(exit, 7, "{words}");
    let shown = words.split("--accept-certificate sha256:").nth(1).unwrap().split_whitespace().next().unwrap();
    assert_eq!(topics(&"0A".repeat(32)).0, 7, "nothing was remembered");
    assert_eq!(topics(shown).0, 0);
}

#[test]
fn a_changed_certificate_is_refused_until_its_fingerprint_is_given() {
    let home = tempfile::tempdir().unwrap();
    let topics = |options: &str| {
        let line = format!("topics {options} --password-file -");
        let mut child = gridwatch(&home, &line).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"practice-analyst\n").unwrap();
        let output = child.wait_with_output().unwrap();
        (code(&output), err(&output))
    };
    let (first, known) = controller(home.path());
    assert_eq!(topics(&known), (0, String::new()));
    assert_eq!(topics(&known), (0, String::new()), "met before");
    drop(first);
    let (_second, other) = controller(home.path());
    let (exit, words) = topics(&other);
    assert_eq!(exit, 7, "{words}");
    let prints: Vec<&str> = words.split_whitespace().filter(|word| word.matches(':').count() == 31).collect();
    assert!(words.contains("Known until now: ") && prints.len() >= 4, "{words}");
    let wanted = words.split("--accept-certificate sha256:").nth(1).unwrap().split_whitespace().next().unwrap();
    let wrong = wanted.chars().rev().collect::<String>();
    assert_eq!(topics(&format!("{other} --accept-certificate sha256:{wrong}")).0, 7);
    assert_eq!(topics(&other).0, 7, "nothing was accepted by asking");
    let (exit, words) = topics(&format!("{other} --accept-certificate sha256:{wanted}"));
    assert_eq!(exit, 0, "{words}");
    assert!(words.contains("is believed from now on"), "{words}");
    assert_eq!(topics(&other), (0, String::new()), "and stays so");
    let log = std::fs::read_to_string(home.path().join("data/decisions.log")).unwrap();
    assert!(log.lines().count() == 1 && log.contains(" accept certificate "), "{log}");
}
