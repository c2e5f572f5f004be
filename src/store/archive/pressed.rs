//! Payloads, pressed: an IODEF document is XML of few words, so two fifths of its bytes say all of it (LZ4 with a dictionary of
//! what such documents are made of), and what is not written need not be encrypted, logged and carried into the file. Made
//! beside the commit ([`super::made`]); a commit of pressed payloads is quicker by more than the pressing takes.
//!
//! Pure. The dictionary is the program's own and holds nobody's words: one made of what arrives would be a place where parts of
//! a document outlive it (`security.md` §5). Reading never trusts: the length is bounded before anything is made of it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use lz4_flex::block::{compress_into_with_dict, decompress_with_dict, get_maximum_output_size};

use super::code::{Reader, Writer};

/// How the bytes of a payload are kept, as its row says. A number is never given another meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As they came.
    Plain,
    /// Their count, and a block of LZ4 with [`IODEF`].
    Iodef,
}

/// Never changed: what is kept is read with it.
const IODEF: &[u8] = include_bytes!("pressed/iodef.1.txt");
/// Shorter ones stay as they are.
const SHORT: usize = 256;
/// Bytes of the count before a block, at most.
const COUNT: usize = 4;
/// So much room a thread keeps from one payload to the next.
const ROOMY: usize = 64 * 1024;

thread_local! {
    /// Where a block is made before it is known how long it is.
    static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Longest payload, in bytes.
const LONGEST: usize = super::schema::LONGEST.unsigned_abs() as usize;

impl Form {
    pub fn write(self) -> u8 {
        match self {
            Self::Plain => 0,
            Self::Iodef => 1,
        }
    }

    pub fn read(number: u8) -> Option<Self> {
        [Self::Plain, Self::Iodef].into_iter().find(|form| form.write() == number)
    }
}

/// The bytes of a payload as they are kept.
#[derive(Debug)]
pub enum Pressed {
    Plain(Arc<[u8]>),
    Iodef(Vec<u8>),
}

impl Pressed {
    pub fn of(bytes: &Arc<[u8]>) -> Self {
        press(bytes).map_or_else(|| Self::Plain(Arc::clone(bytes)), Self::Iodef)
    }

    /// What goes into the row.
    pub fn kept(&self) -> (Form, &[u8]) {
        match self {
            Self::Plain(bytes) => (Form::Plain, bytes),
            Self::Iodef(kept) => (Form::Iodef, kept),
        }
    }
}

/// Nothing where it is not worth it.
fn press(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < SHORT {
        return None;
    }
    ROOM.with_borrow_mut(|room| {
        let most = get_maximum_output_size(bytes.len());
        if room.len() < most {
            room.resize(most, 0);
        }
        let pressed = compress_into_with_dict(bytes, room, IODEF).ok().and_then(|long| room.get(..long));
        // An eighth is worth a look for it with every reading.
        let worth = pressed.filter(|pressed| pressed.len() + COUNT < bytes.len() - bytes.len() / 8);
        let kept = worth.map(|pressed| {
            let mut kept = Writer(Vec::with_capacity(pressed.len() + COUNT));
            kept.number(bytes.len() as u64);
            kept.0.extend_from_slice(pressed);
            kept.0
        });
        if room.len() > ROOMY {
            *room = Vec::new();
        }
        kept
    })
}

/// The payload's own bytes; nothing where they are not what [`Pressed::of`] made.
pub fn read(form: Form, kept: &[u8]) -> Option<Cow<'_, [u8]>> {
    if form == Form::Plain {
        return Some(Cow::Borrowed(kept));
    }
    let mut kept = Reader(kept);
    let length = usize::try_from(kept.number()?).ok()?;
    // No byte of a block stands for more.
    let most = kept.0.len().saturating_mul(256).saturating_add(SHORT).min(LONGEST);
    if length > most {
        return None;
    }
    let bytes = decompress_with_dict(kept.0, length, IODEF).ok()?;
    (bytes.len() == length).then_some(Cow::Owned(bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REPORTS: &str = include_str!("../../../tests/fixtures/archive/reports.txt");

    #[test]
    fn a_report_is_kept_in_half_its_bytes_and_comes_back_as_it_was() {
        for report in REPORTS.lines().filter(|report| report.len() > 2 * SHORT) {
            let pressed = Pressed::of(&report.as_bytes().into());
            let (form, kept) = pressed.kept();
            assert_eq!(form, Form::Iodef);
            assert!(kept.len() * 2 < report.len(), "{} of {}", kept.len(), report.len());
            assert_eq!(read(form, kept).as_deref(), Some(report.as_bytes()));
            // Cut short it is nothing, never a part.
            assert!((0..kept.len()).all(|cut| read(form, &kept[..cut]).is_none()));
        }
    }

    #[test]
    fn the_dictionary_is_what_it_was_when_the_first_was_kept_with_it() {
        use sha2::{Digest, Sha256};
        let digest = Sha256::digest(IODEF).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(digest, "c7fcf3bc459730dacee716cce85c467beedee68965d9bd426b27a080bb94f1e2");
    }

    #[test]
    fn a_length_that_lies_makes_nothing() {
        let report = REPORTS.lines().next().unwrap();
        let pressed = Pressed::of(&report.as_bytes().into());
        let (form, kept) = pressed.kept();
        let mut own = Reader(kept);
        let length = own.number().unwrap();
        for lie in [0, length - 1, length + 1, 1 << 20, LONGEST as u64 + 1, u64::MAX] {
            let mut lies = Writer::default();
            lies.number(lie);
            lies.0.extend_from_slice(own.0);
            assert_eq!(read(form, &lies.0), None, "{lie}");
        }
    }

    #[test]
    fn forms_are_numbered_for_good() {
        for (number, form) in [(0, Some(Form::Plain)), (1, Some(Form::Iodef)), (2, None), (255, None)] {
            assert_eq!(Form::read(number), form);
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_comes_back(bytes: Vec<u8>, times in 1_usize..40) {
            let bytes = bytes.repeat(times);
            let pressed = Pressed::of(&bytes.as_slice().into());
            let (form, kept) = pressed.kept();
            let read = read(form, kept);
            prop_assert_eq!(read.as_deref(), Some(&bytes[..]));
        }

        #[test]
        fn nothing_kept_is_a_panic(bytes: Vec<u8>) {
            let _ = read(Form::Iodef, &bytes);
        }
    }
}
