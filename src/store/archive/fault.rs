//! What goes wrong with the file, without any text of a statement: one of them holds the key, others what they look for.

use rusqlite::ErrorCode;

use crate::store::Error;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The disk is full.
    #[error("no room on the disk")]
    NoRoom,
    /// The file or its directory may not be written.
    #[error("read-only")]
    ReadOnly,
    /// Another program works with it.
    #[error("in use by another program")]
    Busy,
    /// A later program wrote it, in this version of the tables.
    #[error("of a later program (version {0})")]
    Newer(i64),
    /// What is there is not what was written.
    #[error("damaged: {0}")]
    Damaged(String),
    #[error("{0}")]
    Disk(String),
    /// It was asked to stop.
    #[error("stopped")]
    Stopped,
}

impl Fault {
    pub fn page() -> Self {
        Self::Damaged("a page is not what was written".to_owned())
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(cause, _) | rusqlite::Error::SqlInputError { error: cause, .. } => of(cause),
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..)
            | rusqlite::Error::QueryReturnedNoRows => Self::Damaged("a value is not what it was written as".to_owned()),
            _ => Self::Disk("the archive was asked something it does not understand".to_owned()),
        }
    }
}

fn of(cause: rusqlite::ffi::Error) -> Fault {
    let words = || format!("{} ({})", rusqlite::ffi::code_to_str(cause.extended_code), cause.extended_code);
    match cause.code {
        ErrorCode::DiskFull => Fault::NoRoom,
        // The file that readers and the writer share could not be made longer.
        _ if cause.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => Fault::NoRoom,
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Fault::ReadOnly,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => Fault::Busy,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Fault::Damaged(words()),
        ErrorCode::OperationInterrupted => Fault::Stopped,
        _ => Fault::Disk(words()),
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Self::NoRoom,
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Self::ReadOnly,
            _ => Self::Disk(error.to_string()),
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NoRoom => Self::NoRoom,
            Fault::ReadOnly => Self::ReadOnly,
            Fault::Busy => Self::Busy,
            Fault::Damaged(cause) => Self::Damaged { cause },
            fault => Self::Disk { cause: fault.to_string() },
        }
    }
}
