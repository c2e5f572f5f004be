//! Who is on a topic of mine: what each account is beside what it gets, and the changes of that. A change is held, then made,
//! then both lists are read again: what they show is the proof (`product.md` B6).

mod change;
mod rows;
mod sheet;
mod view;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use iced::Task;

use crate::app::cx::Cx;
use crate::engine::{Command, Error, Fate, Receipt, RequestId};
use crate::model::owned::{Members as Listed, Proof};
use crate::model::{Affiliation, BareJid, Say, TopicId};
use crate::owner::grant::{Due, Grant};
use crate::owner::members::Row;
use crate::owner::past::By;
use crate::owner::sheet as table;
use crate::plain::{self, Unread};
use crate::screen::owner::{Kept, Lasts, Whose, Work};
use crate::screen::{Action, Toast, Tone};
use crate::text as safe;

use sheet::Sheet;

pub use sheet::Message as SheetMessage;
pub(in crate::screen::owner) use view::key;

/// The search field's name.
const FILTER: &str = "members.filter";
/// Lists that were read longer ago are read again when they come to show: others change them too.
const FRESH: TimeDelta = TimeDelta::seconds(15);
/// Most topics whose members are read by themselves.
const SURVEYED: usize = 40;
/// Longest file of accounts.
const FILE: u64 = 2 * 1024 * 1024;

#[derive(Clone, Debug)]
pub enum Message {
    Filter(String),
    ClearFilter,
    /// Puts the caret into the search field.
    Search,
    /// Only what does not fit together, or all again.
    OnlyOdd,
    Pick(usize),
    Step(isize),
    Read,
    Invite,
    Change,
    Revoke,
    Undo,
    UndoLast,
    Export,
    /// Lists of accounts from a file.
    Browse,
    Picked(Option<std::path::PathBuf>),
    Taken(Result<Arc<str>, Say>),
    CopyAddress(BareJid),
    Sheet(sheet::Message),
    Tick,
    /// The table of a topic's lists, by the number it was asked for under.
    Tabled(TopicId, u64, Arc<[Row]>),
    Settled(RequestId, Result<Receipt, Error>),
}

/// A topic's accounts, as they were read.
#[derive(Debug)]
struct List {
    listed: Arc<Listed>,
    /// Put together when they show; those before stay meanwhile.
    rows: Option<Arc<[Row]>>,
    /// What they are made of has changed since.
    stale: bool,
    /// The table that is waited for.
    number: u64,
    read: DateTime<Utc>,
}

/// What is to become of accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
enum To {
    /// Each becomes this.
    Become(Vec<(BareJid, Affiliation)>),
    /// They read no more, and become `none` or `outcast`.
    Lose(Vec<BareJid>, Affiliation),
}

#[derive(Clone, Debug)]
enum Stage {
    Held {
        until: DateTime<Utc>,
    },
    /// The access it gives is being written down; it is sent under this number then.
    Writing(RequestId),
    Sent(RequestId),
}

/// A change under way.
#[derive(Clone, Debug)]
struct Change {
    topic: TopicId,
    to: To,
    words: String,
    /// How long the access lasts that it gives, where that was chosen.
    lasts: Option<Lasts>,
    by: By,
    stage: Stage,
    /// What access of these was written down before it was.
    before: Vec<Grant>,
}

/// What came of the last change.
#[derive(Clone, Debug)]
enum Outcome {
    /// The lists show it of so many; not of these.
    Changed {
        done: usize,
        refused: Vec<BareJid>,
    },
    /// Both lists read again; `false` where they show it not.
    Revoked {
        proofs: Vec<(Proof, bool)>,
        at: DateTime<Utc>,
        complaint: Option<Say>,
    },
    Failed(Say),
}

