//! Revocation lists: what they withdraw, what makes one count, what each policy makes of one that does not.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gridwatch::model::Revocation;
use gridwatch::model::session::Revoked;
use gridwatch::xmpp::tls::{Policy, Trust};
use rcgen::{CertificateParams, CrlDistributionPoint, SerialNumber, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{Case, DOMAIN, faults, keys, unchanged};
use crate::support::pki::{Authority, Identity};

const SERIAL: u64 = 0x0a11_ce00_0001;
const MIDDLE: u64 = 0x0a11_ce00_0002;

fn numbered(params: &mut CertificateParams) {
    params.serial_number = Some(SerialNumber::from(SERIAL));
}

/// An authority, one below it, and a server of that one's.
struct Grid {
    root: Authority,
    middle: Authority,
    identity: Identity,
    dir: tempfile::TempDir,
}

impl Grid {
    fn new(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let root = Authority::new("Test authority");
        let middle = root.below("Middle", |params| params.serial_number = Some(SerialNumber::from(MIDDLE)));
        let change = |params: &mut CertificateParams| {
            numbered(params);
            change(params);
        };
        let identity = middle.issue(&[DOMAIN], change).with(&middle);
        Self { root, middle, identity, dir: tempfile::tempdir().unwrap() }
    }

    /// A file with these bytes.
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Files of the right lists of both authorities.
    fn right(&self) -> Vec<PathBuf> {
        vec![
            self.file("root", &self.root.crl(&[99], 2025, 2085)),
            self.file("middle", &self.middle.crl(&[98], 2026, 2080)),
        ]
    }

    async fn keys(&self, crls: &[PathBuf], revocation: Revocation) -> Vec<&'static str> {
        let policy = Policy { revocation, crls: crls.to_vec(), ..Policy::default() };
        self.keys_under(&policy).await
    }

    async fn keys_under(&self, policy: &Policy) -> Vec<&'static str> {
        let (acceptor, trust) = (self.identity.careless(&[]), Trust::Ca(self.root.der()));
        let case = Case { acceptor: &acceptor, trust: &trust, policy, domain: DOMAIN };
        keys(&faults(&case.refused("lists").await))
    }

    async fn revoked(&self, crls: &[PathBuf], revocation: Revocation) -> Revoked {
        let policy = Policy { revocation, crls: crls.to_vec(), ..Policy::default() };
        self.revoked_under(&policy, &[]).await
    }

    async fn revoked_under(&self, policy: &Policy, ocsp: &[u8]) -> Revoked {
        let (acceptor, trust) = (self.identity.careless(ocsp), Trust::Ca(self.root.der()));
        let case = Case { acceptor: &acceptor, trust: &trust, policy, domain: DOMAIN };
        let channel = case.accepted("lists").await.channel;
        assert_eq!(channel.revocation, policy.revocation);
        channel.revoked
    }

    /// Unchecked under `prefer` for this reason, refused under `require` with these words.
    async fn counts_for_nothing(&self, crls: &[PathBuf], why: &str, refusal: &str) {
        let Revoked::Unchecked(say) = self.revoked(crls, Revocation::Prefer).await else { panic!("{why}") };
        assert_eq!(say.key, why);
        assert_eq!(self.keys(crls, Revocation::Require).await, [refusal]);
    }
}

#[tokio::test]
async fn a_chain_in_no_list_is_clear_and_the_lists_age_is_told() {
    let grid = Grid::new(unchanged);
    for revocation in [Revocation::Prefer, Revocation::Require] {
        let Revoked::Clear { issued, until } = grid.revoked(&grid.right(), revocation).await else { panic!() };
        assert_eq!(
            (issued.to_string(), until.to_string()),
            ("2025-01-01 00:00:00 UTC".into(), "2080-01-01 00:00:00 UTC".into())
        );
    }
    // PEM, several in one file, one of them nobody's here.
    let pem = |der: &[u8]| {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN X509 CRL-----\n{text}\n-----END X509 CRL-----\n")
    };
    let lists = [
        grid.root.crl(&[], 2025, 2085),
        grid.middle.crl(&[], 2026, 2080),
        Authority::new("x").crl(&[SERIAL], 2025, 2080),
    ];
    let all: String = lists.iter().map(|der| pem(der)).collect();
    let file = grid.file("all.pem", all.as_bytes());
    assert!(matches!(grid.revoked(&[file], Revocation::Require).await, Revoked::Clear { .. }));
}

