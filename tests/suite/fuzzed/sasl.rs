//! What must hold for any words of a server, or of a client, during a login: nobody is believed without the password,
//! and no proof is given to who did not continue our nonce. Shared by the tests and by the fuzzer (`fuzz/sasl.rs`).

use std::sync::OnceLock;

use gridwatch::secrets::Secret;
use gridwatch::xmpp::sasl::scram::{Client, Hash};
use gridwatch::xmpp::sasl::server::{Server, Verifier};
use gridwatch::xmpp::sasl::{Bindings, Flag, Offer};
use tokio::runtime::Runtime;

/// Where our nonce is to stand in the words.
const NONCE: &str = "%N";
/// Rounds of stretching that a run can afford; the bounds themselves have their own test.
const AFFORDED: usize = 4;

/// The words: what is first said to us, a line feed, what is said then.
///
/// # Panics
/// When something does not hold.
pub fn judge(bytes: &[u8]) {
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (first, then) = (&bytes[..at], bytes.get(at + 1..).unwrap_or_default());
    client(first, then);
    server(first, then);
}

fn client(challenge: &[u8], success: &[u8]) {
    let password = Secret::new("not theirs to know".to_owned());
    let mut client = Client::new(Hash::Sha256, Flag::Cannot, "analyst", &password, &Bindings::default()).unwrap();
    let opening = String::from_utf8(client.first()).unwrap();
    let nonce = opening.rsplit_once("r=").unwrap().1;
    let challenge = match std::str::from_utf8(challenge) {
        Ok(text) => text.replace(NONCE, nonce).into_bytes(),
        Err(_) => challenge.to_vec(),
    };
    if rounds(&challenge) > AFFORDED {
        return;
    }
    let answer = runtime().block_on(client.answer(&challenge));
    if answer.is_ok() {
        let text = String::from_utf8_lossy(&challenge);
        let theirs = text.split(',').find_map(|field| field.strip_prefix("r=")).unwrap_or_default();
        assert!(theirs.starts_with(nonce) && theirs.len() > nonce.len(), "a proof for another's nonce: {text}");
        assert!(runtime().block_on(client.answer(&challenge)).is_err(), "a second proof: {text}");
    }
    assert!(client.verify(success).is_err(), "believed without the password: {}", String::from_utf8_lossy(success));
    assert!(client.verify(success).is_err());
}

/// The longest number in it, in digits.
fn rounds(challenge: &[u8]) -> usize {
    challenge.split(|byte| !byte.is_ascii_digit()).map(<[u8]>::len).max().unwrap_or(0)
}

fn server(first: &[u8], then: &[u8]) {
    static VERIFIER: OnceLock<Verifier> = OnceLock::new();
    let verifier = VERIFIER.get_or_init(|| {
        Verifier::new(Hash::Sha256, &Secret::new("not theirs to know".to_owned()), b"salt of the test".to_vec(), 4096)
            .unwrap()
    });
    let offer = Offer::default();
    let mut server = Server::new(Hash::Sha256, false, Bindings::default(), offer, "servers".to_owned());
    if let Ok(challenge) = server.first(first, |_, _| Some(verifier.clone())) {
        let challenge = String::from_utf8(challenge).unwrap();
        assert!(challenge.starts_with("r=") && challenge.contains("servers,s="), "{challenge}");
    }
    assert!(server.finish(then).is_err(), "let in without the password: {}", String::from_utf8_lossy(then));
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_current_thread().build().unwrap())
}
