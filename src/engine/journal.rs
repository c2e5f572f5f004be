//! What the engine tells the window, and what it was told, as lines of the log file: states, refusals, acts.
//!
//! Never an incident: of an item its id and size at most. May use `engine::{command, event}`.

use super::{Command, Connection, Event};
use crate::model::trust::EXTERNAL;
use crate::model::{Learned, Say};

/// A person's or a script's wish. Its debug output holds no payload and no secret.
pub(super) fn command(command: &Command) {
    tracing::info!(?command, "asked");
}

/// What is about to be told. Stored rows and lists are too many to be noted one by one.
pub(super) fn event(event: &Event) {
    match event {
        Event::Connection(connection) => self::connection(connection),
        Event::Done { request, result: Ok(receipt) } => tracing::info!(request = request.0, ?receipt, "done"),
        Event::Done { request, result: Err(error) } => tracing::warn!(request = request.0, %error, "not done"),
        Event::Notice { say, .. } => tracing::warn!(words = words(say), "notice"),
        Event::Learned { account, learned } => match learned {
            Learned::Certificate { certificate, key } => {
                tracing::info!(%account, %certificate, %key, "certificate seen");
            }
            Learned::External => tracing::info!(%account, mechanism = EXTERNAL, "strongest login so far"),
            Learned::Floor { mechanism, binding, offer_proved } => {
                tracing::info!(%account, mechanism, binding, offer_proved, "strongest login so far");
            }
        },
        Event::Dropped(count) => tracing::warn!(count, "the window did not keep up: events dropped"),
        _ => {}
    }
}

fn connection(connection: &Connection) {
    match connection {
        Connection::Offline => tracing::info!("offline"),
        Connection::Connecting { step, attempt } => tracing::info!(?step, attempt, "connecting"),
        Connection::Online(facts) => tracing::info!(
            jid = %facts.jid,
            host = facts.route.host,
            address = ?facts.route.address,
            tls = facts.channel.version,
            cipher = facts.channel.cipher,
            mechanism = facts.authentication.mechanism,
            binding = facts.authentication.binding,
            management = ?facts.management,
            "online"
        ),
        Connection::Waiting { retry_in, cause } => tracing::warn!(?retry_in, %cause, "lost"),
        Connection::Stopped { cause } => tracing::error!(%cause, "stopped"),
    }
}

/// A message's key and arguments; its words are the window's language. What people write to each other stays in the window:
/// the log file is not encrypted.
fn words(say: &Say) -> String {
    let args = say.args.iter().filter(|(name, _)| *name != "note").map(|(name, value)| format!(" {name}={value}"));
    std::iter::once(say.key.to_owned()).chain(args).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_to_each_other_is_not_in_the_log_file() {
        let say = Say::new("notice-said-denied").with("from", "a@b.example").with("note", "198.51.100.7 is still open");
        assert_eq!(words(&say), "notice-said-denied from=a@b.example");
    }
}
