//! Recordings and vectors that are not part of the repository. Tests that need them say so where they are absent.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use serde_json::Value;

/// The folder of recordings and vectors: `ENTRA_JWT_SHARED`, or `../shared` beside the repository.
pub fn shared() -> Option<PathBuf> {
    let folder = env::var_os("ENTRA_JWT_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    if folder.join("vectors").is_dir() && folder.join("data").is_dir() {
        Some(folder)
    } else {
        let folder = folder.display();
        say(&format!(
            "skipped: no folder {folder} with vectors/ and data/; ENTRA_JWT_SHARED can name another"
        ));
        None
    }
}

/// The cases of a file of vectors; `None` where there are none to be had.
pub fn vectors(file: &str) -> Option<Vec<Case>> {
    let document = read(&shared()?.join("vectors").join(file));
    let cases = document["cases"].as_array().expect("cases").clone();
    Some(cases.into_iter().map(Case).collect())
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

/// One case of a file of vectors.
pub struct Case(pub Value);

impl Case {
    pub fn id(&self) -> &str {
        self.0["id"].as_str().expect("id")
    }

    /// Whether whoever made the vector expects the token to pass. `strict_recommendation` wins over `expect`.
    pub fn accepts(&self) -> bool {
        let expect = match &self.0["strict_recommendation"] {
            Value::Null => &self.0["expect"],
            strict => strict,
        };
        match expect.as_str() {
            Some("accept") => true,
            Some("reject" | "reject-optional") => false,
            _ => panic!("{}: {expect}", self.id()),
        }
    }

    pub fn has_flag(&self, flag: &str) -> bool {
        self.0["flags"].as_array().expect("flags").iter().any(|it| it == flag)
    }

    /// `None` for a case whose token is no string at all.
    pub fn token(&self) -> Option<String> {
        let segments = self.0["token_segments"].as_array()?;
        let segments: Vec<&str> = segments.iter().map(|it| it.as_str().expect("segment")).collect();
        Some(segments.join("."))
    }
}
