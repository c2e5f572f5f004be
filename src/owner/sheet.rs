//! Members as a table of commas (RFC 4180), out and in. No cell is a formula to any spreadsheet; what comes in is a plan that
//! says line by line what it would change, and changes nothing.

use std::collections::{HashMap, HashSet};

use super::members::{Flag, Row};
use super::stamp;
use crate::model::owned::Members;
use crate::model::{Affiliation, BareJid, Jid};
use crate::text::{self, Strange, harmless};

/// The columns: what a script keys on.
pub const COLUMNS: [&str; 5] = ["account", "affiliation", "subscriptions", "until", "flags"];
/// Longest table that is read, and most lines of it.
pub const BYTES: usize = 16 * 1024 * 1024;
pub const LINES: usize = 50_000;

/// Writes the table.
#[must_use]
pub fn write(rows: &[Row]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing into memory does not fail.
    let _ = writer.write_record(COLUMNS);
    for row in rows {
        let subscriptions: Vec<String> = row
            .subscriptions
            .iter()
            .map(|own| format!("{}{}", own.jid, if own.pending { " (pending)" } else { "" }))
            .collect();
        let flags: Vec<&str> = row.flags.iter().map(word).collect();
        let cells = [
            row.account.to_string(),
            row.affiliation.token().to_owned(),
            subscriptions.join(" "),
            row.until.map(stamp).unwrap_or_default(),
            flags.join(" "),
        ];
        let _ = writer.write_record(cells.iter().map(|cell| harmless(&text::line_within(cell, 4_000))));
    }
    writer.into_inner().unwrap_or_default()
}

fn word(flag: &Flag) -> &'static str {
    match flag {
        Flag::ReadsWithoutRight => "reads-without-right",
        Flag::OneSession => "one-session",
        Flag::Twice => "twice",
        Flag::NotSubscribed => "not-subscribed",
        Flag::Quiet(_) => "quiet",
        Flag::Strange(Strange::LooksLike(_)) => "look-alike",
        Flag::Strange(Strange::Mixed) => "mixed-scripts",
        Flag::Over => "over",
    }
}

/// Why a line is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No address of an account.
    Address(String),
    /// No affiliation that can be given.
    Affiliation(String),
    /// The account was named before, as something else.
    Twice(BareJid),
    /// Not to be read as a table.
    Unreadable,
}

/// What a table would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Accounts that gain, or change without losing the right to read.
    pub changes: Vec<(BareJid, Affiliation)>,
    /// Accounts that would lose it, or the topic: to be changed one by one, if that is meant.
    pub losses: Vec<(BareJid, Affiliation)>,
    /// Lines that say what is so already.
    pub same: usize,
    /// With the number of the line.
    pub faults: Vec<(u64, Fault)>,
    /// There were more lines than are read.
    pub cut: bool,
}

/// Reads a table against the members as they are. Who is not named in it stays what they are.
#[must_use]
pub fn read(bytes: &[u8], members: &Members) -> Plan {
    let mut plan = Plan { cut: bytes.len() > BYTES, ..Plan::default() };
    let bytes = bytes.get(..bytes.len().min(BYTES)).unwrap_or_default();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is: HashMap<&BareJid, &Affiliation> = members.affiliations.iter().map(|(jid, is)| (jid.bare(), is)).collect();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .delimiter(delimiter(bytes))
        .from_reader(bytes);
    let reads: HashSet<&BareJid> = members.subscribers.iter().map(|own| own.jid.bare()).collect();
    let mut named: HashSet<BareJid> = HashSet::new();
    let mut told = false;
    for (count, record) in reader.records().enumerate() {
        if count > LINES {
            plan.cut = true;
            break;
        }
        let Ok(record) = record else {
            plan.faults.push((count as u64 + 1, Fault::Unreadable));
            continue;
        };
        let line = record.position().map_or(count as u64 + 1, csv::Position::line);
        let cell = |at: usize| plain(record.get(at).unwrap_or_default());
        let (account, word) = (cell(0), cell(1));
        if account.is_empty() || (count == 0 && COLUMNS.contains(&account)) {
            told = cell(2) == COLUMNS[2];
            continue;
        }
        match entry(account, word).map(|one| as_reader(one, told && subscribed(cell(2)), &reads)) {
            Err(fault) => plan.faults.push((line, fault)),
            Ok((who, _)) if !named.insert(who.clone()) => plan.faults.push((line, Fault::Twice(who))),
            Ok((who, wanted)) => match *is.get(&who).unwrap_or(&&Affiliation::None) {
                now if *now == wanted => plan.same += 1,
                // Owning is given up by hand alone (`product.md` B6, tier 3).
                Affiliation::Owner => plan.losses.push((who, wanted)),
                _ if matches!(wanted, Affiliation::None | Affiliation::Outcast | Affiliation::PublishOnly) => {
                    plan.losses.push((who, wanted));
                }
                _ => plan.changes.push((who, wanted)),
            },
        }
    }
    plan
}

/// A line's account and what it is to be; a table of accounts alone is one of members.
fn entry(account: &str, word: &str) -> Result<(BareJid, Affiliation), Fault> {
    let address = || Fault::Address(text::line_within(account, 200));
    let jid: Jid = account.parse().map_err(|_| address())?;
    if jid.bare().local().is_none() {
        return Err(address());
    }
    let affiliation = match word.to_lowercase().as_str() {
        "" => Affiliation::Member,
        word => Affiliation::from_token(word),
    };
    match affiliation {
        Affiliation::Other(other) => Err(Fault::Affiliation(text::line_within(&other, 200))),
        affiliation => Ok((jid.into_bare(), affiliation)),
    }
}

