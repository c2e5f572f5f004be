//! The owner's verbs and the log of acts, as a script meets them.

use std::io::BufRead as _;

use chrono::TimeDelta;
use gridwatch::model::BareJid;
use gridwatch::model::owned::Act;
use gridwatch::owner::grant::{self, Grant};
use gridwatch::owner::past::{self, By};
use gridwatch::store::vault::{self, Found, Vault};
use gridwatch::store::{Local, Store as _};
use serde_json::json;

use super::stored::{ACCOUNT, Home, PASSPHRASE};
use super::{code, err, objects, out, run};
use crate::support::tools;

#[test]
fn an_owners_verbs_on_the_practice_grid() {
    // The analyst owns `my-desk` there, and two ask for it.
    let output = run("requests --practice --json", "");
    let asked = objects(&output);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(asked.len() >= 2 && asked.iter().all(|one| one["node"] == "my-desk"), "{}", out(&output));
    let who = asked[0]["subscriber"].as_str().unwrap().to_owned();
    let plain = run("requests --practice", "");
    assert!(out(&plain).contains(&who), "{}", out(&plain));

    let output = run("members --practice --topic my-desk --json", "");
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(objects(&output).iter().any(|one| one["affiliation"] == "owner"), "{}", out(&output));

    let output = run(&format!("deny {who} --practice --topic my-desk --note scope --yes --json"), "");
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert_eq!(objects(&output)[0]["decision"], json!("denied"));
    // Who does not wait cannot be decided on; a stranger is not approved without a word.
    let output = run("approve nobody@nowhere.example --practice --topic my-desk --yes", "");
    assert_eq!(code(&output), 10, "{}", err(&output));
    let approve = |words: &str| run(&format!("approve {words} --practice --topic my-desk --yes"), "");
    let codes = ["soc@csirt-b.example", "feed@unlisted.example"].map(|who| code(&approve(who)));
    assert_eq!(codes, [0, 10], "of the domain of the other nobody reads the topic");
    let output = approve("feed@unlisted.example --note MoU");
    assert_eq!(code(&output), 0, "{}", err(&output));

    let output = run("topic create new-feed --practice --template incidents --title Feed --yes --json", "");
    // It keeps no more than ten thousand reports, and says so.
    assert_eq!(code(&output), 9, "{}", err(&output));
    let access = objects(&output).into_iter().find(|fate| fate["setting"] == "pubsub#access_model").unwrap();
    assert_eq!((&access["came"], &access["is"]), (&json!("kept"), &json!(["authorize"])));
    let output = run("topic config my-desk --practice --json", "");
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(objects(&output).iter().any(|field| field["setting"] == "pubsub#access_model"));
    let output = run("topic config my-desk title=Renamed --practice --yes", "");
    assert_eq!((code(&output), out(&output).as_str()), (0, "kept     pubsub#title=Renamed\n"), "{}", err(&output));
    let output = run("topic config my-desk access_model=open --practice --yes", "");
    assert_eq!(code(&output), 10, "{}", err(&output));

    let output = run("radar --practice --close", "");
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(out(&output).starts_with("# Conformance of an XMPP-Grid\n"), "{}", out(&output));
    let page: serde_json::Value = serde_json::from_str(&out(&run("radar --practice --json", ""))).unwrap();
    assert!(page["rows"].as_array().unwrap().iter().any(|row| row["id"] == "tls" && row["state"] == "works"));
}

