//! The thin binary: arguments to a verb or to the window.

fn main() {}
