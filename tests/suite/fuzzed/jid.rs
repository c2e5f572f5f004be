//! What must hold for any text taken for an address: it is refused, or it is one address in one form. Shared by the tests
//! and by the fuzzer (`fuzz/jid.rs`).

use gridwatch::model::{BareJid, Jid};

/// RFC 7622 §3: the longest part, in bytes.
const PART: usize = 1023;

/// # Panics
/// When something does not hold.
pub fn judge(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let bare = text.parse::<BareJid>();
    let Ok(jid) = text.parse::<Jid>() else {
        assert!(bare.is_err(), "{text:?} is an account but no address");
        return;
    };
    let shown = jid.to_string();
    assert_eq!(shown.parse().as_ref(), Ok(&jid), "{text:?} shown as {shown:?}");
    assert_eq!(bare.is_ok(), jid.resource().is_none(), "{text:?}");
    let parts = [jid.bare().local(), Some(jid.bare().domain()), jid.resource()];
    assert!(parts.into_iter().flatten().all(|part| (1..=PART).contains(&part.len())), "{text:?}");
    assert!(jid.bare().domain_ascii().is_ascii(), "{text:?}");
    assert!(!shown.contains(|c: char| c.is_control()), "{text:?}");
    let again: Jid = shown.parse().unwrap();
    assert_eq!(again.to_string(), shown, "shown in one form");
}
