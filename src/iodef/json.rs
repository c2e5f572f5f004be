//! RFC 8727: incidents as JSON, written from a document and read into one.
//!
//! The class table says what repeats and what is a number; [`names`] says where JSON calls a thing otherwise. What JSON
//! cannot carry is listed, never dropped in silence: the grouping of systems into flows, the order between different
//! children, comments, foreign attributes and elements.

mod breach;
mod names;
mod parse;
mod places;
mod read;
mod write;

use crate::iodef::schema::{self};
use crate::iodef::schema::{Class, Model, Profile, Space, Symbol};

pub use breach::{Breach, Counts};
pub use parse::Broken;
pub use places::Places;
pub use read::{Read, Remark, Unreadable, read};
pub use write::write;

/// The class of a child called `local` of `space`, as `parent` declares it, else as anybody does.
fn class_in(parent: Option<&'static Class>, space: Space, local: &str) -> Option<&'static Class> {
    let name = schema::Name { ns: space.uri(), local };
    let model = parent.and_then(|class| class.model(Profile::Reading));
    let declared = model.and_then(|model: &'static Model| model.symbol(name)).and_then(|symbol: Symbol| symbol.class());
    declared.or_else(|| schema::global(space, local))
}
