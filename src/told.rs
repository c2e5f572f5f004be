//! What an act's `before`, `after` and `words` say, for a person at the window or at a terminal. The log says it in tokens, which outlive languages
//! (`bytes=19; sha256=…`, `member, subscribed`, `refused: forbidden`); here they get their words. What is no token, or of a
//! later program, stays as it stands.
//!
//! May use the catalog, the tokens of `store` and `model`, the words of `owner` for settings and of `engine` for refusals.

use crate::engine;
use crate::i18n::Catalog;
use crate::model::{Affiliation, Say};
use crate::owner::{members, settings};
use crate::store::activity::Token;

/// The words of what stands there, part by part.
#[must_use]
pub fn told(text: &str, catalog: &Catalog) -> String {
    text.split("; ").map(|part| piece(part, catalog)).collect::<Vec<_>>().join("; ")
}

fn piece(part: &str, catalog: &Catalog) -> String {
    if let Some(what) = part.strip_prefix("no answer in time while ") {
        return catalog.say(&Say::new("error-timeout").with("what", what));
    }
    if part.starts_with("it is not known whether ") {
        return catalog.text("activity-token-unconfirmed");
    }
    if let Some(cause) = part.strip_prefix("session failed: ") {
        return catalog.format("activity-token-session", &[("cause", cause)]);
    }
    if let Some(condition) = part.strip_prefix("refused: ") {
        return engine::Error::condition(condition).map_or_else(|| part.to_owned(), |say| catalog.say(&say));
    }
    if let Some((name, value)) = part.split_once('=') {
        return fact(name, value, catalog).unwrap_or_else(|| part.to_owned());
    }
    let all: Option<Vec<String>> = part.split(", ").map(|token| word(token, catalog)).collect();
    let whole = all.map(|all| all.join(", ")).or_else(|| {
        // A sign of whose restart it is; how much came.
        let (who, sign) = part.rsplit_once(": ")?;
        Some(format!("{who}: {}", word(sign, catalog)?))
    });
    whole.or_else(|| minute(part, catalog)).unwrap_or_else(|| part.to_owned())
}

/// The words of a token that says all by itself.
fn word(token: &str, catalog: &Catalog) -> Option<String> {
    key(token).map(|key| catalog.text(key))
}

/// The catalog key of a token. What an account is comes last: `none` of a membership and of a role are one token.
fn key(token: &str) -> Option<&'static str> {
    let own = Token::of_word(token).map(|token| match token {
        Token::Again => "activity-token-again",
        Token::Bare => "activity-token-bare",
        Token::Ghost => "activity-token-ghost",
        Token::Published => "activity-token-published",
        Token::Retracted => "activity-token-retracted",
        Token::Subscribed => "activity-token-subscribed",
        Token::Pending => "activity-token-pending",
        Token::Denied => "activity-token-denied",
        Token::None => "activity-token-none",
        Token::Asks => "activity-token-asks",
        Token::Approved => "activity-token-approved",
        Token::Question => "activity-token-question",
        Token::Revoked => "activity-token-revoked",
        Token::Form => "activity-token-form",
        Token::Event => "activity-token-event",
        Token::Wrapped => "activity-token-wrapped",
        Token::Roster => "activity-token-roster",
        Token::Shutdown => "activity-token-shutdown",
        Token::Forgotten => "activity-token-forgotten",
        Token::HeadLost => "activity-token-head-lost",
        Token::EntriesLost => "activity-token-entries-lost",
        Token::Offline => "error-offline",
        Token::Busy => "error-busy",
    });
    own.or_else(|| match Affiliation::from_token(token) {
        Affiliation::Other(_) => None,
        role => Some(members::role_key(&role)),
    })
}

