//! Standard output and error, without the macros that panic on a closed pipe.

use std::io::{self, Write};

use super::signal::Signals;
use super::{Exit, Stop};
use crate::model::Say;

/// Where results go: whole lines, each written at once.
pub struct Out {
    sink: Box<dyn Write>,
    signals: Signals,
}

impl Out {
    pub fn stdout() -> Self {
        Self::new(Box::new(io::stdout()))
    }

    pub fn new(sink: Box<dyn Write>) -> Self {
        Self { sink, signals: Signals::default() }
    }

    /// From now on a signal is heard while a reader keeps us waiting; once one came nothing more is written.
    pub fn hear(&mut self, signals: &Signals) {
        self.signals = signals.clone();
    }

    /// Writes one line, for a reader to see at once.
    ///
    /// # Errors
    /// With [`Exit::Done`] when the reader closed the pipe: it had enough; with [`Exit::Halted`] after a signal.
    pub fn line(&mut self, text: &str) -> Result<(), Stop> {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(b'\n');
        self.raw(&bytes)
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let _writing = self.signals.writing()?;
        self.sink.write_all(bytes).and_then(|()| self.sink.flush()).map_err(|error| {
            let exit = if error.kind() == io::ErrorKind::BrokenPipe { Exit::Done } else { Exit::Output };
            Stop::new(exit, Say::new("cli-output").with("cause", error.to_string()))
        })
    }
}

/// A line to standard error; when nobody listens there, nothing is lost.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "gridwatch: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fails(io::ErrorKind);

    impl Write for Fails {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_a_quiet_end_and_a_full_disk_is_not() {
        let exit = |kind| Out::new(Box::new(Fails(kind))).line("x").unwrap_err().exit;
        assert_eq!(exit(io::ErrorKind::BrokenPipe), Exit::Done);
        assert_eq!(exit(io::ErrorKind::StorageFull), Exit::Output);
    }
}
