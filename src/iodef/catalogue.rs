//! Names of the catalogues people speak in: CVE, CWE, CAPEC and ATT&CK, in references, ids and running text. RFC 7495 has
//! an element for them, RFC 7203 an attribute, and senders write them wherever there is room for words.

/// A catalogue by what its entries are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum List {
    /// Vulnerabilities.
    Cve,
    /// Weaknesses.
    Cwe,
    /// Attack patterns.
    Capec,
    /// ATT&CK techniques.
    Technique,
    /// ATT&CK tactics.
    Tactic,
}

impl List {
    /// The name STIX 2.1 has for it as an external source.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::Cve => "cve",
            Self::Cwe => "cwe",
            Self::Capec => "capec",
            Self::Technique | Self::Tactic => "mitre-attack",
        }
    }
}

/// Names in a text, each once, in capitals: `CVE-2021-44228`, `CWE-502`, `CAPEC-98`, `T1566.001`, `TA0001`.
#[must_use]
pub fn named(text: &str) -> Vec<(List, String)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let mut all: Vec<(List, String)> = Vec::new();
    for word in text.split(|c: char| !is_part(c)) {
        let word = word.trim_matches(['.', '-', '_']);
        // Longer than any name: no copy of it is made.
        if word.len() > LONGEST {
            continue;
        }
        let word = word.to_ascii_uppercase();
        if let Some(list) = list_of(&word)
            && !all.iter().any(|(_, known)| *known == word)
        {
            all.push((list, word));
        }
        if all.len() == MOST {
            break;
        }
    }
    all
}

/// Longest name: `CVE-2026-1234567`.
const LONGEST: usize = 16;
/// Most names taken of one text: a list of all there are tells nothing.
const MOST: usize = 256;

fn list_of(word: &str) -> Option<List> {
    let digits = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (list, sound) = if let Some(rest) = word.strip_prefix("CVE-") {
        let sound = rest.split_once('-').is_some_and(|(year, number)| digits(year, 4, 4) && digits(number, 4, 7));
        (List::Cve, sound)
    } else if let Some(rest) = word.strip_prefix("CWE-") {
        (List::Cwe, digits(rest, 1, 5))
    } else if let Some(rest) = word.strip_prefix("CAPEC-") {
        (List::Capec, digits(rest, 1, 5))
    } else if let Some(rest) = word.strip_prefix("TA") {
        (List::Tactic, digits(rest, 4, 4))
    } else {
        let rest = word.strip_prefix('T')?;
        let sound = match rest.split_once('.') {
            Some((technique, sub)) => digits(technique, 4, 4) && digits(sub, 3, 3),
            None => digits(rest, 4, 4),
        };
        (List::Technique, sound)
    };
    sound.then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_recognised_and_nothing_else_is() {
        let text =
            "See cve-2021-44228, (CWE-502) and T1566.001. CAPEC-98; https://x/T1071/001/ T10712 CVE-21-1 XT1000 ta0001";
        let found: Vec<_> = named(text).into_iter().map(|(list, word)| format!("{list:?} {word}")).collect();
        let wanted = [
            "Cve CVE-2021-44228",
            "Cwe CWE-502",
            "Technique T1566.001",
            "Capec CAPEC-98",
            "Technique T1071",
            "Tactic TA0001",
        ];
        assert_eq!(found, wanted);
        assert!(named("THE T1 TCP-6 CVE- CWE- TA T1566.01 TA00011 CVE-2021-44228x T1566T1566").is_empty());
        assert_eq!(named("T1566, t1566; T1566.001").len(), 2);
        assert_eq!(named(&(0..5_000).map(|n| format!("CWE-{n} ")).collect::<String>()).len(), MOST);
    }
}
