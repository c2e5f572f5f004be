//! How fast documents are read, checked and written, beside quick-xml's bare namespace and attribute pass over the same
//! bytes, libxml2's DOM and minidom's, in the same run.
//!
//! `cargo bench --no-default-features --bench iodef_parse` prints a line per subject (MB/s, microseconds a document, ratio to
//! the pass and to libxml2's DOM) for small documents (1 kB), middle ones (10 kB), a 0.8 MB one and one of 5 MB with 10,000
//! observables, and writes `target/bench/iodef_parse.json`. The 0.8 MB one is
//! `../shared/iodef/examples/v2/milewg-converter-long-800k.xml`.
//!
//! libxml2 is measured by `xmllint --repeat`, which parses each file a hundred times from the page cache and frees the tree;
//! opening the file is part of it and tells on the small ones only, which get no ratio to it. minidom is a package of its
//! own (`benches/dom`); `-- --without-rivals` leaves both out, and `-- small big` measures these mixes alone, without
//! writing the file.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks and may stop")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use gridwatch::i18n::Catalog;
use gridwatch::iodef::check::check;
use gridwatch::iodef::edit::Fragment;
use gridwatch::iodef::schema::Profile;
use gridwatch::iodef::{Document, index, observables, summarise};
use gridwatch::screen::document::{Source, read_whole};
use mimalloc::MiMalloc;
use quick_xml::events::Event;
use quick_xml::reader::NsReader;

/// As the program has.
#[global_allocator]
static HEAP: MiMalloc = MiMalloc;

/// Each subject is measured in so many slices of at least this long; the best counts, as others use the machine too. The
/// subjects take turns, so that a machine that is slower for some seconds is so for all.
const SLICE: Duration = Duration::from_millis(80);
const SLICES: usize = 15;

/// An ordinary report with so many systems, each with two observables and `words` bytes of description.
fn report(n: usize, systems: usize, words: usize) -> String {
    let words = "was seen to look for open proxies; ".repeat(words / 35);
    let mut flows = String::new();
    for i in 0..systems {
        write!(
            flows,
            "<Flow><System category=\"source\" spoofed=\"no\"><Node><Address category=\"ipv4-addr\">10.{}.{}.{}</Address>\
             <Location>Rack {i} &amp; row {n}</Location></Node><Service ip-protocol=\"6\"><Port>{}</Port></Service>\
             <Description>{words}</Description></System></Flow>\n      ",
            i / 65536,
            (i / 256) % 256,
            i % 256,
            1024 + (n * 7 + i) % 40_000
        )
        .unwrap();
    }
    format!(
        "<IODEF-Document version=\"2.00\" xml:lang=\"en\" xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n  <Incident purpose=\"reporting\" restriction=\"green\">\n    \
         <IncidentID name=\"csirt.example\">{n}</IncidentID>\n    <GenerationTime>2026-11-21T12:00:00Z</GenerationTime>\n    \
         <Description xml:lang=\"en\">Hosts of the campus network were seen to look for open proxies in several runs, each \
         about an hour long; the owner has been told and one host was taken off the net.</Description>\n    \
         <Assessment occurrence=\"actual\"><SystemImpact severity=\"medium\" completion=\"failed\" type=\"takeover-system\"/>\
         </Assessment>\n    <Contact type=\"organization\" role=\"creator\"><ContactName>CSIRT of the example</ContactName>\
         <Email><EmailTo>csirt@example.org</EmailTo></Email></Contact>\n    <EventData>\n      {flows}</EventData>\n  \
         </Incident>\n</IODEF-Document>"
    )
}

/// quick-xml as it comes: resolved element namespaces, all attributes visited, nothing else checked.
fn anchor(bytes: &[u8]) -> usize {
    let mut reader = NsReader::from_reader(bytes);
    let mut seen = 0;
    loop {
        match reader.read_resolved_event().unwrap() {
            (_, Event::Eof) => return seen,
            (ns, Event::Start(tag) | Event::Empty(tag)) => {
                let _ = black_box(ns);
                seen += tag.attributes().map(|attribute| attribute.unwrap().value.len()).sum::<usize>();
            }
            (ns, event) => {
                let _ = black_box((ns, event));
                seen += 1;
            }
        }
    }
}

