//! `gridwatch search`: what a filter finds in the archive, newest first.

use super::local::{Asked, Desk, query};
use super::out::Out;
use super::{Exit, Stop, json, tail};
use crate::i18n::Catalog;
use crate::store::query::Query;

/// Rows read at once.
const PAGE: usize = 256;

/// What to look for.
pub struct Search {
    query: Query,
    json: bool,
    most: usize,
}

pub fn ready(asked: &Asked) -> Result<Search, Stop> {
    let query = asked.words.first().map(query).transpose()?.unwrap_or_default();
    Ok(Search { query, json: asked.json, most: asked.count.unwrap_or(usize::MAX) })
}

/// Writes them, a line each.
pub fn run(search: &Search, desk: &Desk, out: &mut Out, catalog: &Catalog) -> Result<Exit, Stop> {
    let found = desk.find(search.query.clone())?;
    for page in found.get(..search.most.min(found.len())).unwrap_or_default().chunks(PAGE) {
        let rows = desk.store.look(page).map_err(|error| Stop::new(Exit::Archive, error.say()))?;
        for row in rows {
            out.line(&if search.json { json::item(&row) } else { tail::words(&row, catalog) })?;
        }
    }
    Ok(Exit::Done)
}
