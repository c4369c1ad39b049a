//! What holds for every input, shown on random ones.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as loudly as a test")]

#[path = "../common/mod.rs"]
mod common;

mod base64url;
mod json;
mod keys;
mod mutation;
mod robustness;
mod verdict;
