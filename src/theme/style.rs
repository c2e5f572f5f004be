//! Named styles. Screens name what a thing is (`button::danger`), never how it looks.

pub mod button;
pub mod input;
pub mod surface;
pub mod text;
