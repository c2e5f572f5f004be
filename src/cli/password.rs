//! A password for a script: from standard input or another open file descriptor, never from an argument, where every
//! user of the machine could read it, and never from a file of ours.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use zeroize::Zeroize;

use super::Stop;
use super::signal::Signals;
use crate::model::Say;
use crate::secrets::Secret;

/// Longest password, in bytes.
const LONGEST: usize = 4096;

/// Where the password comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Stdin,
    Descriptor(u32),
}

impl Source {
    /// Reads `-`, a number, `/dev/fd/N` or `/proc/self/fd/N` (what a shell makes of `<(…)`).
    pub fn parse(text: &str) -> Option<Self> {
        if text == "-" {
            return Some(Self::Stdin);
        }
        let number = text.strip_prefix("/dev/fd/").or_else(|| text.strip_prefix("/proc/self/fd/")).unwrap_or(text);
        number.bytes().all(|b| b.is_ascii_digit()).then(|| number.parse().ok().map(Self::Descriptor)).flatten()
    }

    /// As [`Source::parse`], for the command line: what is wrong is told without the words, which may be a secret.
    pub fn given(text: &str) -> Result<Self, &'static str> {
        Self::parse(text).ok_or("- or a file descriptor such as 3 or /dev/fd/3; never the password or a file of it")
    }

    /// The first line; blocks until it is there.
    ///
    /// # Errors
    /// When there is none.
    pub fn read(self, signals: &Signals) -> Result<Secret, Stop> {
        let _waiting = signals.waiting(None)?;
        let read = match self {
            Self::Stdin => stdin().and_then(line),
            // Safe Rust opens a descriptor of its own by this name; Windows has no such thing.
            Self::Descriptor(number) => File::open(PathBuf::from(format!("/dev/fd/{number}"))).and_then(line),
        };
        read.map_err(|error| Stop::usage(Say::new("cli-password").with("cause", error.to_string())))
    }
}

/// Standard input past the library's own buffer, which lives as long as the process and is never wiped.
fn stdin() -> io::Result<File> {
    #[cfg(unix)]
    let own = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned();
    #[cfg(windows)]
    let own = std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned();
    own.map(File::from)
}

/// The line typed at a terminal, which gives one line at a time and does not end after it.
pub(super) fn typed(mut from: impl Read) -> io::Result<Secret> {
    let mut bytes = vec![0; LONGEST + 2];
    let read = from.read(&mut bytes);
    let line = read.and_then(|read| line(bytes.get(..read).unwrap_or_default()));
    bytes.zeroize();
    line
}

/// The first line of `from`, without its end.
fn line(from: impl Read) -> io::Result<Secret> {
    // Room enough from the start: growing would leave copies behind.
    let mut bytes = Vec::with_capacity(LONGEST + 2);
    let read = from.take(LONGEST as u64 + 2).read_to_end(&mut bytes);
    let text = read.and_then(|_| {
        let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match std::str::from_utf8(line) {
            _ if line.len() > LONGEST => Err(io::Error::other("longer than 4096 bytes")),
            Ok("") => Err(io::Error::other("empty")),
            Ok(text) => Ok(Secret::new(text.to_owned())),
            Err(_) => Err(io::Error::other("not UTF-8")),
        }
    });
    bytes.zeroize();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources() {
        assert_eq!(Source::parse("-"), Some(Source::Stdin));
        for text in ["3", "/dev/fd/3", "/proc/self/fd/3"] {
            assert_eq!(Source::parse(text), Some(Source::Descriptor(3)), "{text}");
        }
        for text in ["", "secret", "/dev/fd/", "/dev/fd/x", "/etc/passwd", "+3", "-3", "99999999999"] {
            assert_eq!(Source::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_first_line_is_the_password() {
        let read =
            |bytes: &[u8]| line(bytes).map(|secret| secret.expose().to_owned()).map_err(|error| error.to_string());
        assert_eq!(read(b"one\ntwo\n"), Ok("one".to_owned()));
        assert_eq!(read(b" with blanks \r\n"), Ok(" with blanks ".to_owned()));
        assert_eq!(read("gr\u{fc}n".as_bytes()), Ok("gr\u{fc}n".to_owned()));
        assert_eq!(read(b""), Err("empty".to_owned()));
        assert_eq!(read(b"\nx"), Err("empty".to_owned()));
        assert_eq!(read(b"\xff"), Err("not UTF-8".to_owned()));
        assert!(read(&[b'x'; LONGEST]).is_ok());
        assert!(read(&[b'x'; LONGEST + 1]).is_err());
    }
}
