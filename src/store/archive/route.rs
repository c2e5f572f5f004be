//! Routes as numbers.

use super::fault::Fault;
use crate::store::Route;

pub fn write(route: Route) -> u8 {
    match route {
        Route::Live => 0,
        Route::Delayed => 1,
        Route::Fetched => 2,
    }
}

pub fn read(route: u8) -> Result<Route, Fault> {
    match route {
        0 => Ok(Route::Live),
        1 => Ok(Route::Delayed),
        2 => Ok(Route::Fetched),
        _ => Err(Fault::Damaged("no such route".to_owned())),
    }
}
