//! iodef
