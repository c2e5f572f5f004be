//! What a server offers, and its proof that nobody changed that on the way (XEP-0474 "SSDP", version 0.5.0: attribute `h`
//! of the server-first-message. The drafts before 0.3 used other letters and are not read).

use super::scram::Hash;

/// What the server's stream features offer by one of the two profiles (RFC 6120 §6, XEP-0388).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Mechanism names as sent.
    pub mechanisms: Vec<String>,
    /// Types of `urn:xmpp:sasl-cb:0` (XEP-0440); `None` when the server sent no such list.
    pub bindings: Option<Vec<String>>,
}

impl Offer {
    /// The hash of both lists (XEP-0474 §5.1). The separators cannot occur in XML, so two offers never read the same.
    #[must_use]
    pub fn digest(&self, hash: Hash) -> Vec<u8> {
        let mut text = joined(&self.mechanisms);
        if let Some(bindings) = &self.bindings {
            text.push('\x1f');
            text.push_str(&joined(bindings));
        }
        hash.digest(text.as_bytes()).to_vec()
    }

    /// The server has channel bindings, of which none is ours and the one that all must have (XEP-0440 §4) is missing:
    /// the list was changed on the way, or the server is odd. Only its proof of the offer tells which (XEP-0474 §7).
    pub(super) fn looks_stripped(&self) -> bool {
        let plus = self.mechanisms.iter().any(|name| name.ends_with("-PLUS"));
        let known = |name: &String| super::BindingKind::from_name(name).is_some();
        plus && self.bindings.as_ref().is_some_and(|list| !list.iter().any(known))
    }
}

/// Sorted by octets (RFC 4790 §9.3), with the record separator between.
fn joined(names: &[String]) -> String {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.join("\x1e")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn offer(mechanisms: &[&str], bindings: Option<&[&str]>) -> Offer {
        let own = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Offer { mechanisms: own(mechanisms), bindings: bindings.map(own) }
    }

    /// The first is XEP-0474 §6.3's example; the others are Openfire's, which it derived by its own implementation.
    #[test]
    fn published_digests() {
        let all = ["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "PLAIN", "EXTERNAL"];
        let kinds: &[&str] = &["tls-unique", "tls-exporter", "tls-server-end-point"];
        let rows = [
            (offer(&["SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"], Some(&kinds[1..])), "G6k/rBLDqgOhRRaCuuatSDFkJ08="),
            (offer(&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], None), "g00gt4Qd0gJ3EvnclTnY0KEYfRg="),
            (offer(&all, Some(kinds)), "SQjUrwq125kFEHbaywmNGkNY8NI="),
            (offer(&["SCRAM-SHA-256-PLUS"], Some(&["tls-exporter"])), "50fovNdJS+nqcJ0IYUsXqRTUrtU="),
            (offer(&["SCRAM-SHA-1"], None), "LrtFoCs8XsoI+diY4u3rG69UGN8="),
        ];
        for (offer, expected) in rows {
            assert_eq!(STANDARD.encode(offer.digest(Hash::Sha1)), expected, "{offer:?}");
        }
    }

    #[test]
    fn an_empty_list_of_bindings_is_not_no_list() {
        assert_ne!(offer(&["A"], None).digest(Hash::Sha256), offer(&["A"], Some(&[])).digest(Hash::Sha256));
    }

    #[test]
    fn a_list_without_the_binding_all_servers_have_looks_stripped() {
        let plus: &[&str] = &["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"];
        assert!(offer(plus, Some(&["tls-unique"])).looks_stripped());
        assert!(offer(plus, Some(&[])).looks_stripped());
        // ejabberd before 24.02 and Prosody 0.12 send no list at all.
        assert!(!offer(plus, None).looks_stripped());
        assert!(!offer(plus, Some(&["tls-unique", "tls-server-end-point"])).looks_stripped());
        assert!(!offer(&["SCRAM-SHA-256"], Some(&["tls-unique"])).looks_stripped());
    }
}
