//! Programs the tests need beside Cargo's own. A missing one fails the test with what to install; none is skipped.

use std::path::PathBuf;

/// The program `name` from `PATH`; panics naming the Debian `package` that has it.
pub fn need(name: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|dir| dir.join(name))
        .find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("this test needs `{name}`: apt-get install {package} (tests/setup does it)"))
}
