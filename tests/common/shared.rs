//! Recordings and vectors that are not part of the repository. Tests that need them are ignored unless they are asked for
//! (`cargo test -- --include-ignored`).

#![allow(unreachable_pub, reason = "a helper of tests is public to the file that declares it")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use serde_json::Value;

/// The folder of recordings and vectors: `ENTRA_JWT_SHARED`, or `../shared` beside the repository.
///
/// # Panics
///
/// If there is no such folder: a test that needs it is ignored by default, and fails when it is asked for.
pub fn shared() -> PathBuf {
    let folder = env::var_os("ENTRA_JWT_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    assert!(
        folder.join("vectors").is_dir() && folder.join("data").is_dir(),
        "no folder {} with vectors/ and data/; set ENTRA_JWT_SHARED to the folder of the shared vectors",
        folder.display()
    );
    folder
}

/// Writes a line that shows also when the test passes: the test harness keeps back what `eprintln!` writes.
pub fn say(line: &str) {
    // Nothing depends on whether anybody reads it.
    drop(writeln!(io::stderr(), "{line}"));
}

pub fn read(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).expect("JSON")
}