/// What the window's desk shows the next time they ask; and the end of an earlier access is not this one's.
#[test]
fn what_a_verb_decides_is_a_decision_of_the_past_and_no_older_end_holds_for_it() {
    let home = Home::new();
    let run = |line: &str| {
        let line = format!("{line} --topic my-desk --profile work --password-file - --archive-passphrase-file 3 --yes");
        let output = home.run(&line, "practice-analyst\n");
        assert_eq!(code(&output), 0, "{}", err(&output));
    };
    let with = |act: &dyn Fn(&dyn Local)| {
        let vault = Vault::new(home.path().join("data/archives").join(ACCOUNT));
        let Found::Locked(locked) = vault.look().unwrap() else { panic!("no archive") };
        let archive = locked.open(vault::By::Passphrase(PASSPHRASE), None).map_err(|(_, trouble)| trouble).unwrap();
        act(archive.local().unwrap());
    };
    let soc: BareJid = "soc@csirt-b.example".parse().unwrap();
    let unlisted: BareJid = "feed@unlisted.example".parse().unwrap();
    run(&format!("deny {unlisted} --note scope"));
    with(&|on| {
        let past = past::all(on).unwrap();
        let [denied] = past[&unlisted].as_slice() else { panic!("{past:?}") };
        assert_eq!((denied.act, denied.note.as_str(), &denied.by), (Act::Denied, "scope", &By::Me));
        let end = denied.at + TimeDelta::days(30);
        let before = Grant::new(denied.topic.clone(), soc.clone(), Some(end), "trial", denied.at);
        grant::keep(on, &[before]).unwrap();
    });
    run(&format!("approve {soc} --note MoU"));
    with(&|on| {
        let (grants, _) = grant::all(on).unwrap();
        let told: Vec<_> = grants.iter().map(|grant| (&grant.account, grant.until, grant.note.as_str())).collect();
        assert_eq!(told, [(&soc, None, "MoU")]);
        assert_eq!(past::all(on).unwrap()[&soc].iter().map(|past| past.act).collect::<Vec<_>>(), [Act::Approved]);
    });
}

#[test]
fn what_does_not_fit_an_owners_verb_is_refused() {
    for line in [
        "requests extra --practice",
        "approve --practice --topic my-desk",
        "approve a@b.example --practice",
        "deny a@b.example --practice --topic my-desk",
        "deny a@b.example --practice --topic my-desk --note",
        "members --practice",
        "topic --practice",
        "topic create --practice --template incidents",
        "topic create x --practice",
        "topic create x --practice --template poems",
        "topic create x --practice --template other",
        "topic create x --practice --template other --type= --title X",
        "topic create x --practice --template incidents --type urn:example",
        "topic config --practice",
        "topics --practice --note x",
        "radar --practice --topic my-desk",
        "tail --practice --close",
        "log",
        "log verify",
        "log nonsense --jid a@b.example",
        "log verify --jid a@b.example --head nonsense",
        "log export out.pdf --jid a@b.example",
        "log show what:aprove --jid a@b.example",
    ] {
        let output = run(line, "");
        assert_eq!(code(&output), 1, "{line}: {}", err(&output));
    }
}

