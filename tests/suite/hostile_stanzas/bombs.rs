//! What attacks cost: each in a process of its own, so that memory and processor time are its alone (`engine.md` §6 rows
//! 20, 26, 32, 33, 35, 38). The measure is the whole process's, the hostile server's part included.

use std::time::Duration;

use gridwatch::engine::{Command, Connection};
use gridwatch::store::Store;

use super::{online, payload};
use crate::support::broker::{BROKER, Grid, event, item};
use crate::support::child::{self, Guard};
use crate::support::console::Console;

/// Most memory beyond that of an idle session, and most processor time (issue 3). What is not optimised takes longer.
const MEMORY: u64 = 64 << 20;
const TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 4 } else { 1 });

/// A costly thing to say.
struct Bomb {
    row: &'static str,
    name: &'static str,
    says: fn() -> String,
    /// The stream may end by it.
    ends: bool,
    /// It is what the broker answers to a request that contains this (all of its parts between `|`).
    answers: Option<&'static str>,
}

fn repeated(what: &str, bytes: usize) -> String {
    what.repeat(bytes / what.len())
}

const STANZA: usize = 7 << 20;
const BOMBS: &[Bomb] = &[
    Bomb {
        row: "2, 38",
        name: "forged events",
        ends: false,
        answers: None,
        says: || repeated(&event("mallory@grid.example/x", "feed", &item("evil", &payload("evil"))), STANZA),
    },
    Bomb {
        row: "35",
        name: "questions",
        ends: false,
        answers: None,
        says: || {
            repeated(
                "<iq type='get' id='evil' from='mallory@grid.example/x'><ping xmlns='urn:xmpp:ping'/></iq>",
                STANZA,
            )
        },
    },
    Bomb {
        row: "1, 35",
        name: "answers",
        ends: false,
        answers: None,
        says: || repeated("<iq type='result' id='evil' from='broker.grid.example'/>", STANZA),
    },
    Bomb {
        row: "26",
        name: "retractions",
        ends: false,
        answers: None,
        says: || event(BROKER, "feed", &"<retract id='1'/>".repeat(190_000)),
    },
    Bomb {
        row: "26",
        name: "purges",
        ends: false,
        answers: None,
        says: || {
            event(BROKER, "feed", "")
                .replace("<items node='feed'>", &"<purge node='feed'/>".repeat(190_000))
                .replace("</items>", "")
        },
    },
    Bomb {
        row: "25, 38",
        name: "events of other topics",
        ends: false,
        answers: None,
        says: || {
            (0..30_000).map(|number| event(BROKER, &format!("mallory{number}"), &item("1", "<a xmlns='u'/>"))).collect()
        },
    },
    Bomb {
        row: "25",
        name: "ids of a megabyte",
        ends: false,
        answers: None,
        says: || event(BROKER, "feed", &item(&"i".repeat(1 << 20), "<a xmlns='u'/>").repeat(6)),
    },
    Bomb {
        row: "32",
        name: "a form of options",
        ends: false,
        answers: None,
        says: || {
            let options = "<option><value>x</value></option>".repeat(90_000);
            format!(
                "<message from='{BROKER}'><x xmlns='jabber:x:data' type='form'><field var='a'>{options}</field></x></message>"
            )
        },
    },
    Bomb {
        row: "32",
        name: "a form of fields",
        ends: false,
        answers: None,
        says: || {
            let fields: String = (0..190_000).map(|number| format!("<field var='{number}'/>")).collect();
            format!("<message from='{BROKER}'><x xmlns='jabber:x:data' type='form'>{fields}</x></message>")
        },
    },
    Bomb {
        row: "32",
        name: "a form of rows",
        ends: false,
        answers: None,
        says: || {
            let rows = "<item><field var='a'/></item>".repeat(90_000);
            format!("<message from='{BROKER}'><x xmlns='jabber:x:data' type='form'>{rows}</x></message>")
        },
    },
    Bomb {
        row: "3, 38",
        name: "requests for what is not mine",
        ends: false,
        answers: None,
        says: || (0..12_000).map(|number| asks("other", number)).collect(),
    },
    Bomb {
        row: "3, 38",
        name: "requests for what is mine",
        ends: false,
        answers: None,
        says: || (0..12_000).map(|number| asks("desk", number)).collect(),
    },
    Bomb {
        row: "30",
        name: "stamps",
        ends: false,
        answers: None,
        says: || {
            let delays = "<delay xmlns='urn:xmpp:delay' stamp='x'/>".repeat(150_000);
            format!(
                "<message from='{BROKER}'><event xmlns='http://jabber.org/protocol/pubsub#event'><purge node='x'/></event>\
                 {delays}</message>"
            )
        },
    },
    Bomb {
        row: "2",
        name: "headers",
        ends: false,
        answers: None,
        says: || {
            let headers = "<header name='Collection'>x</header>".repeat(150_000);
            format!(
                "<message from='{BROKER}'><event xmlns='http://jabber.org/protocol/pubsub#event'><purge node='x'/></event>\
                 <headers xmlns='http://jabber.org/protocol/shim'>{headers}</headers></message>"
            )
        },
    },
    Bomb {
        row: "7",
        name: "conditions",
        ends: false,
        answers: None,
        says: || {
            format!(
                "<message type='error' from='{BROKER}' id='evil'><error>{}</error></message>",
                "<a xmlns='u'/>".repeat(190_000)
            )
        },
    },
    Bomb {
        row: "35",
        name: "presence",
        ends: false,
        answers: None,
        says: || repeated("<presence type='subscribe' from='mallory@grid.example'/>", STANZA),
    },
    Bomb {
        row: "31",
        name: "addresses",
        ends: false,
        answers: None,
        says: || {
            (0..40_000)
                .map(|n| format!("<message from='m\u{e4}llory{n}@gr\u{ef}d{n}.example/\u{1f600}{n}'/>"))
                .collect()
        },
    },
    Bomb {
        row: "31, 20",
        name: "addresses that are none",
        ends: false,
        answers: None,
        says: || repeated(&format!("<message from='{}'/>", "\u{fb01}".repeat(300_000)), STANZA),
    },
    Bomb { row: "20", name: "depth", ends: true, answers: None, says: || "<a>".repeat(2_000_000) },
    Bomb {
        row: "20",
        name: "elements",
        ends: true,
        answers: None,
        says: || format!("<message>{}", "<a/>".repeat(1_500_000)),
    },
    Bomb {
        row: "20",
        name: "an endless tag",
        ends: true,
        answers: None,
        says: || format!("<message {}", "a".repeat(9 << 20)),
    },
    Bomb {
        row: "20",
        name: "endless text",
        ends: true,
        answers: None,
        says: || format!("<message><a>{}", "a".repeat(9 << 20)),
    },
    Bomb {
        row: "20",
        name: "attributes",
        ends: true,
        answers: None,
        says: || format!("<message {}", (0..500_000).map(|number| format!("a{number}='' ")).collect::<String>()),
    },
    Bomb {
        row: "20, RUSTSEC-2026-0195",
        name: "declarations",
        ends: true,
        answers: None,
        says: || format!("<message {}", (0..500_000).map(|number| format!("xmlns:a{number}='u' ")).collect::<String>()),
    },
];

