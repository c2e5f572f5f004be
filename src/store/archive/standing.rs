//! Standings as numbers.

use super::fault::Fault;
use super::moment;
use crate::store::Standing;

/// The index of what a topic holds (`schema`) and the statements that use it name these.
pub fn write(standing: Standing) -> (u8, Option<i64>) {
    match standing {
        Standing::Current => (0, None),
        Standing::Overwritten => (1, None),
        Standing::Retracted(at) => (2, Some(moment::write(at))),
        Standing::Absent(at) => (3, Some(moment::write(at))),
    }
}

pub fn read(standing: u8, since: Option<i64>) -> Result<Standing, Fault> {
    match (standing, since.map(moment::read)) {
        (0, _) => Ok(Standing::Current),
        (1, _) => Ok(Standing::Overwritten),
        (2, Some(at)) => Ok(Standing::Retracted(at)),
        (3, Some(at)) => Ok(Standing::Absent(at)),
        _ => Err(Fault::Damaged("no such standing".to_owned())),
    }
}
