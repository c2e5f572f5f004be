//! A store that cannot be read just now: nobody takes what was not read for what is not there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gridwatch::iodef::export::Format;
use gridwatch::port::export::{self, Fault};
use gridwatch::store::index::Stop;
use gridwatch::store::{Committed, Error, Incoming, Memory, Row, Seq, Store};

use super::{incoming, make, text};
use crate::support::handed::hands_on;

/// Fails at one of the looks; what asks for a frame sees nothing then, as the contract has it.
struct Fails {
    inner: Memory,
    looks: AtomicUsize,
    at: usize,
}

impl Fails {
    fn is_now(&self) -> bool {
        self.looks.fetch_add(1, Ordering::Relaxed) == self.at
    }
}

impl Store for Fails {
    fn commit(&self, batch: Vec<Incoming>) -> Result<Committed, Error> {
        self.inner.commit(batch)
    }
    fn row(&self, seq: Seq) -> Option<Arc<Row>> {
        if self.is_now() { None } else { self.inner.row(seq) }
    }
    fn look(&self, seqs: &[Seq]) -> Result<Vec<Arc<Row>>, Error> {
        if self.is_now() { Err(Error::Disk { cause: "gone for a moment".to_owned() }) } else { self.inner.look(seqs) }
    }

    hands_on!(inner);
}

#[test]
fn what_could_not_be_read_is_not_taken_for_gone() {
    let folder = tempfile::tempdir().unwrap();
    for at in 0..3 {
        let store = Fails { inner: Memory::default(), looks: AtomicUsize::new(0), at };
        let all = (0..600).map(|n| incoming(&format!("i{n}"), &text(n, if n == 300 { "red" } else { "green" }), &[]));
        let _ = store.commit(all.collect()).unwrap();
        let rows: Vec<Seq> = (0..600).collect();
        // How strict it is, is not known then: it is not called looser.
        assert!(matches!(export::labels(&store, &rows, &Stop::default()), Err(Fault::Store(_))), "{at}");
        store.looks.store(0, Ordering::Relaxed);
        let path = folder.path().join(format!("{at}.csv"));
        assert!(matches!(make(&store, Format::Csv, &rows, &path), Err(Fault::Store(_))), "{at}");
        assert!(!path.exists() && std::fs::read_dir(folder.path()).unwrap().count() == 0, "{at}");
    }
}
