//! `gridwatch convert` as a script meets it: files, pipes, exit codes, and nothing lost on the way to a file.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/iodef").join(name).to_str().unwrap().to_owned()
}

fn convert(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gridwatch"))
        .arg("convert")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A verb that refuses its command line does not read.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn ended(output: &Output) -> (i32, String) {
    (output.status.code().unwrap(), String::from_utf8(output.stderr.clone()).unwrap())
}

#[test]
fn every_format_by_its_ending_and_by_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let source = fixture("phishing.xml");
    for (ending, word) in
        [("xml", "iodef"), ("json", "json"), ("csv", "csv"), ("md", "md"), ("stix.json", "stix"), ("misp.json", "misp")]
    {
        let file = dir.path().join(format!("out.{ending}"));
        let (code, told) = ended(&convert(&[&source, file.to_str().unwrap()], b""));
        assert_eq!(code, 0, "{ending}: {told}");
        assert!(told.contains("TLP:RED"), "{ending}: the sheet tells the strictest restriction: {told}");
        let piped = convert(&["-", "-", "--to", word], &fs::read(&source).unwrap());
        assert_eq!(piped.status.code(), Some(0));
        assert!(piped.stdout == fs::read(&file).unwrap(), "{word}: the same to a file and to a pipe");
        assert!(!piped.stdout.is_empty());
    }
    assert_eq!(fs::read(dir.path().join("out.xml")).unwrap(), fs::read(&source).unwrap(), "not a byte is touched");
    // An old document is one of version 2 on the way.
    let (code, told) = ended(&convert(&[&fixture("version1.xml"), "-", "--to", "stix"], b""));
    assert!(code < 2 && told.contains("Carried"), "{code}: {told}");
    // And back: the JSON just written is read.
    let json = dir.path().join("out.json");
    let (code, told) = ended(&convert(&[json.to_str().unwrap(), "-", "--to", "iodef"], b""));
    assert_eq!(code, 0, "{told}");
}

#[cfg(unix)]
#[test]
fn a_file_is_its_owners_and_stays_unless_forced() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.csv");
    let (source, target) = (fixture("phishing.xml"), file.to_str().unwrap().to_owned());
    fs::write(&file, "mine").unwrap();
    let (code, told) = ended(&convert(&[&source, &target], b""));
    assert_eq!((code, fs::read(&file).unwrap().as_slice()), (2, &b"mine"[..]), "{told}");
    assert_eq!(ended(&convert(&[&source, &target, "--force"], b"")).0, 0);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
    let nowhere = dir.path().join("no/a.csv");
    assert_eq!(ended(&convert(&[&source, nowhere.to_str().unwrap()], b"")).0, 2);
    assert!(!dir.path().join("no").exists(), "no folder is made");
}

#[test]
fn what_cannot_be_converted_says_so() {
    for (args, input, code) in [
        (&["-", "-", "--to", "csv"][..], &b"<IODEF-Document"[..], 2),
        (&["-", "-", "--to", "csv"], b"{\"Incident\": [}", 2),
        (&["-", "-", "--to", "csv"], b"<a/>", 2),
        (&["-", "-", "--to", "csv"], b"", 2),
        (&["-", "-"], b"", 2),
        (&["/no/such/file", "-", "--to", "csv"], b"", 2),
        (&[&fixture("bent.xml"), "-", "--to", "csv"], b"", 1),
        (&["-", "-", "--to", "iodef"], b"{\"version\":\"2.0\",\"Incident\":[{\"Nonsense\":1}]}", 1),
    ] {
        let (got, told) = ended(&convert(args, input));
        assert_eq!(got, code, "{args:?}: {told}");
        assert!(told.starts_with("gridwatch: "), "{told}");
    }
}