#[tokio::test]
async fn what_is_withdrawn_is_refused_under_every_policy_but_off() {
    let grid = Grid::new(unchanged);
    let root = grid.file("root", &grid.root.crl(&[], 2025, 2085));
    let leaf = grid.file("leaf", &grid.middle.crl(&[1, SERIAL], 2025, 2085));
    let middle = grid.file("mid", &grid.root.crl(&[MIDDLE], 2025, 2085));
    // The list ended; what it withdrew stays withdrawn.
    let stale = grid.file("stale", &grid.middle.crl(&[SERIAL], 2024, 2025));
    for revocation in [Revocation::Prefer, Revocation::Require] {
        for lists in [
            &[root.clone(), leaf.clone()][..],
            std::slice::from_ref(&middle),
            std::slice::from_ref(&leaf),
            &[root.clone(), stale.clone()],
        ] {
            assert_eq!(grid.keys(lists, revocation).await, ["error-cert-revoked"], "{lists:?}");
        }
    }
    let Revoked::Unchecked(say) = grid.revoked(&[root, leaf], Revocation::Off).await else { panic!() };
    assert_eq!(say.key, "session-revocation-off");
}

#[tokio::test]
async fn what_is_presented_beside_a_chain_does_not_hide_a_withdrawal() {
    fn expired(params: &mut CertificateParams) {
        params.not_after = date_time_ymd(2025, 3, 1);
    }
    let paddings: [fn(&Grid) -> Vec<Authority>; 3] = [
        // The issuer's own old certificate: "expired" outranks "revoked" in webpki.
        |grid| vec![grid.root.copy_of(&grid.middle, "Middle", expired)],
        // As many of its own as exhaust webpki's signature checks.
        |grid| (0..60).map(|_| grid.root.copy_of(&grid.middle, "Middle", unchanged)).collect(),
        // A stranger's in its name: no moment at which it is valid would do for the true one.
        |_| vec![Authority::new("Stranger").below("Middle", expired)],
    ];
    for (row, padding) in paddings.iter().enumerate() {
        let mut grid = Grid::new(unchanged);
        // Last and first: the order is the server's to choose.
        for first in [false, true] {
            for one in padding(&grid) {
                grid.identity = grid.identity.with(&one);
            }
            if first {
                let own = grid.identity.chain.remove(1);
                grid.identity.chain.push(own);
            }
            let leaf = grid.file("leaf", &grid.middle.crl(&[SERIAL], 2025, 2085));
            for revocation in [Revocation::Prefer, Revocation::Require] {
                let keys = grid.keys(std::slice::from_ref(&leaf), revocation).await;
                assert_eq!(keys, ["error-cert-revoked"], "row {row}, {first}, {revocation:?}");
            }
            // Nor does it speak against a chain in no list.
            assert!(
                matches!(grid.revoked(&grid.right(), Revocation::Require).await, Revoked::Clear { .. }),
                "row {row}"
            );
        }
    }
}

#[tokio::test]
async fn a_list_that_does_not_count_is_named() {
    let grid = Grid::new(unchanged);
    let root = grid.file("root", &grid.root.crl(&[], 2025, 2085));
    grid.counts_for_nothing(&[], "session-revocation-no-list", "error-cert-unchecked").await;
    grid.counts_for_nothing(std::slice::from_ref(&root), "session-revocation-no-list", "error-cert-unchecked").await;
    let stale = grid.file("stale", &grid.middle.crl(&[], 2024, 2025));
    grid.counts_for_nothing(&[root.clone(), stale.clone()], "session-revocation-stale", "error-cert-list-stale").await;
    let other = grid.file("other", &Authority::new("Another").crl(&[SERIAL], 2025, 2085));
    grid.counts_for_nothing(&[root.clone(), other], "session-revocation-no-list", "error-cert-unchecked").await;
    // In the authority's name, by another key, and withdrawing what is good.
    let forged = grid.file("forged", &Authority::new("Middle").crl(&[SERIAL], 2026, 2085));
    grid.counts_for_nothing(&[root.clone(), forged.clone()], "session-revocation-forged", "error-cert-list-forged")
        .await;
    let huge = grid.file("huge", &vec![0x30; (16 << 20) + 1]);
    grid.counts_for_nothing(&[root.clone(), huge], "session-revocation-broken", "error-cert-list-broken").await;
    let junk = grid.file("junk", b"\x30\x03junk");
    grid.counts_for_nothing(&[root.clone(), junk], "session-revocation-broken", "error-cert-list-broken").await;
    let absent = grid.dir.path().join("absent");
    grid.counts_for_nothing(&[root.clone(), absent], "session-revocation-broken", "error-cert-list-broken").await;
    let to_come = grid.file("to-come", &grid.middle.crl(&[], 2080, 2085));
    grid.counts_for_nothing(&[root.clone(), to_come], "session-revocation-broken", "error-cert-list-broken").await;
    // None of these stands before a good one.
    let mut lists = vec![forged, stale];
    lists.extend(grid.right());
    assert!(matches!(grid.revoked(&lists, Revocation::Require).await, Revoked::Clear { .. }));
}

