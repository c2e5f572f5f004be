//! Domains that look like others one knows.

use std::collections::BTreeMap;

use super::{look, lookalike, mixes_scripts};

/// Why an address should be looked at twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strange {
    /// Its domain looks like this other one.
    LooksLike(String),
    /// It mixes scripts that no language writes together.
    Mixed,
}

/// Domains by what they look like. Of those that look alike, the weightiest is the one that the others are taken for.
#[derive(Clone, Debug)]
pub struct Looks<W> {
    domains: BTreeMap<String, Vec<(W, String)>>,
}

impl<W: Ord> Looks<W> {
    /// Each domain with what it weighs.
    pub fn of(domains: impl IntoIterator<Item = (String, W)>) -> Self {
        let mut looks: BTreeMap<String, Vec<(W, String)>> = BTreeMap::new();
        for (domain, weight) in domains {
            let alike = looks.entry(look(&domain)).or_default();
            if !alike.iter().any(|(_, known)| *known == domain) {
                alike.push((weight, domain));
            }
        }
        Self { domains: looks }
    }

    /// What is strange about an address of this domain.
    #[must_use]
    pub fn strange(&self, domain: &str, address: &str) -> Option<Strange> {
        let alike = self.domains.get(&look(domain)).and_then(|alike| alike.iter().max_by_key(|(weight, _)| weight));
        if let Some((_, other)) = alike.filter(|(_, other)| other != domain) {
            return Some(Strange::LooksLike(other.clone()));
        }
        if let Some(plain) = lookalike(domain) {
            return Some(Strange::LooksLike(plain));
        }
        mixes_scripts(address).then_some(Strange::Mixed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weightier_one_is_what_the_other_looks_like() {
        let looks = Looks::of([("milehost.example".to_owned(), 5), ("rnilehost.example".to_owned(), 1)]);
        let alike = Some(Strange::LooksLike("milehost.example".to_owned()));
        assert_eq!(looks.strange("rnilehost.example", "a@rnilehost.example"), alike);
        assert_eq!(looks.strange("milehost.example", "a@milehost.example"), None);
        // One that is not among them, too.
        assert_eq!(looks.strange("m\u{456}lehost.example", "a@m\u{456}lehost.example"), alike);
        assert_eq!(looks.strange("plain.example", "s\u{43e}c@plain.example"), Some(Strange::Mixed));
    }
}
