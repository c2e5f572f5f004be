//! Measures in logical pixels. Spacing has five steps and text five sizes; nothing stands between them.

use crate::settings::Density;

/// Distances.
pub mod space {
    /// Between a glyph and its word.
    pub const XS: f32 = 4.0;
    /// Between things of one group.
    pub const SM: f32 = 8.0;
    /// Inside controls and rows.
    pub const MD: f32 = 12.0;
    /// Between groups, inside panels.
    pub const LG: f32 = 16.0;
    /// Around a page.
    pub const XL: f32 = 24.0;
}

/// Text sizes.
pub mod size {
    /// Labels above values, chips, the status bar.
    pub const CAPTION: f32 = 12.0;
    /// Everything else.
    pub const BODY: f32 = 14.0;
    /// A section's heading.
    pub const TITLE: f32 = 16.0;
    /// A pane's heading: an incident's title.
    pub const HEAD: f32 = 20.0;
    /// The name on the welcome page.
    pub const DISPLAY: f32 = 30.0;
}

/// Corners.
pub mod radius {
    pub const CHIP: f32 = 3.0;
    pub const CONTROL: f32 = 5.0;
    pub const CARD: f32 = 8.0;
    pub const PILL: f32 = 14.0;
}

/// Widest a column of prose gets before lines grow hard to read.
pub const PROSE: f32 = 760.0;
/// Least side of anything to click (`product.md` B7).
pub const TARGET: f32 = 24.0;
/// Width of the focus ring.
pub const RING: f32 = 2.0;

/// How tall a row of a list is.
#[must_use]
pub fn row(density: Density) -> f32 {
    match density {
        Density::Compact => 22.0,
        Density::Comfortable => 28.0,
        Density::Roomy => 36.0,
    }
}
