//! What a person made of what is in memory.
//!
//! May use the acts and the contract in `store`.

use super::Memory;
use crate::store::acts::{Change, Mark, Note, Slot};
use crate::store::index::Bitmap;
use crate::store::local::{Local, Shelf};
use crate::store::{Error, Store};

impl Local for Memory {
    fn is_near(&self) -> bool {
        true
    }

    fn marked(&self, rows: &Bitmap, mark: &Mark) -> Result<Bitmap, Error> {
        Ok(self.desk()?.marked(rows, mark))
    }

    fn slots(&self, rows: &Bitmap, kind: &Slot) -> Result<Vec<(Slot, Bitmap)>, Error> {
        Ok(self.desk()?.slots(rows, kind))
    }

    fn tags(&self) -> Result<Vec<(String, Bitmap)>, Error> {
        Ok(self.desk()?.tags())
    }

    fn notes(&self, rows: &Bitmap) -> Result<Vec<Note>, Error> {
        Ok(self.desk()?.notes(rows))
    }

    fn free_note(&self) -> Result<u64, Error> {
        Ok(self.desk()?.free_note())
    }

    fn holds(&self, change: &Change) -> Result<bool, Error> {
        Ok(self.desk()?.holds(change))
    }

    fn change(&self, changes: &[Change]) -> Result<(), Error> {
        let all = Bitmap::all(self.len());
        self.desk()?.change(changes, &all)
    }

    fn kept(&self, shelf: Shelf) -> Result<Vec<(String, String)>, Error> {
        Ok(self.desk()?.kept(shelf))
    }

    fn keep(&self, shelf: Shelf, remove: &[String], put: &[(String, String)]) -> Result<(), Error> {
        self.desk()?.keep(shelf, remove, put);
        Ok(())
    }
}
