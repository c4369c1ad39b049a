//! What holds for every input, shown on random ones.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as loudly as a test")]

#[path = "../cache_support/mod.rs"]
mod cache_support;
#[path = "../../benches/case/mod.rs"]
mod case;
#[path = "../common/mod.rs"]
mod common;
#[path = "../targets/mod.rs"]
mod targets;

mod base64url;
mod fuzz_targets;
mod json;
mod keys;
mod mutation;
mod robustness;
mod verdict;
