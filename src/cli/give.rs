//! `gridwatch export`: what a filter finds in the archive, into a file or a folder; what was carried and what was not goes to
//! standard error.

use std::path::PathBuf;

use super::convert::of_file;
use super::local::{Asked, Desk, query};
use super::out::{self, Out};
use super::{Exit, Stop};
use crate::i18n::Catalog;
use crate::iodef::export::Format;
use crate::model::Say;
use crate::port::export::{self, Fault, Order};
use crate::store::query::Query;

/// What to export, and where to.
pub struct Give {
    query: Query,
    to: PathBuf,
    format: Format,
    force: bool,
    with_filter: bool,
    /// To standard output.
    pours: bool,
}

pub fn ready(asked: &Asked) -> Result<Give, Stop> {
    let [filter, to] = asked.words.as_slice() else { return Err(Stop::usage(Say::new("cli-usage-local"))) };
    let format = asked.format.or_else(|| of_file(to)).ok_or_else(|| Stop::usage(Say::new("cli-usage-to")))?;
    let (pours, to) = (to == "-", PathBuf::from(to));
    if pours && export::is_folder(format) {
        return Err(Stop::usage(Say::new("cli-usage-folder")));
    }
    if !pours && to.exists() && (!asked.force || to.is_dir()) {
        return Err(fault(&Fault::Exists { path: to }));
    }
    Ok(Give { query: query(filter)?, to, format, force: asked.force, with_filter: asked.with_filter, pours })
}

fn fault(fault: &Fault) -> Stop {
    let exit = match fault {
        Fault::Exists { .. } => Exit::Usage,
        Fault::Store(_) => Exit::Archive,
        Fault::Stopped => Exit::Halted,
        Fault::Unsettled { .. } => Exit::Partly,
        _ => Exit::Output,
    };
    Stop::new(exit, fault.say())
}

/// Writes it.
pub fn run(give: &Give, desk: &Desk, out: &mut Out, catalog: &Catalog) -> Result<Exit, Stop> {
    let rows = desk.find(give.query.clone())?;
    let about = if give.query.is_everything() {
        Say::new("port-about-all").number("count", rows.len())
    } else if give.with_filter {
        Say::new("port-about-filter").with("filter", crate::text::line(&give.query.to_string()))
    } else {
        // Tags, words and names in it are the person's own, and not the receiver's.
        Say::new("port-about-chosen").number("count", rows.len())
    };
    let words = |say: &Say| catalog.say(say);
    let order = Order { format: give.format, rows: &rows, about, words: &words };
    let (store, halt) = (desk.store.as_ref(), desk.signals.halt());
    let made = if give.pours {
        export::stream(store, &order, halt)
    } else {
        export::run(store, &order, &give.to, halt, &mut |_, _| {})
    };
    let (mut made, sheet) = made.map_err(|why| fault(&why))?;
    if give.pours {
        made.pour(|bytes| out.raw(bytes))?;
    } else {
        made.keep(&give.to, give.force).map_err(|why| fault(&why))?;
    }
    for say in sheet.lines() {
        out::note(&words(&say));
    }
    for (name, why) in sheet.named() {
        out::note(&words(&Say::new("port-named").with("name", name).with("why", words(why))));
    }
    Ok(if sheet.left.is_empty() { Exit::Done } else { Exit::Partly })
}
