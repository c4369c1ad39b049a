//! The arrows between the modules of `src` (ARCHITECTURE.md): which may use which, read from their `use` lines and
//! from every path that begins with `crate::`.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as loudly as a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may use, apart from itself. `a::b` allows `b` of `a` and nothing else of it.
const ARROWS: [(&str, &[&str]); 19] = [
    ("algorithm", &[]),
    ("secret", &[]),
    ("secure_url", &[]),
    ("spelling", &[]),
    ("sync", &[]),
    ("test_panic", &[]),
    ("time", &[]),
    ("token", &["algorithm", "time"]),
    (
        "error",
        &["keys::FetchCause", "secret", "token::Malformed", "token::Segment"],
    ),
    ("hint", &["error"]),
    ("policy", &["algorithm", "error", "secret", "secure_url", "time"]),
    (
        "keys",
        &[
            "algorithm",
            "error",
            "policy::clouds",
            "policy::external_id",
            "policy::guid",
            "secure_url",
            "sync",
            "test_panic",
            "token::KeyReference",
        ],
    ),
    ("rules", &["algorithm", "error", "keys", "policy", "time", "token"]),
    ("pipeline", &["error", "keys", "policy", "rules", "time", "token"]),
    ("token_cache", &["error", "keys", "pipeline", "rules", "sync", "time"]),
    (
        "explain",
        &[
            "algorithm",
            "error",
            "keys",
            "pipeline",
            "policy",
            "rules",
            "secret",
            "spelling",
            "time",
            "token",
        ],
    ),
    (
        "verifier",
        &[
            "algorithm",
            "error",
            "explain",
            "keys",
            "pipeline",
            "policy",
            "rules",
            "time",
            "token",
            "token_cache",
        ],
    ),
    (
        "node",
        &[
            "algorithm",
            "error",
            "explain",
            "keys",
            "policy",
            "secret",
            "secure_url",
            "spelling",
            "test_panic",
            "time",
            "token",
            "token_cache",
            "verifier",
        ],
    ),
    (
        "lib",
        &[
            "algorithm",
            "error",
            "explain",
            "keys",
            "pipeline",
            "policy",
            "rules",
            "time",
            "token",
            "token_cache",
            "verifier",
        ],
    ),
];

/// A source file: its module directly under the root, and its text without comments.
struct Source {
    path: PathBuf,
    module: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let relative = path.strip_prefix(&root).unwrap();
            let module = relative.iter().next().unwrap().to_string_lossy().replace(".rs", "");
            let text = fs::read_to_string(&path).unwrap();
            let code = text
                .lines()
                .map(|line| line.split("//").next().unwrap_or_default())
                .collect::<Vec<_>>()
                .join("\n");
            sources.push(Source { path, module, code });
        }
    }
    assert!(sources.len() > 40);
    sources
}

/// Paths below the crate's root that a text names: `a::b` of `crate::a::b`, one for each name in braces.
fn uses(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let is_name = |it: char| it.is_alphanumeric() || it == '_';
        let (module, rest) = rest.split_at(rest.find(|it| !is_name(it)).unwrap_or(rest.len()));
        let Some(rest) = rest.strip_prefix("::") else {
            found.insert(module.to_owned());
            continue;
        };
        let items = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default(),
            None => &rest[..rest.find(|it| !is_name(it)).unwrap_or(rest.len())],
        };
        for item in items.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let item = item.split([':', ' ']).next().unwrap_or_default();
            found.insert(format!("{module}::{item}"));
        }
    }
    found
}

fn is_allowed(path: &str, allowed: &[&str]) -> bool {
    let module = path.split("::").next().unwrap_or_default();
    allowed.iter().any(|&it| it == path || it == module)
}

#[test]
fn a_module_uses_only_what_it_may() {
    for Source { path, module, code } in sources() {
        let (_, allowed) = ARROWS
            .iter()
            .find(|(name, _)| *name == module)
            .unwrap_or_else(|| panic!("{module} is new: say what it may use"));
        // Types at the root are re-exports; a test of a module may use what it needs.
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for used in uses(code) {
            let is_own = used == module || used.starts_with(&format!("{module}::"));
            assert!(is_own || is_allowed(&used, allowed), "{}: {used}", path.display());
        }
    }
}

#[test]
fn every_arrow_is_used() {
    let sources = sources();
    let mut unused = Vec::new();
    for (module, allowed) in ARROWS.iter().filter(|(module, _)| *module != "lib") {
        let used: BTreeSet<String> = sources
            .iter()
            .filter(|source| source.module == *module)
            .flat_map(|source| uses(&source.code))
            .collect();
        let is_unused = |arrow: &&&str| !used.iter().any(|path| is_allowed(path, &[arrow]));
        unused.extend(
            allowed
                .iter()
                .filter(is_unused)
                .map(|arrow| format!("{module} -> {arrow}")),
        );
    }
    assert_eq!(unused, [""; 0]);
}

#[test]
fn only_node_knows_javascript_and_few_files_know_network_and_clock() {
    for Source { path, module, code } in sources() {
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        let name = path.file_name().unwrap().to_string_lossy();
        // Compiled for tests only, as a whole.
        if matches!(&*name, "tests.rs" | "test_server.rs") {
            continue;
        }
        if module != "node" {
            assert!(!code.contains("napi"), "{}", path.display());
        }
        for environment in ["std::env", "env::var"] {
            assert!(!code.contains(environment), "{}: {environment}", path.display());
        }
        // They compare this host's clock with the authority's; no verdict depends on it.
        let compares_clocks = name == "clock.rs";
        for wall_clock in ["SystemTime", "UNIX_EPOCH"] {
            assert!(
                compares_clocks || !code.contains(wall_clock),
                "{}: {wall_clock}",
                path.display()
            );
        }
        if !compares_clocks && (module != "keys" || !matches!(&*name, "fetch.rs" | "proxy_answer.rs" | "source.rs")) {
            for outside in ["Instant", "std::net", "std::thread", "reqwest", "tokio"] {
                assert!(!code.contains(outside), "{}: {outside}", path.display());
            }
        }
    }
}

#[test]
fn the_reader_of_use_lines_reads_them() {
    let code = "use crate::a::{b, c::d};\nuse crate::e::f;\nlet x = crate::g::h::i();\nuse crate::j;";
    let expected = ["a::b", "a::c", "e::f", "g::h", "j"].map(str::to_owned);
    assert_eq!(uses(code), BTreeSet::from(expected));
    assert!(is_allowed("a::b", &["a"]) && is_allowed("a::b", &["a::b"]) && !is_allowed("a::c", &["a::b"]));
}
