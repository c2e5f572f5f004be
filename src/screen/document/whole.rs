//! A document read to its end: tree, findings, observables and the words of every section, made once, away from the
//! window's thread, whatever came: IODEF 2, IODEF 1 in the words of 2, JSON, or XML of another kind.

use std::sync::Arc;

use super::observables::{self, Seen};
use super::section::{Item, Section};
use super::tree::Outline;
use super::{essence, report};
use crate::i18n::Catalog;
use crate::iodef::check::{Report, check};
use crate::iodef::doc::Version;
use crate::iodef::schema::Profile;
use crate::iodef::view::{incidents, looser, marking, strictest};
use crate::iodef::{self, Document, Fault, Position, Refused, json, observables as iodef_observables, v1};
use crate::model::{Restriction, Say, Tlp};
use crate::text;

/// Lines shown before and after the one where reading stopped.
const AROUND: u32 = 2;
/// Longest of these lines, in characters.
const LINE: usize = 160;

/// The document as it came.
#[derive(Clone)]
pub struct Source {
    pub bytes: Arc<[u8]>,
    /// Namespace declarations in force around it.
    pub scope: Arc<[(String, String)]>,
}

/// What the bytes turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Iodef,
    /// IODEF 1, shown in the words of 2.
    Upgraded,
    Json,
    /// XML that is no incident document: it has a tree and no more.
    Foreign,
}

/// What the way from the bytes to the document decided, and where.
#[derive(Clone, Debug)]
pub struct Remark {
    pub path: String,
    pub say: Say,
}

pub struct Whole {
    pub origin: Origin,
    pub document: Document,
    /// Where its parts stand in the JSON that was received.
    places: Option<json::Places>,
    pub remarks: Vec<Remark>,
    /// Of IODEF 2 and JSON; what was mapped from IODEF 1 is ours and is not judged.
    pub report: Option<Report>,
    /// The label of the first incident.
    pub tlp: Tlp,
    /// The strictest anywhere inside.
    pub strictest: Tlp,
    /// How many elements are marked looser than their incident.
    pub looser: usize,
    pub essence: Vec<Item>,
    pub sections: Vec<Section>,
    pub observables: Vec<Seen>,
    pub outline: Outline,
}

impl std::fmt::Debug for Whole {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Whole({:?}, {:?})", self.origin, self.document)
    }
}

impl Whole {
    /// Where an element stands in what was received.
    pub fn position(&self, element: iodef::Element<'_>) -> Position {
        self.places.as_ref().map_or_else(|| element.position(), |places| places.element(element))
    }
}

/// What the bytes were read as.
pub(super) struct Opened {
    origin: Origin,
    pub(super) document: Document,
    places: Option<json::Places>,
    pub(super) remarks: Vec<Remark>,
}

impl Opened {
    fn xml(origin: Origin, document: Document, remarks: Vec<Remark>) -> Self {
        Self { origin, document, places: None, remarks }
    }
}

/// Why there is no tree, and the lines where reading stopped.
#[derive(Clone, Debug)]
pub struct Trouble {
    pub say: Say,
    /// Number, text, and whether it is the line itself.
    pub lines: Vec<(u32, String, bool)>,
}

impl From<Say> for Trouble {
    fn from(say: Say) -> Self {
        Self { say, lines: Vec::new() }
    }
}

/// Reads the whole. May take as long as the document is large.
///
/// # Errors
/// What is no safe, well-formed document.
pub fn read(source: &Source, catalog: &Catalog, lang: &str) -> Result<Whole, Trouble> {
    let Opened { origin, document, places, remarks } = open(source)?;
    let judged = matches!(origin, Origin::Iodef | Origin::Json);
    let mut report = judged.then(|| check(&document, Profile::Reading));
    if let (Some(places), Some(report)) = (&places, &mut report) {
        places.settle(&document, report);
    }
    let inside = incidents(&document).map(|incident| strictest(incident.element()).0.restriction.tlp());
    let strictest = inside.max().unwrap_or(Tlp::Red);
    let looser = incidents(&document).map(|incident| looser(incident.element())).sum();
    let first = incidents(&document).next();
    let tlp = first.map_or(Restriction::Absent, |incident| marking(incident.element()).restriction).tlp();
    let found = if origin == Origin::Foreign { Vec::new() } else { iodef_observables::all(&document) };
    let essence = first.map(|incident| essence::items(incident, &found, catalog, lang, tlp)).unwrap_or_default();
    let sections = report::sections(&document, &found, catalog, lang, tlp);
    let observables = found.iter().map(|found| observables::seen(found, tlp)).collect();
    drop(found);
    let outline = Outline::of(&document);
    Ok(Whole {
        origin,
        remarks,
        report,
        tlp,
        strictest,
        looser,
        essence,
        sections,
        observables,
        outline,
        document,
        places,
    })
}

pub(super) fn open(source: &Source) -> Result<Opened, Trouble> {
    if is_json(&source.bytes) {
        let read = json::read(&source.bytes).map_err(|why| why.say())?;
        let remarks = read.remarks.into_iter().map(|remark| Remark { path: remark.path, say: remark.say }).collect();
        let (document, places) = (read.document, Some(read.places));
        return Ok(Opened { origin: Origin::Json, document, places, remarks });
    }
    let trouble = |refused: Refused| Trouble { say: refused.say(), lines: excerpt(&source.bytes, &refused) };
    let document = Document::read(&source.bytes, &source.scope).map_err(trouble)?;
    match document.version() {
        Ok(Version::V2) => Ok(Opened::xml(Origin::Iodef, document, Vec::new())),
        Ok(Version::V1) => {
            let upgraded = v1::upgrade(&document).map_err(trouble)?;
            let remark = |note: v1::Note| {
                let path = document.element(note.node).map(|element| element.path()).unwrap_or_default();
                Remark { say: note.say(), path }
            };
            let remarks = upgraded.notes.into_iter().map(remark).collect();
            Ok(Opened::xml(Origin::Upgraded, upgraded.document, remarks))
        }
        Err(Refused { fault: Fault::Foreign, .. }) => Ok(Opened::xml(Origin::Foreign, document, Vec::new())),
        Err(refused) => {
            // A root or namespace that is nearly IODEF: its tree is shown, and why it is nothing more.
            let remark = Remark { path: document.root().path(), say: refused.say() };
            Ok(Opened::xml(Origin::Foreign, document, vec![remark]))
        }
    }
}

/// Whether it begins as a JSON object does: XML never begins so.
pub fn is_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

/// What the wire's rules refuse, with the place where our own reader stops, if it does.
pub fn refused(say: Say, bytes: &Arc<[u8]>) -> Trouble {
    let lines = Document::read(bytes, &[]).err().map(|refused| excerpt(bytes, &refused));
    Trouble { say, lines: lines.unwrap_or_default() }
}

/// The lines around the place where reading stopped.
fn excerpt(bytes: &[u8], refused: &Refused) -> Vec<(u32, String, bool)> {
    let at = refused.position.line;
    let lines = bytes.split(|byte| *byte == b'\n').zip(1_u32..);
    let near = lines.skip_while(|(_, number)| number + AROUND < at).take_while(|(_, number)| *number <= at + AROUND);
    let shown = |(line, number): (&[u8], u32)| {
        let line = line.get(..line.len().min(LINE * 4)).unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        (number, text::block_within(line.trim_end(), LINE, 1), number == at)
    };
    near.map(shown).collect()
}
