//! Client certificates as people get them: files of OpenSSL, of today's and of before, whole and broken.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use gridwatch::secrets::Secret;
use gridwatch::xmpp::tls::Identity;
use gridwatch::xmpp::tls::identity::Error;
use tempfile::TempDir;

use crate::support::tools::need;

/// A folder in which OpenSSL works.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.run("ecparam -name prime256v1 -genkey -noout -out sec1.pem");
        desk.run("pkcs8 -topk8 -nocrypt -in sec1.pem -out key.pem");
        desk.run("req -new -x509 -key key.pem -subj /CN=analyst -days 3650 -out cert.pem");
        desk.run("ecparam -name prime256v1 -genkey -noout -out other.pem");
        desk.run("req -new -x509 -key other.pem -subj /CN=authority -days 3650 -out ca.pem");
        desk
    }

    fn run(&self, arguments: &str) {
        let output =
            Command::new(need("openssl", "openssl")).args(arguments.split(' ')).current_dir(self.0.path()).output();
        let output = output.unwrap();
        assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The files' contents one after the other, as one file.
    fn joined(&self, names: &[&str]) -> PathBuf {
        let whole: Vec<u8> = names.iter().flat_map(|name| std::fs::read(self.path(name)).unwrap()).collect();
        let path = self.path("joined.pem");
        std::fs::write(&path, whole).unwrap();
        path
    }

    fn load(&self, path: &Path, passphrase: Option<&str>) -> Result<Identity, Error> {
        Identity::load(path, passphrase.map(|text| Secret::new(text.to_owned())).as_ref())
    }

    fn assert_loads(&self, path: &Path, passphrase: Option<&str>) {
        let identity = self.load(path, passphrase).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(identity.subject, "CN=analyst");
        assert!(identity.is_valid_at(Utc::now()));
        let shown = format!("{identity:?}");
        assert!(!shown.contains("key"), "{shown}");
    }
}

#[test]
fn keys_of_every_kind_in_pem_in_any_order() {
    let desk = Desk::new();
    desk.assert_loads(&desk.joined(&["cert.pem", "key.pem"]), None);
    desk.assert_loads(&desk.joined(&["key.pem", "cert.pem"]), None);
    desk.assert_loads(&desk.joined(&["sec1.pem", "cert.pem"]), None);
    // The chain before the leaf, as some tools write it.
    desk.assert_loads(&desk.joined(&["ca.pem", "key.pem", "cert.pem"]), None);
    desk.run("genrsa -traditional -out rsa.pem 2048");
    desk.run("req -new -x509 -key rsa.pem -subj /CN=analyst -days 3650 -out rsa-cert.pem");
    desk.assert_loads(&desk.joined(&["rsa.pem", "rsa-cert.pem"]), None);
    desk.run("genpkey -algorithm ed25519 -out ed.pem");
    desk.run("req -new -x509 -key ed.pem -subj /CN=analyst -days 3650 -out ed-cert.pem");
    desk.assert_loads(&desk.joined(&["ed.pem", "ed-cert.pem"]), None);
}

#[test]
fn encrypted_keys_want_their_passphrase() {
    let desk = Desk::new();
    for (kind, options) in [
        ("AES and SHA-256", "-v2 aes-256-cbc -v2prf hmacWithSHA256"),
        ("3DES and SHA-1", "-v2 des3 -v2prf hmacWithSHA1"),
        ("scrypt", "-scrypt"),
    ] {
        desk.run(&format!("pkcs8 -topk8 -in sec1.pem -out locked.pem -passout pass:s3cr\u{e9}t {options}"));
        let file = desk.joined(&["cert.pem", "locked.pem"]);
        desk.assert_loads(&file, Some("s3cr\u{e9}t"));
        assert_eq!(desk.load(&file, None), Err(Error::NeedsPassphrase), "{kind}");
        let wrong = desk.load(&file, Some("wrong")).unwrap_err();
        assert_eq!(wrong, Error::WrongPassphrase, "{kind}");
        assert!(wrong.wants_passphrase());
    }
    // Stretching for minutes, or with all the memory there is, is not begun: 70,000 rounds become 8,388,607, and scrypt's 8
    // blocks 127.
    let heavier: [(&str, &[u8], &[u8]); 2] = [
        ("-iter 70000", &[2, 3, 1, 0x11, 0x70], &[2, 3, 0x7f, 0xff, 0xff]),
        ("-scrypt", &[2, 2, 0x40, 0, 2, 1, 8], &[2, 2, 0x40, 0, 2, 1, 127]),
    ];
    for (options, mild, heavy) in heavier {
        desk.run(&format!("pkcs8 -topk8 -in sec1.pem -out mild.der -outform DER -passout pass:secret {options}"));
        let mut der = std::fs::read(desk.path("mild.der")).unwrap();
        let at = der.windows(mild.len()).position(|window| window == mild).unwrap();
        der[at..at + heavy.len()].copy_from_slice(heavy);
        let text = STANDARD.encode(der);
        let block = format!("-----BEGIN ENCRYPTED PRIVATE KEY-----\n{text}\n-----END ENCRYPTED PRIVATE KEY-----\n");
        std::fs::write(desk.path("heavy.pem"), block).unwrap();
        let heavy = desk.load(&desk.joined(&["cert.pem", "heavy.pem"]), Some("secret"));
        assert_eq!(heavy, Err(Error::Unsupported("encryption")), "{options}");
    }
    desk.run("ec -in sec1.pem -aes128 -passout pass:secret -out old.pem");
    assert_eq!(desk.load(&desk.joined(&["cert.pem", "old.pem"]), Some("secret")), Err(Error::OldEncryption));
}