/// The members of the topics that were looked at.
#[derive(Debug, Default)]
pub struct Members {
    topic: Option<TopicId>,
    lists: BTreeMap<TopicId, List>,
    tables: u64,
    reading: HashMap<RequestId, TopicId>,
    /// Read in this session without being asked for.
    surveyed: BTreeSet<TopicId>,
    trouble: BTreeMap<TopicId, Say>,
    filter: String,
    odd: bool,
    /// Rows that show.
    shown: Vec<u32>,
    selected: Option<BareJid>,
    changes: Vec<Change>,
    outcomes: BTreeMap<TopicId, Outcome>,
    sheet: Option<Sheet>,
    /// Whose access the clock was to end and that is not proven to have ended.
    pub(in crate::screen::owner) failed: Vec<Whose>,
    /// For the log of acts: what is held, and what was taken back.
    pub(in crate::screen::owner) notes: Vec<Command>,
}

impl Members {
    /// This topic's accounts show.
    pub fn show(&mut self, topic: Option<TopicId>, cx: &Cx<'_>) -> Action<Message> {
        if self.topic != topic {
            (self.topic, self.selected, self.sheet) = (topic, None, None);
            self.sift();
        }
        let Some(topic) = &self.topic else { return Action::None };
        if let Some(list) = self.lists.get(topic) {
            let is_old = cx.now - list.read > FRESH;
            let table = self.tabulate(cx);
            let read = if is_old { self.read(cx) } else { Action::None };
            return Action::Many(vec![table, read]);
        }
        if self.trouble.contains_key(topic) { Action::None } else { self.read(cx) }
    }

    /// What is known beside the lists has changed.
    pub fn learned(&mut self, cx: &Cx<'_>) -> Action<Message> {
        self.lists.values_mut().for_each(|list| list.stale = true);
        self.tabulate(cx)
    }

    /// The lists of a topic, where they were read since.
    pub fn listed(&self, topic: &TopicId, since: DateTime<Utc>) -> Option<Arc<Listed>> {
        let list = self.lists.get(topic).filter(|list| list.read >= since);
        list.map(|list| Arc::clone(&list.listed))
    }

    /// What is under way, or came of the last change, of a topic.
    pub fn says<'a>(&'a self, topic: &TopicId, cx: &Cx<'a>) -> Option<crate::widget::Element<'a, Message>> {
        self.foot(topic, cx)
    }

    /// The topic of which there is something to say: of what is under way, else of what came last of a change.
    pub fn busiest(&self) -> Option<&TopicId> {
        self.changes.first().map(|change| &change.topic).or_else(|| self.outcomes.keys().next())
    }

    /// Whether something is under way about this account there.
    pub fn is_busy(&self, topic: &TopicId, account: &BareJid) -> bool {
        self.changes.iter().any(|change| change.topic == *topic && change.is_about(account))
    }

    /// Asks before this account of the topic that shows is revoked, as for one that was selected there.
    pub fn ask_about(&mut self, account: BareJid, cx: &Cx<'_>) {
        self.selected = Some(account);
        self.open(Sheet::revoke, cx);
    }

    /// Takes the access of these away, after the hold.
    pub fn revoke(&mut self, topic: TopicId, accounts: Vec<BareJid>, words: String, cx: &Cx<'_>) {
        self.hold(topic, To::Lose(accounts, Affiliation::None), words, (None, By::Me), cx);
    }

    /// The same of access whose time is over.
    pub fn end(&mut self, topic: TopicId, accounts: Vec<BareJid>, cx: &Cx<'_>) {
        let words = cx.text("owner-ends-words");
        self.hold(topic, To::Lose(accounts, Affiliation::None), words, (None, By::Clock), cx);
    }

    /// Calls off what the clock holds about this account: a person decides now. Whether nothing is under way about it then.
    pub fn call_off(&mut self, topic: &TopicId, account: &BareJid) -> bool {
        for change in self.changes.iter_mut().filter(|change| change.by == By::Clock && change.is_held()) {
            if change.topic == *topic
                && let To::Lose(all, to) = &mut change.to
                && let Some(place) = all.iter().position(|who| who == account)
            {
                let gone = To::Lose(vec![all.remove(place)], to.clone());
                self.notes.push(Change { to: gone, ..change.clone() }.noted(true));
                // The first stands for all of them in the log of acts: then it is the next one.
                if place == 0 && change.to.len() > 0 {
                    self.notes.push(change.noted(false));
                }
            }
        }
        self.changes.retain(|change| change.to.len() > 0);
        !self.is_busy(topic, account)
    }