/// `access_model=open`, `pubsub#max_items=10`, `bytes=19`.
fn fact(name: &str, value: &str, catalog: &Catalog) -> Option<String> {
    if name == "average" {
        return minute(value, catalog).map(|rate| catalog.format("activity-token-average", &[("rate", &rate)]));
    }
    if let Some(key) = fact_key(name) {
        return Some(catalog.format(key, &[("value", value)]));
    }
    let var = if name.starts_with("pubsub#") { name.to_owned() } else { format!("pubsub#{name}") };
    let known = settings::KNOWN.iter().find(|known| known.var == var)?;
    let one = |value: &str| settings::value_key(&var, value).map_or_else(|| value.to_owned(), |key| catalog.text(key));
    let value = if value.is_empty() { catalog.text("owner-nothing-set") } else { one(value) };
    Some(catalog.format("activity-token-setting", &[("name", &catalog.text(known.key)), ("value", &value)]))
}

/// The catalog key of something said with a value.
fn fact_key(name: &str) -> Option<&'static str> {
    Some(match name {
        "bytes" => "activity-token-bytes",
        "sha256" => "activity-token-sha256",
        "key" => "activity-token-key",
        "known key" => "activity-token-known-key",
        "pinned key" => "activity-token-pinned-key",
        "exception for key" => "activity-token-exception-key",
        "until" => "activity-token-until",
        "times" => "activity-token-times",
        "late" => "activity-token-late",
        "lost" => "activity-token-lost",
        "owner" => "activity-token-owner",
        "publisher" => "activity-token-publisher",
        _ => return None,
    })
}

/// `400/min`.
fn minute(text: &str, catalog: &Catalog) -> Option<String> {
    let count = text.strip_suffix("/min")?.parse().ok()?;
    Some(catalog.count("activity-token-minute", count, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Membership;
    use crate::model::owned::Act;

    #[test]
    fn every_token_has_its_words() {
        let catalog = Catalog::default();
        let roles = [
            Affiliation::Owner,
            Affiliation::Publisher,
            Affiliation::PublishOnly,
            Affiliation::Member,
            Affiliation::None,
            Affiliation::Outcast,
        ];
        let memberships = [Membership::None, Membership::Pending, Membership::Subscribed, Membership::Denied];
        let tokens = Token::ALL.iter().map(|token| token.word().to_owned());
        let tokens = tokens.chain(roles.iter().map(|role| role.token().to_owned()));
        let tokens = tokens.chain(memberships.map(|is| is.word().to_owned()));
        for token in tokens.chain(Act::ALL.map(|act| act.token().to_owned())) {
            let key = key(&token).unwrap_or_else(|| panic!("no words for {token}"));
            assert!(catalog.has(key), "{token}: {key}");
        }
    }

    #[test]
    fn what_the_log_says_in_tokens_reads_as_words() {
        let catalog = Catalog::default();
        for (text, words) in [
            ("", ""),
            ("member, subscribed", "Member, subscribed"),
            ("none", "nothing"),
            ("outcast", "Barred"),
            ("again; bytes=19; sha256=ab12", "sent once more; 19 bytes; SHA-256 ab12"),
            ("ghost", "left over from an earlier session"),
            ("known key=07:07; pinned key=08:08", "known key 07:07; pinned key 08:08"),
            ("pubsub#max_items=10; pubsub#access_model=open", "How many are kept: 10; Who may read: Anyone"),
            ("access_model=whitelist", "Who may read: Only members I enter"),
            ("persist_items=true", "Keep what is published: Yes"),
            ("average=5/min", "5 a minute on average"),
            ("400/min", "400 a minute"),
            ("times=3", "3 times since this was last noted"),
            ("grid.example: system-shutdown", "grid.example: it said that it shuts down"),
            // What others wrote is no token.
            ("grid.example:5222, TLS 1.3, SCRAM-SHA-1", "grid.example:5222, TLS 1.3, SCRAM-SHA-1"),
            ("CN=grid.example", "CN=grid.example"),
            ("vendor#x=1", "vendor#x=1"),
            ("pubsub#title=none", "Title: none"),
        ] {
            assert_eq!(told(text, &catalog), words, "{text}");
        }
        for text in ["refused: forbidden", "refused: conflict/precondition-not-met", "refused: last owner", "offline"] {
            let words = told(text, &catalog);
            assert!(words.ends_with('.') && !words.contains("refused: "), "{words}");
        }
        assert_eq!(told("refused: flux", &catalog), "refused: flux");
    }
}