type Subject = (&'static str, fn(&[u8]) -> usize);

const SUBJECTS: [Subject; 10] = [
    ("quick-xml, names and attributes (anchor)", anchor),
    ("summary", |bytes| summarise(bytes, &[]).observables.len()),
    ("summary and index of observables", |bytes| index(bytes, &[], "en").1.len()),
    ("whole tree", |bytes| read(bytes).root().descendants().count()),
    ("whole tree and observables", |bytes| observables::all(&read(bytes)).len()),
    ("whole tree and checking", |bytes| check(&read(bytes), Profile::Reading).findings.len()),
    ("full view (tree, checking, every pane)", viewed),
    ("typed write (every element anew)", written),
    ("whole tree, written", |bytes| read(bytes).write().len()),
    ("whole tree, canonical", |bytes| read(bytes).canonical().len()),
];

fn read(bytes: &[u8]) -> Document {
    Document::read(bytes, &[]).unwrap()
}

/// All that the window shows of a document, as it is made beside the window's thread.
fn viewed(bytes: &[u8]) -> usize {
    thread_local! {
        static CATALOG: Catalog = Catalog::default();
    }
    let source = Source { bytes: bytes.into(), scope: [].into() };
    CATALOG.with(|catalog| read_whole(&source, catalog, "en").unwrap().sections.len())
}

/// Made of pieces as the composer makes it, then written; parsing is not part of what it says, but of what it takes.
fn written(bytes: &[u8]) -> usize {
    Fragment::copy(read(bytes).root(), None).document().unwrap().write().len()
}

/// Seconds for one round over `documents`, in one slice.
fn slice(documents: &[Vec<u8>], subject: fn(&[u8]) -> usize) -> f64 {
    let start = Instant::now();
    let mut rounds = 0u32;
    while start.elapsed() < SLICE {
        for bytes in documents {
            let _ = black_box(subject(bytes));
        }
        rounds += 1;
    }
    start.elapsed().as_secs_f64() / f64::from(rounds)
}

/// Seconds for one round over `documents`, the best of all slices: of each subject, and of libxml2.
fn best(documents: &[Vec<u8>], files: Option<&Files>) -> (Vec<f64>, Option<f64>) {
    let (mut ours, mut libxml2) = (vec![f64::MAX; SUBJECTS.len()], None);
    for turn in 0..SLICES {
        for (best, (_, subject)) in ours.iter_mut().zip(SUBJECTS) {
            *best = best.min(slice(documents, subject));
        }
        if turn % 5 == 2 {
            let round = files.and_then(Files::libxml2);
            libxml2 = round.into_iter().chain(libxml2).reduce(f64::min);
        }
    }
    (ours, libxml2)
}

/// What a subject is to reach.
enum Aim {
    /// A part of the limit's speed, at least.
    Limit(f64),
    /// So many times the speed of libxml2's DOM, at least.
    Libxml2(f64),
    /// Milliseconds for the document of 5 MB, at most.
    Big(f64),
}

const AIMS: [(&str, Aim); 5] = [
    ("summary and index of observables", Aim::Limit(0.6)),
    ("summary and index of observables", Aim::Big(50.0)),
    ("whole tree and checking", Aim::Limit(0.3)),
    ("whole tree and checking", Aim::Libxml2(1.5)),
    ("full view (tree, checking, every pane)", Aim::Big(100.0)),
];

/// What was to be reached, and whether it was; none where an aim does not speak of this mix.
fn judged(name: &str, is_big: bool, ratio: f64, to_libxml2: Option<f64>, us: f64) -> Vec<(String, bool)> {
    let own = AIMS.iter().filter(|(of, _)| *of == name);
    own.filter_map(|(_, aim)| match aim {
        Aim::Limit(least) => Some((format!("{least} x limit"), ratio >= *least)),
        Aim::Libxml2(least) => to_libxml2.map(|ratio| (format!("{least} x libxml2"), ratio >= *least)),
        Aim::Big(most) => is_big.then(|| (format!("{most:.0} ms"), us <= most * 1e3)),
    })
    .collect()
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rivals = !std::env::args().any(|arg| arg == "--without-rivals");
    let sample = "shared/iodef/examples/v2/milewg-converter-long-800k.xml";
    let long = ["..", "/work"].map(|beside| root.join(beside).join(sample));
    let long = long.iter().find_map(|path| std::fs::read(path).ok());
    let many = |count: usize, systems: usize| (0..count).map(|n| report(n, systems, 0).into_bytes()).collect();
    let mut mixes: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("small, 1 kB", many(200, 0)),
        ("middle, 10 kB", many(50, 36)),
        ("big, 5 MB, 10,000 observables", vec![report(1, 5_000, 750).into_bytes()]),
    ];
    match long {
        Some(long) => mixes.push(("0.8 MB sample", vec![long])),
        None => println!("without the 0.8 MB sample: {sample} is missing"),
    }
    let only: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    mixes.retain(|(mix, _)| only.is_empty() || only.iter().any(|wanted| mix.starts_with(&**wanted)));
    let minidom = if rivals { build() } else { None };
    let mut rows = Vec::new();
    for (mix, documents) in &mixes {
        let bytes: usize = documents.iter().map(Vec::len).sum();
        println!("{mix}: {} documents, {bytes} bytes", documents.len());
        let files = Files::of(documents);
        let (ours, libxml2) = best(documents, rivals.then_some(&files));
        if rivals && libxml2.is_none() {
            println!("without libxml2: xmllint is missing");
        }
        let minidom = minidom.as_deref().and_then(|program| files.minidom(program));
        let ours = SUBJECTS.iter().zip(ours).map(|((name, _), seconds)| (*name, Some(seconds)));
        let theirs = [("libxml2, DOM", libxml2), ("minidom, DOM", minidom)];
        let all: Vec<(&str, f64)> =
            ours.chain(theirs).filter_map(|(name, seconds)| seconds.map(|seconds| (name, seconds))).collect();
        let limit = all.first().map_or(f64::NAN, |(_, seconds)| *seconds);
        // With hundreds of small files, opening them is most of it.
        let dom = libxml2.filter(|_| documents.len() == 1);
        for (name, seconds) in all {
            let (speed, each) = (bytes as f64 / seconds / 1e6, seconds * 1e6 / documents.len() as f64);
            let ratio = limit / seconds;
            let against = dom.map(|dom| dom / seconds);
            let beside = against.map_or_else(String::new, |against| format!(" {against:6.2} x libxml2"));
            let aims = judged(name, mix.starts_with("big"), ratio, against, each);
            let words =
                aims.iter().map(|(aim, is_met)| format!("  ({aim}: {})", if *is_met { "met" } else { "missed" }));
            let words: String = words.collect();
            println!("  {name:42} {speed:8.1} MB/s {each:10.1} us/document {ratio:6.2} x limit{beside}{words}");
            let aims: Vec<_> =
                aims.iter().map(|(aim, is_met)| serde_json::json!({"aim": aim, "met": is_met})).collect();
            rows.push(serde_json::json!({
                "mix": mix, "subject": name, "mb_per_s": speed, "us": each, "ratio": ratio, "to_libxml2": against,
                "aims": aims
            }));
        }
    }
    if !only.is_empty() {
        return;
    }
    let out = root.join("target/bench");
    std::fs::create_dir_all(&out).unwrap();
    std::fs::write(out.join("iodef_parse.json"), serde_json::to_vec_pretty(&rows).unwrap()).unwrap();
}

