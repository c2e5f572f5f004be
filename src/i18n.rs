//! Words of the catalog. (Held open for `look`, who owns this file: replace it whole when rebasing.)

/// The catalog of one language.
#[derive(Debug, Default)]
pub struct Catalog {}

impl Catalog {
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        key.to_owned()
    }

    #[must_use]
    pub fn format(&self, key: &str, _args: &[(&str, &str)]) -> String {
        key.to_owned()
    }
}