/// What a hostile broker answers when it is asked (`security.md` §7, attacker C).
fn pubsub(inside: &str) -> String {
    format!("<pubsub xmlns='http://jabber.org/protocol/pubsub'>{inside}</pubsub>")
}

fn numbered(one: &str, count: usize) -> String {
    (0..count).map(|number| one.replace("{n}", &number.to_string())).collect()
}

const ANSWERS: &[Bomb] = &[
    Bomb {
        row: "33",
        name: "subscriptions without end",
        ends: false,
        answers: Some("<subscriptions"),
        says: || {
            let one = "<subscription node='n{n}' jid='analyst@grid.example' subscription='pending'/>";
            let mine = "<subscription node='feed' jid='analyst@grid.example' subscription='subscribed'/>";
            pubsub(&format!("<subscriptions>{mine}{}</subscriptions>", numbered(one, 80_000)))
        },
    },
    Bomb {
        row: "33",
        name: "affiliations without end",
        ends: false,
        answers: Some("<affiliations"),
        says: || {
            pubsub(&format!(
                "<affiliations>{}</affiliations>",
                numbered("<affiliation node='n{n}' affiliation='member'/>", 120_000)
            ))
        },
    },
    Bomb {
        row: "33",
        name: "topics without end",
        ends: false,
        answers: Some("disco#items"),
        says: || {
            let one = "<item jid='broker.grid.example' node='n{n}'/>";
            format!("<query xmlns='http://jabber.org/protocol/disco#items'>{}</query>", numbered(one, 120_000))
        },
    },
    Bomb {
        row: "33",
        name: "features without end",
        ends: false,
        answers: Some("disco#info"),
        says: || {
            format!(
                "<query xmlns='http://jabber.org/protocol/disco#info'>{}</query>",
                numbered("<feature var='urn:{n}'/>", 190_000)
            )
        },
    },
    Bomb {
        row: "33",
        name: "a page's end of megabytes",
        ends: false,
        answers: Some("disco#items"),
        says: || {
            let set = "http://jabber.org/protocol/rsm";
            format!(
                "<query xmlns='http://jabber.org/protocol/disco#items'><item jid='broker.grid.example' node='feed'/>\
             <set xmlns='{set}'><last>{}</last></set></query>",
                "x".repeat(6 << 20)
            )
        },
    },
];