#[test]
fn the_log_of_an_account_is_shown_verified_and_exported_with_a_chain_that_others_can_hold() {
    let home = Home::new();
    let owner = |line: &str| {
        let line = format!("{line} --profile work --password-file - --archive-passphrase-file 3");
        home.run(&line, "practice-analyst\n")
    };
    // Nobody's archive, nobody's log.
    assert_eq!(code(&home.open("log verify")), 8);
    let output = owner("topic config my-desk title=Renamed --yes");
    assert_eq!(code(&output), 0, "{}", err(&output));
    let output = owner("topic config my-desk title=Again --yes");
    assert_eq!(code(&output), 0, "{}", err(&output));
    // Held, it can be taken back by a signal, and both stand there as one act.
    let line = "topic config my-desk title=Held --hold 60 --profile work --password-file - --archive-passphrase-file 3";
    let mut held = home.begin(line, "practice-analyst\n");
    let mut lines = std::io::BufReader::new(held.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("Held for 60 seconds")));
    assert!(std::process::Command::new("kill").args(["-INT", &held.id().to_string()]).status().unwrap().success());
    assert_eq!(held.wait().unwrap().code(), Some(130));
    let output = owner("topic config my-desk title=Waited --hold 5 --note Agreed");
    assert_eq!(code(&output), 0, "{}", err(&output));
    let shown = objects(&home.open("log show what:configure --json"));
    let told: Vec<_> =
        shown.iter().skip(4).map(|one| (one["result"].as_str().unwrap(), one["id"].to_string())).collect();
    assert_eq!(told.iter().map(|(how, _)| *how).collect::<Vec<_>>(), ["held", "undone", "held", "begun", "done"]);
    assert!(told[0].1 == told[1].1 && told[2].1 == told[3].1 && told[3].1 == told[4].1, "{told:?}");
    assert_ne!(told[0].1, told[2].1);
    assert!(shown[6..].iter().all(|one| one["reason"] == "Agreed"), "{shown:?}");
    // What opens a topic is done with a reason only, which stands there; the other topics stay as they are.
    for open in ["access_model=open", "access_model=presence", "publish_model=open", "publish_model=subscribers"] {
        for how in ["--yes", "--hold 5", "--yes --note="] {
            let output = owner(&format!("topic config my-desk {open} {how}"));
            assert_eq!(code(&output), 10, "{open} {how}: {}", err(&output));
            assert!(err(&output).contains("--note"), "{}", err(&output));
        }
    }

    let verified = home.open("log verify");
    assert_eq!(code(&verified), 0, "{}", err(&verified));
    let head = out(&verified).trim().to_owned();
    assert!(err(&verified).contains("Chain verified"), "{}", err(&verified));
    assert!(err(&verified).contains("heads that stand outside") && err(&verified).contains("Note this head down"));
    let shown = objects(&home.open("log show what:configure --json"));
    let told: Vec<_> =
        shown.iter().map(|one| (one["result"].as_str().unwrap(), one["after"].as_str().unwrap())).collect();
    assert_eq!(told[1], ("done", "pubsub#title=Renamed"), "{told:?}");
    assert_eq!(told[3], ("done", "pubsub#title=Again"), "{told:?}");
    assert_eq!(shown[3]["before"], json!("pubsub#title=Renamed"));
    assert!(shown[3]["stanzas"].as_array().is_some_and(|ids| !ids.is_empty()));
    let plain = home.open("log show 'what:configure result:done' --count 1");
    assert!(out(&plain).contains("configure done") && out(&plain).lines().count() == 1, "{}", out(&plain));
    assert!(out(&plain).contains("  Title: Again -> Title: Waited"), "in words, as in the window: {}", out(&plain));

    let path = home.path().join("log.jsonl");
    let output = home.open("log export log.jsonl");
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert_eq!(code(&home.open("log export log.jsonl")), 5, "what is there stays");
    // Another program, of nothing but Python itself.
    let python = tools::need("python3", "python3");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/activity/verify.py");
    let verify = || std::process::Command::new(&python).arg(script).arg(&path).output().unwrap();
    let judged = verify();
    assert_eq!(out(&judged).trim(), head, "{}", err(&judged));
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("title=Renamed", "title=renamed", 1)).unwrap();
    assert!(err(&verify()).contains("broken: "), "another program finds what was changed");
    let broken = home.open("log export log.csv");
    assert_eq!(code(&broken), 0, "{}", err(&broken));
    std::fs::remove_file(home.path().join("log.csv")).unwrap();
    // The head that was noted down holds later, and another does not.
    let output = owner("topic config my-desk title=Third --yes");
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert_eq!(code(&home.open(&format!("log verify --head {head}"))), 0);
    let (count, _) = head.split_once(':').unwrap();
    let other = home.open(&format!("log verify --head {count}:{}", "0".repeat(64)));
    assert_eq!(code(&other), 12, "{}", err(&other));
    assert!(err(&other).contains(&format!("Entry {count} is not the one")), "{}", err(&other));
    // A head that the log file was told, and that is not this log's any more.
    let told = home.path().join("state/log/gridwatch.log");
    let lines = std::fs::read_to_string(&told).unwrap();
    let at = lines.find(&format!("{head}\"")).unwrap();
    let mut bytes = lines.clone().into_bytes();
    bytes[at + head.len() - 1] = if bytes[at + head.len() - 1] == b'0' { b'1' } else { b'0' };
    std::fs::write(&told, bytes).unwrap();
    let other = home.open("log verify");
    assert_eq!(code(&other), 12, "{}", err(&other));
    assert!(err(&other).contains(&format!("Entry {count} is not the one")), "{}", err(&other));
    std::fs::write(&told, lines).unwrap();
    let table = home.open("log export what:configure log.csv");
    assert_eq!(code(&table), 0, "{}", err(&table));
    let rows = std::fs::read_to_string(home.path().join("log.csv")).unwrap();
    assert!(rows.starts_with("number,at,who,") && rows.lines().count() == 13, "{rows}");
}
