//! Requests waiting for their answers (RFC 6120 §8.2.3). Uses `stanza` and `model`.
//!
//! Any account of the grid can send us a result with a guessed id, so an answer counts only if it comes from whom we
//! asked (`engine.md` §6 row 1). Others leave the request waiting and are counted.

use std::collections::HashMap;

use super::stanza::{Iq, IqKind};
use crate::model::Jid;

/// No randomness from the operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no random bytes from the operating system")]
pub struct NoRandom;

/// Why a request is not entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    NoRandom(#[from] NoRandom),
    #[error("too many requests wait for their answers")]
    Full,
}

#[derive(Debug)]
struct Entry<T> {
    to: Option<Jid>,
    what: T,
}

/// The open requests of one session; `T` is what the caller wants back with an answer.
#[derive(Debug)]
pub struct Table<T> {
    /// Our full JID.
    own: Jid,
    open: HashMap<String, Entry<T>>,
    strays: u64,
}

/// A stanza id that nobody guesses: 128 random bits in hex.
///
/// # Errors
/// Without randomness there is no safe id.
pub fn random_id() -> Result<String, NoRandom> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|_| NoRandom)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bits)))
}

impl<T> Table<T> {
    /// Most requests open at one time; a peer that answers none makes us ask no more.
    pub const MOST: usize = 1_024;

    #[must_use]
    pub fn new(own: Jid) -> Self {
        Self { own, open: HashMap::new(), strays: 0 }
    }

    /// Enters a request to `to` (`None`: our own account at its server) and gives its id, 128 random bits in hex.
    ///
    /// # Errors
    /// Without randomness there is no safe id; beyond [`Table::MOST`] nothing is entered.
    pub fn enter(&mut self, to: Option<Jid>, what: T) -> Result<String, Refusal> {
        if self.open.len() >= Self::MOST {
            return Err(Refusal::Full);
        }
        let id = random_id()?;
        // 128 random bits do not repeat.
        let _ = self.open.insert(id.clone(), Entry { to, what });
        Ok(id)
    }

    /// Takes the request that `iq` answers; `None` when it answers none of ours, which is counted unless it is a
    /// request itself.
    pub fn answer(&mut self, iq: &Iq<'_>) -> Option<T> {
        if matches!(iq.kind, IqKind::Get | IqKind::Set) {
            return None;
        }
        let known = self.open.get(&*iq.id).is_some_and(|entry| self.may_answer(entry.to.as_ref(), iq));
        if !known {
            self.strays += 1;
            return None;
        }
        self.open.remove(&*iq.id).map(|entry| entry.what)
    }

    fn may_answer(&self, asked: Option<&Jid>, iq: &Iq<'_>) -> bool {
        // A stanza for another of our resources is none of our business (`engine.md` §6 row 24).
        if iq.route.to.as_ref().is_some_and(|to| to != &self.own && *to != Jid::from(self.own.bare().clone())) {
            return false;
        }
        let bare = Jid::from(self.own.bare().clone());
        let server = Jid::from(self.own.bare().server());
        match (asked, &iq.route.from) {
            // Only our own server can send without `from`, and it speaks for itself and for our account
            // (RFC 6120 §8.1.2.1).
            (None, None) => true,
            (Some(asked), None) => *asked == bare || *asked == server,
            // RFC 6120 §10.3.3: without `to` the server answers for the account.
            (None, Some(from)) => *from == bare || *from == self.own || *from == server,
            (Some(asked), Some(from)) => asked == from,
        }
    }

    /// Forgets the requests for whose answer nobody waits any more.
    pub fn retire(&mut self, gone: impl Fn(&T) -> bool) {
        self.open.retain(|_, entry| !gone(&entry.what));
    }

    /// Takes all requests: the session is over.
    pub fn drain(&mut self) -> Vec<T> {
        self.open.drain().map(|(_, entry)| entry.what).collect()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.open.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Answers that answered nothing of ours: too late, or forged.
    #[must_use]
    pub fn strays(&self) -> u64 {
        self.strays
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::{Sorted, sort, tests::received};

    const OWN: &str = "analyst@grid.example/desk";

    fn answered(table: &mut Table<u8>, id: &str, attrs: &str) -> Option<u8> {
        let stanza = received(&format!("<iq id='{id}' {attrs}/>"));
        let Ok(Sorted::Iq(iq)) = sort(stanza.root()) else { panic!("no iq") };
        table.answer(&iq)
    }

    fn table() -> Table<u8> {
        Table::new(OWN.parse().unwrap())
    }

    #[test]
    fn only_who_was_asked_answers() {
        let cases: &[(Option<&str>, &[&str], &[&str])] = &[
            (
                Some("broker.grid.example"),
                &["from='broker.grid.example'", "from='Broker.grid.example' to='analyst@grid.example/desk'"],
                &[
                    "",
                    "from='mallory@grid.example/x'",
                    "from='grid.example'",
                    "from='broker.grid.example/x'",
                    "from='analyst@grid.example'",
                    "from='broker.grid.example' to='analyst@grid.example/other'",
                ],
            ),
            (
                None,
                &["", "from='analyst@grid.example'", "from='grid.example'", "from='analyst@grid.example/desk'"],
                &["from='analyst@grid.example/other'", "from='broker.grid.example'", "from='mallory@grid.example'"],
            ),
            (Some("analyst@grid.example"), &["", "from='analyst@grid.example'"], &["from='grid.example'"]),
            (Some("grid.example"), &["", "from='grid.example'"], &["from='analyst@grid.example'"]),
        ];
        for (asked, good, bad) in cases {
            for good in *good {
                let mut table = table();
                let id = table.enter(asked.map(|jid| jid.parse().unwrap()), 7).unwrap();
                for (strays, bad) in bad.iter().enumerate() {
                    assert_eq!(answered(&mut table, &id, &format!("type='result' {bad}")), None, "{asked:?} {bad}");
                    assert_eq!((table.len(), table.strays()), (1, strays as u64 + 1));
                }
                assert_eq!(answered(&mut table, &id, &format!("type='get' {good}")), None);
                assert_eq!(answered(&mut table, "guess", &format!("type='result' {good}")), None);
                assert_eq!(answered(&mut table, &id, &format!("type='error' {good}")), Some(7), "{asked:?} {good}");
                assert!(table.is_empty());
                assert_eq!(answered(&mut table, &id, &format!("type='result' {good}")), None, "only once");
            }
        }
    }

    #[test]
    fn ids_and_who_stopped_waiting() {
        let mut table = table();
        let a = table.enter(None, 1).unwrap();
        let b = table.enter(None, 2).unwrap();
        assert!(a.len() == 32 && a != b);
        table.retire(|what| *what == 1);
        assert_eq!(answered(&mut table, &a, "type='result'"), None);
        assert_eq!(table.drain(), [2]);
    }

    #[test]
    fn who_answers_nothing_is_not_asked_for_ever() {
        let mut table = table();
        for _ in 0..Table::<u8>::MOST {
            let _ = table.enter(None, 1).unwrap();
        }
        assert_eq!(table.enter(None, 1), Err(Refusal::Full));
        table.retire(|_| true);
        assert!(table.enter(None, 1).is_ok());
    }
}