fn asks(node: &str, number: usize) -> String {
    let field = |var: &str, value: &str| format!("<field var='{var}'><value>{value}</value></field>");
    format!(
        "<message from='{BROKER}'><x xmlns='jabber:x:data' type='form'>{}{}{}</x></message>",
        field("FORM_TYPE", "http://jabber.org/protocol/pubsub#subscribe_authorization"),
        field("pubsub#node", node),
        field("pubsub#subscriber_jid", &format!("mallory{number}@grid.example")),
    )
}

/// The process's own memory at its highest, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
}

/// The process's own processor time, all threads.
fn used() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    Duration::from_millis((fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) * 10)
}

fn explode(bomb: &Bomb) {
    let (mut console, grid): (Console, Grid) = online(|_| {});
    console.until("all there is", |console| (console.complete && console.store.len() == 1).then_some(()));
    let says = (bomb.says)();
    let size = says.len() as u64;
    // The peak begins anew here (man 5 proc, clear_refs).
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let (memory, time) = (peak(), used());
    match bomb.answers {
        Some(asked) => {
            let answer = format!("<iq type='result' id='{{id}}' from='{{to}}'>{says}</iq>");
            drop(says);
            let heard = grid.heard(asked);
            grid.change(|world| world.instead = Some((asked.to_owned(), answer)));
            console.send(Command::RefreshTopics);
            console.until("the question", |_| (grid.heard(asked) > heard).then_some(()));
        }
        None => grid.say(says),
    }
    if bomb.ends {
        console.until("the end", |console| (!matches!(console.connection, Connection::Online(_))).then_some(()));
    } else {
        grid.say(event(BROKER, "feed", &item("after", &payload("after"))));
        console.until("what comes after", |console| {
            console.rows().iter().any(|row| row.key.item.0 == "after").then_some(())
        });
    }
    let (memory, time) = (peak().saturating_sub(memory), used().saturating_sub(time));
    println!("{}: {} kB said, {} kB, {} ms", bomb.name, size >> 10, memory >> 10, time.as_millis());
    // The attacker is in this process too: an answer as it is to be said, and as it is being sent.
    let attackers = if bomb.answers.is_some() { 2 * size } else { 0 };
    assert!(memory <= MEMORY + attackers, "{} ({}) took {} MiB", bomb.name, bomb.row, memory >> 20);
    assert!(time <= TIME, "{} ({}) took {time:?}", bomb.name, bomb.row);
    // What was taken back and is stored by the broker all the same is here once more.
    assert!(console.store.len() <= 3, "{} rows", console.store.len());
    assert!(console.notices.len() < 100, "{} notices", console.notices.len());
}

#[cfg(target_os = "linux")]
#[test]
fn none_costs_more_than_it_may() {
    if let Some(name) = child::argument() {
        return explode(BOMBS.iter().chain(ANSWERS).find(|bomb| bomb.name == name).unwrap());
    }
    let mut failed = Vec::new();
    for bomb in BOMBS.iter().chain(ANSWERS) {
        let mut command = child::command("hostile_stanzas::bombs::none_costs_more_than_it_may", bomb.name);
        let mut child = Guard::new(command.spawn().unwrap());
        if !child.exit(Duration::from_secs(120)).success() {
            failed.push(bomb.name);
        }
    }
    assert!(failed.is_empty(), "{failed:?}, see above");
}
