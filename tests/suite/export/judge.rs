//! Running the judges: one Python process over many files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::judges;

/// What each file of `dir` is found guilty of, by file name; `None` when the judges are not installed. `schema` and
/// `xsd` are needed for RFC 8727 documents and IODEF XML alone.
pub fn judge(dir: &Path, schema: Option<&Path>, xsd: Option<&Path>) -> Option<BTreeMap<String, Vec<String>>> {
    let python = judges::python()?;
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/export/judge.py");
    let or_none = |path: Option<&Path>| path.map_or_else(|| OsString::from("-"), |path| path.as_os_str().to_owned());
    let output = Command::new(python).arg(script).args([or_none(schema), or_none(xsd)]).args(&files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let judged: BTreeMap<String, Vec<String>> = lines
        .lines()
        .map(|line| {
            let verdict: serde_json::Value = serde_json::from_str(line).unwrap();
            let name = Path::new(verdict["file"].as_str().unwrap()).file_name().unwrap().to_str().unwrap().to_owned();
            let problems = verdict["problems"].as_array().unwrap();
            (name, problems.iter().map(|problem| problem.as_str().unwrap().to_owned()).collect())
        })
        .collect();
    assert_eq!(judged.len(), files.len(), "a file was not judged");
    Some(judged)
}

/// Fails with every complaint, unless there is none.
pub fn acquit(judged: &BTreeMap<String, Vec<String>>) {
    let guilty: Vec<String> = judged
        .iter()
        .flat_map(|(name, problems)| problems.iter().map(move |problem| format!("{name}: {problem}")))
        .collect();
    assert!(guilty.is_empty(), "{} complaints:\n{}", guilty.len(), guilty.join("\n"));
}

/// A judge that never finds anything would prove nothing (stix2-validator 3.3.1 was one).
#[test]
fn the_judges_tell_good_from_bad() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    let (id, time) = ("a8c8cd43-0e4e-57d5-9ed5-8b5d1dc3d2b1", "2026-03-04T10:15:00.000Z");
    let bundle = |name: &str| {
        format!(
            r#"{{"type":"bundle","id":"bundle--{id}","objects":[{{"type":"identity","spec_version":"2.1",
            "id":"identity--{id}","created":"{time}","modified":"{time}","identity_class":"organization"{name}}}]}}"#
        )
    };
    write("good.stix.json", &bundle(r#","name":"N""#));
    write("bad.stix.json", &bundle(""));
    let event = |kind: &str| {
        format!(
            r#"{{"Event":{{"info":"i","uuid":"{id}","date":"2026-03-04","Attribute":[
            {{"type":"{kind}","category":"Network activity","value":"192.0.2.1"}}]}}}}"#
        )
    };
    write("good.misp.json", &event("ip-dst"));
    write("bad.misp.json", &event("sha256"));
    write("good.csv", "# restriction: green\r\nvalue,path\r\n'=1+1,Incident[1]\r\n");
    write("bad.csv", "# restriction: green\r\nvalue,path\r\n=1+1,Incident[1]\r\n");
    let Some(judged) = judge(dir.path(), None, None) else { return };
    for (name, problems) in judged {
        assert_eq!(problems.is_empty(), name.starts_with("good"), "{name}: {problems:?}");
    }
}
