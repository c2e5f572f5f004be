//! XPath: the one question that is put to the documents themselves, one after the other.
//!
//! May use `text`'s expressions and the contract in `store`.

use super::Bitmap;
use super::lookup::{Failure, Stop};
use crate::store::{Error, Payload, Seq};
use crate::text::xpath::{Expression, Tree};

/// The rows of whose documents the expression holds; it holds of none that is no XML.
///
/// # Errors
/// When it was stopped, is no expression, took too long, or a payload could not be read.
pub fn through(
    expression: &str,
    rows: impl Iterator<Item = Seq>,
    payload: &dyn Fn(Seq) -> Result<Option<Payload>, Error>,
    stop: &Stop,
) -> Result<Bitmap, Failure> {
    let expression = Expression::read(expression).ok_or(Failure::Unanswerable)?;
    let mut found = Bitmap::default();
    for row in rows {
        stop.check()?;
        let Some(payload) = payload(row)? else { continue };
        let Some(tree) = Tree::read(&payload.bytes, &payload.scope) else { continue };
        if expression.holds(&tree).map_err(|_| Failure::TooLong { row })? {
            found.insert(row);
        }
    }
    Ok(found)
}
