//! Any file taken for a client certificate is refused or read, with whatever passphrase. Shared by the tests and by the
//! fuzzer (`fuzz/identity.rs`).

use gridwatch::secrets::Secret;
use gridwatch::xmpp::tls::Identity;

/// # Panics
/// When something does not hold.
pub fn judge(bytes: &[u8]) {
    for passphrase in [None, Some(Secret::new("secret".to_owned()))] {
        match Identity::parse(bytes, passphrase.as_ref()) {
            Ok(identity) => {
                assert!(!identity.certificate().is_empty());
                assert!(identity.subject.chars().count() <= 200, "{}", identity.subject);
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}