#[tokio::test]
async fn other_faults_do_not_hide_a_withdrawal() {
    let grid = Grid::new(|params| params.not_after = date_time_ymd(2025, 3, 1));
    let lists = [grid.file("leaf", &grid.middle.crl(&[SERIAL], 2025, 2085))];
    assert_eq!(grid.keys(&lists, Revocation::Prefer).await, ["error-cert-expired", "error-cert-revoked"]);
}

#[tokio::test]
async fn a_stapled_answer_is_said_to_be_unchecked() {
    let grid = Grid::new(unchanged);
    // "revoked" or not: nobody here reads it.
    let Revoked::Unchecked(say) = grid.revoked_under(&Policy::default(), b"\x30\x03\x0a\x01\x00").await else {
        panic!()
    };
    assert_eq!(say.key, "session-revocation-stapled");
    let policy = Policy { revocation: Revocation::Require, ..Policy::default() };
    let (acceptor, trust) = (grid.identity.careless(b"\x30\x03\x0a\x01\x00"), Trust::Ca(grid.root.der()));
    let case = Case { acceptor: &acceptor, trust: &trust, policy: &policy, domain: DOMAIN };
    assert_eq!(keys(&faults(&case.refused("stapled").await)), ["error-cert-unchecked"]);
}

/// Serves lists by HTTP; counts how often it is asked.
struct Lists {
    at: String,
    asked: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Lists {
    async fn new(answer: impl Fn(&str) -> Option<Vec<u8>> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let task = tokio::spawn(async move {
            while let Ok((mut tcp, _)) = listener.accept().await {
                let mut request = vec![0; 4096];
                let read = tcp.read(&mut request).await.unwrap();
                let _ = count.fetch_add(1, Ordering::SeqCst);
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                let path = request.split(' ').nth(1).unwrap_or_default();
                let (status, body) = answer(path).map_or(("404 None", Vec::new()), |body| ("200 OK", body));
                let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = tcp.write_all(&[head.as_bytes(), &body].concat()).await;
                let _ = tcp.shutdown().await;
            }
        });
        Self { at, asked, task }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn pointing(at: &str) -> impl FnOnce(&mut CertificateParams) + use<> {
    let uris = vec!["ldap://ca.example/".to_owned(), format!("{at}/middle.crl")];
    move |params| params.crl_distribution_points = vec![CrlDistributionPoint { uris }]
}

fn fetching(grid: &Grid, revocation: Revocation, cache: &Path) -> Policy {
    let root = grid.file("root", &grid.root.crl(&[], 2025, 2085));
    Policy { revocation, crls: vec![root], fetch_crls: true, cache: Some(cache.to_owned()), ..Policy::default() }
}

fn years() -> (i32, i32) {
    // The year begins less than a day ago only on its first: a list of this year is old enough to be asked for again.
    use chrono::Datelike as _;
    (chrono::Utc::now().year(), chrono::Utc::now().year() + 2)
}

#[tokio::test]
async fn lists_are_fetched_from_where_the_certificate_says_kept_and_used_when_their_place_is_gone() {
    let body = Arc::new(std::sync::Mutex::new(None::<Vec<u8>>));
    let answer = body.clone();
    let lists = Lists::new(move |path| answer.lock().unwrap().clone().filter(|_| path == "/middle.crl")).await;
    let grid = Grid::new(pointing(&lists.at));
    let kept = grid.dir.path().join("cache");

    // Nothing there.
    let policy = fetching(&grid, Revocation::Prefer, &kept);
    let Revoked::Unchecked(say) = grid.revoked_under(&policy, &[]).await else { panic!() };
    assert_eq!(say.key, "error-fetch-status");
    let require = fetching(&grid, Revocation::Require, &kept);
    assert_eq!(grid.keys_under(&require).await, ["error-cert-list-broken"]);
    assert_eq!(lists.asked(), 2);

    // A forged one is neither believed nor kept.
    *body.lock().unwrap() = Some(Authority::new("Middle").crl(&[SERIAL], 2026, 2085));
    assert_eq!(grid.keys_under(&require).await, ["error-cert-list-forged"]);
    assert!(!kept.exists());

    let (issued, until) = years();
    *body.lock().unwrap() = Some(grid.middle.crl(&[], issued, until));
    assert!(matches!(grid.revoked_under(&require, &[]).await, Revoked::Clear { .. }));
    let files: Vec<_> = std::fs::read_dir(&kept).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let name = files[0].file_name().unwrap().to_str().unwrap();
    assert!(name.len() == 68 && name.ends_with(".crl"), "{name}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
    }

    // Its place is gone: the list kept does until it ends.
    *body.lock().unwrap() = None;
    assert!(matches!(grid.revoked_under(&require, &[]).await, Revoked::Clear { .. }));
    lists.task.abort();
    assert!(matches!(grid.revoked_under(&require, &[]).await, Revoked::Clear { .. }));
    // Not where fetching is off.
    let off = Policy { fetch_crls: false, ..require };
    assert_eq!(grid.keys_under(&off).await, ["error-cert-unchecked"]);
}

#[tokio::test]
async fn neither_a_planted_list_nor_an_older_one_takes_the_place_of_the_one_kept() {
    let body = Arc::new(std::sync::Mutex::new(Vec::new()));
    let answer = body.clone();
    let lists = Lists::new(move |_| Some(answer.lock().unwrap().clone())).await;
    let grid = Grid::new(pointing(&lists.at));
    let cache = grid.dir.path().join("cache");
    let (year, until) = years();
    let kept = || -> Vec<u8> {
        let files: Vec<_> = std::fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 1);
        std::fs::read(&files[0]).unwrap()
    };
    // The right lists are at hand as files, so that the chain is clear whatever comes.
    let clear = Policy { crls: grid.right(), ..fetching(&grid, Revocation::Prefer, &cache) };
    let good = grid.middle.crl(&[], year, until);
    *body.lock().unwrap() = good.clone();
    assert!(matches!(
        grid.revoked_under(&fetching(&grid, Revocation::Prefer, &cache), &[]).await,
        Revoked::Clear { .. }
    ));
    assert_eq!(kept(), good);
    let planted = [
        Authority::new("Nobody").crl(&[], 2099, 2100),
        Authority::new("Middle").crl(&[], year, until),
        grid.middle.crl(&[], 2099, 2100),
        grid.middle.crl(&[], year - 1, until),
        grid.root.crl(&[], year - 1, until),
    ];
    for (row, list) in planted.into_iter().enumerate() {
        *body.lock().unwrap() = list;
        let asked = lists.asked();
        assert!(matches!(grid.revoked_under(&clear, &[]).await, Revoked::Clear { .. }), "row {row}");
        assert_eq!(lists.asked(), asked + 1);
        assert!(kept() == good, "row {row}");
    }

    // One kept that withdraws stays, whatever is planted over it.
    std::fs::remove_dir_all(&cache).unwrap();
    let bad = grid.middle.crl(&[SERIAL], year, until);
    *body.lock().unwrap() = bad.clone();
    assert_eq!(grid.keys_under(&clear).await, ["error-cert-revoked"]);
    *body.lock().unwrap() = grid.middle.crl(&[], year - 1, until);
    assert_eq!(grid.keys_under(&clear).await, ["error-cert-revoked"]);
    assert!(kept() == bad);

    // A list of the future that got into the cache all the same is asked for again and replaced.
    let file = std::fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&file, grid.middle.crl(&[], 2099, 2100)).unwrap();
    *body.lock().unwrap() = bad.clone();
    assert_eq!(grid.keys_under(&clear).await, ["error-cert-revoked"]);
    assert!(kept() == bad);
}

#[tokio::test]
async fn a_fetched_list_withdraws_and_a_stranger_cannot_make_us_ask() {
    let body = Arc::new(std::sync::Mutex::new(Vec::new()));
    let answer = body.clone();
    let lists = Lists::new(move |_| Some(answer.lock().unwrap().clone())).await;
    let grid = Grid::new(pointing(&lists.at));
    let (issued, until) = years();
    *body.lock().unwrap() = grid.middle.crl(&[SERIAL], issued, until);
    let kept = grid.dir.path().join("cache");
    let policy = fetching(&grid, Revocation::Prefer, &kept);
    assert_eq!(grid.keys_under(&policy).await, ["error-cert-revoked"]);
    assert_eq!(lists.asked(), 1);

    let (acceptor, trust) = (grid.identity.careless(&[]), Trust::Ca(Authority::new("Other").der()));
    let case = Case { acceptor: &acceptor, trust: &trust, policy: &policy, domain: DOMAIN };
    assert_eq!(keys(&faults(&case.refused("stranger").await)), ["error-cert-unknown-authority"]);
    assert_eq!(lists.asked(), 1);
}