    /// Nothing that is held is done any more.
    pub fn lapse(&mut self) {
        let held = self.changes.extract_if(.., |change| change.is_held());
        self.notes.extend(held.map(|change| change.lapsed()));
    }

    fn hold(&mut self, topic: TopicId, to: To, words: String, (lasts, by): (Option<Lasts>, By), cx: &Cx<'_>) {
        let held = cx.now + TimeDelta::seconds(i64::from(cx.settings.hold()));
        let _ = self.outcomes.remove(&topic);
        let stage = Stage::Held { until: held };
        let change = Change { topic, to, words, lasts, by, stage, before: Vec::new() };
        self.notes.push(change.noted(false));
        self.changes.push(change);
    }

    /// Takes changes back that are held. What the clock began is then left to a person, also after a restart; what was kept
    /// meanwhile ends like any other.
    fn take_back(&mut self, gone: Vec<Change>, cx: &Cx<'_>) -> Action<Message> {
        self.notes.extend(gone.iter().map(|change| change.noted(true)));
        let ends = |grant: &&Grant| {
            let ends = |change: &Change| change.topic == grant.topic && change.is_about(&grant.account);
            gone.iter().any(|change| change.by == By::Clock && ends(change))
        };
        let over = |grant: &&Grant| grant.due(cx.now) == Some(Due::Over);
        let spared =
            cx.owning.grants.iter().filter(over).filter(ends).map(|grant| Grant { spared: true, ..grant.clone() });
        let spared: Vec<Grant> = spared.collect();
        if spared.is_empty() { Action::None } else { Action::Own(Work::Grants(spared)) }
    }

    /// The lists that were read.
    pub fn lists(&self) -> Vec<(TopicId, Arc<Listed>)> {
        self.lists.iter().map(|(topic, list)| (topic.clone(), Arc::clone(&list.listed))).collect()
    }

    /// Reads who is on the topics of mine that were not looked at: who is known there is known here.
    pub fn survey(&mut self, cx: &Cx<'_>) -> Action<Message> {
        if !cx.online() || !cx.complete {
            return Action::None;
        }
        let mine = cx.topics.iter().filter(|topic| topic.affiliation == Affiliation::Owner).take(SURVEYED);
        let new: Vec<TopicId> =
            mine.map(|topic| topic.id.clone()).filter(|topic| self.surveyed.insert(topic.clone())).collect();
        let asked: BTreeSet<TopicId> = self.reading.values().cloned().collect();
        let unread = new.into_iter().filter(|topic| !self.lists.contains_key(topic) && !asked.contains(topic));
        let unread: Vec<TopicId> = unread.collect();
        Action::Many(unread.into_iter().map(|topic| self.ask(topic, cx)).collect())
    }