/// minidom's program, optimised as this bench is; none where it does not build.
fn build() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/dom");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--release", "--locked", "--quiet", "--manifest-path"])
        .arg(root.join("benches/dom/Cargo.toml"))
        .arg("--target-dir")
        .arg(&folder)
        .status();
    let program = folder.join("release/dom");
    let is_built = built.is_ok_and(|status| status.success());
    if !is_built {
        println!("without minidom: benches/dom does not build");
    }
    is_built.then_some(program)
}

/// A mix in files, for programs of their own.
struct Files {
    _folder: tempfile::TempDir,
    paths: Vec<PathBuf>,
}

impl Files {
    fn of(documents: &[Vec<u8>]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = (0..documents.len()).map(|n| folder.path().join(format!("{n}.xml"))).collect();
        for (path, bytes) in paths.iter().zip(documents) {
            std::fs::write(path, bytes).unwrap();
        }
        Self { _folder: folder, paths }
    }

    /// Seconds for one round; `--huge` lifts limits that are not ours either.
    fn libxml2(&self) -> Option<f64> {
        let mut command = Command::new("xmllint");
        let _ = command.args(["--noout", "--nonet", "--huge", "--repeat", "--timing"]).args(&self.paths);
        let said = String::from_utf8(command.output().ok()?.stderr).ok()?;
        let took = said.lines().filter_map(|line| line.strip_prefix("100 iterations took ")?.strip_suffix(" ms"));
        let milliseconds: Vec<f64> = took.filter_map(|number| number.parse().ok()).collect();
        (milliseconds.len() == self.paths.len()).then(|| milliseconds.iter().sum::<f64>() / 100.0 / 1e3)
    }

    fn minidom(&self, program: &Path) -> Option<f64> {
        let output = Command::new(program).args(&self.paths).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    }
}