/// Whether there is a subscription among those that were written of an account.
fn subscribed(cell: &str) -> bool {
    !cell.replace(" (pending)", "\u{0}").split(' ').all(|one| one.is_empty() || one.ends_with('\u{0}'))
}

/// Who reads without being anything, as whom an owner approved does: where they do not read yet they become a member.
fn as_reader(
    (who, wanted): (BareJid, Affiliation),
    subscribed: bool,
    reads: &HashSet<&BareJid>,
) -> (BareJid, Affiliation) {
    let member = wanted == Affiliation::None && subscribed && !reads.contains(&who);
    (who, if member { Affiliation::Member } else { wanted })
}

/// Spreadsheets of some languages part by semicolons: whatever parts the first line.
fn delimiter(bytes: &[u8]) -> u8 {
    let line = bytes.split(|byte| *byte == b'\n').find(|line| !line.starts_with(b"#")).unwrap_or_default();
    let count = |delimiter: u8| line.iter().filter(|byte| **byte == delimiter).count();
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

/// A cell without the quote that keeps it from being a formula.
fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| harmless(rest) != *rest).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::owned::Subscriber;

    fn row(account: &str, affiliation: Affiliation) -> Row {
        let jid: Jid = account.parse().unwrap();
        Row {
            account: jid.bare().clone(),
            affiliation,
            subscriptions: vec![Subscriber { jid, subid: None, pending: false }],
            until: None,
            published: None,
            flags: vec![Flag::Twice],
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same_and_is_no_formula() {
        let rows =
            [row("=cmd@blue.example", Affiliation::Member), row("soc@blue.example/desk", Affiliation::Publisher)];
        let table = String::from_utf8(write(&rows)).unwrap();
        assert!(
            table.starts_with("account,affiliation,subscriptions,until,flags\r\n'=cmd@blue.example,member,"),
            "{table}"
        );
        assert!(!table.contains("\n="));
        let affiliations = rows.iter().map(|row| (Jid::from(row.account.clone()), row.affiliation.clone())).collect();
        let members = Members { affiliations, ..Members::default() };
        assert_eq!(read(table.as_bytes(), &members), Plan { same: 2, ..Plan::default() });
    }

    #[test]
    fn a_table_is_a_plan() {
        let members = Members {
            affiliations: vec![
                ("old@blue.example".parse().unwrap(), Affiliation::Member),
                ("same@blue.example".parse().unwrap(), Affiliation::Publisher),
                ("own@blue.example".parse().unwrap(), Affiliation::Owner),
            ],
            ..Members::default()
        };
        let table = "\u{feff}# of the community\naccount;affiliation\nnew@blue.example;\nold@blue.example;outcast\n\
                     same@blue.example;Publisher\nNew@Blue.example;member\nblue.example;member\nx@y.example;king\n\n\
                     up@blue.example/desk;owner\nown@blue.example;publisher\n";
        let plan = read(table.as_bytes(), &members);
        let jid = |text: &str| -> BareJid { text.parse().unwrap() };
        assert_eq!(
            plan.changes,
            [(jid("new@blue.example"), Affiliation::Member), (jid("up@blue.example"), Affiliation::Owner)]
        );
        let losses =
            [(jid("old@blue.example"), Affiliation::Outcast), (jid("own@blue.example"), Affiliation::Publisher)];
        assert_eq!(plan.losses, losses, "nor is owning given up by a table");
        assert_eq!((plan.same, plan.cut), (1, false));
        let faults: Vec<&Fault> = plan.faults.iter().map(|(_, fault)| fault).collect();
        let wanted = [
            Fault::Twice(jid("new@blue.example")),
            Fault::Address("blue.example".to_owned()),
            Fault::Affiliation("king".to_owned()),
        ];
        assert_eq!(faults, wanted.iter().collect::<Vec<_>>());
        assert_eq!(plan.faults[0].0, 6, "the line in the file");
    }

    #[test]
    fn who_reads_without_being_anything_is_a_member_on_a_topic_where_they_do_not() {
        let waits = Row {
            subscriptions: vec![Subscriber {
                pending: true,
                ..row("w@b.example", Affiliation::None).subscriptions.remove(0)
            }],
            ..row("w@b.example", Affiliation::None)
        };
        let rows = [row("soc@blue.example", Affiliation::None), waits];
        let table = write(&rows);
        let members = Members { subscribers: rows[0].subscriptions.clone(), ..Members::default() };
        assert_eq!(read(&table, &members), Plan { same: 2, ..Plan::default() }, "there it is so already");
        let elsewhere = read(&table, &Members::default());
        assert_eq!(elsewhere.changes, [("soc@blue.example".parse().unwrap(), Affiliation::Member)]);
        assert_eq!(elsewhere.same, 1, "who only waits there is nothing here");
        let mine = read(b"account,affiliation,note\nsoc@blue.example,none,who reads\n", &Members::default());
        assert!(mine.changes.is_empty(), "another table's column");
    }

    #[test]
    fn a_list_of_accounts_alone_and_what_is_no_table() {
        let plan = read(b"a@blue.example\nb@blue.example\n", &Members::default());
        assert_eq!(plan.changes.len(), 2);
        let plan = read(b"\xff\xfe\x00,\x01\n", &Members::default());
        assert!(plan.changes.is_empty() && plan.faults.len() == 1, "{plan:?}");
        let long = "a@blue.example\n".repeat(LINES + 5);
        assert!(read(long.as_bytes(), &Members::default()).cut);
    }
}
