//! An archive's file as somebody has it who holds its key, without the program.

use std::path::Path;

use rusqlite::Connection;

/// Pages of a file that the program makes, in bytes.
pub const PAGE: usize = 8_192;
/// The key of the tests' archives.
pub const KEY: [u8; 32] = [7; 32];

/// Opens the file, with its pages as a new one has them.
pub fn open(path: &Path) -> Connection {
    with(path, KEY, PAGE)
}

/// The same, by another key or with other pages. Whether they are the file's shows when it is read.
pub fn with(path: &Path, key: [u8; 32], page: usize) -> Connection {
    let connection = Connection::open(path).unwrap();
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let set = format!(
        "PRAGMA key = \"x'{key}'\"; PRAGMA cipher_page_size = {page}; PRAGMA cipher_hmac_algorithm = HMAC_SHA256;"
    );
    connection.execute_batch(&set).unwrap();
    connection
}