#[test]
fn pkcs12_of_openssl_3_and_of_before() {
    let desk = Desk::new();
    for (kind, options) in [
        ("today's", ""),
        ("of before", " -legacy"),
        ("3DES throughout", " -legacy -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES"),
        ("with its chain", " -certfile ca.pem"),
        ("unencrypted certificate", " -certpbe NONE"),
    ] {
        desk.run(&format!("pkcs12 -export -inkey key.pem -in cert.pem -out id.p12 -passout pass:secret{options}"));
        let file = desk.path("id.p12");
        desk.assert_loads(&file, Some("secret"));
        assert_eq!(desk.load(&file, Some("wrong")), Err(Error::WrongPassphrase), "{kind}");
        assert_eq!(desk.load(&file, None), Err(Error::NeedsPassphrase), "{kind}");
    }
    desk.run("pkcs12 -export -inkey key.pem -in cert.pem -out open.p12 -passout pass:");
    desk.assert_loads(&desk.path("open.p12"), None);
    desk.run("pkcs12 -export -nokeys -in cert.pem -out keyless.p12 -passout pass:secret");
    assert_eq!(desk.load(&desk.path("keyless.p12"), Some("secret")), Err(Error::NoKey));
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let desk = Desk::new();
    let loaded = |names: &[&str]| desk.load(&desk.joined(names), None).unwrap_err();
    assert_eq!(loaded(&["cert.pem"]), Error::NoKey);
    assert_eq!(loaded(&["key.pem"]), Error::NoCertificate);
    assert_eq!(loaded(&["ca.pem", "key.pem"]), Error::Mismatch);
    assert_eq!(loaded(&["cert.pem", "key.pem", "other.pem"]), Error::SeveralKeys(2));
    desk.run("ecparam -name secp256k1 -genkey -noout -out odd.pem");
    assert_eq!(loaded(&["cert.pem", "odd.pem"]), Error::Unsupported("kind of key"));
    let write = |bytes: &[u8]| {
        std::fs::write(desk.path("junk"), bytes).unwrap();
        desk.load(&desk.path("junk"), Some("secret")).unwrap_err()
    };
    assert_eq!(write(b""), Error::Unknown);
    assert_eq!(write(b"hello"), Error::Unknown);
    assert_eq!(write(&[0x30, 0x80, 0, 0]), Error::Unreadable("PKCS#12"));
    assert_eq!(write(b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"), Error::Unreadable("PEM"));
    assert!(matches!(write(&vec![b'x'; 300 * 1024]), Error::TooLarge { .. }));
    assert!(matches!(desk.load(desk.0.path(), None), Err(Error::NotAFile { .. })));
    assert!(matches!(desk.load(Path::new("/dev/zero"), None), Err(Error::NotAFile { .. })));
    assert!(matches!(desk.load(&desk.path("absent"), None), Err(Error::File { .. })));
}

/// Every cut and a change of any byte: an error or the same identity, never a panic.
#[test]
fn damaged_files_are_refused() {
    let desk = Desk::new();
    // One round: the stretching is not what is tested.
    desk.run("pkcs12 -export -inkey key.pem -in cert.pem -out id.p12 -passout pass:secret -iter 1");
    let whole = std::fs::read(desk.path("id.p12")).unwrap();
    let secret = Secret::new("secret".to_owned());
    for cut in (0..whole.len()).step_by(7) {
        assert!(Identity::parse(&whole[..cut], Some(&secret)).is_err(), "{cut}");
    }
    let pem = std::fs::read(desk.joined(&["cert.pem", "key.pem"])).unwrap();
    for at in (0..pem.len()).step_by(11) {
        let mut changed = pem.clone();
        changed[at] ^= 1;
        let _ = Identity::parse(&changed, None).is_ok();
    }
}

#[test]
fn a_certificate_out_of_its_time_is_loaded_and_told() {
    let desk = Desk::new();
    let identity = desk.load(&desk.joined(&["cert.pem", "key.pem"]), None).unwrap();
    let year = |year: i64| DateTime::from_timestamp((year - 1970) * 31_557_600, 0).unwrap();
    assert!(!identity.is_valid_at(year(2000)) && !identity.is_valid_at(year(2200)));
}
