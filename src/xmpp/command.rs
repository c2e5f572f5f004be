//! Ad-hoc commands (XEP-0050), asking side: as much as `get-pending` of a broker needs. Uses `xml`.

use super::form::Form;
use super::xml::{El, Writer};

pub const NS: &str = "http://jabber.org/protocol/commands";

/// Longest session id that is repeated to the answerer, in bytes; notes of one step, and their longest text in characters.
const SESSION: usize = 4_096;
const NOTES: usize = 16;
const NOTE: usize = 500;

/// Starts a command.
pub fn execute(w: &mut Writer, node: &str) {
    let _ = w.open_ns("command", NS).attr("node", node).attr("action", "execute").close();
}

/// Answers a command's form. `execute` is whatever the answerer takes for the next step (XEP-0050 §3.4) and what XEP-0060 §8.7
/// writes; ejabberd knows no `complete` here and calls it not found. It takes this without a session too.
pub fn answer(w: &mut Writer, node: &str, session: Option<&str>, answer: &Form) {
    let _ = w.open_ns("command", NS).attr("node", node).attr("action", "execute").attr_opt("sessionid", session);
    answer.write(w);
    let _ = w.close();
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Wants an answer.
    Executing,
    Completed,
    Canceled,
}

/// The answer to a command step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub node: Option<String>,
    pub session: Option<String>,
    pub status: Status,
    pub form: Option<Form>,
    /// (type, text): remote words for the person.
    pub notes: Vec<(String, String)>,
}

impl Step {
    /// Reads a `<command/>`; `None` when it is none.
    #[must_use]
    pub fn read(command: El<'_>) -> Option<Self> {
        if !command.is(NS, "command") {
            return None;
        }
        let own = |name| command.attr(name).map(std::borrow::Cow::into_owned);
        let form = Form::inside(command).ok();
        let status = match command.attr("status").as_deref() {
            Some("completed") => Status::Completed,
            Some("canceled") => Status::Canceled,
            Some("executing") => Status::Executing,
            // Without a status the form tells.
            _ if form.as_ref().is_some_and(|form| form.kind == super::form::Kind::Form) => Status::Executing,
            _ => Status::Completed,
        };
        let notes = command.children().filter(|child| child.is(NS, "note")).take(NOTES).map(|note| {
            let kind = note.attr("type").map_or_else(|| "info".to_owned(), std::borrow::Cow::into_owned);
            (kind, note.text().chars().take(NOTE).collect())
        });
        Some(Self {
            node: own("node"),
            session: own("sessionid").filter(|id| id.len() <= SESSION),
            status,
            form,
            notes: notes.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::{received, written};

    #[test]
    fn two_steps() {
        assert_eq!(
            written(|w| execute(w, "n")),
            "<command xmlns='http://jabber.org/protocol/commands' node='n' action='execute'/>"
        );
        let stanza = received(
            "<command xmlns='http://jabber.org/protocol/commands' node='n' sessionid='s' status='executing'>\
             <actions execute='complete'><complete/></actions><x xmlns='jabber:x:data' type='form'>\
             <field var='pubsub#node' type='list-single'><option><value>t</value></option></field></x>\
             <note type='warn'>Careful</note><note>Fine</note></command>",
        );
        let step = Step::read(stanza.root()).unwrap();
        assert_eq!((step.status, step.session.as_deref()), (Status::Executing, Some("s")));
        assert_eq!(step.notes, [("warn", "Careful"), ("info", "Fine")].map(|(k, t)| (k.to_owned(), t.to_owned())));
        assert!(step.form.unwrap().field("pubsub#node").is_some());
        let filled = Form::submit("f").with("pubsub#node", "t");
        let sent = received(&written(|w| answer(w, "n", Some("s"), &filled)));
        assert_eq!(sent.root().attr("action").unwrap(), "execute");
        assert_eq!(Form::inside(sent.root()), Ok(filled));
        let bare = received("<command xmlns='http://jabber.org/protocol/commands'/>");
        assert_eq!(Step::read(bare.root()).unwrap().status, Status::Completed);
        assert_eq!(Step::read(received("<command/>").root()), None);
    }
}