    pub fn ask(&mut self, topic: TopicId, cx: &Cx<'_>) -> Action<Message> {
        let request = cx.request();
        let _ = self.reading.insert(request, topic.clone());
        Action::Engine(Command::Members { request, topic })
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Filter(filter) => {
                self.filter = filter;
                self.sift();
            }
            Message::ClearFilter => {
                (self.filter, self.odd) = (String::new(), false);
                self.sift();
            }
            Message::Search => return Action::Run(iced::widget::operation::focus(FILTER)),
            Message::OnlyOdd => {
                self.odd = !self.odd;
                self.sift();
            }
            Message::Pick(row) => self.selected = self.row(row).map(|row| row.account.clone()),
            Message::Step(by) => {
                let Some(last) = self.shown.len().checked_sub(1) else { return Action::None };
                let row = self.place().map_or(0, |row| row.saturating_add_signed(by).min(last));
                self.selected = self.row(row).map(|row| row.account.clone());
            }
            Message::Read => return self.read(cx),
            Message::Invite => self.sheet = self.list().map(|list| Sheet::invite(&list.listed)),
            Message::Change => self.open(Sheet::change, cx),
            Message::Revoke => self.open(Sheet::revoke, cx),
            Message::Undo => {
                let topic = self.topic.clone();
                let here = |change: &mut Change| Some(&change.topic) == topic.as_ref() && change.is_held();
                let gone: Vec<Change> = self.changes.extract_if(.., here).collect();
                return self.take_back(gone, cx);
            }
            Message::UndoLast => {
                if let Some(place) = self.changes.iter().rposition(Change::is_held) {
                    let gone = vec![self.changes.remove(place)];
                    return self.take_back(gone, cx);
                }
            }
            Message::Export => return self.export(cx),
            Message::Browse => {
                let dialog = rfd::AsyncFileDialog::new().set_title(cx.text("owner-import-title")).pick_file();
                let picked = |file: Option<rfd::FileHandle>| file.map(|file| file.path().to_path_buf());
                return Action::Run(Task::perform(dialog, move |file| Message::Picked(picked(file))));
            }
            Message::Picked(None) => {}
            Message::Picked(Some(path)) => {
                let reading = async move {
                    let read = tokio::task::spawn_blocking(move || take(&path)).await;
                    read.unwrap_or_else(|broken| Err(untaken(&broken)))
                };
                return Action::Run(Task::perform(reading, Message::Taken));
            }
            Message::Taken(Ok(text)) => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.put(&text);
                }
            }
            Message::Taken(Err(say)) => return Action::Notify(Toast { tone: Tone::Bad, say }),
            Message::CopyAddress(jid) => return Action::Copy(jid.to_string()),
            Message::Sheet(message) => return self.on_sheet(message, cx),
            Message::Tick => return self.release(cx),
            Message::Tabled(topic, number, rows) => {
                if let Some(list) = self.lists.get_mut(&topic).filter(|list| list.number == number) {
                    list.rows = Some(rows);
                    self.sift();
                }
            }
            Message::Settled(request, result) => return self.settle(request, result, cx),
        }
        Action::None
    }

    #[must_use]
    pub fn holding(&self) -> bool {
        self.changes.iter().any(Change::is_held)
    }

    fn list(&self) -> Option<&List> {
        self.topic.as_ref().and_then(|topic| self.lists.get(topic))
    }

    fn row(&self, row: usize) -> Option<&Row> {
        let place = usize::try_from(*self.shown.get(row)?).ok()?;
        self.rows().get(place)
    }

    /// The table that shows, as far as it is put together.
    fn rows(&self) -> &[Row] {
        self.list().and_then(|list| list.rows.as_deref()).unwrap_or_default()
    }

    /// The account that is selected.
    fn chosen(&self) -> Option<&Row> {
        let selected = self.selected.as_ref()?;
        self.rows().iter().find(|row| row.account == *selected)
    }

    /// Its row.
    fn place(&self) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        (0..self.shown.len()).find(|row| self.row(*row).is_some_and(|row| row.account == *selected))
    }

    fn sift(&mut self) {
        let words: Vec<String> = self.filter.split_whitespace().map(str::to_lowercase).collect();
        let odd = self.odd;
        let mentions = |row: &Row, word: &String| {
            row.account.to_string().contains(word.as_str()) || row.affiliation.token().contains(word.as_str())
        };
        let shows = |row: &Row| (!odd || !row.flags.is_empty()) && words.iter().all(|word| mentions(row, word));
        let found = self.rows().iter().zip(0_u32..).filter(|(row, _)| shows(row));
        self.shown = found.map(|(_, place)| place).collect();
    }

    fn read(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(topic) = self.topic.clone().filter(|_| cx.online()) else { return Action::None };
        if self.reading.values().any(|of| *of == topic) {
            return Action::None;
        }
        self.ask(topic, cx)
    }

    /// Opens a sheet about the account that is selected.
    fn open(&mut self, sheet: fn(&Row) -> Sheet, cx: &Cx<'_>) {
        let busy = |row: &&Row| self.topic.as_ref().is_some_and(|topic| self.is_busy(topic, &row.account));
        let mut sheet = self.chosen().filter(|row| !busy(row)).map(sheet).or(self.sheet.take());
        if let Some(sheet) = &mut sheet {
            sheet.about(self.topic.as_ref(), self.owners(), cx);
        }
        self.sheet = sheet;
    }

    fn on_sheet(&mut self, message: sheet::Message, cx: &Cx<'_>) -> Action<Message> {
        let owners = self.owners();
        let Some(sheet) = self.sheet.as_mut() else { return Action::None };
        match sheet.update(message, self.topic.as_ref(), owners, cx) {
            sheet::Outcome::Open => {}
            sheet::Outcome::Closed => self.sheet = None,
            sheet::Outcome::Done => {
                if let (Some(sheet), Some(topic)) = (self.sheet.take(), self.topic.clone()) {
                    let lasts = sheet.lasts();
                    let (to, words) = sheet.into_change();
                    for account in to.accounts() {
                        let _ = self.call_off(&topic, account);
                    }
                    self.hold(topic, to, words, (lasts, By::Me), cx);
                }
            }
        }
        Action::None
    }

    /// How many own the topic.
    fn owners(&self) -> usize {
        let listed = self.list().map(|list| list.listed.affiliations.as_slice()).unwrap_or_default();
        listed.iter().filter(|(_, role)| *role == Affiliation::Owner).count()
    }

    /// Makes what was held long enough; offline nothing is queued, and that is said.
    fn release(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let mut commands = Vec::new();
        let mut promises = Vec::new();
        let mut stopped = Vec::new();
        for change in &mut self.changes {
            match change.stage {
                Stage::Held { until } if until <= cx.now => {}
                _ => continue,
            }
            if !cx.online() {
                stopped.push(change.topic.clone());
                continue;
            }
            let request = cx.request();
            let grants = change.grants(cx.now);
            if grants.is_empty() {
                commands.push(change.send(request, cx));
            } else {
                let theirs = |grant: &&Grant| grant.topic == change.topic && change.is_about(&grant.account);
                change.before = cx.owning.grants.iter().filter(theirs).cloned().collect();
                change.stage = Stage::Writing(request);
                promises.push((request, grants));
            }
        }
        // As with requests: the end of access is written down before there is any.
        if !promises.is_empty() {
            commands.push(Action::Own(Work::Promise(promises)));
        }
        for topic in stopped {
            let over = |change: &Change| {
                change.topic == topic && matches!(change.stage, Stage::Held { until } if until <= cx.now)
            };
            self.notes.extend(self.changes.extract_if(.., |change| over(change)).map(|change| change.lapsed()));
            let _ = self.outcomes.insert(topic, Outcome::Failed(Error::Offline.say()));
        }
        if commands.is_empty() { Action::None } else { Action::Many(commands) }
    }

    /// Sends what was written down; what could not be is not sent, and that is said.
    pub fn promised(&mut self, kept: &[(RequestId, Kept)], cx: &Cx<'_>) -> Action<Message> {
        let mut actions = Vec::new();
        for (request, kept) in kept {
            let waits = |change: &Change| matches!(change.stage, Stage::Writing(id) if id == *request);
            let Some(place) = self.changes.iter().position(waits) else { continue };
            let hindered = match kept {
                Err(error) => Some(Error::unpromised(error)),
                Ok(()) => (!cx.online()).then_some(Error::Offline),
            };
            match (hindered, self.changes.get_mut(place)) {
                (None, Some(change)) => actions.push(change.send(*request, cx)),
                (Some(error), _) => {
                    let change = self.changes.remove(place);
                    self.notes.push(change.lapsed());
                    actions.extend(kept.is_ok().then(|| change.put_back(None)).into_iter().flatten().map(Action::Own));
                    let _ = self.outcomes.insert(change.topic, Outcome::Failed(error.say()));
                }
                (None, None) => {}
            }
        }
        if actions.is_empty() { Action::None } else { Action::Many(actions) }
    }

    fn settle(&mut self, request: RequestId, result: Result<Receipt, Error>, cx: &Cx<'_>) -> Action<Message> {
        if let Some(topic) = self.reading.remove(&request) {
            match result {
                Ok(Receipt::Members(members)) => return self.take(&topic, members, cx),
                Ok(_) => {}
                Err(error) => drop(self.trouble.insert(topic, error.say())),
            }
            return Action::None;
        }
        let sent = |change: &Change| matches!(change.stage, Stage::Sent(id) if id == request);
        let Some(place) = self.changes.iter().position(sent) else { return Action::None };
        let change = self.changes.remove(place);
        let mut table = Action::None;
        let mut back = Vec::new();
        let (outcome, good) = match result {
            Ok(Receipt::Changed { members, refused }) => {
                table = self.take(&change.topic, members, cx);
                let done = change.to.len().saturating_sub(refused.len());
                let good = refused.is_empty();
                back = change.put_back(Some(&refused));
                (Outcome::Changed { done, refused }, good)
            }
            Ok(Receipt::Revoked(revoked)) => {
                table = self.take(&change.topic, Arc::new(revoked.members.clone()), cx);
                let proofs = revoked.proofs.iter().map(|proof| (proof.clone(), revoked.is_proven(proof))).collect();
                let outcome = Outcome::Revoked { proofs, at: revoked.at, complaint: revoked.complaint.clone() };
                (outcome, revoked.proven())
            }
            Ok(_) => return Action::None,
            Err(error) => {
                // What may have been done all the same keeps its end.
                if error.fate() != (Fate::Open { unsure: true }) && !error.is_afterwards() {
                    back = change.put_back(None);
                }
                (Outcome::Failed(error.say()), false)
            }
        };
        let key = match (&change.to, good) {
            (To::Become(_), true) => "owner-changed-toast",
            (To::Lose(..), true) => "owner-revoked-toast",
            (_, false) => "owner-unchanged-toast",
        };
        let say = Say::new(key).with("topic", safe::line(&change.topic.node));
        let kept = change.kept(&outcome, cx);
        if change.by == By::Clock {
            self.failed.extend(change.unproven(&outcome).map(|who| (change.topic.clone(), who.clone())));
        }
        let _ = self.outcomes.insert(change.topic, outcome);
        let tone = if good { Tone::Good } else { Tone::Bad };
        let kept = kept.into_iter().chain(back).map(Action::Own);
        Action::Many([table, Action::Notify(Toast { tone, say })].into_iter().chain(kept).collect())
    }

    /// What the broker lists now.
    fn take(&mut self, topic: &TopicId, listed: Arc<Listed>, cx: &Cx<'_>) -> Action<Message> {
        let rows = self.lists.remove(topic).and_then(|before| before.rows);
        let list = List { rows, listed, stale: true, number: 0, read: cx.now };
        let _ = self.trouble.remove(topic);
        let _ = self.lists.insert(topic.clone(), list);
        if self.topic.as_ref() == Some(topic) { self.tabulate(cx) } else { Action::None }
    }

    fn export(&self, cx: &Cx<'_>) -> Action<Message> {
        let (Some(list), Some(topic)) = (self.list(), &self.topic) else { return Action::None };
        let Some(rows) = &list.rows else { return Action::None };
        let text = String::from_utf8_lossy(&table::write(rows)).into_owned();
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' };
        let node: String = topic.node.chars().take(60).map(plain).collect();
        let practice = if cx.practice { "practice-" } else { "" };
        Action::Save { name: format!("{practice}members-{node}.csv"), text }
    }
}

fn take(path: &Path) -> Result<Arc<str>, Say> {
    let bytes = plain::read(path, FILE).map_err(|why| match why {
        Unread::TooLarge => Say::new("owner-import-long"),
        why => untaken(&why),
    })?;
    Ok(String::from_utf8_lossy(&bytes).as_ref().into())
}

fn untaken(error: &dyn std::error::Error) -> Say {
    Say::new("owner-import-failed").with("cause", safe::line(&error.to_string()))
}
