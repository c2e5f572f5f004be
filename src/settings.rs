//! Settings. (Held open for `ground`, who owns this file: replace it whole when rebasing.)

/// What the person chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {}
