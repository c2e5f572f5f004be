//! Since when those run whom the session depends on (XEP-0012): a restart between two sessions shows nowhere else.

use super::{Desk, Note, payload};
use crate::model::BareJid;
use crate::xmpp::last;

/// Asks each. Who does not tell says nothing.
pub(in crate::engine) async fn up(desk: Desk, all: Vec<BareJid>) {
    for who in all {
        if let Ok(answer) = desk.asker.get(&who, last::request).await
            && let Some(seconds) = payload(answer.root()).and_then(last::seconds)
        {
            desk.note(Note::Up { who, seconds }).await;
        }
    }
}
