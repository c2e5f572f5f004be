//! Two validators, and the rule by which their disagreements are settled.
//!
//! Each errs alone (`../shared/iodef/README.md`). libxml2 refuses an `xs:dateTime` with white space around it, which
//! the standard collapses (XML Schema 1.0 part 2 §4.3.6); takes a CDATA section for text even where there is none in it
//! (the infoset knows no sections); reads over stray characters in `xs:base64Binary`; and looks neither at `xs:IDREF`
//! nor at an `xs:ID` that is an element's text. xmlschema takes nearly any string for an `xs:anyURI`, which is what
//! escaping turns into a reference (part 2 §3.2.17); takes what Python strips for white space, which in XML is four
//! characters; takes the restriction of a mixed type for mixed where it does not say so itself (part 1 §3.4.2), as
//! `sci:RawData` does not; and refuses `xsi:nil` where there is no declaration. These are told apart by the validator's
//! own words and by what the document holds; any other disagreement fails the test.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::support::{judges, tools};

/// What was said of one document.
#[derive(Debug, Default)]
pub struct Opinion {
    /// Nothing when libxml2 finds it valid.
    libxml2: Vec<String>,
    xmlschema: Vec<String>,
    /// Whether the document has a CDATA section of nothing but white space.
    blank_section: bool,
    /// Whether it has white space that is none in XML.
    odd_blank: bool,
}

impl Opinion {
    /// The schema's verdict.
    pub fn valid(&self) -> Result<bool, String> {
        match (self.libxml2.is_empty(), self.xmlschema.is_empty()) {
            (true, true) => Ok(true),
            (false, false) => Ok(false),
            (false, true) if self.libxml2.iter().all(|line| self.is_too_strict(line)) => Ok(true),
            (false, true) if self.libxml2.iter().any(|line| line.contains("atomic type 'xs:anyURI'")) => Ok(false),
            (false, true) if self.libxml2.iter().any(|line| self.is_overlooked(line)) => Ok(false),
            (true, false) if self.xmlschema.iter().any(|line| is_too_lenient(line)) => Ok(false),
            (true, false) if self.xmlschema.iter().all(|line| line == "element is not nillable") => Ok(true),
            _ => Err(format!("{self:?}")),
        }
    }

    /// What libxml2 alone refuses, wrongly.
    fn is_too_strict(&self, line: &str) -> bool {
        has_padded_time(line) || (is_of_text(line) && self.blank_section)
    }

    /// What xmlschema alone takes, wrongly.
    fn is_overlooked(&self, line: &str) -> bool {
        let odd = self.odd_blank && (is_of_text(line) || line.contains(DATE_TIME));
        odd || (is_of_text(line) && line.contains("'{urn:ietf:params:xml:ns:iodef-sci-1.0}RawData'"))
    }
}

const DATE_TIME: &str = "is not a valid value of the atomic type 'xs:dateTime'";

fn is_of_text(line: &str) -> bool {
    line.contains("Character content other than whitespace is not allowed")
        || line.contains("Character content is not allowed, because the content type is empty")
}

/// Whether it is of an `xs:dateTime` that is one without the white space around it, as far as one sees.
fn has_padded_time(line: &str) -> bool {
    let Some((before, _)) = line.split_once(DATE_TIME) else { return false };
    let Some((_, value)) = before.trim_end().trim_end_matches('\'').split_once(": '") else { return false };
    let bare = value.trim_matches([' ', '\t', '\n', '\r']);
    bare.len() < value.len() && bare.chars().all(|c| c.is_ascii_graphic())
}

/// Whether white space that is none in XML is somewhere in it.
fn has_odd_blank(text: &str) -> bool {
    text.chars().any(|c| c.is_whitespace() && !matches!(c, ' ' | '\t' | '\n' | '\r'))
}

fn has_blank_section(text: &str) -> bool {
    text.split("<![CDATA[")
        .skip(1)
        .any(|rest| rest.split("]]>").next().is_some_and(|text| text.trim_ascii().is_empty()))
}

/// What libxml2 does not see.
fn is_too_lenient(reason: &str) -> bool {
    reason.starts_with("IDREF ")
        || reason.contains("duplicated xs:ID value")
        || (reason.starts_with("invalid value") && reason.contains("for xs:base64Binary"))
}

/// Both opinions on every document, in their order; none where the judges are not installed.
pub fn ask(schema: &Path, documents: &[Vec<u8>]) -> Option<Vec<Opinion>> {
    let python = judges::python()?;
    let xmllint = tools::need("xmllint", "libxml2-utils");
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = (0..documents.len()).map(|n| folder.path().join(format!("{n:05}.xml"))).collect();
    for (path, bytes) in paths.iter().zip(documents) {
        std::fs::write(path, bytes).unwrap();
    }
    let mut opinions: Vec<Opinion> = ask_python(&python, schema, &paths);
    for (opinion, bytes) in opinions.iter_mut().zip(documents) {
        let text = String::from_utf8_lossy(bytes);
        (opinion.blank_section, opinion.odd_blank) = (has_blank_section(&text), has_odd_blank(&text));
    }
    for (chunk, opinions) in paths.chunks(400).zip(opinions.chunks_mut(400)) {
        ask_libxml2(&xmllint, schema, chunk, opinions);
    }
    Some(opinions)
}

fn ask_python(python: &Path, schema: &Path, paths: &[PathBuf]) -> Vec<Opinion> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/check/judge.py");
    let mut child =
        Command::new(python).arg(script).arg(schema).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let names: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    let writer = std::thread::spawn(move || stdin.write_all(names.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "the Python judge broke off");
    let lines: Vec<Opinion> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| Opinion { xmlschema: serde_json::from_str(line).unwrap(), ..Opinion::default() })
        .collect();
    assert_eq!(lines.len(), paths.len());
    lines
}

fn ask_libxml2(xmllint: &Path, schema: &Path, paths: &[PathBuf], opinions: &mut [Opinion]) {
    let output =
        Command::new(xmllint).args(["--noout", "--nonet", "--schema"]).arg(schema).args(paths).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let places: HashMap<String, usize> =
        paths.iter().enumerate().map(|(n, path)| (path.display().to_string(), n)).collect();
    let mut told = 0;
    let mut last = None;
    for line in said.lines() {
        if let Some(path) = line.strip_suffix(" validates") {
            told += usize::from(places.contains_key(path));
        } else if let Some(path) = line.strip_suffix(" fails to validate") {
            told += 1;
            assert!(!opinions[places[path]].libxml2.is_empty(), "{line} without a reason");
        } else if let Some((path, reason)) = line.split_once(".xml:")
            && let Some(place) = places.get(&format!("{path}.xml"))
        {
            last = (!reason.contains("parser warning")).then_some(*place);
            if last.is_some() {
                opinions[*place].libxml2.push(reason.to_owned());
            }
        } else if let Some(reason) = last.and_then(|place| opinions[place].libxml2.last_mut()) {
            // A value with line breaks in it.
            reason.push_str(line);
        }
    }
    // A document that is no XML gets no last word.
    let broken = opinions.iter().filter(|opinion| opinion.libxml2.iter().any(|line| line.contains("parser error")));
    assert!(told + broken.count() >= paths.len(), "xmllint spoke of {told} of {}: {said}", paths.len());
}
