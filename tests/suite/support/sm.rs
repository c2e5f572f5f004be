//! The controller's side of stream management (XEP-0198), shared by the sessions of one test: honest but for what the
//! test has it say instead.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use gridwatch::xmpp::xml::El;

pub const SM: &str = "urn:xmpp:sm:3";

/// What it knows and says.
#[derive(Debug)]
pub struct State {
    /// The session that may be resumed.
    id: Option<String>,
    sessions: u32,
    /// Stanzas of the client taken, modulo 2^32.
    pub taken: u32,
    /// Stanzas sent in all, and those not acknowledged.
    pub sent: u32,
    pub unacked: VecDeque<String>,
    /// Stanzas that the client said it took, of all sessions.
    pub acknowledged: Vec<String>,
    /// What the client said it took, in order.
    pub told: Vec<u32>,
    /// Resumptions the client asked for: the ids; and bindings.
    pub resumes: Vec<String>,
    pub binds: u32,
    /// Whether `<r/>` is answered.
    pub silent: bool,
    /// More attributes of `<enabled/>`.
    pub attributes: String,
    /// Said between `<enable/>` and `<enabled/>`.
    pub early: String,
    /// Said instead of `<enabled/>`, `<resumed/>`, `<a/>`; `{id}` is the session's, `{h}` the honest count.
    pub instead_of_enabled: Option<String>,
    pub instead_of_resumed: Option<String>,
    pub instead_of_ack: Option<String>,
    /// Forgets sessions at once.
    pub forgetful: bool,
}

/// Shared by the sessions.
pub struct Management(Mutex<State>);

impl Default for Management {
    fn default() -> Self {
        Self(Mutex::new(State {
            id: None,
            sessions: 0,
            taken: 0,
            sent: 0,
            unacked: VecDeque::new(),
            acknowledged: Vec::new(),
            told: Vec::new(),
            resumes: Vec::new(),
            binds: 0,
            silent: false,
            attributes: "resume='true' max='300'".to_owned(),
            early: String::new(),
            instead_of_enabled: None,
            instead_of_resumed: None,
            instead_of_ack: None,
            forgetful: false,
        }))
    }
}

impl State {
    fn fill(&self, text: &str) -> String {
        text.replace("{id}", self.id.as_deref().unwrap_or("none")).replace("{h}", &self.taken.to_string())
    }

    /// Forgets what the client has taken. Panics when it claims too much: the client under test must not.
    fn acked(&mut self, h: u32) {
        let first = self.sent.wrapping_sub(u32::try_from(self.unacked.len()).unwrap());
        let new = h.wrapping_sub(first) as usize;
        assert!(new <= self.unacked.len(), "the client took {h} of {}", self.sent);
        self.acknowledged.extend(self.unacked.drain(..new));
        self.told.push(h);
    }
}

impl Management {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// How often a resource was bound, and how often a session was to be resumed.
    pub fn sessions(&self) -> (u32, usize) {
        let state = self.state();
        (state.binds, state.resumes.len())
    }

    /// Answers `<resume/>`; whether the session goes on.
    pub fn resume(&self, el: El<'_>) -> (String, bool) {
        let mut state = self.state();
        let id = el.attr("previd").unwrap().into_owned();
        state.resumes.push(id.clone());
        if let Some(lie) = state.instead_of_resumed.clone() {
            return (state.fill(&lie), true);
        }
        if state.forgetful || state.id.as_deref() != Some(&*id) {
            let taken = state.taken;
            let gone = "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>";
            return (format!("<failed xmlns='{SM}' h='{taken}'>{gone}</failed>"), false);
        }
        state.acked(el.attr("h").unwrap().parse().unwrap());
        (state.fill(&format!("<resumed xmlns='{SM}' previd='{{id}}' h='{{h}}'/>")), true)
    }

    /// A fresh session: what the last one was not told is gone.
    pub fn bound(&self) {
        let mut state = self.state();
        state.binds += 1;
        state.id = None;
        (state.taken, state.sent) = (0, 0);
        state.unacked.clear();
    }

    /// Takes an element of stream management; gives the answer.
    pub fn hear(&self, el: El<'_>) -> String {
        let mut state = self.state();
        match el.name() {
            "enable" => {
                state.sessions += 1;
                state.id = Some(format!("session-{}", state.sessions));
                let honest = format!("<enabled xmlns='{SM}' id='{{id}}' {}/>", state.attributes);
                state.fill(&(state.early.clone() + state.instead_of_enabled.as_ref().unwrap_or(&honest)))
            }
            "r" if state.silent => String::new(),
            "r" => {
                let honest = format!("<a xmlns='{SM}' h='{{h}}'/>");
                state.fill(state.instead_of_ack.as_ref().unwrap_or(&honest))
            }
            "a" => {
                state.acked(el.attr("h").unwrap().parse().unwrap());
                String::new()
            }
            name => panic!("the client said <{name}/>"),
        }
    }

    /// Whether there is a session whose stanzas count.
    pub fn stands(&self) -> bool {
        self.state().id.is_some()
    }

    /// The client is gone for good.
    pub fn gone(&self) {
        self.state().id = None;
    }

    /// A stanza of the client was taken.
    pub fn took(&self) {
        let mut state = self.state();
        if state.id.is_some() {
            state.taken = state.taken.wrapping_add(1);
        }
    }

    /// A stanza goes to the client.
    pub fn sends(&self, stanza: &str) {
        let mut state = self.state();
        if state.id.is_some() {
            state.sent = state.sent.wrapping_add(1);
            state.unacked.push_back(stanza.to_owned());
        }
    }

    /// What goes again over a new link.
    pub fn again(&self) -> String {
        self.state().unacked.iter().map(String::as_str).collect()
    }
}
